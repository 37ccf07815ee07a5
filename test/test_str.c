#include "test/test.h"

#include "str.h"

#include <string.h>

/* Every part of a text that nearly repeats itself, against the C library. */
static void
finding(void)
{
	static const char text[] = "\r\r\n\r\r\n\r\naab\r\n\r\n";
	static const char other[] = "aaab\r\n\r\r";
	size_t n = sizeof text - 1;

	for (size_t from = 0; from <= n; from++)
		for (size_t length = 1; length <= sizeof other - 1; length++)
			for (size_t at = 0; at + length <= sizeof other - 1; at++)
				CHECK(str_find((struct str){ text + from, n - from },
				    (struct str){ other + at, length }) ==
				    memmem(text + from, n - from, other + at, length),
				    "%zu bytes from %zu in what is behind %zu", length, at, from);
	for (size_t from = 0; from < n; from++)
		for (size_t length = 1; from + length <= n; length++)
			CHECK(str_find((struct str){ text, n }, (struct str){ text + from, length }) ==
			    memmem(text, n, text + from, length), "%zu bytes from %zu", length, from);
	CHECK(str_find((struct str){ NULL, 0 }, STR("a")) == NULL, "in nothing");
}

static void
counting(void)
{
	static const char texts[] = "one\0" "\0" "three\0";

	CHECK(strcmp(str_nth(texts, 0), "one") == 0 && str_nth(texts, 1) == texts + 4 &&
	    strcmp(str_nth(texts, 2), "three") == 0, "texts behind one another");
}

void
test_str(void)
{
	counting();
	finding();
}

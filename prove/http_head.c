/* http_mini.c: BEFORE, then any bytes of every length up to N, then AFTER. */
#include "any.h"

#include "../http_mini.h"

static char text[sizeof BEFORE - 1 + N + sizeof AFTER - 1];

/* The program's memchr() is this one here: Eva's own forgets which bytes it has seen, so that a
 * pointer into a text would no longer lie before the text's end. */
void *
memchr(const void *p, int c, size_t n)
{
	const unsigned char *at = p;

	for (size_t i = 0; i < n; i++)
		if (at[i] == (unsigned char)c)
			return (void *)(at + i);
	return NULL;
}

int
main(void)
{
	struct http_request r;
	size_t n = any(0, N), before = sizeof BEFORE - 1, after = sizeof AFTER - 1;
	char *start;
	int done;

	/*@ split n; */
	ANY_BYTES(text);
	start = text + N - n;
	if (before > 0)
		memcpy(start, BEFORE, before);
	if (after > 0)
		memcpy(start + before + n, AFTER, after);
	done = http_head(&r, start, before + n + after);
	/*@ assert done <= (int)(before + n + after); */
	return 0;
}

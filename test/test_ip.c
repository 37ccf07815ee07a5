#include "test/test.h"

#include "ip.h"

#include <arpa/inet.h>

/* The text ends at a page that can't be read. What is read must be what the C library reads. */
static void
compare(const char *text, size_t n)
{
	struct str s = { test_flush(0, text, n), n };
	uint8_t got[16], want[16];
	bool is;

	is = inet_pton(AF_INET6, text, want) == 1;
	CHECK(ip_read6(got, s) == is && (!is || memcmp(got, want, 16) == 0), "IPv6 '%s'", text);
	is = inet_pton(AF_INET, text, want) == 1;
	CHECK(ip_read4(got, s) == is && (!is || memcmp(got, want, 4) == 0), "IPv4 '%s'", text);
}

/* Each with every byte left out, doubled, and changed to each that may stand there. */
static void
near_misses(const char *text)
{
	static const char bytes[] = "0129afFg:.% ";
	size_t n = strlen(text);
	char other[64];

	compare(text, n);
	for (size_t at = 0; at < n; at++) {
		memcpy(other, text, at);
		memcpy(other + at, text + at + 1, n - at);
		compare(other, n - 1);
		memcpy(other + at, text + at, 1);
		memcpy(other + at + 1, text + at, n - at + 1);
		compare(other, n + 1);
		for (size_t i = 0; i < sizeof bytes - 1; i++) {
			memcpy(other, text, n + 1);
			other[at] = bytes[i];
			compare(other, n);
		}
	}
}

static void
anything(void)
{
	static const char bytes[] = "::::..0012fF";
	char text[40];

	for (unsigned i = 0; i < 100000; i++) {
		size_t n = test_random() % (sizeof text - 1);

		for (size_t at = 0; at < n; at++)
			text[at] = bytes[test_random() % (sizeof bytes - 1)];
		text[n] = '\0';
		compare(text, n);
	}
}

void
test_ip(void)
{
	static const char *const texts[] = {
		"", ":", "::", ":::", "::1", "1::", "1", "1:", ":1", "::1:2:3:4:5:6:7", "1:2:3:4:5:6:7::",
		"::1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8", "1:2:3::6:7:8", "1::2:3:4:5:6:7", "0:0:0:0:0:0:0:0",
		"fe80::a:B", "2001:db8::ffff:0:1", "1:2:3:4:5:6:192.0.2.1", "1:2:3:4:5:6:7:192.0.2.1",
		"1:2:3:4:5::192.0.2.1", "::ffff:192.0.2.255", "::192.0.2.1:1", "::12345", "::00001",
		"192.0.2.1", "0.0.0.0", "255.255.255.255", "256.0.0.1", "01.0.0.0", "1.2.3", "1.2.3.4.5",
		"1.2.3.4294967297", "::1.2.3.4294967297", "0000000000.1.1.1"
	};

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		near_misses(texts[i]);
	anything();
}

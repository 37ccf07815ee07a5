#include "test/test.h"

#include "utf8.h"

/* A second encoder. Returns the bytes. */
static size_t
encode(char out[4], unsigned c)
{
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

	for (size_t i = n; i-- > 1; c >>= 6)
		out[i] = (char)(0x80 | (c & 0x3f));
	out[0] = (char)(n == 1 ? c : (0xf00u >> n & 0xff) | c);
	return n;
}

/* Every code point: its length, itself, and what is cut off it. Surrogates are none. */
static void
characters(void)
{
	unsigned wrong = 0, which = 0;

	for (unsigned c = 0; c <= 0x10ffff; c++) {
		char text[4];
		size_t n = encode(text, c), got;
		bool good = c < 0xd800 || c > 0xdfff;
		unsigned code;

		got = utf8_next(&code, text, n);
		good = got == (good ? n : 1) && (good ? code == c : code > 0x10ffff);
		if (n > 1)
			good = good && utf8_next(&code, text, n - 1) == 1 && code > 0x10ffff;
		wrong += !good;
		which = good ? which : c;
	}
	CHECK(wrong == 0, "%u are wrong, U+%04X the last", wrong, which);
}

/* Unicode table 3-7 from outside. */
static void
no_characters(void)
{
	static const char *const table[] = {
		"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2\x7f", "\xc2\xc0", "\xe0\x9f\xbf",
		"\xe1\x80", "\xe1\x80\xc0", "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf",
		"\xf1\x80\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xfe", "\xff",
	};

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		unsigned code;
		char *p = test_flush(0, table[i], strlen(table[i]));

		CHECK(utf8_length(p, strlen(table[i])) == 0 &&
		    utf8_next(&code, p, strlen(table[i])) == 1 && utf8_is_harmful(code), "row %zu",
		    i);
	}
}

/* Both sides of each range. */
static void
harm(void)
{
	static const struct {
		unsigned from, to;
	} table[] = {
		{ 0, 0x1f }, { 0x7f, 0x9f }, { 0x61c, 0x61c }, { 0x200e, 0x200f },
		{ 0x2028, 0x202e }, { 0x2066, 0x2069 }, { 0x110000, 0x110000 },
	};

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		unsigned from = table[i].from, to = table[i].to;

		for (unsigned c = from; c <= to; c++)
			CHECK(utf8_is_harmful(c), "U+%04X", c);
		CHECK(from == 0 || !utf8_is_harmful(from - 1), "before U+%04X", from);
		CHECK(to > 0x10ffff || !utf8_is_harmful(to + 1), "behind U+%04X", to);
	}
}

void
test_utf8(void)
{
	characters();
	no_characters();
	harm();
}

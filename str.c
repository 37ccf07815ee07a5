#include "str.h"

void
buf_text(struct buf *b, const char *text)
{
	buf_put(b, text, strlen(text));
}

void
buf_number(struct buf *b, uint64_t v)
{
	char digits[20];
	size_t at = sizeof digits;

	do {
		digits[--at] = (char)('0' + v % 10);
		v /= 10;
	} while (v > 0);
	buf_put(b, digits + at, sizeof digits - at);
}

void
buf_padded(struct buf *b, uint64_t v, unsigned width)
{
	char digits[20];

	for (unsigned i = width; i-- > 0; v /= 10)
		digits[i] = (char)('0' + v % 10);
	buf_put(b, digits, width);
}

void
buf_hex(struct buf *b, const uint8_t *p, size_t n)
{
	static const char digit[] = "0123456789abcdef";

	if (b->bad || n > (b->cap - b->n) / 2) {
		b->bad = true;
		return;
	}
	for (size_t i = 0; i < n; i++) {
		b->p[b->n++] = digit[p[i] >> 4];
		b->p[b->n++] = digit[p[i] & 15];
	}
}

bool
str_equal_nocase(struct str a, struct str b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++) {
		int letter = a.p[i] | 0x20;

		if (a.p[i] != b.p[i] && (letter != (b.p[i] | 0x20) || letter < 'a' || letter > 'z'))
			return false;
	}
	return true;
}

bool
str_starts_nocase(struct str s, struct str prefix)
{
	return s.n >= prefix.n && str_equal_nocase((struct str){ s.p, prefix.n }, prefix);
}

bool
str_number(uint64_t *out, struct str s, unsigned base, uint64_t most)
{
	uint64_t v = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] >= (char)('0' + base))
			return false;
		v = v * base + (uint64_t)(s.p[i] - '0');
		if (v > most)
			return false;
	}
	*out = v;
	return s.n > 0;
}

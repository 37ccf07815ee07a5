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
	char *out;

	if (b->bad || n > (b->cap - b->n) / 2) {
		b->bad = true;
		return;
	}
	out = b->p + b->n;
	for (size_t i = 0; i < n; i++) {
		out[2 * i] = digit[p[i] >> 4];
		out[2 * i + 1] = digit[p[i] & 15];
	}
	b->n += 2 * n;
}

#define EACH(v) (UINT64_C(0x0101010101010101) * (v))

/* Whether eight characters differ in nothing but the case of letters: then bit 0x20 differs alone,
 * and with that bit they lie between a and z. */
static bool
same_letters(const char *p, const char *q)
{
	uint64_t x, y, lower, letters;

	memcpy(&x, p, sizeof x);
	memcpy(&y, q, sizeof y);
	lower = (x | EACH(0x20)) & EACH(0x7f);
	letters = (lower + EACH(128 - 'a')) & ~(lower + EACH(127 - 'z')) & ~x & EACH(0x80);
	return ((x ^ y) & ~(letters >> 2)) == 0;
}

bool
str_equal_nocase(struct str a, struct str b)
{
	size_t i = 0;

	if (a.n != b.n)
		return false;
	for (; a.n - i >= 8; i += 8)
		if (!same_letters(a.p + i, b.p + i))
			return false;
	for (; i < a.n; i++) {
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

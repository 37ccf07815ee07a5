#include "base64url.h"

#include <stdint.h>

static const char alphabet[64] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

size_t
base64url_encode(char *out, const void *in, size_t n)
{
	const uint8_t *p = in;
	char *start = out;

	for (; n >= 3; n -= 3, p += 3) {
		uint32_t v = (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];

		*out++ = alphabet[v >> 18];
		*out++ = alphabet[v >> 12 & 63];
		*out++ = alphabet[v >> 6 & 63];
		*out++ = alphabet[v & 63];
	}
	if (n > 0) {
		uint32_t v = (uint32_t)p[0] << 16 | (n == 2 ? (uint32_t)p[1] << 8 : 0);

		*out++ = alphabet[v >> 18];
		*out++ = alphabet[v >> 12 & 63];
		if (n == 2)
			*out++ = alphabet[v >> 6 & 63];
	}
	return (size_t)(out - start);
}

/* All ones where first <= c <= last, else zero: a difference that borrows has its top bit set. */
static inline uint32_t
in_range(uint32_t c, uint32_t first, uint32_t last)
{
	return ((c - first) >> 31 | (last - c) >> 31) - 1;
}

/* The six bits that a character stands for; for one that stands for none, bit 31 is set. */
static inline uint32_t
sextet(char character)
{
	uint32_t c = (unsigned char)character;
	uint32_t upper = in_range(c, 'A', 'Z'), lower = in_range(c, 'a', 'z'),
	    digit = in_range(c, '0', '9');
	uint32_t minus = in_range(c, '-', '-'), under = in_range(c, '_', '_');
	uint32_t v = (upper & (c - 'A')) | (lower & (c - 'a' + 26)) | (digit & (c - '0' + 52)) |
	    (minus & 62) | (under & 63);

	return v | (~(upper | lower | digit | minus | under) & UINT32_C(1) << 31);
}

ptrdiff_t
base64url_decode(void *out, const char *in, size_t n)
{
	uint8_t *start = out, *p = out;
	uint32_t bad = 0;

	for (; n >= 4; n -= 4, in += 4) {
		uint32_t a = sextet(in[0]), b = sextet(in[1]), c = sextet(in[2]), d = sextet(in[3]);

		bad |= (a | b | c | d) >> 31;
		*p++ = (uint8_t)(a << 2 | b >> 4);
		*p++ = (uint8_t)(b << 4 | c >> 2);
		*p++ = (uint8_t)(c << 6 | d);
	}
	if (n == 1)
		return -1;
	if (n >= 2) {
		uint32_t a = sextet(in[0]), b = sextet(in[1]), c = n == 3 ? sextet(in[2]) : 0;

		bad |= (a | b | c) >> 31 | (n == 3 ? c & 3 : b & 15);   /* the unused bits */
		*p++ = (uint8_t)(a << 2 | b >> 4);
		if (n == 3)
			*p++ = (uint8_t)(b << 4 | c >> 2);
	}
	return bad ? -1 : p - start;
}

#include "base64url.h"

#include "str.h"

/* Eight characters, or the six bits of each, lie in the bytes of a word and are worked on at once:
 * without a branch, without a table, and six times faster than one by one. */
#define EACH(v) (UINT64_C(0x0101010101010101) * (v))

/* The top bit of each byte tells whether it is from `first` to `last`; the other bits mean nothing.
 * No byte of x may be above 127. */
static inline uint64_t
within(uint64_t x, unsigned first, unsigned last)
{
	return (x + EACH(128 - first)) ^ (x + EACH(127 - last));
}

/* A one in each byte whose top bit is set. */
static inline uint64_t
ones(uint64_t x)
{
	return x >> 7 & EACH(1);
}

static inline uint64_t
at_least(uint64_t x, unsigned v)
{
	return ones(x + EACH(128 - v));
}

/* 48 bits in groups of six, the first one highest. */
static inline uint64_t
spread(uint64_t x)
{
	x = x >> 24 << 32 | (x & 0xffffff);
	x = (x & UINT64_C(0x00fff00000fff000)) << 4 | (x & UINT64_C(0x00000fff00000fff));
	return (x & UINT64_C(0x0fc00fc00fc00fc0)) << 2 | (x & UINT64_C(0x003f003f003f003f));
}

static inline uint64_t
gather(uint64_t x)
{
	x = (x >> 8 & UINT64_C(0x003f003f003f003f)) << 6 | (x & UINT64_C(0x003f003f003f003f));
	x = (x >> 16 & UINT64_C(0x00000fff00000fff)) << 12 | (x & UINT64_C(0x00000fff00000fff));
	return x >> 32 << 24 | (x & 0xffffff);
}

/* RFC 4648 5: 0 to 25 are A to Z, 26 to 51 a to z, 52 to 61 0 to 9, then come - and _. */
static inline uint64_t
to_characters(uint64_t x)
{
	return x + EACH('A') + at_least(x, 26) * ('a' - 'Z' - 1) -
	    at_least(x, 52) * ('z' - '0' + 1) - at_least(x, 62) * ('9' - '-' + 1) +
	    at_least(x, 63) * ('_' - '-' - 1);
}

/* Sets bits of `bad` where a character is none of these. */
static inline uint64_t
from_characters(uint64_t x, uint64_t *bad)
{
	uint64_t upper = within(x, 'A', 'Z'), lower = within(x, 'a', 'z'),
	    digit = within(x, '0', '9'), minus = within(x, '-', '-'), under = within(x, '_', '_');

	*bad |= (x | ~(upper ^ lower ^ digit ^ minus ^ under)) & EACH(128);
	return x - ones(upper) * 'A' - ones(lower) * ('a' - 26) + ones(digit) * (52 - '0') +
	    ones(minus) * (62 - '-') - ones(under) * ('_' - 63);
}

/* In a loop n is known, and no call is left. */
#define INLINE static inline __attribute__((always_inline))

/* Writes the characters of the first n bytes of 48 bits, and returns how many they are. */
INLINE size_t
encode(char *out, uint64_t x, size_t n)
{
	uint8_t characters[8];

	store64(characters, to_characters(spread(x)));
	memcpy(out, characters, base64url_length(n));
	return base64url_length(n);
}

size_t
base64url_encode(char *out, const void *in, size_t n)
{
	const uint8_t *p = in;
	char *start = out;

	for (; n >= 8; n -= 6, p += 6)          /* two of these bytes have their turn later */
		out += encode(out, load64(p) >> 16, 6);
	while (n > 0) {
		uint8_t last[8] = { 0 };
		size_t now = n < 6 ? n : 6;

		memcpy(last, p, now);
		out += encode(out, load64(last) >> 16, now);
		p += now;
		n -= now;
	}
	return (size_t)(out - start);
}

/* Decodes the first n of eight characters, 2 to 8, behind which stand letters of six zero bits.
 * Writes their bytes and returns how many. Sets bits of `bad` also where a bit is set that belongs
 * to no byte. */
INLINE size_t
decode(uint8_t *out, uint64_t characters, size_t n, uint64_t *bad)
{
	uint64_t x = gather(from_characters(characters, bad));
	size_t whole = n * 6 / 8;
	uint8_t bytes[8];

	*bad |= x & ((UINT64_C(1) << (48 - 8 * whole)) - 1);
	store64(bytes, x << 16);
	memcpy(out, bytes, whole);
	return whole;
}

ptrdiff_t
base64url_decode(void *out, const char *in, size_t n)
{
	uint8_t *start = out, *p = out, last[8] = { 'A', 'A', 'A', 'A', 'A', 'A', 'A', 'A' };
	uint64_t bad = 0;

	for (; n >= 8; n -= 8, in += 8)
		p += decode(p, load64((const uint8_t *)in), 8, &bad);
	if (n % 4 == 1)
		return -1;
	if (n > 0) {
		memcpy(last, in, n);
		p += decode(p, load64(last), n, &bad);
	}
	return bad != 0 ? -1 : p - start;
}

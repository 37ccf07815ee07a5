#include "ed25519_scalar.h"

/* Words of 32 bits, the lowest first; the last one has the sign and what is above 2^256. */
enum { WORDS = 8, LAST = WORDS - 1 };

static const int64_t L[WORDS] = {
	0x5cf5d3ed, 0x5812631a, 0xa2f79cd6, 0x14def9de, 0, 0, 0, 0x10000000
};

static void
load(int64_t x[WORDS], const uint8_t bytes[SCALAR])
{
	for (int i = 0; i < WORDS; i++, bytes += 4)
		x[i] = (int64_t)((uint32_t)bytes[3] << 24 | (uint32_t)bytes[2] << 16 |
		    (uint32_t)bytes[1] << 8 | bytes[0]);
}

/* x m + y n: m, n below 2^21. */
static void
combine(int64_t x[WORDS], int64_t m, const int64_t y[WORDS], int64_t n)
{
	int64_t sum = 0;

	for (int i = 0; i < WORDS; i++) {
		sum += x[i] * m + y[i] * n;
		x[i] = sum;
		if (i < LAST)
			x[i] &= 0xffffffff;
		sum >>= 32;
	}
}

/* L is a little more than 2^252, by less than 2^125: so x >> 252 is how often L is taken off.  What
 * is left of a number below 2^273 is below L, and not below -2^146. */
static void
reduce(int64_t x[WORDS])
{
	combine(x, 1, L, -(x[LAST] >> 28));
}

/* From a's highest sixteen bits down, the sum so far times 2^16, and these bits times b. */
void
scalar_multiply_add(uint8_t r[SCALAR], const uint8_t *a, size_t n, const uint8_t b[SCALAR],
    const uint8_t c[SCALAR])
{
	int64_t x[WORDS] = { 0 }, y[WORDS];

	load(y, b);
	while (n > 0) {
		n -= 2;
		combine(x, 1 << 16, y, a[n + 1] << 8 | a[n]);
		reduce(x);
	}
	load(y, c);
	combine(x, 1, y, 1);
	reduce(x);
	combine(x, 1, L, -(x[LAST] >> 63));     /* a negative one */
	for (int i = 0; i < SCALAR; i++)
		r[i] = (uint8_t)(x[i / 4] >> 8 * (i % 4));
}

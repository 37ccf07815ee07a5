#include "ed25519_scalar.h"

#include "str.h"

/* Words of 32 bits, the lowest first; the last one has the sign and what is above 2^256. */
enum { WORDS = 8, LAST = WORDS - 1 };

static const uint8_t L[SCALAR] = {
	0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde,
	0x14, [31] = 0x10
};

/* x m + y n: m below 2^17, n below 2^21. */
static void
combine(int64_t x[WORDS], int64_t m, const uint8_t y[SCALAR], int64_t n)
{
	int64_t sum = 0;

	for (int i = 0; i < WORDS; i++) {
		uint32_t word = (uint32_t)y[3] << 24 | (uint32_t)y[2] << 16 | (uint32_t)y[1] << 8 |
		    y[0];

		sum += x[i] * m + word * n;
		x[i] = i < LAST ? sum & 0xffffffff : sum;
		sum >>= 32;
		y += 4;
	}
}

/* L is a little more than 2^252, by less than 2^125: so x >> 252 is how often L is taken off. What
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
	int64_t x[WORDS] = { 0 };

	while (n > 0) {
		n -= 2;
		combine(x, 1 << 16, b, a[n + 1] << 8 | a[n]);
		reduce(x);
	}
	if (c != NULL)
		combine(x, 1, c, 1);
	reduce(x);
	combine(x, 1, L, (int64_t)((uint64_t)x[LAST] >> 63));   /* 1: it is below zero */
	for (int i = 0; i < SCALAR; i++)
		r[i] = (uint8_t)(x[i / 4] >> 8 * (i % 4));
}

void
scalar_reduce(uint8_t r[SCALAR], const uint8_t *a, size_t n)
{
	static const uint8_t unit[SCALAR] = { 1 };

	scalar_multiply_add(r, a, n, unit, NULL);
}

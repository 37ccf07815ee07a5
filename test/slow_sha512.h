/* FIPS 180-4 written down once more, as simply as can be, with nothing copied from the first time: the
 * constants and one block. For the tests of sha512.c and the fuzzers' second opinion. */
#ifndef SLOW_SHA512_H
#define SLOW_SHA512_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static uint64_t slow_k[80], slow_h[8];

/* x^k < p. x is a fixed-point number, 32 bits a digit, its whole part in x[2]; that of x^k is then
 * in digit 2k. */
static inline bool
power_below(const uint32_t x[3], unsigned k, unsigned p)
{
	uint32_t power[12] = { 1 };

	for (unsigned times = 0; times < k; times++) {
		uint32_t product[12] = { 0 };

		for (unsigned i = 0; i < 9; i++) {
			uint64_t carry = 0;

			for (unsigned j = 0; j < 3; j++, carry >>= 32) {
				carry += product[i + j] + (uint64_t)power[i] * x[j];
				product[i + j] = (uint32_t)carry;
			}
			product[i + 3] = (uint32_t)carry;
		}
		memcpy(power, product, sizeof power);
	}
	return power[2 * k] < p;
}

/* The first 64 bits of the fraction of p's k-th root, which is irrational and below 8, found bit by
 * bit. */
static inline uint64_t
root_fraction(unsigned k, unsigned p)
{
	uint32_t x[3] = { 0 };

	for (unsigned bit = 64 + 3; bit-- > 0;) {
		x[bit / 32] |= UINT32_C(1) << bit % 32;
		if (!power_below(x, k, p))
			x[bit / 32] ^= UINT32_C(1) << bit % 32;
	}
	return (uint64_t)x[1] << 32 | x[0];
}

/* FIPS 180-4 4.2.3, 5.3.5: cube roots of the first eighty primes, square roots of the first
 * eight. */
static inline void
slow_init(void)
{
	unsigned found = 0;

	for (unsigned p = 2; found < 80; p++) {
		unsigned divisor = 2;

		while (p % divisor != 0)
			divisor++;
		if (divisor < p)
			continue;
		if (found < 8)
			slow_h[found] = root_fraction(2, p);
		slow_k[found++] = root_fraction(3, p);
	}
}

static inline uint64_t
turn(uint64_t x, unsigned n)
{
	return x >> n | x << (64 - n);
}

/* 6.4.2, step 1 */
static inline void
slow_schedule(uint64_t w[80])
{
	for (unsigned t = 16; t < 80; t++)
		w[t] = (turn(w[t - 2], 19) ^ turn(w[t - 2], 61) ^ w[t - 2] >> 6) + w[t - 7] +
		    (turn(w[t - 15], 1) ^ turn(w[t - 15], 8) ^ w[t - 15] >> 7) + w[t - 16];
}

/* 6.4.2, its letters a to h being v[0] to v[7] */
static inline void
slow_block(uint64_t h[8], const uint8_t *p)
{
	uint64_t w[80] = { 0 }, v[8];

	for (unsigned i = 0; i < 128; i++)
		w[i / 8] = w[i / 8] << 8 | p[i];
	slow_schedule(w);
	memcpy(v, h, sizeof v);
	for (unsigned t = 0; t < 80; t++) {
		uint64_t t1 = v[7] + (turn(v[4], 14) ^ turn(v[4], 18) ^ turn(v[4], 41)) +
		    ((v[4] & v[5]) ^ (~v[4] & v[6])) + slow_k[t] + w[t];
		uint64_t t2 = (turn(v[0], 28) ^ turn(v[0], 34) ^ turn(v[0], 39)) +
		    ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));

		memmove(v + 1, v, 7 * sizeof v[0]);
		v[4] += t1;
		v[0] = t1 + t2;
	}
	for (unsigned i = 0; i < 8; i++)
		h[i] += v[i];
}

#endif

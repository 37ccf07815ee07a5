/* FIPS 180-4 6.2 written down once more, as slow_sha512.h does with 6.4, whose constants it takes: one
 * block. For the tests of sha256.c and the fuzzers' second opinion. */
#ifndef SLOW_SHA256_H
#define SLOW_SHA256_H

#include "test/slow_sha512.h"

static inline uint32_t
turn32(uint32_t x, unsigned n)
{
	return x >> n | x << (32 - n);
}

/* 5.3.3: the first halves of those of SHA-512, as are the constants of the rounds. */
static inline void
slow_begin256(uint32_t h[8])
{
	for (unsigned i = 0; i < 8; i++)
		h[i] = (uint32_t)(slow_h[i] >> 32);
}

/* 6.2.2, step 1. */
static inline void
slow_words256(uint32_t w[64], const uint8_t *p)
{
	memset(w, 0, 64 * sizeof *w);
	for (unsigned i = 0; i < 64; i++)
		w[i / 4] = w[i / 4] << 8 | p[i];
	for (unsigned t = 16; t < 64; t++)
		w[t] = (turn32(w[t - 2], 17) ^ turn32(w[t - 2], 19) ^ w[t - 2] >> 10) + w[t - 7] +
		    (turn32(w[t - 15], 7) ^ turn32(w[t - 15], 18) ^ w[t - 15] >> 3) + w[t - 16];
}

/* 6.2.2, its letters a to h being v[0] to v[7] */
static inline void
slow_block256(uint32_t h[8], const uint8_t *p)
{
	uint32_t w[64], v[8];

	slow_words256(w, p);
	memcpy(v, h, sizeof v);
	for (unsigned t = 0; t < 64; t++) {
		uint32_t t1 = v[7] + (turn32(v[4], 6) ^ turn32(v[4], 11) ^ turn32(v[4], 25)) +
		    ((v[4] & v[5]) ^ (~v[4] & v[6])) + (uint32_t)(slow_k[t] >> 32) + w[t];
		uint32_t t2 = (turn32(v[0], 2) ^ turn32(v[0], 13) ^ turn32(v[0], 22)) +
		    ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));

		memmove(v + 1, v, 7 * sizeof v[0]);
		v[4] += t1;
		v[0] = t1 + t2;
	}
	for (unsigned i = 0; i < 8; i++)
		h[i] += v[i];
}

#endif

/* How 'make release' packs what is constant in the program. Its bytes are taken one by one, or
 * copied from where the same ones stood before (Ziv and Lempel, 1977). Each bit that says so is
 * written as a part of a range: the more often the bits at its place were so, the larger the part,
 * and the less it takes (Rissanen, 1976; Martin, 1979). Texts take 40 % of their bytes then, and a
 * start a millisecond more. */
#ifndef UNPACK_H
#define UNPACK_H

#include <stdint.h>

/* How many of 65,536 bits at each place will be ones; MODEL_UNKNOWN is in each byte at first. */
struct model {
	uint16_t is_copy, byte[256];
	uint16_t length[64], distance_of_two[64], distance[64];
};

enum { MODEL_UNKNOWN = 0x80 };

/* The range ends here for a one; behind it lies that of a zero. */
static inline uint32_t
model_middle(uint16_t ones, uint32_t low, uint32_t high)
{
	return low + (uint32_t)((uint64_t)(high - low) * ones >> 16);
}

static inline void
model_learn(uint16_t *ones, unsigned bit)
{
	*ones = (uint16_t)(*ones + (bit ? (65536 - *ones) >> 5 : -(*ones >> 5)));
}

/* Unpacks the bytes up to `end`. */
void unpack(uint8_t *to, const uint8_t *end, const uint8_t *packed);

#endif

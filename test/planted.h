/* Every call of sha512_equal() and key_told() from another file comes to the program that includes
 * this (-Wl,--wrap): so a comparison with an early exit can be planted, and verdicts made known. */
#ifndef PLANTED_H
#define PLANTED_H

#include "sha512.h"
#include "token/key_material.h"

bool __real_sha512_equal(const uint8_t *, const uint8_t *);
bool __wrap_sha512_equal(const uint8_t *, const uint8_t *);
bool __wrap_key_told(unsigned);
static bool (*compare)(const uint8_t *, const uint8_t *) = __real_sha512_equal;

static bool
early_exit(const uint8_t *a, const uint8_t *b)
{
	for (size_t i = 0; i < SHA512_DIGEST; i++)
		if (a[i] != b[i])
			return false;
	return true;
}

#endif

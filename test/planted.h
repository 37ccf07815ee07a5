/* Every call of sha512_equal() from another file comes to the program that includes this
 * (-Wl,--wrap), so that a comparison with an early exit can be planted. */
#ifndef PLANTED_H
#define PLANTED_H

#include "sha512.h"

bool __real_sha512_equal(const uint8_t *, const uint8_t *);
bool __wrap_sha512_equal(const uint8_t *, const uint8_t *);
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

/* Numbers modulo L = 2^252 + 27742317777372353535851937790883648493, the order of the base point of
 * Ed25519 (RFC 8032 5.1). For ed25519.c alone. Nothing here branches or looks up by a value. */
#ifndef ED25519_SCALAR_H
#define ED25519_SCALAR_H

#include <stddef.h>
#include <stdint.h>

enum { SCALAR = 32 };                   /* bytes, the lowest first */

/* a b + c modulo L. a: an even number of bytes, at most 64; b is below 2^255, c below 2^256. The
 * result may be in the place of each. */
void scalar_multiply_add(uint8_t r[SCALAR], const uint8_t *a, size_t n, const uint8_t b[SCALAR],
    const uint8_t c[SCALAR]);

#endif

/* The constants of FIPS 180-4 that SHA-512 and SHA-256 share. For sha512.c and sha256.c alone.
 *
 * SHA-256's (4.2.2, 5.3.3) are the upper halves of SHA-512's, of the first 64 of sha2_k: the same
 * roots, of which it takes 32 bits. */
#ifndef SHA2_H
#define SHA2_H

#include <stdint.h>

extern const uint64_t sha2_k[80], sha2_h0[8];

#endif

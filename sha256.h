/* SHA-256 (FIPS 180-4) and HMAC-SHA-256 (RFC 2104, FIPS 198-1). What sha512.h says of time and
 * memory holds here. */
#ifndef SHA256_H
#define SHA256_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	SHA256_DIGEST = 32,     /* bytes of a digest, and of an HMAC-SHA-256 */
	SHA256_BLOCK = 64       /* bytes that one compression takes in */
};

void sha256(uint8_t digest[SHA256_DIGEST], const void *message, size_t n);

/* A key made ready, as struct hmac512_key is. */
struct hmac256_key {
	uint32_t inner[8], outer[8];
};

void hmac256_key_init(struct hmac256_key *, const void *key, size_t n);
void hmac256(uint8_t mac[SHA256_DIGEST], const struct hmac256_key *, const void *message, size_t n);

/* Signs a known text (RFC 4231); false: this build computes wrong values and must not be used. */
bool sha256_self_test(void);

#endif

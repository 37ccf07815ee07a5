/* SHA-512 (FIPS 180-4) and HMAC-SHA-512 (RFC 2104, FIPS 198-1).
 *
 * No allocation, no table indexed by data, no branch on data: the time depends on lengths alone.
 * Input may lie at any address. What is left of it in memory is wiped. */
#ifndef SHA512_H
#define SHA512_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	SHA512_DIGEST = 64,     /* bytes of a digest, and of an HMAC-SHA-512 */
	SHA512_BLOCK = 128      /* bytes that one compression takes in */
};

void sha512(uint8_t digest[SHA512_DIGEST], const void *message, size_t n);

/* Of a head of less than a block, and what follows it elsewhere. */
void sha512_two(uint8_t digest[SHA512_DIGEST], const void *head, size_t head_n, const void *message,
    size_t n);

/* A key made ready: both padded blocks already compressed, so that a message of m bytes costs m
 * / 128 + 2 compressions and the key itself is needed no more. As secret as the key: wipe it in
 * the end. */
struct hmac512_key {
	uint64_t inner[8], outer[8];
};

void hmac512_key_init(struct hmac512_key *, const void *key, size_t n);
void hmac512(uint8_t mac[SHA512_DIGEST], const struct hmac512_key *, const void *message, size_t n);

/* Compares two digests or MACs in a time that does not depend on them. */
bool sha512_equal(const uint8_t a[SHA512_DIGEST], const uint8_t b[SHA512_DIGEST]);

/* Hashes and signs known texts (FIPS 180-4, RFC 4231); false: this build computes wrong values
 * and must not be used. */
bool sha512_self_test(void);

/* Zeroes memory that held a secret; never optimised away. */
void wipe(void *, size_t);

/* Zeroes what the calls before left on the stack, 4 KB below the caller's frame. */
void wipe_below(void);

#endif

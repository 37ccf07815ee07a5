/* What the tests of SHA-512 and of SHA-256 do alike. */
#ifndef HASHES_H
#define HASHES_H

#include "test/test.h"

#include <stdint.h>
#include <string.h>

enum { HASH_BLOCK_MAX = 128, HASH_DIGEST_MAX = 64, HASH_LONGEST = 700 };

/* A hash, its HMAC, and the hash written down once more, for messages up to HASH_LONGEST and a
 * block. */
struct tested_hash {
	size_t digest, block;           /* bytes */
	void (*hash)(uint8_t *digest, const void *message, size_t n);
	void (*hmac)(uint8_t *mac, const void *key, size_t key_n, const void *message, size_t n);
	void (*slow)(uint8_t *digest, const uint8_t *message, size_t n);
};

/* RFC 2104 2 */
static inline void
hash_slow_hmac(const struct tested_hash *h, uint8_t *mac, const uint8_t *key, size_t key_n,
    const uint8_t *p, size_t n)
{
	static const uint8_t pads[2] = { 0x36, 0x5c };
	uint8_t k[HASH_BLOCK_MAX] = { 0 }, text[HASH_BLOCK_MAX + HASH_LONGEST];

	if (key_n > h->block)
		h->slow(k, key, key_n);
	else
		memcpy(k, key, key_n);
	for (unsigned side = 0; side < 2; side++, p = mac, n = h->digest) {
		for (size_t i = 0; i < h->block; i++)
			text[i] = k[i] ^ pads[side];
		memcpy(text + h->block, p, n);
		h->slow(mac, text, h->block + n);
	}
}

/* Every length. Keys and messages end flush against the page: so no byte too many is read, and as n
 * grows they begin at every alignment. */
static inline void
hash_lengths(const struct tested_hash *h, const uint8_t *noise, size_t longest)
{
	uint8_t got[HASH_DIGEST_MAX], want[HASH_DIGEST_MAX];

	for (size_t n = 0; n <= longest; n++) {
		const size_t pairs[][2] = { { n, 0 }, { n, longest - n }, { 0, n }, { h->digest, n },
		    { h->block, n } };

		h->hash(got, test_flush(0, noise, n), n);
		h->slow(want, noise, n);
		CHECK_BYTES(test_slice(got, h->digest), test_slice(want, h->digest),
		    "a message of %zu bytes", n);
		for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
			size_t key_n = pairs[i][0], text_n = pairs[i][1];

			h->hmac(got, test_flush(0, noise, key_n), key_n,
			    test_flush(1, noise, text_n), text_n);
			hash_slow_hmac(h, want, noise, key_n, noise, text_n);
			CHECK_BYTES(test_slice(got, h->digest), test_slice(want, h->digest),
			    "key %zu bytes, message %zu", key_n, text_n);
		}
	}
}

#endif

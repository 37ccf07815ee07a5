#include "sha256.h"

#include "sha2.h"
#include "sha512.h"
#include "str.h"

#include <string.h>

/* FIPS 180-4 4.1.2: the functions, under the names that the standard gives them; Ch and Maj with an
 * operation less. */
static inline uint32_t rotr(uint32_t x, int n) { return x >> n | x << (32 - n); }
static inline uint32_t Sigma0(uint32_t x) { return rotr(x, 2) ^ rotr(x, 13) ^ rotr(x, 22); }
static inline uint32_t Sigma1(uint32_t x) { return rotr(x, 6) ^ rotr(x, 11) ^ rotr(x, 25); }
static inline uint32_t sigma0(uint32_t x) { return rotr(x, 7) ^ rotr(x, 18) ^ x >> 3; }
static inline uint32_t sigma1(uint32_t x) { return rotr(x, 17) ^ rotr(x, 19) ^ x >> 10; }
static inline uint32_t Ch(uint32_t x, uint32_t y, uint32_t z) { return (x & (y ^ z)) ^ z; }
static inline uint32_t Maj(uint32_t x, uint32_t y, uint32_t z) { return (x & y) ^ ((x ^ y) & z); }

/* 6.2.2. W grows upwards from `words`. The eight variables grow downwards: each round has a new a
 * before the others, and the new e where d was. */
static __attribute__((noinline)) void
compress(uint32_t state[8], const uint8_t *p, size_t blocks)
{
	uint32_t words[64], variables[64 + 8];

	for (; blocks > 0; blocks--) {
		uint32_t *w = words, *v = variables + 64;

		memcpy(v, state, 8 * sizeof *v);
		for (unsigned t = 0; t < 64; t++, w++, v--) {
			uint32_t t1;

			if (t < 16) {
				*w = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
				    (uint32_t)p[2] << 8 | p[3];
				p += 4;
			} else
				*w = sigma1(w[-2]) + w[-7] + sigma0(w[-15]) + w[-16];
			t1 = v[7] + Sigma1(v[4]) + Ch(v[4], v[5], v[6]) +
			    (uint32_t)(sha2_k[t] >> 32) + *w;
			v[3] += t1;
			v[-1] = t1 + Sigma0(v[0]) + Maj(v[0], v[1], v[2]);
		}
		for (int i = 0; i < 8; i++)
			state[i] += v[i];
	}
}

static void
begin(uint32_t state[8])
{
	for (int i = 0; i < 8; i++)
		state[i] = (uint32_t)(sha2_h0[i] >> 32);
}

/* Hashes on from a state that has taken in `before` bytes, whole blocks: the message to its end,
 * which the digest may lie in. Called, not inlined, so that all it leaves lies below the caller. */
static __attribute__((noinline)) void
finish(uint8_t digest[SHA256_DIGEST], const uint32_t from[8], size_t before, const uint8_t *p,
    size_t n)
{
	uint32_t state[8];
	uint8_t end[2 * SHA256_BLOCK] = { 0 };
	size_t rest = n % SHA256_BLOCK, whole = (rest + 8) / SHA256_BLOCK + 1;

	memcpy(state, from, sizeof state);
	compress(state, p, n / SHA256_BLOCK);
	if (rest > 0)
		memcpy(end, p + n - rest, rest);
	/* 5.1.1: a one bit, zeros, the length in bits */
	end[rest] = 0x80;
	store64(end + whole * SHA256_BLOCK - 8, (uint64_t)(before + n) << 3);
	compress(state, end, whole);
	for (int i = 0; i < 8; i++, digest += 4) {
		digest[0] = (uint8_t)(state[i] >> 24);
		digest[1] = (uint8_t)(state[i] >> 16);
		digest[2] = (uint8_t)(state[i] >> 8);
		digest[3] = (uint8_t)state[i];
	}
}

void
sha256(uint8_t digest[SHA256_DIGEST], const void *message, size_t n)
{
	uint32_t state[8];

	begin(state);
	finish(digest, state, 0, message, n);
	wipe_below();
}

/* One side of the key: its block, every byte changed by `pad`, compressed. */
static void
pad_state(uint32_t state[8], uint8_t block[SHA256_BLOCK], uint8_t pad)
{
	for (size_t i = 0; i < SHA256_BLOCK; i++)
		block[i] ^= pad;
	begin(state);
	compress(state, block, 1);
}

void
hmac256_key_init(struct hmac256_key *k, const void *key, size_t n)
{
	uint8_t block[SHA256_BLOCK] = { 0 };

	if (n > SHA256_BLOCK)                   /* RFC 2104 2: a longer key is hashed first */
		sha256(block, key, n);
	else if (n > 0)
		memcpy(block, key, n);
	pad_state(k->inner, block, 0x36);
	pad_state(k->outer, block, 0x36 ^ 0x5c);
	wipe(block, sizeof block);
	wipe_below();
}

void
hmac256(uint8_t mac[SHA256_DIGEST], const struct hmac256_key *k, const void *message, size_t n)
{
	finish(mac, k->inner, SHA256_BLOCK, message, n);
	finish(mac, k->outer, SHA256_BLOCK, mac, SHA256_DIGEST);
	wipe_below();
}

bool
sha256_self_test(void)
{
	/* RFC 4231 4.3, key "Jefe" */
	static const char asked[] = "what do ya want for nothing?";
	static const uint8_t jefe[SHA256_DIGEST] = {
		0x5b, 0xdc, 0xc1, 0x46, 0xbf, 0x60, 0x75, 0x4e,
		0x6a, 0x04, 0x24, 0x26, 0x08, 0x95, 0x75, 0xc7,
		0x5a, 0x00, 0x3f, 0x08, 0x9d, 0x27, 0x39, 0x83,
		0x9d, 0xec, 0x58, 0xb9, 0x64, 0xec, 0x38, 0x43
	};
	struct hmac256_key k;
	uint8_t mac[SHA256_DIGEST];

	hmac256_key_init(&k, "Jefe", 4);
	hmac256(mac, &k, asked, sizeof asked - 1);
	return memcmp(mac, jefe, sizeof jefe) == 0;
}

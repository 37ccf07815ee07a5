#include "sha256.h"

#include "sha2.h"
#include "sha512.h"
#include "str.h"

#include <string.h>

/* FIPS 180-4 4.1.2: the functions, under the names that the standard gives them. */
static inline uint32_t rotr(uint32_t x, int n) { return x >> n | x << (32 - n); }
static inline uint32_t Sigma0(uint32_t x) { return rotr(x, 2) ^ rotr(x, 13) ^ rotr(x, 22); }
static inline uint32_t Sigma1(uint32_t x) { return rotr(x, 6) ^ rotr(x, 11) ^ rotr(x, 25); }
static inline uint32_t sigma0(uint32_t x) { return rotr(x, 7) ^ rotr(x, 18) ^ x >> 3; }
static inline uint32_t sigma1(uint32_t x) { return rotr(x, 17) ^ rotr(x, 19) ^ x >> 10; }
static inline uint32_t Ch(uint32_t x, uint32_t y, uint32_t z) { return (x & y) ^ (~x & z); }
static inline uint32_t
Maj(uint32_t x, uint32_t y, uint32_t z)
{
	return (x & y) ^ (x & z) ^ (y & z);
}

/* 6.2.2. Each round the eight variables are one place further: a is where h was. */
static __attribute__((noinline)) void
compress(uint32_t state[8], const uint8_t *p)
{
	uint32_t w[64], v[8];

	for (unsigned t = 0; t < 64; t++)
		if (t < 16)
			w[t] = (uint32_t)(load64(p + 4 * t - t % 2 * 4) >> (1 - t % 2) * 32);
		else
			w[t] = sigma1(w[t - 2]) + w[t - 7] + sigma0(w[t - 15]) + w[t - 16];
	memcpy(v, state, sizeof v);
	for (unsigned t = 0; t < 64; t++) {
#define V(i) v[((i) - t) & 7]
		uint32_t t1 = V(7) + Sigma1(V(4)) + Ch(V(4), V(5), V(6)) +
		    (uint32_t)(sha2_k[t] >> 32) + w[t];

		V(3) += t1;
		V(7) = t1 + Sigma0(V(0)) + Maj(V(0), V(1), V(2));
#undef V
	}
	for (int i = 0; i < 8; i++)
		state[i] += v[i];
}

static void
begin(uint32_t state[8])
{
	for (int i = 0; i < 8; i++)
		state[i] = (uint32_t)(sha2_h0[i] >> 32);
}

/* Hashes on from a state that has taken in `before` bytes, whole blocks: the message to its end. */
static __attribute__((noinline)) void
finish(uint8_t digest[SHA256_DIGEST], uint32_t state[8], size_t before, const uint8_t *p, size_t n)
{
	uint8_t end[2 * SHA256_BLOCK] = { 0 };
	size_t rest = n % SHA256_BLOCK, whole = (rest + 8) / SHA256_BLOCK + 1;

	for (const uint8_t *stop = p + (n - rest); p != stop; p += SHA256_BLOCK)
		compress(state, p);
	if (rest > 0)
		memcpy(end, p, rest);
	/* 5.1.1: a one bit, zeros, the length in bits */
	end[rest] = 0x80;
	store64(end + whole * SHA256_BLOCK - 8, (uint64_t)(before + n) << 3);
	for (size_t i = 0; i < whole; i++)
		compress(state, end + i * SHA256_BLOCK);
	for (int i = 0; i < 8; i += 2)
		store64(digest + 4 * i, (uint64_t)state[i] << 32 | state[i + 1]);
}

void
sha256(uint8_t digest[SHA256_DIGEST], const void *message, size_t n)
{
	uint32_t state[8];

	begin(state);
	finish(digest, state, 0, message, n);
	wipe(state, sizeof state);
	wipe_below();
}

/* One side of the key: its block, every byte changed by `pad`, compressed. */
static void
pad_state(uint32_t state[8], const uint8_t block[SHA256_BLOCK], uint8_t pad)
{
	uint8_t padded[SHA256_BLOCK];

	for (size_t i = 0; i < SHA256_BLOCK; i++)
		padded[i] = block[i] ^ pad;
	begin(state);
	compress(state, padded);
	wipe(padded, sizeof padded);
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
	pad_state(k->outer, block, 0x5c);
	wipe(block, sizeof block);
	wipe_below();
}

void
hmac256(uint8_t mac[SHA256_DIGEST], const struct hmac256_key *k, const void *message, size_t n)
{
	uint32_t state[8];
	uint8_t digest[SHA256_DIGEST];

	memcpy(state, k->inner, sizeof state);
	finish(digest, state, SHA256_BLOCK, message, n);
	memcpy(state, k->outer, sizeof state);
	finish(mac, state, SHA256_BLOCK, digest, sizeof digest);
	wipe(state, sizeof state);
	wipe(digest, sizeof digest);
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

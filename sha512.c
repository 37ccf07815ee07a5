#include "sha512.h"

#include "str.h"

#include <string.h>
#if defined __x86_64__ && defined __GNUC__ && !defined SHA512_PORTABLE
#include <cpuid.h>
#endif

/* FIPS 180-4 4.2.3: the first 64 bits of the fractional parts of the cube roots of the first
 * eighty primes. */
static const uint64_t K[80] = {
	0x428a2f98d728ae22, 0x7137449123ef65cd, 0xb5c0fbcfec4d3b2f, 0xe9b5dba58189dbbc,
	0x3956c25bf348b538, 0x59f111f1b605d019, 0x923f82a4af194f9b, 0xab1c5ed5da6d8118,
	0xd807aa98a3030242, 0x12835b0145706fbe, 0x243185be4ee4b28c, 0x550c7dc3d5ffb4e2,
	0x72be5d74f27b896f, 0x80deb1fe3b1696b1, 0x9bdc06a725c71235, 0xc19bf174cf692694,
	0xe49b69c19ef14ad2, 0xefbe4786384f25e3, 0x0fc19dc68b8cd5b5, 0x240ca1cc77ac9c65,
	0x2de92c6f592b0275, 0x4a7484aa6ea6e483, 0x5cb0a9dcbd41fbd4, 0x76f988da831153b5,
	0x983e5152ee66dfab, 0xa831c66d2db43210, 0xb00327c898fb213f, 0xbf597fc7beef0ee4,
	0xc6e00bf33da88fc2, 0xd5a79147930aa725, 0x06ca6351e003826f, 0x142929670a0e6e70,
	0x27b70a8546d22ffc, 0x2e1b21385c26c926, 0x4d2c6dfc5ac42aed, 0x53380d139d95b3df,
	0x650a73548baf63de, 0x766a0abb3c77b2a8, 0x81c2c92e47edaee6, 0x92722c851482353b,
	0xa2bfe8a14cf10364, 0xa81a664bbc423001, 0xc24b8b70d0f89791, 0xc76c51a30654be30,
	0xd192e819d6ef5218, 0xd69906245565a910, 0xf40e35855771202a, 0x106aa07032bbd1b8,
	0x19a4c116b8d2d0c8, 0x1e376c085141ab53, 0x2748774cdf8eeb99, 0x34b0bcb5e19b48a8,
	0x391c0cb3c5c95a63, 0x4ed8aa4ae3418acb, 0x5b9cca4f7763e373, 0x682e6ff3d6b2b8a3,
	0x748f82ee5defb2fc, 0x78a5636f43172f60, 0x84c87814a1f0ab72, 0x8cc702081a6439ec,
	0x90befffa23631e28, 0xa4506cebde82bde9, 0xbef9a3f7b2c67915, 0xc67178f2e372532b,
	0xca273eceea26619c, 0xd186b8c721c0c207, 0xeada7dd6cde0eb1e, 0xf57d4f7fee6ed178,
	0x06f067aa72176fba, 0x0a637dc5a2c898a6, 0x113f9804bef90dae, 0x1b710b35131c471b,
	0x28db77f523047d84, 0x32caab7b40c72493, 0x3c9ebe0a15c9bebc, 0x431d67c49c100d4c,
	0x4cc5d4becb3e42b6, 0x597f299cfc657e2a, 0x5fcb6fab3ad6faec, 0x6c44198c4a475817
};

/* FIPS 180-4 5.3.5: the square roots of the first eight primes. */
static const uint64_t H0[8] = {
	0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
	0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179
};

void
wipe(void *p, size_t n)
{
	memset(p, 0, n);
	/* The memory counts as read here, so the stores above stay. */
	__asm__ volatile("" : : "r"(p) : "memory");
}

/* FIPS 180-4 4.1.3: the functions, under the names that the standard gives them. */
static inline uint64_t rotr(uint64_t x, int n) { return x >> n | x << (64 - n); }
static inline uint64_t ch(uint64_t x, uint64_t y, uint64_t z) { return z ^ (x & (y ^ z)); }
static inline uint64_t maj(uint64_t x, uint64_t y, uint64_t z) { return (x & y) | (z & (x | y)); }
static inline uint64_t Sigma0(uint64_t x) { return rotr(x, 28) ^ rotr(x, 34) ^ rotr(x, 39); }
static inline uint64_t Sigma1(uint64_t x) { return rotr(x, 14) ^ rotr(x, 18) ^ rotr(x, 41); }
static inline uint64_t sigma0(uint64_t x) { return rotr(x, 1) ^ rotr(x, 8) ^ x >> 7; }
static inline uint64_t sigma1(uint64_t x) { return rotr(x, 19) ^ rotr(x, 61) ^ x >> 6; }

/* The working variables of 6.4.2. */
struct working {
	uint64_t a, b, c, d, e, f, g, h;
};

/* The rounds are written once and must stand in one piece for the variables to stay in
 * registers. */
#define INLINE static inline __attribute__((always_inline))

/* One round (6.4.2 step 3). `kw` is K[t] + W[t]. The eight variables do not move: the caller
 * names them one place further each time, and only the two that get a new value are written. */
INLINE void
one_round(uint64_t a, uint64_t b, uint64_t c, uint64_t *d, uint64_t e, uint64_t f, uint64_t g,
    uint64_t *h, uint64_t kw)
{
	uint64_t t1 = *h + Sigma1(e) + ch(e, f, g) + kw;

	*d += t1;
	*h = t1 + Sigma0(a) + maj(a, b, c);
}

/* The message schedule (6.4.2 step 1) in sixteen words: W[t], and, where one is still to come,
 * W[t + 16] in its place. */
INLINE uint64_t
word(uint64_t w[16], unsigned t, bool more)
{
	uint64_t now = w[t];

	if (more)
		w[t] += sigma1(w[(t + 14) & 15]) + w[(t + 9) & 15] + sigma0(w[(t + 1) & 15]);
	return now;
}

/* Eight rounds bring every variable back to its own place. `t`, 0 or 8, is where their words
 * stand. */
INLINE void
eight_rounds(struct working *v, const uint64_t *k, uint64_t w[16], unsigned t, bool more)
{
#define W(i) k[i] + word(w, i, more)
	one_round(v->a, v->b, v->c, &v->d, v->e, v->f, v->g, &v->h, W(t));
	one_round(v->h, v->a, v->b, &v->c, v->d, v->e, v->f, &v->g, W(t + 1));
	one_round(v->g, v->h, v->a, &v->b, v->c, v->d, v->e, &v->f, W(t + 2));
	one_round(v->f, v->g, v->h, &v->a, v->b, v->c, v->d, &v->e, W(t + 3));
	one_round(v->e, v->f, v->g, &v->h, v->a, v->b, v->c, &v->d, W(t + 4));
	one_round(v->d, v->e, v->f, &v->g, v->h, v->a, v->b, &v->c, W(t + 5));
	one_round(v->c, v->d, v->e, &v->f, v->g, v->h, v->a, &v->b, W(t + 6));
	one_round(v->b, v->c, v->d, &v->e, v->f, v->g, v->h, &v->a, W(t + 7));
#undef W
}

INLINE void
compress_blocks(uint64_t state[8], const uint8_t *p, size_t blocks)
{
	uint64_t w[16];

	for (; blocks > 0; blocks--, p += SHA512_BLOCK) {
		struct working v = {
			state[0], state[1], state[2], state[3],
			state[4], state[5], state[6], state[7]
		};

		for (unsigned t = 0; t < 16; t++)
			w[t] = load64(p + 8 * t);
		for (unsigned t = 0; t < 64; t += 16) {
			eight_rounds(&v, K + t, w, 0, true);
			eight_rounds(&v, K + t, w, 8, true);
		}
		for (unsigned t = 0; t < 16; t += 8)
			eight_rounds(&v, K + 64, w, t, false);
		state[0] += v.a;
		state[1] += v.b;
		state[2] += v.c;
		state[3] += v.d;
		state[4] += v.e;
		state[5] += v.f;
		state[6] += v.g;
		state[7] += v.h;
	}
	wipe(w, sizeof w);
}

#if defined __x86_64__ && defined __GNUC__ && !defined SHA512_PORTABLE
/* The same with the rotations of BMI2, which need no copies: a sixth fewer instructions. */
__attribute__((target("bmi2"))) static void
compress_bmi2(uint64_t state[8], const uint8_t *p, size_t blocks)
{
	compress_blocks(state, p, blocks);
}

/* CPUID leaf 7, EBX bit 8: the compiler's own way to ask brings along 5 KB. Remembered by the
 * self-test, before there is a second thread. */
static bool
has_bmi2(void)
{
	static bool asked, has;
	unsigned a, b, c, d;

	if (!asked) {
		has = __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b >> 8 & 1) != 0;
		asked = true;
	}
	return has;
}
#else
#define compress_bmi2 compress_blocks
static bool
has_bmi2(void)
{
	return false;
}
#endif

/* Takes `blocks` blocks of 128 bytes into the state. */
static void
compress(uint64_t state[8], const uint8_t *p, size_t blocks)
{
	if (has_bmi2())
		compress_bmi2(state, p, blocks);
	else
		compress_blocks(state, p, blocks);
}

void
sha512_init(struct sha512 *c)
{
	memcpy(c->state, H0, sizeof H0);
	c->length = 0;
}

void
sha512_update(struct sha512 *c, const void *message, size_t n)
{
	const uint8_t *p = message;
	size_t used = c->length % SHA512_BLOCK, whole;

	if (n == 0)
		return;
	c->length += n;
	if (used > 0) {                         /* fill the block that was begun */
		size_t room = SHA512_BLOCK - used;

		if (n < room) {
			memcpy(c->block + used, p, n);
			return;
		}
		memcpy(c->block + used, p, room);
		compress(c->state, c->block, 1);
		p += room;
		n -= room;
	}
	whole = n / SHA512_BLOCK;               /* whole blocks from where they lie */
	compress(c->state, p, whole);
	memcpy(c->block, p + whole * SHA512_BLOCK, n % SHA512_BLOCK);
}

void
sha512_final(uint8_t digest[SHA512_DIGEST], struct sha512 *c)
{
	size_t used = c->length % SHA512_BLOCK;

	c->block[used++] = 0x80;                /* 5.1.2: a one bit, zeros, the length in bits */
	if (used > SHA512_BLOCK - 16) {
		memset(c->block + used, 0, SHA512_BLOCK - used);
		compress(c->state, c->block, 1);
		used = 0;
	}
	memset(c->block + used, 0, SHA512_BLOCK - 16 - used);
	store64(c->block + SHA512_BLOCK - 16, c->length >> 61);
	store64(c->block + SHA512_BLOCK - 8, c->length << 3);
	compress(c->state, c->block, 1);
	for (size_t i = 0; i < 8; i++)
		store64(digest + 8 * i, c->state[i]);
	wipe(c, sizeof *c);
}

void
sha512(uint8_t digest[SHA512_DIGEST], const void *message, size_t n)
{
	struct sha512 c;

	sha512_init(&c);
	sha512_update(&c, message, n);
	sha512_final(digest, &c);
}

/* One side of the key: its block, every byte changed by `pad`, compressed. */
static void
pad_state(uint64_t state[8], const uint8_t block[SHA512_BLOCK], uint8_t pad)
{
	uint8_t padded[SHA512_BLOCK];

	for (size_t i = 0; i < SHA512_BLOCK; i++)
		padded[i] = block[i] ^ pad;
	memcpy(state, H0, sizeof H0);
	compress(state, padded, 1);
	wipe(padded, sizeof padded);
}

void
hmac512_key_init(struct hmac512_key *k, const void *key, size_t n)
{
	uint8_t block[SHA512_BLOCK] = { 0 };

	if (n > SHA512_BLOCK)                   /* RFC 2104 2: a longer key is hashed first */
		sha512(block, key, n);
	else if (n > 0)
		memcpy(block, key, n);
	pad_state(k->inner, block, 0x36);
	pad_state(k->outer, block, 0x5c);
	wipe(block, sizeof block);
}

/* Hashes on from a state that has taken in exactly one block. */
static void
after_pad(uint8_t digest[SHA512_DIGEST], const uint64_t state[8], const void *message, size_t n)
{
	struct sha512 c;

	memcpy(c.state, state, sizeof c.state);
	c.length = SHA512_BLOCK;
	sha512_update(&c, message, n);
	sha512_final(digest, &c);
}

void
hmac512(uint8_t mac[SHA512_DIGEST], const struct hmac512_key *k, const void *message, size_t n)
{
	uint8_t inner[SHA512_DIGEST];

	after_pad(inner, k->inner, message, n);
	after_pad(mac, k->outer, inner, sizeof inner);
	wipe(inner, sizeof inner);
}

bool
sha512_equal(const uint8_t a[SHA512_DIGEST], const uint8_t b[SHA512_DIGEST])
{
	unsigned difference = 0;

	for (size_t i = 0; i < SHA512_DIGEST; i++)
		difference |= (unsigned)(a[i] ^ b[i]);
	/* 0 becomes 1, everything else up to 255 becomes 0, without a branch. */
	return (difference - 1) >> 8 & 1;
}

bool
sha512_self_test(void)
{
	/* FIPS 180-4, "abc" (NIST's example values) */
	static const uint8_t abc[SHA512_DIGEST] = {
		0xdd, 0xaf, 0x35, 0xa1, 0x93, 0x61, 0x7a, 0xba,
		0xcc, 0x41, 0x73, 0x49, 0xae, 0x20, 0x41, 0x31,
		0x12, 0xe6, 0xfa, 0x4e, 0x89, 0xa9, 0x7e, 0xa2,
		0x0a, 0x9e, 0xee, 0xe6, 0x4b, 0x55, 0xd3, 0x9a,
		0x21, 0x92, 0x99, 0x2a, 0x27, 0x4f, 0xc1, 0xa8,
		0x36, 0xba, 0x3c, 0x23, 0xa3, 0xfe, 0xeb, 0xbd,
		0x45, 0x4d, 0x44, 0x23, 0x64, 0x3c, 0xe8, 0x0e,
		0x2a, 0x9a, 0xc9, 0x4f, 0xa5, 0x4c, 0xa4, 0x9f
	};
	/* RFC 4231 4.3, key "Jefe" */
	static const uint8_t jefe[SHA512_DIGEST] = {
		0x16, 0x4b, 0x7a, 0x7b, 0xfc, 0xf8, 0x19, 0xe2,
		0xe3, 0x95, 0xfb, 0xe7, 0x3b, 0x56, 0xe0, 0xa3,
		0x87, 0xbd, 0x64, 0x22, 0x2e, 0x83, 0x1f, 0xd6,
		0x10, 0x27, 0x0c, 0xd7, 0xea, 0x25, 0x05, 0x54,
		0x97, 0x58, 0xbf, 0x75, 0xc0, 0x5a, 0x99, 0x4a,
		0x6d, 0x03, 0x4f, 0x65, 0xf8, 0xf0, 0xe6, 0xfd,
		0xca, 0xea, 0xb1, 0xa3, 0x4d, 0x4a, 0x6b, 0x4b,
		0x63, 0x6e, 0x07, 0x0a, 0x38, 0xbc, 0xe7, 0x37
	};
	struct hmac512_key k;
	uint8_t digest[SHA512_DIGEST], mac[SHA512_DIGEST];

	sha512(digest, "abc", 3);
	hmac512_key_init(&k, "Jefe", 4);
	hmac512(mac, &k, "what do ya want for nothing?", 28);
	return sha512_equal(digest, abc) && sha512_equal(mac, jefe);
}

#include "sha512.h"

#include "cpu.h"
#include "sha2.h"
#include "str.h"

#include <string.h>
#ifdef CPU_AVX2
#include <immintrin.h>
#elif defined CPU_SHA512
#include <arm_neon.h>
#endif

/* Called, not inlined: of a size that it knows the compiler makes a slow string instruction. */
__attribute__((noinline)) void
wipe(void *p, size_t n)
{
	if (n > 0)                      /* nothing may lie nowhere */
		memset(p, 0, n);
	/* The memory counts as read here, so the stores above stay. */
	__asm__ volatile("" : : "r"(p) : "memory");
}

/* FIPS 180-4 4.1.3: the functions, under the names that the standard gives them; Ch as the sum of
 * its two halves, which are never both 1. */
static inline uint64_t rotr(uint64_t x, int n) { return x >> n | x << (64 - n); }
static inline uint64_t Sigma0(uint64_t x) { return rotr(x, 28) ^ rotr(x, 34) ^ rotr(x, 39); }
static inline uint64_t Sigma1(uint64_t x) { return rotr(x, 14) ^ rotr(x, 18) ^ rotr(x, 41); }
static inline uint64_t sigma0(uint64_t x) { return rotr(x, 1) ^ rotr(x, 8) ^ x >> 7; }
static inline uint64_t sigma1(uint64_t x) { return rotr(x, 19) ^ rotr(x, 61) ^ x >> 6; }

/* The rounds are written once and must stand in one piece for the variables to stay in
 * registers. */
#define INLINE static inline __attribute__((always_inline))

/* One round (6.4.2 step 3). `kw` is K[t] + W[t]. The eight variables do not move: the caller
 * names them one place further each time, and only the two that get a new value are written.
 * Maj(a, b, c) is b where b and c agree, else a; `bc` is b ^ c, and a ^ b is given back: it is
 * the next round's. */
INLINE uint64_t
one_round(uint64_t a, uint64_t b, uint64_t bc, uint64_t *d, uint64_t e, uint64_t f, uint64_t g,
    uint64_t *h, uint64_t kw)
{
	uint64_t t1 = *h + kw + (~e & g) + (e & f), ab = a ^ b;

	/* Sigma1 takes the longest: added any earlier, it costs 2 to 12 % of the time. */
	__asm__("" : "+r"(t1));
	t1 += Sigma1(e);
	*d += t1;
	*h = t1 + ((ab & bc) ^ b) + Sigma0(a);
	return ab;
}

/* The working variables of 6.4.2, and b ^ c. */
struct working {
	uint64_t a, b, c, d, e, f, g, h, bc;
};

/* Eight rounds bring every variable back to its own place. The words stand in pairs, one pair
 * `pitch` words behind the other. */
INLINE void
eight_rounds(struct working *v, const uint64_t *kw, size_t pitch)
{
#define ROUND(t, a, b, c, d, e, f, g, h) \
	v->bc = one_round(v->a, v->b, v->bc, &v->d, v->e, v->f, v->g, &v->h, \
	    kw[t / 2 * pitch + t % 2])
	ROUND(0, a, b, c, d, e, f, g, h);
	ROUND(1, h, a, b, c, d, e, f, g);
	ROUND(2, g, h, a, b, c, d, e, f);
	ROUND(3, f, g, h, a, b, c, d, e);
	ROUND(4, e, f, g, h, a, b, c, d);
	ROUND(5, d, e, f, g, h, a, b, c);
	ROUND(6, c, d, e, f, g, h, a, b);
	ROUND(7, b, c, d, e, f, g, h, a);
#undef ROUND
}

INLINE struct working
begin(const uint64_t state[8])
{
	return (struct working) {
		state[0], state[1], state[2], state[3],
		state[4], state[5], state[6], state[7], state[1] ^ state[2]
	};
}

INLINE void
add_up(uint64_t state[8], const struct working *v)
{
	state[0] += v->a;
	state[1] += v->b;
	state[2] += v->c;
	state[3] += v->d;
	state[4] += v->e;
	state[5] += v->f;
	state[6] += v->g;
	state[7] += v->h;
}

/* Takes `blocks` blocks of 128 bytes into the state, on any processor. */
static void
compress_portable(uint64_t state[8], const uint8_t *p, size_t blocks)
{
	struct working v;
	uint64_t w[80];

	for (; blocks > 0; blocks--, p += SHA512_BLOCK) {
		for (unsigned t = 0; t < 16; t++)
			w[t] = load64(p + 8 * t);
		v = begin(state);
		for (unsigned t = 0; t < 80; t += 8) {
			if (t < 64) {
#pragma GCC unroll 8
				for (unsigned i = t; i < t + 8; i++)
					w[i + 16] = sigma1(w[i + 14]) + w[i + 9] +
					    sigma0(w[i + 1]) + w[i];
			}
#pragma GCC unroll 8
			for (unsigned i = t; i < t + 8; i++)
				w[i] += sha2_k[i];
			eight_rounds(&v, w + t, 2);
		}
		add_up(state, &v);
	}
}

#ifdef CPU_AVX2
/* With BMI2 rotations need no copies, and with AVX2 the message schedule (6.4.2 step 1) of two
 * blocks is made four words at a time: words t and t + 1 of the one, and the same of the next. */
typedef uint64_t quad __attribute__((vector_size(32)));

CPU_AVX2 INLINE quad
quad_load(const uint8_t *p, const uint8_t *q)
{
	__m256i bytes = _mm256_inserti128_si256(_mm256_castsi128_si256(
	    _mm_loadu_si128((const __m128i *)p)), _mm_loadu_si128((const __m128i *)q), 1);

	return (quad)_mm256_shuffle_epi8(bytes, _mm256_set_epi64x(0x08090a0b0c0d0e0f,
	    0x0001020304050607, 0x08090a0b0c0d0e0f, 0x0001020304050607));
}

/* Words t + 1 and t + 2, where `x` has t and t + 1, and `y` has t + 2 and t + 3. */
CPU_AVX2 INLINE quad
quad_next(quad x, quad y)
{
	return (quad)_mm256_alignr_epi8((__m256i)y, (__m256i)x, 8);
}

CPU_AVX2 INLINE quad
quad_rotr(quad x, int n)
{
	return x >> n ^ x << (64 - n);
}

/* By 8 bits: by whole bytes. */
CPU_AVX2 INLINE quad
quad_rotr8(quad x)
{
	return (quad)_mm256_shuffle_epi8((__m256i)x, _mm256_set_epi64x(0x080f0e0d0c0b0a09,
	    0x0007060504030201, 0x080f0e0d0c0b0a09, 0x0007060504030201));
}

/* W[t + 16] and W[t + 17] of both blocks, in the place of W[t] and W[t + 1]; `i` is t / 2. */
CPU_AVX2 INLINE void
quad_schedule(quad w[8], unsigned i)
{
	quad x = quad_next(w[i], w[(i + 1) & 7]), y = w[(i + 7) & 7];

	w[i] += quad_next(w[(i + 4) & 7], w[(i + 5) & 7]) +
	    (quad_rotr(x, 1) ^ quad_rotr8(x) ^ x >> 7) +
	    (quad_rotr(y, 19) ^ quad_rotr(y, 61) ^ y >> 6);
}

CPU_AVX2 INLINE quad
quad_add_k(quad w, const uint64_t *k)
{
	return w + (quad)_mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)k));
}

/* Of an odd number of blocks the last one is scheduled twice, as its own neighbour. */
CPU_AVX2 static void
compress_avx2(uint64_t state[8], const uint8_t *p, size_t blocks)
{
	union { quad pair[40]; uint64_t word[160]; } kw;
	struct working v;
	quad w[8];

	while (blocks > 0) {
		size_t both = blocks > 1 ? 2 : 1, left, t;

		for (t = 0; t < 16; t += 2) {
			w[t / 2] = quad_load(p + 8 * t, p + (both - 1) * SHA512_BLOCK + 8 * t);
			kw.pair[t / 2] = quad_add_k(w[t / 2], sha2_k + t);
		}
		v = begin(state);
		for (t = 0; t < 64; t += 16) {
#define SCHEDULE(i) \
	quad_schedule(w, i), kw.pair[t / 2 + 8 + i] = quad_add_k(w[i], sha2_k + t + 16 + 2 * i)
			SCHEDULE(0), SCHEDULE(1), SCHEDULE(2), SCHEDULE(3);
			eight_rounds(&v, kw.word + 2 * t, 4);
			SCHEDULE(4), SCHEDULE(5), SCHEDULE(6), SCHEDULE(7);
			eight_rounds(&v, kw.word + 2 * t + 16, 4);
#undef SCHEDULE
		}
		left = both;
		for (const uint64_t *at = kw.word + 2 * t, *end = kw.word + 160; ; end += 2) {
			for (; at < end; at += 16)
				eight_rounds(&v, at, 4);
			add_up(state, &v);
			if (--left == 0)
				break;
			v = begin(state);
			at = kw.word + 2;
		}
		blocks -= both;
		p += both * SHA512_BLOCK;
	}
}

#define compress_fast compress_avx2
#elif defined CPU_SHA512
/* Two rounds. Afterwards the new a and b are in `gh`, the new e and f in `cd`. */
CPU_SHA512 INLINE void
two_rounds(uint64x2_t ab, uint64x2_t *cd, uint64x2_t ef, uint64x2_t *gh, uint64x2_t kw)
{
	uint64x2_t sum = vaddq_u64(vextq_u64(kw, kw, 1), *gh);
	uint64x2_t t1 = vsha512hq_u64(sum, vextq_u64(ef, *gh, 1), vextq_u64(*cd, ef, 1));

	*gh = vsha512h2q_u64(t1, *cd, ab);
	*cd = vaddq_u64(*cd, t1);
}

CPU_SHA512 static void
compress_armv8(uint64_t state[8], const uint8_t *p, size_t blocks)
{
	uint64x2_t w[8], v[4];

	for (; blocks > 0; blocks--, p += SHA512_BLOCK) {
		for (unsigned i = 0; i < 4; i++)
			v[i] = vld1q_u64(state + 2 * i);
		for (unsigned i = 0; i < 8; i++)
			w[i] = vreinterpretq_u64_u8(vrev64q_u8(vld1q_u8(p + 16 * i)));
		for (unsigned t = 0; t < 80; t += 16)
#pragma GCC unroll 8
			for (unsigned i = 0; i < 8; i++) {
				two_rounds(v[-i & 3], &v[(1 - i) & 3], v[(2 - i) & 3],
				    &v[(3 - i) & 3],
				    vaddq_u64(w[i], vld1q_u64(sha2_k + t + 2 * i)));
				w[i] = vsha512su1q_u64(vsha512su0q_u64(w[i], w[(i + 1) & 7]),
				    w[(i + 7) & 7], vextq_u64(w[(i + 4) & 7], w[(i + 5) & 7], 1));
			}
		for (unsigned i = 0; i < 4; i++)
			vst1q_u64(state + 2 * i, vaddq_u64(vld1q_u64(state + 2 * i), v[i]));
	}
}

#define compress_fast compress_armv8
#else
#define compress_fast compress_portable
#endif

/* Wipes what the calls before left below their caller: message schedules, and what no name in C
 * reaches, as registers that were put aside. 3.2 KB are the most that any compiler was seen to
 * take; test_stack() looks. In two halves, as of more than 2 KB at once the C library makes a slow
 * string instruction. */
__attribute__((noinline)) void
wipe_below(void)
{
	uint8_t below[2][2048];

	wipe(below[0], sizeof below[0]);
	wipe(below[1], sizeof below[1]);
}

static __attribute__((noinline)) void
compress(uint64_t state[8], const uint8_t *p, size_t blocks)
{
	if (cpu_has_more())
		compress_fast(state, p, blocks);
	else
		compress_portable(state, p, blocks);
}

static void
put_digest(uint8_t digest[SHA512_DIGEST], const uint64_t state[8])
{
	for (size_t i = 0; i < 8; i++)
		store64(digest + 8 * i, state[i]);
}

/* Hashes on from a state that has taken in `before` bytes, whole blocks: the message to its end.
 * Called, not inlined, so that the end lies below the caller. */
static __attribute__((noinline)) void
finish(uint8_t digest[SHA512_DIGEST], uint64_t state[8], size_t before, const uint8_t *p, size_t n)
{
	uint8_t end[3 * SHA512_BLOCK];
	size_t rest = n % (2 * SHA512_BLOCK);           /* pairs of blocks from where they lie */
	size_t whole = (rest + 16) / SHA512_BLOCK + 1;

	if (n > rest)
		compress(state, p, (n - rest) / SHA512_BLOCK);
	if (rest > 0)
		memcpy(end, p + n - rest, rest);
	/* 5.1.2: a one bit, zeros, the length in bits; no memory holds more than 2^61 bytes */
	memset(end + rest, 0, whole * SHA512_BLOCK - rest);
	end[rest] = 0x80;
	store64(end + whole * SHA512_BLOCK - 8, (uint64_t)(before + n) << 3);
	compress(state, end, whole);
	put_digest(digest, state);
}

void
sha512_two(uint8_t digest[SHA512_DIGEST], const void *head, size_t head_n, const void *message,
    size_t n)
{
	uint64_t state[8];
	uint8_t first[SHA512_BLOCK];
	size_t more = n < SHA512_BLOCK - head_n ? n : SHA512_BLOCK - head_n;

	memcpy(state, sha2_h0, sizeof sha2_h0);
	memcpy(first, head, head_n);
	if (more > 0)
		memcpy(first + head_n, message, more);
	if (more == n)
		finish(digest, state, 0, first, head_n + n);
	else {
		compress(state, first, 1);
		finish(digest, state, SHA512_BLOCK, (const uint8_t *)message + more, n - more);
	}
	wipe(first, sizeof first);
	wipe(state, sizeof state);
	wipe_below();
}

void
sha512(uint8_t digest[SHA512_DIGEST], const void *message, size_t n)
{
	uint64_t state[8];

	memcpy(state, sha2_h0, sizeof sha2_h0);
	finish(digest, state, 0, message, n);
	wipe(state, sizeof state);
	wipe_below();
}

/* One side of the key: its block, every byte changed by `pad`, compressed. */
static void
pad_state(uint64_t state[8], const uint8_t block[SHA512_BLOCK], uint8_t pad)
{
	uint8_t padded[SHA512_BLOCK];

	for (size_t i = 0; i < SHA512_BLOCK; i++)
		padded[i] = block[i] ^ pad;
	memcpy(state, sha2_h0, sizeof sha2_h0);
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
	wipe_below();
}

void
hmac512(uint8_t mac[SHA512_DIGEST], const struct hmac512_key *k, const void *message, size_t n)
{
	struct {
		uint64_t state[8];
		uint8_t last[SHA512_BLOCK];     /* the inner digest, padded as in finish() */
	} on = { .last = { 0 } };

	memcpy(on.state, k->inner, sizeof on.state);
	finish(on.last, on.state, SHA512_BLOCK, message, n);
	on.last[SHA512_DIGEST] = 0x80;
	store64(on.last + SHA512_BLOCK - 8, 8 * (SHA512_BLOCK + SHA512_DIGEST));
	memcpy(on.state, k->outer, sizeof on.state);
	compress(on.state, on.last, 1);
	put_digest(mac, on.state);
	wipe(&on, sizeof on);
	wipe_below();
}

bool
sha512_equal(const uint8_t a[SHA512_DIGEST], const uint8_t b[SHA512_DIGEST])
{
	uint64_t difference = 0;
	size_t i = SHA512_DIGEST;

	do {
		i -= 8;
		difference |= load64(a + i) ^ load64(b + i);
	} while (i > 0);
	/* 0 becomes 1, everything else 0, without a branch. */
	return ((difference | (0 - difference)) >> 63) ^ 1;
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
	static const char asked[] = "what do ya want for nothing?";
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
	hmac512(mac, &k, asked, sizeof asked - 1);
	return sha512_equal(digest, abc) && sha512_equal(mac, jefe);
}

#include "ed25519.h"

#include "ed25519_scalar.h"
#include "sha512.h"

#include <string.h>

/* Where the coordinates of points, and what else formulas take, stand among the elements. */
enum {
	X, Y, Z, T,             /* a point (RFC 8032 5.1.4): x = X/Z, y = Y/Z, x y = T/Z; tight */
	SUM, DIFFERENCE, DOUBLE_Z, DOUBLE_DT,   /* struct ed25519_ready */
	E, F, G, H, A = H, B = Y, C = T, D = Z, /* 5.1.4 */
	U = SUM, V, V3, W,                      /* 5.1.3 */
	CONSTANTS = 13, ONE = CONSTANTS, CONSTANT_D, ROOT
};

/* 1; d of 5.1, which is -121665/121666; 2^((p - 1)/4), the square of which is -1. */
static const struct field_element constants[] = {
	{ { 1 } },
	{ { 0x34dca135978a3, 0x1a8283b156ebd, 0x5e7a26001c029, 0x739c663a03cbb, 0x52036cee2b6ff } },
	{ { 0x61b274a0ea0b0, 0x0d5a5fc8f189d, 0x7ef5e9cbd0c60, 0x78595a6804c9e, 0x2b8324804fc1d } }
};

/* SUM to DOUBLE_DT: the point. */
static const uint16_t make_ready[] = {
	ADD(SUM, Y, X), SUBTRACT(DIFFERENCE, Y, X), ADD(DOUBLE_Z, Z, Z),
	MULTIPLY(DOUBLE_DT, T, CONSTANT_D), ADD(DOUBLE_DT, DOUBLE_DT, DOUBLE_DT), 0
};

/* The same, to E to H. */
static const uint16_t make_ready_apart[] = {
	ADD(E, Y, X), SUBTRACT(F, Y, X), ADD(G, Z, Z), MULTIPLY(H, T, CONSTANT_D), ADD(H, H, H), 0
};

/* The point and what is ready: the formula of 5.1.4, which is complete, as any two may be added. */
static const uint16_t add[] = {
	SUBTRACT(A, Y, X), MULTIPLY(A, A, DIFFERENCE), ADD(B, Y, X), MULTIPLY(B, B, SUM),
	MULTIPLY(C, T, DOUBLE_DT), MULTIPLY(D, Z, DOUBLE_Z),
	SUBTRACT(E, B, A), SUBTRACT(F, D, C), ADD(G, D, C), ADD(H, B, A),
	MULTIPLY(X, E, F), MULTIPLY(Y, G, H), MULTIPLY(T, E, H), MULTIPLY(Z, F, G), 0
};

/* G: E^(2^252 - 3), whose exponent is 250 ones, a 0 and a 1. Of two powers with n ones and m ones,
 * the first one squared m times, times the second, has n + m: F and H have 4, 8, 16 ... 128 of them
 * in turn, G has 2, 10, 26, 58, 122, 250. */
static const uint16_t power[] = {
	SQUARE(G, E, 0), MULTIPLY(G, G, E),
	SQUARE(H, G, 1), MULTIPLY(H, H, G),
	SQUARE(F, H, 2), MULTIPLY(F, F, H), SQUARE(G, G, 3), MULTIPLY(G, G, F),
	SQUARE(H, F, 3), MULTIPLY(H, H, F), SQUARE(G, G, 4), MULTIPLY(G, G, H),
	SQUARE(F, H, 4), MULTIPLY(F, F, H), SQUARE(G, G, 5), MULTIPLY(G, G, F),
	SQUARE(H, F, 5), MULTIPLY(H, H, F), SQUARE(G, G, 6), MULTIPLY(G, G, H),
	SQUARE(F, H, 6), MULTIPLY(F, F, H), SQUARE(G, G, 7), MULTIPLY(G, G, F),
	SQUARE(G, G, 1), MULTIPLY(G, G, E), 0
};

/* A scalar's digits of four bits, and how many a block has. */
enum { DIGITS = 64, BLOCK = DIGITS / ED25519_BLOCKS };

/* The base point, as a key would be. */
static struct ed25519_verifier base;

/* The neutral point, 0/1 and 1/1. Called, not inlined, for size. */
static __attribute__((noinline)) void
begin(struct field_element e[FIELD_ELEMENTS])
{
	memset(e, 0, CONSTANTS * sizeof *e);
	memcpy(e + CONSTANTS, constants, sizeof constants);
	e[Y].limb[0] = e[Z].limb[0] = 1;
}

/* Sixteen times the point: four times twice. */
static void
times_16(struct field_element e[FIELD_ELEMENTS])
{
	for (int i = 0; i < 4; i++) {
		field_run(e, make_ready);
		field_run(e, add);
	}
}

/* The multiple by this digit. All sixteen are read, whichever it is, two words at a time. */
static void
look_up(struct field_element *r, const struct ed25519_ready row[ED25519_ROW], unsigned digit)
{
	typedef uint64_t words __attribute__((vector_size(16), may_alias,
	    aligned(_Alignof(struct field_element))));
	const words *from = (const words *)row;

	memset(r, 0, sizeof *row);
	for (unsigned i = 0; i < ED25519_ROW; i++) {
		/* all ones if i is the digit, else 0 */
		words mask = (words){ 0 } - (((i ^ digit) - 1) >> 31);

		for (int j = 0; j < 10; j++)
			((words *)r)[j] |= *from++ & mask;
	}
}

/* 5.1.3, but for the opposite point: x is the root of u/v = (y^2 - 1)/(d y^2 + 1), which is
 * u v^3 (u v^7)^((p - 5)/8), or that times the root of -1; of that and its opposite, it is the one
 * with the other lowest bit than is on top of y. */
static bool
decode_opposite(struct field_element e[FIELD_ELEMENTS], const uint8_t bytes[32])
{
	static const uint16_t before[] = {
		REDUCE(W, Y), SQUARE(U, Y, 0), MULTIPLY(V, U, CONSTANT_D), ADD(V, V, ONE),
		SUBTRACT(U, U, ONE), SQUARE(V3, V, 0), MULTIPLY(V3, V3, V),
		SQUARE(E, V3, 0), MULTIPLY(E, E, V), MULTIPLY(E, E, U), 0
	}, after[] = {
		MULTIPLY(E, V3, G), MULTIPLY(X, E, U), MULTIPLY(E, U, ONE), REDUCE(U, E), 0
	}, next[] = {
		MULTIPLY(E, X, ROOT), REDUCE(X, E), MULTIPLY(T, X, Y), SQUARE(E, X, 0),
		MULTIPLY(E, E, V), REDUCE(F, E), 0
	};

	begin(e);
	field_decode(e + Y, bytes);
	field_run(e, before);
	field_run(e, power);
	field_run(e, after);
	if (field_equal(e + W, e + Y))          /* y is below p */
		for (int i = 0; i < 4; i++) {
			field_run(e, next);
			if (field_equal(e + F, e + U) && (e[X].limb[0] & 1) != bytes[31] >> 7)
				return true;
		}
	return false;
}

/* Makes the opposite of a point ready: its multiples, in the next row those by 16^BLOCK times as
 * much, and so on. false, as for keys: it is not canonical, not on the curve, or of small order.
 * Where x is 0, which has no other lowest bit, it is of small order. */
static bool
load(struct ed25519_verifier *v, const uint8_t public[ED25519_PUBLIC])
{
	static const uint16_t last[] = { REDUCE(E, Y), REDUCE(F, Z), 0 };
	struct field_element e[FIELD_ELEMENTS];

	memset(v, 0, sizeof *v);
	memcpy(v->public, public, ED25519_PUBLIC);
	if (!decode_opposite(e, public))
		return false;
	for (int block = 0; block < ED25519_BLOCKS; block++) {
		struct ed25519_ready *row = v->multiple[block];

		row->part[0].limb[0] = row->part[1].limb[0] = 1;        /* the neutral point */
		row->part[2].limb[0] = 2;
		field_run(e, make_ready);
		for (int digit = 1; digit < ED25519_ROW; digit++) {
			field_run(e, make_ready_apart);
			memcpy(++row, e + E, sizeof *row);
			field_run(e, add);
		}
		for (int i = 1; i < BLOCK; i++)
			times_16(e);
	}
	/* 2^256 times a point of small order is the neutral point, the one with y = 1. */
	field_run(e, last);
	return !field_equal(e + E, e + F);
}

static void
load_base(void)
{
	/* y of the base point is 4/5, and its x is even (5.1): its opposite's is odd. */
	static const uint8_t opposite[32] = {
		0x58, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
		0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
		0x66, 0x66, 0x66, 0xe6
	};

	if (base.public[0] == 0)
		load(&base, opposite);
}

/* The base point times the first of n scalars and, if there are two, v's times the second: the sum,
 * encoded (5.1.2) as y, and the lowest bit of x on top. The highest digits of all blocks come
 * first, then it is times 16 and the next ones. 1/Z is Z^(p - 2) = (Z^(2^252 - 3))^8 Z^3. */
static __attribute__((noinline)) void
add_up(uint8_t bytes[32], const uint8_t *scalars, int n, const struct ed25519_verifier *v)
{
	static const uint16_t before[] = { MULTIPLY(E, Z, ONE), 0 }, after[] = {
		SQUARE(G, G, 0), SQUARE(G, G, 1),
		MULTIPLY(G, G, Z), MULTIPLY(G, G, Z), MULTIPLY(G, G, Z),
		MULTIPLY(E, X, G), REDUCE(X, E), MULTIPLY(E, Y, G), REDUCE(Y, E), 0
	};
	struct field_element e[FIELD_ELEMENTS];

	begin(e);
	for (int i = BLOCK; i-- > 0; ) {
		times_16(e);
		for (int at = i; at < n * DIGITS; at += BLOCK) {
			const struct ed25519_verifier *point = at < DIGITS ? &base : v;

			look_up(e + SUM, point->multiple[at % DIGITS / BLOCK],
			    scalars[at / 2] >> at % 2 * 4 & 15);
			field_run(e, add);
		}
	}
	field_run(e, before);
	field_run(e, power);
	field_run(e, after);
	field_encode(bytes, e + Y);
	bytes[31] |= (uint8_t)(e[X].limb[0] << 7);
}

/* A hash as a scalar: SHA-512 of head and message, modulo L. */
static void
hash(uint8_t r[SCALAR], const uint8_t *head, size_t head_n, const void *message, size_t n)
{
	uint8_t digest[SHA512_DIGEST];

	sha512_two(digest, head, head_n, message, n);
	scalar_reduce(r, digest, sizeof digest);
	wipe(digest, sizeof digest);
}

/* k of 5.1.6 and 5.1.7 */
static void
challenge(uint8_t k[SCALAR], const uint8_t R[32], const uint8_t public[ED25519_PUBLIC],
    const void *message, size_t n)
{
	uint8_t head[64];

	memcpy(head, R, 32);
	memcpy(head + 32, public, ED25519_PUBLIC);
	hash(k, head, sizeof head, message, n);
}

void
ed25519_signer_init(struct ed25519_signer *s, const uint8_t seed[ED25519_SEED])
{
	load_base();
	sha512((uint8_t *)s, seed, ED25519_SEED);       /* scalar and prefix */
	s->scalar[0] &= 0xf8;
	s->scalar[31] &= 0x7f;
	s->scalar[31] |= 0x40;
	add_up(s->public, s->scalar, 1, &base);
	wipe_below();
}

void
ed25519_sign(uint8_t signature[ED25519_SIGNATURE], const struct ed25519_signer *s,
    const void *message, size_t n)
{
	uint8_t r[SCALAR], k[SCALAR];

	hash(r, s->prefix, sizeof s->prefix, message, n);
	add_up(signature, r, 1, &base);
	challenge(k, signature, s->public, message, n);
	scalar_multiply_add(signature + 32, k, sizeof k, s->scalar, r);
	wipe(r, sizeof r);
	wipe_below();
}

bool
ed25519_verifier_init(struct ed25519_verifier *v, const uint8_t public[ED25519_PUBLIC])
{
	load_base();
	return load(v, public);
}

/* The signature has to be what [S]B - [k]A, and S modulo L, are encoded. */
bool
ed25519_verify(const struct ed25519_verifier *v, const uint8_t signature[ED25519_SIGNATURE],
    const void *message, size_t n)
{
	uint8_t scalars[2 * SCALAR], wanted[ED25519_SIGNATURE];

	memcpy(scalars, signature + 32, SCALAR);
	challenge(scalars + SCALAR, signature, v->public, message, n);
	add_up(wanted, scalars, 2, v);
	scalar_reduce(wanted + 32, scalars, SCALAR);
	return sha512_equal(wanted, signature);
}

bool
ed25519_self_test(void)
{
	/* RFC 8032 7.1, TEST 2 */
	static const uint8_t seed[ED25519_SEED] = {
		0x4c, 0xcd, 0x08, 0x9b, 0x28, 0xff, 0x96, 0xda, 0x9d, 0xb6, 0xc3, 0x46, 0xec, 0x11,
		0x4e, 0x0f, 0x5b, 0x8a, 0x31, 0x9f, 0x35, 0xab, 0xa6, 0x24, 0xda, 0x8c, 0xf6, 0xed,
		0x4f, 0xb8, 0xa6, 0xfb
	};
	static const uint8_t known[ED25519_SIGNATURE] = {
		0x92, 0xa0, 0x09, 0xa9, 0xf0, 0xd4, 0xca, 0xb8, 0x72, 0x0e, 0x82, 0x0b, 0x5f, 0x64,
		0x25, 0x40, 0xa2, 0xb2, 0x7b, 0x54, 0x16, 0x50, 0x3f, 0x8f, 0xb3, 0x76, 0x22, 0x23,
		0xeb, 0xdb, 0x69, 0xda, 0x08, 0x5a, 0xc1, 0xe4, 0x3e, 0x15, 0x99, 0x6e, 0x45, 0x8f,
		0x36, 0x13, 0xd0, 0xf1, 0x1d, 0x8c, 0x38, 0x7b, 0x2e, 0xae, 0xb4, 0x30, 0x2a, 0xee,
		0xb0, 0x0d, 0x29, 0x16, 0x12, 0xbb, 0x0c, 0x00
	};
	struct ed25519_signer s;
	struct ed25519_verifier v;
	uint8_t signature[ED25519_SIGNATURE];

	ed25519_signer_init(&s, seed);
	ed25519_sign(signature, &s, "r", 1);
	return sha512_equal(signature, known) && ed25519_verifier_init(&v, s.public) &&
	    ed25519_verify(&v, known, "r", 1) && !ed25519_verify(&v, known, "s", 1);
}

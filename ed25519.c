#include "ed25519.h"

#include "ed25519_scalar.h"
#include "sha512.h"

#include <string.h>

/* A point in extended coordinates (RFC 8032 5.1.4): x = X/Z, y = Y/Z, x y = T/Z. All are tight. */
struct point {
	struct field_element X, Y, Z, T;
};

static const struct field_element one = { { 1 } };

/* 5.1: d is -121665/121666. */
static const struct field_element d = { {
	0x34dca135978a3, 0x1a8283b156ebd, 0x5e7a26001c029, 0x739c663a03cbb, 0x52036cee2b6ff
} };

/* A square root of -1: 2^((p - 1)/4). */
static const struct field_element root = { {
	0x61b274a0ea0b0, 0x0d5a5fc8f189d, 0x7ef5e9cbd0c60, 0x78595a6804c9e, 0x2b8324804fc1d
} };

/* A scalar has 64 digits of 4 bits, and a table the sixteen multiples of a point by one digit. */
enum { DIGITS = 64, BASE_BLOCKS = 8 };
static struct ed25519_ready base[BASE_BLOCKS][16];

static const struct point neutral = { { { 0 } }, { { 1 } }, { { 1 } }, { { 0 } } };

static void
make_ready(struct ed25519_ready *r, const struct point *p)
{
	field_add(&r->part[0], &p->Y, &p->X);
	field_subtract(&r->part[1], &p->Y, &p->X);
	field_add(&r->part[2], &p->Z, &p->Z);
	field_multiply(&r->part[3], &p->T, &d);
	field_add(&r->part[3], &r->part[3], &r->part[3]);
}

/* The end of both formulas of 5.1.4. */
static void
complete(struct point *r, const struct field_element *E, const struct field_element *F,
    const struct field_element *G, const struct field_element *H)
{
	field_multiply(&r->X, E, F);
	field_multiply(&r->Y, G, H);
	field_multiply(&r->T, E, H);
	field_multiply(&r->Z, F, G);
}

/* The formula of 5.1.4, which is complete: it adds any two points. */
static void
add(struct point *r, const struct ed25519_ready *q)
{
	struct field_element A, B, C, D, E, F, G, H;

	field_subtract(&A, &r->Y, &r->X);
	field_multiply(&A, &A, &q->part[1]);
	field_add(&B, &r->Y, &r->X);
	field_multiply(&B, &B, &q->part[0]);
	field_multiply(&C, &r->T, &q->part[3]);
	field_multiply(&D, &r->Z, &q->part[2]);
	field_subtract(&E, &B, &A);
	field_subtract(&F, &D, &C);
	field_add(&G, &D, &C);
	field_add(&H, &B, &A);
	complete(r, &E, &F, &G, &H);
}

/* Sixteen times the point: four times twice. */
static void
times_16(struct point *r)
{
	struct ed25519_ready q;

	for (int i = 0; i < 4; i++) {
		make_ready(&q, r);
		add(r, &q);
	}
}

/* A table for each block of digits: the multiples of p, of 16^(digits of a block) p, and so on. */
static void
make_table(struct ed25519_ready (*table)[16], int blocks, struct point p)
{
	struct point multiple;

	for (int block = 0; block < blocks; block++) {
		struct ed25519_ready *row = table[block];

		multiple = p;
		make_ready(&row[1], &p);
		for (int digit = 2; digit < 16; digit++) {
			add(&multiple, &row[1]);
			make_ready(&row[digit], &multiple);
		}
		make_ready(&row[0], &neutral);
		for (int i = 0; i < DIGITS / blocks; i++)
			times_16(&p);
	}
}

/* The multiple by this digit. All sixteen are read, whichever it is. */
static void
look_up(struct ed25519_ready *r, const struct ed25519_ready row[16], unsigned digit)
{
	memset(r, 0, sizeof *r);
	for (unsigned i = 0; i < 16; i++) {
		/* all ones if i is the digit, else 0 */
		uint64_t mask = 0 - (uint64_t)(((i ^ digit) - 1) >> 31);

		for (int part = 0; part < 4; part++)
			for (int limb = 0; limb < 5; limb++)
				r->part[part].limb[limb] |= row[i].part[part].limb[limb] & mask;
	}
}

/* The point times the scalar: the highest digits of all blocks, times 16 and the next ones, and so
 * on. */
static void
multiply(struct point *r, struct ed25519_ready (*table)[16], int blocks,
    const uint8_t scalar[SCALAR])
{
	struct ed25519_ready q;

	*r = neutral;
	for (int i = DIGITS / blocks; i-- > 0; ) {
		times_16(r);
		for (int block = 0; block < blocks; block++) {
			int digit = block * (DIGITS / blocks) + i;

			look_up(&q, table[block], scalar[digit / 2] >> 4 * (digit % 2) & 15);
			add(r, &q);
		}
	}
}

/* 5.1.2: y, and the lowest bit of x on top. 1/Z is Z^(p - 2). */
static void
encode(uint8_t bytes[32], const struct point *p)
{
	struct field_element inverse, x, y;
	uint8_t x_bytes[32];

	field_power(&inverse, &p->Z, 5, 11);
	field_multiply(&x, &p->X, &inverse);
	field_multiply(&y, &p->Y, &inverse);
	field_encode(x_bytes, &x);
	field_encode(bytes, &y);
	bytes[31] |= (uint8_t)(x_bytes[0] << 7);
}

/* 5.1.3: x is the root of u/v = (y^2 - 1)/(d y^2 + 1), which is u v^3 (u v^7)^((p - 5)/8), or
 * that times the root of -1; and that or its opposite has the lowest bit that is wanted. */
static bool
decode(struct point *p, const uint8_t bytes[32])
{
	struct field_element u, v, v3, x2;
	uint8_t want[32], got[32];

	field_decode(&p->Y, bytes);
	field_encode(got, &p->Y);
	got[31] |= bytes[31] & 0x80;
	if (memcmp(got, bytes, 32) != 0)        /* p or more */
		return false;
	field_multiply(&u, &p->Y, &p->Y);
	field_multiply(&v, &u, &d);
	field_add(&v, &v, &one);
	field_subtract(&u, &u, &one);
	field_multiply(&u, &u, &one);           /* tight */
	field_encode(want, &u);
	field_multiply(&v3, &v, &v);
	field_multiply(&v3, &v3, &v);
	field_multiply(&x2, &v3, &v3);
	field_multiply(&x2, &x2, &v);
	field_multiply(&x2, &x2, &u);
	field_power(&p->X, &x2, 2, 1);
	field_multiply(&p->X, &p->X, &v3);
	field_multiply(&p->X, &p->X, &u);
	p->Z = one;
	for (int i = 0; i < 4; i++) {
		field_multiply(&p->T, &p->X, &p->Y);
		field_multiply(&x2, &p->X, &p->X);
		field_multiply(&x2, &x2, &v);
		field_encode(got, &x2);
		if (memcmp(got, want, 32) == 0) {
			field_encode(got, &p->X);
			if ((got[0] & 1) == bytes[31] >> 7)
				return true;
		}
		field_multiply(&p->X, &p->X, &root);
	}
	return false;
}

/* y of the base point is 4/5, and its x is even (5.1). */
static void
make_base(void)
{
	static bool made;
	struct point p;
	uint8_t bytes[32];

	if (made)
		return;
	memset(bytes, 0x66, sizeof bytes);
	bytes[0] = 0x58;
	decode(&p, bytes);
	make_table(base, BASE_BLOCKS, p);
	made = true;
}

/* A hash as a scalar: SHA-512 of head and message, modulo L. */
static void
hash(uint8_t r[SCALAR], const uint8_t *head, size_t head_n, const void *message, size_t n)
{
	static const uint8_t unit[SCALAR] = { 1 }, zero[SCALAR];
	uint8_t digest[SHA512_DIGEST];

	sha512_two(digest, head, head_n, message, n);
	scalar_multiply_add(r, digest, sizeof digest, unit, zero);
	wipe(digest, sizeof digest);
}

/* [scalar]B, encoded. */
static void
multiply_base(uint8_t bytes[32], const uint8_t scalar[SCALAR])
{
	struct point p;

	multiply(&p, base, BASE_BLOCKS, scalar);
	encode(bytes, &p);
	wipe(&p, sizeof p);
}

void
ed25519_signer_init(struct ed25519_signer *s, const uint8_t seed[ED25519_SEED])
{
	make_base();
	sha512((uint8_t *)s, seed, ED25519_SEED);        /* scalar and prefix */
	s->scalar[0] &= 0xf8;
	s->scalar[31] &= 0x7f;
	s->scalar[31] |= 0x40;
	multiply_base(s->public, s->scalar);
	wipe_below();
}

void
ed25519_sign(uint8_t signature[ED25519_SIGNATURE], const struct ed25519_signer *s,
    const void *message, size_t n)
{
	uint8_t r[SCALAR], k[SCALAR], head[64];

	hash(r, s->prefix, sizeof s->prefix, message, n);
	multiply_base(signature, r);
	memcpy(head, signature, 32);
	memcpy(head + 32, s->public, 32);
	hash(k, head, sizeof head, message, n);
	scalar_multiply_add(signature + 32, k, sizeof k, s->scalar, r);
	wipe(r, sizeof r);
	wipe_below();
}

bool
ed25519_verifier_init(struct ed25519_verifier *v, const uint8_t public[ED25519_PUBLIC])
{
	struct point p;
	uint8_t bytes[32], other[32];

	make_base();
	memcpy(v->public, public, ED25519_PUBLIC);
	memcpy(bytes, public, 32);
	bytes[31] ^= 0x80;
	if (!decode(&p, bytes))
		return false;
	make_table(v->multiples, ED25519_BLOCKS, p);
	/* small order: eight times it is the neutral point, the one of its order with x = 0 */
	field_multiply(&p.X, &v->multiples[0][8].part[0], &one);
	field_multiply(&p.Y, &v->multiples[0][8].part[1], &one);
	field_encode(bytes, &p.X);
	field_encode(other, &p.Y);
	return memcmp(bytes, other, 32) != 0;
}

/* [S]B - [k]A must be R. */
bool
ed25519_verify(const struct ed25519_verifier *v, const uint8_t signature[ED25519_SIGNATURE],
    const void *message, size_t n)
{
	static const uint8_t zero[SCALAR], unit[SCALAR] = { 1 };
	struct point p, q;
	struct ed25519_ready other;
	uint8_t k[SCALAR], head[64];

	scalar_multiply_add(k, signature + 32, 32, unit, zero);
	if (memcmp(k, signature + 32, 32) != 0)
		return false;
	memcpy(head, signature, 32);
	memcpy(head + 32, v->public, 32);
	hash(k, head, sizeof head, message, n);
	multiply(&p, base, BASE_BLOCKS, signature + 32);
	multiply(&q, (struct ed25519_ready (*)[16])v->multiples, ED25519_BLOCKS, k);
	make_ready(&other, &q);
	add(&p, &other);
	encode(head, &p);
	return memcmp(head, signature, 32) == 0;
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
	return memcmp(signature, known, sizeof known) == 0 && ed25519_verifier_init(&v, s.public) &&
	    ed25519_verify(&v, known, "r", 1) && !ed25519_verify(&v, known, "s", 1);
}

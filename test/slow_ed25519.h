/* Ed25519 written down once more from RFC 8032 5.1, with nothing copied from the first time: numbers
 * of eight words, always below their modulus; points in projective coordinates; bit by bit. For the
 * tests of ed25519.c and the fuzzer's second opinion. It verifies as ed25519.h says. */
#ifndef SLOW_ED25519_H
#define SLOW_ED25519_H

#include "sha512.h"

#include <stdlib.h>
#include <string.h>

struct slow_number {
	uint32_t w[8];          /* the lowest first */
};

struct slow_point {
	struct slow_number x, y, z;     /* x/z and y/z */
};

static const struct slow_number slow_p = { { 0xffffffed, 0xffffffff, 0xffffffff, 0xffffffff,
    0xffffffff, 0xffffffff, 0xffffffff, 0x7fffffff } };
static const struct slow_number slow_l = { { 0x5cf5d3ed, 0x5812631a, 0xa2f79cd6, 0x14def9de, 0, 0,
    0, 0x10000000 } };

static inline struct slow_number
slow_small(uint32_t v)
{
	return (struct slow_number){ { v } };
}

static inline int
slow_compare(struct slow_number a, struct slow_number b)
{
	for (int i = 7; i >= 0; i--)
		if (a.w[i] != b.w[i])
			return a.w[i] < b.w[i] ? -1 : 1;
	return 0;
}

/* a - b, and whether it is below zero. */
static inline bool
slow_minus(struct slow_number *r, struct slow_number a, struct slow_number b)
{
	uint64_t borrow = 0;

	for (int i = 0; i < 8; i++) {
		uint64_t difference = (uint64_t)a.w[i] - b.w[i] - borrow;

		r->w[i] = (uint32_t)difference;
		borrow = difference >> 63;
	}
	return borrow != 0;
}

/* n words modulo m, which is below 2^255, a bit at a time. */
static inline struct slow_number
slow_modulo(const uint32_t *words, int n, struct slow_number m)
{
	struct slow_number r = { { 0 } };

	for (int bit = 32 * n - 1; bit >= 0; bit--) {
		uint32_t carry = words[bit / 32] >> bit % 32 & 1;

		for (int i = 0; i < 8; i++) {
			uint32_t top = r.w[i] >> 31;

			r.w[i] = r.w[i] << 1 | carry;
			carry = top;
		}
		if (slow_compare(r, m) >= 0)
			slow_minus(&r, r, m);
	}
	return r;
}

static inline struct slow_number
slow_sub(struct slow_number a, struct slow_number b, struct slow_number m)
{
	struct slow_number r, none = { { 0 } };

	if (slow_minus(&r, a, b)) {             /* a + (m - b) */
		slow_minus(&none, b, a);
		slow_minus(&r, m, none);
	}
	return r;
}

static inline struct slow_number
slow_add(struct slow_number a, struct slow_number b, struct slow_number m)
{
	return slow_sub(a, slow_sub(slow_small(0), b, m), m);
}

static inline void
slow_product(uint32_t r[16], struct slow_number a, struct slow_number b)
{
	memset(r, 0, 16 * sizeof *r);
	for (int i = 0; i < 8; i++) {
		uint64_t carry = 0;

		for (int j = 0; j < 8; j++, carry >>= 32) {
			carry += r[i + j] + (uint64_t)a.w[i] * b.w[j];
			r[i + j] = (uint32_t)carry;
		}
		r[i + 8] = (uint32_t)carry;
	}
}

static inline struct slow_number
slow_mul_l(struct slow_number a, struct slow_number b)
{
	uint32_t words[16];

	slow_product(words, a, b);
	return slow_modulo(words, 16, slow_l);
}

/* Modulo p: 2^256 is 38. */
static inline struct slow_number
slow_mul(struct slow_number a, struct slow_number b)
{
	uint32_t words[16];
	struct slow_number r;

	slow_product(words, a, b);
	for (int pass = 0; pass < 3; pass++) {          /* above 2^256: below 2^256, 2^6, 1 */
		uint64_t carry = 0;

		for (int i = 0; i < 8; i++, carry >>= 32) {
			carry += words[i] + 38 * (uint64_t)words[i + 8];
			words[i] = (uint32_t)carry;
		}
		memset(words + 8, 0, 8 * sizeof *words);
		words[8] = (uint32_t)carry;
	}
	memcpy(r.w, words, sizeof r.w);
	while (slow_compare(r, slow_p) >= 0)
		slow_minus(&r, r, slow_p);
	return r;
}

static inline struct slow_number
slow_power(struct slow_number a, struct slow_number exponent)
{
	struct slow_number r = slow_small(1);

	for (int bit = 255; bit >= 0; bit--) {
		r = slow_mul(r, r);
		if ((exponent.w[bit / 32] >> bit % 32 & 1) != 0)
			r = slow_mul(r, a);
	}
	return r;
}

static inline struct slow_number
slow_inverse(struct slow_number a)
{
	struct slow_number exponent;

	slow_minus(&exponent, slow_p, slow_small(2));
	return slow_power(a, exponent);
}

static inline struct slow_number
slow_load(const uint8_t bytes[32])
{
	struct slow_number r;

	for (int i = 0; i < 8; i++)
		r.w[i] = (uint32_t)bytes[4 * i + 3] << 24 | (uint32_t)bytes[4 * i + 2] << 16 |
		    (uint32_t)bytes[4 * i + 1] << 8 | bytes[4 * i];
	return r;
}

static inline void
slow_store(uint8_t bytes[32], struct slow_number a)
{
	for (int i = 0; i < 32; i++)
		bytes[i] = (uint8_t)(a.w[i / 4] >> 8 * (i % 4));
}

/* d = -121665/121666 */
static inline struct slow_number
slow_d(void)
{
	static struct slow_number d;

	if (d.w[0] == 0)
		d = slow_mul(slow_sub(slow_small(0), slow_small(121665), slow_p),
		    slow_inverse(slow_small(121666)));
	return d;
}

/* x3 = (x1 y2 + x2 y1)/(1 + d x1 x2 y1 y2), y3 = (y1 y2 + x1 x2)/(1 - d x1 x2 y1 y2) */
static inline struct slow_point
slow_point_add(struct slow_point a, struct slow_point b)
{
	struct slow_number z = slow_mul(a.z, b.z), x1x2 = slow_mul(a.x, b.x),
	    y1y2 = slow_mul(a.y, b.y), z2 = slow_mul(z, z),
	    e = slow_mul(slow_d(), slow_mul(x1x2, y1y2)),
	    plus = slow_add(z2, e, slow_p), minus = slow_sub(z2, e, slow_p);
	struct slow_point r;

	r.x = slow_add(slow_mul(a.x, b.y), slow_mul(b.x, a.y), slow_p);
	r.x = slow_mul(slow_mul(r.x, z), minus);
	r.y = slow_mul(slow_mul(slow_add(y1y2, x1x2, slow_p), z), plus);
	r.z = slow_mul(plus, minus);
	return r;
}

static inline struct slow_point
slow_neutral(void)
{
	return (struct slow_point){ slow_small(0), slow_small(1), slow_small(1) };
}

static inline struct slow_point
slow_times(struct slow_point p, struct slow_number scalar)
{
	struct slow_point r = slow_neutral();
	int bit = 255;

	while (bit >= 0 && (scalar.w[bit / 32] >> bit % 32 & 1) == 0)
		bit--;
	for (; bit >= 0; bit--) {
		r = slow_point_add(r, r);
		if ((scalar.w[bit / 32] >> bit % 32 & 1) != 0)
			r = slow_point_add(r, p);
	}
	return r;
}

/* 5.1.2 */
static inline void
slow_encode(uint8_t bytes[32], struct slow_point p)
{
	struct slow_number inverse = slow_inverse(p.z);

	slow_store(bytes, slow_mul(p.y, inverse));
	bytes[31] |= (uint8_t)((slow_mul(p.x, inverse).w[0] & 1) << 7);
}

/* 5.1.3, step by step. */
static inline bool
slow_decode(struct slow_point *p, const uint8_t bytes[32])
{
	uint32_t sign = bytes[31] >> 7;
	struct slow_number u, v, exponent = slow_small(2), x;

	p->y = slow_load(bytes);
	p->y.w[7] &= 0x7fffffff;
	if (slow_compare(p->y, slow_p) >= 0)
		return false;
	u = slow_mul(p->y, p->y);
	v = slow_add(slow_mul(slow_d(), u), slow_small(1), slow_p);
	u = slow_sub(u, slow_small(1), slow_p);
	/* (u/v)^((p + 3)/8): the exponent is 2^252 - 2 */
	slow_minus(&exponent, (struct slow_number){ { [7] = 1U << 28 } }, exponent);
	x = slow_power(slow_mul(u, slow_inverse(v)), exponent);
	if (slow_compare(slow_mul(v, slow_mul(x, x)), u) != 0) {
		/* times 2^((p - 1)/4): the exponent is 2^253 - 5 */
		slow_minus(&exponent, (struct slow_number){ { [7] = 1U << 29 } }, slow_small(5));
		x = slow_mul(x, slow_power(slow_small(2), exponent));
	}
	if (slow_compare(slow_mul(v, slow_mul(x, x)), u) != 0)
		return false;
	if (slow_compare(x, slow_small(0)) == 0 && sign == 1)
		return false;
	p->x = (x.w[0] & 1) == sign ? x : slow_sub(slow_small(0), x, slow_p);
	p->z = slow_small(1);
	return true;
}

/* Of y = 4/5, and an even x. */
static inline struct slow_point
slow_base(void)
{
	static struct slow_point base;
	uint8_t bytes[32];

	if (base.z.w[0] == 0) {
		slow_store(bytes, slow_mul(slow_small(4), slow_inverse(slow_small(5))));
		slow_decode(&base, bytes);
	}
	return base;
}

static inline bool
slow_is_small(struct slow_point p)
{
	p = slow_times(p, slow_small(8));
	return slow_compare(p.x, slow_small(0)) == 0 && slow_compare(p.y, p.z) == 0;
}

/* SHA-512 of three parts, modulo L. */
static inline struct slow_number
slow_hash(const uint8_t *a, size_t a_n, const uint8_t *b, size_t b_n, const void *c, size_t c_n)
{
	uint8_t *all = malloc(a_n + b_n + c_n + 1), digest[64];
	uint32_t words[16];
	struct slow_number low, high;

	if (all == NULL)
		abort();
	memcpy(all, a, a_n);
	if (b_n > 0)
		memcpy(all + a_n, b, b_n);
	if (c_n > 0)
		memcpy(all + a_n + b_n, c, c_n);
	sha512(digest, all, a_n + b_n + c_n);
	free(all);
	low = slow_load(digest);
	high = slow_load(digest + 32);
	memcpy(words, low.w, sizeof low.w);
	memcpy(words + 8, high.w, sizeof high.w);
	return slow_modulo(words, 16, slow_l);
}

/* 5.1.5: the scalar s. */
static inline struct slow_number
slow_scalar(uint8_t digest[64], const uint8_t seed[32])
{
	sha512(digest, seed, 32);
	digest[0] &= 0xf8;
	digest[31] = (digest[31] & 0x7f) | 0x40;
	return slow_modulo(slow_load(digest).w, 8, slow_l);
}

/* 5.1.6 */
static inline void
slow_sign(uint8_t signature[64], const uint8_t seed[32], const void *message, size_t n)
{
	uint8_t digest[64], public[32];
	struct slow_number s = slow_scalar(digest, seed), r, k;

	slow_encode(public, slow_times(slow_base(), s));
	r = slow_hash(digest + 32, 32, NULL, 0, message, n);
	slow_encode(signature, slow_times(slow_base(), r));
	k = slow_hash(signature, 32, public, 32, message, n);
	slow_store(signature + 32, slow_add(r, slow_mul_l(k, s), slow_l));
}

/* 5.1.7 without the cofactor, and no key of small order. */
static inline bool
slow_verify(const uint8_t public[32], const uint8_t signature[64], const void *message, size_t n)
{
	struct slow_point a, r;
	struct slow_number s = slow_load(signature + 32), k;
	uint8_t left[32], right[32];

	if (!slow_decode(&a, public) || slow_is_small(a) || !slow_decode(&r, signature) ||
	    slow_compare(s, slow_l) >= 0)
		return false;
	k = slow_hash(signature, 32, public, 32, message, n);
	slow_encode(left, slow_times(slow_base(), s));
	slow_encode(right, slow_point_add(r, slow_times(a, k)));
	return memcmp(left, right, 32) == 0;
}

#endif

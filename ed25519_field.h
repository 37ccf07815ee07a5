/* Numbers modulo p = 2^255 - 19, in which the coordinates of Ed25519 are (RFC 8032 5.1), in five
 * limbs of 51 bits, the lowest first. For ed25519.c alone.
 *
 * Nothing here branches or looks up by a value. A number is tight if each limb is below 2^51 +
 * 2^13: what field_multiply(), field_power() and field_decode() make is. */
#ifndef ED25519_FIELD_H
#define ED25519_FIELD_H

#include <stdint.h>

struct field_element {
	uint64_t limb[5];
};

/* Of two tight ones: a sum, a difference. Their limbs are below 2^53. */
void field_add(struct field_element *, const struct field_element *, const struct field_element *);
void field_subtract(struct field_element *, const struct field_element *,
    const struct field_element *);

/* A product, of limbs below 2^54; it may be in the place of either. */
void field_multiply(struct field_element *, const struct field_element *,
    const struct field_element *);

/* x^(2^(250 + n) - 2^n + low), of a tight x: so many bits 1, then the n of `low`. Not in place. */
void field_power(struct field_element *, const struct field_element *x, int n, unsigned low);

/* Thirty-two bytes, the lowest first, without their highest bit; also those that stand for p and
 * more. */
void field_decode(struct field_element *, const uint8_t bytes[32]);

/* The one encoding of a tight number: of its least remainder. */
void field_encode(uint8_t bytes[32], const struct field_element *);

#endif

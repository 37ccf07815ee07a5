/* Numbers modulo p = 2^255 - 19, in which the coordinates of Ed25519 are (RFC 8032 5.1), in five
 * limbs of 51 bits, the lowest first. For ed25519.c alone. Nothing here branches or looks up by a
 * number. */
#ifndef ED25519_FIELD_H
#define ED25519_FIELD_H

#include <stdbool.h>
#include <stdint.h>

struct field_element {
	uint64_t limb[5];
};

/* Formulas are data: as calls they would be ten times as large. A step puts what it makes of the
 * elements a and b, of sixteen, into r. A formula ends with a 0.
 *
 * A number is tight if each limb is below 2^51 + 2^13. What is multiplied or squared may have limbs
 * below 2^54; everything else takes tight ones. All make tight ones but sums and differences, whose
 * limbs are below 2^53. */
enum { FIELD_MULTIPLY = 1, FIELD_SQUARE, FIELD_ADD, FIELD_SUBTRACT, FIELD_REDUCE };
#define FIELD_STEP(operation, r, a, b) ((operation) << 12 | (r) << 8 | (a) << 4 | (b))
#define MULTIPLY(r, a, b) FIELD_STEP(FIELD_MULTIPLY, r, a, b)
#define SQUARE(r, a, n) FIELD_STEP(FIELD_SQUARE, r, a, n)       /* 2^n times: a^(2^(2^n)) */
#define ADD(r, a, b) FIELD_STEP(FIELD_ADD, r, a, b)
#define SUBTRACT(r, a, b) FIELD_STEP(FIELD_SUBTRACT, r, a, b)
#define REDUCE(r, a) FIELD_STEP(FIELD_REDUCE, r, a, 0)  /* to the least remainder, not in place */

enum { FIELD_ELEMENTS = 16 };
void field_run(struct field_element e[FIELD_ELEMENTS], const uint16_t *steps);

/* Whether two least remainders are the same. */
bool field_equal(const struct field_element *, const struct field_element *);

/* Thirty-two bytes, the lowest first, without their highest bit: limbs below 2^51, also of those
 * that stand for p and more. And back, of a least remainder. */
void field_decode(struct field_element *, const uint8_t bytes[32]);
void field_encode(uint8_t bytes[32], const struct field_element *);

#endif

/* ed25519_field.c without integers of 128 bits, whose place its own take: every operation, for all
 * limbs that its header allows. No sum wraps but where it is meant to, below, and each result is as
 * tight as it says. Eva knows no 128 bits: with them, multiply() is the same but for the additions.
 *
 * explained: return (wide){ a.low + b.low, a.high + b.high + (a.low + b.low < b.low) };
 * explained: return (wide){ middle << 32 | (uint32_t)lowest, a1 * b1 + (middle >> 32) };
 */
#include "prove/any.h"

#include "ed25519_field.h"

enum { R, ONE, OTHER };

#define LIMB (1UL << 51)
#define TIGHT (LIMB + (1UL << 13))

static struct field_element e[FIELD_ELEMENTS];

static void
any_element(struct field_element *x, uint64_t below)
{
	for (int i = 0; i < 5; i++)
		x->limb[i] = any(0, below - 1);
}

static void
run(uint16_t step, uint64_t below, uint64_t result_below)
{
	uint16_t steps[2] = { step, 0 };
	uint64_t limb;

	any_element(e + ONE, below);
	any_element(e + OTHER, below);
	field_run(e, steps);
	for (int i = 0; i < 5; i++) {
		limb = e[step >> 8 & 15].limb[i];
		/*@ assert limb < result_below; */
	}
}

int
main(void)
{
	uint8_t bytes[32];
	bool is;

	run(MULTIPLY(R, ONE, OTHER), 1UL << 54, TIGHT);
	run(MULTIPLY(ONE, ONE, OTHER), 1UL << 54, TIGHT);
	run(MULTIPLY(OTHER, ONE, OTHER), 1UL << 54, TIGHT);
	run(MULTIPLY(ONE, ONE, ONE), 1UL << 54, TIGHT);
	run(SQUARE(R, ONE, 0), 1UL << 54, TIGHT);
	run(SQUARE(ONE, ONE, 3), 1UL << 54, TIGHT);
	run(ADD(R, ONE, OTHER), TIGHT, 1UL << 53);
	run(ADD(ONE, ONE, ONE), TIGHT, 1UL << 53);
	run(SUBTRACT(R, ONE, OTHER), TIGHT, 1UL << 53);
	run(SUBTRACT(OTHER, ONE, OTHER), TIGHT, 1UL << 53);
	run(REDUCE(R, ONE), TIGHT, LIMB);

	ANY_BYTES(bytes);
	field_decode(e + R, bytes);
	for (int i = 0; i < 5; i++) {
		uint64_t limb = e[R].limb[i];
		/*@ assert limb < LIMB; */
	}
	any_element(e + R, LIMB);
	any_element(e + ONE, LIMB);
	is = field_equal(e + R, e + ONE);
	/*@ assert is == 0 || is == 1; */
	field_encode(bytes, e + R);
	return 0;
}

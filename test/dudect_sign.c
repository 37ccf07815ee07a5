/* Whether the time of ed25519_sign() tells anything of the key.
 *
 *     dudect_sign [SECONDS]
 *
 * One key, twice; then any of many; then one whose scalar has a single bit, which no seed gives. */
#include "ed25519.h"
#include "sha512.h"
#include "test/dudect.h"

#include <string.h>

enum { MANY = 256 };

static struct ed25519_signer one, many[MANY], sparse, now;
static uint8_t signature[ED25519_SIGNATURE];
static const char message[] = "what is signed, as long as a short token is";

static void
prepare(uint32_t kind)
{
	uint32_t which = any_number() % MANY;

	now = kind == 0 ? one : kind == 1 ? many[which] : sparse;
}

static void
call(void)
{
	ed25519_sign(signature, &now, message, sizeof message);
}

/* Takes longer where more bits of the scalar are set: less for each than an addition of points, which
 * a plain double-and-add would leave out. */
static void
call_planted(void)
{
	call();
	for (unsigned bit = 0; bit < 256; bit++)
		if ((now.scalar[bit / 8] >> bit % 8 & 1) != 0)
			for (volatile unsigned steps = 0; steps < 20; steps++)
				;
}

int
main(int argc, char **argv)
{
	static const struct dudect sign = { "ed25519_sign",
	    { "a key", "another key", "a key of one bit" }, prepare, call };
	double seconds = argc > 1 ? strtod(argv[1], NULL) : 12;
	struct dudect planted = sign;
	struct dudect_result result = { 0 };
	uint8_t seed[ED25519_SEED];

	if (!sha512_self_test() || !ed25519_self_test())
		return 2;
	for (unsigned i = 0; i <= MANY; i++) {
		for (unsigned at = 0; at < sizeof seed; at++)
			seed[at] = (uint8_t)any_number();
		ed25519_signer_init(i < MANY ? &many[i] : &one, seed);
	}
	sparse = one;
	memset(sparse.scalar, 0, sizeof sparse.scalar);
	sparse.scalar[31] = 0x40;
	dudect(&result, &sign, seconds / 2, 0, false);
	planted.name = "planted branch";
	planted.call = call_planted;
	dudect(&result, &planted, seconds / 2, 1, true);
	return dudect_end(&result);
}

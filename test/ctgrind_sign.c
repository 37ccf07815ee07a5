/* Constant time, as test/ctgrind.c has it, of what signs with Ed25519 and with HMAC-SHA-256: seeds, keys
 * and all that is made of them are hidden, and so is each signature until it is compared. Verifying
 * with Ed25519 knows no secret. */
#include "ed25519.h"
#include "sha256.h"
#include "sha512.h"
#include "test/hidden.h"

static uint8_t key[384];        /* main() fills it. Hidden in copies only */

static bool
key_init(size_t n)
{
	struct hmac256_key open, k;
	uint8_t copy[sizeof key];

	memcpy(copy, key, n);
	hide(copy, n);
	hmac256_key_init(&k, copy, n);
	if (!hidden(&k, sizeof k))
		return false;
	reveal(&k, sizeof k);
	hmac256_key_init(&open, key, n);
	return memcmp(&k, &open, sizeof k) == 0;
}

static bool
mac(size_t n)
{
	uint8_t open[SHA256_DIGEST], m[SHA256_DIGEST], message[sizeof key];
	struct hmac256_key k;

	hmac256_key_init(&k, key, 64);
	hmac256(open, &k, key, n);
	memcpy(message, key, n);
	hide(message, n);
	hide(&k, sizeof k);
	hmac256(m, &k, message, n);
	if (!hidden(m, sizeof m))
		return false;
	reveal(m, sizeof m);
	return memcmp(m, open, sizeof m) == 0;
}

static bool
signer_init(size_t at)
{
	struct ed25519_signer open, s;
	uint8_t seed[ED25519_SEED];

	memcpy(seed, key + at, sizeof seed);
	hide(seed, sizeof seed);
	ed25519_signer_init(&s, seed);
	if (!hidden(&s, sizeof s))
		return false;
	reveal(&s, sizeof s);
	ed25519_signer_init(&open, key + at);
	return memcmp(&s, &open, sizeof s) == 0;
}

static bool
sign(size_t n)
{
	uint8_t open[ED25519_SIGNATURE], made[ED25519_SIGNATURE], message[sizeof key];
	struct ed25519_signer s;

	ed25519_signer_init(&s, key);
	ed25519_sign(open, &s, key, n);
	memcpy(message, key, n);
	hide(message, n);
	hide(&s, sizeof s);
	ed25519_sign(made, &s, message, n);
	if (!hidden(made, 32) || !hidden(made + 32, 32))
		return false;
	reveal(made, sizeof made);
	return memcmp(made, open, sizeof made) == 0;
}

/* The one of 16 multiples that a digit of the scalar names, without reading the others. */
static bool
one_multiple(size_t digit)
{
	static struct ed25519_verifier v;
	struct ed25519_signer s;
	volatile uint64_t sink;

	ed25519_signer_init(&s, key);
	ed25519_verifier_init(&v, s.public);
	hide(&s, sizeof s);
	sink = v.multiple[0][s.scalar[digit] & 15].part[0].limb[0];
	(void)sink;
	return true;
}

/* A step that only some bits of the scalar take. */
static bool
some_steps(size_t digit)
{
	struct ed25519_signer s;
	volatile unsigned steps = 0;

	ed25519_signer_init(&s, key);
	hide(&s, sizeof s);
	for (unsigned bit = 0; bit < 8; bit++)
		if ((s.scalar[digit] >> bit & 1) != 0)
			steps = steps + 1;
	return true;
}

static const struct hidden_case cases[] = {
	{ "hmac256_key_init, 32 bytes", key_init, 32, false },
	{ "hmac256_key_init, 64 bytes", key_init, 64, false },
	{ "hmac256_key_init, 65 bytes", key_init, 65, false },
	{ "hmac256_key_init, 300 bytes", key_init, 300, false },
	{ "hmac256, 1 byte", mac, 1, false },
	{ "hmac256, 55 bytes", mac, 55, false },
	{ "hmac256, 56 bytes", mac, 56, false },
	{ "hmac256, 300 bytes", mac, 300, false },
	{ "ed25519_signer_init", signer_init, 0, false },
	{ "ed25519_signer_init, another seed", signer_init, 32, false },
	{ "ed25519_sign, no byte", sign, 0, false },
	{ "ed25519_sign, 64 bytes", sign, 64, false },
	{ "ed25519_sign, 300 bytes", sign, 300, false },
	{ "planted: one multiple read", one_multiple, 1, true },
	{ "planted: a step for some bits", some_steps, 1, true },
};

int
main(void)
{
	if (!sha512_self_test() || !sha256_self_test() || !ed25519_self_test())
		return 2;
	for (size_t i = 0; i < sizeof key; i++)
		key[i] = (uint8_t)(i * i * 31 + i * 7 + i / 256 * 13 + 0x61);
	return hidden_run(cases, sizeof cases / sizeof cases[0]);
}

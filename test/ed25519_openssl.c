/* Ed25519 against OpenSSL's: random seeds and messages. Both make the same key and the same signature,
 * each verifies the other's, and both refuse it with any bit changed. Its arguments: how many, and a
 * seed; a line for what differs, and how many passed and failed. */
#include "ed25519.h"
#include "sha512.h"

#include <openssl/evp.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST = 600, SHOWN = 10 };

static unsigned long passed, failed;
static uint64_t state;

/* Vigna's splitmix64 */
static uint64_t
any_number(void)
{
	uint64_t z = state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static void
fill(uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		p[i] = (uint8_t)any_number();
}

static void
check(bool ok, const char *what, const uint8_t seed[ED25519_SEED], size_t n)
{
	if (ok) {
		passed++;
		return;
	}
	if (failed++ >= SHOWN)
		return;
	printf("FAILED %s: a message of %zu bytes, seed ", what, n);
	for (int i = 0; i < ED25519_SEED; i++)
		printf("%02x", seed[i]);
	putchar('\n');
}

static bool
their_verdict(EVP_PKEY *key, const uint8_t signature[ED25519_SIGNATURE], const uint8_t *p, size_t n)
{
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	bool good = c != NULL && EVP_DigestVerifyInit(c, NULL, NULL, NULL, key) == 1 &&
	    EVP_DigestVerify(c, signature, ED25519_SIGNATURE, p, n) == 1;

	EVP_MD_CTX_free(c);
	return good;
}

static bool
their_signature(uint8_t signature[ED25519_SIGNATURE], EVP_PKEY *key, const uint8_t *p, size_t n)
{
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	size_t length = ED25519_SIGNATURE;
	bool good = c != NULL && EVP_DigestSignInit(c, NULL, NULL, NULL, key) == 1 &&
	    EVP_DigestSign(c, signature, &length, p, n) == 1;

	EVP_MD_CTX_free(c);
	return good;
}

static void
compare(void)
{
	uint8_t seed[ED25519_SEED], public[ED25519_PUBLIC], message[LONGEST],
	    ours[ED25519_SIGNATURE], theirs[ED25519_SIGNATURE];
	size_t n = any_number() % (LONGEST + 1), length = sizeof public, bit;
	static struct ed25519_verifier v;
	struct ed25519_signer s;
	EVP_PKEY *key;

	fill(seed, sizeof seed);
	fill(message, n);
	key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, sizeof seed);
	if (key == NULL || EVP_PKEY_get_raw_public_key(key, public, &length) != 1 ||
	    !their_signature(theirs, key, message, n))
		exit(2);
	ed25519_signer_init(&s, seed);
	ed25519_sign(ours, &s, message, n);
	check(memcmp(s.public, public, sizeof public) == 0, "public key", seed, n);
	check(memcmp(ours, theirs, sizeof ours) == 0, "signature", seed, n);
	check(ed25519_verifier_init(&v, public) && ed25519_verify(&v, theirs, message, n),
	    "theirs verified by us", seed, n);
	check(their_verdict(key, ours, message, n), "ours verified by them", seed, n);
	bit = any_number() % (8 * (sizeof theirs + n));
	if (bit < 8 * sizeof theirs)
		theirs[bit / 8] ^= (uint8_t)(1 << bit % 8);
	else
		message[bit / 8 - sizeof theirs] ^= (uint8_t)(1 << bit % 8);
	check(!ed25519_verify(&v, theirs, message, n), "a bit changed, refused by us", seed, n);
	check(!their_verdict(key, theirs, message, n), "a bit changed, refused by them", seed, n);
	EVP_PKEY_free(key);
}

int
main(int argc, char **argv)
{
	unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000;

	state = argc > 2 ? strtoull(argv[2], NULL, 10) : 0;
	if (!sha512_self_test() || !ed25519_self_test())        /* the first one chooses the code */
		return 2;
	while (count-- > 0)
		compare();
	printf("%lu %lu\n", passed, failed);
	return failed > 0;
}

/* Ed25519: against published values, and what has to be refused. */
#include "ed25519.h"
#include "test/test.h"

enum { MESSAGE_MAX = 4096 };

static uint8_t message[MESSAGE_MAX];

static bool
verify(const uint8_t public[32], const uint8_t signature[64], const void *p, size_t n)
{
	struct ed25519_verifier v;

	return ed25519_verifier_init(&v, public) && ed25519_verify(&v, signature, p, n);
}

static void
check_vector(const char *name, const char *seed_hex, const char *public_hex,
    const char *message_hex, const char *signature_hex)
{
	uint8_t seed[32], public[32], want[64], got[64];
	size_t n = test_unhex(message, message_hex);
	struct ed25519_signer s;

	test_unhex(seed, seed_hex);
	test_unhex(public, public_hex);
	test_unhex(want, signature_hex);
	ed25519_signer_init(&s, seed);
	CHECK_BYTES(test_slice(s.public, 32), test_slice(public, 32), "%s: public key", name);
	ed25519_sign(got, &s, test_flush(0, message, n), n);
	CHECK_BYTES(test_slice(got, 64), test_slice(want, 64), "%s: signature", name);
	CHECK(verify(public, want, test_flush(0, message, n), n), "%s", name);
	want[0] ^= 1;
	CHECK(!verify(public, want, message, n), "%s, changed", name);
}

/* RFC 8032 7.1 */
static void
test_rfc8032(void)
{
	static const struct {
		const char *name, *seed, *public, *message, *signature;
	} rows[] = {
		{ "TEST 1", "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
		  "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "-",
		  "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
		  "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b" },
		{ "TEST 2", "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
		  "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
		  "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
		  "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00" },
		{ "TEST 3", "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
		  "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
		  "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
		  "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a" },
		{ "TEST SHA(abc)", "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
		  "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf", "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
		  "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
		  "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b589"
		  "09351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		check_vector(rows[i].name, rows[i].seed, rows[i].public, rows[i].message,
		    rows[i].signature);
}

/* One public key is misprinted there: that of rows[3] above, whose seed has the other one, as OpenSSL
 * says, too. */
static void
test_own_vectors(void)
{
	static const char misprint[] =
	    "ec172b93ad5e563f4932c70e1245034c35467ef2efd4d64ebf819683467e2bf2";
	static const char name[] = "crypto/rfc8032_ed25519.txt";
	char *column[TEST_COLUMNS];
	unsigned lines = 0;
	FILE *f = test_vectors(name);

	if (f == NULL) {
		test_skip(name);
		return;
	}
	for (; test_columns(f, column); lines++)
		if (strcmp(column[1], misprint) != 0)
			check_vector(name, column[0], column[1], column[2], column[3]);
	CHECK(lines == 64, "%s has %u lines", name, lines);
	fclose(f);
}

static void
test_wycheproof(void)
{
	static const char name[] = "crypto/wycheproof_ed25519.txt";
	char *column[TEST_COLUMNS];
	uint8_t public[32], signature[256];
	unsigned lines = 0;
	FILE *f = test_vectors(name);

	if (f == NULL) {
		test_skip(name);
		return;
	}
	for (; test_columns(f, column); lines++) {
		size_t n = test_unhex(message, column[2]);
		bool fits = test_unhex(signature, column[3]) == 64;

		test_unhex(public, column[1]);
		CHECK((fits && verify(public, signature, message, n)) ==
		    (strcmp(column[4], "valid") == 0), "%s: %s", name, column[0]);
	}
	CHECK(lines == 151, "%s has %u lines", name, lines);
	fclose(f);
}

void
test_ed25519(void)
{
	CHECK(ed25519_self_test(), "the self-test");
	test_rfc8032();
	test_own_vectors();
	test_wycheproof();
}

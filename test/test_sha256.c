/* SHA-256 and HMAC-SHA-256: against published values, and against FIPS 180-4 and RFC 2104 written
 * down once more. */
#include "sha256.h"
#include "test/test.h"

#include <stdlib.h>

enum { MESSAGE_MAX = 1 << 20 };

static uint8_t message[MESSAGE_MAX];

static void
hmac(uint8_t mac[32], const void *key, size_t key_n, const void *p, size_t n)
{
	struct hmac256_key k;

	hmac256_key_init(&k, key, key_n);
	hmac256(mac, &k, p, n);
}

static void
test_fips180(void)
{
	static const struct {
		const char *message, *digest;
	} rows[] = {
		{ "-", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
		{ "=abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
		{ "=abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
		{ "61*1000000", "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0" },
	};
	uint8_t got[32], want[32];

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		size_t n = test_spell(message, rows[i].message);

		test_unhex(want, rows[i].digest);
		sha256(got, test_flush(0, message, n), n);
		CHECK_BYTES(test_slice(got, 32), test_slice(want, 32), "SHA-256 of %s", rows[i].message);
	}
}

static void
test_rfc4231(void)
{
	static const struct {
		const char *key, *message, *mac;
	} rows[] = {
		{ "0b*20", "=Hi There",
		  "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7" },
		{ "=Jefe", "=what do ya want for nothing?",
		  "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
		{ "aa*20", "dd*50",
		  "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe" },
		{ "0102030405060708090a0b0c0d0e0f10111213141516171819", "cd*50",
		  "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b" },
		/* to 128 bits */
		{ "0c*20", "=Test With Truncation", "a3b6167473100ee06e0c796c2955552b" },
		{ "aa*131", "=Test Using Larger Than Block-Size Key - Hash Key First",
		  "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54" },
		{ "aa*131",
		    "=This is a test using a larger than block-size key and a larger than "
		    "block-size data."
		  " The key needs to be hashed before being used by the HMAC algorithm.",
		  "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2" },
	};
	uint8_t key[200], got[32], want[32];

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		size_t want_n = test_unhex(want, rows[i].mac);

		hmac(got, key, test_spell(key, rows[i].key), message,
		    test_spell(message, rows[i].message));
		CHECK_BYTES(test_slice(got, want_n), test_slice(want, want_n), "RFC 4231 4.%zu", i + 2);
	}
}

static void
test_hash_vectors(const char *name, unsigned count)
{
	char *column[TEST_COLUMNS];
	uint8_t got[32], want[32];
	unsigned lines = 0;
	FILE *f = test_vectors(name);

	if (f == NULL) {
		test_skip(name);
		return;
	}
	for (; test_columns(f, column); lines++) {
		size_t n = test_unhex(message, column[1]);

		sha256(got, message, n);
		CHECK(n == strtoul(column[0], NULL, 10), "%s: %zu bytes", name, n);
		CHECK_BYTES(test_slice(got, 32), test_slice(want, test_unhex(want, column[2])),
		    "%s: %zu bytes", name, n);
	}
	CHECK(lines == count, "%s has %u lines", name, lines);
	fclose(f);
}

/* Columns: name, key, message, ..., the tag in column `tag`, perhaps cut. It agrees with the MAC on
 * the lines that have "valid" in the column behind it, or, where there is `valid` no such column, on
 * all. */
static void
test_hmac_vectors(const char *name, unsigned count, unsigned tag, bool all)
{
	char *column[TEST_COLUMNS];
	uint8_t key[300], got[32], want[32];
	unsigned lines = 0;
	FILE *f = test_vectors(name);

	if (f == NULL) {
		test_skip(name);
		return;
	}
	for (; test_columns(f, column); lines++) {
		size_t n = test_unhex(want, column[tag]);

		hmac(got, key, test_unhex(key, column[1]), message, test_unhex(message, column[2]));
		CHECK((memcmp(got, want, n) == 0) == (all || strcmp(column[tag + 1], "valid") == 0),
		    "%s: %s", name, column[0]);
	}
	CHECK(lines == count, "%s has %u lines", name, lines);
	fclose(f);
}

void
test_sha256(void)
{
	CHECK(sha256_self_test(), "the self-test that runs at every start");
	test_fips180();
	test_rfc4231();
	test_hash_vectors("crypto/cavp_sha256_short.txt", 65);
	test_hash_vectors("crypto/cavp_sha256_long.txt", 64);
	test_hmac_vectors("crypto/cavp_hmac_sha256.txt", 225, 4, true);
	test_hmac_vectors("crypto/wycheproof_hmac_sha256_full.txt", 87, 3, false);
}

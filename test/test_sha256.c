/* SHA-256 and HMAC-SHA-256: against published values, and against FIPS 180-4 and RFC 2104 written
 * down once more. */
#include "sha256.h"
#include "test/hashes.h"
#include "test/slow_sha256.h"

#include <stdlib.h>

enum {
	LONGEST = 300,                  /* every length up to here: four blocks and more */
	MESSAGE_MAX = 1 << 20
};

static uint8_t message[MESSAGE_MAX], noise[LONGEST];

/* ---- The second implementation ---- */

/* 5.1.1. */
static void
slow_sha256(uint8_t digest[32], const uint8_t *p, size_t n)
{
	uint8_t padded[64 + LONGEST + 72] = { 0 };
	size_t total = (n + 1 + 8 + 63) / 64 * 64;
	uint32_t h[8];

	memcpy(padded, p, n);
	padded[n] = 0x80;
	padded[total - 2] = (uint8_t)(n >> 5);
	padded[total - 1] = (uint8_t)(n << 3);
	slow_begin256(h);
	for (size_t at = 0; at < total; at += 64)
		slow_block256(h, padded + at);
	for (unsigned i = 0; i < 32; i++)
		digest[i] = (uint8_t)(h[i / 4] >> (24 - i % 4 * 8));
}

/* ---- Published values ---- */

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

/* ---- Files of vectors ---- */

static void
check_hash(const char *name, char *column[], const void *none)
{
	uint8_t got[32], want[32];
	size_t n = test_unhex(message, column[1]);

	(void)none;
	sha256(got, message, n);
	CHECK(n == strtoul(column[0], NULL, 10), "%s: %zu bytes", name, n);
	CHECK_BYTES(test_slice(got, 32), test_slice(want, test_unhex(want, column[2])),
	    "%s: %zu bytes", name, n);
}

/* Columns: name, key, message, ..., the tag in column `tag`, perhaps cut. It agrees with the MAC on
 * all lines, or on those that have "valid" in the column behind it. */
struct hmac_file {
	unsigned tag;
	bool all;
};

static void
check_hmac(const char *name, char *column[], const void *with)
{
	const struct hmac_file *file = with;
	uint8_t key[300], got[32], want[32];
	size_t n = test_unhex(want, column[file->tag]);

	hmac(got, key, test_unhex(key, column[1]), message, test_unhex(message, column[2]));
	CHECK((memcmp(got, want, n) == 0) ==
	    (file->all || strcmp(column[file->tag + 1], "valid") == 0), "%s: %s", name, column[0]);
}

/* ---- What is left in memory ---- */

static struct {
	uint8_t secret[160], out[32];
	struct hmac256_key key;
	void (*run)(void);
} lab;

static void leave_a_copy(void) { test_leave(lab.secret, sizeof lab.secret); }
static void hash_secret(void) { sha256(lab.out, lab.secret, 40); }
static void take_short_key(void) { hmac256_key_init(&lab.key, lab.secret, 64); }
static void take_long_key(void) { hmac256_key_init(&lab.key, lab.secret, 160); }
static void sign(void) { hmac256(lab.out, &lab.key, lab.secret, 100); }

static void
in_the_lab(void)
{
	/* drawn here: no saved register can hold a piece of it */
	for (size_t i = 0; i < sizeof lab.secret; i++)
		lab.secret[i] = (uint8_t)test_random();
	if (lab.run != sign)
		for (size_t i = 0; i < sizeof lab.key; i++)
			((uint8_t *)&lab.key)[i] = (uint8_t)test_random();
	lab.run();
}

/* How many pieces of eight bytes are left: of the first block as it is and as HMAC pads it, of its
 * message schedule, and of the key made ready. */
static unsigned
pieces_left(void)
{
	static const uint8_t masks[] = { 0, 0x36, 0x5c };
	uint8_t block[64];
	uint32_t w[64];
	unsigned left = 0;

	for (size_t m = 0; m < sizeof masks; m++) {
		for (size_t i = 0; i < sizeof block; i++)
			block[i] = lab.secret[i] ^ masks[m];
		slow_words256(w, block);
		for (size_t i = 0; i < sizeof block; i += 8)
			left += test_is_left(block + i, 8);
		for (size_t t = 0; t < 64; t += 2)
			left += test_is_left(w + t, 8);
	}
	for (size_t i = 0; i < 8; i += 2)
		left += test_is_left(lab.key.inner + i, 8) + test_is_left(lab.key.outer + i, 8);
	return left;
}

static void
test_stack(void)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} rows[] = {
		{ "SHA-256", hash_secret }, { "HMAC, short key", take_short_key },
		{ "HMAC, long key", take_long_key }, { "HMAC, message", sign },
	};

#ifndef __OPTIMIZE__
	test_skip("what stays on the stack: all does, unless the compiler optimizes");
	return;
#endif
	lab.run = leave_a_copy;
	test_on_own_stack(in_the_lab);
	if (pieces_left() == 0) {
		test_skip("what stays on the stack: this build keeps its locals elsewhere");
		return;
	}
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		lab.run = rows[i].run;
		test_on_own_stack(in_the_lab);
		CHECK(pieces_left() == 0, "%s: %u pieces", rows[i].name, pieces_left());
	}
}

void
test_sha256(void)
{
	for (size_t i = 0; i < sizeof noise; i++)
		noise[i] = (uint8_t)test_random();
	slow_init();
	CHECK(sha256_self_test(), "the self-test that runs at every start");
	test_fips180();
	test_rfc4231();
	test_each_row("crypto/cavp_sha256_short.txt", 65, check_hash, NULL);
	test_each_row("crypto/cavp_sha256_long.txt", 64, check_hash, NULL);
	test_each_row("crypto/cavp_hmac_sha256.txt", 225, check_hmac, &(struct hmac_file){ 4, true });
	test_each_row("crypto/wycheproof_hmac_sha256_full.txt", 87, check_hmac,
	    &(struct hmac_file){ 3, false });
	hash_lengths(&(struct tested_hash){ 32, 64, sha256, hmac, slow_sha256 }, noise, LONGEST);
	test_stack();
}

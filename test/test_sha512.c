/* SHA-512 and HMAC-SHA-512: against published values, and against FIPS 180-4 and RFC 2104 written
 * down once more, a byte at a time and with nothing copied from the first time. */
#include "sha512.h"
#include "test/hashes.h"
#include "test/slow_sha512.h"

#include <inttypes.h>
#include <stdlib.h>

enum {
	LONGEST = HASH_LONGEST,         /* every length up to here: two pairs of blocks, and a half */
	MESSAGE_MAX = 1 << 20
};

static uint8_t message[MESSAGE_MAX], noise[LONGEST];

/* ---- The second implementation ---- */

/* 5.1.2 and 6.4. */
static void
slow_sha512(uint8_t digest[64], const uint8_t *p, size_t n)
{
	uint8_t padded[128 + LONGEST + 144] = { 0 };
	size_t total = (n + 1 + 16 + 127) / 128 * 128;
	uint64_t h[8], length = n;

	memcpy(padded, p, n);
	padded[n] = 0x80;
	padded[total - 1] = (uint8_t)(length << 3);
	for (unsigned i = 1; i < 9; i++)
		padded[total - 1 - i] = (uint8_t)(length >> (8 * i - 3));
	memcpy(h, slow_h, sizeof h);
	for (size_t at = 0; at < total; at += 128)
		slow_block(h, padded + at);
	for (unsigned i = 0; i < 64; i++)
		digest[i] = (uint8_t)(h[i / 8] >> (56 - i % 8 * 8));
}

/* ---- Published values ---- */

static void
hmac(uint8_t mac[64], const void *key, size_t key_n, const void *p, size_t n)
{
	struct hmac512_key k;

	hmac512_key_init(&k, key, key_n);
	hmac512(mac, &k, p, n);
}

static const struct tested_hash sha = { 64, 128, sha512, hmac, slow_sha512 };

static void
test_fips180(void)
{
	static const struct {
		const char *message, *digest;
	} rows[] = {
		{ "-",
		  "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
		  "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e" },
		{ "=abc",
		  "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
		  "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f" },
		{ "=abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
		  "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
		  "8e959b75dae313da8cf4f72814fc143f8f7779c6eb9f7fa17299aeadb6889018"
		  "501d289e4900f7e4331b99dec4b5433ac7d329eeb6dd26545e96e55b874be909" },
		{ "61*1000000",
		  "e718483d0ce769644e2e42c7bc15b4638e1f98b13b2044285632a803afa973eb"
		  "de0ff244877ea60a4cb0432ce577c31beb009c5c2c49aa2e4eadb217ad8cc09b" },
	};
	uint8_t got[64], want[64];

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		size_t n = test_spell(message, rows[i].message);

		test_unhex(want, rows[i].digest);
		sha512(got, test_flush(0, message, n), n);
		CHECK_BYTES(test_slice(got, 64), test_slice(want, 64), "SHA-512 of %s", rows[i].message);
	}
}

static void
test_rfc4231(void)
{
	static const struct {
		const char *key, *message, *mac;
	} rows[] = {
		{ "0b*20", "=Hi There",
		  "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
		  "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854" },
		{ "=Jefe", "=what do ya want for nothing?",
		  "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
		  "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737" },
		{ "aa*20", "dd*50",
		  "fa73b0089d56a284efb0f0756c890be9b1b5dbdd8ee81a3655f83e33b2279d39"
		  "bf3e848279a722c806b485a47e67c807b946a337bee8942674278859e13292fb" },
		{ "0102030405060708090a0b0c0d0e0f10111213141516171819", "cd*50",
		  "b0ba465637458c6990e5a8c5f61d4af7e576d97ff94b872de76f8050361ee3db"
		  "a91ca5c11aa25eb4d679275cc5788063a5f19741120c4f2de2adebeb10a298dd" },
		/* to 128 bits */
		{ "0c*20", "=Test With Truncation", "415fad6271580a531d4179bc891d87a6" },
		{ "aa*131", "=Test Using Larger Than Block-Size Key - Hash Key First",
		  "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
		  "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598" },
		{ "aa*131",
		    "=This is a test using a larger than block-size key and a larger than "
		    "block-size data."
		  " The key needs to be hashed before being used by the HMAC algorithm.",
		  "e37b6a775dc87dbaa4dfa9f96e5e3ffddebd71f8867289865df5a32d20cdc944"
		  "b6022cac3c4982b10d5eeb55c3e4de15134676fb6de0446065c97440fa8c6a58" },
	};
	uint8_t key[LONGEST], got[64], want[64];

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		size_t want_n = test_unhex(want, rows[i].mac);

		hmac(got, key, test_spell(key, rows[i].key), message, test_spell(message, rows[i].message));
		CHECK_BYTES(test_slice(got, want_n), test_slice(want, want_n), "RFC 4231 4.%zu", i + 2);
	}
}

/* ---- Files of vectors ---- */

static void
test_hash_vectors(void)
{
	static const struct {
		const char *name;
		unsigned lines, first;  /* length, message, digest: columns from `first` on */
	} files[] = {
		{ "crypto/cavp_sha512_short.txt", 129, 0 },
		{ "crypto/cavp_sha512_long.txt", 128, 0 },
		{ "crypto/sha512_padding_edges.txt", 78, 1 },
	};
	char *column[TEST_COLUMNS];
	uint8_t got[64], want[64];

	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		FILE *f = test_vectors(files[i].name);
		unsigned lines = 0;

		if (f == NULL) {
			test_skip(files[i].name);
			continue;
		}
		for (; test_columns(f, column); lines++) {
			size_t n = test_spell(message, column[files[i].first + 1]);
			size_t want_n = test_unhex(want, column[files[i].first + 2]);

			sha512(got, message, n);
			CHECK(n == strtoul(column[files[i].first], NULL, 10), "%s: %zu bytes",
			    files[i].name, n);
			CHECK_BYTES(test_slice(got, 64), test_slice(want, want_n), "%s: %zu bytes",
			    files[i].name, n);
		}
		CHECK(lines == files[i].lines, "%s has %u lines", files[i].name, lines);
		fclose(f);
	}
}

/* SHAVS 6.4: a thousand hashes a line, each over the three before it; the last one is the next
 * line's seed. */
static void
test_monte_carlo(void)
{
	static const char name[] = "crypto/cavp_sha512_monte.txt", seed[] =
	    "5c337de5caf35d18ed90b5cddfce001ca1b8ee8602f367e7c24ccca6f893802f"
	    "b1aca7a3dae32dcd60800a59959bc540d63237876b799229ae71a2526fbc52cd";
	char *column[TEST_COLUMNS];
	uint8_t last[3 * 64], got[64], want[64];
	unsigned lines = 0;
	FILE *f = test_vectors(name);

	if (f == NULL) {
		test_skip(name);
		return;
	}
	test_unhex(got, seed);
	for (; test_columns(f, column); lines++) {
		for (unsigned i = 0; i < 3; i++)
			memcpy(last + 64 * i, got, 64);
		for (unsigned i = 0; i < 1000; i++) {
			sha512(got, last, sizeof last);
			memmove(last, last + 64, 128);
			memcpy(last + 128, got, 64);
		}
		test_unhex(want, column[1]);
		CHECK_BYTES(test_slice(got, 64), test_slice(want, 64), "%s: line %s", name, column[0]);
	}
	CHECK(lines == 100, "%s has %u lines", name, lines);
	fclose(f);
}

/* What every verifier of HS512 must do: a tag of any other length than 64 is refused, however right
 * its bytes are. */
static bool
verify(const uint8_t mac[64], const uint8_t *tag, size_t n)
{
	return n == 64 && sha512_equal(mac, tag);
}

/* Columns: name, key, message, ..., the tag in column `tag`. The tag agrees with the MAC, over the
 * tag's own length, on the lines that have `word` in column `word_at` (without a word: on all). A
 * verifier accepts `accepted` lines. */
static const struct hmac_file {
	const char *name;
	unsigned lines, accepted, tag, word_at;
	const char *word;
} hmac_files[] = {
	{ "crypto/rfc4231_hmac_sha512.txt", 7, 6, 3, 0, NULL },
	{ "crypto/hmac_sha512_keylen_edges.txt", 112, 112, 3, 0, NULL },
	{ "crypto/cavp_hmac_sha512.txt", 375, 75, 4, 0, NULL },
	{ "crypto/wycheproof_hmac_sha512_full.txt", 87, 33, 3, 4, "valid" },
	{ "crypto/wycheproof_hmac_sha512_trunc256.txt", 87, 0, 3, 4, "valid" },
	{ "crypto/wycheproof_hmac_sha512_256_negative.txt", 175, 0, 3, 5, "hs512_prefix" },
	{ "crypto/wycheproof_hmac_sha512_224_negative.txt", 173, 0, 3, 5, "hs512_prefix" },
};

static void
test_hmac_file(const struct hmac_file *file, FILE *f)
{
	static uint8_t key[1 << 14];
	char *column[TEST_COLUMNS];
	uint8_t mac[64], tag[64];
	unsigned lines = 0, accepted = 0;

	for (; test_columns(f, column); lines++) {
		size_t n = test_unhex(tag, column[file->tag]);
		bool agrees = file->word == NULL || strcmp(column[file->word_at], file->word) == 0;

		hmac(mac, key, test_unhex(key, column[1]), message, test_unhex(message, column[2]));
		CHECK((memcmp(mac, tag, n) == 0) == agrees, "%s: %s", file->name, column[0]);
		CHECK(verify(mac, tag, n) == (agrees && n == 64), "%s: %s", file->name, column[0]);
		accepted += verify(mac, tag, n);
	}
	CHECK(lines == file->lines, "%s has %u lines", file->name, lines);
	CHECK(accepted == file->accepted, "%s: %u tags accepted", file->name, accepted);
}

static void
test_hmac_vectors(void)
{
	for (size_t i = 0; i < sizeof hmac_files / sizeof hmac_files[0]; i++) {
		FILE *f = test_vectors(hmac_files[i].name);

		if (f == NULL) {
			test_skip(hmac_files[i].name);
			continue;
		}
		test_hmac_file(&hmac_files[i], f);
		fclose(f);
	}
}

/* ---- Every length and address ---- */

/* A head and a message elsewhere are as one; both end flush. */
static void
test_two(void)
{
	static const size_t heads[] = { 0, 1, 32, 63, 64, 127 };
	uint8_t got[64], want[64];

	for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++)
		for (size_t n = 0; n <= 400; n++) {
			sha512_two(got, test_flush(0, noise, heads[i]), heads[i],
			    test_flush(1, noise + heads[i], n), n);
			slow_sha512(want, noise, heads[i] + n);
			CHECK_BYTES(test_slice(got, 64), test_slice(want, 64),
			    "a head of %zu bytes, a message of %zu", heads[i], n);
		}
}

/* Key, message and result at every address modulo 16, and not a byte around the result touched. */
static void
test_unaligned(void)
{
	_Alignas(16) static uint8_t in[16 + LONGEST], key[16 + 100], got[16 + 64 + 16],
	    want[sizeof got];

	for (size_t shift = 0; shift < 16; shift++) {
		memcpy(in + shift, noise, LONGEST);
		memcpy(key + shift, noise, 100);
		memset(got, 0xee, sizeof got);
		memset(want, 0xee, sizeof want);
		sha512(got + shift, in + shift, LONGEST);
		slow_sha512(want + shift, noise, LONGEST);
		CHECK_BYTES(test_slice(got, sizeof got), test_slice(want, sizeof want),
		    "SHA-512 at address %zu", shift);
		hmac(got + shift, key + shift, 100, in + shift, LONGEST);
		hash_slow_hmac(&sha, want + shift, noise, 100, noise, LONGEST);
		CHECK_BYTES(test_slice(got, sizeof got), test_slice(want, sizeof want), "HMAC at address %zu",
		    shift);
	}
}

/* A key made ready once serves any number of messages, in any order. */
static void
test_kept_key(void)
{
	struct hmac512_key kept;
	uint8_t got[64], want[64];

	hmac512_key_init(&kept, noise, 128);
	for (size_t n = LONGEST; n > 0; n -= 50) {
		hmac512(got, &kept, noise, n);
		hash_slow_hmac(&sha, want, noise, 128, noise, n);
		CHECK_BYTES(test_slice(got, 64), test_slice(want, 64),
		    "a message of %zu bytes under a kept key", n);
	}
}

/* ---- Comparing and wiping ---- */

static void
test_equal(void)
{
	uint8_t a[64], b[64];

	memcpy(a, noise, 64);
	memcpy(b, noise, 64);
	CHECK(sha512_equal(a, a) && sha512_equal(a, b), "the same bytes");
	for (unsigned bit = 0; bit < 512; bit++) {
		b[bit / 8] ^= (uint8_t)(1 << bit % 8);
		CHECK(!sha512_equal(a, b) && !sha512_equal(b, a), "bit %u differs", bit);
		/* The same difference at a second place must not cancel the first. */
		b[(bit / 8 + 1 + bit % 63) % 64] ^= (uint8_t)(1 << bit % 8);
		CHECK(!sha512_equal(a, b), "bit %u differs, and in another byte too", bit);
		memcpy(b, a, 64);
	}
	for (unsigned difference = 1; difference < 256; difference++) {
		for (unsigned i = 0; i < 64; i++)
			b[i] = (uint8_t)(a[i] ^ difference);
		CHECK(!sha512_equal(a, b), "every byte differs by %02x", difference);
	}
}

static void
test_wipe(void)
{
	for (size_t n = 0; n <= 32; n++) {
		uint8_t got[48], want[48];

		memset(got, 0xa5, sizeof got);
		memset(want, 0xa5, sizeof want);
		memset(want + 8, 0, n);
		wipe(got + 8, n);
		CHECK_BYTES(test_slice(got, sizeof got), test_slice(want, sizeof want), "%zu bytes wiped", n);
	}
}

/* What is called on a stack of our own. */
static struct {
	uint8_t secret[200], out[64];
	struct hmac512_key key;
	void (*run)(void);
} lab;

static void leave_a_copy(void) { test_leave(lab.secret, sizeof lab.secret); }
static void hash_short(void) { sha512(lab.out, lab.secret, 100); }
static void hash_long(void) { sha512(lab.out, lab.secret, 200); }
static void hash_two(void) { sha512_two(lab.out, lab.secret, 1, lab.secret + 1, 199); }
static void hash_two_short(void) { sha512_two(lab.out, lab.secret, 64, lab.secret + 64, 30); }
static void take_short_key(void) { hmac512_key_init(&lab.key, lab.secret, 128); }
static void take_long_key(void) { hmac512_key_init(&lab.key, lab.secret, 200); }
static void sign(void) { hmac512(lab.out, &lab.key, lab.secret, 100); }

static void
in_the_lab(void)
{
	/* drawn here: no saved register can hold a piece of it */
	for (size_t i = 0; i < sizeof lab.secret; i++)
		lab.secret[i] = (uint8_t)test_random();
	for (size_t i = 0; i < sizeof lab.key; i++)
		((uint8_t *)&lab.key)[i] = (uint8_t)test_random();
	lab.run();
}

/* Whether sixteen bytes of the secret in a row, as they are, as HMAC pads them, or as the message
 * schedule takes them, in words whose first byte is the highest, are left on the stack. */
static bool
leaves_secret(void (*run)(void))
{
	static const uint8_t masks[] = { 0, 0x36, 0x5c };
	uint8_t piece[16];

	lab.run = run;
	test_on_own_stack(in_the_lab);
	for (size_t at = 0; at + sizeof piece <= sizeof lab.secret; at += 8)
		for (size_t m = 0; m < sizeof masks; m++) {
			for (size_t i = 0; i < sizeof piece; i++)
				piece[i] = lab.secret[at + i] ^ masks[m];
			if (test_is_left(piece, sizeof piece))
				return true;
			for (size_t i = 0; i < sizeof piece; i++)
				piece[i] = lab.secret[at + (i ^ 7)] ^ masks[m];
			if (test_is_left(piece, sizeof piece))
				return true;
		}
	return false;
}

/* Sixteen words in a row of the message schedule are as good as the block; a key made ready is as
 * good as the key. */
static unsigned
words_left(void)
{
	static const uint8_t masks[] = { 0, 0x36, 0x5c };
	uint64_t w[80] = { 0 };
	unsigned left = 0;

	for (size_t m = 0; m < sizeof masks; m++) {
		for (unsigned i = 0; i < 128; i++)
			w[i / 8] = w[i / 8] << 8 | (lab.secret[i] ^ masks[m]);
		slow_schedule(w);
		for (unsigned t = 0; t < 80; t++)
			left += test_is_left(&w[t], sizeof w[t]);
	}
	for (unsigned i = 0; i < 8; i++)
		left += test_is_left(&lab.key.inner[i], 8) + test_is_left(&lab.key.outer[i], 8);
	return left;
}

static void
test_stack(void)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} rows[] = {
		{ "SHA-512, one block", hash_short }, { "SHA-512, two blocks", hash_long },
		{ "SHA-512, a head and more", hash_two },
		{ "SHA-512, a head and little", hash_two_short },
		{ "HMAC, short key", take_short_key }, { "HMAC, long key", take_long_key },
		{ "HMAC, message", sign },
	};

#ifndef __OPTIMIZE__
	test_skip("what stays on the stack: all does, unless the compiler optimizes");
	return;
#endif
	if (!leaves_secret(leave_a_copy)) {
		test_skip("what stays on the stack: this build keeps its locals elsewhere");
		return;
	}
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		bool leaves = leaves_secret(rows[i].run);
		unsigned words = words_left();

		CHECK(!leaves && words == 0, "%s: %u words", rows[i].name, words);
	}
}

void
test_sha512(void)
{
	for (size_t i = 0; i < sizeof noise; i++)
		noise[i] = (uint8_t)test_random();
	slow_init();
	CHECK(sha512_self_test(), "the self-test that runs at every start");
	test_fips180();
	test_rfc4231();
	test_hash_vectors();
	test_monte_carlo();
	test_hmac_vectors();
	hash_lengths(&sha, noise, LONGEST);
	test_two();
	test_unaligned();
	test_kept_key();
	test_equal();
	test_wipe();
	test_stack();
}

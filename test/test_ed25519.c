/* Ed25519: against published values, against RFC 8032 written down once more, and what has to be
 * refused. */
#include "ed25519.h"
#include "ed25519_scalar.h"
#include "test/slow_ed25519.h"
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
check_own(const char *name, char *column[], const void *none)
{
	static const char misprint[] =
	    "ec172b93ad5e563f4932c70e1245034c35467ef2efd4d64ebf819683467e2bf2";

	(void)none;
	if (strcmp(column[1], misprint) != 0)
		check_vector(name, column[0], column[1], column[2], column[3]);
}

static void
check_wycheproof(const char *name, char *column[], const void *none)
{
	uint8_t public[32], signature[256];
	size_t n = test_unhex(message, column[2]);
	bool fits = test_unhex(signature, column[3]) == 64;

	(void)none;
	test_unhex(public, column[1]);
	CHECK((fits && verify(public, signature, message, n)) ==
	    (strcmp(column[4], "valid") == 0), "%s: %s", name, column[0]);
}

/* ---- What is refused ---- */

/* A key, its message and its signature, all good. */
static struct {
	uint8_t seed[32], public[32], signature[64];
	char text[23];
} good;

static void
make_good(void)
{
	struct ed25519_signer s;

	for (size_t i = 0; i < sizeof good.seed; i++)
		good.seed[i] = (uint8_t)test_random();
	memcpy(good.text, "twenty-three bytes long", sizeof good.text);
	ed25519_signer_init(&s, good.seed);
	memcpy(good.public, s.public, 32);
	ed25519_sign(good.signature, &s, good.text, sizeof good.text);
	CHECK(verify(good.public, good.signature, good.text, sizeof good.text), "good as it is");
}

/* Every bit counts, of all three. */
static void
test_flips(void)
{
	struct ed25519_verifier v;

	CHECK(ed25519_verifier_init(&v, good.public), "the key");
	for (unsigned bit = 0; bit < 8 * sizeof good.signature; bit++) {
		good.signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
		CHECK(!ed25519_verify(&v, good.signature, good.text, sizeof good.text),
		    "bit %u of the signature changed", bit);
		good.signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	for (unsigned bit = 0; bit < 8 * sizeof good.text; bit++) {
		good.text[bit / 8] ^= (char)(1 << bit % 8);
		CHECK(!ed25519_verify(&v, good.signature, good.text, sizeof good.text),
		    "bit %u of the message changed", bit);
		good.text[bit / 8] ^= (char)(1 << bit % 8);
	}
	for (unsigned bit = 0; bit < 8 * sizeof good.public; bit++) {
		good.public[bit / 8] ^= (uint8_t)(1 << bit % 8);
		CHECK(!verify(good.public, good.signature, good.text, sizeof good.text),
		    "bit %u of the key changed", bit);
		good.public[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	for (size_t n = 0; n < sizeof good.text; n++)
		CHECK(!ed25519_verify(&v, good.signature, good.text, n), "cut to %zu bytes", n);
	CHECK(ed25519_verify(&v, good.signature, good.text, sizeof good.text), "as it was");
}

/* S + L, S + 2 L and so on, as long as there is room, are the same scalar: another spelling. */
static void
test_other_s(void)
{
	struct slow_number s = slow_load(good.signature + 32);
	uint8_t signature[64];

	memcpy(signature, good.signature, 32);
	for (unsigned n = 1; n < 15; n++) {
		uint64_t carry = 0;

		for (int i = 0; i < 8; i++, carry >>= 32) {
			carry += (uint64_t)s.w[i] + slow_l.w[i];
			s.w[i] = (uint32_t)carry;
		}
		slow_store(signature + 32, s);
		CHECK(!verify(good.public, signature, good.text, sizeof good.text), "S + %u L", n);
	}
}

/* The eight points of small order, and what else would stand for one of them were it decoded
 * without care. */
static const char *const small_order[] = {
	"0000000000000000000000000000000000000000000000000000000000000000",
	"0000000000000000000000000000000000000000000000000000000000000080",
	"0100000000000000000000000000000000000000000000000000000000000000",
	"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
	"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
	"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
	"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	/* y = p and above, x = -0 */
	"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	"0100000000000000000000000000000000000000000000000000000000000080",
};
enum { SMALL = 8 };             /* of them are points */

static void
test_small_keys(void)
{
	struct ed25519_verifier v;
	struct slow_point p;
	uint8_t public[32];

	for (size_t i = 0; i < sizeof small_order / sizeof small_order[0]; i++) {
		test_unhex(public, small_order[i]);
		CHECK(slow_decode(&p, public) == (i < SMALL), "%s", small_order[i]);
		CHECK(i >= SMALL || slow_is_small(p), "%s", small_order[i]);
		CHECK(!ed25519_verifier_init(&v, public), "%s", small_order[i]);
	}
}

/* All y that are not canonical, p to 2^255 - 1, and as many below. */
static void
test_canonical_keys(void)
{
	struct ed25519_verifier v;
	struct slow_point p;
	uint8_t public[32];
	unsigned on_curve = 0;

	for (unsigned i = 0; i < 2 * 38; i++) {
		memset(public, 0xff, sizeof public);
		public[0] = (uint8_t)(0xff - i / 2);
		public[31] = i % 2 == 0 ? 0x7f : 0xff;
		CHECK(!slow_decode(&p, public) || i / 2 >= 19, "y = 2^255 - %u", i / 2 + 1);
		if (slow_decode(&p, public) && !slow_is_small(p)) {
			CHECK(ed25519_verifier_init(&v, public), "y = 2^255 - %u", i / 2 + 1);
			on_curve++;
		} else
			CHECK(!ed25519_verifier_init(&v, public), "y = 2^255 - %u", i / 2 + 1);
	}
	CHECK(on_curve > 0, "none of them is on the curve");
	for (unsigned i = 0; i < 100; i++) {
		for (size_t at = 0; at < sizeof public; at++)
			public[at] = (uint8_t)test_random();
		CHECK(ed25519_verifier_init(&v, public) == slow_decode(&p, public), "key %u", i);
	}
}

/* "Taming the many EdDSAs" (Chalkias, Garillot, Nikolaenko, 2020), 5.1: the twelve cases in which
 * verifiers differ, and what we choose. RFC 8032 decides on 6 to 11, where numbers are too large.
 * It lets us choose between equations with the cofactor and without, and we take the one without: 4
 * and 5 are refused, as most others do. Keys of small order are our own choice: to such a key, a
 * signature fits many messages (0 and 1). R of small order, and keys and R that have a part of small
 * order beside the other one, are let be (2 and 3): only who has the private key can make them. */
static const struct {
	const char *name;
	bool accepted;
	const char *message, *public, *signature;
} many_eddsas[] = {
	{ "0: A and R of small order, S = 0", false,
	  "8c93255d71dcab10e8f379c26200f3c7bd5f09d9bc3068d3ef4edeb4853022b6",
	  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
	  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"
	  "0000000000000000000000000000000000000000000000000000000000000000" },
	{ "1: A of small order", false,
	  "9bd9f44f4dcc75bd531b56b2cd280b0bb38fc1cd6d1230e14861d861de092e79",
	  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
	  "f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43"
	  "a5bb704786be79fc476f91d3f3f89b03984d8068dcf1bb7dfc6637b45450ac04" },
	{ "2: R of small order, A with a part of small order", true,
	  "aebf3f2601a0c8c5d39cc7d8911642f740b78168218da8471772b35f9d35b9ab",
	  "f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43",
	  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa"
	  "8c4bd45aecaca5b24fb97bc10ac27ac8751a7dfe1baff8b953ec9f5833ca260e" },
	{ "3: A and R with parts of small order that cancel out", true,
	  "9bd9f44f4dcc75bd531b56b2cd280b0bb38fc1cd6d1230e14861d861de092e79",
	  "cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d",
	  "9046a64750444938de19f227bb80485e92b83fdb4b6506c160484c016cc1852f"
	  "87909e14428a7a1d62e9f22f3d3ad7802db02eb2e688b6c52fcd6648a98bd009" },
	{ "4: they cancel out by the cofactor alone", false,
	  "e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec4011eaccd55b53f56c",
	  "cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d",
	  "160a1cb0dc9c0258cd0a7d23e94d8fa878bcb1925f2c64246b2dee1796bed512"
	  "5ec6bc982a269b723e0668e540911a9a6a58921d6925e434ab10aa7940551a09" },
	{ "5: likewise, and k is not reduced before the cofactor", false,
	  "e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec4011eaccd55b53f56c",
	  "cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d",
	  "21122a84e0b5fca4052f5b1235c80a537878b38f3142356b2c2384ebad4668b7"
	  "e40bc836dac0f71076f9abe3a53f9c03c1ceeeddb658d0030494ace586687405" },
	{ "6: S is above L", false,
	  "85e241a07d148b41e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec40",
	  "442aad9f089ad9e14647b1ef9099a1ff4798d78589e66f28eca69c11f582a623",
	  "e96f66be976d82e60150baecff9906684aebb1ef181f67a7189ac78ea23b6c0e"
	  "547f7690a0e2ddcd04d87dbc3490dc19b3b3052f7ff0538cb68afb369ba3a514" },
	{ "7: S is far above L", false,
	  "85e241a07d148b41e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec40",
	  "442aad9f089ad9e14647b1ef9099a1ff4798d78589e66f28eca69c11f582a623",
	  "8ce5b96c8f26d0ab6c47958c9e68b937104cd36e13c33566acd2fe8d38aa1942"
	  "7e71f98a473474f2f13f06f97c20d58cc3f54b8bd0d272f42b695dd7e89a8c22" },
	{ "8: R is not canonical, hashed as its canonical self", false,
	  "9bedc267423725d473888631ebf45988bad3db83851ee85c85e241a07d148b41",
	  "f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43",
	  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
	  "03be9678ac102edcd92b0210bb34d7428d12ffc5df5f37e359941266a4e35f0f" },
	{ "9: R is not canonical, hashed as it is", false,
	  "9bedc267423725d473888631ebf45988bad3db83851ee85c85e241a07d148b41",
	  "f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43",
	  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
	  "ca8c5b64cd208982aa38d4936621a4775aa233aa0505711d8fdcfdaa943d4908" },
	{ "10: A is not canonical, hashed as its canonical self", false,
	  "e96b7021eb39c1a163b6da4e3093dcd3f21387da4cc4572be588fafae23c155b",
	  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	  "a9d55260f765261eb9b84e106f665e00b867287a761990d7135963ee0a7d59dc"
	  "a5bb704786be79fc476f91d3f3f89b03984d8068dcf1bb7dfc6637b45450ac04" },
	{ "11: A is not canonical, hashed as it is", false,
	  "39a591f5321bbe07fd5a23dc2f39d025d74526615746727ceefd6e82ae65c06f",
	  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	  "a9d55260f765261eb9b84e106f665e00b867287a761990d7135963ee0a7d59dc"
	  "a5bb704786be79fc476f91d3f3f89b03984d8068dcf1bb7dfc6637b45450ac04" },
};

static void
test_many_eddsas(void)
{
	uint8_t public[32], signature[64];

	for (size_t i = 0; i < sizeof many_eddsas / sizeof many_eddsas[0]; i++) {
		size_t n = test_unhex(message, many_eddsas[i].message);

		test_unhex(public, many_eddsas[i].public);
		test_unhex(signature, many_eddsas[i].signature);
		CHECK(verify(public, signature, message, n) == many_eddsas[i].accepted, "%s", many_eddsas[i].name);
		CHECK(slow_verify(public, signature, message, n) == many_eddsas[i].accepted, "slow: %s",
		    many_eddsas[i].name);
	}
}

/* Keys and R that have a part of small order each, whichever: a B + A', r B + R', and S = r + k a.
 * Good is what needs no cofactor: one of eight, unless both parts are the neutral point. */
static void
test_mixed(void)
{
	struct slow_number a = slow_modulo(slow_load(good.seed).w, 8, slow_l), r = slow_mul_l(a, a), k;
	struct slow_point aB = slow_times(slow_base(), a), rB = slow_times(slow_base(), r), part;
	uint8_t public[32], signature[64], bytes[32];
	unsigned accepted = 0;

	for (unsigned i = 0; i < SMALL * SMALL; i++) {
		bool good_one;

		test_unhex(bytes, small_order[i / SMALL]);
		slow_decode(&part, bytes);
		slow_encode(public, slow_point_add(aB, part));
		test_unhex(bytes, small_order[i % SMALL]);
		slow_decode(&part, bytes);
		slow_encode(signature, slow_point_add(rB, part));
		k = slow_hash(signature, 32, public, 32, "text", 4);
		slow_store(signature + 32, slow_add(r, slow_mul_l(k, a), slow_l));
		good_one = slow_verify(public, signature, "text", 4);
		CHECK(verify(public, signature, "text", 4) == good_one, "parts %s and %s",
		    small_order[i / SMALL], small_order[i % SMALL]);
		accepted += good_one;
	}
	CHECK(accepted > 1 && accepted < SMALL * SMALL / 2, "%u of them are good", accepted);
}

/* Around every multiple of L, and of 2^252: reduced, and added to nothing. */
static void
test_scalars(void)
{
	const struct slow_number bases[] = { slow_l, { { [7] = 1U << 28 } } };
	static const uint8_t nothing[2];
	uint8_t bytes[32], got[32], sum[32], want[32];

	for (uint32_t i = 0; i < 2 * 16 * 5; i++) {
		uint32_t words[16];
		struct slow_number x;

		slow_product(words, bases[i % 2], slow_small(i / 2 % 16));
		memcpy(x.w, words, sizeof x.w);
		x.w[0] += 2;                    /* 2 more to 2 less */
		slow_minus(&x, x, slow_small(i / 32));
		slow_store(bytes, x);
		slow_store(want, slow_modulo(x.w, 8, slow_l));
		scalar_reduce(got, bytes, sizeof bytes);
		scalar_multiply_add(sum, nothing, sizeof nothing, bytes, bytes);
		CHECK_BYTES(test_slice(got, 32), test_slice(want, 32), "number %u", i);
		CHECK_BYTES(test_slice(sum, 32), test_slice(want, 32), "number %u, added", i);
	}
}

/* ---- Every length and address ---- */

static void
test_lengths(void)
{
	static const size_t lengths[] = { 0, 1, 31, 32, 63, 64, 65, 95, 96, 97, 127, 128, 129, 191, 192,
	    193, 230, 255, 256, 1000, MESSAGE_MAX };
	struct ed25519_signer s;
	uint8_t got[64], want[64];

	for (size_t i = 0; i < sizeof message; i++)
		message[i] = (uint8_t)test_random();
	ed25519_signer_init(&s, good.seed);
	for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
		size_t n = lengths[i];

		ed25519_sign(got, &s, test_flush(0, message, n), n);
		slow_sign(want, good.seed, message, n);
		CHECK_BYTES(test_slice(got, 64), test_slice(want, 64), "%zu bytes", n);
		CHECK(verify(good.public, got, test_flush(0, message, n), n), "%zu bytes", n);
	}
}

/* Seed, key, message and signature at every address modulo 8, and not a byte around touched. */
static void
test_unaligned(void)
{
	static uint8_t seed[8 + 32], public[8 + 32], text[8 + sizeof good.text],
	    got[8 + 64 + 8], want[sizeof got];
	struct ed25519_signer s;

	for (size_t shift = 0; shift < 8; shift++) {
		memcpy(seed + shift, good.seed, 32);
		memcpy(text + shift, good.text, sizeof good.text);
		memset(got, 0xee, sizeof got);
		memset(want, 0xee, sizeof want);
		memcpy(want + shift, good.signature, 64);
		ed25519_signer_init(&s, seed + shift);
		memcpy(public + shift, s.public, 32);
		ed25519_sign(got + shift, &s, text + shift, sizeof good.text);
		CHECK_BYTES(test_slice(got, sizeof got), test_slice(want, sizeof want),
		    "at address %zu", shift);
		CHECK(verify(public + shift, got + shift, text + shift, sizeof good.text),
		    "at address %zu", shift);
	}
}

/* ---- What is left in memory ---- */

static struct {
	uint8_t seed[32], signature[64];
	struct ed25519_signer signer;
	void (*run)(void);
} lab;

static void leave_a_copy(void) { test_leave(lab.seed, sizeof lab.seed); }
static void take_seed(void) { ed25519_signer_init(&lab.signer, lab.seed); }
static void sign(void) { ed25519_sign(lab.signature, &lab.signer, "text", 4); }

static void
in_the_lab(void)
{
	/* drawn here: no saved register can hold a piece of it */
	for (size_t i = 0; i < sizeof lab.seed; i++)
		lab.seed[i] = (uint8_t)test_random();
	lab.run();
}

/* How many pieces of eight bytes of a secret, as they are or with the first byte last, are left on
 * the stack. */
static unsigned
pieces_left(const uint8_t *secret, size_t n)
{
	unsigned left = 0;

	for (size_t at = 0; at < n; at += 8) {
		uint8_t turned[8];

		for (size_t i = 0; i < 8; i++)
			turned[i] = secret[at + 7 - i];
		left += test_is_left(secret + at, 8) + test_is_left(turned, 8);
	}
	return left;
}

static bool
is_limb_left(const struct ed25519_ready *ready, size_t part, size_t i)
{
	return test_is_left(&ready->part[part].limb[i], sizeof ready->part[part].limb[i]);
}

/* How many limbs of multiples of the base point are left: they are a scalar's digits. */
static unsigned
multiples_left(void)
{
	static struct ed25519_verifier base;
	uint8_t opposite[32];
	unsigned left = 0;

	memset(opposite, 0x66, sizeof opposite);
	opposite[0] = 0x58;
	opposite[31] |= 0x80;
	ed25519_verifier_init(&base, opposite);
	for (size_t block = 0; block < ED25519_BLOCKS; block++)
		for (size_t digit = 1; digit < ED25519_ROW; digit++)
			for (size_t part = 0; part < 4; part += 3)
				for (size_t i = 0; i < 5; i++)
					left += is_limb_left(&base.multiple[block][digit], part, i);
	return left;
}

static void
test_stack(void)
{
	uint8_t text[36] = { [32] = 't', 'e', 'x', 't' }, digest[64], r[32];
	unsigned left;

#ifndef __OPTIMIZE__
	test_skip("what stays on the stack: all does, unless the compiler optimizes");
	return;
#elif defined __SANITIZE_ADDRESS__
	test_skip("what stays on the stack: AddressSanitizer leaves room, which nothing wipes");
	return;
#endif
	lab.run = leave_a_copy;
	test_on_own_stack(in_the_lab);
	if (pieces_left(lab.seed, 32) == 0) {
		test_skip("what stays on the stack: this build keeps its locals elsewhere");
		return;
	}
	lab.run = take_seed;
	test_on_own_stack(in_the_lab);
	left = pieces_left(lab.seed, 32) + pieces_left(lab.signer.scalar, 64) + multiples_left();
	CHECK(left == 0, "ed25519_signer_init: %u pieces of seed, scalar or prefix", left);
	lab.run = sign;
	test_on_own_stack(in_the_lab);
	memcpy(text, lab.signer.prefix, 32);
	sha512(digest, text, sizeof text);
	slow_store(r, slow_hash(text, sizeof text, NULL, 0, NULL, 0));
	left = pieces_left(lab.signer.scalar, 64) + pieces_left(digest, 64) +
	    pieces_left(r, 32) + multiples_left();
	CHECK(left == 0, "ed25519_sign: %u pieces of scalar, prefix, hash or r", left);
}

void
test_ed25519(void)
{
	CHECK(ed25519_self_test(), "the self-test");
	test_rfc8032();
	test_each_row("crypto/rfc8032_ed25519.txt", 64, check_own, NULL);
	test_each_row("crypto/wycheproof_ed25519.txt", 151, check_wycheproof, NULL);
	make_good();
	test_flips();
	test_other_s();
	test_small_keys();
	test_canonical_keys();
	test_many_eddsas();
	test_mixed();
	test_scalars();
	test_lengths();
	test_unaligned();
	test_stack();
}

/* What hashing and signing cost, ours and OpenSSL's in turn. Prints a line on the surroundings, then lines of
 * "NAME BYTES OURS THEIRS RATIO", in nanoseconds of processor time; the runner beside it judges.
 * Its argument: the milliseconds that each figure may take. */
#include "ed25519.h"
#include "sha256.h"
#include "sha512.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/opensslv.h>
#include <openssl/params.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROUNDS = 31, LARGEST = 65536, KEY = 128, SIGNED = 230 };

static uint8_t message[LARGEST];
static uint8_t key_bytes[KEY];
static uint8_t mac[SHA512_DIGEST];

/* What a kept key is: made before the clock runs. */
static struct hmac512_key kept;
static EVP_MD_CTX *digest_context;
static EVP_MD *digest;
static EVP_MAC *hmac;
static EVP_MAC_CTX *kept_context, *pattern;
static struct hmac256_key kept256;
static EVP_MAC_CTX *kept256_context;
static struct ed25519_signer signer;
static struct ed25519_verifier verifier;
static uint8_t signature[ED25519_SIGNATURE];
static EVP_MD_CTX *signing, *verifying;

static void
need(int ok)
{
	if (ok)
		return;
	fputs("OpenSSL refuses\n", stderr);
	exit(2);
}

static void
our_hash(size_t n)
{
	sha512(mac, message, n);
}

/* The fastest that OpenSSL 3 has: the algorithm fetched once, the context kept. */
static void
their_hash(size_t n)
{
	need(EVP_DigestInit_ex2(digest_context, digest, NULL) &&
	    EVP_DigestUpdate(digest_context, message, n) &&
	    EVP_DigestFinal_ex(digest_context, mac, NULL));
}

static void
our_hmac(size_t n)
{
	hmac512(mac, &kept, message, n);
}

/* With the key that the context has: faster than EVP_MAC_CTX_dup() of a context that has it. */
static void
their_hmac(size_t n)
{
	size_t length;

	need(EVP_MAC_init(kept_context, NULL, 0, NULL) &&
	    EVP_MAC_update(kept_context, message, n) &&
	    EVP_MAC_final(kept_context, mac, &length, sizeof mac));
}

static void
their_hmac_dup(size_t n)
{
	EVP_MAC_CTX *c = EVP_MAC_CTX_dup(pattern);
	size_t length;

	need(c != NULL && EVP_MAC_update(c, message, n) &&
	    EVP_MAC_final(c, mac, &length, sizeof mac));
	EVP_MAC_CTX_free(c);
}

static void
our_key(size_t n)
{
	struct hmac512_key k;

	hmac512_key_init(&k, message, n);
	memcpy(mac, k.outer, sizeof mac);
	wipe(&k, sizeof k);
}

static void
their_key(size_t n)
{
	need(EVP_MAC_init(kept_context, message, n, NULL));
}

static void
our_hmac256(size_t n)
{
	hmac256(mac, &kept256, message, n);
}

static void
their_hmac256(size_t n)
{
	size_t length;

	need(EVP_MAC_init(kept256_context, NULL, 0, NULL) &&
	    EVP_MAC_update(kept256_context, message, n) &&
	    EVP_MAC_final(kept256_context, mac, &length, sizeof mac));
}

static void
our_sign(size_t n)
{
	ed25519_sign(mac, &signer, message, n);
}

/* As openssl-speed(1) does it: the key made ready once. */
static void
their_sign(size_t n)
{
	size_t length = sizeof mac;

	need(EVP_DigestSign(signing, mac, &length, message, n));
}

/* Of the message that was signed: of this length alone. */
static void
our_verify(size_t n)
{
	need(ed25519_verify(&verifier, signature, message, n));
}

static void
their_verify(size_t n)
{
	need(EVP_DigestVerify(verifying, signature, sizeof signature, message, n));
}

static const struct subject {
	const char *name;
	void (*ours)(size_t), (*theirs)(size_t);
	size_t bytes[10];
} subjects[] = {
	{ "sha512", our_hash, their_hash, { 0, 64, 111, 128, 230, 512, 1024, 4096, LARGEST } },
	{ "hmac", our_hmac, their_hmac, { 0, 64, 111, 128, 230, 512, 1024, 4096, LARGEST } },
	{ "hmac-dup", our_hmac, their_hmac_dup, { 230 } },
	{ "key", our_key, their_key, { 64, 128, 129, 512 } },
	{ "hmac256", our_hmac256, their_hmac256, { 230 } },
	{ "sign", our_sign, their_sign, { SIGNED } },
	{ "verify", our_verify, their_verify, { SIGNED } },
};

static double
seconds(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Of the counter that every x86-64 has; 0 elsewhere. */
static double
ticks_a_nanosecond(void)
{
#if defined __x86_64__
	unsigned long long start = __builtin_ia32_rdtsc();
	double from = seconds(CLOCK_MONOTONIC);

	nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
	return (double)(__builtin_ia32_rdtsc() - start) / 1e9 / (seconds(CLOCK_MONOTONIC) - from);
#else
	return 0;
#endif
}

static double
time_of(void (*f)(size_t), size_t n, unsigned calls)
{
	double start = seconds(CLOCK_PROCESS_CPUTIME_ID);

	for (unsigned i = 0; i < calls; i++)
		f(n);
	return (seconds(CLOCK_PROCESS_CPUTIME_ID) - start) * 1e9 / calls;
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
median(double *v)
{
	qsort(v, ROUNDS, sizeof v[0], compare);
	return v[ROUNDS / 2];
}

/* In turn, round after round: whatever slows this machine down slows both. The ratio is the median
 * of the rounds' ratios. */
static void
measure(const struct subject *s, size_t n, double milliseconds)
{
	double ours[ROUNDS], theirs[ROUNDS], ratio[ROUNDS];
	unsigned calls = 1;

	while (time_of(s->ours, n, calls) * calls < milliseconds * 1e6 / (2 * ROUNDS))
		calls *= 2;
	for (int i = 0; i < ROUNDS; i++) {
		ours[i] = time_of(s->ours, n, calls);
		theirs[i] = time_of(s->theirs, n, calls);
		ratio[i] = ours[i] / theirs[i];
	}
	printf("%s %zu %.2f %.2f %.4f\n", s->name, n, median(ours), median(theirs), median(ratio));
	fflush(stdout);
}

/* Both must say the same, else there is nothing to compare. */
static void
agree(const struct subject *s, size_t n)
{
	uint8_t ours[SHA512_DIGEST];

	if (s->ours == our_key)
		return;
	s->ours(n);
	memcpy(ours, mac, sizeof mac);
	s->theirs(n);
	if (memcmp(ours, mac, sizeof mac) == 0)
		return;
	fprintf(stderr, "%s of %zu bytes: another result than OpenSSL's\n", s->name, n);
	exit(2);
}

static void
prepare(void)
{
	char name[] = "SHA512", name256[] = "SHA256";
	OSSL_PARAM algorithm[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
		OSSL_PARAM_construct_end()
	};

	for (size_t i = 0; i < LARGEST; i++)
		message[i] = (uint8_t)(i * 167 + i / 256);
	for (size_t i = 0; i < KEY; i++)
		key_bytes[i] = (uint8_t)(i + 1);
	hmac512_key_init(&kept, key_bytes, KEY);
	need((digest = EVP_MD_fetch(NULL, name, NULL)) != NULL &&
	    (digest_context = EVP_MD_CTX_new()) != NULL &&
	    (hmac = EVP_MAC_fetch(NULL, "HMAC", NULL)) != NULL &&
	    (kept_context = EVP_MAC_CTX_new(hmac)) != NULL &&
	    EVP_MAC_init(kept_context, key_bytes, KEY, algorithm) &&
	    (pattern = EVP_MAC_CTX_dup(kept_context)) != NULL);
	algorithm[0] = OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name256, 0);
	hmac256_key_init(&kept256, key_bytes, KEY);
	need((kept256_context = EVP_MAC_CTX_new(hmac)) != NULL &&
	    EVP_MAC_init(kept256_context, key_bytes, KEY, algorithm));
}

static void
prepare_signing(void)
{
	EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, key_bytes,
	    ED25519_SEED);

	need(key != NULL && (signing = EVP_MD_CTX_new()) != NULL &&
	    (verifying = EVP_MD_CTX_new()) != NULL &&
	    EVP_DigestSignInit(signing, NULL, NULL, NULL, key) &&
	    EVP_DigestVerifyInit(verifying, NULL, NULL, NULL, key));
	ed25519_signer_init(&signer, key_bytes);
	ed25519_sign(signature, &signer, message, SIGNED);
	need(ed25519_verifier_init(&verifier, signer.public));
}

int
main(int argc, char **argv)
{
	double milliseconds = argc > 1 ? atof(argv[1]) : 200;

	prepare();
	prepare_signing();
	printf("%s; %.2f ticks of rdtsc a ns\n", OpenSSL_version(OPENSSL_VERSION),
	    ticks_a_nanosecond());
	for (size_t i = 0; i < sizeof subjects / sizeof subjects[0]; i++)
		for (size_t j = 0; j == 0 || subjects[i].bytes[j] > 0; j++) {
			agree(&subjects[i], subjects[i].bytes[j]);
			measure(&subjects[i], subjects[i].bytes[j], milliseconds);
		}
	return 0;
}

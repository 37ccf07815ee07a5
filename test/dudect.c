/* Whether the time of jwt_verify() tells where a signature is wrong: measured, as dudect does it.
 *
 *     dudect [SECONDS]
 *
 * The signature is right twice, then its first byte is wrong, then its last one: in groups of four,
 * each in an order that nobody foresees, from the same memory. What counts is how far a time is from
 * its group's mean, so a clock that changes its speed is no matter; and right is as frequent as
 * wrong, so the processor guesses the verdict, which is public, equally badly. Of each two kinds
 * Welch's t says how sure it is that their means differ; the extreme tenths, interrupts and the
 * like, are left out. Noise may push |t| over the bound once, hardly three times in a row: only that
 * fails. With an early exit planted it has to be so. */
#include "test/planted.h"
#include "token/keys.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { KINDS = 3, GROUP = 4, ROUNDS = 3, SAMPLES = 40000 * GROUP };

static const double too_sure = 10;
static const char *const kind_name[KINDS] = { "right", "first byte wrong", "last byte wrong" };

bool
__wrap_sha512_equal(const uint8_t *a, const uint8_t *b)
{
	return compare(a, b);
}

bool
__wrap_key_told(unsigned verdict)
{
	return verdict != 0;
}

static uint64_t
nanoseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* Ticks of the finest clock there is. */
static uint64_t
ticks(void)
{
#ifdef __x86_64__
	uint64_t now;

	__builtin_ia32_lfence();        /* neither begun early nor still running */
	now = __builtin_ia32_rdtsc();
	__builtin_ia32_lfence();
	return now;
#else
	return nanoseconds();
#endif
}

static uint32_t
any_number(void)
{
	static uint64_t state = 88172645463325252;      /* xorshift64, Marsaglia 2003 */

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(state >> 32);
}

struct sample {
	float time;                     /* ticks from the mean of its group */
	uint32_t kind;
};

static struct sample sample[SAMPLES];

static int
by_time(const void *a, const void *b)
{
	const struct sample *x = a, *y = b;

	return (x->time > y->time) - (x->time < y->time);
}

/* Four measurements. `signature` is of each kind, `now` where jwt_verify() looks. */
static void
measure_group(struct sample out[GROUP], char (*signature)[SHA512_DIGEST], char *now,
    const struct jwt *t, const struct jwt_key *key)
{
	uint32_t kinds[GROUP] = { 0, 0, 1, 2 };
	uint64_t took[GROUP], sum = 0;

	for (uint32_t i = 0; i < GROUP; i++) {
		uint32_t other = i + any_number() % (GROUP - i), kind = kinds[other];
		volatile enum jwt_verdict verdict;
		uint64_t start;

		kinds[other] = kinds[i];
		out[i].kind = kind;
		memcpy(now, signature[kind], SHA512_DIGEST);
		start = ticks();
		verdict = jwt_verify(t, key);
		took[i] = ticks() - start;
		(void)verdict;
		sum += took[i];
	}
	for (uint32_t i = 0; i < GROUP; i++)
		out[i].time = (float)((double)took[i] - (double)sum / GROUP);
}

/* Measures until all samples are taken or the time is over; returns how many there are. */
static unsigned
measure(const struct jwt *token, const struct jwt_key *key, uint64_t end)
{
	char signature[KINDS][SHA512_DIGEST], now[SHA512_DIGEST];
	struct jwt t = *token;
	unsigned n = 0;

	for (unsigned k = 0; k < KINDS; k++)
		memcpy(signature[k], t.signature.p, SHA512_DIGEST);
	signature[1][0] ^= 1;
	signature[2][SHA512_DIGEST - 1] ^= 1;
	t.signature.p = now;
	for (; n < SAMPLES && (n % 1024 != 0 || nanoseconds() < end); n += GROUP)
		measure_group(sample + n, signature, now, &t, key);
	return n;
}

/* Welch's t, without its sign, of n samples from `from` on: of kind a against those of kind b. */
static double
welch(unsigned from, unsigned n, uint32_t a, uint32_t b)
{
	double count[KINDS] = { 0 }, mean[KINDS] = { 0 }, squares[KINDS] = { 0 };

	for (unsigned i = from; i < from + n; i++) {
		uint32_t kind = sample[i].kind;
		double off = (double)sample[i].time - mean[kind];

		mean[kind] += off / ++count[kind];      /* Welford 1962 */
		squares[kind] += off * ((double)sample[i].time - mean[kind]);
	}
	return fabs(mean[a] - mean[b]) / sqrt(squares[a] / (count[a] - 1) / count[a] +
	    squares[b] / (count[b] - 1) / count[b]);
}

/* The least t of three rounds for each two kinds: [0] right and first, [1] right and last, [2]
 * first and last. false: there were too few samples. */
static bool
least(double t[KINDS], const struct jwt *token, const struct jwt_key *key, double seconds)
{
	for (unsigned round = 0; round < ROUNDS; round++) {
		uint64_t now = nanoseconds();
		unsigned n = measure(token, key, now + (uint64_t)(seconds / ROUNDS * 1e9));

		if (n < SAMPLES / 10)
			return false;
		qsort(sample, n, sizeof *sample, by_time);
		for (uint32_t pair = 0; pair < KINDS; pair++) {
			double now_t = welch(n / 10, n / 10 * 8, pair / 2,
			    pair == 0 ? 1 : 2);

			t[pair] = round == 0 || now_t < t[pair] ? now_t : t[pair];
		}
	}
	return true;
}

static struct jwt_key signer;
static struct jwt_scratch scratch;
static struct jwt opened;
static char minted[1024], text[1024];

int
main(int argc, char **argv)
{
	double seconds = argc > 1 ? strtod(argv[1], NULL) : 12, t[KINDS];
	struct buf token = buf_over(minted, sizeof minted);
	unsigned passed = 0, failed = 0, skipped = 0;

	if (!sha512_self_test())        /* which also chooses the code */
		return 2;
	signer.alg = JWT_HS512;
	signer.header = JWT_HEADER;
	scratch.text = buf_over(text, sizeof text);
	hmac512_key_init(&signer.hs512, text, 64);
	jwt_mint(&token, &signer, STR("{\"sub\":\"somebody\",\"iat\":1668676907}"));
	if (!jwt_open(&opened, &scratch, buf_str(&token)) || jwt_verify(&opened, &signer) != JWT_GOOD)
		return 2;
	for (unsigned planted = 0; planted < 2; planted++) {
		compare = planted ? early_exit : __real_sha512_equal;
		if (!least(t, &opened, &signer, seconds / 2)) {
			printf("skipped: timing%s: too slow or too busy a machine\n",
			    planted ? " of a planted leak" : "");
			skipped++;
			continue;
		}
		for (unsigned pair = planted ? 2 : 0; pair < KINDS; pair++) {
			bool leaks = t[pair] > too_sure, ok = leaks == (planted == 1);

			printf("%s%s, %s and %s: |t| = %.1f\n", ok ? "" : "FAILED ",
			    planted ? "planted early exit" : "jwt_verify", kind_name[pair / 2],
			    kind_name[pair == 0 ? 1 : 2], t[pair]);
			passed += ok;
			failed += !ok;
		}
	}
	printf("%u passed, %u failed, %u skipped\n", passed, failed, skipped);
	return failed > 0;
}

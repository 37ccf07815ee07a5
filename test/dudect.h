/* Whether the time of a call tells of which of three kinds its input is: measured, as dudect does it.
 *
 * Of the first kind there are two calls in each group of four, of each other kind one, in an order
 * that nobody foresees. What counts is how far a time is from its group's mean, so a clock that
 * changes its speed is no matter. Of each two kinds Welch's t says how sure it is that their means
 * differ; the extreme tenths, interrupts and the like, are left out. Noise may push |t| over the
 * bound once, hardly three times in a row: only that fails. With a leak planted it has to be so. */
#ifndef DUDECT_H
#define DUDECT_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { KINDS = 3, GROUP = 4, ROUNDS = 3, SAMPLES = 40000 * GROUP };

static const double too_sure = 10;

struct dudect {
	const char *name, *kind[KINDS];
	void (*prepare)(uint32_t kind);         /* puts the input where call() looks */
	void (*call)(void);
};

static inline uint64_t
nanoseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* Ticks of the finest clock there is. */
static inline uint64_t
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

static inline uint32_t
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

static inline int
by_time(const void *a, const void *b)
{
	const struct sample *x = a, *y = b;

	return (x->time > y->time) - (x->time < y->time);
}

static inline void
measure_group(struct sample out[GROUP], const struct dudect *d)
{
	uint32_t kinds[GROUP] = { 0, 0, 1, 2 };
	uint64_t took[GROUP], sum = 0;

	for (uint32_t i = 0; i < GROUP; i++) {
		uint32_t other = i + any_number() % (GROUP - i), kind = kinds[other];
		uint64_t start;

		kinds[other] = kinds[i];
		out[i].kind = kind;
		d->prepare(kind);
		start = ticks();
		d->call();
		took[i] = ticks() - start;
		sum += took[i];
	}
	for (uint32_t i = 0; i < GROUP; i++)
		out[i].time = (float)((double)took[i] - (double)sum / GROUP);
}

/* Welch's t, without its sign, of n samples from `from` on: of kind a against those of kind b. */
static inline double
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

/* The least t of three rounds for each two kinds: [0] 0 and 1, [1] 0 and 2, [2] 1 and 2. false:
 * there were too few samples. */
static inline bool
least(double t[KINDS], const struct dudect *d, double seconds)
{
	for (unsigned round = 0; round < ROUNDS; round++) {
		uint64_t end = nanoseconds() + (uint64_t)(seconds / ROUNDS * 1e9);
		unsigned n = 0;

		for (; n < SAMPLES && (n % 1024 != 0 || nanoseconds() < end); n += GROUP)
			measure_group(sample + n, d);
		if (n < SAMPLES / 10)
			return false;
		qsort(sample, n, sizeof *sample, by_time);
		for (uint32_t pair = 0; pair < KINDS; pair++) {
			double now_t = welch(n / 10, n / 10 * 8, pair / 2, pair == 0 ? 1 : 2);

			t[pair] = round == 0 || now_t < t[pair] ? now_t : t[pair];
		}
	}
	return true;
}

/* How many checks passed, failed, were skipped. */
struct dudect_result {
	unsigned passed, failed, skipped;
};

/* Pairs of kinds from `from` on, as in least(): they are to leak, or not to. */
static inline void
dudect(struct dudect_result *r, const struct dudect *d, double seconds, unsigned from, bool leak)
{
	double t[KINDS];

	if (!least(t, d, seconds)) {
		printf("skipped: timing of %s: too slow or too busy a machine\n", d->name);
		r->skipped++;
		return;
	}
	for (unsigned pair = from; pair < KINDS; pair++) {
		bool ok = (t[pair] > too_sure) == leak;

		printf("%s%s, %s and %s: |t| = %.1f\n", ok ? "" : "FAILED ", d->name,
		    d->kind[pair / 2], d->kind[pair == 0 ? 1 : 2], t[pair]);
		r->passed += ok;
		r->failed += !ok;
	}
}

/* What main() returns. */
static inline int
dudect_end(const struct dudect_result *r)
{
	printf("%u passed, %u failed, %u skipped\n", r->passed, r->failed, r->skipped);
	return r->failed > 0;
}

#endif

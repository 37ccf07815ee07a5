/* The list with its writer stopped between any two of its stores, or running on between any two of a
 * reader's loads: threads alone hardly ever meet there. A change is made once and its stores are
 * written down; then a reader looks while they are done again, up to any point before it begins and
 * up to any other, or two, on its way. Whatever it finds must have been there in between. */
#include "test/test.h"

#include <stdatomic.h>
#include <stdlib.h>

static unsigned step_load(const atomic_uint *);
static void step_store(atomic_uint *, unsigned);

#undef atomic_load_explicit
#undef atomic_store_explicit
#define atomic_load_explicit(word, order) step_load(word)
#define atomic_store_explicit(word, v, order) step_store(word, v)
#define revocations_size stepped_size
#define revocations_over stepped_over
#define revocations_add stepped_add
#define revocations_knows stepped_knows
#define revocations_have_room stepped_have_room
#define revocations_count stepped_count
#define revocations_alive stepped_alive
#define revocations_next stepped_next
#define revocations_unmark stepped_unmark
#define revocations_all_marked stepped_all_marked
#define revocations_expect stepped_expect
#define revocations_prepare stepped_prepare
#define revocations_set_unfit stepped_set_unfit
#define revocations_unfit stepped_unfit
#define revocations_has stepped_has
#define revocations_sound stepped_sound
#include "token/revocations.c"

enum { ROOM = 6, NAMES = 12, STORES = 1000, CHANGES = 2, SCENES = 600, LOOKS = 3000 };

static struct {
	struct {
		atomic_uint *word;
		unsigned v;
	} store[STORES];
	unsigned stores, done;          /* written down; done again */
	unsigned end[CHANGES + 1];      /* of each change */
	bool records;
	unsigned loads, at[2], until[2];        /* a reader's; before which of them, up to where */
} step;

static void
go_on(unsigned until)
{
	for (; step.done < until; step.done++)
		*step.store[step.done].word = step.store[step.done].v;
}

static unsigned
step_load(const atomic_uint *word)
{
	for (unsigned i = 0; i < 2; i++)
		if (step.loads == step.at[i])
			go_on(step.until[i]);
	step.loads++;
	return *word;
}

static void
step_store(atomic_uint *word, unsigned v)
{
	if (step.records) {
		step.store[step.stores].word = word;
		step.store[step.stores].v = v;
		step.stores++;
	}
	*word = v;
}

static union {
	struct revocations list;
	char bytes[4096];
} memory, before;

static struct {
	struct revocation name[NAMES];
	int64_t time[CHANGES + 1][NAMES];       /* before, and after each change; below 0: not there */
} scene;

static void
note(unsigned change)
{
	unsigned at;

	step.end[change] = step.stores;
	for (unsigned i = 0; i < NAMES; i++)
		scene.time[change][i] = find(&memory.list, &scene.name[i], &at);
}

/* Adds one by chance, or a later time of it. Times have one upper byte, or two. */
static void
change(int64_t now)
{
	struct revocation r = scene.name[test_random() % NAMES];

	r.time = now + test_random() % 40 + (test_random() % 4 == 0 ? INT64_C(1) << 32 : 0);
	revocations_add(&memory.list, &r, now);
}

static void
set_scene(void)
{
	static const uint32_t first[] = { 0, 0xffffffff, 0xf8000000, 0x10000000 };
	int64_t now = 1000;

	memset(&memory, 0, sizeof memory);
	memset(&step, 0, sizeof step);
	step.at[0] = step.at[1] = UINT32_MAX;
	revocations_over(&memory.list, 2 + test_random() % (ROOM - 1));
	for (uint32_t i = 0; i < NAMES; i++) {
		uint32_t word[4] = { first[test_random() % 4], i, i, i };

		memcpy(scene.name[i].name, word, sizeof word);
		scene.name[i].kind = i % 3 == 0 ? 's' : 't';
	}
	for (unsigned k = test_random() % 40; k > 0; k--, now += test_random() % 8)
		change(now);
	before = memory;
	note(0);
	for (unsigned i = 1; i <= CHANGES; i++) {
		unsigned stores = step.stores;

		step.records = true;
		for (unsigned tries = 0; step.stores == stores && tries < 50; tries++)
			change(now += test_random() % 8);
		step.records = false;
		note(i);
	}
}

/* Some stores further on, mostly a few. */
static unsigned
further(unsigned from)
{
	unsigned left = step.stores - from;

	return from + test_random() % ((test_random() % 4 > 0 && left > 10 ? 10 : left) + 1);
}

/* One look, with stores done before it and twice on its way. */
static bool
look(unsigned name)
{
	unsigned start = test_random() % (step.stores + 1), place, first = 0, last;
	int64_t found;

	memory = before;
	step.done = 0;
	go_on(start);
	step.loads = 0;
	step.at[0] = test_random() % 24;
	step.until[0] = further(start);
	step.at[1] = step.at[0] + test_random() % 12;
	step.until[1] = further(step.until[0]);
	found = find(&memory.list, &scene.name[name], &place);
	while (first < CHANGES && step.end[first + 1] <= start)
		first++;
	for (last = first; last < CHANGES && step.end[last] < step.done; )
		last++;
	for (; first <= last; first++)
		if (found == scene.time[first][name])
			return true;
	return false;
}

/* A full list that has nothing dead says so at once, also where something was. */
static void
full(void)
{
	struct revocation r = { .kind = 't' };

	memset(&memory, 0, sizeof memory);
	memset(&step, 0, sizeof step);
	step.at[0] = step.at[1] = UINT32_MAX;
	revocations_over(&memory.list, 60);
	for (uint32_t i = 0; i < 63; i++) {
		uint32_t word[4] = { i << 26, 0, 0, i };

		memcpy(r.name, word, sizeof word);
		r.time = i == 7 ? 1000 : 2000;
		step.loads = 0;
		CHECK(revocations_add(&memory.list, &r, i < 61 ? 1000 : 1001) ==
		    (i < 60 || i == 61 ? REVOCATION_NEW : REVOCATION_FULL), "%u", i);
		CHECK(i == 61 || step.loads < 32, "%u: %u loads", i, step.loads);
	}
}

void
test_revocations_steps(void)
{
	unsigned long wrong = 0, looks = 0;
	unsigned most = 0;

	for (unsigned i = 0; i < SCENES && wrong == 0; i++) {
		set_scene();
		most = step.stores > most ? step.stores : most;
		for (unsigned k = 0; k < LOOKS; k++, looks++)
			wrong += !look(k % NAMES);
	}
	CHECK(wrong == 0, "%lu of %lu looks found what was not there", wrong, looks);
	CHECK(most > 60 && looks > 1000000, "%u stores, %lu looks", most, looks);
	full();
}

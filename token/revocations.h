/* The list of what is taken back: bounded, in memory that its owner lends, looked at by all threads
 * without a lock while one of them writes. */
#ifndef REVOCATIONS_H
#define REVOCATIONS_H

#include "token/revocation.h"

#include <stdatomic.h>

struct revocations {
	atomic_uint kinds;              /* a bit for each that there is */
	/* the rest is revocations.c's own */
	atomic_uint unfit, generation, count, all[2];
	unsigned max, places, tokens, hand;
	int64_t soonest;
	struct revocation_place {
		atomic_uint word[REVOCATION_NAME / 4 + 2];
	} place[];
};

/* Bytes of memory for `max` entries, at most 16,777,216: 60 each and 144 beside. What is not used
 * of it is never written to. */
size_t revocations_size(unsigned max);
struct revocations *revocations_over(void *zeroed, unsigned max);

enum revocation_added { REVOCATION_NEW, REVOCATION_KNOWN, REVOCATION_FULL };

/* These are the writer's, one thread's: while others look, too. `now` is in seconds since 1970.
 *
 * An entry that dies is one of a token, once `now` is later than its time. It stays until its place
 * is needed: no clock that jumps makes the list forget while there is room. */

/* Once it has returned, all threads see the entry. A later time replaces an earlier one, never the
 * other way round. KNOWN: the list says as much already, or the entry is dead and there is no room.
 * FULL: nothing is changed. The entry for all has a place of its own and always fits. */
enum revocation_added revocations_add(struct revocations *, const struct revocation *, int64_t now);

/* So many are to be added at once: where they need most of the memory, that may come in large
 * pages. */
void revocations_prepare(const struct revocations *, size_t n);

/* Has memory come near that revocations_add() of this entry will want: of a large list most of the
 * time is waited for that. Nothing else. */
void revocations_expect(const struct revocations *, const struct revocation *);

/* Whether the list says as much already. Any thread's. */
bool revocations_knows(const struct revocations *, const struct revocation *);

/* Whether n more fit, that for all aside. */
bool revocations_have_room(struct revocations *, unsigned n, int64_t now);

/* Entries, the dead ones that still stand and that for all counted. Any thread's. */
unsigned revocations_count(const struct revocations *);

/* Those that are not dead. Looks at each place: 0.2 ms for 65,536. */
unsigned revocations_alive(const struct revocations *, int64_t now);

/* The next entry from place *at on, which begins as 0 and is moved behind it; false: there is none.
 * Nothing may be added on the way. */
bool revocations_next(const struct revocations *, unsigned *at, struct revocation *);

/* Which entries were added since, or known when they were to be: marks are taken away, and whether
 * all that are not dead have one. */
void revocations_unmark(struct revocations *);
bool revocations_all_marked(const struct revocations *, int64_t now);

/* Not all live entries of the file fit: nothing can be judged until they do. */
void revocations_set_unfit(struct revocations *, bool);

/* These are any thread's. */

bool revocations_unfit(const struct revocations *);

/* Whether there is anything. */
static inline bool
revocations_any(const struct revocations *r)
{
	return atomic_load_explicit(&r->kinds, memory_order_acquire) != 0;
}

/* Whether the opened token is taken back: by its jti or signing input, by its sub, or by all; `at`
 * has the indexes of these claims and of iat. What is issued at 5.5 is issued in second 5. What
 * can't be looked up, as the scratch memory has less room than revocation_name() needs, counts as
 * taken back. */
enum { REVOCATIONS_JTI, REVOCATIONS_SUB, REVOCATIONS_IAT, REVOCATIONS_CLAIMS };
bool revocations_has(const struct revocations *, struct jwt *, const unsigned at[], int64_t now);

/* For tests: whether all holds that revocations.c promises itself. */
bool revocations_sound(const struct revocations *);

#endif

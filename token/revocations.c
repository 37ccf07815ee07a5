#include "token/revocations.h"

#include "token/jwt.h"

#include <sys/mman.h>

/* A hash table with linear probing, never more than two fifths full. An entry lies at its home, the
 * place that its name's first word says, or in the first place behind that was free.
 *
 * Between two calls of the writer's this holds, and revocations_sound() checks it:
 *   - from an entry's home to the entry no place is empty;
 *   - no entry is there twice, and no place is being written;
 *   - `count`, `tokens`, `kinds` and `all` are what the places say, and a place is empty;
 *   - no token's time is before `soonest`, up to which there is no need to look for dead ones.
 *
 * The writer changes one place at a time, by put() and clear(), which first raise `generation`.
 * What a reader may see of that is ordered, each store being a release and each load an acquire:
 *   - Who reads the same generation before and after looking has seen at most one change on its
 *     way; those before it were whole. Else it looks again: whenever it must, the writer got on.
 *     So nobody ever waits for a thread that does not run.
 *   - An entry that is moved stands in its new place before its old one is written over. As the new
 *     one is nearer to its home, it is found there or, while that is written, still in the old one.
 *   - A place that is written over is neither empty nor of a kind on the way, and ends with another
 *     TURN: what was read between two equal looks at META belongs together.
 * Nothing but time is lost where 2^32 changes pass during one look: that does not happen.
 *
 * Names can't be chosen so that many have one home: a token's is a hash, and of those whom a client
 * may ask for, jwtd makes the jti. Who holds the signing key or may revoke any jti could try, but
 * is trusted with more. */

/* The words of a place: the name, the lower half of the time, and META. */
enum { NAME_WORDS = REVOCATION_NAME / 4, LOW = NAME_WORDS, META, WORDS };

/* Of META: the entry's kind, TURN, MARK, which is the writer's own, and what of its time is above
 * 32 bits. 0: the place is empty. */
enum { KIND = 0xff, WRITING = 1, TURN = 0x100, MARK = 0x200, HIGH_SHIFT = 16 };

enum { TOKENS = 1, SUBJECTS = 2, ALL = 4 };     /* kinds */

enum {
	MOST_CLEARED = 64               /* dead entries at once: readers look again meanwhile */
};

_Static_assert(ATOMIC_INT_LOCK_FREE == 2 && sizeof(atomic_uint) == 4, "words of 32 bits");
_Static_assert(sizeof(struct revocations) + 4 * sizeof(struct revocation_place) <= 144,
    "what revocations_size() promises");
_Static_assert(REVOCATION_NEVER >> 32 < 0x100, "a time has a byte above 32 bits");

static inline __attribute__((always_inline)) unsigned
get(const atomic_uint *word)
{
	return atomic_load_explicit(word, memory_order_acquire);
}

static inline __attribute__((always_inline)) void
set(atomic_uint *word, unsigned v)
{
	atomic_store_explicit(word, v, memory_order_release);
}

static unsigned
places_for(unsigned max)
{
	return max / 2 * 5 + 4;         /* the least: for one, for all, for a copy, and empty */
}

size_t
revocations_size(unsigned max)
{
	return sizeof(struct revocations) + places_for(max) * sizeof(struct revocation_place);
}

struct revocations *
revocations_over(void *zeroed, unsigned max)
{
	struct revocations *r = zeroed;

	r->max = max;
	r->places = places_for(max);
	r->soonest = REVOCATION_NEVER;
	return r;
}

static unsigned
home(const struct revocations *r, unsigned first_word)
{
	return (unsigned)((uint64_t)first_word * r->places >> 32);
}

static unsigned
behind(const struct revocations *r, unsigned i)
{
	return i + 1 < r->places ? i + 1 : 0;
}

/* Steps from place a on to place b. */
static unsigned
steps(const struct revocations *r, unsigned a, unsigned b)
{
	return b >= a ? b - a : b + r->places - a;
}

/* What was issued until then is taken back, if the list has an entry for all. The upper half is
 * written first and read last: who looks in between, once in 136 years, is told of a later time. */
static inline int64_t
all_until(const struct revocations *r)
{
	unsigned low = get(&r->all[0]);

	return (int64_t)get(&r->all[1]) << 32 | low;
}

static int64_t
time_of(const struct revocation_place *p, unsigned meta)
{
	return (int64_t)(meta >> HIGH_SHIFT) << 32 | get(&p->word[LOW]);
}

/* The time of the entry of this kind and name, and where it stands; below -1: there is none. */
static int64_t
find(const struct revocations *r, const struct revocation *what, unsigned *at)
{
	unsigned want[NAME_WORDS], generation, meta, i;
	int64_t time;

	memcpy(want, what->name, sizeof want);
	do {
		generation = get(&r->generation);
		time = -2;
		for (i = home(r, want[0]); (meta = get(&r->place[i].word[META])) != 0;
		    i = behind(r, i)) {
			const struct revocation_place *p = &r->place[i];

			if ((char)(meta & KIND) != what->kind || get(&p->word[0]) != want[0] ||
			    get(&p->word[1]) != want[1] || get(&p->word[2]) != want[2] ||
			    get(&p->word[3]) != want[3])
				continue;
			time = time_of(p, meta);
			if (((get(&p->word[META]) ^ meta) & ~(unsigned)MARK) == 0)
				break;
			time = -2;
		}
	} while (get(&r->generation) != generation);
	*at = i;
	return time;
}

/* Writes over a place, or into an empty one. */
static void
put(struct revocations *r, unsigned i, const unsigned word[WORDS])
{
	struct revocation_place *p = &r->place[i];
	unsigned turn = ~get(&p->word[META]) & TURN;

	set(&r->generation, get(&r->generation) + 1);
	set(&p->word[META], WRITING);
	for (unsigned k = 0; k < META; k++)
		set(&p->word[k], word[k]);
	set(&p->word[META], (word[META] & ~(unsigned)TURN) | turn);
}

/* Takes an entry away, and moves those behind it that may stand nearer to their homes. */
static void
clear(struct revocations *r, unsigned i)
{
	unsigned j = i, word[WORDS];

	while (get(&r->place[j = behind(r, j)].word[META]) != 0) {
		for (unsigned k = 0; k < WORDS; k++)
			word[k] = get(&r->place[j].word[k]);
		if (steps(r, home(r, word[0]), j) < steps(r, i, j))
			continue;
		put(r, i, word);
		i = j;
	}
	set(&r->generation, get(&r->generation) + 1);
	set(&r->place[i].word[META], 0);
}

/* Of this kind are so many more, or fewer. */
static void
counted(struct revocations *r, char kind, int more)
{
	unsigned kinds = get(&r->kinds), bit = kind == REVOKED_TOKEN ? TOKENS :
	    kind == REVOKED_SUBJECT ? SUBJECTS : ALL;

	set(&r->count, get(&r->count) + (unsigned)more);
	if (bit == TOKENS)
		r->tokens += (unsigned)more;
	kinds |= bit;
	if (r->tokens == 0)
		kinds &= ~(unsigned)TOKENS;
	set(&r->kinds, kinds);
}

/* Takes away dead entries, from the hand on, until it has some or was all around. */
static void
make_room(struct revocations *r, int64_t now)
{
	int64_t soonest = REVOCATION_NEVER;
	unsigned cleared = 0;

	if (now <= r->soonest)
		return;
	for (unsigned left = r->places; left > 0; ) {
		const struct revocation_place *p = &r->place[r->hand];
		unsigned meta = get(&p->word[META]);
		int64_t time = time_of(p, meta);

		if ((meta & KIND) == REVOKED_TOKEN && time < now) {
			clear(r, r->hand);      /* another entry may stand there now */
			counted(r, REVOKED_TOKEN, -1);
			if (++cleared == MOST_CLEARED)
				return;
			continue;
		}
		if ((meta & KIND) == REVOKED_TOKEN && time < soonest)
			soonest = time;
		r->hand = behind(r, r->hand);
		left--;
	}
	r->soonest = soonest;
}

bool
revocations_have_room(struct revocations *r, unsigned n, int64_t now)
{
	unsigned most = r->max + (get(&r->kinds) & ALL ? 1 : 0), before;

	do {
		before = get(&r->count);
		if (n <= most && before <= most - n)
			return true;
		make_room(r, now);
	} while (get(&r->count) < before);
	return false;
}

void
revocations_expect(const struct revocations *r, const struct revocation *what)
{
	unsigned first;

	memcpy(&first, what->name, sizeof first);
	__builtin_prefetch(&r->place[home(r, first)], 1);
}

static void
mark(struct revocation_place *p, unsigned as)
{
	set(&p->word[META], (get(&p->word[META]) & ~(unsigned)MARK) | as);
}

void
revocations_unmark(struct revocations *r)
{
	struct revocation what;

	for (unsigned at = 0; get(&r->count) > 0 && revocations_next(r, &at, &what); )
		mark(&r->place[at - 1], 0);
}

bool
revocations_all_marked(const struct revocations *r, int64_t now)
{
	struct revocation what;
	bool all = true;

	for (unsigned at = 0; all && revocations_next(r, &at, &what); )
		all = (get(&r->place[at - 1].word[META]) & MARK) != 0 ||
		    (what.kind == REVOKED_TOKEN && now > what.time);
	return all;
}

bool
revocations_knows(const struct revocations *r, const struct revocation *what)
{
	unsigned at;

	return find(r, what, &at) >= what->time;
}

void
revocations_prepare(const struct revocations *r, size_t n)
{
	if (n > r->max / 16)
		madvise((void *)(uintptr_t)r, revocations_size(r->max), MADV_HUGEPAGE);
}

enum revocation_added
revocations_add(struct revocations *r, const struct revocation *what, int64_t now)
{
	unsigned old, at, word[WORDS];
	bool token = what->kind == REVOKED_TOKEN;
	int64_t time = find(r, what, &old);

	if (time == what->time)
		mark(&r->place[old], MARK);
	if (time >= what->time)
		return REVOCATION_KNOWN;
	if (time < 0 && what->kind != REVOKED_ALL && !revocations_have_room(r, 1, now))
		return token && what->time < now ? REVOCATION_KNOWN : REVOCATION_FULL;
	memcpy(word, what->name, sizeof what->name);
	word[LOW] = (unsigned)what->time;
	word[META] = (unsigned)(what->time >> 32) << HIGH_SHIFT | MARK | (unsigned char)what->kind;
	for (at = home(r, word[0]); get(&r->place[at].word[META]) != 0; )
		at = behind(r, at);
	put(r, at, word);
	if (what->kind == REVOKED_ALL) {
		set(&r->all[1], (unsigned)(what->time >> 32));
		set(&r->all[0], word[LOW]);
	}
	if (time >= 0)
		clear(r, old);
	else
		counted(r, what->kind, 1);
	if (token && what->time < r->soonest)
		r->soonest = what->time;
	return REVOCATION_NEW;
}

unsigned
revocations_count(const struct revocations *r)
{
	return get(&r->count);
}

bool
revocations_next(const struct revocations *r, unsigned *at, struct revocation *what)
{
	for (; *at < r->places; (*at)++) {
		const struct revocation_place *p = &r->place[*at];
		unsigned meta = get(&p->word[META]);

		if (meta == 0)
			continue;
		memcpy(what->name, (const void *)p->word, sizeof what->name);
		what->kind = (char)(meta & KIND);
		what->time = time_of(p, meta);
		(*at)++;
		return true;
	}
	return false;
}

unsigned
revocations_alive(const struct revocations *r, int64_t now)
{
	struct revocation what;
	unsigned at = 0, alive = 0;

	while (revocations_next(r, &at, &what))
		alive += what.kind != REVOKED_TOKEN || now <= what.time;
	return alive;
}

void
revocations_set_unfit(struct revocations *r, bool unfit)
{
	set(&r->unfit, unfit);
}

bool
revocations_unfit(const struct revocations *r)
{
	return get(&r->unfit) != 0;
}

bool
revocations_has(const struct revocations *r, struct jwt *t, const unsigned at[], int64_t now)
{
	unsigned kinds = get(&r->kinds), sub = at[REVOCATIONS_SUB], iat = at[REVOCATIONS_IAT],
	    place;
	struct revocation what;
	int64_t until = -1, all;        /* what was issued until then */

	if ((kinds & TOKENS) != 0 &&
	    (!revocation_name(&what, REVOKED_TOKEN, t, at[REVOCATIONS_JTI]) ||
	    find(r, &what, &place) >= now))
		return true;
	if ((kinds & SUBJECTS) != 0 && sub != 0 && t->doc.tok[sub].type == JSON_STRING) {
		if (!revocation_name(&what, REVOKED_SUBJECT, t, sub))
			return true;
		until = find(r, &what, &place);
	}
	if ((kinds & ALL) != 0 && (all = all_until(r)) > until)
		until = all;
	return until >= 0 && (iat == 0 || jwt_date(&t->doc, iat, false) <= until);
}

bool
revocations_sound(const struct revocations *r)
{
	unsigned count = 0, tokens = 0, kinds = 0, at = 0, place, i;
	struct revocation what;
	bool sound = true;

	while (revocations_next(r, &at, &what)) {
		bool token = what.kind == REVOKED_TOKEN;

		count++;
		tokens += token;
		kinds |= token ? TOKENS : what.kind == REVOKED_SUBJECT ? SUBJECTS : ALL;
		sound = sound && find(r, &what, &place) == what.time && place == at - 1 &&
		    (!token || what.time >= r->soonest) && what.kind != WRITING &&
		    (what.kind != REVOKED_ALL || what.time == all_until(r));
	}
	for (i = 0; i < r->places && get(&r->place[i].word[META]) != 0; )
		i++;
	return sound && i < r->places && count == get(&r->count) && tokens == r->tokens &&
	    kinds == get(&r->kinds) && count <= r->max + (kinds & ALL ? 1u : 0);
}

/* token/revocations.c: the list, written by one thread while others look.
 *
 * The writer does OPS things of any kind, one after the other; a reader looks once, for anything, at
 * any time. Readers don't see each other, so one stands for all. There are PLACES places and four
 * names of two words each, two of one home and two of another, wherever these are, so that entries
 * stand behind one another and around the end:
 *      A  a subject, whose time becomes later, so that it moves
 *      B  a token that stays, once it is there
 *      D  a token that is dead from the begin: it goes and comes back
 *      X  a token that is never there, though its words are those of others
 * and the entry for all, whose time has two words.
 *
 * What is shown: who looks finds no older time than the list had when the look began, no later one
 * than was begun when it ended, and nothing that never was there.
 *
 * The model is sequentially consistent, step by step as the loads and stores stand in the source.
 * Nothing is lost by that: all stores are the one writer's and releases, all loads are acquires. A
 * reader that sees one store sees all before it, so it sees the list as it was, at moments that
 * follow one another, only later than they were. Who asks after an answer has heard of it by way of
 * the kernel, or took it out of a ticket: then the writer's stores come before.
 *
 * code: token/revocations.c get: atomic_load_explicit(word, memory_order_acquire)
 * code: token/revocations.c set: atomic_store_explicit(word, v, memory_order_release)
 * code: token/revocations.c find: generation = get(&r->generation) > meta = get(&r->place[i].word[META]) > get(&p->word[0]) != want[0] > get(&p->word[1]) > get(&p->word[2]) > get(&p->word[3]) > time = time_of(p, meta) > get(&p->word[META]) ^ meta > ~(unsigned)MARK > time = -2 > while (get(&r->generation) != generation)
 * code: token/revocations.c time_of: meta >> HIGH_SHIFT > get(&p->word[LOW])
 * code: token/revocations.c all_until: get(&r->all[0]) > get(&r->all[1])
 * code: token/revocations.c put: ~get(&p->word[META]) & TURN > set(&r->generation, get(&r->generation) + 1) > set(&p->word[META], WRITING) > k < META > set(&p->word[k], word[k]) > set(&p->word[META], (word[META] & ~(unsigned)TURN) | turn)
 * code: token/revocations.c clear: get(&r->place[j = behind(r, j)].word[META]) != 0 > word[k] = get(&r->place[j].word[k]) > steps(r, home(r, word[0]), j) < steps(r, i, j) > put(r, i, word) > i = j > set(&r->generation, get(&r->generation) + 1) > set(&r->place[i].word[META], 0)
 * code: token/revocations.c counted: get(&r->kinds) > set(&r->count, get(&r->count) + (unsigned)more) > kinds |= bit > kinds &= ~(unsigned)TOKENS > set(&r->kinds, kinds)
 * code: token/revocations.c mark: set(&p->word[META], (get(&p->word[META]) & ~(unsigned)MARK) | as)
 * code: token/revocations.c revocations_add: find(r, what, &old) > mark(&r->place[old], MARK) > get(&r->place[at].word[META]) != 0 > put(r, at, word) > set(&r->all[1] > set(&r->all[0] > clear(r, old) > counted(r, what->kind, 1)
 * code: token/revocations.c make_room: get(&p->word[META]) > clear(r, r->hand) > counted(r, REVOKED_TOKEN, -1)
 * code: token/revocations.c revocations_has: get(&r->kinds) > find(r, &what, &place) > find(r, &what, &place) > all_until(r)
 */
#define PLACES 5
#ifndef OPS
#define OPS 4
#endif

/* A place: two words of the name, the lower half of the time, META. */
#define WORDS 4
#define LOW 2
#define META 3
#define WORD(i, k) word[(i) * WORDS + (k)]

/* Of META: the kind, TURN, MARK, and the upper half of the time. 0: empty. */
#define KIND 3
#define WRITING 1
#define SUBJECT 2
#define TOKEN 3
#define TURN 4
#define MARK 8
#define HIGH 16

/* Of kinds. */
#define TOKENS 1
#define SUBJECTS 2
#define ALL 4

#define A 0
#define B 1
#define D 2
#define X 3
#define EVERYBODY 4
#define FIRST(name) (1 + (name) / 2)
#define SECOND(name) (1 + (name) % 2)
#define KIND_OF(name) ((name) == A -> SUBJECT : TOKEN)
#define BEHIND(i) (((i) + 1) % PLACES)
#define STEPS(a, b) (((b) + PLACES - (a)) % PLACES)

byte home[3];                           /* of each first word */
byte word[PLACES * WORDS];
byte generation, kinds, all[2];
byte tokens;                            /* the writer's own */

/* What was said of each name by an add that is over, and by one that has begun; 0: nothing. */
byte said[5], begun[5];
bool looks = true;

/* Is this place empty, has it this name? The writer's own looks: nobody else writes. */
inline seek(at)
{
	at = home[FIRST(name)];
	do
	:: WORD(at, META) == 0 -> break
	:: WORD(at, META) != 0 && (WORD(at, META) & KIND) == KIND_OF(name) &&
	    WORD(at, 0) == FIRST(name) && WORD(at, 1) == SECOND(name) -> break
	:: else -> at = BEHIND(at)
	od
}

#define BUMP generation++

inline put(i, w0, w1, low, meta)
{
	turn = (255 - WORD(i, META)) & TURN;
#ifndef PLANT_NO_GENERATION
	BUMP;
#endif
#ifndef PLANT_NO_WRITING
	WORD(i, META) = WRITING;
#endif
	WORD(i, 0) = w0;
	WORD(i, 1) = w1;
	WORD(i, LOW) = low;
#ifdef PLANT_NO_TURN
	WORD(i, META) = meta;
#else
	WORD(i, META) = (meta & (255 - TURN)) | turn;
#endif
}

/* Takes the entry at `hole` away. */
inline clear()
{
	j = hole;
	do
	:: d_step { j = BEHIND(j); meta = WORD(j, META) };
		if
		:: meta == 0 -> break
		:: meta != 0 && STEPS(home[WORD(j, 0)], j) < STEPS(hole, j) -> skip
		:: else ->
			d_step { w0 = WORD(j, 0); w1 = WORD(j, 1); low = WORD(j, LOW) };
#ifdef PLANT_HOLE_FIRST
			WORD(j, META) = WRITING;
#endif
			put(hole, w0, w1, low, meta);
			hole = j
		fi
	od;
#ifndef PLANT_NO_GENERATION
	BUMP;
#endif
	WORD(hole, META) = 0
}

/* The store of kinds; `more` is 1 or 0. */
inline counted(more)
{
	d_step {
		if
		:: name == A -> bits = kinds | SUBJECTS
		:: name == EVERYBODY -> bits = kinds | ALL
		:: else ->
			bits = kinds | TOKENS;
			tokens = (more -> tokens + 1 : tokens - 1)
		fi;
		if
		:: tokens == 0 -> bits = bits & (255 - TOKENS)
		:: else
		fi
	};
	kinds = bits
}

/* The first empty place from an entry's home on. */
inline seek_empty()
{
	at = home[FIRST(name)];
	do
	:: WORD(at, META) == 0 -> break
	:: else -> at = BEHIND(at)
	od
}

/* revocations_add() of what is not for all. */
inline add()
{
	d_step {
		begun[name] = time;
		seek(old);
		known = WORD(old, META) != 0;
		hole = old;
		seek_empty()
	};
#ifdef PLANT_OLD_FIRST
	if
	:: known -> clear()
	:: else
	fi;
	d_step { seek_empty() };
#endif
	put(at, FIRST(name), SECOND(name), time % 2, KIND_OF(name) | MARK | (time / 2) * HIGH);
	if
	:: known ->
#ifndef PLANT_OLD_FIRST
		clear()
#endif
	:: else -> counted(1)
	fi;
	said[name] = time
}

inline add_all()
{
	begun[EVERYBODY] = time;
#ifdef PLANT_LOW_FIRST
	all[0] = time % 2;
	all[1] = time / 2;
#else
	all[1] = time / 2;
	all[0] = time % 2;
#endif
	counted(1);
	said[EVERYBODY] = time
}

proctype writer()
{
	byte ops = OPS, name, time, i, j, at, old, hole, turn, bits, w0, w1, low, meta;
	bool known;

	do
	:: ops == 0 || !looks -> break
	:: ops > 0 && looks ->
		d_step { ops--; w0 = 0; w1 = 0; low = 0; meta = 0; turn = 0; bits = 0; time = 0 };
		if
		:: said[A] < 3 -> d_step { name = A; time = said[A] + 1 }
		:: said[B] == 0 -> d_step { name = B; time = 1 }
		:: said[D] == 0 -> d_step { name = D; time = 1 }
		:: said[EVERYBODY] < 3 -> d_step { name = EVERYBODY; time = said[EVERYBODY] + 1 }
		:: said[D] == 1 -> d_step { name = D; said[D] = 0; seek(old); hole = old }
		:: said[A] > 0 -> d_step { name = A; seek(old); w0 = WORD(old, META) ^ MARK }
		fi;
		if
		:: time > 0 && name != EVERYBODY -> add()
		:: time > 0 && name == EVERYBODY -> add_all()
		:: time == 0 && name == D -> clear(); counted(0)        /* make_room() */
		:: time == 0 && name == A -> WORD(old, META) = w0       /* mark(), both ways */
		fi
	od
}

inline find()
{
	skip;
again:	was = generation;
	time = 0;
	i = home[FIRST(name)];
	do
	:: d_step { m = WORD(i, META); match = (m & KIND) == KIND_OF(name) };
		if
		:: m == 0 -> break
		:: m != 0 && !match -> i = BEHIND(i)
		:: m != 0 && match ->
			match = WORD(i, 0) == FIRST(name);
			if
			:: match -> match = WORD(i, 1) == SECOND(name)
			:: else
			fi;
			if
			:: !match -> i = BEHIND(i)
			:: else ->
				time = (m / HIGH) * 2 + WORD(i, LOW);
#ifdef PLANT_ONE_LOOK
				break;
#endif
				if
				:: ((WORD(i, META) ^ m) & (255 - MARK)) == 0 -> break
				:: else -> time = 0; i = BEHIND(i)
				fi
			fi
		fi
	od;
	if
	:: generation != was -> goto again
	:: else
	fi
}

proctype reader()
{
	byte name, least, time, was, i, m, low;
	bool match;

	atomic {                                /* the look begins */
		if
		:: name = A
		:: name = B
		:: name = D
		:: name = X
		:: name = EVERYBODY
		fi;
		least = said[name]
	};
	m = kinds;                              /* revocations_has() */
	if
	:: name == EVERYBODY && (m & ALL) != 0 ->
		low = all[0];
		time = all[1] * 2 + low;        /* a later one than there is, once in 136 years */
		assert(time >= least);
		goto over
	:: name == A && (m & SUBJECTS) != 0
	:: name != A && name != EVERYBODY && (m & TOKENS) != 0
	:: else -> assert(least == 0 || name == D); goto over
	fi;
	find();
	if
	:: name == D -> assert(time <= 1)       /* it goes at any time: it counts for nobody */
	:: else -> assert(least <= time && time <= begun[name])
	fi;
over:	looks = false
}

init
{
	byte h;

	select (h : 0 .. PLACES - 1);
	home[1] = h;
	select (h : 0 .. PLACES - 1);
	home[2] = h;
	atomic { run writer(); run reader() }
}

/* service.c: the ring of keys that a reload puts in the other one's place.
 *
 * Two workers, each with REQUESTS requests, and a main thread with RELOADS reloads, each of which
 * may fail. The stores that are announced to others go through a store buffer, as processors have
 * one: a sequentially consistent store empties it, a release leaves the store in it for any time.
 * What one buffer of one place can't show: two releases in it at once; there is one variable that
 * is stored to so. Loads are not reordered: those that matter are sequentially consistent.
 *
 * What is named behind "code:" is looked for in the source, in this order, by prove/model; a
 * function has no atomic calls but those that stand here.
 *
 * code: service.c hold_ring: atomic_load(&state->service->current) > atomic_store(&state->ring, ring) > while (ring != atomic_load(&state->service->current))
 * code: service.c is_held: i < s->workers > atomic_load(&s->states[i]->ring) == ring
 * code: service.c swap: atomic_store(&s->current, new) > while (is_held(s, old)) > keys_wipe(old)
 * code: service.c service_handle: hold_ring(state) > atomic_load_explicit(&s->stopping > api_handle( > metrics_use( > atomic_store_explicit(&state->ring, NULL, memory_order_release)
 * code: service.c reload: atomic_load(&s->current) == &s->ring[0] > config_load(new > files_changed(s) > keys_wipe(new) > swap(s, old, new)
 * code: service.c service_load: config_load( > atomic_store(&s->current, &s->ring[0])
 */
#define WORKERS 2
#define RELOADS 3
#define REQUESTS 2
#define NONE 2

byte current = 0;                       /* struct service */
byte announced[WORKERS] = NONE;         /* struct worker_state: ring */
byte filled[2];                         /* the generation that a ring holds; 0: it is wiped */
byte complete = 1;                      /* of the last reload that is over: its generation */

/* Store buffers: a value that is under way to announced[], and to current. */
byte way[WORKERS] = 255;
byte way_current = 255;

inline drain(w) { d_step { way[w] != 255 -> announced[w] = way[w]; way[w] = 255 } }
inline drain_current() { d_step { way_current != 255 -> current = way_current; way_current = 255 } }

/* The memory takes what is in the buffers whenever it likes. */
active proctype memory()
{
end:	do
	:: drain(0)
	:: drain(1)
	:: drain_current()
	od
}

proctype worker(byte w)
{
	byte ring, again, must, generation, left = REQUESTS;

	do
	:: left == 0 -> break
	:: left > 0 ->
		left--;
		must = complete;                /* the request begins */
hold:		ring = current;                 /* hold_ring */
#ifdef PLANT_RELEASE_ANNOUNCED
		way[w] == 255 -> way[w] = ring;
#else
		d_step { way[w] == 255 -> announced[w] = ring };
#endif
#ifndef PLANT_NO_SECOND_LOOK
		again = current;
		if
		:: ring != again -> goto hold
		:: else
		fi;
#endif
		generation = filled[ring];      /* api_handle: all of it is one generation */
		assert(generation != 0);
		assert(generation >= must);
		assert(filled[ring] == generation);     /* metrics_use: the last look */
		d_step { way[w] == 255 -> way[w] = NONE };      /* a release */
	od
}

active proctype main_thread()
{
	byte old, new, at, generation = 1, left = RELOADS;
	bool failed;

	filled[0] = 1;                          /* service_load */
	run worker(0);
	run worker(1);
	do
	:: left == 0 -> break
	:: left > 0 ->
		left--;
		old = current;                  /* reload */
		new = 1 - old;
		assert(filled[new] == 0);       /* nothing is left of the one before */
		filled[new] = 255;              /* config_load: half of it is there */
		if
		:: filled[new] = 0;             /* it failed, or the files have changed */
			failed = true
		:: filled[new] = generation + 1;
			generation++;
			failed = false
		fi;
		if
		:: failed -> skip
		:: else ->                      /* swap */
#ifdef PLANT_RELEASE_CURRENT
			way_current = new;
#else
			current = new;
#endif
			complete = generation;
			at = 0;
			do                      /* is_held */
			:: at == WORKERS -> break
#ifndef PLANT_NO_WAIT
			:: at < WORKERS ->
				if
				:: announced[at] == old -> at = 0
				:: else -> at++
				fi
#else
			:: at < WORKERS -> at++
#endif
			od;
#ifndef PLANT_LEAK
			filled[old] = 0;        /* keys_wipe */
#endif
		fi
	od;
	assert(filled[0] == 0 || filled[1] == 0)
}

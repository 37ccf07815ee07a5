#include "server/room.h"

#include "system/clock.h"

enum { PRESSED = 50000 };       /* microseconds of waiting until any idle one goes */

/* The worker with the connection that is to make room by loop_who_goes(); NULL: none has one. */
static struct worker *
who_has_room(struct room *r, int64_t now, bool pressed)
{
	enum loop_room best = LOOP_ROOMS;
	struct worker *found = NULL;
	int64_t oldest = 0;

	for (unsigned i = 0; i < r->workers; i++) {
		struct worker *w = &r->worker[i];
		int64_t since[LOOP_ROOMS];
		enum loop_room room;

		for (room = 0; room < LOOP_ROOMS; room++)
			since[room] = worker_since(w, room);
		room = loop_who_goes(since, now, pressed);
		if (room == LOOP_ROOMS || room > best || (room == best && since[room] >= oldest))
			continue;
		best = room;
		oldest = since[room];
		found = w;
	}
	return found;
}

void
room_ask(struct room *r)
{
	int64_t now = clock_now();
	bool pressed = r->crowded != 0 && now - r->crowded >= PRESSED;
	struct worker *w = who_has_room(r, now, pressed);

	atomic_store(&r->shared->pressed, pressed);
	if (w != NULL) {
		atomic_store(&w->make_room, true);
		worker_signal(w->wake);
		return;
	}
	if (r->crowded == 0)
		r->crowded = now;
	atomic_store(&r->shared->crowded, true);
	/* They may not have told of their newest yet. */
	for (unsigned i = 0; i < r->workers; i++)
		worker_signal(r->worker[i].wake);
}

void
room_found(struct room *r)
{
	if (r->crowded == 0)
		return;
	r->crowded = 0;
	atomic_store(&r->shared->crowded, false);
}

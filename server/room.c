#include "server/room.h"

#include "system/clock.h"

enum { PRESSED = 50000 };       /* microseconds of waiting until any idle one goes */

/* Which worker has the connection that is to make room by loop_who_goes(); r->workers: none. */
static unsigned
who_has_room(struct room *r, int64_t now, bool pressed)
{
	enum loop_room best = LOOP_ROOMS;
	unsigned found = r->workers;
	int64_t oldest = 0;

	for (unsigned i = 0; i < r->workers; i++) {
		int64_t since[LOOP_ROOMS];
		enum loop_room room;

		for (room = 0; room < LOOP_ROOMS; room++)
			since[room] = worker_since(&r->worker[i], room);
		room = loop_who_goes(since, now, pressed);
		if (room == LOOP_ROOMS || room > best || (room == best && since[room] >= oldest))
			continue;
		best = room;
		oldest = since[room];
		found = i;
	}
	return found;
}

void
room_ask(struct room *r)
{
	int64_t now = clock_now();
	bool pressed = r->crowded != 0 && now - r->crowded >= PRESSED;
	unsigned found = who_has_room(r, now, pressed);

	atomic_store(&r->shared->pressed, pressed);
	if (found < r->workers) {
		atomic_store(&r->worker[found].make_room, true);
		worker_signal(r->worker[found].wake);
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

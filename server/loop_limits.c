#include "server/loop_limits.h"

#include "sha512.h"

enum {
	DRAIN_TIMEOUT = 2 * CLOCK_SECOND,
	LONGEST_SLEEP = 10 * CLOCK_SECOND,      /* so late at most is a silent connection noticed */
	EXPIRED_MAX = 128,              /* connections that one turn ends for lateness */
	ASKED_MAX = 64                  /* idle ones are looked at to find one that is silent */
};

#define LATE "the request took too long"

static int64_t
time_limit(const struct loop *l, enum conn_state state)
{
	switch (state) {
	case CONN_IDLE: return (int64_t)l->setup->idle_timeout * CLOCK_SECOND;
	case CONN_REQUEST:
	case CONN_LARGE:
	case CONN_PARKED:
	case CONN_UNSENT: return (int64_t)l->setup->request_timeout * CLOCK_SECOND;
	case CONN_DRAIN:
	case CONN_CLOSED: break;
	}
	return DRAIN_TIMEOUT;
}

/* Buffers given back are linked through their first bytes. */
static void
put_back(struct loop *l, char *buffer)
{
	memcpy(buffer, &l->free_buffer, sizeof(char *));
	l->free_buffer = buffer;
}

void
loop_release_buffer(struct loop *l, struct conn *c)
{
	if (c->full == NULL)
		return;
	wipe(c->full + l->in_size, c->unsent_end);
	c->unsent_at = c->unsent_end = 0;
	put_back(l, c->full);
	c->full = NULL;
}

/* What waited there may hold a key. */
void
loop_forget_input(struct loop *l, struct conn *c)
{
	wipe(c->full != NULL ? c->full : c->small, c->have);
	c->have = 0;
	loop_release_buffer(l, c);
}

/* The one of two that has waited longer; either may be NULL. */
static struct conn *
older(struct conn *a, struct conn *b)
{
	return a == NULL || (b != NULL && b->since < a->since) ? b : a;
}

/* Who has held a full-size buffer longest without finishing a request or reading an answer gives it
 * up: an unfinished request hears why. */
static void
free_buffer(struct loop *l)
{
	struct conn *c = older(l->queue[CONN_LARGE].first, l->queue[CONN_UNSENT].first);

	if (c == NULL)
		return;
	if (c->state == CONN_UNSENT)
		loop_close(l, c);
	else
		loop_dismiss(l, c, 503, LOOP_BUSY);
}

bool
loop_has_buffer(const struct loop *l, const struct conn *c)
{
	return c->full != NULL || l->free_buffer != NULL || l->buffers_left > 0;
}

bool
loop_take_buffer(struct loop *l, struct conn *c)
{
	if (c->full != NULL)
		return true;
	if (l->free_buffer == NULL && l->buffers_left > 0) {
		put_back(l, l->buffers);
		l->buffers += l->in_size + l->exchange.out.cap;
		l->buffers_left--;
	}
	if (l->free_buffer == NULL)
		free_buffer(l);
	if (l->free_buffer == NULL)
		return false;
	c->full = l->free_buffer;
	memcpy(&l->free_buffer, c->full, sizeof(char *));
	memcpy(c->full, c->small, c->have);
	wipe(c->small, c->have);
	return true;
}

void
loop_expire(struct loop *l)
{
	int ended = 0;

	for (int state = 0; state < CONN_STATES; state++) {
		struct conn *c;

		while ((c = l->queue[state].first) != NULL &&
		    l->now - c->since >= time_limit(l, (enum conn_state)state) &&
		    ended++ < EXPIRED_MAX) {
			if (state == CONN_REQUEST || state == CONN_LARGE)
				loop_dismiss(l, c, 408, LATE);
			else if (state == CONN_PARKED)
				loop_dismiss(l, c, 503, LATE);
			else
				loop_close(l, c);
		}
	}
}

/* Rounded up, so that whoever sleeps so long does not come too early. */
int
loop_sleep(const struct loop *l)
{
	int64_t sleep = LONGEST_SLEEP;

	if (time_limit(l, CONN_IDLE) / 4 < sleep)
		sleep = time_limit(l, CONN_IDLE) / 4;
	if (l->exchange.stopping)
		sleep = LOOP_COMING / 4;
	for (int state = 0; state < CONN_STATES; state++) {
		const struct conn *c = l->queue[state].first;
		int64_t left;

		if (c == NULL)
			continue;
		left = c->since + time_limit(l, (enum conn_state)state) - l->now;
		sleep = left < sleep ? left : sleep;
	}
	return sleep < 0 ? 0 : (int)((sleep + 999) / 1000);
}

enum loop_room
loop_who_goes(const int64_t since[LOOP_ROOMS], int64_t now, bool pressed)
{
	if (since[LOOP_FINISHED] != 0)
		return LOOP_FINISHED;
	if (since[LOOP_IDLE] != 0 && now - since[LOOP_IDLE] >= LOOP_YOUNG)
		return LOOP_IDLE;
	if (since[LOOP_HELD] != 0 && now - since[LOOP_HELD] >= LOOP_YOUNG)
		return LOOP_HELD;
	return pressed && since[LOOP_IDLE] != 0 ? LOOP_IDLE : LOOP_ROOMS;
}

/* The one of the kind that came into its state first; NULL: there is none. */
static struct conn *
oldest(const struct loop *l, enum loop_room room)
{
	switch (room) {
	case LOOP_FINISHED: return l->queue[CONN_DRAIN].first;
	case LOOP_IDLE: return l->queue[CONN_IDLE].first;
	case LOOP_HELD:
		return older(older(l->queue[CONN_REQUEST].first, l->queue[CONN_LARGE].first),
		    l->queue[CONN_UNSENT].first);
	case LOOP_ROOMS: break;
	}
	return NULL;
}

int64_t
loop_oldest(const struct loop *l, enum loop_room room)
{
	const struct conn *c = oldest(l, room);

	return c != NULL ? c->since : 0;
}

/* Ends the connection that is to go. An idle one that has spoken meanwhile is answered instead.
 * Whether that made room. */
static bool
send_away(struct loop *l, struct conn *c, enum loop_room room)
{
	if (room == LOOP_IDLE && loop_read(l, c))
		return c->state == CONN_CLOSED;
	if (room == LOOP_HELD && c->state != CONN_UNSENT)
		loop_dismiss(l, c, 408, LATE);
	if (c->state != CONN_CLOSED)
		loop_close(l, c);
	l->evicted++;
	return true;
}

void
loop_make_room(struct loop *l, bool pressed)
{
	unsigned asked = 0;
	struct conn *c;

	do {
		int64_t since[LOOP_ROOMS];
		enum loop_room room;

		for (room = 0; room < LOOP_ROOMS; room++)
			since[room] = loop_oldest(l, room);
		room = loop_who_goes(since, l->now, pressed);
		c = oldest(l, room);
		if (c != NULL && send_away(l, c, room))
			return;
	} while (c != NULL && ++asked < ASKED_MAX);
}

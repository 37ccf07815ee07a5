#include "server/loop_limits.h"

#include "sha512.h"

enum {
	DRAIN_TIMEOUT = 2 * CLOCK_SECOND,
	LONGEST_SLEEP = 10 * CLOCK_SECOND       /* so late at most is a silent connection noticed */
};

#define LATE "the request took too long"

static int64_t
time_limit(const struct loop *l, enum conn_state state)
{
	switch (state) {
	case CONN_IDLE: return (int64_t)l->setup->idle_timeout * CLOCK_SECOND;
	case CONN_REQUEST:
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

/* The oldest in a state that holds a full-size buffer. */
static struct conn *
oldest_holder(struct loop *l, enum conn_state state)
{
	struct conn *c = l->queue[state].first;

	while (c != NULL && c->full == NULL)
		c = c->next;
	return c;
}

bool
loop_take_buffer(struct loop *l, struct conn *c)
{
	struct conn *oldest;

	if (c->full != NULL)
		return true;
	if (l->free_buffer == NULL && l->buffers_left > 0)
		put_back(l, l->buffers + --l->buffers_left * (l->in_size + l->exchange.out.cap));
	if (l->free_buffer == NULL && (oldest = oldest_holder(l, CONN_REQUEST)) != NULL)
		loop_dismiss(l, oldest, 503, "too many unfinished requests");
	if (l->free_buffer == NULL && (oldest = oldest_holder(l, CONN_UNSENT)) != NULL)
		loop_close(l, oldest);
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
	for (int state = 0; state < CONN_STATES; state++) {
		int64_t limit = time_limit(l, (enum conn_state)state);
		struct conn *c;

		while ((c = l->queue[state].first) != NULL && l->now - c->since >= limit) {
			if (state == CONN_REQUEST)
				loop_dismiss(l, c, 408, LATE);
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
		sleep = LOOP_YOUNG / 4;
	for (int state = 0; state < CONN_STATES; state++) {
		const struct conn *c = l->queue[state].first;
		int64_t left = c == NULL ? sleep
		    : c->since + time_limit(l, (enum conn_state)state) - l->now;

		sleep = left < sleep ? left : sleep;
	}
	return sleep < 0 ? 0 : (int)((sleep + 999) / 1000);
}

/* Idle longest, else finished longest ago. */
static struct conn *
oldest_spare(const struct loop *l)
{
	return l->queue[CONN_IDLE].first != NULL ? l->queue[CONN_IDLE].first :
	    l->queue[CONN_DRAIN].first;
}

void
loop_make_room(struct loop *l)
{
	struct conn *c;

	/* Whoever has spoken meanwhile is answered, not closed; then the next one is asked. */
	while ((c = l->queue[CONN_IDLE].first) != NULL && c->since < l->now) {
		if (!loop_read(l, c)) {
			loop_close(l, c);
			l->evicted++;
		}
		if (c->state == CONN_CLOSED)
			return;
	}
	c = l->queue[CONN_DRAIN].first;
	if (c == NULL && (c = l->queue[CONN_REQUEST].first) != NULL) {
		if (l->now - c->since <= LOOP_YOUNG)
			return;
		loop_dismiss(l, c, 408, LATE);
	}
	if (c == NULL)
		return;
	l->evicted++;
	if (c->state != CONN_CLOSED)
		loop_close(l, c);
}

int64_t
loop_oldest(const struct loop *l, bool requests)
{
	const struct conn *c = requests ? l->queue[CONN_REQUEST].first : oldest_spare(l);

	return c != NULL ? c->since : 0;
}

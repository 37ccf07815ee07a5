#include "server/worker.h"

#include "system/clock.h"
#include "system/thread.h"

#include <errno.h>
#include <stddef.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
	AGE = 65536,                    /* microseconds: the unit in which ages are told */
	TURN = 5000,                    /* microseconds until others than its events have theirs */
	HEAVY = 400,                    /* microseconds of a visit that took long */
	MANY = 16                       /* events at once: who says much waits for the others */
};

_Static_assert(offsetof(struct worker, loop) == 0, "a ticket names a worker by its loop");

void
worker_signal(int wake)
{
	uint64_t one = 1;
	ssize_t written = write(wake, &one, sizeof one);

	(void)written;                  /* when it is full, there is a signal in it */
}

/* Sees the connections that the main thread has handed over. */
static void
take_inbox(struct worker *w)
{
	struct conn *next, *c = atomic_exchange_explicit(&w->inbox, NULL, memory_order_acquire);

	for (; c != NULL; c = next) {
		next = c->next;
		loop_take(&w->loop, c);
	}
}

static void
push(_Atomic(struct conn *) *list, struct conn *c)
{
	c->next = atomic_load_explicit(list, memory_order_relaxed);
	while (!atomic_compare_exchange_weak_explicit(list, &c->next, c, memory_order_release,
	    memory_order_relaxed))
		;
}

/* What is left of the events names it no more. */
static void
strike(struct worker *w, const struct conn *c)
{
	for (int i = w->seen; i < w->events; i++)
		if (w->event[i].data.ptr == c)
			w->event[i].data.ptr = NULL;
}

/* Gives closed connections back. */
static void
fill_outbox(struct worker *w)
{
	struct conn *next, *c = w->loop.closed;

	if (c == NULL)
		return;
	w->loop.closed = NULL;
	for (; c != NULL; c = next) {
		next = c->next;
		strike(w, c);
		push(&w->outbox, c);
		atomic_fetch_sub(&w->connections, 1);
	}
	if (atomic_load(&w->main->waits))
		worker_signal(w->main->wake);
}

/* Rounded up: never 0 where there is one, nor older than it is. */
static void
tell_ages(struct worker *w)
{
	for (enum loop_room room = 0; room < LOOP_ROOMS; room++) {
		int64_t since = loop_oldest(&w->loop, room);

		atomic_store_explicit(&w->since[room], since == 0 ? 0 :
		    (unsigned)(since / AGE) + 1, memory_order_relaxed);
	}
}

int64_t
worker_since(struct worker *w, enum loop_room room)
{
	return (int64_t)atomic_load_explicit(&w->since[room], memory_order_relaxed) * AGE;
}

static void
read_clocks(struct worker *w)
{
	struct timespec t;

	w->loop.now = clock_now();
	clock_gettime(CLOCK_REALTIME, &t);
	exchange_set_time(&w->loop.exchange, t.tv_sec);
}

/* Takes back what ended the sleep. Flags are looked at afterwards: one that is set later signals
 * anew. */
static void
clear_wake(struct worker *w)
{
	uint64_t count;

	while (read(w->wake, &count, sizeof count) < 0 && errno == EINTR)
		;
}

/* Takes what has happened, unless something is left of the last time. */
static void
take_events(struct worker *w)
{
	int sleep = atomic_load(&w->connections) > 0 ? loop_sleep(&w->loop) : -1;

	if (w->seen < w->events)
		return;
	w->seen = 0;
	w->events = epoll_wait(w->loop.epoll, w->event, WORKER_EVENTS, sleep);
	for (int i = 0; i < w->events; i++)
		if (w->event[i].data.ptr == NULL)
			clear_wake(w);
}

/* Deals with an event. `now`: when, if it is known; so the time that it took is, where `again` asks
 * for it. Returns the time then. */
static int64_t
handle_event(struct worker *w, const struct epoll_event *e, int64_t now, bool again)
{
	struct conn *c = e->data.ptr;
	int64_t then;

	w->loop.large = c->state == CONN_UNSENT;
	loop_event(&w->loop, c, e->events);
	if (!again)
		return now;
	then = clock_now();
	loop_weigh(&w->loop, c, w->loop.large && (w->loop.busy || then - now >= HEAVY));
	return then;
}

/* Those whose last visit took long, one after the other, until one has taken long again: who says
 * little may have spoken meanwhile. */
static int64_t
handle_heavy(struct worker *w, int64_t now)
{
	struct epoll_event e;
	int64_t end = now + HEAVY;

	do {
		if (epoll_wait(w->loop.heavy, &e, 1, 0) <= 0)
			break;
		now = handle_event(w, &e, now, true);
	} while (now < end);
	return now;
}

/* Goes on with requests that have waited, until the turn has taken its time. Returns that. */
static int64_t
handle_tickets(struct worker *w, int64_t now, int64_t end)
{
	for (; now < end; now = clock_now()) {
		struct ticket *t = w->resumed;

		if (t == NULL)
			t = atomic_exchange_explicit(&w->tickets, NULL, memory_order_acquire);
		if (t == NULL)
			return now;
		w->resumed = t->next;
		loop_resume(&w->loop, t);
	}
	worker_signal(w->wake);         /* for what is left */
	return now;
}

/* Deals with events until the turn has taken its time. What is left comes first in the next turn:
 * everybody has one. */
static void
handle_events(struct worker *w)
{
	int64_t now = w->loop.now, end = now + TURN;

	w->loop.busy = w->events > MANY;
	while (w->seen < w->events && now < end) {
		const struct epoll_event *e = &w->event[w->seen++];

		if (e->data.ptr == &w->loop.heavy)
			now = handle_heavy(w, now);
		else if (e->data.ptr != NULL)
			now = handle_event(w, e, now, w->seen < w->events);
		else
			now = handle_tickets(w, now, end);      /* it was woken */
	}
}

static void
make_room(struct worker *w)
{
	loop_make_room(&w->loop, atomic_load(&w->main->pressed));
	atomic_store_explicit(&w->evicted, w->loop.evicted, memory_order_relaxed);
}

/* One turn: sleep, then everything that is due. */
static void
turn(struct worker *w)
{
	struct exchange *x = &w->loop.exchange;
	bool crowded;

	take_events(w);
	read_clocks(w);
	/* Before the inbox is emptied: what was handed over before the flag was set is seen with
	 * it. */
	x->stopping = atomic_load(&w->stop);
	x->crowded = crowded = atomic_load_explicit(&w->main->crowded, memory_order_relaxed);
	take_inbox(w);
	handle_events(w);
	if (crowded && !x->crowded)
		atomic_store(&w->main->crowded, false);         /* somebody has been sent away */
	loop_expire(&w->loop);
	if (atomic_load_explicit(&w->make_room, memory_order_relaxed) &&
	    atomic_exchange(&w->make_room, false))
		make_room(w);
	if (x->stopping)
		loop_close_idle(&w->loop);
	fill_outbox(w);
	tell_ages(w);
	if (atomic_load_explicit(&w->pinged, memory_order_relaxed))
		atomic_store(&w->pinged, false);
}

static void *
work(void *worker)
{
	struct worker *w = worker;

	while (!atomic_load(&w->abort) &&
	    (!w->loop.exchange.stopping || atomic_load(&w->connections) > 0))
		turn(w);
	loop_close_all(&w->loop);
	atomic_store(&w->done, true);
	worker_signal(w->main->wake);
	return NULL;
}

bool
worker_open(struct worker *w, const struct loop_setup *setup, struct worker_state *state,
    struct worker_main *main)
{
	struct epoll_event e = { .events = EPOLLIN, .data.ptr = NULL };

	if (!loop_open(&w->loop, setup, state))
		return false;
	w->main = main;
	w->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return w->wake >= 0 && epoll_ctl(w->loop.epoll, EPOLL_CTL_ADD, w->wake, &e) == 0;
}

bool
worker_start(struct worker *w)
{
	return thread_start(work, w);
}

void
worker_take(struct worker *w, struct conn *c)
{
	struct epoll_event e = { .events = EPOLLIN, .data.ptr = c };
	int fd = c->fd;
	bool alone = atomic_fetch_add(&w->connections, 1) == 0;

	/* It must be in the inbox before its first event can be: whoever sees that event empties
	 * the inbox first. */
	push(&w->inbox, c);
	if (epoll_ctl(w->loop.epoll, EPOLL_CTL_ADD, fd, &e) != 0)
		shutdown(fd, SHUT_RDWR);        /* no memory to watch it: its time will run out */
	if (alone)                              /* a worker that has none sleeps for good */
		worker_signal(w->wake);
}

void
worker_resume(struct ticket *t)
{
	struct worker *w = t->worker;
	struct ticket *first = atomic_load_explicit(&w->tickets, memory_order_relaxed);

	do
		t->next = first;
	while (!atomic_compare_exchange_weak_explicit(&w->tickets, &first, t, memory_order_release,
	    memory_order_relaxed));
	/* It is the worker's now. Who finds others there leaves it to them to wake it. */
	if (first == NULL)
		worker_signal(w->wake);
}

struct conn *
worker_give_back(struct worker *w)
{
	return atomic_exchange_explicit(&w->outbox, NULL, memory_order_acquire);
}

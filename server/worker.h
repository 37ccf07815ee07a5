/* A worker: a thread that sleeps in one place for whichever of its connections speaks next, and
 * what it shares with the main thread, which accepts connections and hands them over. */
#ifndef WORKER_H
#define WORKER_H

#include "server/loop.h"

#include <pthread.h>
#include <stdatomic.h>

/* The main thread, as workers see it. */
struct worker_main {
	int wake;                       /* an eventfd */
	atomic_bool waits;              /* sleeps until a connection closes or a worker is done */
};

struct worker {
	struct loop loop;               /* the thread's own */
	struct worker_main *main;
	pthread_t thread;
	int wake;                       /* an eventfd */
	_Atomic(struct conn *) inbox;   /* accepted, not yet seen by the worker; linked by `next` */
	_Atomic(struct conn *) outbox;  /* closed, not yet seen by the main thread; likewise */
	atomic_uint connections;        /* handed over and not closed yet */
	atomic_uint spare_since, request_since; /* loop_oldest() in units of WORKER_AGE; 0: none */
	atomic_ulong evicted;           /* closed to make room for others */
	atomic_bool pinged;             /* the main thread wants to see it turn */
	atomic_bool make_room;          /* the main thread wants one connection less */
	atomic_bool stop, abort;        /* finish what is begun; close everything */
	atomic_bool done;               /* the thread has nothing more to do */
};

enum {
	WORKER_STACK = 256 * 1024,      /* bytes: the deepest call needs a tenth */
	WORKER_AGE = 65536              /* microseconds */
};

/* Makes a worker ready and starts its thread. false: errno tells why not. */
bool worker_start(struct worker *, const struct loop_setup *, struct worker_state *,
    struct worker_main *);

/* Called by the main thread: hands over a connection, as loop_take() wants it but that it is in
 * no epoll set yet. */
void worker_take(struct worker *, struct conn *);

/* Called by the main thread: connections that were closed, linked by `next`. */
struct conn *worker_give_back(struct worker *);

/* Ends the sleep of whoever waits on this eventfd. */
void worker_signal(int wake);

#endif

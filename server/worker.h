/* A worker: a thread that sleeps in one place for whichever of its connections speaks next, and
 * what it shares with the main thread, which accepts connections and hands them over. */
#ifndef WORKER_H
#define WORKER_H

#include "server/loop.h"

#include <stdatomic.h>
#include <sys/epoll.h>

/* The main thread, as workers see it. */
struct worker_main {
	int wake;                       /* an eventfd */
	atomic_bool waits;              /* sleeps until a connection closes or a worker is done */
	atomic_bool crowded;            /* somebody waits for room, and all connections are young */
	atomic_bool pressed;            /* for so long that an idle one goes at any age */
};

enum { WORKER_EVENTS = 128 };           /* taken from the kernel at once */

struct worker {
	struct loop loop;               /* the thread's own; first: tickets name it */
	struct worker_main *main;
	int wake;                       /* an eventfd */
	struct epoll_event event[WORKER_EVENTS];        /* the thread's own: taken, */
	int events, seen;                               /* so many, and so many are dealt with */
	_Atomic(struct conn *) inbox;   /* accepted, not yet seen by the worker; linked by `next` */
	_Atomic(struct conn *) outbox;  /* closed, not yet seen by the main thread; likewise */
	_Atomic(struct ticket *) tickets;       /* given back, not yet seen by the worker */
	struct ticket *resumed;         /* the thread's own: seen, and their requests go on */
	atomic_uint connections;        /* handed over and not closed yet */
	atomic_uint since[LOOP_ROOMS];  /* loop_oldest(), by worker_since() */
	atomic_ulong evicted;           /* closed to make room for others */
	atomic_bool pinged;             /* the main thread wants to see it turn */
	atomic_bool make_room;          /* the main thread wants one connection less */
	atomic_bool stop, abort;        /* finish what is begun; close everything */
	atomic_bool done;               /* the thread has nothing more to do */
};

/* Makes a worker ready: takes its memory and descriptors. false: errno tells why not. */
bool worker_open(struct worker *, const struct loop_setup *, struct worker_state *,
    struct worker_main *);

/* Starts its thread. false: errno tells why not. */
bool worker_start(struct worker *);

/* Called by the main thread: hands over a connection, as loop_take() wants it but that it is in
 * no epoll set yet. */
void worker_take(struct worker *, struct conn *);

/* Called by the main thread: connections that were closed, linked by `next`. */
struct conn *worker_give_back(struct worker *);

/* Called by whichever thread holds a ticket: gives it back, with its outcome. Nothing comes of it
 * when its worker has ended. */
void worker_resume(struct ticket *);

/* When the worker's oldest connection of a kind came into its state: microseconds of clock_now(),
 * rounded up by a fifteenth of a second at most; 0: there is none. For any thread. */
int64_t worker_since(struct worker *, enum loop_room);

/* Ends the sleep of whoever waits on this eventfd. */
void worker_signal(int wake);

#endif

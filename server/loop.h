/* The connections of one thread: their states, their deadlines, their buffers. Nothing here is
 * shared with another thread, and nothing is allocated once it serves. */
#ifndef LOOP_H
#define LOOP_H

#include "server/exchange.h"

struct loop_setup {
	const struct handler *handler;
	size_t max_body;                /* bytes of a request's body */
	size_t max_answer;              /* bytes of an answer's body */
	unsigned body_buffers;          /* full-size buffers, at least 1 */
	unsigned parked;                /* requests that may wait for their handler at once */
	unsigned request_timeout, idle_timeout;         /* seconds */
};

struct loop {
	const struct loop_setup *setup;
	int epoll;                      /* the set of descriptors to watch, and in it, at */
	int heavy;                      /* &heavy: the set of those whose last visit took long */
	int64_t now;                    /* monotonic microseconds: set first in every turn */
	bool busy;                      /* many have spoken: set likewise */
	bool large;                     /* what was read last is no small request */
	struct conn_queue queue[CONN_STATES];
	/* linked by `next`: the caller takes them at the end of a turn, not before, because events
	 * of this turn may still name them. One whose ticket is not back comes here with that */
	struct conn *closed;
	struct exchange exchange;
	unsigned parked;                /* tickets that are not back yet */
	unsigned long evicted;          /* connections closed to make room */
	char *in;                       /* in_size bytes: the largest request */
	size_t in_size;
	char *free_buffer;              /* given back, each beginning with the next's address */
	char *buffers;                  /* those never used yet: */
	unsigned buffers_left;          /* so many */
};

/* Bytes of memory that a loop takes at the most. */
uint64_t loop_memory(const struct loop_setup *);

/* Takes all the memory it will ever need. false: errno tells why not. */
bool loop_open(struct loop *, const struct loop_setup *, struct worker_state *);

/* Keeps in memory what it works with, and those n of its full-size buffers that are used first; not
 * once it serves. false: the kernel locks no more. */
bool loop_lock(struct loop *, unsigned n);

/* Adds an accepted connection that is in no queue (CONN_CLOSED); fd, from and small are set,
 * all else is zero. Its descriptor is in the epoll set by the caller, for EPOLLIN, with the
 * connection as its data. */
void loop_take(struct loop *, struct conn *);

/* Moves a connection to the set of the heavy ones, or back. These get what the others leave of a
 * turn, so that whoever makes us compute keeps nobody from being heard. */
void loop_weigh(struct loop *, struct conn *, bool heavy);

/* Something happened on the connection's descriptor: `events` as epoll gives them. */
void loop_event(struct loop *, struct conn *, uint32_t events);

/* A ticket is back: its request goes on, if there is still somebody to answer. */
void loop_resume(struct loop *, struct ticket *);

/* Ends what has run out of time, as much of it as one turn may take. */
void loop_expire(struct loop *);

/* Milliseconds until the next time limit runs out. */
int loop_sleep(const struct loop *);

/* The kinds of connections that can make room for another one. */
enum loop_room {
	LOOP_FINISHED,          /* answered for the last time */
	LOOP_IDLE,
	LOOP_HELD,              /* by a request not finished by its peer, an answer not read */
	LOOP_ROOMS
};

/* The one rule of who makes room, by age. Of each kind `since` tells when the oldest came into its
 * state; 0: there is none. Finished ones go first; then whoever has been idle longest; then whoever
 * has held its connection longest without finishing. Who came into its state less than half a
 * second ago is spared: LOOP_ROOMS says that all are so young. Then the next answer is to end its
 * connection (exchange.crowded); if none comes soon (`pressed`), the one idle longest goes in any
 * case. */
enum loop_room loop_who_goes(const int64_t since[LOOP_ROOMS], int64_t now, bool pressed);

/* When the oldest of a kind came into its state; 0: there is none. */
int64_t loop_oldest(const struct loop *, enum loop_room);

/* Closes one connection, if that rule finds one. */
void loop_make_room(struct loop *, bool pressed);

/* Reads every idle connection once more, answers what was there, and closes those where nothing
 * was. */
void loop_close_idle(struct loop *);

/* Closes every connection, whatever it is about. */
void loop_close_all(struct loop *);

#endif

/* A connection as its worker sees it, and the queues that connections wait in. */
#ifndef CONN_H
#define CONN_H

#include "http_body.h"
#include "ticket.h"

enum { CONN_SMALL = 1024 };     /* bytes of half a request that every connection has room for */

/* Where a connection stands. For each of these there is one time limit, so a queue in order of
 * arrival is the whole timer: the first one in it is the next to run out. */
enum conn_state {
	CONN_IDLE,              /* nothing of a request is there */
	CONN_REQUEST,           /* a request has begun; its bytes are in the small buffer */
	CONN_LARGE,             /* so, but in a full-size buffer */
	CONN_PARKED,            /* a request waits for its handler; nothing is read meanwhile */
	CONN_UNSENT,            /* the peer has not read its answer, kept in such a buffer */
	CONN_DRAIN,             /* we are done; input is dropped, lest a reset destroy the answer */
	CONN_STATES,
	CONN_CLOSED = CONN_STATES       /* in no queue: closed, or not yet seen by its worker */
};

struct conn {
	int fd;
	uint8_t state;          /* enum conn_state */
	bool ends;              /* with the last answer: it is closed in stages then */
	uint8_t from;           /* enum http_from */
	bool expects;           /* waits for 100 before it sends its body */
	bool heavy;             /* its last visit took long: it is watched in the second set */
	struct conn *next, *previous;   /* in the queue of its state, or in a list without */
	int64_t since;          /* monotonic microseconds when it came into its state */
	int64_t begun;          /* and when the first byte of its request was read */
	char *small;            /* CONN_SMALL bytes */
	char *full;             /* full-size, mostly NULL; its second part holds unsent answers */
	uint32_t have;          /* bytes of input that wait, in `full` or, without it, `small` */
	uint32_t tried;         /* so many of them have been looked at and were no whole head */
	uint32_t head;          /* length of a head whose body is on its way; 0: none is */
	uint32_t unsent_at, unsent_end;         /* the unsent answer in the second part of `full` */
	uint32_t drained;       /* bytes thrown away */
	struct http_body body;  /* while head > 0 */
	struct ticket ticket;   /* of a request that waits; it may outlast the connection */
};

struct conn_queue {
	struct conn *first, *last;
};

/* Keeps the queue in the order of `since`: nearly always, that is its end. */
static inline void
conn_insert(struct conn_queue *q, struct conn *c)
{
	struct conn *before = q->last;

	while (before != NULL && before->since > c->since)
		before = before->previous;
	c->previous = before;
	c->next = before != NULL ? before->next : q->first;
	if (c->next != NULL)
		c->next->previous = c;
	else
		q->last = c;
	if (before != NULL)
		before->next = c;
	else
		q->first = c;
}

static inline void
conn_remove(struct conn_queue *q, struct conn *c)
{
	if (c->previous != NULL)
		c->previous->next = c->next;
	else
		q->first = c->next;
	if (c->next != NULL)
		c->next->previous = c->previous;
	else
		q->last = c->previous;
}

#endif

/* The talk on one connection, without its socket: bytes that came in become the bytes to send, and
 * whether the connection ends. Testable and fuzzable as it stands; the loop adds the reading, the
 * sending and the deadlines. */
#ifndef EXCHANGE_H
#define EXCHANGE_H

#include "date.h"
#include "http_answer.h"
#include "server/conn.h"

/* bytes that status line and fields of an answer take at most */
enum { EXCHANGE_HEAD_MAX = HTTP_FIELDS_OUT + 1024 };

/* What the handler keeps for each worker; opaque here. */
struct worker_state;

/* One answer, for those who log and count. */
struct exchange_note {
	const char *method;             /* NULL: none that is known, or no request at all */
	const struct response *response;
	size_t bytes;                   /* of the whole answer */
	int64_t begun;                  /* monotonic microseconds of the request's first byte */
	int fd;                         /* the connection */
};

/* Who answers. */
struct handler {
	/* Answers a request: called when its head is complete (false: the body is needed) and
	 * again when its body is. */
	bool (*handle)(struct response *, struct worker_state *, const struct http_request *);
	/* Answers what never became a whole request: it is read as far as it was understood. `why`:
	 * a phrase; `at`: the offset of the fault in the message, or HTTP_NO_OFFSET where it helps
	 * nobody. */
	void (*refuse)(struct response *, const struct http_request *, unsigned status,
	    const char *why, size_t at);
	/* Told of every answer; NULL: nobody wants to know. */
	void (*note)(struct worker_state *, const struct exchange_note *);
	/* Takes over the ticket of a request for which handle() has said `later`, until it gives it
	 * back by worker_resume(): then handle() gets the same request once more, with the ticket's
	 * outcome. handle() may be asked more than once before that, while earlier answers are
	 * on their way. NULL: it never says so. */
	void (*later)(struct worker_state *, struct ticket *);
};

struct exchange {
	const struct handler *handler;
	struct worker_state *state;
	size_t max_body;                /* bytes of a request's body */
	bool stopping;                  /* connections end when nothing is left to answer; */
	bool last;                      /* and nothing more of this one waits to be read */
	bool crowded;                   /* somebody waits for room: the next answer is the last */
	unsigned budget;                /* requests that may still be answered in this visit, */
	int64_t until;                  /* and until when; 0: nothing has been answered yet */
	bool paused;                    /* it was over before everything was answered */
	int64_t (*clock)(void);         /* microseconds; NULL: a visit has no limit of time */
	struct buf out;                 /* what is to be sent: the caller empties it */
	struct response response;       /* its buffers' memory is the caller's too */
	int64_t date_second;
	char date[DATE_FIXDATE];
};

/* The time for the Date fields, in seconds since 1970. To be called before the first answer. */
void exchange_set_time(struct exchange *, int64_t now);

/* Begins a visit: what is answered before others have their turn. The first request always is. */
void exchange_visit(struct exchange *);

/* Whether `out` might not hold one more answer: it must be sent before the talk goes on. */
static inline bool
exchange_is_full(const struct exchange *x)
{
	return x->out.cap - x->out.n < x->response.body.cap + EXCHANGE_HEAD_MAX;
}

/* Answers every complete request in p, in order, until one is incomplete, `out` is full, the
 * visit is over (then `paused` is set), one is to wait (then response.later is), or the connection
 * ends. Returns how many bytes of p are done with; the others must be at the front of p in the next
 * call, with what has come since behind them.
 * Bodies are decoded in place. */
size_t exchange_answer(struct exchange *, struct conn *, char *p, size_t n);

/* Appends an answer to what is no request that could be answered; the connection must end with it,
 * as nobody knows where the next request begins. `r` is the request as far as http_head() read it:
 * a refused HEAD is still a HEAD. `at`: the offset of the fault, or HTTP_NO_OFFSET. */
void exchange_refuse(struct exchange *, struct conn *, const struct http_request *r,
    unsigned status, const char *why, size_t at);

#endif

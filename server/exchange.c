#include "server/exchange.h"

#include "sha512.h"

enum {
	PIPELINED = 128,                /* requests that one visit answers at the most, */
	VISIT = 250                     /* and microseconds that it goes on after the first */
};

void
exchange_set_time(struct exchange *x, int64_t now)
{
	if (now == x->date_second)
		return;
	x->date_second = now;
	date_fixdate(x->date, now < 0 ? 0 : now);
}

static struct response *
fresh_response(struct exchange *x)
{
	struct response *r = &x->response;

	r->status = r->route = r->accepted = r->refusal = 0;
	r->issued = r->later = false;
	r->client[0] = '\0';
	r->content_type = NULL;
	buf_empty(&r->fields);
	buf_empty(&r->body);
	return r;
}

/* `r`: the request, as far as it could be read. `close`: the connection ends with the answer. */
static void
put_answer(struct exchange *x, struct conn *c, const struct http_request *r, bool close)
{
	struct http_reply reply = {
		.date = { x->date, sizeof x->date }, .close = close,
		.head = r->method == HTTP_HEAD, .http10 = r->http10
	};
	struct exchange_note note = {
		.response = &x->response, .bytes = x->out.n, .begun = c->begun, .fd = c->fd
	};

	if (r->method_name.n > 0)
		note.method = http_method_name(r->method);
	http_answer(&x->out, &x->response, &reply);
	if (x->out.bad) {               /* longer than any may be: nobody gets half of it */
		buf_cut(&x->out, note.bytes);
		fresh_response(x)->status = 500;
		reply.close = true;
		http_answer(&x->out, &x->response, &reply);
	}
	c->ends = reply.close;
	note.bytes = x->out.n - note.bytes;
	if (x->handler->note != NULL)
		x->handler->note(x->state, &note);
	wipe(x->response.body.p, x->response.body.n);           /* it may hold a token */
	wipe(x->response.fields.p, x->response.fields.n);
}

void
exchange_refuse(struct exchange *x, struct conn *c, const struct http_request *r, unsigned status,
    const char *why, size_t at)
{
	x->handler->refuse(fresh_response(x), r, status, why, at);
	put_answer(x, c, r, true);
}

/* The answer to a request stands in x->response; `rest` bytes are there behind it. */
static inline void
finish(struct exchange *x, struct conn *c, const struct http_request *r, size_t rest)
{
	bool keep = r->keep_alive && r->complete && (!x->last || rest > 0) && !x->crowded;

	x->crowded = false;
	put_answer(x, c, r, !keep);     /* RFC 9112 9.3: a body that is not read ends it, too */
	c->tried = c->head = 0;
	c->ticket.outcome = TICKET_NONE;
}

/* Whether a head that was incomplete may be complete or wrong by now: when it has grown by a
 * quarter, or at an empty line, while it is small at every line. So one that drips in costs little
 * more than one that comes at once. */
static bool
worth_parsing(const struct conn *c, const char *p, size_t n)
{
	size_t from = c->tried > 3 ? c->tried - 3 : 0;

	return n - c->tried > c->tried / 4 ||
	    str_find((struct str){ p + from, n - from }, STR("\r\n\r\n")) != NULL ||
	    (n <= CONN_SMALL && memchr(p + c->tried, '\n', n - c->tried) != NULL);
}

/* Goes on with a body. `head` may be NULL: it came earlier. Returns the bytes of the whole request
 * when it is answered, else 0: as long as it waits, that can be asked again. */
static size_t
answer_body(struct exchange *x, struct conn *c, const struct http_request *head, char *p, size_t n)
{
	struct http_request r;
	int used = http_body(&c->body, p + c->head, n - c->head);
	size_t whole;

	if (used == 0) {
		if (c->expects && n == c->head)         /* RFC 9110 10.1.1 */
			buf_add(&x->out, STR("HTTP/1.1 100 Continue\r\n\r\n"));
		c->expects = false;
		return 0;
	}
	if (head != NULL)
		r = *head;
	else
		http_head(&r, p, c->head);      /* once more: the bytes may have moved since */
	if (used < 0) {
		exchange_refuse(x, c, &r, (unsigned)-used, c->body.fault, HTTP_NO_OFFSET);
		return 0;
	}
	r.from = (enum http_from)c->from;
	r.body = (struct str){ p + c->head, c->body.out };
	r.complete = true;
	x->handler->handle(fresh_response(x), x->state, &r);
	if (x->response.later)
		return 0;
	whole = c->head + (size_t)used;
	finish(x, c, &r, n - whole);
	return whole;
}

/* Answers the request at p if it is complete. Returns its length, or 0 where more is needed, it is
 * to wait, or the connection ends. */
static size_t
answer_one(struct exchange *x, struct conn *c, char *p, size_t n)
{
	struct http_request r;
	int used;

	if (c->head > 0)
		return answer_body(x, c, NULL, p, n);
	if (!worth_parsing(c, p, n))
		return 0;
	used = http_head(&r, p, n);
	if (used < 0)
		exchange_refuse(x, c, &r, (unsigned)-used, r.fault, r.fault_at);
	else if (used == 0)
		c->tried = (uint32_t)n;
	if (used <= 0)
		return 0;
	r.from = (enum http_from)c->from;
	r.complete = !http_has_body(&r);
	if (x->handler->handle(fresh_response(x), x->state, &r)) {
		if (x->response.later)
			return 0;
		finish(x, c, &r, n - (size_t)used);
		return r.complete ? (size_t)used : 0;
	}
	c->head = (uint32_t)used;
	c->expects = r.expect_continue;
	http_body_init(&c->body, &r, x->max_body);
	return answer_body(x, c, &r, p, n);
}

void
exchange_visit(struct exchange *x)
{
	x->budget = PIPELINED;
	x->until = 0;
}

/* Whether the visit has taken all that it may: requests, or, beyond the first of them, time. */
static bool
is_over(struct exchange *x)
{
	int64_t now;

	if (x->budget == PIPELINED || x->budget == 0 || x->clock == NULL)
		return x->budget == 0;
	now = x->clock();
	if (x->until == 0)
		x->until = now + VISIT;
	return now >= x->until;
}

size_t
exchange_answer(struct exchange *x, struct conn *c, char *p, size_t n)
{
	size_t at = 0, used = 1;

	x->paused = x->response.later = false;
	x->response.ticket = &c->ticket;
	while (at < n && used > 0 && !c->ends && !exchange_is_full(x)) {
		if (is_over(x)) {
			x->paused = true;
			break;
		}
		used = answer_one(x, c, p + at, n - at);
		at += used;
		x->budget -= used > 0;
	}
	return at;
}

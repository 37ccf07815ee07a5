#include "server/loop_limits.h"

#include "sha512.h"
#include "system/sandbox.h"

#include <errno.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	BATCH = 65536,                  /* bytes of answers that are gathered before a send */
	DRAIN_BYTES = 1 << 20,          /* a client that sends on longer gets its reset */
	QUIET = 2048                    /* bytes that are read of one where many have spoken */
};

static size_t
in_size(const struct loop_setup *s)
{
	return HTTP_HEAD_MAX + s->max_body + HTTP_FRAMING_BASE + s->max_body / 4 + 1;
}

static size_t
out_size(const struct loop_setup *s)
{
	return BATCH + EXCHANGE_HEAD_MAX + s->max_answer;
}

uint64_t
loop_memory(const struct loop_setup *s)
{
	return (uint64_t)(in_size(s) + out_size(s)) * (s->body_buffers + 1) + s->max_answer +
	    HTTP_FIELDS_OUT;
}

/* What a connection is watched for in each state. One whose peer is gone is seen always. */
static const uint8_t watched[] = {
	[CONN_IDLE] = EPOLLIN, [CONN_REQUEST] = EPOLLIN, [CONN_LARGE] = EPOLLIN,
	[CONN_UNSENT] = EPOLLOUT, [CONN_DRAIN] = EPOLLIN, [CONN_CLOSED] = EPOLLIN
};

/* By itself: hardly any request needs it. */
static __attribute__((noinline)) bool
watch(struct loop *l, struct conn *c, int operation)
{
	struct epoll_event e = { .events = watched[c->state], .data.ptr = c };

	return epoll_ctl(c->heavy ? l->heavy : l->epoll, operation, c->fd, &e) == 0;
}

void
loop_enter(struct loop *l, struct conn *c, enum conn_state state, int64_t since)
{
	bool other = watched[c->state] != watched[state];

	if (c->state != CONN_CLOSED)
		conn_remove(&l->queue[c->state], c);
	c->state = (uint8_t)state;
	c->since = since;
	conn_insert(&l->queue[state], c);
	if (other && !watch(l, c, EPOLL_CTL_MOD))
		shutdown(c->fd, SHUT_RDWR);     /* which is always seen */
}

static void
enter(struct loop *l, struct conn *c, enum conn_state state)
{
	loop_enter(l, c, state, l->now);
}

static void
give_back(struct loop *l, struct conn *c)
{
	c->next = l->closed;
	l->closed = c;
}

void
loop_close(struct loop *l, struct conn *c)
{
	conn_remove(&l->queue[c->state], c);
	c->state = CONN_CLOSED;
	loop_forget_input(l, c);
	close(c->fd);
	if (!c->ticket.waits)
		give_back(l, c);
}

void
loop_weigh(struct loop *l, struct conn *c, bool heavy)
{
	if (c->state == CONN_CLOSED || c->heavy == heavy)
		return;
	watch(l, c, EPOLL_CTL_DEL);
	c->heavy = heavy;
	if (!watch(l, c, EPOLL_CTL_ADD))
		loop_close(l, c);
}

/* RFC 9112 9.6: says that no more will come, and reads on for a while, so that the peer finds
 * the answer and no reset. */
static void
close_staged(struct loop *l, struct conn *c)
{
	loop_forget_input(l, c);
	c->drained = 0;
	if (shutdown(c->fd, SHUT_WR) != 0)
		loop_close(l, c);
	else
		enter(l, c, CONN_DRAIN);
}

void
loop_dismiss(struct loop *l, struct conn *c, unsigned status, const char *why)
{
	struct exchange *x = &l->exchange;
	struct buf gathered = x->out;           /* of another connection, it may be, */
	bool later = x->response.later;         /* like this */
	char memory[EXCHANGE_HEAD_MAX];
	struct http_request r;
	int used = http_head(&r, c->full != NULL ? c->full : c->small,
	    c->head > 0 ? c->head : c->have);

	x->out = buf_over(memory, sizeof memory);
	if (used < 0)
		exchange_refuse(x, c, &r, (unsigned)-used, r.fault, r.fault_at);
	else
		exchange_refuse(x, c, &r, status, why, HTTP_NO_OFFSET);
	send(c->fd, x->out.p, x->out.n, MSG_DONTWAIT | MSG_NOSIGNAL);
	x->out = gathered;
	x->response.later = later;
	close_staged(l, c);
}

/* Keeps n bytes of input for later, at least one. They may lie where they are kept: then nothing is
 * moved, as memmove() of musl moves them even so, byte by byte, and for every packet. false: there
 * is no buffer, and only their beginning is kept, for loop_dismiss(). */
static bool
keep_input(struct loop *l, struct conn *c, const char *p, size_t n)
{
	bool fits = n <= CONN_SMALL || loop_take_buffer(l, c);
	char *to = c->full != NULL ? c->full : c->small;

	if (!fits) {
		n = CONN_SMALL;
		c->head = 0;
	}
	if (p != to)
		memmove(to, p, n);
	c->have = (uint32_t)n;
	return fits;
}

/* Keeps what is gathered, from the byte `sent` on, until the peer takes more. Where that is
 * nothing, the connection only waits for its next turn. */
static bool
keep_output(struct loop *l, struct conn *c, size_t sent)
{
	struct buf *out = &l->exchange.out;

	if (!loop_take_buffer(l, c))
		return false;
	memcpy(c->full + l->in_size, out->p + sent, out->n - sent);
	c->unsent_at = 0;
	c->unsent_end = (uint32_t)(out->n - sent);
	enter(l, c, CONN_UNSENT);
	return true;
}

/* Sends n bytes as far as the peer takes them now. Returns how many it took, -1 when it is gone. */
static ssize_t
send_some(struct conn *c, const char *p, size_t n)
{
	ssize_t sent = n == 0 ? 0 : send(c->fd, p, n, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (sent < 0 && (errno == EAGAIN || errno == EINTR || errno == ENOBUFS || errno == ENOMEM))
		return 0;
	return sent;
}

/* Lets a request wait as its handler has asked. It stays as it came, with what stands behind it. A
 * ticket that is not back keeps its connection from being used again: there are not too many. */
static void
park(struct loop *l, struct conn *c)
{
	struct exchange *x = &l->exchange;

	if (l->parked >= l->setup->parked) {
		loop_dismiss(l, c, 503, LOOP_BUSY);
	} else {
		enter(l, c, CONN_PARKED);
		l->parked++;
		c->ticket.worker = l;
		c->ticket.waits = true;
		c->ticket.outcome = TICKET_NONE;
		x->handler->later(x->state, &c->ticket);
	}
}

/* All that could be answered is answered and sent. `begun`: input is left over; `fresh`: of a
 * request that has only now begun. */
static void
settle(struct loop *l, struct conn *c, bool begun, bool fresh)
{
	enum conn_state state = c->full != NULL ? CONN_LARGE : CONN_REQUEST;

	if (c->ends) {
		close_staged(l, c);
	} else if (!begun) {
		loop_release_buffer(l, c);
		enter(l, c, CONN_IDLE);
	} else if (l->exchange.response.later) {
		park(l, c);
	} else if (fresh || c->state != state) {
		loop_enter(l, c, state, c->begun);
	}
}

/* Answers hold tokens. */
static void
forget_output(struct exchange *x)
{
	wipe(x->out.p, x->out.n);
	buf_empty(&x->out);
}

/* Answers what stands in the n bytes at p, sends it, and keeps what is left over; of the
 * connection nothing else is kept. The last of the bytes were read at the time `read_at`; `unread`:
 * more may wait in the socket. */
static void
run(struct loop *l, struct conn *c, char *p, size_t n, int64_t read_at, bool unread)
{
	struct exchange *x = &l->exchange;
	size_t done = 0, left;
	ssize_t sent;
	bool full, paused, whole, kept;

	x->last = x->stopping && !unread;
	exchange_visit(x);
	do {
		forget_output(x);
		done += exchange_answer(x, c, p + done, n - done);
		full = exchange_is_full(x);
		sent = send_some(c, x->out.p, x->out.n);
		whole = sent == (ssize_t)x->out.n;
	} while (full && !x->paused && !c->ends && whole);
	left = c->ends ? 0 : n - done;
	paused = left > 0 && x->paused;
	if ((paused || (done > 0 && left > CONN_SMALL)) && !loop_has_buffer(l, c)) {
		c->ends = true;         /* a pipeline pushes nobody out */
		paused = false;
		left = 0;
	}
	if (done > 0)
		c->begun = read_at;
	kept = left == 0 || keep_input(l, c, p + done, left);
	if (p != c->full)
		wipe(p, n);
	else
		wipe(p + left, n - left);
	if ((!whole || paused) && (sent < 0 || !keep_output(l, c, (size_t)sent)))
		loop_close(l, c);
	else if (!kept)
		loop_dismiss(l, c, 503, LOOP_BUSY);
	else if (c->state != CONN_UNSENT)
		settle(l, c, n > done, done > 0);
	forget_output(x);
}

/* Where input that waits is looked at: it has moved there if need be. */
static char *
take_input(struct loop *l, struct conn *c)
{
	if (c->full != NULL)
		return c->full;
	memcpy(l->in, c->small, c->have);
	wipe(c->small, c->have);
	return l->in;
}

bool
loop_read(struct loop *l, struct conn *c)
{
	char *p = c->full != NULL ? c->full : l->in;
	size_t have = c->have;
	size_t most = l->in_size - have;
	ssize_t n;
	bool more;

	if (l->busy && !c->heavy && most > QUIET)
		most = QUIET;
	n = recv(c->fd, p + have, most, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n <= 0) {
		loop_close(l, c);
		return true;
	}
	more = (size_t)n == most;
	l->large = n > CONN_SMALL;
	if (have == 0)
		c->begun = l->now;
	else
		take_input(l, c);
	c->have = 0;
	run(l, c, p, have + (size_t)n, l->now, more);
	return true;
}

/* Answers what has waited; who reads on does so from `read_at`. */
static void
go_on(struct loop *l, struct conn *c, int64_t read_at)
{
	size_t have = c->have;
	char *p = take_input(l, c);

	c->have = 0;
	run(l, c, p, have, read_at, true);
}

static void
on_output(struct loop *l, struct conn *c)
{
	ssize_t sent = send_some(c, c->full + l->in_size + c->unsent_at,
	    c->unsent_end - c->unsent_at);

	if (sent >= 0)
		c->unsent_at += (uint32_t)sent;
	if (sent < 0) {
		loop_close(l, c);
	} else if (c->unsent_at == c->unsent_end) {
		loop_enter(l, c, CONN_LARGE, c->begun);
		go_on(l, c, c->begun);
	}
}

void
loop_resume(struct loop *l, struct ticket *t)
{
	struct conn *c = (struct conn *)((char *)t - offsetof(struct conn, ticket));

	t->waits = false;
	l->parked--;
	if (c->state == CONN_CLOSED)
		give_back(l, c);
	else if (c->state == CONN_PARKED)
		go_on(l, c, l->now);            /* nothing was read meanwhile */
}

/* Throws away what comes after the end. EPOLLHUP: the peer has ended its side too. */
static void
on_drain(struct loop *l, struct conn *c, uint32_t events)
{
	ssize_t n = (events & EPOLLHUP) != 0 ? 0 : recv(c->fd, l->in, l->in_size, MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0)
		wipe(l->in, (size_t)n);
	if (n <= 0 || (c->drained += (uint32_t)n) > DRAIN_BYTES)
		loop_close(l, c);
}

void
loop_event(struct loop *l, struct conn *c, uint32_t events)
{
	switch ((enum conn_state)c->state) {
	case CONN_IDLE:
	case CONN_REQUEST:
	case CONN_LARGE: loop_read(l, c); break;
	case CONN_PARKED:
		if ((events & (EPOLLHUP | EPOLLERR)) != 0)      /* the peer is gone */
			loop_close(l, c);
		break;
	case CONN_UNSENT: on_output(l, c); break;
	case CONN_DRAIN: on_drain(l, c, events); break;
	case CONN_CLOSED: break;        /* in this very turn */
	}
}

void
loop_take(struct loop *l, struct conn *c)
{
	enter(l, c, CONN_IDLE);
}

void
loop_close_idle(struct loop *l)
{
	struct conn *next, *c;

	for (c = l->queue[CONN_IDLE].first; c != NULL; c = next) {
		bool coming = c->begun == 0 &&          /* the first request */
		    l->now - c->since < LOOP_COMING;

		next = c->next;
		if (!loop_read(l, c) && !coming)
			loop_close(l, c);
	}
}

void
loop_close_all(struct loop *l)
{
	struct conn *c;

	for (int state = 0; state < CONN_STATES; state++)
		while ((c = l->queue[state].first) != NULL)
			loop_close(l, c);
}

bool
loop_open(struct loop *l, const struct loop_setup *setup, struct worker_state *state)
{
	size_t in = in_size(setup), out = out_size(setup);
	char *p = MAP_FAILED;

	errno = ENOMEM;                 /* more than a pointer of 32 bits reaches */
	if (loop_memory(setup) <= SIZE_MAX / 2)
		p = mmap(NULL, (size_t)loop_memory(setup), PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return false;
	*l = (struct loop){ .setup = setup, .in = p, .in_size = in, .now = clock_now() };
	l->exchange = (struct exchange){
		.handler = setup->handler, .state = state, .max_body = setup->max_body,
		.clock = clock_now, .date_second = -1, .out = buf_over(p + in, out),
		.response.body = buf_over(p + in + out, setup->max_answer),
		.response.fields = buf_over(p + in + out + setup->max_answer, HTTP_FIELDS_OUT)
	};
	l->buffers = p + in + out + setup->max_answer + HTTP_FIELDS_OUT;
	l->buffers_left = setup->body_buffers;
	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	l->heavy = epoll_create1(EPOLL_CLOEXEC);
	return l->epoll >= 0 && l->heavy >= 0 && epoll_ctl(l->epoll, EPOLL_CTL_ADD, l->heavy,
	    &(struct epoll_event){ .events = EPOLLIN, .data.ptr = &l->heavy }) == 0;
}

bool
loop_lock(struct loop *l, unsigned n)
{
	size_t before = (size_t)(l->buffers - l->in), size = l->in_size + l->exchange.out.cap;

	return sandbox_lock_used(l->in, before + n * size);
}

/* One thread's connections, driven by hand: sockets are pairs, and time is what the test says it
 * is. */
#include "test/test.h"

#include "server/loop.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SECOND = 1000000, CONNS = 8, MAX_BODY = 8192, MAX_ANSWER = 70000 };

static struct {
	struct loop loop;
	struct conn conn[CONNS];
	char small[CONNS][CONN_SMALL];
	int peer[CONNS];
	unsigned used;
} t;

static unsigned answers;

/* Of requests that wait: how often one was to, and the tickets that were handed over for them. */
static unsigned asked, held;
static struct ticket *holds[CONNS];

static void
hold(struct worker_state *state, struct ticket *ticket)
{
	(void)state;
	CHECK(held < CONNS && ticket->waits && ticket->outcome == TICKET_NONE, "a ticket");
	holds[held++ % CONNS] = ticket;
}

/* "/later" waits once, "/twice" twice. The answer is what the request was, once more: its path, its
 * body and, behind it, what its note says of the body. */
static void
handle_later(struct response *out, const struct http_request *in)
{
	struct ticket *ticket = out->ticket;
	uint32_t length = (uint32_t)in->body.n;

	asked++;
	if (ticket->outcome == TICKET_NONE || (in->path.p[1] == 't' && asked < 3)) {
		out->later = true;
		memcpy(ticket->note, &length, sizeof length);
		return;
	}
	memcpy(&length, ticket->note, sizeof length);
	out->status = ticket->outcome == TICKET_DONE ? 200 : 503;
	buf_add(&out->body, in->path);
	buf_add(&out->body, in->body);
	buf_number(&out->body, length);
}

/* A toy: the answer's body is as long as the path says ("/70000"), else the length of the request's
 * body. */
static bool
handle(struct response *out, struct worker_state *state, const struct http_request *in)
{
	unsigned n = 0;

	(void)state;
	if (!in->complete)
		return false;
	if (in->path.n >= 6 && in->path.p[1] >= 'a') {
		handle_later(out, in);
		return true;
	}
	CHECK(out->ticket->outcome == TICKET_NONE, "an outcome is of the request that waited");
	answers++;
	for (size_t i = 1; i < in->path.n && in->path.p[i] >= '0' && in->path.p[i] <= '9'; i++)
		n = n * 10 + (unsigned)(in->path.p[i] - '0');
	out->status = 200;
	if (n > 0) {
		memset(out->body.p, 'x', n);
		out->body.n = n;
	} else {
		buf_number(&out->body, in->body.n);
	}
	return true;
}

static void
refuse(struct response *out, const struct http_request *in, unsigned status, const char *why,
    size_t at)
{
	(void)in, (void)at;
	out->status = status;
	buf_put(&out->body, why, strlen(why));
}

static void
begin(unsigned buffers)
{
	static const struct handler handler = { handle, refuse, NULL, hold };
	static struct loop_setup setup;

	setup = (struct loop_setup){ .handler = &handler, .max_body = MAX_BODY,
	    .max_answer = MAX_ANSWER,
		.body_buffers = buffers, .parked = 3, .request_timeout = 10,
		.idle_timeout = 75 };
	CHECK(loop_open(&t.loop, &setup, NULL), "loop_open: %s", strerror(errno));
	t.loop.now = SECOND;
	t.loop.exchange.clock = NULL;   /* a machine that stalls changes nothing */
	exchange_set_time(&t.loop.exchange, 1795457741);
	t.used = asked = held = 0;
}

/* A connection; its number. The socket buffers are small, for a peer that does not read to be
 * noticed. */
static unsigned
connected(void)
{
	unsigned i = t.used++;
	int pair[2], size = 4096;

	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0, "socketpair");
	setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
	t.conn[i] = (struct conn){ .fd = pair[0], .state = CONN_CLOSED, .from = HTTP_FROM_HERE,
	    .small = t.small[i] };
	t.peer[i] = pair[1];
	epoll_ctl(t.loop.epoll, EPOLL_CTL_ADD, pair[0],
	    &(struct epoll_event){ .events = EPOLLIN, .data.ptr = &t.conn[i] });
	loop_take(&t.loop, &t.conn[i]);
	return i;
}

/* One turn at this time. */
static void
turn(int64_t now)
{
	struct epoll_event event[CONNS];
	int n = epoll_wait(t.loop.epoll, event, CONNS, 0);

	t.loop.now = now;
	for (int i = 0; i < n; i++)
		loop_event(&t.loop, event[i].data.ptr, event[i].events);
	loop_expire(&t.loop);
	t.loop.closed = NULL;
}

static void
say(unsigned i, const char *text, int64_t now)
{
	CHECK(send(t.peer[i], text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT) ==
	    (ssize_t)strlen(text), "sending");
	turn(now);
}

/* What the peer has got: the status of the first answer, 0 when there is none, -1 when the
 * connection has ended. */
static int
heard(unsigned i)
{
	static char text[MAX_ANSWER * 4];
	ssize_t n = recv(t.peer[i], text, sizeof text, MSG_DONTWAIT);

	if (n <= 0)
		return n == 0 || errno != EAGAIN ? -1 : 0;
	return (text[9] - '0') * 100 + (text[10] - '0') * 10 + text[11] - '0';
}

static void
end(void)
{
	loop_close_all(&t.loop);
	for (unsigned i = 0; i < t.used; i++)
		close(t.peer[i]);
	close(t.loop.epoll);
	munmap(t.loop.in, (size_t)loop_memory(t.loop.setup));
}

#define GET "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

static void
idle_timeout(void)
{
	unsigned silent, busy;

	begin(1);
	silent = connected();
	busy = connected();
	CHECK(loop_sleep(&t.loop) == 10000, "a sleep of %d ms", loop_sleep(&t.loop));
	turn(40 * SECOND);
	say(busy, GET, 40 * SECOND);
	CHECK(heard(busy) == 200, "an answer");
	turn(76 * SECOND - 1);
	CHECK(heard(silent) == 0 && loop_sleep(&t.loop) == 1, "a microsecond early");
	turn(76 * SECOND);
	CHECK(heard(silent) == -1, "closed after 75 seconds, without a word");
	turn(115 * SECOND - 1);
	CHECK(heard(busy) == 0, "its time began with its answer");
	turn(115 * SECOND);
	CHECK(heard(busy) == -1, "closed 75 seconds after its answer");
	end();
}

/* A byte a second extends nothing; what a head can't become any more is said instead of 408. */
static void
request_timeout(void)
{
	unsigned slow, wrong, body;

	begin(1);
	slow = connected();
	wrong = connected();
	body = connected();
	say(body, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99\r\n\r\n", SECOND);
	for (int s = 0; s < 10; s++) {
		say(slow, "G", (s + 1) * SECOND);
		say(body, "x", (s + 1) * SECOND);
	}
	say(wrong, "GET / HTTP/1.1\r\nHost", 6 * SECOND);
	say(wrong, "\1", 6 * SECOND);
	turn(11 * SECOND - 1);
	CHECK(heard(slow) == 0 && heard(body) == 0, "a microsecond early");
	turn(11 * SECOND);
	CHECK(heard(slow) == 408 && heard(slow) == -1, "a head that drips in");
	CHECK(heard(body) == 408 && heard(body) == -1, "a body that drips in");
	CHECK(heard(wrong) == 0, "it has five seconds more");
	turn(16 * SECOND);
	CHECK(heard(wrong) == 400 && heard(wrong) == -1, "a head that is wrong, not late");
	end();
}

/* After a refusal the connection is drained for two seconds, or for a megabyte. */
static void
draining(void)
{
	static char much[1 << 18];
	unsigned patient, flood;

	begin(1);
	patient = connected();
	flood = connected();
	say(patient, "x\r\n\r\n", SECOND);
	say(flood, "x\r\n\r\n", SECOND);
	CHECK(heard(patient) == 400 && heard(patient) == -1, "a refusal, then the end");
	turn(3 * SECOND - 1);
	CHECK(t.conn[patient].state == CONN_DRAIN, "a microsecond early");
	for (int i = 0; i < 2000 && t.conn[flood].state == CONN_DRAIN; i++) {
		send(t.peer[flood], much, sizeof much, MSG_DONTWAIT | MSG_NOSIGNAL);
		turn(3 * SECOND - 1);
	}
	CHECK(t.conn[flood].state == CONN_CLOSED, "a megabyte ends it early");
	turn(3 * SECOND);
	CHECK(t.conn[patient].state == CONN_CLOSED, "two seconds");
	end();
}

/* A peer that does not read: nothing more is read from it, its time runs from the first byte it did
 * not take. */
static void
unread_answers(void)
{
	unsigned i;
	int64_t now = SECOND;
	ssize_t got = 0, n;
	char text[8192];

	begin(2);
	i = connected();
	say(i, "GET /70000 HTTP/1.1\r\nHost: a\r\n\r\nGET /5 HTTP/1.1\r\nHost: a\r\n\r\n"
	    "POST / HTTP/1.1\r\nHo", now);
	CHECK(t.conn[i].state == CONN_UNSENT && t.conn[i].full != NULL, "it waits for the peer");
	for (int k = 0; k < 200 && t.conn[i].state != CONN_LARGE; k++) {
		while ((n = recv(t.peer[i], text, sizeof text, MSG_DONTWAIT)) > 0)
			got += n;
		turn(now);
	}
	while ((n = recv(t.peer[i], text, sizeof text, MSG_DONTWAIT)) > 0)
		got += n;
	CHECK(got > 70000 && t.conn[i].state == CONN_LARGE, "both answers come, %zd bytes", got);
	say(i, "st: a\r\nContent-Length: 3\r\n\r\nabc", now);
	CHECK(heard(i) == 200 && t.conn[i].state == CONN_IDLE && t.conn[i].full == NULL,
	    "what stood behind them");
	say(i, "GET /70000 HTTP/1.1\r\nHost: a\r\n\r\n", now);
	for (int s = 1; s < 10; s++) {
		CHECK(recv(t.peer[i], text, 1, 0) == 1, "a byte a second");
		turn(now + s * SECOND);
	}
	turn(now + 10 * SECOND - 1);
	CHECK(t.conn[i].state == CONN_UNSENT, "a microsecond early");
	turn(now + 10 * SECOND);
	CHECK(t.conn[i].state == CONN_CLOSED, "it never read its answer");
	end();
}

#define LARGE "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4000\r\n\r\n"

/* A request that takes a full-size buffer has begun. */
static void
say_large(unsigned i, int64_t now)
{
	static char text[sizeof LARGE + 2000];

	memset(text, 'x', sizeof text - 1);
	memcpy(text, LARGE, sizeof LARGE - 1);
	say(i, text, now);
}

/* When all full-size buffers are taken, the oldest unfinished request gets 503; a small one needs
 * none. */
static void
body_buffers(void)
{
	static char piece[2001], rest[2001];
	unsigned first, second, small;

	begin(1);
	memset(piece, 'x', sizeof piece - 1);
	memset(rest, 'x', sizeof rest - 1);
	first = connected();
	second = connected();
	small = connected();
	say(first, LARGE, SECOND);
	say(first, piece, SECOND);
	CHECK(t.conn[first].full != NULL, "2,000 bytes need a buffer");
	say(small, LARGE, 2 * SECOND);
	CHECK(t.conn[small].full == NULL && heard(first) == 0, "100 bytes need none");
	say(second, LARGE, 3 * SECOND);
	say(second, piece, 3 * SECOND);
	CHECK(heard(first) == 503 && heard(first) == -1, "the oldest makes way");
	CHECK(t.conn[second].full != NULL && heard(second) == 0, "and the new one has its buffer");
	say(second, rest, 4 * SECOND);
	CHECK(heard(second) == 200 && t.conn[second].full == NULL,
	    "it is answered and gives it back");
	say(small, piece, 5 * SECOND);
	say(small, rest, 5 * SECOND);
	CHECK(heard(small) == 200, "so the third one is");
	end();
}

/* Nobody's request is unfinished, but an answer that is not read holds the only buffer: its
 * connection is closed, even where it would have been its turn. */
static void
buffer_of_an_unread_answer(void)
{
	static char piece[2001];
	unsigned deaf, second;

	begin(1);
	memset(piece, 'x', sizeof piece - 1);
	deaf = connected();
	second = connected();
	say(deaf, "GET /70000 HTTP/1.1\r\nHost: a\r\n\r\n", SECOND);
	say(second, LARGE, SECOND);
	CHECK(t.conn[deaf].state == CONN_UNSENT, "it waits for its peer");
	CHECK(send(t.peer[second], piece, 2000, 0) == 2000 && heard(deaf) == 200, "sending");
	turn(2 * SECOND);
	CHECK(t.conn[deaf].state == CONN_CLOSED, "it makes way");
	CHECK(t.conn[second].full != NULL && heard(second) == 0, "for a request");
	say(second, piece, 3 * SECOND);
	CHECK(heard(second) == 200, "which is answered");
	end();
}

/* Where there is no buffer at all, what would need one ends its connection; the rest is served. */
static void
no_buffer(void)
{
	static char piece[2001];
	unsigned deaf, large, small;

	begin(0);
	memset(piece, 'x', sizeof piece - 1);
	deaf = connected();
	large = connected();
	small = connected();
	say(deaf, "GET /70000 HTTP/1.1\r\nHost: a\r\n\r\n", SECOND);
	say(large, LARGE, SECOND);
	say(large, piece, SECOND);
	say(small, GET, SECOND);
	CHECK(t.conn[deaf].state == CONN_CLOSED, "an answer that is not read can't be kept");
	CHECK(heard(large) == 503 && heard(large) == -1, "a request hears why it ends");
	CHECK(heard(small) == 200, "and who needs none is answered");
	end();
}

/* How long a worker sleeps: a fraction of short time limits, not at all where something is due. */
static void
sleeping(void)
{
	struct loop_setup hasty;
	unsigned i;

	begin(1);
	hasty = *t.loop.setup;
	hasty.idle_timeout = 2;
	t.loop.setup = &hasty;
	CHECK(loop_sleep(&t.loop) == 500, "a quarter: %d ms", loop_sleep(&t.loop));
	t.loop.exchange.stopping = true;
	CHECK(loop_sleep(&t.loop) == 250, "a stop is nearer: %d ms", loop_sleep(&t.loop));
	i = connected();
	t.loop.now += 3 * SECOND;
	CHECK(loop_sleep(&t.loop) == 0, "overdue: %d ms", loop_sleep(&t.loop));
	turn(t.loop.now);
	CHECK(heard(i) == -1 && loop_sleep(&t.loop) == 250, "and over");
	end();
}

/* The rule itself: what the oldest of each kind are, in tenths of a second before now, -1 for none;
 * whether somebody has waited long; who goes. */
static void
who_goes(void)
{
	static const struct {
		int finished, idle, held;
		bool pressed;
		enum loop_room goes;
	} cases[] = {
		{ -1, -1, -1, false, LOOP_ROOMS }, { -1, -1, -1, true, LOOP_ROOMS },
		{ 0, 9, 9, false, LOOP_FINISHED }, { 0, -1, -1, true, LOOP_FINISHED },
		{ -1, 5, -1, false, LOOP_IDLE }, { -1, 5, 99, false, LOOP_IDLE },
		{ -1, 4, -1, false, LOOP_ROOMS }, { -1, 4, 5, false, LOOP_HELD },
		{ -1, 4, 4, false, LOOP_ROOMS }, { -1, 4, 4, true, LOOP_IDLE },
		{ -1, 0, -1, true, LOOP_IDLE }, { -1, -1, 5, false, LOOP_HELD },
		{ -1, -1, 4, false, LOOP_ROOMS }, { -1, -1, 4, true, LOOP_ROOMS },
		{ -1, 0, 5, true, LOOP_HELD },
	};
	const int64_t now = 100 * SECOND;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const int ago[LOOP_ROOMS] = { cases[i].finished, cases[i].idle, cases[i].held };
		int64_t since[LOOP_ROOMS];

		for (int room = 0; room < LOOP_ROOMS; room++)
			since[room] = ago[room] < 0 ? 0 : now - ago[room] * (SECOND / 10);
		CHECK(loop_who_goes(since, now, cases[i].pressed) == cases[i].goes,
		    "row %zu", i);
	}
}

static void
making_room(void)
{
	unsigned old, young, begun, drained;

	begin(1);
	begun = connected();
	say(begun, "GET", SECOND);
	young = connected();
	old = connected();
	say(young, GET, 3 * SECOND);
	say(old, GET, 2 * SECOND);
	say(young, GET, 3 * SECOND);
	CHECK(loop_oldest(&t.loop, LOOP_IDLE) == 2 * SECOND &&
	    loop_oldest(&t.loop, LOOP_HELD) == SECOND &&
	    loop_oldest(&t.loop, LOOP_FINISHED) == 0, "who is oldest");
	t.loop.now = 3 * SECOND + 1;
	loop_make_room(&t.loop, false);
	CHECK(t.conn[old].state == CONN_CLOSED, "the one idle longest goes first");
	loop_make_room(&t.loop, false);
	CHECK(t.conn[begun].state == CONN_CLOSED && heard(begun) == 408 &&
	    t.conn[young].state == CONN_IDLE, "then the request, not who has just spoken");
	loop_make_room(&t.loop, false);
	CHECK(t.conn[young].state == CONN_IDLE, "who is alone and young stays");
	loop_make_room(&t.loop, true);
	CHECK(t.conn[young].state == CONN_CLOSED, "but not for long");
	begun = connected();
	say(begun, "GET", 4 * SECOND);
	t.loop.now = 4 * SECOND + SECOND / 2 - 1;
	loop_make_room(&t.loop, true);
	CHECK(t.conn[begun].state == CONN_REQUEST, "a request of less than half a second stays");
	t.loop.now++;
	loop_make_room(&t.loop, false);
	CHECK(t.conn[begun].state == CONN_CLOSED && heard(begun) == 408,
	    "an older one hears why it goes");
	loop_make_room(&t.loop, true);
	CHECK(t.loop.evicted == 4, "nobody is left");
	drained = connected();
	say(drained, "x\r\n\r\n", 2 * SECOND + 1);
	CHECK(heard(drained) == 400 && t.conn[drained].state == CONN_DRAIN, "who was refused");
	loop_make_room(&t.loop, false);
	CHECK(t.conn[drained].state == CONN_CLOSED && t.loop.evicted == 5, "goes at once");
	end();
}

/* An answer that nobody reads makes room like a request that does not end: the older one goes. */
static void
making_room_of_unsent(void)
{
	unsigned unsent, begun, large;

	begin(4);
	unsent = connected();
	say(unsent, "GET /70000 HTTP/1.1\r\nHost: a\r\n\r\n", 2 * SECOND);
	begun = connected();
	say(begun, "GET", SECOND);
	large = connected();
	say_large(large, 3 * SECOND);
	CHECK(t.conn[unsent].state == CONN_UNSENT && t.conn[begun].state == CONN_REQUEST &&
	    t.conn[large].state == CONN_LARGE, "all three wait");
	t.loop.now = 4 * SECOND;
	loop_make_room(&t.loop, false);
	CHECK(t.conn[begun].state == CONN_CLOSED, "the oldest is a request");
	loop_make_room(&t.loop, false);
	CHECK(t.conn[unsent].state == CONN_CLOSED, "then an answer");
	loop_make_room(&t.loop, false);
	CHECK(t.conn[large].state == CONN_CLOSED && heard(large) == 408, "then a large request");
	end();
}

/* Of those with a full-size buffer the oldest gives it up, whichever kind it is. */
static void
buffers_by_age(void)
{
	unsigned unsent, large, more;

	begin(2);
	unsent = connected();
	say(unsent, "GET /70000 HTTP/1.1\r\nHost: a\r\n\r\n", SECOND);
	large = connected();
	say_large(large, 2 * SECOND);
	more = connected();
	say_large(more, 3 * SECOND);
	CHECK(t.conn[unsent].state == CONN_CLOSED && t.conn[large].state == CONN_LARGE &&
	    t.conn[more].state == CONN_LARGE, "the answer is older");
	unsent = connected();
	say(unsent, "GET /70000 HTTP/1.1\r\nHost: a\r\n\r\n", 4 * SECOND);
	CHECK(heard(large) == 503 && t.conn[large].state == CONN_DRAIN &&
	    t.conn[unsent].state == CONN_UNSENT, "the request is older");
	end();
}

/* Where somebody waits and all are young, one answer says that its connection ends, and no more. */
static void
crowded(void)
{
	unsigned a, b;

	begin(1);
	a = connected();
	b = connected();
	t.loop.exchange.crowded = true;
	say(a, GET "GET", 2 * SECOND);
	CHECK(heard(a) == 200 && t.conn[a].state == CONN_DRAIN && !t.loop.exchange.crowded,
	    "the next answer is the last");
	say(b, GET, 2 * SECOND);
	CHECK(heard(b) == 200 && t.conn[b].state == CONN_IDLE, "the one behind it is not");
	end();
}

/* An idle connection that has spoken meanwhile is answered, and the next one makes room. */
static void
making_room_reads_first(void)
{
	unsigned spoken, silent;

	begin(1);
	spoken = connected();
	silent = connected();
	CHECK(send(t.peer[spoken], GET, strlen(GET), 0) > 0, "sending");
	t.loop.now = 2 * SECOND;
	loop_make_room(&t.loop, false);
	CHECK(heard(spoken) == 200 && t.conn[spoken].state == CONN_IDLE, "it is answered");
	CHECK(heard(silent) == -1, "and the silent one goes");
	end();
}

/* One peer's pipeline is answered 128 requests at a time; the others come in between. */
static void
pipelines(void)
{
	static char text[300 * sizeof GET], got[300 * 200];
	struct buf b = buf_over(text, sizeof text - 1);
	unsigned flood, other, turns = 0;

	begin(1);
	flood = connected();
	other = connected();
	for (int i = 0; i < 300; i++)
		buf_add(&b, STR(GET));
	answers = 0;
	say(flood, text, SECOND);
	CHECK(answers == 128, "%u of 300 in the first turn", answers);
	say(other, GET, SECOND);
	CHECK(heard(other) == 200, "the other is answered in the second turn");
	for (; answers < 301 && turns < 100; turns++) {
		while (recv(t.peer[flood], got, sizeof got, MSG_DONTWAIT) > 0)
			;
		turn(SECOND);
	}
	CHECK(answers == 301 && t.conn[flood].state == CONN_IDLE, "%u answers", answers);
	end();
}

static int64_t ticks;

/* A clock by which every request takes a tenth of a millisecond. */
static int64_t
slow_clock(void)
{
	return ticks += 100;
}

/* What is left of a pipeline needs a buffer: where another one has the last, the connection ends
 * behind what is answered, and the other one stays. */
static void
pipeline_without_buffer(void)
{
	static char piece[2001], rest[2001];
	unsigned flood, other;
	int got;

	begin(1);
	t.loop.exchange.clock = slow_clock;
	memset(piece, 'x', sizeof piece - 1);
	memset(rest, 'x', sizeof rest - 1);
	flood = connected();
	other = connected();
	say(other, LARGE, SECOND);
	say(other, piece, SECOND);
	CHECK(t.conn[other].full != NULL, "the other has the only buffer");
	answers = 0;
	say(flood, GET GET GET GET GET GET GET GET GET GET, SECOND);
	got = heard(flood);
	CHECK(answers < 10 && got == 200, "%u of 10 are answered, the first with %d", answers, got);
	turn(SECOND);
	got = heard(flood);
	CHECK(answers < 10 && got == -1, "then it ends: %u, %d", answers, got);
	say(other, rest, SECOND);
	got = heard(other);
	CHECK(got == 200, "who had the buffer is answered: %d", got);
	end();
}

/* A pipeline is answered for a quarter of a millisecond after its first request; then others come. */
static void
visits(void)
{
	unsigned flood, other, turns = 0;

	begin(1);
	t.loop.exchange.clock = slow_clock;
	flood = connected();
	other = connected();
	answers = 0;
	say(flood, GET GET GET GET GET GET GET GET GET, SECOND);
	CHECK(answers == 4, "%u of 9 in the first turn", answers);
	say(other, GET, SECOND);
	CHECK(heard(other) == 200 && answers == 9, "%u with the other's", answers);
	for (; answers < 10 && turns < 10; turns++) {
		heard(flood);
		turn(SECOND);
	}
	CHECK(answers == 10 && t.conn[flood].state == CONN_IDLE, "%u answers", answers);
	end();
}

/* Half a request that waits behind an unread answer has the one deadline of its first byte. */
static void
deadline_behind_an_answer(void)
{
	char text[8192];
	unsigned i;

	begin(1);
	i = connected();
	say(i, "GET /70000 HTTP/1.1\r\nHost: a\r\n\r\nGET / HT", SECOND);
	for (int k = 0; k < 200 && t.conn[i].state != CONN_REQUEST; k++) {
		while (recv(t.peer[i], text, sizeof text, MSG_DONTWAIT) > 0)
			;
		turn(9 * SECOND);
	}
	CHECK(t.conn[i].state == CONN_LARGE, "the answer was read");
	while (recv(t.peer[i], text, sizeof text, MSG_DONTWAIT) > 0)
		;
	turn(11 * SECOND - 1);
	CHECK(heard(i) == 0, "a microsecond early");
	turn(11 * SECOND);
	CHECK(heard(i) == 408, "ten seconds after its first byte");
	end();
}

/* Stopping: what was sent is answered, with the connection's end announced; the silent go, but those
 * who have just come get a second to speak; what is begun may finish. */
static void
stopping(void)
{
	unsigned sent, silent, begun;

	begin(1);
	sent = connected();
	silent = connected();
	begun = connected();
	say(begun, "GET / HTTP/1.1\r\n", SECOND);
	CHECK(send(t.peer[sent], GET GET, strlen(GET GET), 0) > 0, "sending");
	t.loop.exchange.stopping = true;
	answers = 0;
	loop_close_idle(&t.loop);
	CHECK(heard(sent) == 200 && heard(sent) == -1, "it was sent before the stop");
	CHECK(answers == 2, "both requests that were sent at once are answered, not %u", answers);
	CHECK(heard(silent) == 0, "it said nothing, but it has just come");
	t.loop.now += SECOND;
	loop_close_idle(&t.loop);
	CHECK(heard(silent) == -1, "it said nothing");
	CHECK(heard(begun) == 0, "it may finish");
	say(begun, "Host: a\r\n\r\n", 2 * SECOND);
	CHECK(heard(begun) == 200 && heard(begun) == -1, "and does");
	end();
}

/* A peer that goes away before it has read its answer, one that resets what is drained. */
static void
gone_deaf(void)
{
	begin(1);
	connected();
	connected();
	say(0, "GET /70000 HTTP/1.1\r\nHost: a\r\n\r\n", SECOND);
	say(1, "x\r\n\r\n", SECOND);
	CHECK(t.conn[0].state == CONN_UNSENT && t.conn[1].state == CONN_DRAIN, "they wait");
	for (int i = 0; i < 2; i++) {
		close(t.peer[i]);
		t.peer[i] = -1;
	}
	turn(SECOND);
	CHECK(t.conn[0].state == CONN_CLOSED && t.conn[0].full == NULL &&
	    t.conn[1].state == CONN_CLOSED, "nobody waits for them");
	end();
}

/* A peer that goes away in the middle leaves nothing behind. */
static void
gone(void)
{
	static const char *const parts[] = { "", "G", GET "G", LARGE, LARGE "xxx",
		"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab" };

	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		begin(1);
		connected();
		CHECK(send(t.peer[0], parts[i], strlen(parts[i]), 0) == (ssize_t)strlen(parts[i]),
		    "sending");
		close(t.peer[0]);
		t.peer[0] = -1;
		for (int k = 0; k < 3; k++)
			turn(SECOND);
		CHECK(t.conn[0].state == CONN_CLOSED && t.conn[0].full == NULL, "part %zu", i);
		end();
	}
}

/* A head that drips in line by line, the first one long: it is not read again for every line. */
static void
dripping_head(void)
{
	static const struct handler handler = { handle, refuse, NULL, NULL };
	static char in[16384], out[2 * EXCHANGE_HEAD_MAX];
	struct exchange x = { .handler = &handler, .budget = 8, .out = buf_over(out, sizeof out) };
	struct buf head = buf_over(in, sizeof in);
	struct conn c = { .fd = -1 };
	unsigned looks = 0;

	exchange_set_time(&x, 0);
	buf_text(&head, "GET / HTTP/1.1\r\nHost: a\r\nConnection: ");
	while (head.n < 14000)
		buf_text(&head, ",");
	buf_text(&head, "\r\n");
	for (unsigned lines = 0; lines < 98; lines++, buf_text(&head, "x:\r\n")) {
		CHECK(exchange_answer(&x, &c, head.p, head.n) == 0, "line %u", lines);
		looks += c.tried == head.n;
	}
	CHECK(looks < 4, "looked at %u times", looks);
	buf_text(&head, "\r\n");
	CHECK(exchange_answer(&x, &c, head.p, head.n) == head.n && x.out.n > 0, "answered");
}

/* A head larger than what is looked at line by line, cut anywhere in its empty line. */
static void
cut_empty_line(void)
{
	static const struct handler handler = { handle, refuse, NULL, NULL };
	static char in[4096], out[2 * EXCHANGE_HEAD_MAX];

	for (size_t cut = 1; cut <= 4; cut++) {
		struct exchange x = { .handler = &handler, .budget = 8,
		    .out = buf_over(out, sizeof out) };
		struct buf head = buf_over(in, sizeof in);
		struct conn c = { .fd = -1 };

		exchange_set_time(&x, 0);
		buf_text(&head, "GET / HTTP/1.1\r\nHost: a\r\nConnection: ");
		while (head.n < CONN_SMALL)
			buf_text(&head, ",");
		buf_text(&head, "\r\n\r\n");
		CHECK(exchange_answer(&x, &c, head.p, head.n - cut) == 0, "less by %zu", cut);
		CHECK(exchange_answer(&x, &c, head.p, head.n) == head.n, "then %zu more", cut);
	}
}

static bool
overflow(struct response *out, struct worker_state *state, const struct http_request *in)
{
	(void)state, (void)in;
	out->status = 200;
	out->fields.bad = true;
	return true;
}

/* An answer that does not fit is never sent in part: in its place comes one that says so. */
static void
too_long(void)
{
	static const struct handler handler = { overflow, refuse, NULL, NULL };
	static char out[2 * EXCHANGE_HEAD_MAX], in[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
	struct exchange x = { .handler = &handler, .budget = 8, .out = buf_over(out, sizeof out) };
	struct conn c = { .fd = -1 };

	exchange_set_time(&x, 0);
	buf_text(&x.out, "what is before");
	CHECK(exchange_answer(&x, &c, in, sizeof in - 1) == sizeof in - 1 && c.ends && !x.out.bad,
	    "answered, and ended");
	CHECK(str_find(buf_str(&x.out), STR("what is beforeHTTP/1.1 500 ")) == out &&
	    str_find(buf_str(&x.out), STR("Connection: close\r\n")) != NULL &&
	    memcmp(out + x.out.n - 4, "\r\n\r\n", 4) == 0, "%.*s", (int)x.out.n, out);
}

/* ---- requests that wait for their handler */

#define LATER(path) "GET /later" path " HTTP/1.1\r\nHost: a\r\n\r\n"

/* The ticket that was handed over as the nth comes back. */
static void
give(unsigned n, enum ticket_outcome outcome)
{
	CHECK(n < held, "ticket %u of %u", n, held);
	if (n >= held)
		return;
	holds[n]->outcome = (uint8_t)outcome;
	loop_resume(&t.loop, holds[n]);
}

static void
is_told(unsigned i, const char *want, const char *what)
{
	static char text[MAX_ANSWER], told[MAX_ANSWER];
	ssize_t n = recv(t.peer[i], text, sizeof text, MSG_DONTWAIT);
	struct buf b = buf_over(told, sizeof told);

	test_told(&b, (struct str){ text, n > 0 ? (size_t)n : 0 });
	CHECK_BYTES(buf_str(&b), str_from(want), "%s", what);
}

/* What stands behind a request that waits is looked at after its answer, and what comes meanwhile
 * is not even read. */
static void
parked_in_order(void)
{
	unsigned i, other;

	begin(1);
	i = connected();
	other = connected();
	answers = 0;
	say(i, GET LATER("/a") GET LATER("/b") GET "GET", SECOND);
	CHECK(t.conn[i].state == CONN_PARKED && held == 1 && asked == 1 && answers == 1,
	    "the second request waits");
	is_told(i, "200:0", "the first");
	say(i, " / HTTP/1.1\r\nHost: a\r\n\r\n", SECOND);
	say(other, GET, SECOND);
	is_told(other, "200:0", "others are served");
	loop_event(&t.loop, &t.conn[i], EPOLLIN);
	CHECK(t.conn[i].state == CONN_PARKED && asked == 1, "it reads nothing");
	give(0, TICKET_DONE);
	CHECK(t.conn[i].state == CONN_PARKED && held == 2, "now the fourth waits");
	is_told(i, "200:/later/a0 200:0", "up to it");
	give(1, TICKET_FAILED);
	is_told(i, "503:/later/b0 200:0", "up to the half one");
	CHECK(t.conn[i].state == CONN_REQUEST && t.loop.parked == 0, "which goes on");
	turn(2 * SECOND);
	is_told(i, "200:0", "with what came meanwhile");
	CHECK(t.conn[i].state == CONN_IDLE && t.conn[i].full == NULL, "it is over");
	end();
}

/* The request is the same at the second call: chunked or not, in the small buffer or a full-size
 * one, in one piece or two, with something behind it or not. */
static void
parked_bodies(void)
{
	static char body[4001], text[3][8192], want[8192];
	static const char behind[] = LATER("/behind") GET;

	for (unsigned row = 0; row < 24; row++) {
		unsigned n = row & 1 ? 4000 : 100, half, i, other;
		bool chunked = row & 2, more = row & 4;

		begin(2);
		i = connected();
		other = connected();
		for (unsigned k = 0; k < n; k++)
			body[k] = (char)('a' + k % 23);
		body[n] = '\0';
		if (chunked)
			snprintf(text[0], sizeof text[0], "POST /later HTTP/1.1\r\nHost: a\r\n"
			    "Transfer-Encoding: chunked\r\n\r\n1;x=\"y\"\r\n%.1s\r\n%x\r\n%.*s\r\n"
			    "2\r\n%s\r\n0\r\nTrailer: x\r\n\r\n%s", body, n - 3, n - 3, body + 1,
			    body + n - 2, more ? behind : "");
		else
			snprintf(text[0], sizeof text[0], "POST /later HTTP/1.1\r\nHost: a\r\n"
			    "Content-Length: %u\r\n\r\n%s%s", n, body, more ? behind : "");
		half = row < 8 ? (unsigned)strlen(text[0]) : row < 16 ? 60 : 130;
		snprintf(text[1], sizeof text[1], "%.*s", half, text[0]);
		say(i, text[1], SECOND);
		if (row >= 8)
			say(i, text[0] + half, SECOND);
		CHECK(t.conn[i].state == CONN_PARKED && held == 1, "row %u waits", row);
		CHECK((t.conn[i].full != NULL) == (n > 1000), "row %u: where it is kept", row);
		memset(text[2], 'x', sizeof text[2]);
		snprintf(text[2], sizeof text[2], "POST / HTTP/1.1\r\nHost: a\r\n"
		    "Content-Length: 4000\r\n\r\n%4000d", row);
		say(other, text[2], SECOND);
		is_told(other, "200:4000", "another one goes through");
		give(0, TICKET_DONE);
		snprintf(want, sizeof want, "200:/later%s%u", body, n);
		is_told(i, want, "all of it");
		CHECK(t.conn[i].state == (more ? CONN_PARKED : CONN_IDLE), "row %u", row);
		if (more) {
			give(1, TICKET_DONE);
			is_told(i, "200:/later/behind0 200:0", "what stands behind it");
		}
		CHECK(t.conn[i].state == CONN_IDLE && t.conn[i].full == NULL, "row %u", row);
		end();
	}
}

static void
parked_and_expecting(void)
{
	unsigned i;

	begin(1);
	i = connected();
	say(i, "POST /twice HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
	    "Content-Length: 3\r\n\r\n", SECOND);
	is_told(i, "100", "it may send");
	say(i, "abc", SECOND);
	give(0, TICKET_FAILED);
	CHECK(t.conn[i].state == CONN_PARKED && held == 2 && asked == 2, "it waits once more");
	give(1, TICKET_DONE);
	is_told(i, "200:/twiceabc3", "it says 100 once");
	end();
}

/* While an earlier answer is on its way there is no ticket yet: the handler is asked again. */
static void
parked_behind_an_answer(void)
{
	static char text[8192];
	unsigned i;

	begin(1);
	i = connected();
	say(i, "GET /60000 HTTP/1.1\r\nHost: a\r\n\r\n" LATER(""), SECOND);
	CHECK(t.conn[i].state == CONN_UNSENT && asked == 1 && held == 0, "no ticket");
	for (int k = 0; k < 200 && held == 0; k++) {
		while (recv(t.peer[i], text, sizeof text, MSG_DONTWAIT) > 0)
			;
		turn(2 * SECOND);
	}
	CHECK(t.conn[i].state == CONN_PARKED && asked == 2 && held == 1, "now there is one");
	while (recv(t.peer[i], text, sizeof text, MSG_DONTWAIT) > 0)
		;
	give(0, TICKET_DONE);
	is_told(i, "200:/later0", "its answer");
	end();
}

/* A peer that has ended its side gets its answer; one that is gone is forgotten, but its connection
 * comes back with the ticket only. */
static void
parked_and_gone(void)
{
	struct epoll_event e = { 0 };
	unsigned half, gone;

	begin(1);
	half = connected();
	gone = connected();
	CHECK(send(t.peer[half], LATER(""), strlen(LATER("")), 0) > 0 &&
	    shutdown(t.peer[half], SHUT_WR) == 0, "half");
	say(gone, LATER(""), SECOND);
	close(t.peer[gone]);
	t.peer[gone] = -1;
	CHECK(epoll_wait(t.loop.epoll, &e, 1, 0) == 1 && e.data.ptr == &t.conn[gone], "it is seen");
	loop_event(&t.loop, &t.conn[gone], e.events);
	CHECK(t.conn[half].state == CONN_PARKED && t.conn[gone].state == CONN_CLOSED && held == 2,
	    "one is gone");
	CHECK(t.loop.closed == NULL && t.conn[gone].have == 0, "its ticket is not");
	give(holds[0] == &t.conn[gone].ticket ? 0 : 1, TICKET_DONE);
	CHECK(t.loop.closed == &t.conn[gone] && t.conn[gone].next == NULL, "now it is");
	give(holds[0] == &t.conn[half].ticket ? 0 : 1, TICKET_DONE);
	is_told(half, "200:/later0", "half a connection");
	turn(SECOND);
	CHECK(t.conn[half].state == CONN_CLOSED && t.loop.parked == 0, "then it ends");
	end();
}

/* Its time runs from when it began to wait. A ticket that comes back later finds nobody. */
static void
parked_too_long(void)
{
	unsigned drained, closed;

	begin(1);
	drained = connected();
	closed = connected();
	say(drained, "GET", SECOND);
	say(drained, " /later HTTP/1.1\r\nHost: a\r\n\r\n" GET, 8 * SECOND);
	say(closed, LATER(""), 8 * SECOND);
	CHECK(loop_sleep(&t.loop) == 10000, "a sleep of %d ms", loop_sleep(&t.loop));
	turn(18 * SECOND - 1);
	CHECK(t.conn[drained].state == CONN_PARKED && heard(drained) == 0, "a microsecond early");
	turn(18 * SECOND);
	is_told(drained, "503:the request took too long", "why");
	CHECK(heard(drained) == -1 && t.conn[drained].state == CONN_DRAIN, "its last answer");
	give(0, TICKET_DONE);
	CHECK(t.conn[drained].state == CONN_DRAIN && t.loop.closed == NULL && asked == 2,
	    "nobody asks for it any more");
	close(t.peer[drained]);
	t.peer[drained] = -1;
	turn(18 * SECOND);
	CHECK(t.conn[drained].state == CONN_CLOSED, "what is drained is seen to end");
	turn(20 * SECOND);
	CHECK(t.conn[closed].state == CONN_CLOSED && t.loop.closed == NULL && t.loop.parked == 1,
	    "closed without its ticket");
	give(1, TICKET_DONE);
	CHECK(t.loop.closed == &t.conn[closed] && t.loop.parked == 0, "and given back with it");
	end();
}

/* Half a request behind one that waits has all its time: it could not be read meanwhile. */
static void
parked_before_half(void)
{
	unsigned i;

	begin(1);
	i = connected();
	say(i, LATER("") "GET", SECOND);
	t.loop.now = 9 * SECOND;
	give(0, TICKET_DONE);
	turn(19 * SECOND - 1);
	is_told(i, "200:/later0", "a microsecond early");
	turn(19 * SECOND);
	is_told(i, "408:the request took too long", "it was too slow");
	end();
}

/* A request above 1 KB waits in a full-size buffer, which it takes from whoever is slow; it gives
 * way to nobody. */
static void
parked_without_buffer(void)
{
	static char large[3000], body[2001];
	unsigned slow, first, second, third, fourth, small;

	begin(1);
	slow = connected();
	first = connected();
	second = connected();
	third = connected();
	fourth = connected();
	small = connected();
	memset(body, 'x', sizeof body - 1);
	snprintf(large, sizeof large, "POST /later HTTP/1.1\r\nHost: a\r\nContent-Length: 2000\r\n"
	    "\r\n%s", body);
	say_large(slow, SECOND);
	say(first, large, SECOND);
	is_told(slow, "503:too many unfinished requests", "the slow one");
	CHECK(t.conn[first].state == CONN_PARKED && t.conn[first].full != NULL, "has its buffer");
	say(second, large, SECOND);
	is_told(second, "503:too many unfinished requests", "there is none");
	snprintf(large, sizeof large, "POST /later HTTP/1.1\r\nHost: a\r\nX: %s\r\n"
	    "Content-Length: 1\r\n\r\nx", body);
	say(fourth, large, SECOND);
	is_told(fourth, "503:too many unfinished requests", "nor for a large head");
	say_large(third, SECOND);
	is_told(third, "503:too many unfinished requests", "not for a slow one either");
	CHECK(heard(second) == -1 && t.conn[first].state == CONN_PARKED && held == 1, "it stays");
	say(small, LATER(""), SECOND);
	CHECK(t.conn[small].state == CONN_PARKED, "a small one needs none");
	give(1, TICKET_DONE);
	is_told(small, "200:/later0", "and is answered");
	give(0, TICKET_DONE);
	CHECK(heard(first) == 200 && t.conn[first].state == CONN_IDLE, "so is the large one");
	end();
}

/* So many may wait, those included whose peer is gone: their connections are not free. */
static void
parked_too_many(void)
{
	unsigned i[5];

	begin(1);
	for (unsigned k = 0; k < 5; k++)
		i[k] = connected();
	for (unsigned k = 0; k < 3; k++)
		say(i[k], LATER(""), SECOND);
	close(t.peer[i[2]]);
	t.peer[i[2]] = -1;
	turn(SECOND);
	say(i[3], LATER("") GET, SECOND);
	is_told(i[3], "503:too many unfinished requests", "the fourth");
	CHECK(heard(i[3]) == -1 && held == 3, "it gets no ticket");
	give(2, TICKET_DONE);
	say(i[4], LATER(""), SECOND);
	CHECK(t.conn[i[4]].state == CONN_PARKED && held == 4, "one is back");
	end();
}

/* Nobody gains by sending one away that waits: its connection is not free before its ticket is
 * back. Its answer is the last one where somebody waits for room. */
static void
parked_and_room(void)
{
	unsigned parked, begun;

	begin(1);
	parked = connected();
	begun = connected();
	say(parked, LATER("") GET, SECOND);
	say(begun, "GET", 2 * SECOND);
	t.loop.now = 5 * SECOND;
	CHECK(loop_oldest(&t.loop, LOOP_HELD) == 2 * SECOND, "it is not counted");
	loop_make_room(&t.loop, true);
	loop_make_room(&t.loop, true);
	CHECK(t.conn[parked].state == CONN_PARKED && t.conn[begun].state == CONN_CLOSED &&
	    t.loop.evicted == 1, "it stays");
	t.loop.exchange.crowded = true;
	give(0, TICKET_DONE);
	is_told(parked, "200:/later0", "the last answer");
	CHECK(heard(parked) == -1, "makes room");
	end();
}

/* Those who are weighed while they wait are not read either. */
static void
parked_and_heavy(void)
{
	struct epoll_event e;
	unsigned i;

	begin(1);
	i = connected();
	say(i, LATER(""), SECOND);
	CHECK(send(t.peer[i], GET, strlen(GET), 0) > 0, "sending");
	for (int heavy = 1; heavy >= 0; heavy--) {
		loop_weigh(&t.loop, &t.conn[i], heavy);
		CHECK(t.conn[i].heavy == heavy && epoll_wait(t.loop.epoll, &e, 1, 0) == 0,
		    "it is not heard");
	}
	give(0, TICKET_DONE);
	turn(SECOND);
	is_told(i, "200:/later0 200:0", "until it is answered");
	end();
}

/* A stop waits for it, and for what stands behind it. */
static void
parked_and_stopping(void)
{
	unsigned i, rest;

	begin(1);
	i = connected();
	rest = connected();
	say(i, LATER(""), SECOND);
	say(rest, LATER(""), SECOND);
	CHECK(send(t.peer[i], GET, strlen(GET), 0) > 0, "sending");
	t.loop.exchange.stopping = true;
	t.loop.now = 3 * SECOND;
	loop_close_idle(&t.loop);
	CHECK(t.conn[i].state == CONN_PARKED, "it waits");
	give(0, TICKET_DONE);
	loop_close_idle(&t.loop);
	is_told(i, "200:/later0 200:0", "what was sent before");
	CHECK(heard(i) == -1, "and the end");
	loop_close_all(&t.loop);
	CHECK(t.conn[rest].state == CONN_CLOSED && t.conn[rest].have == 0 && heard(rest) == -1,
	    "the end of all");
	give(1, TICKET_FAILED);
	CHECK(t.loop.closed == &t.conn[rest] && t.loop.parked == 0, "its ticket comes later");
	end();
}

void
test_loop(void)
{
	too_long();
	cut_empty_line();
	dripping_head();
	idle_timeout();
	request_timeout();
	draining();
	unread_answers();
	body_buffers();
	buffer_of_an_unread_answer();
	no_buffer();
	sleeping();
	who_goes();
	making_room();
	making_room_of_unsent();
	making_room_reads_first();
	buffers_by_age();
	crowded();
	pipelines();
	pipeline_without_buffer();
	visits();
	deadline_behind_an_answer();
	stopping();
	gone();
	gone_deaf();
	parked_in_order();
	parked_bodies();
	parked_and_expecting();
	parked_behind_an_answer();
	parked_and_gone();
	parked_too_long();
	parked_before_half();
	parked_without_buffer();
	parked_too_many();
	parked_and_room();
	parked_and_heavy();
	parked_and_stopping();
}

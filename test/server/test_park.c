/* Requests that wait for another thread, and some that take long, in a server as it serves: a child
 * of ours with a handler of its own. test_loop.c has them one by one. */
#include "test/test.h"

#include "server/server.h"
#include "system/clock.h"
#include "system/signals.h"

#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Milliseconds for an answer; tools that slow the program down say so. */
#define PATIENCE (getenv("JWTD_UNDER") != NULL ? 20000 : 5000)

enum { PEERS = 40, ROUNDS = 12, MAX_BODY = 4096, MAX_ANSWER = 8192, TEXT = 1 << 16 };

#define GET(path) "GET " path " HTTP/1.1\r\nHost: a\r\n\r\n"

/* ---- the child */

static struct server_setup setup;
static atomic_uint pulses, slow;        /* "/slow" that were answered */

/* Who finishes what the handler leaves: tickets with the time when each is given back. */
static struct {
	pthread_mutex_t lock;
	pthread_t thread;
	struct ticket *first;
	bool over;              /* the server has ended: all are given back */
} finisher = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void
later(struct worker_state *state, struct ticket *ticket)
{
	(void)state;
	pthread_mutex_lock(&finisher.lock);
	ticket->next = finisher.first;
	finisher.first = ticket;
	pthread_mutex_unlock(&finisher.lock);
}

/* Gives back what is due. */
static bool
finish_some(void)
{
	struct ticket *due = NULL, *t, *next;
	bool over;

	pthread_mutex_lock(&finisher.lock);
	over = finisher.over;
	for (struct ticket **at = &finisher.first; (t = *at) != NULL; ) {
		int64_t when;

		memcpy(&when, t->note, sizeof when);
		if (when > clock_now() && !over) {
			at = &t->next;
			continue;
		}
		*at = t->next;
		t->next = due;
		due = t;
	}
	pthread_mutex_unlock(&finisher.lock);
	for (t = due; t != NULL; t = next) {
		next = t->next;         /* it is not ours any more then */
		t->outcome = TICKET_DONE;
		worker_resume(t);
	}
	return !over;
}

static void *
finish(void *unused)
{
	const struct timespec pause = { .tv_nsec = 100000 };

	while (finish_some())
		nanosleep(&pause, NULL);
	return unused;
}

/* All that are held are due now. */
static void
release(void)
{
	const int64_t now = 0;

	pthread_mutex_lock(&finisher.lock);
	for (struct ticket *t = finisher.first; t != NULL; t = t->next)
		memcpy(t->note, &now, sizeof now);
	pthread_mutex_unlock(&finisher.lock);
}

/* When what has this path is to be given back: "/hold..." when it is released, "/later/N" after N
 * milliseconds. 0: it does not wait. */
static int64_t
due(struct str path)
{
	static const char waits[] = "/later/";
	int64_t wait = 0;

	if (path.n >= 5 && memcmp(path.p, "/hold", 5) == 0)
		return INT64_MAX;
	if (path.n < sizeof waits || memcmp(path.p, waits, strlen(waits)) != 0)
		return 0;
	for (size_t i = strlen(waits); i < path.n; i++)
		wait = wait * 10 + path.p[i] - '0';
	return clock_now() + wait * 1000;
}

/* The answer is the path and the body; "/hold/slow" and "/slow" take a millisecond, and "/count",
 * "/pulse" and "/slow/so/far" are answered with a number. */
static bool
handle(struct response *out, struct worker_state *state, const struct http_request *in)
{
	struct server_counts counts;
	int64_t when;

	(void)state;
	if (!in->complete)
		return false;
	when = out->ticket->outcome == TICKET_NONE ? due(in->path) : 0;
	memcpy(out->ticket->note, &when, sizeof when);
	out->later = when != 0;
	out->status = 200;
	if (str_equal(in->path, STR("/release")))
		release();
	if (str_equal(in->path, STR("/hold/slow")) && when == 0)
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	if (str_equal(in->path, STR("/slow"))) {
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
		atomic_fetch_add(&slow, 1);
	}
	if (str_equal(in->path, STR("/slow/so/far"))) {
		buf_number(&out->body, atomic_load(&slow));
	} else if (str_equal(in->path, STR("/count"))) {
		server_count(&setup, &counts);
		buf_number(&out->body, counts.open);
	} else if (str_equal(in->path, STR("/pulse"))) {
		buf_number(&out->body, atomic_load(&pulses));
	} else {
		buf_add(&out->body, in->path);
		buf_add(&out->body, in->body);
	}
	return true;
}

static void
refuse(struct response *out, const struct http_request *in, unsigned status, const char *why,
    size_t at)
{
	(void)in, (void)at;
	out->status = status;
	buf_text(&out->body, why);
}

static void
tell(struct service *service, enum server_event event)
{
	(void)service;
	atomic_fetch_add(&pulses, event == SERVER_ALIVE);
}

static void
serve(void)
{
	const char *why;
	bool ok;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	ok = signals_take() && signals_keep() && server_open(&setup, &why) && server_start(&setup, &why) &&
	    pthread_create(&finisher.thread, NULL, finish, NULL) == 0;
	if (!ok)
		exit(3);
	server_run(&setup);
	pthread_mutex_lock(&finisher.lock);
	finisher.over = true;
	pthread_mutex_unlock(&finisher.lock);
	pthread_join(finisher.thread, NULL);
	exit(0);
}

/* ---- its peers */

static struct {
	pid_t pid;
	uint16_t port;
	int64_t stopped;                /* when it was asked to stop */
} child;

static void
start_with(unsigned workers, unsigned connections, unsigned request_timeout, unsigned grace,
    int64_t pulse)
{
	static const struct handler handler = { handle, refuse, NULL, later };
	static struct worker_state *states[SERVER_WORKERS_MAX];
	static struct listener listener;
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t n = sizeof a;
	const char *why = "";

	CHECK(listen_open(&listener, "127.0.0.1:0", &why) &&
	    getsockname(listener.fd, (struct sockaddr *)&a, &n) == 0, "listening: %s", why);
	child.port = ntohs(a.sin_port);
	setup = (struct server_setup){ .states = states, .workers = workers,
		.max_connections = connections, .grace = grace, .listeners = &listener,
		.listener_count = 1, .pulse = pulse, .tell = tell,
		.loop = { .handler = &handler, .max_body = MAX_BODY, .max_answer = MAX_ANSWER,
		    .body_buffers = PEERS, .request_timeout = request_timeout, .idle_timeout = 60 } };
	fflush(stdout);
	child.pid = fork();
	if (child.pid == 0)
		serve();
	CHECK(child.pid > 0, "fork: %s", strerror(errno));
	listen_close(&listener);
}

static void
start(unsigned connections, unsigned request_timeout, unsigned grace, int64_t pulse)
{
	start_with(2, connections, request_timeout, grace, pulse);
}

static void
stop(void)
{
	child.stopped = clock_now();
	kill(child.pid, SIGTERM);
}

/* It must end by itself, so many milliseconds after the stop. */
static void
check_end(int from, int to)
{
	int status = -1, taken;

	for (int i = 0; i < PATIENCE && waitpid(child.pid, &status, WNOHANG) == 0; i++)
		poll(NULL, 0, 1);
	taken = (int)((clock_now() - child.stopped) / 1000);
	if (status == -1)
		kill(child.pid, SIGKILL);
	CHECK(status == 0 && taken >= from && taken < to, "status %#x after %d ms", (unsigned)status,
	    taken);
}

static int
connected(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(child.port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct timeval patience = { .tv_sec = PATIENCE / 1000 };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	CHECK(connect(fd, (struct sockaddr *)&a, sizeof a) == 0, "connecting: %s", strerror(errno));
	return fd;
}

static void
say(int fd, const char *text)
{
	CHECK(send(fd, text, strlen(text), MSG_NOSIGNAL) == (ssize_t)strlen(text), "sending: %s",
	    strerror(errno));
}

/* Reads on until these are the answers, and then, if it `ends`, to the end. */
static void
is_told(int fd, const char *want, bool ends, const char *what)
{
	static char text[TEXT], told[TEXT];
	struct buf b = buf_over(told, sizeof told);
	size_t have = 0;
	ssize_t n = 1;

	while (n > 0 && (ends || !str_equal(buf_str(&b), str_from(want)))) {
		n = recv(fd, text + have, sizeof text - have, 0);
		have += n > 0 ? (size_t)n : 0;
		buf_empty(&b);
		test_told(&b, (struct str){ text, have });
	}
	CHECK_BYTES(buf_str(&b), str_from(want), "%s", what);
	CHECK(!ends || n == 0, "%s: the end: %s", what, n < 0 ? strerror(errno) : "");
}

static void
reset(int fd)
{
	const struct linger now = { 1, 0 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
	close(fd);
}

/* The number that a request is answered with. */
static unsigned
asked(int fd, const char *request)
{
	char text[1024], *body;
	ssize_t n;

	say(fd, request);
	n = recv(fd, text, sizeof text - 1, 0);
	text[n > 0 ? n : 0] = '\0';
	body = strstr(text, "\r\n\r\n");
	CHECK(body != NULL, "no answer: %s", text);
	return body != NULL ? (unsigned)atoi(body) : 0;
}

/* Waits until there are so many connections, the asking one included. */
static void
is_counted(int fd, unsigned want)
{
	unsigned got = asked(fd, GET("/count"));

	for (int i = 0; i < PATIENCE / 5 && got != want; i++) {
		poll(NULL, 0, 5);
		got = asked(fd, GET("/count"));
	}
	CHECK(got == want, "%u connections, not %u", got, want);
}

/* ---- what is tested */

/* Adds a request that looks random, and its answer: at once or later, without a body, with one of a
 * length, or in a chunk. */
static void
add_request(struct buf *text, struct buf *want)
{
	unsigned kind = test_random() % 4, n = 0;
	char body[2000], path[16] = "/now", line[256];

	if (kind > 0)
		snprintf(path, sizeof path, "/later/%u", (unsigned)(test_random() % 3));
	if (kind > 1)
		n = 1 + test_random() % (test_random() % 4 == 0 ? 2000 : 90);
	memset(body, 'a' + (int)(test_random() % 26), n);
	snprintf(line, sizeof line, "%s %s HTTP/1.1\r\nHost: a\r\n", n > 0 ? "POST" : "GET", path);
	buf_text(text, line);
	if (kind == 2)
		snprintf(line, sizeof line, "Content-Length: %u\r\n", n);
	else if (kind == 3)
		snprintf(line, sizeof line, "Transfer-Encoding: chunked\r\n\r\n%x", n);
	if (kind > 1)
		buf_text(text, line);
	buf_text(text, "\r\n");
	buf_put(text, body, n);
	if (kind == 3)
		buf_text(text, "\r\n0\r\n\r\n");
	buf_text(want, want->n > 0 ? " 200:" : "200:");
	buf_text(want, path);
	buf_put(want, body, n);
}

/* Pipelines on many connections at once: every answer comes, and in order. Some peers go away in the
 * middle; when all are gone no connection is left. */
static void
many(void)
{
	static char text[PEERS][TEXT], want[PEERS][TEXT];
	int fd[PEERS];

	for (unsigned i = 0; i < PEERS; i++) {
		struct buf in = buf_over(text[i], TEXT - 1), out = buf_over(want[i], TEXT - 1);

		memset(text[i], 0, TEXT);
		memset(want[i], 0, TEXT);
		for (unsigned k = 0; k < ROUNDS; k++)
			add_request(&in, &out);
		CHECK(!in.bad && !out.bad, "too small");
		fd[i] = connected();
		say(fd[i], text[i]);
		if (i % 5 == 0)
			reset(fd[i]);
	}
	for (unsigned i = 0; i < PEERS; i++) {
		if (i % 5 == 0)
			continue;
		is_told(fd[i], want[i], false, "a pipeline");
		close(fd[i]);
	}
}

/* Many come back at once, and each takes its time: others have their turns in between, and none is
 * left. */
static void
at_once(int known)
{
	int fd[PEERS];

	for (unsigned i = 0; i < PEERS; i++) {
		fd[i] = connected();
		say(fd[i], GET("/now") GET("/hold/slow"));
		is_told(fd[i], "200:/now", false, "the first");
	}
	say(known, GET("/release"));
	is_told(known, "200:/release", false, "they are given back");
	for (unsigned i = 0; i < PEERS; i++) {
		is_told(fd[i], "200:/hold/slow", false, "each of them");
		close(fd[i]);
	}
	is_counted(known, 1);
}

/* Who has ended its side is answered, who is gone is not missed: its connection is held until its
 * ticket is back, and no longer. */
static void
gone(int known)
{
	int half = connected(), over = connected();

	say(half, GET("/later/30") GET("/now"));
	shutdown(half, SHUT_WR);
	is_told(half, "200:/later/30 200:/now", true, "half a connection");
	close(half);
	is_counted(known, 2);
	say(over, GET("/now") GET("/hold"));
	is_told(over, "200:/now", false, "the first");
	reset(over);
	poll(NULL, 0, 20);
	is_counted(known, 2);
	say(known, GET("/release"));
	is_told(known, "200:/release", false, "it is given back");
	is_counted(known, 1);
}

/* The deadline of a second; who is late finds nobody. */
static void
late(void)
{
	int known, fd;
	int64_t begun, taken;

	start(1000, 1, 10, 0);
	known = connected();
	fd = connected();
	begun = clock_now();
	say(fd, GET("/hold") GET("/now"));
	say(known, GET("/now"));
	is_told(known, "200:/now", false, "others");
	is_told(fd, "503:the request took too long", true, "the deadline");
	taken = clock_now() - begun;
	CHECK(taken >= CLOCK_SECOND, "after %d ms", (int)(taken / 1000));
	close(fd);
	poll(NULL, 0, 20);
	is_counted(known, 2);
	say(known, GET("/release"));
	is_told(known, "200:/release", false, "it is given back");
	is_counted(known, 1);
	stop();
	check_end(0, 10000);
	close(known);
}

/* With a deadline that a busy machine does not reach. */
static void
serving(void)
{
	int known;

	start(1000, 60, 10, 0);
	many();
	known = connected();
	is_counted(known, 1);
	at_once(known);
	gone(known);
	stop();
	is_told(known, "", true, "who is idle");
	check_end(0, 1000);
	close(known);
}

/* A stop waits for what has begun, and for what was sent behind it. */
static void
stopped(void)
{
	int fd, begun;

	start(10, 60, 60, 0);
	fd = connected();
	begun = connected();
	say(fd, GET("/now") GET("/hold"));
	say(begun, "GET /release HTTP/1.1\r\n");
	is_told(fd, "200:/now", false, "the first");
	stop();
	poll(NULL, 0, 50);
	say(fd, GET("/now"));
	say(begun, "Host: a\r\n\r\n");
	is_told(begun, "200:/release", true, "it is given back");
	is_told(fd, "200:/hold 200:/now", true, "the others");
	check_end(50, 60000);
	close(fd);
	close(begun);
}

/* But not longer than it may; who gives a ticket back after that harms nobody. */
static void
stopped_in_the_end(void)
{
	int fd;

	start(10, 60, 1, 0);
	fd = connected();
	say(fd, GET("/now") GET("/hold"));
	is_told(fd, "200:/now", false, "the first");
	stop();
	is_told(fd, "", true, "no answer");
	check_end(1000, 10000);
	close(fd);
}

/* One connection, and it waits: the next one gets in when it is answered. */
static void
room_for_one(void)
{
	int first, second;

	start(1, 10, 10, 0);
	first = connected();
	say(first, GET("/now") GET("/later/200"));
	is_told(first, "200:/now", false, "the first");
	second = connected();
	say(second, GET("/now"));
	is_told(first, "200:/later/200", true, "its last answer");
	is_told(second, "200:/now", false, "the next one");
	close(first);
	close(second);
	stop();
	check_end(0, 10000);
}

/* Half of them may wait for long: there is room for others all the time, and the workers live. */
static void
room_for_others(void)
{
	char text[4096];
	int fd[14];
	unsigned refused = 0, pulse[10] = { 0 };

	start(4, 60, 1, 20000);
	for (unsigned i = 0; i < 4; i++)
		fd[i] = connected();
	for (unsigned i = 0; i < 4; i++) {
		say(fd[i], GET("/hold"));
		poll(&(struct pollfd){ .fd = fd[i], .events = POLLIN }, 1,
		    i < 2 ? 100 : PATIENCE);    /* the first two have no answer yet */
		refused += recv(fd[i], text, sizeof text, MSG_DONTWAIT) > 0 &&
		    strncmp(text, "HTTP/1.1 503 ", 13) == 0;
	}
	CHECK(refused == 2, "%u are refused", refused);
	for (unsigned i = 0; i < 10; i++) {
		fd[4 + i] = connected();
		poll(NULL, 0, 20);
		pulse[i] = asked(fd[4 + i], GET("/pulse"));
	}
	CHECK(pulse[9] > pulse[0] + 1, "they live: %u, %u", pulse[0], pulse[9]);
	stop();
	check_end(1000, 10000);
	for (unsigned i = 0; i < 14; i++)
		close(fd[i]);
}

/* Who asks for little waits for one of those that take long, or two, not for as many as a turn has
 * room for. Half of those who ask may be late for themselves. */
static void
slow_ones(void)
{
	enum { SLOW = 6, EACH = 50, ASKED = 40 };
	char one[1500];
	int fd[SLOW], known;
	unsigned before, after, few = 0;

	snprintf(one, sizeof one, "GET /slow HTTP/1.1\r\nHost: a\r\nX: %01400d\r\n\r\n", 0);
	start_with(1, 10, 60, 1, 0);
	known = connected();
	for (unsigned i = 0; i < SLOW; i++) {
		fd[i] = connected();
		for (unsigned n = 0; n < EACH; n++)
			say(fd[i], one);
	}
	while ((before = asked(known, GET("/slow/so/far"))) < 4 * SLOW)
		poll(NULL, 0, 1);
	for (unsigned i = 0; i < ASKED; i++, before = after) {
		after = asked(known, GET("/slow/so/far"));
		few += after - before <= 2;
	}
	CHECK(few >= ASKED / 2, "more than two that take long came before %u of %u others",
	    ASKED - few, ASKED);
	for (unsigned i = 0; i < SLOW; i++)
		close(fd[i]);
	close(known);
	stop();
	check_end(0, 10000);
}

void
test_park(void)
{
	slow_ones();
	serving();
	late();
	stopped();
	stopped_in_the_end();
	room_for_one();
	room_for_others();
}

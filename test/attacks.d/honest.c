/* Honest clients, and how long they wait.
 *
 *     honest PORT SECONDS REQUEST UPLOAD KIND:PERIOD[:CLIENTS]...
 *
 *     new     a connection for one request, every PERIOD milliseconds, whatever became of those before
 *     keep    one connection for all its requests; where it was closed between two, it is made anew, and a
 *             request that crossed with the close is sent once more, as every HTTP client does
 *     upload  a connection for UPLOAD, sent in ten parts within half a second
 *
 * A wait is from the first byte (of an upload: the last) to the end of the answer, connecting included. Lost is what
 * has no 200 within LOST milliseconds. Prints a line of JSON for each KIND:PERIOD. Threads, as the clients sleep. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
	LOST = 2000000,         /* microseconds until a client gives up: twice what is promised */
	PARTS = 10,
	PART_PAUSE = 50000,     /* microseconds between two parts of an upload */
	KINDS = 16,
	SAMPLES = 65536,
	STACK = 131072
};

/* One KIND:PERIOD: what its clients saw. */
struct kind {
	const char *name;
	bool keeps, uploads;
	int64_t period;         /* microseconds */
	unsigned clients;
	pthread_mutex_t lock;
	int64_t wait[SAMPLES];  /* microseconds; of the lost ones too */
	unsigned asked, lost, full, reopened, resent, running;  /* full: of the lost, by status 503 */
	char why[64];           /* the first was lost */
};

struct client {
	struct kind *kind;
	int fd;
	bool used;              /* the connection had an answer before */
	int64_t begun;
};

static struct kind kind[KINDS];
static struct sockaddr_in peer = { .sin_family = AF_INET };
static const char *request, *upload;
static int64_t end;

static int64_t
microseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void
sleep_until(int64_t when)
{
	const struct timespec t = { when / 1000000, when % 1000000 * 1000 };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR)
		;
}

/* Whether the descriptor is ready before the client gives up. */
static bool
ready(const struct client *c, short events)
{
	struct pollfd p = { .fd = c->fd, .events = events };
	int64_t left = c->begun + LOST - microseconds();

	return left > 0 && poll(&p, 1, (int)(left / 1000) + 1) > 0;
}

static bool
open_connection(struct client *c)
{
	int one = 1, error = 0;
	socklen_t n = sizeof error;

	c->used = false;
	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (c->fd < 0)
		return false;
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	if (connect(c->fd, (const struct sockaddr *)&peer, sizeof peer) == 0)
		return true;
	return errno == EINPROGRESS && ready(c, POLLOUT) &&
	    getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &n) == 0 && error == 0;
}

static bool
send_all(const struct client *c, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t done = send(c->fd, p, n, MSG_NOSIGNAL);

		if (done < 0 && (errno != EAGAIN || !ready(c, POLLOUT)))
			return false;
		p += done > 0 ? done : 0;
		n -= done > 0 ? (size_t)done : 0;
	}
	return true;
}

/* NULL: a whole answer of status 200 came. `ends`: the server will close behind it; `none`: not a byte
 * came, but the end of the connection. */
static const char *
read_answer(const struct client *c, bool *ends, bool *none)
{
	static _Thread_local char answer[32768], why[32];
	size_t have = 0;

	*ends = *none = false;
	for (;;) {
		ssize_t n = recv(c->fd, answer + have, sizeof answer - 1 - have, 0);
		char *body, *length;

		if (n < 0 && errno == EAGAIN) {
			if (!ready(c, POLLIN))
				return "no answer in time";
			continue;
		}
		if (n <= 0) {
			*none = have == 0;
			return n == 0 ? "closed without an answer" : "reset without an answer";
		}
		have += (size_t)n;
		answer[have] = '\0';
		body = strstr(answer, "\r\n\r\n");
		if (body == NULL)
			continue;
		if (strncmp(answer, "HTTP/1.1 200", 12) != 0) {
			snprintf(why, sizeof why, "status %.3s", answer + 9);
			return why;
		}
		length = strcasestr(answer, "\r\nContent-Length: ");
		if (length != NULL && answer + have - (body + 4) < strtol(length + 18, NULL, 10))
			continue;
		*ends = strcasestr(answer, "\r\nConnection: close") != NULL;
		return NULL;
	}
}

static void
note(struct kind *k, int64_t wait, const char *why)
{
	pthread_mutex_lock(&k->lock);
	if (k->asked < SAMPLES)
		k->wait[k->asked++] = wait;
	if (why != NULL && k->lost++ == 0)
		snprintf(k->why, sizeof k->why, "%s", why);
	k->full += why != NULL && strcmp(why, "status 503") == 0;
	pthread_mutex_unlock(&k->lock);
}

/* Whether the server has closed a connection that waits. */
static bool
has_ended(const struct client *c)
{
	struct pollfd p = { .fd = c->fd, .events = POLLIN };

	return poll(&p, 1, 0) > 0;
}

static void
ask(struct client *c)
{
	bool ends = false, none = false;
	const char *why;

	c->begun = microseconds();
	if (c->fd >= 0 && has_ended(c)) {
		close(c->fd);
		c->fd = -1;
		__atomic_fetch_add(&c->kind->reopened, 1, __ATOMIC_RELAXED);
	}
	if (c->fd < 0 && !open_connection(c)) {
		why = "no connection";
	} else if (!send_all(c, request, strlen(request))) {
		why = "reset without an answer";
		none = true;
	} else {
		why = read_answer(c, &ends, &none);
	}
	if (why != NULL && none && c->used) {
		close(c->fd);
		__atomic_fetch_add(&c->kind->resent, 1, __ATOMIC_RELAXED);
		why = !open_connection(c) || !send_all(c, request, strlen(request)) ?
		    "no connection" : read_answer(c, &ends, &none);
	}
	note(c->kind, microseconds() - c->begun, why);
	c->used = why == NULL;
	if (c->fd >= 0 && (why != NULL || ends)) {
		close(c->fd);
		c->fd = -1;
		__atomic_fetch_add(&c->kind->reopened, why == NULL, __ATOMIC_RELAXED);
	}
}

static void *
keep(void *kind_)
{
	struct client c = { .kind = kind_, .fd = -1 };
	struct kind *k = c.kind;

	for (int64_t next = microseconds(); next < end; next += k->period) {
		sleep_until(next);
		ask(&c);
		if (next < microseconds() - k->period)
			next = microseconds() - k->period;
	}
	if (c.fd >= 0)
		close(c.fd);
	__atomic_fetch_sub(&k->running, 1, __ATOMIC_SEQ_CST);
	return NULL;
}

static void *
once(void *kind_)
{
	struct client c = { .kind = kind_, .fd = -1 };
	struct kind *k = c.kind;
	size_t n = strlen(upload), part = (n + PARTS - 1) / PARTS;
	const char *why = NULL;
	bool ends, none;

	if (!k->uploads) {
		ask(&c);
	} else {
		c.begun = microseconds();
		if (!open_connection(&c))
			why = "no connection";
		for (size_t at = 0; why == NULL && at < n; at += part) {
			sleep_until(c.begun + (int64_t)(at / part) * PART_PAUSE);
			if (!send_all(&c, upload + at, n - at < part ? n - at : part))
				break;          /* the answer may have come all the same */
		}
		c.begun = microseconds();
		if (why == NULL)
			why = read_answer(&c, &ends, &none);
		note(k, microseconds() - c.begun, why);
	}
	if (c.fd >= 0)
		close(c.fd);
	__atomic_fetch_sub(&k->running, 1, __ATOMIC_SEQ_CST);
	return NULL;
}

/* So many of its clients. */
static void
start(void *(*run)(void *), struct kind *k)
{
	pthread_attr_t attributes;
	pthread_t thread;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	for (unsigned i = 0; i < k->clients; i++) {
		__atomic_fetch_add(&k->running, 1, __ATOMIC_SEQ_CST);
		if (pthread_create(&thread, &attributes, run, k) != 0)
			exit(2);
	}
	pthread_attr_destroy(&attributes);
}

/* Starts those that begin anew each time, when it is their time. */
static void
start_due(struct kind *kinds, int n)
{
	int64_t next[KINDS] = { 0 }, first;

	do {
		int64_t now = microseconds();

		first = end;
		for (int i = 0; i < n; i++) {
			if (kinds[i].keeps)
				continue;
			if (next[i] <= now) {
				next[i] = (next[i] == 0 ? now : next[i]) + kinds[i].period;
				start(once, &kinds[i]);
			}
			if (next[i] < first)
				first = next[i];
		}
		sleep_until(first);
	} while (first < end);
}

static int
by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

static void
report(struct kind *k)
{
	while (__atomic_load_n(&k->running, __ATOMIC_SEQ_CST) > 0)
		sleep_until(microseconds() + 2000);
	qsort(k->wait, k->asked, sizeof k->wait[0], by_size);
	printf("{\"kind\": \"%s\", \"asked\": %u, \"lost\": %u, \"full\": %u, \"why\": \"%s\", "
	    "\"reopened\": %u, \"resent\": %u, "
	    "\"median\": %.6f, \"p99\": %.6f, \"slowest\": %.6f}\n", k->name, k->asked, k->lost, k->full, k->why,
	    k->reopened, k->resent, k->asked > 0 ? (double)k->wait[k->asked / 2] / 1e6 : 0,
	    k->asked > 0 ? (double)k->wait[k->asked - 1 - k->asked / 100] / 1e6 : 0,
	    k->asked > 0 ? (double)k->wait[k->asked - 1] / 1e6 : 0);
}

int
main(int argc, char **argv)
{
	int n = argc - 5;

	if (n < 1 || n > KINDS)
		return 2;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	peer.sin_port = htons((uint16_t)strtoul(argv[1], NULL, 10));
	peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	end = microseconds() + (int64_t)(strtod(argv[2], NULL) * 1e6);
	request = argv[3];
	upload = argv[4];
	for (int i = 0; i < n; i++) {
		char name[16];
		long period = 0;
		unsigned clients = 1;

		if (sscanf(argv[5 + i], "%15[a-z]:%ld:%u", name, &period, &clients) < 2 || period <= 0)
			return 2;
		kind[i] = (struct kind){ .name = argv[5 + i], .keeps = strcmp(name, "keep") == 0,
			.uploads = strcmp(name, "upload") == 0, .lock = PTHREAD_MUTEX_INITIALIZER,
			.period = period * 1000, .clients = clients };
		if (kind[i].keeps)
			start(keep, &kind[i]);
	}
	start_due(kind, n);
	for (int i = 0; i < n; i++)
		report(&kind[i]);
	return 0;
}

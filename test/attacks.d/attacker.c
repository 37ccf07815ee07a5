/* One client of ill will: holds as many connections as it is told, each after a behaviour that it
 * reads from standard input. One thread, so that it takes one processor at the most.
 *
 *     attacker PORT CONNECTIONS PAUSE SEED <behaviours
 *
 * A behaviour is a line "NAME OPEN TICK EVERY LIFE RCVBUF FLAGS" and, behind it, OPEN bytes that are
 * sent at once and TICK bytes that are sent again every EVERY milliseconds; after LIFE milliseconds
 * the connection is given up and made anew (0: never). RCVBUF is SO_RCVBUF (0: the kernel's own).
 *
 *     r  reads what is answered        b  sends one byte at a tick, not all of them
 *     e  sends on without a pause      c  clings: goes on when the peer has said that it is done
 *     o  is not made anew              -  nothing of these
 *
 * Connections take the behaviours in turn; with a SEED above 0 each draws one, and its life, whenever it
 * is made. One that the peer cuts is made anew PAUSE milliseconds later. It says "ready" when all
 * have been open once, and at SIGTERM what it did. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
	BEHAVIOURS = 64,
	EVENTS = 256,
	SWEEP = 10,             /* milliseconds between two looks at the clock of each connection */
	LONGEST = 600,          /* seconds: it never stays behind for longer */
	PIECE = 65536           /* bytes sent or read at one event */
};

struct behaviour {
	char name[64], flags[16];
	char *bytes;            /* `open` of them, then `tick` of them that come again and again */
	size_t open, tick;
	long every, life;       /* milliseconds */
	int rcvbuf;
};

enum state { SHUT, CONNECTING, OPEN, HALF_SHUT };

struct attack {
	int fd;
	enum state state;
	bool seen;              /* it was open once */
	const struct behaviour *is;
	size_t at, owed;        /* bytes sent; bytes to send now */
	int64_t next, dies;     /* milliseconds: the next tick, or when it is made; its end */
};

static struct behaviour behaviour[BEHAVIOURS];
static size_t behaviours;
static struct sockaddr_in peer = { .sin_family = AF_INET };
static int epoll;
static int64_t now;
static long pause_ms;
static uint64_t seed;
static size_t not_seen;
static unsigned long long made, cut, sent, got;
static volatile sig_atomic_t stopped;

static void
on_term(int signal)
{
	(void)signal;
	stopped = 1;
}

static void
fail(const char *what)
{
	perror(what);
	exit(2);
}

static int64_t
milliseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* xorshift64 */
static uint64_t
draw(uint64_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (seed >> 11) % below;
}

static bool
has(const struct attack *a, char flag)
{
	return strchr(a->is->flags, flag) != NULL;
}

static void
read_behaviours(void)
{
	struct behaviour *b = behaviour;

	while (behaviours < BEHAVIOURS && scanf("%63s %zu %zu %ld %ld %d %15s", b->name, &b->open,
	    &b->tick, &b->every, &b->life, &b->rcvbuf, b->flags) == 7) {
		b->bytes = malloc(b->open + b->tick + 1);
		if (getchar() != '\n' || b->bytes == NULL ||
		    fread(b->bytes, 1, b->open + b->tick, stdin) != b->open + b->tick)
			fail("reading behaviours");
		behaviours++;
		b++;
	}
	if (behaviours == 0 || getchar() != EOF)
		fail("reading behaviours");
}

static void
watch(struct attack *a, int operation, uint32_t events)
{
	struct epoll_event e = { .events = events, .data.ptr = a };

	if (epoll_ctl(epoll, operation, a->fd, &e) != 0)
		fail("epoll_ctl");
}

/* Gives it up, by a reset; it is made anew after so many milliseconds. */
static void
give_up(struct attack *a, long after)
{
	const struct linger reset = { .l_onoff = 1 };

	setsockopt(a->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
	close(a->fd);
	a->state = SHUT;
	a->next = has(a, 'o') ? INT64_MAX : now + after;
}

static void
is_cut(struct attack *a)
{
	cut++;
	give_up(a, pause_ms);
}

static void
send_owed(struct attack *a)
{
	const struct behaviour *b = a->is;

	while (a->owed > 0) {
		size_t from = a->at < b->open ? a->at : b->open + (a->at - b->open) % b->tick;
		size_t n = (a->at < b->open ? b->open : b->open + b->tick) - from;
		ssize_t done = send(a->fd, b->bytes + from, n < a->owed ? n : a->owed,
		    MSG_NOSIGNAL | MSG_DONTWAIT);

		if (done < 0 && errno != EAGAIN)
			is_cut(a);
		if (done <= 0)
			return;
		sent += (unsigned long long)done;
		a->at += (size_t)done;
		a->owed -= (size_t)done;
		if (has(a, 'e')) {              /* one piece at an event; more is always owed */
			a->owed = PIECE;
			return;
		}
	}
}

static void
begin(struct attack *a)
{
	a->state = OPEN;
	if (!a->seen)
		not_seen--;
	a->seen = true;
	a->next = now + a->is->every;
	watch(a, EPOLL_CTL_MOD, (has(a, 'r') ? EPOLLIN : 0) | (has(a, 'e') ? EPOLLOUT : 0) | EPOLLRDHUP);
	send_owed(a);
}

static void
make(struct attack *a, size_t number)
{
	const struct behaviour *b = &behaviour[seed > 0 ? draw(behaviours) : number % behaviours];
	long life = b->life;

	if (seed > 0 && life == 0)
		life = 100L << draw(6);         /* 0.1 to 3.2 seconds */
	a->is = b;
	a->at = 0;
	a->owed = strchr(b->flags, 'e') != NULL ? PIECE : b->open;
	a->dies = life == 0 ? INT64_MAX : now + life;
	a->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (a->fd < 0)
		fail("socket");
	if (b->rcvbuf > 0)
		setsockopt(a->fd, SOL_SOCKET, SO_RCVBUF, &b->rcvbuf, sizeof b->rcvbuf);
	made++;
	a->state = CONNECTING;
	watch(a, EPOLL_CTL_ADD, EPOLLOUT);
	if (connect(a->fd, (const struct sockaddr *)&peer, sizeof peer) != 0 && errno != EINPROGRESS)
		is_cut(a);
}

static void
read_some(struct attack *a, uint32_t events)
{
	static char waste[PIECE];
	ssize_t n = -1;

	errno = EAGAIN;
	if (has(a, 'r'))
		n = recv(a->fd, waste, sizeof waste, MSG_DONTWAIT);
	got += n > 0 ? (unsigned long long)n : 0;
	if ((n < 0 && errno != EAGAIN) || (events & (EPOLLERR | EPOLLHUP)) != 0) {
		is_cut(a);
	} else if (n == 0 || (n < 0 && (events & EPOLLRDHUP) != 0)) {
		if (has(a, 'c')) {
			a->state = HALF_SHUT;
			watch(a, EPOLL_CTL_MOD, 0);
		} else {
			is_cut(a);
		}
	}
}

static void
on_event(struct attack *a, uint32_t events)
{
	if (a->state == CONNECTING) {
		if ((events & (EPOLLERR | EPOLLHUP)) != 0)
			is_cut(a);
		else
			begin(a);
		return;
	}
	if (a->state == OPEN || (events & (EPOLLERR | EPOLLHUP)) != 0)
		read_some(a, events);
	if (a->state == OPEN && (events & EPOLLOUT) != 0)
		send_owed(a);
}

/* What is due by the clock. */
static void
sweep(struct attack *a, size_t number)
{
	if (a->state == SHUT) {
		if (now >= a->next)
			make(a, number);
	} else if (now >= a->dies) {
		give_up(a, 0);
	} else if (a->state != CONNECTING && !has(a, 'e')) {
		if (a->is->every > 0 && now >= a->next) {
			a->next = now + a->is->every;
			if (a->owed == 0)
				a->owed = has(a, 'b') ? 1 : a->is->tick;
		}
		send_owed(a);
	}
}

static void
run(struct attack *attack, size_t n)
{
	struct epoll_event event[EVENTS];
	int64_t swept = 0;
	bool told = false;

	while (!stopped) {
		int events = epoll_wait(epoll, event, EVENTS, SWEEP);

		now = milliseconds();
		for (int i = 0; i < events; i++)
			if (((struct attack *)event[i].data.ptr)->state != SHUT)
				on_event(event[i].data.ptr, event[i].events);
		if (now - swept >= SWEEP) {
			swept = now;
			for (size_t i = 0; i < n; i++)
				sweep(&attack[i], i);
		}
		if (!told && not_seen == 0) {
			puts("ready");
			fflush(stdout);
			told = true;
		}
	}
}

int
main(int argc, char **argv)
{
	const struct sigaction term = { .sa_handler = on_term };
	size_t n = argc == 5 ? strtoul(argv[2], NULL, 10) : 0, held = 0;
	struct attack *attack = calloc(n + 1, sizeof *attack);

	if (n == 0 || attack == NULL)
		return 2;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	alarm(LONGEST);
	sigaction(SIGTERM, &term, NULL);
	peer.sin_port = htons((uint16_t)strtoul(argv[1], NULL, 10));
	peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	pause_ms = strtol(argv[3], NULL, 10);
	seed = strtoull(argv[4], NULL, 10);
	read_behaviours();
	epoll = epoll_create1(EPOLL_CLOEXEC);
	not_seen = n;
	run(attack, n);
	for (size_t i = 0; i < n; i++)
		held += attack[i].state == OPEN || attack[i].state == HALF_SHUT;
	printf("{\"held\": %zu, \"made\": %llu, \"cut\": %llu, \"sent\": %llu, \"got\": %llu}\n", held, made,
	    cut, sent, got);
	return 0;
}

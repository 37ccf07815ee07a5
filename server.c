#include "server.h"

#include "log.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	ACCEPTS = 64,                   /* connections taken from one listener before the next */
	PAUSE = 100,                    /* milliseconds that accepting waits when out of room */
	LOG_PAUSE = 1000000,            /* microseconds between two lines about the same trouble */
	OWN_DESCRIPTORS = 16            /* standard streams, random device, log, some in reserve */
};

/* The main thread. */
struct server {
	const struct server_setup *setup;
	struct worker_main shared;
	struct worker worker[SERVER_WORKERS_MAX];
	struct conn *conns;             /* max_connections; the first `used` have been in use */
	char *small;                    /* CONN_SMALL bytes for each */
	unsigned used;
	struct conn *free;              /* those given back, linked by `next` */
	int64_t logged;                 /* when the last line about trouble was written */
	sigset_t outside;               /* the signals that may come in while it sleeps */
};

/* Set by the signal handler: how often the process was asked to stop. */
static volatile sig_atomic_t stop_requests;

static void
on_stop_signal(int signal)
{
	(void)signal;
	if (++stop_requests > 1)
		_exit(0);
}

size_t
server_memory(const struct server_setup *setup)
{
	return setup->workers * loop_memory(&setup->loop) +
	    setup->max_connections * (sizeof(struct conn) + CONN_SMALL) + sizeof(struct server);
}

unsigned
server_room(const struct server_setup *setup)
{
	unsigned own = OWN_DESCRIPTORS + 2 * setup->workers + setup->listener_count;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return 0;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur <= own)
		return 0;
	return limit.rlim_cur - own > UINT32_MAX ? UINT32_MAX : (unsigned)(limit.rlim_cur - own);
}

static bool
fail(const char **why, const char *what)
{
	*why = what;
	return false;
}

/* Every thread that is started later inherits the mask: signals come to the main thread, and
 * only while it sleeps. */
static bool
take_signals(struct server *s)
{
	struct sigaction stop = { .sa_handler = on_stop_signal },
	    ignore = { .sa_handler = SIG_IGN };
	sigset_t mask;

	stop_requests = 0;
	sigemptyset(&mask);
	sigaddset(&mask, SIGTERM);
	sigaddset(&mask, SIGINT);
	return pthread_sigmask(SIG_BLOCK, &mask, &s->outside) == 0 &&
	    sigdelset(&s->outside, SIGTERM) == 0 && sigdelset(&s->outside, SIGINT) == 0 &&
	    sigaction(SIGTERM, &stop, NULL) == 0 && sigaction(SIGINT, &stop, NULL) == 0 &&
	    sigaction(SIGPIPE, &ignore, NULL) == 0 && sigaction(SIGHUP, &ignore, NULL) == 0;
}

static void *
reserve(size_t n)
{
	void *p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

static bool
begin(struct server *s, const char **why)
{
	const struct server_setup *setup = s->setup;

	s->conns = reserve(setup->max_connections * sizeof s->conns[0]);
	s->small = reserve((size_t)setup->max_connections * CONN_SMALL);
	if (s->conns == NULL || s->small == NULL)
		return fail(why, "reserving memory for connections");
	s->shared.wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (s->shared.wake < 0)
		return fail(why, "opening an eventfd");
	if (!take_signals(s))
		return fail(why, "taking signals");
	for (unsigned i = 0; i < setup->workers; i++)
		if (!worker_start(&s->worker[i], &setup->loop, setup->states[i], &s->shared))
			return fail(why, "starting a worker");
	return true;
}

static void
collect_closed(struct server *s)
{
	for (unsigned i = 0; i < s->setup->workers; i++) {
		struct conn *next, *c = worker_give_back(&s->worker[i]);

		for (; c != NULL; c = next) {
			next = c->next;
			c->next = s->free;
			s->free = c;
		}
	}
}

static struct conn *
take_conn(struct server *s)
{
	struct conn *c;

	if (s->free == NULL)
		collect_closed(s);
	c = s->free;
	if (c != NULL)
		s->free = c->next;
	else if (s->used < s->setup->max_connections)
		c = &s->conns[s->used++];
	return c;
}

static void
hand_over(struct server *s, struct conn *c, int fd, bool local)
{
	struct worker *fewest = &s->worker[0];

	*c = (struct conn){ .fd = fd, .state = CONN_CLOSED, .local = local,
		.small = s->small + (size_t)(c - s->conns) * CONN_SMALL };
	for (unsigned i = 1; i < s->setup->workers; i++)
		if (atomic_load_explicit(&s->worker[i].connections, memory_order_relaxed) <
		    atomic_load_explicit(&fewest->connections, memory_order_relaxed))
			fewest = &s->worker[i];
	worker_take(fewest, c);
}

/* The worker that has waited longest with a connection of this kind; NULL: none has any. */
static struct worker *
longest(struct server *s, bool requests)
{
	struct worker *found = NULL;
	unsigned least = UINT32_MAX;

	for (unsigned i = 0; i < s->setup->workers; i++) {
		struct worker *w = &s->worker[i];
		unsigned since = atomic_load(requests ? &w->request_since : &w->spare_since);

		if (since != 0 && since < least) {
			least = since;
			found = w;
		}
	}
	return found;
}

/* Sleeps until a signal comes or one of the descriptors is ready; `timeout` in milliseconds, -1:
 * none. */
static void
nap(struct server *s, struct pollfd *fds, nfds_t n, int timeout)
{
	struct timespec t = { timeout / 1000, timeout % 1000 * 1000000L };

	if (ppoll(fds, n, timeout < 0 ? NULL : &t, &s->outside) <= 0)
		for (nfds_t i = 0; i < n; i++)
			fds[i].revents = 0;
}

/* Sleeps until a worker closes a connection or has nothing more to do. */
static void
wait_for_worker(struct server *s, int timeout)
{
	struct pollfd wake = { .fd = s->shared.wake, .events = POLLIN };
	uint64_t count;

	atomic_store(&s->shared.waits, true);
	nap(s, &wake, 1, timeout);
	atomic_store(&s->shared.waits, false);
	if (wake.revents != 0 && read(s->shared.wake, &count, sizeof count) < 0)
		return;                 /* nothing to clear */
}

/* No connection is free, or the kernel has no descriptor: one that is idle goes, and meanwhile
 * nothing is accepted. */
static void
wait_for_room(struct server *s)
{
	struct worker *w = longest(s, false);

	atomic_store(&s->shared.waits, true);   /* before anybody can close one */
	if (w == NULL)
		w = longest(s, true);
	if (w != NULL) {
		atomic_store(&w->make_room, true);
		worker_signal(w->wake);
	}
	wait_for_worker(s, PAUSE);
}

/* Accepts what waits at one listener. Whether more may wait there. */
static bool
accept_from(struct server *s, const struct listener *l)
{
	for (int i = 0; i < ACCEPTS; i++) {
		struct conn *c = take_conn(s);
		int fd;

		if (c == NULL) {
			wait_for_room(s);
			return false;
		}
		fd = accept4(l->fd, NULL, NULL, SOCK_CLOEXEC);
		if (fd >= 0) {
			hand_over(s, c, fd, l->local);
			continue;
		}
		c->next = s->free;
		s->free = c;
		if (errno == ECONNABORTED || errno == EINTR)
			continue;
		if (errno == EAGAIN)
			return false;
		if (loop_clock() - s->logged >= LOG_PAUSE) {
			log_line("can't accept a connection: %s", strerror(errno));
			s->logged = loop_clock();
		}
		wait_for_room(s);
		return false;
	}
	return true;
}

static void
accept_until_stopped(struct server *s)
{
	struct pollfd fds[SERVER_LISTENERS_MAX + 1];
	unsigned n = s->setup->listener_count;

	for (unsigned i = 0; i < n; i++)
		fds[i] = (struct pollfd){ .fd = s->setup->listeners[i].fd, .events = POLLIN };
	while (stop_requests == 0) {
		nap(s, fds, n, -1);
		for (unsigned i = 0; i < n; i++)
			if (fds[i].revents != 0)
				accept_from(s, &s->setup->listeners[i]);
	}
}

static bool
all_done(struct server *s)
{
	for (unsigned i = 0; i < s->setup->workers; i++)
		if (!atomic_load(&s->worker[i].done))
			return false;
	return true;
}

static void
tell_workers(struct server *s, bool abort)
{
	for (unsigned i = 0; i < s->setup->workers; i++) {
		atomic_store(abort ? &s->worker[i].abort : &s->worker[i].stop, true);
		worker_signal(s->worker[i].wake);
	}
}

/* What was sent before the signal may still wait to be accepted: by us, or, where the socket is
 * another's, by whom that one starts next. */
static void
stop(struct server *s)
{
	int64_t end = loop_clock() + (int64_t)s->setup->grace * 1000000;

	for (unsigned i = 0; i < s->setup->listener_count; i++) {
		while (!s->setup->listeners[i].inherited && accept_from(s, &s->setup->listeners[i]))
			;
		listen_close(&s->setup->listeners[i]);
	}
	tell_workers(s, false);
	while (!all_done(s) && loop_clock() < end)
		wait_for_worker(s, (int)((end - loop_clock()) / 1000) + 1);
	tell_workers(s, true);
	for (unsigned i = 0; i < s->setup->workers; i++)
		pthread_join(s->worker[i].thread, NULL);
}

bool
server_run(struct server_setup *setup, const char **why)
{
	struct server *s = reserve(sizeof *s);

	if (s == NULL)
		return fail(why, "reserving memory");
	s->setup = setup;
	if (!begin(s, why))
		return false;
	accept_until_stopped(s);
	stop(s);
	return true;
}

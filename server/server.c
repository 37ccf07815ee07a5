#include "server/server.h"

#include "server/room.h"
#include "system/clock.h"
#include "system/thread.h"
#include "system/log.h"
#include "system/sandbox.h"
#include "system/signals.h"
#include "system/trouble.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	ACCEPTS = 64,                   /* connections taken from one listener before the next */
	ROUNDS = 16,                    /* naps until signals get a turn of their own */
	PAUSE = 100,                    /* milliseconds that accepting waits for descriptors, */
	ROOM_PAUSE = 10,                /* and for one of too many connections to go */
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
	struct room room;
	unsigned rounds;
	int64_t next_tick, next_pulse;  /* when it is time for the next ones */
	atomic_ulong accepted;
	int64_t logged;                 /* when the last line about trouble was written */
	sigset_t outside;               /* the signals that may come in while it sleeps */
};

uint64_t
server_memory(const struct server_setup *setup)
{
	return setup->workers * (loop_memory(&setup->loop) + setup->state_size + THREAD_STACK) +
	    setup->max_connections * (sizeof(struct conn) + CONN_SMALL) + sizeof(struct server);
}

unsigned
server_room(struct server_setup *setup)
{
	unsigned own = OWN_DESCRIPTORS + 3 * setup->workers + setup->listener_count;
	struct rlimit limit;

	if (prlimit(0, RLIMIT_NOFILE, NULL, &limit) != 0)
		return 0;
	limit.rlim_cur = limit.rlim_max;
	if (prlimit(0, RLIMIT_NOFILE, &limit, NULL) != 0 || limit.rlim_cur <= own)
		return 0;
	setup->max_descriptors = (unsigned long)limit.rlim_cur; /* fs.nr_open: 2^31 at most */
	return limit.rlim_cur - own > UINT32_MAX ? UINT32_MAX : (unsigned)(limit.rlim_cur - own);
}

void
server_count(const struct server_setup *setup, struct server_counts *counts)
{
	struct server *s = setup->server;

	*counts = (struct server_counts){ .accepted = atomic_load(&s->accepted) };
	for (unsigned i = 0; i < setup->workers; i++) {
		counts->open += atomic_load(&s->worker[i].connections);
		counts->evicted += atomic_load(&s->worker[i].evicted);
	}
}

static bool
fail(const char **why, const char *what)
{
	*why = what;
	return false;
}

static void *
reserve(size_t n)
{
	void *p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

/* Locks what all workers work with, and so many full-size buffers of each. */
static bool
lock_loops(struct server *s, unsigned buffers)
{
	bool ok = true;

	for (unsigned i = 0; i < s->setup->workers && ok; i++)
		ok = loop_lock(&s->worker[i].loop, buffers);
	return ok;
}

/* What holds requests and answers, from the likeliest on: the limit may be reached anywhere. */
static void
lock(struct server *s)
{
	const struct server_setup *setup = s->setup;
	unsigned buffers = setup->loop.body_buffers;
	bool ok = lock_loops(s, 0);

	for (unsigned i = 0; i < setup->workers && ok; i++)
		ok = sandbox_lock_used(setup->states[i], setup->state_size);
	ok = ok && sandbox_lock_used(s->small, (size_t)setup->max_connections * CONN_SMALL);
	/* One by one only if need be: hundreds of calls take half as long as all else. */
	if (ok && !lock_loops(s, buffers))
		for (unsigned n = 1; n < buffers && ok; n++)
			ok = lock_loops(s, n);
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
hand_over(struct server *s, struct conn *c, int fd, enum http_from from)
{
	struct worker *fewest = &s->worker[0];

	*c = (struct conn){ .fd = fd, .state = CONN_CLOSED, .from = (uint8_t)from,
		.small = s->small + (size_t)(c - s->conns) * CONN_SMALL };
	for (unsigned i = 1; i < s->setup->workers; i++)
		if (atomic_load_explicit(&s->worker[i].connections, memory_order_relaxed) <
		    atomic_load_explicit(&fewest->connections, memory_order_relaxed))
			fewest = &s->worker[i];
	atomic_store_explicit(&s->accepted, s->accepted + 1, memory_order_relaxed);
	worker_take(fewest, c);
}

/* While a descriptor is ready, ppoll() takes no signal: now and then they get their turn. */
static void
let_signals_in(struct server *s)
{
	const struct timespec now = { 0, 0 };

	if (++s->rounds % ROUNDS == 0)
		ppoll(NULL, 0, &now, &s->outside);
}

/* Sleeps until a signal comes or one of the descriptors is ready; `timeout` in milliseconds. */
static void
nap(struct server *s, struct pollfd *fds, nfds_t n, int timeout)
{
	struct timespec t = { timeout / 1000, timeout % 1000 * 1000000L };

	if (ppoll(fds, n, &t, &s->outside) <= 0)
		for (nfds_t i = 0; i < n; i++)
			fds[i].revents = 0;
	let_signals_in(s);
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

/* Connections, descriptors or memory have run out: somebody goes, and meanwhile nothing is
 * accepted. */
static void
wait_for_room(struct server *s, bool full)
{
	atomic_store(&s->shared.waits, true);   /* before anybody can close one, */
	collect_closed(s);                      /* or after somebody has */
	if (!full || s->free == NULL) {
		room_ask(&s->room);
		wait_for_worker(s, full ? ROOM_PAUSE : PAUSE);
	}
	atomic_store(&s->shared.waits, false);
}

static bool
someone_waits(const struct listener *l)
{
	struct pollfd p = { .fd = l->fd, .events = POLLIN };

	return poll(&p, 1, 0) > 0;
}

/* An accept failed. Whether somebody may still wait there. */
static bool
after_failure(struct server *s, int error)
{
	if (error == ECONNABORTED || error == EINTR)
		return true;
	if (error == EAGAIN)
		return false;
	if (clock_now() - s->logged >= LOG_PAUSE) {
		log_line("can't accept a connection: %s", trouble_text(error));
		s->logged = clock_now();
	}
	if (error == EMFILE || error == ENFILE || error == ENOMEM || error == ENOBUFS)
		wait_for_room(s, false);
	else
		wait_for_worker(s, PAUSE);
	return true;
}

/* Accepts what waits at one listener, up to a bound. Whether somebody may still wait there. */
static bool
accept_from(struct server *s, const struct listener *l)
{
	for (int i = 0; i < ACCEPTS; i++) {
		struct conn *c = take_conn(s);
		enum http_from from;
		int fd;

		if (c == NULL) {
			if (!someone_waits(l))
				return false;
			wait_for_room(s, true);
			return true;
		}
		fd = listen_accept(l, &from);
		if (fd >= 0) {
			room_found(&s->room);
			hand_over(s, c, fd, from);
			continue;
		}
		c->next = s->free;
		s->free = c;
		return after_failure(s, errno);
	}
	return true;
}

/* Asks every worker for a sign of life, and says so when all have answered the question before. */
static void
feel_pulse(struct server *s)
{
	for (unsigned i = 0; i < s->setup->workers; i++)
		if (atomic_load(&s->worker[i].pinged))
			return;
	s->setup->tell(s->setup->service, SERVER_ALIVE);
	for (unsigned i = 0; i < s->setup->workers; i++) {
		atomic_store(&s->worker[i].pinged, true);
		worker_signal(s->worker[i].wake);
	}
}

/* Lets the service look after itself, and at the workers, when it is time. Returns the milliseconds
 * until the next time, or until `end`. */
static int
tick(struct server *s, int64_t end)
{
	enum server_event event = signals_reload() ? SERVER_RELOAD : SERVER_TIME;
	int64_t next;

	if (signals_reload() || clock_now() >= s->next_tick) {
		signals_forget_reload();
		s->setup->tell(s->setup->service, event);
		s->next_tick = clock_now() + SERVER_TICK;
	}
	next = s->next_tick < end ? s->next_tick : end;
	if (s->setup->pulse > 0) {
		if (clock_now() >= s->next_pulse) {
			feel_pulse(s);
			s->next_pulse = clock_now() + s->setup->pulse;
		}
		next = next < s->next_pulse ? next : s->next_pulse;
	}
	return (int)((next - clock_now()) / 1000) + 1;
}

/* Serves until so many signals have come, or until `end`. */
static void
accept_until(struct server *s, int stops, int64_t end)
{
	struct pollfd fds[SERVER_LISTENERS_MAX + 1];
	unsigned n = s->setup->listener_count;

	for (unsigned i = 0; i < n; i++)
		fds[i] = (struct pollfd){ .fd = s->setup->listeners[i].fd, .events = POLLIN };
	while (signals_stops() < stops && clock_now() < end) {
		nap(s, fds, n, tick(s, end));
		for (unsigned i = 0; i < n; i++)
			if (fds[i].revents != 0)
				accept_from(s, &s->setup->listeners[i]);
	}
}

/* Whoever sends clients here learns at /healthz to send no more. Until it has, they are served. */
static void
delay_stop(struct server *s)
{
	unsigned delay = s->setup->stop_delay;

	if (delay == 0)
		return;
	log_line("stopping in %u s; /healthz answers 503 (--stop-delay)", delay);
	accept_until(s, 2, clock_now() + (int64_t)delay * CLOCK_SECOND);
	signals_count_anew();
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

static void
end_workers(struct server *s)
{
	tell_workers(s, true);
	signals_let_end(&s->outside);   /* should that not be enough */
	while (!all_done(s))
		wait_for_worker(s, PAUSE);
}

/* What was sent before the signal may still wait to be accepted: by us, or, where the socket is
 * another's, by whom that one starts next. */
static void
stop(struct server *s)
{
	int64_t end = clock_now() + (int64_t)s->setup->grace * CLOCK_SECOND;

	for (unsigned i = 0; i < s->setup->listener_count; i++) {
		struct listener *l = &s->setup->listeners[i];

		while (!l->inherited && signals_stops() < 2 && clock_now() < end &&
		    accept_from(s, l))
			;
		listen_close(l);
	}
	tell_workers(s, false);
	while (!all_done(s) && signals_stops() < 2 && clock_now() < end)
		wait_for_worker(s, (int)((end - clock_now()) / 1000) + 1);
	end_workers(s);
}

bool
server_open(struct server_setup *setup, const char **why)
{
	struct server *s = reserve(sizeof *s);

	if (s == NULL)
		return fail(why, "reserving memory");
	s->setup = setup;
	setup->server = s;
	setup->loop.parked = (setup->max_connections - 1) / (2 * setup->workers) + 1;
	s->conns = reserve(setup->max_connections * sizeof s->conns[0]);
	s->small = reserve((size_t)setup->max_connections * CONN_SMALL);
	if (s->conns == NULL || s->small == NULL)
		return fail(why, "reserving memory for connections");
	s->shared.wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (s->shared.wake < 0)
		return fail(why, "opening an eventfd");
	s->room = (struct room){ s->worker, setup->workers, &s->shared, 0 };
	for (unsigned i = 0; i < setup->workers; i++)
		if (!worker_open(&s->worker[i], &setup->loop, setup->states[i], &s->shared))
			return fail(why, "preparing a worker");
	lock(s);
	return true;
}

bool
server_start(struct server_setup *setup, const char **why)
{
	struct server *s = setup->server;

	signals_outside(&s->outside);
	for (unsigned i = 0; i < setup->workers; i++)
		if (!worker_start(&s->worker[i]))
			return fail(why, "starting a worker");
	return true;
}

void
server_run(struct server_setup *setup)
{
	struct server *s = setup->server;

	setup->tell(setup->service, SERVER_READY);
	accept_until(s, 1, INT64_MAX);
	setup->tell(setup->service, SERVER_STOP);
	delay_stop(s);
	stop(s);
}

void
server_close(const struct server_setup *setup)
{
	for (unsigned i = 0; i < setup->listener_count; i++)
		listen_close(&setup->listeners[i]);
}

void
server_end(struct server_setup *setup)
{
	server_close(setup);
	tell_workers(setup->server, false);
	end_workers(setup->server);
}

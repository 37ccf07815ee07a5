/* Listening sockets, workers, and the end of serving. The server knows no routes: it is given a
 * handler. */
#ifndef SERVER_H
#define SERVER_H

#include "server/worker.h"
#include "system/listen.h"

enum {
	SERVER_WORKERS_MAX = 64, SERVER_LISTENERS_MAX = 64,
	SERVER_TICK = 1000000           /* microseconds between two SERVER_TIME */
};

struct service;                         /* what it serves: nothing to the server itself */

/* What the service is told: that it serves from now on; that some time has gone by; that every
 * worker has turned since the last time; that SIGHUP came; that a stop was asked for: it serves on
 * for stop_delay seconds, and then until it has finished. */
enum server_event { SERVER_READY, SERVER_TIME, SERVER_ALIVE, SERVER_RELOAD, SERVER_STOP };

struct server_setup {
	struct loop_setup loop;         /* its body_buffers are each worker's */
	struct worker_state **states;   /* one for each worker, */
	size_t state_size;              /* of so many bytes */
	unsigned workers;               /* at most SERVER_WORKERS_MAX */
	unsigned max_connections;
	unsigned long max_descriptors;  /* set by server_room() */
	unsigned stop_delay;            /* seconds to serve on when a stop is asked for */
	unsigned grace;                 /* seconds that stopping may take after that */
	struct listener *listeners;
	unsigned listener_count;        /* at most SERVER_LISTENERS_MAX */
	int64_t pulse;                  /* microseconds between two SERVER_ALIVE; 0: none wanted */
	/* Called by the main thread. */
	void (*tell)(struct service *, enum server_event);
	struct service *service;
	struct server *server;          /* for server_count(); set by server_open() */
};

/* What connections there are and were. */
struct server_counts {
	unsigned long open, accepted, evicted;
};

/* For any thread, as long as server_run() runs. */
void server_count(const struct server_setup *, struct server_counts *);

/* Bytes of memory that these settings take at the most. */
uint64_t server_memory(const struct server_setup *);

/* Raises the limit of descriptors as far as it goes. Returns how many connections it leaves room
 * for, beside what the server itself needs. */
unsigned server_room(struct server_setup *);

/* Closes the listeners, of a start that fails: no socket's file stays behind. */
void server_close(const struct server_setup *);

/* Takes all the memory and the descriptors that serving needs, and locks what requests come into as
 * far as the kernel allows. false: `*why` names what failed and errno tells how. */
bool server_open(struct server_setup *, const char **why);

/* Starts the threads: whatever a start can lack is there then. false: as before. */
bool server_start(struct server_setup *, const char **why);

/* Serves until SIGTERM, SIGINT or SIGQUIT, which signals_take() must have prepared, and for
 * stop_delay seconds more, or until the next such signal. Then it answers everything that was sent
 * before that and returns, after the grace period at the latest; one more signal ends it at once.
 * Closes the listeners and ends the threads. */
void server_run(struct server_setup *);

/* Does that last, without having served. */
void server_end(struct server_setup *);

#endif

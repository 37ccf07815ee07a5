/* Counters, a set for each worker: written by its thread alone, summed when somebody reads them. */
#ifndef METRICS_H
#define METRICS_H

#include "route/reason.h"
#include "token/keys.h"

#include <stdatomic.h>

enum {
	METRICS_ROUTES = 13,            /* routes, the one that is none with them */
	METRICS_STATUSES = 24,          /* statuses that can be answered */
	METRICS_BUCKETS = 12,           /* of the histogram, the unlimited one with them */
	METRICS_RINGS = 2,              /* rings of keys that are in use at a time */
	METRICS_TEXT_MAX = 122880       /* bytes of the whole text */
};

/* The routes that accept tokens, for their client or another. */
enum metrics_user {
	METRICS_NOBODY, METRICS_AUTH, METRICS_VERIFY, METRICS_INTROSPECT, METRICS_USERS
};

/* A counter wraps where a long is 32 bits wide: to whoever reads it, that is a restart. */
typedef atomic_ulong metric;

struct metrics {
	metric requests[METRICS_ROUTES][METRICS_STATUSES];
	metric issued, refused[REASONS];
	metric used[METRICS_RINGS][KEY_RING_MAX][METRICS_USERS];
	metric duration[METRICS_BUCKETS], microseconds;
};

/* What happened in one request. */
struct metrics_event {
	unsigned route;                 /* below METRICS_ROUTES */
	unsigned status;
	bool issued;
	unsigned refusal;               /* enum reason */
	int64_t microseconds;
};

/* What the thread that writes revocations counts. */
struct metrics_revocations {
	metric appended, refused, seen;
	metric sync[METRICS_BUCKETS], microseconds;
};

/* Counts how long something has taken. Only the thread that owns the counters may. */
void metrics_time(metric count[METRICS_BUCKETS], metric *sum, int64_t microseconds);

/* Counts it. Likewise. */
void metrics_count(struct metrics *, const struct metrics_event *);

/* Counts a token that was accepted by a key of the ring. Likewise. */
void metrics_use(struct metrics *, const struct key_ring *, unsigned key, enum metrics_user);

/* Begins anew to count by the keys of a ring that nobody uses yet. For any thread. */
void metrics_restart(struct metrics *, const struct key_ring *);

/* What there is to tell. */
struct metrics_view {
	struct metrics *const *worker;
	unsigned workers;
	const char *(*route_name)(unsigned);    /* NULL: there is no such route */
	const char *version;
	unsigned long connections, max_connections, accepted, evicted;
	const struct key_ring *ring;
	unsigned long failed_reloads;
	int64_t started;                        /* when the process was, seconds since 1970 */
	uint64_t cpu;                           /* microseconds that it has run */
	uint64_t memory;                        /* resident bytes; 0: not known */
	unsigned long descriptors, max_descriptors;
	const struct metrics_revocations *revocations;  /* NULL: there is no file of them */
	unsigned revoked, max_revocations;
};

/* Appends it all in the text format of Prometheus 0.0.4. */
void metrics_put(struct buf *, const struct metrics_view *);

#endif

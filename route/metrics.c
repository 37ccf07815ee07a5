#include "route/metrics.h"

_Static_assert(HTTP_STATUSES < (int)METRICS_STATUSES, "room for what is none of them");

/* The limits of the histogram, in microseconds; beyond the last one there is none. */
static const struct {
	int64_t limit;
	char seconds[8];
} buckets[METRICS_BUCKETS] = {
	{ 20, "2e-05" }, { 50, "5e-05" }, { 100, "0.0001" }, { 250, "0.00025" },
	{ 500, "0.0005" }, { 1000, "0.001" }, { 2500, "0.0025" }, { 10000, "0.01" },
	{ 100000, "0.1" }, { 1000000, "1" }, { 10000000, "10" }, { INT64_MAX, "+Inf" },
};

/* Only its own thread adds to it, so this needs no locked instruction. */
static void
add(metric *m, unsigned long n)
{
	atomic_store_explicit(m, atomic_load_explicit(m, memory_order_relaxed) + n,
	    memory_order_relaxed);
}

void
metrics_time(metric count[METRICS_BUCKETS], metric *sum, int64_t microseconds)
{
	unsigned bucket = 0;

	while (microseconds > buckets[bucket].limit)
		bucket++;
	add(&count[bucket], 1);
	add(sum, (unsigned long)microseconds);
}

void
metrics_count(struct metrics *m, const struct metrics_event *e)
{
	add(&m->requests[e->route][http_status_place(e->status)], 1);
	metrics_time(m->duration, &m->microseconds, e->microseconds);
	if (e->issued)
		add(&m->issued, 1);
	if (e->refusal != REASON_NONE)
		add(&m->refused[e->refusal], 1);
}

void
metrics_use(struct metrics *m, const struct key_ring *ring, unsigned key, enum metrics_user user)
{
	add(&m->used[ring->counted][key][user], 1);
}

void
metrics_restart(struct metrics *m, const struct key_ring *ring)
{
	memset(m->used[ring->counted], 0, sizeof m->used[0]);
}

/* The sum of a counter over all workers; `offset` is its place in struct metrics. */
static uintmax_t
sum(const struct metrics_view *v, size_t offset)
{
	unsigned long n = 0;            /* it wraps as they do */

	for (unsigned i = 0; i < v->workers; i++)
		n += atomic_load_explicit((const metric *)((const char *)v->worker[i] + offset),
		    memory_order_relaxed);
	return n;
}

#define SUM(view, member) sum(view, offsetof(struct metrics, member))

/* Begins a family, of which the words are the name and the help, and returns the name: a counter,
 * where it says so. */
static struct str
put_family(struct buf *b, const char *words, bool histogram)
{
	struct str name;

	buf_text(b, "# HELP ");
	name = (struct str){ b->p + b->n, 0 };
	buf_text(b, words);
	while (name.p + name.n < b->p + b->n && name.p[name.n] != ' ')
		name.n++;
	buf_text(b, "\n# TYPE ");
	buf_add(b, name);
	buf_text(b, histogram ? " histogram\n" : name.n > 0 && name.p[name.n - 1] == 'l' ?
	    " counter\n" : " gauge\n");
	return name;
}

static void
put_one(struct buf *b, const char *words, uint64_t value)
{
	struct str name = put_family(b, words, false);

	buf_add(b, name);
	buf_format(b, " %ju\n", (uintmax_t)value);
}

static void
put_requests(struct buf *b, const struct metrics_view *v)
{
	put_family(b, "jwtd_requests_total Answers, by route and status.", false);
	for (unsigned r = 0; r < METRICS_ROUTES && v->route_name(r) != NULL; r++) {
		for (unsigned s = 0; s <= HTTP_STATUSES; s++) {
			uintmax_t n = SUM(v, requests[r][s]);
			unsigned status = s < HTTP_STATUSES ? http_statuses[s] : 0;

			if (n > 0)
				buf_format(b, "jwtd_requests_total{route=\"%s\",status=\"%u\"} "
				    "%ju\n", v->route_name(r), status, n);
		}
	}
}

static void
put_refusals(struct buf *b, const struct metrics_view *v)
{
	const char *name = NULL;

	put_family(b, "jwtd_tokens_refused_total Requests and tokens that were refused, by reason.",
	    false);
	for (unsigned i = REASON_NONE + 1; i < REASONS; i++) {
		name = reason_next(i, name);
		buf_format(b, "jwtd_tokens_refused_total{reason=\"%s\"} %ju\n", name,
		    SUM(v, refused[i]));
	}
}

static uintmax_t
value(const metric *m)
{
	return atomic_load_explicit(m, memory_order_relaxed);
}

/* A histogram of the time that something has taken, `all` of it in microseconds. */
static void
put_histogram(struct buf *b, const char *words, const uintmax_t count[METRICS_BUCKETS],
    uintmax_t all)
{
	struct str name = put_family(b, words, true);
	uintmax_t n = 0;

	for (unsigned i = 0; i < METRICS_BUCKETS; i++) {
		n += count[i];
		buf_format(b, "%.*s_bucket{le=\"%s\"} %ju\n", (int)name.n, name.p,
		    buckets[i].seconds, n);
	}
	buf_format(b, "%.*s_sum %jue-6\n%.*s_count %ju\n", (int)name.n, name.p, all, (int)name.n,
	    name.p, n);
}

static void
put_durations(struct buf *b, const struct metrics_view *v)
{
	uintmax_t count[METRICS_BUCKETS];

	for (unsigned i = 0; i < METRICS_BUCKETS; i++)
		count[i] = SUM(v, duration[i]);
	put_histogram(b, "jwtd_request_duration_seconds From a request's first byte to its answer.",
	    count, SUM(v, microseconds));
}

static void
put_revocations(struct buf *b, const struct metrics_view *v)
{
	const struct metrics_revocations *m = v->revocations;
	uintmax_t count[METRICS_BUCKETS];

	put_one(b, "jwtd_revocations Entries in the list of what is taken back.", v->revoked);
	put_one(b, "jwtd_revocations_max Entries that there is room for.", v->max_revocations);
	put_one(b, "jwtd_revocations_written_total Entries that were written.",
	    value(&m->appended));
	put_one(b, "jwtd_revocations_seen_total Entries that others wrote.", value(&m->seen));
	put_one(b, "jwtd_revocations_refused_total Entries that there was no room for.",
	    value(&m->refused));
	for (unsigned i = 0; i < METRICS_BUCKETS; i++)
		count[i] = value(&m->sync[i]);
	put_histogram(b, "jwtd_revocation_sync_seconds What a sync of the file took.", count,
	    value(&m->microseconds));
}

/* A label's value: three characters are escaped. */
static void
put_escaped(struct buf *b, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\\' || s.p[i] == '"' || s.p[i] == '\n')
			buf_text(b, "\\");
		buf_put(b, s.p[i] == '\n' ? "n" : s.p + i, 1);
	}
}

/* The start of a line about a key: what tells it from all others. */
static void
put_key(struct buf *b, struct str name, const struct key_ring *ring, unsigned key)
{
	buf_add(b, name);
	buf_text(b, "{fingerprint=\"");
	buf_hex(b, ring->print[key], KEY_PRINT);
	buf_text(b, "\",kid=\"");
	put_escaped(b, ring->key[key].id);
}

/* Each key, and what it has let in. */
static void
put_ring(struct buf *b, const struct metrics_view *v)
{
	static const char user[] = "-\0/auth\0/v1/verify\0/introspect";
	const struct key_ring *ring = v->ring;
	struct str name = put_family(b, "jwtd_key_info Each key.", false);

	for (unsigned i = 0; i < ring->n; i++) {
		put_key(b, name, ring, i);
		buf_format(b, "\",alg=\"%s\",signs=\"%d\"} 1\n", jwt_alg_name(ring->key[i].alg),
		    &ring->key[i] == ring->signer);
	}
	name = put_family(b, "jwtd_tokens_accepted_total Tokens that were accepted, by key and "
	    "route.", false);
	for (unsigned i = 0; i < METRICS_USERS * ring->n; i++) {
		unsigned key = i / METRICS_USERS, by = i % METRICS_USERS;

		if (by == METRICS_NOBODY)
			continue;
		put_key(b, name, ring, key);
		buf_format(b, "\",route=\"%s\"} %ju\n", str_nth(user, by),
		    SUM(v, used[ring->counted][key][by]));
	}
}

static void
put_keys(struct buf *b, const struct metrics_view *v)
{
	const struct key_ring *ring = v->ring;

	put_one(b, "jwtd_keys Keys in the ring.", ring->n);
	put_ring(b, v);
	put_one(b, "jwtd_key_ring_generation How many times keys were loaded, the start included.",
	    ring->generation);
	put_one(b, "jwtd_key_ring_failed_reloads_total Reloads that left the old keys in place.",
	    v->failed_reloads);
	put_one(b, "jwtd_key_ring_loaded_timestamp_seconds When keys were last loaded.",
	    (uint64_t)ring->loaded);
	if (ring->oldest > 0)
		put_one(b, "jwtd_key_file_oldest_timestamp_seconds When the oldest key file was "
		    "written.", (uint64_t)ring->oldest);
}

static void
put_process(struct buf *b, const struct metrics_view *v)
{
	put_one(b, "process_start_time_seconds When the process was started.",
	    (uint64_t)v->started);
	put_family(b, "process_cpu_seconds_total Time that it has run.", false);
	buf_format(b, "process_cpu_seconds_total %jue-6\n", (uintmax_t)v->cpu);
	if (v->memory > 0)
		put_one(b, "process_resident_memory_bytes Memory that it has.", v->memory);
	put_one(b, "process_open_fds Descriptors that are open.", v->descriptors);
	put_one(b, "process_max_fds Descriptors that may be open.", v->max_descriptors);
}

void
metrics_put(struct buf *b, const struct metrics_view *v)
{
	put_requests(b, v);
	put_durations(b, v);
	put_one(b, "jwtd_tokens_issued_total Tokens that were made.", SUM(v, issued));
	put_refusals(b, v);
	put_one(b, "jwtd_connections Connections that are open.", v->connections);
	put_one(b, "jwtd_connections_max Connections that there is room for.",
	    v->max_connections);
	put_one(b, "jwtd_connections_accepted_total Connections that were accepted.",
	    v->accepted);
	put_one(b, "jwtd_connections_evicted_total Connections that were closed to make room for "
	    "others.", v->evicted);
	if (v->revocations != NULL)
		put_revocations(b, v);
	put_keys(b, v);
	put_process(b, v);
	put_family(b, "jwtd_build_info The version, as a label.", false);
	buf_format(b, "jwtd_build_info{version=\"%s\"} 1\n", v->version);
}

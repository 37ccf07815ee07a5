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

static void
put_type(struct buf *b, const char *name, const char *type, const char *help)
{
	buf_format(b, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void
put_one(struct buf *b, const char *name, const char *type, const char *help, uint64_t value)
{
	put_type(b, name, type, help);
	buf_format(b, "%s %ju\n", name, (uintmax_t)value);
}

static void
put_requests(struct buf *b, const struct metrics_view *v)
{
	put_type(b, "jwtd_requests_total", "counter", "Answers, by route and status.");
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
	put_type(b, "jwtd_tokens_refused_total", "counter",
	    "Requests and tokens that were refused, by reason.");
	for (unsigned i = REASON_NONE + 1; i < REASONS; i++)
		buf_format(b, "jwtd_tokens_refused_total{reason=\"%s\"} %ju\n", reason_name(i),
		    SUM(v, refused[i]));
}

static uintmax_t
value(const metric *m)
{
	return atomic_load_explicit(m, memory_order_relaxed);
}

/* A histogram of the time that something has taken, `all` of it in microseconds. */
static void
put_histogram(struct buf *b, const char *name, const char *help,
    const uintmax_t count[METRICS_BUCKETS], uintmax_t all)
{
	uintmax_t n = 0;
	char fraction[6];

	put_type(b, name, "histogram", help);
	for (unsigned i = 0; i < METRICS_BUCKETS; i++) {
		n += count[i];
		buf_format(b, "%s_bucket{le=\"%s\"} %ju\n", name, buckets[i].seconds, n);
	}
	for (uintmax_t rest = all, i = sizeof fraction; i > 0; rest /= 10)
		fraction[--i] = (char)('0' + rest % 10);
	buf_format(b, "%s_sum %ju.%.*s\n%s_count %ju\n", name, all / 1000000,
	    (int)sizeof fraction, fraction, name, n);
}

static void
put_durations(struct buf *b, const struct metrics_view *v)
{
	uintmax_t count[METRICS_BUCKETS];

	for (unsigned i = 0; i < METRICS_BUCKETS; i++)
		count[i] = SUM(v, duration[i]);
	put_histogram(b, "jwtd_request_duration_seconds",
	    "From a request's first byte to its answer.", count, SUM(v, microseconds));
}

static void
put_revocations(struct buf *b, const struct metrics_view *v)
{
	const struct metrics_revocations *m = v->revocations;
	uintmax_t count[METRICS_BUCKETS];

	put_one(b, "jwtd_revocations", "gauge", "Entries in the list of what is taken back.",
	    v->revoked);
	put_one(b, "jwtd_revocations_max", "gauge", "Entries that there is room for.",
	    v->max_revocations);
	put_one(b, "jwtd_revocations_written_total", "counter", "Entries that were written.",
	    value(&m->appended));
	put_one(b, "jwtd_revocations_seen_total", "counter", "Entries that others wrote.",
	    value(&m->seen));
	put_one(b, "jwtd_revocations_refused_total", "counter",
	    "Entries that there was no room for.", value(&m->refused));
	for (unsigned i = 0; i < METRICS_BUCKETS; i++)
		count[i] = value(&m->sync[i]);
	put_histogram(b, "jwtd_revocation_sync_seconds", "What a sync of the file took.", count,
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

static void
put_keys(struct buf *b, const struct key_ring *ring)
{
	put_one(b, "jwtd_keys", "gauge", "Keys in the ring.", ring->n);
	put_type(b, "jwtd_key_info", "gauge", "Each key, by its id or its fingerprint.");
	for (unsigned i = 0; i < ring->n; i++) {
		buf_text(b, ring->key[i].has_id ? "jwtd_key_info{kid=\"" :
		    "jwtd_key_info{fingerprint=\"");
		if (ring->key[i].has_id)
			put_escaped(b, ring->key[i].id);
		else
			buf_hex(b, ring->print[i], KEY_PRINT);
		buf_format(b, "\",alg=\"%s\",signs=\"%d\"} 1\n", jwt_alg_name(ring->key[i].alg),
		    &ring->key[i] == ring->signer);
	}
}

void
metrics_put(struct buf *b, const struct metrics_view *v)
{
	put_requests(b, v);
	put_durations(b, v);
	put_one(b, "jwtd_tokens_issued_total", "counter", "Tokens that were made.",
	    SUM(v, issued));
	put_refusals(b, v);
	put_one(b, "jwtd_connections", "gauge", "Connections that are open.", v->connections);
	put_one(b, "jwtd_connections_accepted_total", "counter",
	    "Connections that were accepted.", v->accepted);
	put_one(b, "jwtd_connections_evicted_total", "counter",
	    "Connections that were closed to make room for others.", v->evicted);
	if (v->revocations != NULL)
		put_revocations(b, v);
	put_keys(b, v->ring);
	put_one(b, "jwtd_key_ring_generation", "gauge",
	    "How many times keys were loaded, the start included.", v->generation);
	put_one(b, "jwtd_key_ring_failed_reloads_total", "counter",
	    "Reloads that left the old keys in place.", v->failed_reloads);
	put_one(b, "jwtd_key_ring_loaded_timestamp_seconds", "gauge", "When keys were last loaded.",
	    (uint64_t)v->loaded);
	put_type(b, "jwtd_build_info", "gauge", "The version, as a label.");
	buf_format(b, "jwtd_build_info{version=\"%s\"} 1\n", v->version);
}

#include "service.h"

#include "route/claim_header.h"
#include "route/reason.h"
#include "settings/environment.h"
#include "settings/stale.h"
#include "system/clock.h"
#include "system/log.h"
#include "system/usage.h"
#include "token/key_names.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

_Static_assert(sizeof(time_t) >= 8, "a clock that does not end in 2038");

enum {
	RELEASE_PAUSE = 1               /* milliseconds between two looks for who holds a ring */
};

/* Whether a file is another one than it was; remembers what it finds. */
static bool
files_changed(struct service *s)
{
	bool changed = false;

	for (unsigned i = 0; i < CONFIG_FILES; i++) {
		const char *path = config_file(s->options, i);
		struct key_stamp now;

		if (path == NULL)
			continue;
		now = keys_stamp(path);
		changed = changed || !keys_same_stamp(&now, &s->stamp[i]);
		s->stamp[i] = now;
	}
	return changed;
}

/* When the key file that has been as it is for longest was written, as far as files tell that. */
static int64_t
oldest_key(const struct service *s)
{
	int64_t oldest = 0;

	for (unsigned i = 0; i < s->options->key_file.n; i++) {
		int64_t written = s->stamp[i].modified.tv_sec;

		if (written > 0 && (oldest == 0 || written < oldest))
			oldest = written;
	}
	return oldest;
}

static void
warn_published(const struct key_ring *ring)
{
	if (ring->published)
		log_line("warning: the demo key is published: everybody can make tokens that "
		    "verify. For trying out only");
}

static struct api_policy
policy_from(const struct options *o, struct demand required[OPTION_LIST_MAX])
{
	return (struct api_policy){
		.max_body = o->max_body, .open_issue = o->open_issue, .no_issue = o->no_issue,
		.no_compat = o->no_compat,
		.hosts = o->host.item, .host_count = o->host.n,
		.jwt = config_policy(o, required), .allow_no_exp = o->allow_no_exp,
		.claims = config_claims(o), .max_ttl = o->max_ttl,
		.cookie = o->token_cookie, .basic = o->token_basic
	};
}

bool
service_load(struct service *s, const struct options *o, struct buf *why)
{
	s->options = o;
	s->policy = policy_from(o, s->required);
	s->policy.headers = s->headers;
	s->policy.header_count = o->claim_header.n;
	if (!claim_header_read(s->headers, o->claim_header.item, o->claim_header.n, why))
		return false;
	files_changed(s);
	do {                            /* once more, if what was read may be half of it */
		keys_wipe(&s->ring[0]);
		if (!config_load(&s->ring[0], o, why))
			return false;
	} while (files_changed(s));
	warn_published(&s->ring[0]);
	if ((s->ring[0].has_secret || o->clients_file != NULL) && o->open_issue)
		log_line("warning: --open-issue does nothing beside a service secret or clients");
	s->ring[0].generation = 1;
	s->ring[0].loaded = s->started = time(NULL);
	s->ring[0].oldest = oldest_key(s);
	atomic_store(&s->current, &s->ring[0]);
	return true;
}

/* What a ring holds: keys by their names, clients by their number. */
static void
describe(struct buf *b, const struct key_ring *ring)
{
	buf_empty(b);
	key_name_all(b, ring);
	if (ring->clients == NULL)
		return;
	buf_format(b, ring->clients->n == 1 ? "; %u client" : "; %u clients", ring->clients->n);
}

void
service_tell_keys(const struct service *s)
{
	char text[KEY_NAMES_MAX + 32];
	struct buf b = buf_over(text, sizeof text);

	describe(&b, &s->ring[0]);
	log_line("loaded: %.*s", (int)b.n, text);
}

size_t
service_state_size(const struct service *s)
{
	return sizeof(struct worker_state) + 2 * api_scratch_size(s->policy.max_body);
}

bool
service_start(struct service *s, unsigned workers, int random)
{
	size_t text = api_scratch_size(s->policy.max_body);

	for (; s->workers < workers; s->workers++) {
		struct worker_state *state = mmap(NULL, service_state_size(s),
		    PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (state == MAP_FAILED)
			return false;
		state->service = s;
		state->scratch.jwt.text = buf_over(state + 1, text);
		state->scratch.claims = buf_over((char *)(state + 1) + text, text);
		state->nonces.fd = random;
		s->states[s->workers] = state;
		s->metrics[s->workers] = &state->metrics;
	}
	return true;
}

static bool
is_held(struct service *s, const struct key_ring *ring)
{
	for (unsigned i = 0; i < s->workers; i++)
		if (atomic_load(&s->states[i]->ring) == ring)
			return true;
	return false;
}

/* Whoever looks for the ring from now on finds the new one; who has the old one is about to answer,
 * which takes no longer than a thread may have to wait for a processor. */
static void
swap(struct service *s, struct key_ring *old, const struct key_ring *new)
{
	atomic_store(&s->current, new);
	while (is_held(s, old))
		poll(NULL, 0, RELEASE_PAUSE);
	keys_wipe(old);
}

/* Whether each file can be opened: what keeps that from working may pass. */
static bool
files_open(const struct service *s)
{
	for (unsigned i = 0; i < CONFIG_FILES; i++) {
		const char *path = config_file(s->options, i);
		int fd = path != NULL ? open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;

		if (path != NULL && fd < 0)
			return false;
		if (fd >= 0)
			close(fd);
	}
	return true;
}

/* The old keys stay. Says so, but not twice in a row of what nobody asked for. */
static void
complain(struct service *s, struct str why, bool asked)
{
	bool again = str_equal(why, str_from(s->complaint));

	atomic_store(&s->failed_reloads, atomic_load(&s->failed_reloads) + 1);
	s->retry = !again || !files_open(s);
	memcpy(s->complaint, why.p, why.n);
	s->complaint[why.n] = '\0';
	if (asked || !again)
		log_line("not reloaded, the old keys stay: %s", s->complaint);
}

static void
reload(struct service *s, bool asked)
{
	bool first = atomic_load(&s->current) == &s->ring[0];
	struct key_ring *old = &s->ring[!first], *new = &s->ring[first];
	char message[CONFIG_MESSAGE];
	struct buf why = buf_over(message, sizeof message - 1);
	bool ok, same, other;

	notify_reloading(&s->notify);
	new->serving = true;
	ok = config_load(new, s->options, &why);
	notify_send(&s->notify, "READY=1");
	if (ok && new->published && !s->only_local) {
		keys_wipe(new);
		buf_text(&why, SERVICE_PUBLISHED);
		ok = false;
	}
	s->changed = files_changed(s);
	if (s->changed) {               /* while they were read: later, then */
		keys_wipe(new);
		return;
	}
	s->retry = false;
	if (!ok) {
		complain(s, buf_str(&why), asked);
		return;
	}
	s->complaint[0] = '\0';
	warn_published(new);
	new->generation = old->generation + 1;
	new->loaded = time(NULL);
	new->oldest = oldest_key(s);
	same = keys_same(old, new);
	new->counted = same ? old->counted : !old->counted;
	for (unsigned i = 0; i < s->workers && !same; i++)
		metrics_restart(s->metrics[i], new);
	other = new->has_secret && !sha512_equal(old->secret, new->secret);
	swap(s, old, new);
	describe(&why, new);
	log_line(same ? "read again, nothing changed: %.*s" : "reloaded: %.*s%s", (int)why.n,
	    message, other ? "; another service secret" : "");
	stale_warn(s->options, environment_value);
}

static void
watch_clock(struct service *s)
{
	bool doubted = time(NULL) < JWT_CLOCK_FLOOR;

	if (doubted == s->clock_doubted)
		return;
	s->clock_doubted = doubted;
	log_line(doubted ? "the clock of this host is not set: until it is, tokens are neither "
	    "issued nor judged (503)" : "the clock of this host is set");
}

/* A file that has changed since the last look may still be being written: it is taken when a look
 * finds it as the one before did. */
static void
watch_files(struct service *s)
{
	if (files_changed(s))
		s->changed = true;
	else if (s->changed || (s->retry && files_open(s)))
		reload(s, false);
}

void
service_tell(struct service *s, enum server_event event)
{
	switch (event) {
	case SERVER_READY:
		notify_send(&s->notify, "READY=1");
		break;
	case SERVER_TIME:
		watch_clock(s);
		watch_files(s);
		break;
	case SERVER_RELOAD:
		files_changed(s);
		reload(s, true);
		break;
	case SERVER_ALIVE:
		notify_send(&s->notify, "WATCHDOG=1");
		break;
	case SERVER_STOP:
		atomic_store(&s->stopping, true);
		notify_send(&s->notify, "STOPPING=1");
		break;
	}
}

void
service_stop(struct service *s)
{
	keys_wipe(&s->ring[0]);
	keys_wipe(&s->ring[1]);
}

/* A ring that has been announced and then found to be the current one is not wiped before it is
 * let go: the main thread looks for who holds it after it has changed which one is current. */
static const struct key_ring *
hold_ring(struct worker_state *state)
{
	const struct key_ring *ring;

	do {
		ring = atomic_load(&state->service->current);
		atomic_store(&state->ring, ring);
	} while (ring != atomic_load(&state->service->current));
	return ring;
}

static void
view(struct service *s, struct metrics_view *v, const struct key_ring *ring)
{
	struct server_counts counts;

	server_count(s->setup, &counts);
	*v = (struct metrics_view){
		.worker = s->metrics, .workers = s->workers, .route_name = api_route_name,
		.version = OPTIONS_VERSION, .connections = counts.open,
		.max_connections = s->setup->max_connections,
		.accepted = counts.accepted, .evicted = counts.evicted, .ring = ring,
		.failed_reloads = atomic_load(&s->failed_reloads), .started = s->started,
		.cpu = usage_time(), .memory = usage_memory(),
		.descriptors = s->descriptors + counts.open,
		.max_descriptors = s->setup->max_descriptors
	};
	if (s->revoker.list != NULL) {
		v->revocations = &s->revoker.metrics;
		v->revoked = revocations_count(s->revoker.list);
		v->max_revocations = s->options->max_revocations;
	}
}

/* It may hold a token, claims or a key of somebody's. */
static void
forget(struct buf *b)
{
	wipe(b->p, b->n);
	buf_empty(b);
}

bool
service_handle(struct response *out, struct worker_state *state, const struct http_request *in)
{
	struct service *s = state->service;
	const struct key_ring *ring = hold_ring(state);
	struct api_stamp stamp = { .token.now = time(NULL),
	    .stopping = atomic_load_explicit(&s->stopping, memory_order_relaxed) };
	struct metrics_view metrics;
	bool answered;

	if (in->complete && in->method == HTTP_POST)
		stamp.token.nonce = state->nonce = nonce_next(&state->nonces);
	if (str_equal(in->path, STR("/metrics"))) {
		view(s, &metrics, ring);
		stamp.metrics = &metrics;
	}
	answered = api_handle(out, &state->scratch, ring, &s->policy, &stamp, in);
	metrics_use(&state->metrics, ring, out->key, out->accepted);
	forget(&state->scratch.jwt.text);
	forget(&state->scratch.claims);
	atomic_store_explicit(&state->ring, NULL, memory_order_release);
	return answered;
}

void
service_later(struct worker_state *state, struct ticket *ticket)
{
	revoker_take(&state->service->revoker, ticket);
}

static void
write_log(const struct worker_state *state, const struct exchange_note *n, int64_t microseconds)
{
	char peer[LISTEN_NAME], id[2 * NONCE + 1] = "";
	struct buf jti = buf_over(id, sizeof id - 1);
	struct log_request r = {
		.method = n->method, .route = api_route_name(n->response->route),
		.status = n->response->status, .bytes = n->bytes, .microseconds = microseconds,
		.peer = peer, .reason = reason_name(reason_of(n->response)),
		.client = n->response->client,
		.now = time(NULL)
	};

	if (n->response->issued) {
		buf_hex(&jti, state->nonce, NONCE);
		r.jti = id;
	}
	listen_peer(peer, n->fd);
	log_request(&r);
}

/* Says, once a second at the most, that a demand of the proxy's can't be read. */
static void
tell_unreadable(struct service *s, size_t at)
{
	long now = (long)time(NULL);

	if (atomic_exchange(&s->unreadable_told, now) != now)
		log_line("an unreadable demand, at byte %zu of path and query: everybody gets 403; "
		    "the query of /auth is a demand; if it is the client's, ask /auth/", at);
}

void
service_note(struct worker_state *state, const struct exchange_note *n)
{
	struct metrics_event e = {
		.route = n->response->route, .status = n->response->status,
		.issued = n->response->issued,
		.refusal = reason_of(n->response),
		.microseconds = clock_now() - n->begun
	};
	unsigned logged = state->service->options->access_log;

	metrics_count(&state->metrics, &e);
	if (e.refusal == REASON_UNREADABLE_DEMAND)
		tell_unreadable(state->service, n->response->refused_at);
	if (logged != ACCESS_LOG_OFF &&
	    (logged != ACCESS_LOG_ROUTES || !api_only_watches(n->response->route)))
		write_log(state, n, e.microseconds);
}

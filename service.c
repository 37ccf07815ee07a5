#include "service.h"

#include "log.h"

#include <sys/mman.h>
#include <time.h>

enum { RELEASE_PAUSE = 100000 };        /* nanoseconds between two looks for who holds a ring */

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

static void
warn_published(const struct key_ring *ring)
{
	if (ring->published)
		log_line("warning: the demo key is published: everybody can make tokens that "
		    "verify. For trying out only");
}

bool
service_load(struct service *s, const struct options *o, struct buf *why)
{
	s->options = o;
	s->policy = (struct api_policy){
		.max_body = o->max_body, .open_issue = o->open_issue,
		.hosts = o->host.item, .host_count = o->host.n
	};
	files_changed(s);               /* first: a change while they are read is seen later */
	if (!config_load(&s->ring[0], o, why))
		return false;
	warn_published(&s->ring[0]);
	if (s->ring[0].has_secret && o->open_issue)
		log_line("warning: --open-issue does nothing beside a service secret");
	atomic_store(&s->current, &s->ring[0]);
	return true;
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
	const struct timespec pause = { .tv_nsec = RELEASE_PAUSE };

	atomic_store(&s->current, new);
	while (is_held(s, old))
		nanosleep(&pause, NULL);
	keys_wipe(old);
}

static void
reload(struct service *s)
{
	bool first = atomic_load(&s->current) == &s->ring[0];
	struct key_ring *old = &s->ring[!first], *new = &s->ring[first];
	char message[CONFIG_MESSAGE];
	struct buf why = buf_over(message, sizeof message - 1);
	bool ok = config_load(new, s->options, &why);

	if (ok && new->published && !s->only_local) {
		keys_wipe(new);
		buf_text(&why, SERVICE_PUBLISHED);
		ok = false;
	}
	message[why.n] = '\0';
	if (!ok) {
		log_line("not reloaded, the old keys stay: %s", message);
		return;
	}
	warn_published(new);
	log_line("reloaded: %u keys", new->n);
	swap(s, old, new);
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

void
service_tick(struct service *s, bool asked)
{
	watch_clock(s);
	if (files_changed(s) || asked)
		reload(s);
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

bool
service_handle(struct response *out, struct worker_state *state, const struct http_request *in)
{
	struct claims_stamp stamp = { .now = time(NULL) };
	const struct key_ring *ring = hold_ring(state);
	bool answered;

	if (in->complete)
		stamp.nonce = nonce_next(&state->nonces);
	answered = api_handle(out, &state->scratch, ring, &state->service->policy, &stamp, in);
	atomic_store_explicit(&state->ring, NULL, memory_order_release);
	return answered;
}

void
service_note(struct worker_state *state, const struct exchange_note *n)
{
	char peer[LISTEN_NAME];
	struct log_request r = {
		.method = n->method, .route = n->route, .status = n->status, .bytes = n->bytes,
		.microseconds = loop_clock() - n->begun, .peer = peer, .now = time(NULL)
	};

	listen_peer(peer, n->fd);
	log_request((enum log_format)state->service->options->log_format, &r);
}

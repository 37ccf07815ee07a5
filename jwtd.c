/* jwtd: issues and checks HS512 JSON Web Tokens over HTTP/1.1. Which command, and the wiring of
 * what serves. */
#include "api.h"
#include "log.h"
#include "nonce.h"
#include "options.h"
#include "server.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define VERSION "0.1.0"

enum {
	HELP_BYTES = 8192,
	MEGABYTE = 1 << 20,
	SECRET_MIN = 32, SECRET_MAX = 256       /* characters of the service secret */
};

_Static_assert((int)NONCE == (int)API_NONCE, "a nonce is what the API wants");

/* What each worker needs to answer: its own memory, and what all share and nobody changes. */
struct worker_state {
	struct api_scratch scratch;
	struct nonces nonces;
	const struct key_ring *ring;
	const struct api_policy *policy;
};

static bool
handle(struct response *out, struct worker_state *state, const struct http_request *in)
{
	struct api_stamp stamp = { .now = time(NULL) };

	if (in->complete)
		stamp.nonce = nonce_next(&state->nonces);
	return api_handle(out, &state->scratch, state->ring, state->policy, &stamp, in);
}

static struct worker_state *
new_state(const struct key_ring *ring, const struct api_policy *policy, int random)
{
	size_t text = api_scratch_size(policy->max_body);
	struct worker_state *state = mmap(NULL, sizeof *state + 2 * text, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (state == MAP_FAILED)
		die("no memory for a worker: %s", strerror(errno));
	state->scratch.jwt.text = buf_over(state + 1, text);
	state->scratch.claims = buf_over((char *)(state + 1) + text, text);
	state->nonces.fd = random;
	state->ring = ring;
	state->policy = policy;
	return state;
}

static void
warn_exposed(const char *path)
{
	log_line("warning: everybody on this host may read %s; mend it with 'chmod 600 %s'", path, path);
}

static void
load_key(struct key_ring *ring, const struct options *o)
{
	const char *why;
	bool exposed = false;

	if (o->demo_key && o->key_file != NULL)
		die("--demo-key and --key-file: which of the two? Give one");
	if (!o->demo_key && o->key_file == NULL)
		die("no key: give --key-file FILE (make one with 'openssl rand -hex 64 > key'), "
		    "or --demo-key to try it out");
	if (o->demo_key ? !keys_take(ring, keys_demo(), &why) : !keys_load(ring, o->key_file, &why, &exposed))
		die("key file %s: %s; 'openssl rand -hex 64 > FILE' makes a good one", o->key_file, why);
	if (exposed)
		warn_exposed(o->key_file);
	if (ring->published)
		log_line("warning: the demo key is published: everybody can make tokens that verify. "
		    "For trying out only");
}

static bool
is_secret_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || strchr("-_.~", c) != NULL;
}

static void
load_secret(struct api_policy *policy, const char *path)
{
	char bytes[SECRET_MAX + 3];
	struct buf b = buf_over(bytes, sizeof bytes);
	const char *why;
	bool exposed;

	if (!keys_read_file(&b, path, &why, &exposed))
		die("service secret file %s: %s", path, why);
	if (b.n < SECRET_MIN || b.n > SECRET_MAX)
		die("service secret file %s: 32 to 256 characters are wanted, not %zu", path, b.n);
	for (size_t i = 0; i < b.n; i++)
		if (!is_secret_char(bytes[i]) || bytes[i] == '\0')
			die("service secret file %s: A-Z a-z 0-9 - _ . ~ are allowed, but not byte %zu", path, i);
	if (exposed)
		warn_exposed(path);
	sha512(policy->secret, bytes, b.n);
	policy->has_secret = true;
	wipe(bytes, sizeof bytes);
}

static void
open_listeners(struct server_setup *setup, struct listener *listeners, const struct options *o, bool only_local)
{
	static const char *const usual = "127.0.0.1:5000";
	const char *const *address = o->listen.n > 0 ? o->listen.item : &usual;
	unsigned n = o->listen.n > 0 ? o->listen.n : 1;
	const char *why;

	for (unsigned i = 0; i < n; i++) {
		if (!listen_open(&listeners[i], address[i], &why))
			die("--listen %s: %s", address[i], why);
		if (only_local && !listeners[i].local)
			die("--listen %s: everybody knows the demo key: it is for loopback addresses only", address[i]);
	}
	setup->listeners = listeners;
	setup->listener_count = n;
}

static unsigned
processors(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n < 1 ? 1 : n > SERVER_WORKERS_MAX ? SERVER_WORKERS_MAX : (unsigned)n;
}

static void
fit_connections(struct server_setup *setup)
{
	unsigned room = server_room(setup);

	if (room < setup->max_connections) {
		log_line("the limit of open files leaves room for %u connections, not %u", room,
		    setup->max_connections);
		setup->max_connections = room;
	}
	if (room == 0)
		die("the limit of open files is too low to serve: raise it with 'ulimit -n'");
}

static int
serve(const struct options *o)
{
	static struct key_ring ring;
	static struct api_policy policy;
	static const struct handler handler = { handle, api_refuse };
	struct listener listeners[SERVER_LISTENERS_MAX];
	struct worker_state *states[SERVER_WORKERS_MAX];
	struct server_setup setup = {
		.workers = processors(), .max_connections = 4096, .grace = 10, .states = states,
		.loop = { .handler = &handler, .max_body = o->max_body, .max_answer = api_answer_size(o->max_body),
			.request_timeout = 10, .idle_timeout = 75 }
	};
	const char *why;
	int random;

	policy = (struct api_policy){ .max_body = o->max_body, .open_issue = o->open_issue };
	load_key(&ring, o);
	if (o->service_secret_file != NULL)
		load_secret(&policy, o->service_secret_file);
	if (!nonce_open(&random, &why))
		die("/dev/urandom: %s; without it no token can be issued", why);
	open_listeners(&setup, listeners, o, ring.published);
	setup.loop.body_buffers = (256 + setup.workers - 1) / setup.workers;
	fit_connections(&setup);
	for (unsigned i = 0; i < setup.workers; i++)
		states[i] = new_state(&ring, &policy, random);
	for (unsigned i = 0; i < setup.listener_count; i++)
		log_line("listening on %s", listeners[i].name);
	log_line(VERSION " serves: %u workers; at most %u connections, %u bytes a body, %zu MB of memory",
	    setup.workers, setup.max_connections, o->max_body, server_memory(&setup) / MEGABYTE);
	if (!server_run(&setup, &why))
		die("%s: %s", why, strerror(errno));
	keys_wipe(&ring);
	log_line("stopped");
	return 0;
}

static int
print_help(void)
{
	char text[HELP_BYTES];
	struct buf b = buf_over(text, sizeof text);

	options_help(&b);
	return fwrite(text, 1, b.n, stdout) == b.n && fflush(stdout) == 0 ? 0 : 2;
}

int
main(int argc, char **argv)
{
	char message[512];
	struct buf b = buf_over(message, sizeof message - 1);
	struct options o;

	(void)argc;
	if (!options_parse(&o, &b, argv + 1, getenv)) {
		message[b.n] = '\0';
		die("%s; 'jwtd --help' lists what there is", message);
	}
	if (!sha512_self_test())
		die("the self-test failed: this binary computes wrong hashes");
	switch (o.command) {
	case COMMAND_SERVE: return serve(&o);
	case COMMAND_HELP: return print_help();
	case COMMAND_VERSION: return puts("jwtd " VERSION) < 0 ? 2 : 0;
	}
	return 2;
}

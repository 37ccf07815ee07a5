/* jwtd: issues and checks HS512 JSON Web Tokens over HTTP/1.1. Which command, and the wiring of
 * what serves. */
#include "api.h"
#include "log.h"
#include "nonce.h"
#include "options.h"
#include "server.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
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
	enum log_format log_format;
};

static bool
handle(struct response *out, struct worker_state *state, const struct http_request *in)
{
	struct api_stamp stamp = { .now = time(NULL) };

	if (in->complete)
		stamp.nonce = nonce_next(&state->nonces);
	return api_handle(out, &state->scratch, state->ring, state->policy, &stamp, in);
}

static void
note(struct worker_state *state, const struct exchange_note *n)
{
	char peer[LISTEN_NAME];
	struct log_request r = {
		.method = n->method, .route = n->route, .status = n->status, .bytes = n->bytes,
		.microseconds = loop_clock() - n->begun, .peer = peer, .now = time(NULL)
	};

	listen_peer(peer, n->fd);
	log_request(state->log_format, &r);
}

static size_t
state_size(size_t max_body)
{
	return sizeof(struct worker_state) + 2 * api_scratch_size(max_body);
}

static struct worker_state *
new_state(const struct key_ring *ring, const struct api_policy *policy, int random)
{
	size_t text = api_scratch_size(policy->max_body);
	struct worker_state *state = mmap(NULL, state_size(policy->max_body),
	    PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

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
	log_line("warning: everybody on this host may read %s; mend it with 'chmod 600 %s'", path,
	    path);
}

static void
load_key(struct key_ring *ring, const struct options *o)
{
	const char *why;
	bool exposed = false;

	if (o->demo_key && o->key_file != NULL)
		die("more than one key: a key file (--key-file or JWTD_KEY_FILE) and the demo key "
		    "(--demo-key or JWTD_DEMO_KEY)");
	if (!o->demo_key && o->key_file == NULL)
		die("no key: give --key-file FILE (make one with 'openssl rand -hex 64 > key'), "
		    "or --demo-key to try it out");
	if (o->demo_key)
		keys_take(ring, keys_demo(), &why);
	else if (!keys_load(ring, o->key_file, &why, &exposed))
		die("key file %s: %s; 'openssl rand -hex 64 > NEWFILE' makes a new key",
		    o->key_file, why);
	if (exposed)
		warn_exposed(o->key_file);
	if (ring->published)
		log_line("warning: the demo key is published: everybody can make tokens that "
		    "verify. For trying out only");
}

static bool
is_secret_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	    strchr("-_.~", c) != NULL;
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
			die("service secret file %s: A-Z a-z 0-9 - _ . ~ are allowed, but not byte "
			    "%zu", path, i);
	if (exposed)
		warn_exposed(path);
	sha512(policy->secret, bytes, b.n);
	policy->has_secret = true;
	wipe(bytes, sizeof bytes);
}

static void
close_listeners(struct listener *listeners, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		listen_close(&listeners[i]);
}

/* The inherited sockets and those that --listen names; where there is neither, the usual address.
 * Returns how many. */
static unsigned
open_listeners(struct listener *listeners, const struct options *o)
{
	static const char *const usual = "127.0.0.1:5000";
	const char *why;
	int inherited = listen_inherit(listeners, SERVER_LISTENERS_MAX, getenv, &why);
	const char *const *address = o->listen.item;
	unsigned n = inherited < 0 ? 0 : (unsigned)inherited, more = o->listen.n;

	if (inherited < 0)
		die("LISTEN_FDS: %s", why);
	if (n + more == 0) {
		address = &usual;
		more = 1;
	}
	if (n + more > SERVER_LISTENERS_MAX)
		die("more than %d listeners", SERVER_LISTENERS_MAX);
	for (unsigned i = 0; i < more; i++) {
		if (listen_open(&listeners[n + i], address[i], &why))
			continue;
		close_listeners(listeners, n + i);      /* no socket file stays behind */
		die("--listen %s: %s", address[i], why);
	}
	return n + more;
}

/* The published key is for those who are on this host. */
static void
refuse_outside(struct listener *listeners, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		if (listeners[i].local)
			continue;
		close_listeners(listeners, n);
		die("%s: everybody knows the demo key: it is for loopback addresses and "
		    "unix sockets only", listeners[i].name);
	}
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

static void
announce(const struct server_setup *setup)
{
	for (unsigned i = 0; i < setup->listener_count; i++)
		log_line("listening on %s", setup->listeners[i].name);
	log_line(VERSION " serves: %u workers; at most %u connections, %zu bytes a body, %zu MB of "
	    "memory", setup->workers, setup->max_connections, setup->loop.max_body,
	    server_memory(setup) / MEGABYTE);
}

static struct server_setup
setup_from(const struct options *o, const struct handler *handler)
{
	unsigned workers = o->workers > 0 ? o->workers : processors();

	return (struct server_setup){
		.workers = workers,
		.max_connections = o->max_connections,
		.grace = o->grace,
		.loop = {
			.handler = handler,
			.max_body = o->max_body,
			.max_answer = api_answer_size(o->max_body),
			.body_buffers = (o->body_buffers + workers - 1) / workers,
			.request_timeout = o->request_timeout,
			.idle_timeout = o->idle_timeout
		}
	};
}

static int
serve(const struct options *o)
{
	static struct key_ring ring;
	static struct api_policy policy;
	static struct listener listeners[SERVER_LISTENERS_MAX];
	static struct worker_state *states[SERVER_WORKERS_MAX];
	struct handler handler = { handle, api_refuse, o->access_log ? note : NULL };
	struct server_setup setup = setup_from(o, &handler);
	const char *why;
	int random;

	if (!server_take_signals())
		die("taking signals: %s", strerror(errno));
	policy = (struct api_policy){
		.max_body = o->max_body, .open_issue = o->open_issue,
		.hosts = o->host.item, .host_count = o->host.n
	};
	load_key(&ring, o);
	if (o->service_secret_file != NULL)
		load_secret(&policy, o->service_secret_file);
	if (policy.has_secret && policy.open_issue)
		log_line("warning: --open-issue does nothing beside a service secret");
	if (!nonce_open(&random, &why))
		die("/dev/urandom: %s; without it no token can be issued", why);
	setup.listeners = listeners;
	setup.listener_count = open_listeners(listeners, o);
	if (ring.published)
		refuse_outside(listeners, setup.listener_count);
	fit_connections(&setup);
	setup.states = states;
	setup.state_size = state_size(o->max_body);
	for (unsigned i = 0; i < setup.workers; i++) {
		states[i] = new_state(&ring, &policy, random);
		states[i]->log_format = (enum log_format)o->log_format;
	}
	announce(&setup);
	if (!server_run(&setup, &why))
		die("%s: %s", why, strerror(errno));
	keys_wipe(&ring);
	log_line("stopped");
	return 0;
}

static int
print(struct str text)
{
	if (fwrite(text.p, 1, text.n, stdout) != text.n || fflush(stdout) != 0)
		die("standard output: %s", strerror(errno));
	return 0;
}

static int
print_help(void)
{
	char text[HELP_BYTES];
	struct buf b = buf_over(text, sizeof text);

	options_help(&b);
	return print(buf_str(&b));
}

/* A standard stream that was closed would be the number of the next socket, and log lines would go
 * there: one that is connected to nothing takes its place. */
static void
hold_standard_streams(void)
{
	int fd;

	do
		fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

int
main(int argc, char **argv)
{
	char message[512];
	struct buf b = buf_over(message, sizeof message - 1);
	struct options o;

	(void)argc;
	signal(SIGPIPE, SIG_IGN);       /* a log that nobody reads ends nothing */
	hold_standard_streams();
	if (!options_parse(&o, &b, argv + 1, getenv)) {
		message[b.n] = '\0';
		die("%s; 'jwtd --help' lists what there is", message);
	}
	if (!sha512_self_test())
		die("the self-test failed: this binary computes wrong hashes");
	switch (o.command) {
	case COMMAND_SERVE: return serve(&o);
	case COMMAND_HELP: return print_help();
	case COMMAND_VERSION: return print(STR("jwtd " VERSION "\n"));
	}
	return 2;
}

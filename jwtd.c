/* jwtd: issues and checks JSON Web Tokens over HTTP/1.1. Which command, and the wiring of
 * what serves. */
#include "command/cli.h"
#include "powers.h"
#include "service.h"
#include "settings/environment.h"
#include "settings/stale.h"
#include "sha256.h"
#include "system/log.h"
#include "system/memory.h"
#include "system/sandbox.h"
#include "system/signals.h"
#include "system/trouble.h"
#include "system/usage.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum {
	MEGABYTE = 1 << 20,
	CLIENTS_LISTED = 20             /* by check, at most */
};

/* Takes the sockets that are meant for us, and closes what else was inherited. */
static void
inherit(struct server_setup *setup)
{
	const char *why;
	int inherited = listen_inherit(setup->listeners, SERVER_LISTENERS_MAX, environment_value,
	    &why);

	if (inherited < 0)
		die("LISTEN_FDS: %s", why);
	setup->listener_count = (unsigned)inherited;
	sandbox_close_from(STDERR_FILENO + 1 + setup->listener_count);
}

/* Beside those that are inherited those that --listen names; where there is neither, the usual. */
static void
open_listeners(struct server_setup *setup, const struct options *o)
{
	const char *const usual = OPTIONS_LISTEN;
	const char *why;
	const char *const *address = o->listen.item;
	unsigned more = o->listen.n;

	if (setup->listener_count + more == 0) {
		address = &usual;
		more = 1;
	}
	if (setup->listener_count + more > SERVER_LISTENERS_MAX)
		die("more than %d listeners", SERVER_LISTENERS_MAX);
	for (unsigned i = 0; i < more; i++) {
		errno = 0;
		if (!listen_open(&setup->listeners[setup->listener_count], address[i], &why)) {
			int error = errno;

			server_close(setup);
			die_of(error, "--listen %s: %s", address[i], why);
		}
		setup->listener_count++;
	}
}

/* Whether no listener is open to other hosts. The published key is for those on this host. */
static bool
only_local(const struct server_setup *setup, bool published)
{
	for (unsigned i = 0; i < setup->listener_count; i++) {
		if (setup->listeners[i].local)
			continue;
		if (!published)
			return false;
		server_close(setup);
		die("%s: %s", setup->listeners[i].name, SERVICE_PUBLISHED);
	}
	return true;
}

/* Those that this process may run on. */
static unsigned
processors(void)
{
	unsigned long set[1024 / sizeof(long)];         /* a bit each of 8,192: Linux has no more */
	long size = syscall(SYS_sched_getaffinity, 0L, sizeof set, set);
	unsigned n = 0;

	for (size_t i = 0; (long)(i * sizeof set[0]) < size; i++)
		for (; set[i] != 0 && n < SERVER_WORKERS_MAX; n++)
			set[i] &= set[i] - 1;
	return n > 0 ? n : 1;
}

static void
fit_connections(struct server_setup *setup)
{
	unsigned room = server_room(setup);

	if (room < setup->max_connections) {
		log_line("warning: the limit of open files allows %u of %u connections; "
		    "raise it with 'ulimit -n'", room, setup->max_connections);
		setup->max_connections = room;
	}
	if (room == 0) {
		server_close(setup);
		die("the limit of open files is too low to serve: raise it with 'ulimit -n'");
	}
}

/* What each may do, up to a number that somebody reads. */
static void
list_clients(const struct clients *c)
{
	for (unsigned i = 0; i < c->n && i < CLIENTS_LISTED; i++) {
		const struct client *it = &c->client[i];
		struct str aud = it->aud.n > 0 ? it->aud : STR("none"),
		    scope = it->scope.n > 0 ? it->scope : STR("none");

		log_line("client %.*s may get tokens that last %u s%s%s%s; "
		    "aud: %.*s; scope: %.*s", (int)it->id.n, it->id.p, it->expires_in,
		    client_may(it, CLIENT_INTROSPECT) ? ", introspect" : "",
		    client_may(it, CLIENT_REVOKE) ? ", revoke" : "",
		    client_may(it, CLIENT_ISSUE) ? ", issue any" : "",
		    (int)aud.n, aud.p, (int)scope.n, scope.p);
	}
	if (c->n > CLIENTS_LISTED)
		log_line("listed: %u of %u clients", CLIENTS_LISTED, c->n);
}

static void
announce(const struct service *service)
{
	const struct server_setup *setup = service->setup;
	size_t more = SERVICE_RINGS * (sizeof(struct key_ring) + (service->ring[0].clients != NULL ?
	    sizeof(struct clients) : 0)) + (service->revoker.list != NULL ?
	    revocations_size(service->options->max_revocations) : 0);

	if (service->policy.no_issue)
		log_line("no tokens are created over HTTP (--no-issue)");
	else if (!service->only_local && !service->ring[0].has_secret &&
	    service->ring[0].clients == NULL && !service->policy.open_issue &&
	    service->ring[0].signer != NULL)
		log_line("only loopback and unix sockets create tokens, unless you give "
		    "--service-secret-file, --clients-file or --open-issue");
	for (unsigned i = 0; i < setup->listener_count; i++)
		log_line("listening on %s", setup->listeners[i].name);
	log_line("ready (" OPTIONS_VERSION "): %u worker%s; at most %u connection%s, %zu bytes a "
	    "body; uses at most %zu MB, and %zu MB in the kernel for sockets", setup->workers,
	    setup->workers == 1 ? "" : "s", setup->max_connections,
	    setup->max_connections == 1 ? "" : "s", setup->loop.max_body,
	    (size_t)((server_memory(setup) + more) / MEGABYTE),
	    (size_t)((uint64_t)setup->max_connections * LISTEN_KERNEL / MEGABYTE));
}

static struct server_setup
setup_from(const struct options *o, const struct handler *handler, struct service *service)
{
	/* The proxy that asks needs the others: bench/workers.py. */
	unsigned workers = o->workers > 0 ? o->workers : (processors() + 1) / 2;

	return (struct server_setup){
		.workers = workers,
		.max_connections = o->max_connections,
		.stop_delay = o->stop_delay,
		.grace = o->grace,
		.tell = service_tell,
		.service = service,
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

/* Where the keys lie, and the keys and the policy as the options say. */
static void
load(struct service *service, struct options *o)
{
	char message[CONFIG_MESSAGE];
	struct buf b = buf_over(message, sizeof message - 1);
	bool locked = true;

	service->ring = sandbox_reserve(SERVICE_RINGS * sizeof service->ring[0]);
	if (service->ring == NULL)
		die_of(errno, "no memory for the keys: %s", trouble());
	for (unsigned i = 0; i < SERVICE_RINGS; i++)
		locked = sandbox_lock(&service->ring[i], KEYS_SECRET) && locked;
	if (!locked)
		log_line("warning: the keys can't be locked in memory: %s; RLIMIT_MEMLOCK is too "
		    "low", trouble());
	for (unsigned i = 0; i < SERVICE_RINGS && o->clients_file != NULL; i++)
		if ((service->ring[i].clients = sandbox_reserve(sizeof(struct clients))) == NULL)
			die_of(errno, "no memory for the clients: %s", trouble());
	if (!config_complete(o, &b, environment_value) || !service_load(service, o, &b)) {
		message[b.n] = '\0';
		die("%s", message);
	}
}

/* Empty until powers are given up: what can't be opened then, could not be later. */
static void
reserve_revocations(struct service *service, const struct options *o)
{
	if (o->revocation_file == NULL)
		return;
	service->revoker.list = revocation_file_reserve(o->max_revocations);
	service->revoker.seconds = o->request_timeout;
	service->revoker.give_back = worker_resume;
	if (!revoker_open(&service->revoker))
		die_of(errno, "no descriptor for the writer of revocations: %s", trouble());
	service->policy.jwt.revoked = service->revoker.list;
}

static void
open_revocations(struct service *service, const struct options *o)
{
	char message[REVOCATION_FILE_WHY];
	struct buf why = buf_over(message, sizeof message);
	int64_t now = time(NULL);

	if (o->revocation_file == NULL)
		return;
	if (!revocation_file_open(&service->revoker.file, o->revocation_file,
	    service->revoker.list, now, &why)) {
		server_close(service->setup);
		die("revocation file %s: %.*s", o->revocation_file, (int)why.n, message);
	}
	if (!service->revoker.file.writable)
		log_line("warning: revocation file %s: " REVOCATION_FILE_READ, o->revocation_file);
	log_line("revocation file %s: %u of at most %u entries in force", o->revocation_file,
	    revocations_alive(service->revoker.list, now), o->max_revocations);
}

/* The memory of all that serves. */
static void
take_memory(struct service *service, struct server_setup *setup, int random)
{
	const char *why = "no memory for the workers";
	int error;

	setup->states = service->states;
	setup->state_size = service_state_size(service);
	service->setup = setup;
	if (service_start(service, setup->workers, random) && server_open(setup, &why))
		return;
	error = errno;
	server_close(setup);
	die_of(error, "%s: %s", why, trouble_text(error));
}

static void
need_signals(bool taken)
{
	if (!taken)
		die("taking signals: %s", trouble());
}

/* All that can fail before serving. Inherited descriptors may hold keys, and are nobody's once
 * these are read; our own come after. */
static void
prepare(struct service *service, struct server_setup *setup, struct options *o)
{
	static struct listener listeners[SERVER_LISTENERS_MAX];
	const char *why;
	int random;

	/* A check ends as others do, at a signal that it does not know. */
	need_signals(o->command == COMMAND_CHECK || signals_take());
	setup->listeners = listeners;
	load(service, o);
	inherit(setup);
	reserve_revocations(service, o);
	errno = 0;
	if (!nonce_open(&random, &why))
		die_of(errno, "/dev/urandom: %s; without it no token can be issued", why);
	usage_open();
	need_signals(signals_keep());   /* reading keys may have had to wait; nothing does now */
	open_listeners(setup, o);
	for (unsigned i = 0; i < setup->listener_count; i++)
		listen_limit(&setup->listeners[i], o->request_timeout);
	service->only_local = only_local(setup, service->ring[0].published);
	fit_connections(setup);
	take_memory(service, setup, random);
}

/* The threads. */
static void
start(struct server_setup *setup, struct service *service)
{
	const char *why = "starting the thread of --revocation-file";
	int error;

	if ((service->revoker.list == NULL || revoker_start(&service->revoker)) &&
	    server_start(setup, &why))
		return;
	error = errno;
	server_close(setup);
	die_of(error, "%s: %s", why, trouble_text(error));
}

static int
serve(struct options *o)
{
	static struct service service;
	struct handler handler;
	struct server_setup setup = setup_from(o, &handler, &service);

	handler.handle = service_handle;        /* a table of them would be larger */
	handler.refuse = api_refuse;
	handler.note = service_note;
	handler.later = service_later;
	prepare(&service, &setup, o);
	if (o->command == COMMAND_SERVE)
		service.notify = notify_open(environment_value);
	powers_give_up(&setup, o);
	open_revocations(&service, o);
	service_tell_keys(&service);
	stale_warn(o, environment_value);
	start(&setup, &service);
	if (o->command == COMMAND_CHECK) {
		server_end(&setup);
		if (service.ring[0].clients != NULL)
			list_clients(service.ring[0].clients);
		service_stop(&service);
		log_line(log_has_warned() ? "the configuration is fine: serve would start, but see "
		    "the warnings above" : "the configuration is fine: serve would start");
		return 0;
	}
	setup.pulse = service.notify.watchdog / 4 < SERVER_TICK / 2 ? service.notify.watchdog / 4
	    : SERVER_TICK / 2;
	announce(&service);
	service.descriptors = usage_descriptors();
	server_run(&setup);
	service_stop(&service);
	log_line("stopped");
	return 0;
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
	struct buf b = buf_over(message, sizeof message);
	struct options o;
	bool parsed, serves;

	(void)argc;
	hold_standard_streams();
	if (options_want_json(argv + 1, environment_value))
		log_set_format(LOG_JSON);
	parsed = options_parse(&o, &b, argv + 1, environment_value);
	serves = o.command == COMMAND_SERVE || o.command == COMMAND_CHECK;
	if (serves && parsed)
		log_set_format((enum log_format)o.log_format);
	if (!parsed)
		cli_refuse(o.command, &b);
	if (command_has_environment(o.command))
		cli_warn_strays(environ);
	if (!memory_seal())
		die("protecting memory: %s", trouble());
	if (!sandbox_forbid_dumps())
		die("forbidding core dumps: %s", trouble());
	if (!sha512_self_test() || !sha256_self_test())
		die("the self-test failed: this binary computes wrong hashes");
	if (!serves)
		return cli_run(&o);
	return serve(&o);
}

/* jwtd: issues and checks HS512 JSON Web Tokens over HTTP/1.1. Which command, and the wiring of
 * what serves. */
#include "command/cli.h"
#include "service.h"
#include "settings/stale.h"
#include "settings/suggest.h"
#include "system/log.h"
#include "system/sandbox.h"
#include "system/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	MEGABYTE = 1 << 20,
	CLIENTS_LISTED = 20             /* by check, at most */
};

/* No socket file stays behind. */
static void
close_listeners(const struct server_setup *setup)
{
	for (unsigned i = 0; i < setup->listener_count; i++)
		listen_close(&setup->listeners[i]);
}

/* Takes the sockets that are meant for us, and closes what else was inherited. */
static void
inherit(struct server_setup *setup)
{
	const char *why;
	int inherited = listen_inherit(setup->listeners, SERVER_LISTENERS_MAX, getenv, &why);

	if (inherited < 0)
		die("LISTEN_FDS: %s", why);
	setup->listener_count = (unsigned)inherited;
	sandbox_close_from(STDERR_FILENO + 1 + setup->listener_count);
}

/* Beside those that are inherited those that --listen names; where there is neither, the usual. */
static void
open_listeners(struct server_setup *setup, const struct options *o)
{
	static const char *const usual = OPTIONS_LISTEN;
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

			close_listeners(setup);
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
		close_listeners(setup);
		die("%s: " SERVICE_PUBLISHED, setup->listeners[i].name);
	}
	return true;
}

/* Those that this process may run on. */
static unsigned
processors(void)
{
	cpu_set_t set;
	int n = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;

	return n > SERVER_WORKERS_MAX ? SERVER_WORKERS_MAX : (unsigned)n;
}

static void
fit_connections(struct server_setup *setup)
{
	unsigned room = server_room(setup);

	if (room < setup->max_connections) {
		log_line("warning: the limit of open files leaves room for %u connections, not %u; "
		    "raise it with 'ulimit -n'", room, setup->max_connections);
		setup->max_connections = room;
	}
	if (room == 0) {
		close_listeners(setup);
		die("the limit of open files is too low to serve: raise it with 'ulimit -n'");
	}
}

static void
sum_clients(const struct clients *c)
{
	unsigned may[CLIENT_ISSUE + 1] = { 0 };

	for (unsigned i = 0; i < c->n; i++)
		for (unsigned right = CLIENT_INTROSPECT; right <= CLIENT_ISSUE; right *= 2)
			may[right] += client_may(&c->client[i], (enum client_right)right);
	log_line("%u clients may ask for tokens of their own; %u may introspect, %u revoke, "
	    "%u issue any", c->n, may[CLIENT_INTROSPECT], may[CLIENT_REVOKE], may[CLIENT_ISSUE]);
}

/* What each may do, if nobody has to read too many lines. */
static void
list_clients(const struct clients *c)
{
	for (unsigned i = 0; i < c->n && c->n <= CLIENTS_LISTED; i++) {
		const struct client *it = &c->client[i];
		struct str aud = it->aud.n > 0 ? it->aud : STR("none"),
		    scope = it->scope.n > 0 ? it->scope : STR("none");

		log_line("client %.*s may ask for tokens of its own, %u seconds long%s%s%s; "
		    "aud: %.*s; scope: %.*s", (int)it->id.n, it->id.p, it->expires_in,
		    client_may(it, CLIENT_INTROSPECT) ? ", introspect" : "",
		    client_may(it, CLIENT_REVOKE) ? ", revoke" : "",
		    client_may(it, CLIENT_ISSUE) ? ", issue any" : "",
		    (int)aud.n, aud.p, (int)scope.n, scope.p);
	}
	if (c->n > CLIENTS_LISTED)
		sum_clients(c);
}

static void
announce(const struct service *service)
{
	const struct server_setup *setup = service->setup;
	size_t clients = service->ring[0].clients != NULL ?
	    SERVICE_RINGS * sizeof(struct clients) : 0;

	if (service->policy.no_issue)
		log_line("no tokens are created over HTTP (--no-issue)");
	else if (!service->only_local && !service->ring[0].has_secret &&
	    service->ring[0].clients == NULL && !service->policy.open_issue)
		log_line("creating tokens is for loopback and unix sockets only, without "
		    "--service-secret-file or --open-issue");
	for (unsigned i = 0; i < setup->listener_count; i++)
		log_line("listening on %s", setup->listeners[i].name);
	log_line("ready (" OPTIONS_VERSION "): %u worker%s; at most %u connection%s, %zu bytes a "
	    "body; uses at most %zu MB, and %zu MB in the kernel for sockets", setup->workers,
	    setup->workers == 1 ? "" : "s", setup->max_connections,
	    setup->max_connections == 1 ? "" : "s", setup->loop.max_body,
	    (size_t)((server_memory(setup) + clients) / MEGABYTE),
	    (size_t)((uint64_t)setup->max_connections * LISTEN_KERNEL / MEGABYTE));
}

static struct server_setup
setup_from(const struct options *o, const struct handler *handler, struct service *service)
{
	unsigned workers = o->workers > 0 ? o->workers : processors();

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
	size_t n = SERVICE_RINGS * sizeof service->ring[0];

	service->ring = sandbox_reserve(n);
	if (service->ring == NULL)
		die_of(errno, "no memory for the keys: %s", strerror(errno));
	if (!sandbox_lock(service->ring, n))
		log_line("warning: the keys can't be locked in memory: %s; RLIMIT_MEMLOCK is too "
		    "low", strerror(errno));
	for (unsigned i = 0; i < SERVICE_RINGS && o->clients_file != NULL; i++)
		if ((service->ring[i].clients = sandbox_reserve(sizeof(struct clients))) == NULL)
			die_of(errno, "no memory for the clients: %s", strerror(errno));
	if (!config_complete(o, &b, getenv) || !service_load(service, o, &b)) {
		message[b.n] = '\0';
		die("%s", message);
	}
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
	close_listeners(setup);
	die_of(error, "%s: %s", why, strerror(error));
}

/* All that can fail before serving. Inherited descriptors may hold keys, and are nobody's once
 * these are read; our own come after. */
static void
prepare(struct service *service, struct server_setup *setup, struct options *o)
{
	static struct listener listeners[SERVER_LISTENERS_MAX];
	const char *why;
	int random;

	if (!signals_take())
		die("taking signals: %s", strerror(errno));
	setup->listeners = listeners;
	load(service, o);
	inherit(setup);
	errno = 0;
	if (!nonce_open(&random, &why))
		die_of(errno, "/dev/urandom: %s; without it no token can be issued", why);
	open_listeners(setup, o);
	for (unsigned i = 0; i < setup->listener_count; i++)
		listen_limit(&setup->listeners[i], o->request_timeout);
	service->only_local = only_local(setup, service->ring[0].published);
	fit_connections(setup);
	take_memory(service, setup, random);
}

/* Whether a reload could open the file. What is none, such as a pipe, is read at the start only. */
static bool
can_reload(const char *path)
{
	struct stat st;
	int fd;

	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return true;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd >= 0)
		close(fd);
	return fd >= 0 || errno == ENOENT;
}

/* Whoever serves must be able to do what a reload does. */
static void
check_reload(const struct server_setup *setup, const struct options *o, unsigned uid)
{
	for (unsigned i = 0; i < CONFIG_FILES; i++) {
		const char *path = config_file(o, i);
		int error;

		if (path == NULL || can_reload(path))
			continue;
		error = errno;
		close_listeners(setup);
		if (o->user != NULL)
			die("--user %s: it could not reload %s: %s; 'chown %u %s' mends that, if "
			    "its folders let that user in", o->user, path, strerror(error), uid,
			    path);
		die("sandbox: it could not reload %s: %s; 'chown %u %s' mends that, if its folders "
		    "let that user in, or --user with its owner", path, strerror(error), uid, path);
	}
}

/* Becomes the user that was asked for. */
static void
become_user(const struct server_setup *setup, const struct options *o)
{
	unsigned uid = 0, gid = 0;
	const char *why;

	sandbox_parse_user(o->user, &uid, &gid);
	for (unsigned i = 0; i < setup->listener_count; i++)
		listen_give(&setup->listeners[i], uid, gid);
	if (!sandbox_become(o->user, &why)) {
		close_listeners(setup);
		die("--user %s: %s", o->user, why);
	}
	check_reload(setup, o, uid);
}

static void
say_sandbox(const struct sandbox_report *r)
{
	if (r->lacks.n > 0)
		log_line("sandbox: %.*s; not to be had here: %.*s", (int)r->holds.n, r->holds.p,
		    (int)r->lacks.n, r->lacks.p);
	else
		log_line("sandbox: %.*s", (int)r->holds.n, r->holds.p);
	if (r->reads.n > 0)
		log_line("sandbox: may read below %.*s%s", (int)r->reads.n, r->reads.p,
		    r->reads.bad ? ", ..." : "");
	if (r->removes.n > 0)
		log_line("sandbox: may remove files below %.*s%s", (int)r->removes.n,
		    r->removes.p, r->removes.bad ? ", ..." : "");
}

/* What the sandbox leaves: the files of a reload, our socket files, what is open. */
static void
enter_sandbox(const struct server_setup *setup, const struct options *o)
{
	const char *read[CONFIG_FILES], *remove[SERVER_LISTENERS_MAX];
	struct sandbox_plan plan = { .read = read, .remove = remove };
	char have[128], miss[128], reads[512], removes[512];
	struct sandbox_report report = {
		.holds = buf_over(have, sizeof have), .lacks = buf_over(miss, sizeof miss),
		.reads = buf_over(reads, sizeof reads), .removes = buf_over(removes, sizeof removes)
	};
	unsigned uid = geteuid();       /* which can't be asked for in it */

	for (unsigned i = 0; i < CONFIG_FILES; i++)
		if (config_file(o, i) != NULL)
			read[plan.reads++] = config_file(o, i);
	for (unsigned i = 0; i < setup->listener_count; i++)
		if (listen_path(&setup->listeners[i]) != NULL)
			remove[plan.removes++] = listen_path(&setup->listeners[i]);
	if (!sandbox_enter(&plan, &report)) {
		int error = errno;

		close_listeners(setup);
		die("sandbox: %s: %s; --sandbox off serves without", report.why, strerror(error));
	}
	if (report.lacks.n > 0 && o->sandbox == SANDBOX_REQUIRE) {
		close_listeners(setup);
		die("sandbox: not to be had here: %.*s, and --sandbox is require",
		    (int)report.lacks.n, miss);
	}
	/* Root without its powers reads what is root's own, and what everybody may. */
	check_reload(setup, o, uid);
	say_sandbox(&report);
}

static void
give_up_powers(const struct server_setup *setup, const struct options *o)
{
	if (o->user != NULL)
		become_user(setup, o);
#ifdef SANDBOX_LEFT_OUT
	if (o->sandbox == SANDBOX_REQUIRE) {
		close_listeners(setup);
		die("sandbox: it is not in this build, and --sandbox is require");
	}
	(void)enter_sandbox;
#else
	if (o->sandbox != SANDBOX_OFF)
		enter_sandbox(setup, o);
	else
		log_line("sandbox: off");
#endif
}

static void
start(struct server_setup *setup)
{
	const char *why;
	int error;

	if (server_start(setup, &why))
		return;
	error = errno;
	close_listeners(setup);
	die_of(error, "%s: %s", why, strerror(error));
}

static int
serve(struct options *o)
{
	static struct service service;
	static const struct handler handler = { service_handle, api_refuse, service_note };
	struct server_setup setup = setup_from(o, &handler, &service);

	prepare(&service, &setup, o);
	if (o->command == COMMAND_SERVE)
		service.notify = notify_open(getenv);
	give_up_powers(&setup, o);
	service_tell_keys(&service);
	stale_warn(o, getenv);
	start(&setup);
	if (o->command == COMMAND_CHECK) {
		server_end(&setup);
		if (service.ring[0].clients != NULL)
			list_clients(service.ring[0].clients);
		service_stop(&service);
		log_line("nothing stands in the way of serving");
		return 0;
	}
	setup.pulse = service.notify.watchdog / 4 < SERVER_TICK / 2 ? service.notify.watchdog / 4
	    : SERVER_TICK / 2;
	announce(&service);
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

/* A question that ends the message takes no other mark. */
static noreturn void
refuse(enum command command, const struct buf *why)
{
	bool asks = why->n > 0 && why->p[why->n - 1] == '?', serves = command == COMMAND_SERVE ||
	    command == COMMAND_CHECK, helps = command == COMMAND_HELP;

	die("%.*s%s 'jwtd %s%s' lists what there is", (int)why->n, why->p, asks ? "" : ";",
	    serves ? "--help" : helps ? "help" : "help ",
	    serves || helps ? "" : command_table[command].word);
}

/* Of a variable that is misspelt nobody would hear. */
static void
warn_strays(void)
{
	char message[512];

	for (char **entry = environ; *entry != NULL; entry++) {
		struct buf b = buf_over(message, sizeof message);

		if (suggest_stray(&b, (struct str){ *entry, strcspn(*entry, "=") }))
			log_line("warning: %.*s", (int)b.n, message);
	}
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
	parsed = options_parse(&o, &b, argv + 1, getenv);
	serves = o.command == COMMAND_SERVE || o.command == COMMAND_CHECK;
	if (!parsed)
		refuse(o.command, &b);
	if (command_has_environment(o.command))
		warn_strays();
	if (!sandbox_forbid_dumps())
		die("forbidding core dumps: %s", strerror(errno));
	if (!sha512_self_test())
		die("the self-test failed: this binary computes wrong hashes");
	if (!serves)
		return cli_run(&o);
	return serve(&o);
}

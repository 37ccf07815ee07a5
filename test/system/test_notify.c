/* What systemd hears, on a socket in the file system and on an abstract one; what the log says. */
#include "test/test.h"

#include "command/cli.h"
#include "service.h"
#include "system/log.h"
#include "system/notify.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* In this program time() is ours: it goes `ahead` of the clock, by seconds. */
static time_t ahead;

time_t
time(time_t *also)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	t.tv_sec += ahead;
	if (also != NULL)
		*also = t.tv_sec;
	return t.tv_sec;
}

static const char *variables[3];        /* NOTIFY_SOCKET, WATCHDOG_PID, WATCHDOG_USEC */

static char *
lookup(const char *name)
{
	static const char *const names[] = { "NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC" };

	for (size_t i = 0; i < 3; i++)
		if (strcmp(name, names[i]) == 0)
			return (char *)(uintptr_t)variables[i];
	return NULL;
}

/* A socket at this name, '@' for an abstract one. */
static int
hear_at(const char *name)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	size_t n = strlen(name);
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	memcpy(a.sun_path, name, n);
	if (name[0] == '@')
		a.sun_path[0] = '\0';
	if (bind(fd, (struct sockaddr *)&a, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n)) != 0)
		abort();
	return fd;
}

static struct str
heard(int fd)
{
	static char text[256];
	ssize_t n = recv(fd, text, sizeof text, MSG_DONTWAIT);

	return (struct str){ text, n < 0 ? 0 : (size_t)n };
}

static void
messages(const char *name)
{
	int fd = hear_at(name);
	struct notify n;
	struct str s;

	variables[0] = name;
	n = notify_open(lookup);
	CHECK(n.fd >= 0 && n.watchdog == 0, "%s", name);
	notify_send(&n, "READY=1");
	CHECK_BYTES(heard(fd), STR("READY=1"), "%s", name);
	notify_reloading(&n);
	s = heard(fd);
	CHECK(s.n > 27 && memcmp(s.p, "RELOADING=1\nMONOTONIC_USEC=", 27) == 0 && s.p[27] > '0',
	    "%s: %.*s", name, (int)s.n, s.p);
	close(fd);
	notify_send(&n, "STOPPING=1");  /* to nobody */
	close(n.fd);
	if (name[0] == '/')
		unlink(name);
}

static void
watchdogs(void)
{
	char own[16];
	const struct {
		const char *pid, *time;
		int64_t watchdog;
	} table[] = {
		{ NULL, "10000000", 10000000 }, { own, "5", 5 }, { "1", "5", 0 }, { own, NULL, 0 },
		{ own, "", 0 }, { own, "5s", 0 }, { own, "-5", 0 }, { "", "5", 0 },
		{ own, "99999999999999999999", 0 },
	};
	int fd = hear_at("@jwtd-test-watchdog");

	snprintf(own, sizeof own, "%d", (int)getpid());
	variables[0] = "@jwtd-test-watchdog";
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		struct notify n;

		variables[1] = table[i].pid;
		variables[2] = table[i].time;
		n = notify_open(lookup);
		CHECK(n.watchdog == table[i].watchdog, "row %zu: %lld", i, (long long)n.watchdog);
		close(n.fd);
	}
	close(fd);
}

/* Standard error becomes a pipe that nobody waits for; what it was is returned. */
static int
take_stderr(int ends[2])
{
	int before = dup(STDERR_FILENO);

	if (before < 0 || pipe2(ends, O_NONBLOCK | O_CLOEXEC) != 0 ||
	    dup2(ends[1], STDERR_FILENO) < 0)
		abort();
	return before;
}

/* What was written there since. */
static struct str
logged(int fd)
{
	static char text[1 << 16];
	ssize_t n = read(fd, text, sizeof text);

	return (struct str){ text, n < 0 ? 0 : (size_t)n };
}

static void
give_stderr_back(const int ends[2], int before)
{
	dup2(before, STDERR_FILENO);
	close(before);
	close(ends[0]);
	close(ends[1]);
}

/* So many lines find no room. */
static void
lose(const int ends[2], int n)
{
	static char much[1 << 16];

	while (write(ends[1], much, sizeof much) > 0)
		;
	while (n-- > 0)
		log_line("lost");
	while (logged(ends[0]).n > 0)
		;
}

/* A line that does not fit is lost, and the next one that fits says so; a long line is cut; what is
 * not printable, is '?'. */
static void
log_lines(void)
{
	static char wide[2000];
	int ends[2], before = take_stderr(ends);
	struct str s;

	log_line("%s %.*s, %d of %u in %zu", "a\n\033\177b", 2, "xyz", 3, 4u, (size_t)5);
	CHECK_BYTES(logged(ends[0]), STR("jwtd: a???b xy, 3 of 4 in 5\n"), "a line");
	memset(wide, 'x', sizeof wide - 1);
	log_line("%s%s", wide, wide);
	s = logged(ends[0]);
	CHECK(s.n == 1024 && s.p[1023] == '\n', "a long line of %zu bytes", s.n);
	lose(ends, 3);
	log_line("here");
	CHECK_BYTES(logged(ends[0]), STR("jwtd: log lines lost: 3\njwtd: here\n"), "afterwards");
	lose(ends, 2);
	log_set_format(LOG_JSON);
	log_line("here");
	log_set_format(LOG_LOGFMT);
	s = logged(ends[0]);
	CHECK(s.n > 100 && memcmp(s.p, "{\"time\":\"", 9) == 0 && memmem(s.p, s.n, "log lines lost: "
	    "2\"}\n{\"time\":\"", 29) != NULL, "afterwards, as objects: %.*s", (int)s.n, s.p);
	log_line("and here");
	CHECK_BYTES(logged(ends[0]), STR("jwtd: and here\n"), "it is said once");
	give_stderr_back(ends, before);
}

#define UNSET "jwtd: the clock of this host is not set"
#define SO ": until it is, tokens are neither issued nor judged (503)\n"

/* The clock is not set, and then is: each turn is said once. */
static void
service_clock(void)
{
	static const struct {
		time_t to;              /* what the clock shows then; 0: the truth */
		const char *says;
	} table[] = {
		{ 0, "" },
		{ JWT_CLOCK_FLOOR - 100, UNSET SO },
		{ JWT_CLOCK_FLOOR - 10, "" },
		{ JWT_CLOCK_FLOOR + 10, "jwtd: the clock of this host is set\n" },
		{ 0, "" },
		{ 1, UNSET SO },
		{ 0, "jwtd: the clock of this host is set\n" },
	};
	static struct service service;
	static const struct options none;
	int ends[2], before = take_stderr(ends);

	service.options = &none;
	service.notify.fd = -1;
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		ahead = 0;
		ahead = table[i].to > 0 ? table[i].to - time(NULL) : 0;
		service_tell(&service, SERVER_TIME);
		CHECK_BYTES(logged(ends[0]), str_from(table[i].says), "row %zu", i);
	}
	ahead = 0;
	give_stderr_back(ends, before);
}

/* Nor do the commands judge by such a clock: "verify" and "sign", which end their process. */
static void
command_clock(void)
{
	for (int i = 0; i < 2; i++) {
		struct options o = { .command = i == 0 ? COMMAND_SIGN : COMMAND_VERIFY,
			.demo_key = true, .argument = "a.b.c", .ttl = 60 };
		int ends[2], before = take_stderr(ends), status = -1;
		pid_t child = fork();

		if (child == 0) {
			ahead = -time(NULL);
			_exit(cli_run(&o));
		}
		waitpid(child, &status, 0);
		CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 2, "status %x", (unsigned)status);
		CHECK_BYTES(logged(ends[0]), STR(UNSET "\n"), "command %d", i);
		give_stderr_back(ends, before);
	}
}

void
test_notify(void)
{
	static const char *const nobody[] = { NULL, "", "@", "x", "/nowhere/at/all" };
	char path[] = "/tmp/jwtd-notify-XXXXXX";

	close(mkstemp(path));
	unlink(path);
	messages(path);
	messages("@jwtd-test-notify");
	watchdogs();
	variables[1] = variables[2] = NULL;
	for (size_t i = 0; i < sizeof nobody / sizeof nobody[0]; i++) {
		struct notify n;

		variables[0] = nobody[i];
		n = notify_open(lookup);
		CHECK(n.fd == -1 && n.watchdog == 0, "socket %zu", i);
		notify_send(&n, "READY=1");
	}
	log_lines();
	service_clock();
	command_clock();
}

/* What systemd hears: on a socket in the file system, and on an abstract one. */
#include "test.h"

#include "../notify.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

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
}

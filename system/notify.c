#include "system/notify.h"

#include "str.h"
#include "system/clock.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* How often this very process is to show that it lives. */
static int64_t
find_watchdog(char *(*environment)(const char *))
{
	const char *pid = environment("WATCHDOG_PID"), *time = environment("WATCHDOG_USEC");
	uint64_t for_whom, microseconds;

	if (pid != NULL && (!str_number(&for_whom, str_from(pid), 10, INT32_MAX) ||
	    for_whom != (uint64_t)getpid()))
		return 0;
	return time != NULL && str_number(&microseconds, str_from(time), 10, INT64_MAX / 256)
	    ? (int64_t)microseconds : 0;
}

struct notify
notify_open(char *(*environment)(const char *))
{
	const char *path = environment("NOTIFY_SOCKET");
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	struct notify n = { .fd = -1 };
	size_t length = path == NULL ? 0 : strlen(path);

	if (length < 2 || length >= sizeof a.sun_path || (path[0] != '/' && path[0] != '@'))
		return n;
	memcpy(a.sun_path, path, length);
	if (path[0] == '@')             /* an abstract one */
		a.sun_path[0] = '\0';
	n.fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (n.fd >= 0 && connect(n.fd, (struct sockaddr *)&a,
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)) != 0) {
		close(n.fd);
		n.fd = -1;
	}
	if (n.fd >= 0)
		n.watchdog = find_watchdog(environment);
	return n;
}

void
notify_send(const struct notify *n, const char *state)
{
	if (n->fd >= 0)
		send(n->fd, state, strlen(state), MSG_DONTWAIT | MSG_NOSIGNAL);
}

void
notify_reloading(const struct notify *n)
{
	char text[64];
	struct buf b = buf_over(text, sizeof text - 1);

	buf_format(&b, "RELOADING=1\nMONOTONIC_USEC=%ju", (uintmax_t)clock_now());
	text[b.n] = '\0';
	notify_send(n, text);
}

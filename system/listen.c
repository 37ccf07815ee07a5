#include "system/listen.h"

#include "system/address.h"
#include "system/trouble.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
	BACKLOG = 4096,         /* the kernel lowers it to net.core.somaxconn */
	FIRST_INHERITED = 3     /* SD_LISTEN_FDS_START */
};

_Static_assert(LISTEN_NAME > sizeof "unix:" + sizeof(struct sockaddr_un), "room for a path");

static bool
fail(const char **why, const char *phrase)
{
	*why = phrase;
	return false;
}

/* All addresses of this host. */
static bool
is_wildcard(const union address *a)
{
	return a->any.sa_family == AF_INET6 ? IN6_IS_ADDR_UNSPECIFIED(&a->v6.sin6_addr)
	    : a->any.sa_family == AF_INET && a->v4.sin_addr.s_addr == htonl(INADDR_ANY);
}

static const char *
explain(int error)
{
	switch (error) {
	case EADDRINUSE:
		return "something listens there already; stop it, or give another address ([::] "
		    "takes IPv4, too), '--listen 127.0.0.1:0' to check";
	case EADDRNOTAVAIL:
		return "this host does not have that address; 'ip address' lists what it has";
	case EEXIST: return "there is another file, and it is no socket";
	case EACCES: return "not allowed: a folder that is not yours, or a port below 1024: give "
	    "another one, or CAP_NET_BIND_SERVICE";
	default: return trouble_text(error);
	}
}

static bool
is_loopback(const union address *a)
{
	const struct in6_addr *v6 = &a->v6.sin6_addr;

	switch (a->any.sa_family) {
	case AF_INET: return ntohl(a->v4.sin_addr.s_addr) >> 24 == 127;
	case AF_INET6:
		return IN6_IS_ADDR_LOOPBACK(v6) ||
		    (IN6_IS_ADDR_V4MAPPED(v6) && v6->s6_addr[12] == 127);
	default: return a->any.sa_family == AF_UNIX;
	}
}

static void
print(char name[LISTEN_NAME], const union address *a)
{
	struct buf b = buf_over(name, LISTEN_NAME - 1);

	address_put(&b, a);
	name[b.n] = '\0';
}

/* Accepted sockets inherit TCP_NODELAY from the listening one; other kinds have no such option. */
static bool
describe(struct listener *l)
{
	union address a = { 0 };
	socklen_t n = sizeof a;
	int one = 1;

	if (getsockname(l->fd, &a.any, &n) != 0)
		return false;
	setsockopt(l->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	l->local = is_loopback(&a);
	print(l->name, &a);
	return true;
}

/* Accepted sockets inherit all three. The kernel does not enlarge by itself, to some megabytes,
 * what was given a size. A unix socket has fixed buffers, and the last of these options does not
 * exist there. */
void
listen_limit(const struct listener *l, unsigned seconds)
{
	const int send = LISTEN_SEND, receive = LISTEN_RECEIVE;
	unsigned milliseconds = seconds * 1000;

	setsockopt(l->fd, SOL_SOCKET, SO_SNDBUF, &send, sizeof send);
	setsockopt(l->fd, SOL_SOCKET, SO_RCVBUF, &receive, sizeof receive);
	setsockopt(l->fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &milliseconds, sizeof milliseconds);
}

static bool
start_ip(struct listener *l, const union address *a, socklen_t n)
{
	int one = 1, only = !is_wildcard(a), v6 = a->any.sa_family == AF_INET6;

	return setsockopt(l->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) == 0 &&
	    (!v6 || setsockopt(l->fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof only) == 0 ||
	        !only) && bind(l->fd, &a->any, n) == 0 && listen(l->fd, BACKLOG) == 0;
}

bool
listen_open(struct listener *l, const char *address, const char **why)
{
	union address a;
	socklen_t n;
	bool local, made;

	*l = (struct listener){ 0 };
	if (!address_parse(&a, &n, &l->file, address, why))
		return false;
	local = a.any.sa_family == AF_UNIX;
	l->fd = socket(a.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (l->fd < 0)
		return fail(why, trouble());
	*why = NULL;
	made = local ? socket_file_listen(&l->file, l->fd, a.local.sun_path, BACKLOG, why)
	             : start_ip(l, &a, n);
	if (made && describe(l)) {
		if (local)              /* the kernel knows the name that it was made under */
			print(l->name, &a);
		return true;
	}
	if (*why == NULL)
		*why = explain(errno);
	if (local && made)
		socket_file_remove(&l->file, a.local.sun_path);
	close(l->fd);
	return false;
}

static int
connect_to(const union address *a, socklen_t n, unsigned seconds)
{
	struct timeval limit = { .tv_sec = seconds };
	int fd = socket(a->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0), error;

	if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) == 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) == 0 &&
	    connect(fd, &a->any, n) == 0)
		return fd;
	error = errno;
	if (fd >= 0)
		close(fd);
	errno = error;
	return -1;
}

/* Who listens everywhere is met at home. [::] is reached by IPv4 where this host has no address of
 * IPv6, as in many containers. */
static int
reach_wildcard(const union address *a, unsigned seconds)
{
	union address home = *a;
	int fd = -1;

	if (a->any.sa_family == AF_INET6) {
		home.v6.sin6_addr = in6addr_loopback;
		fd = connect_to(&home, sizeof home.v6, seconds);
	}
	if (fd >= 0)
		return fd;
	home.v4 = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = a->v4.sin_port,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };    /* both have it in one place */
	return connect_to(&home, sizeof home.v4, seconds);
}

int
listen_reach(const char *address, unsigned seconds, const char **why, bool *mistaken)
{
	union address a;
	socklen_t n;
	int fd;

	*mistaken = !address_parse(&a, &n, NULL, address, why);
	if (*mistaken)
		return -1;
	fd = is_wildcard(&a) ? reach_wildcard(&a, seconds) : connect_to(&a, n, seconds);
	if (fd < 0)
		*why = trouble();
	return fd;
}

static bool
take_inherited(struct listener *l, int fd)
{
	int type = 0, listening = 0;
	long flags;                     /* fcntl() of musl takes 423 bytes more */
	socklen_t n = sizeof type, m = sizeof listening;

	*l = (struct listener){ .fd = fd, .inherited = true };
	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &n) != 0 || type != SOCK_STREAM ||
	    getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &m) != 0 || listening == 0)
		return false;
	flags = syscall(SYS_fcntl, fd, F_GETFL, 0);
	return flags >= 0 && syscall(SYS_fcntl, fd, F_SETFL, flags | O_NONBLOCK) == 0 &&
	    syscall(SYS_fcntl, fd, F_SETFD, FD_CLOEXEC) == 0 && describe(l);
}

int
listen_inherit(struct listener *l, unsigned most, char *(*environment)(const char *),
    const char **why)
{
	const char *pid = environment("LISTEN_PID"), *count = environment("LISTEN_FDS");
	uint64_t for_whom, n;

	if (pid == NULL || count == NULL || !str_number(&for_whom, str_from(pid), 10, INT32_MAX) ||
	    for_whom != (uint64_t)getpid() || !str_number(&n, str_from(count), 10, INT16_MAX))
		return 0;
	if (n > most)
		return fail(why, "more sockets than there may be listeners") - 1;
	for (unsigned i = 0; i < n; i++)
		if (!take_inherited(&l[i], FIRST_INHERITED + (int)i))
			return fail(why, "a descriptor is no listening stream socket") - 1;
	return (int)n;
}

/* The listener alone does not tell: where the kernel routes loopback addresses (route_localnet),
 * packets of other hosts reach it. */
int
listen_accept(const struct listener *l, enum http_from *from)
{
	union address a = { 0 };
	socklen_t n = sizeof a;
	int fd = (int)syscall(SYS_accept4, l->fd, &a.any, &n, SOCK_CLOEXEC);

	*from = !l->local ? HTTP_FROM_ANYWHERE : is_loopback(&a) ? HTTP_FROM_HERE :
	    HTTP_FROM_ELSEWHERE;
	return fd;
}

const char *
listen_path(const struct listener *l)
{
	return l->file.inode != 0 ? l->name + strlen("unix:") : NULL;
}

void
listen_give(const struct listener *l, unsigned uid, unsigned gid)
{
	const char *path = listen_path(l);
	gid_t group = l->file.group != SOCKET_FILE_NO_GROUP ? l->file.group : gid;

	if (path != NULL && lchown(path, uid, group) != 0)
		errno = 0;              /* it stays ours then */
}

void
listen_close(struct listener *l)
{
	if (listen_path(l) != NULL)
		socket_file_remove(&l->file, listen_path(l));
	close(l->fd);
}

void
listen_peer(char name[LISTEN_NAME], int fd)
{
	union address a = { 0 };
	const struct in6_addr *v6 = &a.v6.sin6_addr;
	socklen_t n = sizeof a;

	if (getpeername(fd, &a.any, &n) != 0 || a.any.sa_family == AF_UNIX) {
		memcpy(name, a.any.sa_family == AF_UNIX ? "unix" : "-\0\0\0", 5);
		return;
	}
	if (a.any.sa_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(v6)) {
		struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = a.v6.sin6_port };

		memcpy(&v4.sin_addr, v6->s6_addr + 12, 4);
		a.v4 = v4;
	}
	print(name, &a);
}

#include "system/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum {
	BACKLOG = 4096,         /* the kernel lowers it to net.core.somaxconn */
	FIRST_INHERITED = 3     /* SD_LISTEN_FDS_START */
};

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_un local;
};

static bool
fail(const char **why, const char *phrase)
{
	*why = phrase;
	return false;
}

static const char *
explain(int error)
{
	switch (error) {
	case EADDRINUSE: return "something listens there already; stop it, or give another address";
	case EADDRNOTAVAIL:
		return "this host does not have that address; 'ip address' lists what it has";
	case EACCES: return "not allowed: a port below 1024, or a folder that is not yours";
	default: return strerror(error);
	}
}

/* "IP:PORT" or "[IP6]:PORT" */
static bool
parse_ip(union address *a, socklen_t *length, const char *text)
{
	char host[INET6_ADDRSTRLEN];
	const char *colon = strrchr(text, ':');
	bool v6 = text[0] == '[';
	size_t n = colon == NULL ? 0 : (size_t)(colon - text);
	uint64_t port;

	if (v6 ? n < 3 || colon[-1] != ']' : n == 0)
		return false;
	if (v6) {
		text++;
		n -= 2;
	}
	if (n >= sizeof host || !str_number(&port, str_from(colon + 1), 10, 65535))
		return false;
	memcpy(host, text, n);
	host[n] = '\0';
	a->any.sa_family = v6 ? AF_INET6 : AF_INET;
	*length = v6 ? sizeof a->v6 : sizeof a->v4;
	if (v6)
		a->v6.sin6_port = htons((in_port_t)port);
	else
		a->v4.sin_port = htons((in_port_t)port);
	return inet_pton(a->any.sa_family, host,
	    v6 ? (void *)&a->v6.sin6_addr : (void *)&a->v4.sin_addr) == 1;
}

/* "PATH[,mode=0660]" */
static bool
parse_unix(union address *a, socklen_t *length, unsigned *mode, const char *text)
{
	static const char mark[] = ",mode=";
	const char *comma = strchr(text, ',');
	uint64_t given = LISTEN_MODE;
	size_t n;

	while (comma != NULL && strncmp(comma, mark, sizeof mark - 1) != 0)
		comma = strchr(comma + 1, ',');
	n = comma != NULL ? (size_t)(comma - text) : strlen(text);
	if (n == 0 || n >= sizeof a->local.sun_path || n >= LISTEN_NAME - sizeof "unix:")
		return false;
	if (comma != NULL && !str_number(&given, str_from(comma + sizeof mark - 1), 8, 0777))
		return false;
	*mode = (unsigned)given;
	a->local.sun_family = AF_UNIX;
	memcpy(a->local.sun_path, text, n);
	*length = sizeof a->local;
	return true;
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

/* inet_ntop() of musl brings along all of printf. */
static void
put_ip4(struct buf *b, const uint8_t p[4])
{
	for (int i = 0; i < 4; i++) {
		buf_text(b, i > 0 ? "." : "");
		buf_number(b, p[i]);
	}
}

static unsigned
group(const uint8_t p[16], unsigned i)
{
	return (unsigned)(p[2 * i] << 8 | p[2 * i + 1]);
}

/* Where the first of the longest runs of zero groups begins and ends; a single one is no run. */
static void
find_zeros(const uint8_t p[16], unsigned *from, unsigned *to)
{
	*from = *to = 8;
	for (unsigned i = 0, end; i < 8; i = end + 1) {
		for (end = i; end < 8 && group(p, end) == 0; end++)
			;
		if (end - i > 1 && end - i > *to - *from) {
			*from = i;
			*to = end;
		}
	}
}

static void
put_hex_group(struct buf *b, unsigned v)
{
	static const char digit[] = "0123456789abcdef";

	for (int shift = 12; shift >= 0; shift -= 4)
		if (v >> shift != 0 || shift == 0)
			buf_put(b, &digit[v >> shift & 15], 1);
}

/* RFC 5952: small letters, no leading zeros, "::" for zeros; an IPv4 address keeps its form (5). */
static void
put_ip6(struct buf *b, const uint8_t p[16])
{
	unsigned from, to;

	if (IN6_IS_ADDR_V4MAPPED((const struct in6_addr *)p)) {
		buf_text(b, "::ffff:");
		put_ip4(b, p + 12);
		return;
	}
	find_zeros(p, &from, &to);
	for (unsigned i = 0; i < 8; i++) {
		if (i == from && from < to) {
			buf_text(b, "::");
			i = to - 1;
			continue;
		}
		buf_text(b, i > 0 && i != to ? ":" : "");
		put_hex_group(b, group(p, i));
	}
}

static void
print(char name[LISTEN_NAME], const union address *a)
{
	struct buf b = buf_over(name, LISTEN_NAME - 1);

	switch (a->any.sa_family) {
	case AF_INET:
		put_ip4(&b, (const uint8_t *)&a->v4.sin_addr);
		buf_text(&b, ":");
		buf_number(&b, ntohs(a->v4.sin_port));
		break;
	case AF_INET6:
		buf_text(&b, "[");
		put_ip6(&b, a->v6.sin6_addr.s6_addr);
		buf_text(&b, "]:");
		buf_number(&b, ntohs(a->v6.sin6_port));
		break;
	default:
		buf_text(&b, "unix:");
		buf_put(&b, a->local.sun_path,
		    strnlen(a->local.sun_path, sizeof a->local.sun_path));
	}
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
	int one = 1, v6 = a->any.sa_family == AF_INET6;

	return setsockopt(l->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) == 0 &&
	    (!v6 || setsockopt(l->fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one) == 0) &&
	    bind(l->fd, &a->any, n) == 0 && listen(l->fd, BACKLOG) == 0;
}

/* Whether the path is free, or holds a socket that nobody listens at, which is then removed. */
static bool
make_way(const union address *a, socklen_t n)
{
	struct stat st;
	int fd, error;

	if (lstat(a->local.sun_path, &st) != 0)
		return errno == ENOENT;
	errno = EEXIST;
	if (!S_ISSOCK(st.st_mode))
		return false;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return false;
	error = connect(fd, &a->any, n) == 0 ? 0 : errno;
	close(fd);
	errno = EADDRINUSE;
	return error == ECONNREFUSED && unlink(a->local.sun_path) == 0;
}

/* The file gets its permissions as it is made: with a chmod behind it, there would be a moment of
 * others. */
static bool
start_unix(struct listener *l, const union address *a, socklen_t n, unsigned mode)
{
	struct stat st;
	mode_t before;
	bool bound;

	if (!make_way(a, n))
		return false;
	before = umask(~mode & 0777);
	bound = bind(l->fd, &a->any, n) == 0;
	umask(before);
	if (!bound || lstat(a->local.sun_path, &st) != 0)
		return false;
	l->device = st.st_dev;
	l->inode = st.st_ino;
	return listen(l->fd, BACKLOG) == 0;
}

static bool
parse(union address *a, socklen_t *n, unsigned *mode, const char *text, const char **why)
{
	bool local = strncmp(text, "unix:", 5) == 0;

	*a = (union address){ 0 };
	return (local ? parse_unix(a, n, mode, text + 5) : parse_ip(a, n, text)) ||
	    fail(why, "not an address: IP:PORT, [IP6]:PORT or unix:PATH[,mode=0660] is");
}

bool
listen_open(struct listener *l, const char *address, const char **why)
{
	union address a;
	socklen_t n;
	unsigned mode = 0;
	bool local;

	*l = (struct listener){ 0 };
	if (!parse(&a, &n, &mode, address, why))
		return false;
	local = a.any.sa_family == AF_UNIX;
	l->fd = socket(a.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (l->fd < 0)
		return fail(why, strerror(errno));
	if ((local ? start_unix(l, &a, n, mode) : start_ip(l, &a, n)) && describe(l))
		return true;
	*why = errno == EEXIST ? "there is another file, and it is no socket" : explain(errno);
	if (l->inode != 0)
		unlink(a.local.sun_path);       /* no socket file stays behind */
	close(l->fd);
	return false;
}

/* Who listens everywhere is met at home. */
static void
leave_wildcard(union address *a)
{
	if (a->any.sa_family == AF_INET && a->v4.sin_addr.s_addr == htonl(INADDR_ANY))
		a->v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (a->any.sa_family == AF_INET6 && IN6_IS_ADDR_UNSPECIFIED(&a->v6.sin6_addr))
		a->v6.sin6_addr = in6addr_loopback;
}

int
listen_reach(const char *address, unsigned seconds, const char **why, bool *mistaken)
{
	struct timeval limit = { .tv_sec = seconds };
	union address a;
	socklen_t n;
	unsigned mode;
	int fd;

	*mistaken = !parse(&a, &n, &mode, address, why);
	if (*mistaken)
		return -1;
	leave_wildcard(&a);
	fd = socket(a.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) == 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) == 0 &&
	    connect(fd, &a.any, n) == 0)
		return fd;
	*why = strerror(errno);
	if (fd >= 0)
		close(fd);
	return -1;
}

static bool
take_inherited(struct listener *l, int fd)
{
	int type = 0, listening = 0, flags;
	socklen_t n = sizeof type, m = sizeof listening;

	*l = (struct listener){ .fd = fd, .inherited = true };
	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &n) != 0 || type != SOCK_STREAM ||
	    getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &m) != 0 || listening == 0)
		return false;
	flags = fcntl(fd, F_GETFL);
	return flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0 &&
	    fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 && describe(l);
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
	int fd = accept4(l->fd, &a.any, &n, SOCK_CLOEXEC);

	*from = !l->local ? HTTP_FROM_ANYWHERE : is_loopback(&a) ? HTTP_FROM_HERE :
	    HTTP_FROM_ELSEWHERE;
	return fd;
}

const char *
listen_path(const struct listener *l)
{
	return l->inode != 0 ? l->name + strlen("unix:") : NULL;
}

void
listen_give(const struct listener *l, unsigned uid, unsigned gid)
{
	const char *path = listen_path(l);

	if (path != NULL && lchown(path, uid, gid) != 0)
		errno = 0;              /* it stays ours then */
}

void
listen_close(struct listener *l)
{
	const char *path = listen_path(l);
	struct stat st;

	if (path != NULL && lstat(path, &st) == 0 && st.st_dev == l->device &&
	    st.st_ino == l->inode)
		unlink(path);
	close(l->fd);
}

void
listen_peer(char name[LISTEN_NAME], int fd)
{
	union address a = { 0 };
	socklen_t n = sizeof a;

	if (getpeername(fd, &a.any, &n) != 0 || a.any.sa_family == AF_UNIX)
		memcpy(name, a.any.sa_family == AF_UNIX ? "unix" : "-\0\0\0", 5);
	else
		print(name, &a);
}

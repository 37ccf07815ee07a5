#include "listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 4096 };        /* the kernel lowers it to net.core.somaxconn */

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static bool
fail(const char **why, const char *phrase)
{
	*why = phrase;
	return false;
}

static bool
parse_port(in_port_t *port, const char *digits)
{
	unsigned v = 0;

	if (digits[0] == '\0')
		return false;
	for (; *digits >= '0' && *digits <= '9' && v <= 65535; digits++)
		v = v * 10 + (unsigned)(*digits - '0');
	*port = htons((in_port_t)v);
	return *digits == '\0' && v <= 65535;
}

/* "IP:PORT" or "[IP6]:PORT" */
static bool
parse(union address *a, socklen_t *length, const char *text)
{
	char host[INET6_ADDRSTRLEN];
	const char *colon = strrchr(text, ':');
	bool v6 = text[0] == '[';
	size_t n = colon == NULL ? 0 : (size_t)(colon - text);

	memset(a, 0, sizeof *a);
	if (v6 ? n < 3 || colon[-1] != ']' : n == 0)
		return false;
	if (v6) {
		text++;
		n -= 2;
	}
	if (n >= sizeof host)
		return false;
	memcpy(host, text, n);
	host[n] = '\0';
	a->any.sa_family = v6 ? AF_INET6 : AF_INET;
	*length = v6 ? sizeof a->v6 : sizeof a->v4;
	if (inet_pton(a->any.sa_family, host, v6 ? (void *)&a->v6.sin6_addr : (void *)&a->v4.sin_addr) != 1)
		return false;
	return parse_port(v6 ? &a->v6.sin6_port : &a->v4.sin_port, colon + 1);
}

static bool
is_loopback(const union address *a)
{
	const uint8_t *v6 = a->v6.sin6_addr.s6_addr;

	if (a->any.sa_family == AF_INET)
		return ntohl(a->v4.sin_addr.s_addr) >> 24 == 127;
	return IN6_IS_ADDR_LOOPBACK(&a->v6.sin6_addr) || (IN6_IS_ADDR_V4MAPPED(&a->v6.sin6_addr) && v6[12] == 127);
}

/* What the socket is really bound to. */
static bool
describe(struct listener *l)
{
	union address a = { 0 };
	socklen_t n = sizeof a;
	char host[INET6_ADDRSTRLEN];

	if (getsockname(l->fd, &a.any, &n) != 0)
		return false;
	l->local = is_loopback(&a);
	if (a.any.sa_family == AF_INET) {
		inet_ntop(AF_INET, &a.v4.sin_addr, host, sizeof host);
		snprintf(l->name, sizeof l->name, "%s:%u", host, ntohs(a.v4.sin_port));
	} else {
		inet_ntop(AF_INET6, &a.v6.sin6_addr, host, sizeof host);
		snprintf(l->name, sizeof l->name, "[%s]:%u", host, ntohs(a.v6.sin6_port));
	}
	return true;
}

/* Accepted sockets inherit TCP_NODELAY from the listening one. */
static bool
start(struct listener *l, const union address *a, socklen_t n)
{
	int one = 1, v6 = a->any.sa_family == AF_INET6;

	return setsockopt(l->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) == 0 &&
	    (!v6 || setsockopt(l->fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one) == 0) &&
	    setsockopt(l->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) == 0 &&
	    bind(l->fd, &a->any, n) == 0 && listen(l->fd, BACKLOG) == 0 && describe(l);
}

static const char *
explain(int error)
{
	switch (error) {
	case EADDRINUSE: return "another program listens there; stop it, or give another address";
	case EADDRNOTAVAIL: return "this host does not have that address; 'ip address' lists what it has";
	case EACCES: return "ports below 1024 are root's; give a higher one";
	default: return strerror(error);
	}
}

bool
listen_open(struct listener *l, const char *address, const char **why)
{
	union address a;
	socklen_t n;

	if (!parse(&a, &n, address))
		return fail(why, "not an address: IP:PORT or [IP6]:PORT is");
	l->fd = socket(a.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (l->fd < 0)
		return fail(why, strerror(errno));
	if (start(l, &a, n))
		return true;
	*why = explain(errno);
	close(l->fd);
	return false;
}

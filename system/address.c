#include "system/address.h"

#include "ip.h"

static bool
fail(const char **why, const char *phrase)
{
	*why = phrase;
	return false;
}

static bool
parse_port(in_port_t *port, const char *text, const char **why)
{
	uint64_t v;

	if (!str_number(&v, str_from(text), 10, 65535))
		return fail(why, "a port is a number from 0 to 65535");
	*port = htons((in_port_t)v);
	return true;
}

/* "[IP6]:PORT", behind its bracket */
static bool
parse_ip6(struct sockaddr_in6 *a, const char *text, const char **why)
{
	size_t n = str_until(text, ']');

	a->sin6_family = AF_INET6;
	if (text[n] == '\0' || !ip_read6(a->sin6_addr.s6_addr, (struct str){ text, n }))
		return fail(why, "that is no IPv6 address in brackets: write [::1]:5000");
	if (IN6_IS_ADDR_V4MAPPED(&a->sin6_addr))
		return fail(why, "an IPv4 address is written as one: 127.0.0.1:5000");
	if (text[n + 1] != ':' || text[n + 2] == '\0')
		return fail(why, "the port is missing: write [::1]:5000");
	return parse_port(&a->sin6_port, text + n + 2, why);
}

/* The bytes at its beginning that are digits or this. */
static size_t
digits(const char *text, char other)
{
	size_t n = 0;

	while ((text[n] >= '0' && text[n] <= '9') || text[n] == other)
		n++;
	return n;
}

/* "IP:PORT" */
static bool
parse_ip4(struct sockaddr_in *a, const char *text, bool to_listen, const char **why)
{
	size_t n = str_until(text, ':');
	bool only_port = n == 0 || text[digits(text, '0')] == '\0';

	a->sin_family = AF_INET;
	if (text[n] == ':' && text[n + 1 + str_until(text + n + 1, ':')] == ':')
		return fail(why, "an IPv6 address stands in brackets: write [::1]:5000");
	if (only_port)
		return fail(why, to_listen ? "the address is missing: write 127.0.0.1:5000 for "
		    "this host alone, 0.0.0.0:5000 for others, too"
		    : "the address is missing: write 127.0.0.1:5000");
	if (digits(text, '.') < n)
		return fail(why, to_listen ? "names are not looked up: write 127.0.0.1:5000 for "
		    "this host alone, 0.0.0.0:5000 for others, too"
		    : "names are not looked up: write 127.0.0.1:5000");
	if (!ip_read4((uint8_t *)&a->sin_addr, (struct str){ text, n }))
		return fail(why, "an IPv4 address has four numbers from 0 to 255");
	if (text[n] == '\0' || text[n + 1] == '\0')
		return fail(why, "the port is missing: write 127.0.0.1:5000");
	return parse_port(&a->sin_port, text + n + 1, why);
}

/* What stands behind the path: mode=0660 and group=GID, each once at most. */
static bool
parse_words(struct socket_file *f, const char *p, const char **why)
{
	bool has_mode = false;
	uint64_t v;

	for (size_t n; *p == ','; p += n) {
		n = str_until(++p, ',');
		if (!has_mode && str_begins(p, "mode=")) {
			if (!str_number(&v, (struct str){ p + 5, n - 5 }, 8, 0777))
				return fail(why, "mode= takes octal digits, up to 0777");
			f->mode = (unsigned)v;
			has_mode = true;
		} else if (f->group == SOCKET_FILE_NO_GROUP && str_begins(p, "group=")) {
			if (!str_number(&v, (struct str){ p + 6, n - 6 }, 10, UINT32_MAX - 1))
				return fail(why, "group= takes a number; 'getent group NAME' tells "
				    "it");
			f->group = (gid_t)v;
		} else {
			return fail(why, "behind a unix socket's path may stand ,mode=0660 and "
			    ",group=GID, each once, no other comma");
		}
	}
	return true;
}

/* "PATH[,mode=0660][,group=GID]" */
static bool
parse_unix(union address *a, socklen_t *length, struct socket_file *f, const char *text,
    const char **why)
{
	size_t n = str_until(text, ',');

	*f = (struct socket_file){ .mode = SOCKET_FILE_MODE, .group = SOCKET_FILE_NO_GROUP };
	if (n == 0)
		return fail(why, "a path is missing: unix:PATH[,mode=0660][,group=GID]");
	if (text[0] == '@')
		return fail(why, "abstract names (@) are anybody's: give a path");
	if (n > SOCKET_FILE_PATH_MAX)
		return fail(why, "a unix socket's path has at most 106 bytes");
	a->local.sun_family = AF_UNIX;
	memcpy(a->local.sun_path, text, n);
	*length = sizeof a->local;
	return parse_words(f, text + n, why);
}

bool
address_parse(union address *a, socklen_t *n, struct socket_file *f, const char *text,
    const char **why)
{
	struct socket_file unused;

	*a = (union address){ 0 };
	if (str_begins(text, "unix:"))
		return parse_unix(a, n, f != NULL ? f : &unused, text + 5, why);
	if (text[0] == '\0' || text[str_until(text, '/')] == '/')
		return fail(why, "not an address: write IP:PORT, [IP6]:PORT or unix:PATH");
	*n = text[0] == '[' ? sizeof a->v6 : sizeof a->v4;
	return text[0] == '[' ? parse_ip6(&a->v6, text + 1, why) : parse_ip4(&a->v4, text,
	    f != NULL, why);
}

/* inet_ntop() of musl brings along all of printf. */
static void
put_ip4(struct buf *b, const uint8_t p[4])
{
	buf_format(b, "%u.%u.%u.%u", p[0], p[1], p[2], p[3]);
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

/* An abstract name has a zero before it. */
static void
put_path(struct buf *b, const struct sockaddr_un *a)
{
	bool abstract = a->sun_path[0] == '\0' && a->sun_path[1] != '\0';
	const char *path = a->sun_path + abstract;

	buf_text(b, abstract ? "unix:@" : "unix:");
	buf_put(b, path, strnlen(path, sizeof a->sun_path - abstract));
}

void
address_put(struct buf *b, const union address *a)
{
	switch (a->any.sa_family) {
	case AF_INET:
		put_ip4(b, (const uint8_t *)&a->v4.sin_addr);
		buf_format(b, ":%u", ntohs(a->v4.sin_port));
		break;
	case AF_INET6:
		buf_text(b, "[");
		put_ip6(b, a->v6.sin6_addr.s6_addr);
		buf_format(b, "]:%u", ntohs(a->v6.sin6_port));
		break;
	case AF_VSOCK:
		buf_text(b, "vsock:");
		if (a->vm.cid != UINT32_MAX)            /* VMADDR_CID_ANY */
			buf_number(b, a->vm.cid);
		buf_format(b, ":%u", a->vm.port);
		break;
	case AF_UNIX:
		put_path(b, &a->local);
		break;
	default:
		buf_format(b, "address family %u", a->any.sa_family);
	}
}

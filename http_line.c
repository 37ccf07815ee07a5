/* The first line of a request (RFC 9112 3): method, target, version. */
#include "http_scan.h"

#include "ip.h"

/* Names lie inside of tables: a pointer to each would be one more thing to set at the start. */
static const struct { unsigned char n; char name[8]; } methods[HTTP_OTHER] = {
	[HTTP_GET] = { 3, "GET" }, [HTTP_HEAD] = { 4, "HEAD" }, [HTTP_POST] = { 4, "POST" },
	[HTTP_PUT] = { 3, "PUT" }, [HTTP_DELETE] = { 6, "DELETE" },
	[HTTP_OPTIONS] = { 7, "OPTIONS" }, [HTTP_TRACE] = { 5, "TRACE" },
	[HTTP_PATCH] = { 5, "PATCH" }, [HTTP_CONNECT] = { 7, "CONNECT" },
};

const char *
http_method_name(enum http_method m)
{
	return m < HTTP_OTHER ? methods[m].name : NULL;
}

/* RFC 9112 3.1 method */
static int
method(struct head *h)
{
	const char *start = h->p, *p = head_token(h);
	unsigned i = 0;

	if (p == h->end)
		return 0;
	if (p == start || *p != ' ')
		return head_refuse(h, p, 400, "method expected");
	h->r->method_name = (struct str){ start, (size_t)(p - start) };
	while (i < HTTP_OTHER &&
	    !str_equal(h->r->method_name, (struct str){ methods[i].name, methods[i].n }))
		i++;
	h->r->method = (enum http_method)i;
	if (i == HTTP_CONNECT)          /* 9110 9.3.6: what follows might be a tunnel's */
		return head_refuse(h, start, 501, "no proxy");
	h->p = p + 1;
	return 1;
}

/* The first byte that is neither of the class nor part of a "%" HEXDIG HEXDIG (RFC 3986 2.1). */
static const char *
skip_encoded(const char *p, const char *end, unsigned class)
{
	for (;;) {
		if (p < end && http_is(*p, class))
			p++;
		else if (end - p >= 3 && *p == '%' && http_is(p[1], HTTP_HEX) &&
		    http_is(p[2], HTTP_HEX))
			p += 3;
		else
			return p;
	}
}

const char *
head_authority(struct str *host, const char *p, const char *end)
{
	const char *start = p;
	uint8_t ip[16];

	if (p < end && *p == '[') {             /* RFC 3986 3.2.2 IP-literal */
		const char *bracket = memchr(p, ']', (size_t)(end - p));

		if (bracket == NULL ||
		    !ip_read6(ip, (struct str){ p + 1, (size_t)(bracket - p - 1) }))
			return p;
		p = bracket + 1;
	} else {
		p = skip_encoded(p, end, HTTP_REG_NAME);
	}
	*host = (struct str){ start, (size_t)(p - start) };
	if (p < end && *p == ':')
		for (p++; p < end && head_is_digit(*p); p++)
			;
	return p;
}

/* What stands before the query, and the query. */
static void
set_path(struct head *h, const char *p, const char *end)
{
	const char *mark = memchr(p, '?', (size_t)(end - p));

	h->r->path = (struct str){ p, (size_t)((mark != NULL ? mark : end) - p) };
	if (mark != NULL)
		h->r->query = (struct str){ mark + 1, (size_t)(end - mark - 1) };
}

/* RFC 9112 3.2.1 absolute-path. In the query every byte is taken that target() takes: proxies
 * append what browsers send, which is more than RFC 3986 3.4 has. */
static int
check_path(struct head *h)
{
	const char *end = h->r->path.p + h->r->path.n;
	const char *bad = skip_encoded(h->r->path.p, end, HTTP_PATH);

	if (bad < end)
		return head_refuse(h, bad, 400, "byte that a target can't have");
	return 1;
}

/* RFC 9112 3.2.2 absolute-form */
static int
absolute_form(struct head *h, const char *p, const char *end)
{
	struct str target = { p, (size_t)(end - p) };
	const char *rest, *bad;

	if (str_starts_nocase(target, STR("https://"))) {       /* RFC 9110 7.4 */
		rest = memchr(p + 8, '/', (size_t)(end - p - 8));
		set_path(h, rest != NULL ? rest : end, end);
		return head_refuse(h, p, 421, "an https target in clear text");
	}
	if (!str_starts_nocase(target, STR("http://")))
		return head_refuse(h, p, 400, "target in none of the four forms");
	p += strlen("http://");
	for (rest = p; rest < end && *rest != '/' && *rest != '?'; rest++)
		;
	bad = head_authority(&h->r->host, p, rest);
	if (bad < rest || h->r->host.n == 0)
		return head_refuse(h, bad, 400, "invalid host in the target");
	set_path(h, rest, end);
	if (h->r->path.n == 0)                  /* RFC 9110 4.2.3: an empty path is "/" */
		h->r->path = STR("/");
	return check_path(h);
}

/* RFC 9112 3.2 request-target, and the space behind it */
static int
target(struct head *h)
{
	const char *start = h->p, *p = start, *limit = h->end;

	if (limit - start > HTTP_TARGET_MAX)
		limit = start + HTTP_TARGET_MAX + 1;
	while (p < limit && *p > ' ' && *p < 0x7f)
		p++;
	if (p > start && *start == '/')         /* so that a refusal knows its route, too */
		set_path(h, start, p);
	if (p - start > HTTP_TARGET_MAX)
		return head_refuse(h, p - 1, 414, "target longer than 8,000 bytes");
	if (p == h->end)
		return 0;
	if (p == start || *p != ' ')
		return head_refuse(h, p, 400, p == start ? "target expected"
		    : "byte that a target can't have");
	h->p = p + 1;
	if (*start == '/')
		return check_path(h);
	/* RFC 9113 3.4: HTTP/2 begins with PRI *; version() knows what to say of it. */
	if (p - start == 1 && *start == '*' && (h->r->method == HTTP_OPTIONS ||
	    str_equal(h->r->method_name, STR("PRI")))) {
		h->r->path = STR("*");
		return 1;
	}
	return absolute_form(h, start, p);
}

/* RFC 9112 2.3 HTTP-version, and the end of the line */
static int
version(struct head *h)
{
	static const char pattern[] = "HTTP/d.d";
	const char *start = h->p;
	unsigned i = 0;

	if (h->end - start >= 8 && memcmp(start, "HTTP/1.1", 8) == 0) {
		i = 8;
		h->p += 8;
	}
	for (; i < sizeof pattern - 1; i++, h->p++) {
		if (h->p == h->end)
			return 0;
		if (pattern[i] == 'd' ? !head_is_digit(*h->p) : *h->p != pattern[i])
			return head_refuse(h, h->p, 400, "HTTP version expected");
	}
	if (start[5] != '1')
		return head_refuse(h, start, 505, "only HTTP/1.1 and 1.0 are spoken here");
	h->r->http10 = start[7] == '0';         /* RFC 9110 6.2: 1.2 to 1.9 are treated as 1.1 */
	return head_line_end(h, "end of the request line expected");
}

int
head_request_line(struct head *h)
{
	int done;

	if ((done = method(h)) <= 0 || (done = target(h)) <= 0)
		return done;
	return version(h);
}

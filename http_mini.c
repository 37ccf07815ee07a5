#include "http_mini.h"

#include <arpa/inet.h>

const uint8_t http_byte_class[256] = {
	 0,  0,  0,  0,  0,  0,  0,  0,  0, 16,  0,  0,  0,  0,  0,  0,
	 0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,
	16, 23, 16, 17, 23, 17, 23, 23, 22, 22, 23, 23, 22, 23, 23, 18,
	31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 18, 22, 16, 22, 16, 18,
	18, 31, 31, 31, 31, 31, 31, 23, 23, 23, 23, 23, 23, 23, 23, 23,
	23, 23, 23, 23, 23, 23, 23, 23, 23, 23, 23, 16, 16, 16, 17, 23,
	17, 31, 31, 31, 31, 31, 31, 23, 23, 23, 23, 23, 23, 23, 23, 23,
	23, 23, 23, 23, 23, 23, 23, 23, 23, 23, 23, 16, 17, 16, 23,  0,
	16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16,
	16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16,
	16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16,
	16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16,
	16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16,
	16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16,
	16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16,
	16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16
};

static inline bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* A head on its way: `p` is the next byte to look at. Functions that read on return > 0 when
 * their part is complete, 0 when it may still become so, < 0 when it can't: minus the status. */
struct head {
	struct http_request *r;
	const char *start, *p, *end;
	unsigned hosts, lengths, encodings, fields;
	bool close, keep_alive;         /* the options of Connection */
};

static int
refuse(struct head *h, const char *at, int status, const char *why)
{
	h->r->fault = why;
	h->r->fault_at = (size_t)(at - h->start);
	return -status;
}

/* RFC 9112 2.2 CRLF, nothing less. */
static int
line_end(struct head *h, const char *expected)
{
	size_t n = (size_t)(h->end - h->p);

	if (n > 0 && h->p[0] != '\r')
		return refuse(h, h->p, 400, expected);
	if (n > 1 && h->p[1] != '\n')
		return refuse(h, h->p + 1, 400, "bare CR");
	if (n < 2)
		return 0;
	h->p += 2;
	return 1;
}

/* RFC 9110 5.6.2. The byte behind a token that begins here. */
static const char *
token(const struct head *h)
{
	const char *p = h->p;

	while (p < h->end && http_is(*p, HTTP_TCHAR))
		p++;
	return p;
}

/* The first byte that no field value has (RFC 9110 5.5): controls but the tab, and DEL. Up to the
 * first of them, or a tab, eight are looked at at once. */
static const char *
value_end(const char *p, const char *end)
{
	for (; end - p >= 8; p += 8) {
		uint64_t x = str_word(p), special = str_word_below(x, 0x20) | str_word_has(x, 0x7f);

		if (special != 0) {
			p += str_word_first(special);
			break;
		}
	}
	while (p < end && http_is(*p, HTTP_VALUE))
		p++;
	return p;
}

/* Names lie inside of tables: a pointer to each would be one more thing to set at the start. */
static const struct { unsigned char n; char name[8]; } methods[HTTP_OTHER] = {
	[HTTP_GET] = { 3, "GET" }, [HTTP_HEAD] = { 4, "HEAD" }, [HTTP_POST] = { 4, "POST" },
	[HTTP_PUT] = { 3, "PUT" }, [HTTP_DELETE] = { 6, "DELETE" },
	[HTTP_OPTIONS] = { 7, "OPTIONS" }, [HTTP_TRACE] = { 5, "TRACE" },
	[HTTP_PATCH] = { 5, "PATCH" },
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
	const char *start = h->p, *p = token(h);
	unsigned i = 0;

	if (p == h->end)
		return 0;
	if (p == start || *p != ' ')
		return refuse(h, p, 400, "method expected");
	h->r->method_name = (struct str){ start, (size_t)(p - start) };
	while (i < HTTP_OTHER &&
	    !str_equal(h->r->method_name, (struct str){ methods[i].name, methods[i].n }))
		i++;
	/* 9110 9.3.6: what follows might be a tunnel's */
	if (i == HTTP_OTHER && str_equal(h->r->method_name, STR("CONNECT")))
		return refuse(h, start, 501, "no proxy");
	h->r->method = (enum http_method)i;
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

/* RFC 3986 3.2.2 IP-literal, the text between its brackets. */
static bool
is_ip_literal(struct str s)
{
	char text[INET6_ADDRSTRLEN];
	struct in6_addr address;

	if (s.n == 0 || s.n >= sizeof text)
		return false;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	return strlen(text) == s.n && inet_pton(AF_INET6, text, &address) == 1;
}

/* RFC 9110 7.2 uri-host [ ":" port ]. Returns the byte at which it goes wrong, or `end`. */
static const char *
authority(struct str *host, const char *p, const char *end)
{
	const char *start = p;

	if (p < end && *p == '[') {
		const char *bracket = memchr(p, ']', (size_t)(end - p));

		if (bracket == NULL ||
		    !is_ip_literal((struct str){ p + 1, (size_t)(bracket - p - 1) }))
			return p;
		p = bracket + 1;
	} else {
		p = skip_encoded(p, end, HTTP_REG_NAME);
	}
	*host = (struct str){ start, (size_t)(p - start) };
	if (p < end && *p == ':')
		for (p++; p < end && is_digit(*p); p++)
			;
	return p;
}

/* What stands before the query. */
static void
set_path(struct head *h, const char *p, const char *end)
{
	const char *query = memchr(p, '?', (size_t)(end - p));

	h->r->path = (struct str){ p, (size_t)((query != NULL ? query : end) - p) };
}

/* The bytes of a path and query (RFC 9112 3.2.1). */
static int
path_and_query(struct head *h, const char *p, const char *end)
{
	const char *bad = skip_encoded(p, end, HTTP_TARGET);

	if (bad < end)
		return refuse(h, bad, 400, "byte that a target can't have");
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
		return refuse(h, p, 421, "an https target in clear text");
	}
	if (!str_starts_nocase(target, STR("http://")))
		return refuse(h, p, 400, "target in none of the four forms");
	p += strlen("http://");
	for (rest = p; rest < end && *rest != '/' && *rest != '?'; rest++)
		;
	bad = authority(&h->r->host, p, rest);
	if (bad < rest || h->r->host.n == 0)
		return refuse(h, bad, 400, "invalid host in the target");
	set_path(h, rest, end);
	if (h->r->path.n == 0)                  /* RFC 9110 4.2.3: an empty path is "/" */
		h->r->path = STR("/");
	return path_and_query(h, rest, end);
}

/* RFC 9112 3.2 request-target, and the space behind it */
static int
target(struct head *h)
{
	const char *start = h->p, *p = start;

	while (p < h->end && *p > ' ' && *p < 0x7f && p - start <= HTTP_TARGET_MAX)
		p++;
	if (p > start && *start == '/')         /* so that a refusal knows its route, too */
		set_path(h, start, p);
	if (p - start > HTTP_TARGET_MAX)
		return refuse(h, p - 1, 414, "target longer than 8,000 bytes");
	if (p == h->end)
		return 0;
	if (p == start || *p != ' ')
		return refuse(h, p, 400, p == start ? "target expected"
		    : "byte that a target can't have");
	h->p = p + 1;
	if (*start == '/')
		return path_and_query(h, start, p);
	if (p - start == 1 && *start == '*' && h->r->method == HTTP_OPTIONS) {
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
		if (pattern[i] == 'd' ? !is_digit(*h->p) : *h->p != pattern[i])
			return refuse(h, h->p, 400, "HTTP version expected");
	}
	if (start[5] != '1')
		return refuse(h, start, 505, "only HTTP/1.1 and 1.0 are spoken here");
	h->r->http10 = start[7] == '0';         /* RFC 9110 6.2: 1.2 to 1.9 are treated as 1.1 */
	return line_end(h, "end of the request line expected");
}

static int
field_host(struct head *h, struct str value)
{
	struct str host;
	const char *bad = authority(&host, value.p, value.p + value.n);

	if (h->hosts++ > 0)
		return refuse(h, value.p, 400, "more than one Host");
	if (bad < value.p + value.n || (value.n > 0 && memchr(value.p, ',', value.n) != NULL))
		return refuse(h, bad, 400, "invalid Host");     /* a comma: two lines, joined */
	if (h->r->host.n == 0)                  /* RFC 9112 3.2.2: absolute-form wins */
		h->r->host = host;
	return 1;
}

/* RFC 9110 8.6. Numbers too large for any limit stay too large for any limit. */
static int
field_content_length(struct head *h, struct str value)
{
	uint64_t length = 0;

	if (h->lengths++ > 0)
		return refuse(h, value.p, 400, "more than one Content-Length");
	if (value.n == 0)
		return refuse(h, value.p, 400, "empty Content-Length");
	for (size_t i = 0; i < value.n; i++) {
		if (!is_digit(value.p[i]))
			return refuse(h, value.p + i, 400, "invalid Content-Length");
		if (length < UINT64_MAX / 16)
			length = length * 10 + (uint64_t)(value.p[i] - '0');
	}
	h->r->content_length = length;
	return 1;
}

/* Cuts the next element off a comma-separated list (RFC 9110 5.6.1), white space around it taken
 * away. */
static struct str
next_element(struct str *list)
{
	const char *comma = list->n > 0 ? memchr(list->p, ',', list->n) : NULL;
	struct str e = { list->p, comma != NULL ? (size_t)(comma - list->p) : list->n };
	size_t used = comma != NULL ? e.n + 1 : e.n;

	list->p += used;
	list->n -= used;
	for (; e.n > 0 && (*e.p == ' ' || *e.p == '\t'); e.p++)
		e.n--;
	while (e.n > 0 && (e.p[e.n - 1] == ' ' || e.p[e.n - 1] == '\t'))
		e.n--;
	return e;
}

/* RFC 9112 6.1: chunked alone is understood here. Another coding before it is 501 to whoever wants
 * the body. Whatever does not end in chunked has no length at all (6.3), and chunked twice, with
 * parameters (7.1) or beside an empty element is nothing that two readers need agree on. */
static int
field_transfer_encoding(struct head *h, struct str value)
{
	struct str list = value;
	unsigned codings = 0;
	bool chunked = false, ambiguous = value.n == 0 || value.p[value.n - 1] == ',';

	if (h->encodings++ > 0)
		return refuse(h, value.p, 400, "more than one Transfer-Encoding");
	for (; list.n > 0; codings++) {
		struct str coding = next_element(&list);

		ambiguous = ambiguous || chunked || coding.n == 0;
		chunked = str_equal_nocase(coding, STR("chunked"));
	}
	if (ambiguous || !chunked)
		return refuse(h, value.p, 400, "invalid Transfer-Encoding");
	h->r->chunked = true;
	h->r->coding_unknown = codings > 1;
	return 1;
}

/* RFC 9112 9.3: of the connection options, these two are ours. */
static int
field_connection(struct head *h, struct str value)
{
	while (value.n > 0) {
		struct str option = next_element(&value);

		h->close = h->close || str_equal_nocase(option, STR("close"));
		h->keep_alive = h->keep_alive || str_equal_nocase(option, STR("keep-alive"));
	}
	return 1;
}

/* RFC 9110 10.1.1; a client of HTTP/1.0 can't mean it. */
static int
field_expect(struct head *h, struct str value)
{
	bool known = str_equal_nocase(value, STR("100-continue"));

	h->r->expect_continue = h->r->expect_continue || (known && !h->r->http10);
	h->r->expect_unknown = h->r->expect_unknown || (!known && !h->r->http10);
	return 1;
}

static int
field_content_type(struct head *h, struct str value)
{
	if (h->r->content_types++ == 0)
		h->r->content_type = value;
	return 1;
}

static int
field_authorization(struct head *h, struct str value)
{
	if (h->r->authorizations++ == 0)
		h->r->authorization = value;
	return 1;
}

/* Judges one field; those that are not in the table mean nothing here. */
static int
field(struct head *h, struct str name, struct str value)
{
	static const struct {
		int (*judge)(struct head *, struct str value);
		unsigned char n;
		char name[23];
	} known[] = {
		{ field_host, 4, "host" },
		{ field_connection, 10, "connection" },
		{ field_content_type, 12, "content-type" },
		{ field_content_length, 14, "content-length" },
		{ field_authorization, 13, "authorization" },
		{ field_transfer_encoding, 17, "transfer-encoding" },
		{ field_expect, 6, "expect" },
	};

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		struct str this = { known[i].name, known[i].n };

		if (name.n == this.n && str_equal_nocase(name, this))
			return known[i].judge(h, value);
	}
	return 1;
}

/* RFC 9112 5 field-line CRLF. A line that begins with white space is a fold (5.2) or stands
 * before the first field (2.2); one with white space before its colon (5.1) may mean something
 * else to a proxy. None is repaired. */
static int
field_line(struct head *h)
{
	const char *start = h->p, *p = token(h), *value;
	struct str name;
	int done;

	if (p == h->end)
		return 0;
	if (p == start || *p != ':')
		return refuse(h, p, 400, "field name and colon expected");
	name = (struct str){ start, (size_t)(p - start) };
	for (p++; p < h->end && (*p == ' ' || *p == '\t'); p++)
		;
	value = p;
	h->p = p = value_end(p, h->end);
	done = line_end(h, "byte that a field value can't have");
	if (done <= 0)
		return done;
	while (p > value && (p[-1] == ' ' || p[-1] == '\t'))
		p--;
	if (h->fields++ == HTTP_FIELDS_MAX)
		return refuse(h, start, 431, "more than 100 fields");
	return field(h, name, (struct str){ value, (size_t)(p - value) });
}

/* What can be judged only when all fields are known. */
static int
whole_head(struct head *h)
{
	struct http_request *r = h->r;

	if (h->hosts == 0 && !r->http10)
		return refuse(h, h->p, 400, "Host is missing");                 /* RFC 9112 3.2 */
	if (r->chunked && r->http10)
		return refuse(h, h->p, 400, "Transfer-Encoding in HTTP/1.0");   /* RFC 9112 6.1 */
	if (r->chunked && h->lengths > 0)
		return refuse(h, h->p, 400,
		    "both Content-Length and Transfer-Encoding");               /* RFC 9112 6.3 */
	r->keep_alive = !h->close && (!r->http10 || h->keep_alive);             /* RFC 9112 9.3 */
	return 1;
}

/* RFC 9112 2.1 HTTP-message without its body */
static int
head(struct head *h)
{
	int done = 1;

	/* RFC 9112 2.2: one empty line before it is forgiven */
	if (h->p < h->end && *h->p == '\r')
		done = line_end(h, NULL);
	if (done <= 0 || (done = method(h)) <= 0 || (done = target(h)) <= 0 ||
	    (done = version(h)) <= 0)
		return done;
	while (h->p == h->end || *h->p != '\r')
		if ((done = field_line(h)) <= 0)
			return done;
	done = line_end(h, NULL);
	return done <= 0 ? done : whole_head(h);
}

int
http_head(struct http_request *r, const char *p, size_t n)
{
	struct head h = { .r = r, .start = p, .p = p,
	    .end = p + (n < HTTP_HEAD_MAX ? n : HTTP_HEAD_MAX) };
	int done;

	*r = (struct http_request){ 0 };
	done = head(&h);
	if (done == 0 && n >= HTTP_HEAD_MAX)
		done = refuse(&h, h.end, 431, "head longer than 16,384 bytes");
	return done <= 0 ? done : (int)(h.p - h.start);
}

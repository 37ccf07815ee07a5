/* The fields of a head (RFC 9112 5): each that decides on framing or persistence is judged once,
 * here; of the others only those come out that a route uses. */
#include "http_scan.h"

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

static int
field_host(struct head *h, struct str value)
{
	struct str host;
	const char *bad = head_authority(&host, value.p, value.p + value.n);

	if (h->hosts++ > 0)
		return head_refuse(h, value.p, 400, "more than one Host");
	if (bad < value.p + value.n || (value.n > 0 && memchr(value.p, ',', value.n) != NULL))
		return head_refuse(h, bad, 400, "invalid Host");        /* a comma: two, joined */
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
		return head_refuse(h, value.p, 400, "more than one Content-Length");
	if (value.n == 0)
		return head_refuse(h, value.p, 400, "empty Content-Length");
	for (size_t i = 0; i < value.n; i++) {
		if (!head_is_digit(value.p[i]))
			return head_refuse(h, value.p + i, 400, "invalid Content-Length");
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
		return head_refuse(h, value.p, 400, "more than one Transfer-Encoding");
	for (; list.n > 0; codings++) {
		struct str coding = next_element(&list);

		ambiguous = ambiguous || chunked || coding.n == 0;
		chunked = str_equal_nocase(coding, STR("chunked"));
	}
	if (ambiguous || !chunked)
		return head_refuse(h, value.p, 400, "invalid Transfer-Encoding");
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

/* RFC 6265 5.4. What lies between the first such field and the last one comes along, and is
 * well-formed: there is no table of fields. */
static int
field_cookie(struct head *h, struct str value)
{
	struct str *all = &h->r->cookies;

	if (all->p == NULL)
		all->p = value.p;
	all->n = (size_t)(value.p + value.n - all->p);
	return 1;
}

/* RFC 9110 8.4. identity is none, though it has no place here (12.5.3). */
static int
field_content_encoding(struct head *h, struct str value)
{
	while (value.n > 0) {
		struct str coding = next_element(&value);

		if (coding.n > 0 && !str_equal_nocase(coding, STR("identity")))
			h->r->content_encoded = true;
	}
	return 1;
}

/* The fields that mean something here. */
enum field {
	HOST, CONNECTION, CONTENT_TYPE, CONTENT_LENGTH, AUTHORIZATION, TRANSFER_ENCODING, EXPECT,
	FORWARDED, X_FORWARDED_FOR, X_REAL_IP, VIA, CONTENT_ENCODING, COOKIE,
	FIELDS
};

static const unsigned char name_length[FIELDS] = { 4, 10, 12, 14, 13, 17, 6, 9, 15, 9, 3, 16, 6 };
enum { LONGEST_NAME = 17 };

/* The field whose name and colon come next: a name that is known is a token, too. FIELDS: none that
 * means something here, or no name. */
static enum field
find_field(const struct head *h)
{
	const char *p = "host" "connection" "content-type" "content-length" "authorization"
	    "transfer-encoding" "expect" "forwarded" "x-forwarded-for" "x-real-ip" "via"
	    "content-encoding" "cookie";
	struct str name = { h->p, (size_t)(h->end - h->p) };
	const char *colon = memchr(name.p, ':', name.n <= LONGEST_NAME ? name.n : LONGEST_NAME + 1);
	unsigned i = 0;

	if (colon == NULL)
		return FIELDS;
	name.n = (size_t)(colon - name.p);
	for (; i < FIELDS; p += name_length[i++])
		if (name.n == name_length[i] && str_equal_nocase(name, (struct str){ p, name.n }))
			break;
	return (enum field)i;
}

/* Judges one field. */
static int
field(struct head *h, enum field which, struct str value)
{
	switch (which) {
	case HOST: return field_host(h, value);
	case CONNECTION: return field_connection(h, value);
	case CONTENT_TYPE: return field_content_type(h, value);
	case CONTENT_LENGTH: return field_content_length(h, value);
	case AUTHORIZATION: return field_authorization(h, value);
	case TRANSFER_ENCODING: return field_transfer_encoding(h, value);
	case EXPECT: return field_expect(h, value);
	case CONTENT_ENCODING: return field_content_encoding(h, value);
	case COOKIE: return field_cookie(h, value);
	/* RFC 7239, RFC 9110 7.6.3, and what came before: who sends one speaks for somebody else */
	case FORWARDED: case X_FORWARDED_FOR: case X_REAL_IP: case VIA:
		h->r->forwarded = true;
		return 1;
	case FIELDS: break;
	}
	return 1;
}

/* RFC 9112 5 field-line CRLF. A line that begins with white space is a fold (5.2) or stands
 * before the first field (2.2); one with white space before its colon (5.1) may mean something
 * else to a proxy. None is repaired. */
int
head_field_line(struct head *h)
{
	enum field which = find_field(h);
	const char *start = h->p, *value;
	const char *p = which == FIELDS ? head_token(h) : start + name_length[which];
	int done;

	if (p == h->end)
		return 0;
	if (p == start || *p != ':')
		return head_refuse(h, p, 400, "field name and colon expected");
	for (p++; p < h->end && (*p == ' ' || *p == '\t'); p++)
		;
	value = p;
	h->p = p = value_end(p, h->end);
	done = head_line_end(h, "byte that a field value can't have");
	if (done <= 0)
		return done;
	while (p > value && (p[-1] == ' ' || p[-1] == '\t'))
		p--;
	if (h->fields++ == HTTP_FIELDS_MAX)
		return head_refuse(h, start, 431, "more than 100 fields");
	return field(h, which, (struct str){ value, (size_t)(p - value) });
}

int
head_whole(struct head *h)
{
	struct http_request *r = h->r;

	if (h->hosts == 0 && !r->http10)
		return head_refuse(h, h->p, 400, "Host is missing");            /* RFC 9112 3.2 */
	if (r->chunked && r->http10)
		return head_refuse(h, h->p, 400,         /* RFC 9112 6.1 */
		    "Transfer-Encoding in HTTP/1.0");
	if (r->chunked && h->lengths > 0)
		return head_refuse(h, h->p, 400,
		    "both Content-Length and Transfer-Encoding");               /* RFC 9112 6.3 */
	r->keep_alive = !h->close && (!r->http10 || h->keep_alive);             /* RFC 9112 9.3 */
	return 1;
}

/* HTTP messages. A raw request is judged by converse(), which hears it as a server would, in
 * pieces, always flush against an unreadable page, and says in words what came of it; the tables
 * are in http_cases.h. */
#include "test/http_cases.h"

#include "date.h"
#include "http_answer.h"
#include "http_body.h"
#include "http_mini.h"
#include "test/test.h"

#include <stdlib.h>
#include <time.h>

#define COUNT(table) (sizeof (table) / sizeof (table)[0])

enum { RAW_MAX = 1 << 20, PIPELINED_MAX = 1 << 16 };

struct outcome {
	char text[320];
	int status;             /* refused with it, or 0 */
	bool complete, keep;
	size_t used;            /* bytes of the message, where complete */
};

struct hearing {
	struct http_request request;
	struct http_body body;
	size_t head, max;
	struct outcome o;
	struct buf text;        /* over o.text, without its last byte */
};

static struct str
str_of(const char *s)
{
	return (struct str){ s, strlen(s) };
}

/* Long values show as their length. */
static void
say(struct buf *text, const char *before, struct str s, const char *after)
{
	buf_add(text, str_of(before));
	if (s.n <= 60) {
		buf_add(text, s);
	} else {
		buf_add(text, STR("["));
		buf_number(text, s.n);
		buf_add(text, STR("]"));
	}
	buf_add(text, str_of(after));
}

static void
say_number(struct buf *text, const char *before, uint64_t v)
{
	buf_add(text, str_of(before));
	buf_number(text, v);
}

static void
say_head(struct buf *text, const struct http_request *r)
{
	static const char *const names[] = {
		[HTTP_GET] = "GET", [HTTP_HEAD] = "HEAD", [HTTP_POST] = "POST", [HTTP_PUT] = "PUT",
		[HTTP_DELETE] = "DELETE", [HTTP_OPTIONS] = "OPTIONS", [HTTP_TRACE] = "TRACE",
		[HTTP_PATCH] = "PATCH", [HTTP_CONNECT] = "CONNECT", [HTTP_OTHER] = "?",
	};

	buf_add(text, str_of(names[r->method]));
	if (r->method == HTTP_OTHER || !str_equal(r->method_name, str_of(names[r->method])))
		buf_add(text, r->method_name);
	say(text, " ", r->path, "");
	say(text, " @", r->host, r->http10 ? " 1.0" : "");
	buf_add(text, str_of(r->keep_alive ? " keep" : " close"));
	buf_add(text, str_of(r->expect_continue ? " waits" : ""));
	buf_add(text, str_of(r->expect_unknown ? " expects" : ""));
	buf_add(text, str_of(r->content_encoded ? " encoded" : ""));
	if (r->content_types > 0) {
		say_number(text, " type:", r->content_types);
		say(text, " ", r->content_type, "");
	}
	if (r->authorizations > 0) {
		say_number(text, " auth:", r->authorizations);
		say(text, " ", r->authorization, "");
	}
	if (r->chunked)
		buf_add(text, STR(" chunked"));
	if (r->content_length > 0)
		say_number(text, " length ", r->content_length);
}

static bool
refused(struct hearing *h, int status, const char *fault, bool inside)
{
	h->o.status = status;
	h->text.n = 0;
	say_number(&h->text, "", (uint64_t)status);
	buf_add(&h->text,
	    str_of(fault == NULL ? " without a fault" : inside ? ""
	    : " at a byte that is not there"));
	return true;
}

/* Hears that n bytes are there; true once the outcome is known. */
static bool
hear(struct hearing *h, char *p, size_t n)
{
	int got;

	if (h->head == 0) {
		got = http_head(&h->request, p, n);
		if (got < 0)
			return refused(h, -got, h->request.fault, h->request.fault_at <= n);
		if (got == 0)
			return false;
		h->head = (size_t)got;
		h->o.keep = h->request.keep_alive;
		say_head(&h->text, &h->request);
		if (!http_has_body(&h->request)) {
			h->o.complete = true;
			h->o.used = h->head;
			return true;
		}
		http_body_init(&h->body, &h->request, h->max);
	}
	got = http_body(&h->body, p + h->head, n - h->head);
	if (got < 0)
		return refused(h, -got, h->body.fault, true);
	if (got == 0)
		return false;
	CHECK(http_body(&h->body, p + h->head, n - h->head) == got, "asked again");
	say(&h->text, " \"", (struct str){ p + h->head, h->body.out }, "\"");
	h->o.complete = true;
	h->o.used = h->head + (size_t)got;
	return true;
}

/* Gives the first bytes of `raw`, then `step` more at a time, each time elsewhere in memory. What
 * lies behind the message has to be as it was. */
static struct outcome
converse(struct str raw, size_t first, size_t step, size_t max)
{
	struct hearing h;
	size_t n = first;
	char *p = test_flush(0, raw.p, n);
	unsigned slot = 0;

	memset(&h, 0xa5, sizeof h);     /* whatever was there before */
	h.head = 0;
	h.max = max;
	h.o = (struct outcome){ .used = 0 };
	h.text = buf_over(h.o.text, sizeof h.o.text - 1);
	while (!hear(&h, p, n) && n < raw.n) {
		size_t more = step < raw.n - n ? step : raw.n - n;
		char *moved = test_flush(slot ^= 1, raw.p, n + more);

		memcpy(moved, p, n);
		p = moved;
		n += more;
	}
	if (h.o.complete &&
	    (h.o.used > n || memcmp(p + h.o.used, raw.p + h.o.used, n - h.o.used) != 0))
		buf_add(&h.text, STR(" and touched what follows"));
	if (!h.o.complete && h.o.status == 0) {
		h.text.n = 0;
		buf_add(&h.text, STR("more"));
	}
	h.o.text[h.text.n] = '\0';
	return h.o;
}

static bool
same(const struct outcome *a, const struct outcome *b)
{
	return strcmp(a->text, b->text) == 0 && a->used == b->used;
}

/* `want` is one outcome, or several with '|' between them. */
static bool
is_wanted(const char *got, const char *want)
{
	size_t n = strlen(got);

	for (; want != NULL; want = strchr(want, '|'), want = want != NULL ? want + 1 : NULL)
		if (strncmp(want, got, n) == 0 && (want[n] == '\0' || want[n] == '|'))
			return true;
	return false;
}

/* Printable, good until the next call. */
static const char *
shown(struct str raw)
{
	static char text[4 * 400 + 1];
	size_t n = 0;

	for (size_t i = 0; i < raw.n && i < 400; i++) {
		unsigned char c = (unsigned char)raw.p[i];
		const char *form = c == '\r' ? "\\r" : c == '\n' ? "\\n" : c < 0x20 || c >= 0x7f
		    ? "\\x%02x" : "%c";

		n += (size_t)snprintf(text + n, sizeof text - n, form, c);
	}
	text[n] = '\0';
	return text;
}

/* Every prefix needs more or is refused as the whole is, and once refused stays so. */
static void
check_prefixes(struct str raw, const struct outcome *whole, const char *name)
{
	bool was_refused = false;

	for (size_t n = 0; n < raw.n; n++) {
		struct outcome o = converse((struct str){ raw.p, n }, n, 1, CASES_MAX_BODY);
		bool ok = o.status != 0 ? whole->status != 0 && same(&o, whole)
		    : !o.complete && !was_refused;

		if (!ok) {
			CHECK(ok, "%s: %s, but its first %zu bytes: %s", name, whole->text, n,
			    o.text);
			return;
		}
		was_refused = o.status != 0;
	}
	CHECK(true, "%s", name);
}

/* However it is cut in pieces, and with a request behind it, it is the same. A long one is cut here
 * and there. */
static void
check_pieces(struct str raw, const struct outcome *whole, size_t max, const char *name)
{
	static const struct str next = BYTES("GET /next HTTP/1.1\r\nHost: next\r\n\r\n");
	static char space[PIPELINED_MAX];
	struct buf pipelined = buf_over(space, sizeof space);
	size_t step = raw.n / 400 + 1;
	struct outcome o = converse(raw, 0, step, max);

	CHECK(same(&o, whole), "%s: %s, but in pieces of %zu: %s", name, whole->text, step, o.text);
	buf_add(&pipelined, raw);
	if (whole->complete)
		buf_add(&pipelined, next);
	for (size_t n = 0; n <= pipelined.n; n += step) {
		o = converse(buf_str(&pipelined), n, pipelined.n, max);
		if (!same(&o, whole))
			break;
	}
	CHECK(!pipelined.bad && same(&o, whole), "%s: %s, but in two pieces: %s", name, whole->text,
	    o.text);
}

static void
test_cases(void)
{
	for (size_t i = 0; i < COUNT(http_cases); i++) {
		const struct http_case *c = &http_cases[i];
		struct outcome o = converse(c->raw, c->raw.n, 1, CASES_MAX_BODY);
		char name[1800];

		snprintf(name, sizeof name, "%s (%s)", shown(c->raw), c->clause);
		CHECK(is_wanted(o.text, c->want), "%s: %s, not %s", name, o.text, c->want);
		CHECK(!o.complete || o.used == c->raw.n, "%s: takes %zu of %zu bytes", name, o.used,
		    c->raw.n);
		check_prefixes(c->raw, &o, name);
		check_pieces(c->raw, &o, CASES_MAX_BODY, name);
	}
}

static void
test_hosts(void)
{
	char raw[200], want[100];

	for (size_t i = 0; i < COUNT(http_hosts); i++) {
		const char *value = http_hosts[i].value, *host = http_hosts[i].host;
		size_t n = (size_t)snprintf(raw, sizeof raw,
		    "GET / HTTP/1.1\r\nHost: \t%s \r\n\r\n", value);
		struct outcome o = converse((struct str){ raw, n }, n, 1, CASES_MAX_BODY);

		snprintf(want, sizeof want, host != NULL ? "GET / @%s keep" : "400", host);
		CHECK(is_wanted(o.text, want), "Host: %s: %s, not %s", value, o.text, want);
		/* good there, or the end of the authority */
		if (host == NULL && strpbrk(value, "/?,") != NULL)
			continue;
		n = (size_t)snprintf(raw, sizeof raw, "GET http://%s/ HTTP/1.1\r\nHost: i\r\n\r\n",
		    value);
		o = converse((struct str){ raw, n }, n, 1, CASES_MAX_BODY);
		CHECK(is_wanted(o.text, want), "http://%s/: %s, not %s", value, o.text, want);
	}
}

/* Each of the 256 bytes, at one place of a request: refused, or not. */
static void
test_bytes_by_place(void)
{
#define ALPHA   "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define DIGIT   "0123456789"
#define TCHAR   "!#$%&'*+-.^_`|~" ALPHA DIGIT           /* RFC 9110 5.6.2 */
#define PCHAR   "-._~!$&'()*+,;=:@" ALPHA DIGIT         /* RFC 3986 3.3, without pct-encoded */
#define VCHAR   PCHAR "\"#%/<>?[\\]^`{|}"                 /* RFC 5234: visible */
#define QUOTED  TCHAR "(),/:;<=>?@[\\]{} \t"             /* RFC 9110 5.6.4, with the backslash */
	static const struct {
		const char *place, *before, *after;
		const char *allowed;
		bool obs_text;
	} places[] = {
		/* or the space, twice: refused */
		{ "method", "GET", " / HTTP/1.1" H, TCHAR, false },
		{ "path", "GET /a", "b?c HTTP/1.1" H, PCHAR "/?", false },
		{ "query", "GET /?a", "b HTTP/1.1" H, VCHAR, false },
		{ "target's first", "GET ", " HTTP/1.1" H, "/", false },
		{ "target's port", "GET http://h:8", "0/ HTTP/1.1" H, DIGIT "/?", false },
		{ "minor version", "GET / HTTP/1.", H, DIGIT, false },
		{ "host", "GET / HTTP/1.1\r\nHost: a", "1\r\n\r\n", "-._~!$&'()*+;=:" ALPHA DIGIT,
		    false },
		{ "field name", GET "A", ": b\r\n\r\n", TCHAR ":", false },
		{ "field name's first", GET, "A: b\r\n\r\n", TCHAR, false },
		{ "field value", GET "A: b", "c\r\n\r\n", QUOTED "\"", true },
		{ "length", POST "Content-Length: ", "\r\n\r\n", DIGIT, false },
		{ "chunk size", CHUNKS, "\r\n", DIGIT "abcdefABCDEF", false },
		{ "behind the chunk size", CHUNKS "0", "\r\n", DIGIT "abcdefABCDEF", false },
		{ "extension name", CHUNKS "0;a", "b\r\n", TCHAR ";=", false },
		{ "extension value", CHUNKS "0;a=b", "c\r\n", TCHAR ";", false },
		{ "quoted value", CHUNKS "0;a=\"b", "c\"\r\n", QUOTED, true },
		{ "quoted pair", CHUNKS "0;a=\"\\", "\"\r\n", QUOTED "\"", true },
		{ "trailer name", CHUNKS "0\r\nA", ": b\r\n\r\n", TCHAR ":", false },
		{ "trailer value", CHUNKS "0\r\nA: b", "c\r\n\r\n", QUOTED "\"", true },
	};

	for (size_t i = 0; i < COUNT(places); i++) {
		for (unsigned c = 0; c < 256; c++) {
			char space[160];
			struct buf raw = buf_over(space, sizeof space);
			bool listed = c != 0 && strchr(places[i].allowed, (int)c) != NULL;
			bool allowed = c >= 0x80 ? places[i].obs_text : listed;

			buf_add(&raw, str_of(places[i].before));
			buf_put(&raw, (const char[]){ (char)c }, 1);
			buf_add(&raw, str_of(places[i].after));
			struct outcome o = converse(buf_str(&raw), raw.n, 1, CASES_MAX_BODY);

			CHECK((o.status == 0) == allowed, "byte %#x in the %s: %s", c,
			    places[i].place, o.text);
		}
	}
}

static void
test_limits(void)
{
	char *space = malloc(RAW_MAX), name[120];

	for (size_t i = 0; i < COUNT(http_limits); i++) {
		const struct http_limit *l = &http_limits[i];
		struct buf raw = buf_over(space, RAW_MAX);

		buf_add(&raw, str_of(l->before));
		for (size_t k = 0; k < l->count; k++)
			buf_add(&raw, str_of(l->unit));
		buf_add(&raw, str_of(l->after));
		snprintf(name, sizeof name, "limit %zu: %s * %zu", i, shown(str_of(l->unit)),
		    l->count);

		struct outcome o = converse(buf_str(&raw), raw.n, 1, l->max);

		CHECK(!raw.bad && is_wanted(o.text, l->want), "%s: %s, not %s", name, o.text,
		    l->want);
		CHECK(!o.complete || o.used == raw.n, "%s: takes %zu of %zu bytes", name, o.used,
		    raw.n);
		if (raw.n < PIPELINED_MAX / 2)
			check_pieces(buf_str(&raw), &o, l->max, name);
	}
	free(space);
}

/* Where a refusal points: at the last byte of the first part. */
static void
test_faults(void)
{
	static const struct {
		const char *before, *after;
	} cases[] = {
		{ "G(", "T / HTTP/1.1" H }, { "GET /a\"", "b HTTP/1.1" H },
		{ "GET /%", "4g HTTP/1.1" H }, { "GET / HTTP/1.x", H },
		{ "GET / HTTP/1.1\n", "Host: h\r\n\r\n" }, { GET "A ", ": b\r\n\r\n" },
		{ GET "A: b\x7f", "c\r\n\r\n" }, { POST "Content-Length: 1x", "\r\n\r\n" },
		{ "GET / HTTP/1.1\r\nHost: h@", "i\r\n\r\n" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char raw[200];
		struct http_request r;
		size_t n = (size_t)snprintf(raw, sizeof raw, "%s%s", cases[i].before,
		    cases[i].after);
		int got = http_head(&r, test_flush(0, raw, n), n);

		CHECK(got == -400 && r.fault_at == strlen(cases[i].before) - 1, "%s: %d at %zu",
		    shown((struct str){ raw, n }), got, r.fault_at);
	}
}

/* Appends the body in chunks as only a fuzzing client cuts them. */
static void
put_chunks(struct buf *raw, struct str body)
{
	static const char *const sizes[] = { "%zx%s\r\n", "%zX%s\r\n", "00%zx%s\r\n" };
	static const char *const extensions[] = { "", ";a", " ; a\t= b;c", ";a=\"; \\\"5\"" };
	static const char *const trailers[] = { "", "A: b\r\n", "A:\r\nContent-Length: 7\r\n" };
	char line[40];

	for (size_t taken = 0, n = 1; n > 0; taken += n) {
		n = taken < body.n ? 1 + test_random() % (body.n - taken) : 0;
		snprintf(line, sizeof line, sizes[test_random() % 3], n,
		    extensions[test_random() % 4]);
		buf_add(raw, str_of(line));
		buf_put(raw, body.p + taken, n);
		buf_add(raw, str_of(n > 0 ? "\r\n" : trailers[test_random() % 3]));
	}
	buf_add(raw, STR("\r\n"));
}

/* A random body in random chunks, in random pieces. */
static void
test_random_chunks(void)
{
	char space[2000], body[40], want[80];

	for (unsigned round = 0; round < 5000; round++) {
		struct buf raw = buf_over(space, sizeof space);
		size_t n = test_random() % sizeof body;

		for (size_t i = 0; i < n; i++)
			body[i] = "\r\n05aA;"[test_random() % 7];
		snprintf(want, sizeof want, "POST / @h keep chunked \"%.*s\"", (int)n, body);
		buf_add(&raw, STR(CHUNKS));
		put_chunks(&raw, (struct str){ body, n });
		size_t first = test_random() % raw.n, step = 1 + test_random() % 20;
		struct outcome o = converse(buf_str(&raw), first, step, sizeof body);

		CHECK(strcmp(o.text, want) == 0 && o.used == raw.n, "%s: %s", shown(buf_str(&raw)),
		    o.text);
	}
}

/* The standard alphabet with padding (RFC 4648 4), from a trusted file. */
static size_t
unbase64(char *out, const char *text, size_t n)
{
	static const char alphabet[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	uint32_t bits = 0;
	size_t done = 0;

	for (size_t i = 0; i < n && text[i] != '='; i++) {
		bits = bits << 6 | (uint32_t)(strchr(alphabet, text[i]) - alphabet);
		if (i % 4 > 0)
			out[done++] = (char)(bits >> (6 - i % 4 * 2));
	}
	return done;
}

/* The text behind `"name": `, or NULL. Within a JSON string such a quote has a backslash before
 * it. */
static const char *
member(const char *line, const char *name)
{
	char key[20];
	const char *p;

	snprintf(key, sizeof key, "\"%s\": ", name);
	p = strstr(line, key);
	return p != NULL ? p + strlen(key) : NULL;
}

/* What a connection that brings these bytes comes to. */
struct connection {
	unsigned answered;      /* complete requests */
	int status;             /* of the refusal that ended it, or 0 */
	bool closed;            /* ended, by a refusal or as asked for */
};

static struct connection
serve(struct str raw)
{
	struct connection c = { .closed = false };

	for (struct outcome o; !c.closed; raw.p += o.used, raw.n -= o.used) {
		o = converse(raw, raw.n, 1, 1 << 30);
		if (o.status != 0) {
			c.status = o.status;
			c.closed = true;
		} else if (o.complete) {
			c.answered++;
			c.closed = !o.keep;
		} else {
			break;
		}
	}
	return c;
}

/* How many requests are answered by the strictest reading of a line: the least "requests",
 * alternatives included. */
static unsigned
fewest_requests(const char *line)
{
	unsigned long fewest = ~0ul;

	for (const char *p = line; (p = member(p, "requests")) != NULL;) {
		unsigned long n = strtoul(p, NULL, 10);

		fewest = n < fewest ? n : fewest;
	}
	return (unsigned)fewest;
}

static bool
starts(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/* The class that a line names, but for these. */
static const char *
class_of(const char *line)
{
	static const struct {
		const char *id, *class;
	} ours[] = {
		{ "field/first-40-9-kB-value\"", "accept" },    /* below HTTP_HEAD_MAX */
		{ "field/first-42-9-kB-name\"", "accept" },
		{ "llhttp/uri-04+host\"", "accept" },           /* SPEC 1.3: in the query */
		{ "httparse/request_simple_with_whatwg_query_params+host\"", "accept" },
		/* incomplete, but what is there can't become a request any more */
		{ "line/all-cr\"", "hopeless" }, { "line/nel\"", "hopeless" },
		{ "llhttp/connection-13+host\"", "hopeless" },
		{ "llhttp/connection-19\"", "hopeless" }, { "llhttp/connection-20\"", "hopeless" },
		{ "llhttp/content-length-03\"", "hopeless" },
		{ "llhttp/content-length-16\"", "hopeless" }, { "llhttp/invalid-18\"", "hopeless" },
		{ "llhttp/invalid-19\"", "hopeless" },
		{ "httparse/request_with_invalid_but_short_version\"", "hopeless" },
		{ "httparse/chunk-size-b280d2\"", "hopeless" },
	};

	for (size_t i = 0; i < COUNT(ours); i++)
		if (starts(member(line, "id") + 1, ours[i].id))
			return ours[i].class;
	return member(line, "class") + 1;
}

/* Where a line leaves a choice ("ambiguous"), ours is to refuse. */
static void
check_vector(const char *line, struct str raw)
{
	const char *class = class_of(line), *id = member(line, "id");
	int id_length = (int)strcspn(id, ",");
	struct connection c = serve(raw);

	if (starts(class, "reject") || starts(class, "ambiguous")) {
		const char *statuses = member(line, "status");
		char status[8];

		snprintf(status, sizeof status, "\"%d\"", c.status);
		CHECK(c.answered == fewest_requests(line), "%.*s: %u answered", id_length, id,
		    c.answered);
		CHECK(memmem(statuses, strcspn(statuses, "]"), status, strlen(status)) != NULL,
		    "%.*s: %d", id_length, id, c.status);
		return;
	}
	if (c.status == 501 && starts(raw.p, "CONNECT ")) {     /* as good an answer as any */
		c.status = 0;
		c.answered++;
	}
	CHECK(c.answered == strtoul(member(line, "requests"), NULL, 10),
	    "%.*s: %u answered", id_length, id, c.answered);
	CHECK(c.status == 0 || (starts(class, "hopeless") && (c.status == 400 || c.status == 505)),
	    "%.*s: %d", id_length, id, c.status);
	CHECK(c.closed || !starts(class, "must-close"), "%.*s: stays open", id_length, id);
}

static void
test_public_vectors(void)
{
	FILE *file = test_vectors("http/cases.jsonl");
	char *line = NULL, *raw = malloc(RAW_MAX);
	size_t size = 0;

	if (file == NULL)
		test_skip("http/cases.jsonl");
	while (file != NULL && getline(&line, &size, file) > 0) {
		const char *text = member(line, "raw_b64") + 1;

		check_vector(line, (struct str){ raw, unbase64(raw, text, strcspn(text, "\"")) });
	}
	if (file != NULL)
		fclose(file);
	free(line);
	free(raw);
}

#define DATE    "Thu, 17 Nov 2022 05:54:06 GMT"

/* An answer with its fields in alphabetical order and ", " for CRLF: their order means nothing (RFC
 * 9110 5.3). */
static void
in_order(struct buf *text, struct str answer)
{
	struct str lines[12], part = answer;
	const char *end;
	size_t n = 0;

	while (n < COUNT(lines) && (end = memmem(part.p, part.n, "\r\n", 2)) != NULL &&
	    end > part.p) {
		struct str line = { part.p, (size_t)(end - part.p) };
		size_t at = n++;

		for (; at > 1 && strncmp(line.p, lines[at - 1].p, line.n) < 0; at--)
			lines[at] = lines[at - 1];
		lines[at] = line;
		part = (struct str){ end + 2, part.n - line.n - 2 };
	}
	for (size_t i = 0; i < n; i++) {
		buf_add(text, lines[i]);
		buf_add(text, STR(", "));
	}
	buf_add(text, part);
}

static const struct {
	unsigned status;
	const char *type, *name, *value, *body;
	bool head, http10, close;
	const char *want;
} answers[] = {
	{ 200, "a/b", NULL, NULL, "hello", false, false, false,
		"HTTP/1.1 200 OK, Content-Length: 5, Content-Type: a/b, Date: " DATE
		    ", \r\nhello" },
	{ 200, "a/b", NULL, NULL, "hello", true, false, false,          /* RFC 9110 9.3.2 */
		"HTTP/1.1 200 OK, Content-Length: 5, Content-Type: a/b, Date: " DATE ", \r\n" },
	{ 404, NULL, NULL, NULL, "", false, false, true,                /* RFC 9112 9.6 */
		"HTTP/1.1 404 Not Found, Connection: close, Content-Length: 0, Date: " DATE
		    ", \r\n" },
	/* RFC 9112 9.3, and never HTTP/1.0 */
	{ 200, NULL, "A", "b", "x", false, true, false,
		"HTTP/1.1 200 OK, A: b, Connection: keep-alive, Content-Length: 1, Date: "
		    DATE ", \r\nx" },
	{ 200, NULL, NULL, NULL, "x", true, true, true,
		"HTTP/1.1 200 OK, Connection: close, Content-Length: 1, Date: " DATE ", \r\n" },
	/* RFC 9110 8.6, 15.3.5 */
	{ 204, NULL, "Error-Description", "why", "text", false, false, false,
		"HTTP/1.1 204 No Content, Date: " DATE ", Error-Description: why, \r\n" },
	{ 204, NULL, NULL, NULL, "", true, false, true,
		"HTTP/1.1 204 No Content, Connection: close, Date: " DATE ", \r\n" },
};

static void
test_answers(void)
{
	for (size_t i = 0; i < COUNT(answers); i++) {
		char fields[80], body[20], space[400], again[400], sorted[400];
		struct http_reply reply = { STR(DATE), answers[i].head, answers[i].http10,
		    answers[i].close };
		struct response r = { .status = answers[i].status,
		    .content_type = answers[i].type };
		struct buf out = buf_over(space, sizeof space),
		    text = buf_over(sorted, sizeof sorted);

		r.fields = buf_over(fields, sizeof fields);
		r.body = buf_over(body, sizeof body);
		buf_add(&r.body, str_of(answers[i].body));
		if (answers[i].name != NULL)
			buf_format(&r.fields, "%s: %s\r\n", answers[i].name, answers[i].value);
		http_answer(&out, &r, &reply);
		in_order(&text, buf_str(&out));
		CHECK(!out.bad, "answer %zu", i);
		CHECK_BYTES(buf_str(&text), str_of(answers[i].want), "answer %zu", i);
		for (size_t room = 0; room <= out.n; room++) {
			struct buf tight = buf_over(test_flush(0, again, room), room);

			http_answer(&tight, &r, &reply);
			CHECK(tight.bad == (room < out.n), "answer %zu of %zu bytes in %zu", i,
			    out.n, room);
		}
		http_answer(&out, &r, &reply);          /* the next one goes behind it */
		CHECK(!out.bad && memcmp(space, space + out.n / 2, out.n / 2) == 0,
		    "answer %zu twice", i);
		/* what was cut off must not go out as whole */
		for (unsigned bad = 1; bad <= 2; bad++) {
			r.fields.bad = bad == 1;
			r.body.bad = bad == 2;
			out = buf_over(space, sizeof space);
			http_answer(&out, &r, &reply);
			CHECK(out.bad, "answer %zu of a part that did not fit", i);
		}
	}
}

static void
test_phrases(void)
{
	static const struct {
		unsigned status;
		const char *phrase;
	} phrases[] = {
		{ 200, "OK" }, { 202, "Accepted" }, { 203, "Non-Authoritative Information" },
		{ 204, "No Content" }, { 400, "Bad Request" }, { 401, "Unauthorized" },
		{ 403, "Forbidden" }, { 404, "Not Found" }, { 405, "Method Not Allowed" },
		{ 408, "Request Timeout" }, { 413, "Content Too Large" }, { 414, "URI Too Long" },
		{ 415, "Unsupported Media Type" }, { 417, "Expectation Failed" },
		{ 421, "Misdirected Request" }, { 431, "Request Header Fields Too Large" },
		{ 500, "Internal Server Error" }, { 501, "Not Implemented" },
		{ 503, "Service Unavailable" }, { 505, "HTTP Version Not Supported" },
	};

	for (size_t i = 0; i < COUNT(phrases); i++)
		CHECK_BYTES(str_of(http_phrase(phrases[i].status)), str_of(phrases[i].phrase),
		    "phrase %zu", i);
}

static void
test_dates(void)
{
	static const struct {
		int64_t now;
		const char *date;
	} dates[] = {
		{ 0, "Thu, 01 Jan 1970 00:00:00 GMT" }, { 86399, "Thu, 01 Jan 1970 23:59:59 GMT" },
		{ 951782400, "Tue, 29 Feb 2000 00:00:00 GMT" }, { 1668664446, DATE },
		{ 1709208000, "Thu, 29 Feb 2024 12:00:00 GMT" },
		{ 2147483648, "Tue, 19 Jan 2038 03:14:08 GMT" },
		{ 4107542399, "Sun, 28 Feb 2100 23:59:59 GMT" },
		{ 4107542400, "Mon, 01 Mar 2100 00:00:00 GMT" },
		{ 253402300799, "Fri, 31 Dec 9999 23:59:59 GMT" },
	};

	for (size_t i = 0; i < COUNT(dates); i++) {
		char *date = test_flush(0, "", 0) - DATE_FIXDATE;

		date_fixdate(date, dates[i].now);
		CHECK_BYTES(((struct str){ date, DATE_FIXDATE }), str_of(dates[i].date),
		    "date %zu", i);
	}
}

/* Whether date_fixdate() and date_rfc3339() see this second as the C library does. */
static bool
as_the_library_has_it(struct tm *t, time_t now)
{
	char date[DATE_FIXDATE], stamp[DATE_RFC3339], want[64];

	date_fixdate(date, now);
	date_rfc3339(stamp, now);
	strftime(want, sizeof want, "%a, %d %b %Y %H:%M:%S GMT%FT%TZ", gmtime_r(&now, t));
	return memcmp(date, want, sizeof date) == 0 &&
	    memcmp(stamp, want + sizeof date, sizeof stamp) == 0;
}

/* A time that has no four digits of a year is the nearest one that has. */
static void
test_clock_astray(void)
{
	static const struct {
		int64_t now, same;
	} table[] = {
		{ -1, 0 }, { INT64_MIN, 0 }, { 253402300800, 253402300799 }, { INT64_MAX, 253402300799 }
	};

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		struct tm t;
		time_t same = (time_t)table[i].same;
		char date[DATE_FIXDATE], stamp[DATE_RFC3339], date_same[DATE_FIXDATE], stamp_same[DATE_RFC3339];

		CHECK(as_the_library_has_it(&t, same), "%zu: the one that has", i);
		date_fixdate(date, table[i].now);
		date_fixdate(date_same, same);
		date_rfc3339(stamp, table[i].now);
		date_rfc3339(stamp_same, same);
		CHECK(memcmp(date, date_same, sizeof date) == 0 && memcmp(stamp, stamp_same, sizeof stamp) == 0,
		    "%zu: another time", i);
	}
}

/* Each day of 1970 to 2400, its first second, its last and one between; one check a year. */
static void
test_days(void)
{
	struct tm t = { 0 };
	bool ok = true;

	for (time_t day = 0; t.tm_year <= 500; day += 86400) {
		ok = as_the_library_has_it(&t, day) && as_the_library_has_it(&t, day + 3661) &&
		    as_the_library_has_it(&t, day + 86399) && ok;
		if (t.tm_mon == 11 && t.tm_mday == 31) {
			CHECK(ok, "a day of %d", t.tm_year + 1900);
			ok = true;
		}
	}
}

/* All pairs of bytes at every place of short and of long names. */
static void
test_nocase(void)
{
	for (size_t n = 1; n <= 18; n++)
		for (size_t place = 0; place < n; place++) {
			char a[18], b[18];
			unsigned wrong = 0;

			for (size_t i = 0; i < n; i++) {
				a[i] = (char)('A' + test_random() % 26);
				b[i] = (char)(a[i] ^ (test_random() % 2 ? 0x20 : 0));
			}
			for (unsigned pair = 0; pair < 65536; pair++) {
				unsigned x = pair >> 8, y = pair & 255, low = x | 0x20;
				bool same = x == y || (low == (y | 0x20) &&
				    low >= 'a' && low <= 'z');

				a[place] = (char)x;
				b[place] = (char)y;
				wrong += str_equal_nocase((struct str){ a, n },
				    (struct str){ b, n }) != same;
			}
			CHECK(wrong == 0, "place %zu of %zu: %u pairs", place, n, wrong);
		}
}

/* Every byte at every place of a field value, the others being what it may hold. */
static void
test_values(void)
{
	static const char front[] = "GET / HTTP/1.1\r\nHost: a\r\nx:";
	char head[64];

	for (size_t n = 1; n <= 19; n++)
		for (size_t place = 0; place < n; place++)
			for (unsigned c = 0; c < 256; c++) {
				struct buf b = buf_over(head, sizeof head);
				bool may = c == '\t' || (c >= 0x20 && c != 0x7f);
				struct http_request r;

				buf_text(&b, front);
				buf_put(&b, "abc \x80\xffhijklmnopqrst", n);
				head[sizeof front - 1 + place] = (char)c;
				buf_text(&b, "\r\n\r\n");
				CHECK(http_head(&r, test_flush(0, head, b.n), b.n) ==
				    (may ? (int)b.n : -400), "%02x at %zu of %zu", c, place, n);
				CHECK(may || r.fault_at == sizeof front - 1 + place + (c == '\r'),
				    "%02x at %zu of %zu: at %zu", c, place, n, r.fault_at);
			}
}

void
test_http(void)
{
	test_nocase();
	test_values();
	test_cases();
	test_hosts();
	test_bytes_by_place();
	test_limits();
	test_faults();
	test_random_chunks();
	test_public_vectors();
	test_answers();
	test_phrases();
	test_dates();
	test_days();
	test_clock_astray();
}

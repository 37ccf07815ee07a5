/* The routes of SPEC part 2 and the last paragraphs of 1.3, without a socket: each request is
 * parsed, answered and written out, and most answers are compared byte for byte. In the texts here
 * ' stands for a quotation mark, @ for the token that was made last, $ for the service secret and ^
 * for a thousand x. */
#include "test/test.h"

#include "base64url.h"
#include "route/api.h"
#include "route/reason.h"
#include "token/revocations.h"

enum { MAX_BODY = 65536, SLOTS = 16, SLOT = 1 << 17, FORGERIES = 1000000 };

#define NOW 2000000000
#define DATE "Wed, 18 May 2033 03:33:20 GMT"
#define STAMP "{'iat':2000000000,'jti':'f10fb5f47461de4dd8c76113cad7803b'"
#define GOOD "{'sub':'alice','exp':2000000001}"
#define HS512 "{'alg':'HS512'}"
#define SECRET "0123456789-_.~abcdefghijklmnopqrstuvwxyzABCDEF"
#define OTHER_KEY "This key verifies, but does not sign: it is sixty-four bytes long."
#define JSON "Content-Type: application/json\r\n"
#define FORM "Content-Type: application/x-www-form-urlencoded\r\n"
#define BEARER "Authorization: Bearer "
#define NO_STORE "Cache-Control: no-store\r\n"
#define COUNT(table) (sizeof (table) / sizeof (table)[0])

static struct {
	struct api_scratch scratch;
	struct key_ring ring;
	struct api_policy policy;
	struct api_stamp stamp;
	struct http_request in;
	struct response out;
	bool remote;                    /* the request comes from another host; */
	bool half;                      /* its body has not come yet, */
	bool waits;                     /* and so it was not answered */
	struct str token;               /* what was made last */
	char text[SLOT + 4096], claims[SLOT + 4096], body[SLOT + 4096], fields[HTTP_FIELDS_OUT];
} s;

/* ---- requests and answers */

static void
reset(void)
{
	static const uint8_t nonce[CLAIMS_NONCE] = {
		0xf1, 0x0f, 0xb5, 0xf4, 0x74, 0x61, 0xde, 0x4d,
		0xd8, 0xc7, 0x61, 0x13, 0xca, 0xd7, 0x80, 0x3b
	};
	char reason[128];
	struct buf why = buf_over(reason, sizeof reason);

	keys_wipe(&s.ring);
	CHECK(keys_add_bytes(&s.ring, keys_demo(), NULL, &why) && keys_add_bytes(&s.ring, STR(OTHER_KEY), NULL, &why),
	    "a key is refused");
	s.scratch.jwt.text = buf_over(s.text, api_scratch_size(MAX_BODY));
	s.scratch.claims = buf_over(s.claims, api_scratch_size(MAX_BODY));
	s.policy = (struct api_policy){ .max_body = MAX_BODY, .claims.expires_in = 3600,
	    .max_ttl = 86400 };
	s.stamp = (struct api_stamp){ .token = { .now = NOW, .nonce = nonce } };
	s.remote = s.half = false;
}

static void
reset_with_secret(void)
{
	reset();
	s.ring.has_secret = true;
	sha512(s.ring.secret, SECRET, strlen(SECRET));
}

/* Memory for a text, which is good until sixteen others are made; and for a token, likewise. */
static char *
text_slot(void)
{
	static char slots[SLOTS][SLOT];
	static unsigned i;

	return slots[i++ % SLOTS];
}

static char *
token_slot(void)
{
	static char slots[SLOTS][2 * JWT_MAX];
	static unsigned i;

	return slots[i++ % SLOTS];
}

/* The text with each ' @ $ ^ replaced by what it stands for. */
static const char *
fill(const char *text)
{
	struct buf b = buf_over(text_slot(), SLOT - 1);

	for (; *text != '\0'; text++) {
		switch (*text) {
		case '\'': buf_text(&b, "\""); break;
		case '@': buf_add(&b, s.token); break;
		case '$': buf_text(&b, SECRET); break;
		case '^':
			for (int i = 0; i < 1000; i++)
				buf_text(&b, "x");
			break;
		default: buf_put(&b, text, 1);
		}
	}
	b.p[b.n] = '\0';
	return b.p;
}

static bool
contains(struct str text, const char *part)
{
	part = fill(part);
	return memmem(text.p, text.n, part, strlen(part)) != NULL;
}

/* Whether it is one of the words of a list, which has a space around each. */
static bool
is_among(struct str word, const char *list)
{
	char text[64];

	snprintf(text, sizeof text, " %.*s ", (int)word.n, word.p);
	return strstr(list, text) != NULL;
}

/* What any answer of part 2 keeps to; 202 and 203 would mean "let in" to a proxy (SPEC 1.4). */
static void
judge(const char *line)
{
	unsigned status = s.out.status;
	struct str path = s.in.path;
	const char *type = s.out.content_type == NULL ? "" : s.out.content_type;
	bool empty = s.out.body.n == 0 && *type == '\0';

	CHECK(!s.out.fields.bad && !s.out.body.bad, "%s: the answer does not fit", line);
	CHECK(contains(buf_str(&s.out.fields), NO_STORE) != (status == 200 &&
	    is_among(path, " /.well-known/jwks.json ")), "%s: it may be kept", line);
	if (is_among(path, " /auth ") || (path.n > 6 && memcmp(path.p, "/auth/", 6) == 0))
		CHECK(empty && (status == 200 || status == 401 || status == 403 || status == 503),
		    "%s: %u", line, status);
	else if (is_among(path, " /v1/tokens /v1/verify /introspect /healthz /metrics "))
		CHECK(status == 200 ? !empty : status == 204 ? empty && s.in.method == HTTP_OPTIONS
		    : status >= 400 && (strcmp(type, "application/problem+json") == 0 ||
		    is_among(path, status == 503 ? " /healthz " : " /introspect ")), "%s: %u, %s",
		    line, status, type);
}

/* Asks, and returns the whole answer. A line without a version is one of HTTP/1.1 with a Host. */
static struct str
ask(const char *line, const char *fields, const char *body)
{
	static char head[2 * HTTP_HEAD_MAX], bytes[2 * SLOT];
	struct buf answer = buf_over(bytes, sizeof bytes);
	struct ticket none = { .outcome = TICKET_NONE };
	size_t n = (size_t)snprintf(head, sizeof head, "%s%s\r\n%s\r\n", fill(line),
	    strstr(line, " HTTP/") != NULL ? "" : " HTTP/1.1\r\nHost: localhost", fill(fields));
	const char *p = test_flush(1, head, n);

	CHECK(http_head(&s.in, p, n) == (int)n, "%s, %s: %s", line, fields, s.in.fault);
	body = fill(body);
	s.in.body = (struct str){ test_flush(0, body, strlen(body)), strlen(body) };
	s.in.complete = !s.half;
	s.in.from = s.remote ? HTTP_FROM_ANYWHERE : HTTP_FROM_HERE;
	s.out = (struct response){ .fields = buf_over(s.fields, sizeof s.fields),
	    .body = buf_over(s.body, api_answer_size(MAX_BODY)), .ticket = &none };
	s.waits = !api_handle(&s.out, &s.scratch, &s.ring, &s.policy, &s.stamp, &s.in);
	CHECK(!s.waits || s.half, "%s: no answer, though all is there", line);
	if (s.waits)
		return STR("");
	judge(line);
	http_answer(&answer, &s.out, &(struct http_reply){ .date = STR(DATE),
	    .head = s.in.method == HTTP_HEAD });
	return buf_str(&answer);
}

/* The bytes that an answer should have. `type`: NULL for no Content-Type. */
static struct str
reply(unsigned status, const char *type, const char *fields, const char *body)
{
	char *p = text_slot(), length[64] = "";

	body = fill(body);
	if (status != 204)
		snprintf(length, sizeof length, "Content-Length: %zu\r\n", strlen(body));
	return (struct str){ p, (size_t)snprintf(p, SLOT, "HTTP/1.1 %u %s\r\nDate: " DATE
	    "\r\n%s%s%s%s%s\r\n%s", status, http_phrase(status), type == NULL ? "" :
	    "Content-Type: ", type == NULL ? "" : type, type == NULL ? "" : "\r\n", length,
	    fields, body) };
}

/* RFC 9457, as SPEC 2 has it. */
static struct str
problem(unsigned status, const char *fields, const char *detail)
{
	char body[512];

	snprintf(body, sizeof body, "{'type':'about:blank','title':'%s','status':%u,"
	    "'detail':'%s'}\n", http_phrase(status), status, detail);
	return reply(status, "application/problem+json", fields, body);
}

#define INACTIVE reply(200, "application/json", NO_STORE, "{'active':false}\n")

/* RFC 6750 3. The description is the same for all tokens with that fault. */
static struct str
refusal(unsigned status, const char *error, const char *description)
{
	char fields[256];

	snprintf(fields, sizeof fields, *error == '\0'
	    ? "WWW-Authenticate: Bearer realm=\"jwtd\"\r\n" NO_STORE
	    : "WWW-Authenticate: Bearer realm=\"jwtd\", error=\"%s\", error_description=\"%s\"\r\n"
	    NO_STORE, error, description);
	return reply(status, NULL, fields, "");
}

static struct str
challenge(const char *error, const char *description)
{
	return refusal(401, error, description);
}

static struct str
forbidden(const char *description)
{
	return refusal(403, "insufficient_scope", description);
}

/* ---- tokens */

static struct str
sign_with(struct str key, const char *header, const char *claims)
{
	char *token = token_slot();
	struct hmac512_key mac_key;
	uint8_t mac[SHA512_DIGEST];
	struct str part = str_from(fill(header));
	size_t n = base64url_encode(token, part.p, part.n);

	token[n++] = '.';
	part = str_from(fill(claims));
	n += base64url_encode(token + n, part.p, part.n);
	hmac512_key_init(&mac_key, key.p, key.n);
	hmac512(mac, &mac_key, token, n);
	token[n++] = '.';
	n += base64url_encode(token + n, mac, sizeof mac);
	return s.token = (struct str){ token, n };
}

static struct str
sign(const char *header, const char *claims)
{
	return sign_with(keys_demo(), header, claims);
}

/* A good token of exactly n bytes. A header with a space more reaches the lengths that base64url
 * leaves out. */
static struct str
sized(size_t n)
{
	const char *header = HS512;
	size_t left = n - 2 - base64url_length(strlen(HS512)) - base64url_length(SHA512_DIGEST);
	struct buf b = buf_over(text_slot(), SLOT);

	if (left % 4 == 1) {
		header = HS512 " ";
		left -= base64url_length(strlen(HS512) + 1) - base64url_length(strlen(HS512));
	}
	buf_text(&b, "{'exp':2000000001,'x':'");
	while (b.n < left * 3 / 4 - 2)
		buf_text(&b, "x");
	buf_put(&b, "'}", 3);
	return sign(header, b.p);
}

/* Whether eight bytes of the token stand somewhere in the answer. */
static bool
quotes_token(struct str answer)
{
	for (size_t i = 0; i + 8 <= s.token.n; i++)
		if (memmem(answer.p, answer.n, s.token.p + i, 8) != NULL)
			return true;
	return false;
}

/* The token that was made last, at each route that judges it. */
static struct str
verify(void)
{
	return ask("POST /v1/verify", JSON, "{'token':'@'}");
}

static struct str
authenticate(void)
{
	return ask("GET /auth", BEARER "@\r\n", "");
}

static struct str
introspect_token(void)
{
	return ask("POST /introspect", FORM BEARER "$\r\n", "token=@");
}

/* ---- 1.3: methods, paths, hosts, media types */

/* Every method at every path: SPEC 1.3. */
static void
methods(void)
{
	static const struct {
		const char *path, *allow;
	} routes[] = {
		{ "/", "GET, HEAD, OPTIONS, POST" }, { "/v1/tokens", "OPTIONS, POST" },
		{ "/v1/verify", "OPTIONS, POST" }, { "/introspect", "OPTIONS, POST" },
		{ "/healthz", "GET, HEAD, OPTIONS" }, { "/metrics", "GET, HEAD, OPTIONS" },
	};
	static const char *const method[] = { "GET", "HEAD", "POST", "OPTIONS", "PUT", "DELETE",
	    "TRACE", "PATCH", "PROPFIND", "post" };

	for (size_t i = 0; i < COUNT(routes) * COUNT(method); i++) {
		size_t m = i % COUNT(method), r = i / COUNT(method);
		bool allowed = strstr(routes[r].allow, method[m]) != NULL, known = m < 8;
		char line[64], allow[64];
		struct str answer;
		unsigned status;

		reset_with_secret();
		snprintf(line, sizeof line, "%s %s%s", method[m], routes[r].path, m % 2 == 0 ? ""
		    : "?x=/auth");
		snprintf(allow, sizeof allow, "\r\nAllow: %s\r\n", routes[r].allow);
		answer = ask(line, "", "");
		status = s.out.status;
		CHECK(!known ? status == 501 : !allowed ? status == 405 : m == 3 ? status == 204
		    : status != 404 && status != 405 && status != 501, "%s: %u", line, status);
		CHECK(contains(answer, allow) == (status == 405 || status == 204) &&
		    contains(answer, "Allow") == contains(answer, allow), "%s: %.*s", line,
		    (int)answer.n, answer.p);
		CHECK(strcmp(api_route_name(s.out.route), routes[r].path) == 0, "%s is route %s",
		    line, api_route_name(s.out.route));
	}
	reset();
	CHECK_BYTES(ask("GET /v1/tokens", "", ""), problem(405, "Allow: OPTIONS, POST\r\n" NO_STORE,
	    "Method not allowed"), "405");
	CHECK_BYTES(ask("BREW /metrics", "", ""), problem(501, NO_STORE, "Unknown method"), "501");
}

/* SPEC 1.3: paths are bytes up to the question mark, and nothing but those bytes. */
static void
paths(void)
{
	static const char *const auth[] = { "GET /auth?", "GET /auth?x=y", "GET /auth/?x", "GET /auth/",
	    "GET /auth;x=y", "GET /auth;x=y/", "GET /auth;x=y/z?x", "GET /auth/x/y?z",
	    "GET /auth//", "GET /auth/../healthz", "GET /auth/%2e%2e", "OPTIONS /auth HTTP/1.0",
	    "GET http://localhost/auth" },
	    *const none[] = { "GET /authx", "GET /Auth", "GET /aut", "GET //auth", "GET /auth%2fx",
	    "GET /%61uth", "GET /auth%3Bx=y", "GET /auth:x", "GET /auth.", "GET /x/../auth", "OPTIONS /authx",
	    "GET /x?/auth", "GET /healthz/", "GET /healthz%3F", "GET /Healthz", "GET /metrics/x",
	    "POST /v1/tokens/", "POST /v1/./tokens", "POST //v1/tokens", "POST /V1/tokens",
	    "POST /v1/token", "POST /v1/tokensx", "POST /v1", "POST /introspect/x" };

	reset_with_secret();
	for (size_t i = 0; i < COUNT(auth); i++) {
		CHECK_BYTES(ask(auth[i], "", ""), challenge("", ""), "%s", auth[i]);
		CHECK(strcmp(api_route_name(s.out.route), "/auth") == 0, "%s is no route", auth[i]);
	}
	for (size_t i = 0; i < COUNT(none); i++) {
		ask(none[i], JSON BEARER "$\r\n", "{}");
		CHECK(s.out.status == 404, "%s: %u", none[i], s.out.status);
		CHECK(strcmp(api_route_name(s.out.route), "-") == 0, "%s is a route", none[i]);
	}
}

/* SPEC 1.3: --no-compat (c), --host (h), no service secret (s). */
static void
settings(void)
{
	static const char *const host[] = { "jwtd.example", "127.0.0.1" };
	static const struct {
		const char *set, *line, *fields;
		unsigned status;
	} cases[] = {
		{ "c", "GET /", JSON, 404 }, { "c", "HEAD /", JSON, 404 },
		{ "c", "POST /", JSON, 404 }, { "c", "POST /?x", JSON, 404 },
		{ "c", "OPTIONS /", "", 204 }, { "c", "OPTIONS *", "", 204 },
		{ "ch", "OPTIONS / HTTP/1.0", "", 204 }, { "c", "GET /healthz", "", 200 },
		{ "c", "GET /auth", "", 401 }, { "c", "POST /v1/tokens", JSON, 401 },
		{ "s", "POST /introspect", FORM, 404 }, { "s", "GET /introspect", "", 404 },
		{ "h", "GET /healthz", "", 200 }, { "h", "GET /metrics", "", 421 },
		{ "h", "HEAD /healthz", "", 200 }, { "h", "GET /healthz HTTP/1.0", "", 200 },
		{ "h", "POST /healthz", "", 405 }, { "h", "GET /healthz/", "", 421 },
		{ "h", "POST /v1/tokens", JSON, 421 }, { "h", "POST /v1/verify", JSON, 421 },
		{ "h", "POST /introspect", FORM, 421 }, { "h", "OPTIONS /healthz", "", 204 },
		{ "h", "GET /nowhere", "", 421 }, { "h", "GET / HTTP/1.0", "", 421 },
		{ "h", "OPTIONS /metrics", "", 421 }, { "h", "OPTIONS /metrics HTTP/1.0", "", 204 },
		{ "h", "GET /metrics HTTP/1.1", "Host: JWTD.example:80\r\n", 200 },
		{ "h", "GET /metrics HTTP/1.1", "Host: 127.0.0.1\r\n", 200 },
		{ "h", "GET /metrics HTTP/1.1", "Host: jwtd.example.\r\n", 421 },
		{ "h", "GET /metrics HTTP/1.1", "Host: x.jwtd.example\r\n", 421 },
		{ "h", "GET http://jwtd.example/metrics", "", 200 },
		{ "h", "GET http://x/metrics HTTP/1.1", "Host: jwtd.example\r\n", 421 },
		{ "h", "GET /auth", "", 401 }, { "h", "OPTIONS /auth/x", "", 401 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		reset_with_secret();
		s.ring.has_secret = strchr(cases[i].set, 's') == NULL;
		s.policy.no_compat = strchr(cases[i].set, 'c') != NULL;
		s.policy.hosts = host;
		s.policy.host_count = strchr(cases[i].set, 'h') != NULL ? COUNT(host) : 0;
		ask(cases[i].line, cases[i].fields, "");
		CHECK(s.out.status == cases[i].status, "%s %s: %u", cases[i].line, cases[i].fields,
		    s.out.status);
	}
	CHECK_BYTES(ask("OPTIONS /healthz HTTP/1.0", "", ""), reply(204, NULL,
	    NO_STORE "Allow: GET, HEAD, OPTIONS\r\n", ""), "HAProxy's health check");
	CHECK_BYTES(ask("POST /v1/verify", JSON, ""), problem(421, NO_STORE,
	    "This host is not served here"), "another host");
	reset();
	CHECK_BYTES(ask("POST /introspect", FORM, "token=x"), problem(404, NO_STORE, "Not found"),
	    "introspection without a service secret");
}

/* SPEC 1.3: 415, and 400 where it comes twice. @: the media type of the route. */
static void
media_types(void)
{
	static const struct {
		const char *line, *type;
	} routes[] = {
		{ "POST /v1/tokens", "application/json" },
		{ "POST /v1/verify", "application/json" },
		{ "POST /introspect", "application/x-www-form-urlencoded" },
	};
	static const struct {
		const char *fields;
		unsigned status;        /* 0: the media type is fine */
	} types[] = {
		{ "Content-Type: @\r\n", 0 }, { "content-type:@;charset=utf-8\r\n", 0 },
		{ "Content-Type: @ \t; x=y\r\n", 0 }, { "Content-Type: @;\r\n", 0 },
		{ "", 415 }, { "Content-Type:\r\n", 415 }, { "Content-Type: text/plain\r\n", 415 },
		{ "Content-Type: @x\r\n", 415 }, { "Content-Type: @ x\r\n", 415 },
		{ "Content-Type: @, @\r\n", 415 }, { "Content-Type: x@\r\n", 415 },
		{ "Content-Type: multipart/form-data\r\n", 415 },
		{ "Content-Type: @\r\nContent-Type: @\r\n", 400 },
		{ "Content-Type: text/plain\r\nContent-Type: @\r\n", 400 },
		{ "Content-Type: @\r\nContent-Encoding: identity\r\n", 0 },
	};

	for (size_t i = 0; i < COUNT(routes) * COUNT(types); i++) {
		size_t r = i / COUNT(types), k = i % COUNT(types);
		char fields[256], detail[80];
		struct str answer, wrong;

		reset_with_secret();
		s.token = str_from(routes[r].type);
		snprintf(fields, sizeof fields, "%s" BEARER "$\r\n", types[k].fields);
		snprintf(detail, sizeof detail, "The media type must be %s", routes[r].type);
		answer = ask(routes[r].line, fields, "{}");
		wrong = types[k].status == 415 ? problem(415, NO_STORE, detail)
		    : problem(400, NO_STORE, "More than one Content-Type");
		CHECK(str_equal(answer, wrong) == (types[k].status > 0), "%s %s: %.*s",
		    routes[r].line, fields, (int)answer.n, answer.p);
	}
}

/* RFC 9110 15.5.16: no coding of the content is understood, on no route that reads it. */
static void
content_codings(void)
{
	static const struct {
		const char *line, *fields;
	} routes[] = {
		{ "POST /v1/tokens", JSON BEARER "$\r\n" }, { "POST /v1/verify", JSON },
		{ "POST /introspect", FORM BEARER "$\r\n" },
	};

	for (size_t i = 0; i < COUNT(routes); i++) {
		char fields[256];

		reset_with_secret();
		snprintf(fields, sizeof fields, "Content-Encoding: gzip\r\n%s", routes[i].fields);
		CHECK_BYTES(ask(routes[i].line, fields, "{}"), problem(415,
		    "Accept-Encoding: identity\r\n" NO_STORE,
		    "A body with a Content-Encoding is not read: send it as it is"), "%s",
		    routes[i].line);
	}
}

/* Before the body is there: an answer only to whom asks whether to send it (RFC 9110 10.1.1), and
 * at /auth. */
static void
before_the_body(void)
{
	static const struct {
		const char *line, *fields;
		unsigned status;        /* 0: none yet */
	} cases[] = {
		{ "POST /v1/tokens", "", 0 }, { "GET /v1/tokens", "", 0 }, { "PUT /x", "", 0 },
		{ "POST /v1/tokens", "Expect: 100-continue\r\n" JSON BEARER "$\r\n", 0 },
		{ "POST /v1/verify", "Expect: 100-continue\r\n" JSON, 0 },
		{ "POST /introspect", "Expect: 100-continue\r\n" FORM, 0 },
		{ "POST /v1/tokens", "Expect: 100-continue\r\n" JSON, 401 },
		{ "POST /v1/tokens", "Expect: 100-continue\r\n" BEARER "$\r\n", 415 },
		{ "POST /v1/verify", "Expect: 100-continue\r\n", 415 },
		{ "POST /introspect", "Expect: 100-continue\r\n" JSON, 415 },
		{ "GET /v1/verify", "Expect: 100-continue\r\n", 405 },
		{ "POST /v1/verify", "Expect: x\r\n" JSON, 417 },
		{ "GET /healthz", "Expect: 100-continue\r\n", 200 },
		{ "GET /auth", "", 401 }, { "POST /auth/x", "Expect: 100-continue\r\n", 401 },
		{ "BREW /auth", "Expect: x\r\n", 401 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		reset_with_secret();
		s.half = true;
		ask(cases[i].line, cases[i].fields, "");
		CHECK(s.waits ? cases[i].status == 0 : s.out.status == cases[i].status,
		    "%s %s: %s, %u", cases[i].line, cases[i].fields, s.waits ? "waits" : "answers",
		    s.out.status);
	}
}

/* SPEC 2.6: without a clock nothing is issued or judged; without random numbers nothing issued. */
static void
clock_and_randomness(void)
{
	const char *no_clock = "The clock of this host is not set";
	static _Alignas(8) char memory[4096];

	reset_with_secret();
	sign(HS512, GOOD);
	s.stamp.token.now = JWT_CLOCK_FLOOR - 1;
	CHECK_BYTES(ask("POST /v1/tokens", JSON BEARER "$\r\n", "{}"),
	    problem(503, NO_STORE, no_clock), "issuing");
	CHECK_BYTES(verify(), problem(503, NO_STORE, no_clock), "verifying");
	CHECK_BYTES(introspect_token(), problem(503, NO_STORE, no_clock), "introspecting");
	s.policy.jwt.revoked = revocations_over(memory, 16);
	CHECK_BYTES(ask("POST /revoke", FORM BEARER "$\r\n", "sub=a"),
	    problem(503, NO_STORE, no_clock), "taking back: no Retry-After, nothing was done");
	s.policy.jwt.revoked = NULL;
	CHECK_BYTES(authenticate(), reply(503, NULL, NO_STORE, ""), "authenticating");
	CHECK_BYTES(ask("GET /auth", BEARER "x\r\n", ""), reply(503, NULL, NO_STORE, ""),
	    "refusing");
	ask("GET /healthz", "", "");
	CHECK(s.out.status == 200, "health needs no clock: %u", s.out.status);
	s.stamp.token.now = JWT_CLOCK_FLOOR;
	authenticate();
	CHECK(s.out.status == 200, "the first second that is believed: %u", s.out.status);
	s.stamp.token = (struct claims_stamp){ .now = NOW };
	CHECK_BYTES(ask("POST /v1/tokens", JSON BEARER "$\r\n", "{}"),
	    problem(500, NO_STORE, "The kernel gives no random numbers"), "issuing");
	CHECK(!s.out.issued, "a token that was not made is counted");
	CHECK(contains(verify(), "{'valid':true,"), "verifying needs no randomness");
	CHECK(contains(authenticate(), " 200 OK"), "authenticating needs no randomness");
	CHECK(contains(introspect_token(), ":true"), "introspecting needs no randomness");
}

/* ---- 2.1 POST /v1/tokens */

/* Takes the token out of the answer (RFC 6749 5.1). Its length; 0: there is none. */
static size_t
take_issued(void)
{
	const char *start = "{\"access_token\":\"", *end = s.body + strlen(start);

	if (s.out.status != 200 || memcmp(s.body, start, strlen(start)) != 0)
		return 0;
	while (*end != '"')
		end++;
	s.token.n = (size_t)(end - s.body) - strlen(start);
	s.token.p = memcpy(token_slot(), s.body + strlen(start), s.token.n);
	return s.token.n;
}

#define ISS STAMP ",'iss':'https://i\\'','exp':2000003600"

/* Bodies, and the claims and the lifetime that they lead to. */
static const struct {
	bool configured;                /* an issuer, and the audiences "one" and "two" */
	const char *body, *claims, *expires_in;
} issued[] = {
	{ false, "{}", STAMP ",'exp':2000003600}", "3600" },
	{ false, "{'claims':{}}", STAMP ",'exp':2000003600}", "3600" },
	{ false, "{'expires_in':1}", STAMP ",'exp':2000000001}", "1" },
	{ false, "{'expires_in':86400}", STAMP ",'exp':2000086400}", "86400" },
	{ false, "{'\\u0065xpires_in':60,'cl\\u0061ims':{'a':0}}",
	  STAMP ",'exp':2000000060,'a':0}", "60" },
	{ false, " { 'claims' : { 'z' : [ 1.0 , -0 ,\t1E+400 ] ,\r\n'a b' : '\\u00e9 \\/ \xc3\xa9' "
	  "} } \n", STAMP ",'exp':2000003600,'z':[1.0,-0,1E+400],'a b':'\\u00e9 \\/ \xc3\xa9'}",
	  "3600" },
	{ false, "{'claims':{'nbf':1.5e9,'sub':''}}",
	  STAMP ",'exp':2000003600,'nbf':1.5e9,'sub':''}", "3600" },
	{ false, "{'claims':{'Exp':1,'iss ':2,'x':{'iat':3,'sub':4}}}",
	  STAMP ",'exp':2000003600,'Exp':1,'iss ':2,'x':{'iat':3,'sub':4}}", "3600" },
	{ true, "{}", ISS ",'aud':'one'}", "3600" },
	{ true, "{'claims':{'sub':'s'}}", ISS ",'aud':'one','sub':'s'}", "3600" },
	{ true, "{'claims':{'aud':'two'}}", ISS ",'aud':'two'}", "3600" },
	{ true, "{'claims':{'\\u0061ud':['x','two']}}", ISS ",'\\u0061ud':['x','two']}", "3600" },
};

static void
issuing(void)
{
	static const char *const audiences[] = { "one", "two" };

	for (size_t i = 0; i < COUNT(issued); i++) {
		char body[128];

		reset();
		if (issued[i].configured) {
			s.policy.claims.issuer = s.policy.jwt.issuer = "https://i\"";
			s.policy.claims.audience = audiences[0];
			s.policy.jwt.audiences = audiences;
			s.policy.jwt.audience_count = 2;
		}
		sign("{'typ':'JWT','alg':'HS512'}", issued[i].claims);
		snprintf(body, sizeof body, "{'access_token':'@','token_type':'Bearer',"
		    "'expires_in':%s}\n", issued[i].expires_in);
		CHECK_BYTES(ask("POST /v1/tokens", JSON, issued[i].body),
		    reply(200, "application/json", NO_STORE, body), "%s", issued[i].body);
		CHECK(s.out.issued, "%s: it is not counted", issued[i].body);
		CHECK(contains(verify(), "{'valid':true,") && contains(authenticate(),
		    " 200 OK\r\n"), "%s: the token is not accepted", issued[i].body);
	}
}

#define LIFETIME "expires_in must be a whole number of seconds from 1 to 86400"
#define OURS " is set here, not by the caller"
#define AUD "claims: aud must be a string or an array of strings"
#define NBF "claims: nbf must be a number of seconds since 1970, up to the year 9999"

#define TAKEN ": only claims and expires_in are taken, and a claim stands in claims"
#define SIXTY_FOUR "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

/* What is refused with 400, and why; a NULL stands for the reason above it. */
static const struct {
	const char *body, *detail;
} refused[] = {
	{ "{'expires_in':0}", LIFETIME }, { "{'expires_in':86401}", NULL },
	{ "{'expires_in':-1}", NULL }, { "{'expires_in':-0}", NULL },
	{ "{'expires_in':1.5}", NULL }, { "{'expires_in':60.0}", NULL },
	{ "{'expires_in':1e2}", NULL }, { "{'expires_in':'5'}", NULL },
	{ "{'expires_in':null}", NULL }, { "{'expires_in':true}", NULL },
	{ "{'expires_in':[5]}", NULL }, { "{'expires_in':{}}", NULL },
	{ "{'expires_in':4294967297}", NULL }, { "{'expires_in':18446744073709551617}", NULL },
	{ "{'expires_in':100000000000000000000000000000000000000000000000000}", NULL },
	{ "{'expires\\u005fin':0}", NULL },
	{ "{'claims':{'iat':1}}", "claims: iat" OURS }, { "{'claims':{'\\u0069at':1}}", NULL },
	{ "{'claims':{'jti':'x'}}", "claims: jti" OURS }, { "{'claims':{'j\\u0074i':0}}", NULL },
	{ "{'claims':{'iss':null}}", "claims: iss" OURS }, { "{'claims':{'is\\u0073':0}}", NULL },
	{ "{'claims':{'a':1,'exp':1}}", "claims: exp" OURS },
	{ "{'claims':{'\\u0065\\u0078\\u0070':1}}", NULL },
	{ "{'claims':{'sub':1}}", "claims: sub must be a string" },
	{ "{'claims':{'sub':null}}", NULL }, { "{'claims':{'s\\u0075b':['x']}}", NULL },
	{ "{'claims':{'aud':1}}", AUD }, { "{'claims':{'aud':null}}", NULL },
	{ "{'claims':{'aud':{}}}", NULL }, { "{'claims':{'aud':['a',1]}}", NULL },
	{ "{'claims':{'aud':[['a']]}}", NULL }, { "{'claims':{'a\\u0075d':1}}", NULL },
	{ "{'claims':{'nbf':'1'}}", NBF }, { "{'claims':{'nbf':-1}}", NULL },
	{ "{'claims':{'nbf':null}}", NULL }, { "{'claims':{'nbf':253402300800}}", NULL },
	{ "{'claims':{'nbf':1e400}}", NULL }, { "{'claims':{'\\u006ebf':true}}", NULL },
	{ "{'claims':null}", "claims is not a JSON object" }, { "{'claims':[]}", NULL },
	{ "{'claims':'{}'}", NULL }, { "[]", "The body is not a JSON object" }, { "'{}'", NULL },
	{ "{'sub':'me'}", "Unknown member sub" TAKEN },
	{ "{'claims':{'sub':'a'},'sub':'b'}", NULL },
	{ "{'expires_in':0,'sub':'b'}", NULL },
	{ "{'claims':1,'exp':1}", "Unknown member exp" TAKEN },
	{ "{'Claims':{}}", "Unknown member Claims" TAKEN },
	{ "{'':1}", "Unknown member " TAKEN },
	{ "{'a\\\\b\\u0022 \xc3\xa9':1}", "Unknown member a\\\\b\\u0022 \xc3\xa9" TAKEN },
	{ "{'" SIXTY_FOUR "':1}", "Unknown member " SIXTY_FOUR TAKEN },
	{ "{'" SIXTY_FOUR "x':1}", "Unknown member with a long name" TAKEN },
	{ "", "Malformed JSON: the body is empty" },
	{ " ", "Malformed JSON: value expected at byte 1" },
	{ "{'claims':{'a':1,'a':2}}", "Malformed JSON: duplicate member name at byte 17" },
	{ "{'claims':{},'claims':{}}", "Malformed JSON: duplicate member name at byte 13" },
	{ "{'claims':{'a':'\\ud800'}}", "Malformed JSON: lone surrogate at byte 16" },
	{ "{'expires_in':05}", "Malformed JSON: comma or closing brace expected at byte 15" },
};

static void
not_issuing(void)
{
	const char *detail = NULL;

	reset();
	for (size_t i = 0; i < COUNT(refused); i++) {
		detail = refused[i].detail != NULL ? refused[i].detail : detail;
		CHECK_BYTES(ask("POST /v1/tokens", JSON, refused[i].body),
		    problem(400, NO_STORE, detail), "%s", refused[i].body);
		CHECK(!s.out.issued, "%s: it is counted", refused[i].body);
	}
}

/* SPEC 1.1: the same callers as at POST /. There is a service secret (s), --open-issue (o), or the
 * caller is on another host (r). */
static void
who_may_create(void)
{
	static const struct {
		const char *set, *fields;
		unsigned status;
	} callers[] = {
		{ "", "", 200 }, { "r", "", 403 }, { "ro", "", 200 }, { "r", BEARER "$\r\n", 403 },
		{ "s", "", 401 }, { "sro", "", 401 }, { "s", BEARER "$\r\n", 200 },
		{ "sr", "authorization: bEARER   $\r\n", 200 }, { "s", BEARER "$x\r\n", 401 },
		{ "s", BEARER "x\r\n", 401 }, { "s", "Authorization: $\r\n", 401 },
		{ "s", "Authorization: Basic $\r\n", 401 },
		{ "s", BEARER "$\r\n" BEARER "$\r\n", 400 },
	};

	for (size_t i = 0; i < COUNT(callers); i++) {
		char fields[256];
		struct str answer;

		reset_with_secret();
		s.ring.has_secret = strchr(callers[i].set, 's') != NULL;
		s.remote = strchr(callers[i].set, 'r') != NULL;
		s.policy.open_issue = strchr(callers[i].set, 'o') != NULL;
		snprintf(fields, sizeof fields, JSON "%s", callers[i].fields);
		answer = ask("POST /v1/tokens", fields, "{}");
		CHECK(s.out.status == callers[i].status, "caller %zu: %u", i, s.out.status);
		if (callers[i].status != 401)
			continue;
		snprintf(fields, sizeof fields, "WWW-Authenticate: Bearer realm=\"jwtd\"%s\r\n"
		    NO_STORE, strstr(callers[i].fields, "Bearer") == NULL ? ""
		    : ", error=\"invalid_token\"");
		CHECK_BYTES(answer, problem(401, fields,
		    "The service secret is missing or wrong: show it as Bearer in Authorization "
		    "to create tokens"), "caller %zu", i);
	}
}

/* A token has at most 12,288 bytes, and what is issued is taken back. */
static void
size_of_tokens(void)
{
	static char body[JWT_MAX];
	size_t longest = 0;

	reset_with_secret();
	for (int n = 9000; n < 9100; n++) {
		struct str answer;

		snprintf(body, sizeof body, "{'claims':{'x':'%0*d'}}", n, 0);
		answer = ask("POST /v1/tokens", JSON BEARER "$\r\n", body);
		if (take_issued() == 0) {
			CHECK_BYTES(answer, problem(413, NO_STORE,
			    "The token would be longer than 12,288 bytes"), "%d bytes", n);
			CHECK(longest == JWT_MAX, "%zu bytes are the most", longest);
			continue;
		}
		CHECK(s.token.n <= JWT_MAX && s.token.n >= longest, "%d: %zu bytes", n, s.token.n);
		longest = s.token.n;
		if (longest == JWT_MAX)
			CHECK(contains(authenticate(), " 200 OK") && contains(verify(),
			    "{'valid':true,") && contains(introspect_token(), "{'active':true,"),
			    "the longest token is not taken back");
	}
	CHECK(s.out.status == 413, "the limit was not reached");
}

/* 128 members, five of them ours, and 4,096 values: what is issued is never malformed. */
static void
many_claims(void)
{
	static char body[1 << 16];

	reset();
	s.policy.claims.issuer = "i";
	s.policy.claims.audience = "a";
	for (int n = 120; n < 130; n++) {
		size_t at = (size_t)sprintf(body, "{'claims':{'c':0");

		for (int i = 1; i < n; i++)
			at += (size_t)sprintf(body + at, ",'c%d':0", i);
		strcpy(body + at, "}}");
		ask("POST /v1/tokens", JSON, body);
		CHECK(s.out.status == (n <= 123 ? 200 : 400), "%d claims: %u", n, s.out.status);
		CHECK(take_issued() == 0 || contains(verify(), "wrong_audience"), "%d claims", n);
	}
	reset();
	for (int n = 4070; n < 4096; n++) {
		size_t at = (size_t)sprintf(body, "{'claims':{'x':[0");

		for (int i = 1; i < n; i++, at += 2)
			memcpy(body + at, ",0", 2);
		strcpy(body + at, "]}}");
		ask("POST /v1/tokens", JSON, body);
		CHECK(s.out.status == (n <= 4083 ? 200 : 400), "%d values: %u", n, s.out.status);
		CHECK(take_issued() == 0 || contains(verify(), "{'valid':true,"), "%d values", n);
	}
}

/* ---- what is wrong with a token, at all three routes that judge it */

#define NONE "{'alg':'none','crit':1,'kid':'x'}"
#define TIMES(exp, nbf) "{'Zebra':'Zebra','exp':" #exp ",'nbf':" #nbf

/* SPEC 2.2: each line has the faults of the lines below it too, so that each name stands for the
 * first one that holds. */
static const struct {
	const char *name, *header, *claims;
	bool forged;
} faults[] = {
	{ "malformed", NONE, "{'Zebra':1,'Zebra':1}", true },
	{ "malformed", NONE, "['Zebra']", true },
	{ "unsupported_algorithm", NONE, TIMES(1, -1) "}", true },
	{ "unsupported_algorithm", "{'crit':1,'kid':'x'}", TIMES(1, -1) "}", true },
	{ "unsupported_critical", "{'alg':'HS512','crit':[],'kid':'x'}", TIMES(1, -1) "}", true },
	{ "unsupported_critical", "{'alg':'HS512','b64':0,'kid':'x'}", TIMES(1, -1) "}", true },
	{ "unknown_key", "{'alg':'HS512','kid':'x'}", TIMES(1, -1) "}", true },
	{ "unknown_key", "{'alg':'HS512','kid':''}", TIMES(1, -1) "}", false },
	{ "unknown_key", "{'alg':'HS512','kid':null}", TIMES(1, -1) "}", false },
	{ "bad_signature", HS512, TIMES(1, -1) "}", true },
	{ "expired", HS512, TIMES(2000000000, 2000000001) "}", false },
	{ "expired", HS512, TIMES('2000000001', -1) "}", false },
	{ "not_yet_valid", HS512, TIMES(2000000001, 2000000001) "}", false },
	{ "not_yet_valid", HS512, TIMES(2000000001, -1) "}", false },
	{ "wrong_issuer", HS512, TIMES(2000000001, 2000000000) ",'iss':'j'}", false },
	{ "wrong_issuer", HS512, TIMES(2000000001, 0) ",'aud':'c'}", false },
	{ "wrong_audience", HS512, TIMES(2000000001, 0) ",'iss':'i','aud':'c'}", false },
	{ "wrong_audience", HS512, TIMES(2000000001, 0) ",'iss':'i'}", false },
	{ "missing_claim", HS512, TIMES(2000000001, 0) ",'iss':'i','aud':['c','b'],'jti':'gone'}",
	    false },
	{ "revoked", HS512, TIMES(2000000001, 0) ",'iss':'i','aud':'a','sub':0,'jti':'gone'}", false },
};

static void
strict(void)
{
	static const char *const audiences[] = { "a", "b" };
	static const struct demand required[] = { { .name = { "sub", 3 } } };

	static _Alignas(8) char memory[4096];
	struct revocations *list = revocations_over(memory, 16);
	struct revocation gone;

	revocation_of_jti(&gone, STR("gone"), -1);
	CHECK(revocations_add(list, &gone, 0) != REVOCATION_FULL, "a list of one");
	reset_with_secret();
	s.policy.jwt = (struct jwt_policy){ .issuer = "i", .audiences = audiences, .revoked = list,
	    .audience_count = 2, .required = required, .required_count = 1 };
}

/* Those of the verdict, but where a time is none. */
static const char *
words_of(size_t i)
{
	enum jwt_verdict v = JWT_GOOD;

	while (strcmp(jwt_verdict_name(v), faults[i].name) != 0)
		v++;
	if (v == JWT_EXPIRED && strstr(faults[i].claims, "'exp':'") != NULL)
		return "the token's exp is not a number of seconds in range";
	if (v == JWT_NOT_YET_VALID && strstr(faults[i].claims, "'nbf':-1") != NULL)
		return "the token's nbf is not a number of seconds in range";
	return v == JWT_MISSING_CLAIM ? "the token lacks the claim sub" : jwt_verdict_text(v);
}

static void
refusals_of_tokens(void)
{
	for (size_t i = 0; i < COUNT(faults); i++) {
		char start[128];
		struct str answer;
		unsigned verdict;

		strict();
		sign_with(faults[i].forged ? STR("another key") : keys_demo(), faults[i].header,
		    faults[i].claims);
		snprintf(start, sizeof start, "\r\n\r\n{'valid':false,'error':'%s',"
		    "'error_description':'", faults[i].name);
		answer = verify();
		CHECK(contains(answer, start) && s.out.status == 200, "%s, %s: %.*s",
		    faults[i].header, faults[i].claims, (int)answer.n, answer.p);
		CHECK(!contains(answer, "Zebra") && !quotes_token(answer), "%s is quoted: %.*s",
		    faults[i].claims, (int)answer.n, answer.p);
		verdict = s.out.refusal;
		CHECK(s.out.accepted == METRICS_NOBODY, "%s is accepted", faults[i].claims);
		CHECK(strcmp(jwt_verdict_name((enum jwt_verdict)verdict), faults[i].name) == 0,
		    "%s is counted as %u", faults[i].name, verdict);
		CHECK_BYTES(authenticate(), challenge("invalid_token", words_of(i)), "%s, %s",
		    faults[i].header, faults[i].claims);
		CHECK(s.out.refusal == verdict && s.out.accepted == METRICS_NOBODY,
		    "/auth counts %u", s.out.refusal);
		CHECK(strcmp(reason_name(reason_of(&s.out)), faults[i].name) == 0, "/auth: %s is logged as %s",
		    faults[i].name, reason_name(reason_of(&s.out)));
		CHECK_BYTES(introspect_token(), INACTIVE, "%s, %s", faults[i].header,
		    faults[i].claims);
		CHECK(s.out.refusal == verdict && s.out.accepted == METRICS_NOBODY,
		    "/introspect counts %u", s.out.refusal);
		CHECK(strcmp(reason_name(reason_of(&s.out)), faults[i].name) == 0, "/introspect: %s is logged as "
		    "%s", faults[i].name, reason_name(reason_of(&s.out)));
	}
	for (int v = JWT_GOOD; v < JWT_VERDICTS; v++)           /* RFC 6750 3 */
		CHECK(strpbrk(jwt_verdict_text((enum jwt_verdict)v), "\"\\") == NULL, "%d", v);
}

/* SPEC 2.6: what `claims` makes of a value has this verdict, in these words. */
static void
dates(const char *claims, const char *value, const char *verdict, const char *words)
{
	char text[128];
	struct str body;

	sign(HS512, (snprintf(text, sizeof text, claims, value), text));
	verify();
	body = (struct str){ s.body, s.out.body.n };
	CHECK(contains(body, verdict) && memmem(body.p, body.n, words, strlen(words)) != NULL,
	    "%s: %.*s", text, (int)body.n, body.p);
	CHECK_BYTES(authenticate(), challenge("invalid_token", words), "%s", text);
	CHECK_BYTES(introspect_token(), INACTIVE, "%s", text);
}

/* What is there and no time is called that, and not over or to come. */
static void
no_dates(void)
{
	static const char *const bad[] = { "'2000000001'", "''", "null", "true", "false", "[]", "{}",
	    "[2000000001]", "-1", "-0.5", "253402300800", "2000000001000", "1e12", "1e400",
	    "200000000100000000000000000000000" }, *const over[] = { "0", "-0", "1.5", "1e9",
	    "2000000000", "0.000000000000000000000000000000" }, *const to_come[] = {
	    "2000000001", "2000000000.5", "253402300799" };

	strict();
	for (size_t i = 0; i < COUNT(bad); i++) {
		dates("{'exp':%s,'nbf':null}", bad[i], "'error':'expired'",
		    "the token's exp is not a number of seconds in range");
		dates("{'nbf':%s}", bad[i], "'error':'not_yet_valid'",
		    "the token's nbf is not a number of seconds in range");
	}
	for (size_t i = 0; i < COUNT(over); i++)
		dates("{'exp':%s,'nbf':null}", over[i], "'error':'expired'",
		    "the token has expired");
	for (size_t i = 0; i < COUNT(to_come); i++)
		dates("{'nbf':%s}", to_come[i], "'error':'not_yet_valid'",
		    "the token is not valid yet");
}

#define WRITTEN "'n':[1.0,-0,1E400,0.10e-7],'\\u0073':'\\u00e9 \xc3\xa9 \\/ \\' \\ud83d\\ude00'}"
#define SAYS "'exp':2000000001,'iss':'\\u0069','aud':['c','b'],'sub':[null]," WRITTEN

/* The same without any fault. What it says is carried over as it says it, in one line. */
static void
acceptance_of_tokens(void)
{
	strict();
	sign("{'\\u0061lg':'HS512','jwk':{'k':''}," WRITTEN, "{" SAYS);
	CHECK_BYTES(verify(), reply(200, "application/json", NO_STORE, "{'valid':true,"
	    "'header':{'\\u0061lg':'HS512','jwk':{'k':''}," WRITTEN ",'claims':{" SAYS "}\n"),
	    "a good token");
	CHECK_BYTES(authenticate(), reply(200, NULL, NO_STORE, ""), "a good token");
	CHECK_BYTES(introspect_token(), reply(200, "application/json", NO_STORE,
	    "{'active':true," SAYS "\n"), "a good token");
	CHECK(s.out.refusal == JWT_GOOD, "it is counted as refused");
	CHECK(s.out.accepted == METRICS_INTROSPECT && s.out.key == 0, "it is counted by the first key");
	reset_with_secret();
	sign("{ 'alg' :\n'HS512' } ", "{ 'exp' : 2000000001 ,\n'a b' : [ ' , : ' ] }");
	CHECK_BYTES(verify(), reply(200, "application/json", NO_STORE, "{'valid':true,"
	    "'header':" HS512 ",'claims':{'exp':2000000001,'a b':[' , : ']}}\n"), "one line");
	CHECK_BYTES(introspect_token(), reply(200, "application/json", NO_STORE,
	    "{'active':true,'exp':2000000001,'a b':[' , : ']}\n"), "one line");
	sign_with(STR(OTHER_KEY), HS512, GOOD);
	CHECK(contains(verify(), ":true,") && contains(authenticate(), " 200 OK") &&
	    contains(introspect_token(), ":true,"), "a token of the second key");
	verify();
	CHECK(s.out.accepted == METRICS_VERIFY && s.out.key == 1, "/v1/verify counts %u by key %u",
	    s.out.accepted, s.out.key);
	authenticate();
	CHECK(s.out.accepted == METRICS_AUTH && s.out.key == 1, "/auth counts %u by key %u",
	    s.out.accepted, s.out.key);
}

/* SPEC 2.3: without exp a token opens nothing, unless that is allowed. */
static void
without_exp(void)
{
	reset_with_secret();
	sign(HS512, "{}");
	CHECK_BYTES(authenticate(), challenge("invalid_token", "the token lacks the claim exp"),
	    "without exp");
	CHECK_BYTES(introspect_token(), INACTIVE, "without exp");
	s.policy.allow_no_exp = true;
	CHECK_BYTES(authenticate(), reply(200, NULL, NO_STORE, ""), "--allow-no-exp");
	CHECK_BYTES(introspect_token(), reply(200, "application/json", NO_STORE,
	    "{'active':true}\n"), "--allow-no-exp");
	s.policy.allow_no_exp = false;
	CHECK_BYTES(verify(), reply(200, "application/json", NO_STORE,
	    "{'valid':true,'header':" HS512 ",'claims':{}}\n"), "exp matters where one gets in");
}

/* 12,288 bytes are judged, one more is not, however good its signature is. */
static void
long_tokens(void)
{
	reset_with_secret();
	for (size_t n = JWT_MAX - 4; n < JWT_MAX + 5; n++) {
		bool fits = n <= JWT_MAX;

		CHECK(sized(n).n == n, "a token of %zu, not %zu bytes", s.token.n, n);
		if (fits)
			CHECK(contains(verify(), "{'valid':true,"), "%zu bytes", n);
		else
			CHECK_BYTES(verify(), problem(413, NO_STORE,
			    "The token is longer than 12,288 bytes"), "%zu bytes", n);
		CHECK_BYTES(authenticate(), fits ? reply(200, NULL, NO_STORE, "")
		    : challenge("invalid_token", jwt_verdict_text(JWT_MALFORMED)), "%zu bytes", n);
		CHECK(contains(introspect_token(), fits ? "{'active':true," : "{'active':false}\n"),
		    "%zu bytes", n);
	}
}

/* ---- 2.2 POST /v1/verify */

static void
verifying(void)
{
	static const struct {
		const char *body;
		unsigned status;
		const char *shows;
	} cases[] = {
		{ "{'token':'@'}", 200, "{'valid':true,'header':" HS512 ",'claims':" GOOD "}\n" },
		{ " {'x':0, 't\\u006fken' : '@'}\n", 200, "{'valid':true," },
		{ "{'token':'@ '}", 200, "'error':'malformed'" },
		{ "{'token':'@\\n'}", 200, "'error':'malformed'" },
		{ "{'token':'@.'}", 200, "'error':'malformed'" },
		{ "{'token':'Bearer @'}", 200, "'error':'malformed'" },
		{ "{'token':''}", 200, "{'valid':false,'error':'malformed',"
		  "'error_description':'token: it is empty'}\n" },
		{ "{'token':'e30.e3t9.AA'}", 200, "{'valid':false,'error':'malformed',"
		  "'error_description':'claims: member name expected at byte 1'}\n" },
		{ "{}", 400, "token is missing, or is not a string" },
		{ "{'Token':'@'}", 400, "token is missing, or is not a string" },
		{ "{'token':null}", 400, "token is missing, or is not a string" },
		{ "{'token':['@']}", 400, "token is missing, or is not a string" },
		{ "{'token':1}", 400, "token is missing, or is not a string" },
		{ "{'token':'@','token':'@'}", 400, "Malformed JSON: duplicate member name at" },
		{ "['@']", 400, "The body is not a JSON object" },
		{ "'@'", 400, "The body is not a JSON object" },
		{ "", 400, "Malformed JSON: the body is empty" },
	};
	char body[2048] = "{'token':'";

	reset();
	s.remote = true;                        /* anybody may ask */
	sign(HS512, GOOD);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct str answer = ask("POST /v1/verify", JSON, cases[i].body);

		CHECK(s.out.status == cases[i].status && contains(answer, cases[i].shows),
		    "%s: %.*s", cases[i].body, (int)answer.n, answer.p);
	}
	for (size_t i = 0; i < s.token.n; i++)  /* each byte of it written as an escape */
		sprintf(body + strlen(body), "\\u%04x", (unsigned)s.token.p[i]);
	strcat(body, "'}");
	CHECK(contains(ask("POST /v1/verify", JSON, body), "{'valid':true,"), "escapes");
}

/* ---- 2.3 /auth */

/* Any method, any path below it, whatever the head announces and expects: only the credentials
 * count. */
static void
whatever_asks(void)
{
	static const char *const method[] = { "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS",
	    "TRACE", "PATCH", "PROPFIND", "get", "M-SEARCH" },
	    *const path[] = { "/auth", "/auth/", "/auth/x/y", "/auth?", "/auth/?/x",
	    "/auth?exp=2000000001", "/auth;sub=bob,alice/x?y", "http://other.example/auth/x" },
	    *const fields[] = { "", "Content-Length: 5\r\n", "Content-Length: 99999999999\r\n",
	    "Transfer-Encoding: chunked\r\n", "Expect: 100-continue\r\n",
	    "Expect: x\r\nContent-Length: 5\r\n", "Content-Type: x\r\nContent-Type: y\r\n",
	    "Connection: close, upgrade\r\nUpgrade: websocket\r\n" },
	    *const host[] = { "jwtd.example" };

	reset();
	sign(HS512, GOOD);
	s.policy.hosts = host;
	s.policy.host_count = 1;
	s.half = s.remote = true;
	for (size_t i = 0; i < COUNT(method) * COUNT(path) * COUNT(fields); i++) {
		const char *without = fields[i / COUNT(method) / COUNT(path)];
		char line[64], with[128];

		snprintf(line, sizeof line, "%s %s", method[i % COUNT(method)],
		    path[i / COUNT(method) % COUNT(path)]);
		snprintf(with, sizeof with, "%s" BEARER "@\r\n", without);
		CHECK_BYTES(ask(line, without, ""), challenge("", ""), "%s %s", line, without);
		CHECK_BYTES(ask(line, with, ""), reply(200, NULL, NO_STORE, ""), "%s %s", line,
		    with);
	}
}

/* What counts as credentials: a Good token, None, a Bad token, or Two lines. */
static void
credentials(void)
{
	static const struct {
		const char *fields;
		char is;
	} cases[] = {
		{ BEARER "@\r\n", 'G' }, { "authorization:bearer @\r\n", 'G' },
		{ "AUTHORIZATION: \tBEARER    @ \t\r\n", 'G' },
		{ "", 'N' }, { "Authorization:\r\n", 'N' }, { "Authorization: Bearer\r\n", 'N' },
		{ "Authorization: Bearer   \r\n", 'N' }, { "Authorization: @\r\n", 'N' },
		{ "Authorization: Basic @\r\n", 'N' }, { "Authorization: Bearers @\r\n", 'N' },
		{ "Authorization: Basic, Bearer @\r\n", 'N' },
		{ "Proxy-Authorization: Bearer @\r\n", 'N' }, { "Cookie: token=@\r\n", 'N' },
		{ BEARER "@,\r\n", 'B' }, { BEARER "@ @\r\n", 'B' }, { BEARER "@=\r\n", 'B' },
		{ BEARER "'@'\r\n", 'B' }, { BEARER "token=@\r\n", 'B' },
		{ BEARER "Bearer @\r\n", 'B' }, { BEARER "x\r\n", 'B' }, { BEARER "..\r\n", 'B' },
		{ BEARER "@\xff\r\n", 'B' }, { BEARER "\xc2\xa0@\r\n", 'B' },
		{ BEARER "@\r\n" BEARER "@\r\n", 'T' },
		{ BEARER "@\r\nAuthorization: Basic x\r\n", 'T' },
		{ "Authorization: Basic x\r\n" BEARER "@\r\n", 'T' },
		{ "Authorization:\r\nA: b\r\nauthorization: Bearer @\r\n", 'T' },
		{ BEARER "@\r\nAuthorization:\r\nAuthorization:\r\n", 'T' },
	};

	reset();
	sign(HS512, GOOD);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct str answer = ask("GET /auth", cases[i].fields, "");

		CHECK_BYTES(answer, cases[i].is == 'G' ? reply(200, NULL, NO_STORE, "")
		    : cases[i].is == 'N' ? challenge("", "") : cases[i].is == 'B'
		    ? challenge("invalid_token", jwt_verdict_text(JWT_MALFORMED))
		    : challenge("invalid_request", "more than one Authorization field"), "%s",
		    cases[i].fields);
		CHECK(!quotes_token(answer), "%s: the token is quoted", cases[i].fields);
	}
	CHECK_BYTES(ask("GET /auth/?access_token=@", "", ""), challenge("", ""), "in the query");
}

/* Claims that travel in the header X-Sub, and its value; and claims that let nobody in. */
static const struct {
	const char *claim, *value;
} travelling[] = {
	{ "'sub':'alice'", "alice" }, { "'s\\u0075b':'alice'", "alice" }, { "'sub':'x'", "x" },
	{ "'sub':'~ \\u0041\\'\\\\\\/!'", "~ A'\\/!" }, { "'sub':'a  b: c'", "a  b: c" },
	{ "'sub':'^xxxxxxxxxxxxxxxxxxxxxxxx'", "^xxxxxxxxxxxxxxxxxxxxxxxx" },
	{ "'sub':'\\u0078^xxxxxxxxxxxxxxxxxxxxxxx'", "^xxxxxxxxxxxxxxxxxxxxxxxx" },
	{ "'sub':1", "1" }, { "'sub':-0", "-0" }, { "'sub':1.50", "1.50" },
	{ "'sub':1234567890123456789012345", "1234567890123456789012345" },
	{ "'sub':1E+400", "1E+400" }, { "'sub':true", "true" }, { "'sub':false", "false" },
	{ "'sub':['a']", "a" },
};

static const char *const staying[] = {
	"'sub':'^xxxxxxxxxxxxxxxxxxxxxxxxx'", "'sub':'\\u0078^xxxxxxxxxxxxxxxxxxxxxxxx'",
	"'sub':''", "'sub':' a'", "'sub':'a '", "'sub':' '", "'sub':'\\u0020a'",
	"'sub':'a\\r\\nX-Admin: 1'", "'sub':'a\\u000d\\u000ab'", "'sub':'a\\n'", "'sub':'\\r'",
	"'sub':'\\u0000'", "'sub':'a\\u0000b'", "'sub':'a\\tb'", "'sub':'a\\u001fb'",
	"'sub':'a\x7f'", "'sub':'\\u007f'", "'sub':'\xc3\xa9'", "'sub':'\\u00e9'",
	"'sub':'\\u0080'", "'sub':'\\u010a'", "'sub':'\\ud83d\\ude00'",
	"'sub':{}", "'sub':{'sub':'a'}", "'sub':[]", "'sub':[1]", "'sub':['a',null]",
	/* not there */
	"'sub':null", "'Sub':'a'", "'x':0", "'x':{'sub':'a'}", "'x':'sub','y':'a'",
};

enum { MISSING = 5 };

static void
claims_in_headers(void)
{
	static const struct call_header headers[] = {
		{ .name = { "X-First", 7 }, .claim = { "exp", 3 } },
		{ .name = { "X-Sub", 5 }, .claim = { "sub", 3 } },
		{ .name = { "X-Last", 6 }, .claim = { "exp", 3 } }
	};

	for (size_t i = 0; i < COUNT(travelling) + COUNT(staying); i++) {
		bool travels = i < COUNT(travelling),
		    missing = i + MISSING >= COUNT(travelling) + COUNT(staying);
		const char *claim = travels ? travelling[i].claim : staying[i - COUNT(travelling)];
		char claims[128], fields[128];

		reset();
		s.policy.headers = headers;
		s.policy.header_count = COUNT(headers);
		snprintf(claims, sizeof claims, "{'exp':2000000001,%s}", claim);
		snprintf(fields, sizeof fields, NO_STORE "X-First: 2000000001\r\nX-Sub: %s\r\n"
		    "X-Last: 2000000001\r\n", travels ? travelling[i].value : "");
		sign(HS512, claims);
		CHECK_BYTES(authenticate(), travels ? reply(200, NULL, fill(fields), "")
		    : forbidden(missing ? "the token lacks the claim sub"
		    : "the claim sub can't travel in a header"), "%s", claim);
		CHECK(s.out.refusal == (travels ? REASON_NONE : missing
		    ? (unsigned)JWT_MISSING_CLAIM : REASON_UNFIT_CLAIM), "%s: counted as %u", claim,
		    s.out.refusal);
		sign_with(STR(""), HS512, claims);
		CHECK_BYTES(authenticate(), challenge("invalid_token",
		    jwt_verdict_text(JWT_BAD_SIGNATURE)), "%s, forged", claim);
	}
}

/* As many headers as there may be, with long names and values of up to 1,024 bytes: more than an
 * answer's head holds. Whatever does not fit whole is 403. The program refuses to start with so
 * many. */
static void
claims_that_do_not_fit(void)
{
	char name[276] = "X-Sub";
	struct call_header headers[JSON_LIST_MAX], same = {
	    .name = { name, sizeof name }, .claim = { "sub", 3 } };
	unsigned accepted = 0, forbidden = 0;

	reset();
	memset(name + 5, 'b', sizeof name - 5);
	s.policy.headers = headers;
	s.policy.header_count = COUNT(headers);
	for (size_t i = 0; i < COUNT(headers); i++)
		headers[i] = same;
	for (int n = 980; n <= 1024; n++) {
		struct str answer;
		unsigned lines = 0;
		char claims[2048];

		snprintf(claims, sizeof claims, "{'exp':2000000001,'sub':'%0*d'}", n, 7);
		sign(HS512, claims);
		answer = authenticate();
		for (size_t i = 0; i + 7 < answer.n; i++)
			lines += memcmp(answer.p + i, "\r\nX-Sub", 7) == 0;
		accepted += s.out.status == 200;
		forbidden += s.out.status == 403;
		CHECK(lines == (s.out.status == 200 ? COUNT(headers) : 0), "%d bytes: %u with %u",
		    n, s.out.status, lines);
	}
	CHECK(accepted > 0 && forbidden > 0, "%u fit, %u do not", accepted, forbidden);
}

/* Names that --claim-header takes. */
static void
header_names(void)
{
	static const char *const free[] = { "X-Auth-Subject", "Remote-User", "x", "X-Contents",
	    "X-Content-Length", "Dat", "Dates", "!#$%&'*+-.^_`|~09azAZ" },
	    *const taken[] = { "", " ", "X Y", "X:", ":X", "X\t", "X\r\nY", "X\x7f", "X\xc3\xa9",
	    "(X)", "X/Y", "X\"", "a,b", "a;b", "a=b", "[a]", "{a}", "a@b", "a\\b", "a?", "Allow",
	    "Authorization", "Cache-Control", "Connection", "Content-Length", "content-length",
	    "CONTENT-TYPE", "Date", "Error-Description", "Expect", "Host", "Keep-Alive", "Te",
	    "Trailer", "Transfer-Encoding", "transfer-ENCODING", "Upgrade", "WWW-Authenticate" };

	for (size_t i = 0; i < COUNT(free); i++)
		CHECK(api_is_free_header(str_from(free[i])), "'%s' is refused", free[i]);
	for (size_t i = 0; i < COUNT(taken); i++)
		CHECK(!api_is_free_header(str_from(taken[i])), "'%s' is taken", taken[i]);
	CHECK(!api_is_free_header((struct str){ "X\0", 2 }), "a name with a zero");
}

/* ---- 2.4 POST /introspect */

/* What comes of a question: Active, Inactive, Unknown client, or a Request that is wrong. */
static struct str
outcome(char is)
{
	switch (is) {
	case 'A': return reply(200, "application/json", NO_STORE,
	    "{'active':true,'sub':'alice','exp':2000000001}\n");
	case 'I': return INACTIVE;
	case 'U': return reply(401, "application/json", "WWW-Authenticate: Basic "
	    "realm=\"jwtd\", charset=\"UTF-8\"\r\n"
	    "WWW-Authenticate: Bearer realm=\"jwtd\"\r\n" NO_STORE,
	    "{'error':'invalid_client'}\n");
	default: return reply(400, "application/json", NO_STORE, "{'error':'invalid_request'}\n");
	}
}

static const struct {
	const char *fields, *form;
	char is;
} questions[] = {
	{ BEARER "$\r\n", "token=@", 'A' }, { "Authorization: bearer   $\r\n", "token=@", 'A' },
	{ "", "token=@&client_secret=$", 'A' }, { "", "client_secret=$&token=@", 'A' },
	{ "", "client_id=me&client_secret=$&token_type_hint=access_token&token=@", 'A' },
	{ "", "client_secret=%30123456789%2D%5f%2E%7eabcdefghijklmnopqrstuvwxyzABCDEF&token=@",
	  'A' },
	{ "", "cl%69ent%5Fsecret=$&t%6Fken=@", 'A' },
	{ BEARER "$\r\n", "&&token=@&&x&=&y=1&token2=@", 'A' },
	{ BEARER "$\r\n", "a&b&c&d&e&f&g&h&i&j&k&l&m&n&o&token=@", 'A' },      /* 16 */
	{ BEARER "$\r\n", "token=@&client_secret=", 'A' },
	/* other names, one hash */
	{ BEARER "$\r\n", "token=@&cfb23035be2974d5=&df4a58c84c919f5f=", 'A' },
	{ BEARER "$\r\n", "token=%41", 'I' }, { BEARER "$\r\n", "token=+@", 'I' },
	{ BEARER "$\r\n", "token=%00@", 'I' }, { BEARER "$\r\n", "token=@=", 'I' },
	{ BEARER "$\r\n", "token==@", 'I' }, { BEARER "$\r\n", "token=x", 'I' },
	{ "", "token=@", 'U' }, { BEARER "$x\r\n", "token=@", 'U' },
	{ BEARER "@\r\n", "token=@", 'U' }, { "Authorization: $\r\n", "token=@", 'U' },
	{ "Authorization: Digest $\r\n", "token=@", 'U' }, { BEARER "\r\n", "token=@", 'U' },
	{ "Authorization: Basic\r\n", "token=@", 'U' }, { "", "token=@&client_secret=x", 'U' },
	{ "", "token=@&client_secret=", 'U' }, { "", "token=@&client_secret=$%00", 'U' },
	{ "", "token=@&client_secret=$+", 'U' }, { "", "token=@&Client_secret=$", 'U' },
	{ "", "token=x", 'U' }, { "", "x", 'U' }, { "", "", 'U' },
	/* more than one way of showing it */
	{ BEARER "$\r\n", "token=@&client_secret=$", 'R' },
	{ "Authorization: Basic x\r\n", "token=@&client_secret=$", 'R' },
	{ BEARER "$\r\n" BEARER "$\r\n", "token=@", 'R' },
	{ BEARER "$\r\nAuthorization: Basic x\r\n", "token=@", 'R' },
	/* RFC 6749 3.2: repeated parameters */
	{ BEARER "$\r\n", "token=@&token=@", 'R' }, { BEARER "$\r\n", "token=@&token=", 'R' },
	{ BEARER "$\r\n", "token=@&t%6fken=@", 'R' },
	{ "", "token=@&client_secret=$&client_secret=$", 'R' },
	{ BEARER "$\r\n", "token=@&token_type_hint=a&token_type_hint=b", 'R' },
	{ BEARER "$\r\n", "token=@&client_id=a&client_id=a", 'R' },
	{ BEARER "$\r\n", "token=@&other=a&other=b", 'R' },
	{ BEARER "$\r\n", "cfb23035be2974d5=&df4a58c84c919f5f=&token=@&cfb23035be2974d%35=", 'R' },
	{ BEARER "$\r\n", "a&b&c&d&e&f&g&h&i&j&k&l&m&n&o&p&token=@", 'R' },    /* 17 */
	/* malformed, or no token */
	{ BEARER "$\r\n", "token=@%", 'R' }, { BEARER "$\r\n", "token=@%4", 'R' },
	{ BEARER "$\r\n", "token=@%zz", 'R' }, { BEARER "$\r\n", "token=@&x=%4x", 'R' },
	{ BEARER "$\r\n", "token=@&x=%g4", 'R' },
	{ BEARER "$\r\n", "%=x&token=@", 'R' }, { BEARER "$\r\n", "", 'R' },
	{ BEARER "$\r\n", "token", 'R' }, { BEARER "$\r\n", "token=", 'R' },
	{ BEARER "$\r\n", "Token=@", 'R' }, { BEARER "$\r\n", "x=token=@", 'R' },
	{ BEARER "$\r\n", "{'token':'@'}", 'R' },
};

static void
introspecting(void)
{
	reset_with_secret();
	s.remote = true;
	sign(HS512, GOOD);
	for (size_t i = 0; i < COUNT(questions); i++) {
		char fields[256];

		snprintf(fields, sizeof fields, FORM "%s", questions[i].fields);
		CHECK_BYTES(ask("POST /introspect", fields, questions[i].form),
		    outcome(questions[i].is), "%s %s", questions[i].fields, questions[i].form);
	}
}

/* RFC 4648 4, with padding or without. */
static const char *
base64(const char *text, bool padded)
{
	char *p = text_slot();
	size_t n = base64url_encode(p, text, strlen(text));

	for (size_t i = 0; i < n; i++)
		p[i] = p[i] == '-' ? '+' : p[i] == '_' ? '/' : p[i];
	while (padded && n % 4 != 0)
		p[n++] = '=';
	p[n] = '\0';
	return p;
}

/* RFC 7617; what is behind the first colon is form-encoded (RFC 6749 2.3.1). */
static void
basic(void)
{
	static const struct {
		const char *pair;
		char is;
	} pairs[] = {
		{ "client:$", 'A' }, { ":$", 'A' }, { "a%3Ab+c:$", 'A' }, { "%zz%:$", 'A' },
		{ "\xc3\xbf\xff?>~:$", 'A' }, { "a\r\n\tb:$", 'A' },
		{ "c:%30123456789%2D%5F%2E%7Eabcdefghijklmnopqrstuvwxyz%41BCDEF", 'A' },
		{ "c:%30123456789%2d%5f%2e%7eabcdefghijklmnopqrstuvwxyz%41BCDEF", 'A' },
		{ "c:$x", 'U' }, { "c:", 'U' }, { ":", 'U' }, { "$", 'U' }, { "$:", 'U' },
		{ "c:$:", 'U' }, { "c::$", 'U' }, { "c:$%", 'U' }, { "c:$%2", 'U' },
		{ "c:$%zz", 'U' }, { "c:+$", 'U' }, { "c: $", 'U' }, { "c:%20$", 'U' },
		{ "c:$%00", 'U' }, { "c:$\n", 'U' }, { "c:^^^", 'U' }, { "^^^^:$", 'U' },
	};
	char fields[8192];

	reset_with_secret();
	sign(HS512, GOOD);
	for (size_t i = 0; i < 2 * COUNT(pairs); i++) {
		snprintf(fields, sizeof fields, FORM "Authorization: %s %s\r\n",
		    i % 4 < 2 ? "Basic" : "bASIC ", base64(fill(pairs[i / 2].pair), i % 2 == 0));
		CHECK_BYTES(ask("POST /introspect", fields, "token=@"), outcome(pairs[i / 2].is),
		    "%s", pairs[i / 2].pair);
	}
	CHECK_BYTES(ask("POST /introspect", FORM "Authorization: Basic *YzokCg==\r\n", "token=@"),
	    outcome('U'), "no base64");
}

/* RFC 7662 2.2: a claim can't take the place of the verdict. */
static void
claim_named_active(void)
{
	static const struct {
		const char *claims, *shown;
	} cases[] = {
		{ "'active':false,'exp':2000000001", "'exp':2000000001" },
		{ "'exp':2000000001,'active':false", "'exp':2000000001" },
		{ "'\\u0061ctiv\\u0065':0,'exp':2000000001", "'exp':2000000001" },
		{ "'active':{'a':[1,{}]},'exp':2000000001", "'exp':2000000001" },
		{ "'Active':0,'exp':2000000001", "'Active':0,'exp':2000000001" },
		{ "'x':{'active':0},'exp':2000000001", "'x':{'active':0},'exp':2000000001" },
	};
	char claims[128], answer[128];

	reset_with_secret();
	for (size_t i = 0; i < COUNT(cases); i++) {
		snprintf(claims, sizeof claims, "{%s}", cases[i].claims);
		snprintf(answer, sizeof answer, "{'active':true,%s}\n", cases[i].shown);
		sign(HS512, claims);
		CHECK_BYTES(introspect_token(), reply(200, "application/json", NO_STORE, answer),
		    "%s", claims);
	}
}

/* More words are wanted than a challenge can hold: it goes without them, whole. */
static void
long_scope(void)
{
	static char word[DEMAND_VALUE_MAX + 1];
	static struct demand many[JSON_LIST_MAX];
	struct str answer;

	memset(word, 'w', DEMAND_VALUE_MAX);
	reset();
	for (unsigned i = 0; i < JSON_LIST_MAX; i++) {
		many[i] = (struct demand){ .name = STR("scope"), .values = DEMAND_VALUES_MAX };
		for (unsigned k = 0; k < DEMAND_VALUES_MAX; k++)
			many[i].value[k] = str_from(word);
	}
	s.policy.jwt.required = many;
	sign(HS512, "{'exp':2000000001,'scope':'a'}");
	for (unsigned n = 1; n <= JSON_LIST_MAX; n++) {
		size_t all = (size_t)n * DEMAND_VALUES_MAX * (DEMAND_VALUE_MAX + 1);

		s.policy.jwt.required_count = n;
		answer = ask("GET /auth", "Authorization: Bearer @\r\n", "");
		CHECK(contains(answer, "HTTP/1.1 403 ") && answer.n > 4 &&
		    contains(answer, "of the claim scope'\r\n") == (all >= HTTP_FIELDS_OUT - 256) &&
		    contains(answer, ", scope='www") == (all < HTTP_FIELDS_OUT - 256) &&
		    contains(answer, "\r\nCache-Control: no-store\r\n\r\n"),
		    "%u times 16 words: %zu bytes", n, answer.n);
	}
}

/* What a proxy demands for its route; that what can't be read lets nobody in, and where it shows.
 * test/demands has a million more. */
static void
demanded(void)
{
#define SIXTEEN "a=1&a=1&a=1&a=1&a=1&a=1&a=1&a=1&a=1&a=1&a=1&a=1&a=1&a=1&a=1&a=1"
#define BYTES_128 "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn" \
	"nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn"
	static const struct {
		const char *line;
		unsigned status;
		size_t at;              /* offset in the target, of what can't be read */
	} rows[] = {
		{ "GET /auth?a=1", 200, 0 }, { "GET /auth;a=1/b", 200, 0 }, { "GET /auth?a=2", 403, 0 },
		{ "GET /auth?a=2,1", 200, 0 }, { "GET /auth?a=1&b=x", 200, 0 },
		{ "GET /auth;a=1;b=x", 200, 0 }, { "GET /auth;a=1;b=y", 403, 0 },
		{ "GET /auth?" SIXTEEN, 200, 0 }, { "GET /auth?" SIXTEEN "&a=1", 403, 70 },
		{ "GET /auth?" BYTES_128 "=1", 200, 0 }, { "GET /auth?n" BYTES_128 "=1", 403, 6 },
		{ "GET /auth?a", 403, 6 }, { "GET /auth?a=1&b", 403, 10 }, { "GET /auth?a=", 403, 8 },
		{ "GET /auth?a=%zz", 403, 8 }, { "GET /auth;a=1;=1", 403, 10 },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		reset();
		sign(HS512, "{'exp':2000000001,'a':1,'b':'x','" BYTES_128 "':1}");
		ask(rows[i].line, "Authorization: Bearer @\r\n", "");
		CHECK(s.out.status == rows[i].status && (rows[i].at > 0) ==
		    (s.out.refusal == REASON_UNREADABLE_DEMAND) &&
		    (rows[i].at == 0 || s.out.refused_at == rows[i].at), "%s: %u, at byte %zu", rows[i].line,
		    s.out.status, s.out.refused_at);
	}
}

/* ---- 2.5 GET /healthz, GET /metrics */

static void
health(void)
{
	struct str answer;

	reset();
	s.remote = true;
	CHECK_BYTES(ask("GET /healthz", "", ""), reply(200, "application/json", NO_STORE,
	    "{'status':'ok'}\n"), "health");
	answer = ask("HEAD /healthz", "", "");
	CHECK(contains(answer, "\r\nContent-Length: 16\r\n") && answer.p[answer.n - 3] == '\n',
	    "HEAD: %.*s", (int)answer.n, answer.p);
	s.stamp.stopping = true;
	CHECK_BYTES(ask("GET /healthz", "", ""), reply(503, "application/json", NO_STORE,
	    "{'status':'stopping'}\n"), "the end of health");
	sign(HS512, GOOD);
	CHECK(contains(authenticate(), " 200 OK"), "/auth does not answer to the end");
}

static struct metrics workers[2];
static struct metrics *const both[] = { &workers[0], &workers[1] };
/* Two keys: one without an id, one whose id needs all that a label can. */
static struct key_ring told = {
	.n = 2, .signer = &told.key[0], .key = { { .alg = JWT_HS512 },
	    { .alg = JWT_EDDSA, .has_id = true, .id = { "a\\b\"c\nd\xc3\xa9", 9 } } },
	.print = { { 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef } },
	.generation = 4, .loaded = 1999999999, .oldest = 1888888888, .counted = true
};
static const struct metrics_view view = {
	.worker = both, .workers = 2, .route_name = api_route_name, .version = "1.2",
	.connections = 7, .max_connections = 4096, .accepted = 18, .evicted = 9, .ring = &told,
	.failed_reloads = 5, .started = 1777777777, .cpu = 1234567, .memory = 360448, .descriptors = 17,
	.max_descriptors = 1024
};

/* What happened, by turns in one worker and the other; the route is 0, 2 or 3: none, /auth or
 * /v1/tokens. */
static const struct metrics_event events[] = {
	{ 0, 404, false, JWT_GOOD, 0 }, { 2, 200, false, JWT_GOOD, 20 },
	{ 2, 401, false, JWT_BAD_SIGNATURE, 21 }, { 2, 401, false, JWT_BAD_SIGNATURE, 50 },
	{ 2, 200, false, JWT_GOOD, 10000001 }, { 2, 200, false, JWT_GOOD, 1000001 },
	{ 2, 200, false, JWT_GOOD, 1000001 }, { 2, 200, false, JWT_GOOD, 1000001 },
	{ 4, 200, true, JWT_GOOD, 1000001 }, { 4, 200, true, JWT_GOOD, 1000001 },
	{ 4, 299, true, JWT_GOOD, 6000000 },
};

/* The sums, and what else there is, in whole lines. */
static const char *const lines[] = {
	"jwtd_requests_total{route='-',status='404'} 1",
	"jwtd_requests_total{route='/auth',status='200'} 5",
	"jwtd_requests_total{route='/auth',status='401'} 2",
	"jwtd_requests_total{route='/v1/tokens',status='200'} 2",
	"jwtd_requests_total{route='/v1/tokens',status='0'} 1",
	"jwtd_request_duration_seconds_bucket{le='2e-05'} 2",
	"jwtd_request_duration_seconds_bucket{le='5e-05'} 4",
	"jwtd_request_duration_seconds_bucket{le='0.0001'} 4",
	"jwtd_request_duration_seconds_bucket{le='1'} 4",
	"jwtd_request_duration_seconds_bucket{le='10'} 10",
	"jwtd_request_duration_seconds_bucket{le='+Inf'} 11",
	"jwtd_request_duration_seconds_sum 21000097e-6", "jwtd_request_duration_seconds_count 11",
	"jwtd_tokens_issued_total 3", "jwtd_tokens_refused_total{reason='bad_signature'} 2",
	"jwtd_tokens_refused_total{reason='expired'} 0", "jwtd_connections 7",
	"jwtd_connections_max 4096",
	"jwtd_connections_accepted_total 18", "jwtd_connections_evicted_total 9", "jwtd_keys 2",
	"jwtd_key_info{fingerprint='0123456789abcdef',kid='',alg='HS512',signs='1'} 1",
	"jwtd_tokens_accepted_total{fingerprint='0123456789abcdef',kid='',route='/auth'} 3",
	"jwtd_tokens_accepted_total{fingerprint='0123456789abcdef',kid='',route='/v1/verify'} 0",
	"jwtd_tokens_accepted_total{fingerprint='0000000000000000',kid='a\\\\b\\'c\\nd\xc3\xa9',route='/introspect'} 1",
	"jwtd_key_info{fingerprint='0000000000000000',kid='a\\\\b\\'c\\nd\xc3\xa9',alg='EdDSA',signs='0'} 1",
	"jwtd_key_ring_generation 4", "jwtd_key_ring_failed_reloads_total 5",
	"jwtd_key_ring_loaded_timestamp_seconds 1999999999",
	"jwtd_key_file_oldest_timestamp_seconds 1888888888",
	"process_start_time_seconds 1777777777", "process_cpu_seconds_total 1234567e-6",
	"process_resident_memory_bytes 360448", "process_open_fds 17", "process_max_fds 1024",
	"jwtd_build_info{version='1.2'} 1",
};

/* Cuts off a line, without its end. */
static bool
cut_line(char *line, size_t size, struct str *text)
{
	const char *end = text->n == 0 ? NULL : memchr(text->p, '\n', text->n);

	if (end == NULL)
		return false;
	snprintf(line, size, "%.*s", (int)(end - text->p), text->p);
	text->n -= (size_t)(end + 1 - text->p);
	text->p = end + 1;
	return true;
}

/* The text format 0.0.4: each family once, HELP and TYPE before its samples; a counter's name ends
 * in _total. */
static void
check_format(struct str text)
{
	char family[64] = "", type[16] = "", name[64], rest[256], line[512], seen[4096] = " ";

	while (cut_line(line, sizeof line, &text)) {
		if (sscanf(line, "# HELP %63s %255[^\n]", name, rest) == 2) {
			CHECK(!is_among(str_from(name), seen), "%s comes twice", name);
			strcat(strcat(seen, name), " ");
			strcpy(family, name);
			*type = '\0';
		} else if (sscanf(line, "# TYPE %63s %15s", name, type) == 2) {
			CHECK(strcmp(name, family) == 0, "TYPE without HELP: %s", line);
			CHECK((strcmp(type, "counter") == 0) == (strstr(name, "_total") != NULL),
			    "the name of a %s: %s", type, name);
		} else {
			int n = sscanf(line, "%63[a-z_]%255s", name, rest);
			size_t stem = strlen(family);

			CHECK(n == 2 && *type != '\0' && strncmp(name, family, stem) == 0 &&
			    (name[stem] == '\0' || (strcmp(type, "histogram") == 0 &&
			    is_among(str_from(name + stem), " _bucket _sum _count "))),
			    "a sample of %s: %s", family, line);
		}
	}
	CHECK(text.n == 0 && *seen != '\0', "the last line has no end");
}

/* Three tokens of the first key at /auth, in both workers, and one of the second; others by the
 * ring that was there before. */
static void
use_keys(void)
{
	static const struct key_ring before = { .n = 1 };

	for (unsigned i = 0; i < 3; i++)
		metrics_use(&workers[i % 2], &told, 0, METRICS_AUTH);
	metrics_use(&workers[1], &told, 1, METRICS_INTROSPECT);
	metrics_use(&workers[0], &before, 0, METRICS_AUTH);
	metrics_use(&workers[0], &told, 0, METRICS_NOBODY);
}

/* Keys that are loaded anew are counted anew, and those of the other ring stay. */
static void
restarted_metrics(void)
{
	const struct key_ring before = { .n = 1 };

	metrics_restart(&workers[0], &told);
	CHECK(workers[0].used[1][0][METRICS_AUTH] == 0 && workers[0].used[0][0][METRICS_AUTH] == 1,
	    "the new ring's begin at 0");
	metrics_restart(&workers[0], &before);
	CHECK(workers[0].used[0][0][METRICS_AUTH] == 0, "and so do the other one's");
}

static void
metrics(void)
{
	struct str answer, text;

	for (size_t i = 0; i < COUNT(events); i++)
		metrics_count(&workers[i % 2], &events[i]);
	use_keys();
	reset();
	s.remote = true;
	s.stamp.metrics = &view;
	answer = ask("GET /metrics", "", "");
	CHECK(contains(answer, "\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"),
	    "its media type: %.*s", (int)(answer.n < 200 ? answer.n : 200), answer.p);
	text = buf_str(&s.out.body);
	check_format(text);
	for (size_t i = 0; i < COUNT(lines); i++) {
		char line[128];

		snprintf(line, sizeof line, "\n%s\n", lines[i]);
		CHECK(contains(text, line), "no '%s' in %.*s", lines[i], (int)text.n, text.p);
	}
	for (unsigned v = JWT_GOOD + 1; v < JWT_VERDICTS; v++)
		CHECK(contains(text, jwt_verdict_name((enum jwt_verdict)v)), "reason %u", v);
	answer = ask("HEAD /metrics", "", "");
	CHECK(s.out.status == 200 && !contains(answer, "jwtd_"), "HEAD: %u", s.out.status);
}

static const char *
longest_route(unsigned route)
{
	return route < METRICS_ROUTES ? "/introspect" : NULL;
}

/* All counters at their most, and as many routes as there may be: it fits. A bucket counts those
 * below it too. */
static void
most_metrics(void)
{
	static struct metrics full;
	static struct metrics *const one[] = { &full };
	static char text[METRICS_TEXT_MAX], id[KEY_ID_MAX];
	static struct key_ring ring = { .n = KEY_RING_MAX, .generation = -1UL,
	    .loaded = INT64_MAX, .oldest = INT64_MAX };
	static struct metrics_revocations list;
	struct metrics_view most = { .worker = one, .workers = 1, .route_name = longest_route,
	    .version = "1234567890.1234567890.1234567890", .connections = -1UL, .accepted = -1UL,
	    .max_connections = -1UL, .evicted = -1UL, .ring = &ring, .failed_reloads = -1UL,
	    .started = INT64_MAX, .cpu = UINT64_MAX, .memory = UINT64_MAX, .descriptors = -1UL,
	    .max_descriptors = -1UL, .revocations = &list, .revoked = -1U,
	    .max_revocations = -1U };
	struct buf b = buf_over(text, sizeof text);
	unsigned long below = 0, n = 0;

	memset(&full, 0xff, sizeof full);
	memset(&list, 0xff, sizeof list);
	memset(id, '\n', sizeof id);
	for (unsigned i = 0; i < KEY_RING_MAX; i++)
		ring.key[i] = (struct jwt_key){ .alg = JWT_EDDSA, .has_id = true,
		    .id = { id, sizeof id } };
	metrics_put(&b, &most);
	CHECK(!b.bad, "more than %d bytes", METRICS_TEXT_MAX);
	CHECK(b.n > METRICS_TEXT_MAX / 2, "%zu bytes are not the most", b.n);
	CHECK(api_answer_size(0) >= METRICS_TEXT_MAX, "an answer holds %zu", api_answer_size(0));
	for (unsigned i = 0; i < METRICS_BUCKETS; i++)
		full.duration[i] = i * i;
	most.revocations = NULL;                        /* whose histogram has other sums */
	buf_empty(&b);
	metrics_put(&b, &most);
	text[b.n - 1] = '\0';
	for (const char *p = text; (p = strstr(p, "_bucket{le=\"")) != NULL; p++, below = n)
		CHECK(sscanf(p, "_bucket{le=\"%*[^\"]\"} %lu", &n) == 1 && n >= below, "%.60s", p);
	CHECK(n == 506, "the last bucket is %lu", n);           /* 0 + 1 + 4 + ... + 121 */
	CHECK(strstr(text, "_seconds_count 506\n") != NULL, "the count is another one");
}

/* ---- requests that never were any, in the form of the route they went to */

static void
refusals_of_requests(void)
{
	static const struct {
		const char *path, *route;
		unsigned status;
		enum call_form form;
	} cases[] = {
		{ "/", "/", 413, CALL_COMPAT }, { "", "-", 413, CALL_COMPAT },
		{ "/nowhere", "-", 413, CALL_COMPAT }, { "/authx", "-", 413, CALL_COMPAT },
		{ "/auth", "/auth", 431, CALL_EMPTY }, { "/auth/", "/auth", 408, CALL_EMPTY },
		{ "/auth/x", "/auth", 400, CALL_EMPTY }, { "/auth", "/auth", 503, CALL_EMPTY },
		{ "/v1/tokens", "/v1/tokens", 413, CALL_PROBLEM },
		{ "/revoke", "/revoke", 503, CALL_PROBLEM },
		{ "/v1/verify", "/v1/verify", 408, CALL_PROBLEM },
		{ "/introspect", "/introspect", 431, CALL_PROBLEM },
		{ "/healthz", "/healthz", 505, CALL_PROBLEM },
		{ "/metrics", "/metrics", 400, CALL_PROBLEM },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct http_request in = { .path = str_from(cases[i].path) };
		char bytes[1024], why[128], body[256];
		struct buf answer = buf_over(bytes, sizeof bytes);
		unsigned status = cases[i].status;
		const char *fields = strcmp(cases[i].path, "/revoke") == 0 ?
		    "Retry-After: 1\r\n" NO_STORE : NO_STORE;

		s.out = (struct response){ .fields = buf_over(s.fields, sizeof s.fields),
		    .body = buf_over(s.body, sizeof s.body) };
		api_refuse(&s.out, &in, status, "why", 7);
		http_answer(&answer, &s.out, &(struct http_reply){ .date = STR(DATE) });
		snprintf(why, sizeof why, "%s: why at byte 7", http_phrase(status));
		snprintf(body, sizeof body, "{'status': %u, 'description': '%s'}\n", status, why);
		CHECK_BYTES(buf_str(&answer), cases[i].form == CALL_PROBLEM
		    ? problem(status, fields, why) : cases[i].form == CALL_EMPTY
		    ? reply(status, NULL, NO_STORE, "")
		    : reply(status, "application/json", NO_STORE, body), "%s", cases[i].path);
		CHECK(strcmp(api_route_name(s.out.route), cases[i].route) == 0, "%s is route %s",
		    cases[i].path, api_route_name(s.out.route));
	}
}

/* SPEC 2.3: a head at /auth that is not well-formed gets its status, with Content-Length: 0. */
static void
bad_heads_at_auth(void)
{
	static const struct {
		int status;
		const char *head;
	} cases[] = {
		{ 400, "GET /auth HTTP/1.1\r\n\r\n" }, { 400, "GET /auth  HTTP/1.1\r\n" },
		{ 400, "GET /auth/x HTTP/1.1\r\nHost: a\r\nHost: b\r\n" },
		{ 400, "POST /auth HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n" },
		{ 400, "POST /auth HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n"
		  "Transfer-Encoding: chunked\r\n\r\n" },
		{ 400, "GET /auth HTTP/1.1\r\nHost: a\r\n A: b\r\n" },
		{ 505, "GET /auth HTTP/2.0\r\n" }, { 505, "GET /auth?x HTTP/3.0\r\n" },
		{ 431, "GET /auth HTTP/1.1\r\nHost: a\r\nA: ^^^^^^^^^^^^^^^^^\r\n" },
		{ 414, "GET /auth/^^^^^^^^^ HTTP/1.1\r\n" }, { 414, "GET /auth?^^^^^^^^^\r\n" },
		{ 400, "GET /auth/\x80 HTTP/1.1\r\n" }, { 400, "GET /auth/%zz HTTP/1.1\r\n" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *head = fill(cases[i].head);
		int done = http_head(&s.in, head, strlen(head));

		CHECK(done == -cases[i].status, "%s: %d", cases[i].head, done);
		s.out = (struct response){ .fields = buf_over(s.fields, sizeof s.fields),
		    .body = buf_over(s.body, sizeof s.body) };
		api_refuse(&s.out, &s.in, (unsigned)-done, s.in.fault, s.in.fault_at);
		CHECK(s.out.body.n == 0 && s.out.content_type == NULL, "%s: %.*s", cases[i].head,
		    (int)s.out.body.n, s.body);
	}
}

/* ---- forgeries */

enum { MASTERS = 4 };

/* Some change or other to one of the tokens, perhaps with parts of another one. */
static struct str
forge(char *into, const struct str master[MASTERS])
{
	const struct str a = master[test_random() % MASTERS], b = master[test_random() % MASTERS];
	size_t at = test_random() % a.n, n = a.n, dot = 0, from;

	memcpy(into, a.p, a.n);
	switch (test_random() % 6) {
	case 0:                         /* bits flipped */
		for (unsigned i = 0; i <= test_random() % 3; i++)
			into[test_random() % n] ^= (char)(1 << test_random() % 8);
		break;
	case 1:                         /* another character */
		into[at] = "AQgwx-_=. \n"[test_random() % 11];
		break;
	case 2:                         /* cut off, behind or before */
		n = at;
		if (test_random() % 2 == 0)
			memmove(into, a.p + a.n - at, at);
		break;
	case 3:                         /* the end of another one */
		from = at < b.n ? at : b.n;
		memcpy(into + at, b.p + from, b.n - from);
		n = at + b.n - from;
		break;
	case 4:                         /* a byte twice */
		memmove(into + at + 1, into + at, n++ - at);
		break;
	case 5:                         /* other segments behind one or two of its own */
		for (unsigned i = 0; i <= test_random() % 2; i++)
			dot = (size_t)((char *)memchr(into + dot, '.', n - dot) - into) + 1;
		from = (size_t)((const char *)memchr(b.p, '.', b.n) - b.p) + 1;
		memcpy(into + dot, b.p + from, b.n - from);
		n = dot + b.n - from;
		break;
	}
	return (struct str){ into, n };
}

static void
forgeries(void)
{
	struct str master[MASTERS] = { sign(HS512, GOOD), sign(HS512, "{'exp':2000000009}"),
	    sign("{'typ':'JWT','alg':'HS512'}", "{'sub':'bob','exp':2000000002}"),
	    sign_with(STR(OTHER_KEY), "{'alg':'HS512','typ':'JWT'}", GOOD) };
	unsigned let_in = 0, odd = 0, tried = 0;
	char text[2048] = "Bearer ";

	reset();
	for (unsigned i = 0; i < MASTERS; i++) {
		s.token = master[i];
		CHECK(contains(authenticate(), " 200 OK"), "token %u is not good", i);
	}
	while (tried < FORGERIES) {
		struct str token = forge(text + 7, master);
		bool good = false;

		for (unsigned k = 0; k < MASTERS; k++)
			good = good || str_equal(token, master[k]);
		if (good)
			continue;
		tried++;
		s.in = (struct http_request){ .path = STR("/auth"), .authorizations = 1,
		    .authorization = { test_flush(0, text, token.n + 7), token.n + 7 } };
		s.out = (struct response){ .fields = buf_over(s.fields, sizeof s.fields),
		    .body = buf_over(s.body, sizeof s.body) };
		api_handle(&s.out, &s.scratch, &s.ring, &s.policy, &s.stamp, &s.in);
		let_in += s.out.status == 200;
		odd += s.out.status != 401 || s.out.body.n > 0;
	}
	CHECK(let_in == 0, "%u of %u forged tokens are let in", let_in, tried);
	CHECK(odd == 0, "%u of %u forged tokens get another answer than 401", odd, tried);
}

/* ---- the word that the log has for a refusal */

/* Requests, and the word; NULL: nothing is refused. There is a service secret (s), the caller is on
 * another host (r), it stops (p), the clock is not set (c), there is no randomness (n). */
static const struct {
	const char *set, *line, *fields, *body, *word;
} words[] = {
	{ "", "GET /auth", BEARER "@\r\n", "", NULL },
	{ "", "GET /auth", "", "", "no_credentials" },
	{ "", "GET /auth", "Authorization: Basic @\r\n", "", "no_credentials" },
	{ "", "GET /auth", BEARER "@\r\n" BEARER "@\r\n", "", "invalid_request" },
	{ "", "GET /auth", BEARER "x\r\n", "", "malformed" },
	{ "", "GET /auth", BEARER "@x\r\n", "", "malformed" },
	{ "h", "GET /auth", BEARER "@\r\n", "", "missing_claim" },
	{ "c", "GET /auth", BEARER "@\r\n", "", "clock_not_set" },
	{ "", "POST /v1/tokens", JSON, "{}", NULL },
	{ "r", "POST /v1/tokens", JSON, "{}", "not_this_host" },
	{ "s", "POST /v1/tokens", JSON, "{}", "no_credentials" },
	{ "s", "POST /v1/tokens", JSON BEARER "x\r\n", "{}", "wrong_secret" },
	{ "s", "POST /v1/tokens", JSON BEARER "$\r\n", "{}", NULL },
	{ "s", "POST /v1/tokens", JSON BEARER "$\r\n" BEARER "$\r\n", "{}", "invalid_request" },
	{ "", "POST /v1/tokens", JSON, "{'sub':1}", "invalid_request" },
	{ "", "POST /v1/tokens", JSON, "", "invalid_request" },
	{ "", "POST /v1/tokens", "", "{}", "wrong_media_type" },
	{ "n", "POST /v1/tokens", JSON, "{}", "no_random_numbers" },
	{ "c", "POST /v1/tokens", JSON, "{}", "clock_not_set" },
	{ "", "GET /v1/tokens", "", "", "wrong_method" },
	{ "", "OPTIONS /v1/tokens", "", "", NULL },
	{ "", "POST /v1/verify", JSON, "{'token':'@'}", NULL },
	{ "", "POST /v1/verify", JSON, "{'token':'x'}", "malformed" },
	{ "", "POST /introspect", FORM, "token=@", "not_found" },
	{ "s", "POST /introspect", FORM BEARER "$\r\n", "token=@", NULL },
	{ "s", "POST /introspect", FORM BEARER "$\r\n", "token=x", "malformed" },
	{ "s", "POST /introspect", FORM BEARER "$\r\n", "", "invalid_request" },
	{ "s", "POST /introspect", FORM, "token=@", "invalid_client" },
	{ "", "POST /", JSON, "{'user_data':1}", NULL },
	{ "", "POST /", "", "{'user_data':1}", "wrong_media_type" },
	{ "", "GET /", JSON, "{}", "missing_token" },
	{ "", "GET /", JSON, "{'Token':'@'}", "missing_key" },
	{ "", "OPTIONS /", "", "", NULL },
	{ "", "GET /x", "", "", "not_found" },
	{ "", "GET /healthz", "", "", NULL },
	{ "p", "GET /healthz", "", "", "stopping" },
	{ "p", "POST /", JSON, "{'user_data':1}", NULL },
};

static void
reasons(void)
{
	static const struct call_header header = { .name = { "X-A", 3 },
	    .claim = { "no_such", 7 } };

	for (size_t i = 0; i < COUNT(words); i++) {
		const char *set = words[i].set, *got;

		reset_with_secret();
		sign(HS512, GOOD);
		s.ring.has_secret = strchr(set, 's') != NULL;
		s.remote = strchr(set, 'r') != NULL;
		s.stamp.stopping = strchr(set, 'p') != NULL;
		if (strchr(set, 'c') != NULL)
			s.stamp.token.now = JWT_CLOCK_FLOOR - 1;
		if (strchr(set, 'n') != NULL)
			s.stamp.token.nonce = NULL;
		s.policy.headers = &header;
		s.policy.header_count = strchr(set, 'h') != NULL;
		ask(words[i].line, words[i].fields, words[i].body);
		got = reason_name(reason_of(&s.out));
		CHECK(got == NULL || words[i].word == NULL ? got == words[i].word :
		    strcmp(got, words[i].word) == 0, "%s, row %zu: %s", words[i].line, i,
		    got != NULL ? got : "no word");
	}
}

/* Whatever refuses has a word, and nothing else has one. */
static void
reasons_by_status(void)
{
	static const unsigned refusing[] = { 202, 203, 400, 401, 403, 404, 405, 408, 413, 414, 415,
	    417, 421, 431, 500, 501, 503, 505 }, fine[] = { 200, 204 };

	for (size_t i = 0; i < COUNT(refusing); i++)
		CHECK(reason_of(&(struct response){ .status = refusing[i] }) != REASON_NONE, "%u",
		    refusing[i]);
	for (size_t i = 0; i < COUNT(fine); i++)
		CHECK(reason_of(&(struct response){ .status = fine[i] }) == REASON_NONE, "%u", fine[i]);
}

/* Adds a key of 32 bytes that are always the same; of EdDSA the whole, or what is public in it, which
 * is what openssl makes of them. */
static void
add_key(enum jwt_alg alg, const char *id, bool whole)
{
	struct ed25519_signer signer;
	uint8_t bytes[ED25519_SEED];
	char text[200];
	struct buf b = buf_over(text, sizeof text);
	struct jwk key = { .alg = alg, .has_id = id != NULL, .id = str_from(id != NULL ? id : ""),
	    .may_sign = whole, .may_judge = true };

	for (unsigned i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)(i * 7 + 35);
	ed25519_signer_init(&signer, bytes);
	key.x = alg == JWT_EDDSA ? test_slice(signer.public, sizeof signer.public) : STR("");
	if (whole || alg != JWT_EDDSA)
		key.k = test_slice(bytes, sizeof bytes);
	CHECK(keys_add(&s.ring, &key, &b), "%s: %.*s", jwt_alg_name(alg), (int)b.n, text);
}

#define JWKS "/.well-known/jwks.json"
#define A_PUBLIC_KEY "{'keys':[{'kty':'OKP','crv':'Ed25519','use':'sig','alg':'EdDSA'," \
	"'kid':'e','x':'QkCwAqfXZ2FDwOgH1S8sh08XKuQ7tU1XvfLfBW_fc5Q'}]}\n"
#define MAY_BE_KEPT "Cache-Control: public, max-age=300\r\n"

/* RFC 7517 5: what is published, and where nothing is. */
static void
published_keys(void)
{
	struct str kept;

	reset();
	CHECK_BYTES(ask("GET " JWKS, "", ""), problem(404, NO_STORE, "Not found"), "no public key");
	add_key(JWT_HS256, "h", true);
	CHECK_BYTES(ask("GET " JWKS, "", ""), problem(404, NO_STORE, "Not found"), "nor with HS256");
	reset();
	add_key(JWT_EDDSA, "e", true);
	s.remote = true;
	kept = reply(200, "application/jwk-set+json", MAY_BE_KEPT, A_PUBLIC_KEY);
	CHECK_BYTES(ask("GET " JWKS, "", ""), kept, "a public key");
	CHECK_BYTES(ask("GET " JWKS "?x", "", ""), kept, "a query");
	kept.n -= strlen(A_PUBLIC_KEY);
	CHECK_BYTES(ask("HEAD " JWKS, "", ""), kept, "its head");
	CHECK_BYTES(ask("OPTIONS " JWKS, "", ""), reply(204, NULL,
	    NO_STORE "Allow: GET, HEAD, OPTIONS\r\n", ""), "its methods");
	ask("POST " JWKS, "", "");
	CHECK(s.out.status == 405, "POST: %u", s.out.status);
	ask("GET " JWKS "/", "", "");
	CHECK(s.out.status == 404, "what lies below: %u", s.out.status);
	CHECK(api_route_name(s.out.route) != NULL, "it is counted");
}

/* The ids and headers of a ring have room for so much: all of it fits into an answer. */
static void
largest_set(void)
{
	unsigned n = 0;
	bool ok = true;

	reset();
	keys_wipe(&s.ring);
	for (; ok && n < KEY_RING_MAX; n++) {
		char id[KEY_ID_MAX], text[200];
		uint8_t seed[ED25519_SEED] = { (uint8_t)(n + 1), 200, 201, 202, 203, 204, 205, 206 };
		struct buf b = buf_over(text, sizeof text);
		struct jwk key = { .alg = JWT_EDDSA, .k = test_slice(seed, sizeof seed), .has_id = true,
		    .id = test_slice(id, n % 2 > 0 ? sizeof id : 1), .may_sign = true, .may_judge = true };

		memset(id, 1, sizeof id);       /* six characters each */
		id[0] = (char)('A' + n);
		ok = keys_add(&s.ring, &key, &b);
	}
	ask("GET " JWKS, "", "");
	CHECK(s.out.status == 200 && !s.out.body.bad && s.ring.n >= 30, "%u keys, %zu bytes", s.ring.n,
	    s.out.body.n);
}

/* An edge host: a public key, and no secret at all. */
static void
judging_alone(void)
{
	static const struct {
		const char *line, *fields, *body;
		unsigned status;
	} cases[] = {
		{ "POST /v1/tokens", JSON, "{}", 404 }, { "OPTIONS /v1/tokens", "", "", 404 },
		{ "POST /token", FORM, "grant_type=client_credentials", 404 },
		{ "POST /", JSON, "{'user_data':1}", 404 }, { "GET /", JSON, "{}", 404 },
		{ "GET /auth", BEARER "@\r\n", "", 200 }, { "GET /auth", "", "", 401 },
		{ "POST /v1/verify", JSON, "{'token':'@'}", 200 }, { "GET " JWKS, "", "", 200 },
		{ "GET /healthz", "", "", 200 }, { "GET /metrics", "", "", 200 },
	};
	char *token = token_slot();
	struct buf b = buf_over(token, JWT_MAX);

	reset();
	add_key(JWT_EDDSA, "e", true);
	jwt_mint(&b, &s.ring.key[2], STR("{\"exp\":2100000000}"));
	for (size_t i = 0; i < COUNT(cases); i++) {
		reset();
		keys_wipe(&s.ring);
		add_key(JWT_EDDSA, "e", false);
		s.policy.no_compat = true;
		s.token = buf_str(&b);
		ask(cases[i].line, cases[i].fields, cases[i].body);
		CHECK(s.out.status == cases[i].status, "%s: %u", cases[i].line, s.out.status);
		CHECK(strstr(cases[i].line, "verify") == NULL || contains(buf_str(&s.out.body),
		    "'valid':true"), "%.*s", (int)s.out.body.n, s.out.body.p);
	}
}

/* Which key signs where: the first of all, but for POST / the first of HS512. */
static void
issuing_by_another(void)
{
	static const struct {
		const char *line, *body, *begins;
	} cases[] = {
		{ "POST /v1/tokens", "{}", "{'access_token':'eyJ0eXAiOiJKV1QiLCJhbGciOiJFZERTQSIsImtpZCI6ImUifQ." },
		{ "POST /", "{'user_data':1}", "{'JWT Token': 'eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzUxMiJ9." },
	};
	char text[200];
	struct buf b = buf_over(text, sizeof text);

	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *begins;

		reset();
		keys_wipe(&s.ring);
		add_key(JWT_EDDSA, "e", true);
		CHECK(keys_add_bytes(&s.ring, keys_demo(), NULL, &b), "a second key");
		ask(cases[i].line, JSON, cases[i].body);
		begins = fill(cases[i].begins);
		CHECK(s.out.status == 200 && s.out.body.n > strlen(begins) &&
		    memcmp(s.out.body.p, begins, strlen(begins)) == 0, "%s: %u %.*s", cases[i].line,
		    s.out.status, (int)s.out.body.n, s.out.body.p);
	}
	keys_wipe(&s.ring);
	add_key(JWT_EDDSA, "e", true);          /* which needs --no-compat; and still fails closed */
	ask("POST /", JSON, "{'user_data':1}");
	CHECK(s.out.status == 404, "nothing signs it: %u", s.out.status);
	ask("OPTIONS /", "", "");
	CHECK(contains(buf_str(&s.out.fields), "Allow: GET, HEAD, OPTIONS\r\n"), "its methods");
}

void
test_routes(void)
{
	published_keys();
	largest_set();
	judging_alone();
	issuing_by_another();
	reasons();
	reasons_by_status();
	methods();
	paths();
	settings();
	media_types();
	content_codings();
	before_the_body();
	clock_and_randomness();
	issuing();
	not_issuing();
	who_may_create();
	size_of_tokens();
	many_claims();
	refusals_of_tokens();
	no_dates();
	acceptance_of_tokens();
	without_exp();
	long_tokens();
	verifying();
	whatever_asks();
	credentials();
	claims_in_headers();
	claims_that_do_not_fit();
	header_names();
	introspecting();
	basic();
	claim_named_active();
	long_scope();
	demanded();
	health();
	metrics();
	restarted_metrics();
	most_metrics();
	refusals_of_requests();
	bad_heads_at_auth();
	forgeries();
}

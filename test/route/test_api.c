#include "test/test.h"

#include "route/api.h"

enum { MAX_BODY = 65536 };

/* A whole service without a socket: one request in, one answer out. */
static struct {
	struct api_scratch scratch;
	struct key_ring ring;
	struct api_policy policy;
	struct api_stamp stamp;
	struct http_request in;
	struct response out;
	char text[2 * MAX_BODY + 4096], claims[2 * MAX_BODY + 4096], body[2 * MAX_BODY + 4096],
	    fields[2048];
} s;

static const uint8_t nonce[CLAIMS_NONCE] = {
	0xf1, 0x0f, 0xb5, 0xf4, 0x74, 0x61, 0xde, 0x4d,
	0xd8, 0xc7, 0x61, 0x13, 0xca, 0xd7, 0x80, 0x3b
};

static void
reset(void)
{
	char reason[128];
	struct buf why = buf_over(reason, sizeof reason);

	keys_wipe(&s.ring);
	keys_add_bytes(&s.ring, keys_demo(), NULL, &why);
	s.scratch.jwt.text = buf_over(s.text, sizeof s.text);
	s.scratch.claims = buf_over(s.claims, sizeof s.claims);
	s.policy = (struct api_policy){ .max_body = MAX_BODY };
	s.stamp = (struct api_stamp){ .token = { .now = JWT_CLOCK_FLOOR, .nonce = nonce } };
	s.in = (struct http_request){ .method = HTTP_POST, .path = STR("/"),
	    .content_type = STR("application/json"),
		.content_types = 1, .from = HTTP_FROM_HERE, .complete = true, .keep_alive = true };
}

static bool
run(struct str body)
{
	s.in.body = (struct str){ test_flush(0, body.p, body.n), body.n };
	s.out = (struct response){ .body = buf_over(s.body, sizeof s.body),
	    .fields = buf_over(s.fields, sizeof s.fields) };
	return api_handle(&s.out, &s.scratch, &s.ring, &s.policy, &s.stamp, &s.in);
}

static bool
contains(struct str text, const char *part)
{
	return memmem(text.p, text.n, part, strlen(part)) != NULL;
}

#define GOLDEN_A \
	"eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzUxMiJ9.eyJpYXQiOjE2Njg2NzY5MDcsImp0aSI6ImYxMGZiNWY0NzQ" \
	"2MWRlNGRkOGM3NjExM2NhZDc4MDNiIiwicGF5bG9hZCI6eyJkYXRhIjoidGhpcyBpcyB0ZXN0IiwiZGF0ZSI" \
	"6IjIwMjItMTEtMTcifX0.LgY1OHZamo0irNBb3uGQvWRzdFEiBfjmyBOKewPAvPGqmFJGh3HaqdzDMZyX3Tz" \
	"KdTV35a748Xz6hoPOIxPWrA"
#define DEMO "a9ddbcaba8c0ac1a0a812dc0c2f08514b23f2db0a68343cb8199ebb38a6d91e4" \
	"ebfb378e22ad39c2d01d0b4ec9c34aa91056862ddace3fbbd6852ee60c36acbf"

/* The golden tokens' iat, jti and data give their bytes back. */
static void
golden_mint(void)
{
	static const struct {
		int64_t iat;
		const char *jti, *data, *token;
	} golden[] = {
		{ 1668676907, "f10fb5f47461de4dd8c76113cad7803b", "\"this is test\"", GOLDEN_A },
		{ 1668664446, "0e5cdc4bc96a19d7fdb331ec8113dad0", "\"this is test\"",
		  "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzUxMiJ9.eyJpYXQiOjE2Njg2NjQ0NDYsImp0aSI6IjBlNWNkYzR"
		  "iYzk2YTE5ZDdmZGIzMzFlYzgxMTNkYWQwIiwicGF5bG9hZCI6eyJkYXRhIjoidGhpcyBpcyB0ZXN0Iiw"
		  "iZGF0ZSI6IjIwMjItMTEtMTcifX0.HChW1vzHVA6dD_j4f0zTMt2w7eKW5ydbjXBgUdRsmd6M93BcIbe"
		  "EtqI9JIDnZJGWoX4MnoaUsEdorzfEDsgDrQ" },
		{ 1668690233, "6b05dfac4ba6063ac341d9d9a7bcceb8", "\"this is test3\"",
		  "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzUxMiJ9.eyJpYXQiOjE2Njg2OTAyMzMsImp0aSI6IjZiMDVkZmF"
		  "jNGJhNjA2M2FjMzQxZDlkOWE3YmNjZWI4IiwicGF5bG9hZCI6eyJkYXRhIjoidGhpcyBpcyB0ZXN0MyI"
		  "sImRhdGUiOiIyMDIyLTExLTE3In19.RPIUS8khOWVU91crsqHbIv_3dpWTisIFmbRo180Si9YunUxUId"
		  "xIUSE_Q2OGVthRxFt8xQ-RJ0CCetK18YEo3g" },
		{ 1668668662, "6e102555ce86ad6950f0c9298b57a779", "\"this is test3\"",
		  "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzUxMiJ9.eyJpYXQiOjE2Njg2Njg2NjIsImp0aSI6IjZlMTAyNTU"
		  "1Y2U4NmFkNjk1MGYwYzkyOThiNTdhNzc5IiwicGF5bG9hZCI6eyJkYXRhIjoidGhpcyBpcyB0ZXN0MyI"
		  "sImRhdGUiOiIyMDIyLTExLTE3In19.BEhKN0mRK8Umn_OciwUadr7fn0bEs2cnFPpk1nEE-YUUbVenvv"
		  "iHCdW_LpjyVU4a3C6cxbYRoTcxs0S7pfbSVA" },
	};

	for (size_t i = 0; i < sizeof golden / sizeof golden[0]; i++) {
		uint8_t jti[CLAIMS_NONCE];
		struct claims_stamp stamp = { golden[i].iat, jti };
		char text[512], out[1024];
		struct buf claims = buf_over(text, sizeof text), token = buf_over(out, sizeof out);

		reset();
		test_unhex(jti, golden[i].jti);
		claims_payload(&claims, &stamp, str_from(golden[i].data));
		jwt_mint(&token, &s.ring.key[0], buf_str(&claims));
		CHECK_BYTES(buf_str(&token), str_from(golden[i].token), "golden token %zu", i);
	}
}

/* POST /: the body, the status, and what the answer's body has in it. */
static const struct {
	const char *body;
	unsigned status;
	const char *shows;
} created[] = {
	{ "{\"user_data\": \"this is test\"}", 200,
	    "{\"JWT Token\": \"eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzUxMiJ9." },
	{ "\t{ \"x\" : [ ] , \"user_data\" : { \"a\" : [ 1 , \" \" ] } }\r\n", 200, "JWT Token" },
	{ "{\"user_data\": null}", 200, "JWT Token" },
	{ "{\"user_data\": \"\"}", 200, "JWT Token" },
	{ "{\"user\\u005fdata\": 1e400}", 200, "JWT Token" },
	{ "{}", 400, "{\"status\": 400, \"description\": \"user_data is missing\"}\n" },
	{ "{\"User_data\": 1}", 400, "user_data is missing" },
	{ "", 400, "{\"status\": 400, \"description\": \"Malformed JSON: the body is empty\"}\n" },
	{ " ", 400, "Malformed JSON: value expected at byte 1" },
	{ "[]", 400, "The body is not a JSON object" },
	{ "\"user_data\"", 400, "The body is not a JSON object" },
	{ "{\"user_data\": \"x\"", 400, "at byte 17" },
	{ "{\"user_data\": 'x'}", 400, "value expected at byte 14" },
	{ "{\"user_data\": 1, \"user_data\": 2}", 400, "duplicate member name at byte 17" },
	{ "{\"user_data\": \"\xc0\x80\"}", 400, "not UTF-8 at byte 15" },
};

static void
creating(void)
{
	for (size_t i = 0; i < sizeof created / sizeof created[0]; i++) {
		reset();
		CHECK(run(str_from(created[i].body)), "%s: no answer", created[i].body);
		CHECK(s.out.status == created[i].status, "%s: %u", created[i].body, s.out.status);
		CHECK(contains(buf_str(&s.out.body), created[i].shows), "%s: %.*s", created[i].body,
		    (int)s.out.body.n, s.body);
		CHECK(contains(buf_str(&s.out.fields), "Cache-Control: no-store\r\n"),
		    "%s: may be cached", created[i].body);
	}
}

/* The claims carry user_data as it was written, white space between its tokens removed. */
static void
data_as_written(void)
{
	struct jwt jwt;
	char token[1024];
	size_t n;

	reset();
	run(STR("{\"user_data\" : { \"z\" : [ 1.0 , -0, 1E+2 ] , \"a b\" : \"\\u00e9 \\/ "
	    "\xc3\xa9\" } }"));
	n = s.out.body.n - strlen("{\"JWT Token\": \"") - strlen("\"}\n");
	memcpy(token, s.body + strlen("{\"JWT Token\": \""), n);
	s.scratch.jwt.text.n = 0;
	CHECK(jwt_open(&jwt, &s.scratch.jwt, (struct str){ token, n }), "the token is malformed");
	CHECK_BYTES(jwt.claims,
	    STR("{\"iat\":1793491200,\"jti\":\"f10fb5f47461de4dd8c76113cad7803b\","
	    "\"payload\":{\"data\":{\"z\":[1.0,-0,1E+2],\"a b\":\"\\u00e9 \\/ \xc3\xa9\"},"
	    "\"date\":\"2026-11-01\"}}"), "claims");
}

#define VALIDATE(token, key) "{\"Token\": \"" token "\", \"Signing_key\": \"" key "\"}"
#define SHOWN "{\"Header\": {\"typ\": \"JWT\", \"alg\": \"HS512\"}, " \
	"\"Claims\": {\"iat\": 1668676907, \"jti\": \"f10fb5f47461de4dd8c76113cad7803b\", " \
	"\"payload\": {\"data\": \"this is test\", \"date\": \"2022-11-17\"}}, " \
	"\"Signature Verification\": "

/* GET /: a body that begins with '{"s' or 'SHOWN' is compared whole. */
static const struct {
	const char *body;
	unsigned status;
	const char *answer;
} validated[] = {
	{ VALIDATE(GOLDEN_A, DEMO), 200, SHOWN "true}\n" },
	{ "{\"Signing_key\":\"" DEMO "\",\"Token\":\"" GOLDEN_A "\"}", 200, SHOWN "true}\n" },
	{ VALIDATE(GOLDEN_A, "\\u0061"
	  "9ddbcaba8c0ac1a0a812dc0c2f08514b23f2db0a68343cb8199ebb38a6d91e4"
	  "ebfb378e22ad39c2d01d0b4ec9c34aa91056862ddace3fbbd6852ee60c36acbf"), 200,
	  SHOWN "true}\n" },
	{ VALIDATE(GOLDEN_A, "A9ddbcaba8c0ac1a0a812dc0c2f08514b23f2db0a68343cb8199ebb38a6d91e4"
	  "ebfb378e22ad39c2d01d0b4ec9c34aa91056862ddace3fbbd6852ee60c36acbf"), 200,
	  SHOWN "false}\n" },
	{ VALIDATE(GOLDEN_A, "x"), 200, SHOWN "false}\n" },
	{ "{}", 203,
	    "{\"status\": 203, \"description\": \"Missing token in GET request body\"}\n" },
	{ "{\"Token\": null}", 203,
	    "{\"status\": 203, \"description\": \"Missing token in GET request body\"}\n" },
	{ "{\"Token\": \"\", \"Signing_key\": 1}", 203,
	    "{\"status\": 203, \"description\": \"Missing token in GET request body\"}\n" },
	{ "{\"Token\": 1}", 204, "" },
	{ "{\"Token\": \"x\", \"Signing_key\": null}", 204, "" },
	{ "{\"Token\": \"x\", \"Signing_key\": \"\"}", 204, "" },
	{ "{\"Token\": 1, \"Signing_key\": \"x\"}", 400,
	    "{\"status\": 400, \"description\": \"Token is not a string\"}\n" },
	{ "{\"Token\": [], \"Signing_key\": \"x\"}", 400,
	    "{\"status\": 400, \"description\": \"Token is not a string\"}\n" },
	{ VALIDATE("x", "x"), 400,
	    "{\"status\": 400, \"description\": \"Malformed token: token: three segments "
	    "expected\"}\n" },
	{ VALIDATE("e30.e30.", "x"), 400,
	    "{\"status\": 400, \"description\": \"Malformed token: signature: the segment is "
	    "empty\"}\n" },
	{ VALIDATE("e30.W10.AA", "x"), 400,
	    "{\"status\": 400, \"description\": \"Malformed token: claims: not a JSON "
	    "object\"}\n" },
	{ VALIDATE("e30.e30.AA", "x"), 200,
	    "{\"Header\": {}, \"Claims\": {}, \"Signature Verification\": false}\n" },
	{ VALIDATE("e3t9.e30.AA", "x"), 400,
	    "{\"status\": 400, \"description\": \"Malformed token: header: member name expected at "
	    "byte 1\"}\n" },
	{ "{\"Token\": \"x\", \"Signing_key\": 1}", 400,
	    "{\"status\": 400, \"description\": \"Signing_key is not a string\"}\n" },
	{ "[]", 400, "{\"status\": 400, \"description\": \"The body is not a JSON object\"}\n" },
};

static void
validating(void)
{
	for (size_t i = 0; i < sizeof validated / sizeof validated[0]; i++) {
		reset();
		s.in.method = HTTP_GET;
		CHECK(run(str_from(validated[i].body)), "%s: no answer", validated[i].body);
		CHECK(s.out.status == validated[i].status, "%s: %u", validated[i].body,
		    s.out.status);
		CHECK_BYTES(buf_str(&s.out.body), str_from(validated[i].answer), "%s",
		    validated[i].body);
	}
	reset();
	s.in.method = HTTP_HEAD;
	run(STR("{\"Token\": \"x\"}"));
	CHECK_BYTES(buf_str(&s.out.fields), STR("Cache-Control: no-store\r\n"
	    "Error-Description: Missing signing key in GET request body\r\n"),
	    "the fields of a 204");
}

/* Media types of RFC 9110 8.3.1, and what is none of ours. */
static const struct {
	const char *type;
	unsigned times, status;
} types[] = {
	{ "application/json", 1, 200 }, { "Application/JSON", 1, 200 },
	{ "application/json; charset=utf-8", 1, 200 }, { "application/json;charset=utf-8", 1, 200 },
	{ "application/json \t;x=y", 1, 200 }, { "application/json;", 1, 200 }, { "", 0, 202 },
	{ "text/plain", 1, 202 }, { "application/jsonx", 1, 202 },
	{ "application/json, text/plain", 1, 202 }, { "application/json x", 1, 202 },
	{ "application/problem+json", 1, 202 }, { "application/jso", 1, 202 },
	{ "application/json", 2, 400 },
};

static void
media_types(void)
{
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
		reset();
		s.in.content_type = str_from(types[i].type);
		s.in.content_types = types[i].times;
		run(STR("{\"user_data\": 1}"));
		CHECK(s.out.status == types[i].status, "%s, %u times: %u", types[i].type,
		    types[i].times, s.out.status);
		CHECK(s.out.status != 202 || str_equal(buf_str(&s.out.body),
		    STR("{\"status\": 202, \"description\": \"Invalid content type\"}\n")), "%s",
		    types[i].type);
	}
}

#define SECRET "0123456789abcdef0123456789ABCDEF"

/* SPEC 1.1: who may create tokens. */
static const struct {
	enum http_from from;
	bool open, secret, forwarded;
	const char *host, *authorization;       /* NULL: no such field */
	unsigned lines, status;
} callers[] = {
	{ HTTP_FROM_HERE, false, false, false, "localhost", NULL, 0, 200 },
	{ HTTP_FROM_ANYWHERE, false, false, false, "localhost", NULL, 0, 403 },
	{ HTTP_FROM_ELSEWHERE, false, false, false, "localhost", NULL, 0, 403 },
	{ HTTP_FROM_HERE, false, false, true, "localhost", NULL, 0, 403 },
	{ HTTP_FROM_ANYWHERE, false, false, false, "h", "Bearer " SECRET, 1, 403 },
	{ HTTP_FROM_ANYWHERE, true, false, true, "evil.example", NULL, 0, 200 },
	{ HTTP_FROM_HERE, false, true, false, "localhost", NULL, 0, 401 },
	{ HTTP_FROM_ANYWHERE, true, true, false, "localhost", NULL, 0, 401 },
	{ HTTP_FROM_HERE, false, true, false, "localhost", "Bearer " SECRET, 1, 200 },
	{ HTTP_FROM_ANYWHERE, false, true, true, "a.example", "bEaReR   " SECRET, 1, 200 },
	{ HTTP_FROM_HERE, false, true, false, "h", "Bearer " SECRET, 2, 400 },
	{ HTTP_FROM_HERE, false, true, false, "h", "Bearer " SECRET "x", 1, 401 },
	{ HTTP_FROM_HERE, false, true, false, "h", "Bearer 0123456789abcdef0123456789ABCDE", 1,
	  401 },
	{ HTTP_FROM_HERE, false, true, false, "h", "Bearer", 1, 401 },
	{ HTTP_FROM_HERE, false, true, false, "h", "Basic " SECRET, 1, 401 },
	{ HTTP_FROM_HERE, false, true, false, "h", SECRET, 1, 401 },
	/* the forms of Host */
	{ HTTP_FROM_HERE, false, false, false, NULL, NULL, 0, 200 },
	{ HTTP_FROM_HERE, false, false, false, "", NULL, 0, 200 },
	{ HTTP_FROM_HERE, false, false, false, "jwtd", NULL, 0, 200 },
	{ HTTP_FROM_HERE, false, false, false, "LOCALHOST", NULL, 0, 200 },
	{ HTTP_FROM_HERE, false, false, false, "127.0.0.1", NULL, 0, 200 },
	{ HTTP_FROM_HERE, false, false, false, "192.168.1.20", NULL, 0, 200 },
	{ HTTP_FROM_HERE, false, false, false, "[::1]", NULL, 0, 200 },
	{ HTTP_FROM_HERE, false, false, false, "[::ffff:127.0.0.1]", NULL, 0, 200 },
	{ HTTP_FROM_HERE, false, false, false, "a.b", NULL, 0, 403 },
	{ HTTP_FROM_HERE, false, false, false, "localhost.", NULL, 0, 403 },
	{ HTTP_FROM_HERE, false, false, false, "rebound.attacker.example", NULL, 0, 403 },
	{ HTTP_FROM_HERE, false, false, false, "127.0.0.1.example", NULL, 0, 403 },
	{ HTTP_FROM_HERE, false, false, false, "0x7f.1", NULL, 0, 403 },
	{ HTTP_FROM_HERE, false, false, false, "a%2eb", NULL, 0, 403 },
	{ HTTP_FROM_HERE, false, false, false, ".", NULL, 0, 200 },     /* nobody's name */
};

static void
who_may_create(void)
{
	for (size_t i = 0; i < sizeof callers / sizeof callers[0]; i++) {
		const char *host = callers[i].host, *shown = callers[i].authorization;

		reset();
		s.policy.open_issue = callers[i].open;
		s.ring.has_secret = callers[i].secret;
		sha512(s.ring.secret, SECRET, strlen(SECRET));
		s.in.from = callers[i].from;
		s.in.forwarded = callers[i].forwarded;
		s.in.host = host == NULL ? (struct str){ NULL, 0 } : str_from(host);
		s.in.authorization = shown == NULL ? STR("") : str_from(shown);
		s.in.authorizations = callers[i].lines;
		run(STR("{\"user_data\": 1}"));
		CHECK(s.out.status == callers[i].status, "caller %zu: %u", i, s.out.status);
		CHECK((s.out.status == 401) == contains(buf_str(&s.out.fields),
		    "WWW-Authenticate: Bearer realm=\"jwtd\""), "caller %zu: the challenge", i);
		CHECK(s.out.status != 403 || (contains(buf_str(&s.out.body), "-secret-file") &&
		    contains(buf_str(&s.out.body), "--open-issue")), "caller %zu: ways out", i);
	}
}

/* --no-issue: the routes that create are not there, whatever else is set. */
static void
nobody_creates(void)
{
	static const struct {
		enum http_method method;
		const char *path;
		unsigned status;
	} asked[] = {
		{ HTTP_POST, "/", 404 }, { HTTP_POST, "/v1/tokens", 404 },
		{ HTTP_GET, "/v1/tokens", 404 }, { HTTP_OPTIONS, "/", 204 },
		{ HTTP_PUT, "/", 405 }, { HTTP_GET, "/", 203 },
	};

	for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++) {
		for (int more = 0; more < 4; more++) {
			reset();
			s.policy.no_issue = true;
			s.policy.open_issue = (more & 1) != 0;
			s.ring.has_secret = (more & 2) != 0;
			s.in.method = asked[i].method;
			s.in.path = str_from(asked[i].path);
			run(STR("{\"user_data\": 1}"));
			CHECK(s.out.status == asked[i].status && !s.out.issued, "%zu, %d: %u", i,
			    more, s.out.status);
			CHECK(!contains(buf_str(&s.out.fields), "POST"), "%zu: Allow", i);
		}
	}
}

static const struct {
	enum http_method method;
	const char *path;
	unsigned status;
	bool allow;
} routes[] = {
	{ HTTP_OPTIONS, "/", 204, true }, { HTTP_OPTIONS, "*", 204, true },
	{ HTTP_PUT, "/", 405, true }, { HTTP_DELETE, "/", 405, true },
	{ HTTP_PATCH, "/", 405, true }, { HTTP_TRACE, "/", 405, true },
	{ HTTP_OTHER, "/", 501, false }, { HTTP_POST, "//", 404, false },
	{ HTTP_GET, "/x", 404, false }, { HTTP_GET, "/%2f", 404, false },
	{ HTTP_OPTIONS, "/x", 404, false }, { HTTP_GET, "/index.html", 404, false },
};

static void
routing(void)
{
	for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++) {
		reset();
		s.in.method = routes[i].method;
		s.in.path = str_from(routes[i].path);
		run(STR(""));
		CHECK(s.out.status == routes[i].status, "method %d, %s: %u", (int)routes[i].method,
		    routes[i].path, s.out.status);
		CHECK(routes[i].allow == contains(buf_str(&s.out.fields),
		    "Allow: GET, HEAD, OPTIONS, POST\r\n"), "method %d, %s: Allow",
		    (int)routes[i].method, routes[i].path);
	}
}

/* Before the body is there: silence, but for a client that asks whether it shall send it (RFC 9110
 * 10.1.1). */
static void
before_the_body(void)
{
	reset();
	s.in.complete = false;
	s.in.path = STR("/x");
	CHECK(!run(STR("")), "an answer comes before the body, though nobody asked");
	s.in.expect_continue = true;
	CHECK(run(STR("")) && s.out.status == 404, "404 could be said at once");
	reset();
	s.in.complete = false;
	s.in.expect_continue = true;
	CHECK(!run(STR("")), "a create that may go on is answered before its body");
	s.in.content_type = STR("text/plain");
	CHECK(run(STR("")) && s.out.status == 202, "202 could be said at once");
	reset();
	s.in.complete = false;
	s.in.expect_unknown = true;
	CHECK(run(STR("")) && s.out.status == 417, "an unknown expectation");
}

/* No token without a clock or without randomness; the check needs neither. */
static void
clock_and_randomness(void)
{
	reset();
	s.stamp.token.now = JWT_CLOCK_FLOOR - 1;
	run(STR("{\"user_data\": 1}"));
	CHECK(s.out.status == 503 && !contains(buf_str(&s.out.body), "eyJ"),
	    "created before the clock was set: %u", s.out.status);
	s.in.method = HTTP_GET;
	run(str_from(VALIDATE(GOLDEN_A, DEMO)));
	CHECK(s.out.status == 200, "validating needs no clock: %u", s.out.status);
	reset();
	s.stamp.token.nonce = NULL;
	run(STR("{\"user_data\": 1}"));
	CHECK(s.out.status == 500 && !contains(buf_str(&s.out.body), "eyJ"),
	    "created without randomness: %u", s.out.status);
	s.in.method = HTTP_GET;
	run(str_from(VALIDATE(GOLDEN_A, DEMO)));
	CHECK(s.out.status == 200, "validating needs no randomness: %u", s.out.status);
}

/* Sends a created token back through GET /. Returns the status of creating; what was created must
 * come back. */
static unsigned
round_trip(struct str body)
{
	static char token[MAX_BODY * 2], request[MAX_BODY * 2];
	struct buf b = buf_over(request, sizeof request);
	size_t n;

	reset();
	run(body);
	if (s.out.status != 200)
		return s.out.status;
	n = s.out.body.n - strlen("{\"JWT Token\": \"\"}\n");
	memcpy(token, s.body + strlen("{\"JWT Token\": \""), n);
	buf_add(&b, STR("{\"Token\": \""));
	buf_put(&b, token, n);
	buf_add(&b, STR("\", \"Signing_key\": \"" DEMO "\"}\n"));
	CHECK(b.n <= MAX_BODY, "a body of %zu bytes would be needed to check it", b.n);
	s.in.method = HTTP_GET;
	run(buf_str(&b));
	CHECK(s.out.status == 200 && contains(buf_str(&s.out.body), "Verification\": true"),
	    "what was created does not come back: %u: %.*s", s.out.status,
	    (int)(s.out.body.n < 200 ? s.out.body.n : 200), s.body);
	CHECK(!s.out.body.bad, "the answer does not fit");
	return 200;
}

/* What once did not fit a worker's memory says nothing about the next request. */
static void
overflow_is_forgotten(void)
{
	reset();
	s.scratch.claims.bad = true;
	run(STR("{\"user_data\": 1}"));
	CHECK(s.out.status == 200, "creating after an overflow: %u", s.out.status);
	s.scratch.jwt.text.bad = true;
	s.in.method = HTTP_GET;
	run(STR("{\"Token\": \"e30\\u002ee30.AA\", \"Signing_key\": \"x\"}"));
	CHECK(s.out.status == 200, "validating after an overflow: %u", s.out.status);
}

/* The limits of what may be created, on both sides (SPEC 1.1: "could not take back"). */
static void
limits(void)
{
	static char body[MAX_BODY * 2];
	struct buf b;
	unsigned most = 0;

	for (int depth = 29; depth <= 32; depth++) {
		b = buf_over(body, sizeof body);
		buf_add(&b, STR("{\"user_data\":"));
		for (int i = 0; i < depth; i++)
			buf_add(&b, STR("["));
		for (int i = 0; i < depth; i++)
			buf_add(&b, STR("]"));
		buf_add(&b, STR("}"));
		CHECK(round_trip(buf_str(&b)) == (depth <= 30 ? 200 : 400), "%d levels", depth);
	}
	for (int values = 4080; values <= 4090; values++) {
		b = buf_over(body, sizeof body);
		buf_add(&b, STR("{\"user_data\":[0"));
		for (int i = 1; i < values; i++)
			buf_add(&b, STR(",0"));
		buf_add(&b, STR("]}"));
		/* data: the array and its values; around it 10 tokens in the claims */
		CHECK(round_trip(buf_str(&b)) == (values + 1 + 10 <= JSON_TOKENS_MAX ? 200 : 400),
		    "%d values", values);
	}
	for (unsigned n = 48000; n < 50000; n++) {
		b = buf_over(body, sizeof body);
		buf_add(&b, STR("{\"user_data\":\""));
		memset(b.p + b.n, 'x', n);
		b.n += n;
		buf_add(&b, STR("\"}"));
		if (n % 64 == 0 || (n > 48700 && n < 48900)) {
			unsigned status = round_trip(buf_str(&b));

			CHECK(status == 200 || status == 413, "%u bytes: %u", n, status);
			CHECK(status == 413 || most == 0 || n - most <= 64,
			    "%u bytes after a larger one was refused", n);
			most = status == 200 ? n : most;
		}
	}
	/* token = 37 + 4/3 (121 + data) + 87 = 65536 - 33 - 130 */
	CHECK(most > 48700 && most < 48900, "the largest is %u bytes", most);
}

/* Claims that grow when they are written out with spaces still fit the answer. */
static void
growth(void)
{
	static char body[MAX_BODY];
	struct buf b = buf_over(body, sizeof body);

	buf_add(&b, STR("{\"user_data\":{\"\":["));
	for (int i = 0; i < 4000; i++)
		buf_add(&b, i == 0 ? STR("0") : STR(",0"));
	buf_add(&b, STR("]}}"));
	CHECK(round_trip(buf_str(&b)) == 200, "growth");
}

static void
refusals(void)
{
	reset();
	s.out = (struct response){ .body = buf_over(s.body, sizeof s.body),
	    .fields = buf_over(s.fields, sizeof s.fields) };
	api_refuse(&s.out, &(struct http_request){ 0 }, 431, "more than 100 fields", 17);
	CHECK_BYTES(buf_str(&s.out.body),
	    STR("{\"status\": 431, \"description\": \"Request Header Fields Too Large: more than "
	    "100 fields at byte 17\"}\n"), "a refusal with its offset");
	s.out.body.n = 0;
	api_refuse(&s.out, &(struct http_request){ 0 }, 408, "the request took too long", HTTP_NO_OFFSET);
	CHECK_BYTES(buf_str(&s.out.body),
	    STR("{\"status\": 408, \"description\": \"Request Timeout: the request took too "
	    "long\"}\n"), "a refusal without an offset");
}

void
test_api(void)
{
	golden_mint();
	creating();
	data_as_written();
	validating();
	media_types();
	who_may_create();
	nobody_creates();
	routing();
	before_the_body();
	clock_and_randomness();
	overflow_is_forgotten();
	limits();
	growth();
	refusals();
}

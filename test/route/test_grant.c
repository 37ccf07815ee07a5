/* POST /token and its metadata, and what clients may do at the other routes: request to answer, byte
 * for byte, without a socket. */
#include "test/test.h"

#include "base64url.h"
#include "route/api.h"
#include "token/revocations.h"
#include "route/reason.h"

#include <stdio.h>

enum { MAX_BODY = 65536 };

static struct {
	struct api_scratch scratch;
	struct key_ring ring;
	struct clients clients;
	struct api_policy policy;
	struct api_stamp stamp;
	struct http_request in;
	struct response out;
	char text[2 * MAX_BODY + 4096], claims[2 * MAX_BODY + 4096], body[2 * MAX_BODY + 4096],
	    fields[2048], authorization[8192];
} s;

static const uint8_t nonce[CLAIMS_NONCE] = { 1, 2, 3 };

#define SERVICE "0123456789abcdef0123456789ABCDEF"
#define FORM "application/x-www-form-urlencoded"
#define BASIC_401 "WWW-Authenticate: Basic realm=\"jwtd\", charset=\"UTF-8\"\r\n"
#define NO_STORE "Cache-Control: no-store\r\n"
#define JTI "01020300000000000000000000000000"
#define NOW "1893456000"

/* A client's entry: its secret stands for its digest. */
static void
put_client(struct buf *b, const char *id, const char *secret, const char *more)
{
	uint8_t digest[SHA512_DIGEST];

	sha512(digest, secret, strlen(secret));
	buf_text(b, b->n > 0 ? "," : "{\"clients\":[");
	buf_text(b, "{\"client_id\":\"");
	buf_text(b, id);
	buf_text(b, "\",\"secret_sha512\":\"");
	buf_hex(b, digest, sizeof digest);
	buf_text(b, "\"");
	buf_text(b, more);
	buf_text(b, "}");
}

/* 3,072 bytes of credentials are 4,096 of base64, the most that is read. */
enum { PAIR_MAX = 3072, LONG_SECRET = PAIR_MAX - 2 };
static char long_secret[LONG_SECRET + 2];

static const char odd_secret[] = "a+b%20c d:e&f=\"\xc3\xa9";

/* As many words as may be asked for. */
#define EIGHT(c) c "0 " c "1 " c "2 " c "3 " c "4 " c "5 " c "6 " c "7"
#define WORDS_64 EIGHT("a") " " EIGHT("b") " " EIGHT("c") " " EIGHT("d") " " EIGHT("e") " " \
	EIGHT("f") " " EIGHT("g") " " EIGHT("h")
#define Q(word) "\"" word "\""
#define QUOTED(c) Q(c "0") "," Q(c "1") "," Q(c "2") "," Q(c "3") "," Q(c "4") "," Q(c "5") "," \
	Q(c "6") "," Q(c "7")
#define QUOTED_64 QUOTED("a") "," QUOTED("b") "," QUOTED("c") "," QUOTED("d") "," QUOTED("e") "," \
	QUOTED("f") "," QUOTED("g") "," QUOTED("h")

static void
begin(void)
{
	static char text[8192];
	static const char *const audiences[] = { "metrics", "logs", "a/b" };
	char reason[512];
	struct buf b = buf_over(text, sizeof text), why = buf_over(reason, sizeof reason - 1);
	struct client_rules rules = { .ring = &s.ring, .claims = { NULL, "metrics", 3600 },
	    .audiences = audiences, .audience_count = 3, .max_ttl = 86400 };

	keys_wipe(&s.ring);
	CHECK(keys_add_bytes(&s.ring, keys_demo(), NULL, &why), "the key");
	put_client(&b, "prom", "prom's", ",\"scope\":\"metrics.read metrics.write\","
	    "\"aud\":[\"metrics\",\"logs\"],\"expires_in\":600,\"claims\":{\"groups\":[\"ops\"]}");
	put_client(&b, "bare", "bare's", "");
	put_client(&b, "odd", odd_secret, ",\"aud\":\"a/b\"");
	put_client(&b, "many", "many's", ",\"scope\":\"" WORDS_64 " z\"");
	put_client(&b, "asker", "asker's", ",\"may\":[\"introspect\"]");
	put_client(&b, "maker", "maker's", ",\"may\":[\"issue\"]");
	memset(long_secret, 's', LONG_SECRET);
	put_client(&b, "l", long_secret, ",\"may\":[\"introspect\"]");
	long_secret[LONG_SECRET] = 's';
	put_client(&b, "m", long_secret, "");
	long_secret[LONG_SECRET] = '\0';
	buf_text(&b, "]}");
	clients_wipe(&s.clients);
	if (!clients_parse(&s.clients, buf_str(&b), &rules, &why))
		CHECK(false, "the clients: %.*s", (int)why.n, reason);
	s.ring.clients = &s.clients;
	s.scratch.jwt.text = buf_over(s.text, sizeof s.text);
	s.scratch.claims = buf_over(s.claims, sizeof s.claims);
	s.policy = (struct api_policy){ .max_body = MAX_BODY, .max_ttl = 86400,
	    .claims = rules.claims, .jwt = { .audiences = audiences, .audience_count = 3 } };
	s.stamp = (struct api_stamp){ .token = { .now = 1893456000, .nonce = nonce } };
}

/* Sends a request from another host; `authorization`: NULL for none, "ID:SECRET" for Basic as it
 * stands, else the field. */
static void
ask(enum http_method method, const char *path, const char *type, const char *authorization,
    const char *body)
{
	size_t n = 0;

	s.in = (struct http_request){ .method = method, .path = str_from(path),
	    .content_type = str_from(type), .content_types = type[0] != '\0', .complete = true,
	    .from = HTTP_FROM_ANYWHERE, .keep_alive = true };
	if (authorization != NULL && strchr(authorization, ' ') == NULL) {
		memcpy(s.authorization, "Basic ", 6);
		n = 6 + base64url_encode(s.authorization + 6, authorization, strlen(authorization));
	} else if (authorization != NULL) {
		n = strlen(authorization);
		memcpy(s.authorization, authorization, n);
	}
	s.in.authorization = (struct str){ s.authorization, n };
	s.in.authorizations = authorization != NULL;
	s.in.body = (struct str){ test_flush(0, body, strlen(body)), strlen(body) };
	s.out = (struct response){ .body = buf_over(s.body, sizeof s.body),
	    .fields = buf_over(s.fields, sizeof s.fields) };
	CHECK(api_handle(&s.out, &s.scratch, &s.ring, &s.policy, &s.stamp, &s.in), "%s", path);
}

static bool
contains(struct str text, const char *part)
{
	return memmem(text.p, text.n, part, strlen(part)) != NULL;
}

/* The claims of the token that stands in the answer. */
static struct str
claims_of_answer(void)
{
	static char text[16384];
	static struct jwt_scratch scratch;
	const char *start = memmem(s.out.body.p, s.out.body.n, "_token\":\"", 9);
	const char *end = start == NULL ? NULL : strchr(start + 9, '"');
	struct jwt t;

	scratch.text = buf_over(text, sizeof text);
	if (end == NULL || !jwt_open(&t, &scratch,
	    (struct str){ start + 9, (size_t)(end - start - 9) }) ||
	    keys_verify(&s.ring, &t) != JWT_GOOD)
		return STR("no good token");
	return t.claims;
}

#define CC "grant_type=client_credentials"
#define PROM "\"sub\":\"prom\",\"client_id\":\"prom\""
#define STAMP(exp) "\"iat\":" NOW ",\"exp\":" exp ",\"jti\":\"" JTI "\""

/* Who gets a token, and which. */
static void
granted(void)
{
	static const struct {
		const char *authorization, *body, *claims, *rest;
	} cases[] = {
		{ "prom:prom's", CC, "{" PROM ",\"aud\":[\"metrics\",\"logs\"],"
		  "\"scope\":\"metrics.read metrics.write\"," STAMP("1893456600")
		  ",\"groups\":[\"ops\"]}", ",\"expires_in\":600,"
		  "\"scope\":\"metrics.read metrics.write\"}\n" },
		{ "prom:prom's", CC "&scope=metrics.write", "{" PROM
		  ",\"aud\":[\"metrics\",\"logs\"],\"scope\":\"metrics.write\"," STAMP("1893456600")
		  ",\"groups\":[\"ops\"]}", ",\"expires_in\":600,\"scope\":\"metrics.write\"}\n" },
		{ "prom:prom's", CC "&audience=logs&scope=metrics.write+metrics.read", "{" PROM
		  ",\"aud\":\"logs\",\"scope\":\"metrics.write metrics.read\"," STAMP("1893456600")
		  ",\"groups\":[\"ops\"]}", ",\"expires_in\":600,"
		  "\"scope\":\"metrics.write metrics.read\"}\n" },
		{ NULL, CC "&client_id=prom&client_secret=prom's&resource=metrics&scope=", "{" PROM
		  ",\"aud\":\"metrics\",\"scope\":\"metrics.read metrics.write\","
		  STAMP("1893456600") ",\"groups\":[\"ops\"]}", NULL },
		{ "bare:bare's", "client_id=bare&" CC "&x=y&&resource=&audience=metrics",
		  "{\"sub\":\"bare\",\"client_id\":\"bare\",\"aud\":\"metrics\","
		  STAMP("1893459600") "}", ",\"expires_in\":3600}\n" },
		{ "odd:a%2Bb%2520c+d%3Ae%26f%3D%22%C3%A9", CC, "{\"sub\":\"odd\","
		  "\"client_id\":\"odd\",\"aud\":\"a/b\"," STAMP("1893459600") "}", NULL },
		{ NULL, "client_secret=a%2Bb%2520c%20d:e%26f%3D%22%C3%A9&client_id=odd&" CC
		  "&resource=a%2Fb&resource=a/b", "{\"sub\":\"odd\",\"client_id\":\"odd\","
		  "\"aud\":\"a/b\"," STAMP("1893459600") "}", NULL },
		{ "odd:a%2Bb%2520c+d%3Ae%26f%3D%22%C3%A9", CC "&1&2&3&4&5&6&7&8&9&a&b&c&d&e&f",
		  "{\"sub\":\"odd\",\"client_id\":\"odd\",\"aud\":\"a/b\"," STAMP("1893459600") "}",
		  NULL },
		{ "prom:prom%27s", CC "&resource=logs&resource=metrics", "{" PROM
		  ",\"aud\":[\"logs\",\"metrics\"],\"scope\":\"metrics.read metrics.write\","
		  STAMP("1893456600") ",\"groups\":[\"ops\"]}", NULL },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		begin();
		ask(HTTP_POST, "/token", FORM, cases[i].authorization, cases[i].body);
		CHECK(s.out.status == 200 && s.out.issued, "%zu: %u", i, s.out.status);
		CHECK_BYTES(buf_str(&s.out.fields), STR(NO_STORE "Pragma: no-cache\r\n"), "%zu", i);
		CHECK_BYTES(claims_of_answer(), str_from(cases[i].claims), "%zu", i);
		CHECK(contains(buf_str(&s.out.body), "\",\"token_type\":\"Bearer\",\"expires_in\":"),
		    "%zu: the answer", i);
		CHECK(cases[i].rest == NULL || contains(buf_str(&s.out.body), cases[i].rest),
		    "%zu: %.*s", i, (int)s.out.body.n, s.out.body.p);
		CHECK(contains(str_from(cases[i].claims), s.out.client) && s.out.client[0] != '\0',
		    "%zu: in the log it is %s", i, s.out.client);
	}
}

/* RFC 6749 5.2, each error with its bytes; the client is judged before what it asks for. */
static const struct {
	const char *authorization, *body, *error;
} refusals[] = {
	{ NULL, CC, "invalid_client" },
	{ NULL, "", "invalid_client" },
	{ "prom:wrong", CC, "invalid_client" },
	{ "prom:", CC, "invalid_client" },
	{ "prom", CC, "invalid_client" },
	{ ":", CC, "invalid_client" },
	{ "nobody:prom's", CC, "invalid_client" },
	{ "Prom:prom's", CC, "invalid_client" },
	{ "prom:prom's%", CC, "invalid_client" },
	{ "prom:prom's ", CC, "invalid_client" },
	{ "bare:prom's", CC, "invalid_client" },
	{ "Basic !!!!", CC, "invalid_client" },
	{ "Basic ===", CC, "invalid_client" },
	{ "Basic", CC, "invalid_client" },
	{ "Digest x", CC, "invalid_client" },
	{ "Bearer " SERVICE, CC, "invalid_client" },
	{ "x:" SERVICE, CC, "invalid_client" },
	{ NULL, CC "&client_id=prom&client_secret=wrong", "invalid_client" },
	{ NULL, CC "&client_id=prom&client_secret=", "invalid_client" },
	{ NULL, CC "&client_id=prom", "invalid_client" },
	{ NULL, CC "&client_secret=prom's", "invalid_client" },
	{ "prom:wrong", "grant_type=password&scope=x", "invalid_client" },
	{ "prom:prom's", CC "&client_secret=prom's", "invalid_request" },
	{ "prom:prom's", CC "&client_id=bare", "invalid_request" },
	{ "Bearer x", CC "&client_id=prom&client_secret=prom's", "invalid_request" },
	{ "prom:prom's", "", "invalid_request" },
	{ "prom:prom's", "grant_type=", "invalid_request" },
	{ "prom:prom's", CC "&" CC, "invalid_request" },
	{ "prom:prom's", CC "&scope=metrics.read&scope=metrics.write", "invalid_request" },
	{ "prom:prom's", CC "&audience=logs&audience=logs", "invalid_request" },
	{ "prom:prom's", CC "&x=1&x=2", "invalid_request" },
	{ "prom:prom's", CC "&a=%", "invalid_request" },
	{ "prom:prom's", CC "&a=%2", "invalid_request" },
	{ "prom:prom's", CC "&a=%2x", "invalid_request" },
	{ "prom:prom's", CC "&1&2&3&4&5&6&7&8&9&a&b&c&d&e&f&g", "invalid_request" },
	{ "prom:prom's", "grant_type=password", "unsupported_grant_type" },
	{ "prom:prom's", "grant_type=client_credentials%00", "unsupported_grant_type" },
	{ "prom:prom's", "grant_type=Client_credentials", "unsupported_grant_type" },
	{ "prom:prom's", CC "&scope=admin", "invalid_scope" },
	{ "prom:prom's", CC "&scope=metrics.read+admin", "invalid_scope" },
	{ "prom:prom's", CC "&scope=metrics.read++metrics.write", "invalid_scope" },
	{ "prom:prom's", CC "&scope=+metrics.read", "invalid_scope" },
	{ "prom:prom's", CC "&scope=metrics.read+", "invalid_scope" },
	{ "prom:prom's", CC "&scope=+", "invalid_scope" },
	{ "prom:prom's", CC "&scope=metrics.read+metrics.read", "invalid_scope" },
	{ "prom:prom's", CC "&scope=metrics.rea", "invalid_scope" },
	{ "prom:prom's", CC "&scope=Metrics.read", "invalid_scope" },
	{ "prom:prom's", CC "&scope=metrics.read%09metrics.write", "invalid_scope" },
	{ "prom:prom's", CC "&scope=metrics.read%22", "invalid_scope" },
	{ "bare:bare's", CC "&scope=metrics.read", "invalid_scope" },
	{ "many:many's", CC "&scope=" WORDS_64 " z", "invalid_scope" },
	{ "prom:prom's", CC "&audience=a/b", "invalid_target" },
	{ "prom:prom's", CC "&resource=metric", "invalid_target" },
	{ "prom:prom's", CC "&audience=logs&resource=logs", "invalid_target" },
	{ "prom:prom's", CC "&audience=logs&resource=&resource=metrics", "invalid_target" },
	{ "prom:prom's", CC "&resource=&resource=metrics&audience=logs", "invalid_target" },
	{ "prom:prom's", CC "&resource=logs&resource=a/b", "invalid_target" },
	{ "prom:prom's", CC "&audience=lo%00gs", "invalid_target" },
};

/* What else the answer has. */
static const char *
described(const char *error, const char *body)
{
#define WORDS(text) ",\"error_description\":\"" text "\""
	return strcmp(error, "unsupported_grant_type") == 0 ?
	    WORDS("grant_type is not client_credentials") :
	    strcmp(error, "invalid_scope") == 0 ?
	    WORDS("the client has not all of this scope, or it is malformed") :
	    strcmp(error, "invalid_target") == 0 ?
	    WORDS("the client has not this audience, or resource stands beside audience") :
	    strcmp(error, "invalid_request") == 0 && (body[0] == '\0' || strcmp(body, "grant_type=") == 0) ?
	    WORDS("grant_type is missing") : "";
}

static void
refused(void)
{
	for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
		bool unknown = strcmp(refusals[i].error, "invalid_client") == 0;
		char body[160];

		begin();
		sha512(s.ring.secret, SERVICE, strlen(SERVICE));
		s.ring.has_secret = true;
		ask(HTTP_POST, "/token", FORM, refusals[i].authorization, refusals[i].body);
		snprintf(body, sizeof body, "{\"error\":\"%s\"%s}\n", refusals[i].error,
		    described(refusals[i].error, refusals[i].body));
		CHECK(s.out.status == (unknown ? 401 : 400) && !s.out.issued, "%zu: %u", i,
		    s.out.status);
		CHECK_BYTES(buf_str(&s.out.body), str_from(body), "%zu", i);
		CHECK_BYTES(buf_str(&s.out.fields), unknown ? STR(BASIC_401 NO_STORE) :
		    STR(NO_STORE), "%zu", i);
		CHECK(strcmp(reason_name(s.out.refusal), refusals[i].error) == 0, "%zu: %s", i,
		    reason_name(s.out.refusal));
		CHECK(!unknown || s.out.client[0] == '\0', "%zu: %s is not known", i, s.out.client);
	}
	begin();
	ask(HTTP_POST, "/token", FORM, "many:many's", CC "&scope=" WORDS_64);
	CHECK(s.out.status == 200, "as many words as may be asked for: %u", s.out.status);
}

/* Basic on both sides of its limit; the form has another one. */
static void
long_ones(void)
{
	char pair[PAIR_MAX + 8], form[PAIR_MAX + 128];

	begin();
	snprintf(pair, sizeof pair, "l:%s", long_secret);
	ask(HTTP_POST, "/token", FORM, pair, CC);
	CHECK(s.out.status == 200 && s.in.authorization.n == 6 + 4096, "4,096 bytes: %u",
	    s.out.status);
	snprintf(pair, sizeof pair, "m:%ss", long_secret);
	ask(HTTP_POST, "/token", FORM, pair, CC);
	CHECK(s.out.status == 401, "two more: %u", s.out.status);
	snprintf(form, sizeof form, CC "&client_id=m&client_secret=%ss", long_secret);
	ask(HTTP_POST, "/token", FORM, NULL, form);
	CHECK(s.out.status == 200, "the same in the form: %u", s.out.status);
}

/* Other methods, another media type, no clients file, --no-issue, a clock that is not set. */
static void
around(void)
{
	begin();
	ask(HTTP_GET, "/token", FORM, "prom:prom's", CC);
	CHECK(s.out.status == 405 && contains(buf_str(&s.out.fields), "Allow: OPTIONS, POST\r\n"),
	    "GET: %u", s.out.status);
	ask(HTTP_POST, "/token", "application/json", "prom:prom's", "{}");
	CHECK(s.out.status == 415, "JSON: %u", s.out.status);
	s.in.path = STR("/token");
	s.in.content_type = STR(FORM);
	s.in.complete = false;
	s.in.expect_continue = true;
	CHECK(!api_handle(&s.out, &s.scratch, &s.ring, &s.policy, &s.stamp, &s.in), "no body yet");
	ask(HTTP_POST, "/token/", FORM, "prom:prom's", CC);
	CHECK(s.out.status == 404, "below it: %u", s.out.status);
	s.policy.no_issue = true;
	ask(HTTP_POST, "/token", FORM, "prom:prom's", CC);
	CHECK(s.out.status == 404, "--no-issue: %u", s.out.status);
	begin();
	s.stamp.token.now = JWT_CLOCK_FLOOR - 1;
	ask(HTTP_POST, "/token", FORM, "prom:prom's", CC);
	CHECK(s.out.status == 503, "the clock: %u", s.out.status);
	begin();
	s.stamp.token.nonce = NULL;
	ask(HTTP_POST, "/token", FORM, "prom:prom's", CC);
	CHECK(s.out.status == 500 && !s.out.issued, "no random numbers: %u", s.out.status);
	s.ring.clients = NULL;
	ask(HTTP_POST, "/token", FORM, "prom:prom's", CC);
	CHECK(s.out.status == 404, "no clients file: %u", s.out.status);
}

/* SPEC 1.1, 2.4: what clients may do at the other routes, beside the service secret or without it. */
static void
rights(void)
{
	static const struct {
		const char *path, *authorization;
		unsigned status, without;       /* with a service secret, and without one */
	} cases[] = {
		{ "/introspect", "asker:asker's", 200, 200 },
		{ "/introspect", "maker:maker's", 403, 403 },
		{ "/introspect", "prom:prom's", 403, 403 },
		{ "/introspect", "asker:wrong", 401, 401 },
		{ "/introspect", "Bearer " SERVICE, 200, 401 },
		{ "/introspect", "anybody:" SERVICE, 200, 401 },
		{ "/introspect", "Bearer asker's", 401, 401 },
		{ "/introspect", NULL, 401, 401 },
		{ "/v1/tokens", "maker:maker's", 200, 200 },
		{ "/v1/tokens", "asker:asker's", 403, 403 },
		{ "/v1/tokens", "maker:wrong", 401, 401 },
		{ "/v1/tokens", "Bearer " SERVICE, 200, 401 },
		{ "/v1/tokens", "anybody:" SERVICE, 401, 401 },
		{ "/v1/tokens", "Bearer maker's", 401, 401 },
		{ "/v1/tokens", NULL, 401, 401 },
		{ "/", "maker:maker's", 200, 200 },
		{ "/", "asker:asker's", 403, 403 },
		{ "/", "Bearer " SERVICE, 200, 401 },
		{ "/", NULL, 401, 401 },
	};

	for (size_t i = 0; i < 2 * sizeof cases / sizeof cases[0]; i++) {
		size_t row = i / 2;
		bool secret = i % 2 == 0, form = strcmp(cases[row].path, "/introspect") == 0;
		unsigned want = secret ? cases[row].status : cases[row].without;

		begin();
		sha512(s.ring.secret, SERVICE, strlen(SERVICE));
		s.ring.has_secret = secret;
		s.policy.open_issue = true;             /* changes nothing */
		ask(HTTP_POST, cases[row].path, form ? FORM : "application/json",
		    cases[row].authorization, form ? "token=x" :
		    cases[row].path[1] != '\0' ? "{}" : "{\"user_data\":1}");
		CHECK(s.out.status == want, "%s, %s, %s secret: %u, not %u", cases[row].path,
		    cases[row].authorization, secret ? "a" : "no", s.out.status, want);
		CHECK(want != 401 || contains(buf_str(&s.out.fields), BASIC_401), "row %zu", row);
		CHECK((want == 401 && secret) == contains(buf_str(&s.out.fields), "Bearer realm"),
		    "row %zu: the challenge of Bearer", row);
		CHECK(want != 401 || form || contains(buf_str(&s.out.body), secret ?
		    "with the right issue, or the service secret as Bearer\"" :
		    "with the right issue\""), "row %zu: what is to be shown", row);
	}
	begin();
	ask(HTTP_POST, "/introspect", FORM, NULL, "token=x&client_id=asker&client_secret=asker's");
	CHECK_BYTES(buf_str(&s.out.body), STR("{\"active\":false}\n"), "by the form");
	ask(HTTP_POST, "/introspect", FORM, "asker:asker's", "token=x&client_id=prom");
	CHECK(s.out.status == 400, "two names: %u", s.out.status);
}

static void
add_public_key(void)
{
	uint8_t seed[ED25519_SEED] = { 1 };
	struct ed25519_signer signer;
	char text[200];
	struct buf b = buf_over(text, sizeof text);

	ed25519_signer_init(&signer, seed);
	CHECK(keys_add(&s.ring, &(struct jwk){ .alg = JWT_EDDSA, .may_judge = true,
	    .x = test_slice(signer.public, sizeof signer.public) }, &b), "a public key");
}

/* RFC 8414: where the metadata stands, and what is in it. */
static void
metadata(void)
{
	static const struct {
		const char *issuer, *path;
		bool there;
	} cases[] = {
		{ "https://id.example", "", true }, { "https://id.example", "/", false },
		{ "https://id.example/", "", true }, { "http://127.0.0.1:5000", "", true },
		{ "https://id.example/a/b", "/a/b", true }, { "https://id.example/a/b/", "/a/b", true },
		{ "https://id.example/a/b", "", false }, { "https://id.example/a/b", "/a", false },
		{ "https://id.example/a/b", "/a/b/", false }, { "HTTPS://id.example", "", true },
		{ "https://id.example?x", "", false }, { "https://id.example#x", "", false },
		{ "https://", "", false }, { "http://a\1/", "", false },
		{ "https:///a", "/a", false }, { "id.example", "", false },
		{ "urn:x", "", false }, { NULL, "", false }, { "ftp://id.example", "", false },
	};

	static _Alignas(8) char list[4096];

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char path[128];

		begin();
		s.policy.claims.issuer = cases[i].issuer;
		snprintf(path, sizeof path, "/.well-known/oauth-authorization-server%s",
		    cases[i].path);
		ask(HTTP_GET, path, "", NULL, "");
		CHECK(s.out.status == (cases[i].there ? 200 : 404), "%zu: %u", i, s.out.status);
	}
	begin();
	s.policy.claims.issuer = "https://id.example/t/";
	ask(HTTP_GET, "/.well-known/oauth-authorization-server/t", "", NULL, "");
	CHECK_BYTES(buf_str(&s.out.body), STR("{\"issuer\":\"https://id.example/t/\","
	    "\"token_endpoint\":\"https://id.example/t/token\","
	    "\"introspection_endpoint\":\"https://id.example/t/introspect\","
	    "\"grant_types_supported\":[\"client_credentials\"],\"response_types_supported\":[],"
	    "\"token_endpoint_auth_methods_supported\":[\"client_secret_basic\","
	    "\"client_secret_post\"],\"introspection_endpoint_auth_methods_supported\":"
	    "[\"client_secret_basic\",\"client_secret_post\"],"
	    "\"scopes_supported\":[" QUOTED_64 ",\"metrics.read\",\"metrics.write\",\"z\"]}\n"), "the metadata");
	add_public_key();
	ask(HTTP_GET, "/.well-known/oauth-authorization-server/t", "", NULL, "");
	CHECK(contains(buf_str(&s.out.body), ",\"jwks_uri\":\"https://id.example/t/.well-known/jwks.json\""),
	    "where the keys are: %.*s", (int)s.out.body.n, s.out.body.p);
	s.policy.jwt.revoked = revocations_over(list, 16);
	ask(HTTP_GET, "/.well-known/oauth-authorization-server/t", "", NULL, "");
	CHECK(contains(buf_str(&s.out.body), ",\"revocation_endpoint\":\"https://id.example/t/revoke\","
	    "\"revocation_endpoint_auth_methods_supported\":[\"client_secret_basic\",\"client_secret_post\"],"),
	    "where tokens are taken back: %.*s", (int)s.out.body.n, s.out.body.p);
	s.policy.jwt.revoked = NULL;
	s.ring.signer = NULL;
	ask(HTTP_GET, "/.well-known/oauth-authorization-server/t", "", NULL, "");
	CHECK(s.out.status == 404, "no key that signs: %u", s.out.status);
	begin();
	s.policy.claims.issuer = "https://id.example/t/";
	s.ring.clients = NULL;
	ask(HTTP_GET, "/.well-known/oauth-authorization-server/t", "", NULL, "");
	CHECK(s.out.status == 404, "no clients file: %u", s.out.status);
}

/* A form as long as bodies may be, a token in it and credentials beside it, each as long as it may
 * be, have room. */
static void
room(size_t max_body)
{
	static char claims[JWT_MAX], form[MAX_BODY + 1], pair[PAIR_MAX + 2];
	struct buf b = buf_over(claims, sizeof claims), body = buf_over(form, max_body);
	size_t n = (JWT_MAX - JWT_HEADER.n - 1 - base64url_length(SHA512_DIGEST)) / 4 * 3;

	begin();
	s.policy.max_body = max_body;
	s.policy.jwt.audience_count = 0;
	s.scratch.jwt.text = buf_over(s.text, api_scratch_size(max_body));
	buf_text(&b, "{\"exp\":2000000000,\"x\":\"");
	while (b.n < n - 2)
		buf_text(&b, "x");
	buf_text(&b, "\"}");
	buf_text(&body, "token=");
	jwt_mint(&body, &s.ring.key[0], buf_str(&b));
	CHECK(!body.bad && body.n + 4 > JWT_MAX, "%zu bytes", body.n);
	buf_text(&body, "&x=");
	memset(form + body.n, 'x', max_body - body.n);
	form[max_body] = '\0';
	snprintf(pair, sizeof pair, "l:%s", long_secret);
	ask(HTTP_POST, "/introspect", FORM, pair, form);
	CHECK(s.out.status == 200 && contains(buf_str(&s.out.body), "{\"active\":true,"),
	    "--max-body %zu: %u %.*s", max_body, s.out.status, 30, s.out.body.p);
}

void
test_grant(void)
{
	for (size_t max_body = 12400; max_body < 30000; max_body += 400)
		room(max_body);
	granted();
	refused();
	long_ones();
	around();
	rights();
	metadata();
}

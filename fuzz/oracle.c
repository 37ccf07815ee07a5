#include "fuzz/fuzz.h"

static int
hex(int c)
{
	static const char digits[] = "0123456789abcdefABCDEF";
	const char *at = c != 0 ? strchr(digits, c) : NULL;

	return at == NULL ? -1 : (int)(at - digits) - (at - digits > 15 ? 6 : 0);
}

/* application/x-www-form-urlencoded, byte by byte. */
static bool
percent_decode(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i] == '+' ? ' ' : s.p[i];

		if (c == '%') {
			if (i + 2 >= s.n || hex(s.p[i + 1]) < 0 || hex(s.p[i + 2]) < 0)
				return false;
			c = (char)(hex(s.p[i + 1]) * 16 + hex(s.p[i + 2]));
			i += 2;
		}
		buf_put(out, &c, 1);
	}
	return !out->bad;
}

/* The first parameter of this name. */
static bool
first_value(struct buf *value, struct str body, struct str name)
{
	for (size_t start = 0, end; start < body.n; start = end + 1) {
		static char text[FUZZ_TEXT];
		struct buf b = buf_over(text, sizeof text);
		size_t equals = start;

		for (end = start; end < body.n && body.p[end] != '&'; end++)
			if (body.p[equals] != '=')
				equals = end;
		if (equals < end && body.p[equals] != '=')
			equals = end;
		if (!percent_decode(&b, (struct str){ body.p + start, equals - start }) ||
		    !str_equal(buf_str(&b), name))
			continue;
		return equals >= end || percent_decode(value,
		    (struct str){ body.p + equals + 1, end - equals - 1 });
	}
	return false;
}

static struct str
bearer(const struct http_request *in)
{
	struct str s = in->authorization;
	bool is = s.n > 7 && str_equal_nocase((struct str){ s.p, 7 }, STR("bearer "));

	for (size_t skip = 7; is && s.n > 0 && (skip > 0 || s.p[0] == ' '); skip -= skip > 0)
		s = (struct str){ s.p + 1, s.n - 1 };
	return is ? s : STR("");
}

/* RFC 7617 2, each half form-encoded (RFC 6749 2.3.1), in either base64 with padding or none. The
 * name is bad where it is not encoded so. */
static bool
basic_pair(struct buf *name, struct buf *password, struct str s)
{
	static char text[FUZZ_TEXT], pair[FUZZ_TEXT];
	ptrdiff_t n;
	const char *colon;

	if (s.n < 6 || !str_equal_nocase((struct str){ s.p, 6 }, STR("basic ")))
		return false;
	memcpy(text, s.p, s.n);
	for (s.p = text + 6, s.n -= 6; s.n > 0 && s.p[0] == ' '; s.n--)
		s.p++;
	while (s.n > 0 && s.p[s.n - 1] == '=')
		s.n--;
	for (char *c = text; c < s.p + s.n; c++)
		*c = (char)(*c == '+' ? '-' : *c == '/' ? '_' : *c);
	n = reference_base64url(pair, s);
	colon = n > 0 ? memchr(pair, ':', (size_t)n) : NULL;
	if (colon != NULL && !percent_decode(name, (struct str){ pair, (size_t)(colon - pair) }))
		name->bad = true;
	return colon != NULL && percent_decode(password,
	    (struct str){ colon + 1, (size_t)(pair + n - colon - 1) });
}

/* SPEC 5.2: whether somewhere in the head stands a token that lets in. Which one counts where there
 * are two, test/credentials asks. */
static bool
has_good_token(const struct world *w, const struct http_request *in, bool needs_exp)
{
	static char memory[2][FUZZ_TEXT];
	struct buf name = buf_over(memory[0], FUZZ_TEXT), password = buf_over(memory[1], FUZZ_TEXT);
	struct str all = in->cookies;

	if (in->authorizations > 1)
		return false;
	if (reference_judge(w, bearer(in), needs_exp) != REFERENCE_REFUSES)
		return true;
	if ((w->flags & FUZZ_HEADERS) == 0)
		return false;
	if (basic_pair(&name, &password, in->authorization) &&
	    reference_judge(w, buf_str(&password), needs_exp) != REFERENCE_REFUSES)
		return true;
	for (size_t i = 0; i + 2 < all.n; i++) {
		struct str value = { all.p + i + 2, 0 };

		if (memcmp(all.p + i, "c=", 2) != 0 ||
		    (i > 0 && strchr(";: \t", all.p[i - 1]) == NULL))
			continue;
		while (value.p + value.n < all.p + all.n &&
		    strchr("; \t\r", value.p[value.n]) == NULL)
			value.n++;
		if (reference_judge(w, value, needs_exp) != REFERENCE_REFUSES)
			return true;
	}
	return false;
}

/* The value of a member of the request's body, which has been found to be well-formed. */
static struct str
member(struct str body, struct str name, struct buf *text)
{
	static struct json_tok tok[JSON_TOKENS_MAX];
	struct json doc;
	unsigned at;

	MUST(json_parse(&doc, tok, JSON_TOKENS_MAX, body));
	at = json_member(&doc, 0, name);
	MUST(at != 0 && tok[at].type == JSON_STRING);
	return json_string(&doc, at, text);
}

/* The verdict stands where it always does, before or behind all that came from the token. Where the
 * answer can be read (header and claims, each within the limits, may be beyond them together), its
 * JSON says the same. */
static bool
says(const struct response *out, const char *name, const char *front, const char *back)
{
	static struct json_tok tok[JSON_TOKENS_MAX];
	struct str s = buf_str(&out->body), start = str_from(front), end = str_from(back);
	bool yes = s.n >= start.n + end.n && memcmp(s.p, start.p, start.n) == 0 &&
	    memcmp(s.p + s.n - end.n, end.p, end.n) == 0;
	struct json doc;
	unsigned at;

	if (json_parse(&doc, tok, JSON_TOKENS_MAX, s)) {
		at = json_member(&doc, 0, str_from(name));
		MUST(at != 0 && (tok[at].type == JSON_TRUE) == yes);
	}
	return yes;
}

static void
agrees(bool accepted, enum reference judged)
{
	MUST(judged == REFERENCE_IS_UNSURE || accepted == (judged == REFERENCE_ACCEPTS));
}

/* What a verifier is asked to believe. The one that has nothing but a key does not judge b64. */
static void
judge_answer(const struct world *w, const struct http_request *in, const struct response *out,
    struct str route)
{
	static char memory[2][FUZZ_TEXT];
	struct buf a = buf_over(memory[0], FUZZ_TEXT), b = buf_over(memory[1], FUZZ_TEXT);
	bool needs_exp = (w->flags & FUZZ_LENIENT) == 0;

	if (str_equal(route, STR("/auth")) && out->status == 200)
		MUST(has_good_token(w, in, needs_exp));
	else if (str_equal(route, STR("/v1/verify")) && out->status == 200)
		agrees(says(out, "valid", "{\"valid\":true,", "}\n"),
		    reference_judge(w, member(in->body, STR("token"), &a), false));
	else if (str_equal(route, STR("/introspect")) && out->status == 200)
		agrees(says(out, "active", "{\"active\":true", "}\n"),
		    first_value(&a, in->body, STR("token"))
		    ? reference_judge(w, buf_str(&a), needs_exp) : REFERENCE_REFUSES);
	else if (str_equal(route, STR("/")) && in->method == HTTP_GET && out->status == 200)
		MUST(says(out, "Signature Verification", "{\"Header\": ",
		    ", \"Signature Verification\": true}\n") ==
		    reference_signed(member(in->body, STR("Token"), &a),
		    member(in->body, STR("Signing_key"), &b)));
}

/* What a caller shows by Basic or in a form: its secret is not empty then. */
struct shown {
	struct buf name, secret;
};

static void
see(struct shown *shown, const struct http_request *in, bool form)
{
	static char memory[2][FUZZ_TEXT];
	bool there;

	shown->name = buf_over(memory[0], FUZZ_TEXT);
	shown->secret = buf_over(memory[1], FUZZ_TEXT);
	if (in->authorizations > 0)
		there = in->authorizations == 1 &&
		    basic_pair(&shown->name, &shown->secret, in->authorization);
	else
		there = form && first_value(&shown->name, in->body, STR("client_id")) &&
		    first_value(&shown->secret, in->body, STR("client_secret"));
	if (in->authorizations == 0 && form && !there)
		first_value(&shown->secret, in->body, STR("client_secret"));
	else if (!there)
		buf_empty(&shown->secret);
}

/* The client that shows itself so; NULL: none. */
static const struct fuzz_client *
client_of(const struct world *w, struct shown *shown)
{
	for (unsigned i = 0; w->flags & FUZZ_WITH_CLIENTS && i < FUZZ_CLIENTS; i++)
		if (!shown->name.bad && !shown->secret.bad &&
		    str_equal(buf_str(&shown->name), str_from(fuzz_clients[i].id)) &&
		    str_equal(buf_str(&shown->secret), str_from(fuzz_clients[i].secret)))
			return &fuzz_clients[i];
	return NULL;
}

static bool
is_local(const struct http_request *in)
{
	return in->from == HTTP_FROM_HERE && !in->forwarded && (in->host.n == 0 ||
	    in->host.p[0] == '[' || memchr(in->host.p, '.', in->host.n) == NULL ||
	    in->host.p[in->host.n - 1] <= '9');
}

/* SPEC 1.1, 2.4, 4: who may ask. The published interface knows the secret in three spellings, a
 * client in two. */
static void
judge_caller(const struct world *w, const struct http_request *in, const struct response *out,
    struct str route)
{
	bool service = w->flags & FUZZ_WITH_SECRET && in->authorizations == 1 &&
	    str_equal(bearer(in), STR(FUZZ_SECRET));
	bool form = str_equal(route, STR("/introspect")) || str_equal(route, STR("/token"));
	const struct fuzz_client *client;
	struct shown shown;

	see(&shown, in, form);
	client = client_of(w, &shown);
	MUST(str_equal(str_from(out->client), str_from(client != NULL ? client->id : "")) ||
	    out->client[0] == '\0');
	if (str_equal(route, STR("/token"))) {
		MUST(out->status != 200 || in->method == HTTP_OPTIONS || client != NULL);
		MUST(out->status != 401 || client == NULL);
	} else if (str_equal(route, STR("/introspect")) && out->status == 200) {
		MUST(service || (client != NULL && client->right == CLIENT_INTROSPECT) ||
		    (w->flags & FUZZ_WITH_SECRET && !shown.secret.bad &&
		    str_equal(buf_str(&shown.secret), STR(FUZZ_SECRET))));
	} else if (out->issued) {
		MUST(w->flags & (FUZZ_WITH_SECRET | FUZZ_WITH_CLIENTS)
		    ? service || (client != NULL && client->right == CLIENT_ISSUE)
		    : w->policy.open_issue || is_local(in));
	}
}

/* SPEC 4.2: a client's token is its own, of words that are its own, and for whom it asked. */
static void
judge_granted(const struct world *w, const struct http_request *in, struct str answer)
{
	static char memory[4][FUZZ_TEXT];
	struct buf a = buf_over(memory[0], FUZZ_TEXT), b = buf_over(memory[1], FUZZ_TEXT),
	    asked = buf_over(memory[2], FUZZ_TEXT), aud = buf_over(memory[3], FUZZ_TEXT);
	static char claims[FUZZ_TEXT];
	struct str token = member(answer, STR("access_token"), &a), part = token, scope;
	const struct fuzz_client *client;
	struct shown shown;
	ptrdiff_t n;

	see(&shown, in, true);
	client = client_of(w, &shown);
	MUST(client != NULL && first_value(&asked, in->body, STR("grant_type")) &&
	    str_equal(buf_str(&asked), STR("client_credentials")));
	part.p = (const char *)memchr(token.p, '.', token.n) + 1;
	part.n = (size_t)((const char *)memchr(part.p, '.', token.n) - part.p);
	n = reference_base64url(claims, part);
	MUST(n > 0);
	part = (struct str){ claims, (size_t)n };
	MUST(str_equal(member(part, STR("sub"), &b), str_from(client->id)));
	buf_empty(&b);
	MUST(str_equal(member(part, STR("client_id"), &b), str_from(client->id)));
	buf_empty(&asked);
	if (!first_value(&asked, in->body, STR("scope")) || asked.n == 0)
		buf_text(&asked, client->scope != NULL ? client->scope : "");
	if (asked.n > 0) {
		buf_empty(&b);
		scope = member(part, STR("scope"), &b);
		MUST(client->scope != NULL && str_equal(scope, buf_str(&asked)));
		while (scope.n > 0) {
			struct str word = str_cut(&scope, ' ');

			MUST(str_equal(word, STR("r")) || (client == &fuzz_clients[0] &&
			    str_equal(word, STR("w:x"))));
		}
	}
	if (first_value(&aud, in->body, STR("audience")) && aud.n > 0) {
		buf_empty(&b);
		MUST(str_equal(member(part, STR("aud"), &b), buf_str(&aud)) && aud.n == 1 &&
		    (aud.p[0] == 'a' || aud.p[0] == 'b'));
	}
}

/* A token that was made is signed by the first key. One of POST / comes back whole at GET /. */
static void
judge_issued(const struct world *w, struct str answer)
{
	static struct world again;
	static char text[FUZZ_TEXT], request[FUZZ_TEXT], body[FUZZ_TEXT], fields[1024];
	struct buf a = buf_over(text, sizeof text), b = buf_over(request, sizeof request);
	bool compat = memmem(answer.p, answer.n, "\"JWT Token\"", 11) != NULL;
	struct str token = member(answer, compat ? STR("JWT Token") : STR("access_token"), &a),
	    key = str_from(fuzz_keys[0].bytes);
	struct response out = { .body = buf_over(body, sizeof body),
	    .fields = buf_over(fields, sizeof fields) };
	struct http_request in = { .method = HTTP_GET, .path = STR("/"), .complete = true,
	    .content_type = STR("application/json"), .content_types = 1, .host = STR("h") };

	MUST(token.n > 0 && reference_signed(token, key));
	if (!compat)
		return;
	buf_text(&b, "{\"Token\": \"");
	buf_add(&b, token);
	buf_text(&b, "\", \"Signing_key\": ");
	json_quote(&b, key);
	buf_text(&b, "}\n");
	MUST(b.n <= FUZZ_MAX_BODY);
	in.body = buf_str(&b);
	world_set(&again, w->flags);
	MUST(api_handle(&out, &again.scratch, w->ring, &w->policy, &w->stamp, &in));
	MUST(out.status == 200 && !out.body.bad && memmem(out.body.p, out.body.n,
	    "\"Signature Verification\": true}\n", 32) != NULL);
}

void
oracle(const struct world *w, const struct http_request *in, const struct response *out)
{
	const char *name = api_route_name(out->route);

	MUST(name != NULL && !out->body.bad && !out->fields.bad);
	MUST(!(w->flags & FUZZ_NO_CLOCK) || !out->issued);
	judge_caller(w, in, out, str_from(name));
	judge_answer(w, in, out, str_from(name));
	if (out->issued)
		judge_issued(w, buf_str(&out->body));
	if (out->issued && strcmp(name, "/token") == 0)
		judge_granted(w, in, buf_str(&out->body));
}

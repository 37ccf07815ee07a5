#include "api.h"

enum {
	/* What the claims of POST / put around user_data, seen from a body that holds nothing
	 * else. */
	CLAIMS_DEPTH = 1,               /* {"payload":{"data": … against {"user_data": … */
	CLAIMS_TOKENS = 8,      /* iat, jti, payload, date: names, values; one more object */
	CLAIMS_OVERHEAD = 160,          /* bytes: more than everything around the data takes */
	VALIDATE_OVERHEAD = 31          /* bytes of {"Token": "", "Signing_key": } and a newline */
};

/* One request on its way to an answer. */
struct call {
	struct response *out;
	struct api_scratch *scratch;
	const struct key_ring *ring;
	const struct api_policy *policy;
	const struct claims_stamp *stamp;
	const struct http_request *in;
};

size_t
api_scratch_size(size_t max_body)
{
	return 2 * max_body + CLAIMS_OVERHEAD;  /* a token unescaped, and the same decoded */
}

size_t
api_answer_size(size_t max_body)
{
	return 2 * max_body + 4096;     /* claims written out with spaces can at most double */
}

/* Every answer on / is JSON, by its media type at least, and nobody's to keep. */
static void
start_answer(struct response *out, unsigned status)
{
	out->status = status;
	out->content_type = "application/json";
	http_field(out, "Cache-Control", STR("no-store"));
}

/* The errors of the replaced service: {"status": N, "description": "…"} */
static void
start_error(struct response *out, unsigned status)
{
	start_answer(out, status);
	buf_add(&out->body, STR("{\"status\": "));
	buf_number(&out->body, status);
	buf_add(&out->body, STR(", \"description\": \""));
}

static void
end_error(struct response *out)
{
	buf_add(&out->body, STR("\"}\n"));
}

static bool
error(struct call *c, unsigned status, const char *description)
{
	start_error(c->out, status);
	buf_text(&c->out->body, description);
	end_error(c->out);
	return true;
}

static void
put_offset(struct buf *b, size_t at)
{
	buf_add(b, STR(" at byte "));
	buf_number(b, at);
}

void
api_refuse(struct response *out, unsigned status, const char *why, size_t at)
{
	start_error(out, status);
	buf_text(&out->body, http_phrase(status));
	buf_add(&out->body, STR(": "));
	buf_text(&out->body, why);
	if (at != HTTP_NO_OFFSET)
		put_offset(&out->body, at);
	end_error(out);
}

/* The description of a 204 has no body to stand in. The replaced service gives it a media type
 * too. */
static bool
missing_key(struct call *c)
{
	start_answer(c->out, 204);
	http_field(c->out, "Error-Description", STR("Missing signing key in GET request body"));
	return true;
}

/* RFC 9110 8.3.1: type and subtype without regard to case; parameters may follow. */
static bool
is_json(struct str type)
{
	struct str json = STR("application/json");
	size_t i = json.n;

	if (!str_starts_nocase(type, json))
		return false;
	while (i < type.n && (type.p[i] == ' ' || type.p[i] == '\t'))
		i++;
	return i == type.n || type.p[i] == ';';
}

/* false: it has been answered. */
static bool
content_type_fits(struct call *c)
{
	if (c->in->content_types > 1)
		return !error(c, 400, "More than one Content-Type");
	if (!is_json(c->in->content_type))
		return !error(c, 202, "Invalid content type");
	return true;
}

/* The credentials of RFC 6750 2.1: "Bearer" 1*SP token. Empty where there are none of this
 * scheme. */
static struct str
bearer(struct str authorization)
{
	struct str scheme = STR("bearer ");
	size_t i = scheme.n;

	if (!str_starts_nocase(authorization, scheme))
		return (struct str){ NULL, 0 };
	while (i < authorization.n && authorization.p[i] == ' ')
		i++;
	return (struct str){ authorization.p + i, authorization.n - i };
}

/* Who may create tokens. false: not this caller, who has been answered. */
static bool
may_create(struct call *c)
{
	struct str secret = bearer(c->in->authorization);

	if (!c->ring->has_secret) {
		if (c->in->local || c->policy->open_issue)
			return true;
		return !error(c, 403, "This listener is open to other hosts: creating tokens needs "
		    "the service secret");
	}
	if (c->in->authorizations > 1)
		return !error(c, 400, "More than one Authorization");
	if (keys_is_secret(c->ring, secret))
		return true;
	http_field(c->out, "WWW-Authenticate",
	    secret.n == 0 ? STR("Bearer realm=\"jwtd\"")
	    : STR("Bearer realm=\"jwtd\", error=\"invalid_token\""));
	return !error(c, 401, "The service secret is needed to create tokens");
}

/* Parses the body, which must be one JSON object. false: it is not, and that has been answered. */
static bool
body_object(struct call *c, struct json *doc)
{
	if (!json_parse(doc, c->scratch->jwt.tok, JSON_TOKENS_MAX, c->in->body)) {
		start_error(c->out, 400);
		buf_text(&c->out->body, "Malformed JSON: ");
		buf_text(&c->out->body, doc->fault);
		put_offset(&c->out->body, doc->fault_at);
		end_error(c->out);
		return false;
	}
	if (doc->tok[0].type != JSON_OBJECT)
		return !error(c, 400, "The body is not a JSON object");
	return true;
}

/* Nothing is made here that GET / would refuse: it obeys the same limits. false: answered. */
static bool
can_come_back(struct call *c, const struct json *doc, unsigned data)
{
	unsigned tokens = doc->tok[data].next - data + 2;       /* those of {"user_data": data} */

	if (json_depth(doc, data) + 1 + CLAIMS_DEPTH > JSON_DEPTH_MAX)
		return !error(c, 400,
		    "user_data is nested too deeply for a token: 30 levels are allowed");
	if (tokens + CLAIMS_TOKENS > JSON_TOKENS_MAX)
		return !error(c, 400, "user_data has too many values for a token");
	return true;
}

static bool
create(struct call *c)
{
	const struct jwt_key *key = &c->ring->key[0];
	struct buf *claims = &c->scratch->claims;
	struct json doc;
	unsigned data;

	if (!may_create(c) || !content_type_fits(c))
		return true;
	if (!c->in->complete)
		return false;
	if (!body_object(c, &doc))
		return true;
	if ((data = json_member(&doc, 0, STR("user_data"))) == 0)
		return error(c, 400, "user_data is missing");
	if (!can_come_back(c, &doc, data))
		return true;
	if (c->stamp->now < JWT_CLOCK_FLOOR)
		return error(c, 503, "The clock of this host is not set");
	if (c->stamp->nonce == NULL)
		return error(c, 500, "The kernel gives no random numbers");
	buf_empty(claims);
	claims_payload(claims, c->stamp, json_text(&doc, data));
	if (claims->bad ||
	    jwt_length(key, claims->n) + key->quoted + VALIDATE_OVERHEAD > c->policy->max_body)
		return error(c, 413, "user_data is too large: GET / could not take the token back");
	start_answer(c->out, 200);
	buf_add(&c->out->body, STR("{\"JWT Token\": \""));
	jwt_mint(&c->out->body, key, buf_str(claims));
	buf_add(&c->out->body, STR("\"}\n"));
	return true;
}

static bool
malformed_token(struct call *c, const struct jwt *token)
{
	struct buf *body = &c->out->body;

	start_error(c->out, 400);
	buf_text(body, "Malformed token: ");
	buf_text(body, token->part);
	buf_text(body, ": ");
	buf_text(body, token->fault);
	if (token->fault_at > 0)
		put_offset(body, token->fault_at);
	end_error(c->out);
	return true;
}

/* Takes the token apart and says what it holds, and whether the key made it. Expiry is not
 * judged on this route. */
static bool
show(struct call *c, struct str token, struct str key)
{
	struct buf *body = &c->out->body;
	struct hmac512_key mac;
	struct jwt jwt;
	bool good;

	if (!jwt_open(&jwt, &c->scratch->jwt, token))
		return malformed_token(c, &jwt);
	hmac512_key_init(&mac, key.p, key.n);
	good = jwt_verify(&jwt, &mac) == JWT_GOOD;
	wipe(&mac, sizeof mac);
	start_answer(c->out, 200);
	buf_add(body, STR("{\"Header\": "));
	json_put_spaced(body, jwt.header);
	buf_add(body, STR(", \"Claims\": "));
	json_put_spaced(body, jwt.claims);
	buf_add(body, STR(", \"Signature Verification\": "));
	buf_text(body, good ? "true}\n" : "false}\n");
	return true;
}

/* Missing, null or empty: all the same to the replaced service's clients. */
static bool
is_absent(const struct json *doc, unsigned tok)
{
	return tok == 0 || doc->tok[tok].type == JSON_NULL || json_is(doc, tok, STR(""));
}

static bool
validate(struct call *c)
{
	struct buf *text = &c->scratch->jwt.text;
	struct json doc;
	struct str token, key;
	unsigned token_at, key_at;
	bool done;

	if (!content_type_fits(c))
		return true;
	if (!c->in->complete)
		return false;
	if (!body_object(c, &doc))
		return true;
	token_at = json_member(&doc, 0, STR("Token"));
	key_at = json_member(&doc, 0, STR("Signing_key"));
	if (is_absent(&doc, token_at))
		return error(c, 203, "Missing token in GET request body");
	if (is_absent(&doc, key_at))
		return missing_key(c);
	if (doc.tok[token_at].type != JSON_STRING)
		return error(c, 400, "Token is not a string");
	if (doc.tok[key_at].type != JSON_STRING)
		return error(c, 400, "Signing_key is not a string");
	buf_empty(text);
	token = json_string(&doc, token_at, text);
	key = json_string(&doc, key_at, text);
	done = show(c, token, key);
	wipe(text->p, text->n);         /* it may hold the key */
	return done;
}

/* For whoever watches over the service: it answers, so it serves. */
static bool
health(struct call *c)
{
	start_answer(c->out, 200);
	buf_add(&c->out->body, STR("{\"status\":\"ok\"}\n"));
	return true;
}

/* The one table of routes. */
static const struct route {
	struct str path;
	const char *allow;
	bool (*get)(struct call *);     /* NULL: the method is not allowed; GET serves HEAD too */
	bool (*post)(struct call *);
} routes[] = {
	{ { "/", 1 }, "GET, HEAD, OPTIONS, POST", validate, create },
	{ { "/healthz", 8 }, "GET, HEAD, OPTIONS", health, NULL },
	/* RFC 9112 3.2.4: OPTIONS alone comes here. */
	{ { "*", 1 }, "GET, HEAD, OPTIONS, POST", NULL, NULL },
};

static const struct route *
find_route(struct str path)
{
	for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++)
		if (str_equal(path, routes[i].path))
			return &routes[i];
	return NULL;
}

static bool
dispatch(struct call *c, const struct route *route)
{
	struct str allow = str_from(route->allow);

	switch (c->in->method) {
	case HTTP_GET:
	case HTTP_HEAD:
		if (route->get != NULL)
			return route->get(c);
		break;
	case HTTP_POST:
		if (route->post != NULL)
			return route->post(c);
		break;
	case HTTP_OPTIONS:
		c->out->status = 204;
		http_field(c->out, "Allow", allow);
		http_field(c->out, "Cache-Control", STR("no-store"));
		return true;
	case HTTP_OTHER:
		return error(c, 501, "Unknown method");
	case HTTP_PUT:
	case HTTP_DELETE:
	case HTTP_TRACE:
	case HTTP_PATCH:
		break;
	}
	http_field(c->out, "Allow", allow);
	return error(c, 405, "Method not allowed");
}

/* Whether the request is meant for this service. A health check without a Host (HAProxy's, in
 * HTTP/1.0) is. */
static bool
is_our_host(const struct api_policy *policy, const struct http_request *in)
{
	for (unsigned i = 0; i < policy->host_count; i++)
		if (str_equal_nocase(in->host, str_from(policy->hosts[i])))
			return true;
	return policy->host_count == 0 || (in->host.n == 0 && in->method == HTTP_OPTIONS);
}

bool
api_handle(struct response *out, struct api_scratch *scratch, const struct key_ring *ring,
    const struct api_policy *policy, const struct claims_stamp *stamp,
    const struct http_request *in)
{
	struct call c = { out, scratch, ring, policy, stamp, in };
	const struct route *route = find_route(in->path);

	/* A client that sends its body at once has it read, so that what it hears does not
	 * depend on how the bytes came in; one that asks first hears what can be said without. */
	if (!in->complete && !in->expect_continue && !in->expect_unknown)
		return false;
	if (in->expect_unknown)
		return error(&c, 417, "Unknown expectation");
	if (!is_our_host(policy, in))
		return error(&c, 421, "This host is not served here");
	if (route == NULL)
		return error(&c, 404, "Not found");
	out->route = route->path.p;
	return dispatch(&c, route);
}

#include "route/api.h"

#include "route/auth.h"
#include "route/compat.h"
#include "route/grant.h"
#include "route/introspect.h"
#include "route/revoke.h"
#include "route/tokens.h"

enum {
	SCRATCH_OVERHEAD = 160,         /* bytes: more than POST / puts around user_data */
	ANSWER_OVERHEAD = 4096
};

static size_t
larger(size_t a, size_t b)
{
	return a > b ? a : b;
}

/* A token unescaped, the same decoded, and what revocation_of() takes; at /auth, what is decoded of
 * a head, the token in it, and a claim of that unescaped; a form decoded, what is decoded of Basic,
 * and of a token of the form both: a form and LEAST. */
size_t
api_scratch_size(size_t max_body)
{
	enum { LEAST = 2 * CALLER_BASIC_MAX + 2 * JWT_MAX };

	_Static_assert((int)LEAST >= (int)HTTP_HEAD_MAX, "so much of a head");
	return 2 * larger(max_body, LEAST) + SCRATCH_OVERHEAD;
}

/* Claims written out with spaces can at most double. */
size_t
api_answer_size(size_t max_body)
{
	return larger(2 * max_body + ANSWER_OVERHEAD, METRICS_TEXT_MAX);
}

/* For whoever watches over the service: it answers, so it serves, unless it is about to end. */
static bool
health(struct call *c)
{
	call_answer(c, c->stamp->stopping ? 503 : 200, "application/json");
	c->out->refusal = c->stamp->stopping ? REASON_STOPPING : REASON_NONE;
	buf_text(&c->out->body, c->stamp->stopping ? "{\"status\":\"stopping\"}\n"
	    : "{\"status\":\"ok\"}\n");
	return true;
}

static bool
metrics(struct call *c)
{
	call_answer(c, 200, "text/plain; version=0.0.4; charset=utf-8");
	if (c->stamp->metrics != NULL)
		metrics_put(&c->out->body, c->stamp->metrics);
	return true;
}

/* The keys that whoever holds no secret checks our tokens by (RFC 7517 5). */
static bool
jwks(struct call *c)
{
	c->out->status = 200;
	c->out->content_type = "application/jwk-set+json";
	buf_text(&c->out->fields, "Cache-Control: public, max-age=300\r\n");
	jwk_put_set(&c->out->body, c->ring);
	buf_text(&c->out->body, "\n");
	return true;
}

/* All routes, NOWHERE being that of a path that is none of theirs. */
enum route {
	NOWHERE, ROOT, AUTH, TOKEN, TOKENS, VERIFY, INTROSPECT, REVOKE, METADATA, JWKS,
	HEALTH, METRICS,
	SERVER,                 /* RFC 9112 3.2.4: OPTIONS alone comes here */
	ROUTES
};

_Static_assert(ROUTES <= (int)METRICS_ROUTES, "a counter for each");

/* The methods of a route, beside OPTIONS: GET and HEAD, and POST. */
enum { GETS = 1, POSTS = 2 };

/* Their paths, in this order, for str_nth(). */
static const char paths[] =
	"-\0" "/\0" "/auth\0" "/token\0" "/v1/tokens\0" "/v1/verify\0" "/introspect\0" "/revoke\0"
	"/.well-known/oauth-authorization-server\0" "/.well-known/jwks.json\0" "/healthz\0" "/metrics\0" "*\0";

static const struct {
	uint8_t n;                      /* bytes of the path */
	uint8_t methods;
	uint8_t form;                   /* enum call_form */
	bool below;                     /* what lies below this path is its, too */
} routes[ROUTES] = {
	[NOWHERE] = { 1, 0, CALL_COMPAT, false },
	[ROOT] = { 1, GETS | POSTS, CALL_COMPAT, false },
	[AUTH] = { 5, 0, CALL_EMPTY, true },            /* any, from the head alone */
	[TOKEN] = { 6, POSTS, CALL_PROBLEM, false },
	[TOKENS] = { 10, POSTS, CALL_PROBLEM, false },
	[VERIFY] = { 10, POSTS, CALL_PROBLEM, false },
	[INTROSPECT] = { 11, POSTS, CALL_PROBLEM, false },
	[REVOKE] = { 7, POSTS, CALL_PROBLEM, false },
	[METADATA] = { 39, GETS, CALL_PROBLEM, true },
	[JWKS] = { 22, GETS, CALL_PROBLEM, false },
	[HEALTH] = { 8, GETS, CALL_PROBLEM, false },
	[METRICS] = { 8, GETS, CALL_PROBLEM, false },
	[SERVER] = { 1, GETS | POSTS, CALL_COMPAT, false },
};

const char *
api_route_name(unsigned route)
{
	return route < ROUTES ? str_nth(paths, route) : NULL;
}

bool
api_only_watches(unsigned route)
{
	return route == HEALTH || route == METRICS;
}

static enum route
find_route(struct str path)
{
	const char *p = paths + sizeof "-";

	for (unsigned i = ROOT; i < ROUTES; p += routes[i++].n + 1) {
		size_t n = routes[i].n;

		if ((path.n == n || (routes[i].below && path.n > n && (path.p[n] == '/' ||
		    (i == AUTH && path.p[n] == ';')))) && memcmp(path.p, p, n) == 0)
			return (enum route)i;
	}
	return NOWHERE;
}

static bool
may_issue(const struct call *c, const struct jwt_key *signer)
{
	return !c->policy->no_issue && signer != NULL;
}

/* Whether the route is there with these settings. RFC 7662 2.1: nobody may introspect who does not
 * show who it is, so where nobody can, nobody may. */
static bool
is_served(const struct call *c, enum route route)
{
	bool clients = c->ring->clients != NULL, issue = may_issue(c, c->ring->signer);
	size_t n = routes[route].n;

	switch (route) {
	case NOWHERE: return false;
	case TOKEN: return clients && issue;
	case TOKENS: return issue;
	case INTROSPECT: return c->ring->has_secret || clients;
	case REVOKE: return c->policy->jwt.revoked != NULL && (c->ring->has_secret || clients);
	case METADATA:
		return clients && issue && grant_is_metadata(c->policy,
		    (struct str){ c->in->path.p + n, c->in->path.n - n });
	case ROOT:
		if (c->in->method == HTTP_POST && !may_issue(c, c->ring->signer_hs512))
			return false;
		return !c->policy->no_compat || c->in->method == HTTP_OPTIONS;
	case JWKS: return keys_have_public(c->ring);
	case AUTH: case VERIFY: case HEALTH: case METRICS: case SERVER: case ROUTES: break;
	}
	return true;
}

/* The methods that the route takes with these settings. */
static unsigned
allowed(const struct call *c, enum route route)
{
	if (routes[route].form == CALL_COMPAT && c->policy->no_compat)
		return 0;
	return route == ROOT && !may_issue(c, c->ring->signer_hs512) ? GETS : routes[route].methods;
}

static void
put_allow(struct call *c, unsigned methods)
{
	struct str all = STR("GET, HEAD, OPTIONS, POST");

	if ((methods & GETS) == 0)
		all = (struct str){ all.p + strlen("GET, HEAD, "), all.n - strlen("GET, HEAD, ") };
	if ((methods & POSTS) == 0)
		all.n -= strlen(", POST");
	buf_format(&c->out->fields, "Allow: %.*s\r\n", (int)all.n, all.p);
}

/* Whether the request is meant for this service. Who checks health may know an address alone, and
 * HAProxy, in HTTP/1.0, sends no Host. */
static bool
is_our_host(const struct api_policy *policy, enum route route, const struct http_request *in)
{
	if (route == HEALTH)
		return true;
	for (unsigned i = 0; i < policy->host_count; i++)
		if (str_equal_nocase(in->host, str_from(policy->hosts[i])))
			return true;
	return policy->host_count == 0 || (in->host.n == 0 && in->method == HTTP_OPTIONS);
}

/* false: the body is needed. */
static bool
dispatch(struct call *c, enum route route)
{
	unsigned methods = allowed(c, route), wanted = 0;

	switch (c->in->method) {
	case HTTP_GET: case HTTP_HEAD: wanted = GETS; break;
	case HTTP_POST: wanted = POSTS; break;
	case HTTP_OPTIONS:
		call_answer(c, 204, NULL);
		put_allow(c, methods);
		return true;
	case HTTP_OTHER: return call_error(c, 501, "Unknown method");
	case HTTP_PUT: case HTTP_DELETE: case HTTP_TRACE: case HTTP_PATCH: case HTTP_CONNECT: break;
	}
	if ((methods & wanted) != 0)
		switch (route) {
		case ROOT: return wanted == POSTS ? compat_create(c) : compat_validate(c);
		case TOKEN: return grant_token(c);
		case TOKENS: return tokens_issue(c);
		case VERIFY: return tokens_verify(c);
		case INTROSPECT: return introspect(c);
		case REVOKE: return revoke(c);
		case METADATA: return grant_metadata(c);
		case JWKS: return jwks(c);
		case HEALTH: return health(c);
		case METRICS: return metrics(c);
		case NOWHERE: case AUTH: case SERVER: case ROUTES: break;
		}
	put_allow(c, methods);
	return call_error(c, 405, "Method not allowed");
}

bool
api_handle(struct response *out, struct api_scratch *scratch, const struct key_ring *ring,
    const struct api_policy *policy, const struct api_stamp *stamp, const struct http_request *in)
{
	enum route route = find_route(in->path);
	struct call c = { out, scratch, ring, policy, stamp, in,
	    (enum call_form)routes[route].form };

	out->route = route;
	if (route == AUTH)
		return auth_judge(&c);
	/* A client that sends its body at once has it read, so that what it hears does not
	 * depend on how the bytes came in; one that asks first hears what can be said without. */
	if (!in->complete && !in->expect_continue && !in->expect_unknown)
		return false;
	if (in->expect_unknown)
		return call_error(&c, 417, "Unknown expectation");
	if (!is_our_host(policy, route, in))
		return call_error(&c, 421, "This host is not served here");
	if (!is_served(&c, route)) {
		out->route = NOWHERE;
		return call_error(&c, 404, "Not found");
	}
	return dispatch(&c, route);
}

void
api_refuse(struct response *out, const struct http_request *in, unsigned status, const char *why,
    size_t at)
{
	enum route route = find_route(in->path);
	struct call c = { .out = out, .in = in, .form = (enum call_form)routes[route].form };
	char what[64];
	struct buf b = buf_over(what, sizeof what - 1);

	out->route = route;
	if (route == REVOKE && status == 503)           /* RFC 7009 2.2.1 */
		buf_text(&out->fields, "Retry-After: 1\r\n");
	buf_format(&b, "%s: ", http_phrase(status));
	what[b.n] = '\0';
	call_error_at(&c, status, what, why, at);
}

bool
api_is_free_header(struct str name)
{
	static const char taken[] =     /* each with its zero */
	    "allow\0authorization\0cache-control\0connection\0content-encoding\0"
	    "content-length\0content-location\0content-range\0content-type\0date\0"
	    "error-description\0expect\0host\0keep-alive\0location\0"
	    "proxy-authenticate\0proxy-connection\0set-cookie\0te\0trailer\0"
	    "transfer-encoding\0upgrade\0www-authenticate\0";

	for (size_t i = 0; i < name.n; i++)
		if (!http_is(name.p[i], HTTP_TCHAR))
			return false;
	for (const char *p = taken; *p != '\0'; p += strlen(p) + 1)
		if (str_equal_nocase(name, str_from(p)))
			return false;
	return name.n > 0;
}

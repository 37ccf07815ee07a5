#include "route/api.h"

#include "route/auth.h"
#include "route/compat.h"
#include "route/introspect.h"
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

/* A token unescaped, and the same decoded; at /auth, what is decoded of a head, the token in it,
 * and a claim of that unescaped. */
size_t
api_scratch_size(size_t max_body)
{
	return 2 * larger(max_body, HTTP_HEAD_MAX) + SCRATCH_OVERHEAD;
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
	c->out->reason = c->stamp->stopping ? "stopping" : NULL;
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

/* The one table of routes. */
static const struct route {
	struct str path;
	const char *allow;
	enum call_form form;
	bool (*get)(struct call *);     /* NULL: the method is not allowed; GET serves HEAD too */
	bool (*post)(struct call *);
	bool (*any)(struct call *);     /* any method, from the head alone, this path or below it;
	                                 * /auth;... counts as below */
} routes[] = {
	{ { "/", 1 }, "GET, HEAD, OPTIONS, POST", CALL_COMPAT, compat_validate, compat_create,
	  NULL },
	{ { "/auth", 5 }, NULL, CALL_EMPTY, NULL, NULL, auth_judge },
	{ { "/v1/tokens", 10 }, "OPTIONS, POST", CALL_PROBLEM, NULL, tokens_issue, NULL },
	{ { "/v1/verify", 10 }, "OPTIONS, POST", CALL_PROBLEM, NULL, tokens_verify, NULL },
	{ { "/introspect", 11 }, "OPTIONS, POST", CALL_PROBLEM, NULL, introspect, NULL },
	{ { "/healthz", 8 }, "GET, HEAD, OPTIONS", CALL_PROBLEM, health, NULL, NULL },
	{ { "/metrics", 8 }, "GET, HEAD, OPTIONS", CALL_PROBLEM, metrics, NULL, NULL },
	/* RFC 9112 3.2.4: OPTIONS alone comes here. */
	{ { "*", 1 }, "GET, HEAD, OPTIONS, POST", CALL_COMPAT, NULL, NULL, NULL },
};

enum { ROUTES = sizeof routes / sizeof routes[0] };

_Static_assert(ROUTES < (int)METRICS_ROUTES, "a counter for each route, and for none");

const char *
api_route_name(unsigned route)
{
	return route == 0 ? "-" : route <= ROUTES ? routes[route - 1].path.p : NULL;
}

bool
api_only_watches(unsigned route)
{
	return route > 0 && (routes[route - 1].get == health || routes[route - 1].get == metrics);
}

static const struct route *
find_route(struct str path)
{
	for (size_t i = 0; i < ROUTES; i++) {
		const struct route *r = &routes[i];

		if (str_equal(path, r->path))
			return r;
		if (r->any != NULL && path.n > r->path.n &&
		    (path.p[r->path.n] == '/' || path.p[r->path.n] == ';') &&
		    memcmp(path.p, r->path.p, r->path.n) == 0)
			return r;
	}
	return NULL;
}

static unsigned
route_number(const struct route *r)
{
	return r == NULL ? 0 : (unsigned)(r - routes) + 1;
}

/* Whether the route is there with these settings. RFC 7662 2.1: nobody may introspect who does not
 * show the secret, so without one nobody may. */
static bool
is_served(const struct call *c, const struct route *route)
{
	if (route->post == introspect)
		return c->ring->has_secret;
	if (c->policy->no_issue && (route->post == tokens_issue ||
	    (route->post == compat_create && c->in->method == HTTP_POST)))
		return false;
	return route->form != CALL_COMPAT || !c->policy->no_compat ||
	    c->in->method == HTTP_OPTIONS;
}

static struct str
allowed(const struct call *c, const struct route *route)
{
	if (route->form == CALL_COMPAT && c->policy->no_compat)
		return STR("OPTIONS");
	if (route->post == compat_create && c->policy->no_issue)
		return STR("GET, HEAD, OPTIONS");
	return str_from(route->allow);
}

static bool
dispatch(struct call *c, const struct route *route)
{
	struct str allow = allowed(c, route);

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
		call_answer(c, 204, NULL);
		http_field(c->out, "Allow", allow);
		return true;
	case HTTP_OTHER:
		return call_error(c, 501, "Unknown method");
	case HTTP_PUT:
	case HTTP_DELETE:
	case HTTP_TRACE:
	case HTTP_PATCH:
		break;
	}
	http_field(c->out, "Allow", allow);
	return call_error(c, 405, "Method not allowed");
}

/* Whether the request is meant for this service. Who checks health may know an address alone, and
 * HAProxy, in HTTP/1.0, sends no Host. */
static bool
is_our_host(const struct api_policy *policy, const struct route *route,
    const struct http_request *in)
{
	if (route != NULL && route->get == health)
		return true;
	for (unsigned i = 0; i < policy->host_count; i++)
		if (str_equal_nocase(in->host, str_from(policy->hosts[i])))
			return true;
	return policy->host_count == 0 || (in->host.n == 0 && in->method == HTTP_OPTIONS);
}

bool
api_handle(struct response *out, struct api_scratch *scratch, const struct key_ring *ring,
    const struct api_policy *policy, const struct api_stamp *stamp, const struct http_request *in)
{
	const struct route *route = find_route(in->path);
	struct call c = { out, scratch, ring, policy, stamp, in,
	    route != NULL ? route->form : CALL_COMPAT };

	out->route = route_number(route);
	if (route != NULL && route->any != NULL)
		return route->any(&c);
	/* A client that sends its body at once has it read, so that what it hears does not
	 * depend on how the bytes came in; one that asks first hears what can be said without. */
	if (!in->complete && !in->expect_continue && !in->expect_unknown)
		return false;
	if (in->expect_unknown)
		return call_error(&c, 417, "Unknown expectation");
	if (!is_our_host(policy, route, in))
		return call_error(&c, 421, "This host is not served here");
	if (route == NULL || !is_served(&c, route)) {
		out->route = 0;
		return call_error(&c, 404, "Not found");
	}
	return dispatch(&c, route);
}

void
api_refuse(struct response *out, const struct http_request *in, unsigned status, const char *why,
    size_t at)
{
	const struct route *route = find_route(in->path);
	struct call c = { .out = out, .in = in,
	    .form = route != NULL ? route->form : CALL_COMPAT };
	char what[64];
	struct buf b = buf_over(what, sizeof what - 1);

	out->route = route_number(route);
	buf_text(&b, http_phrase(status));
	buf_text(&b, ": ");
	what[b.n] = '\0';
	call_error_at(&c, status, what, why, at);
}

bool
api_is_free_header(struct str name)
{
	static const char taken[][20] = {
		"allow", "authorization", "cache-control", "connection", "content-encoding",
		"content-length", "content-location", "content-range", "content-type", "date",
		"error-description", "expect", "host", "keep-alive", "location",
		"proxy-authenticate", "proxy-connection", "set-cookie", "te", "trailer",
		"transfer-encoding", "upgrade", "www-authenticate",
	};

	for (size_t i = 0; i < name.n; i++)
		if (!http_is(name.p[i], HTTP_TCHAR))
			return false;
	for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++)
		if (str_equal_nocase(name, str_from(taken[i])))
			return false;
	return name.n > 0;
}

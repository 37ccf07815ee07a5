#include "route/introspect.h"

static bool
error(struct call *c, unsigned status, enum reason code)
{
	return call_oauth_error(c, status, code, c->ring->has_secret);
}

/* RFC 7662 2.1: whoever asks must be the service, or a client that may. false: it is not, and has
 * been answered. */
static bool
may_ask(struct call *c, const struct caller *caller)
{
	if (caller_may(caller, CLIENT_INTROSPECT))
		return true;
	return caller->client != NULL ? !error(c, 403, REASON_UNAUTHORIZED_CLIENT) :
	    !error(c, 401, REASON_INVALID_CLIENT);
}

/* RFC 7662 2.2: the claims as members of the answer. A claim must not pose as its verdict. */
static void
put_claims(struct buf *b, const struct json *claims)
{
	for (unsigned i = 1; i < claims->tok[0].next; i = claims->tok[i + 1].next) {
		if (json_is(claims, i, STR("active")))
			continue;
		buf_add(b, STR(","));
		buf_add(b, json_text(claims, i));
		buf_add(b, STR(":"));
		json_put_compact(b, json_text(claims, i + 1));
	}
}

static bool
tell(struct call *c, struct str token)
{
	struct jwt_policy policy = c->policy->jwt;
	enum jwt_verdict verdict = JWT_MALFORMED;
	struct buf *body = &c->out->body;
	struct jwt t;

	policy.needs_exp = !c->policy->allow_no_exp;
	if (token.n <= JWT_MAX && jwt_open(&t, &c->scratch->jwt, token))
		verdict = keys_judge(c->ring, &t, &policy, c->stamp->token.now);
	c->out->refusal = verdict;
	call_answer(c, 200, "application/json");
	buf_text(body, verdict == JWT_GOOD ? "{\"active\":true" : "{\"active\":false");
	if (verdict == JWT_GOOD) {
		c->out->accepted = METRICS_INTROSPECT;
		c->out->key = t.key;
		put_claims(body, &t.doc);
	}
	buf_text(body, "}\n");
	return true;
}

static bool
answer(struct call *c, const struct caller *caller, const struct form *form)
{
	struct str token = form_value(form, STR("token"));

	if (!may_ask(c, caller))
		return true;
	if (token.n == 0)
		return error(c, 400, REASON_INVALID_REQUEST);
	return !call_can_judge(c) || tell(c, token);
}

bool
introspect(struct call *c)
{
	return call_with_form(c, STR(""), answer);
}

#include "route/introspect.h"

#include "route/form.h"

/* RFC 6749 5.2. */
static bool
error(struct call *c, unsigned status, const char *code)
{
	if (status == 401) {
		http_field(c->out, "WWW-Authenticate", STR("Basic realm=\"jwtd\""));
		http_field(c->out, "WWW-Authenticate", STR("Bearer realm=\"jwtd\""));
	}
	c->out->reason = code;
	call_answer(c, status, "application/json");
	buf_text(&c->out->body, "{\"error\":\"");
	buf_text(&c->out->body, code);
	buf_text(&c->out->body, "\"}\n");
	return true;
}

enum { BASIC_MAX = 4096 };              /* bytes of Basic credentials; a secret is far shorter */

/* Whether the password of Basic credentials (RFC 7617), its form encoding taken off (RFC 6749
 * 2.3.1), is the service secret. */
static bool
is_password(const struct key_ring *ring, struct str credentials)
{
	char pair[BASIC_MAX], text[BASIC_MAX];
	struct buf p = buf_over(pair, sizeof pair), b = buf_over(text, sizeof text);
	struct str user, password;
	bool same = call_basic(&user, &password, &p, credentials) &&
	    form_decode(&password, &b, password) && keys_is_secret(ring, password);

	wipe(pair, p.n);
	wipe(text, b.n);
	return same;
}

/* RFC 7662 2.1: whoever asks must show the service secret, in one of three ways. false: it did not,
 * and has been answered. */
static bool
is_known(struct call *c, const struct form *form)
{
	struct str bearer = call_credentials(c, "bearer"), basic = call_credentials(c, "basic"),
	    secret = form_value(form, STR("client_secret"));
	bool known;

	if (c->in->authorizations > 1 || (c->in->authorizations > 0 && secret.n > 0))
		return !error(c, 400, "invalid_request");
	if (basic.n > 0)
		known = is_password(c->ring, basic);
	else
		known = keys_is_secret(c->ring, bearer.n > 0 ? bearer : secret);
	return known || !error(c, 401, "invalid_client");
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
	if (verdict == JWT_GOOD)
		put_claims(body, &t.doc);
	buf_text(body, "}\n");
	return true;
}

static bool
answer(struct call *c, struct buf *text)
{
	struct form form;
	struct str token;

	if (!form_read(&form, text, c->in->body) || form_repeats(&form, STR("")))
		return error(c, 400, "invalid_request");
	if (!is_known(c, &form))
		return true;
	token = form_value(&form, STR("token"));
	if (token.n == 0)
		return error(c, 400, "invalid_request");
	return !call_can_judge(c) || tell(c, token);
}

bool
introspect(struct call *c)
{
	struct buf *text = &c->scratch->jwt.text;

	if (!call_media_type(c, "application/x-www-form-urlencoded", 415,
	    "The media type must be application/x-www-form-urlencoded"))
		return true;
	if (!c->in->complete)
		return false;
	buf_empty(text);
	return answer(c, text);
}

#include "route/auth.h"

/* An answer without a body. */
static bool
answer(struct call *c, unsigned status)
{
	call_answer(c, status, NULL);
	return true;
}

/* RFC 6750 3. The description is fixed: nothing of the token is in it. */
static bool
challenge(struct call *c, const char *error, const char *description)
{
	char text[256];
	struct buf b = buf_over(text, sizeof text);

	buf_text(&b, "Bearer realm=\"jwtd\"");
	if (error != NULL)
		buf_format(&b, ", error=\"%s\", error_description=\"%s\"", error, description);
	http_field(c->out, "WWW-Authenticate", buf_str(&b));
	return answer(c, 401);
}

static bool
refuse(struct call *c, enum jwt_verdict verdict, const struct jwt *t)
{
	c->out->refusal = verdict;
	return challenge(c, "invalid_token", jwt_refusal_text(verdict, t));
}

/* Printable ASCII, no space at either end: what a header carries without a doubt. */
static bool
can_travel(struct str value)
{
	if (value.n == 0 || value.n > AUTH_VALUE_MAX || value.p[0] == ' ' ||
	    value.p[value.n - 1] == ' ')
		return false;
	for (size_t i = 0; i < value.n; i++)
		if (value.p[i] < 0x20 || value.p[i] > 0x7e)
			return false;
	return true;
}

/* Adds the header that carries the claim at `at`. false: it can't be carried; then the header that
 * a client made up itself would take its place, so nobody is let in. */
static bool
carry(struct call *c, const struct json *claims, unsigned at, struct str header)
{
	struct buf *text = &c->scratch->jwt.text;
	struct str value = { NULL, 0 };
	size_t start = text->n;

	switch ((enum json_type)claims->tok[at].type) {
	case JSON_STRING:
		value = json_string(claims, at, text);
		break;
	case JSON_NUMBER:
	case JSON_TRUE:
	case JSON_FALSE:
		value = json_text(claims, at);
		break;
	case JSON_OBJECT:               /* the claims themselves, where there is no such one */
	case JSON_ARRAY:
	case JSON_NULL:
		break;
	}
	if (text->bad || !can_travel(value))
		return false;
	http_field_named(c->out, header, value);
	wipe(text->p + start, text->n - start);
	text->n = start;
	return !c->out->fields.bad;
}

static bool
let_in(struct call *c, const struct json *claims)
{
	const struct call_header *headers = c->policy->headers;
	unsigned at[JSON_LIST_MAX];
	struct json_list wanted;

	answer(c, 200);                 /* first: what it adds must fit in any case */
	if (c->policy->header_count == 0)
		return true;
	wanted.n = 0;
	for (unsigned i = 0; i < c->policy->header_count; i++)
		json_list_add(&wanted, headers[i].claim);
	json_list_members(at, &wanted, claims, 0);
	for (unsigned i = 0; i < wanted.n; i++) {
		if (carry(c, claims, at[i], headers[i].name))
			continue;
		wipe(c->out->fields.p, c->out->fields.n);       /* other claims are there already */
		buf_empty(&c->out->fields);
		c->out->refusal = JWT_MISSING_CLAIM;
		c->out->reason = "unfit_claim";
		return answer(c, 403);
	}
	return true;
}

bool
auth_judge(struct call *c)
{
	struct jwt_policy policy = c->policy->jwt;
	struct str token = caller_credentials(c->in, "bearer");
	enum jwt_verdict verdict;
	struct jwt t;

	policy.needs_exp = !c->policy->allow_no_exp;
	if (c->in->authorizations > 1) {
		c->out->reason = "invalid_request";
		return challenge(c, "invalid_request", "more than one Authorization field");
	}
	if (token.n == 0)
		return challenge(c, NULL, NULL);
	if (!call_can_judge(c))
		return true;
	buf_empty(&c->scratch->jwt.text);
	if (token.n > JWT_MAX || !jwt_open(&t, &c->scratch->jwt, token))
		return refuse(c, JWT_MALFORMED, &t);
	verdict = keys_judge(c->ring, &t, &policy, c->stamp->token.now);
	return verdict == JWT_GOOD ? let_in(c, &t.doc) : refuse(c, verdict, &t);
}

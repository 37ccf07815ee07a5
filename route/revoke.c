#include "route/revoke.h"

#include "token/revocations.h"
#include "utf8.h"

_Static_assert(sizeof(struct revocation) <= sizeof ((struct ticket *)0)->note, "room for one");

/* What a request names; one of these. */
struct named {
	struct str token, jti, exp, sub, all;
};

static bool
error(struct call *c, unsigned status, enum reason code)
{
	return call_oauth_error(c, status, code, c->ring->has_secret);
}

/* RFC 7009 2.2: also where there is nothing to take back. */
static bool
done(struct call *c)
{
	call_answer(c, 200, NULL);
	return true;
}

/* RFC 7009 2.2.1. */
static bool
not_promised(struct call *c, const char *why)
{
	c->out->refusal = REASON_NOT_PROMISED;
	buf_text(&c->out->fields, "Retry-After: 1\r\n");
	return call_error(c, 503, why);
}

/* SPEC 6.1: exactly one of token, jti with exp, sub, and all=true. */
static bool
read_named(struct named *n, const struct form *form)
{
	*n = (struct named){
		form_value(form, STR("token")), form_value(form, STR("jti")),
		form_value(form, STR("exp")), form_value(form, STR("sub")),
		form_value(form, STR("all"))
	};
	return (n->token.n > 0) + (n->jti.n > 0) + (n->sub.n > 0) + (n->all.n > 0) == 1 &&
	    (n->jti.n > 0) == (n->exp.n > 0) &&
	    (n->all.n == 0 || str_equal(n->all, STR("true"))) &&
	    utf8_is_text(n->jti.p, n->jti.n) && utf8_is_text(n->sub.p, n->sub.n);
}

/* A NumericDate, rounded up; -1: it is none. */
static int64_t
read_date(struct str text)
{
	struct json_tok tok[1];
	struct json doc;

	return json_parse(&doc, tok, 1, text) ? jwt_date(&doc, 0, true) : -1;
}

/* Has it written, also when the list says as much already: whoever wrote that may have been killed
 * before it was synced. */
static bool
keep(struct call *c, const struct revocation *r)
{
	if (r->kind == REVOKED_TOKEN && c->stamp->token.now > r->time)
		return done(c);         /* no token of it counts any more */
	memcpy(c->out->ticket->note, r, sizeof *r);
	c->out->later = true;
	return true;
}

/* Whether the token is one of the client's own. */
static bool
is_own(const struct client *client, const struct jwt *t)
{
	unsigned at = json_member(&t->doc, 0, STR("client_id"));

	return client != NULL && at != 0 && json_is(&t->doc, at, client->id);
}

/* A token whose signature is not good, whatever is wrong with it, is nothing that could be taken
 * back; who asks hears the same. */
static bool
take_token(struct call *c, const struct caller *caller, struct str token)
{
	struct revocation r;
	struct jwt t;

	if (token.n > JWT_MAX || !jwt_open(&t, &c->scratch->jwt, token) ||
	    keys_verify(c->ring, &t) != JWT_GOOD || !revocation_of(&r, &t, c->stamp->token.now))
		return done(c);
	if (!caller_may(caller, CLIENT_REVOKE) && !is_own(caller->client, &t))
		return error(c, 400, REASON_UNAUTHORIZED_CLIENT);
	return keep(c, &r);
}

static bool
take(struct call *c, const struct caller *caller, const struct named *n)
{
	int64_t now = c->stamp->token.now, exp = n->exp.n > 0 ? read_date(n->exp) : 0;
	struct revocation r;

	if (exp < 0)
		return error(c, 400, REASON_INVALID_REQUEST);
	if (n->token.n > 0)
		return take_token(c, caller, n->token);
	if (!caller_may(caller, CLIENT_REVOKE))
		return error(c, 400, REASON_UNAUTHORIZED_CLIENT);
	if (n->jti.n > 0)
		revocation_of_jti(&r, n->jti, exp);
	else if (n->sub.n > 0)
		revocation_of_subject(&r, n->sub, now);
	else
		revocation_of_all(&r, now);
	return keep(c, &r);
}

static bool
answer(struct call *c, const struct caller *caller, const struct form *form)
{
	struct named named;

	switch (c->out->ticket->outcome) {
	case TICKET_DONE: return done(c);
	case TICKET_FAILED: return not_promised(c, "It may be taken back or not: ask again");
	case TICKET_FULL: return not_promised(c, "The list is full: --max-revocations is too low");
	default: break;
	}
	if (!caller->service && caller->client == NULL)
		return error(c, 401, REASON_INVALID_CLIENT);
	if (!read_named(&named, form))
		return error(c, 400, REASON_INVALID_REQUEST);
	if (call_can_judge(c))
		return take(c, caller, &named);
	if (c->out->refusal == REASON_TOO_MANY_REVOCATIONS)     /* full, too: SPEC 6.1 */
		buf_text(&c->out->fields, "Retry-After: 1\r\n");
	return true;
}

bool
revoke(struct call *c)
{
	return call_with_form(c, STR(""), answer);
}

#include "route/tokens.h"

/* false: it has been answered. */
static bool
is_json(struct call *c)
{
	return call_media_type(c, "application/json", 415,
	    "The media type must be application/json");
}

enum { SHOWN_BYTES = 64 };              /* of a member's name */

/* A sub beside the claims, for one, would be lost in silence. false: there is such a member, and
 * that has been answered. The name stands there as the caller wrote it, a part of a JSON string. */
static bool
knows_members(struct call *c, const struct json *doc)
{
	struct buf *body = &c->out->body;
	struct str name;

	for (unsigned i = 1; i < doc->tok[0].next; i = doc->tok[i + 1].next) {
		if (json_is(doc, i, STR("claims")) || json_is(doc, i, STR("expires_in")))
			continue;
		name = json_text(doc, i);
		call_start_error(c, 400);
		name = name.n - 2 <= SHOWN_BYTES ? (struct str){ name.p + 1, name.n - 2 }
		    : STR("with a long name");
		buf_format(body, "Unknown member %.*s: only claims and expires_in are taken, and a "
		    "claim stands in claims", (int)name.n, name.p);
		return !call_end_error(c);
	}
	return true;
}

/* false: the caller wants what is not allowed, and has been told. */
static bool
take_lifetime(struct call *c, struct claims_setting *setting, const struct json *doc)
{
	unsigned at = json_member(doc, 0, STR("expires_in"));
	uint64_t seconds;

	if (at == 0)
		return true;
	if (doc->tok[at].type == JSON_NUMBER && str_number(&seconds, json_text(doc, at), 10,
	    c->policy->max_ttl) && seconds > 0) {
		setting->expires_in = (unsigned)seconds;
		return true;
	}
	call_start_error(c, 400);
	buf_format(&c->out->body, "expires_in must be a whole number of seconds from 1 to %u",
	    c->policy->max_ttl);
	return !call_end_error(c);
}

/* The claims of the token, from the body. false: they can't be had, and that has been answered. */
static bool
make_claims(struct call *c, const struct claims_setting *setting, const struct json *doc)
{
	struct buf *claims = &c->scratch->claims;
	unsigned at = json_member(doc, 0, STR("claims"));
	char reason[128];
	struct buf why = buf_over(reason, sizeof reason - 1);

	if (at != 0 && doc->tok[at].type != JSON_OBJECT)
		return !call_error(c, 400, "claims is not a JSON object");
	buf_empty(claims);
	if (!claims_issue(claims, setting, &c->stamp->token, at != 0 ? doc : NULL, at, &why)) {
		reason[why.n] = '\0';
		return !call_error_at(c, 400, "claims: ", reason, HTTP_NO_OFFSET);
	}
	if (claims->bad || jwt_length(c->ring->signer, claims->n) > JWT_MAX)
		return !call_error(c, 413, "The token would be longer than 12,288 bytes");
	return true;
}

bool
tokens_issue(struct call *c)
{
	struct claims_setting setting = c->policy->claims;
	struct buf *body = &c->out->body;
	struct json doc;

	if (!call_may_create(c) || !is_json(c))
		return true;
	if (!c->in->complete)
		return false;
	if (!call_body(c, &doc) || !knows_members(c, &doc) ||
	    !take_lifetime(c, &setting, &doc) || !call_can_issue(c) ||
	    !make_claims(c, &setting, &doc))
		return true;
	call_answer(c, 200, "application/json");
	buf_add(body, STR("{\"access_token\":\""));
	jwt_mint(body, c->ring->signer, buf_str(&c->scratch->claims));
	buf_add(body, STR("\",\"token_type\":\"Bearer\",\"expires_in\":"));
	buf_number(body, setting.expires_in);
	buf_add(body, STR("}\n"));
	c->out->issued = true;
	return true;
}

/* Says what is wrong with a token, and nothing of what it says. */
static bool
refuse(struct call *c, enum jwt_verdict verdict, const struct jwt *t)
{
	struct buf *body = &c->out->body;

	call_answer(c, 200, "application/json");
	buf_add(body, STR("{\"valid\":false,\"error\":\""));
	buf_text(body, jwt_verdict_name(verdict));
	buf_add(body, STR("\",\"error_description\":\""));
	if (verdict == JWT_MALFORMED)
		call_put_fault(body, t);
	else
		jwt_put_reason(body, t, verdict);
	buf_add(body, STR("\"}\n"));
	c->out->refusal = verdict;
	return true;
}

static bool
judge(struct call *c, struct str token)
{
	struct buf *body = &c->out->body;
	enum jwt_verdict verdict;
	struct jwt t;

	if (token.n > JWT_MAX)
		return call_error(c, 413, "The token is longer than 12,288 bytes");
	if (!jwt_open(&t, &c->scratch->jwt, token))
		return refuse(c, JWT_MALFORMED, &t);
	verdict = keys_judge(c->ring, &t, &c->policy->jwt, c->stamp->token.now);
	if (verdict != JWT_GOOD)
		return refuse(c, verdict, &t);
	call_answer(c, 200, "application/json");
	buf_add(body, STR("{\"valid\":true,\"header\":"));
	json_put_compact(body, t.header);
	buf_add(body, STR(",\"claims\":"));
	json_put_compact(body, t.claims);
	buf_add(body, STR("}\n"));
	return true;
}

bool
tokens_verify(struct call *c)
{
	struct buf *text = &c->scratch->jwt.text;
	struct json doc;
	unsigned at;

	if (!is_json(c))
		return true;
	if (!c->in->complete)
		return false;
	if (!call_body(c, &doc) || !call_can_judge(c))
		return true;
	at = json_member(&doc, 0, STR("token"));
	if (at == 0 || doc.tok[at].type != JSON_STRING)
		return call_error(c, 400, "token is missing, or is not a string");
	buf_empty(text);
	return judge(c, json_string(&doc, at, text));
}

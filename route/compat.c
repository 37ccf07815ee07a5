#include "route/compat.h"

enum {
	/* What the claims of POST / put around user_data, seen from a body that holds nothing
	 * else. */
	CLAIMS_DEPTH = 1,               /* {"payload":{"data": … against {"user_data": … */
	CLAIMS_TOKENS = 8,      /* iat, jti, payload, date: names, values; one more object */
	VALIDATE_OVERHEAD = 31          /* bytes of {"Token": "", "Signing_key": } and a newline */
};

/* The description of a 204 has no body to stand in. The replaced service gives it a media type
 * too. */
static bool
missing_key(struct call *c)
{
	call_answer(c, 204, "application/json");
	c->out->refusal = REASON_MISSING_KEY;
	buf_text(&c->out->fields,
	    "Error-Description: Missing signing key in GET request body\r\n");
	return true;
}

/* false: it has been answered. */
static bool
is_json(struct call *c)
{
	return call_media_type(c, "application/json", 202, "Invalid content type");
}

/* Nothing is made here that GET / would refuse: it obeys the same limits. false: answered. */
static bool
can_come_back(struct call *c, const struct json *doc, unsigned data)
{
	unsigned tokens = doc->tok[data].next - data + 2;       /* those of {"user_data": data} */

	if (json_depth(doc, data) + 1 + CLAIMS_DEPTH > JSON_DEPTH_MAX)
		return !call_error(c, 400,
		    "user_data is nested too deeply for a token: 30 levels are allowed");
	if (tokens + CLAIMS_TOKENS > JSON_TOKENS_MAX)
		return !call_error(c, 400, "user_data has too many values for a token");
	return true;
}

bool
compat_create(struct call *c)
{
	const struct jwt_key *key = c->ring->signer_hs512;
	struct buf *claims = &c->scratch->claims;
	struct json doc;
	unsigned data;

	if (!call_may_create(c) || !is_json(c))
		return true;
	if (!c->in->complete)
		return false;
	if (!call_body(c, &doc))
		return true;
	if ((data = json_member(&doc, 0, STR("user_data"))) == 0)
		return call_error(c, 400, "user_data is missing");
	if (!can_come_back(c, &doc, data) || !call_can_issue(c))
		return true;
	buf_empty(claims);
	claims_payload(claims, &c->stamp->token, json_text(&doc, data));
	if (claims->bad ||
	    jwt_length(key, claims->n) + key->quoted + VALIDATE_OVERHEAD > c->policy->max_body)
		return call_error(c, 413,
		    "user_data is too large: GET / could not take the token back");
	call_answer(c, 200, "application/json");
	buf_add(&c->out->body, STR("{\"JWT Token\": \""));
	jwt_mint(&c->out->body, key, buf_str(claims));
	buf_add(&c->out->body, STR("\"}\n"));
	c->out->issued = true;
	return true;
}

/* Takes the token apart and says what it holds, and whether the key made it. Expiry is not
 * judged on this route. */
static bool
show(struct call *c, struct str token, struct str key)
{
	struct buf *body = &c->out->body;
	struct jwt_key made;
	struct jwt jwt;
	bool good;

	if (!jwt_open(&jwt, &c->scratch->jwt, token))
		return call_error_fault(c, 400, &jwt);
	made.alg = JWT_HS512;
	hmac512_key_init(&made.hs512, key.p, key.n);
	good = jwt_verify(&jwt, &made) == JWT_GOOD;
	wipe(&made.hs512, sizeof made.hs512);
	call_answer(c, 200, "application/json");
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

bool
compat_validate(struct call *c)
{
	struct buf *text = &c->scratch->jwt.text;
	struct json doc;
	struct str token, key;
	unsigned token_at, key_at;

	if (!is_json(c))
		return true;
	if (!c->in->complete)
		return false;
	if (!call_body(c, &doc))
		return true;
	token_at = json_member(&doc, 0, STR("Token"));
	key_at = json_member(&doc, 0, STR("Signing_key"));
	if (is_absent(&doc, token_at))
		return call_error(c, 203, "Missing token in GET request body");
	if (is_absent(&doc, key_at))
		return missing_key(c);
	if (doc.tok[token_at].type != JSON_STRING)
		return call_error(c, 400, "Token is not a string");
	if (doc.tok[key_at].type != JSON_STRING)
		return call_error(c, 400, "Signing_key is not a string");
	buf_empty(text);
	token = json_string(&doc, token_at, text);
	key = json_string(&doc, key_at, text);
	return show(c, token, key);
}

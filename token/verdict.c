/* How verdicts are called, and what they tell a person. */
#include "token/demand.h"
#include "token/jwt.h"

static const struct {
	char name[24];
	const char *text;
} verdicts[] = {
	[JWT_GOOD] = { "good", "the token is good" },
	[JWT_MALFORMED] = { "malformed", "the token is malformed" },
	[JWT_UNSUPPORTED_ALGORITHM] = { "unsupported_algorithm",
	    "the token's algorithm is not HS512" },
	[JWT_UNSUPPORTED_CRITICAL] = { "unsupported_critical",
	    "the token's header asks for an extension" },
	[JWT_UNKNOWN_KEY] = { "unknown_key", "the token names a key that is not known here" },
	[JWT_BAD_SIGNATURE] = { "bad_signature", "the token's signature does not match" },
	[JWT_EXPIRED] = { "expired", "the token has expired" },
	[JWT_NOT_YET_VALID] = { "not_yet_valid", "the token is not valid yet" },
	[JWT_WRONG_ISSUER] = { "wrong_issuer", "the token is from another issuer" },
	[JWT_WRONG_AUDIENCE] = { "wrong_audience", "the token is meant for another audience" },
	[JWT_MISSING_CLAIM] = { "missing_claim", "the token lacks a demanded claim" },
	[JWT_INSUFFICIENT_SCOPE] = { "insufficient_scope",
	    "the token has no demanded value of a demanded claim" },
};

_Static_assert(sizeof verdicts / sizeof verdicts[0] == JWT_VERDICTS, "a row for each");

const char *
jwt_verdict_name(enum jwt_verdict v)
{
	return verdicts[v].name;
}

const char *
jwt_verdict_text(enum jwt_verdict v)
{
	return verdicts[v].text;
}

/* Whether the claim is what made the token refused, as it is there and no time. */
static bool
is_no_date(const struct jwt *t, struct str claim)
{
	unsigned at = json_member(&t->doc, 0, claim);

	return at != 0 && !jwt_is_date(&t->doc, at);
}

_Static_assert(JWT_REASON_MAX > DEMAND_NAME_MAX + 64, "a name, and the words around it");

void
jwt_put_reason(struct buf *why, const struct jwt *t, enum jwt_verdict v)
{
	if (v == JWT_MISSING_CLAIM) {
		buf_text(why, "the token lacks ");
		demand_put_name(why, t->about);
	} else if (v == JWT_INSUFFICIENT_SCOPE) {
		buf_text(why, "the token has no demanded value of ");
		demand_put_name(why, t->about);
	} else if (v == JWT_EXPIRED && is_no_date(t, STR("exp"))) {
		buf_text(why, "the token's exp is not a number of seconds in range");
	} else if (v == JWT_NOT_YET_VALID && is_no_date(t, STR("nbf"))) {
		buf_text(why, "the token's nbf is not a number of seconds in range");
	} else {
		buf_text(why, verdicts[v].text);
	}
}

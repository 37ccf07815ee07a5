/* How verdict_texts are called, and what they tell a person. */
#include "token/demand.h"
#include "token/jwt.h"

/* Name and phrase of each, in the order of enum jwt_verdict, for str_nth(). Two phrases go on
 * with a claim. */
static const char verdict_texts[] =
	"good\0" "the token is good\0"
	"malformed\0" "the token is malformed\0"
	"unsupported_algorithm\0" "the token's algorithm is none of the keys'\0"
	"unsupported_critical\0" "the token's header asks for an extension\0"
	"unknown_key\0" "the token names a key that is not known here\0"
	"bad_signature\0" "the token's signature does not match\0"
	"expired\0" "the token has expired\0"
	"not_yet_valid\0" "the token is not valid yet\0"
	"wrong_issuer\0" "the token is from another issuer\0"
	"wrong_audience\0" "the token is meant for another audience\0"
	"missing_claim\0" "the token lacks \0"
	"revoked\0" "the token was taken back\0"
	"insufficient_scope\0" "the token has no demanded value of \0";

const char *
jwt_verdict_name(enum jwt_verdict v)
{
	return str_nth(verdict_texts, 2 * v);
}

const char *
jwt_verdict_text(enum jwt_verdict v)
{
	return str_nth(verdict_texts, 2 * v + 1);
}

/* Whether the claim is what made the token refused, as it is there and no time. */
static bool
is_no_date(const struct jwt *t, struct str claim)
{
	unsigned at = json_member(&t->doc, 0, claim);

	return at != 0 && jwt_date(&t->doc, at, true) < 0;
}

_Static_assert(JWT_REASON_MAX > DEMAND_NAME_MAX + 64, "a name, and the words around it");

void
jwt_put_reason(struct buf *why, const struct jwt *t, enum jwt_verdict v)
{
	struct str time = v == JWT_EXPIRED ? STR("exp") : STR("nbf");

	if ((v == JWT_EXPIRED || v == JWT_NOT_YET_VALID) && is_no_date(t, time)) {
		buf_format(why, "the token's %s is not a number of seconds in range", time.p);
		return;
	}
	buf_text(why, jwt_verdict_text(v));
	if (v >= JWT_MISSING_CLAIM && v != JWT_REVOKED)
		demand_put_name(why, t->about);
}

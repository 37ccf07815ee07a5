#include "token/claims.h"

#include "date.h"

/* {"iat":…,"jti":"… and its last quote: what every token begins with. */
static void
put_stamp(struct buf *b, const struct claims_stamp *stamp)
{
	buf_add(b, STR("{\"iat\":"));
	buf_number(b, (uint64_t)stamp->now);
	buf_add(b, STR(",\"jti\":\""));
	buf_hex(b, stamp->nonce, CLAIMS_NONCE);
	buf_add(b, STR("\""));
}

void
claims_payload(struct buf *b, const struct claims_stamp *stamp, struct str data)
{
	char day[DATE_DAY];

	put_stamp(b, stamp);
	buf_add(b, STR(",\"payload\":{\"data\":"));
	json_put_compact(b, data);
	buf_add(b, STR(",\"date\":\""));
	date_day(day, stamp->now);
	buf_put(b, day, sizeof day);
	buf_add(b, STR("\"}}"));
}

static bool
is_string(const struct json *doc, unsigned tok)
{
	return doc->tok[tok].type == JSON_STRING;
}

static bool
is_string_or_strings(const struct json *doc, unsigned tok)
{
	if (doc->tok[tok].type != JSON_ARRAY)
		return is_string(doc, tok);
	for (unsigned i = tok + 1; i < doc->tok[tok].next; i = doc->tok[i].next)
		if (!is_string(doc, i))
			return false;
	return true;
}

/* The registered claims (RFC 7519 4.1): whether a caller may say in them what he does. */
static bool
fits(const struct json *doc, unsigned name, struct buf *why)
{
	static const char registered[][4] = { "iat", "jti", "iss", "exp", "sub", "aud", "nbf" };
	enum { SUB = 4, AUD, NBF, NONE };
	unsigned i = 0, value = name + 1;

	while (i < NONE && !json_is(doc, name, (struct str){ registered[i], 3 }))
		i++;
	switch (i) {
	case SUB:
		return is_string(doc, value) || buf_fail(why, "sub must be a string");
	case AUD:
		return is_string_or_strings(doc, value) || buf_fail(why, "aud must be a string or "
		    "an array of strings");
	case NBF:
		return jwt_date(doc, value, true) >= 0 || buf_fail(why, "nbf must be a number of "
		    "seconds since 1970, up to the year 9999");
	case NONE:
		return true;
	}
	buf_fail(why, registered[i]);
	return buf_fail(why, " is set here, not by the caller");
}

/* What verifies the token obeys the tokenizer's limits: so does what makes it. */
static bool
within_limits(const struct json *doc, unsigned object, unsigned members, struct buf *why)
{
	unsigned tokens = doc->tok[object].next - object;
	enum { OURS = 5 };              /* iat, jti, iss, exp, aud */

	if (members + OURS > JSON_MEMBERS_MAX)
		return buf_fail(why, "there are too many claims: 123 are allowed");
	return tokens + 2 * OURS <= JSON_TOKENS_MAX ||
	    buf_fail(why, "the claims hold too many values: 4,085 names and values are allowed");
}

/* Appends a member whose value is a string. */
static void
put_member(struct buf *b, const char *name, const char *value)
{
	buf_text(b, ",\"");
	buf_text(b, name);
	buf_text(b, "\":");
	json_quote(b, str_from(value));
}

bool
claims_issue(struct buf *b, const struct claims_setting *setting, const struct claims_stamp *stamp,
    const struct json *doc, unsigned object, struct buf *why)
{
	unsigned members = 0, end = doc == NULL ? 0 : doc->tok[object].next;

	put_stamp(b, stamp);
	if (setting->issuer != NULL)
		put_member(b, "iss", setting->issuer);
	buf_add(b, STR(",\"exp\":"));
	buf_number(b, (uint64_t)stamp->now + setting->expires_in);
	if (setting->audience != NULL && (doc == NULL || json_member(doc, object, STR("aud")) == 0))
		put_member(b, "aud", setting->audience);
	for (unsigned i = object + 1; i < end; i = doc->tok[i + 1].next, members++) {
		if (!fits(doc, i, why))
			return false;
		buf_add(b, STR(","));
		json_put_compact(b, json_text(doc, i));
		buf_add(b, STR(":"));
		json_put_compact(b, json_text(doc, i + 1));
	}
	buf_add(b, STR("}"));
	return doc == NULL || within_limits(doc, object, members, why);
}

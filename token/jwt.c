#include "token/jwt.h"

#include "base64url.h"

static bool
malformed(struct jwt *t, const char *part, const char *fault, size_t at)
{
	t->part = part;
	t->fault = fault;
	t->fault_at = at;
	return false;
}

/* Decodes a segment to the end of the scratch text. */
static bool
decode(struct jwt *t, struct str *into, struct jwt_scratch *scratch, struct str segment,
    const char *part)
{
	struct buf *text = &scratch->text;
	char *out = text->p + text->n;
	ptrdiff_t n;

	if (segment.n == 0)
		return malformed(t, part, "the segment is empty", 0);
	if (text->cap - text->n < segment.n)
		return malformed(t, part, "the segment is too long", 0);
	n = base64url_decode(out, segment.p, segment.n);
	text->n += n < 0 ? segment.n : (size_t)n;       /* to be wiped, too, where it is no good */
	if (n < 0)
		return malformed(t, part, "not base64url without padding", 0);
	*into = (struct str){ out, (size_t)n };
	return true;
}

static bool
parse_object(struct jwt *t, struct json *doc, struct jwt_scratch *scratch, struct str text,
    const char *part)
{
	if (!json_parse(doc, scratch->tok, JSON_TOKENS_MAX, text))
		return malformed(t, part, doc->fault, doc->fault_at);
	if (doc->tok[0].type != JSON_OBJECT)
		return malformed(t, part, "not a JSON object", 0);
	return true;
}

/* RFC 7515 7.1: three segments between two dots. A third dot would be no base64url. */
static bool
split(struct jwt *t, struct str segment[3], struct str token)
{
	const char *dot = token.n > 0 ? memchr(token.p, '.', token.n) : NULL, *dot2 = NULL,
	    *end = NULL;

	if (dot != NULL) {
		end = token.p + token.n;
		dot2 = memchr(dot + 1, '.', (size_t)(end - dot - 1));
	}
	if (token.n == 0)
		return malformed(t, "token", "it is empty", 0);
	if (dot2 == NULL)
		return malformed(t, "token", "three segments expected", 0);
	segment[0] = (struct str){ token.p, (size_t)(dot - token.p) };
	segment[1] = (struct str){ dot + 1, (size_t)(dot2 - dot - 1) };
	segment[2] = (struct str){ dot2 + 1, (size_t)(end - dot2 - 1) };
	t->signing_input = (struct str){ token.p, (size_t)(dot2 - token.p) };
	return true;
}

/* The parameters of RFC 7515 4.1 and RFC 7797 3 that decide anything here. Keys and addresses of
 * keys that a token brings along (jwk, jku, x5u, x5c) are not even looked for. */
static void
read_header(struct jwt *t, const struct json *doc)
{
	unsigned alg = json_member(doc, 0, STR("alg")), b64 = json_member(doc, 0, STR("b64")),
	    kid = json_member(doc, 0, STR("kid"));

	t->hs512 = alg != 0 && json_is(doc, alg, STR("HS512"));
	t->critical = json_member(doc, 0, STR("crit")) != 0;
	t->unencoded = b64 != 0 && doc->tok[b64].type != JSON_TRUE;
	if (kid == 0)
		return;
	t->kid_is = doc->tok[kid].type == JSON_STRING ? JWT_KID_STRING : JWT_KID_BAD;
	if (t->kid_is == JWT_KID_STRING)
		t->kid = json_raw(doc, kid);
}

bool
jwt_open(struct jwt *t, struct jwt_scratch *scratch, struct str token)
{
	struct str segment[3];

	*t = (struct jwt){ 0 };
	if (!split(t, segment, token) || !decode(t, &t->header, scratch, segment[0], "header") ||
	    !decode(t, &t->claims, scratch, segment[1], "claims") ||
	    !decode(t, &t->signature, scratch, segment[2], "signature") ||
	    !parse_object(t, &t->doc, scratch, t->header, "header"))
		return false;
	read_header(t, &t->doc);
	return parse_object(t, &t->doc, scratch, t->claims, "claims");
}

enum jwt_verdict
jwt_verify(const struct jwt *t, const struct hmac512_key *key)
{
	uint8_t mac[SHA512_DIGEST];
	bool same;

	if (!t->hs512)
		return JWT_UNSUPPORTED_ALGORITHM;
	if (t->critical)
		return JWT_UNSUPPORTED_CRITICAL;
	if (t->signature.n != SHA512_DIGEST)
		return JWT_BAD_SIGNATURE;
	hmac512(mac, key, t->signing_input.p, t->signing_input.n);
	same = sha512_equal(mac, (const uint8_t *)t->signature.p);
	wipe(mac, sizeof mac);
	return (enum jwt_verdict)(!same * JWT_BAD_SIGNATURE);   /* JWT_GOOD is 0: no branch */
}

size_t
jwt_length(const struct jwt_key *key, size_t claims)
{
	return key->header.n + base64url_length(claims) + 1 + base64url_length(SHA512_DIGEST);
}

void
jwt_mint(struct buf *token, const struct jwt_key *key, struct str claims)
{
	uint8_t mac[SHA512_DIGEST];
	size_t start = token->n;

	buf_add(token, key->header);
	base64url_put(token, claims);
	if (token->bad)
		return;
	hmac512(mac, &key->mac, token->p + start, token->n - start);
	buf_add(token, STR("."));
	base64url_put(token, (struct str){ (const char *)mac, sizeof mac });
}

enum { DATE_CHARACTERS = 32 };          /* of a NumericDate; what is longer is none */

static const int64_t date_max = INT64_C(253402300799);  /* the last second of the year 9999 */

/* The digits of a JSON number and where its point stands: "12.50e1" is 1250, the point behind 3. */
struct decimal {
	char digit[DATE_CHARACTERS];
	int digits, point;
	bool negative;
};

/* RFC 8259 6: int, frac and exp, which json_parse() has found to be well-formed. */
static struct decimal
read_decimal(struct str s)
{
	struct decimal d = { .negative = s.p[0] == '-' };
	size_t i = d.negative;
	bool fraction = false, minus = false;
	int exponent = 0;

	for (; i < s.n && (s.p[i] | 0x20) != 'e'; i++) {
		if (s.p[i] == '.') {
			fraction = true;
			continue;
		}
		d.digit[d.digits++] = s.p[i];
		d.point += !fraction;
	}
	for (i++; i < s.n; i++) {
		if (s.p[i] == '-')
			minus = true;
		else if (s.p[i] != '+' && exponent < 1000)      /* far beyond the year 9999 */
			exponent = exponent * 10 + (s.p[i] - '0');
	}
	d.point += minus ? -exponent : exponent;
	return d;
}

/* RFC 7519 2 NumericDate, rounded up to whole seconds: the clock counts whole ones, and none of
 * them lies between the fraction and what it is rounded to. -1: it is none. */
static int64_t
numeric_date(const struct json *doc, unsigned tok)
{
	struct str s = json_text(doc, tok);
	struct decimal d;
	int64_t seconds = 0;
	bool fraction = false;

	if (doc->tok[tok].type != JSON_NUMBER || s.n > DATE_CHARACTERS)
		return -1;
	d = read_decimal(s);
	for (int i = 0; i < d.digits || i < d.point; i++) {
		int digit = i < d.digits ? d.digit[i] - '0' : 0;

		if (i >= d.point)
			fraction = fraction || digit != 0;
		else if ((seconds = seconds * 10 + digit) > date_max)
			return -1;
	}
	if (d.negative && (seconds > 0 || fraction))
		return -1;
	seconds += fraction;
	return seconds <= date_max ? seconds : -1;
}

bool
jwt_is_date(const struct json *doc, unsigned tok)
{
	return numeric_date(doc, tok) >= 0;
}

/* RFC 7519 4.1.4, 4.1.5. What is there but is no NumericDate never counts as absent. */
static enum jwt_verdict
judge_time(const struct json *claims, const struct jwt_policy *policy, int64_t now)
{
	unsigned exp = json_member(claims, 0, STR("exp")), nbf = json_member(claims, 0, STR("nbf"));
	int64_t date;

	if (exp != 0 && ((date = numeric_date(claims, exp)) < 0 || now >= date + policy->leeway))
		return JWT_EXPIRED;
	if (nbf != 0 && ((date = numeric_date(claims, nbf)) < 0 || now < date - policy->leeway))
		return JWT_NOT_YET_VALID;
	return JWT_GOOD;
}

static void
list_names(struct json_list *list, const char *const *names, unsigned n)
{
	list->n = 0;
	for (unsigned i = 0; i < n; i++)
		json_list_add(list, str_from(names[i]));
}

/* RFC 7519 4.1.3: a string, or an array of strings and nothing else. */
static bool
audience_fits(const struct json *claims, const struct jwt_policy *policy)
{
	unsigned aud = json_member(claims, 0, STR("aud"));
	bool found = false, array;
	struct json_list ours;

	if (aud == 0 || policy->audience_count == 0)
		return aud == 0 && policy->audience_count == 0;
	list_names(&ours, policy->audiences, policy->audience_count);
	array = claims->tok[aud].type == JSON_ARRAY;
	for (unsigned i = aud + array; i < claims->tok[aud].next; i = claims->tok[i].next) {
		if (claims->tok[i].type != JSON_STRING)
			return false;
		found = found || json_list_has(&ours, claims, i) != 0;
	}
	return found;
}

/* RFC 7519 4.1.1. */
static bool
issuer_fits(const struct json *claims, const struct jwt_policy *policy)
{
	unsigned iss = json_member(claims, 0, STR("iss"));

	return policy->issuer == NULL ||
	    (iss != 0 && json_is(claims, iss, str_from(policy->issuer)));
}

static bool
has_required(const struct json *claims, const struct jwt_policy *policy)
{
	struct json_list required;
	unsigned at[JSON_LIST_MAX];

	list_names(&required, policy->required, policy->required_count);
	json_list_members(at, &required, claims, 0);
	for (unsigned i = 0; i < required.n; i++)
		if (at[i] == 0)
			return false;
	return true;
}

enum jwt_verdict
jwt_judge(const struct jwt *t, const struct jwt_policy *policy, int64_t now)
{
	enum jwt_verdict in_time = judge_time(&t->doc, policy, now);

	if (in_time != JWT_GOOD)
		return in_time;
	if (!issuer_fits(&t->doc, policy))
		return JWT_WRONG_ISSUER;
	if (!audience_fits(&t->doc, policy))
		return JWT_WRONG_AUDIENCE;
	if (policy->needs_exp && json_member(&t->doc, 0, STR("exp")) == 0)
		return JWT_MISSING_CLAIM;
	return policy->required_count == 0 || has_required(&t->doc, policy) ? JWT_GOOD
	    : JWT_MISSING_CLAIM;
}

/* Name and phrase of each, in the order of enum jwt_verdict, for str_nth(). */
static const char verdicts[] =
	"good\0" "the token is good\0"
	"malformed\0" "the token is malformed\0"
	"unsupported_algorithm\0" "the token's algorithm is not HS512\0"
	"unsupported_critical\0" "the token's header asks for an extension\0"
	"unknown_key\0" "the token names a key that is not known here\0"
	"bad_signature\0" "the token's signature does not match\0"
	"expired\0" "the token has expired\0"
	"not_yet_valid\0" "the token is not valid yet\0"
	"wrong_issuer\0" "the token is from another issuer\0"
	"wrong_audience\0" "the token is meant for another audience\0"
	"missing_claim\0" "the token lacks a claim that is required\0";

const char *
jwt_verdict_name(enum jwt_verdict v)
{
	return str_nth(verdicts, 2 * v);
}

const char *
jwt_verdict_text(enum jwt_verdict v)
{
	return str_nth(verdicts, 2 * v + 1);
}

/* Whether the claim is what made the token refused, as it is there and no time. */
static bool
is_no_date(const struct jwt *t, struct str claim)
{
	unsigned at = json_member(&t->doc, 0, claim);

	return at != 0 && numeric_date(&t->doc, at) < 0;
}

const char *
jwt_refusal_text(enum jwt_verdict v, const struct jwt *t)
{
	if (v == JWT_EXPIRED && is_no_date(t, STR("exp")))
		return "the token's exp is not a number of seconds in range";
	if (v == JWT_NOT_YET_VALID && is_no_date(t, STR("nbf")))
		return "the token's nbf is not a number of seconds in range";
	return jwt_verdict_text(v);
}

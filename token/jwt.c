#include "token/jwt.h"

#include "base64url.h"
#include "token/revocations.h"

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

static const char alg_words[] = "\0" "HS512\0" "HS256\0" "EdDSA\0" "Ed25519\0";

const char *
jwt_alg_name(enum jwt_alg alg)
{
	return str_nth(alg_words, alg);
}

enum jwt_alg
jwt_alg(const struct json *doc, unsigned tok)
{
	enum { ED25519 = JWT_EDDSA + 1 };
	unsigned alg = JWT_HS512;

	while (alg <= ED25519 && !json_is(doc, tok, str_from(str_nth(alg_words, alg))))
		alg++;
	return alg <= JWT_EDDSA ? (enum jwt_alg)alg : alg == ED25519 ? JWT_EDDSA : JWT_NO_ALG;
}

/* The parameters of RFC 7515 4.1 and RFC 7797 3 that decide anything here. Keys and addresses of
 * keys that a token brings along (jwk, jku, x5u, x5c) are not even looked for. */
static void
read_header(struct jwt *t, const struct json *doc)
{
	enum { ALG, B64, KID, CRIT, PARAMETERS };
	static const char name[PARAMETERS][4] = { "alg\"", "b64\"", "kid\"", "crit" };
	unsigned at[PARAMETERS];

	json_members(at, doc, 0, name, PARAMETERS);
	if (at[ALG] != 0)
		t->alg = json_is(doc, at[ALG], STR("HS512")) ? JWT_HS512 : jwt_alg(doc, at[ALG]);
	t->critical = at[CRIT] != 0;
	t->unencoded = at[B64] != 0 && doc->tok[at[B64]].type != JSON_TRUE;
	if (at[KID] == 0)
		return;
	t->kid_is = doc->tok[at[KID]].type == JSON_STRING ? JWT_KID_STRING : JWT_KID_BAD;
	if (t->kid_is == JWT_KID_STRING)
		t->kid = json_raw(doc, at[KID]);
}

bool
jwt_open(struct jwt *t, struct jwt_scratch *scratch, struct str token)
{
	struct str segment[3];

	*t = (struct jwt){ .text = &scratch->text };
	if (!split(t, segment, token) || !decode(t, &t->header, scratch, segment[0], "header") ||
	    !decode(t, &t->claims, scratch, segment[1], "claims") ||
	    !decode(t, &t->signature, scratch, segment[2], "signature") ||
	    !parse_object(t, &t->doc, scratch, t->header, "header"))
		return false;
	read_header(t, &t->doc);
	return parse_object(t, &t->doc, scratch, t->claims, "claims");
}

enum { SIGNATURE_MAX = SHA512_DIGEST };         /* bytes of a signature */

_Static_assert((int)ED25519_SIGNATURE == (int)SIGNATURE_MAX, "as long as a MAC of HS512");

/* Bytes of the key's signatures. */
static size_t
signature_length(const struct jwt_key *key)
{
	return key->alg == JWT_HS256 ? SHA256_DIGEST : SIGNATURE_MAX;
}

/* The signature of a text. That of HS256 stands there twice, to be compared like the others. */
static void
sign(uint8_t out[SIGNATURE_MAX], const struct jwt_key *key, struct str text)
{
	switch ((enum jwt_alg)key->alg) {
	case JWT_HS512:
		hmac512(out, &key->hs512, text.p, text.n);
		break;
	case JWT_HS256:
		hmac256(out, &key->hs256, text.p, text.n);
		memcpy(out + SHA256_DIGEST, out, SHA256_DIGEST);
		break;
	case JWT_EDDSA:
		ed25519_sign(out, &key->ed25519.signer, text.p, text.n);
		break;
	case JWT_NO_ALG:
		break;
	}
}

/* RFC 7518 3.2: the MAC is made once more, and compared. */
static enum jwt_verdict
verify_mac(const struct jwt *t, const struct jwt_key *key)
{
	const uint8_t *given = (const uint8_t *)t->signature.p;
	uint8_t mac[SIGNATURE_MAX], twice[SIGNATURE_MAX];
	bool same;

	if (key->alg == JWT_HS256) {
		memcpy(twice, given, SHA256_DIGEST);
		memcpy(twice + SHA256_DIGEST, given, SHA256_DIGEST);
		given = twice;
	}
	sign(mac, key, t->signing_input);
	same = sha512_equal(mac, given);
	wipe(mac, sizeof mac);
	return (enum jwt_verdict)(!same * JWT_BAD_SIGNATURE);   /* JWT_GOOD is 0: no branch */
}

enum jwt_verdict
jwt_verify(const struct jwt *t, const struct jwt_key *key)
{
	if (t->alg != key->alg || t->alg == JWT_NO_ALG)
		return JWT_UNSUPPORTED_ALGORITHM;
	if (t->critical)
		return JWT_UNSUPPORTED_CRITICAL;
	if (t->signature.n != signature_length(key))
		return JWT_BAD_SIGNATURE;
	if (key->alg != JWT_EDDSA)
		return verify_mac(t, key);
	return ed25519_verify(key->ed25519.verifier, (const uint8_t *)t->signature.p,
	    t->signing_input.p, t->signing_input.n) ? JWT_GOOD : JWT_BAD_SIGNATURE;
}

size_t
jwt_length(const struct jwt_key *key, size_t claims)
{
	return key->header.n + base64url_length(claims) + 1 +
	    base64url_length(signature_length(key));
}

static void
put_base64url(struct buf *b, const void *p, size_t n)
{
	if (b->bad || b->cap - b->n < base64url_length(n))
		b->bad = true;
	else
		b->n += base64url_encode(b->p + b->n, p, n);
}

void
jwt_mint(struct buf *token, const struct jwt_key *key, struct str claims)
{
	uint8_t signature[SIGNATURE_MAX];
	size_t start = token->n;

	buf_add(token, key->header);
	put_base64url(token, claims.p, claims.n);
	if (token->bad)
		return;
	sign(signature, key, (struct str){ token->p + start, token->n - start });
	buf_add(token, STR("."));
	put_base64url(token, signature, signature_length(key));
}

enum { DATE_CHARACTERS = 32 };          /* of a NumericDate; what is longer is none */

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

int64_t
jwt_date(const struct json *doc, unsigned tok, bool up)
{
	struct str s = json_text(doc, tok);
	struct decimal d;
	uint64_t whole;
	int64_t seconds = 0;
	bool fraction = false;

	if (doc->tok[tok].type != JSON_NUMBER || s.n > DATE_CHARACTERS)
		return -1;
	if (str_number(&whole, s, 10, JWT_DATE_MAX))      /* nearly always */
		return (int64_t)whole;
	d = read_decimal(s);
	for (int i = 0; i < d.digits || i < d.point; i++) {
		int digit = i < d.digits ? d.digit[i] - '0' : 0;

		if (i >= d.point)
			fraction = fraction || digit != 0;
		else if ((seconds = seconds * 10 + digit) > JWT_DATE_MAX)
			return -1;
	}
	if (d.negative && (seconds > 0 || fraction))
		return -1;
	return seconds + fraction <= JWT_DATE_MAX ? seconds + (fraction && up) : -1;
}

/* The claims that are judged in any case, and those by which a token is taken back. */
enum { EXP, NBF, ISS, AUD, JUDGED, NAMES = JUDGED + REVOCATIONS_CLAIMS };

static const char judged[NAMES][4] = { "exp\"", "nbf\"", "iss\"", "aud\"",
    [JUDGED + REVOCATIONS_JTI] = "jti\"", [JUDGED + REVOCATIONS_SUB] = "sub\"",
    [JUDGED + REVOCATIONS_IAT] = "iat\"" };

/* RFC 7519 4.1.4, 4.1.5. What is there but is no NumericDate never counts as absent. Rounding up
 * changes nothing: the clock counts whole seconds, none of which lies in between. */
static enum jwt_verdict
judge_time(const struct json *claims, unsigned exp, unsigned nbf, const struct jwt_policy *policy,
    int64_t now)
{
	int64_t date;

	if (exp != 0 && ((date = jwt_date(claims, exp, true)) < 0 || now >= date + policy->leeway))
		return JWT_EXPIRED;
	if (nbf != 0 && ((date = jwt_date(claims, nbf, true)) < 0 || now < date - policy->leeway))
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
audience_fits(const struct json *claims, unsigned aud, const struct jwt_policy *policy)
{
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
issuer_fits(const struct json *claims, unsigned iss, const struct jwt_policy *policy)
{
	return policy->issuer == NULL ||
	    (iss != 0 && json_is(claims, iss, str_from(policy->issuer)));
}

/* What has to be there comes first, in the policy. `listed`: the indexes for revocations_has(), or
 * NULL where nothing is taken back. */
static enum jwt_verdict
judge_required(struct jwt *t, const struct jwt_policy *policy, const unsigned *listed, int64_t now)
{
	unsigned n = policy->required_count,
	    unmet = n > 0 ? demand_unmet(&t->doc, policy->required, n, t->text) : 0;

	if (unmet < n)
		t->about = policy->required[unmet].name;
	if (unmet < n && policy->required[unmet].values == 0)
		return JWT_MISSING_CLAIM;
	if (listed != NULL && revocations_has(policy->revoked, t, listed, now))
		return JWT_REVOKED;
	return unmet < n ? JWT_INSUFFICIENT_SCOPE : JWT_GOOD;
}

enum jwt_verdict
jwt_judge(struct jwt *t, const struct jwt_policy *policy, int64_t now)
{
	bool any = policy->revoked != NULL && revocations_any(policy->revoked);
	unsigned at[NAMES];
	enum jwt_verdict in_time;

	json_members(at, &t->doc, 0, judged, any ? NAMES : JUDGED);
	in_time = judge_time(&t->doc, at[EXP], at[NBF], policy, now);
	if (in_time != JWT_GOOD)
		return in_time;
	if (!issuer_fits(&t->doc, at[ISS], policy))
		return JWT_WRONG_ISSUER;
	if (!audience_fits(&t->doc, at[AUD], policy))
		return JWT_WRONG_AUDIENCE;
	t->about = STR("exp");
	if (policy->needs_exp && at[EXP] == 0)
		return JWT_MISSING_CLAIM;
	return judge_required(t, policy, any ? at + JUDGED : NULL, now);
}

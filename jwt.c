#include "jwt.h"

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
	if (n < 0)
		return malformed(t, part, "not base64url without padding", 0);
	*into = (struct str){ out, (size_t)n };
	text->n += (size_t)n;
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
	if (dot2 == NULL)
		return malformed(t, "token", "three segments expected", 0);
	segment[0] = (struct str){ token.p, (size_t)(dot - token.p) };
	segment[1] = (struct str){ dot + 1, (size_t)(dot2 - dot - 1) };
	segment[2] = (struct str){ dot2 + 1, (size_t)(end - dot2 - 1) };
	t->signing_input = (struct str){ token.p, (size_t)(dot2 - token.p) };
	return true;
}

bool
jwt_open(struct jwt *t, struct jwt_scratch *scratch, struct str token)
{
	struct str segment[3];
	struct json doc;
	unsigned alg;

	*t = (struct jwt){ 0 };
	if (!split(t, segment, token) || !decode(t, &t->header, scratch, segment[0], "header") ||
	    !decode(t, &t->claims, scratch, segment[1], "claims") ||
	    !decode(t, &t->signature, scratch, segment[2], "signature") ||
	    !parse_object(t, &doc, scratch, t->header, "header"))
		return false;
	alg = json_member(&doc, 0, STR("alg"));
	t->hs512 = alg != 0 && json_is(&doc, alg, STR("HS512"));
	t->critical = json_member(&doc, 0, STR("crit")) != 0;
	return parse_object(t, &doc, scratch, t->claims, "claims");
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
	return same ? JWT_GOOD : JWT_BAD_SIGNATURE;
}

size_t
jwt_length(const struct jwt_key *key, size_t claims)
{
	return key->header.n + base64url_length(claims) + 1 + base64url_length(SHA512_DIGEST);
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
	uint8_t mac[SHA512_DIGEST];
	size_t start = token->n;

	buf_add(token, key->header);
	put_base64url(token, claims.p, claims.n);
	if (token->bad)
		return;
	hmac512(mac, &key->mac, token->p + start, token->n - start);
	buf_add(token, STR("."));
	put_base64url(token, mac, sizeof mac);
}

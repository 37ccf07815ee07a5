#include "token/jwk.h"

#include "base64url.h"
#include "system/log.h"
#include "token/keys.h"

static bool
is_string(const struct json *doc, unsigned tok)
{
	return tok != 0 && doc->tok[tok].type == JSON_STRING;
}

/* What is to be done with the key, a bit each. */
enum { SIGN = 1, VERIFY = 2, ANOTHER = 4 };

/* RFC 7517 4.3: where operations are named, it is for no other. */
static unsigned
operations(const struct json *doc, unsigned ops)
{
	unsigned found = 0;

	if (ops == 0)
		return SIGN | VERIFY;
	if (doc->tok[ops].type != JSON_ARRAY)
		return ANOTHER;
	for (unsigned i = ops + 1; i < doc->tok[ops].next; i = doc->tok[i].next)
		found |= json_is(doc, i, STR("sign")) ? SIGN :
		    json_is(doc, i, STR("verify")) ? VERIFY : ANOTHER;
	return found;
}

enum { SHOWN_BYTES = 12 };              /* of a value: no key is so short */

/* Says that a member is not what it should be, and what it is. Always false. */
static bool
differs(struct buf *why, const struct json *doc, unsigned tok, const char *name, const char *wanted)
{
	buf_format(why, "its %s is ", name);
	if (is_string(doc, tok) && doc->tok[tok].n <= SHOWN_BYTES) {
		buf_add(why, json_text(doc, tok));
		buf_text(why, ", ");
	}
	buf_format(why, "not %s", wanted);
	return false;
}

/* Whether a JWK (RFC 7517 4, RFC 7518 6.4, RFC 8037 2) is for one of our algorithms: which, and
 * what for. */
static bool
fits(struct jwk *key, const struct json *doc, unsigned jwk, struct buf *why)
{
	unsigned kty = json_member(doc, jwk, STR("kty")), alg = json_member(doc, jwk, STR("alg")),
	    use = json_member(doc, jwk, STR("use")), ops = json_member(doc, jwk, STR("key_ops")),
	    crv = json_member(doc, jwk, STR("crv")), allowed = operations(doc, ops);
	bool okp = json_is(doc, kty, STR("OKP"));

	if (doc->tok[jwk].type != JSON_OBJECT)
		return buf_fail(why, "it is not a JSON object");
	if (kty == 0)
		return buf_fail(why, "it is JSON, but no JWK: it has no kty");
	if (!okp && !json_is(doc, kty, STR("oct")))
		return differs(why, doc, kty, "kty", "oct or OKP");
	if (okp && !json_is(doc, crv, STR("Ed25519")))
		return differs(why, doc, crv, "crv", "Ed25519");
	key->alg = alg != 0 ? jwt_alg(doc, alg) : okp ? JWT_EDDSA : JWT_HS512;
	if (key->alg == JWT_NO_ALG || okp != (key->alg == JWT_EDDSA))
		return differs(why, doc, alg, "alg", okp ? "EdDSA" : "HS512 or HS256");
	if (use != 0 && !json_is(doc, use, STR("sig")))
		return differs(why, doc, use, "use", "sig");
	if (use != 0 && (allowed & ANOTHER) != 0)
		return buf_fail(why, "its use and key_ops contradict each other");
	key->may_sign = (allowed & SIGN) != 0 && (!okp || json_member(doc, jwk, STR("d")) != 0);
	key->may_judge = (allowed & VERIFY) != 0;
	if (ops != 0)
		key->key_ops = json_text(doc, ops);
	return key->may_sign || key->may_judge ||
	    buf_fail(why, "its key_ops let it neither sign nor verify");
}

/* Whether it has what each of its kind needs, in JSON of the right type. */
static bool
is_whole(const struct jwk *key, const struct json *doc, unsigned jwk, struct buf *why)
{
	const char *name = key->alg == JWT_EDDSA ? "x" : "k";
	unsigned kid = json_member(doc, jwk, STR("kid"));

	if (!is_string(doc, json_member(doc, jwk, str_from(name)))) {
		buf_format(why, "it has no %s", name);
		return false;
	}
	return kid == 0 || is_string(doc, kid) || buf_fail(why, "its kid is not a string");
}

/* A member, which is base64url of the key's bytes, decoded behind what is in the buffer. Those of
 * Ed25519 have one length (RFC 8037 2). */
static bool
take_bytes(struct str *bytes, struct buf *b, const struct jwk *key, const struct json *doc,
    unsigned tok, const char *name, struct buf *why)
{
	char *out = b->p + b->n;
	struct str text = is_string(doc, tok) ? json_string(doc, tok, b) : STR("=");
	ptrdiff_t n = base64url_decode(out, text.p, text.n);
	bool wrong = key->alg == JWT_EDDSA && n != ED25519_PUBLIC;

	b->n = (size_t)(out - b->p) + text.n;   /* unescaped, then decoded, which is shorter */
	*bytes = (struct str){ out, (size_t)n };
	if (n < 0 || wrong)
		buf_format(why, "its %s is not %sbase64url without padding", name,
		    wrong ? "32 bytes in " : "");
	return n >= 0 && !wrong;
}

/* Who takes the keys of a file. */
struct taker {
	jwk_taker *take;
	void *to;
	const char *path;
};

/* Hands on a JWK that is whole. */
static bool
take_jwk(const struct taker *taker, struct jwk *key, const struct json *doc, unsigned jwk,
    struct buf *why)
{
	unsigned kid = json_member(doc, jwk, STR("kid")), d = json_member(doc, jwk, STR("d"));
	char bytes[KEY_FILE_MAX], id_text[KEY_ID_MAX + 1];
	struct buf b = buf_over(bytes, sizeof bytes), id = buf_over(id_text, sizeof id_text);
	bool ok;

	key->has_id = kid != 0;
	if (kid != 0)
		key->id = json_string(doc, kid, &id);
	if (key->alg == JWT_EDDSA)
		ok = take_bytes(&key->x, &b, key, doc, json_member(doc, jwk, STR("x")), "x", why) &&
		    (d == 0 || take_bytes(&key->k, &b, key, doc, d, "d", why));
	else
		ok = take_bytes(&key->k, &b, key, doc, json_member(doc, jwk, STR("k")), "k", why);
	ok = ok && (!id.bad || buf_fail(why, "its kid is longer than 128 bytes")) &&
	    taker->take(taker->to, key, why);
	wipe(bytes, b.n);
	return ok;
}

/* RFC 7517 5: what is not for us is left out. What is, but can't be used, is a mistake. */
static bool
take_set(const struct taker *taker, const struct json *doc, unsigned keys, struct buf *why)
{
	unsigned taken = 0, number = 1;
	size_t start = why->n;

	if (doc->tok[keys].type != JSON_ARRAY)
		return buf_fail(why, "its keys are not an array");
	for (unsigned i = keys + 1; i < doc->tok[keys].next; i = doc->tok[i].next, number++) {
		struct jwk key = { .number = number };

		if (!fits(&key, doc, i, why) || !is_whole(&key, doc, i, why)) {
			log_line("warning: key file %s: key %u of the set is left out: %.*s",
			    taker->path, number, (int)(why->n - start), why->p + start);
			why->n = start;
			continue;
		}
		buf_format(why, "key %u of the set: ", number);
		if (!take_jwk(taker, &key, doc, i, why))
			return false;
		why->n = start;
		taken++;
	}
	return taken > 0 || buf_fail(why, "the set has no key that is of use here");
}

bool
jwk_read(struct str text, const char *path, jwk_taker *take, void *to, struct buf *why)
{
	const struct taker taker = { take, to, path };
	struct json_tok tok[JSON_TOKENS_MAX];
	struct jwk key = { .number = 0 };
	struct json doc;
	unsigned keys;

	if (!json_parse(&doc, tok, JSON_TOKENS_MAX, text)) {
		buf_format(why, "malformed JSON: %s at byte %zu", doc.fault, doc.fault_at);
		text.n = doc.fault_at;
		if (json_parse(&doc, tok, JSON_TOKENS_MAX, text) && text.p[text.n] == '{')
			buf_text(why, ": is this two keys? 'jwtd jwk FILE...' makes a set");
		return false;
	}
	if ((keys = json_member(&doc, 0, STR("keys"))) != 0)
		return take_set(&taker, &doc, keys, why);
	return fits(&key, &doc, 0, why) && is_whole(&key, &doc, 0, why) &&
	    take_jwk(&taker, &key, &doc, 0, why);
}

static void
put_bytes(struct buf *b, const char *name, struct str bytes)
{
	if (bytes.n == 0)
		return;
	buf_format(b, ",\"%s\":\"", name);
	if (b->bad || base64url_length(bytes.n) > b->cap - b->n)
		b->bad = true;
	else
		b->n += base64url_encode(b->p + b->n, bytes.p, bytes.n);
	buf_text(b, "\"");
}

void
jwk_put(struct buf *b, const struct jwk *key)
{
	bool okp = key->alg == JWT_EDDSA;

	buf_format(b, "{\"kty\":\"%s\",", okp ? "OKP\",\"crv\":\"Ed25519" : "oct");
	buf_text(b, key->key_ops.n == 0 ? "\"use\":\"sig\"" : "\"key_ops\":");
	if (key->key_ops.n > 0)
		json_put_compact(b, key->key_ops);
	buf_format(b, ",\"alg\":\"%s\"", jwt_alg_name(key->alg));
	if (key->has_id) {
		buf_text(b, ",\"kid\":");
		json_quote(b, key->id);
	}
	put_bytes(b, "x", key->x);
	put_bytes(b, okp ? "d" : "k", key->k);
	buf_text(b, "}");
}

void
jwk_put_set(struct buf *b, const struct key_ring *ring)
{
	const char *before = "{\"keys\":[";

	for (unsigned i = 0; i < ring->n; i++) {
		const struct jwt_key *key = &ring->key[i];
		struct jwk public = { .alg = JWT_EDDSA, .has_id = key->has_id, .id = key->id };

		if (key->alg != JWT_EDDSA)
			continue;
		public.x = keys_public(key);
		buf_text(b, before);
		jwk_put(b, &public);
		before = ",";
	}
	buf_text(b, "]}");
}

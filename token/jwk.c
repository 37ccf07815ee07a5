#include "token/jwk.h"

#include "base64url.h"
#include "system/log.h"
#include "token/keys.h"

/* A JWK that is being read. */
struct reader {
	const struct json *doc;
	unsigned jwk;           /* its place there */
	struct jwk key;         /* what was found */
	struct buf bytes;       /* decoded ones */
	struct buf *why;
};

static unsigned
member(const struct reader *r, const char *name)
{
	return json_member(r->doc, r->jwk, str_from(name));
}

/* Whether the member is there, and this word. The document itself is none. */
static bool
is(const struct reader *r, const char *name, const char *word)
{
	return json_is(r->doc, member(r, name), str_from(word));
}

static bool
is_string(const struct reader *r, unsigned tok)
{
	return tok != 0 && r->doc->tok[tok].type == JSON_STRING;
}

/* What is to be done with the key, a bit each. */
enum { SIGN = 1, VERIFY = 2, ANOTHER = 4, MALFORMED = 8 };

/* RFC 7517 4.3: where operations are named, it is for no other. None is named twice. */
static unsigned
operations(const struct reader *r, unsigned ops)
{
	const struct json_tok *tok = r->doc->tok;
	unsigned found = 0;

	if (ops == 0)
		return SIGN | VERIFY;
	if (tok[ops].type != JSON_ARRAY)
		return ANOTHER;
	for (unsigned i = ops + 1; i < tok[ops].next; i = tok[i].next) {
		unsigned op = json_is(r->doc, i, STR("sign")) ? SIGN :
		    json_is(r->doc, i, STR("verify")) ? VERIFY : ANOTHER;

		if (tok[i].type != JSON_STRING || (found & op & (SIGN | VERIFY)) != 0)
			op = MALFORMED;
		found |= op;
	}
	return found;
}

enum { SHOWN_BYTES = 12 };              /* of a value: no key is so short */

/* Says that a member is not what it should be, and what it is. Always false. */
static bool
differs(const struct reader *r, const char *name, const char *wanted)
{
	unsigned tok = member(r, name);

	buf_format(r->why, "its %s is ", name);
	if (is_string(r, tok) && r->doc->tok[tok].n <= SHOWN_BYTES) {
		buf_add(r->why, json_text(r->doc, tok));
		buf_text(r->why, ", ");
	}
	buf_format(r->why, "not %s", wanted);
	return false;
}

/* Whether a JWK (RFC 7517 4, RFC 7518 6.4, RFC 8037 2) is for one of our algorithms: which, and
 * what for. */
static bool
fits(struct reader *r)
{
	struct jwk *key = &r->key;
	unsigned alg = member(r, "alg"), use = member(r, "use"), ops = member(r, "key_ops");
	unsigned allowed = operations(r, ops);
	bool okp = is(r, "kty", "OKP");

	if (r->doc->tok[r->jwk].type != JSON_OBJECT)
		return buf_fail(r->why, "it is not a JSON object");
	if (member(r, "kty") == 0)
		return buf_fail(r->why, "it is JSON, but no JWK: it has no kty");
	if (!okp && !is(r, "kty", "oct"))
		return differs(r, "kty", "oct or OKP");
	if (okp && !is(r, "crv", "Ed25519"))
		return differs(r, "crv", "Ed25519");
	key->alg = alg != 0 ? jwt_alg(r->doc, alg) : okp ? JWT_EDDSA : JWT_HS512;
	if (key->alg == JWT_NO_ALG || okp != (key->alg == JWT_EDDSA))
		return differs(r, "alg", okp ? "EdDSA" : "HS512 or HS256");
	if (use != 0 && !is(r, "use", "sig"))
		return differs(r, "use", "sig");
	key->may_sign = (allowed & SIGN) != 0 && (!okp || member(r, "d") != 0);
	key->may_judge = (allowed & VERIFY) != 0;
	if (ops != 0)
		key->key_ops = json_text(r->doc, ops);
	return key->may_sign || key->may_judge ||
	    buf_fail(r->why, "its key_ops let it neither sign nor verify");
}

/* Whether it has what each of its kind needs, in JSON of the right type. */
static bool
is_whole(struct reader *r)
{
	const char *name = r->key.alg == JWT_EDDSA ? "x" : "k";
	unsigned kid = member(r, "kid");

	r->key.has_id = kid != 0;
	if (!is_string(r, member(r, name))) {
		buf_format(r->why, "it has no %s", name);
		return false;
	}
	return kid == 0 || is_string(r, kid) || buf_fail(r->why, "its kid is not a string");
}

/* A member, which is base64url of the key's bytes, decoded behind others. Those of Ed25519 have one
 * length (RFC 8037 2). */
static bool
take_bytes(struct reader *r, struct str *to, const char *name)
{
	unsigned tok = member(r, name);
	struct buf *b = &r->bytes;
	char *out = b->p + b->n;
	struct str text = is_string(r, tok) ? json_string(r->doc, tok, b) : STR("=");
	ptrdiff_t n = base64url_decode(out, text.p, text.n);
	bool wrong = r->key.alg == JWT_EDDSA && n != ED25519_PUBLIC;

	b->n = (size_t)(out - b->p) + text.n;   /* unescaped, then decoded, which is shorter */
	*to = (struct str){ out, (size_t)n };
	if (n < 0 || wrong)
		buf_format(r->why, "its %s is not %sbase64url without padding", name,
		    wrong ? "32 bytes in " : "");
	return n >= 0 && !wrong;
}

/* Whether its uses can be told. If not, it is a mistake, in a set, too, and no key for others. */
static bool
is_clear(const struct reader *r)
{
	unsigned allowed = operations(r, member(r, "key_ops"));

	if ((allowed & MALFORMED) != 0)
		return buf_fail(r->why, "its key_ops are not strings, each a different one");
	return (allowed & ANOTHER) == 0 || member(r, "use") == 0 ||
	    buf_fail(r->why, "its use and key_ops contradict each other");
}

/* Who takes the keys of a file. */
struct taker {
	jwk_taker *take;
	void *to;
	const char *path;
};

/* Hands on a JWK that is whole. */
static bool
take_jwk(const struct taker *taker, struct reader *r)
{
	char bytes[KEY_FILE_MAX], id_text[KEY_ID_MAX + 1];
	struct buf id = buf_over(id_text, sizeof id_text);
	struct jwk *key = &r->key;
	bool ok;

	r->bytes = buf_over(bytes, sizeof bytes);
	if (key->has_id)
		key->id = json_string(r->doc, member(r, "kid"), &id);
	if (key->alg == JWT_EDDSA)
		ok = take_bytes(r, &key->x, "x") &&
		    (member(r, "d") == 0 || take_bytes(r, &key->k, "d"));
	else
		ok = take_bytes(r, &key->k, "k");
	ok = ok && is_clear(r) &&
	    (!id.bad || buf_fail(r->why, "its kid is longer than 128 bytes")) &&
	    taker->take(taker->to, key, r->why);
	wipe(bytes, r->bytes.n);
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
		struct reader r = { .doc = doc, .jwk = i, .key.number = number, .why = why };

		if (!fits(&r) || !is_whole(&r)) {
			log_line("warning: key file %s: key %u of the set is left out: %.*s",
			    taker->path, number, (int)(why->n - start), why->p + start);
			why->n = start;
			continue;
		}
		buf_format(why, "key %u of the set: ", number);
		if (!take_jwk(taker, &r))
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
	struct json doc;
	struct reader r = { .doc = &doc, .why = why };
	unsigned keys;

	if (!json_parse(&doc, tok, JSON_TOKENS_MAX, text)) {
		buf_format(why, "malformed JSON: %s at byte %zu", doc.fault, doc.fault_at);
		text.n = doc.fault_at;
		if (json_parse(&doc, tok, JSON_TOKENS_MAX, text) && text.p[text.n] == '{')
			buf_text(why, ": is this two keys? 'jwtd jwk FILE...' makes a set");
		return false;
	}
	if ((keys = json_member(&doc, 0, STR("keys"))) != 0)
		return member(&r, "kty") == 0 ? take_set(&taker, &doc, keys, why) :
		    buf_fail(why, "it is a key and a set of keys: take one of them out");
	return fits(&r) && is_whole(&r) && take_jwk(&taker, &r);
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

#include "token/jwk.h"

#include "base64url.h"
#include "sha512.h"
#include "system/log.h"
#include "token/keys.h"

static bool
is_absent_or(const struct json *doc, unsigned jwk, struct str name, struct str value)
{
	unsigned at = json_member(doc, jwk, name);

	return at == 0 || json_is(doc, at, value);
}

static bool
is_string(const struct json *doc, unsigned jwk, struct str name)
{
	unsigned at = json_member(doc, jwk, name);

	return at != 0 && doc->tok[at].type == JSON_STRING;
}

/* RFC 7517 4.3: where operations are named, this must be one of them. */
static bool
allows(const struct json *doc, unsigned jwk, struct str operation)
{
	unsigned ops = json_member(doc, jwk, STR("key_ops"));

	if (ops == 0)
		return true;
	if (doc->tok[ops].type == JSON_ARRAY)
		for (unsigned i = ops + 1; i < doc->tok[ops].next; i = doc->tok[i].next)
			if (json_is(doc, i, operation))
				return true;
	return false;
}

/* Why a JWK (RFC 7517 4, RFC 7518 6.4) is not one for HS512; NULL: it is. */
static const char *
unfit(const struct json *doc, unsigned jwk)
{
	if (doc->tok[jwk].type != JSON_OBJECT)
		return "it is not a JSON object";
	if (json_member(doc, jwk, STR("kty")) == 0)
		return "it is JSON, but no JWK: it has no kty";
	if (!is_string(doc, jwk, STR("kty")) || !is_absent_or(doc, jwk, STR("kty"), STR("oct")))
		return "its kty is not oct";
	if (!is_absent_or(doc, jwk, STR("alg"), STR("HS512")))
		return "its alg is not HS512";
	if (!is_absent_or(doc, jwk, STR("use"), STR("sig")))
		return "its use is not sig";
	if (!allows(doc, jwk, STR("verify")))
		return "its key_ops do not allow to verify";
	if (!is_string(doc, jwk, STR("k")))
		return "it has no k";
	if (json_member(doc, jwk, STR("kid")) != 0 && !is_string(doc, jwk, STR("kid")))
		return "its kid is not a string";
	return NULL;
}

/* Who takes the keys of a file. */
struct taker {
	jwk_taker *take;
	void *to;
	const char *path;
};

/* Hands on a JWK that is fit. `k` is base64url of the key's bytes (RFC 7518 6.4.1). */
static bool
take_jwk(const struct taker *taker, const struct json *doc, unsigned jwk, unsigned number,
    struct buf *why)
{
	unsigned id = json_member(doc, jwk, STR("kid"));
	unsigned ops = json_member(doc, jwk, STR("key_ops"));
	char key[KEY_FILE_MAX], id_text[KEY_ID_MAX + 1];
	struct buf b = buf_over(key, sizeof key), id_buffer = buf_over(id_text, sizeof id_text);
	struct str k = json_string(doc, json_member(doc, jwk, STR("k")), &b);
	ptrdiff_t n = base64url_decode(key, k.p, k.n);
	struct jwk found = { .k = { key, (size_t)n }, .has_id = id != 0, .number = number,
	    .may_sign = allows(doc, jwk, STR("sign")) };
	bool ok;

	if (id != 0)
		found.id = json_string(doc, id, &id_buffer);
	if (ops != 0)
		found.key_ops = json_text(doc, ops);
	if (n < 0)
		ok = buf_fail(why, "its k is not base64url without padding");
	else if (id_buffer.bad)
		ok = buf_fail(why, "its kid is longer than 128 bytes");
	else
		ok = taker->take(taker->to, &found, why);
	wipe(key, k.n);         /* unescaped, and then decoded, which is shorter */
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
		const char *reason = unfit(doc, i);

		if (reason != NULL) {
			log_line("warning: key file %s: key %u of the set is left out: %s",
			    taker->path, number, reason);
			continue;
		}
		buf_format(why, "key %u of the set: ", number);
		if (!take_jwk(taker, doc, i, number, why))
			return false;
		why->n = start;
		taken++;
	}
	return taken > 0 || buf_fail(why, "the set has no key for HS512");
}

bool
jwk_read(struct str text, const char *path, jwk_taker *take, void *to, struct buf *why)
{
	const struct taker taker = { take, to, path };
	struct json_tok tok[JSON_TOKENS_MAX];
	const char *reason;
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
	reason = unfit(&doc, 0);
	return reason != NULL ? buf_fail(why, reason) : take_jwk(&taker, &doc, 0, 0, why);
}

void
jwk_put(struct buf *b, const struct jwk *key)
{
	buf_text(b, "{\"kty\":\"oct\",");
	buf_text(b, key->key_ops.n == 0 ? "\"use\":\"sig\"," : "\"key_ops\":");
	if (key->key_ops.n > 0) {
		json_put_compact(b, key->key_ops);
		buf_text(b, ",");
	}
	buf_text(b, "\"alg\":\"HS512\",");
	if (key->has_id) {
		buf_text(b, "\"kid\":");
		json_quote(b, key->id);
		buf_text(b, ",");
	}
	buf_text(b, "\"k\":\"");
	if (b->bad || base64url_length(key->k.n) > b->cap - b->n)
		b->bad = true;
	else
		b->n += base64url_encode(b->p + b->n, key->k.p, key->k.n);
	buf_text(b, "\"}");
}

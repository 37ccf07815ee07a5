/* Key files in JSON and PEM, by two readers: jwk_read() and pem_read(), and what RFC 7517, 7518
 * 6.4, 8037 2, 7468 and 8410 with SPEC 7 say, over a JSON reader of its own. Both take the same
 * files, and find the same keys in them. What bytes are worth, keys.c asks. */
#include "fuzz/tree.h"

#include "token/pem.h"

#include <stdlib.h>

enum { MOST = 512 };

struct key {
	enum jwt_alg alg;
	bool has_id, signs, judges, has_ops;
	struct str id, k, x;
	unsigned number;
};

/* Of each reader, what it found. Bytes are copied into `text`. */
struct ring {
	unsigned n;
	struct key key[MOST];
	char memory[FUZZ_TEXT];
	struct buf text;
};

static struct ring wanted, got;

static struct str
keep(struct ring *r, struct str s)
{
	const char *p = r->text.p + r->text.n;

	buf_add(&r->text, s);
	MUST(!r->text.bad);
	return (struct str){ p, s.n };
}

/* ---- the plain reader */

/* GOOD also where a member makes it so that nobody can tell: `unsure` says so. */
enum verdict { LEFT_OUT, WRONG, GOOD };
static bool unsure;

static bool
is(const struct node *node, const char *word)
{
	return node != NULL && node->type == '"' && str_equal(node->value, str_from(word));
}

/* RFC 7517 4.3: whether an operation is there, and how often. */
static unsigned
times(const struct node *ops, const char *word)
{
	unsigned n = 0;

	for (const struct node *item = ops->first; item != NULL; item = item->next)
		n += is(item, word);
	return n;
}

static bool
take_bytes(struct str *to, const struct node *node, bool okp)
{
	static char bytes[FUZZ_TEXT];
	ptrdiff_t n;

	if (node == NULL || node->type != '"')
		return false;
	n = reference_base64url(bytes, node->value);
	if (n < 0 || (okp && n != 32))
		return false;
	*to = keep(&wanted, (struct str){ bytes, (size_t)n });
	return true;
}

static bool
is_ours(struct key *key, const struct node *jwk)
{
	const struct node *alg = tree_member(jwk, "alg"), *use = tree_member(jwk, "use");
	bool okp = is(tree_member(jwk, "kty"), "OKP");

	if (!okp && !is(tree_member(jwk, "kty"), "oct"))
		return false;
	if (okp && !is(tree_member(jwk, "crv"), "Ed25519"))
		return false;
	key->alg = okp ? JWT_EDDSA : is(alg, "HS256") ? JWT_HS256 : JWT_HS512;
	if (alg != NULL && !is(alg, "HS256") && !is(alg, "HS512") && !is(alg, "EdDSA") &&
	    !is(alg, "Ed25519"))
		return false;
	if (alg != NULL && okp != (is(alg, "EdDSA") || is(alg, "Ed25519")))
		return false;
	return use == NULL || is(use, "sig");
}

static enum verdict
read_key(struct key *key, const struct node *jwk)
{
	const struct node *ops, *kid, *x, *k;
	unsigned others = 0, odd = 0;
	bool okp;

	if (jwk->type != '{' || !is_ours(key, jwk))
		return LEFT_OUT;
	okp = key->alg == JWT_EDDSA;
	ops = tree_member(jwk, "key_ops");
	kid = tree_member(jwk, "kid");
	x = tree_member(jwk, "x");
	k = tree_member(jwk, okp ? "d" : "k");
	if (ops != NULL && ops->type != '[')
		return LEFT_OUT;
	key->has_ops = ops != NULL;
	key->signs = (ops == NULL || times(ops, "sign") > 0) && (!okp || k != NULL);
	key->judges = ops == NULL || times(ops, "verify") > 0;
	if ((!key->signs && !key->judges) || (okp ? x == NULL || x->type != '"' : k == NULL ||
	    k->type != '"') || (kid != NULL && kid->type != '"'))
		return LEFT_OUT;
	if ((okp && !take_bytes(&key->x, x, true)) || (k != NULL && !take_bytes(&key->k, k, okp)))
		return WRONG;
	for (const struct node *item = ops != NULL ? ops->first : NULL; item != NULL;
	    item = item->next) {
		odd += item->type != '"';
		others += item->type == '"' && !is(item, "sign") && !is(item, "verify");
	}
	if (odd > 0 || (ops != NULL && (times(ops, "sign") > 1 || times(ops, "verify") > 1)) ||
	    (others > 0 && tree_member(jwk, "use") != NULL))
		return WRONG;
	key->has_id = kid != NULL;
	key->id = kid != NULL ? keep(&wanted, kid->value) : STR("");
	unsure = unsure || key->id.n > 128;     /* the ring refuses it then, at the latest */
	return GOOD;
}

static bool
read_file(void)
{
	const struct node *root = tree_value(), *keys;
	unsigned number = 1;

	if (root == NULL || !tree_ends() || root->type != '{')
		return false;
	keys = tree_member(root, "keys");
	if (keys == NULL)
		return read_key(&wanted.key[wanted.n++], root) == GOOD;
	if (keys->type != '[' || tree_member(root, "kty") != NULL)
		return false;
	for (const struct node *item = keys->first; item != NULL; item = item->next, number++) {
		struct key key = { .number = number };
		enum verdict v = read_key(&key, item);

		if (v == WRONG)
			return false;
		MUST(wanted.n < MOST);
		if (v == GOOD)
			wanted.key[wanted.n++] = key;
	}
	return wanted.n > 0;
}

/* ---- the other one */

static bool
take(void *to, const struct jwk *jwk, struct buf *why)
{
	struct ring *r = to;

	(void)why;
	MUST(r->n < MOST);
	r->key[r->n++] = (struct key){ jwk->alg, jwk->has_id, jwk->may_sign, jwk->may_judge,
	    jwk->key_ops.n > 0, keep(r, jwk->id), keep(r, jwk->k), keep(r, jwk->x), jwk->number };
	return true;
}

static void
begin(struct ring *r)
{
	r->n = 0;
	r->key[0] = (struct key){ 0 };
	r->text = buf_over(r->memory, sizeof r->memory);
}

static void
same_key(const struct key *a, const struct key *b)
{
	MUST(a->alg == b->alg && a->has_id == b->has_id && a->has_ops == b->has_ops);
	MUST(a->signs == b->signs && a->judges == b->judges && a->number == b->number);
	MUST(!a->has_id || str_equal(a->id, b->id));
	MUST(str_equal(a->k, b->k) && str_equal(a->x, b->x));
}

/* What jwk_put() writes of a key is read as this key. */
static void
comes_back(const struct key *key)
{
	static struct ring again;
	static char memory[2 * FUZZ_TEXT];
	char phrase[1024];
	struct buf b = buf_over(memory, sizeof memory), why = buf_over(phrase, sizeof phrase);
	struct jwk jwk = { .alg = key->alg, .k = key->k, .x = key->x, .has_id = key->has_id,
	    .id = key->id };

	if (key->k.n == 0 && key->x.n == 0)
		return;                 /* no member is written of nothing */
	jwk_put(&b, &jwk);
	begin(&again);
	MUST(!b.bad && jwk_read(buf_str(&b), "again", take, &again, &why) && again.n == 1);
	again.key[0].number = key->number;
	again.key[0].has_ops = key->has_ops;
	again.key[0].signs = key->signs;
	again.key[0].judges = key->judges;
	same_key(&again.key[0], key);
}

static void
check_json(struct str file)
{
	char phrase[4096];
	struct buf why = buf_over(phrase, sizeof phrase);
	bool taken, good;

	begin(&wanted);
	begin(&got);
	unsure = false;
	tree_open(file.p, file.n);
	good = read_file();
	taken = jwk_read(file, "f", take, &got, &why);
	MUST(taken || why.n > 0);
	if (unsure)
		return;
	MUST(taken == good);
	if (!good)
		return;
	MUST(got.n == wanted.n);
	for (unsigned i = 0; i < got.n; i++) {
		same_key(&got.key[i], &wanted.key[i]);
		comes_back(&got.key[i]);
	}
}

/* ---- PEM */

static int
digit(char c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' : c >= 'a' && c <= 'z' ? c - 'a' + 26
	    : c >= '0' && c <= '9' ? c - '0' + 52 : c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Digits of base64 (RFC 4648 4), four for three bytes; what is left over of the last one is 0. */
static bool
decode(uint8_t *out, const char *p, unsigned digits)
{
	unsigned held = 0, bits = 0;

	for (unsigned i = 0; i < digits; i++) {
		if (digit(p[i]) < 0)
			return false;
		held = held << 6 | (unsigned)digit(p[i]);
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			*out++ = (uint8_t)(held >> bits);
			held &= (1u << bits) - 1;
		}
	}
	return held == 0;
}

/* The bytes of a key that stand in a file of this kind, after so many of DER; NULL: none. */
static const uint8_t *
read_pem(struct str file, const char *label, const char *der, unsigned der_n, unsigned digits,
    const char *padding)
{
	static uint8_t bytes[64];
	static char text[256];
	struct buf b = buf_over(text, sizeof text);
	size_t at;

	buf_format(&b, "-----BEGIN %s-----\n", label);
	at = b.n;
	if (file.n < at + digits)
		return NULL;
	buf_put(&b, file.p + at, digits);
	buf_format(&b, "%s\n-----END %s-----", padding, label);
	if (!str_equal(buf_str(&b), file) || !decode(bytes, file.p + at, digits) ||
	    memcmp(bytes, der, der_n) != 0)
		return NULL;
	return bytes + der_n;
}

static void
check_pem(struct str file)
{
	const uint8_t *private = read_pem(file, "PRIVATE KEY", "\x30\x2e\x02\x01\x00\x30\x05"
	    "\x06\x03\x2b\x65\x70\x04\x22\x04\x20", 16, 64, "");
	const uint8_t *public = private != NULL ? NULL : read_pem(file, "PUBLIC KEY",
	    "\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00", 12, 59, "=");
	uint8_t der[PEM_DER];
	struct jwk jwk;

	if (!pem_read(&jwk, der, file)) {
		MUST(private == NULL && public == NULL);
		return;
	}
	MUST(jwk.alg == JWT_EDDSA && jwk.may_judge && !jwk.has_id);
	MUST(jwk.may_sign == (private != NULL));
	if (private != NULL)
		MUST(jwk.x.n == 0 && jwk.k.n == 32 && memcmp(jwk.k.p, private, 32) == 0);
	else
		MUST(jwk.k.n == 0 && jwk.x.n == 32 && public != NULL &&
		    memcmp(jwk.x.p, public, 32) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *copy = fuzz_copy(data, n);
	struct str file = { copy, n };

	if (n > 0 && copy[0] == '-')
		check_pem(file);
	else
		check_json(file);
	free(copy);
	return 0;
}

/* A second opinion, written down from the standards and as simple as can be. */
#include "fuzz/fuzz.h"

#include <stdlib.h>

FUZZ_UNWATCHED
#include "test/slow_sha256.h"

/* Two parts, one behind the other, and what FIPS 180-4 5.1 puts behind them: so many bytes in all. */
static uint8_t *
joined(struct str a, struct str b, size_t padded)
{
	size_t n = a.n + b.n;
	uint8_t *p = calloc(1, padded);

	if (slow_k[0] == 0)
		slow_init();
	memcpy(p, a.p, a.n);
	if (b.n > 0)
		memcpy(p + a.n, b.p, b.n);
	p[n] = 0x80;
	for (unsigned i = 0; i < 8; i++)
		p[padded - 1 - i] = (uint8_t)((uint64_t)n * 8 >> 8 * i);
	return p;
}

/* FIPS 180-4 6.4. */
static void
hash512(uint8_t digest[64], struct str a, struct str b)
{
	size_t n = a.n + b.n, padded = (n + 17 + 127) / 128 * 128;
	uint8_t *p = joined(a, b, padded);
	uint64_t h[8];

	memcpy(h, slow_h, sizeof h);
	for (size_t i = 0; i < padded; i += 128)
		slow_block(h, p + i);
	for (unsigned i = 0; i < 64; i++)
		digest[i] = (uint8_t)(h[i / 8] >> (56 - i % 8 * 8));
	free(p);
}

/* FIPS 180-4 6.2. */
static void
hash256(uint8_t digest[32], struct str a, struct str b)
{
	size_t n = a.n + b.n, padded = (n + 9 + 63) / 64 * 64;
	uint8_t *p = joined(a, b, padded);
	uint32_t h[8];

	slow_begin256(h);
	for (size_t i = 0; i < padded; i += 64)
		slow_block256(h, p + i);
	for (unsigned i = 0; i < 32; i++)
		digest[i] = (uint8_t)(h[i / 4] >> (24 - i % 4 * 8));
	free(p);
}

/* RFC 2104 2, of a hash of two parts, its block and its digest of so many bytes. */
static void
hmac(void (*hash)(uint8_t *, struct str, struct str), size_t block, size_t digest, uint8_t *mac,
    struct str key, struct str message)
{
	char pad[128] = { 0 };
	uint8_t inner[64];

	if (key.n > block)
		hash((uint8_t *)pad, key, STR(""));
	else if (key.n > 0)
		memcpy(pad, key.p, key.n);
	for (size_t i = 0; i < block; i++)
		pad[i] ^= 0x36;
	hash(inner, (struct str){ pad, block }, message);
	for (size_t i = 0; i < block; i++)
		pad[i] ^= 0x36 ^ 0x5c;
	hash(mac, (struct str){ pad, block }, (struct str){ (char *)inner, digest });
}

void
reference_hmac(uint8_t mac[64], struct str key, struct str message)
{
	hmac(hash512, 128, 64, mac, key, message);
}

void
reference_hmac256(uint8_t mac[32], struct str key, struct str message)
{
	hmac(hash256, 64, 32, mac, key, message);
}

FUZZ_WATCHED

ptrdiff_t
reference_base64url(char *out, struct str in)
{
	static const char alphabet[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	unsigned bits = 0, held = 0;
	ptrdiff_t n = 0;

	for (size_t i = 0; i < in.n; i++) {
		const char *c = memchr(alphabet, in.p[i], 64);

		if (c == NULL)
			return -1;
		held = held << 6 | (unsigned)(c - alphabet);
		bits += 6;
		if (bits < 8)
			continue;
		bits -= 8;
		out[n++] = (char)(held >> bits);
		held &= (1U << bits) - 1;
	}
	return bits < 6 && held == 0 ? n : -1;
}

/* The token's segments and what they decode to. */
struct parts {
	char text[2][FUZZ_TEXT];
	struct json_tok tok[2][JSON_TOKENS_MAX];
	struct json doc[2];             /* header, claims */
	struct str input;
	char signature[FUZZ_TEXT];
	ptrdiff_t signature_n;
};

static bool
take_apart(struct parts *p, struct str token)
{
	const char *dot[2] = { NULL, NULL };
	unsigned dots = 0;

	for (size_t i = 0; i < token.n; i++)
		if (token.p[i] == '.' && dots++ < 2)
			dot[dots - 1] = token.p + i;
	if (dots != 2 || token.n > FUZZ_TEXT)
		return false;
	p->input = (struct str){ token.p, (size_t)(dot[1] - token.p) };
	for (unsigned i = 0; i < 2; i++) {
		const char *from = i == 0 ? token.p : dot[0] + 1;
		ptrdiff_t n = reference_base64url(p->text[i],
		    (struct str){ from, (size_t)(dot[i] - from) });

		if (n < 0 || !json_parse(&p->doc[i], p->tok[i], JSON_TOKENS_MAX,
		    (struct str){ p->text[i], (size_t)n }) || p->tok[i][0].type != JSON_OBJECT)
			return false;
	}
	p->signature_n = reference_base64url(p->signature,
	    (struct str){ dot[1] + 1, (size_t)(token.p + token.n - dot[1] - 1) });
	return p->signature_n > 0;
}

/* By HMAC, of which the length tells which one it is. */
static bool
has_mac(const struct parts *p, struct str key, ptrdiff_t n)
{
	uint8_t mac[64];

	if (n == 32)
		reference_hmac256(mac, key, p->input);
	else
		reference_hmac(mac, key, p->input);
	return p->signature_n == n && memcmp(mac, p->signature, (size_t)n) == 0;
}

/* What is asked of ed25519.c here is what its own tests show. */
static bool
has_ed25519(const struct parts *p, const char *seed)
{
	static struct ed25519_verifier verifier;
	static const char *of;          /* this seed */
	struct ed25519_signer signer;

	if (of != seed) {
		ed25519_signer_init(&signer, (const uint8_t *)seed);
		MUST(ed25519_verifier_init(&verifier, signer.public));
		of = seed;
	}
	return p->signature_n == 64 && ed25519_verify(&verifier, (const uint8_t *)p->signature,
	    p->input.p, p->input.n);
}

/* RFC 8725 3.1: the header must name the key's algorithm. */
static bool
is_signed(const struct parts *p, const struct fuzz_key *key)
{
	const struct json *header = &p->doc[0];
	unsigned alg = json_member(header, 0, STR("alg"));

	if (alg == 0 || json_member(header, 0, STR("crit")) != 0)
		return false;
	if (key->alg == JWT_HS512)
		return json_is(header, alg, STR("HS512")) && has_mac(p, str_from(key->bytes), 64);
	if (key->alg == JWT_HS256)
		return json_is(header, alg, STR("HS256")) && has_mac(p, str_from(key->bytes), 32);
	return (json_is(header, alg, STR("EdDSA")) || json_is(header, alg, STR("Ed25519"))) &&
	    has_ed25519(p, key->bytes);
}

static struct parts parts;

bool
reference_signed(struct str token, struct str key)
{
	unsigned alg;

	if (!take_apart(&parts, token))
		return false;
	alg = json_member(&parts.doc[0], 0, STR("alg"));
	return alg != 0 && json_is(&parts.doc[0], alg, STR("HS512")) &&
	    json_member(&parts.doc[0], 0, STR("crit")) == 0 && has_mac(&parts, key, 64);
}

/* RFC 7519 2. Where double precision can't tell, nobody is asked. */
static enum reference
is_later(const struct json *claims, unsigned tok, double than)
{
	struct str s = json_text(claims, tok);
	char text[33] = { 0 };
	double date;

	if (claims->tok[tok].type != JSON_NUMBER || s.n > 32)
		return REFERENCE_REFUSES;
	memcpy(text, s.p, s.n);
	date = strtod(text, NULL);
	if (date < -1e-300 || date > 253402300800.0)
		return REFERENCE_REFUSES;
	if (date > 253402300798.0 || (date > than - 1 && date < than + 1) || text[0] == '-')
		return REFERENCE_IS_UNSURE;
	return date > than ? REFERENCE_ACCEPTS : REFERENCE_REFUSES;
}

static bool
audience_fits(const struct world *w, const struct json *claims)
{
	unsigned aud = json_member(claims, 0, STR("aud")), found = 0;

	if (!(w->flags & FUZZ_STRICT) || aud == 0)
		return aud == 0 && !(w->flags & FUZZ_STRICT);
	if (claims->tok[aud].type == JSON_STRING)
		return json_is(claims, aud, STR("a")) || json_is(claims, aud, STR("b"));
	for (unsigned i = aud + 1; i < claims->tok[aud].next; i++) {
		if (claims->tok[aud].type != JSON_ARRAY || claims->tok[i].type != JSON_STRING)
			return false;
		found += json_is(claims, i, STR("a")) || json_is(claims, i, STR("b"));
	}
	return found > 0;
}

static bool
key_fits(const struct world *w, const struct parts *p)
{
	const struct json *header = &p->doc[0];
	unsigned kid = json_member(header, 0, STR("kid")), b64 = json_member(header, 0, STR("b64"));
	bool found = false;

	if (b64 != 0 && header->tok[b64].type != JSON_TRUE)
		return false;
	for (unsigned i = 0; i < w->keys; i++)
		if (kid == 0 || (fuzz_keys[i].id != NULL &&
		    json_is(header, kid, str_from(fuzz_keys[i].id))))
			found = found || is_signed(p, &fuzz_keys[i]);
	return found;
}

enum reference
reference_judge(const struct world *w, struct str token, bool needs_exp)
{
	const struct json *claims = &parts.doc[1];
	double now = (double)w->stamp.token.now, leeway = w->policy.jwt.leeway;
	enum reference in_time = REFERENCE_ACCEPTS, begun = REFERENCE_ACCEPTS;
	enum reference issued = REFERENCE_ACCEPTS;
	unsigned exp, nbf, iss, sub, jti, iat;

	if (!take_apart(&parts, token) || !key_fits(w, &parts) || !audience_fits(w, claims))
		return REFERENCE_REFUSES;
	exp = json_member(claims, 0, STR("exp"));
	nbf = json_member(claims, 0, STR("nbf"));
	iss = json_member(claims, 0, STR("iss"));
	sub = json_member(claims, 0, STR("sub"));
	if ((needs_exp && exp == 0) || ((w->flags & FUZZ_STRICT) != 0 && (iss == 0 ||
	    !json_is(claims, iss, STR("i")) || sub == 0 ||
	    claims->tok[sub].type == JSON_NULL || claims->tok[sub].type == JSON_FALSE)))
		return REFERENCE_REFUSES;
	if (exp != 0)
		in_time = is_later(claims, exp, now - leeway);
	if (nbf != 0 && is_later(claims, nbf, -1) != REFERENCE_ACCEPTS)
		begun = is_later(claims, nbf, -1);
	else if (nbf != 0)
		begun = 2 - is_later(claims, nbf, now + leeway);
	jti = json_member(claims, 0, STR("jti"));
	iat = json_member(claims, 0, STR("iat"));
	if ((w->flags & FUZZ_STRICT) != 0 && jti != 0 && json_is(claims, jti, STR("gone")))
		return REFERENCE_REFUSES;
	if ((w->flags & FUZZ_STRICT) != 0 && sub != 0 && json_is(claims, sub, STR("out")))
		issued = iat == 0 ? REFERENCE_REFUSES
		    : is_later(claims, iat, (double)JWT_CLOCK_FLOOR);
	in_time = in_time < issued ? in_time : issued;
	return in_time < begun ? in_time : begun;
}

#include "fuzz/fuzz.h"

#include "base64url.h"
#include "token/revocations.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Standard error as it is before libFuzzer closes it (-close_fd_mask). */
static int told;

__attribute__((constructor)) static void
keep_open(void)
{
	told = dup(2);
}

void
fuzz_must(bool ok, const char *file, int line, const char *condition)
{
	if (ok)
		return;
	dprintf(told, "BROKEN %s:%d: %s\n", file, line, condition);
	abort();
}

char *
fuzz_copy(const void *p, size_t n)
{
	char *copy = malloc(n);

	if (n > 0)
		memcpy(copy, p, n);
	return copy;
}

size_t
fuzz_split(const uint8_t **data, size_t *n)
{
	size_t at = 0;

	for (int i = 0; i < 2 && *n > 0; i++, (*n)--)
		at = at << 8 | *(*data)++;
	return at % (*n + 1);
}

const struct fuzz_key fuzz_keys[FUZZ_KEYS] = {
	{ "a9ddbcaba8c0ac1a0a812dc0c2f08514b23f2db0a68343cb8199ebb38a6d91e4"
	  "ebfb378e22ad39c2d01d0b4ec9c34aa91056862ddace3fbbd6852ee60c36acbf", NULL, JWT_HS512 },
	{ "the-second-key-of-the-ring-which-has-sixty-four-bytes-no-more-or", "k1", JWT_HS512 },
	{ "the-third-key-one-whole-block-and-some-bytes-over-so-that-RFC-2104-has-it-hashed-"
	  "before-use-which-is-a-path-of-its-own-in-each-of-the-two", "k\"2", JWT_HS512 },
	{ "a-key-of-HS256-with-32-bytes-yes", "k1", JWT_HS256 },
	{ "the-seed-of-a-key-of-EdDSA-is-32", "k1", JWT_EDDSA },
	{ "another-key-of-HS256-which-is-longer-than-a-block-of-its-hash-so-that-it-is-hashed", NULL,
	  JWT_HS256 },
};

const struct fuzz_client fuzz_clients[FUZZ_CLIENTS] = {
	{ "plain", "s", "r w:x", 0 }, { "asks", "a+b%20 c&d=e:f", NULL, CLIENT_INTROSPECT },
	{ "issues", "\xc3\xa9", "r", CLIENT_ISSUE },
};

static void
fill_clients(struct clients *clients, const struct key_ring *ring)
{
	static const char *const audiences[] = { "a", "b" }, *const rights[] = { "[]",
	    [CLIENT_INTROSPECT] = "[\"introspect\"]", [CLIENT_ISSUE] = "[\"issue\"]" };
	const struct client_rules rules = { .ring = ring, .max_ttl = 86400, .audiences = audiences,
	    .claims = { .issuer = "i", .audience = "a", .expires_in = 3600 },
	    .audience_count = 2 };
	char text[4096], message[256];
	struct buf b = buf_over(text, sizeof text), why = buf_over(message, sizeof message);

	for (unsigned i = 0; i < FUZZ_CLIENTS; i++) {
		const struct fuzz_client *c = &fuzz_clients[i];
		uint8_t digest[SHA512_DIGEST];

		sha512(digest, c->secret, strlen(c->secret));
		buf_text(&b, i == 0 ? "{\"clients\":[{\"client_id\":\"" : "},{\"client_id\":\"");
		buf_text(&b, c->id);
		buf_text(&b, "\",\"secret_sha512\":\"");
		buf_hex(&b, digest, sizeof digest);
		buf_text(&b, "\",\"aud\":[\"a\",\"b\"],\"may\":");
		buf_text(&b, rights[c->right]);
		buf_text(&b, c->scope != NULL ? ",\"scope\":" : "");
		if (c->scope != NULL)
			json_quote(&b, str_from(c->scope));
	}
	buf_text(&b, "}]}");
	MUST(clients_parse(clients, buf_str(&b), &rules, &why));
}

static void
fill(struct key_ring *ring, unsigned flags)
{
	char text[256];
	struct buf why = buf_over(text, sizeof text);

	for (unsigned i = 0; i < (flags & FUZZ_RING ? (unsigned)FUZZ_KEYS : 1); i++) {
		const struct fuzz_key *k = &fuzz_keys[i];
		const struct jwk key = { .alg = k->alg, .k = str_from(k->bytes), .has_id = k->id != NULL,
		    .id = str_from(k->id != NULL ? k->id : ""), .may_sign = true, .may_judge = true };

		MUST(keys_add(ring, &key, &why));
	}
	ring->has_secret = (flags & FUZZ_WITH_SECRET) != 0;
	sha512(ring->secret, FUZZ_SECRET, strlen(FUZZ_SECRET));
	if (flags & FUZZ_WITH_CLIENTS) {
		static struct clients clients[4];

		ring->clients = &clients[(flags & (FUZZ_RING | FUZZ_WITH_SECRET)) / FUZZ_WITH_SECRET];
		fill_clients(ring->clients, ring);
	}
}

/* What FUZZ_STRICT takes back. */
static const struct revocations *
taken_back(void)
{
	static _Alignas(8) char memory[4096];
	struct revocations *list = (struct revocations *)memory;
	struct revocation r;

	if (revocations_any(list))
		return list;
	MUST(revocations_size(8) <= sizeof memory);
	revocations_over(memory, 8);
	revocation_of_jti(&r, STR("gone"), -1);
	revocations_add(list, &r, JWT_CLOCK_FLOOR);
	revocation_of_subject(&r, STR("out"), JWT_CLOCK_FLOOR);
	revocations_add(list, &r, JWT_CLOCK_FLOOR);
	return list;
}

void
world_set(struct world *w, unsigned flags)
{
	static const char *const hosts[] = { "h", "localhost" }, *const audiences[] = { "a", "b" };
	static const struct demand required[] = { { .name = { "sub", 3 } } };
	static const struct call_header headers[] = {
		{ .name = { "X-Sub", 5 }, .claim = { "sub", 3 } },
		{ .name = { "X-N", 3 }, .claim = { "n", 1 } } };
	static const uint8_t nonce[CLAIMS_NONCE] = { 0xf1, 0x0f, 0xb5 };
	static struct key_ring rings[2][4];
	struct key_ring *ring = &rings[(flags & FUZZ_WITH_CLIENTS) / FUZZ_WITH_CLIENTS]
	    [(flags & (FUZZ_RING | FUZZ_WITH_SECRET)) / FUZZ_WITH_SECRET];
	size_t text = api_scratch_size(FUZZ_MAX_BODY);

	if (ring->n == 0) {
		MUST(sha512_self_test());       /* which also chooses the code */
		fill(ring, flags);
	}
	w->ring = ring;
	w->keys = ring->n;
	w->flags = flags;
	w->policy = (struct api_policy){ .max_body = FUZZ_MAX_BODY, .max_ttl = 86400,
	    .claims = { .expires_in = 3600 }, .open_issue = (flags & FUZZ_LENIENT) != 0,
	    .allow_no_exp = (flags & FUZZ_LENIENT) != 0,
	    .no_compat = (flags & FUZZ_NO_COMPAT) != 0, .headers = headers,
	    .header_count = flags & FUZZ_HEADERS ? 2 : 0, .basic = (flags & FUZZ_HEADERS) != 0,
	    .cookie = flags & FUZZ_HEADERS ? "c" : NULL, .hosts = hosts,
	    .host_count = flags & FUZZ_NO_COMPAT ? 2 : 0 };
	if (flags & FUZZ_STRICT) {
		w->policy.jwt = (struct jwt_policy){ "i", audiences, 2, required, 1, 60, false,
		    taken_back() };
		w->policy.claims.issuer = "i";
		w->policy.claims.audience = "a";
	}
	w->stamp = (struct api_stamp){ .token = { .nonce = nonce,
	    .now = flags & FUZZ_NO_CLOCK ? JWT_CLOCK_FLOOR - 1 : JWT_CLOCK_FLOOR + 1000 } };
	if (w->scratch.claims.p == NULL) {
		w->scratch.claims = buf_over(malloc(text), text);
		w->scratch.jwt.text = buf_over(malloc(text), text);
	}
	buf_empty(&w->scratch.jwt.text);
}

/* As the key does; returns how many bytes. */
static size_t
sign(uint8_t signature[64], const struct fuzz_key *key, struct str input)
{
	static struct ed25519_signer signer;
	static const struct fuzz_key *of;       /* this key */

	switch (key->alg) {
	case JWT_HS256:
		reference_hmac256(signature, str_from(key->bytes), input);
		return 32;
	case JWT_EDDSA:
		if (of != key)
			ed25519_signer_init(&signer, (const uint8_t *)key->bytes);
		of = key;
		ed25519_sign(signature, &signer, input.p, input.n);
		return 64;
	case JWT_HS512: case JWT_NO_ALG:
		break;
	}
	reference_hmac(signature, str_from(key->bytes), input);
	return 64;
}

static void
put_token(struct buf *b, struct str header, struct str claims, char key)
{
	static const struct fuzz_key none = { "no key of the ring", NULL, JWT_HS512 };
	static char encoded[2 * FUZZ_TEXT];
	uint8_t signature[64];
	size_t start = b->n, n;

	buf_put(b, encoded, base64url_encode(encoded, header.p, header.n));
	buf_add(b, STR("."));
	buf_put(b, encoded, base64url_encode(encoded, claims.p, claims.n));
	n = sign(signature, key >= '0' && key < '0' + FUZZ_KEYS ? &fuzz_keys[key - '0'] : &none,
	    (struct str){ b->p + start, b->n - start });
	buf_add(b, STR("."));
	buf_put(b, encoded, base64url_encode(encoded, signature, n));
}

/* Tokens. A mark that is not followed by the others stands for itself. */
static void
put_signed(struct buf *b, struct str in)
{
	for (size_t i = 0; i < in.n; i++) {
		const char *p = in.p + i, *end = in.p + in.n;
		const char *claims = *p == 1 ? memchr(p, 2, (size_t)(end - p)) : NULL;
		const char *key = claims != NULL ? memchr(claims, 3, (size_t)(end - claims)) : NULL;

		if (key == NULL || key + 1 == end) {
			buf_put(b, p, 1);
			continue;
		}
		put_token(b, (struct str){ p + 1, (size_t)(claims - p - 1) },
		    (struct str){ claims + 1, (size_t)(key - claims - 1) }, key[1]);
		i = (size_t)(key + 1 - in.p);
	}
}

/* Bytes of the body that follows. */
static size_t
body_length(struct str s)
{
	const char *start = memmem(s.p, s.n, "\r\n\r\n", 4), *end = s.p + s.n, *mark;

	if (start == NULL)
		return 0;
	start += 4;
	mark = memchr(start, 6, (size_t)(end - start));
	return (size_t)((mark != NULL ? mark : end) - start);
}

struct str
fuzz_recipe(const uint8_t *data, size_t n)
{
	static char first[FUZZ_TEXT], second[FUZZ_TEXT];
	struct buf a = buf_over(first, sizeof first), b = buf_over(second, sizeof second);

	put_signed(&a, (struct str){ (const char *)data, n });
	for (size_t i = 0; i < a.n; i++) {
		if (a.p[i] == 5)
			buf_number(&b, body_length((struct str){ a.p + i, a.n - i }));
		else if (a.p[i] != 6)
			buf_put(&b, a.p + i, 1);
	}
	return buf_str(&b);
}

static void
put_base64(struct buf *b, const uint8_t *p, const uint8_t *end)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (; p < end; p += 3) {
		unsigned left = end - p < 3 ? (unsigned)(end - p) : 3;
		unsigned bits = p[0] * 0x10000u + (left > 1 ? p[1] * 0x100u : 0) +
		    (left > 2 ? p[2] : 0);
		const char four[4] = { digits[bits >> 18], digits[bits >> 12 & 63],
		    left > 1 ? digits[bits >> 6 & 63] : '=', left > 2 ? digits[bits & 63] : '=' };

		buf_put(b, four, 4);
		if (left < 3)
			return;
	}
}

struct str
fuzz_with_base64(const uint8_t *data, size_t n)
{
	static char memory[FUZZ_TEXT];
	struct buf b = buf_over(memory, sizeof memory);

	for (size_t i = 0; i < n; i++) {
		const uint8_t *end = data[i] == 1 ? memchr(data + i, 2, n - i) : NULL;

		if (end == NULL) {
			buf_put(&b, data + i, 1);
			continue;
		}
		put_base64(&b, data + i + 1, end);
		i = (size_t)(end - data);
	}
	return buf_str(&b);
}

#include "token/client_reader.h"

enum { OUR_CLAIMS = 8 };                /* iss sub client_id aud scope iat exp jti */

#define YEAR_9999 INT64_C(253402300799) /* the latest time, of as many digits as any */

static bool
fail(struct client_reader *r, unsigned tok, const char *phrase)
{
	return client_fail(r, r->tok[tok].at, phrase);
}

static bool
fail_long(struct client_reader *r, unsigned tok)
{
	return fail(r, tok, "its token could be longer than 12,288 bytes: give it fewer claims, "
	    "words of scope or audiences");
}

static bool
is_string(const struct client_reader *r, unsigned tok)
{
	return r->tok[tok].type == JSON_STRING;
}

static struct str
keep_compact(struct client_reader *r, unsigned tok)
{
	size_t start = r->text.n;

	json_put_compact(&r->text, json_text(&r->doc, tok));
	return client_kept(r, start);
}

static bool
take_id(struct client_reader *r, struct client *client, unsigned tok)
{
	size_t start = r->text.n;

	if (is_string(r, tok))
		json_unescape(&r->text, json_raw(&r->doc, tok));
	client->id = client_kept(r, start);
	if (!client_is_id(client->id))
		return fail(r, tok, "client_id takes 1 to 64 of A-Z a-z 0-9 - _ . ~");
	if (clients_find(r->to, client->id) != NULL)
		return fail(r, tok, "another client has the same client_id");
	return true;
}

/* Lowercase digits, so that a digest has one spelling. */
static bool
unhex(uint8_t out[SHA512_DIGEST], struct str s)
{
	if (s.n != (size_t)2 * SHA512_DIGEST)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (!json_is_hex(s.p[i]) || (s.p[i] >= 'A' && s.p[i] <= 'F'))
			return false;
		out[i / 2] = (uint8_t)((unsigned)out[i / 2] << 4 | json_hex(s.p[i]));
	}
	return true;
}

static bool
take_digest(struct client_reader *r, struct client *client, unsigned tok)
{
	char text[2 * SHA512_DIGEST + 1];       /* one more: what is too long is not cut to fit */
	struct buf b = buf_over(text, sizeof text);
	uint8_t *digest = r->to->digest[r->to->digests];

	if (!is_string(r, tok) || !unhex(digest, json_string(&r->doc, tok, &b)))
		return fail(r, tok, "secret_sha512 takes a digest of 128 lowercase hexadecimal "
		    "digits, or an array of 1 to 4; 'jwtd client ID' makes one");
	if (sha512_equal(digest, r->empty))
		return fail(r, tok, "this is the digest of the empty string, which is no "
		    "secret; 'jwtd client ID' makes one");
	r->to->digests++;
	client->digests++;
	return true;
}

static bool
take_digests(struct client_reader *r, struct client *client, unsigned tok)
{
	unsigned end = r->tok[tok].next;

	client->first = (uint16_t)r->to->digests;
	if (r->tok[tok].type != JSON_ARRAY)
		return take_digest(r, client, tok);
	if (end == tok + 1)
		return fail(r, tok, "secret_sha512 has no digest: 'jwtd client ID' makes one");
	for (unsigned i = tok + 1; i < end; i = r->tok[i].next) {
		if (client->digests == CLIENT_DIGESTS)
			return fail(r, i, "secret_sha512 has more than 4 digests: remove those "
			    "of secrets that nobody uses any more");
		if (!take_digest(r, client, i))
			return false;
	}
	return true;
}

/* Adds a word to those of all clients, while they fit. */
static void
add_to_all(struct client_reader *r, struct str word)
{
	if (!r->all_fit || !scope_add(&r->all, (size_t)(word.p - r->text.p)))
		return;
	r->all_n += word.n + sizeof "\"\"," - 1;
	r->all_fit = r->all_n <= CLIENTS_SCOPES_MAX;
}

static bool
take_scope(struct client_reader *r, struct client *client, unsigned tok)
{
	size_t start = r->text.n;
	struct str left, word;

	if (!is_string(r, tok))
		return fail(r, tok, "scope is a string");
	json_unescape(&r->text, json_raw(&r->doc, tok));
	buf_text(&r->text, " ");                /* a word of a set ends in one */
	left = client_kept(r, start);
	left.n--;
	client->scope = left;
	r->own.n = 0;
	if (left.n > JWT_MAX)
		return fail_long(r, tok);
	do {
		if (!scope_next(&left, &word))
			return fail(r, tok, "scope takes words of visible ASCII, without quotes "
			    "and backslashes, with single spaces between; leave it out for none");
		if (!scope_add(&r->own, (size_t)(word.p - r->text.p)))
			return fail(r, tok, "scope holds a word twice");
		add_to_all(r, word);
	} while (left.n > 0);
	return true;
}

static bool
is_audience(const struct client_reader *r, unsigned tok)
{
	for (unsigned i = 0; i < r->rules->audience_count; i++)
		if (json_is(&r->doc, tok, str_from(r->rules->audiences[i])))
			return true;
	return false;
}

static bool
take_aud(struct client_reader *r, struct client *client, unsigned tok)
{
	bool array = r->tok[tok].type == JSON_ARRAY, known = true;
	unsigned end = r->tok[tok].next;

	if (array && end == tok + 1)
		return fail(r, tok, "aud is an empty array: leave it out for the first "
		    "--audience");
	for (unsigned i = tok + array; i < end; i = r->tok[i].next) {
		if (!is_string(r, i))
			return fail(r, i, "aud takes a string or an array of strings");
		known = known && is_audience(r, i);
	}
	if (!known && r->to->strangers++ == 0)
		r->to->stranger = r->to->n;
	client->aud = keep_compact(r, tok);
	return true;
}

static bool
take_expires_in(struct client_reader *r, struct client *client, unsigned tok)
{
	uint64_t seconds = 0;

	if (r->tok[tok].type == JSON_NUMBER && str_number(&seconds, json_text(&r->doc, tok),
	    10, r->rules->max_ttl) && seconds > 0) {
		client->expires_in = (uint32_t)seconds;
		return true;
	}
	fail(r, tok, "expires_in takes a whole number of seconds from 1 to --max-ttl, ");
	buf_number(r->why, r->rules->max_ttl);
	return false;
}

/* Whether a client may not set this claim, as its tokens bear another one. */
static bool
is_ours(const struct client_reader *r, unsigned tok)
{
	static const char ours[][10] = { "iss", "sub", "aud", "exp", "nbf", "iat", "jti",
	    "client_id", "scope" };

	for (unsigned i = 0; i < sizeof ours / sizeof ours[0]; i++)
		if (json_is(&r->doc, tok, str_from(ours[i])))
			return true;
	return false;
}

static bool
take_claims(struct client_reader *r, struct client *client, unsigned tok)
{
	const struct json_tok *t = r->tok;
	unsigned n = 0;

	if (t[tok].type != JSON_OBJECT)
		return fail(r, tok, "claims is an object");
	for (unsigned i = tok + 1; i < t[tok].next; i = t[i + 1].next, n++) {
		if (is_ours(r, i))
			return fail(r, i, "claims can't hold iss, sub, aud, exp, nbf, iat, jti, "
			    "client_id or scope: they are set here");
		if (n == CLIENT_CLAIMS_MAX)
			return fail(r, i, "claims holds more than 120 members");
	}
	client->claims = keep_compact(r, tok);
	client->claims.p++;                     /* without its braces */
	client->claims.n -= 2;
	return true;
}

static bool
take_kid(struct client_reader *r, struct client *client, unsigned tok)
{
	unsigned key;

	if (!is_string(r, tok))
		return fail(r, tok, "kid is a string");
	if (r->rules->ring == NULL)
		return true;
	if (!keys_find(r->rules->ring, json_raw(&r->doc, tok), &key))
		return fail(r, tok, "no key has this kid: add its --key-file, or leave kid out");
	if (!r->rules->ring->key[key].signs)
		return fail(r, tok, "the key of this kid may not sign: its key_ops say so");
	client->key = (uint8_t)key;
	return true;
}

static bool
fail_may(struct client_reader *r, unsigned tok)
{
	return fail(r, tok, "may takes an array of introspect, revoke and issue, each at most "
	    "once");
}

static bool
take_may(struct client_reader *r, struct client *client, unsigned tok)
{
	static const char rights[][12] = { "introspect", "revoke", "issue" };   /* client_right */
	enum { RIGHTS = sizeof rights / sizeof rights[0] };
	const struct json_tok *t = r->tok;

	if (t[tok].type != JSON_ARRAY)
		return fail_may(r, tok);
	for (unsigned i = tok + 1; i < t[tok].next; i = t[i].next) {
		unsigned right = 0;

		while (right < RIGHTS && !json_is(&r->doc, i, str_from(rights[right])))
			right++;
		if (right == RIGHTS || (client->rights >> right & 1) != 0)
			return fail_may(r, i);
		client->rights |= (uint8_t)(1u << right);
	}
	return true;
}

/* What a client has. The first two it must have. */
enum member { CLIENT_ID, SECRET, SCOPE, AUD, EXPIRES_IN, CLAIMS, KID, MAY, MEMBERS };

static bool
fail_unknown(struct client_reader *r, unsigned tok)
{
	struct buf *why = client_unknown(r, tok);

	buf_text(why, "; a client has client_id, secret_sha512, scope, aud, expires_in, claims, "
	    "kid and may");
	return false;
}

static bool
take_member(struct client_reader *r, struct client *client, enum member member, unsigned tok)
{
	switch (member) {
	case CLIENT_ID: return take_id(r, client, tok);
	case SECRET: return take_digests(r, client, tok);
	case SCOPE: return take_scope(r, client, tok);
	case AUD: return take_aud(r, client, tok);
	case EXPIRES_IN: return take_expires_in(r, client, tok);
	case CLAIMS: return take_claims(r, client, tok);
	case KID: return take_kid(r, client, tok);
	case MAY: return take_may(r, client, tok);
	case MEMBERS: break;
	}
	return fail_unknown(r, tok - 1);
}

static enum member
member_of(const struct client_reader *r, unsigned name)
{
	static const char names[MEMBERS][14] = { "client_id", "secret_sha512", "scope", "aud",
	    "expires_in", "claims", "kid", "may" };
	unsigned m = 0;

	while (m < MEMBERS && !json_is(&r->doc, name, str_from(names[m])))
		m++;
	return (enum member)m;
}

/* A member's value, and how many tokens it has beside itself: 0 where it is not there. */
static unsigned
inside(const struct client_reader *r, const char *name)
{
	unsigned tok = json_member(&r->doc, 0, str_from(name));

	return tok != 0 ? r->tok[tok].next - tok - 1u : 0;
}

/* Whether a token of the client is never larger than everybody takes. */
static bool
fits(struct client_reader *r, const struct client *client)
{
	static const uint8_t nonce[CLAIMS_NONCE];
	const struct jwt_key without_id = { .header = JWT_HEADER };
	const struct claims_stamp stamp = { YEAR_9999, nonce };
	const struct key_ring *ring = r->rules->ring;
	char text[JWT_MAX];
	struct buf b = buf_over(text, sizeof text);

	client_put_claims(&b, client, &r->rules->claims, &stamp, client->scope, STR(""));
	if (b.bad || jwt_length(ring != NULL ? &ring->key[client->key] : &without_id, b.n) >
	    JWT_MAX)
		return fail_long(r, 0);
	if (1 + 2 * OUR_CLAIMS + inside(r, "aud") + inside(r, "claims") > JSON_TOKENS_MAX)
		return fail(r, 0, "its token could hold more than 4,096 names and values");
	return true;
}

bool
client_take(struct client_reader *r)
{
	struct clients *to = r->to;
	struct client client = { .aud = r->aud, .expires_in = r->rules->claims.expires_in };
	unsigned place;

	if (r->tok[0].type != JSON_OBJECT)
		return fail(r, 0, "a client is an object");
	for (unsigned i = 1; i < r->doc.n; i = r->tok[i + 1].next)
		if (!take_member(r, &client, member_of(r, i), i + 1))
			return false;
	if (client.id.n == 0)
		return fail(r, 0, "client_id is missing");
	if (client.digests == 0)
		return fail(r, 0, "secret_sha512 is missing: 'jwtd client ID' makes one");
	if (!fits(r, &client))
		return false;
	place = clients_place(to, client.id);
	memmove(to->by_id + place + 1, to->by_id + place, (to->n - place) * sizeof to->by_id[0]);
	to->by_id[place] = (uint16_t)to->n;
	to->client[to->n++] = client;
	return true;
}


#include "token/client_reader.h"

enum { OUR_CLAIMS = 8 };                /* iss sub client_id aud scope iat exp jti */

#define YEAR_9999 INT64_C(253402300799) /* the latest time, of as many digits as any */

static bool
fail(struct client_reader *r, unsigned tok, const char *phrase)
{
	return client_fail(r, r->tok[tok].at, phrase);
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

/* What a client has. The first two it must have. */
enum member { CLIENT_ID, SECRET, SCOPE, AUD, EXPIRES_IN, CLAIMS, KID, MAY, MEMBERS };

static const char *
takes(enum member member)
{
	switch (member) {
	case CLIENT_ID:
		return "client_id takes 1 to 64 of A-Z a-z 0-9 - _ . ~";
	case SECRET:
		return "secret_sha512 takes 128 lowercase hexadecimal digits, or an array of 1 to "
		    "4 such digests, none of the empty string; 'jwtd client ID' makes one";
	case SCOPE:
		return "scope takes words of RFC 6749 3.3, each once, single spaces between";
	case AUD:
		return "aud takes a string, or an array of strings that is not empty";
	case EXPIRES_IN:
		return "expires_in takes a whole number of seconds from 1 to --max-ttl";
	case CLAIMS:
		return "claims takes an object of at most 120 members, without iss, sub, aud, exp, "
		    "nbf, iat, jti, client_id and scope";
	case KID:
		return "kid takes the id of a key that may sign (--key-file)";
	default:
		return "may takes an array of introspect, revoke, issue, each once at most";
	}
}

/* Each of these reads the value of a member, and returns the token that is not what it takes: 0:
 * all are. */
static unsigned
take_id(struct client_reader *r, struct client *client, unsigned tok)
{
	size_t start = r->text.n;

	if (is_string(r, tok))
		json_unescape(&r->text, json_raw(&r->doc, tok));
	client->id = client_kept(r, start);
	return client_is_id(client->id) ? 0 : tok;
}

/* Lowercase digits, so that a digest has one spelling: capitals lack bit 5. */
static bool
unhex(uint8_t out[SHA512_DIGEST], struct str s)
{
	bool ok = s.n == (size_t)2 * SHA512_DIGEST;

	for (unsigned i = 0; i < SHA512_DIGEST && ok; i++) {
		char high = s.p[2 * i], low = s.p[2 * i + 1];

		ok = json_is_hex(high) && json_is_hex(low) && (high & low & 0x20) != 0;
		out[i] = (uint8_t)(json_hex(high) << 4 | json_hex(low));
	}
	return ok;
}

static unsigned
take_digests(struct client_reader *r, struct client *client, unsigned tok)
{
	char text[2 * SHA512_DIGEST + 1];       /* one more: what is too long is not cut to fit */
	bool array = r->tok[tok].type == JSON_ARRAY;

	client->first = (uint16_t)r->to->digests;
	for (unsigned i = tok + array; i < r->tok[tok].next; i = r->tok[i].next) {
		uint8_t *digest = r->to->digest[r->to->digests];
		struct buf b = buf_over(text, sizeof text);

		if (client->digests == CLIENT_DIGESTS || !is_string(r, i) ||
		    !unhex(digest, json_string(&r->doc, i, &b)) || sha512_equal(digest, r->empty))
			return i;
		r->to->digests++;
		client->digests++;
	}
	return client->digests > 0 ? 0 : tok;
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

/* One that is too long for a token has too many words for a set, or is refused with the token. */
static unsigned
take_scope(struct client_reader *r, struct client *client, unsigned tok)
{
	size_t start = r->text.n;
	struct str left, word;

	if (!is_string(r, tok))
		return tok;
	json_unescape(&r->text, json_raw(&r->doc, tok));
	buf_text(&r->text, " ");                /* a word of a set ends in one */
	left = client_kept(r, start);
	left.n--;
	client->scope = left;
	r->own.n = 0;
	do {
		if (!scope_next(&left, &word) ||
		    !scope_add(&r->own, (size_t)(word.p - r->text.p)))
			return tok;
		add_to_all(r, word);
	} while (left.n > 0);
	return 0;
}

static bool
is_audience(const struct client_reader *r, unsigned tok)
{
	for (unsigned i = 0; i < r->rules->audience_count; i++)
		if (json_is(&r->doc, tok, str_from(r->rules->audiences[i])))
			return true;
	return false;
}

static unsigned
take_aud(struct client_reader *r, struct client *client, unsigned tok)
{
	bool array = r->tok[tok].type == JSON_ARRAY, known = true;
	unsigned end = r->tok[tok].next;

	for (unsigned i = tok + array; i < end; i = r->tok[i].next) {
		if (!is_string(r, i))
			return i;
		known = known && is_audience(r, i);
	}
	if (!known && r->to->strangers++ == 0)
		r->to->stranger = r->to->n;
	client->aud = keep_compact(r, tok);
	return array && end == tok + 1 ? tok : 0;
}

static unsigned
take_expires_in(struct client_reader *r, struct client *client, unsigned tok)
{
	uint64_t seconds = 0;

	if (r->tok[tok].type != JSON_NUMBER || !str_number(&seconds, json_text(&r->doc, tok), 10,
	    r->rules->max_ttl) || seconds == 0)
		return tok;
	client->expires_in = (uint32_t)seconds;
	return 0;
}

/* The place of a string among words, each with its zero; behind the last where it is none. */
static unsigned
place_of(const struct client_reader *r, unsigned tok, const char *words)
{
	char text[16];                          /* what is cut is longer than any word */
	struct buf b = buf_over(text, sizeof text);
	struct str s = { text, 0 }, word;
	unsigned i = 0;

	if (is_string(r, tok))
		s = json_string(&r->doc, tok, &b);
	for (; *words != '\0'; i++, words += word.n + 1) {
		word = str_from(words);
		if (str_equal(s, word))
			break;
	}
	return i;
}

static unsigned
take_claims(struct client_reader *r, struct client *client, unsigned tok)
{
	enum { OTHERS = 9 };
	const char *ours = "iss\0" "sub\0" "aud\0" "exp\0" "nbf\0" "iat\0" "jti\0" "client_id\0"
	    "scope\0";
	const struct json_tok *t = r->tok;
	unsigned n = 0;

	if (t[tok].type != JSON_OBJECT)
		return tok;
	for (unsigned i = tok + 1; i < t[tok].next; i = t[i + 1].next)
		if (place_of(r, i, ours) != OTHERS || n++ == CLIENT_CLAIMS_MAX)
			return i;
	client->claims = keep_compact(r, tok);
	client->claims.p++;                     /* without its braces */
	client->claims.n -= 2;
	return 0;
}

static unsigned
take_kid(struct client_reader *r, struct client *client, unsigned tok)
{
	const struct key_ring *ring = r->rules->ring;
	unsigned key = 0;

	if (!is_string(r, tok) || (ring != NULL &&
	    !keys_find_signer(ring, json_raw(&r->doc, tok), &key)))
		return tok;
	client->key = (uint8_t)key;
	return 0;
}

static unsigned
take_may(struct client_reader *r, struct client *client, unsigned tok)
{
	const char *rights = "introspect\0" "revoke\0" "issue\0";
	enum { NONE = 3 };                      /* the others are bits of client_right */
	const struct json_tok *t = r->tok;

	if (t[tok].type != JSON_ARRAY)
		return tok;
	for (unsigned i = tok + 1; i < t[tok].next; i = t[i].next) {
		unsigned right = place_of(r, i, rights);

		if (right == NONE || (client->rights >> right & 1) != 0)
			return i;
		client->rights |= (uint8_t)(1u << right);
	}
	return 0;
}

static unsigned
take_value(struct client_reader *r, struct client *client, enum member member, unsigned tok)
{
	switch (member) {
	case CLIENT_ID: return take_id(r, client, tok);
	case SECRET: return take_digests(r, client, tok);
	case SCOPE: return take_scope(r, client, tok);
	case AUD: return take_aud(r, client, tok);
	case EXPIRES_IN: return take_expires_in(r, client, tok);
	case CLAIMS: return take_claims(r, client, tok);
	case KID: return take_kid(r, client, tok);
	default: return take_may(r, client, tok);
	}
}

static bool
take_member(struct client_reader *r, struct client *client, unsigned name)
{
	const char *names = "client_id\0" "secret_sha512\0" "scope\0" "aud\0" "expires_in\0"
	    "claims\0" "kid\0" "may\0";
	enum member member = (enum member)place_of(r, name, names);
	struct buf *why = r->why;
	unsigned wrong;

	if (member == MEMBERS) {
		client_unknown(r, name);
		buf_text(why, "; a client has client_id, secret_sha512, scope, aud, expires_in, "
		    "claims, kid and may");
		return false;
	}
	wrong = take_value(r, client, member, name + 1);
	return wrong == 0 || fail(r, wrong, takes(member));
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
	return (!b.bad && jwt_length(ring != NULL ? &ring->key[client->key] : &without_id, b.n) <=
	    JWT_MAX && 1 + 2 * OUR_CLAIMS + inside(r, "aud") + inside(r, "claims") <=
	    JSON_TOKENS_MAX) || fail(r, 0, "its token could be larger than 12,288 bytes or "
	    "4,096 names and values: give it less scope, aud or claims");
}

bool
client_take(struct client_reader *r)
{
	struct clients *to = r->to;
	struct client client = { .aud = r->aud, .expires_in = r->rules->claims.expires_in };
	unsigned place;

	if (r->rules->ring != NULL && r->rules->ring->signer != NULL)
		client.key = (uint8_t)(r->rules->ring->signer - r->rules->ring->key);
	if (r->tok[0].type != JSON_OBJECT)
		return fail(r, 0, "a client is an object");
	for (unsigned i = 1; i < r->doc.n; i = r->tok[i + 1].next)
		if (!take_member(r, &client, i))
			return false;
	if (client.id.n == 0 || client.digests == 0)
		return fail(r, 0, "a client needs client_id and secret_sha512");
	if (clients_find(to, client.id) != NULL)
		return fail(r, 0, "another client has the same client_id");
	if (!fits(r, &client))
		return false;
	place = clients_place(to, client.id);
	memmove(to->by_id + place + 1, to->by_id + place, (to->n - place) * sizeof to->by_id[0]);
	to->by_id[place] = (uint16_t)to->n;
	to->client[to->n++] = client;
	return true;
}


/* A clients file, by two readers: clients_parse(), and one that is written down here from the
 * specification alone. They take the same files, and find the same clients in them. Input: a byte of
 * flags, then the file; in it ' stands for a quote, \1 for a digest, and ^ for nothing. */
#include "fuzz/tree.h"

#include "system/memory.h"
#include "token/clients.h"
#include "token/scope.h"

#include <stdio.h>
#include <stdlib.h>

enum { WITHOUT_RING = 1, ISSUER = 2, AUDIENCES = 4, SHORT_TTL = 8 };

#define DIGEST \
    "1f40fc92da241694750979ee6cf582f2d5d7d28e18335de05abc54d0560e0f53" \
    "02860c652bf08d560252aa5e74210546f369fbbbce8c12cfc7957b2652fe9a75"
#define DIGEST_OF_NOTHING \
    "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce" \
    "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e"

/* ---- what SPEC 4.1 says of a client */

static struct key_ring ring;
static struct client_rules rules;
static const char *const audiences[] = { "metrics", "\u00fc" };

static bool
is_one_of(struct str s, const char *words)
{
	char text[32];

	if (s.n == 0 || s.n > 20 || memchr(s.p, ' ', s.n) != NULL || memchr(s.p, 0, s.n) != NULL)
		return false;
	snprintf(text, sizeof text, " %.*s ", (int)s.n, s.p);
	return strstr(words, text) != NULL;
}

static bool
is_id(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == 0 || strchr("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuv"
		    "wxyz-_.~", s.p[i]) == NULL)
			return false;
	return s.n >= 1 && s.n <= 64;
}

static bool
is_digest(const struct node *node)
{
	return node->type == '"' && node->value.n == 128 &&
	    strspn(node->value.p, "0123456789abcdef") >= 128 &&
	    memcmp(node->value.p, DIGEST_OF_NOTHING, 128) != 0;
}

static bool
are_digests(const struct node *node)
{
	if (node->type != '[')
		return is_digest(node);
	for (const struct node *item = node->first; item != NULL; item = item->next)
		if (!is_digest(item))
			return false;
	return tree_count(node) >= 1 && tree_count(node) <= 4;
}

/* RFC 6749 3.3, and no word twice. */
static bool
is_scope(const struct node *node)
{
	struct str s = node->value;
	char before = ' ';

	if (node->type != '"' || s.n == 0 || s.p[s.n - 1] == ' ')
		return false;
	for (size_t i = 0, n; i < s.n; before = s.p[i++]) {
		unsigned char c = (unsigned char)s.p[i];

		if (c != ' ' && c != 0x21 && !(c >= 0x23 && c <= 0x5b) && !(c >= 0x5d && c <= 0x7e))
			return false;
		if (before != ' ')
			continue;
		for (n = 0; i + n < s.n && s.p[i + n] != ' '; n++)
			;
		if (n == 0)
			return false;
		for (size_t j = i + n; j + 1 + n <= s.n; j++)
			if (s.p[j] == ' ' && memcmp(s.p + j + 1, s.p + i, n) == 0 &&
			    (j + 1 + n == s.n || s.p[j + 1 + n] == ' '))
				return false;
	}
	return true;
}

static bool
are_strings(const struct node *node)
{
	if (node->type != '[')
		return node->type == '"';
	for (const struct node *item = node->first; item != NULL; item = item->next)
		if (item->type != '"')
			return false;
	return node->first != NULL;
}

static bool
is_lifetime(const struct node *node)
{
	double seconds;
	char text[16] = { 0 };

	if (node->type != '0' || node->value.n > 12)
		return false;
	memcpy(text, node->value.p, node->value.n);
	seconds = strtod(text, NULL);
	return strspn(text, "0123456789") == node->value.n && seconds >= 1 &&
	    seconds <= rules.max_ttl;
}

static bool
are_claims(const struct node *node)
{
	for (const struct node *m = node->first; m != NULL && node->type == '{'; m = m->next)
		if (is_one_of(m->name->value, " iss sub aud exp nbf iat jti client_id scope "))
			return false;
	return node->type == '{' && tree_count(node) <= 120;
}

static bool
is_kid(const struct node *node)
{
	return node->type == '"' && (rules.ring == NULL || str_equal(node->value, STR("k1")));
}

static bool
are_rights(const struct node *node)
{
	if (node->type != '[')
		return false;
	for (const struct node *item = node->first; item != NULL; item = item->next) {
		if (item->type != '"' || !is_one_of(item->value, " introspect revoke issue "))
			return false;
		for (const struct node *other = item->next; other != NULL; other = other->next)
			if (other->type == '"' && str_equal(item->value, other->value))
				return false;
	}
	return true;
}

static const struct {
	const char *name;
	bool (*fits)(const struct node *);
} members[] = {
	{ "secret_sha512", are_digests }, { "scope", is_scope }, { "aud", are_strings },
	{ "expires_in", is_lifetime }, { "claims", are_claims }, { "kid", is_kid },
	{ "may", are_rights }
};

/* Whether its token keeps to 12,288 bytes and 4,096 names and values, whenever it is made. */
static bool
is_short(const struct node *client)
{
	const struct node *id = tree_member(client, "client_id"), *aud = tree_member(client, "aud"),
	    *scope = tree_member(client, "scope"), *claims = tree_member(client, "claims");
	bool named = rules.ring != NULL;        /* its first key has an id, and signs */
	size_t n = sizeof "{'sub':'','client_id':'','iat':253402300799,'exp':253402300799,'jti':"
	    "'0123456789abcdef0123456789abcdef'}" - 1 + 2 * id->value.n, length;

	if (rules.claims.issuer != NULL)
		n += sizeof "'iss':''," - 1 + strlen(rules.claims.issuer);
	if (aud != NULL || rules.claims.audience != NULL)
		n += sizeof ",'aud':" - 1 + (aud != NULL ? tree_compact(aud) : strlen(
		    rules.claims.audience) + 2);
	if (scope != NULL)
		n += sizeof ",'scope':''" - 1 + scope->value.n;
	if (claims != NULL && claims->first != NULL)
		n += 1 + tree_compact(claims) - 2;
	length = (named ? sizeof "{'typ':'JWT','alg':'HS512','kid':'k1'}" - 1 :
	    sizeof "{'typ':'JWT','alg':'HS512'}" - 1);
	length = (length * 4 + 2) / 3 + 1 + (n * 4 + 2) / 3 + 1 + 86;
	return length <= 12288 && 17 + (aud != NULL ? tree_tokens(aud) - 1 : 0) +
	    (claims != NULL ? tree_tokens(claims) - 1 : 0) <= 4096;
}

static bool
is_client(const struct node *client)
{
	const struct node *id;

	if (client->type != '{')
		return false;
	for (const struct node *m = client->first; m != NULL; m = m->next) {
		bool known = str_equal(m->name->value, STR("client_id"));

		for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
			if (!str_equal(m->name->value, str_from(members[i].name)))
				continue;
			known = true;
			if (!members[i].fits(m))
				return false;
		}
		if (!known)
			return false;
	}
	id = tree_member(client, "client_id");
	return id != NULL && id->type == '"' && is_id(id->value) &&
	    tree_member(client, "secret_sha512") != NULL && is_short(client);
}

static const struct node *found[CLIENTS_MAX + 1];
static unsigned founds;

/* Whether the file is one. */
static bool
is_file(void)
{
	const struct node *name;

	founds = 0;
	if (!tree_expect('{'))
		return false;
	name = tree_value();
	if (name == NULL || name->type != '"' || !str_equal(name->value, STR("clients")) ||
	    !tree_expect(':') || !tree_expect('['))
		return false;
	if (!tree_expect(']')) {
		do {
			const struct node *client = tree_value();

			if (client == NULL || !is_client(client) || founds == CLIENTS_MAX)
				return false;
			for (unsigned i = 0; i < founds; i++)
				if (str_equal(tree_member(found[i], "client_id")->value,
				    tree_member(client, "client_id")->value))
					return false;
			found[founds++] = client;
		} while (tree_expect(','));
		if (!tree_expect(']'))
			return false;
	}
	if (!tree_expect('}'))
		return false;
	return tree_ends();
}

/* ---- both, and what they found */

/* In place of the real one, by which each input would cost the kernel a thousand pages. What was
 * written is wiped, and what is left must not matter. */
void
memory_release(void *memory, size_t n)
{
	(void)memory, (void)n;
}

static struct clients clients;
static struct json_tok tok[JSON_TOKENS_MAX];

/* The other reader's digests, those of the file in their order. */
static void
check_digests(const struct client *c, const struct node *given)
{
	const struct node *item = given->type == '[' ? given->first : given;

	MUST(c->digests == (given->type == '[' ? tree_count(given) : 1) && c->first > 0 &&
	    c->first + c->digests <= clients.digests);
	for (unsigned i = 0; i < c->digests; i++, item = item->next) {
		char text[2 * SHA512_DIGEST];
		struct buf b = buf_over(text, sizeof text);

		buf_hex(&b, clients.digest[c->first + i], SHA512_DIGEST);
		MUST(str_equal(buf_str(&b), item->value));
	}
}

static void
check_aud(const struct client *c, const struct node *given)
{
	struct json doc;

	MUST((c->aud.n > 0) == (given != NULL || rules.claims.audience != NULL));
	if (c->aud.n == 0)
		return;
	MUST(json_parse(&doc, tok, JSON_TOKENS_MAX, c->aud));
	if (given == NULL) {
		MUST(json_is(&doc, 0, str_from(rules.claims.audience)));
		MUST(client_has_audience(c, str_from(rules.claims.audience)));
		return;
	}
	MUST(c->aud.n == tree_compact(given) && doc.n == tree_tokens(given));
	MUST((tok[0].type == JSON_ARRAY) == (given->type == '['));
	if (given->type != '[')
		MUST(json_is(&doc, 0, given->value) && client_has_audience(c, given->value));
	for (const struct node *item = given->first; item != NULL; item = item->next)
		MUST(client_has_audience(c, item->value));
	MUST(!client_has_audience(c, STR("an audience that nobody writes into a file")));
}

/* A token of the client, with all that it may have, and with one word and one audience. */
static void
check_token(const struct client *c)
{
	static const uint8_t nonce[CLAIMS_NONCE] = { 1 };
	const struct claims_stamp stamp = { INT64_C(253402300799), nonce };
	const struct jwt_key plain = { .header = JWT_HEADER };
	const struct jwt_key *key = rules.ring != NULL ? &ring.key[c->key] : &plain;
	static char text[JWT_MAX];
	struct buf b = buf_over(text, sizeof text);
	struct str left = c->scope, word = STR("");
	struct json doc;

	client_put_claims(&b, c, &rules.claims, &stamp, c->scope, STR(""));
	MUST(!b.bad && jwt_length(key, b.n) <= JWT_MAX);
	MUST(json_parse(&doc, tok, JSON_TOKENS_MAX, buf_str(&b)));
	MUST(json_is(&doc, json_member(&doc, 0, STR("client_id")), c->id));
	MUST((json_member(&doc, 0, STR("scope")) > 0) == (c->scope.n > 0));
	if (c->scope.n > 0)
		MUST(scope_next(&left, &word) && client_has_scope(c, word));
	buf_empty(&b);
	client_put_claims(&b, c, &rules.claims, &stamp, word, STR(""));
	MUST(!b.bad && json_parse(&doc, tok, JSON_TOKENS_MAX, buf_str(&b)));
}

static void
check_client(const struct client *c, const struct node *given)
{
	const struct node *scope = tree_member(given, "scope"),
	    *lifetime = tree_member(given, "expires_in"), *claims = tree_member(given, "claims"),
	    *may = tree_member(given, "may");
	char text[16] = { 0 };
	unsigned rights = 0;

	MUST(str_equal(c->id, tree_member(given, "client_id")->value));
	MUST(clients_find(&clients, c->id) == c);
	MUST(str_equal(c->scope, scope != NULL ? scope->value : STR("")));
	if (lifetime != NULL)
		memcpy(text, lifetime->value.p, lifetime->value.n);
	MUST(c->expires_in == (lifetime != NULL ? strtoul(text, NULL, 10) :
	    rules.claims.expires_in));
	MUST(c->claims.n == (claims != NULL ? tree_compact(claims) - 2 : 0) && c->key == 0);
	for (const struct node *m = may != NULL ? may->first : NULL; m != NULL; m = m->next)
		rights |= m->value.p[0] == 'r' ? CLIENT_REVOKE : m->value.p[1] == 'n' ?
		    CLIENT_INTROSPECT : CLIENT_ISSUE;
	MUST(c->rights == rights);
	check_digests(c, tree_member(given, "secret_sha512"));
	check_aud(c, tree_member(given, "aud"));
	check_token(c);
}

/* The words of all, sorted, each once. */
static void
check_scopes(void)
{
	struct json doc;

	if (clients.scopes.n == 0)
		return;
	MUST(clients.scopes.n <= CLIENTS_SCOPES_MAX);
	MUST(json_parse(&doc, tok, JSON_TOKENS_MAX, clients.scopes) && doc.n > 1);
	for (unsigned i = 1; i < doc.n; i++) {
		bool any = false;

		for (unsigned j = 0; j < clients.n; j++)
			any = any || client_has_scope(&clients.client[j], json_raw(&doc, i).raw);
		MUST(any && (i == 1 || json_compare(json_raw(&doc, i - 1), json_raw(&doc, i)) < 0));
	}
}

static void
set(unsigned flags)
{
	struct str id = STR("k1"), other = STR("k2");
	char text[256];
	struct buf why = buf_over(text, sizeof text);

	if (ring.n == 0) {
		MUST(keys_add_bytes(&ring, str_from(fuzz_keys[1].bytes), &id, &why));
		MUST(keys_add_bytes(&ring, str_from(fuzz_keys[2].bytes), &other, &why));
		ring.key[1].signs = false;
	}
	rules = (struct client_rules){
		.ring = (flags & WITHOUT_RING) != 0 ? NULL : &ring, .claims.expires_in = 60,
		.max_ttl = (flags & SHORT_TTL) != 0 ? 60 : 86400
	};
	if ((flags & ISSUER) != 0)
		rules.claims.issuer = "https://issuer.example";
	if ((flags & AUDIENCES) != 0) {
		rules.audiences = audiences;
		rules.audience_count = 2;
		rules.claims.audience = audiences[0];
	}
}

static char *
make(size_t *made, const uint8_t *data, size_t n)
{
	static char text[FUZZ_TEXT];
	struct buf b = buf_over(text, sizeof text);

	for (size_t i = 0; i < n; i++) {
		if (data[i] == 1)
			buf_text(&b, DIGEST);
		else if (data[i] == '\'')
			buf_text(&b, "\"");
		else if (data[i] != '^')
			buf_put(&b, data + i, 1);
	}
	*made = b.n;
	return fuzz_copy(text, b.n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char message[1024];
	struct buf why = buf_over(message, sizeof message - 1);
	size_t made;
	char *text = make(&made, data + (n > 0), n - (n > 0));
	bool taken;

	set(n > 0 ? data[0] : 0);
	tree_open(text, made);
	clients_wipe(&clients);
	taken = clients_parse(&clients, (struct str){ text, made }, &rules, &why);
	message[why.n] = '\0';
	MUST(taken == (why.n == 0) && !why.bad);
	MUST(is_file() == taken);
	if (taken) {
		MUST(clients.n == founds && text[clients.list_end] == ']');
		for (unsigned i = 0; i < founds; i++)
			check_client(&clients.client[i], found[i]);
		check_scopes();
	} else {
		MUST(strncmp(message, "line ", 5) == 0 && strstr(message, ", byte ") != NULL);
		MUST(strtoul(strstr(message, ", byte ") + 7, NULL, 10) <= made);
	}
	free(text);
	return 0;
}

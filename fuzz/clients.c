/* A clients file, by two readers: clients_parse(), and one that is written down here from the
 * specification alone. They take the same files, and find the same clients in them. Input: a byte of
 * flags, then the file; in it ' stands for a quote, \1 for a digest, and ^ for nothing. */
#include "fuzz/fuzz.h"

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

/* ---- a reader of JSON that builds a tree */

struct node {
	char type;                      /* { [ " 0 t f n */
	struct str value;               /* of a string or a number, unescaped */
	const struct node *name;        /* of a member */
	const struct node *first, *next;
	size_t from, to;                /* where it stands in the file */
};

static struct {
	const char *p;
	size_t n, at;
	unsigned tokens;
	struct node pool[1 << 17];
	size_t used;
	char text[1 << 19];
	size_t text_n;
} in;

static int
peek(void)
{
	return in.at < in.n ? (unsigned char)in.p[in.at] : -1;
}

static void
skip(void)
{
	while (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r')
		in.at++;
}

static bool
expect(int c)
{
	skip();
	if (peek() != c)
		return false;
	in.at++;
	return true;
}

static void
put(unsigned c)
{
	MUST(in.text_n < sizeof in.text);
	in.text[in.text_n++] = (char)c;
}

static void
put_code(unsigned c)
{
	if (c >= 0x10000)
		put(0xf0 | c >> 18);
	else if (c >= 0x800)
		put(0xe0 | c >> 12);
	else if (c >= 0x80)
		put(0xc0 | c >> 6);
	if (c >= 0x10000)
		put(0x80 | (c >> 12 & 63));
	if (c >= 0x800)
		put(0x80 | (c >> 6 & 63));
	put(c >= 0x80 ? 0x80 | (c & 63) : c);
}

static long
hex4(void)
{
	char digits[5] = { 0 }, *end;

	if (in.n - in.at < 4)
		return -1;
	memcpy(digits, in.p + in.at, 4);
	in.at += 4;
	if (strspn(digits, "0123456789abcdefABCDEF") != 4)
		return -1;
	return strtol(digits, &end, 16);
}

/* Behind the backslash. */
static bool
escape(void)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	int c = peek();
	long code, low;

	in.at++;
	if (c > 0 && strchr(from, c) != NULL) {
		put((unsigned char)to[strchr(from, c) - from]);
		return true;
	}
	if (c != 'u' || (code = hex4()) < 0 || (code >= 0xdc00 && code < 0xe000))
		return false;
	if (code >= 0xd800 && code < 0xdc00) {
		if (in.n - in.at < 2 || in.p[in.at] != '\\' || in.p[in.at + 1] != 'u')
			return false;
		in.at += 2;
		low = hex4();
		if (low < 0xdc00 || low > 0xdfff)
			return false;
		code = 0x10000 + (code - 0xd800) * 0x400 + (low - 0xdc00);
	}
	put_code((unsigned)code);
	return true;
}

/* One character of several bytes: it is what its code point is written as. */
static bool
character(void)
{
	size_t from = in.at, start = in.text_n;
	unsigned c = (unsigned char)in.p[in.at++];
	unsigned more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;

	if (c < 0xc0 || c > 0xf7)
		return false;
	c &= 0x3f >> more;
	while (more-- > 0) {
		if (peek() < 0x80 || peek() > 0xbf)
			return false;
		c = c << 6 | ((unsigned char)in.p[in.at++] & 63);
	}
	if (c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return false;
	put_code(c);
	return in.text_n - start == in.at - from &&
	    memcmp(in.text + start, in.p + from, in.at - from) == 0;
}

static bool
string(struct node *node)
{
	size_t start = in.text_n;

	in.at++;
	while (peek() != '"') {
		if (peek() < 0x20)
			return false;
		if (peek() == '\\') {
			in.at++;
			if (!escape())
				return false;
		} else if (peek() >= 0x80) {
			if (!character())
				return false;
		} else {
			put((unsigned)peek());
			in.at++;
		}
	}
	in.at++;
	node->value = (struct str){ in.text + start, in.text_n - start };
	return true;
}

static size_t
digits(void)
{
	size_t from = in.at;

	while (peek() >= '0' && peek() <= '9')
		in.at++;
	return in.at - from;
}

static bool
number(struct node *node)
{
	size_t from = in.at, whole;

	in.at += peek() == '-';
	whole = digits();
	if (whole == 0 || (whole > 1 && in.p[in.at - whole] == '0'))
		return false;
	if (peek() == '.') {
		in.at++;
		if (digits() == 0)
			return false;
	}
	if (peek() == 'e' || peek() == 'E') {
		in.at++;
		in.at += peek() == '-' || peek() == '+';
		if (digits() == 0)
			return false;
	}
	node->value = (struct str){ in.p + from, in.at - from };
	return true;
}

static bool
word(const char *text)
{
	size_t n = strlen(text);

	if (in.n - in.at < n || memcmp(in.p + in.at, text, n) != 0)
		return false;
	in.at += n;
	return true;
}

static const struct node *value(unsigned depth);

/* What stands between brackets. */
static bool
inside(struct node *node, unsigned depth)
{
	const struct node **end = &node->first;
	int close = node->type == '{' ? '}' : ']';
	unsigned members = 0;

	in.at++;
	if (expect(close))
		return true;
	do {
		const struct node *name = NULL, *item;

		if (node->type == '{') {
			skip();
			if (peek() != '"' || (name = value(depth)) == NULL || !expect(':') ||
			    ++members > 128)
				return false;
			for (const struct node *m = node->first; m != NULL; m = m->next)
				if (str_equal(m->name->value, name->value))
					return false;
		}
		item = value(depth);
		if (item == NULL)
			return false;
		((struct node *)item)->name = name;
		*end = item;
		end = &((struct node *)item)->next;
	} while (expect(','));
	return expect(close);
}

/* The value that stands here; NULL: none, or one beyond the limits. */
static const struct node *
value(unsigned depth)
{
	struct node *node = &in.pool[in.used++];
	bool ok;

	MUST(in.used < sizeof in.pool / sizeof in.pool[0]);
	skip();
	*node = (struct node){ .from = in.at };
	if (++in.tokens > 4096 || peek() < 0)
		return NULL;
	node->type = in.p[in.at];
	switch (node->type) {
	case '{': case '[': ok = depth < 32 && inside(node, depth + 1); break;
	case '"': ok = string(node); break;
	case 't': ok = word("true"); break;
	case 'f': ok = word("false"); break;
	case 'n': ok = word("null"); break;
	default: node->type = '0'; ok = number(node);
	}
	node->to = in.at;
	return ok ? node : NULL;
}

/* ---- what SPEC 4.1 says of a client */

static struct key_ring ring;
static struct client_rules rules;
static const char *const audiences[] = { "metrics", "\u00fc" };

static const struct node *
member(const struct node *object, const char *name)
{
	const struct node *m = object->first;

	while (m != NULL && !str_equal(m->name->value, str_from(name)))
		m = m->next;
	return m;
}

static bool
is_one_of(struct str s, const char *words)
{
	char text[32];

	if (s.n == 0 || s.n > 20 || memchr(s.p, ' ', s.n) != NULL || memchr(s.p, 0, s.n) != NULL)
		return false;
	snprintf(text, sizeof text, " %.*s ", (int)s.n, s.p);
	return strstr(words, text) != NULL;
}

static size_t
count(const struct node *list)
{
	size_t n = 0;

	for (const struct node *item = list->first; item != NULL; item = item->next)
		n++;
	return n;
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
	return count(node) >= 1 && count(node) <= 4;
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
	return node->type == '{' && count(node) <= 120;
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

/* Bytes of a value without white space between its tokens. */
static size_t
compact(const struct node *node)
{
	size_t n = 0;
	bool quoted = false;

	for (size_t i = node->from; i < node->to; i++) {
		n += quoted || strchr(" \t\r\n", in.p[i]) == NULL;
		if (in.p[i] == '\\' && quoted)
			n++, i++;
		else if (in.p[i] == '"')
			quoted = !quoted;
	}
	return n;
}

static unsigned
tokens(const struct node *node)
{
	unsigned n = 1;

	for (const struct node *item = node->first; item != NULL; item = item->next)
		n += tokens(item) + (item->name != NULL);
	return n;
}

/* Whether its token keeps to 12,288 bytes and 4,096 names and values, whenever it is made. */
static bool
is_short(const struct node *client)
{
	const struct node *id = member(client, "client_id"), *aud = member(client, "aud"),
	    *scope = member(client, "scope"), *claims = member(client, "claims");
	bool named = rules.ring != NULL;        /* its first key has an id, and signs */
	size_t n = sizeof "{'sub':'','client_id':'','iat':253402300799,'exp':253402300799,'jti':"
	    "'0123456789abcdef0123456789abcdef'}" - 1 + 2 * id->value.n, length;

	if (rules.claims.issuer != NULL)
		n += sizeof "'iss':''," - 1 + strlen(rules.claims.issuer);
	if (aud != NULL || rules.claims.audience != NULL)
		n += sizeof ",'aud':" - 1 + (aud != NULL ? compact(aud) : strlen(
		    rules.claims.audience) + 2);
	if (scope != NULL)
		n += sizeof ",'scope':''" - 1 + scope->value.n;
	if (claims != NULL && claims->first != NULL)
		n += 1 + compact(claims) - 2;
	length = (named ? sizeof "{'typ':'JWT','alg':'HS512','kid':'k1'}" - 1 :
	    sizeof "{'typ':'JWT','alg':'HS512'}" - 1);
	length = (length * 4 + 2) / 3 + 1 + (n * 4 + 2) / 3 + 1 + 86;
	return length <= 12288 && 17 + (aud != NULL ? tokens(aud) - 1 : 0) +
	    (claims != NULL ? tokens(claims) - 1 : 0) <= 4096;
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
	id = member(client, "client_id");
	return id != NULL && id->type == '"' && is_id(id->value) &&
	    member(client, "secret_sha512") != NULL && is_short(client);
}

static const struct node *found[CLIENTS_MAX + 1];
static unsigned founds;

/* Whether the file is one. */
static bool
is_file(void)
{
	const struct node *name;

	founds = 0;
	if (!expect('{'))
		return false;
	skip();
	if (peek() != '"' || (name = value(0)) == NULL ||
	    !str_equal(name->value, STR("clients")) || !expect(':') || !expect('['))
		return false;
	if (!expect(']')) {
		do {
			const struct node *client;

			in.tokens = 0;
			client = value(0);
			if (client == NULL || !is_client(client) || founds == CLIENTS_MAX)
				return false;
			for (unsigned i = 0; i < founds; i++)
				if (str_equal(member(found[i], "client_id")->value,
				    member(client, "client_id")->value))
					return false;
			found[founds++] = client;
		} while (expect(','));
		if (!expect(']'))
			return false;
	}
	if (!expect('}'))
		return false;
	skip();
	return in.at == in.n;
}

/* ---- both, and what they found */

static struct clients clients;
static struct json_tok tok[JSON_TOKENS_MAX];

/* The other reader's digests, those of the file in their order. */
static void
check_digests(const struct client *c, const struct node *given)
{
	const struct node *item = given->type == '[' ? given->first : given;

	MUST(c->digests == (given->type == '[' ? count(given) : 1) && c->first > 0 &&
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
	MUST(c->aud.n == compact(given) && doc.n == tokens(given));
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
	const struct node *scope = member(given, "scope"), *lifetime = member(given, "expires_in"),
	    *claims = member(given, "claims"), *may = member(given, "may");
	char text[16] = { 0 };
	unsigned rights = 0;

	MUST(str_equal(c->id, member(given, "client_id")->value));
	MUST(clients_find(&clients, c->id) == c);
	MUST(str_equal(c->scope, scope != NULL ? scope->value : STR("")));
	if (lifetime != NULL)
		memcpy(text, lifetime->value.p, lifetime->value.n);
	MUST(c->expires_in == (lifetime != NULL ? strtoul(text, NULL, 10) :
	    rules.claims.expires_in));
	MUST(c->claims.n == (claims != NULL ? compact(claims) - 2 : 0) && c->key == 0);
	for (const struct node *m = may != NULL ? may->first : NULL; m != NULL; m = m->next)
		rights |= m->value.p[0] == 'r' ? CLIENT_REVOKE : m->value.p[1] == 'n' ?
		    CLIENT_INTROSPECT : CLIENT_ISSUE;
	MUST(c->rights == rights);
	check_digests(c, member(given, "secret_sha512"));
	check_aud(c, member(given, "aud"));
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
		MUST(keys_add(&ring, str_from(fuzz_keys[1].bytes), &id, &why));
		MUST(keys_add(&ring, str_from(fuzz_keys[2].bytes), &other, &why));
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
	char *text = make(&in.n, data + (n > 0), n - (n > 0));
	bool taken;

	set(n > 0 ? data[0] : 0);
	in.p = text;
	in.at = in.used = in.text_n = 0;
	clients_wipe(&clients);
	taken = clients_parse(&clients, (struct str){ text, in.n }, &rules, &why);
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
		MUST(strtoul(strstr(message, ", byte ") + 7, NULL, 10) <= in.n);
	}
	free(text);
	return 0;
}

/* The clients file: what it may say, each limit on both sides, who is let in by it, and what tokens
 * of clients say. JSON stands here with ' in the place of ". */
#include "test/test.h"

#include "system/sandbox.h"
#include "token/clients.h"
#include "token/scope.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define COUNT(array) (sizeof (array) / sizeof (array)[0])
#define SHOW(s) (int)(s).n, (s).p

/* SHA-512 of "a", of "b" and of nothing: Python's hashlib. */
#define A \
    "1f40fc92da241694750979ee6cf582f2d5d7d28e18335de05abc54d0560e0f53" \
    "02860c652bf08d560252aa5e74210546f369fbbbce8c12cfc7957b2652fe9a75"
#define B \
    "5267768822ee624d48fce15ec5ca79cbd602cb7f4c2157a516556991f22ef8c7" \
    "b5ef7b18d1ff41c59370efb0858651d44a936c11b7b144c48fe04df3c6a3e8da"
#define A_REST \
    "f40fc92da241694750979ee6cf582f2d5d7d28e18335de05abc54d0560e0f53" \
    "02860c652bf08d560252aa5e74210546f369fbbbce8c12cfc7957b2652fe9a75"
#define EMPTY \
    "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce" \
    "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e"
#define CLIENT(id) "'client_id':'" id "','secret_sha512':'" A "'"
#define FILE_OF(members) "{'clients':[{" members "}]}"
enum { BIG = CLIENTS_FILE_MAX + (1 << 20) };

static const char *const audiences[] = { "metrics", "\u00fc\"" };
static struct clients clients;
static struct key_ring ring;
static struct client_rules rules;
static char memory[BIG], why[1024];
static struct buf text, message;

/* The tests are no good where these calls fail. */
static void
must(bool ok, const char *what)
{
	if (!ok) {
		perror(what);
		exit(2);
	}
}

/* Keys "k1", "k2", which may not sign, and one without an id; the first signs where none is named. */
static void
fill_ring(void)
{
	static char key[3][64];
	struct str k1 = STR("k1"), k2 = STR("k\"2");
	struct buf b = buf_over(why, sizeof why);

	for (unsigned i = 0; i < 3; i++)
		for (unsigned j = 0; j < 64; j++)
			key[i][j] = (char)(j * 7 + i);
	keys_wipe(&ring);
	must(keys_add_bytes(&ring, (struct str){ key[0], 64 }, &k1, &b) &&
	    keys_add_bytes(&ring, (struct str){ key[1], 64 }, &k2, &b) &&
	    keys_add_bytes(&ring, (struct str){ key[2], 64 }, NULL, &b), "keys");
	ring.key[1].signs = false;
	rules = (struct client_rules){ .ring = &ring, .claims.expires_in = 3600,
	    .audiences = audiences, .audience_count = 0, .max_ttl = 86400 };
}

static bool
parse_text(struct str s)
{
	bool ok;

	clients_wipe(&clients);
	message = buf_over(why, sizeof why - 1);
	ok = clients_parse(&clients, s, &rules, &message);
	why[message.n] = '\0';
	CHECK(ok == (message.n == 0) && !message.bad, "%.*s: '%s'", (int)(s.n < 300 ? s.n : 300),
	    s.p, why);
	return ok;
}

/* Text behind what there is, ' become ". */
static void
add(const char *s)
{
	size_t start = text.n;

	buf_text(&text, s);
	for (size_t i = start; i < text.n; i++)
		if (text.p[i] == '\'')
			text.p[i] = '"';
}

static void
add_number(uint64_t n)
{
	buf_number(&text, n);
}

static void
add_times(const char *s, size_t times)
{
	while (times-- > 0)
		add(s);
}

static void
begin(void)
{
	text = buf_over(memory, sizeof memory);
}

/* The text that was added; and where it is short, flush against an unreadable page. */
static bool
parse_added(void)
{
	must(!text.bad, "text");
	return parse_text(buf_str(&text));
}

static bool
parse_flush(void)
{
	return parse_text((struct str){ test_flush(0, text.p, text.n), text.n });
}

static bool
parse(const char *json)
{
	begin();
	add(json);
	return parse_flush();
}

static const struct client *
only(void)
{
	return &clients.client[0];
}

#define ID "client_id takes 1 to 64 of A-Z a-z 0-9 - _ . ~"
#define DIGEST "secret_sha512 takes 128 lowercase hexadecimal digits, or an array of 1 to 4 such " \
    "digests, none of the empty string; 'jwtd client ID' makes one"
#define SCOPE "scope takes words of RFC 6749 3.3, each once, single spaces between"
#define AUD "aud takes a string, or an array of strings that is not empty"
#define SECONDS "expires_in takes a whole number of seconds from 1 to --max-ttl"
#define OURS "claims takes an object of at most 120 members, without iss, sub, aud, exp, nbf, " \
    "iat, jti, client_id and scope"
#define MAY "may takes an array of introspect, revoke, issue, each once at most"
#define LONG "its token could be larger than 12,288 bytes or 4,096 names and values: give it less " \
    "scope, aud or claims"
#define KNOWN "; a client has client_id, secret_sha512, scope, aud, expires_in, claims, kid and may"
#define KID "kid takes the id of a key that may sign (--key-file)"
#define NEEDS "a client needs client_id and secret_sha512"
#define SAME "another client has the same client_id"
#define ONLY "; the file has clients and nothing else"
#define TEN "0123456789"
#define OBJECT "an object with the one member clients is wanted"
#define MALFORMED "malformed JSON: "

/* Files with a mistake: at the mark ^, which is not in the file, this client, what is said. */
static const struct {
	const char *json, *client, *phrase;
} wrong[] = {
	{ "^", NULL, OBJECT },
	{ "\n \n^", NULL, OBJECT },
	{ "^[]", NULL, OBJECT },
	{ "^'clients'", NULL, OBJECT },
	{ "^\xef\xbb\xbf{'clients':[]}", NULL, OBJECT },
	{ "{^}", NULL, OBJECT },
	{ "{^clients:[]}", NULL, OBJECT },
	{ "{'clients' ^[]}", NULL, MALFORMED "colon expected" },
	{ "{'clients^", NULL, MALFORMED "string without an end" },
	{ "{^'client':[]}", NULL, "unknown member \"client\"" ONLY },
	{ "{\n'clients':[],\n^'keys':[]}", NULL, "unknown member \"keys\"" ONLY },
	{ "{'clients':[],'clients':^[]}", NULL, "clients stands here a second time" },
	{ "{'clients':[],'\\u0063lients':^[]}", NULL, "clients stands here a second time" },
	{ "{'clients':[],^}", NULL, OBJECT },
	{ "{'clients':^{}}", NULL, "clients is an array" },
	{ "{'clients':^null}", NULL, "clients is an array" },
	{ "{'clients':[]^", NULL, MALFORMED "closing brace expected" },
	{ "{'clients':[]^]", NULL, MALFORMED "closing brace expected" },
	{ "{'clients':[]} ^{}", NULL, MALFORMED "something follows the value" },
	{ "{'clients':[^", "1 of the list", MALFORMED "value expected" },
	{ "{'clients':[^,", "1 of the list", MALFORMED "value expected" },
	{ "{'clients':[{" CLIENT("a") "}^", NULL, MALFORMED "comma or closing bracket expected" },
	{ "{'clients':[{" CLIENT("a") "}^}", NULL, MALFORMED "comma or closing bracket expected" },
	{ "{'clients':[{" CLIENT("a") "},^]}", "2 of the list", MALFORMED "value expected" },
	{ FILE_OF("'client_id':'a' ^'x'"), "1 of the list", MALFORMED
	  "comma or closing brace expected" },
	{ FILE_OF(CLIENT("a") ",\n'scope':'^\xff'"), "1 of the list", MALFORMED "not UTF-8" },
	{ FILE_OF(CLIENT("a") ",^'client_id':'a'"), "1 of the list", MALFORMED
	  "duplicate member name" },
	{ FILE_OF(CLIENT("a") ",'claims':{'a':1,^'\\u0061':1}"), "1 of the list", MALFORMED
	  "duplicate member name" },
	{ "{'clients':[^'a']}", "1 of the list", "a client is an object" },
	{ "{'clients':[^[]]}", "1 of the list", "a client is an object" },
	{ "{'clients':[^{}]}", "1 of the list", NEEDS },
	{ "{'clients':[^{'secret_sha512':'" A "'}]}", "1 of the list", NEEDS },
	{ "{'clients':[\n\n^{'client_id':'prom'}]}", "prom",
	  NEEDS },
	{ FILE_OF("'client_id':^''"), "1 of the list", ID },
	{ FILE_OF("'client_id':^'a b'"), "1 of the list", ID },
	{ FILE_OF("'client_id':^'\u00e9'"), "1 of the list", ID },
	{ FILE_OF("'client_id':^'a\\u0000'"), "1 of the list", ID },
	{ FILE_OF("'client_id':^'a+b'"), "1 of the list", ID },
	{ FILE_OF("'client_id':^'a:b'"), "1 of the list", ID },
	{ FILE_OF("'client_id':^7"), "1 of the list", ID },
	{ FILE_OF("'client_id':^['a']"), "1 of the list", ID },
	{ "{'clients':[{" CLIENT("a") "},\n^{" CLIENT("\\u0061") "}]}", "2 of the list", SAME },
	{ "{'clients':[{" CLIENT("a") "},{" CLIENT("b") "},^{" CLIENT("a") "}]}", "a", SAME },
	{ FILE_OF("'client_id':'a','secret_sha512':^null"), "a", DIGEST },
	{ FILE_OF("'secret_sha512':^'','client_id':'a'"), "a", DIGEST },
	{ FILE_OF("'client_id':'a','secret_sha512':^'" A "0'"), "a", DIGEST },
	{ FILE_OF("'client_id':'a','secret_sha512':^'\\u0031" A_REST "0'"), "a", DIGEST },
	{ FILE_OF("'client_id':'a','secret_sha512':^'" A_REST "'"), "a", DIGEST },
	{ FILE_OF("'client_id':'a','secret_sha512':^'g" A_REST "'"), "a", DIGEST },
	{ FILE_OF("'client_id':'a','secret_sha512':^'A" A_REST "'"), "a", DIGEST },
	{ FILE_OF("'client_id':'a','secret_sha512':^' " A_REST "'"), "a", DIGEST },
	{ FILE_OF("'client_id':'a','secret_sha512':['" A "',^0]"), "a", DIGEST },
	{ FILE_OF("'client_id':'a','secret_sha512':[^['" A "']]"), "a", DIGEST },
	{ FILE_OF("'client_id':'a','secret_sha512':^{'" A "':1}"), "a", DIGEST },
	{ FILE_OF("'client_id':'a','secret_sha512':^[]"), "a", DIGEST },
	{ FILE_OF("'client_id':'a','secret_sha512':['" A "','" A "','" A "','" A "',^'" A "']"),
	  "a", DIGEST },
	{ FILE_OF("'client_id':'a','secret_sha512':^'" EMPTY "'"), "a", DIGEST },
	{ FILE_OF("'client_id':'a','secret_sha512':['" A "',^'" EMPTY "']"), "a", DIGEST },
	{ FILE_OF(CLIENT("a") ",^'client_secret':'b'"), "a", "unknown member \"client_secret\""
	  KNOWN },
	{ FILE_OF("^'Scope':'a'," CLIENT("a")), "a", "unknown member \"Scope\"" KNOWN },
	{ FILE_OF(CLIENT("a") ",^'':1"), "a", "unknown member \"\"" KNOWN },
	{ FILE_OF(CLIENT("a") ",^'" TEN TEN TEN TEN TEN TEN "4567':1"), "a", "unknown member \""
	  TEN TEN TEN TEN TEN TEN "456" KNOWN },
	{ FILE_OF(CLIENT("a") ",'scope':^['a']"), "a", SCOPE },
	{ FILE_OF(CLIENT("a") ",'scope':^null"), "a", SCOPE },
	{ FILE_OF(CLIENT("a") ",'scope':^''"), "a", SCOPE },
	{ FILE_OF(CLIENT("a") ",'scope':^' '"), "a", SCOPE },
	{ FILE_OF(CLIENT("a") ",'scope':^' a'"), "a", SCOPE },
	{ FILE_OF(CLIENT("a") ",'scope':^'a '"), "a", SCOPE },
	{ FILE_OF(CLIENT("a") ",'scope':^'a  b'"), "a", SCOPE },
	{ FILE_OF(CLIENT("a") ",'scope':^'a\\tb'"), "a", SCOPE },
	{ FILE_OF(CLIENT("a") ",'scope':^'a,\\u0022b'"), "a", SCOPE },
	{ FILE_OF(CLIENT("a") ",'scope':^'a\\\\b'"), "a", SCOPE },
	{ FILE_OF(CLIENT("a") ",'scope':^'\u00e9'"), "a", SCOPE },
	{ FILE_OF(CLIENT("a") ",'scope':^'a\x7f'"), "a", SCOPE },
	{ FILE_OF(CLIENT("a") ",'scope':^'b a b'"), "a", SCOPE },
	{ FILE_OF(CLIENT("a") ",'scope':^'ab a \\u0061b'"), "a", SCOPE },
	{ FILE_OF(CLIENT("a") ",'aud':^[]"), "a", AUD },
	{ FILE_OF(CLIENT("a") ",'aud':^null"), "a", AUD },
	{ FILE_OF(CLIENT("a") ",'aud':^{}"), "a", AUD },
	{ FILE_OF(CLIENT("a") ",'aud':['a',^1]"), "a", AUD },
	{ FILE_OF(CLIENT("a") ",'aud':[^['a']]"), "a", AUD },
	{ FILE_OF(CLIENT("a") ",'expires_in':^0"), "a", SECONDS },
	{ FILE_OF(CLIENT("a") ",'expires_in':^-1"), "a", SECONDS },
	{ FILE_OF(CLIENT("a") ",'expires_in':^1.0"), "a", SECONDS },
	{ FILE_OF(CLIENT("a") ",'expires_in':^6e2"), "a", SECONDS },
	{ FILE_OF(CLIENT("a") ",'expires_in':^'600'"), "a", SECONDS },
	{ FILE_OF(CLIENT("a") ",'expires_in':^null"), "a", SECONDS },
	{ FILE_OF(CLIENT("a") ",'expires_in':^86401"), "a", SECONDS },
	{ FILE_OF(CLIENT("a") ",'expires_in':^99999999999999999999999999"), "a", SECONDS },
	{ FILE_OF(CLIENT("a") ",'claims':^[]"), "a", OURS },
	{ FILE_OF(CLIENT("a") ",'claims':^'a'"), "a", OURS },
	{ FILE_OF(CLIENT("a") ",'claims':{'a':1,^'iss':1}"), "a", OURS },
	{ FILE_OF(CLIENT("a") ",'claims':{^'sub':1}"), "a", OURS },
	{ FILE_OF(CLIENT("a") ",'claims':{^'aud':1}"), "a", OURS },
	{ FILE_OF(CLIENT("a") ",'claims':{^'exp':1}"), "a", OURS },
	{ FILE_OF(CLIENT("a") ",'claims':{^'nbf':1}"), "a", OURS },
	{ FILE_OF(CLIENT("a") ",'claims':{^'iat':1}"), "a", OURS },
	{ FILE_OF(CLIENT("a") ",'claims':{^'jti':1}"), "a", OURS },
	{ FILE_OF(CLIENT("a") ",'claims':{^'client_id':1}"), "a", OURS },
	{ FILE_OF(CLIENT("a") ",'claims':{^'s\\u0063ope':1}"), "a", OURS },
	{ FILE_OF(CLIENT("a") ",'kid':^1"), "a", KID },
	{ FILE_OF(CLIENT("a") ",'kid':^'k3'"), "a", KID },
	{ FILE_OF(CLIENT("a") ",'kid':^''"), "a", KID },
	{ FILE_OF(CLIENT("a") ",'kid':^'k\\u00222'"), "a", KID },
	{ FILE_OF(CLIENT("a") ",'may':^'issue'"), "a", MAY },
	{ FILE_OF(CLIENT("a") ",'may':^{'issue':true}"), "a", MAY },
	{ FILE_OF(CLIENT("a") ",'may':['issue',^'Revoke']"), "a", MAY },
	{ FILE_OF(CLIENT("a") ",'may':['issue','revoke',^'issue']"), "a", MAY },
	{ FILE_OF(CLIENT("a") ",'may':[^true]"), "a", MAY },
};

/* The message for a fault at the mark, which is taken out of the text. */
static const char *
expected(const char *client, const char *phrase)
{
	static char line[1024];
	char *mark = memchr(text.p, '^', text.n);
	unsigned lines = 1;

	must(mark != NULL, "no mark");
	for (char *p = text.p; p < mark; p++)
		lines += *p == '\n';
	memmove(mark, mark + 1, (size_t)(text.p + text.n-- - mark) - 1);
	snprintf(line, sizeof line, "line %u, byte %zu%s%s: %s", lines, (size_t)(mark - text.p),
	    client != NULL ? ", client " : "", client != NULL ? client : "", phrase);
	return line;
}

static void
test_wrong(void)
{
	for (size_t i = 0; i < COUNT(wrong); i++) {
		const char *want;

		begin();
		add(wrong[i].json);
		want = expected(wrong[i].client, wrong[i].phrase);
		CHECK(!parse_flush(), "accepted: %s", wrong[i].json);
		CHECK(strcmp(why, want) == 0, "%s: '%s', not '%s'", wrong[i].json, why, want);
	}
}

/* What a client may say, and what it comes to. */
static const struct {
	const char *members, *id, *scope, *aud, *claims;
	unsigned expires_in, rights, digests, key;
} right[] = {
	{ CLIENT("prom"), "prom", "", "", "", 3600, 0, 1, 0 },
	{ "'secret_sha512':['" A "','" B "'],'client_id':'A-Z_09.~'", "A-Z_09.~", "", "", "", 3600,
	  0, 2, 0 },
	{ " 'client\\u005fid' :\n'p\\u0072om' , 'secret_sha512' : [ '" A "' ] ", "prom", "", "", "",
	  3600, 0, 1, 0 },
	{ "'client_id':'a','secret_sha512':'\\u0031" A_REST "'", "a", "", "", "", 3600, 0, 1, 0 },
	{ CLIENT("a") ",'scope':'metrics.read'", "a", "metrics.read", "", "", 3600, 0, 1, 0 },
	{ CLIENT("a") ",'scope':'b a !#[]~ B'", "a", "b a !#[]~ B", "", "", 3600, 0, 1, 0 },
	{ CLIENT("a") ",'scope':'\\u0061\\u0020b'", "a", "a b", "", "", 3600, 0, 1, 0 },
	{ CLIENT("a") ",'aud':'x'", "a", "", "'x'", "", 3600, 0, 1, 0 },
	{ CLIENT("a") ",'aud':[ 'x' , '\\u0079' ]", "a", "", "['x','\\u0079']", "", 3600, 0, 1, 0 },
	{ CLIENT("a") ",'aud':['']", "a", "", "['']", "", 3600, 0, 1, 0 },
	{ CLIENT("a") ",'expires_in':1", "a", "", "", "", 1, 0, 1, 0 },
	{ CLIENT("a") ",'expires_in':86400", "a", "", "", "", 86400, 0, 1, 0 },
	{ CLIENT("a") ",'claims':{}", "a", "", "", "", 3600, 0, 1, 0 },
	{ CLIENT("a") ",'claims':{ 'groups' : [ 'o ps' , 1.50 ] , 'x' : { } }", "a", "", "",
	  "'groups':['o ps',1.50],'x':{}", 3600, 0, 1, 0 },
	{ CLIENT("a") ",'claims':{'a':{'iss':1,'scope':2}}", "a", "", "",
	  "'a':{'iss':1,'scope':2}", 3600, 0, 1, 0 },
	{ CLIENT("a") ",'kid':'k\\u0031'", "a", "", "", "", 3600, 0, 1, 0 },
	{ CLIENT("a") ",'kid':'k3'", "a", "", "", "", 3600, 0, 1, 3 },
	{ CLIENT("a") ",'may':[]", "a", "", "", "", 3600, 0, 1, 0 },
	{ CLIENT("a") ",'may':['introspect']", "a", "", "", "", 3600, CLIENT_INTROSPECT, 1, 0 },
	{ CLIENT("a") ",'may':['revoke']", "a", "", "", "", 3600, CLIENT_REVOKE, 1, 0 },
	{ CLIENT("a") ",'may':['issue']", "a", "", "", "", 3600, CLIENT_ISSUE, 1, 0 },
	{ CLIENT("a") ",'may':['issue','intro\\u0073pect','revoke']", "a", "", "", "", 3600,
	  CLIENT_INTROSPECT | CLIENT_REVOKE | CLIENT_ISSUE, 1, 0 },
};

static struct str
quoted(const char *row)
{
	static char copy[256];
	size_t n = strlen(row);

	for (size_t i = 0; i < n; i++)
		copy[i] = row[i] == '\'' ? '"' : row[i];
	return (struct str){ copy, n };
}

static void
test_right(void)
{
	struct str k3 = STR("k3");
	char key[64];
	struct buf b = buf_over(why, sizeof why);

	for (unsigned i = 0; i < sizeof key; i++)
		key[i] = (char)(i * 5 + 3);
	must(keys_add_bytes(&ring, (struct str){ key, sizeof key }, &k3, &b), "k3");
	for (size_t i = 0; i < COUNT(right); i++) {
		const struct client *c = only();
		const char *row = right[i].members;

		begin();
		add("{'clients':[{");
		add(row);
		add("}]}");
		CHECK(parse_flush() && clients.n == 1, "%s: %s", row, why);
		CHECK_BYTES(c->id, quoted(right[i].id), "id of %s", row);
		CHECK_BYTES(c->scope, quoted(right[i].scope), "scope of %s", row);
		CHECK_BYTES(c->aud, quoted(right[i].aud), "aud of %s", row);
		CHECK_BYTES(c->claims, quoted(right[i].claims), "claims of %s", row);
		CHECK(c->expires_in == right[i].expires_in && c->rights == right[i].rights &&
		    c->digests == right[i].digests && c->key == right[i].key,
		    "%s: %u seconds, rights %u, %u digests, key %u", row, c->expires_in, c->rights,
		    c->digests, c->key);
		for (unsigned r = CLIENT_INTROSPECT; r <= CLIENT_ISSUE; r *= 2)
			CHECK(client_may(c, (enum client_right)r) == ((right[i].rights & r) != 0),
			    "%s: right %u", row, r);
		CHECK(clients_find(&clients, c->id) == c, "%s is not found", row);
	}
	fill_ring();
	CHECK(parse(" { 'clients' :\n[ ] } \n") && clients.n == 0 && clients.list_end == 17,
	    "no clients: %s, %zu", why, clients.list_end);
	CHECK(parse("{'clients':[{" CLIENT("b") "} , \n {" CLIENT("a") "} ]}") && clients.n == 2 &&
	    clients.by_id[0] == 1 && clients.by_id[1] == 0 &&
	    text.p[clients.list_end] == ']', "two: %s", why);
}

/* Where there are no keys, no kid is looked up, and the token is as long as one without. */
static void
test_no_ring(void)
{
	rules.ring = NULL;
	CHECK(parse(FILE_OF(CLIENT("a") ",'kid':'nowhere'")) && only()->key == 0, "%s", why);
	CHECK(!parse(FILE_OF(CLIENT("a") ",'kid':1")), "a kid that is none");
	fill_ring();
}

/* `unit` between others, so often. */
static bool
parse_times(const char *front, const char *unit, size_t times, const char *back)
{
	begin();
	add("{'clients':[{" CLIENT("a") ",");
	add(front);
	add_times(unit, times);
	add(back);
	add("}]}");
	return parse_added();
}

static bool
parse_id(size_t n)
{
	begin();
	add("{'clients':[{'secret_sha512':'" A "','client_id':'");
	add_times("x", n);
	add("'}]}");
	return parse_added();
}

static bool
parse_digests(size_t n)
{
	begin();
	add("{'clients':[{'client_id':'a','secret_sha512':['" B "'");
	add_times(",'" A "'", n - 1);
	add("]}]}");
	return parse_added();
}

static bool
parse_members(size_t n)
{
	begin();
	add("{'clients':[{" CLIENT("a") ",'claims':{'x':0");
	for (size_t i = 1; i < n; i++) {
		add(",'");
		add_number(i);
		add("':1");
	}
	add("}}]}");
	return parse_added();
}

/* A client whose token has so many names and values: 17 that are always there, one that names a
 * claim, its array, and what that holds. */
static bool
parse_tokens(size_t n)
{
	return parse_times("'claims':{'a':[0", ",1", n - 20, "]}");
}

/* The claims of a client that has nothing but so many bytes of claims, in the last year. */
static size_t
claims_length(size_t claims)
{
	return strlen("{\"sub\":\"a\",\"client_id\":\"a\",\"iat\":253402300799,"
	    "\"exp\":253402304399,\"jti\":\"0123456789abcdef0123456789abcdef\",}") + claims;
}

/* How long the claims may be where the token is as long as it may be. */
static size_t
longest(void)
{
	size_t n = 0;

	while (jwt_length(&ring.key[0], claims_length(n + 1)) <= JWT_MAX)
		n++;
	return n;
}

static void
test_limits(void)
{
	size_t most = longest();

	CHECK(parse_id(CLIENT_ID_MAX) && only()->id.n == CLIENT_ID_MAX, "%s", why);
	CHECK(!parse_id(CLIENT_ID_MAX + 1) && strstr(why, ID) != NULL, "'%s'", why);
	CHECK(parse_digests(CLIENT_DIGESTS) && only()->digests == CLIENT_DIGESTS, "%s", why);
	CHECK(!parse_digests(CLIENT_DIGESTS + 1), "five digests");
	CHECK(parse_members(CLIENT_CLAIMS_MAX), "%s", why);
	CHECK(!parse_members(CLIENT_CLAIMS_MAX + 1) &&
	    strstr(why, OURS) != NULL, "'%s'", why);
	CHECK(parse_tokens(JSON_TOKENS_MAX), "%s", why);
	CHECK(!parse_tokens(JSON_TOKENS_MAX + 1) &&
	    strstr(why, LONG) != NULL, "'%s'", why);
	CHECK(parse_times("'aud':['x'", ",''", JSON_TOKENS_MAX - 19, "]") == false &&
	    strstr(why, LONG) != NULL, "'%s'", why);
	CHECK(parse_times("'claims':{'a':", "[", 30, "1") == false, "open");
	CHECK(parse_times("'claims':{'a':[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1", "]", 30, "}") &&
	    only()->claims.n == 65, "30 arrays in claims in a client: %s", why);
	CHECK(!parse_times("'claims':{'a':[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1", "]", 31, "}") &&
	    strstr(why, "nested deeper than 32") != NULL, "'%s'", why);
	CHECK(parse_times("'claims':{'a':'", "x", most - 6, "'}"), "%s", why);
	CHECK(!parse_times("'claims':{'a':'", "x", most - 5, "'}") && strstr(why, LONG) != NULL,
	    "'%s'", why);
	CHECK(parse_times("'scope':'", "x", most - 10, "'"), "%s", why);
	CHECK(!parse_times("'scope':'", "x", most - 9, "'") && strstr(why, LONG) != NULL, "'%s'",
	    why);
	CHECK(!parse_times("'scope':'", "x", JWT_MAX + 1, "'") && strstr(why, LONG) != NULL,
	    "'%s'", why);
	CHECK(parse_times("'aud':['", "x", most - 10, "']"), "%s", why);
	CHECK(!parse_times("'aud':['", "x", most - 9, "']") && strstr(why, LONG) != NULL, "'%s'",
	    why);
	rules.max_ttl = 1;
	CHECK(parse(FILE_OF(CLIENT("a") ",'expires_in':1")), "%s", why);
	CHECK(!parse(FILE_OF(CLIENT("a") ",'expires_in':2")) && strstr(why, SECONDS) != NULL,
	    "'%s'", why);
	rules.max_ttl = UINT32_MAX;
	CHECK(parse(FILE_OF(CLIENT("a") ",'expires_in':4294967295")) &&
	    only()->expires_in == UINT32_MAX, "%s", why);
	fill_ring();
}

/* The longest that was let in makes a token of just so many bytes, which is taken back. */
static void
test_longest(void)
{
	static struct jwt_scratch scratch;
	static char claims[JWT_MAX], token[2 * JWT_MAX], decoded[2 * JWT_MAX];
	const uint8_t nonce[CLAIMS_NONCE] = { 0 };
	const struct claims_stamp stamp = { INT64_C(253402300799), nonce };
	struct buf b = buf_over(claims, sizeof claims), t = buf_over(token, sizeof token);
	struct jwt jwt;

	CHECK(parse_times("'claims':{'a':'", "x", longest() - 6, "'}"), "%s", why);
	client_put_claims(&b, only(), &rules.claims, &stamp, only()->scope, STR(""));
	jwt_mint(&t, &ring.key[0], buf_str(&b));
	scratch.text = buf_over(decoded, sizeof decoded);
	CHECK(!t.bad && t.n <= JWT_MAX && t.n > JWT_MAX - 3, "%zu bytes", t.n);
	CHECK(jwt_open(&jwt, &scratch, buf_str(&t)) && keys_verify(&ring, &jwt) == JWT_GOOD,
	    "it is not taken back");
	CHECK(parse_tokens(JSON_TOKENS_MAX), "%s", why);
	buf_empty(&b);
	buf_empty(&t);
	client_put_claims(&b, only(), &rules.claims, &stamp, only()->scope, STR(""));
	jwt_mint(&t, &ring.key[0], buf_str(&b));
	scratch.text = buf_over(decoded, sizeof decoded);
	CHECK(jwt_open(&jwt, &scratch, buf_str(&t)) && jwt.doc.n == JSON_TOKENS_MAX - 6,
	    "%u tokens: no iss, aud and scope", jwt.doc.n);
}

/* `n` clients "c0", "c1" and so on, in an order that is none. */
static void
add_many(unsigned n)
{
	begin();
	add("{'clients': [\n");
	for (unsigned i = 0; i < n; i++) {
		add(i > 0 ? ",\n{'client_id':'c" : "{'client_id':'c");
		add_number((i * 611) % n);
		add("','secret_sha512':'");
		buf_hex(&text, (const uint8_t[8]){ (uint8_t)(i >> 8), (uint8_t)i, 1 }, 8);
		add(&A[16]);
		add("','scope':'s");
		add_number(i % 300);
		add("'}");
	}
	add("]}");
}

static void
test_many(void)
{
	unsigned found = 0, sorted = 0;
	char last[128];

	add_many(CLIENTS_MAX);
	CHECK(parse_added() && clients.n == CLIENTS_MAX, "%u clients: %s", clients.n, why);
	for (unsigned i = 0; i < clients.n; i++) {
		char id[16];
		int n = snprintf(id, sizeof id, "c%u", (i * 611) % CLIENTS_MAX);

		found += clients_find(&clients, (struct str){ id, (size_t)n }) == &clients.client[i];
		id[n++] = 'x';
		found += clients_find(&clients, (struct str){ id, (size_t)n }) == NULL;
		if (i > 0)
			sorted += json_compare(
			    (struct json_string){ clients.client[clients.by_id[i - 1]].id, false },
			    (struct json_string){ clients.client[clients.by_id[i]].id, false }) < 0;
	}
	CHECK(found == 2 * CLIENTS_MAX && sorted == CLIENTS_MAX - 1, "%u are found, %u sorted",
	    found, sorted);
	CHECK(clients_find(&clients, STR("")) == NULL && clients_find(&clients, STR("c")) == NULL &&
	    clients_find(&clients, STR("d")) == NULL && clients_find(&clients, STR("C0")) == NULL,
	    "what is not there");
	add_many(CLIENTS_MAX + 1);
	snprintf(last, sizeof last, "line 1026, byte %zu, client 1025 of the list: there are more "
	    "than 1,024 clients", (size_t)((char *)memrchr(text.p, '{', text.n) - text.p));
	CHECK(!parse_added() && strcmp(why, last) == 0, "'%s', not '%s'", why, last);
	add_many(CLIENTS_MAX);
	text.n -= 2;
	add(",]}");
	CHECK(!parse_added() && strstr(why, "value expected") != NULL, "'%s'", why);
}

/* Words of all scopes: sorted, each once, up to so many bytes. */
static void
test_scopes(void)
{
	CHECK(parse("{'clients':[]}") && clients.scopes.n == 0, "none");
	CHECK(parse(FILE_OF(CLIENT("a"))) && clients.scopes.n == 0, "none");
	CHECK(parse("{'clients':[{" CLIENT("a") ",'scope':'b ab !'},{" CLIENT("b") "},{" CLIENT("c")
	    ",'scope':'a ab abc ~'}]}"), "%s", why);
	CHECK_BYTES(clients.scopes, STR("[\"!\",\"a\",\"ab\",\"abc\",\"b\",\"~\"]"), "scopes");
	for (unsigned more = 0; more < 2; more++) {     /* 1 + 407 * 10 + 25: 4,096 bytes */
		begin();
		add("{'clients':[{" CLIENT("a") ",'scope':'1234567890123456789012");
		add(more > 0 ? "3" : "");
		for (unsigned n = 0; n < 407; n++) {
			add(" w");
			add_number(100000 + n);
		}
		add("'},{" CLIENT("b") ",'scope':'w100000'}]}");
		CHECK(parse_added() && clients.scopes.n == (more > 0 ? 0 : CLIENTS_SCOPES_MAX),
		    "%zu bytes: %s", clients.scopes.n, why);
	}
}

/* The words of a scope, up to what is none. */
static void
test_scope_words(void)
{
	static const struct {
		const char *scope;
		unsigned words;
		bool whole;
	} row[] = {
		{ "", 0, false }, { "a", 1, true }, { "a b", 2, true }, { "ab cd e", 3, true },
		{ " ", 0, false }, { " a", 0, false }, { "a ", 0, false }, { "a b ", 1, false },
		{ "a  b", 1, false }, { "a\tb", 0, false }, { "a\"", 0, false }, { "\\", 0, false },
		{ "a b\x7f", 1, false }, { "a \x80", 1, false }, { "!#[]~", 1, true },
	};

	for (size_t i = 0; i < COUNT(row); i++) {
		size_t n = strlen(row[i].scope);
		struct str left = { test_flush(0, row[i].scope, n), n }, word;
		unsigned words = 0;
		bool ok = true;

		while (ok && (left.n > 0 || words == 0)) {
			ok = scope_next(&left, &word);
			words += ok;
		}
		CHECK(words == row[i].words && ok == row[i].whole, "'%s': %u words", row[i].scope,
		    words);
	}
}

/* No more words than a set holds. */
static void
test_word_set(void)
{
	static struct scope_words set;
	unsigned added = 0;

	begin();
	for (unsigned i = 0; i <= SCOPE_WORDS_MAX; i++) {
		add_number(100000 + (i * 31) % (SCOPE_WORDS_MAX + 1));
		add(" ");
	}
	set.text = text.p;
	for (unsigned i = 0; i <= SCOPE_WORDS_MAX; i++)
		added += scope_add(&set, 7 * i);
	CHECK(added == SCOPE_WORDS_MAX && set.n == added, "%u words", added);
	for (unsigned i = 1; i < set.n; i++)
		added -= memcmp(text.p + set.at[i - 1], text.p + set.at[i], 7) < 0;
	CHECK(added == 1 && !scope_add(&set, 0), "they are not sorted");
}

static void
test_membership(void)
{
	static const struct {
		const char *word;
		bool scope, audience;
	} row[] = {
		{ "a", true, false }, { "ab", true, false }, { "z", true, false },
		{ "", false, true }, { "b", false, false }, { "a ab", false, false },
		{ "A", false, false }, { " ", false, false }, { "ab ", false, false },
		{ "metrics", false, true }, { "metric", false, false }, { "metricss", false, false },
		{ "\u00fc", false, true }, { "\\u00fc", false, false }, { "x\"y\\", false, true },
		{ "x", false, false }, { ",", false, false }, { "[", false, false },
		{ "\",\"", false, false },
	};

	CHECK(parse(FILE_OF(CLIENT("a") ",'scope':'a ab z','aud':['metrics','','\\u00fc',"
	    "'x\\\"y\\\\']")), "%s", why);
	for (size_t i = 0; i < COUNT(row); i++) {
		CHECK(client_has_scope(only(), str_from(row[i].word)) == row[i].scope, "scope '%s'",
		    row[i].word);
		CHECK(client_has_audience(only(), str_from(row[i].word)) == row[i].audience,
		    "audience '%s'", row[i].word);
	}
	CHECK(parse(FILE_OF(CLIENT("a") ",'aud':'one'")) &&
	    client_has_audience(only(), STR("one")) && !client_has_audience(only(), STR("on")),
	    "a string");
	CHECK(parse(FILE_OF(CLIENT("a"))) && !client_has_scope(only(), STR("")) &&
	    !client_has_audience(only(), STR("")) && !client_has_audience(only(), STR("x")), "none");
}

/* The first --audience is that of a client that names none; others are strangers. */
static void
test_audiences(void)
{
	rules.audience_count = COUNT(audiences);
	rules.claims.audience = audiences[1];
	CHECK(parse(FILE_OF(CLIENT("a"))) && clients.strangers == 0, "%s", why);
	CHECK_BYTES(only()->aud, STR("\"\u00fc\\\"\""), "the default");
	CHECK(client_has_audience(only(), str_from(audiences[1])) &&
	    !client_has_audience(only(), str_from(audiences[0])), "the default");
	CHECK(parse("{'clients':[{" CLIENT("a") ",'aud':'metrics'},{" CLIENT("b")
	    ",'aud':['metrics','\\u00fc\\u0022']}]}") && clients.strangers == 0, "%s", why);
	CHECK(parse("{'clients':[{" CLIENT("a") "},{" CLIENT("b") ",'aud':['metrics','x']},{"
	    CLIENT("c") ",'aud':'y'}]}") && clients.strangers == 2 && clients.stranger == 1,
	    "%u strangers, the first is %u", clients.strangers, clients.stranger);
	fill_ring();
	CHECK(parse(FILE_OF(CLIENT("a") ",'aud':'metrics'")) && clients.strangers == 1 &&
	    clients.stranger == 0, "no --audience");
}

static const struct client *
check(struct str id, struct str secret)
{
	uint8_t digest[SHA512_DIGEST];

	sha512(digest, secret.p, secret.n);
	return clients_check(&clients, id, digest);
}

/* Of a client with secrets "s0" to "s3", one with "a" alone, and nobody. */
static void
test_secrets(void)
{
	static const uint8_t zeros[SHA512_DIGEST];
	static const struct {
		const char *id, *secret;
		bool ok;
	} row[] = {
		{ "many", "s0", true }, { "many", "s1", true }, { "many", "s2", true },
		{ "many", "s3", true }, { "many", "s4", false }, { "many", "a", false },
		{ "many", "", false }, { "many", "S0", false }, { "many", "s0 ", false },
		{ "one", "a", true }, { "one", "b", false }, { "one", "", false },
		{ "one", "s0", false }, { "one", "aa", false }, { "nobody", "a", false },
		{ "nobody", "", false }, { "", "", false }, { "", "a", false }, { "On", "a", false },
		{ "ones", "a", false }, { "last", "b", true }, { "last", "a", false },
	};
	struct str empty = { NULL, 0 };
	uint8_t digest[SHA512_DIGEST];
	char secret[2] = "s";

	begin();
	add("{'clients':[{" CLIENT("one") "},{'client_id':'many','secret_sha512':[");
	for (char c = '0'; c < '4'; c++) {
		secret[1] = c;
		sha512(digest, secret, 2);
		add(c > '0' ? ",'" : "'");
		buf_hex(&text, digest, sizeof digest);
		add("'");
	}
	add("]},{'client_id':'last','secret_sha512':'" B "'}]}");
	CHECK(parse_added() && clients.n == 3 && clients.digests == 7, "%s", why);
	for (size_t i = 0; i < COUNT(row); i++) {
		const struct client *c = check(str_from(row[i].id), str_from(row[i].secret));

		CHECK((c != NULL) == row[i].ok && (c == NULL || str_equal(c->id,
		    str_from(row[i].id))), "'%s' with '%s'", row[i].id, row[i].secret);
	}
	CHECK(check(empty, empty) == NULL && check(STR("one"), empty) == NULL, "nothing at all");
	/* the dummy's zeros are nobody's digest, also where a client has fewer than four */
	CHECK(clients_check(&clients, STR("one"), zeros) == NULL &&
	    clients_check(&clients, STR("no one"), zeros) == NULL, "a digest of zeros");
	clients_wipe(&clients);
	CHECK(check(STR("one"), STR("a")) == NULL, "no client");
}

/* What tokens of clients say. */
static void
test_claims(void)
{
	static const uint8_t nonce[CLAIMS_NONCE] = { 0x01, 0xab };
	const struct claims_stamp stamp = { 1793491200, nonce };
	static const struct {
		const char *members, *issuer, *scope, *audience, *claims;
	} row[] = {
		{ CLIENT("a"), NULL, "", "", "{'sub':'a','client_id':'a','iat':1793491200,"
		  "'exp':1793494800,'jti':'01ab0000000000000000000000000000'}" },
		{ CLIENT("pr.om"), "https://i\"", "", "", "{'iss':'https://i\\\"','sub':'pr.om',"
		  "'client_id':'pr.om','iat':1793491200,'exp':1793494800,"
		  "'jti':'01ab0000000000000000000000000000'}" },
		{ CLIENT("a") ",'scope':'r w','aud':['x', 'y'],'expires_in':60,'claims':{'g': [1],"
		  " 'h':null}", "i", "r w", "", "{'iss':'i','sub':'a','client_id':'a',"
		  "'aud':['x','y'],'scope':'r w','iat':1793491200,'exp':1793491260,"
		  "'jti':'01ab0000000000000000000000000000','g':[1],'h':null}" },
		{ CLIENT("a") ",'scope':'r w','aud':['x','\\u0079'],'claims':{}", NULL, "w", "\"y\"",
		  "{'sub':'a','client_id':'a','aud':'y','scope':'w','iat':1793491200,"
		  "'exp':1793494800,'jti':'01ab0000000000000000000000000000'}" },
		{ CLIENT("a") ",'scope':'r w','aud':'x'", NULL, "", "", "{'sub':'a','client_id':'a',"
		  "'aud':'x','iat':1793491200,'exp':1793494800,"
		  "'jti':'01ab0000000000000000000000000000'}" },
	};

	for (size_t i = 0; i < COUNT(row); i++) {
		char claims[512], want[512];
		struct buf b = buf_over(claims, sizeof claims);
		size_t n = strlen(row[i].claims);

		begin();
		add("{'clients':[{");
		add(row[i].members);
		add("}]}");
		rules.claims.issuer = row[i].issuer;
		CHECK(parse_added(), "%s", why);
		client_put_claims(&b, only(), &rules.claims, &stamp, str_from(row[i].scope),
		    str_from(row[i].audience));
		for (size_t j = 0; j < n; j++)
			want[j] = row[i].claims[j] == '\'' ? '"' : row[i].claims[j];
		CHECK_BYTES(buf_str(&b), ((struct str){ want, n }), "%s", row[i].members);
	}
	fill_ring();
}

static bool
is_zero(const void *p, size_t n)
{
	const char *bytes = p;

	return n == 0 || (bytes[0] == 0 && memcmp(bytes, bytes + 1, n - 1) == 0);
}

static void
put(const char *path, struct str s)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	must(fd >= 0 && write(fd, s.p, s.n) == (ssize_t)s.n && close(fd) == 0, path);
}

static bool
load(const char *path)
{
	bool ok;

	clients_wipe(&clients);
	message = buf_over(why, sizeof why - 1);
	ok = clients_load(&clients, path, false, &rules, &message);
	why[message.n] = '\0';
	CHECK(is_zero(clients.file, sizeof clients.file), "what was read is still there");
	CHECK(ok || is_zero(&clients, sizeof clients), "%s: something is left", why);
	return ok;
}

/* From a file, all or nothing; and the memory is as it was when they are wiped. */
static void
test_files(void)
{
	char path[] = "/tmp/jwtd-clients-XXXXXX";
	int fd = mkstemp(path);

	must(fd >= 0 && close(fd) == 0, path);
	add_many(1000);
	put(path, buf_str(&text));
	CHECK(load(path) && clients.n == 1000 && clients_find(&clients, STR("c999")) != NULL, "%s",
	    why);
	clients_wipe(&clients);
	CHECK(is_zero(&clients, sizeof clients), "wiped, but not all of it");
	text.n -= 2;
	add(",{" CLIENT("x") ",'aud':0}]}");
	put(path, buf_str(&text));
	CHECK(!load(path) && strstr(why, "client x: " AUD) != NULL, "'%s'", why);
	for (unsigned more = 0; more < 2; more++) {
		add_many(1000);
		add_times(" ", CLIENTS_FILE_MAX - text.n + more);
		put(path, buf_str(&text));
		CHECK(load(path) == (more == 0), "4 MiB and %u bytes: %s", more, why);
	}
	CHECK(strcmp(why, "it is too large: 4 MiB are the most") == 0, "'%s'", why);
	begin();                        /* as much text as there can be */
	add("{'clients':[");
	while (text.n + 9000 < CLIENTS_FILE_MAX) {
		add(text.n > 12 ? ",{'client_id':'" : "{'client_id':'");
		add_number(text.n);
		add("','secret_sha512':'" A "','claims':{'a':'");
		add_times("x", 8500);
		add("'}}");
	}
	add("]}");
	put(path, buf_str(&text));
	CHECK(load(path) && clients.text_n > CLIENTS_FILE_MAX - (1 << 18), "%s, %zu bytes of text",
	    why, clients.text_n);
	must(unlink(path) == 0, path);
	CHECK(!load(path) && strcmp(why, "No such file or directory") == 0, "'%s'", why);
	CHECK(!load("/") && strcmp(why, "it is a directory") == 0, "'%s'", why);
}

/* Clients go with the ring that they hang on: they are wiped with it, their memory stays its own, and
 * a ring is another one where they are. */
static void
test_generation(void)
{
	static struct clients others;
	static struct key_ring other;

	fill_ring();
	other = ring;                   /* to be compared only: its texts lie in the other */
	CHECK(parse(FILE_OF(CLIENT("a"))), "%s", why);
	CHECK(keys_same(&ring, &other), "none and none");
	ring.clients = &clients;
	CHECK(!keys_same(&ring, &other) && !keys_same(&other, &ring), "some and none");
	other.clients = &others;
	message = buf_over(why, sizeof why - 1);
	CHECK(clients_parse(&others, buf_str(&text), &rules, &message), "the same again");
	CHECK(keys_same(&ring, &other), "the same");
	clients_wipe(&others);
	add(" ");
	CHECK(clients_parse(&others, buf_str(&text), &rules, &message), "another text");
	CHECK(!keys_same(&ring, &other), "another text");
	keys_wipe(&ring);
	CHECK(ring.clients == &clients && ring.n == 0 && is_zero(&clients, sizeof clients),
	    "what is left of them");
	ring.clients = NULL;
	clients_wipe(&others);
	fill_ring();
}

/* Pages of the memory that are in use; -1: this kernel does not say. */
static long
resident(void *p, size_t n)
{
	static unsigned char in[(sizeof(struct clients) >> 12) + 2];
	size_t page = (size_t)sysconf(_SC_PAGESIZE), pages = (n + page - 1) / page;
	long count = 0;

	if (pages > sizeof in || mincore(p, n, in) != 0)
		return -1;
	for (size_t i = 0; i < pages; i++)
		count += in[i] & 1;
	return count;
}

/* 256 bytes a client of one digest, beside its texts; and nothing afterwards. */
static void
test_memory(void)
{
	struct clients *mapped = sandbox_reserve(sizeof *mapped);
	long page = sysconf(_SC_PAGESIZE), before, after, bytes;

	must(mapped != NULL, "memory");
	before = resident(mapped, sizeof *mapped);
	add_many(1000);
	CHECK(clients_parse(mapped, buf_str(&text), &rules, &message), "a thousand");
	bytes = resident(mapped, sizeof *mapped) * page - 1000 * 4;     /* their scopes */
	clients_wipe(mapped);
	after = resident(mapped, sizeof *mapped);
	if (before < 0)
		test_skip("memory of clients (mincore does not say)");
	else
		CHECK(before == 0 && bytes > 0 && bytes <= 1000 * 256 && after == 0,
		    "%ld pages, %ld bytes, %ld pages", before, bytes, after);
	munmap(mapped, sizeof *mapped);
}

void
test_clients(void)
{
	fill_ring();
	test_wrong();
	test_right();
	test_no_ring();
	test_limits();
	test_longest();
	test_many();
	test_scopes();
	test_scope_words();
	test_word_set();
	test_membership();
	test_audiences();
	test_secrets();
	test_claims();
	test_files();
	test_generation();
	test_memory();
	keys_wipe(&ring);
	clients_wipe(&clients);
}

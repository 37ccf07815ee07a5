/* The rules of SPEC 2.6, each with tokens that are accepted and tokens that are refused. In the
 * tables ' stands for ": {'exp':1} is {"exp":1}. */
#include "test/test.h"

#include "base64url.h"
#include "token/claims.h"
#include "token/key_files.h"
#include "token/revocations.h"

#include <stdlib.h>
#include <unistd.h>

#define COUNT(table) (sizeof (table) / sizeof (table)[0])
#define HS512 "{'alg':'HS512'}"

enum {
	NOW = 1800000000,
	TEXT = 1 << 14,                 /* bytes: no header or claims here are longer */
	KEYS = 64, KEY_BYTES = 64, ID_BYTES = 128,      /* what a ring takes */
	NOBODY = 1000, SPOILT = 1001    /* signers: one who has no key here; key 0, but for a bit */
};

static const struct jwt_policy any = { 0 };

static void
put_quoted(struct buf *b, const char *text)
{
	for (; *text != '\0'; text++)
		buf_put(b, *text == '\'' ? "\"" : text, 1);
}

/* The secrets of these tests are numbered. */
static struct str
secret(unsigned number)
{
	static char bytes[KEY_BYTES + 1];

	snprintf(bytes, sizeof bytes, "the key of number %046u", number);
	return (struct str){ bytes, KEY_BYTES };
}

/* A token of these texts, flush against an unreadable page. */
static struct str
make(const char *header, const char *claims, unsigned signer)
{
	static char token[4 * TEXT];
	const char *const part[] = { header, claims };
	bool spoilt = signer == SPOILT;
	struct str key = secret(spoilt ? 0 : signer);
	struct hmac512_key mac_key;
	uint8_t mac[SHA512_DIGEST];
	size_t n = 0;

	for (int i = 0; i < 2; i++) {
		char text[TEXT];
		struct buf b = buf_over(text, sizeof text);

		put_quoted(&b, part[i]);
		n += base64url_encode(token + n, b.p, b.n);
		token[n++] = '.';
	}
	hmac512_key_init(&mac_key, key.p, key.n);
	hmac512(mac, &mac_key, token, n - 1);
	mac[SHA512_DIGEST - 1] ^= spoilt;
	n += base64url_encode(token + n, mac, sizeof mac);
	return (struct str){ test_flush(0, token, n), n };
}

static bool
open_token(struct jwt *t, struct str token)
{
	static struct jwt_scratch scratch;
	static char text[4 * TEXT];

	scratch.text = buf_over(text, sizeof text);
	return jwt_open(t, &scratch, token);
}

/* What a token is found to be, all the way. */
static enum jwt_verdict
find(const struct key_ring *ring, struct str token, const struct jwt_policy *policy, int64_t now)
{
	struct jwt t;

	return open_token(&t, token) ? keys_judge(ring, &t, policy, now) : JWT_MALFORMED;
}

/* A ring of the secrets 0 to n - 1 with these key ids, as JSON; NULL: it has none. */
static bool
fill(struct key_ring *ring, const char *const *kid, unsigned n)
{
	static char text[KEY_FILE_MAX];
	char path[] = "/tmp/jwtd-policy-XXXXXX", k[2 * KEY_BYTES], reason[256];
	struct buf b = buf_over(text, sizeof text), why = buf_over(reason, sizeof reason);
	int fd = mkstemp(path);
	bool ok;

	for (unsigned i = 0; i < n; i++) {
		put_quoted(&b, i == 0 ? "{'keys':[{'kty':'oct'" : ",{'kty':'oct'");
		put_quoted(&b, kid[i] != NULL ? ",'kid':" : "");
		put_quoted(&b, kid[i] != NULL ? kid[i] : "");
		put_quoted(&b, ",'k':'");
		buf_put(&b, k, base64url_encode(k, secret(i).p, KEY_BYTES));
		put_quoted(&b, "'}");
	}
	put_quoted(&b, "]}");
	keys_wipe(ring);
	ok = fd >= 0 && write(fd, b.p, b.n) == (ssize_t)b.n && keys_add_file(ring, path, &why);
	CHECK(ok && ring->n == n, "a ring of %u keys: %.*s", n, (int)why.n, reason);
	close(fd);
	unlink(path);
	return ok;
}

/* A ring of one key that has no id. */
static const struct key_ring *
one_key(void)
{
	static struct key_ring ring;
	char reason[128];
	struct buf why = buf_over(reason, sizeof reason);

	if (ring.n == 0 && !keys_add_bytes(&ring, secret(0), NULL, &why))
		CHECK(false, "%.*s", (int)why.n, reason);
	return &ring;
}

/* The interface's words (SPEC 2.2). */
static void
verdict_names(void)
{
	static const char *const name[] = { "good", "malformed", "unsupported_algorithm",
	    "unsupported_critical", "unknown_key", "bad_signature", "expired", "not_yet_valid",
	    "wrong_issuer", "wrong_audience", "missing_claim", "revoked",
	    "insufficient_scope" };

	CHECK(COUNT(name) == JWT_VERDICTS, "%d verdicts", JWT_VERDICTS);
	for (unsigned i = 0; i < COUNT(name); i++) {
		CHECK(strcmp(jwt_verdict_name(i), name[i]) == 0, "verdict %u is %s", i,
		    jwt_verdict_name(i));
		for (unsigned j = 0; j < i; j++)
			CHECK(strcmp(jwt_verdict_text(i), jwt_verdict_text(j)) != 0,
			    "%s and %s read alike", name[i], name[j]);
	}
}

/* What jwt_open() says of a header's kid and b64, and what a ring without key ids makes of it. */
#define NO_KID JWT_KID_NONE, { "", 0 }
#define BAD_KID JWT_KID_BAD, { "", 0 }
#define KID(literal) JWT_KID_STRING, { "" literal, sizeof literal - 1 }

static const struct {
	const char *members;
	enum jwt_kid kid_is;
	struct str kid;
	bool unencoded;
	enum jwt_verdict verdict;
} headers[] = {
	{ "", NO_KID, false, JWT_GOOD },
	{ ",'Kid':'x','B64':false", NO_KID, false, JWT_GOOD },
	{ ",'x':{'kid':'x','b64':false}", NO_KID, false, JWT_GOOD },
	{ ",'kid ':'x','kid\\u0000':1", NO_KID, false, JWT_GOOD },
	{ ",'kid':'x'", KID("x"), false, JWT_UNKNOWN_KEY },
	{ ",'kid':''", KID(""), false, JWT_UNKNOWN_KEY },
	{ ",'k\\u0069d':'a\\u0000\\n'", KID("a\0\n"), false, JWT_UNKNOWN_KEY },
	{ ",'kid':null", BAD_KID, false, JWT_UNKNOWN_KEY },
	{ ",'kid':0", BAD_KID, false, JWT_UNKNOWN_KEY },
	{ ",'kid':true", BAD_KID, false, JWT_UNKNOWN_KEY },
	{ ",'kid':['x']", BAD_KID, false, JWT_UNKNOWN_KEY },
	{ ",'\\u006bid':{'kid':'x'}", BAD_KID, false, JWT_UNKNOWN_KEY },
	/* RFC 7797 3 */
	{ ",'b64':true", NO_KID, false, JWT_GOOD },
	{ ",'\\u00624':true,'b\\u00364':true", NO_KID, false, JWT_GOOD },
	{ ",'b64':false", NO_KID, true, JWT_UNSUPPORTED_CRITICAL },
	{ ",'b\\u00364':false", NO_KID, true, JWT_UNSUPPORTED_CRITICAL },
	{ ",'b64':null", NO_KID, true, JWT_UNSUPPORTED_CRITICAL },
	{ ",'b64':'true'", NO_KID, true, JWT_UNSUPPORTED_CRITICAL },
	{ ",'b64':1", NO_KID, true, JWT_UNSUPPORTED_CRITICAL },
	{ ",'b64':[true]", NO_KID, true, JWT_UNSUPPORTED_CRITICAL },
	{ ",'b64':{}", NO_KID, true, JWT_UNSUPPORTED_CRITICAL },
	{ ",'b64':false,'kid':'x'", KID("x"), true, JWT_UNSUPPORTED_CRITICAL },
};

static void
header_fields(void)
{
	for (size_t i = 0; i < COUNT(headers); i++) {
		const char *members = headers[i].members;
		char header[256], text[64];
		struct buf kid = buf_over(text, sizeof text);
		enum jwt_verdict verdict;
		struct jwt t;
		bool opened;

		snprintf(header, sizeof header, "{'alg':'HS512'%s}", members);
		opened = open_token(&t, make(header, "{}", 0));
		CHECK(opened && t.kid_is == headers[i].kid_is &&
		    t.unencoded == headers[i].unencoded && t.alg == JWT_HS512 && !t.critical,
		    "%s: kid %d, unencoded %d", members, t.kid_is, t.unencoded);
		json_unescape(&kid, t.kid);
		CHECK_BYTES(buf_str(&kid), headers[i].kid, "%s", members);
		verdict = opened ? keys_verify(one_key(), &t) : JWT_MALFORMED;
		CHECK(verdict == headers[i].verdict, "%s: %s", members, jwt_verdict_name(verdict));
	}
}

/* The ring that is asked: the ids as the key file spells them. */
static const char *const ids[] = { "'one'", "'k\\u0069d'", "''", "'a\\u0000b'", "'\\u00e9'",
    "'\\ud83d\\ude00'", "'a/b'", NULL, "'one1'", "'\\\\u0061'" };

/* A header's members, the key that signed, and what is then found. */
static const struct {
	const char *members;
	unsigned signer;
	enum jwt_verdict verdict;
} picks[] = {
	{ ",'kid':'one'", 0, JWT_GOOD }, { ",'kid':'\\u006f\\u006e\\u0065'", 0, JWT_GOOD },
	{ ",'kid':'one1'", 8, JWT_GOOD }, { ",'kid':'one\\u0031'", 8, JWT_GOOD },
	{ ",'kid':'kid'", 1, JWT_GOOD }, { ",'kid':'k\\u0069d'", 1, JWT_GOOD },
	{ ",'kid':''", 2, JWT_GOOD }, { ",'kid':'a\\u0000b'", 3, JWT_GOOD },
	{ ",'kid':'\xc3\xa9'", 4, JWT_GOOD }, { ",'kid':'\\u00E9'", 4, JWT_GOOD },
	{ ",'kid':'\xf0\x9f\x98\x80'", 5, JWT_GOOD }, { ",'kid':'\\uD83D\\uDE00'", 5, JWT_GOOD },
	{ ",'kid':'a/b'", 6, JWT_GOOD }, { ",'kid':'a\\/b'", 6, JWT_GOOD },
	{ ",'kid':'\\\\u0061'", 9, JWT_GOOD }, { ",'k\\u0069d':'one'", 0, JWT_GOOD },
	/* the key that is named decides, and no other */
	{ ",'kid':'one'", 1, JWT_BAD_SIGNATURE }, { ",'kid':'one'", 8, JWT_BAD_SIGNATURE },
	{ ",'kid':'one1'", 0, JWT_BAD_SIGNATURE }, { ",'kid':''", 7, JWT_BAD_SIGNATURE },
	{ ",'kid':'kid'", NOBODY, JWT_BAD_SIGNATURE },
	/* exact, whole, no normal form */
	{ ",'kid':'on'", 0, JWT_UNKNOWN_KEY }, { ",'kid':'one '", 0, JWT_UNKNOWN_KEY },
	{ ",'kid':'One'", 0, JWT_UNKNOWN_KEY }, { ",'kid':'one\\u0000'", 0, JWT_UNKNOWN_KEY },
	{ ",'kid':'one2'", 8, JWT_UNKNOWN_KEY }, { ",'kid':'two'", 0, JWT_UNKNOWN_KEY },
	{ ",'kid':'a'", 3, JWT_UNKNOWN_KEY }, { ",'kid':'a\\u0000c'", 3, JWT_UNKNOWN_KEY },
	{ ",'kid':'k\\\\u0069d'", 1, JWT_UNKNOWN_KEY }, { ",'kid':'\\u0000'", 2, JWT_UNKNOWN_KEY },
	{ ",'kid':'a'", 9, JWT_UNKNOWN_KEY }, { ",'kid':'\\u0061'", 9, JWT_UNKNOWN_KEY },
	{ ",'kid':'e\\u0301'", 4, JWT_UNKNOWN_KEY }, { ",'kid':'7'", 7, JWT_UNKNOWN_KEY },
	{ ",'kid':null", 7, JWT_UNKNOWN_KEY }, { ",'kid':0", 0, JWT_UNKNOWN_KEY },
	{ ",'kid':['one']", 0, JWT_UNKNOWN_KEY }, { ",'kid':{'one':1}", 0, JWT_UNKNOWN_KEY },
	/* no kid: each key is tried */
	{ "", 0, JWT_GOOD }, { "", 1, JWT_GOOD }, { "", 2, JWT_GOOD }, { "", 7, JWT_GOOD },
	{ "", 8, JWT_GOOD }, { "", NOBODY, JWT_BAD_SIGNATURE }, { "", SPOILT, JWT_BAD_SIGNATURE },
	{ ",'Kid':'two'", 7, JWT_GOOD }, { ",'x':{'kid':'two'}", 7, JWT_GOOD },
	/* keys and addresses of keys that a token brings along are never used */
	{ ",'jwk':{'kty':'oct','k':'AA'},'jku':'http://127.0.0.1/','x5u':1,'x5c':[]", 0, JWT_GOOD },
	{ ",'jwk':{'kty':'oct','kid':'one','k':'AA'}", NOBODY, JWT_BAD_SIGNATURE },
};

static void
kid_picks(void)
{
	static struct key_ring ring;

	if (!fill(&ring, ids, COUNT(ids)))
		return;
	for (size_t i = 0; i < COUNT(picks); i++) {
		char header[256];
		enum jwt_verdict got;

		snprintf(header, sizeof header, "{'alg':'HS512'%s}", picks[i].members);
		got = find(&ring, make(header, "{}", picks[i].signer), &any, NOW);
		CHECK(got == picks[i].verdict, "%s signed by %u: %s", header, picks[i].signer,
		    jwt_verdict_name(got));
	}
}

/* SPEC 2.6: at most 64 keys, of 64 bytes at least. Each is found by its id and without one. */
static void
full_ring(void)
{
	static struct key_ring ring, empty;
	char id[KEYS][ID_BYTES + 3], header[256], reason[256];
	const char *kid[KEYS];
	struct buf why = buf_over(reason, sizeof reason);

	for (unsigned i = 0; i < KEYS; i++) {           /* in no order; some are long */
		snprintf(id[i], sizeof id[i], "'%0*u'", i % 3 ? 8 : ID_BYTES, i * 40503 % 65536);
		kid[i] = id[i];
	}
	if (!fill(&ring, kid, KEYS))
		return;
	for (unsigned i = 0; i < KEYS; i++) {
		snprintf(header, sizeof header, "{'alg':'HS512','kid':%.130s}", id[i]);
		CHECK(find(&ring, make(header, "{}", i), &any, NOW) == JWT_GOOD &&
		    find(&ring, make(HS512, "{}", i), &any, NOW) == JWT_GOOD &&
		    find(&ring, make(header, "{}", (i + 1) % KEYS), &any, NOW) ==
		    JWT_BAD_SIGNATURE, "key %u", i);
	}
	CHECK(find(&ring, make(HS512, "{}", NOBODY), &any, NOW) == JWT_BAD_SIGNATURE, "none fits");
	CHECK(!keys_add_bytes(&ring, secret(KEYS), NULL, &why) && ring.n == KEYS, "65 keys");
	CHECK(find(&empty, make(HS512, "{}", 0), &any, NOW) == JWT_UNSUPPORTED_ALGORITHM, "no keys");
	CHECK(!keys_add_bytes(&empty, (struct str){ secret(0).p, KEY_BYTES - 1 }, NULL, &why), "63 bytes");
	CHECK(keys_add_bytes(&empty, secret(0), NULL, &why), "64 bytes");
}

/* Of each verdict the members that are right and those that are not. A token may have any of them
 * wrong, in 4,096 ways: the one that comes first in SPEC 2.2 is found. */
static const struct {
	bool header;
	const char *said[2];
} faults[JWT_VERDICTS] = {
	[JWT_MALFORMED] = { false, { "", ",'x':1,'\\u0078':1" } },
	[JWT_UNSUPPORTED_ALGORITHM] = { true, { ",'alg':'HS512'", ",'alg':'none'" } },
	[JWT_UNSUPPORTED_CRITICAL] = { true, { ",'b64':true", ",'crit':['b64'],'b64':true" } },
	[JWT_UNKNOWN_KEY] = { true, { ",'kid':'one'", ",'kid':'two'" } },
	[JWT_BAD_SIGNATURE] = { true, { "", "" } },
	[JWT_EXPIRED] = { false, { ",'exp':1800000001", ",'exp':1800000000" } },
	[JWT_NOT_YET_VALID] = { false, { ",'nbf':1800000000", ",'nbf':1800000001" } },
	[JWT_WRONG_ISSUER] = { false, { ",'iss':'us'", ",'iss':'them'" } },
	[JWT_WRONG_AUDIENCE] = { false, { ",'aud':'us'", ",'aud':'them'" } },
	[JWT_MISSING_CLAIM] = { false, { ",'sub':'x'", ",'Sub':'x'" } },
	[JWT_REVOKED] = { false, { ",'jti':'kept'", ",'jti':'gone'" } },
	[JWT_INSUFFICIENT_SCOPE] = { false, { ",'scope':'a b'", ",'scope':'ab'" } },
};

static const char *const us[] = { "us", "https://api.example/" };
static const struct demand required[] = { { .name = { "sub", 3 } }, { .name = { "a b", 3 } } };
static const struct demand demanded[] = { { .name = { "sub", 3 } },
    { .name = { "scope", 5 }, .value = { { "c", 1 }, { "b", 1 } }, .values = 2 } };

/* A list that has a token by its jti. */
static const struct revocations *
list_of(void *memory, size_t n, struct str jti)
{
	struct revocations *list = revocations_over(memory, 16);
	struct revocation gone;

	revocation_of_jti(&gone, jti, -1);
	CHECK(revocations_size(16) <= n &&
	    revocations_add(list, &gone, NOW) == REVOCATION_NEW, "a list of one");
	return list;
}

static void
order_of_verdicts(void)
{
	static _Alignas(8) char memory[4096];
	struct jwt_policy policy = { .issuer = "us", .audiences = us,
	    .audience_count = 1, .required = demanded, .required_count = 2,
	    .revoked = list_of(memory, sizeof memory, STR("gone")) };
	static struct key_ring ring;

	if (!fill(&ring, ids, COUNT(ids)))
		return;
	for (unsigned wrong = 0; wrong < 1u << JWT_INSUFFICIENT_SCOPE; wrong++) {
		char header[256] = "{'typ':'JWT'", claims[256] = "{'iat':1";
		enum jwt_verdict want = JWT_GOOD, got;
		unsigned signer = 0;

		for (unsigned v = JWT_INSUFFICIENT_SCOPE; v > JWT_GOOD; v--) {
			bool is_wrong = wrong >> (v - 1) & 1;

			strcat(faults[v].header ? header : claims, faults[v].said[is_wrong]);
			if (is_wrong)
				want = v;
			if (is_wrong && v == JWT_BAD_SIGNATURE)
				signer = SPOILT;
		}
		strcat(header, "}");
		strcat(claims, "}");
		got = find(&ring, make(header, claims, signer), &policy, NOW);
		CHECK(got == want, "%s %s signed by %u: %s, not %s", header, claims, signer,
		    jwt_verdict_name(got), jwt_verdict_name(want));
	}
}

/* Spellings of a NumericDate, and the first whole second that is not before it. */
enum { NONE = -1, BROKEN = -2 };

#define YEAR_9999 INT64_C(253402300799)
#define ZEROS "00000000000000000000"            /* 20 */

static const struct {
	const char *spelling;
	int64_t second;
} dates[] = {
	{ "0", 0 }, { "-0", 0 }, { "-0.0", 0 }, { "0e9", 0 }, { "0E-9", 0 }, { "-0e999999999", 0 },
	{ "0.000", 0 }, { "0e99999999999999999999", 0 }, { "1", 1 }, { "1.0", 1 }, { "0.5", 1 },
	{ "1.5", 2 }, { "15e-1", 2 }, { "0.15e1", 2 }, { "150E-2", 2 }, { "1.000001", 2 },
	{ "10e-1", 1 }, { "10.0E-1", 1 }, { "0.1e+1", 1 }, { "1e0", 1 }, { "1e-0", 1 },
	{ "1e-1", 1 }, { "1e-400", 1 }, { "1e-99999999999999999999", 1 }, { "0.1e-4294967296", 1 },
	{ "1800000000", NOW }, { " \t1800000000\n", NOW }, { "18e8", NOW }, { "1.8e9", NOW },
	{ "18E+8", NOW }, { "18e0008", NOW }, { "1800000000.0", NOW }, { "18000000000e-1", NOW },
	{ "1799999999.5", NOW }, { "1799999999.0000001", NOW }, { "1799999999.9999999999", NOW },
	{ "1800000000.0000001", NOW + 1 }, { "1799999999", NOW - 1 }, { "1800000001", NOW + 1 },
	{ "1e9", 1000000000 }, { "1E+9", 1000000000 }, { "1e11", INT64_C(100000000000) },
	{ "2147483648", INT64_C(2147483648) }, { "4294967296", INT64_C(4294967296) },
	{ "4294967297.5", INT64_C(4294967298) }, { "1e-4294967287", 1 },
	/* RFC 3339 ends with the year 9999 */
	{ "253402300798.5", YEAR_9999 }, { "253402300799", YEAR_9999 },
	{ "253402300799.000", YEAR_9999 }, { "2534023007990e-1", YEAR_9999 },
	{ "2.53402300799E11", YEAR_9999 }, { "253402300799.5", NONE },
	{ "253402300799.0000000000000000001", NONE }, { "253402300800", NONE }, { "1e12", NONE },
	{ "2534023007991e-1", NONE }, { "9223372036854775807", NONE },
	{ "9223372036854775808", NONE }, { "18446744073709551616", NONE },
	{ "18446744075509551616", NONE }, { "1e400", NONE }, { "1e4294967305", NONE },
	{ "1e18446744073709551625", NONE }, { "99999999999999999999999999999999", NONE },
	{ "-1", NONE }, { "-0.5", NONE }, { "-1e-400", NONE }, { "-1800000000", NONE },
	{ "-0.00000000001", NONE }, { "-1e400", NONE },
	/* 32 characters, 33 */
	{ "1800000000.0" ZEROS, NOW }, { " 1800000000.0" ZEROS " ", NOW },
	{ "1800000000.00" ZEROS, NONE }, { "18e" ZEROS "000000008", NOW },
	{ "18e" ZEROS "0000000008", NONE }, { "180" ZEROS "00000e-18", NOW },
	{ "180" ZEROS "000000e-19", NONE }, { "0." ZEROS "0000000000", 0 },
	{ "0." ZEROS "00000000000", NONE }, { "0." ZEROS "0000000001", 1 },
	{ "0." ZEROS "0000018e35", NOW }, { "0." ZEROS "00000018e36", NONE },
	{ "-0." ZEROS "000000000", 0 }, { "-0." ZEROS "0000000000", NONE },
	/* what is there and no number never counts as absent */
	{ "'1800000000'", NONE }, { "'123'", NONE }, { "''", NONE }, { "null", NONE },
	{ "true", NONE }, { "false", NONE }, { "[]", NONE }, { "[0]", NONE }, { "{}", NONE },
	{ "{'exp':0}", NONE }, { "'9999-12-31T23:59:59Z'", NONE },
	/* no JSON at all */
	{ "01", BROKEN }, { "+1", BROKEN }, { "1.", BROKEN }, { ".5", BROKEN }, { "1e", BROKEN },
	{ "0x10", BROKEN }, { "NaN", BROKEN }, { "Infinity", BROKEN }, { "1_0", BROKEN },
	{ "", BROKEN }, { "--1", BROKEN }, { "1e+-1", BROKEN },
};

static void
numeric_dates(void)
{
	static const unsigned leeway[] = { 0, 1, 60, UINT32_MAX };
	static const int64_t some[] = { INT64_MIN, -1, 0, NOW, YEAR_9999, INT64_MAX };

	for (size_t i = 0; i < COUNT(dates); i++) {
		const char *date = dates[i].spelling;
		int64_t second = dates[i].second;
		char exp[128], nbf[128];

		snprintf(exp, sizeof exp, "{'exp':%s}", date);
		snprintf(nbf, sizeof nbf, "{'nbf':%s}", date);
		for (size_t j = 0; second < 0 && j < COUNT(some); j++) {
			struct jwt_policy p = { .leeway = leeway[j % COUNT(leeway)] };
			enum jwt_verdict a = find(one_key(), make(HS512, exp, 0), &p, some[j]),
			    b = find(one_key(), make(HS512, nbf, 0), &p, some[j]);

			CHECK(a == (second == NONE ? JWT_EXPIRED : JWT_MALFORMED), "%s: %s", exp,
			    jwt_verdict_name(a));
			CHECK(b == (second == NONE ? JWT_NOT_YET_VALID : JWT_MALFORMED), "%s: %s",
			    nbf, jwt_verdict_name(b));
		}
		for (size_t j = 0; second >= 0 && j < COUNT(leeway); j++) {
			struct jwt_policy p = { .leeway = leeway[j] };
			int64_t late = second + leeway[j], early = second - leeway[j];
			struct str token = make(HS512, exp, 0);

			CHECK(find(one_key(), token, &p, late - 1) == JWT_GOOD &&
			    find(one_key(), token, &p, late) == JWT_EXPIRED,
			    "%s ends at another second than %lld", exp, (long long)late);
			token = make(HS512, nbf, 0);
			CHECK(find(one_key(), token, &p, early - 1) == JWT_NOT_YET_VALID &&
			    find(one_key(), token, &p, early) == JWT_GOOD,
			    "%s begins at another second than %lld", nbf, (long long)early);
		}
	}
}

/* A decimal with a place for each power of ten: an oracle that neither rounds nor computes. */
enum { POINT = 256, PLACES = 2 * POINT, FAR = 100 };

static bool
read_places(char place[PLACES], const char *s)
{
	bool negative = *s == '-', zero = true;
	const char *mantissa = s + negative, *e = mantissa + strcspn(mantissa, "eE"), *p = e;
	int power = (int)strcspn(mantissa, ".eE") - 1, exponent = 0, sign = 1;

	if (*p != '\0' && (p[1] == '-' || p[1] == '+'))
		sign = *++p == '-' ? -1 : 1;
	while (*p != '\0' && *++p != '\0')      /* whatever is farther is as far for 32 digits */
		exponent = exponent >= FAR ? FAR : exponent * 10 + *p - '0';
	power += sign * (exponent > FAR ? FAR : exponent);
	memset(place, '0', PLACES);
	for (p = mantissa; p < e; p++) {
		if (*p == '.')
			continue;
		zero = zero && *p == '0';
		place[PLACES - 1 - (POINT + power--)] = *p;
	}
	return zero || !negative;
}

/* Below 0, 0, above 0: before the second, at it, after it. The date is not negative. */
static int
compare_dates(const char *date, int64_t second)
{
	char a[PLACES], b[PLACES], digits[32];

	snprintf(digits, sizeof digits, "%lld", (long long)(second < 0 ? 0 : second));
	read_places(a, date);
	read_places(b, digits);
	return second < 0 ? 1 : memcmp(a, b, PLACES);
}

/* Appends about this second, its point moved and an exponent to make up for that, mostly. */
static void
spell(struct buf *b, int64_t second)
{
	static const char fraction[] = "0000015899";
	size_t length = test_random() % 4 == 0 ? 30 + test_random() % 4 : 0;
	char text[32];
	int n = snprintf(text, sizeof text, "%lld", (long long)second), whole = n, point, exponent;

	while (n < 24 && test_random() % 2)
		text[n++] = fraction[test_random() % (sizeof fraction - 1)];
	point = test_random() % 3 == 0 ? whole : (int)(test_random() % 28) - 6;
	if (text[0] == '0' && point > 1)
		point = 1;
	buf_text(b, test_random() % 12 == 0 ? "-" : "");
	buf_text(b, point < 1 ? "0." : "");
	for (int i = point < 1 ? point : 0; i < n || i < point; i++) {
		buf_text(b, i > 0 && i == point ? "." : "");
		buf_put(b, i >= 0 && i < n ? &text[i] : "0", 1);
	}
	exponent = whole - point;
	if (test_random() % 24 == 0)
		exponent += (int)(test_random() % 2000) - 1000;
	if (exponent == 0 && length == 0)
		return;
	buf_text(b, test_random() % 2 ? "e" : "E");
	buf_text(b, exponent < 0 ? "-" : test_random() % 2 ? "+" : "");
	while (b->n < length)
		buf_text(b, "0");
	buf_number(b, (uint64_t)abs(exponent));
}

/* The seconds around one, with and without leeway: how many are judged otherwise than by the
 * oracle, which is told whether the spelling is a date. */
static unsigned
misjudged(const char *claim, const char *date, bool is_date, int64_t second, unsigned *refused)
{
	bool ends = strcmp(claim, "exp") == 0;
	char claims[128];
	unsigned wrong = 0;
	struct jwt t;

	snprintf(claims, sizeof claims, "{'%s':%s}", claim, date);
	if (!open_token(&t, make(HS512, claims, 0)) || (jwt_date(&t.doc, 2, true) >= 0) != is_date)
		return 1;
	for (unsigned i = 0; i < 9; i++) {
		struct jwt_policy policy = { .leeway = i / 3 * 30 };
		int64_t shift = ends ? (int64_t)policy.leeway : -(int64_t)policy.leeway,
		    now = second + shift + i % 3 - 1;
		bool begun = is_date && compare_dates(date, now - shift) <= 0,
		    good = is_date && begun != ends;

		wrong += jwt_judge(&t, &policy, now) !=
		    (good ? JWT_GOOD : ends ? JWT_EXPIRED : JWT_NOT_YET_VALID);
		*refused += !good;
	}
	return wrong;
}

/* However a date is spelled, it is judged as what it says. */
static void
random_dates(void)
{
	static const int64_t around[] = { 1, 3, NOW, 1000000000, YEAR_9999, INT64_C(99999999999) };
	enum { ROUNDS = 6000 };
	unsigned all = 0, refused = 0;

	for (unsigned i = 0; i < ROUNDS; i++) {
		int64_t second = around[i % COUNT(around)] + test_random() % 3 - 1;
		char text[64] = "", places[PLACES];
		struct buf date = buf_over(text, sizeof text - 1);
		bool is_date;

		spell(&date, second);
		is_date = read_places(places, text) && date.n <= 32 &&
		    compare_dates(text, YEAR_9999) <= 0;
		all += is_date;
		CHECK(misjudged("exp", text, is_date, second, &refused) == 0 &&
		    misjudged("nbf", text, is_date, second, &refused) == 0, "%s", text);
	}
	CHECK(all > ROUNDS / 2 && all < ROUNDS * 9 / 10 && refused > 18 * ROUNDS / 3 &&
	    refused < 18 * ROUNDS * 2 / 3, "%u dates, %u refusals: a poor mix", all, refused);
}

static const struct jwt_policy from_us = { .issuer = "us" },
    from_empty = { .issuer = "" }, for_us = { .audiences = us, .audience_count = 1 },
    for_two = { .audiences = us, .audience_count = 2 },
    asks_sub = { .required = required, .required_count = 1 },
    asks_two = { .required = required, .required_count = 2 }, needs_exp = { .needs_exp = true };

/* What is found of claims under a policy, now being NOW. */
static const struct {
	const struct jwt_policy *policy;
	enum jwt_verdict verdict;
	const char *claims[24];
} cases[] = {
	/* names compare after unescaping, whole, and at the top alone */
	{ &any, JWT_GOOD, { "{}", " { } ", "{'iss':'them','sub':'x','jti':7,'iat':1900000000}",
	    "{'Exp':1,'exp ':1,'exp\\u0000':1,'ex':1,'expx':1,'\\\\u0065xp':1}",
	    "{'Nbf':1900000000,'nb':1900000000,'nbf\\u0000':1900000000}",
	    "{'a':{'exp':1,'nbf':1900000000,'aud':'x'},'b':['exp',1]}",
	    "{'nbf':1800000000,'exp':1800000001}" } },
	{ &any, JWT_EXPIRED, { "{'exp':1}", "{'\\u0065xp':1}", "{'e\\u0078\\u0070':1}",
	    "{'a':{'exp':1900000000},'exp':1}", "{'nbf':1800000001,'exp':1800000000}" } },
	{ &any, JWT_NOT_YET_VALID, { "{'nbf':1900000000}", "{'\\u006e\\u0062\\u0066':1900000000}",
	    "{'nbf':1800000001,'exp':1800000001}" } },
	{ &any, JWT_MALFORMED, { "{'exp':1900000000,'\\u0065xp':1}", "{'a':1,'a':1}", "{'a':1}}",
	    "[]", "'exp'", "", "null" } },
	/* iss: there and equal */
	{ &from_us, JWT_GOOD, { "{'iss':'us'}", "{'iss':'\\u0075s'}", "{'is\\u0073':'us'}" } },
	{ &from_us, JWT_WRONG_ISSUER, { "{}", "{'iss':''}", "{'iss':'u'}", "{'iss':'us2'}",
	    "{'iss':'us '}", "{'iss':'US'}", "{'iss':'us\\u0000'}", "{'iss':'us\\u0000x'}",
	    "{'iss':'\\\\u0075s'}", "{'iss':['us']}", "{'iss':5}", "{'iss':null}", "{'iss':true}",
	    "{'iss':{'us':'us'}}", "{'Iss':'us','a':{'iss':'us'}}" } },
	{ &from_empty, JWT_GOOD, { "{'iss':''}" } },
	{ &from_empty, JWT_WRONG_ISSUER, { "{}", "{'iss':'us'}", "{'iss':'\\u0000'}",
	    "{'iss':null}" } },
	/* aud: a string, or an array of strings and nothing else; one of them ours */
	{ &for_us, JWT_GOOD, { "{'aud':'us'}", "{'aud':'\\u0075\\u0073'}", "{'a\\u0075d':'us'}",
	    "{'aud':['us']}", "{'aud':['x','us']}", "{'aud':['us','x']}", "{'aud':['us','us']}",
	    "{'aud':['','u\\u0073','us\\u0000']}" } },
	{ &for_us, JWT_WRONG_AUDIENCE, { "{}", "{'aud':''}", "{'aud':'u'}", "{'aud':'us2'}",
	    "{'aud':'Us'}", "{'aud':'us\\u0000'}", "{'aud':'us\\u0000b'}", "{'aud':null}",
	    "{'aud':0}", "{'aud':true}", "{'aud':{'us':'us'}}", "{'aud':'https://api.example/'}",
	    "{'Aud':'us','a':{'aud':'us'}}", "{'aud':'x','b':['us']}" } },
	{ &for_us, JWT_WRONG_AUDIENCE, { "{'aud':[]}", "{'aud':[],'b':'us'}", "{'aud':['x','y']}",
	    "{'aud':['us\\u0000b']}", "{'aud':['us',1]}", "{'aud':[1,'us']}", "{'aud':['us',null]}",
	    "{'aud':['us',[]]}", "{'aud':['us',['us']]}", "{'aud':['us',{'us':'us'}]}",
	    "{'aud':[['us']]}", "{'aud':[['x'],'us']}", "{'aud':[{},'us']}" } },
	{ &for_two, JWT_GOOD, { "{'aud':'us'}", "{'aud':'https://api.example/'}",
	    "{'aud':['us','https://api.example/']}",
	    "{'aud':['x','https:\\/\\/api.example\\/']}" } },
	{ &for_two, JWT_WRONG_AUDIENCE, { "{}", "{'aud':'https://api.example'}",
	    "{'aud':'ushttps://api.example/'}", "{'aud':'us https://api.example/'}",
	    "{'aud':['x']}" } },
	/* no audience is configured: whomever such a token is for, it is not us */
	{ &any, JWT_WRONG_AUDIENCE, { "{'aud':'us'}", "{'aud':''}", "{'aud':[]}", "{'aud':['us']}",
	    "{'aud':null}", "{'\\u0061ud':'us'}" } },
	{ &any, JWT_GOOD, { "{'Aud':'us','a':{'aud':'us'},'aud\\u0000':'us'}" } },
	/* --require: there, and neither null nor false */
	{ &asks_sub, JWT_GOOD, { "{'sub':'x'}", "{'s\\u0075b':'x'}", "{'a':1,'sub':''}",
	    "{'sub':[]}", "{'sub':{}}", "{'sub':0}", "{'sub':true}", "{'sub':'null'}" } },
	{ &asks_sub, JWT_MISSING_CLAIM, { "{}", "{'sub':null}", "{'sub':false}", "{'a':{'sub':'x'},'b':['sub','x'],'c':'sub'}",
	    "{'su':1,'subx':1,'Sub':1,'sub\\u0000':1,'':1}" } },
	{ &asks_two, JWT_GOOD, { "{'a\\u0020b':0,'sub':'x'}" } },
	{ &asks_two, JWT_MISSING_CLAIM, { "{'sub':'x'}", "{'a b':1}", "{'sub':1,'a':1,'b':1}",
	    "{'sub':1,'a b':false}" } },
	/* a token that never expires */
	{ &needs_exp, JWT_GOOD, { "{'exp':1800000001}", "{'\\u0065xp':1800000000.5}" } },
	{ &needs_exp, JWT_EXPIRED, { "{'exp':1800000000}", "{'exp':null}" } },
	{ &needs_exp, JWT_MISSING_CLAIM, { "{}", "{'Exp':1900000000,'a':{'exp':1900000000}}" } },
	{ &needs_exp, JWT_WRONG_AUDIENCE, { "{'aud':'us'}" } },
};

static void
policies(void)
{
	for (size_t i = 0; i < COUNT(cases); i++) {
		for (const char *const *claims = cases[i].claims; *claims != NULL; claims++) {
			struct str token = make(HS512, *claims, 0);
			enum jwt_verdict got = find(one_key(), token, cases[i].policy, NOW);

			CHECK(got == cases[i].verdict, "%s: %s, not %s", *claims,
			    jwt_verdict_name(got), jwt_verdict_name(cases[i].verdict));
		}
	}
}

/* Policies with as many names as there may be: each of the audiences will do, none of the claims may
 * lack. */
static void
longest_lists(void)
{
	static char text[JSON_LIST_MAX][8], claims[TEXT];
	const char *name[JSON_LIST_MAX];
	struct demand demand[JSON_LIST_MAX] = { 0 };
	struct jwt_policy ours = { .audiences = name, .audience_count = JSON_LIST_MAX },
	    asks = { .required = demand, .required_count = JSON_LIST_MAX };

	for (unsigned i = 0; i < JSON_LIST_MAX; i++) {
		snprintf(text[i], sizeof text[i], "name%02u", i);
		name[i] = text[i];
		demand[i].name = str_from(text[i]);
	}
	for (unsigned i = 0; i <= JSON_LIST_MAX; i++) {
		enum jwt_verdict got, want = i < JSON_LIST_MAX ? JWT_GOOD : JWT_WRONG_AUDIENCE;
		size_t n = 0;

		snprintf(claims, sizeof claims, "{'aud':['nam','n\\u0061me%02u','name001']}", i);
		got = find(one_key(), make(HS512, claims, 0), &ours, NOW);
		CHECK(got == want, "%s: %s", claims, jwt_verdict_name(got));
		for (unsigned k = JSON_LIST_MAX; k-- > 0; )
			if (k != i)
				n += (size_t)snprintf(claims + n, sizeof claims - n,
				    "%s'nam\\u0065%02u':%u", n == 0 ? "{" : ",", k, k);
		snprintf(claims + n, sizeof claims - n, "}");
		got = find(one_key(), make(HS512, claims, 0), &asks, NOW);
		want = i < JSON_LIST_MAX ? JWT_MISSING_CLAIM : JWT_GOOD;
		CHECK(got == want, "%s: %s", claims, jwt_verdict_name(got));
	}
}

/* An object of so many levels, members or tokens in all. */
enum bulk { LEVELS, MEMBERS, TOKENS };

static const char *
bulk(enum bulk what, unsigned n)
{
	static char text[TEXT];
	struct buf b = buf_over(text, sizeof text - 1);

	buf_text(&b, what == MEMBERS ? "{'0':0" : what == TOKENS ? "{'a':[0" : "{'a':");
	for (unsigned i = 1; i < n && what == LEVELS; i++)
		buf_text(&b, "[");
	for (unsigned i = 1; i < n && what == LEVELS; i++)
		buf_text(&b, "]");
	for (unsigned i = 4; i < n && what == TOKENS; i++)
		buf_text(&b, ",0");
	for (unsigned i = 1; i < n && what == MEMBERS; i++) {
		buf_text(&b, ",'");
		buf_number(&b, i);
		buf_text(&b, "':0");
	}
	buf_text(&b, what == TOKENS ? "]}" : "}");
	text[b.n] = '\0';
	return text;
}

/* What a token may hold, what is said of one that holds more, and what a caller may have put into
 * a token that also gets iat, jti, iss, exp and aud. */
static const struct {
	enum bulk what;
	unsigned most;
	const char *says;
	unsigned from_caller;
} limits[] = {
	{ LEVELS, 32, "32", 32 }, { MEMBERS, 128, "128", 123 }, { TOKENS, 4096, "4,096", 4086 },
};

static void
limits_of_opening(void)
{
	for (size_t i = 0; i < COUNT(limits); i++) {
		enum bulk what = limits[i].what;
		unsigned most = limits[i].most;
		struct jwt t;

		CHECK(find(one_key(), make(HS512, bulk(what, most), 0), &any, NOW) == JWT_GOOD,
		    "claims, limit %s", limits[i].says);
		CHECK(open_token(&t, make(bulk(what, most), "{}", 0)), "header, limit %s",
		    limits[i].says);
		CHECK(!open_token(&t, make(HS512, bulk(what, most + 1), 0)) &&
		    strcmp(t.part, "claims") == 0 && strstr(t.fault, limits[i].says) != NULL,
		    "claims beyond %s", limits[i].says);
		CHECK(!open_token(&t, make(bulk(what, most + 1), "{}", 0)) &&
		    strcmp(t.part, "header") == 0 && strstr(t.fault, limits[i].says) != NULL,
		    "header beyond %s", limits[i].says);
	}
}

/* What a service of this issuer and this first audience adds, what a caller asks for, and the
 * claims that are issued, from behind jti. */
#define EXP ",'exp':1800003600"

static const struct {
	const char *issuer, *audience, *caller, *want;
} issued[] = {
	{ NULL, NULL, NULL, EXP "}" }, { NULL, NULL, "{}", EXP "}" },
	{ "us", NULL, NULL, ",'iss':'us'" EXP "}" }, { NULL, "api", " { } ", EXP ",'aud':'api'}" },
	{ "us", "api", NULL, ",'iss':'us'" EXP ",'aud':'api'}" },
	{ "us", "api", "{'sub':'x','a':1}", ",'iss':'us'" EXP ",'aud':'api','sub':'x','a':1}" },
	{ "\"\\/\n\xc3\xa9", "\"", NULL, ",'iss':'\\\"\\\\/\\n\xc3\xa9'" EXP ",'aud':'\\\"'}" },
	/* the caller's audience */
	{ "us", "api", "{'a':1,'aud':'b'}", ",'iss':'us'" EXP ",'a':1,'aud':'b'}" },
	{ NULL, "api", "{'a\\u0075d':['b','c']}", EXP ",'a\\u0075d':['b','c']}" },
	{ NULL, "api", "{'aud':[]}", EXP ",'aud':[]}" },
	{ NULL, NULL, "{'aud':''}", EXP ",'aud':''}" },
	{ NULL, "api", "{'Aud':1,'a':{'aud':1}}", EXP ",'aud':'api','Aud':1,'a':{'aud':1}}" },
	/* carried over as it stands, white space between tokens removed */
	{ NULL, NULL, "\t{ 'z' : [ 1.0 , -0, 1E+2, ' \\u00e9 \\/ ' ] ,\r\n'a' : { } , '' : null }",
	  EXP ",'z':[1.0,-0,1E+2,' \\u00e9 \\/ '],'a':{},'':null}" },
	/* what fits its type, and what only looks like a registered claim */
	{ NULL, NULL, "{'nbf':0,'sub':''}", EXP ",'nbf':0,'sub':''}" },
	{ NULL, NULL, "{'nbf':1.5}", EXP ",'nbf':1.5}" },
	{ NULL, NULL, "{'n\\u0062f':253402300799}", EXP ",'n\\u0062f':253402300799}" },
	{ NULL, NULL, "{'Iat':1,'ia':1,'iat ':1,'exp\\u0000':1,'s\\u0075b\\u0000':1}",
	  EXP ",'Iat':1,'ia':1,'iat ':1,'exp\\u0000':1,'s\\u0075b\\u0000':1}" },
	{ NULL, NULL, "{'a':{'iat':1,'jti':2,'iss':3,'exp':4,'sub':5}}",
	  EXP ",'a':{'iat':1,'jti':2,'iss':3,'exp':4,'sub':5}}" },
};

/* How a refusal begins, and what callers it meets. */
static const struct {
	const char *says, *callers[9];
} refusals[] = {
	/* set by the service, however the name is spelled and whatever it says */
	{ "iat is", { "{'iat':1800000000}", "{'i\\u0061t':1}",
	    "{'sub':'x','b':{'c':[1]},'iat':1}" } },
	{ "jti is", { "{'jti':'x'}", "{'\\u006a\\u0074\\u0069':null}" } },
	{ "iss is", { "{'iss':'us'}", "{'is\\u0073':''}", "{'iss':null}", "{'iss':1,'sub':1}" } },
	{ "exp is", { "{'exp':1800003600}", "{'exp':null}", "{'\\u0065xp':1}" } },
	/* RFC 7519 4.1.2, 4.1.3, 4.1.5 */
	{ "sub must", { "{'sub':1}", "{'sub':null}", "{'sub':['x']}", "{'s\\u0075b':{}}" } },
	{ "aud must", { "{'aud':1}", "{'aud':null}", "{'aud':true}", "{'aud':{}}",
	    "{'aud':['x',1]}", "{'aud':[['x']]}", "{'\\u0061ud':[null]}",
	    "{'aud':[{'a':'x'},'x']}" } },
	{ "nbf must", { "{'nbf':'1'}", "{'nbf':null}", "{'nbf':-1}", "{'nbf':[1]}",
	    "{'n\\u0062f':true}", "{'nbf':253402300800}", "{'nbf':1." ZEROS "00000000000}",
	    "{'a':1,'sub':'x','nbf':-1,'aud':1}" } },
};

/* Has claims issued to a caller of this text, which is an object of its own or, `inside`, the
 * second token of another. */
static bool
issue(struct buf *claims, const struct claims_setting *setting, const char *caller, bool inside,
    struct buf *why)
{
	static const uint8_t nonce[CLAIMS_NONCE] = { 1, 2, 3, 0xab, [CLAIMS_NONCE - 1] = 0xff };
	static const struct claims_stamp stamp = { NOW, nonce };
	static struct json_tok tok[JSON_TOKENS_MAX];
	char json[TEXT];
	struct buf b = buf_over(json, sizeof json);
	struct json doc;

	if (caller == NULL)
		return claims_issue(claims, setting, &stamp, NULL, 0, why);
	put_quoted(&b, inside ? "{'claims':" : "");
	put_quoted(&b, caller);
	put_quoted(&b, inside ? ",'exp':1,'aud':2}" : "");
	if (json_parse(&doc, tok, JSON_TOKENS_MAX, buf_str(&b)))
		return claims_issue(claims, setting, &stamp, &doc, inside ? 2 : 0, why);
	buf_text(why, doc.fault);
	return false;
}

static void
claims_that_are_issued(void)
{
	for (size_t i = 0; i < 2 * COUNT(issued); i++) {
		const char *caller = issued[i / 2].caller, *audience = issued[i / 2].audience;
		struct claims_setting setting = { issued[i / 2].issuer, audience, 3600 };
		char got_text[512], want_text[512], reason[256];
		struct buf got = buf_over(got_text, sizeof got_text),
		    want = buf_over(want_text, sizeof want_text),
		    why = buf_over(reason, sizeof reason);
		bool ok = issue(&got, &setting, caller, i % 2, &why);

		put_quoted(&want, "{'iat':1800000000,'jti':'010203ab0000000000000000000000ff'");
		put_quoted(&want, issued[i / 2].want);
		caller = caller == NULL ? "nothing" : caller;
		CHECK(ok && why.n == 0, "%s: %.*s", caller, (int)why.n, reason);
		CHECK_BYTES(buf_str(&got), buf_str(&want), "%s", caller);
	}
}

static void
claims_that_are_refused(void)
{
	static const struct claims_setting setting = { NULL, "api", 3600 };

	for (size_t i = 0; i < 2 * COUNT(refusals); i++) {
		const char *says = refusals[i / 2].says;

		for (const char *const *p = refusals[i / 2].callers; *p != NULL; p++) {
			char text[512], reason[256];
			struct buf claims = buf_over(text, sizeof text),
			    why = buf_over(reason, sizeof reason);
			bool ok = issue(&claims, &setting, *p, i % 2, &why);

			CHECK(!ok && why.n > strlen(says) &&
			    memcmp(reason, says, strlen(says)) == 0, "%s: %d, %.*s", *p, ok,
			    (int)why.n, reason);
		}
	}
}

/* A token of these claims, as the service makes it. */
static enum jwt_verdict
find_minted(struct str claims, const struct jwt_policy *policy, int64_t now)
{
	static char text[4 * TEXT];
	struct buf token = buf_over(text, sizeof text);

	jwt_mint(&token, &one_key()->key[0], claims);
	return find(one_key(), buf_str(&token), policy, now);
}

/* Whether so much is issued. If it is, it is accepted until it expires. */
static bool
issues(const struct claims_setting *setting, const struct jwt_policy *policy, enum bulk what,
    unsigned n)
{
	char text[TEXT], reason[256];
	struct buf claims = buf_over(text, sizeof text), why = buf_over(reason, sizeof reason);
	bool ok = issue(&claims, setting, bulk(what, n), false, &why);

	CHECK(ok == (why.n == 0), "%u: %d, %.*s", n, ok, (int)why.n, reason);
	CHECK(!ok || (find_minted(buf_str(&claims), policy, NOW + 3599) == JWT_GOOD &&
	    find_minted(buf_str(&claims), policy, NOW + 3600) == JWT_EXPIRED),
	    "%u are issued and not accepted", n);
	return ok;
}

/* The limits leave room for all that is added; where less is, they need not be so narrow. */
static void
limits_of_issuing(void)
{
	static const struct claims_setting bare = { NULL, NULL, 3600 }, full = { "us", "us", 3600 };
	static const struct jwt_policy policy = { .issuer = "us", .audiences = us,
	    .audience_count = 1 };

	for (size_t i = 0; i < COUNT(limits); i++) {
		enum bulk what = limits[i].what;
		unsigned most = limits[i].from_caller;

		for (unsigned n = most - 3; n <= most + 10 && n <= limits[i].most; n++) {
			CHECK(issues(&full, &policy, what, n) == (n <= most), "%u, limit %s", n,
			    limits[i].says);
			CHECK(issues(&bare, &needs_exp, what, n) || n > most, "%u, limit %s", n,
			    limits[i].says);
		}
	}
}

void
test_policy(void)
{
	verdict_names();
	header_fields();
	kid_picks();
	full_ring();
	order_of_verdicts();
	numeric_dates();
	random_dates();
	policies();
	longest_lists();
	limits_of_opening();
	claims_that_are_issued();
	claims_that_are_refused();
	limits_of_issuing();
}

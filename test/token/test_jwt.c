#include "test/test.h"

#include "base64url.h"
#include "token/jwt.h"
#include "token/keys.h"

enum { SCRATCH = 1 << 17 };

static struct jwt_scratch *
scratch(void)
{
	static struct jwt_scratch s;
	static char text[SCRATCH];

	s.text = buf_over(text, sizeof text);
	return &s;
}

/* header.claims.signature of these texts, signed with the demo key; `signature` takes the MAC's
 * place where given. */
static struct str
make(struct str header, struct str claims, const char *signature)
{
	static char token[SCRATCH];
	struct hmac512_key key;
	uint8_t mac[SHA512_DIGEST];
	size_t n = base64url_encode(token, header.p, header.n);

	token[n++] = '.';
	n += base64url_encode(token + n, claims.p, claims.n);
	hmac512_key_init(&key, keys_demo().p, keys_demo().n);
	hmac512(mac, &key, token, n);
	token[n++] = '.';
	if (signature == NULL)
		n += base64url_encode(token + n, mac, sizeof mac);
	else
		n += (size_t)snprintf(token + n, sizeof token - n, "%s", signature);
	return (struct str){ token, n };
}

static struct jwt_key
demo(void)
{
	struct jwt_key key = { .alg = JWT_HS512 };

	hmac512_key_init(&key.hs512, keys_demo().p, keys_demo().n);
	return key;
}

/* The tokens that the replaced service published (SPEC 0). */
static const char *const golden[] = {
	"eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzUxMiJ9.eyJpYXQiOjE2Njg2NzY5MDcsImp0aSI6ImYxMGZiNWY0NzQ2MWRlN"
	"GRkOGM3NjExM2NhZDc4MDNiIiwicGF5bG9hZCI6eyJkYXRhIjoidGhpcyBpcyB0ZXN0IiwiZGF0ZSI6IjIwMjItMTE"
	"tMTcifX0.LgY1OHZamo0irNBb3uGQvWRzdFEiBfjmyBOKewPAvPGqmFJGh3HaqdzDMZyX3TzKdTV35a748Xz6hoPOI"
	"xPWrA",
	"eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzUxMiJ9.eyJpYXQiOjE2Njg2NjQ0NDYsImp0aSI6IjBlNWNkYzRiYzk2YTE5Z"
	"DdmZGIzMzFlYzgxMTNkYWQwIiwicGF5bG9hZCI6eyJkYXRhIjoidGhpcyBpcyB0ZXN0IiwiZGF0ZSI6IjIwMjItMTE"
	"tMTcifX0.HChW1vzHVA6dD_j4f0zTMt2w7eKW5ydbjXBgUdRsmd6M93BcIbeEtqI9JIDnZJGWoX4MnoaUsEdorzfED"
	"sgDrQ",
	"eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzUxMiJ9.eyJpYXQiOjE2Njg2OTAyMzMsImp0aSI6IjZiMDVkZmFjNGJhNjA2M"
	"2FjMzQxZDlkOWE3YmNjZWI4IiwicGF5bG9hZCI6eyJkYXRhIjoidGhpcyBpcyB0ZXN0MyIsImRhdGUiOiIyMDIyLTE"
	"xLTE3In19.RPIUS8khOWVU91crsqHbIv_3dpWTisIFmbRo180Si9YunUxUIdxIUSE_Q2OGVthRxFt8xQ-RJ0CCetK1"
	"8YEo3g",
	"eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzUxMiJ9.eyJpYXQiOjE2Njg2Njg2NjIsImp0aSI6IjZlMTAyNTU1Y2U4NmFkN"
	"jk1MGYwYzkyOThiNTdhNzc5IiwicGF5bG9hZCI6eyJkYXRhIjoidGhpcyBpcyB0ZXN0MyIsImRhdGUiOiIyMDIyLTE"
	"xLTE3In19.BEhKN0mRK8Umn_OciwUadr7fn0bEs2cnFPpk1nEE-YUUbVenvviHCdW_LpjyVU4a3C6cxbYRoTcxs0S7"
	"pfbSVA",
};

/* Each verifies; no other character in any place of it does, nor does it with another key. */
static void
golden_tokens(void)
{
	struct jwt_key key = demo(), other = { .alg = JWT_HS512 };

	hmac512_key_init(&other.hs512, keys_demo().p, keys_demo().n - 1);
	for (size_t i = 0; i < sizeof golden / sizeof golden[0]; i++) {
		struct str token = str_from(golden[i]);
		char changed[1024];
		struct jwt t;
		unsigned wrong = 0;

		CHECK(jwt_open(&t, scratch(), token) && jwt_verify(&t, &key) == JWT_GOOD,
		    "golden token %zu", i);
		CHECK(jwt_verify(&t, &other) == JWT_BAD_SIGNATURE, "golden token %zu, another key",
		    i);
		for (size_t at = 0; at < token.n; at++) {
			memcpy(changed, token.p, token.n);
			changed[at] = changed[at] == 'A' ? 'B' : 'A';
			if (jwt_open(&t, scratch(), (struct str){ changed, token.n }) &&
			    jwt_verify(&t, &key) == JWT_GOOD)
				wrong++;
		}
		CHECK(wrong == 0, "golden token %zu: %u changes go unnoticed", i, wrong);
		for (size_t n = 0; n < token.n; n++) {
			char *p = test_flush(0, token.p, n);

			if (jwt_open(&t, scratch(), (struct str){ p, n }) &&
			    jwt_verify(&t, &key) == JWT_GOOD)
				wrong++;
		}
		CHECK(wrong == 0, "golden token %zu: %u prefixes verify", i, wrong);
	}
}

/* The last character of a signature carries two bits: the four spellings of the other bits are not
 * the same token. */
static void
one_spelling(void)
{
	static const char alphabet[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	struct jwt_key key = demo();
	unsigned accepted = 0;

	for (const char *last = alphabet; *last != '\0'; last++) {
		char token[1024];
		size_t n = strlen(golden[0]);
		struct jwt t;

		memcpy(token, golden[0], n);
		token[n - 1] = *last;
		accepted += jwt_open(&t, scratch(), (struct str){ token, n }) &&
		    jwt_verify(&t, &key) == JWT_GOOD;
	}
	CHECK(accepted == 1, "%u last characters are accepted", accepted);
}

#define HS512 "{\"typ\":\"JWT\",\"alg\":\"HS512\"}"

/* What a header or claims set can say, and what is then found. MALFORMED: jwt_open() refuses. */
enum { MALFORMED = -1 };

static const struct {
	const char *header, *claims, *signature;
	int verdict;
} cases[] = {
	{ HS512, "{}", NULL, JWT_GOOD },
	{ " { \"alg\" : \"HS512\" } ", " { } ", NULL, JWT_GOOD },
	{ "{\"alg\":\"HS512\",\"typ\":\"at+jwt\",\"x\":[1,{}]}", "{\"a\":1}", NULL, JWT_GOOD },
	/* SPEC 2.6: after unescaping */
	{ "{\"al\\u0067\":\"HS\\u003512\"}", "{}", NULL, JWT_GOOD },
	/* never used */
	{ "{\"alg\":\"HS512\",\"jwk\":{\"kty\":\"oct\",\"k\":\"AA\"}}", "{}", NULL, JWT_GOOD },
	{ "{\"alg\":\"HS512\",\"jku\":\"http://127.0.0.1/\"}", "{}", NULL, JWT_GOOD },
	{ "{\"alg\":\"none\"}", "{}", NULL, JWT_UNSUPPORTED_ALGORITHM },
	{ "{\"alg\":\"None\"}", "{}", NULL, JWT_UNSUPPORTED_ALGORITHM },
	{ "{\"alg\":\"NONE\"}", "{}", NULL, JWT_UNSUPPORTED_ALGORITHM },
	{ "{\"alg\":\"nOnE\"}", "{}", NULL, JWT_UNSUPPORTED_ALGORITHM },
	{ "{\"alg\":\"n\\u006fne\"}", "{}", NULL, JWT_UNSUPPORTED_ALGORITHM },
	{ "{\"alg\":\"none \"}", "{}", NULL, JWT_UNSUPPORTED_ALGORITHM },
	{ "{\"alg\":\"\"}", "{}", NULL, JWT_UNSUPPORTED_ALGORITHM },
	{ "{\"alg\":0}", "{}", NULL, JWT_UNSUPPORTED_ALGORITHM },
	/* of encryption: no key is derived in so many rounds, nothing is inflated */
	{ "{\"alg\":\"PBES2-HS512+A256KW\",\"p2c\":2147483647,\"p2s\":\"AA\",\"enc\":\"A256GCM\"}",
	  "{}", NULL, JWT_UNSUPPORTED_ALGORITHM },
	{ "{\"alg\":\"dir\",\"enc\":\"A256GCM\",\"zip\":\"DEF\"}", "{}", NULL,
	  JWT_UNSUPPORTED_ALGORITHM },
	{ "{\"alg\":\"HS512\",\"zip\":\"DEF\"}", "\x01\x02\x00\xfd\xff{}", NULL, MALFORMED },
	{ "{\"alg\":\"HS256\"}", "{}", NULL, JWT_UNSUPPORTED_ALGORITHM },
	{ "{\"alg\":\"hs512\"}", "{}", NULL, JWT_UNSUPPORTED_ALGORITHM },
	{ "{\"alg\":\"HS512 \"}", "{}", NULL, JWT_UNSUPPORTED_ALGORITHM },
	{ "{\"alg\":\"HS512\\u0000\"}", "{}", NULL, JWT_UNSUPPORTED_ALGORITHM },
	{ "{\"alg\":[\"HS512\"]}", "{}", NULL, JWT_UNSUPPORTED_ALGORITHM },
	{ "{\"alg\":null}", "{}", NULL, JWT_UNSUPPORTED_ALGORITHM },
	{ "{\"Alg\":\"HS512\"}", "{}", NULL, JWT_UNSUPPORTED_ALGORITHM },
	{ "{\"a\":{\"alg\":\"HS512\"}}", "{}", NULL, JWT_UNSUPPORTED_ALGORITHM },
	{ "{}", "{}", NULL, JWT_UNSUPPORTED_ALGORITHM },
	{ "{\"alg\":\"HS512\",\"crit\":[\"exp\"]}", "{}", NULL, JWT_UNSUPPORTED_CRITICAL },
	{ "{\"alg\":\"HS512\",\"crit\":[]}", "{}", NULL, JWT_UNSUPPORTED_CRITICAL },
	{ "{\"alg\":\"HS512\",\"crit\":null}", "{}", NULL, JWT_UNSUPPORTED_CRITICAL },
	{ "{\"alg\":\"HS512\",\"cr\\u0069t\":1}", "{}", NULL, JWT_UNSUPPORTED_CRITICAL },
	{ HS512, "{}", "AA", JWT_BAD_SIGNATURE },
	/* 32 bytes */
	{ HS512, "{}", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", JWT_BAD_SIGNATURE },
	{ HS512, "{}",
	  "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	  "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
	  JWT_BAD_SIGNATURE },                                    /* 66 bytes */
	{ HS512, "{}", "", MALFORMED },
	{ HS512, "{}", "A", MALFORMED },
	{ HS512, "{}", "AB", MALFORMED },                       /* unused bits */
	{ HS512, "{}", "AA==", MALFORMED },
	{ HS512, "{}", "AA.AA", MALFORMED },
	{ HS512, "{}", "A+/A", MALFORMED },
	{ HS512, "{}", "AA\n", MALFORMED },
	{ HS512, "", NULL, MALFORMED },
	{ "", "{}", NULL, MALFORMED },
	{ HS512, "[]", NULL, MALFORMED },
	{ HS512, "\"x\"", NULL, MALFORMED },
	{ HS512, "1", NULL, MALFORMED },
	{ HS512, "{}{}", NULL, MALFORMED },
	{ HS512, "{\"a\":1,\"a\":1}", NULL, MALFORMED },
	{ HS512, "{\"a\":1,\"\\u0061\":2}", NULL, MALFORMED },
	{ HS512, "{\"a\":\"\\ud800\"}", NULL, MALFORMED },
	{ HS512, "{\"a\":\"\xff\"}", NULL, MALFORMED },
	{ HS512, "{\"a\":01}", NULL, MALFORMED },
	{ "[\"HS512\"]", "{}", NULL, MALFORMED },
	{ "{\"alg\" \"HS512\"}", "{}", NULL, MALFORMED },
	{ "{\"alg\":\"none\",\"alg\":\"HS512\"}", "{}", NULL, MALFORMED },
	{ "\xef\xbb\xbf{\"alg\":\"HS512\"}", "{}", NULL, MALFORMED },
};

static void
verdicts(void)
{
	struct jwt_key key = demo();

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct str token = make(str_from(cases[i].header), str_from(cases[i].claims),
		    cases[i].signature);
		char *p = test_flush(0, token.p, token.n);
		struct jwt t;
		int got = jwt_open(&t, scratch(), (struct str){ p, token.n })
		    ? (int)jwt_verify(&t, &key) : MALFORMED;

		CHECK(got == cases[i].verdict, "%s . %s . %s: %d, not %d", cases[i].header,
		    cases[i].claims, cases[i].signature == NULL ? "(its MAC)" : cases[i].signature,
		    got, cases[i].verdict);
		CHECK(got != MALFORMED || (t.part != NULL && t.fault != NULL),
		    "case %zu: no reason is given", i);
	}
}

/* No dot, dots alone, many dots, the five parts of JWE, JWS as JSON (whose second header is signed by
 * nobody): all malformed, and read once. */
static void
shapes(void)
{
	static const char *const shape[] = { "", ".", "..", "...", "a", "a.b", ".b.c", "a..c",
	    "a.b.", "a.b.c.d", "e30.e30", " e30.e30.AA", "e30.AA.AA.AA.AA",
	    "{\"protected\":\"eyJhbGciOiJIUzUxMiJ9\",\"header\":{\"alg\":\"none\"},\"payload\":\"e30\",\"signature\":\"AA\"}" };
	static char dots[1 << 16];
	struct jwt t;

	for (size_t i = 0; i < sizeof shape / sizeof shape[0]; i++)
		CHECK(!jwt_open(&t, scratch(), str_from(shape[i])), "'%s' is taken for a token",
		    shape[i]);
	CHECK(!jwt_open(&t, scratch(), (struct str){ NULL, 0 }), "nothing is taken for a token");
	memset(dots, '.', sizeof dots);
	CHECK(!jwt_open(&t, scratch(), (struct str){ dots, sizeof dots }),
	    "dots are taken for a token");
}

/* What is minted verifies, has the length that was foretold, and shows the claims again. */
static void
mint(void)
{
	static struct key_ring ring;
	char reason[128];
	struct buf why = buf_over(reason, sizeof reason);
	unsigned bad = 0;

	CHECK(keys_add_bytes(&ring, keys_demo(), NULL, &why), "the demo key is refused");
	for (size_t n = 2; n < 400; n++) {
		char claims[512], out[1024];
		struct buf token = buf_over(out, sizeof out), small;
		struct jwt t;

		memset(claims, ' ', sizeof claims);
		claims[0] = '{';
		claims[n - 1] = '}';
		jwt_mint(&token, &ring.key[0], (struct str){ claims, n });
		bad += token.bad || token.n != jwt_length(&ring.key[0], n) ||
		    !jwt_open(&t, scratch(), buf_str(&token)) ||
		    jwt_verify(&t, &ring.key[0]) != JWT_GOOD ||
		    !str_equal(t.claims, (struct str){ claims, n });
		small = buf_over(out, token.n - 1);
		jwt_mint(&small, &ring.key[0], (struct str){ claims, n });
		bad += !small.bad;
	}
	CHECK(bad == 0, "%u lengths of claims", bad);
}

/* A scratch buffer that is too small refuses; nothing is written past it. */
static void
small_scratch(void)
{
	struct str token = str_from(golden[0]);
	struct jwt_scratch *s = scratch();
	unsigned opened = 0;

	for (size_t cap = 0; cap < 120; cap++) {
		struct jwt t;

		s->text = buf_over(test_flush(1, golden[1], cap), cap);
		opened += jwt_open(&t, s, token);
	}
	CHECK(opened == 0, "%u scratch buffers below the token's length were enough", opened);
}

/* Whatever was decoded is counted, of a token that is none too: its owner wipes as much. */
static void
counted(void)
{
	static const char untouched[512] = "";
	struct str token = str_from(golden[0]);
	struct jwt_scratch *s = scratch();
	unsigned missed = 0;

	for (size_t i = 0; i < token.n; i++) {
		for (size_t cut = 0; cut < 5; cut++) {
			char changed[512];
			struct jwt t;

			memcpy(changed, token.p, token.n);
			changed[i] = "!=.A\xff"[cut];
			s->text = buf_over(s->text.p, SCRATCH);
			memset(s->text.p, 0, sizeof untouched);
			jwt_open(&t, s, (struct str){ changed, token.n - cut });
			missed += memcmp(s->text.p + s->text.n, untouched,
			    sizeof untouched - s->text.n) != 0;
		}
	}
	CHECK(missed == 0, "%u malformed tokens leave bytes that nobody counts", missed);
}

void
test_jwt(void)
{
	golden_tokens();
	one_spelling();
	verdicts();
	shapes();
	mint();
	small_scratch();
	counted();
}

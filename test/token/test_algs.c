/* Keys of more than one algorithm (SPEC 7): what files of them are taken, what each is used for, and
 * that none is used for another one (RFC 8725 3.1). JSON stands here with ' in the place of ". */
#include "test/test.h"

#include "base64url.h"
#include "test/token/sign.h"
#include "token/key_files.h"
#include "token/key_names.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define COUNT(array) (sizeof (array) / sizeof (array)[0])

/* RFC 8037 A.1; RFC 8032 7.1, tests 2 and 3. */
#define D "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"
#define X "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
#define D2 "TM0Imyj_ltqdtsNG7BFOD1uKMZ81q6Yk2oz27U-4pvs"
#define X2 "PUAXw-hDiVqStwqnTRt-vJyYLM8uxJaMwM1V8Sr0Zgw"
#define D3 "xaqN9D-fg3vtt0QvMdy3sWbThTUHbwlLhc46LgtEWPc"
#define X3 "_FHNjmIYoaONpH7QAjDwWAgW7RO6MwOsXeuRFUiQgCU"
/* RFC 7515 A.1.1, RFC 7520 3.5, and 31 bytes */
#define K "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"
#define K32 "hJtXIZ2uSN5kbQfbtTNWbpdmhkV8FJG-Onbc6mxCcYg"
#define K31 "hJtXIZ2uSN5kbQfbtTNWbpdmhkV8FJG-Onbc6mxCcQ"

#define OKP "{'kty':'OKP','crv':'Ed25519','x':'"
#define PRIVATE(n) OKP X##n "','d':'" D##n "'"
#define PUBLIC(n) OKP X##n "'"
#define HS512 "{'kty':'oct','k':'" K "'"
#define HS256 "{'kty':'oct','alg':'HS256','k':'" K32 "'"
#define SET(keys) "{'keys':[" keys "]}"

/* openssl pkey, of the same key */
#define PKCS8 "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g"
#define SPKI "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
#define SPKI_URL "MCowBQYDK2VwAyEA11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
#define PEM(label, body) "-----BEGIN " label "-----\n" body "\n-----END " label "-----\n"

static struct key_ring ring;
static char path[64], why[512], logged[4096];
static int fd, log_fd;

/* Quotes are written so in JSON alone. */
static struct str
spelt(const char *text)
{
	static char out[8192];
	size_t n = strlen(text);

	for (size_t i = 0; i < n; i++)
		out[i] = text[i] == '\'' ? '"' : text[i];
	return (struct str){ out, n };
}

/* Adds what a file of this text holds; what is said goes into `why` and `logged`. */
static bool
add(const char *text)
{
	struct buf b = buf_over(why, sizeof why - 1);
	struct str file = spelt(text);
	int stderr_fd = dup(STDERR_FILENO);
	ssize_t n;
	bool ok;

	if (ftruncate(fd, 0) != 0 || pwrite(fd, file.p, file.n, 0) != (ssize_t)file.n ||
	    ftruncate(log_fd, 0) != 0 || dup2(log_fd, STDERR_FILENO) < 0)
		abort();
	ok = keys_add_file(&ring, path, &b);
	if (dup2(stderr_fd, STDERR_FILENO) < 0 || close(stderr_fd) != 0)
		abort();
	why[b.n] = '\0';
	n = pread(log_fd, logged, sizeof logged - 1, 0);
	logged[n > 0 ? n : 0] = '\0';
	return ok;
}

static bool
load(const char *text)
{
	keys_wipe(&ring);
	return add(text);
}

#define KEY_NEW_ "; 'jwtd keygen NEWFILE' makes a new one"
#define FOREIGN(what) "it is " what "; a key is a JWK, Ed25519 in PEM as openssl writes it, or, " \
	"for HS512, its bytes" KEY_NEW_
#define FOREIGN_PEM(what) "it is " what "; a key is a JWK, Ed25519 in PEM as openssl writes it, or, " \
	"for HS512, its bytes; 'jwtd keygen --alg EdDSA NEWFILE' makes a new one"
#define NOT_32(name) "its " name " is not 32 bytes in base64url without padding"
#define UNFIT "its x is not a public key, or one of small order"
#define OTHERS "its x and d are not of one key"
#define CRV(is) "its crv is " is "not Ed25519"
#define ALG(is) "its alg is " is "not EdDSA"
#define OPS "its key_ops let it neither sign nor verify"
#define CONTRARY "its use and key_ops contradict each other"
#define SHORT_32 "the key is shorter than 32 bytes (RFC 7518 3.2)" KEY_NEW_
#define SHORT_64 "the key is shorter than 64 bytes (RFC 7518 3.2); 32 are enough in a JWK with " \
	"\"alg\":\"HS256\"" KEY_NEW_
#define NEEDS_KID "of two EdDSA keys each needs a kid: 'jwtd jwk FILE --kid K' gives it one"
#define BYTES_TWICE "a key of another alg has the same bytes"
#define ZEROS "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

/* What each file is found to be. */
static const struct {
	const char *file, *message;
} files[] = {
	{ PRIVATE() "}", NULL }, { PUBLIC() "}", NULL }, { PRIVATE(2) "}", NULL },
	{ PRIVATE() ",'alg':'EdDSA','use':'sig','kid':'a'}", NULL },
	{ PRIVATE() ",'alg':'Ed25519'}", NULL },        /* RFC 9864 */
	{ PUBLIC() ",'key_ops':['verify'],'use':'sig'}", NULL },
	{ "{'kty':'OKP','crv':'Ed2551\\u0039','x':'\\u00311qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',"
	  "'d':'\\u006eWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A'}", NULL },
	{ PUBLIC() ",'k':'" K "','y':5}", NULL },       /* members of others are passed over */
	/* RFC 8037 2: x is required, also beside d */
	{ "{'kty':'OKP','crv':'Ed25519','d':'" D "'}", "it has no x" },
	{ "{'kty':'OKP','crv':'Ed25519','x':5}", "it has no x" },
	{ "{'kty':'OKP','crv':'Ed25519','k':'" K "'}", "it has no x" },
	{ OKP X "','d':5}", NOT_32("d") }, { OKP X "','d':null}", NOT_32("d") },
	{ OKP X "','d':''}", NOT_32("d") }, { OKP "'}", NOT_32("x") },
	{ OKP X "=','d':'" D "'}", NOT_32("x") }, { OKP X "A'}", NOT_32("x") },
	{ OKP K31 "'}", NOT_32("x") }, { OKP K "'}", NOT_32("x") }, { OKP X "','d':'" K "'}", NOT_32("d") },
	{ OKP "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo'}", NOT_32("x") },
	{ OKP "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURp'}", NOT_32("x") },       /* unused bits */
	{ OKP X2 "','d':'" D "'}", OTHERS }, { OKP D "','d':'" D "'}", OTHERS },
	{ OKP X "','d':'" X "'}", OTHERS },
	/* order 4, 1; no point; 2^255 - 1 */
	{ OKP ZEROS "'}", UNFIT }, { OKP "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'}", UNFIT },
	{ OKP "AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'}", UNFIT },
	{ OKP "_________________________________________38'}", UNFIT },
	/* d is looked at as other secrets are: zeros, eight bytes again and again, half of the published key */
	{ OKP "O2onvM62pC1io6jQKm8Nc2UyFXcd4kOmOsBIoYtZ2ik','d':'" ZEROS "'}",
	  "the key has fewer than 8 different bytes" KEY_NEW_ },
	{ OKP "GheeAgDJ8XNtNSwXDFuWt7CSThvVxbEufR7rIZD4HNI','d':'YWJjZGVmZ2hhYmNkZWZnaGFiY2RlZmdoYWJjZGVmZ2g'}", "the key is a shorter piece, repeated" KEY_NEW_ },
	{ OKP "A5o63sOfuZDoWfOjEnopcQRq5PLj4dtSVfSRrR9KUOA','d':'qd28q6jArBoKgS3AwvCFFLI_LbCmg0PLgZnrs4ptkeQ'}", "it is the published demo key in another form, and everybody knows it" KEY_NEW_ },
	{ PEM("PRIVATE KEY", "MC4CAQAwBQYDK2VwBCIEIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
	  "the key has fewer than 8 different bytes" KEY_NEW_ },
	{ "{'kty':'OKP','x':'" X "'}", CRV("") },
	{ "{'kty':'OKP','crv':'X25519','x':'" X "'}", CRV("\"X25519\", ") },
	{ "{'kty':'OKP','crv':'Ed448','x':'" X "'}", CRV("\"Ed448\", ") },
	{ "{'kty':'OKP','crv':'ed25519','x':'" X "'}", CRV("\"ed25519\", ") },
	{ "{'kty':'OKP','crv':['Ed25519'],'x':'" X "'}", CRV("") },
	{ "{'kty':'oct','crv':'Ed25519','x':'" X "','d':'" D "'}", "it has no k" },
	{ "{'kty':'EC','crv':'Ed25519','x':'" X "'}", "its kty is \"EC\", not oct or OKP" },
	{ PUBLIC() ",'alg':'HS512'}", ALG("\"HS512\", ") }, { PUBLIC() ",'alg':'HS256'}", ALG("\"HS256\", ") },
	{ PUBLIC() ",'alg':'ES256'}", ALG("\"ES256\", ") }, { PUBLIC() ",'alg':'none'}", ALG("\"none\", ") },
	{ PUBLIC() ",'alg':null}", ALG("") }, { PUBLIC() ",'alg':'ECDH-ES'}", ALG("\"ECDH-ES\", ") },
	{ PUBLIC() ",'use':'enc'}", "its use is \"enc\", not sig" },
	{ PUBLIC() ",'key_ops':['sign']}", OPS },       /* which it could not */
	{ PRIVATE() ",'key_ops':['deriveKey']}", OPS }, { PRIVATE() ",'key_ops':['sign']}", NULL },
	{ PRIVATE() ",'use':'sig','key_ops':['sign','deriveKey']}", CONTRARY },
	{ PUBLIC() ",'kid':5}", "its kid is not a string" },
	{ SET(PRIVATE() ",'use':'sig','key_ops':['wrapKey']}"), "the set has no key that is of use here" },
	{ SET(PRIVATE() ",'use':'sig','key_ops':['sign','wrapKey']}"), "key 1 of the set: " CONTRARY },
	{ SET(OKP X2 "','d':'" D "'}"), "key 1 of the set: " OTHERS },
	/* HS256: as long as its digest */
	{ HS256 "}", NULL }, { "{'kty':'oct','alg':'HS256','k':'" K "'}", NULL },
	{ "{'kty':'oct','alg':'HS256','k':'" K31 "'}", SHORT_32 },
	{ "{'kty':'oct','k':'" K32 "'}", SHORT_64 }, { "{'kty':'oct','alg':'HS512','k':'" K32 "'}", SHORT_64 },
	{ "{'kty':'oct','alg':'HS256','k':'" ZEROS "'}", "the key has fewer than 8 different bytes" KEY_NEW_ },
	/* PEM, as openssl writes it and no other */
	{ PEM("PRIVATE KEY", PKCS8), NULL }, { PEM("PUBLIC KEY", SPKI), NULL },
	{ "-----BEGIN PUBLIC KEY-----\n" SPKI "\n-----END PUBLIC KEY-----", NULL },
	{ PEM("PUBLIC KEY", PKCS8), FOREIGN_PEM("PEM (PUBLIC KEY)") },
	{ PEM("PRIVATE KEY", SPKI), FOREIGN_PEM("PEM (PRIVATE KEY)") },
	{ PEM("ED25519 PRIVATE KEY", PKCS8), FOREIGN_PEM("PEM (ED25519 PRIVATE KEY)") },
	{ PEM("PUBLIC KEY", "MCowBQYDK2VuAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="),
	  FOREIGN_PEM("PEM (PUBLIC KEY)") },                /* X25519 */
	{ PEM("PRIVATE KEY", "MC4CAQAwBQYDK2VuBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g"),
	  FOREIGN_PEM("PEM (PRIVATE KEY)") },
	{ PEM("PRIVATE KEY", "MEcCAQAwBQYDK2VxBDsEOZVvQRGjVHtF2qFD8MWXJaAjd3VoRMVShtlhmE8jdN+s\n"
	  "/rZd0yEDhq/dFhl3xviEg8wctNvfD7ILQw=="), FOREIGN_PEM("PEM (PRIVATE KEY)") },
	{ PEM("PUBLIC KEY", SPKI_URL "="), FOREIGN_PEM("PEM (PUBLIC KEY)") },       /* not base64 */
	{ PEM("PUBLIC KEY", SPKI_URL), FOREIGN_PEM("PEM (PUBLIC KEY)") },
	{ PEM("PUBLIC KEY", "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURoA"),
	  FOREIGN_PEM("PEM (PUBLIC KEY)") },
	{ PEM("PUBLIC KEY", "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURp="),
	  FOREIGN_PEM("PEM (PUBLIC KEY)") },                /* unused bits */
	{ PEM("PUBLIC KEY", SPKI) "\n", FOREIGN_PEM("PEM (PUBLIC KEY)") },
	{ "\n" PEM("PUBLIC KEY", SPKI), FOREIGN_PEM("PEM (PUBLIC KEY)") },
	{ PEM("PRIVATE KEY", PKCS8) PEM("PUBLIC KEY", SPKI), FOREIGN_PEM("PEM (PRIVATE KEY)") },
	{ "-----BEGIN PUBLIC KEY-----\r\n" SPKI "\r\n-----END PUBLIC KEY-----\r\n",
	  FOREIGN_PEM("PEM (PUBLIC KEY)") },
	{ "-----BEGIN PUBLIC KEY-----\n" SPKI "\n-----END PRIVATE KEY-----\n", FOREIGN_PEM("PEM (PUBLIC KEY)") },
	{ PEM("PUBLIC KEY", "MCowBQYDK2VwAyEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="), UNFIT },
	/* rings of several */
	{ SET(HS512 "}," HS256 "}," PRIVATE() "}"), NULL },
	{ SET(PRIVATE() ",'kid':'a'}," PRIVATE(2) ",'kid':'b'}," PUBLIC(3) ",'kid':'c'}"), NULL },
	{ SET(PRIVATE() ",'kid':'a'}," PRIVATE(2) "}"), "key 2 of the set: " NEEDS_KID },
	{ SET(PRIVATE() "}," PUBLIC(2) ",'kid':'a'}"), "key 2 of the set: " NEEDS_KID },
	{ SET(PRIVATE() "}," PRIVATE(2) ",'key_ops':['sign']}"), NULL },
	{ SET(PRIVATE() ",'key_ops':['sign']}," PRIVATE(2) "}"), NULL },
	{ SET(PRIVATE() ",'key_ops':['sign']}," PRIVATE(2) "}," PUBLIC(3) "}"), "key 3 of the set: " NEEDS_KID },
	{ SET(HS512 ",'kid':'a'}," HS256 ",'kid':'a'}," PUBLIC() ",'kid':'a'}"), NULL },
	{ SET(HS256 ",'kid':'a'}," HS512 ",'kid':'a'}," "{'kty':'oct','kid':'a','alg':'HS256','k':'" K K "'}"),
	  "key 3 of the set: another key has the same kid: key 1 of key file /proc/self/fd/" },
	{ SET(PUBLIC() ",'kid':'a'}," PUBLIC(2) ",'kid':'a'}"),
	  "key 2 of the set: another key has the same kid: key 1 of key file /proc/self/fd/" },
	/* one key, one algorithm */
	{ SET(HS512 "},{'kty':'oct','alg':'HS256','k':'" K "'}"), "key 2 of the set: " BYTES_TWICE },
	{ SET("{'kty':'oct','alg':'HS256','k':'" K "'}," HS512 "}"), "key 2 of the set: " BYTES_TWICE },
	{ SET(PUBLIC() "},{'kty':'oct','alg':'HS256','k':'" X "'}"), "key 2 of the set: " BYTES_TWICE },
	{ SET("{'kty':'oct','alg':'HS256','k':'" X "'}," PUBLIC() "}"), "key 2 of the set: " BYTES_TWICE },
	{ SET(PUBLIC() "},{'kty':'oct','alg':'HS256','k':'" D "'}"), "key 2 of the set: " BYTES_TWICE },
	{ SET("{'kty':'oct','alg':'HS256','k':'" D "'}," PRIVATE() "}"), "key 2 of the set: " BYTES_TWICE },
	{ SET("{'kty':'oct','alg':'HS256','k':'" D "'}," PUBLIC() "}"), "key 2 of the set: " BYTES_TWICE },
	{ SET("{'kty':'oct','alg':'HS256','k':'" D "'}," PUBLIC(2) "}"), NULL },
	{ SET("{'kty':'oct','alg':'HS256','k':'" X "'}," PRIVATE() "}"), "key 2 of the set: " BYTES_TWICE },
	{ SET(PUBLIC() "},{'kty':'oct','alg':'HS256','k':'" D2 "'}"), NULL },
	/* what everybody may know is no secret, for either MAC: DER, PEM, a JWK */
	{ "{'kty':'oct','alg':'HS256','k':'" SPKI_URL "'}", FOREIGN("DER (a key, a certificate)") },
	{ "{'kty':'oct','alg':'HS256','k':'eyJrdHkiOiJPS1AiLCJjcnYiOiJFZDI1NTE5IiwieCI6IjExcVlBWUt4Q3JmVlNf"
	  "N1R5V1FIT2c3aGN2UGFwaU1scndJYWFQY0hVUm8ifQ'}", FOREIGN("JSON") },
	{ "{'kty':'oct','k':'LS0tLS1CRUdJTiBQVUJMSUMgS0VZLS0tLS0KTUNvd0JRWURLMlZ3QXlFQTExcVlBWUt4Q3JmVlMv"
	  "N1R5V1FIT2c3aGN2UGFwaU1scndJYWFQY0hVUm89Ci0tLS0tRU5EIFBVQkxJQyBLRVktLS0tLQo'}",
	  FOREIGN_PEM("PEM (PUBLIC KEY)") },
};

static void
each_file(void)
{
	for (size_t i = 0; i < COUNT(files); i++) {
		bool ok = load(files[i].file);
		const char *want = files[i].message != NULL ? files[i].message : "";
		size_t n = strlen(want);

		if (n > 0 && want[n - 1] == '/')        /* a path that ends in any number */
			why[n] = '\0';
		CHECK(ok == (files[i].message == NULL) && strcmp(why, want) == 0, "%s: %s, '%s'",
		    files[i].file, ok ? "taken" : "refused", why);
		CHECK(strstr(why, "nWGx") == NULL && strstr(logged, "nWGx") == NULL, "%s: told",
		    files[i].file);
	}
}

/* A token of empty claims with this header, signed by what the key is. */
static struct str
sign(const struct jwt_key *by, const char *header)
{
	return sign_empty(by, spelt(header));
}

static enum jwt_verdict
judge(struct str token)
{
	static struct jwt_scratch s;
	static char text[1 << 14];
	struct jwt t;

	s.text = buf_over(text, sizeof text);
	return jwt_open(&t, &s, token) ? keys_verify(&ring, &t) : JWT_MALFORMED;
}

static const char *const words[] = { "HS512", "HS256", "EdDSA", "Ed25519", "none", "None", "HS384",
    "ES256", "RS256", "eddsa", "ED25519", "EdDSA ", "Ed448", "HS512\\u0000", "" };

static enum jwt_alg
meant(const char *word)
{
	return strcmp(word, "HS512") == 0 ? JWT_HS512 : strcmp(word, "HS256") == 0 ? JWT_HS256 :
	    strcmp(word, "EdDSA") == 0 || strcmp(word, "Ed25519") == 0 ? JWT_EDDSA : JWT_NO_ALG;
}

#define THREE SET(HS512 ",'kid':'a'}," HS256 ",'kid':'a'}," PRIVATE() ",'kid':'a'}")

/* A signature of each key under each name, in a ring of that key alone, and in one of all three. */
static void
each_pair(void)
{
	static const char *const alone[] = { HS512 "}", HS256 "}", PRIVATE() "}" };
	struct jwt_key key[3];
	unsigned good = 0;

	CHECK(load(THREE) && ring.n == 3, "three: %s", why);
	for (unsigned i = 0; i < 3; i++)
		key[i] = ring.key[i];
	for (unsigned in = 0; in <= 3; in++) {
		CHECK(load(in < 3 ? alone[in] : THREE), "ring %u: %s", in, why);
		for (unsigned by = 0; by < 3; by++)
			for (size_t i = 0; i < 2 * COUNT(words); i++) {
				const char *word = words[i / 2], *kid = i % 2 ? ",'kid':'a'" : "";
				enum jwt_alg says = meant(word);
				char header[80];
				enum jwt_verdict got, want = JWT_BAD_SIGNATURE;

				snprintf(header, sizeof header, "{'alg':'%s'%s}", word, kid);
				if (says == JWT_NO_ALG || (in < 3 && says != ring.key[0].alg))
					want = JWT_UNSUPPORTED_ALGORITHM;
				else if (i % 2 && in < 3)
					want = JWT_UNKNOWN_KEY;
				else if (says == key[by].alg)
					want = JWT_GOOD;
				key[2].ed25519.verifier = &ring.verifier[in < 3 ? 0 : 2];
				got = judge(sign(&key[by], header));
				good += got == JWT_GOOD;
				CHECK(got == want, "%s by key %u in ring %u: %s", header, by, in,
				    jwt_verdict_name(got));
			}
	}
	CHECK(good == 12, "%u are good", good);         /* 4 alone, 8 in the ring of three */
}

/* A MAC under what everybody may know of the key, in whatever form. */
static void
public_secrets(void)
{
	static const char pem[] = PEM("PUBLIC KEY", SPKI);
	char x[32], der[44], jwk[256];
	struct buf b = buf_over(jwk, sizeof jwk);
	struct str forms[6];
	unsigned taken = 0;

	CHECK(load(PUBLIC() "}"), "a public key: %s", why);
	jwk_put_set(&b, &ring);
	base64url_decode(x, X, strlen(X));
	base64url_decode(der, SPKI_URL, strlen(SPKI_URL));
	forms[0] = (struct str){ x, sizeof x };
	forms[1] = (struct str){ der, sizeof der };
	forms[2] = (struct str){ pem, sizeof pem - 1 };
	forms[3] = (struct str){ pem, sizeof pem - 2 };
	forms[4] = STR(X);
	forms[5] = buf_str(&b);
	for (size_t i = 0; i < COUNT(forms); i++) {
		struct jwt_key hs512 = { .alg = JWT_HS512 }, hs256 = { .alg = JWT_HS256 };

		hmac512_key_init(&hs512.hs512, forms[i].p, forms[i].n);
		hmac256_key_init(&hs256.hs256, forms[i].p, forms[i].n);
		for (size_t w = 0; w < COUNT(words); w++) {
			char header[80];

			snprintf(header, sizeof header, "{'alg':'%s'}", words[w]);
			taken += judge(sign(&hs512, header)) == JWT_GOOD;
			taken += judge(sign(&hs256, header)) == JWT_GOOD;
		}
	}
	CHECK(taken == 0, "%u MACs under a public key are good", taken);
}

/* A signature of its own length is good, and none that is cut, or goes on, by whatever it begins with;
 * nor one that is longer than any buffer. */
static void
lengths(void)
{
	static char token[12288];
	static uint8_t bytes[9000];
	static const char *const alg[] = { "{'alg':'HS512'}", "{'alg':'HS256'}", "{'alg':'EdDSA'}" };

	CHECK(load(THREE), "three: %s", why);
	for (unsigned i = 0; i < 3; i++) {
		struct str whole = sign(&ring.key[i], alg[i]);
		size_t dot = whole.n;
		unsigned good = 0;

		while (whole.p[dot - 1] != '.')
			dot--;
		memset(bytes, 0, sizeof bytes);
		base64url_decode((char *)bytes, whole.p + dot, whole.n - dot);
		memcpy(token, whole.p, dot);
		for (size_t n = 1; n <= sizeof bytes; n += n < 256 ? 1 : 257)
			good += judge((struct str){ token, dot + base64url_encode(token + dot,
			    bytes, n) }) == JWT_GOOD;
		CHECK(good == 1, "%s: %u lengths are good", alg[i], good);
	}
}

/* RFC 7515 A.1, as it stands; RFC 8037 A.4, whose text is no JSON. */
static void
examples(void)
{
	static const char input[] = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
	    signature[] = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_"
	    "MuM0KAg";
	uint8_t given[64], made[64];

	CHECK(load("{'kty':'oct','alg':'HS256','k':'" K "'}") && judge(STR("eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJI"
	    "UzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290"
	    "Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")) == JWT_GOOD, "RFC 7515 A.1");
	base64url_decode(given, signature, strlen(signature));
	CHECK(load(PRIVATE() "}"), "RFC 8037 A.1: %s", why);
	ed25519_sign(made, &ring.key[0].ed25519.signer, input, strlen(input));
	CHECK(memcmp(made, given, sizeof made) == 0, "RFC 8037 A.4");
	CHECK(load(PUBLIC() "}") && ed25519_verify(ring.key[0].ed25519.verifier, given, input,
	    strlen(input)), "RFC 8037 A.5");
}

/* Who signs where nobody is named: -1, nobody; and who does for POST /. */
static const struct {
	const char *file;
	int signer, signer_hs512;
	const char *names;
} signers[] = {
	{ HS512 "}", 0, 0, "1 key: af8af37418915b70 (HS512, signs)" },
	{ PRIVATE() ",'kid':'a'}", 0, -1, "1 key: \"a\" (EdDSA, signs)" },
	{ PRIVATE() "}", 0, -1, "1 key: 5948f89642721673 (EdDSA, signs)" },     /* of the public part */
	{ PUBLIC() "}", -1, -1, "1 key: 5948f89642721673 (EdDSA); none signs, so no tokens are issued" },
	{ PUBLIC() ",'kid':'a'}", -1, -1, "1 key: \"a\" (EdDSA); none signs, so no tokens are issued" },
	{ SET(PRIVATE() ",'kid':'a'}," HS512 ",'kid':'b'}"), 0, 1,
	  "2 keys: \"a\" (EdDSA, signs), \"b\" (HS512)" },
	{ SET(PUBLIC() ",'kid':'a'}," HS256 ",'kid':'b'}"), 1, -1,
	  "2 keys: \"a\" (EdDSA), \"b\" (HS256, signs)" },
	/* the first that also judges; else the first */
	{ SET(HS256 ",'kid':'a','key_ops':['sign']}," HS512 ",'kid':'b'}"), 1, 1,
	  "2 keys: \"a\" (HS256, judges nothing), \"b\" (HS512, signs)" },
	{ SET(HS256 ",'kid':'a','key_ops':['sign']}," PUBLIC() ",'kid':'b'}"), 0, -1,
	  "2 keys: \"a\" (HS256, signs, judges nothing), \"b\" (EdDSA)" },
	{ SET(HS512 ",'kid':'a','key_ops':['verify']}," PRIVATE() ",'kid':'b','key_ops':['verify']}"), -1, -1,
	  "2 keys: \"a\" (HS512), \"b\" (EdDSA); none signs, so no tokens are issued" },
	{ SET(HS512 ",'kid':'a','key_ops':['sign']}," PRIVATE() ",'kid':'b','key_ops':['sign']}"), 0, 0,
	  "2 keys: \"a\" (HS512, signs, judges nothing), \"b\" (EdDSA, judges nothing)" },
	{ SET(HS512 ",'kid':'a','key_ops':['sign']},{'kty':'oct','kid':'b','k':'" K K "'}"), 1, 1,
	  "2 keys: \"a\" (HS512, judges nothing), \"b\" (HS512, signs)" },
};

static void
who_signs(void)
{
	for (size_t i = 0; i < COUNT(signers); i++) {
		char text[KEY_NAMES_MAX];
		struct buf b = buf_over(text, sizeof text);
		int signer, of_root;

		CHECK(load(signers[i].file), "%s: %s", signers[i].file, why);
		signer = ring.signer != NULL ? (int)(ring.signer - ring.key) : -1;
		of_root = ring.signer_hs512 != NULL ? (int)(ring.signer_hs512 - ring.key) : -1;
		CHECK(signer == signers[i].signer && of_root == signers[i].signer_hs512,
		    "%s: %d signs, of / %d", signers[i].file, signer, of_root);
		key_name_all(&b, &ring);
		CHECK_BYTES(buf_str(&b), str_from(signers[i].names), "%s", signers[i].file);
	}
}

/* A key that issues alone opens nothing here, whether its id is named or not; one that judges
 * alone is found by no client. */
static void
uses(void)
{
	struct json_string id = { STR("s"), false };
	struct jwt_key by[3];
	unsigned found;

	CHECK(load(SET(HS256 ",'kid':'s','key_ops':['sign']},{'kty':'oct','alg':'HS256','kid':'j','k':'" K "',"
	    "'key_ops':['verify']}," HS512 ",'kid':'j'}")) == false, "the same bytes: %s", why);
	CHECK(load(SET(HS256 ",'kid':'s','key_ops':['sign']},{'kty':'oct','alg':'HS256','kid':'j','k':'" K "',"
	    "'key_ops':['verify']}," PRIVATE() ",'kid':'j'}")), "three keys: %s", why);
	for (unsigned i = 0; i < 3; i++)
		by[i] = ring.key[i];
	CHECK(judge(sign(&by[0], "{'alg':'HS256','kid':'s'}")) == JWT_UNKNOWN_KEY, "its id");
	CHECK(judge(sign(&by[0], "{'alg':'HS256'}")) == JWT_BAD_SIGNATURE, "no id");
	CHECK(judge(sign(&by[1], "{'alg':'HS256'}")) == JWT_GOOD, "the one that judges");
	CHECK(judge(sign(&by[1], "{'alg':'HS256','kid':'j'}")) == JWT_GOOD, "by its id");
	CHECK(judge(sign(&by[2], "{'alg':'EdDSA','kid':'j'}")) == JWT_GOOD, "the other of that id");
	CHECK(judge(sign(&by[2], "{'alg':'EdDSA','kid':'s'}")) == JWT_UNKNOWN_KEY, "no such id");
	CHECK(keys_find_signer(&ring, id, &found) && found == 0, "s signs");
	id = (struct json_string){ STR("j"), false };
	CHECK(keys_find_signer(&ring, id, &found) && found == 2, "of two j's the one that signs does");
	CHECK(load(HS256 ",'key_ops':['sign']}") && judge(sign(&by[0], "{'alg':'HS256'}")) ==
	    JWT_UNSUPPORTED_ALGORITHM, "a ring that judges nothing");
}

/* A token that names no key is tried by so many of EdDSA and no more, and each key of it still has
 * tokens of its own. */
static void
tries(void)
{
	static char text[KEY_RING_MAX * 64 + 1];
	unsigned good = 0, named = 0;

	keys_wipe(&ring);
	for (unsigned i = 0; i < KEY_ED25519_TRIES + 2; i++) {
		char id[2] = { (char)('a' + i), '\0' };
		uint8_t seed[ED25519_SEED] = { (uint8_t)(i + 1), 200, 201, 202, 203, 204, 205, 206 };
		struct buf b = buf_over(text, sizeof text);
		struct jwk key = { .alg = JWT_EDDSA, .k = { (char *)seed, sizeof seed },
		    .has_id = true, .id = { id, 1 }, .may_sign = true, .may_judge = true };

		CHECK(keys_add(&ring, &key, &b), "key %u: %.*s", i, (int)b.n, text);
	}
	for (unsigned i = 0; i < ring.n; i++) {
		struct buf b = buf_over(text, sizeof text);

		good += judge(sign(&ring.key[i], "{'alg':'EdDSA'}")) == JWT_GOOD;
		jwt_mint(&b, &ring.key[i], STR("{}"));
		named += judge(buf_str(&b)) == JWT_GOOD;
	}
	CHECK(good == KEY_ED25519_TRIES && named == ring.n, "%u of %u without an id, %u with it", good,
	    ring.n, named);
}

/* The header of each key's tokens, and how long they are. */
static void
headers(void)
{
	static const char *const rows[][2] = {
		{ HS512 "}", "{'typ':'JWT','alg':'HS512'}" },
		{ HS256 "}", "{'typ':'JWT','alg':'HS256'}" },
		{ PRIVATE() "}", "{'typ':'JWT','alg':'EdDSA'}" },
		{ PRIVATE() ",'alg':'Ed25519','kid':'k'}", "{'typ':'JWT','alg':'EdDSA','kid':'k'}" },
		{ HS256 ",'kid':'k'}", "{'typ':'JWT','alg':'HS256','kid':'k'}" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char token[1024], header[256];
		struct buf b = buf_over(token, sizeof token);
		ptrdiff_t n;

		CHECK(load(rows[i][0]), "%s: %s", rows[i][0], why);
		jwt_mint(&b, &ring.key[0], STR("{}"));
		CHECK(b.n == jwt_length(&ring.key[0], 2) && judge(buf_str(&b)) == JWT_GOOD, "%s",
		    rows[i][0]);
		n = base64url_decode(header, token, ring.key[0].header.n - 1);
		CHECK_BYTES(((struct str){ header, n > 0 ? (size_t)n : 0 }), spelt(rows[i][1]), "%s",
		    rows[i][0]);
	}
}

/* What is published: the public parts, in their order, and nothing of any other key. */
static void
published(void)
{
	char text[1024];
	struct buf b = buf_over(text, sizeof text);

	CHECK(load(SET(HS512 ",'kid':'o'}," PRIVATE() ",'kid':'\\u0022','key_ops':['sign']}," HS256 "},"
	    PUBLIC(2) ",'kid':'b'}")) && keys_have_public(&ring), "a set: %s", why);
	jwk_put_set(&b, &ring);
	CHECK_BYTES(buf_str(&b), spelt(SET("{'kty':'OKP','crv':'Ed25519','use':'sig','alg':'EdDSA','kid':'\\''"
	    ",'x':'" X "'},{'kty':'OKP','crv':'Ed25519','use':'sig','alg':'EdDSA','kid':'b','x':'" X2 "'}")),
	    "the public parts");
	CHECK(load(SET(HS512 "}," HS256 "}")) && !keys_have_public(&ring), "nothing to publish");
}

/* The public part may be read by everybody, not changed. */
static void
modes(void)
{
	CHECK(fchmod(fd, 0644) == 0 && load(PUBLIC() "}") && logged[0] == '\0', "public: %s", logged);
	CHECK(load(PEM("PUBLIC KEY", SPKI)) && logged[0] == '\0', "PEM: %s", logged);
	CHECK(load(PRIVATE() "}") && strstr(logged, "may read") != NULL, "private: %s", logged);
	CHECK(load(PEM("PRIVATE KEY", PKCS8)) && strstr(logged, "may read") != NULL, "PEM: %s", logged);
	CHECK(load(SET(PUBLIC() "}," HS512 "}")) && strstr(logged, "may read") != NULL, "both: %s", logged);
	CHECK(fchmod(fd, 0666) == 0 && load(PUBLIC() "}") && strstr(logged, "may change") != NULL,
	    "public: %s", logged);
	fchmod(fd, 0600);
}

/* The same key again, in another form or with more: it counts once, by its first. */
static void
twins(void)
{
	CHECK(load(PRIVATE() "}") && add(PUBLIC() "}") && ring.n == 1 && ring.key[0].signs &&
	    strstr(logged, "it counts once") != NULL, "private, then public: %s%s", why, logged);
	CHECK(add(PEM("PRIVATE KEY", PKCS8)) && ring.n == 1, "PEM: %s", why);
	CHECK(add(PUBLIC() ",'kid':'a'}") == false && strcmp(why, NEEDS_KID) == 0, "an id: %s", why);
	CHECK(load(PUBLIC() ",'kid':'a'}") && add(PRIVATE() ",'kid':'b'}") && ring.n == 2 &&
	    strstr(logged, "under two names") != NULL, "two ids: %s%s", why, logged);
	CHECK(load(PUBLIC() "}") && !add(PRIVATE() "}") &&
	    strcmp(why, "its public part is there already: leave that file out") == 0, "it would not sign: %s", why);
	CHECK(load(PUBLIC() ",'key_ops':['verify']}") && !add(PRIVATE() ",'key_ops':['sign']}") &&
	    strcmp(why, "the same key is there already, for another use") == 0, "not to judge: %s", why);
	CHECK(load(HS256 "}") && add(HS256 "}") && ring.n == 1, "HS256: %s", why);
}

void
test_algs(void)
{
	static void (*const tests[])(void) = { each_file, each_pair, public_secrets, lengths, examples,
	    who_signs, uses, tries, headers, published, modes, twins };

	fd = memfd_create("key", MFD_CLOEXEC);
	log_fd = memfd_create("log", MFD_CLOEXEC);
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	if (fd < 0 || log_fd < 0 || fchmod(fd, 0600) != 0 || access(path, R_OK) != 0) {
		test_skip("keys of several algorithms (needs /proc and memfd_create)");
		return;
	}
	fcntl(log_fd, F_SETFL, O_APPEND);
	for (size_t i = 0; i < COUNT(tests); i++)
		tests[i]();
	keys_wipe(&ring);
	close(fd);
	close(log_fd);
}

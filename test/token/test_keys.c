/* Key files, the ring, a file's stamp, and what the options make of them. All of it happens in a
 * folder of its own, so that names are short. JSON stands here with ' in the place of ". */
#include "test/test.h"

#include "base64url.h"
#include "settings/config.h"
#include "system/trouble.h"
#include "test/token/sign.h"
#include "token/key_names.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define COUNT(array) (sizeof (array) / sizeof (array)[0])

/* RFC 7515 A.1.1, 64 bytes; RFC 7520 3.5, 32 bytes, its id, and these bytes with as many more. */
#define K84 "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CA"
#define K85 K84 "o"
#define K K85 "w"
#define K32 "hJtXIZ2uSN5kbQfbtTNWbpdmhkV8FJG-Onbc6mxCcYg"
#define K32_ID "018c0ae5-4d9b-471b-bfd6-eef314bc7037"
#define K32_MORE \
	"hJtXIZ2uSN5kbQfbtTNWbpdmhkV8FJG-Onbc6mxCcYiIcUJs6tx2Or6RFHxFhmaXblYztdsHbWTeSK6dIVebhA"
/* RFC 7517 A.2: private parts, those of RSA cut. */
#define EC_D "870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE"
#define RSA_D "X4cTteJY_gn4FYPsXB8rdXix5vwsg1FLN5E3EaG6RJoVH-HLLKD9M7dx5oo7GURknchnrRweUkC7"
#define RSA_P "83i-7IvMGXoMXCskv73TKr8637FiO7Z27zv8oj6pbWUQyLPQBQxtPVnwD20R-60eTDmD2ujn"
#define SECRET "Service-Secret_of.32~characters0"

static struct key_ring ring;
static const struct key_ring empty_ring;
static char why[CONFIG_MESSAGE], logged[1 << 14];
static struct buf message;
static int log_fd, stderr_fd;
static unsigned leaks;

/* The tests are no good where these calls fail. */
static void
must(bool ok, const char *what)
{
	if (!ok) {
		fprintf(stderr, "test_keys: %s: %s\n", what, strerror(errno));
		exit(2);
	}
}

static void
put(const char *name, const void *bytes, size_t n)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	must(fd >= 0 && write(fd, bytes, n) == (ssize_t)n && ftruncate(fd, (off_t)n) == 0 &&
	    close(fd) == 0, name);
}

static void
put_json(const char *name, const char *json)
{
	static char text[KEY_FILE_MAX];
	size_t n = strlen(json);

	for (size_t i = 0; i < n; i++)
		text[i] = json[i] == '\'' ? '"' : json[i];
	put(name, text, n);
}

/* Secrets of the files here, or the beginnings of them, that a text gives away. */
static unsigned
tells(const char *text)
{
	static const char *const secret[] = { K, K32, EC_D, RSA_D, RSA_P, SECRET };
	unsigned n = 0;

	for (size_t i = 0; i < COUNT(secret); i++)
		n += memmem(text, strlen(text), secret[i], 8) != NULL;
	return n;
}

/* Between these two, what is logged goes into a file; then it is in `logged`, the message in
 * `why`. */
static struct buf *
begin(void)
{
	must(ftruncate(log_fd, 0) == 0 && dup2(log_fd, STDERR_FILENO) >= 0, "log");
	message = buf_over(why, sizeof why - 1);
	return &message;
}

static void
end(void)
{
	ssize_t n = pread(log_fd, logged, sizeof logged - 1, 0);

	must(n >= 0 && dup2(stderr_fd, STDERR_FILENO) >= 0, "log");
	logged[n] = '\0';
	why[message.n] = '\0';
	leaks += tells(why) + tells(logged);
}

static bool
load(const char *path)
{
	bool ok = keys_add_file(&ring, path, begin());

	end();
	return ok;
}

/* What came of it: `text` is the message, NULL where there is none since it was accepted. */
static void
expect(bool ok, const char *text, const char *what)
{
	CHECK(ok == (text == NULL) && strcmp(why, ok ? "" : text) == 0, "%s: %s, '%s'", what,
	    ok ? "accepted" : "refused", why);
}

/* The ring's only key is these bytes. */
static bool
only_key_is(const void *bytes, size_t n)
{
	struct hmac512_key key;

	hmac512_key_init(&key, bytes, n);
	return ring.n == 1 && memcmp(&key, &ring.key[0].hs512, sizeof key) == 0;
}

#define NEW_KEY "; 'jwtd keygen NEWFILE' makes a new one"
#define EMPTY "it is empty" NEW_KEY
#define SHORT "the key is shorter than 64 bytes (RFC 7518 3.2); 32 are enough in a JWK with " \
	"\"alg\":\"HS256\"" NEW_KEY
#define FEW "the key has fewer than 8 different bytes" NEW_KEY
#define PIECE "the key is a shorter piece, repeated" NEW_KEY
#define FORM "it is the published demo key in another form, and everybody knows it" NEW_KEY
#define LARGE "it is too large"
#define SPACE "it begins or ends with white space: is that part of it? Write it without"
#define CRLF "it ends in CR LF: is that part of it? Write it without"

static const struct {
	size_t n;
	const char *tail, *message;
	size_t kept;            /* bytes of the key */
} raw[] = {
	{ 63, "", SHORT, 0 }, { 64, "", NULL, 64 }, { 65, "", NULL, 65 },
	{ 63, "\n", SHORT, 0 }, { 64, "\n", NULL, 64 }, { 64, "\n\n", NULL, 65 },
	{ 62, "\n\n", SHORT, 0 }, { 63, "\n\n", NULL, 64 },
	{ 64, "\r\n", CRLF, 0 }, { 64, "\r", NULL, 65 }, { 64, "\n\r", NULL, 66 },
	{ 64, "\r\n\n", NULL, 66 }, { 0, "\r\n", CRLF, 0 },
	{ 0, "", EMPTY, 0 }, { 0, "\n", EMPTY, 0 }, { 0, "\n\n", SHORT, 0 },
	{ 65535, "\n", NULL, 65535 }, { 65536, "", NULL, 65536 },
	{ 65536, "\n", LARGE, 0 }, { 65537, "", LARGE, 0 },
};

/* Any bytes may be a key: those of the file but for one newline. test_shapes.c has what is none. */
static void
raw_files(void)
{
	static char bytes[KEY_FILE_MAX + 256];

	for (size_t i = 0; i < COUNT(raw); i++) {
		size_t tail = strlen(raw[i].tail);
		bool ok;

		for (size_t j = 0; j < raw[i].n; j++)
			bytes[j] = (char)(j * j * 7 + j * 13 + j / 256 * 59);
		memcpy(bytes + raw[i].n, raw[i].tail, tail);
		put("raw", bytes, raw[i].n + tail);
		keys_wipe(&ring);
		ok = load("raw");
		CHECK(ok == (raw[i].message == NULL) && strcmp(why, ok ? "" : raw[i].message) == 0,
		    "%zu bytes and tail %zu: %s", raw[i].n, i, why);
		CHECK(!ok || only_key_is(bytes, raw[i].kept), "%zu bytes and tail %zu: the key",
		    raw[i].n, i);
	}
}

/* A key of n bytes whose first ones come again and again, the last time perhaps cut. */
static struct str
repeated(size_t piece, size_t n)
{
	static char bytes[4096];

	for (size_t i = 0; i < n; i++)
		bytes[i] = i < piece ? (char)(i * i * 7 + i * 13 + i / 256 * 59) :
		    bytes[i - piece];
	return (struct str){ bytes, n };
}

static unsigned
flaws_of(const char *text)
{
	return key_flaws(str_from(text));
}

/* Whether the ring takes the bytes as a JWK, or refuses them so. */
static bool
takes_jwk(struct str bytes, const char *refusal)
{
	char jwk[8192] = "{'kty':'oct','k':'";
	size_t n = strlen(jwk);

	n += base64url_encode(jwk + n, bytes.p, bytes.n);
	memcpy(jwk + n, "'}", sizeof "'}");
	put_json("jwk", jwk);
	keys_wipe(&ring);
	return load("jwk") == (refusal == NULL) && strcmp(why, refusal == NULL ? "" : refusal) == 0;
}

/* The same, also as a raw file. */
static bool
takes(struct str bytes, const char *refusal)
{
	put("raw", bytes.p, bytes.n);
	keys_wipe(&ring);
	return load("raw") == (refusal == NULL) &&
	    strcmp(why, refusal == NULL ? "" : refusal) == 0 && takes_jwk(bytes, refusal);
}

/* Lengths and pieces on both sides of each limit. */
static void
pieces(void)
{
	static const struct {
		size_t piece, n;
		bool ok;
	} rows[] = {
		{ 8, 64, false }, { 31, 64, false }, { 32, 64, false }, { 33, 64, false },
		{ 47, 64, false }, { 48, 64, false }, { 49, 64, true }, { 64, 64, true },
		{ 64, 79, true }, { 64, 80, false }, { 200, 215, true }, { 200, 216, false },
		{ 255, 400, false }, { 256, 400, false }, { 257, 400, true }, { 256, 271, true },
		{ 256, 272, false }, { 256, 513, false }, { 257, 513, true }, { 257, 514, false },
		{ 500, 1000, false }, { 500, 1499, true }, { 500, 1500, false },
		{ 2048, 4096, false }, { 2048, 4095, true },
	};
	char all[64];
	unsigned wrong = 0;

	for (size_t i = 0; i < COUNT(rows); i++)
		CHECK(takes(repeated(rows[i].piece, rows[i].n), rows[i].ok ? NULL : PIECE),
		    "%zu bytes of a piece of %zu: %s", rows[i].n, rows[i].piece, why);
	for (size_t n = 64; n <= 600; n += 67)
		for (size_t piece = 8; piece <= 256 && piece + 16 <= n; piece++)
			wrong += (key_flaws(repeated(piece, n)) & KEY_REPEATS) == 0;
	CHECK(wrong == 0, "%u pieces are not seen", wrong);
	/* one byte that differs makes another key of it, wherever it is */
	for (size_t i = 0; i < 64; i++) {
		memcpy(all, repeated(32, 64).p, 64);
		all[i] ^= 1;
		wrong += key_flaws((struct str){ all, 64 }) != 0;
	}
	CHECK(wrong == 0, "%u are seen that are none", wrong);
}

static void
varieties(void)
{
	unsigned wrong = 0;

	for (unsigned different = 1; different <= 256; different++) {
		char bytes[300];

		for (unsigned i = 0; i < sizeof bytes; i++)     /* no piece of it comes again */
			bytes[i] = (char)((i < different ? i : test_random() % different) * 167);
		wrong += ((key_flaws((struct str){ bytes, sizeof bytes }) & KEY_FEW) != 0) !=
		    (different < 8);
	}
	CHECK(wrong == 0, "%u numbers of different bytes", wrong);
	CHECK(takes(STR("abcdefggfedcbaabaccabdeabcdddddabcdgabcfabcaaabbbcccdddeeefffggg"), FEW) &&
	    takes(STR("abcdefghhgfedcbaabaccabdeabcdddddabcdgabcfabcaaabbbcccdddeeefffg"), NULL),
	    "seven and eight: %s", why);
	CHECK(flaws_of("passwordpasswordpasswordpasswordpasswordpasswordpasswordpassword") ==
	    (KEY_REPEATS | KEY_FEW), "passwords");
}

/* No key that is random is refused: not one of so many, digits or bytes. */
static void
random_keys(void)
{
	unsigned flawed = 0;

	for (unsigned i = 0; i < 2000; i++) {
		uint8_t bytes[64];
		char digits[128];
		struct buf b = buf_over(digits, sizeof digits);

		for (size_t j = 0; j < sizeof bytes; j++)
			bytes[j] = (uint8_t)(test_random() >> 11);
		buf_hex(&b, bytes, sizeof bytes);
		flawed += key_flaws(buf_str(&b)) != 0;
		flawed += key_flaws((struct str){ (char *)bytes, sizeof bytes }) != 0;
	}
	CHECK(flawed == 0, "%u of 4,000 random keys have flaws", flawed);
}

/* What a path can lead to. */
static const struct {
	const char *path, *message;
	int error;              /* of the system, in the place of `message` */
} places[] = {
	{ "missing", NULL, ENOENT }, { "missing/key", NULL, ENOENT }, { "", NULL, ENOENT },
	{ "key/key", NULL, ENOTDIR }, { "dangling", NULL, ENOENT }, { "loop", NULL, ELOOP },
	{ "folder", "it is a directory", 0 }, { "fifo", EMPTY, 0 }, { "/dev/null", EMPTY, 0 },
	{ "key", NULL, 0 }, { "link", NULL, 0 }, { "folder/../link", NULL, 0 },
};

static void
odd_files(void)
{
	int writer;

	must(mkfifo("fifo", 0600) == 0 && symlink("key", "link") == 0 &&
	    symlink("missing", "dangling") == 0 && symlink("loop", "loop") == 0, "odd files");
	alarm(20);              /* a pipe that nobody writes into must not be waited for */
	for (size_t i = 0; i < COUNT(places); i++) {
		keys_wipe(&ring);
		expect(load(places[i].path), places[i].error != 0 ? trouble_text(places[i].error) :
		    places[i].message, places[i].path);
	}
	/* not even for one that is there and silent, while requests wait */
	keys_wipe(&ring);
	ring.serving = true;
	must((writer = open("fifo", O_RDWR)) >= 0, "a writer");
	expect(load("fifo"), "it is not a regular file, and others are read at the start only",
	    "a pipe at a reload");
	close(writer);
	keys_wipe(&ring);
	alarm(0);
}

/* Root may read everything, and is another user for the while. */
static void
unreadable(void)
{
	bool ok;

	if (getuid() == 0 && (seteuid(65534) != 0 || seteuid(0) != 0)) {
		test_skip("an unreadable key file (root can't be another user here)");
		return;
	}
	must(chmod("key", 0) == 0, "chmod");
	begin();
	must(getuid() != 0 || seteuid(65534) == 0, "seteuid");
	ok = keys_add_file(&ring, "key", &message);
	must(getuid() != 0 || seteuid(0) == 0, "seteuid");
	end();
	must(chmod("key", 0600) == 0, "chmod");
	expect(ok, strerror(EACCES), "an unreadable file");
}

/* As a shell gives one: --key-file <(command) */
static void
pipes(void)
{
	char path[64];
	int p[2];

	if (access("/proc/self/fd", X_OK) != 0) {
		test_skip("a key from a pipe (needs /proc)");
		return;
	}
	must(pipe(p) == 0 && write(p[1], K "\n", strlen(K) + 1) > 0 && close(p[1]) == 0, "pipe");
	snprintf(path, sizeof path, "/proc/self/fd/%d", p[0]);
	keys_wipe(&ring);
	alarm(20);
	expect(load(path), NULL, "a pipe");
	alarm(0);
	CHECK(only_key_is(K, strlen(K)), "the key from a pipe");
	close(p[0]);
}

/* Who else may read or change it: only others are warned about; a group may be meant. */
static void
modes(void)
{
	static const struct {
		mode_t mode;
		const char *others_may;
	} rows[] = { { 0600, NULL }, { 0400, NULL }, { 0640, NULL }, { 0440, NULL },
	    { 0660, NULL }, { 0601, NULL }, { 0604, "read" }, { 0644, "read" }, { 0602, "change" },
	    { 0606, "read and change" }, { 0666, "read and change" } };

	for (size_t i = 0; i < COUNT(rows); i++) {
		char warning[128] = "";

		if (rows[i].others_may != NULL)
			snprintf(warning, sizeof warning, "jwtd: warning: everybody on this host "
			    "may %s link; mend it with 'chmod 600 link'\n", rows[i].others_may);
		must(chmod("key", rows[i].mode) == 0, "chmod");
		keys_wipe(&ring);
		CHECK(load("link") && strcmp(logged, warning) == 0, "mode %o: %s%s",
		    (unsigned)rows[i].mode, why, logged);
	}
	must(chmod("key", 0600) == 0, "chmod");
	put("open", "short\n", 6);
	must(chmod("open", 0644) == 0, "chmod");
	keys_wipe(&ring);
	CHECK(!load("open") && logged[0] == '\0', "refused, its mode does not matter: %s", logged);
}

#define OCT "{'kty':'oct','k':'" K "'"
#define OF(k) "{'kty':'oct','k':'" k "'}"

#define ZEROS \
	"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

#define BASE64 "its k is not base64url without padding"
#define NO_KTY "it is JSON, but no JWK: it has no kty"
#define KTY(is) "its kty is " is "not oct or OKP"
#define ALG(is) "its alg is " is "not HS512 or HS256"
#define USE(is) "its use is " is "not sig"
#define OPS "its key_ops let it neither sign nor verify"
#define MALFORMED_OPS "its key_ops are not strings, each a different one"
#define OTHER_USE "the same key is there already, for another use"
#define CONTRARY "its use and key_ops contradict each other"
#define NO_K "it has no k"
#define KID "its kid is not a string"
#define LONG_KID "its kid is longer than 128 bytes"
#define SAME_KID(of) "another key has the same kid: " of
#define FULL "there are more than 64 keys"
#define JSON(fault) "malformed JSON: " fault

/* RFC 7517 4, RFC 7518 6.4: one key. All that are accepted are the key K. */
static const struct {
	const char *json, *message;
} jwks[] = {
	{ OCT "}", NULL },
	{ OCT ",'kid':'a','alg':'HS512','use':'sig','key_ops':['sign','verify'],'x':[{}]}", NULL },
	{ OCT ",'key_ops':['encrypt','verify','sign']}", NULL },
	{ OCT ",'key_ops':[5,'encrypt','verify','sign']}", MALFORMED_OPS },
	{ OCT ",'key_ops':['sign','verify',null]}", MALFORMED_OPS },
	{ OCT ",'key_ops':['sign','verify','s\\u0069gn']}", MALFORMED_OPS },
	{ "{\r\n  'k' : '" K "' ,\r\n\t'kty' : 'oct'\r\n}\r\n\r\n", NULL },
	{ "{'k':'\\u0041yM1" "SysPpbyDfgZld3umj1qzKObwVMkoqQ\\u002dEstJQLr_T-1qS0gZH75aKtMN3Yj0"
	  "iPS4hcgUuTwjAzZr1Z9CAo\\u0077','\\u006bty':'o\\u0063t','al\\u0067':'HS51\\u0032'}",
	  NULL },
	{ "{'kty':'oct','kid':'" K32_ID "','use':'sig','alg':'HS512','k':'" K32 "'}", SHORT },
	/* RFC 7518 6.4.1: one spelling */
	{ OF(K "=="), BASE64 }, { OF(K "="), BASE64 }, { OF(K "AAA"), BASE64 },
	{ OF(K " "), BASE64 }, { OF(" " K), BASE64 }, { OF(K "\\n"), BASE64 },
	{ OF(K "+A"), BASE64 }, { OF(K "/A"), BASE64 }, { OF(K "\\u0000"), BASE64 },
	{ OF(K "\u00e9"), BASE64 },
	{ OF(K85 "w"), NULL }, { OF(K85 "x"), BASE64 }, { OF(K85 "4"), BASE64 },  /* unused bits */
	{ OF(K84), SHORT }, { OF(""), EMPTY }, { OF(ZEROS), FEW },
	{ "{}", NO_KTY }, { "{'k':'" K "'}", NO_KTY }, { "{'kty':null,'k':'" K "'}", KTY("") },
	{ "{'kty':'OCT','k':'" K "'}", KTY("\"OCT\", ") }, { "{'Kty':'oct','k':'" K "'}", NO_KTY },
	{ "{'kty':['oct'],'k':'" K "'}", KTY("") },
	{ "{'kty':'oct\\u0000','k':'" K "'}", KTY("\"oct\\u0000\", ") },
	{ "{'kty':'oct\\u000000','k':'" K "'}", KTY("") },     /* a value is shown if it is short */
	{ "{'kty':'EC','crv':'P-256','d':'" EC_D "'}", KTY("\"EC\", ") },
	{ "{'kty':'RSA','e':'AQAB','d':'" RSA_D "'}", KTY("\"RSA\", ") },
	{ "{'kty':'oct'}", NO_K }, { "{'kty':'oct','k':5}", NO_K },
	{ "{'kty':'oct','k':null}", NO_K },
	{ OCT ",'alg':'hs512'}", ALG("\"hs512\", ") }, { OCT ",'alg':null}", ALG("") },
	{ OCT ",'alg':'none'}", ALG("\"none\", ") }, { OCT ",'alg':'EdDSA'}", ALG("\"EdDSA\", ") },
	{ OCT ",'alg':'HS384'}", ALG("\"HS384\", ") },
	{ OCT ",'alg':['HS512']}", ALG("") }, { OCT ",'alg':''}", ALG("\"\", ") },
	{ OCT ",'use':'enc'}", USE("\"enc\", ") }, { OCT ",'use':null}", USE("") },
	{ OCT ",'use':'SIG'}", USE("\"SIG\", ") },
	{ OCT ",'key_ops':[]}", OPS }, { OCT ",'key_ops':['sign']}", NULL },
	{ OCT ",'key_ops':'verify'}", OPS }, { OCT ",'key_ops':[['verify','sign']]}", OPS },
	{ OCT ",'key_ops':null}", OPS }, { OCT ",'key_ops':['verify']}", NULL },
	{ OCT ",'use':'sig','key_ops':['verify']}", NULL },
	{ OCT ",'use':'sig','key_ops':['sign','verify','encrypt']}", CONTRARY },
	{ OCT ",'use':'sig','key_ops':[]}", OPS }, { OCT ",'use':'sig','key_ops':null}", OPS },
	{ OCT ",'kid':5}", KID }, { OCT ",'kid':null}", KID }, { OCT ",'kid':['a']}", KID },
	{ "{", JSON("member name expected at byte 1") },
	{ "{'kty':'oct','k':}", JSON("value expected at byte 17") },
	{ OCT, JSON("comma or closing brace expected at byte 105") },
	{ "{'k':'" K, JSON("string without an end at byte 92") },
	{ OCT "}{", JSON("something follows the value at byte 106")
	    ": is this two keys? 'jwtd jwk FILE...' makes a set" },
	{ OCT "}\n\nx", JSON("something follows the value at byte 108") },
	{ OCT ",'kty':'oct'}", JSON("duplicate member name at byte 106") },
	{ OCT ",'\\u006b':'" K "'}", JSON("duplicate member name at byte 106") },
	{ OCT ",'kid':'a','kid':'a'}", JSON("duplicate member name at byte 116") },
	{ OCT ",'kid':'\xff'}", JSON("not UTF-8 at byte 113") },
	{ OCT ",'kid':'\\ud800'}", JSON("lone surrogate at byte 113") },
	{ OCT ",'kid':'a\tb'}", JSON("control character in a string at byte 114") },
};

static void
single_jwks(void)
{
	uint8_t key[96];
	ptrdiff_t n = base64url_decode(key, K, strlen(K));

	for (size_t i = 0; i < COUNT(jwks); i++) {
		put_json("jwk", jwks[i].json);
		keys_wipe(&ring);
		expect(load("jwk"), jwks[i].message, jwks[i].json);
		CHECK(jwks[i].message != NULL || only_key_is(key, (size_t)n), "%s: the key",
		    jwks[i].json);
	}
}

#define LEFT_OUT(number, reason) \
	"jwtd: warning: key file set: key " #number " of the set is left out: " reason "\n"
#define NONE "the set has no key that is of use here"
#define SECOND "{'kty':'oct','k':'" K32_MORE "'"

/* RFC 7517 A.1, A.2, A.3: the public and private keys of others, a key that wraps, and ours. */
#define RFC7517 "{'keys':[{'kty':'EC','crv':'P-256'," \
	"'x':'MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4'," \
	"'y':'4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM','use':'enc','kid':'1'},\n" \
	"{'kty':'EC','crv':'P-256','d':'" EC_D "','use':'sig','kid':'1'},\n" \
	"{'kty':'RSA','e':'AQAB','d':'" RSA_D "','p':'" RSA_P "','alg':'RS256'},\n" \
	"{'kty':'oct','alg':'A128KW','k':'GawgguFyGrWKav7AX4VKUg'},\n" \
	OCT ",'kid':'HMAC key used in JWS spec Appendix A.1 example'}]}\n"

static const struct {
	const char *json;
	unsigned n;             /* keys that are in the ring then */
	const char *warnings, *message;
} sets[] = {
	{ RFC7517, 1, LEFT_OUT(1, KTY("\"EC\", ")) LEFT_OUT(2, KTY("\"EC\", "))
	  LEFT_OUT(3, KTY("\"RSA\", ")) LEFT_OUT(4, ALG("\"A128KW\", ")), NULL },
	{ "{'keys':[" OCT "}]}", 1, "", NULL },
	{ "{'kt\\u0079':'EC','ke\\u0079s':[" OCT "}]}", 0, "",
	  "it is a key and a set of keys: take one of them out" },
	{ "{'use':'enc','ke\\u0079s':[" OCT ",'kid':''}," SECOND "}]}", 2, "", NULL },
	{ "{'keys':[" OCT ",'use':'enc'}," SECOND ",'use':'sig'}]}", 1, LEFT_OUT(1, USE("\"enc\", ")), NULL },
	{ "{'keys':[" OCT ",'alg':'HS384'}," SECOND ",'alg':'HS512'}]}", 1,
	  LEFT_OUT(1, ALG("\"HS384\", ")), NULL },
	{ "{'keys':[" OCT ",'alg':'HS256'}," SECOND ",'alg':'HS512'}]}", 2, "", NULL },
	/* each for what it may be used for */
	{ "{'keys':[" OCT ",'key_ops':['verify']}," SECOND "}]}", 2, "", NULL },
	{ "{'keys':[" OCT "}," SECOND ",'key_ops':['verify']}]}", 2, "", NULL },
	{ "{'keys':[" OCT "}," SECOND ",'key_ops':['sign']}]}", 2, "", NULL },
	{ "{'keys':[" OCT "}," SECOND ",'use':'sig','key_ops':['sign','encrypt']}]}", 1, "",
	  "key 2 of the set: " CONTRARY },
	{ "{'keys':[" OCT "}," SECOND ",'key_ops':['sign','sign']}]}", 1, "",
	  "key 2 of the set: " MALFORMED_OPS },
	/* one key for two uses */
	{ "{'keys':[" OCT ",'kid':'a'}," OCT ",'kid':'b','key_ops':['sign']}]}", 1, "",
	  "key 2 of the set: " OTHER_USE },
	{ "{'keys':[" OCT ",'key_ops':['sign']}," OCT ",'kid':'b'}]}", 1, "",
	  "key 2 of the set: " OTHER_USE },
	{ "{'keys':[" OCT ",'key_ops':['verify']}," OCT "}]}", 1, "", "key 2 of the set: " OTHER_USE },
	{ "{'keys':[" OCT "}," OCT ",'key_ops':['verify']}]}", 1, "", "key 2 of the set: " OTHER_USE },
	{ "{'keys':[5,[],null,'" K "',{}," OCT "},{'kty':'oct'}," SECOND ",'kid':5}]}", 1,
	  LEFT_OUT(1, "it is not a JSON object") LEFT_OUT(2, "it is not a JSON object")
	  LEFT_OUT(3, "it is not a JSON object") LEFT_OUT(4, "it is not a JSON object")
	  LEFT_OUT(5, NO_KTY) LEFT_OUT(7, NO_K) LEFT_OUT(8, KID), NULL },
	{ "{'keys':[]}", 0, "", NONE },
	{ "{'keys':[{'kty':'RSA','d':'" RSA_D "'}]}", 0, LEFT_OUT(1, KTY("\"RSA\", ")), NONE },
	{ "{'keys':{}}", 0, "", "its keys are not an array" },
	{ "{'keys':null,'k':'" K "'}", 0, "", "its keys are not an array" },
	/* what is for us but can't be used is a mistake */
	{ "{'keys':[{'kty':'oct','k':'" K32 "'}]}", 0, "", "key 1 of the set: " SHORT },
	{ "{'keys':[" OCT "}," OF("") "]}", 1, "", "key 2 of the set: " EMPTY },
	{ "{'keys':[" OCT "}," OF(K "==") "," SECOND "}]}", 1, "", "key 2 of the set: " BASE64 },
	{ "{'keys':[7," OF("AA") "]}", 0, LEFT_OUT(1, "it is not a JSON object"),
	  "key 2 of the set: " SHORT },
	{ "{'keys':[" OCT ",'kid':'a'},8," SECOND ",'kid':'\\u0061'}]}", 1,
	  LEFT_OUT(2, "it is not a JSON object"), "key 3 of the set: " SAME_KID("key 1 of key file set") },
	{ "{'keys':[" OCT ",'kid':''}," SECOND ",'kid':''}]}", 1, "",
	  "key 2 of the set: " SAME_KID("key 1 of key file set") },
	{ "{'keys':[" OCT "}," SECOND "]}", 0, "",
	  JSON("comma or closing brace expected at byte 221") },
};

static void
jwk_sets(void)
{
	for (size_t i = 0; i < COUNT(sets); i++) {
		put_json("set", sets[i].json);
		keys_wipe(&ring);
		expect(load("set"), sets[i].message, sets[i].json);
		CHECK(ring.n == sets[i].n, "%s: %u keys", sets[i].json, ring.n);
		CHECK_BYTES(str_from(logged), str_from(sets[i].warnings), "%s", sets[i].json);
	}
}

/* A key id is at most 128 bytes, unescaped, however it is spelled. */
static void
long_ids(void)
{
	static const struct {
		const char *unit;
		unsigned times;
		bool ok;
	} ids[] = {
		{ "x", 128, true }, { "x", 129, false }, { "x", 130, false }, { "x", 1000, false },
		{ "\\u0078", 128, true }, { "\\u0078", 129, false }, { "\\u0078", 130, false },
		{ "\u00e9", 64, true }, { "\u00e9", 65, false }, { "\\u00e9", 64, true },
		{ "\\u00e9", 65, false }, { "\\ud83d\\ude00", 32, true },
		{ "\\ud83d\\ude00", 33, false }, { "\\u0001", 128, true },
		{ "\\u0001", 129, false },
	};

	for (size_t i = 0; i < COUNT(ids); i++) {
		char text[4096];
		struct buf b = buf_over(text, sizeof text);

		buf_text(&b, OCT ",'kid':'");
		for (unsigned j = 0; j < ids[i].times; j++)
			buf_text(&b, ids[i].unit);
		buf_put(&b, "'}", 3);
		put_json("jwk", text);
		keys_wipe(&ring);
		expect(load("jwk"), ids[i].ok ? NULL : LONG_KID, text);
		CHECK(ring.n == ids[i].ok && (!ids[i].ok || ring.key[0].id.n == KEY_ID_MAX),
		    "%u times %s: %zu bytes", ids[i].times, ids[i].unit, ring.key[0].id.n);
	}
}

static struct str
sign(const struct jwt_key *by, const char *header)
{
	return sign_empty(by, str_from(header));
}

/* What the ring says of a token; its parts are good until the next call. */
static enum jwt_verdict
judge(struct jwt *t, struct str token)
{
	static struct jwt_scratch s;
	static char text[1 << 14];

	s.text = buf_over(text, sizeof text);
	return jwt_open(t, &s, token) ? keys_verify(&ring, t) : JWT_MALFORMED;
}

static struct str
mint(void)
{
	static char token[4096];
	struct buf b = buf_over(token, sizeof token);

	jwt_mint(&b, ring.signer, STR("{}"));
	return buf_str(&b);
}

/* Key ids as the file spells them, and as the header of tokens does. */
static void
headers(void)
{
	static const char *const ids[][2] = {
		{ "a", "a" }, { "", "" }, { "\\u0041", "A" }, { "\\\"", "\\\"" },
		{ "\\\\", "\\\\" }, { "\\/", "/" }, { "\\u0022}", "\\\"}" },
		{ "\\u0000", "\\u0000" }, { "\\u001f\\u007f", "\\u001f\x7f" },
		{ "\\b\\f\\n\\r\\t", "\\b\\f\\n\\r\\t" }, { "\\u000a", "\\n" },
		{ "Schl\u00fcssel \u20ac", "Schl\u00fcssel \u20ac" },
		{ "\\u00fc\\ud83d\\ude00", "\u00fc\U0001f600" },
	};
	char text[1024], want[1024];
	struct jwt t;

	for (size_t i = 0; i < COUNT(ids); i++) {
		snprintf(text, sizeof text, "{'keys':[" OCT ",'kid':'%s'}," SECOND "}]}",
		    ids[i][0]);
		snprintf(want, sizeof want, "{\"typ\":\"JWT\",\"alg\":\"HS512\",\"kid\":\"%s\"}",
		    ids[i][1]);
		put_json("set", text);
		keys_wipe(&ring);
		CHECK(load("set") && judge(&t, mint()) == JWT_GOOD, "%s: %s", text, why);
		CHECK_BYTES(t.header, str_from(want), "kid %s", ids[i][0]);
		CHECK(t.kid_is == JWT_KID_STRING, "kid %s is none", ids[i][0]);
	}
	put_json("set", "{'keys':[" OCT "}," SECOND ",'kid':'a'}]}");
	keys_wipe(&ring);
	CHECK(load("set") && judge(&t, mint()) == JWT_GOOD, "the second has an id: %s", why);
	CHECK_BYTES(t.header, STR("{\"typ\":\"JWT\",\"alg\":\"HS512\"}"), "the first has none");
}

/* RFC 7515 A.1 and RFC 7520 4.4, but HS512 and both with the claims of A.1: made by Python's
 * hmac. */
static const struct {
	const char *signature, *header, *json;
} of_others[] = {
	{ "iXxB-yPnHRvriuSAfTrwz-gr5WYC6tg7gIq9JndRI9Uqn4D6twBgsJuQsQks6WqAC6OB23Lvdht79p_lA6jE8g",
	  "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzUxMiJ9", OCT "}" },
	{ "AFwruq_J-AB4PnVBWEnv1hihjNe6rmt6sKcG1n7goax4OnMiIl87qSEd1to_hV3HtJNsfDSJhSmJOqqxCterKA",
	  "eyJhbGciOiJIUzUxMiIsImtpZCI6IjAxOGMwYWU1LTRkOWItNDcxYi1iZmQ2LWVlZjMxNGJjNzAzNyJ9",
	  "{'kty':'oct','kid':'" K32_ID "','use':'sig','alg':'HS512','k':'" K32_MORE "'}" },
};

static void
tokens_of_others(void)
{
	for (size_t i = 0; i < COUNT(of_others); i++) {
		char token[512];
		struct jwt t;

		snprintf(token, sizeof token, "%s.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogI"
		    "mh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.%s", of_others[i].header,
		    of_others[i].signature);
		put_json("jwk", of_others[i].json);
		keys_wipe(&ring);
		CHECK(load("jwk") && judge(&t, str_from(token)) == JWT_GOOD, "%s: %s", token, why);
	}
}

#define HEADER(more) "{\"alg\":\"HS512\"" more "}"
#define FROM(kid) HEADER(",\"kid\":" kid)

/* A ring of a raw key without an id (0), "a" (1), "b" (2) and one without (3); 4 is not in it. */
static const struct {
	unsigned by;
	const char *header;
	enum jwt_verdict verdict;
} picks[] = {
	{ 0, HEADER(""), JWT_GOOD }, { 1, HEADER(""), JWT_GOOD }, { 2, HEADER(""), JWT_GOOD },
	{ 3, HEADER(""), JWT_GOOD }, { 4, HEADER(""), JWT_BAD_SIGNATURE },
	{ 1, FROM("\"a\""), JWT_GOOD }, { 2, FROM("\"b\""), JWT_GOOD },
	{ 1, FROM("\"\\u0061\""), JWT_GOOD }, { 1, HEADER(",\"k\\u0069d\":\"a\""), JWT_GOOD },
	{ 2, FROM("\"a\""), JWT_BAD_SIGNATURE }, { 0, FROM("\"a\""), JWT_BAD_SIGNATURE },
	{ 4, FROM("\"a\""), JWT_BAD_SIGNATURE }, { 3, FROM("\"b\""), JWT_BAD_SIGNATURE },
	{ 1, FROM("\"A\""), JWT_UNKNOWN_KEY }, { 1, FROM("\"aa\""), JWT_UNKNOWN_KEY },
	{ 1, FROM("\"a \""), JWT_UNKNOWN_KEY }, { 1, FROM("\"a\\u0000\""), JWT_UNKNOWN_KEY },
	{ 0, FROM("\"\""), JWT_UNKNOWN_KEY }, { 3, FROM("\"c\""), JWT_UNKNOWN_KEY },
	{ 1, FROM("5"), JWT_UNKNOWN_KEY }, { 0, FROM("null"), JWT_UNKNOWN_KEY },
	{ 1, FROM("[\"a\"]"), JWT_UNKNOWN_KEY },
	/* what is found comes in this order */
	{ 4, "{\"alg\":\"HS256\",\"kid\":\"c\",\"crit\":[]}", JWT_UNSUPPORTED_ALGORITHM },
	{ 1, "{\"kid\":\"a\"}", JWT_UNSUPPORTED_ALGORITHM },
	{ 4, HEADER(",\"kid\":\"c\",\"crit\":[]"), JWT_UNSUPPORTED_CRITICAL },
	{ 1, HEADER(",\"kid\":\"a\",\"b64\":false"), JWT_UNSUPPORTED_CRITICAL },
	{ 1, HEADER(",\"kid\":\"a\",\"b64\":true"), JWT_GOOD },
};

static void
picking(void)
{
	const struct jwt_policy lax = { .leeway = 0 }, strict = { .needs_exp = true };
	struct jwt_key by[5];
	struct jwt t;

	put_json("set", "{'keys':[" SECOND ",'kid':'b'}," OF(K K) "]}");
	put_json("a", OCT ",'kid':'a'}");
	put_json("b", OCT ",'kid':'\\u0062'}");
	keys_wipe(&ring);
	CHECK(load("key") && load("a") && load("set") && ring.n == 4, "four keys: %s", why);
	expect(load("b"), SAME_KID("key 1 of key file set"), "the same id in another file");
	CHECK(ring.n == 4 && ring.ids == 2, "%u keys, %u ids", ring.n, ring.ids);
	for (unsigned i = 0; i < COUNT(by); i++)
		by[i] = ring.key[i];
	hmac512_key_init(&by[4].hs512, keys_demo().p, keys_demo().n);
	for (size_t i = 0; i < COUNT(picks); i++) {
		enum jwt_verdict got = judge(&t, sign(&by[picks[i].by], picks[i].header));

		CHECK(got == picks[i].verdict, "%s, signed by key %u: %s", picks[i].header,
		    picks[i].by, jwt_verdict_name(got));
	}
	CHECK(judge(&t, mint()) == JWT_GOOD && t.kid_is == JWT_KID_NONE, "the first key signs");
	CHECK(keys_judge(&ring, &t, &lax, 0) == JWT_GOOD, "claims that are good");
	CHECK(keys_judge(&ring, &t, &strict, 0) == JWT_MISSING_CLAIM, "claims that are not");
	judge(&t, sign(&by[4], HEADER("")));
	CHECK(keys_judge(&ring, &t, &strict, 0) == JWT_BAD_SIGNATURE, "the signature comes first");
	keys_wipe(&ring);
	CHECK(judge(&t, sign(&by[0], HEADER(""))) == JWT_UNSUPPORTED_ALGORITHM, "an empty ring, no id");
	CHECK(judge(&t, sign(&by[1], FROM("\"\""))) == JWT_UNSUPPORTED_ALGORITHM,
	    "an empty ring, an id");
}

/* Where the ring contradicts itself; NULL: it doesn't. */
static const char *
inconsistent(void)
{
	unsigned with_id = 0;

	if (ring.n > KEY_RING_MAX || ring.ids > ring.n)
		return "the numbers";
	for (unsigned i = 0; i < ring.n; i++) {
		with_id += ring.key[i].has_id;
		if (ring.key[i].alg == JWT_HS512 && ring.key[i].quoted < SHA512_DIGEST + 2)
			return "a key that is too short";
		if ((ring.key[i].has_id || ring.key[i].alg != JWT_HS512) ==
		    str_equal(ring.key[i].header, JWT_HEADER))
			return "a header";
	}
	for (unsigned i = 0; i < ring.ids; i++) {
		const struct jwt_key *key = &ring.key[ring.by_id[i]], *last = key;

		if (ring.by_id[i] >= ring.n || !key->has_id || key->id.n > KEY_ID_MAX ||
		    key->id.p < ring.text || key->id.p + key->id.n > ring.text + ring.text_n)
			return "an id";
		if (i > 0)
			last = &ring.key[ring.by_id[i - 1]];
		if (i > 0 && json_compare((struct json_string){ last->id, false },
		    (struct json_string){ key->id, false }) >= (last->alg < key->alg))
			return "the order of the ids";
	}
	return with_id == ring.ids ? NULL : "the number of ids";
}

/* Keys of one set, each with an id, in an order that is not that of the ids. */
static void
put_many(const char *name, unsigned n)
{
	static char text[KEY_FILE_MAX];
	struct buf b = buf_over(text, sizeof text - 1);

	buf_text(&b, "{'keys':[");
	for (unsigned i = 0; i < n; i++) {
		buf_text(&b, i > 0 ? "," : "");
		buf_text(&b, "{'kty':'oct','k':'" K);
		buf_hex(&b, &(uint8_t){ (uint8_t)i }, 1);
		buf_text(&b, "','kid':'");
		buf_number(&b, i * 37 % 101);
		buf_text(&b, "'}");
	}
	buf_text(&b, "]}");
	text[b.n] = '\0';
	must(!b.bad, "put_many");
	put_json(name, text);
}

static void
many_keys(void)
{
	unsigned good = 0, bad = 0;
	char header[64];
	struct jwt t;

	put_many("many", 64);
	keys_wipe(&ring);
	CHECK(load("many") && ring.n == 64 && ring.ids == 64 && inconsistent() == NULL,
	    "64 keys: %s, %u keys, wrong: %s", why, ring.n, inconsistent());
	for (unsigned i = 0; i < 64; i++) {
		snprintf(header, sizeof header, FROM("\"%u\""), i * 37 % 101);
		good += judge(&t, sign(&ring.key[i], header)) == JWT_GOOD;
		bad += judge(&t, sign(&ring.key[(i + 1) % 64], header)) == JWT_BAD_SIGNATURE;
		good += judge(&t, sign(&ring.key[i], HEADER(""))) == JWT_GOOD;
	}
	CHECK(good == 128 && bad == 64, "%u of 128 are good, %u of 64 bad", good, bad);
	expect(load("key"), FULL, "a 65th file");
	CHECK(ring.n == 64 && inconsistent() == NULL, "%u keys", ring.n);
	put_many("many", 65);
	keys_wipe(&ring);
	expect(load("many"), "key 65 of the set: " FULL, "a 65th key");
	/* a 65th file is fine where it holds nothing new */
	put_many("many", 64);
	keys_wipe(&ring);
	CHECK(load("many") && load("many") && ring.n == 64, "64 keys twice: %s", why);
}

#define TWICE(a, b) "jwtd: warning: the same key twice: " a ", and " b "; it counts once\n"
#define RENAMED(a, b) "jwtd: warning: the same key under two names: " a ", and " b "\n"

/* Files, one behind the other; what is warned of at the last one, and how many keys there are. */
static const struct {
	const char *files[4];
	const char *warnings;
	unsigned n, ids;
} twins[] = {
	{ { "plain", "plain" }, TWICE("key file plain", "key file plain"), 1, 0 },
	{ { "plain", "same" }, TWICE("key file plain", "key file same"), 1, 0 },
	{ { "plain", "key" }, "", 2, 0 },
	{ { "named", "named" }, TWICE("key file named", "key file named"), 1, 1 },
	{ { "plain", "named" }, RENAMED("key file plain", "key file named"), 2, 1 },
	{ { "named", "plain" }, RENAMED("key file named", "key file plain"), 2, 1 },
	{ { "named", "renamed" }, RENAMED("key file named", "key file renamed"), 2, 2 },
	{ { "plain", "named", "named" }, TWICE("key file named", "key file named"), 2, 1 },
	{ { "named", "plain", "plain" }, TWICE("key file plain", "key file plain"), 2, 1 },
	{ { "bytes", "padded" }, TWICE("key file bytes", "key file padded"), 1, 0 },
	{ { "both" }, TWICE("key 1 of key file both", "key 3 of key file both"), 2, 1 },
	{ { "key", "both" }, TWICE("key 1 of key file both", "key 3 of key file both"), 3, 1 },
	{ { "both", "named" }, "", 3, 2 },
};

/* A JWK of K's letters, which are the raw key of the file "plain". */
static void
put_named(const char *name, const char *id)
{
	char k[200], text[2048];
	size_t n = base64url_encode(k, K, strlen(K));

	snprintf(text, sizeof text, "{'kty':'oct','kid':'%s','k':'%.*s'}", id, (int)n, k);
	put_json(name, text);
}

/* The same key again. RFC 2104 2: one that is shorter than a block is the same with zeros behind. */
static void
same_keys(void)
{
	char text[1024], k[200], bytes[96];
	size_t n = (size_t)base64url_decode(bytes, K, strlen(K));
	struct jwt t;

	bytes[n] = '\0';
	put("bytes", bytes, n);
	put("plain", K "\n", strlen(K) + 1);
	put("same", K, strlen(K));
	snprintf(text, sizeof text, "{'kty':'oct','k':'%.*s'}", (int)base64url_encode(k, bytes,
	    n + 1), k);
	put_json("padded", text);
	put_named("named", "n");
	put_named("renamed", "m");
	snprintf(text, sizeof text, "{'keys':[" OCT ",'kid':'p'}," SECOND "}," OCT ",'kid':'p'}]}");
	put_json("both", text);
	for (size_t i = 0; i < COUNT(twins); i++) {
		bool ok = true;

		keys_wipe(&ring);
		for (unsigned j = 0; j < COUNT(twins[i].files) && twins[i].files[j] != NULL; j++)
			ok = ok && load(twins[i].files[j]);
		CHECK(ok && ring.n == twins[i].n && ring.ids == twins[i].ids &&
		    inconsistent() == NULL, "row %zu: %u keys, %u ids: %s", i, ring.n, ring.ids, why);
		CHECK_BYTES(str_from(logged), str_from(twins[i].warnings), "row %zu", i);
		CHECK(judge(&t, mint()) == JWT_GOOD, "row %zu signs", i);
	}
	put("demo", keys_demo().p, keys_demo().n);
	keys_wipe(&ring);
	CHECK(keys_add_bytes(&ring, keys_demo(), NULL, begin()) && load("demo") && ring.n == 1, "%s", why);
	CHECK_BYTES(str_from(logged), str_from(TWICE("the demo key", "key file demo")), "the demo key");
	keys_wipe(&ring);
	CHECK(load("both"), "%s", why);
	put_named("named", "p");
	expect(load("named"), SAME_KID("key 1 of key file both"), "the same kid, another key");
}

static void
describe(const char *want)
{
	char text[KEY_NAMES_MAX];
	struct buf b = buf_over(text, sizeof text);

	key_name_all(&b, &ring);
	CHECK_BYTES(buf_str(&b), str_from(want), "what the keys are called");
	CHECK(!b.bad && b.n < 400, "%zu bytes", b.n);
}

#define LONG_ID "0123456789012345678901234567890123456789"

/* What keys are called: nothing that they hold. Fingerprints are those that Python's hashlib makes. */
static void
names_of_keys(void)
{
	char text[512];

	keys_wipe(&ring);
	must(load("plain"), "plain");
	describe("1 key: ee269440735f1ceb (HS512, signs)");
	must(load("both"), "both");
	describe("3 keys: ee269440735f1ceb (HS512, signs), \"p\" (HS512), b4efaadb11f17c0e (HS512)");
	keys_wipe(&ring);
	put_json("jwk", OCT ",'kid':'a\\\"\\n\u00e9'}");
	must(load("jwk"), "jwk");
	describe("1 key: \"a\\\"\\n\u00e9\" (HS512, signs)");
	for (unsigned i = 0; i < 3; i++) {      /* 40 bytes, 41, and 41 whose last two are one letter */
		snprintf(text, sizeof text, OCT ",'kid':'%.*s%s'}", i == 0 ? 40 : i == 1 ? 40 : 39,
		    LONG_ID, i == 0 ? "" : i == 1 ? "x" : "\u00e9");
		put_json("jwk", text);
		keys_wipe(&ring);
		must(load("jwk"), "jwk");
		snprintf(text, sizeof text, "1 key: \"%.*s%s\" (HS512, signs)", i == 2 ? 39 : 40, LONG_ID,
		    i == 0 ? "" : "...");
		describe(text);
	}
	put_many("many", 64);
	keys_wipe(&ring);
	must(load("many"), "many");
	describe("64 keys: \"0\" (HS512, signs), \"37\" (HS512), \"74\" (HS512), \"10\" (HS512), "
	    "\"47\" (HS512), \"84\" (HS512), \"20\" (HS512), \"57\" (HS512), \"94\" (HS512), "
	    "\"30\" (HS512), \"67\" (HS512), \"3\" (HS512), \"40\" (HS512), \"77\" (HS512), "
	    "\"13\" (HS512), \"50\" (HS512), \"87\" (HS512), \"23\" (HS512) and 46 more");
}

/* Whether a ring is the same as another one: by keys, ids, order and secret. */
static void
same_rings(void)
{
	static const struct {
		const char *files[2], *secret;
		bool same;
	} rows[] = {
		{ { "plain", "key" }, SECRET, true }, { { "same", "key" }, SECRET, true },
		{ { "key", "plain" }, SECRET, false }, { { "plain" }, SECRET, false },
		{ { "plain", "jwk" }, SECRET, false }, { { "renamed", "key" }, SECRET, false },
		{ { "plain", "key" }, SECRET "0", false }, { { "plain", "key" }, NULL, false },
	};
	static struct key_ring before;

	for (size_t i = 0; i < COUNT(rows); i++) {
		keys_wipe(&ring);
		for (unsigned j = 0; j < 2 && rows[i].files[j] != NULL; j++)
			must(load(rows[i].files[j]), rows[i].files[j]);
		if (rows[i].secret != NULL) {
			put("secret", rows[i].secret, strlen(rows[i].secret));
			must(keys_take_secret(&ring, "secret", begin()), "secret");
			end();
		}
		if (i == 0)
			before = ring;          /* to be compared only: its texts lie in the other */
		CHECK(keys_same(&ring, &ring), "ring %zu is not like itself", i);
		CHECK(keys_same(&before, &ring) == rows[i].same, "ring %zu", i);
		CHECK(keys_same(&ring, &before) == rows[i].same, "ring %zu, the other way", i);
	}
}

/* A token of each key, with the header that is its own. */
static unsigned
signing(void)
{
	static char token[4096];
	unsigned good = 0;
	struct jwt t;

	for (unsigned i = 0; i < ring.n; i++) {
		struct buf b = buf_over(token, sizeof token);
		char id[KEY_ID_MAX + 1];
		struct buf value = buf_over(id, sizeof id);

		jwt_mint(&b, &ring.key[i], STR("{}"));
		if (judge(&t, buf_str(&b)) != JWT_GOOD ||
		    (t.kid_is == JWT_KID_STRING) != ring.key[i].has_id)
			continue;
		json_unescape(&value, t.kid);
		good += !ring.key[i].has_id || str_equal(buf_str(&value), ring.key[i].id);
	}
	return good;
}

/* Each key may sign, unless its key_ops say no; and is found by its id. */
static void
signers(void)
{
	struct json_string id = { STR("c"), false };
	unsigned key = 9;

	put_json("set", "{'keys':[" OCT "}," SECOND ",'kid':'b','key_ops':['verify']},"
	    "{'kty':'oct','k':'" K K "','kid':'c','key_ops':['verify','sign']}]}");
	keys_wipe(&ring);
	CHECK(load("set") && ring.n == 3 && signing() == 3, "%u keys, of which %u sign", ring.n,
	    signing());
	CHECK(ring.key[0].signs && !ring.key[1].signs && ring.key[2].signs, "who may sign");
	CHECK(ring.signer == &ring.key[0] && ring.signer_hs512 == ring.signer, "who signs");
	CHECK(keys_find(&ring, id, JWT_HS512, &key) && key == 2, "key %u", key);
	id = (struct json_string){ STR("\\u0062"), true };
	CHECK(keys_find(&ring, id, JWT_HS512, &key) && key == 1, "key %u", key);
	id.escaped = false;
	CHECK(!keys_find(&ring, id, JWT_HS512, &key) && key == 1, "an id that is not there");
}

static bool
add_with(char unit, unsigned number)
{
	char text[KEY_ID_MAX];
	struct str id = { text, sizeof text };
	struct buf b = buf_over(text, sizeof text);
	bool ok;

	buf_number(&b, 100 + number);
	memset(text + b.n, unit, sizeof text - b.n);
	ok = keys_add_bytes(&ring, (struct str){ K, sizeof K - 1 }, &id, begin());
	end();
	return ok;
}

/* As many long ids as there may be keys; of those whose every byte is escaped, fewer. */
static void
room_for_ids(void)
{
	unsigned added = 0;

	keys_wipe(&ring);
	for (unsigned i = 0; i < KEY_RING_MAX; i++)
		added += add_with('x', i);
	CHECK(added == KEY_RING_MAX && signing() == KEY_RING_MAX && inconsistent() == NULL,
	    "%u ids, %u keys sign: %s", added, signing(), inconsistent());
	keys_wipe(&ring);
	for (added = 0; added < KEY_RING_MAX && add_with(1, added); added++)
		;
	expect(false, "the kids of all keys are too long together", "control characters");
	CHECK(added == 20 && ring.n == 20 && ring.ids == 20 && signing() == 20 &&
	    inconsistent() == NULL, "%u ids, %u keys sign: %s", added, signing(), inconsistent());
}

/* The published key in every form but its own: what stands before it, the form, what behind. */
static void
published_forms(void)
{
	static const struct {
		const char *before, *behind;
		bool decoded, base64, capitals, plus;
	} forms[] = {
		{ "", "", true, false, false, false }, { "", "", false, false, true, false },
		{ " ", "", false, false, false, false }, { "", " ", false, false, false, false },
		{ "", "\n", false, false, false, false }, { "\t", "\r\n", false, false, true, false },
		{ "0x", "", false, false, false, false }, { "\"", "\"", false, false, true, false },
		{ "", "\n\n", true, false, false, false }, { "  ", "", true, false, false, false },
		{ "", "", false, true, false, false }, { "", "=", false, true, false, true },
		{ "", "", true, true, false, false }, { "", "==", true, true, false, true },
	};
	char bytes[64], text[400], base64[180];

	for (size_t i = 0; i < 64; i++)
		bytes[i] = (char)(json_hex(keys_demo().p[2 * i]) << 4 |
		    json_hex(keys_demo().p[2 * i + 1]));
	for (size_t i = 0; i < COUNT(forms); i++) {
		struct buf b = buf_over(text, sizeof text);
		struct str form = keys_demo();

		if (forms[i].decoded)
			form = (struct str){ bytes, sizeof bytes };
		if (forms[i].base64)
			form = (struct str){ base64, base64url_encode(base64, form.p, form.n) };
		for (size_t j = 0; forms[i].plus && j < form.n; j++)
			base64[j] = base64[j] == '-' ? '+' : base64[j] == '_' ? '/' : base64[j];
		buf_text(&b, forms[i].before);
		buf_add(&b, form);
		for (size_t j = 0; forms[i].capitals && j < b.n; j += 1 + j % 2)
			text[j] = (char)(text[j] >= 'a' && text[j] <= 'z' ? text[j] - 32 : text[j]);
		buf_text(&b, forms[i].behind);
		CHECK(takes_jwk(buf_str(&b), FORM), "form %zu: %s", i, why);
		CHECK(forms[i].before[0] + forms[i].behind[0] > 0 || takes(buf_str(&b), FORM),
		    "form %zu as a file: %s", i, why);
	}
}

/* The key of the documentation is known however it comes. */
static void
published(void)
{
	char text[512], k[200];
	size_t n = base64url_encode(k, keys_demo().p, keys_demo().n);
	struct buf none = buf_over(text, sizeof text);

	keys_wipe(&ring);
	CHECK(keys_add_bytes(&ring, keys_demo(), NULL, &none) && ring.published && none.n == 0, "added");
	snprintf(text, sizeof text, "%.*s\n", (int)keys_demo().n, keys_demo().p);
	put("raw", text, keys_demo().n + 1);
	snprintf(text, sizeof text, "{'kty':'oct','k':'%.*s'}", (int)n, k);
	put_json("jwk", text);
	for (unsigned i = 0; i < 2; i++) {
		keys_wipe(&ring);
		CHECK(load("key") && !ring.published, "another key");
		CHECK(load(i == 0 ? "raw" : "jwk") && ring.published, "as file %u: %s", i, why);
		CHECK(load("key") && ring.published, "and another key");
	}
	keys_wipe(&ring);
	put("raw", keys_demo().p, keys_demo().n - 1);
	CHECK(!load("raw") && strcmp(why, FORM) == 0, "but for one character: %s", why);
}

static void
wiped(void)
{
	put("secret", SECRET, strlen(SECRET));
	put_many("many", 64);
	keys_wipe(&ring);
	CHECK(load("many"), "64 keys to wipe: %s", why);
	CHECK(keys_take_secret(&ring, "secret", begin()), "a secret to wipe");
	end();
	CHECK(memcmp(&ring, &empty_ring, KEYS_SECRET) != 0, "there is something to wipe");
	keys_wipe(&ring);
	CHECK(memcmp(&ring, &empty_ring, KEYS_SECRET) == 0, "something is left");
}

/* Looks at "live" again. */
static void
stamped(bool changed, const char *what)
{
	static struct key_stamp before;
	struct key_stamp now = keys_stamp("live");

	CHECK(keys_same_stamp(&before, &now) == !changed, "%s", what);
	before = now;
}

/* Waits until the clock that files are stamped by goes on. */
static void
tick(void)
{
	const struct timespec pause = { .tv_nsec = 1000000 };
	struct timespec from, now;

	clock_gettime(CLOCK_REALTIME_COARSE, &from);
	for (unsigned i = 0; i < 1000; i++) {
		nanosleep(&pause, NULL);
		clock_gettime(CLOCK_REALTIME_COARSE, &now);
		if (now.tv_nsec != from.tv_nsec)
			return;
	}
}

static void
stamps(void)
{
	stamped(false, "no file: all zero");
	put("live", "1", 1);
	stamped(true, "a file appears");
	stamped(false, "nothing happens");
	tick();
	must(access("live", F_OK) == 0 && !load("live"), "live");
	stamped(false, "it is read");
	put("live", "2", 1);
	stamped(true, "written in place, as long as before");
	tick();
	must(chmod("live", 0640) == 0, "chmod");
	stamped(true, "chmod");
	put("next", "2", 1);
	must(rename("next", "live") == 0, "rename");
	stamped(true, "renamed over");
	/* Kubernetes: live -> ..data/key, ..data -> v1, which a rename lets lead to v2 */
	must(mkdir("v1", 0700) == 0 && mkdir("v2", 0700) == 0 && unlink("live") == 0 &&
	    symlink("v1", "..data") == 0 && symlink("v2", "..tmp") == 0 &&
	    symlink("..data/key", "live") == 0, "Kubernetes");
	stamped(true, "a link to a file that is not there yet");
	stamped(false, "still not there");
	put("v2/key", "2", 1);
	put("v1/key", "1", 1);
	stamped(true, "it is there");
	must(rename("..tmp", "..data") == 0, "..data");
	stamped(true, "the link's folder is another");
	stamped(false, "and stays");
	must(unlink("v1/key") == 0, "v1");
	stamped(false, "the old one goes");
	must(unlink("v2/key") == 0, "v2");
	stamped(true, "the file vanishes");
}

static void
stamp_fields(void)
{
	const struct key_stamp base = { 1, 2, 3, { 4, 5 }, { 6, 7 } };
	struct key_stamp other[8];

	for (size_t i = 0; i < COUNT(other); i++)
		other[i] = base;
	other[1].device++;
	other[2].inode++;
	other[3].size++;
	other[4].modified.tv_sec++;
	other[5].modified.tv_nsec++;
	other[6].changed.tv_sec++;
	other[7].changed.tv_nsec++;
	for (size_t i = 0; i < COUNT(other); i++)
		CHECK(keys_same_stamp(&base, &other[i]) == (i == 0), "field %zu", i);
}

static bool
take(const void *bytes, size_t n)
{
	bool ok;

	put("secret", bytes, n);
	ok = keys_take_secret(&ring, "secret", begin());
	end();
	return ok;
}

#define LENGTH(n) "its length is " #n "; 32 to 256 characters are allowed; 'jwtd keygen NEWFILE' makes a new one"
#define BYTE(n) "A-Z a-z 0-9 - _ . ~ are allowed, but not byte " #n

static bool
shown(struct str secret)
{
	uint8_t digest[SHA512_DIGEST];

	sha512(digest, secret.p, secret.n);
	return keys_is_secret(&ring, digest);
}

static void
secrets(void)
{
	static const struct {
		size_t n;
		const char *tail, *message;
	} texts[] = {
		{ 0, "", LENGTH(0) }, { 0, "\n", LENGTH(0) }, { 31, "", LENGTH(31) },
		{ 31, "\n", LENGTH(31) }, { 32, "", NULL }, { 32, "\n", NULL },
		{ 31, "\n\n", BYTE(31) }, { 32, "\n\n", BYTE(32) }, { 32, "\r\n", CRLF },
		{ 32, "\r", BYTE(32) }, { 32, " ", BYTE(32) }, { 0, " ", LENGTH(1) },
		{ 256, "", NULL }, { 256, "\n", NULL }, { 257, "", LENGTH(257) },
		{ 256, "\n\n", LENGTH(257) }, { 65536, "", LENGTH(65536) }, { 65537, "", LARGE },
	};
	static char text[KEY_FILE_MAX + 16];
	unsigned wrong = 0;

	for (size_t i = 0; i < COUNT(texts); i++) {
		size_t tail = strlen(texts[i].tail);

		memset(text, 's', texts[i].n);
		memcpy(text + texts[i].n, texts[i].tail, tail);
		keys_wipe(&ring);
		expect(take(text, texts[i].n + tail), texts[i].message, "a secret");
		CHECK(ring.has_secret == (texts[i].message == NULL) &&
		    shown((struct str){ text, texts[i].n }) == ring.has_secret,
		    "secret %zu", i);
	}
	memset(text, 's', 40);
	for (int c = 0; c < 256; c++) {
		text[7] = (char)c;
		wrong += take(text, 40) != (c != 0 && strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZ"
		    "abcdefghijklmnopqrstuvwxyz0123456789-_.~", c) != NULL);
	}
	CHECK(wrong == 0, "%u characters", wrong);
	put("both", K "\n", strlen(K) + 1);
	keys_wipe(&ring);
	must(load("both"), "a key");
	expect(take(K, strlen(K)), "it is a key of tokens, too" NEW_KEY, "a key as a secret");
	CHECK(!ring.has_secret, "a key is no secret");
	CHECK(!keys_take_secret(&ring, "missing", begin()), "no file");
	end();
	CHECK(strcmp(why, strerror(ENOENT)) == 0, "no file: %s", why);
}

static void
is_secret(void)
{
	static const uint8_t zeros[SHA512_DIGEST];
	static const struct {
		const char *shown;
		bool right;
	} shows[] = {
		{ SECRET, true }, { SECRET "0", false }, { SECRET "\n", false }, { "", false },
		{ "service-Secret_of.32~characters0", false },
		{ "Service-Secret_of.32~characters1", false },
		{ "Service-Secret_of.32~characters", false }, { " " SECRET, false },
	};

	for (unsigned configured = 0; configured < 2; configured++) {
		keys_wipe(&ring);
		CHECK(!configured || take(SECRET "\n", strlen(SECRET) + 1), "secret: %s", why);
		for (size_t i = 0; i < COUNT(shows); i++)
			CHECK(shown(str_from(shows[i].shown)) ==
			    (configured && shows[i].right), "%u, %s", configured, shows[i].shown);
		CHECK(!shown((struct str){ NULL, 0 }), "nothing is shown");
		CHECK(!shown((struct str){ (const char *)zeros, sizeof zeros }), "zeros are shown");
		CHECK(!keys_is_secret(&ring, zeros), "a digest of zeros");
	}
}

static char *credentials;

static char *
environment(const char *name)
{
	return strcmp(name, "CREDENTIALS_DIRECTORY") == 0 ? credentials : NULL;
}

#define NO_KEY "no key: make one with 'jwtd keygen key' and give '--key-file key', or " \
	"'--demo-key' to try it out"
#define TWO_KEYS(path) "more than one key: the key file " path " (--key-file, JWTD_KEY_FILE or " \
	"$CREDENTIALS_DIRECTORY/key) and the demo key (--demo-key or JWTD_DEMO_KEY)"

static bool
complete(struct options *o)
{
	bool ok = config_complete(o, begin(), environment);

	end();
	return ok;
}

/* Where the key comes from. */
static void
key_sources(void)
{
	static char far[PATH_MAX];
	static const struct {
		const char *file, *folder;
		bool demo;
		const char *message, *used;
	} sources[] = {
		{ NULL, NULL, false, NO_KEY, NULL }, { NULL, "", false, NO_KEY, NULL },
		{ NULL, "folder", false, NO_KEY, NULL }, { NULL, "missing", false, NO_KEY, NULL },
		{ NULL, far, false, NO_KEY, NULL },
		{ NULL, NULL, true, NULL, NULL }, { NULL, "folder", true, NULL, NULL },
		{ "key", NULL, false, NULL, "key" }, { "key", "v1", false, NULL, "key" },
		{ NULL, "v1", false, NULL, "v1/key" }, { NULL, "v1/", false, NULL, "v1//key" },
		{ "key", NULL, true, TWO_KEYS("key"), "key" },
		{ "key", "v1", true, TWO_KEYS("key"), "key" },
		{ NULL, "v1", true, TWO_KEYS("v1/key"), "v1/key" },
	};

	memset(far, '/', sizeof far - 4);       /* with "/key": one byte more than a path takes */
	put("v1/key", "1", 1);
	for (size_t i = 0; i < COUNT(sources); i++) {
		struct options o = { .demo_key = sources[i].demo };
		const char *used;

		if (sources[i].file != NULL)
			o.key_file.item[o.key_file.n++] = sources[i].file;
		credentials = sources[i].folder == NULL ? NULL : strdup(sources[i].folder);
		expect(complete(&o), sources[i].message, "key source");
		used = config_file(&o, 0);
		CHECK(sources[i].used == NULL ? used == NULL : used != NULL && o.key_file.n == 1 &&
		    strcmp(used, sources[i].used) == 0, "%zu: %s is used", i, used);
		free(credentials);
		credentials = NULL;
	}
}

/* Names that go into tokens or are looked for there. */
static void
names(void)
{
	static const struct {
		const char *unit;
		unsigned times;
		bool ok;
	} units[] = {
		{ "a", 1, true }, { "a", 1000, true }, { "a", 1001, false }, { "a", 5000, false },
		{ "\u00e9", 500, true }, { "\u00e9", 501, false }, { "\"", 1000, true },
		{ "\x01", 1000, true }, { "\x01", 1001, false }, { "\xff", 1, false },
		{ "\xc0\x80", 1, false }, { "\xed\xa0\x80", 1, false }, { "\xc3", 1, false },
	};
	static const char *const option[] = { "--issuer", "--audience", "--require" };

	for (size_t i = 0; i < COUNT(option) * COUNT(units); i++) {
		const char *unit = units[i / 3].unit;
		struct options o = { .demo_key = true };
		char text[5001], refusal[80];
		struct buf b = buf_over(text, sizeof text - 1);

		for (unsigned j = 0; j < units[i / 3].times; j++)
			buf_text(&b, unit);
		text[b.n] = '\0';
		snprintf(refusal, sizeof refusal, "%s takes at most 1,000 bytes of UTF-8",
		    option[i % 3]);
		o.issuer = i % 3 == 0 ? text : NULL;
		o.audience = (struct option_list){ { "one", i % 3 == 1 ? text : "two" }, 2 };
		o.require = (struct option_list){ { "one", i % 3 == 2 ? text : "two" }, 2 };
		expect(complete(&o), units[i / 3].ok ? NULL : refusal, refusal);
	}
}

#define MISSING "key file missing: No such file or directory"

static const struct {
	struct option_list files;
	const char *secret;
	bool demo;
	const char *message;
	unsigned n;             /* keys that are loaded */
} configurations[] = {
	{ { { "key" }, 1 }, NULL, false, NULL, 1 }, { { { NULL }, 0 }, NULL, true, NULL, 1 },
	{ { { "key", "a", "set" }, 3 }, "secret", false, NULL, 4 },
	{ { { "missing" }, 1 }, NULL, false, MISSING, 0 },
	{ { { "key", "short" }, 2 }, NULL, false, "key file short: " SHORT, 0 },
	{ { { "crlf", "key" }, 2 }, NULL, false, "key file crlf: " CRLF, 0 },
	{ { { "a", "set", "b" }, 3 }, NULL, false, "key file b: " SAME_KID("key 1 of key file set"), 0 },
	{ { { "bad" }, 1 }, NULL, false, "key file bad: key 2 of the set: " SHORT, 0 },
	{ { { "key", "verifies" }, 2 }, NULL, false, NULL, 2 },
	{ { { "verifies", "key" }, 2 }, NULL, false, NULL, 2 },
	{ { { "verifies" }, 1 }, NULL, false, "no key here signs with HS512, which POST / needs: add --no-compat",
	  0 },
	{ { { "key", "none" }, 2 }, NULL, false, "key file none: " NONE, 0 },
	{ { { "v1" }, 1 }, NULL, false, "key file v1: it is a directory", 0 },
	{ { { "key" }, 1 }, "v1", false, "service secret file v1: it is a directory", 0 },
	{ { { "key" }, 1 }, "short", false, "service secret file short: " LENGTH(1), 0 },
	{ { { "key" }, 1 }, "crlf", false, "service secret file crlf: " CRLF, 0 },
	{ { { "key" }, 1 }, "a", false, "service secret file a: " BYTE(0), 0 },
};

static void
configured(void)
{
	put("secret", SECRET, strlen(SECRET));
	put("short", "1", 1);
	put("crlf", K "\r\n", strlen(K) + 2);
	put_json("set", "{'keys':[" SECOND ",'kid':'b'}," OF(K K) "]}");
	put_json("none", "{'keys':[]}");
	put_json("verifies", OCT ",'key_ops':['verify']}");
	put_json("bad", "{'keys':[" OCT "}," OF("AA") "]}");
	for (size_t i = 0; i < COUNT(configurations); i++) {
		struct options o = { .demo_key = configurations[i].demo,
		    .key_file = configurations[i].files,
		    .service_secret_file = configurations[i].secret };
		bool ok;

		keys_wipe(&ring);
		ok = config_load(&ring, &o, begin());
		end();
		expect(ok, configurations[i].message, "a configuration");
		CHECK(ok ? ring.n == configurations[i].n && ring.published == o.demo_key &&
		    ring.has_secret == (o.service_secret_file != NULL) :
		    memcmp(&ring, &empty_ring, KEYS_SECRET) == 0, "configuration %zu", i);
		CHECK(config_file(&o, o.key_file.n) == NULL &&
		    config_file(&o, CONFIG_FILES - 2) == o.service_secret_file &&
		    config_file(&o, CONFIG_FILES - 1) == NULL, "files of %zu", i);
	}
}

/* A path that fills the message costs neither the reason nor another file's name. */
static void
long_paths(void)
{
	char path[1300] = "";
	struct options o = { .key_file = { { path, "missing" }, 2 } };

	for (size_t i = 0; i < 1200; i++)
		path[i] = i % 2 == 0 ? '.' : '/';
	memcpy(path + 1200, "key", sizeof "key");
	keys_wipe(&ring);
	CHECK(!config_load(&ring, &o, begin()), "a missing file");
	end();
	CHECK(strcmp(why, MISSING) == 0, "behind a long path: '%s'", why);
	memcpy(path + 1200, "missing", sizeof "missing");
	CHECK(!config_load(&ring, &o, begin()), "a missing file with a long path");
	end();
	CHECK(strstr(why, strerror(ENOENT)) != NULL, "a long path: '%s'", why);
}

/* What tokens must say, and what they say when the caller does not. */
static void
policies(void)
{
	const struct options o = { .issuer = "i", .audience = { { "a", "b" }, 2 },
	    .require = { { "s=v,w", "r" }, 2 }, .leeway = 7, .ttl = 9 };
	struct demand d[OPTION_LIST_MAX];
	struct jwt_policy p = config_policy(&o, d), no_p;
	struct claims_setting c = config_claims(&o), no_c = config_claims(&(struct options){ 0 });

	CHECK(p.issuer == o.issuer && p.audiences == o.audience.item && p.audience_count == 2 &&
	    p.leeway == 7, "a policy");
	CHECK(p.required == d && p.required_count == 2 && str_equal(d[0].name, STR("r")) &&
	    d[0].values == 0 && str_equal(d[1].name, STR("s")) && d[1].values == 2 &&
	    str_equal(d[1].value[1], STR("w")), "what is demanded, values last");
	no_p = config_policy(&(struct options){ 0 }, d);
	for (unsigned bare = 0; bare <= OPTION_LIST_MAX; bare++) {
		struct demand many[OPTION_LIST_MAX + 1] = { [OPTION_LIST_MAX] = { .values = 77 } };
		struct options full = { .require.n = OPTION_LIST_MAX };

		for (unsigned i = 0; i < OPTION_LIST_MAX; i++)
			full.require.item[i] = i < OPTION_LIST_MAX - bare ? "a=b" : "a";
		CHECK(config_policy(&full, many).required_count == OPTION_LIST_MAX &&
		    many[OPTION_LIST_MAX].values == 77 && many[OPTION_LIST_MAX].at == NULL,
		    "as many as there may be, %u of them without values", bare);
	}
	CHECK(no_p.issuer == NULL && no_p.audience_count == 0 && no_p.required_count == 0 &&
	    no_p.leeway == 0, "no policy");
	CHECK(c.issuer == o.issuer && c.audience == o.audience.item[0] && c.expires_in == 9,
	    "claims");
	CHECK(no_c.issuer == NULL && no_c.audience == NULL, "no claims");
}

/* A lifetime above the most that is allowed, where there is such a thing. */
static void
lifetimes(void)
{
	static const struct {
		enum command command;
		unsigned ttl, most;
		const char *message;
	} rows[] = {
		{ COMMAND_SERVE, 5, 5, NULL }, { COMMAND_SERVE, 6, 5, "--ttl 6 is above --max-ttl 5" },
		{ COMMAND_CHECK, 6, 5, "--ttl 6 is above --max-ttl 5" }, { COMMAND_SIGN, 6, 0, NULL },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct options o = { .command = rows[i].command, .demo_key = true,
		    .ttl = rows[i].ttl, .max_ttl = rows[i].most };

		expect(complete(&o), rows[i].message, "lifetimes");
	}
}

enum { MUTATIONS = 4000 };

/* Flips, writes, cuts out or doubles a few bytes, or ends the text early. */
static size_t
mutate(char *text, size_t n, size_t cap)
{
	static const char marks[] = "{}[]\",:\\u0k'";
	size_t at = test_random() % n, some = test_random() % 40;

	if (some > n - at)
		some = n - at;
	switch (test_random() % 8) {
	case 0:
		return at;
	case 1:
		memmove(text + at, text + at + some, n - at - some);
		return n - some;
	case 2:
		if (n + some > cap)
			return n;
		memmove(text + at + some, text + at, n - at);
		return n + some;
	case 3:
		text[at] = (char)test_random();
		return n;
	case 4: case 5:
		text[at] = marks[test_random() % (sizeof marks - 1)];
		return n;
	default:
		text[at] = (char)(text[at] ^ 1 << test_random() % 8);
		return n;
	}
}

/* Whatever a set has become, the ring is sound, and its first key makes tokens that it takes. */
static void
mutations(void)
{
	static const char set[] = "{\"keys\":["
	    "{\"kty\":\"EC\",\"d\":\"" EC_D "\"},"
	    "{\"kty\":\"oct\",\"k\":\"" K "\",\"kid\":\"\\u0061\\n\xc3\xa9\"},"
	    "{\"kid\":\"b\",\"k\":\"" K32_MORE "\",\"kty\":\"oct\",\"key_ops\":[\"verify\"]},"
	    "{\"kty\":\"oct\",\"k\":\"" K K "\",\"use\":\"sig\",\"kid\":\"a0\"},"
	    "{\"kty\":\"oct\",\"k\":\"" K "\",\"alg\":\"HS512\"}]}";
	unsigned accepted = 0, silent = 0, refused = 0, bad_tokens = 0;
	struct jwt t;

	for (unsigned i = 0; i < MUTATIONS; i++) {
		char text[2 * sizeof set];
		size_t n = sizeof set - 1;

		memcpy(text, set, sizeof set);
		for (unsigned edits = 1 + test_random() % 3; edits > 0 && n > 0; edits--)
			n = mutate(text, n, sizeof text);
		put("set", text, n);
		keys_wipe(&ring);
		if (i % 4 == 0)
			must(load("a"), "a");
		if (load("set")) {
			accepted++;
			silent += ring.n == (i % 4 == 0);
		} else {
			refused++;
			silent += why[0] == '\0';
		}
		if (inconsistent() != NULL)
			CHECK(false, "%s: after %.*s", inconsistent(), (int)n, text);
		bad_tokens += ring.signer != NULL && ring.signer->judges &&
		    judge(&t, mint()) != JWT_GOOD;
	}
	CHECK(accepted > MUTATIONS / 20 && refused > MUTATIONS / 20, "%u are accepted", accepted);
	CHECK(silent == 0 && bad_tokens == 0, "%u say nothing, %u tokens are bad", silent,
	    bad_tokens);
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

void
test_keys(void)
{
	static void (*const tests[])(void) = {
		raw_files, pieces, varieties, random_keys, odd_files, unreadable, pipes, modes, single_jwks, jwk_sets,
		long_ids, headers, tokens_of_others, picking, many_keys, same_keys, names_of_keys, same_rings,
		signers, room_for_ids, published, published_forms, wiped, stamps,
		stamp_fields, secrets, is_secret, key_sources, names, configured, long_paths,
		policies, lifetimes, mutations
	};
	char folder[] = "/tmp/jwtd-test-XXXXXX";
	int here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	must(here >= 0 && mkdtemp(folder) != NULL && chdir(folder) == 0, folder);
	log_fd = open("log", O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	stderr_fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
	must(log_fd >= 0 && stderr_fd >= 0, "log");
	put("key", "0123456789abcdef0123456789abcdef0123456789ABCDEF0123456789ABCDEF\n", 65);
	must(mkdir("folder", 0700) == 0, "folder");
	for (size_t i = 0; i < COUNT(tests); i++)
		tests[i]();
	CHECK(leaks == 0, "%u messages and log lines tell a secret", leaks);
	keys_wipe(&ring);
	must(fchdir(here) == 0 && nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS) == 0, folder);
	close(here);
	close(log_fd);
	close(stderr_fd);
}

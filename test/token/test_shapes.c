/* What lies about on a host and is no key: a table of wrong key files, each with its message; and
 * that no key looks like one of them. A file that is cut short in the table is filled with bytes
 * that look random. */
#include "test/test.h"

#include "base64url.h"
#include "token/key_files.h"
#include "token/key_marks.h"
#include "token/key_shapes.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define COUNT(array) (sizeof (array) / sizeof (array)[0])

#define NEW_KEY "; 'jwtd keygen NEWFILE' makes a new one"
#define FOREIGN(name) "it is " name "; a key is a JWK, Ed25519 in PEM as openssl writes it, or, for HS512, its bytes" NEW_KEY
#define FOREIGN_PEM(name) "it is " name "; a key is a JWK, Ed25519 in PEM as openssl writes it, or, for HS512, its bytes; " \
	"'jwtd keygen --alg EdDSA NEWFILE' makes a new one"
#define BYTES(text) text, sizeof text - 1
#define TWO "two lines or more: is this two keys? A JWK Set holds several: 'jwtd jwk FILE...' makes " \
	"one. If it is one key, join its lines"
#define SPACE "it begins or ends with white space: is that part of it? Write it without"
#define CRLF "it ends in CR LF: is that part of it? Write it without"
#define QUOTES "it stands in quotes: are they part of it? Write it without"
#define BOM "it begins with a byte order mark: write it without"
#define MORE "it holds more than a key: a label, a second key? Write the key alone; a JWK Set " \
	"holds several"
#define SHORT "the key is shorter than 64 bytes (RFC 7518 3.2); 32 are enough in a JWK with " \
	"\"alg\":\"HS256\"" NEW_KEY
#define FORM "it is the published demo key in another form, and everybody knows it" NEW_KEY
#define ARRAY "it begins with '[': a JWK Set is {\"keys\": [...]}"

static const struct wrong_file {
	const char *what, *bytes;
	size_t n, total;                /* bytes that stand here, and of the file; 0: no more */
	const char *message;
} wrong_files[] = {
#include "test/token/wrong_keys.h"
};

#define DIGITS "0123456789abcdef0123456789abcdef0123456789ABCDEF0123456789ABCDEF"
#define K "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"

/* Keys, however odd. What is text is so to its last byte. */
static const struct wrong_file good_files[] = {
	{ "digits", BYTES(DIGITS), 0, NULL }, { "digits, a newline", BYTES(DIGITS "\n"), 0, NULL },
	{ "base64", BYTES("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ+EstJQLr/T+1qS0gZH75aKtMN3Yj0i"), 0,
	  NULL },
	{ "base64 with padding", BYTES("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ+EstJQLr/T+1qS0gZH75aKtM"
	  "N3Yj0iPS4hcgUuTwjAzZr1Z9CAow==\n"), 0, NULL },
	{ "base64 that ends in a word", BYTES("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ+EstJQLr/T+1qS0gZ"
	  "H75aKtMN3Yj0iKey=\n"), 0, NULL },
	{ "base64url that begins as a token", BYTES("eyJ1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1"
	  "qS0gZH75aKtMN3Yj0i"), 0, NULL },
	{ "base64 that begins as DER", BYTES("MFkwSysPpbyDfgZld3umj1qzKObwVMkoqQEstJQLrT1qS0gZH75a"
	  "KtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAowAyM1SysPpbyDfgZld3umj1qzKObwVMkoqQEstJQLrT"), 0, NULL },
	{ "a passphrase", BYTES("correct horse battery staple, but of at least sixty-four bytes!"
	  "\"'<[{"), 0, NULL },
	{ "a passphrase with UTF-8", BYTES("Zw\u00f6lf Boxk\u00e4mpfer jagen Viktor quer \u00fcber "
	  "den gro\u00dfen Sylter Deich."), 0, NULL },
	{ "a path of an URL", BYTES("//www.example.org/a/b?c=d&e=f#g%20h;i,j.k~l!m$n'o(p)q*r+s:t@u/v_w"),
	  0, NULL },
	{ "unreserved characters", BYTES("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aK.."
	  "tMN3Yj0i~~PS4hcgUuTwjAzZr1Z9CAow"), 0, NULL },
	{ "printable characters", BYTES("0dXh;T2$e,gWq 9:Mv|bR6(kZ)pL4/fY&nS1=cJ8<uH5>aC7?iD3!oE@tG#yF"
	  "%xV^wB*rN+zK-jQ_lP"), 0, NULL },
	{ "a passphrase of short words with ';'", BYTES("anvil;bridge;candle;dragon;ember;forest;gravel;"
	  "harbor;island;jacket;kernel"), 0, NULL },
	{ "digits behind 0x that are not all of base 16", BYTES("0x" DIGITS "g"), 0, NULL },
	{ "colons, but not all", BYTES("A9:DD:BC:AB:A8:C0:AC:1B:0A:81:2D:C0:C2:F0:85:14:B2:3F:2D:B0:A6"
	  ":83:43-CC"), 0, NULL },
	{ "a SEQUENCE as 64 bytes in base 16", BYTES("303e30100601ff0102030405060708090a0b0c0d0e0f10"
	  "1112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f303132333435363738"), 0,
	  NULL },
	{ "a JWK", BYTES("{\"kty\":\"oct\",\"k\":\"" K "\"}"), 0, NULL },
	{ "a JWK behind white space", BYTES("\r\n\t {\"kty\":\"oct\",\"k\":\"" K "\"}\r\n"), 0, NULL },
	{ "a JWK Set behind white space", BYTES("\n{\"keys\":[{\"kty\":\"oct\",\"k\":\"" K "\"}]}"),
	  0, NULL },
	/* what most binary keys may look like, as they have 64 bytes */
	{ "64 bytes that begin as gzip", BYTES("\x1f\x8b\x08\0\xff\xff\xff\xff\xff\x03"), 64, NULL },
	{ "64 bytes that begin as zip", BYTES("PK\x03\x04\x14\0"), 64, NULL },
	/* the beginnings of other things, but no text, or no more than these */
	{ "'{'", BYTES("{\0"), 64, NULL }, { "'{\"'", BYTES("{\"\0"), 64, NULL },
	{ "' {'", BYTES(" {\0"), 64, NULL }, { "'['", BYTES("[\0"), 64, NULL },
	{ "a byte order mark", BYTES("\xef\xbb\xbf\0"), 64, NULL },
	{ "UTF-16's mark", BYTES("\xff\xfe\0"), 64, NULL }, { "'#!'", BYTES("#!/\0"), 64, NULL },
	{ "'<?xml'", BYTES("<?xml\0"), 64, NULL }, { "KEY=", BYTES("KEY=\0"), 64, NULL },
	{ "a space", BYTES(" \0"), 64, NULL }, { "two newlines", BYTES("\0\n\n"), 64, NULL },
	{ "a SEQUENCE", BYTES("\x30\x3e\xff"), 64, NULL },
	{ "a SEQUENCE of an INTEGER", BYTES("\x30\x3e\x02\x05\xff"), 64, NULL },
	{ "a long SEQUENCE", BYTES("\x30\x81\xc5\xff"), 200, NULL },
	{ "one with half an OID", BYTES("\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d"), 91, NULL },
	{ "gzip's mark", BYTES("\x1f\x8b\x08\xff"), 64, NULL },
	{ "a program's mark", BYTES("\x7f" "ELF\xff"), 64, NULL },
	{ "zip's mark", BYTES("PK\x03\x04\x14\x01"), 64, NULL },
	{ "a JPEG's mark", BYTES("\xff\xd8\xff\xe0\0\0"), 64, NULL },
	{ "a certificate's first byte in base64", BYTES("MII\xff"), 64, NULL },
};

static const char *path;
static int fd;

/* The file, filled up. */
static struct str
bytes_of(const struct wrong_file *f)
{
	static char bytes[KEY_FILE_MAX];
	size_t n = f->total > f->n ? f->total : f->n;

	memcpy(bytes, f->bytes, f->n);
	for (size_t i = f->n; i < n; i++)
		bytes[i] = (char)(test_random() >> 9 | (i % 16 == 5 ? 0x80 : 0));
	if (n > f->n)
		bytes[n - 1] = (char)0xa5;      /* not the newline that is dropped */
	return (struct str){ bytes, n };
}

static void
check(struct str bytes, const char *message, const char *what, const char *as)
{
	static struct key_ring ring;
	char text[400];
	struct buf why = buf_over(text, sizeof text);
	bool ok;

	if (ftruncate(fd, 0) != 0 || pwrite(fd, bytes.p, bytes.n, 0) != (ssize_t)bytes.n)
		abort();
	keys_wipe(&ring);
	ok = keys_add_file(&ring, path, &why);
	CHECK(ok == (message == NULL) && ring.n == ok, "%s%s: %s", what, as, ok ? "taken" : "refused");
	CHECK_BYTES(buf_str(&why), str_from(message != NULL ? message : ""), "%s%s", what, as);
}

/* The file, and a JWK of the same bytes, which tells of them what the file does; but that JSON is no
 * file of it there. Where a newline is dropped, CR is white space. */
static void
check_file(const struct wrong_file *f)
{
	static const char head[] = "{\"kty\":\"oct\",\"k\":\"";
	static char jwk[2 * KEY_FILE_MAX];
	struct str bytes = bytes_of(f);
	struct buf b = buf_over(jwk, sizeof jwk);
	bool cr_lf = f->message != NULL && strcmp(f->message, CRLF) == 0;

	check(bytes, f->message, f->what, "");
	bytes.n -= bytes.p[bytes.n - 1] == '\n';
	buf_text(&b, head);
	b.n += base64url_encode(b.p + b.n, bytes.p, bytes.n);
	buf_text(&b, "\"}");
	if (!cr_lf)
		check(buf_str(&b), shape_is_json(bytes) ? FOREIGN("JSON") : f->message, f->what,
		    " as a JWK");
}

/* What chance makes is refused by nothing here. */
static void
check_chance(const char *alphabet, size_t letters, size_t most)
{
	char bytes[200], text[400];
	struct buf why = buf_over(text, sizeof text);
	unsigned refused = 0;

	for (unsigned i = 0; i < 10000; i++) {
		struct str key = { bytes, 32 + test_random() % (most - 31) };

		for (size_t j = 0; j < key.n; j++)
			bytes[j] = alphabet == NULL ? (char)(test_random() >> 9) :
			    alphabet[(test_random() >> 9) % letters];
		refused += shape_is_json(key) || shape_is_foreign(key, &why) ||
		    shape_is_untidy(key, &why);
		buf_empty(&why);
	}
	CHECK(refused == 0, "%u of 10,000 keys of %zu letters are refused", refused, letters);
}

/* The odds that so many random bytes bear a mark, are JSON ('{' and a name of a JWK) or are UTF-16 (a
 * quarter of the units are ASCII: of 64 bytes 8 of 32, of more or less fewer do), times `scale`. */
static double
odds(size_t n, double scale)
{
	double unit = 100.0 / 65536, ways = 10518300 * 2.0, all = ways, each_byte = 1.0 / 256;

	for (unsigned i = 0; i < 8; i++)
		all *= unit;
	for (size_t place = 1; place < n - 4; place++) {
		double name = each_byte;

		for (unsigned i = 0; i < 5; i++)
			name *= each_byte;
		all += name * (1 + each_byte);
	}
	for (struct mark m = { 0 }; mark_next(&m);) {
		double each = m.place == BINARY || m.place == ANYWHERE ? (double)(n + 1 - m.n) : m.place == START ||
		    (m.place == NOT_64 && n != 64);

		for (unsigned j = 0; j < m.n; j++)
			each *= m.bytes[j] == MARK_ANY ? 1 : each_byte;
		all += each;
	}
	return all * scale;
}

/* Of text that is longer than what is decoded, the beginning tells. */
static void
check_long_text(void)
{
	static const char begins[] = "-----BEGIN OPENSSH PRIVATE KEY-----\n";
	static char text[6000];
	struct buf b = buf_over(text, sizeof text);

	buf_hex(&b, (const uint8_t *)begins, sizeof begins - 1);
	while (b.n < sizeof text)
		buf_hex(&b, &(uint8_t){ (uint8_t)('A' + test_random() % 26) }, 1);
	check(buf_str(&b), FOREIGN_PEM("PEM in hexadecimal digits"), "6,000 digits", "");
	buf_empty(&b);
	while (b.n < sizeof text)
		buf_hex(&b, &(uint8_t){ (uint8_t)('A' + test_random() % 26) }, 1);
	check(buf_str(&b), NULL, "6,000 digits of letters", "");
}

/* Each file cut at each of its bytes, flush against an unreadable page: nothing is read there. */
static void
check_ends(void)
{
	for (size_t i = 0; i < COUNT(wrong_files); i++) {
		struct str bytes = bytes_of(&wrong_files[i]);
		char text[400];

		for (size_t n = 0; n <= bytes.n && n < 150; n++) {
			struct str cut = { test_flush(0, bytes.p, n), n };
			struct buf why = buf_over(text, sizeof text);

			shape_is_json(cut);
			shape_is_foreign(cut, &why);
			shape_is_untidy(cut, &why);
			CHECK(!why.bad, "%s, %zu bytes", wrong_files[i].what, n);
		}
	}
}

/* Marks that count anywhere, whatever their case where that is of text alone, are found in every
 * place; and not with one byte of them changed, or without the colon that they need. */
static void
check_places(void)
{
	static const struct {
		const char *bytes;
		bool bears;
	} marks[] = {
		{ "-----BEGIN ", true }, { "-----BEGIn ", false }, { "AGE-SECRET-KEY-", true },
		{ "ssh-rsa", true }, { "ssH-rsa", false }, { "password =x", true },
		{ "aPIvERSION:", true }, { "apiVersion;", false }, { ":$6$", true },
		{ ";$6$", false }, { ":$2x$", true }, { ":$argoN2", true }, { ":$argon3", false },
	};
	char memory[80], answer[200];

	for (size_t i = 0; i < COUNT(marks); i++) {
		size_t n = strlen(marks[i].bytes), from = marks[i].bytes[0] == ':' ? 0 : 1;

		for (size_t total = 64; total <= 80; total += total < 72 ? 1 : 8)
			for (size_t at = from; at + n <= total; at++) {
				struct buf why = buf_over(answer, sizeof answer);

				memset(memory, 'q', total);
				memcpy(memory + at, marks[i].bytes, n);
				CHECK(shape_is_foreign((struct str){ memory, total }, &why) ==
				    marks[i].bears, "%s, at %zu of %zu", marks[i].bytes, at, total);
			}
	}
}

/* Any 64 digits of the published key are known, as they stand and decoded. */
static void
check_pieces(void)
{
	struct str demo = keys_demo();
	char bytes[32], answer[200];

	for (size_t at = 0; at + 64 <= demo.n; at++) {
		struct buf why = buf_over(answer, sizeof answer);

		CHECK(shape_is_foreign((struct str){ demo.p + at, 64 }, &why), "digits from %zu", at);
		CHECK_BYTES(buf_str(&why), str_from(FORM), "digits from %zu", at);
		for (size_t i = 0; i < sizeof bytes; i++)
			bytes[i] = (char)(json_hex(demo.p[at + 2 * i]) << 4 |
			    json_hex(demo.p[at + 2 * i + 1]));
		buf_empty(&why);
		CHECK(shape_is_foreign((struct str){ bytes, sizeof bytes }, &why), "bytes from %zu", at);
	}
}

void
test_shapes(void)
{
	static char name[64];

	fd = memfd_create("key", MFD_CLOEXEC);
	fchmod(fd, 0600);
	snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
	path = name;
	if (fd < 0 || access(path, R_OK) != 0) {
		test_skip("wrong key files (needs /proc and memfd_create)");
		return;
	}
	for (size_t i = 0; i < COUNT(wrong_files); i++)
		check_file(&wrong_files[i]);
	for (size_t i = 0; i < COUNT(good_files); i++)
		check_file(&good_files[i]);
	check_chance(NULL, 0, 200);
	check_chance("0123456789abcdef", 16, 150);
	check_chance("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 32, 150);
	check_chance("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", 64, 150);
	check_chance("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", 64, 150);
	CHECK(odds(32, 0x1p35) < 1, "32 bytes: 2^-35 times %g", odds(32, 0x1p35));
	CHECK(odds(64, 0x1p40) < 1, "64 bytes: 2^-40 times %g", odds(64, 0x1p40));
	CHECK(odds(128, 0x1p35) < 1, "128 bytes: 2^-35 times %g", odds(128, 0x1p35));
	check_long_text();
	check_ends();
	check_places();
	check_pieces();
	close(fd);
}

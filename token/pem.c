#include "token/pem.h"

#include "base64url.h"
#include "token/key_material.h"

/* RFC 8410 4, 7, in base64 (RFC 7468): what stands before the key, that is the name of Ed25519 and
 * which kind of thing follows, and behind it. In PKCS#8 the last byte before it shares a digit. */
static const char pkcs8[] = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIE";
static const char pkcs8_end[] = "\n-----END PRIVATE KEY-----";
static const char spki[] = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA";
static const char spki_end[] = "=\n-----END PUBLIC KEY-----";

enum { STRING_OF_32 = 0x20 };           /* that byte: a string's length */

/* The character of base64url that stands for the same digit as one of base64; those that are
 * base64url's alone become none. Without a branch on it. */
static char
translated(char c)
{
	unsigned u = (unsigned char)c;
	unsigned is_62 = key_below(u ^ '+', 1) | key_below(u ^ '-', 1);
	unsigned is_63 = key_below(u ^ '/', 1) | key_below(u ^ '_', 1);

	return (char)(u ^ (('+' ^ '-') & (0 - is_62)) ^ (('/' ^ '_') & (0 - is_63)));
}

/* Whether the file begins and ends so, with so many digits between. */
static bool
reads(uint8_t der[PEM_DER], struct str file, struct str begin, struct str end, size_t digits)
{
	char line[PEM_DER / 3 * 4];
	bool ok;

	if (file.n != begin.n + digits + end.n || memcmp(file.p, begin.p, begin.n) != 0 ||
	    memcmp(file.p + begin.n + digits, end.p, end.n) != 0)
		return false;
	for (size_t i = 0; i < digits; i++)
		line[i] = translated(file.p[begin.n + i]);
	ok = key_told(base64url_decode(der, line, digits) >= 0);
	wipe(line, sizeof line);
	return ok;
}

#define TEXT(array) ((struct str){ array, sizeof array - 1 })

bool
pem_read(struct jwk *key, uint8_t der[PEM_DER], struct str file)
{
	const size_t n = base64url_length(ED25519_PUBLIC);
	bool is_private = reads(der, file, TEXT(pkcs8), TEXT(pkcs8_end), n + 1) &&
	    der[0] == STRING_OF_32;

	if (!is_private && !reads(der, file, TEXT(spki), TEXT(spki_end), n))
		return false;
	*key = (struct jwk){ .alg = JWT_EDDSA, .may_sign = is_private, .may_judge = true };
	*(is_private ? &key->k : &key->x) = (struct str){ (char *)der + is_private,
	    ED25519_PUBLIC };
	return true;
}

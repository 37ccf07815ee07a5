#include "token/pem.h"

#include "base64url.h"
#include "token/key_material.h"

/* What stands before the key's 32 bytes (RFC 8410 4, 7): in PKCS#8, the version, the name of
 * Ed25519, and a string in a string; in SPKI the name, and a string of bits. */
#define PKCS8 STR("\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20")
#define SPKI STR("\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00")

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

/* Whether it is PEM of this label whose DER begins so, and 32 bytes follow: one line of base64. */
static bool
is_key(uint8_t der[PEM_DER], struct str file, const char *label, struct str begin)
{
	size_t n = begin.n + ED25519_PUBLIC, digits = base64url_length(n);
	size_t padded = (digits + 3) / 4 * 4;
	char text[64], line[64];
	struct buf head = buf_over(text, sizeof text), end;
	bool ok;

	buf_format(&head, "-----BEGIN %s-----\n", label);
	end = buf_over(text + head.n, sizeof text - head.n);
	buf_format(&end, "\n-----END %s-----", label);
	if (file.n != head.n + padded + end.n || memcmp(file.p, head.p, head.n) != 0 ||
	    memcmp(file.p + head.n + padded, end.p, end.n) != 0)
		return false;
	for (size_t i = 0; i < digits; i++)
		line[i] = translated(file.p[head.n + i]);
	ok = base64url_decode(der, line, digits) == (ptrdiff_t)n &&
	    memcmp(der, begin.p, begin.n) == 0 && (padded == digits ||
	    file.p[head.n + digits] == '=');
	wipe(line, sizeof line);
	return ok;
}

bool
pem_read(struct jwk *key, uint8_t der[PEM_DER], struct str file)
{
	bool is_private = is_key(der, file, "PRIVATE KEY", PKCS8);
	struct str *bytes = is_private ? &key->k : &key->x;

	if (!is_private && !is_key(der, file, "PUBLIC KEY", SPKI))
		return false;
	*key = (struct jwk){ .alg = JWT_EDDSA, .may_sign = is_private, .may_judge = true };
	*bytes = (struct str){ (char *)der + (is_private ? PKCS8 : SPKI).n, ED25519_PUBLIC };
	return true;
}

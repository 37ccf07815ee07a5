#include "token/key_marks.h"

/* Where not in text, each is 40 bits and more, those that files of 64 bytes can bear 48: that 64
 * random bytes bear one is below 2^-40, as test/token/test_shapes.c adds up. */
const struct mark mark_table[] = {
	MARK(ANYWHERE, PEM, "-----BEGIN "), MARK(ANYWHERE, PEM, "-----END "),
	/* PuTTY, OpenSSH, the first SSH */
	MARK(ANYWHERE, SSH_PRIVATE, "PuTTY-User-"),
	MARK(ANYWHERE, SSH_PRIVATE, "openssh-key-v"),
	MARK(ANYWHERE, SSH_PRIVATE, "SSH PRIVATE "),
	/* the name of the type, also behind options or sk-; RFC 4716 */
	MARK(ANYWHERE, SSH_PUBLIC, "ssh-rsa"), MARK(ANYWHERE, SSH_PUBLIC, "ssh-dss"),
	MARK(ANYWHERE, SSH_PUBLIC, "ssh-ed"), MARK(ANYWHERE, SSH_PUBLIC, "ecdsa-sha2-"),
	MARK(ANYWHERE, SSH_PUBLIC, "---- BEGIN "),
	/* INTEGER, a version, then INTEGER, OCTET STRING or SEQUENCE: PKCS#1, SEC1, PKCS#8 */
	MARK(DER_START, DER, "\x02\x01\0\x02"), MARK(DER_START, DER, "\x02\x01\x01\x04"),
	MARK(DER_START, PKCS12, "\x02\x01\x03\x30"), MARK(DER_START, DER, "\x02\x01\0\x30"),
	MARK(DER_START, DER, "\x02\x01\x01\x30"),
	/* SEQUENCE, in it an OBJECT IDENTIFIER, a version or what a certificate begins with */
	MARK(DER_START, DER, "\x30\a\x06\a\x2a\x86"), MARK(DER_START, DER, "\x30\a\x06\a\x2a\x85"),
	MARK(DER_START, DER, "\x30\a\x06\x03\x2b"), MARK(DER_START, DER, "\x30\a\x06\x03\x55"),
	MARK(DER_START, DER, "\x30\a\x06\x09\x60"),
	MARK(DER_START, DER, "\x30\a\x02\x01\a\x30"), MARK(DER_START, DER, "\x30\a\xa0\x03\x02"),
	/* a long SEQUENCE or INTEGER: certificates, public keys of RSA; PKCS#7 */
	MARK(LONG_DER_START, DER, "\x30\x81"), MARK(LONG_DER_START, DER, "\x30\x82"),
	MARK(LONG_DER_START, DER, "\x02\x81"), MARK(LONG_DER_START, DER, "\x02\x82"),
	MARK(LONG_DER_START, DER, "\x06\x09\x2a\x86"),
	MARK(START, PKCS12, "\x30\x80\x02\x01\x03\x30"),
	MARK(START, KEYSTORE, "\xfe\xed\xfe\xed\0\0\0"),
	MARK(START, KEYSTORE, "\xce\xce\xce\xce\0\0\0"), MARK(NOT_64, KEYTAB, "\x05\x02\0\0\0"),
	MARK(ANYWHERE, AGE, "AGE-SECRET-"), MARK(START, AGE, "age-encrypt"),
	/* Ed25519's name; RSA of 2,048, 3,072 and 4,096 bits */
	MARK(ANYWHERE, PGP, "\x2b\x06\x01\x04\x01\xda\x47\x0f\x01"),
	MARK(START, PGP, "\x99\x01\x0d\x04\a\a\a\a\x01\x08\0"),
	MARK(START, PGP, "\x99\x01\x8d\x04\a\a\a\a\x01\x0c\0"),
	MARK(START, PGP, "\x99\x02\x0d\x04\a\a\a\a\x01\x10\0"),
	MARK(START, KEYRING, "\0\0\0\x20\x01\x01\0\aKBXf"),
	MARK(START, KEYRING, "\x03\xd9\xa2\x9a\a\xfb\x4b\xb5"),
	MARK(START, TOR, "== ed25519v1-"), MARK(START, ENCRYPTED, "Salted__"),
	MARK(START, ENCRYPTED, "LUKS\xba\xbe"),
	MARK(NOT_64, PROGRAM, "\x7f" "ELF\a\a\x01"), MARK(START, PROGRAM, "\xca\xfe\xba\xbe\0\0\0"),
	MARK(NOT_64, ARCHIVE, "PK\x03\x04\a\0"), MARK(START, ARCHIVE, "\xfd" "7zXZ\0"),
	MARK(START, ARCHIVE, "BZh\a1AY&SY"), MARK(START, ARCHIVE, "7z\xbc\xaf\x27\x1c"),
	MARK(NOT_64, ARCHIVE, "\x1f\x8b\x08\0\a\a\a\a\a\x03"),
	MARK(NOT_64, ARCHIVE, "\x1f\x8b\x08\x08\a\a\a\a\a\x03"),
	MARK(NOT_64, ARCHIVE, "\x1f\x8b\x08\0\a\a\a\a\a\xff"),
	MARK(NOT_64, ARCHIVE, "\x1f\x8b\x08\x08\a\a\a\a\a\xff"),
	MARK(START, ARCHIVE, "!<arch>\n"), MARK(ANYWHERE, ARCHIVE, "\0ustar"),
	MARK(START, DATABASE, "SQLite format"), MARK(NOT_64, PDF, "%PDF-"),
	MARK(START, PICTURE, "\x89PNG\r\n\x1a\n"), MARK(NOT_64, PICTURE, "GIF8\aa"),
	MARK(START, PICTURE, "\xff\xd8\xff\a\a\aJFIF"),
	MARK(START, PICTURE, "\xff\xd8\xff\a\a\aExif"),
	MARK(TEXT_START, SCRIPT, "#!"), MARK(TEXT_START, NETRC, "machine "),
	MARK(TEXT_START, MARKUP, "<?"), MARK(TEXT_START, MARKUP, "<!"),
	MARK(TEXT_START, MINISIGN, "untrusted "),
	MARK(TEXT_START, ENCRYPTED, "$ANSIBLE_"),
	MARK(TEXT_FIELD, PASSWORDS, "$1$"), MARK(TEXT_FIELD, PASSWORDS, "$5$"),
	MARK(TEXT_FIELD, PASSWORDS, "$6$"), MARK(TEXT_FIELD, PASSWORDS, "$y$"),
	MARK(TEXT_FIELD, PASSWORDS, "$2\a$"), MARK(TEXT_FIELD, PASSWORDS, "$apr1$"),
	MARK(TEXT_FIELD, PASSWORDS, "$argon2"), MARK(TEXT_FIELD, PASSWORDS, "$scrypt$"),
	MARK(TEXT_FIELD, PASSWORDS, "{SHA}"), MARK(TEXT_FIELD, PASSWORDS, "{SSHA"),
	MARK(TEXT_ANYWHERE, TOKEN, "bearer ey"), MARK(TEXT_START, URL, "http://"),
	MARK(TEXT_START, URL, "https://"),
	MARK(TEXT_ANYWHERE, PRINT, "sha256:"), MARK(TEXT_ANYWHERE, PRINT, "fingerprint="),
	MARK(TEXT_ANYWHERE, DNS, " DNSKEY "), MARK(TEXT_ANYWHERE, DNS, "v=DKIM1"),
	MARK(TEXT_ANYWHERE, MANIFEST, "apiVersion:"), MARK(TEXT_START, SETTINGS, "JWTD_"),
	MARK(TEXT_ANYWHERE, SETTINGS, "key=\a"), MARK(TEXT_ANYWHERE, SETTINGS, "key =\a"),
	MARK(TEXT_ANYWHERE, SETTINGS, "key:\a"), MARK(TEXT_ANYWHERE, SETTINGS, "secret=\a"),
	MARK(TEXT_ANYWHERE, SETTINGS, "secret =\a"), MARK(TEXT_ANYWHERE, SETTINGS, "secret:\a"),
	MARK(TEXT_ANYWHERE, SETTINGS, "token=\a"), MARK(TEXT_ANYWHERE, SETTINGS, "token =\a"),
	MARK(TEXT_ANYWHERE, SETTINGS, "token:\a"), MARK(TEXT_ANYWHERE, SETTINGS, "password=\a"),
	MARK(TEXT_ANYWHERE, SETTINGS, "password =\a"), MARK(TEXT_ANYWHERE, SETTINGS, "password:\a"),
};

const unsigned mark_count = sizeof mark_table / sizeof mark_table[0];

static const char names[][27] = {
	[PEM] = "PEM", [SSH_PUBLIC] = "an SSH public key", [SSH_PRIVATE] = "an SSH private key",
	[DER] = "DER (a key, a certificate)", [JSON] = "a JWK", [PKCS12] = "PKCS#12",
	[KEYSTORE] = "a Java keystore", [KEYTAB] = "a Kerberos keytab",
	[AGE] = "a key of age", [PGP] = "an OpenPGP key", [KEYRING] = "a store of keys",
	[TOR] = "a key of Tor", [MINISIGN] = "a key of minisign",
	[DNS] = "a DNS record", [ENCRYPTED] = "an encrypted file", [PROGRAM] = "a program",
	[ARCHIVE] = "compressed or an archive", [DATABASE] = "a database",
	[PICTURE] = "a picture", [PDF] = "PDF", [UTF16] = "UTF-16 text", [MARKUP] = "XML or HTML",
	[SCRIPT] = "a script", [MANIFEST] = "a Kubernetes manifest", [NETRC] = "netrc",
	[PASSWORDS] = "hashes of passwords", [SETTINGS] = "a list of names and values",
	[TOKEN] = "a token (JWT), not its key", [PRINT] = "a fingerprint", [URL] = "a URL",
	[VARIABLE] = "a variable, not its value"
};

const char *
mark_name(enum mark_kind kind)
{
	return names[kind];
}

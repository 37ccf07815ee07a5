#include "token/key_marks.h"

/* Where not in text, each is 40 bits and more, so that no key looks so by chance. */
const struct mark mark_table[] = {
	MARK(ANYWHERE, PEM, "-----BEGIN "), MARK(ANYWHERE, PEM, "-----END "),
	MARK(START, PEM_BASE64, "LS0tLS1CRUdJTi"),
	/* PuTTY, OpenSSH and its form in base64, the first SSH */
	MARK(ANYWHERE, SSH_PRIVATE, "PuTTY-User-Key-"),
	MARK(ANYWHERE, SSH_PRIVATE, "openssh-key-v"),
	MARK(ANYWHERE, SSH_PRIVATE, "b3BlbnNzaC1rZXktd"),
	MARK(ANYWHERE, SSH_PRIVATE, "SSH PRIVATE KEY "),
	/* the name of the type, also behind options or sk-; RFC 4716; base64 without a name */
	MARK(ANYWHERE, SSH_PUBLIC, "ssh-rsa"), MARK(ANYWHERE, SSH_PUBLIC, "ssh-dss"),
	MARK(ANYWHERE, SSH_PUBLIC, "ssh-ed"), MARK(ANYWHERE, SSH_PUBLIC, "ecdsa-sha2-"),
	MARK(ANYWHERE, SSH_PUBLIC, "---- BEGIN "),
	MARK(ANYWHERE, SSH_PUBLIC, "AAAAB3NzaC1"), MARK(ANYWHERE, SSH_PUBLIC, "AAAAC3NzaC1"),
	MARK(ANYWHERE, SSH_PUBLIC, "AAAAE2VjZHNh"),
	/* INTEGER, a version, then INTEGER, OCTET STRING or SEQUENCE: PKCS#1, SEC1, PKCS#8 */
	MARK(DER_START, DER, "\x02\x01\a\x02"), MARK(DER_START, DER, "\x02\x01\a\x04"),
	MARK(DER_START, PKCS12, "\x02\x01\x03\x30"), MARK(DER_START, DER, "\x02\x01\a\x30"),
	/* SEQUENCE, in it an OBJECT IDENTIFIER, a version or what a certificate begins with */
	MARK(DER_START, DER, "\x30\a\x06\a\x2a"), MARK(DER_START, DER, "\x30\a\x06\a\x2b"),
	MARK(DER_START, DER, "\x30\a\x06\a\x55"), MARK(DER_START, DER, "\x30\a\x06\a\x60"),
	MARK(DER_START, DER, "\x30\a\x02\x01\a\x30"), MARK(DER_START, DER, "\x30\a\xa0\x03\x02"),
	/* a long SEQUENCE or INTEGER: certificates, public keys of RSA; PKCS#7 */
	MARK(LONG_DER_START, DER, "\x30\x81"), MARK(LONG_DER_START, DER, "\x30\x82"),
	MARK(LONG_DER_START, DER, "\x02\x81"), MARK(LONG_DER_START, DER, "\x02\x82"),
	MARK(LONG_DER_START, DER, "\x06\x09\x2a\x86"),
	MARK(START, PKCS12, "\x30\x80\x02\x01\x03\x30"),
	MARK(START, KEYSTORE, "\xfe\xed\xfe\xed\0\0\0"),
	MARK(START, KEYSTORE, "\xce\xce\xce\xce\0\0\0"), MARK(START, KEYTAB, "\x05\x02\0\0\0"),
	MARK(ANYWHERE, AGE, "AGE-SECRET-KEY-"), MARK(START, AGE, "age-encryption.org"),
	/* Ed25519's name; RSA of 2,048, 3,072 and 4,096 bits */
	MARK(ANYWHERE, PGP, "\x2b\x06\x01\x04\x01\xda\x47\x0f\x01"),
	MARK(START, PGP, "\x99\a\a\x04\a\a\a\a\x01\x08\0"),
	MARK(START, PGP, "\x99\a\a\x04\a\a\a\a\x01\x0c\0"),
	MARK(START, PGP, "\x99\a\a\x04\a\a\a\a\x01\x10\0"),
	MARK(START, KEYRING, "\0\0\0\x20\x01\x01\0\aKBXf"),
	MARK(START, KEYRING, "\x03\xd9\xa2\x9a\a\xfb\x4b\xb5"),
	MARK(START, TOR, "== ed25519v1-"), MARK(START, ENCRYPTED, "Salted__"),
	MARK(START, ENCRYPTED, "LUKS\xba\xbe"),
	MARK(START, PROGRAM, "\x7f" "ELF\a\a\x01"), MARK(START, PROGRAM, "\xca\xfe\xba\xbe\0\0\0"),
	MARK(START, ARCHIVE, "PK\x03\x04\a\0"), MARK(START, ARCHIVE, "\xfd" "7zXZ\0"),
	MARK(START, ARCHIVE, "BZh\a1AY&SY"), MARK(START, ARCHIVE, "7z\xbc\xaf\x27\x1c"),
	MARK(START, ARCHIVE, "\x1f\x8b\x08\0\a\a\a\a\a\x03"),
	MARK(START, ARCHIVE, "\x1f\x8b\x08\x08\a\a\a\a\a\x03"),
	MARK(START, ARCHIVE, "\x1f\x8b\x08\0\a\a\a\a\a\xff"),
	MARK(START, ARCHIVE, "\x1f\x8b\x08\x08\a\a\a\a\a\xff"),
	MARK(START, ARCHIVE, "!<arch>\n"), MARK(ANYWHERE, ARCHIVE, "\0ustar"),
	MARK(START, DATABASE, "SQLite format 3"), MARK(START, PDF, "%PDF-"),
	MARK(START, PICTURE, "\x89PNG\r\n\x1a\n"), MARK(START, PICTURE, "GIF8\aa"),
	MARK(START, PICTURE, "\xff\xd8\xff\a\a\aJFIF"),
	MARK(START, PICTURE, "\xff\xd8\xff\a\a\aExif"),
	MARK(START, JWK_BASE64, "eyJrdHkiO"), MARK(START, JWK_BASE64, "eyJrZXlzI"),
	MARK(TEXT_START, SCRIPT, "#!"), MARK(TEXT_START, NETRC, "machine "),
	MARK(TEXT_START, MARKUP, "<?"), MARK(TEXT_START, MARKUP, "<!"),
	MARK(TEXT_START, MINISIGN, "untrusted comment"),
	MARK(TEXT_START, ENCRYPTED, "$ANSIBLE_VAULT"),
	MARK(TEXT_FIELD, PASSWORDS, "$1$"), MARK(TEXT_FIELD, PASSWORDS, "$5$"),
	MARK(TEXT_FIELD, PASSWORDS, "$6$"), MARK(TEXT_FIELD, PASSWORDS, "$y$"),
	MARK(TEXT_FIELD, PASSWORDS, "$2\a$"), MARK(TEXT_FIELD, PASSWORDS, "$apr1$"),
	MARK(TEXT_FIELD, PASSWORDS, "$argon2"), MARK(TEXT_FIELD, PASSWORDS, "$scrypt$"),
	MARK(TEXT_FIELD, PASSWORDS, "{SHA}"), MARK(TEXT_FIELD, PASSWORDS, "{SSHA"),
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

static const char names[][30] = {
	[PEM] = "PEM", [SSH_PUBLIC] = "an SSH public key", [SSH_PRIVATE] = "an SSH private key",
	[DER] = "DER (a key or a certificate)", [DER_BASE64] = "DER in base64",
	[PEM_BASE64] = "PEM in base64", [JWK_BASE64] = "a JWK in base64", [PKCS12] = "PKCS#12",
	[KEYSTORE] = "a Java keystore", [KEYTAB] = "a Kerberos keytab",
	[AGE] = "a key of age", [PGP] = "an OpenPGP key", [KEYRING] = "a store of keys",
	[TOR] = "a key of Tor", [MINISIGN] = "a key of minisign or signify",
	[DNS] = "a DNS record", [ENCRYPTED] = "an encrypted file", [PROGRAM] = "a program",
	[ARCHIVE] = "compressed or an archive", [DATABASE] = "a database",
	[PICTURE] = "a picture", [PDF] = "PDF", [UTF16] = "UTF-16 text", [MARKUP] = "XML or HTML",
	[SCRIPT] = "a script", [MANIFEST] = "a Kubernetes manifest", [NETRC] = "netrc",
	[PASSWORDS] = "hashes of passwords", [SETTINGS] = "a list of names and values",
	[TOKEN] = "a token (JWT), not its key"
};

const char *
mark_name(enum mark_kind kind)
{
	return names[kind];
}

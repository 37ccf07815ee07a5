/* By which bytes a file tells what it is: the table that key_shapes.c looks things up in, and it
 * alone. */
#ifndef KEY_MARKS_H
#define KEY_MARKS_H

#include "str.h"

/* What a file can be. */
enum mark_kind {
	PEM, SSH_PUBLIC, SSH_PRIVATE, DER, DER_BASE64, PEM_BASE64, JWK_BASE64, PKCS12, KEYSTORE,
	KEYTAB, AGE, PGP, KEYRING, TOR, MINISIGN, DNS, ENCRYPTED, PROGRAM, ARCHIVE, DATABASE,
	PICTURE, PDF, UTF16, MARKUP, SCRIPT, MANIFEST, NETRC, PASSWORDS, SETTINGS, TOKEN
};

/* Where the bytes stand: in any file, or in text, where case does not matter. A field begins the
 * text, or follows a colon. DER: behind the header of a SEQUENCE that is as long as the file says,
 * and for LONG_DER itself longer than two bytes. */
enum mark_place {
	START, ANYWHERE, TEXT_START, TEXT_FIELD, TEXT_ANYWHERE, DER_START, LONG_DER_START
};

struct mark {
	uint8_t place, kind, n;         /* enum mark_place, enum mark_kind, bytes */
	const char *bytes;
};

#define MARK_ANY '\a'   /* among the bytes: whatever stands there */

/* The one of this number, below mark_count. */
struct mark mark_row(unsigned);
extern const unsigned mark_count;

/* What a kind is called, behind "it is ". */
const char *mark_name(enum mark_kind);

#endif

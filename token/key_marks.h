/* By which bytes a file tells what it is: the table that key_shapes.c looks things up in, and it
 * alone. */
#ifndef KEY_MARKS_H
#define KEY_MARKS_H

#include "str.h"

/* What a file can be. */
enum mark_kind {
	PEM, SSH_PUBLIC, SSH_PRIVATE, DER, JSON, PKCS12, KEYSTORE, KEYTAB, AGE, PGP, KEYRING, TOR,
	MINISIGN, DNS, ENCRYPTED, PROGRAM, ARCHIVE, DATABASE, PICTURE, PDF, UTF16, MARKUP, SCRIPT,
	MANIFEST, NETRC, PASSWORDS, SETTINGS, TOKEN, PASETO, PRINT, URL, VARIABLE, DEMO
};

/* Where the bytes stand, white space at the ends aside: in anything, in what is no text
 * (BINARY: anywhere), or in text, where case does not matter. A field begins the text, or follows a
 * colon. NOT_64: at the start of what is not, as most keys of random bytes, 64 bytes long. */
enum mark_place {
	START, NOT_64, BINARY, ANYWHERE, TEXT_ANYWHERE, TEXT_FIELD, TEXT_START
};

struct mark {
	uint8_t place, kind, n;         /* enum mark_place, enum mark_kind, bytes */
	uint8_t number;                 /* in the table */
	const char *bytes;
};

#define MARK_ANY '\a'   /* among the bytes: whatever stands there */

/* Goes on to the next mark of the table, or, where all is zero, to the first. false: there are no
 * more. */
bool mark_next(struct mark *);

/* What a kind is called, behind "it is ". */
const char *mark_name(enum mark_kind);

#endif

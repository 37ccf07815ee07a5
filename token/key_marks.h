/* By which bytes a file tells what it is: the table that key_shapes.c looks things up in, and it
 * alone. */
#ifndef KEY_MARKS_H
#define KEY_MARKS_H

#include "str.h"

/* What a file can be. */
enum mark_kind {
	PEM, SSH_PUBLIC, SSH_PRIVATE, DER, JSON, PKCS12, KEYSTORE, KEYTAB, AGE, PGP, KEYRING, TOR,
	MINISIGN, DNS, ENCRYPTED, PROGRAM, ARCHIVE, DATABASE, PICTURE, PDF, UTF16, MARKUP, SCRIPT,
	MANIFEST, NETRC, PASSWORDS, SETTINGS, TOKEN, PRINT, URL, VARIABLE
};

/* Where the bytes stand: in any file, or in text, where case does not matter. A field begins the
 * text, or follows a colon. NOT_64: at the start of a file that is not, as most keys of random
 * bytes, 64 bytes long. DER: behind the header of a SEQUENCE that is as long as the file says, and
 * for LONG_DER itself longer than two bytes. */
enum mark_place {
	START, NOT_64, ANYWHERE, TEXT_START, TEXT_FIELD, TEXT_ANYWHERE, DER_START, LONG_DER_START
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

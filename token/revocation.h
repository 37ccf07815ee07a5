/* What is taken back: a token, a subject's tokens, or all; and the line of a file that says so. Of
 * tokens and subjects no more is kept than a hash. */
#ifndef REVOCATION_H
#define REVOCATION_H

#include "str.h"

#include <stdint.h>

struct jwt;

enum { REVOCATION_NAME = 16, REVOCATION_LINE = 57 };    /* bytes; a line with its newline */

enum revocation_kind { REVOKED_TOKEN = 't', REVOKED_SUBJECT = 's', REVOKED_ALL = 'a' };

#define REVOCATION_NEVER INT64_C(999999999999)  /* when an entry dies that never does */
#define REVOCATION_SLACK (86400 + 300)          /* seconds that it outlives its token's exp */

struct revocation {
	/* the first bytes of SHA-512 of a letter and what it stands for: 'j' and a jti, 's' and a
	 * sub, 'i' and the signing input of a token that has no jti. Of all: zeros */
	uint8_t name[REVOCATION_NAME];
	char kind;              /* enum revocation_kind */
	int64_t time;           /* a token: the last second in which it counts, slack added; else:
	                         * what was issued in this second or before */
};

/* A token's, by its jti in UTF-8. Its exp is rounded up to seconds; below 0: it has none. */
void revocation_of_jti(struct revocation *, struct str jti, int64_t exp);

/* All tokens of a subject, in UTF-8, that were issued up to now. */
void revocation_of_subject(struct revocation *, struct str sub, int64_t now);

/* All tokens that were issued up to now. */
void revocation_of_all(struct revocation *, int64_t now);

/* These two unescape a jti or sub into the scratch memory, behind what is there, where it stays to
 * be wiped with the rest. false also where there is less room than the token's spelling of it
 * takes, with its quotes: nothing is to be kept then. */

/* An opened token, whatever its signature is, by its jti or, where that is no string, by its
 * signing input. false where nothing is to be kept, as no clock and no leeway lets it in any
 * more: it is past its end, or its exp is no time. */
bool revocation_of(struct revocation *, struct jwt *, int64_t now);

/* Sets the kind and the name: that of the jti, a claim's index (0: there is none), or else of the
 * signing input; or that of the sub, which is a string. */
bool revocation_name(struct revocation *, enum revocation_kind, struct jwt *, unsigned claim);

/* Appends "KIND NAME TIME CHECK" and a newline: a letter, 32 hexadecimal digits, 12 decimal ones
 * and 8 hexadecimal ones, which are the low 32 bits of SipHash-1-3 under the key 0 of the 48 bytes
 * before them. */
void revocation_put_line(struct buf *, const struct revocation *);

/* Reads a line, without its newline. false: not one byte may be other than it would be written. */
bool revocation_read_line(struct revocation *, struct str line);

#endif

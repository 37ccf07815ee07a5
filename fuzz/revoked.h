/* What is taken back, written down once more: the line of a file as jwtd(8) has it, with a SipHash
 * of its own, and a list that is searched from end to end. There is one list at a time. */
#ifndef REVOKED_H
#define REVOKED_H

#include "fuzz/fuzz.h"
#include "token/revocations.h"

enum { REVOKED_CHECK = 8 };             /* digits of the checksum at a line's end */

/* Reads "KIND NAME TIME CHECK", without its newline. */
bool revoked_line(struct revocation *, struct str line);

/* The checksum that a line should have. */
void revoked_checksum(char out[REVOKED_CHECK + 1], const char *line);

/* Begins an empty list with room for so many beside the entry for all. */
void revoked_begin(unsigned max);

/* Lets so many seconds pass. Returns what the clock says then. */
int64_t revoked_pass(uint64_t seconds);

bool revoked_is_dead(const struct revocation *);

/* What becomes of a live entry. Dead ones are forgotten when their places are needed. */
enum revocation_added revoked_add(const struct revocation *);

/* The other list says what this one says, and no more. */
void revoked_compare(const struct revocations *);

#endif

/* Claims that travel behind /auth to the application, each in a header of its own. */
#ifndef CLAIM_HEADER_H
#define CLAIM_HEADER_H

#include "route/call.h"
#include "token/demand.h"

enum { CLAIM_HEADER_VALUE_MAX = 1024 }; /* bytes of a claim that travels in a header */

/* Reads n times "NAME=CLAIM[,optional][,percent]", as --claim-header has it. false: `why` gets the
 * message. */
bool claim_header_read(struct call_header *, const char *const *given, unsigned n, struct buf *why);

/* Adds all headers to the answer. Returns REASON_NONE, JWT_MISSING_CLAIM where the token lacks a
 * claim, or REASON_UNFIT_CLAIM where one can't be carried; t->about names it. Then the header that
 * a client made up itself would take its place: nobody may be let in, and what was added must be
 * taken back. */
unsigned claim_header_put(struct call *, struct jwt *t);

#endif

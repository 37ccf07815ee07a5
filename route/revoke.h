/* POST /revoke: takes tokens back (RFC 7009). */
#ifndef REVOKE_H
#define REVOKE_H

#include "route/call.h"

/* What the note of a ticket is where a revocation waits for the disk: a struct revocation. Asked once
 * more with the ticket's outcome, it answers. false: the body is needed. */
bool revoke(struct call *);

#endif

/* POST /revoke: takes tokens back (RFC 7009). */
#ifndef REVOKE_H
#define REVOKE_H

#include "route/call.h"

/* A revocation waits for the disk with a struct revocation as the note of its ticket. Asked once
 * more with the ticket's outcome, it answers. false: the body is needed. */
bool revoke(struct call *);

#endif

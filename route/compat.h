/* The route of the service that jwtd replaces, with its answers byte for byte. */
#ifndef COMPAT_H
#define COMPAT_H

#include "route/call.h"

/* POST / makes a token of any JSON value, GET / checks one by a key that the caller brings. false:
 * the body is needed. */
bool compat_create(struct call *);
bool compat_validate(struct call *);

#endif

/* POST /introspect (RFC 7662). */
#ifndef INTROSPECT_H
#define INTROSPECT_H

#include "route/call.h"

/* false: the body is needed. To be called only where there is a service secret. */
bool introspect(struct call *);

#endif

/* POST /v1/tokens and POST /v1/verify: tokens by the service's own keys. */
#ifndef TOKENS_H
#define TOKENS_H

#include "route/call.h"

/* false: the body is needed. */
bool tokens_issue(struct call *);
bool tokens_verify(struct call *);

#endif

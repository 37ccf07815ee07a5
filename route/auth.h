/* /auth: forward authentication for nginx, Caddy, HAProxy and Traefik. The head alone is judged. */
#ifndef AUTH_H
#define AUTH_H

#include "route/call.h"

/* Answers 200, 401, 403, or 503 while the clock is not believed; always true. */
bool auth_judge(struct call *);

#endif

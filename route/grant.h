/* The token endpoint of OAuth 2.0, where a client asks for a token of its own (RFC 6749 4.4), and
 * what describes it to clients. */
#ifndef GRANT_H
#define GRANT_H

#include "route/call.h"

/* POST /token. */
bool grant_token(struct call *);

/* GET /.well-known/oauth-authorization-server (RFC 8414 3). */
bool grant_metadata(struct call *);

/* Whether they stand here: behind that path comes the path of the issuer (RFC 8414 3.1). */
bool grant_is_metadata(const struct api_policy *, struct str behind);

/* The path of the issuer, a slash at its end dropped. false: it is no http or https URL without
 * query and fragment, and there is no metadata of it. */
bool grant_issuer_path(struct str *path, const char *issuer);

#endif

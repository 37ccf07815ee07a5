/* The claims of tokens that are issued: what the issuer says, and what is added to it. Pure: the
 * clock and the random id come in. */
#ifndef CLAIMS_H
#define CLAIMS_H

#include "token/jwt.h"

enum { CLAIMS_NONCE = 16 };             /* bytes of a token's id */

/* What the world adds to a token. */
struct claims_stamp {
	int64_t now;                    /* seconds since 1970 */
	const uint8_t *nonce;           /* CLAIMS_NONCE random bytes, or NULL: there are none */
};

/* Appends the claims of POST /: iat, jti, and the payload with the text of `data`, a valid JSON
 * value. */
void claims_payload(struct buf *, const struct claims_stamp *, struct str data);

/* What the service says in every token. */
struct claims_setting {
	const char *issuer;             /* UTF-8; NULL: no iss */
	const char *audience;           /* where the caller names none; UTF-8; NULL: no aud */
	unsigned expires_in;            /* seconds */
};

/* Appends the claims of a token: iat, jti, iss and exp, then those of the caller, an object of a
 * document; NULL: none. false: they can't be had; `why` gets a sentence. */
bool claims_issue(struct buf *, const struct claims_setting *, const struct claims_stamp *,
    const struct json *, unsigned object, struct buf *why);

#endif

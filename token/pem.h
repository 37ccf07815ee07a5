/* Keys of Ed25519 in PEM (RFC 7468, RFC 8410). */
#ifndef PEM_H
#define PEM_H

#include "token/jwk.h"

enum { PEM_DER = 48 };                  /* bytes that stand in it, at the most */

/* Whether a file, the newline at its end aside, is a key of Ed25519 as openssl writes it: PKCS#8,
 * or the public part (SPKI), and nothing else. Then it is in `key`, and its bytes in `der`, which
 * the caller wipes in any case. */
bool pem_read(struct jwk *key, uint8_t der[PEM_DER], struct str file);

#endif

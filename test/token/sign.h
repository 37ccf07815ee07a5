/* Tokens as tests want them. */
#ifndef SIGN_H
#define SIGN_H

#include "base64url.h"
#include "token/jwt.h"

/* A token of empty claims with this header, signed by this key. Good until the next call. */
static inline struct str
sign_empty(const struct jwt_key *by, struct str header)
{
	static char token[4096];
	char text[1024];
	size_t n = base64url_encode(text, header.p, header.n);
	struct jwt_key key = *by;
	struct buf b = buf_over(token, sizeof token);

	text[n++] = '.';
	key.header = (struct str){ text, n };
	jwt_mint(&b, &key, STR("{}"));
	return buf_str(&b);
}

#endif

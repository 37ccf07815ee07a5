/* JSON Web Tokens signed with HS512 (RFC 7515, RFC 7518, RFC 7519): the one place where JSON meets
 * cryptography. Pure: clock, randomness and keys come in. */
#ifndef JWT_H
#define JWT_H

#include "json_mini.h"
#include "sha512.h"

/* 1 November 2026. A clock that shows less has not been set: a board without a battery boots in
 * 1970. Seconds since 1970, raised by each release. */
#define JWT_CLOCK_FLOOR INT64_C(1793491200)

/* Memory that a caller lends for one token at a time: `text` takes what is decoded, behind what
 * is there already: at most as many bytes as the token has. */
struct jwt_scratch {
	struct json_tok tok[JSON_TOKENS_MAX];
	struct buf text;
};

/* A token taken apart. All of it is borrowed, from the token and from the scratch memory. */
struct jwt {
	struct str signing_input;       /* header "." claims, as received: what the MAC is over */
	struct str header, claims;      /* their JSON */
	struct str signature;           /* its bytes */
	bool hs512;                     /* "alg" is exactly HS512 */
	bool critical;                  /* there is a "crit" */
	/* where jwt_open() failed ("header", "claims", "signature"), and why; */
	const char *part, *fault;
	size_t fault_at;                /* and at which byte of its JSON; 0 where it is none */
};

/* Takes a token apart: three segments that are not empty, strict base64url, header and claims
 * one JSON object each. false: malformed. Says nothing about the signature. */
bool jwt_open(struct jwt *, struct jwt_scratch *, struct str token);

/* What a token is found to be, in the order in which it is looked for. */
enum jwt_verdict { JWT_GOOD, JWT_UNSUPPORTED_ALGORITHM, JWT_UNSUPPORTED_CRITICAL,
    JWT_BAD_SIGNATURE };

/* Judges header and signature by one key, the signature in constant time. */
enum jwt_verdict jwt_verify(const struct jwt *, const struct hmac512_key *);

/* A key that signs. */
struct jwt_key {
	struct hmac512_key mac;
	struct str header;      /* its tokens begin so: base64url of the header, and the dot */
	size_t quoted;          /* bytes it takes at most as a JSON string, with its quotes */
};

/* The header of a token whose key has no id: {"typ":"JWT","alg":"HS512"}, in base64url, and the
 * dot. */
#define JWT_HEADER STR("eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzUxMiJ9.")

/* Bytes of the token that jwt_mint() makes of so many bytes of claims. */
size_t jwt_length(const struct jwt_key *, size_t claims);

/* Appends the signed token to `token`, which must not hold the claims. */
void jwt_mint(struct buf *token, const struct jwt_key *, struct str claims);

#endif

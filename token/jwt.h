/* JSON Web Tokens (RFC 7515, RFC 7518, RFC 7519, RFC 8037): the one place where JSON meets
 * cryptography. Pure: clock, randomness and keys come in. */
#ifndef JWT_H
#define JWT_H

#include "ed25519.h"
#include "sha256.h"
#include "sha512.h"
#include "token/demand.h"

struct revocations;

/* 1 November 2026. A clock that shows less has not been set: a board without a battery boots in
 * 1970. Seconds since 1970, raised by each release. */
#define JWT_CLOCK_FLOOR INT64_C(1793491200)

#define JWT_DATE_MAX INT64_C(253402300799)      /* the last second of the year 9999 */

/* Bytes of a token that is issued, at the most: it has to fit into the head of a request. */
enum { JWT_MAX = 12288 };

/* The algorithms. Each key has one of them, and is used for no other (RFC 8725 3.1). */
enum jwt_alg { JWT_NO_ALG, JWT_HS512, JWT_HS256, JWT_EDDSA };

/* What "alg" calls it: HS512, HS256, EdDSA. */
const char *jwt_alg_name(enum jwt_alg);

/* The algorithm that a token of JSON names, exactly; JWT_NO_ALG: none of these. Ed25519 (RFC 9864)
 * is EdDSA, which knows no other curve here. */
enum jwt_alg jwt_alg(const struct json *, unsigned tok);

/* Memory that a caller lends for one token at a time: `text` takes what is decoded, behind what
 * is there already: at most as many bytes as the token has. */
struct jwt_scratch {
	struct json_tok tok[JSON_TOKENS_MAX];
	struct buf text;
};

/* A token taken apart. All of it is borrowed, from the token and from the scratch memory. */
struct jwt {
	struct str signing_input;       /* header "." claims, as received: what is signed */
	struct str header, claims;      /* their JSON */
	struct str signature;           /* its bytes */
	struct json doc;                /* the claims' tokens, in the scratch memory */
	struct buf *text;               /* the scratch text */
	enum jwt_alg alg;               /* as "alg" says: it picks the keys, and decides no more */
	bool critical;                  /* there is a "crit" */
	bool unencoded;                 /* there is a "b64" that is not true (RFC 7797 3) */
	enum jwt_kid { JWT_KID_NONE, JWT_KID_STRING, JWT_KID_BAD } kid_is;
	struct json_string kid;         /* the key id, as the header spells it */
	unsigned key;                   /* by which of a ring the signature was judged last */
	/* where jwt_open() failed ("header", "claims", "signature"), and why; */
	const char *part, *fault;
	size_t fault_at;                /* and at which byte of its JSON; 0 where it is none */
	struct str about;               /* the claim that was not found, or does not fit */
};

/* Takes a token apart: three segments that are not empty, strict base64url, header and claims
 * one JSON object each. false: malformed. Says nothing about the signature. */
bool jwt_open(struct jwt *, struct jwt_scratch *, struct str token);

/* What a token is found to be, in the order in which it is looked for. A new one needs its row in
 * verdict.c, and JWT_VERDICTS counts to the last. */
enum jwt_verdict {
	JWT_GOOD, JWT_MALFORMED, JWT_UNSUPPORTED_ALGORITHM, JWT_UNSUPPORTED_CRITICAL,
	JWT_UNKNOWN_KEY, JWT_BAD_SIGNATURE, JWT_EXPIRED, JWT_NOT_YET_VALID, JWT_WRONG_ISSUER,
	JWT_WRONG_AUDIENCE, JWT_MISSING_CLAIM, JWT_REVOKED, JWT_INSUFFICIENT_SCOPE
};

enum { JWT_VERDICTS = JWT_INSUFFICIENT_SCOPE + 1 };

/* Its name in the interface ("bad_signature"), and a phrase that tells a person. */
const char *jwt_verdict_name(enum jwt_verdict);
const char *jwt_verdict_text(enum jwt_verdict);

enum { JWT_REASON_MAX = 1100 };         /* bytes of what jwt_put_reason() appends */

/* Appends the phrase for a token that was judged so. It says of which claim it is: a name from an
 * option or a demand, without quotes and backslashes. An exp or nbf that is no time at all is
 * called that. Nothing of the token is in it. */
void jwt_put_reason(struct buf *, const struct jwt *, enum jwt_verdict);

struct jwt_key;

/* Judges header and signature by one key, whatever key id the token names; a MAC is compared in
 * constant time. keys_verify() does so with a ring of keys. */
enum jwt_verdict jwt_verify(const struct jwt *, const struct jwt_key *);

/* What a token must say beside being signed. Lists have JSON_LIST_MAX names at most, and may be
 * NULL where they have none. */
struct jwt_policy {
	const char *issuer;             /* iss must be there and be this; NULL: any will do */
	const char *const *audiences;   /* aud must hold one of these; none: it must not be there */
	unsigned audience_count;
	const struct demand *required;  /* those without values first */
	unsigned required_count;
	unsigned leeway;                /* seconds that clocks may differ */
	bool needs_exp;                 /* a token that never expires is refused */
	const struct revocations *revoked;      /* what was taken back; NULL: nothing */
};

/* Judges the claims of an opened token, `now` in seconds since 1970 (RFC 7519 4.1). Says nothing
 * about the signature. Sets `about` where the verdict is about a claim of the policy's. */
enum jwt_verdict jwt_judge(struct jwt *, const struct jwt_policy *, int64_t now);

/* A claim that is a NumericDate (RFC 7519 2), in whole seconds, rounded up or down: a number from 0
 * to the end of the year 9999, of at most 32 characters. -1: it is none. */
int64_t jwt_date(const struct json *, unsigned tok, bool up);

/* A key of the ring. */
struct jwt_key {
	uint8_t alg;            /* enum jwt_alg: which of these it is */
	uint8_t tried;          /* likewise, if tokens that name no key are tried by it; or none */
	bool signs, judges;     /* what it may be used for */
	bool has_id;
	union {
		struct hmac512_key hs512;
		struct hmac256_key hs256;
		struct {
			struct ed25519_signer signer;   /* its `public` alone, if it can't sign */
			const struct ed25519_verifier *verifier;
		} ed25519;
	};
	struct str id;          /* the key id, unescaped */
	struct str header;      /* its tokens begin so: base64url of the header, and the dot */
	size_t quoted;          /* HS512: bytes it takes at most as a JSON string, with quotes */
};

/* The header of an HS512 token whose key has no id: {"typ":"JWT","alg":"HS512"}, in base64url, and
 * the dot. */
#define JWT_HEADER STR("eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzUxMiJ9.")

/* Bytes of the token that jwt_mint() makes of so many bytes of claims. */
size_t jwt_length(const struct jwt_key *, size_t claims);

/* Appends the token, signed by a key that may, to `token`, which must not hold the claims. */
void jwt_mint(struct buf *token, const struct jwt_key *, struct str claims);

#endif

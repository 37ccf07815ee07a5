/* JWK and JWK Set (RFC 7517): what a key file may hold, and what keygen and jwk write. */
#ifndef JWK_H
#define JWK_H

#include "token/jwt.h"

enum { KEY_FILE_MAX = 65536 };          /* bytes of a key file */

/* A key, as a JWK describes it or another file stands for it. All of it is borrowed. */
struct jwk {
	enum jwt_alg alg;
	struct str k;           /* its bytes; EdDSA: d; empty: it is the public part alone */
	struct str x;           /* EdDSA: the public part; empty: as follows from d */
	bool has_id;
	struct str id;          /* the key id, unescaped */
	struct str key_ops;     /* JSON as it stands; empty: nothing is said */
	bool may_sign, may_judge;
	unsigned number;        /* its place in a JWK Set, from 1; 0: it is in none */
};

/* What is done with a key. false: it can't be used; `why` gets a phrase. */
typedef bool jwk_taker(void *to, const struct jwk *, struct buf *why);

/* Hands on the key of a JWK or, in order, those of a JWK Set; of a set, what is for no algorithm
 * of ours is left out with a warning in the log, which names `path`. false: malformed, of no use,
 * or not taken; `why` gets a phrase, with the offset where JSON is wrong. */
bool jwk_read(struct str text, const char *path, jwk_taker *take, void *to, struct buf *why);

/* Appends the key as a JWK of one line, without a newline. */
void jwk_put(struct buf *, const struct jwk *);

struct key_ring;

/* Appends the public parts of all keys that have one as a JWK Set, likewise. */
void jwk_put_set(struct buf *, const struct key_ring *);

#endif

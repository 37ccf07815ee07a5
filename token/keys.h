/* The ring of keys, and the service secret beside it. */
#ifndef KEYS_H
#define KEYS_H

#include "token/jwt.h"
#include "token/key_material.h"

enum {
	KEY_MIN = 64,           /* bytes: RFC 7518 3.2 wants a key as long as the digest */
	KEY_RING_MAX = 64,      /* keys */
	KEY_ID_MAX = 128,       /* bytes of a key id */
	KEY_PRINT = 8,          /* bytes of a key's fingerprint */
	SECRET_MIN = 32, SECRET_MAX = 256       /* characters of the service secret */
};

/* Where a key is from: a file, borrowed, and its place in a JWK Set, from 1; 0: it is in none.
 * NULL: the published key, by an option. */
struct key_origin {
	const char *path;
	unsigned number;
};

/* The secrets of a service. Ids and a header lie in `text`: a ring can't be copied. All zero: an
 * empty one. */
struct key_ring {
	struct jwt_key key[KEY_RING_MAX];       /* the first one signs, all verify */
	unsigned n;
	struct key_origin origin[KEY_RING_MAX]; /* of each; the next one's is the caller's to set */
	uint8_t print[KEY_RING_MAX][KEY_PRINT]; /* tells a key, and nothing of its bytes */
	unsigned twin;          /* the one that keys_add() was given again; KEY_RING_MAX: none */
	uint8_t by_id[KEY_RING_MAX];            /* those with an id, sorted by it: the first */
	unsigned ids;                           /* `ids` of these */
	bool serving;           /* it is filled while requests wait. The owner's to set, as are: */
	unsigned long generation;       /* how many rings there were with it, and when it was */
	int64_t loaded;         /* filled: seconds since 1970 */
	bool published;         /* one of them is the key that is printed in the documentation */
	bool has_secret;        /* there is a service secret, of this digest: */
	uint8_t secret[SHA512_DIGEST];
	char text[(KEY_RING_MAX + 10) * KEY_ID_MAX];
	size_t text_n;
};

/* Adds a key: these bytes, and its id or NULL. The same key with the same id, or again without one,
 * is left out. false: they can't be one; `why` gets a phrase. */
bool keys_add(struct key_ring *, struct str key, const struct str *id, struct buf *why);

/* Whether two rings hold the same keys and ids in the same order, and the same secret. */
bool keys_same(const struct key_ring *, const struct key_ring *);

/* Whether this is the service secret, in constant time. false where there is none. */
bool keys_is_secret(const struct key_ring *, struct str shown);

/* Judges header and signature of an opened token by the ring: a key id picks the key by exact
 * match, without one each is tried. */
enum jwt_verdict keys_verify(const struct key_ring *, const struct jwt *);

/* The same, and then what the claims say: all of what a token is found to be. */
enum jwt_verdict keys_judge(const struct key_ring *, struct jwt *, const struct jwt_policy *,
    int64_t now);

/* Wipes the ring, which is empty then. */
void keys_wipe(struct key_ring *);

#endif

/* The ring of keys, and the service secret beside it. */
#ifndef KEYS_H
#define KEYS_H

#include "token/jwk.h"
#include "token/key_material.h"

enum {
	KEY_RING_MAX = 64,      /* keys */
	KEY_ED25519_TRIES = 4,  /* that judge a token without a key id: each takes its time */
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

struct clients;

/* The secrets of a service. Ids and headers lie in `text`: a ring can't be copied. All zero: an
 * empty one. */
struct key_ring {
	struct jwt_key key[KEY_RING_MAX];
	unsigned n;
	const struct jwt_key *signer;           /* of these, where none is named; NULL: none may */
	const struct jwt_key *signer_hs512;     /* the same of POST /, which knows HS512 alone */
	uint8_t judged;                         /* algorithms of those that judge, a bit each */
	struct key_origin origin[KEY_RING_MAX]; /* of each; the next one's is the caller's to set */
	uint8_t print[KEY_RING_MAX][KEY_PRINT]; /* tells a key, and nothing of its bytes */
	/* of a MAC's key of 32 bytes: tells the public part that they would have for EdDSA */
	uint8_t print_public[KEY_RING_MAX][KEY_PRINT];
	unsigned twin;          /* the one that keys_add() was given again; KEY_RING_MAX: none */
	uint8_t by_id[KEY_RING_MAX];            /* those with an id, sorted by it, then by alg: */
	unsigned ids;                           /* the first `ids` of these */
	bool serving;           /* it is filled while requests wait. The owner's to set, as are: */
	unsigned long generation;       /* how many rings there were with it, and when it was */
	int64_t loaded;         /* filled: seconds since 1970 */
	bool counted;           /* by which of two sets of counters the use of its keys is */
	int64_t oldest;         /* when the key file that is the oldest was written; 0: there is
	                         * no key file that a reload reads */
	struct clients *clients;        /* who may ask for what (clients.h), a memory that is filled
	                                 * with the ring; NULL: there is no clients file */
	bool published;         /* one of them is the key that is printed in the documentation */
	bool has_secret;        /* there is a service secret, of this digest: */
	uint8_t secret[SHA512_DIGEST];
	char text[KEY_RING_MAX * 3 * KEY_ID_MAX];       /* kids of plain ASCII fit whatever their */
	size_t text_n;                                  /* length, each with a header of its own */
	/* Of those of EdDSA, in the places of their keys: large, and known to everybody. */
	struct ed25519_verifier verifier[KEY_RING_MAX];
};

enum { KEYS_SECRET = offsetof(struct key_ring, verifier) };     /* bytes that are not */

/* Adds a key. The same key with the same id, or again without one, is left out. false: its bytes
 * can't be one, or look like something else (key_shapes.h), as the published key as it stands does
 * not; or it is in the ring for another algorithm; `why` gets a phrase. */
bool keys_add(struct key_ring *, const struct jwk *, struct buf *why);

/* Likewise, of these bytes for HS512; `id` may be NULL. */
static inline bool
keys_add_bytes(struct key_ring *ring, struct str bytes, const struct str *id, struct buf *why)
{
	return keys_add(ring, &(struct jwk){ .alg = JWT_HS512, .k = bytes, .has_id = id != NULL,
	    .id = id != NULL ? *id : STR(""), .may_sign = true, .may_judge = true }, why);
}

/* Where an id, with an algorithm, stands in by_id, or belongs. Whether it is there. */
bool keys_find_place(const struct key_ring *, struct json_string id, enum jwt_alg, unsigned *place);

/* The place of the key with this id and algorithm. false: there is none. */
bool keys_find(const struct key_ring *, struct json_string id, enum jwt_alg, unsigned *key);

/* Likewise, of one with this id that may sign. */
bool keys_find_signer(const struct key_ring *, struct json_string id, unsigned *key);

/* Whether one of the keys is these bytes. */
bool keys_hold(const struct key_ring *, struct str bytes);

/* The public part of a key of EdDSA, borrowed from it. */
struct str keys_public(const struct jwt_key *);

/* Whether one of the keys has a public part. */
bool keys_have_public(const struct key_ring *);

/* Whether two rings hold the same keys and ids in the same order, the same secret, and clients of
 * the same text. */
bool keys_same(const struct key_ring *, const struct key_ring *);

/* Whether this is the digest of the service secret, in constant time. false where there is none. */
bool keys_is_secret(const struct key_ring *, const uint8_t digest[SHA512_DIGEST]);

/* Judges header and signature of an opened token by those keys of the ring whose algorithm it
 * names: a key id picks one by exact match, without one each is tried. Sets `key`. */
enum jwt_verdict keys_verify(const struct key_ring *, struct jwt *);

/* The same, and then what the claims say: all of what a token is found to be. */
enum jwt_verdict keys_judge(const struct key_ring *, struct jwt *, const struct jwt_policy *,
    int64_t now);

/* Wipes what is secret in the ring, and its clients: it is empty then, and has the same memory for
 * clients. */
void keys_wipe(struct key_ring *);

#endif

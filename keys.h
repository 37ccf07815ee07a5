/* Key files and the ring of keys that they fill. */
#ifndef KEYS_H
#define KEYS_H

#include "jwt.h"

enum {
	KEY_MIN = 64,           /* bytes: RFC 7518 3.2 wants a key as long as the digest */
	KEY_FILE_MAX = 65536    /* bytes of a key file */
};

struct key_ring {
	struct jwt_key key;
	bool published;         /* it is the key that is printed in the documentation */
};

/* Takes these bytes as the key. false: they can't be one; `*why` says so in a phrase. */
bool keys_take(struct key_ring *, struct str key, const char **why);

/* Reads a key file: its bytes are the key, one newline at the end dropped. false: `*why` says
 * why not. `*exposed` is set where others than its owner's group may read the file. */
bool keys_load(struct key_ring *, const char *path, const char **why, bool *exposed);

/* The published key of the service that jwtd replaces: 128 characters, used as they stand. */
struct str keys_demo(void);

/* Reads a file that holds a secret: at most `cap` bytes, one newline at its end dropped. false:
 * `*why` says why not. */
bool keys_read_file(struct buf *, const char *path, const char **why, bool *exposed);

/* Wipes the ring. */
void keys_wipe(struct key_ring *);

#endif

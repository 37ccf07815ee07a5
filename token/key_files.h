/* Reading the files that fill a ring. */
#ifndef KEY_FILES_H
#define KEY_FILES_H

#include "token/jwk.h"
#include "token/keys.h"

#include <sys/types.h>
#include <time.h>

/* Hands on what a key file holds: a JWK or a JWK Set, as jwk_read() takes them, where
 * shape_is_json() says so; PEM, as pem_read() takes it; else its bytes are a key for HS512, one
 * newline at the end dropped. With
 * `serving` nobody may be kept waiting: only regular files are read. false: `why` gets a phrase. */
bool key_file_read(const char *path, bool serving, jwk_taker *take, void *to, struct buf *why);

/* Reads a file that nobody else should read: at most one byte less than there is room for.
 * Likewise. `mode` gets its permissions; 0: it is no regular file. */
bool key_file_bytes(struct buf *, mode_t *mode, const char *path, bool serving, struct buf *why);

/* Warns in the log where everybody may read or change such a file. */
void key_file_warn(mode_t mode, const char *path);

/* Adds a key that was found in a file. Warns in the log if it is there already; with the same id it
 * is not added then. false: it can't be; `why` gets a phrase. */
bool keys_add_jwk(struct key_ring *, const char *path, const struct jwk *, struct buf *why);

/* Adds what a key file holds. Likewise. */
bool keys_add_file(struct key_ring *, const char *path, struct buf *why);

/* Takes the service secret, which is none of the keys, from a file, one newline at its end dropped.
 * false: `why` gets a phrase. */
bool keys_take_secret(struct key_ring *, const char *path, struct buf *why);

/* What tells that a path leads to another file, or to the same one changed: symbolic links are
 * followed, as Kubernetes switches them. All zero where there is no file. */
struct key_stamp {
	dev_t device;
	ino_t inode;
	off_t size;
	struct timespec modified, changed;      /* the latter by chmod too */
};

struct key_stamp keys_stamp(const char *path);
bool keys_same_stamp(const struct key_stamp *, const struct key_stamp *);

#endif

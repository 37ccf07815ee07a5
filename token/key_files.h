/* Reading the files that fill a ring. */
#ifndef KEY_FILES_H
#define KEY_FILES_H

#include "token/keys.h"

#include <sys/types.h>
#include <time.h>

enum { KEY_FILE_MAX = 65536 };          /* bytes of a key file */

/* Adds what a key file holds. One that begins with '{' is a JWK or a JWK Set (RFC 7517); of a set,
 * keys that are not for HS512 are left out with a warning in the log. Of any other file the bytes
 * are the key, one newline at the end dropped. false: `why` gets a phrase, with the offset where
 * JSON is wrong. */
bool keys_add_file(struct key_ring *, const char *path, struct buf *why);

/* Takes the service secret from a file, one newline at its end dropped. false: `why` gets a
 * phrase. */
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

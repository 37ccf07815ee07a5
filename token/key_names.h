/* What keys are called in messages: nothing of their bytes is in it. */
#ifndef KEY_NAMES_H
#define KEY_NAMES_H

#include "token/keys.h"

enum { KEY_NAMES_MAX = 600 };           /* bytes that key_name_all() appends at most */

/* Appends where a key is from: "key 2 of key file PATH". A long path is cut. */
void key_name_origin(struct buf *, const struct key_origin *);

/* Appends how many keys there are and what each is called, by its id in quotes or its fingerprint:
 * 2 keys: "2026-12" (HS512, signs), 9b1c22d4e5f60718 (EdDSA). Of many, the last ones are counted. */
void key_name_all(struct buf *, const struct key_ring *);

#endif

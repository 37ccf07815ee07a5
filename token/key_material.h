/* What a key's bytes are worth, wherever they come from: whether everybody knows them, and whether
 * they can be random at all. */
#ifndef KEY_MATERIAL_H
#define KEY_MATERIAL_H

#include "str.h"

/* The published key of the service that jwtd replaces: 128 characters, used as they stand. */
struct str keys_demo(void);

/* A bit for each flaw. */
enum key_flaw {
	KEY_DEMO = 1,           /* the published key as it stands: for loopback alone */
	KEY_DEMO_FORM = 2,      /* it holds that key in another form: capitals, decoded, base64 */
	KEY_FEW = 4,            /* fewer than 8 different bytes */
	KEY_REPEATS = 8         /* a shorter piece, again and again, the last one perhaps cut */
};

/* What is wrong with a key, which is not empty; 0: nothing. No branch and no index depends on its
 * bytes: all that time may tell of them is what is returned. */
unsigned key_flaws(struct str key);

#endif

/* What a key's bytes are worth, wherever they come from: whether everybody knows them, and whether
 * they can be random at all. */
#ifndef KEY_MATERIAL_H
#define KEY_MATERIAL_H

#include "str.h"

/* The published key of the service that jwtd replaces: 128 characters, used as they stand. */
struct str keys_demo(void);

/* 1 where a is below b, both at most 256; without a branch, which compilers make of a < b. */
static inline unsigned
key_below(unsigned a, unsigned b)
{
	return (a - b) >> 8 & 1;
}

/* The verdict, 1 or 0, as what may be branched on. All that is asked of a key's bytes is computed
 * without a branch or an index that depends on them, and told here: that a file is refused and why,
 * or whether a key is text, and where white space and punctuation are in it. test/ctgrind.c makes
 * it known here and nowhere else. */
bool key_told(unsigned verdict);

/* What makes another key, behind the reason why one is refused. */
#define KEY_NEW "; 'jwtd keygen NEWFILE' makes a new one"

/* A bit for each flaw. */
enum key_flaw {
	KEY_DEMO = 1,           /* the published key as it stands: for loopback alone */
	KEY_FEW = 2,            /* fewer than 8 different bytes */
	KEY_REPEATS = 4         /* a shorter piece, again and again, the last one perhaps cut */
};

/* What is wrong with a key, which is not empty; 0: nothing. */
unsigned key_flaws(struct str key);

#endif

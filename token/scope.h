/* Scopes (RFC 6749 3.3): words with single spaces between them. */
#ifndef SCOPE_H
#define SCOPE_H

#include "str.h"

enum { SCOPE_WORDS_MAX = 6144 };        /* of a set: more than fit into a token */

/* RFC 6749 3.3 NQCHAR but a space: what a word is made of. JSON and a quoted string need no escape
 * for it. */
bool scope_has_char(char);

/* Takes the first word off what is left of a scope. false: there is none, or not as RFC 6749 3.3
 * writes a scope. */
bool scope_next(struct str *left, struct str *word);

/* A set of words that lie in a text, each with a space behind it. */
struct scope_words {
	const char *text;
	unsigned n;
	uint32_t at[SCOPE_WORDS_MAX];   /* where they begin, sorted by their bytes */
};

/* Adds the word that begins there. false: it is in the set already, or the set is full. */
bool scope_add(struct scope_words *, size_t at);

#endif

/* A second reader of JSON, which builds a tree, written down from RFC 8259 and the limits of SPEC. It
 * reads one text at a time; its nodes live until the next one is opened. */
#ifndef TREE_H
#define TREE_H

#include "fuzz/fuzz.h"

struct node {
	char type;                      /* { [ " 0 t f n */
	struct str value;               /* of a string or a number, unescaped */
	const struct node *name;        /* of a member */
	const struct node *first, *next;
	size_t from, to;                /* where it stands in the text */
};

/* Begins a text, which is borrowed. */
void tree_open(const char *, size_t n);

/* Reads this byte, white space before it passed over. false: another one stands there. */
bool tree_expect(int c);

/* The value that stands there; NULL: none, or one beyond the limits. */
const struct node *tree_value(void);

/* Whether nothing but white space follows. */
bool tree_ends(void);

/* The member of this name; NULL: there is none. */
const struct node *tree_member(const struct node *object, const char *name);

/* How many items or members there are. */
size_t tree_count(const struct node *list);

/* Bytes of a value without white space between its tokens. */
size_t tree_compact(const struct node *);

/* Its names and values, itself counted. */
unsigned tree_tokens(const struct node *);

#endif

/* What a claim must be: for a route of the proxy's, or for every token. Finding claims by name is
 * here, too. All bytes are borrowed. */
#ifndef DEMAND_H
#define DEMAND_H

#include "json_mini.h"

enum {
	DEMAND_MAX = JSON_LIST_MAX,     /* demands that are judged at once */
	DEMAND_VALUES_MAX = 16,         /* of one of them */
	DEMAND_VALUE_MAX = 128,         /* bytes of a value */
	DEMAND_NAME_MAX = 1000          /* bytes of a claim's name */
};

/* A claim that must be one of these values, or just be there where there are none. */
struct demand {
	struct str name;
	struct str value[DEMAND_VALUES_MAX];
	unsigned values;
	const char *at;                 /* where demand_read() stopped */
};

/* Whether these bytes can be a claim's name: that of a member of the claims or, where it begins
 * with '/', a JSON Pointer to a value in them (RFC 6901). */
bool demand_is_name(struct str);

/* Whether the name is "scope", whose value is a list of words (RFC 8693 4.2). */
bool demand_is_scope(struct str name);

/* Reads "CLAIM" or "CLAIM=VALUE,VALUE". With `decoded`, each part is percent-encoded by itself, and
 * what has to be decoded goes behind what is there; the rest is borrowed. false: it is neither, or
 * beyond a limit, and a value is empty or, of "scope", no word of it. */
bool demand_read(struct demand *, struct str text, struct buf *decoded);

/* The indexes of the values that n names, at most JSON_LIST_MAX, stand for in a token's claims; 0:
 * there is none. */
void demand_claims(unsigned at[], const struct json *claims, const struct str name[], unsigned n);

/* The first of n demands, at most DEMAND_MAX, that these claims don't meet; n: they meet all. A
 * claim meets one without values when it is there, and neither null nor false. It meets another
 * when a value is the string that it is, one of the strings that it is an array of, the text of the
 * number, true or false that it is, or a word of "scope". What is unescaped goes for a while behind
 * what is in `text`; what does not fit meets nothing. */
unsigned demand_unmet(const struct json *claims, const struct demand *, unsigned n,
    struct buf *text);

/* Appends "the claim NAME", or "a demanded claim" where the name can't stand in a challenge (RFC
 * 6750 3). */
void demand_put_name(struct buf *, struct str name);

#endif

/* The form that a request of OAuth 2.0 has as its body: application/x-www-form-urlencoded (RFC 6749
 * 3.2, appendix B). */
#ifndef FORM_H
#define FORM_H

#include "str.h"

enum { FORM_PARAMETERS_MAX = 16 };      /* each is compared with those before it */

/* Its parameters in their order, encoding taken off. All of it is borrowed. */
struct form {
	struct str name[FORM_PARAMETERS_MAX], value[FORM_PARAMETERS_MAX];
	uint64_t hash[FORM_PARAMETERS_MAX];     /* of the names */
	unsigned n;
};

/* Reads a body; names and values go to `text`, at most as many bytes as the body has. false: wrong
 * encoding, or too many parameters. */
bool form_read(struct form *, struct buf *text, struct str body);

/* The first value of a parameter. RFC 6749 3.2: one without a value counts as left out, so it is
 * empty then, too; as it is of no form at all (NULL). */
struct str form_value(const struct form *, struct str name);

/* Whether a parameter is there twice (RFC 6749 3.2: it must not be). `but`: one that may be;
 * empty: none may. */
bool form_repeats(const struct form *, struct str but);

/* Appends a text with its encoding taken off: '+' and "%20" are a space. false: it is wrong, or
 * there is less room than the text has bytes. */
bool form_decode(struct str *out, struct buf *, struct str);

#endif

/* Percent-encoding (RFC 3986 2.1). */
#ifndef PERCENT_H
#define PERCENT_H

#include "str.h"

/* Appends a text with its encoding taken off; in a form '+' is a space, too. Returns NULL, or where
 * it is wrong: at the text's begin where the buffer has less room than the text has bytes. Then
 * `out` stays as it is. */
const char *percent_decode(struct str *out, struct buf *, struct str, bool form);

#endif

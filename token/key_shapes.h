/* What a key file looks like. Whoever takes a file for a key that is something else has, with a
 * public key or a certificate, no secret at all. Text is UTF-8 without odd control characters: no
 * random bytes look so, and what chance could bring about is refused in text alone. */
#ifndef KEY_SHAPES_H
#define KEY_SHAPES_H

#include "str.h"

/* Whether the file is meant as JSON: its first byte, white space aside, is '{'. */
bool shape_is_json(struct str file);

/* Whether the file is of another kind: PEM, an SSH key, DER, a program, ... Then `why` gets a
 * phrase that names it. */
bool shape_is_foreign(struct str file, struct buf *why);

/* Whether the bytes, of which a newline at the end was dropped, are text that is no key as it
 * stands: it has two lines, white space at an end, quotes, ... Then `why` gets a phrase. */
bool shape_is_untidy(struct str bytes, struct buf *why);

#endif

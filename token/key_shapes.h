/* What a key looks like, from a file or a JWK. Whoever takes for a key what is none has, with a
 * public key or a certificate, no secret. Text is UTF-8 without odd control characters: no
 * random bytes look so, and what chance could bring about is refused in text alone. */
#ifndef KEY_SHAPES_H
#define KEY_SHAPES_H

#include "str.h"

/* Whether the file is meant as JSON: its first byte, white space aside, is '{'. */
bool shape_is_json(struct str file);

/* Whether the bytes are something else: PEM, an SSH key, DER, a program, ..., the published key in
 * another form, or text that decodes to one of these. Then `why` gets a phrase that names it. */
bool shape_is_foreign(struct str bytes, struct buf *why);

/* Whether the bytes, a file's without the newline at its end, are text that is no key as it stands:
 * it has two lines, white space at an end, quotes, ... Then `why` gets a phrase. */
bool shape_is_untidy(struct str bytes, struct buf *why);

#endif

/* The parts of JSON that need no tokens: what the bytes of a valid string mean, how a string is
 * written, and how a whole text is written again with other spacing. Everything here trusts its
 * input to have passed json_parse(). */
#ifndef JSON_TEXT_H
#define JSON_TEXT_H

#include "str.h"

/* Appends the bytes as a JSON string with its quotes. They must be UTF-8. Only what RFC 8259 7
 * demands is escaped. */
void json_quote(struct buf *, struct str);

/* Append a valid JSON text, strings and numbers as they stand, with no white space between the
 * tokens, or with the spacing of Python's json.dumps: ", " and ": ". The second adds at most one
 * byte to each of the text's commas and colons. */
void json_put_compact(struct buf *, struct str text);
void json_put_spaced(struct buf *, struct str text);

/* RFC 8259 2 ws */
static inline bool
json_is_space(int c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

#endif

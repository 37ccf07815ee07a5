/* The parts of JSON that need no tokens: what the bytes of a valid string mean, how a string is
 * written, and how a whole text is written again with other spacing. Everything here trusts its
 * input to have passed json_parse(). */
#ifndef JSON_TEXT_H
#define JSON_TEXT_H

#include "str.h"

/* A string as it stands in a text, without its quotes. */
struct json_string {
	struct str raw;
	bool escaped;           /* it has a backslash in it; where not, `raw` is the value itself */
};

/* Which of two strings comes first, unescaped, by the bytes of their UTF-8: below 0, 0 when they
 * are equal, above 0. */
int json_compare(struct json_string, struct json_string);

/* Appends the string's value in UTF-8. */
void json_unescape(struct buf *, struct json_string);

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

/* What a hexadecimal digit stands for; -1 for any other byte. */
static inline int
json_hex(int c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 :
	    c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Four hexadecimal digits that are known to be there. */
static inline unsigned
json_hex4(const char *p)
{
	return (unsigned)json_hex(p[0]) << 12 | (unsigned)json_hex(p[1]) << 8 |
	    (unsigned)json_hex(p[2]) << 4 | (unsigned)json_hex(p[3]);
}

/* The halves of a pair that stands for one character above U+FFFF. */
static inline bool
json_is_high_surrogate(unsigned unit)
{
	return (unit & 0xfc00) == 0xd800;
}

static inline bool
json_is_low_surrogate(unsigned unit)
{
	return (unit & 0xfc00) == 0xdc00;
}

#endif

/* What the bytes between the quotes of a JSON string mean (RFC 8259 7). Everything here trusts its
 * input to have passed json_parse(). */
#ifndef JSON_STRING_H
#define JSON_STRING_H

#include "str.h"

/* A string as it stands in a text, without its quotes. */
struct json_string {
	struct str raw;
	bool escaped;           /* it has a backslash in it; where not, `raw` is the value itself */
};

/* Which of two strings comes first, unescaped, by the bytes of their UTF-8: below 0, 0 when they
 * are equal, above 0. */
int json_compare(struct json_string, struct json_string);

/* A number that equal strings share, however they are spelled, and others only by chance: where
 * they mean fewer than eight bytes it is these and their number, else SipHash. json_hash() is the
 * same, and makes no call for most names. */
uint64_t json_sip_hash(struct json_string);

static inline uint64_t
json_hash(struct json_string s)
{
	return s.escaped || s.raw.n >= 8 ? json_sip_hash(s) :
	    (uint64_t)s.raw.n << 56 | str_bytes(s.raw.p, s.raw.n);
}

/* Appends the string's value in UTF-8. */
void json_unescape(struct buf *, struct json_string);

/* Whether it is a hexadecimal digit. Without a branch, as those below: nobody can guess digits. */
static inline bool
json_is_hex(int c)
{
	unsigned letter = ((unsigned)c | 0x20) - 'a', digit = (unsigned)c - '0';

	return (digit < 10) | (letter < 6);
}

/* What a hexadecimal digit stands for. */
static inline unsigned
json_hex(char digit)
{
	return ((unsigned)digit & 15) + 9 * ((unsigned)digit >> 6 & 1);
}

/* The same for four. */
static inline unsigned
json_hex4(const char *p)
{
	return json_hex(p[0]) << 12 | json_hex(p[1]) << 8 | json_hex(p[2]) << 4 | json_hex(p[3]);
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

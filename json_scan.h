/* A text that is being parsed: what the tokenizer's parts share. For json_mini.c, which knows
 * objects and arrays, json_names.c, which knows the names of one object, and json_scan.c, which
 * knows what has no parts, alone. */
#ifndef JSON_SCAN_H
#define JSON_SCAN_H

#include "json_mini.h"

struct json_scan {
	struct str text;
	size_t at;                      /* the byte to look at next */
	struct json_tok *tok;
	unsigned n, cap;
	unsigned depth;                 /* brackets open; */
	uint16_t open[JSON_DEPTH_MAX];  /* their tokens, the innermost last */
	const char *fault;
	size_t fault_at;
};

/* Says what is wrong with the byte at `at`, a phrase. Always false. */
bool json_fail(struct json_scan *, size_t at, const char *fault);

/* Adds a token that begins here; its end is set when it is known. NULL: no more room, and that is
 * the fault. */
struct json_tok *json_push(struct json_scan *, enum json_type);

/* What begins here, read to its end: RFC 8259 7 string, 6 number, 3 true, false and null. false: it
 * is none, and that is the fault. */
bool json_scan_string(struct json_scan *);
bool json_scan_number(struct json_scan *);
bool json_scan_literal(struct json_scan *, enum json_type, struct str word);

/* Refuses an object, which ends here, where it bears a name twice or has too many members. false:
 * it does; the fault is at the first name that is one too many. */
bool json_names_differ(struct json_scan *, unsigned object);

/* What a string token holds. */
static inline struct json_string
json_string_of(struct str text, const struct json_tok *t)
{
	return (struct json_string){ { text.p + t->at + 1, t->n - 2 }, t->escaped };
}

/* The next byte, or -1 behind the last. */
static inline int
json_peek(const struct json_scan *s)
{
	return s->at < s->text.n ? (unsigned char)s->text.p[s->at] : -1;
}

#endif

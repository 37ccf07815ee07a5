/* A strict JSON tokenizer (RFC 8259, RFC 7493): one pass, no recursion, no allocation.
 *
 * Stricter than the RFC asks, because two readers of one token must never see two different
 * things: duplicate member names are refused, names being compared after unescaping; so are lone
 * surrogates, invalid UTF-8, a byte order mark and anything behind the value. */
#ifndef JSON_MINI_H
#define JSON_MINI_H

#include "json_string.h"
#include "json_text.h"

enum {
	JSON_DEPTH_MAX = 32,            /* brackets open at once: bounds the stack of the parser */
	JSON_MEMBERS_MAX = 128,         /* of one object: bounds the search for duplicate names */
	JSON_TOKENS_MAX = 4096,         /* of a document, names too: bounds memory and time */
	JSON_LIST_MAX = 64              /* strings of a json_list: a bit for each */
};

enum json_type { JSON_OBJECT, JSON_ARRAY, JSON_STRING, JSON_NUMBER, JSON_TRUE, JSON_FALSE,
    JSON_NULL };

/* A value or a member name. An object is followed by name, value, name, value …; an array by its
 * values; whatever they hold lies between them, so `next` is the way from one to the one beside
 * it. */
struct json_tok {
	uint32_t at, n;         /* where it begins, its bytes, with its quotes or brackets */
	uint16_t next;          /* index of the token after this one and all it holds */
	uint8_t type;           /* enum json_type */
	uint8_t depth;          /* brackets open where it stands, its own included */
	bool escaped;           /* a string with a backslash in it */
};

/* A document: text and tokens are borrowed from the caller. */
struct json {
	struct str text;
	const struct json_tok *tok;     /* tok[0] is the whole value */
	unsigned n;                     /* tokens */
	const char *fault;              /* why json_parse() failed, a phrase in lower case; */
	size_t fault_at;                /* and the offset, from 0, of the byte it failed at */
};

/* Parses the whole text into at most `cap` tokens (JSON_TOKENS_MAX is the most that is ever
 * used). false: not JSON, or beyond a limit; fault and fault_at say what and where, and there
 * are no tokens. */
bool json_parse(struct json *, struct json_tok *, unsigned cap, struct str text);

/* Parses the one value that begins at `*at`, white space before it passed over, and moves `*at` to
 * its end; the tokens' places and fault_at are those in the whole text. Likewise false: `*at` is
 * where it was given up. So a long list is read value by value, each within the limits. */
bool json_parse_one(struct json *, struct json_tok *, unsigned cap, struct str text, size_t *at);

/* The index of the value of the member that bears this name; 0 where there is none (0 is the
 * document itself) or where the token is no object. `name` is compared with the names as
 * unescaped. */
unsigned json_member(const struct json *, unsigned object, struct str name);

/* The same for n different names at once, of three bytes and a quote or of four bytes: the indexes
 * become at[0 .. n). */
void json_members(unsigned at[], const struct json *, unsigned object, const char name[][4],
    unsigned n);

/* A token's bytes as they stand in the text, a string's quotes included. */
struct str json_text(const struct json *, unsigned tok);

/* Whether the token is a string that, once unescaped, is exactly these bytes. */
bool json_is(const struct json *, unsigned tok, struct str);

/* Strings that many of a document are compared with. Their hashes are, so that no text makes this
 * slow. Its owner sets `n` to 0, and nothing else. */
struct json_list {
	unsigned n;
	struct str text[JSON_LIST_MAX];         /* borrowed */
	uint64_t hash[JSON_LIST_MAX];
};

/* Adds a string; there must be room. */
void json_list_add(struct json_list *, struct str);

/* Which of them the string token is, once unescaped: a bit for each, the first one's the lowest. */
uint64_t json_list_has(const struct json_list *, const struct json *, unsigned tok);

/* A string token's bytes between its quotes, as json_compare() takes them. */
struct json_string json_raw(const struct json *, unsigned tok);

/* A string token's value in UTF-8: the bytes between the quotes where it has no escapes, else
 * unescaped into `into`, which is borrowed then. Whether it fitted is into->bad. */
struct str json_string(const struct json *, unsigned tok, struct buf *into);

/* The most brackets that are ever open inside the token, its own included: 0 for a scalar. */
unsigned json_depth(const struct json *, unsigned tok);

#endif

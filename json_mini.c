#include "json_mini.h"

struct parser {
	struct str text;
	size_t at;                      /* the byte to look at next */
	struct json_tok *tok;
	unsigned n, cap;
	unsigned depth;                 /* brackets open; */
	uint16_t open[JSON_DEPTH_MAX];  /* their tokens, the innermost last */
	const char *fault;
	size_t fault_at;
};

static bool
fail(struct parser *s, size_t at, const char *fault)
{
	s->fault = fault;
	s->fault_at = at;
	return false;
}

/* The next byte, or -1 behind the last. */
static inline int
peek(const struct parser *s)
{
	return s->at < s->text.n ? (unsigned char)s->text.p[s->at] : -1;
}

static inline bool
is_digit(int c)
{
	return c >= '0' && c <= '9';
}

static void
skip_space(struct parser *s)
{
	while (json_is_space(peek(s)))
		s->at++;
}

/* \u and four digits, at the backslash; the digits become `*unit`. */
static bool
unicode_escape(struct parser *s, unsigned *unit)
{
	size_t start = s->at;

	s->at += 2;
	for (int i = 0; i < 4; i++, s->at++)
		if (json_hex(peek(s)) < 0)
			return fail(s, s->at, "four hexadecimal digits expected");
	*unit = json_hex4(s->text.p + start + 2);
	return true;
}

/* RFC 8259 7 escape, at the backslash. Surrogates must come in pairs: half of one is no
 * character (RFC 7493 2.1). */
static bool
escape(struct parser *s)
{
	size_t start = s->at;
	unsigned first, second;
	int c = s->at + 1 < s->text.n ? s->text.p[s->at + 1] : -1;

	switch (c) {
	case '"': case '\\': case '/': case 'b': case 'f': case 'n': case 'r': case 't':
		s->at += 2;
		return true;
	case 'u':
		break;
	default:
		return fail(s, s->at + 1, "unknown escape");
	}
	if (!unicode_escape(s, &first))
		return false;
	if (json_is_low_surrogate(first))
		return fail(s, start, "lone surrogate");
	if (!json_is_high_surrogate(first))
		return true;
	if (peek(s) != '\\' || s->text.n - s->at < 2 || s->text.p[s->at + 1] != 'u')
		return fail(s, start, "lone surrogate");
	if (!unicode_escape(s, &second))
		return false;
	return json_is_low_surrogate(second) || fail(s, start, "lone surrogate");
}

/* Bytes of the UTF-8 character at p, of which `left` bytes are there; 0 where it is none
 * (Unicode table 3-7). */
static size_t
utf8_length(const char *p, size_t left)
{
	unsigned char lead = (unsigned char)p[0], low = 0x80, high = 0xbf;
	size_t n;

	if (lead < 0x80)
		return 1;
	if (lead < 0xc2 || lead > 0xf4)
		return 0;
	n = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
	if (lead == 0xe0)               /* the second byte is bounded more closely: */
		low = 0xa0;             /* no longer form than needed, */
	else if (lead == 0xed)
		high = 0x9f;            /* no surrogate, */
	else if (lead == 0xf0)
		low = 0x90;
	else if (lead == 0xf4)
		high = 0x8f;            /* nothing above U+10FFFF */
	if (left < n)
		return 0;
	for (size_t i = 1; i < n; i++, low = 0x80, high = 0xbf)
		if ((unsigned char)p[i] < low || (unsigned char)p[i] > high)
			return 0;
	return n;
}

/* Adds a token that begins here; its end is set when it is known. NULL: no more room. */
static struct json_tok *
push(struct parser *s, enum json_type type)
{
	struct json_tok *t = s->tok + s->n;

	if (s->n >= s->cap || s->n >= JSON_TOKENS_MAX) {
		fail(s, s->at, "more than 4,096 tokens");
		return NULL;
	}
	s->n++;
	*t = (struct json_tok){
		.at = (uint32_t)s->at, .next = (uint16_t)s->n, .type = (uint8_t)type,
		.depth = (uint8_t)s->depth
	};
	return t;
}

/* Skips what stands for itself in a string, eight bytes at a time: ASCII but controls, quote and
 * backslash. */
static void
skip_plain(struct parser *s)
{
	for (; s->text.n - s->at >= 8; s->at += 8) {
		uint64_t x = str_word(s->text.p + s->at);
		uint64_t special = str_word_below(x, 0x20) | str_word_has(x, '"') |
		    str_word_has(x, '\\') | (x & STR_EACH(0x80));

		if (special != 0) {
			s->at += str_word_first(special);
			return;
		}
	}
}

/* RFC 8259 7 string, at its opening quote. */
static bool
string(struct parser *s)
{
	struct json_tok *t = push(s, JSON_STRING);

	if (t == NULL)
		return false;
	s->at++;
	for (;;) {
		int c;

		skip_plain(s);
		c = peek(s);
		if (c >= 0x80) {
			size_t n = utf8_length(s->text.p + s->at, s->text.n - s->at);

			if (n == 0)
				return fail(s, s->at, "not UTF-8");
			s->at += n;
		} else if (c == '"') {
			break;
		} else if (c == '\\') {
			t->escaped = true;
			if (!escape(s))
				return false;
		} else if (c < 0) {
			return fail(s, s->at, "string without an end");
		} else if (c < 0x20) {
			return fail(s, s->at, "control character in a string");
		} else {
			s->at++;
		}
	}
	s->at++;
	t->n = (uint32_t)s->at - t->at;
	return true;
}

static bool
digits(struct parser *s)
{
	if (!is_digit(peek(s)))
		return fail(s, s->at, "digit expected");
	while (is_digit(peek(s)))
		s->at++;
	return true;
}

/* RFC 8259 6 number = [ minus ] int [ frac ] [ exp ] */
static bool
number(struct parser *s)
{
	struct json_tok *t = push(s, JSON_NUMBER);

	if (t == NULL)
		return false;
	if (peek(s) == '-')
		s->at++;
	if (peek(s) == '0')             /* after a leading zero only a point or an exponent */
		s->at++;
	else if (!digits(s))
		return false;
	if (peek(s) == '.') {
		s->at++;
		if (!digits(s))
			return false;
	}
	if (peek(s) == 'e' || peek(s) == 'E') {
		s->at++;
		if (peek(s) == '+' || peek(s) == '-')
			s->at++;
		if (!digits(s))
			return false;
	}
	t->n = (uint32_t)s->at - t->at;
	return true;
}

static bool
literal(struct parser *s, enum json_type type, struct str word)
{
	struct json_tok *t = push(s, type);

	if (t == NULL)
		return false;
	for (size_t i = 0; i < word.n; i++, s->at++)
		if (peek(s) != word.p[i])
			return fail(s, s->at, "unknown word");
	t->n = (uint32_t)word.n;
	return true;
}

/* A member's name and the colon behind it. */
static bool
member_name(struct parser *s)
{
	skip_space(s);
	if (peek(s) != '"')
		return fail(s, s->at, "member name expected");
	if (!string(s))
		return false;
	skip_space(s);
	if (peek(s) != ':')
		return fail(s, s->at, "colon expected");
	s->at++;
	return true;
}

static bool
open_bracket(struct parser *s, enum json_type type)
{
	if (s->depth == JSON_DEPTH_MAX)
		return fail(s, s->at, "nested deeper than 32");
	s->depth++;
	if (push(s, type) == NULL)
		return false;
	s->open[s->depth - 1] = (uint16_t)(s->n - 1);
	s->at++;
	return true;
}

static struct json_string
string_of(struct str text, const struct json_tok *t)
{
	return (struct json_string){ { text.p + t->at + 1, t->n - 2 }, t->escaped };
}

/* Refuses an object that bears a name twice: its names are sorted as they come, so that no
 * choice of names by whoever wrote them makes this slow, as it could with a table of hashes. */
static bool
names_differ(struct parser *s, unsigned object)
{
	uint16_t sorted[JSON_MEMBERS_MAX];
	unsigned n = 0;

	for (unsigned i = object + 1; i < s->n; i = s->tok[i + 1].next) {
		unsigned low = 0, high = n;

		if (n == JSON_MEMBERS_MAX)
			return fail(s, s->tok[i].at, "more than 128 members in an object");
		while (low < high) {
			unsigned middle = (low + high) / 2;
			int order = json_compare(string_of(s->text, s->tok + i),
			    string_of(s->text, s->tok + sorted[middle]));

			if (order == 0)
				return fail(s, s->tok[i].at, "duplicate member name");
			if (order < 0)
				high = middle;
			else
				low = middle + 1;
		}
		memmove(sorted + low + 1, sorted + low, (n - low) * sizeof sorted[0]);
		sorted[low] = (uint16_t)i;
		n++;
	}
	return true;
}

/* At the closing bracket of the innermost object or array. */
static bool
close_bracket(struct parser *s)
{
	struct json_tok *t = s->tok + s->open[--s->depth];

	s->at++;
	t->n = (uint32_t)s->at - t->at;
	t->next = (uint16_t)s->n;
	return t->type != JSON_OBJECT || names_differ(s, s->open[s->depth]);
}

/* Reads up to the end of one scalar, or of an empty object or array: brackets around it are
 * opened on the way. */
static bool
value(struct parser *s)
{
	for (;;) {
		skip_space(s);
		switch (peek(s)) {
		case '{':
			if (!open_bracket(s, JSON_OBJECT))
				return false;
			skip_space(s);
			if (peek(s) == '}')
				return close_bracket(s);
			if (!member_name(s))
				return false;
			break;
		case '[':
			if (!open_bracket(s, JSON_ARRAY))
				return false;
			skip_space(s);
			if (peek(s) == ']')
				return close_bracket(s);
			break;
		case '"': return string(s);
		case 't': return literal(s, JSON_TRUE, STR("true"));
		case 'f': return literal(s, JSON_FALSE, STR("false"));
		case 'n': return literal(s, JSON_NULL, STR("null"));
		case '-': case '0': case '1': case '2': case '3': case '4':
		case '5': case '6': case '7': case '8': case '9':
			return number(s);
		default:
			return fail(s, s->at, "value expected");
		}
	}
}

/* Behind a value: closes what ends here. Whether another value is due; s->fault tells a mistake
 * from the end. */
static bool
another(struct parser *s)
{
	while (s->depth > 0) {
		bool object = s->tok[s->open[s->depth - 1]].type == JSON_OBJECT;

		skip_space(s);
		if (peek(s) == ',') {
			s->at++;
			return !object || member_name(s);
		}
		if (peek(s) != (object ? '}' : ']'))
			return fail(s, s->at, object ? "comma or closing brace expected"
			                             : "comma or closing bracket expected");
		if (!close_bracket(s))
			return false;
	}
	return false;
}

static bool
document(struct parser *s)
{
	if (s->text.n > UINT32_MAX)
		return fail(s, 0, "text too long");
	do {
		if (!value(s))
			return false;
	} while (another(s));
	if (s->fault != NULL)
		return false;
	skip_space(s);
	return peek(s) < 0 || fail(s, s->at, "something follows the value");
}

bool
json_parse(struct json *doc, struct json_tok *tok, unsigned cap, struct str text)
{
	struct parser s = { .text = text, .tok = tok, .cap = cap };
	bool ok = document(&s);

	*doc = (struct json){ .text = text, .tok = tok, .n = ok ? s.n : 0, .fault = s.fault,
	    .fault_at = s.fault_at };
	return ok;
}

bool
json_is(const struct json *doc, unsigned tok, struct str s)
{
	struct json_string is;

	if (doc->tok[tok].type != JSON_STRING)
		return false;
	is = json_raw(doc, tok);
	if (!is.escaped)                /* nearly always */
		return str_equal(is.raw, s);
	return json_compare(is, (struct json_string){ s, false }) == 0;
}

unsigned
json_member(const struct json *doc, unsigned object, struct str name)
{
	if (doc->tok[object].type != JSON_OBJECT)
		return 0;
	for (unsigned i = object + 1; i < doc->tok[object].next; i = doc->tok[i + 1].next)
		if (json_is(doc, i, name))
			return i + 1;
	return 0;
}

struct str
json_text(const struct json *doc, unsigned tok)
{
	return (struct str){ doc->text.p + doc->tok[tok].at, doc->tok[tok].n };
}

struct json_string
json_raw(const struct json *doc, unsigned tok)
{
	return string_of(doc->text, doc->tok + tok);
}

struct str
json_string(const struct json *doc, unsigned tok, struct buf *into)
{
	struct json_string s = json_raw(doc, tok);
	size_t start = into->n;

	if (!s.escaped)
		return s.raw;
	json_unescape(into, s);
	return (struct str){ into->p + start, into->n - start };
}

unsigned
json_depth(const struct json *doc, unsigned tok)
{
	const struct json_tok *t = doc->tok + tok;
	bool bracket = t->type == JSON_OBJECT || t->type == JSON_ARRAY;
	unsigned outside = t->depth - (bracket ? 1u : 0u), deepest = outside;

	for (unsigned i = tok; i < t->next; i++)
		if (doc->tok[i].depth > deepest)
			deepest = doc->tok[i].depth;
	return deepest - outside;
}

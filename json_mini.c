#include "json_scan.h"

static void
skip_spaces(struct json_scan *s)
{
	while (json_is_space(json_peek(s)))
		s->at++;
}

/* In most places there is none. */
static inline void
skip_space(struct json_scan *s)
{
	if (json_peek(s) <= ' ')
		skip_spaces(s);
}

/* A member's name and the colon behind it. */
static bool
member_name(struct json_scan *s)
{
	skip_space(s);
	if (json_peek(s) != '"')
		return json_fail(s, s->at, "member name expected");
	if (!json_scan_string(s))
		return false;
	skip_space(s);
	if (json_peek(s) != ':')
		return json_fail(s, s->at, "colon expected");
	s->at++;
	return true;
}

static bool
open_bracket(struct json_scan *s, enum json_type type)
{
	if (s->depth == JSON_DEPTH_MAX)
		return json_fail(s, s->at, "nested deeper than 32");
	s->depth++;
	if (json_push(s, type) == NULL)
		return false;
	s->open[s->depth - 1] = (uint16_t)(s->n - 1);
	s->at++;
	return true;
}

/* At the closing bracket of the innermost object or array. */
static bool
close_bracket(struct json_scan *s)
{
	struct json_tok *t = s->tok + s->open[--s->depth];

	s->at++;
	t->n = (uint32_t)s->at - t->at;
	t->next = (uint16_t)s->n;
	return t->type != JSON_OBJECT || json_names_differ(s, s->open[s->depth]);
}

/* Reads up to the end of one scalar, or of an empty object or array: brackets around it are
 * opened on the way. */
static bool
value(struct json_scan *s)
{
	for (;;) {
		skip_space(s);
		switch (json_peek(s)) {
		case '{':
			if (!open_bracket(s, JSON_OBJECT))
				return false;
			skip_space(s);
			if (json_peek(s) == '}')
				return close_bracket(s);
			if (!member_name(s))
				return false;
			break;
		case '[':
			if (!open_bracket(s, JSON_ARRAY))
				return false;
			skip_space(s);
			if (json_peek(s) == ']')
				return close_bracket(s);
			break;
		case '"': return json_scan_string(s);
		case 't': return json_scan_literal(s, JSON_TRUE, STR("true"));
		case 'f': return json_scan_literal(s, JSON_FALSE, STR("false"));
		case 'n': return json_scan_literal(s, JSON_NULL, STR("null"));
		case '-': case '0': case '1': case '2': case '3': case '4':
		case '5': case '6': case '7': case '8': case '9':
			return json_scan_number(s);
		default:
			return json_fail(s, s->at, "value expected");
		}
	}
}

/* Behind a value: closes what ends here. Whether another value is due; s->fault tells a mistake
 * from the end. */
static bool
another(struct json_scan *s)
{
	while (s->depth > 0) {
		bool object = s->tok[s->open[s->depth - 1]].type == JSON_OBJECT;

		skip_space(s);
		if (json_peek(s) == ',') {
			s->at++;
			return !object || member_name(s);
		}
		if (json_peek(s) != (object ? '}' : ']'))
			return json_fail(s, s->at, object ? "comma or closing brace expected"
			                             : "comma or closing bracket expected");
		if (!close_bracket(s))
			return false;
	}
	return false;
}

static bool
one_value(struct json_scan *s)
{
	if (s->text.n > UINT32_MAX)
		return json_fail(s, 0, "text too long");
	do {
		if (!value(s))
			return false;
	} while (another(s));
	return s->fault == NULL;
}

static bool
nothing_follows(struct json_scan *s)
{
	skip_space(s);
	return json_peek(s) < 0 || json_fail(s, s->at, "something follows the value");
}

/* What was found, or why there is nothing. */
static bool
finish(struct json *doc, const struct json_scan *s, bool ok)
{
	*doc = (struct json){ .text = s->text, .tok = s->tok, .n = ok ? s->n : 0,
	    .fault = s->fault, .fault_at = s->fault_at };
	return ok;
}

bool
json_parse(struct json *doc, struct json_tok *tok, unsigned cap, struct str text)
{
	struct json_scan s = { .text = text, .tok = tok, .cap = cap };

	return finish(doc, &s, one_value(&s) && nothing_follows(&s));
}

bool
json_parse_one(struct json *doc, struct json_tok *tok, unsigned cap, struct str text, size_t *at)
{
	struct json_scan s = { .text = text, .at = *at, .tok = tok, .cap = cap };
	bool ok = one_value(&s);

	*at = s.at;
	return finish(doc, &s, ok);
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

void
json_list_add(struct json_list *list, struct str s)
{
	list->text[list->n] = s;
	list->hash[list->n++] = json_sip_hash((struct json_string){ s, false });
}

uint64_t
json_list_has(const struct json_list *list, const struct json *doc, unsigned tok)
{
	uint64_t hash = json_sip_hash(json_raw(doc, tok)), has = 0;

	for (unsigned i = 0; i < list->n; i++)
		if (list->hash[i] == hash && json_is(doc, tok, list->text[i]))
			has |= UINT64_C(1) << i;
	return has;
}

/* json_members() for a name that has to be unescaped, the one that is token i. */
static void
match_escaped(unsigned at[], const struct json *doc, unsigned i, const char name[][4], unsigned n)
{
	for (unsigned k = 0; k < n; k++)
		if (json_is(doc, i, (struct str){ name[k], name[k][3] == '"' ? 3 : 4 }))
			at[k] = i + 1;
}

void
json_members(unsigned at[], const struct json *doc, unsigned object, const char name[][4],
    unsigned n)
{
	const struct json_tok *tok = doc->tok;
	unsigned end = tok[object].next;

	for (unsigned k = 0; k < n; k++)
		at[k] = 0;
	for (unsigned i = object + 1; i < end; i = tok[i + 1].next) {
		char first[4];

		if (tok[i].escaped) {
			match_escaped(at, doc, i, name, n);
			continue;
		}
		if (tok[i].n != strlen("'abc'") && tok[i].n != strlen("'abcd'"))
			continue;
		memcpy(first, doc->text.p + tok[i].at + 1, 4);
		for (unsigned k = 0; k < n; k++)
			if (memcmp(first, name[k], 4) == 0) {
				at[k] = i + 1;
				break;
			}
	}
}

struct str
json_text(const struct json *doc, unsigned tok)
{
	return (struct str){ doc->text.p + doc->tok[tok].at, doc->tok[tok].n };
}

struct json_string
json_raw(const struct json *doc, unsigned tok)
{
	return json_string_of(doc->text, doc->tok + tok);
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

#include "json_scan.h"

#include "utf8.h"

bool
json_fail(struct json_scan *s, size_t at, const char *fault)
{
	s->fault = fault;
	s->fault_at = at;
	return false;
}

struct json_tok *
json_push(struct json_scan *s, enum json_type type)
{
	struct json_tok *t = s->tok + s->n;

	if (s->n >= s->cap || s->n >= JSON_TOKENS_MAX) {
		json_fail(s, s->at, "more than 4,096 tokens");
		return NULL;
	}
	s->n++;
	*t = (struct json_tok){
		.at = (uint32_t)s->at, .next = (uint16_t)s->n, .type = (uint8_t)type,
		.depth = (uint8_t)s->depth
	};
	return t;
}

static inline bool
is_digit(int c)
{
	return c >= '0' && c <= '9';
}

/* \u and four digits, at the backslash; the digits become `*unit`. */
static bool
unicode_escape(struct json_scan *s, unsigned *unit)
{
	size_t start = s->at;

	s->at += 2;
	for (int i = 0; i < 4; i++, s->at++)
		if (!json_is_hex(json_peek(s)))
			return json_fail(s, s->at, "four hexadecimal digits expected");
	*unit = json_hex4(s->text.p + start + 2);
	return true;
}

/* RFC 8259 7 escape, at the backslash. Surrogates must come in pairs: half of one is no
 * character (RFC 7493 2.1). */
static bool
escape(struct json_scan *s)
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
		return json_fail(s, s->at + 1, "unknown escape");
	}
	if (!unicode_escape(s, &first))
		return false;
	if (json_is_low_surrogate(first))
		return json_fail(s, start, "lone surrogate");
	if (!json_is_high_surrogate(first))
		return true;
	if (json_peek(s) != '\\' || s->text.n - s->at < 2 || s->text.p[s->at + 1] != 'u')
		return json_fail(s, start, "lone surrogate");
	if (!unicode_escape(s, &second))
		return false;
	return json_is_low_surrogate(second) || json_fail(s, start, "lone surrogate");
}

/* Skips what stands for itself in a string, eight bytes at a time: ASCII but controls, quote and
 * backslash. */
static void
skip_plain(struct json_scan *s)
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
bool
json_scan_string(struct json_scan *s)
{
	struct json_tok *t = json_push(s, JSON_STRING);

	if (t == NULL)
		return false;
	s->at++;
	for (;;) {
		int c;

		skip_plain(s);
		c = json_peek(s);
		if (c >= 0x80) {
			size_t n = utf8_length(s->text.p + s->at, s->text.n - s->at);

			if (n == 0)
				return json_fail(s, s->at, "not UTF-8");
			s->at += n;
		} else if (c == '"') {
			break;
		} else if (c == '\\') {
			t->escaped = true;
			do {
				if (!escape(s))
					return false;
			} while (json_peek(s) == '\\');
		} else if (c < 0) {
			return json_fail(s, s->at, "string without an end");
		} else if (c < 0x20) {
			return json_fail(s, s->at, "control character in a string");
		} else {
			s->at++;
		}
	}
	s->at++;
	t->n = (uint32_t)s->at - t->at;
	return true;
}

static bool
digits(struct json_scan *s)
{
	size_t at = s->at;

	while (at < s->text.n && is_digit(s->text.p[at]))
		at++;
	if (at == s->at)
		return json_fail(s, at, "digit expected");
	s->at = at;
	return true;
}

/* RFC 8259 6 number = [ minus ] int [ frac ] [ exp ] */
bool
json_scan_number(struct json_scan *s)
{
	struct json_tok *t = json_push(s, JSON_NUMBER);

	if (t == NULL)
		return false;
	if (json_peek(s) == '-')
		s->at++;
	if (json_peek(s) == '0')             /* after a leading zero only a point or an exponent */
		s->at++;
	else if (!digits(s))
		return false;
	if (json_peek(s) == '.') {
		s->at++;
		if (!digits(s))
			return false;
	}
	if (json_peek(s) == 'e' || json_peek(s) == 'E') {
		s->at++;
		if (json_peek(s) == '+' || json_peek(s) == '-')
			s->at++;
		if (!digits(s))
			return false;
	}
	t->n = (uint32_t)s->at - t->at;
	return true;
}

bool
json_scan_literal(struct json_scan *s, enum json_type type, struct str word)
{
	struct json_tok *t = json_push(s, type);

	if (t == NULL)
		return false;
	for (size_t i = 0; i < word.n; i++, s->at++)
		if (json_peek(s) != word.p[i])
			return json_fail(s, s->at, "unknown word");
	t->n = (uint32_t)word.n;
	return true;
}

#include "json_text.h"

/* Reads the bytes that a string means, one by one, escapes resolved. */
struct cursor {
	const char *p, *end;
	bool escapes;           /* whether a backslash begins one */
	char rest[3];           /* the last bytes of a character that was escaped, */
	unsigned rests;         /* so many, the next one last */
};

/* UTF-8 of a code point: the first byte is returned, the others wait in the cursor. */
static unsigned char
start_character(struct cursor *c, uint32_t code)
{
	if (code < 0x80)
		return (unsigned char)code;
	c->rest[0] = (char)(0x80 | (code & 0x3f));
	c->rests = 1;
	if (code < 0x800)
		return (unsigned char)(0xc0 | code >> 6);
	c->rest[1] = (char)(0x80 | (code >> 6 & 0x3f));
	c->rests = 2;
	if (code < 0x10000)
		return (unsigned char)(0xe0 | code >> 12);
	c->rest[2] = (char)(0x80 | (code >> 12 & 0x3f));
	c->rests = 3;
	return (unsigned char)(0xf0 | code >> 18);
}

/* The first byte of an escaped character; the cursor stands behind the backslash of a valid
 * escape. */
static unsigned char
unescape(struct cursor *c)
{
	uint32_t code;

	switch (*c->p++) {
	case 'b': return '\b';
	case 'f': return '\f';
	case 'n': return '\n';
	case 'r': return '\r';
	case 't': return '\t';
	case 'u': break;
	default: return (unsigned char)c->p[-1];
	}
	code = json_hex4(c->p);
	c->p += 4;
	if (json_is_high_surrogate(code)) {
		code = 0x10000 + ((code & 0x3ff) << 10) + (json_hex4(c->p + 2) & 0x3ff);
		c->p += 6;
	}
	return start_character(c, code);
}

/* The next byte, or -1 at the end. */
static int
next_byte(struct cursor *c)
{
	if (c->rests > 0)
		return (unsigned char)c->rest[--c->rests];
	if (c->p == c->end)
		return -1;
	if (*c->p == '\\' && c->escapes) {
		c->p++;
		return unescape(c);
	}
	return (unsigned char)*c->p++;
}

static struct cursor
cursor_over(struct json_string s)
{
	const char *p = s.raw.n > 0 ? s.raw.p : "";     /* an empty one may point nowhere */

	return (struct cursor){ .p = p, .end = p + s.raw.n, .escapes = s.escaped };
}

/* Bytes of the escape at p; those of a surrogate pair are one. */
static size_t
escape_length(const char *p)
{
	if (p[1] != 'u')
		return 2;
	return json_is_high_surrogate(json_hex4(p + 2)) ? 12 : 6;
}

/* Moves both past what is written alike, and means the same: eight bytes without an escape, or one,
 * or a whole escape. Long names that begin alike are the dearest thing that a request can hold. */
static void
skip_alike(struct cursor *a, struct cursor *b)
{
	for (;;) {
		size_t at_most = (size_t)(a->end - a->p), n = 1;

		if (at_most > (size_t)(b->end - b->p))
			at_most = (size_t)(b->end - b->p);
		if (at_most >= 8 && str_word_has(str_word(a->p), '\\') == 0)
			n = 8;
		else if (at_most > 0 && *a->p == '\\' && (a->escapes || b->escapes))
			n = a->escapes && b->escapes ? escape_length(a->p) : SIZE_MAX;
		if (n > at_most || memcmp(a->p, b->p, n) != 0)
			return;
		a->p += n;
		b->p += n;
	}
}

int
json_compare(struct json_string a, struct json_string b)
{
	struct cursor p = cursor_over(a), q = cursor_over(b);
	int x, y;

	if (!a.escaped && !b.escaped) {
		int order = memcmp(p.p, q.p, a.raw.n < b.raw.n ? a.raw.n : b.raw.n);

		return order != 0 ? order : (a.raw.n > b.raw.n) - (a.raw.n < b.raw.n);
	}
	do {
		if (p.rests == 0 && q.rests == 0)
			skip_alike(&p, &q);
		x = next_byte(&p);
		y = next_byte(&q);
	} while (x == y && x >= 0);
	return x - y;
}

void
json_unescape(struct buf *b, struct json_string s)
{
	struct cursor c = cursor_over(s);

	for (int byte; (byte = next_byte(&c)) >= 0; )
		buf_put(b, &(char){ (char)byte }, 1);
}

void
json_quote(struct buf *b, struct str s)
{
	static const char letter[0x20] = { ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r',
	    ['\t'] = 't' };

	buf_add(b, STR("\""));
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c == '"' || c == '\\' || (c < 0x20 && letter[c] != 0)) {
			buf_add(b, STR("\\"));
			buf_put(b, c < 0x20 ? &letter[c] : s.p + i, 1);
		} else if (c < 0x20) {
			buf_add(b, STR("\\u00"));
			buf_hex(b, &c, 1);
		} else {
			buf_put(b, s.p + i, 1);
		}
	}
	buf_add(b, STR("\""));
}

/* The index behind the string whose opening quote is at `i`. */
static size_t
string_end(struct str text, size_t i)
{
	for (i++; text.p[i] != '"'; i++)
		if (text.p[i] == '\\')
			i++;
	return i + 1;
}

static void
put_value(struct buf *b, struct str text, bool spaced)
{
	size_t start = 0, i = 0;        /* text.p[start .. i) waits to be copied */

	while (i < text.n) {
		char c = text.p[i];

		if (c == '"') {
			i = string_end(text, i);
		} else if (json_is_space(c)) {
			buf_put(b, text.p + start, i - start);
			start = ++i;
		} else if (spaced && (c == ',' || c == ':')) {
			buf_put(b, text.p + start, ++i - start);
			buf_put(b, " ", 1);
			start = i;
		} else {
			i++;
		}
	}
	buf_put(b, text.p + start, i - start);
}

void
json_put_compact(struct buf *b, struct str text)
{
	put_value(b, text, false);
}

void
json_put_spaced(struct buf *b, struct str text)
{
	put_value(b, text, true);
}

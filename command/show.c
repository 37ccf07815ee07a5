#include "command/show.h"

#include "json_text.h"
#include "utf8.h"

#define NAME_COLOUR "\33[34m"
#define STRING_COLOUR "\33[32m"
#define OTHER_COLOUR "\33[33m"
#define NO_COLOUR "\33[0m"

static void
put_escape(struct buf *out, unsigned code)
{
	const uint8_t bytes[] = { (uint8_t)(code >> 8), (uint8_t)code };

	buf_text(out, "\\u");
	buf_hex(out, bytes, sizeof bytes);
}

static void
show_text(struct buf *out, struct str s, const char *colour)
{
	buf_text(out, colour);
	for (size_t i = 0, n; i < s.n; i += n) {
		unsigned code;

		n = utf8_next(&code, s.p + i, s.n - i);
		if (utf8_is_harmful(code))
			put_escape(out, code);
		else
			buf_put(out, s.p + i, n);
	}
	buf_text(out, colour[0] != '\0' ? NO_COLOUR : "");
}

/* The bytes of the string, number or word that begins here. */
static size_t
scalar_length(struct str s)
{
	static const char ends[] = { ',', ':', ']', '}' };
	size_t n = 1;

	if (s.p[0] != '"') {
		while (n < s.n && memchr(ends, s.p[n], sizeof ends) == NULL &&
		    !json_is_space(s.p[n]))
			n++;
		return n;
	}
	while (s.p[n] != '"')
		n += s.p[n] == '\\' ? 2 : 1;
	return n + 1;
}

static size_t
skip_space(struct str s, size_t i)
{
	while (i < s.n && json_is_space(s.p[i]))
		i++;
	return i;
}

static void
new_line(struct buf *out, unsigned depth)
{
	buf_text(out, "\n");
	for (unsigned i = 0; i < depth; i++)
		buf_text(out, "  ");
}

/* Writes the bracket, comma or colon at i. Returns where the next thing stands. */
static size_t
show_mark(struct buf *out, struct str s, size_t i, unsigned *depth)
{
	size_t next = skip_space(s, i + 1);
	char c = s.p[i];

	if (c == '}' || c == ']')
		new_line(out, --*depth);
	buf_put(out, &c, 1);
	if (c == ':')
		buf_text(out, " ");
	if (c == ',')
		new_line(out, *depth);
	if (c != '{' && c != '[')
		return next;
	if (s.p[next] != '}' && s.p[next] != ']') {
		new_line(out, ++*depth);
		return next;
	}
	buf_put(out, s.p + next, 1);    /* an empty one stays on its line */
	return skip_space(s, next + 1);
}

void
show_json(struct buf *out, struct str s, bool colour)
{
	static const char marks[] = { '{', '}', '[', ']', ',', ':' };
	unsigned depth = 0;

	for (size_t i = skip_space(s, 0); i < s.n; ) {
		struct str scalar = { s.p + i, s.n - i };

		if (memchr(marks, s.p[i], sizeof marks) != NULL) {
			i = show_mark(out, s, i, &depth);
			continue;
		}
		scalar.n = scalar_length(scalar);
		i = skip_space(s, i + scalar.n);
		show_text(out, scalar, !colour ? "" : scalar.p[0] != '"' ? OTHER_COLOUR :
		    i < s.n && s.p[i] == ':' ? NAME_COLOUR : STRING_COLOUR);
	}
	buf_text(out, "\n");
}

#include "json_text.h"

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

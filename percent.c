#include "percent.h"

#include "json_string.h"

const char *
percent_decode(struct str *out, struct buf *b, struct str s, bool form)
{
	size_t start = b->n, i = 0;

	if (s.n > b->cap - b->n)
		return s.p;
	if (s.n > 0 && memchr(s.p, '%', s.n) == NULL && memchr(s.p, '+', s.n) == NULL) {
		buf_add(b, s);          /* as it is, at once */
		i = s.n;
	}
	for (; i < s.n; i++) {
		char c = s.p[i];

		if (c == '%') {
			if (s.n - i < 3 || !json_is_hex(s.p[i + 1]) || !json_is_hex(s.p[i + 2]))
				return s.p + i;
			c = (char)(json_hex(s.p[i + 1]) << 4 | json_hex(s.p[i + 2]));
			i += 2;
		} else if (c == '+' && form) {
			c = ' ';
		}
		b->p[b->n++] = c;               /* what is counted is wiped */
	}
	*out = (struct str){ b->p + start, b->n - start };
	return NULL;
}

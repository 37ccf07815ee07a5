#include "utf8.h"

enum { LAST = 0x10ffff };

bool
utf8_is_text(const char *p, size_t n)
{
	size_t length;

	for (; n > 0; p += length, n -= length)
		if ((length = utf8_length(p, n)) == 0)
			return false;
	return true;
}

size_t
utf8_next(unsigned *code, const char *p, size_t left)
{
	size_t n = utf8_length(p, left);

	*code = (unsigned char)p[0];
	if (n == 0) {
		*code = LAST + 1;
		return 1;
	}
	if (n > 1)
		*code &= 0x7fu >> n;            /* its length takes n + 1 bits of the first byte */
	for (size_t i = 1; i < n; i++)
		*code = *code << 6 | ((unsigned char)p[i] & 0x3fu);
	return n;
}

bool
utf8_is_harmful(unsigned code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x61c || code == 0x200e ||
	    code == 0x200f || (code >= 0x2028 && code <= 0x202e) ||
	    (code >= 0x2066 && code <= 0x2069) || code > LAST;
}

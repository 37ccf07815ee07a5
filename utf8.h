/* UTF-8: where its characters end, and which of them nobody should be shown. */
#ifndef UTF8_H
#define UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes of the character at p, of which `left` bytes are there, at least one; 0 where it is none
 * (Unicode table 3-7). */
static inline size_t
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

/* Whether these bytes are characters from end to end. */
bool utf8_is_text(const char *p, size_t n);

/* The code point of the character at p; above U+10FFFF where it is none. Returns its bytes, which
 * are then 1. */
size_t utf8_next(unsigned *code, const char *p, size_t left);

/* Whether it is no character, or one that a terminal may take for an order or that changes the
 * direction of writing: Unicode's controls, separators of lines, and marks, embeddings, overrides
 * and isolates of direction. */
bool utf8_is_harmful(unsigned code);

#endif

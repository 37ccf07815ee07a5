/* base64url without padding (RFC 4648 5, RFC 7515 2), strict both ways: every byte string has
 * one spelling. */
#ifndef BASE64URL_H
#define BASE64URL_H

#include "str.h"

/* Characters that n bytes take. */
static inline size_t
base64url_length(size_t n)
{
	return n / 3 * 4 + (n % 3 * 8 + 5) / 6;
}

/* Writes base64url_length(n) characters, no terminating zero, and returns how many. `out` and
 * `in` may not overlap. */
size_t base64url_encode(char *out, const void *in, size_t n);

/* Appends it likewise. */
static inline void
base64url_put(struct buf *b, struct str s)
{
	if (b->bad || b->cap - b->n < base64url_length(s.n))
		b->bad = true;
	else
		b->n += base64url_encode(b->p + b->n, s.p, s.n);
}

/* Decodes n characters into at most n / 4 * 3 + 2 bytes and returns how many; -1 for what
 * base64url_encode() never writes: a character outside the alphabet (padding and white space
 * too), n % 4 == 1, unused bits that are not zero. `out` may be `in`. Neither a branch nor an
 * index depends on what is decoded, but for that one verdict. */
ptrdiff_t base64url_decode(void *out, const char *in, size_t n);

#endif

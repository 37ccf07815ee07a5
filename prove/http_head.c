/* http_mini.c: BEFORE, then any bytes of every length up to N, then AFTER. */
#include "prove/any.h"

#include "http_mini.h"

/* The program's memchr() is this one here: Eva's own forgets which bytes it has seen, so that a
 * pointer into a text would no longer lie before the text's end. */
void *
memchr(const void *p, int c, size_t n)
{
	const unsigned char *at = p;

	for (size_t i = 0; i < n; i++)
		if (at[i] == (unsigned char)c)
			return (void *)(at + i);
	return NULL;
}

int
main(void)
{
	struct http_request r;
	size_t n = any(0, N), whole;
	int done;

	/*@ split n; */
	whole = sizeof text - N + n;
	done = http_head(&r, framed(n), whole);
	/*@ assert done <= (int)whole; */
	return 0;
}

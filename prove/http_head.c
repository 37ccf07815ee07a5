/* http_mini.c: BEFORE, then any bytes of every length up to N, then AFTER. */
#include "prove/any.h"

#include "http_mini.h"

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

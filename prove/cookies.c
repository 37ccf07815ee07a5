/* http_cookie.c: BEFORE, then any bytes of every length up to N, then AFTER, well-formed or not. */
#include "prove/any.h"

#include "http_mini.h"

int
main(void)
{
	size_t n = any(0, N), taken = 0, whole;
	struct str left, pair;

	/*@ split n; */
	whole = sizeof text - N + n;
	left = (struct str){ framed(n), whole };
	while (http_cookie(&pair, &left)) {
		/*@ assert pair.n == 0 || \valid_read(pair.p + (0 .. pair.n - 1)); */
		/*@ assert left.n <= whole; */
		taken++;
	}
	/*@ assert taken <= whole && left.n == 0; */
	return 0;
}

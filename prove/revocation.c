/* token/revocation.c: the line of a file. Any bytes of every length up to N are read: what is taken
 * is of a kind that there is, and has a time that can be written. Any entry can be written. */
#include "prove/any.h"

#include "token/revocation.h"

static char line[N];

static void
read_any(void)
{
	size_t n = any(0, N);
	struct revocation r;

	/*@ split n; */
	ANY_BYTES(line);
	if (revocation_read_line(&r, (struct str){ line + N - n, n })) {
		/*@ assert n == 56 && 0 <= r.time <= 999999999999; */
		/*@ assert r.kind == 't' || r.kind == 's' || r.kind == 'a'; */
	}
}

static void
write_any(void)
{
	struct revocation r = { .kind = "tsa"[any(0, 2)], .time = any(0, REVOCATION_NEVER) };
	char out[REVOCATION_LINE];
	struct buf b = buf_over(out, sizeof out);

	ANY_BYTES(r.name);
	revocation_put_line(&b, &r);
	/*@ assert !b.bad && b.n == 57; */
}

int
main(void)
{
	read_any();
	write_any();
	return 0;
}

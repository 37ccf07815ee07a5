/* route/caller.c: BEFORE, then any bytes of every length up to N, then AFTER, are the Authorization
 * field; what it decodes has any room from none to enough. */
#include "prove/any.h"

#include "route/caller.h"

void
wipe(void *p, size_t n)
{
	/*@ assert n == 0 || \valid((char *)p + (0 .. n - 1)); */
}

int
main(void)
{
	static char decoded[3 * (sizeof BEFORE + N + sizeof AFTER)];
	struct http_request r = { .authorizations = 1 };
	size_t n = any(0, N), room = any(0, 3);
	struct caller_shown shown;
	struct buf out;
	bool ok;

	/*@ split n; */
	/*@ split room; */
	r.authorization = (struct str){ framed(n), sizeof text - N + n };
	room = room < 3 ? room * n : sizeof decoded;
	out = buf_over(decoded + sizeof decoded - room, room);
	ok = caller_show(&shown, &out, &r, NULL);
	/*@ assert out.n <= room; */
	if (ok) {
		/*@ assert shown.id.n == 0 || \valid_read(shown.id.p + (0 .. shown.id.n - 1)); */
		/*@ assert shown.secret.n == 0 ||
		    \valid_read(shown.secret.p + (0 .. shown.secret.n - 1)); */
	}
	return 0;
}

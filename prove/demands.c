/* route/demands.c and demand_read(): BEFORE, then any bytes of every length up to N, then AFTER, are
 * the target of /auth. What is decoded has any room from none to enough. */
#include "prove/any.h"

#include "route/demands.h"

static void
check(const struct demands *d)
{
	/*@ assert 0 <= d->n <= 16; */
	for (unsigned i = 0; i < d->n; i++) {
		const struct demand *one = &d->demand[i];

		/*@ assert 1 <= one->values <= 16 && 1 <= one->name.n <= 128; */
		/*@ assert \valid_read(one->name.p + (0 .. one->name.n - 1)); */
		for (unsigned k = 0; k < one->values; k++) {
			struct str value = one->value[k];

			/*@ assert 1 <= value.n <= 128; */
			/*@ assert \valid_read(value.p + (0 .. value.n - 1)); */
		}
	}
}

int
main(void)
{
	static char decoded[sizeof BEFORE + N + sizeof AFTER];
	static struct demands demands;
	struct http_request r = { .method = HTTP_GET };
	size_t n = any(0, N), room = any(0, 2), at = 0, whole;
	struct str target;
	struct buf out;
	bool ok;

	/*@ split n; */
	/*@ split room; */
	whole = sizeof text - N + n;
	target = (struct str){ framed(n), whole };
	room = room == 0 ? 0 : room == 1 ? n : sizeof decoded;
	out = buf_over(decoded + sizeof decoded - room, room);
	r.path = str_cut(&target, '?');
	r.query = target;
	ok = demands_read(&demands, &at, &out, &r);
	/*@ assert out.n <= room; */
	if (ok)
		check(&demands);
	else
		/*@ assert at <= whole; */ ;
	return 0;
}

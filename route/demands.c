#include "route/demands.h"

bool
demands_read(struct demands *demands, size_t *at, struct buf *text, const struct http_request *in)
{
	struct str path = in->path, rest = in->query;
	size_t n = strlen("/auth");
	char between = '&';

	demands->n = 0;
	if (path.n > n && path.p[n] == ';') {
		const char *start = path.p + n + 1, *slash;

		between = ';';
		rest = (struct str){ start, path.n - n - 1 };
		slash = rest.n > 0 ? memchr(start, '/', rest.n) : NULL;
		if (slash != NULL)
			rest.n = (size_t)(slash - start);
	} else if (path.n != n || rest.n == 0) {
		return true;
	}
	for (;;) {
		const char *end = rest.n > 0 ? memchr(rest.p, between, rest.n) : NULL;
		struct str one = { rest.p, end != NULL ? (size_t)(end - rest.p) : rest.n };
		struct demand *d = &demands->demand[demands->n];

		*at = (size_t)(rest.p - path.p);
		if (demands->n == DEMAND_MAX)
			return false;
		if (!demand_read(d, one, text) || d->values == 0 || d->name.n > DEMANDS_NAME_MAX) {
			*at = (size_t)(d->at - path.p);
			return false;
		}
		demands->n++;
		if (end == NULL)
			return true;
		rest = (struct str){ end + 1, rest.n - one.n - 1 };
	}
}

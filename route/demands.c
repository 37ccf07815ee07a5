#include "route/demands.h"

bool
demands_read(struct demands *demands, size_t *at, struct buf *text, const struct http_request *in)
{
	struct str path = in->path, rest = in->query, one;
	size_t n = strlen("/auth");
	char between = '&';

	demands->n = 0;
	if (path.n > n && path.p[n] == ';') {
		struct str below = { path.p + n + 1, path.n - n - 1 };

		between = ';';
		rest = str_cut(&below, '/');
	} else if (path.n != n || rest.n == 0) {
		return true;
	}
	while (str_part(&one, &rest, between)) {
		struct demand *d = &demands->demand[demands->n];

		*at = (size_t)(one.p - path.p);
		if (demands->n == DEMANDS_MAX)
			return false;
		if (!demand_read(d, one, text)) {
			*at = (size_t)(d->at - path.p);
			return false;
		}
		if (d->values == 0 || d->name.n > DEMANDS_NAME_MAX)
			return false;
		demands->n++;
	}
	return true;
}

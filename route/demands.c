#include "route/demands.h"

#include "json_string.h"
#include "utf8.h"

/* What is left to read, and where decoded bytes go. */
struct reader {
	const char *p, *end;            /* p: where reading stopped */
	struct buf *text;
};

/* RFC 3986 2.1, strictly; a plus is a plus. */
static bool
decode(struct str *out, struct reader *r, struct str part)
{
	char *start = r->text->p + r->text->n;

	for (size_t i = 0; i < part.n; i++) {
		char c = part.p[i];

		if (c == '%') {
			r->p = part.p + i;
			if (part.n - i < 3 || !json_is_hex(part.p[i + 1]) ||
			    !json_is_hex(part.p[i + 2]))
				return false;
			c = (char)(json_hex(part.p[i + 1]) << 4 | json_hex(part.p[i + 2]));
			i += 2;
		}
		buf_put(r->text, &c, 1);
	}
	r->p = part.p;
	*out = (struct str){ start, (size_t)(r->text->p + r->text->n - start) };
	return !r->text->bad && utf8_is_text(out->p, out->n);
}

/* Reads a part, which ends before `end`; it is decoded where it has to be. */
static bool
read_part(struct str *out, struct reader *r, const char *end)
{
	struct str part = { r->p, (size_t)(end - r->p) };

	*out = part;
	return part.n == 0 || memchr(part.p, '%', part.n) == NULL || decode(out, r, part);
}

/* The byte up to `end`, or `end`. */
static const char *
find(const char *p, char c, const char *end)
{
	const char *found = p < end ? memchr(p, c, (size_t)(end - p)) : NULL;

	return found != NULL ? found : end;
}

/* NAME=VALUE[,VALUE...] up to `end`. */
static bool
read_parameter(struct demand *d, struct reader *r, const char *end)
{
	const char *equals = find(r->p, '=', end);

	if (!read_part(&d->name, r, equals) || d->name.n > DEMANDS_NAME_MAX ||
	    !demand_is_name(d->name))
		return false;
	r->p = equals;
	if (equals == end)
		return false;
	for (d->values = 0; r->p < end; d->values++) {
		const char *comma = find(++r->p, ',', end);
		struct str *value = &d->value[d->values];

		if (d->values == DEMAND_VALUES_MAX || !read_part(value, r, comma) ||
		    !demand_is_value(d->name, *value))
			return false;
		r->p = comma;
	}
	return true;
}

/* Parameters up to the end, this byte between them. */
static bool
read_parameters(struct demands *demands, struct reader *r, char between)
{
	for (;;) {
		const char *end = find(r->p, between, r->end);

		if (demands->n == DEMAND_MAX ||
		    !read_parameter(&demands->demand[demands->n], r, end))
			return false;
		demands->n++;
		if (end == r->end)
			return true;
		r->p = end + 1;
	}
}

bool
demands_read(struct demands *demands, size_t *at, struct buf *text, const struct http_request *in)
{
	struct str path = in->path, query = in->query;
	struct reader r = { .text = text };
	size_t n = strlen("/auth");
	bool ok;

	demands->n = 0;
	if (path.n > n && path.p[n] == ';') {
		r.p = path.p + n + 1;
		r.end = find(r.p, '/', path.p + path.n);
		ok = read_parameters(demands, &r, ';');
	} else if (path.n == n && query.n > 0) {
		r.p = query.p;
		r.end = query.p + query.n;
		ok = read_parameters(demands, &r, '&');
	} else {
		return true;
	}
	*at = ok ? 0 : (size_t)(r.p - path.p);
	return ok;
}

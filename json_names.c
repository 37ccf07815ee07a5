#include "json_scan.h"

/* A name: its hash, and its token. */
struct name {
	uint64_t hash;
	unsigned tok;
};

static struct json_string
spelled(const struct json_scan *s, unsigned tok)
{
	return json_string_of(s->text, s->tok + tok);
}

/* Which of two names comes first. Hashes decide, which are numbers; the names do where two are
 * alike. So whoever finds many names of one hash has each compared seven times, and no more. */
static int
order(const struct json_scan *s, const struct name *a, const struct name *b)
{
	if (a->hash != b->hash)
		return a->hash < b->hash ? -1 : 1;
	return json_compare(spelled(s, a->tok), spelled(s, b->tok));
}

bool
json_names_differ(struct json_scan *s, unsigned object)
{
	struct name sorted[JSON_MEMBERS_MAX];
	unsigned n = 0;

	if (s->n - object <= 3)         /* one name at the most */
		return true;
	for (unsigned i = object + 1; i < s->n; i = s->tok[i + 1].next, n++) {
		struct name name = { json_hash(spelled(s, i)), i };
		unsigned low = 0, high = n;

		if (n == JSON_MEMBERS_MAX)
			return json_fail(s, s->tok[i].at, "more than 128 members in an object");
		while (low < high) {
			unsigned middle = (low + high) / 2;
			int way = order(s, &name, &sorted[middle]);

			if (way == 0)
				return json_fail(s, s->tok[i].at, "duplicate member name");
			if (way < 0)
				high = middle;
			else
				low = middle + 1;
		}
		for (; low < n; low++) {        /* memmove() of musl goes by bytes here */
			struct name moved = sorted[low];

			sorted[low] = name;
			name = moved;
		}
		sorted[n] = name;
	}
	return true;
}

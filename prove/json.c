/* json_mini.c: BEFORE, then any bytes of every length up to N, then AFTER. What json_string.c has is
 * proven in json_text.c, for valid strings; here it may return anything. */
#include "prove/any.h"

#include "json_mini.h"

enum { MOST = sizeof text };

static struct json_tok tok[MOST + 1];           /* a token takes a byte at least */

int
json_compare(struct json_string a, struct json_string b)
{
	/*@ assert a.raw.n == 0 || \valid_read(a.raw.p + (0 .. a.raw.n - 1)); */
	/*@ assert b.raw.n == 0 || \valid_read(b.raw.p + (0 .. b.raw.n - 1)); */
	return Frama_C_interval(-1, 1);
}

uint64_t
json_sip_hash(struct json_string s)
{
	/*@ assert s.raw.n == 0 || \valid_read(s.raw.p + (0 .. s.raw.n - 1)); */
	return any_bool();
}

void
json_unescape(struct buf *b, struct json_string s)
{
	/*@ assert s.raw.n == 0 || \valid_read(s.raw.p + (0 .. s.raw.n - 1)); */
	b->bad = any_bool();
}

static void
use(const struct json *doc)
{
	static const char name[2][4] = { "alg\"", "crit" };
	struct json_list list;
	unsigned at[2];

	list.n = 0;
	json_list_add(&list, STR("alg"));
	json_list_add(&list, STR("a"));
	for (unsigned i = 0; i < doc->n; i++) {
		struct str t = json_text(doc, i);
		struct buf none = buf_over(NULL, 0);

		/*@ assert \valid_read(t.p + (0 .. t.n - 1)); */
		(void)json_depth(doc, i);
		(void)json_member(doc, i, STR("alg"));
		if (doc->tok[i].type == JSON_OBJECT)
			json_members(at, doc, i, name, 2);
		if (doc->tok[i].type == JSON_STRING)
			(void)json_list_has(&list, doc, i);
		if (doc->tok[i].type == JSON_STRING)
			(void)json_string(doc, i, &none);
	}
}

int
main(void)
{
	struct json doc;
	size_t n = any(0, N);
	bool ok;

	/*@ split n; */
	ok = json_parse(&doc, tok, MOST, (struct str){ framed(n), sizeof text - N + n });
	/*@ assert ok || doc.fault_at <= MOST; */
	if (ok)
		use(&doc);
	return 0;
}

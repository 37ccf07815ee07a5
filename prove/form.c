/* route/form.c and percent.c: BEFORE, then any bytes of every length up to N, then AFTER, are the
 * body; what it decodes has any room from none to enough. */
#include "prove/any.h"

#include "json_string.h"
#include "route/form.h"

/* Proven in json_text.c. */
uint64_t
json_sip_hash(struct json_string s)
{
	/*@ assert s.raw.n == 0 || \valid_read(s.raw.p + (0 .. s.raw.n - 1)); */
	return any_bool();
}

int
main(void)
{
	static char decoded[sizeof BEFORE + N + sizeof AFTER];
	static struct form form;
	size_t n = any(0, N), room = any(0, 2), whole;
	struct buf out;
	bool ok;

	/*@ split n; */
	/*@ split room; */
	whole = sizeof text - N + n;
	room = room == 0 ? 0 : room == 1 ? n : sizeof decoded;
	out = buf_over(decoded + sizeof decoded - room, room);
	ok = form_read(&form, &out, (struct str){ framed(n), whole });
	/*@ assert form.n <= 16 && out.n <= room && out.n <= whole; */
	if (!ok)
		return 0;
	for (unsigned i = 0; i < form.n; i++) {
		struct str name = form.name[i], value = form.value[i];

		/*@ assert name.n == 0 || \valid_read(name.p + (0 .. name.n - 1)); */
		/*@ assert value.n == 0 || \valid_read(value.p + (0 .. value.n - 1)); */
	}
	(void)form_value(&form, STR("a"));
	(void)form_repeats(&form, STR("a"));
	return 0;
}

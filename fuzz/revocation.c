/* revocation_read_line() and revocation_put_line(), and the list of what the lines say: the input is
 * a file, whose lines are read as they are, and once more with the checksum that they should have. */
#include "fuzz/fuzz.h"
#include "token/revocations.h"

#include <stdlib.h>

enum { MAX = 8, LINE = REVOCATION_LINE - 1, CHECK = 8 };

/* What it says comes back as the same line, and stays in the list. */
static void
check_line(struct revocations *list, struct str line)
{
	char text[REVOCATION_LINE];
	struct buf b = buf_over(text, sizeof text);
	struct revocation r, again;
	enum revocation_added added;

	if (!revocation_read_line(&r, line))
		return;
	MUST(line.n == LINE && r.time >= 0 && r.time <= REVOCATION_NEVER);
	revocation_put_line(&b, &r);
	MUST(!b.bad && b.n == REVOCATION_LINE && b.p[LINE] == '\n');
	MUST(memcmp(b.p, line.p, LINE) == 0);
	added = revocations_add(list, &r, JWT_CLOCK_FLOOR);
	MUST(added != REVOCATION_NEW || revocations_knows(list, &r));
	MUST(added != REVOCATION_FULL || revocations_count(list) >= MAX);
	MUST(revocations_sound(list));
	for (unsigned at = 0; revocations_next(list, &at, &again); )
		MUST(again.kind != REVOKED_ALL || r.kind != REVOKED_ALL || again.time >= r.time);
}

/* The line with the checksum of what stands before it, where the list's own code makes one. */
static void
mend_line(struct revocations *list, struct str line)
{
	char text[REVOCATION_LINE];
	uint64_t hash;
	uint8_t sum[CHECK / 2];
	struct buf b = buf_over(text, sizeof text);

	if (line.n != LINE)
		return;
	buf_put(&b, line.p, LINE - CHECK);
	hash = json_sip_hash((struct json_string){ buf_str(&b), false });
	for (unsigned i = 0; i < sizeof sum; i++)
		sum[i] = (uint8_t)(hash >> (24 - 8 * i));
	buf_hex(&b, sum, sizeof sum);
	check_line(list, buf_str(&b));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct revocations *list = revocations_over(calloc(1, revocations_size(MAX)), MAX);
	char *copy = fuzz_copy(data, n);
	struct str rest = { copy, n }, line;

	while (rest.n > 0) {
		line = str_cut(&rest, '\n');
		check_line(list, line);
		mend_line(list, line);
	}
	free(copy);
	free(list);
	return 0;
}

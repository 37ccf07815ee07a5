/* Lines of a revocation file, and the list of what they say, against revoked.h. Each line of the
 * input is read as it is, and again with the checksum that it should have. A line of '@' and digits
 * lets so many seconds pass. */
#include "fuzz/revoked.h"

#include <stdlib.h>

enum { MAX = 8, LINE = REVOCATION_LINE - 1 };

static int64_t now;

static void
check_line(struct revocations *list, struct str line)
{
	char text[REVOCATION_LINE];
	struct buf b = buf_over(text, sizeof text);
	struct revocation r = { 0 }, wanted = { 0 };
	bool is_line = revoked_line(&wanted, line);

	MUST(revocation_read_line(&r, line) == is_line);
	if (!is_line)
		return;
	MUST(r.kind == wanted.kind && r.time == wanted.time &&
	    memcmp(r.name, wanted.name, sizeof r.name) == 0);
	revocation_put_line(&b, &r);
	MUST(!b.bad && b.n == REVOCATION_LINE && b.p[LINE] == '\n');
	MUST(memcmp(b.p, line.p, LINE) == 0);
	if (revoked_is_dead(&r))                /* it may be kept, and may be forgotten */
		revocations_add(list, &r, now);
	else
		MUST(revocations_add(list, &r, now) == revoked_add(&r));
	revoked_compare(list);
}

/* The line with the checksum of what stands before it. */
static void
mend_line(struct revocations *list, struct str line)
{
	char text[LINE + 1];

	if (line.n != LINE)
		return;
	memcpy(text, line.p, LINE - REVOKED_CHECK);
	revoked_checksum(text + LINE - REVOKED_CHECK, line.p);
	check_line(list, (struct str){ text, LINE });
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct revocations *list = revocations_over(calloc(1, revocations_size(MAX)), MAX);
	char *copy = fuzz_copy(data, n);
	struct str rest = { copy, n }, line;
	uint64_t seconds;

	revoked_begin(MAX);
	now = revoked_pass(0);
	while (rest.n > 0) {
		line = str_cut(&rest, '\n');
		if (line.n > 1 && line.p[0] == '@') {
			line = (struct str){ line.p + 1, line.n - 1 };
			if (str_number(&seconds, line, 10, REVOCATION_NEVER))
				now = revoked_pass(seconds);
			revoked_compare(list);
			continue;
		}
		check_line(list, line);
		mend_line(list, line);
	}
	free(copy);
	free(list);
	return 0;
}

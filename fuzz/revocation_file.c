/* A revocation file as a whole, as jwtd reads it at its start, against SPEC 6.3 and revoked.h. In
 * the input eight '*' at the end of a line stand for the checksum that it should have. */
#include "fuzz/revoked.h"

#include "token/revocation_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { MAX = 8, LINE = REVOCATION_LINE - 1 };

#define FIRST "jwtd revocations 1\n"

/* What the file should do: its entries are taken in, all up to a line that is not whole; or it is
 * refused, and why. */
static const char *
read_file(const char *p, size_t n)
{
	size_t first = strlen(FIRST), at = first;

	revoked_begin(MAX);
	if (memcmp(p, FIRST, n < first ? n : first) != 0)
		return "its first line is not";
	while (at < n) {
		const char *end = memchr(p + at, '\n', n - at);
		struct revocation r;

		if (end == NULL)
			return NULL;
		if (!revoked_line(&r, (struct str){ p + at, (size_t)(end - p) - at }))
			return "is damaged";
		if (!revoked_is_dead(&r) && revoked_add(&r) == REVOCATION_FULL)
			return "more count than there is room for";
		at = (size_t)(end - p) + 1;
	}
	return NULL;
}

/* Puts the checksums in. */
static void
make(char *p, size_t n)
{
	char sum[REVOKED_CHECK + 1];

	for (size_t at = 0, end; at < n; at = end + 1) {
		for (end = at; end < n && p[end] != '\n'; end++)
			;
		if (end - at != LINE ||
		    memcmp(p + end - REVOKED_CHECK, "********", REVOKED_CHECK) != 0)
			continue;
		revoked_checksum(sum, p + at);
		memcpy(p + end - REVOKED_CHECK, sum, REVOKED_CHECK);
	}
}

/* A file that has a name: no link is followed. */
static const char *
write_file(const char *p, size_t n)
{
	static char path[64];
	int fd;

	snprintf(path, sizeof path, "/dev/shm/jwtd-fuzz-%ld", (long)getpid());
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	MUST(fd >= 0 && write(fd, p, n) == (ssize_t)n && close(fd) == 0);
	return path;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct revocations *list = revocations_over(calloc(1, revocations_size(MAX)), MAX);
	char *copy = fuzz_copy(data, n), phrase[1024] = { 0 };
	struct buf why = buf_over(phrase, sizeof phrase - 1);
	const char *refused, *path;
	bool taken;

	make(copy, n);
	path = write_file(copy, n);
	refused = read_file(copy, n);
	taken = revocation_file_read(path, list, revoked_pass(0), &why);
	unlink(path);
	MUST(taken == (refused == NULL));
	if (taken)
		revoked_compare(list);
	else
		MUST(strstr(phrase, refused) != NULL);
	free(copy);
	free(list);
	return 0;
}

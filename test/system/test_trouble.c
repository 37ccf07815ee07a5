#include "test/test.h"

#include "system/trouble.h"

#include <errno.h>
#include <stdio.h>

/* What is known is said as glibc says it; the others by number. */
void
test_trouble(void)
{
	unsigned known = 0;

	for (int error = 1; error < 2000; error++) {
		const char *said = trouble_text(error);
		char number[32];

		snprintf(number, sizeof number, "error %d", error);
		if (strcmp(said, number) == 0)
			continue;
		known++;
#ifdef __GLIBC__
		CHECK(strcmp(said, strerror(error)) == 0, "%d: %s", error, said);
#endif
	}
	CHECK(known == 37, "%u errors are known", known);
	errno = EACCES;
	CHECK(strcmp(trouble(), "Permission denied") == 0, "of errno: %s", trouble());
	errno = EDQUOT;
	CHECK(strcmp(trouble(), "Disk quota exceeded") == 0, "the last one: %s", trouble());
}

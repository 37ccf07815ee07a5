#include "test/test.h"

#include "system/usage.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

/* As many as there are below the lowest that is free. */
static void
descriptors(void)
{
	int lowest = dup(STDERR_FILENO), more;

	CHECK(lowest > 2, "a descriptor");
	CHECK(usage_descriptors() > (unsigned)lowest, "%u, and %d is open", usage_descriptors(),
	    lowest);
	while ((more = dup(STDERR_FILENO)) >= 0 && more < lowest + 20)
		CHECK(usage_descriptors() > (unsigned)more, "%d is open", more);
	close(lowest + 7);
	CHECK(usage_descriptors() == (unsigned)lowest + 7, "%d is free", lowest + 7);
	for (int fd = lowest; fd <= more; fd++)
		close(fd);
	CHECK(usage_descriptors() == (unsigned)lowest, "%u; %d is free", usage_descriptors(),
	    lowest);
}

/* Microseconds, and as the kernel has them elsewhere. */
static void
run_time(void)
{
	uint64_t begin = usage_time(), end = begin + 20000, told;
	struct rusage r;

	while (usage_time() < end)
		;
	getrusage(RUSAGE_SELF, &r);
	told = (uint64_t)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) * 1000000 +
	    (uint64_t)(r.ru_utime.tv_usec + r.ru_stime.tv_usec);
	CHECK(told + 50000 >= end && told <= usage_time() + 50000, "%ju and %ju",
	    (uintmax_t)told, (uintmax_t)end);
}

void
test_usage(void)
{
	descriptors();
	run_time();
}

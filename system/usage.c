#include "system/usage.h"

#include "str.h"

#include <fcntl.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

static int statm = -1;                  /* proc(5): sizes in pages */

unsigned
usage_descriptors(void)
{
	struct pollfd p = { .fd = 0 };

	while (poll(&p, 1, 0) >= 0 && (p.revents & POLLNVAL) == 0)
		p.fd++;
	return (unsigned)p.fd;
}

void
usage_open(void)
{
	statm = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
}

/* Its second number. */
uint64_t
usage_memory(void)
{
	char text[128];
	ssize_t n = pread(statm, text, sizeof text, 0);
	struct str rest = { text, n > 0 ? (size_t)n : 0 };
	uint64_t pages = 0;

	str_cut(&rest, ' ');
	str_number(&pages, str_cut(&rest, ' '), 10, UINT32_MAX);
	return pages * (unsigned)getpagesize();
}

uint64_t
usage_time(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

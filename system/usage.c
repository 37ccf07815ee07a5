#include "system/usage.h"

#include <poll.h>
#include <time.h>

unsigned
usage_descriptors(void)
{
	struct pollfd p = { .fd = 0 };

	while (poll(&p, 1, 0) >= 0 && (p.revents & POLLNVAL) == 0)
		p.fd++;
	return (unsigned)p.fd;
}

uint64_t
usage_time(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

#include "system/memory.h"

#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

void *
memory_take(size_t n)
{
	void *p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p != MAP_FAILED ? p : NULL;
}

/* Where the kernel keeps pages that are locked, they stay: whoever calls has wiped them. */
void
memory_release(void *memory, size_t n)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), start = (uintptr_t)memory,
	    first = (start + page - 1) / page * page, end = (start + n) / page * page;

	if (first < end)
		madvise((void *)first, end - first, MADV_DONTNEED);
}

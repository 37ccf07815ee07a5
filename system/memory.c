#include "system/memory.h"

#include <stdint.h>
#include <sys/auxv.h>
#include <sys/mman.h>

void
memory_release(void *memory, size_t n)
{
	uintptr_t page = getauxval(AT_PAGESZ), start = (uintptr_t)memory,
	    first = (start + page - 1) & ~(page - 1), end = (start + n) & ~(page - 1);

	if (first < end)
		madvise((void *)first, end - first, MADV_DONTNEED);
}

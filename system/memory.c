#include "system/memory.h"

#include <link.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

/* The linker's name for where the program begins, in memory as in its file. */
extern const char __ehdr_start[] __attribute__((visibility("hidden")));

bool
memory_seal(void)
{
	const ElfW(Ehdr) *program = (const void *)__ehdr_start;
	const ElfW(Phdr) *p = (const void *)(__ehdr_start + program->e_phoff);
	uintptr_t page = (size_t)getpagesize(), start, end;

	for (unsigned i = 0; i < program->e_phnum; i++) {
		if (p[i].p_type != PT_GNU_RELRO)
			continue;
		start = p[i].p_vaddr + (program->e_type == ET_DYN ? (uintptr_t)program : 0);
		end = (start + p[i].p_memsz) & ~(page - 1);
		start &= ~(page - 1);
		if (mprotect((void *)start, end - start, PROT_READ) != 0)
			return false;
	}
	return true;
}

void
memory_release(void *memory, size_t n)
{
	uintptr_t page = (size_t)getpagesize(), start = (uintptr_t)memory,
	    first = (start + page - 1) & ~(page - 1), end = (start + n) & ~(page - 1);

	if (first < end)
		madvise((void *)first, end - first, MADV_DONTNEED);
}

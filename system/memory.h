/* Memory as a whole, by pages. */
#ifndef MEMORY_H
#define MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* Makes read-only what is constant but for the addresses in it, as tables of functions: a program
 * that may lie anywhere writes these when it starts (PT_GNU_RELRO). glibc does so before main(),
 * musl 1.2.3 does not in a static program. false: errno tells why not. */
bool memory_seal(void);

/* Gives what was written to whole pages back to the kernel: they read as zeros. For memory that is
 * set aside once and rarely needed whole. What lies beside them, in the first and the last page,
 * stays, and so does memory that is locked. */
void memory_release(void *, size_t);

#endif

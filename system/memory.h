/* Memory as a whole, by pages. */
#ifndef MEMORY_H
#define MEMORY_H

#include <stdbool.h>

/* Makes read-only what is constant but for the addresses in it, as tables of functions: a program
 * that may lie anywhere writes these when it starts (PT_GNU_RELRO). glibc does so before main(),
 * musl 1.2.3 does not in a static program. false: errno tells why not. */
bool memory_seal(void);

#endif

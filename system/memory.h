/* Memory for what is rarely needed whole: taken once, at the start. */
#ifndef MEMORY_H
#define MEMORY_H

#include <stddef.h>

/* So many bytes of zeros, of which none takes memory before it is written to. NULL: errno tells why
 * not. */
void *memory_take(size_t);

/* Gives what was written to whole pages back to the kernel: they read as zeros. What lies beside
 * them, in the first and the last page, stays. */
void memory_release(void *, size_t);

#endif

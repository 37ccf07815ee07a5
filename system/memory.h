/* Memory for what is rarely needed whole: set aside once, and used as far as it is written to. */
#ifndef MEMORY_H
#define MEMORY_H

#include <stddef.h>

/* Gives what was written to whole pages back to the kernel: they read as zeros. What lies beside
 * them, in the first and the last page, stays, and so does memory that is locked. */
void memory_release(void *, size_t);

#endif

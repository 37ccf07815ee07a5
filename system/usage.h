/* What this process takes of the host, as far as it can be told without opening a file. */
#ifndef USAGE_H
#define USAGE_H

#include <stdint.h>

/* How many descriptors are open below the first that is not: all of a start, as each takes the
 * lowest that is free. */
unsigned usage_descriptors(void);

/* Microseconds that all threads have run, in user space and in the kernel. */
uint64_t usage_time(void);

#endif

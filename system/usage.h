/* What this process takes of the host. */
#ifndef USAGE_H
#define USAGE_H

#include <stdint.h>

/* How many descriptors are open below the first that is not: all of a start, as each takes the
 * lowest that is free. */
unsigned usage_descriptors(void);

/* Opens what usage_memory() reads, while files can be opened. That it is not there is no fault. */
void usage_open(void);

/* Resident bytes; 0: it can't be told, as /proc is not there. */
uint64_t usage_memory(void);

/* Microseconds that all threads have run, in user space and in the kernel. */
uint64_t usage_time(void);

#endif

/* The time that deadlines are kept by: it goes on whatever is done to the clock of the host. */
#ifndef CLOCK_H
#define CLOCK_H

#include <stdint.h>

enum { CLOCK_SECOND = 1000000 };        /* of its unit, microseconds */

/* CLOCK_MONOTONIC, in microseconds. */
int64_t clock_now(void);

#endif

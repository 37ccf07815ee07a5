/* Threads that end with the process. */
#ifndef THREAD_H
#define THREAD_H

#include <stdbool.h>

enum { THREAD_STACK = 256 * 1024 };     /* bytes: the deepest call needs a tenth */

/* Starts one. false: errno tells why not. */
bool thread_start(void *(*work)(void *), void *argument);

#endif

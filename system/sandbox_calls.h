/* The system calls that serving needs, and a filter that kills the process at any other. */
#ifndef SANDBOX_CALLS_H
#define SANDBOX_CALLS_H

#include "system/sandbox.h"

/* Installs the filter, for this thread and those it starts; with `writes` files may be written and
 * replaced. It takes no_new_privs first.
 * errno tells why it failed; it is lacking on this kernel, or for this processor. */
enum sandbox_part sandbox_filter(bool writes);

#endif

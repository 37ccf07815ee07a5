/* The system calls that serving needs, and a filter that kills the process at any other. */
#ifndef SANDBOX_CALLS_H
#define SANDBOX_CALLS_H

enum sandbox_filtered {
	SANDBOX_FILTERED,
	SANDBOX_NO_FILTER,              /* not on this kernel, or not for this processor */
	SANDBOX_FILTER_FAILED           /* errno tells why */
};

/* Installs the filter, for this thread and those it starts. It takes no_new_privs first. */
enum sandbox_filtered sandbox_filter(void);

#endif

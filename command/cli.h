/* The commands for a person at a shell. */
#ifndef CLI_H
#define CLI_H

#include "settings/options.h"

/* Does what a command other than serve and check says. Returns the exit status: 0 fine, 1 the
 * answer is no, 2 it can't be read. Usage and configuration errors end the process with 2. */
int cli_run(struct options *);

#endif

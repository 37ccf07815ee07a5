/* The commands for a person at a shell. */
#ifndef CLI_H
#define CLI_H

#include "settings/options.h"

#include <stdnoreturn.h>

/* Does what a command other than serve and check says. Returns the exit status: 0 fine, 1 the
 * answer is no, 2 it can't be read. Usage and configuration errors end the process with 2. */
int cli_run(struct options *);

/* Ends the process with 2 after options_parse() has found a mistake. */
noreturn void cli_refuse(enum command, const struct buf *why);

/* Names in the log what the environment says to nobody: variables that look like options' and are
 * none. */
void cli_warn_strays(char *const *environment);

#endif

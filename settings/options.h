/* Reading the command line and the environment. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include "settings/options_table.h"

/* Fills in defaults, then the arguments, which must end in NULL and outlive the options: a command
 * first, where there is one, and the options of that command; then, of what they leave open, what
 * the file of --env-file says, and what the environment says beside it (`environment` is getenv()
 * or a stand-in for it). false: `message` says which option, what was given and what is allowed. */
bool options_parse(struct options *, struct buf *message, char **arguments,
    char *(*environment)(const char *name));

/* Whether the log of serve or check is to be JSON, as far as that can be told before all is parsed:
 * for the message where it can't be. */
bool options_want_json(char *const *arguments, char *(*environment)(const char *name));

#endif

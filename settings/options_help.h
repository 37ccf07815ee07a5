/* The help text, made from the table of options. */
#ifndef OPTIONS_HELP_H
#define OPTIONS_HELP_H

#include "settings/options_table.h"

/* Appends it: at most 80 columns. Of one command, or, where `topic` is NULL, of all. */
void options_help(struct buf *, const enum command *topic);

#endif

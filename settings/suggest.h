/* What somebody may have meant who wrote a name that there is not. */
#ifndef SUGGEST_H
#define SUGGEST_H

#include "settings/options_table.h"

/* Append "; did you mean NAME?" where a name is near to what was given: an option of the command
 * ("--listen"), a command. false: none is. */
bool suggest_option(struct buf *, struct str given, enum command);
bool suggest_command(struct buf *, struct str given);

/* Whether a variable of this name looks like an option's but is none, and not one that others are
 * known to set. Then `message` gets a phrase that names it, and the nearest that there is. */
bool suggest_stray(struct buf *message, struct str name);

#endif

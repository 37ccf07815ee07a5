/* What somebody may have meant who wrote a name that there is not. */
#ifndef SUGGEST_H
#define SUGGEST_H

#include "settings/options_table.h"

/* Append "; did you mean NAME?" where a name is near to what was given: an option of the command
 * ("--listen"), the variable of any option ("JWTD_LISTEN"), a command. false: none is. */
bool suggest_option(struct buf *, struct str given, enum command);
bool suggest_variable(struct buf *, struct str given);
bool suggest_command(struct buf *, struct str given);

#endif

/* The commands, a function each, as cli_run() calls them: it returns the exit status. */
#ifndef COMMANDS_H
#define COMMANDS_H

#include "settings/options.h"

/* token_commands.c */
int command_sign(struct options *);
int command_verify(struct options *);
int command_decode(struct options *);

/* keygen.c */
int command_keygen(struct options *);

/* jwk.c */
int command_jwk(struct options *);

/* Ends the process with a message if one of --kid can't be a key id. */
void command_check_kids(const struct options *);

/* client.c */
int command_client(struct options *);

/* health.c: the one that talks to a server */
int command_health(struct options *);

#endif

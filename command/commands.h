/* The commands, a function each, as cli_run() calls them: it returns the exit status. */
#ifndef COMMANDS_H
#define COMMANDS_H

#include "settings/options.h"
#include "token/jwt.h"

/* token_commands.c */
int command_sign(struct options *);
int command_verify(struct options *);
int command_decode(struct options *);

/* Opens the token of the argument, else of standard input. false: a message says why it is none. */
bool command_open_token(struct jwt *, const struct options *);

/* Seconds since 1970, or the process ends with a message where the clock is not set. */
int64_t command_clock(void);

/* keygen.c */
int command_keygen(struct options *);

/* jwk.c */
int command_jwk(struct options *);
int command_public(struct options *);

/* Ends the process with a message if one of --kid can't be a key id. */
void command_check_kids(const struct options *);

/* client.c */
int command_client(struct options *);

/* revoke.c */
int command_revoke(struct options *);

/* The file of --revocation-file as a list, for the others; NULL: no such file was named. The
 * process ends with a message if it can't be read. */
const struct revocations *command_revocations(const struct options *, int64_t now);

/* health.c: the one that talks to a server */
int command_health(struct options *);

#endif

/* The commands, a function each: what it returns is the exit status, 0 fine, 1 the answer is no.
 * Usage and configuration errors end the process with 2. */
#ifndef COMMANDS_H
#define COMMANDS_H

#include "settings/options.h"
#include "system/nonce.h"

/* token_commands.c */
int command_sign(struct options *);
int command_verify(struct options *);
int command_decode(struct options *);

/* keygen.c */
int command_keygen(struct options *);

/* health.c: the one that talks to a server */
int command_health(struct options *);

/* The source of random numbers, open; and NONCE bytes of it. Without them the process ends with a
 * message. */
struct nonces *command_nonces(void);
const uint8_t *command_nonce(struct nonces *);

#endif

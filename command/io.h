/* What the commands share: standard input and output, random numbers. */
#ifndef COMMAND_IO_H
#define COMMAND_IO_H

#include "str.h"
#include "system/nonce.h"

#include <stdnoreturn.h>

enum { COMMAND_INPUT_MAX = 65536 };     /* bytes of a token, a key or claims that are read */

/* To a file that is not there yet, and that nobody else may read: on the disk, or the process ends
 * with a message. */
void command_write_new(const char *path, struct str);

/* To standard output, or the process ends with a message. */
void command_print(struct str);

/* A valid JSON text to standard output: one line of it for a program, more for a person at a
 * terminal; or the process ends with a message. The other one returns false instead: then the last
 * one ends it. */
void command_print_json(struct str);
bool command_show_json(struct str);
noreturn void command_no_output(void);

/* All that there is to read, borrowed until the next call; `name` is for the message with which the
 * process ends where it can't be had. */
struct str command_read(int fd, const char *name);

/* The source of random numbers, open; and NONCE bytes of it. Without them the process ends with a
 * message. */
struct nonces *command_nonces(void);
const uint8_t *command_nonce(struct nonces *);

/* Whether somebody reads or types there. isatty() of musl is larger. */
bool command_is_terminal(int fd);

#endif

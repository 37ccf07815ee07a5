/* What the process gives up once everything is open, by --user and --sandbox. */
#ifndef POWERS_H
#define POWERS_H

#include "server/server.h"
#include "settings/options.h"

/* Becomes the user that is asked for and enters the sandbox, with no more than serving takes; says
 * so in the log. For the one thread that there is yet. Where that can't be done, or a reload could
 * not be done afterwards, the process ends with a message. */
void powers_give_up(const struct server_setup *, const struct options *);

#endif

/* Files that a reload will never see anew. */
#ifndef STALE_H
#define STALE_H

#include "settings/config.h"

/* Names in the log each file of the configuration whose path does not lead to where a new one would
 * appear, with the way out: the file there has no name any more (one that was mounted by itself and
 * then replaced outside), or it is a copy that systemd made (LoadCredential).
 * `environment` is getenv() or a stand-in. */
void stale_warn(const struct options *, char *(*environment)(const char *));

#endif

/* Reading and writing to the end, whatever a signal interrupts or a call leaves over. */
#ifndef WHOLE_H
#define WHOLE_H

#include "str.h"

/* Appends what comes until the end, or until the buffer is full. false: errno tells why. */
bool whole_read(struct buf *, int fd);

/* Writes all. false: errno tells why, and some of it may be written. */
bool whole_write(int fd, struct str text);

#endif

/* The file of what was taken back, found and locked. For revocation_file.c alone. */
#ifndef REVOCATION_LOCK_H
#define REVOCATION_LOCK_H

#include "token/revocation_file.h"

/* Opens the file, O_RDONLY, or O_RDWR and then to be read where it can't be written: it counts even
 * so. Locks it for others' writing, or for all that others do. Waits for them at most so many
 * seconds. false: f->why gets a phrase. */
bool revocation_lock(struct revocation_file *, int flags, unsigned seconds);

/* Gives the lock back. The file stays open: as long as it is, no other one gets its number. */
void revocation_unlock(struct revocation_file *);

#endif

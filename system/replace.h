/* Putting another text in the place of a file: whole or not at all, whatever happens meanwhile. */
#ifndef REPLACE_H
#define REPLACE_H

#include "str.h"

#include <limits.h>

/* A file that is about to be replaced. The new one lies beside it as PATH.new until it is whole:
 * while it is there, nobody else begins. A process that is killed leaves it behind. */
struct replacement {
	const char *path;
	char new_path[PATH_MAX];
	int fd;
};

/* Begins, with owner, group and mode of the file that is there; none: with our own, and 0600. With
 * `alone`, for who knows that nobody else is about it, what a killed one left is removed before.
 * false: `why` gets a message, and nothing is changed. */
bool replace_begin(struct replacement *, const char *path, bool alone, struct buf *why);

/* Writes a part of the new one; the last part, and sees all onto the disk; puts it in the place of
 * the old one. false: `why` gets a message, and what was begun is given up. Where the folder can't
 * be synced the log says so: the file is replaced nevertheless. */
bool replace_add(struct replacement *, struct str part, struct buf *why);
bool replace_write(struct replacement *, struct str text, struct buf *why);
bool replace_commit(struct replacement *, struct buf *why);

/* Whether the path's folder is there. false: `why` gets a phrase. */
bool replace_has_folder(const char *path, struct buf *why);

/* Sees the names in the path's folder onto the disk. false: the log says why not. */
bool replace_sync_folder(const char *path);

/* Gives up what was begun: the old file stays, and nothing is beside it. */
void replace_cancel(struct replacement *);

#endif

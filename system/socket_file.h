/* The file of a unix socket: made beside its place and renamed into it, so that whoever finds it
 * finds somebody who listens. */
#ifndef SOCKET_FILE_H
#define SOCKET_FILE_H

#include <stdbool.h>
#include <sys/types.h>

enum {
	/* Bytes of a path at most: those of sun_path without its zero, and the file beside it has
	 * one more in its name. */
	SOCKET_FILE_PATH_MAX = 106,
	SOCKET_FILE_MODE = 0660         /* permissions where none are given */
};

#define SOCKET_FILE_NO_GROUP ((gid_t)-1)

struct socket_file {
	unsigned mode;                  /* its permissions, whatever the umask */
	gid_t group;                    /* whose it is; SOCKET_FILE_NO_GROUP: the system decides */
	dev_t device;                   /* which file it is, for its removal to hit no other; */
	ino_t inode;                    /* 0: it was not made */
};

/* Binds the socket and listens, with a file at this path of 1 to SOCKET_FILE_PATH_MAX bytes. A
 * socket that nobody listens at is replaced, any other file is not. Of two processes that start at
 * one path, one gets it; the other has EADDRINUSE. false: errno says why, or `*why` where that does
 * not; nothing stays behind. Not thread-safe: it sets the umask for a moment. */
bool socket_file_listen(struct socket_file *, int fd, const char *path, int backlog,
    const char **why);

/* Removes the file, if it is still the one that was made. */
void socket_file_remove(const struct socket_file *, const char *path);

#endif

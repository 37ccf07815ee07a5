#include "system/socket_file.h"

#include "str.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum {
	/* For a quarter of a second: anybody may hold a folder's lock, and a start needs it for
	 * less than a millisecond. */
	LOCK_TRIES = 25,
	LOCK_PAUSE = 10                 /* milliseconds between two of them */
};

_Static_assert(SOCKET_FILE_PATH_MAX + sizeof "~" <= sizeof((struct sockaddr_un *)0)->sun_path,
    "room for the name of the file beside it");

/* Locks the folder that the path leads to: whoever starts at the same path waits. Returns its
 * descriptor, whose end is the lock's. -1: that can't be had here, and it goes without. */
static int
lock_folder(const char *path)
{
	size_t n = str_folder(path);
	char folder[SOCKET_FILE_PATH_MAX + 1] = ".";
	int fd;

	if (n > 0)
		memcpy(folder, path, n);
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (unsigned i = 0; fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0; i++) {
		if (i == LOCK_TRIES || (errno != EWOULDBLOCK && errno != EINTR)) {
			close(fd);
			return -1;
		}
		poll(NULL, 0, LOCK_PAUSE);
	}
	return fd;
}

/* Whether there is no file, or a socket that nobody listens at. */
static bool
is_free(const struct sockaddr_un *a)
{
	struct stat st;
	int fd, error;

	if (lstat(a->sun_path, &st) != 0)
		return errno == ENOENT;
	errno = EEXIST;
	if (!S_ISSOCK(st.st_mode))
		return false;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return false;
	error = connect(fd, (const struct sockaddr *)a, sizeof *a) == 0 ? 0 : errno;
	close(fd);
	errno = EADDRINUSE;
	return error == ECONNREFUSED || error == ENOENT;
}

/* The permissions come with the file: with a chmod behind it, there would be a moment of others. */
static bool
bind_with(unsigned mode, int fd, const struct sockaddr_un *a)
{
	mode_t before = umask(~mode & 0777);
	bool bound = bind(fd, (const struct sockaddr *)a, sizeof *a) == 0;

	umask(before);
	return bound;
}

static bool
not_beside(const char **why)
{
	if (errno == EEXIST || errno == EADDRINUSE)
		*why = "there is a file beside it, with a '~' behind its name: remove that";
	return false;
}

static bool
give_group(const struct socket_file *f, const char *path, const char **why)
{
	if (f->group == SOCKET_FILE_NO_GROUP || lchown(path, (uid_t)-1, f->group) == 0)
		return true;
	if (errno == EPERM)
		*why = "group= names a group that you are not in: only root may do that";
	return false;
}

/* Makes it beside its place, where nobody looks for it before it listens. A socket that is left
 * there is of a start that was killed. */
static bool
make(struct socket_file *f, int fd, const struct sockaddr_un *a, const char *path, int backlog,
    const char **why)
{
	struct stat st;
	int error;

	if (!is_free(a))
		return not_beside(why);
	unlink(a->sun_path);
	if (!bind_with(f->mode, fd, a))
		return not_beside(why);
	if (lstat(a->sun_path, &st) == 0 && give_group(f, a->sun_path, why) &&
	    listen(fd, backlog) == 0 && rename(a->sun_path, path) == 0) {
		f->device = st.st_dev;
		f->inode = st.st_ino;
		return true;
	}
	error = errno;
	unlink(a->sun_path);
	errno = error;
	return false;
}

bool
socket_file_listen(struct socket_file *f, int fd, const char *path, int backlog, const char **why)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX }, beside;
	size_t n = strlen(path);
	int folder = lock_folder(path), error;
	bool ok;

	memcpy(at.sun_path, path, n);
	beside = at;
	beside.sun_path[n] = '~';
	ok = is_free(&at) && make(f, fd, &beside, path, backlog, why);
	error = errno;
	if (folder >= 0)
		close(folder);
	errno = error;
	return ok;
}

void
socket_file_remove(const struct socket_file *f, const char *path)
{
	struct stat st;

	if (lstat(path, &st) == 0 && st.st_dev == f->device && st.st_ino == f->inode)
		unlink(path);
}

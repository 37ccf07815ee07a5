#include "token/revocation_lock.h"

#include "system/clock.h"
#include "system/replace.h"
#include "system/trouble.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	KIND = O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
	PAUSE = 1                       /* milliseconds between two tries */
};

/* Tells why the file could not be opened. */
static bool
explain(const struct revocation_file *f, int error)
{
	struct stat st;

	if (error == ENOENT && !replace_has_folder(f->path, f->why))
		return false;
	if (error == EACCES && stat(f->path, &st) == 0) {
		buf_format(f->why, "%s: it is user %u's; 'chown' it to the one that jwtd runs as",
		    trouble_text(error), st.st_uid);
		return false;
	}
	return buf_fail(f->why, error == ELOOP ? "it is a symbolic link: name the file that it "
	    "leads to" : trouble_text(error));
}

/* Opens the file, for reading where it can't be written: it counts even so. */
static bool
open_file(struct revocation_file *f, int flags)
{
	struct stat st;

	f->writable = flags != O_RDONLY;
	f->fd = open(f->path, flags | KIND, 0600);
	if (f->fd < 0 && f->writable && (errno == EACCES || errno == EROFS || errno == EPERM)) {
		int error = errno;

		f->writable = false;
		f->fd = open(f->path, O_RDONLY | KIND);
		if (errno == ENOENT)            /* it could not be made */
			errno = error;
	}
	if (f->fd < 0)
		return explain(f, errno);
	if (fstat(f->fd, &st) == 0 && S_ISREG(st.st_mode))
		return true;
	close(f->fd);
	return buf_fail(f->why, "it is not a regular file");
}

/* Whether the name leads to the open file: whoever compacts puts another one there. */
static bool
is_named(const struct revocation_file *f)
{
	struct key_stamp named = keys_stamp(f->path);
	struct stat st;

	return fstat(f->fd, &st) == 0 && st.st_dev == named.device && st.st_ino == named.inode;
}

void
revocation_unlock(struct revocation_file *f)
{
	flock(f->fd, LOCK_UN);
	if (f->held >= 0)
		close(f->held);
	f->held = f->fd;
}

/* flock(2) knows no deadline: it is tried time and again, each time with the file that the name
 * leads to by then. So that others who try get it, too, who has just had it lets them try twice. */
bool
revocation_lock(struct revocation_file *f, int flags, unsigned seconds)
{
	int64_t now = clock_now(), until = now + (int64_t)seconds * CLOCK_SECOND;

	if (now < f->left + 2 * PAUSE * (CLOCK_SECOND / 1000))
		poll(NULL, 0, 2 * PAUSE);
	while (open_file(f, flags)) {
		bool locked = flock(f->fd, (f->writable ? LOCK_EX : LOCK_SH) | LOCK_NB) == 0;
		int error = locked ? 0 : errno;

		if (locked && is_named(f))
			return true;
		close(f->fd);
		if (error != 0 && error != EWOULDBLOCK && error != EINTR) {
			buf_text(f->why, "its file system has no locks: ");
			return buf_fail(f->why, trouble_text(error));
		}
		if (clock_now() > until)
			return buf_fail(f->why, "somebody else keeps it locked");
		poll(NULL, 0, PAUSE);
	}
	return false;
}

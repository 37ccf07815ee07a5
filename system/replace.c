#include "system/replace.h"

#include "system/log.h"
#include "system/trouble.h"
#include "system/whole.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool
fail(struct buf *why, const char *what, const char *problem)
{
	buf_format(why, "%s: %s", what, problem);
	return false;
}

/* Likewise, after a call that failed. */
static bool
undo(struct replacement *r, const char *what, struct buf *why)
{
	fail(why, what, trouble());
	replace_cancel(r);
	return false;
}

/* Who may read the old file may read the new one, and nobody else. */
static bool
take_after(struct replacement *r, const struct stat *old)
{
	struct stat new;

	return fstat(r->fd, &new) == 0 && ((new.st_uid == old->st_uid &&
	    new.st_gid == old->st_gid) || fchownat(r->fd, "", old->st_uid,
	    old->st_gid, AT_EMPTY_PATH) == 0) &&
	    syscall(SYS_fchmod, r->fd, old->st_mode & 07777) == 0;
}

bool
replace_begin(struct replacement *r, const char *path, bool alone, struct buf *why)
{
	struct buf b = buf_over(r->new_path, sizeof r->new_path);
	struct stat old;
	bool there = lstat(path, &old) == 0;

	r->path = path;
	buf_format(&b, "%s.new", path);
	buf_put(&b, "", 1);
	if (b.bad)
		return fail(why, path, trouble_text(ENAMETOOLONG));
	if (!there && errno != ENOENT)
		return fail(why, path, trouble());
	if (there && S_ISLNK(old.st_mode))
		return fail(why, path, "it is a symbolic link: name the file that it leads to");
	if (there && !S_ISREG(old.st_mode))
		return fail(why, path, "it is not a regular file");
	if (alone)
		unlink(r->new_path);
	r->fd = open(r->new_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (r->fd < 0 && errno == EEXIST)
		return fail(why, r->new_path, "it exists: another process is replacing the file; "
		    "if none is, remove it");
	if (r->fd < 0)
		return fail(why, errno == ENAMETOOLONG ? r->new_path : path, trouble());
	return !there || take_after(r, &old) || undo(r, r->new_path, why);
}

bool
replace_has_folder(const char *path, struct buf *why)
{
	char folder[PATH_MAX] = ".";
	size_t n = str_folder(path);
	struct stat st;

	if (n >= sizeof folder)
		return buf_fail(why, trouble_text(ENAMETOOLONG));
	if (n > 0)
		memcpy(folder, path, n);
	if (stat(folder, &st) == 0)
		return true;
	if (errno != ENOENT)
		return buf_fail(why, trouble());
	buf_format(why, "its folder is missing: 'mkdir -p -m 700 %.*s' makes it",
	    (int)(n > 1 ? n - 1 : n), folder);
	return false;
}

bool
replace_sync_folder(const char *path)
{
	size_t n = str_folder(path);
	char folder[PATH_MAX] = ".";
	bool ok;
	int fd;

	if (n > 0)
		memcpy(folder, path, n);
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ok = fd >= 0 && fsync(fd) == 0;
	if (!ok)
		log_line("warning: %s: %s: after a loss of power the old %s may be there again",
		    folder, trouble(), path);
	if (fd >= 0)
		close(fd);
	return ok;
}

bool
replace_add(struct replacement *r, struct str part, struct buf *why)
{
	return whole_write(r->fd, part) || undo(r, r->new_path, why);
}

bool
replace_write(struct replacement *r, struct str text, struct buf *why)
{
	return replace_add(r, text, why) && (fsync(r->fd) == 0 || undo(r, r->new_path, why));
}

bool
replace_commit(struct replacement *r, struct buf *why)
{
	if (rename(r->new_path, r->path) != 0)
		return undo(r, r->path, why);
	close(r->fd);
	replace_sync_folder(r->path);
	return true;
}

void
replace_cancel(struct replacement *r)
{
	close(r->fd);
	unlink(r->new_path);
}

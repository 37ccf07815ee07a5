#include "token/revocation_file.h"

#include "system/clock.h"
#include "system/log.h"
#include "system/replace.h"
#include "system/sandbox.h"
#include "system/trouble.h"
#include "system/whole.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define FIRST STR("jwtd revocations 1\n")

enum {
	KIND = O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
	LINES = 1024,                   /* that are read or written at once */
	WAIT_START = 10, WAIT_LOOK = 2, /* seconds for the lock */
	PAUSE = 5,                      /* milliseconds between two tries */
	CLOCKS = 300,                   /* seconds by which those of others may be ahead */
	HOUR = 3600
};

static char block[LINES * REVOCATION_LINE];

struct revocations *
revocation_file_reserve(unsigned max)
{
	void *memory = sandbox_reserve(revocations_size(max));

	if (memory == NULL)
		die_of(errno, "no memory for --max-revocations: %s", trouble());
	return revocations_over(memory, max);
}

/* A phrase that is said once at the most. */
static void
say(const struct revocation_file *f, struct str what)
{
	log_line("revocation file %s: %.*s", f->path, (int)what.n, what.p);
}

static bool
fail(const struct revocation_file *f)
{
	return buf_fail(f->why, trouble());
}

/* Opens the file, for reading where it can't be written: it counts even so. */
static bool
open_file(struct revocation_file *f, int flags)
{
	struct stat st;

	f->writable = flags != O_RDONLY;
	f->fd = open(f->path, flags | KIND, 0600);
	if (f->fd < 0 && f->writable && (errno == EACCES || errno == EROFS || errno == EPERM))
		return open_file(f, O_RDONLY);
	if (f->fd < 0)
		return buf_fail(f->why, errno == ELOOP ? "it is a symbolic link: name the file "
		    "that it leads to" : trouble());
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

/* Opens the file and locks it until it is closed. flock(2) knows no deadline: it is tried time and
 * again, each time with the file that the name leads to by then. */
static bool
open_locked(struct revocation_file *f, int flags, unsigned seconds)
{
	int64_t until = clock_now() + (int64_t)seconds * CLOCK_SECOND;

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

/* Whether no line ends any more in what is left of the block and behind it. */
static bool
is_torn(const struct revocation_file *f, struct str left)
{
	struct buf b = buf_over(block, sizeof block);

	while (left.n > 0 && memchr(left.p, '\n', left.n) == NULL) {
		buf_empty(&b);
		if (!whole_read(&b, f->fd))
			return false;
		left = buf_str(&b);
	}
	return left.n == 0;
}

/* Reads the first line. A part of it is a torn one. */
static bool
read_first(struct revocation_file *f)
{
	struct buf b = buf_over(block, FIRST.n);

	if (!whole_read(&b, f->fd))
		return fail(f);
	if (memcmp(block, FIRST.p, b.n) != 0)
		return buf_fail(f->why, "its first line is not 'jwtd revocations 1'");
	f->torn = b.n < FIRST.n;
	f->end = f->torn ? 0 : (off_t)FIRST.n;
	return true;
}

/* Takes in lines of the block, which holds what stands behind f->end, until one is none. By rows,
 * so that the processor fetches what the next ones need: a million take two thirds of the time. */
static bool
take_lines(struct revocation_file *f, struct str *left)
{
	enum { NEWLINE = REVOCATION_LINE - 1, ROW = 16 };
	struct revocation row[ROW];
	unsigned n;

	do {
		for (n = 0; n < ROW && left->n >= REVOCATION_LINE && left->p[NEWLINE] == '\n' &&
		    revocation_read_line(&row[n], (struct str){ left->p, NEWLINE }); n++) {
			revocations_fetch(f->list, &row[n]);
			left->p += REVOCATION_LINE;
			left->n -= REVOCATION_LINE;
		}
		for (unsigned i = 0; i < n; i++, f->end += REVOCATION_LINE) {
			enum revocation_added added = revocations_add(f->list, &row[i], f->now);

			if (added == REVOCATION_FULL)
				return false;
			f->seen += added == REVOCATION_NEW;
		}
	} while (n == ROW);
	return true;
}

/* Takes in the lines from f->end on. */
static bool
read_lines(struct revocation_file *f)
{
	struct buf b = buf_over(block, sizeof block);
	struct str left;
	bool fits;

	do {
		buf_empty(&b);
		if (!whole_read(&b, f->fd))
			return fail(f);
		left = buf_str(&b);
		fits = take_lines(f, &left);
		revocations_set_unfit(f->list, !fits);
		if (!fits)
			return buf_fail(f->why, REVOCATION_FILE_FULL);
		f->torn = left.n > 0 && is_torn(f, left);
		if (left.n > 0 && !f->torn) {
			buf_format(f->why, "line %zu is spoilt",
			    (size_t)f->end / REVOCATION_LINE + 2);
			return false;
		}
	} while (b.n == b.cap && !f->torn);
	return true;
}

/* Takes in what is new in the locked file: all of it where it is not the one that was read, or is
 * shorter, or lacked something and was changed; and where the clock was set back: what was dead may
 * count again. */
static bool
take_in(struct revocation_file *f, int64_t now)
{
	struct key_stamp stamp = keys_stamp(f->path);

	if (stamp.device != f->stamp.device || stamp.inode != f->stamp.inode) {
		f->named = false;
		f->end = 0;
	}
	if (stamp.size < f->end || now < f->now ||
	    (!f->whole && !keys_same_stamp(&stamp, &f->stamp)))
		f->end = 0;
	f->stamp = stamp;
	f->now = now;
	f->again = true;
	f->torn = false;
	if (f->end == 0) {
		f->whole = revocations_count(f->list) == 0;
		revocations_unmark(f->list);
		revocations_expect(f->list, (size_t)stamp.size / REVOCATION_LINE);
	}
	if (lseek(f->fd, f->end, SEEK_SET) < 0)
		return fail(f);
	if ((f->end == 0 && !read_first(f)) || (f->end > 0 && !read_lines(f)))
		return false;
	f->whole = f->whole || revocations_all_marked(f->list, now + CLOCKS);
	f->again = !f->whole;
	return f->whole || buf_fail(f->why, "entries that count are missing");
}

/* Puts the descriptor where the next line belongs: cuts off what nobody was answered for, and
 * writes the first line where there is none. */
static bool
mend_end(struct revocation_file *f)
{
	if ((f->torn && ftruncate(f->fd, f->end) != 0) || lseek(f->fd, f->end, SEEK_SET) < 0)
		return fail(f);
	f->torn = f->end == 0;
	if (!f->torn)
		return true;
	if (!whole_write(f->fd, FIRST) || fdatasync(f->fd) != 0)
		return fail(f);
	f->torn = false;
	f->end = (off_t)FIRST.n;
	return true;
}

static bool
start(struct revocation_file *f, const char *path, struct revocations *list, int64_t now, int flags,
    struct buf *why)
{
	bool ok;

	*f = (struct revocation_file){ .path = path, .list = list, .why = why };
	if (!open_locked(f, flags, WAIT_START))
		return false;
	ok = take_in(f, now);
	if (ok && flags != O_RDONLY) {
		if (!f->writable)
			say(f, STR("it may only be read"));
		else if (f->torn && f->end > 0)
			say(f, STR("its end is torn, and cut off"));
		ok = !f->writable || mend_end(f);
	}
	close(f->fd);
	f->seen = 0;
	f->again = true;
	return ok;
}

bool
revocation_file_open(struct revocation_file *f, const char *path, struct revocations *list,
    int64_t now, struct buf *why)
{
	return start(f, path, list, now, O_RDWR | O_CREAT, why);
}

bool
revocation_file_read(const char *path, struct revocations *list, int64_t now, struct buf *why)
{
	struct revocation_file f;

	return start(&f, path, list, now, O_RDONLY, why);
}

/* Writes lines at the end of a block, and what stands there before they would not fit. */
static bool
write_lines(struct revocation_file *f, const struct revocation *entries, unsigned n)
{
	struct buf b = buf_over(block, sizeof block);

	for (unsigned i = 0; i < n; i++) {
		revocation_put_line(&b, &entries[i]);
		if (b.n < b.cap && i + 1 < n)
			continue;
		if (!whole_write(f->fd, buf_str(&b)))
			return false;
		buf_empty(&b);
	}
	return true;
}

/* Puts a file in its place that has what counts alone. The lock keeps others away meanwhile. */
static bool
compact(struct revocation_file *f)
{
	struct buf b = buf_over(block, sizeof block);
	struct replacement new;
	struct revocation r;
	unsigned at = 0;
	off_t size = (off_t)FIRST.n;

	if (!replace_begin(&new, f->path, true, f->why) || !replace_add(&new, FIRST, f->why))
		return false;
	while (revocations_next(f->list, &at, &r)) {
		if (r.kind == REVOKED_TOKEN && f->now > r.time)
			continue;
		revocation_put_line(&b, &r);
		size += REVOCATION_LINE;
		if (b.n == b.cap && !replace_add(&new, buf_str(&b), f->why))
			return false;
		b.n %= b.cap;
	}
	if (!replace_write(&new, buf_str(&b), f->why))
		return false;
	f->stamp = keys_stamp(new.new_path);
	f->end = size;
	f->named = false;
	return replace_commit(&new, f->why);
}

/* Compacts the file if more than half of it is dead; what died is counted once an hour. Where that
 * can't be done, the log says so, and it is tried again when the file is twice as large. false:
 * there was nothing to do, else it is to be opened anew. */
static bool
compacted(struct revocation_file *f)
{
	unsigned alive = revocations_count(f->list);
	size_t start = f->why->n;

	if (f->now >= f->next_count) {
		f->next_count = f->now + HOUR;
		alive = revocations_alive(f->list, f->now);
	}
	if (f->end <= 2 * f->tried || f->end / REVOCATION_LINE <= 2 * (off_t)alive)
		return false;
	f->tried = f->end;
	buf_text(f->why, "it grows: ");
	if (compact(f)) {
		f->tried = 0;
	} else {
		f->end = 0;
		say(f, (struct str){ f->why->p + start, f->why->n - start });
	}
	buf_cut(f->why, start);
	return true;
}

enum outcome { DONE, REFUSED, AGAIN };

/* Appends to the locked file. */
static enum outcome
append(struct revocation_file *f, const struct revocation *entries, unsigned n, int64_t now)
{
	unsigned new = 0;
	int64_t begun;

	if (!take_in(f, now))
		return REFUSED;
	f->again = true;
	for (unsigned i = 0; i < n; i++)
		new += entries[i].kind != REVOKED_ALL && !revocations_knows(f->list, &entries[i]);
	f->no_room = !revocations_have_room(f->list, new, now);
	if (!f->writable || f->no_room) {
		buf_text(f->why, f->no_room ? REVOCATION_FILE_FULL : "it may only be read");
		return REFUSED;
	}
	if (compacted(f))
		return AGAIN;
	if (!mend_end(f))
		return REFUSED;
	if (!f->named && !(f->named = replace_sync_folder(f->path))) {
		buf_text(f->why, "its folder can't be synced");
		return REFUSED;
	}
	begun = clock_now();
	if (!write_lines(f, entries, n) || fdatasync(f->fd) != 0) {
		fail(f);
		f->torn = ftruncate(f->fd, f->end) != 0;
		return AGAIN;
	}
	f->sync_time = clock_now() - begun;
	for (unsigned i = 0; i < n; i++)
		revocations_add(f->list, &entries[i], now);
	f->end += (off_t)n * REVOCATION_LINE;
	f->stamp = keys_stamp(f->path);
	f->again = false;
	return DONE;
}

bool
revocation_file_append(struct revocation_file *f, struct revocations *list,
    const struct revocation *entries, unsigned n, int64_t now, unsigned seconds, struct buf *why)
{
	enum { TRIES = 3 };             /* it is compacted, not synced, synced */
	enum outcome came = AGAIN;
	size_t start = why->n;

	f->list = list;
	f->why = why;
	for (int i = 0; came == AGAIN && i < TRIES; i++) {
		buf_cut(why, start);
		if (!open_locked(f, O_RDWR, seconds))
			return false;
		came = append(f, entries, n, now);
		close(f->fd);
	}
	return came == DONE;
}

void
revocation_file_say(struct revocation_file *f, struct str why)
{
	struct buf b = buf_over(f->complaint, sizeof f->complaint);

	if (str_equal((struct str){ f->complaint, f->complained }, why))
		return;
	buf_add(&b, why);
	f->complained = b.n;
	say(f, b.n > 0 ? why : STR("all is well again"));
}

void
revocation_file_look(struct revocation_file *f, struct revocations *list, int64_t now)
{
	struct key_stamp stamp = keys_stamp(f->path);
	char message[REVOCATION_FILE_WHY];
	struct buf why = buf_over(message, sizeof message);

	/* Only a file system on a disk of this host is asked by name whether others wrote: on any
	 * other one the answer may be old, and is right where the file is opened and locked. */
	if (!f->again && now >= f->now && major(stamp.device) != 0 &&
	    keys_same_stamp(&stamp, &f->stamp))
		return;
	f->list = list;
	f->why = &why;
	if (open_locked(f, O_RDWR, WAIT_LOOK)) {
		take_in(f, now);
		close(f->fd);
	}
	revocation_file_say(f, buf_str(&why));
}

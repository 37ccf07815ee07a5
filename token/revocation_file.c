#include "token/revocation_file.h"

#include "system/clock.h"
#include "system/log.h"
#include "system/replace.h"
#include "system/trouble.h"
#include "system/whole.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define FIRST STR("jwtd revocations 1\n")

enum {
	KIND = O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
	LINES = 1024,                   /* that are read or written at once */
	WAIT_START = 10, WAIT_LOOK = 2, /* seconds for the lock */
	TRIES = 3,                      /* at an append: compacted, not synced, synced */
	HOUR = 3600,
	PAUSE = 5000000                 /* nanoseconds between two tries */
};

static char block[LINES * REVOCATION_LINE];

static bool
fail(struct buf *why)
{
	return buf_fail(why, trouble());
}

/* flock(2) knows no deadline. */
static bool
lock(int fd, bool writable, int64_t until, struct buf *why)
{
	const struct timespec pause = { 0, PAUSE };

	while (flock(fd, (writable ? LOCK_EX : LOCK_SH) | LOCK_NB) != 0) {
		if (errno != EWOULDBLOCK && errno != EINTR) {
			buf_text(why, "locks do not work on its file system: ");
			return fail(why);
		}
		if (clock_now() > until)
			return buf_fail(why, "somebody else keeps it locked");
		nanosleep(&pause, NULL);
	}
	return true;
}

/* The file, for reading where it can't be written: it counts even so. */
static int
open_file(struct revocation_file *f, int flags, struct buf *why)
{
	struct stat st;
	int fd = open(f->path, flags | KIND, 0600);

	f->writable = (flags & O_ACCMODE) != O_RDONLY;
	if (fd < 0 && f->writable && (errno == EACCES || errno == EROFS || errno == EPERM))
		return open_file(f, O_RDONLY, why);
	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return fd;
	buf_text(why, fd >= 0 ? "it is not a regular file" : errno == ELOOP ?
	    "it is a symbolic link: name the file that it leads to" : trouble());
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Whether the name leads to this file: whoever compacts puts another one there. */
static bool
is_named(const struct revocation_file *f, int fd)
{
	struct key_stamp named = keys_stamp(f->path);
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_dev == named.device && st.st_ino == named.inode;
}

/* The file that the name leads to, locked; closing it gives the lock back. -1: `why` says why. */
static int
open_locked(struct revocation_file *f, int flags, unsigned seconds, struct buf *why)
{
	int64_t until = clock_now() + (int64_t)seconds * CLOCK_SECOND;

	for (;;) {
		int fd = open_file(f, flags, why);
		bool locked = fd >= 0 && lock(fd, f->writable, until, why);

		if (fd < 0 || (locked && is_named(f, fd)))
			return fd;
		close(fd);
		if (!locked)
			return -1;
	}
}

/* Whether no line ends any more in what is left of the block and behind it. */
static bool
is_torn(int fd, struct str rest)
{
	struct buf b = buf_over(block, sizeof block);

	while (rest.n > 0 && memchr(rest.p, '\n', rest.n) == NULL) {
		buf_empty(&b);
		if (!whole_read(&b, fd))
			return false;
		rest = buf_str(&b);
	}
	return rest.n == 0;
}

/* Reads the first line. */
static bool
read_first(struct revocation_file *f, int fd, struct buf *why)
{
	struct buf b = buf_over(block, FIRST.n);

	if (!whole_read(&b, fd))
		return fail(why);
	if (memcmp(b.p, FIRST.p, b.n) != 0)
		return buf_fail(why, "its first line is not 'jwtd revocations 1': it is another "
		    "file, or of a later version");
	f->torn = b.n < FIRST.n;                /* and it is empty or torn */
	f->end = f->torn ? 0 : (off_t)b.n;
	return true;
}

/* Takes in the lines of the block, which holds what stands behind f->end, until one is none. */
static bool
take_lines(struct revocation_file *f, struct str *left, struct revocations *list, int64_t now,
    struct buf *why)
{
	enum { NEWLINE = REVOCATION_LINE - 1, ROW = 16 };
	struct revocation row[ROW];
	unsigned n;

	do {
		for (n = 0; n < ROW && left->n >= REVOCATION_LINE && left->p[NEWLINE] == '\n' &&
		    revocation_read_line(&row[n], (struct str){ left->p, NEWLINE }); n++) {
			revocations_fetch(list, &row[n]);
			left->p += REVOCATION_LINE;
			left->n -= REVOCATION_LINE;
		}
		for (unsigned i = 0; i < n; i++, f->end += REVOCATION_LINE) {
			enum revocation_added added = revocations_add(list, &row[i], now);

			if (added == REVOCATION_FULL) {
				revocations_set_unfit(list, true);
				return buf_fail(why,
				    "more entries count than --max-revocations allows");
			}
			f->seen += added == REVOCATION_NEW;
		}
	} while (n == ROW);
	return true;
}

/* Takes in the lines from f->end on. */
static bool
read_lines(struct revocation_file *f, int fd, struct revocations *list, int64_t now,
    struct buf *why)
{
	struct buf b = buf_over(block, sizeof block);
	struct str left;

	do {
		buf_empty(&b);
		if (!whole_read(&b, fd))
			return fail(why);
		left = buf_str(&b);
		if (!take_lines(f, &left, list, now, why))
			return false;
		f->torn = left.n > 0 && is_torn(fd, left);
		if (left.n > 0 && !f->torn) {
			buf_format(why, "line %zu is spoilt: mend or remove it",
			    (size_t)f->end / REVOCATION_LINE + 2);
			return false;
		}
	} while (b.n == b.cap && !f->torn);
	revocations_set_unfit(list, false);
	return true;
}

/* Takes in what is new in the locked file: all of it where it is not the one that was read, or is
 * shorter, or lacked something and was changed; and where the clock was set back: what was dead may
 * count again. */
static bool
take_in(struct revocation_file *f, int fd, struct revocations *list, int64_t now, struct buf *why)
{
	struct key_stamp stamp = keys_stamp(f->path);
	bool ok = true;

	if (stamp.device != f->stamp.device || stamp.inode != f->stamp.inode) {
		f->named = false;
		f->end = 0;
	}
	if (stamp.size < f->end || now < f->latest ||
	    (!f->whole && !keys_same_stamp(&stamp, &f->stamp)))
		f->end = 0;
	f->stamp = stamp;
	f->latest = now;
	f->again = true;
	f->torn = false;
	if (f->end == 0) {
		f->whole = revocations_count(list) == 0;
		revocations_unmark(list);
	}
	if (lseek(fd, f->end, SEEK_SET) < 0)
		return fail(why);
	if (f->end == 0)
		ok = read_first(f, fd, why);
	if (ok && f->end > 0)
		ok = read_lines(f, fd, list, now, why);
	if (ok && !f->whole && !(f->whole = revocations_all_marked(list, now)))
		return buf_fail(why, "entries that count here are missing: it was cut short or "
		    "replaced; put them back, or start anew without them");
	f->again = !ok;
	return ok;
}

/* Cuts off what nobody was answered for, and writes a first line where there is none. */
static bool
mend_end(struct revocation_file *f, int fd, struct buf *why)
{
	if (f->torn && ftruncate(fd, f->end) != 0)
		return fail(why);
	f->torn = false;
	if (lseek(fd, f->end, SEEK_SET) < 0)
		return fail(why);
	if (f->end > 0)
		return true;
	f->torn = true;
	if (!whole_write(fd, FIRST) || fdatasync(fd) != 0)
		return fail(why);
	f->torn = false;
	f->end = (off_t)FIRST.n;
	return true;
}

/* Writes entries where the descriptor stands. */
static bool
write_lines(int fd, const struct revocation *entries, unsigned n)
{
	struct buf b = buf_over(block, sizeof block);

	for (unsigned i = 0; i < n; i++) {
		revocation_put_line(&b, &entries[i]);
		if (b.n < b.cap && i + 1 < n)
			continue;
		if (!whole_write(fd, buf_str(&b)))
			return false;
		buf_empty(&b);
	}
	return true;
}

/* Puts a file in its place that has what counts alone. The lock keeps others away meanwhile, and
 * what one left behind that was killed so is removed. */
static bool
compact(struct revocation_file *f, const struct revocations *list, int64_t now, struct buf *why)
{
	struct buf b = buf_over(block, sizeof block);
	struct replacement new;
	struct revocation r;
	unsigned at = 0;
	size_t size = FIRST.n;

	if (!replace_begin(&new, f->path, true, why) || !replace_add(&new, FIRST, why))
		return false;
	while (revocations_next(list, &at, &r)) {
		if (r.kind == REVOKED_TOKEN && now > r.time)
			continue;
		revocation_put_line(&b, &r);
		size += REVOCATION_LINE;
		if (b.n == b.cap && !replace_add(&new, buf_str(&b), why))
			return false;
		b.n %= b.cap;
	}
	if (!replace_write(&new, buf_str(&b), why))
		return false;
	f->stamp = keys_stamp(new.new_path);
	f->end = (off_t)size;
	f->named = false;
	return replace_commit(&new, why);
}

/* Whether more than half of it is dead. What died meanwhile is counted once an hour. */
static bool
is_half_dead(struct revocation_file *f, struct revocations *list, int64_t now)
{
	unsigned alive = revocations_count(list);

	if (now >= f->next_count) {
		f->next_count = now + HOUR;
		alive = revocations_alive(list, now);
	}
	return f->end > 2 * f->tried && f->end / REVOCATION_LINE > 2 * (off_t)alive;
}

/* Compacts the file if that is worth it. Where it can't be, the log says so, and it is tried again
 * when it is twice as large. */
static bool
compacted(struct revocation_file *f, struct revocations *list, int64_t now)
{
	char message[REVOCATION_FILE_WHY];
	struct buf why = buf_over(message, sizeof message);
	off_t end = f->end;

	if (!is_half_dead(f, list, now))
		return false;
	if (compact(f, list, now, &why))
		return true;
	f->end = 0;                     /* it is read anew whatever became of it */
	f->tried = end;
	log_line("warning: revocation file %s: it can't be made smaller, and grows: %.*s", f->path,
	    (int)why.n, message);
	return true;
}

enum outcome { DONE, REFUSED, AGAIN };

/* One try, with the file locked. */
static enum outcome
append(struct revocation_file *f, int fd, struct revocations *list,
    const struct revocation *entries, unsigned n, int64_t now, struct buf *why)
{
	int64_t begun;

	if (!take_in(f, fd, list, now, why))
		return REFUSED;
	f->again = true;
	f->no_room = !revocations_have_room(list, n, now);
	if (!f->writable || f->no_room) {
		buf_text(why, f->no_room ? "--max-revocations leaves no room" :
		    "it may only be read");
		return REFUSED;
	}
	if (compacted(f, list, now))
		return AGAIN;
	if (!mend_end(f, fd, why))
		return REFUSED;
	if (!f->named && !(f->named = replace_sync_folder(f->path))) {
		buf_text(why, "its folder can't be synced");
		return REFUSED;
	}
	begun = clock_now();
	if (!write_lines(fd, entries, n) || fdatasync(fd) != 0) {
		fail(why);
		f->torn = ftruncate(fd, f->end) != 0;
		return AGAIN;
	}
	f->sync_time = clock_now() - begun;
	for (unsigned i = 0; i < n; i++)
		revocations_add(list, &entries[i], now);
	f->end += (off_t)n * REVOCATION_LINE;
	f->stamp = keys_stamp(f->path);
	f->again = false;
	return DONE;
}

bool
revocation_file_append(struct revocation_file *f, struct revocations *list,
    const struct revocation *entries, unsigned n, int64_t now, unsigned seconds, struct buf *why)
{
	size_t start = why->n;

	for (int i = 0; i < TRIES; i++) {
		enum outcome came;
		int fd;

		buf_cut(why, start);
		fd = open_locked(f, O_RDWR, seconds, why);
		if (fd < 0)
			return false;
		came = append(f, fd, list, entries, n, now, why);
		close(fd);
		if (came != AGAIN)
			return came == DONE;
	}
	return false;
}

void
revocation_file_say(struct revocation_file *f, struct str why)
{
	size_t n = why.n < sizeof f->complaint ? why.n : sizeof f->complaint;

	if (str_equal((struct str){ f->complaint, f->complained }, (struct str){ why.p, n }))
		return;
	memcpy(f->complaint, why.p, n);
	f->complained = n;
	if (n > 0)
		log_line("revocation file %s: %.*s; what is known still counts, and nothing is "
		    "taken back until that is mended", f->path, (int)n, f->complaint);
	else
		log_line("revocation file %s: all is well with it again", f->path);
}

void
revocation_file_look(struct revocation_file *f, struct revocations *list, int64_t now)
{
	struct key_stamp stamp = keys_stamp(f->path);
	char message[REVOCATION_FILE_WHY];
	struct buf why = buf_over(message, sizeof message);
	int fd;

	if (!f->again && now >= f->latest && major(stamp.device) != 0 &&
	    keys_same_stamp(&stamp, &f->stamp))
		return;
	fd = open_locked(f, O_RDWR, WAIT_LOOK, &why);
	if (fd >= 0) {
		take_in(f, fd, list, now, &why);
		close(fd);
	}
	revocation_file_say(f, buf_str(&why));
}

bool
revocation_file_open(struct revocation_file *f, const char *path, struct revocations *list,
    int64_t now, struct buf *why)
{
	bool ok;
	int fd;

	*f = (struct revocation_file){ .path = path };
	fd = open_locked(f, O_RDWR | O_CREAT, WAIT_START, why);
	if (fd < 0)
		return false;
	ok = take_in(f, fd, list, now, why);
	if (ok && !f->writable)
		log_line("warning: revocation file %s: it may only be read: nothing can be taken "
		    "back here", path);
	else if (ok && f->torn && f->end > 0)
		log_line("warning: revocation file %s: its last line has no end and is cut off: "
		    "nobody was answered for it", path);
	ok = ok && (!f->writable || mend_end(f, fd, why));
	close(fd);
	f->seen = 0;
	f->again = true;
	return ok;
}

bool
revocation_file_read(const char *path, struct revocations *list, int64_t now, struct buf *why)
{
	struct revocation_file f = { .path = path };
	int fd = open_locked(&f, O_RDONLY, WAIT_START, why);
	bool ok = fd >= 0 && take_in(&f, fd, list, now, why);

	if (fd >= 0)
		close(fd);
	return ok;
}

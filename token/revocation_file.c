#include "token/revocation_lock.h"

#include "system/clock.h"
#include "system/log.h"
#include "system/replace.h"
#include "system/sandbox.h"
#include "system/trouble.h"
#include "system/whole.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define FIRST STR("jwtd revocations 1\n")

enum {
	LINES = 1024,                   /* that are read or written at once */
	WAIT_START = 10, WAIT_LOOK = 2, /* seconds for the lock */
	CLOCKS = 300,                   /* seconds by which those of others may be ahead */
	HOUR = 3600
};

/* What is read or written at once. */
static char block_text[LINES * REVOCATION_LINE];
static struct buf block;                /* over that */

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

static void
empty_block(void)
{
	block = buf_over(block_text, sizeof block_text);
}

static bool
read_block(const struct revocation_file *f)
{
	empty_block();
	return whole_read(&block, f->fd) || fail(f);
}

/* Whether no line ends any more in what is left of the block and behind it. */
static bool
is_torn(const struct revocation_file *f, struct str left)
{
	while (left.n > 0 && memchr(left.p, '\n', left.n) == NULL) {
		if (!read_block(f))
			return false;
		left = buf_str(&block);
	}
	return left.n == 0;
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
			revocations_expect(f->list, &row[n]);
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

/* The lines, of which none may be dead, are as many as it can need. */
static bool
fail_unfit(const struct revocation_file *f)
{
	buf_format(f->why, "of its %zu entries more count than there is room for: no token is "
	    "judged until they fit: start with --max-revocations %zu or more",
	    (size_t)f->stamp.size / REVOCATION_LINE, (size_t)f->stamp.size / REVOCATION_LINE);
	return false;
}

/* Takes in what stands from f->end on. */
static bool
read_lines(struct revocation_file *f)
{
	struct str left;
	bool fits;

	do {
		if (lseek(f->fd, f->end, SEEK_SET) < 0)
			return fail(f);
		if (!read_block(f))
			return false;
		left = buf_str(&block);
		if (f->end == 0) {
			size_t n = left.n < FIRST.n ? left.n : FIRST.n;

			if (memcmp(block_text, FIRST.p, n) != 0)
				return buf_fail(f->why,
				    "its first line is not 'jwtd revocations 1'");
			f->torn = n < FIRST.n;          /* or empty */
			if (f->torn)
				return true;
			f->end = (off_t)n;
			left.p += n;
			left.n -= n;
		}
		fits = take_lines(f, &left);
		revocations_set_unfit(f->list, !fits);
		if (!fits)
			return fail_unfit(f);
	} while (block.n == block.cap && left.n < REVOCATION_LINE);
	f->torn = left.n > 0 && is_torn(f, left);
	if (left.n == 0 || f->torn)
		return true;
	buf_format(f->why, "line %zu is damaged", (size_t)f->end / REVOCATION_LINE + 2);
	return false;
}

/* Whether it lies on no block device of this host: in memory, on other hosts. */
static bool
is_remote(const struct key_stamp *stamp)
{
	return major(stamp->device) == 0;
}

/* Takes in what is new in the locked file: all of it where it is not the one that was read, or is
 * no longer, or lacked something and was changed; where it lies on no disk of this host, and its
 * number may be another one's by now; and where the clock was set back: what was dead may count
 * again. */
static bool
take_in(struct revocation_file *f, int64_t now)
{
	struct key_stamp stamp = keys_stamp(f->path);

	if (stamp.device != f->stamp.device || stamp.inode != f->stamp.inode) {
		f->named = false;
		f->end = 0;
	}
	if (now < f->now || ((stamp.size <= f->end || !f->whole || is_remote(&stamp)) &&
	    !keys_same_stamp(&stamp, &f->stamp)))
		f->end = 0;
	f->stamp = stamp;
	f->now = now;
	f->again = true;
	f->torn = false;
	if (f->end == 0) {
		f->whole = revocations_count(f->list) == 0;
		revocations_unmark(f->list);
		revocations_prepare(f->list, (size_t)stamp.size / REVOCATION_LINE);
	}
	if (!read_lines(f))
		return false;
	f->whole = f->whole || revocations_all_marked(f->list, now + CLOCKS);
	f->again = !f->whole;
	return f->whole || buf_fail(f->why, "entries in force are missing");
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

/* Who may write it brings back what was taken back; who may read it can lock it for ever. */
static void
warn_of_mode(const struct revocation_file *f)
{
	struct stat st;

	if (fstat(f->fd, &st) == 0)
		key_file_warn(st.st_mode, f->path);
}

static bool
start(struct revocation_file *f, const char *path, struct revocations *list, int64_t now, int flags,
    struct buf *why)
{
	bool ok;

	*f = (struct revocation_file){ .path = path, .list = list, .why = why, .held = -1 };
	if (!revocation_lock(f, flags, WAIT_START))
		return false;
	ok = take_in(f, now);
	if (ok && flags != O_RDONLY) {
		warn_of_mode(f);
		if (f->writable && f->torn && f->end > 0)
			say(f, STR("an incomplete last line was removed"));
		ok = !f->writable || mend_end(f);
	}
	revocation_unlock(f);
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
	bool ok = start(&f, path, list, now, O_RDONLY, why);

	if (f.held >= 0)
		close(f.held);
	return ok;
}

/* Writes lines at the end of a block, and what stands there before they would not fit. */
static bool
write_lines(struct revocation_file *f, const struct revocation *entries, unsigned n)
{
	empty_block();
	for (unsigned i = 0; i < n; i++) {
		revocation_put_line(&block, &entries[i]);
		if (block.n < block.cap && i + 1 < n)
			continue;
		if (!whole_write(f->fd, buf_str(&block)))
			return false;
		empty_block();
	}
	return true;
}

/* Puts a file in its place that has what counts alone. The lock keeps others away meanwhile. */
static bool
compact(struct revocation_file *f)
{
	struct replacement new;
	struct revocation r;
	unsigned at = 0;

	if (!replace_begin(&new, f->path, true, f->why) || !replace_add(&new, FIRST, f->why))
		return false;
	empty_block();
	while (revocations_next(f->list, &at, &r)) {
		if (r.kind == REVOKED_TOKEN && f->now > r.time)
			continue;
		revocation_put_line(&block, &r);
		if (block.n == block.cap && !replace_add(&new, buf_str(&block), f->why))
			return false;
		block.n %= block.cap;
	}
	return replace_write(&new, buf_str(&block), f->why) && replace_commit(&new, f->why);
}

/* Compacts the file if more than half of it is dead; what died is counted once an hour. Where that
 * can't be done, the log says so, and it is tried again when the file is twice as large. false:
 * there was nothing to do, else it is to be opened and read anew. */
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
	f->end = 0;
	buf_text(f->why, "it is not compacted: ");
	if (compact(f))
		f->tried = 0;
	else
		say(f, (struct str){ f->why->p + start, f->why->n - start });
	buf_cut(f->why, start);
	return true;
}

enum outcome { DONE, REFUSED, AGAIN };

/* Appends to the locked file. */
static enum outcome
append(struct revocation_file *f, const struct revocation *entries, unsigned n, int64_t now,
    bool compacts)
{
	unsigned new = 0;
	int64_t begun;

	if (!take_in(f, now))
		return REFUSED;
	f->again = true;
	for (unsigned i = 0; i < n; i++) {
		struct revocation r = entries[i];

		if (r.kind == REVOKED_SUBJECT)
			r.time = 0;             /* whenever: it takes the older one's place */
		new += r.kind != REVOKED_ALL && !revocations_knows(f->list, &r);
	}
	f->no_room = !revocations_have_room(f->list, new, now);
	if (!f->writable || f->no_room) {
		buf_text(f->why, f->no_room ? REVOCATION_FILE_FULL :
		    REVOCATION_FILE_READ);
		return REFUSED;
	}
	if (compacts && compacted(f))
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
	f->no_room = false;
	for (int i = 0; came == AGAIN && i < TRIES; i++) {
		buf_cut(why, start);
		if (!revocation_lock(f, O_RDWR, seconds))
			return false;
		came = append(f, entries, n, now, i == 0);
		revocation_unlock(f);
		f->left = clock_now();
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
	say(f, b.n > 0 ? why : STR("it works again"));
}

static void
look_into(struct revocation_file *f, struct revocations *list, int64_t now, struct buf *why)
{
	f->list = list;
	f->why = why;
	if (!revocation_lock(f, O_RDWR, WAIT_LOOK))
		return;
	if (take_in(f, now) && f->no_room) {
		f->no_room = !revocations_have_room(list, 1, now);
		buf_text(why, f->no_room ? REVOCATION_FILE_FULL : "");
	}
	revocation_unlock(f);
}

void
revocation_file_look(struct revocation_file *f, struct revocations *list, int64_t now)
{
	struct key_stamp stamp = keys_stamp(f->path);
	char message[REVOCATION_FILE_WHY];
	struct buf why = buf_over(message, sizeof message);

	/* Elsewhere the answer may be old, and is right where the file is opened and locked. */
	if (!f->again && now >= f->now && !is_remote(&stamp) &&
	    keys_same_stamp(&stamp, &f->stamp))
		return;
	look_into(f, list, now, &why);
	revocation_file_say(f, buf_str(&why));
}

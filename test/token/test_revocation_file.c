/* The file of what was taken back, in a folder of its own. Two open ones lock each other out as two
 * processes do. */
#include "test/test.h"

#include "system/clock.h"
#include "token/revocation_file.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOW = 1800000000, SMALL = 8, MANY = 5000, TEXT_MAX = 1 << 20 };

#define FIRST "jwtd revocations 1\n"
#define FILE_NAME "folder/file"
#define OTHER_NAME "folder/other"

/* A process: its list and its view of the file. */
struct side {
	struct revocation_file file;
	struct revocations *list;
	char message[REVOCATION_FILE_WHY];
	struct buf why;
};

static void
make_side(struct side *s, unsigned max)
{
	if (s->list != NULL && s->file.held > 0)
		close(s->file.held);
	free(s->list);
	*s = (struct side){ .list = revocations_over(calloc(1, revocations_size(max)), max) };
	s->why = buf_over(s->message, sizeof s->message);
}

static bool
open_side(struct side *s, unsigned max)
{
	make_side(s, max);
	return revocation_file_open(&s->file, FILE_NAME, s->list, NOW, &s->why);
}

/* A token's entry, of a number; it ends so many seconds from now. */
static struct revocation
entry(unsigned number, int ends)
{
	char name[16];
	struct buf b = buf_over(name, sizeof name);
	struct revocation r;

	buf_number(&b, number);
	revocation_of_jti(&r, buf_str(&b), NOW + ends - REVOCATION_SLACK);
	return r;
}

static bool
add(struct side *s, unsigned number, int ends)
{
	struct revocation r = entry(number, ends);

	buf_empty(&s->why);
	return revocation_file_append(&s->file, s->list, &r, 1, NOW, 0, &s->why);
}

static bool
knows(const struct side *s, unsigned number, int ends)
{
	struct revocation r = entry(number, ends);

	return revocations_knows(s->list, &r);
}

static void
look(struct side *s)
{
	revocation_file_look(&s->file, s->list, NOW);
}

static bool
is_well(const struct side *s)
{
	return s->file.complained == 0;
}

static bool
says(const struct side *s, const char *phrase)
{
	return str_find(buf_str(&s->why), str_from(phrase)) != NULL;
}

static bool
complains(const struct side *s, const char *phrase)
{
	return str_find((struct str){ s->file.complaint, s->file.complained }, str_from(phrase)) !=
	    NULL;
}

static void
write_file(const char *name, struct str text)
{
	FILE *f = fopen(name, "w");

	CHECK(f != NULL && fwrite(text.p, 1, text.n, f) == text.n && fclose(f) == 0, "%s", name);
}

static struct str
read_file(const char *name)
{
	static char text[TEXT_MAX];
	FILE *f = fopen(name, "r");
	struct str s = { text, f != NULL ? fread(text, 1, sizeof text, f) : 0 };

	if (f != NULL)
		fclose(f);
	return s;
}

/* The text of entries number a to b, which end in a day. */
static struct str
lines(unsigned a, unsigned b)
{
	static char text[TEXT_MAX];
	struct buf out = buf_over(text, sizeof text);

	buf_text(&out, FIRST);
	for (; a <= b; a++) {
		struct revocation r = entry(a, 86400);

		revocation_put_line(&out, &r);
	}
	return buf_str(&out);
}

static struct str
with(struct str text, const char *more)
{
	static char whole[TEXT_MAX];
	struct buf out = buf_over(whole, sizeof whole);

	buf_add(&out, text);
	buf_text(&out, more);
	return buf_str(&out);
}

static void
start_anew(void)
{
	unlink(FILE_NAME);
	unlink(FILE_NAME ".new");
	unlink(OTHER_NAME);
}

static struct side a, b;

static void
check_start(void)
{
	struct stat st;

	start_anew();
	CHECK(open_side(&a, SMALL), "made");
	CHECK(stat(FILE_NAME, &st) == 0 && (st.st_mode & 07777) == 0600, "its mode");
	CHECK_BYTES(read_file(FILE_NAME), STR(FIRST), "a new one");
	CHECK(add(&a, 1, 86400) && add(&a, 2, 86400), "appended");
	CHECK(knows(&a, 1, 86400) && knows(&a, 2, 86400) && !knows(&a, 3, 86400), "shown");
	CHECK_BYTES(read_file(FILE_NAME), lines(1, 2), "two lines");
	CHECK(open_side(&b, SMALL) && knows(&b, 2, 86400), "read at a start");
	CHECK(b.file.seen == 0 && revocations_count(b.list) == 2, "nobody's but its own");
	make_side(&b, SMALL);
	CHECK(revocation_file_read(FILE_NAME, b.list, NOW, &b.why) && knows(&b, 1, 86400), "read");
	CHECK(!revocation_file_read("folder/none", b.list, NOW, &b.why) &&
	    says(&b, "No such file"), "none is made by reading");
	CHECK(access("folder/none", F_OK) != 0, "none");
}

/* What can be read at a start, and what becomes of it. */
static void
check_texts(void)
{
	static const struct {
		const char *text, *after, *says;
	} cases[] = {
		{ "", FIRST, NULL },
		{ "j", FIRST, NULL },
		{ "jwtd revocations 1", FIRST, NULL },
		{ FIRST, FIRST, NULL },
		{ FIRST "t", FIRST, NULL },
		{ "jwtd revocations 2\n", NULL, "first line" },
		{ "jwtd revocations 1 ", NULL, "first line" },
		{ "jwtd revocations 12", NULL, "first line" },
		{ "a key without a newline", NULL, "first line" },
		{ "key", NULL, "first line" },
		{ FIRST "\n", NULL, "line 2 is damaged" },
		{ FIRST "t\nx", NULL, "line 2 is damaged" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const char *after = cases[i].after != NULL ? cases[i].after : cases[i].text;

		write_file(FILE_NAME, str_from(cases[i].text));
		make_side(&a, SMALL);
		CHECK(revocation_file_read(FILE_NAME, a.list, NOW, &a.why) == (cases[i].says == NULL),
		    "read '%s'", cases[i].text);
		CHECK_BYTES(read_file(FILE_NAME), str_from(cases[i].text), "reading changes nothing");
		CHECK(open_side(&a, SMALL) == (cases[i].says == NULL), "open '%s'", cases[i].text);
		CHECK(cases[i].says == NULL || says(&a, cases[i].says), "'%s': %.*s", cases[i].text,
		    (int)a.why.n, a.why.p);
		CHECK_BYTES(read_file(FILE_NAME), str_from(after), "'%s' after", cases[i].text);
	}
}

/* A good file with each of its ends, and with each of its bytes another one. */
static void
check_torn(void)
{
	char text[19 + 3 * REVOCATION_LINE];
	struct str whole = lines(1, 3);

	memcpy(text, whole.p, sizeof text);
	for (size_t n = 19; n <= sizeof text; n++) {
		size_t left = (n - 19) / REVOCATION_LINE;

		write_file(FILE_NAME, (struct str){ text, n });
		CHECK(open_side(&a, SMALL) && revocations_count(a.list) == left, "%zu bytes", n);
		CHECK_BYTES(read_file(FILE_NAME), ((struct str){ text, 19 + left * REVOCATION_LINE }),
		    "%zu bytes", n);
	}
	for (size_t n = 0; n < sizeof text; n++) {
		text[n] ^= 1;
		write_file(FILE_NAME, (struct str){ text, sizeof text });
		if (n + 1 == sizeof text) {             /* the last newline: a torn end */
			CHECK(open_side(&a, SMALL) && revocations_count(a.list) == 2, "torn");
		} else {
			CHECK(!open_side(&a, SMALL), "byte %zu", n);
			CHECK_BYTES(read_file(FILE_NAME), ((struct str){ text, sizeof text }), "as it was");
		}
		text[n] ^= 1;
	}
	/* What a loss of power may leave: zeros, more than a line of them. */
	write_file(FILE_NAME, with(lines(1, 2), "0123456789012345678901234567890123456789012345678901"
	    "23456789012345678901234567890123456789012345678901234567890123456789"));
	CHECK(open_side(&a, SMALL) && revocations_count(a.list) == 2, "long and torn");
	CHECK_BYTES(read_file(FILE_NAME), lines(1, 2), "long and torn");
}

/* More than is read or written at once. */
static void
check_many(void)
{
	static struct revocation many[MANY];

	start_anew();
	for (unsigned i = 0; i < MANY; i++)
		many[i] = entry(i + 1, 86400);
	CHECK(open_side(&a, MANY) && open_side(&b, MANY), "open");
	CHECK(revocation_file_append(&a.file, a.list, many, MANY, NOW, 0, &a.why), "appended");
	CHECK_BYTES(read_file(FILE_NAME), lines(1, MANY), "in their order");
	look(&b);
	CHECK(revocations_count(b.list) == MANY && b.file.seen == MANY, "seen by another");
	for (unsigned i = 1; i <= MANY; i += 1023)      /* in each block; at their ends */
		for (int d = -1; d <= 1; d++) {
			struct str text = lines(1, MANY);
			size_t line = i + 1023u + (unsigned)d;
			size_t at = 19 + (line - 2) * REVOCATION_LINE + 5;
			char number[32];
			struct buf n = buf_over(number, sizeof number);

			if (at >= text.n)
				continue;
			((char *)(uintptr_t)text.p)[at] ^= 2;
			write_file(FILE_NAME, text);
			buf_format(&n, "line %zu is", line);
			number[n.n] = '\0';
			CHECK(!open_side(&a, MANY) && says(&a, number), "%s: %.*s", number,
			    (int)a.why.n, a.why.p);
		}
}

/* Two at one file: each sees what the other wrote, at a look and before it writes. */
static void
check_two(void)
{
	start_anew();
	CHECK(open_side(&a, SMALL) && open_side(&b, SMALL), "open");
	CHECK(add(&a, 1, 86400), "a");
	look(&b);
	CHECK(knows(&b, 1, 86400) && b.file.seen == 1, "b sees it");
	CHECK(add(&b, 2, 86400) && add(&b, 3, 86400), "b");
	CHECK(!knows(&a, 2, 86400), "not by itself");
	CHECK(add(&a, 4, 86400) && knows(&a, 2, 86400) && knows(&a, 3, 86400), "a sees them");
	CHECK(a.file.seen == 2, "two: %u", a.file.seen);
	CHECK_BYTES(read_file(FILE_NAME), lines(1, 4), "all in their order");
	look(&a), look(&b);
	CHECK(is_well(&a) && is_well(&b) && revocations_count(b.list) == 4, "well");
	/* One that was killed in the middle of a line. */
	write_file(FILE_NAME, with(lines(1, 4), "t 0123456789"));
	look(&a);
	CHECK(is_well(&a), "a torn end is nobody's");
	CHECK(add(&b, 5, 86400), "b");
	CHECK_BYTES(read_file(FILE_NAME), lines(1, 5), "it is cut off before it is written");
}

static void
check_lock(void)
{
	struct stat st;
	int fd;

	start_anew();
	CHECK(open_side(&a, SMALL), "open");
	fd = open(FILE_NAME, O_RDWR);
	CHECK(flock(fd, LOCK_EX) == 0, "locked");
	CHECK(!add(&a, 1, 86400) && says(&a, "keeps it locked") && !knows(&a, 1, 86400), "refused");
	CHECK_BYTES(read_file(FILE_NAME), STR(FIRST), "as it was");
	close(fd);
	CHECK(add(&a, 1, 86400), "after that");
	/* A look at a file on a disk that nobody changed takes no lock; others are asked. */
	fd = open(FILE_NAME, O_RDWR);
	CHECK(fd >= 0 && fstat(fd, &st) == 0 && flock(fd, LOCK_EX) == 0, "locked");
	look(&a);
	CHECK(major(st.st_dev) != 0 ? is_well(&a) : complains(&a, "keeps it locked"), "a look");
	close(fd);
	look(&a);
	CHECK(is_well(&a), "well");
}

/* What is known stays, whatever becomes of the file; nothing is taken back meanwhile. */
static void
refuses(const char *what, const char *phrase)
{
	CHECK(!add(&a, 9, 86400) && says(&a, phrase), "%s: %.*s", what, (int)a.why.n, a.why.p);
	look(&a);
	look(&a);
	CHECK(complains(&a, phrase), "%s: %.*s", what, (int)a.file.complained, a.file.complaint);
	CHECK(knows(&a, 1, 86400) && knows(&a, 2, 86400) && knows(&a, 3, 86400) &&
	    !knows(&a, 9, 86400), "%s: what is known", what);
}

static void
mend(const char *what)
{
	write_file(OTHER_NAME, lines(1, 3));
	CHECK(rename(OTHER_NAME, FILE_NAME) == 0, "%s", what);
	look(&a);
	CHECK(is_well(&a), "%s: mended", what);
}

static void
check_trouble(void)
{
	static const char spoilt[] =
	    "t 00000000000000000000000000000000 000000000000 00000000\n";
	struct str twice;

	write_file(FILE_NAME, lines(1, 3));
	CHECK(open_side(&a, SMALL), "open");
	CHECK(truncate(FILE_NAME, 19 + 2 * REVOCATION_LINE) == 0, "shorter");
	refuses("shrunk", "entries in force are missing");
	mend("shrunk");
	CHECK(truncate(FILE_NAME, 0) == 0, "empty");
	refuses("emptied", "entries in force are missing");
	mend("emptied");
	write_file(OTHER_NAME, lines(2, 5));
	CHECK(rename(OTHER_NAME, FILE_NAME) == 0, "replaced");
	refuses("replaced", "entries in force are missing");
	CHECK(knows(&a, 5, 86400), "what another file says counts too");
	write_file(FILE_NAME, lines(1, 5));
	look(&a);
	CHECK(is_well(&a), "mended");
	/* As many lines, one of them three times. */
	twice = lines(1, 4);
	memcpy((char *)(uintptr_t)twice.p + 19, twice.p + 19 + REVOCATION_LINE, REVOCATION_LINE);
	write_file(OTHER_NAME, with(twice, ""));
	CHECK(rename(OTHER_NAME, FILE_NAME) == 0, "replaced");
	refuses("replaced by one with an entry twice", "missing");
	write_file(FILE_NAME, lines(1, 5));
	look(&a);
	write_file(FILE_NAME, with(lines(1, 5), spoilt));
	refuses("spoilt", "line 7 is damaged");
	write_file(FILE_NAME, lines(1, 5));
	look(&a);
	CHECK(is_well(&a), "mended");
	CHECK(unlink(FILE_NAME) == 0, "removed");
	refuses("removed", "No such file");
	CHECK(access(FILE_NAME, F_OK) != 0, "and not made");
	CHECK(mkdir(FILE_NAME, 0700) == 0, "a folder");
	refuses("a folder", "Is a directory");
	CHECK(rmdir(FILE_NAME) == 0 && symlink("other", FILE_NAME) == 0, "a link");
	write_file(OTHER_NAME, lines(1, 5));
	refuses("a link", "symbolic link");
	CHECK(unlink(FILE_NAME) == 0 && mkfifo(FILE_NAME, 0600) == 0, "a pipe");
	refuses("a pipe", "regular file");
	CHECK(unlink(FILE_NAME) == 0, "removed");
	write_file(FILE_NAME, lines(1, 5));
	look(&a);
	CHECK(is_well(&a) && add(&a, 6, 86400), "and all is well");
	CHECK_BYTES(read_file(FILE_NAME), lines(1, 6), "all");
}

/* Replaced twice: the second one would have the number of the first if that were free, and is
 * longer. It is another one all the same. */
static void
check_numbers(void)
{
	struct str more;
	FILE *f;

	write_file(FILE_NAME, lines(1, 2));
	CHECK(open_side(&a, SMALL), "open");
	look(&a);
	write_file(OTHER_NAME, lines(1, 2));
	CHECK(rename(OTHER_NAME, FILE_NAME) == 0, "replaced");
	write_file(OTHER_NAME, lines(3, 4));
	more = lines(1, 2);
	f = fopen(OTHER_NAME, "a");
	CHECK(f != NULL && fwrite(more.p + 19, 1, more.n - 19, f) == more.n - 19 && fclose(f) == 0,
	    "longer");
	CHECK(rename(OTHER_NAME, FILE_NAME) == 0, "replaced again");
	look(&a);
	CHECK(is_well(&a) && knows(&a, 3, 86400) && knows(&a, 4, 86400), "read from its start");
}

/* More than there is room for. */
static void
check_room(void)
{
	struct revocation both[2] = { entry(1, 86400), entry(2, 86400) };

	write_file(FILE_NAME, lines(1, 3));
	CHECK(!open_side(&a, 2) && says(&a, "--max-revocations 3 or more"), "at the start");
	write_file(FILE_NAME, lines(1, 1));
	CHECK(open_side(&a, 2), "open");
	CHECK(add(&a, 2, 86400), "the last");
	CHECK(!add(&a, 3, 86400) && a.file.no_room && says(&a, "is too low"), "one too many");
	CHECK_BYTES(read_file(FILE_NAME), lines(1, 2), "not written");
	both[1] = entry(3, 86400);
	CHECK(!revocation_file_append(&a.file, a.list, both, 2, NOW, 0, &a.why), "all or nothing");
	CHECK(add(&a, 1, 86400) && add(&a, 2, 86400), "what is there has its room");
	CHECK(revocation_file_append(&a.file, a.list, both, 0, NOW, 0, &a.why), "nothing, too");
	write_file(FILE_NAME, lines(1, 3));             /* another one has more room */
	look(&a);
	CHECK(revocations_unfit(a.list) && complains(&a, "no token is judged"), "unfit");
	look(&a);
	CHECK(revocations_unfit(a.list), "still");
	revocation_file_look(&a.file, a.list, NOW + 86401);
	CHECK(!revocations_unfit(a.list) && is_well(&a), "they died");
	CHECK(!knows(&a, 4, 86400), "nothing else");
	write_file(FILE_NAME, lines(1, 2));
	CHECK(open_side(&a, 2) && !add(&a, 3, 86400) && a.file.no_room, "full");
	write_file(FILE_NAME, lines(1, 3));
	look(&a);
	CHECK(complains(&a, "no token is judged"), "unfit, which is another line");
	write_file(FILE_NAME, lines(1, 2));
	look(&a);
	CHECK(!revocations_unfit(a.list) && complains(&a, "is full"), "full, and no longer unfit");
	write_file(FILE_NAME, lines(1, 2));
	revocation_of_all(&both[0], NOW);
	CHECK(open_side(&a, 2) && revocation_file_append(&a.file, a.list, both, 1, NOW, 0, &a.why),
	    "the entry for all has a place of its own");
}

/* A disk that is full in the middle of a line: a limit on the size does the same. */
static void
check_full(void)
{
	struct rlimit was, less;

	start_anew();
	CHECK(open_side(&a, SMALL) && add(&a, 1, 86400), "open");
	signal(SIGXFSZ, SIG_IGN);
	CHECK(getrlimit(RLIMIT_FSIZE, &was) == 0, "the limit");
	less = was;
	less.rlim_cur = 19 + REVOCATION_LINE + 20;
	CHECK(setrlimit(RLIMIT_FSIZE, &less) == 0, "the limit");
	CHECK(!add(&a, 2, 86400) && says(&a, "File too large") && !knows(&a, 2, 86400), "full: %.*s",
	    (int)a.why.n, a.why.p);
	CHECK(setrlimit(RLIMIT_FSIZE, &was) == 0, "the limit");
	CHECK_BYTES(read_file(FILE_NAME), lines(1, 1), "what was written of it is cut off");
	CHECK(add(&a, 2, 86400), "room again");
	CHECK_BYTES(read_file(FILE_NAME), lines(1, 2), "whole");
}

static void
check_compaction(void)
{
	struct revocation dead[5];
	struct stat before, after;

	start_anew();
	for (int i = 0; i < 5; i++)
		dead[i] = entry(100 + (unsigned)i, i);
	CHECK(open_side(&a, 16) && open_side(&b, 16), "open");
	CHECK(chmod(FILE_NAME, 0640) == 0 && (geteuid() != 0 ||
	    chown(FILE_NAME, 12345, 23456) == 0), "another's");
	CHECK(add(&a, 1, 86400) && add(&a, 2, 86400) && add(&a, 3, 86400) && add(&a, 4, 86400),
	    "alive");
	CHECK(revocation_file_append(&a.file, a.list, dead, 5, NOW, 0, &a.why), "soon dead");
	CHECK(stat(FILE_NAME, &before) == 0 && before.st_size == 19 + 9 * REVOCATION_LINE, "nine");
	write_file(FILE_NAME ".new", STR("left by one that was killed"));
	look(&b);
	a.file.next_count = b.file.next_count = 0;
	buf_empty(&a.why);
	dead[0] = entry(5, 86400);
	CHECK(revocation_file_append(&a.file, a.list, dead, 1, NOW + 10, 0, &a.why), "compacts: %.*s",
	    (int)a.why.n, a.why.p);
	CHECK(stat(FILE_NAME, &after) == 0 && after.st_size == 19 + 5 * REVOCATION_LINE &&
	    after.st_ino != before.st_ino, "five");
	CHECK(after.st_mode == before.st_mode && after.st_uid == before.st_uid &&
	    after.st_gid == before.st_gid, "whose it was");
	CHECK(access(FILE_NAME ".new", F_OK) != 0, "nothing is left");
	CHECK(!knows(&b, 5, 86400), "b is behind");
	revocation_file_look(&b.file, b.list, NOW - 250);
	CHECK(is_well(&b) && knows(&b, 5, 86400), "and follows, with a clock that is behind");
	dead[0] = entry(6, 86400);
	CHECK(revocation_file_append(&b.file, b.list, dead, 1, NOW + 10, 0, &b.why), "appends");
	revocation_file_look(&a.file, a.list, NOW + 10);
	CHECK(is_well(&a) && knows(&a, 6, 86400), "a sees it");
	/* Half of it, which is not more than that. */
	CHECK(open_side(&a, 16) && revocations_count(a.list) == 6, "six");
	/* A clock that was set back finds what another one took for dead. */
	CHECK(knows(&a, 1, 86400), "there");
}

/* More that counts than is written at once. */
static void
check_large_compaction(void)
{
	enum { ALIVE = MANY / 2 - 100, DEAD = MANY - ALIVE };
	static struct revocation many[MANY];
	struct stat st;
	bool all = true;

	start_anew();
	for (unsigned i = 0; i < MANY; i++)
		many[i] = entry(i + 1, i < ALIVE ? 86400 : 5);
	CHECK(open_side(&a, MANY) && revocation_file_append(&a.file, a.list, many, MANY, NOW, 0, &a.why),
	    "%d alive, %d soon dead", ALIVE, DEAD);
	a.file.next_count = 0;
	CHECK(revocation_file_append(&a.file, a.list, many, 1, NOW + 10, 0, &a.why), "compacts: %.*s",
	    (int)a.why.n, a.why.p);
	CHECK(stat(FILE_NAME, &st) == 0 && st.st_size == 19 + (ALIVE + 1) * REVOCATION_LINE, "%ld bytes",
	    (long)st.st_size);
	CHECK(open_side(&b, MANY) && revocations_count(b.list) == ALIVE, "%u entries",
	    revocations_count(b.list));
	for (unsigned i = 1; i <= ALIVE; i++)
		all = all && knows(&b, i, 86400);
	CHECK(all, "each of them");
}

/* Appends one entry time and again. */
static bool
append_for(struct side *s, unsigned number, int64_t time)
{
	struct revocation r = entry(number, 86400);
	bool ok = true;

	for (int64_t end = clock_now() + time; ok && clock_now() < end; ) {
		buf_empty(&s->why);
		ok = revocation_file_append(&s->file, s->list, &r, 1, NOW, 10, &s->why);
	}
	return ok;
}

/* Three that never stop, and compact what the others write, so that numbers of files come back. */
static void
check_three(void)
{
	enum { OTHERS = 2, TIME = 700000 };
	int status;

	start_anew();
	CHECK(open_side(&a, SMALL), "open");
	for (unsigned i = 0; i < OTHERS; i++)
		if (fork() == 0)
			_exit(!open_side(&a, SMALL) || !append_for(&a, i, TIME));
	CHECK(append_for(&a, OTHERS, TIME), "%.*s", (int)a.why.n, a.why.p);
	for (unsigned i = 0; i < OTHERS; i++)
		CHECK(wait(&status) > 0 && status == 0, "another could not append");
}

/* Who appends again at once lets others try before, who may wait for as long as he goes on. */
static void
check_turns(void)
{
	int64_t begun;

	start_anew();
	CHECK(open_side(&a, SMALL) && add(&a, 1, 86400), "open");
	begun = clock_now();
	CHECK(add(&a, 2, 86400) && add(&a, 3, 86400), "twice");
	CHECK(clock_now() - begun >= 4000, "it takes %u microseconds", (unsigned)(clock_now() - begun));
}

/* A link that somebody planted where the new file belongs leads nowhere. */
static void
check_planted(void)
{
	struct revocation dead = entry(9, 0), r = entry(2, 86400);

	start_anew();
	CHECK(open_side(&a, SMALL) && add(&a, 1, 86400), "open");
	for (int i = 0; i < 4; i++)
		CHECK(revocation_file_append(&a.file, a.list, &dead, 1, NOW, 0, &a.why), "dead");
	write_file(OTHER_NAME, STR("another's"));
	CHECK(symlink("other", FILE_NAME ".new") == 0, "a link");
	a.file.next_count = 0;
	CHECK(revocation_file_append(&a.file, a.list, &r, 1, NOW + 10, 0, &a.why), "compacts");
	CHECK_BYTES(read_file(FILE_NAME), lines(1, 2), "what counts");
	CHECK_BYTES(read_file(OTHER_NAME), STR("another's"), "where the link led");
	CHECK(access(FILE_NAME ".new", F_OK) != 0, "the link is gone");
}

/* In a folder of its own there. */
static void
check_at(char *folder)
{
	int back = open(".", O_RDONLY | O_DIRECTORY);
	int err = dup(STDERR_FILENO), null = open("/dev/null", O_WRONLY);

	CHECK(mkdtemp(folder) != NULL && chdir(folder) == 0 && mkdir("folder", 0700) == 0,
	    "a folder");
	dup2(null, STDERR_FILENO);
	check_start();
	check_texts();
	check_torn();
	check_many();
	check_two();
	check_lock();
	check_trouble();
	check_numbers();
	check_room();
	check_full();
	check_compaction();
	check_large_compaction();
	check_planted();
	check_three();
	check_turns();
	dup2(err, STDERR_FILENO);
	close(err);
	close(null);
	start_anew();
	CHECK(rmdir("folder") == 0 && fchdir(back) == 0 && rmdir(folder) == 0, "nothing is left");
	close(back);
}

/* Perhaps on a disk, and on what is none: there each look opens it anew. */
void
test_revocation_file(void)
{
	char disk[] = "/tmp/jwtd-test-XXXXXX", memory[] = "/dev/shm/jwtd-test-XXXXXX";

	check_at(disk);
	if (access("/dev/shm", W_OK) == 0)
		check_at(memory);
	else
		test_skip("a file system in memory (there is no /dev/shm)");
}

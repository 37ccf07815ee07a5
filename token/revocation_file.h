/* The file of what was taken back: what several processes know together, and what outlives them. A
 * process holds flock(2) on it while it reads or writes; nobody writes but at its end, or puts
 * another file in its place. The file's own form is in jwtd(8). For one thread. */
#ifndef REVOCATION_FILE_H
#define REVOCATION_FILE_H

#include "token/key_files.h"
#include "token/revocations.h"

enum { REVOCATION_FILE_WHY = 256 };     /* bytes of a phrase, at least */

#define REVOCATION_FILE_FULL "the list is full: --max-revocations is too low"
#define REVOCATION_FILE_READ "it can't be written: nothing can be taken back here"

struct revocation_file {
	const char *path;
	struct key_stamp stamp;         /* of the file when it was read last */
	off_t end;                      /* bytes that are read: the first line, and whole ones */
	off_t tried;                    /* the size at which it could not be compacted */
	int64_t left;                   /* when it was last had to append, by clock_now() */
	int64_t now;                    /* the clock when it was read last; */
	int64_t next_count;             /* and when it is next asked how many are dead */
	bool writable;                  /* else it is only read */
	bool torn;                      /* behind what is read stands no whole line */
	bool whole;                     /* it has all that counts here */
	bool named;                     /* its name is on the disk */
	bool again;                     /* it is to be read even where it did not change */
	/* For the metrics. */
	bool no_room;                   /* the last append was refused for it */
	unsigned seen;                  /* entries that others wrote */
	int64_t sync_time;              /* of the last append, in microseconds */
	char complaint[REVOCATION_FILE_WHY];    /* what the log said last, */
	size_t complained;              /* its bytes; 0: all is well */
	/* Of a call. */
	struct revocations *list;
	struct buf *why;
	int fd, held;                   /* locked; and of the last call, -1: there was none */
};

/* A list with room for so many; or the process ends with a message. */
struct revocations *revocation_file_reserve(unsigned max);

/* Opens the file, which is made with mode 0600 if it is not there, and takes in what it says.
 * Warns in the log of what does not keep us from reading it. false: `why` gets a phrase. */
bool revocation_file_open(struct revocation_file *, const char *path, struct revocations *,
    int64_t now, struct buf *why);

/* Takes in what a file says that must be there, and changes nothing. Likewise. */
bool revocation_file_read(const char *path, struct revocations *, int64_t now, struct buf *why);

/* Takes in what others wrote, and appends entries: on the disk when this returns, and only then in
 * the list. Waits for others at most so many seconds. false: not promised, and `why` gets a phrase;
 * each of them may count all the same. */
bool revocation_file_append(struct revocation_file *, struct revocations *,
    const struct revocation *, unsigned n, int64_t now, unsigned seconds, struct buf *why);

/* Takes in what others wrote. Whatever is wrong with the file, what is known stays, and the log
 * says what it is, once, and when it is over. Where the file did not change, one stat(2). */
void revocation_file_look(struct revocation_file *, struct revocations *, int64_t now);

/* Says in the log why an append failed, once, and with nothing that none does any more. */
void revocation_file_say(struct revocation_file *, struct str why);

#endif

/* What the process gives up: what it does not need, it can't be made to do. For the main thread,
 * before there is another one. */
#ifndef SANDBOX_H
#define SANDBOX_H

#include "str.h"

enum { SANDBOX_AUTO, SANDBOX_REQUIRE, SANDBOX_OFF };    /* as --sandbox names them */

/* Sanitizers and valgrind need what the sandbox takes away: it is not in a build for them. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
    __has_feature(memory_sanitizer)
#define SANDBOX_LEFT_OUT 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANDBOX_LEFT_OUT 1
#endif

/* What came of a part: it holds; this kernel lacks it; it failed where it should have worked. */
enum sandbox_part { SANDBOX_HOLDS, SANDBOX_LACKS, SANDBOX_FAILED };

/* What stays allowed. */
struct sandbox_plan {
	const char *const *read;        /* files whose folders may be read, for a reload; */
	unsigned reads;
	const char *const *remove;      /* files that may be removed from their folders */
	unsigned removes;
	const char *write;              /* a file that is written and replaced; NULL: none is */
};

/* Lists are words with commas; their memory is the caller's. */
struct sandbox_report {
	struct buf holds, lacks;        /* parts that this kernel could do, and could not */
	/* Folders: all below them may be read, removed and written, as the user may. In the root
	 * folder, it is the file alone. With Landlock only. */
	struct buf reads, removes, writes;
	const char *why;                /* which part failed; errno tells more */
};

/* No core dump, and nobody but root who looks into this process: before it knows a secret. false:
 * errno tells why not. */
bool sandbox_forbid_dumps(void);

/* Becomes "UID:GID" for good, which takes root, and is never root. false: `*why` says why not. */
bool sandbox_become(const char *user, const char **why);

/* The numbers of "UID:GID". false: it is not that. */
bool sandbox_parse_user(const char *user, unsigned *uid, unsigned *gid);

/* Memory for n bytes of secrets, all zero, between two pages that nobody can touch: who reads on
 * from elsewhere does not come there. NULL: errno tells why not. */
void *sandbox_reserve(size_t n);

/* Keeps such memory where it is, and out of core dumps. false: the kernel locks no more (errno). */
bool sandbox_lock(void *secrets, size_t n);

/* Keeps those pages of any memory where they are that are ever used. false: likewise. */
bool sandbox_lock_used(void *memory, size_t n);

/* Closes every descriptor from this one on. */
void sandbox_close_from(unsigned);

/* No privileges, no new ones; only the files of the plan, only the system calls of serving: any
 * other one kills the process. false: a part failed that should have worked. */
bool sandbox_enter(const struct sandbox_plan *, struct sandbox_report *);

#endif

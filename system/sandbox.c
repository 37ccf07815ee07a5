#include "system/sandbox.h"

#include "system/sandbox_calls.h"
#include "system/sandbox_files.h"
#include "system/trouble.h"

#include <errno.h>
#include <limits.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool
fail(const char **why, const char *what)
{
	*why = what;
	return false;
}

bool
sandbox_forbid_dumps(void)
{
	const struct rlimit none = { 0, 0 };

	return prlimit(0, RLIMIT_CORE, &none, NULL) == 0 &&
	    syscall(SYS_prctl, PR_SET_DUMPABLE, 0L, 0L, 0L, 0L) == 0;
}

bool
sandbox_parse_user(const char *user, unsigned *uid, unsigned *gid)
{
	size_t n = str_until(user, ':');
	uint64_t ids[2];

	if (user[n] == '\0' || !str_number(&ids[0], (struct str){ user, n }, 10,
	    UINT32_MAX - 1) || !str_number(&ids[1], str_from(user + n + 1), 10, UINT32_MAX - 1))
		return false;           /* the very last one means "no change" */
	*uid = (unsigned)ids[0];
	*gid = (unsigned)ids[1];
	return true;
}

/* The C library's forms change every thread, which takes code: there is one thread yet. The first
 * calls on 32-bit processors took numbers of 16 bits. */
#ifdef SYS_setresuid32
enum { SETGROUPS = SYS_setgroups32, SETRESGID = SYS_setresgid32, SETRESUID = SYS_setresuid32 };
#else
enum { SETGROUPS = SYS_setgroups, SETRESGID = SYS_setresgid, SETRESUID = SYS_setresuid };
#endif

/* With nothing to go back to. */
static bool
is_already(unsigned uid, unsigned gid)
{
	uid_t real, effective, saved;
	gid_t real_group, effective_group, saved_group;

	return getresuid(&real, &effective, &saved) == 0 && real == uid &&
	    effective == uid && saved == uid &&
	    getresgid(&real_group, &effective_group, &saved_group) == 0 && real_group == gid &&
	    effective_group == gid && saved_group == gid && getgroups(0, NULL) == 0;
}

bool
sandbox_become(const char *user, const char **why)
{
	unsigned uid, gid;

	if (!sandbox_parse_user(user, &uid, &gid))
		return fail(why, "it takes two numbers, UID:GID");
	if (uid == 0)
		return fail(why, "that is root: give the numbers of another user; 'id NAME' prints "
		    "them");
	if (is_already(uid, gid))
		return true;
	if (geteuid() != 0)
		return fail(why, "only root can become another user or leave its groups");
	if (syscall(SETGROUPS, 0, NULL) != 0 || syscall(SETRESGID, gid, gid, gid) != 0 ||
	    syscall(SETRESUID, uid, uid, uid) != 0)
		return fail(why, trouble());
	if (syscall(SETRESUID, 0, 0, 0) == 0)
		return fail(why, "root could be had back");
	return sandbox_forbid_dumps() ||        /* another user's are as fs.suid_dumpable says */
	    fail(why, "forbidding core dumps");
}

void *
sandbox_reserve(size_t n)
{
	size_t page = (size_t)getpagesize(), inside = (n + page - 1) & ~(page - 1);
	char *p = mmap(NULL, inside + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED || mprotect(p + page, inside, PROT_READ | PROT_WRITE) != 0)
		return NULL;
	return p + page;
}

/* Whole pages: madvise(2) takes no others. */
bool
sandbox_lock(void *secrets, size_t n)
{
	size_t before = (uintptr_t)secrets & ((size_t)getpagesize() - 1);

	madvise((char *)secrets - before, before + n, MADV_DONTDUMP);
	return sandbox_lock_used(secrets, n) || (errno == ENOSYS && mlock(secrets, n) == 0);
}

bool
sandbox_lock_used(void *memory, size_t n)
{
#ifdef SANDBOX_LEFT_OUT
	(void)memory, (void)n;          /* valgrind 3.19 does not know the call */
	errno = ENOSYS;
	return false;
#else
	enum { ON_FAULT = 1 };          /* MLOCK_ONFAULT, since Linux 4.4 */
	uintptr_t page = (size_t)getpagesize(), start = (uintptr_t)memory & ~(page - 1);

	return syscall(SYS_mlock2, start, n + ((uintptr_t)memory - start), ON_FAULT) == 0;
#endif
}

void
sandbox_close_from(unsigned from)
{
	enum { CLOSE_RANGE = 436, MANY = 65536 };

	if (syscall(CLOSE_RANGE, from, UINT_MAX, 0) == 0)
		return;
	for (unsigned fd = from; fd < MANY; fd++)       /* before Linux 5.9 */
		close((int)fd);
}

/* The kernel's, as linux/capability.h has them. */
struct capability_header {
	uint32_t version;
	int32_t process;
};

struct capabilities {
	uint32_t effective, permitted, inheritable;     /* 32 of each */
};

/* All that root can do, and what a start hands over to others (CAP_NET_BIND_SERVICE, for instance);
 * nothing gives them back. Where there are none, the call itself may be forbidden. */
static bool
drop_capabilities(void)
{
	struct capability_header header = { 0x20080522, 0 };
	struct capabilities have[2], none[2] = { { 0 } };

	if (syscall(SYS_capget, &header, have) != 0)
		return false;
	if (memcmp(have, none, sizeof none) == 0)
		return true;
	for (unsigned long i = 0; syscall(SYS_prctl, PR_CAPBSET_DROP, i, 0L, 0L, 0L) == 0; i++)
		;
	return syscall(SYS_capset, &header, none) == 0;
}

/* Puts a part on one of the lists. false: it has failed. */
static bool
enlist(struct sandbox_report *report, const char *name, enum sandbox_part came)
{
	struct buf *list = came == SANDBOX_HOLDS ? &report->holds : &report->lacks;

	if (came == SANDBOX_FAILED)
		return fail(&report->why, name);
	buf_format(list, "%s%s", list->n > 0 ? ", " : "", name);
	return true;
}

bool
sandbox_enter(const struct sandbox_plan *plan, struct sandbox_report *report)
{
	if (syscall(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) != 0)
		return fail(&report->why, "no_new_privs");
	enlist(report, "no new privileges", SANDBOX_HOLDS);
	if (!enlist(report, "Landlock", sandbox_restrict_files(plan, report)))
		return false;
	if (!drop_capabilities())       /* finding the folders may have taken some */
		return fail(&report->why, "capabilities");
	return enlist(report, "seccomp", sandbox_filter(plan->write != NULL));
}

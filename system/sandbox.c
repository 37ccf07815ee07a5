#include "system/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "system/sandbox_calls.h"

static bool
fail(const char **why, const char *what)
{
	*why = what;
	return false;
}

static void
name(struct buf *list, const char *word)
{
	buf_text(list, list->n > 0 ? ", " : "");
	buf_text(list, word);
}

bool
sandbox_parse_user(const char *user, unsigned *uid, unsigned *gid)
{
	const char *colon = strchr(user, ':');
	uint64_t ids[2];

	if (colon == NULL || !str_number(&ids[0], (struct str){ user, (size_t)(colon - user) }, 10,
	    UINT32_MAX - 1) || !str_number(&ids[1], str_from(colon + 1), 10, UINT32_MAX - 1))
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

	return uid != 0 && getresuid(&real, &effective, &saved) == 0 && real == uid &&
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
	if (is_already(uid, gid))
		return true;
	if (geteuid() != 0)
		return fail(why, "only root can become another user or leave its groups");
	if (syscall(SETGROUPS, 0, NULL) != 0 || syscall(SETRESGID, gid, gid, gid) != 0 ||
	    syscall(SETRESUID, uid, uid, uid) != 0)
		return fail(why, strerror(errno));
	if (uid != 0 && syscall(SETRESUID, 0, 0, 0) == 0)
		return fail(why, "root could be had back");
	return true;
}

void *
sandbox_reserve(size_t n)
{
	size_t page = getauxval(AT_PAGESZ), inside = (n + page - 1) & ~(page - 1);
	char *p = mmap(NULL, inside + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED || mprotect(p + page, inside, PROT_READ | PROT_WRITE) != 0)
		return NULL;
	return p + page;
}

bool
sandbox_lock(void *secrets, size_t n)
{
	madvise(secrets, n, MADV_DONTDUMP);
	return mlock(secrets, n) == 0;
}

bool
sandbox_lock_used(void *memory, size_t n)
{
#ifdef SANDBOX_LEFT_OUT
	(void)memory, (void)n;          /* valgrind 3.19 does not know the call */
	return false;
#else
	enum { ON_FAULT = 1 };          /* MLOCK_ONFAULT, since Linux 4.4 */
	uintptr_t page = getauxval(AT_PAGESZ), start = (uintptr_t)memory & ~(page - 1);

	return syscall(SYS_mlock2, start, n + ((uintptr_t)memory - start), ON_FAULT) == 0;
#endif
}

/* The kernel's, as linux/landlock.h has them: musl comes without that header. */
enum {
	LANDLOCK_CREATE = 444, LANDLOCK_ADD = 445, LANDLOCK_RESTRICT = 446,
	RULESET_VERSION = 1, RULE_PATH_BENEATH = 1,
	ACCESS_READ_FILE = 1 << 2, ACCESS_REMOVE_FILE = 1 << 5
};

struct landlock_ruleset {
	uint64_t files, net, scoped;
};

struct landlock_path {
	uint64_t access;
	int32_t folder;
} __attribute__((packed));

/* All kinds of access that a version of Landlock can forbid. */
static struct landlock_ruleset
everything(int version)
{
	struct landlock_ruleset r = { .files = (1 << 13) - 1 };

	if (version >= 2)
		r.files |= 1 << 13;     /* linking and renaming across folders */
	if (version >= 3)
		r.files |= 1 << 14;     /* truncating */
	if (version >= 5)
		r.files |= 1 << 15;     /* ioctl of devices */
	if (version >= 4)
		r.net = 3;              /* bind and connect of TCP */
	if (version >= 6)
		r.scoped = 3;           /* abstract unix sockets of others, signals to others */
	return r;
}

static size_t
ruleset_size(int version)
{
	return version >= 6 ? 24 : version >= 4 ? 16 : 8;
}

/* The bytes of a path that name its folder, with the slash; 0: it names none. */
static size_t
folder_length(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? (size_t)(slash - path) + 1 : 0;
}

static bool
is_root_folder(int folder)
{
	struct stat here, root;

	return fstat(folder, &here) != 0 || stat("/", &root) != 0 ||
	    (here.st_dev == root.st_dev && here.st_ino == root.st_ino);
}

/* Allows access below a path's folder. */
static bool
allow_folder(int ruleset, const char *path, uint64_t access)
{
	char folder[PATH_MAX] = ".";
	struct landlock_path rule = { .access = access };
	size_t n = folder_length(path);
	bool ok;

	if (n >= sizeof folder)
		return false;
	if (n > 0) {
		memcpy(folder, path, n);
		folder[n] = '\0';
	}
	rule.folder = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (rule.folder >= 0 && is_root_folder(rule.folder)) {
		close(rule.folder);     /* below it lies everything: the file alone, then */
		if (access != ACCESS_READ_FILE)
			return true;
		rule.folder = open(path, O_PATH | O_CLOEXEC);
	}
	if (rule.folder < 0)
		return false;
	ok = syscall(LANDLOCK_ADD, ruleset, RULE_PATH_BENEATH, &rule, 0) == 0;
	close(rule.folder);
	return ok;
}

/* What a link leads to, in the place of the link's own path. false: it is none. */
static bool
follow(char path[PATH_MAX])
{
	char target[PATH_MAX];
	ssize_t n = readlink(path, target, sizeof target);
	size_t folder = n > 0 && target[0] != '/' ? folder_length(path) : 0;

	if (n <= 0 || folder + (size_t)n >= PATH_MAX)
		return false;
	memcpy(path + folder, target, (size_t)n);
	path[folder + (size_t)n] = '\0';
	return true;
}

/* The folder by the name that was given, where a new file or a new link will appear, and those that
 * it leads to now. */
static bool
allow_reading(int ruleset, const char *given)
{
	enum { LINKS_MAX = 40 };        /* as many does the kernel follow */
	char path[PATH_MAX];
	size_t n = strlen(given);

	if (n >= sizeof path)
		return false;
	memcpy(path, given, n + 1);
	for (int i = 0; i < LINKS_MAX; i++) {
		if (!allow_folder(ruleset, path, ACCESS_READ_FILE))
			return false;
		if (!follow(path))
			break;
	}
	return true;
}

static bool
fill_ruleset(int ruleset, const struct sandbox_plan *plan)
{
	for (unsigned i = 0; i < plan->reads; i++)
		if (!allow_reading(ruleset, plan->read[i]))
			return false;
	for (unsigned i = 0; i < plan->removes; i++)
		if (!allow_folder(ruleset, plan->remove[i], ACCESS_REMOVE_FILE))
			return false;
	return true;
}

static bool
restrict_files(const struct sandbox_plan *plan, struct buf *holds, struct buf *lacks,
    const char **why)
{
	long version = syscall(LANDLOCK_CREATE, NULL, 0, RULESET_VERSION);
	struct landlock_ruleset all = everything((int)version);
	long ruleset;
	bool ok;

	if (version <= 0) {             /* not built in, not switched on, or kept from us */
		name(lacks, "Landlock");
		return true;
	}
	ruleset = syscall(LANDLOCK_CREATE, &all, ruleset_size((int)version), 0);
	if (ruleset < 0)
		return fail(why, "Landlock");
	ok = fill_ruleset((int)ruleset, plan) && syscall(LANDLOCK_RESTRICT, (int)ruleset, 0) == 0;
	close((int)ruleset);
	if (!ok)
		return fail(why, "Landlock");
	name(holds, "Landlock");
	return true;
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

bool
sandbox_enter(const struct sandbox_plan *plan, struct buf *holds, struct buf *lacks,
    const char **why)
{
	const struct rlimit none = { 0, 0 };

	if (prlimit(0, RLIMIT_CORE, &none, NULL) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		return fail(why, "forbidding core dumps");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return fail(why, "no_new_privs");
	name(holds, "no new privileges");
	if (!restrict_files(plan, holds, lacks, why))
		return false;
	switch (sandbox_filter()) {
	case SANDBOX_FILTERED: name(holds, "seccomp"); return true;
	case SANDBOX_NO_FILTER: name(lacks, "seccomp"); return true;
	case SANDBOX_FILTER_FAILED: break;
	}
	return fail(why, "seccomp");
}

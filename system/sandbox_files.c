#include "system/sandbox_files.h"

#include "system/log.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The kernel's, as linux/landlock.h has them: musl comes without that header. */
enum {
	LANDLOCK_CREATE = 444, LANDLOCK_ADD = 445, LANDLOCK_RESTRICT = 446,
	RULESET_VERSION = 1, RULE_PATH_BENEATH = 1,
	ACCESS_WRITE_FILE = 1 << 1, ACCESS_READ_FILE = 1 << 2, ACCESS_READ_FOLDER = 1 << 3,
	ACCESS_REMOVE_FILE = 1 << 5, ACCESS_MAKE_FILE = 1 << 8, ACCESS_TRUNCATE = 1 << 14,
	/* A file that is appended to, and replaced by another one beside it. */
	ACCESS_FILE = ACCESS_WRITE_FILE | ACCESS_READ_FILE | ACCESS_TRUNCATE,
	ACCESS_REPLACE = ACCESS_FILE | ACCESS_READ_FOLDER | ACCESS_REMOVE_FILE | ACCESS_MAKE_FILE
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

static bool
is_root_folder(int folder)
{
	struct stat here, root;

	return fstat(folder, &here) != 0 || stat("/", &root) != 0 ||
	    (here.st_dev == root.st_dev && here.st_ino == root.st_ino);
}

/* Whether a list with commas has it already. */
static bool
has(const struct buf *list, struct str name)
{
	const char *end = list->p + list->n, *behind = list->p, *at;

	while ((at = str_find((struct str){ behind, (size_t)(end - behind) }, name)) != NULL) {
		behind = at + name.n;
		if ((at == list->p || at[-1] == ' ') && (behind == end || *behind == ','))
			return true;
	}
	return false;
}

/* Puts a folder on the list, by its full name where /proc knows it. Whoever keeps a key beside
 * everything else is told what that means. */
static void
note(struct buf *list, const struct landlock_path *rule, const char *given)
{
	char link[32] = "", full[PATH_MAX];
	struct buf b = buf_over(link, sizeof link - 1);
	struct str name = str_from(given);
	struct stat st;
	ssize_t n;

	buf_format(&b, "/proc/self/fd/%d", rule->folder);
	n = syscall(SYS_readlinkat, AT_FDCWD, link, full, sizeof full);
	if (n > 0)
		name = (struct str){ full, (size_t)n };
	if (has(list, name))
		return;
	buf_format(list, "%s%.*s", list->n > 0 ? ", " : "", (int)name.n, name.p);
	if (rule->access == ACCESS_READ_FILE &&
	    fstatat(rule->folder, ".ssh", &st, AT_SYMLINK_NOFOLLOW) == 0)
		log_line("warning: %.*s looks like a home folder, and jwtd may read all below "
		    "it: keep keys in a folder such as /etc/jwtd", (int)name.n,
		    name.p);
}

/* Allows access below a path's folder, which goes on the list. */
static bool
allow_folder(int ruleset, struct buf *list, const char *path, uint64_t access)
{
	char folder[PATH_MAX] = ".";
	struct landlock_path rule = { .access = access };
	size_t n = str_folder(path);
	bool ok;

	if (n >= sizeof folder)
		return false;
	if (n > 0)
		memcpy(folder, path, n);
	rule.folder = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (rule.folder >= 0 && is_root_folder(rule.folder)) {
		close(rule.folder);     /* below it lies everything: the file alone, then */
		if ((rule.access &= ACCESS_FILE) == 0) {
			log_line("warning: %s can't be removed at the end: give it a folder of "
			    "its own", path);
			return true;
		}
		rule.folder = open(path, O_PATH | O_CLOEXEC);
	}
	if (rule.folder < 0)
		return false;
	ok = syscall(LANDLOCK_ADD, ruleset, RULE_PATH_BENEATH, &rule, 0) == 0;
	if (ok)                         /* else errno tells why not, and stays so */
		note(list, &rule, folder);
	close(rule.folder);
	return ok;
}

/* What a link leads to, in the place of the link's own path. false: it is none. */
static bool
follow(char path[PATH_MAX])
{
	char target[PATH_MAX];
	ssize_t n = syscall(SYS_readlinkat, AT_FDCWD, path, target, sizeof target);
	size_t folder = n > 0 && target[0] != '/' ? str_folder(path) : 0;

	if (n <= 0 || folder + (size_t)n >= PATH_MAX)
		return false;
	memcpy(path + folder, target, (size_t)n);
	path[folder + (size_t)n] = '\0';
	return true;
}

/* The folder by the name that was given, where a new file or a new link will appear, and those that
 * it leads to now. */
static bool
allow_reading(int ruleset, struct buf *list, const char *given)
{
	enum { LINKS_MAX = 40 };        /* as many does the kernel follow */
	char path[PATH_MAX];
	size_t n = strlen(given);

	if (n >= sizeof path)
		return false;
	memcpy(path, given, n + 1);
	for (int i = 0; i < LINKS_MAX; i++) {
		if (!allow_folder(ruleset, list, path, ACCESS_READ_FILE))
			return false;
		if (!follow(path))
			break;
	}
	return true;
}

static bool
fill_ruleset(int ruleset, uint64_t known, const struct sandbox_plan *plan,
    struct sandbox_report *report)
{
	for (unsigned i = 0; i < plan->reads; i++)
		if (!allow_reading(ruleset, &report->reads, plan->read[i]))
			return false;
	for (unsigned i = 0; i < plan->removes; i++)
		if (!allow_folder(ruleset, &report->removes, plan->remove[i], ACCESS_REMOVE_FILE))
			return false;
	return plan->write == NULL || allow_folder(ruleset, &report->writes, plan->write,
	    ACCESS_REPLACE & known);
}

enum sandbox_part
sandbox_restrict_files(const struct sandbox_plan *plan, struct sandbox_report *report)
{
	long version = syscall(LANDLOCK_CREATE, NULL, 0, RULESET_VERSION);
	struct landlock_ruleset all = everything((int)version);
	long ruleset;
	bool ok;

	if (version <= 0)               /* not built in, not switched on, or kept from us */
		return SANDBOX_LACKS;
	ruleset = syscall(LANDLOCK_CREATE, &all, ruleset_size((int)version), 0);
	if (ruleset < 0)
		return SANDBOX_FAILED;
	ok = fill_ruleset((int)ruleset, all.files, plan, report) &&
	    syscall(LANDLOCK_RESTRICT, (int)ruleset, 0) == 0;
	close((int)ruleset);
	return ok ? SANDBOX_HOLDS : SANDBOX_FAILED;
}

/* What a process in the sandbox can do and what it can't: each attempt is a child that enters it
 * first. */
#include "test/test.h"

#include "system/sandbox.h"
#include "system/usage.h"
#include "token/revocation_file.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { DONE, DENIED, FAILED, KILLED, NEVER_RAN = 90 };

static const char *const outcome[] = { "done", "denied", "failed", "killed" };

/* In a folder of its own: what the sandbox leaves, what it does not, and links between them. */
#define KEYS "keys/key"
#define SOCKET "run/sock"
#define LIST "lists/list"

static long
open_file(const char *path, int flags)
{
	return syscall(SYS_openat, AT_FDCWD, path, flags, 0600);
}

static long read_key(void) { return open_file(KEYS, O_RDONLY); }
static long read_beside(void) { return open_file("keys/new", O_RDONLY); }
static long read_resolved(void) { return open_file("data/2/key", O_RDONLY); }
static long read_outside(void) { return open_file("other", O_RDONLY); }
static long read_through_link(void) { return open_file("keys/outside", O_RDONLY); }
static long list_keys(void) { return open_file("keys", O_RDONLY | O_DIRECTORY); }
static long write_key(void) { return open_file(KEYS, O_WRONLY); }
static long create_file(void) { return open_file("keys/made", O_RDWR | O_CREAT); }
static long remove_socket(void) { return unlink(SOCKET); }
static long remove_key(void) { return unlink(KEYS); }
static long write_list(void) { return open_file(LIST, O_RDWR | O_CREAT); }
static long write_beside(void) { return open_file("lists/new", O_WRONLY | O_CREAT | O_EXCL); }
static long read_lists(void) { return open_file("lists", O_RDONLY | O_DIRECTORY); }
static long write_other(void) { return open_file("other", O_WRONLY); }
static long create_other(void) { return open_file("made", O_WRONLY | O_CREAT); }
static long sync_log(void) { return syscall(SYS_fdatasync, 2) == 0 || errno != ENOSYS ? 0 : -1; }
static long lock_log(void) { return syscall(SYS_flock, 2, 2 | 4); }
static long make_folder(void) { return syscall(SYS_mkdirat, AT_FDCWD, "run/x", 0700); }
static long make_socket(void) { return syscall(SYS_socket, AF_INET, SOCK_STREAM, 0); }
static long become_root(void) { return syscall(SYS_setuid, 0); }
static long trace(void) { return syscall(SYS_ptrace, 0, 0, 0, 0); }
static long signal_parent(void) { return syscall(SYS_kill, getppid(), 0); }
static long new_process(void) { return syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0); }
static long new_filter(void) { return syscall(SYS_prctl, 22, 2, 0, 0, 0); }
static long read_another(void) { return syscall(SYS_process_vm_readv, getppid(), 0, 0, 0, 0, 0); }
static long use_ring(void) { return syscall(SYS_io_uring_setup, 1, 0); }
static long tell_usage(void) { return usage_time() > 0 && usage_descriptors() > 0 ? 0 : -1; }
static long tell_time(void) { return time(NULL) > 0 ? 0 : -1; }

static long
execute(void)
{
	char *const none[] = { NULL };

	return syscall(SYS_execve, "/bin/true", none, none);
}

static long
connect_out(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX, .sun_path = SOCKET };

	return syscall(SYS_connect, 0, &a, sizeof a);
}

static long
map(int protection)
{
	return (long)mmap(NULL, 4096, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == -1 ? -1 : 0;
}

static long map_memory(void) { return map(PROT_READ | PROT_WRITE); }
static long map_code(void) { return map(PROT_READ | PROT_EXEC); }

static long
protect_code(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return mprotect(p, 4096, PROT_READ | PROT_EXEC);
}

static void *
nothing(void *argument)
{
	return argument;
}

/* What the file of what was taken back goes through, and what replaces it. */
static long
replace_list(void)
{
	int fd = (int)write_list(), new = (int)write_beside(), folder = (int)read_lists();

	return fd >= 0 && new >= 0 && folder >= 0 && syscall(SYS_flock, fd, 2 | 4) == 0 &&
	    lseek(fd, 3, SEEK_SET) == 3 && write(fd, "x", 1) == 1 && ftruncate(fd, 2) == 0 &&
	    syscall(SYS_fdatasync, fd) == 0 && syscall(SYS_fchmod, new, 0640) == 0 &&
	    syscall(SYS_fchownat, new, "", -1, -1, AT_EMPTY_PATH) == 0 && fsync(new) == 0 &&
	    rename("lists/new", LIST) == 0 && fsync(folder) == 0 && close(folder) == 0 ? 0 : -1;
}

/* All that a file of what was taken back goes through: made, appended to, compacted, looked at. */
static long
take_back(void)
{
	enum { NOW = 1800000000, TIMES = 6 };
	char message[REVOCATION_FILE_WHY];
	struct buf why = buf_over(message, sizeof message);
	struct revocations *list = revocation_file_reserve(16);
	struct revocation_file file;
	struct revocation all;

	revocation_of_all(&all, NOW);
	if (!revocation_file_open(&file, "lists/taken", list, NOW, &why))
		return -1;
	for (int i = 0; i < TIMES; i++)
		if (!revocation_file_append(&file, list, &all, 1, NOW, 1, &why))
			return -1;
	file.again = true;
	revocation_file_look(&file, list, NOW);
	return file.end < 19 + TIMES * REVOCATION_LINE && file.complained == 0 ? 0 : -1;
}

static long remove_list(void) { return unlink(LIST); }
static long move_list(void) { return rename(LIST, "other"); }
static long link_list(void) { return syscall(SYS_linkat, AT_FDCWD, LIST, AT_FDCWD, "lists/x", 0); }

static long
new_thread(void)
{
	pthread_t thread;

	return pthread_create(&thread, NULL, nothing, NULL) == 0 && pthread_join(thread, NULL) == 0
	    ? 0 : -1;
}

#ifdef __x86_64__
/* The numbers of x32, and the gate of 32-bit programs, where 4 is write(). */
static long x32_call(void) { return syscall(0x40000000 | SYS_getpid); }

static long
old_gate(void)
{
	long result;

	__asm__ volatile("int $0x80" : "=a"(result) : "a"(4), "b"(1), "c"(0), "d"(0) : "memory");
	return result;
}
#endif

static const struct attempt {
	const char *what;
	long (*attempt)(void);
	int ends;
} attempts[] = {
	{ "read a key file", read_key, DONE },
	{ "read another file beside it", read_beside, DONE },
	{ "read where the link to the key leads", read_resolved, DONE },
	{ "read another file", read_outside, DENIED },
	{ "read another file through a link", read_through_link, DENIED },
	{ "list the folder of keys", list_keys, DENIED },
	{ "write to a key file", write_key, KILLED },
	{ "create a file", create_file, KILLED },
	{ "remove our socket", remove_socket, DONE },
	{ "remove a key", remove_key, DENIED },
	{ "make a folder", make_folder, KILLED },
	{ "execute a program", execute, KILLED },
	{ "open a socket", make_socket, KILLED },
	{ "connect", connect_out, KILLED },
	{ "trace", trace, KILLED },
	{ "read another process", read_another, KILLED },
	{ "signal another process", signal_parent, KILLED },
	{ "start a process", new_process, KILLED },
	{ "start a thread", new_thread, DONE },
	{ "become root", become_root, KILLED },
	{ "change its own limits", new_filter, KILLED },
	{ "use io_uring", use_ring, KILLED },
	{ "map memory", map_memory, DONE },
	{ "map code", map_code, KILLED },
	{ "turn memory into code", protect_code, KILLED },
	{ "ask for the time", tell_time, DONE },
	{ "ask what the process takes", tell_usage, DONE },
	{ "write to a list that is not its own", write_list, KILLED },
	{ "sync", sync_log, KILLED },
	{ "lock", lock_log, KILLED },
	{ "rename a list", move_list, KILLED },
#ifdef __x86_64__
	{ "a call by a number of x32", x32_call, KILLED },
#endif
};

/* Likewise, where a list is written. */
static const struct attempt with_list[] = {
	{ "read a key file", read_key, DONE },
	{ "read another file", read_outside, DENIED },
	{ "write to a key file", write_key, DENIED },
	{ "create a file", create_file, DENIED },
	{ "write to another file", write_other, DENIED },
	{ "create another file", create_other, DENIED },
	{ "write to the list, and replace it", replace_list, DONE },
	{ "take back and compact", take_back, DONE },
	{ "remove the list", remove_list, DONE },
	{ "move the list elsewhere", move_list, FAILED },
	{ "link the list", link_list, KILLED },
	{ "remove a key", remove_key, DENIED },
	{ "make a folder", make_folder, KILLED },
	{ "execute a program", execute, KILLED },
	{ "open a socket", make_socket, KILLED },
	{ "map code", map_code, KILLED },
	{ "start a thread", new_thread, DONE },
};

static void
put_file(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);

	if (fd < 0 || write(fd, path, strlen(path)) < 0 || close(fd) != 0)
		abort();
}

/* keys/key -> ../data/current/key, data/current -> 2, as Kubernetes mounts a secret. */
static void
furnish(void)
{
	static const char *const folders[] = { "keys", "run", "data", "data/2", "lists" };

	for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
		if (mkdir(folders[i], 0700) != 0)
			abort();
	put_file("other");
	put_file("data/2/key");
	put_file(SOCKET);
	put_file(LIST);
	if (symlink("2", "data/current") != 0 || symlink("../data/current/key", KEYS) != 0 ||
	    symlink("../other", "keys/outside") != 0)
		abort();
}

static bool
ends_with(const struct buf *b, const char *end)
{
	size_t n = strlen(end);

	return b->n >= n && memcmp(b->p + b->n - n, end, n) == 0;
}

/* Whether this kernel has all of it, and it says what it leaves; the child prints nothing. */
static bool
enter(const char *list)
{
	static const char *const read[] = { KEYS }, *const remove[] = { SOCKET };
	const struct sandbox_plan plan = { read, 1, remove, 1, list };
	char have[128], miss[128], reads[1024], removes[1024], writes[1024];
	struct sandbox_report r = { buf_over(have, sizeof have), buf_over(miss, sizeof miss),
	    buf_over(reads, sizeof reads), buf_over(removes, sizeof removes), buf_over(writes, sizeof writes), "" };

	return sandbox_enter(&plan, &r) && r.lacks.n == 0 &&
	    str_equal(buf_str(&r.holds), STR("no new privileges, Landlock, seccomp")) &&
	    memmem(reads, r.reads.n, "/keys, /", 8) != NULL && ends_with(&r.reads, "/data/2") &&
	    ends_with(&r.removes, "/run") &&
	    (list == NULL ? r.writes.n == 0 : ends_with(&r.writes, "/lists"));
}

static int
run(long (*attempt)(void), const char *list)
{
	pid_t child = fork();
	int status;
	long result;

	if (child == 0) {
		if (!enter(list))
			_exit(NEVER_RAN);
		result = attempt();
		_exit(result >= 0 ? DONE : errno == EACCES ? DENIED : FAILED);
	}
	if (waitpid(child, &status, 0) != child)
		return NEVER_RAN;
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS ? KILLED :
	    WIFEXITED(status) ? WEXITSTATUS(status) : FAILED;
}

static void
attempt_all(const struct attempt *all, size_t n, const char *list)
{
	for (size_t i = 0; i < n; i++) {
		int ends = run(all[i].attempt, list);

		CHECK(ends == all[i].ends, "%s%s: %s, not %s", all[i].what,
		    list != NULL ? ", with a list" : "", ends <= KILLED ? outcome[ends] : "?",
		    outcome[all[i].ends]);
	}
}

#ifdef __x86_64__
/* A kernel need not have this gate: then the process is ended there with the sandbox and without. */
static void
attempt_old_gate(void)
{
	int status = -1, ends;
	pid_t child = fork();

	if (child == 0)
		_exit(old_gate() != 0);
	waitpid(child, &status, 0);
	ends = run(old_gate, NULL);
	CHECK(ends == (WIFSIGNALED(status) ? FAILED : KILLED),
	    "a call through the gate of 32 bits: %s", ends <= KILLED ? outcome[ends] : "?");
}
#endif

/* From now on, and in what is executed. clone3() is a new clone(). */
static bool
refuse_call(long call, int error)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)call, 3, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (uint32_t)error),
	};
	const struct sock_fprog program = { sizeof code / sizeof code[0], code };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

/* Those from a number on are closed, the others are not; an old kernel has no call for all. */
static bool
strays(bool old)
{
	if (old && !refuse_call(SYS_close_range, ENOSYS))
		return false;
	sandbox_close_from(8);
	return fcntl(7, F_GETFD) >= 0 && fcntl(8, F_GETFD) < 0 && fcntl(250, F_GETFD) < 0;
}

static void
descriptors(void)
{
	for (int old = 0; old < 2; old++) {
		int status = -1;
		pid_t child = fork();

		if (child == 0)
			_exit(dup2(2, 7) != 7 || dup2(2, 8) != 8 || dup2(2, 250) != 250 ||
			    !strays(old));
		waitpid(child, &status, 0);
		CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0,
		    "a descriptor is left, or the wrong one is closed");
	}
}

static void
users(void)
{
	static const struct {
		const char *text;
		bool ok;
		unsigned uid, gid;
	} table[] = {
		{ "0:0", true, 0, 0 }, { "65532:65533", true, 65532, 65533 },
		{ "4294967294:1", true, 4294967294, 1 }, { "4294967295:1", false, 0, 0 },
		{ "99999999999999999999:1", false, 0, 0 }, { "1", false, 0, 0 },
		{ "1:", false, 0, 0 }, { ":1", false, 0, 0 }, { "1:2:3", false, 0, 0 },
		{ "nobody:nogroup", false, 0, 0 }, { "-1:1", false, 0, 0 }, { "", false, 0, 0 },
		{ "1:2 ", false, 0, 0 },
	};

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		unsigned uid = 0, gid = 0;
		bool ok = sandbox_parse_user(table[i].text, &uid, &gid);

		CHECK(ok == table[i].ok, "user '%s'", table[i].text);
		CHECK(!ok || (uid == table[i].uid && gid == table[i].gid), "user '%s'",
		    table[i].text);
	}
}

/* Whether these are all of its ids, without groups, and for good. */
static bool
is_only(uid_t uid, gid_t gid)
{
	uid_t u[3];
	gid_t g[3];

	if (getresuid(&u[0], &u[1], &u[2]) != 0 || getresgid(&g[0], &g[1], &g[2]) != 0)
		return false;
	for (int i = 0; i < 3; i++)
		if (u[i] != uid || g[i] != gid)
			return false;
	return getgroups(0, NULL) == 0 && prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0 &&
	    syscall(SYS_setresuid, -1, 0, -1) != 0; /* this thread: ThreadSanitizer has one */
}

#ifdef SYS_setresuid32
enum { SETGROUPS = SYS_setgroups32, SETRESGID = SYS_setresgid32, SETRESUID = SYS_setresuid32 };
#else
enum { SETGROUPS = SYS_setgroups, SETRESGID = SYS_setresgid, SETRESUID = SYS_setresuid };
#endif

/* Who a process is and whether it has groups, real, effective and saved; who it is told to become;
 * what comes of it. */
#define ALL(id) { id, id, id }

static const struct {
	uid_t uid[3];
	gid_t gid[3];
	bool groups;
	long refused;                   /* a call that fails with EPERM; 0: none */
	const char *to, *why;           /* NULL: it becomes that */
	uid_t new_uid;
	gid_t new_gid;
} becoming[] = {
	{ ALL(0), ALL(7), true, 0, "65534:65533", NULL, 65534, 65533 },
	{ ALL(0), ALL(7), true, 0, "0:65533", "that is root: give", 0, 0 },
	{ ALL(0), ALL(7), true, 0, "65534:0", NULL, 65534, 0 },
	{ ALL(0), ALL(7), true, 0, "nobody", "it takes two numbers, UID:GID", 0, 0 },
	{ { 65534, 0, 65534 }, ALL(65533), false, 0, "65534:65533", NULL, 65534, 65533 },
	{ ALL(65534), ALL(65533), false, 0, "65534:65533", NULL, 65534, 65533 },
	{ ALL(65534), ALL(0), false, 0, "65534:0", NULL, 65534, 0 },
	{ ALL(65534), ALL(65533), true, 0, "65534:65533", "only root can", 0, 0 },
	{ ALL(65534), ALL(65533), false, 0, "65534:65532", "only root can", 0, 0 },
	{ ALL(65534), ALL(65533), false, 0, "65533:65533", "only root can", 0, 0 },
	{ ALL(65534), ALL(65533), false, 0, "0:0", "that is root: give", 0, 0 },
	{ { 65534, 65534, 0 }, ALL(65533), false, 0, "65534:65533", "only root can", 0, 0 },
	{ { 0, 65534, 65534 }, ALL(65533), false, 0, "65534:65533", "only root can", 0, 0 },
	{ ALL(65534), { 65533, 65533, 0 }, false, 0, "65534:65533", "only root can", 0, 0 },
	{ ALL(65534), { 65533, 0, 65533 }, false, 0, "65534:65533", "only root can", 0, 0 },
	{ ALL(65534), { 0, 65533, 65533 }, false, 0, "65534:65533", "only root can", 0, 0 },
	{ ALL(0), ALL(7), true, SETGROUPS, "65534:65533", "Operation not permitted", 0, 0 },
	{ ALL(0), ALL(7), true, SETRESGID, "65534:65533", "Operation not permitted", 0, 0 },
	{ ALL(0), ALL(7), true, SETRESUID, "65534:65533", "Operation not permitted", 0, 0 },
};

/* 0: as the row says; else what is not. */
static int
become(size_t row)
{
	static const gid_t groups[] = { 4, 24, 65531 };
	const uid_t *u = becoming[row].uid;
	const gid_t *g = becoming[row].gid;
	const char *why = NULL, *wanted = becoming[row].why;

	if (setgroups(becoming[row].groups ? 3 : 0, groups) != 0 ||
	    setresgid(g[0], g[1], g[2]) != 0 || setresuid(u[0], u[1], u[2]) != 0 ||
	    !sandbox_forbid_dumps() ||
	    (becoming[row].refused != 0 && !refuse_call(becoming[row].refused, EPERM)))
		return NEVER_RAN;
	if (sandbox_become(becoming[row].to, &why))
		return wanted == NULL && is_only(becoming[row].new_uid, becoming[row].new_gid) ? 0
		    : 1;
	return wanted != NULL && strncmp(why, wanted, strlen(wanted)) == 0 ? 0 : 2;
}

static void
becomings(void)
{
	for (size_t i = 0; i < sizeof becoming / sizeof becoming[0]; i++) {
		int status = -1;
		pid_t child = fork();

		if (child == 0)
			_exit(become(i));
		waitpid(child, &status, 0);
		if (WIFEXITED(status) && WEXITSTATUS(status) == NEVER_RAN) {
			test_skip("becoming another user (needs root, and seccomp to the end)");
			return;
		}
		CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0, "row %zu becomes %s: %x", i,
		    becoming[i].to, (unsigned)status);
	}
}

/* Files whose folders can't be found can't be allowed either, and nothing is left out silently. A
 * link that leads to itself does no harm: nobody can read that. */
static void
plans(void)
{
	static char much[5000];
	const struct {
		const char *read, *remove;
		bool ok;
	} table[] = {
		{ "other", SOCKET, true }, { "loop", SOCKET, true },
		{ "nowhere/key", SOCKET, false }, { "other", "nowhere/sock", false },
		{ much, SOCKET, false }, { "other", much, false },
	};

	memset(much, '/', sizeof much - 1);
	CHECK(symlink("loop", "loop") == 0, "no link");
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		const struct sandbox_plan plan = { &table[i].read, 1, &table[i].remove, 1, NULL };
		char text[256];
		struct buf list = buf_over(text, sizeof text);
		struct sandbox_report r = { list, list, list, list, list, "" };
		int status = -1;
		pid_t child = fork();

		if (child == 0)
			_exit(sandbox_enter(&plan, &r) ? 1
			    : strcmp(r.why, "Landlock") == 0 ? 0 : 2);
		waitpid(child, &status, 0);
		CHECK(WIFEXITED(status) && WEXITSTATUS(status) == table[i].ok, "plan %zu: %x", i,
		    (unsigned)status);
	}
}

/* A key and a socket that lie in the root folder itself: below that is everything. The links lead
 * there from elsewhere, so that one plan does for all. */
static long read_top_key(void) { return open_file("/top", O_RDONLY); }
static long read_below(void) { return open_file("/other", O_RDONLY); }
static long read_deeper(void) { return open_file("/data/2/key", O_RDONLY); }
static long list_top(void) { return open_file("/", O_RDONLY | O_DIRECTORY); }
static long remove_top_socket(void) { return unlink("/sock"); }
static long write_top_list(void) { return open_file("/list", O_RDWR); }
static long write_top_other(void) { return open_file("/other", O_RDWR); }
static long replace_top_list(void) { return open_file("/list.new", O_WRONLY | O_CREAT); }

static const struct {
	const char *what;
	long (*attempt)(void);
	int ends;
} top_attempts[] = {
	{ "read the key in /", read_top_key, DONE },
	{ "read it through a link", read_key, DONE },
	{ "read what lies beside it", read_below, DENIED },
	{ "read what lies below /", read_deeper, DENIED },
	{ "list /", list_top, DENIED },
	{ "remove the socket in /", remove_top_socket, DENIED },
	{ "write to the list in /", write_top_list, DONE },
	{ "write to what lies beside it", write_top_other, DENIED },
	{ "make a file in /", replace_top_list, DENIED },
};

/* The folder of the test is the child's root: nothing has to be put into ours. */
static int
run_at_top(long (*attempt)(void))
{
	static const char *const read[] = { "/top", KEYS }, *const remove[] = { "/sock" };
	const struct sandbox_plan plan = { read, 2, remove, 1, "/list" };
	char text[128];
	struct buf list = buf_over(text, sizeof text);
	struct sandbox_report r = { list, list, list, list, list, "" };
	pid_t child = fork();
	int status = -1;

	if (child == 0) {
		if (chroot(".") != 0 || !sandbox_enter(&plan, &r))
			_exit(NEVER_RAN);
		_exit(attempt() >= 0 ? DONE : errno == EACCES ? DENIED : FAILED);
	}
	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : KILLED;
}

static void
top_folder(void)
{
	if (geteuid() != 0) {
		test_skip("a key in the root folder (needs root)");
		return;
	}
	put_file("top");
	put_file("sock");
	put_file("list");
	if (unlink(KEYS) != 0 || symlink("/top", KEYS) != 0)
		abort();
	for (size_t i = 0; i < sizeof top_attempts / sizeof top_attempts[0]; i++) {
		int ends = run_at_top(top_attempts[i].attempt);

		CHECK(ends == top_attempts[i].ends, "%s: %s, not %s", top_attempts[i].what,
		    ends <= KILLED ? outcome[ends] : "?", outcome[top_attempts[i].ends]);
	}
}

/* The program on a kernel that refuses a call, or as one that lacks it: what it says, and its
 * exit status. What serves would not end. */
static const struct {
	long call;
	int error;
	const char *command, *sandbox;
	int status;
	const char *says;
} refusing[] = {
	{ SYS_landlock_create_ruleset, ENOSYS, "check", "auto", 0,
	    "sandbox: no new privileges, seccomp; not available here: Landlock\n" },
	{ SYS_landlock_create_ruleset, EOPNOTSUPP, "serve", "require", 2,
	    "sandbox: not available here: Landlock, and --sandbox is require\n" },
	{ SYS_landlock_restrict_self, EPERM, "serve", "auto", 2,
	    "sandbox: Landlock: Operation not permitted; --sandbox off serves without\n" },
	{ SYS_prctl, EINVAL, "serve", "off", 2, "forbidding core dumps: Invalid argument\n" },
	{ SYS_capget, EPERM, "serve", "auto", 2, "sandbox: capabilities: " },
	{ SYS_capset, EPERM, "serve", "auto", 2, "sandbox: capabilities: " },
	{ SYS_close_range, ENOSYS, "check", "auto", 0, "serve would start" },
	{ SYS_mlock2, EPERM, "check", "auto", 0, "warning: the keys can't be locked in memory: " },
	{ SYS_prlimit64, EPERM, "serve", "off", 2, "forbidding core dumps: Operation not " },
	{ SYS_getrandom, EAGAIN, "serve", "off", 3, "/dev/urandom: Resource temporarily " },
	{ SYS_getrandom, ENOSYS, "check", "off", 0, "serve would start" },
	{ SYS_socket, EAFNOSUPPORT, "serve", "off", 2, "--listen 127.0.0.1:0: Address family " },
	{ SYS_setsockopt, ENOBUFS, "serve", "off", 3, "--listen 127.0.0.1:0: No buffer space" },
	{ SYS_listen, EADDRINUSE, "serve", "off", 3, "--listen 127.0.0.1:0: something listens" },
	{ SYS_getsockname, ENOBUFS, "check", "off", 3, "--listen 127.0.0.1:0: No buffer space" },
	{ SYS_eventfd2, EMFILE, "check", "auto", 3, "opening an eventfd: " },
	{ SYS_epoll_create1, EMFILE, "serve", "off", 3, "preparing a worker: " },
	{ SYS_epoll_ctl, ENOMEM, "check", "off", 3, "preparing a worker: " },
	{ SYS_clone, EAGAIN, "serve", "off", 3, "starting a worker: Resource temporarily " },
	{ SYS_clone, EAGAIN, "check", "auto", 3, "starting a worker: Resource temporarily " },
	{ SYS_clone, ENOMEM, "check", "off", 3, "starting a worker: Resource temporarily " },
	{ SYS_mlock2, ENOSYS, "check", "auto", 0, "serve would start" },
};

/* Runs the program so; what it says goes to `log`. Its wait status. */
static int
run_refused(size_t row, const char *path, int log)
{
	char command[8], sandbox[20];
	char *const arguments[] = { (char[]){ "jwtd" }, command, (char[]){ "--demo-key" },
	    (char[]){ "--listen=127.0.0.1:0" }, sandbox, NULL }, *const none[] = { NULL };
	pid_t child = fork();
	int status = -1;

	if (child == 0) {
		snprintf(command, sizeof command, "%s", refusing[row].command);
		snprintf(sandbox, sizeof sandbox, "--sandbox=%s", refusing[row].sandbox);
		alarm(10);
		if (dup2(log, STDERR_FILENO) < 0 ||
		    !refuse_call(refusing[row].call, refusing[row].error))
			_exit(NEVER_RAN);
		execve(path, arguments, none);
		_exit(NEVER_RAN);
	}
	waitpid(child, &status, 0);
	return status;
}

static void
refusals(void)
{
	const char *path = getenv("JWTD") != NULL ? getenv("JWTD") : "./jwtd";

	for (size_t i = 0; i < sizeof refusing / sizeof refusing[0]; i++) {
		char said[4096] = "";
		int ends[2] = { -1, -1 }, status;

		CHECK(pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0, "pipe");
		status = run_refused(i, path, ends[1]);
		if (i == 0 && WIFEXITED(status) && WEXITSTATUS(status) == NEVER_RAN) {
			test_skip("kernels that refuse (needs seccomp, and JWTD or ./jwtd)");
			i = sizeof refusing / sizeof refusing[0];
		} else {
			CHECK(read(ends[0], said, sizeof said - 1) > 0 && WIFEXITED(status) &&
			    WEXITSTATUS(status) == refusing[i].status &&
			    strstr(said, refusing[i].says) != NULL, "row %zu, %s: status %x: %s",
			    i, refusing[i].says, (unsigned)status, said);
		}
		close(ends[0]);
		close(ends[1]);
	}
}

static void
limits(void)
{
	char folder[] = "/tmp/jwtd-sandbox-XXXXXX", command[64];
	int here = open(".", O_RDONLY);

	if (mkdtemp(folder) == NULL || chdir(folder) != 0)
		abort();
	furnish();
	put_file("keys/new");
	if (run(tell_time, NULL) == NEVER_RAN) {
		test_skip("the sandbox (this kernel lacks a part of it)");
	} else {
		attempt_all(attempts, sizeof attempts / sizeof attempts[0], NULL);
		attempt_all(with_list, sizeof with_list / sizeof with_list[0], LIST);
#ifdef __x86_64__
		attempt_old_gate();
#endif
		descriptors();
		plans();
		top_folder();
	}
	snprintf(command, sizeof command, "rm -rf %s", folder);
	if (fchdir(here) != 0 || system(command) != 0)
		abort();
	close(here);
}

/* Memory for secrets, whose first and last byte can be had, and none before and behind. */
static void
reserved(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	volatile char *p = sandbox_reserve(page + 1);
	const ptrdiff_t beyond[] = { -1, (ptrdiff_t)(2 * page) };

	CHECK(p != NULL && p[0] == 0 && p[page] == 0, "no memory, or it is not empty");
	for (int i = 0; i < 2; i++) {
		int status = -1;
		pid_t child = fork();

		if (child == 0) {
			signal(SIGSEGV, SIG_DFL);
			_exit(p[beyond[i]]);
		}
		waitpid(child, &status, 0);
		CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV, "byte %td can be read",
		    beyond[i]);
	}
}

void
test_sandbox(void)
{
	users();
	reserved();
	fflush(stdout);
	becomings();
#ifdef SANDBOX_LEFT_OUT
	(void)limits, (void)refusals;
	test_skip("the sandbox (sanitizers need what it takes away)");
#else
	limits();
	refusals();
#endif
}

/* What a process in the sandbox can do and what it can't: each attempt is a child that enters it
 * first. */
#include "test.h"

#include "../sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
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
static long remove_socket(void) { return syscall(SYS_unlinkat, AT_FDCWD, SOCKET, 0); }
static long remove_key(void) { return syscall(SYS_unlinkat, AT_FDCWD, KEYS, 0); }
static long make_folder(void) { return syscall(SYS_mkdirat, AT_FDCWD, "run/x", 0700); }
static long make_socket(void) { return syscall(SYS_socket, AF_INET, SOCK_STREAM, 0); }
static long become_root(void) { return syscall(SYS_setuid, 0); }
static long trace(void) { return syscall(SYS_ptrace, 0, 0, 0, 0); }
static long signal_parent(void) { return syscall(SYS_kill, getppid(), 0); }
static long new_process(void) { return syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0); }
static long new_filter(void) { return syscall(SYS_prctl, 22, 2, 0, 0, 0); }
static long read_another(void) { return syscall(SYS_process_vm_readv, getppid(), 0, 0, 0, 0, 0); }
static long use_ring(void) { return syscall(SYS_io_uring_setup, 1, 0); }
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

static const struct {
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
#ifdef __x86_64__
	{ "a call by a number of x32", x32_call, KILLED },
	{ "a call through the gate of 32 bits", old_gate, KILLED },
#endif
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
	static const char *const folders[] = { "keys", "run", "data", "data/2" };

	for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
		if (mkdir(folders[i], 0700) != 0)
			abort();
	put_file("other");
	put_file("data/2/key");
	put_file(SOCKET);
	if (symlink("2", "data/current") != 0 || symlink("../data/current/key", KEYS) != 0 ||
	    symlink("../other", "keys/outside") != 0)
		abort();
}

/* Whether this kernel has all of it; the child prints nothing. */
static bool
enter(void)
{
	static const char *const read[] = { KEYS }, *const remove[] = { SOCKET };
	static const int keep[] = { 7 };
	const struct sandbox_plan plan = { read, 1, remove, 1, keep, 1 };
	char have[128], miss[128];
	struct buf holds = buf_over(have, sizeof have), lacks = buf_over(miss, sizeof miss);
	const char *why;

	return sandbox_enter(&plan, &holds, &lacks, &why) && lacks.n == 0 &&
	    str_equal(buf_str(&holds), STR("no new privileges, Landlock, seccomp"));
}

static int
run(long (*attempt)(void))
{
	pid_t child = fork();
	int status;
	long result;

	if (child == 0) {
		if (!enter())
			_exit(NEVER_RAN);
		result = attempt();
		_exit(result >= 0 ? DONE : errno == EACCES ? DENIED : FAILED);
	}
	if (waitpid(child, &status, 0) != child)
		return NEVER_RAN;
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS ? KILLED :
	    WIFEXITED(status) ? WEXITSTATUS(status) : FAILED;
}

/* Descriptors that nobody named are closed, the others are not. */
static long
strays(void)
{
	return fcntl(7, F_GETFD) >= 0 && fcntl(8, F_GETFD) < 0 && fcntl(250, F_GETFD) < 0 ? 0 : -1;
}

static void
descriptors(void)
{
	int fd = open("other", O_RDONLY);

	CHECK(dup2(fd, 7) == 7 && dup2(fd, 8) == 8 && dup2(fd, 250) == 250, "no descriptors");
	CHECK(run(strays) == DONE, "a descriptor is left, or the wrong one is closed");
	for (int i = 0; i < 3; i++)
		close((const int[]){ 7, 8, 250 }[i]);
	close(fd);
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

static void
limits(void)
{
	char folder[] = "/tmp/jwtd-sandbox-XXXXXX", command[64];
	int here = open(".", O_RDONLY);

	if (mkdtemp(folder) == NULL || chdir(folder) != 0)
		abort();
	furnish();
	put_file("keys/new");
	if (run(tell_time) == NEVER_RAN) {
		test_skip("the sandbox (this kernel lacks a part of it)");
	} else {
		for (size_t i = 0; i < sizeof attempts / sizeof attempts[0]; i++) {
			int ends = run(attempts[i].attempt);

			CHECK(ends == attempts[i].ends, "%s: %s, not %s", attempts[i].what,
			    ends <= KILLED ? outcome[ends] : "?", outcome[attempts[i].ends]);
		}
		descriptors();
	}
	snprintf(command, sizeof command, "rm -rf %s", folder);
	if (fchdir(here) != 0 || system(command) != 0)
		abort();
	close(here);
}

void
test_sandbox(void)
{
	users();
#ifdef SANDBOX_LEFT_OUT
	(void)limits;
	test_skip("the sandbox (sanitizers need what it takes away)");
#else
	limits();
#endif
}

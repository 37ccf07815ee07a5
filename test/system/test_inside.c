/* What a jwtd that somebody has taken over can still do. The calls are made from inside the live
 * process, in its sandbox: a tracer sets the registers of a thread that sleeps. What is left of
 * them is listed in SECURITY. */
#include "test/test.h"

#include "system/sandbox.h"

#if (defined(__x86_64__) || defined(__aarch64__)) && !defined(SANDBOX_LEFT_OUT)

#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

/* How a call ends: with an error below 0, or so. What is done does no harm, or is LEFT to whoever
 * has taken jwtd over: then SECURITY names it. */
enum { DONE, KILLED, ENDED, LEFT, NEVER_RAN };

/* What it is given. */
enum kind {
	NUMBER, TEXT, SPACE,            /* a number; bytes in its memory; room in its memory */
	TCP, UNIX,                      /* where another service listens */
	LISTENER, TOLD, STAND_IN,       /* its sockets: who connects, systemd, no standard stream */
	OTHER                           /* another process: this one */
};

struct argument {
	enum kind kind;
	long n;
	const char *text;
};

#define N(number) { NUMBER, (long)(number), NULL }
#define T(literal) { TEXT, 0, literal }
#define A(kind) { kind, 0, NULL }
#define OPEN(path, flags) { N(AT_FDCWD), T(path), N(flags), N(0600) }
#ifdef SYS_unlink
#define REMOVE(path) SYS_unlink, { T(path) }
#else
#define REMOVE(path) SYS_unlinkat, { N(AT_FDCWD), T(path) }
#endif

/* Attempts of one process follow each other until one kills it: the next begins with a new one. */
static const struct attempt {
	const char *what;
	long call;
	struct argument argument[6];
	int ends;
} attempts[] = {
	/* To others, by the sockets that are there. */
	{ "connect", SYS_connect, { A(STAND_IN), A(UNIX), N(110) }, KILLED },
	{ "end listening", SYS_shutdown, { A(LISTENER), N(SHUT_RD) }, LEFT },
	{ "connect by sending", SYS_sendto,
	    { A(LISTENER), T("hello"), N(5), N(MSG_FASTOPEN), A(TCP), N(16) }, KILLED },
	{ "end listening", SYS_shutdown, { A(LISTENER), N(SHUT_RDWR) }, LEFT },
	{ "the same, no length", SYS_sendto,
	    { A(LISTENER), T("hello"), N(5), N(MSG_FASTOPEN), A(TCP) }, -EINVAL },
	{ "nor an address", SYS_sendto,
	    { A(LISTENER), T("hello"), N(5), N(MSG_FASTOPEN) }, -EINVAL },
	{ "nor a flag", SYS_sendto, { A(LISTENER), T("hello"), N(5), N(MSG_NOSIGNAL) }, -EPIPE },
	{ "listen again", SYS_listen, { A(LISTENER), N(1) }, KILLED },
	{ "bind", SYS_bind, { A(LISTENER), A(TCP), N(16) }, KILLED },
	{ "send from the stand-in", SYS_sendto,
	    { A(STAND_IN), T("hello"), N(5), N(0), A(UNIX), N(110) }, KILLED },
	{ "the same, no length", SYS_sendto,
	    { A(STAND_IN), T("hello"), N(5), N(0), A(UNIX) }, -ENOTCONN },
	{ "write to the stand-in", SYS_write, { A(STAND_IN), T("hello"), N(5) }, -ENOTCONN },
	{ "send past systemd", SYS_sendto,
	    { A(TOLD), T("hello"), N(5), N(0), A(UNIX), N(110) }, KILLED },
	{ "tell systemd", SYS_sendto, { A(TOLD), T("STATUS=mine"), N(11) }, LEFT },
	{ "write to systemd", SYS_write, { A(TOLD), T("STATUS=mine"), N(11) }, LEFT },
	{ "hear from others", SYS_recvfrom,
	    { A(LISTENER), A(SPACE), N(99), N(MSG_DONTWAIT) }, -ENOTCONN },
	{ "send a descriptor", SYS_sendmsg, { A(TOLD), A(SPACE) }, KILLED },
	{ "send much", SYS_sendmmsg, { A(TOLD), A(SPACE), N(1) }, KILLED },
	{ "get a descriptor", SYS_recvmsg, { A(TOLD), A(SPACE) }, KILLED },
	{ "open a socket", SYS_socket, { N(AF_INET), N(SOCK_STREAM) }, KILLED },
	{ "open a unix socket", SYS_socket, { N(AF_UNIX), N(SOCK_DGRAM) }, KILLED },
	{ "open two", SYS_socketpair, { N(AF_UNIX), N(SOCK_STREAM), N(0), A(SPACE) }, KILLED },
	{ "filter a socket", SYS_setsockopt,
	    { A(LISTENER), N(SOL_SOCKET), N(SO_ATTACH_FILTER), A(SPACE), N(16) }, KILLED },
	{ "mark its packets", SYS_setsockopt,
	    { A(LISTENER), N(SOL_SOCKET), N(SO_MARK), A(SPACE), N(4) }, KILLED },
	{ "ask a socket", SYS_getsockopt,
	    { A(LISTENER), N(SOL_SOCKET), N(SO_TYPE), A(SPACE), A(SPACE) }, KILLED },
	{ "ask for its name", SYS_getsockname, { A(LISTENER), A(SPACE), A(SPACE) }, KILLED },
	{ "ask who connects", SYS_getpeername, { A(LISTENER), A(SPACE), A(SPACE) }, -ENOTCONN },
	{ "accept", SYS_accept4, { A(LISTENER) }, -EAGAIN },
	{ "accept, the old way", SYS_accept, { A(LISTENER) }, KILLED },
	{ "watch a socket", SYS_epoll_ctl, { N(-1), N(1), A(LISTENER), A(SPACE) }, -EBADF },
#ifdef __x86_64__
	{ "wait", SYS_epoll_wait, { N(-1), A(SPACE), N(1), N(0) }, -EBADF },
#endif
	{ "wait", SYS_epoll_pwait, { N(-1), A(SPACE), N(1), N(0) }, -EBADF },
#ifdef __x86_64__
	{ "wait", SYS_poll, { A(SPACE), N(0), N(0) }, DONE },
#endif
	{ "wait", SYS_ppoll, { A(SPACE), N(0), A(SPACE) }, DONE },

	/* Other processes. */
	{ "signal another", SYS_kill, { A(OTHER), N(0) }, KILLED },
	{ "signal a thread", SYS_tkill, { A(OTHER), N(0) }, KILLED },
	{ "signal a thread", SYS_tgkill, { A(OTHER), A(OTHER), N(0) }, KILLED },
	{ "signal with a word", SYS_rt_sigqueueinfo, { A(OTHER), N(SIGUSR1), A(SPACE) }, KILLED },
	{ "have another signalled", SYS_fcntl, { A(LISTENER), N(F_SETOWN), A(OTHER) }, KILLED },
	{ "by which signal", SYS_fcntl, { A(LISTENER), N(F_SETSIG), N(SIGUSR1) }, KILLED },
	{ "whoever it is", SYS_fcntl, { A(LISTENER), N(F_SETFL), N(O_ASYNC | O_NONBLOCK) }, DONE },
	{ "the same by ioctl", SYS_ioctl, { A(LISTENER), N(0x8902), A(SPACE) }, KILLED },
	{ "trace another", SYS_ptrace, { N(PTRACE_SEIZE), A(OTHER) }, KILLED },
	{ "read another", SYS_process_vm_readv,
	    { A(OTHER), A(SPACE), N(1), A(SPACE), N(1) }, KILLED },
	{ "start a process", SYS_clone, { N(SIGCHLD) }, KILLED },
	{ "start one that shares", SYS_clone, { N(CLONE_VM | CLONE_VFORK | SIGCHLD) }, KILLED },
	{ "start one the new way", SYS_clone3, { A(SPACE), N(64) }, -ENOSYS },
	{ "start a thread, badly", SYS_clone, { N(CLONE_THREAD) }, -EINVAL },
#ifdef __x86_64__
	{ "fork", SYS_fork, { N(0) }, KILLED },
#endif
	{ "execute", SYS_execve, { T("/bin/true"), A(SPACE), A(SPACE) }, KILLED },
	{ "execute what is open", SYS_execveat,
	    { A(STAND_IN), T(""), A(SPACE), A(SPACE), N(AT_EMPTY_PATH) }, KILLED },

	/* Files: Landlock's rules reach down. */
	{ "read the key", SYS_openat, OPEN("keys/key", O_RDONLY), LEFT },
	{ "read below its folder", SYS_openat, OPEN("keys/deep/file", O_RDONLY), LEFT },
#ifdef __x86_64__
	{ "read below its folder", SYS_open, { T("keys/deep/file"), N(O_RDONLY) }, LEFT },
#endif
	{ "read another", SYS_openat, OPEN("other", O_RDONLY), -EACCES },
#ifdef __x86_64__
	{ "read another", SYS_open, { T("/etc/passwd"), N(O_RDONLY) }, -EACCES },
#endif
	{ "read upwards", SYS_openat, OPEN("keys/../other", O_RDONLY), -EACCES },
	{ "read through a link", SYS_openat, OPEN("keys/out", O_RDONLY), -EACCES },
	{ "read through /proc", SYS_openat, OPEN("/proc/self/root/etc/passwd", O_RDONLY), -EACCES },
	{ "read its folder through /proc", SYS_openat,
	    OPEN("/proc/self/cwd/other", O_RDONLY), -EACCES },
	{ "read its memory as a file", SYS_openat, OPEN("/proc/self/mem", O_RDONLY), -EACCES },
	{ "read of another", SYS_openat, OPEN("/proc/1/environ", O_RDONLY), -EACCES },
	{ "list a folder", SYS_openat, OPEN("keys", O_RDONLY | O_DIRECTORY), -EACCES },
	{ "point at another file", SYS_openat, OPEN("other", O_PATH), LEFT },
	{ "write the key", SYS_openat, OPEN("keys/key", O_WRONLY), KILLED },
#ifdef __x86_64__
	{ "write another", SYS_open, { T("other"), N(O_RDWR) }, KILLED },
#endif
	{ "empty the key", SYS_openat, OPEN("keys/key", O_RDONLY | O_TRUNC), KILLED },
	{ "make a file", SYS_openat, OPEN("run/made", O_RDONLY | O_CREAT), KILLED },
	{ "make one without a name", SYS_openat, OPEN("run", O_TMPFILE | O_RDWR), KILLED },
	{ "make one the new way", SYS_openat2,
	    { N(AT_FDCWD), T("run/made"), A(SPACE), N(24) }, KILLED },
	{ "cut the key", SYS_truncate, { T("keys/key"), N(0) }, KILLED },
	{ "rename the key", SYS_renameat,
	    { N(AT_FDCWD), T("keys/key"), N(AT_FDCWD), T("run/key") }, KILLED },
	{ "open it to all", SYS_fchmodat, { N(AT_FDCWD), T("keys/key"), N(0666) }, KILLED },
	{ "make a link", SYS_symlinkat, { T("/etc/passwd"), N(AT_FDCWD), T("run/made") }, KILLED },
	{ "make a folder", SYS_mkdirat, { N(AT_FDCWD), T("run/made"), N(0700) }, KILLED },
	{ "where a link leads", SYS_readlinkat,
	    { N(AT_FDCWD), T("keys/out"), A(SPACE), N(99) }, KILLED },
#ifdef __x86_64__
	{ "make one the old way", SYS_creat, { T("run/made"), N(0600) }, KILLED },
	{ "rename the key", SYS_rename, { T("keys/key"), T("run/key") }, KILLED },
	{ "open it to all", SYS_chmod, { T("keys/key"), N(0666) }, KILLED },
	{ "make a link", SYS_symlink, { T("/etc/passwd"), T("run/made") }, KILLED },
	{ "make a folder", SYS_mkdir, { T("run/made"), N(0700) }, KILLED },
	{ "where a link leads", SYS_readlink, { T("keys/out"), A(SPACE), N(99) }, KILLED },
#endif
	{ "what is in a folder", SYS_getdents64, { A(STAND_IN), A(SPACE), N(99) }, KILLED },
	{ "lock a file for others", SYS_fcntl, { A(STAND_IN), N(F_SETLK), A(SPACE) }, KILLED },
	{ "double a descriptor", SYS_fcntl, { A(STAND_IN), N(F_DUPFD), N(0) }, DONE },
	{ "remove the key", REMOVE("keys/key"), -EACCES },
	{ "remove another", REMOVE("other"), -EACCES },
	{ "remove its socket", REMOVE("run/sock"), LEFT },
	{ "remove below its folder", REMOVE("run/deep/file"), LEFT },
#ifdef __x86_64__
	{ "stat another", SYS_stat, { T("/etc/shadow"), A(SPACE) }, LEFT },
	{ "stat another", SYS_lstat, { T("/etc/shadow"), A(SPACE) }, LEFT },
#endif
	{ "stat another", SYS_newfstatat, { N(AT_FDCWD), T("other"), A(SPACE) }, LEFT },
	{ "stat a descriptor", SYS_fstat, { A(STAND_IN), A(SPACE) }, DONE },
	{ "close nothing", SYS_close, { N(-1) }, -EBADF },
	{ "read nothing", SYS_read, { N(-1), A(SPACE), N(1) }, -EBADF },
	{ "read nothing at a place", SYS_pread64, { N(-1), A(SPACE), N(1), N(0) }, -EBADF },
	{ "write to its log", SYS_write, { N(2), T("mine\n"), N(5) }, LEFT },

	/* Code, and itself. */
	{ "take memory", SYS_mmap,
	    { N(0), N(4096), N(PROT_READ | PROT_WRITE), N(MAP_PRIVATE | MAP_ANONYMOUS), N(-1) },
	    LEFT },
	{ "take memory for code", SYS_mmap,
	    { N(0), N(4096), N(PROT_READ | PROT_EXEC), N(MAP_PRIVATE | MAP_ANONYMOUS), N(-1) },
	    KILLED },
	{ "map the key as code", SYS_mmap,
	    { N(0), N(4096), N(PROT_EXEC), N(MAP_PRIVATE), A(STAND_IN) }, KILLED },
	{ "turn memory into code", SYS_mprotect,
	    { A(SPACE), N(4096), N(PROT_READ | PROT_EXEC) }, KILLED },
	{ "the same with a key", SYS_pkey_mprotect,
	    { A(SPACE), N(4096), N(PROT_EXEC), N(-1) }, KILLED },
	{ "move code", SYS_mremap, { A(SPACE), N(4096), N(8192), N(MREMAP_MAYMOVE) }, KILLED },
	{ "let reading imply executing", SYS_personality, { N(0x400000) }, KILLED },
	{ "protect memory", SYS_mprotect, { A(SPACE), N(4096), N(PROT_READ | PROT_WRITE) }, DONE },
	{ "advise memory", SYS_madvise, { A(SPACE), N(4096), N(MADV_NORMAL) }, DONE },
	{ "give nothing back", SYS_munmap, { A(SPACE), N(0) }, -EINVAL },
	{ "wake", SYS_futex, { A(SPACE), N(FUTEX_WAKE | FUTEX_PRIVATE_FLAG), N(1) }, DONE },
	{ "robust locks", SYS_set_robust_list, { A(SPACE), N(0) }, -EINVAL },
	{ "restartable code", SYS_rseq, { A(SPACE), N(0) }, -EINVAL },
	{ "take a signal", SYS_rt_sigaction, { N(SIGUSR1), N(0), N(0), N(8) }, DONE },
	{ "block signals", SYS_rt_sigprocmask, { N(SIG_BLOCK), N(0), N(0), N(8) }, DONE },
	{ "go on", SYS_restart_syscall, { N(0) }, -EINTR },
#ifdef __x86_64__
	{ "the time", SYS_time, { N(0) }, DONE },
#endif
	{ "the time", SYS_clock_gettime, { N(0), A(SPACE) }, DONE },
	{ "set the time", SYS_clock_settime, { N(0), A(SPACE) }, KILLED },
	{ "sleep", SYS_nanosleep, { A(SPACE) }, KILLED },
	{ "sleep", SYS_clock_nanosleep, { N(0), N(0), A(SPACE) }, KILLED },
	{ "random numbers", SYS_getrandom, { A(SPACE), N(8) }, DONE },
	{ "become root", SYS_setuid, { N(0) }, KILLED },
	{ "new powers", SYS_capset, { A(SPACE), A(SPACE) }, KILLED },
	{ "new limits", SYS_prlimit64, { N(0), N(0), N(0), A(SPACE) }, KILLED },
	{ "another filter", SYS_prctl, { N(PR_SET_SECCOMP), N(2), A(SPACE) }, KILLED },
	{ "end a thread", SYS_exit, { N(0) }, ENDED },
	{ "end", SYS_exit_group, { N(0) }, ENDED },
};

enum { ATTEMPTS = sizeof attempts / sizeof attempts[0], SLOT = 512 };

/* How a thread makes a call: the instruction, and which register holds what. */
#ifdef __x86_64__
static const unsigned char enters[] = { 0x0f, 0x05 };           /* syscall */
#define PLACE rip
#define STACK rsp
#define RESULT rax
#else
static const unsigned char enters[] = { 0x01, 0x00, 0x00, 0xd4 };       /* svc #0 */
#define PLACE pc
#define STACK sp
#define RESULT regs[0]
#endif

/* The live process, one of its threads at such an instruction. */
static struct {
	pid_t process, thread;
	int memory;                     /* descriptor */
	int socket[3];                  /* LISTENER, TOLD, STAND_IN: its numbers for them */
	uint64_t space;                 /* a page of its memory that may be written */
	struct user_regs_struct registers;
} live;

static char program[PATH_MAX];          /* its path, whatever our folder is */

/* What it is not to reach: a TCP service, and a unix socket. Where it tells systemd. */
static struct {
	int tcp, local, told;
	struct sockaddr_in address;
} others;

static void
bind_path(int *fd, const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	struct timeval patience = { .tv_sec = 5 };

	strcpy(a.sun_path, path);
	*fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (bind(*fd, (struct sockaddr *)&a, sizeof a) != 0 ||
	    setsockopt(*fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) != 0)
		abort();
}

static void
put_file(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);

	for (int i = 0; i < 100; i++)
		if (write(fd, &(char){ (char)('A' + test_random() % 26) }, 1) != 1)
			abort();
	close(fd);
}

static void
furnish(const char *folder)
{
	socklen_t n = sizeof others.address;
	char path[64];

	for (int i = 0; i < 4; i++)
		if (mkdir((const char *[]){ "keys", "keys/deep", "run", "run/deep" }[i], 0700) != 0)
			abort();
	put_file("keys/key");
	put_file("keys/deep/file");
	put_file("other");
	if (symlink("../other", "keys/out") != 0)
		abort();
	bind_path(&others.local, "local");
	snprintf(path, sizeof path, "%s/told", folder);
	setenv("NOTIFY_SOCKET", path, 1);
	bind_path(&others.told, path);
	others.address = (struct sockaddr_in){ .sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	others.tcp = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (bind(others.tcp, (struct sockaddr *)&others.address, sizeof others.address) != 0 ||
	    listen(others.tcp, 8) != 0 ||
	    getsockname(others.tcp, (struct sockaddr *)&others.address, &n) != 0)
		abort();
}

/* Which number it has for each of its sockets. */
static void
find_sockets(void)
{
	int handle = (int)syscall(SYS_pidfd_open, live.process, 0);

	live.socket[0] = live.socket[1] = live.socket[2] = -1;
	for (int fd = 0; fd < 24; fd++) {
		int listening = 0, family = 0, mine = (int)syscall(SYS_pidfd_getfd, handle, fd, 0);
		socklen_t n = sizeof listening, m = sizeof family;

		if (mine >= 0 && getsockopt(mine, SOL_SOCKET, SO_ACCEPTCONN, &listening, &n) == 0 &&
		    getsockopt(mine, SOL_SOCKET, SO_DOMAIN, &family, &m) == 0) {
			if (listening != 0 && family == AF_INET)
				live.socket[0] = fd;
			else if (listening == 0)
				live.socket[fd == 0 ? 2 : 1] = fd;
		}
		close(mine);
	}
	close(handle);
}

/* The last thread of the process: a worker. */
static pid_t
last_thread(void)
{
	char path[32];
	struct dirent *entry;
	pid_t last = live.process;
	DIR *dir;

	snprintf(path, sizeof path, "/proc/%d/task", live.process);
	dir = opendir(path);
	while ((entry = readdir(dir)) != NULL)
		if (atoi(entry->d_name) > last)
			last = atoi(entry->d_name);
	closedir(dir);
	return last;
}

static bool
get_registers(struct user_regs_struct *r)
{
	struct iovec all = { r, sizeof *r };

	return ptrace(PTRACE_GETREGSET, live.thread, NT_PRSTATUS, &all) == 0;
}

static bool
set_registers(struct user_regs_struct *r)
{
	struct iovec all = { r, sizeof *r };

	return ptrace(PTRACE_SETREGSET, live.thread, NT_PRSTATUS, &all) == 0;
}

/* Whether the call that it stopped in is one in which it sleeps. */
static bool
sleeps(const struct user_regs_struct *r)
{
#ifdef __x86_64__
	return r->orig_rax == SYS_ppoll || r->orig_rax == SYS_epoll_wait ||
	    r->orig_rax == SYS_epoll_pwait;
#else
	return r->regs[8] == SYS_ppoll || r->regs[8] == SYS_epoll_pwait;
#endif
}

/* Puts it back to the instruction of its call: it stands behind that, or there again, if Linux will
 * begin the call once more. */
static bool
go_back(struct user_regs_struct *r)
{
	unsigned char code[sizeof enters];

	for (size_t back = 0; back <= sizeof enters; back += sizeof enters) {
		if (pread(live.memory, code, sizeof code, (off_t)(r->PLACE - back)) ==
		    sizeof code && memcmp(code, enters, sizeof code) == 0) {
			r->PLACE -= back;
			return true;
		}
	}
	return false;
}

/* Stops the thread where it sleeps in a call. */
static bool
seize(void)
{
	char path[32];
	int status;

	snprintf(path, sizeof path, "/proc/%d/mem", live.process);
	live.memory = open(path, O_RDWR | O_CLOEXEC);
	if (ptrace(PTRACE_SEIZE, live.thread, NULL, PTRACE_O_TRACEEXIT | PTRACE_O_EXITKILL) != 0)
		return false;
	for (int tries = 0; tries < 1000; tries++) {
		struct user_regs_struct *r = &live.registers;

		if (ptrace(PTRACE_INTERRUPT, live.thread, NULL, NULL) != 0 ||
		    waitpid(live.thread, &status, __WALL) < 0 ||
		    !get_registers(r))
			return false;
		live.space = (r->STACK - 16384) & ~UINT64_C(4095);
		if (sleeps(r) && go_back(r))
			return true;
		ptrace(PTRACE_CONT, live.thread, NULL, NULL);
		poll(NULL, 0, 1);
	}
	return false;
}

static void
finish(void)
{
	pid_t stopped;
	int status;

	if (live.process <= 0)
		return;
	kill(live.process, SIGKILL);
	ptrace(PTRACE_CONT, live.thread, NULL, NULL);   /* where it stopped on its way out */
	while ((stopped = waitpid(-1, &status, __WALL)) > 0)
		if (WIFSTOPPED(status))
			ptrace(PTRACE_CONT, stopped, NULL, NULL);
	close(live.memory);
	live.process = 0;
}

/* A new one, in its sandbox, without standard input; one of its threads is ours. */
static bool
start(bool worker)
{
	char *const arguments[] = { (char[]){ "jwtd" }, (char[]){ "--key-file=keys/key" },
	    (char[]){ "--listen=127.0.0.1:0" }, (char[]){ "--listen=unix:run/sock" },
	    (char[]){ "--workers=2" }, (char[]){ "--sandbox=require" }, NULL };
	char told[64] = "";

	unlink("run/deep/file");
	put_file("run/deep/file");
	live.process = fork();
	if (live.process == 0) {
		int log = open("log", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(STDIN_FILENO);
		if (dup2(log, STDERR_FILENO) >= 0)
			execv(program, arguments);
		_exit(NEVER_RAN);
	}
	while (strcmp(told, "READY=1") != 0) {
		ssize_t n = recv(others.told, told, sizeof told - 1, 0);

		if (n < 0)
			return false;
		told[n] = '\0';
	}
	find_sockets();
	live.thread = worker ? last_thread() : live.process;
	return seize();
}

static uint64_t
place(const struct argument *a, unsigned number)
{
	uint64_t at = live.space + number * SLOT;
	struct sockaddr_un local = { .sun_family = AF_UNIX, .sun_path = "local" };
	static const char nothing[SLOT];
	const void *bytes = nothing;
	size_t n = SLOT;

	switch (a->kind) {
	case NUMBER: return (uint64_t)a->n;
	case OTHER: return (uint64_t)getpid();
	case LISTENER:
	case TOLD:
	case STAND_IN: return (uint64_t)live.socket[a->kind - LISTENER];
	case TEXT: bytes = a->text, n = strlen(a->text) + 1; break;
	case TCP: bytes = &others.address, n = sizeof others.address; break;
	case UNIX: bytes = &local, n = sizeof local; break;
	case SPACE: at = number == 0 ? live.space : at; break;
	}
	if (pwrite(live.memory, bytes, n, (off_t)at) != (ssize_t)n)
		abort();
	return at;
}

/* How it has ended or stopped. */
static int
outcome(int status)
{
	struct user_regs_struct r;
	unsigned long exits = 0;

	if (WIFSTOPPED(status) && status >> 8 == (SIGTRAP | PTRACE_EVENT_EXIT << 8) &&
	    ptrace(PTRACE_GETEVENTMSG, live.thread, NULL, &exits) == 0)
		return (exits & 0x7f) == SIGSYS ? KILLED : ENDED;
	if (WIFSIGNALED(status) || WIFEXITED(status))
		return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS ? KILLED : ENDED;
	if (WSTOPSIG(status) != SIGTRAP || !get_registers(&r))
		return NEVER_RAN;
	return (int64_t)r.RESULT < 0 && (int64_t)r.RESULT > -4096 ? (int)r.RESULT : DONE;
}

static int
make(const struct attempt *a)
{
	struct user_regs_struct r = live.registers;
	int status;

#ifdef __x86_64__
	r.rdi = place(&a->argument[0], 0);
	r.rsi = place(&a->argument[1], 1);
	r.rdx = place(&a->argument[2], 2);
	r.r10 = place(&a->argument[3], 3);
	r.r8 = place(&a->argument[4], 4);
	r.r9 = place(&a->argument[5], 5);
	r.rax = (uint64_t)a->call;
	r.orig_rax = UINT64_MAX;        /* the call that was interrupted is not begun again */
#else
	for (unsigned i = 0; i < 6; i++)
		r.regs[i] = place(&a->argument[i], i);
	r.regs[8] = (uint64_t)a->call;
#endif
	if (!set_registers(&r) ||
	    ptrace(PTRACE_SINGLESTEP, live.thread, NULL, NULL) != 0 ||
	    waitpid(live.thread, &status, __WALL) != live.thread)
		return NEVER_RAN;
	return outcome(status);
}

static void
run_attempts(bool worker)
{
	bool runs = false;

	for (size_t i = 0; i < ATTEMPTS; i++) {
		const struct attempt *a = &attempts[i];
		int ends = runs || (runs = start(worker)) ? make(a) : NEVER_RAN;

		CHECK(ends == (a->ends == LEFT ? DONE : a->ends), "%s, row %zu, %s: %d, not %d",
		    worker ? "worker" : "main", i, a->what, ends, a->ends);
		if (ends > DONE) {
			finish();
			runs = false;
		}
	}
	finish();
}

/* Every thread has the filter, and no power. */
static void
powers(void)
{
	static const char *const wanted[] = { "\nSeccomp:\t2\n", "\nNoNewPrivs:\t1\n",
	    "\nCapInh:\t0000000000000000\n", "\nCapPrm:\t0000000000000000\n",
	    "\nCapEff:\t0000000000000000\n", "\nCapBnd:\t0000000000000000\n",
	    "\nCapAmb:\t0000000000000000\n" };

	CHECK(start(true), "it does not start");
	for (int i = 0; i < 2; i++) {
		char path[64], text[4096];
		pid_t thread = i == 0 ? live.process : live.thread;
		ssize_t n;
		int fd;

		snprintf(path, sizeof path, "/proc/%d/task/%d/status", live.process, thread);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		n = read(fd, text, sizeof text - 1);
		close(fd);
		text[n > 0 ? n : 0] = '\0';
		for (size_t j = 0; j < sizeof wanted / sizeof wanted[0]; j++)
			CHECK(strstr(text, wanted[j]) != NULL, "thread %d: not %.10s", i,
			    wanted[j] + 1);
	}
	finish();
}

/* Nobody was reached: no connection, no byte. The files are as they were. */
static void
untouched(void)
{
	struct stat key, other;
	char byte;

	CHECK(accept(others.tcp, NULL, NULL) < 0 && errno == EAGAIN, "a connection has come out");
	CHECK(recv(others.local, &byte, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN,
	    "a datagram has come out");
	CHECK(stat("keys/key", &key) == 0 && key.st_size == 100 && (key.st_mode & 0777) == 0600 &&
	    stat("other", &other) == 0 && other.st_size == 100 && access("run/made", F_OK) != 0,
	    "a file has changed");
}

/* Whether a row lets the call through. rt_sigreturn makes no sense from outside. About the last two
 * Linux asks no filter on x86: who calls them without being probed gets SIGILL, or an error. */
static bool
is_let(long number)
{
#ifdef __x86_64__
	enum { URETPROBE = 335, UPROBE = 336 };

	if (number == URETPROBE || number == UPROBE)
		return true;
#endif
	for (size_t i = 0; i < ATTEMPTS; i++)
		if (attempts[i].call == number && attempts[i].ends != KILLED)
			return true;
	return number == SYS_rt_sigreturn;
}

/* Whether a call by its mere number is as the table says, for all numbers: in a child that enters
 * the sandbox. */
static void
all_numbers(void)
{
	enum { NUMBERS = 600 };
	const struct sandbox_plan plan = { 0 };
	unsigned wrong = 0, last = 0;

	for (unsigned number = 0; number < NUMBERS; number++) {
		int status = -1;
		pid_t child = fork();

		if (child == 0) {
			struct sandbox_report report = { .why = "" };

			if (!sandbox_enter(&plan, &report))
				_exit(NEVER_RAN);
			syscall(number, CLONE_THREAD, 0, 8, 0, 0, 0);
			_exit(DONE);
		}
		waitpid(child, &status, 0);
		if ((WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS) == is_let(number) ||
		    (WIFEXITED(status) && WEXITSTATUS(status) == NEVER_RAN)) {
			wrong++;
			last = number;
		}
	}
	CHECK(wrong == 0, "%u calls are let through or not against the table, number %u the last",
	    wrong, last);
}

void
test_inside(void)
{
	char folder[] = "/tmp/jwtd-inside-XXXXXX", command[64];
	int here = open(".", O_RDONLY);
	bool found = realpath(getenv("JWTD") != NULL ? getenv("JWTD") : "./jwtd", program) != NULL;

	if (geteuid() != 0 || getenv("JWTD_UNDER") != NULL) {
		test_skip("calls from inside the live process (needs root, and no other tracer)");
		close(here);
		return;
	}
	if (mkdtemp(folder) == NULL || chdir(folder) != 0)
		abort();
	furnish(folder);
	if (!found || !start(false)) {
		test_skip("calls from inside the live process (needs JWTD or ./jwtd, and a kernel "
		    "with all of the sandbox)");
	} else {
		finish();
		powers();
		run_attempts(false);
		run_attempts(true);
		untouched();
		all_numbers();
	}
	finish();
	unsetenv("NOTIFY_SOCKET");
	for (int i = 0; i < 3; i++)
		close((const int[]){ others.tcp, others.local, others.told }[i]);
	snprintf(command, sizeof command, "rm -rf %s", folder);
	if (fchdir(here) != 0 || system(command) != 0)
		abort();
	close(here);
}

#else

void
test_inside(void)
{
	test_skip("calls from inside the live process (needs x86-64 or aarch64, and a build "
	    "with the sandbox)");
}

#endif

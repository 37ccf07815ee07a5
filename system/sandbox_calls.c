#include "system/sandbox_calls.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

/* The kernel's, as linux/filter.h, linux/seccomp.h and linux/audit.h have them: musl comes without
 * these headers. */
struct instruction {
	uint16_t code;
	uint8_t yes, no;        /* how many instructions to leave out */
	uint32_t k;
};

struct program {
	uint16_t n;
	struct instruction *first;
};

struct call_data {
	int32_t number;
	uint32_t arch;
	uint64_t instruction_pointer, argument[6];
};

enum {
	LOAD = 0x20,            /* BPF_LD | BPF_W | BPF_ABS */
	IF_EQUAL = 0x15,        /* BPF_JMP | BPF_JEQ | BPF_K */
	IF_ANY_BIT = 0x45,      /* BPF_JMP | BPF_JSET | BPF_K */
	RETURN = 0x06,          /* BPF_RET | BPF_K */
	MODE_FILTER = 2
};

#define KILL 0x80000000u        /* SECCOMP_RET_KILL_PROCESS */
#define ALLOW 0x7fff0000u
#define NO_SUCH_CALL (0x00050000u | ENOSYS)

#if defined(__x86_64__)
#define ARCH 0xc000003eu        /* calls of x32 have a bit of their own in their number */
#elif defined(__aarch64__) && !defined(__AARCH64EB__)
#define ARCH 0xc00000b7u
#endif

#ifdef ARCH

/* Calls that are allowed whatever their arguments. */
static const uint16_t allowed[] = {
	/* each request */
	SYS_recvfrom, SYS_sendto, SYS_epoll_pwait, SYS_futex, SYS_clock_gettime, SYS_read,
	SYS_write, SYS_writev,
	/* each connection */
	SYS_accept4, SYS_epoll_ctl, SYS_close, SYS_shutdown, SYS_ppoll, SYS_getpeername,
	SYS_getsockname, SYS_setsockopt, SYS_getsockopt,
	/* threads and their memory */
	SYS_set_robust_list, SYS_rseq, SYS_munmap, SYS_madvise, SYS_brk, SYS_sched_yield, SYS_exit,
	SYS_exit_group, SYS_epoll_create1, SYS_eventfd2,
	/* signals, and an end by abort() */
	SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_getpid, SYS_gettid, SYS_tgkill,
	SYS_tkill, SYS_restart_syscall,
	/* a reload, the end */
	SYS_fstat, SYS_newfstatat, SYS_fcntl, SYS_getrandom, SYS_nanosleep, SYS_clock_nanosleep,
	SYS_unlinkat, SYS_gettimeofday,
#ifdef __x86_64__
	SYS_epoll_wait, SYS_poll, SYS_stat, SYS_lstat, SYS_unlink, SYS_time,
#endif
};

/* Nothing is ever written to a file. */
#define WRITES (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC)

/* Calls that are allowed where the argument has one of these bits, or where it has none of them. */
static const struct {
	uint16_t number;
	uint8_t argument;
	bool with;
	uint32_t bits;
} conditional[] = {
	{ SYS_clone, 0, true, CLONE_THREAD },           /* no process */
	{ SYS_mmap, 2, false, PROT_EXEC },              /* no code */
	{ SYS_mprotect, 2, false, PROT_EXEC },
	{ SYS_openat, 2, false, WRITES },
#ifdef __x86_64__
	{ SYS_open, 1, false, WRITES },
#endif
};

enum {
	ALLOWED = sizeof allowed / sizeof allowed[0],
	CONDITIONAL = sizeof conditional / sizeof conditional[0],
	INSTRUCTIONS = 7 + 2 * ALLOWED + 5 * CONDITIONAL
};

/* Appends one instruction. */
static void
put(struct program *p, uint16_t code, uint8_t yes, uint8_t no, uint32_t k)
{
	p->first[p->n++] = (struct instruction){ code, yes, no, k };
}

static void
write_filter(struct program *p)
{
	put(p, LOAD, 0, 0, offsetof(struct call_data, arch));
	put(p, IF_EQUAL, 1, 0, ARCH);
	put(p, RETURN, 0, 0, KILL);
	put(p, LOAD, 0, 0, offsetof(struct call_data, number));
	for (unsigned i = 0; i < ALLOWED; i++) {
		put(p, IF_EQUAL, 0, 1, allowed[i]);
		put(p, RETURN, 0, 0, ALLOW);
	}
	put(p, IF_EQUAL, 0, 1, SYS_clone3);     /* its flags lie in memory: clone() serves */
	put(p, RETURN, 0, 0, NO_SUCH_CALL);
	for (unsigned i = 0; i < CONDITIONAL; i++) {
		bool with = conditional[i].with;

		put(p, IF_EQUAL, 0, 4, conditional[i].number);
		put(p, LOAD, 0, 0, (uint32_t)offsetof(struct call_data, argument) +
		    8 * (uint32_t)conditional[i].argument);     /* its low half */
		put(p, IF_ANY_BIT, !with, with, conditional[i].bits);
		put(p, RETURN, 0, 0, ALLOW);
		put(p, RETURN, 0, 0, KILL);
	}
	put(p, RETURN, 0, 0, KILL);
}

enum sandbox_part
sandbox_filter(void)
{
	struct instruction filter[INSTRUCTIONS];
	struct program program = { 0, filter };

	write_filter(&program);
	if (prctl(PR_SET_SECCOMP, MODE_FILTER, &program, 0, 0) == 0)
		return SANDBOX_HOLDS;
	return errno == EINVAL ? SANDBOX_LACKS : SANDBOX_FAILED;
}

#else

enum sandbox_part
sandbox_filter(void)
{
	return SANDBOX_LACKS;
}

#endif

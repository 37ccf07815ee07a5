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
#include <unistd.h>

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
	IF_ABOVE = 0x25,        /* BPF_JMP | BPF_JGT | BPF_K */
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

/* Nothing is ever written to a file, but where that is asked for. */
#define WRITES (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC)

/* Calls that are allowed where an argument has one of these bits, has none of them, or is not above
 * that. The first has to stand first: every answer passes it. */
static const struct {
	uint16_t number;
	uint8_t argument;
	enum { HAS, LACKS, AT_MOST } must;
	uint32_t value;
} conditional[] = {
	{ SYS_sendto, 5, AT_MOST, 0 },                  /* no address: to who has connected */
	{ SYS_fcntl, 1, AT_MOST, F_SETFL },             /* no locks, and no owner for signals */
	{ SYS_clone, 0, HAS, CLONE_THREAD },            /* no process */
	{ SYS_mmap, 2, LACKS, PROT_EXEC },              /* no code */
	{ SYS_mprotect, 2, LACKS, PROT_EXEC },
	{ SYS_openat, 2, LACKS, WRITES },
#ifdef __x86_64__
	{ SYS_open, 1, LACKS, WRITES },
#endif
};

/* What writing and replacing a file takes; where it is not asked for, these are not allowed. */
static const uint16_t writing[] = {
	SYS_openat, SYS_flock, SYS_lseek, SYS_fdatasync, SYS_fsync, SYS_ftruncate,
	SYS_fchmod, SYS_fchownat,
#ifdef __x86_64__
	SYS_open, SYS_rename,
#else
	SYS_renameat,
#endif
};

/* Calls that are allowed whatever their arguments: those that serving makes, by musl or by glibc.
 * An abort() ends by SIGSYS. */
static const uint16_t allowed[] = {
	/* each request; the clock where the vDSO has none, the lock of the log */
	SYS_recvfrom, SYS_epoll_pwait, SYS_clock_gettime, SYS_futex, SYS_read, SYS_write,
	/* each connection; its peer's name is for the log */
	SYS_accept4, SYS_epoll_ctl, SYS_close, SYS_shutdown, SYS_ppoll, SYS_getpeername,
	/* threads: glibc's begin and end so, musl's stacks go back */
	SYS_set_robust_list, SYS_rseq, SYS_madvise, SYS_munmap, SYS_exit,
	/* signals: glibc takes one of its own with the first thread; who was stopped goes on */
	SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_restart_syscall,
	/* a reload, which may wait for a request; randomness without a device; the end */
	SYS_fstat, SYS_newfstatat, SYS_getrandom, SYS_exit_group,
	SYS_pread64,            /* what it takes of the host */
#ifdef __x86_64__
	SYS_epoll_wait, SYS_poll, SYS_stat, SYS_lstat, SYS_unlink,
	SYS_time,               /* glibc's clock where there is no vDSO */
#endif
#ifndef __x86_64__
	SYS_unlinkat,
#endif
};

enum {
	ALLOWED = sizeof allowed / sizeof allowed[0],
	WRITING = sizeof writing / sizeof writing[0],
	CONDITIONAL = sizeof conditional / sizeof conditional[0],
	BLOCK = 64,             /* numbers, */
	BLOCKS = 8,             /* and so many of these: Linux has 470 calls */
	INSTRUCTIONS = 7 + 2 * ALLOWED + 2 * WRITING + 5 * CONDITIONAL + 2 * BLOCKS
};

/* Appends one instruction. */
static void
put(struct program *p, uint16_t code, uint8_t yes, uint8_t no, uint32_t k)
{
	p->first[p->n++] = (struct instruction){ code, yes, no, k };
}

static void
put_conditional(struct program *p, unsigned i)
{
	bool has = conditional[i].must == HAS;

	put(p, IF_EQUAL, 0, 4, conditional[i].number);
	put(p, LOAD, 0, 0, (uint32_t)offsetof(struct call_data, argument) +
	    8 * (uint32_t)conditional[i].argument);     /* its low half */
	put(p, conditional[i].must == AT_MOST ? IF_ABOVE : IF_ANY_BIT, !has, has,
	    conditional[i].value);
	put(p, RETURN, 0, 0, ALLOW);
	put(p, RETURN, 0, 0, KILL);
}

/* Allows those of n numbers that are of a block. */
static void
put_allowed(struct program *p, unsigned block, const uint16_t *number, unsigned n)
{
	for (; n > 0; number++, n--) {
		if (*number / BLOCK != block)
			continue;
		put(p, IF_EQUAL, 0, 1, *number);
		put(p, RETURN, 0, 0, ALLOW);
	}
}

/* Decides on the numbers of a block, the first answer counts; higher ones are for what comes
 * behind. */
static void
put_block(struct program *p, unsigned block, bool writes)
{
	unsigned start = p->n;

	put(p, IF_ABOVE, 0, 0, BLOCK * block + BLOCK - 1);
	put_allowed(p, block, writing, writes ? WRITING : 0);
	for (unsigned i = 1; i < CONDITIONAL; i++)
		if (conditional[i].number / BLOCK == block)
			put_conditional(p, i);
	put_allowed(p, block, allowed, ALLOWED);
	put(p, RETURN, 0, 0, KILL);
	p->first[start].yes = (uint8_t)(p->n - start - 1);
}

/* By blocks, as the kernel works out in advance what becomes of each number there is: one list took
 * it a tenth of a start. */
static void
write_filter(struct program *p, bool writes)
{
	put(p, LOAD, 0, 0, offsetof(struct call_data, arch));
	put(p, IF_EQUAL, 1, 0, ARCH);
	put(p, RETURN, 0, 0, KILL);
	put(p, LOAD, 0, 0, offsetof(struct call_data, number));
	put_conditional(p, 0);
	put(p, IF_EQUAL, 0, 1, SYS_clone3);     /* its flags lie in memory: clone() serves */
	put(p, RETURN, 0, 0, NO_SUCH_CALL);
	for (unsigned block = 0; block < BLOCKS; block++)
		put_block(p, block, writes);
	put(p, RETURN, 0, 0, KILL);
}

enum sandbox_part
sandbox_filter(bool writes)
{
	struct instruction filter[INSTRUCTIONS];
	struct program program = { 0, filter };

	write_filter(&program, writes);
	if (syscall(SYS_prctl, PR_SET_SECCOMP, (long)MODE_FILTER, &program, 0L, 0L) == 0)
		return SANDBOX_HOLDS;
	return errno == EINVAL ? SANDBOX_LACKS : SANDBOX_FAILED;
}

#else

enum sandbox_part
sandbox_filter(bool writes)
{
	(void)writes;
	return SANDBOX_LACKS;
}

#endif

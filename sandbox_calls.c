#include "sandbox_calls.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
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
	const struct instruction *first;
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

#define WORD(i) (uint32_t)(offsetof(struct call_data, argument) + 8 * (i))      /* the low half */

#define ALLOWED(call) { IF_EQUAL, 0, 1, SYS_##call }, { RETURN, 0, 0, ALLOW }
/* Only with none of the bits in this argument. */
#define WITHOUT(call, i, bits) \
	{ IF_EQUAL, 0, 4, SYS_##call }, { LOAD, 0, 0, WORD(i) }, \
	{ IF_ANY_BIT, 1, 0, (uint32_t)(bits) }, { RETURN, 0, 0, ALLOW }, { RETURN, 0, 0, KILL }
/* Only with these bits in it. */
#define WITH(call, i, bits) \
	{ IF_EQUAL, 0, 4, SYS_##call }, { LOAD, 0, 0, WORD(i) }, \
	{ IF_ANY_BIT, 0, 1, (uint32_t)(bits) }, { RETURN, 0, 0, ALLOW }, { RETURN, 0, 0, KILL }

/* Nothing is ever written to a file, and no memory is both. */
#define WRITES (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC)

static const struct instruction filter[] = {
	{ LOAD, 0, 0, offsetof(struct call_data, arch) },
	{ IF_EQUAL, 1, 0, ARCH }, { RETURN, 0, 0, KILL },
	{ LOAD, 0, 0, offsetof(struct call_data, number) },
	/* each request */
	ALLOWED(recvfrom), ALLOWED(sendto), ALLOWED(epoll_pwait), ALLOWED(futex),
	ALLOWED(clock_gettime), ALLOWED(read), ALLOWED(write), ALLOWED(writev),
	/* each connection */
	ALLOWED(accept4), ALLOWED(epoll_ctl), ALLOWED(close), ALLOWED(shutdown), ALLOWED(ppoll),
	ALLOWED(getpeername), ALLOWED(getsockname), ALLOWED(setsockopt), ALLOWED(getsockopt),
	/* threads and their memory */
	WITH(clone, 0, CLONE_THREAD), { IF_EQUAL, 0, 1, SYS_clone3 },
	{ RETURN, 0, 0, NO_SUCH_CALL }, ALLOWED(set_robust_list), ALLOWED(rseq),
	WITHOUT(mmap, 2, PROT_EXEC), WITHOUT(mprotect, 2, PROT_EXEC), ALLOWED(munmap),
	ALLOWED(madvise), ALLOWED(brk), ALLOWED(sched_yield), ALLOWED(exit), ALLOWED(exit_group),
	ALLOWED(epoll_create1), ALLOWED(eventfd2),
	/* signals, and an end by abort() */
	ALLOWED(rt_sigaction), ALLOWED(rt_sigprocmask), ALLOWED(rt_sigreturn), ALLOWED(getpid),
	ALLOWED(gettid), ALLOWED(tgkill), ALLOWED(tkill), ALLOWED(restart_syscall),
	/* a reload, the end */
	WITHOUT(openat, 2, WRITES), ALLOWED(fstat), ALLOWED(newfstatat), ALLOWED(fcntl),
	ALLOWED(getrandom), ALLOWED(nanosleep), ALLOWED(clock_nanosleep), ALLOWED(unlinkat),
	ALLOWED(gettimeofday),
#ifdef __x86_64__
	ALLOWED(epoll_wait), ALLOWED(poll), WITHOUT(open, 1, WRITES), ALLOWED(stat),
	ALLOWED(lstat), ALLOWED(unlink), ALLOWED(time),
#endif
	{ RETURN, 0, 0, KILL },
};

enum sandbox_filtered
sandbox_filter(void)
{
	const struct program program = { sizeof filter / sizeof filter[0], filter };

	if (prctl(PR_SET_SECCOMP, MODE_FILTER, &program, 0, 0) == 0)
		return SANDBOX_FILTERED;
	return errno == EINVAL ? SANDBOX_NO_FILTER : SANDBOX_FILTER_FAILED;
}

#else

enum sandbox_filtered
sandbox_filter(void)
{
	return SANDBOX_NO_FILTER;
}

#endif

/* What this processor has beyond what every one of its kind has. */
#ifndef CPU_H
#define CPU_H

#include <stdbool.h>

/* CPU_PORTABLE: only what runs on any processor is built. So that it is tested, too. */
#if defined __x86_64__ && !defined CPU_PORTABLE
#define CPU_AVX2 __attribute__((target("avx2,bmi,bmi2")))
/* Before version 16, clang has names for them only if all code is for such a processor. */
#elif defined __aarch64__ && !defined __clang__ && !defined CPU_PORTABLE
#define CPU_SHA512 __attribute__((target("arch=armv8.2-a+sha3")))
#endif

/* Whether it has that one of these two that is for its kind, and may call such functions. The first
 * call asks: it is the self-test's (sha512.h), before there is a second thread. */
#if defined CPU_AVX2 || defined CPU_SHA512
bool cpu_has_more(void);
#else
static inline bool
cpu_has_more(void)
{
	return false;
}
#endif

#endif

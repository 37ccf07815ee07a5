#include "cpu.h"

#ifdef CPU_AVX2
#include <cpuid.h>

/* CPUID leaf 7: AVX2 is EBX bit 5, BMI1 3, BMI2 8; and the kernel keeps the wide registers (leaf 1,
 * ECX bit 27; XCR0 bits 1 and 2). The compiler's own way to ask brings along 5 KB. */
static bool
ask(void)
{
	const unsigned wanted = 1U << 3 | 1U << 5 | 1U << 8;
	unsigned a, b, c, d, low, high;

	if (!__get_cpuid(1, &a, &b, &c, &d) || (c >> 27 & 1) == 0)
		return false;
	__asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	return (low & 6) == 6 && __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & wanted) == wanted;
}

#elif defined CPU_SHA512
#include <sys/auxv.h>

static bool
ask(void)
{
	const unsigned long wanted = 1UL << 21 | 1UL << 17;     /* HWCAP_SHA512, HWCAP_SHA3 */

	return (getauxval(AT_HWCAP) & wanted) == wanted;
}

#endif

#if defined CPU_AVX2 || defined CPU_SHA512
bool
cpu_has_more(void)
{
	static bool asked, has;

	if (!asked) {
		has = ask();
		asked = true;
	}
	return has;
}
#endif

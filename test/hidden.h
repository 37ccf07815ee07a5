/* Bytes that valgrind's memcheck takes for undefined, and reports where a branch or an index depends on
 * them; and cases that are to be without a report. */
#ifndef HIDDEN_H
#define HIDDEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <valgrind/memcheck.h>

static inline void hide(void *p, size_t n) { (void)VALGRIND_MAKE_MEM_UNDEFINED(p, n); }
static inline void reveal(void *p, size_t n) { (void)VALGRIND_MAKE_MEM_DEFINED(p, n); }

/* Whether a secret went into it. Where none did, nothing was tested. */
static inline bool
hidden(const void *p, size_t n)
{
	uint8_t bits[1024] = { 0 };
	bool any = false;

	(void)VALGRIND_GET_VBITS(p, bits, n < sizeof bits ? n : sizeof bits);
	for (size_t i = 0; i < sizeof bits; i++)
		any = any || bits[i] != 0;
	return any;
}

struct hidden_case {
	const char *what;
	bool (*run)(size_t);            /* whether the result was right */
	size_t n;
	bool leaks;                     /* planted, to see that it is seen */
};

/* What main() returns. */
static inline int
hidden_run(const struct hidden_case *cases, unsigned count)
{
	unsigned failed = 0;

	if (!RUNNING_ON_VALGRIND) {
		puts("FAILED: this says nothing unless valgrind runs it");
		return 2;
	}
	for (unsigned i = 0; i < count; i++) {
		unsigned before = (unsigned)VALGRIND_COUNT_ERRORS;
		bool right = (VALGRIND_PRINTF("%s\n", cases[i].what), cases[i].run(cases[i].n));
		unsigned reports = (unsigned)VALGRIND_COUNT_ERRORS - before;

		if (right && (reports > 0) == cases[i].leaks)
			continue;
		failed++;
		printf("FAILED %s: %s result, %u reports\n", cases[i].what,
		    right ? "right" : "wrong", reports);
	}
	printf("%u passed, %u failed, 0 skipped\n", count - failed, failed);
	return failed > 0;
}

#endif

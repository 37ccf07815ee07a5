#include "test/test.h"

#include "sha512.h"

#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { FLUSH_MAX = 1 << 20, FAILURES_SHOWN = 40 };

static struct {
	unsigned passed, failed, skipped;
} count;

static void
show_failure(const char *file, int line, const char *what, const char *format, va_list list)
{
	if (count.failed > FAILURES_SHOWN)
		return;
	printf("FAILED %s:%d: %s: ", file, line, what);
	vprintf(format, list);
	printf("\n");
	if (count.failed == FAILURES_SHOWN)
		printf("(further failures are only counted)\n");
}

void
test_check(bool ok, const char *file, int line, const char *condition, const char *format, ...)
{
	va_list list;

	if (ok) {
		count.passed++;
		return;
	}
	count.failed++;
	va_start(list, format);
	show_failure(file, line, condition, format, list);
	va_end(list);
}

static void
show_bytes(const char *name, struct str s)
{
	printf("  %s (%zu bytes): ", name, s.n);
	for (size_t i = 0; i < s.n && i < 800; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c >= 0x20 && c < 0x7f)
			putchar(c);
		else
			printf("\\x%02x", c);
	}
	printf("\n");
}

void
test_bytes(struct str got, struct str want, const char *file, int line, const char *format, ...)
{
	va_list list;

	if (str_equal(got, want)) {
		count.passed++;
		return;
	}
	count.failed++;
	va_start(list, format);
	show_failure(file, line, "bytes differ", format, list);
	va_end(list);
	if (count.failed <= FAILURES_SHOWN) {
		show_bytes("got", got);
		show_bytes("want", want);
	}
}

void
test_skip(const char *what)
{
	count.skipped++;
	printf("skipped: %s\n", what);
}

char *
test_flush(unsigned slot, const void *bytes, size_t n)
{
	static char *end[2];

	if (end[slot] == NULL) {
		size_t page = (size_t)sysconf(_SC_PAGESIZE);
		char *p = mmap(NULL, FLUSH_MAX + page, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (p == MAP_FAILED || mprotect(p + FLUSH_MAX, page, PROT_NONE) != 0) {
			perror("test_flush");
			exit(2);
		}
		end[slot] = p + FLUSH_MAX;
	}
	if (n > FLUSH_MAX)
		abort();
	if (n > 0)
		memcpy(end[slot] - n, bytes, n);
	return end[slot] - n;
}

FILE *
test_vectors(const char *name)
{
	const char *folder = getenv("JWTD_VECTORS");
	char path[4096];

	snprintf(path, sizeof path, "%s/%s", folder != NULL ? folder : "../shared/vectors", name);
	return fopen(path, "r");
}

static int
hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

size_t
test_unhex(uint8_t *out, const char *hex)
{
	size_t n = 0;

	for (; hex_digit(hex[0]) >= 0 && hex_digit(hex[1]) >= 0; hex += 2)
		out[n++] = (uint8_t)(hex_digit(hex[0]) << 4 | hex_digit(hex[1]));
	return n;
}

size_t
test_spell(uint8_t *out, const char *spec)
{
	size_t n = test_unhex(out, spec);

	if (spec[0] == '=') {
		n = strlen(spec + 1);
		memcpy(out, spec + 1, n);
	} else if (n == 1 && spec[2] == '*') {
		n = strtoul(spec + 3, NULL, 10);
		memset(out, out[0], n);
	}
	return n;
}

bool
test_columns(FILE *f, char *column[TEST_COLUMNS])
{
	static char line[1 << 15];
	char *p = line;

	do
		if (fgets(line, sizeof line, f) == NULL)
			return false;
	while (line[0] == '#');
	for (unsigned i = 0; i < TEST_COLUMNS; i++) {
		column[i] = p;
		p += strcspn(p, " \n");
		if (*p != '\0')
			*p++ = '\0';
	}
	return true;
}

void
test_each_row(const char *name, unsigned rows,
    void (*check)(const char *name, char *column[], const void *with), const void *with)
{
	char *column[TEST_COLUMNS];
	FILE *f = test_vectors(name);
	unsigned lines = 0;

	if (f == NULL) {
		test_skip(name);
		return;
	}
	for (; test_columns(f, column); lines++)
		check(name, column, with);
	CHECK(lines == rows, "%s has %u lines", name, lines);
	fclose(f);
}

/* Where a signal handler runs. */
static struct {
	_Alignas(16) uint8_t bytes[1 << 16];
	void (*run)(void);
} own_stack;

static void
handle(int number)
{
	(void)number;
	own_stack.run();
}

void
test_on_own_stack(void (*run)(void))
{
	const stack_t ours = { .ss_sp = own_stack.bytes, .ss_size = sizeof own_stack.bytes };
	const struct sigaction action = { .sa_handler = handle, .sa_flags = SA_ONSTACK };
	struct sigaction old_action;
	stack_t old_stack;

	memset(own_stack.bytes, 0, sizeof own_stack.bytes);
	own_stack.run = run;
	sigaltstack(&ours, &old_stack);
	sigaction(SIGUSR1, &action, &old_action);
	raise(SIGUSR1);
	sigaction(SIGUSR1, &old_action, NULL);
	sigaltstack(&old_stack, NULL);
}

bool
test_is_left(const void *piece, size_t n)
{
	return memmem(own_stack.bytes, sizeof own_stack.bytes, piece, n) != NULL;
}

void
test_leave(const void *bytes, size_t n)
{
	char copy[256];

	memcpy(copy, bytes, n);
	__asm__ volatile("" : : "r"(copy) : "memory");
}

void
test_told(struct buf *told, struct str text)
{
	static const char line[] = "HTTP/1.1 ", end[] = "\r\n\r\n";
	const char *past = text.p + text.n, *at = memmem(text.p, text.n, line, strlen(line));

	while (at != NULL && past - at > 12) {
		const char *next = memmem(at + 9, (size_t)(past - at - 9), line, strlen(line));
		const char *to = next != NULL ? next : past;
		const char *body = memmem(at, (size_t)(to - at), end, strlen(end));

		if (told->n > 0)
			buf_text(told, " ");
		buf_put(told, at + 9, 3);
		if (body != NULL && body + 4 < to) {
			buf_text(told, ":");
			buf_put(told, body + 4, (size_t)(to - body - 4));
		}
		at = next;
	}
}

uint32_t
test_random(void)
{
	static uint64_t x = 0x9e3779b97f4a7c15;

	x ^= x << 13;           /* Marsaglia's xorshift */
	x ^= x >> 7;
	x ^= x << 17;
	return (uint32_t)(x >> 32);
}

int
main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} suites[] = {
		{ "sha512", test_sha512 }, { "sha256", test_sha256 },
		{ "ed25519", test_ed25519 }, { "base64url", test_base64url }, { "json", test_json },
		{ "names", test_json_names }, { "clients", test_clients },
		{ "http", test_http }, { "jwt", test_jwt }, { "keys", test_keys }, { "api", test_api },
		{ "options", test_options }, { "listen", test_listen }, { "loop", test_loop }, { "park", test_park },
		{ "server", test_server }, { "policy", test_policy }, { "demand", test_demand },
		{ "shapes", test_shapes }, { "algs", test_algs }, { "str", test_str }, { "ip", test_ip },
		{ "revocations", test_revocations }, { "steps", test_revocations_steps },
		{ "show", test_show }, { "routes", test_routes }, { "grant", test_grant },
		{ "notify", test_notify }, { "sandbox", test_sandbox }, { "utf8", test_utf8 },
		{ "signals", test_signals },
		{ "log", test_log }, { "inside", test_inside }, { "trouble", test_trouble },
		{ "usage", test_usage },
		{ "file", test_revocation_file },
	};
	bool any = false;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!sha512_self_test())        /* which also chooses the code that all suites run */
		return 2;
	for (size_t i = 0; i < sizeof suites / sizeof suites[0]; i++) {
		if (argc > 1 && strcmp(argv[1], suites[i].name) != 0)
			continue;
		unsigned before = count.passed + count.failed;

		suites[i].run();
		any = true;
		printf("%-10s %u checks\n", suites[i].name, count.passed + count.failed - before);
	}
	if (!any) {
		fprintf(stderr, "no suite is named %s\n", argv[1]);
		return 2;
	}
	printf("%u passed, %u failed, %u skipped\n", count.passed, count.failed, count.skipped);
	return count.failed > 0;
}

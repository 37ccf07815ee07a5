/* The harness: every check counts, a failed one prints where and what, and main() prints the
 * sum. */
#ifndef TEST_H
#define TEST_H

#include "str.h"

#include <stdio.h>

/* One check. The format and its arguments name the case when it fails. */
#define CHECK(condition, ...) test_check((condition), __FILE__, __LINE__, #condition, __VA_ARGS__)
void test_check(bool ok, const char *file, int line, const char *condition, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

/* Compares bytes; shows both when they differ. */
#define CHECK_BYTES(got, want, ...) test_bytes((got), (want), __FILE__, __LINE__, __VA_ARGS__)
void test_bytes(struct str got, struct str want, const char *file, int line, const char *format,
    ...)
	__attribute__((format(printf, 5, 6)));

/* Counts and names something that could not be tested here. */
void test_skip(const char *what);

/* n bytes that end flush against an unreadable page: reading one byte too many is a crash. The
 * memory is the harness's and good until the next call with the same `slot` (0 or 1). At most 1
 * MB. */
char *test_flush(unsigned slot, const void *bytes, size_t n);

/* A folder's file ../shared/vectors/NAME (JWTD_VECTORS in the environment names another folder), or
 * NULL where it is not: the vectors are no part of the project. */
FILE *test_vectors(const char *name);

/* Decodes hexadecimal digits, "-" being the empty string; returns the number of bytes. The field
 * ends at white space. */
size_t test_unhex(uint8_t *out, const char *hex);

/* Writes what `spec` spells: hexadecimal digits, "61*100" (the byte 61, a hundred times), "=text"
 * or "-" (nothing). Returns how many bytes. */
size_t test_spell(uint8_t *out, const char *spec);

/* Splits the next line that is no comment into its columns; those that are missing are "". false:
 * there is none. Good until the next call. */
enum { TEST_COLUMNS = 8 };
bool test_columns(FILE *, char *column[TEST_COLUMNS]);

/* Checks each line of a file of vectors, of which there are so many, as `check` does; skipped where
 * the file is not. `with` is the check's own. */
void test_each_row(const char *name, unsigned rows,
    void (*check)(const char *name, char *column[], const void *with), const void *with);

static inline struct str
test_slice(const void *p, size_t n)
{
	return (struct str){ p, n };
}

/* Calls `run` on a stack of the harness's own, all zero before; then, whether these bytes are left
 * there. The build may keep its locals elsewhere: look first for what test_leave(), of at most 256
 * bytes, leaves on purpose. */
void test_on_own_stack(void (*run)(void));
bool test_is_left(const void *piece, size_t n);
void test_leave(const void *, size_t n);

/* What HTTP answers say, one after the other: "200:its body 100 404:another". */
void test_told(struct buf *, struct str);

/* Numbers that look random and are the same in every run. */
uint32_t test_random(void);

/* One for each file of tests. */
void test_sha512(void);
void test_sha256(void);
void test_ed25519(void);
void test_base64url(void);
void test_json(void);
void test_json_names(void);
void test_http(void);
void test_jwt(void);
void test_keys(void);
void test_clients(void);
void test_api(void);
void test_options(void);
void test_listen(void);
void test_loop(void);
void test_park(void);
void test_server(void);
void test_sandbox(void);
void test_signals(void);
void test_inside(void);
void test_policy(void);
void test_revocations(void);
void test_revocations_steps(void);
void test_demand(void);
void test_shapes(void);
void test_algs(void);
void test_notify(void);
void test_show(void);
void test_routes(void);
void test_str(void);
void test_ip(void);
void test_grant(void);
void test_utf8(void);
void test_log(void);
void test_trouble(void);
void test_usage(void);
void test_revocation_file(void);

#endif

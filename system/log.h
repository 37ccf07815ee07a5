/* Lines on standard error. Nothing that may be secret is ever given to these functions. A line that
 * nobody takes at once is dropped and counted: a full pipe never blocks a worker. */
#ifndef LOG_H
#define LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdnoreturn.h>

enum log_format { LOG_LOGFMT, LOG_JSON };

/* How all lines are written from here on; LOG_LOGFMT at first. Before there is another thread. */
void log_set_format(enum log_format);

/* Writes one line: "jwtd: MESSAGE", or {"time":"...","message":"MESSAGE"}. Each byte of what is not
 * UTF-8, or nobody should be shown (utf8.h), comes out as '?'. Of printf's conversions %s, %.*s,
 * %u, %d, for what is not negative, and %zu. */
void log_line(const char *words, ...) __attribute__((format(printf, 1, 2)));

/* Whether one of the lines began with "warning: ". */
bool log_has_warned(void);

/* Writes a line and exits with status 2, the one of usage and configuration errors. Only before
 * serving. */
noreturn void die(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Likewise after a system call has failed with this error. The status is 3 where that may pass: an
 * address that is taken or not there yet, no memory, no threads, no descriptors. */
noreturn void die_of(int error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* One request. No path, no header field, nothing that a client may choose freely. */
struct log_request {
	const char *method, *route;     /* NULL: unknown, shown as "-" */
	unsigned status;
	size_t bytes;                   /* of the answer */
	int64_t microseconds;           /* from the request's first byte to its answer */
	const char *peer;               /* the address at the other end */
	const char *reason;             /* why it was refused, in a word; NULL: it was not */
	const char *client;             /* the client that asked; empty: none that is known */
	const char *jti;                /* the id of the token that was issued; NULL: none was */
	int64_t now;                    /* seconds since 1970 */
};

/* Writes a line about a request. */
void log_request(const struct log_request *);

#endif

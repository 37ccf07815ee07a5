/* Lines on standard error. Nothing that may be secret is ever given to these functions. */
#ifndef LOG_H
#define LOG_H

#include <stdnoreturn.h>

/* Writes one line, "jwtd: " before it. Bytes that are not printable come out as '?'. */
void log_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Writes a line and exits with status 2, the one of usage and configuration errors. Only before
 * serving. */
noreturn void die(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif

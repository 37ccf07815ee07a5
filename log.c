#include "log.h"

#include "http_answer.h"

#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { LINE = 1024, EXIT_USAGE = 2 };

/* Standard error is one for the whole process, so is the count of lines that it did not take. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned dropped;

/* Whether a write will not block: then a pipe has room for a whole line. */
static bool
can_write(void)
{
	struct pollfd p = { .fd = STDERR_FILENO, .events = POLLOUT };

	return poll(&p, 1, 0) > 0 && (p.revents & POLLOUT) != 0;
}

static bool
write_line(const char *line, size_t n)
{
	return can_write() && write(STDERR_FILENO, line, n) >= 0;
}

static void
put_line(const char *line, size_t n)
{
	char lost[64];

	pthread_mutex_lock(&lock);      /* what one thread finds writable, another must not fill */
	if (dropped > 0 && write_line(lost, (size_t)snprintf(lost, sizeof lost,
	    "jwtd: %u lines were lost\n", dropped)))
		dropped = 0;
	if (!write_line(line, n))
		dropped++;
	pthread_mutex_unlock(&lock);
}

static void
put_message(const char *format, va_list list)
{
	char line[LINE] = "jwtd: ";
	size_t start = strlen(line), most = sizeof line - start - 1;
	int wanted = vsnprintf(line + start, most, format, list);
	size_t n = wanted < 0 ? 0 : (size_t)wanted < most ? (size_t)wanted : most - 1;

	for (size_t i = start; i < start + n; i++)
		if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
			line[i] = '?';
	line[start + n] = '\n';
	put_line(line, start + n + 1);
}

void
log_line(const char *format, ...)
{
	va_list list;

	va_start(list, format);
	put_message(format, list);
	va_end(list);
}

noreturn void
die(const char *format, ...)
{
	va_list list;

	va_start(list, format);
	put_message(format, list);
	va_end(list);
	exit(EXIT_USAGE);
}

void
log_request(enum log_format format, const struct log_request *r)
{
	static const char *const formats[] = {
		[LOG_LOGFMT] = "time=%04d-%02d-%02dT%02d:%02d:%02dZ method=%s route=%s status=%u "
		               "bytes=%zu us=%lld peer=%s\n",
		[LOG_JSON] = "{\"time\":\"%04d-%02d-%02dT%02d:%02d:%02dZ\",\"method\":\"%s\","
		             "\"route\":\"%s\",\"status\":%u,\"bytes\":%zu,\"us\":%lld,"
		             "\"peer\":\"%s\"}\n",
	};
	struct http_day day = http_day(r->now);
	int second = (int)(r->now % 86400);
	char line[LINE];
	int n = snprintf(line, sizeof line, formats[format], day.year, day.month, day.day,
	    second / 3600, second / 60 % 60, second % 60, r->method != NULL ? r->method : "-",
	    r->route != NULL ? r->route : "-", r->status, r->bytes, (long long)r->microseconds,
	    r->peer);

	if (n > 0 && (size_t)n < sizeof line)
		put_line(line, (size_t)n);
}

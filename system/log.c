#include "system/log.h"

#include "date.h"
#include "str.h"
#include "utf8.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

enum { LINE = 1024, EXIT_USAGE = 2, EXIT_FOR_NOW = 3 };

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

/* Appends as much of it as fits. */
static void
put_cut(struct buf *b, const char *p, size_t n)
{
	buf_put(b, p, n < b->cap - b->n ? n : b->cap - b->n);
}

/* Appends what one of the conversions %s, %.*s, %u, %zu and %d asks for; `f` stands behind the '%'.
 * Returns where the format goes on. The C library's printf knows more, and is as large as all of
 * our HTTP. */
static const char *
put_conversion(struct buf *b, const char *f, va_list *list)
{
	char text[24];
	struct buf number = buf_over(text, sizeof text);
	const char *s;
	int length;

	if (*f == 's') {
		s = va_arg(*list, const char *);
		put_cut(b, s, strlen(s));
		return f + 1;
	}
	if (*f == '.') {
		length = va_arg(*list, int);
		put_cut(b, va_arg(*list, const char *), (size_t)length);
		return f + 3;
	}
	if (*f == 'z')
		buf_number(&number, va_arg(*list, size_t));
	else if (*f == 'u')
		buf_number(&number, va_arg(*list, unsigned));
	else
		buf_number(&number, (unsigned)va_arg(*list, int));
	put_cut(b, text, number.n);
	return f + (*f == 'z' ? 2 : 1);
}

/* Appends the text that the format makes, cut to what fits. Returns the bytes there are then. */
static size_t
put_format(struct buf *b, const char *format, va_list *list)
{
	while (*format != '\0') {
		size_t plain = strcspn(format, "%");

		put_cut(b, format, plain);
		format += plain;
		if (*format == '%')
			format = put_conversion(b, format + 1, list);
	}
	return b->n;
}

static size_t
compose(struct buf *b, const char *format, ...)
{
	va_list list;
	size_t n;

	va_start(list, format);
	n = put_format(b, format, &list);
	va_end(list);
	return n;
}

static void
put_line(const char *line, size_t n)
{
	char text[64];
	struct buf lost = buf_over(text, sizeof text);

	pthread_mutex_lock(&lock);      /* what one thread finds writable, another must not fill */
	if (dropped > 0 && write_line(text, compose(&lost, "jwtd: %u lines were lost\n", dropped)))
		dropped = 0;
	if (!write_line(line, n))
		dropped++;
	pthread_mutex_unlock(&lock);
}

static void
put_message(const char *format, va_list *list)
{
	char line[LINE];
	struct buf b = buf_over(line, sizeof line - 1);

	buf_text(&b, "jwtd: ");
	put_format(&b, format, list);
	for (size_t i = 0, n; i < b.n; i += n) {
		unsigned code;

		n = utf8_next(&code, line + i, b.n - i);
		if (utf8_is_harmful(code))
			memset(line + i, '?', n);
	}
	line[b.n] = '\n';
	put_line(line, b.n + 1);
}

void
log_line(const char *format, ...)
{
	va_list list;

	va_start(list, format);
	put_message(format, &list);
	va_end(list);
}

noreturn void
die(const char *format, ...)
{
	va_list list;

	va_start(list, format);
	put_message(format, &list);
	va_end(list);
	exit(EXIT_USAGE);
}

static bool
may_pass(int error)
{
	switch (error) {
	case EADDRINUSE:
	case EADDRNOTAVAIL:
	case EAGAIN:                    /* no thread */
	case EMFILE:
	case ENFILE:
	case ENOBUFS:
	case ENOMEM: return true;
	default: return false;
	}
}

noreturn void
die_of(int error, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	put_message(format, &list);
	va_end(list);
	exit(may_pass(error) ? EXIT_FOR_NOW : EXIT_USAGE);
}

/* The name of a field, as the format writes it, up to its value. */
static void
put_name(struct buf *b, enum log_format format, const char *name, bool first)
{
	if (format == LOG_JSON) {
		buf_text(b, first ? "{\"" : ",\"");
		buf_text(b, name);
		buf_text(b, "\":");
	} else {
		buf_text(b, first ? "" : " ");
		buf_text(b, name);
		buf_text(b, "=");
	}
}

/* None of our words needs escaping. */
static void
put_word(struct buf *b, enum log_format format, const char *name, const char *value)
{
	put_name(b, format, name, false);
	buf_text(b, format == LOG_JSON ? "\"" : "");
	buf_text(b, value != NULL ? value : "-");
	buf_text(b, format == LOG_JSON ? "\"" : "");
}

static void
put_count(struct buf *b, enum log_format format, const char *name, uint64_t value)
{
	put_name(b, format, name, false);
	buf_number(b, value);
}

void
log_request(enum log_format format, const struct log_request *r)
{
	char line[LINE], time[DATE_RFC3339];
	struct buf b = buf_over(line, sizeof line);

	put_name(&b, format, "time", true);
	buf_text(&b, format == LOG_JSON ? "\"" : "");
	date_rfc3339(time, r->now);
	buf_put(&b, time, sizeof time);
	buf_text(&b, format == LOG_JSON ? "\"" : "");
	put_word(&b, format, "method", r->method);
	put_word(&b, format, "route", r->route);
	put_count(&b, format, "status", r->status);
	put_count(&b, format, "bytes", r->bytes);
	put_count(&b, format, "us", (uint64_t)r->microseconds);
	put_word(&b, format, "peer", r->peer);
	buf_text(&b, format == LOG_JSON ? "}\n" : "\n");
	if (!b.bad)
		put_line(line, b.n);
}

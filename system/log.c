#include "system/log.h"

#include "date.h"
#include "json_text.h"
#include "utf8.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define PREFIX "jwtd: "

enum {
	MESSAGE = 1024 - sizeof PREFIX,         /* bytes that it is cut to */
	LINE = 2 * MESSAGE + 64,                /* with each byte of it escaped, and the time */
	EXIT_USAGE = 2, EXIT_FOR_NOW = 3
};

/* Standard error is one for the whole process; so are the format, and the count of lines that were
 * not taken. */
static atomic_uint lock;                /* FREE, TAKEN or AWAITED, by others */
static unsigned dropped;
static enum log_format format;

enum { FREE, TAKEN, AWAITED };
enum { WAIT_PRIVATE = 128, WAKE_PRIVATE = 129 };        /* of linux/futex.h, which musl lacks */

/* As a mutex of pthread's, which is 1.6 KB of musl for what nobody needs here. */
static void
take_lock(void)
{
	unsigned expected = FREE;

	if (atomic_compare_exchange_strong(&lock, &expected, TAKEN))
		return;
	while (atomic_exchange(&lock, AWAITED) != FREE)
		syscall(SYS_futex, &lock, WAIT_PRIVATE, AWAITED, NULL);
}

static void
release_lock(void)
{
	if (atomic_exchange(&lock, FREE) == AWAITED)
		syscall(SYS_futex, &lock, WAKE_PRIVATE, 1);
}

void
log_set_format(enum log_format wanted)
{
	format = wanted;
}

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

/* Appends the text that the words make, cut to what fits. */
static void
put_format(struct buf *b, const char *words, va_list *list)
{
	while (*words != '\0') {
		size_t plain = strcspn(words, "%");

		put_cut(b, words, plain);
		words += plain;
		if (*words == '%')
			words = put_conversion(b, words + 1, list);
	}
}

/* The name of a field, as the format writes it, up to its value. */
static void
put_name(struct buf *b, const char *name, bool first)
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

static void
put_time(struct buf *b, int64_t now)
{
	char text[DATE_RFC3339];

	put_name(b, "time", true);
	buf_text(b, format == LOG_JSON ? "\"" : "");
	date_rfc3339(text, now);
	buf_put(b, text, sizeof text);
	buf_text(b, format == LOG_JSON ? "\"" : "");
}

/* The line of a message. */
static struct str
frame(char *line, size_t room, struct str message)
{
	struct buf b = buf_over(line, room);

	if (format == LOG_JSON) {
		put_time(&b, time(NULL));
		put_name(&b, "message", false);
		json_quote(&b, message);
		buf_text(&b, "}\n");
	} else {
		buf_text(&b, PREFIX);
		buf_add(&b, message);
		buf_text(&b, "\n");
	}
	return buf_str(&b);
}

/* Whether it was said how many lines are missing. */
static bool
tell_loss(void)
{
	char line[128], text[32];
	struct buf message = buf_over(text, sizeof text);
	struct str s;

	buf_number(&message, dropped);
	buf_text(&message, " lines were lost");
	s = frame(line, sizeof line, buf_str(&message));
	return write_line(s.p, s.n);
}

static void
put_line(const char *line, size_t n)
{
	take_lock();            /* what one thread finds writable, another must not fill */
	if (dropped > 0 && tell_loss())
		dropped = 0;
	if (!write_line(line, n))
		dropped++;
	release_lock();
}

static void
put_message(const char *words, va_list *list)
{
	char text[MESSAGE], line[LINE];
	struct buf b = buf_over(text, sizeof text);
	struct str framed;

	put_format(&b, words, list);
	for (size_t i = 0, n; i < b.n; i += n) {
		unsigned code;

		n = utf8_next(&code, text + i, b.n - i);
		if (utf8_is_harmful(code))
			memset(text + i, '?', n);
	}
	framed = frame(line, sizeof line, buf_str(&b));
	put_line(framed.p, framed.n);
}

void
log_line(const char *words, ...)
{
	va_list list;

	va_start(list, words);
	put_message(words, &list);
	va_end(list);
}

noreturn void
die(const char *words, ...)
{
	va_list list;

	va_start(list, words);
	put_message(words, &list);
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
die_of(int error, const char *words, ...)
{
	va_list list;

	va_start(list, words);
	put_message(words, &list);
	va_end(list);
	exit(may_pass(error) ? EXIT_FOR_NOW : EXIT_USAGE);
}

/* None of our words needs escaping. */
static void
put_word(struct buf *b, const char *name, const char *value)
{
	put_name(b, name, false);
	buf_text(b, format == LOG_JSON ? "\"" : "");
	buf_text(b, value != NULL ? value : "-");
	buf_text(b, format == LOG_JSON ? "\"" : "");
}

static void
put_count(struct buf *b, const char *name, uint64_t value)
{
	put_name(b, name, false);
	buf_number(b, value);
}

void
log_request(const struct log_request *r)
{
	char line[LINE];
	struct buf b = buf_over(line, sizeof line);

	put_time(&b, r->now);
	put_word(&b, "method", r->method);
	put_word(&b, "route", r->route);
	put_count(&b, "status", r->status);
	put_count(&b, "bytes", r->bytes);
	put_count(&b, "us", (uint64_t)r->microseconds);
	put_word(&b, "peer", r->peer);
	if (r->reason != NULL)
		put_word(&b, "reason", r->reason);
	if (r->jti != NULL)
		put_word(&b, "jti", r->jti);
	buf_text(&b, format == LOG_JSON ? "}\n" : "\n");
	if (!b.bad)
		put_line(line, b.n);
}

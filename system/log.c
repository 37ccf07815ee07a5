#include "system/log.h"

#include "date.h"
#include "json_text.h"
#include "str.h"
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
static atomic_bool warned;

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

/* The line of a message. */
static struct str
frame(char *line, size_t room, struct str message)
{
	struct buf b = buf_over(line, room);
	char now[DATE_RFC3339];

	if (format == LOG_JSON) {
		date_rfc3339(now, time(NULL));
		buf_format(&b, "{\"time\":\"%.*s\",\"message\":", DATE_RFC3339, now);
		json_quote(&b, message);
		buf_text(&b, "}\n");
	} else {
		buf_format(&b, PREFIX "%.*s\n", (int)message.n, message.p);
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

	buf_format(&message, "log lines lost: %u", dropped);
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

	buf_format_list(&b, words, list);
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

	if (str_begins(words, "warning: "))
		warned = true;
	va_start(list, words);
	put_message(words, &list);
	va_end(list);
}

bool
log_has_warned(void)
{
	return warned;
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

/* A word that not every request has; NULL or empty: this one has none. */
static void
put_word(struct buf *b, const char *name, const char *value)
{
	if (value != NULL && value[0] != '\0')
		buf_format(b, format == LOG_JSON ? ",\"%s\":\"%s\"" : " %s=%s", name, value);
}

/* None of our words needs escaping. */
void
log_request(const struct log_request *r)
{
	char line[LINE], now[DATE_RFC3339];
	struct buf b = buf_over(line, sizeof line);

	date_rfc3339(now, r->now);
	buf_format(&b, format == LOG_JSON ? "{\"time\":\"%.*s\",\"method\":\"%s\",\"route\":\"%s\","
	    "\"status\":%u,\"bytes\":%zu,\"us\":%ju,\"peer\":\"%s\""
	    : "time=%.*s method=%s route=%s status=%u bytes=%zu us=%ju peer=%s", DATE_RFC3339, now,
	    r->method != NULL ? r->method : "-", r->route != NULL ? r->route : "-", r->status,
	    r->bytes, (uintmax_t)r->microseconds, r->peer);
	put_word(&b, "reason", r->reason);
	put_word(&b, "client", r->client);
	put_word(&b, "jti", r->jti);
	buf_text(&b, format == LOG_JSON ? "}\n" : "\n");
	if (!b.bad)
		put_line(line, b.n);
}

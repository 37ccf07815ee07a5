/* health: asks a server whether it serves. */
#include "command/commands.h"

#include "command/io.h"
#include "system/clock.h"
#include "system/listen.h"
#include "system/log.h"

#include <sys/socket.h>
#include <unistd.h>

enum { HEALTH_SECONDS = 5 };            /* for connecting, for sending, and for the answer */

/* Sends the question and takes the beginning of the answer: a byte now and then is none. */
static bool
ask(int fd, struct str question, struct buf *answer)
{
	int64_t end = clock_now() + HEALTH_SECONDS * (int64_t)CLOCK_SECOND;

	if (send(fd, question.p, question.n, MSG_NOSIGNAL) != (ssize_t)question.n)
		return false;
	while (answer->n < answer->cap && clock_now() < end) {
		ssize_t n = recv(fd, answer->p + answer->n, answer->cap - answer->n, 0);

		if (n <= 0)
			return n == 0;
		answer->n += (size_t)n;
	}
	return answer->n == answer->cap;
}

/* Bytes up to the end of the first line. */
static size_t
line_length(const struct buf *b)
{
	const char *end = memchr(b->p, '\r', b->n);

	return end != NULL ? (size_t)(end - b->p) : b->n;
}

int
command_health(struct options *o)
{
	const char *why, *address = o->argument != NULL ? o->argument :
	    o->listen.n > 0 ? o->listen.item[0] : OPTIONS_LISTEN;
	static const char good[] = "HTTP/1.1 200 ";
	char text[1024], start[64];
	struct buf question = buf_over(text, sizeof text), answer = buf_over(start, sizeof start);
	bool mistaken, answered;
	int fd = listen_reach(address, HEALTH_SECONDS, &why, &mistaken);

	if (mistaken)
		die("%s%s: %s", o->argument != NULL ? "" : "--listen ", address, why);
	if (fd < 0) {
		log_line("%s: %s", address, why);
		return 1;
	}
	buf_format(&question, "GET /healthz HTTP/1.1\r\nConnection: close\r\nHost: %s\r\n\r\n",
	    o->host.n > 0 ? o->host.item[0] :
	    str_begins(address, "unix:") ? "localhost" : address);
	answered = ask(fd, buf_str(&question), &answer);
	close(fd);
	if (answer.n >= sizeof good - 1 && memcmp(start, good, sizeof good - 1) == 0) {
		command_print(STR("ok\n"));
		return 0;
	}
	if (answered && answer.n > 0)
		log_line("%s: unhealthy: it answered %.*s", address, (int)line_length(&answer),
		    start);
	else
		log_line("%s: no answer", address);
	return 1;
}

#include "test/test.h"

#include "command/commands.h"
#include "system/log.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* What standard error is told between these two. */
static int standard, outlet;

static void
listen_in(void)
{
	int ends[2];

	standard = dup(STDERR_FILENO);
	CHECK(standard >= 0 && pipe(ends) == 0 && dup2(ends[1], STDERR_FILENO) >= 0, "a pipe");
	close(ends[1]);
	outlet = ends[0];
}

static struct str
heard(char said[4096])
{
	ssize_t n;

	dup2(standard, STDERR_FILENO);
	close(standard);
	n = read(outlet, said, 4096);
	close(outlet);
	return (struct str){ said, n > 0 ? (size_t)n : 0 };
}

/* What is harmless stays; controls of both kinds, what changes the direction of writing, and what
 * is not UTF-8 do not reach a terminal. */
static void
lines(void)
{
	static const char *const table[][2] = {
		{ "plain", "plain" },
		{ "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80",
		  "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80" },
		{ "a\nb\r\tc\33[2J\x7f", "a?b??c?[2J?" },
		{ "\x9b" "2J", "?2J" }, { "\xc2\x9b" "2J", "??2J" },
		{ "\xe2\x80\xae" "txt.exe", "???txt.exe" },
		{ "\xe2\x80\x8f \xd8\x9c \xe2\x81\xa6 \xe2\x80\xa8", "??? ?? ??? ???" },
		{ "\xc3", "?" }, { "\xc3(", "?(" }, { "\xc0\xaf", "??" }, { "\xed\xa0\x80", "???" },
		{ "\xf4\x90\x80\x80", "????" }, { "\xe2\x82", "??" }, { "\xff\xc3\xbc", "?\xc3\xbc" },
	};
	char said[4096], want[64];

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		listen_in();
		log_line("<%s>", table[i][0]);
		snprintf(want, sizeof want, "jwtd: <%s>\n", table[i][1]);
		CHECK_BYTES(heard(said), str_from(want), "row %zu", i);
	}
}

/* Each line an object with a time. Quotes and backslashes are escaped, and what is none to be shown
 * is '?' before that. */
static void
objects(void)
{
	static const char *const table[][2] = {
		{ "plain", "plain" }, { "", "" }, { "a\"b\\c", "a\\\"b\\\\c" },
		{ "a\nb\33\x7f\xc2\x9b\xff", "a?b?????" }, { "gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f" },
	};
	static char quotes[2048];
	char said[4096], want[64];
	struct str line;

	log_set_format(LOG_JSON);
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		listen_in();
		log_line("%s", table[i][0]);
		line = heard(said);
		CHECK(line.n > 31 && memcmp(line.p, "{\"time\":\"20", 11) == 0, "row %zu", i);
		snprintf(want, sizeof want, "Z\",\"message\":\"%s\"}\n", table[i][1]);
		CHECK_BYTES(((struct str){ line.p + 28, line.n - 28 }), str_from(want), "row %zu", i);
	}
	memset(quotes, '"', sizeof quotes - 1);         /* the longest line there is */
	listen_in();
	log_line("%s", quotes);
	log_set_format(LOG_LOGFMT);
	line = heard(said);
	CHECK(line.n > 2 * 1000 && line.p[line.n - 1] == '\n' && line.p[line.n - 2] == '}' &&
	    line.p[line.n - 3] == '"' && line.p[line.n - 4] == '"' && line.p[line.n - 5] == '\\',
	    "%zu bytes", line.n);
}

/* A line has 1,024 bytes at most, and no half of a character at its end. */
static void
cut(void)
{
	char text[1200], said[4096];
	struct str line;

	memset(text, 'a', sizeof text);
	memcpy(text + 1016, "\xc3\xbc", 2);
	listen_in();
	log_line("%.*s", (int)sizeof text, text);
	line = heard(said);
	CHECK(line.n == 1024 && line.p[1021] == 'a' && line.p[1022] == '?' && line.p[1023] == '\n',
	    "%zu bytes", line.n);
}

enum { THREADS = 4, EACH = 20000 };

static void *
log_many(void *unused)
{
	for (unsigned i = 0; i < EACH; i++)
		log_line("one of many");
	return unused;
}

static unsigned
lines_of(struct str said)
{
	unsigned n = 0;

	for (size_t i = 0; i < said.n; i++)
		n += said.p[i] == '\n';
	return n;
}

/* Many threads and a pipe that nobody empties: none of them is blocked, as no other fills what it
 * has found writable, and each line came or was counted. */
static void
crowd(void)
{
	pthread_t thread[THREADS];
	char said[16384], rest[4096];
	unsigned came, lost = 0;
	ssize_t n;

	listen_in();
	fcntl(outlet, F_SETPIPE_SZ, 8192);
	alarm(60);
	for (unsigned i = 0; i < THREADS; i++)
		CHECK(pthread_create(&thread[i], NULL, log_many, NULL) == 0, "a thread");
	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	alarm(0);
	n = read(outlet, said, sizeof said);
	came = lines_of((struct str){ said, n > 0 ? (size_t)n : 0 });
	log_line("after them");
	memset(rest, 0, sizeof rest);
	heard(rest);
	CHECK(sscanf(rest, "jwtd: log lines lost: %u\njwtd: after them\n", &lost) == 1 && came > 0 &&
	    came + lost == THREADS * EACH, "%u came, then '%.80s'", came, rest);
}

/* Serves one connection with these bytes. */
static void
say(int fd, const char *bytes)
{
	char question[512];
	int peer = accept(fd, NULL, NULL);

	if (read(peer, question, sizeof question) > 0 && write(peer, bytes, strlen(bytes)) > 0)
		_exit(0);
	_exit(1);
}

/* A server that health asks, and what it says. */
static void
hostile(const char *bytes, const char *shown)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof a;
	char address[32], said[4096], want[128];
	struct options o = { .argument = address };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), status = -1, result;

	CHECK(bind(fd, (struct sockaddr *)&a, sizeof a) == 0 && listen(fd, 1) == 0 &&
	    getsockname(fd, (struct sockaddr *)&a, &n) == 0, "a server");
	snprintf(address, sizeof address, "127.0.0.1:%u", ntohs(a.sin_port));
	fflush(stdout);
	if (fork() == 0)
		say(fd, bytes);
	listen_in();
	result = command_health(&o);
	snprintf(want, sizeof want, "jwtd: %s: unhealthy: it answered %s\n", address, shown);
	CHECK_BYTES(heard(said), str_from(want), "what health shows");
	CHECK(result == 1 && wait(&status) > 0 && status == 0, "%d, status %x", result,
	    (unsigned)status);
	close(fd);
}

void
test_log(void)
{
	lines();
	objects();
	cut();
	crowd();
	hostile("HTTP/1.1 500 \x9b" "31m \xc2\x9b" "2J \xe2\x80\xae\r\n\r\n",
	    "HTTP/1.1 500 ?31m ??2J ???");
	hostile("\33]0;title\a\x80\r\n", "?]0;title??");
	hostile("HTTP/1.1 503 \xc3\xbc" "ber\r\n", "HTTP/1.1 503 \xc3\xbc" "ber");
}

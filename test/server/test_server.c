/* The real program, over real sockets. Most of it is the table test/exchanges, which says itself
 * how it is read: each exchange is run as it is written, byte by byte, and with another request
 * behind it in the same write. */
#include "test/test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Milliseconds for our connection or the program's end; tools that slow it down say so. */
#define PATIENCE (getenv("JWTD_UNDER") != NULL ? 15000 : 3000)

/* ThreadSanitizer keeps signals back: of three that come at once none or one is handled in pselect(). */
#define PUT_OFF (getenv("JWTD_UNDER") != NULL && strcmp(getenv("JWTD_UNDER"), "tsan") == 0)

enum {
	TIMEOUTS_MAX = 3,               /* how often PATIENCE may be too short until we give up */
	IN_MAX = 1 << 17,               /* bytes of answers not looked at yet */
	TABLE_BYTES = 1 << 24,          /* of the table, written out */
	EXCHANGES_MAX = 2000, STEPS_MAX = 4, ANSWERS_MAX = 24, TEXTS_MAX = 6, COLUMNS_MAX = 4,
	DEFINITIONS_MAX = 32,
	NESTING_MAX = 8,                /* of definitions in definitions */
	PEERS = 192
};

/* ---- small change */

static struct str
from(const char *text)
{
	return (struct str){ text, strlen(text) };
}

static struct str
skip(struct str s, size_t n)
{
	return (struct str){ s.p + n, s.n - n };
}

static bool
starts(struct str s, const char *with)
{
	return s.n >= strlen(with) && memcmp(s.p, with, strlen(with)) == 0;
}

static bool
ends(struct str s, const char *with)
{
	return s.n >= strlen(with) && starts(skip(s, s.n - strlen(with)), with);
}

static bool
contains(struct str s, struct str part)
{
	return memmem(s.p, s.n, part.p, part.n) != NULL;
}

/* Cuts off what stands before the separator, or all. false: there is nothing left. */
static bool
cut(struct str *part, struct str *rest, const char *separator)
{
	const char *found = rest->n == 0 ? NULL : memmem(rest->p, rest->n, separator,
	    strlen(separator));

	*part = (struct str){ rest->p, found == NULL ? rest->n : (size_t)(found - rest->p) };
	if (rest->n == 0)
		return false;
	*rest = skip(*rest, found == NULL ? rest->n : part->n + strlen(separator));
	return true;
}

static struct str
trim(struct str s)
{
	for (; s.n > 0 && *s.p == ' '; s = skip(s, 1))
		;
	for (; s.n > 0 && s.p[s.n - 1] == ' '; s.n--)
		;
	return s;
}

/* Whether it is nothing but digits, at least one. */
static bool
number(unsigned *v, struct str s)
{
	*v = 0;
	for (size_t i = 0; i < s.n && i < 9; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		*v = *v * 10 + (unsigned)(s.p[i] - '0');
	}
	return s.n > 0 && s.n <= 9;
}

static int64_t
milliseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void
nap(int ms)
{
	poll(NULL, 0, ms);
}

/* ---- the table */

enum fate { UNSAID, OPEN, CLOSE, END };

struct expected {
	unsigned status, other;         /* one of these two */
	bool head, http10, optional;
};

struct step {
	struct str bytes;
	struct expected answer[ANSWERS_MAX];
	unsigned answers;
};

struct exchange {
	unsigned line;
	struct str title, row;
	struct step step[STEPS_MAX];
	unsigned steps;
	enum fate fate;
	struct str has[TEXTS_MAX], lacks[TEXTS_MAX];    /* the last answer */
	unsigned has_n, lacks_n;
};

static struct {
	struct buf bytes;               /* all of it written out */
	size_t length_at;               /* where {length} stands in them; 0: nowhere */
	struct { struct str name, text; } definition[DEFINITIONS_MAX];
	struct exchange exchange[EXCHANGES_MAX];
	unsigned definitions, exchanges;
	unsigned line;
	const char *fault;              /* what is wrong with it, at fault_line */
	unsigned fault_line;
} table;

struct columns {
	struct str column[COLUMNS_MAX];
	unsigned n;
};

static void
wrong(const char *fault)
{
	if (table.fault != NULL)
		return;
	table.fault = fault;
	table.fault_line = table.line;
}

static void expand(struct str, const struct columns *, unsigned depth);

/* Returns whether it ends in CRLF: it does not where there is a backslash at its end. */
static bool
expand_line(struct str line, const struct columns *c, unsigned depth)
{
	bool joined = ends(line, "\\") && !ends(line, "\\\\");

	expand((struct str){ line.p, line.n - joined }, c, depth);
	if (!joined)
		buf_add(&table.bytes, STR("\r\n"));
	return !joined;
}

static bool
expand_definition(struct str name, const struct columns *c, unsigned depth)
{
	struct str line, text;
	bool crlf = false;
	unsigned i = 0;

	while (i < table.definitions && !str_equal(table.definition[i].name, name))
		i++;
	if (i == table.definitions)
		return false;
	for (text = table.definition[i].text; cut(&line, &text, "\n"); )
		crlf = expand_line(line, c, depth);
	if (crlf)
		table.bytes.n -= 2;
	return true;
}

/* Returns the bytes of the escape. */
static size_t
put_escape(struct str s)
{
	static const char names[] = "rnt\\{", values[] = "\r\n\t\\{";
	const char *known = s.n < 2 ? NULL : memchr(names, s.p[1], sizeof names - 1);
	char hex[3] = "";
	uint8_t byte;

	if (known != NULL) {
		buf_put(&table.bytes, values + (known - names), 1);
		return 2;
	}
	if (starts(s, "\\x") && s.n >= 4)
		memcpy(hex, s.p + 2, 2);
	if (test_unhex(&byte, hex) != 1) {
		wrong("unknown escape");
		return 1;
	}
	buf_put(&table.bytes, &byte, 1);
	return 4;
}

/* {text*N}, {1}, {length}, {definition}. Returns its bytes, or 0: this brace stands for itself. */
static size_t
put_form(struct str s, const struct columns *c, unsigned depth)
{
	struct str form, rest = skip(s, 1), text;
	unsigned n;

	if (s.n < 2 || strchr("\" }", s.p[1]) != NULL || memchr(s.p, '}', s.n) == NULL)
		return 0;
	cut(&form, &rest, "}");
	rest = form;
	cut(&text, &rest, "*");
	if (text.n < form.n && number(&n, rest)) {
		for (unsigned i = 0; i < n; i++)
			if (!expand_definition(text, c, depth + 1))
				expand(text, c, depth + 1);
	} else if (number(&n, form) && n >= 1 && n <= c->n) {
		expand(c->column[n - 1], c, depth + 1);
	} else if (str_equal(form, STR("length"))) {
		table.length_at = table.bytes.n;
	} else if (!expand_definition(form, c, depth + 1)) {
		wrong("nothing is defined by the name in these braces");
	}
	return form.n + 2;
}

static void
expand(struct str s, const struct columns *c, unsigned depth)
{
	if (depth > NESTING_MAX) {
		wrong("a definition that holds itself");
		return;
	}
	while (s.n > 0) {
		size_t used = *s.p == '\\' ? put_escape(s) : *s.p == '{' ? put_form(s, c, depth)
		    : 0;

		if (used == 0) {
			buf_put(&table.bytes, s.p, 1);
			used = 1;
		}
		s = skip(s, used);
	}
}

static struct str
expanded(struct str s, const struct columns *c)
{
	size_t start = table.bytes.n;

	expand(s, c, 0);
	return (struct str){ table.bytes.p + start, table.bytes.n - start };
}

/* What a definition stands for. */
static struct str
defined(const char *name)
{
	size_t start = table.bytes.n;

	if (!expand_definition(from(name), &(struct columns){ .n = 0 }, 0))
		wrong("a definition is missing");
	return (struct str){ table.bytes.p + start, table.bytes.n - start };
}

/* The bytes of a step since `start`, {length} being filled in. */
static struct str
finish_bytes(size_t start)
{
	struct buf *b = &table.bytes;
	size_t at = table.length_at;
	struct str tail = { b->p + at, b->n - at }, head;
	char digits[20];
	struct buf text = buf_over(digits, sizeof digits);

	if (at > 0) {
		cut(&head, &tail, "\r\n\r\n");
		buf_number(&text, tail.n);
		buf_add(b, buf_str(&text));
		memmove(b->p + at + text.n, b->p + at, b->n - text.n - at);
		memcpy(b->p + at, digits, text.n);
	}
	table.length_at = 0;
	return (struct str){ b->p + start, b->n - start };
}

/* "200", "200*20", "HEAD:200", "1.0:200", "100?", "400|505" */
static void
parse_answer(struct step *step, struct str word)
{
	struct expected e = { 0 };
	struct str status, other;
	unsigned times = 1;

	if ((e.head = starts(word, "HEAD:")))
		word = skip(word, 5);
	if ((e.http10 = starts(word, "1.0:")))
		word = skip(word, 4);
	if ((e.optional = ends(word, "?")))
		word.n--;
	cut(&other, &word, "*");
	cut(&status, &other, "|");
	if (!number(&e.status, status) || (other.n > 0 && !number(&e.other, other)) ||
	    (word.n > 0 && !number(&times, word)) || step->answers + times > ANSWERS_MAX) {
		wrong("not an answer");
		return;
	}
	while (times-- > 0)
		step->answer[step->answers++] = e;
}

/* Behind "-->": what a step is answered with, and what then becomes of the connection. */
static void
parse_outcome(struct exchange *e, struct str line, size_t start, const struct columns *c)
{
	static const char *const fates[] = { [OPEN] = "open", [CLOSE] = "close", [END] = "end" };
	struct step *step = &e->step[e->steps];
	struct str word;

	if (e->steps == STEPS_MAX || e->fate != UNSAID) {
		wrong("one step too many");
		return;
	}
	e->steps++;
	step->bytes = finish_bytes(start);
	for (line = expanded(line, c); cut(&word, &line, " "); ) {
		for (unsigned f = OPEN; f <= END; f++)
			if (str_equal(word, from(fates[f])))
				e->fate = (enum fate)f;
		if (word.n > 0 && e->fate == UNSAID)
			parse_answer(step, word);
	}
}

static void
parse_text(struct exchange *e, struct str line, const struct columns *c)
{
	struct str *texts = *line.p == '+' ? e->has : e->lacks;
	unsigned *n = *line.p == '+' ? &e->has_n : &e->lacks_n;

	if (e->fate == UNSAID || *n == TEXTS_MAX)
		wrong("a text of the answer has no place here");
	else
		texts[(*n)++] = expanded(skip(line, 2), c);
}

/* One exchange out of the lines behind its title, with the columns of one row. */
static void
parse_exchange(struct str title, struct str lines, struct str row, const struct columns *c)
{
	struct exchange *e = &table.exchange[table.exchanges];
	size_t start = table.bytes.n;
	struct str line;

	*e = (struct exchange){ .line = table.line, .title = title, .row = row };
	while (cut(&line, &lines, "\n")) {
		if (starts(line, "--> ")) {
			parse_outcome(e, skip(line, 4), start, c);
			start = table.bytes.n;
		} else if (starts(line, "+ ") || starts(line, "- ")) {
			parse_text(e, line, c);
		} else if (e->fate == UNSAID) {
			expand_line(line, c, 0);
		} else if (line.n > 0 && !starts(line, "| ")) {
			wrong("something follows the end of this exchange");
		}
	}
	if (e->fate == UNSAID)
		wrong("this exchange has no end");
	if (++table.exchanges == EXCHANGES_MAX)
		wrong("too many exchanges");
}

/* An exchange, or one for each of its rows. */
static void
parse_block(struct str title, struct str lines)
{
	struct str rest = lines, row, cell;
	bool rows = false;

	while (cut(&row, &rest, "\n")) {
		struct columns c = { .n = 0 };

		if (!starts(row, "| "))
			continue;
		rows = true;
		row = skip(row, 2);
		for (struct str cells = row; c.n < COLUMNS_MAX && cut(&cell, &cells, " | "); )
			c.column[c.n++] = trim(cell);
		parse_exchange(title, lines, row, &c);
	}
	if (!rows)
		parse_exchange(title, lines, (struct str){ "", 0 }, &(struct columns){ .n = 0 });
}

/* The lines up to the next definition, exchange or remark. */
static struct str
lines_of_item(struct str *text)
{
	struct str line, lines = *text, rest = *text;

	while (cut(&line, &rest, "\n") && !starts(line, ":: ") && !starts(line, "== ") &&
	    !starts(line, "#"))
		*text = rest;
	lines.n -= text->n;
	return lines;
}

static void
parse_table(struct str text)
{
	struct str line, start = text;

	while (cut(&line, &text, "\n")) {
		table.line = 1;
		for (const char *p = start.p; p < line.p; p++)
			table.line += *p == '\n';
		if (starts(line, ":: ") && table.definitions < DEFINITIONS_MAX) {
			line = skip(line, 3);
			cut(&table.definition[table.definitions].name, &line, " ");
			table.definition[table.definitions++].text = lines_of_item(&text);
		} else if (starts(line, "== ")) {
			parse_block(skip(line, 3), lines_of_item(&text));
		} else if (line.n > 0 && !starts(line, "#")) {
			wrong("neither an exchange nor a definition");
		}
	}
}

static bool
load_table(void)
{
	static char text[1 << 20], bytes[TABLE_BYTES];
	FILE *f = fopen("test/exchanges", "r");
	size_t n = f == NULL ? 0 : fread(text, 1, sizeof text, f);

	if (f != NULL)
		fclose(f);
	table.bytes = buf_over(bytes, sizeof bytes);
	buf_add(&table.bytes, STR("\n"));       /* so that no offset is 0 */
	parse_table((struct str){ text, n });
	if (table.bytes.bad || n == sizeof text)
		wrong("too large");
	CHECK(table.fault == NULL, "test/exchanges:%u: %s", table.fault_line, table.fault);
	CHECK(table.exchanges >= 300, "test/exchanges: only %u exchanges", table.exchanges);
	return table.fault == NULL && table.exchanges > 0;
}

/* ---- the program */

static struct {
	pid_t pid;
	int log;                        /* what it writes to stderr, */
	char said[1 << 16];             /* so far */
	size_t n;
	struct sockaddr_in address;
} program;

/* Reads on in its log. false: that has ended, or nothing came for long. */
static bool
hear_program(void)
{
	struct pollfd p = { .fd = program.log, .events = POLLIN };
	ssize_t n = 0;

	if (poll(&p, 1, PATIENCE) == 1)
		n = read(program.log, program.said + program.n, sizeof program.said - program.n);
	if (n > 0)
		program.n += (size_t)n;
	return n > 0;
}

/* How it is called. */
struct call {
	const char *line;               /* its arguments, with a space between them */
	int inherited;                  /* a socket to listen at; -1: none */
	const char *notify;             /* where it tells of itself; "": nowhere */
};

/* It dies with us, whatever becomes of us. */
static void
become_program(const struct call *call, int log)
{
	const char *path = getenv("JWTD") != NULL ? getenv("JWTD") : "./jwtd";
	char line[1024], text[4][64], *arguments[80], *environment[5] = { NULL }, *rest;
	unsigned n = 0;

	snprintf(line, sizeof line, "jwtd %s", call->line);
	for (char *word = strtok_r(line, " ", &rest); word != NULL; n++) {
		arguments[n] = word;
		word = strtok_r(NULL, " ", &rest);
	}
	arguments[n] = NULL;
	snprintf(text[0], sizeof text[0], "LISTEN_PID=%d", (int)getpid());
	snprintf(text[1], sizeof text[1], "LISTEN_FDS=%d", call->inherited >= 0);
	snprintf(text[2], sizeof text[2], "NOTIFY_SOCKET=%s", call->notify);
	snprintf(text[3], sizeof text[3], "WATCHDOG_USEC=400000");
	for (n = 0; n < 4; n++)
		environment[n] = text[n];
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(log, STDOUT_FILENO);
	dup2(log, STDERR_FILENO);
	if (call->inherited >= 0)
		dup2(call->inherited, 3);
	execve(path, arguments, environment);
	_exit(127);
}

static bool
run_program(const struct call *call)
{
	int log_pipe[2];

	program.n = 0;
	if (pipe2(log_pipe, O_CLOEXEC) != 0 || (program.pid = fork()) < 0)
		return false;
	if (program.pid == 0)
		become_program(call, log_pipe[1]);
	close(log_pipe[1]);
	program.log = log_pipe[0];
	return true;
}

/* Whether it serves; the port stands in its log, behind an address of this host. */
static bool
start_program(const struct call *call)
{
	struct str log, port;
	unsigned v = 0;

	if (!run_program(call))
		return false;
	do {
		log = (struct str){ program.said, program.n };
		cut(&port, &log, "jwtd: listening on ");
	} while (!contains(log, STR("\n")) && hear_program());
	cut(&port, &log, "127.0.0.1");
	cut(&port, &log, ":");
	cut(&port, &log, "\n");
	number(&v, port);
	program.address = (struct sockaddr_in){ .sin_family = AF_INET,
	    .sin_port = htons((uint16_t)v),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	return v != 0;
}

/* Waits for its end: its exit status, or -1 and it is killed. */
static int
program_status(void)
{
	int64_t end = milliseconds() + PATIENCE;
	int status = 0;
	pid_t ended;

	while ((ended = waitpid(program.pid, &status, WNOHANG)) == 0 && milliseconds() < end)
		nap(1);
	if (ended == program.pid)
		return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	kill(program.pid, SIGKILL);
	waitpid(program.pid, NULL, 0);
	return -1;
}

/* A sanitizer's report would be no line of its log. */
static void
check_end(void)
{
	struct str line, log;
	int status;

	if (program.pid <= 0)
		return;
	status = program_status();
	CHECK(status == 0, "after SIGTERM: status %d", status);
	while (hear_program())
		;
	close(program.log);
	for (log = (struct str){ program.said, program.n }; cut(&line, &log, "\n"); )
		CHECK(starts(line, "jwtd: ") || starts(line, "time="), "a line of its log: %.*s",
		    (int)line.n, line.p);
}

/* ---- our end of a connection */

/* The beginning of some bytes, in one line. */
static const char *
shown(struct str s)
{
	static char text[250];
	size_t at = 0;

	for (size_t i = 0; i < s.n && at < sizeof text - 5; i++) {
		unsigned char c = (unsigned char)s.p[i];

		at += (size_t)snprintf(text + at, 5, c < ' ' || c > '~' ? "\\x%02x" : "%c", c);
	}
	text[at] = '\0';
	return text;
}

struct field {
	struct str name, value;
};

struct answer {
	unsigned status;
	struct str head, body;
	struct field field[16];
	unsigned fields;
	size_t size;                    /* in bytes; 0: it is not whole yet */
};

struct peer {
	int fd;
	int64_t deadline;               /* monotonic milliseconds */
	bool failed;
	bool part2;                     /* it talks to routes of SPEC part 2 */
	char problem[400];
	struct answer last;
	size_t n;                       /* bytes in `in`; it begins with the last answer */
	char in[IN_MAX];
};

static struct peer peers[PEERS];
static unsigned timeouts;

__attribute__((format(printf, 2, 3))) static bool
problem(struct peer *p, const char *format, ...)
{
	va_list list;

	if (p->failed)
		return false;
	p->failed = true;
	va_start(list, format);
	vsnprintf(p->problem, sizeof p->problem, format, list);
	va_end(list);
	return false;
}

static bool
peer_open(struct peer *p)
{
	struct timeval patience = { .tv_sec = PATIENCE / 1000 };
	int one = 1;

	p->failed = p->part2 = false;
	p->problem[0] = '\0';
	p->n = p->last.size = 0;
	p->deadline = milliseconds() + PATIENCE;
	p->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(p->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	setsockopt(p->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
	if (connect(p->fd, (struct sockaddr *)&program.address, sizeof program.address) == 0)
		return true;
	return problem(p, "can't connect: %s", strerror(errno));
}

static void
peer_close(struct peer *p)
{
	close(p->fd);
	p->fd = -1;
}

/* In pieces of one byte; what is long goes faster in its middle. */
static bool
peer_send(struct peer *p, struct str s, bool bytewise)
{
	const size_t before = 400, behind = 200, middle = 500;

	for (size_t at = 0, size; at < s.n && !p->failed; at += size) {
		size = !bytewise ? s.n : at < before || s.n - at <= behind ? 1 : middle;
		size = s.n - at < size ? s.n - at : size;
		if (send(p->fd, s.p + at, size, MSG_NOSIGNAL) != (ssize_t)size)
			return problem(p, "sending byte %zu: %s", at, strerror(errno));
	}
	return !p->failed;
}

/* Takes what there is. Returns the bytes, 0 at the end, -1 where there is a problem. */
static ssize_t
peer_receive(struct peer *p)
{
	struct pollfd in = { .fd = p->fd, .events = POLLIN };
	int64_t left = p->deadline - milliseconds();
	ssize_t n;

	if (poll(&in, 1, left < 0 ? 0 : (int)left) != 1) {
		timeouts++;
		problem(p, "nothing comes");
		return -1;
	}
	n = recv(p->fd, p->in + p->n, sizeof p->in - p->n, 0);
	if (n < 0)
		problem(p, "receiving: %s", strerror(errno));
	else
		p->n += (size_t)n;
	return n;
}

/* What came in and has not been thrown away: the last answer and what is behind it. */
static struct str
bytes_of(const struct peer *p)
{
	return (struct str){ p->in, p->n };
}

/* `lower` has no capitals. */
static const struct field *
find(const struct answer *a, const char *lower)
{
	for (unsigned i = 0; i < a->fields; i++)
		if (str_equal_nocase(a->field[i].name, from(lower)))
			return &a->field[i];
	return NULL;
}

static bool
has_field(const struct answer *a, const char *lower, const char *value)
{
	const struct field *f = find(a, lower);

	return f != NULL && str_equal(f->value, from(value));
}

/* Whether it has none but visible bytes and spaces, those not at its ends. */
static bool
is_value(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < ' ' || s.p[i] > '~')
			return false;
	return s.n > 0 && s.p[0] != ' ' && s.p[s.n - 1] != ' ';
}

/* RFC 9112 4, 5, and stricter: what a server that is well-bred writes. */
static const char *
read_fields(struct answer *a)
{
	struct str line, lines = a->head, phrase, field_name;
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-";

	a->fields = 0;
	cut(&line, &lines, "\r\n");
	phrase = line.n < 13 ? line : skip(line, 13);
	if (!starts(line, "HTTP/1.1 ") || !number(&a->status, (struct str){ line.p + 9, 3 }) ||
	    line.p[12] != ' ')
		return "this is no status line";
	if (phrase.n == 0 || strspn(phrase.p, letters) == 0)
		return "the status has no phrase";
	while (cut(&line, &lines, "\r\n")) {
		struct str value = line;

		cut(&field_name, &value, ": ");
		if (field_name.n == 0 || strspn(field_name.p, letters) != field_name.n ||
		    !is_value(value))
			return "this is no field line";
		if (a->fields == 16)
			return "too many fields";
		for (unsigned i = 0; i < a->fields; i++)
			if (str_equal(a->field[i].name, field_name))
				return "a field comes twice";
		a->field[a->fields++] = (struct field){ field_name, value };
	}
	return NULL;
}

/* RFC 9110 5.6.7 IMF-fixdate, and it is now. */
static bool
is_now(struct str date)
{
	time_t now = time(NULL);
	char text[40];

	for (time_t t = now - 3; t <= now + 1; t++) {
		strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", gmtime(&t));
		if (str_equal(date, from(text)))
			return true;
	}
	return false;
}

/* The form of part 1, or one of those of part 2: nothing behind /auth, RFC 9457, metrics. */
static bool
has_form(const struct answer *a, bool head, bool part2)
{
	bool problem = has_field(a, "content-type", "application/problem+json");
	char start[64], status[32] = "";

	if (part2 && find(a, "content-type") == NULL)
		return has_field(a, "content-length", "0");
	if (part2 && has_field(a, "content-type", "text/plain; version=0.0.4; charset=utf-8"))
		return a->status == 200;
	if (!(part2 && problem) && !has_field(a, "content-type", "application/json"))
		return false;
	snprintf(start, sizeof start, problem ? "{\"type\":\"about:blank\",\"title\":\""
	    : "{\"status\": %u, \"description\": \"", a->status);
	if (problem)
		snprintf(status, sizeof status, "\"status\":%u,\"detail\":\"", a->status);
	return head || (a->status == 200 ? ends(a->body, "}\n") && !problem
	    : starts(a->body, start) && contains(a->body, from(status)) && ends(a->body, "\"}\n"));
}

/* Fields and body of any final answer (SPEC 1.3, RFC 9110 6.6.1, 8.6, 9.3.2). */
static const char *
judge_answer(const struct answer *a, bool head, bool part2)
{
	const struct field *date = find(a, "date");

	if (date == NULL || !is_now(date->value))
		return "Date";
	if (a->status != 404 && !has_field(a, "cache-control", "no-store"))
		return "Cache-Control";
	if (find(a, "transfer-encoding") != NULL)
		return "Transfer-Encoding";
	if (a->status == 204)
		return find(a, "content-length") != NULL ? "a 204 with Content-Length" : NULL;
	return has_form(a, head, part2) ? NULL : "Content-Type, or the form of the body";
}

/* Looks for one answer at the front of what came in. Returns what is wrong with it. */
static const char *
read_answer(struct answer *a, struct str in, bool head, bool part2)
{
	struct str rest = in;
	const struct field *length;
	const char *fault;
	unsigned n = 0;

	a->size = 0;
	cut(&a->head, &rest, "\r\n\r\n");
	if (a->head.n == in.n)
		return in.n > 8192 ? "a head without an end" : NULL;
	if ((fault = read_fields(a)) != NULL)
		return fault;
	length = find(a, "content-length");
	if (length != NULL && !number(&n, length->value))
		return "Content-Length is no number";
	if (length == NULL && a->status != 100 && a->status != 204)
		return "Content-Length is missing";
	if (head || a->status == 100 || a->status == 204)
		n = 0;
	if (rest.n < n)
		return NULL;
	a->body = (struct str){ rest.p, n };
	a->size = a->head.n + 4 + n;
	return a->status == 100 ? (a->fields > 0 ? "100 has fields" : NULL)
	    : judge_answer(a, head, part2);
}

/* The next answer, whatever it says. */
static bool
next_answer(struct peer *p, bool head)
{
	const char *fault;
	ssize_t got;

	p->n -= p->last.size;
	memmove(p->in, p->in + p->last.size, p->n);
	while ((fault = read_answer(&p->last, bytes_of(p), head, p->part2)) == NULL &&
	    p->last.size == 0)
		if ((got = peer_receive(p)) <= 0)
			return problem(p, "the connection ends, after %zu bytes of an answer",
			    p->n);
	return fault == NULL || problem(p, "%s, in: %s", fault, shown(bytes_of(p)));
}

/* RFC 9112 9.6: the answer's Connection tells what becomes of it; to HTTP/1.0, 9.3, also when it
 * stays. */
static bool
expect_connection(struct peer *p, bool closes, bool http10)
{
	const struct field *f = find(&p->last, "connection");
	struct str got = f == NULL ? STR("") : f->value;
	const char *want = closes ? "close" : http10 ? "keep-alive" : "";

	return str_equal(got, from(want)) ||
	    problem(p, "Connection is '%.*s', not '%s': %s", (int)got.n, got.p, want,
	    shown(p->last.head));
}

static bool
expect_answers(struct peer *p, const struct expected *e, unsigned n, bool closes)
{
	bool kept = false;              /* the last answer was none that had to come */

	for (unsigned i = 0; i < n && !p->failed; i++) {
		unsigned status;

		if (!kept && !next_answer(p, e[i].head))
			break;
		status = p->last.status;
		kept = e[i].optional && status != e[i].status;
		if (kept)
			continue;
		if (status != e[i].status && status != e[i].other)
			problem(p, "answer %u of %u is %u, not %u: %s", i + 1, n, status,
			    e[i].status, shown(bytes_of(p)));
		else if (status != 100)
			expect_connection(p, closes && i + 1 == n, e[i].http10);
	}
	return !p->failed;
}

/* The server ends the connection in good order and without another byte. */
static bool
expect_end(struct peer *p)
{
	ssize_t n;

	if (p->failed)
		return false;
	if (p->n > p->last.size)
		return problem(p, "bytes that nobody asked for: %s",
		    shown(skip(bytes_of(p), p->last.size)));
	if ((n = peer_receive(p)) > 0)
		return problem(p, "instead of an end: %s", shown(skip(bytes_of(p), p->last.size)));
	return n == 0;
}

static const struct expected good = { .status = 200 };

/* A good request is answered, then we end the connection, and so does the server. */
static bool
expect_open(struct peer *p)
{
	return expect_answers(p, &good, 1, false) && shutdown(p->fd, SHUT_WR) == 0 && expect_end(p);
}

/* ---- the exchanges of the table, in three ways */

enum way { AS_WRITTEN, BYTEWISE, FOLLOWED, WAYS };

static const char *const way_names[] = {
	[AS_WRITTEN] = "as written", [BYTEWISE] = "byte by byte",
	[FOLLOWED] = "with a request behind it"
};

static void
expect_texts(struct peer *p, const struct exchange *e)
{
	struct str whole = { p->in, p->last.size };

	for (unsigned i = 0; i < e->has_n; i++)
		if (!contains(whole, e->has[i]))
			problem(p, "no '%.*s' in: %s", (int)e->has[i].n, e->has[i].p, shown(whole));
	for (unsigned i = 0; i < e->lacks_n; i++)
		if (contains(whole, e->lacks[i]))
			problem(p, "'%.*s' in: %s", (int)e->lacks[i].n, e->lacks[i].p,
			    shown(whole));
}

static struct str
joined(struct str a, struct str b)
{
	static char bytes[1 << 18];
	struct buf both = buf_over(bytes, sizeof bytes);

	buf_add(&both, a);
	buf_add(&both, b);
	return buf_str(&both);
}

static void
run_exchange(struct peer *p, const struct exchange *e, enum way way, struct str create)
{
	p->part2 = starts(e->title, "SPEC 2");
	for (unsigned i = 0; i < e->steps && !p->failed; i++) {
		const struct step *step = &e->step[i];
		bool last = i + 1 == e->steps;
		struct str bytes = last && way == FOLLOWED ? joined(step->bytes, create)
		    : step->bytes;

		if (!peer_send(p, bytes, way == BYTEWISE))
			return;
		if (last && e->fate == END)
			shutdown(p->fd, SHUT_WR);
		expect_answers(p, step->answer, step->answers, last && e->fate == CLOSE);
	}
	if (p->failed)
		return;
	expect_texts(p, e);
	if (e->fate != OPEN)
		expect_end(p);
	else if (way == FOLLOWED || peer_send(p, create, false))
		expect_open(p);
}

static void
try_exchange(const struct exchange *e, enum way way, struct str create)
{
	struct peer *p = &peers[0];

	if (timeouts > TIMEOUTS_MAX)
		return;
	if (peer_open(p))
		run_exchange(p, e, way, create);
	peer_close(p);
	CHECK(!p->failed, "test/exchanges:%u: %.*s%s%.*s, %s: %s", e->line, (int)e->title.n,
	    e->title.p, e->row.n > 0 ? ": " : "", (int)e->row.n, e->row.p, way_names[way],
	    p->problem);
}

static void
exchanges(void)
{
	struct str create = defined("create");

	for (unsigned i = 0; i < table.exchanges; i++)
		for (enum way way = AS_WRITTEN; way < WAYS; way++)
			if (way != FOLLOWED || table.exchange[i].fate != END)
				try_exchange(&table.exchange[i], way, create);
	CHECK(timeouts <= TIMEOUTS_MAX, "too many timeouts: the rest was left out");
}

/* ---- what needs more than one connection, or more than a table */

static void
created_is_validated(void)
{
	struct str create = defined("create"), key = defined("key"), token, rest;
	char request[2048];
	struct peer *p = &peers[0];

	if (peer_open(p) && peer_send(p, create, false) && expect_answers(p, &good, 1, false)) {
		rest = p->last.body;
		cut(&token, &rest, "{\"JWT Token\": \"");
		cut(&token, &rest, "\"}");
		snprintf(request, sizeof request,
		    "GET / HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
		    "Content-Length: %zu\r\n\r\n{\"Token\": \"%.*s\", \"Signing_key\": \"%.*s\"}",
		    strlen("{'Token': '', 'Signing_key': ''}") + token.n + key.n, (int)token.n,
		    token.p, (int)key.n, key.p);
		if (peer_send(p, from(request), false) && expect_answers(p, &good, 1, false) &&
		    (!contains(p->last.body, STR("{\"data\": \"this is test\", \"date\": \"")) ||
		    !contains(p->last.body, STR("\"Signature Verification\": true}"))))
			problem(p, "%s", shown(p->last.body));
	}
	peer_close(p);
	CHECK(!p->failed, "what is created is valid: %s", p->problem);
}

/* All at the same time, so that one pause is enough for all. */
static void
every_split(void)
{
	struct str create = defined("create");
	size_t n = create.n < PEERS ? create.n : PEERS;

	for (size_t i = 1; i < n; i++)
		if (peer_open(&peers[i]))
			peer_send(&peers[i], (struct str){ create.p, i }, false);
	nap(5);
	for (size_t i = 1; i < n; i++)
		peer_send(&peers[i], skip(create, i), false);
	for (size_t i = 1; i < n; i++) {
		CHECK(!peers[i].failed && expect_open(&peers[i]), "split before byte %zu: %s", i,
		    peers[i].problem);
		peer_close(&peers[i]);
	}
}

static void
many_at_once(void)
{
	struct str create = defined("create");
	unsigned n = 64;

	for (unsigned i = 0; i < n; i++)
		peer_open(&peers[i]);
	for (unsigned turn = 0; turn < 2; turn++) {
		for (unsigned i = 0; i < n; i++)
			if (!peers[i].failed)
				peer_send(&peers[i], create, false);
		for (unsigned i = n; i-- > 0; )
			if (!peers[i].failed)
				expect_answers(&peers[i], &good, 1, false);
	}
	for (unsigned i = 0; i < n; i++) {
		CHECK(!peers[i].failed, "connection %u of %u: %s", i, n, peers[i].problem);
		peer_close(&peers[i]);
	}
}

/* Sends as long as the server takes it, and then no more: nothing is read. Returns the bytes
 * sent. */
static size_t
stuff(const struct peer *p, struct str s)
{
	struct pollfd out = { .fd = p->fd, .events = POLLOUT };
	size_t at = 0;
	ssize_t n;

	while (at < s.n && poll(&out, 1, 100) == 1) {
		if ((n = send(p->fd, s.p + at, s.n - at, MSG_DONTWAIT | MSG_NOSIGNAL)) <= 0)
			break;
		at += (size_t)n;
	}
	return at;
}

/* A peer that sends and sends before it reads: answers fill what the kernel has for them, then
 * requests the server's buffers. None is lost, and they come in order, which their statuses
 * tell. */
static void
slow_reader(void)
{
	static const struct expected order[] = { { .status = 404 }, { .status = 203 },
	    { .status = 405 },
		{ .status = 204 }, { .status = 200 } };
	struct str feast = defined("feast"), rest;
	struct peer *p = &peers[0];
	unsigned rounds = 400, answered = 0;
	char *all = malloc(rounds * feast.n);
	int window = 16384;

	for (unsigned i = 0; i < rounds; i++)
		memcpy(all + i * feast.n, feast.p, feast.n);
	rest = (struct str){ all, rounds * feast.n };
	if (peer_open(p) && setsockopt(p->fd, SOL_SOCKET, SO_RCVBUF, &window, sizeof window) == 0)
		rest = skip(rest, stuff(p, rest));
	window = 1 << 20;
	setsockopt(p->fd, SOL_SOCKET, SO_RCVBUF, &window, sizeof window);
	while (answered < 5 * rounds && !p->failed) {
		ssize_t n = rest.n == 0 ? 0
		    : send(p->fd, rest.p, rest.n, MSG_DONTWAIT | MSG_NOSIGNAL);

		rest = skip(rest, n > 0 ? (size_t)n : 0);
		answered += expect_answers(p, &order[answered % 5], 1, false);
	}
	CHECK(!p->failed && rest.n == 0, "2,000 requests unread: %u answers, %zu bytes unsent: %s",
	    answered, rest.n, p->problem);
	peer_close(p);
	free(all);
}

/* Peers that go away in the middle of a body, half of them with a reset, harm nobody. */
static void
dropped(void)
{
	struct str create = defined("create");
	const struct linger reset = { .l_onoff = 1, .l_linger = 0 };

	for (unsigned i = 0; i < 28; i++) {
		struct peer *p = &peers[i];

		if (peer_open(p))
			peer_send(p, (struct str){ create.p, create.n - 1 - i }, false);
		if (i % 2 == 0)
			setsockopt(p->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
		CHECK(!p->failed, "to be dropped: %s", p->problem);
		peer_close(p);
	}
	CHECK(peer_open(&peers[0]) && peer_send(&peers[0], create, false) && expect_open(&peers[0]),
	    "after connections that were dropped: %s", peers[0].problem);
	peer_close(&peers[0]);
}

/* What was sent before the signal is answered, be it alone or one of many in a pipeline, on a
 * connection that it knows or on a new one; then it ends them. It sleeps while all that is sent, so
 * that the signal finds it unread. */
static void
stopped_in_flight(void)
{
	struct str create = defined("create");
	unsigned known = 20, n = known + 129;   /* it accepts 64 at once */

	for (unsigned i = 0; i < known; i++)
		if (peer_open(&peers[i]) && peer_send(&peers[i], create, false))
			expect_answers(&peers[i], &good, 1, false);
	kill(program.pid, SIGSTOP);
	for (unsigned i = known; i < n; i++)
		peer_open(&peers[i]);
	for (unsigned i = 0; i < n; i++)
		for (unsigned k = 0; k < i % 5 && !peers[i].failed; k++)
			peer_send(&peers[i], create, false);
	kill(program.pid, SIGTERM);
	kill(program.pid, SIGCONT);
	for (unsigned i = 0; i < n; i++) {
		struct peer *p = &peers[i];

		for (unsigned k = 0; k < i % 5 && !p->failed && next_answer(p, false); k++)
			if (p->last.status != 200)
				problem(p, "%s", shown(bytes_of(p)));
		CHECK(!p->failed && expect_end(p), "%u requests sent before SIGTERM: %s", i % 5,
		    p->problem);
		peer_close(p);
	}
}

/* ---- a program with little room, that systemd starts and watches */

/* Whether it tells this next; what it told before may have come several times. */
static bool
told(int fd, const char *what)
{
	char text[64];
	ssize_t n;

	while ((n = recv(fd, text, sizeof text, 0)) > 0)
		if (str_equal((struct str){ text, (size_t)n }, from(what)))
			return true;
	return false;
}

/* A datagram socket at an abstract name. */
static int
notified_at(const char *name)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	struct timeval patience = { .tv_sec = PATIENCE / 1000 };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	memcpy(a.sun_path + 1, name + 1, strlen(name) - 1);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	if (bind(fd, (struct sockaddr *)&a,
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name))) != 0)
		abort();
	return fd;
}

/* A socket of both families, bound to IPv4's loopback address; -1: there is no IPv6. */
static int
both_families(void)
{
	struct sockaddr_in6 a = { .sin6_family = AF_INET6 };
	int fd = socket(AF_INET6, SOCK_STREAM, 0), zero = 0;

	if (fd >= 0 && inet_pton(AF_INET6, "::ffff:127.0.0.1", &a.sin6_addr) == 1 &&
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof zero) == 0 &&
	    bind(fd, (struct sockaddr *)&a, sizeof a) == 0 && listen(fd, 16) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Four connections are all that it takes. One more has another one closed: who is idle goes at once
 * and without a word, who has begun a request only when that is a second old, and hears of it. */
static void
fill(bool idle)
{
	struct str create = defined("create"), half = { create.p, create.n / 2 };
	struct peer *last = &peers[4];
	unsigned gone = 0;

	for (unsigned i = 0; i < 4; i++)
		CHECK(peer_open(&peers[i]) && peer_send(&peers[i], idle ? create : half, false) &&
		    (!idle || expect_answers(&peers[i], &good, 1, false)), "connection %u: %s", i,
		    peers[i].problem);
	CHECK(peer_open(last) && peer_send(last, create, false) &&
	    expect_answers(last, &good, 1, false), "one too many: %s", last->problem);
	for (unsigned i = 0; i < 4; i++) {
		char text[512] = "";
		ssize_t n = recv(peers[i].fd, text, sizeof text - 1, MSG_DONTWAIT);

		gone += idle ? n == 0 : n > 0 && strncmp(text, "HTTP/1.1 408 ", 13) == 0;
	}
	CHECK(gone > 0, "nobody made room");
}

/* A second signal ends what a request that was begun keeps alive; so it does where a third one comes
 * with it, while the process sleeps. */
static void
stop_again(int notify, unsigned signals)
{
	struct str log;

	kill(program.pid, SIGTERM);
	CHECK(told(notify, "STOPPING=1"), "it does not stop");
	if (signals == 3) {
		kill(program.pid, SIGSTOP);
		kill(program.pid, SIGINT);
	}
	kill(program.pid, SIGTERM);
	kill(program.pid, SIGCONT);
	check_end();
	log = (struct str){ program.said, program.n };
	CHECK(contains(log, STR("jwtd: stopped\n")), "%u signals", signals);
	CHECK(contains(log, STR("method=POST route=/ status=200 ")) &&
	    contains(log, STR(" peer=127.0.0.1:")), "the log of requests: %.*s",
	    (int)log.n, log.p);
}

static void
little_room(bool idle)
{
	int fd = both_families(), notify;
	char name[32];

	if (fd < 0) {
		test_skip("an inherited socket of both families (no IPv6)");
		return;
	}
	snprintf(name, sizeof name, "@jwtd-test-%d", (int)getpid());
	notify = notified_at(name);
	CHECK(start_program(&(struct call){ "--demo-key --access-log --max-connections 4 "
	    "--workers 2 --grace 60", fd, name }) && told(notify, "READY=1"), "it serves: %.*s",
	    (int)program.n, program.said);
	fill(idle);
	CHECK(told(notify, "WATCHDOG=1") && told(notify, "WATCHDOG=1"), "its workers live");
	peer_send(&peers[4], STR("GET"), false);
	stop_again(notify, idle && !PUT_OFF ? 3 : 2);
	for (unsigned i = 0; i < 5; i++)
		peer_close(&peers[i]);
	close(fd);
	close(notify);
}

/* ---- a stop that is delayed */

/* Asks, and hears an answer that begins so and ends in a newline. */
static bool
hears(struct peer *p, struct str request, const char *status)
{
	peer_send(p, request, false);
	p->n = p->last.size = 0;
	while (!p->failed && !ends(bytes_of(p), "}\n") && peer_receive(p) > 0)
		;
	if (!starts(bytes_of(p), status))
		problem(p, "not %s: %s", status, shown(bytes_of(p)));
	p->n = 0;
	return !p->failed;
}

static bool
says(struct str line)
{
	while (!contains((struct str){ program.said, program.n }, line) && hear_program())
		;
	return contains((struct str){ program.said, program.n }, line);
}

/* On a connection that it knows and on a new one: all is served, but it says that it goes. */
static void
served_on(struct peer *known, struct peer *new)
{
	struct str create = defined("create"), health = STR("GET /healthz HTTP/1.1\r\n"
	    "Host: h\r\n\r\n");

	for (unsigned i = 0; i < 2; i++) {
		struct peer *p = i == 0 ? known : new;

		CHECK((p == known || peer_open(p)) && hears(p, health, "HTTP/1.1 503 ") &&
		    hears(p, create, "HTTP/1.1 200 ") && hears(p, health, "HTTP/1.1 503 "),
		    "connection %u while a stop is delayed: %s", i, p->problem);
	}
}

/* The second signal ends the delay and nothing else: what has begun by then is answered. */
static void
delayed(int first, int second)
{
	struct str create = defined("create"), half = { create.p, create.n / 2 };
	struct peer *known = &peers[0], *new = &peers[1], *begun = &peers[2];

	CHECK(start_program(&(struct call){ "--demo-key --listen 127.0.0.1:0 --stop-delay 60 "
	    "--grace 60", -1, "" }), "it serves: %.*s", (int)program.n, program.said);
	kill(program.pid, SIGUSR1);
	kill(program.pid, SIGUSR2);
	CHECK(peer_open(known) && hears(known, create, "HTTP/1.1 200 "), "before the signal: %s",
	    known->problem);
	kill(program.pid, first);
	CHECK(says(STR("jwtd: stopping in 60 s; /healthz answers 503 (--stop-delay)\n")),
	    "it says so: %.*s", (int)program.n, program.said);
	served_on(known, new);
	CHECK(peer_open(begun) && peer_send(begun, half, false), "half: %s", begun->problem);
	nap(20);
	kill(program.pid, second);
	CHECK(expect_end(known) && expect_end(new), "idle connections end: %s%s", known->problem,
	    new->problem);
	CHECK(hears(begun, skip(create, half.n), "HTTP/1.1 200 ") && expect_end(begun),
	    "a request begun before the delay was skipped: %s", begun->problem);
	check_end();
	for (unsigned i = 0; i < 3; i++)
		peer_close(&peers[i]);
}

/* It takes its time and no more. */
static void
delayed_to_the_end(void)
{
	int64_t begun, taken;

	CHECK(start_program(&(struct call){ "--demo-key --listen 127.0.0.1:0 --stop-delay 1", -1,
	    "" }), "it serves: %.*s", (int)program.n, program.said);
	begun = milliseconds();
	kill(program.pid, SIGTERM);
	check_end();
	taken = milliseconds() - begun;
	CHECK(taken >= 1000, "a stop delayed by 1 second took %d ms", (int)taken);
}

/* ---- a mistake, and a command */

/* One that is inherited and the 64 that may be named are one too many. */
static void
listeners_too_many(void)
{
	char line[1024] = "check --demo-key";
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0), status;

	for (unsigned i = 0; i < 64; i++)
		strcat(line, " --listen=x");
	CHECK(bind(fd, (struct sockaddr *)&a, sizeof a) == 0 && listen(fd, 1) == 0 &&
	    run_program(&(struct call){ line, fd, "" }), "no program");
	status = program_status();
	CHECK(status == 2 && hear_program() && contains((struct str){ program.said, program.n },
	    STR("jwtd: more than 64 listeners\n")), "status %d: %.*s", status, (int)program.n,
	    program.said);
	close(program.log);
	close(fd);
}

/* ---- jwtd health, and what it is answered */

static const struct {
	const char *answer;
	int status;
	const char *says;
} healths[] = {
	{ "HTTP/1.1 200 OK\r\n\r\n", 0, "ok\n" },
	{ "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", 1,
	    ": unhealthy: it answered HTTP/1.1 503 Busy\n" },
	{ "HTTP/1.1 20", 1, ": unhealthy: it answered HTTP/1.1 20\n" },
	{ "HTTP/1.1 2000 OK\r\n", 1, ": unhealthy: it answered HTTP/1.1 2000 OK\n" },
	{ "HTTP/1.0 200 OK\r\n", 1, ": unhealthy: it answered HTTP/1.0 200 OK\n" },
	{ "SSH\033[2J\n\r\n", 1, ": unhealthy: it answered SSH?[2J?\n" },
	{ "", 1, ": no answer\n" },
};

static void
asked_for_health(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), fd, status;
	struct timeval patience = { .tv_sec = PATIENCE / 1000 };
	char line[64], question[512] = "";
	socklen_t n = sizeof a;

	setsockopt(listener, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	CHECK(bind(listener, (struct sockaddr *)&a, n) == 0 && listen(listener, 1) == 0 &&
	    getsockname(listener, (struct sockaddr *)&a, &n) == 0, "listening");
	snprintf(line, sizeof line, "health 127.0.0.1:%u", ntohs(a.sin_port));
	for (size_t i = 0; i < sizeof healths / sizeof healths[0]; i++) {
		const char *answer = healths[i].answer;
		bool asks = run_program(&(struct call){ line, -1, "" });

		fd = accept(listener, NULL, NULL);
		CHECK(asks && recv(fd, question, sizeof question - 1, 0) > 0 &&
		    starts(from(question), "GET /healthz HTTP/1.1\r\n"), "row %zu asks", i);
		CHECK(send(fd, answer, strlen(answer), MSG_NOSIGNAL) >= 0, "row %zu", i);
		close(fd);
		status = program_status();
		while (hear_program())
			;
		close(program.log);
		CHECK(status == healths[i].status &&
		    ends((struct str){ program.said, program.n }, healths[i].says),
		    "'%s': status %d: %.*s", answer, status, (int)program.n, program.said);
	}
	close(listener);
}

void
test_server(void)
{
	bool serves;

	if (!load_table())
		return;
	serves = start_program(&(struct call){
	    "--demo-key --workers 2 --listen 127.0.0.1:0 --claim-header X-Auth-Subject=sub", -1,
	    "" });
	CHECK(serves, "no address in the log of JWTD, or of ./jwtd: %.*s", (int)program.n,
	    program.said);
	if (serves) {
		exchanges();
		created_is_validated();
		every_split();
		many_at_once();
		slow_reader();
		dropped();
		stopped_in_flight();
	} else if (program.pid > 0) {
		kill(program.pid, SIGTERM);
	}
	check_end();
	if (serves) {
		little_room(true);
		little_room(false);
		delayed(SIGQUIT, SIGTERM);
		delayed(SIGTERM, SIGQUIT);
		delayed_to_the_end();
		listeners_too_many();
		asked_for_health();
	}
}

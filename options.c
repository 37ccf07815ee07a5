#include "options.h"

enum kind { FLAG, TEXT, LIST, NUMBER, CHOICE };

/* A row of the table. `field` is where the value goes in struct options. */
struct option {
	const char *name, *value;       /* "listen", "ADDR"; a flag takes none; "a|b" is a choice */
	enum kind kind;
	size_t field;
	unsigned least, most, usual;    /* of a number */
	const char *usual_text;         /* the default in --help; NULL: none. Choice: the first */
	const char *help;
};

#define FIELD(name) offsetof(struct options, name)

static const struct option table[] = {
	{ "listen", "ADDR", LIST, FIELD(listen), 0, 0, 0, "127.0.0.1:5000",
	  "IP:PORT, [IP6]:PORT or unix:PATH[,mode=0660]; repeatable; sockets that are inherited "
	  "(LISTEN_FDS) take the default's place" },
	{ "key-file", "FILE", TEXT, FIELD(key_file), 0, 0, 0, NULL,
	  "the signing key: its bytes, at least 64; one newline at the end is dropped" },
	{ "demo-key", NULL, FLAG, FIELD(demo_key), 0, 0, 0, NULL,
	  "use the published key: for trying out, on loopback only" },
	{ "service-secret-file", "FILE", TEXT, FIELD(service_secret_file), 0, 0, 0, NULL,
	  "callers must show this secret to create tokens (Authorization: Bearer)" },
	{ "open-issue", NULL, FLAG, FIELD(open_issue), 0, 0, 0, NULL,
	  "anyone may create tokens, on any listener" },
	{ "host", "NAME", LIST, FIELD(host), 0, 0, 0, NULL,
	  "requests for another host get 421; repeatable" },
	{ "workers", "N", NUMBER, FIELD(workers), 1, 64, 0, "processors",
	  "threads that answer" },
	{ "max-connections", "N", NUMBER, FIELD(max_connections), 1, 1000000, 4096, "4096",
	  "connections held; then the one idle longest makes room" },
	{ "max-body", "BYTES", NUMBER, FIELD(max_body), 1024, 16777216, 65536, "65536",
	  "the largest request body" },
	{ "body-buffers", "N", NUMBER, FIELD(body_buffers), 1, 65536, 256, "256",
	  "unfinished requests above 1 KB that are held at once" },
	{ "request-timeout", "S", NUMBER, FIELD(request_timeout), 1, 3600, 10, "10",
	  "seconds for a whole request, and for a peer to read its answer" },
	{ "idle-timeout", "S", NUMBER, FIELD(idle_timeout), 1, 86400, 75, "75",
	  "seconds that a connection may wait between requests" },
	{ "grace", "S", NUMBER, FIELD(grace), 0, 3600, 10, "10",
	  "seconds for finishing what is begun when stopping" },
	{ "access-log", NULL, FLAG, FIELD(access_log), 0, 0, 0, NULL,
	  "one line for each request on standard error" },
	{ "log-format", "logfmt|json", CHOICE, FIELD(log_format), 0, 0, 0, "logfmt",
	  "of the access log" },
};

enum { OPTIONS = sizeof table / sizeof table[0], NAME_MAX_BYTES = 48, HELP_COLUMN = 30,
    HELP_WIDTH = 79 };

/* "--listen" or, for a value from the environment, "JWTD_LISTEN". */
static struct str
shown_name(char out[NAME_MAX_BYTES], const struct option *o, bool environment)
{
	struct buf b = buf_over(out, NAME_MAX_BYTES);

	buf_text(&b, environment ? "JWTD_" : "--");
	for (const char *p = o->name; *p != '\0'; p++) {
		char c = !environment ? *p : *p == '-' ? '_' : (char)(*p & ~0x20);

		buf_put(&b, &c, 1);
	}
	return buf_str(&b);
}

static bool
fail(struct buf *message, struct str name, const char *problem, const char *given)
{
	buf_add(message, name);
	buf_text(message, problem);
	if (given != NULL) {
		buf_text(message, ", not '");
		buf_text(message, given);
		buf_text(message, "'");
	}
	return false;
}

static bool
take_number(unsigned *out, const struct option *o, const char *given, struct buf *message,
    struct str name)
{
	uint64_t v = 0;

	for (const char *p = given; *p >= '0' && *p <= '9' && v <= o->most; p++)
		v = v * 10 + (uint64_t)(*p - '0');
	if (given[0] == '\0' || given[strspn(given, "0123456789")] != '\0' || v < o->least ||
	    v > o->most) {
		fail(message, name, " takes a whole number from ", NULL);
		buf_number(message, o->least);
		buf_text(message, " to ");
		buf_number(message, o->most);
		return fail(message, STR(""), "", given);
	}
	*out = (unsigned)v;
	return true;
}

/* The place of `given` among the words between '|'. */
static bool
take_choice(unsigned *out, const struct option *o, const char *given, struct buf *message,
    struct str name)
{
	unsigned i = 0;

	for (const char *word = o->value; ; i++) {
		size_t n = strcspn(word, "|");

		if (strlen(given) == n && memcmp(given, word, n) == 0)
			break;
		if (word[n] == '\0') {
			fail(message, name, " is one of ", NULL);
			return fail(message, STR(""), o->value, given);
		}
		word += n + 1;
	}
	*out = i;
	return true;
}

static bool
take_value(struct options *options, const struct option *o, const char *given, struct buf *message,
    struct str name)
{
	char *field = (char *)options + o->field;
	struct option_list *list;

	switch (o->kind) {
	case FLAG:
		if (strcmp(given, "0") != 0 && strcmp(given, "1") != 0)
			return fail(message, name, " is 0 or 1", given);
		*(bool *)field = given[0] == '1';
		return true;
	case TEXT:
		*(const char **)field = given;
		return given[0] != '\0' || fail(message, name, " needs a value", NULL);
	case LIST:
		list = (struct option_list *)field;
		if (given[0] == '\0')
			return fail(message, name, " needs a value", NULL);
		if (list->n == OPTION_LIST_MAX)
			return fail(message, name, " was given more than 64 times", NULL);
		list->item[list->n++] = given;
		return true;
	case NUMBER:
		return take_number((unsigned *)field, o, given, message, name);
	case CHOICE:
		return take_choice((unsigned *)field, o, given, message, name);
	}
	return false;
}

/* A repeatable option's environment form is split at spaces, in place. */
static bool
take_words(struct options *options, const struct option *o, char *value, struct buf *message,
    struct str name)
{
	for (value += strspn(value, " "); *value != '\0'; value += strspn(value, " ")) {
		char *word = value;

		value += strcspn(value, " ");
		if (*value != '\0')
			*value++ = '\0';
		if (!take_value(options, o, word, message, name))
			return false;
	}
	return true;
}

static bool
take_environment(struct options *options, struct buf *message, char *(*environment)(const char *))
{
	for (unsigned i = 0; i < OPTIONS; i++) {
		char name[NAME_MAX_BYTES + 1];
		struct str shown = shown_name(name, &table[i], true);
		char *value;

		name[shown.n] = '\0';
		value = environment(name);
		if (value == NULL || value[0] == '\0')
			continue;
		if (table[i].kind == LIST ? !take_words(options, &table[i], value, message, shown)
		                          : !take_value(options, &table[i], value, message, shown))
			return false;
	}
	return true;
}

static const struct option *
find(struct str name)
{
	for (unsigned i = 0; i < OPTIONS; i++)
		if (str_equal(name, str_from(table[i].name)))
			return &table[i];
	return NULL;
}

/* One option, its value behind '=' or in the next argument. Returns how many arguments it took;
 * 0: a mistake. */
static int
take_argument(struct options *options, char **argument, bool seen[OPTIONS], struct buf *message)
{
	const char *name = argument[0] + 2, *equals = strchr(name, '=');
	struct str bare = { name, equals != NULL ? (size_t)(equals - name) : strlen(name) };
	struct str shown = { argument[0], bare.n + 2 };
	const struct option *o = find(bare);
	const char *value = equals != NULL ? equals + 1 : argument[1];

	if (o == NULL)
		return fail(message, STR("unknown option "), "", NULL) ||
		    fail(message, shown, "", NULL);
	if (o->kind == FLAG)
		return equals != NULL ? fail(message, shown, " takes no value", NULL)
		                      : take_value(options, o, "1", message, shown);
	if (value == NULL)
		return fail(message, shown, " needs a value", NULL);
	if (o->kind == TEXT && seen[o - table])
		return fail(message, shown, " was given twice", NULL);
	if (o->kind == LIST && !seen[o - table])        /* instead of what the environment says */
		((struct option_list *)((char *)options + o->field))->n = 0;
	seen[o - table] = true;
	if (!take_value(options, o, value, message, shown))
		return 0;
	return equals != NULL ? 1 : 2;
}

static bool
take_command(struct options *options, const char *word, struct buf *message)
{
	static const struct {
		const char *word;
		enum command command;
	} commands[] = {
		{ "serve", COMMAND_SERVE }, { "help", COMMAND_HELP },
		{ "version", COMMAND_VERSION }, { "--help", COMMAND_HELP },
		{ "--version", COMMAND_VERSION }, { "-h", COMMAND_HELP },
	};

	for (unsigned i = 0; i < sizeof commands / sizeof commands[0]; i++) {
		if (strcmp(word, commands[i].word) == 0) {
			options->command = commands[i].command;
			return true;
		}
	}
	return fail(message, STR("unknown "), word[0] == '-' ? "option " : "command ", NULL) ||
	    fail(message, STR(""), word, NULL);
}

bool
options_parse(struct options *options, struct buf *message, char **arguments,
    char *(*environment)(const char *name))
{
	bool seen[OPTIONS] = { false };

	*options = (struct options){ .command = COMMAND_SERVE };
	for (unsigned i = 0; i < OPTIONS; i++)
		if (table[i].kind == NUMBER)
			*(unsigned *)((char *)options + table[i].field) = table[i].usual;
	if (!take_environment(options, message, environment))
		return false;
	for (unsigned first = 1; *arguments != NULL; first = 0) {
		const char *word = *arguments;
		int used = 1;

		if (strcmp(word, "--help") == 0 || strcmp(word, "--version") == 0 ||
		    strcmp(word, "-h") == 0 || (first && word[0] != '-'))
			used = take_command(options, word, message);
		else if (strncmp(word, "--", 2) == 0)
			used = take_argument(options, arguments, seen, message);
		else
			used = fail(message, STR("unexpected argument "), word, NULL);
		if (used == 0)
			return false;
		arguments += used;
	}
	return true;
}

static void
pad_to(struct buf *b, size_t line_start, size_t column)
{
	while (!b->bad && b->n - line_start < column)
		buf_put(b, " ", 1);
}

/* One option's help, words wrapped between the help column and the last one. */
static void
put_help(struct buf *b, const char *text, size_t line)
{
	while (*text != '\0') {
		size_t word = strcspn(text, " ");

		if (b->n - line + 1 + word > HELP_WIDTH) {
			buf_text(b, "\n");
			line = b->n;
			pad_to(b, line, HELP_COLUMN - 1);
		}
		buf_text(b, " ");
		buf_put(b, text, word);
		text += word;
		text += *text == ' ';
	}
}

void
options_help(struct buf *b)
{
	buf_text(b, "usage: jwtd [serve] [options]\n"
	            "       jwtd version | help\n\n"
	            "Issues and checks HS512 JSON Web Tokens over HTTP/1.1.\n\n");
	for (unsigned i = 0; i < OPTIONS; i++) {
		const struct option *o = &table[i];
		char name[NAME_MAX_BYTES];
		size_t line = b->n;
		char help[256];
		struct buf text = buf_over(help, sizeof help - 1);

		buf_text(b, "  ");
		buf_add(b, shown_name(name, o, false));
		if (o->value != NULL) {
			buf_text(b, " ");
			buf_text(b, o->value);
		}
		if (b->n - line > HELP_COLUMN - 2) {
			buf_text(b, "\n");
			line = b->n;
		}
		pad_to(b, line, HELP_COLUMN - 1);
		buf_text(&text, o->help);
		if (o->usual_text != NULL) {
			buf_text(&text, " [");
			buf_text(&text, o->usual_text);
			buf_text(&text, "]");
		}
		help[text.n] = '\0';
		put_help(b, help, line);
		buf_text(b, "\n");
	}
	buf_text(b,
	    "\nEvery option has an environment form: --key-file is JWTD_KEY_FILE. The command\n"
	    "line beats it. A key itself comes from a file, never from either.\n");
}

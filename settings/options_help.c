#include "settings/options_help.h"

enum {
	HELP_COLUMN = 30, HELP_WIDTH = 79,
	HELP_MAX = 512                  /* bytes of one help */
};

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
		size_t word = str_until(text, ' ');

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

/* A line of the help: a name, what follows it, and the words about it. */
static void
put_line(struct buf *b, struct str name, const char *value, const char *help)
{
	size_t line = b->n;

	buf_format(b, value[0] != '\0' ? "  %.*s %s" : "  %.*s", (int)name.n, name.p, value);
	if (b->n - line > HELP_COLUMN - 2) {
		buf_text(b, "\n");
		line = b->n;
	}
	pad_to(b, line, HELP_COLUMN - 1);
	put_help(b, help, line);
	buf_text(b, "\n");
}

static void
put_usual(struct buf *b, const struct option *o)
{
	bool number = o->kind == NUMBER && o->usual_text[0] == '\0';

	if (number)
		buf_format(b, " [%u]", o->usual);
	else if (o->usual_text[0] != '\0')
		buf_format(b, " [%s]", o->usual_text);
}

/* An option and its value, if that may be left out, as one word: "--access-log[=all|routes]". */
static struct str
put_option(char out[OPTION_NAME], const struct option *o)
{
	struct buf b = buf_over(out, OPTION_NAME);

	b.n = option_name(out, o, false).n;
	if (o->kind == SWITCH)
		buf_format(&b, "[=%s]", o->value + strlen("0|1|"));
	return buf_str(&b);
}

/* The options of a command, the usual value in brackets. */
static void
put_options(struct buf *b, enum command command)
{
	bool any = false;

	for (struct option o = { 0 }; option_next(&o);) {
		char name[OPTION_NAME], help[HELP_MAX];
		struct buf text = buf_over(help, sizeof help - 1);

		if (!option_applies(&o, command))
			continue;
		buf_text(b, any ? "" : "\noptions:\n");
		any = true;
		buf_text(&text, o.help);
		put_usual(&text, &o);
		help[text.n] = '\0';
		put_line(b, put_option(name, &o), o.kind == SWITCH ? "" : o.value, help);
	}
}

static void
put_example(struct buf *b, const char *lines)
{
	struct str left = str_from(lines);

	buf_text(b, left.n > 0 ? "\nexample:\n" : "");
	while (left.n > 0) {
		struct str line = str_cut(&left, '\n');

		buf_text(b, "  ");
		buf_add(b, line);
		buf_text(b, "\n");
	}
}

static bool
has_options(enum command command)
{
	for (struct option o = { 0 }; option_next(&o);)
		if (option_applies(&o, command))
			return true;
	return false;
}

static void
put_command(struct buf *b, const struct command_row *row)
{
	put_line(b, str_from(row->word), row->argument, row->help);
}

static void
put_usage(struct buf *b, enum command command)
{
	const struct command_row row = command_row(command);
	bool must = row.argument[str_until(row.argument, '.')] == '.' || command == COMMAND_CLIENT;

	buf_format(b, "usage: jwtd %s%s", row.word, has_options(command) ? " [options]" : "");
	if (row.argument[0] != '\0')
		buf_format(b, must ? " %s" : " [%s]", row.argument);
	buf_text(b, "\n\n");
	put_command(b, &row);
}

void
options_help(struct buf *b, const enum command *topic)
{
	if (topic != NULL) {
		put_usage(b, *topic);
		put_options(b, *topic);
		put_example(b, command_row(*topic).example);
	} else {
		buf_text(b, "usage: jwtd [COMMAND] [options] [ARGUMENT]\n\n"
		            "Issues and checks JSON Web Tokens over HTTP/1.1.\n\n");
		for (unsigned i = 0; i < COMMANDS; i++) {
			const struct command_row row = command_row((enum command)i);

			put_command(b, &row);
		}
		buf_text(b, "\n'jwtd help COMMAND' lists a command's options; these are "
		            "serve's.\n");
		put_options(b, COMMAND_SERVE);
	}
	if (topic != NULL && !command_has_environment(*topic))
		return;
	buf_text(b,
	    "\nEach option of serve can also be set in the environment, which every command\n"
	    "reads: --key-file is JWTD_KEY_FILE. The command line beats it. A key itself\n"
	    "comes from a file.\n");
}

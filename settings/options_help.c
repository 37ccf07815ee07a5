#include "settings/options_help.h"

enum { HELP_COLUMN = 30, HELP_WIDTH = 79 };

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
		buf_format(b, " %.*s", (int)word, text);
		text += word;
		text += *text == ' ';
	}
}

/* A line of the help: a name, the value behind it, and the words about it. In
 * "--access-log[=all|routes]" it may be left out. */
static void
put_line(struct buf *b, const char *name, const char *value, bool optional, const char *help)
{
	size_t line = b->n;

	buf_format(b, optional ? "  %s[=%s]" : value[0] != '\0' ? "  %s %s" : "  %s%s", name,
	    value);
	if (b->n - line > HELP_COLUMN - 2) {
		buf_text(b, "\n");
		line = b->n;
	}
	pad_to(b, line, HELP_COLUMN - 1);
	put_help(b, help, line);
	buf_text(b, "\n");
}

/* The options of a command, the usual value in brackets. */
static void
put_options(struct buf *b, enum command command)
{
	buf_text(b, command_shares(command, command) ? "\noptions:\n" : "");
	for (unsigned i = 0; i < option_count; i++) {
		const struct option o = option_row(i);
		bool optional = o.kind == SWITCH;
		char name[OPTION_NAME], help[256];
		struct buf text = buf_over(help, sizeof help - 1);

		if (!option_applies(&o, command))
			continue;
		buf_text(&text, o.help);
		if (o.usual_text[0] != '\0')
			buf_format(&text, " [%s]", o.usual_text);
		else if (o.kind == NUMBER)
			buf_format(&text, " [%u]", o.usual);
		help[text.n] = '\0';
		option_name(name, &o, false);
		put_line(b, name, o.value + (optional ? strlen("0|1|") : 0), optional, help);
	}
}

static void
put_command(struct buf *b, const struct command_row *row)
{
	put_line(b, row->word, row->argument, false, row->help);
}

static void
put_usage(struct buf *b, enum command command)
{
	const struct command_row row = command_row(command);
	bool must = command == COMMAND_JWK || command == COMMAND_CLIENT;

	buf_format(b, "usage: jwtd %s%s", row.word,
	    command_shares(command, command) ? " [options]" : "");
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
		buf_text(b, command_row(*topic).example);
	} else {
		buf_text(b, "usage: jwtd [COMMAND] [options] [ARGUMENT]\n\n"
		            "Issues and checks HS512 JSON Web Tokens over HTTP/1.1.\n\n");
		for (unsigned i = 0; i < COMMANDS; i++) {
			const struct command_row row = command_row((enum command)i);

			put_command(b, &row);
		}
		buf_text(b, "\n'jwtd help COMMAND' lists a command's options; these are "
		            "serve's.\n");
		put_options(b, COMMAND_SERVE);
	}
	if (topic != NULL && !command_shares(*topic, COMMAND_SERVE))
		return;
	buf_text(b,
	    "\nEvery option of serve has an environment form, also for other commands:\n"
	    "--key-file is JWTD_KEY_FILE. The command line beats it. A key itself comes\n"
	    "from a file, never from either.\n");
}

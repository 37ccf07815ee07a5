#include "settings/options.h"

#include "settings/env_file.h"
#include "settings/suggest.h"

enum { SHOWN_BYTES = 32 };              /* of what was given: it may be a token */

/* Shows what was given, or the beginning of it. */
static bool
show(struct buf *message, const char *before, const char *given, const char *behind)
{
	size_t n = strnlen(given, SHOWN_BYTES);

	buf_format(message, "%s%.*s%s%s", before, (int)n, given, given[n] != '\0' ? "..." : "",
	    behind);
	return false;
}

/* Likewise, behind words; of nothing, that it is nothing. */
static bool
show_word(struct buf *message, const char *words, const char *given)
{
	return show(message, words, given[0] != '\0' ? given : "''", "");
}

static bool
fail(struct buf *message, struct str name, const char *problem)
{
	buf_format(message, "%.*s%s", (int)name.n, name.p, problem);
	return false;
}

/* Ends a message of what was given instead. */
static bool
fail_of(struct buf *message, const char *given)
{
	return show(message, ", not '", given, "'");
}

static bool
take_number(unsigned *out, const struct option *o, const char *given, struct buf *message,
    struct str name)
{
	uint64_t v;

	if (!str_number(&v, str_from(given), 10, o->most) || v < o->least) {
		buf_format(message, "%.*s takes a whole number from %u to %u", (int)name.n,
		    name.p, o->least, o->most);
		return fail_of(message, given);
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
		size_t n = str_until(word, '|');

		if (str_equal(str_from(given), (struct str){ word, n }))
			break;
		if (word[n] == '\0') {
			buf_format(message, "%.*s is one of %s", (int)name.n, name.p, o->value);
			return fail_of(message, given);
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
			return fail(message, name, " is 0 or 1") || fail_of(message, given);
		*(bool *)field = given[0] == '1';
		return true;
	case TEXT:
		*(const char **)field = given;
		return given[0] != '\0' || fail(message, name, " needs a value");
	case LIST:
		list = (struct option_list *)field;
		if (given[0] == '\0')
			return fail(message, name, " needs a value");
		if (list->n == OPTION_LIST_MAX)
			return fail(message, name, " was given more than 64 times");
		list->item[list->n++] = given;
		return true;
	case NUMBER:
		return take_number((unsigned *)field, o, given, message, name);
	case CHOICE:
	case SWITCH:
		return take_choice((unsigned *)field, o, given, message, name);
	}
	return false;
}

/* A repeatable option's environment form is split at spaces, in place. Nothing but spaces is an
 * empty value, and refused as such. */
static bool
take_words(struct options *options, const struct option *o, char *value, struct buf *message,
    struct str name)
{
	while (*value == ' ')
		value++;
	do {
		char *word = value;

		value += str_until(value, ' ');
		while (*value == ' ')
			*value++ = '\0';
		if (!take_value(options, o, word, message, name))
			return false;
	} while (*value != '\0');
	return true;
}

/* The file of --env-file, be it named on the command line or in the environment. */
static bool
read_env_file(struct env_value value[OPTIONS_MAX], struct options *options, struct buf *message,
    char *(*environment)(const char *))
{
	if (options->env_file == NULL && command_has_environment(options->command))
		options->env_file = environment("JWTD_ENV_FILE");
	if (options->env_file == NULL || options->env_file[0] == '\0')
		return true;
	return env_file_read(value, message, options->env_file);
}

enum { ENV_FILE = offsetof(struct options, env_file) };        /* has been read by then */

static bool
take_environment(struct options *options, const bool seen[OPTIONS_MAX], struct buf *message,
    char *(*environment)(const char *))
{
	struct env_value file[OPTIONS_MAX] = { { NULL, 0 } };

	if (!read_env_file(file, options, message, environment))
		return false;
	for (struct option o = { 0 }; option_next(&o);) {
		char name[OPTION_NAME];
		struct str shown = option_name(name, &o, true);
		char *value = file[o.number].text;

		if (seen[o.number] || !option_has_environment(&o) ||
		    !option_applies(&o, options->command) || o.field == ENV_FILE)
			continue;
		if (value != NULL)
			env_file_where(message, options->env_file, file[o.number].line);
		else
			value = environment(name);
		if (value != NULL && value[0] != '\0' &&
		    (o.kind == LIST ? !take_words(options, &o, value, message, shown)
		                    : !take_value(options, &o, value, message, shown)))
			return false;
		buf_empty(message);
	}
	return true;
}

/* Finds the option of this name, that of the command where there are two. false: there is none. */
static bool
find(struct option *found, struct str name, enum command command)
{
	found->name = NULL;
	for (struct option o = { 0 }; option_next(&o);)
		if (str_equal(name, str_from(o.name)) &&
		    (found->name == NULL || option_applies(&o, command)))
			*found = o;
	return found->name != NULL;
}

static int
refuse_option(const struct options *options, struct str given, struct buf *message)
{
	buf_text(message, "unknown option ");
	buf_add(message, given);
	return suggest_option(message, given, options->command) && false;
}

/* One option, its value behind '=' or in the next argument. Returns how many arguments it took;
 * 0: a mistake. */
static int
take_argument(struct options *options, char **argument, bool seen[OPTIONS_MAX],
    struct buf *message)
{
	const char *name = argument[0] + 2;
	struct str bare = { name, str_until(name, '=') };
	struct str shown = { argument[0], bare.n + 2 };
	struct option o;
	bool equals = name[bare.n] != '\0', alone;
	const char *value = equals ? name + bare.n + 1 : argument[1];

	if (!find(&o, bare, options->command))
		return refuse_option(options, shown, message);
	if (!option_applies(&o, options->command))
		return fail(message, shown, " is not an option of ") ||
		    buf_fail(message, command_row(options->command).word);
	alone = !equals && (o.kind == FLAG || o.kind == SWITCH);
	if (alone && o.kind == SWITCH && value != NULL && value[0] != '-')
		return fail(message, shown, " takes its value behind '='");
	if (alone)
		value = "1";
	if (value == NULL)
		return fail(message, shown, " needs a value");
	if (o.kind != LIST && seen[o.number])
		return fail(message, shown, " was given twice");
	seen[o.number] = true;
	if (!take_value(options, &o, value, message, shown))
		return 0;
	return equals || alone ? 1 : 2;
}

static bool
take_command(enum command *out, const char *word, struct buf *message)
{
	for (unsigned i = 0; i < COMMANDS; i++) {
		if (strcmp(word, command_row((enum command)i).word) == 0) {
			*out = (enum command)i;
			return true;
		}
	}
	show_word(message, "unknown command ", word);
	return suggest_command(message, str_from(word)) && false;
}

/* What stands alone: one argument at the most, or files. */
static bool
take_operand(struct options *options, const char *word, struct buf *message)
{
	const char *operand = command_row(options->command).argument;

	if (operand[str_until(operand, '.')] == '.') {
		if (options->file.n == OPTION_LIST_MAX)
			return buf_fail(message, "at most 64 files are taken");
		options->file.item[options->file.n++] = word;
		return true;
	}
	if (operand[0] == '\0' || options->argument != NULL)
		return show_word(message, "unexpected argument ", word);
	options->argument = word;
	options->has_topic = options->command == COMMAND_HELP;
	return !options->has_topic || take_command(&options->topic, word, message);
}

/* --help and the like, wherever they stand. */
static bool
is_question(struct options *options, char **arguments, bool named)
{
	for (; *arguments != NULL; arguments++) {
		bool help = strcmp(*arguments, "--help") == 0 || strcmp(*arguments, "-h") == 0;

		if (!help && strcmp(*arguments, "--version") != 0)
			continue;
		options->has_topic = named;
		options->topic = options->command;
		options->command = help ? COMMAND_HELP : COMMAND_VERSION;
		return true;
	}
	return false;
}

/* What stands behind the command. */
static bool
take_arguments(struct options *options, char **arguments, bool seen[OPTIONS_MAX],
    struct buf *message)
{
	bool options_end = false;

	while (*arguments != NULL) {
		const char *word = *arguments;
		int used = 1;

		if (options_end)
			used = take_operand(options, word, message);
		else if (strcmp(word, "--") == 0)
			options_end = true;
		else if (str_begins(word, "--"))
			used = take_argument(options, arguments, seen, message);
		else if (word[0] == '-' && word[1] != '\0')
			used = refuse_option(options, str_from(word), message);
		else
			used = take_operand(options, word, message);
		if (used == 0)
			return false;
		arguments += used;
	}
	return true;
}

bool
options_parse(struct options *options, struct buf *message, char **arguments,
    char *(*environment)(const char *name))
{
	bool named = arguments[0] != NULL && arguments[0][0] != '-';
	bool seen[OPTIONS_MAX] = { false };     /* on the command line, which beats the other */

	*options = (struct options){ .command = COMMAND_SERVE };
	for (struct option o = { 0 }; option_next(&o);)
		if (o.kind == NUMBER)
			*(unsigned *)((char *)options + o.field) = o.usual;
	if (named && !take_command(&options->command, arguments[0], message))
		return false;
	return is_question(options, arguments + named, named) ||
	    (take_arguments(options, arguments + named, seen, message) &&
	    take_environment(options, seen, message, environment));
}

bool
options_want_json(char *const *arguments, char *(*environment)(const char *name))
{
	const char *first = arguments[0], *said = environment("JWTD_LOG_FORMAT");

	if (first != NULL && first[0] != '-' && strcmp(first, "serve") != 0 &&
	    strcmp(first, "check") != 0)
		return false;
	for (; *arguments != NULL; arguments++) {
		if (strcmp(*arguments, "--log-format=json") == 0)
			return true;
		if (strcmp(*arguments, "--log-format") == 0)
			said = arguments[1];
	}
	return said != NULL && strcmp(said, "json") == 0;
}

#include "test.h"

#include "../options.h"
#include "../options_help.h"

#include <stdlib.h>

/* An environment for one test: name, value, name, value … NULL. */
static char **variables;

static char *
lookup(const char *name)
{
	for (char **v = variables; v != NULL && *v != NULL; v += 2)
		if (strcmp(v[0], name) == 0)
			return v[1];
	return NULL;
}

/* Splits a line into arguments; the environment comes before a '|', as NAME=VALUE, with '+' for a
 * space. */
static bool
parse(struct options *o, char message[512], const char *line)
{
	static char text[512], *words[64], *pairs[64];
	struct buf b = buf_over(message, 511);
	unsigned n = 0, m = 0;
	bool environment = strchr(line, '|') != NULL, ok;

	snprintf(text, sizeof text, "%s", line);
	for (char *p = text, *end; *p != '\0'; p = end) {
		p += strspn(p, " ");
		end = p + strcspn(p, " ");
		if (*end != '\0')
			*end++ = '\0';
		if (strcmp(p, "|") == 0) {
			environment = false;
		} else if (environment) {
			pairs[m++] = p;
			pairs[m] = strchr(p, '=');
			*pairs[m]++ = '\0';
			for (char *plus = pairs[m]; (plus = strchr(plus, '+')) != NULL; )
				*plus = ' ';
			m++;
		} else if (*p != '\0') {
			words[n++] = p;
		}
	}
	words[n] = pairs[m] = NULL;
	variables = pairs;
	ok = options_parse(o, &b, words, lookup);
	message[b.n] = '\0';
	return ok;
}

static void
accepted(void)
{
	struct options o;
	char m[512];

	CHECK(parse(&o, m, "") && o.command == COMMAND_SERVE && o.listen.n == 0 &&
	    o.max_body == 65536 && !o.demo_key && o.key_file.n == 0, "the defaults: %s", m);
	CHECK(parse(&o, m, "serve --demo-key --listen 1 --listen=2") && o.demo_key &&
	    o.listen.n == 2 && strcmp(o.listen.item[1], "2") == 0, "a list: %s", m);
	CHECK(parse(&o, m, "--max-body=1024") && o.max_body == 1024, "the smallest body: %s", m);
	CHECK(parse(&o, m, "--max-body 16777216") && o.max_body == 16777216, "the largest body: %s",
	    m);
	CHECK(parse(&o, m, "--max-body 2000 --max-body=3000") && o.max_body == 3000,
	    "the last one counts: %s", m);
	CHECK(parse(&o, m, "JWTD_KEY_FILE=a | --key-file b") && o.key_file.n == 1 &&
	    strcmp(o.key_file.item[0], "b") == 0,
	    "instead of: %s", m);
	CHECK(parse(&o, m, "--log-format json") && o.log_format == 1, "a choice: %s", m);
	CHECK(parse(&o, m, "version") && o.command == COMMAND_VERSION, "version: %s", m);
	CHECK(parse(&o, m, "--help") && o.command == COMMAND_HELP, "help: %s", m);
	CHECK(parse(&o, m, "--demo-key --version") && o.command == COMMAND_VERSION,
	    "version behind others: %s", m);
}

static void
from_environment(void)
{
	struct options o;
	char m[512];

	CHECK(parse(&o, m,
	    "JWTD_LISTEN=a+b++c JWTD_DEMO_KEY=1 JWTD_MAX_BODY=2048 JWTD_KEY_FILE= |") &&
	    o.listen.n == 3 && strcmp(o.listen.item[2], "c") == 0 && o.demo_key &&
	    o.max_body == 2048 && o.key_file.n == 0, "environment: %s", m);
	CHECK(parse(&o, m, "JWTD_LISTEN=a+b JWTD_MAX_BODY=2048 | --listen z --max-body 4096") &&
	    o.listen.n == 1 && strcmp(o.listen.item[0], "z") == 0 && o.max_body == 4096,
	    "the command line beats it: %s", m);
	CHECK(parse(&o, m, "JWTD_DEMO_KEY=0 JWTD_KEY=secret |") && !o.demo_key,
	    "JWTD_KEY is not ours: %s", m);
}

static const struct {
	const char *line, *message;
} refused[] = {
	{ "--lisen x", "unknown option --lisen" },
	{ "--key=secret", "unknown option --key" },
	{ "-x", "unknown option -x" },
	{ "serv", "unknown command serv" },
	{ "serve serve", "unexpected argument serve" },
	{ "--listen", "--listen needs a value" },
	{ "--listen=", "--listen needs a value" },
	{ "--key-file=", "--key-file needs a value" },
	{ "--demo-key=1", "--demo-key takes no value" },
	{ "--issuer=a --issuer b", "--issuer was given twice" },
	{ "--log-format xml", "--log-format is one of logfmt|json, not 'xml'" },
	{ "--log-format log", "--log-format is one of logfmt|json, not 'log'" },
	{ "--workers 0", "--workers takes a whole number from 1 to 64, not '0'" },
	{ "--workers 65", "--workers takes a whole number from 1 to 64, not '65'" },
	{ "--max-body 1023", "--max-body takes a whole number from 1024 to 16777216, not '1023'" },
	{ "--max-body 16777217",
	    "--max-body takes a whole number from 1024 to 16777216, not '16777217'" },
	{ "--max-body 99999999999999999999",
	    "--max-body takes a whole number from 1024 to 16777216, not '99999999999999999999'" },
	{ "--max-body +2048",
	    "--max-body takes a whole number from 1024 to 16777216, not '+2048'" },
	{ "--max-body 64k", "--max-body takes a whole number from 1024 to 16777216, not '64k'" },
	{ "JWTD_MAX_BODY=x |",
	    "JWTD_MAX_BODY takes a whole number from 1024 to 16777216, not 'x'" },
	{ "JWTD_DEMO_KEY=yes |", "JWTD_DEMO_KEY is 0 or 1, not 'yes'" },
};

static void
refusals(void)
{
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
		struct options o;
		char m[512];
		bool ok = parse(&o, m, refused[i].line);

		CHECK(!ok && strcmp(m, refused[i].message) == 0, "'%s' gives: %s", refused[i].line,
		    m);
	}
}

static void
too_many(void)
{
	static char word[] = "--listen=x";
	char *words[OPTION_LIST_MAX + 2], message[512];
	struct buf b = buf_over(message, sizeof message);
	struct options o;

	for (unsigned i = 0; i <= OPTION_LIST_MAX; i++)
		words[i] = word;
	words[OPTION_LIST_MAX] = NULL;
	variables = NULL;
	CHECK(options_parse(&o, &b, words, lookup) && o.listen.n == OPTION_LIST_MAX,
	    "64 listeners");
	words[OPTION_LIST_MAX] = word;
	words[OPTION_LIST_MAX + 1] = NULL;
	CHECK(!options_parse(&o, &b, words, lookup), "65 listeners");
}

/* No line of the help is wider than a terminal, and every option is in it. */
static void
help(void)
{
	char text[16384];
	struct buf b = buf_over(text, sizeof text);
	size_t widest = 0, line = 0;

	options_help(&b, NULL);
	CHECK(!b.bad, "the help does not fit");
	for (size_t i = 0; i < b.n; i++) {
		widest = i - line > widest ? i - line : widest;
		line = text[i] == '\n' ? i + 1 : line;
	}
	CHECK(widest > 40 && widest <= 80, "a line of the help has %zu columns", widest);
	CHECK(memmem(text, b.n, "--service-secret-file FILE", 26) != NULL,
	    "an option is missing in the help");
}

void
test_options(void)
{
	accepted();
	from_environment();
	refusals();
	too_many();
	help();
}

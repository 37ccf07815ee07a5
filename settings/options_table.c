#include "settings/options_table.h"

#define FOR(command) (1u << COMMAND_##command)

/* The commands that share options. */
enum {
	SERVES = FOR(SERVE) | FOR(CHECK),
	HOLDS_KEYS = SERVES | FOR(SIGN) | FOR(VERIFY),
	JUDGES = SERVES | FOR(VERIFY)
};

/* In the order of enum command, for str_nth(). */
#define COMMAND(word, argument, help, example) word "\0" argument "\0" help "\0" example "\0"

static const char command_texts[] =
	COMMAND("serve", "", "serve; the default command", "")
	COMMAND("sign", "", "make a token of claims, and print it", "")
	COMMAND("verify", "TOKEN",
	    "check a token and print its claims; without TOKEN it is read from standard input. "
	    "Exit status 1: the token is not good", "")
	COMMAND("decode", "TOKEN",
	    "print what a token says without checking it; without TOKEN it is read from "
	    "standard input", "")
	COMMAND("keygen", "FILE",
	    "make a key: to standard output, or to a new FILE that only you may read", "")
	COMMAND("jwk", "FILE...",
	    "print a key file as a JWK, or several as one JWK Set", "")
	COMMAND("public", "FILE...",
	    "print the public parts of key files (EdDSA), as a JWK Set", "")
	COMMAND("client", "ID",
	    "make a secret for a machine, and print its entry for --clients-file. The secret goes "
	    "to a new file, or else to your terminal",
	    "jwtd client ci --file clients.json --secret-file secret\n"
	    "jwtd --demo-key --clients-file clients.json &\n"
	    "curl -d grant_type=client_credentials -u ci:$(cat secret) localhost:5000/token\n")
	COMMAND("revoke", "TOKEN",
	    "take back a token, whoever signed it, or what --jti, --sub or --all name; without "
	    "these, TOKEN may come from standard input", "")
	COMMAND("check", "", "check the configuration and exit", "")
	COMMAND("health", "ADDR",
	    "ask the server at ADDR, or at the first --listen, whether it is healthy. Exit status "
	    "1: it is not", "")
	COMMAND("version", "", "print the version", "")
	COMMAND("help", "COMMAND", "print this, or what a command does and takes", "");

struct command_row
command_row(enum command command)
{
	const char *texts = str_nth(command_texts, 4 * command);

	return (struct command_row){ texts, str_nth(texts, 1), str_nth(texts, 2),
	    str_nth(texts, 3) };
}

#undef COMMAND

#define CENTURY 3153600000u             /* seconds */

#define OPTION_NUMBER(name, value, field, commands, least, most, usual, text, help) \
	{ least, most, usual },
#define OPTION(name, value, kind, field, commands, text, help)

/* Of those that are numbers, in their order. */
static const struct {
	unsigned least, most, usual;
} option_numbers[] = {
#include "settings/options_rows.h"
};

#undef OPTION_NUMBER
#undef OPTION
#define OPTION_NUMBER(name, value, field, commands, least, most, usual, text, help) \
	OPTION(name, value, NUMBER, field, commands, text, help)
#define OPTION(name, value, kind, field, commands, text, help) \
	{ kind, offsetof(struct options, field), commands },

static const struct {
	uint16_t kind, field, commands;
} option_rows[] = {
#include "settings/options_rows.h"
};

#undef OPTION
#define OPTION(name, value, kind, field, commands, text, help) \
	name "\0" value "\0" text "\0" help "\0"

static const char option_texts[] =
#include "settings/options_rows.h"
;

enum { ROWS = sizeof option_rows / sizeof option_rows[0] };

_Static_assert(ROWS <= (int)OPTIONS_MAX, "room for all");

bool
option_next(struct option *o)
{
	unsigned i = o->name != NULL ? o->number + 1 : 0;
	const char *name = o->name != NULL ? str_nth(o->help, 1) : option_texts;
	unsigned numbers = o->numbers;

	if (i == ROWS)
		return false;
	*o = (struct option){
		.number = i, .name = name, .value = str_nth(name, 1),
		.kind = (enum option_kind)option_rows[i].kind, .field = option_rows[i].field,
		.commands = option_rows[i].commands, .numbers = numbers
	};
	if (o->kind == NUMBER) {
		o->least = option_numbers[numbers].least;
		o->most = option_numbers[numbers].most;
		o->usual = option_numbers[numbers].usual;
		o->numbers++;
	}
	o->usual_text = str_nth(o->value, 1);
	o->help = str_nth(o->usual_text, 1);
	return true;
}

bool
option_applies(const struct option *o, enum command command)
{
	return (o->commands >> command & 1) != 0;
}

bool
option_has_environment(const struct option *o)
{
	return option_applies(o, COMMAND_SERVE);
}

bool
command_has_environment(enum command command)
{
	for (struct option o = { 0 }; option_next(&o);)
		if (option_applies(&o, command) && option_has_environment(&o))
			return true;
	return false;
}

struct str
option_name(char out[OPTION_NAME], const struct option *o, bool environment)
{
	struct buf b = buf_over(out, OPTION_NAME - 1);

	buf_text(&b, environment ? "JWTD_" : "--");
	for (const char *p = o->name; *p != '\0'; p++) {
		char c = !environment ? *p : *p == '-' ? '_' : (char)(*p & ~0x20);

		buf_put(&b, &c, 1);
	}
	out[b.n] = '\0';
	return buf_str(&b);
}

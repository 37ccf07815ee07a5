#include "command/cli.h"

#include "command/commands.h"
#include "command/io.h"
#include "settings/options_help.h"
#include "settings/suggest.h"
#include "system/log.h"

enum { HELP_BYTES = 16384 };

static int
help(const struct options *o)
{
	static char text[HELP_BYTES];
	struct buf b = buf_over(text, sizeof text);

	options_help(&b, o->has_topic ? &o->topic : NULL);
	command_print(buf_str(&b));
	return 0;
}

int
cli_run(struct options *o)
{
	switch (o->command) {
	case COMMAND_SIGN: return command_sign(o);
	case COMMAND_VERIFY: return command_verify(o);
	case COMMAND_DECODE: return command_decode(o);
	case COMMAND_KEYGEN: return command_keygen(o);
	case COMMAND_JWK: return command_jwk(o);
	case COMMAND_PUBLIC: return command_public(o);
	case COMMAND_CLIENT: return command_client(o);
	case COMMAND_REVOKE: return command_revoke(o);
	case COMMAND_HEALTH: return command_health(o);
	case COMMAND_HELP: return help(o);
	case COMMAND_VERSION:
		command_print(STR("jwtd " OPTIONS_VERSION "\n"));
		return 0;
	case COMMAND_SERVE:
	case COMMAND_CHECK:
		break;
	}
	return 2;
}

/* A question that ends the message takes no other mark. */
noreturn void
cli_refuse(enum command command, const struct buf *why)
{
	bool asks = why->n > 0 && why->p[why->n - 1] == '?', serves = command == COMMAND_SERVE ||
	    command == COMMAND_CHECK, helps = command == COMMAND_HELP;

	die("%.*s%s 'jwtd %s%s' lists what there is", (int)why->n, why->p, asks ? "" : ";",
	    serves ? "--help" : helps ? "help" : "help ",
	    serves || helps ? "" : command_row(command).word);
}

void
cli_warn_strays(char *const *environment)
{
	char message[512];

	for (char *const *entry = environment; *entry != NULL; entry++) {
		struct buf b = buf_over(message, sizeof message);

		if (suggest_stray(&b, (struct str){ *entry, str_until(*entry, '=') }))
			log_line("warning: %.*s", (int)b.n, message);
	}
}

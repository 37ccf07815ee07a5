#include "test/test.h"

#include "settings/options.h"
#include "settings/options_help.h"
#include "settings/suggest.h"

#include <stdlib.h>

/* An environment for one test: name, value, name, value … NULL. */
static char **variables;

/* What was asked for, each name with a space behind it. */
static char asked[2048];

static char *
lookup(const char *name)
{
	snprintf(asked + strlen(asked), sizeof asked - strlen(asked), "%s ", name);
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
	asked[0] = '\0';
	ok = options_parse(o, &b, words, lookup);
	message[b.n] = '\0';
	return ok;
}

/* So many files to one command. */
static void
files(unsigned n, const char *message)
{
	static char word[] = "k", command[] = "jwk";
	char *words[70] = { command }, text[512];
	struct buf b = buf_over(text, sizeof text);
	struct options o;

	for (unsigned i = 1; i <= n; i++)
		words[i] = word;
	CHECK(options_parse(&o, &b, words, lookup) == (message[0] == '\0') && o.file.n <= 64,
	    "%u files", n);
	CHECK_BYTES(buf_str(&b), str_from(message), "%u files", n);
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
	CHECK(parse(&o, m, "--max-body 2097152") && o.max_body == 2097152, "the largest body: %s",
	    m);
	CHECK(parse(&o, m, "JWTD_DEMO_KEY=1 JWTD_NO_COMPAT=0 | --demo-key=0 --no-compat=1") &&
	    !o.demo_key && o.no_compat, "flags of the environment beaten: %s", m);
	CHECK(parse(&o, m, "JWTD_KEY_FILE=a | --key-file b") && o.key_file.n == 1 &&
	    strcmp(o.key_file.item[0], "b") == 0,
	    "instead of: %s", m);
	CHECK(parse(&o, m, "--log-format json") && o.log_format == 1, "a choice: %s", m);
	CHECK(parse(&o, m, "") && o.access_log == ACCESS_LOG_OFF, "no switch: %s", m);
	CHECK(parse(&o, m, "--access-log --demo-key") && o.access_log == ACCESS_LOG_ON &&
	    o.demo_key, "a bare switch: %s", m);
	CHECK(parse(&o, m, "--access-log=all") && o.access_log == ACCESS_LOG_ALL, "all: %s", m);
	CHECK(parse(&o, m, "--access-log=routes") && o.access_log == ACCESS_LOG_ROUTES, "%s", m);
	CHECK(parse(&o, m, "--access-log=0") && o.access_log == ACCESS_LOG_OFF, "off: %s", m);
	CHECK(parse(&o, m, "JWTD_ACCESS_LOG=1 |") && o.access_log == ACCESS_LOG_ON, "%s", m);
	CHECK(parse(&o, m, "JWTD_ACCESS_LOG=0 |") && o.access_log == ACCESS_LOG_OFF, "%s", m);
	CHECK(parse(&o, m, "JWTD_ACCESS_LOG=all |") && o.access_log == ACCESS_LOG_ALL, "%s", m);
	CHECK(parse(&o, m, "JWTD_ACCESS_LOG=routes |") && o.access_log == ACCESS_LOG_ROUTES, "%s",
	    m);
	CHECK(parse(&o, m, "sign --claim a=b --claim-json=c=[1] --claim d= --expires-in 60") &&
	    o.claim.n == 2 && strcmp(o.claim.item[1], "d=") == 0 && o.claim_json.n == 1 &&
	    strcmp(o.claim_json.item[0], "c=[1]") == 0 && o.expires_in == 60 && o.ttl == 3600,
	    "claims: %s", m);
	CHECK(parse(&o, m, "keygen --jwk --kid --jwk") && o.jwk && o.kid.n == 1 &&
	    strcmp(o.kid.item[0], "--jwk") == 0, "a value that looks like an option: %s", m);
	CHECK(parse(&o, m, "jwk --kid a k --kid=b -- --kid k") && o.file.n == 3 && o.kid.n == 2 &&
	    strcmp(o.file.item[1], "--kid") == 0 && strcmp(o.file.item[2], "k") == 0 &&
	    strcmp(o.kid.item[1], "b") == 0 && o.argument == NULL, "files and kids: %s", m);
	files(64, "");
	files(65, "at most 64 files are taken");
}

/* What a line means: the command, what help is for (COMMANDS: nothing in particular), and the
 * argument. */
static const struct {
	const char *line;
	enum command command;
	unsigned topic;
	const char *argument;
} meant[] = {
	{ "", COMMAND_SERVE, COMMANDS, NULL },
	{ "serve --demo-key", COMMAND_SERVE, COMMANDS, NULL },
	{ "sign", COMMAND_SIGN, COMMANDS, NULL },
	{ "verify", COMMAND_VERIFY, COMMANDS, NULL },
	{ "verify a.b.c", COMMAND_VERIFY, COMMANDS, "a.b.c" },
	{ "verify --key-file k a.b.c --leeway=1", COMMAND_VERIFY, COMMANDS, "a.b.c" },
	{ "verify --leeway 1 -- a.b.c", COMMAND_VERIFY, COMMANDS, "a.b.c" },
	{ "decode -", COMMAND_DECODE, COMMANDS, "-" },
	{ "decode --", COMMAND_DECODE, COMMANDS, NULL },
	{ "keygen --jwk -- --kid", COMMAND_KEYGEN, COMMANDS, "--kid" },
	{ "health -- --", COMMAND_HEALTH, COMMANDS, "--" },
	{ "keygen sign --jwk", COMMAND_KEYGEN, COMMANDS, "sign" },
	{ "revoke a.b.c --revocation-file f", COMMAND_REVOKE, COMMANDS, "a.b.c" },
	{ "revoke --revocation-file f --jti a --until 5 -", COMMAND_REVOKE, COMMANDS, "-" },
	{ "client ci --scope a --audience x --audience y", COMMAND_CLIENT, COMMANDS, "ci" },
	{ "check --demo-key", COMMAND_CHECK, COMMANDS, NULL },
	{ "jwk a b", COMMAND_JWK, COMMANDS, NULL },
	{ "public a b", COMMAND_PUBLIC, COMMANDS, NULL }, { "jwk -h", COMMAND_HELP, COMMAND_JWK, NULL },
	{ "health unix:a", COMMAND_HEALTH, COMMANDS, "unix:a" },
	{ "version", COMMAND_VERSION, COMMANDS, NULL },
	{ "--version", COMMAND_VERSION, COMMANDS, NULL },
	{ "--demo-key --version", COMMAND_VERSION, COMMANDS, NULL },
	{ "help", COMMAND_HELP, COMMANDS, NULL },
	{ "--help", COMMAND_HELP, COMMANDS, NULL },
	{ "--ttl x -h", COMMAND_HELP, COMMANDS, NULL },
	{ "help sign", COMMAND_HELP, COMMAND_SIGN, "sign" },
	{ "help help", COMMAND_HELP, COMMAND_HELP, "help" },
	{ "serve --help", COMMAND_HELP, COMMAND_SERVE, NULL },
	{ "keygen -h", COMMAND_HELP, COMMAND_KEYGEN, NULL },
	{ "verify a b --lisen --help", COMMAND_HELP, COMMAND_VERIFY, NULL },
	{ "JWTD_TTL=x | sign --help", COMMAND_HELP, COMMAND_SIGN, NULL },
	{ "JWTD_TTL=x JWTD_LISTEN=x | help", COMMAND_HELP, COMMANDS, NULL },
};

static void
meanings(void)
{
	for (size_t i = 0; i < sizeof meant / sizeof meant[0]; i++) {
		const char *argument = meant[i].argument;
		struct options o;
		char m[512];
		bool ok = parse(&o, m, meant[i].line);

		CHECK(ok && o.command == meant[i].command, "%s: %s", meant[i].line, m);
		CHECK(o.has_topic == (meant[i].topic != COMMANDS) &&
		    (!o.has_topic || o.topic == meant[i].topic), "topic of: %s", meant[i].line);
		CHECK(argument == NULL ? o.argument == NULL : o.argument != NULL &&
		    strcmp(o.argument, argument) == 0, "argument of: %s", meant[i].line);
	}
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
	CHECK(parse(&o, m, "JWTD_DEMO_KEY=0 JWTD_KEY=secret |") && !o.demo_key &&
	    strstr(asked, "JWTD_KEY ") == NULL, "JWTD_KEY is not ours: %s", m);
	CHECK(parse(&o, m, "JWTD_ISSUER=a+b JWTD_AUDIENCE=+a++b+ JWTD_TTL=60 | sign") &&
	    strcmp(o.issuer, "a b") == 0 && o.audience.n == 2 &&
	    strcmp(o.audience.item[1], "b") == 0 && o.ttl == 60, "sign: %s", m);
	CHECK(parse(&o, m, "JWTD_TTL=x JWTD_LISTEN=x JWTD_LEEWAY=5 | verify") && o.leeway == 5 &&
	    o.listen.n == 0, "of options that verify has not: %s", m);
	CHECK(parse(&o, m, "JWTD_AUDIENCE=a JWTD_SCOPE=b JWTD_FILE=c | client x --audience y") &&
	    o.audience.n == 1 && strcmp(o.audience.item[0], "y") == 0 && o.scope == NULL &&
	    o.clients_file == NULL, "client: %s", m);
	CHECK(parse(&o, m, "JWTD_CLIENTS_FILE=a |") && strcmp(o.clients_file, "a") == 0,
	    "clients: %s", m);
	CHECK(parse(&o, m, "JWTD_LISTEN=a+b | health c") && o.listen.n == 2 &&
	    strcmp(o.argument, "c") == 0, "health: %s", m);
}

#define EIGHT "+b+c+d+e+f+g+h+i"

static const struct {
	const char *line, *message;
} refused[] = {
	{ "--lisen x", "unknown option --lisen; did you mean --listen?" },
	{ "--key=secret", "unknown option --key; did you mean --key-file?" },
	{ "--key-fiel x", "unknown option --key-fiel; did you mean --key-file?" },
	{ "--key_file x", "unknown option --key_file; did you mean --key-file?" },
	{ "--Key-File x", "unknown option --Key-File; did you mean --key-file?" },
	{ "--keyfile x", "unknown option --keyfile; did you mean --key-file?" },
	{ "--max-bodies 5", "unknown option --max-bodies" },
	{ "--demo", "unknown option --demo; did you mean --demo-key?" },
	{ "--de", "unknown option --de" },
	{ "--port 5000", "unknown option --port" },
	{ "--tl", "unknown option --tl; did you mean --ttl?" },
	{ "--", NULL },
	{ "-listen x", "unknown option -listen; did you mean --listen?" },
	{ "--kid x", "--kid is not an option of serve" },
	{ "--kdi x", "unknown option --kdi" },
	{ "keygen --kdi x", "unknown option --kdi; did you mean --kid?" },
	{ "decode --key-fiel x", "unknown option --key-fiel" },
	{ "--xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
	    "unknown option "
	    "--xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" },
	{ "-x", "unknown option -x" },
	{ "serv", "unknown command serv; did you mean serve?" },
	{ "sing", "unknown command sing; did you mean sign?" },
	{ "help veryfy", "unknown command veryfy; did you mean verify?" },
	{ "x", "unknown command x" },
	{ "serve serve", "unexpected argument serve" },
	{ "sign a=b", "unexpected argument a=b" },
	{ "verify a b", "unexpected argument b" },
	{ "keygen a --jwk b", "unexpected argument b" },
	{ "health a b", "unexpected argument b" },
	{ "check a", "unexpected argument a" },
	{ "version a", "unexpected argument a" },
	{ "help nothing", "unknown command nothing" },
	{ "help sign verify", "unexpected argument verify" },
	{ "verify -a", "unknown option -a" },
	{ "verify -- a --leeway=1", "unexpected argument --leeway=1" },
	{ "-- --demo-key", "unexpected argument --demo-key" },
	{ "verify --tokens=a.b.c", "unknown option --tokens" },
	{ "--claim a=b", "--claim is not an option of serve" },
	{ "verify --claim=a=b", "--claim is not an option of verify" },
	{ "decode --key-file a", "--key-file is not an option of decode" },
	{ "--listen", "--listen needs a value" },
	{ "--listen=", "--listen needs a value" },
	{ "--key-file=", "--key-file needs a value" },
	{ "--demo-key=yes", "--demo-key is 0 or 1, not 'yes'" },
	{ "keygen --jwk=", "--jwk is 0 or 1, not ''" },
	{ "--max-body 2000 --max-body=3000", "--max-body was given twice" },
	{ "--sandbox off --sandbox=off", "--sandbox was given twice" },
	{ "keygen --kid", "--kid needs a value" },
	{ "keygen --jwk --kid=", "--kid needs a value" },
	{ "sign --claim", "--claim needs a value" },
	{ "sign --claims-file=", "--claims-file needs a value" },
	{ "--issuer=a --issuer b", "--issuer was given twice" },
	{ "sign --claims-file a --claims-file -", "--claims-file was given twice" },
	{ "--log-format xml", "--log-format is one of logfmt|json, not 'xml'" },
	{ "--log-format log", "--log-format is one of logfmt|json, not 'log'" },
	{ "--workers 0", "--workers takes a whole number from 1 to 64, not '0'" },
	{ "--workers 65", "--workers takes a whole number from 1 to 64, not '65'" },
	{ "--max-body 1023", "--max-body takes a whole number from 1024 to 2097152, not '1023'" },
	{ "--max-body 2097153",
	    "--max-body takes a whole number from 1024 to 2097152, not '2097153'" },
	{ "--max-body 99999999999999999999",
	    "--max-body takes a whole number from 1024 to 2097152, not '99999999999999999999'" },
	{ "--max-body +2048",
	    "--max-body takes a whole number from 1024 to 2097152, not '+2048'" },
	{ "--max-body 64k", "--max-body takes a whole number from 1024 to 2097152, not '64k'" },
	{ "JWTD_MAX_BODY=x |",
	    "JWTD_MAX_BODY takes a whole number from 1024 to 2097152, not 'x'" },
	{ "JWTD_DEMO_KEY=yes |", "JWTD_DEMO_KEY is 0 or 1, not 'yes'" },
	{ "JWTD_DEMO_KEY=10 | verify", "JWTD_DEMO_KEY is 0 or 1, not '10'" },
	{ "JWTD_LISTEN=a" EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT " |",
	    "JWTD_LISTEN was given more than 64 times" },
	{ "--access-log=x", "--access-log is one of 0|1|all|routes, not 'x'" },
	{ "--access-log=", "--access-log is one of 0|1|all|routes, not ''" },
	{ "--access-log routes", "--access-log takes its value behind '='" },
	{ "check --access-log all --demo-key", "--access-log takes its value behind '='" },
	{ "--access-log --access-log=all", "--access-log was given twice" },
	{ "JWTD_REQUIRE=+ |", "JWTD_REQUIRE needs a value" },
	{ "JWTD_HOST=+++ |", "JWTD_HOST needs a value" },
	{ "JWTD_ACCESS_LOG=yes |", "JWTD_ACCESS_LOG is one of 0|1|all|routes, not 'yes'" },
	{ "JWTD_LOG_FORMAT=JSON | check", "JWTD_LOG_FORMAT is one of logfmt|json, not 'JSON'" },
};

static void
refusals(void)
{
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
		struct options o;
		char m[512];
		bool ok = parse(&o, m, refused[i].line);

		CHECK(refused[i].message == NULL ? ok : !ok &&
		    strcmp(m, refused[i].message) == 0, "'%s' gives: %s", refused[i].line, m);
	}
}

/* Entries of an environment, and what is said of them; NULL: nothing. */
static const struct {
	const char *entry, *message;
} strays[] = {
	{ "JWTD_KEY_FILE=x", NULL },
	{ "JWTD_STOP_DELAY=1", NULL },
	{ "JWTD_KEY_FIEL=hunter2", "no option has the variable JWTD_KEY_FIEL; "
	    "did you mean JWTD_KEY_FILE?" },
	{ "JWTD_key_file=x", "no option has the variable JWTD_key_file; "
	    "did you mean JWTD_KEY_FILE?" },
	{ "JWTD_KEYFILE=x", "no option has the variable JWTD_KEYFILE; "
	    "did you mean JWTD_KEY_FILE?" },
	{ "JWTD_ISSUERS=JWTD_ISSUER", "no option has the variable JWTD_ISSUERS; "
	    "did you mean JWTD_ISSUER?" },
	{ "JWTD_COLOUR=1", "no option has the variable JWTD_COLOUR" },
	{ "JWTD_KID=x", "no option has the variable JWTD_KID" },
	{ "JWTD_CLAIM=a=b", "no option has the variable JWTD_CLAIM; "
	    "did you mean JWTD_CLAIM_HEADER?" },
	{ "JWTD_=x", "no option has the variable JWTD_" },
	{ "JWTD_", "no option has the variable JWTD_" },
	{ "JWTD_KEY=x", NULL },
	{ "JWTD_KEYS=x", "no option has the variable JWTD_KEYS" },
	{ "JWTD_PORT=tcp://10.0.0.1:5000", NULL },
	{ "JWTD_PORT_5000_TCP=tcp://10.0.0.1:5000", NULL },
	{ "JWTD_PORT_5000_TCP_ADDR=10.0.0.1", NULL },
	{ "JWTD_SERVICE_HOST=10.0.0.1", NULL },
	{ "JWTD_SERVICE_PORT=5000", NULL },
	{ "JWTD_SERVICE_PORT_HTTP=5000", NULL },
	{ "JWTD_SERVICE_SECRET_FILE=x", NULL },
	{ "JWTD_SERVICE_SECRET_FIEL=x", "no option has the variable JWTD_SERVICE_SECRET_FIEL; "
	    "did you mean JWTD_SERVICE_SECRET_FILE?" },
	{ "JWTD_SERVICE_SECRET=x", "no option has the variable JWTD_SERVICE_SECRET; "
	    "did you mean JWTD_SERVICE_SECRET_FILE?" },
	{ "JWTD_SERVICE_SECRET_PATH=x", "no option has the variable JWTD_SERVICE_SECRET_PATH; "
	    "did you mean JWTD_SERVICE_SECRET_FILE?" },
	{ "JWTD_SERVICE_TOKEN_FILE=x", "no option has the variable JWTD_SERVICE_TOKEN_FILE; "
	    "did you mean JWTD_SERVICE_SECRET_FILE?" },
	{ "JWTD_SERVICE_KEY_FILE=x", "no option has the variable JWTD_SERVICE_KEY_FILE; "
	    "did you mean JWTD_SERVICE_SECRET_FILE?" },
	{ "JWTD_SERVICE_HOST_NAME=x", "no option has the variable JWTD_SERVICE_HOST_NAME; "
	    "did you mean JWTD_SERVICE_SECRET_FILE?" },
	{ "JWTD_SERVICE_PORTAL=x", "no option has the variable JWTD_SERVICE_PORTAL; "
	    "did you mean JWTD_SERVICE_SECRET_FILE?" },
	{ "JWTD_SERVICES=x", "no option has the variable JWTD_SERVICES" },
	{ "JWTD_PORTAL=x", "no option has the variable JWTD_PORTAL" },
	{ "JWTD_PORTS=x", "no option has the variable JWTD_PORTS" },
	{ "JWTD_PORT_NUMBER=5000", "no option has the variable JWTD_PORT_NUMBER" },
	{ "JWTD_KEY_PATH=x", "no option has the variable JWTD_KEY_PATH; "
	    "did you mean JWTD_KEY_FILE?" },
	{ "JWTD_LOG_LEVEL=x", "no option has the variable JWTD_LOG_LEVEL; "
	    "did you mean JWTD_LOG_FORMAT?" },
	{ "jwtd_port=x", "no option has the variable jwtd_port" },
	{ "JWTD=./jwtd", NULL },
	{ "MY_JWTD_KEY_FIEL=x", NULL },
	{ "jwtd_key_file=x", "no option has the variable jwtd_key_file; "
	    "did you mean JWTD_KEY_FILE?" },
	{ "Jwtd_Issuer=x", "no option has the variable Jwtd_Issuer; did you mean JWTD_ISSUER?" },
	{ "jwtd=x", NULL },
};

static void
astray(void)
{
	for (size_t i = 0; i < sizeof strays / sizeof strays[0]; i++) {
		char text[256];
		struct buf b = buf_over(text, sizeof text - 1);
		const char *entry = strays[i].entry;
		bool stray = suggest_stray(&b, (struct str){ entry, strcspn(entry, "=") });

		text[b.n] = '\0';
		CHECK(stray == (strays[i].message != NULL) && (!stray ||
		    strcmp(text, strays[i].message) == 0), "%s: %s", strays[i].entry, text);
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

/* The options of each command (SPEC 3); of two of one name the second with its value. Those of serve
 * have an environment form. */
#define SERVE "listen key-file demo-key service-secret-file clients-file open-issue no-issue allow-no-exp no-compat " \
    "issuer audience require ttl max-ttl leeway claim-header token-cookie token-basic host workers max-connections " \
    "max-body body-buffers request-timeout idle-timeout grace stop-delay user sandbox access-log log-format " \
    "env-file revocation-file max-revocations"

static const char *const known[COMMANDS] = {
	[COMMAND_SERVE] = SERVE,
	[COMMAND_SIGN] = "key-file demo-key issuer audience ttl env-file claim claim-json "
	    "claims-file expires-in",
	[COMMAND_VERIFY] = "key-file demo-key issuer audience require leeway env-file revocation-file max-revocations",
	[COMMAND_DECODE] = "",
	[COMMAND_KEYGEN] = "jwk alg kid", [COMMAND_JWK] = "kid",
	[COMMAND_PUBLIC] = "kid",
	[COMMAND_CLIENT] = "scope audience=AUD file secret-file",
	[COMMAND_REVOKE] = "revocation-file max-revocations jti until sub all env-file",
	[COMMAND_CHECK] = SERVE,
	[COMMAND_HEALTH] = "listen host env-file",
	[COMMAND_VERSION] = "",
	[COMMAND_HELP] = "",
};

/* Whether the word is among the words. */
static bool
names(const char *words, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = words; (p = strstr(p, word)) != NULL; p += n)
		if ((p == words || p[-1] == ' ') && (p[n] == ' ' || p[n] == '\0'))
			return true;
	return false;
}

static bool
knows(enum command command, const struct option *o)
{
	struct option first = { 0 };
	char both[64];

	while (option_next(&first) && strcmp(first.name, o->name) != 0)
		;
	snprintf(both, sizeof both, "%s=%s", o->name, o->value);
	return names(known[command], both) || (o->help == first.help &&
	    names(known[command], o->name));
}

static bool
knows_name(enum command command, const char *name)
{
	bool any = false;

	for (struct option o = { 0 }; option_next(&o);)
		any = any || (strcmp(o.name, name) == 0 && knows(command, &o));
	return any;
}

/* "jwtd COMMAND --NAME VALUE" */
static bool
give(char message[512], enum command command, const struct option *o, const char *value)
{
	struct options options;
	char line[256];

	snprintf(line, sizeof line, "%s --%s %s", command_row(command).word, o->name,
	    o->kind == FLAG || o->kind == SWITCH ? "" : value);
	return parse(&options, message, line);
}

/* Each command takes its own options, and says so of others; it asks the environment for those of
 * them that serve has too: for the file that may hold the others first. */
static void
by_command(enum command command)
{
	char m[512], wanted[512], environment[2048] = "";
	struct options o;

	if (command_has_environment(command))
		strcpy(environment, "JWTD_ENV_FILE ");

	for (struct option one = { 0 }, *row = &one; option_next(row);) {
		char name[OPTION_NAME], value[32] = "/dev/null";
		bool first = strcmp(row->name, "env-file") == 0;

		if (row->kind == NUMBER)
			snprintf(value, sizeof value, "%u", row->least);
		if (row->kind == CHOICE)
			snprintf(value, strcspn(row->value, "|") + 1, "%s", row->value);
		snprintf(wanted, sizeof wanted, "--%s is not an option of %s", row->name,
		    command_row(command).word);
		if (give(m, command, row, value))
			CHECK(knows_name(command, row->name), "not: %s", wanted);
		else
			CHECK(!knows_name(command, row->name) && strcmp(m, wanted) == 0, "%s", m);
		if (!first && knows(command, row) && knows(COMMAND_SERVE, row))
			snprintf(environment + strlen(environment), sizeof environment -
			    strlen(environment), "%s ", option_name(name, row, true).p);
	}
	parse(&o, m, command_row(command).word);
	CHECK(strcmp(asked, environment) == 0, "%s asks for %s", command_row(command).word,
	    asked);
}

/* What numbers are where none is given (SPEC 3); 0: something else says so. */
static const char usual[] = "ttl=3600 max-ttl=86400 leeway=0 workers=0 max-connections=4096 max-revocations=65536 "
    "max-body=65536 body-buffers=256 request-timeout=10 idle-timeout=150 grace=10 stop-delay=0 expires-in=0";

/* A number's value where none is given, also as the help shows it; and both ends of its range. */
static void
range(const struct option *o)
{
	enum command command = option_applies(o, COMMAND_SERVE) ? COMMAND_SERVE : COMMAND_SIGN;
	const long long least = o->least, most = o->most, given[] = { least - 1, least, most,
	    most + 1 };
	char m[512], value[32], text[512];

	snprintf(text, sizeof text, "%s=%u", o->name, o->usual);
	snprintf(value, sizeof value, "%u", o->usual);
	CHECK(names(usual, text), "%s", text);
	CHECK((o->usual < o->least) == (o->usual_text[0] != '\0'), "%s: its usual value", text);
	for (size_t i = 0; i < sizeof given / sizeof given[0]; i++) {
		snprintf(value, sizeof value, "%lld", given[i]);
		snprintf(text, sizeof text, "--%s takes a whole number from %lld to %lld, not '%s'",
		    o->name, least, most, value);
		if (i == 1 || i == 2)
			CHECK(give(m, command, o, value), "%s", m);
		else
			CHECK(!give(m, command, o, value) && strcmp(m, text) == 0, "%s", text);
	}
}

/* Makes white space of any length one space, in place. */
static struct str
squeeze(struct buf *b)
{
	size_t n = 0;

	for (size_t i = 0; i < b->n; i++) {
		char c = b->p[i] == '\n' ? ' ' : b->p[i];

		if (c != ' ' || (n > 0 && b->p[n - 1] != ' '))
			b->p[n++] = c;
	}
	return (struct str){ b->p, n };
}

/* Whether the words are there: a name, its value, what is said of it, its default. */
static bool
says(struct str help, const char *name, const char *value, const char *about, const char *otherwise)
{
	char text[512];
	struct buf b = buf_over(text, sizeof text);

	buf_text(&b, name);
	buf_text(&b, value[0] != '\0' ? " " : "");
	buf_text(&b, value);
	buf_text(&b, " ");
	buf_text(&b, about);
	buf_text(&b, otherwise[0] != '\0' ? " [" : " ");
	buf_text(&b, otherwise);
	buf_text(&b, otherwise[0] != '\0' ? "] " : "");
	return memmem(help.p, help.n, text, b.n) != NULL;
}

static void
check_lines(struct str text)
{
	for (size_t start = 0, i = 0; i < text.n; i++) {
		if (text.p[i] != '\n')
			continue;
		CHECK(i - start <= 80 && (i == start || text.p[i - 1] != ' '), "%.*s",
		    (int)(i - start), text.p + start);
		start = i + 1;
	}
}

/* Of a command, or of all: no line wider than a terminal, its options, and no others. */
static void
help(const enum command *topic)
{
	enum command command = topic != NULL ? *topic : COMMAND_SERVE;
	const char *word = command_row(command).word;
	char text[16384], name[OPTION_NAME], number[16];
	struct buf b = buf_over(text, sizeof text);
	struct str words;

	options_help(&b, topic);
	CHECK(!b.bad && b.n > 0 && text[b.n - 1] == '\n', "the help of %s ends", word);
	check_lines(buf_str(&b));
	words = squeeze(&b);
	for (struct option row = { 0 }, *o = &row; option_next(o);) {
		option_name(name, o, false);
		if (o->kind == SWITCH)
			snprintf(name + strlen(name), sizeof name - strlen(name), "[=%s]",
			    o->value + 4);
		snprintf(number, sizeof number, "%u", o->usual);
		CHECK(says(words, name, o->kind == SWITCH ? "" : o->value, o->help,
		    o->kind == NUMBER && o->usual_text[0] == '\0' ? number : o->usual_text) ==
		    knows(command, o), "%s %s", word, name);
	}
	for (unsigned i = 0; i < COMMANDS; i++) {
		const struct command_row row = command_row((enum command)i);

		CHECK(says(words, row.word, row.argument, row.help, "") ==
		    (topic == NULL || i == command), "%s: %s", word, row.word);
	}
}

void
test_options(void)
{
	accepted();
	meanings();
	from_environment();
	refusals();
	astray();
	too_many();
	help(NULL);
	for (enum command c = COMMAND_SERVE; c <= COMMAND_HELP; c++) {
		by_command(c);
		help(&c);
	}
	for (struct option o = { 0 }; option_next(&o);)
		if (o.kind == NUMBER)
			range(&o);
}

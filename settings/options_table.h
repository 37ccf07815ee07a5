/* The one table of commands and options: what is parsed, what the environment is asked for, the
 * help and the manual all come from it; and where the values go. */
#ifndef OPTIONS_TABLE_H
#define OPTIONS_TABLE_H

#include "str.h"

enum { OPTION_LIST_MAX = 64 };          /* values of a repeatable option */

#define OPTIONS_VERSION "0.2.0"
#define OPTIONS_LISTEN "127.0.0.1:5000" /* where nothing is said */

struct option_list {
	const char *item[OPTION_LIST_MAX];
	unsigned n;
};

enum command {
	COMMAND_SERVE, COMMAND_SIGN, COMMAND_VERIFY, COMMAND_DECODE, COMMAND_KEYGEN, COMMAND_JWK,
	COMMAND_PUBLIC, COMMAND_CLIENT, COMMAND_REVOKE, COMMAND_CHECK, COMMAND_HEALTH,
	COMMAND_VERSION, COMMAND_HELP
};

enum { COMMANDS = COMMAND_HELP + 1 };   /* help stays the last */

/* As --access-log names them: the last one leaves out who only watches over the service. */
enum access_log { ACCESS_LOG_OFF, ACCESS_LOG_ON, ACCESS_LOG_ALL, ACCESS_LOG_ROUTES };

struct options {
	enum command command;
	bool has_topic;                                 /* help is wanted for one command: */
	enum command topic;
	const char *argument;                           /* what stands alone; NULL: nothing */
	struct option_list file;                        /* likewise, where several may */
	struct option_list listen, host;
	struct option_list key_file;
	const char *service_secret_file;                /* NULL: none; so for other texts */
	const char *clients_file, *revocation_file;
	unsigned max_revocations;
	const char *issuer;
	struct option_list audience, require;
	struct option_list claim_header;                /* "NAME=CLAIM" */
	const char *token_cookie;
	bool demo_key, open_issue, no_issue, token_basic, allow_no_exp, no_compat;
	unsigned ttl, max_ttl, leeway;                  /* seconds */
	unsigned workers;                               /* 0: half of all processors */
	unsigned max_connections, body_buffers;
	unsigned max_body;                              /* bytes */
	unsigned request_timeout, idle_timeout;         /* seconds */
	unsigned grace, stop_delay;                     /* seconds */
	const char *user;                               /* "UID:GID" */
	unsigned sandbox;                               /* SANDBOX_AUTO, … of sandbox.h */
	unsigned access_log;                            /* enum access_log */
	unsigned log_format;                            /* enum log_format of log.h */
	const char *env_file;
	struct option_list claim, claim_json;           /* "NAME=VALUE" */
	const char *claims_file;
	unsigned expires_in;                            /* seconds; 0: as ttl says */
	unsigned alg;                                   /* JWT_HS512, … of jwt.h, from 0 */
	struct option_list kid;
	const char *scope, *secret_file;                /* of a client that is made */
	const char *jti, *until, *sub;                  /* of what is taken back */
	bool all, jwk;
	bool once[OPTION_LIST_MAX + 2];                 /* see config_file() */
};

/* A SWITCH is a CHOICE that begins with "0|1|": without a value it is 1. */
enum option_kind { FLAG, TEXT, LIST, NUMBER, CHOICE, SWITCH };

/* A row of the table. `field` is where the value goes in struct options. Two rows may bear one
 * name, for different commands. */
struct option {
	unsigned number;                /* below OPTIONS_MAX */
	unsigned numbers;               /* of this row and those before it */
	const char *name;               /* "listen" */
	const char *value;              /* "ADDR"; a flag takes none; "a|b" is a choice, "0|1|a|b" a
	                                 * switch */
	const char *usual_text;         /* the default in the help; empty: the number, or none */
	const char *help;
	enum option_kind kind;
	uint16_t field;
	uint16_t commands;              /* that know it, a bit each */
	unsigned least, most, usual;    /* of a number */
};

enum { OPTIONS_MAX = 64 };

/* Goes on to the next row of the table, or, where all is zero, to the first. false: there are no
 * more. */
bool option_next(struct option *);

struct command_row {
	const char *word;
	const char *argument;           /* what may stand alone behind it; "FILE...", which there
	                                 * may be more of, and "ID" must; empty: nothing */
	const char *help;
	const char *example;            /* lines for a shell; may be empty */
};

struct command_row command_row(enum command);

/* Whether the command knows the option. */
bool option_applies(const struct option *, enum command);

/* Whether the command asks the environment for any. */
bool command_has_environment(enum command);

/* Whether it has an environment form: what describes one token or one key has none. */
bool option_has_environment(const struct option *);

enum { OPTION_NAME = 48 };              /* bytes of a name with its terminating zero */

/* "--listen" or, for a value from the environment, "JWTD_LISTEN". */
struct str option_name(char out[OPTION_NAME], const struct option *, bool environment);

#endif

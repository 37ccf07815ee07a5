/* The one table of options: names, environment variables, ranges, defaults and help all come
 * from it. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include "str.h"

enum { OPTION_LIST_MAX = 64 };          /* values of a repeatable option */

struct option_list {
	const char *item[OPTION_LIST_MAX];
	unsigned n;
};

enum command { COMMAND_SERVE, COMMAND_HELP, COMMAND_VERSION };

struct options {
	enum command command;
	struct option_list listen, host;
	const char *key_file, *service_secret_file;     /* NULL: none */
	bool demo_key, open_issue, access_log;
	unsigned workers;                               /* 0: one for each processor */
	unsigned max_connections, body_buffers;
	unsigned max_body;                              /* bytes */
	unsigned request_timeout, idle_timeout, grace;  /* seconds */
	unsigned log_format;                            /* enum log_format of log.h */
};

/* Fills in defaults, then what the environment says (`environment` is getenv() or a stand-in for
 * it), then the arguments, which must end in NULL and outlive the options. false: `message` says
 * which option, what was given and what is allowed. */
bool options_parse(struct options *, struct buf *message, char **arguments,
    char *(*environment)(const char *name));

/* Appends the help text: at most 80 columns. */
void options_help(struct buf *);

#endif

/* A file of variables, as systemd reads the one of EnvironmentFile= (systemd.exec(5)): for where
 * there is no systemd, or to ask what a service was told. */
#ifndef ENV_FILE_H
#define ENV_FILE_H

#include "settings/options_table.h"

/* What it says of the option with this number in the table. */
struct env_value {
	char *text;                     /* NULL: nothing */
	unsigned line;
};

/* Takes the assignments out of `n` bytes, in which they are decoded in place: text[n] is written,
 * too. The last one of a name counts. false: `message` says where and what is wrong. systemd passes
 * over what it can't read, and takes variables of any name: here each is a mistake. */
bool env_file_parse(struct env_value value[OPTIONS_MAX], struct buf *message, const char *path,
    char *text, size_t n);

/* The same of a file. Its text stays until the next call. */
bool env_file_read(struct env_value value[OPTIONS_MAX], struct buf *message, const char *path);

/* Appends "environment file FILE, line N: ". */
void env_file_where(struct buf *message, const char *path, unsigned line);

#endif

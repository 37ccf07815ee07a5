#include "settings/stale.h"

#include "system/log.h"
#include "system/trouble.h"

#include <sys/stat.h>

/* Whether it lies where systemd puts its copies: /run/credentials/UNIT, or a user's folder of this
 * kind. Others set the variable, too, for a folder of their own. */
static bool
is_credential(const char *path, const char *folder)
{
	size_t n = folder != NULL ? strlen(folder) : 0;

	return n > 0 && str_find(str_from(folder), STR("/credentials/")) != NULL &&
	    str_begins(path, folder) && path[n] == '/';
}

static void
warn(const char *path, const char *folder)
{
	struct stat st;
	bool there = stat(path, &st) == 0;      /* inherited descriptors are closed by now */

	if (is_credential(path, folder))
		log_line("warning: %s is a copy that systemd made: a reload will never see a new "
		    "one. Name the file itself, or restart when it has changed", path);
	else if (!there || !S_ISREG(st.st_mode))
		log_line("warning: %s can't be reached any more: %s. A reload will not find it: "
		    "name a file that stays, or restart when it has changed", path,
		    there ? "it is not a regular file" : trouble());
	else if (st.st_nlink == 0)
		log_line("warning: %s has no name any more where it comes from: a reload will "
		    "never see the new one. Mount its folder instead of the file, and restart",
		    path);
}

void
stale_warn(const struct options *o, char *(*environment)(const char *))
{
	const char *folder = environment("CREDENTIALS_DIRECTORY");

	for (unsigned i = 0; i < CONFIG_FILES; i++)
		if (config_file(o, i) != NULL)
			warn(config_file(o, i), folder);
}

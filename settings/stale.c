#include "settings/stale.h"

#include "system/log.h"

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
	bool copy = is_credential(path, folder);
	struct stat st;

	if (copy || (stat(path, &st) == 0 && st.st_nlink == 0))
		log_line(CONFIG_STALE, path, copy ? "is a copy that systemd made" :
		    "has no name any more where it comes from", copy ? "Name the file itself" :
		    "Mount its folder");
}

void
stale_warn(const struct options *o, char *(*environment)(const char *))
{
	const char *folder = environment("CREDENTIALS_DIRECTORY");

	for (unsigned i = 0; i < CONFIG_FILES; i++)
		if (config_file(o, i) != NULL)
			warn(config_file(o, i), folder);
}

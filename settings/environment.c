#include "settings/environment.h"

#include "str.h"

#include <unistd.h>

char *
environment_value(const char *name)
{
	size_t n = strlen(name);

	for (char **entry = environ; *entry != NULL; entry++)
		if (str_begins(*entry, name) && (*entry)[n] == '=')
			return *entry + n + 1;
	return NULL;
}

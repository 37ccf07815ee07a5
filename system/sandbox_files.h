/* Landlock: which files may still be reached. For sandbox.c alone. */
#ifndef SANDBOX_FILES_H
#define SANDBOX_FILES_H

#include "system/sandbox.h"

/* Forbids this thread, and those it starts, all access to files but that of the plan, and reports
 * what that comes to. It takes no_new_privs first. errno tells why it failed. */
enum sandbox_part sandbox_restrict_files(const struct sandbox_plan *, struct sandbox_report *);

#endif

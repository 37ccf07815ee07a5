#include "log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 1024, EXIT_USAGE = 2 };

static void
put_line(const char *format, va_list list)
{
	char line[LINE_MAX_BYTES] = "jwtd: ";
	int start = 6, n = vsnprintf(line + start, sizeof line - 7, format, list);
	ssize_t written;

	if (n < 0)
		return;
	if (n > (int)sizeof line - 8)
		n = (int)sizeof line - 8;
	for (int i = start; i < start + n; i++)
		if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
			line[i] = '?';
	line[start + n] = '\n';
	written = write(STDERR_FILENO, line, (size_t)(start + n + 1));
	(void)written;                  /* nobody is left to tell */
}

void
log_line(const char *format, ...)
{
	va_list list;

	va_start(list, format);
	put_line(format, list);
	va_end(list);
}

noreturn void
die(const char *format, ...)
{
	va_list list;

	va_start(list, format);
	put_line(format, list);
	va_end(list);
	exit(EXIT_USAGE);
}

#include "command/io.h"

#include "command/show.h"
#include "json_text.h"
#include "system/log.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum { SHOWN_MAX = 1 << 20 };           /* bytes that JSON may take when spread out */

static char input[COMMAND_INPUT_MAX + 1];

bool
command_write(int fd, struct str text)
{
	while (text.n > 0) {
		ssize_t n = write(fd, text.p, text.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		text.p += n;
		text.n -= (size_t)n;
	}
	return true;
}

void
command_print(struct str text)
{
	if (!command_write(STDOUT_FILENO, text))
		die("standard output: %s", errno == ENOTCONN ? "it is closed" : strerror(errno));
}

void
command_print_json(struct str text)
{
	static char out[SHOWN_MAX];
	struct buf b = buf_over(out, sizeof out);
	const char *no_color = getenv("NO_COLOR");

	if (isatty(STDOUT_FILENO)) {
		show_json(&b, text, no_color == NULL || no_color[0] == '\0');
	} else {
		json_put_compact(&b, text);
		buf_text(&b, "\n");
	}
	if (b.bad)
		die("it is too large to be shown: write it to a file");
	command_print(buf_str(&b));
}

struct str
command_read(int fd, const char *name)
{
	size_t n = 0;

	while (n < sizeof input) {
		ssize_t got = read(fd, input + n, sizeof input - n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			die("%s: %s", name, strerror(errno));
		if (got == 0)
			return (struct str){ input, n };
		n += (size_t)got;
	}
	die("%s: more than %d bytes", name, COMMAND_INPUT_MAX);
}

struct nonces *
command_nonces(void)
{
	static struct nonces nonces;
	const char *why;

	if (!nonce_open(&nonces.fd, &why))
		die("/dev/urandom: %s", why);
	return &nonces;
}

const uint8_t *
command_nonce(struct nonces *nonces)
{
	const uint8_t *nonce = nonce_next(nonces);

	if (nonce == NULL)
		die("the kernel gives no random numbers");
	return nonce;
}

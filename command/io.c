#include "command/io.h"

#include "command/show.h"
#include "json_text.h"
#include "settings/environment.h"
#include "system/log.h"
#include "system/trouble.h"
#include "system/whole.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <stdlib.h>
#include <unistd.h>

enum { SHOWN_MAX = 1 << 20 };           /* bytes that JSON may take when spread out */

static char input[COMMAND_INPUT_MAX + 1];

void
command_write_new(const char *path, struct str text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bool ok;

	if (fd < 0)
		die("%s: %s", path, errno == EEXIST ? "it exists already and is left as it is" :
		    trouble());
	ok = whole_write(fd, text) && fsync(fd) == 0;
	ok = close(fd) == 0 && ok;
	if (!ok) {
		unlink(path);
		die("%s: it could not be written whole", path);
	}
}

noreturn void
command_no_output(void)
{
	die("standard output: %s", errno == ENOTCONN ? "it is closed" : trouble());
}

void
command_print(struct str text)
{
	if (!whole_write(STDOUT_FILENO, text))
		command_no_output();
}

bool
command_is_terminal(int fd)
{
	struct winsize size;

	return syscall(SYS_ioctl, fd, TIOCGWINSZ, &size) == 0;
}

bool
command_show_json(struct str text)
{
	static char out[SHOWN_MAX];
	struct buf b = buf_over(out, sizeof out);
	const char *no_color = environment_value("NO_COLOR");

	if (command_is_terminal(STDOUT_FILENO)) {
		show_json(&b, text, no_color == NULL || no_color[0] == '\0');
	} else {
		json_put_compact(&b, text);
		buf_text(&b, "\n");
	}
	if (b.bad)
		die("it is too large to be shown: write it to a file");
	return whole_write(STDOUT_FILENO, buf_str(&b));
}

void
command_print_json(struct str text)
{
	if (!command_show_json(text))
		command_no_output();
}

struct str
command_read(int fd, const char *name)
{
	struct buf b = buf_over(input, sizeof input);

	if (!whole_read(&b, fd))
		die("%s: %s", name, trouble());
	if (b.n < b.cap)
		return buf_str(&b);
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

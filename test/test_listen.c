#include "test.h"

#include "../listen.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct {
	const char *address;
	bool local;
	const char *name;       /* how it is called, without a port that the kernel chose */
} opened[] = {
	{ "127.0.0.1:0", true, "127.0.0.1:" },
	{ "127.1.2.3:0", true, "127.1.2.3:" },
	{ "0.0.0.0:0", false, "0.0.0.0:" },
	{ "[::1]:0", true, "[::1]:" },
	{ "[::]:0", false, "[::]:" },
	{ "unix:sock", true, "unix:sock" },
};

static const char *const refused[] = {
	"", ":", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:+1", "127.0.0.1:1x",
	"localhost:1", "::1:1", "[::1]", "[::1", "[::1]1", "[]:1", "[127.0.0.1]:1", "1:1",
	"127.0.0.1 :1", "unix:", "unix:,mode=0600", "unix:a,mode=", "unix:a,mode=8",
	"unix:a,mode=01000", "unix:a,mode=-1", "unix:nowhere/sock",
	"unix:"
	    "123456789012345678901234567890123456789012345678901234567890"
	    "12345678901234567890123456789012345678901234567890",
};

static void
addresses(void)
{
	struct listener l;
	const char *why;

	for (size_t i = 0; i < sizeof opened / sizeof opened[0]; i++) {
		bool ok = listen_open(&l, opened[i].address, &why);

		CHECK(ok, "%s: %s", opened[i].address, why);
		CHECK(ok && l.local == opened[i].local &&
		    strncmp(l.name, opened[i].name, strlen(opened[i].name)) == 0, "%s: %s",
		    opened[i].address, l.name);
		if (ok)
			listen_close(&l);
	}
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
		why = NULL;
		CHECK(!listen_open(&l, refused[i], &why) && why != NULL, "'%s' is taken",
		    refused[i]);
	}
	CHECK(listen_open(&l, "127.0.0.1:0", &why), "%s", why);
	CHECK(!listen_open(&(struct listener){ 0 }, l.name, &why) &&
	    strstr(why, "something listens") != NULL, "%s twice", l.name);
	listen_close(&l);
}

static unsigned
mode_of(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 ? st.st_mode & 0777 : 0;
}

/* The file's permissions, whatever the umask; a stale file, a live one, one that is no socket, one
 * that is another's. */
static void
unix_files(void)
{
	struct listener first, second;
	const char *why;
	int fd = -1;

	umask(077);
	CHECK(listen_open(&first, "unix:sock", &why) && mode_of("sock") == 0660,
	    "the usual mode is %o", mode_of("sock"));
	CHECK(umask(022) == 077, "the umask is as before");
	CHECK(!listen_open(&second, "unix:sock", &why) && strstr(why, "something listens") != NULL,
	    "a live socket is taken");
	close(first.fd);                                /* as a crash would: the file stays */
	CHECK(listen_open(&first, "unix:sock,mode=0606", &why) && mode_of("sock") == 0606,
	    "a stale one is replaced");
	CHECK(unlink("sock") == 0 && listen_open(&second, "unix:sock,mode=0606", &why),
	    "another takes its place");
	listen_close(&first);
	CHECK(mode_of("sock") == 0606, "another's socket stays");
	listen_close(&second);
	CHECK(mode_of("sock") == 0, "our own is removed");
	CHECK(listen_open(&first, "unix:sock", &why), "%s", why);
	CHECK(unlink("sock") == 0 && (fd = creat("sock", 0600)) >= 0, "a file takes its place");
	close(fd);
	listen_close(&first);
	CHECK(mode_of("sock") == 0600, "a file that took its place stays");
	CHECK(!listen_open(&second, "unix:sock", &why) && strstr(why, "no socket") != NULL,
	    "a file is replaced");
	unlink("sock");
}

static const char *pid, *fds;

static char *
lookup(const char *name)
{
	return (char *)(uintptr_t)(strcmp(name, "LISTEN_PID") == 0 ? pid
	    : strcmp(name, "LISTEN_FDS") == 0 ? fds : NULL);
}

/* In a process of its own, whose descriptors 3 and 4 are what systemd would pass: each bit of the
 * result is a failure. */
static int
inherit_in_child(void)
{
	struct listener made[2], got[2];
	const char *why;
	char own[16];
	int bad = 0;

	if (!listen_open(&made[0], "127.0.0.1:0", &why) ||
	    !listen_open(&made[1], "unix:sock", &why))
		return 1;
	if (made[0].fd != 3 && dup2(made[0].fd, 3) < 0)
		return 1;
	if (made[1].fd != 4 && dup2(made[1].fd, 4) < 0)
		return 1;
	snprintf(own, sizeof own, "%d", (int)getpid());
	fds = "2";
	pid = "1";
	bad |= (listen_inherit(got, 2, lookup, &why) != 0) << 1;        /* for another process */
	pid = own;
	/* more than there is room for */
	bad |= (listen_inherit(got, 1, lookup, &why) != -1) << 2;
	bad |= (listen_inherit(got, 2, lookup, &why) != 2) << 3;
	bad |= (!got[0].local || !got[0].inherited || strcmp(got[0].name, made[0].name) != 0) << 4;
	bad |= (!got[1].local || got[1].fd != 4 || strcmp(got[1].name, "unix:sock") != 0) << 5;
	listen_close(&got[1]);
	bad |= (mode_of("sock") == 0) << 6;     /* it is not ours to remove */
	dup2(STDIN_FILENO, 4);
	bad |= (listen_inherit(got, 2, lookup, &why) != -1) << 7;       /* no socket */
	return bad;
}

static void
inherited(void)
{
	int status = -1;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child == 0) {
		for (int fd = 3; fd < 64; fd++)
			close(fd);
		_exit(inherit_in_child());
	}
	CHECK(child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) &&
	    WEXITSTATUS(status) == 0, "inherited sockets: failures %x",
	    WIFEXITED(status) ? (unsigned)WEXITSTATUS(status) : 0xfff);
	unlink("sock");
}

void
test_listen(void)
{
	char folder[] = "/tmp/jwtd-test-XXXXXX", before[4096];

	if (getcwd(before, sizeof before) == NULL || mkdtemp(folder) == NULL ||
	    chdir(folder) != 0) {
		test_skip("listeners (no folder to work in)");
		return;
	}
	addresses();
	unix_files();
	inherited();
	CHECK(chdir(before) == 0 && rmdir(folder) == 0, "the folder is empty again");
}

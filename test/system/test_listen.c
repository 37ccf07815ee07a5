#include "test/test.h"

#include "system/address.h"
#include "system/listen.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
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
	{ "unix:a@,mode=0", true, "unix:a@" },
};

/* What is no address, or none that can be had, and a part of the message. */
static const char *const refused[][2] = {
	{ "", "not an address" }, { "/run/sock", "not an address" },
	{ "http://127.0.0.1:1", "not an address" }, { "127.0.0.1:1/healthz", "not an address" },
	{ ":", "address is missing" }, { ":5000", "address is missing" },
	{ "5000", "address is missing" }, { "0", "address is missing" },
	{ "localhost:1", "names" }, { "localhost", "names" }, { "*:5000", "names" },
	{ "127.0.0.1 :1", "names" }, { "1x", "names" }, { "unix", "names" },
	{ "UNIX:a", "names" }, { "0x7f.1:1", "names" },
	{ "1:1", "four numbers" }, { "127.0.0.256:1", "four numbers" }, { "127.1", "four numbers" },
	{ "1.2.3.4.5:1", "four numbers" }, { ".:1", "four numbers" },
	{ "127.0.0.1", "port is missing: write 127" }, { "127.0.0.1:", "port is missing: write 127" },
	{ "[::1]", "port is missing: write [" }, { "[::1]:", "port is missing: write [" },
	{ "[::1]1", "port is missing: write [" },
	{ "127.0.0.1:65536", "0 to 65535" }, { "0.0.0.0:99999", "0 to 65535" },
	{ "127.0.0.1:+1", "0 to 65535" }, { "127.0.0.1:1x", "0 to 65535" },
	{ "127.0.0.1: 1", "0 to 65535" }, { "[::1]:65536", "0 to 65535" },
	{ "127.0.0.1:18446744073709551617", "0 to 65535" },
	{ "::1:1", "stands in brackets" }, { "::1", "stands in brackets" },
	{ "::", "stands in brackets" }, { "127.0.0.1:1:1", "stands in brackets" },
	{ "[::1", "no IPv6 address in brackets" }, { "[]:1", "no IPv6 address in brackets" },
	{ "[127.0.0.1]:1", "no IPv6 address in brackets" },
	{ "[fe80::1%lo]:1", "no IPv6 address in brackets" },
	{ "[0000000000000000000000000000000000000000000000::1]:1", "no IPv6 address in brackets" },
	{ "[::ffff:127.0.0.1]:1", "written as one" },
	{ "unix:nowhere/sock", "No such file" },
};

#define TEN "1234567890"
#define FIFTY TEN TEN TEN TEN TEN

/* What no unix socket is made of, and a part of the message. */
static const char *const refused_unix[][2] = {
	{ "unix:", "a path is missing" }, { "unix:,mode=0600", "a path is missing" },
	{ "unix:@a", "abstract" }, { "unix:@", "abstract" }, { "unix:@a,mode=0600", "abstract" },
	{ "unix:" FIFTY FIFTY "1234567", "106 bytes" },
	{ "unix:a,", "no other comma" }, { "unix:a,b", "no other comma" },
	{ "unix:a,,mode=0600", "no other comma" }, { "unix:a,mode=0600,", "no other comma" },
	{ "unix:a,mode", "no other comma" }, { "unix:a, mode=0600", "no other comma" },
	{ "unix:a,MODE=0600", "no other comma" }, { "unix:a,owner=1", "no other comma" },
	{ "unix:a,b,mode=0600", "no other comma" },
	{ "unix:a,mode=0600,mode=0600", "no other comma" },
	{ "unix:a,group=1,mode=0600,group=1", "no other comma" },
	{ "unix:a,mode=", "octal digits" }, { "unix:a,mode=8", "octal digits" },
	{ "unix:a,mode=01000", "octal digits" }, { "unix:a,mode=-1", "octal digits" },
	{ "unix:a,mode=0600 ", "octal digits" }, { "unix:a,mode=rw", "octal digits" },
	{ "unix:a,group=", "takes a number" }, { "unix:a,group=www-data", "takes a number" },
	{ "unix:a,group=-1", "takes a number" }, { "unix:a,group=4294967295", "takes a number" },
	{ "unix:a,group=0x1", "takes a number" },
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
		why = "";
		CHECK(!listen_open(&l, refused[i][0], &why) &&
		    strstr(why, refused[i][1]) != NULL, "'%s': %s", refused[i][0], why);
	}
	for (size_t i = 0; i < sizeof refused_unix / sizeof refused_unix[0]; i++) {
		const char *says = refused_unix[i][1];

		CHECK(!listen_open(&l, refused_unix[i][0], &why) && strstr(why, says) != NULL,
		    "%s: %s", refused_unix[i][0], why);
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

static int
unix_socket(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memcpy(a.sun_path, path, strlen(path));
	CHECK(bind(fd, (struct sockaddr *)&a, sizeof a) == 0, "binding %s", path);
	return fd;
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

static gid_t
group_of(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 ? st.st_gid : (gid_t)-1;
}

/* The file of somebody who is not root, and in one group alone. Each bit is a failure. */
static int
groups_of_nobody(void)
{
	struct listener l;
	const char *why;
	int bad = 0;

	if (geteuid() != 0)
		return 2;
	if (setgroups(0, NULL) != 0 || setresgid(65533, 65533, 65533) != 0 ||
	    setresuid(65534, 65534, 65534) != 0)
		return 1;
	if (listen_open(&l, "unix:sock,group=65533", &why))
		listen_close(&l);
	else
		bad |= 4;
	if (listen_open(&l, "unix:sock,group=65532", &why) || strstr(why, "not in") == NULL)
		bad |= 8;
	return bad | (mode_of("sock") != 0 || mode_of("sock~") != 0 ? 16 : 0);
}

/* Whose the file is: who else may connect. */
static void
groups(void)
{
	struct listener l;
	const char *why;
	char own[64];
	int status = -1;
	pid_t child;

	snprintf(own, sizeof own, "unix:sock,group=%u", (unsigned)getegid());
	CHECK(listen_open(&l, own, &why) && group_of("sock") == getegid() &&
	    mode_of("sock") == 0660 && strcmp(l.name, "unix:sock") == 0, "our own: %s", why);
	listen_close(&l);
	fflush(stdout);
	CHECK(chmod(".", 0777) == 0, "a folder for all");
	child = fork();
	if (child == 0)
		_exit(groups_of_nobody());
	CHECK(waitpid(child, &status, 0) == child, "a child");
	if (status != 0 && WIFEXITED(status) && WEXITSTATUS(status) < 4) {
		test_skip("other groups (needs root that may be others)");
		return;
	}
	CHECK(status == 0, "nobody: status %x", (unsigned)status);
	CHECK(listen_open(&l, "unix:sock,group=65532,mode=0620", &why) &&
	    group_of("sock") == 65532 && mode_of("sock") == 0620, "%s", why);
	listen_give(&l, 65534, 65533);
	CHECK(group_of("sock") == 65532, "it stays that group's with another owner");
	listen_close(&l);
	CHECK(listen_open(&l, "unix:sock,mode=0620", &why) && group_of("sock") == getegid(), "%s",
	    why);
	listen_give(&l, 65534, 65533);
	CHECK(group_of("sock") == 65533 && mode_of("sock") == 0620, "it becomes the user's");
	listen_close(&l);
}

/* What lies where the file is made: what a start that was killed leaves behind goes, nothing else
 * does; and how long a path may be, so that there is room for it. */
static void
beside(void)
{
	char longest[] = "unix:" FIFTY FIFTY "123456x";
	struct listener l;
	const char *why;
	int fd = unix_socket("sock~");

	CHECK(listen(fd, 1) == 0 && !listen_open(&l, "unix:sock", &why) &&
	    strstr(why, "a file beside it") != NULL && mode_of("sock~") != 0, "a live socket");
	close(fd);
	CHECK(listen_open(&l, "unix:sock", &why) && mode_of("sock~") == 0, "a dead one: %s", why);
	listen_close(&l);
	CHECK((fd = creat("sock~", 0600)) >= 0 && !listen_open(&l, "unix:sock", &why) &&
	    strstr(why, "a file beside it") != NULL && mode_of("sock~") == 0600, "a file");
	close(fd);
	unlink("sock~");
	CHECK(!listen_open(&l, longest, &why), "107 bytes");
	longest[sizeof longest - 2] = '\0';
	CHECK(listen_open(&l, longest, &why) && mode_of(longest + 5) == 0660, "106: %s", why);
	listen_close(&l);
	CHECK(mkdir("folder", 0700) == 0 && listen_open(&l, "unix:folder/sock", &why) &&
	    mode_of("folder/sock") == 0660, "another folder: %s", why);
	listen_close(&l);
	CHECK(rmdir("folder") == 0, "it is empty again");
}

/* Opens it when the pipe ends, says whether that worked, and keeps it open until `over` ends. */
static void
race(int begin, int over, int result)
{
	struct listener l;
	const char *why;
	char c = 'y';

	if (read(begin, &c, 1) != 0)
		_exit(1);
	if (!listen_open(&l, "unix:sock", &why))
		c = strstr(why, "something listens") != NULL ? 'n' : '?';
	if (write(result, &c, 1) != 1 || read(over, &c, 1) != 0)
		_exit(1);
	_exit(0);
}

/* Two that start at the same moment: one listens, and whoever connects finds it; the other says
 * that something does. */
static void
two_starts(bool stale)
{
	int begin[2], over[2], result[2];
	struct sockaddr_un a = { .sun_family = AF_UNIX, .sun_path = "sock" };
	char said[3] = "";
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (stale)
		close(unix_socket("sock"));
	CHECK(pipe(begin) == 0 && pipe(over) == 0 && pipe(result) == 0, "pipes");
	fflush(stdout);
	for (int i = 0; i < 2; i++)
		if (fork() == 0) {
			close(begin[1]);
			close(over[1]);
			race(begin[0], over[0], result[1]);
		}
	close(begin[1]);
	for (size_t i = 0; i < 2; i++)
		CHECK(read(result[0], said + i, 1) == 1, "a child's word");
	CHECK(strcmp(said, "yn") == 0 || strcmp(said, "ny") == 0, "they say %s", said);
	CHECK(connect(fd, (struct sockaddr *)&a, sizeof a) == 0, "somebody listens");
	CHECK(mode_of("sock~") == 0, "nothing stays beside it");
	close(over[1]);
	for (int i = 0, status; i < 2; i++)
		CHECK(wait(&status) > 0 && status == 0, "status %x", (unsigned)status);
	for (int i = 0; i < 2; i++) {
		close(result[i]);
		close((i == 0 ? begin : over)[0]);
	}
	close(fd);
	unlink("sock");
}

/* What only the system can refuse: a folder that is not ours, in a process that is not root's. */
static void
not_allowed(void)
{
	struct listener l;
	const char *why;
	int status = -1;
	pid_t child;

	fflush(stdout);
	CHECK(chmod(".", 0711) == 0 && mkdir("folder", 0700) == 0 && chmod("folder", 0333) == 0,
	    "a folder for all");
	child = fork();
	if (child == 0 && geteuid() == 0 && setresuid(65534, 65534, 65534) != 0)
		_exit(2);
	if (child == 0) {
		if (listen_open(&l, "unix:/jwtd-test", &why) ||
		    strncmp(why, "not allowed: ", 13) != 0 ||
		    strstr(why, "a port below 1024: give another one, or CAP_NET_BIND_SERVICE") == NULL)
			_exit(1);
		if (!listen_open(&l, "unix:folder/sock", &why)) /* it can't be locked, as it */
			_exit(3);                               /* can't be opened */
		listen_close(&l);
		_exit(0);
	}
	waitpid(child, &status, 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 2)
		test_skip("a folder that is not ours (this root can't be anybody else)");
	else
		CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0, "status %x", (unsigned)status);
	CHECK(rmdir("folder") == 0, "nothing is left in the folder");
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

	if (!listen_open(&made[0], "127.0.0.1:0", &why))
		return 1;
	made[1].fd = unix_socket("sock");
	listen(made[1].fd, 1);
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

/* Who asks for no socket, or not in a way that is understood, gets none. */
static void
not_inherited(void)
{
	char own[16];
	const struct {
		const char *pid, *fds;
	} table[] = {
		{ NULL, NULL }, { own, NULL }, { NULL, "1" }, { "", "1" }, { "x", "1" },
		{ own, "" }, { own, "x" }, { own, "-1" }, { own, "99999" }, { own, "0" },
	};
	struct listener l[1];
	const char *why;

	snprintf(own, sizeof own, "%d", (int)getpid());
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		pid = table[i].pid;
		fds = table[i].fds;
		CHECK(listen_inherit(l, 1, lookup, &why) == 0, "row %zu", i);
	}
}

/* Makes `fd` the descriptor that is inherited, for one call of listen_inherit(). */
static int
inherit(struct listener *l, int fd)
{
	const char *why;
	char own[16];
	int before = dup(3), result;

	snprintf(own, sizeof own, "%d", (int)getpid());
	pid = own;
	fds = "1";
	result = dup2(fd, 3) == 3 ? listen_inherit(l, 1, lookup, &why) : -2;
	if (before >= 0 && dup2(before, 3) == 3)
		close(before);
	else
		close(3);
	return result;
}

/* A socket at any address, be it this host's or not, for others to listen at. */
static int
bound(const char *address)
{
	struct sockaddr_in6 a = { .sin6_family = AF_INET6 };
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1, zero = 0;

	if (fd >= 0 && inet_pton(AF_INET6, address, &a.sin6_addr) == 1 &&
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof zero) == 0 &&
	    setsockopt(fd, IPPROTO_IP, IP_FREEBIND, &one, sizeof one) == 0 &&
	    bind(fd, (struct sockaddr *)&a, sizeof a) == 0)
		return fd;
	close(fd);
	return -1;
}

/* RFC 5952, and which of them are this host's own. */
static void
address_forms(void)
{
	static const struct {
		const char *given, *shown;
		bool local;
	} table[] = {
		{ "0:0:0:0:0:0:0:1", "[::1]:", true },
		{ "2001:0DB8::", "[2001:db8::]:", false },
		{ "2001:db8:0:0:1:0:0:1", "[2001:db8::1:0:0:1]:", false },
		{ "2001:0:0:1:0:0:0:1", "[2001:0:0:1::1]:", false },
		{ "2001:db8:0:1:1:1:1:1", "[2001:db8:0:1:1:1:1:1]:", false },
		{ "2001:DB8:a0b:c00d:e:f00:1000:10", "[2001:db8:a0b:c00d:e:f00:1000:10]:", false },
		{ "::ffff:127.0.0.1", "[::ffff:127.0.0.1]:", true },
		{ "::ffff:192.0.2.255", "[::ffff:192.0.2.255]:", false },
	};
	struct listener l;

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		const char *shown = table[i].shown;
		int fd = bound(table[i].given);

		if (fd < 0) {
			test_skip("forms of IPv6 addresses (no such socket here)");
			return;
		}
		CHECK(inherit(&l, fd) == -1, "%s: nobody listens there", shown);
		CHECK(listen(fd, 1) == 0 && inherit(&l, fd) == 1, "%s is not inherited", shown);
		CHECK(strncmp(l.name, shown, strlen(shown)) == 0 && l.local == table[i].local,
		    "%s: %s", shown, l.name);
		close(fd);
	}
}

/* Of other kinds nothing is this host's own, but unix sockets; each is named as what it is. */
static void
other_kinds(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX, .sun_path = "\0jwtd-test" };
	struct address_vsock vm = { .family = AF_VSOCK, .port = UINT32_MAX, .cid = UINT32_MAX };
	struct listener l;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	CHECK(bind(fd, (struct sockaddr *)&a, sizeof(sa_family_t) + sizeof "\0jwtd-test" - 1) == 0 &&
	    listen(fd, 1) == 0 && inherit(&l, fd) == 1 && l.local, "an abstract name");
	CHECK(strcmp(l.name, "unix:@jwtd-test") == 0, "%s", l.name);
	close(fd);
	fd = socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&vm, sizeof vm) != 0) {
		test_skip("an inherited vsock (no such socket here)");
		close(fd);
		return;
	}
	CHECK(listen(fd, 1) == 0 && inherit(&l, fd) == 1 && !l.local, "a vsock");
	CHECK(strncmp(l.name, "vsock::", 7) == 0 && strspn(l.name + 7, "0123456789") > 0, "%s",
	    l.name);
	close(fd);
}

/* How an address is written that no socket here can have. */
static void
written(void)
{
	static const struct {
		union address a;
		const char *text;
	} table[] = {
		{ { .vm = { .family = AF_VSOCK, .port = 5000, .cid = 2 } }, "vsock:2:5000" },
		{ { .vm = { .family = AF_VSOCK, .port = 0, .cid = UINT32_MAX } }, "vsock::0" },
		{ { .any = { .sa_family = 255 } }, "address family 255" },
		{ { .any = { .sa_family = AF_UNIX } }, "unix:" },
	};

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		char text[LISTEN_NAME];
		struct buf b = buf_over(text, sizeof text);

		address_put(&b, &table[i].a);
		CHECK_BYTES(buf_str(&b), str_from(table[i].text), "row %zu", i);
	}
}

/* Who is at the other end: an IPv4 address, also behind a socket of both, a unix socket, nobody. */
static void
peers(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET }, own = a;
	struct sockaddr_in6 a6;
	socklen_t n = sizeof a6, m = sizeof own;
	char name[LISTEN_NAME], want[LISTEN_NAME];
	int fd = bound("::ffff:127.0.0.1"), us, there, pair[2];

	listen_peer(name, -1);
	CHECK(strcmp(name, "-") == 0, "nobody: %s", name);
	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0, "socketpair");
	listen_peer(name, pair[0]);
	CHECK(strcmp(name, "unix") == 0, "a unix socket: %s", name);
	CHECK(inherit(&(struct listener){ 0 }, pair[0]) == -1, "it does not listen");
	close(pair[0]);
	close(pair[1]);
	if (fd < 0 || listen(fd, 1) != 0)
		return;
	us = socket(AF_INET, SOCK_STREAM, 0);
	getsockname(fd, (struct sockaddr *)&a6, &n);
	a.sin_port = a6.sin6_port;
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	CHECK(connect(us, (struct sockaddr *)&a, sizeof a) == 0 &&
	    getsockname(us, (struct sockaddr *)&own, &m) == 0, "connecting");
	there = accept(fd, NULL, NULL);
	snprintf(want, sizeof want, "127.0.0.1:%u", ntohs(own.sin_port));
	listen_peer(name, there);
	CHECK(strcmp(name, want) == 0, "behind a socket of both: %s, not %s", name, want);
	snprintf(want, sizeof want, "127.0.0.1:%u", ntohs(a.sin_port));
	listen_peer(name, us);
	CHECK(strcmp(name, want) == 0, "%s, not %s", name, want);
	close(us);
	close(there);
	close(fd);
}

/* A client of 127.0.0.1 at this port; -1: nobody is there. */
static int
ipv4_client(in_port_t port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = port,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (connect(fd, (struct sockaddr *)&a, sizeof a) == 0)
		return fd;
	close(fd);
	return -1;
}

/* [::] is for both, other addresses of IPv6 are not; nobody who comes to it is of this host. */
static void
both(void)
{
	struct sockaddr_in6 a = { 0 };
	struct listener l, other;
	socklen_t n = sizeof a;
	const char *why;
	char name[LISTEN_NAME], address[32];
	enum http_from from;
	bool mistaken;
	int client, fd;

	if (!listen_open(&l, "[::]:0", &why)) {
		test_skip("[::] (no such socket here)");
		return;
	}
	CHECK(getsockname(l.fd, (struct sockaddr *)&a, &n) == 0, "a port");
	CHECK((client = ipv4_client(a.sin6_port)) >= 0, "IPv4 is taken");
	fd = listen_accept(&l, &from);
	CHECK(fd >= 0 && from == HTTP_FROM_ANYWHERE && !l.local, "from %d", (int)from);
	listen_peer(name, fd);
	CHECK(strncmp(name, "127.0.0.1:", 10) == 0, "the peer is %s", name);
	snprintf(address, sizeof address, "0.0.0.0:%u", ntohs(a.sin6_port));
	CHECK(!listen_open(&other, address, &why) && strstr(why, "[::] takes IPv4") != NULL,
	    "%s: %s", address, why);
	close(fd);
	close(client);
	for (int i = 0; i < 2; i++) {
		snprintf(address, sizeof address, i == 0 ? "[::]:%u" : "0.0.0.0:%u",
		    ntohs(a.sin6_port));
		CHECK((fd = listen_reach(address, 1, &why, &mistaken)) >= 0, "%s: %s", address, why);
		close(fd);
	}
	listen_close(&l);
	CHECK(listen_reach(address, 1, &why, &mistaken) == -1 && !mistaken &&
	    strstr(why, "refused") != NULL, "nobody is there: %s", why);
	CHECK(listen_open(&l, "[::1]:0", &why), "%s", why);
	CHECK(getsockname(l.fd, (struct sockaddr *)&a, &n) == 0 && ipv4_client(a.sin6_port) == -1,
	    "[::1] is for IPv6 alone");
	listen_close(&l);
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
	beside();
	groups();
	for (int i = 0; i < 50; i++)
		two_starts(i % 2 == 1);
	not_allowed();
	inherited();
	not_inherited();
	address_forms();
	other_kinds();
	written();
	peers();
	both();
	CHECK(chdir(before) == 0 && rmdir(folder) == 0, "the folder is empty again");
}

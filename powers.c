#include "powers.h"

#include "settings/config.h"
#include "system/log.h"
#include "system/replace.h"
#include "system/sandbox.h"
#include "system/trouble.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* Whether a reload could open the file. */
static bool
can_reload(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd >= 0)
		close(fd);
	return fd >= 0 || errno == ENOENT;
}

/* Whoever serves must be able to do what a reload does. */
static void
check_reload(const struct server_setup *setup, const struct options *o, unsigned uid)
{
	for (unsigned i = 0; i < CONFIG_FILES; i++) {
		const char *path = config_file(o, i), *problem;
		char mend[24];
		struct buf b = buf_over(mend, sizeof mend);
		struct stat st;

		if (path == NULL || can_reload(path))
			continue;
		problem = trouble();
		server_close(setup);
		if (stat(path, &st) == 0 && st.st_uid == uid)
			buf_text(&b, "chmod 400");
		else
			buf_format(&b, "chown %u", uid);
		die("%s%s: it could not reload %s: %s; '%.*s %s' mends that, if its folders let "
		    "that user in, or --user with its owner", o->user != NULL ? "--user " : "",
		    o->user != NULL ? o->user : "sandbox", path, problem, (int)b.n, mend, path);
	}
}

/* Becomes the user that was asked for. */
static void
become_user(const struct server_setup *setup, const struct options *o)
{
	unsigned uid = 0, gid = 0;
	const char *why;

	sandbox_parse_user(o->user, &uid, &gid);
	for (unsigned i = 0; i < setup->listener_count; i++)
		listen_give(&setup->listeners[i], uid, gid);
	if (!sandbox_become(o->user, &why)) {
		server_close(setup);
		die("--user %s: %s", o->user, why);
	}
	check_reload(setup, o, uid);
}

static void
say_sandbox(const struct sandbox_report *r)
{
	log_line("sandbox: %.*s%s%.*s", (int)r->holds.n, r->holds.p,
	    r->lacks.n > 0 ? "; not available here: " : "", (int)r->lacks.n, r->lacks.p);
	if (r->reads.n > 0)
		log_line("sandbox: may read below %.*s%s", (int)r->reads.n, r->reads.p,
		    r->reads.bad ? ", ..." : "");
	if (r->removes.n > 0)
		log_line("sandbox: may remove files below %.*s%s", (int)r->removes.n,
		    r->removes.p, r->removes.bad ? ", ..." : "");
	if (r->writes.n > 0)
		log_line("sandbox: may write below %.*s", (int)r->writes.n, r->writes.p);
}

/* What the sandbox leaves: the files of a reload, our socket files, what is open. */
static void
enter_sandbox(const struct server_setup *setup, const struct options *o)
{
	const char *read[CONFIG_FILES], *remove[SERVER_LISTENERS_MAX];
	struct sandbox_plan plan = {
		.read = read, .remove = remove, .write = o->revocation_file
	};
	char have[128], miss[128], reads[512], removes[512], writes[512];
	struct sandbox_report report = {
		.holds = buf_over(have, sizeof have), .lacks = buf_over(miss, sizeof miss),
		.reads = buf_over(reads, sizeof reads),
		.removes = buf_over(removes, sizeof removes),
		.writes = buf_over(writes, sizeof writes)
	};
	unsigned uid = geteuid();       /* which can't be asked for in it */

	for (unsigned i = 0; i < CONFIG_FILES; i++)
		if (config_file(o, i) != NULL)
			read[plan.reads++] = config_file(o, i);
	for (unsigned i = 0; i < setup->listener_count; i++)
		if (listen_path(&setup->listeners[i]) != NULL)
			remove[plan.removes++] = listen_path(&setup->listeners[i]);
	if (!sandbox_enter(&plan, &report)) {
		int error = errno;

		server_close(setup);
		die_of(error, "sandbox: %s: %s; --sandbox off serves without", report.why,
		    trouble_text(error));
	}
	if (report.lacks.n > 0 && o->sandbox == SANDBOX_REQUIRE) {
		server_close(setup);
		die("sandbox: not available here: %.*s, and --sandbox is require",
		    (int)report.lacks.n, miss);
	}
	/* Root without its powers reads what is root's own, and what everybody may. */
	check_reload(setup, o, uid);
	say_sandbox(&report);
}

/* The sandbox opens this folder, and can't say so well what is wrong with it. */
static void
need_folder(const struct server_setup *setup, const char *path)
{
	char message[256];
	struct buf why = buf_over(message, sizeof message);

	if (path == NULL || replace_has_folder(path, &why))
		return;
	server_close(setup);
	die("revocation file %s: %.*s", path, (int)why.n, message);
}

void
powers_give_up(const struct server_setup *setup, const struct options *o)
{
	if (o->user != NULL)
		become_user(setup, o);
	need_folder(setup, o->revocation_file);
#ifdef SANDBOX_LEFT_OUT
	if (o->sandbox == SANDBOX_REQUIRE) {
		server_close(setup);
		die("sandbox: it is not in this build, and --sandbox is require");
	}
	(void)enter_sandbox;
#else
	if (o->sandbox != SANDBOX_OFF)
		enter_sandbox(setup, o);
	else
		log_line("sandbox: off");
#endif
}

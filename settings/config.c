#include "settings/config.h"

#include "http_mini.h"
#include "ip.h"
#include "system/log.h"
#include "token/demand.h"
#include "utf8.h"

#include <errno.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	NAME_BYTES = 1000,              /* of an issuer or an audience */
	HOST_BYTES = 255,               /* of a host's name: RFC 1035 2.3.4 */
	SHOWN_BYTES = 512               /* of a path: the reason must fit behind it */
};

static bool
fail(struct buf *why, const char *what, const char *name, const char *problem)
{
	buf_format(why, "%s%.*s%s", what, (int)strnlen(name, SHOWN_BYTES), name, problem);
	return false;
}

/* Names travel in JSON. */
static bool
check_name(const char *name, struct buf *why, const char *option)
{
	size_t n = strlen(name);

	return (n <= NAME_BYTES && utf8_is_text(name, n)) ||
	    fail(why, option, "", " takes at most 1,000 bytes of UTF-8");
}

static bool
check_names(const struct option_list *list, struct buf *why, const char *option)
{
	for (unsigned i = 0; i < list->n; i++)
		if (!check_name(list->item[i], why, option))
			return false;
	return true;
}

static bool
check_require(const char *given, struct buf *why)
{
	struct demand d;

	if (str_until(given, '=') > DEMAND_NAME_MAX || !utf8_is_text(given, strlen(given)))
		return fail(why, "--require", "", " takes at most 1,000 bytes of UTF-8");
	return demand_read(&d, str_from(given), NULL) || fail(why, "--require takes CLAIM or "
	    "CLAIM=VALUE,VALUE: a name or a JSON Pointer, and up to 16 values of 1 to 128 bytes, "
	    "not '", given, "'");
}

/* RFC 6265 4.1.1 cookie-name */
static bool
check_cookie(const char *name, struct buf *why)
{
	size_t n = 0;

	while (http_is(name[n], HTTP_TCHAR))
		n++;
	return name[n] == '\0' || fail(why, "--token-cookie takes a cookie's name, not '", name,
	    "'");
}

static void
find_credential(struct options *o, char *(*environment)(const char *))
{
	static char path[PATH_MAX];
	const char *folder = environment("CREDENTIALS_DIRECTORY");
	struct buf b = buf_over(path, sizeof path);
	struct stat st;

	if (folder == NULL || folder[0] == '\0' || o->key_file.n > 0)
		return;
	buf_text(&b, folder);
	buf_put(&b, "/key", sizeof "/key");
	if (!b.bad && stat(path, &st) == 0)
		o->key_file.item[o->key_file.n++] = path;
}

/* RFC 3986 3.2.2 IP-literal */
static bool
is_ip_literal(const char *name)
{
	size_t n = strlen(name);
	uint8_t ip[16];

	return name[0] == '[' && name[n - 1] == ']' &&
	    ip_read6(ip, (struct str){ name + 1, n - 2 });
}

/* A name that no request's Host can be would keep everybody out. */
static bool
check_host(const char *name, struct buf *why)
{
	bool whole = name[0] != '.';
	size_t n = 0;

	for (; http_is(name[n], HTTP_REG_NAME); n++)
		whole = whole && name[n] != '*' && name[n] != ',';
	if ((name[n] != '\0' && !is_ip_literal(name)) || name[0] == '\0')
		return fail(why, "--host takes a name or an address, IPv6 in brackets, without a "
		    "port or a scheme, not '", name, "'");
	if (!whole)
		return fail(why, "--host takes a whole name, no pattern and no list; give it once "
		    "for each name, not '", name, "'");
	return n <= HOST_BYTES || fail(why, "--host takes at most 255 bytes, not '", name, "'");
}

/* As config_file(), of what is read once too. */
static const char *
named_file(const struct options *o, unsigned i)
{
	return i < o->key_file.n ? o->key_file.item[i] :
	    i == OPTION_LIST_MAX ? o->service_secret_file :
	    i == OPTION_LIST_MAX + 1 ? o->clients_file : NULL;
}

/* What the shell and others hand over, a pipe or a descriptor, is gone when a reload comes. */
static bool
is_once(const char *path)
{
	struct stat st;

	return str_begins(path, "/dev/stdin") || str_begins(path, "/dev/fd/") ||
	    str_begins(path, "/proc/") ||
	    (stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode));
}

/* Said before the first of them is read: a pipe may keep us waiting. */
static void
find_once(struct options *o)
{
	for (unsigned i = 0; i < CONFIG_FILES; i++) {
		const char *path = named_file(o, i);

		o->once[i] = path != NULL && is_once(path);
		if (o->once[i])
			log_line(CONFIG_STALE, path, "is read once, now", "Name a file that stays");
	}
}

static bool
serves(enum command command)
{
	return command == COMMAND_SERVE || command == COMMAND_CHECK;
}

bool
config_complete(struct options *o, struct buf *why, char *(*environment)(const char *))
{
	find_credential(o, environment);
	if (o->demo_key && o->key_file.n > 0)
		return fail(why, "more than one key: the key file ", o->key_file.item[0],
		    " (--key-file, JWTD_KEY_FILE or $CREDENTIALS_DIRECTORY/key) and the demo key "
		    "(--demo-key or JWTD_DEMO_KEY)");
	if (!o->demo_key && o->key_file.n == 0)
		return buf_fail(why, "no key: make one with 'jwtd keygen key' and give "
		    "'--key-file key', or '--demo-key' to try it out");
	if (o->no_issue && o->open_issue)
		return buf_fail(why, "--no-issue and --open-issue contradict each other: give one");
	if (serves(o->command) && o->ttl > o->max_ttl) {
		buf_format(why, "--ttl %u is above --max-ttl %u", o->ttl, o->max_ttl);
		return false;
	}
	for (unsigned i = 0; i < o->host.n; i++)
		if (!check_host(o->host.item[i], why))
			return false;
	for (unsigned i = 0; i < o->require.n; i++)
		if (!check_require(o->require.item[i], why))
			return false;
	if (o->token_cookie != NULL && !check_cookie(o->token_cookie, why))
		return false;
	if (serves(o->command))
		find_once(o);
	return (o->issuer == NULL || check_name(o->issuer, why, "--issuer")) &&
	    check_names(&o->audience, why, "--audience");
}

/* By the keys, which are there: a client may name one. */
static bool
load_clients(struct key_ring *ring, const struct options *o, struct buf *why)
{
	const struct client_rules rules = {
		.ring = ring, .claims = config_claims(o), .audiences = o->audience.item,
		.audience_count = o->audience.n, .max_ttl = o->max_ttl
	};

	return clients_load(ring->clients, o->clients_file, ring->serving, &rules, why);
}

/* Why it may not be read. In the sandbox nobody can ask who he is. */
static bool
explain(struct buf *why, const char *path)
{
	struct stat st;

	if (stat(path, &st) == 0)
		buf_format(why, " (it is user %u's, group %u's, mode 0%u%u%u; jwtd is user %u)",
		    st.st_uid, st.st_gid, st.st_mode >> 6 & 7, st.st_mode >> 3 & 7,
		    st.st_mode & 7, geteuid());
	return false;
}

static bool
load_file(struct key_ring *ring, const struct options *o, unsigned i, struct buf *why)
{
	const char *path = named_file(o, i);
	bool ok;

	if (path == NULL)
		return true;
	buf_empty(why);
	fail(why, i < OPTION_LIST_MAX ? "key file " : i == OPTION_LIST_MAX ?
	    "service secret file " : "clients file ", path, ": ");
	if (ring->serving && o->once[i])
		return buf_fail(why, "it is not a regular file, and others are read at the start "
		    "only");
	errno = 0;
	ok = i < OPTION_LIST_MAX ? keys_add_file(ring, path, why) : i == OPTION_LIST_MAX ?
	    keys_take_secret(ring, path, why) : load_clients(ring, o, why);
	return ok || (errno == EACCES && !ring->serving && explain(why, path));
}

static bool
load(struct key_ring *ring, const struct options *o, struct buf *why)
{
	if (o->demo_key && !keys_add_bytes(ring, keys_demo(), NULL, why))
		return false;
	for (unsigned i = 0; i < CONFIG_FILES; i++)
		if (!load_file(ring, o, i, why))
			return false;
	buf_empty(why);
	return !serves(o->command) || o->no_compat || ring->signer_hs512 != NULL ||
	    buf_fail(why, "no key here signs with HS512, which POST / needs: add --no-compat");
}

bool
config_load(struct key_ring *ring, const struct options *o, struct buf *why)
{
	bool ok = load(ring, o, why);

	if (!ok)
		keys_wipe(ring);
	else
		buf_empty(why);
	return ok;
}

_Static_assert((int)OPTION_LIST_MAX <= (int)JSON_LIST_MAX, "a token is asked for all of them");

struct jwt_policy
config_policy(const struct options *o, struct demand required[OPTION_LIST_MAX])
{
	unsigned n = 0;

	for (int values = 0; values < 2; values++)
		for (unsigned i = 0; i < o->require.n; i++) {
			struct demand d;

			if (demand_read(&d, str_from(o->require.item[i]), NULL) &&
			    (d.values > 0) == values)
				required[n++] = d;
		}
	return (struct jwt_policy){
		.issuer = o->issuer,
		.audiences = o->audience.item, .audience_count = o->audience.n,
		.required = required, .required_count = n,
		.leeway = o->leeway
	};
}

struct claims_setting
config_claims(const struct options *o)
{
	return (struct claims_setting){
		.issuer = o->issuer, .audience = o->audience.n > 0 ? o->audience.item[0] : NULL,
		.expires_in = o->ttl
	};
}

const char *
config_file(const struct options *o, unsigned i)
{
	return o->once[i] ? NULL : named_file(o, i);
}

#include "token/key_files.h"

#include "system/log.h"
#include "system/trouble.h"
#include "system/whole.h"
#include "token/key_names.h"
#include "token/key_shapes.h"
#include "token/pem.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Of a file that is taken: a reload that fails is tried again in silence. A group is no fault: with
 * root:jwtd and 0640 root alone may change what jwtd reads, and so it looks where systemd
 * (LoadCredential, by an ACL) and Kubernetes (fsGroup) hand a file over. */
void
key_file_warn(mode_t mode, const char *path)
{
	bool reads = (mode & S_IROTH) != 0, writes = (mode & S_IWOTH) != 0;

	if (reads || writes)
		log_line("warning: everybody on this host may %s%s%s %s; mend it with "
		    "'chmod 600 %s'", reads ? "read" : "", reads && writes ? " and " : "",
		    writes ? "change" : "", path, path);
}

/* A pipe may keep us waiting for its writer as long as nobody waits for us. */
static bool
read_open(struct buf *b, mode_t *mode, int fd, bool serving, struct buf *why)
{
	struct stat st;

	if (fstat(fd, &st) != 0 || syscall(SYS_fcntl, fd, F_SETFL, 0) != 0)
		return buf_fail(why, trouble());
	if (S_ISDIR(st.st_mode))
		return buf_fail(why, "it is a directory");
	if (serving && !S_ISREG(st.st_mode))
		return buf_fail(why, "it is not a regular file, and others are read at the start "
		    "only");
	*mode = S_ISREG(st.st_mode) ? st.st_mode : 0;
	if (!whole_read(b, fd))
		return buf_fail(why, trouble());
	return b->n < b->cap || buf_fail(why, "it is too large");
}

/* The sandbox does not let folders be opened: they are told by their kind. */
static bool
explain(const char *path, int error, bool serving, struct buf *why)
{
	struct stat st;

	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return buf_fail(why, "it is a directory");
	buf_fail(why, trouble_text(error));
	return error == EACCES && serving ? buf_fail(why, " (its mode, its owner, or the sandbox: "
	    "that leaves the folders that the path led to at the start)") : false;
}

bool
key_file_bytes(struct buf *b, mode_t *mode, const char *path, bool serving, struct buf *why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);  /* a pipe without a writer */
	bool ok;

	if (fd < 0)
		return explain(path, errno, serving, why);
	ok = read_open(b, mode, fd, serving, why);
	close(fd);
	return ok;
}

/* One newline at the end is an editor's, no part of the secret. Returns what is wrong; NULL:
 * nothing. */
static const char *
drop_newline(struct buf *b)
{
	if (b->n == 0 || b->p[b->n - 1] != '\n')
		return NULL;
	b->n--;
	if (b->n > 0 && b->p[b->n - 1] == '\r')
		return "it ends in CR LF: is that part of it? Write it without";
	return NULL;
}

static bool
take_raw(struct buf *b, jwk_taker *take, void *to, struct buf *why)
{
	const char *problem = drop_newline(b);
	struct jwk key = { .alg = JWT_HS512, .k = buf_str(b), .may_sign = true, .may_judge = true };
	uint8_t der[PEM_DER];
	bool ok;

	if (problem != NULL)
		return !shape_is_foreign(key.k, why) && buf_fail(why, problem);
	pem_read(&key, der, buf_str(b));
	ok = take(to, &key, why);
	wipe(der, sizeof der);
	return ok;
}

/* Looks for secrets among the keys that somebody takes. */
struct looking {
	jwk_taker *take;
	void *to;
	bool secret;
};

static bool
look(void *to, const struct jwk *key, struct buf *why)
{
	struct looking *looking = to;

	looking->secret = looking->secret || key->k.n > 0;
	return looking->take(looking->to, key, why);
}

bool
key_file_read(const char *path, bool serving, jwk_taker *take, void *to, struct buf *why)
{
	char bytes[KEY_FILE_MAX + 1];
	struct buf b = buf_over(bytes, sizeof bytes);
	struct looking looking = { take, to, false };
	mode_t mode;
	bool ok = key_file_bytes(&b, &mode, path, serving, why) && (shape_is_json(buf_str(&b)) ?
	    jwk_read(buf_str(&b), path, look, &looking, why) :
	    take_raw(&b, look, &looking, why));

	if (ok)                 /* what is public may be read by everybody */
		key_file_warn(looking.secret ? mode : mode & ~(mode_t)S_IROTH, path);
	wipe(bytes, b.n);
	return ok;
}

/* Tells of the key that was given just now and one before it. */
static void
warn_of_twin(const struct key_ring *ring, const struct key_origin *origin, bool left_out)
{
	char one[256], other[256];
	struct buf b = buf_over(one, sizeof one), c = buf_over(other, sizeof other);

	key_name_origin(&b, &ring->origin[ring->twin]);
	key_name_origin(&c, origin);
	if (left_out)
		log_line("warning: the same key twice: %.*s, and %.*s; it counts once", (int)b.n,
		    one, (int)c.n, other);
	else
		log_line("warning: the same key under two names: %.*s, and %.*s", (int)b.n, one,
		    (int)c.n, other);
}

bool
keys_add_jwk(struct key_ring *ring, const char *path, const struct jwk *key, struct buf *why)
{
	const struct key_origin origin = { path, key->number };
	unsigned before = ring->n;

	if (ring->n < KEY_RING_MAX)
		ring->origin[ring->n] = origin;
	if (!keys_add(ring, key, why))
		return false;
	if (ring->twin < KEY_RING_MAX)
		warn_of_twin(ring, &origin, ring->n == before);
	return true;
}

/* A ring, and the file that it takes keys from. */
struct filling {
	struct key_ring *ring;
	const char *path;
};

static bool
fill(void *to, const struct jwk *key, struct buf *why)
{
	const struct filling *filling = to;

	return keys_add_jwk(filling->ring, filling->path, key, why);
}

bool
keys_add_file(struct key_ring *ring, const char *path, struct buf *why)
{
	struct filling filling = { ring, path };

	return key_file_read(path, ring->serving, fill, &filling, why);
}

static bool
check_secret(struct str secret, struct buf *why)
{
	if (secret.n < SECRET_MIN || secret.n > SECRET_MAX) {
		buf_format(why, "32 to 256 characters are wanted, not %zu", secret.n);
		return buf_fail(why, KEY_NEW);
	}
	for (size_t i = 0; i < secret.n; i++) {
		if (str_is_unreserved(secret.p[i]))
			continue;
		buf_format(why, "A-Z a-z 0-9 - _ . ~ are allowed, but not byte %zu", i);
		return false;
	}
	return true;
}

bool
keys_take_secret(struct key_ring *ring, const char *path, struct buf *why)
{
	char bytes[KEY_FILE_MAX + 1];
	struct buf b = buf_over(bytes, sizeof bytes);
	mode_t mode;
	bool ok = key_file_bytes(&b, &mode, path, ring->serving, why);
	const char *problem = drop_newline(&b);

	ok = ok && (problem == NULL || buf_fail(why, problem)) && check_secret(buf_str(&b), why);
	if (ok && keys_hold(ring, buf_str(&b)))
		ok = buf_fail(why, "it is a key of tokens, too" KEY_NEW);
	if (ok) {
		key_file_warn(mode, path);
		sha512(ring->secret, bytes, b.n);
		ring->has_secret = true;
	}
	wipe(bytes, b.n);       /* more would take 64 KB of memory, for good */
	return ok;
}

struct key_stamp
keys_stamp(const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return (struct key_stamp){ 0 };
	return (struct key_stamp){ st.st_dev, st.st_ino, st.st_size, st.st_mtim, st.st_ctim };
}

static bool
same_time(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

bool
keys_same_stamp(const struct key_stamp *a, const struct key_stamp *b)
{
	return a->device == b->device && a->inode == b->inode && a->size == b->size &&
	    same_time(a->modified, b->modified) && same_time(a->changed, b->changed);
}

#include "keys.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

struct str
keys_demo(void)
{
	return STR("a9ddbcaba8c0ac1a0a812dc0c2f08514b23f2db0a68343cb8199ebb38a6d91e4"
	           "ebfb378e22ad39c2d01d0b4ec9c34aa91056862ddace3fbbd6852ee60c36acbf");
}

static bool
fail(const char **why, const char *phrase)
{
	*why = phrase;
	return false;
}

static bool
all_alike(struct str s)
{
	unsigned difference = 0;

	for (size_t i = 1; i < s.n; i++)
		difference |= (unsigned)(s.p[i] ^ s.p[0]);
	return difference == 0;
}

/* At most so many bytes does the key take as a JSON string. No branch on them: loading a key
 * keeps it to itself. */
static size_t
quoted_length(struct str key)
{
	size_t n = 2;

	for (size_t i = 0; i < key.n; i++) {
		unsigned c = (unsigned char)key.p[i];

		n += 1 + (size_t)(c == '"') + (size_t)(c == '\\') + 5 * (size_t)(c < 0x20);
	}
	return n;
}

bool
keys_take(struct key_ring *ring, struct str key, const char **why)
{
	if (key.n == 0)
		return fail(why, "it is empty");
	if (key.n < KEY_MIN)
		return fail(why, "the key is shorter than 64 bytes (RFC 7518 3.2)");
	if (all_alike(key))
		return fail(why, "all bytes of the key are alike");
	hmac512_key_init(&ring->key.mac, key.p, key.n);
	ring->key.header = JWT_HEADER;
	ring->key.quoted = quoted_length(key);
	ring->published = str_equal(key, keys_demo());
	return true;
}

static bool
read_all(struct buf *b, int fd, const char **why)
{
	for (;;) {
		ssize_t n = read(fd, b->p + b->n, b->cap - b->n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail(why, strerror(errno));
		if (n == 0)
			return true;
		b->n += (size_t)n;
		if (b->n == b->cap)
			return fail(why, "it is too large");
	}
}

bool
keys_read_file(struct buf *b, const char *path, const char **why, bool *exposed)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	bool ok = false;

	if (fd < 0)
		return fail(why, strerror(errno));
	if (fstat(fd, &st) != 0)
		fail(why, strerror(errno));
	else if (S_ISDIR(st.st_mode))
		fail(why, "it is a directory");
	else
		ok = read_all(b, fd, why);
	*exposed = ok && (st.st_mode & S_IROTH) != 0;
	close(fd);
	if (ok && b->n >= 2 && b->p[b->n - 2] == '\r' && b->p[b->n - 1] == '\n')
		return fail(why, "it ends in CR LF: is that part of the key? Write it without");
	if (ok && b->n > 0 && b->p[b->n - 1] == '\n')
		b->n--;
	return ok;
}

bool
keys_load(struct key_ring *ring, const char *path, const char **why, bool *exposed)
{
	char bytes[KEY_FILE_MAX + 1];
	struct buf b = buf_over(bytes, sizeof bytes);
	bool ok = keys_read_file(&b, path, why, exposed);

	if (ok && b.n > 0 && b.p[0] == '{')
		ok = fail(why, "it looks like a JWK, which this version does not read");
	ok = ok && keys_take(ring, buf_str(&b), why);
	wipe(bytes, sizeof bytes);
	return ok;
}

void
keys_wipe(struct key_ring *ring)
{
	wipe(ring, sizeof *ring);
}

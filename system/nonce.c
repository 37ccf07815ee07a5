#include "system/nonce.h"

#include "system/trouble.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* Fills the memory, through the device where there is one. */
static bool
fill(int fd, uint8_t *p, size_t n)
{
	while (n > 0) {
		ssize_t got = fd >= 0 ? read(fd, p, n) : getrandom(p, n, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		p += got;
		n -= (size_t)got;
	}
	return true;
}

static bool
fail(int fd, const char **why, const char *phrase)
{
	if (fd >= 0)
		close(fd);
	*why = phrase;
	return false;
}

bool
nonce_open(int *fd, const char **why)
{
	uint8_t probe;
	struct stat st;

	*fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (*fd < 0 && errno != ENOENT)
		return fail(-1, why, trouble());
	if (*fd >= 0 && (fstat(*fd, &st) != 0 || !S_ISCHR(st.st_mode) || major(st.st_rdev) != 1 ||
	    minor(st.st_rdev) != 9))
		return fail(*fd, why, "it is not the kernel's character device 1:9");
	/* Unlike the device, the call waits until the pool is seeded. Kernels before 3.17 do not
	 * have it. */
	if (!fill(-1, &probe, 1) && (errno != ENOSYS || *fd < 0))
		return fail(*fd, why, trouble());
	if (!fill(*fd, &probe, 1))
		return fail(*fd, why, "it gives no bytes");
	return true;
}

const uint8_t *
nonce_next(struct nonces *s)
{
	if (s->left == 0) {
		if (!fill(s->fd, s->pool[0], sizeof s->pool))
			return NULL;
		s->left = NONCE_POOL;
	}
	return s->pool[--s->left];
}

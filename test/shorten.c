/* Faults that strace can't inject: calls that do a part of what they are asked for, that do all of
 * it and fail, and a wall clock that moves. test/faults links it into a jwtd, with --wrap for each
 * of these calls. The file that JWTD_FAULTS names is mapped before main(), so that the sandbox may
 * be on, and faults come and go while it serves. */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { RECV, SEND, READ, WRITE, CLOSE, CLOCK, CALLS };

/* As test/faults writes and reads it. */
static struct {
	_Atomic int64_t shift;                  /* seconds that the wall clock is ahead */
	_Atomic uint64_t most[CALLS];           /* bytes a call moves; CLOSE: it fails; 0: neither */
	_Atomic uint64_t done[CALLS];           /* how often that made a difference */
} *faults;

ssize_t __real_recv(int fd, void *p, size_t n, int flags);
ssize_t __real_send(int fd, const void *p, size_t n, int flags);
ssize_t __real_read(int fd, void *p, size_t n);
ssize_t __real_write(int fd, const void *p, size_t n);
int __real_close(int fd);
time_t __real_time(time_t *t);
int __real_clock_gettime(clockid_t clock, struct timespec *t);
ssize_t __wrap_recv(int fd, void *p, size_t n, int flags);
ssize_t __wrap_send(int fd, const void *p, size_t n, int flags);
ssize_t __wrap_read(int fd, void *p, size_t n);
ssize_t __wrap_write(int fd, const void *p, size_t n);
int __wrap_close(int fd);
time_t __wrap_time(time_t *t);
int __wrap_clock_gettime(clockid_t clock, struct timespec *t);

__attribute__((constructor)) static void
map_faults(void)
{
	int fd = open(getenv("JWTD_FAULTS"), O_RDWR | O_CLOEXEC);

	faults = mmap(NULL, sizeof *faults, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (faults == MAP_FAILED)
		abort();
	__real_close(fd);
}

static size_t
shorten(int call, size_t n)
{
	size_t most = faults->most[call];

	if (most == 0 || n <= most)
		return n;
	faults->done[call]++;
	return most;
}

ssize_t
__wrap_recv(int fd, void *p, size_t n, int flags)
{
	return __real_recv(fd, p, shorten(RECV, n), flags);
}

ssize_t
__wrap_send(int fd, const void *p, size_t n, int flags)
{
	return __real_send(fd, p, shorten(SEND, n), flags);
}

/* An eventfd moves its eight bytes or none. */
ssize_t
__wrap_read(int fd, void *p, size_t n)
{
	return __real_read(fd, p, n == sizeof(uint64_t) ? n : shorten(READ, n));
}

ssize_t
__wrap_write(int fd, const void *p, size_t n)
{
	return __real_write(fd, p, n == sizeof(uint64_t) ? n : shorten(WRITE, n));
}

/* Linux closes a descriptor even where it says EINTR or EIO. */
int
__wrap_close(int fd)
{
	int result = __real_close(fd);

	if (faults->most[CLOSE] == 0)
		return result;
	faults->done[CLOSE]++;
	errno = EINTR;
	return -1;
}

static time_t
shifted(time_t t)
{
	if (faults->shift != 0)
		faults->done[CLOCK]++;
	return t + faults->shift;
}

time_t
__wrap_time(time_t *t)
{
	time_t now = shifted(__real_time(NULL));

	if (t != NULL)
		*t = now;
	return now;
}

int
__wrap_clock_gettime(clockid_t clock, struct timespec *t)
{
	int result = __real_clock_gettime(clock, t);

	if (clock == CLOCK_REALTIME)
		t->tv_sec = shifted(t->tv_sec);
	return result;
}

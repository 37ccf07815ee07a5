#include "system/trouble.h"

#include "str.h"

#include <errno.h>

#define ERRORS(E) \
	E(EPERM, "Operation not permitted") \
	E(ENOENT, "No such file or directory") \
	E(EINTR, "Interrupted system call") \
	E(EIO, "Input/output error") \
	E(ENXIO, "No such device or address") \
	E(EBADF, "Bad file descriptor") \
	E(EAGAIN, "Resource temporarily unavailable") \
	E(ENOMEM, "Cannot allocate memory") \
	E(EACCES, "Permission denied") \
	E(EEXIST, "File exists") \
	E(ENOTDIR, "Not a directory") \
	E(EISDIR, "Is a directory") \
	E(EBUSY, "Device or resource busy") \
	E(EINVAL, "Invalid argument") \
	E(ENFILE, "Too many open files in system") \
	E(EMFILE, "Too many open files") \
	E(EFBIG, "File too large") \
	E(ENOSPC, "No space left on device") \
	E(EROFS, "Read-only file system") \
	E(EPIPE, "Broken pipe") \
	E(ENAMETOOLONG, "File name too long") \
	E(ENOSYS, "Function not implemented") \
	E(ELOOP, "Too many levels of symbolic links") \
	E(EPROTO, "Protocol error") \
	E(EOPNOTSUPP, "Operation not supported") \
	E(EAFNOSUPPORT, "Address family not supported by protocol") \
	E(EADDRINUSE, "Address already in use") \
	E(EADDRNOTAVAIL, "Cannot assign requested address") \
	E(ENETUNREACH, "Network is unreachable") \
	E(ECONNRESET, "Connection reset by peer") \
	E(ENOBUFS, "No buffer space available") \
	E(ETIMEDOUT, "Connection timed out") \
	E(ECONNREFUSED, "Connection refused") \
	E(EHOSTUNREACH, "No route to host") \
	E(EINPROGRESS, "Operation now in progress") \
	E(ESTALE, "Stale file handle") \
	E(EDQUOT, "Disk quota exceeded")

#define NUMBER(error, text) error,
#define TEXT(error, text) text "\0"

static const uint16_t numbers[] = { ERRORS(NUMBER) };
static const char trouble_texts[] = ERRORS(TEXT);

enum { KNOWN = sizeof numbers / sizeof numbers[0] };

const char *
trouble_text(int error)
{
	static char other[16];
	struct buf b = buf_over(other, sizeof other - 1);

	for (unsigned i = 0; i < KNOWN; i++)
		if (numbers[i] == error)
			return str_nth(trouble_texts, i);
	buf_format(&b, "error %d", error);
	other[b.n] = '\0';
	return other;
}

const char *
trouble(void)
{
	return trouble_text(errno);
}

/* What the kernel's error numbers say, as strerror() of glibc puts it, for those that can come up
 * here. musl's own is a table of all, 2.2 KB. */
#ifndef TROUBLE_H
#define TROUBLE_H

/* Of others it says the number, in memory of its own: for one thread at a time. */
const char *trouble_text(int error);

/* Likewise, of errno. */
const char *trouble(void);

#endif

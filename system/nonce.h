/* Numbers used once, from the kernel and from nowhere else. */
#ifndef NONCE_H
#define NONCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	NONCE = 16,             /* bytes of one */
	NONCE_POOL = 64         /* read at once: a system call for each would double the cost */
};

/* Opens /dev/urandom and makes sure that it is what it should be (character device 1:9) and that
 * the kernel's pool is seeded, which may wait early in a boot. Where the node is missing,
 * getrandom(2) serves, and `*fd` is -1. false: `*why` says why no randomness can be had. */
bool nonce_open(int *fd, const char **why);

/* One thread's store of them. */
struct nonces {
	int fd;                 /* from nonce_open() */
	unsigned left;
	uint8_t pool[NONCE_POOL][NONCE];
};

/* The next one: 16 bytes that are good until the next call. NULL: the kernel gave none. */
const uint8_t *nonce_next(struct nonces *);

#endif

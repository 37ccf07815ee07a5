/* Addresses and listening sockets. */
#ifndef LISTEN_H
#define LISTEN_H

#include "str.h"

enum { LISTEN_NAME = 160 };     /* bytes of a listener's name with its terminating zero */

struct listener {
	int fd;
	bool local;             /* a loopback address or a unix socket: nobody from outside comes in by it */
	char name[LISTEN_NAME]; /* the address as bound, for the log */
};

/* Opens a listening socket at "IP:PORT" or "[IP6]:PORT". Port 0 takes a free one. false: `*why`
 * says why not. */
bool listen_open(struct listener *, const char *address, const char **why);

#endif

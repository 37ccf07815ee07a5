/* Socket addresses as text: what --listen takes, and what the log shows. */
#ifndef ADDRESS_H
#define ADDRESS_H

#include "str.h"
#include "system/socket_file.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_un local;
};

/* Reads "IP:PORT", "[IP6]:PORT" or "unix:PATH[,mode=0660]"; what the file of a unix socket is
 * to be. false: it is none, `*why` says why. */
bool address_parse(union address *, socklen_t *length, struct socket_file *, const char *text,
    const char **why);

/* Writes it as address_parse() reads it. */
void address_put(struct buf *, const union address *);

#endif

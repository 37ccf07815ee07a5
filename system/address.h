/* Socket addresses as text: what --listen takes, and what the log shows. */
#ifndef ADDRESS_H
#define ADDRESS_H

#include "str.h"
#include "system/socket_file.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

/* The kernel's sockaddr_vm, as linux/vm_sockets.h has it: musl comes without that header. */
struct address_vsock {
	sa_family_t family;
	uint16_t reserved;
	uint32_t port, cid;
	uint8_t rest[4];
};

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_un local;
	struct address_vsock vm;
};

/* Reads "IP:PORT", "[IP6]:PORT" or "unix:PATH[,mode=0660][,group=GID]"; what the file of a
 * unix socket is to be, NULL where nobody is to listen. false: it is none, `*why` says why. */
bool address_parse(union address *, socklen_t *length, struct socket_file *, const char *text,
    const char **why);

/* Writes it as address_parse() reads it. One of another kind, which may be inherited, is written as
 * systemd names it: "vsock:CID:PORT", "vsock::PORT" for any CID. */
void address_put(struct buf *, const union address *);

#endif

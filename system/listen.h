/* Addresses and listening sockets. */
#ifndef LISTEN_H
#define LISTEN_H

#include "http_mini.h"
#include "system/socket_file.h"

enum {
	LISTEN_NAME = 128,      /* bytes of an address as text with its terminating zero */
	/* bytes: what the kernel holds for a connection of listen_limit() at the most. It takes
	 * twice of each buffer that is asked for, for what it keeps beside the bytes. */
	LISTEN_SEND = 65536, LISTEN_RECEIVE = 32768,
	LISTEN_KERNEL = 2 * (LISTEN_SEND + LISTEN_RECEIVE)
};

struct listener {
	int fd;
	bool local;             /* a loopback address or a unix socket: nobody from outside */
	bool inherited;         /* somebody else opened it and goes on with it afterwards */
	char name[LISTEN_NAME]; /* the address as bound, as --listen takes it */
	struct socket_file file;        /* of a unix socket that is not inherited */
};

/* Opens a listening socket at "IP:PORT", "[IP6]:PORT" (port 0: a free one) or
 * "unix:PATH[,mode=0660][,group=GID]". A socket file that nobody listens at is replaced. false:
 * `*why` says why not, and errno stays 0 where no system call failed. Not thread-safe: it sets the
 * umask for a moment. */
bool listen_open(struct listener *, const char *address, const char **why);

/* Bounds what the kernel holds for each connection that comes in from now on: its buffers, and the
 * seconds that it keeps what a peer does not take, also when we have closed the connection. */
void listen_limit(const struct listener *, unsigned seconds);

/* Connects to where listen_open() listens at this address, a wildcard becoming loopback; sending
 * and receiving take at most so many seconds. Returns a descriptor. -1: `*why` says why not, and
 * `*mistaken` is set where it is no address. */
int listen_reach(const char *address, unsigned seconds, const char **why, bool *mistaken);

/* Takes over sockets as systemd passes them (sd_listen_fds(3)): fills at most `most` listeners and
 * returns how many; 0 where there are none for this process. -1: `*why` says what is wrong with
 * them. */
int listen_inherit(struct listener *, unsigned most, char *(*environment)(const char *),
    const char **why);

/* Accepts a connection: its descriptor, and where it comes from. -1: errno tells why not. */
int listen_accept(const struct listener *, enum http_from *);

/* The path of a unix socket that we made; NULL: it is none. */
const char *listen_path(const struct listener *);

/* Gives such a file to another user, where that is allowed, and to the group unless --listen names
 * one. */
void listen_give(const struct listener *, unsigned uid, unsigned gid);

/* Closes the socket, and removes its file if that is still the one we made. */
void listen_close(struct listener *);

/* The address at the other end of a connected socket, for the log. */
void listen_peer(char name[LISTEN_NAME], int fd);

#endif

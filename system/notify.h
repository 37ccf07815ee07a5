/* What systemd is told (sd_notify(3)), where it asks to be. */
#ifndef NOTIFY_H
#define NOTIFY_H

#include <stdint.h>

struct notify {
	int fd;                         /* -1: nobody asks */
	int64_t watchdog;               /* microseconds within which to be told of life; 0: none */
};

/* Connects to $NOTIFY_SOCKET. `environment` is getenv() or a stand-in. */
struct notify notify_open(char *(*environment)(const char *));

/* Sends it: "READY=1", "STOPPING=1", "WATCHDOG=1". Never waits; nobody minds a failure. */
void notify_send(const struct notify *, const char *state);

/* Says that a reload begins; READY=1 says that it is over. */
void notify_reloading(const struct notify *);

#endif

/* What all workers share, and what changes while they serve: the keys, and with them the service
 * secret and the clients. New ones are loaded into a second ring, checked, and put in the first
 * one's place; a request sees one ring from its start to its end, and the old one is wiped when the
 * last such request is over. */
#ifndef SERVICE_H
#define SERVICE_H

#include "revoker.h"
#include "route/api.h"
#include "server/exchange.h"
#include "server/server.h"
#include "settings/config.h"
#include "system/nonce.h"
#include "system/notify.h"

#include <stdatomic.h>

/* What each worker needs to answer: memory of its own, and the service. */
struct worker_state {
	struct service *service;
	_Atomic(const struct key_ring *) ring;  /* what its present request sees; NULL: none */
	struct api_scratch scratch;
	struct nonces nonces;
	const uint8_t *nonce;           /* of these, the present request's; NULL: it has none */
	struct metrics metrics;
};

/* Why the published key is not taken where other hosts can come. */
#define SERVICE_PUBLISHED "everybody knows the demo key: it is for loopback addresses and unix " \
    "sockets only"

enum { SERVICE_RINGS = 2 };

struct service {
	const struct options *options;
	struct api_policy policy;
	struct key_ring *ring;          /* SERVICE_RINGS of them, the owner's, all zero at first */
	_Atomic(const struct key_ring *) current;       /* one of them; the other one is empty */
	const struct server_setup *setup;
	struct notify notify;
	struct revoker revoker;
	struct call_header headers[OPTION_LIST_MAX];
	struct demand required[OPTION_LIST_MAX];
	atomic_bool stopping;
	atomic_ulong failed_reloads;
	unsigned descriptors;           /* those open before the first connection; the owner's */
	int64_t started;                /* when, seconds since 1970 */
	atomic_long unreadable_told;    /* the second in which the log spoke of a demand */
	bool only_local;                /* no listener is open to other hosts */
	bool changed;                   /* a file was seen to change, and may still be */
	bool retry;                     /* keys could not be loaded; perhaps they can be later */
	char complaint[CONFIG_MESSAGE]; /* why, as the log has it */
	bool clock_doubted;             /* the log has said that the clock is not set */
	struct key_stamp stamp[CONFIG_FILES];
	struct worker_state *states[SERVER_WORKERS_MAX];
	struct metrics *metrics[SERVER_WORKERS_MAX];    /* theirs */
	unsigned workers;
};

/* Loads keys, secret and clients as the options say, which must outlive the service. false: `why`
 * gets the message. */
bool service_load(struct service *, const struct options *, struct buf *why);

/* Logs which keys were loaded, before any reload. */
void service_tell_keys(const struct service *);

/* Bytes of one worker's memory. */
size_t service_state_size(const struct service *);

/* Takes the memory that so many workers need; `random` is from nonce_open(). false: errno tells
 * why not. */
bool service_start(struct service *, unsigned workers, int random);

/* For the server's main thread: every now and then the keys are loaded anew if a file has changed,
 * and in any case when a reload is asked for. Whatever is wrong with them, the old ones stay and
 * the log says so. It says too when the clock can't be believed. */
void service_tell(struct service *, enum server_event);

/* Wipes the keys. No worker runs any more. */
void service_stop(struct service *);

/* What a worker calls. */
bool service_handle(struct response *, struct worker_state *, const struct http_request *);
void service_note(struct worker_state *, const struct exchange_note *);
void service_later(struct worker_state *, struct ticket *);

#endif

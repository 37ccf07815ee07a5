/* The thread that has what is taken back written, so that no worker waits for a disk; and looks
 * for what others wrote. */
#ifndef REVOKER_H
#define REVOKER_H

#include "route/metrics.h"
#include "ticket.h"
#include "token/revocation_file.h"

#include <stdatomic.h>

struct revoker {
	struct revocation_file file;            /* the thread's own, as are the numbers it gives */
	struct revocations *list;               /* NULL: there is no file, and no thread */
	struct metrics_revocations metrics;
	unsigned seconds;                       /* to wait for others who have the file */
	void (*give_back)(struct ticket *);     /* once its outcome is there */
	int wake;                               /* an eventfd */
	_Atomic(struct ticket *) tickets;       /* whose notes are entries to be written */
};

/* Takes the descriptor that it needs. false: errno tells why not. */
bool revoker_open(struct revoker *);

/* Starts the thread of a file that is open. It ends with the process, at any moment: of what it has
 * not written then, nobody was told. false: errno tells why not. */
bool revoker_start(struct revoker *);

/* Hands over the ticket of a request that waits. For any thread. */
void revoker_take(struct revoker *, struct ticket *);

#endif

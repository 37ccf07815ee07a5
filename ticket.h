/* What a request holds that waits for work which no worker does itself: a disk's, for one. */
#ifndef TICKET_H
#define TICKET_H

#include <stdint.h>

enum ticket_outcome {
	TICKET_NONE,            /* the request is handed over for the first time */
	TICKET_DONE, TICKET_FAILED, TICKET_FULL         /* it has waited */
};

/* There is one in each connection. A handler that wants to wait fills in the note and says so in
 * its answer (struct response: later); then it gets the ticket itself, and gives it back with an
 * outcome by worker_resume(). Until then `next`, `note` and `outcome` are its own. */
struct ticket {
	struct ticket *next;    /* for whoever holds it */
	void *worker;           /* whose connection it is */
	_Alignas(int64_t) char note[40];        /* the handler's */
	uint8_t outcome;        /* enum ticket_outcome */
	uint8_t waits;          /* the connection's own: it is not back yet */
};

#endif

/* Room for one more connection where there are as many as there may be: which worker closes one.
 * For the main thread. */
#ifndef ROOM_H
#define ROOM_H

#include "server/worker.h"

struct room {
	struct worker *worker;
	unsigned workers;
	struct worker_main *shared;
	int64_t crowded;                /* since when all connections were young; 0: they are not */
};

/* Asks the worker with the connection that is to make room by loop_who_goes() to close it. Where
 * all are too young for that, the next answer ends its connection. */
void room_ask(struct room *);

/* Somebody has got in: there is room again. */
void room_found(struct room *);

#endif

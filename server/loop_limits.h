/* What the two halves of a loop share: loop.c, the life of a connection, and loop_limits.c, the
 * buffers and deadlines that all of them share. For these two alone. */
#ifndef LOOP_LIMITS_H
#define LOOP_LIMITS_H

#include "server/loop.h"
#include "system/clock.h"

enum {
	LOOP_YOUNG = CLOCK_SECOND / 2,  /* who came into its state so lately is spared for others */
	LOOP_COMING = CLOCK_SECOND      /* so long may a first request take to come in at a stop */
};

#define LOOP_BUSY "too many unfinished requests"

/* ---- loop.c */

/* Lets the connection wait in a state, in the order of `since`. */
void loop_enter(struct loop *, struct conn *, enum conn_state, int64_t since);

/* Closes it at once. Its memory may be used again only when no event of this turn can name it. */
void loop_close(struct loop *, struct conn *);

/* Sends a last answer to what has come of a request, as far as it goes at once, and closes in
 * stages. A head that can't become one any more hears that instead. */
void loop_dismiss(struct loop *, struct conn *, unsigned status, const char *why);

/* Reads once. Whole requests are answered even when the peer has ended its side behind them. false:
 * nothing was there. */
bool loop_read(struct loop *, struct conn *);

/* ---- loop_limits.c */

/* Gives the connection a full-size buffer; what its small one holds moves there. When all are
 * taken, whoever has held one longest loses it. false: there is none to be had. */
bool loop_take_buffer(struct loop *, struct conn *);

/* Whether it has a full-size buffer, or could have one that is nobody's. */
bool loop_has_buffer(const struct loop *, const struct conn *);

/* Takes the full-size buffer back, if there is one, with the answer in it. */
void loop_release_buffer(struct loop *, struct conn *);

/* Wipes the input that waits, and takes the buffer back. */
void loop_forget_input(struct loop *, struct conn *);

#endif

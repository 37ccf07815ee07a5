/* The signals that serving listens to. For the main thread: other threads have them blocked. */
#ifndef SIGNALS_H
#define SIGNALS_H

#include <signal.h>
#include <stdbool.h>

/* From here on SIGTERM, SIGINT and SIGQUIT end the process with status 0, also the first one of a
 * container; SIGHUP is noted; SIGPIPE, SIGUSR1, SIGUSR2 and SIGXFSZ do nothing. false: errno tells
 * why not. */
bool signals_take(void);

/* From here on, as there is something to be tidied up, the first four are kept until the main
 * thread lets them in. To be called before there is any other thread. false: as above. */
bool signals_keep(void);

/* From here on it does nothing. false: errno tells why not. */
bool signals_ignore(int signal);

/* The mask under which they come in: for a sleep that they end. */
void signals_outside(sigset_t *);

/* Lets them in for good: all is tidied up, and a third stop ends the process. */
void signals_let_end(const sigset_t *outside);

/* How often the process was asked to stop. */
int signals_stops(void);

/* The delay before the stop is over: a signal that skipped it does not count against the stop. */
void signals_count_anew(void);

/* Whether a reload was asked for since it was last forgotten. */
bool signals_reload(void);
void signals_forget_reload(void);

#endif

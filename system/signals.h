/* The signals that serving listens to. For the main thread: other threads have them blocked. */
#ifndef SIGNALS_H
#define SIGNALS_H

#include <signal.h>
#include <stdbool.h>

/* From here on SIGTERM, SIGINT, SIGQUIT and SIGHUP are kept until the main thread lets them in;
 * SIGPIPE, SIGUSR1, SIGUSR2 and SIGXFSZ do nothing. To be called before there is any other thread.
 * false: errno tells why not. */
bool signals_take(void);

/* From here on it does nothing. false: errno tells why not. */
bool signals_ignore(int signal);

/* The mask under which they come in: for a sleep that they end. */
void signals_outside(sigset_t *);

/* How often the process was asked to stop. A third time ends it at once. */
int signals_stops(void);

/* The delay before the stop is over: a signal that skipped it does not count against the stop. */
void signals_count_anew(void);

/* Whether a reload was asked for since it was last forgotten. */
bool signals_reload(void);
void signals_forget_reload(void);

#endif

#include "system/signals.h"

#include <unistd.h>

static volatile sig_atomic_t stops, reload;

static void
on_stop(int signal)
{
	(void)signal;
	if (++stops > 2)                /* and the second one did not end it */
		_exit(0);
}

static void
on_reload(int signal)
{
	(void)signal;
	reload = 1;
}

/* Calls sigaddset() or sigdelset() for each of those that are kept. */
static void
each_kept(int (*change)(sigset_t *, int), sigset_t *set)
{
	change(set, SIGTERM);
	change(set, SIGINT);
	change(set, SIGHUP);
}

bool
signals_take(void)
{
	struct sigaction stop = { .sa_handler = on_stop }, again = { .sa_handler = on_reload },
	    ignore = { .sa_handler = SIG_IGN };
	sigset_t kept;

	stops = reload = 0;
	sigemptyset(&kept);
	each_kept(sigaddset, &kept);
	return pthread_sigmask(SIG_BLOCK, &kept, NULL) == 0 &&
	    sigaction(SIGTERM, &stop, NULL) == 0 && sigaction(SIGINT, &stop, NULL) == 0 &&
	    sigaction(SIGPIPE, &ignore, NULL) == 0 && sigaction(SIGHUP, &again, NULL) == 0;
}

void
signals_outside(sigset_t *outside)
{
	pthread_sigmask(SIG_BLOCK, NULL, outside);
	each_kept(sigdelset, outside);
}

int
signals_stops(void)
{
	return stops;
}

bool
signals_reload(void)
{
	return reload != 0;
}

void
signals_forget_reload(void)
{
	reload = 0;
}

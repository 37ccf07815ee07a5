#include "system/signals.h"

#include <stdint.h>
#include <unistd.h>

static volatile sig_atomic_t stops, reload;
static volatile sig_atomic_t last;      /* so many stops end the process at once */

static void
on_stop(int signal)
{
	(void)signal;
	if (++stops >= last)
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
	change(set, SIGQUIT);
	change(set, SIGHUP);
}

static bool
handle(int signal, void (*handler)(int))
{
	struct sigaction action = { .sa_handler = handler };

	return sigaction(signal, &action, NULL) == 0;
}

bool
signals_ignore(int signal)
{
	return handle(signal, SIG_IGN);
}

bool
signals_take(void)
{
	stops = reload = 0;
	last = 1;
	return handle(SIGTERM, on_stop) && handle(SIGINT, on_stop) && handle(SIGQUIT, on_stop) &&
	    handle(SIGHUP, on_reload) && signals_ignore(SIGPIPE) && signals_ignore(SIGUSR1) &&
	    signals_ignore(SIGUSR2) && signals_ignore(SIGXFSZ);
}

bool
signals_keep(void)
{
	sigset_t kept;

	sigemptyset(&kept);
	each_kept(sigaddset, &kept);
	last = INT32_MAX;
	return pthread_sigmask(SIG_BLOCK, &kept, NULL) == 0;
}

void
signals_let_end(const sigset_t *outside)
{
	last = 3;
	pthread_sigmask(SIG_SETMASK, outside, NULL);
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

void
signals_count_anew(void)
{
	stops -= stops > 1;
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

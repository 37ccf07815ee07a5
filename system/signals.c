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
	change(set, SIGQUIT);
	change(set, SIGHUP);
}

bool
signals_take(void)
{
	static const struct {
		int signal;
		void (*handler)(int);
	} taken[] = {
		{ SIGTERM, on_stop }, { SIGINT, on_stop }, { SIGQUIT, on_stop },
		{ SIGHUP, on_reload },
		{ SIGPIPE, SIG_IGN }, { SIGUSR1, SIG_IGN }, { SIGUSR2, SIG_IGN },
	};
	sigset_t kept;

	stops = reload = 0;
	sigemptyset(&kept);
	each_kept(sigaddset, &kept);
	if (pthread_sigmask(SIG_BLOCK, &kept, NULL) != 0)
		return false;
	for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++) {
		struct sigaction action = { .sa_handler = taken[i].handler };

		if (sigaction(taken[i].signal, &action, NULL) != 0)
			return false;
	}
	return true;
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
	stops = 1;
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

/* How many stops end the process at once: one before there is anything to tidy up, none while there
 * is, and the third one behind that. */
#include "test/test.h"

#include "system/signals.h"

#include <sys/select.h>
#include <sys/wait.h>
#include <unistd.h>

enum { REACHED = 3 };                   /* it was not ended */

/* One after the other: each is handled before the next one comes. */
static void
stop(unsigned times)
{
	static const int all[] = { SIGTERM, SIGINT, SIGQUIT };

	for (unsigned i = 0; i < times; i++)
		raise(all[i % 3]);
}

static void
early(void)
{
	raise(SIGHUP);                  /* is noted */
	raise(SIGUSR1);
	if (signals_reload())
		stop(1);
}

static void
kept(void)
{
	sigset_t pending;

	stop(signals_keep() ? 3 : 0);
	raise(SIGHUP);
	if (sigpending(&pending) != 0 || !sigismember(&pending, SIGTERM) ||
	    !sigismember(&pending, SIGHUP) || signals_stops() != 0 || signals_reload())
		_exit(1);
}

/* Those that were kept come in at once, be they three. */
static void
together(void)
{
	const struct timespec now = { 0, 0 };
	sigset_t outside;

	kept();
	signals_outside(&outside);
	pselect(0, NULL, NULL, NULL, &now, &outside);
	if (signals_stops() != 3)
		_exit(1);
	signals_count_anew();           /* but for that which skipped the delay */
	if (signals_stops() != 2)
		_exit(1);
	signals_let_end(&outside);
	stop(1);
}

static void
third(void)
{
	sigset_t outside;

	signals_keep();
	signals_outside(&outside);
	signals_let_end(&outside);
	stop(2);
	if (signals_stops() == 2)
		stop(1);
}

static const struct {
	const char *what;
	void (*act)(void);
	int status;
} acts[] = {
	{ "before there is anything to tidy up", early, 0 }, { "kept", kept, REACHED },
	{ "three together", together, 0 }, { "the third one", third, 0 },
};

void
test_signals(void)
{
	fflush(stdout);
	for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++) {
		int status = -1;
		pid_t child;

#ifdef __SANITIZE_THREAD__
		if (acts[i].act == together) {
			test_skip("three stops at once (ThreadSanitizer keeps signals back)");
			continue;
		}
#endif
		child = fork();
		if (child == 0) {
			if (!signals_take())
				_exit(1);
			acts[i].act();
			_exit(REACHED);
		}
		waitpid(child, &status, 0);
		CHECK(WIFEXITED(status) && WEXITSTATUS(status) == acts[i].status, "%s: status %x",
		    acts[i].what, (unsigned)status);
	}
}

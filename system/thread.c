#include "system/thread.h"

#include <errno.h>
#include <pthread.h>

bool
thread_start(void *(*work)(void *), void *argument)
{
	pthread_attr_t attributes;
	pthread_t thread;
	int failed;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, THREAD_STACK);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	failed = pthread_create(&thread, &attributes, work, argument);
	pthread_attr_destroy(&attributes);
	errno = failed;
	return failed == 0;
}

#include "revoker.h"

#include "system/thread.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

enum {
	BATCH = 1024,                   /* entries that are written and synced together */
	LOOK = 500                      /* milliseconds between two looks for what others wrote */
};

/* Takes what waits, in the order in which it came. */
static struct ticket *
take_tickets(struct revoker *r)
{
	struct ticket *last = atomic_exchange(&r->tickets, NULL), *first = NULL;

	while (last != NULL) {
		struct ticket *before = last->next;

		last->next = first;
		first = last;
		last = before;
	}
	return first;
}

/* Counts what an append has come to. */
static void
count(struct revoker *r, unsigned n, bool ok)
{
	struct metrics_revocations *m = &r->metrics;

	if (ok) {
		atomic_fetch_add(&m->appended, n);
		metrics_time(m->sync, &m->microseconds, r->file.sync_time);
	} else if (r->file.no_room) {
		atomic_fetch_add(&m->refused, n);
	}
}

/* Writes the first entries of what waits, and gives their tickets back. Returns the others. */
static struct ticket *
write_batch(struct revoker *r, struct ticket *first)
{
	static struct revocation entry[BATCH];
	char message[REVOCATION_FILE_WHY];
	struct buf why = buf_over(message, sizeof message);
	struct ticket *t = first;
	enum ticket_outcome came;
	unsigned n = 0;
	bool ok;

	for (; t != NULL && n < BATCH; t = t->next)
		memcpy(&entry[n++], t->note, sizeof entry[0]);
	ok = revocation_file_append(&r->file, r->list, entry, n, time(NULL), r->seconds, &why);
	came = ok ? TICKET_DONE : r->file.no_room ? TICKET_FULL : TICKET_FAILED;
	count(r, n, ok);
	revocation_file_say(&r->file, buf_str(&why));
	for (; n > 0; n--) {
		struct ticket *next = first->next;

		first->outcome = (uint8_t)came;
		r->give_back(first);
		first = next;
	}
	return first;
}

static _Noreturn void *
work(void *revoker)
{
	struct revoker *r = revoker;
	struct pollfd wake = { .fd = r->wake, .events = POLLIN };
	eventfd_t wakes;

	for (;;) {
		struct ticket *t;

		if (poll(&wake, 1, LOOK) > 0)
			eventfd_read(r->wake, &wakes);
		t = take_tickets(r);
		if (t == NULL)
			revocation_file_look(&r->file, r->list, time(NULL));
		while (t != NULL)
			t = write_batch(r, t);
		atomic_store_explicit(&r->metrics.seen, r->file.seen, memory_order_relaxed);
	}
}

bool
revoker_open(struct revoker *r)
{
	r->wake = eventfd(0, EFD_CLOEXEC);
	return r->wake >= 0;
}

bool
revoker_start(struct revoker *r)
{
	return thread_start(work, r);
}

void
revoker_take(struct revoker *r, struct ticket *t)
{
	t->next = atomic_load_explicit(&r->tickets, memory_order_relaxed);
	while (!atomic_compare_exchange_weak(&r->tickets, &t->next, t))
		;
	eventfd_write(r->wake, 1);
}

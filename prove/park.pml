/* server/worker.c, server/loop.c, server/server.c, revoker.c: requests that wait for the disk.
 *
 * A main thread accepts ACCEPTS connections into CONNS slots; WORKERS workers answer requests to
 * revoke (REVOKES in all) and to judge a token (JUDGES); the revoker's thread takes tickets, BATCH
 * at once at the most; one request of a worker may wait at once, or two. A peer may go, or its time
 * run out, at any moment, also while it waits.
 * Entries are known by the ticket's request. The list is one set here: list.pml shows that it is.
 *
 * What is shown, besides that nothing stands still for ever without a timer's help:
 *   - an entry that was answered with 200 is on the disk and in the list, and no request that
 *     begins later, on whichever worker, is judged without it;
 *   - an answer goes to the connection that asked, for the request that it asked;
 *   - each ticket comes back exactly once; who has handed one over touches it no more;
 *   - a slot is used again only when it is closed and its ticket is back; all are given back.
 *
 * Lists are linked as in the source; each load, exchange and compare-and-swap is a step. The order
 * is sequentially consistent. That suffices: each list is pushed by a release and emptied by an
 * acquire, and what lies behind it is touched by who holds it alone. Not so covered is the main
 * thread's flag `waits` against the outbox: there the source has one sequentially consistent store
 * and load, but no such exchange. On the processors that jwtd is built for nothing can pass these;
 * and if it did, the main thread would look again after ROOM_PAUSE. One event a turn is handled here:
 * events that are left over from a turn, and strike(), which takes those of a closed connection out,
 * are in test_loop.c alone. So is a stop with tickets out.
 *
 * code: route/revoke.c keep: memcpy(c->out->ticket->note, r, sizeof *r) > c->out->later = true
 * code: route/revoke.c answer: switch (c->out->ticket->outcome) > TICKET_DONE: return done(c)
 * code: server/loop.c park: l->parked >= l->setup->parked > loop_dismiss(l, c, 503 > enter(l, c, CONN_PARKED) > l->parked++ > c->ticket.worker = l > c->ticket.waits = true > c->ticket.outcome = TICKET_NONE > later(x->state, &c->ticket)
 * code: service.c service_later: revoker_take(
 * code: revoker.c revoker_take: t->next = atomic_load_explicit(&r->tickets > atomic_compare_exchange_weak(&r->tickets, &t->next, t) > eventfd_write(r->wake
 * code: revoker.c take_tickets: atomic_exchange(&r->tickets, NULL) > before = last->next > last->next = first > return first
 * code: revoker.c work: poll(&wake > eventfd_read(r->wake > take_tickets(r) > revocation_file_look( > write_batch(r, t) > atomic_store_explicit(&r->metrics.seen
 * code: revoker.c write_batch: n < BATCH > memcpy(&entry[n++], t->note > revocation_file_append( > TICKET_DONE > next = first->next > first->outcome = > r->give_back(first) > first = next > return first
 * code: token/revocation_file.c append: take_in( > write_lines( > fdatasync(f->fd) > revocations_add(f->list > return DONE
 * code: server/worker.c worker_resume: t->worker > atomic_load_explicit(&w->tickets, memory_order_relaxed) > t->next = first > atomic_compare_exchange_weak_explicit(&w->tickets, &first, t, memory_order_release > first == NULL > worker_signal(w->wake)
 * code: server/worker.c handle_tickets: now < end > t = w->resumed > t = atomic_exchange_explicit(&w->tickets, NULL, memory_order_acquire) > return now > w->resumed = t->next > loop_resume(&w->loop, t) > worker_signal(w->wake)
 * code: server/loop.c loop_resume: t->waits = false > l->parked-- > c->state == CONN_CLOSED > give_back(l, c) > c->state == CONN_PARKED > go_on(l, c
 * code: server/loop.c loop_close: c->state = CONN_CLOSED > !c->ticket.waits > give_back(l, c)
 * code: server/loop.c loop_event: case CONN_PARKED > EPOLLHUP > loop_close(l, c)
 * code: server/loop_limits.c loop_expire: state == CONN_PARKED > loop_dismiss(l, c, 503, LATE)
 * code: server/worker.c turn: take_events(w) > atomic_load(&w->stop) > atomic_load_explicit(&w->main->crowded > take_inbox(w) > handle_events(w) > atomic_store(&w->main->crowded > loop_expire( > atomic_load_explicit(&w->make_room > atomic_exchange(&w->make_room > fill_outbox(w) > atomic_load_explicit(&w->pinged > atomic_store(&w->pinged
 * code: server/worker.c take_events: atomic_load(&w->connections) > w->seen < w->events > epoll_wait( > clear_wake(w)
 * code: server/worker.c take_inbox: atomic_exchange_explicit(&w->inbox, NULL, memory_order_acquire) > next = c->next > loop_take(
 * code: server/worker.c push: c->next = atomic_load_explicit(list, memory_order_relaxed) > atomic_compare_exchange_weak_explicit(list, &c->next, c, memory_order_release
 * code: server/worker.c fill_outbox: w->loop.closed = NULL > next = c->next > push(&w->outbox, c) > atomic_fetch_sub(&w->connections > atomic_load(&w->main->waits) > worker_signal(w->main->wake)
 * code: server/worker.c worker_take: atomic_fetch_add(&w->connections > push(&w->inbox, c) > epoll_ctl( > worker_signal(w->wake)
 * code: server/worker.c worker_give_back: atomic_exchange_explicit(&w->outbox, NULL, memory_order_acquire)
 * code: server/server.c hand_over: *c = (struct conn){ > atomic_load_explicit(&s->worker[i].connections > atomic_load_explicit(&fewest->connections > atomic_store_explicit(&s->accepted > worker_take(
 * code: server/server.c wait_for_room: atomic_store(&s->shared.waits, true) > collect_closed(s) > wait_for_worker(s > atomic_store(&s->shared.waits, false)
 */
#define WORKERS 2
#define CONNS 2
#ifndef ACCEPTS
#define ACCEPTS 3
#endif
#ifndef REVOKES
#define REVOKES 2
#endif
#ifndef JUDGES
#define JUDGES 1
#endif
#ifndef BATCH
#define BATCH 1
#endif

#define NONE CONNS                      /* no connection, no ticket */

/* enum conn_state; CLOSED: also before its worker has seen it. */
#define CLOSED 0
#define IDLE 1
#define PARKED 2
#define DRAIN 3

/* enum ticket_outcome */
#define NOTHING 0
#define DONE 1
#define FAILED 2

/* Who may touch a slot, and who its ticket. */
#define MAIN 0
#define INBOX 1
#define OUTBOX 2
#define WORKER 3
#define QUEUE 4                         /* on its way to the revoker, or back */
#define REVOKER 5

byte state[CONNS], conn_next[CONNS] = NONE, owner[CONNS], whose[CONNS];
bool watched[CONNS];                    /* in the worker's epoll set */
byte asked[CONNS];                      /* the entry that its present request asks for */

byte note[CONNS], ticket_next[CONNS] = NONE, ticket_owner[CONNS] = WORKER, worker_of[CONNS];
byte outcome[CONNS];
bool waits[CONNS];

byte inbox[WORKERS] = NONE, outbox[WORKERS] = NONE, tickets[WORKERS] = NONE;
byte parked_max;                        /* struct loop_setup: parked; of a worker */
bool wake[WORKERS], wake_main, wake_revoker, main_waits;
byte revoker_tickets = NONE;

byte revokes = REVOKES, judges = JUDGES, entries;
byte synced, list, answered;            /* sets of entries */

#define BIT(entry) (1 << (entry))
#define WITHIN(some, all) (((some) & (all)) == (some))

/* loop_close() of the worker's connection c, which is in some queue. */
inline close_it(c)
{
	state[c] = CLOSED;
	watched[c] = false;
	asked[c] = 255;
	if
#ifndef PLANT_CLOSED_WITH_TICKET
	:: waits[c] -> skip
#endif
	:: else -> conn_next[c] = closed; closed = c
	fi
}

/* take_inbox() */
inline take_in()
{
	t = inbox[w];
	inbox[w] = NONE;
	do
	:: t == NONE -> break
	:: else ->
		next = conn_next[t];
		assert(owner[t] == INBOX && state[t] == CLOSED && whose[t] == w);
		owner[t] = WORKER;
		conn_next[t] = NONE;
		state[t] = IDLE;
		t = next
	od
}

/* A request to revoke: run(), settle(), park(); t is the ticket that goes to the revoker. */
inline ask()
{
	revokes--;
	asked[c] = entries;
	entries++;
	if
	:: parked >= parked_max -> asked[c] = 255; state[c] = DRAIN
	:: else ->
		assert(!waits[c]);
		note[c] = asked[c];             /* keep() */
		state[c] = PARKED;
		parked++;
		worker_of[c] = w;
		waits[c] = true;
		outcome[c] = NOTHING;
		t = c
	fi
}

/* loop_event() of connection c, or loop_expire(). */
inline event()
{
	assert(owner[c] == WORKER && state[c] != CLOSED);
	if
	:: state[c] == IDLE && revokes > 0 -> ask()
	:: state[c] == IDLE && judges > 0 -> judges--; must = answered; judging = true
	:: state[c] == PARKED -> asked[c] = 255; state[c] = DRAIN      /* 503 */
	:: close_it(c)                                  /* the peer is gone, or late */
	fi
}

/* revoker_take(); the ticket is the revoker's once it is in the list. */
inline take_ticket()
{
	assert(ticket_owner[t] == WORKER);
	ticket_owner[t] = QUEUE;
	head = revoker_tickets;
	do
	:: atomic {
		ticket_next[t] = head;
		if
		:: revoker_tickets == head -> revoker_tickets = t; head = 0; break
		:: else -> head = revoker_tickets
		fi }
	od;
	wake_revoker = true
}

/* loop_resume() */
inline resume()
{
	assert(ticket_owner[t] == QUEUE && waits[t] && worker_of[t] == w);
	assert(outcome[t] != NOTHING);          /* or it would be handed over once more */
	resumed = ticket_next[t];
	ticket_owner[t] = WORKER;
	ticket_next[t] = NONE;
	waits[t] = false;
	parked--;
	if
	:: state[t] == CLOSED -> conn_next[t] = closed; closed = t
	:: state[t] == PARKED ->                        /* go_on() */
		assert(owner[t] == WORKER && whose[t] == w && asked[t] == note[t]);
		if
#ifdef PLANT_OUTCOME_NOT_LOOKED_AT
		:: true ->
#else
		:: outcome[t] == DONE ->
#endif
			answered = answered | BIT(asked[t]);
			assert(WITHIN(answered, list) && WITHIN(answered, synced))
#ifndef PLANT_OUTCOME_NOT_LOOKED_AT
		:: else
#endif
		fi;
		asked[t] = 255;
		state[t] = IDLE
	:: else -> assert(state[t] == DRAIN)
	fi;
	note[t] = 255;
	worker_of[t] = 0;
	outcome[t] = NOTHING
}

#define MINE(c) (owner[c] != MAIN && whose[c] == w && watched[c])

/* Each step has one access to what others see, and what the worker does alone. */
proctype worker(byte w)
{
	byte c, t = NONE, next, head, must, resumed = NONE, closed = NONE, parked;
	bool woken, judging;

end:	do
	/* take_events(): it sleeps until something is there. Everybody's time runs out some day. */
	:: atomic { wake[w] || MINE(0) || MINE(1) ->
		if
		:: wake[w] -> wake[w] = false; woken = true; c = NONE   /* clear_wake() */
		:: MINE(0) -> c = 0
		:: MINE(1) -> c = 1
		fi };
		atomic {
			take_in();
			if
			:: c != NONE -> event()
			:: else
			fi;
			c = 0;
			next = 0
		};
		if
		:: t != NONE -> take_ticket(); t = NONE
		:: judging -> atomic {
			assert(WITHIN(must, list));             /* revocations_has() */
			must = 0;
			judging = false }
		:: else
		fi;
		do                                              /* handle_tickets() */
		:: !woken -> break
		:: woken -> atomic {
			t = resumed;
			if
			:: t == NONE -> t = tickets[w]; tickets[w] = NONE
			:: else
			fi;
			if
			:: t == NONE -> woken = false
			:: else -> resume(); t = NONE
			fi }
		:: woken ->                             /* the turn has taken its time */
#ifdef PLANT_LEFT_ASLEEP
			woken = false
#else
			atomic { woken = false; wake[w] = true }
#endif
		od;
		if                                              /* fill_outbox() */
		:: closed == NONE
		:: else ->
			do
			:: atomic { closed == NONE -> break }
			:: atomic { closed != NONE ->
				next = conn_next[closed];
				assert(owner[closed] == WORKER && state[closed] == CLOSED);
				conn_next[closed] = outbox[w];
				owner[closed] = OUTBOX;
				outbox[w] = closed;
				closed = next;
				next = 0 }
			od;
			if
			:: main_waits -> wake_main = true
			:: else
			fi
		fi
	od
}

active proctype revoker()
{
	byte last, first, before, t, n, head, w, entry[2];
	bool ok;

end:	do
	:: atomic { wake_revoker -> wake_revoker = false };     /* poll(), eventfd_read() */
		atomic {                                        /* take_tickets() */
			last = revoker_tickets;
			revoker_tickets = NONE;
			first = NONE;
			do
			:: last == NONE -> break
			:: else ->
				assert(ticket_owner[last] == QUEUE);
				ticket_owner[last] = REVOKER;
				before = ticket_next[last];
				ticket_next[last] = first;
				first = last;
				last = before
			od
		};
		do
		:: first == NONE -> break
		:: else ->                                      /* write_batch() */
			atomic {
				n = 0;
				t = first;
				do
				:: t != NONE && n < BATCH ->
					assert(ticket_owner[t] == REVOKER);
					entry[n] = note[t];
					n++;
					t = ticket_next[t]
				:: else -> break
				od;
				t = 0
			};
#ifdef PLANT_LIST_BEFORE_DISK
			list = list | BIT(entry[0]);
			ok = true;
			goto give;
#endif
#ifdef PLANT_ANSWER_BEFORE_LIST
			synced = synced | BIT(entry[0]);
			ok = true;
			goto give;
#endif
			if                                      /* append(): on the disk, or not, */
			:: atomic {
				ok = true;
				do
				:: t < n -> synced = synced | BIT(entry[t]); t++
				:: else -> break
				od;
				t = 0
			}
			:: ok = false
			fi;
			do                                      /* then in the list */
			:: ok && t < n -> list = list | BIT(entry[t]); t++
			:: else -> break
			od;
give:			do
			:: n == 0 -> break
			:: else ->
				atomic {
					n--;
					assert(ticket_owner[first] == REVOKER);
					last = ticket_next[first];
					outcome[first] = (ok -> DONE : FAILED);
					w = worker_of[first];   /* worker_resume() */
					head = tickets[w]
				};
#ifdef PLANT_TWICE
				if
				:: ticket_next[first] = head; tickets[w] = first; wake[w] = true
				:: skip
				fi;
#endif
				do
				:: atomic {
					ticket_next[first] = head;
					if
					:: tickets[w] == head ->
						tickets[w] = first;
						ticket_owner[first] = QUEUE;
						break
					:: else -> head = tickets[w]
					fi }
				od;
#ifdef PLANT_NEXT_TOO_LATE
				last = ticket_next[first];
#endif
				if
#ifdef PLANT_WAKE_ALWAYS_LEFT
				:: head != NONE -> wake[w] = true
#else
				:: head == NONE -> wake[w] = true
#endif
				:: else
				fi;
				first = last
			od;
			atomic { last = 0; before = 0; t = 0; head = 0; w = 0; entry[0] = 0; entry[1] = 0 }
		od;
		atomic { first = 0; n = 0; ok = false }
	od
}

/* collect_closed(), of one worker */
inline collect(from)
{
	atomic {
		c = outbox[from];
		outbox[from] = NONE;
		do
		:: c == NONE -> break
		:: else ->
			next = conn_next[c];
			assert(owner[c] == OUTBOX);
			owner[c] = MAIN;
			whose[c] = 0;
			conn_next[c] = free;
			free = c;
			c = next
		od;
		c = 0;
		next = 0
	}
}

active proctype main_thread()
{
	byte accepts = ACCEPTS, c, next, w, used, free = NONE;

	select (parked_max : 1 .. 2);
	run worker(0);
	run worker(1);
	do
	:: accepts == 0 -> break
	:: accepts > 0 ->
take:		if                                      /* take_conn() */
		:: free == NONE ->
			main_waits = true;              /* wait_for_room(), or just before it */
			collect(0);
			collect(1);
			if
			:: free == NONE && used < CONNS -> free = used; used++
			:: free == NONE && used == CONNS ->
				atomic { wake_main -> wake_main = false };
				goto take
			:: else
			fi;
			main_waits = false
		:: else
		fi;
		atomic {                                /* hand_over() */
			accepts--;
			c = free;
			free = conn_next[c];
			assert(owner[c] == MAIN && state[c] == CLOSED);
			assert(!waits[c] && ticket_owner[c] == WORKER);
			outcome[c] = NOTHING;
			note[c] = 255;
			asked[c] = 255;
			ticket_next[c] = NONE;
			if
			:: w = 0
			:: w = 1
			fi;
			whose[c] = w;
			conn_next[c] = inbox[w];        /* worker_take() */
			owner[c] = INBOX;
			inbox[w] = c
		};
		atomic { watched[c] = true; c = 0; w = 0; next = 0 }    /* epoll_ctl() */
	od;
	/* When nothing moves any more, all is back. */
	timeout;
	assert(revoker_tickets == NONE && tickets[0] == NONE && tickets[1] == NONE);
	assert(!waits[0] && !waits[1]);
	assert(owner[0] != WORKER && owner[1] != WORKER)
}

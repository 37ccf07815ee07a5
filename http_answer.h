/* HTTP/1.1 answers (RFC 9110 6, 15; RFC 9112 4), written into a buffer: no socket, no clock. */
#ifndef HTTP_ANSWER_H
#define HTTP_ANSWER_H

#include "str.h"
#include "ticket.h"

/* For a fault that stands at no particular byte. */
#define HTTP_NO_OFFSET SIZE_MAX

enum { HTTP_FIELDS_OUT = 81920 };       /* bytes of field lines that a handler may add */

/* An answer. The caller lends both buffers, empty. */
struct response {
	unsigned status;
	/* For those who log and count: which route answered, by a number of the handler's;
	 * whether a token was issued; which of the routes has accepted one, and by which key; why
	 * one was refused, another such number. 0: none. */
	unsigned route;
	bool issued;
	unsigned accepted, key;
	bool later;                     /* no answer yet: the request, whole, is to wait */
	unsigned refusal;
	size_t refused_at;              /* where that is about a byte of the path: its offset */
	char client[65];                /* who asked, by a name that is no secret; empty: unknown */
	struct ticket *ticket;          /* the connection's: what it waits with, or has waited */
	const char *content_type;       /* NULL: no such field */
	struct buf fields;              /* further field lines, each with CRLF. What comes from a
	                                 * request was checked: no CR, LF or NUL */
	struct buf body;                /* left out on the wire for HEAD and for 204 */
};

/* How the answer stands to its connection. */
struct http_reply {
	struct str date;        /* from date_fixdate() */
	bool head;              /* the method was HEAD: no body, but its length (RFC 9110 9.3.2) */
	bool http10;            /* to HTTP/1.0 persistence must be said (RFC 9112 9.3) */
	bool close;             /* the connection ends after it (RFC 9112 9.6) */
};

/* Appends the whole answer to `out`: status line, fields, body. out->bad when it did not fit. */
void http_answer(struct buf *out, const struct response *, const struct http_reply *);

/* The statuses that can be answered, the most common first; the place of one among them,
 * HTTP_STATUSES where it is none; and the phrase that RFC 9110 15 gives for it, empty then. */
enum { HTTP_STATUSES = 20 };

extern const unsigned short http_statuses[HTTP_STATUSES];

unsigned http_status_place(unsigned status);
const char *http_phrase(unsigned status);

#endif

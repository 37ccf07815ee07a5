/* The body of an HTTP/1.1 request (RFC 9112 6, 7): a function over bytes that goes on where it
 * stopped. */
#ifndef HTTP_BODY_H
#define HTTP_BODY_H

#include "http_mini.h"

enum {
	HTTP_CHUNK_LINE_MAX = 512,      /* bytes of a chunk-size line, extensions, CRLF. 400 */
	/* bytes of chunk framing and trailers: this and a quarter of the largest body, so that
	 * one-byte chunks end early. 413 */
	HTTP_FRAMING_BASE = 8192
};

/* A body on its way in. The buffer holds, from the byte after the head on, `out` bytes of
 * decoded body, then a gap that chunk framing left, then from `in` on bytes not yet looked at. */
struct http_body {
	size_t in, out;
	size_t max;             /* bytes a decoded body may have */
	uint64_t left;          /* bytes to come of the body or the chunk; that size while read */
	bool unknown;           /* there is a coding that is not understood */
	unsigned state;         /* private to http_body.c, as is all that follows */
	unsigned line;          /* bytes of the chunk-size line so far */
	unsigned fields;        /* trailer fields so far */
	size_t framing;         /* bytes of chunk framing so far */
	const char *fault;      /* why http_body() refused */
};

void http_body_init(struct http_body *, const struct http_request *, size_t max);

/* Goes on with the body at p, of which n bytes are there in all, those of earlier calls included;
 * chunk data is moved together in place, so p[0 .. out) is the body. To be called only where
 * http_has_body(). Returns
 *   > 0  the bytes of p that the message took: the body is complete, a pipelined request may
 *        follow them; asked again, it says the same;
 *     0  more bytes are needed;
 *   < 0  minus the status to answer (400, 413, 431, 501); the connection must end. */
int http_body(struct http_body *, char *p, size_t n);

#endif

/* A head that is being read: what its parts share. For http_mini.c, http_line.c and http_fields.c
 * alone. Everybody else includes http_mini.h. */
#ifndef HTTP_SCAN_H
#define HTTP_SCAN_H

#include "http_mini.h"

/* `p` is the next byte to look at. Functions that read on return > 0 when their part is complete,
 * 0 when it may still become so, < 0 when it can't: minus the status. */
struct head {
	struct http_request *r;
	const char *start, *p, *end;
	unsigned hosts, lengths, encodings, fields;
	bool close, keep_alive;         /* the options of Connection */
};

/* Returns minus the status; the fault is a phrase, about the byte at `at`. */
int head_refuse(struct head *, const char *at, int status, const char *why);

/* RFC 9112 2.2 CRLF, nothing less. `expected`: what to say of another byte. */
int head_line_end(struct head *, const char *expected);

/* RFC 9110 7.2 uri-host [ ":" port ]. Returns the byte at which it goes wrong, or `end`. */
const char *head_authority(struct str *host, const char *p, const char *end);

/* RFC 9112 3 request-line: method, target, version, and the line's end. */
int head_request_line(struct head *);

/* RFC 9112 5 field-line CRLF, and what the field means for the request. */
int head_field_line(struct head *);

/* What can be judged only when all fields are known. */
int head_whole(struct head *);

/* RFC 9110 5.6.2. The byte behind a token that begins here. */
static inline const char *
head_token(const struct head *h)
{
	const char *p = h->p;

	while (p < h->end && http_is(*p, HTTP_TCHAR))
		p++;
	return p;
}

static inline bool
head_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

#endif

/* HTTP/1.1 messages (RFC 9110, RFC 9112) as pure functions over bytes: no socket, no clock, no
 * allocation.
 *
 * Strict: whatever two implementations could frame in two ways is refused, and with a refusal
 * the connection ends. There is no table of headers; the fields that decide on framing and
 * persistence are judged once, and only the values that a route uses come out. */
#ifndef HTTP_MINI_H
#define HTTP_MINI_H

#include "str.h"

enum {
	HTTP_TARGET_MAX = 8000,         /* bytes; RFC 9112 3 wants lines of 8000 to work. 414 */
	HTTP_HEAD_MAX = 16384,          /* bytes to the empty line; it and one before count. 431 */
	HTTP_FIELDS_MAX = 100           /* field lines of a head, and of a trailer section. 431 */
};

enum http_method {
	HTTP_GET, HTTP_HEAD, HTTP_POST, HTTP_PUT, HTTP_DELETE, HTTP_OPTIONS, HTTP_TRACE, HTTP_PATCH,
	HTTP_CONNECT,           /* never taken: known for the log alone */
	HTTP_OTHER              /* any other token: RFC 9110 9.1 asks for 501 */
};

/* What a byte may be part of, a bit each. */
enum {
	HTTP_TCHAR = 1,         /* RFC 9110 5.6.2 tchar */
	HTTP_PATH = 2,          /* RFC 3986 3.3: path, '%' apart */
	HTTP_REG_NAME = 4,      /* RFC 3986 3.2.2 reg-name, '%' apart */
	HTTP_HEX = 8,           /* RFC 5234 HEXDIG, small letters too */
	HTTP_VALUE = 16         /* RFC 9110 5.5: VCHAR, obs-text, SP, HTAB */
};
extern const uint8_t http_byte_class[256];

static inline bool
http_is(char c, unsigned class)
{
	return (http_byte_class[(unsigned char)c] & class) != 0;
}

/* The method's name; NULL for HTTP_OTHER. */
const char *http_method_name(enum http_method);

/* Where a request comes from, as the server saw it. */
enum http_from {
	HTTP_FROM_ANYWHERE,             /* its listener is open to other hosts */
	HTTP_FROM_ELSEWHERE,            /* a loopback listener, but the peer is another host */
	HTTP_FROM_HERE                  /* loopback at both ends, or a unix socket */
};

struct http_request {
	enum http_method method;
	struct str method_name;
	struct str path;                /* the target up to '?', as sent; "/" for none; "*" */
	struct str query;               /* what is behind it; empty where there is none */
	struct str host;                /* no port; absolute-form's, else Host's; may be empty */
	struct str content_type;        /* of the first such field; empty where there is none */
	struct str authorization;       /* likewise */
	struct str cookies;             /* of all such fields; http_cookie() reads them */
	unsigned content_types, authorizations;         /* how many such fields there were */
	uint64_t content_length;        /* 0 where chunked or where nothing is announced */
	bool chunked;
	bool coding_unknown;            /* under another coding, so that its end can't be found */
	bool content_encoded;           /* the content is under a coding (RFC 9110 8.4) */
	bool expect_continue;           /* the client waits for 100 before it sends the body */
	bool expect_unknown;            /* it expects something else */
	bool http10;                    /* minor version 0 */
	/* a proxy sent it on: there is Forwarded, X-Forwarded-For, X-Real-IP or Via */
	bool forwarded;
	bool keep_alive;                /* the connection persists (RFC 9112 9.3) */

	struct str body;                /* set by the caller of http_body(), */
	bool complete;                  /* with this, once the whole body is there */
	enum http_from from;            /* set by the server */

	const char *fault;              /* why http_head() refused, a phrase in lower case; */
	size_t fault_at;                /* and the offset, from 0, of the byte at which it did */
};

/* Parses the head of the request at p, of which n bytes are there. Returns
 *   > 0  its length in bytes; the request is filled in and borrows from p;
 *     0  more bytes are needed;
 *   < 0  minus the status to answer (400, 414, 421, 431, 501, 505); fault and fault_at say why.
 *        The connection must end: where this request stops is not known.
 * Bytes after the head are not looked at. Every prefix of a request gives 0, or the refusal that
 * the whole gives. */
int http_head(struct http_request *, const char *p, size_t n);

/* Takes the next pair off a request's cookies, white space around it taken away. All Cookie fields
 * are read as one. false: there is none left. */
bool http_cookie(struct str *pair, struct str *cookies);

/* Whether a body is announced: chunks, or a length above 0. */
static inline bool
http_has_body(const struct http_request *r)
{
	return r->chunked || r->content_length > 0;
}

#endif

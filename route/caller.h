/* Who calls: what a request shows of its caller, and whom that makes it. */
#ifndef CALLER_H
#define CALLER_H

#include "http_mini.h"
#include "route/form.h"
#include "token/clients.h"

enum { CALLER_BASIC_MAX = 4096 };       /* bytes of Basic credentials; a secret is far shorter */

/* The credentials of a scheme in the Authorization field (RFC 9110 11.4). Empty where there are
 * none of this scheme. */
struct str caller_credentials(const struct http_request *, const char *scheme);

/* Takes the credentials of Basic apart (RFC 7617 2), decoded behind what is in `text`. false: they
 * are none, or there is no room. */
bool caller_basic(struct str *id, struct str *secret, struct buf *text, struct str credentials);

enum caller_way { CALLER_NOTHING, CALLER_BEARER, CALLER_BASIC, CALLER_FORM };

/* What a caller shows. All of it is borrowed. */
struct caller_shown {
	enum caller_way way;
	struct str id, secret;          /* decoded; `id` is empty for a Bearer */
};

/* Reads what the caller shows: a Bearer token or Basic in the Authorization field, else client_id
 * and client_secret in the form (RFC 6749 2.3.1; NULL: there is none). What is decoded goes behind
 * what is in `text`. What can't be read is nobody's. false: it shows itself in two ways, or by two
 * names. */
bool caller_show(struct caller_shown *, struct buf *text, const struct http_request *,
    const struct form *);

struct caller {
	enum caller_way way;            /* how it shows itself */
	bool service;                   /* it showed the service secret */
	const struct client *client;    /* else it is this client; NULL: nobody who is known */
};

/* Finds out who it is. Time does not tell a wrong secret from an unknown client. */
struct caller caller_find(const struct key_ring *, const struct caller_shown *);

/* Whether it is the service, which may do all, or a client with this right. */
bool caller_may(const struct caller *, enum client_right);

#endif

/* What the proxy demands of a token for one of its routes: in the query of /auth, or in the first
 * segment of /auth;... */
#ifndef DEMANDS_H
#define DEMANDS_H

#include "http_mini.h"
#include "token/demand.h"

enum {
	DEMANDS_MAX = 16,               /* of one route */
	DEMANDS_NAME_MAX = 128          /* bytes of a name, decoded */
};

struct demands {
	unsigned n;
	struct demand demand[DEMANDS_MAX];
};

/* Reads "NAME=VALUE,VALUE&NAME=VALUE" of /auth, or the same with ';' between the parameters of
 * /auth;... The query of any other path below /auth is the client's. What is percent-encoded is
 * decoded to the end of `text`; the rest is borrowed from the request. false: it can't be read, and
 * `*at` is the offset in the target where that shows. */
bool demands_read(struct demands *, size_t *at, struct buf *text, const struct http_request *);

#endif

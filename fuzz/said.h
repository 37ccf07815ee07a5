/* What a form says, and who calls, written down once more as RFC 6749 2.3.1, appendix B, RFC 7617 2
 * and SPEC 2.4 have it. */
#ifndef SAID_H
#define SAID_H

#include "fuzz/fuzz.h"

/* Parameters in their order, decoded. */
struct said {
	unsigned n;
	struct str name[FORM_PARAMETERS_MAX], value[FORM_PARAMETERS_MAX];
};

/* What is decoded lives until this is called again. */
void said_begin(void);

/* Reads a form. false: it is none, or has too many parameters. */
bool said_form(struct said *, struct str body);

/* The first value of this name; empty: there is none. */
struct str said_value(const struct said *, const char *name);

/* Whether a name is there twice; but: one that may be; NULL: none may. */
bool said_twice(const struct said *, const char *but);

/* What the caller shows. false: it does so in two ways, or by two names. */
bool said_caller(struct caller_shown *, const struct said *, const struct http_request *);

/* The client that shows itself so; NULL: none. And whether it is the service. */
const struct fuzz_client *said_client(const struct world *, const struct caller_shown *);
bool said_service(const struct world *, const struct caller_shown *);

#endif

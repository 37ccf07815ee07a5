/* Why a request was refused, in a word for the log, which metrics count. */
#ifndef REASON_H
#define REASON_H

#include "http_answer.h"
#include "token/jwt.h"

/* What response.refusal says: a verdict on a token, or a word of reason.c. */
enum reason {
	REASON_NONE = JWT_GOOD,
	REASON_UNFIT_CLAIM = JWT_VERDICTS,      /* a claim can't travel in its header */
	REASON_UNREADABLE_DEMAND,
	REASON_NO_CREDENTIALS,
	REASON_WRONG_SECRET,
	REASON_NOT_THIS_HOST,
	REASON_MISSING_KEY,
	REASON_CLOCK_NOT_SET,
	REASON_STOPPING,
	REASON_NOT_PROMISED,                    /* a revocation may be on the disk, or not */
	REASON_TOO_MANY_REVOCATIONS,            /* there is no room for all that count */
	/* those of OAuth 2.0 (RFC 6749 5.2, RFC 8707 2) */
	REASON_INVALID_REQUEST,                 /* or two tokens, and nobody knows which is meant */
	REASON_INVALID_CLIENT,
	REASON_UNAUTHORIZED_CLIENT,
	REASON_UNSUPPORTED_GRANT_TYPE,
	REASON_INVALID_SCOPE,
	REASON_INVALID_TARGET,
	/* and what statuses stand for here */
	REASON_WRONG_MEDIA_TYPE,
	REASON_MISSING_TOKEN,
	REASON_FORBIDDEN,
	REASON_NOT_FOUND,
	REASON_WRONG_METHOD,
	REASON_TOO_SLOW,
	REASON_TOO_LARGE,
	REASON_TARGET_TOO_LONG,
	REASON_WRONG_EXPECTATION,
	REASON_OTHER_HOST,
	REASON_HEAD_TOO_LARGE,
	REASON_NO_RANDOM_NUMBERS,
	REASON_NOT_IMPLEMENTED,
	REASON_OVERLOAD,
	REASON_WRONG_VERSION,
	REASONS
};

/* Its name in the interface: "expired", "unfit_claim". NULL: REASON_NONE. */
const char *reason_name(unsigned);

/* Likewise, where the name of the one before it is known: /metrics asks for all of them. */
const char *reason_next(unsigned reason, const char *before);

/* What its route said, else what its status stands for here; REASON_NONE: it refuses nothing. */
unsigned reason_of(const struct response *);

#endif

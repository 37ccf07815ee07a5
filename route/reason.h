/* Why a request was refused, in a word for the log; metrics count those that are about tokens. */
#ifndef REASON_H
#define REASON_H

#include "http_answer.h"
#include "token/jwt.h"

/* What response.refusal says: a verdict on a token, or one of those that only /auth has. */
enum {
	REASON_NONE = JWT_GOOD,
	REASON_UNFIT_CLAIM = JWT_VERDICTS,      /* a claim can't travel in its header */
	REASON_UNREADABLE_DEMAND,
	REASON_NO_CREDENTIALS,
	REASON_INVALID_REQUEST,                 /* two tokens, and nobody knows which is meant */
	REASONS
};

/* Its name in the interface: "expired", "unfit_claim". */
const char *reason_name(unsigned);

/* What its route said, else why it refused a token, else what its status stands for here. NULL: it
 * refuses nothing. */
const char *reason_of(const struct response *);

#endif

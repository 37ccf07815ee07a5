/* Why a request was refused, as logs and metrics name it: a verdict on its token, or one of those
 * that only /auth has. */
#ifndef REASON_H
#define REASON_H

#include "token/jwt.h"

enum {
	REASON_NONE = JWT_GOOD,
	REASON_UNFIT_CLAIM = JWT_VERDICTS,      /* a claim can't travel in its header */
	REASON_UNREADABLE_DEMAND,
	REASON_NO_CREDENTIALS,
	REASON_INVALID_REQUEST,                 /* two tokens, or none knows which */
	REASONS
};

/* Its name in the interface: "expired", "unfit_claim". */
const char *reason_name(unsigned);

#endif

#include "route/reason.h"

const char *
reason_name(unsigned reason)
{
	static const char others[][20] = {
		"unfit_claim", "unreadable_demand", "no_credentials", "invalid_request"
	};

	_Static_assert(sizeof others / sizeof others[0] == REASONS - JWT_VERDICTS, "a name each");
	return reason < JWT_VERDICTS ? jwt_verdict_name((enum jwt_verdict)reason)
	                             : others[reason - JWT_VERDICTS];
}

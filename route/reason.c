#include "route/reason.h"

/* 202 and 203 refuse, too: they are the replaced service's. */
static const struct {
	unsigned short status;
	char word[18];
} usual[] = {
	{ 202, "wrong_media_type" }, { 203, "missing_token" }, { 400, "invalid_request" },
	{ 401, "no_credentials" }, { 403, "forbidden" }, { 404, "not_found" },
	{ 405, "wrong_method" }, { 408, "too_slow" }, { 413, "too_large" },
	{ 414, "target_too_long" }, { 415, "wrong_media_type" }, { 417, "wrong_expectation" },
	{ 421, "other_host" }, { 431, "head_too_large" }, { 500, "no_random_numbers" },
	{ 501, "not_implemented" }, { 503, "overload" }, { 505, "wrong_version" },
};

const char *
reason_name(unsigned reason)
{
	static const char others[] =    /* from REASON_UNFIT_CLAIM, for str_nth() */
	    "unfit_claim\0" "unreadable_demand\0" "no_credentials\0" "invalid_request\0";

	return reason < JWT_VERDICTS ? jwt_verdict_name((enum jwt_verdict)reason)
	                             : str_nth(others, reason - JWT_VERDICTS);
}

const char *
reason_of(const struct response *r)
{
	if (r->reason != NULL)
		return r->reason;
	if (r->refusal != REASON_NONE)
		return reason_name(r->refusal);
	for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++)
		if (usual[i].status == r->status)
			return usual[i].word;
	return NULL;
}

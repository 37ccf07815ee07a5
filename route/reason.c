#include "route/reason.h"

/* Those that no verdict has, in their order, for str_nth(). */
static const char reason_words[] =
	"unfit_claim\0" "unreadable_demand\0" "no_credentials\0" "wrong_secret\0"
	"not_this_host\0" "missing_key\0" "clock_not_set\0" "stopping\0" "not_promised\0"
	"too_many_revocations\0" "invalid_request\0" "invalid_client\0" "unauthorized_client\0"
	"unsupported_grant_type\0" "invalid_scope\0" "invalid_target\0"
	"wrong_media_type\0" "missing_token\0" "forbidden\0" "not_found\0" "wrong_method\0"
	"too_slow\0" "too_large\0" "target_too_long\0" "wrong_expectation\0" "other_host\0"
	"head_too_large\0" "no_random_numbers\0" "not_implemented\0" "overload\0"
	"wrong_version\0";

/* 202 and 203 refuse, too: they are the replaced service's. */
static const struct {
	unsigned short status;
	uint8_t reason;
} usual[] = {
	{ 202, REASON_WRONG_MEDIA_TYPE }, { 203, REASON_MISSING_TOKEN },
	{ 400, REASON_INVALID_REQUEST }, { 401, REASON_NO_CREDENTIALS }, { 403, REASON_FORBIDDEN },
	{ 404, REASON_NOT_FOUND }, { 405, REASON_WRONG_METHOD }, { 408, REASON_TOO_SLOW },
	{ 413, REASON_TOO_LARGE }, { 414, REASON_TARGET_TOO_LONG },
	{ 415, REASON_WRONG_MEDIA_TYPE }, { 417, REASON_WRONG_EXPECTATION },
	{ 421, REASON_OTHER_HOST }, { 431, REASON_HEAD_TOO_LARGE },
	{ 500, REASON_NO_RANDOM_NUMBERS }, { 501, REASON_NOT_IMPLEMENTED },
	{ 503, REASON_OVERLOAD }, { 505, REASON_WRONG_VERSION },
};

enum { COUNT = sizeof usual / sizeof usual[0] };

const char *
reason_name(unsigned reason)
{
	if (reason == REASON_NONE)
		return NULL;
	return reason < JWT_VERDICTS ? jwt_verdict_name((enum jwt_verdict)reason)
	                             : str_nth(reason_words, reason - JWT_VERDICTS);
}

const char *
reason_next(unsigned reason, const char *before)
{
	return reason <= JWT_VERDICTS ? reason_name(reason) : str_nth(before, 1);
}

unsigned
reason_of(const struct response *r)
{
	if (r->refusal != REASON_NONE)
		return r->refusal;
	for (size_t i = 0; r->status >= usual[0].status && i < COUNT; i++)
		if (usual[i].status == r->status)
			return usual[i].reason;
	return REASON_NONE;
}

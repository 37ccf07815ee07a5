/* One request on its way to an answer, and what all routes share: errors in the form of their
 * route, credentials, the body as JSON. Pure. */
#ifndef CALL_H
#define CALL_H

#include "http_answer.h"
#include "http_mini.h"
#include "route/caller.h"
#include "route/metrics.h"
#include "token/claims.h"

/* A response header that carries a claim behind /auth. */
struct call_header {
	struct str name, claim;                 /* claim: as demand_claim() takes it */
	bool optional;                          /* it is empty where the token has none */
	bool percent;                           /* the claim travels percent-encoded */
};

/* What the options decided: it does not change while serving. */
struct api_policy {
	size_t max_body;                        /* bytes of a request's body */
	const char *const *hosts;               /* the names this service goes by; */
	unsigned host_count;                    /* 0: any */
	bool open_issue;                        /* anyone may create tokens, on any listener */
	bool no_issue;                          /* nobody may, and there is no route for it */
	bool no_compat;                         /* the replaced service's route is not served */
	struct jwt_policy jwt;                  /* what tokens must say; needs_exp is a route's */
	bool allow_no_exp;                      /* also where a token lets somebody in */
	struct claims_setting claims;           /* expires_in: where the caller does not say */
	unsigned max_ttl;                       /* seconds that a token may live */
	const struct call_header *headers;      /* what /auth tells the proxy */
	unsigned header_count;                  /* JSON_LIST_MAX at the most */
	const char *cookie;                     /* may hold a token; NULL: none does */
	bool basic;                             /* and the password of Basic may */
};

/* What the world adds to one request. */
struct api_stamp {
	struct claims_stamp token;
	bool stopping;                          /* the service is about to end */
	const struct metrics_view *metrics;     /* NULL: none are kept */
};

/* Memory that one worker lends for one request at a time. */
struct api_scratch {
	struct jwt_scratch jwt;                 /* its text: api_scratch_size() bytes */
	struct buf claims;                      /* likewise */
};

/* How a route words its errors. */
enum call_form {
	CALL_COMPAT,            /* {"status": N, "description": "…"}: the replaced service's */
	CALL_PROBLEM,           /* RFC 9457 */
	CALL_EMPTY              /* no body: only a proxy reads it */
};

struct call {
	struct response *out;
	struct api_scratch *scratch;
	const struct key_ring *ring;
	const struct api_policy *policy;
	const struct api_stamp *stamp;
	const struct http_request *in;
	enum call_form form;
};

/* Begins an answer that nobody may keep. */
void call_answer(struct call *, unsigned status, const char *content_type);

/* Answers with an error: a sentence, without quotes or backslashes. `at`: an offset that helps, or
 * HTTP_NO_OFFSET. Always true, for a handler to return. */
bool call_error(struct call *, unsigned status, const char *description);
bool call_error_at(struct call *, unsigned status, const char *what, const char *why, size_t at);

/* The same in two halves, the sentence between them. */
void call_start_error(struct call *, unsigned status);
bool call_end_error(struct call *);

/* Whether the media type is this one, parameters aside (RFC 9110 8.3.1), and said once, and no body
 * is under a content coding. false: that has been answered, another type with this status and
 * description. */
bool call_media_type(struct call *, const char *type, unsigned status, const char *description);

/* Parses the body, which must be one JSON object. false: it is not, and that has been answered. */
bool call_body(struct call *, struct json *);

/* Answers with an error of OAuth 2.0 (RFC 6749 5.2). 401 bears the challenge of Basic; `bearer`:
 * and of Bearer, as the service secret is shown. Always true, for a handler to return. */
bool call_oauth_error(struct call *, unsigned status, enum reason code, bool bearer);

/* Reads the body as a form, finds out who calls, and has `answer` answer; a client's name goes into
 * the response, for the log. What is decoded stands in the scratch's text. Another media type, a
 * form that can't be read, a parameter twice other than `repeats`, and a caller that shows itself
 * in two ways are answered here. What it returns is for a handler to return. */
bool call_with_form(struct call *, struct str repeats,
    bool (*answer)(struct call *, const struct caller *, const struct form *));

/* Who may create tokens. false: not this caller, who has been answered. */
bool call_may_create(struct call *);

/* Whether the clock is believed, and a nonce is there, or all that was taken back is known. false:
 * no, and that has been answered. */
bool call_can_issue(struct call *);
bool call_can_judge(struct call *);

/* What is wrong with a token that jwt_open() refused, and an error that says so. */
void call_put_fault(struct buf *, const struct jwt *);
bool call_error_fault(struct call *, unsigned status, const struct jwt *);

#endif

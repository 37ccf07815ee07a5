/* What jwtd answers: request to response as a pure function. No socket, no clock, no randomness,
 * no file. */
#ifndef API_H
#define API_H

#include "claims.h"
#include "http_answer.h"
#include "http_mini.h"
#include "keys.h"

/* What the options decided: it does not change while serving. */
struct api_policy {
	size_t max_body;                        /* bytes of a request's body */
	const char *const *hosts;               /* the names this service goes by; */
	unsigned host_count;                    /* 0: any */
	bool open_issue;                        /* anyone may create tokens, on any listener */
};

/* Memory that one worker lends for one request at a time. */
struct api_scratch {
	struct jwt_scratch jwt;                 /* its text: api_scratch_size() bytes */
	struct buf claims;                      /* likewise */
};

/* Bytes that each of the buffers needs, for bodies of at most so many bytes: the scratch ones,
 * and the answer's body. */
size_t api_scratch_size(size_t max_body);
size_t api_answer_size(size_t max_body);

/* Answers a request. While the body is not complete, it answers only what may be answered
 * without: true with an answer, after which the body is of no interest, or false when the body
 * is needed. With the whole body always true. */
bool api_handle(struct response *, struct api_scratch *, const struct key_ring *,
    const struct api_policy *, const struct claims_stamp *, const struct http_request *);

/* Answers what never became a request: `why`, a phrase in lower case, at the offset `at` in the
 * message where it helps. */
void api_refuse(struct response *, unsigned status, const char *why, size_t at);

#endif

/* What jwtd answers: request to response as a pure function. No socket, no clock, no randomness,
 * no file. */
#ifndef API_H
#define API_H

#include "route/call.h"

/* Bytes that each of the buffers needs, for bodies of at most so many bytes: the scratch ones,
 * and the answer's body. */
size_t api_scratch_size(size_t max_body);
size_t api_answer_size(size_t max_body);

/* Answers a request. While the body is not complete, it answers only what may be answered
 * without: true with an answer, after which the body is of no interest, or false when the body
 * is needed. With the whole body always true. */
bool api_handle(struct response *, struct api_scratch *, const struct key_ring *,
    const struct api_policy *, const struct api_stamp *, const struct http_request *);

/* Answers what never became a whole request, of which this much was understood: `why`, a phrase in
 * lower case, at the offset `at` in the message where it helps. */
void api_refuse(struct response *, const struct http_request *, unsigned status, const char *why,
    size_t at);

/* The name of a route by its number in a response; NULL where there is none. */
const char *api_route_name(unsigned route);

/* Whether that route only watches over the service. */
bool api_only_watches(unsigned route);

/* Whether this name may be that of a header that carries a claim: a field name that neither the
 * framing nor an answer of ours uses. */
bool api_is_free_header(struct str name);

#endif

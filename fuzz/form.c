/* POST /introspect and POST /token: a flag byte, the Authorization field or nothing, a line end, the
 * form. FUZZ_HEADERS has it ask at /token, FUZZ_NO_COMPAT says that there are clients; neither means
 * anything else here. */
#include "fuzz/fuzz.h"

#include <stdlib.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct world w;
	static char body[1 << 17], fields[1024];
	static struct json_tok tok[JSON_TOKENS_MAX];
	struct response out = { .body = buf_over(body, sizeof body),
	    .fields = buf_over(fields, sizeof fields) };
	struct str made = n > 0 ? fuzz_recipe(data + 1, n - 1) : STR("");
	const char *line = made.n > 0 ? memchr(made.p, '\n', made.n) : NULL;
	size_t first = line != NULL ? (size_t)(line - made.p) : 0, rest = first + (line != NULL);
	char *authorization = fuzz_copy(made.p, first),
	    *form = fuzz_copy(made.p + rest, made.n - rest);
	struct http_request in = { .method = HTTP_POST, .path = STR("/introspect"),
	    .host = STR("h"),
	    .content_type = STR("application/x-www-form-urlencoded"), .content_types = 1,
	    .authorization = { authorization, first }, .authorizations = first > 0,
	    .complete = true, .body = { form, made.n - rest } };
	unsigned flags = n > 0 ? data[0] : 0;
	struct json doc;

	if (flags & FUZZ_HEADERS)
		in.path = STR("/token");
	if (flags & (FUZZ_HEADERS | FUZZ_NO_COMPAT))
		flags |= FUZZ_WITH_CLIENTS;
	else
		flags |= FUZZ_WITH_SECRET;
	world_set(&w, flags);
	if (in.body.n <= FUZZ_MAX_BODY) {
		MUST(api_handle(&out, &w.scratch, w.ring, &w.policy, &w.stamp, &in));
		MUST(out.status == 200 || out.status == 400 || out.status == 401 ||
		    out.status == 403 || out.status == 503);
		oracle(&w, &in, &out);
		MUST(json_parse(&doc, tok, JSON_TOKENS_MAX, buf_str(&out.body)));
	}
	free(authorization);
	free(form);
	return 0;
}

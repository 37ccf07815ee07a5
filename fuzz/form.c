/* POST /introspect and POST /token: a flag byte, the Authorization field or nothing, a line end, the
 * form. FUZZ_HEADERS has it ask at /token, FUZZ_NO_COMPAT says that there are clients; neither means
 * anything else here. */
#include "fuzz/said.h"

#include <stdio.h>
#include <stdlib.h>

/* SPEC 4.2: whether the words are the client's, each once. */
static bool
may_have_scope(const struct fuzz_client *client, struct str asked)
{
	char all[64], word[64];
	size_t n = 0, at[2] = { 0 };

	snprintf(all, sizeof all, " %s ", client->scope != NULL ? client->scope : "");
	for (size_t i = 0; i <= asked.n && asked.n > 0; i++) {
		if (i < asked.n && asked.p[i] != ' ' && asked.p[i] != '\0' && n < sizeof word - 3) {
			word[1 + n++] = asked.p[i];
			continue;
		}
		word[0] = word[1 + n] = ' ';
		word[2 + n] = '\0';
		if (n == 0 || (i < asked.n && asked.p[i] != ' ') || strstr(all, word) == NULL)
			return false;
		if (at[strncmp(word, " r ", 4) == 0]++ > 0)     /* a client has two at the most */
			return false;
		n = 0;
	}
	return true;
}

/* Whether all that it names are the client's, "a" and "b", and audience stands beside no
 * resource. */
static bool
may_have_target(const struct said *said)
{
	struct str audience = said_value(said, "audience");

	for (unsigned i = 0; i < said->n; i++) {
		bool is_resource = str_equal(said->name[i], STR("resource"));

		if (said->value[i].n == 0 ||
		    !(is_resource || str_equal(said->name[i], STR("audience"))))
			continue;
		if (!str_equal(said->value[i], STR("a")) && !str_equal(said->value[i], STR("b")))
			return false;
		if (is_resource && audience.n > 0)
			return false;
	}
	return true;
}

/* The error that is due at /token, and its status; NULL: none is. */
static const char *
token_error(unsigned *status, const struct fuzz_client *client, const struct said *said)
{
	struct str grant = said_value(said, "grant_type");

	*status = 401;
	if (client == NULL)
		return "invalid_client";
	*status = 400;
	if (grant.n == 0)
		return "invalid_request";
	if (!str_equal(grant, STR("client_credentials")))
		return "unsupported_grant_type";
	if (!may_have_scope(client, said_value(said, "scope")))
		return "invalid_scope";
	return may_have_target(said) ? NULL : "invalid_target";
}

/* Likewise at /introspect. */
static const char *
introspect_error(unsigned *status, const struct fuzz_client *client, bool service,
    const struct said *said)
{
	*status = client != NULL ? 403 : 401;
	if (!service && (client == NULL || client->right != CLIENT_INTROSPECT))
		return client != NULL ? "unauthorized_client" : "invalid_client";
	*status = 400;
	return said_value(said, "token").n == 0 ? "invalid_request" : NULL;
}

/* The answer is the one that is due. */
static void
check_answer(const struct world *w, const struct http_request *in, const struct response *out)
{
	static char memory[FUZZ_TEXT];
	static struct json_tok tok[JSON_TOKENS_MAX];
	bool token = str_equal(in->path, STR("/token"));
	struct caller_shown shown;
	struct said said;
	unsigned status = 400;
	const char *error = "invalid_request";
	struct buf text = buf_over(memory, sizeof memory);
	struct json doc;

	said_begin();
	if (said_form(&said, in->body) && !said_twice(&said, token ? "resource" : NULL) &&
	    said_caller(&shown, &said, in))
		error = token ? token_error(&status, said_client(w, &shown), &said) :
		    introspect_error(&status, said_client(w, &shown), said_service(w, &shown),
		    &said);
	if (error == NULL) {
		MUST(out->status == (w->flags & FUZZ_NO_CLOCK ? 503 : 200));
		return;
	}
	MUST(out->status == status);
	MUST(json_parse(&doc, tok, JSON_TOKENS_MAX, buf_str(&out->body)));
	MUST(str_equal(json_string(&doc, json_member(&doc, 0, STR("error")), &text),
	    str_from(error)));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct world w;
	static char body[1 << 17], fields[1024];
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

	if (flags & FUZZ_HEADERS)
		in.path = STR("/token");
	if (flags & (FUZZ_HEADERS | FUZZ_NO_COMPAT))
		flags |= FUZZ_WITH_CLIENTS;
	else
		flags |= FUZZ_WITH_SECRET;
	world_set(&w, flags);
	if (in.body.n <= FUZZ_MAX_BODY) {
		MUST(api_handle(&out, &w.scratch, w.ring, &w.policy, &w.stamp, &in));
		check_answer(&w, &in, &out);
		oracle(&w, &in, &out);
	}
	free(authorization);
	free(form);
	return 0;
}

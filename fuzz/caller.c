/* Who calls: form_read(), caller_show() and caller_find(), against said.h. A byte of flags, the
 * Authorization field or nothing, a line end, the form; between \1 and \2 stands what goes in
 * base64. */
#include "fuzz/said.h"

#include <stdlib.h>

enum { WITHOUT_FORM = 1, TWO_FIELDS = 2 };

static void
check_form(const struct form *form, const struct said *said)
{
	MUST(form->n == said->n);
	for (unsigned i = 0; i < said->n; i++) {
		MUST(str_equal(form->name[i], said->name[i]));
		MUST(str_equal(form->value[i], said->value[i]));
	}
	MUST(form_repeats(form, STR("")) == said_twice(said, NULL));
	MUST(form_repeats(form, STR("resource")) == said_twice(said, "resource"));
	MUST(str_equal(form_value(form, STR("client_id")), said_value(said, "client_id")));
	MUST(str_equal(form_value(form, STR("token")), said_value(said, "token")));
}

static void
check_caller(const struct world *w, const struct caller_shown *shown)
{
	struct caller caller = caller_find(w->ring, shown);
	const struct fuzz_client *client = said_client(w, shown);

	MUST(caller.way == shown->way && (caller.client != NULL) == (client != NULL));
	MUST(client == NULL || str_equal(caller.client->id, str_from(client->id)));
	MUST(caller.service == said_service(w, shown));
	MUST(caller_may(&caller, CLIENT_ISSUE) == (caller.service ||
	    (client != NULL && client->right == CLIENT_ISSUE)));
	MUST(caller_may(&caller, CLIENT_INTROSPECT) == (caller.service ||
	    (client != NULL && client->right == CLIENT_INTROSPECT)));
	MUST(caller_may(&caller, CLIENT_REVOKE) == caller.service);
}

static void
check_shown(const struct world *w, const struct http_request *in, const struct form *form,
    const struct said *said)
{
	static char decoded[FUZZ_TEXT];
	struct buf b = buf_over(decoded, sizeof decoded);
	struct caller_shown shown, wanted;
	bool clear = said_caller(&wanted, said, in);

	MUST(caller_show(&shown, &b, in, form) == clear);
	if (!clear)
		return;
	MUST(shown.way == wanted.way && str_equal(shown.id, wanted.id));
	MUST(str_equal(shown.secret, wanted.secret));
	check_caller(w, &shown);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct world w;
	unsigned flags = n > 0 ? *data : 0;
	struct str made = fuzz_with_base64(data + (n > 0), n - (n > 0));
	const char *line = made.n > 0 ? memchr(made.p, '\n', made.n) : NULL;
	size_t first = line != NULL ? (size_t)(line - made.p) : 0, rest = first + (line != NULL);
	char *authorization = fuzz_copy(made.p, first),
	    *body = fuzz_copy(made.p + rest, made.n - rest),
	    *decoded = malloc(made.n - rest + 1);
	struct http_request in = { .authorization = { authorization, first },
	    .authorizations = first == 0 ? 0 : flags & TWO_FIELDS ? 2 : 1 };
	struct buf b = buf_over(decoded, made.n - rest);
	struct said said = { 0 };
	struct form form = { 0 };
	bool taken = form_read(&form, &b, (struct str){ body, made.n - rest });

	said_begin();
	world_set(&w, (flags & (FUZZ_RING | FUZZ_STRICT)) | FUZZ_WITH_SECRET |
	    (flags & FUZZ_HEADERS ? FUZZ_WITH_CLIENTS : 0));
	MUST(said_form(&said, (struct str){ body, made.n - rest }) == taken);
	if (taken) {
		check_form(&form, &said);
		if (flags & WITHOUT_FORM)
			said.n = 0;
		check_shown(&w, &in, flags & WITHOUT_FORM ? NULL : &form, &said);
	}
	free(authorization);
	free(body);
	free(decoded);
	return 0;
}

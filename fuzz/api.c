/* The whole of it: bytes to requests to answers. The input: flags, two bytes for the place where it
 * is cut in two, a recipe. */
#include "fuzz/fuzz.h"

#include "server/exchange.h"

#include <stdlib.h>

struct worker_state {
	struct world world;
	struct buf answers;             /* all that were given, "100 Continue" apart */
	unsigned continues;
};

static struct worker_state state;
static struct exchange x;

/* RFC 9110 5.6.2, 5.5, written down here once more. */
static bool
is_tchar(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

struct field {
	struct str name, value;
};

/* Takes a line off the head, without its CRLF. */
static struct str
take_line(struct str *s)
{
	const char *end = memmem(s->p, s->n, "\r\n", 2);
	struct str line = { s->p, end != NULL ? (size_t)(end - s->p) : 0 };

	MUST(end != NULL);
	*s = (struct str){ s->p + line.n + 2, s->n - line.n - 2 };
	return line;
}

static struct field
take_field(struct str line)
{
	const char *colon = line.n > 0 ? memchr(line.p, ':', line.n) : NULL;
	struct field f;

	MUST(colon != NULL && colon > line.p && colon + 2 < line.p + line.n && colon[1] == ' ');
	f.name = (struct str){ line.p, (size_t)(colon - line.p) };
	f.value = (struct str){ colon + 2, line.n - f.name.n - 2 };
	for (size_t i = 0; i < f.name.n; i++)
		MUST(is_tchar(f.name.p[i]));
	for (size_t i = 0; i < f.value.n; i++)
		MUST(f.value.p[i] >= 0x20 && f.value.p[i] < 0x7f);
	MUST(f.value.p[0] != ' ' && f.value.p[f.value.n - 1] != ' ');
	return f;
}

static void
check_body(struct str body, bool json)
{
	static struct json_tok tok[JSON_TOKENS_MAX];
	struct json doc;

	if (!json || body.n == 0)
		return;
	/* Header and claims can be beyond the limits together where neither is alone. */
	if (json_parse(&doc, tok, JSON_TOKENS_MAX, body))
		MUST(tok[0].type == JSON_OBJECT && body.p[body.n - 1] == '\n');
	else
		MUST(strstr(doc.fault, "too") != NULL);
}

/* One answer, no more and no less (RFC 9112 4, 6.3). */
static void
check_answer(struct str s, const struct response *r, bool head)
{
	static const char *const single[] = { "Date", "Connection", "Content-Type",
	    "Content-Length", "Cache-Control" };
	unsigned seen[5] = { 0 };
	struct str line = take_line(&s);
	uint64_t length = 0;
	bool json = false;

	MUST(line.n > 13 && memcmp(line.p, "HTTP/1.1 ", 9) == 0 && line.p[12] == ' ');
	MUST((unsigned)atoi(line.p + 9) == r->status && line.p[9] >= '2' && line.p[9] <= '5');
	while ((line = take_line(&s)).n > 0) {
		struct field f = take_field(line);

		for (unsigned i = 0; i < 5; i++)
			if (str_equal_nocase(f.name, str_from(single[i])))
				MUST(seen[i]++ == 0);
		if (str_equal(f.name, STR("Content-Length")))
			MUST(str_number(&length, f.value, 10, 1 << 20));
		if (str_equal(f.name, STR("Content-Type")))
			json = memmem(f.value.p, f.value.n, "json", 4) != NULL;
	}
	MUST(seen[0] == 1 && seen[3] == (r->status != 204));
	MUST(s.n == (head || r->status == 204 ? 0 : length));
	check_body(s, json);
}

static bool
handle(struct response *out, struct worker_state *s, const struct http_request *in)
{
	struct world *w = &s->world;
	bool done = api_handle(out, &w->scratch, w->ring, &w->policy, &w->stamp, in);

	MUST(done || !in->complete);
	s->continues += !done && in->expect_continue;
	if (done)
		oracle(w, in, out);
	return done;
}

static void
note(struct worker_state *s, const struct exchange_note *n)
{
	bool head = n->method != NULL && strcmp(n->method, "HEAD") == 0;
	struct str answer = { x.out.p + x.out.n - n->bytes, n->bytes };

	MUST(!x.out.bad && n->bytes <= n->response->body.n + EXCHANGE_HEAD_MAX);
	check_answer(answer, n->response, head);
	buf_add(&s->answers, answer);
}

static const struct handler handler = { handle, api_refuse, note, NULL };

/* Says all that n bytes at p are good for. Returns how many were done with. */
static size_t
say(struct conn *c, char *p, size_t n)
{
	size_t at = 0, used;

	do {
		size_t before = state.answers.n;

		x.budget = 4;
		buf_empty(&x.out);
		used = exchange_answer(&x, c, p + at, n - at);
		at += used;
		MUST(at <= n && (x.out.n - (state.answers.n - before)) % 25 == 0);
	} while (used > 0 && !c->ends);
	return at;
}

/* Says it in two pieces. Returns whether the connection ends. */
static bool
talk(struct buf *answers, const char *bytes, size_t n, size_t split)
{
	struct conn c = { .from =
	    state.world.flags & FUZZ_LOCAL ? HTTP_FROM_HERE : HTTP_FROM_ANYWHERE };
	char *first = fuzz_copy(bytes, split), *second;
	size_t used;

	state.answers = *answers;
	used = say(&c, first, split);
	second = fuzz_copy(bytes + used, n - used);
	memcpy(second, first + used, split - used);     /* as the first call left them */
	if (!c.ends)
		say(&c, second, n - used);
	free(first);
	free(second);
	*answers = state.answers;
	return c.ends;
}

static void
set_up(void)
{
	size_t body = api_answer_size(FUZZ_MAX_BODY), out = 2 * (body + EXCHANGE_HEAD_MAX);

	x = (struct exchange){ .handler = &handler, .state = &state, .max_body = FUZZ_MAX_BODY,
	    .out = buf_over(malloc(out), out), .response = { .body = buf_over(malloc(body), body),
	    .fields = buf_over(malloc(HTTP_FIELDS_OUT), HTTP_FIELDS_OUT) } };
	exchange_set_time(&x, JWT_CLOCK_FLOOR);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static char memory[2][1 << 20], bytes[FUZZ_TEXT + 4];
	struct buf one = buf_over(memory[0], sizeof memory[0]), two = buf_over(memory[1],
	    sizeof memory[1]);
	struct buf raw = buf_over(bytes, sizeof bytes);
	size_t split;
	bool ends;

	if (n == 0)
		return 0;
	if (x.out.p == NULL)
		set_up();
	world_set(&state.world, *data | ((*data & (FUZZ_HEADERS | FUZZ_RING)) ==
	    (FUZZ_HEADERS | FUZZ_RING) ? FUZZ_WITH_CLIENTS : 0));
	data++;
	n--;
	split = fuzz_split(&data, &n);
	buf_add(&raw, fuzz_recipe(data, n));
	buf_add(&raw, STR("\r\n\r\n")); /* where a head is looked at again, however long it is */
	ends = talk(&one, raw.p, raw.n, raw.n);
	MUST(talk(&two, raw.p, raw.n, split > raw.n ? raw.n : split) == ends);
	MUST(one.bad || two.bad || str_equal(buf_str(&one), buf_str(&two)));
	return 0;
}

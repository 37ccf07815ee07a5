/* http_head() and http_body(): what is heard in two pieces is what is heard in one. */
#include "fuzz/fuzz.h"

#include "http_body.h"

#include <stdlib.h>

enum { MAX_BODY = 64 };

struct hearing {
	struct http_request r;
	struct http_body body;
	size_t head;
	int result;             /* of the call that decided; 0: more is needed */
	char *memory[2];
};

/* n bytes at p have come so far. */
static void
hear(struct hearing *h, char *p, size_t n)
{
	if (h->head == 0) {
		int used = h->result = http_head(&h->r, p, n);

		MUST(used <= (int)n);
		if (used <= 0)
			return;
		h->head = (size_t)used;
		if (!http_has_body(&h->r))
			return;
		http_body_init(&h->body, &h->r, MAX_BODY);
	} else {
		MUST(http_head(&h->r, p, h->head) == (int)h->head);
	}
	h->result = http_body(&h->body, p + h->head, n - h->head);
	MUST(h->result <= (int)(n - h->head) && h->body.out <= MAX_BODY);
	MUST(h->result >= 0 || h->body.fault != NULL);
	MUST(h->result <= 0 || h->r.chunked || h->body.out == h->r.content_length);
	if (h->result > 0)
		h->result += (int)h->head;
}

static void
check_text(struct str s, unsigned class)
{
	for (size_t i = 0; i < s.n; i++)
		MUST(s.p[i] != '\r' && s.p[i] != '\n' && s.p[i] != '\0' && http_is(s.p[i], class));
}

static void
check_head(const struct http_request *r)
{
	MUST(r->path.n > 0 && r->path.n <= HTTP_TARGET_MAX && r->method_name.n > 0);
	MUST(r->path.p[0] == '/' || str_equal(r->path, STR("*")));
	check_text(r->method_name, HTTP_TCHAR);
	check_text(r->authorization, HTTP_VALUE);
	check_text(r->content_type, HTTP_VALUE);
	check_text(r->host, 255);
	MUST(!r->chunked || (r->content_length == 0 && !r->http10));
	MUST(memchr(r->path.p, '?', r->path.n) == NULL);
}

static void
check_same(const struct http_request *a, const struct http_request *b)
{
	MUST(a->method == b->method && a->chunked == b->chunked && a->http10 == b->http10 &&
	    a->content_length == b->content_length && a->keep_alive == b->keep_alive &&
	    a->coding_unknown == b->coding_unknown && a->expect_continue == b->expect_continue &&
	    a->expect_unknown == b->expect_unknown && a->content_types == b->content_types &&
	    a->authorizations == b->authorizations);
	MUST(str_equal(a->method_name, b->method_name) && str_equal(a->path, b->path) &&
	    str_equal(a->host, b->host) && str_equal(a->content_type, b->content_type) &&
	    str_equal(a->authorization, b->authorization));
}

static void
compare(const struct hearing *a, const char *p, const struct hearing *b, const char *q)
{
	MUST(a->result == b->result && a->head == b->head);
	if (a->head == 0 && a->result < 0)
		MUST(a->r.fault == b->r.fault && a->r.fault_at == b->r.fault_at);
	if (a->head == 0)
		return;
	check_same(&a->r, &b->r);
	if (!http_has_body(&a->r))
		return;
	MUST(a->result < 0 ? a->body.fault == b->body.fault : a->body.out == b->body.out &&
	    memcmp(p + a->head, q + b->head, a->body.out) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	size_t split = fuzz_split(&data, &n);
	char *whole = fuzz_copy(data, n), *first = fuzz_copy(data, split),
	    *both = fuzz_copy(data, n);
	struct hearing a = { .head = 0 }, b = { .head = 0 };

	memset(&a.r, 0xa5, sizeof a.r);
	hear(&a, whole, n);
	hear(&b, first, split);
	if (b.result == 0) {            /* the first piece as it was left, the second behind */
		memcpy(both, first, split);
		hear(&b, both, n);
		compare(&a, whole, &b, both);
	} else {
		compare(&a, whole, &b, first);
	}
	if (a.head > 0) {
		hear(&(struct hearing){ .head = 0 }, whole, a.head);
		check_head(&a.r);
	}
	free(whole);
	free(first);
	free(both);
	return 0;
}

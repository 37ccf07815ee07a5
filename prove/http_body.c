/* http_body.c by induction: from every state that keeps to the rule below, on any bytes, one call
 * leads to a state that does. So the bound N is one on the buffer alone. The rule is asserted in
 * the end; http_body_init() is shown to begin with it. */
#include "prove/any.h"

#include "../http_body.c"

static char text[N];

static struct http_body
begin(void)
{
	struct http_request r = { .chunked = any_bool(), .coding_unknown = any_bool(),
	    .content_length = any(0, SIZE_MAX) };
	struct http_body b;

	http_body_init(&b, &r, any(0, MAX));
	/*@ assert b.in == 0 && b.out == 0 && b.state <= DONE; */
	return b;
}

int
main(void)
{
	struct http_body b = begin();
	size_t n = any(1, N), in, out, left, state;
	int done;

	/*@ split n; */
	in = any(0, n - 1);
	/*@ split in; */
	out = any(0, in);
	/*@ split out; */
	state = any(SIZE_FIRST, DONE);
	/*@ split state; */
	b = (struct http_body){ .in = in, .out = out, .max = any(N, MAX),
	    .unknown = any_bool(), .state = (unsigned)state,
	    .line = (unsigned)any(0, HTTP_CHUNK_LINE_MAX),
	    .fields = (unsigned)any(0, HTTP_FIELDS_MAX), .framing = any(0, MAX) };
	b.left = any(0, MAX);
	if (state == DATA || state == DONE) {
		left = any(state == DATA, N + 1);       /* more: as good as N + 1 */
		/*@ split left; */
		b.left = left;
	} else {
		n = in + 1;                     /* a byte; the others have their turn */
	}
	ANY_BYTES(text);
	done = http_body(&b, text + N - n, n);
	/*@ assert b.out <= b.in <= n && b.state <= DONE && done <= (int)n; */
	return 0;
}

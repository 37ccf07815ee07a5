/* base64url.c: every length up to N, and nothing outside of exactly the memory that base64url.h
 * asks for. */
#include "prove/any.h"

#include "base64url.h"

static uint8_t bytes[N];
static char characters[(N + 2) / 3 * 4], in_place[N];

static void
encode(size_t n)
{
	size_t length = base64url_length(n);
	size_t written = base64url_encode(characters + sizeof characters - length,
	    bytes + N - n, n);

	/*@ assert written == length; */
}

static void
decode(void *out, size_t room, const char *in, size_t n)
{
	ptrdiff_t written = base64url_decode(out, in, n);

	/*@ assert -1 <= written <= room; */
}

int
main(void)
{
	static uint8_t out[N / 4 * 3 + 2];
	size_t n = any(0, N), room = n / 4 * 3 + 2;

	/*@ split n; */
	ANY_BYTES(bytes);
	encode(n);
	ANY_BYTES(in_place);
	decode(out + sizeof out - room, room, in_place + N - n, n);
	decode(in_place + N - n, n, in_place + N - n, n);
	return 0;
}

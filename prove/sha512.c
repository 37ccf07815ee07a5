/* sha512.c, the portable rounds: keys and messages of every length up to N, a message also in two
 * pieces cut anywhere, and the self-test with its known values. */
#include "any.h"

#include "../sha512.h"

static uint8_t text[N];

/* A message in two pieces, cut after the first `cut` bytes. */
static void
pieces(const uint8_t *message, size_t n, size_t cut)
{
	struct sha512 c;
	uint8_t digest[SHA512_DIGEST];

	sha512_init(&c);
	sha512_update(&c, message, cut);
	sha512_update(&c, message + cut, n - cut);
	sha512_final(digest, &c);
}

static void
equal(const uint8_t mac[SHA512_DIGEST])
{
	uint8_t other[SHA512_DIGEST];
	bool is;

	ANY_BYTES(other);
	is = sha512_equal(mac, other);
	/*@ assert is == 0 || is == 1; */
}

int
main(void)
{
	static const uint8_t cuts[] = { 0, 1, 127, 128, 129 };
	struct hmac512_key k;
	uint8_t mac[SHA512_DIGEST];
	size_t n, which;

	if (LEAST == 0 && !sha512_self_test())
		return 1;
	n = any(LEAST, N);
	/*@ split n; */
	ANY_BYTES(text);
	hmac512_key_init(&k, text + N - n, n);
	hmac512(mac, &k, text + N - n, n);
	wipe(&k, sizeof k);
	equal(mac);
	which = any(0, sizeof cuts - 1);
	/*@ split which; */
	if (cuts[which] <= n)
		pieces(text + N - n, n, cuts[which]);
	return 0;
}

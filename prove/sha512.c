/* sha512.c, the portable rounds: keys and messages of every length up to N, and the self-test with
 * its known values. */
#include "prove/any.h"

#include "sha512.h"

static uint8_t text[N];

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
	struct hmac512_key k;
	uint8_t mac[SHA512_DIGEST];
	size_t n;

	if (LEAST == 0 && !sha512_self_test())
		return 1;
	n = any(LEAST, N);
	/*@ split n; */
	ANY_BYTES(text);
	hmac512_key_init(&k, text + N - n, n);
	hmac512(mac, &k, text + N - n, n);
	wipe(&k, sizeof k);
	equal(mac);
	sha512(mac, text + N - n, n);
	return 0;
}

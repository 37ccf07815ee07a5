/* ed25519_scalar.c: the one function that computes, for all numbers that come to it. That reduce()
 * takes a number of the second kind to one of the first is an argument on the number, not on its
 * words: test/ed25519 has cases around every multiple of L. */
#include "prove/any.h"

#include "ed25519_scalar.c"

/* The last word is within these bounds before; returns what it is then. */
static int64_t
any_combine(int64_t least, int64_t most, int64_t m, int64_t n)
{
	int64_t x[WORDS], word;
	uint8_t y[SCALAR];

	for (int i = 0; i < LAST; i++)
		x[i] = Frama_C_long_interval(0, (1L << 32) - 1);
	x[LAST] = Frama_C_long_interval(least, most);
	ANY_BYTES(y);
	combine(x, m, y, n);
	for (int i = 0; i < LAST; i++) {
		word = x[i];
		/*@ assert 0 <= word < 0x100000000; */
	}
	return x[LAST];
}

int
main(void)
{
	int64_t last;

	/* below L, not below -2^146; times 2^16, and a digit's multiple */
	last = any_combine(-1, 1L << 28, 1 << 16, Frama_C_long_interval(0, 0xffff));
	/*@ assert -0x2000000000000 <= last < 0x2000000000000; */
	last = any_combine(-1, 1L << 28, 1, 1);
	/*@ assert -0x2000000000000 <= last < 0x2000000000000; */
	/* what that makes, and a multiple of L */
	any_combine(-(1L << 49), (1L << 49) - 1, 1, Frama_C_long_interval(-(1L << 21), 1L << 21));
	return 0;
}

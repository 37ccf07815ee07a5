#include "token/key_material.h"

#include "sha512.h"

/* The odds that random numbers are refused: for the 128 digits that keygen makes, below 2^-139 for
 * variety and 2^-63 for a repeated piece; for 64 random bytes, below 2^-288 and 2^-127. Digits are
 * the worse ones, since 16 of them that recur are 64 bits. */
enum {
	VARIETY = 8,            /* different bytes that a key has at the least */
	PIECE_MAX = 256,        /* bytes of a piece; longer ones are found where they fit evenly */
	RECUR_MIN = 16          /* bytes behind the first piece, or chance could do it */
};

struct str
keys_demo(void)
{
	return STR("a9ddbcaba8c0ac1a0a812dc0c2f08514b23f2db0a68343cb8199ebb38a6d91e4"
	           "ebfb378e22ad39c2d01d0b4ec9c34aa91056862ddace3fbbd6852ee60c36acbf");
}

/* 1 where n bytes are the same in both places. memcmp() would stop at the first that is not. */
static unsigned
same(const char *p, const char *q, size_t n)
{
	uint64_t difference = 0;
	size_t i = 0;

	for (; n - i >= 8; i += 8)
		difference |= str_word(p + i) ^ str_word(q + i);
	for (; i < n; i++)
		difference |= (unsigned char)(p[i] ^ q[i]);
	for (unsigned half = 32; half >= 8; half /= 2)
		difference |= difference >> half;
	return key_below(difference & 0xff, 1);
}

/* 1 where there are too few different bytes. Each new one takes a slot; whether there is one, and
 * which, are numbers and no branches. */
static unsigned
has_few(struct str key)
{
	unsigned slot[VARIETY], n = 1;

	for (unsigned j = 0; j < VARIETY; j++)
		slot[j] = (unsigned char)key.p[0];
	for (size_t i = 1; i < key.n; i++) {
		unsigned c = (unsigned char)key.p[i], is_new = key_below(n, VARIETY);

		for (unsigned j = 0; j < VARIETY; j++)
			is_new &= 1 - key_below(c ^ slot[j], 1);
		for (unsigned j = 0; j < VARIETY; j++)
			slot[j] ^= (slot[j] ^ c) & (0 - (is_new & key_below(j ^ n, 1)));
		n += is_new;
	}
	wipe(slot, sizeof slot);
	return key_below(n, VARIETY);
}

/* 1 where it is a shorter piece repeated: then it is the same as itself, a piece further on. */
static unsigned
repeats(struct str key)
{
	unsigned found = 0;

	for (size_t piece = 1; piece + RECUR_MIN <= key.n; piece++)
		if (piece <= PIECE_MAX || key.n % piece == 0)
			found |= same(key.p, key.p + piece, key.n - piece);
	return found;
}

bool
key_told(unsigned verdict)
{
	return verdict != 0;
}

unsigned
key_flaws(struct str key)
{
	struct str demo = keys_demo();
	unsigned is_demo = key.n == demo.n ? same(key.p, demo.p, demo.n) : 0;

	return is_demo * KEY_DEMO | has_few(key) * KEY_FEW | repeats(key) * KEY_REPEATS;
}

/* Arbitrary values for Eva, Frama-C's interpreter of value sets: what it shows for them holds for
 * every input up to the harness's bound N. */
#ifndef PROVE_ANY_H
#define PROVE_ANY_H

#include "str.h"

#include "__fc_builtin.h"

/* Fills the whole array. */
#define ANY_BYTES(array) Frama_C_make_unknown((char *)(array), sizeof (array))

static inline size_t
any(size_t least, size_t most)
{
	return Frama_C_unsigned_long_interval(least, most);
}

/* The program's __builtin_ctzll() is this one here, for which only the byte counts: each place is a
 * case of its own, where Eva's own would be anywhere from 0 to 63. */
int
exact_ctzll(unsigned long long x)
{
	for (int at = 0; at < 64; at += 8)
		if ((x >> at & 0xff) != 0)
			return at;
	return 63;
}

/* And its memchr() is this one here: Eva's own forgets which bytes it has seen, so that a pointer
 * into a text would no longer lie before the text's end. */
void *
memchr(const void *p, int c, size_t n)
{
	const unsigned char *at = p;

	for (size_t i = 0; i < n; i++)
		if (at[i] == (unsigned char)c)
			return (void *)(at + i);
	return NULL;
}

static inline bool
any_bool(void)
{
	return Frama_C_interval(0, 1) != 0;
}

#ifdef BEFORE
static char text[sizeof BEFORE - 1 + N + sizeof AFTER - 1];

/* Puts n arbitrary bytes between BEFORE and AFTER, at the end of text[], so that whatever is read
 * behind them is out of bounds. Returns where BEFORE begins. */
static inline char *
framed(size_t n)
{
	char *start = text + N - n;

	ANY_BYTES(text);
	if (sizeof BEFORE > 1)
		memcpy(start, BEFORE, sizeof BEFORE - 1);
	if (sizeof AFTER > 1)
		memcpy(start + sizeof BEFORE - 1 + n, AFTER, sizeof AFTER - 1);
	return start;
}
#endif

#endif

/* Packs what is constant in the program, for 'make release'; unpack.h says how.
 *
 *     pack <constants >packed */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "release/unpack.h"

enum {
	MOST = 1 << 16,                 /* bytes */
	CHOICES = 64,
	PASSES = 2                      /* the second by what the first took; a third finds nothing */
};

static uint8_t plain[MOST], packed[2 * MOST];
static size_t plain_n, packed_n;

static void
die(const char *why)
{
	fprintf(stderr, "pack: %s\n", why);
	exit(1);
}

/* ---- the bits of what is written, or what they would take */

static struct model model;
static uint32_t low, high;
static bool pricing;
static unsigned long price;             /* in 64ths of a bit */

/* What a bit takes that comes as often: the logarithm, a binary digit with each square. */
static unsigned
price_of(uint32_t often)
{
	uint64_t x = often;
	unsigned taken = 0;

	for (unsigned digit = 0; digit < 6; digit++) {
		taken *= 2;
		for (x *= x; x >= 65536; x >>= 1)
			taken++;
	}
	return 16 * 64 - 15 - taken;
}

static void
put_bit(uint16_t *ones, unsigned bit)
{
	uint32_t middle = model_middle(*ones, low, high);

	if (pricing) {
		price += price_of(bit ? *ones : 65536u - *ones);
		return;
	}
	if (bit)
		high = middle;
	else
		low = middle + 1;
	model_learn(ones, bit);
	for (; (low ^ high) >> 24 == 0; low <<= 8, high = high << 8 | 0xff)
		packed[packed_n++] = (uint8_t)(high >> 24);
}

static void
put_number(uint16_t ones[64], unsigned number)
{
	unsigned digits = 0;

	for (; number >> digits > 1; digits++)
		put_bit(&ones[digits], 1);
	put_bit(&ones[digits], 0);
	while (digits-- > 0)
		put_bit(&ones[32 + digits], number >> digits & 1);
}

static void
put_byte(uint8_t byte)
{
	put_bit(&model.is_copy, 0);
	for (unsigned n = 1, bit = 8; bit-- > 0; n = 2 * n + (byte >> bit & 1))
		put_bit(&model.byte[n], byte >> bit & 1);
}

struct copy {
	unsigned length, distance;
};

static void
put_copy(struct copy c)
{
	put_bit(&model.is_copy, 1);
	put_number(model.length, c.length - 1);
	put_number(c.length == 2 ? model.distance_of_two : model.distance, c.distance);
}

/* ---- the way that takes least */

static struct copy copies[MOST][CHOICES];       /* at each place, the longer the farther */
static struct copy best[MOST];                  /* of length 1: the byte itself */
static unsigned long prices[MOST + 1];          /* of all from a place on */

static unsigned
same(size_t at, size_t from)
{
	unsigned n = 0;

	while (at + n < plain_n && plain[at + n] == plain[from + n])
		n++;
	return n;
}

static void
find_copies(size_t at)
{
	unsigned longest = 1, n = 0;

	for (size_t from = at; from-- > 0 && n < CHOICES; ) {
		unsigned length = plain[from] == plain[at] ? same(at, from) : 0;

		if (length > longest)
			copies[at][n++] = (struct copy){ longest = length, (unsigned)(at - from) };
	}
}

static void
consider(size_t at, struct copy c)
{
	price = prices[at + c.length];
	if (c.length == 1)
		put_byte(plain[at]);
	else
		put_copy(c);
	if (c.length > 1 && price >= prices[at])
		return;
	prices[at] = price;
	best[at] = c;
}

/* From the last place to the first, by what bits took in the pass before. */
static void
choose(void)
{
	pricing = true;
	for (size_t at = plain_n; at-- > 0; ) {
		unsigned length = 1;

		consider(at, (struct copy){ length, 0 });
		for (unsigned i = 0; i < CHOICES; i++)
			while (length < copies[at][i].length)
				consider(at, (struct copy){ ++length, copies[at][i].distance });
	}
	pricing = false;
}

static void
write_best(void)
{
	memset(&model, MODEL_UNKNOWN, sizeof model);
	low = 0;
	high = UINT32_MAX;
	packed_n = 0;
	for (size_t at = 0; at < plain_n; at += best[at].length)
		if (best[at].length == 1)
			put_byte(plain[at]);
		else
			put_copy(best[at]);
	for (unsigned i = 0; i < 4; i++, high <<= 8)
		packed[packed_n++] = (uint8_t)(high >> 24);
}

int
main(void)
{
	static uint8_t unpacked[MOST];

	plain_n = fread(plain, 1, sizeof plain, stdin);
	if (plain_n == sizeof plain)
		die("more than 64 KB that are constant");
	for (size_t at = 0; at < plain_n; at++)
		find_copies(at);
	memset(&model, MODEL_UNKNOWN, sizeof model);
	for (unsigned pass = 0; pass < PASSES; pass++) {
		choose();
		write_best();
	}
	unpack(unpacked, unpacked + plain_n, packed);
	if (memcmp(unpacked, plain, plain_n) != 0)
		die("what is packed unpacks to something else");
	fwrite(packed, 1, packed_n, stdout);
	return ferror(stdout) || fclose(stdout) != 0;
}

#include "release/unpack.h"

#include <string.h>

/* The range as it is now, and the number in it that is written. */
struct reader {
	const uint8_t *next;
	uint32_t low, high, number;
};

static unsigned
read_bit(struct reader *r, uint16_t *ones)
{
	uint32_t middle = model_middle(*ones, r->low, r->high);
	unsigned bit = r->number <= middle;

	if (bit)
		r->high = middle;
	else
		r->low = middle + 1;
	model_learn(ones, bit);
	for (; (r->low ^ r->high) >> 24 == 0; r->high = r->high << 8 | 0xff) {
		r->low <<= 8;
		r->number = r->number << 8 | *r->next++;
	}
	return bit;
}

/* As many ones as it has binary digits behind its first, a zero, and these (Elias, 1975). */
static unsigned
read_number(struct reader *r, uint16_t ones[64])
{
	unsigned digits = 0, number = 1;

	while (read_bit(r, &ones[digits]))
		digits++;
	while (digits-- > 0)
		number = 2 * number + read_bit(r, &ones[32 + digits]);
	return number;
}

void
unpack(uint8_t *to, const uint8_t *end, const uint8_t *packed)
{
	struct reader r = { packed, 0, 0, 0 };
	struct model m;

	memset(&m, MODEL_UNKNOWN, sizeof m);
	read_bit(&r, &(uint16_t){ 0 });         /* fills the number */
	while (to < end) {
		unsigned n = 1;
		const uint8_t *from;

		if (!read_bit(&r, &m.is_copy)) {
			while (n < 256)
				n = 2 * n + read_bit(&r, &m.byte[n]);
			*to++ = (uint8_t)n;
			continue;
		}
		n += read_number(&r, m.length);
		from = to - read_number(&r, n == 2 ? m.distance_of_two : m.distance);
		while (n-- > 0)
			*to++ = *from++;
	}
}

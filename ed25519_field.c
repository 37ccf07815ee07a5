#include "ed25519_field.h"

#include "str.h"

static const uint64_t LIMB = (UINT64_C(1) << 51) - 1;

/* Sums of products need 115 bits. CPU_PORTABLE (cpu.h): also where the compiler has so many, it is
 * done as if it had not. */
#if defined __SIZEOF_INT128__ && !defined CPU_PORTABLE
__extension__ typedef unsigned __int128 wide;

static inline wide
product(uint64_t a, uint64_t b)
{
	return (wide)a * b;
}

static inline void
add_wide(wide *sum, wide more)
{
	*sum += more;
}

/* The lowest 51 bits are what it gives; what is above them, below 2^64, is carried. */
static inline uint64_t
split(wide sum, uint64_t *carry)
{
	*carry = (uint64_t)(sum >> 51);
	return (uint64_t)sum & LIMB;
}

#else
typedef struct {
	uint64_t low, high;
} wide;

/* With a below 2^54 and b below 2^59, no sum here has more than 64 bits. */
static inline wide
product(uint64_t a, uint64_t b)
{
	uint64_t a0 = (uint32_t)a, a1 = a >> 32, b0 = (uint32_t)b, b1 = b >> 32, low = a0 * b0;
	uint64_t middle = a0 * b1 + a1 * b0 + (low >> 32);

	return (wide){ middle << 32 | (uint32_t)low, a1 * b1 + (middle >> 32) };
}

static inline void
add_wide(wide *sum, wide more)
{
	sum->low += more.low;
	sum->high += more.high + (sum->low < more.low);
}

static inline uint64_t
split(wide sum, uint64_t *carry)
{
	*carry = sum.high << 13 | sum.low >> 51;
	return sum.low & LIMB;
}
#endif

void
field_add(struct field_element *r, const struct field_element *a, const struct field_element *b)
{
	for (int i = 0; i < 5; i++)
		r->limb[i] = a->limb[i] + b->limb[i];
}

/* 2p is added, so that no limb is below zero. */
void
field_subtract(struct field_element *r, const struct field_element *a,
    const struct field_element *b)
{
	for (int i = 0; i < 5; i++)
		r->limb[i] = a->limb[i] + 2 * (i == 0 ? LIMB - 18 : LIMB) - b->limb[i];
}

/* What would be at 2^255 and above counts 19 times, 255 bits lower. Each of the sums of five
 * products, four of them 19 times, is below 77 * 2^108; the last one, of which the carry counts 19
 * times, below 6 * 2^108. */
void
field_multiply(struct field_element *r, const struct field_element *a,
    const struct field_element *b)
{
	uint64_t limb[5], carry = 0;

	for (int i = 0; i < 5; i++) {
		wide sum = product(carry, 1);

		for (int j = 0; j < 5; j++)
			add_wide(&sum, j <= i ? product(a->limb[j], b->limb[i - j]) :
			    product(a->limb[j], 19 * b->limb[i - j + 5]));
		limb[i] = split(sum, &carry);
	}
	limb[0] += 19 * carry;
	limb[1] += limb[0] >> 51;
	limb[0] &= LIMB;
	for (int i = 0; i < 5; i++)
		r->limb[i] = limb[i];
}

/* x^(2^k - 1) is squared k times and multiplied with itself for 2k bits; once more, and with x, for
 * one bit more: 1, 3, 7, 15, 31, 62, 125, 250. */
void
field_power(struct field_element *r, const struct field_element *x, int n, unsigned low)
{
	struct field_element ones;

	*r = *x;
	for (int k = 1; k < 250; ) {
		ones = *r;
		for (int i = 0; i < k; i++)
			field_multiply(r, r, r);
		field_multiply(r, r, &ones);
		k *= 2;
		if (k != 62 && k != 250) {
			field_multiply(r, r, r);
			field_multiply(r, r, x);
			k++;
		}
	}
	while (n-- > 0) {
		field_multiply(r, r, r);
		if ((low >> n & 1) != 0)
			field_multiply(r, r, x);
	}
}

void
field_decode(struct field_element *r, const uint8_t bytes[32])
{
	uint64_t word = 0, before;

	for (int i = 0; i < 5; i++) {
		before = word;
		word = i < 4 ? str_word((const char *)bytes + 8 * i) : 0;
		r->limb[i] = (i > 0 ? before >> (64 - 13 * i) | word << 13 * i : word) & LIMB;
	}
}

/* With 19 more, p and what is above has its bit 255 set: then p is taken off, by adding 19 and
 * leaving that bit out. */
void
field_encode(uint8_t bytes[32], const struct field_element *a)
{
	uint64_t limb[5], carry = 19;

	for (int i = 0; i < 5; i++)
		carry = (a->limb[i] + carry) >> 51;
	carry *= 19;
	for (int i = 0; i < 5; i++) {
		carry += a->limb[i];
		limb[i] = carry & LIMB;
		carry >>= 51;
	}
	for (int i = 0; i < 4; i++)
		str_put_word((char *)bytes + 8 * i,
		    limb[i] >> 13 * i | limb[i + 1] << (51 - 13 * i));
}

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

static inline wide
sum(wide a, wide b)
{
	return a + b;
}

/* What is above the lowest 51 bits, below 2^64. */
static inline uint64_t
carried(wide a)
{
	return (uint64_t)(a >> 51);
}

static inline uint64_t
low(wide a)
{
	return (uint64_t)a;
}

#else
typedef struct {
	uint64_t low, high;
} wide;

/* With a below 2^54 and b below 2^59, or with b = 1, no sum here has more than 64 bits. */
static inline wide
product(uint64_t a, uint64_t b)
{
	uint64_t a0 = (uint32_t)a, a1 = a >> 32, b0 = (uint32_t)b, b1 = b >> 32, lowest = a0 * b0;
	uint64_t middle = a0 * b1 + a1 * b0 + (lowest >> 32);

	return (wide){ middle << 32 | (uint32_t)lowest, a1 * b1 + (middle >> 32) };
}

static inline wide
sum(wide a, wide b)
{
	return (wide){ a.low + b.low, a.high + b.high + (a.low + b.low < b.low) };
}

static inline uint64_t
carried(wide a)
{
	return a.high << 13 | a.low >> 51;
}

static inline uint64_t
low(wide a)
{
	return a.low;
}
#endif

/* What would be at 2^255 and above counts 19 times, 255 bits lower. Each of the sums of five
 * products, four of them 19 times, is below 77 * 2^108; the last one, of which the carry counts 19
 * times, below 6 * 2^108. */
static inline void
multiply(struct field_element *r, const struct field_element *a, const struct field_element *b)
{
	uint64_t factor[10], limb[5], carry = 0;

#pragma GCC unroll 5
	for (int i = 0; i < 5; i++) {
		factor[i] = 19 * b->limb[i];
		factor[i + 5] = b->limb[i];
	}
#pragma GCC unroll 5
	for (int i = 0; i < 5; i++) {
		wide x = product(a->limb[0], factor[i + 5]);

#pragma GCC unroll 5
		for (int j = 1; j < 5; j++)
			x = sum(x, product(a->limb[j], factor[i - j + 5]));
		x = sum(x, product(carry, 1));
		limb[i] = low(x) & LIMB;
		carry = carried(x);
	}
	limb[0] += 19 * carry;
	limb[1] += limb[0] >> 51;
	limb[0] &= LIMB;
#pragma GCC unroll 5
	for (int i = 0; i < 5; i++)
		r->limb[i] = limb[i];
}

static void
add(struct field_element *r, const struct field_element *a, const struct field_element *b)
{
	for (int i = 0; i < 5; i++)
		r->limb[i] = a->limb[i] + b->limb[i];
}

/* 2p is added, so that no limb is below zero. */
static void
subtract(struct field_element *r, const struct field_element *a, const struct field_element *b)
{
	for (int i = 0; i < 5; i++)
		r->limb[i] = a->limb[i] + 2 * LIMB - (i == 0 ? 36 : 0) - b->limb[i];
}

/* With 19 more, p and what is above has its bit 255 set: then, in the second pass, p is taken off,
 * by adding 19 and leaving that bit out. */
static void
reduce(struct field_element *r, const struct field_element *a)
{
	uint64_t carry = 19;

#pragma GCC unroll 1
	for (int pass = 0; pass < 2; pass++) {
		for (int i = 0; i < 5; i++) {
			carry += a->limb[i];
			r->limb[i] = carry & LIMB;
			carry >>= 51;
		}
		carry *= 19;
	}
}

void
field_run(struct field_element e[FIELD_ELEMENTS], const uint16_t *steps)
{
	for (; *steps != 0; steps++) {
		unsigned step = *steps, times = 1;
		struct field_element *r = e + (step >> 8 & 15);
		const struct field_element *a = e + (step >> 4 & 15), *b = e + (step & 15);

		switch (step >> 12) {
		case FIELD_SQUARE:
			times <<= step & 15;
			b = a;
			/* fall through */
		case FIELD_MULTIPLY:
			do {
				multiply(r, a, b);
				a = b = r;
			} while (--times > 0);
			break;
		case FIELD_ADD:
			add(r, a, b);
			break;
		case FIELD_SUBTRACT:
			subtract(r, a, b);
			break;
		case FIELD_REDUCE:
			reduce(r, a);
			break;
		}
	}
}

bool
field_equal(const struct field_element *a, const struct field_element *b)
{
	uint64_t difference = 0;

	for (int i = 0; i < 5; i++)
		difference |= a->limb[i] ^ b->limb[i];
	return difference == 0;
}

/* Limb i begins 3 i bits behind byte 6 i. */
void
field_decode(struct field_element *r, const uint8_t bytes[32])
{
	for (int i = 0; i < 5; i++)
		r->limb[i] = str_word((const char *)bytes + 6 * i) >> 3 * i & LIMB;
}

void
field_encode(uint8_t bytes[32], const struct field_element *a)
{
	uint64_t word = 0;

	for (int i = 0; i < 5; i++) {
		word = word >> 48 | a->limb[i] << 3 * i;
		str_put_word((char *)bytes + 6 * i, word);
	}
}

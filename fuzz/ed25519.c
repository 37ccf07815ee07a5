/* Ed25519, against RFC 8032 written down once more. The first byte says what the others are:
 *
 *     R key signature message         any bytes: the same verdict
 *     S seed message                  the same signature, and it is good
 *     F bit seed message              a good signature, or its message, with a bit changed
 *     M parts seed message            key and R with a part of small order each, and S + n L
 *     H head message                  SHA-512 of both
 *
 * What is missing of fixed lengths is zero. */
#include "ed25519.h"
#include "fuzz/fuzz.h"

#include <stdlib.h>

FUZZ_UNWATCHED
#include "test/slow_ed25519.h"
FUZZ_WATCHED

static void
take(uint8_t *to, size_t n, const uint8_t **data, size_t *left)
{
	size_t there = *left < n ? *left : n;

	memset(to, 0, n);
	if (there > 0)
		memcpy(to, *data, there);
	*data += there;
	*left -= there;
}

static bool
verify(const uint8_t public[32], const uint8_t signature[64], const void *message, size_t n)
{
	static struct ed25519_verifier v;

	return ed25519_verifier_init(&v, public) && ed25519_verify(&v, signature, message, n);
}

static void
sign(uint8_t public[32], uint8_t signature[64], const uint8_t seed[32], const void *message, size_t n)
{
	struct ed25519_signer s;

	ed25519_signer_init(&s, seed);
	ed25519_sign(signature, &s, message, n);
	memcpy(public, s.public, 32);
}

static void
same_signature(const uint8_t seed[32], const void *message, size_t n)
{
	uint8_t public[32], signature[64], slow[64];

	sign(public, signature, seed, message, n);
	slow_sign(slow, seed, message, n);
	MUST(memcmp(signature, slow, sizeof slow) == 0);
	MUST(verify(public, signature, message, n));
}

static void
flipped(const uint8_t where[2], const uint8_t seed[32], char *message, size_t n)
{
	uint8_t public[32], signature[64], *at = signature;
	size_t bit = (where[0] | (size_t)where[1] << 8) % (8 * (sizeof signature + n));

	sign(public, signature, seed, message, n);
	if (bit >= 8 * sizeof signature) {
		at = (uint8_t *)message;
		bit -= 8 * sizeof signature;
	}
	at[bit / 8] ^= (uint8_t)(1 << bit % 8);
	MUST(!verify(public, signature, message, n));
}

/* a B + the first part, r B + the second, and S = r + k a, perhaps with L added some times. */
static void
mixed(const uint8_t parts[3], const uint8_t seed[32], const void *message, size_t n)
{
	static const uint8_t order_8[32] = {
		0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef,
		0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88,
		0x6d, 0x53, 0xfc, 0x05
	};
	uint8_t digest[64], public[32], signature[64];
	struct slow_number a = slow_scalar(digest, seed), r = slow_hash(digest, 64, NULL, 0, NULL, 0), s;
	struct slow_point p;

	if (parts[2] % 8 == 7)          /* small order alone */
		a = slow_small(0);
	MUST(slow_decode(&p, order_8));
	slow_encode(public, slow_point_add(slow_times(slow_base(), a),
	    slow_times(p, slow_small(parts[0]))));
	slow_encode(signature, slow_point_add(slow_times(slow_base(), r),
	    slow_times(p, slow_small(parts[1]))));
	s = slow_hash(signature, 32, public, 32, message, n);
	s = slow_add(r, slow_mul_l(s, a), slow_l);
	for (unsigned times = parts[2] / 32; times > 0; times--) {
		uint64_t carry = 0;

		for (int i = 0; i < 8; i++, carry >>= 32) {
			carry += (uint64_t)s.w[i] + slow_l.w[i];
			s.w[i] = (uint32_t)carry;
		}
	}
	slow_store(signature + 32, s);
	MUST(verify(public, signature, message, n) == slow_verify(public, signature, message, n));
}

static void
two_parts(const uint8_t *head, size_t head_n, const uint8_t *message, size_t n)
{
	uint8_t digest[64], whole[64], *all = malloc(head_n + n + 1);

	memcpy(all, head, head_n);
	if (n > 0)
		memcpy(all + head_n, message, n);
	sha512_two(digest, head, head_n, message, n);
	sha512(whole, all, head_n + n);
	MUST(memcmp(digest, whole, sizeof whole) == 0);
	free(all);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static bool ready;
	uint8_t kind, fixed[96], other[SHA512_BLOCK];
	char *message;

	ready = ready || sha512_self_test();    /* which also chooses the code */
	MUST(ready);
	take(&kind, 1, &data, &n);
	take(other, kind == 'F' ? 2 : kind == 'M' ? 3 : kind == 'H' ? sizeof other - 1 : 0, &data, &n);
	take(fixed, kind == 'R' ? 96 : kind == 'H' ? 0 : 32, &data, &n);
	message = fuzz_copy(data, n);
	if (kind == 'R')
		MUST(verify(fixed, fixed + 32, message, n) == slow_verify(fixed, fixed + 32, message, n));
	else if (kind == 'S')
		same_signature(fixed, message, n);
	else if (kind == 'F')
		flipped(other, fixed, message, n);
	else if (kind == 'M')
		mixed(other, fixed, message, n);
	else if (kind == 'H')
		two_parts(other, other[0] % sizeof other, (uint8_t *)message, n);
	free(message);
	return 0;
}

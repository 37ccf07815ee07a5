/* Ed25519 (RFC 8032 5.1; EdDSA of RFC 8037): what signs and what verifies.
 *
 * No allocation. Making a key of a seed and signing take a time that depends on lengths alone, and
 * wipe what is left of them in memory; verifying branches, as nothing of it is secret.
 *
 * The first call of an _init() makes the multiples of the base point ready, in static memory that
 * no one touches before. So the first one has to be over before another thread uses a key.
 *
 * A signature has one spelling: S is below L, R and the public key are canonical, and the equation
 * is [S]B = R + [k]A itself, without a cofactor. */
#ifndef ED25519_H
#define ED25519_H

#include "ed25519_field.h"

#include <stdbool.h>
#include <stddef.h>

enum {
	ED25519_SEED = 32,      /* bytes of RFC 8032's private key */
	ED25519_PUBLIC = 32,
	ED25519_SIGNATURE = 64,
	ED25519_BLOCKS = 8,     /* of a scalar's digits, with a table of multiples for each */
	ED25519_ROW = 16        /* multiples: by every digit of four bits */
};

/* A seed made ready (5.1.5), as secret as the seed: wipe it in the end. */
struct ed25519_signer {
	uint8_t scalar[32], prefix[32], public[ED25519_PUBLIC];
};

/* A point as an addition takes it (5.1.4): Y2 + X2, Y2 - X2, 2 Z2 and 2 d T2. */
struct ed25519_ready {
	struct field_element part[4];
};

/* A public key made ready, in 20 KB and some 60 us: multiples of the opposite of its point. */
struct ed25519_verifier {
	struct ed25519_ready multiple[ED25519_BLOCKS][ED25519_ROW];
	uint8_t public[ED25519_PUBLIC];
};

void ed25519_signer_init(struct ed25519_signer *, const uint8_t seed[ED25519_SEED]);

/* false: it is not canonical, not on the curve, or of small order. */
bool ed25519_verifier_init(struct ed25519_verifier *, const uint8_t public[ED25519_PUBLIC]);

/* The signature must not lie in the message. */
void ed25519_sign(uint8_t signature[ED25519_SIGNATURE], const struct ed25519_signer *,
    const void *message, size_t n);
bool ed25519_verify(const struct ed25519_verifier *, const uint8_t signature[ED25519_SIGNATURE],
    const void *message, size_t n);

/* Signs and verifies a known text (RFC 8032 7.1); false: this build computes wrong values and must
 * not be used. With the tables that it makes it takes a quarter of a millisecond: it is for
 * when the first key is loaded. */
bool ed25519_self_test(void);

#endif

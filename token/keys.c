#include "token/keys.h"

#include "token/clients.h"

bool
keys_find_place(const struct key_ring *ring, struct json_string id, enum jwt_alg alg,
    unsigned *place)
{
	unsigned low = 0, high = ring->ids;

	while (low < high) {
		unsigned middle = (low + high) / 2;
		const struct jwt_key *there = &ring->key[ring->by_id[middle]];
		int order = json_compare(id, (struct json_string){ there->id, false });

		if (order == 0)
			order = (int)alg - there->alg;
		*place = middle;
		if (order == 0)
			return true;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	*place = low;
	return false;
}

bool
keys_find(const struct key_ring *ring, struct json_string id, enum jwt_alg alg, unsigned *key)
{
	unsigned place;

	if (!keys_find_place(ring, id, alg, &place))
		return false;
	*key = ring->by_id[place];
	return true;
}

bool
keys_find_signer(const struct key_ring *ring, struct json_string id, unsigned *key)
{
	for (unsigned alg = JWT_HS512; alg <= JWT_EDDSA; alg++)
		if (keys_find(ring, id, (enum jwt_alg)alg, key) && ring->key[*key].signs)
			return true;
	return false;
}

struct str
keys_public(const struct jwt_key *key)
{
	return (struct str){ (const char *)key->ed25519.signer.public, ED25519_PUBLIC };
}

bool
keys_is_secret(const struct key_ring *ring, const uint8_t digest[SHA512_DIGEST])
{
	return ring->has_secret && sha512_equal(digest, ring->secret);
}

bool
keys_have_public(const struct key_ring *ring)
{
	for (unsigned i = 0; i < ring->n; i++)
		if (ring->key[i].alg == JWT_EDDSA)
			return true;
	return false;
}

/* By each key of its algorithm, for a token that names none. */
static enum jwt_verdict
try_each(const struct key_ring *ring, struct jwt *t)
{
	enum jwt_verdict verdict = JWT_BAD_SIGNATURE;

	for (unsigned i = 0; i < ring->n && verdict != JWT_GOOD; i++)
		if (ring->key[i].tried == t->alg) {
			t->key = i;
			verdict = jwt_verify(t, &ring->key[i]);
		}
	return verdict;
}

enum jwt_verdict
keys_verify(const struct key_ring *ring, struct jwt *t)
{
	if ((ring->judged >> t->alg & 1) == 0)
		return JWT_UNSUPPORTED_ALGORITHM;
	if (t->critical || t->unencoded)
		return JWT_UNSUPPORTED_CRITICAL;
	switch (t->kid_is) {
	case JWT_KID_NONE:
		return try_each(ring, t);
	case JWT_KID_STRING:
		if (keys_find(ring, t->kid, t->alg, &t->key) && ring->key[t->key].judges)
			return jwt_verify(t, &ring->key[t->key]);
		break;
	case JWT_KID_BAD:
		break;
	}
	return JWT_UNKNOWN_KEY;
}

enum jwt_verdict
keys_judge(const struct key_ring *ring, struct jwt *t, const struct jwt_policy *policy,
    int64_t now)
{
	enum jwt_verdict verdict = keys_verify(ring, t);

	return verdict == JWT_GOOD ? jwt_judge(t, policy, now) : verdict;
}

void
keys_wipe(struct key_ring *ring)
{
	struct clients *clients = ring->clients;

	if (clients != NULL)
		clients_wipe(clients);
	wipe(ring, KEYS_SECRET);
	ring->clients = clients;
}

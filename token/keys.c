#include "token/keys.h"

#include "base64url.h"
#include "token/clients.h"
#include "token/key_names.h"
#include "token/key_shapes.h"

/* At most so many bytes does the key take as a JSON string. No branch on them: loading a key
 * keeps it to itself. */
static size_t
quoted_length(struct str key)
{
	size_t n = 2;

	for (size_t i = 0; i < key.n; i++) {
		unsigned c = (unsigned char)key.p[i];

		n += 1 + key_below(c ^ '"', 1) + key_below(c ^ '\\', 1) + 5 * key_below(c, 0x20);
	}
	return n;
}

/* Keeps text as long as the ring. false: it is full. */
static bool
keep(struct key_ring *ring, struct str *s)
{
	char *p = ring->text + ring->text_n;

	if (s->n > sizeof ring->text - ring->text_n)
		return false;
	if (s->n > 0)
		memcpy(p, s->p, s->n);
	ring->text_n += s->n;
	s->p = p;
	return true;
}

/* {"typ":"JWT","alg":"HS512","kid":"…"} in base64url, and the dot. false: there is no room. */
static bool
keep_header(struct key_ring *ring, struct jwt_key *key)
{
	char json[40 + 6 * KEY_ID_MAX], text[4 * sizeof json / 3 + 3];
	struct buf b = buf_over(json, sizeof json);

	buf_add(&b, STR("{\"typ\":\"JWT\",\"alg\":\"HS512\",\"kid\":"));
	json_quote(&b, key->id);
	buf_add(&b, STR("}"));
	key->header = (struct str){ text, base64url_encode(text, json, b.n) };
	text[key->header.n++] = '.';
	return keep(ring, &key->header);
}

/* Where an id stands among the sorted ones, or belongs. Whether it is there. */
static bool
find_id(const struct key_ring *ring, struct json_string id, unsigned *place)
{
	unsigned low = 0, high = ring->ids;

	while (low < high) {
		unsigned middle = (low + high) / 2;
		struct str there = ring->key[ring->by_id[middle]].id;
		int order = json_compare(id, (struct json_string){ there, false });

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
keys_find(const struct key_ring *ring, struct json_string id, unsigned *key)
{
	unsigned place;

	if (!find_id(ring, id, &place))
		return false;
	*key = ring->by_id[place];
	return true;
}

/* Gives the key that is added next its id. */
static bool
take_id(struct key_ring *ring, struct str id, struct buf *why)
{
	struct jwt_key *key = &ring->key[ring->n];
	unsigned place;

	if (id.n > KEY_ID_MAX)
		return buf_fail(why, "its kid is longer than 128 bytes");
	if (find_id(ring, (struct json_string){ id, false }, &place)) {
		buf_fail(why, "another key has the same kid: ");
		key_name_origin(why, &ring->origin[ring->by_id[place]]);
		return false;
	}
	key->has_id = true;
	key->id = id;
	if (!keep(ring, &key->id) || !keep_header(ring, key))
		return buf_fail(why, "the kids of all keys are too long together");
	memmove(ring->by_id + place + 1, ring->by_id + place, ring->ids - place);
	ring->by_id[place] = (uint8_t)ring->n;
	ring->ids++;
	return true;
}

/* Why these bytes are no key; NULL: they are. */
static const char *
unfit(struct str bytes, unsigned flaws)
{
	if (bytes.n == 0)
		return "it is empty";
	if (bytes.n < KEY_MIN)
		return "the key is shorter than 64 bytes (RFC 7518 3.2)";
	if (key_told(flaws & KEY_FEW))
		return "the key has fewer than 8 different bytes";
	if (key_told(flaws & KEY_REPEATS))
		return "the key is a shorter piece, repeated";
	return NULL;
}

/* The first bytes of a digest of the key's digest: who has it can look whether a key that he knows
 * is this one, and no more. */
static void
take_print(uint8_t print[KEY_PRINT], struct str bytes)
{
	static const char label[] = "jwtd: fingerprint of a key";
	uint8_t digest[SHA512_DIGEST], text[sizeof label + SHA512_DIGEST];

	sha512(digest, bytes.p, bytes.n);
	memcpy(text, label, sizeof label);
	memcpy(text + sizeof label, digest, sizeof digest);
	sha512(digest, text, sizeof text);
	memcpy(print, digest, KEY_PRINT);
	wipe(text, sizeof text);
}

/* The inner state tells all of a key that matters. */
static bool
same_mac(const struct jwt_key *a, const struct hmac512_key *mac)
{
	return sha512_equal((const uint8_t *)a->mac.inner, (const uint8_t *)mac->inner);
}

/* Finds a key of the same bytes. Whether it has the same id, or neither has one. */
static bool
find_twin(struct key_ring *ring, const struct hmac512_key *mac, const struct str *id)
{
	ring->twin = KEY_RING_MAX;
	for (unsigned i = 0; i < ring->n; i++) {
		const struct jwt_key *key = &ring->key[i];

		if (!same_mac(key, mac))
			continue;
		ring->twin = i;
		if (id == NULL ? !key->has_id : key->has_id && str_equal(key->id, *id))
			return true;
	}
	return false;
}

bool
keys_hold(struct key_ring *ring, struct str bytes)
{
	struct hmac512_key mac;

	hmac512_key_init(&mac, bytes.p, bytes.n);
	find_twin(ring, &mac, NULL);
	wipe(&mac, sizeof mac);
	return ring->twin < KEY_RING_MAX;
}

static bool
put(struct key_ring *ring, const struct hmac512_key *mac, struct str bytes, const struct str *id,
    struct buf *why)
{
	struct jwt_key *key = &ring->key[ring->n];

	if (ring->n == KEY_RING_MAX)
		return buf_fail(why, "there are more than 64 keys");
	*key = (struct jwt_key){ .header = JWT_HEADER, .quoted = quoted_length(bytes),
	    .signs = true };
	if (id != NULL && !take_id(ring, *id, why))
		return false;
	key->mac = *mac;
	take_print(ring->print[ring->n++], bytes);
	return true;
}

bool
keys_add(struct key_ring *ring, struct str bytes, const struct str *id, struct buf *why)
{
	unsigned flaws = bytes.n > 0 ? key_flaws(bytes) : 0;
	const char *problem = unfit(bytes, flaws);
	struct hmac512_key mac;
	bool ok;

	if (!key_told(flaws & KEY_DEMO) &&
	    (shape_is_foreign(bytes, why) || shape_is_untidy(bytes, why)))
		return false;
	if (problem != NULL) {
		buf_format(why, "%s" KEY_NEW, problem);
		return false;
	}
	hmac512_key_init(&mac, bytes.p, bytes.n);
	ok = find_twin(ring, &mac, id) || put(ring, &mac, bytes, id, why);
	wipe(&mac, sizeof mac);
	ring->published = ring->published || key_told(flaws & KEY_DEMO);
	return ok;
}

bool
keys_same(const struct key_ring *a, const struct key_ring *b)
{
	bool same = a->n == b->n && a->has_secret == b->has_secret &&
	    sha512_equal(a->secret, b->secret);

	for (unsigned i = 0; i < a->n && same; i++) {
		const struct jwt_key *key = &a->key[i], *other = &b->key[i];

		same = same_mac(key, &other->mac) && key->has_id == other->has_id &&
		    key->signs == other->signs && str_equal(key->id, other->id);
	}
	return same && (a->clients == NULL || b->clients == NULL ? a->clients == b->clients :
	    a->clients->print == b->clients->print);
}

bool
keys_is_secret(const struct key_ring *ring, const uint8_t digest[SHA512_DIGEST])
{
	return ring->has_secret && sha512_equal(digest, ring->secret);
}

enum jwt_verdict
keys_verify(const struct key_ring *ring, struct jwt *t)
{
	enum jwt_verdict verdict = JWT_BAD_SIGNATURE;

	if (!t->hs512)
		return JWT_UNSUPPORTED_ALGORITHM;
	if (t->critical || t->unencoded)
		return JWT_UNSUPPORTED_CRITICAL;
	switch (t->kid_is) {
	case JWT_KID_NONE:
		break;
	case JWT_KID_BAD:
		return JWT_UNKNOWN_KEY;
	case JWT_KID_STRING:
		if (!keys_find(ring, t->kid, &t->key))
			return JWT_UNKNOWN_KEY;
		return jwt_verify(t, &ring->key[t->key].mac);
	}
	for (unsigned i = 0; i < ring->n && verdict != JWT_GOOD; i++) {
		verdict = jwt_verify(t, &ring->key[i].mac);
		t->key = i;
	}
	return verdict;
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
	wipe(ring, sizeof *ring);
	ring->clients = clients;
}

/* How a ring is filled, when jwtd starts and when it is told to read its files again. */
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

	buf_format(&b, "{\"typ\":\"JWT\",\"alg\":\"%s\"", jwt_alg_name(key->alg));
	if (key->has_id) {
		buf_text(&b, ",\"kid\":");
		json_quote(&b, key->id);
	}
	buf_text(&b, "}");
	key->header = (struct str){ text, base64url_encode(text, json, b.n) };
	text[key->header.n++] = '.';
	return keep(ring, &key->header);
}

/* Gives the key that is added next its id. Where it belongs among the ids becomes `place`. */
static bool
take_id(struct key_ring *ring, struct str id, unsigned *place, struct buf *why)
{
	struct jwt_key *key = &ring->key[ring->n];
	struct json_string as_json = { id, false };

	if (id.n > KEY_ID_MAX)
		return buf_fail(why, "its kid is longer than 128 bytes");
	if (keys_find_place(ring, as_json, (enum jwt_alg)key->alg, place)) {
		buf_fail(why, "another key has the same kid: ");
		key_name_origin(why, &ring->origin[ring->by_id[*place]]);
		return false;
	}
	key->id = id;
	return true;
}

/* Keeps the key's id and header. Those of HS512 keys without an id are all the same. */
static bool
keep_texts(struct key_ring *ring, struct jwt_key *key, struct buf *why)
{
	if ((key->has_id || key->alg != JWT_HS512) &&
	    (!keep(ring, &key->id) || !keep_header(ring, key)))
		return buf_fail(why, "the kids of all keys are too long together");
	return true;
}

/* Why these bytes are no key; NULL: they are. RFC 7518 3.2 wants them as many as a digest's. */
static const char *
unfit(struct str bytes, enum jwt_alg alg, unsigned flaws)
{
	if (bytes.n == 0)
		return "it is empty";
	if (alg == JWT_HS256 && bytes.n < SHA256_DIGEST)
		return "the key is shorter than 32 bytes (RFC 7518 3.2)";
	if (alg == JWT_HS512 && bytes.n < SHA512_DIGEST)
		return "the key is shorter than 64 bytes (RFC 7518 3.2); 32 are "
		    "enough in a JWK with \"alg\":\"HS256\"";
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

/* Whether both make the same signatures. As many bytes of a MAC's state tell all that matters. */
static bool
same_key(const struct jwt_key *a, const struct jwt_key *b)
{
	_Static_assert(sizeof a->hs256 == SHA512_DIGEST, "compared like the first half of hs512");

	if (a->alg != b->alg)
		return false;
	if (a->alg == JWT_EDDSA)
		return str_equal(keys_public(a), keys_public(b));
	return sha512_equal((const uint8_t *)&a->hs512, (const uint8_t *)&b->hs512);
}

/* Finds the same key. Whether it has the same id, or neither has one. */
static bool
find_twin(struct key_ring *ring, const struct jwt_key *as, const struct jwk *from)
{
	ring->twin = KEY_RING_MAX;
	for (unsigned i = 0; i < ring->n; i++) {
		const struct jwt_key *key = &ring->key[i];

		if (!same_key(key, as))
			continue;
		ring->twin = i;
		if (key->has_id == from->has_id && (!key->has_id || str_equal(key->id, from->id)))
			return true;
	}
	return false;
}

/* Whether a key of another algorithm has this fingerprint, itself or as a public part. */
static bool
holds_print(const struct key_ring *ring, const uint8_t print[KEY_PRINT], enum jwt_alg but)
{
	for (unsigned i = 0; i < ring->n; i++)
		if (ring->key[i].alg != but && (memcmp(ring->print[i], print, KEY_PRINT) == 0 ||
		    memcmp(ring->print_public[i], print, KEY_PRINT) == 0))
			return true;
	return false;
}

static bool
holds(const struct key_ring *ring, struct str bytes, enum jwt_alg but)
{
	uint8_t print[KEY_PRINT];

	take_print(print, bytes);
	return holds_print(ring, print, but);
}

bool
keys_hold(const struct key_ring *ring, struct str bytes)
{
	return holds(ring, bytes, JWT_NO_ALG);
}

/* The fingerprint of a key's public part; of a MAC's bytes, of the one that they would have as a
 * private part of EdDSA, which may not be known here. false: they can't be one. */
static bool
take_public_print(uint8_t print[KEY_PRINT], const struct jwt_key *key, const struct jwk *from)
{
	struct ed25519_signer signer;

	if (from->alg == JWT_EDDSA) {
		take_print(print, keys_public(key));
		return true;
	}
	if (from->k.n != ED25519_SEED)
		return false;
	ed25519_signer_init(&signer, (const uint8_t *)from->k.p);
	take_print(print, (struct str){ (const char *)signer.public, ED25519_PUBLIC });
	wipe(&signer, sizeof signer);
	return true;
}

/* Makes ready what signs. false: it is no key. */
static bool
make_ready(struct jwt_key *key, const struct jwk *from, struct buf *why)
{
	const uint8_t *bytes = (const uint8_t *)from->k.p;
	struct ed25519_signer *signer = &key->ed25519.signer;

	if (from->alg == JWT_HS512)
		hmac512_key_init(&key->hs512, bytes, from->k.n);
	if (from->alg == JWT_HS256)
		hmac256_key_init(&key->hs256, bytes, from->k.n);
	if (from->alg != JWT_EDDSA)
		return true;
	if (from->k.n == 0)
		memcpy(signer->public, from->x.p, ED25519_PUBLIC);
	else
		ed25519_signer_init(signer, bytes);
	return from->x.n == 0 || str_equal(from->x, keys_public(key)) ||
	    buf_fail(why, "its x and d are not of one key");
}

/* Finds out by which tokens a key is tried. With several of EdDSA, a token's kid has to say which
 * one it is, and one without a kid is tried by so many at the most: each takes its time. false: one
 * of several has no id. */
static bool
take_turn(struct jwt_key *key, const struct key_ring *ring)
{
	bool named = key->has_id;
	unsigned others = 0;

	for (unsigned i = 0; i < ring->n; i++) {
		const struct jwt_key *other = &ring->key[i];

		if (other->alg == JWT_EDDSA && other->judges) {
			others++;
			named = named && other->has_id;
		}
	}
	if (key->judges && (key->alg != JWT_EDDSA || others < KEY_ED25519_TRIES))
		key->tried = key->alg;
	return key->alg != JWT_EDDSA || !key->judges || others == 0 || named;
}

/* Who signs: the first that also judges, else the first. */
static void
prefer(const struct jwt_key **signer, const struct jwt_key *key)
{
	if (key->signs && (*signer == NULL || (key->judges && !(*signer)->judges)))
		*signer = key;
}

static bool
put(struct key_ring *ring, const struct jwt_key *ready, const struct jwk *from, struct buf *why)
{
	struct ed25519_verifier *verifier = &ring->verifier[ring->n];
	struct jwt_key *key = &ring->key[ring->n];
	uint8_t *public;
	unsigned place = 0;

	if (ring->n == KEY_RING_MAX)
		return buf_fail(why, "there are more than 64 keys");
	public = ring->print_public[ring->n];
	/* RFC 8725 3.1: no bytes serve two algorithms, a MAC's and as a part of EdDSA, say */
	if (holds(ring, from->k, from->alg) || (take_public_print(public, ready, from) &&
	    holds_print(ring, public, from->alg)))
		return buf_fail(why, "a key of another alg has the same bytes");
	if (ready->alg == JWT_EDDSA && !ed25519_verifier_init(verifier,
	    ready->ed25519.signer.public))
		return buf_fail(why, "its x is not a public key, or one of small order");
	*key = *ready;
	if (!take_turn(key, ring))
		return buf_fail(why, "of two EdDSA keys each needs a kid: 'jwtd jwk FILE --kid K' "
		    "gives it one");
	if (key->alg == JWT_EDDSA)
		key->ed25519.verifier = verifier;
	if ((key->has_id && !take_id(ring, from->id, &place, why)) || !keep_texts(ring, key, why))
		return false;
	if (key->has_id) {
		memmove(ring->by_id + place + 1, ring->by_id + place, ring->ids++ - place);
		ring->by_id[place] = (uint8_t)ring->n;
	}
	take_print(ring->print[ring->n++], key->alg == JWT_EDDSA ? keys_public(key) : from->k);
	ring->judged |= (uint8_t)(key->judges << key->alg);
	prefer(&ring->signer, key);
	if (key->alg == JWT_HS512)
		prefer(&ring->signer_hs512, key);
	return true;
}

/* Whether a key that the ring has is there for the same use. Where one of two says that it must not
 * judge, the other one would let in what it signs; and to sign, which it `adds` under an id that is
 * there, would be lost. */
static bool
agrees(const struct jwt_key *twin, const struct jwt_key *key, bool adds, struct buf *why)
{
	if (twin->judges != key->judges)
		return buf_fail(why, "the same key is there already, for another use");
	if (twin->signs == key->signs || !adds)
		return true;
	return buf_fail(why, key->alg == JWT_EDDSA && key->signs ?
	    "its public part is there already: leave that file out" :
	    "the same key is there already, for another use");
}

/* What bytes that are a secret can't be. */
static bool
check_secret(struct key_ring *ring, const struct jwk *from, struct buf *why)
{
	unsigned flaws = from->k.n > 0 ? key_flaws(from->k) : 0;
	const char *problem = unfit(from->k, from->alg, flaws);

	if (!key_told(flaws & KEY_DEMO) &&
	    (shape_is_foreign(from->k, why) || shape_is_untidy(from->k, why)))
		return false;
	if (problem != NULL)
		buf_format(why, "%s" KEY_NEW, problem);
	ring->published = ring->published || key_told(flaws & KEY_DEMO);
	return problem == NULL;
}

bool
keys_add(struct key_ring *ring, const struct jwk *from, struct buf *why)
{
	struct jwt_key key = { .alg = (uint8_t)from->alg, .signs = from->may_sign,
	    .judges = from->may_judge, .has_id = from->has_id, .header = JWT_HEADER };
	bool ok, known;

	if ((from->alg != JWT_EDDSA || from->k.n > 0) && !check_secret(ring, from, why))
		return false;
	if (from->alg == JWT_EDDSA && !keys_have_public(ring) && !ed25519_self_test())
		return buf_fail(why, "the self-test of EdDSA failed: do not use this binary");
	if (from->alg == JWT_HS512)
		key.quoted = quoted_length(from->k);
	ok = make_ready(&key, from, why);
	known = ok && find_twin(ring, &key, from);
	if (ok && ring->twin < KEY_RING_MAX)
		ok = agrees(&ring->key[ring->twin], &key, known && from->k.n > 0, why);
	ok = ok && (known || put(ring, &key, from, why));
	wipe(&key, sizeof key);
	return ok;
}

bool
keys_same(const struct key_ring *a, const struct key_ring *b)
{
	bool same = a->n == b->n && a->has_secret == b->has_secret &&
	    sha512_equal(a->secret, b->secret);

	for (unsigned i = 0; i < a->n && same; i++) {
		const struct jwt_key *key = &a->key[i], *other = &b->key[i];

		same = same_key(key, other) && key->has_id == other->has_id &&
		    key->signs == other->signs && key->judges == other->judges &&
		    str_equal(key->id, other->id);
	}
	return same && (a->clients == NULL || b->clients == NULL ? a->clients == b->clients :
	    a->clients->print == b->clients->print);
}

/* keys_add_file() and keys_take_secret() over a file in memory. */
#include "fuzz/fuzz.h"
#include "token/key_files.h"
#include "token/key_shapes.h"
#include "token/pem.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

static const char *
file_of(const uint8_t *data, size_t n)
{
	static char path[64];
	static int fd = -1;

	if (fd < 0) {
		fd = memfd_create("key", MFD_CLOEXEC);
		snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	}
	MUST(ftruncate(fd, 0) == 0 && pwrite(fd, data, n, 0) == (ssize_t)n);
	return path;
}

/* What a key signs is good by it and by no key of another algorithm, and by the ring, if the key
 * judges. */
static void
check_key(const struct key_ring *ring, const struct jwt_key *key)
{
	static struct jwt_scratch scratch;
	char token[2048], text[2048];
	struct buf b = buf_over(token, sizeof token);
	struct jwt t;

	MUST(key->signs || key->judges);
	if (!key->signs)
		return;
	jwt_mint(&b, key, STR("{}"));
	scratch.text = buf_over(text, sizeof text);
	MUST(!b.bad && b.n == jwt_length(key, 2));
	MUST(jwt_open(&t, &scratch, buf_str(&b)) && str_equal(t.claims, STR("{}")));
	MUST(t.alg == key->alg && jwt_verify(&t, key) == JWT_GOOD);
	for (unsigned i = 0; i < ring->n; i++)
		MUST(ring->key[i].alg == key->alg ||
		    jwt_verify(&t, &ring->key[i]) == JWT_UNSUPPORTED_ALGORITHM);
	MUST(!key->judges || keys_verify(ring, &t) == JWT_GOOD);
}

/* What is published holds nothing of what signs, and is a key file itself. */
static void
check_public(const struct key_ring *ring)
{
	static char text[KEY_FILE_MAX];
	struct buf b = buf_over(text, sizeof text);

	jwk_put_set(&b, ring);
	MUST(!b.bad && str_find(buf_str(&b), STR("\"d\":")) == NULL);
	MUST(str_find(buf_str(&b), STR("\"k\":")) == NULL);
}

static void
check_ring(const struct key_ring *ring)
{
	unsigned judged = 0, nameless = 0, edwards = 0;

	MUST(ring->n > 0 && ring->n <= KEY_RING_MAX && ring->ids <= ring->n);
	for (unsigned i = 0; i < ring->n; i++) {
		const struct jwt_key *key = &ring->key[i];

		check_key(ring, key);
		judged |= (unsigned)key->judges << key->alg;
		edwards += key->alg == JWT_EDDSA && key->judges;
		nameless += key->alg == JWT_EDDSA && key->judges && !key->has_id;
		MUST(!key->signs || ring->signer != NULL);
	}
	MUST(judged == ring->judged && (nameless == 0 || edwards == 1));
	MUST(ring->signer == NULL || ring->signer->signs);
	MUST(ring->signer_hs512 == NULL || ring->signer_hs512->alg == JWT_HS512);
	if (keys_have_public(ring))
		check_public(ring);
}

/* A file that is no JSON and no PEM is the key, but for one newline. */
static void
check_raw(const struct key_ring *ring, struct str bytes)
{
	static const char input[] = "eyJhbGciOiJIUzUxMiJ9.e30";
	uint8_t got[SHA512_DIGEST], wanted[SHA512_DIGEST], der[PEM_DER];
	struct jwk jwk;

	bytes.n -= bytes.p[bytes.n - 1] == '\n';
	if (pem_read(&jwk, der, bytes)) {
		MUST(ring->n == 1 && ring->key[0].alg == JWT_EDDSA && bytes.p[0] == '-');
		MUST(ring->key[0].signs == (jwk.k.n == ED25519_SEED));
		return;
	}
	hmac512(got, &ring->key[0].hs512, input, sizeof input - 1);
	reference_hmac(wanted, bytes, STR("eyJhbGciOiJIUzUxMiJ9.e30"));
	MUST(memcmp(got, wanted, sizeof got) == 0 && ring->n == 1 && ring->ids == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct key_ring ring;
	char phrase[1024];
	struct buf why = buf_over(phrase, sizeof phrase);
	const char *path = file_of(data, n);

	keys_wipe(&ring);
	if (keys_add_file(&ring, path, &why)) {
		check_ring(&ring);
		if (!shape_is_json((struct str){ (const char *)data, n }))
			check_raw(&ring, (struct str){ (const char *)data, n });
		keys_add_file(&ring, path, &why);       /* into a ring that has some */
		check_ring(&ring);
	} else {
		MUST(why.n > 0 && !why.bad);
	}
	keys_wipe(&ring);
	buf_empty(&why);
	if (keys_take_secret(&ring, path, &why)) {
		uint8_t digest[SHA512_DIGEST];

		sha512(digest, data, n - (data[n - 1] == '\n'));
		MUST(keys_is_secret(&ring, digest));
	} else {
		MUST(why.n > 0 && !ring.has_secret);
	}
	return 0;
}

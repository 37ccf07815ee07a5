/* keys_add_file() and keys_take_secret() over a file in memory. */
#include "fuzz/fuzz.h"
#include "token/key_files.h"
#include "token/key_shapes.h"

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

/* What the first key signs, the ring takes, by that key. */
static void
check_ring(const struct key_ring *ring)
{
	static struct jwt_scratch scratch;
	char token[2048], text[2048];
	struct buf b = buf_over(token, sizeof token);
	struct jwt t;

	MUST(ring->n > 0 && ring->n <= KEY_RING_MAX && ring->ids <= ring->n);
	jwt_mint(&b, &ring->key[0], STR("{}"));
	scratch.text = buf_over(text, sizeof text);
	MUST(!b.bad && jwt_open(&t, &scratch, buf_str(&b)) && str_equal(t.claims, STR("{}")));
	MUST(keys_verify(ring, &t) == JWT_GOOD && jwt_verify(&t, &ring->key[0].mac) == JWT_GOOD);
}

/* A file that is no JSON is the key, but for one newline. */
static void
check_raw(const struct key_ring *ring, struct str bytes)
{
	static const char input[] = "eyJhbGciOiJIUzUxMiJ9.e30";
	uint8_t got[SHA512_DIGEST], wanted[SHA512_DIGEST];

	bytes.n -= bytes.p[bytes.n - 1] == '\n';
	hmac512(got, &ring->key[0].mac, input, sizeof input - 1);
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

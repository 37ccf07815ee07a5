#include "token/key_names.h"

enum {
	ORIGIN_SHOWN = 200,     /* bytes of a path in a message: two of them fit, and the reason */
	ID_SHOWN = 40,          /* bytes of a key id; */
	KEY_SHOWN = 6 * ID_SHOWN + 100          /* with escapes, and all that may stand around it */
};

/* Appends the text, cut where it is too long. */
static void
put_some(struct buf *b, struct str s, size_t most)
{
	size_t n = s.n <= most ? s.n : most;

	while (n < s.n && n > 0 && ((unsigned char)s.p[n] & 0xc0) == 0x80)
		n--;                    /* no half a character */
	buf_put(b, s.p, n);
	buf_text(b, n < s.n ? "..." : "");
}

void
key_name_origin(struct buf *b, const struct key_origin *origin)
{
	if (origin->path == NULL) {
		buf_text(b, "the demo key");
		return;
	}
	if (origin->number > 0)
		buf_format(b, "key %u of ", origin->number);
	buf_text(b, "key file ");
	put_some(b, str_from(origin->path), ORIGIN_SHOWN);
}

void
key_name_all(struct buf *b, const struct key_ring *ring)
{
	size_t start = b->n;
	unsigned i = 0;

	buf_format(b, ring->n == 1 ? "%u key: " : "%u keys: ", ring->n);
	for (; i < ring->n && b->n - start < KEY_NAMES_MAX - KEY_SHOWN; i++) {
		const struct jwt_key *key = &ring->key[i];

		buf_text(b, i > 0 ? ", " : "");
		if (key->has_id) {
			char text[ID_SHOWN + 4];
			struct buf id = buf_over(text, sizeof text);

			put_some(&id, key->id, ID_SHOWN);
			json_quote(b, buf_str(&id));
		} else {
			buf_hex(b, ring->print[i], KEY_PRINT);
		}
		buf_format(b, " (%s%s%s)", jwt_alg_name(key->alg),
		    key == ring->signer ? ", signs" : "", key->judges ? "" : ", judges nothing");
	}
	if (i < ring->n)
		buf_format(b, " and %u more", ring->n - i);
	buf_text(b, ring->signer == NULL ? "; none signs, so no tokens are issued" : "");
}

#include "json_string.h"

/* Reads what a string means in pieces of one to eight bytes: so many as stand for themselves, or
 * the character of one escape. */
struct reader {
	const char *p, *end;
	bool escaped;           /* whether a backslash begins an escape */
	unsigned held;          /* of the last piece, bytes that are still to be taken, */
	uint64_t piece;         /* the next one its lowest */
};

static struct reader
reader_over(struct json_string s)
{
	const char *p = s.raw.n > 0 ? s.raw.p : "";     /* an empty one may point nowhere */

	return (struct reader){ .p = p, .end = p + s.raw.n, .escaped = s.escaped };
}

/* UTF-8 of a character above U+007F, in a number whose lowest byte is the first. Returns its
 * bytes. */
static unsigned
utf8(uint64_t *piece, uint32_t code)
{
	unsigned n = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
	uint64_t bytes = 0;

	for (unsigned i = 1; i < n; i++, code >>= 6)
		bytes = (bytes | 0x80 | (code & 0x3f)) << 8;
	*piece = bytes | (0xf00u >> n & 0xff) | code;
	return n;
}

/* The character of the escape that begins here; returns its bytes. */
static unsigned
read_escape(struct reader *r)
{
	static const char control[0x20] = { ['b' & 0x1f] = '\b', ['f' & 0x1f] = '\f',
	    ['n' & 0x1f] = '\n', ['r' & 0x1f] = '\r', ['t' & 0x1f] = '\t' };
	const char *p = r->p + 1;
	uint32_t code;

	if (*p != 'u') {
		r->p += 2;
		r->piece = (unsigned char)(*p < 'a' ? *p : control[*p & 0x1f]);
		return 1;
	}
	code = json_hex4(p + 1);
	r->p += 6;
	if (json_is_high_surrogate(code)) {
		code = 0x10000 + ((code & 0x3ff) << 10) + (json_hex4(p + 7) & 0x3ff);
		r->p += 6;
	}
	if (code >= 0x80)
		return utf8(&r->piece, code);
	r->piece = code;
	return 1;
}

/* The next piece; returns its bytes, 0 at the end. */
static unsigned
read_piece(struct reader *r)
{
	size_t left = (size_t)(r->end - r->p);
	unsigned n = left < 8 ? (unsigned)left : 8;
	uint64_t bytes = n == 8 ? str_word(r->p) : str_bytes(r->p, n), backslash = 0;

	if (n == 0)
		return 0;
	if (r->escaped)
		backslash = str_word_has(bytes, '\\');
	if (backslash != 0) {
		n = str_word_first(backslash);
		if (n == 0)
			return read_escape(r);
		bytes &= UINT64_MAX >> (64 - 8 * n);
	}
	r->p += n;
	r->piece = bytes;
	return n;
}

/* The next byte, or -1 at the end. */
static int
read_byte(struct reader *r)
{
	int byte;

	if (r->held == 0 && (r->held = read_piece(r)) == 0)
		return -1;
	byte = (int)(r->piece & 0xff);
	r->piece >>= 8;
	r->held--;
	return byte;
}

int
json_compare(struct json_string a, struct json_string b)
{
	struct reader p = reader_over(a), q = reader_over(b);
	int x, y;

	if (!a.escaped && !b.escaped) {
		int order = memcmp(p.p, q.p, a.raw.n < b.raw.n ? a.raw.n : b.raw.n);

		return order != 0 ? order : (a.raw.n > b.raw.n) - (a.raw.n < b.raw.n);
	}
	do {
		x = read_byte(&p);
		y = read_byte(&q);
	} while (x == y && x >= 0);
	return x - y;
}

/* SipHash-1-3 (Aumasson and Bernstein, 2012) under the key 0. It stands here, as parsing depends on
 * nothing but the text: so anyone can compute it, and find two strings of one hash (2^33 trials
 * did, see test/test_json_names.c). These cost one comparison more. What many would cost, were they
 * ever found, json_names.c bounds. */
static inline uint64_t
rotated(uint64_t v, unsigned by)
{
	return v << by | v >> (64 - by);
}

static inline void
sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[2] += v[3];
	v[1] = rotated(v[1], 13) ^ v[0];
	v[3] = rotated(v[3], 16) ^ v[2];
	v[2] += v[1];
	v[0] = rotated(v[0], 32) + v[3];
	v[1] = rotated(v[1], 17) ^ v[2];
	v[3] = rotated(v[3], 21) ^ v[0];
	v[2] = rotated(v[2], 32);
}

static inline void
sip_block(uint64_t v[4], uint64_t block)
{
	v[3] ^= block;
	sip_round(v);
	v[0] ^= block;
}

uint64_t
json_sip_hash(struct json_string s)
{
	uint64_t v[4] = { 0x736f6d6570736575, 0x646f72616e646f6d, 0x6c7967656e657261,
	    0x7465646279746573 };
	struct reader r = reader_over(s);
	uint64_t block = 0, n = 0;

	for (unsigned more; (more = read_piece(&r)) > 0; n += more) {
		unsigned at = 8 * (n % 8);

		block |= r.piece << at;
		if (at + 8 * more < 64)
			continue;
		sip_block(v, block);
		block = r.piece >> (56 - at) >> 8;
	}
	block |= n << 56;
	if (n < 8)                      /* escapes made it look longer */
		return block;
	sip_block(v, block);
	v[2] ^= 0xff;
	for (int i = 0; i < 3; i++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

void
json_unescape(struct buf *b, struct json_string s)
{
	struct reader r = reader_over(s);

	for (int byte; (byte = read_byte(&r)) >= 0; )
		buf_put(b, &(char){ (char)byte }, 1);
}

#include "token/key_shapes.h"

#include "sha512.h"
#include "token/key_marks.h"
#include "token/key_material.h"

/* 1 where the byte is white space of ASCII. */
static unsigned
is_space(unsigned c)
{
	return key_below(c ^ ' ', 1) | key_below((c - '\t') & 0xff, 5);
}

/* Whether it is UTF-8, as far as its bytes follow one another, with no control character but white
 * space and, if `zero` is 1, zero bytes. */
static bool
is_text(struct str s, unsigned zero)
{
	unsigned wrong = 0, left = 0;

	for (size_t i = 0; i < s.n; i++) {
		unsigned c = (unsigned char)s.p[i], follows = key_below(c ^ 0x80, 0x40);
		unsigned more = 3 - key_below(c, 0xc0) - key_below(c, 0xe0) - key_below(c, 0xf0);

		wrong |= key_below(left, 1) ^ (1 - follows);
		wrong |= key_below(c, 0x20) & ~is_space(c) & ~(key_below(c, 1) & zero);
		wrong |= key_below(c ^ 0x7f, 1) | (1 - key_below(c, 0xf8));
		left = ((left - 1) & (0 - follows)) | (more & (follows - 1));
		left &= 3;
	}
	return key_told((1 - wrong) & key_below(left, 1));
}

/* The bits of a byte that matter. */
static unsigned
mask_of(const struct mark *m)
{
	bool any_case = m->place >= TEXT_ANYWHERE;

	return any_case ? 0xffu - ('a' ^ 'A') : 0xff;
}

/* Bytes that are looked for beside those of the table. */
#define BYTES(bytes) { START, TOKEN, sizeof bytes - 1, 0, bytes }

/* 1 where the mark stands at this place. */
static unsigned
is_at(struct str s, size_t at, const struct mark *m)
{
	unsigned difference = 0, mask = mask_of(m);

	if (at > s.n || m->n > s.n - at)
		return 0;
	for (size_t i = 0; i < m->n; i++)
		if (m->bytes[i] != MARK_ANY)
			difference |= (unsigned)(s.p[at + i] ^ m->bytes[i]) & mask;
	return key_below(difference, 1);
}

/* 1 where it stands at one of eight places, of which each has a byte of a word. The bytes at p - 1
 * to p + m->n + 6 are there. */
static unsigned
is_at_eight(const char *p, const struct mark *m, bool field)
{
	uint64_t difference = field ? str_word(p - 1) ^ STR_EACH(':') : 0, mask = mask_of(m);

	for (size_t i = 0; i < m->n; i++)
		if (m->bytes[i] != MARK_ANY)
			difference |= (str_word(p + i) ^ STR_EACH((uint8_t)m->bytes[i])) &
			    STR_EACH(mask);
	difference |= (difference & STR_EACH(0x7f)) + STR_EACH(0x7f);
	return (unsigned)((difference >> 7 & STR_EACH(1)) * STR_EACH(1) >> 56) >> 3 ^ 1;
}

/* 1 where it stands anywhere or, if `field`, where a field begins; at the start alone of what is
 * hardly longer. The last eight places may be some that were looked at. */
static unsigned
is_somewhere(struct str s, const struct mark *m, bool field)
{
	unsigned found = is_at(s, 0, m);

	for (size_t i = 1; s.n >= m->n + 8u; i += 8) {
		size_t last = s.n - 7 - m->n;

		found |= is_at_eight(s.p + (i < last ? i : last), m, field);
		if (i >= last)
			break;
	}
	return found;
}

enum { ASCII_LEAST = 8 };               /* units of UTF-16 */

/* Whether a quarter of the units are ASCII: those of other characters may lie between them. */
static bool
is_utf16(struct str s)
{
	size_t units = s.n / 2, ascii[2] = { 0, 0 };

	for (size_t i = 0; i < 2 * units; i++) {
		unsigned low = (unsigned char)s.p[i], high = (unsigned char)s.p[i ^ 1];

		ascii[i % 2] += key_below(high, 1) & key_below(low, 0x7f) &
		    (is_space(low) | (1 - key_below(low, 0x20)));
	}
	if (units < 4 * ASCII_LEAST)
		units = 4 * ASCII_LEAST;        /* or 32 random bytes could be so */
	return key_told(ascii[0] >= units / 4) || key_told(ascii[1] >= units / 4);
}

/* Whether the text is a token: three segments, or five of an encrypted one, the first a JSON
 * object. */
static bool
is_token(struct str s)
{
	const struct mark begin = BYTES("eyJ");
	size_t dots = 0;

	for (size_t i = 0; i < s.n; i++)
		dots += key_below((unsigned char)s.p[i] ^ '.', 1);
	return key_told(is_at(s, 0, &begin) & (dots >= 2));
}

static bool
begins_and_ends(struct str s, char first, char last)
{
	return key_told((s.p[0] == first) & (s.p[s.n - 1] == last));
}

/* What stands between "-----BEGIN " and "-----" (RFC 7468 3), if it looks like a label. */
static struct str
pem_label(struct str s)
{
	const struct mark begin = BYTES("-----BEGIN "),
	    end = BYTES("-----");
	struct str label = { s.p, 0 };
	size_t at = 0;

	while (at < s.n && is_at(s, at, &begin) == 0)
		at++;
	for (at += begin.n; at < s.n && label.n <= 40; at++, label.n++) {
		label.p = s.p + at - label.n;
		if (is_at(s, at, &end) != 0)
			return label;
		if (s.p[at] != ' ' && (s.p[at] < '0' || s.p[at] > 'Z'))
			break;
	}
	return (struct str){ NULL, 0 };
}

/* The kind of the mark that it bears; -1: none. */
static int
find_mark(struct str s, bool text)
{
	for (struct mark m = { 0 }; mark_next(&m);) {
		bool anywhere = m.place >= BINARY && m.place <= TEXT_FIELD;

		if ((text ? m.place == BINARY : m.place >= TEXT_ANYWHERE) ||
		    (m.place == NOT_64 && s.n == 64))
			continue;
		if (key_told(anywhere ? is_somewhere(s, &m, m.place == TEXT_FIELD) :
		    is_at(s, 0, &m)))
			return m.kind;
	}
	return -1;
}

/* Whether every third byte is a colon, as openssl shows digests. */
static bool
is_fingerprint(struct str s)
{
	unsigned other = 0;

	for (size_t i = 2; i < s.n; i += 3)
		other |= (unsigned char)s.p[i] ^ ':';
	return key_told(key_below(other, 1));
}

enum { NONE = 128 };

/* How text may spell bytes: digits of so many bits, and what the characters of each range stand
 * for: the first one for `value`, the next one for one more. NONE: there are no digits, then. */
static const struct base {
	uint8_t bits;
	struct range {
		char first;
		uint8_t n, value;
	} range[7];
	char name[24];
} bases[] = {
	{ 4, { { '0', 10, 0 }, { 'a', 6, 10 }, { 'A', 6, 10 }, { 'g', 'x' - 'g', NONE },
	  { 'G', 'X' - 'G', NONE }, { 'y', 2, NONE }, { 'Y', 2, NONE } },
	  " in hexadecimal digits" },
	{ 5, { { 'a', 26, 0 }, { 'A', 26, 0 }, { '2', 6, 26 }, { '0', 2, NONE },
	  { '8', 2, NONE } }, " in base32" },
	{ 6, { { 'A', 26, 0 }, { 'a', 26, 26 }, { '0', 10, 52 }, { '+', 1, 62 }, { '-', 1, 62 },
	  { '/', 1, 63 }, { '_', 1, 63 } }, " in base64" }
};

/* What a character stands for. Above 63: nothing, as it lies between digits, like what a backslash
 * or "0x" is made of. */
static unsigned
digit(struct str s, size_t i, const struct base *base)
{
	unsigned c = (unsigned char)s.p[i], value = 0, found = 0;

	for (const struct range *r = base->range; r < base->range + 7; r++) {
		unsigned place = (c - (unsigned char)r->first) & 0xff;
		unsigned is_in = key_below(place, r->n);

		value |= (place + r->value) & (0 - is_in);
		found |= is_in;
	}
	if (i > 0)
		found &= 1 - key_below((unsigned char)s.p[i - 1] ^ '\\', 1);
	if (base->bits == 4 && i + 1 < s.n)
		found &= 1 - key_below(((unsigned char)s.p[i + 1] | 0x20u) ^ 'x', 1);
	return (value & (0 - found)) | (1 - found) << 6;
}

enum {
	BASES = sizeof bases / sizeof bases[0],
	TEXT_MAX = 2048,        /* characters that are decoded, from the start */
	TEXTS_MAX = 4           /* texts that are decoded, the first with them */
};

/* Decodes what is text. Returns how many bytes; 0: it is not spelled so. */
static size_t
decode(char out[TEXT_MAX], struct str s, const struct base *base)
{
	unsigned word = 0, have = 0, all = 0;
	size_t n = 0;

	if (s.n > TEXT_MAX)
		s.n = TEXT_MAX;
	for (size_t i = 0; i < s.n; i++) {
		unsigned value = digit(s, i, base);

		out[i] = (char)value;
		all |= value;
	}
	if (key_told(all & NONE))
		return 0;
	for (size_t i = 0; i < s.n; i++) {
		unsigned value = (unsigned char)out[i];

		if (key_told(value >> 6))
			continue;
		word = word << base->bits | value;
		have += base->bits;
		if (have >= 8)
			out[n++] = (char)(word >> (have -= 8));
	}
	return n;
}

/* 1 where the byte ends a line, as a zero does for xargs. */
static unsigned
is_break(char c)
{
	return key_below(((unsigned char)c - '\n') & 0xffu, 4) | key_below((unsigned char)c, 1);
}

/* 1 where no key begins or ends with it. */
static unsigned
is_end(char c)
{
	return is_space((unsigned char)c) | is_break(c);
}

static struct str
trimmed(struct str s)
{
	while (s.n > 0 && key_told(is_end(s.p[0]))) {
		s.p++;
		s.n--;
	}
	while (s.n > 0 && key_told(is_end(s.p[s.n - 1])))
		s.n--;
	return s;
}

/* The kind of thing that it is as it stands; -1: none that is known. */
static int
kind_of(struct str s, bool *text)
{
	int kind;

	*text = s.n >= 3 && is_text(s, 0);
	kind = find_mark(s, *text);
	return kind >= 0 ? kind : is_utf16(s) ? UTF16 : shape_is_json(s) ? JSON :
	    *text && is_token(s) ? TOKEN : -1;
}

/* The kind of thing that it is, or what text decodes to, or what is text itself among that, and so
 * on; and how it is spelled. White space around it does not make another one of it. */
static int
find_kind(struct str s, const char **spelling)
{
	char bytes[TEXTS_MAX][TEXT_MAX];
	struct str text[TEXTS_MAX] = { trimmed(s) };
	bool has_text;
	int kind = kind_of(text[0], &has_text);
	unsigned texts = has_text;

	for (unsigned i = 0; kind < 0 && i < BASES * texts; i++) {
		const struct base *base = &bases[i % BASES];
		struct str decoded = { bytes[texts - 1], 0 };

		decoded.n = decode(bytes[texts - 1], text[i / BASES], base);
		if (decoded.n > 0 && base->bits == 4)
			i += BASES - 1;         /* digits of base 16 alone */
		decoded = trimmed(decoded);
		kind = kind_of(decoded, &has_text);
		*spelling = base->name;
		if (has_text && texts < TEXTS_MAX)
			text[texts++] = decoded;
	}
	wipe(bytes, sizeof bytes);
	if (kind >= 0 || texts == 0)
		return kind;
	*spelling = "";
	s = text[0];
	return is_fingerprint(s) ? PRINT : begins_and_ends(s, '<', '>') ? MARKUP :
	    begins_and_ends(s, '$', '}') && key_told(s.p[1] == '{') ? VARIABLE : -1;
}

/* Which kind of key PKCS#8 in PEM holds, by its object identifier in base64 (RFC 8017 A.1, RFC 5480
 * 2.1.1). */
static const char *
pem_algorithm(struct str s)
{
	const struct mark rsa = BYTES("BgkqhkiG9w0BAQEF"), ec = BYTES("ByqGSM49AgEG");

	return key_told(is_somewhere(s, &rsa, false)) ? ", RSA" :
	    key_told(is_somewhere(s, &ec, false)) ? ", EC" : "";
}

bool
shape_is_foreign(struct str bytes, struct buf *why)
{
	const char *spelling = "";
	int kind = find_kind(bytes, &spelling);
	struct str label = { NULL, 0 };

	if (kind < 0)
		return false;
	buf_text(why, "it is ");
	buf_text(why, mark_name((enum mark_kind)kind));
	if (kind == PEM)
		label = pem_label(bytes);
	if (kind != DEMO) {
		buf_text(why, spelling);
		if (label.n > 0)
			buf_format(why, " (%.*s%s)", (int)label.n, label.p, pem_algorithm(bytes));
		buf_text(why, "; a key is a JWK, Ed25519 in PEM as openssl "
		    "writes it, or, for HS512, its bytes");
	}
	buf_text(why, kind == PEM ? "; 'jwtd keygen --alg EdDSA NEWFILE' makes a new one"
	    : KEY_NEW);
	return true;
}

bool
shape_is_json(struct str file)
{
	const struct mark kty = BYTES("\"kty\""), keys = BYTES("\"keys\"");

	file = trimmed(file);
	return file.n > 0 && key_told(file.p[0] == '{') && (is_text(file, 0) ||
	    key_told(is_somewhere(file, &kty, false)) ||
	    key_told(is_somewhere(file, &keys, false)));
}

/* 1 where the byte is of an alphabet that keys are written in: base64, base64url, and what URLs
 * leave as it is. */
static unsigned
is_digit(unsigned c)
{
	return key_below(((c | 0x20) - 'a') & 0xff, 26) | key_below((c - '-') & 0xff, 13) |
	    key_below(c ^ '+', 1) | key_below(c ^ '_', 1) | key_below(c ^ '~', 1);
}

/* Whether there is anything but '=' at the end beside what could be a key: 64 such digits; or,
 * where all of it is hardly more, a name and '=', ':' or a space. Or whether it is "0x" and
 * hexadecimal digits. The odds of random bytes are 2^-120; of 64 or 128 random printable ones
 * 2^-26. */
static bool
holds_more(struct str s)
{
	const struct mark base = { TEXT_START, SETTINGS, 2, 0, "0x" };
	unsigned run = 0, found = 0, others = 0, letter = 1 - is_at(s, 0, &base);
	unsigned parts = 0, sign = 0;

	for (unsigned i = 0; i < 2 && s.n > 0 && key_told(s.p[s.n - 1] == '='); i++)
		s.n--;
	for (size_t i = 0; i < s.n; i++) {
		unsigned c = (unsigned char)s.p[i], digit = is_digit(c);

		parts += key_below(run, 1) & digit & key_below(parts, 3);
		run = (run + key_below(run, 64)) & (0 - digit);
		found |= run >> 6;
		others += (1 - digit) & key_below(others, 7);
		sign |= key_below(c ^ '=', 1) | key_below(c ^ ':', 1) | is_space(c);
		if (i > 1)
			letter |= 1 - key_below((c - '0') & 0xff, 10) -
			    key_below(((c | 0x20) - 'a') & 0xff, 6);
	}
	return key_told((found & (others > 0)) | (1 - letter) |
	    (sign & key_below(parts ^ 2, 1) & key_below(others, 7) & (s.n >= 60)));
}

/* Why the text is no key as it stands; NULL: it may be one. */
static const char *
untidiness(struct str s)
{
	const struct mark mark = BYTES("\xef\xbb\xbf");
	struct str inner = trimmed(s);
	unsigned breaks = 0;

	for (size_t i = 0; i < inner.n; i++)
		breaks |= is_break(inner.p[i]);
	if (key_told(is_at(s, 0, &mark)))
		return "it begins with a byte order mark: write it without";
	if (key_told(breaks))
		return "two lines or more: is this two keys? A JWK Set holds several: "
		    "'jwtd jwk FILE...' makes one. If it is one key, join its lines";
	if (inner.n > 0 && inner.n < s.n)
		return "it begins or ends with white space: is that part of it? Write it without";
	if (key_told(s.p[0] == '['))
		return "it begins with '[': a JWK Set is {\"keys\": [...]}";
	if (begins_and_ends(s, '"', '"') || begins_and_ends(s, '\'', '\''))
		return "it stands in quotes: are they part of it? Write it without";
	return NULL;
}

bool
shape_is_untidy(struct str s, struct buf *why)
{
	const char *problem = s.n > 0 && is_text(s, 1) ? untidiness(s) : NULL;

	if (problem != NULL)
		buf_text(why, problem);
	else if (holds_more(s))
		buf_text(why, "it holds more than a key: a label, a second key? Write the key "
		    "alone; a JWK Set holds several");
	else
		return false;
	return true;
}

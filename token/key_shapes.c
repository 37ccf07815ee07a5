#include "token/key_shapes.h"

#include "token/key_marks.h"
#include "token/key_material.h"

/* 1 where the byte is white space of ASCII. */
static unsigned
is_space(unsigned c)
{
	return key_below(c ^ ' ', 1) | key_below((c - '\t') & 0xff, 5);
}

/* Whether it is UTF-8, as far as its bytes follow one another, with no control character but white
 * space. */
static bool
is_text(struct str s)
{
	unsigned wrong = 0, left = 0;

	for (size_t i = 0; i < s.n; i++) {
		unsigned c = (unsigned char)s.p[i], follows = key_below(c ^ 0x80, 0x40);
		unsigned more = 3 - key_below(c, 0xc0) - key_below(c, 0xe0) - key_below(c, 0xf0);

		wrong |= key_below(left, 1) ^ (1 - follows);
		wrong |= key_below(c, 0x20) & ~is_space(c);
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
	bool any_case = m->place >= TEXT_START && m->place <= TEXT_ANYWHERE;

	return any_case ? 0xffu - ('a' ^ 'A') : 0xff;
}

/* Bytes that are looked for beside those of the table. */
#define BYTES(bytes) { START, TOKEN, sizeof bytes - 1, bytes }

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

/* 1 where it stands anywhere or, if `field`, where a field begins. */
static unsigned
is_somewhere(struct str s, const struct mark *m, bool field)
{
	unsigned found = is_at(s, 0, m);
	size_t i = 1;

	for (; i + 7 + m->n <= s.n; i += 8)
		found |= is_at_eight(s.p + i, m, field);
	for (; i < s.n; i++)
		found |= is_at(s, i, m) &
		    (field ? key_below((unsigned char)s.p[i - 1] ^ ':', 1) : 1);
	return found;
}

/* Which kind of DER it is in a SEQUENCE of `n` bytes with its header, whose first ones are `s`; -1:
 * none. DER has one spelling of a length (X.690 10.1): it is known what the header must be. */
static int
find_der(struct str s, size_t n)
{
	char bytes[4] = { 0x30, (char)(n - 2) };
	struct mark header = { START, DER, 2, bytes };

	if (n >= 0x80 + 2) {
		bool two = n >= 0x100 + 3;

		header.n = two ? 4 : 3;
		bytes[1] = (char)(two ? 0x82 : 0x81);
		bytes[2] = (char)(two ? (n - 4) >> 8 : n - 3);
		bytes[3] = (char)(n - 4);
	}
	if (!key_told(is_at(s, 0, &header)))
		return -1;
	for (unsigned i = 0; i < mark_count; i++) {
		const struct mark m = mark_row(i);

		if ((m.place == DER_START || (m.place == LONG_DER_START && header.n > 2)) &&
		    key_told(is_at(s, header.n, &m)))
			return m.kind;
	}
	return -1;
}

/* What a character of base64 stands for, of either alphabet; 0 for any other. */
static unsigned
sextet(unsigned c)
{
	return key_below((c - 'A') & 0xff, 26) * (c - 'A') +
	    key_below((c - 'a') & 0xff, 26) * (c - 'a' + 26) +
	    key_below((c - '0') & 0xff, 10) * (c - '0' + 52) +
	    (key_below(c ^ '+', 1) | key_below(c ^ '-', 1)) * 62 +
	    (key_below(c ^ '/', 1) | key_below(c ^ '_', 1)) * 63;
}

/* Whether it is DER in base64, as some show a public key. */
static bool
is_der_in_base64(struct str s)
{
	char bytes[12];

	if (s.n < 64)
		return false;
	for (size_t i = 0; i < sizeof bytes; i++) {
		const unsigned char *two = (const unsigned char *)s.p + i / 3 * 4 + i % 3;

		bytes[i] = (char)(sextet(two[0]) << (2 * (i % 3) + 2) |
		    sextet(two[1]) >> (4 - 2 * (i % 3)));
	}
	for (size_t padding = 0; padding <= 2; padding++)
		if (find_der((struct str){ bytes, sizeof bytes }, s.n * 3 / 4 - padding) >= 0)
			return true;
	return false;
}

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
	return units >= 8 && (key_told(ascii[0] >= units / 4) || key_told(ascii[1] >= units / 4));
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
	const struct mark begin = BYTES("-----BEGIN "), end = BYTES("-----");
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
	for (unsigned i = 0; i < mark_count; i++) {
		const struct mark m = mark_row(i);
		unsigned found = 0;

		switch ((enum mark_place)m.place) {
		case START:
			found = is_at(s, 0, &m);
			break;
		case ANYWHERE:
			found = is_somewhere(s, &m, false);
			break;
		case TEXT_START:
			found = text ? is_at(s, 0, &m) : 0;
			break;
		case TEXT_FIELD:
		case TEXT_ANYWHERE:
			found = text ? is_somewhere(s, &m, m.place == TEXT_FIELD) : 0;
			break;
		case DER_START:
		case LONG_DER_START:
			break;
		}
		if (key_told(found))
			return m.kind;
	}
	return find_der(s, s.n);
}

/* What kind of file it is; -1: none that is known. A newline at the end is no part of text. */
static int
kind_of(struct str file)
{
	bool text = is_text(file);
	int kind;

	file.n -= text && file.n > 0 && key_told(file.p[file.n - 1] == '\n');
	kind = find_mark(file, text);
	if (kind >= 0)
		return kind;
	if (is_utf16(file))
		return UTF16;
	if (file.n == 0 || !text)
		return -1;
	return is_der_in_base64(file) ? DER_BASE64 : is_token(file) ? TOKEN :
	    begins_and_ends(file, '<', '>') ? MARKUP : -1;
}

bool
shape_is_foreign(struct str file, struct buf *why)
{
	int kind = kind_of(file);
	struct str label = { NULL, 0 };

	if (kind < 0)
		return false;
	buf_text(why, "it is ");
	buf_text(why, mark_name((enum mark_kind)kind));
	if (kind == PEM)
		label = pem_label(file);
	if (label.n > 0) {
		buf_text(why, " (");
		buf_add(why, label);
		buf_text(why, ")");
	}
	buf_text(why, "; a key for HS512 is its bytes, or a JWK" KEY_NEW);
	return true;
}

bool
shape_is_json(struct str file)
{
	const struct mark kty = BYTES("\"kty\""), keys = BYTES("\"keys\"");
	size_t i = 0;

	while (i < file.n && key_told(is_space((unsigned char)file.p[i])))
		i++;
	return i < file.n && key_told(file.p[i] == '{') && (is_text(file) ||
	    key_told(is_somewhere(file, &kty, false)) ||
	    key_told(is_somewhere(file, &keys, false)));
}

/* Why the text, at whose ends there is white space, or which has a line break, is no key. */
static const char *
broken_or_spaced(struct str s)
{
	while (s.n > 0 && is_space((unsigned char)s.p[0]) != 0) {
		s.p++;
		s.n--;
	}
	while (s.n > 0 && is_space((unsigned char)s.p[s.n - 1]) != 0)
		s.n--;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '\n' || s.p[i] == '\r')
			return "two lines or more: is this two keys? A JWK Set holds several: "
			    "'jwtd jwk FILE...' makes one. If it is one key, join its lines";
	return "it begins or ends with white space: is that part of it? Write it without";
}

/* Why the text is no key as it stands; NULL: it may be one. */
static const char *
untidiness(struct str s)
{
	const struct mark mark = BYTES("\xef\xbb\xbf");
	unsigned spaced = is_space((unsigned char)s.p[0]) | is_space((unsigned char)s.p[s.n - 1]);

	for (size_t i = 0; i < s.n; i++)
		spaced |= key_below((unsigned char)s.p[i] ^ '\n', 1) |
		    key_below((unsigned char)s.p[i] ^ '\r', 1);
	if (key_told(is_at(s, 0, &mark)))
		return "it begins with a byte order mark: write it without";
	if (key_told(spaced))
		return broken_or_spaced(s);
	if (key_told(s.p[0] == '['))
		return "it begins with '[': a JWK Set is {\"keys\": [...]}";
	if (begins_and_ends(s, '"', '"') || begins_and_ends(s, '\'', '\''))
		return "it stands in quotes: are they part of it? Write it without";
	return NULL;
}

bool
shape_is_untidy(struct str s, struct buf *why)
{
	const char *problem = s.n > 0 && is_text(s) ? untidiness(s) : NULL;

	if (problem != NULL)
		buf_text(why, problem);
	return problem != NULL;
}

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
	bool any_case = m->place >= TEXT_START && m->place <= TEXT_ANYWHERE;

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
	struct mark header = { START, DER, 2, 0, bytes };

	if (n >= 0x80 + 2) {
		bool two = n >= 0x100 + 3;

		header.n = two ? 4 : 3;
		bytes[1] = (char)(two ? 0x82 : 0x81);
		bytes[2] = (char)(two ? (n - 4) >> 8 : n - 3);
		bytes[3] = (char)(n - 4);
	}
	if (!key_told(is_at(s, 0, &header)))
		return -1;
	for (struct mark m = { 0 }; mark_next(&m);)
		if ((m.place == DER_START || (m.place == LONG_DER_START && header.n > 2)) &&
		    key_told(is_at(s, header.n, &m)))
			return m.kind;
	return -1;
}

static unsigned
nibble(unsigned c)
{
	return (c & 15) + (c >> 6 & 1) * 9;
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
		unsigned found = 0;

		switch ((enum mark_place)m.place) {
		case START:
			found = is_at(s, 0, &m);
			break;
		case NOT_64:
			found = s.n != 64 ? is_at(s, 0, &m) : 0;
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

enum { BEGINNING = 24 };                /* bytes that are decoded */

/* The kind of the mark that is borne by the `n` bytes whose first digits these are, of base 64 or
 * 16; -1: none. */
static int
find_encoded(const unsigned char *text, size_t n, bool base16)
{
	const struct mark json = BYTES("{\"");
	char bytes[BEGINNING];
	const struct str s = { bytes, sizeof bytes };
	int kind;

	for (size_t i = 0; i < sizeof bytes; i++) {
		const unsigned char *two = text + (base16 ? 2 * i : i / 3 * 4 + i % 3);

		bytes[i] = (char)(base16 ? nibble(two[0]) << 4 | nibble(two[1]) :
		    sextet(two[0]) << (2 * (i % 3) + 2) | sextet(two[1]) >> (4 - 2 * (i % 3)));
	}
	kind = find_mark(s, false);
	for (size_t padding = 0; kind < 0 && padding <= 2; padding++)
		kind = find_der(s, n - padding);
	if (kind < 0 && key_told(is_at(s, 0, &json)) && is_text(s, 0))
		kind = JSON;
	wipe(bytes, sizeof bytes);
	return kind;
}

/* What the text is in another spelling, be it in lines, and which one; -1: nothing known. */
static int
find_spelled(struct str s, const char **spelling)
{
	unsigned char text[2 * BEGINNING];
	int kind = -1;
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (key_told(is_space((unsigned char)s.p[i])))
			continue;
		if (n < sizeof text)
			text[n] = (unsigned char)s.p[i];
		n++;
	}
	if (n >= 64) {
		kind = find_encoded(text, n * 3 / 4, false);
		*spelling = " in base64";
		if (kind < 0) {
			kind = find_encoded(text, n / 2, true);
			*spelling = " in hexadecimal digits";
		}
	}
	wipe(text, sizeof text);
	return kind;
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

/* What kind of file it is, and how it is spelled; -1: none that is known. A newline at the end is
 * no part of text. */
static int
kind_of(struct str file, const char **spelling)
{
	bool text = is_text(file, 0);
	int kind;

	file.n -= text && file.n > 0 && key_told(file.p[file.n - 1] == '\n');
	kind = find_mark(file, text);
	if (kind >= 0)
		return kind;
	if (is_utf16(file))
		return UTF16;
	if (file.n < 3 || !text)
		return -1;
	if (is_token(file))
		return TOKEN;
	kind = find_spelled(file, spelling);
	if (kind >= 0)
		return kind;
	*spelling = "";
	return is_fingerprint(file) ? PRINT : begins_and_ends(file, '<', '>') ? MARKUP :
	    begins_and_ends(file, '$', '}') && key_told(file.p[1] == '{') ? VARIABLE : -1;
}

bool
shape_is_foreign(struct str file, struct buf *why)
{
	const char *spelling = "";
	int kind = kind_of(file, &spelling);
	struct str label = { NULL, 0 };

	if (kind < 0)
		return false;
	buf_format(why, "it is %s%s", mark_name((enum mark_kind)kind), spelling);
	if (kind == PEM)
		label = pem_label(file);
	if (label.n > 0)
		buf_format(why, " (%.*s)", (int)label.n, label.p);
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
	return i < file.n && key_told(file.p[i] == '{') && (is_text(file, 0) ||
	    key_told(is_somewhere(file, &kty, false)) ||
	    key_told(is_somewhere(file, &keys, false)));
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

/* 1 where the byte is of an alphabet that keys are written in: base64, base64url, and what URLs
 * leave as it is. */
static unsigned
is_digit(unsigned c)
{
	return key_below(((c | 0x20) - 'a') & 0xff, 26) | key_below((c - '-') & 0xff, 13) |
	    key_below(c ^ '+', 1) | key_below(c ^ '_', 1) | key_below(c ^ '~', 1);
}

/* Whether there is anything but '=' at the end beside what could be a key: 64 such digits. The odds
 * of random bytes are 2^-122; of 128 random printable ones 2^-26, and 64 are never refused. Or
 * whether it is "0x" and hexadecimal digits. */
static bool
holds_more(struct str s)
{
	const struct mark base = { TEXT_START, SETTINGS, 2, 0, "0x" };
	unsigned run = 0, found = 0, other = 0, letter = 1 - is_at(s, 0, &base);

	for (unsigned i = 0; i < 2 && s.n > 0 && key_told(s.p[s.n - 1] == '='); i++)
		s.n--;
	for (size_t i = 0; i < s.n; i++) {
		unsigned c = (unsigned char)s.p[i], digit = is_digit(c);

		run = (run + key_below(run, 64)) & (0 - digit);
		found |= run >> 6;
		other |= 1 - digit;
		if (i > 1)
			letter |= 1 - key_below((c - '0') & 0xff, 10) -
			    key_below(((c | 0x20) - 'a') & 0xff, 6);
	}
	return key_told((found & other) | (1 - letter));
}

/* Why the text, at whose ends there is white space, or which has a line break, is no key. */
static const char *
broken_or_spaced(struct str s)
{
	while (s.n > 0 && is_end(s.p[0]) != 0) {
		s.p++;
		s.n--;
	}
	while (s.n > 0 && is_end(s.p[s.n - 1]) != 0)
		s.n--;
	for (size_t i = 0; i < s.n; i++)
		if (is_break(s.p[i]) != 0)
			return "two lines or more: is this two keys? A JWK Set holds several: "
			    "'jwtd jwk FILE...' makes one. If it is one key, join its lines";
	return "it begins or ends with white space: is that part of it? Write it without";
}

/* Why the text is no key as it stands; NULL: it may be one. */
static const char *
untidiness(struct str s)
{
	const struct mark mark = BYTES("\xef\xbb\xbf");
	unsigned spaced = is_end(s.p[0]) | is_end(s.p[s.n - 1]);

	for (size_t i = 0; i < s.n; i++)
		spaced |= is_break(s.p[i]);
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

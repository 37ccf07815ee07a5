#include "str.h"

#include "sha512.h"

const char str_two_digits[] =
    "00010203040506070809" "10111213141516171819" "20212223242526272829" "30313233343536373839"
    "40414243444546474849" "50515253545556575859" "60616263646566676869" "70717273747576777879"
    "80818283848586878889" "90919293949596979899";

const char *
str_nth(const char *texts, unsigned i)
{
	for (; i > 0; i--)
		texts += strlen(texts) + 1;
	return texts;
}

size_t
str_until(const char *text, char c)
{
	size_t n = 0;

	while (text[n] != '\0' && text[n] != c)
		n++;
	return n;
}

size_t
str_folder(const char *path)
{
	size_t n = strlen(path);

	while (n > 0 && path[n - 1] != '/')
		n--;
	return n;
}

bool
str_begins(const char *text, const char *prefix)
{
	while (*prefix != '\0')
		if (*text++ != *prefix++)
			return false;
	return true;
}

void
buf_cut(struct buf *b, size_t n)
{
	if (b->n > n)
		wipe(b->p + n, b->n - n);
	b->n = n;
	b->bad = false;
}

void
buf_number(struct buf *b, uint64_t v)
{
	char digits[20];
	size_t at = sizeof digits;

	for (; v >= 100; v /= 100) {
		at -= 2;
		str_put_two(digits + at, (unsigned)(v % 100));
	}
	at -= 2;
	str_put_two(digits + at, (unsigned)v);
	at += v < 10;
	buf_put(b, digits + at, sizeof digits - at);
}

/* Appends as much of it as fits. */
static void
put_cut(struct buf *b, const char *p, size_t n)
{
	size_t room = b->cap - b->n;

	buf_put(b, p, n < room ? n : room);
	b->bad = b->bad || n > room;
}

void
buf_text(struct buf *b, const char *text)
{
	buf_put(b, text, strlen(text));
}

/* Appends what a conversion asks for; `f` stands behind the '%'. Returns where the words go on. */
static const char *
put_conversion(struct buf *b, const char *f, va_list *list)
{
	char digits[20];
	struct buf number = buf_over(digits, sizeof digits);
	const char *s;
	int length;

	switch (*f) {
	case 's':
		s = va_arg(*list, const char *);
		put_cut(b, s, strlen(s));
		return f + 1;
	case '.':                       /* .*s */
		length = va_arg(*list, int);
		put_cut(b, va_arg(*list, const char *), (size_t)length);
		return f + 3;
	case 'z':
		buf_number(&number, va_arg(*list, size_t));
		f++;
		break;
	case 'j':
		buf_number(&number, va_arg(*list, uintmax_t));
		f++;
		break;
	default:                        /* u, d */
		buf_number(&number, va_arg(*list, unsigned));
	}
	put_cut(b, digits, number.n);
	return f + 1;
}

void
buf_format_list(struct buf *b, const char *words, va_list *list)
{
	for (;;) {
		size_t n = str_until(words, '%');

		put_cut(b, words, n);
		words += n;
		if (*words == '\0')
			return;
		words = put_conversion(b, words + 1, list);
	}
}

void
buf_format(struct buf *b, const char *words, ...)
{
	va_list list;

	va_start(list, words);
	buf_format_list(b, words, &list);
	va_end(list);
}

/* The digits of four bytes, the first byte lowest, as eight bytes, the first digit lowest. */
static uint64_t
hex_digits(uint64_t x)
{
	uint64_t letters;

	x = (x | x << 16) & UINT64_C(0x0000ffff0000ffff);
	x = (x | x << 8) & UINT64_C(0x00ff00ff00ff00ff);        /* a byte in two */
	x = (x >> 4 | x << 8) & STR_EACH(0x0f);                 /* a digit in each */
	letters = (x + STR_EACH(6)) >> 4 & STR_EACH(1);
	return x + STR_EACH('0') + letters * ('a' - '9' - 1);
}

void
buf_hex(struct buf *b, const uint8_t *p, size_t n)
{
	char *out = b->p + b->n;

	if (b->bad || n > (b->cap - b->n) / 2) {
		b->bad = true;
		return;
	}
	b->n += 2 * n;
	for (; n >= 4; p += 4, n -= 4, out += 8)
		str_put_word(out, hex_digits((uint64_t)p[3] << 24 | (uint64_t)p[2] << 16 |
		    (uint64_t)p[1] << 8 | p[0]));
	for (; n > 0; p++, n--, out += 2) {
		uint64_t two = hex_digits(*p);

		out[0] = (char)two;
		out[1] = (char)(two >> 8);
	}
}

/* Whether eight characters differ in nothing but the case of letters: then bit 0x20 differs alone,
 * and with that bit they lie between a and z. */
static inline bool
same_letters(const char *p, const char *q)
{
	uint64_t x = str_word(p), y = str_word(q);
	uint64_t lower = (x | STR_EACH(0x20)) & STR_EACH(0x7f);
	uint64_t letters = (lower + STR_EACH(128 - 'a')) & ~(lower + STR_EACH(127 - 'z')) & ~x &
	    STR_EACH(0x80);

	return ((x ^ y) & ~(letters >> 2)) == 0;
}

bool
str_equal_nocase(struct str a, struct str b)
{
	size_t i = 0;

	if (a.n != b.n)
		return false;
	for (; a.n - i >= 8; i += 8)
		if (!same_letters(a.p + i, b.p + i))
			return false;
	if (a.n > 8)                    /* the rest, and some of these once more */
		return same_letters(a.p + a.n - 8, b.p + a.n - 8);
	for (; i < a.n; i++) {
		int letter = a.p[i] | 0x20;

		if (a.p[i] != b.p[i] && (letter != (b.p[i] | 0x20) || letter < 'a' || letter > 'z'))
			return false;
	}
	return true;
}

bool
str_starts_nocase(struct str s, struct str prefix)
{
	return s.n >= prefix.n && str_equal_nocase((struct str){ s.p, prefix.n }, prefix);
}

const char *
str_find(struct str s, struct str part)
{
	while (s.n >= part.n) {
		const char *p = memchr(s.p, part.p[0], s.n - part.n + 1);

		if (p == NULL || memcmp(p, part.p, part.n) == 0)
			return p;
		s.n -= (size_t)(p + 1 - s.p);
		s.p = p + 1;
	}
	return NULL;
}

bool
str_is_unreserved(char c)
{
	unsigned letter = ((unsigned)c | 0x20) - 'a', digit = (unsigned)c - '0';

	return letter < 26 || digit < 10 || c == '-' || c == '.' || c == '_' || c == '~';
}

struct str
str_cut(struct str *s, char at)
{
	const char *end = s->n > 0 ? memchr(s->p, at, s->n) : NULL;
	struct str part = { s->p, end != NULL ? (size_t)(end - s->p) : s->n };
	size_t used = part.n + (end != NULL);

	s->p += used;
	s->n -= used;
	return part;
}

bool
str_part(struct str *part, struct str *rest, char between)
{
	if (rest->p == NULL)
		return false;
	*part = str_cut(rest, between);
	if (rest->p == part->p + part->n)
		rest->p = NULL;
	return true;
}

/* The number that eight digits are, all at once. false: not all of them are digits. */
static bool
eight_digits(uint64_t *v, const char p[8])
{
	uint64_t x = str_word(p) ^ STR_EACH('0');       /* of each digit its value */

	if (((x + STR_EACH(0x80 - 10)) | x) & STR_EACH(0x80))
		return false;
	x = x * 10 + (x >> 8);                          /* two digits in every other byte, then */
	x = (x & UINT64_C(0x00ff00ff00ff00ff)) * 100 + (x >> 16 & UINT64_C(0x00ff00ff00ff00ff));
	*v = (x & 0xffff) * 10000 + (x >> 32 & 0xffff); /* four in every other two */
	return true;
}

bool
str_number(uint64_t *out, struct str s, unsigned base, uint64_t most)
{
	uint64_t v = 0;
	size_t i = base == 10 && s.n >= 8 && eight_digits(&v, s.p) ? 8 : 0;

	if (v > most)
		return false;
	for (; i < s.n; i++) {
		unsigned digit = (unsigned char)s.p[i] - (unsigned)'0';

		if (digit >= base)
			return false;
		v = v * base + digit;
		if (v > most)
			return false;
	}
	*out = v;
	return s.n > 0;
}

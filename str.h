/* Slices and bounded buffers: the two shapes that bytes travel in. Lengths are bytes; nothing
 * here allocates, and nothing depends on a terminating zero. */
#ifndef STR_H
#define STR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Borrowed bytes: valid as long as what they point into. An empty one may point nowhere. */
struct str {
	const char *p;
	size_t n;
};

/* An append-only buffer over the caller's memory. What does not fit is left out whole and sets
 * `bad`, which sticks: check it once, at the end. */
struct buf {
	char *p;
	size_t n, cap;
	bool bad;
};

#define STR(literal) ((struct str){ "" literal, sizeof literal - 1 })

/* The one of this number, from 0, of C strings that stand behind one another. In a program that may
 * lie anywhere, a table of pointers to them takes 32 bytes more for each. */
const char *str_nth(const char *texts, unsigned i);

/* Eight bytes as a number, the first one its highest, as SHA-512 and base64url see them. */
static inline uint64_t
load64(const uint8_t p[8])
{
	return (uint64_t)p[0] << 56 | (uint64_t)p[1] << 48 | (uint64_t)p[2] << 40 |
	    (uint64_t)p[3] << 32 | (uint64_t)p[4] << 24 | (uint64_t)p[5] << 16 |
	    (uint64_t)p[6] << 8 | (uint64_t)p[7];
}

static inline void
store64(uint8_t p[8], uint64_t v)
{
	p[0] = (uint8_t)(v >> 56);
	p[1] = (uint8_t)(v >> 48);
	p[2] = (uint8_t)(v >> 40);
	p[3] = (uint8_t)(v >> 32);
	p[4] = (uint8_t)(v >> 24);
	p[5] = (uint8_t)(v >> 16);
	p[6] = (uint8_t)(v >> 8);
	p[7] = (uint8_t)v;
}

/* Eight bytes as a number, the first one its lowest: so they are looked at at once. */
static inline uint64_t
str_word(const char p[8])
{
	const uint8_t *b = (const uint8_t *)p;

	return (uint64_t)b[7] << 56 | (uint64_t)b[6] << 48 | (uint64_t)b[5] << 40 |
	    (uint64_t)b[4] << 32 | (uint64_t)b[3] << 24 | (uint64_t)b[2] << 16 |
	    (uint64_t)b[1] << 8 | (uint64_t)b[0];
}

static inline void
str_put_word(char p[8], uint64_t v)
{
	p[0] = (char)v;
	p[1] = (char)(v >> 8);
	p[2] = (char)(v >> 16);
	p[3] = (char)(v >> 24);
	p[4] = (char)(v >> 32);
	p[5] = (char)(v >> 40);
	p[6] = (char)(v >> 48);
	p[7] = (char)(v >> 56);
}

/* Fewer than eight bytes likewise. Two reads may overlap, and agree where they do. */
static inline uint64_t
str_bytes(const char *p, size_t n)
{
	const uint8_t *b = (const uint8_t *)p;
	uint64_t first, last;

	if (n < 4)
		return n == 0 ? 0 : b[0] | (uint64_t)b[n / 2] << 8 * (n / 2) |
		    (uint64_t)b[n - 1] << 8 * (n - 1);
	first = (uint64_t)b[3] << 24 | (uint64_t)b[2] << 16 | (uint64_t)b[1] << 8 | b[0];
	b += n - 4;
	last = (uint64_t)b[3] << 24 | (uint64_t)b[2] << 16 | (uint64_t)b[1] << 8 | b[0];
	return first | last << 8 * (n - 4);
}

/* A number below 100 as two digits. */
extern const char str_two_digits[201];

static inline void
str_put_two(char p[2], unsigned v)
{
	memcpy(p, str_two_digits + 2 * v, 2);
}

/* One value in each byte of a word. */
#define STR_EACH(v) (UINT64_C(0x0101010101010101) * (v))

/* Finds the first byte below v, which is at most 128: its top bit is set, no bit before it, and
 * those behind it mean nothing. 0: there is none. */
static inline uint64_t
str_word_below(uint64_t x, unsigned v)
{
	return (x - STR_EACH(v)) & ~x & STR_EACH(0x80);
}

/* Likewise, the first byte that is v. */
static inline uint64_t
str_word_has(uint64_t x, unsigned char v)
{
	return str_word_below(x ^ STR_EACH(v), 1);
}

/* The place, 0 to 7, of the first of these. */
static inline unsigned
str_word_first(uint64_t found)
{
	return (unsigned)__builtin_ctzll(found) / 8;
}

static inline struct buf
buf_over(void *p, size_t cap)
{
	return (struct buf){ p, 0, cap, false };
}

/* Makes it as good as new, whatever went wrong with what it held. */
static inline void
buf_empty(struct buf *b)
{
	b->n = 0;
	b->bad = false;
}

static inline struct str
buf_str(const struct buf *b)
{
	return (struct str){ b->p, b->n };
}

static inline void
buf_put(struct buf *b, const void *p, size_t n)
{
	if (b->bad || n > b->cap - b->n) {
		b->bad = true;
		return;
	}
	if (n > 0)
		memcpy(b->p + b->n, p, n);
	b->n += n;
}

static inline void
buf_add(struct buf *b, struct str s)
{
	buf_put(b, s.p, s.n);
}

/* A C string, without its terminating zero. */
void buf_text(struct buf *, const char *text);

/* Appends why something can't be. Always false, for who returns that: it stands here so that
 * compilers and analysers see it. */
static inline bool
buf_fail(struct buf *b, const char *phrase)
{
	buf_text(b, phrase);
	return false;
}

/* Wipes what is behind the first n bytes, and takes it away. `bad` is forgotten. */
void buf_cut(struct buf *, size_t n);

/* Decimal digits, as RFC 8259 and RFC 9110 write an integer. */
void buf_number(struct buf *, uint64_t);

/* The part of s up to the byte, which is taken off with it; all of s where it is not there. */
struct str str_cut(struct str *s, char at);

/* Takes the next of the parts between which the byte stands: of a text without it, all. false: the
 * last one was taken, and rest->p is NULL. */
bool str_part(struct str *part, struct str *rest, char between);

/* Reads a number that is nothing but digits of the base, at most 10. false: it is none, or above
 * `most`, which is below 2^56. */
bool str_number(uint64_t *, struct str, unsigned base, uint64_t most);

/* Appends what the words make, cut to what fits. Of printf's conversions: %s, %.*s, %u, %d for what
 * is not negative, %zu and %ju. The C library's own knows more, and is as large as all our HTTP. */
void buf_format(struct buf *, const char *words, ...) __attribute__((format(printf, 2, 3)));
void buf_format_list(struct buf *, const char *words, va_list *);

/* The bytes of a C string before the first that is c, or all. */
size_t str_until(const char *text, char c);

/* The bytes of a path that name its folder, with the slash; 0: it names none. */
size_t str_folder(const char *path);

/* Whether a C string begins so. */
bool str_begins(const char *text, const char *prefix);

/* Two lowercase hexadecimal digits a byte. */
void buf_hex(struct buf *, const uint8_t *, size_t n);

/* A C string, without its terminating zero. */
static inline struct str
str_from(const char *text)
{
	return (struct str){ text, strlen(text) };
}

static inline bool
str_equal(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* Equal but for the case of ASCII letters, which is one bit. No locale. */
bool str_equal_nocase(struct str, struct str);

/* RFC 3986 2.3: a letter, a digit, or one of - . _ ~ */
bool str_is_unreserved(char);

/* Whether it begins so, but for the case of ASCII letters. */
bool str_starts_nocase(struct str, struct str prefix);

/* Where `part`, which is not empty, begins for the first time; NULL: nowhere. Takes up to s.n *
 * part.n steps: for short parts. memmem() and strstr() of musl are 2.5 KB. */
const char *str_find(struct str s, struct str part);

#endif

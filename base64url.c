#include "base64url.h"

#include "cpu.h"
#include "sha512.h"
#include "str.h"

#include <stdint.h>
#ifdef CPU_AVX2
#include <immintrin.h>
#endif

/* Eight characters, or the six bits of each, lie in the bytes of a word and are worked on at once:
 * without a branch, without a table, and six times faster than one by one. */

/* The top bit of each byte tells whether it is from `first` to `last`; the other bits mean nothing.
 * No byte of x may be above 127. */
static inline uint64_t
within(uint64_t x, unsigned first, unsigned last)
{
	return (x + STR_EACH(128 - first)) ^ (x + STR_EACH(127 - last));
}

/* A one in each byte whose top bit is set. */
static inline uint64_t
ones(uint64_t x)
{
	return x >> 7 & STR_EACH(1);
}

static inline uint64_t
at_least(uint64_t x, unsigned v)
{
	return ones(x + STR_EACH(128 - v));
}

/* 48 bits in groups of six, the first one highest. */
static inline uint64_t
spread(uint64_t x)
{
	x = x >> 24 << 32 | (x & 0xffffff);
	x = (x & UINT64_C(0x00fff00000fff000)) << 4 | (x & UINT64_C(0x00000fff00000fff));
	return (x & UINT64_C(0x0fc00fc00fc00fc0)) << 2 | (x & UINT64_C(0x003f003f003f003f));
}

static inline uint64_t
gather(uint64_t x)
{
	x = (x >> 8 & UINT64_C(0x003f003f003f003f)) << 6 | (x & UINT64_C(0x003f003f003f003f));
	x = (x >> 16 & UINT64_C(0x00000fff00000fff)) << 12 | (x & UINT64_C(0x00000fff00000fff));
	return x >> 32 << 24 | (x & 0xffffff);
}

/* RFC 4648 5: 0 to 25 are A to Z, 26 to 51 a to z, 52 to 61 0 to 9, then come - and _. */
static inline uint64_t
to_characters(uint64_t x)
{
	return x + STR_EACH('A') + at_least(x, 26) * ('a' - 'Z' - 1) -
	    at_least(x, 52) * ('z' - '0' + 1) - at_least(x, 62) * ('9' - '-' + 1) +
	    at_least(x, 63) * ('_' - '-' - 1);
}

/* Sets bits of `bad` where a character is none of these. */
static inline uint64_t
from_characters(uint64_t x, uint64_t *bad)
{
	uint64_t upper = within(x, 'A', 'Z'), lower = within(x, 'a', 'z'),
	    digit = within(x, '0', '9'), minus = within(x, '-', '-'), under = within(x, '_', '_');

	*bad |= (x | ~(upper ^ lower ^ digit ^ minus ^ under)) & STR_EACH(128);
	return x - ones(upper) * 'A' - ones(lower) * ('a' - 26) + ones(digit) * (52 - '0') +
	    ones(minus) * (62 - '-') - ones(under) * ('_' - 63);
}

#define INLINE static inline __attribute__((always_inline))

/* Writes the eight characters of six bytes, of eight that are there. */
static void
encode_6(char out[8], const uint8_t p[8])
{
	store64((uint8_t *)out, to_characters(spread(load64(p) >> 16)));
}

#ifdef CPU_AVX2
/* The same on 32 characters. A comparison sets all bits of a byte or none. */
typedef int8_t signs __attribute__((vector_size(32)));

/* Sixteen times two of three bytes, the first one higher: of each three the first two, then the
 * last two. Four threes come from the first sixteen bytes, four from the last. */
CPU_AVX2 INLINE __m256i
load_pairs(const uint8_t p[24])
{
	const __m256i order = _mm256_set_epi8(14, 15, 13, 14, 11, 12, 10, 11, 8, 9, 7, 8, 5, 6, 4,
	    5, 10, 11, 9, 10, 7, 8, 6, 7, 4, 5, 3, 4, 1, 2, 0, 1);
	__m256i low = _mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)p));
	__m128i high = _mm_loadu_si128((const __m128i *)(p + 8));

	return _mm256_shuffle_epi8(_mm256_inserti128_si256(low, high, 1), order);
}

/* Eight times three bytes back: twelve of each half; the four behind the first half's mean
 * nothing. */
CPU_AVX2 INLINE void
store_groups(uint8_t p[24], __m256i x)
{
	const __m128i order = _mm_set_epi8(-1, -1, -1, -1, 12, 13, 14, 8, 9, 10, 4, 5, 6, 0, 1, 2);
	__m128i low = _mm256_castsi256_si128(x);
	__m128i high = _mm256_extracti128_si256((__m256i)x, 1);

	_mm_storeu_si128((__m128i *)p, _mm_shuffle_epi8(low, order));
	high = _mm_shuffle_epi8(high, order);
	_mm_storel_epi64((__m128i *)(p + 12), high);
	_mm_storeu_si32(p + 20, _mm_srli_si128(high, 8));
}

/* Products with powers of two move each group of six bits into a byte of its own: of a pair's two
 * groups the first is in the product's upper half, the second in its lower one. What makes a
 * character of it is looked up in a register by kind: 0 is a to z, 1 to 10 are the digits, 11 is -,
 * 12 _ and 13 A to Z (both from W. Mula, D. Lemire, "Faster Base64 Encoding and Decoding Using
 * AVX2 Instructions", 2018). */
CPU_AVX2 INLINE void
encode_24(char out[32], const uint8_t p[24])
{
	enum { DIGIT = '0' - 52 };
	const __m256i add = _mm256_broadcastsi128_si256(_mm_setr_epi8('a' - 26, DIGIT, DIGIT, DIGIT,
	    DIGIT, DIGIT, DIGIT, DIGIT, DIGIT, DIGIT, DIGIT, '-' - 62, '_' - 63, 'A', 0, 0));
	__m256i x = load_pairs(p), kind;
	signs c = (signs)(
	    _mm256_mulhi_epu16(x & _mm256_set1_epi32(0x0fc0fc00), _mm256_set1_epi32(0x04000040)) |
	    _mm256_mullo_epi16(x & _mm256_set1_epi32(0x003f03f0), _mm256_set1_epi32(0x01000010)));

	kind = _mm256_subs_epu8((__m256i)c, _mm256_set1_epi8(51)) | (__m256i)((c < 26) & 13);
	c += (signs)_mm256_shuffle_epi8(add, kind);
	memcpy(out, &c, sizeof c);
}

/* What is left is encoded with zeros behind it. */
CPU_AVX2 static void
encode_avx2(char *out, const uint8_t *p, size_t n)
{
	uint8_t last[24] = { 0 };
	char characters[32];

	for (; n >= 24; n -= 24, p += 24, out += 32)
		encode_24(out, p);
	if (n > 0) {
		memcpy(last, p, n);
		encode_24(characters, last);
		memcpy(out, characters, base64url_length(n));
	}
}

/* Writes 24 bytes, and returns bits where a character is none of these: of a bool a compiler
 * might make a branch. */
CPU_AVX2 static uint32_t
decode_32(uint8_t *out, const char *in)
{
	signs c, upper, lower, digit, minus, under;
	__m256i x;

	memcpy(&c, in, sizeof c);
	upper = (c >= 'A') & (c <= 'Z');
	lower = (c >= 'a') & (c <= 'z');
	digit = (c >= '0') & (c <= '9');
	minus = c == '-';
	under = c == '_';
	x = (__m256i)(c - (upper & 'A') - (lower & ('a' - 26)) + (digit & (52 - '0')) +
	    (minus & (62 - '-')) - (under & ('_' - 63)));
	x = _mm256_maddubs_epi16(x, _mm256_set1_epi16(0x0140));         /* two groups in one, */
	x = _mm256_madd_epi16(x, _mm256_set1_epi32(0x00011000));        /* then four */
	store_groups(out, x);
	return ~(uint32_t)_mm256_movemask_epi8((__m256i)(upper | lower | digit | minus | under));
}

#endif

size_t
base64url_encode(char *out, const void *in, size_t n)
{
	const uint8_t *p = in;
	size_t characters = base64url_length(n);

#ifdef CPU_AVX2
	if (cpu_has_more()) {
		encode_avx2(out, p, n);
		return characters;
	}
#endif
	for (; n >= 8; n -= 6, p += 6, out += 8)        /* two of these have their turn later */
		encode_6(out, p);
	while (n > 0) {
		uint8_t last[8] = { 0 };
		char eight[8];
		size_t now = n < 6 ? n : 6;

		memcpy(last, p, now);
		encode_6(eight, last);
		memcpy(out, eight, base64url_length(now));
		out += base64url_length(now);
		p += now;
		n -= now;
	}
	return characters;
}

/* Writes the six bytes of eight characters, and returns bits where one is none of these. */
static uint64_t
decode_8(uint8_t *out, const char *in)
{
	uint64_t bad = 0, x = gather(from_characters(load64((const uint8_t *)in), &bad));
	uint8_t bytes[8];

	store64(bytes, x << 16);
	memcpy(out, bytes, 6);
	return bad;
}

/* What is left is decoded with letters of six zero bits behind it. */
ptrdiff_t
base64url_decode(void *out, const char *in, size_t n)
{
	uint8_t *p = out, bytes[24];
	char last[32];
	size_t whole;
	uint64_t bad = 0;
	bool wide = false;

	if (n % 4 == 1)
		return -1;
#ifdef CPU_AVX2
	wide = cpu_has_more();
	for (; wide && n >= 32; n -= 32, in += 32, p += 24)
		bad |= decode_32(p, in);
#endif
	for (; !wide && n >= 8; n -= 8, in += 8, p += 6)
		bad |= decode_8(p, in);
	whole = n * 6 / 8;
	if (n > 0) {
		memset(last, 'A', sizeof last);
		memcpy(last, in, n);
#ifdef CPU_AVX2
		if (wide)
			bad |= decode_32(bytes, last);
		else
#endif
			bad |= decode_8(bytes, last);
		bad |= bytes[whole];            /* holds the bits that belong to no byte */
		memcpy(p, bytes, whole);
		wipe(last, sizeof last);
		wipe(bytes, sizeof bytes);
	}
	return bad != 0 ? -1 : p - (uint8_t *)out + (ptrdiff_t)whole;
}

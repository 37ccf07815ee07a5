/* base64url: against RFC 4648, and against a model that works a bit at a time. */
#include "base64url.h"
#include "test/test.h"

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

enum {
	LONGEST = 300,                                  /* bytes */
	CHARACTERS = (LONGEST * 4 + 2) / 3
};

static int value[256];  /* of each character; -1: not in the alphabet */

static void
model_init(void)
{
	for (int i = 0; i < 256; i++)
		value[i] = -1;
	for (int i = 0; i < 64; i++)
		value[(unsigned char)letters[i]] = i;
}

/* RFC 4648 5 and 3.5: six bits a character; what is left over at the end is less than a character,
 * and zero. */
static ptrdiff_t
model_decode(uint8_t *out, const char *in, size_t n)
{
	unsigned held = 0, bits = 0;
	ptrdiff_t made = 0;

	for (size_t i = 0; i < n; i++) {
		int v = value[(unsigned char)in[i]];

		if (v < 0)
			return -1;
		held = held << 6 | (unsigned)v;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			out[made++] = (uint8_t)(held >> bits);
			held &= (1u << bits) - 1;
		}
	}
	return bits < 6 && held == 0 ? made : -1;
}

static size_t
model_encode(char *out, const uint8_t *in, size_t n)
{
	size_t made = 0;

	for (size_t bit = 0; bit < 8 * n; bit += 6) {
		int v = 0;

		for (size_t b = bit; b < bit + 6; b++)
			v = v << 1 | (b < 8 * n ? in[b / 8] >> (7 - b % 8) & 1 : 0);
		out[made++] = letters[v];
	}
	return made;
}

/* Whether decoder and model say the same of n characters, and the encoder has them back from what
 * is accepted. */
static bool
agree(unsigned *accepted, const char *in, size_t n)
{
	uint8_t got[CHARACTERS], want[CHARACTERS];
	char again[CHARACTERS];
	ptrdiff_t got_n = base64url_decode(got, in, n), want_n = model_decode(want, in, n);

	if (got_n != want_n)
		return false;
	if (got_n < 0)
		return true;
	++*accepted;
	return memcmp(got, want, (size_t)got_n) == 0 &&
	    base64url_encode(again, got, (size_t)got_n) == n && memcmp(again, in, n) == 0;
}

static struct str
bytes(const void *p, size_t n)
{
	return (struct str){ p, n };
}

/* RFC 4648 10, RFC 7515 C, and every value of the alphabet in order */
static void
test_published(void)
{
	const struct {
		struct str plain, text;
	} rows[] = {
		{ STR(""), STR("") }, { STR("f"), STR("Zg") }, { STR("fo"), STR("Zm8") },
		{ STR("foo"), STR("Zm9v") }, { STR("foob"), STR("Zm9vYg") },
		{ STR("fooba"), STR("Zm9vYmE") }, { STR("foobar"), STR("Zm9vYmFy") },
		{ STR("\x03\xec\xff\xe0\xc1"), STR("A-z_4ME") },
		{ STR("\x00\x10\x83\x10\x51\x87\x20\x92\x8b\x30\xd3\x8f\x41\x14\x93\x51"
		  "\x55\x97\x61\x96\x9b\x71\xd7\x9f\x82\x18\xa3\x92\x59\xa7\xa2\x9a"
		  "\xab\xb2\xdb\xaf\xc3\x1c\xb3\xd3\x5d\xb7\xe3\x9e\xbb\xf3\xdf\xbf"),
		  STR("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct str plain = rows[i].plain, text = rows[i].text;
		char out[64];
		size_t n = base64url_encode(out, plain.p, plain.n);
		ptrdiff_t back;

		CHECK_BYTES(bytes(out, n), text, "row %zu encoded", i);
		back = base64url_decode(out, text.p, text.n);
		CHECK(back == (ptrdiff_t)plain.n, "row %zu decoded to %td bytes", i, back);
		CHECK_BYTES(bytes(out, back < 0 ? 0 : (size_t)back), plain, "row %zu decoded", i);
	}
	CHECK(base64url_encode(NULL, NULL, 0) == 0 && base64url_decode(NULL, NULL, 0) == 0,
	    "nothing, nowhere");
}

static void
test_refused(void)
{
	const struct {
		struct str text;
		const char *why;
	} rows[] = {
		{ STR("Z"), "one character is six bits" },
		{ STR("Zm9vY"), "one character is six bits" }, { STR("Zg="), "padding" },
		{ STR("Zg=="), "padding" }, { STR("Zm8="), "padding" }, { STR("===="), "padding" },
		{ STR("Zh"), "unused bits" }, { STR("Zm9"), "unused bits" },
		{ STR("Zm9vYn"), "unused bits" }, { STR("A+z_"), "RFC 4648 4" },
		{ STR("A-z/"), "RFC 4648 4" }, { STR("Zm9v\n"), "line end" },
		{ STR("Zm9vYmE\n"), "line end" }, { STR("Zm\r\n9v"), "line end" },
		{ STR(" Zm9vYmE"), "space" }, { STR("Zm 9"), "space" }, { STR("Zm9\t"), "tab" },
		{ STR("Zm9."), "dot" }, { STR("Zm9\0"), "zero" }, { STR("Zg\0\0"), "zero" },
		{ STR("Zm\xc3\xb6"), "not ASCII" },
		{ STR("\xda\xed\xb9\xf6"), "\"Zm9v\" with the top bits set" },
	};
	char out[16];

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		CHECK(base64url_decode(out, rows[i].text.p, rows[i].text.n) == -1, "row %zu, %s", i,
		    rows[i].why);
}

/* All strings of one, two and three bytes. 256^1 and 256^2 of them stand for something: each byte
 * string has one spelling, no more. */
static void
test_every_short_string(void)
{
	static const unsigned want[4] = { 1, 0, 256, 256 * 256 };
	unsigned wrong[4] = { 0 }, accepted[4] = { 0 };
	char s[3] = { 0 };

	for (unsigned a = 0; a < 256; a++) {
		s[0] = (char)a;
		wrong[1] += !agree(&accepted[1], s, 1);
		for (unsigned b = 0; b < 256; b++) {
			s[1] = (char)b;
			wrong[2] += !agree(&accepted[2], s, 2);
			for (unsigned c = 0; c < 256; c++) {
				s[2] = (char)c;
				wrong[3] += !agree(&accepted[3], s, 3);
			}
		}
	}
	for (unsigned n = 1; n <= 3; n++) {
		CHECK(wrong[n] == 0, "%u strings of %u bytes judged or decoded wrongly", wrong[n],
		    n);
		CHECK(accepted[n] == want[n], "%u strings of %u bytes accepted, not %u",
		    accepted[n], n, want[n]);
	}
}

/* No byte of the result depends on more than two characters: all pairs at all places of a group of
 * four. */
static void
test_every_pair_of_four(void)
{
	for (unsigned i = 0; i < 4; i++)
		for (unsigned j = i + 1; j < 4; j++) {
			unsigned wrong = 0, accepted = 0;
			char s[4] = { 'l', 'V', '9', '_' };

			for (unsigned pair = 0; pair < 65536; pair++) {
				s[i] = (char)(pair >> 8);
				s[j] = (char)(pair & 255);
				wrong += !agree(&accepted, s, 4);
			}
			CHECK(wrong == 0, "places %u and %u of four: %u wrong", i, j, wrong);
			CHECK(accepted == 64 * 64, "places %u and %u of four: %u accepted", i, j,
			    accepted);
		}
}

/* Every byte value at every place of longer strings: no place goes unjudged, the trailing bits
 * least of all. */
static void
test_every_place(void)
{
	/* characters that may end n % 4 of them */
	static const unsigned last[4] = { 64, 0, 4, 16 };

	for (size_t n = 5; n <= 40; n++)
		for (size_t place = 0; place < n; place++) {
			unsigned want = n % 4 == 1 ? 0 : place == n - 1 ? last[n % 4] : 64,
			    wrong = 0, accepted = 0;
			char s[40];

			for (size_t i = 0; i < n; i++)
				s[i] = letters[test_random() % 64];
			s[n - 1] = 'A'; /* all its bits are zero, the unused ones too */
			for (unsigned c = 0; c < 256; c++) {
				s[place] = (char)c;
				wrong += !agree(&accepted, s, n);
			}
			CHECK(wrong == 0 && accepted == want,
			    "place %zu of %zu: %u wrong, %u accepted, not %u", place, n, wrong,
			    accepted, want);
		}
}

/* Random bytes there and back, everything flush against the page: no byte too many is read or
 * written, not even where the text is refused. */
static void
test_round_trips(void)
{
	static const char room[CHARACTERS];
	char want[CHARACTERS];
	uint8_t plain[LONGEST];

	for (size_t n = 0; n <= LONGEST; n++) {
		size_t length, made;
		ptrdiff_t back;
		char *text, *out;

		for (size_t i = 0; i < n; i++)
			plain[i] = (uint8_t)test_random();
		length = model_encode(want, plain, n);
		text = test_flush(0, room, length);
		made = base64url_encode(text, test_flush(1, plain, n), n);
		CHECK_BYTES(bytes(text, made), bytes(want, length), "%zu bytes encoded", n);

		out = test_flush(1, room, length / 4 * 3 + 2);
		back = base64url_decode(out, text, length);
		CHECK(back == (ptrdiff_t)n, "%zu characters decoded to %td bytes, not %zu", length,
		    back, n);
		CHECK_BYTES(bytes(out, n), bytes(plain, n), "%zu bytes decoded", n);

		back = base64url_decode(text, text, length);
		CHECK(back == (ptrdiff_t)n, "%zu characters decoded in place to %td bytes, not %zu",
		    length, back, n);
		CHECK_BYTES(bytes(text, n), bytes(plain, n), "%zu bytes decoded in place", n);

		if (n == 0)
			continue;
		want[test_random() % length] ^= (char)0x80;
		text = test_flush(0, want, length);
		CHECK(base64url_decode(out, text, length) == -1, "one of %zu characters damaged",
		    length);
		CHECK(base64url_decode(text, text, length) == -1,
		    "one of %zu characters damaged, in place", length);
	}
}

static void
test_length(void)
{
	for (size_t n = 0; n <= LONGEST; n++)
		CHECK(base64url_length(n) == (8 * n + 5) / 6, "%zu bytes", n);
	CHECK(base64url_length(SIZE_MAX / 4 * 3) == SIZE_MAX - 3,
	    "the longest whose text can be counted");
}

static void
test_strict_vectors(void)
{
	static const char name[] = "base64url/strict.txt";
	static char line[1 << 15];
	static uint8_t text[sizeof line], got[sizeof line], want[sizeof line];
	unsigned lines = 0;
	FILE *f = test_vectors(name);

	if (f == NULL) {
		test_skip(name);
		return;
	}
	while (fgets(line, sizeof line, f) != NULL) {
		const char *input = line + strcspn(line, " ") + 1,
		    *verdict = input + strcspn(input, " ") + 1;
		ptrdiff_t got_n, want_n;
		size_t n;

		if (line[0] == '#')
			continue;
		lines++;
		n = test_unhex(text, input);
		want_n = strncmp(verdict, "valid ", 6) == 0
		    ? (ptrdiff_t)test_unhex(want, verdict + 6) : -1;
		got_n = base64url_decode(got, (const char *)text, n);
		CHECK(got_n == want_n, "%s: %td, not %td, for %.60s", name, got_n, want_n, line);
		CHECK(got_n < 0 || memcmp(got, want, (size_t)got_n) == 0,
		    "%s: other bytes for %.60s", name, line);
	}
	CHECK(lines == 1148, "%s has %u lines", name, lines);
	fclose(f);
}

void
test_base64url(void)
{
	model_init();
	test_published();
	test_refused();
	test_every_short_string();
	test_every_pair_of_four();
	test_every_place();
	test_round_trips();
	test_length();
	test_strict_vectors();
}

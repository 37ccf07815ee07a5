/* json_names.c and json_hash(): which names an object may bear, and what it costs to find out. */
#include "json_scan.h"
#include "test/test.h"

#define COUNT(table) (sizeof (table) / sizeof (table)[0])

/* json_names.c once more, with so few hashes that json_compare() decides: its calls are counted. */
static uint64_t hashes;
static unsigned long compared;

static uint64_t
few_hashes(struct json_string s)
{
	return json_sip_hash(s) % hashes;
}

static int
counted_compare(struct json_string a, struct json_string b)
{
	compared++;
	return json_compare(a, b);
}

#define json_hash few_hashes
#define json_compare counted_compare
#define json_names_differ few_names_differ
bool few_names_differ(struct json_scan *, unsigned object);
#include "json_names.c"
#undef json_hash
#undef json_compare
#undef json_names_differ

static struct json_string
string(struct str raw)
{
	return (struct json_string){ raw, raw.n > 0 && memchr(raw.p, '\\', raw.n) != NULL };
}

static uint64_t
hash(const char *text)
{
	size_t n = strlen(text);

	return json_hash(string((struct str){ test_flush(0, text, n), n }));
}

/* SipHash-1-3 with the key 0, as Python 3.11 has it for bytes, in 64 bits:
 * PYTHONHASHSEED=0 python3 -c 'print(hash(b"user_data") % 2**64)' */
static void
test_hash(void)
{
	static const struct {
		const char *text;
		uint64_t hash;
	} rows[] = {
		{ "01234567", 0xda3dcedf84ea6cc6 }, { "user_data", 0xbeed860f766df7ae },
		{ "Signing_key", 0x38661d68b7ce7750 },
		{ "h\xc3\xa9llo w\xc3\xb6rld \xe2\x82\xac", 0x1eb8067a36e946b8 },
		{ "0123456789abcdef0", 0xf738bb4f30801228 },
		{ "\\u0075ser_data", 0xbeed860f766df7ae },
		{ "\\u0030123456\\u0037", 0xda3dcedf84ea6cc6 },
		{ "Signing\\u005fkey", 0x38661d68b7ce7750 },
		{ "\\u0068\\u00e9llo w\\u00F6rld \\u20ac", 0x1eb8067a36e946b8 },
		/* fewer than eight bytes are the bytes, and their number */
		{ "", 0 }, { "a", UINT64_C(1) << 56 | 'a' }, { "\\u0061", UINT64_C(1) << 56 | 'a' },
		{ "\\u0000", UINT64_C(1) << 56 }, { "exp", 0x0300000000707865 },
		{ "e\\u0078\\u0070", 0x0300000000707865 }, { "\\ud83d\\ude00", 0x0400000080989ff0 },
		{ "\xf0\x9f\x98\x80", 0x0400000080989ff0 }, { "payload", 0x0764616f6c796170 },
		{ "payloa\\u0064", 0x0764616f6c796170 },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		CHECK(hash(rows[i].text) == rows[i].hash, "%s: %llx", rows[i].text,
		    (unsigned long long)hash(rows[i].text));
}

/* The object of these names, each with the value 0. */
static struct str
object(const char *const *name, unsigned n)
{
	static char room[1 << 16];
	struct buf b = buf_over(room, sizeof room);

	for (unsigned i = 0; i < n; i++) {
		buf_text(&b, i == 0 ? "{\"" : ",\"");
		buf_text(&b, name[i]);
		buf_text(&b, "\":0");
	}
	buf_text(&b, "}");
	return (struct str){ test_flush(0, b.p, b.n), b.n };
}

/* The names may stand together; but where `second` is below n, that one is there already. */
static void
expect(const char *const *name, unsigned n, unsigned second)
{
	static struct json_tok tok[2 * JSON_MEMBERS_MAX + 8];
	struct str s = object(name, n);
	size_t at = second < n ? (size_t)(object(name, second).n) : 0;
	struct json j;
	bool ok = json_parse(&j, tok, COUNT(tok), object(name, n));

	CHECK(ok == (second >= n), "%.*s: %s", (int)s.n, s.p, ok ? "accepted" : j.fault);
	CHECK(ok || (strcmp(j.fault, "duplicate member name") == 0 && j.fault_at == at),
	    "%.*s: %s at %zu, not at %zu", (int)s.n, s.p, j.fault, j.fault_at, at);
}

/* The name, its character k written as \u and the digits of `code`. */
static const char *
spell(char *room, const char *name, size_t k, unsigned code)
{
	snprintf(room, 64, "%.*s\\u%04x%s", (int)k, name, code, name + k + 1);
	return room;
}

/* Names of any length, each of whose characters in turn is spelled in another way, or is another
 * one. */
static void
test_spellings(void)
{
	static const char text[] = "abc/efghijklmnopqrstuvw";

	for (size_t n = 1; n < sizeof text; n++)
		for (size_t k = 0; k < n; k++) {
			char plain[64], room[2][64];
			const char *same, *other;

			snprintf(plain, sizeof plain, "%.*s", (int)n, text);
			same = spell(room[0], plain, k, (unsigned char)text[k]);
			other = spell(room[1], plain, k, 'X');
			expect((const char *[]){ plain, other }, 2, 2);
			expect((const char *[]){ same, other, "-" }, 3, 3);
			expect((const char *[]){ plain, same }, 2, 1);
			expect((const char *[]){ same, "-", other, plain }, 4, 3);
		}
}

/* Different names of one hash: four pairs that 2^33 trials found; and two of which one is its own
 * hash, which takes 2^20. */
static const char *const alike[] = {
	"cfb23035be2974d5", "df4a58c84c919f5f", "f575c11de15efcde", "f4708c8827a8e4d4",
	"a8b7b4319491501a", "bd90e04455b7e127", "3e58767cbd9398d7", "b1173ab6386d9112",
	"0000000000194835", "3yp2whj", "00000000002cf44e", "lR3Mofx",
};

static void
test_collisions(void)
{
	const char *name[COUNT(alike) + 1];
	char room[64];

	for (unsigned i = 0; i < COUNT(alike); i += 2) {
		const char *p = alike[i], *q = alike[i + 1];
		const char *other = spell(room, q, 3, (unsigned char)q[3]);

		CHECK(hash(p) == hash(q) && hash(p) == hash(other), "%s, %s", p, q);
		expect((const char *[]){ p, q }, 2, 2);
		expect((const char *[]){ q, p }, 2, 2);
		expect((const char *[]){ p, q, p }, 3, 2);
		expect((const char *[]){ p, q, other }, 3, 2);
		expect((const char *[]){ other, p, p }, 3, 2);
		expect((const char *[]){ other, p, q }, 3, 2);
	}
	memcpy(name, alike, sizeof alike);
	for (unsigned i = 0; i < COUNT(alike); i++)
		for (unsigned first = 0; first <= COUNT(alike); first++) {
			name[first] = spell(room, alike[i], 0, (unsigned char)alike[i][0]);
			for (unsigned k = first; k < COUNT(alike); k++)
				name[k + 1] = alike[k];
			expect(name, COUNT(name), i < first ? first : i + 1);
			name[first] = alike[first % COUNT(alike)];
		}
}

/* 127, 128 and 129 names with an escape in each; then the last of 128 is one of the others, spelled
 * in another way. */
static void
test_most(void)
{
	static char text[JSON_MEMBERS_MAX + 1][64];
	const char *name[JSON_MEMBERS_MAX + 1];
	static struct json_tok tok[2 * JSON_MEMBERS_MAX + 8];
	struct json j;

	for (unsigned i = 0; i <= JSON_MEMBERS_MAX; i++) {
		snprintf(text[i], sizeof text[i], "%03u\\/%0*u", i, (int)(i % 20), i);
		name[i] = text[i];
	}
	expect(name, JSON_MEMBERS_MAX - 1, JSON_MEMBERS_MAX);
	expect(name, JSON_MEMBERS_MAX, JSON_MEMBERS_MAX);
	CHECK(!json_parse(&j, tok, COUNT(tok), object(name, JSON_MEMBERS_MAX + 1)) &&
	    strcmp(j.fault, "more than 128 members in an object") == 0 &&
	    j.fault_at == object(name, JSON_MEMBERS_MAX).n, "129: %s", j.fault);
	for (unsigned i = 0; i < JSON_MEMBERS_MAX - 1; i++) {
		snprintf(text[JSON_MEMBERS_MAX - 1], sizeof text[0], "%03u\\u002F%0*u", i,
		    (int)(i % 20), i);
		expect(name, JSON_MEMBERS_MAX, JSON_MEMBERS_MAX - 1);
		expect(name, JSON_MEMBERS_MAX + 1, JSON_MEMBERS_MAX - 1); /* the first fault */
	}
}

enum { LETTERS = 6, NAME_LETTERS = 12 };

/* A name whose letters follow from its number, each spelled at random. */
static void
put_name(struct buf *b, unsigned number)
{
	static const char *const letter[LETTERS][4] = {
		{ "a", "\\u0061", "a", "a" }, { "/", "\\/", "\\u002f", "\\u002F" },
		{ "\\n", "\\u000a", "\\u000A", "\\n" },
		{ "\xc3\xa9", "\\u00e9", "\\u00E9", "\xc3\xa9" },
		{ "\xe2\x82\xac", "\\u20ac", "\\u20AC", "\xe2\x82\xac" },
		{ "\xf0\x9f\x98\x80", "\\ud83d\\ude00", "\\uD83D\\uDE00", "\\ud83D\\uDe00" },
	};

	for (unsigned n = number % NAME_LETTERS; n > 0; n--, number = number / LETTERS + number)
		buf_text(b, letter[number % LETTERS][test_random() % 4]);
}

/* Names and values as in an object, but in an array: so they stay there, whatever the names are. */
static struct json_scan
random_names(struct json_tok *tok, unsigned n)
{
	static char room[1 << 16];
	struct buf b = buf_over(room, sizeof room);
	struct json j;

	for (unsigned i = 0; i < n; i++) {
		buf_text(&b, i == 0 ? "[\"" : ",\"");
		put_name(&b, test_random() % (100 * n));
		buf_text(&b, "\",0");
	}
	buf_text(&b, "]");
	CHECK(json_parse(&j, tok, JSON_TOKENS_MAX, (struct str){ test_flush(0, b.p, b.n), b.n }),
	    "%.*s: %s", (int)b.n, b.p, j.fault);
	return (struct json_scan){ .text = j.text, .tok = tok, .n = j.n };
}

/* Where the first name is that json_compare() finds among those before it; 0: nowhere. */
static size_t
judge(const struct json_scan *s)
{
	for (unsigned i = 1; i < s->n; i += 2)
		for (unsigned k = 1; k < i; k += 2)
			if (json_compare(json_string_of(s->text, s->tok + i),
			    json_string_of(s->text, s->tok + k)) == 0)
				return s->tok[i].at;
	return 0;
}

static void
test_judge(void)
{
	static struct json_tok tok[JSON_TOKENS_MAX];
	static const uint64_t so_few[] = { 1, 2, 10, 1000 };
	unsigned twice = 0, once = 0;

	for (unsigned round = 0; round < 2000; round++) {
		unsigned n = 1 + test_random() % (round % 2 > 0 ? JSON_MEMBERS_MAX : 16);
		struct json_scan s = random_names(tok, n);
		size_t at = judge(&s);

		twice += at > 0;
		once += at == 0;
		CHECK(json_names_differ(&s, 0) == (at == 0) && s.fault_at == at,
		    "%.*s: at %zu, not at %zu", (int)s.text.n, s.text.p, s.fault_at, at);
		for (size_t i = 0; i < COUNT(so_few); i++) {
			s.fault_at = 0;
			hashes = so_few[i];
			compared = 0;
			CHECK(few_names_differ(&s, 0) == (at == 0) && s.fault_at == at,
			    "%.*s: %llu hashes: at %zu, not at %zu", (int)s.text.n, s.text.p,
			    (unsigned long long)hashes, s.fault_at, at);
			CHECK(compared <= 7 * n, "%u names: compared %lu times", n, compared);
		}
	}
	CHECK(twice > 200 && once > 200, "%u and %u", twice, once);
}

static void
put_numbered(struct buf *b, unsigned number)
{
	buf_number(b, number);
	buf_text(b, ".");
	put_name(b, number);
}

/* Lists of 0, 1, 63 and 64 names, some of them twice, and objects of random names: each is found
 * where json_member() finds it, and nothing else. */
static void
test_list(void)
{
	static const unsigned lengths[] = { 0, 1, JSON_LIST_MAX - 1, JSON_LIST_MAX };
	static struct json_tok tok[JSON_TOKENS_MAX];
	static char room[JSON_LIST_MAX * 64], text[1 << 16];
	unsigned there = 0, missing = 0;

	for (unsigned round = 0; round < 400; round++) {
		struct buf names = buf_over(room, sizeof room), b = buf_over(text, sizeof text);
		struct json_list list = { .n = 0 };
		unsigned wrong = 0;
		struct json j;

		while (list.n < lengths[round % COUNT(lengths)]) {
			char spelled[256];
			struct buf name = buf_over(spelled, sizeof spelled);
			size_t start = names.n;

			put_numbered(&name, test_random() % 200);
			json_unescape(&names, (struct json_string){ buf_str(&name), true });
			json_list_add(&list, (struct str){ names.p + start, names.n - start });
		}
		for (unsigned i = 0; i < 100; i++) {
			buf_text(&b, i == 0 ? "{\"" : ",\"");
			put_numbered(&b, 2 * i + round % 2);
			buf_text(&b, "\":[0]");
		}
		buf_text(&b, "}");
		CHECK(json_parse(&j, tok, COUNT(tok), (struct str){ test_flush(0, b.p, b.n), b.n }),
		    "%.*s: %s", (int)b.n, b.p, j.fault);
		for (unsigned i = 0; i < list.n; i++) {
			bool found = json_member(&j, 0, list.text[i]) > 0;

			there += found;
			missing += !found;
			for (unsigned k = 1; k < j.n; k += 3)
				wrong += (json_list_has(&list, &j, k) >> i & 1) !=
				    json_is(&j, k, list.text[i]);
		}
		CHECK(wrong == 0, "%u names in %.*s: %u wrong", list.n, (int)b.n, b.p, wrong);
	}
	CHECK(there > 100 && missing > 100, "%u there, %u missing", there, missing);
}

/* Objects of names of 0 to 6 letters that are two, some of them escaped: json_members() finds what
 * json_member() finds. */
static void
test_members(void)
{
	static const char names[][4] = { "aaa\"", "aba\"", "bbb\"", "abab", "bbbb" };
	static struct json_tok tok[JSON_TOKENS_MAX];
	unsigned found = 0;

	for (unsigned round = 0; round < 20000; round++) {
		char text[512];
		struct buf b = buf_over(text, sizeof text);
		unsigned at[COUNT(names) + 1] = { [COUNT(names)] = 7 }, members = test_random() % 6;
		struct json j;

		for (unsigned i = 0; i < members; i++) {
			buf_text(&b, i == 0 ? "{\"" : ",\"");
			for (unsigned n = test_random() % 7; n > 0; n--)
				buf_text(&b, (const char *[]){ "a", "b", "a", "b", "\\u0061", "\\u0062" }
				    [test_random() % 6]);
			buf_text(&b, "\":{\"aaa\":0}");
		}
		buf_text(&b, members > 0 ? "}" : "{}");
		if (!json_parse(&j, tok, COUNT(tok), (struct str){ test_flush(0, b.p, b.n), b.n }))
			continue;               /* a name twice */
		json_members(at, &j, 0, names, COUNT(names));
		for (unsigned k = 0; k < COUNT(names); k++) {
			struct str name = { names[k], names[k][3] == '"' ? 3 : 4 };

			found += at[k] > 0;
			CHECK(at[k] == json_member(&j, 0, name) && at[COUNT(names)] == 7,
			    "%.4s in %.*s: %u", names[k], (int)b.n, b.p, at[k]);
		}
	}
	CHECK(found > 1000, "%u found", found);
}

void
test_json_names(void)
{
	test_members();
	test_hash();
	test_spellings();
	test_collisions();
	test_most();
	test_judge();
	test_list();
}

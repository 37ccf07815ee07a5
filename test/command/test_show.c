#include "test/test.h"

#include "command/show.h"
#include "json_mini.h"

#include <stdio.h>

enum {
	DOCUMENT = 8192,                /* bytes of one that is made up, at the most */
	SHOWN = 1 << 20,
	DOCUMENTS = 3000
};

/* What is shown of a text; good until the next call with this `slot`. */
static struct str
shown(unsigned slot, struct str text, bool colour)
{
	static char memory[3][SHOWN];
	struct buf b = buf_over(memory[slot], SHOWN);

	show_json(&b, (struct str){ test_flush(0, text.p, text.n), text.n }, colour);
	CHECK(!b.bad, "it does not fit");
	return buf_str(&b);
}

static const struct {
	const char *text, *plain;
} layouts[] = {
	{ "{}", "{}\n" },
	{ " [\t] ", "[]\n" },
	{ "-1.50e+3", "-1.50e+3\n" },
	{ "\"a b\"", "\"a b\"\n" },
	{ "\r\nnull", "null\n" },
	{ "{\"a\":1}", "{\n  \"a\": 1\n}\n" },
	{ "[1,[],{},[[]]]", "[\n  1,\n  [],\n  {},\n  [\n    []\n  ]\n]\n" },
	{ " { \"a\" : { \"b\" : [ true , false ] , \"c\" : { } } , \"\" : 0 } ",
	  "{\n  \"a\": {\n    \"b\": [\n      true,\n      false\n    ],\n    \"c\": {}\n  },\n"
	  "  \"\": 0\n}\n" },
	{ "{\"[:,{\":\"]},:\",\"\\\"}\":\"\\\\\"}",
	  "{\n  \"[:,{\": \"]},:\",\n  \"\\\"}\": \"\\\\\"\n}\n" },
	{ "[\"  \",\"\\n\\u0041\\u009b\\/\"]", "[\n  \"  \",\n  \"\\n\\u0041\\u009b\\/\"\n]\n" },
};

static void
lays_out(void)
{
	for (size_t i = 0; i < sizeof layouts / sizeof layouts[0]; i++)
		CHECK_BYTES(shown(0, str_from(layouts[i].text), false), str_from(layouts[i].plain),
		    "%s", layouts[i].text);
}

#define NAME "\33[34m"
#define TEXT "\33[32m"
#define OTHER "\33[33m"
#define END "\33[0m"

static void
colours(void)
{
	CHECK_BYTES(shown(0, STR("{\"a\" : \"b\",\"c:\":[\"d:\",-1,true,null,{}]}"), true),
	    STR("{\n  " NAME "\"a\"" END ": " TEXT "\"b\"" END ",\n  " NAME "\"c:\"" END ": [\n    "
	        TEXT "\"d:\"" END ",\n    " OTHER "-1" END ",\n    " OTHER "true" END ",\n    "
	        OTHER "null" END ",\n    {}\n  ]\n}\n"), "an object");
	CHECK_BYTES(shown(0, STR("\"a\""), true), STR(TEXT "\"a\"" END "\n"), "a string alone");
	CHECK_BYTES(shown(0, STR("[]"), true), STR("[]\n"), "nothing to colour");
}

/* DEL and C1, the separators of lines and paragraphs, and what has Unicode's property Bidi_Control.
 * The other controls are no JSON. */
static bool
is_escaped(unsigned code)
{
	static const unsigned ranges[][2] = {
		{ 0x7f, 0x9f }, { 0x61c, 0x61c }, { 0x200e, 0x200f }, { 0x2028, 0x202e },
		{ 0x2066, 0x2069 }
	};

	for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
		if (code >= ranges[i][0] && code <= ranges[i][1])
			return true;
	return false;
}

static void
put_utf8(struct buf *b, unsigned code)
{
	unsigned more = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
	static const unsigned char first[] = { 0, 0xc0, 0xe0, 0xf0 };

	buf_put(b, &(char){ (char)(first[more] | code >> 6 * more) }, 1);
	while (more-- > 0)
		buf_put(b, &(char){ (char)(0x80 | (code >> 6 * more & 0x3f)) }, 1);
}

static void
put_shown(struct buf *b, unsigned code)
{
	char text[8];

	if (is_escaped(code))
		buf_put(b, text, (size_t)snprintf(text, sizeof text, "\\u%04x", code));
	else
		put_utf8(b, code);
}

/* Every character there is, in strings of 4,096 each. */
static void
every_character(void)
{
	enum { BLOCK = 4096 };
	static char text[4 * BLOCK + 2], want[6 * BLOCK + 3];

	for (unsigned start = 0; start < 0x110000; start += BLOCK) {
		struct buf in = buf_over(text, sizeof text), out = buf_over(want, sizeof want);

		buf_text(&in, "\"");
		buf_text(&out, "\"");
		for (unsigned c = start; c < start + BLOCK; c++) {
			if (c < 0x20 || c == '"' || c == '\\' || (c >= 0xd800 && c < 0xe000))
				continue;
			put_utf8(&in, c);
			put_shown(&out, c);
		}
		buf_text(&in, "\"");
		buf_text(&out, "\"\n");
		CHECK_BYTES(shown(0, buf_str(&in), false), buf_str(&out), "from U+%04X", start);
	}
}

/* A document that is made up as it goes: white space anywhere, strings of what is hard to tell
 * from structure or must be escaped. */
static void
put_space(struct buf *b)
{
	static const char *const spaces[] = { "", "", "", " ", "\n", "\t\r ", "  " };

	buf_text(b, spaces[test_random() % 7]);
}

static void
put_string(struct buf *b, unsigned number)
{
	static const char *const pieces[] = {
		"a", "{", "}", "[", "]", ":", ",", " ", "\\\"", "\\\\", "\\n", "\\u0022", "\\u202e",
		"\\ud834\\udd1e", "\x7f", "\xc2\x80", "\xc2\x9b", "\xc2\xa0", "\xd8\x9c",
		"\xe2\x80\x8e", "\xe2\x80\xae", "\xe2\x81\xa6", "\xe2\x82\xac", "\xf0\x9d\x84\x9e",
		"\\/", "true", "\xef\xbf\xbf"
	};
	char text[16];

	buf_text(b, "\"");
	for (unsigned i = test_random() % 6; i > 0; i--)
		buf_text(b, pieces[test_random() % (sizeof pieces / sizeof pieces[0])]);
	buf_put(b, text, (size_t)snprintf(text, sizeof text, "%u\"", number));
}

static void put_value(struct buf *, unsigned depth);

static void
put_members(struct buf *b, unsigned depth, bool object)
{
	unsigned n = test_random() % 5;

	buf_text(b, object ? "{" : "[");
	put_space(b);
	for (unsigned i = 0; i < n; i++) {
		buf_text(b, i > 0 ? "," : "");
		put_space(b);
		if (object) {
			put_string(b, i);       /* the number at its end is no other's */
			put_space(b);
			buf_text(b, ":");
		}
		put_value(b, depth - 1);
	}
	buf_text(b, object ? "}" : "]");
}

static void
put_value(struct buf *b, unsigned depth)
{
	static const char *const words[] = { "true", "false", "null", "0", "-1", "1.50e-3", "1E9" };
	unsigned kind = test_random() % 6;

	put_space(b);
	if (kind < 4 && depth > 0)
		put_members(b, depth, kind % 2 == 0);
	else if (kind == 5)
		put_string(b, 0);
	else
		buf_text(b, words[test_random() % 7]);
	put_space(b);
}

/* Whether both documents say the same, token by token. */
static bool
same_tokens(const struct json *a, const struct json *b)
{
	bool same = a->n == b->n;

	for (unsigned i = 0; same && i < a->n; i++) {
		const struct json_tok *p = &a->tok[i], *q = &b->tok[i];

		same = p->type == q->type && p->next == q->next && p->depth == q->depth;
		if (same && p->type == JSON_STRING)
			same = json_compare(json_raw(a, i), json_raw(b, i)) == 0;
		else if (same && p->type != JSON_OBJECT && p->type != JSON_ARRAY)
			same = str_equal(json_text(a, i), json_text(b, i));
	}
	return same;
}

/* Takes out colours, and counts what is left of control characters but newlines. */
static struct str
bare(char *out, struct str text, unsigned *controls)
{
	struct buf b = buf_over(out, SHOWN);

	*controls = 0;
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if (c == '\33')
			i += strcspn(text.p + i, "m");
		else
			buf_put(&b, &text.p[i], 1);
		*controls += (c < 0x20 && c != '\n' && c != '\33') || c == 0x7f;
	}
	return buf_str(&b);
}

/* What is shown is the same document, in colour as well as without, and shows as itself. */
static void
made_up(void)
{
	static struct json_tok tok[2][JSON_TOKENS_MAX];
	static char text[DOCUMENT], bare_text[SHOWN];

	for (unsigned i = 0; i < DOCUMENTS; i++) {
		struct buf b = buf_over(text, sizeof text);
		struct json before, after;
		unsigned controls;
		struct str plain;

		put_value(&b, 5);
		if (b.bad || !json_parse(&before, tok[0], JSON_TOKENS_MAX, buf_str(&b))) {
			CHECK(b.bad, "%s: %.*s", before.fault, (int)b.n, text);
			continue;
		}
		plain = shown(0, buf_str(&b), false);
		CHECK(json_parse(&after, tok[1], JSON_TOKENS_MAX, plain) &&
		    same_tokens(&before, &after), "%.*s", (int)b.n, text);
		CHECK_BYTES(shown(1, plain, false), plain, "shown again");
		CHECK_BYTES(bare(bare_text, shown(2, buf_str(&b), true), &controls), plain, "bare");
		CHECK(controls == 0, "%.*s", (int)b.n, text);
	}
}

/* White space and colour at their most, which a caller's buffer must have room for. */
static void
widest(void)
{
	char text[JSON_DEPTH_MAX * 2 + 2 * JSON_TOKENS_MAX];
	struct buf b = buf_over(text, sizeof text);
	struct json_tok tok[JSON_TOKENS_MAX];
	struct json doc;

	for (int i = 0; i < JSON_DEPTH_MAX; i++)
		buf_text(&b, "[");
	for (int i = 0; i < JSON_TOKENS_MAX - JSON_DEPTH_MAX; i++)
		buf_text(&b, i > 0 ? ",1" : "1");
	for (int i = 0; i < JSON_DEPTH_MAX; i++)
		buf_text(&b, "]");
	CHECK(json_parse(&doc, tok, JSON_TOKENS_MAX, buf_str(&b)), "%s", doc.fault);
	CHECK(shown(0, buf_str(&b), true).n < 96 * JSON_TOKENS_MAX, "it becomes too wide");
}

void
test_show(void)
{
	lays_out();
	colours();
	every_character();
	made_up();
	widest();
}

/* json_mini.c and json_text.c against RFC 8259, RFC 3629, RFC 7493 and their own limits. In every
 * parse the text and the tokens lie flush against an unreadable page. */
#include "json_mini.h"
#include "test/test.h"

#include <dirent.h>
#include <stdlib.h>

enum { TEXT_MAX = 1 << 18, MUTANTS = 50000 };

#define COUNT(table) (sizeof (table) / sizeof (table)[0])
#define SHOW(s) (int)(s).n, (s).p

/* What a table holds, made JSON: it writes ' for a quote, and \" for the rare single one. Offsets
 * stay what they are. Good until the fourth call from here. */
static struct str
sample(const char *row)
{
	static char ring[4][256];
	static unsigned turn;
	char *p = ring[turn++ % COUNT(ring)];
	size_t n = strlen(row);

	if (n > sizeof ring[0])
		abort();
	for (size_t i = 0; i < n; i++)
		p[i] = row[i] == '\'' ? '"' : row[i] == '"' ? '\'' : row[i];
	return (struct str){ p, n };
}

static struct str
flush(struct str s)
{
	return (struct str){ test_flush(0, s.p, s.n), s.n };
}

static bool
parse_within(struct json *j, unsigned cap, struct str s)
{
	struct json_tok *end = (void *)test_flush(1, NULL, 0);

	*j = (struct json){ .fault = "(none)" };
	return json_parse(j, end - cap, cap, flush(s));
}

/* There is room for more tokens than a document may have: what refuses them is the limit. */
static bool
parse(struct json *j, struct str s)
{
	return parse_within(j, JSON_TOKENS_MAX + 16, s);
}

static bool
is_bracket(const struct json_tok *t)
{
	return t->type == JSON_OBJECT || t->type == JSON_ARRAY;
}

/* The token's bytes are of its type and in the text. */
static bool
spells(const struct json *j, const struct json_tok *t)
{
	static const struct {
		const char *first, *last;
	} of[] = {
		[JSON_OBJECT] = { "{", "}" }, [JSON_ARRAY] = { "[", "]" },
		[JSON_STRING] = { "\"", "\"" }, [JSON_NUMBER] = { "-0123456789", "0123456789" },
		[JSON_TRUE] = { "t", "e" }, [JSON_FALSE] = { "f", "e" }, [JSON_NULL] = { "n", "l" },
	};
	const char *p = j->text.p + t->at;

	return t->n > 0 && t->at < j->text.n && t->n <= j->text.n - t->at && t->type <= JSON_NULL &&
	    strchr(of[t->type].first, p[0]) != NULL &&
	    strchr(of[t->type].last, p[t->n - 1]) != NULL &&
	    t->escaped == (t->type == JSON_STRING && memchr(p, '\\', t->n) != NULL);
}

/* What the token holds follows it, one behind the other and between its brackets; a scalar holds
 * nothing. */
static bool
holds(const struct json *j, unsigned tok)
{
	const struct json_tok *t = &j->tok[tok], *in;
	size_t at = t->at + 1;
	unsigned i = tok + 1, values = 0;

	for (; i < t->next && t->next <= j->n; i = in->next, values++) {
		in = &j->tok[i];
		if (!is_bracket(t) || in->at < at || in->at + in->n >= t->at + t->n ||
		    in->next <= i)
			return false;
		if (in->depth != t->depth + is_bracket(in))
			return false;
		if (t->type == JSON_OBJECT && values % 2 == 0 && in->type != JSON_STRING)
			return false;
		at = in->at + in->n;
	}
	return i == t->next && (t->type != JSON_OBJECT || values % 2 == 0);
}

/* What is so after every parse, whatever its verdict. */
static bool
sane(const struct json *j, bool ok, size_t length)
{
	if (!ok)
		return j->n == 0 && j->fault != NULL && j->fault[0] != '\0' &&
		    j->fault_at <= length;
	if (j->text.n != length || j->n == 0 || j->n > JSON_TOKENS_MAX || j->tok[0].next != j->n ||
	    j->tok[0].depth != is_bracket(&j->tok[0]))
		return false;
	for (unsigned i = 0; i < j->n; i++)
		if (!spells(j, &j->tok[i]) || !holds(j, i) || j->tok[i].depth > JSON_DEPTH_MAX)
			return false;
	return true;
}

/* Leaves the document in *j. */
static bool
accept(struct json *j, struct str s)
{
	bool ok = parse(j, s);

	CHECK(ok, "%.*s: %s at %zu", SHOW(s), j->fault, j->fault_at);
	CHECK(sane(j, ok, s.n), "%.*s", SHOW(s));
	return ok;
}

/* The fault is between `first` and `last`: they differ where a sequence or a limit can be said to
 * break at its start as well as at the byte that breaks it. */
static void
refuse(struct str s, size_t first, size_t last)
{
	struct json j;
	bool ok = parse(&j, s);

	CHECK(!ok, "%.*s", SHOW(s));
	CHECK(sane(&j, ok, s.n), "%.*s", SHOW(s));
	CHECK(ok || (j.fault_at >= first && j.fault_at <= last),
	    "%.*s: %s at %zu, not in %zu to %zu", SHOW(s), j.fault, j.fault_at, first, last);
}

static void
expect(bool accepted, struct str s, size_t first, size_t last)
{
	struct json j;

	if (accepted)
		accept(&j, s);
	else
		refuse(s, first, last);
}

/* Accepted. Also cut short everywhere, parsed into too few tokens, respaced and mutated. */
static const char *const accepted[] = {
	/* 2: any value is a JSON text, with any of four bytes of white space around any token */
	"{}", "[]", "''", "0", "true", "false", "null", " \t\n\r0\r\n\t ", " [ ] ", "\n{\t}\r",
	"\r[\n1\t, 2 ,\r\n3 ]\n", "\t{ 'a'\n:\r1 , 'b' : [ ] }\n",
	/* 4: objects */
	"{'alg':'HS512'}", "{'a':1,'b':[],'c':{},'d':null}", "{'':0}", "{'':{'':{'':[]}}}",
	"{'a':{'a':{'a':'a'}}}",
	/* 5: arrays */
	"[1]", "[1,2,3]", "[[],[[]],[[],[]]]", "[{},[],'',0,true,false,null]", "[{'a':1},{'a':1}]",
	"[null,null]",
	/* 6: numbers */
	"-0", "7", "-7", "10", "1234567890", "0.0", "0.50", "-1.25", "0e0", "0E1", "1e5", "1E5",
	"1e+5", "1e-5", "1E+05", "1e007", "-0.0e-0", "12.34E-56", "[0,-0,1.5e3]",
	"123456789012345678901234567890", "1e999999", "-1e-999999",
	/* 7: strings */
	"'a'", "' '", "'\x7f'", "'/'", "'\"'", "'\\''", "'\\\\'", "'\\/'", "'\\b\\f\\n\\r\\t'",
	"'\\u0000'", "'\\u0041\\u00e9'", "'\\uabCD\\uEF09'", "'\\\\u12'", "'\\\\\\\\'", "'\\\\\\''",
	"'{[:,]}'", "'true'", "'// /* #'", "'\\u2028'", "'\\ud83d\\ude00'",
	"'\\uD800\\uDC00\\udbff\\udfff'", "'\\ud7ff\\ue000\\uffff'", "{'\\n':'\\u0009','\\t':0}",
	/* 8.1: UTF-8, one to four bytes, and what is no character but a code point */
	"'\xc2\x80\xdf\xbf'", "'\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf'",
	"'\xf0\x90\x80\x80\xf4\x8f\xbf\xbf'", "'\xef\xbb\xbf'", "{'\xc3\xa9':'\xe2\x82\xac'}",
	"'\xe2\x80\xa8'", "'\xef\xb7\x90'",
	/* what travels here */
	"{'typ':'JWT','alg':'HS512'}", "{'user_data':'this is test'}",
	"{'Token':'a.b.c','Signing_key':'\\u006bey'}",
	"{'iat':1668676907,'jti':'f10f','payload':{'data':'this is test','date':'2022-11-17'}}",
};

/* Whether there is UTF-8 or a surrogate in it. */
static bool
has_sequences(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] >= 0x80 ||
		    (i >= 2 && s.p[i - 2] == '\\' && (s.p[i] | 0x20) == 'd'))
			return true;
	return false;
}

/* Whether the first `cut` bytes of a valid text are one. A number is whole after any of its
 * digits. */
static bool
is_whole(struct str s, const struct json_tok *value, size_t cut)
{
	return cut >= value->at + value->n ||
	    (value->type == JSON_NUMBER && cut > value->at && s.p[cut - 1] >= '0' &&
	    s.p[cut - 1] <= '9');
}

static void
test_accepted(void)
{
	for (size_t i = 0; i < COUNT(accepted); i++) {
		struct str s = sample(accepted[i]);
		struct json_tok tok[JSON_TOKENS_MAX];
		struct json j;
		unsigned n;

		if (!accept(&j, s))
			continue;
		n = j.n;
		memcpy(tok, j.tok, n * sizeof tok[0]);  /* the next parse takes their place */
		for (size_t cut = 0; cut < s.n; cut++) {
			struct str start = { s.p, cut };

			expect(is_whole(s, &tok[0], cut), start, cut > 0 && has_sequences(start) ? 1
			    : cut, cut);
		}
		CHECK(parse_within(&j, n, s) && j.n == n, "%.*s in %u tokens", SHOW(s), n);
		for (unsigned cap = 0; cap < n; cap++) {
			bool ok = parse_within(&j, cap, s);

			CHECK(!ok && sane(&j, ok, s.n), "%.*s in %u tokens", SHOW(s), cap);
			CHECK(j.fault_at <= tok[cap].at &&
			    (cap == 0 || j.fault_at > tok[cap - 1].at), "%.*s in %u tokens: at %zu",
			    SHOW(s), cap, j.fault_at);
		}
	}
}

/* Refused, and where. */
static const struct {
	const char *text;
	size_t at;
} refused[] = {
	/* 2: nothing, too little, too much */
	{ "", 0 }, { " ", 1 }, { "[", 1 }, { "{", 1 }, { "[1", 2 }, { "[1,", 3 }, { "{'a", 3 },
	{ "{'a'", 4 }, { "{'a':", 5 }, { "{'a':1", 6 }, { "{'a':1,", 7 }, { "'a", 2 }, { "[[]", 3 },
	{ "]", 0 }, { "}", 0 }, { ",", 0 }, { ":", 0 }, { "1 2", 2 }, { "[] []", 3 },
	{ "{} {}", 3 }, { "{}{}", 2 }, { "'a''b'", 3 }, { "'a' x", 4 }, { "1,", 1 }, { "[],", 2 },
	{ "[]]", 2 }, { "{}}", 2 }, { "''\"", 2 }, { "true false", 5 },
	/* 2: brackets that do not match */
	{ "[}", 1 }, { "{]", 1 }, { "[1}", 2 }, { "{'a':1]", 6 }, { "[{]}", 2 },
	{ "[[1,2],{'a':[}]", 13 },
	/* 2: white space is four bytes; there are no comments; 8.1: no byte order mark */
	{ "\f1", 0 }, { "1\v", 1 }, { "[1\f]", 2 }, { "\xc2\xa0[]", 0 }, { "[]\xe2\x80\xa8", 2 },
	{ "//\n1", 0 }, { "/**/1", 0 }, { "[1/*x*/]", 2 }, { "[] // x", 3 }, { "[]#", 2 },
	{ "#\n[]", 0 }, { "\xef\xbb\xbf[]", 0 }, { "[]\xef\xbb\xbf", 2 }, { "\xef\xbb\xbf", 0 },
	{ "\xfe\xff", 0 }, { "[\xef\xbb\xbf]", 1 },
	/* 3: three names, in lower case */
	{ "tru", 3 }, { "trux", 3 }, { "truE", 3 }, { "True", 0 }, { "TRUE", 0 }, { "nul", 3 },
	{ "nulls", 4 }, { "nill", 1 }, { "fals ", 4 }, { "falsetrue", 5 }, { "[true1]", 5 },
	{ "[nul]", 4 }, { "undefined", 0 }, { "nan", 1 }, { "yes", 0 },
	/* 4: objects */
	{ "{,}", 1 }, { "{:}", 1 }, { "{'alg' 'HS512'}", 7 }, { "{'a'}", 4 }, { "{'a':}", 5 },
	{ "{'a',1}", 4 }, { "{'a'=1}", 4 }, { "{'a'::1}", 5 }, { "{'a':1,}", 7 },
	{ "{'a':1,,'b':2}", 7 }, { "{,'a':1}", 1 }, { "{'a':1 'b':2}", 7 }, { "{'a':1;'b':2}", 6 },
	{ "{'a':1,'b'}", 10 }, { "{'a':1,2}", 7 }, { "{a:1}", 1 }, { "{1:1}", 1 },
	{ "{null:1}", 1 }, { "{{}:1}", 1 }, { "{['a']:1}", 1 }, { "{\"a\":1}", 1 },
	{ "{'a':\"b\"}", 5 }, { "{'a':b}", 5 }, { "{'a':1:2}", 6 },
	/* 5: arrays */
	{ "[,]", 1 }, { "[1 2]", 3 }, { "[1,]", 3 }, { "[,1]", 1 }, { "[1,,2]", 3 }, { "[1;2]", 2 },
	{ "['a':1]", 4 }, { "[1:2]", 2 }, { "['a''b']", 4 }, { "[1 true]", 3 }, { "[[]{}]", 3 },
	{ "[a]", 1 }, { "[*]", 1 },
	/* 6: numbers */
	{ "-", 1 }, { "--1", 1 }, { "+1", 0 }, { "- 1", 1 }, { "00", 1 }, { "01", 1 }, { "-01", 2 },
	{ "-a", 1 }, { "1.", 2 }, { ".5", 0 }, { "-.5", 1 }, { "1.e1", 2 }, { "1..2", 2 },
	{ "1.2.3", 3 }, { "1.-2", 2 }, { "1e", 2 }, { "1E+", 3 }, { "1e-", 3 }, { "1ee5", 2 },
	{ "1e+-5", 3 }, { "1e1.5", 3 }, { "1e 5", 2 }, { "1 e5", 2 }, { "[1.]", 3 }, { "[1e]", 3 },
	{ "[-]", 2 }, { "[01]", 2 }, { "{'a':1.}", 7 }, { "0x10", 1 }, { "1_000", 1 }, { "1a", 1 },
	{ "1-2", 1 }, { "1+", 1 }, { "NaN", 0 }, { "-NaN", 1 }, { "Infinity", 0 },
	{ "-Infinity", 1 }, { "inf", 0 }, { "\xef\xbc\x91", 0 },
	/* 7: strings */
	{ "\"x\"", 0 }, { "x", 0 }, { "`x`", 0 }, { "\\u0022x'", 0 }, { "'", 1 }, { "'\\", 2 },
	{ "'\\'", 3 }, { "'\\\\\\'", 5 }, { "'\n'", 1 }, { "'a\tb'", 2 }, { "{'\r':1}", 2 },
	{ "'\\x41'", 2 }, { "'\\U0041'", 2 }, { "'\\\"'", 2 }, { "'\\0'", 2 }, { "'\\\n'", 2 },
	{ "'\\\xc3\xa9'", 2 }, { "'\\u'", 3 }, { "'\\u00'", 5 }, { "'\\u004", 6 },
	{ "'\\u004'", 6 }, { "'\\u{41}'", 3 }, { "'\\u+041'", 3 }, { "'\\u 041'", 3 },
	{ "'\\u0x41'", 4 }, { "'\\u-041'", 3 }, { "'\\u\\u0041'", 3 },
	/* the first of two faults is the one that is told */
	{ "[-,x]", 2 }, { "[1.,x]", 3 }, { "[1e,x]", 3 }, { "[1e+,x]", 4 }, { "[tru,x]", 4 },
	{ "[[1},x]", 3 }, { "['\n',x]", 2 }, { "['\xff',x]", 2 }, { "['\\x',x]", 3 },
	{ "['\\u00',x]", 6 }, { "['\\ud800\\u00',x]", 12 }, { "[{1:0},x]", 2 },
	{ "[{'\n':0},x]", 3 }, { "[{'\\x':0},x]", 4 }, { "[{'a'},x]", 5 }, { "[{'a':tru},x]", 9 },
	{ "[{'a':0,1},x]", 8 }, { "[{'a':0,'a':0},x]", 8 }, { "[{'a':0,'\\n'},x]", 12 },
};

static void
test_refused(void)
{
	struct json j;

	for (size_t i = 0; i < COUNT(refused); i++)
		refuse(sample(refused[i].text), refused[i].at, refused[i].at);
	refuse((struct str){ NULL, 0 }, 0, 0);
	CHECK(!parse_within(&j, 0, STR("[]")) && sane(&j, false, 2), "no tokens at all");
}

/* Each byte in each place that tells bytes apart. */
static void
test_every_byte(void)
{
	for (unsigned c = 0; c < 256; c++) {
		char b = (char)c;
		bool digit = (b >= 'a' && b <= 'f') || (b >= 'A' && b <= 'F') ||
		    (b >= '0' && b <= '9');
		bool space = c != 0 && strchr(" \t\n\r", b) != NULL;
		bool escape = c != 0 && strchr("\"\\/bfnrt", b) != NULL;
		bool plain = c >= 0x20 && c < 0x80 && b != '"' && b != '\\';
		char after[] = { '[', ']', b }, before[] = { b, '[', ']' };
		char inside[] = { '"', b, '"' }, escaped[] = { '"', '\\', b, '"' };
		size_t end = b == '\\' ? 3 : b == '"' ? 2 : 1;

		expect(space, (struct str){ after, 3 }, 2, 2);
		expect(space, (struct str){ before, 3 }, 0, 3);
		expect(plain, (struct str){ inside, 3 }, end, c < 0x80 ? end : 2);
		expect(escape, (struct str){ escaped, 4 }, b == 'u' ? 3 : 2, b == 'u' ? 3 : 2);
		for (size_t i = 3; i < 7; i++) {
			char unit[] = "\"\\u0041\"";

			unit[i] = b;
			expect(digit, (struct str){ unit, 8 }, i, i);
		}
	}
}

/* The value of a string, as the parser, the unescaper and the comparison see it. */
static void
check_value(struct str s, struct str value)
{
	struct json j;
	char room[64];

	if (!accept(&j, s))
		return;
	CHECK(json_is(&j, 0, value), "%.*s", SHOW(s));
	CHECK(value.n == 0 || !json_is(&j, 0, (struct str){ value.p, value.n - 1 }), "%.*s",
	    SHOW(s));
	for (size_t cap = 0; cap <= value.n; cap++) {
		struct buf b = buf_over(room, cap);
		bool fits = !j.tok[0].escaped || cap == value.n;
		struct str got;

		memset(room, '#', sizeof room);
		got = json_string(&j, 0, &b);
		CHECK(b.bad == !fits && room[cap] == '#', "%.*s into %zu bytes", SHOW(s), cap);
		if (fits)
			CHECK_BYTES(got, value, "%.*s into %zu bytes", SHOW(s), cap);
		if (!j.tok[0].escaped)
			CHECK(b.n == 0 && (value.n == 0 || got.p == j.text.p + 1), "%.*s: borrowed",
			    SHOW(s));
	}
}

static void
test_values(void)
{
	static const struct {
		const char *text, *value;       /* in hexadecimal */
	} rows[] = {
		{ "''", "-" }, { "'a'", "61" }, { "'\"/\x7f'", "272f7f" },
		{ "'\xf0\x9f\x98\x80'", "f09f9880" }, { "'\\'\\\\\\/'", "225c2f" },
		{ "'\\b\\f\\n\\r\\t'", "080c0a0d09" }, { "'a\\nb'", "610a62" },
		{ "'\\\\n'", "5c6e" }, { "'\\\\u0041'", "5c7530303431" }, { "'\\u005cn'", "5c6e" },
		{ "'\\u0022'", "22" }, { "'\\u0000'", "00" }, { "'a\\u0000b'", "610062" },
		{ "'\\u001F\\u007f'", "1f7f" }, { "'\\u0041\\u0042'", "4142" },
		{ "'\\u00411'", "4131" }, { "'\\u0080'", "c280" }, { "'\\u07ff'", "dfbf" },
		{ "'\\u0800'", "e0a080" }, { "'\\uD7FF'", "ed9fbf" }, { "'\\uE000'", "ee8080" },
		{ "'\\ufeff'", "efbbbf" }, { "'\\uffff'", "efbfbf" }, { "'\\uAbCd'", "eaaf8d" },
		{ "'\xc3\xa9\\u00e9'", "c3a9c3a9" }, { "'\\ud800\\udc00'", "f0908080" },
		{ "'\\ud83d\\uDE00'", "f09f9880" }, { "'\\uDBFF\\uDFFF'", "f48fbfbf" },
		{ "'\\ud83d\\ude00\\ud83d\\ude00.'", "f09f9880f09f98802e" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		uint8_t value[64];
		size_t n = test_unhex(value, rows[i].value);

		check_value(sample(rows[i].text), (struct str){ (char *)value, n });
	}
}

/* RFC 7493 2.1: half of a pair is no character. */
static void
test_surrogates(void)
{
	static const struct {
		const char *text;
		size_t first, last;
	} rows[] = {
		{ "'\\ud800'", 1, 7 }, { "'\\udbff'", 1, 7 }, { "'\\udc00'", 1, 4 },
		{ "'\\uDFFF'", 1, 4 }, { "'\\ud800x'", 1, 7 }, { "'\\ud800 \\udc00'", 1, 7 },
		{ "'\\ud800\xf0\x90\x80\x80'", 1, 7 }, { "'\\ud800\\n'", 1, 8 },
		{ "'\\ud800\\\\udc00'", 1, 8 }, { "'\\ud800\\u'", 1, 9 },
		{ "'\\ud800\\udc0'", 1, 12 }, { "'\\ud800\\u0041'", 1, 9 },
		{ "'\\ud800\\ue000'", 1, 9 }, { "'\\ud800\\ud7ff'", 1, 10 },
		{ "'\\ud800\\ud800\\udc00'", 1, 10 }, { "'\\udc00\\ud800'", 1, 4 },
		{ "'a\\ude00\\ud83d'", 2, 5 }, { "'\\ud83d\\ude00\\ude00'", 13, 16 },
		{ "'\\ud83d\\ude00\\ud83d'", 13, 19 }, { "{'\\udead':0}", 2, 5 },
		/* CESU-8: a pair in UTF-8, wholly or by half */
		{ "'\xed\xa0\xbd\xed\xb8\x80'", 1, 2 }, { "'\\ud83d\xed\xb8\x80'", 1, 7 },
		{ "'\xed\xa0\xbd\\ude00'", 1, 2 },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		refuse(sample(rows[i].text), rows[i].first, rows[i].last);
}

/* RFC 3629 3; surrogates too. */
static struct str
utf8(char *out, uint32_t code)
{
	static const uint8_t lead[] = { 0, 0xc0, 0xe0, 0xf0 };
	size_t more = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;

	out[0] = (char)(lead[more] | code >> 6 * more);
	for (size_t i = 1; i <= more; i++)
		out[i] = (char)(0x80 | (code >> 6 * (more - i) & 0x3f));
	return (struct str){ out, more + 1 };
}

/* Each code point up to U+11000, then one in 251: as it stands and escaped. */
static void
test_code_points(void)
{
	struct json j;

	for (uint32_t code = 0; code <= 0x10ffff; code += code < 0x11000 ? 1 : 251) {
		char bytes[8] = "\"", spelled[24];
		struct str value = utf8(bytes + 1, code), raw = { bytes, value.n + 2 },
		    escaped = { spelled, 8 };

		bytes[value.n + 1] = '"';
		if (code < 0x10000)
			snprintf(spelled, sizeof spelled, "\"\\u%04x\"", code);
		else
			escaped.n = (size_t)snprintf(spelled, sizeof spelled, "\"\\u%04X\\u%04x\"",
			    0xd7c0 + (code >> 10), 0xdc00 | (code & 0x3ff));
		if (code >= 0xd800 && code <= 0xdfff) {
			refuse(raw, 1, 2);
			refuse(escaped, 1, 7);
			continue;
		}
		CHECK(parse(&j, escaped) && json_is(&j, 0, value), "U+%04X, escaped", code);
		if (code >= 0x20 && code != '"' && code != '\\')
			CHECK(parse(&j, raw) && json_is(&j, 0, value), "U+%04X", code);
	}
}

/* RFC 3629 4 UTF8-octets, which is Unicode table 3-7: each first byte with each second. */
static void
test_utf8_strings(void)
{
	static const struct {
		unsigned first, last;           /* lead bytes */
		unsigned low, high;             /* second bytes; the others are 80 to bf */
		size_t n;
	} table[] = {
		{ 0xc2, 0xdf, 0x80, 0xbf, 2 },
		{ 0xe0, 0xe0, 0xa0, 0xbf, 3 }, { 0xe1, 0xec, 0x80, 0xbf, 3 },
		{ 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
		{ 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 },
		{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
		{ 0x80, 0xff, 1, 0, 4 },        /* no other */
	};

	for (unsigned lead = 0x80; lead < 0x100; lead++) {
		size_t row = 0, n;

		while (lead < table[row].first || lead > table[row].last)
			row++;
		n = table[row].n;
		for (unsigned second = 0; second < 0x100; second++) {
			bool ok = second >= table[row].low && second <= table[row].high;
			char s[] = { '"', (char)lead, (char)second, '\xbf', '\x80', '\x80',
			    '\x80' };

			s[n + 1] = '"';
			expect(ok, (struct str){ s, n + 2 }, 1, 2);
			if (!ok)
				continue;
			s[n] = '"';                                     /* one too few, */
			refuse((struct str){ s, n + 1 }, 1, n);
			s[n] = s[n + 1] = '\xbf';                       /* one too many, */
			s[n + 2] = '"';
			refuse((struct str){ s, n + 3 }, n + 1, n + 1);
			for (size_t i = 2; i <= n; i++) /* one that does not continue */
				for (const char *wrong = " \x7f\xc0\xff"; *wrong != '\0'; wrong++) {
					char t[] = { '"', (char)lead, (char)second, '\x80', '\x80',
					    '"' };

					t[i] = *wrong;
					t[n + 1] = '"';
					refuse((struct str){ t, n + 2 }, 1, i);
				}
		}
	}
}

static void
test_names(void)
{
	static const struct {
		const char *text;
		size_t second;  /* where a name comes for the second time; 0 where none does */
	} names[] = {
		{ "{'alg':1,'alg':2}", 9 }, { "{'alg':1,'alg':1}", 9 }, { "{'':1,'':2}", 6 },
		{ "{'a':1,'b':2,'a':3}", 13 }, { "{'b':1,'a':2,'a':3}", 13 },
		{ "{'a':1,'a':2,'a':3}", 7 }, { "{'a':1 , 'a' :1}", 9 },
		{ "{'a':[{'b':0}],'a':{}}", 15 }, { "{'a':{'a':1},'a':1}", 13 },
		{ "{'x':{'a':1,'b':2,'a':3}}", 18 }, { "[{'a':{}},{'a':1, 'a' :1}]", 18 },
		{ "[0,[{'a':1,'a':1}]]", 11 },
		/* spelled differently */
		{ "{'alg':1,'al\\u0067':2}", 9 }, { "{'\\u0061lg':1,'alg':2}", 14 },
		{ "{'\\u0061lg':1,'al\\u0067':2}", 14 }, { "{'\\u000A':1,'\\u000a':2}", 12 },
		{ "{'\\n':1,'\\u000a':2}", 8 }, { "{'/':1,'\\/':2}", 7 },
		{ "{'\\u005c':1,'\\\\':2}", 12 }, { "{'\\u0000':1,'\\u0000':2}", 12 },
		{ "{'\xc3\xa9':1,'\\u00e9':2}", 8 },
		{ "{'\xf0\x9f\x98\x80':1,'\\ud83d\\ude00':2}", 10 },
		{ "{'\\ud83d\\ude00':1,'\\uD83D\\uDE00':2}", 18 },
		/* other names, other objects, no names */
		{ "{'a':1,'A':2}", 0 }, { "{'a':1,'aa':2,'':3,' ':4,'a ':5,' a':6}", 0 },
		{ "{'a':{'a':{'a':1}}}", 0 }, { "[{'a':1},{'a':1}]", 0 },
		{ "{'a':{'c':1},'b':{'c':1},'c':1}", 0 }, { "{'a':'b','b':'a'}", 0 },
		{ "{'a':['b','b'],'b':0}", 0 }, { "{'alg':1,'al\\\\u0067':2}", 0 },
		{ "{'\\\\n':1,'\\n':2,'n':3}", 0 }, { "{'a':1,'a\\u0000':2,'a\\u0000b':3}", 0 },
		{ "{'a\xcc\x81':1,'\xc3\xa1':2}", 0 },          /* nothing is normalised */
	};

	for (size_t i = 0; i < COUNT(names); i++)
		expect(names[i].second == 0, sample(names[i].text), names[i].second,
		    names[i].second);
}

/* Two strings of a known order, behind what is alike, and spelled alike or not. */
static void
compare_behind(const char *p, const char *q, int want)
{
	static const char *const fronts[][2] = {
		{ "", "" }, { "1", "1" }, { "1234567", "1234567" }, { "12345678", "12345678" },
		{ "12345678", "1234567\\u0038" }, { "\\u0031", "1" }, { "\\\\345678", "\\\\345678" },
		{ "12\\ud83d\\ude00", "12\\ud83d\\ude00" }, { "\\ud83d\\ude00123", "\xf0\x9f\x98\x80" "123" },
		{ "1\\n123456789", "1\\u000a123456789" }, { "12345678\\u00e9", "12345678\xc3\xa9" },
	};

	for (size_t i = 0; i < COUNT(fronts); i++) {
		char x[64], y[64];
		int nx = snprintf(x, sizeof x, "%s%s", fronts[i][0], p);
		int ny = snprintf(y, sizeof y, "%s%s", fronts[i][1], q);
		struct json_string a = { { x, (size_t)nx }, strchr(x, '\\') != NULL };
		struct json_string b = { { y, (size_t)ny }, strchr(y, '\\') != NULL };
		int got = json_compare(a, b);

		CHECK((got > 0) - (got < 0) == want, "%s and %s: %d", x, y, got);
	}
}

/* The rows are in order; each is one value spelled twice. */
static void
test_compare(void)
{
	static const char *const rows[][2] = {
		{ "", "" }, { "\\u0000", "\\u0000" }, { "\\u0000\\u0000", "\\u0000\\u0000" },
		{ "\\u0000a", "\\u0000\\u0061" }, { "\\n", "\\u000a" }, { "/", "\\/" },
		{ "A", "\\u0041" }, { "\\\\", "\\u005C" }, { "\\\\u0041", "\\\\\\u00750041" },
		{ "a", "\\u0061" }, { "a\\u0000", "\\u0061\\u0000" }, { "aA", "\\u0061A" },
		{ "aa", "a\\u0061" }, { "aab", "a\\u0061b" }, { "b", "\\u0062" },
		{ "\x7f", "\\u007f" }, { "\xc2\x80", "\\u0080" }, { "\xdf\xbf", "\\u07ff" },
		{ "\xe0\xa0\x80", "\\u0800" }, { "\xee\x80\x80", "\\ue000" },
		{ "\xef\xbf\xbf", "\\uFFFF" }, { "\xf0\x90\x80\x80", "\\ud800\\udc00" },
		{ "\xf0\x90\x80\x80z", "\\uD800\\uDC00z" },
		{ "\xf4\x8f\xbf\xbf", "\\udbff\\udfff" },
	};

	for (size_t i = 0; i < 2 * COUNT(rows); i++)
		for (size_t k = 0; k < 2 * COUNT(rows); k++)
			compare_behind(rows[i / 2][i % 2], rows[k / 2][k % 2],
			    (i / 2 > k / 2) - (i / 2 < k / 2));
	/* A backslash is itself where nothing is escaped. */
	CHECK(json_compare((struct json_string){ STR("12345678\\u0061"), false },
	    (struct json_string){ STR("12345678\\u0061"), true }) < 0, "a backslash, and an a");
}

static void
test_tokens(void)
{
	static const struct {
		const char *text, *depths;      /* what json_depth() says of each token */
		struct json_tok tok[12];
	} documents[] = {                       /* at, length, next, type, depth, escaped */
		{ "7", "0", { { 0, 1, 1, JSON_NUMBER, 0, false } } },
		{ "\t'' ", "0", { { 1, 2, 1, JSON_STRING, 0, false } } },
		{ "{ }", "1", { { 0, 3, 1, JSON_OBJECT, 1, false } } },
		{ " [ -0.5e+2 , true , false ]\n", "1000", {
			{ 1, 26, 4, JSON_ARRAY, 1, false }, { 3, 7, 2, JSON_NUMBER, 1, false },
			{ 13, 4, 3, JSON_TRUE, 1, false }, { 20, 5, 4, JSON_FALSE, 1, false },
		} },
		{ "[[[]],[]]", "3211", {
			{ 0, 9, 4, JSON_ARRAY, 1, false }, { 1, 4, 3, JSON_ARRAY, 2, false },
			{ 2, 2, 3, JSON_ARRAY, 3, false }, { 6, 2, 4, JSON_ARRAY, 2, false },
		} },
		{ "{'a':[1,{}],'b\\n':null}", "3020100", {
			{ 0, 23, 7, JSON_OBJECT, 1, false }, { 1, 3, 2, JSON_STRING, 1, false },
			{ 5, 6, 5, JSON_ARRAY, 2, false }, { 6, 1, 4, JSON_NUMBER, 2, false },
			{ 8, 2, 5, JSON_OBJECT, 3, false }, { 12, 5, 6, JSON_STRING, 1, true },
			{ 18, 4, 7, JSON_NULL, 1, false },
		} },
		{ "[{'x':{'y':'\\u0041'}} ,0]", "3201000", {
			{ 0, 25, 7, JSON_ARRAY, 1, false }, { 1, 20, 6, JSON_OBJECT, 2, false },
			{ 2, 3, 3, JSON_STRING, 2, false }, { 6, 14, 6, JSON_OBJECT, 3, false },
			{ 7, 3, 5, JSON_STRING, 3, false }, { 11, 8, 6, JSON_STRING, 3, true },
			{ 23, 1, 7, JSON_NUMBER, 1, false },
		} },
	};

	for (size_t i = 0; i < COUNT(documents); i++) {
		struct str s = sample(documents[i].text);
		size_t n = strlen(documents[i].depths);
		struct json j;

		if (!accept(&j, s))
			continue;
		CHECK(j.n == n, "%.*s: %u tokens", SHOW(s), j.n);
		for (unsigned k = 0; k < n && k < j.n; k++) {
			struct json_tok want = documents[i].tok[k], got = j.tok[k];
			struct str bytes = { s.p + want.at, want.n };
			unsigned depth = json_depth(&j, k),
			    deep = (unsigned)(documents[i].depths[k] - '0');

			CHECK(got.next == want.next && got.type == want.type &&
			    got.depth == want.depth && got.escaped == want.escaped,
			    "%.*s: token %u: next %d, type %d, depth %d, escaped %d", SHOW(s), k,
			    got.next, got.type, got.depth, got.escaped);
			CHECK(got.at == want.at, "%.*s: token %u at %lu", SHOW(s), k,
			    (unsigned long)got.at);
			CHECK_BYTES(json_text(&j, k), bytes, "%.*s: token %u", SHOW(s), k);
			CHECK(depth == deep, "%.*s: token %u: %u", SHOW(s), k, depth);
		}
	}
}

static void
test_member(void)
{
	static const char document[] = "{'a':1,'x':{},'b':'c','c':{'a':2,'d':{'e':3},'':4},"
		"'al\\u0067':'HS','':[5,'b'],'\\n':6,'n\\u0000':7}";
	static const struct {
		/* in a member of the document or in "-", itself; NULL: none */
		const char *in, *name, *value;
	} members[] = {
		{ "-", "a", "1" }, { "-", "x", "{}" }, { "-", "b", "'c'" },
		{ "-", "c", "{'a':2,'d':{'e':3},'':4}" }, { "-", "alg", "'HS'" },
		{ "-", "", "[5,'b']" }, { "-", "\n", "6" }, { "c", "a", "2" },
		{ "c", "d", "{'e':3}" }, { "c", "", "4" }, { "-", "d", NULL }, { "-", "e", NULL },
		{ "-", "HS", NULL }, { "-", "A", NULL }, { "-", "al", NULL }, { "-", "algo", NULL },
		{ "-", "al\\u0067", NULL }, { "-", "\\n", NULL }, { "-", "'a'", NULL },
		{ "-", " ", NULL }, { "-", "n", NULL }, { "-", "1", NULL }, { "c", "e", NULL },
		{ "c", "b", NULL }, { "c", "alg", NULL }, { "c", "c", NULL }, { "x", "b", NULL },
		{ "x", "", NULL }, { "a", "x", NULL }, { "a", "b", NULL }, { "b", "c", NULL },
		{ "", "b", NULL }, { "", "5", NULL },
	};
	static const char *const nothing[] = { "{}", "[]", "''", "'a'", "['a',1]", "[{'a':1}]",
	    "null", "0" };
	struct json j;

	for (size_t i = 0; i < COUNT(members); i++) {
		const char *in = members[i].in, *name = members[i].name, *value = members[i].value;
		bool inner = in[0] != '-';
		unsigned object = 0, tok;

		if (!accept(&j, sample(document)))
			return;
		if (inner)
			object = json_member(&j, 0, sample(in));
		tok = json_member(&j, object, sample(name));
		CHECK((tok > 0) == (value != NULL) && (object > 0) == inner, "%s in %s", name, in);
		if (tok > 0 && value != NULL)
			CHECK_BYTES(json_text(&j, tok), sample(value), "%s in %s", name, in);
	}
	CHECK(j.tok[json_member(&j, 0, STR("n\0"))].at == sizeof document - 3,
	    "a zero byte in a name");
	for (size_t i = 0; i < COUNT(nothing); i++) {
		accept(&j, sample(nothing[i]));
		CHECK(json_member(&j, 0, STR("a")) == 0, "a in %s", nothing[i]);
		CHECK(json_member(&j, 0, STR("")) == 0, "an empty name in %s", nothing[i]);
	}
}

static void
test_is(void)
{
	static const struct {
		const char *text, *value;
		bool is;
	} rows[] = {
		{ "'HS512'", "HS512", true }, { "'HS\\u0035\\u00312'", "HS512", true },
		{ "'HS512'", "HS51", false }, { "'HS512'", "HS5120", false },
		{ "'HS\\u00351'", "HS512", false }, { "'HS\\u003512'", "HS51", false },
		{ "'HS512'", "hs512", false }, { "'HS512 '", "HS512", false }, { "''", "", true },
		{ "''", "x", false }, { "'x'", "", false }, { "'\\u0000'", "", false },
		{ "'a\\u0000'", "a", false }, { "'a\\n'", "a\n", true },
		{ "'a\\n'", "a\\n", false }, { "'\\\\n'", "\\n", true }, { "'a'", "\"a\"", false },
		{ "'\\'a\\''", "\"a\"", true }, { "'\xc3\xa9'", "\xc3\xa9", true },
		{ "'\\u00e9'", "\xc3\xa9", true }, { "'\\u00e9'", "\xc3", false },
		{ "'\\u00e9'", "\xe9", false }, { "1", "1", false }, { "null", "null", false },
		{ "true", "true", false }, { "['a']", "a", false }, { "{'a':'a'}", "a", false },
	};
	static const struct str nowhere = { NULL, 0 };
	struct json j;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str value = { rows[i].value, strlen(rows[i].value) };

		accept(&j, sample(rows[i].text));
		CHECK(json_is(&j, 0, value) == rows[i].is, "%s is %s", rows[i].text, rows[i].value);
	}
	accept(&j, sample("{'':'','a':'a','b':'\\u0000'}"));
	for (unsigned tok = 1; tok < j.n; tok++)
		CHECK(json_is(&j, tok, nowhere) == (tok <= 2),
		    "token %u and one that points nowhere", tok);
	CHECK(json_member(&j, 0, nowhere) == 2, "a member's name is that string");
}

/* One buffer takes several values, and what it held stays. */
static void
test_unescape(void)
{
	char room[8] = "x";
	struct buf b = { room, 1, sizeof room, false };
	struct str first, second;
	struct json j;

	accept(&j, STR("[\"\\u0041b\",\"plain\",\"\\n\",\"\\u00e9\\u00e9\\u00e9\"]"));
	first = json_string(&j, 1, &b);
	CHECK_BYTES(json_string(&j, 2, &b), STR("plain"), "borrowed");
	second = json_string(&j, 3, &b);
	CHECK_BYTES(first, STR("Ab"), "first");
	CHECK_BYTES(second, STR("\n"), "second");
	CHECK_BYTES(buf_str(&b), STR("xAb\n"), "both");
	CHECK(!b.bad, "they fit");
	json_string(&j, 4, &b);
	CHECK(b.bad, "six bytes into four");
}

static void
test_quote(void)
{
	const struct str beyond = STR("\xc2\x80\xe2\x80\xa8\xef\xbb\xbf\xf0\x9f\x98\x80");
	char every[0x80 + 16], room[1024], small[16];
	struct buf all = buf_over(every, sizeof every), b;
	struct json j;

	for (unsigned c = 0; c < 0x80; c++) {
		char in[] = { 'x', (char)c, 'y' }, plain[] = { '"', 'x', (char)c, 'y', '"' };
		size_t n;

		buf_put(&all, in + 1, 1);
		b = buf_over(room, sizeof room);
		json_quote(&b, (struct str){ in, 3 });
		n = b.n;
		CHECK(accept(&j, buf_str(&b)) && json_is(&j, 0, (struct str){ in, 3 }), "byte %u",
		    c);
		CHECK(c < 0x20 ? n > 5 && n <= 10 : n == (c == '"' || c == '\\' ? 6 : 5), "byte %u",
		    c);
		CHECK(j.tok[0].escaped || memcmp(room, plain, 5) == 0, "byte %u", c);
		for (size_t cap = 0; cap <= n && cap < sizeof small; cap++) {
			memset(small, '#', sizeof small);
			b = buf_over(small, cap);
			json_quote(&b, (struct str){ in, 3 });
			CHECK(b.bad == (cap < n) && small[cap] == '#', "byte %u into %zu bytes", c,
			    cap);
		}
	}
	buf_add(&all, beyond);
	b = buf_over(room, sizeof room);
	json_quote(&b, buf_str(&all));
	CHECK(accept(&j, buf_str(&b)) && json_is(&j, 0, buf_str(&all)), "all at once");
	CHECK_BYTES(((struct str){ room + b.n - beyond.n - 1, beyond.n }), beyond,
	    "UTF-8 as it is");
	b = buf_over(room, sizeof room);
	json_quote(&b, (struct str){ NULL, 0 });
	json_quote(&b, STR("/\x7f'"));
	json_quote(&b, STR("\"\\"));
	CHECK_BYTES(buf_str(&b), STR("\"\"\"/\x7f'\"\"\\\"\\\\\""), "one behind the other");
}

/* The text, written again by `put`. */
static struct str
written(void (*put)(struct buf *, struct str), char *room, size_t cap, struct str s)
{
	struct buf b = buf_over(room, cap);

	put(&b, flush(s));
	return b.bad ? STR("(too long)") : buf_str(&b);
}

/* Writing a valid text again changes neither its tokens nor, the second time, a byte. */
static bool
respaces(struct str s, unsigned tokens)
{
	static char room[4][2 * TEXT_MAX];
	struct str compact = written(json_put_compact, room[0], s.n, s), spaced;
	size_t most = s.n;
	struct json j;

	for (size_t i = 0; i < s.n; i++)
		most += s.p[i] == ',' || s.p[i] == ':';
	spaced = written(json_put_spaced, room[1], most, s);
	return parse(&j, compact) && j.n == tokens && parse(&j, spaced) && j.n == tokens &&
	    str_equal(written(json_put_compact, room[2], compact.n, compact), compact) &&
	    str_equal(written(json_put_compact, room[2], compact.n, spaced), compact) &&
	    str_equal(written(json_put_spaced, room[3], spaced.n, spaced), spaced) &&
	    str_equal(written(json_put_spaced, room[3], spaced.n, compact), spaced);
}

static void
test_spacing(void)
{
	static const struct {
		const char *text, *compact, *spaced;
	} rows[] = {
		{ "0", "0", "0" }, { " \t\r\n-1.50E+02\n", "-1.50E+02", "-1.50E+02" },
		{ "[ ]", "[]", "[]" }, { "{\n}", "{}", "{}" }, { " '' ", "''", "''" },
		{ "[1,2,3]", "[1,2,3]", "[1, 2, 3]" },
		{ "[ 1 ,\n\t2\r\n, 3 ]", "[1,2,3]", "[1, 2, 3]" },
		{ "[[],{},[[ ]]]", "[[],{},[[]]]", "[[], {}, [[]]]" },
		{ "{'a':1}", "{'a':1}", "{'a': 1}" },
		{ "{ 'a' : 1 ,'b':[true,null] }", "{'a':1,'b':[true,null]}",
		    "{'a': 1, 'b': [true, null]}" },
		{ "' a , b : c '", "' a , b : c '", "' a , b : c '" },
		{ "[ ', ' , ': ' ]", "[', ',': ']", "[', ', ': ']" },
		{ "{ '\\'' : '\\\\' , '\\\\\\'' : ',' }", "{'\\'':'\\\\','\\\\\\'':','}",
		    "{'\\'': '\\\\', '\\\\\\'': ','}" },
		{ "{'\\u0061 ':'\\/ \\t'}", "{'\\u0061 ':'\\/ \\t'}", "{'\\u0061 ': '\\/ \\t'}" },
		{ "{'b':1,'a':{'\xc3\xa9':' '}}", "{'b':1,'a':{'\xc3\xa9':' '}}",
		    "{'b': 1, 'a': {'\xc3\xa9': ' '}}" },
	};
	char room[128];
	struct json j;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str s = sample(rows[i].text);
		struct str compact = sample(rows[i].compact), spaced = sample(rows[i].spaced);

		CHECK_BYTES(written(json_put_compact, room, compact.n, s), compact, "%s",
		    rows[i].text);
		CHECK_BYTES(written(json_put_spaced, room, spaced.n, s), spaced, "%s",
		    rows[i].text);
		for (size_t cap = 0; cap < spaced.n; cap++) {
			struct buf c = buf_over(room, cap), d = buf_over(room + 64, cap);

			memset(room, '#', sizeof room);
			json_put_compact(&c, s);
			json_put_spaced(&d, s);
			CHECK(c.bad == (cap < compact.n) && d.bad && room[cap] == '#' &&
			    room[64 + cap] == '#', "%s into %zu bytes", rows[i].text, cap);
		}
	}
	for (size_t i = 0; i < COUNT(accepted); i++) {
		struct str s = sample(accepted[i]);

		CHECK(parse(&j, s) && respaces(s, j.n), "%s", accepted[i]);
	}
}

static void
put_times(struct buf *b, const char *row, size_t times)
{
	while (times-- > 0)
		buf_add(b, sample(row));
}

static void
test_depth(void)
{
	static const struct {
		const char *open[2], *close[2];         /* in turn */
	} nests[] = {
		{ { "[", "[" }, { "]", "]" } }, { { "{'a':", "{'a':" }, { "}", "}" } },
		{ { "[", "{'a':" }, { "]", "}" } }, { { "{'a':", "[" }, { "}", "]" } },
		{ { "[0,", "{'b':0,'a':" }, { ",{}]", ",'c':''}" } },
	};
	static const char *const inmost[] = { "0", "''", "" };

	for (size_t i = 0; i < COUNT(nests) * COUNT(inmost); i++)
		for (unsigned depth = JSON_DEPTH_MAX - 1; depth <= JSON_DEPTH_MAX + 1; depth++) {
			const char *const *open = nests[i % COUNT(nests)].open;
			const char *const *close = nests[i % COUNT(nests)].close;
			char room[1024];
			struct buf b = buf_over(room, sizeof room);
			size_t last;
			struct json j;

			for (unsigned k = 0; k + 1 < depth; k++)
				put_times(&b, open[k % 2], 1);
			last = b.n;
			buf_add(&b, STR("["));
			put_times(&b, inmost[i / COUNT(nests)], 1);
			buf_add(&b, STR("]"));
			for (unsigned k = depth - 1; k-- > 0;)
				put_times(&b, close[k % 2], 1);
			if (depth > JSON_DEPTH_MAX)
				refuse(buf_str(&b), last, last);
			else if (accept(&j, buf_str(&b)))
				CHECK(json_depth(&j, 0) == depth, "%u of %u", json_depth(&j, 0),
				    depth);
		}
}

/* An object whose names are "000", "001", ...; its first value is another such object, of `inner`
 * members. */
static void
put_members(struct buf *b, unsigned members, unsigned inner)
{
	buf_add(b, STR("{"));
	for (unsigned i = 0; i < members; i++) {
		char name[16];

		buf_put(b, name,
		    (size_t)snprintf(name, sizeof name, "%s\"%03u\":", i > 0 ? "," : "", i));
		if (i == 0 && inner > 0)
			put_members(b, inner, 0);
		else
			buf_add(b, STR("0"));
	}
	buf_add(b, STR("}"));
}

static void
test_members(void)
{
	static const struct {
		unsigned outer, inner;
		bool ok;
	} rows[] = {
		{ 128, 0, true }, { 129, 0, false }, { 1, 128, true }, { 1, 129, false },
		{ 128, 128, true }, { 128, 129, false }, { 129, 128, false },
	};
	char room[4096];
	struct buf b;
	size_t at;

	for (size_t i = 0; i < COUNT(rows); i++) {
		b = buf_over(room, sizeof room);
		put_members(&b, rows[i].outer, rows[i].inner);
		if (rows[i].ok) {
			expect(true, buf_str(&b), 0, 0);
			continue;
		}
		/* the 129th name: */
		at = (size_t)((char *)memmem(room, b.n, "\"128\"", 5) - room);
		refuse(buf_str(&b), at - 1, at);        /* it, or the comma before it */
	}
	b = buf_over(room, sizeof room);
	put_members(&b, JSON_MEMBERS_MAX, 0);
	at = b.n - STR("\"127\":0}").n;
	/* the last name is there already, anywhere */
	for (unsigned i = 0; i < JSON_MEMBERS_MAX - 1; i++) {
		snprintf(room + at, 5, "\"%03u", i);
		room[at + 4] = '"';
		refuse(buf_str(&b), at, at);
	}
}

static void
test_token_limit(void)
{
	static const struct {
		const char *head, *unit;
		size_t times;
		const char *tail;
		unsigned tokens;                /* or 0: refused, */
		size_t first, last;             /* between these offsets from the end */
	} rows[] = {
		{ "[0", ",0", JSON_TOKENS_MAX - 2, "]", JSON_TOKENS_MAX, 0, 0 },
		{ "[0", ",0", JSON_TOKENS_MAX - 1, "]", 0, 3, 2 },
		{ "[[]", ",{}", JSON_TOKENS_MAX - 2, "]", JSON_TOKENS_MAX, 0, 0 },
		{ "[''", ",''", JSON_TOKENS_MAX - 2, ",[]]", 0, 4, 3 },
		{ "[''", ",''", JSON_TOKENS_MAX - 2, ",{}]", 0, 4, 3 },
		/* 1 + 3 x 1365: names count */
		{ "[{'a':0}", ",{'a':0}", 1364, "]", 4096, 0, 0 },
		{ "[{'a':0}", ",{'a':0}", 1364, ",null]", 0, 6, 5 },
		{ "[0", ",{'a':0}", 1365, "]", 0, 7, 3 },       /* the last value is too much, */
		{ "[0,0", ",{'a':0}", 1364, ",{'a':0}]", 0, 7, 7 },     /* the last name */
	};
	static char room[TEXT_MAX];

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf b = buf_over(room, sizeof room);
		struct json j;

		put_times(&b, rows[i].head, 1);
		put_times(&b, rows[i].unit, rows[i].times);
		put_times(&b, rows[i].tail, 1);
		if (rows[i].tokens == 0) {
			refuse(buf_str(&b), b.n - rows[i].first, b.n - rows[i].last);
			continue;
		}
		CHECK(accept(&j, buf_str(&b)) && j.n == rows[i].tokens, "row %zu: %u tokens", i,
		    j.n);
		CHECK(parse_within(&j, JSON_TOKENS_MAX, buf_str(&b)), "row %zu: %s", i, j.fault);
		CHECK(respaces(buf_str(&b), JSON_TOKENS_MAX), "row %zu", i);
	}
}

/* Inside a string; bytes that may not stand there are escaped. */
static void
test_utf8_vectors(void)
{
	FILE *f = test_vectors("utf8/cases.txt");
	char line[1024];

	if (f == NULL) {
		test_skip("utf8/cases.txt");
		return;
	}
	while (fgets(line, sizeof line, f) != NULL) {
		const char *verdict = strchr(line, ' ') + 1, *hex = strchr(verdict, ' ') + 1;
		uint8_t bytes[512];
		size_t n = test_unhex(bytes, hex);
		char room[4096];
		struct buf b = buf_over(room, sizeof room);
		struct json j;

		if (line[0] == '#')
			continue;
		buf_add(&b, STR("\""));
		for (size_t i = 0; i < n; i++) {
			bool special = bytes[i] < 0x20 || bytes[i] == '"' || bytes[i] == '\\';

			buf_add(&b, special ? STR("\\u00") : STR(""));
			if (special)
				buf_hex(&b, bytes + i, 1);
			else
				buf_put(&b, bytes + i, 1);
		}
		buf_add(&b, STR("\""));
		if (verdict[0] == 'i')
			refuse(buf_str(&b), 1, b.n - 1);
		else if (accept(&j, buf_str(&b)))
			CHECK(json_is(&j, 0, (struct str){ (char *)bytes, n }), "%s", line);
	}
	fclose(f);
}

/* y_ is valid, n_ is not, i_ is the reader's choice: numbers of any size are carried, all else is
 * refused. */
static bool
suite_verdict(const char *name)
{
	return strncmp(name, "i_number_", 9) == 0 ||
	    (name[0] == 'y' && strncmp(name, "y_object_duplicated_key", 23) != 0);
}

static void
test_suite(void)
{
	const char *folder = getenv("JWTD_VECTORS");
	static char text[TEXT_MAX];
	char path[4096];
	unsigned files = 0;
	DIR *dir;

	snprintf(path, sizeof path, "%s/json/test_parsing",
	    folder != NULL ? folder : "../shared/vectors");
	dir = opendir(path);
	if (dir == NULL) {
		test_skip("json/test_parsing");
		return;
	}
	for (struct dirent *entry; (entry = readdir(dir)) != NULL; ) {
		const char *name = entry->d_name;
		struct json j;
		bool ok;
		FILE *f;

		if (name[0] == '.')
			continue;
		snprintf(path, sizeof path, "json/test_parsing/%s", name);
		f = test_vectors(path);
		CHECK(f != NULL, "%s", name);
		if (f == NULL)
			continue;

		struct str s = { text, fread(text, 1, sizeof text, f) };

		fclose(f);
		files++;
		ok = parse(&j, s);
		CHECK(ok == suite_verdict(name), "%s: %s at %zu", name, j.fault, j.fault_at);
		CHECK(sane(&j, ok, s.n), "%s", name);
		CHECK(!ok || respaces(s, j.n), "%s", name);
	}
	closedir(dir);
	CHECK(files > 0, "an empty folder");
}

/* One edit: a byte set, put in or taken out, or a piece of the text copied over another. */
static size_t
mutate(char *p, size_t n, size_t cap)
{
	static const char bytes[] = "{}[]:,\"\"\\\\u0019dDcCeE+-./trfalsn \t\n\0\x1f\x7f"
		"\x80\xbf\xc3\xa9\xe0\xed\xf0\xf4\xff";
	char byte = bytes[test_random() % (sizeof bytes - 1)];
	size_t at = test_random() % (n + 1), from = test_random() % (n + 1),
	    length = test_random() % 8;

	switch (test_random() % 4) {
	case 0:
		if (at < n)
			p[at] = byte;
		return n;
	case 1:
		if (n == cap)
			return n;
		memmove(p + at + 1, p + at, n - at);
		p[at] = byte;
		return n + 1;
	case 2:
		if (at == n)
			return n;
		memmove(p + at, p + at + 1, n - at - 1);
		return n - 1;
	default:
		if (length > n - from)
			length = n - from;
		if (length > cap - at)
			length = cap - at;
		memmove(p + at, p + from, length);
		return at + length > n ? at + length : n;
	}
}

/* The first fault is the one that is told: what is before it has none, and another one behind it
 * changes nothing. There is room for one byte more. */
static bool
is_first_fault(char *p, size_t n, size_t at)
{
	struct json j;

	if (!parse(&j, (struct str){ p, at }) && j.fault_at != at)
		return false;
	p[n] = '\1';
	return at == n || (!parse(&j, (struct str){ p, n + 1 }) && j.fault_at == at);
}

/* json_parse_one() and white space are json_parse(). */
static bool
is_one(struct str s, bool whole, const struct json *j)
{
	static struct json_tok tok[JSON_TOKENS_MAX];
	struct json one;
	size_t at = 0;
	bool ok = json_parse_one(&one, tok, JSON_TOKENS_MAX, flush(s), &at);
	size_t end = at;

	while (end < s.n && json_is_space(s.p[end]))
		end++;
	return at <= s.n && (ok && end == s.n) == whole && one.n == (ok ? tok[0].next : 0) &&
	    (whole ? one.n == j->n : j->fault_at == (ok ? end : one.fault_at));
}

/* Value behind value: where each begins and ends, or where the fault is. */
static void
test_one(void)
{
	static const struct {
		const char *text;
		size_t from, begin, end, fault_at;
		unsigned tokens;
	} row[] = {
		{ "[1,{'a':2}] x", 0, 0, 11, 0, 5 },
		{ "[1,{'a':2}] x", 11, 0, 12, 12, 0 },
		{ " 1 [2]\t3 ", 0, 1, 2, 0, 1 },
		{ " 1 [2]\t3 ", 2, 3, 6, 0, 2 },
		{ " 1 [2]\t3 ", 6, 7, 8, 0, 1 },
		{ " 1 [2]\t3 ", 8, 0, 9, 9, 0 },
		{ "'a''b'", 3, 3, 6, 0, 1 },
		{ "12-3", 0, 0, 2, 0, 1 },
		{ "truefalse", 0, 0, 4, 0, 1 },
		{ "{'a':1}}", 0, 0, 7, 0, 3 },
		{ "{'a':1}}", 7, 0, 7, 7, 0 },
		{ "1 {'a':1,'a':2}", 1, 0, 15, 9, 0 },
		{ "1 [1.5e,2]", 1, 0, 7, 7, 0 },
		{ "", 0, 0, 0, 0, 0 },
		{ "  ", 0, 0, 2, 2, 0 },
		{ "1", 1, 0, 1, 1, 0 },
	};
	static struct json_tok tok[JSON_TOKENS_MAX];
	struct json j;

	for (size_t i = 0; i < COUNT(row); i++) {
		size_t at = row[i].from;
		bool ok = json_parse_one(&j, tok, JSON_TOKENS_MAX, flush(sample(row[i].text)), &at);

		CHECK(ok == (row[i].tokens > 0) && at == row[i].end && j.n == row[i].tokens &&
		    (ok ? tok[0].at == row[i].begin : j.fault_at == row[i].fault_at),
		    "%s from %zu: %s up to %zu", row[i].text, row[i].from,
		    ok ? "taken" : j.fault, at);
	}
}

/* The limits are those of each value. */
static void
test_one_by_one(void)
{
	enum { VALUES = 3, EACH = 2 * JSON_TOKENS_MAX + 1 };
	static char text[VALUES * EACH];
	static struct json_tok tok[JSON_TOKENS_MAX];
	struct json j;
	size_t at = 0;

	memset(text, '0', sizeof text);
	for (size_t i = 0; i < sizeof text; i++)
		if (i % EACH % 2 == 0)
			text[i] = ',';
	for (unsigned v = 0; v < VALUES; v++) {         /* 4,095 numbers and their brackets */
		text[v * EACH] = '[';
		text[v * EACH + EACH - 3] = ']';
		text[v * EACH + EACH - 2] = text[v * EACH + EACH - 1] = ' ';
	}
	for (unsigned v = 0; v < VALUES; v++) {
		bool ok = json_parse_one(&j, tok, JSON_TOKENS_MAX,
		    (struct str){ text, sizeof text }, &at);

		CHECK(ok && j.n == JSON_TOKENS_MAX && tok[0].at == v * EACH && at == v * EACH + EACH - 2,
		    "value %u: %u tokens, up to %zu: %s", v, j.n, at, ok ? "" : j.fault);
	}
}

static void
test_mutants(void)
{
	unsigned accepts = 0;
	struct json j;

	for (unsigned i = 0; i < MUTANTS; i++) {
		struct str seed = sample(accepted[test_random() % COUNT(accepted)]);
		char p[128 + 1];
		size_t n = seed.n < sizeof p ? seed.n : sizeof p - 1;
		bool ok;

		memcpy(p, seed.p, n);
		for (unsigned edits = 1 + test_random() % 3; edits > 0; edits--)
			n = mutate(p, n, sizeof p - 1);
		ok = parse(&j, (struct str){ p, n });
		CHECK(sane(&j, ok, n), "%.*s", (int)n, p);
		CHECK(is_one((struct str){ p, n }, ok, &j), "%.*s", (int)n, p);
		if (ok)
			CHECK(respaces((struct str){ p, n }, j.n), "%.*s", (int)n, p);
		else
			CHECK(is_first_fault(p, n, j.fault_at), "%.*s: %s at %zu", (int)n, p,
			    j.fault, j.fault_at);
		accepts += ok;
	}
	CHECK(accepts > MUTANTS / 10 && accepts < MUTANTS / 2, "%u mutants were valid", accepts);
}

void
test_json(void)
{
	test_accepted();
	test_refused();
	test_every_byte();
	test_values();
	test_surrogates();
	test_code_points();
	test_utf8_strings();
	test_names();
	test_compare();
	test_tokens();
	test_member();
	test_is();
	test_unescape();
	test_quote();
	test_spacing();
	test_depth();
	test_members();
	test_token_limit();
	test_one();
	test_one_by_one();
	test_mutants();
	test_utf8_vectors();
	test_suite();
}

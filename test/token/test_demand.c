/* What a claim must be. test/demands asks much more, of the whole; here all bytes end at a page
 * that can't be read. In the tables ' stands for ". */
#include "test/test.h"

#include "http_mini.h"
#include "token/demand.h"

#include <stdlib.h>

#define COUNT(table) (sizeof (table) / sizeof (table)[0])

enum { TEXT = 1 << 14 };

#define V16 "a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p"

/* Whether it is read, where reading stops, and name and values behind each other. */
static const struct {
	const char *text;
	bool encoded, ok;
	size_t at;
	const char *is;
} readings[] = {
	{ "a=b", false, true, 2, "a|b" }, { "a", false, true, 0, "a" },
	{ "a=b,c", true, true, 4, "a|b|c" }, { "a b=c=d&e", false, true, 4, "a b|c=d&e" },
	{ "a=%62", false, true, 2, "a|%62" }, { "%61=%62,%2C", true, true, 8, "a|b|," },
	{ "a=" V16, true, true, 32, "a|a|b|c|d|e|f|g|h|i|j|k|l|m|n|o|p" },
	{ "a=" V16 ",q", true, false, 34, NULL }, { "", true, false, 0, NULL },
	{ "=b", true, false, 0, NULL }, { "a=", true, false, 2, NULL },
	{ "a=b,", false, false, 4, NULL }, { "a=,b", false, false, 2, NULL },
	{ "a=%", true, false, 2, NULL }, { "a=b%4", true, false, 3, NULL },
	{ "a=%4g", true, false, 2, NULL }, { "a=%g4", true, false, 2, NULL },
	{ "%=b", true, false, 0, NULL }, { "a=%ff", true, false, 2, NULL },
	{ "%c3%28=b", true, false, 0, NULL }, { "a=%c3%a9", true, true, 2, "a|\xc3\xa9" },
	{ "/a~0~1=b", false, true, 7, "/a~0~1|b" }, { "/~=b", false, false, 0, NULL },
	{ "/~2=b", false, false, 0, NULL }, { "%2F~2=b", true, false, 0, NULL },
	{ "~=b", false, true, 2, "~|b" }, { "/=b", false, true, 2, "/|b" },
	{ "scope=a%20b", true, false, 6, NULL }, { "scope=a b", false, false, 6, NULL },
	{ "scope=a,b!#[]~", false, true, 8, "scope|a|b!#[]~" },
	{ "scope=\"", false, false, 6, NULL }, { "scope=\\", false, false, 6, NULL },
	{ "scope=\x7f", false, false, 6, NULL }, { "scope=%c3%a9", true, false, 6, NULL },
	{ "scop=\"\\ ", false, true, 5, "scop|\"\\ " },
};

static void
reading(void)
{
	for (size_t i = 0; i < COUNT(readings); i++) {
		const char *given = readings[i].text;
		struct str text = { test_flush(0, given, strlen(given)), strlen(given) };
		char memory[256], is[256];
		struct buf decoded = buf_over(memory, sizeof memory), b = buf_over(is, sizeof is);
		struct demand d;
		bool ok = demand_read(&d, text, readings[i].encoded ? &decoded : NULL);

		CHECK(ok == readings[i].ok && (size_t)(d.at - text.p) == readings[i].at,
		    "%s: %d, at %td", given, ok, d.at - text.p);
		if (!ok || readings[i].is == NULL)
			continue;
		buf_add(&b, d.name);
		for (unsigned k = 0; k < d.values; k++) {
			buf_text(&b, "|");
			buf_add(&b, d.value[k]);
		}
		CHECK_BYTES(buf_str(&b), str_from(readings[i].is), "%s", given);
	}
}

/* Both sides of each limit, as they stand and percent-encoded, and a buffer that is full. */
static void
lengths(void)
{
	for (size_t n = 126; n < 131; n++) {
		char text[600] = "a=", memory[512];
		struct buf decoded = buf_over(memory, sizeof memory);
		struct demand d;

		memset(text + 2, 'b', n);
		CHECK(demand_read(&d, str_from(text), &decoded) == (n <= DEMAND_VALUE_MAX), "%zu", n);
		for (size_t i = 0; i < n; i++)
			memcpy(text + 2 + 3 * i, "%62", 3);
		CHECK(demand_read(&d, str_from(text), &decoded) == (n <= DEMAND_VALUE_MAX), "%zu", n);
		decoded = buf_over(memory, n - 1);
		CHECK(!demand_read(&d, str_from(text), &decoded), "%zu bytes into %zu", n, n - 1);
	}
	for (size_t n = DEMAND_NAME_MAX - 1; n < DEMAND_NAME_MAX + 2; n++) {
		char text[DEMAND_NAME_MAX + 4];
		struct demand d;

		memset(text, 'a', n);
		memcpy(text + n, "=b", 3);
		CHECK(demand_read(&d, str_from(text), NULL) == (n <= DEMAND_NAME_MAX), "%zu", n);
	}
}

/* Claims, demands with '&' between them, and which one is not met; -1: all are. */
static const struct {
	const char *claims, *demands;
	int unmet;
} judgements[] = {
	{ "{'a':'x'}", "a=x", -1 }, { "{'a':'x'}", "a=y", 0 }, { "{'a':'x'}", "a=y,x", -1 },
	{ "{'a':'\\u0078'}", "a=x", -1 }, { "{'\\u0061':'\\u0078'}", "a=x", -1 },
	{ "{'a':['\\u0078','y']}", "a=x&a=y&a=z", 2 }, { "{'a':['x','y']}", "a=x&a=y", -1 },
	{ "{'a':['x',1]}", "a=x", 0 }, { "{'a':['x',['x']]}", "a=x", 0 }, { "{'a':[]}", "a=x", 0 },
	{ "{'a':{'x':1}}", "a=x", 0 }, { "{'a':null}", "a=null", 0 }, { "{}", "a=x", 0 },
	{ "{'a':1,'b':1.0,'c':true,'d':false}", "a=1&b=1.0&c=true&d=false", -1 },
	{ "{'a':1}", "a=1.0", 0 }, { "{'a':'x'}", "a=x&b=x", 1 }, { "{'a':'x y'}", "a=x", 0 },
	{ "{'scope':'x y'}", "scope=y&/scope=x y&scope=x", -1 },
	{ "{'scope':'x\\u0020y'}", "scope=y&scope=x&/scope=y", 2 },
	{ "{'scope':' x  y '}", "scope=x&scope=y", -1 }, { "{'scope':'xy'}", "scope=x", 0 },
	{ "{'scope':['x','y z']}", "scope=x&scope=y", 1 }, { "{'scope':''}", "scope=x", 0 },
	{ "{'a':{'b':['p',{'c/d':{'e~f':'x'}}]}}", "/a/b/1/c~1d/e~0f=x", -1 },
	{ "{'a':{'b':['p']}}", "/a/b/0=p&/a/b=p&/a/b/00=p", 2 }, { "{'a':['p']}", "/a/1=p", 0 },
	{ "{'a':['p']}", "/a/=p", 0 }, { "{'a':['p']}", "/a/-=p", 0 }, { "{'a':'p'}", "/a/0=p", 0 },
	{ "{'':{'':'x'}}", "//=x", -1 }, { "{'':'x'}", "/=x", -1 }, { "{'/':'x'}", "/~1=x", -1 },
	{ "{'a':['p']}", "/a/99999999999999999999=p", 0 }, { "{'a':[[],{},'p']}", "/a/2=p", -1 },
	{ "{'a':1,'b':2,'c':3,'d':4,'e':5}", "a=1&b=2&c=3&d=4&e=5&/e=5", -1 },
	{ "{'a':1,'b':2,'c':3,'d':4,'e':5}", "a=1&b=2&c=3&d=4&e=6&f=7", 4 },
};

static struct str
quoted(char *into, const char *text)
{
	size_t n = strlen(text);

	for (size_t i = 0; i <= n; i++)
		into[i] = text[i] == '\'' ? '"' : text[i];
	return (struct str){ test_flush(0, into, n), n };
}

static unsigned
split(struct demand *d, char *text)
{
	unsigned n = 0;

	for (char *rest, *one = strtok_r(text, "&", &rest); one; one = strtok_r(NULL, "&", &rest))
		CHECK(n < DEMAND_MAX && demand_read(&d[n++], str_from(one), NULL), "%s", one);
	return n;
}

static void
judging(void)
{
	static struct json_tok tok[JSON_TOKENS_MAX];

	for (size_t i = 0; i < COUNT(judgements); i++) {
		char claims[TEXT], demands[TEXT], memory[64];
		struct buf text = buf_over(memory, sizeof memory), none = buf_over(memory, 0);
		struct str s = quoted(claims, judgements[i].claims);
		struct demand d[DEMAND_MAX];
		struct json doc;
		unsigned n = split(d, strcpy(demands, judgements[i].demands)),
		    want = judgements[i].unmet < 0 ? n : (unsigned)judgements[i].unmet, got;

		CHECK(json_parse(&doc, tok, JSON_TOKENS_MAX, s), "%s", judgements[i].claims);
		got = demand_unmet(&doc, d, n, &text);
		CHECK(got == want && text.n == 0 && !text.bad, "%s of %s: %u",
		    judgements[i].demands, judgements[i].claims, got);
		CHECK(demand_unmet(&doc, d, n, &none) <= got, "without room for what has escapes");
	}
}

/* Sixteen demands of sixteen values: each of them is found, in a long array or as a word. */
static void
as_many_as_can_be(void)
{
	static char names[DEMAND_MAX][8], values[DEMAND_MAX][DEMAND_VALUES_MAX][DEMAND_VALUE_MAX + 1];
	static struct json_tok tok[JSON_TOKENS_MAX];
	static char memory[TEXT], claims[1 << 19];
	struct demand d[DEMAND_MAX];

	for (unsigned i = 0; i < DEMAND_MAX; i++) {
		strcpy(names[i], i % 2 != 0 ? "scope" : "/scope");
		d[i] = (struct demand){ .name = str_from(names[i]), .values = DEMAND_VALUES_MAX };
		for (unsigned k = 0; k < DEMAND_VALUES_MAX; k++) {
			snprintf(values[i][k], sizeof values[i][k], "%0128u", i * 100 + k);
			d[i].value[k] = str_from(values[i][k]);
		}
	}
	for (unsigned left = 0; left <= DEMAND_MAX; left++) {
		struct buf b = buf_over(claims, sizeof claims), text = buf_over(memory, TEXT);
		struct json doc;

		buf_text(&b, "{\"scope\":[\"x\"");
		for (unsigned i = 0; i < 1000; i++)
			buf_text(&b, ",\"y\\n\"");
		for (unsigned i = 0; i < DEMAND_MAX; i++) {
			buf_text(&b, i == left ? ",\"no" : ",\"");
			buf_text(&b, values[i][(i * 7 + left) % DEMAND_VALUES_MAX]);
			buf_text(&b, "\"");
		}
		buf_text(&b, "]}");
		CHECK(json_parse(&doc, tok, JSON_TOKENS_MAX, buf_str(&b)), "JSON");
		CHECK(demand_unmet(&doc, d, DEMAND_MAX, &text) == left, "%u", left);
	}
}

static void
naming(void)
{
	static const struct {
		const char *name, *shown;
	} cases[] = {
		{ "a", "the claim a" }, { "/a b~1", "the claim /a b~1" }, { "~!", "the claim ~!" },
		{ "a\"", "a demanded claim" }, { "\\", "a demanded claim" },
		{ "\x7f", "a demanded claim" }, { "\x1f", "a demanded claim" },
		{ "\xc3\xa9", "a demanded claim" }, { "a\n", "a demanded claim" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char memory[64];
		struct buf b = buf_over(memory, sizeof memory);

		demand_put_name(&b, str_from(cases[i].name));
		CHECK_BYTES(buf_str(&b), str_from(cases[i].shown), "%s", cases[i].name);
	}
}

/* Field lines behind the request line, and all pairs, a bar behind each. */
static const struct {
	const char *fields, *pairs;
} cookies[] = {
	{ "", "" }, { "Cookie: a=b\r\n", "a=b|" }, { "cookie:a=b;c=d\r\n", "a=b|c=d|" },
	{ "Cookie: \t a=b \t;\t c = d \t\r\n", "a=b|c = d|" }, { "Cookie:\r\n", "" },
	{ "Cookie: a;\r\n", "a|" }, { "Cookie: ;;a\r\n", "||a|" }, { "Cookie: ; \r\n", "|" },
	{ "Cookie: a\r\nX: Cookie: b\r\nCookie2: c\r\nCOOKIE: d\r\n", "a|d|" },
	{ "Cookie: a\r\nCookie:\r\nCookie: b\r\n", "a||b|" },
	{ "Cookie:\r\nCookie: b\r\n", "|b|" }, { "Cookie: a\r\nCookie: \t \r\nX: y\r\n", "a||" },
	{ "Cookie: a;\r\nCookie: b\r\n", "a||b|" }, { "Cookie: \"a; b\"\r\n", "\"a|b\"|" },
};

static void
reading_cookies(void)
{
	for (size_t i = 0; i < COUNT(cookies); i++) {
		char memory[256], head[256] = "GET / HTTP/1.1\r\nHost: a\r\n";
		struct buf b = buf_over(memory, sizeof memory);
		struct http_request in;
		struct str pair, rest;

		strcat(strcat(head, cookies[i].fields), "\r\n");
		CHECK(http_head(&in, test_flush(0, head, strlen(head)), strlen(head)) > 0,
		    "%s", head);
		for (rest = in.cookies; http_cookie(&pair, &rest); ) {
			buf_add(&b, pair);
			buf_text(&b, "|");
		}
		CHECK_BYTES(buf_str(&b), str_from(cookies[i].pairs), "%s", cookies[i].fields);
	}
}

void
test_demand(void)
{
	reading();
	lengths();
	judging();
	as_many_as_can_be();
	naming();
	reading_cookies();
}

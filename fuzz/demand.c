/* What a route of the proxy demands: a byte that says in which form, the demand, a line end, the
 * claims of a token. The oracle reads the demand by itself, a byte at a time, and looks at claims in
 * the simplest way. */
#include "fuzz/fuzz.h"

#include "route/demands.h"

#include <stdio.h>
#include <stdlib.h>

enum { MOST = 16, BYTES = 128 };

struct text {
	size_t n;
	char p[BYTES];
};

static struct {
	unsigned n, values[MOST];
	struct text name[MOST], value[MOST][MOST];
} said;

static int
digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10
	    : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Takes a part off, up to one of these bytes. */
static bool
take(struct text *t, const char **p, const char *end, const char *stops)
{
	char quoted[BYTES + 2];
	struct buf b = buf_over(quoted, sizeof quoted);
	static struct json_tok tok[1];
	static char memory[8 * BYTES];
	struct buf json = buf_over(memory, sizeof memory);
	struct json doc;

	t->n = 0;
	for (; *p < end && strchr(stops, **p) == NULL; (*p)++) {
		char c = **p;

		if (c == '%') {
			int high = end - *p > 2 ? digit((*p)[1]) : -1, low = high < 0 ? -1 : digit((*p)[2]);

			if (low < 0)
				return false;
			c = (char)(high * 16 + low);
			*p += 2;
		}
		buf_put(&b, &c, 1);
	}
	if (b.bad || b.n == 0 || b.n > BYTES)
		return false;
	memcpy(t->p, b.p, t->n = b.n);
	json_quote(&json, buf_str(&b));         /* JSON is UTF-8 */
	return json_parse(&doc, tok, 1, buf_str(&json));
}

/* Whether it can be read. */
static bool
read_all(struct str s, char between)
{
	const char stops[] = { '=', between, '\0' }, more[] = { ',', between, '\0' };
	const char *p = s.p, *end = s.p + s.n;

	said.n = 0;
	for (;; p++) {
		struct text *name = &said.name[said.n];
		unsigned *n = &said.values[said.n];

		if (said.n == MOST || !take(name, &p, end, stops) || p == end || *p != '=')
			return false;
		for (size_t i = 0; i < name->n && name->p[0] == '/'; i++)
			if (name->p[i] == '~' && (i + 1 == name->n || (name->p[i + 1] | 1) != '1'))
				return false;
		for (*n = 0; *n == 0 || (p < end && *p == ','); ++*n) {
			struct text *value = &said.value[said.n][*n < MOST ? *n : 0];

			p++;
			if (*n == MOST || !take(value, &p, end, more))
				return false;
			for (size_t i = 0; i < value->n && name->n == 5 &&
			    memcmp(name->p, "scope", 5) == 0; i++)
				if (value->p[i] < 0x21 || value->p[i] > 0x7e ||
				    strchr("\"\\", value->p[i]) != NULL)
					return false;
		}
		said.n++;
		if (p == end)
			return true;
	}
}

static struct str
text_of(const struct json *doc, unsigned at, char *into)
{
	struct buf b = buf_over(into, FUZZ_TEXT);

	return json_string(doc, at, &b);
}

static unsigned
find(const struct json *doc, const struct text *name)
{
	struct str rest = { name->p, name->n };
	unsigned at = 0;

	if (name->p[0] != '/')
		return json_member(doc, 0, rest);
	while (rest.n > 0) {
		char part[BYTES];
		size_t n = 0, i = 1;
		unsigned count = 0, next = 0;

		for (; i < rest.n && rest.p[i] != '/'; i++)
			part[n++] = rest.p[i] != '~' ? rest.p[i] : rest.p[++i] == '0' ? '~' : '/';
		rest = (struct str){ rest.p + i, rest.n - i };
		if (doc->tok[at].type == JSON_OBJECT)
			next = json_member(doc, at, (struct str){ part, n });
		for (unsigned k = at + 1; doc->tok[at].type == JSON_ARRAY && k < doc->tok[at].next;
		    k = doc->tok[k].next, count++) {
			char number[16];

			if ((size_t)snprintf(number, sizeof number, "%u", count) == n &&
			    memcmp(number, part, n) == 0)
				next = k;
		}
		if ((at = next) == 0)
			return 0;
	}
	return at;
}

static bool
is_one(unsigned d, struct str s)
{
	for (unsigned i = 0; i < said.values[d]; i++)
		if (str_equal(s, (struct str){ said.value[d][i].p, said.value[d][i].n }))
			return true;
	return false;
}

static bool
is_met(const struct json *doc, unsigned d)
{
	static char memory[FUZZ_TEXT];
	unsigned at = find(doc, &said.name[d]), type = doc->tok[at].type;
	bool words = said.name[d].n == 5 && memcmp(said.name[d].p, "scope", 5) == 0, met = false;
	struct str s;

	if (at == 0)
		return false;
	for (unsigned i = at + 1; type == JSON_ARRAY && i < doc->tok[at].next; i++) {
		if (doc->tok[i].type != JSON_STRING)
			return false;
		met = met || is_one(d, text_of(doc, i, memory));
	}
	if (type == JSON_NUMBER || type == JSON_TRUE || type == JSON_FALSE)
		return is_one(d, json_text(doc, at));
	if (type != JSON_STRING)
		return met;
	s = text_of(doc, at, memory);
	for (size_t i = 0, start = 0; words && i <= s.n; i++)
		if (i == s.n || s.p[i] == ' ') {
			met = met || is_one(d, (struct str){ s.p + start, i - start });
			start = i + 1;
		}
	return met || (!words && is_one(d, s));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct json_tok tok[JSON_TOKENS_MAX];
	static char memory[FUZZ_TEXT];
	bool segment = n > 0 && (data[0] & 1) != 0, ok;
	const uint8_t *line = n > 1 ? memchr(data + 1, '\n', n - 1) : NULL;
	size_t first = line != NULL ? (size_t)(line - data - 1) : 0, start = strlen("/auth?"), at = 0;
	char *target, *claims;
	struct buf text = buf_over(memory, sizeof memory);
	struct http_request in = { 0 };
	struct demands demands;
	struct json doc;

	if (line == NULL || first == 0 || (segment && memchr(data + 1, '/', first) != NULL))
		return 0;
	for (size_t i = 1; i <= first; i++)     /* what a target is made of */
		if (data[i] < 0x21 || data[i] > 0x7e)
			return 0;
	target = malloc(start + first);
	memcpy(target, segment ? "/auth;" : "/auth?", start);
	memcpy(target + start, data + 1, first);
	claims = fuzz_copy(line + 1, n - first - 2);
	in.path = (struct str){ target, segment ? start + first : start - 1 };
	if (!segment)
		in.query = (struct str){ target + start, first };
	ok = demands_read(&demands, &at, &text, &in);
	MUST(ok == read_all((struct str){ target + start, first }, segment ? ';' : '&'));
	MUST(ok || (at >= start && at <= start + first));
	if (ok && json_parse(&doc, tok, JSON_TOKENS_MAX, (struct str){ claims, n - first - 2 }) &&
	    doc.tok[0].type == JSON_OBJECT) {
		unsigned unmet = demand_unmet(&doc, demands.demand, demands.n, &text), i = 0;

		MUST(demands.n == said.n && !text.bad);
		while (i < said.n && is_met(&doc, i))
			i++;
		MUST(unmet == i);
	}
	free(target);
	free(claims);
	return 0;
}

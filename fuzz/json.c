/* json_parse() and what builds on it: what it takes is well-formed token by token, and comes back
 * from unescaping, quoting and spacing. */
#include "fuzz/tree.h"

#include <stdlib.h>

enum { MEMBERS_TRIED = 32 };

static struct json_tok tok[JSON_TOKENS_MAX], other[JSON_TOKENS_MAX];

static void
check_string(const struct json *d, unsigned i)
{
	static char text[FUZZ_TEXT], quoted[6 * FUZZ_TEXT], again[FUZZ_TEXT];
	struct buf a = buf_over(text, sizeof text), b = buf_over(quoted, sizeof quoted),
	    c = buf_over(again, sizeof again);
	struct json_tok one[1];
	struct json q;

	json_unescape(&a, json_raw(d, i));
	MUST(!a.bad && str_equal(json_string(d, i, &c), buf_str(&a)));
	MUST(json_is(d, i, buf_str(&a)));
	json_quote(&b, buf_str(&a));
	MUST(!b.bad && json_parse(&q, one, 1, buf_str(&b)) && one[0].type == JSON_STRING);
	MUST(json_is(&q, 0, buf_str(&a)) && json_compare(json_raw(d, i), json_raw(&q, 0)) == 0);
	MUST(json_hash(json_raw(d, i)) == json_hash(json_raw(&q, 0)));
	MUST(json_hash(json_raw(d, i)) == json_sip_hash((struct json_string){ buf_str(&a), false }));
	buf_put(&a, "x", 1);
	MUST(!json_is(d, i, buf_str(&a)));
}

static void
check_members(const struct json *d, unsigned object)
{
	unsigned tried = 0;

	for (unsigned i = object + 1; i < d->tok[object].next && tried < MEMBERS_TRIED; tried++) {
		static char text[FUZZ_TEXT];
		struct buf a = buf_over(text, sizeof text);

		MUST(d->tok[i].type == JSON_STRING && d->tok[i].next == i + 1);
		MUST(json_member(d, object, json_string(d, i, &a)) == i + 1);
		i = d->tok[i + 1].next;
	}
}

static void
check_tokens(const struct json *d)
{
	for (unsigned i = 0; i < d->n; i++) {
		const struct json_tok *t = &d->tok[i];

		MUST(t->n > 0 && t->at <= d->text.n && t->n <= d->text.n - t->at);
		MUST(t->next > i && t->next <= d->n && t->depth <= JSON_DEPTH_MAX);
		MUST(json_depth(d, i) <= JSON_DEPTH_MAX);
		if (t->type == JSON_STRING)
			check_string(d, i);
		if (t->type == JSON_OBJECT)
			check_members(d, i);
		if (t->type > JSON_ARRAY)
			MUST(t->next == i + 1);
	}
}

/* The other text says the same. */
static void
check_same(const struct json *d, struct str text)
{
	struct json e;

	MUST(json_parse(&e, other, JSON_TOKENS_MAX, text) && e.n == d->n);
	for (unsigned i = 0; i < d->n; i++) {
		MUST(tok[i].type == other[i].type && tok[i].next == other[i].next &&
		    tok[i].depth == other[i].depth && tok[i].escaped == other[i].escaped);
		MUST(tok[i].type <= JSON_ARRAY || str_equal(json_text(d, i), json_text(&e, i)));
	}
}

static void
check_spacing(const struct json *d)
{
	static char memory[4][2 * FUZZ_TEXT];
	struct buf b[4];

	for (unsigned i = 0; i < 4; i++)
		b[i] = buf_over(memory[i], sizeof memory[i]);
	json_put_compact(&b[0], d->text);
	json_put_spaced(&b[1], d->text);
	check_same(d, buf_str(&b[0]));
	check_same(d, buf_str(&b[1]));
	MUST(b[0].n <= d->text.n && b[1].n <= 2 * b[0].n);
	json_put_compact(&b[2], buf_str(&b[1]));
	json_put_spaced(&b[3], buf_str(&b[1]));
	MUST(str_equal(buf_str(&b[2]), buf_str(&b[0])) &&
	    str_equal(buf_str(&b[3]), buf_str(&b[1])));
}

/* Value by value it is the same: the text is one of them, with nothing but white space behind. */
static void
check_one(const struct json *d, bool whole)
{
	struct json one;
	size_t at = 0;
	bool ok = json_parse_one(&one, other, JSON_TOKENS_MAX, d->text, &at);

	MUST(at <= d->text.n && (ok || one.fault_at == d->fault_at) && one.n == (whole ? d->n :
	    ok ? other[0].next : 0));
	while (at < d->text.n && json_is_space(d->text.p[at]))
		at++;
	MUST((ok && at == d->text.n) == whole && (whole || !ok || at == d->fault_at));
}

/* The tree says the same of the value at token i. Returns the place of what follows. */
static unsigned
check_tree(const struct json *d, unsigned i, const struct node *node)
{
	static const enum json_type types[] = { ['{'] = JSON_OBJECT, ['['] = JSON_ARRAY,
	    ['"'] = JSON_STRING, ['0'] = JSON_NUMBER, ['t'] = JSON_TRUE, ['f'] = JSON_FALSE,
	    ['n'] = JSON_NULL };
	static char text[FUZZ_TEXT];
	struct buf b = buf_over(text, sizeof text);
	unsigned end = d->tok[i].next;

	MUST(d->tok[i].type == types[(unsigned char)node->type]);
	if (node->type == '"')
		MUST(str_equal(json_string(d, i, &b), node->value));
	if (node->type == '0')
		MUST(str_equal(json_text(d, i), node->value));
	i++;
	for (const struct node *item = node->first; item != NULL; item = item->next) {
		if (item->name != NULL)
			i = check_tree(d, i, item->name);
		i = check_tree(d, i, item);
	}
	MUST(i == end);
	return i;
}

/* Another reader takes the same texts, and finds the same in them. */
static void
check_other_reader(const struct json *d, bool whole)
{
	const struct node *root;

	tree_open(d->text.p, d->text.n);
	root = tree_value();
	MUST((root != NULL && tree_ends()) == whole);
	if (whole)
		MUST(check_tree(d, 0, root) == d->n);
}

/* What lies behind the n bytes, which is nothing at all, has no say; nor does room for tokens. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *text = fuzz_copy(data, n);
	struct json d, e;

	if (json_parse(&d, tok, JSON_TOKENS_MAX, (struct str){ text, n })) {
		struct json_tok *exact = malloc(d.n * sizeof *exact);

		MUST(d.n > 0 && tok[0].next == d.n);
		MUST(json_parse(&e, exact, d.n, d.text) && e.n == d.n);
		MUST(!json_parse(&e, exact, d.n - 1, d.text));
		free(exact);
		check_tokens(&d);
		check_spacing(&d);
		check_one(&d, true);
		check_other_reader(&d, true);
	} else {
		MUST(d.fault != NULL && d.fault_at <= n);
		check_one(&d, false);
		check_other_reader(&d, false);
	}
	free(text);
	return 0;
}

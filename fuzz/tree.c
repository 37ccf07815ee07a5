#include "fuzz/tree.h"

#include <stdlib.h>

static struct {
	const char *p;
	size_t n, at;
	unsigned tokens;
	struct node pool[1 << 17];
	size_t used;
	char text[1 << 19];
	size_t text_n;
} in;

static int
peek(void)
{
	return in.at < in.n ? (unsigned char)in.p[in.at] : -1;
}

static void
skip(void)
{
	while (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r')
		in.at++;
}

static bool
expect(int c)
{
	skip();
	if (peek() != c)
		return false;
	in.at++;
	return true;
}

static void
put(unsigned c)
{
	MUST(in.text_n < sizeof in.text);
	in.text[in.text_n++] = (char)c;
}

static void
put_code(unsigned c)
{
	if (c >= 0x10000)
		put(0xf0 | c >> 18);
	else if (c >= 0x800)
		put(0xe0 | c >> 12);
	else if (c >= 0x80)
		put(0xc0 | c >> 6);
	if (c >= 0x10000)
		put(0x80 | (c >> 12 & 63));
	if (c >= 0x800)
		put(0x80 | (c >> 6 & 63));
	put(c >= 0x80 ? 0x80 | (c & 63) : c);
}

static long
hex4(void)
{
	char digits[5] = { 0 }, *end;

	if (in.n - in.at < 4)
		return -1;
	memcpy(digits, in.p + in.at, 4);
	in.at += 4;
	if (strspn(digits, "0123456789abcdefABCDEF") != 4)
		return -1;
	return strtol(digits, &end, 16);
}

/* Behind the backslash. */
static bool
escape(void)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	int c = peek();
	long code, low;

	in.at++;
	if (c > 0 && strchr(from, c) != NULL) {
		put((unsigned char)to[strchr(from, c) - from]);
		return true;
	}
	if (c != 'u' || (code = hex4()) < 0 || (code >= 0xdc00 && code < 0xe000))
		return false;
	if (code >= 0xd800 && code < 0xdc00) {
		if (in.n - in.at < 2 || in.p[in.at] != '\\' || in.p[in.at + 1] != 'u')
			return false;
		in.at += 2;
		low = hex4();
		if (low < 0xdc00 || low > 0xdfff)
			return false;
		code = 0x10000 + (code - 0xd800) * 0x400 + (low - 0xdc00);
	}
	put_code((unsigned)code);
	return true;
}

/* One character of several bytes: it is what its code point is written as. */
static bool
character(void)
{
	size_t from = in.at, start = in.text_n;
	unsigned c = (unsigned char)in.p[in.at++];
	unsigned more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;

	if (c < 0xc0 || c > 0xf7)
		return false;
	c &= 0x3f >> more;
	while (more-- > 0) {
		if (peek() < 0x80 || peek() > 0xbf)
			return false;
		c = c << 6 | ((unsigned char)in.p[in.at++] & 63);
	}
	if (c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return false;
	put_code(c);
	return in.text_n - start == in.at - from &&
	    memcmp(in.text + start, in.p + from, in.at - from) == 0;
}

static bool
string(struct node *node)
{
	size_t start = in.text_n;

	in.at++;
	while (peek() != '"') {
		if (peek() < 0x20)
			return false;
		if (peek() == '\\') {
			in.at++;
			if (!escape())
				return false;
		} else if (peek() >= 0x80) {
			if (!character())
				return false;
		} else {
			put((unsigned)peek());
			in.at++;
		}
	}
	in.at++;
	node->value = (struct str){ in.text + start, in.text_n - start };
	return true;
}

static size_t
digits(void)
{
	size_t from = in.at;

	while (peek() >= '0' && peek() <= '9')
		in.at++;
	return in.at - from;
}

static bool
number(struct node *node)
{
	size_t from = in.at, whole;

	in.at += peek() == '-';
	whole = digits();
	if (whole == 0 || (whole > 1 && in.p[in.at - whole] == '0'))
		return false;
	if (peek() == '.') {
		in.at++;
		if (digits() == 0)
			return false;
	}
	if (peek() == 'e' || peek() == 'E') {
		in.at++;
		in.at += peek() == '-' || peek() == '+';
		if (digits() == 0)
			return false;
	}
	node->value = (struct str){ in.p + from, in.at - from };
	return true;
}

static bool
word(const char *text)
{
	size_t n = strlen(text);

	if (in.n - in.at < n || memcmp(in.p + in.at, text, n) != 0)
		return false;
	in.at += n;
	return true;
}

static const struct node *value(unsigned depth);

/* What stands between brackets. */
static bool
inside(struct node *node, unsigned depth)
{
	const struct node **end = &node->first;
	int close = node->type == '{' ? '}' : ']';
	unsigned members = 0;

	in.at++;
	if (expect(close))
		return true;
	do {
		const struct node *name = NULL, *item;

		if (node->type == '{') {
			skip();
			if (peek() != '"' || (name = value(depth)) == NULL || !expect(':') ||
			    ++members > 128)
				return false;
			for (const struct node *m = node->first; m != NULL; m = m->next)
				if (str_equal(m->name->value, name->value))
					return false;
		}
		item = value(depth);
		if (item == NULL)
			return false;
		((struct node *)item)->name = name;
		*end = item;
		end = &((struct node *)item)->next;
	} while (expect(','));
	return expect(close);
}

/* The value that stands here; NULL: none, or one beyond the limits. */
static const struct node *
value(unsigned depth)
{
	struct node *node = &in.pool[in.used++];
	bool ok;

	MUST(in.used < sizeof in.pool / sizeof in.pool[0]);
	skip();
	*node = (struct node){ .from = in.at };
	if (++in.tokens > 4096 || peek() < 0)
		return NULL;
	node->type = in.p[in.at];
	switch (node->type) {
	case '{': case '[': ok = depth < 32 && inside(node, depth + 1); break;
	case '"': ok = string(node); break;
	case 't': ok = word("true"); break;
	case 'f': ok = word("false"); break;
	case 'n': ok = word("null"); break;
	default: node->type = '0'; ok = number(node);
	}
	node->to = in.at;
	return ok ? node : NULL;
}

void
tree_open(const char *p, size_t n)
{
	in.p = p;
	in.n = n;
	in.at = in.used = in.text_n = 0;
}

bool
tree_expect(int c)
{
	return expect(c);
}

const struct node *
tree_value(void)
{
	in.tokens = 0;
	return value(0);
}

bool
tree_ends(void)
{
	skip();
	return in.at == in.n;
}

const struct node *
tree_member(const struct node *object, const char *name)
{
	const struct node *m = object->first;

	while (m != NULL && !str_equal(m->name->value, str_from(name)))
		m = m->next;
	return m;
}

size_t
tree_count(const struct node *list)
{
	size_t n = 0;

	for (const struct node *item = list->first; item != NULL; item = item->next)
		n++;
	return n;
}

size_t
tree_compact(const struct node *node)
{
	size_t n = 0;
	bool quoted = false;

	for (size_t i = node->from; i < node->to; i++) {
		n += quoted || strchr(" \t\r\n", in.p[i]) == NULL;
		if (in.p[i] == '\\' && quoted)
			n++, i++;
		else if (in.p[i] == '"')
			quoted = !quoted;
	}
	return n;
}

unsigned
tree_tokens(const struct node *node)
{
	unsigned n = 1;

	for (const struct node *item = node->first; item != NULL; item = item->next)
		n += tree_tokens(item) + (item->name != NULL);
	return n;
}

/* Where a token stands in a head, by two readers: http_head(), http_cookie() and
 * credentials_find(), and one that reads the same bytes line by line, as SPEC 5.2 says. A byte of
 * flags, then field lines; in them a line end stands for CR LF, and between \1 and \2 stands what
 * goes in base64. */
#include "fuzz/fuzz.h"

#include "route/credentials.h"

#include <stdlib.h>

enum { HAS_COOKIE = 1, HAS_BASIC = 2, LONG_NAME = 4 };
enum { PAIRS = 4096 };

/* What the plain reader finds. */
static struct found {
	struct str name;                        /* of the cookie */
	unsigned authorizations, named, pairs;
	struct str authorization, cookie;       /* values */
	struct str pair[PAIRS];                 /* that are not empty */
} found;

static bool
is_space(char c)
{
	return c == ' ' || c == '\t';
}

static struct str
trim(const char *from, const char *end)
{
	while (from < end && is_space(*from))
		from++;
	while (end > from && is_space(end[-1]))
		end--;
	return (struct str){ from, (size_t)(end - from) };
}

static void
read_cookies(struct str value)
{
	const char *end = value.p + value.n;

	for (const char *p = value.p, *stop; p <= end; p = stop + 1) {
		struct str pair;

		for (stop = p; stop < end && *stop != ';'; stop++)
			;
		pair = trim(p, stop);
		if (pair.n == 0)
			continue;
		MUST(found.pairs < PAIRS);
		found.pair[found.pairs++] = pair;
		if (pair.n > found.name.n && pair.p[found.name.n] == '=' &&
		    memcmp(pair.p, found.name.p, found.name.n) == 0) {
			found.named++;
			found.cookie = (struct str){ pair.p + found.name.n + 1,
			    pair.n - found.name.n - 1 };
		}
	}
}

static void
read_lines(const char *p, const char *end)
{
	while (p < end && *p != '\n')           /* the request's line */
		p++;
	for (p++; p < end; ) {
		const char *line = p, *colon;
		struct str name, value;

		while (*p != '\n')
			p++;
		colon = memchr(line, ':', (size_t)(p - line));
		if (colon == NULL)
			return;
		name = (struct str){ line, (size_t)(colon - line) };
		value = trim(colon + 1, p[-1] == '\r' ? p - 1 : p);
		p++;
		if (str_equal_nocase(name, STR("cookie")))
			read_cookies(value);
		if (str_equal_nocase(name, STR("authorization")) && found.authorizations++ == 0)
			found.authorization = value;
	}
}

/* What follows the scheme and its spaces; empty: it is another. */
static struct str
behind(struct str value, const char *scheme)
{
	size_t n = strlen(scheme);

	if (value.n <= n || value.p[n] != ' ' || !str_equal_nocase((struct str){ value.p, n },
	    str_from(scheme)))
		return STR("");
	for (; value.p[n] == ' '; n++)          /* it ends in none */
		;
	return (struct str){ value.p + n, value.n - n };
}

/* The password of Basic. false: it can't be read. */
static bool
password(struct str *out, struct str base64)
{
	static char text[FUZZ_TEXT], pair[FUZZ_TEXT];
	ptrdiff_t n;
	const char *colon;

	while (base64.n > 0 && base64.p[base64.n - 1] == '=')
		base64.n--;
	for (size_t i = 0; i < base64.n; i++)
		text[i] = (char)(base64.p[i] == '+' ? '-' : base64.p[i] == '/' ? '_' : base64.p[i]);
	n = reference_base64url(pair, (struct str){ text, base64.n });
	colon = n > 0 ? memchr(pair, ':', (size_t)n) : NULL;
	if (colon == NULL)
		return false;
	*out = (struct str){ colon + 1, (size_t)(pair + n - colon - 1) };
	return true;
}

static void
check_pairs(struct str cookies)
{
	struct str pair;
	unsigned n = 0;

	while (http_cookie(&pair, &cookies)) {
		if (pair.n == 0)
			continue;
		MUST(n < found.pairs && str_equal(pair, found.pair[n]));
		n++;
	}
	MUST(n == found.pairs);
}

/* Which token counts. Basic that can't be read is a token that is none: "?", as a cookie may be. */
static void
check_token(struct call *c, unsigned flags)
{
	struct str basic = flags & HAS_BASIC ? behind(found.authorization, "basic") : STR(""),
	    given = behind(found.authorization, "bearer"), token;
	bool clear = true;
	const char *doubt;

	if (basic.n > 0 && !password(&given, basic))
		given = STR("?");
	if (found.authorizations > 1 || ((flags & HAS_COOKIE) != 0 && found.named > 1))
		clear = false;
	else if (found.cookie.n > 0 && (flags & HAS_COOKIE) != 0) {
		if (given.n == 0)
			given = found.cookie;
		clear = str_equal(given, found.cookie);
	}
	MUST(credentials_find(&token, &doubt, c) == clear && doubt != NULL);
	MUST(!clear || str_equal(token, given));
}

static char *
head_of(size_t *n, const uint8_t *data, size_t size)
{
	static char memory[FUZZ_TEXT];
	struct buf b = buf_over(memory, sizeof memory);
	struct str in = fuzz_with_base64(data, size);

	buf_text(&b, "GET /auth HTTP/1.1\r\nHost: h\r\n");
	for (size_t i = 0; i < in.n; i++) {
		if (in.p[i] == '\n' && (i == 0 || in.p[i - 1] != '\r'))
			buf_text(&b, "\r");
		buf_put(&b, in.p + i, 1);
	}
	buf_text(&b, "\r\n\r\n");
	*n = b.n;
	return fuzz_copy(memory, b.n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static char memory[FUZZ_TEXT];
	unsigned flags = n > 0 ? *data : 0;
	struct api_scratch scratch = { .jwt.text = buf_over(memory, sizeof memory) };
	struct api_policy policy = { .cookie = (flags & HAS_COOKIE) == 0 ? NULL :
	    (flags & LONG_NAME) != 0 ? "__Host-token" : "c", .basic = (flags & HAS_BASIC) != 0 };
	struct http_request in;
	struct call c = { .scratch = &scratch, .policy = &policy, .in = &in };
	size_t size;
	char *head = head_of(&size, data + (n > 0), n - (n > 0));
	int used = http_head(&in, head, size);

	if (used > 0) {
		memset(&found, 0, offsetof(struct found, pair));
		found.name = str_from(policy.cookie != NULL ? policy.cookie : "c");
		read_lines(head, head + used);
		MUST(in.authorizations == found.authorizations);
		MUST(found.authorizations == 0 || str_equal(in.authorization, found.authorization));
		check_pairs(in.cookies);
		check_token(&c, flags);
	}
	free(head);
	return 0;
}

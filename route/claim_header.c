#include "route/claim_header.h"

#include "route/api.h"

enum { OTHER_FIELDS = 256 };            /* bytes of fields beside those that carry claims */

static bool
refuse(struct buf *why, const char *given, const char *problem)
{
	buf_text(why, "--claim-header ");
	buf_text(why, given);
	buf_text(why, problem);
	return false;
}

/* One of the words behind the claim. */
static bool
take_word(struct call_header *h, struct str word)
{
	bool *flag = str_equal(word, STR("optional")) ? &h->optional
	    : str_equal(word, STR("percent")) ? &h->percent : NULL;

	if (flag == NULL || *flag)
		return false;
	*flag = true;
	return true;
}

static bool
read_one(struct call_header *h, const char *given, struct buf *why)
{
	const char *equals = strchr(given, '='), *p;

	if (equals == NULL || equals[1] == '\0')
		return refuse(why, given, ": NAME=CLAIM is wanted");
	p = equals + 1;
	*h = (struct call_header){ .name = { given, (size_t)(equals - given) },
	    .claim = { p, strcspn(p, ",") } };
	for (p += h->claim.n; *p != '\0'; ) {
		size_t n = strcspn(++p, ",");

		if (!take_word(h, (struct str){ p, n }))
			return refuse(why, given, ": behind the claim only 'optional' and "
			    "'percent' may stand, each once");
		p += n;
	}
	if (!demand_is_name(h->claim))
		return refuse(why, given, ": this is no claim's name, and no JSON Pointer");
	return api_is_free_header(h->name) ||
	    refuse(why, given, ": no header may have this name here");
}

bool
claim_header_read(struct call_header *header, const char *const *given, unsigned n,
    struct buf *why)
{
	size_t room = HTTP_FIELDS_OUT - OTHER_FIELDS;

	for (unsigned i = 0; i < n; i++) {
		struct call_header *h = &header[i];
		size_t most;

		if (!read_one(h, given[i], why))
			return false;
		for (unsigned j = 0; j < i; j++)
			if (str_equal_nocase(h->name, header[j].name))
				return refuse(why, given[i], ": this header is given twice");
		most = h->name.n + CLAIM_HEADER_VALUE_MAX + strlen(": \r\n");
		if (most > room)
			return refuse(why, given[i], ": with these headers an answer could be "
			    "longer than 80 KB");
		room -= most;
	}
	return true;
}

/* RFC 3986 2.3 */
static bool
is_unreserved(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    c == '-' || c == '.' || c == '_' || c == '~';
}

static void
put_encoded(struct buf *b, struct str s)
{
	static const char digit[] = "0123456789ABCDEF";

	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		char encoded[3] = { '%', digit[c >> 4], digit[c & 15] };

		if (is_unreserved(s.p[i]))
			buf_put(b, s.p + i, 1);
		else
			buf_put(b, encoded, sizeof encoded);
	}
}

/* Printable ASCII, no space at either end: what a header carries without a doubt. */
static bool
is_plain(struct str s)
{
	if (s.n > 0 && (s.p[0] == ' ' || s.p[s.n - 1] == ' '))
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < 0x20 || s.p[i] > 0x7e)
			return false;
	return true;
}

/* A text that is the claim or, where there is a separator, one of those that it is made of. */
static bool
put_text(struct call *c, struct str s, bool percent, const char *separator)
{
	if (s.n == 0 || (separator != NULL && memchr(s.p, *separator, s.n) != NULL))
		return false;
	if (percent)
		put_encoded(&c->out->fields, s);
	else if (is_plain(s))
		buf_add(&c->out->fields, s);
	else
		return false;
	return true;
}

static bool
put_string(struct call *c, const struct json *claims, unsigned at, bool percent,
    const char *separator)
{
	struct buf *text = &c->scratch->jwt.text;
	size_t start = text->n;
	struct str s = json_string(claims, at, text);
	bool ok = !text->bad && put_text(c, s, percent, separator);

	wipe(text->p + start, text->n - start);
	text->n = start;
	return ok;
}

/* An array of strings and nothing else. */
static bool
put_array(struct call *c, const struct json *claims, unsigned array, bool percent)
{
	for (unsigned i = array + 1; i < claims->tok[array].next; i++) {
		if (claims->tok[i].type != JSON_STRING)
			return false;
		if (i > array + 1)
			buf_text(&c->out->fields, ",");
		if (!put_string(c, claims, i, percent, ","))
			return false;
	}
	return true;
}

static bool
put_claim(struct call *c, const struct json *claims, unsigned at, bool percent)
{
	switch ((enum json_type)claims->tok[at].type) {
	case JSON_STRING: return put_string(c, claims, at, percent, NULL);
	case JSON_ARRAY: return put_array(c, claims, at, percent);
	case JSON_NUMBER:
	case JSON_TRUE:
	case JSON_FALSE: return put_text(c, json_text(claims, at), percent, NULL);
	case JSON_OBJECT:
	case JSON_NULL: break;
	}
	return false;
}

/* Adds one header. */
static unsigned
put_header(struct call *c, const struct json *claims, unsigned at, const struct call_header *h)
{
	struct buf *fields = &c->out->fields;
	bool missing = at == 0 || claims->tok[at].type == JSON_NULL;
	size_t start, n;

	if (missing && !h->optional)
		return JWT_MISSING_CLAIM;
	buf_add(fields, h->name);
	buf_add(fields, STR(": "));
	start = fields->n;
	if (!missing && !put_claim(c, claims, at, h->percent))
		return REASON_UNFIT_CLAIM;
	n = fields->n - start;
	buf_add(fields, STR("\r\n"));
	return fields->bad || n > CLAIM_HEADER_VALUE_MAX || (n == 0 && !missing)
	    ? REASON_UNFIT_CLAIM : REASON_NONE;
}

unsigned
claim_header_put(struct call *c, struct jwt *t)
{
	const struct call_header *header = c->policy->headers;
	unsigned n = c->policy->header_count, at[JSON_LIST_MAX], reason = REASON_NONE;
	struct str name[JSON_LIST_MAX];

	if (n == 0)
		return REASON_NONE;
	for (unsigned i = 0; i < n; i++)
		name[i] = header[i].claim;
	demand_claims(at, &t->doc, name, n);
	for (unsigned i = 0; i < n && reason == REASON_NONE; i++) {
		t->about = name[i];
		reason = put_header(c, &t->doc, at[i], &header[i]);
	}
	return reason;
}

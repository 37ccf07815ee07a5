#include "route/claim_header.h"

#include "route/api.h"

enum { OTHER_FIELDS = 256 };            /* bytes of fields beside those that carry claims */

static bool
refuse(struct buf *why, const char *given, const char *problem)
{
	buf_format(why, "--claim-header %s%s", given, problem);
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
	struct str rest = str_from(given), word;
	bool ok;

	*h = (struct call_header){ 0 };
	str_part(&h->name, &rest, '=');
	ok = str_part(&h->claim, &rest, ',') && demand_is_name(h->claim);
	while (ok && str_part(&word, &rest, ','))
		ok = take_word(h, word);
	if (!ok)
		return refuse(why, given, ": write NAME=CLAIM, or NAME=CLAIM,optional,percent");
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

/* Printable ASCII, no space at either end, is what a header carries without a doubt. false: this is
 * something else, or empty. */
static bool
put_text(struct buf *b, struct str s, bool percent)
{
	static const char digit[] = "0123456789ABCDEF";

	if (s.n == 0 || (!percent && (s.p[0] == ' ' || s.p[s.n - 1] == ' ')))
		return false;
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		char encoded[3] = { '%', digit[c >> 4], digit[c & 15] };

		if (percent ? str_is_unreserved(s.p[i]) : c >= 0x20 && c <= 0x7e)
			buf_put(b, &c, 1);
		else if (percent)
			buf_put(b, encoded, sizeof encoded);
		else
			return false;
	}
	return true;
}

/* A string, number or boolean, or an array of strings, which commas join. */
static bool
put_claim(struct call *c, const struct json *claims, unsigned at, bool percent)
{
	const struct json_tok *tok = claims->tok;
	struct buf *b = &c->out->fields, *text = &c->scratch->jwt.text;
	bool array = tok[at].type == JSON_ARRAY, ok = tok[at].type != JSON_OBJECT;

	for (unsigned i = at + array; i < tok[at].next && ok; i++) {
		size_t start = text->n;
		bool string = tok[i].type == JSON_STRING;
		struct str s = string ? json_string(claims, i, text) : json_text(claims, i);

		buf_text(b, i > at + 1 ? "," : "");
		ok = !text->bad && (!array || (string && memchr(s.p, ',', s.n) == NULL)) &&
		    put_text(b, s, percent);
		buf_cut(text, start);
	}
	return ok;
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

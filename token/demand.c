#include "token/demand.h"

#include "percent.h"
#include "token/scope.h"
#include "utf8.h"

enum {
	BUCKETS = 64,                   /* lists of values; of one route's, four in each */
	VALUES = DEMAND_MAX * DEMAND_VALUES_MAX,
	FEW = 4                         /* names that are compared as they are */
};

/* RFC 6901 3: "~" begins "~0" or "~1". */
bool
demand_is_name(struct str name)
{
	if (name.n == 0 || name.n > DEMAND_NAME_MAX)
		return false;
	for (size_t i = 0; i < name.n && name.p[0] == '/'; i++)
		if (name.p[i] == '~' && (i + 1 == name.n ||
		    (name.p[i + 1] != '0' && name.p[i + 1] != '1')))
			return false;
	return true;
}

bool
demand_is_scope(struct str name)
{
	return str_equal(name, STR("scope"));
}

/* Whether a claim of this name can have this value; of "scope" a scope-token (RFC 6749 3.3). */
static bool
is_value(struct str name, struct str value)
{
	bool scope = demand_is_scope(name);

	if (value.n == 0 || value.n > DEMAND_VALUE_MAX)
		return false;
	for (size_t i = 0; i < value.n && scope; i++)
		if (!scope_has_char(value.p[i]))
			return false;
	return true;
}

/* Takes a part of a demand; nothing is decoded where `decoded` is NULL. A plus is a plus. */
static bool
take_part(struct demand *d, struct str *part, struct str *text, char before, struct buf *decoded)
{
	const char *fault;

	*part = (struct str){ NULL, 0 };
	str_part(part, text, before);
	d->at = part->p;
	if (decoded == NULL)
		return true;
	fault = percent_decode(part, decoded, *part, false);
	if (fault != NULL)
		d->at = fault;
	return fault == NULL && utf8_is_text(part->p, part->n);
}

bool
demand_read(struct demand *d, struct str text, struct buf *decoded)
{
	d->values = 0;
	if (text.n > 0 && memchr(text.p, '%', text.n) == NULL)
		decoded = NULL;
	if (!take_part(d, &d->name, &text, '=', decoded) || !demand_is_name(d->name))
		return false;
	while (text.p != NULL) {
		struct str value;

		d->at = text.p;
		if (d->values == DEMAND_VALUES_MAX || !take_part(d, &value, &text, ',', decoded) ||
		    !is_value(d->name, value))
			return false;
		d->value[d->values++] = value;
	}
	return true;
}

/* RFC 6901 4: a reference-token, "~1" being '/' and "~0" '~'. */
static struct str
unescape(struct buf *text, struct str part)
{
	if (part.n == 0 || memchr(part.p, '~', part.n) == NULL)
		return part;
	for (size_t i = 0; i < part.n; i++) {
		bool escape = part.p[i] == '~';

		i += escape;
		buf_put(text, escape ? part.p[i] == '0' ? "~" : "/" : part.p + i, 1);
	}
	return buf_str(text);
}

/* RFC 6901 4 array-index: no leading zero. */
static unsigned
element(const struct json *doc, unsigned array, struct str part)
{
	unsigned i = array + 1, end = doc->tok[array].next;
	uint64_t index;

	if (!str_number(&index, part, 10, JSON_TOKENS_MAX) || (part.p[0] == '0' && part.n > 1))
		return 0;
	for (; i < end && index > 0; index--)
		i = doc->tok[i].next;
	return i < end ? i : 0;
}

/* Names of members by their hashes, each found at most once, so that long names that are alike, or
 * full of escapes, are not compared again and again where many are looked for. */
struct lookup {
	const struct json *claims;
	bool few;                       /* each name is compared as it is */
	uint64_t hash[JSON_TOKENS_MAX]; /* of the name that is this token; 0: not known yet */
};

static unsigned
member(struct lookup *l, unsigned object, struct str name)
{
	const struct json_tok *tok = l->claims->tok;
	uint64_t hash;

	if (l->few || tok[object].type != JSON_OBJECT)
		return json_member(l->claims, object, name);
	hash = json_sip_hash((struct json_string){ name, false });
	for (unsigned i = object + 1; i < tok[object].next; i = tok[i + 1].next) {
		if (l->hash[i] == 0)
			l->hash[i] = json_sip_hash(json_raw(l->claims, i));
		if (l->hash[i] == hash && json_is(l->claims, i, name))
			return i + 1;
	}
	return 0;
}

static unsigned
pointed_at(struct lookup *l, struct str pointer)
{
	struct str part, rest = { pointer.p + 1, pointer.n - 1 };
	unsigned at = 0;

	do {
		char unescaped[DEMAND_NAME_MAX];
		struct buf text = buf_over(unescaped, sizeof unescaped);

		str_part(&part, &rest, '/');
		part = unescape(&text, part);
		at = l->claims->tok[at].type == JSON_ARRAY ? element(l->claims, at, part)
		    : member(l, at, part);
	} while (at != 0 && rest.p != NULL);
	return at;
}

void
demand_claims(unsigned at[], const struct json *claims, const struct str name[], unsigned n)
{
	struct lookup l;

	l.claims = claims;
	l.few = n <= FEW;
	if (!l.few)
		memset(l.hash, 0, claims->n * sizeof l.hash[0]);
	for (unsigned i = 0; i < n; i++)
		at[i] = name[i].p[0] == '/' ? pointed_at(&l, name[i]) : member(&l, 0, name[i]);
}

static bool
is_there(const struct json *claims, unsigned at)
{
	return at != 0 && claims->tok[at].type != JSON_NULL && claims->tok[at].type != JSON_FALSE;
}

/* The values of all demands of one claim. Each is known by a number, counted from 1. They lie in
 * lists by their hash: an array of a thousand groups is looked through once, whatever is
 * demanded. */
struct wanted {
	const struct demand *demand;
	struct str name[DEMAND_MAX];    /* theirs */
	struct buf *text;
	uint64_t wanted, met;           /* a bit for each demand */
	uint16_t first[BUCKETS], next[VALUES + 1];      /* 0: the list ends */
};

/* The list of a text, by where it begins and ends: multiplied by the golden ratio, as Knuth hashes.
 * Values are the operator's: nobody else can choose many that lie in one list. */
static uint16_t *
list_of(struct wanted *w, struct str s)
{
	uint64_t x = s.n < 8 ? str_bytes(s.p, s.n) : str_word(s.p) ^ 3 * str_word(s.p + s.n - 8);

	return &w->first[x * UINT64_C(0x9e3779b97f4a7c15) >> 58];
}

_Static_assert(BUCKETS == 1 << (64 - 58), "all lists");

/* Adds the values of demand number i. */
static void
want(struct wanted *w, unsigned i)
{
	w->wanted |= UINT64_C(1) << i;
	for (unsigned k = 0; k < w->demand[i].values; k++) {
		unsigned number = i * DEMAND_VALUES_MAX + k + 1;
		uint16_t *first = list_of(w, w->demand[i].value[k]);

		w->next[number] = *first;
		*first = (uint16_t)number;
	}
}

/* A text that the claim has: demands for it are met. Its values are not looked for again. */
static void
offer(struct wanted *w, struct str text)
{
	uint16_t *link;

	if (text.n > DEMAND_VALUE_MAX || w->met == w->wanted)
		return;
	link = list_of(w, text);
	while (*link != 0) {
		unsigned number = *link - 1u, i = number / DEMAND_VALUES_MAX;

		if (str_equal(w->demand[i].value[number % DEMAND_VALUES_MAX], text)) {
			w->met |= UINT64_C(1) << i;
			*link = w->next[*link];
		} else {
			link = &w->next[*link];
		}
	}
}

/* A string of the claim, or each of its words (RFC 6749 3.3). */
static void
offer_string(struct wanted *w, const struct json *claims, unsigned at, bool words)
{
	size_t start = w->text->n;
	struct str text = json_string(claims, at, w->text);

	if (w->text->bad)
		text.n = 0;
	do {
		offer(w, words ? str_cut(&text, ' ') : text);
	} while (words && text.n > 0);
	buf_cut(w->text, start);
}

static void
offer_claim(struct wanted *w, const struct json *claims, unsigned at, bool words)
{
	const struct json_tok *tok = claims->tok;
	unsigned i = at + 1, end = tok[at].next;

	if (tok[at].type == JSON_STRING) {
		offer_string(w, claims, at, words);
	} else if (tok[at].type == JSON_ARRAY) {        /* of strings and nothing else */
		while (i < end && tok[i].type == JSON_STRING)
			i++;
		for (at++; i == end && at < end; at++)
			offer_string(w, claims, at, false);
	} else if (tok[at].type != JSON_OBJECT && tok[at].type != JSON_NULL) {
		offer(w, json_text(claims, at));
	}
}

unsigned
demand_unmet(const struct json *claims, const struct demand *demand, unsigned n, struct buf *text)
{
	unsigned at[DEMAND_MAX], unmet = 0;
	struct wanted w;

	w.demand = demand;
	w.text = text;
	w.wanted = w.met = 0;
	for (unsigned i = 0; i < n; i++)
		w.name[i] = demand[i].name;
	demand_claims(at, claims, w.name, n);
	for (unsigned i = 0; i < n; i++) {
		bool words = demand_is_scope(w.name[i]);

		if (demand[i].values == 0 && is_there(claims, at[i]))
			w.met |= UINT64_C(1) << i;
		if (at[i] == 0 || demand[i].values == 0 || (w.wanted >> i & 1) != 0)
			continue;
		memset(w.first, 0, sizeof w.first);
		for (unsigned k = i; k < n; k++)        /* a pointer to it has no words */
			if (at[k] == at[i] && demand_is_scope(w.name[k]) == words)
				want(&w, k);
		offer_claim(&w, claims, at[i], words);
	}
	while (unmet < n && (w.met >> unmet & 1) != 0)
		unmet++;
	return unmet;
}

void
demand_put_name(struct buf *b, struct str name)
{
	bool shown = true;

	for (size_t i = 0; i < name.n; i++)
		shown = shown && (name.p[i] == ' ' || scope_has_char(name.p[i]));
	buf_text(b, shown ? "the claim " : "a demanded claim");
	if (shown)
		buf_add(b, name);
}

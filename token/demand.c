#include "token/demand.h"

#include "sha512.h"

enum {
	BUCKETS = 256,                  /* lists of values; one in each, where all are there */
	VALUES = DEMAND_MAX * DEMAND_VALUES_MAX,
	FEW = 4,                        /* names that are compared as they are */
	UNESCAPED_MAX = 12288           /* bytes of a claim with escapes: no token has more */
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

bool
demand_is_value(struct str name, struct str value)
{
	bool scope = demand_is_scope(name);

	if (value.n == 0 || value.n > DEMAND_VALUE_MAX)
		return false;
	for (size_t i = 0; i < value.n && scope; i++)
		if (value.p[i] <= ' ' || value.p[i] > '~' || value.p[i] == '"' ||
		    value.p[i] == '\\')
			return false;
	return true;
}

bool
demand_read(struct demand *d, struct str text)
{
	const char *p = memchr(text.p, '=', text.n), *end = text.p + text.n;

	d->values = 0;
	d->name = (struct str){ text.p, (size_t)((p != NULL ? p : end) - text.p) };
	if (!demand_is_name(d->name))
		return false;
	while (p != NULL) {                     /* at the byte before a value */
		const char *start = p + 1;
		struct str value;

		p = memchr(start, ',', (size_t)(end - start));
		value = (struct str){ start, (size_t)((p != NULL ? p : end) - start) };
		if (d->values == DEMAND_VALUES_MAX || !demand_is_value(d->name, value))
			return false;
		d->value[d->values++] = value;
	}
	return true;
}

/* RFC 6901 4: takes a reference-token off a pointer, "~1" being '/' and "~0" '~'. */
static struct str
next_part(struct str *pointer, struct buf *text)
{
	const char *start = pointer->p + 1, *end = pointer->p + pointer->n,
	    *slash = memchr(start, '/', pointer->n - 1);
	struct str part = { start, (size_t)((slash != NULL ? slash : end) - start) };

	*pointer = (struct str){ start + part.n, pointer->n - 1 - part.n };
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

static unsigned
pointed_at(const struct json *claims, struct str pointer)
{
	unsigned at = 0;

	do {
		char unescaped[DEMAND_NAME_MAX];
		struct buf text = buf_over(unescaped, sizeof unescaped);
		struct str part = next_part(&pointer, &text);

		at = claims->tok[at].type == JSON_ARRAY ? element(claims, at, part)
		    : json_member(claims, at, part);
	} while (at != 0 && pointer.n > 0);
	return at;
}

/* Members are told by their hashes where many are looked for, so that long names that begin alike
 * are not compared again and again. */
static void
members(unsigned at[], const struct json *claims, const struct str name[], unsigned n)
{
	struct json_list list;

	list.n = 0;
	for (unsigned i = 0; i < n; i++)
		json_list_add(&list, name[i]);
	json_list_members(at, &list, claims, 0);
}

void
demand_claims(unsigned at[], const struct json *claims, const struct str name[], unsigned n)
{
	bool few = n <= FEW;

	if (!few)
		members(at, claims, name, n);
	for (unsigned i = 0; i < n; i++) {
		if (name[i].p[0] == '/')
			at[i] = pointed_at(claims, name[i]);
		else if (few)
			at[i] = json_member(claims, 0, name[i]);
	}
}

bool
demand_is_there(const struct json *claims, unsigned at)
{
	return at != 0 && claims->tok[at].type != JSON_NULL && claims->tok[at].type != JSON_FALSE;
}

/* The values of all demands of one claim. Each is known by a number, counted from 1. They lie in
 * lists by their hash: an array of a thousand groups is looked through once, whatever is
 * demanded. */
struct wanted {
	const struct demand *demand;
	unsigned wanted, met;           /* a bit for each demand */
	uint16_t first[BUCKETS], next[VALUES + 1];      /* 0: the list ends */
	uint32_t hash[VALUES + 1];
};

/* FNV-1a, 32 bits. Values are the operator's: nobody else can choose many that collide. */
static uint32_t
hash_of(struct str s)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < s.n; i++)
		hash = (hash ^ (unsigned char)s.p[i]) * 16777619u;
	return hash;
}

/* Adds the values of demand number i. */
static void
want(struct wanted *w, unsigned i)
{
	w->wanted |= 1u << i;
	for (unsigned k = 0; k < w->demand[i].values; k++) {
		unsigned number = i * DEMAND_VALUES_MAX + k + 1;
		uint32_t hash = hash_of(w->demand[i].value[k]);
		uint16_t *first = &w->first[hash % BUCKETS];

		w->hash[number] = hash;
		w->next[number] = *first;
		*first = (uint16_t)number;
	}
}

/* A text that the claim has: demands for it are met. Its values are not looked for again. */
static void
offer(struct wanted *w, struct str text)
{
	uint32_t hash;
	uint16_t *link;

	if (text.n > DEMAND_VALUE_MAX || w->met == w->wanted)
		return;
	hash = hash_of(text);
	link = &w->first[hash % BUCKETS];
	while (*link != 0) {
		unsigned i = (*link - 1u) / DEMAND_VALUES_MAX, k = (*link - 1u) % DEMAND_VALUES_MAX;

		if (w->hash[*link] == hash && str_equal(w->demand[i].value[k], text)) {
			w->met |= 1u << i;
			*link = w->next[*link];
		} else {
			link = &w->next[*link];
		}
	}
}

/* RFC 6749 3.3: words with a space between them. */
static void
offer_words(struct wanted *w, struct str text)
{
	const char *space;

	while (text.n > 0 && (space = memchr(text.p, ' ', text.n)) != NULL) {
		struct str word = { text.p, (size_t)(space - text.p) };

		offer(w, word);
		text = (struct str){ space + 1, text.n - word.n - 1 };
	}
	offer(w, text);
}

static void
offer_escaped(struct wanted *w, struct json_string s, bool words)
{
	char unescaped[UNESCAPED_MAX];
	struct buf text = buf_over(unescaped, sizeof unescaped);

	json_unescape(&text, s);
	if (!text.bad && words)
		offer_words(w, buf_str(&text));
	else if (!text.bad)
		offer(w, buf_str(&text));
	wipe(unescaped, text.n);
}

static void
offer_string(struct wanted *w, struct json_string s, bool words)
{
	if (s.escaped)
		offer_escaped(w, s, words);
	else if (words)
		offer_words(w, s.raw);
	else
		offer(w, s.raw);
}

static void
offer_claim(struct wanted *w, const struct json *claims, unsigned at, bool words)
{
	unsigned end = claims->tok[at].next;

	switch ((enum json_type)claims->tok[at].type) {
	case JSON_STRING:
		offer_string(w, json_raw(claims, at), words);
		break;
	case JSON_ARRAY:                /* of strings and nothing else */
		for (unsigned i = at + 1; i < end; i++)
			if (claims->tok[i].type != JSON_STRING)
				return;
		for (unsigned i = at + 1; i < end; i++)
			offer_string(w, json_raw(claims, i), false);
		break;
	case JSON_NUMBER:
	case JSON_TRUE:
	case JSON_FALSE:
		offer(w, json_text(claims, at));
		break;
	case JSON_OBJECT:
	case JSON_NULL:
		break;
	}
}

unsigned
demand_unmet(const struct json *claims, const struct demand *demand, unsigned n)
{
	struct str name[DEMAND_MAX] = { { NULL, 0 } };
	unsigned at[DEMAND_MAX], unmet = 0;
	struct wanted w;

	w.demand = demand;
	w.wanted = w.met = 0;
	for (unsigned i = 0; i < n; i++)
		name[i] = demand[i].name;
	demand_claims(at, claims, name, n);
	for (unsigned i = 0; i < n; i++) {
		bool words = demand_is_scope(name[i]);

		if (at[i] == 0 || (w.wanted >> i & 1) != 0)
			continue;
		memset(w.first, 0, sizeof w.first);
		for (unsigned k = i; k < n; k++)        /* a pointer to it has no words */
			if (at[k] == at[i] && demand_is_scope(name[k]) == words)
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
		shown = shown && name.p[i] >= ' ' && name.p[i] <= '~' && name.p[i] != '"' &&
		    name.p[i] != '\\';
	buf_text(b, shown ? "the claim " : "a demanded claim");
	if (shown)
		buf_add(b, name);
}

#include "settings/suggest.h"

enum {
	NEAR = 2,                       /* letters to be changed, put in or taken out */
	BEGINNING = 3,                  /* letters that tell what is left out behind them */
	SHOWN_BYTES = 128               /* of a variable's name */
};

struct nearest {
	struct str given;
	size_t prefix;                  /* bytes of it that every name has */
	char name[OPTION_NAME];
	unsigned distance;
};

/* How many letters must be changed, put in or taken out to make one of the other (Levenshtein);
 * capitals are equal to small ones. */
static unsigned
distance(struct str a, struct str b)
{
	unsigned row[OPTION_NAME], left_above, above;

	if (a.n >= OPTION_NAME || b.n >= OPTION_NAME)
		return OPTION_NAME;
	for (unsigned j = 0; j <= b.n; j++)
		row[j] = j;
	for (unsigned i = 1; i <= a.n; i++) {
		left_above = row[0];
		row[0] = i;
		for (unsigned j = 1; j <= b.n; j++) {
			unsigned least = left_above + (((a.p[i - 1] ^ b.p[j - 1]) & ~0x20) != 0);

			above = row[j];
			least = above < least ? above + 1 : least;
			row[j] = row[j - 1] < least ? row[j - 1] + 1 : least;
			left_above = above;
		}
	}
	return row[b.n];
}

static void
consider(struct nearest *n, struct str name)
{
	bool begins = n->given.n >= n->prefix + BEGINNING && str_starts_nocase(name, n->given);
	unsigned d = begins ? 1 : distance(n->given, name);

	if (d >= n->distance || d >= n->given.n - n->prefix || (d == NEAR &&
	    n->given.n > n->prefix && ((n->given.p[n->prefix] ^ name.p[n->prefix]) & ~0x20) != 0))
		return;
	n->distance = d;
	memcpy(n->name, name.p, name.n);
	n->name[name.n] = '\0';
}

static bool
say(struct buf *message, const struct nearest *n)
{
	if (n->distance > NEAR)
		return false;
	buf_format(message, "; did you mean %s?", n->name);
	return true;
}

static bool
suggest(struct buf *message, struct nearest *n, enum command command, bool variable)
{
	char name[OPTION_NAME];

	for (struct option o = { 0 }; option_next(&o);)
		if (option_applies(&o, command))
			consider(n, option_name(name, &o, variable));
	return say(message, n);
}

bool
suggest_option(struct buf *message, struct str given, enum command command)
{
	struct nearest n = { .given = given, .prefix = strlen("--"), .distance = NEAR + 1 };

	return suggest(message, &n, command, false);
}

bool
suggest_command(struct buf *message, struct str given)
{
	struct nearest n = { .given = given, .distance = NEAR + 1 };

	for (unsigned i = 0; i < COMMANDS; i++)
		consider(&n, str_from(command_row((enum command)i).word));
	return say(message, &n);
}

/* By what stands behind JWTD_: KEY is another program's; SERVICE_HOST, SERVICE_PORT (_NAME), PORT,
 * PORT_5000_TCP and what begins so are Kubernetes' where a service is called jwtd. */
static bool
is_of_others(struct str name)
{
	static const char words[] = "KEY\0SERVICE_HOST\0SERVICE_PORT\0PORT";

	for (unsigned i = 0; i < 4; i++) {
		const char *word = str_nth(words, i);
		size_t n = strlen(word);

		if (name.n >= n && memcmp(name.p, word, n) == 0)
			return name.n == n || (i > 1 && name.p[n] == '_' && (i == 2 ||
			    (name.n > n + 1 && name.p[n + 1] <= '9')));
	}
	return false;
}

bool
suggest_stray(struct buf *message, struct str name)
{
	struct nearest n = { .given = name, .prefix = strlen("JWTD_"), .distance = NEAR + 1 };
	char known[OPTION_NAME];

	if (!str_starts_nocase(name, STR("JWTD_")) ||
	    is_of_others((struct str){ name.p + n.prefix, name.n - n.prefix }))
		return false;
	for (struct option o = { 0 }; option_next(&o);)
		if (option_has_environment(&o) && str_equal(name, option_name(known, &o, true)))
			return false;
	buf_format(message, "unknown variable %.*s",
	    (int)(name.n < SHOWN_BYTES ? name.n : SHOWN_BYTES), name.p);
	while (!suggest(message, &n, COMMAND_SERVE, true) && n.given.n > n.prefix)
		while (n.given.p[--n.given.n] != '_')   /* without its last word, then */
			;
	return true;
}

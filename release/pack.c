/* Packs the texts of a program, for 'make release': what jwtd says takes 8 KB less then.
 *
 *     pack learn FILE.i... >pairs.c         finds the pairs of bytes that texts have most often
 *     pack write pairs.c <FILE.i >OUT.i     packs the texts in what the preprocessor made
 *
 * A byte above 127 stands for two others, which may be such bytes again (byte pair encoding: Gage,
 * 1994). A text with such bytes begins with TEXT_PACKED; buf_text() and buf_format() unpack it.
 *
 * A text is packed when it has a blank in it, as nothing with a blank is compared or counted, and in
 * any case where it is given to a function that writes it out. But not what sizeof is asked of, and no
 * initializer, but of an array whose name ends in _texts, or, for texts without a blank, _words:
 * these have many, each with its zero. A conversion of printf's stays as it is, so that the compiler
 * still looks at it. */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json_string.h"

enum {
	PAIRS = 128, SOURCE_MAX = 1 << 22, TEXTS_MAX = 1 << 17, TEXT_MAX = 1 << 14, DEPTH = 64,
	NAME = 64,
	FIXED = 0x100,                  /* added to a byte that no pair may take */
	LEAST = 4                       /* bytes of a text that is worth it */
};

/* Where literals are no texts. */
static const char *const no_texts[] = {
	"memchr", "memcmp", "memcpy", "strcmp", "strlen", "str_begins", "sizeof", "__asm__", "asm",
	"volatile", "__volatile__", "__attribute__", "_Static_assert", NULL
};

/* Where they are texts, also without a blank. */
static const char *const writers[] = {
	"buf_text", "buf_format", "log_line", "die", "die_of", "put_type", "put_one", "put_histogram",
	NULL
};

static unsigned char pair[PAIRS][2];
static unsigned pairs;
static unsigned short learnt[TEXTS_MAX];
static size_t learnt_n;

static void
die(const char *why)
{
	fprintf(stderr, "pack: %s\n", why);
	exit(1);
}

static const char *
read_all(FILE *f)
{
	char *text = calloc(1, SOURCE_MAX);

	if (f == NULL || text == NULL || fread(text, 1, SOURCE_MAX, f) == SOURCE_MAX)
		die("a file that can't be read");
	fclose(f);
	return text;
}

/* ---- pairs */

/* The bytes of a text as pairs may take them. */
static size_t
spread(unsigned short *to, const unsigned char *text, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		to[i] = text[i];
		if (text[i] != '%')
			continue;
		do
			to[i] = (unsigned short)(text[i] | FIXED);
		while (++i < n && strchr("sudc%", text[i]) == NULL);
		if (i < n)
			to[i] = (unsigned short)(text[i] | FIXED);
	}
	return n;
}

/* Puts `code` wherever these two stand. Returns how many are left. */
static size_t
replace(unsigned short *text, size_t n, const unsigned char two[2], unsigned code)
{
	size_t to = 0;

	for (size_t i = 0; i < n; i++) {
		bool both = i + 1 < n && text[i] == two[0] && text[i + 1] == two[1];

		text[to++] = both ? (unsigned short)code : text[i];
		i += both;
	}
	return to;
}

static void
learn(const unsigned char *text, size_t n)
{
	if (learnt_n + n + 1 > TEXTS_MAX)
		die("too many texts");
	learnt_n += spread(learnt + learnt_n, text, n);
	learnt[learnt_n++] = FIXED;
}

/* The pair that is there most often; of several the first one by its bytes, so that every machine
 * finds the same. */
static bool
find_pair(unsigned char two[2])
{
	static unsigned count[256][256];
	unsigned most = 3;              /* its own two bytes, and one of each that it shortens */

	memset(count, 0, sizeof count);
	for (size_t i = 0; i + 1 < learnt_n; i++)
		if (learnt[i] < FIXED && learnt[i + 1] < FIXED)
			count[learnt[i]][learnt[i + 1]]++;
	for (unsigned a = 0; a < 256; a++)
		for (unsigned b = 0; b < 256; b++)
			if (count[a][b] > most) {
				most = count[a][b];
				two[0] = (unsigned char)a;
				two[1] = (unsigned char)b;
			}
	return most > 3;
}

/* How many pairs there may be within one another in what this byte stands for. */
static unsigned
depth(unsigned c)
{
	unsigned depths[128 + PAIRS] = { 0 };

	for (unsigned i = 128; i <= c; i++) {
		unsigned a = depths[pair[i - 128][0]], b = depths[pair[i - 128][1]];

		depths[i] = 1 + (a > b ? a : b);
	}
	return depths[c];
}

static void
find_pairs(void)
{
	while (pairs < PAIRS && find_pair(pair[pairs])) {
		if (depth(128 + pairs) > TEXT_DEPTH)
			die("pairs too deep");
		learnt_n = replace(learnt, learnt_n, pair[pairs], 128 + pairs);
		pairs++;
	}
}

/* ---- texts */

/* A literal's next byte. */
static unsigned char
unescape(const char **p)
{
	static const char names[] = "n\nt\tr\r0\0\"\"\\\\''a\ab\bf\fv\v??";
	unsigned value = 0, digits = 0;

	if (**p != '\\')
		return (unsigned char)*(*p)++;
	(*p)++;
	if (**p == 'x') {
		for ((*p)++; isxdigit((unsigned char)**p); (*p)++)
			value = value << 4 | json_hex(**p);
		return (unsigned char)value;
	}
	for (; digits < 3 && **p >= '0' && **p <= '7'; digits++)
		value = value << 3 | (unsigned)(*(*p)++ - '0');
	if (digits > 0)
		return (unsigned char)value;
	for (const char *name = names; name < names + sizeof names - 1; name += 2)
		if (*name == **p) {
			(*p)++;
			return (unsigned char)name[1];
		}
	die("an escape that is not known");
	return 0;
}

/* Blanks and lines of the preprocessor's. */
static const char *
skip_space(const char *p)
{
	for (;;) {
		while (isspace((unsigned char)*p))
			p++;
		if (*p != '#')
			return p;
		p += strcspn(p, "\n");
	}
}

/* Reads literals that stand behind one another. */
static size_t
read_literals(unsigned char text[TEXT_MAX], const char **p)
{
	size_t n = 0;

	for (const char *next = *p; *next == '"'; next = skip_space(*p)) {
		for (next++; *next != '"'; ) {
			if (n == TEXT_MAX)
				die("a text is too long");
			text[n++] = unescape(&next);
		}
		*p = next + 1;
	}
	return n;
}

static void
write_byte(unsigned c)
{
	if (c < ' ' || c > '~' || c == '"' || c == '\\' || c == '?')
		printf("\\%03o", c & 0xff);
	else
		putchar((int)c);
}

/* One text, in a literal that is open. */
static void
write_text(const unsigned char *text, size_t n, bool packs)
{
	static unsigned short packed[TEXT_MAX];
	size_t left = spread(packed, text, n);

	for (unsigned i = 0; i < pairs && packs; i++)
		left = replace(packed, left, pair[i], 128 + i);
	if (left + 1 < n)
		write_byte(TEXT_PACKED);
	for (size_t i = 0; i < (left + 1 < n ? left : n); i++)
		write_byte(left + 1 < n ? packed[i] : text[i]);
}

static bool
is_worth_it(const unsigned char *text, size_t n, bool any)
{
	for (size_t i = 0; i < n; i++)
		if (text[i] == '\0' || text[i] > 127)
			return false;
	return n >= LEAST && (any || memchr(text, ' ', n) != NULL);
}

/* What stands around a literal. */
struct place {
	char word[NAME];                        /* the name before it */
	char array[NAME];                       /* the array that is being initialized; "": none */
	char callee[DEPTH][NAME];               /* the name before each bracket that is open, */
	bool values[DEPTH];                     /* and whether it opens an initializer */
	unsigned depth;
	char closed[NAME];                      /* the name before that closed last */
	char last;                              /* the last character of none of these */
};

static bool
is_among(const char *name, const char *const *names)
{
	while (*names != NULL && strcmp(*names, name) != 0)
		names++;
	return *names != NULL;
}

static bool
is_text_place(const struct place *at, const char *behind)
{
	if (at->array[0] != '\0' || (*behind == ',' &&
	    strncmp(skip_space(behind + 1), "sizeof", strlen("sizeof")) == 0))
		return false;
	for (unsigned i = 0; i < at->depth; i++)
		if (is_among(at->callee[i], no_texts) || at->values[i])
			return false;
	return !is_among(at->word, no_texts);
}

static bool
array_ends(const struct place *at, const char *end)
{
	size_t n = strlen(at->array);

	return n > strlen(end) && strcmp(at->array + n - strlen(end), end) == 0;
}

/* Writes, or learns, each text of what stands in literals behind one another. */
static void
each_text(const struct place *at, const unsigned char *text, size_t n, const char *behind,
    bool writes)
{
	bool words = array_ends(at, "_words"), several = words || array_ends(at, "_texts"),
	    one = is_text_place(at, behind), any = words || (at->depth > 0 &&
	    is_among(at->callee[at->depth - 1], writers));

	for (size_t i = 0, length; i <= n; i += length + 1) {
		const unsigned char *end = several ? memchr(text + i, '\0', n - i) : NULL;
		bool packs;

		length = end != NULL ? (size_t)(end - text) - i : n - i;
		packs = (several || one) && is_worth_it(text + i, length, any);
		if (writes)
			write_text(text + i, length, packs);
		else if (packs)
			learn(text + i, length);
		if (writes && end != NULL)
			write_byte('\0');
	}
}

/* Whether a brace opens an initializer: behind "=" or a value, or, in a function, behind a type in
 * brackets. */
static bool
opens_values(const struct place *at)
{
	static const char *const statements[] = { "if", "for", "while", "switch" };

	for (unsigned i = 0; i < sizeof statements / sizeof statements[0]; i++)
		if (strcmp(at->closed, statements[i]) == 0)
			return false;
	return at->last == '=' || at->last == ',' || at->last == '{' ||
	    (at->last == ')' && at->depth > 0);
}

/* A character that is of no name and no literal. */
static void
note(struct place *at, char c)
{
	if (c == '(' || c == '[' || c == '{') {
		if (at->depth == DEPTH)
			die("brackets too deep");
		at->values[at->depth] = c == '{' && opens_values(at);
		memcpy(at->callee[at->depth++], at->word, NAME);
	} else if ((c == ')' || c == ']' || c == '}') && at->depth > 0) {
		at->depth--;
		memcpy(c == ']' ? at->word : at->closed, at->callee[at->depth], NAME);
	}
	if (c == '=' && at->last == ']')
		memcpy(at->array, at->word, NAME);
	else if (c == ';')
		at->array[0] = '\0';
	if (c != ']')
		at->word[0] = '\0';
	at->last = c;
}

/* The bytes of a name, of a literal of a character, of a line of the preprocessor's, or one. */
static size_t
token_length(const char *p, bool at_line)
{
	size_t n = 0;

	if (*p == '#' && at_line)
		return strcspn(p, "\n");
	if (*p == '\'') {
		for (n = 1; p[n] != '\''; n++)
			n += p[n] == '\\';
		return n + 1;
	}
	while (isalnum((unsigned char)p[n]) || p[n] == '_')
		n++;
	return n > 0 ? n : 1;
}

static void
run(const char *p, bool writes)
{
	static unsigned char text[TEXT_MAX];
	struct place at = { .last = ';' };
	bool at_line = true;

	while (*p != '\0') {
		size_t n;

		if (*p == '"') {
			n = read_literals(text, &p);
			printf(writes ? "\"" : "");
			each_text(&at, text, n, skip_space(p), writes);
			printf(writes ? "\"" : "");
			continue;
		}
		n = token_length(p, at_line);
		if (isalnum((unsigned char)*p) || *p == '_')
			snprintf(at.word, NAME, "%.*s", (int)n, p);
		else if (n == 1 && !isspace((unsigned char)*p))
			note(&at, *p);
		if (writes)
			fwrite(p, 1, n, stdout);
		at_line = p[n - 1] == '\n';
		p += n;
	}
}

static void
put_pairs(void)
{
	printf("/* Made by release/pack.c. */\n#include \"str.h\"\n\n"
	    "const unsigned char text_pairs[128][2] = {\n");
	for (unsigned i = 0; i < pairs; i++)
		printf("\t{ %u, %u },\n", pair[i][0], pair[i][1]);
	printf("};\n");
}

static void
get_pairs(const char *path)
{
	const char *p = strstr(read_all(fopen(path, "r")), "= {");
	unsigned a, b;

	for (; p != NULL && (p = strstr(p + 1, "{ ")) != NULL && pairs < PAIRS; pairs++) {
		if (sscanf(p, "{ %u, %u }", &a, &b) != 2 || a > 255 || b > 255)
			die("pairs that can't be read");
		pair[pairs][0] = (unsigned char)a;
		pair[pairs][1] = (unsigned char)b;
	}
}

int
main(int argc, char **argv)
{
	if (argc > 2 && strcmp(argv[1], "learn") == 0) {
		for (int i = 2; i < argc; i++)
			run(read_all(fopen(argv[i], "r")), false);
		find_pairs();
		put_pairs();
	} else if (argc == 3 && strcmp(argv[1], "write") == 0) {
		get_pairs(argv[2]);
		run(read_all(stdin), true);
	} else {
		die("usage: pack learn FILE.i... >pairs.c, or pack write pairs.c <FILE.i >OUT.i");
	}
	return ferror(stdout) || fclose(stdout) != 0;
}

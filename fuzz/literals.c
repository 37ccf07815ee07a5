/* literals FOLDER PREFIX <preprocessed.c: writes each string of C source into a file of its own,
 * behind the prefix. Adjacent strings are one. Makes seeds of the tables in the tests. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LITERAL_MAX = 4096 };

struct literal {
	char bytes[2 * LITERAL_MAX];
	size_t n;
	unsigned written;
	const char *folder, *prefix;
};

static void
add(struct literal *l, int c)
{
	if (l->n < LITERAL_MAX)
		l->bytes[l->n++] = (char)c;
}

/* Digits of a base, at most `most` of them. */
static int
number(FILE *in, int c, int base, int most)
{
	char text[8] = { 0 };

	for (int i = 0; i < most && c != EOF; i++, c = getc(in)) {
		if (strchr(base == 8 ? "01234567" : "0123456789abcdefABCDEF", c) == NULL)
			break;
		text[i] = (char)c;
	}
	ungetc(c, in);
	return (int)strtol(text, NULL, base);
}

static int
escape(FILE *in)
{
	static const char letters[] = "abfnrtv", meanings[] = "\a\b\f\n\r\t\v";
	int c = getc(in);
	const char *at = c > 0 ? strchr(letters, c) : NULL;

	if (c == 'x')
		return number(in, getc(in), 16, 2);
	if (c >= '0' && c <= '7')
		return number(in, c, 8, 3);
	return at != NULL ? meanings[at - letters] : c;
}

/* What stands between quotes. */
static void
read_text(struct literal *l, FILE *in)
{
	for (int c; (c = getc(in)) != '"' && c != EOF; )
		add(l, c == '\\' ? escape(in) : c);
}

/* Tables of JSON have ' in the place of ". */
static void
unquote(struct literal *l)
{
	if (memchr(l->bytes, '"', l->n) != NULL)
		return;
	for (size_t i = 0; i < l->n; i++)
		if (l->bytes[i] == '\'')
			l->bytes[i] = '"';
}

static void
flush(struct literal *l)
{
	char path[4096];
	FILE *out;

	if (l->n < 2 || l->n == LITERAL_MAX) {
		l->n = 0;
		return;
	}
	unquote(l);
	snprintf(path, sizeof path, "%s/%u", l->folder, l->written++);
	out = fopen(path, "w");
	if (out == NULL) {
		perror(path);
		exit(2);
	}
	fwrite(l->prefix, 1, strlen(l->prefix), out);
	fwrite(l->bytes, 1, l->n, out);
	fclose(out);
	l->n = 0;
}

int
main(int argc, char **argv)
{
	static struct literal l;
	bool line_start = true;

	if (argc != 3)
		return 2;
	l.folder = argv[1];
	l.prefix = argv[2];
	for (int c; (c = getchar()) != EOF; line_start = c == '\n') {
		if (c == '"') {
			read_text(&l, stdin);
		} else if (c == '\'') {
			if (getchar() == '\\')
				getchar();
			getchar();
		} else if (line_start && c == '#') {
			while ((c = getchar()) != '\n' && c != EOF)
				;
		} else if (c != ' ' && c != '\t' && c != '\n') {
			flush(&l);
		}
	}
	return 0;
}

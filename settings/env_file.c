#include "settings/env_file.h"

#include "settings/suggest.h"
#include "system/trouble.h"
#include "system/whole.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum {
	TEXT_MAX = 65536,               /* bytes of a file */
	SHOWN_BYTES = 256               /* of its name, or of a variable's */
};

/* What is read, and what is written over it: never more than has been read. */
struct scan {
	char *text;
	size_t n, at;
	char *out;
	unsigned line;
};

static bool
is_newline(char c)
{
	return c == '\n' || c == '\r';
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || is_newline(c);
}

static char
take(struct scan *s)
{
	char c = s->text[s->at++];

	s->line += c == '\n';
	return c;
}

static void
put(struct scan *s, char c)
{
	*s->out++ = c;
}

/* systemd took the next line for a part of such a comment, and takes it no more since 254. */
static bool
skip_comment(struct scan *s, struct buf *message)
{
	bool escaped = false;

	while (s->at < s->n && !is_newline(s->text[s->at]))
		escaped = take(s) == '\\' && !escaped;
	return !escaped || buf_fail(message, "the comment ends in a backslash: is the next line "
	    "part of it? Take it out");
}

/* Up to the quote that ends it. In double ones a backslash takes the meaning of these four away,
 * and joins lines; before all else it stands for itself. */
static bool
take_quoted(struct scan *s, char quote, struct buf *message)
{
	static const char escaped[] = { '"', '\\', '`', '$' };
	while (s->at < s->n) {
		char c = take(s);

		if (c == quote)
			return true;
		if (c == '\\' && quote == '"' && s->at < s->n) {
			c = take(s);
			if (c == '\n')
				continue;
			if (memchr(escaped, c, sizeof escaped) == NULL)
				put(s, '\\');
		}
		put(s, c);
	}
	return buf_fail(message, "a quote has no end");
}

/* Quotes are such before the first byte that stands without, and behind one another. White space at
 * either end is dropped where it is neither quoted nor escaped. For systemd a # behind it belongs
 * to the value, which nobody means. */
static bool
take_text(struct scan *s, struct buf *message)
{
	bool bare = false;
	char *end = s->out;

	while (s->at < s->n) {
		char c = take(s);

		if (is_newline(c))
			break;
		if (c == '#' && (uint8_t)s->text[s->at - 2] <= ' ')
			return buf_fail(message, "write a comment on a line of its own, and "
			    "a # of the value in quotes");
		if (c == '\\') {
			if (s->at < s->n && !is_newline(c = take(s)))
				put(s, c);
			bare = true;
		} else if (!bare && (c == '\'' || c == '"')) {
			if (!take_quoted(s, c, message))
				return false;
		} else if (bare || !is_space(c)) {
			put(s, c);
			bare = true;
			if (is_space(c))
				continue;
		} else {
			continue;
		}
		end = s->out;
	}
	*end = '\0';
	return true;
}

static bool
is_name(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = (char)(s.p[i] | 0x20);

		if (s.p[i] != '_' && !(c >= 'a' && c <= 'z') &&
		    !(i > 0 && s.p[i] >= '0' && s.p[i] <= '9'))
			return false;
	}
	return s.n > 0;
}

/* The name, and the '=' behind it. */
static bool
take_name(struct scan *s, struct str *name, struct buf *message)
{
	size_t start = s->at;

	while (s->at < s->n && s->text[s->at] != '=' && !is_newline(s->text[s->at]))
		s->at++;
	*name = (struct str){ s->text + start, s->at - start };
	while (name->n > 0 && is_space(name->p[name->n - 1]))
		name->n--;
	if (s->at == s->n || take(s) != '=')
		return buf_fail(message, "there is no '=': write NAME=VALUE");
	return is_name(*name) || buf_fail(message, "a name before '=' has letters, digits and "
	    "_ only");
}

static void
name_file(struct buf *message, const char *path)
{
	buf_format(message, "environment file %.*s", (int)strnlen(path, SHOWN_BYTES), path);
}

void
env_file_where(struct buf *message, const char *path, unsigned line)
{
	name_file(message, path);
	buf_format(message, ", line %u: ", line);
}

/* A variable that is no option's. Others' are a mistake as well: nobody would read them. */
static bool
refuse(struct str name, struct buf *message)
{
	if (str_equal(name, STR("JWTD_ENV_FILE")))
		return buf_fail(message, "JWTD_ENV_FILE can't stand in such a file");
	if (suggest_stray(message, name))
		return false;
	buf_format(message, "only the variables of jwtd's options are read here, not %.*s",
	    (int)(name.n < SHOWN_BYTES ? name.n : SHOWN_BYTES), name.p);
	return false;
}

static bool
assign(struct env_value value[OPTIONS_MAX], struct scan *s, struct buf *message)
{
	struct env_value found = { .line = s->line };
	char known[OPTION_NAME];
	struct str name;

	if (!take_name(s, &name, message))
		return false;
	s->out = found.text = s->text + s->at;
	if (!take_text(s, message))
		return false;
	for (struct option o = { 0 }; option_next(&o);) {
		if (option_has_environment(&o) && o.field != offsetof(struct options, env_file) &&
		    str_equal(name, option_name(known, &o, true))) {
			value[o.number] = found;
			return true;
		}
	}
	return refuse(name, message);
}

bool
env_file_parse(struct env_value value[OPTIONS_MAX], struct buf *message, const char *path,
    char *text, size_t n)
{
	struct scan s = { .n = n, .line = 1 };

	s.text = text;
	while (s.at < n) {
		char c = text[s.at];

		buf_empty(message);
		env_file_where(message, path, s.line);
		if (is_space(c))
			take(&s);
		else if (c == '#' || c == ';' ? !skip_comment(&s, message)
		                              : !assign(value, &s, message))
			return false;
	}
	buf_empty(message);
	return true;
}

bool
env_file_read(struct env_value value[OPTIONS_MAX], struct buf *message, const char *path)
{
	static char text[TEXT_MAX + 2];
	struct buf b = buf_over(text, TEXT_MAX + 1);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool ok = fd >= 0 && whole_read(&b, fd);
	int error = ok ? EFBIG : errno;

	if (fd >= 0)
		close(fd);
	ok = ok && b.n < b.cap;
	if (ok && memchr(text, '\0', b.n) == NULL)
		return env_file_parse(value, message, path, text, b.n);
	name_file(message, path);
	buf_text(message, ": ");
	return buf_fail(message, ok ? "it is no text: it holds a zero byte" : trouble_text(error));
}

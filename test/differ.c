/* What jwtd's parsers say, for test/differ to compare with what others say.
 *
 *     differ json|http <cases >verdicts
 *
 * Cases and verdicts have their length before them, four bytes, the lowest first. A case lies in a
 * block of memory of exactly its size.
 *
 * json: "-fault", or "+" and three lines: the text made compact; made spaced; made from its tokens,
 * each string being unescaped and quoted again.
 * http: a line for each message, fields in hexadecimal: method, path, minor version (0 or 1), K
 * where the connection persists, C where the body is complete, host, content type, authorization,
 * body, the bytes of the whole message. The last line is "refused STATUS fault", "more" (bytes are
 * missing) or "closed". */
#include "http_body.h"
#include "json_mini.h"

#include <stdio.h>
#include <stdlib.h>

enum { CASE_MAX = 1 << 20, BODY_MAX = 65536 };

static char verdict[8 * CASE_MAX], value[CASE_MAX];

static unsigned
put_token(struct buf *b, const struct json *doc, unsigned i)
{
	const struct json_tok *t = doc->tok + i;
	struct buf string = buf_over(value, sizeof value);
	bool object = t->type == JSON_OBJECT;

	if (t->type == JSON_STRING) {
		json_quote(b, json_string(doc, i, &string));
		return i + 1;
	}
	if (!object && t->type != JSON_ARRAY) {
		buf_add(b, json_text(doc, i));
		return i + 1;
	}
	buf_text(b, object ? "{" : "[");
	for (unsigned k = i + 1, n = 0; k < t->next; n++) {
		buf_text(b, n == 0 ? "" : ",");
		k = put_token(b, doc, k);
		if (object) {
			buf_text(b, ":");
			k = put_token(b, doc, k);
		}
	}
	buf_text(b, object ? "}" : "]");
	return t->next;
}

static void
judge_json(struct buf *b, char *p, size_t n)
{
	static struct json_tok tokens[JSON_TOKENS_MAX];
	struct str text = { p, n };
	struct json doc;

	if (!json_parse(&doc, tokens, JSON_TOKENS_MAX, text)) {
		buf_text(b, "-");
		buf_text(b, doc.fault);
		return;
	}
	buf_text(b, "+");
	json_put_compact(b, text);
	buf_text(b, "\n");
	json_put_spaced(b, text);
	buf_text(b, "\n");
	if (put_token(b, &doc, 0) != doc.n)
		buf_text(b, " tokens left over");
}

static void
put_field(struct buf *b, struct str s)
{
	buf_hex(b, (const uint8_t *)s.p, s.n);
	buf_text(b, " ");
}

static void
put_refusal(struct buf *b, int status, const char *fault)
{
	buf_text(b, "refused ");
	buf_number(b, (uint64_t)-status);
	buf_text(b, " ");
	buf_text(b, fault);
}

/* One message: the bytes it took, or what http_head() or http_body() returned instead. */
static int
put_message(struct buf *b, struct http_request *r, char *p, size_t n)
{
	struct http_body body = { 0 };
	int head = http_head(r, p, n), rest = 0;

	if (head <= 0) {
		if (head < 0)
			put_refusal(b, head, r->fault);
		return head;
	}
	if (http_has_body(r)) {
		http_body_init(&body, r, BODY_MAX);
		rest = http_body(&body, p + head, n - (size_t)head);
	}
	r->complete = rest > 0 || !http_has_body(r);
	put_field(b, r->method_name);
	put_field(b, r->path);
	put_field(b, r->http10 ? STR("0") : STR("1"));
	put_field(b, r->keep_alive ? STR("K") : STR(""));
	put_field(b, r->complete ? STR("C") : STR(""));
	put_field(b, r->host);
	put_field(b, r->content_type);
	put_field(b, r->authorization);
	put_field(b, (struct str){ p + head, body.out });
	buf_number(b, (uint64_t)(head + rest));
	buf_text(b, "\n");
	if (rest < 0)
		put_refusal(b, rest, body.fault);
	return rest < 0 || !r->complete ? rest : head + rest;
}

static void
judge_http(struct buf *b, char *p, size_t n)
{
	struct http_request r;
	int used;

	do {
		used = put_message(b, &r, p, n);
		if (used <= 0)
			break;
		p += used;
		n -= (size_t)used;
	} while (r.keep_alive);
	if (used >= 0)
		buf_text(b, used == 0 ? "more" : "closed");
}

static bool
read_case(char **p, uint32_t *n)
{
	unsigned char length[4];

	if (fread(length, 1, 4, stdin) != 4)
		return false;
	*n = (uint32_t)length[0] | (uint32_t)length[1] << 8 | (uint32_t)length[2] << 16 |
	    (uint32_t)length[3] << 24;
	*p = *n < CASE_MAX ? malloc(*n) : NULL;
	return (*p != NULL || *n == 0) && fread(*p, 1, *n, stdin) == *n;
}

int
main(int argc, char **argv)
{
	void (*judge)(struct buf *, char *, size_t) =
	    argc == 2 && strcmp(argv[1], "json") == 0 ? judge_json : judge_http;
	char *p;
	uint32_t n;

	while (read_case(&p, &n)) {
		struct buf b = buf_over(verdict, sizeof verdict);

		judge(&b, p, n);
		if (b.bad)
			return 1;
		for (unsigned i = 0; i < 4; i++)
			putchar((int)(b.n >> 8 * i & 255));
		fwrite(b.p, 1, b.n, stdout);
		free(p);
	}
	return ferror(stdin) || fflush(stdout) != 0;
}

#include "http_body.h"

/* Where a chunked body stands (RFC 9112 7.1): which byte is due. */
enum state {
	SIZE_FIRST, SIZE, SIZE_LF,                      /* chunk-size CRLF */
	BEFORE_SEMICOLON, NAME_FIRST, NAME, AFTER_NAME, /* chunk-ext, 7.1.1 */
	EXT_VALUE_FIRST, EXT_VALUE, QUOTED, QUOTED_PAIR, AFTER_QUOTED,
	DATA, DATA_CR, DATA_LF,
	TRAILER_FIRST, TRAILER_NAME, TRAILER_VALUE, TRAILER_LF,         /* trailer-section, 7.1.2 */
	LAST_LF, DONE
};

/* What a step accepts: a byte of ASCII as it is, or one of a class. */
enum { ANY_HEX = 128, ANY_TCHAR, ANY_SPACE, ANY_VALUE };

static const struct step {
	uint8_t accept;
	uint8_t to;
} steps[][5] = {
	[SIZE_FIRST] = { { ANY_HEX, SIZE } },
	[SIZE] = { { ANY_HEX, SIZE }, { '\r', SIZE_LF }, { ';', NAME_FIRST },
	    { ANY_SPACE, BEFORE_SEMICOLON } },
	[SIZE_LF] = { { '\n', DATA } },
	[BEFORE_SEMICOLON] = { { ';', NAME_FIRST }, { ANY_SPACE, BEFORE_SEMICOLON } },
	[NAME_FIRST] = { { ANY_TCHAR, NAME }, { ANY_SPACE, NAME_FIRST } },
	[NAME] = { { ANY_TCHAR, NAME }, { '=', EXT_VALUE_FIRST }, { ';', NAME_FIRST },
	    { '\r', SIZE_LF }, { ANY_SPACE, AFTER_NAME } },
	[AFTER_NAME] = { { '=', EXT_VALUE_FIRST }, { ';', NAME_FIRST }, { ANY_SPACE, AFTER_NAME } },
	[EXT_VALUE_FIRST] = { { ANY_TCHAR, EXT_VALUE }, { '"', QUOTED },
	    { ANY_SPACE, EXT_VALUE_FIRST } },
	[EXT_VALUE] = { { ANY_TCHAR, EXT_VALUE }, { ';', NAME_FIRST }, { '\r', SIZE_LF },
	    { ANY_SPACE, BEFORE_SEMICOLON } },
	/* qdtext is what a field value may have, but for the two that the row names first */
	[QUOTED] = { { '"', AFTER_QUOTED }, { '\\', QUOTED_PAIR }, { ANY_VALUE, QUOTED } },
	[QUOTED_PAIR] = { { ANY_VALUE, QUOTED } },
	[AFTER_QUOTED] = { { ';', NAME_FIRST }, { '\r', SIZE_LF },
	    { ANY_SPACE, BEFORE_SEMICOLON } },
	[DATA_CR] = { { '\r', DATA_LF } },
	[DATA_LF] = { { '\n', SIZE_FIRST } },
	[TRAILER_FIRST] = { { '\r', LAST_LF }, { ANY_TCHAR, TRAILER_NAME } },
	[TRAILER_NAME] = { { ANY_TCHAR, TRAILER_NAME }, { ':', TRAILER_VALUE } },
	[TRAILER_VALUE] = { { ANY_VALUE, TRAILER_VALUE }, { '\r', TRAILER_LF } },
	[TRAILER_LF] = { { '\n', TRAILER_FIRST } },
	[LAST_LF] = { { '\n', DONE } },
};

static bool
accepts(uint8_t accept, char c)
{
	switch (accept) {
	case 0: return false;           /* the end of a row */
	case ANY_HEX: return http_is(c, HTTP_HEX);
	case ANY_TCHAR: return http_is(c, HTTP_TCHAR);
	case ANY_SPACE: return c == ' ' || c == '\t';
	case ANY_VALUE: return http_is(c, HTTP_VALUE);
	default: return (unsigned char)c == accept;
	}
}

static const char *
expected(enum state state)
{
	switch (state) {
	case SIZE_FIRST: case SIZE: return "chunk-size expected";
	case BEFORE_SEMICOLON: case NAME_FIRST: case NAME: case AFTER_NAME: case EXT_VALUE_FIRST:
	case EXT_VALUE:
	case QUOTED: case QUOTED_PAIR: case AFTER_QUOTED: return "invalid chunk extension";
	case TRAILER_FIRST: case TRAILER_NAME: case TRAILER_VALUE: return "invalid trailer";
	case SIZE_LF: case DATA: case DATA_CR: case DATA_LF: case TRAILER_LF: case LAST_LF:
	case DONE: break;
	}
	return "CRLF expected";
}

static int
refuse(struct http_body *b, int status, const char *why)
{
	b->fault = why;
	return -status;
}

/* Another digit of the chunk's size; `max` is far below where the sum could overflow. */
static int
add_digit(struct http_body *b, char c)
{
	unsigned digit = (unsigned)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);

	b->left = b->left * 16 + digit;
	return b->left <= b->max - b->out ? 1 : refuse(b, 413, "body too large");
}

/* Takes one byte of framing: > 0, or minus the status. */
static int
step(struct http_body *b, char c)
{
	enum state from = (enum state)b->state;
	const struct step *s = steps[from];
	unsigned i = 0;

	while (i < 5 && !accepts(s[i].accept, c))
		i++;
	if (i == 5)
		return refuse(b, 400, expected(from));
	if (++b->framing > HTTP_FRAMING_BASE + b->max / 4)
		return refuse(b, 413, "too much chunk framing");
	b->state = s[i].to;
	if (from < DATA && ++b->line > HTTP_CHUNK_LINE_MAX)
		return refuse(b, 400, "chunk-size line longer than 512 bytes");
	if (b->state == SIZE)
		return add_digit(b, c);
	if (from == TRAILER_FIRST && b->state == TRAILER_NAME && ++b->fields > HTTP_FIELDS_MAX)
		return refuse(b, 431, "more than 100 trailer fields");
	if (b->state == DATA) {
		b->line = 0;
		if (b->left == 0)               /* the last chunk */
			b->state = TRAILER_FIRST;
	}
	return 1;
}

/* Chunk data goes to where the body ends so far. */
static void
take_data(struct http_body *b, char *p, size_t n)
{
	size_t there = n - b->in, take = b->left < there ? (size_t)b->left : there;

	if (b->out != b->in)
		memmove(p + b->out, p + b->in, take);
	b->out += take;
	b->in += take;
	b->left -= take;
	if (b->left == 0)
		b->state = DATA_CR;
}

void
http_body_init(struct http_body *b, const struct http_request *r, size_t max)
{
	*b = (struct http_body){ .max = max, .left = r->content_length,
	    .unknown = r->coding_unknown, .state = r->chunked ? SIZE_FIRST : DONE };
}

/* RFC 9112 6.2: so many bytes, as they come. */
static int
sized_body(struct http_body *b, size_t n)
{
	if (b->left > b->max)
		return refuse(b, 413, "body too large");
	b->in = b->out = n < b->left ? n : (size_t)b->left;
	return b->out == b->left ? (int)b->out : 0;
}

int
http_body(struct http_body *b, char *p, size_t n)
{
	if (b->unknown)
		return refuse(b, 501, "transfer coding not understood");
	if (b->state == DONE)           /* a length, or all chunks were there before */
		return b->left > 0 ? sized_body(b, n) : (int)b->in;
	while (b->in < n) {
		int done;

		if (b->state == DATA) {
			take_data(b, p, n);
			continue;
		}
		if ((done = step(b, p[b->in])) < 0)
			return done;
		b->in++;
		if (b->state == DONE)
			return (int)b->in;
	}
	return 0;
}

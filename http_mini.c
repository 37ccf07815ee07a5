#include "http_scan.h"

/* What each byte may be part of, made from the grammars: these are evaluated by the compiler. */
#define ALPHA(c)        (((c) | 0x20) >= 'a' && ((c) | 0x20) <= 'z')
#define DIGIT(c)        ((c) >= '0' && (c) <= '9')
#define UNRESERVED(c)   (ALPHA(c) || DIGIT(c) || (c) == '-' || (c) == '.' || (c) == '_' || \
    (c) == '~')
#define SUB_DELIM(c)    ((c) == '!' || (c) == '$' || ((c) >= '&' && (c) <= ',') || (c) == ';' || \
    (c) == '=')                                                         /* ! $ & ' ( ) * + , ; = */
#define TCHAR(c)        (ALPHA(c) || DIGIT(c) || (c) == '!' || ((c) >= '#' && (c) <= '\'') || \
    (c) == '*' || (c) == '+' || (c) == '-' || (c) == '.' || ((c) >= '^' && (c) <= '`') || \
    (c) == '|' || (c) == '~')                                           /* # $ % & '; ^ _ ` */
#define PATH(c)         (UNRESERVED(c) || SUB_DELIM(c) || (c) == ':' || (c) == '@' || \
    (c) == '/')
#define HEX(c)          (DIGIT(c) || (((c) | 0x20) >= 'a' && ((c) | 0x20) <= 'f'))
#define VALUE(c)        ((c) == '\t' || ((c) >= 0x20 && (c) != 0x7f))

#define CLASS(c)        (TCHAR(c) * HTTP_TCHAR | PATH(c) * HTTP_PATH | \
    (UNRESERVED(c) || SUB_DELIM(c)) * HTTP_REG_NAME | HEX(c) * HTTP_HEX | VALUE(c) * HTTP_VALUE)
#define FOUR(c)         CLASS(c), CLASS((c) + 1), CLASS((c) + 2), CLASS((c) + 3)
#define SIXTEEN(c)      FOUR(c), FOUR((c) + 4), FOUR((c) + 8), FOUR((c) + 12)
#define SIXTY_FOUR(c)   SIXTEEN(c), SIXTEEN((c) + 16), SIXTEEN((c) + 32), SIXTEEN((c) + 48)

const uint8_t http_byte_class[256] = {
	SIXTY_FOUR(0), SIXTY_FOUR(64), SIXTY_FOUR(128), SIXTY_FOUR(192)
};

int
head_refuse(struct head *h, const char *at, int status, const char *why)
{
	h->r->fault = why;
	h->r->fault_at = (size_t)(at - h->start);
	return -status;
}

int
head_line_end(struct head *h, const char *expected)
{
	size_t n = (size_t)(h->end - h->p);

	if (n > 0 && h->p[0] != '\r')
		return head_refuse(h, h->p, 400, expected);
	if (n > 1 && h->p[1] != '\n')
		return head_refuse(h, h->p + 1, 400, "bare CR");
	if (n < 2)
		return 0;
	h->p += 2;
	return 1;
}

/* RFC 9112 2.1 HTTP-message without its body */
static int
head(struct head *h)
{
	int done = 1;

	/* RFC 9112 2.2: one empty line before it is forgiven */
	if (h->p < h->end && *h->p == '\r')
		done = head_line_end(h, NULL);
	if (done <= 0 || (done = head_request_line(h)) <= 0)
		return done;
	while (h->p == h->end || *h->p != '\r')
		if ((done = head_field_line(h)) <= 0)
			return done;
	done = head_line_end(h, NULL);
	return done <= 0 ? done : head_whole(h);
}

int
http_head(struct http_request *r, const char *p, size_t n)
{
	struct head h = { .r = r, .start = p, .p = p,
	    .end = p + (n < HTTP_HEAD_MAX ? n : HTTP_HEAD_MAX) };
	int done;

	*r = (struct http_request){ 0 };
	done = head(&h);
	if (done == 0 && n >= HTTP_HEAD_MAX)
		done = head_refuse(&h, h.end, 431, "head longer than 16,384 bytes");
	return done <= 0 ? done : (int)(h.p - h.start);
}

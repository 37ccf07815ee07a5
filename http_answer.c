#include "http_answer.h"

/* Codes with their phrases, each with its zero, the most common first. */
static const char statuses[] =
    "200 OK\0"
    "401 Unauthorized\0"
    "403 Forbidden\0"
    "400 Bad Request\0"
    "202 Accepted\0"
    "203 Non-Authoritative Information\0"
    "204 No Content\0"
    "404 Not Found\0"
    "405 Method Not Allowed\0"
    "408 Request Timeout\0"
    "413 Content Too Large\0"
    "414 URI Too Long\0"
    "415 Unsupported Media Type\0"
    "417 Expectation Failed\0"
    "421 Misdirected Request\0"
    "431 Request Header Fields Too Large\0"     /* RFC 6585 */
    "500 Internal Server Error\0"
    "501 Not Implemented\0"
    "503 Service Unavailable\0"
    "505 HTTP Version Not Supported\0";

/* The line of a status; of any other, which is never answered, one without a phrase. */
static const char *
status_text(unsigned status)
{
	const char *line = statuses;

	while (*line != '\0' &&
	    (unsigned)(line[0] * 100 + line[1] * 10 + line[2]) != status + '0' * 111)
		line += strlen(line) + 1;
	return *line != '\0' ? line : "500 ";
}

const char *
http_phrase(unsigned status)
{
	return status_text(status) + 4;
}

/* The fields that concern the connection, not the content. */
static void
put_connection(struct buf *out, const struct http_reply *reply)
{
	buf_add(out, STR("\r\nDate: "));
	buf_add(out, reply->date);
	if (reply->close)
		buf_add(out, STR("\r\nConnection: close"));
	else if (reply->http10)
		buf_add(out, STR("\r\nConnection: keep-alive"));
}

void
http_answer(struct buf *out, const struct response *r, const struct http_reply *reply)
{
	buf_add(out, STR("HTTP/1.1 "));
	buf_text(out, status_text(r->status));
	put_connection(out, reply);
	if (r->content_type != NULL) {
		buf_add(out, STR("\r\nContent-Type: "));
		buf_text(out, r->content_type);
	}
	if (r->status != 204) {                 /* RFC 9110 8.6: a 204 has no length, no body */
		buf_add(out, STR("\r\nContent-Length: "));
		buf_number(out, r->body.n);
	}
	buf_add(out, STR("\r\n"));
	buf_add(out, buf_str(&r->fields));
	buf_add(out, STR("\r\n"));
	if (!reply->head && r->status != 204)
		buf_add(out, buf_str(&r->body));
	if (r->fields.bad || r->body.bad)
		out->bad = true;
}

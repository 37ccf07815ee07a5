#include "http_answer.h"

const unsigned short http_statuses[HTTP_STATUSES] = {
	200, 401, 403, 400, 202, 203, 204, 404, 405, 408, 413, 414, 415, 417, 421, 431, 500, 501,
	503, 505
};

/* Their phrases, for str_nth(): RFC 9110 15, and RFC 6585 for 431. */
static const char phrase_texts[] =
	"OK\0"
	"Unauthorized\0"
	"Forbidden\0"
	"Bad Request\0"
	"Accepted\0"
	"Non-Authoritative Information\0"
	"No Content\0"
	"Not Found\0"
	"Method Not Allowed\0"
	"Request Timeout\0"
	"Content Too Large\0"
	"URI Too Long\0"
	"Unsupported Media Type\0"
	"Expectation Failed\0"
	"Misdirected Request\0"
	"Request Header Fields Too Large\0"
	"Internal Server Error\0"
	"Not Implemented\0"
	"Service Unavailable\0"
	"HTTP Version Not Supported\0";

unsigned
http_status_place(unsigned status)
{
	unsigned i = 0;

	while (i < HTTP_STATUSES && http_statuses[i] != status)
		i++;
	return i;
}

const char *
http_phrase(unsigned status)
{
	return str_nth(phrase_texts, http_status_place(status));
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
	if (r->status == 200) {                 /* in a hurry */
		buf_add(out, STR("HTTP/1.1 200 OK"));
	} else {
		bool known = http_status_place(r->status) < HTTP_STATUSES;

		buf_format(out, "HTTP/1.1 %u %s", known ? r->status : 500, http_phrase(r->status));
	}
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

#include "http_answer.h"

void
http_field(struct response *r, const char *name, struct str value)
{
	http_field_named(r, str_from(name), value);
}

void
http_field_named(struct response *r, struct str name, struct str value)
{
	buf_add(&r->fields, name);
	buf_add(&r->fields, STR(": "));
	buf_add(&r->fields, value);
	buf_add(&r->fields, STR("\r\n"));
}

static const char *
status_text(unsigned status)
{
	switch (status) {
	case 200: return "200 OK";
	case 202: return "202 Accepted";
	case 203: return "203 Non-Authoritative Information";
	case 204: return "204 No Content";
	case 400: return "400 Bad Request";
	case 401: return "401 Unauthorized";
	case 403: return "403 Forbidden";
	case 404: return "404 Not Found";
	case 405: return "405 Method Not Allowed";
	case 408: return "408 Request Timeout";
	case 413: return "413 Content Too Large";
	case 414: return "414 URI Too Long";
	case 415: return "415 Unsupported Media Type";
	case 417: return "417 Expectation Failed";
	case 421: return "421 Misdirected Request";
	case 431: return "431 Request Header Fields Too Large";     /* RFC 6585 */
	case 500: return "500 Internal Server Error";
	case 501: return "501 Not Implemented";
	case 503: return "503 Service Unavailable";
	case 505: return "505 HTTP Version Not Supported";
	default: return "500 ";                 /* never */
	}
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

#include "http_answer.h"

enum { SECONDS_A_DAY = 86400 };

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

/* A day of the proleptic Gregorian calendar, in UTC; month and day from 1. */
struct day {
	int year, month, day;
};

/* Years begin in March here, so that a leap day is a year's last: then the months before any of
 * them have (153 * month + 2) / 5 days, and 146,097 days make four centuries. */
static struct day
day_of(int64_t now)
{
	int days = (int)(now / SECONDS_A_DAY) + 719468;         /* since 1 March of the year 0 */
	int era = days / 146097, day = days % 146097;
	int year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
	int of_year = day - (365 * year + year / 4 - year / 100), month = (5 * of_year + 2) / 153;

	return (struct day){
		.year = era * 400 + year + (month >= 10),
		.month = month < 10 ? month + 3 : month - 9,
		.day = of_year - (153 * month + 2) / 5 + 1
	};
}

static void
two_digits(char *p, int v)
{
	p[0] = (char)('0' + v / 10);
	p[1] = (char)('0' + v % 10);
}

/* The time of day, between colons that stand there. */
static void
put_clock(char *p, int64_t now)
{
	int second = (int)(now % SECONDS_A_DAY);

	two_digits(p, second / 3600);
	two_digits(p + 3, second / 60 % 60);
	two_digits(p + 6, second % 60);
}

void
http_date(char date[HTTP_DATE_LENGTH], int64_t now)
{
	static const char days[] = "ThuFriSatSunMonTueWed",
	    months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct day d = day_of(now);

	memcpy(date, "Thu, 01 Jan 1970 00:00:00 GMT", HTTP_DATE_LENGTH);
	memcpy(date, days + now / SECONDS_A_DAY % 7 * 3, 3);
	two_digits(date + 5, d.day);
	memcpy(date + 8, months + (d.month - 1) * 3, 3);
	two_digits(date + 12, d.year / 100);
	two_digits(date + 14, d.year % 100);
	put_clock(date + 17, now);
}

void
http_timestamp(char stamp[HTTP_TIMESTAMP_LENGTH], int64_t now)
{
	struct day d = day_of(now);

	memcpy(stamp, "1970-01-01T00:00:00Z", HTTP_TIMESTAMP_LENGTH);
	two_digits(stamp, d.year / 100);
	two_digits(stamp + 2, d.year % 100);
	two_digits(stamp + 5, d.month);
	two_digits(stamp + 8, d.day);
	put_clock(stamp + 11, now);
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

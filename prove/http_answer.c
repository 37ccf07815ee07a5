/* http_answer.c and the buffers of str.c: any status, any body of at most N bytes, any room
 * for body and fields, several for the answer; every second of the years 1970 to 9999.
 *
 * explained: memcpy(date + 8, months + (d.month - 1) * 3, 3);
 *   day_of() returns months from 1 to 12, but Eva's intervals don't relate `day` to `year`: it
 *   sees a day of the year far outside 0 to 365. */
#include "prove/any.h"

#include "date.h"
#include "http_answer.h"

enum { HEAD = 200 };            /* more than status line and fixed fields take */

static char fields[N], body[N], answer[HEAD + 2 * N];

static void
numbers(void)
{
	char out[20];
	struct buf b = buf_over(out, sizeof out);

	buf_number(&b, any(0, UINT64_MAX));
	/*@ assert !b.bad && b.n <= 20; */
}

static void
date(void)
{
	char text[DATE_FIXDATE], stamp[DATE_RFC3339];

	date_fixdate(text, (int64_t)any(0, 253402300799));
	date_rfc3339(stamp, (int64_t)any(0, 253402300799));
}

int
main(void)
{
	static const size_t rooms[] = { 0, 11, 60, 120, sizeof answer };
	char text[DATE_FIXDATE];
	struct http_reply reply = { { text, sizeof text }, any_bool(), any_bool(), any_bool() };
	size_t room = any(0, N), length, which;
	struct response r = { .status = (unsigned)any(0, 999),
	    .content_type = any_bool() ? "application/json" : NULL };
	struct buf out;

	date();
	numbers();
	ANY_BYTES(text);
	/*@ split room; */
	length = any(0, room);
	/*@ split length; */
	r.fields = buf_over(fields, room);
	r.body = buf_over(body, room);
	r.body.n = length;
	ANY_BYTES(body);
	buf_text(&r.fields, "Allow: GET\r\n");
	which = any(0, sizeof rooms / sizeof rooms[0] - 1);
	/*@ split which; */
	out = buf_over(answer + sizeof answer - rooms[which], rooms[which]);
	http_answer(&out, &r, &reply);
	/*@ assert out.n <= out.cap; */
	return 0;
}

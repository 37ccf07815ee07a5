/* Seconds since 1970 as text: in UTC, without a terminating zero. What is before is 1970's first
 * second, what is after the year 9999 is that one's last. */
#ifndef DATE_H
#define DATE_H

#include <stdint.h>

enum {
	DATE_FIXDATE = 29,              /* bytes */
	DATE_RFC3339 = 20,
	DATE_DAY = 10
};

/* "Mon, 23 Nov 2026 15:24:08 GMT" (RFC 9110 5.6.7 IMF-fixdate). */
void date_fixdate(char date[DATE_FIXDATE], int64_t now);

/* "2026-11-23" (RFC 3339 5.6 full-date). */
void date_day(char day[DATE_DAY], int64_t now);

/* "2026-11-23T15:24:08Z" (RFC 3339 5.6 date-time). */
void date_rfc3339(char stamp[DATE_RFC3339], int64_t now);

#endif

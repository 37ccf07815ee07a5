#include "date.h"

#include <string.h>

enum { SECONDS_A_DAY = 86400 };

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
date_fixdate(char date[DATE_FIXDATE], int64_t now)
{
	static const char days[] = "ThuFriSatSunMonTueWed",
	    months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct day d = day_of(now);

	memcpy(date, "Thu, 01 Jan 1970 00:00:00 GMT", DATE_FIXDATE);
	memcpy(date, days + now / SECONDS_A_DAY % 7 * 3, 3);
	two_digits(date + 5, d.day);
	memcpy(date + 8, months + (d.month - 1) * 3, 3);
	two_digits(date + 12, d.year / 100);
	two_digits(date + 14, d.year % 100);
	put_clock(date + 17, now);
}

void
date_rfc3339(char stamp[DATE_RFC3339], int64_t now)
{
	struct day d = day_of(now);

	memcpy(stamp, "1970-01-01T00:00:00Z", DATE_RFC3339);
	two_digits(stamp, d.year / 100);
	two_digits(stamp + 2, d.year % 100);
	two_digits(stamp + 5, d.month);
	two_digits(stamp + 8, d.day);
	put_clock(stamp + 11, now);
}

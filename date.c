#include "date.h"

#include "str.h"

enum { SECONDS_A_DAY = 86400 };

/* A day of the proleptic Gregorian calendar, in UTC; month and day from 1. */
struct day {
	unsigned year, month, day;
};

/* A clock may be set to anything. */
static int64_t
within(int64_t now)
{
	enum { DAYS = 2932897 };        /* from 1970 to the end of 9999 */
	const int64_t last = (int64_t)DAYS * SECONDS_A_DAY - 1;

	return now < 0 ? 0 : now > last ? last : now;
}

/* Years begin in March here, so that a leap day is a year's last: then the months before any of
 * them have (153 * month + 2) / 5 days, and 146,097 days make four centuries. */
static struct day
day_of(int64_t now)
{
	/* since 1 March of the year 0 */
	unsigned days = (unsigned)(within(now) / SECONDS_A_DAY) + 719468;
	unsigned era = days / 146097, day = days % 146097;
	unsigned year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
	unsigned of_year = day - (365 * year + year / 4 - year / 100);
	unsigned month = (5 * of_year + 2) / 153;

	return (struct day){
		.year = era * 400 + year + (month >= 10),
		.month = month < 10 ? month + 3 : month - 9,
		.day = of_year - (153 * month + 2) / 5 + 1
	};
}

/* The time of day, between colons that stand there. */
static void
put_clock(char *p, int64_t now)
{
	unsigned second = (unsigned)(within(now) % SECONDS_A_DAY);

	str_put_two(p, second / 3600);
	str_put_two(p + 3, second / 60 % 60);
	str_put_two(p + 6, second % 60);
}

void
date_fixdate(char date[DATE_FIXDATE], int64_t now)
{
	static const char days[] = "ThuFriSatSunMonTueWed",
	    months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct day d = day_of(now);

	memcpy(date, "Thu, 01 Jan 1970 00:00:00 GMT", DATE_FIXDATE);
	memcpy(date, days + within(now) / SECONDS_A_DAY % 7 * 3, 3);
	str_put_two(date + 5, d.day);
	memcpy(date + 8, months + (d.month - 1) * 3, 3);
	str_put_two(date + 12, d.year / 100);
	str_put_two(date + 14, d.year % 100);
	put_clock(date + 17, now);
}

void
date_day(char day[DATE_DAY], int64_t now)
{
	struct day d = day_of(now);

	str_put_two(day, d.year / 100);
	str_put_two(day + 2, d.year % 100);
	day[4] = day[7] = '-';
	str_put_two(day + 5, d.month);
	str_put_two(day + 8, d.day);
}

void
date_rfc3339(char stamp[DATE_RFC3339], int64_t now)
{
	date_day(stamp, now);
	memcpy(stamp + DATE_DAY, "T00:00:00Z", DATE_RFC3339 - DATE_DAY);
	put_clock(stamp + 11, now);
}

/*
 * day -- days as numbers, and the clock of Amsterdam.
 */
#include "life/day.h"

#define HOUR_MS INT64_C(3600000)

/* Divide and round down, also below zero. */
static int64_t
floor_div(int64_t a, int64_t b)
{
	int64_t q = a / b;

	return (a % b < 0 ? q - 1 : q);
}

/*
 * Years are counted from March, so that the leap day is the last of its year;
 * an era is 400 years of 146,097 days.
 */
int64_t
day_from_date(struct cal_date d)
{
	int64_t y = d.month <= 2 ? d.year - 1 : d.year;
	int64_t era = floor_div(y, 400);
	int64_t yoe = y - era * 400;
	int64_t doy = (153 * ((d.month + 9) % 12) + 2) / 5 + d.day - 1;
	int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;

	return (era * 146097 + doe - 719468);
}

struct cal_date
day_to_date(int64_t day)
{
	int64_t z = day + 719468;
	int64_t era = floor_div(z, 146097);
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;
	int64_t month = mp < 10 ? mp + 3 : mp - 9;
	struct cal_date d = {
		.year = (int)(yoe + era * 400 + (month <= 2 ? 1 : 0)),
		.month = (int)month,
		.day = (int)(doy - (153 * mp + 2) / 5 + 1),
	};

	return (d);
}

int
day_weekday(int64_t day)
{
	return ((int)(((day + 3) % 7 + 7) % 7));
}

bool
day_is_date(struct cal_date d)
{
	struct cal_date same;

	if (d.year < 1 || d.year > 9999 || d.month < 1 || d.month > 12 ||
	    d.day < 1 || d.day > 31)
		return (false);
	same = day_to_date(day_from_date(d));
	return (same.month == d.month && same.day == d.day);
}

/* The Gregorian computus in the form of Meeus, Jones and Butcher. */
int64_t
day_easter(int year)
{
	int a = year % 19;
	int b = year / 100;
	int c = year % 100;
	int g = (8 * b + 13) / 25;
	int h = (19 * a + b - b / 4 - g + 15) % 30;
	int l = (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7;
	int m = (a + 11 * h + 22 * l) / 451;
	int n = h + l - 7 * m + 114;
	struct cal_date d = { year, n / 31, n % 31 + 1 };

	return (day_from_date(d));
}

/* The instant, 01:00 UTC on the last Sunday of a month of 31 days. */
static int64_t
change(int year, int month)
{
	struct cal_date last = { year, month, 31 };
	int64_t day = day_from_date(last);

	return ((day - (day_weekday(day) + 1) % 7) * DAY_MS + HOUR_MS);
}

/* How far local time is ahead of UTC at ${ms}. */
static int64_t
ahead(int64_t ms)
{
	struct cal_date d = day_to_date(floor_div(ms, DAY_MS));

	/* Only in the months of the changes is there anything to work out. */
	if (d.month != 3 && d.month != 10)
		return (d.month > 3 && d.month < 10 ? 2 * HOUR_MS : HOUR_MS);
	return ((ms >= change(d.year, d.month)) == (d.month == 3) ?
	    2 * HOUR_MS : HOUR_MS);
}

struct day_zone
day_zone(int64_t ms)
{
	int year = day_to_date(floor_div(ms, DAY_MS)).year;
	int64_t summer = change(year, 3), winter = change(year, 10);

	if (ms < summer)
		return ((struct day_zone){ change(year - 1, 10), summer,
		    HOUR_MS });
	if (ms < winter)
		return ((struct day_zone){ summer, winter, 2 * HOUR_MS });
	return ((struct day_zone){ winter, change(year + 1, 3), HOUR_MS });
}

int64_t
day_of(int64_t ms, int64_t *in_day_ms)
{
	int64_t local = ms + ahead(ms);
	int64_t day = floor_div(local, DAY_MS);

	*in_day_ms = local - day * DAY_MS;
	return (day);
}

int64_t
day_instant(int64_t day, int64_t in_day_ms)
{
	int64_t local = day * DAY_MS + in_day_ms;
	int64_t summer = local - 2 * HOUR_MS;
	int64_t winter = local - HOUR_MS;

	/* The clock that is ahead comes first where a time comes twice. */
	if (ahead(summer) == 2 * HOUR_MS)
		return (summer);
	if (ahead(winter) == HOUR_MS)
		return (winter);
	return (change(day_to_date(day).year, 3));
}

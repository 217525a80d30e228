#ifndef DAY_H_
#define DAY_H_

#include <stdbool.h>
#include <stdint.h>

#include "life/calendar.h"

/*
 * day -- days as numbers, and the clock of Amsterdam.
 *
 * A day number counts local days; 0 is 1 January 1970, a Thursday.  Summer
 * time runs from the last Sunday of March to the last of October, both at
 * 01:00 UTC.  Years before 1996, when other rules held, follow the same one.
 * Pure.
 */
#define DAY_MS INT64_C(86400000)

/**
 * day_from_date(date), day_to_date(day):
 * Turn a date of the Gregorian calendar into a day number, and back.
 */
int64_t day_from_date(struct cal_date date);
struct cal_date day_to_date(int64_t day);

/**
 * day_weekday(day):
 * Return 0 for a Monday ... 6 for a Sunday.
 */
int day_weekday(int64_t day);

/**
 * day_is_date(date):
 * Tell whether there is such a date, from year 1 to 9999.
 */
bool day_is_date(struct cal_date date);

/**
 * day_easter(year):
 * Return the day number of Easter Sunday.
 */
int64_t day_easter(int year);

/* Between two changes of the clock: local time is ${ahead_ms} ahead of UTC at
 * all instants from ${from_ms} on, before ${until_ms}. */
struct day_zone {
	int64_t from_ms;
	int64_t until_ms;
	int64_t ahead_ms;
};

/**
 * day_zone(ms):
 * Return the time between two changes in which the instant ${ms} lies.
 */
struct day_zone day_zone(int64_t ms);

/**
 * day_of(ms, in_day_ms):
 * Return the local day of the instant ${ms}, and how far its clock has come.
 */
int64_t day_of(int64_t ms, int64_t *in_day_ms);

/**
 * day_instant(day, in_day_ms):
 * Return the instant at which the clock of ${day} shows ${in_day_ms} after
 * midnight: the change itself if that time is skipped, the first one if it
 * comes twice.
 */
int64_t day_instant(int64_t day, int64_t in_day_ms);

#endif /* !DAY_H_ */

/*
 * calendar -- working time, opening hours and terms in the Netherlands.
 *
 * Everything here comes down to walking over the open pieces of the days
 * after an instant.  A term of 40 working days visits some 60 of them.
 */
#include <string.h>

#include "life/day.h"

#define MIN_MS INT64_C(60000)

/* A term that has not ended after this many days never ends. */
#define FAR_DAYS (200 * 366)

#define MORNING (8 * 60 + 30)
#define EVENING (17 * 60)
_Static_assert(EVENING - MORNING == CAL_WORKDAY_MIN, "a day of 510 minutes");

static const struct hours work_hours = {
	.holidays = false,
	.n = 5,
	.open = {
		{ 0, MORNING, EVENING },
		{ 1, MORNING, EVENING },
		{ 2, MORNING, EVENING },
		{ 3, MORNING, EVENING },
		{ 4, MORNING, EVENING },
	},
};

/* The span from ${from} to ${to} of one day. */
struct piece {
	int64_t from_ms;
	int64_t to_ms;
};

static void
set_day(struct calendar *cal, int64_t day, bool holiday)
{
	uint8_t bit = (uint8_t)(1u << (day % 8));

	if (holiday)
		cal->holiday[day / 8] |= bit;
	else
		cal->holiday[day / 8] &= (uint8_t)~bit;
}

static bool
is_known(int64_t day)
{
	return (day >= 0 && day < CAL_DAYS);
}

static bool
is_holiday(const struct calendar *cal, int64_t day)
{
	return (is_known(day) &&
	    (cal->holiday[day / 8] >> (day % 8) & 1) != 0);
}

static void
set_date(struct calendar *cal, int year, int month, int day)
{
	struct cal_date d = { year, month, day };

	set_day(cal, day_from_date(d), true);
}

/* The public holidays of one year. */
static void
set_year(struct calendar *cal, int year)
{
	/* Easter, its Monday, Ascension, Whit Sunday and Monday. */
	static const int after_easter[] = { 0, 1, 39, 49, 50 };
	struct cal_date king = { year, 4, 27 };
	int64_t easter = day_easter(year);

	for (size_t i = 0; i < sizeof(after_easter) / sizeof(int); i++)
		set_day(cal, easter + after_easter[i], true);
	set_date(cal, year, 1, 1);
	set_date(cal, year, 4,
	    day_weekday(day_from_date(king)) == 6 ? 26 : 27);
	if (year % 5 == 0)
		set_date(cal, year, 5, 5);
	set_date(cal, year, 12, 25);
	set_date(cal, year, 12, 26);
}

void
cal_init(struct calendar *cal)
{
	memset(cal, 0, sizeof(*cal));
	for (int year = 1970; year < 2200; year++)
		set_year(cal, year);
}

bool
cal_set_holiday(struct calendar *cal, struct cal_date date, bool holiday)
{
	int64_t day;

	if (!day_is_date(date))
		return (false);
	day = day_from_date(date);
	if (!is_known(day))
		return (false);
	set_day(cal, day, holiday);
	return (true);
}

bool
cal_is_holiday(const struct calendar *cal, struct cal_date date)
{
	return (is_holiday(cal, day_from_date(date)));
}

bool
cal_is_workday(const struct calendar *cal, struct cal_date date)
{
	int64_t day = day_from_date(date);

	return (day_weekday(day) < 5 && !is_holiday(cal, day));
}

const struct hours *
cal_work_hours(void)
{
	return (&work_hours);
}

/* Does ${hours} have anything on this day? */
static bool
is_day_open(const struct calendar *cal, const struct hours *h, int64_t day)
{
	return (h->holidays || !is_holiday(cal, day));
}

static struct piece
piece_of(int64_t day, const struct hours_open *o)
{
	struct piece p = {
		.from_ms = day_instant(day, o->from_min * MIN_MS),
		.to_ms = day_instant(day, o->to_min * MIN_MS),
	};

	return (p);
}

bool
cal_is_open(const struct calendar *cal, const struct hours *hours,
    int64_t now_ms)
{
	const struct hours *h = hours != NULL ? hours : &work_hours;
	int64_t in_day;
	int64_t day = day_of(now_ms, &in_day);
	int weekday = day_weekday(day);

	if (!is_day_open(cal, h, day))
		return (false);
	for (size_t i = 0; i < h->n; i++)
		if (h->open[i].day == weekday &&
		    in_day >= h->open[i].from_min * MIN_MS &&
		    in_day < h->open[i].to_min * MIN_MS)
			return (true);
	return (false);
}

/* The instant at which ${ms} of opening have gone by since ${start}. */
static int64_t
add_open(const struct calendar *cal, const struct hours *h, int64_t start,
    int64_t ms)
{
	int64_t in_day;
	int64_t first = day_of(start, &in_day);

	if (ms <= 0)
		return (start);
	for (int64_t day = first; h->n > 0 && day < first + FAR_DAYS; day++) {
		int weekday = day_weekday(day);

		if (!is_day_open(cal, h, day))
			continue;
		for (size_t i = 0; i < h->n; i++) {
			struct piece p;

			if (h->open[i].day != weekday)
				continue;
			p = piece_of(day, &h->open[i]);
			if (p.from_ms < start)
				p.from_ms = start;
			if (p.to_ms <= p.from_ms)
				continue;
			if (p.to_ms - p.from_ms >= ms)
				return (p.from_ms + ms);
			ms -= p.to_ms - p.from_ms;
		}
	}
	return (INT64_MAX);
}

/* How much opening lies between two instants. */
static int64_t
count_open(const struct calendar *cal, const struct hours *h, int64_t from,
    int64_t to)
{
	int64_t in_day;
	int64_t last = day_of(to, &in_day);
	int64_t sum = 0;

	for (int64_t day = day_of(from, &in_day); day <= last; day++) {
		int weekday = day_weekday(day);

		if (!is_day_open(cal, h, day))
			continue;
		for (size_t i = 0; i < h->n; i++) {
			struct piece p;

			if (h->open[i].day != weekday)
				continue;
			p = piece_of(day, &h->open[i]);
			if (p.from_ms < from)
				p.from_ms = from;
			if (p.to_ms > to)
				p.to_ms = to;
			if (p.to_ms > p.from_ms)
				sum += p.to_ms - p.from_ms;
		}
	}
	return (sum);
}

int64_t
cal_deadline(const struct calendar *cal, const struct hours *hours,
    int64_t start_ms, struct cal_span span)
{
	const struct hours *h = hours != NULL ? hours : &work_hours;
	int64_t in_day;
	int64_t day;

	if (span.unit == CAL_WORK)
		return (add_open(cal, h, start_ms, span.n * MIN_MS));
	if (span.unit == CAL_CLOCK)
		return (start_ms + span.n * MIN_MS);
	day = day_of(start_ms, &in_day);
	return (day_instant(day + span.n, in_day));
}

int64_t
cal_elapsed(const struct calendar *cal, const struct hours *hours,
    enum cal_unit unit, int64_t from_ms, int64_t to_ms)
{
	const struct hours *h = hours != NULL ? hours : &work_hours;

	if (to_ms <= from_ms)
		return (0);
	/* A span of years is as good as one without end. */
	if (unit != CAL_WORK || to_ms - from_ms > FAR_DAYS * DAY_MS)
		return (to_ms - from_ms);
	return (count_open(cal, h, from_ms, to_ms));
}

int64_t
cal_resume(const struct calendar *cal, const struct hours *hours,
    enum cal_unit unit, int64_t now_ms, int64_t left_ms)
{
	const struct hours *h = hours != NULL ? hours : &work_hours;

	if (unit == CAL_WORK)
		return (add_open(cal, h, now_ms, left_ms));
	if (left_ms > INT64_MAX - now_ms)
		return (INT64_MAX);
	return (now_ms + (left_ms > 0 ? left_ms : 0));
}

int64_t
cal_shift(const struct calendar *cal, const struct hours *hours,
    enum cal_unit unit, int64_t deadline_ms, int64_t gap_from_ms,
    int64_t gap_to_ms)
{
	if (deadline_ms <= gap_from_ms || gap_to_ms <= gap_from_ms ||
	    deadline_ms == INT64_MAX)
		return (deadline_ms);
	return (cal_resume(cal, hours, unit, gap_to_ms,
	    cal_elapsed(cal, hours, unit, gap_from_ms, deadline_ms)));
}

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

/*
 * One day after another.  Between two changes of the clock a local time is an
 * instant by adding, and every day of the week is open as long as the last:
 * only for days near a change anything is worked out anew.
 */
struct walk {
	const struct hours *h;
	struct day_zone zone;
	int64_t plain_from; /* days that are wholly in ${zone} */
	int64_t plain_until;
	int64_t day;
	int weekday;
	int64_t open_ms[7]; /* how long each day of the week is open */
};

static int64_t
floor_days(int64_t ms)
{
	int64_t day = ms / DAY_MS;

	return (ms % DAY_MS < 0 ? day - 1 : day);
}

/* Find the days on which, and before which, the clock does not change. */
static void
walk_zone(struct walk *w, int64_t ms)
{
	w->zone = day_zone(ms);
	w->plain_from = floor_days(w->zone.from_ms + w->zone.ahead_ms) + 2;
	w->plain_until = floor_days(w->zone.until_ms + w->zone.ahead_ms) - 1;
}

/* Begin on the day of ${start_ms}. */
static void
walk_start(struct walk *w, const struct hours *h, int64_t start_ms)
{
	w->h = h;
	walk_zone(w, start_ms);
	w->day = floor_days(start_ms + w->zone.ahead_ms);
	w->weekday = day_weekday(w->day);
	memset(w->open_ms, 0, sizeof(w->open_ms));
	for (size_t i = 0; i < h->n; i++)
		if (h->open[i].day < 7 &&
		    h->open[i].to_min > h->open[i].from_min)
			w->open_ms[h->open[i].day] +=
			    (h->open[i].to_min - h->open[i].from_min) *
			    MIN_MS;
}

static bool
walk_is_plain(const struct walk *w)
{
	return (w->day >= w->plain_from && w->day < w->plain_until);
}

static void
walk_next(struct walk *w)
{
	w->day++;
	w->weekday = w->weekday == 6 ? 0 : w->weekday + 1;
	if (w->day >= w->plain_until)
		walk_zone(w, w->day * DAY_MS);
}

static int64_t
walk_instant(const struct walk *w, uint16_t min)
{
	if (walk_is_plain(w))
		return (w->day * DAY_MS + min * MIN_MS - w->zone.ahead_ms);
	return (day_instant(w->day, min * MIN_MS));
}

/* The ${i}th piece of opening, if it is one of this day. */
static bool
walk_piece(const struct walk *w, size_t i, struct piece *p)
{
	const struct hours_open *o = &w->h->open[i];

	if (o->day != w->weekday)
		return (false);
	p->from_ms = walk_instant(w, o->from_min);
	p->to_ms = walk_instant(w, o->to_min);
	return (true);
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
	struct walk w;
	int64_t first;

	if (ms <= 0)
		return (start);
	walk_start(&w, h, start);
	first = w.day;
	for (; h->n > 0 && w.day < first + FAR_DAYS; walk_next(&w)) {
		if (!is_day_open(cal, h, w.day))
			continue;
		if (w.day > first && walk_is_plain(&w) &&
		    w.open_ms[w.weekday] < ms) {
			ms -= w.open_ms[w.weekday];
			continue;
		}
		for (size_t i = 0; i < h->n; i++) {
			struct piece p;

			if (!walk_piece(&w, i, &p))
				continue;
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
	struct walk w;

	for (walk_start(&w, h, from); w.day <= last; walk_next(&w)) {
		if (!is_day_open(cal, h, w.day))
			continue;
		for (size_t i = 0; i < h->n; i++) {
			struct piece p;

			if (!walk_piece(&w, i, &p))
				continue;
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

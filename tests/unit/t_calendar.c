/*
 * The working calendar of the Netherlands against answers that are known.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "life/day.h"

#define HOUR INT64_C(3600000)
#define WD(n) { CAL_WORK, (n) * 510 }
#define WH(n) { CAL_WORK, (n) * 60 }
#define WMIN(n) { CAL_WORK, (n) }
#define MIN(n) { CAL_CLOCK, (n) }
#define DAYS(n) { CAL_CALENDAR, (n) }

static struct calendar cal;

static int
setup(void **state)
{
	(void)state;
	cal_init(&cal);
	return (0);
}

/* The instant of "2026-04-27 08:30" by the local clock. */
static int64_t
at(const char *text)
{
	char date[11];
	struct cal_date d;
	int h, m;

	memcpy(date, text, 10);
	date[10] = '\0';
	assert_true(cal_date_read(date, &d));
	assert_int_equal(sscanf(text + 11, "%d:%d", &h, &m), 2);
	return (cal_local(d, h * 60 + m));
}

/* The instant of "2026-03-29T01:00" UTC, by the C library. */
static int64_t
utc(const char *text)
{
	struct tm tm = { 0 };

	assert_non_null(strptime(text, "%Y-%m-%dT%H:%M", &tm));
	return ((int64_t)timegm(&tm) * 1000);
}

static const struct {
	const char *date;
	bool work;
} days[] = {
	{ "2024-01-01", false },
	{ "2024-03-29", true }, /* Good Friday is a working day */
	{ "2024-03-31", false }, /* Easter, and the clock changes */
	{ "2024-04-01", false },
	{ "2024-04-26", true },
	{ "2024-04-27", false }, /* King's Day on a Saturday */
	{ "2024-05-09", false }, /* Ascension */
	{ "2024-05-20", false }, /* Whit Monday */
	{ "2025-04-20", false },
	{ "2025-04-21", false },
	{ "2025-04-25", true },
	{ "2025-04-26", false }, /* the 27th is a Sunday */
	{ "2025-04-28", true },
	{ "2025-05-05", false }, /* every fifth year */
	{ "2025-05-29", false },
	{ "2025-06-08", false },
	{ "2025-06-09", false },
	{ "2025-12-25", false },
	{ "2025-12-26", false },
	{ "2026-01-01", false },
	{ "2026-01-02", true },
	{ "2026-04-03", true },
	{ "2026-04-06", false },
	{ "2026-04-27", false },
	{ "2026-05-05", true }, /* not this year */
	{ "2026-05-14", false },
	{ "2026-05-25", false },
	{ "2026-12-24", true },
	{ "2026-12-25", false },
	{ "2027-03-29", false },
	{ "2027-04-27", false },
	{ "2027-05-06", false },
	{ "2027-05-17", false },
	{ "2028-02-29", true },
	{ "2028-04-17", false },
	{ "2030-04-22", false },
	{ "2030-05-06", true }, /* the 5th is a Sunday and is not moved */
	{ "2031-04-26", false }, /* the 27th is a Sunday */
	{ "2035-05-05", false },
	{ "2038-04-26", false }, /* Easter Monday as late as can be */
};

static void
test_holidays_are_known(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(days) / sizeof(days[0]); i++) {
		struct cal_date d;

		assert_true(cal_date_read(days[i].date, &d));
		if (cal_is_workday(&cal, d) != days[i].work)
			fail_msg("%s", days[i].date);
	}
	assert_true(cal_is_holiday(&cal, (struct cal_date){ 2025, 4, 26 }));
	assert_false(cal_is_holiday(&cal, (struct cal_date){ 2025, 4, 27 }));
}

static void
test_easter_is_where_the_tables_say(void **state)
{
	static const struct cal_date easters[] = { { 1996, 4, 7 },
		{ 2000, 4, 23 }, { 2008, 3, 23 }, { 2011, 4, 24 },
		{ 2016, 3, 27 }, { 2019, 4, 21 }, { 2024, 3, 31 },
		{ 2025, 4, 20 }, { 2026, 4, 5 }, { 2027, 3, 28 },
		{ 2028, 4, 16 }, { 2029, 4, 1 }, { 2030, 4, 21 },
		{ 2038, 4, 25 }, { 2049, 4, 18 }, { 2076, 4, 19 },
		{ 2100, 3, 28 } };

	(void)state;
	for (size_t i = 0; i < sizeof(easters) / sizeof(easters[0]); i++)
		assert_int_equal(day_easter(easters[i].year),
		    day_from_date(easters[i]));
}

static const struct {
	const char *local;
	const char *utc;
} clocks[] = {
	{ "2026-01-15 12:00", "2026-01-15T11:00" },
	{ "2026-07-15 12:00", "2026-07-15T10:00" },
	{ "2026-03-29 01:59", "2026-03-29T00:59" },
	{ "2026-03-29 02:00", "2026-03-29T01:00" }, /* skipped: the change */
	{ "2026-03-29 02:30", "2026-03-29T01:00" },
	{ "2026-03-29 03:00", "2026-03-29T01:00" },
	{ "2026-03-29 03:01", "2026-03-29T01:01" },
	{ "2026-10-25 01:59", "2026-10-24T23:59" },
	{ "2026-10-25 02:30", "2026-10-25T00:30" }, /* twice: the first */
	{ "2026-10-25 03:00", "2026-10-25T02:00" },
	{ "2025-03-30 03:00", "2025-03-30T01:00" },
	{ "2025-10-26 02:59", "2025-10-26T00:59" },
	{ "2024-03-31 12:00", "2024-03-31T10:00" },
	{ "2024-10-27 12:00", "2024-10-27T11:00" },
	{ "1996-10-27 12:00", "1996-10-27T11:00" },
	{ "2099-06-01 00:00", "2099-05-31T22:00" },
};

static void
test_the_clock_follows_the_european_rule(void **state)
{
	int64_t in_day;

	(void)state;
	for (size_t i = 0; i < sizeof(clocks) / sizeof(clocks[0]); i++)
		if (at(clocks[i].local) != utc(clocks[i].utc))
			fail_msg("%s", clocks[i].local);

	/* Both half past twos of autumn show the same clock. */
	(void)day_of(utc("2026-10-25T00:30"), &in_day);
	assert_int_equal(in_day, 150 * 60000);
	(void)day_of(utc("2026-10-25T01:30"), &in_day);
	assert_int_equal(in_day, 150 * 60000);
}

/* Where the machine has its own time zone data, every hour must agree. */
static void
test_the_clock_agrees_with_the_c_library(void **state)
{
	struct tm tm;
	time_t t;

	(void)state;
	assert_int_equal(setenv("TZ", "Europe/Amsterdam", 1), 0);
	tzset();
	t = utc("2026-07-01T00:00") / 1000;
	(void)localtime_r(&t, &tm);
	if (tm.tm_hour != 2) {
		print_message("no time zone data here: skipped\n");
		skip();
	}
	for (int64_t ms = utc("1997-01-01T00:00"); ms < utc("2037-12-01T00:00");
	     ms += HOUR) {
		int64_t in_day;
		struct cal_date d = day_to_date(day_of(ms, &in_day));

		t = ms / 1000;
		(void)localtime_r(&t, &tm);
		if (d.year != tm.tm_year + 1900 || d.month != tm.tm_mon + 1 ||
		    d.day != tm.tm_mday || in_day / HOUR != tm.tm_hour)
			fail_msg("hour %lld", (long long)(ms / HOUR));
	}
}

static const struct {
	const char *start;
	struct cal_span span;
	const char *end;
} terms[] = {
	/* The examples of the design. */
	{ "2026-04-17 16:30", WD(1), "2026-04-20 16:30" },
	{ "2026-04-18 12:00", WD(1), "2026-04-20 17:00" },
	{ "2026-04-17 16:30", WH(4), "2026-04-20 12:00" },
	/* Inside one day. */
	{ "2026-04-14 08:30", WD(1), "2026-04-14 17:00" },
	{ "2026-04-14 09:00", WH(4), "2026-04-14 13:00" },
	{ "2026-04-14 12:59", WMIN(1), "2026-04-14 13:00" },
	{ "2026-04-14 13:00", WH(4), "2026-04-14 17:00" },
	{ "2026-04-14 13:01", WH(4), "2026-04-15 08:31" },
	/* Before and after work. */
	{ "2026-04-14 06:00", WH(1), "2026-04-14 09:30" },
	{ "2026-04-14 17:00", WH(1), "2026-04-15 09:30" },
	{ "2026-04-14 23:59", WH(1), "2026-04-15 09:30" },
	{ "2026-04-14 17:00", WD(1), "2026-04-15 17:00" },
	/* A weekend with King's Day on Monday: silence on SIG-301. */
	{ "2026-04-24 15:00", WD(2), "2026-04-29 15:00" },
	{ "2026-04-24 17:00", WH(4), "2026-04-28 12:30" },
	/* King's Day on a Saturday changes nothing. */
	{ "2025-04-25 16:00", WH(2), "2025-04-28 09:30" },
	/* 5 May: 2025 is free, 2026 is not. */
	{ "2025-05-02 16:00", WD(1), "2025-05-06 16:00" },
	{ "2026-05-04 16:00", WD(1), "2026-05-05 16:00" },
	/* Easter. */
	{ "2026-04-02 16:00", WD(2), "2026-04-07 16:00" },
	/* Christmas and New Year: 25 is a Friday, 1 January a Friday. */
	{ "2026-12-24 16:00", WD(5), "2027-01-04 16:00" },
	/* Ascension and Whitsun. */
	{ "2026-05-13 16:00", WD(2), "2026-05-18 16:00" },
	{ "2026-05-22 16:00", WD(1), "2026-05-26 16:00" },
	/* Over both changes of the clock. */
	{ "2026-03-27 16:30", WD(1), "2026-03-30 16:30" },
	{ "2026-10-23 16:30", WD(1), "2026-10-26 16:30" },
	/* Long ones. */
	{ "2026-04-14 08:30", WD(5), "2026-04-20 17:00" },
	{ "2026-04-14 10:00", WD(15), "2026-05-06 10:00" },
	{ "2026-04-14 10:00", WD(20), "2026-05-13 10:00" },
	{ "2026-04-14 10:00", WD(40), "2026-06-12 10:00" },
	/* The clock. */
	{ "2026-04-17 23:50", MIN(30), "2026-04-18 00:20" },
	{ "2026-03-29 01:30", MIN(60), "2026-03-29 03:30" },
	{ "2026-12-24 16:00", MIN(120), "2026-12-24 18:00" },
	/* Days and weeks: to the same local time. */
	{ "2026-03-28 12:00", DAYS(1), "2026-03-29 12:00" },
	{ "2026-10-24 12:00", DAYS(1), "2026-10-25 12:00" },
	{ "2026-03-28 02:30", DAYS(1), "2026-03-29 03:00" },
	{ "2026-01-31 09:15", DAYS(28), "2026-02-28 09:15" },
	{ "2028-02-01 09:15", DAYS(28), "2028-02-29 09:15" },
	{ "2026-04-14 10:00", DAYS(91), "2026-07-14 10:00" },
	{ "2026-09-01 10:00", DAYS(182), "2027-03-02 10:00" },
	{ "2026-04-14 10:00", DAYS(14), "2026-04-28 10:00" },
};

static void
test_terms_end_on_the_right_minute(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(terms) / sizeof(terms[0]); i++) {
		int64_t got = cal_deadline(&cal, NULL, at(terms[i].start),
		    terms[i].span);
		char text[CAL_TEXT];

		if (got != at(terms[i].end))
			fail_msg("%s: %s, not %s", terms[i].start,
			    cal_text(got, text), terms[i].end);
	}
	assert_true(sizeof(days) / sizeof(days[0]) +
	    sizeof(clocks) / sizeof(clocks[0]) +
	    sizeof(terms) / sizeof(terms[0]) >= 60);
}

/* A slow second opinion: walk minute by minute. */
static int64_t
walk(int64_t start, unsigned minutes)
{
	while (minutes > 0) {
		if (cal_is_open(&cal, NULL, start))
			minutes--;
		start += 60000;
	}
	return (start);
}

static void
test_a_slow_walk_over_the_minutes_agrees(void **state)
{
	static const unsigned spans[] = { 1, 29, 240, 510, 511, 1020, 2550 };
	int64_t start = at("2026-03-20 00:07");

	(void)state;
	for (size_t i = 0; i < 200; i++) {
		struct cal_span s = { CAL_WORK, spans[i % 7] };
		int64_t end = cal_deadline(&cal, NULL, start, s);

		assert_int_equal(end, walk(start, s.n));
		assert_int_equal(cal_elapsed(&cal, NULL, CAL_WORK, start, end),
		    (int64_t)s.n * 60000);
		start += 17 * HOUR + 13 * 60000;
	}
}

static void
test_nothing_is_a_term_of_no_length(void **state)
{
	struct cal_span none = { CAL_WORK, 0 };
	int64_t now = at("2026-04-18 12:00");

	(void)state;
	assert_int_equal(cal_deadline(&cal, NULL, now, none), now);
	assert_int_equal(cal_elapsed(&cal, NULL, CAL_WORK, now, now), 0);
	assert_int_equal(cal_elapsed(&cal, NULL, CAL_WORK, now, now - 1), 0);
}

static void
test_a_term_that_stood_still_goes_on_where_it_was(void **state)
{
	int64_t start = at("2026-04-14 09:00");
	int64_t stop = at("2026-04-14 11:00");
	int64_t end = cal_deadline(&cal, NULL, start,
	    (struct cal_span)WD(1));
	int64_t left = cal_elapsed(&cal, NULL, CAL_WORK, stop, end);

	(void)state;
	assert_int_equal(left, 390 * 60000);
	assert_int_equal(cal_resume(&cal, NULL, CAL_WORK,
	    at("2026-04-17 16:00"), left), at("2026-04-20 14:00"));
	assert_int_equal(cal_resume(&cal, NULL, CAL_CLOCK, stop, HOUR),
	    at("2026-04-14 12:00"));
	assert_int_equal(cal_resume(&cal, NULL, CAL_WORK, stop, 0), stop);
}

static void
test_nobody_pays_for_a_stop(void **state)
{
	int64_t from = at("2026-04-17 16:00"), to = at("2026-04-20 10:30");

	(void)state;
	/* Three working hours were lost: one on Friday, two on Monday. */
	assert_int_equal(cal_shift(&cal, NULL, CAL_WORK,
	    at("2026-04-20 12:00"), from, to), at("2026-04-20 15:00"));
	assert_int_equal(cal_shift(&cal, NULL, CAL_WORK,
	    at("2026-04-20 15:00"), from, to), at("2026-04-21 09:30"));
	assert_int_equal(cal_shift(&cal, NULL, CAL_CLOCK,
	    at("2026-04-17 16:30"), from, to), at("2026-04-20 11:00"));
	/* What was due before stays due; what is far gets it too. */
	assert_int_equal(cal_shift(&cal, NULL, CAL_WORK,
	    at("2026-04-17 15:59"), from, to), at("2026-04-17 15:59"));
	assert_int_equal(cal_shift(&cal, NULL, CAL_WORK, INT64_MAX, from, to),
	    INT64_MAX);
	/* A stop over the weekend costs nobody anything. */
	assert_int_equal(cal_shift(&cal, NULL, CAL_WORK,
	    at("2026-04-20 12:00"), at("2026-04-17 18:00"),
	    at("2026-04-19 18:00")), at("2026-04-20 12:00"));
}

static void
test_terms_run_in_opening_hours(void **state)
{
	struct hours h = { 0 };

	(void)state;
	assert_true(hours_read("za,zo 10:00-12:00", &h));
	assert_int_equal(cal_deadline(&cal, &h, at("2026-04-17 09:00"),
	    (struct cal_span)WH(3)), at("2026-04-19 11:00"));
	assert_true(cal_is_open(&cal, &h, at("2026-04-18 10:00")));
	assert_false(cal_is_open(&cal, &h, at("2026-04-18 12:00")));
	/* Easter Sunday is closed, unless the hours say so. */
	assert_false(cal_is_open(&cal, &h, at("2026-04-05 10:30")));
	h.holidays = true;
	assert_true(cal_is_open(&cal, &h, at("2026-04-05 10:30")));
	memset(&h, 0, sizeof(h));
	assert_true(hours_read("altijd", &h));
	assert_true(cal_is_open(&cal, &h, at("2026-12-25 03:00")));
	/* Nights belong to two days; one of them is an hour short. */
	memset(&h, 0, sizeof(h));
	assert_true(hours_read("za 22:00-06:00", &h));
	assert_true(cal_is_open(&cal, &h, at("2026-04-19 05:59")));
	assert_false(cal_is_open(&cal, &h, at("2026-04-18 05:59")));
	assert_int_equal(cal_elapsed(&cal, &h, CAL_WORK,
	    at("2026-03-28 12:00"), at("2026-03-29 12:00")), 7 * HOUR);
	assert_int_equal(cal_elapsed(&cal, &h, CAL_WORK,
	    at("2026-10-24 12:00"), at("2026-10-25 12:00")), 9 * HOUR);
}

static void
test_hours_that_never_open_never_end(void **state)
{
	struct hours never = { 0 };

	(void)state;
	assert_int_equal(cal_deadline(&cal, &never, at("2026-04-14 09:00"),
	    (struct cal_span)WH(1)), INT64_MAX);
	assert_false(cal_is_open(&cal, &never, at("2026-04-14 09:00")));
}

static void
test_spans_are_read_and_written(void **state)
{
	static const struct {
		const char *in;
		const char *out;
	} spans[] = {
		{ "2 wd", "2 werkdagen" },
		{ "1 werkdag", "1 werkdag" },
		{ "4 wh", "4 werkuren" },
		{ "30min", "30 minuten" },
		{ "2 h", "2 uur" },
		{ "24 uur", "1 etmaal" },
		{ "14 d", "2 weken" },
		{ "10 dagen", "10 dagen" },
		{ "45 wmin", "45 werkminuten" },
	};
	struct cal_span s;
	char text[32];

	(void)state;
	for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++) {
		assert_true(cal_span_read(spans[i].in, &s));
		assert_string_equal(cal_span_text(s, text, sizeof(text)),
		    spans[i].out);
	}
	assert_false(cal_span_read("0 wd", &s));
	assert_false(cal_span_read("wd", &s));
	assert_false(cal_span_read("-1 wd", &s));
	assert_false(cal_span_read("2 jaar", &s));
	assert_false(cal_span_read("9999999 wd", &s));
}

static void
test_the_configuration_adds_and_takes_away_holidays(void **state)
{
	struct calendar own = cal;
	struct cal_date day = { 2026, 4, 14 }, king = { 2026, 4, 27 };

	(void)state;
	assert_true(cal_set_holiday(&own, day, true));
	assert_true(cal_set_holiday(&own, king, false));
	assert_false(cal_is_workday(&own, day));
	assert_true(cal_is_workday(&own, king));
	assert_false(cal_set_holiday(&own, (struct cal_date){ 2026, 2, 30 },
	    true));
	assert_false(cal_set_holiday(&own, (struct cal_date){ 2200, 1, 1 },
	    true));
}

static void
test_the_table_of_terms_is_that_of_the_design(void **state)
{
	enum { LOW = 1, NORMAL, HIGH, EMERGENT };
	static const struct {
		enum cal_term term;
		unsigned urgency;
		const char *text;
	} rows[] = {
		{ CAL_TERM_OFFER, EMERGENT, "30 minuten" },
		{ CAL_TERM_OFFER, HIGH, "4 werkuren" },
		{ CAL_TERM_OFFER, NORMAL, "2 werkdagen" },
		{ CAL_TERM_OFFER, LOW, "5 werkdagen" },
		{ CAL_TERM_LADDER, EMERGENT, "2 uur" },
		{ CAL_TERM_LADDER, LOW, "15 werkdagen" },
		{ CAL_TERM_CONFIRM, NORMAL, "1 werkdag" },
		{ CAL_TERM_START, LOW, "10 werkdagen" },
		{ CAL_TERM_REPORT, EMERGENT, "1 etmaal" },
		{ CAL_TERM_REPORT, LOW, "40 werkdagen" },
		{ CAL_TERM_ANSWER, NORMAL, "3 werkdagen" },
		{ CAL_TERM_HANDOVER, HIGH, "1 werkdag" },
		{ CAL_TERM_WITHDRAWAL, EMERGENT, "1 uur" },
		{ CAL_TERM_PAUSE, EMERGENT, "1 etmaal" },
		{ CAL_TERM_PAUSE, NORMAL, "13 weken" },
		{ CAL_TERM_RETURN, LOW, "4 werkuren" },
		{ CAL_TERM_UNREAD, NORMAL, "20 werkdagen" },
		{ CAL_TERM_REOPEN, HIGH, "2 weken" },
	};
	struct cal_terms t;
	char text[32];

	(void)state;
	cal_terms_default(&t);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(cal_span_text(cal_term(&t, rows[i].term,
		    rows[i].urgency), text, sizeof(text)), rows[i].text);

	/* Spoed never waits for working time. */
	for (int i = CAL_TERM_NONE + 1; i < CAL_TERM__MAX; i++) {
		assert_int_not_equal(cal_term(&t, (enum cal_term)i, EMERGENT)
		    .unit, CAL_WORK);
		assert_int_equal(cal_term_from_name(cal_term_name(
		    (enum cal_term)i)), i);
	}
	assert_int_equal(cal_term_from_name("OFER"), CAL_TERM_NONE);
}

static void
test_dates_are_read_strictly(void **state)
{
	static const char *const bad[] = { "2026-02-29", "2026-13-01",
		"2026-00-10", "26-01-01", "2026/01/01", "2026-1-01",
		"2026-01-01 ", "" };
	static const char *const times[] = { "2026-04-27 24:00",
		"2026-04-27 8:30", "2026-04-27 08:60", "2026-02-30 08:30",
		"2026-04-27x08:30", "2026-04-27 08:3o", "08:30", "" };
	struct cal_date d;
	int64_t ms = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (cal_date_read(bad[i], &d))
			fail_msg("'%s' was taken", bad[i]);
	assert_true(cal_date_read("2028-02-29", &d));
	assert_true(cal_time_read("2026-04-27 08:30", &ms));
	assert_int_equal(ms, cal_local((struct cal_date){ 2026, 4, 27 }, 510));
	assert_true(cal_time_read("2026-10-25T23:59", &ms));
	assert_true(cal_time_read("2026-04-27", &ms));
	assert_int_equal(ms, cal_midnight((struct cal_date){ 2026, 4, 27 }));
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		if (cal_time_read(times[i], &ms))
			fail_msg("'%s' was taken", times[i]);
	for (int64_t day = -200000; day < 200000; day += 7)
		assert_int_equal(day_from_date(day_to_date(day)), day);
}

static void
test_a_deadline_takes_about_a_microsecond(void **state)
{
	struct timespec a, b;
	int64_t sum = 0, start = at("2026-04-14 10:00");
	double us;

	(void)state;
	(void)clock_gettime(CLOCK_MONOTONIC, &a);
	for (int i = 0; i < 100000; i++)
		sum += cal_deadline(&cal, NULL, start + i * HOUR,
		    (struct cal_span)WD(2));
	(void)clock_gettime(CLOCK_MONOTONIC, &b);
	us = ((double)(b.tv_sec - a.tv_sec) * 1e9 +
	    (double)(b.tv_nsec - a.tv_nsec)) / 1e3 / 100000;
	print_message("2 wd: %.2f us\n", us);
	assert_true(sum != 0 && us < 50); /* a sanitizer is ten times slower */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_holidays_are_known),
		cmocka_unit_test(test_easter_is_where_the_tables_say),
		cmocka_unit_test(test_the_clock_follows_the_european_rule),
		cmocka_unit_test(test_the_clock_agrees_with_the_c_library),
		cmocka_unit_test(test_terms_end_on_the_right_minute),
		cmocka_unit_test(test_a_slow_walk_over_the_minutes_agrees),
		cmocka_unit_test(test_nothing_is_a_term_of_no_length),
		cmocka_unit_test(
		    test_a_term_that_stood_still_goes_on_where_it_was),
		cmocka_unit_test(test_nobody_pays_for_a_stop),
		cmocka_unit_test(test_terms_run_in_opening_hours),
		cmocka_unit_test(test_hours_that_never_open_never_end),
		cmocka_unit_test(test_spans_are_read_and_written),
		cmocka_unit_test(
		    test_the_configuration_adds_and_takes_away_holidays),
		cmocka_unit_test(
		    test_the_table_of_terms_is_that_of_the_design),
		cmocka_unit_test(test_dates_are_read_strictly),
		cmocka_unit_test(test_a_deadline_takes_about_a_microsecond),
	};

	return (cmocka_run_group_tests(tests, setup, NULL));
}

/*
 * The calendar against dates that are known from elsewhere: holidays of sixteen
 * years and some three hundred deadlines, over weekends, holidays, both changes
 * of the clock and the turn of years.  tests/vectors/dates.py made them and
 * says how: not with anything of ours.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "life/calendar.h"

#define LINE 128

static struct calendar cal;

/* Call ${one} for each line that begins with ${word}; return how many. */
static size_t
each(const char *word, void (*one)(const char *rest))
{
	FILE *f = fopen("tests/vectors/dates.txt", "r");
	size_t n = 0, len = strlen(word);
	char line[LINE];

	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, word, len) != 0 || line[len] != ' ')
			continue;
		one(line + len + 1);
		n++;
	}
	(void)fclose(f);
	return (n);
}

static struct cal_date
date(const char *text)
{
	char ten[11];
	struct cal_date d = { 0, 0, 0 };

	(void)snprintf(ten, sizeof(ten), "%.10s", text);
	assert_true(cal_date_read(ten, &d));
	return (d);
}

static void
is_holiday(const char *rest)
{
	if (!cal_is_holiday(&cal, date(rest)) ||
	    cal_is_workday(&cal, date(rest)))
		fail_msg("%s is no holiday here", rest);
}

static void
is_workday(const char *rest)
{
	if (!cal_is_workday(&cal, date(rest)))
		fail_msg("%s is no day to work here", rest);
}

/* The instant of "2026-03-29T01:30+01:00". */
static int64_t
instant(const char *text)
{
	struct tm tm = { 0 };
	const char *rest = strptime(text, "%Y-%m-%dT%H:%M", &tm);
	int h, m;

	assert_non_null(rest);
	assert_int_equal(sscanf(rest, "+%d:%d", &h, &m), 2);
	return (((int64_t)timegm(&tm) - h * 3600 - m * 60) * 1000);
}

static struct cal_span
span(const char *text)
{
	struct cal_span s = { .unit = CAL_WORK };
	unsigned n;
	char unit;

	assert_int_equal(sscanf(text, "%u%c", &n, &unit), 2);
	s.n = n;
	if (unit == 'c')
		s.unit = CAL_CLOCK;
	else if (unit == 'd')
		s.unit = CAL_CALENDAR;
	else
		assert_int_equal(unit, 'w');
	return (s);
}

static void
ends_there(const char *rest)
{
	char from[32], how[16], to[32], got[CAL_TEXT];
	int64_t is;

	assert_int_equal(sscanf(rest, "%31s %15s %31s", from, how, to), 3);
	is = cal_deadline(&cal, NULL, instant(from), span(how));
	if (is != instant(to))
		fail_msg("%s and %s: %s, and not %s", from, how, to,
		    cal_text(is, got));
}

/* What stood still half-way ends at the same instant as what did not. */
static void
ends_there_after_a_rest(const char *rest)
{
	char from[32], how[16], to[32];
	struct cal_span s;
	int64_t half, left;

	assert_int_equal(sscanf(rest, "%31s %15s %31s", from, how, to), 3);
	s = span(how);
	if (s.unit == CAL_CALENDAR || s.n < 2)
		return;
	half = cal_deadline(&cal, NULL, instant(from),
	    (struct cal_span){ s.unit, s.n / 2 });
	left = cal_elapsed(&cal, NULL, s.unit, half, instant(to));
	assert_int_equal(left, ((int64_t)s.n - s.n / 2) * 60000);
	assert_int_equal(cal_resume(&cal, NULL, s.unit, half, left),
	    instant(to));
}

static void
test_holidays_of_sixteen_years_are_known(void **state)
{
	(void)state;
	assert_in_range(each("holiday", is_holiday), 140, 200);
}

static void
test_days_beside_holidays_are_for_work(void **state)
{
	(void)state;
	assert_in_range(each("workday", is_workday), 140, 200);
}

static void
test_more_than_two_hundred_terms_end_on_the_minute(void **state)
{
	(void)state;
	assert_in_range(each("term", ends_there), 200, 1000);
}

static void
test_a_term_that_rested_ends_where_it_would_have(void **state)
{
	(void)state;
	assert_in_range(each("term", ends_there_after_a_rest), 200, 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_holidays_of_sixteen_years_are_known),
		cmocka_unit_test(test_days_beside_holidays_are_for_work),
		cmocka_unit_test(
		    test_more_than_two_hundred_terms_end_on_the_minute),
		cmocka_unit_test(
		    test_a_term_that_rested_ends_where_it_would_have),
	};

	cal_init(&cal);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}

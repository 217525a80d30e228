/*
 * Terms beside a plain second way of counting them: any hours, also through
 * changes of the clock.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stddef.h>

#include <cmocka.h>

#include "life/day.h"

#define HOUR INT64_C(3600000)

static struct calendar cal;

static int64_t
at(const char *text)
{
	int64_t ms = 0;

	assert_true(cal_time_read(text, &ms));
	return (ms);
}

/* The plain way: every piece of every day by the clock of that day.  Return
 * where ${ms} of opening have gone by, or add up to ${*until} into ${*sum}. */
static int64_t
plainly(const struct hours *h, int64_t start, int64_t ms,
    const int64_t *until, int64_t *sum)
{
	int64_t in_day, first = day_of(start, &in_day), last = first + 400;

	if (until != NULL)
		last = day_of(*until, &in_day);
	for (int64_t day = first; day <= last; day++) {
		if (!h->holidays && cal_is_holiday(&cal, day_to_date(day)))
			continue;
		for (size_t i = 0; i < h->n; i++) {
			int64_t a = day_instant(day,
			    (int64_t)h->open[i].from_min * 60000);
			int64_t b = day_instant(day,
			    (int64_t)h->open[i].to_min * 60000);

			if (h->open[i].day != day_weekday(day))
				continue;
			if (a < start)
				a = start;
			if (until != NULL && b > *until)
				b = *until;
			if (b <= a)
				continue;
			if (until != NULL) {
				*sum += b - a;
				continue;
			}
			if (b - a >= ms)
				return (a + ms);
			ms -= b - a;
		}
	}
	return (INT64_MAX);
}

static void
any_hours(struct hours *h, uint32_t *seed, unsigned round)
{
	*h = (struct hours){ .holidays = round % 2 == 0 };
	while (h->n < 1 + round % 9) {
		struct hours_open *o = &h->open[h->n++];

		*seed = *seed * 1103515245u + 12345u;
		o->day = (uint8_t)((*seed >> 16) % 7);
		o->from_min = (uint16_t)((*seed >> 8) % 1440);
		o->to_min = round % 3 == 0 ? 1440
		    : (uint16_t)(*seed % 1441);
	}
}

/* Also through changes of the clock, and through hours that change skips or
 * repeats. */
static void
test_any_hours_end_where_the_plain_way_says(void **state)
{
	static const char *const from[] = { "2026-03-25 00:07",
		"2026-10-21 13:01", "2027-03-26 23:59", "2026-12-24 03:30",
		"2026-03-29 01:30", "2026-10-25 01:59" };
	uint32_t seed = 7;

	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		struct cal_span span = { CAL_WORK, 1 };
		struct hours h;
		int64_t start, end, sum = 0;

		any_hours(&h, &seed, round);
		span.n = (seed >> 4) % (round % 4 == 0 ? 60000 : 3000);
		start = at(from[round % 6]) + (int64_t)(seed % 9000) * 60000;
		end = cal_deadline(&cal, &h, start, span);
		if (span.n <= 0)
			assert_int_equal(end, start);
		else if (end < start + INT64_C(400) * 24 * HOUR)
			assert_int_equal(end, plainly(&h, start,
			    (int64_t)span.n * 60000, NULL, NULL));
		end = start + (int64_t)(seed >> 6) % 20000 * 61001;
		(void)plainly(&h, start, 0, &end, &sum);
		assert_int_equal(cal_elapsed(&cal, &h, CAL_WORK, start, end),
		    sum);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_any_hours_end_where_the_plain_way_says),
	};

	cal_init(&cal);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}

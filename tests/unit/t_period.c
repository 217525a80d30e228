/*
 * Periods: the months and quarters that are reported on.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/period.h"
#include "life/calendar.h"

static void
test_periods_are_months_and_quarters_by_the_clock_of_amsterdam(void **state)
{
	static const char *const bad[] = { "", "2026", "2026-13", "2026-00",
		"2026-1", "2026-Q5", "2026-Q0", "2026-q1", "26-01",
		"2026-010", "1969-01", "9999-01" };
	const struct cal_date before = { 2026, 3, 31 };
	struct period p;
	char text[32];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(period_parse(bad[i], &p));
	assert_true(period_parse("2026-Q1", &p));
	assert_string_equal(p.text, "2026-Q1");
	assert_int_equal(p.n, 3);
	assert_int_equal(p.months[2], 202603);
	/* Summer time has begun in it: it ends at 22:00 UTC. */
	assert_int_equal(p.until_ms, INT64_C(1774994400000));
	assert_false(period_is_over(&p, p.until_ms - 1));
	assert_true(period_is_over(&p, p.until_ms));
	assert_string_equal(period_label(&p, text, sizeof(text)),
	    "eerste kwartaal 2026");
	period_last(cal_local(before, 23 * 60 + 59), &p);
	assert_string_equal(p.text, "2026-02");
	period_last(cal_local(before, 24 * 60), &p);
	assert_string_equal(p.text, "2026-03");
	period_last(INT64_C(1767222000000), &p); /* the first of January */
	assert_string_equal(p.text, "2025-12");
	assert_string_equal(period_label(&p, text, sizeof(text)),
	    "december 2025");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_periods_are_months_and_quarters_by_the_clock_of_amsterdam),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

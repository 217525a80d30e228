/*
 * When somebody is told that a certificate ends.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sdk/keywatch.h"

#define DAY ((int64_t)24 * 3600 * 1000)
#define NOW ((int64_t)1764000000000)

static void
test_it_is_said_for_thirty_seven_one_and_no_days(void **state)
{
	static const struct {
		int64_t left_ms;
		int days;
	} rows[] = {
		{ 400 * DAY, -1 },
		{ 30 * DAY + 1, -1 },
		{ 30 * DAY, 30 },
		{ 7 * DAY + 1, 30 },
		{ 7 * DAY, 7 },
		{ DAY + 1, 7 },
		{ DAY, 1 },
		{ 1, 1 },
		{ 0, 0 },
		{ -DAY, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(keywatch_days(NOW + rows[i].left_ms, NOW),
		    rows[i].days);
}

static void
test_what_never_ends_is_never_said(void **state)
{
	(void)state;
	assert_int_equal(keywatch_days(0, NOW), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_it_is_said_for_thirty_seven_one_and_no_days),
		cmocka_unit_test(test_what_never_ends_is_never_said),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

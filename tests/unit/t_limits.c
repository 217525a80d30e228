/*
 * t_limits -- how fast, and how often refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "ketend/limits.h"

static void
test_a_burst_passes_and_then_the_rate_counts(void **state)
{
	struct limits *l = limits_new(10, 5, 100);
	struct org a = org_of("a"), b = org_of("b");

	(void)state;
	for (int i = 0; i < 5; i++)
		assert_true(limits_allow(l, &a, 1000));
	assert_false(limits_allow(l, &a, 1000));
	assert_true(limits_allow(l, &b, 1000)); /* each has its own */
	assert_false(limits_allow(l, &a, 1099));
	assert_true(limits_allow(l, &a, 1100));
	assert_false(limits_allow(l, &a, 1150));
	/* It fills to the burst and no further. */
	for (int i = 0; i < 5; i++)
		assert_true(limits_allow(l, &a, 999000));
	assert_false(limits_allow(l, &a, 999000));
	limits_free(l);
}

static void
test_a_day_has_a_budget_of_refusals(void **state)
{
	struct limits *l = limits_new(1000, 1000, 3);
	struct org a = org_of("a");

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_true(limits_allow(l, &a, 1000));
		limits_refused(l, &a, 1000);
	}
	assert_false(limits_allow(l, &a, 2000));
	assert_true(limits_allow(l, &a, 1000 + INT64_C(86400000)));
	limits_free(l);
	limits_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_burst_passes_and_then_the_rate_counts),
		cmocka_unit_test(test_a_day_has_a_budget_of_refusals),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

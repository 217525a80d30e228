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
		assert_true(limits_allow(l, &a, 0, 1000));
	assert_false(limits_allow(l, &a, 0, 1000));
	assert_true(limits_allow(l, &b, 0, 1000)); /* each has its own */
	assert_false(limits_allow(l, &a, 0, 1099));
	assert_true(limits_allow(l, &a, 0, 1100));
	assert_false(limits_allow(l, &a, 0, 1150));
	/* It fills to the burst and no further. */
	for (int i = 0; i < 5; i++)
		assert_true(limits_allow(l, &a, 0, 999000));
	assert_false(limits_allow(l, &a, 0, 999000));
	limits_free(l);
}

static void
test_a_day_has_a_budget_of_refusals(void **state)
{
	struct limits *l = limits_new(1000, 1000, 3);
	struct org a = org_of("a");

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_true(limits_allow(l, &a, 0, 1000));
		limits_refused(l, &a, 1000);
	}
	assert_false(limits_allow(l, &a, 0, 2000));
	assert_true(limits_is_spent(l, &a, 2000));
	assert_false(limits_is_spent(l, &a, 1000 + INT64_C(86400000)));
	assert_true(limits_allow(l, &a, 0, 1000 + INT64_C(86400000)));
	limits_free(l);
	limits_free(NULL);
}

static void
test_content_counts_by_its_length(void **state)
{
	struct limits *l = limits_new(10, 20, 100);
	struct org a = org_of("a"), b = org_of("b"), c = org_of("c");

	(void)state;
	for (int i = 0; i < 20; i++)
		assert_true(limits_allow(l, &a, LIMITS_CONTENT, 1000));
	assert_false(limits_allow(l, &a, 0, 1000));
	/* The largest there is counts sixteen times. */
	assert_true(limits_allow(l, &b, 16 * LIMITS_CONTENT, 1000));
	assert_false(limits_allow(l, &b, 5 * LIMITS_CONTENT, 1000));
	assert_true(limits_allow(l, &b, 4 * LIMITS_CONTENT, 1000));
	assert_false(limits_allow(l, &b, 0, 1000));
	/* And never more than a full bucket has. */
	assert_true(limits_allow(l, &c, 100 * LIMITS_CONTENT, 1000));
	assert_false(limits_allow(l, &c, 0, 1000));
	limits_free(l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_burst_passes_and_then_the_rate_counts),
		cmocka_unit_test(test_a_day_has_a_budget_of_refusals),
		cmocka_unit_test(test_content_counts_by_its_length),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

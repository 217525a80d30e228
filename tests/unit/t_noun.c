/*
 * One referral, two referrals.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/noun.h"

static void
test_only_one_is_singular(void **state)
{
	(void)state;
	assert_string_equal(noun_for(0, "dag", "dagen"), "dagen");
	assert_string_equal(noun_for(1, "dag", "dagen"), "dag");
	assert_string_equal(noun_for(2, "dag", "dagen"), "dagen");
	assert_string_equal(noun_for(UINT64_MAX, "dag", "dagen"), "dagen");
	assert_string_equal(noun_for((uint64_t)UINT32_MAX + 2, "dag",
	    "dagen"), "dagen");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_one_is_singular),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

/*
 * t_audit -- the auditor on a log in which nothing is wrong.
 */
#include "help/auditor.h"

static void
test_a_whole_log_is_verified_unwitnessed(void **state)
{
	struct auditor *a = *state;

	auditor_expect(a, a->c->dir, "verify --json", 10);
	assert_non_null(strstr(a->out, "\"findings\":0"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_whole_log_is_verified_unwitnessed),
	};

	return (cmocka_run_group_tests(tests, auditor_setup,
	    auditor_teardown));
}

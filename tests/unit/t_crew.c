/*
 * t_crew -- every job is done once, however many hands there are.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>

#include <cmocka.h>

#include "ketend/crew.h"

#define JOBS 5000

static atomic_int done[JOBS];

static void
job(void *cookie, size_t i)
{
	atomic_fetch_add((atomic_int *)cookie, 1);
	atomic_fetch_add(&done[i], 1);
}

static void
all_once(size_t helpers, size_t n)
{
	struct crew *c = crew_start(helpers);
	atomic_int count = 0;

	assert_non_null(c);
	for (int round = 1; round <= 50; round++) {
		for (size_t i = 0; i < n; i++)
			atomic_store(&done[i], 0);
		crew_run(c, n, job, &count);
		for (size_t i = 0; i < n; i++)
			assert_int_equal(atomic_load(&done[i]), 1);
		assert_int_equal(atomic_load(&count), (int)n * round);
	}
	crew_stop(c);
}

static void
test_alone_it_does_everything_itself(void **state)
{
	(void)state;
	all_once(0, JOBS);
}

static void
test_with_helpers_each_job_is_done_once(void **state)
{
	(void)state;
	all_once(1, JOBS);
	all_once(3, JOBS);
}

static void
test_few_jobs_and_none_are_fine(void **state)
{
	(void)state;
	for (size_t n = 0; n < 12; n++)
		all_once(2, n);
	crew_stop(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_alone_it_does_everything_itself),
		cmocka_unit_test(test_with_helpers_each_job_is_done_once),
		cmocka_unit_test(test_few_jobs_and_none_are_fine),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

/*
 * What the machine's clocks say, in milliseconds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "base/instant.h"

static void
test_the_time_of_day_is_that_of_the_system(void **state)
{
	int64_t before = (int64_t)time(NULL) * 1000, now, after;

	(void)state;
	now = instant_ms(CLOCK_REALTIME);
	after = (int64_t)time(NULL) * 1000 + 1000;
	/* time() may be a tick of the kernel behind. */
	assert_true(before <= now && now <= after + 20);
}

static void
test_the_other_clock_counts_milliseconds(void **state)
{
	const struct timespec rest = { .tv_nsec = 30 * 1000000L };
	int64_t began = instant_ms(CLOCK_MONOTONIC), took;

	(void)state;
	assert_int_equal(nanosleep(&rest, NULL), 0);
	took = instant_ms(CLOCK_MONOTONIC) - began;
	assert_true(took >= 29 && took < 60000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_time_of_day_is_that_of_the_system),
		cmocka_unit_test(test_the_other_clock_counts_milliseconds),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

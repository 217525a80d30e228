/*
 * t_clockwork -- a clock that is moved walks, and stops at each term.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "ketend/clockwork.h"

#define HOUR INT64_C(3600000)

static void
test_the_real_clock_goes_by_itself_and_cannot_be_moved(void **state)
{
	struct clockwork c;

	(void)state;
	assert_int_equal(clockwork_init(&c, CLOCKWORK_REAL, NULL), ERR_OK);
	assert_true(clockwork_turn(&c, INT64_MAX) > INT64_C(1700000000000));
	assert_int_equal(clockwork_send(&c, INT64_MAX), ERR_NOT_ALLOWED);
	assert_int_equal(clockwork_jump(&c, 1), ERR_NOT_ALLOWED);
	assert_false(clockwork_is_walking(&c));
}

static void
test_a_moved_clock_walks_an_hour_at_a_time(void **state)
{
	struct clockwork c;
	int64_t at;

	(void)state;
	assert_int_equal(clockwork_init(&c, CLOCKWORK_CONTROL, NULL), ERR_OK);
	at = clockwork_turn(&c, INT64_MAX);
	assert_int_equal(clockwork_turn(&c, INT64_MAX), at);
	assert_int_equal(clockwork_send(&c, at + 2 * HOUR + 5), ERR_OK);
	assert_true(clockwork_is_walking(&c));
	assert_int_equal(clockwork_turn(&c, INT64_MAX), at + HOUR);
	assert_int_equal(clockwork_turn(&c, INT64_MAX), at + 2 * HOUR);
	assert_int_equal(clockwork_turn(&c, INT64_MAX), at + 2 * HOUR + 5);
	assert_false(clockwork_is_walking(&c));
	assert_int_equal(clockwork_send(&c, at), ERR_NOT_ALLOWED);
}

static void
test_it_stops_at_the_minute_of_a_term(void **state)
{
	struct clockwork c;
	int64_t at;

	(void)state;
	assert_int_equal(clockwork_init(&c, CLOCKWORK_CONTROL, NULL), ERR_OK);
	at = clockwork_turn(&c, INT64_MAX);
	assert_int_equal(clockwork_send(&c, at + HOUR), ERR_OK);
	assert_int_equal(clockwork_turn(&c, at + 100), at + 100);
	/* The same term again, or one that has passed, holds nothing up. */
	assert_int_equal(clockwork_turn(&c, at + 100), at + HOUR);
}

static void
test_a_jump_goes_at_once_and_also_back(void **state)
{
	struct clockwork c;
	int64_t at;

	(void)state;
	assert_int_equal(clockwork_init(&c, CLOCKWORK_CONTROL, NULL), ERR_OK);
	at = clockwork_turn(&c, INT64_MAX);
	assert_int_equal(clockwork_jump(&c, at - 48 * HOUR), ERR_OK);
	assert_int_equal(clockwork_turn(&c, INT64_MAX), at - 48 * HOUR);
	assert_false(clockwork_is_walking(&c));
}

static void
write_ms(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	(void)fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

static void
test_a_file_moves_several_processes_alike(void **state)
{
	char path[] = "/tmp/t_clockwork-XXXXXX";
	int fd = mkstemp(path);
	struct clockwork c;

	(void)state;
	assert_true(fd != -1);
	(void)close(fd);
	assert_int_equal(clockwork_init(&c, CLOCKWORK_FILE, path), ERR_IO);
	write_ms(path, "1700000000000\n");
	assert_int_equal(clockwork_init(&c, CLOCKWORK_FILE, path), ERR_OK);
	assert_int_equal(clockwork_turn(&c, INT64_MAX),
	    INT64_C(1700000000000));
	write_ms(path, "1700000000500\n");
	assert_int_equal(clockwork_turn(&c, INT64_MAX),
	    INT64_C(1700000000500));
	/* In the middle of being written, or put back: it stands still. */
	write_ms(path, "");
	assert_int_equal(clockwork_turn(&c, INT64_MAX),
	    INT64_C(1700000000500));
	write_ms(path, "1600000000000\n");
	assert_int_equal(clockwork_turn(&c, INT64_MAX),
	    INT64_C(1700000000500));
	(void)unlink(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_the_real_clock_goes_by_itself_and_cannot_be_moved),
		cmocka_unit_test(test_a_moved_clock_walks_an_hour_at_a_time),
		cmocka_unit_test(test_it_stops_at_the_minute_of_a_term),
		cmocka_unit_test(test_a_jump_goes_at_once_and_also_back),
		cmocka_unit_test(test_a_file_moves_several_processes_alike),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

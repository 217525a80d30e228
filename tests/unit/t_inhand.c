/*
 * t_inhand -- a command that stopped the broker twice is not tried again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "ketend/inhand.h"

static const uint8_t lane[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
static char path[64];
static struct org who;

static int
setup(void **state)
{
	int fd;

	(void)state;
	who = org_of("lwdb-noord");
	(void)snprintf(path, sizeof(path), "/tmp/t_inhand-XXXXXX");
	fd = mkstemp(path);
	(void)close(fd);
	return (fd == -1);
}

static int
teardown(void **state)
{
	(void)state;
	return (unlink(path));
}

/* A process that ends with this command in hand. */
static void
die_with(uint64_t number)
{
	struct inhand *in;
	int status;
	pid_t pid = fork();

	assert_true(pid != -1);
	if (pid == 0) {
		if (inhand_open(path, &in) != ERR_OK)
			_exit(1);
		inhand_take(in, &who, lane, number);
		abort();
	}
	assert_true(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status));
}

static bool
is_poison(uint64_t number)
{
	struct inhand *in = NULL;
	bool poison;

	assert_int_equal(inhand_open(path, &in), ERR_OK);
	poison = inhand_is_poison(in, &who, lane, number);
	inhand_close(in);
	return (poison);
}

static void
test_once_is_an_accident_and_twice_is_poison(void **state)
{
	(void)state;
	assert_false(is_poison(7));
	die_with(7);
	assert_false(is_poison(7));
	die_with(7);
	assert_true(is_poison(7));
	assert_false(is_poison(8));
}

static void
test_another_command_between_does_not_clear_it(void **state)
{
	(void)state;
	die_with(7);
	die_with(9);
	die_with(7);
	assert_true(is_poison(7));
	assert_false(is_poison(9));
}

static void
test_a_command_that_has_its_outcome_is_suspected_no_more(void **state)
{
	struct inhand *in = NULL;

	(void)state;
	die_with(7);
	assert_int_equal(inhand_open(path, &in), ERR_OK);
	inhand_forget(in, &who, lane, 7);
	inhand_close(in);
	die_with(7);
	assert_false(is_poison(7));
}

static void
test_a_good_end_blames_nobody(void **state)
{
	struct inhand *in = NULL;

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(inhand_open(path, &in), ERR_OK);
		inhand_take(in, &who, lane, 7);
		inhand_close(in);
	}
	assert_false(is_poison(7));
}

static void
test_only_the_last_fifteen_are_remembered(void **state)
{
	(void)state;
	die_with(7);
	for (uint64_t i = 100; i < 115; i++)
		die_with(i);
	die_with(7);
	assert_false(is_poison(7));
	die_with(114);
	assert_true(is_poison(114));
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_once_is_an_accident_and_twice_is_poison),
		T(test_another_command_between_does_not_clear_it),
		T(test_a_command_that_has_its_outcome_is_suspected_no_more),
		T(test_a_good_end_blames_nobody),
		T(test_only_the_last_fifteen_are_remembered),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

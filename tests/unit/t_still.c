/*
 * A log that gives receipts and does not move is noticed, also by the next
 * program; one that moves is not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "sdk/still.h"

#define BOUND_MS 120000

static const uint8_t key[32] = { 4, 2 };

struct fixture {
	char dir[64];
	struct spool *spool;
	struct arena *a;
};

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	(void)snprintf(f->dir, sizeof(f->dir), "/tmp/keten-still-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	f->a = arena_new(1 << 20);
	assert_int_equal(spool_open(f->dir, 16 << 20, key, &f->spool), ERR_OK);
	*state = f;
	return (0);
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;
	char command[96];

	spool_close(f->spool);
	arena_free(f->a);
	(void)snprintf(command, sizeof(command), "rm -r %s", f->dir);
	assert_int_equal(system(command), 0);
	free(f);
	return (0);
}

static void
saw(struct fixture *f, uint64_t index, uint64_t covered, int64_t now_ms)
{
	struct spool_txn *t = NULL;

	assert_int_equal(spool_begin(f->spool, true, &t), ERR_OK);
	assert_int_equal(still_saw(t, f->a, index, covered, now_ms), ERR_OK);
	assert_int_equal(spool_commit(&t), ERR_OK);
}

static void
covered(struct fixture *f, uint64_t size, int64_t now_ms)
{
	struct spool_txn *t = NULL;

	assert_int_equal(spool_begin(f->spool, true, &t), ERR_OK);
	assert_int_equal(still_covered(t, f->a, size, now_ms), ERR_OK);
	assert_int_equal(spool_commit(&t), ERR_OK);
}

static bool
is_long(struct fixture *f, int64_t now_ms)
{
	struct spool_txn *t = NULL;
	struct still s;

	assert_int_equal(spool_begin(f->spool, false, &t), ERR_OK);
	assert_int_equal(still_read(t, f->a, &s), ERR_OK);
	spool_abort(&t);
	return (still_is_long(&s, BOUND_MS, now_ms));
}

static void
test_nothing_waits_at_first(void **state)
{
	assert_false(is_long(*state, INT64_MAX / 2));
}

static void
test_what_is_not_covered_in_time_is_too_long(void **state)
{
	struct fixture *f = *state;

	saw(f, 17, 17, 1000);
	assert_false(is_long(f, 1000 + BOUND_MS));
	assert_true(is_long(f, 1001 + BOUND_MS));
	/* What comes later does not make it younger. */
	saw(f, 18, 17, 100000);
	assert_true(is_long(f, 1001 + BOUND_MS));
	/* It stands in the spool. */
	spool_close(f->spool);
	assert_int_equal(spool_open(f->dir, 16 << 20, key, &f->spool), ERR_OK);
	assert_true(is_long(f, 1001 + BOUND_MS));
	covered(f, 19, 1002 + BOUND_MS);
	assert_false(is_long(f, INT64_MAX / 2));
}

static void
test_what_is_covered_already_waits_for_nothing(void **state)
{
	saw(*state, 5, 6, 1000);
	assert_false(is_long(*state, INT64_MAX / 2));
}

static void
test_a_log_that_moves_slowly_is_not_still(void **state)
{
	struct fixture *f = *state;
	int64_t now = 1000;

	/* Always one behind, for hours. */
	saw(f, 1, 1, now);
	for (uint64_t i = 2; i < 100; i++) {
		now += BOUND_MS;
		saw(f, i, i - 1, now);
		covered(f, i, now);
		assert_false(is_long(f, now + BOUND_MS));
	}
	assert_true(is_long(f, now + BOUND_MS + 1));
}

static void
test_a_checkpoint_that_does_not_reach_it_does_not_help(void **state)
{
	struct fixture *f = *state;

	saw(f, 30, 10, 1000);
	covered(f, 20, 50000);
	covered(f, 30, 60000);
	assert_true(is_long(f, 1001 + BOUND_MS));
	covered(f, 31, 70000);
	assert_false(is_long(f, INT64_MAX / 2));
}

static void
test_records_of_before_do_not_count(void **state)
{
	struct fixture *f = *state;

	saw(f, 30, 10, 1000);
	covered(f, 31, 2000);
	saw(f, 12, 31, 3000); /* a resync */
	assert_false(is_long(f, INT64_MAX / 2));
}

static void
test_no_number_that_a_broker_shows_makes_it_look_as_if_nothing_waits(
    void **state)
{
	struct fixture *f = *state;

	saw(f, UINT64_MAX, 10, 1000);
	assert_true(is_long(f, 1001 + BOUND_MS));
	saw(f, 30, 10, 2000);
	covered(f, 31, 3000);
	assert_true(is_long(f, 3001 + BOUND_MS));
}

static void
test_another_tree_is_not_measured_by_the_one_before(void **state)
{
	struct fixture *f = *state;
	struct spool_txn *t = NULL;

	saw(f, 300, 10, 1000);
	assert_int_equal(spool_begin(f->spool, true, &t), ERR_OK);
	assert_int_equal(still_forget(t), ERR_OK);
	assert_int_equal(spool_commit(&t), ERR_OK);
	assert_false(is_long(f, INT64_MAX / 2));
	saw(f, 30, 20, 5000);
	assert_true(is_long(f, 5001 + BOUND_MS));
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(test_nothing_waits_at_first),
		WITH(test_what_is_not_covered_in_time_is_too_long),
		WITH(test_what_is_covered_already_waits_for_nothing),
		WITH(test_a_log_that_moves_slowly_is_not_still),
		WITH(test_a_checkpoint_that_does_not_reach_it_does_not_help),
		WITH(test_records_of_before_do_not_count),
		WITH(
		  test_no_number_that_a_broker_shows_makes_it_look_as_if_nothing_waits),
		WITH(test_another_tree_is_not_measured_by_the_one_before),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

/*
 * t_names -- a map that is right after many comings and goings.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ketend/names.h"

#define MANY 3000

static int things[MANY];

static void
test_what_is_put_is_found_and_what_is_removed_is_not(void **state)
{
	struct names *m = names_new();

	(void)state;
	assert_non_null(m);
	for (uint32_t i = 0; i < MANY; i++)
		assert_int_equal(names_put(m, &i, sizeof(i), &things[i]),
		    ERR_OK);
	assert_int_equal(names_count(m), MANY);
	for (uint32_t i = 0; i < MANY; i += 2)
		assert_ptr_equal(names_remove(m, &i, sizeof(i)), &things[i]);
	for (uint32_t i = 0; i < MANY; i++)
		assert_ptr_equal(names_get(m, &i, sizeof(i)),
		    i % 2 == 0 ? NULL : &things[i]);
	assert_int_equal(names_count(m), MANY / 2);
	names_free(m);
}

static void
test_one_place_used_over_and_over_does_not_fill_it(void **state)
{
	struct names *m = names_new();
	uint64_t key;

	(void)state;
	for (key = 0; key < 100000; key++) {
		assert_int_equal(names_put(m, &key, sizeof(key), &things[0]),
		    ERR_OK);
		assert_ptr_equal(names_remove(m, &key, sizeof(key)),
		    &things[0]);
		assert_null(names_get(m, &key, sizeof(key)));
	}
	assert_int_equal(names_count(m), 0);
	names_free(m);
}

static void
test_putting_again_takes_the_place(void **state)
{
	struct names *m = names_new();

	(void)state;
	assert_int_equal(names_put(m, "a", 1, &things[1]), ERR_OK);
	assert_int_equal(names_put(m, "a", 1, &things[2]), ERR_OK);
	assert_ptr_equal(names_get(m, "a", 1), &things[2]);
	assert_null(names_get(m, "ab", 2));
	assert_int_equal(names_count(m), 1);
	names_free(m);
}

static void
test_a_key_that_is_too_long_is_refused(void **state)
{
	struct names *m = names_new();
	char key[NAMES_KEY + 1] = "x";

	(void)state;
	assert_int_equal(names_put(m, key, sizeof(key), &things[0]),
	    ERR_FULL);
	assert_null(names_get(m, key, sizeof(key)));
	assert_null(names_remove(m, key, sizeof(key)));
	assert_int_equal(names_put(m, key, NAMES_KEY, &things[0]), ERR_OK);
	names_free(m);
}

static void
test_a_walk_meets_each_once_and_may_remove(void **state)
{
	struct names *m = names_new();
	size_t at = 0, n = 0;
	int *thing;

	(void)state;
	for (uint32_t i = 0; i < 500; i++)
		assert_int_equal(names_put(m, &i, sizeof(i), &things[i]),
		    ERR_OK);
	memset(things, 0, sizeof(things));
	while ((thing = names_next(m, &at)) != NULL) {
		uint32_t key = (uint32_t)(thing - things);

		assert_int_equal((*thing)++, 0);
		assert_ptr_equal(names_remove(m, &key, sizeof(key)), thing);
		n++;
	}
	assert_int_equal(n, 500);
	assert_int_equal(names_count(m), 0);
	names_free(m);
	names_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_what_is_put_is_found_and_what_is_removed_is_not),
		cmocka_unit_test(
		    test_one_place_used_over_and_over_does_not_fill_it),
		cmocka_unit_test(test_putting_again_takes_the_place),
		cmocka_unit_test(test_a_key_that_is_too_long_is_refused),
		cmocka_unit_test(test_a_walk_meets_each_once_and_may_remove),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

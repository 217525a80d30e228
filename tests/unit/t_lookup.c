/*
 * Numbers by key: all that were put in are found, and nothing else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "policy/lookup.h"

static void
test_every_key_is_found_and_no_other(void **state)
{
	struct lookup *l = lookup_new();
	uint32_t v;

	(void)state;
	assert_non_null(l);
	for (uint32_t i = 0; i < 20000; i++) {
		uint32_t key[3] = { i / 100, i % 100, 7 };

		assert_int_equal(lookup_put(l, key, sizeof(key), i), ERR_OK);
	}
	for (uint32_t i = 0; i < 20000; i++) {
		uint32_t key[3] = { i / 100, i % 100, 7 };

		assert_true(lookup_get(l, key, sizeof(key), &v));
		assert_int_equal(v, i);
		key[2] = 8;
		assert_false(lookup_get(l, key, sizeof(key), &v));
		assert_false(lookup_get(l, key, sizeof(key) - 1, &v));
	}
	lookup_free(l);
}

static void
test_the_last_value_counts(void **state)
{
	struct lookup *l = lookup_new();
	uint32_t v = 0;

	(void)state;
	assert_int_equal(lookup_put_name(l, 'p', "welzijn-w", 1), ERR_OK);
	assert_int_equal(lookup_put_name(l, 'p', "welzijn-w", 2), ERR_OK);
	assert_int_equal(lookup_put_name(l, 'n', "welzijn-w", 3), ERR_OK);
	assert_int_equal(lookup_put_name(l, 'p', "", 4), ERR_OK);
	assert_true(lookup_get_name(l, 'p', "welzijn-w", &v));
	assert_int_equal(v, 2);
	assert_true(lookup_get_name(l, 'n', "welzijn-w", &v));
	assert_int_equal(v, 3);
	assert_true(lookup_get_name(l, 'p', "", &v));
	assert_int_equal(v, 4);
	assert_false(lookup_get_name(l, 'n', "", &v));
	assert_false(lookup_get_name(l, 'p', "welzijn-", &v));
	lookup_free(l);
}

/* There are no bytes to keep or to compare then, not even of other keys. */
static void
test_an_empty_name_may_be_the_first_and_the_only_one(void **state)
{
	struct lookup *l = lookup_new();
	uint32_t v = 0;

	(void)state;
	assert_false(lookup_get_name(l, 'p', "", &v));
	assert_int_equal(lookup_put_name(l, 'p', "", 4), ERR_OK);
	assert_int_equal(lookup_put_name(l, 'p', "", 5), ERR_OK);
	assert_true(lookup_get_name(l, 'p', "", &v));
	assert_int_equal(v, 5);
	assert_false(lookup_get(l, NULL, 0, &v));
	lookup_free(l);
}

static void
test_a_name_that_nobody_can_have_is_not_there(void **state)
{
	struct lookup *l = lookup_new();
	char name[200];
	uint32_t v;

	(void)state;
	memset(name, 'a', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(lookup_put_name(l, 'p', name, 1), ERR_OK);
	assert_false(lookup_get_name(l, 'p', name, &v));
	lookup_free(l);
	lookup_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_key_is_found_and_no_other),
		cmocka_unit_test(test_the_last_value_counts),
		cmocka_unit_test(
		    test_an_empty_name_may_be_the_first_and_the_only_one),
		cmocka_unit_test(
		    test_a_name_that_nobody_can_have_is_not_there),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

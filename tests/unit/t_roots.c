/*
 * t_roots -- a root is known by everything that was checked, and by no less.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ketend/roots.h"

static const uint8_t key[SIGN_PUB] = { 1, 2, 3 };

static struct envelope
batch(uint8_t a, uint8_t b)
{
	struct envelope e = { .is_batch = true, .n = 7, .root = { a, b },
		.signature = { 9 } };

	return (e);
}

static void
test_a_root_is_known_once_it_was_added(void **state)
{
	struct roots *r = roots_new();
	struct envelope e = batch(0, 0), other;

	(void)state;
	assert_non_null(r);
	assert_false(roots_has(r, &e, key));
	roots_add(r, &e, key);
	assert_true(roots_has(r, &e, key));
	other = e;
	other.at = 3; /* another place in the same batch */
	assert_true(roots_has(r, &other, key));
	roots_free(r);
}

static void
test_what_differs_in_anything_is_not_known(void **state)
{
	static const uint8_t foreign[SIGN_PUB] = { 1, 2, 4 };
	struct roots *r = roots_new();
	struct envelope e = batch(5, 6), other;

	(void)state;
	roots_add(r, &e, key);
	assert_false(roots_has(r, &e, foreign));
	other = e;
	other.n++;
	assert_false(roots_has(r, &other, key));
	other = e;
	other.root[31] ^= 1;
	assert_false(roots_has(r, &other, key));
	other = e;
	other.signature[63] ^= 1;
	assert_false(roots_has(r, &other, key));
	roots_free(r);
}

static void
test_a_root_in_the_same_place_pushes_the_older_one_out(void **state)
{
	struct roots *r = roots_new();
	struct envelope e = batch(5, 6), other = batch(5, 6);

	(void)state;
	other.root[31] = 1;
	roots_add(r, &e, key);
	roots_add(r, &other, key);
	assert_true(roots_has(r, &other, key));
	assert_false(roots_has(r, &e, key));
	roots_free(r);
	roots_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_root_is_known_once_it_was_added),
		cmocka_unit_test(test_what_differs_in_anything_is_not_known),
		cmocka_unit_test(
		    test_a_root_in_the_same_place_pushes_the_older_one_out),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

/*
 * A policy that names a key of the log comes into force only if the broker can
 * sign as it says.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ketend/logkey.h"
#include "trust/note.h"

#define ORIGIN "keten.example/noord"

static struct signer *signer[3];
static char vkey[3][NOTE_VKEY_MAX];

static int
setup(void **state)
{
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		uint8_t seed[SIGN_SEED];
		struct note_key key;

		memset(seed, (int)i + 1, sizeof(seed));
		signer[i] = sign_new(seed);
		if (signer[i] == NULL ||
		    note_key_make(ORIGIN, NOTE_LOG, sign_public(signer[i]),
			&key) != ERR_OK)
			return (-1);
		(void)note_key_format(&key, vkey[i]);
	}
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	for (size_t i = 0; i < 3; i++)
		sign_free(signer[i]);
	return (0);
}

/* With keys ${a} and ${b} (-1: none), from key ${old} to ${next}, ${former}. */
static enum err
change(int a, int b, int old, int next, int former)
{
	Keten__V1__Policy was = KETEN__V1__POLICY__INIT,
			  is = KETEN__V1__POLICY__INIT;
	char *list[1];
	struct logkey keys;
	const char *why = NULL;
	enum err err;

	if (old >= 0)
		was.log_vkey = vkey[old];
	if (next >= 0)
		is.log_vkey = vkey[next];
	if (former >= 0) {
		list[0] = vkey[former];
		is.former_log_vkey = list;
		is.n_former_log_vkey = 1;
	}
	logkey_init(&keys, ORIGIN, signer[a], b < 0 ? NULL : signer[b]);
	err = logkey_check(&keys, &was, &is, &why);
	assert_int_equal(err == ERR_OK, why == NULL);
	return (err);
}

static void
test_without_a_name_there_is_nothing_to_compare(void **state)
{
	(void)state;
	assert_int_equal(change(0, -1, -1, -1, -1), ERR_OK);
}

static void
test_the_key_that_is_named_has_to_be_there(void **state)
{
	(void)state;
	assert_int_equal(change(0, -1, -1, 0, -1), ERR_OK);
	assert_int_equal(change(0, -1, -1, 1, -1), ERR_CONFIG);
	assert_int_equal(change(0, 1, -1, 1, -1), ERR_OK);
	assert_int_equal(change(0, 1, -1, 2, -1), ERR_CONFIG);
}

static void
test_another_key_needs_both_and_names_both(void **state)
{
	(void)state;
	assert_int_equal(change(0, 1, 0, 1, 0), ERR_OK);
	assert_int_equal(change(1, 0, 0, 1, 0), ERR_OK);
	assert_int_equal(change(1, -1, 0, 1, 0), ERR_CONFIG);
	assert_int_equal(change(0, -1, 0, 1, 0), ERR_CONFIG);
	assert_int_equal(change(0, 1, 0, 1, -1), ERR_CONFIG);
	assert_int_equal(change(0, 1, 0, 1, 2), ERR_CONFIG);
	assert_int_equal(change(1, 2, 0, 1, 0), ERR_CONFIG);
}

static void
test_afterwards_one_key_is_enough(void **state)
{
	(void)state;
	assert_int_equal(change(1, -1, 1, 1, 0), ERR_OK);
	assert_int_equal(change(0, -1, 1, 1, 0), ERR_CONFIG);
}

static void
test_a_name_is_not_left_out_again(void **state)
{
	(void)state;
	assert_int_equal(change(0, -1, 0, -1, -1), ERR_CONFIG);
}

static void
test_the_key_of_another_log_is_none(void **state)
{
	Keten__V1__Policy is = KETEN__V1__POLICY__INIT;
	struct logkey keys;
	const char *why = "";

	(void)state;
	is.log_vkey = vkey[0];
	logkey_init(&keys, "keten.example/zuid", signer[0], NULL);
	assert_int_equal(logkey_check(&keys, NULL, &is, &why), ERR_CONFIG);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_without_a_name_there_is_nothing_to_compare),
		cmocka_unit_test(test_the_key_that_is_named_has_to_be_there),
		cmocka_unit_test(test_another_key_needs_both_and_names_both),
		cmocka_unit_test(test_afterwards_one_key_is_enough),
		cmocka_unit_test(test_a_name_is_not_left_out_again),
		cmocka_unit_test(test_the_key_of_another_log_is_none),
	};

	return (cmocka_run_group_tests(tests, setup, teardown));
}

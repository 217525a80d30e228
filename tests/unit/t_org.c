/*
 * The ids of referrals, whole and as people type them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/org.h"

#define ID "01890a5d-ac96-774b-bcce-b302099a8057"

static void
test_what_is_written_is_read_again(void **state)
{
	char text[REFID_TEXT];
	struct refid id;

	(void)state;
	assert_true(refid_parse(ID, &id));
	assert_string_equal(refid_text(&id, text), ID);
	assert_false(refid_parse("01890a5d", &id));
	assert_string_equal(refid_text(&id, text), ID);
}

static void
test_a_beginning_is_digits_with_dashes_or_without(void **state)
{
	static const char *const good[] = { "01890a5d", "01890A5D-AC",
		"01890a5dac96774", ID, "0" };
	static const char *const bad[] = { "", "-", "01890a5x", ID "0" };
	struct refid id, begin;
	size_t digits;

	(void)state;
	assert_true(refid_parse(ID, &id));
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(refid_begin(good[i], &begin, &digits));
		assert_true(refid_begins(&id, &begin, digits));
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(refid_begin(bad[i], &begin, &digits));
}

static void
test_each_digit_counts(void **state)
{
	static const char hex[] = "0123456789abcdef";
	char text[REFID_TEXT];
	struct refid id, begin;
	size_t digits, all;

	(void)state;
	assert_true(refid_parse(ID, &id));
	for (size_t at = 0; at < sizeof(text) - 1; at++) {
		(void)refid_text(&id, text);
		if (text[at] == '-')
			continue;
		text[at] = text[at] == hex[3] ? hex[4] : hex[3];
		text[at + 1] = '\0';
		assert_true(refid_begin(text, &begin, &digits));
		assert_false(refid_begins(&id, &begin, digits));
		/* The rest of it still fits. */
		assert_true(refid_begins(&id, &begin, digits - 1));
		all = digits;
	}
	assert_int_equal(all, 32);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_written_is_read_again),
		cmocka_unit_test(
		    test_a_beginning_is_digits_with_dashes_or_without),
		cmocka_unit_test(test_each_digit_counts),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

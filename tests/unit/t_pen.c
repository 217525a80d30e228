#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/pen.h"

static void
test_text_that_fits_is_whole(void **state)
{
	char buf[8];
	struct pen p = { buf, sizeof(buf), 0 };

	(void)state;
	pen_put(&p, "%s", "abc");
	pen_put(&p, "%d", 1234);
	assert_string_equal(buf, "abc1234");
	assert_int_equal(pen_len(&p), 7);
	assert_int_equal(p.len, 7);
}

static void
test_text_that_does_not_fit_is_cut_and_counted(void **state)
{
	char buf[8];
	struct pen p = { buf, sizeof(buf), 0 };

	(void)state;
	pen_put(&p, "%s", "abcdefgh");
	pen_put(&p, "%s", "ij");
	assert_string_equal(buf, "abcdefg");
	assert_int_equal(pen_len(&p), 7);
	assert_int_equal(p.len, 10);
}

static void
test_without_a_buffer_it_only_counts(void **state)
{
	struct pen p = { NULL, 0, 0 };

	(void)state;
	pen_put(&p, "%s", "abc");
	assert_int_equal(p.len, 3);
	assert_int_equal(pen_len(&p), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text_that_fits_is_whole),
		cmocka_unit_test(
		    test_text_that_does_not_fit_is_cut_and_counted),
		cmocka_unit_test(test_without_a_buffer_it_only_counts),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

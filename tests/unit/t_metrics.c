/*
 * t_metrics -- text that Prometheus can read, and nothing of anybody in it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "ketend/metrics.h"

static void
test_every_number_has_help_type_and_value(void **state)
{
	struct metrics m = { .records = 42, .connections = 7 };
	char text[16384];

	(void)state;
	m.refusals[12] = 3;
	assert_true(metrics_text(&m, text, sizeof(text)) < sizeof(text) - 1);
	assert_non_null(strstr(text, "# TYPE keten_records_total counter\n"
	    "keten_records_total 42\n"));
	assert_non_null(strstr(text, "# TYPE keten_connections gauge\n"
	    "keten_connections 7\n"));
	assert_non_null(strstr(text,
	    "keten_refusals_total{code=\"CONFLICT\"} 3\n"));
	assert_non_null(strstr(text, "keten_without_holder 0\n"));
}

static void
test_what_does_not_fit_is_cut(void **state)
{
	struct metrics m = { .records = 42 };
	char text[100];

	(void)state;
	assert_int_equal(metrics_text(&m, text, sizeof(text)), 99);
	assert_int_equal(strlen(text), 99);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_number_has_help_type_and_value),
		cmocka_unit_test(test_what_does_not_fit_is_cut),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "map/csv.h"

static void
read_ok(const char *text, struct csv_table *t)
{
	struct map_trouble trouble;

	assert_int_equal(csv_read(text, strlen(text), t, &trouble), ERR_OK);
}

static void
read_bad(const char *text, size_t len, const char *says)
{
	struct map_trouble trouble;
	struct csv_table t;

	assert_int_equal(csv_read(text, len, &t, &trouble), ERR_MALFORMED);
	if (strstr(trouble.text, says) == NULL)
		fail_msg("'%s' not in '%s'", says, trouble.text);
}

static void
test_semicolons_and_commas_are_told_apart(void **state)
{
	struct csv_table t;

	(void)state;
	read_ok("a;b;c\n1;2,5;3\n", &t);
	assert_int_equal(t.n, 2);
	assert_string_equal(t.cells[1][1], "2,5");
	csv_table_fini(&t);
	read_ok("a,b\r\n1,x;y\r\n", &t);
	assert_string_equal(t.cells[1][1], "x;y");
	csv_table_fini(&t);
}

static void
test_a_byte_order_mark_and_quotes_are_no_part_of_a_cell(void **state)
{
	struct csv_table t;

	(void)state;
	read_ok("\xef\xbb\xbf\"naam\";\"tekst\"\r\n\"Jan \"\"Jas\"\" Jong\";"
	    "\"twee\r\nregels\"\r\n", &t);
	assert_string_equal(t.cells[0][0], "naam");
	assert_string_equal(t.cells[1][0], "Jan \"Jas\" Jong");
	assert_string_equal(t.cells[1][1], "twee\r\nregels");
	csv_table_fini(&t);
}

static void
test_a_separator_in_a_quoted_header_does_not_count(void **state)
{
	struct csv_table t;

	(void)state;
	read_ok("\"a;b;c;d\",e\n1,2\n", &t);
	assert_int_equal(t.width[0], 2);
	csv_table_fini(&t);
}

static void
test_empty_lines_are_left_out_and_short_rows_filled_up(void **state)
{
	struct csv_table t;

	(void)state;
	read_ok("a;b;c\n\n;;\n1\n", &t);
	assert_int_equal(t.n, 2);
	assert_int_equal(t.width[1], 3);
	assert_string_equal(t.cells[1][2], "");
	csv_table_fini(&t);
}

static void
test_windows_1252_becomes_utf8(void **state)
{
	struct csv_table t;

	(void)state;
	read_ok("naam\nCaf\xe9 \x80\n", &t);
	assert_string_equal(t.cells[1][0], "Caf\xc3\xa9 \xe2\x82\xac");
	csv_table_fini(&t);
}

static void
test_what_is_no_table_is_refused_in_dutch(void **state)
{
	(void)state;
	read_bad("a;b\n\"1;2\n", 8, "aanhalingsteken");
	read_bad("a;b\n1;2;3\n", 10, "meer kolommen dan de kop");
	read_bad("a\0b\n", 4, "nultekens");
}

static void
test_a_table_that_is_too_long_is_refused(void **state)
{
	size_t n = CSV_ROWS_MAX + 10;
	char *text = malloc(2 * n + 1);

	(void)state;
	for (size_t i = 0; i < n; i++)
		memcpy(text + 2 * i, "a\n", 2);
	read_bad(text, 2 * n, "regels");
	for (size_t i = 0; i < 2 * n; i++)
		text[i] = ';';
	read_bad(text, 2 * n, "kolommen");
	free(text);
}

static void
test_writing_is_quoted_and_safe_from_formulas(void **state)
{
	struct csv_text t = {0};

	(void)state;
	csv_begin(&t);
	csv_cell(&t, "=1+1");
	csv_cell(&t, "zeg \"ja\"");
	csv_cell(&t, NULL);
	csv_cell(&t, "-5");
	csv_end_row(&t);
	csv_cell(&t, "@a");
	csv_cell(&t, "+b");
	csv_end_row(&t);
	assert_false(t.failed);
	assert_string_equal(t.p, "\xef\xbb\xbf\"'=1+1\";\"zeg \"\"ja\"\"\";"
	    "\"\";\"'-5\"\r\n\"'@a\";\"'+b\"\r\n");
	csv_text_fini(&t);
}

static void
test_what_is_written_reads_back(void **state)
{
	static const char *const cells[] = {"=x", "a;b", "\"", "regel\r\nen",
	    "é", "+31 6"};
	struct csv_text w = {0};
	struct csv_table t;

	(void)state;
	csv_begin(&w);
	for (size_t i = 0; i < 6; i++)
		csv_cell(&w, "k");
	csv_end_row(&w);
	for (size_t i = 0; i < 6; i++)
		csv_cell(&w, cells[i]);
	csv_end_row(&w);
	read_ok(w.p, &t);
	for (size_t i = 0; i < 6; i++)
		assert_string_equal(t.cells[1][i], cells[i]);
	csv_table_fini(&t);
	csv_text_fini(&w);
}

static void
test_only_valid_utf8_is_called_utf8(void **state)
{
	(void)state;
	assert_true(csv_is_utf8("caf\xc3\xa9", 5));
	assert_true(csv_is_utf8("\xf0\x9f\x98\x80", 4));
	assert_false(csv_is_utf8("\xc3", 1));
	assert_false(csv_is_utf8("\xc0\x80", 2));
	assert_false(csv_is_utf8("\xed\xa0\x80", 3));
	assert_false(csv_is_utf8("\xf4\x90\x80\x80", 4));
	assert_false(csv_is_utf8("a\0b", 3));
}

/* A fixed generator, so that a failure comes again. */
static uint32_t
next(uint32_t *s)
{
	*s = *s * 1664525u + 1013904223u;
	return (*s >> 8);
}

static void
test_noise_is_read_or_refused_but_never_breaks(void **state)
{
	static const char from[] = "\";,\r\n\tab=+-@'\xc3\xa9\xff";
	char text[200];
	uint32_t seed = 7;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		struct map_trouble trouble;
		struct csv_table t;
		size_t n = next(&seed) % sizeof(text);

		for (size_t j = 0; j < n; j++)
			text[j] = from[next(&seed) % (sizeof(from) - 1)];
		if (csv_read(text, n, &t, &trouble) == ERR_OK)
			csv_table_fini(&t);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_semicolons_and_commas_are_told_apart),
	    cmocka_unit_test(
		test_a_byte_order_mark_and_quotes_are_no_part_of_a_cell),
	    cmocka_unit_test(
		test_a_separator_in_a_quoted_header_does_not_count),
	    cmocka_unit_test(
		test_empty_lines_are_left_out_and_short_rows_filled_up),
	    cmocka_unit_test(test_windows_1252_becomes_utf8),
	    cmocka_unit_test(test_what_is_no_table_is_refused_in_dutch),
	    cmocka_unit_test(test_a_table_that_is_too_long_is_refused),
	    cmocka_unit_test(test_writing_is_quoted_and_safe_from_formulas),
	    cmocka_unit_test(test_what_is_written_reads_back),
	    cmocka_unit_test(test_only_valid_utf8_is_called_utf8),
	    cmocka_unit_test(
		test_noise_is_read_or_refused_but_never_breaks),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

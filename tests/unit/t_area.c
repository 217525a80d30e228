/*
 * CBS codes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/area.h"

static void
test_codes_have_the_shape_of_the_cbs(void **state)
{
	static const char *const bad[] = { "", "GM", "GM085", "GM08555",
		"GM08A5", "gm0855", "WK0855", "WK08550", "WK0855011",
		"WK08a501", "WK0855a1", "BU085501", "BU085501011", "XX0855",
		"WK08 501", "WK-85501", "GM0855 " };

	(void)state;
	assert_int_equal(area_kind("GM0855"), AREA_GM);
	assert_int_equal(area_kind("WK085501"), AREA_WK);
	assert_int_equal(area_kind("WK0855AA"), AREA_WK);
	assert_int_equal(area_kind("BU08550101"), AREA_BU);
	assert_int_equal(area_kind("BU085501A1"), AREA_BU);
	assert_int_equal(area_kind(NULL), AREA_NONE);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (area_is_valid(bad[i]))
			fail_msg("'%s' was taken", bad[i]);
}

static void
test_containment_is_the_prefix_after_the_letters(void **state)
{
	(void)state;
	assert_true(area_contains("GM0855", "WK085501"));
	assert_true(area_contains("GM0855", "BU08550101"));
	assert_true(area_contains("WK085501", "BU08550101"));
	assert_true(area_contains("WK085501", "WK085501"));
	assert_false(area_contains("WK085501", "GM0855"));
	assert_false(area_contains("WK085501", "BU08550201"));
	assert_false(area_contains("GM0856", "WK085501"));
	assert_false(area_contains("GM085", "WK085501"));
	assert_false(area_contains("GM0855", "WK0855"));
}

static void
test_every_area_has_a_municipality(void **state)
{
	char gm[AREA_MAX + 1] = "as it was";

	(void)state;
	assert_false(area_municipality("WK08550", gm));
	assert_string_equal(gm, "as it was");
	assert_true(area_municipality("BU0855AB01", gm));
	assert_string_equal(gm, "GM0855");
	assert_true(area_municipality("GM0363", gm));
	assert_string_equal(gm, "GM0363");
}

static void
test_what_is_told_to_all_is_no_finer_than_a_district(void **state)
{
	char out[AREA_MAX + 1] = "as it was";

	(void)state;
	assert_false(area_coarse("WK08550", out));
	assert_string_equal(out, "as it was");
	assert_true(area_coarse("BU0855AB01", out));
	assert_string_equal(out, "WK0855AB");
	assert_true(area_coarse("WK085501", out));
	assert_string_equal(out, "WK085501");
	assert_true(area_coarse("GM0855", out));
	assert_string_equal(out, "GM0855");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_codes_have_the_shape_of_the_cbs),
		cmocka_unit_test(
		    test_containment_is_the_prefix_after_the_letters),
		cmocka_unit_test(test_every_area_has_a_municipality),
		cmocka_unit_test(
		    test_what_is_told_to_all_is_no_finer_than_a_district),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

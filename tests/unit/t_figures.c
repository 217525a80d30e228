/*
 * Figures: what is published of counts.
 */
#include "figures_rig.h"

static void
done(struct figures *f, const char *key, unsigned times, uint32_t hours)
{
	const struct figures_at at = { "WK085501", "SIG-100" };

	add(f, at.area, at.group, FAMILY(OUTCOME), key, times);
	for (unsigned i = 0; i < times && strcmp(key, FIGURES_KNOWN) != 0;
	     i++)
		assert_int_equal(figures_lead(f, &at, hours, hours + 1),
		    ERR_OK);
}

/* What it says of that; 0 if nothing. */
static uint32_t
says(const Keten__V1__ReportFacts *r, Keten__V1__ReportFamily family,
    const char *key)
{
	uint32_t n = 0;

	for (size_t i = 0; i < r->n_cells; i++)
		if (r->cells[i]->family == family &&
		    strcmp(r->cells[i]->key, key) == 0)
			n += r->cells[i]->n;
	return (n);
}

/* --- rounding ------------------------------------------------------------- */

static void
test_every_count_is_rounded_to_five_and_nothing_is_said_of_zero(void **state)
{
	static const struct {
		unsigned is;
		uint32_t said;
	} rows[] = { { 1, 0 }, { 2, 0 }, { 3, 5 }, { 4, 5 }, { 5, 5 },
		{ 7, 5 }, { 8, 10 }, { 12, 10 }, { 13, 15 }, { 1002, 1000 } };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct figures *f = figures_new();
		Keten__V1__ReportFacts *r;

		arena_reset(arena);
		add(f, "WK085501", "SIG-100", FAMILY(DECLINED), "AFW-01",
		    rows[i].is);
		r = published(f);
		assert_int_equal(r->n_cells, rows[i].said == 0 ? 0 : 1);
		assert_int_equal(says(r, FAMILY(DECLINED), "AFW-01"),
		    rows[i].said);
		assert_true(rows[i].said == 0 ||
		    figures_at_least(rows[i].said) <= rows[i].is);
	}
}

static void
test_nothing_is_told_of_less_than_a_district(void **state)
{
	struct figures *f = figures_new();
	Keten__V1__ReportFacts *r;

	(void)state;
	arena_reset(arena);
	add(f, "BU08550101", "SIG-100", FAMILY(FAILED), "RED-01", 2);
	add(f, "BU08550102", "SIG-100", FAMILY(FAILED), "RED-01", 2);
	r = published(f);
	assert_int_equal(r->n_cells, 1);
	assert_string_equal(r->cells[0]->area, "WK085501");
	assert_int_equal(r->cells[0]->n, 5);
	assert_int_equal(r->n_words, 3);
	assert_string_equal(r->words[0]->code, "RED-01");
	assert_true(r->words[0]->gap);
	assert_string_equal(r->words[1]->code, "SIG-100");
	assert_true(r->words[1]->label[0] != '\0');
}

static void
test_units_of_fewer_than_five_are_not_told(void **state)
{
	const struct figures_at at = { "WK085501", "DST-100" };
	struct figures *f = figures_new();

	(void)state;
	arena_reset(arena);
	for (int i = 0; i < 4; i++)
		assert_int_equal(figures_add(f, &at, FAMILY(UNITS), "wmo",
		    50), ERR_OK);
	for (int i = 0; i < 5; i++)
		assert_int_equal(figures_add(f, &at, FAMILY(UNITS), "zvw",
		    3), ERR_OK);
	assert_int_equal(published(f)->n_cells, 1);
}

static void
test_lead_times_are_told_where_what_is_told_proves_five(void **state)
{
	static const struct {
		unsigned helped, partly, known;
		bool told;
	} rows[] = { { 5, 0, 0, false }, { 7, 0, 0, false },
		{ 8, 0, 0, true }, { 3, 3, 0, true }, { 2, 2, 2, false },
		{ 0, 0, 50, false }, { 7, 2, 50, false } };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct figures *f = figures_new();
		Keten__V1__ReportFacts *r;

		arena_reset(arena);
		done(f, "UIT-01", rows[i].helped, 4);
		done(f, "UIT-02", rows[i].partly, 6);
		done(f, FIGURES_KNOWN, rows[i].known, 0);
		r = published(f);
		assert_true((says(r, FAMILY(TAKEN_MEDIAN), "") != 0) ==
		    rows[i].told);
		assert_true((says(r, FAMILY(DONE_P90), "") != 0) ==
		    rows[i].told);
	}
}

static void
test_median_and_ninetieth_percentile_are_of_the_sorted_hours(void **state)
{
	static const uint32_t hours[] = { 40, 3, 7, 7, 1, 100, 12, 5, 9, 2 };
	const struct figures_at at = { "WK085501", "SIG-100" };
	struct figures *f = figures_new();
	Keten__V1__ReportFacts *r;

	(void)state;
	arena_reset(arena);
	for (size_t i = 0; i < COUNT(hours); i++) {
		add(f, at.area, at.group, FAMILY(OUTCOME), "UIT-01", 1);
		assert_int_equal(figures_lead(f, &at, hours[i], 2 * hours[i]),
		    ERR_OK);
	}
	r = published(f); /* 1 2 3 5 7 7 9 12 40 100 */
	assert_int_equal(says(r, FAMILY(TAKEN_MEDIAN), ""), 7);
	assert_int_equal(says(r, FAMILY(TAKEN_P90), ""), 40);
	assert_int_equal(says(r, FAMILY(DONE_MEDIAN), ""), 14);
	assert_int_equal(says(r, FAMILY(DONE_P90), ""), 80);
}

/* --- sheets --------------------------------------------------------------------- */

static void
has(const char *text, const char *what)
{
	if (strstr(text, what) == NULL)
		fail_msg("no %s in:\n%s", what, text);
}

static void
test_a_quarter_and_the_totals_are_sums_of_what_was_told(void **state)
{
	const Keten__V1__ReportFacts *months[3];
	char *text;

	(void)state;
	arena_reset(arena);
	for (unsigned i = 0; i < 3; i++) { /* 3 and 2: told as 5 and 0 */
		struct figures *f = figures_new();
		Keten__V1__ReportFacts *r;

		add(f, "WK085501", "SIG-100", FAMILY(DECLINED), "AFW-01", 3);
		add(f, "WK085502", "SIG-100", FAMILY(DECLINED), "AFW-01", 4);
		add(f, "WK085503", "SIG-100", FAMILY(DECLINED), "AFW-01", 2);
		add(f, "WK085501", "SIG-100", FAMILY(ACCEPTED), "welzijn-w",
		    15);
		add(f, "WK085501", "SIG-100", FAMILY(PASSED), "welzijn-w", 5);
		r = published(f);
		r->period = pb_string(i == 0 ? "2026-10" : i == 1 ?
		    "2026-11" : "2026-12");
		months[i] = r;
	}
	text = sheet(SHEET_FIGURES, SHEET_JSON, "2026-Q4", months, NULL);
	has(text, "\"area\":\"WK085501\",\"group\":\"SIG-100\",\"figure\":"
		  "\"declined\",\"key\":\"AFW-01\",\"n\":15}");
	assert_null(strstr(text, "WK085503"));
	free(text);
	text = sheet(SHEET_FIGURES, SHEET_TEXT, "2026-Q4", months, NULL);
	has(text, "30  AFW-01");
	has(text, "75%  welzijn-w");
	has(text, "Niet geteld");
	free(text);
	text = sheet(SHEET_GAPS, SHEET_CSV, "2026-Q4", months, NULL);
	has(text, "\xef\xbb\xbf\"periode\";");
	has(text, "\"AFW-01\";\"geen capaciteit\";\"15\"\r\n");
	assert_null(strstr(text, "aangenomen"));
	free(text);
}

static void
test_what_was_known_already_stands_apart_from_the_outcomes(void **state)
{
	struct figures *f = figures_new();
	const Keten__V1__ReportFacts *month;
	Keten__V1__ReportFacts *r;
	const char *apart;
	char *text;

	(void)state;
	arena_reset(arena);
	done(f, "UIT-01", 10, 4);
	done(f, FIGURES_KNOWN, 5, 0);
	done(f, "UIT-10", 5, 4);
	r = published(f);
	r->period = pb_string("2026-10");
	month = r;
	text = sheet(SHEET_FIGURES, SHEET_TEXT, "2026-10", &month, NULL);
	has(text, "  afgerond, naar uitkomst\n"
		  "          10  UIT-01  geholpen\n"
		  "           5  UIT-10  dubbel\n");
	apart = strstr(text, "  apart: bleek al bekend bij hulp\n"
			     "           5  UIT-09");
	assert_non_null(apart);
	free(text);
}

/* One more row: zorg-z oversees something, and places nothing. */
static const char row_of_zorg[] = "feestdagen]\n"
    "  - {partner: zorg-z, areas: [WK085502], groups: [SIG-200],\n"
    "     duties: [oversight], contact: inzicht}\n";

static void
test_a_regisseur_sees_its_own_areas_and_groups_and_the_same_numbers(
    void **state)
{
	struct policy *mine = policy, *d = demo_policy("feestdagen]\n",
	    row_of_zorg);
	struct figures *f = figures_new();
	const Keten__V1__ReportFacts *month;
	Keten__V1__ReportFacts *r;
	char *text;

	(void)state;
	arena_reset(arena);
	add(f, "WK085501", "SIG-200", FAMILY(DECLINED), "AFW-01", 20);
	add(f, "WK085502", "SIG-200", FAMILY(DECLINED), "AFW-01", 4);
	add(f, "WK085502", "SIG-100", FAMILY(DECLINED), "AFW-01", 30);
	add(f, "GM0855", "SIG-300", FAMILY(DECLINED), "AFW-01", 40);
	r = published(f);
	r->period = pb_string("2026-10");
	month = r;
	policy = d;
	text = sheet(SHEET_FIGURES, SHEET_JSON, "2026-10", &month, "zorg-z");
	has(text, "\"area\":\"WK085502\",\"group\":\"SIG-200\",\"figure\":"
		  "\"declined\",\"key\":\"AFW-01\",\"n\":5}");
	assert_null(strstr(text, "SIG-100"));
	assert_null(strstr(text, "SIG-300"));
	assert_null(strstr(text, "WK085501"));
	free(text);
	/* Its totals are of what it sees. */
	text = sheet(SHEET_GAPS, SHEET_TEXT, "2026-10", &month, "zorg-z");
	has(text, "       5  AFW-01");
	free(text);
	text = sheet(SHEET_FIGURES, SHEET_JSON, "2026-10", &month,
	    "welzijn-w");
	assert_null(strstr(text, "\"n\":"));
	free(text);
	policy = mine;
	policy_free(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_every_count_is_rounded_to_five_and_nothing_is_said_of_zero),
		cmocka_unit_test(test_nothing_is_told_of_less_than_a_district),
		cmocka_unit_test(test_units_of_fewer_than_five_are_not_told),
		cmocka_unit_test(
		    test_lead_times_are_told_where_what_is_told_proves_five),
		cmocka_unit_test(
		    test_median_and_ninetieth_percentile_are_of_the_sorted_hours),
		cmocka_unit_test(
		    test_a_quarter_and_the_totals_are_sums_of_what_was_told),
		cmocka_unit_test(
		    test_what_was_known_already_stands_apart_from_the_outcomes),
		cmocka_unit_test(
		    test_a_regisseur_sees_its_own_areas_and_groups_and_the_same_numbers),
	};

	return (cmocka_run_group_tests(tests, begin, end));
}

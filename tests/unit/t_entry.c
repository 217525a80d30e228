/*
 * Entries of the catalogue between JSON and what is signed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "life/calendar.h"
#include "sdk/entry.h"
#include "wire/pb.h"

static const struct entry_now now = { .now_ms = INT64_C(1788163200000),
	.actor = "LOKET-1" };

static int
setup(void **state)
{
	*state = arena_new((size_t)1 << 20);
	return (*state == NULL);
}

static int
teardown(void **state)
{
	arena_free(*state);
	return (0);
}

/* What is wrong with ${json}; NULL: nothing. */
static const char *
flaw(struct arena *a, const char *json, Keten__V1__CatalogueEntry **e)
{
	static char why[ENTRY_WHY];
	enum err err = entry_read(a, json, &now, e, why);

	assert_int_not_equal(err, ERR_NOMEM);
	return (err == ERR_OK ? NULL : why);
}

static void
expect_flaw(struct arena *a, const char *json, const char *word)
{
	Keten__V1__CatalogueEntry *e;
	const char *why = flaw(a, json, &e);

	if (why == NULL || strstr(why, word) == NULL)
		fail_msg("%s: %s, not '%s'", json, why, word);
}

static void
test_what_is_not_said_is_filled_in(void **state)
{
	Keten__V1__CatalogueEntry *e;

	assert_null(flaw(*state, "{\"dienst\":\"DST-101\",\"capaciteit\":"
	    "\"ja\"}", &e));
	assert_string_equal(e->service, "DST-101");
	assert_string_equal(e->status, "active");
	assert_int_equal(e->capacity, KETEN__V1__CAPACITY__HAS);
	assert_int_equal(e->checked_ms, now.now_ms);
	assert_int_equal(e->capacity_ms, now.now_ms);
	assert_string_equal(e->checked_by, "LOKET-1");
	assert_int_equal(e->n_areas, 0);
}

static void
test_dutch_and_english_and_cells_of_a_table_mean_the_same(void **state)
{
	static const char *const both[] = {
		"{\"service\":\"DST-201\",\"capacity\":\"WAITING_LIST\","
		"\"areas\":[\"WK085501\",\"WK085502\"],\"age_from\":18,"
		"\"age_until\":67,\"cost\":12.5,\"unit\":\"per uur\","
		"\"hours\":[\"ma-vr 08:30-17:00\",\"za 09:00-12:00\"],"
		"\"urgencies\":[\"LOW\",\"HIGH\"],\"bases\":[\"G-TOE\"],"
		"\"checked\":\"2026-08-03\",\"conditions\":[\"HUURDER\"],"
		"\"name\":\"Klussen\"}",
		"{\"Dienst\":\"DST-201\",\"Capaciteit\":\"wachtlijst\","
		"\"gebieden\":\"WK085501, WK085502\","
		"\"leeftijd vanaf\":\"18\",\"leeftijd-tot\":\"67\","
		"\"kosten\":\"12,50\",\"eenheid\":\"per uur\","
		"\"openingstijden\":\"ma-vr 08:30-17:00, za 09:00-12:00\","
		"\"urgenties\":\"laag, hoog\",\"grondslagen\":\"G-TOE\","
		"\"nagekeken\":\"03-08-2026\",\"voorwaarden\":\"HUURDER\","
		"\"naam\":\"Klussen\",\"status\":\"\"}",
	};
	struct slice packed[2];

	for (size_t i = 0; i < 2; i++) {
		Keten__V1__CatalogueEntry *e;

		assert_null(flaw(*state, both[i], &e));
		assert_int_equal(e->cost_cents, 1250);
		assert_int_equal(e->n_hours, 2);
		assert_int_equal(e->n_urgencies, 2);
		assert_int_equal(e->checked_ms,
		    cal_midnight((struct cal_date){ 2026, 8, 3 }));
		assert_int_equal(pb_pack(*state, &e->base, &packed[i]),
		    ERR_OK);
	}
	assert_true(slice_eq(packed[0], packed[1]));
}

static void
test_each_mistake_is_said_with_its_field(void **state)
{
	expect_flaw(*state, "[]", "geen JSON-object");
	expect_flaw(*state, "{\"capaciteit\":\"ja\"}", "dienst");
	expect_flaw(*state, "{\"dienst\":\"DST-101\"}", "capaciteit");
	expect_flaw(*state, "{\"prijs\":\"1\"}", "'prijs'");
	expect_flaw(*state, "{\"capaciteit\":\"vol\"}", "wachtlijst");
	expect_flaw(*state, "{\"status\":\"open\"}", "vervallen");
	expect_flaw(*state, "{\"kosten\":\"12,505\"}", "bedrag");
	expect_flaw(*state, "{\"kosten\":\"-1\"}", "bedrag");
	expect_flaw(*state, "{\"leeftijd_vanaf\":\"jong\"}", "geheel getal");
	expect_flaw(*state, "{\"nagekeken\":\"gisteren\"}", "datum");
	expect_flaw(*state, "{\"urgenties\":\"meteen\"}", "spoed");
	expect_flaw(*state, "{\"naam\":{\"a\":1}}", "tekst of getal");
	expect_flaw(*state, "{\"dienst\":\"DST-101\",\"capaciteit\":\"ja\","
	    "\"gebieden\":\"Tilburg\"}", "gebieden");
	expect_flaw(*state, "{\"dienst\":\"DST-101\",\"capaciteit\":\"ja\","
	    "\"openingstijden\":\"altijd wel\"}", "uren");
	expect_flaw(*state, "{\"naam\":\"vraag naar mevrouw Smit\"}",
	    "naam van iemand");
}

static void
test_what_is_taken_away_needs_no_more_than_its_service(void **state)
{
	Keten__V1__CatalogueEntry *e;

	assert_null(flaw(*state, "{\"dienst\":\"DST-101\",\"status\":"
	    "\"vervallen\"}", &e));
	assert_string_equal(e->status, "withdrawn");
}

static void
test_what_is_written_is_read_and_shown_the_same(void **state)
{
	const char *const areas[] = { "GM0855", NULL };
	const char *const hours[] = { "ma-vr 08:30-17:00", NULL };
	const struct keten_entry from = { .service = "DST-403",
		.name = "De Huiskamer", .capacity = KETEN_ASSESS_FIRST,
		.capacity_ms = INT64_C(1788000000000), .areas = areas,
		.age_until = 80, .cost_cents = 350, .unit = "per keer",
		.hours = hours, .checked_ms = INT64_C(1788100000123),
		.urgencies = 1u << KETEN_LOW | 1u << KETEN_EMERGENT,
		.checked_by = "LOKET-2" };
	char *json = entry_write(&from);
	Keten__V1__CatalogueEntry *e;
	struct keten_entry to;

	assert_non_null(json);
	assert_null(flaw(*state, json, &e));
	free(json);
	assert_int_equal(entry_show(*state, e, &to), ERR_OK);
	assert_string_equal(to.service, from.service);
	assert_string_equal(to.name, from.name);
	assert_string_equal(to.status, "active");
	assert_int_equal(to.capacity, from.capacity);
	assert_int_equal(to.capacity_ms, from.capacity_ms);
	assert_string_equal(to.areas[0], "GM0855");
	assert_null(to.areas[1]);
	assert_int_equal(to.age_until, 80);
	assert_int_equal(to.cost_cents, 350);
	assert_string_equal(to.hours[0], hours[0]);
	assert_int_equal(to.checked_ms, from.checked_ms);
	assert_int_equal(to.urgencies, from.urgencies);
	assert_string_equal(to.checked_by, "LOKET-2");
	assert_null(to.conditions[0]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_what_is_not_said_is_filled_in, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_dutch_and_english_and_cells_of_a_table_mean_the_same,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_each_mistake_is_said_with_its_field, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_what_is_taken_away_needs_no_more_than_its_service,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_what_is_written_is_read_and_shown_the_same, setup,
		    teardown),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

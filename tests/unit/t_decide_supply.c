/*
 * What partners say of their services, what they look for in vain, and what a
 * decline for want of room says.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "help/bed.h"
#include "policy/supply.h"
#include "wire/pb.h"

static const char lwdb[] = "lwdb-noord", home[] = "thuiszorg-t",
		  wel[] = "welzijn-w";

/* A world in which a name may stand in the facts: here they should. */
static struct world *
open_world(void)
{
	struct world *w = bed_world(NULL, 0);

	w->n_orgs = 0;
	return (w);
}

static enum err
publish(struct world *w, Keten__V1__CatalogueEntry *e)
{
	Keten__V1__Statement st = KETEN__V1__STATEMENT__INIT;
	struct org from = org_of(wel);

	st.body_case = KETEN__V1__STATEMENT__BODY_CATALOGUE;
	st.catalogue = e;
	return (world_say(w, &st, &from));
}

static Keten__V1__CatalogueEntry
entry(const struct world *w, const char *service)
{
	Keten__V1__CatalogueEntry e = KETEN__V1__CATALOGUE_ENTRY__INIT;

	e.service = pb_string(service);
	e.status = pb_string(SUPPLY_ACTIVE);
	e.capacity = KETEN__V1__CAPACITY__HAS;
	e.checked_ms = w->now_ms;
	return (e);
}

static void
test_the_catalogue_takes_known_services(void **state)
{
	static const char *const bad[] = { "DST-999", "SIG-101", "SIG-303",
		"SIG-300", "DST-400" };
	struct world *w = open_world();
	Keten__V1__CatalogueEntry e;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		e = entry(w, bad[i]);
		assert_int_equal(publish(w, &e), ERR_BAD_CODE);
	}
	e = entry(w, "DST-401");
	assert_int_equal(publish(w, &e), ERR_OK);
	assert_string_equal(w->facts->catalogue->partner, wel);
	assert_non_null(w->route->sender);
	world_free(w);
}

static void
test_an_entry_is_about_this_network_and_this_time(void **state)
{
	struct world *w = open_world();
	Keten__V1__CatalogueEntry e = entry(w, "DST-401");
	char *far[] = { pb_string("GM0363") }, *near[] = { pb_string("WK085501"),
		pb_string("BU08550102") };
	char *bases[] = { pb_string("G-XYZ") };

	(void)state;
	e.areas = far;
	e.n_areas = 1;
	assert_int_equal(publish(w, &e), ERR_NOT_ALLOWED);
	e.areas = near;
	e.n_areas = 2;
	assert_int_equal(publish(w, &e), ERR_OK);
	e.bases = bases;
	e.n_bases = 1;
	assert_int_equal(publish(w, &e), ERR_NOT_ALLOWED);
	e.n_bases = 0;
	e.checked_ms = w->now_ms + INT64_C(86400001);
	assert_int_equal(publish(w, &e), ERR_NOT_ALLOWED);
	e.checked_ms = 0;
	assert_int_equal(publish(w, &e), ERR_NOT_ALLOWED);
	e.status = pb_string(SUPPLY_WITHDRAWN);
	assert_int_equal(publish(w, &e), ERR_OK);
	world_free(w);
}

static enum err
miss(struct world *w, const char *code, const char *area, uint32_t year)
{
	Keten__V1__Statement st = KETEN__V1__STATEMENT__INIT;
	Keten__V1__Missing m = KETEN__V1__MISSING__INIT;
	struct org from = org_of(home);

	st.body_case = KETEN__V1__STATEMENT__BODY_MISSING;
	st.missing = &m;
	m.code = pb_string(code);
	m.area = pb_string(area);
	m.area_year = year;
	return (world_say(w, &st, &from));
}

static void
test_what_is_missing_is_a_service_in_a_district(void **state)
{
	struct world *w = open_world();

	(void)state;
	assert_int_equal(miss(w, "DST-205", "WK085503", 0), ERR_OK);
	assert_string_equal(w->facts->missing->partner, home);
	assert_string_equal(w->facts->missing->code, "DST-205");
	assert_string_equal(w->facts->missing->area, "WK085503");
	assert_null(w->facts->change);
	assert_int_equal(w->route->n_deliveries, 0);
	assert_int_equal(miss(w, "DST-205", "GM0855", 2025), ERR_OK);
	assert_int_equal(miss(w, "DST-205", "GM0855", 1999), ERR_BAD_AREA);
	assert_int_equal(miss(w, "DST-205", "BU08550301", 0), ERR_BAD_AREA);
	assert_int_equal(miss(w, "DST-205", "GM0363", 0), ERR_BAD_AREA);
	assert_int_equal(miss(w, "SIG-101", "GM0855", 0), ERR_BAD_CODE);
	assert_int_equal(miss(w, "SIG-300", "GM0855", 0), ERR_BAD_CODE);
	world_free(w);
}

static struct refid
shopping(struct world *w)
{
	return (bed_new(w, (struct bed_new){ .who = home,
			       .code = "DST-101" }));
}

static void
test_a_decline_for_want_of_room_is_shown_for_five_working_days(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid id = shopping(w);
	const Keten__V1__Shortage *s;

	(void)state;
	bed_must(w, (struct bed_step){ lwdb, EV_DECLINE, .id = id,
			.reason = "AFW-01" });
	s = w->route->shortage;
	assert_non_null(s);
	assert_string_equal(s->partner, lwdb);
	assert_string_equal(s->service, "DST-101");
	assert_string_equal(s->area, "WK085501");
	assert_string_equal(s->reason, "AFW-01");
	/* From Monday 31 August 10:00. */
	assert_int_equal(s->until_ms, bed_time("2026-09-07 10:00"));
	world_free(w);
}

/* All partners read it, and it is of somebody who waits for help. */
static void
test_want_of_room_is_told_of_a_district_and_not_of_a_neighbourhood(
    void **state)
{
	static const char *const edits[][2] = {
		{ "    codes: [DST-101]\n",
		    "    codes: [DST-101]\n"
		    "    areas: [BU08550101, GM0855]\n" },
		{ "  - {code: WK085502, ",
		    "  - {code: BU08550101, label: buurt 01, edition: 2025}\n"
		    "  - {code: WK085502, " },
	};
	struct world *w = bed_world(edits, 2);
	struct refid id = bed_new(w, (struct bed_new){ .who = home,
			.code = "DST-101", .area = "BU08550101" });

	(void)state;
	bed_must(w, (struct bed_step){ lwdb, EV_DECLINE, .id = id,
			.reason = "AFW-01" });
	assert_non_null(w->route->shortage);
	assert_string_equal(w->route->shortage->area, "WK085501");
	world_free(w);
}

static void
test_other_declines_say_nothing_of_room(void **state)
{
	static const char *const other[] = { "AFW-03", "AFW-06", "AFW-99" };
	struct world *w = bed_world(NULL, 0);
	struct refid id;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		id = shopping(w);
		bed_must(w, (struct bed_step){ lwdb, EV_DECLINE, .id = id,
				.reason = other[i] });
		assert_null(w->route->shortage);
	}
	/* Nor does one of a signal. */
	id = bed_new(w, (struct bed_new){ .who = lwdb, .code = "SIG-101" });
	bed_must(w, (struct bed_step){ wel, EV_DECLINE, .id = id,
			.reason = "AFW-01" });
	assert_null(w->route->shortage);
	world_free(w);
}

static void
test_giving_it_back_for_want_of_room_is_shown_too(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid id = shopping(w);

	(void)state;
	bed_must(w, (struct bed_step){ lwdb, EV_ACCEPT, .id = id });
	assert_null(w->route->shortage);
	bed_must(w, (struct bed_step){ lwdb, EV_RETURN, .id = id,
			.reason = "AFW-02" });
	assert_non_null(w->route->shortage);
	assert_string_equal(w->route->shortage->reason, "AFW-02");
	world_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_catalogue_takes_known_services),
		cmocka_unit_test(
		    test_an_entry_is_about_this_network_and_this_time),
		cmocka_unit_test(
		    test_what_is_missing_is_a_service_in_a_district),
		cmocka_unit_test(
		    test_a_decline_for_want_of_room_is_shown_for_five_working_days),
		cmocka_unit_test(
		    test_want_of_room_is_told_of_a_district_and_not_of_a_neighbourhood),
		cmocka_unit_test(test_other_declines_say_nothing_of_room),
		cmocka_unit_test(
		    test_giving_it_back_for_want_of_room_is_shown_too),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

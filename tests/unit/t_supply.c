/*
 * Supply: when an entry of the catalogue is out of date, open, and somewhere.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "help/bed.h"
#include "policy/supply.h"
#include "wire/pb.h"

static const char *const strict[][2] = {
	{ "catalogue: {shortage: 5 wd}",
	    "catalogue: {stale: 30 d, shortage: 1 wd}" },
};

static char *areas[] = { NULL, NULL };
static char *hours[] = { NULL, NULL };

static Keten__V1__CatalogueEntry
entry(void)
{
	Keten__V1__CatalogueEntry e = KETEN__V1__CATALOGUE_ENTRY__INIT;

	areas[0] = pb_string("WK085501");
	areas[1] = pb_string("BU08550203");
	hours[0] = pb_string("ma-vr 08:30-17:00");
	hours[1] = pb_string("za 09:00-12:00");
	e.service = pb_string("DST-101");
	e.status = pb_string(SUPPLY_ACTIVE);
	e.capacity = KETEN__V1__CAPACITY__WAITING_LIST;
	e.capacity_ms = bed_time("2026-03-01 09:00");
	e.checked_ms = bed_time("2026-03-02 09:00");
	e.areas = areas;
	e.n_areas = 2;
	return (e);
}

static void
test_an_entry_goes_out_of_date_by_the_calendar(void **state)
{
	static const char *const none[][2] = {
		{ "skip: {unreachable: 20 wd, entry: 365 d}", "" },
	};
	Keten__V1__CatalogueEntry e = entry();
	struct policy *p = bed_policy(none, 1);

	(void)state;
	/* 180 days later, to the same local time: summer time began between. */
	assert_int_equal(supply_stale_ms(p, &e), bed_time("2026-08-29 09:00"));
	policy_free(p);
	/* Nobody calls fresh what a ladder passes by. */
	p = bed_policy(NULL, 0);
	assert_int_equal(supply_stale_ms(p, &e), bed_time("2027-03-02 09:00"));
	policy_free(p);
}

static void
test_the_policy_says_how_long_it_holds(void **state)
{
	Keten__V1__CatalogueEntry e = entry();
	struct policy *p = bed_policy(strict, 1);

	(void)state;
	assert_int_equal(supply_stale_ms(p, &e), bed_time("2026-04-01 09:00"));
	/* One working day from a Friday afternoon. */
	assert_int_equal(supply_shown_until(p, bed_time("2026-08-28 16:30")),
	    bed_time("2026-08-31 16:30"));
	policy_free(p);
	p = bed_policy(NULL, 0);
	assert_int_equal(supply_shown_until(p, bed_time("2026-08-28 16:30")),
	    bed_time("2026-09-04 16:30"));
	policy_free(p);
}

static void
test_an_entry_covers_what_lies_in_its_areas(void **state)
{
	Keten__V1__CatalogueEntry e = entry();

	(void)state;
	assert_true(supply_covers(&e, "WK085501"));
	assert_true(supply_covers(&e, "BU08550102"));
	assert_true(supply_covers(&e, "BU08550203"));
	assert_true(supply_covers(&e, ""));
	assert_false(supply_covers(&e, "WK085502"));
	assert_false(supply_covers(&e, "GM0855"));
	e.n_areas = 0;
	assert_true(supply_covers(&e, "WK085509"));
}

static void
test_it_is_open_in_its_hours_or_else_in_working_time(void **state)
{
	Keten__V1__CatalogueEntry e = entry();
	struct policy *p = bed_policy(NULL, 0);
	const int64_t saturday = bed_time("2026-09-05 10:00"),
		      monday = bed_time("2026-09-07 16:59"),
		      evening = bed_time("2026-09-07 17:00");

	(void)state;
	assert_false(supply_is_open(p, &e, saturday));
	assert_true(supply_is_open(p, &e, monday));
	assert_false(supply_is_open(p, &e, evening));
	e.hours = hours;
	e.n_hours = 2;
	assert_true(supply_is_open(p, &e, saturday));
	assert_true(supply_is_open(p, &e, monday));
	e.status = pb_string(SUPPLY_CLOSED);
	assert_false(supply_is_open(p, &e, monday));
	policy_free(p);
}

static void
test_a_closed_service_says_from_when_it_is_open(void **state)
{
	struct policy *p = bed_policy(NULL, 0);
	Keten__V1__CatalogueEntry e = entry();
	int64_t sunday = bed_time("2026-04-26 10:00");

	(void)state;
	/* Without hours of its own: working time, and Monday is King's Day. */
	assert_int_equal(supply_opens_ms(p, &e, sunday),
	    bed_time("2026-04-28 08:30"));
	e.hours = hours;
	e.n_hours = 2;
	assert_int_equal(supply_opens_ms(p, &e, bed_time("2026-05-08 17:00")),
	    bed_time("2026-05-09 09:00"));
	assert_int_equal(supply_opens_ms(p, &e, bed_time("2026-05-08 16:59")),
	    bed_time("2026-05-08 16:59"));
	e.status = pb_string(SUPPLY_CLOSED);
	assert_int_equal(supply_opens_ms(p, &e, sunday), 0);
	policy_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_an_entry_goes_out_of_date_by_the_calendar),
		cmocka_unit_test(test_the_policy_says_how_long_it_holds),
		cmocka_unit_test(test_an_entry_covers_what_lies_in_its_areas),
		cmocka_unit_test(
		    test_it_is_open_in_its_hours_or_else_in_working_time),
		cmocka_unit_test(
		    test_a_closed_service_says_from_when_it_is_open),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

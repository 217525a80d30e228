/*
 * What decide makes of terms when nobody could act for a while.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "help/bed.h"

static const char lwdb[] = "lwdb-noord", home[] = "thuiszorg-t",
		  wel[] = "welzijn-w";

#define AT(w, id, term, text)                                                  \
	assert_string_equal(bed_at(w, id, TERM_##term), text)

static void
test_a_gap_moves_what_runs_by_its_working_time(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid normal =
	    bed_new(w, (struct bed_new){ .who = lwdb, .code = "SIG-101" });
	struct refid emergent = bed_new(w, (struct bed_new){ .who = lwdb,
	    .code = "SIG-204", .urgency = URGENCY_EMERGENT });
	struct refid dated = bed_new(w, (struct bed_new){ .who = home,
	    .code = "DST-101", .end_ms = bed_time("2026-09-01 08:00") });

	(void)state;
	/* From 16:00 till 09:00: ninety working minutes. */
	world_tick(w, bed_time("2026-08-31 10:05"));
	world_gap(w, bed_time("2026-08-31 10:07"));
	AT(w, emergent, OFFER, "ma 31-08-2026 10:17");
	AT(w, normal, OFFER, "wo 02-09-2026 10:02");
	bed_must(w, (struct bed_step){ home, EV_ACCEPT, .id = emergent });
	world_tick(w, bed_time("2026-08-31 16:00"));
	world_gap(w, bed_time("2026-09-01 09:00"));
	AT(w, normal, OFFER, "wo 02-09-2026 11:32");
	AT(w, normal, LADDER, "ma 07-09-2026 11:32");
	/* A date that somebody named stays that date. */
	AT(w, dated, EXPIRE, "di 01-09-2026 08:00");
	world_tick(w, w->now_ms);
	assert_int_equal(bed_ref(w, dated)->state, ST_EXPIRED);
	world_free(w);
}

/* The broker is away over a weekend: who could not act has as long as ever. */
static void
test_a_gap_also_moves_until_when_one_may_return_or_reopen(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid held, closed;

	(void)state;
	closed = bed_taken(w, "DST-601", home);
	bed_must(w, (struct bed_step){ home, EV_COMPLETE, .id = closed });
	bed_must(w, (struct bed_step){ lwdb, EV_ACKNOWLEDGE, .id = closed });
	/* Friday half past three: four working hours end on Monday 11:00. */
	world_tick(w, bed_time("2026-09-04 15:30"));
	held = bed_taken(w, "SIG-101", wel);
	world_tick(w, bed_time("2026-09-04 16:00"));
	world_gap(w, bed_time("2026-09-07 10:00"));
	/* Gone were an hour on Friday and an hour and a half on Monday. */
	world_tick(w, bed_time("2026-09-07 13:30") - 1);
	bed_must(w, (struct bed_step){ wel, EV_RETURN, .id = held });
	/* Fourteen days of the calendar, and the 66 hours of the gap. */
	world_tick(w, bed_time("2026-09-17 04:00") - 1);
	bed_must(w, (struct bed_step){ lwdb, EV_REOPEN, .id = closed });
	world_free(w);
}

/* One record for each referral, and whose deadlines moved hear of it. */
static void
test_a_gap_is_told_to_whoever_reckons_with_a_deadline(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid offered = bed_new(w, (struct bed_new){ .who = lwdb,
	    .code = "SIG-101" }), held = bed_taken(w, "SIG-101", wel);
	uint64_t had = w->index;

	(void)state;
	world_gap(w, bed_time("2026-08-31 15:00"));
	assert_int_equal(w->index, had + 3); /* and the gap itself */
	/* The last of them is about what is held. */
	assert_int_equal(w->facts->n_children, 0);
	assert_int_equal(w->facts->change->n_steps, 0);
	assert_int_equal(bed_told(w, lwdb, held)->role,
	    KETEN__V1__DELIVERY_ROLE__ORIGINATOR);
	assert_int_equal(bed_told(w, wel, held)->role,
	    KETEN__V1__DELIVERY_ROLE__HOLDER);
	assert_int_equal(w->route->n_deliveries, 2);
	assert_null(bed_told(w, lwdb, offered));
	AT(w, offered, OFFER, "wo 02-09-2026 15:00");

	bed_must(w, (struct bed_step){ wel, EV_COMPLETE, .id = held });
	bed_must(w, (struct bed_step){ lwdb, EV_ACKNOWLEDGE, .id = held });
	bed_must(w, (struct bed_step){ wel, EV_ACCEPT, .id = offered });
	bed_must(w, (struct bed_step){ wel, EV_COMPLETE, .id = offered });
	world_gap(w, bed_time("2026-09-01 15:00"));
	/* What is CLOSED may be reopened for longer, and nobody hears. */
	assert_int_equal(w->route->n_deliveries, 0);
	assert_int_equal(bed_ref(w, held)->version,
	    w->facts->change->version_after);
	world_free(w);
}

static void
test_a_candidate_hears_of_a_gap(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid id = bed_new(w,
	    (struct bed_new){ .who = home, .code = "DST-102" });

	(void)state;
	world_gap(w, bed_time("2026-08-31 15:00"));
	assert_int_equal(bed_told(w, wel, id)->role,
	    KETEN__V1__DELIVERY_ROLE__CANDIDATE);
	assert_int_equal(bed_told(w, lwdb, id)->role,
	    KETEN__V1__DELIVERY_ROLE__CANDIDATE);
	assert_int_equal(bed_told(w, home, id)->role,
	    KETEN__V1__DELIVERY_ROLE__ORIGINATOR);
	/* Nobody else is named to a candidate. */
	assert_int_equal(bed_told(w, wel, id)->with & DECIDE_WITH_ROUTE, 0);
	world_free(w);
}

static void
test_a_window_that_was_closed_before_a_gap_stays_closed(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid id = bed_taken(w, "SIG-101", wel);

	(void)state;
	world_tick(w, bed_time("2026-08-31 14:00"));
	world_gap(w, bed_time("2026-08-31 15:00"));
	assert_int_equal(bed_do(w, (struct bed_step){ wel, EV_RETURN,
				       .id = id }), ERR_NOT_ALLOWED);
	world_free(w);
}

/* The same, a minute later: the window was not moved further than the gap. */
static void
test_a_moved_window_closes_on_the_minute(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid id;

	(void)state;
	world_tick(w, bed_time("2026-09-04 15:30"));
	id = bed_taken(w, "SIG-101", wel);
	world_tick(w, bed_time("2026-09-04 16:00"));
	world_gap(w, bed_time("2026-09-07 10:00"));
	world_tick(w, bed_time("2026-09-07 13:30"));
	assert_int_equal(bed_do(w, (struct bed_step){ wel, EV_RETURN,
				       .id = id }), ERR_NOT_ALLOWED);
	world_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_a_gap_moves_what_runs_by_its_working_time),
		cmocka_unit_test(
		    test_a_gap_also_moves_until_when_one_may_return_or_reopen),
		cmocka_unit_test(
		    test_a_gap_is_told_to_whoever_reckons_with_a_deadline),
		cmocka_unit_test(test_a_candidate_hears_of_a_gap),
		cmocka_unit_test(
		    test_a_window_that_was_closed_before_a_gap_stays_closed),
		cmocka_unit_test(test_a_moved_window_closes_on_the_minute),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

/*
 * What decide makes of the terms: instants, to the minute.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "help/bed.h"

static const char lwdb[] = "lwdb-noord", home[] = "thuiszorg-t",
		  wel[] = "welzijn-w",
		  care[] = "zorg-z", reg[] = "gemeente-r";

#define AT(w, id, term, text)                                                  \
	assert_string_equal(bed_at(w, id, TERM_##term), text)

static void
test_an_offer_and_its_ladder_run_in_working_days(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid id =
	    bed_new(w, (struct bed_new){ .who = lwdb, .code = "SIG-101" });

	(void)state;
	AT(w, id, OFFER, "wo 02-09-2026 10:00");
	AT(w, id, LADDER, "ma 07-09-2026 10:00");
	AT(w, id, CONFIRM, "-");
	world_free(w);
}

static void
test_four_working_hours_from_friday_half_past_four_end_on_monday(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid id;

	(void)state;
	w->now_ms = bed_time("2026-09-04 16:30");
	id = bed_new(w, (struct bed_new){ .who = lwdb, .code = "SIG-101",
			     .urgency = URGENCY_HIGH });
	AT(w, id, OFFER, "ma 07-09-2026 12:00");
	world_free(w);
}

static void
test_emergent_runs_on_the_clock_with_the_term_of_its_rung(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid id;

	(void)state;
	w->now_ms = bed_time("2026-09-05 23:50");
	id = bed_new(w, (struct bed_new){ .who = lwdb, .code = "SIG-204",
			     .urgency = URGENCY_EMERGENT });
	AT(w, id, OFFER, "zo 06-09-2026 00:05");
	AT(w, id, LADDER, "zo 06-09-2026 01:50");
	world_free(w);
}

static void
test_a_rung_with_hours_counts_in_them(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid id;

	(void)state;
	/* Open until 18:00 and on Saturdays: 60 and 450 minutes. */
	w->now_ms = bed_time("2026-09-04 17:00");
	id = bed_new(w, (struct bed_new){ .who = home, .code = "DST-301" });
	AT(w, id, OFFER, "za 05-09-2026 16:30");
	world_free(w);
}

static void
test_the_first_question_stops_the_rung_for_a_working_day(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid id = bed_new(w,
	    (struct bed_new){ .who = home, .code = "DST-102" });

	(void)state;
	world_tick(w, bed_time("2026-08-31 11:00"));
	bed_must(w, (struct bed_step){ lwdb, EV_ASK, .id = id });
	AT(w, id, OFFER, "(staat)");
	AT(w, id, LADDER, "ma 07-09-2026 10:00");
	/* An answer has three days, a rung waits for one. */
	AT(w, id, INFO, "di 01-09-2026 11:00");
	world_tick(w, bed_time("2026-08-31 15:00"));
	bed_must(w, (struct bed_step){ wel, EV_ASK, .id = id });
	AT(w, id, INFO, "di 01-09-2026 11:00");
	bed_must(w, (struct bed_step){ home, EV_ANSWER, .id = id });
	/* Four hours were no time of the candidates. */
	AT(w, id, OFFER, "wo 02-09-2026 14:00");
	AT(w, id, INFO, "-");
	/* A second question stops nothing any more. */
	assert_int_equal(bed_do(w, (struct bed_step){ lwdb, EV_ASK,
				       .id = id }), ERR_NOT_ALLOWED);
	world_free(w);
}

static void
test_a_question_that_is_not_answered_lets_the_rung_go_on(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid id = bed_new(w,
	    (struct bed_new){ .who = home, .code = "DST-102" });

	(void)state;
	bed_must(w, (struct bed_step){ lwdb, EV_ASK, .id = id });
	world_tick(w, bed_time("2026-09-01 10:00"));
	assert_int_equal(w->facts->change->steps[0]->event, EV_INFO_EXPIRED);
	AT(w, id, OFFER, "do 03-09-2026 10:00");
	assert_non_null(bed_told(w, lwdb, id));
	assert_non_null(bed_told(w, wel, id));
	assert_non_null(bed_told(w, home, id));
	world_free(w);
}

static void
test_more_urgent_is_never_later_and_at_least_now(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid id =
	    bed_new(w, (struct bed_new){ .who = lwdb, .code = "SIG-101" });

	(void)state;
	world_tick(w, bed_time("2026-08-31 11:00"));
	bed_must(w, (struct bed_step){ lwdb, EV_RAISE_URGENCY, .id = id,
			.urgency = URGENCY_HIGH });
	AT(w, id, OFFER, "ma 31-08-2026 14:00");
	AT(w, id, LADDER, "wo 02-09-2026 10:00");
	bed_must(w, (struct bed_step){ reg, EV_RAISE_URGENCY, .id = id,
			.urgency = URGENCY_EMERGENT });
	AT(w, id, OFFER, "ma 31-08-2026 11:00"); /* 10:30 is over */
	AT(w, id, LADDER, "ma 31-08-2026 12:00");
	world_free(w);
}

static void
test_more_urgent_takes_the_term_of_the_rung_it_is_on(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid id =
	    bed_new(w, (struct bed_new){ .who = lwdb, .code = "SIG-204" });

	(void)state;
	bed_must(w, (struct bed_step){ lwdb, EV_RAISE_URGENCY, .id = id,
			.urgency = URGENCY_EMERGENT });
	AT(w, id, OFFER, "ma 31-08-2026 10:15");
	world_free(w);
}

static void
test_one_more_candidate_has_its_own_term_once_it_has_the_note(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid id =
	    bed_new(w, (struct bed_new){ .who = lwdb, .code = "SIG-101" });
	const struct offer *o;

	(void)state;
	world_tick(w, bed_time("2026-08-31 16:00"));
	bed_must(w, (struct bed_step){ reg, EV_OFFER_MORE, .id = id,
			.to = home });
	o = &bed_ref(w, id)->offers[1];
	assert_int_equal(o->clock.at_ms, bed_time("2026-09-02 16:00"));
	AT(w, id, OFFER, "wo 02-09-2026 10:00");
	world_tick(w, bed_time("2026-08-31 17:00"));
	assert_int_equal(bed_rewrap(w, lwdb, home, &id, 1u << 1), ERR_OK);
	assert_int_equal(o->clock.at_ms, bed_time("2026-09-02 17:00"));
	/* The same once more changes nothing. */
	world_tick(w, bed_time("2026-09-01 12:00"));
	assert_int_equal(bed_rewrap(w, lwdb, home, &id, 1u << 1), ERR_OK);
	assert_int_equal(o->clock.at_ms, bed_time("2026-09-02 17:00"));
	assert_null(bed_told(w, home, id));
	world_free(w);
}

static void
test_a_route_can_have_terms_of_its_own(void **state)
{
	static const char *const edits[][2] = { { "codes: [SIG-100], "
						  "rungs: [[welzijn-w]]}",
	    "codes: [SIG-100], rungs: [[welzijn-w]], terms: [{term: START, "
	    "normal: 1 wd}, {term: REPORT, normal: 2 wd}, {term: RETURN, "
	    "normal: 1 wd}]}" } };
	struct world *w = bed_world(edits, 1);
	struct refid id = bed_taken(w, "SIG-101", wel);

	(void)state;
	AT(w, id, START, "di 01-09-2026 10:00");
	bed_must(w, (struct bed_step){ wel, EV_START, .id = id });
	AT(w, id, REPORT, "wo 02-09-2026 10:00");
	id = bed_taken(w, "SIG-101", wel);
	world_tick(w, bed_time("2026-09-01 09:59"));
	bed_must(w, (struct bed_step){ wel, EV_RETURN, .id = id });
	world_free(w);
}

static void
test_giving_back_is_free_for_four_working_hours(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid a = bed_taken(w, "SIG-101", wel);
	struct refid b = bed_taken(w, "SIG-101", wel);

	(void)state;
	AT(w, a, START, "ma 07-09-2026 10:00");
	world_tick(w, bed_time("2026-08-31 14:00") - 1);
	bed_must(w, (struct bed_step){ wel, EV_RETURN, .id = a });
	world_tick(w, bed_time("2026-08-31 14:00"));
	assert_int_equal(bed_do(w, (struct bed_step){ wel, EV_RETURN,
				       .id = b }), ERR_NOT_ALLOWED);
	world_free(w);
}

static void
test_the_ladder_keeps_its_rest_for_who_gives_back(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid id = bed_new(w,
	    (struct bed_new){ .who = lwdb, .code = "SIG-301" });

	(void)state;
	world_tick(w, bed_time("2026-08-31 11:00"));
	bed_must(w, (struct bed_step){ "mantelzorg-m", EV_ACCEPT, .id = id });
	AT(w, id, LADDER, "(staat)");
	world_tick(w, bed_time("2026-08-31 13:00"));
	bed_must(w, (struct bed_step){ "mantelzorg-m", EV_RETURN, .id = id });
	AT(w, id, LADDER, "ma 07-09-2026 12:00");
	AT(w, id, OFFER, "wo 02-09-2026 13:00");
	world_free(w);
}

static void
test_a_question_to_the_originator_stops_the_start(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid id = bed_taken(w, "SIG-101", wel);

	(void)state;
	bed_must(w, (struct bed_step){ wel, EV_ASK, .id = id });
	AT(w, id, START, "(staat)");
	AT(w, id, INFO, "do 03-09-2026 10:00");
	world_tick(w, bed_time("2026-09-01 10:00"));
	bed_must(w, (struct bed_step){ lwdb, EV_ANSWER, .id = id });
	AT(w, id, START, "di 08-09-2026 10:00");
	world_free(w);
}

static void
test_a_holder_pauses_till_the_longest_pause_in_all(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid id = bed_taken(w, "SIG-101", wel);
	int64_t limit = bed_time("2026-11-30 10:00"); /* 13 weeks */

	(void)state;
	assert_int_equal(bed_do(w, (struct bed_step){ wel, EV_PAUSE, .id = id,
				       .until_ms = limit + 1 }),
	    ERR_NOT_ALLOWED);
	assert_int_equal(bed_do(w, (struct bed_step){ wel, EV_PAUSE, .id = id,
				       .until_ms = w->now_ms }),
	    ERR_NOT_ALLOWED);
	bed_must(w, (struct bed_step){ wel, EV_PAUSE, .id = id,
			.until_ms = bed_time("2026-09-30 10:00") });
	AT(w, id, PAUSE, "wo 30-09-2026 10:00");
	world_tick(w, bed_time("2026-09-30 10:00"));
	assert_int_equal(bed_ref(w, id)->state, ST_ACCEPTED);
	assert_int_equal(bed_do(w, (struct bed_step){ wel, EV_PAUSE, .id = id,
				       .until_ms = limit + 1 }),
	    ERR_NOT_ALLOWED);
	bed_must(w, (struct bed_step){ wel, EV_PAUSE, .id = id,
			.until_ms = limit });
	bed_must(w, (struct bed_step){ wel, EV_RESUME, .id = id });
	/* Another holder has its own. */
	bed_must(w, (struct bed_step){ wel, EV_HAND_OVER, .id = id,
			.to = care });
	bed_must(w, (struct bed_step){ care, EV_ACCEPT, .id = id });
	assert_int_equal(bed_ref(w, id)->pause_limit_ms, 0);
	bed_must(w, (struct bed_step){ care, EV_PAUSE, .id = id,
			.until_ms = limit + 1 });
	world_free(w);
}

static void
test_a_greater_hurry_makes_the_longest_pause_shorter(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid id = bed_taken(w, "SIG-101", wel);

	(void)state;
	bed_must(w, (struct bed_step){ wel, EV_PAUSE, .id = id,
			.until_ms = bed_time("2026-09-01 10:00") });
	bed_must(w, (struct bed_step){ wel, EV_RESUME, .id = id });
	bed_must(w, (struct bed_step){ lwdb, EV_RAISE_URGENCY, .id = id,
			.urgency = URGENCY_HIGH });
	assert_int_equal(bed_ref(w, id)->pause_limit_ms,
	    bed_time("2026-09-28 10:00"));
	world_free(w);
}

static void
test_a_handover_stops_the_clocks_below_it(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid id = bed_taken(w, "SIG-101", wel);

	(void)state;
	bed_must(w, (struct bed_step){ wel, EV_START, .id = id });
	AT(w, id, REPORT, "ma 28-09-2026 10:00");
	bed_must(w, (struct bed_step){ wel, EV_HAND_OVER, .id = id,
			.to = care });
	AT(w, id, REPORT, "(staat)");
	AT(w, id, HANDOVER, "do 03-09-2026 10:00");
	world_tick(w, bed_time("2026-09-01 10:00"));
	bed_must(w, (struct bed_step){ care, EV_DECLINE, .id = id });
	AT(w, id, REPORT, "di 29-09-2026 10:00");
	AT(w, id, HANDOVER, "-");
	world_free(w);
}

static void
test_start_begins_anew_once_when_there_is_something_to_open(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid id = bed_taken(w, "SIG-101", wel);

	(void)state;
	AT(w, id, OPENABLE, "do 03-09-2026 10:00");
	world_tick(w, bed_time("2026-08-31 12:00"));
	assert_int_equal(bed_rewrap(w, lwdb, wel, &id, 1u << 2), ERR_OK);
	AT(w, id, START, "ma 07-09-2026 12:00");
	AT(w, id, OPENABLE, "-");
	world_tick(w, bed_time("2026-08-31 13:00"));
	assert_int_equal(bed_rewrap(w, reg, wel, &id, 1u << 2), ERR_OK);
	AT(w, id, START, "ma 07-09-2026 12:00");
	world_free(w);
}

static void
test_the_regisseur_confirms_in_time_or_is_late_again_and_again(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid id =
	    bed_new(w, (struct bed_new){ .who = lwdb, .code = "SIG-401" });

	(void)state;
	AT(w, id, CONFIRM, "di 01-09-2026 10:00");
	world_tick(w, bed_time("2026-09-01 10:00"));
	assert_true(w->last.alarm);
	assert_string_equal(w->facts->change->steps[0]->reason,
	    "NO_RESPONSE");
	assert_true((bed_ref(w, id)->flags & FLAG_OVERDUE) != 0);
	AT(w, id, CONFIRM, "wo 02-09-2026 10:00");
	assert_non_null(bed_told(w, reg, id));
	assert_non_null(bed_told(w, lwdb, id));
	bed_must(w, (struct bed_step){ reg, EV_CONFIRM, .id = id });
	assert_int_equal(bed_ref(w, id)->flags, 0);
	assert_int_equal(bed_ref(w, id)->accepted_ms, w->now_ms);
	world_free(w);
}

static void
test_an_outcome_is_open_again_for_fourteen_days(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid a = bed_taken(w, "DST-601", home), b = a;

	(void)state;
	bed_must(w, (struct bed_step){ home, EV_COMPLETE, .id = a });
	AT(w, a, UNREAD, "ma 28-09-2026 10:00");
	b = bed_taken(w, "DST-601", home);
	bed_must(w, (struct bed_step){ home, EV_COMPLETE, .id = b });
	bed_must(w, (struct bed_step){ lwdb, EV_ACKNOWLEDGE, .id = b });
	world_tick(w, bed_time("2026-09-14 10:00") - 1);
	bed_must(w, (struct bed_step){ lwdb, EV_REOPEN, .id = b });
	world_tick(w, bed_time("2026-09-14 10:00"));
	assert_int_equal(bed_do(w, (struct bed_step){ lwdb, EV_REOPEN,
				       .id = a }), ERR_NOT_ALLOWED);
	world_tick(w, bed_time("2026-09-28 10:00"));
	assert_int_equal(bed_ref(w, a)->state, ST_CLOSED);
	assert_int_equal(bed_ref(w, a)->flags, FLAG_UNREAD);
	world_free(w);
}

static void
test_what_never_arrived_is_not_called_silence(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid id = bed_new(w,
	    (struct bed_new){ .who = home, .code = "DST-102" });
	struct org o = org_of(wel);

	(void)state;
	world_ack(w, world_org(w, &o));
	/* More about it, after that, waits in both mailboxes. */
	bed_must(w, (struct bed_step){ home, EV_SUPPLEMENT, .id = id });
	world_tick(w, bed_time("2026-09-02 10:00"));
	assert_int_equal(bed_ref(w, id)->offers[0].reason,
	    REASON_NOT_DELIVERED);
	assert_int_equal(bed_ref(w, id)->offers[1].reason,
	    REASON_NO_RESPONSE);
	assert_true(bed_ref(w, id)->offers[1].delivered);
	assert_string_equal(w->facts->change->steps[0]->reason,
	    "NO_RESPONSE");
	assert_int_equal(bed_ref(w, id)->state, ST_ESCALATED);
	world_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_an_offer_and_its_ladder_run_in_working_days),
		cmocka_unit_test(
	test_four_working_hours_from_friday_half_past_four_end_on_monday),
		cmocka_unit_test(
		    test_emergent_runs_on_the_clock_with_the_term_of_its_rung),
		cmocka_unit_test(test_a_rung_with_hours_counts_in_them),
		cmocka_unit_test(
		    test_the_first_question_stops_the_rung_for_a_working_day),
		cmocka_unit_test(
		    test_a_question_that_is_not_answered_lets_the_rung_go_on),
		cmocka_unit_test(
		    test_more_urgent_is_never_later_and_at_least_now),
		cmocka_unit_test(
		    test_more_urgent_takes_the_term_of_the_rung_it_is_on),
		cmocka_unit_test(
	test_one_more_candidate_has_its_own_term_once_it_has_the_note),
		cmocka_unit_test(test_a_route_can_have_terms_of_its_own),
		cmocka_unit_test(
		    test_giving_back_is_free_for_four_working_hours),
		cmocka_unit_test(
		    test_the_ladder_keeps_its_rest_for_who_gives_back),
		cmocka_unit_test(
		    test_a_question_to_the_originator_stops_the_start),
		cmocka_unit_test(
		    test_a_holder_pauses_till_the_longest_pause_in_all),
		cmocka_unit_test(
		    test_a_greater_hurry_makes_the_longest_pause_shorter),
		cmocka_unit_test(test_a_handover_stops_the_clocks_below_it),
		cmocka_unit_test(
	test_start_begins_anew_once_when_there_is_something_to_open),
		cmocka_unit_test(
	test_the_regisseur_confirms_in_time_or_is_late_again_and_again),
		cmocka_unit_test(
		    test_an_outcome_is_open_again_for_fourteen_days),
		cmocka_unit_test(
		    test_what_never_arrived_is_not_called_silence),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

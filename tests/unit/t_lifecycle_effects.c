/*
 * What follows from the rows of the table: offers and rungs, terms, holders,
 * limits.
 */
#include "life_story.h"

/* --- offers and the ladder -----------------------------------------------*/

static void
test_a_network_is_asked_at_once_and_the_first_has_it(void **state)
{
	struct referral r = offered();

	(void)state;
	assert_int_equal(referral_n_open(&r), 1);
	does(&r, &kees, EV_DECLINE);
	assert_int_equal(ch.n_steps, 2);
	assert_int_equal(ch.steps[1].event, EV_OFFER);
	assert_int_equal(referral_n_open(&r), 2);
	assert_string_equal(referral_open_offer(&r, &een)->via.id, "netwerk");
	does(&r, &een, EV_DECLINE);
	assert_int_equal(ch.n_steps, 1);
	does(&r, &twee, EV_ACCEPT);
	assert_int_equal(referral_n_open(&r), 0);
}

static void
test_the_ladder_ends_at_the_regisseur_in_the_same_record(void **state)
{
	struct referral r = offered();

	(void)state;
	does(&r, &kees, EV_DECLINE);
	passes(&r, TERM_OFFER);
	assert_int_equal(ch.n_offers, 3);
	assert_int_equal(ch.offers[0].reason, REASON_NOT_DELIVERED);
	does(&r, &koos, EV_REVIEW);
	passes(&r, TERM_OFFER);
	assert_int_equal(ch.offers[0].reason, REASON_NO_RESPONSE);
	assert_int_equal(r.state, ST_ESCALATED);
	assert_true(org_eq(&r.h, &regi));
	assert_int_equal(ch.steps[1].event, EV_ESCALATE);
	assert_int_equal(ch.steps[1].row, 8);
	assert_true(r.clocks[TERM_CONFIRM].running);
	assert_false(r.clocks[TERM_LADDER].running);
}

static void
test_the_ladder_skips_who_may_never_be_asked(void **state)
{
	struct candidates all = ladder;
	struct referral r = header(KIND_SIGNAL);

	(void)state;
	all.c[0].to = bron;
	r.never[0] = een;
	r.n_never = 1;
	around.ladder = &all;
	does(&r, &bron, EV_SUBMIT);
	around.ladder = &ladder;
	assert_int_equal(r.n_offers, 1);
	assert_true(org_eq(&r.offers[0].to, &twee));
	refused(&r, &bron, EV_SUBMIT, ERR_WRONG_STATE);
}

static void
test_a_request_without_a_ladder_goes_to_the_regisseur(void **state)
{
	struct referral r = header(KIND_SIGNAL);

	(void)state;
	around.ladder = NULL;
	does(&r, &bron, EV_SUBMIT);
	around.ladder = &ladder;
	assert_int_equal(r.state, ST_ESCALATED);
	assert_int_equal(r.version, 1);
	assert_int_equal(ch.tell & (TELL_B | TELL_R), TELL_B | TELL_R);
}

static void
test_returning_asks_the_next_and_never_the_same(void **state)
{
	struct referral r = accepted();

	(void)state;
	assert_true(r.clocks[TERM_LADDER].frozen);
	does(&r, &kees, EV_RETURN);
	assert_true(org_eq(&r.h, &kees));
	assert_true(r.clocks[TERM_LADDER].running);
	assert_int_equal(r.offers[0].state, OFFER_DECLINED);
	assert_null(referral_open_offer(&r, &kees));
	assert_int_equal(referral_n_open(&r), 2);
	does(&r, &een, EV_ACCEPT);
	assert_true(org_eq(&r.h, &een));
	assert_true(org_eq(&ch.old_h, &kees));
	around.within_return = false;
	refused(&r, &een, EV_RETURN, ERR_NOT_ALLOWED);
	does(&r, &een, EV_UNREADABLE);
	does(&r, &een, EV_RETURN);
	around.within_return = true;
}

static void
test_giving_up_starts_the_ladder_anew_without_the_giver(void **state)
{
	struct referral r = started();

	(void)state;
	does(&r, &kees, EV_GIVE_UP);
	assert_int_equal(r.epoch, 2);
	assert_true(org_eq(&r.h, &regi));
	assert_int_equal(referral_n_open(&r), 2);
	assert_int_equal(r.offers[0].number, 2);
	assert_int_equal(ch.offers[0].is, OFFER_ENDED);
	assert_null(referral_open_offer(&r, &kees));
	refused(&r, &kees, EV_REPORT, ERR_WRONG_STATE);
}

static void
test_reopening_asks_the_last_holder_first(void **state)
{
	struct candidates all = { 1, { { { "kees" }, { "" }, 0 } } };
	struct referral r = closed();

	(void)state;
	around.ladder = &all;
	does(&r, &regi, EV_REOPEN);
	around.ladder = &ladder;
	assert_true(org_eq(&r.h, &regi));
	assert_non_null(referral_open_offer(&r, &kees));
	assert_int_equal(r.epoch, 2);

	r = closed();
	around.within_reopen = false;
	refused(&r, &bron, EV_REOPEN, ERR_NOT_ALLOWED);
	around.within_reopen = true;
	r.erased = true;
	refused(&r, &bron, EV_REOPEN, ERR_NOT_ALLOWED);
}

static void
test_only_what_was_completed_is_reopened(void **state)
{
	struct referral r = offered();

	(void)state;
	does(&r, &bron, EV_WITHDRAW);
	refused(&r, &bron, EV_REOPEN, ERR_WRONG_STATE);
	assert_string_equal(referral_fhir(&r), "cancelled");
	r = closed();
	assert_string_equal(referral_fhir(&r), "completed");
}

static void
test_one_more_candidate_has_a_term_of_its_own(void **state)
{
	struct referral r = offered();
	uint16_t number;

	(void)state;
	does(&r, &regi, EV_OFFER_MORE);
	number = referral_open_offer(&r, &zorg)->number;
	assert_true(referral_clock(&r, TERM_MORE, number)->running);
	passes(&r, TERM_OFFER);
	assert_int_equal(r.state, ST_OFFERED);
	assert_int_equal(referral_n_open(&r), 1);
	assert_int_equal(ch.n_steps, 1);
	assert_int_equal(lifecycle_fire(&r, TERM_MORE, number, &around, &ch),
	    ERR_OK);
	assert_int_equal(ch.steps[1].event, EV_OFFER);
	assert_int_equal(referral_n_open(&ch.after), 2);
}

static void
test_nobody_is_offered_it_twice_at_once_or_in_two_roles(void **state)
{
	struct referral r = offered();
	const struct org *const not[] = { &bron, &regi, &kees };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct command c = command(&r, EV_OFFER_MORE, &regi);

		c.target = *not[i];
		assert_int_equal(lifecycle_step(&r, &c, &around, &ch),
		    ERR_NOT_ALLOWED);
		names_a_row();
	}
}

static void
test_too_many_offers_are_refused_and_the_ladder_goes_to_r(void **state)
{
	struct referral r = started();

	(void)state;
	while (r.n_offers < REFERRAL_OFFERS_MAX) {
		does(&r, &kees, EV_HAND_OVER);
		does(&r, &zorg, EV_DECLINE);
	}
	refused(&r, &kees, EV_HAND_OVER, ERR_NOT_ALLOWED);
	names_a_row();
	does(&r, &kees, EV_GIVE_UP); /* a new epoch, with room */
	assert_int_equal(referral_n_open(&r), 2);

	r = offered();
	while (r.n_parties < REFERRAL_PARTIES_MAX) {
		snprintf(r.parties[r.n_parties].id, ORG_MAX, "partij-%d",
		    r.n_parties);
		r.n_parties++;
	}
	refused(&r, &regi, EV_OFFER_MORE, ERR_NOT_ALLOWED);
	does(&r, &kees, EV_DECLINE);
	assert_int_equal(r.state, ST_ESCALATED);
}

/* --- terms ---------------------------------------------------------------*/

static void
test_the_first_question_of_a_rung_stops_its_clock_once(void **state)
{
	struct referral r = offered();

	(void)state;
	does(&r, &kees, EV_DECLINE);
	does(&r, &een, EV_ASK);
	assert_true(has_op(TERM_OFFER, TERM_OP_FREEZE));
	assert_true(has_op(TERM_INFO, TERM_OP_START));
	assert_true(ch.terms[ch.n_terms - 1].capped);
	assert_true(r.clocks[TERM_LADDER].running);
	refused(&r, &een, EV_ASK, ERR_NOT_ALLOWED);
	does(&r, &bron, EV_ANSWER);
	assert_true(has_op(TERM_OFFER, TERM_OP_UNFREEZE));
	does(&r, &twee, EV_ASK);
	assert_false(has_op(TERM_OFFER, TERM_OP_FREEZE));
	passes(&r, TERM_INFO);
	refused(&r, &bron, EV_ANSWER, ERR_NOT_ALLOWED);
}

static void
test_a_question_stops_nothing_that_is_an_emergency(void **state)
{
	struct referral r = offered();

	(void)state;
	does(&r, &kees, EV_ASK);
	assert_true(r.clocks[TERM_OFFER].frozen);
	does(&r, &bron, EV_RAISE_URGENCY);
	assert_true(r.clocks[TERM_OFFER].running);
	assert_true(has_op(TERM_OFFER, TERM_OP_MIN_NEW));
	assert_true(has_op(TERM_LADDER, TERM_OP_MIN_NEW));
	assert_false(has_op(TERM_EXPIRE, TERM_OP_MIN_NEW));
	does(&r, &kees, EV_DECLINE);
	does(&r, &een, EV_ASK);
	assert_true(r.clocks[TERM_OFFER].running);
	refused(&r, &bron, EV_RAISE_URGENCY, ERR_NOT_ALLOWED);
}

static void
test_the_clock_of_work_stands_still_while_waiting(void **state)
{
	struct referral r = started();

	(void)state;
	assert_true(r.clocks[TERM_REPORT].running);
	does(&r, &kees, EV_PAUSE);
	assert_true(has_op(TERM_REPORT, TERM_OP_FREEZE));
	does(&r, &kees, EV_HAND_OVER);
	assert_true(has_op(TERM_PAUSE, TERM_OP_FREEZE));
	does(&r, &kees, EV_REPORT);
	assert_true(has_op(TERM_REPORT, TERM_OP_RENEW));
	does(&r, &zorg, EV_DECLINE);
	assert_int_equal(r.state, ST_ON_HOLD);
	assert_true(has_op(TERM_PAUSE, TERM_OP_UNFREEZE));
	assert_true(r.clocks[TERM_REPORT].frozen);
	passes(&r, TERM_PAUSE);
	assert_true(has_op(TERM_REPORT, TERM_OP_UNFREEZE));
}

static void
test_overdue_goes_when_it_is_done_or_the_holder_changes(void **state)
{
	struct referral r = overdue();

	(void)state;
	assert_int_equal(r.flags, FLAG_OVERDUE);
	assert_true(has_op(TERM_START, TERM_OP_START)); /* once more */
	assert_int_equal(ch.tell & (TELL_B | TELL_R | TELL_ALARM),
	    TELL_B | TELL_R);
	passes(&r, TERM_OPENABLE);
	assert_int_equal(ch.reason, REASON_NOT_OPENABLE);
	does(&r, &kees, EV_START);
	assert_int_equal(r.flags, FLAG_OVERDUE);
	does(&r, &regi, EV_TAKE_OVER);
	assert_int_equal(r.flags, 0);
	assert_true(org_eq(&r.h, &regi));
	assert_true(ch.wants_wrap);
	passes(&r, TERM_START);
	assert_int_equal(ch.tell & TELL_ALARM, TELL_ALARM);
	does(&r, &regi, EV_START);
	assert_int_equal(r.flags, 0);
}

static void
test_r_takes_over_only_from_who_is_late_or_gone(void **state)
{
	struct referral r = started();

	(void)state;
	refused(&r, &regi, EV_TAKE_OVER, ERR_NOT_ALLOWED);
	around.holder_ended = true;
	does(&r, &regi, EV_TAKE_OVER);
	refused(&r, &regi, EV_TAKE_OVER, ERR_NOT_ALLOWED);
	around.holder_ended = false;
}

static void
test_start_begins_anew_once_when_it_can_be_opened(void **state)
{
	struct referral r = accepted();
	struct command c = { .event = EV_OPENABLE, .timer = true };

	(void)state;
	assert_true(ch.wants_wrap);
	assert_int_equal(lifecycle_step(&r, &c, &around, &ch), ERR_OK);
	assert_true(has_op(TERM_START, TERM_OP_START));
	assert_true(has_op(TERM_OPENABLE, TERM_OP_STOP));
	r = ch.after;
	assert_int_equal(lifecycle_step(&r, &c, &around, &ch),
	    ERR_NOT_ALLOWED);
}

static void
test_a_named_candidate_has_its_term_from_when_it_can_read(void **state)
{
	struct referral r = handover();
	struct command c = { .event = EV_NOTE_OPENABLE, .timer = true };

	(void)state;
	c.offer = referral_open_offer(&r, &zorg)->number;
	assert_int_equal(lifecycle_step(&r, &c, &around, &ch), ERR_OK);
	assert_true(has_op(TERM_HANDOVER, TERM_OP_START));
	c.offer++;
	assert_int_equal(lifecycle_step(&r, &c, &around, &ch), ERR_OK);
	assert_int_equal(ch.n_steps, 0);
}

static void
test_a_signal_has_no_end_date(void **state)
{
	struct referral r = header(KIND_SIGNAL);

	(void)state;
	r.end_ms = 1;
	does(&r, &bron, EV_SUBMIT);
	assert_false(r.clocks[TERM_EXPIRE].running);
	assert_int_equal(lifecycle_fire(&r, TERM_EXPIRE, 0, &around, &ch),
	    ERR_WRONG_STATE);
	r = offered();
	assert_true(r.clocks[TERM_EXPIRE].running);
}

/* --- handing over, withdrawing, ending -----------------------------------*/

static void
test_who_hands_over_stays_holder_until_it_is_taken(void **state)
{
	struct referral r = handover();

	(void)state;
	assert_true(org_eq(&r.h, &kees));
	assert_string_equal(referral_fhir(&r), "in-progress");
	does(&r, &zorg, EV_ACCEPT);
	assert_true(org_eq(&r.h, &zorg));
	assert_int_equal(r.state, ST_ACCEPTED);
	assert_int_equal(r.offers[0].state, OFFER_ENDED);
	assert_int_equal(r.before_handover, ST_NONE);
	refused(&r, &kees, EV_REPORT, ERR_NOT_ALLOWED);
}

static void
test_a_request_to_withdraw_passes_to_a_new_holder(void **state)
{
	struct referral r = asked_back();

	(void)state;
	refused(&r, &regi, EV_REQUEST_WITHDRAWAL, ERR_NOT_ALLOWED);
	does(&r, &kees, EV_HAND_OVER);
	does(&r, &zorg, EV_ACCEPT);
	assert_true((r.flags & FLAG_WITHDRAWAL) != 0);
	assert_true(has_op(TERM_WITHDRAWAL, TERM_OP_START));
	does(&r, &zorg, EV_AGREE_WITHDRAWAL);
	assert_int_equal(r.state, ST_WITHDRAWN);
	assert_int_equal(r.flags, 0);
	passes(&r, TERM_UNREAD);
	assert_int_equal(r.flags, FLAG_UNREAD);
	assert_int_equal(r.ended_as, ST_WITHDRAWN);
}

static void
test_a_mistake_erases_and_is_final(void **state)
{
	struct referral r = handover();

	(void)state;
	does(&r, &regi, EV_MARK_ERROR);
	assert_true(ch.erase);
	assert_int_equal(referral_n_open(&r), 0);
	for (enum event e = EV_SUBMIT; e < EV__MAX; e++)
		if (words_event_kind(e) == EVENT_COMMAND)
			refused(&r, &bron, e, ERR_WRONG_STATE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_a_network_is_asked_at_once_and_the_first_has_it),
		cmocka_unit_test(
		    test_the_ladder_ends_at_the_regisseur_in_the_same_record),
		cmocka_unit_test(test_the_ladder_skips_who_may_never_be_asked),
		cmocka_unit_test(
		    test_a_request_without_a_ladder_goes_to_the_regisseur),
		cmocka_unit_test(
		    test_returning_asks_the_next_and_never_the_same),
		cmocka_unit_test(
		    test_giving_up_starts_the_ladder_anew_without_the_giver),
		cmocka_unit_test(test_reopening_asks_the_last_holder_first),
		cmocka_unit_test(test_only_what_was_completed_is_reopened),
		cmocka_unit_test(test_one_more_candidate_has_a_term_of_its_own),
		cmocka_unit_test(
		    test_nobody_is_offered_it_twice_at_once_or_in_two_roles),
		cmocka_unit_test(
		    test_too_many_offers_are_refused_and_the_ladder_goes_to_r),
		cmocka_unit_test(
		    test_the_first_question_of_a_rung_stops_its_clock_once),
		cmocka_unit_test(
		    test_a_question_stops_nothing_that_is_an_emergency),
		cmocka_unit_test(
		    test_the_clock_of_work_stands_still_while_waiting),
		cmocka_unit_test(
		    test_overdue_goes_when_it_is_done_or_the_holder_changes),
		cmocka_unit_test(
		    test_r_takes_over_only_from_who_is_late_or_gone),
		cmocka_unit_test(
		    test_start_begins_anew_once_when_it_can_be_opened),
		cmocka_unit_test(
		    test_a_named_candidate_has_its_term_from_when_it_can_read),
		cmocka_unit_test(test_a_signal_has_no_end_date),
		cmocka_unit_test(
		    test_who_hands_over_stays_holder_until_it_is_taken),
		cmocka_unit_test(
		    test_a_request_to_withdraw_passes_to_a_new_holder),
		cmocka_unit_test(test_a_mistake_erases_and_is_final),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

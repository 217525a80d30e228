/*
 * Every row of the table by example: done once by who may, and refused to who
 * may not, in the wrong state, on a stale version and to a stranger; and the
 * order of those checks.  What follows from a row is in t_lifecycle_effects.c,
 * and that nothing is forgotten in between in t_lifecycle_search.c.
 */
#include "life_story.h"

/* --- every row -----------------------------------------------------------*/

struct row_case {
	int row;
	enum event event;
	const struct org *who; /* NULL: the clock, for ${term} */
	struct referral (*in)(void);
	enum state to;
	const struct org *not_who;
	struct referral (*not_in)(void);
	enum term term;
};

static const struct row_case cases[] = {
	{ 2, EV_REVIEW, &kees, offered, ST_OFFERED, &bron, accepted, 0 },
	{ 3, EV_ASK, &kees, offered, ST_OFFERED, &bron, completed, 0 },
	{ 3, EV_ANSWER, &bron, asked, ST_OFFERED, &regi, completed, 0 },
	{ 3, EV_INFO_EXPIRED, NULL, asked, ST_OFFERED, NULL, offered,
	    TERM_INFO },
	{ 4, EV_ACCEPT, &kees, offered, ST_ACCEPTED, &bron, accepted, 0 },
	{ 5, EV_DECLINE, &kees, offered, ST_OFFERED, &regi, accepted, 0 },
	{ 6, EV_OFFER_EXPIRED, NULL, offered, ST_OFFERED, NULL, accepted,
	    TERM_OFFER },
	{ 7, EV_OFFER_MORE, &regi, offered, ST_OFFERED, &bron, accepted, 0 },
	{ 8, EV_ESCALATE, NULL, offered, ST_ESCALATED, NULL, escalated,
	    TERM_LADDER },
	{ 9, EV_CONFIRM, &regi, escalated, ST_ACCEPTED, &bron, accepted, 0 },
	{ 10, EV_RETURN, &kees, accepted, ST_OFFERED, &bron, started, 0 },
	{ 11, EV_START, &kees, accepted, ST_IN_PROGRESS, &regi, started, 0 },
	{ 12, EV_ASK, &kees, started, ST_AWAITING_INFO, &regi, completed, 0 },
	{ 13, EV_ANSWER, &bron, awaiting, ST_IN_PROGRESS, &regi, completed, 0 },
	{ 13, EV_INFO_EXPIRED, NULL, awaiting, ST_IN_PROGRESS, NULL, started,
	    TERM_INFO },
	{ 14, EV_ASK, &bron, accepted, ST_ACCEPTED, &regi, completed, 0 },
	{ 14, EV_ANSWER, &kees, held_up, ST_ACCEPTED, &regi, completed, 0 },
	{ 15, EV_PAUSE, &kees, started, ST_ON_HOLD, &bron, awaiting, 0 },
	{ 16, EV_RESUME, &kees, on_hold, ST_IN_PROGRESS, &bron, started, 0 },
	{ 16, EV_PAUSE_ENDED, NULL, on_hold, ST_IN_PROGRESS, NULL, started,
	    TERM_PAUSE },
	{ 17, EV_REPORT, &kees, on_hold, ST_ON_HOLD, &bron, offered, 0 },
	{ 18, EV_SUPPLEMENT, &bron, offered, ST_OFFERED, &regi, completed, 0 },
	{ 19, EV_RAISE_URGENCY, &regi, started, ST_IN_PROGRESS, NULL,
	    completed, 0 },
	{ 20, EV_HAND_OVER, &kees, on_hold, ST_HANDOVER_OFFERED, &bron,
	    handover, 0 },
	{ 21, EV_ACCEPT, &zorg, handover, ST_ACCEPTED, &bron, started, 0 },
	{ 22, EV_DECLINE, &zorg, handover, ST_IN_PROGRESS, &bron, started, 0 },
	{ 22, EV_OFFER_EXPIRED, NULL, handover, ST_IN_PROGRESS, NULL, started,
	    TERM_HANDOVER },
	{ 22, EV_RETRACT, &kees, handover, ST_IN_PROGRESS, &bron, started, 0 },
	{ 23, EV_OVERDUE, NULL, accepted, ST_ACCEPTED, NULL, offered,
	    TERM_START },
	{ 24, EV_TAKE_OVER, &regi, overdue, ST_ACCEPTED, &bron, offered, 0 },
	{ 25, EV_COMPLETE, &kees, awaiting, ST_COMPLETED, &bron, handover, 0 },
	{ 26, EV_GIVE_UP, &kees, started, ST_OFFERED, &bron, handover, 0 },
	{ 27, EV_FAIL, &regi, with_r, ST_FAILED, &bron, escalated, 0 },
	{ 28, EV_WITHDRAW, &bron, offered, ST_CLOSED, &regi, accepted, 0 },
	{ 29, EV_REQUEST_WITHDRAWAL, &bron, started, ST_IN_PROGRESS, &kees,
	    offered, 0 },
	{ 30, EV_AGREE_WITHDRAWAL, &kees, asked_back, ST_WITHDRAWN, &bron,
	    started, 0 },
	{ 30, EV_REFUSE_WITHDRAWAL, &kees, asked_back, ST_IN_PROGRESS, &bron,
	    started, 0 },
	{ 31, EV_EXPIRE, NULL, offered, ST_EXPIRED, NULL, accepted,
	    TERM_EXPIRE },
	{ 32, EV_MARK_ERROR, &bron, offered, ST_ENTERED_IN_ERROR, &regi,
	    completed, 0 },
	{ 32, EV_MARK_ERROR, &regi, started, ST_ENTERED_IN_ERROR, &bron,
	    closed, 0 },
	{ 33, EV_ACKNOWLEDGE, &bron, completed, ST_CLOSED, &kees, started, 0 },
	{ 33, EV_CLOSE_UNREAD, NULL, completed, ST_CLOSED, NULL, closed,
	    TERM_UNREAD },
	{ 34, EV_REOPEN, &bron, closed, ST_OFFERED, &kees, started, 0 },
};

#define N_CASES (sizeof(cases) / sizeof(cases[0]))

static void
test_every_row_can_be_done_by_who_may(void **state)
{
	bool seen[40] = { false };

	(void)state;
	for (size_t i = 0; i < N_CASES; i++) {
		const struct row_case *k = &cases[i];
		struct referral r = k->in();

		if (k->who != NULL)
			does(&r, k->who, k->event);
		else
			passes(&r, k->term);
		assert_int_equal(ch.row, k->row);
		assert_int_equal(r.state, k->to);
		assert_int_equal(ch.steps[0].event, k->event);
		seen[k->row] = true;
	}
	(void)offered(); /* row 1 */
	for (int row = 2; row <= 34; row++)
		assert_true(seen[row]);
}

static void
test_every_row_is_refused_to_who_may_not(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_CASES; i++) {
		struct referral r = cases[i].in();

		if (cases[i].not_who == NULL)
			continue;
		refused(&r, cases[i].not_who, cases[i].event, ERR_NOT_ALLOWED);
		names_a_row();
	}
}

static void
test_every_row_is_refused_in_the_wrong_state(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_CASES; i++) {
		const struct row_case *k = &cases[i];
		struct referral r = k->not_in();
		struct command c;

		if (k->who == NULL) {
			assert_int_equal(lifecycle_fire(&r, k->term, 0,
			    &around, &ch), ERR_WRONG_STATE);
			continue;
		}
		/* Somebody who is a party in every one of these states. */
		c = command(&r, k->event, &regi);
		assert_int_equal(lifecycle_step(&r, &c, &around, &ch),
		    ERR_WRONG_STATE);
		names_a_row();
	}
}

static void
test_every_command_on_a_stale_version_is_a_conflict(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_CASES; i++) {
		struct referral r = cases[i].in();
		struct command c;

		if (cases[i].who == NULL)
			continue;
		c = command(&r, cases[i].event, cases[i].who);
		if (c.offer != 0)
			c.offer += 100;
		else
			c.version--;
		assert_int_equal(lifecycle_step(&r, &c, &around, &ch),
		    ERR_CONFLICT);
	}
}

static void
test_every_command_of_a_stranger_is_about_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_CASES; i++) {
		struct referral r = cases[i].in();

		if (cases[i].who != NULL)
			refused(&r, &vreemd, cases[i].event,
			    ERR_UNKNOWN_REFERRAL);
	}
	for (enum event e = EV_REVIEW; e < EV__MAX; e++) {
		struct command c = { .event = e, .actor = bron };

		assert_int_equal(lifecycle_step(NULL, &c, &around, &ch),
		    ERR_UNKNOWN_REFERRAL);
	}
}

/* Only steps of the clock are the clock's; nobody can give them as commands. */
static void
test_nobody_commands_what_is_the_clocks(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_CASES; i++) {
		struct referral r = cases[i].in();

		if (cases[i].who == NULL)
			refused(&r, &regi, cases[i].event, ERR_NOT_ALLOWED);
	}
}

/* --- the order of the checks ---------------------------------------------*/

static void
test_a_race_is_decided_by_who_is_first_in_the_log(void **state)
{
	struct referral r = offered();
	struct command one, two;

	(void)state;
	does(&r, &kees, EV_DECLINE); /* now both of the network */
	one = command(&r, EV_ACCEPT, &een);
	two = command(&r, EV_ACCEPT, &twee);
	assert_int_equal(lifecycle_step(&r, &two, &around, &ch), ERR_OK);
	r = ch.after;
	assert_true(org_eq(&r.h, &twee));
	assert_int_equal(lifecycle_step(&r, &one, &around, &ch), ERR_CONFLICT);
	assert_int_equal(lifecycle_step(&r, &two, &around, &ch), ERR_CONFLICT);
}

static void
test_withdrawing_and_accepting_race_without_a_third_result(void **state)
{
	struct referral r = offered(), other = r;
	struct command take = command(&r, EV_ACCEPT, &kees);
	struct command back = command(&r, EV_WITHDRAW, &bron);

	(void)state;
	assert_int_equal(lifecycle_step(&r, &take, &around, &ch), ERR_OK);
	r = ch.after;
	assert_int_equal(lifecycle_step(&r, &back, &around, &ch),
	    ERR_CONFLICT);
	assert_int_equal(lifecycle_step(&other, &back, &around, &ch), ERR_OK);
	other = ch.after;
	assert_int_equal(other.state, ST_CLOSED);
	assert_int_equal(lifecycle_step(&other, &take, &around, &ch),
	    ERR_CONFLICT);
}

static void
test_an_offer_of_somebody_else_is_a_conflict(void **state)
{
	struct referral r = offered();
	struct command c;

	(void)state;
	does(&r, &kees, EV_DECLINE);
	c = command(&r, EV_ACCEPT, &een);
	c.actor = twee;
	assert_int_equal(lifecycle_step(&r, &c, &around, &ch), ERR_CONFLICT);
}

static void
test_a_verdict_is_the_last_thing_that_refuses(void **state)
{
	struct referral r = started();
	struct around no = around;
	struct command c = command(&r, EV_HAND_OVER, &kees);

	(void)state;
	no.verdict = ERR_NO_COVENANT;
	no.verdict_rule = "rij 20: geen convenant met zorghuis";
	assert_int_equal(lifecycle_step(&r, &c, &no, &ch), ERR_NO_COVENANT);
	assert_ptr_equal(ch.rule, no.verdict_rule);
	assert_int_equal(ch.row, 20);
	c.version--;
	assert_int_equal(lifecycle_step(&r, &c, &no, &ch), ERR_CONFLICT);
	c.version++;
	c.target = bron;
	assert_int_equal(lifecycle_step(&r, &c, &no, &ch), ERR_NOT_ALLOWED);
}

static void
test_marks_of_candidates_do_not_raise_the_version(void **state)
{
	struct referral r = offered();
	uint32_t version = r.version;

	(void)state;
	assert_int_equal(version, 1);
	does(&r, &kees, EV_REVIEW);
	does(&r, &kees, EV_ASK);
	does(&r, &bron, EV_ANSWER);
	does(&r, &bron, EV_SUPPLEMENT);
	does(&r, &kees, EV_DECLINE);
	assert_int_equal(r.version, version);
	does(&r, &een, EV_ACCEPT);
	assert_int_equal(r.version, version + 1);
	passes(&r, TERM_START);
	assert_int_equal(r.version, version + 2);
	passes(&r, TERM_START);
	assert_int_equal(r.version, version + 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_row_can_be_done_by_who_may),
		cmocka_unit_test(test_every_row_is_refused_to_who_may_not),
		cmocka_unit_test(test_every_row_is_refused_in_the_wrong_state),
		cmocka_unit_test(
		    test_every_command_on_a_stale_version_is_a_conflict),
		cmocka_unit_test(
		    test_every_command_of_a_stranger_is_about_nothing),
		cmocka_unit_test(test_nobody_commands_what_is_the_clocks),
		cmocka_unit_test(
		    test_a_race_is_decided_by_who_is_first_in_the_log),
		cmocka_unit_test(
		    test_withdrawing_and_accepting_race_without_a_third_result),
		cmocka_unit_test(test_an_offer_of_somebody_else_is_a_conflict),
		cmocka_unit_test(test_a_verdict_is_the_last_thing_that_refuses),
		cmocka_unit_test(
		    test_marks_of_candidates_do_not_raise_the_version),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

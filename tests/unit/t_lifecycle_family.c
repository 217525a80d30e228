/*
 * Parents and children, successors; who is told; and what is made from the
 * table: screens, picture, manual, words.
 */
#include "life_story.h"

/* --- parents and children ------------------------------------------------*/

/* A child of ${parent}, offered to koos. */
static struct referral
child_of(const struct referral *parent)
{
	static const struct candidates to_koos = { 1,
		{ { { "koos" }, { "" }, 1 } } };
	struct around a = { .parent = parent, .ladder = &to_koos };
	struct referral r = header(KIND_SERVICE);
	struct command c = { .event = EV_SUBMIT, .actor = parent->h };

	r.b = parent->h;
	assert_int_equal(lifecycle_step(&r, &c, &a, &ch), ERR_OK);
	return (ch.after);
}

static void
test_only_the_holder_at_work_submits_a_part(void **state)
{
	struct referral parent = started(), child = header(KIND_SIGNAL);
	struct around a = { .parent = &parent, .ladder = &ladder };
	struct command c = { .event = EV_SUBMIT, .actor = bron };

	(void)state;
	assert_int_equal(lifecycle_step(&child, &c, &a, &ch), ERR_NOT_ALLOWED);
	child.b = c.actor = kees;
	assert_int_equal(lifecycle_step(&child, &c, &a, &ch), ERR_OK);
	a.parent_children = REFERRAL_CHILDREN_MAX;
	assert_int_equal(lifecycle_step(&child, &c, &a, &ch), ERR_NOT_ALLOWED);
	child.b = c.actor = vreemd;
	assert_int_equal(lifecycle_step(&child, &c, &a, &ch),
	    ERR_UNKNOWN_REFERRAL);
	parent = offered();
	child.b = c.actor = bron;
	assert_int_equal(lifecycle_step(&child, &c, &a, &ch), ERR_WRONG_STATE);
}

static void
test_a_parent_is_not_completed_before_its_parts(void **state)
{
	struct referral r = started();

	(void)state;
	around.open_children = 1;
	refused(&r, &kees, EV_COMPLETE, ERR_NOT_ALLOWED);
	names_a_row();
	around.open_children = 0;
	does(&r, &kees, EV_COMPLETE);
	assert_int_equal(ch.tell & TELL_CHILDREN_B, 0);
}

static void
test_a_part_follows_the_holder_of_the_whole(void **state)
{
	struct referral parent = started(), child = child_of(&parent);

	(void)state;
	assert_int_equal(lifecycle_follow(&child, &zorg, &around, &ch), ERR_OK);
	assert_true(org_eq(&ch.after.b, &zorg));
	assert_true(org_eq(&ch.after.h, &zorg)); /* it was held by B */
	assert_int_equal(ch.steps[0].row, 37);
	assert_true(org_eq(&ch.old_b, &kees));

	does(&child, &koos, EV_ACCEPT);
	assert_int_equal(lifecycle_follow(&child, &zorg, &around, &ch), ERR_OK);
	assert_true(org_eq(&ch.after.h, &koos));
	assert_int_equal(ch.after.version, child.version);
	assert_int_equal(lifecycle_follow(&child, &koos, &around, &ch), ERR_OK);
	assert_true(org_eq(&ch.after.b, &regi)); /* it holds the part */
	assert_int_equal(lifecycle_follow(&child, &kees, &around, &ch), ERR_OK);
	assert_int_equal(ch.n_steps, 0); /* it is B already */
}

static void
test_a_new_originator_is_no_candidate_any_more(void **state)
{
	struct referral parent = started(), child = child_of(&parent);

	(void)state;
	assert_int_equal(lifecycle_follow(&child, &koos, NULL, &ch), ERR_OK);
	assert_int_equal(ch.offers[0].is, OFFER_NOT_SELECTED);
	assert_int_equal(ch.after.state, ST_ESCALATED);
	assert_true(org_eq(&ch.after.h, &regi));
	assert_true(org_eq(&ch.after.b, &koos));

	does(&child, &koos, EV_ACCEPT);
	does(&child, &koos, EV_HAND_OVER); /* to zorg */
	assert_int_equal(lifecycle_follow(&child, &zorg, NULL, &ch), ERR_OK);
	assert_int_equal(ch.after.state, ST_ACCEPTED);
	assert_int_equal(referral_n_open(&ch.after), 0);
}

static void
test_an_end_without_completion_is_told_to_the_parts(void **state)
{
	struct referral r = asked_back();

	(void)state;
	does(&r, &kees, EV_AGREE_WITHDRAWAL);
	assert_true((ch.tell & TELL_CHILDREN_B) != 0);
	r = completed();
	assert_int_equal(lifecycle_follow(&r, &zorg, &around, &ch),
	    ERR_WRONG_STATE);
}

static void
test_a_successor_takes_every_place(void **state)
{
	struct around by_policy = around;
	struct referral r = handover();

	(void)state;
	by_policy.next_holds = true;
	assert_int_equal(lifecycle_succeed(&r, &kees, &koos, &by_policy, &ch),
	    ERR_OK);
	assert_true(org_eq(&ch.after.h, &koos));
	assert_int_equal(ch.after.state, ST_HANDOVER_OFFERED);
	assert_int_equal(lifecycle_succeed(&r, &zorg, &koos, &around, &ch),
	    ERR_OK);
	assert_int_equal(ch.after.state, ST_IN_PROGRESS);
	assert_int_equal(lifecycle_succeed(&r, &regi, &koos, &around, &ch),
	    ERR_OK);
	assert_true(org_eq(&ch.after.r, &koos));
	assert_int_equal(lifecycle_succeed(&r, &bron, &koos, &around, &ch),
	    ERR_OK);
	assert_true(org_eq(&ch.after.b, &koos));
	assert_int_equal(lifecycle_succeed(&r, &vreemd, &koos, &around, &ch),
	    ERR_OK);
	assert_int_equal(ch.n_steps, 0);
}

/* Whose story somebody was trusted with goes on by a signature only. */
static void
test_what_who_ended_held_waits_for_r(void **state)
{
	struct referral r = handover();

	(void)state;
	assert_int_equal(lifecycle_succeed(&r, &kees, &koos, &around, &ch),
	    ERR_OK);
	assert_true(org_eq(&ch.after.h, &kees));
	assert_true((ch.after.flags & FLAG_OVERDUE) != 0);
	assert_int_equal(ch.tell & (TELL_B | TELL_R), TELL_B | TELL_R);
	r = ch.after;
	assert_int_equal(lifecycle_succeed(&r, &kees, &koos, &around, &ch),
	    ERR_OK);
	assert_int_equal(ch.n_steps, 0);
}

/* The one named for a handover ended: its successor is asked in its place. */
static void
test_an_open_offer_passes_to_the_successor(void **state)
{
	struct around may = around;
	struct referral r = handover();
	const struct offer *o;

	(void)state;
	may.next_may = true;
	assert_int_equal(lifecycle_succeed(&r, &zorg, &koos, &may, &ch),
	    ERR_OK);
	assert_int_equal(ch.after.state, ST_HANDOVER_OFFERED);
	assert_null(referral_open_offer(&ch.after, &zorg));
	o = referral_open_offer(&ch.after, &koos);
	assert_non_null(o);
	assert_int_equal(o->rung, RUNG_HANDOVER);
	assert_true(ch.after.clocks[TERM_HANDOVER].running);
}

/* Nobody comes after it: its offer ends at once, and the ladder goes on. */
static void
test_who_ends_without_a_successor_leaves_its_offer(void **state)
{
	const struct org nobody = { "" };
	struct referral r = handover();

	(void)state;
	assert_int_equal(lifecycle_succeed(&r, &zorg, &nobody, &around, &ch),
	    ERR_OK);
	assert_int_equal(ch.after.state, ST_IN_PROGRESS);
	assert_true(org_eq(&ch.after.h, &kees));
	r = ch.after;
	assert_int_equal(lifecycle_succeed(&r, &bron, &nobody, &around, &ch),
	    ERR_OK);
	assert_int_equal(ch.n_steps, 0);
	assert_true(org_eq(&r.b, &bron));
}

/* --- what is told, said and drawn ----------------------------------------*/

static void
test_everybody_concerned_is_told_once(void **state)
{
	struct referral r = handover(), was = r;
	struct org out[8];
	size_t n;

	(void)state;
	does(&r, &zorg, EV_ACCEPT);
	n = lifecycle_told(&was, &ch, out, 8);
	assert_int_equal(n, 3); /* bron, zorghuis, kees */
	assert_true(org_eq(&out[0], &bron));
	assert_true(org_eq(&out[1], &zorg));
	assert_true(org_eq(&out[2], &kees));
}

static bool
may(const struct referral *r, const struct org *who, enum event e)
{
	enum event all[EV__MAX];
	size_t n = lifecycle_may(r, who, &around, all, EV__MAX);

	for (size_t i = 0; i < n; i++)
		if (all[i] == e)
			return (true);
	return (false);
}

static void
test_a_screen_can_ask_what_is_possible_now(void **state)
{
	struct referral r = offered();

	(void)state;
	assert_true(may(&r, &kees, EV_ACCEPT));
	assert_false(may(&r, &bron, EV_ACCEPT));
	assert_true(may(&r, &bron, EV_WITHDRAW));
	assert_true(may(&r, &regi, EV_OFFER_MORE));
	assert_false(may(&r, &vreemd, EV_ACCEPT));
	does(&r, &kees, EV_ACCEPT);
	assert_true(may(&r, &kees, EV_HAND_OVER));
	assert_false(may(&r, &bron, EV_WITHDRAW));
}

static void
test_picture_and_manual_come_from_the_table(void **state)
{
	size_t m = lifecycle_markdown(NULL, 0);
	char *md = malloc(m + 1), few[8];

	(void)state;
	assert_non_null(md);
	assert_int_equal(lifecycle_markdown(md, m + 1), m);
	assert_non_null(strstr(md, "| 11 | ACCEPTED |  | START | H | "));
	assert_int_equal(lifecycle_markdown(few, sizeof(few)), m);
	assert_int_equal(strlen(few), sizeof(few) - 1);
	free(md);
}

static void
test_words_have_names_labels_and_numbers(void **state)
{
	(void)state;
	for (enum state s = ST_OFFERED; s < ST__MAX; s++) {
		assert_int_equal(words_state_from(words_state(s)), s);
		assert_true(strlen(words_state_nl(s)) > 0);
		assert_true(strlen(words_state_fhir(s)) > 0);
	}
	for (enum event e = EV_SUBMIT; e < EV__MAX; e++) {
		assert_int_equal(words_event_from(words_event(e)), e);
		assert_true(strlen(words_event_nl(e)) > 0);
		assert_int_not_equal(words_event_kind(e), EVENT_NONE);
	}
	for (enum term t = TERM_OFFER; t < TERM__MAX; t++) {
		assert_int_equal(words_event_kind(words_term_event(t)),
		    EVENT_TIMER);
	}
	assert_string_equal(words_state(ST_NONE), "NONE");
	assert_string_equal(words_event((enum event)999), "NONE");
	assert_string_equal(words_flag_nl((enum flag)0), "");
	assert_true(strlen(words_flag_nl(FLAG_UNREAD)) > 0);
	assert_int_equal(words_urgency_from("HIGH"), URGENCY_HIGH);
	assert_int_equal(words_event_from("NOTHING"), EV_NONE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_the_holder_at_work_submits_a_part),
		cmocka_unit_test(
		    test_a_parent_is_not_completed_before_its_parts),
		cmocka_unit_test(test_a_part_follows_the_holder_of_the_whole),
		cmocka_unit_test(
		    test_a_new_originator_is_no_candidate_any_more),
		cmocka_unit_test(
		    test_an_end_without_completion_is_told_to_the_parts),
		cmocka_unit_test(test_a_successor_takes_every_place),
		cmocka_unit_test(test_what_who_ended_held_waits_for_r),
		cmocka_unit_test(test_an_open_offer_passes_to_the_successor),
		cmocka_unit_test(
		    test_who_ends_without_a_successor_leaves_its_offer),
		cmocka_unit_test(test_everybody_concerned_is_told_once),
		cmocka_unit_test(test_a_screen_can_ask_what_is_possible_now),
		cmocka_unit_test(test_picture_and_manual_come_from_the_table),
		cmocka_unit_test(test_words_have_names_labels_and_numbers),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

/*
 * Who hears of what decide decided: receivers, roles, what goes with it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "help/bed.h"
#include "life/apply.h"

static const char lwdb[] = "lwdb-noord", home[] = "thuiszorg-t",
		  wel[] = "welzijn-w", corp[] = "corporatie-c",
		  care[] = "zorg-z", reg[] = "gemeente-r",
		  help[] = "mantelzorg-m";

enum {
	ST = DECIDE_WITH_STATEMENT,
	OP = DECIDE_WITH_OPENING,
	RT = DECIDE_WITH_ROUTE,
	OF = DECIDE_WITH_OFFER,
};

#define B KETEN__V1__DELIVERY_ROLE__ORIGINATOR
#define K KETEN__V1__DELIVERY_ROLE__CANDIDATE
#define H KETEN__V1__DELIVERY_ROLE__HOLDER
#define R KETEN__V1__DELIVERY_ROLE__REGISSEUR
#define FORMER KETEN__V1__DELIVERY_ROLE__FORMER

/* ${who} is told of ${id}, as ${role}, with ${with} and ${n} sealed parts. */
static void
told(struct world *w, const char *who, struct refid id,
    Keten__V1__DeliveryRole role, uint32_t with, size_t n)
{
	const Keten__V1__Sent *s = bed_told(w, who, id);

	if (s == NULL)
		fail_msg("%s was not told", who);
	if (s->role != role || s->with != with || s->n_pieces != n)
		fail_msg("%s: role %d, with %u, %zu parts", who, (int)s->role,
		    s->with, s->n_pieces);
}

/* And nobody else: so many deliveries in all. */
static void
only(struct world *w, size_t n)
{
	if (w->route->n_deliveries == n)
		return;
	for (size_t i = 0; i < w->route->n_deliveries; i++)
		print_message("# %s\n", w->route->deliveries[i]->partner);
	fail_msg("%zu deliveries", w->route->n_deliveries);
}

static void
test_a_submit_reaches_candidates_and_the_custodian(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid id = bed_submitted(w, "SIG-301");

	(void)state;
	told(w, help, id, K, OF, 2);
	told(w, reg, id, KETEN__V1__DELIVERY_ROLE__CUSTODIAN, ST | RT, 2);
	only(w, 2);
	id = bed_new(w, (struct bed_new){ .who = home, .code = "DST-102" });
	told(w, lwdb, id, K, OF, 2);
	told(w, wel, id, K, OF, 2);
	only(w, 2);
	assert_int_equal(bed_told(w, wel, id)->offer, 2);
	world_free(w);
}

static void
test_a_custodian_that_is_not_r_sees_no_route(void **state)
{
	static const char *const edits[][2] = { { "codes: [DST-601], ",
	    "codes: [DST-601], custodian: mantelzorg-m, " } };
	struct world *w = bed_world(edits, 1);
	struct refid id = bed_new(w, (struct bed_new){ .who = lwdb,
	    .code = "DST-601", .key_for = help });

	(void)state;
	assert_string_equal(bed_ref(w, id)->custodian.id, help);
	told(w, help, id, KETEN__V1__DELIVERY_ROLE__CUSTODIAN, 0, 2);
	only(w, 2);
	/* It can give the keys on, as it is meant to. */
	bed_must(w, (struct bed_step){ home, EV_ACCEPT, .id = id });
	assert_int_equal(bed_rewrap(w, help, home, &id, 1u << 2), ERR_OK);
	world_free(w);
}

static void
test_an_escalated_submit_reaches_the_regisseur_as_holder(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid id = bed_submitted(w, "SIG-401");

	(void)state;
	told(w, reg, id, H, ST | RT, 2);
	only(w, 1);
	id = bed_new(w, (struct bed_new){ .who = reg, .code = "DST-502" });
	/* R itself submits, holds by its own record, and has no one to tell
	 * it of that but its receipt. */
	only(w, 0);
	world_free(w);
}

static void
test_a_copy_for_information_has_nothing_with_it(void **state)
{
	static const char *const edits[][2] = { { "codes: [SIG-501], ",
	    "codes: [SIG-501], inform: [zorg-z, lwdb-noord, corporatie-c], "
	    } };
	struct world *w = bed_world(edits, 1);
	struct refid id = bed_submitted(w, "SIG-501");

	(void)state;
	told(w, care, id, KETEN__V1__DELIVERY_ROLE__INFORMED, 0, 0);
	told(w, corp, id, K, OF, 2);
	assert_null(bed_told(w, lwdb, id));
	only(w, 3);
	bed_must(w, (struct bed_step){ corp, EV_ACCEPT, .id = id });
	assert_null(bed_told(w, care, id));
	assert_int_equal(bed_do(w, (struct bed_step){ care, EV_ACCEPT,
				       .id = id }), ERR_UNKNOWN_REFERRAL);
	world_free(w);
}

static void
test_a_decline_tells_b_and_the_next_rung(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid id = bed_submitted(w, "SIG-301");

	(void)state;
	bed_must(w, (struct bed_step){ help, EV_DECLINE, .id = id,
			.n_texts = 1 });
	told(w, lwdb, id, B, ST | RT, 1);
	/* The note that was there, and the text it has no key to. */
	told(w, wel, id, K, OP | OF, 2);
	assert_int_equal(bed_told(w, wel, id)->pieces[0]->part, 0);
	assert_null(bed_told(w, help, id));
	only(w, 2);
	bed_must(w, (struct bed_step){ wel, EV_DECLINE, .id = id });
	told(w, lwdb, id, B, ST | RT, 0);
	told(w, reg, id, H, ST | RT | OP, 3);
	only(w, 2);
	world_free(w);
}

static void
test_an_accept_tells_b_the_losers_and_who_takes(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid id = bed_submitted(w, "SIG-702");

	(void)state;
	bed_must(w, (struct bed_step){ "v-west", EV_ACCEPT, .id = id });
	told(w, lwdb, id, B, ST | RT, 0);
	told(w, "v-west", id, H, ST | RT | OP, 2);
	told(w, "v-oost", id, FORMER, 0, 0);
	told(w, "v-zuid", id, FORMER, 0, 0);
	only(w, 4);
	assert_true(w->last.wants_wrap);
	assert_string_equal(w->last.wrap_for.id, "v-west");
	world_free(w);
}

static void
test_a_named_partner_sees_what_was_said_of_it(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid id = bed_taken(w, "SIG-101", wel);

	(void)state;
	bed_must(w, (struct bed_step){ wel, EV_REPORT, .id = id,
			.n_texts = 1 });
	told(w, lwdb, id, B, ST | RT, 1);
	only(w, 1);
	bed_must(w, (struct bed_step){ wel, EV_HAND_OVER, .id = id,
			.to = care });
	told(w, care, id, K, ST | OP | OF, 1);
	told(w, lwdb, id, B, ST | RT, 0);
	only(w, 2);
	bed_must(w, (struct bed_step){ care, EV_ACCEPT, .id = id });
	/* Note, person part and the report; B and the old holder hear. */
	told(w, care, id, H, ST | RT | OP, 3);
	told(w, lwdb, id, B, ST | RT, 0);
	told(w, wel, id, FORMER, 0, 0);
	only(w, 3);
	world_free(w);
}

static void
test_what_is_late_is_told_to_b_h_and_r(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid id = bed_taken(w, "SIG-101", wel);

	(void)state;
	world_tick(w, bed_time("2026-09-03 10:00"));
	assert_string_equal(w->facts->change->steps[0]->reason,
	    "NOT_OPENABLE");
	assert_false(w->last.alarm);
	told(w, lwdb, id, B, RT, 0);
	told(w, wel, id, H, RT, 0);
	/* R has never heard of it: the beginning, and the note. */
	told(w, reg, id, R, RT | OP, 1);
	only(w, 3);
	world_free(w);
}

static void
test_a_supplement_reaches_all_open_candidates(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid id = bed_new(w,
	    (struct bed_new){ .who = home, .code = "DST-102" });

	(void)state;
	bed_must(w, (struct bed_step){ home, EV_SUPPLEMENT, .id = id });
	told(w, lwdb, id, K, 0, 1);
	told(w, wel, id, K, 0, 1);
	only(w, 2);
	bed_must(w, (struct bed_step){ wel, EV_ASK, .id = id });
	told(w, home, id, B, ST | RT, 1);
	only(w, 1);
	bed_must(w, (struct bed_step){ home, EV_ANSWER, .id = id });
	told(w, lwdb, id, K, 0, 1);
	told(w, wel, id, K, 0, 1);
	only(w, 2);
	world_free(w);
}

static void
test_each_mailbox_gets_everything_its_owners_own_steps_too(void **state)
{
	static const char *const edits[][2] = { { "    phone: "
						  "013-5550103\n",
	    "    phone: 013-5550103\n    mailboxes: [main, desk]\n" } };
	struct world *w = bed_world(edits, 1);
	struct refid id = bed_submitted(w, "SIG-101");

	(void)state;
	assert_int_equal(bed_n_told(w, wel), 2);
	assert_string_equal(w->route->deliveries[0]->mailbox, "main");
	assert_string_equal(w->route->deliveries[1]->mailbox, "desk");
	assert_int_equal(w->route->deliveries[1]->seq, 1);
	bed_must(w, (struct bed_step){ wel, EV_REVIEW, .id = id });
	assert_int_equal(bed_n_told(w, wel), 2);
	bed_must(w, (struct bed_step){ wel, EV_ACCEPT, .id = id });
	assert_int_equal(bed_n_told(w, wel), 2);
	assert_int_equal(bed_told(w, wel, id)->seq, 3);
	bed_must(w, (struct bed_step){ wel, EV_START, .id = id });
	told(w, lwdb, id, B, ST | RT, 0);
	assert_int_equal(bed_n_told(w, wel), 0); /* B is who is told */
	world_free(w);
}

static void
test_who_gets_a_part_too_hears_of_both(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid id = bed_taken(w, "SIG-101", wel), child;

	(void)state;
	child = bed_new(w, (struct bed_new){ .who = wel, .code = "DST-206",
				   .parent = id });
	bed_must(w, (struct bed_step){ corp, EV_ACCEPT, .id = child });
	bed_must(w, (struct bed_step){ wel, EV_HAND_OVER, .id = id,
			.to = care });
	bed_must(w, (struct bed_step){ care, EV_ACCEPT, .id = id,
			.n_texts = 1 });
	told(w, care, id, H, ST | RT | OP, 3);
	told(w, care, child, B, ST | RT | OP, 2);
	assert_int_equal(bed_told(w, care, child)->seq,
	    bed_told(w, care, id)->seq + 1);
	told(w, wel, id, FORMER, 0, 1);
	told(w, wel, child, FORMER, 0, 0);
	/* The part's holder sees nothing of the route of the whole. */
	told(w, corp, child, H, 0, 0);
	assert_null(bed_told(w, corp, id));
	told(w, lwdb, id, B, ST | RT, 1);
	assert_null(bed_told(w, lwdb, child));
	only(w, 6);
	world_free(w);
}

static void
test_the_originator_of_a_part_hears_that_the_whole_ended(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid id = bed_taken(w, "SIG-101", wel), child;

	(void)state;
	child = bed_new(w, (struct bed_new){ .who = wel, .code = "DST-206",
				   .parent = id });
	bed_must(w, (struct bed_step){ reg, EV_MARK_ERROR, .id = id });
	assert_true(w->last.erase);
	told(w, lwdb, id, B, ST | RT, 0);
	told(w, wel, id, H, ST | RT, 0);
	only(w, 2);
	assert_int_equal(bed_ref(w, child)->state, ST_OFFERED);
	world_free(w);
}

static void
test_who_is_gone_is_not_written_to(void **state)
{
	static const char *const later[][2] = { { "index: 1\n",
						    "index: 2\n" },
		{ "    name: Vrijwilligers Zuid\n",
		    "    name: Vrijwilligers Zuid\n    ended: 2026-08-31\n"
		    "    gone: ja\n" } };
	struct world *w = bed_world(NULL, 0);
	struct refid id = bed_submitted(w, "SIG-702");

	(void)state;
	world_law(w, bed_policy(later, 2));
	bed_must(w, (struct bed_step){ "v-west", EV_ACCEPT, .id = id });
	assert_null(bed_told(w, "v-zuid", id));
	told(w, "v-oost", id, FORMER, 0, 0);
	only(w, 3);
	world_free(w);
}

/* Forty reports: a delivery has room for 32 parts, and the person part is
 * never what is left out. */
static void
test_a_new_holder_gets_what_matters_most(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid id = bed_taken(w, "SIG-101", wel);
	const Keten__V1__Sent *s;
	uint64_t opening = bed_told(w, wel, id)->pieces[0]->index;

	(void)state;
	for (int i = 0; i < 40; i++)
		bed_must(w, (struct bed_step){ wel, EV_REPORT, .id = id,
				.n_texts = 1 });
	bed_must(w, (struct bed_step){ wel, EV_HAND_OVER, .id = id,
			.to = care });
	bed_must(w, (struct bed_step){ care, EV_ACCEPT, .id = id,
			.n_texts = 2 });
	s = bed_told(w, care, id);
	assert_int_equal(s->n_pieces, DECIDE_SENT_MAX);
	assert_int_equal(s->pieces[0]->index, opening);
	assert_int_equal(s->pieces[1]->index, opening);
	assert_int_equal(s->pieces[1]->part, 1);
	assert_int_equal(s->pieces[31]->index, w->facts->index);
	for (size_t i = 3; i < 30; i++)
		assert_true(s->pieces[i]->index > s->pieces[i - 1]->index);
	world_free(w);
}

static void
test_who_was_not_connected_is_noted_and_decides_nothing(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct org o = org_of(wel);
	struct refid id;

	(void)state;
	w->away[world_org(w, &o)] = true;
	id = bed_new(w, (struct bed_new){ .who = home, .code = "DST-102" });
	assert_int_equal(w->route->n_unreachable, 1);
	assert_string_equal(w->route->unreachable[0], wel);
	assert_int_equal(referral_n_open(bed_ref(w, id)), 2);
	bed_must(w, (struct bed_step){ lwdb, EV_DECLINE, .id = id });
	assert_int_equal(w->route->n_unreachable, 0);
	world_free(w);
}

/* The volunteers have been away for weeks: nobody waits for them. */
static void
test_who_is_away_too_long_is_skipped_and_the_facts_say_since_when(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct org o = org_of("v-oost");
	struct refid id;

	(void)state;
	w->away[world_org(w, &o)] = true;
	w->away_since_ms = bed_time("2026-07-01 10:00");
	id = bed_new(w, (struct bed_new){ .who = home, .code = "SIG-702" });
	assert_int_equal(referral_n_open(bed_ref(w, id)), 2);
	assert_int_equal(w->route->n_skips, 1);
	assert_string_equal(w->route->skips[0]->partner, "v-oost");
	assert_string_equal(w->route->skips[0]->reason, "UNREACHABLE");
	assert_int_equal(w->route->n_absences, 1);
	assert_string_equal(w->route->absences[0]->partner, "v-oost");
	assert_int_equal(w->route->absences[0]->since_ms, w->away_since_ms);
	assert_int_equal(w->route->n_unreachable, 0);

	/* Who has an offer keeps it, and its term: only new ones pass by. */
	w->away[world_org(w, &o)] = false;
	id = bed_new(w, (struct bed_new){ .who = home, .code = "SIG-702" });
	assert_int_equal(referral_n_open(bed_ref(w, id)), 3);
	w->away[world_org(w, &o)] = true;
	bed_must(w, (struct bed_step){ home, EV_RAISE_URGENCY, .id = id,
			.urgency = URGENCY_HIGH });
	assert_int_equal(referral_n_open(bed_ref(w, id)), 3);
	assert_int_equal(w->route->n_absences, 0);
	assert_string_equal(bed_at(w, id, TERM_OFFER),
	    "ma 31-08-2026 14:00");
	world_free(w);
}

/* Refused because everybody is away: an auditor must see that they were. */
static void
test_a_refusal_says_who_was_away(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct org o = org_of("thuiszorg-t");
	struct refid id;

	(void)state;
	w->now_ms = bed_time("2026-09-01 02:00"); /* R does not answer */
	assert_int_equal(bed_submit(w, (struct bed_new){ .who = lwdb,
	    .code = "SIG-204", .urgency = URGENCY_EMERGENT }, &id), ERR_OK);
	w->away[world_org(w, &o)] = true;
	w->away_since_ms = bed_time("2026-07-01 10:00");
	assert_int_equal(bed_submit(w, (struct bed_new){ .who = lwdb,
	    .code = "SIG-204", .urgency = URGENCY_EMERGENT }, &id),
	    ERR_NOBODY_NOW);
	assert_int_equal(w->route->n_absences, 1);
	assert_string_equal(w->route->absences[0]->partner, "thuiszorg-t");
	world_free(w);
}

static void
test_the_route_facts_say_who_was_skipped_when_it_was_offered(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid id = bed_new(w, (struct bed_new){ .who = home,
	    .code = "DST-601", .never = "zorg-z" });

	(void)state;
	assert_int_equal(w->route->n_skips, 2);
	assert_string_equal(w->route->skips[0]->partner, home);
	assert_string_equal(w->route->skips[0]->reason, "ORIGINATOR");
	assert_string_equal(w->route->skips[1]->reason, "NEVER");
	assert_int_equal(w->route->n_never, 1);
	assert_int_equal(bed_ref(w, id)->state, ST_ESCALATED);
	bed_must(w, (struct bed_step){ reg, EV_CONFIRM, .id = id });
	assert_int_equal(w->route->n_skips, 0);
	world_free(w);
}

/* What a candidate gets names its offer by number, and opens only to it. */
static void
test_offers_are_commitments_in_the_facts(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid id = bed_submitted(w, "SIG-702");
	const Keten__V1__Change *c = w->facts->change;

	(void)state;
	(void)id;
	assert_int_equal(c->n_offers, 3);
	assert_int_equal(w->route->changes[0]->n_offers, 3);
	for (size_t i = 0; i < 3; i++) {
		const Keten__V1__OfferWho *who =
		    w->route->changes[0]->offers[i];
		struct org to = org_of(who->to);
		uint8_t commit[32];

		assert_int_equal(who->blind.len, 16);
		apply_commit(who->blind.data, &to, commit);
		assert_memory_equal(c->offers[i]->commit.data, commit, 32);
	}
	assert_int_equal(w->facts->n_parts, 2);
	assert_int_equal(w->facts->parts[0]->n_wrapped_for, 0);
	assert_int_equal(w->route->n_wraps, 2);
	assert_string_equal(w->route->wraps[1]->key_ids[0], lwdb);
	world_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_a_submit_reaches_candidates_and_the_custodian),
		cmocka_unit_test(test_a_custodian_that_is_not_r_sees_no_route),
		cmocka_unit_test(
		    test_an_escalated_submit_reaches_the_regisseur_as_holder),
		cmocka_unit_test(
		    test_a_copy_for_information_has_nothing_with_it),
		cmocka_unit_test(test_a_decline_tells_b_and_the_next_rung),
		cmocka_unit_test(
		    test_an_accept_tells_b_the_losers_and_who_takes),
		cmocka_unit_test(
		    test_a_named_partner_sees_what_was_said_of_it),
		cmocka_unit_test(test_what_is_late_is_told_to_b_h_and_r),
		cmocka_unit_test(
		    test_a_supplement_reaches_all_open_candidates),
		cmocka_unit_test(
	test_each_mailbox_gets_everything_its_owners_own_steps_too),
		cmocka_unit_test(test_who_gets_a_part_too_hears_of_both),
		cmocka_unit_test(
		    test_the_originator_of_a_part_hears_that_the_whole_ended),
		cmocka_unit_test(test_who_is_gone_is_not_written_to),
		cmocka_unit_test(test_a_new_holder_gets_what_matters_most),
		cmocka_unit_test(
		    test_who_was_not_connected_is_noted_and_decides_nothing),
		cmocka_unit_test(
	test_the_route_facts_say_who_was_skipped_when_it_was_offered),
		cmocka_unit_test(
	test_who_is_away_too_long_is_skipped_and_the_facts_say_since_when),
		cmocka_unit_test(test_a_refusal_says_who_was_away),
		cmocka_unit_test(test_offers_are_commitments_in_the_facts),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

/*
 * What decide makes of commands: steps, refusals in their order.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/keyring.h"
#include "help/bed.h"
#include "wire/pb.h"

static const char lwdb[] = "lwdb-noord", home[] = "thuiszorg-t",
		  wel[] = "welzijn-w", corp[] = "corporatie-c",
		  care[] = "zorg-z", reg[] = "gemeente-r";

/* The steps of the newest record, "DECLINE OFFER". */
static const char *
steps(struct world *w)
{
	static char text[128];
	const Keten__V1__Change *c = w->facts->change;

	text[0] = '\0';
	for (size_t i = 0; c != NULL && i < c->n_steps; i++) {
		size_t at = strlen(text);

		(void)snprintf(text + at, sizeof(text) - at, "%s%s",
		    i > 0 ? " " : "",
		    words_event((enum event)c->steps[i]->event));
	}
	return (text);
}

/* ---- steps ---- */

static void
test_a_record_has_everything_that_follows_from_its_cause(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid id = bed_submitted(w, "SIG-301");
	const struct referral *r = bed_ref(w, id);

	(void)state;
	assert_string_equal(steps(w), "SUBMIT OFFER");
	assert_string_equal(r->offers[0].to.id, "mantelzorg-m");
	bed_must(w, (struct bed_step){ "mantelzorg-m", EV_DECLINE,
			.id = id });
	assert_string_equal(steps(w), "DECLINE OFFER");
	assert_string_equal(w->facts->change->steps[0]->reason, "AFW-01");
	assert_int_equal(w->facts->change->steps[0]->offer, 1);
	assert_string_equal(r->offers[1].to.id, wel);
	bed_must(w, (struct bed_step){ wel, EV_DECLINE, .id = id });
	assert_string_equal(steps(w), "DECLINE ESCALATE");
	assert_int_equal(r->state, ST_ESCALATED);
	assert_string_equal(r->h.id, reg);
	world_free(w);
}

static void
test_nobody_to_ask_goes_straight_to_the_regisseur(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid id = bed_submitted(w, "SIG-401");

	(void)state;
	assert_string_equal(steps(w), "SUBMIT ESCALATE");
	bed_must(w, (struct bed_step){ reg, EV_CONFIRM, .id = id });
	assert_string_equal(steps(w), "CONFIRM");
	assert_false(w->last.wants_wrap); /* R is custodian of signals */
	world_free(w);
}

static void
test_who_gives_up_is_not_asked_again_in_that_epoch(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid id = bed_new(w, (struct bed_new){ .who = home,
	    .code = "DST-202" });
	const struct referral *r = bed_ref(w, id);

	(void)state;
	bed_must(w, (struct bed_step){ lwdb, EV_ACCEPT, .id = id });
	bed_must(w, (struct bed_step){ lwdb, EV_START, .id = id });
	bed_must(w, (struct bed_step){ lwdb, EV_REPORT, .id = id, .done = 4,
			.total = 10 });
	bed_must(w, (struct bed_step){ lwdb, EV_GIVE_UP, .id = id });
	assert_string_equal(steps(w), "GIVE_UP OFFER");
	assert_int_equal(r->epoch, 2);
	assert_string_equal(r->h.id, reg);
	assert_string_equal(r->giver.id, lwdb);
	assert_string_equal(r->offers[0].to.id, corp);
	assert_int_equal(r->units_done, 4);
	world_free(w);
}

static void
test_who_reopens_holds_and_asks_the_last_holder_first(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid id = bed_taken(w, "SIG-301", "mantelzorg-m");
	const struct referral *r = bed_ref(w, id);

	(void)state;
	bed_must(w, (struct bed_step){ "mantelzorg-m", EV_HAND_OVER,
			.id = id, .to = care });
	bed_must(w, (struct bed_step){ care, EV_ACCEPT, .id = id });
	bed_must(w, (struct bed_step){ care, EV_COMPLETE, .id = id });
	bed_must(w, (struct bed_step){ lwdb, EV_REOPEN, .id = id });
	assert_string_equal(steps(w), "REOPEN OFFER");
	assert_string_equal(r->h.id, lwdb);
	assert_int_equal(r->n_offers, 1);
	assert_string_equal(r->offers[0].to.id, care);
	assert_int_equal(r->offers[0].rung, 0);
	assert_string_equal(r->outcome, "");
	bed_must(w, (struct bed_step){ care, EV_DECLINE, .id = id });
	assert_string_equal(r->offers[1].to.id, "mantelzorg-m");
	world_free(w);
}

static void
test_a_network_is_asked_at_once_and_is_named_as_the_way(void **state)
{
	static const char *const edits[][2] = {
		{ "rungs: [[lwdb-noord], [v-oost, v-west, v-zuid]]",
		    "rungs: [[lwdb-noord], [\"network:vrijwilligers-v\"]]" }
	};
	struct world *w = bed_world(edits, 1);
	struct refid id = bed_new(w,
	    (struct bed_new){ .who = home, .code = "DST-101" });
	const struct referral *r = bed_ref(w, id);

	(void)state;
	assert_string_equal(r->offers[0].via.id, "");
	bed_must(w, (struct bed_step){ lwdb, EV_DECLINE, .id = id });
	assert_int_equal(referral_n_open(r), 3);
	assert_string_equal(r->offers[1].via.id, "vrijwilligers-v");
	bed_must(w, (struct bed_step){ "v-west", EV_ACCEPT, .id = id });
	assert_int_equal(r->offers[1].state, OFFER_NOT_SELECTED);
	assert_int_equal(bed_do(w, (struct bed_step){ "v-oost", EV_ACCEPT,
				       .id = id, .offer = 2 }),
	    ERR_CONFLICT);
	world_free(w);
}

static void
test_an_answer_may_say_whose_question_it_is(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid id = bed_submitted(w, "SIG-101");

	(void)state;
	bed_must(w, (struct bed_step){ wel, EV_ASK, .id = id });
	assert_int_equal(bed_do(w, (struct bed_step){ lwdb, EV_ANSWER,
				       .id = id, .offer = 9 }),
	    ERR_CONFLICT);
	bed_must(w, (struct bed_step){ lwdb, EV_ANSWER, .id = id,
			.offer = 1 });
	assert_int_equal(w->facts->change->steps[0]->offer, 1);
	world_free(w);
}

static void
test_an_offer_number_that_does_not_fit_is_no_version(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid id = bed_taken(w, "SIG-101", wel);

	(void)state;
	assert_int_equal(bed_do(w, (struct bed_step){ wel, EV_START, .id = id,
				       .offer = 0x10000 }),
	    ERR_CONFLICT);
	world_free(w);
}

/* ---- refusals ---- */

static void
test_absent_and_foreign_are_alike(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid id = bed_submitted(w, "SIG-101"), none = id;
	const Keten__V1__Refused *no;
	char rule[128];

	(void)state;
	none.b[15] ^= 1;
	assert_int_equal(bed_do(w, (struct bed_step){ corp, EV_START,
				       .id = none }), ERR_UNKNOWN_REFERRAL);
	no = w->facts->refused;
	(void)snprintf(rule, sizeof(rule), "%s", no->rule);
	assert_true(refid_is_none(&w->last.referral));
	assert_int_equal(bed_do(w, (struct bed_step){ corp, EV_START,
				       .id = id }), ERR_UNKNOWN_REFERRAL);
	no = w->facts->refused;
	assert_string_equal(no->rule, rule);
	assert_int_equal(no->current_version, 0);
	assert_true(refid_is_none(&w->last.referral));
	assert_int_equal(bed_rewrap(w, corp, corp, &id, 1u << 1),
	    ERR_UNKNOWN_REFERRAL);
	assert_string_equal(w->facts->refused->rule, rule);
	assert_int_equal(bed_unreadable(w, corp, &id, 0, 0),
	    ERR_UNKNOWN_REFERRAL);
	assert_string_equal(w->facts->refused->rule, rule);
	assert_int_equal(w->route->n_deliveries, 0);
	world_free(w);
}

static void
test_a_refusal_keeps_whose_number_it_was_and_nothing_else(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid id;

	(void)state;
	assert_int_equal(bed_submit(w, (struct bed_new){ .who = lwdb,
					   .code = "SIG-999" }, &id),
	    ERR_BAD_CODE);
	assert_int_equal(w->facts->kind,
	    KETEN__V1__RECORD_KIND__RECORD_REFUSED);
	assert_null(w->facts->change);
	assert_null(w->facts->header);
	assert_int_equal(w->facts->n_parts, 0);
	assert_int_equal(w->route->n_wraps, 0);
	assert_int_equal(w->route->n_skips, 0);
	assert_non_null(w->route->sender);
	assert_string_equal(w->route->sender->partner, lwdb);
	assert_true(refid_is_none(&w->last.referral));
	world_free(w);
}

static void
test_the_checks_come_in_their_order(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid id = bed_taken(w, "SIG-101", wel);
	struct bed_step s = { corp, EV_RESUME, .id = id, .version = BED_OLD,
		.content = ERR_DIGEST };

	(void)state;
	assert_int_equal(bed_do(w, s), ERR_UNKNOWN_REFERRAL);
	s.who = reg;
	assert_int_equal(bed_do(w, s), ERR_CONFLICT);
	assert_int_equal(w->facts->refused->current_version,
	    bed_ref(w, id)->version);
	s.version = 0;
	assert_int_equal(bed_do(w, s), ERR_WRONG_STATE);
	s.event = EV_PAUSE;
	assert_int_equal(bed_do(w, s), ERR_NOT_ALLOWED);
	s.who = wel;
	s.reason = "RED-01";
	s.until_ms = w->now_ms + 1;
	assert_int_equal(bed_do(w, s), ERR_BAD_CODE);
	s.reason = NULL;
	assert_int_equal(bed_do(w, s), ERR_DIGEST);
	assert_string_equal(w->facts->refused->rule,
	    "een deel met een andere digest");
	s.content = ERR_OK;
	bed_must(w, s);
	world_free(w);
}

static void
test_a_lost_race_gets_the_version_that_there_is(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid id = bed_submitted(w, "SIG-702");

	(void)state;
	bed_must(w, (struct bed_step){ "v-oost", EV_ACCEPT, .id = id });
	assert_int_equal(bed_do(w, (struct bed_step){ "v-west", EV_ACCEPT,
				       .id = id, .offer = 2 }),
	    ERR_CONFLICT);
	assert_int_equal(w->facts->refused->current_version,
	    bed_ref(w, id)->version);
	assert_int_equal(bed_do(w, (struct bed_step){ lwdb, EV_WITHDRAW,
				       .id = id, .version = BED_OLD }),
	    ERR_CONFLICT);
	world_free(w);
}

static void
test_when_nobody_can_come_now_there_is_a_number_to_call(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid id;

	(void)state;
	w->now_ms = bed_time("2026-09-05 03:00");
	assert_int_equal(bed_submit(w, (struct bed_new){ .who = lwdb,
					   .code = "SIG-101",
					   .urgency = URGENCY_EMERGENT },
			     &id), ERR_NOBODY_NOW);
	assert_string_equal(w->facts->refused->call, "013-5550199");
	id = bed_submitted(w, "SIG-101");
	assert_int_equal(bed_do(w, (struct bed_step){ lwdb, EV_RAISE_URGENCY,
				       .id = id,
				       .urgency = URGENCY_EMERGENT }),
	    ERR_NOBODY_NOW);
	assert_string_equal(w->facts->refused->call, "013-5550199");
	/* At seven the regisseur's night contact answers. */
	world_tick(w, bed_time("2026-09-05 07:00"));
	bed_must(w, (struct bed_step){ lwdb, EV_RAISE_URGENCY, .id = id,
			.urgency = URGENCY_EMERGENT });
	world_free(w);
}

static void
test_the_person_part_comes_sealed_for_few(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid id;

	(void)state;
	assert_int_equal(bed_submit(w, (struct bed_new){ .who = lwdb,
					   .code = "SIG-101",
					   .key_for = wel }, &id),
	    ERR_NOT_ALLOWED);
	/* At night the first one must know at once where to go. */
	id = bed_new(w, (struct bed_new){ .who = lwdb, .code = "SIG-204",
			     .urgency = URGENCY_EMERGENT, .key_for = home });
	bed_must(w, (struct bed_step){ home, EV_ACCEPT, .id = id });
	assert_false(w->last.wants_wrap);
	assert_true(bed_ref(w, id)->openable);
	/* Nor can it be slipped in later. */
	id = bed_submitted(w, "SIG-101");
	assert_int_equal(bed_do(w, (struct bed_step){ lwdb, EV_SUPPLEMENT,
				       .id = id, .key_for = wel }),
	    ERR_NOT_ALLOWED);
	bed_must(w, (struct bed_step){ wel, EV_ACCEPT, .id = id });
	bed_must(w, (struct bed_step){ lwdb, EV_SUPPLEMENT, .id = id,
			.key_for = wel });
	world_free(w);
}

static void
test_without_a_person_part_only_where_there_is_no_person(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct bed_new s = { .who = lwdb, .code = "SIG-101",
		.no_person = true };
	struct refid id;

	(void)state;
	assert_int_equal(bed_submit(w, s, &id), ERR_NOT_ALLOWED);
	s.basis = "G-ANO";
	id = bed_new(w, s);
	bed_must(w, (struct bed_step){ wel, EV_ACCEPT, .id = id });
	assert_true(bed_ref(w, id)->openable);
	assert_false(w->last.wants_wrap);
	world_free(w);
}

static void
test_a_protected_code_has_one_addressee_at_a_time(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid id = bed_new(w, (struct bed_new){ .who = lwdb,
	    .code = "SIG-300", .basis = "G-VIT" });
	struct refid other;

	(void)state;
	assert_int_equal(referral_n_open(bed_ref(w, id)), 1);
	assert_int_equal(bed_do(w, (struct bed_step){ reg, EV_OFFER_MORE,
				       .id = id, .to = care }),
	    ERR_NOT_ALLOWED);
	assert_int_equal(bed_submit(w, (struct bed_new){ .who = lwdb,
					   .code = "SIG-302",
					   .basis = "G-VIT" }, &other),
	    ERR_BAD_CODE);
	assert_int_equal(bed_submit(w, (struct bed_new){ .who = lwdb,
					   .code = "SIG-300",
					   .area = "WK085501",
					   .basis = "G-VIT" }, &other),
	    ERR_BAD_AREA);
	world_free(w);
}

static void
test_who_takes_no_part_any_more_is_taken_over_from(void **state)
{
	static const char *const later[][2] = { { "index: 1\n",
						    "index: 2\n" },
		{ "    phone: 013-5550107\n",
		    "    phone: 013-5550107\n    ended: 2026-09-01\n" } };
	struct world *w = bed_world(NULL, 0);
	struct refid id = bed_taken(w, "SIG-101", wel);

	(void)state;
	bed_must(w, (struct bed_step){ wel, EV_HAND_OVER, .id = id,
			.to = care });
	bed_must(w, (struct bed_step){ care, EV_ACCEPT, .id = id });
	assert_int_equal(bed_do(w, (struct bed_step){ reg, EV_TAKE_OVER,
				       .id = id }), ERR_NOT_ALLOWED);
	world_law(w, bed_policy(later, 2));
	assert_int_equal(bed_do(w, (struct bed_step){ reg, EV_TAKE_OVER,
				       .id = id }), ERR_NOT_ALLOWED);
	world_tick(w, bed_time("2026-09-01 00:00"));
	bed_must(w, (struct bed_step){ reg, EV_TAKE_OVER, .id = id });
	assert_string_equal(bed_ref(w, id)->h.id, reg);
	assert_int_equal(w->facts->policy_index, 2);
	world_free(w);
}

/* ---- records without a referral ---- */

static void
test_records_of_the_clock_and_of_keys_say_what_they_are(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct decide_in in = { .policy = w->policy, .view = &w->view,
		.arena = w->arena, .now_ms = 5, .index = 9 };
	Keten__V1__KeyStatement key = KETEN__V1__KEY_STATEMENT__INIT;
	Keten__V1__Revoke revoke = KETEN__V1__REVOKE__INIT;
	Keten__V1__Ack ack = KETEN__V1__ACK__INIT;
	struct decision d;

	(void)state;
	assert_int_equal(decide_tick(&in, KETEN__V1__TICK_WHY__TICK_START,
			     &d), ERR_OK);
	assert_int_equal(d.facts->kind, KETEN__V1__RECORD_KIND__RECORD_TICK);
	assert_int_equal(d.facts->index, 9);
	assert_int_equal(d.facts->time_ms, 5);
	assert_int_equal(d.facts->engine, DECIDE_ENGINE);
	assert_int_equal(decide_policy(&in, &d), ERR_OK);
	assert_int_equal(d.facts->policy->index, 1);
	assert_int_equal(decide_access(&in, "ketenctl", "show", "", NULL,
			     &d), ERR_OK);
	assert_string_equal(d.facts->access->what, "show");
	ack.partner = pb_string(wel);
	ack.n = 3;
	assert_int_equal(decide_ack(&in, &ack, &d), ERR_OK);
	assert_int_equal(d.facts->ack->n, 3);
	key.partner = pb_string(wel);
	assert_int_equal(decide_key(&in, &key, &d), ERR_MALFORMED);
	key.body_case = KETEN__V1__KEY_STATEMENT__BODY_REVOKE;
	key.revoke = &revoke;
	revoke.device = pb_string("desk");
	revoke.suspect_from = 4;
	assert_int_equal(decide_key(&in, &key, &d), ERR_OK);
	assert_true(d.facts->key->revoked);
	assert_int_equal(d.facts->key->suspect_from, 4);
	world_free(w);
}

static void
test_a_full_arena_decides_nothing(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid id = bed_submitted(w, "SIG-301");
	struct decide_in in = { .policy = w->policy, .view = &w->view,
		.arena = w->twin, .now_ms = bed_time("2026-09-30 10:00"),
		.index = w->index };
	uint8_t random[DECIDE_BLINDS][16] = { { 0 } };
	struct decision d;
	size_t n = 1;
	enum err err;

	(void)state;
	in.random = (const uint8_t(*)[16])random;
	do {
		arena_reset(w->twin);
		arena_fail_at(w->twin, n++);
		err = decide_timer(&in, &id, TERM_OFFER, 0, &d);
		assert_true(err == ERR_OK || err == ERR_NOMEM);
	} while (err != ERR_OK);
	assert_true(n > 10);
	arena_fail_at(w->twin, 0);
	world_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_a_record_has_everything_that_follows_from_its_cause),
		cmocka_unit_test(
		    test_nobody_to_ask_goes_straight_to_the_regisseur),
		cmocka_unit_test(
		    test_who_gives_up_is_not_asked_again_in_that_epoch),
		cmocka_unit_test(
		    test_who_reopens_holds_and_asks_the_last_holder_first),
		cmocka_unit_test(
		    test_a_network_is_asked_at_once_and_is_named_as_the_way),
		cmocka_unit_test(test_an_answer_may_say_whose_question_it_is),
		cmocka_unit_test(
		    test_an_offer_number_that_does_not_fit_is_no_version),
		cmocka_unit_test(test_absent_and_foreign_are_alike),
		cmocka_unit_test(
		    test_a_refusal_keeps_whose_number_it_was_and_nothing_else),
		cmocka_unit_test(test_the_checks_come_in_their_order),
		cmocka_unit_test(
		    test_a_lost_race_gets_the_version_that_there_is),
		cmocka_unit_test(
		    test_when_nobody_can_come_now_there_is_a_number_to_call),
		cmocka_unit_test(test_the_person_part_comes_sealed_for_few),
		cmocka_unit_test(
		    test_without_a_person_part_only_where_there_is_no_person),
		cmocka_unit_test(
		    test_a_protected_code_has_one_addressee_at_a_time),
		cmocka_unit_test(
		    test_who_takes_no_part_any_more_is_taken_over_from),
		cmocka_unit_test(
		    test_records_of_the_clock_and_of_keys_say_what_they_are),
		cmocka_unit_test(test_a_full_arena_decides_nothing),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

/*
 * t_audit_lies -- a broker that keeps its log in perfect order and lies in it,
 * or takes what it should have refused: every way has its code.
 */
#include "help/auditor.h"

#include "trust/sign.h"

/* A story with something in it that should not be, made by ${tell}. */
static struct auditor *
story(void (*tell)(struct chronicle *c))
{
	struct auditor *a = auditor_new();

	assert_non_null(a);
	tell(a->c);
	return (a);
}

/* verify and replay end with these codes; ${text} is said by the last. */
static void
expect_lie(void (*tell)(struct chronicle *c), int verify, int replay,
    const char *text)
{
	struct auditor *a = story(tell);

	auditor_expect(a, a->c->dir, "verify", verify);
	if (replay == 10 && text != NULL)
		assert_non_null(strstr(a->out, text));
	auditor_expect(a, a->c->dir, "replay", replay);
	if (replay != 10 && text != NULL && strstr(a->out, text) == NULL)
		fail_msg("does not say \"%s\"\n%s", text, a->out);
	auditor_free(a);
}

/* --- decided otherwise ------------------------------------------------------ */

static void
lie_holder(Keten__V1__Facts *f, Keten__V1__RouteFacts *rf)
{
	static char other[] = "zorg-z";

	(void)rf;
	f->change->after->holder = other;
}

static void
tell_other_holder(struct chronicle *c)
{
	struct refid id;

	c->lie = lie_holder;
	(void)chronicle_submit(c, LWDB, "SIG-101", &id);
}

static void
test_another_holder_than_the_rules_say_is_decided_otherwise(void **state)
{
	(void)state;
	expect_lie(tell_other_holder, 10, 28, "feiten: change.after.holder: "
	    "er staat \"zorg-z\", maar het is \"lwdb-noord\"");
}

static void
lie_deadline(Keten__V1__Facts *f, Keten__V1__RouteFacts *rf)
{
	(void)rf;
	f->change->terms[0]->at_ms -= 60000;
}

static void
tell_shorter_deadline(struct chronicle *c)
{
	struct refid id;

	c->lie = lie_deadline;
	(void)chronicle_submit(c, LWDB, "SIG-101", &id);
}

static void
test_a_deadline_a_minute_too_soon_is_decided_otherwise(void **state)
{
	(void)state;
	expect_lie(tell_shorter_deadline, 10, 28, "change.terms[0].at_ms");
}

static void
lie_withhold(Keten__V1__Facts *f, Keten__V1__RouteFacts *rf)
{
	(void)f;
	rf->n_deliveries--;
}

static void
tell_withheld(struct chronicle *c)
{
	struct refid id;

	c->lie = lie_withhold;
	(void)chronicle_submit(c, LWDB, "SIG-101", &id);
}

static void
test_a_withheld_delivery_is_decided_otherwise(void **state)
{
	(void)state;
	expect_lie(tell_withheld, 10, 28, "route: deliveries[");
}

static void
lie_refusal(Keten__V1__Facts *f, Keten__V1__RouteFacts *rf)
{
	(void)rf;
	f->refused->code = KETEN__V1__ERROR_CODE__NO_COVENANT;
}

static void
tell_other_refusal(struct chronicle *c)
{
	struct refid id;

	c->lie = lie_refusal;
	(void)chronicle_submit(c, LWDB, "SIG-999", &id);
}

static void
test_a_refusal_for_another_reason_is_decided_otherwise(void **state)
{
	(void)state;
	expect_lie(tell_other_refusal, 10, 28, "refused.code");
}

static void
lie_early(Keten__V1__Facts *f, Keten__V1__RouteFacts *rf)
{
	(void)rf;
	f->time_ms -= 3600000;
}

static void
tell_early_expiry(struct chronicle *c)
{
	struct refid id;

	(void)chronicle_submit(c, THUISZORG, "SIG-301", &id);
	c->lie = lie_early;
	chronicle_fire(c);
	c->lie = NULL;
	c->now_ms += 86400000;
}

static void
test_an_offer_that_expires_early_is_decided_otherwise(void **state)
{
	(void)state;
	expect_lie(tell_early_expiry, 10, 28, "geen termijn voorbij");
}

static void
lie_policy(Keten__V1__Facts *f, Keten__V1__RouteFacts *rf)
{
	(void)rf;
	f->policy_index = 7;
}

static void
tell_other_policy(struct chronicle *c)
{
	c->lie = lie_policy;
	chronicle_tick(c);
}

static void
test_another_policy_than_that_in_force_is_decided_otherwise(void **state)
{
	(void)state;
	expect_lie(tell_other_policy, 28, 28, NULL);
}

/* --- signatures and keys ------------------------------------------------------- */

static void
tell_bad_signature(struct chronicle *c)
{
	struct refid id;

	c->bad_signature = true;
	(void)chronicle_submit(c, LWDB, "SIG-101", &id);
}

static void
test_a_signature_that_is_wrong_is_found(void **state)
{
	(void)state;
	expect_lie(tell_bad_signature, 20, 10, "de handtekening van "
					       "lwdb-noord/adapter");
}

static void
tell_unknown_key(struct chronicle *c)
{
	struct refid id;

	c->other_signer = c->log;
	(void)chronicle_submit(c, LWDB, "SIG-101", &id);
}

static void
test_a_key_that_nobody_certified_is_not_valid(void **state)
{
	(void)state;
	expect_lie(tell_unknown_key, 24, 10, "toen niet geldig");
}

static void
tell_others_key(struct chronicle *c)
{
	struct refid id;

	c->other_signer = c->who[WELZIJN].sign;
	(void)chronicle_submit(c, LWDB, "SIG-101", &id);
}

static void
test_another_partners_key_is_not_valid(void **state)
{
	(void)state;
	expect_lie(tell_others_key, 24, 10, "maar gezegd door");
}

static void
tell_rotation(struct chronicle *c)
{
	struct refid id;

	sign_free(chronicle_rotate(c, LWDB, NULL));
	(void)chronicle_submit(c, LWDB, "SIG-101", &id);
}

static void
test_a_new_key_counts_from_its_record_on(void **state)
{
	(void)state;
	expect_lie(tell_rotation, 10, 10, NULL);
}

static void
tell_old_key(struct chronicle *c)
{
	struct signer *old = chronicle_rotate(c, LWDB, NULL);
	struct refid id;

	c->other_signer = old;
	(void)chronicle_submit(c, LWDB, "SIG-101", &id);
	c->other_signer = NULL;
	sign_free(old);
}

static void
test_a_key_that_was_replaced_is_not_valid(void **state)
{
	(void)state;
	expect_lie(tell_old_key, 24, 10, "toen niet geldig");
}

static void
tell_false_certificate(struct chronicle *c)
{
	sign_free(chronicle_rotate(c, LWDB, c->who[WELZIJN].identity));
}

static void
test_a_certificate_that_another_signed_is_not_valid(void **state)
{
	(void)state;
	expect_lie(tell_false_certificate, 24, 10, "niet getekend met zijn "
						   "identiteitssleutel");
}

/* --- chains ------------------------------------------------------------------------ */

static void
tell_gap(struct chronicle *c)
{
	struct refid id;

	c->who[LWDB].number++;
	(void)chronicle_submit(c, LWDB, "SIG-101", &id);
}

static void
test_a_number_that_is_skipped_is_a_gap(void **state)
{
	(void)state;
	expect_lie(tell_gap, 26, 10, "lwdb-noord, rij 0101010101010101");
}

static void
tell_repeat(struct chronicle *c)
{
	struct refid id;

	c->who[LWDB].number--;
	(void)chronicle_submit(c, LWDB, "SIG-101", &id);
}

static void
test_a_number_that_is_used_twice_is_a_gap(void **state)
{
	(void)state;
	expect_lie(tell_repeat, 26, 10, NULL);
}

static void
tell_time_back(struct chronicle *c)
{
	c->now_ms -= 7200000;
	chronicle_tick(c);
}

static void
test_time_that_runs_back_is_a_gap(void **state)
{
	(void)state;
	expect_lie(tell_time_back, 26, 10, "de tijd loopt terug");
}

/* --- another history ------------------------------------------------------------------ */

static void
tell_other_tree(struct chronicle *c)
{
	struct refid id;

	c->point.root[0] ^= 1;
	(void)chronicle_submit(c, LWDB, "SIG-101", &id);
}

static void
test_another_tree_that_a_partner_saw_is_a_fork(void **state)
{
	(void)state;
	expect_lie(tell_other_tree, 22, 10, "een andere boom gezien");
}

static void
tell_future_tree(struct chronicle *c)
{
	struct refid id;

	c->point.size = 1000;
	(void)chronicle_submit(c, LWDB, "SIG-101", &id);
}

static void
test_a_tree_larger_than_there_was_is_a_fork(void **state)
{
	(void)state;
	expect_lie(tell_future_tree, 22, 10, "1000 records, toen");
}

static void
tell_other_record(struct chronicle *c)
{
	struct refid id;

	(void)chronicle_submit(c, LWDB, "SIG-101", &id);
	c->bad_seen_leaf = true;
	(void)chronicle_say(c, WELZIJN, &id, KETEN__V1__EVENT__ACCEPT, NULL);
}

static void
test_a_record_that_only_the_sender_saw_is_a_fork(void **state)
{
	(void)state;
	expect_lie(tell_other_record, 22, 10, "niet in dit logboek");
}

/* --- successors ------------------------------------------------------------- */

/* LWDB has stopped, and Z comes after it. */
static void
lwdb_stops(struct chronicle *c, struct refid *id)
{
	(void)chronicle_submit(c, LWDB, "SIG-101", id);
	chronicle_policy(c, "    phone: 013-5550101\n",
	    "    phone: 013-5550101\n    ended: 2025-06-01\n"
	    "    successor: zorg-z\n");
}

static void
two_hours_later(struct chronicle *c)
{
	for (int i = 0; i < 3; i++) {
		c->now_ms += 3600 * 1000;
		chronicle_tick(c);
	}
}

static void
tell_succession(struct chronicle *c)
{
	struct refid id;

	lwdb_stops(c, &id);
	chronicle_succeed(c, &id, LWDB);
	two_hours_later(c);
}

static void
tell_no_succession(struct chronicle *c)
{
	struct refid id;

	lwdb_stops(c, &id);
	two_hours_later(c);
}

static void
lie_successor(Keten__V1__Facts *f, Keten__V1__RouteFacts *rf)
{
	static char other[] = "thuiszorg-t";

	(void)rf;
	f->change->after->originator = other;
}

static void
tell_other_successor(struct chronicle *c)
{
	struct refid id;

	lwdb_stops(c, &id);
	c->lie = lie_successor;
	chronicle_succeed(c, &id, LWDB);
}

static void
expect_replay(void (*tell)(struct chronicle *c), int code, const char *text)
{
	struct auditor *a = story(tell);

	auditor_expect(a, a->c->dir, "replay", code);
	if (text != NULL && strstr(a->out, text) == NULL)
		fail_msg("does not say \"%s\"\n%s", text, a->out);
	auditor_free(a);
}

static void
test_a_succession_that_was_made_is_decided_the_same(void **state)
{
	(void)state;
	expect_replay(tell_succession, 10, NULL);
}

static void
test_a_succession_that_was_left_out_is_found(void **state)
{
	(void)state;
	expect_replay(tell_no_succession, 28,
	    "1 plaatsen van wie niet meer meedoet zijn niet overgegaan, de "
	    "eerste van lwdb-noord");
}

static void
test_another_successor_than_the_policy_says_is_decided_otherwise(
    void **state)
{
	(void)state;
	expect_replay(tell_other_successor, 28, "change.after.originator");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_a_succession_that_was_made_is_decided_the_same),
		cmocka_unit_test(
		    test_a_succession_that_was_left_out_is_found),
		cmocka_unit_test(
	    test_another_successor_than_the_policy_says_is_decided_otherwise),
		cmocka_unit_test(
		    test_another_holder_than_the_rules_say_is_decided_otherwise),
		cmocka_unit_test(
		    test_a_deadline_a_minute_too_soon_is_decided_otherwise),
		cmocka_unit_test(
		    test_a_withheld_delivery_is_decided_otherwise),
		cmocka_unit_test(
		    test_a_refusal_for_another_reason_is_decided_otherwise),
		cmocka_unit_test(
		    test_an_offer_that_expires_early_is_decided_otherwise),
		cmocka_unit_test(
		    test_another_policy_than_that_in_force_is_decided_otherwise),
		cmocka_unit_test(test_a_signature_that_is_wrong_is_found),
		cmocka_unit_test(
		    test_a_key_that_nobody_certified_is_not_valid),
		cmocka_unit_test(test_another_partners_key_is_not_valid),
		cmocka_unit_test(test_a_new_key_counts_from_its_record_on),
		cmocka_unit_test(test_a_key_that_was_replaced_is_not_valid),
		cmocka_unit_test(
		    test_a_certificate_that_another_signed_is_not_valid),
		cmocka_unit_test(test_a_number_that_is_skipped_is_a_gap),
		cmocka_unit_test(test_a_number_that_is_used_twice_is_a_gap),
		cmocka_unit_test(test_time_that_runs_back_is_a_gap),
		cmocka_unit_test(
		    test_another_tree_that_a_partner_saw_is_a_fork),
		cmocka_unit_test(test_a_tree_larger_than_there_was_is_a_fork),
		cmocka_unit_test(
		    test_a_record_that_only_the_sender_saw_is_a_fork),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

/*
 * t_audit_tamper -- what an audit must find, one test for each way to tamper
 * that the other audit tests do not have: statements passed off as others,
 * keys used out of their time, partners shown another history, steps that do
 * not follow.
 */
#include "help/auditor.h"

#include "trust/sign.h"
#include "wire/pb.h"

/* verify ends with ${verify} and says ${text}; replay ends with ${replay}. */
static void
expect(void (*tell)(struct chronicle *c), int verify, int replay,
    const char *text)
{
	struct auditor *a = auditor_new();

	assert_non_null(a);
	tell(a->c);
	auditor_expect(a, a->c->dir, "verify", verify);
	if (verify != 10 && strstr(a->out, text) == NULL)
		fail_msg("verify does not say \"%s\"\n%s", text, a->out);
	auditor_expect(a, a->c->dir, "replay", replay);
	if (verify == 10 && strstr(a->out, text) == NULL)
		fail_msg("replay does not say \"%s\"\n%s", text, a->out);
	auditor_free(a);
}

static void
submit(struct chronicle *c)
{
	struct refid id;

	(void)chronicle_submit(c, LWDB, "SIG-101", &id);
}

/* --- a statement passed off as another ------------------------------------ */

static void
tell_rewritten(struct chronicle *c)
{
	c->is_rewritten = true;
	submit(c);
}

static void
test_a_statement_written_anew_is_not_the_one_that_was_signed(void **state)
{
	(void)state;
	expect(tell_rewritten, 20, 10, "de handtekening van "
				       "lwdb-noord/adapter");
}

static void
tell_other_kind(struct chronicle *c)
{
	c->is_other_kind = true;
	submit(c);
}

static void
test_a_statement_passed_off_as_another_kind_is_found(void **state)
{
	(void)state;
	expect(tell_other_kind, 27, 27, "lezen");
}

static void
other_origin(Keten__V1__Statement *st)
{
	static char other[] = "keten.elders.nl/echt";

	st->origin = other;
}

static void
tell_other_origin(struct chronicle *c)
{
	c->twist = other_origin;
	submit(c);
}

static void
test_a_statement_for_another_log_does_not_count_here(void **state)
{
	(void)state;
	expect(tell_other_origin, 20, 10, "voor een ander logboek: "
					  "keten.elders.nl/echt");
}

/* --- keys out of their time ------------------------------------------------- */

static void
tell_key_added_later(struct chronicle *c)
{
	const uint8_t seed[SIGN_SEED] = { 55 };
	struct signer *later = sign_new(seed);

	c->other_signer = later;
	submit(c);
	c->other_signer = NULL;
	chronicle_device(c, LWDB, 2, sign_public(later), NULL);
	sign_free(later);
}

static void
test_a_key_that_was_added_later_is_not_valid_before(void **state)
{
	(void)state;
	expect(tell_key_added_later, 24, 10, "toen niet geldig");
}

static void
tell_revoked_key(struct chronicle *c)
{
	chronicle_revoke(c, LWDB, 1);
	submit(c);
}

static void
test_a_key_that_was_revoked_before_is_not_valid(void **state)
{
	(void)state;
	expect(tell_revoked_key, 24, 10, "toen niet geldig");
}

static void
tell_serial_back(struct chronicle *c)
{
	const uint8_t seed[SIGN_SEED] = { 56 };
	struct signer *other = sign_new(seed);

	chronicle_device(c, LWDB, 1, sign_public(other), NULL);
	sign_free(other);
}

static void
test_a_serial_that_does_not_go_up_is_no_certificate(void **state)
{
	(void)state;
	expect(tell_serial_back, 24, 27, "Het serienummer is niet hoger");
}

static void
tell_small_key(struct chronicle *c)
{
	/* The neutral element: with it any signature can be made to fit. */
	const uint8_t neutral[32] = { 1 };

	chronicle_device(c, LWDB, 2, neutral, NULL);
}

static void
test_a_key_of_small_order_is_no_key(void **state)
{
	(void)state;
	expect(tell_small_key, 24, 27, "De ondertekensleutel deugt niet");
}

static void
tell_swapped_sealing_key(struct chronicle *c)
{
	chronicle_sealing(c, WELZIJN, c->log);
}

static void
test_a_sealing_key_that_the_broker_slipped_in_is_found(void **state)
{
	(void)state;
	expect(tell_swapped_sealing_key, 24, 10, "niet getekend met zijn "
						 "identiteitssleutel");
}

/* --- another history for one ------------------------------------------------- */

static void
tell_other_history(struct chronicle *c)
{
	submit(c);
	c->bad_running = true;
	c->lies_anyway = true;
	chronicle_ack(c, WELZIJN);
}

static void
test_who_got_other_deliveries_than_are_written_down_says_so(void **state)
{
	(void)state;
	expect(tell_other_history, 22, 28, "welzijn-w");
}

static void
swap_delivery(Keten__V1__Facts *f, Keten__V1__RouteFacts *rf)
{
	(void)f;
	for (size_t i = 0; i < rf->n_deliveries; i++)
		if (strcmp(rf->deliveries[i]->partner, "welzijn-w") == 0)
			rf->deliveries[i]->with ^= 1;
}

static void
tell_swapped_delivery(struct chronicle *c)
{
	c->lie = swap_delivery;
	submit(c);
}

static void
test_another_delivery_than_was_due_is_decided_otherwise(void **state)
{
	(void)state;
	expect(tell_swapped_delivery, 10, 28, "route: deliveries[");
}

/* --- rules that were not kept ---------------------------------------------------- */

static void
add_accomplice(Keten__V1__Facts *f, Keten__V1__RouteFacts *rf)
{
	static char accomplice[] = "mantelzorg-m";

	(void)f;
	for (size_t i = 0; i < rf->changes[0]->n_offers; i++)
		if (strcmp(rf->changes[0]->offers[i]->to, "welzijn-w") == 0)
			rf->changes[0]->offers[i]->to = accomplice;
}

static void
tell_accomplice(struct chronicle *c)
{
	c->lie = add_accomplice;
	submit(c);
}

static void
test_a_candidate_that_the_ladder_does_not_name_is_found(void **state)
{
	(void)state;
	expect(tell_accomplice, 10, 28, "route: changes[");
}

static void
skip_step(Keten__V1__Facts *f, Keten__V1__RouteFacts *rf)
{
	(void)rf;
	f->change->version_before++;
	f->change->version_after++;
}

static void
tell_skipped_step(struct chronicle *c)
{
	struct refid id;

	(void)chronicle_submit(c, LWDB, "SIG-101", &id);
	c->lie = skip_step;
	c->lies_anyway = true;
	(void)chronicle_say(c, WELZIJN, &id, KETEN__V1__EVENT__ACCEPT, NULL);
}

static void
test_a_step_that_is_skipped_is_found(void **state)
{
	(void)state;
	expect(tell_skipped_step, 26, 28, "versie");
}

static void
fork_step(Keten__V1__Facts *f, Keten__V1__RouteFacts *rf)
{
	(void)rf;
	f->change->version_before--;
	f->change->version_after--;
}

static void
tell_forked_step(struct chronicle *c)
{
	struct refid id;

	(void)chronicle_submit(c, LWDB, "SIG-101", &id);
	c->lie = fork_step;
	c->lies_anyway = true;
	(void)chronicle_say(c, WELZIJN, &id, KETEN__V1__EVENT__ACCEPT, NULL);
}

static void
test_two_steps_in_the_same_place_are_found(void **state)
{
	(void)state;
	expect(tell_forked_step, 26, 28, "versie");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_a_statement_written_anew_is_not_the_one_that_was_signed),
		cmocka_unit_test(
		    test_a_statement_passed_off_as_another_kind_is_found),
		cmocka_unit_test(
		    test_a_statement_for_another_log_does_not_count_here),
		cmocka_unit_test(
		    test_a_key_that_was_added_later_is_not_valid_before),
		cmocka_unit_test(
		    test_a_key_that_was_revoked_before_is_not_valid),
		cmocka_unit_test(
		    test_a_serial_that_does_not_go_up_is_no_certificate),
		cmocka_unit_test(test_a_key_of_small_order_is_no_key),
		cmocka_unit_test(
		    test_a_sealing_key_that_the_broker_slipped_in_is_found),
		cmocka_unit_test(
		    test_who_got_other_deliveries_than_are_written_down_says_so),
		cmocka_unit_test(
		    test_another_delivery_than_was_due_is_decided_otherwise),
		cmocka_unit_test(
		    test_a_candidate_that_the_ladder_does_not_name_is_found),
		cmocka_unit_test(test_a_step_that_is_skipped_is_found),
		cmocka_unit_test(test_two_steps_in_the_same_place_are_found),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

/*
 * What the SDK does with a broker that lies about whom to trust, and about our
 * own numbers.
 */
#include "false_story.h"

/* ---- trust ----------------------------------------------------------------- */

static void
test_an_honest_broker_is_connected_to(void **state)
{
	struct false_broker *f = *state;

	fb_talk(f, MS);
	is_connected(f, true);
	is_calm(f);
	assert_string_equal(keten_label(f->k, "UIT-01"), "geholpen");
}

static void
test_a_policy_of_another_introducer_is_refused(void **state)
{
	struct false_broker *f = *state;

	assert_int_equal(envelope_make(f->a, ENVELOPE_POLICY,
	    policy_body(f->policy), f->log, &f->signed_policy), ERR_OK);
	alarms_while_trying(f, "niet ondertekend door beheer");
	assert_string_equal(keten_label(f->k, "UIT-01"), "");
}

static void
test_a_policy_comes_in_pieces(void **state)
{
	struct false_broker *f = *state;

	f->policy_page = 1000;
	fb_talk(f, MS);
	is_connected(f, true);
	is_calm(f);
	assert_string_equal(keten_label(f->k, "UIT-01"), "geholpen");
}

static void
test_a_policy_that_never_ends_is_an_alarm(void **state)
{
	struct false_broker *f = *state;

	f->policy_page = 1000;
	f->policy_more = 10;
	alarms_while_trying(f, "het beleid komt niet heel over");
	is_connected(f, false);
	assert_string_equal(keten_label(f->k, "UIT-01"), "");
}

static void
test_an_accomplice_on_the_ladder_gets_nothing(void **state)
{
	struct false_broker *f = *state;
	struct keten_outcome out;
	uint64_t ticket;

	f->candidate = "corporatie-c";
	fb_talk(f, MS);
	ticket = submit(f);
	fb_talk(f, MS);
	out = outcome(f, ticket);
	assert_int_equal(out.status, KETEN_FAILED);
	assert_int_equal(f->n_submit, 0);
	alarms(f, "kandidaat");
}

static bool
is_wrapped_for(const Keten__V1__Part *p, const struct seal_public *key)
{
	char key_id[SEAL_KEY_ID];

	seal_key_id(key, key_id);
	for (size_t i = 0; i < p->n_wrapped_for; i++)
		if (strcmp(p->wrapped_for[i], key_id) == 0)
			return (true);
	return (false);
}

static void
test_a_candidate_can_open_the_note_and_not_the_person(void **state)
{
	struct false_broker *f = *state;
	const Keten__V1__Command *c;

	fb_talk(f, MS);
	submit(f);
	fb_talk(f, MS);
	assert_int_equal(f->n_submit, 1);
	c = f->st[0]->command;
	assert_int_equal(c->n_parts, 2);
	assert_true(is_wrapped_for(c->parts[0], &f->seal_k.pub));
	assert_true(is_wrapped_for(c->parts[0], &f->seal_b));
	assert_false(is_wrapped_for(c->parts[1], &f->seal_k.pub));
	assert_true(is_wrapped_for(c->parts[1], &f->seal_b));
}

static void
test_a_swapped_key_is_not_sealed_for(void **state)
{
	struct false_broker *f = *state;

	f->seal_signer = "makelaar";
	fb_talk(f, MS);
	submit(f);
	fb_talk(f, MS);
	assert_int_equal(f->n_submit, 1);
	assert_false(is_wrapped_for(f->st[0]->command->parts[0],
	    &f->seal_k.pub));
}

/* ---- our own numbers ------------------------------------------------------- */

static void
refuse(struct false_broker *f, Keten__V1__ErrorCode code, uint64_t number)
{
	Keten__V1__FromBroker m = KETEN__V1__FROM_BROKER__INIT;
	Keten__V1__Refusal r = KETEN__V1__REFUSAL__INIT;

	r.lane = f->st[0]->lane;
	r.number = number;
	r.code = code;
	r.expected_number = 1;
	m.body_case = KETEN__V1__FROM_BROKER__BODY_REFUSAL;
	m.refusal = &r;
	fb_say(f, &m);
}

static void
test_after_a_gap_the_same_bytes_go_again(void **state)
{
	struct false_broker *f = *state;

	fb_talk(f, MS);
	submit(f);
	submit(f);
	fb_talk(f, MS);
	assert_int_equal(f->n_submit, 2);
	refuse(f, KETEN__V1__ERROR_CODE__GAP, 2);
	fb_talk(f, MS);
	assert_int_equal(f->n_submit, 4);
	assert_true(slice_eq(f->envelope[0], f->envelope[2]));
	assert_true(slice_eq(f->envelope[1], f->envelope[3]));
}

static void
test_bytes_that_cannot_be_read_give_their_number_to_the_next(void **state)
{
	struct false_broker *f = *state;
	uint64_t first, second;

	fb_talk(f, MS);
	first = submit(f);
	second = submit(f);
	fb_talk(f, MS);
	assert_int_equal(f->n_submit, 2);
	refuse(f, KETEN__V1__ERROR_CODE__MALFORMED, 1);
	fb_talk(f, MS);
	assert_int_equal(outcome(f, first).status, KETEN_REFUSED);
	assert_int_equal(outcome(f, second).status, KETEN_SENT);
	assert_int_equal(outcome(f, second).number, 1);
	assert_int_equal(f->n_submit, 3);
	assert_int_equal(f->st[2]->number, 1);
	assert_true(slice_eq(pb_slice(f->st[2]->referral),
	    pb_slice(f->st[1]->referral)));
}

static void
test_a_receipt_for_other_bytes_is_not_believed(void **state)
{
	Keten__V1__FromBroker m = KETEN__V1__FROM_BROKER__INIT;
	Keten__V1__Receipt r = KETEN__V1__RECEIPT__INIT;
	struct false_broker *f = *state;
	uint64_t ticket;
	struct story s;

	tell(f->a, &s, f->device_b, f->device_k);
	fb_talk(f, MS);
	ticket = submit(f);
	fb_talk(f, MS);
	assert_int_equal(f->n_submit, 1);
	r.lane = f->st[0]->lane;
	r.number = 1;
	r.record = s.record[0];
	m.body_case = KETEN__V1__FROM_BROKER__BODY_RECEIPT;
	m.receipt = &r;
	fb_say(f, &m);
	fb_talk(f, MS);
	alarms(f, "andere opdracht");
	assert_int_equal(outcome(f, ticket).status, KETEN_SENT);
}

static void
test_numbers_the_broker_knows_and_we_do_not_stop_the_lane(void **state)
{
	struct false_broker *f = *state;
	struct keten_outcome out;
	uint64_t ticket;

	f->last_number = 7;
	fb_talk(f, MS);
	ticket = submit(f);
	fb_talk(f, MS);
	out = outcome(f, ticket);
	assert_int_equal(out.status, KETEN_WAITING);
	assert_string_equal(out.code, "NUMBER_REUSED");
	assert_int_equal(f->n_submit, 0);
	/* A new lane goes on. */
	f->last_number = 0;
	assert_int_equal(keten_renew(f->k), 0);
	fb_talk(f, MS);
	assert_int_equal(f->n_submit, 1);
	assert_int_equal(f->st[0]->number, 1);
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, fb_set_up, fb_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_an_honest_broker_is_connected_to),
		TEST(test_a_policy_of_another_introducer_is_refused),
		TEST(test_a_policy_comes_in_pieces),
		TEST(test_a_policy_that_never_ends_is_an_alarm),
		TEST(test_an_accomplice_on_the_ladder_gets_nothing),
		TEST(test_a_candidate_can_open_the_note_and_not_the_person),
		TEST(test_a_swapped_key_is_not_sealed_for),
		TEST(test_after_a_gap_the_same_bytes_go_again),
		TEST(test_bytes_that_cannot_be_read_give_their_number_to_the_next),
		TEST(test_a_receipt_for_other_bytes_is_not_believed),
		TEST(test_numbers_the_broker_knows_and_we_do_not_stop_the_lane),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

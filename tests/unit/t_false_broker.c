/*
 * What the SDK does with a broker that lies.
 */
#include "false_broker.h"

/* At most; mostly both are quiet long before. */
#define MS 3000

static void
is_connected(struct false_broker *f, bool wanted)
{
	struct keten_connection c;

	assert_int_equal(keten_connected(f->k, &c), 0);
	if (c.connected != wanted)
		fail_msg("connected is %d: %s", c.connected, c.why);
}

/* Is there an alarm with this in its text? */
static void
alarms(struct false_broker *f, const char *text)
{
	struct keten_news n;
	uint64_t seq = 0;

	while (keten_next(f->k, "test", &n) == 0) {
		if (n.step == KETEN_ALARM && strstr(n.text, text) != NULL)
			return;
		seq = n.seq;
		assert_int_equal(keten_read(f->k, "test", seq), 0);
	}
	fail_msg("no alarm about \"%s\"", text);
}

static void
is_calm(struct false_broker *f)
{
	struct keten_news n;

	while (keten_next(f->k, "calm", &n) == 0) {
		if (n.step == KETEN_ALARM)
			fail_msg("an alarm: %s", n.text);
		assert_int_equal(keten_read(f->k, "calm", n.seq), 0);
	}
}

static uint64_t
submit(struct false_broker *f)
{
	struct keten_order o = { .step = KETEN_SUBMIT, .code = "SIG-101",
		.area = "WK085501", .urgency = KETEN_NORMAL, .basis = "G-TOE",
		.discussed = KETEN_AGREES, .note = "Gordijnen dicht",
		.person = "{\"name\":\"Wilhelmina\"}" };
	uint64_t ticket;

	if (keten_order(f->k, &o, &ticket) != 0)
		fail_msg("%s", keten_error(f->k));
	return (ticket);
}

static struct keten_outcome
outcome(struct false_broker *f, uint64_t ticket)
{
	struct keten_outcome out;

	assert_int_equal(keten_outcome(f->k, ticket, &out), 0);
	return (out);
}

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
	fb_talk(f, MS);
	alarms(f, "niet ondertekend door beheer");
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

/* ---- the log --------------------------------------------------------------- */

static void
test_two_logs_of_one_length_are_a_fork(void **state)
{
	struct false_broker *f = *state;

	fb_checkpoint(f, f->log, 5, 1, f->checkpoint);
	fb_talk(f, MS);
	is_calm(f);
	keten_close(f->k);
	f->k = NULL;
	fb_checkpoint(f, f->log, 5, 2, f->checkpoint);
	fb_talk(f, MS);
	alarms(f, "gesplitst");
}

static void
test_a_checkpoint_needs_the_signature_of_the_log(void **state)
{
	struct false_broker *f = *state;

	fb_checkpoint(f, f->introducer, 5, 1, f->checkpoint);
	fb_talk(f, MS);
	alarms(f, "niet door het logboek ondertekend");
}

static void
test_growth_that_cannot_be_proved_is_a_fork(void **state)
{
	static const uint8_t hash[32] = { 4 };
	struct false_broker *f = *state;

	fb_checkpoint(f, f->log, 5, 1, f->checkpoint);
	fb_talk(f, MS);
	keten_close(f->k);
	f->k = NULL;
	f->consistency = slice_of(hash, sizeof(hash));
	fb_checkpoint(f, f->log, 6, 2, f->checkpoint);
	fb_talk(f, MS);
	alarms(f, "gesplitst");
}

/* ---- deliveries ------------------------------------------------------------ */

/* Send record ${i} of ${s} as delivery ${seq}; a wrong running hash if
 * ${lie}. */
static void
deliver(struct false_broker *f, struct story *s, size_t i, uint64_t seq,
    uint8_t running[32], bool lie)
{
	Keten__V1__FromBroker m = KETEN__V1__FROM_BROKER__INIT;
	Keten__V1__Delivery d = KETEN__V1__DELIVERY__INIT;
	uint8_t leaf_hash[32];

	digest_leaf(pb_slice(s->record[i]->leaf), leaf_hash);
	leaf_running(running, seq, leaf_hash, running);
	running[0] ^= lie;
	d.seq = seq;
	d.record = s->record[i];
	d.envelope = pb_data(s->envelope[i]);
	d.running_hash = pb_of(running, 32);
	d.role = KETEN__V1__DELIVERY_ROLE__ORIGINATOR;
	m.body_case = KETEN__V1__FROM_BROKER__BODY_DELIVERY;
	m.delivery = &d;
	fb_say(f, &m);
	running[0] ^= lie;
}

static void
test_a_delivery_is_acknowledged_when_it_is_right(void **state)
{
	struct false_broker *f = *state;
	struct keten_referral r;
	uint8_t running[32] = { 0 };
	char text[REFID_TEXT];
	struct story s;

	tell(f->a, &s, f->device_b, f->device_k);
	fb_talk(f, MS);
	deliver(f, &s, 0, 1, running, false);
	deliver(f, &s, 1, 2, running, false);
	fb_talk(f, MS);
	is_calm(f);
	assert_int_equal(f->acked, 2);
	assert_int_equal(keten_show(f->k, refid_text(&id, text), &r), 0);
	assert_string_equal(r.state, "OFFERED");
	assert_int_equal(r.urgency, KETEN_HIGH);
	/* Again: passed over, and not acknowledged higher. */
	memset(running, 0, sizeof(running));
	deliver(f, &s, 0, 1, running, false);
	fb_talk(f, MS);
	is_calm(f);
	assert_int_equal(f->acked, 2);
}

static void
test_a_delivery_with_a_wrong_running_hash_is_an_alarm(void **state)
{
	struct false_broker *f = *state;
	uint8_t running[32] = { 0 };
	struct story s;

	tell(f->a, &s, f->device_b, f->device_k);
	fb_talk(f, MS);
	deliver(f, &s, 0, 1, running, true);
	fb_talk(f, MS);
	alarms(f, "lopende hash");
	assert_int_equal(f->n_ack, 0);
	is_connected(f, false);
}

static void
test_a_delivery_that_is_withheld_is_an_alarm(void **state)
{
	struct false_broker *f = *state;
	uint8_t running[32] = { 0 };
	struct story s;

	tell(f->a, &s, f->device_b, f->device_k);
	fb_talk(f, MS);
	deliver(f, &s, 0, 1, running, false);
	fb_talk(f, MS);
	deliver(f, &s, 2, 3, running, false);
	fb_talk(f, MS);
	alarms(f, "ontbreekt een aflevering");
	assert_int_equal(f->acked, 1);
}

static void
test_a_step_that_nobody_signed_is_an_alarm(void **state)
{
	struct false_broker *f = *state;
	uint8_t running[32] = { 0 };
	struct story s;

	tell(f->a, &s, f->device_b, f->device_k);
	fb_talk(f, MS);
	deliver(f, &s, 0, 1, running, false);
	fb_talk(f, MS);
	s.envelope[1] = slice_of(NULL, 0);
	deliver(f, &s, 1, 2, running, false);
	fb_talk(f, MS);
	alarms(f, "zonder de handtekening");
	assert_int_equal(f->acked, 1);
}

static void
test_facts_that_are_not_in_the_leaf_are_an_alarm(void **state)
{
	struct false_broker *f = *state;
	uint8_t running[32] = { 0 };
	struct story s;

	tell(f->a, &s, f->device_b, f->device_k);
	fb_talk(f, MS);
	s.record[0]->facts.data[s.record[0]->facts.len - 1] ^= 1;
	deliver(f, &s, 0, 1, running, false);
	fb_talk(f, MS);
	alarms(f, "past niet bij de feiten");
	assert_int_equal(f->n_ack, 0);
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

/* ---- rewrapping ------------------------------------------------------------ */

/* A story whose first record is our own SUBMIT, with its parts. */
static void
own_story(struct false_broker *f, struct story *s)
{
	Keten__V1__FromBroker m = KETEN__V1__FROM_BROKER__INIT;
	Keten__V1__Receipt r = KETEN__V1__RECEIPT__INIT;
	Keten__V1__Facts *facts;

	fb_talk(f, MS);
	submit(f);
	fb_talk(f, MS);
	assert_int_equal(f->n_submit, 1);
	id_is(pb_slice(f->st[0]->referral));
	tell(f->a, s, f->device_k, f->device_k);
	assert_int_equal(pb_unpack(f->a, &keten__v1__facts__descriptor,
	    pb_slice(s->record[0]->facts), &prescan_stored, &facts), ERR_OK);
	facts->parts = f->st[0]->command->parts;
	facts->n_parts = f->st[0]->command->n_parts;
	s->record[0] = record(f->a, facts, NULL, f->envelope[0]);
	r.lane = f->st[0]->lane;
	r.number = 1;
	r.record = s->record[0];
	m.body_case = KETEN__V1__FROM_BROKER__BODY_RECEIPT;
	m.receipt = &r;
	fb_say(f, &m);
	fb_talk(f, MS);
	is_calm(f);
}

enum lie {
	HONEST,
	NOT_IN_LOG,
	NOT_SIGNED,
	FOR_ANOTHER,
	OTHER_KEY,
	FORMER_KEY /* certified once, and replaced since */
};

/* Ask to wrap the person part for K, because of record 11, the last one in a
 * log of twelve. */
static void
ask(struct false_broker *f, struct story *s, enum lie lie)
{
	Keten__V1__FromBroker m = KETEN__V1__FROM_BROKER__INIT;
	Keten__V1__RewrapAsk q = KETEN__V1__REWRAP_ASK__INIT;
	Keten__V1__RewrapPart part = KETEN__V1__REWRAP_PART__INIT;
	Keten__V1__RewrapPart *parts[1] = { &part };
	static const uint8_t before[3][32] = { { 8 }, { 9 }, { 10 } };
	ProtobufCBinaryData proof[3] = { pb_of(before[0], 32),
		pb_of(before[1], 32), pb_of(before[2], 32) };
	struct note_checkpoint c = { .size = 12 };
	struct seal_key former;
	const struct seal_public *key = &f->seal_k.pub;
	const Keten__V1__Part *p = f->st[0]->command->parts[1];
	struct slice envelope = s->envelope[2];
	char note[NOTE_MAX];
	Keten__V1__Facts *facts;
	Keten__V1__Record *because;
	size_t len;

	if (lie == NOT_SIGNED)
		envelope = statement(f->a, f->log, K,
		    KETEN__V1__EVENT__ACCEPT, 1);
	assert_int_equal(pb_unpack(f->a, &keten__v1__facts__descriptor,
	    pb_slice(s->record[2]->facts), &prescan_stored, &facts), ERR_OK);
	facts->index = 11;
	because = record(f->a, facts, NULL, envelope);
	(void)snprintf(c.origin, sizeof(c.origin), "%s", ORIGIN);
	digest_leaf(pb_slice(because->leaf), c.root);
	for (size_t i = 0; i < 3; i++)
		digest_node(before[i], c.root, c.root);
	c.root[0] ^= lie == NOT_IN_LOG;
	assert_int_equal(note_sign(&c, f->log, note, sizeof(note), &len),
	    ERR_OK);
	part.index = 10;
	part.part = 1;
	part.sha256 = p->sha256;
	part.plain_commit = p->plain_commit;
	q.referral = pb_of(id.b, 16);
	q.to = pb_string(lie == FOR_ANOTHER ? "thuiszorg-t" : K);
	if (lie == FORMER_KEY) {
		assert_int_equal(seal_key_new(&former), ERR_OK);
		key = &former.pub;
	}
	q.certificate = pb_data(seal_cert(f->a,
	    lie == OTHER_KEY ? f->log : f->identity_k, K, 1, key));
	q.because = because;
	q.because_envelope = pb_data(envelope);
	q.parts = parts;
	q.n_parts = 1;
	q.checkpoint = note;
	q.proof = proof;
	q.n_proof = 3;
	m.body_case = KETEN__V1__FROM_BROKER__BODY_REWRAP_ASK;
	m.rewrap_ask = &q;
	fb_say(f, &m);
	fb_talk(f, MS);
}

static void
test_who_accepted_gets_a_wrap(void **state)
{
	struct false_broker *f = *state;
	struct story s;

	own_story(f, &s);
	ask(f, &s, HONEST);
	is_calm(f);
	assert_int_equal(f->n_submit, 2);
	assert_int_equal(f->kind[1], ENVELOPE_REWRAP);
	assert_string_equal(f->st[1]->rewrap->to, K);
	assert_int_equal(f->st[1]->rewrap->n_parts, 1);
}

static void
wraps_nothing(struct false_broker *f, enum lie lie, const char *text)
{
	struct story s;

	own_story(f, &s);
	ask(f, &s, lie);
	alarms(f, text);
	assert_int_equal(f->n_submit, 1);
}

static void
test_an_acceptance_that_is_not_in_the_log_gets_no_wrap(void **state)
{
	wraps_nothing(*state, NOT_IN_LOG, "niet in het logboek");
}

static void
test_an_acceptance_that_the_holder_did_not_sign_gets_no_wrap(void **state)
{
	wraps_nothing(*state, NOT_SIGNED, "sleutel van de afzender");
}

static void
test_another_than_who_accepted_gets_no_wrap(void **state)
{
	wraps_nothing(*state, FOR_ANOTHER, "voor wie dat niet mag");
}

static void
test_a_key_the_holder_did_not_certify_gets_no_wrap(void **state)
{
	wraps_nothing(*state, OTHER_KEY, "niet die van de partner");
}

static void
test_a_key_the_holder_has_no_longer_gets_no_wrap(void **state)
{
	struct false_broker *f = *state;
	struct story s;

	own_story(f, &s);
	ask(f, &s, FORMER_KEY);
	is_calm(f);
	assert_int_equal(f->n_submit, 1);
}

/* Since then we know of another holder. */
static void
test_an_acceptance_of_long_ago_gets_no_wrap(void **state)
{
	struct false_broker *f = *state;
	uint8_t running[32] = { 0 };
	struct story s;

	own_story(f, &s);
	s.r[2] = s.r[3];
	s.r[3].h = org_of(R);
	s.r[3].state = ST_ESCALATED;
	s.r[3].version++;
	s.envelope[2] = statement(f->a, f->device_k, K,
	    KETEN__V1__EVENT__GIVE_UP, 2);
	change(f->a, &s, 2, KETEN__V1__EVENT__GIVE_UP, NULL);
	deliver(f, &s, 2, 1, running, false);
	fb_talk(f, MS);
	is_calm(f);
	tell(f->a, &s, f->device_b, f->device_k);
	ask(f, &s, HONEST);
	is_calm(f);
	assert_int_equal(f->n_submit, 1);
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, fb_set_up, fb_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_an_honest_broker_is_connected_to),
		TEST(test_a_policy_of_another_introducer_is_refused),
		TEST(test_an_accomplice_on_the_ladder_gets_nothing),
		TEST(test_a_candidate_can_open_the_note_and_not_the_person),
		TEST(test_a_swapped_key_is_not_sealed_for),
		TEST(test_two_logs_of_one_length_are_a_fork),
		TEST(test_a_checkpoint_needs_the_signature_of_the_log),
		TEST(test_growth_that_cannot_be_proved_is_a_fork),
		TEST(test_a_delivery_is_acknowledged_when_it_is_right),
		TEST(test_a_delivery_with_a_wrong_running_hash_is_an_alarm),
		TEST(test_a_delivery_that_is_withheld_is_an_alarm),
		TEST(test_a_step_that_nobody_signed_is_an_alarm),
		TEST(test_facts_that_are_not_in_the_leaf_are_an_alarm),
		TEST(test_after_a_gap_the_same_bytes_go_again),
		TEST(test_bytes_that_cannot_be_read_give_their_number_to_the_next),
		TEST(test_a_receipt_for_other_bytes_is_not_believed),
		TEST(test_numbers_the_broker_knows_and_we_do_not_stop_the_lane),
		TEST(test_who_accepted_gets_a_wrap),
		TEST(test_an_acceptance_that_is_not_in_the_log_gets_no_wrap),
		TEST(test_an_acceptance_that_the_holder_did_not_sign_gets_no_wrap),
		TEST(test_another_than_who_accepted_gets_no_wrap),
		TEST(test_a_key_the_holder_did_not_certify_gets_no_wrap),
		TEST(test_a_key_the_holder_has_no_longer_gets_no_wrap),
		TEST(test_an_acceptance_of_long_ago_gets_no_wrap),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

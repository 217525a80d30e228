/*
 * What the SDK does with a broker that asks for wraps nobody has a right to.
 */
#include "false_story.h"

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

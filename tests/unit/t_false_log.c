/*
 * What the SDK does with a broker that lies about the log and what is in it.
 */
#include "base/instant.h"
#include "false_story.h"

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

/* Hang up and connect anew. */
static void
again(struct false_broker *f)
{
	keten_close(f->k);
	f->k = NULL;
	fb_talk(f, MS);
}

/* Let it come back by itself, and hear WELCOME once more. */
static void
welcome_again(struct false_broker *f)
{
	Keten__V1__FromBroker m = KETEN__V1__FROM_BROKER__INIT;
	Keten__V1__Bye bye = KETEN__V1__BYE__INIT;
	size_t n = f->n_hello;

	fb_talk(f, MS);
	bye.reason = pb_string("drain");
	m.body_case = KETEN__V1__FROM_BROKER__BODY_BYE;
	m.bye = &bye;
	fb_say(f, &m);
	for (int i = 0; i < 20 && f->n_hello == n; i++)
		fb_talk(f, MS);
}

static void
test_a_log_that_got_shorter_is_an_alarm(void **state)
{
	struct false_broker *f = *state;

	fb_checkpoint(f, f->log, 6, 1, f->checkpoint);
	fb_talk(f, MS);
	is_calm(f);
	fb_checkpoint(f, f->log, 5, 1, f->checkpoint);
	/* Once may be an old one that overtook a new one. */
	keten_close(f->k);
	f->k = NULL;
	for (int i = 0; i < 8 && !has_alarm(f, "korter geworden"); i++)
		welcome_again(f);
	alarms(f, "het logboek is korter geworden");
}

static void
test_a_delivery_that_was_another_one_before_is_an_alarm(void **state)
{
	struct false_broker *f = *state;
	uint8_t running[32] = { 0 }, before[32];
	struct story s;

	tell(f->a, &s, f->device_b, f->device_k);
	fb_talk(f, MS);
	deliver(f, &s, 0, 1, running, false);
	memcpy(before, running, sizeof(before));
	deliver(f, &s, 1, 2, running, false);
	fb_talk(f, MS);
	is_calm(f);
	f->last_delivery = 2;
	again(f);
	deliver(f, &s, 2, 2, before, false);
	fb_talk(f, MS);
	alarms(f, "een aflevering kwam terug als een andere");
}

static void
test_another_history_of_a_referral_is_an_alarm(void **state)
{
	struct false_broker *f = *state;
	uint8_t running[32] = { 0 };
	Keten__V1__Facts *facts;
	struct story s;

	tell(f->a, &s, f->device_b, f->device_k);
	fb_talk(f, MS);
	deliver(f, &s, 0, 1, running, false);
	deliver(f, &s, 1, 2, running, false);
	fb_talk(f, MS);
	is_calm(f);
	/* The same step once more, at another place: a second version 2. */
	assert_int_equal(pb_unpack(f->a, &keten__v1__facts__descriptor,
	    pb_slice(s.record[1]->facts), &prescan_stored, &facts), ERR_OK);
	facts->index = 12;
	s.record[2] = record(f->a, facts, NULL, s.envelope[1]);
	s.envelope[2] = s.envelope[1];
	deliver(f, &s, 2, 3, running, false);
	fb_talk(f, MS);
	alarms(f, "de feiten volgen niet op wat er was");
	assert_int_equal(f->acked, 2);
}

static void
test_deliveries_that_the_broker_forgot_are_an_alarm(void **state)
{
	struct false_broker *f = *state;
	uint8_t running[32] = { 0 };
	struct story s;

	tell(f->a, &s, f->device_b, f->device_k);
	fb_talk(f, MS);
	deliver(f, &s, 0, 1, running, false);
	deliver(f, &s, 1, 2, running, false);
	fb_talk(f, MS);
	f->last_delivery = 1;
	again(f);
	alarms(f, "de makelaar is afleveringen kwijt");
}

/* The second record of a story in which the offer runs until ${at_ms}: the
 * clock says that it lapsed. */
static void
lapse(struct false_broker *f, struct story *s, int64_t at_ms)
{
	Keten__V1__Facts *facts;
	struct clock *c;

	tell(f->a, s, f->device_b, f->device_k);
	c = &s->r[1].clocks[TERM_OFFER];
	*c = (struct clock){ .running = true, .since_ms = 1000,
		.at_ms = at_ms };
	s->r[2].clocks[TERM_OFFER] = *c;
	assert_int_equal(pb_unpack(f->a, &keten__v1__facts__descriptor,
	    pb_slice(s->record[0]->facts), &prescan_stored, &facts), ERR_OK);
	change(f->a, s, 0, KETEN__V1__EVENT__SUBMIT, facts->header);
	change(f->a, s, 1, KETEN__V1__EVENT__OFFER_EXPIRED, NULL);
	assert_int_equal(pb_unpack(f->a, &keten__v1__facts__descriptor,
	    pb_slice(s->record[1]->facts), &prescan_stored, &facts), ERR_OK);
	s->envelope[1] = slice_of(NULL, 0);
	s->record[1] = record_of(f->a, LEAF_CLOCK, facts, NULL,
	    s->envelope[1]);
}

static void
test_an_offer_that_lapses_before_its_time_is_an_alarm(void **state)
{
	struct false_broker *f = *state;
	uint8_t running[32] = { 0 };
	struct story s;

	lapse(f, &s, 9000);
	fb_talk(f, MS);
	deliver(f, &s, 0, 1, running, false);
	deliver(f, &s, 1, 2, running, false);
	fb_talk(f, MS);
	alarms(f, "liet een termijn aflopen voordat de tijd om was");
	/* It is in the log, so it is taken. */
	assert_int_equal(f->acked, 2);
}

static void
test_an_offer_that_lapses_in_its_time_is_none(void **state)
{
	struct false_broker *f = *state;
	uint8_t running[32] = { 0 };
	struct story s;

	lapse(f, &s, 1001);
	fb_talk(f, MS);
	deliver(f, &s, 0, 1, running, false);
	deliver(f, &s, 1, 2, running, false);
	fb_talk(f, MS);
	is_calm(f);
	assert_int_equal(f->acked, 2);
}

/* The statement of record 1 again, with that part. */
static void
resign(struct false_broker *f, struct story *s, Keten__V1__Part **parts)
{
	Keten__V1__Statement *st;
	const char *rule;
	struct envelope env;
	struct slice body;

	assert_int_equal(envelope_parse(f->a, s->envelope[1], &env, NULL),
	    ERR_OK);
	assert_int_equal(statement_parse(f->a, env.kind, env.body, &st, NULL),
	    ERR_OK);
	st->command->parts = parts;
	st->command->n_parts = 1;
	st->command->event = KETEN__V1__EVENT__SUPPLEMENT;
	st->command->urgency = KETEN__V1__URGENCY__URGENCY_UNSPECIFIED;
	assert_int_equal(pb_pack(f->a, &st->base, &body), ERR_OK);
	assert_int_equal(statement_parse(f->a, ENVELOPE_COMMAND, body, &st,
	    &rule), ERR_OK);
	assert_int_equal(envelope_make(f->a, ENVELOPE_COMMAND, body,
	    f->device_b, &s->envelope[1]), ERR_OK);
}

/* Let record 1 bring a text for us whose commitment is to another text; what
 * goes with it in ${frame}. */
static void
seal_other(struct false_broker *f, struct story *s, struct slice *frame)
{
	static uint8_t nonce[16] = { 5 };
	Keten__V1__Part *part = arena_zero(f->a, 1, sizeof(*part));
	Keten__V1__Part **parts = arena_zero(f->a, 1, sizeof(*parts));
	struct content_piece piece = { .index = 11, .n_wraps = 1,
		.kind = KETEN__V1__PART_KIND__TEXT };
	struct org from = org_of(B);
	uint8_t *sha = arena_alloc(f->a, 32), *commit = arena_alloc(f->a, 32);
	struct seal_made made;
	Keten__V1__Facts *facts;
	static char key_id[SEAL_KEY_ID], *key_ids[1] = { key_id };
	char aad[SEAL_AAD_MAX];
	size_t len;

	assert_int_equal(seal_aad(ORIGIN, &from, &id, "text", nonce, aad,
	    &len), ERR_OK);
	assert_int_equal(seal_make(slice_str("{\"text\":\"iets anders\"}"),
	    slice_of(aad, len), &f->seal_b, 1, &made), ERR_OK);
	assert_int_equal(content_pack_sealed(f->a, &made.sealed, &piece.bytes,
	    sha), ERR_OK);
	memset(commit, 7, 32);
	piece.wraps = made.wraps;
	assert_int_equal(content_pack(f->a, &piece, 1, frame), ERR_OK);
	keten__v1__part__init(part);
	part->kind = KETEN__V1__PART_KIND__TEXT;
	part->sha256 = pb_of(sha, 32);
	part->length = (uint32_t)made.sealed.ciphertext.len;
	part->plain_commit = pb_of(commit, 32);
	part->nonce = pb_of(nonce, 16);
	seal_key_id(&f->seal_b, key_id);
	part->wrapped_for = key_ids;
	part->n_wrapped_for = 1;
	parts[0] = part;
	assert_int_equal(pb_unpack(f->a, &keten__v1__facts__descriptor,
	    pb_slice(s->record[1]->facts), &prescan_stored, &facts), ERR_OK);
	facts->parts = parts;
	facts->n_parts = 1;
	facts->change->steps[0]->event = KETEN__V1__EVENT__SUPPLEMENT;
	resign(f, s, parts);
	s->record[1] = record(f->a, facts, NULL, s->envelope[1]);
	seal_made_fini(&made);
}

static void
test_another_text_than_was_committed_to_is_not_shown(void **state)
{
	struct false_broker *f = *state;
	uint8_t running[32] = { 0 };
	char text[REFID_TEXT], *out = NULL;
	struct slice frame;
	struct story s;
	size_t len;

	tell(f->a, &s, f->device_b, f->device_k);
	fb_talk(f, MS);
	seal_other(f, &s, &frame);
	deliver(f, &s, 0, 1, running, false);
	deliver_with(f, &s, 1, 2, running, false, frame);
	fb_talk(f, MS);
	assert_int_equal(f->acked, 2);
	assert_int_equal(keten_open_part(f->k, refid_text(&id, text),
	    KETEN_TEXT, "TEAM-1", 0, &out, &len), KETEN_ETRUST);
	assert_null(out);
	assert_non_null(strstr(keten_error(f->k),
	    "iets anders dan ondertekend is; de bron heeft bericht"));
	/* ... and the others hear of it, over our signature. */
	assert_int_equal(f->n_submit, 1);
	assert_int_equal(f->kind[0], ENVELOPE_UNREADABLE);
	assert_int_equal(f->st[0]->unreadable->why,
	    KETEN__V1__UNREADABLE_WHY__OTHER_PLAINTEXT);
}

static void
test_a_receipt_that_the_broker_denies_is_an_alarm(void **state)
{
	Keten__V1__FromBroker m = KETEN__V1__FROM_BROKER__INIT;
	Keten__V1__Receipt r = KETEN__V1__RECEIPT__INIT;
	struct false_broker *f = *state;
	Keten__V1__Facts *facts;
	struct story s;

	fb_talk(f, MS);
	submit(f);
	fb_talk(f, MS);
	id_is(pb_slice(f->st[0]->referral));
	tell(f->a, &s, f->device_k, f->device_k);
	assert_int_equal(pb_unpack(f->a, &keten__v1__facts__descriptor,
	    pb_slice(s.record[0]->facts), &prescan_stored, &facts), ERR_OK);
	facts->parts = f->st[0]->command->parts;
	facts->n_parts = f->st[0]->command->n_parts;
	r.lane = f->st[0]->lane;
	r.number = 1;
	r.record = record(f->a, facts, NULL, f->envelope[0]);
	m.body_case = KETEN__V1__FROM_BROKER__BODY_RECEIPT;
	m.receipt = &r;
	fb_say(f, &m);
	f->last_number = 1;
	submit(f);
	fb_talk(f, MS);
	is_calm(f);
	/* It never saw number 1, it says now. */
	f->last_number = 0;
	again(f);
	alarms(f, "kwijt waarvan hij eerder een ontvangstbewijs gaf");
}

/* Delivery ${seq} of record ${index}, which was erased: its leaf, of that
 * time.  ${running} is the hash so far, and becomes that with it. */
static void
deliver_erased(struct false_broker *f, uint64_t seq, uint64_t index,
    int64_t time_ms, uint8_t running[32])
{
	Keten__V1__FromBroker m = KETEN__V1__FROM_BROKER__INIT;
	Keten__V1__Delivery d = KETEN__V1__DELIVERY__INIT;
	Keten__V1__Record r = KETEN__V1__RECORD__INIT;
	struct leaf l = { .kind = LEAF_COMMAND, .time_ms = time_ms };
	uint8_t leaf[LEAF_LEN], leaf_hash[32];
	size_t len;

	assert_int_equal(leaf_encode(&l, leaf, sizeof(leaf), &len), ERR_OK);
	digest_leaf(slice_of(leaf, len), leaf_hash);
	leaf_running(running, seq, leaf_hash, running);
	r.index = index;
	r.leaf = pb_of(leaf, len);
	d.seq = seq;
	d.record = &r;
	d.running_hash = pb_of(running, 32);
	d.role = KETEN__V1__DELIVERY_ROLE__FORMER;
	m.body_case = KETEN__V1__FROM_BROKER__BODY_DELIVERY;
	m.delivery = &d;
	fb_say(f, &m);
	fb_talk(f, MS);
}

static void
test_a_record_erased_before_its_time_is_an_alarm(void **state)
{
	struct false_broker *f = *state;
	uint8_t running[32] = { 0 };

	fb_talk(f, MS);
	/* An hour ago, whatever the date is: no rule lets that go. */
	deliver_erased(f, 1, 17, instant_ms(CLOCK_REALTIME) - 3600 * 1000,
	    running);
	alarms(f, "regel 17 gewist is, en die moet nog bewaard blijven");
	assert_int_equal(f->acked, 1);
}

static void
test_a_record_whose_term_is_over_is_shown_as_erased(void **state)
{
	struct false_broker *f = *state;
	uint8_t running[32] = { 0 };
	struct keten_news n;
	bool told = false;

	fb_talk(f, MS);
	deliver_erased(f, 1, 17, 1000, running);
	is_calm(f);
	assert_int_equal(f->acked, 1);
	is_connected(f, true);
	while (keten_next(f->k, "gone", &n) == 0) {
		told = told || strncmp(n.text, "GEWIST: regel 17 ", 17) == 0;
		assert_int_equal(keten_read(f->k, "gone", n.seq), 0);
	}
	assert_true(told);
}

/* The delivery before it is of a later time. */
static void
test_an_erased_record_with_an_invented_time_is_an_alarm(void **state)
{
	struct false_broker *f = *state;
	uint8_t running[32] = { 0 };
	struct story s;

	tell(f->a, &s, f->device_b, f->device_k);
	fb_talk(f, MS);
	deliver(f, &s, 0, 1, running, false);
	fb_talk(f, MS);
	is_calm(f);
	assert_int_equal(f->acked, 1);
	deliver_erased(f, 2, 1000, 999, running);
	alarms(f, "met een tijd van voor de vorige aflevering");
}

static void
test_an_answer_erased_before_its_time_is_an_alarm(void **state)
{
	Keten__V1__FromBroker m = KETEN__V1__FROM_BROKER__INIT;
	Keten__V1__Refusal r = KETEN__V1__REFUSAL__INIT;
	struct false_broker *f = *state;

	fb_talk(f, MS);
	submit(f);
	fb_talk(f, MS);
	r.lane = f->st[0]->lane;
	r.number = 1;
	r.code = KETEN__V1__ERROR_CODE__CONTENT_GONE;
	m.body_case = KETEN__V1__FROM_BROKER__BODY_REFUSAL;
	m.refusal = &r;
	fb_say(f, &m);
	fb_talk(f, MS);
	alarms(f, "gewist is, en die moet nog bewaard blijven");
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, fb_set_up, fb_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_two_logs_of_one_length_are_a_fork),
		TEST(test_a_checkpoint_needs_the_signature_of_the_log),
		TEST(test_growth_that_cannot_be_proved_is_a_fork),
		TEST(test_a_delivery_is_acknowledged_when_it_is_right),
		TEST(test_a_delivery_with_a_wrong_running_hash_is_an_alarm),
		TEST(test_a_delivery_that_is_withheld_is_an_alarm),
		TEST(test_a_step_that_nobody_signed_is_an_alarm),
		TEST(test_facts_that_are_not_in_the_leaf_are_an_alarm),
		TEST(test_a_log_that_got_shorter_is_an_alarm),
		TEST(test_a_delivery_that_was_another_one_before_is_an_alarm),
		TEST(test_another_history_of_a_referral_is_an_alarm),
		TEST(test_deliveries_that_the_broker_forgot_are_an_alarm),
		TEST(test_an_offer_that_lapses_before_its_time_is_an_alarm),
		TEST(test_an_offer_that_lapses_in_its_time_is_none),
		TEST(test_another_text_than_was_committed_to_is_not_shown),
		TEST(test_a_receipt_that_the_broker_denies_is_an_alarm),
		TEST(test_a_record_erased_before_its_time_is_an_alarm),
		TEST(test_a_record_whose_term_is_over_is_shown_as_erased),
		TEST(test_an_erased_record_with_an_invented_time_is_an_alarm),
		TEST(test_an_answer_erased_before_its_time_is_an_alarm),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

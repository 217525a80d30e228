/*
 * t_ketend -- the broker as a whole, over real sockets, turn by turn.
 */
#include "ketend_three.h"

/* --- sessions ------------------------------------------------------------------- */

static void
test_hello_is_welcomed(void **state)
{
	Keten__V1__Welcome *w = device_hello(&b, 0);

	(void)state;
	assert_string_equal(w->origin, NET_ORIGIN);
	assert_int_equal(w->policy_index, 1);
	assert_int_equal(w->last_number, 0);
	assert_true(w->window > 0 && w->max_header == FRAME_HEADER_MAX);
}

static void
test_before_hello_everything_is_refused(void **state)
{
	struct refid id;

	(void)state;
	device_hang_up(b.sock);
	device_connect(&b);
	id = submit(&b, 1);
	(void)id;
	(void)refused(&b, ERR_HELLO_FIRST);
	/* The connection is still good. */
	(void)device_hello(&b, 0);
}

static void
test_the_newest_hello_has_the_mailbox(void **state)
{
	Keten__V1__FromBroker *m;
	void *old = b.sock;

	(void)state;
	device_connect(&b);
	(void)device_hello(&b, 0);
	device_hang_up(b.sock);
	b.sock = old;
	m = device_recv(&b, NET_PATIENCE);
	assert_non_null(m);
	assert_int_equal(m->body_case, KETEN__V1__FROM_BROKER__BODY_BYE);
	assert_string_equal(m->bye->reason, "replaced");
}

static void
test_a_fifth_connection_ends_the_first(void **state)
{
	void *sock[5];

	(void)state;
	for (int i = 0; i < 5; i++) {
		sock[i] = b.sock;
		device_connect(&b);
		(void)device_hello(&b, 0);
	}
	for (int i = 0; i < NET_PATIENCE / 20 &&
	     sessions_count(net.b->sessions) != SESSION_PER_USER + 2; i++)
		(void)net_turns(&net, NULL, 20);
	/* Four of this device, and those of two others. */
	assert_int_equal(sessions_count(net.b->sessions),
	    SESSION_PER_USER + 2);
	for (int i = 0; i < 5; i++)
		device_hang_up(sock[i]);
	assert_int_equal(sessions_partners(net.b->sessions), 3);
}

static void
test_a_strange_mailbox_is_refused(void **state)
{
	Keten__V1__ToBroker msg = KETEN__V1__TO_BROKER__INIT;
	Keten__V1__Hello h = KETEN__V1__HELLO__INIT;

	(void)state;
	msg.body_case = KETEN__V1__TO_BROKER__BODY_HELLO;
	msg.hello = &h;
	h.lane = pb_of(b.lane, sizeof(b.lane));
	h.mailbox = pb_string("kelder");
	device_send(&b, &msg, slice_of(NULL, 0));
	(void)refused(&b, ERR_MALFORMED);
}

static void
test_a_revoked_device_is_cut_off(void **state)
{
	Keten__V1__KeyStatement key = KETEN__V1__KEY_STATEMENT__INIT;
	Keten__V1__Revoke revoke = KETEN__V1__REVOKE__INIT;
	json_t *data;

	(void)state;
	key.version = 1;
	key.origin = pb_string(NET_ORIGIN);
	key.partner = pb_string("lwdb-noord");
	key.made_ms = 1700000000000;
	key.body_case = KETEN__V1__KEY_STATEMENT__BODY_REVOKE;
	key.revoke = &revoke;
	revoke.device = pb_string("main");
	revoke.serial = 1;
	revoke.reason = pb_string("lost");
	/* Somebody else's identity key does not do. */
	assert_null(net_enrol(&net, &key, "welzijn-w"));
	data = net_enrol(&net, &key, "introducer");
	assert_non_null(data);
	json_decref(data);
	for (int i = 0; i < NET_PATIENCE / 20 &&
	     sessions_partners(net.b->sessions) != 2; i++)
		(void)net_turns(&net, NULL, 20);
	assert_int_equal(sessions_partners(net.b->sessions), 2);
	assert_false(gate_allows(net.b->gate, "lwdb-noord/main"));
}

/* --- commands ---------------------------------------------------------------------- */

static void
test_a_command_is_recorded_and_offered(void **state)
{
	Keten__V1__Receipt *got;
	Keten__V1__Delivery *d;
	uint8_t hash[32], zero[32] = { 0 }, want[32];

	(void)state;
	(void)submit(&b, 1);
	got = received(&b);
	assert_int_equal(got->number, 1);
	assert_false(got->repeat);
	check_record(got->record);
	assert_true(got->record->route_facts.len > 0);
	d = delivered(&k);
	check_record(d->record);
	assert_int_equal(d->seq, 1);
	assert_int_equal(d->role, KETEN__V1__DELIVERY_ROLE__CANDIDATE);
	assert_int_equal(d->offer, 1);
	assert_int_equal(d->blind.len, 16);
	assert_int_equal(d->envelope.len, 0);
	assert_int_equal(d->record->route_facts.len, 0);
	digest_leaf(pb_slice(d->record->leaf), hash);
	leaf_running(zero, 1, hash, want);
	assert_memory_equal(d->running_hash.data, want, 32);
	/* The note with its own wrap, and not the person part. */
	assert_true(k.frame.has_content);
	{
		struct content c;

		net_ok(content_parse(k.a, k.frame.content, &c, NULL), "content");
		assert_int_equal(c.n, 1);
		assert_int_equal(c.pieces[0].kind,
		    KETEN__V1__PART_KIND__NOTE);
		assert_int_equal(c.pieces[0].n_wraps, 1);
	}
}

static void
test_the_same_number_gets_the_same_outcome(void **state)
{
	struct slice header, content;
	uint64_t index;

	(void)state;
	(void)submit(&b, 1);
	index = received(&b)->record->index;
	/* What was sent is still in the arena: send those bytes again. */
	{
		Keten__V1__ToBroker msg = KETEN__V1__TO_BROKER__INIT;
		Keten__V1__Submit s = KETEN__V1__SUBMIT__INIT;
		struct txn *txn = NULL;
		struct record rec;
		Keten__V1__Receipt *again;

		net_ok(store_read(net.b->store, &txn), "read");
		net_ok(record_read(txn, index, b.a, &rec), "record");
		s.envelope = pb_data(rec.envelope);
		msg.body_case = KETEN__V1__TO_BROKER__BODY_SUBMIT;
		msg.submit = &s;
		net_ok(frame_pack_to(b.a, &msg, &header), "pack");
		store_done(&txn);
		content = slice_of(NULL, 0);
		net_ok(frame_send_dealer(b.sock, header, content), "send");
		again = received(&b);
		assert_true(again->repeat);
		assert_int_equal(again->record->index, index);
	}
}

static void
test_other_bytes_under_one_number_are_refused(void **state)
{
	(void)state;
	(void)submit(&b, 1);
	(void)received(&b);
	(void)submit(&b, 1);
	assert_int_equal(refused(&b, ERR_NUMBER_REUSED)->expected_number, 2);
}

static void
test_a_gap_tells_the_number_that_is_expected(void **state)
{
	(void)state;
	(void)submit(&b, 3);
	assert_int_equal(refused(&b, ERR_GAP)->expected_number, 1);
	(void)submit(&b, 1);
	(void)received(&b);
}

static void
test_a_burst_is_taken_in_one_turn_and_in_order(void **state)
{
	(void)state;
	for (uint64_t i = 1; i <= 20; i++)
		(void)submit(&b, i);
	for (uint64_t i = 1; i <= 20; i++)
		assert_int_equal(received(&b)->number, i);
}

static void
test_a_bad_signature_consumes_nothing(void **state)
{
	struct signer *own = b.sign;
	uint8_t seed[32] = { 9 };

	(void)state;
	b.sign = sign_new(seed);
	(void)submit(&b, 1);
	(void)refused(&b, ERR_KEY_NOT_VALID);
	sign_free(b.sign);
	b.sign = own;
	(void)submit(&b, 1);
	(void)received(&b);
}

static void
test_somebody_elses_name_is_refused(void **state)
{
	(void)state;
	k.partner = "lwdb-noord";
	(void)submit(&k, 1);
	(void)refused(&k, ERR_KEY_NOT_VALID);
	k.partner = "welzijn-w";
}

static void
test_garbage_is_malformed_and_the_connection_stays(void **state)
{
	(void)state;
	net_ok(frame_send_dealer(b.sock, slice_str("\xff\xff\xff"),
	    slice_of(NULL, 0)), "send");
	(void)refused(&b, ERR_MALFORMED);
	(void)submit(&b, 1);
	(void)received(&b);
}

static void
test_a_refusal_after_the_checks_is_a_leaf(void **state)
{
	uint8_t random[10] = { 1 };
	struct refid nothing = refid_new(1700000000000, random);
	Keten__V1__Refusal *no;

	(void)state;
	step(&b, 1, &nothing, KETEN__V1__EVENT__CONFIRM, 0, 1);
	no = refused(&b, ERR_UNKNOWN_REFERRAL);
	assert_non_null(no->record);
	check_record(no->record);
	/* The number is used up: the next one is 2. */
	(void)submit(&b, 2);
	(void)received(&b);
}

static void
test_two_accept_and_one_gets_it(void **state)
{
	struct refid id;
	Keten__V1__Refusal *no;

	(void)state;
	id = submit(&b, 1);
	(void)received(&b);
	(void)delivered(&k);
	step(&k, 1, &id, KETEN__V1__EVENT__ACCEPT, 1, 0);
	(void)received(&k);
	step(&k, 2, &id, KETEN__V1__EVENT__ACCEPT, 1, 0);
	no = refused(&k, ERR_CONFLICT);
	assert_int_equal(no->current_version, 2);
}

static void
test_the_new_holder_gets_wraps_asked_for(void **state)
{
	Keten__V1__FromBroker *m = NULL;
	struct refid id;

	(void)state;
	id = submit(&b, 1);
	(void)received(&b);
	(void)delivered(&k);
	step(&k, 1, &id, KETEN__V1__EVENT__ACCEPT, 1, 0);
	(void)received(&k);
	for (int i = 0; i < 5; i++) {
		m = device_recv(&b, NET_PATIENCE);
		assert_non_null(m);
		if (m->body_case == KETEN__V1__FROM_BROKER__BODY_REWRAP_ASK)
			break;
	}
	assert_int_equal(m->body_case,
	    KETEN__V1__FROM_BROKER__BODY_REWRAP_ASK);
	assert_string_equal(m->rewrap_ask->to, "welzijn-w");
	assert_int_equal(m->rewrap_ask->n_parts, 1);
	assert_true(m->rewrap_ask->checkpoint[0] != '\0');
	check_record(m->rewrap_ask->because);
	{
		struct note_checkpoint c;
		struct note_key key;
		struct note note;
		uint8_t path[64][32], hash[32];

		net_ok(note_parse(slice_str(m->rewrap_ask->checkpoint),
		    &note), "note");
		c = note.checkpoint;
		(void)key;
		for (size_t i = 0; i < m->rewrap_ask->n_proof; i++)
			memcpy(path[i], m->rewrap_ask->proof[i].data, 32);
		digest_leaf(pb_slice(m->rewrap_ask->because->leaf), hash);
		net_ok(tlog_check_inclusion(m->rewrap_ask->because->index,
		    c.size, hash, (const uint8_t (*)[32])path,
		    m->rewrap_ask->n_proof, c.root), "proof");
	}
}

/* --- the outbox ----------------------------------------------------------------------- */

static void
test_what_is_not_acknowledged_comes_again(void **state)
{
	Keten__V1__Delivery *d;
	uint8_t hash[32], wrong[32] = { 1 };

	(void)state;
	(void)submit(&b, 1);
	(void)received(&b);
	(void)submit(&b, 2);
	(void)received(&b);
	d = delivered(&k);
	memcpy(hash, d->running_hash.data, 32);
	assert_int_equal(delivered(&k)->seq, 2);
	ack(&k, 1, wrong);
	(void)refused(&k, ERR_DIGEST);
	ack(&k, 9, hash);
	(void)refused(&k, ERR_MALFORMED);
	ack(&k, 1, hash);
	assert_null(device_recv(&k, 100));
	ack(&k, 1, hash); /* once more: no leaf, no answer */
	assert_null(device_recv(&k, 100));
	device_hang_up(k.sock);
	device_connect(&k);
	assert_int_equal(device_hello(&k, 1)->last_delivery, 2);
	assert_int_equal(delivered(&k)->seq, 2);
}

static void
test_credit_governs_what_is_sent(void **state)
{
	Keten__V1__ToBroker msg = KETEN__V1__TO_BROKER__INIT;
	Keten__V1__Hello h = KETEN__V1__HELLO__INIT;
	Keten__V1__Credit c = KETEN__V1__CREDIT__INIT;
	Keten__V1__FromBroker *m;

	(void)state;
	msg.body_case = KETEN__V1__TO_BROKER__BODY_HELLO;
	msg.hello = &h;
	h.lane = pb_of(k.lane, sizeof(k.lane));
	h.credit = 1;
	device_send(&k, &msg, slice_of(NULL, 0));
	m = device_recv(&k, NET_PATIENCE);
	assert_int_equal(m->body_case, KETEN__V1__FROM_BROKER__BODY_WELCOME);
	for (uint64_t i = 1; i <= 3; i++) {
		(void)submit(&b, i);
		(void)received(&b);
	}
	assert_int_equal(delivered(&k)->seq, 1);
	assert_null(device_recv(&k, 100));
	msg.body_case = KETEN__V1__TO_BROKER__BODY_CREDIT;
	msg.credit = &c;
	c.n = 2;
	device_send(&k, &msg, slice_of(NULL, 0));
	assert_int_equal(delivered(&k)->seq, 2);
	assert_int_equal(delivered(&k)->seq, 3);
	assert_null(device_recv(&k, 100));
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_hello_is_welcomed),
		T(test_before_hello_everything_is_refused),
		T(test_the_newest_hello_has_the_mailbox),
		T(test_a_fifth_connection_ends_the_first),
		T(test_a_strange_mailbox_is_refused),
		T(test_a_revoked_device_is_cut_off),
		T(test_a_command_is_recorded_and_offered),
		T(test_the_same_number_gets_the_same_outcome),
		T(test_other_bytes_under_one_number_are_refused),
		T(test_a_gap_tells_the_number_that_is_expected),
		T(test_a_burst_is_taken_in_one_turn_and_in_order),
		T(test_a_bad_signature_consumes_nothing),
		T(test_somebody_elses_name_is_refused),
		T(test_garbage_is_malformed_and_the_connection_stays),
		T(test_a_refusal_after_the_checks_is_a_leaf),
		T(test_two_accept_and_one_gets_it),
		T(test_the_new_holder_gets_wraps_asked_for),
		T(test_what_is_not_acknowledged_comes_again),
		T(test_credit_governs_what_is_sent),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

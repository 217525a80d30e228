/*
 * t_ketend -- the broker as a whole, over real sockets, turn by turn.
 */
#include "ketend_net.h"

static struct net net;
static struct device b, k, r;

static int
setup(void **state)
{
	(void)state;
	net_open(&net, "");
	device_open(&b, &net, "lwdb-noord");
	device_open(&k, &net, "welzijn-w");
	device_open(&r, &net, "gemeente-r");
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	device_close(&b);
	device_close(&k);
	device_close(&r);
	net_close(&net);
	return (0);
}

/* The next message of that kind: deliveries may come in between. */
static Keten__V1__FromBroker *
next(struct device *d, Keten__V1__FromBroker__BodyCase body)
{
	Keten__V1__FromBroker *m;

	do {
		m = device_recv(d, 3000);
		assert_non_null(m);
	} while (m->body_case != body &&
	    m->body_case == KETEN__V1__FROM_BROKER__BODY_DELIVERY);
	return (m);
}

static Keten__V1__Refusal *
refused(struct device *d, enum err err)
{
	Keten__V1__FromBroker *m = next(d,
	    KETEN__V1__FROM_BROKER__BODY_REFUSAL);

	assert_int_equal(m->body_case, KETEN__V1__FROM_BROKER__BODY_REFUSAL);
	assert_string_equal(err_name((enum err)m->refusal->code),
	    err_name(err));
	assert_true(m->refusal->text[0] != '\0');
	assert_true(m->refusal->todo[0] != '\0');
	return (m->refusal);
}

static Keten__V1__Receipt *
received(struct device *d)
{
	Keten__V1__FromBroker *m = next(d,
	    KETEN__V1__FROM_BROKER__BODY_RECEIPT);

	if (m->body_case == KETEN__V1__FROM_BROKER__BODY_REFUSAL)
		fail_msg("%s: %s", err_name((enum err)m->refusal->code),
		    m->refusal->rule);
	assert_int_equal(m->body_case, KETEN__V1__FROM_BROKER__BODY_RECEIPT);
	return (m->receipt);
}

static Keten__V1__Delivery *
delivered(struct device *d)
{
	Keten__V1__FromBroker *m = device_recv(d, 3000);

	assert_non_null(m);
	assert_int_equal(m->body_case, KETEN__V1__FROM_BROKER__BODY_DELIVERY);
	return (m->delivery);
}

static struct refid
submit(struct device *d, uint64_t number)
{
	struct device *const to[] = { &b, &r, &k };

	return (device_submit(d, number, to, 3));
}

static void
step(struct device *d, uint64_t number, const struct refid *id,
    Keten__V1__Event event, uint32_t offer, uint32_t version)
{
	Keten__V1__Command c = KETEN__V1__COMMAND__INIT;

	c.event = event;
	c.offer = offer;
	c.seen_version = version;
	device_command(d, number, id, &c, slice_of(NULL, 0));
}

/* The leaf has to follow from what stands beside it. */
static void
check_record(const Keten__V1__Record *rec)
{
	uint8_t facts[32], route[32], hash[32];
	struct leaf leaf;

	digest_of(rec->facts.data, rec->facts.len, facts);
	if (rec->route_facts.len > 0)
		digest_of(rec->route_facts.data, rec->route_facts.len, route);
	else
		memcpy(route, rec->route_hash.data, 32);
	assert_int_equal(leaf_decode(pb_slice(rec->leaf), &leaf), ERR_OK);
	leaf_record_from(rec->salt.data, rec->envelope_hash.data, facts,
	    route, hash);
	assert_memory_equal(hash, leaf.record, 32);
}

static void
ack(struct device *d, uint64_t n, const uint8_t hash[32])
{
	Keten__V1__ToBroker msg = KETEN__V1__TO_BROKER__INIT;
	Keten__V1__SendAck send = KETEN__V1__SEND_ACK__INIT;
	Keten__V1__Ack a = KETEN__V1__ACK__INIT;
	struct slice body, envelope;

	a.version = 1;
	a.origin = pb_string(NET_ORIGIN);
	a.partner = pb_string(d->partner);
	a.device = pb_string("main");
	a.mailbox = pb_string("main");
	a.n = n;
	a.running_hash = pb_of(hash, 32);
	a.made_ms = 1700000000000;
	net_ok(pb_pack(d->a, &a.base, &body), "pack");
	net_ok(envelope_make(d->a, ENVELOPE_ACK, body, d->sign, &envelope),
	    "sign");
	msg.body_case = KETEN__V1__TO_BROKER__BODY_ACK;
	msg.ack = &send;
	send.envelope = pb_data(envelope);
	device_send(d, &msg, slice_of(NULL, 0));
}

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
	m = device_recv(&b, 3000);
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
	(void)net_turns(&net, NULL, 50);
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
	(void)net_turns(&net, NULL, 50);
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
		m = device_recv(&b, 3000);
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
	m = device_recv(&k, 3000);
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

/* --- stop and start, clock, operator ------------------------------------------------------ */

static void
test_a_restart_keeps_numbers_and_mailboxes(void **state)
{
	Keten__V1__Welcome *w;

	(void)state;
	(void)submit(&b, 1);
	(void)received(&b);
	device_hang_up(b.sock);
	device_hang_up(k.sock);
	net_stop(&net);
	net_start(&net);
	device_connect(&b);
	device_connect(&k);
	w = device_hello(&b, 0);
	assert_int_equal(w->last_number, 1);
	w = device_hello(&k, 0);
	assert_int_equal(w->last_delivery, 1);
	assert_int_equal(delivered(&k)->seq, 1);
}

static void
test_a_clock_that_jumps_stops_the_terms_until_it_is_accepted(void **state)
{
	json_t *data;

	(void)state;
	data = net_ask(&net, "{\"cmd\":\"clock move\",\"jump\":true,"
	    "\"by_ms\":259200000}");
	assert_non_null(data);
	json_decref(data);
	say_set("t", SAY_LEVEL_ERROR, SAY_TEXT);
	(void)net_turns(&net, NULL, 20);
	assert_true(net.b->clock_is_off);
	(void)submit(&b, 1);
	(void)refused(&b, ERR_BUSY);
	data = net_ask(&net, "{\"cmd\":\"clock accept\"}");
	assert_non_null(data);
	json_decref(data);
	(void)submit(&b, 1);
	(void)received(&b);
}

/* Who is connected all the time hears of it as well. */
static void
test_whoever_has_a_deadline_hears_that_it_was_moved(void **state)
{
	struct device *const told[] = { &b, &k };
	json_t *data;

	(void)state;
	(void)submit(&b, 1);
	(void)received(&b);
	(void)delivered(&k);
	/* Ten days: there is working time among them, whatever today is. */
	data = net_ask(&net, "{\"cmd\":\"clock move\",\"jump\":true,"
	    "\"by_ms\":864000000}");
	assert_non_null(data);
	json_decref(data);
	say_set("t", SAY_LEVEL_ERROR, SAY_TEXT);
	(void)net_turns(&net, NULL, 20);
	data = net_ask(&net, "{\"cmd\":\"clock accept\"}");
	assert_non_null(data);
	json_decref(data);
	for (size_t i = 0; i < 2; i++) {
		const Keten__V1__Delivery *d = delivered(told[i]);
		struct leaf leaf;

		check_record(d->record);
		assert_int_equal(leaf_decode(pb_slice(d->record->leaf), &leaf),
		    ERR_OK);
		assert_int_equal(leaf.kind, LEAF_TICK);
		assert_int_equal(d->role, i == 0 ?
		    KETEN__V1__DELIVERY_ROLE__ORIGINATOR :
		    KETEN__V1__DELIVERY_ROLE__CANDIDATE);
	}
}

static void
test_an_offer_expires_when_its_term_has_passed(void **state)
{
	json_t *data;
	Keten__V1__Delivery *d;
	int seen = 0;

	(void)state;
	(void)submit(&b, 1);
	(void)received(&b);
	(void)delivered(&k);
	/* A week: the only rung passes, and it is for the municipality. */
	data = net_ask(&net, "{\"cmd\":\"clock move\",\"by_ms\":604800000}");
	assert_non_null(data);
	json_decref(data);
	assert_false(net.b->clock_is_off);
	do { /* before that, as custodian */
		d = delivered(&r);
		check_record(d->record);
	} while (d->role != KETEN__V1__DELIVERY_ROLE__HOLDER && ++seen < 5);
	assert_int_equal(d->role, KETEN__V1__DELIVERY_ROLE__HOLDER);
}

static void
test_a_policy_must_follow_the_one_in_force(void **state)
{
	json_t *data;

	(void)state;
	/* The same document again: its index does not rise. */
	assert_null(net_ask(&net, "{\"cmd\":\"policy reload\"}"));
	demo_edit(&net.demo, "index: 1", "index: 2");
	net_sign_policy(&net);
	data = net_ask(&net, "{\"cmd\":\"policy reload\"}");
	assert_non_null(data);
	assert_int_equal(json_integer_value(json_object_get(data, "index")),
	    2);
	json_decref(data);
	assert_int_equal(policy_index(net.b->policy), 2);
	/* Sessions go on. */
	(void)submit(&b, 1);
	(void)received(&b);
}

static void
test_what_the_operator_sees_is_written_down(void **state)
{
	char request[128], id_text[REFID_TEXT];
	struct refid id;
	uint64_t before;
	json_t *data;

	(void)state;
	id = submit(&b, 1);
	(void)received(&b);
	before = net.b->metrics.records;
	(void)snprintf(request, sizeof(request),
	    "{\"cmd\":\"show\",\"referral\":\"%s\"}", refid_text(&id,
	    id_text));
	data = net_ask(&net, request);
	assert_non_null(data);
	assert_string_equal(json_string_value(json_object_get(data,
	    "holder")), "lwdb-noord");
	json_decref(data);
	assert_int_equal(net.b->metrics.records, before + 1);
}

static void
test_every_status_can_be_asked(void **state)
{
	static const char *const asks[] = {
		"{\"cmd\":\"status\"}", "{\"cmd\":\"metrics\"}",
		"{\"cmd\":\"queue\"}", "{\"cmd\":\"partner\"}",
		"{\"cmd\":\"partner\",\"partner\":\"welzijn-w\"}",
		"{\"cmd\":\"policy\"}", "{\"cmd\":\"clock\"}",
		"{\"cmd\":\"guard\"}",
		"{\"cmd\":\"explain\",\"from\":\"lwdb-noord\",\"code\":"
		"\"SIG-101\",\"area\":\"WK085501\"}",
	};
	json_t *data;

	(void)state;
	for (size_t i = 0; i < sizeof(asks) / sizeof(asks[0]); i++) {
		data = net_ask(&net, asks[i]);
		assert_non_null(data);
		json_decref(data);
	}
	/* Tuesday 14 April 2026, 10:00: two working days on. */
	data = net_ask(&net, "{\"cmd\":\"explain\",\"from\":\"lwdb-noord\","
	    "\"code\":\"SIG-101\",\"area\":\"WK085501\","
	    "\"at_ms\":1776153600000}");
	assert_non_null(data);
	assert_non_null(strstr(json_string_value(json_object_get(data,
	    "text")), "1. Sport 1: Welzijn W (welzijn-w, convenant COV-02"));
	assert_non_null(strstr(json_string_value(json_object_get(data,
	    "text")), "van nu af tot do 16-04-2026 10:00"));
	json_decref(data);
	assert_null(net_ask(&net, "{\"cmd\":\"delete\"}"));
	assert_null(net_ask(&net, "no json"));
	assert_null(net_ask(&net, "{\"cmd\":\"guard accept\"}"));
	assert_null(net_ask(&net, "{\"cmd\":\"clock accept\"}"));
	assert_null(net_ask(&net, "{\"cmd\":\"show\",\"referral\":\"x\"}"));
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
		T(test_a_restart_keeps_numbers_and_mailboxes),
		T(test_a_clock_that_jumps_stops_the_terms_until_it_is_accepted),
		T(test_whoever_has_a_deadline_hears_that_it_was_moved),
		T(test_an_offer_expires_when_its_term_has_passed),
		T(test_a_policy_must_follow_the_one_in_force),
		T(test_what_the_operator_sees_is_written_down),
		T(test_every_status_can_be_asked),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

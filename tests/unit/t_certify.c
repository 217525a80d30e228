/*
 * t_certify -- certificates and their ends over real sockets: who may bring
 * them, and that nothing of a revoked device counts after its record.
 */
#include "ketend/expiry.h"
#include "ketend_net.h"
#include "wire/keymake.h"

static struct net net;
static struct device b, k;

static int
setup(void **state)
{
	(void)state;
	net_open(&net, "");
	device_open(&b, &net, "lwdb-noord");
	device_open(&k, &net, "welzijn-w");
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	device_close(&b);
	device_close(&k);
	net_close(&net);
	return (0);
}

/* ---- making them ------------------------------------------------------------- */

static struct keymake
by(const char *partner, const char *signer)
{
	return ((struct keymake){ .a = net.a, .by = net_identity(signer),
	    .origin = NET_ORIGIN, .partner = partner,
	    .made_ms = 1700000000000 });
}

static void
done(struct keymake *m)
{
	union {
		const struct signer *in;
		struct signer *out;
	} u = { .in = m->by };

	sign_free(u.out);
}

/* A certificate of a device, for the keys that ${d} has. */
static struct slice
certificate(const struct device *d, const char *signer, uint64_t serial)
{
	Keten__V1__DeviceCertificate c = KETEN__V1__DEVICE_CERTIFICATE__INIT;
	struct keymake m = by(d->partner, signer);
	struct keyfile_public pub;
	struct slice envelope;

	net_ok(keyfile_public(d->curve, &pub), "public");
	c.device = pb_string("main");
	c.serial = serial;
	c.curve_key = pb_of(pub.b, 32);
	c.sign_key = pb_of(sign_public(d->sign), 32);
	c.role = KETEN__V1__DEVICE_ROLE__FULL;
	net_ok(keymake_device(&m, &c, &envelope), "device");
	done(&m);
	return (envelope);
}

static struct slice
end_of(const char *partner, const char *signer, uint64_t serial,
    uint64_t suspect)
{
	struct keymake_end end = { .device = "main", .serial = serial,
		.reason = "stolen", .suspect_from = suspect };
	struct keymake m = by(partner, signer);
	struct slice envelope;

	net_ok(keymake_revoke(&m, &end, &envelope), "revoke");
	done(&m);
	return (envelope);
}

/* Another signing key for ${d}. */
static struct signer *
new_sign_key(struct device *d)
{
	struct signer *old = d->sign;
	uint8_t seed[32];

	net_ok(digest_random(seed, sizeof(seed)), "random");
	d->sign = sign_new(seed);
	return (old);
}

static void
send_certify(struct device *d, uint64_t query, struct slice envelope)
{
	Keten__V1__ToBroker msg = KETEN__V1__TO_BROKER__INIT;
	Keten__V1__Query q = KETEN__V1__QUERY__INIT;
	Keten__V1__Certify c = KETEN__V1__CERTIFY__INIT;

	c.envelope = pb_data(envelope);
	q.id = query;
	q.body_case = KETEN__V1__QUERY__BODY_CERTIFY;
	q.certify = &c;
	msg.body_case = KETEN__V1__TO_BROKER__BODY_QUERY;
	msg.query = &q;
	device_send(d, &msg, slice_of(NULL, 0));
}

static Keten__V1__Record *
certified(struct device *d, uint64_t query)
{
	Keten__V1__FromBroker *m = device_recv(d, NET_PATIENCE);

	assert_non_null(m);
	if (m->body_case == KETEN__V1__FROM_BROKER__BODY_REFUSAL)
		fail_msg("%s: %s", err_name((enum err)m->refusal->code),
		    m->refusal->rule);
	assert_int_equal(m->body_case, KETEN__V1__FROM_BROKER__BODY_ANSWER);
	assert_int_equal(m->answer->id, query);
	assert_int_equal(m->answer->body_case,
	    KETEN__V1__ANSWER__BODY_CERTIFIED);
	return (m->answer->certified->record);
}

static const char *
refused(struct device *d, uint64_t query)
{
	Keten__V1__FromBroker *m = device_recv(d, NET_PATIENCE);

	assert_non_null(m);
	assert_int_equal(m->body_case, KETEN__V1__FROM_BROKER__BODY_REFUSAL);
	assert_int_equal(m->refusal->query_id, query);
	assert_int_equal(m->refusal->code, ERR_KEY_NOT_VALID);
	return (m->refusal->rule);
}

static const char *
goodbye(struct device *d)
{
	Keten__V1__FromBroker *m = device_recv(d, NET_PATIENCE);

	assert_non_null(m);
	assert_int_equal(m->body_case, KETEN__V1__FROM_BROKER__BODY_BYE);
	return (m->bye->reason);
}

static uint64_t
log_size(void)
{
	struct txn *txn = NULL;
	uint64_t size;

	net_ok(store_read(net.b->store, &txn), "read");
	size = store_size(txn);
	store_done(&txn);
	return (size);
}

/* Nobody is at the other end of its socket. */
static void
is_cut(struct device *d)
{
	enum err err = ERR_OK;

	for (int i = 0; i < NET_PATIENCE / 20 && err != ERR_BUSY; i++) {
		(void)net_turns(&net, NULL, 20);
		err = frame_send_dealer(d->sock, slice_str("hallo"),
		    slice_of(NULL, 0));
	}
	assert_int_equal(err, ERR_BUSY);
}

/* ---- bringing one -------------------------------------------------------------- */

static void
test_a_device_brings_its_partners_certificate(void **state)
{
	struct signer *old = new_sign_key(&b);
	struct slice envelope = certificate(&b, "lwdb-noord", 2);
	Keten__V1__Record *r;
	uint64_t before = log_size();
	uint8_t hash[32];

	(void)state;
	send_certify(&b, 7, envelope);
	r = certified(&b, 7);
	assert_int_equal(r->index, before);
	digest_of(envelope.p, envelope.len, hash);
	assert_memory_equal(r->envelope_hash.data, hash, 32);
	assert_string_equal(goodbye(&b), "rekeyed");
	sign_free(old);

	/* With its new key it goes on. */
	device_hang_up(b.sock);
	device_connect(&b);
	(void)device_hello(&b, 0);
	(void)device_submit(&b, 1, (struct device *[]){ &b, &k }, 2);
	assert_int_equal(device_recv(&b, NET_PATIENCE)->body_case,
	    KETEN__V1__FROM_BROKER__BODY_RECEIPT);
}

static void
test_the_same_bytes_again_get_the_same_record(void **state)
{
	struct slice envelope = certificate(&k, "welzijn-w", 5);
	uint64_t index;

	(void)state;
	send_certify(&b, 1, envelope);
	index = certified(&b, 1)->index;
	send_certify(&b, 2, envelope);
	assert_int_equal(certified(&b, 2)->index, index);
	assert_int_equal(log_size(), index + 1);
	/* Other bytes with that serial are refused. */
	sign_free(new_sign_key(&k));
	send_certify(&b, 3, certificate(&k, "welzijn-w", 5));
	assert_non_null(strstr(refused(&b, 3), "serienummer"));
}

static void
test_only_the_identity_key_brings_one(void **state)
{
	uint64_t before = log_size();

	(void)state;
	send_certify(&b, 1, certificate(&b, "welzijn-w", 2));
	assert_non_null(strstr(refused(&b, 1), "identiteitssleutel"));
	/* The introducer ends keys, and makes none. */
	send_certify(&b, 2, certificate(&b, "introducer", 2));
	assert_non_null(strstr(refused(&b, 2), "identiteitssleutel"));
	send_certify(&b, 3, slice_str("geen certificaat"));
	(void)refused(&b, 3);
	send_certify(&b, 4, certificate(&b, "lwdb-noord", 1));
	assert_non_null(strstr(refused(&b, 4), "serienummer"));
	assert_int_equal(log_size(), before);
	/* An honest partner's connection survives its mistakes. */
	(void)device_submit(&b, 1, (struct device *[]){ &b, &k }, 2);
	assert_int_equal(device_recv(&b, NET_PATIENCE)->body_case,
	    KETEN__V1__FROM_BROKER__BODY_RECEIPT);
}

/* ---- ending one ------------------------------------------------------------------- */

static void
test_a_revoked_device_is_cut_off_and_nothing_more_counts(void **state)
{
	int64_t began = clockwork_mono_ms();
	uint64_t before = log_size(), key;

	(void)state;
	/* All at once: a command before, the end, and two commands behind. */
	(void)device_submit(&b, 1, (struct device *[]){ &b, &k }, 2);
	send_certify(&b, 9, end_of("lwdb-noord", "lwdb-noord", 1, 0));
	(void)device_submit(&b, 2, (struct device *[]){ &b, &k }, 2);
	(void)device_submit(&b, 3, (struct device *[]){ &b, &k }, 2);

	assert_int_equal(device_recv(&b, NET_PATIENCE)->body_case,
	    KETEN__V1__FROM_BROKER__BODY_RECEIPT);
	key = certified(&b, 9)->index;
	assert_int_equal(key, before + 1);
	assert_string_equal(goodbye(&b), "revoked");
	/* At once; the rest is for a machine that has more to do. */
	assert_true(clockwork_mono_ms() - began < 10000);
	/* Until it is cut it may talk on, and nothing of that counts. */
	(void)device_submit(&b, 2, (struct device *[]){ &b, &k }, 2);
	(void)net_turns(&net, NULL, 600);
	assert_int_equal(log_size(), key + 1);
	is_cut(&b);
	assert_true(clockwork_mono_ms() - began < 30000);
	assert_null(keyring_device(net.b->keys,
	    &(struct org){ "lwdb-noord" }, "main"));
}

static void
test_another_device_and_the_introducer_can_end_it(void **state)
{
	(void)state;
	send_certify(&b, 1, end_of("welzijn-w", "lwdb-noord", 1, 0));
	assert_non_null(strstr(refused(&b, 1), "identiteitssleutel"));
	send_certify(&b, 2, end_of("welzijn-w", "introducer", 1, 4));
	(void)certified(&b, 2);
	assert_string_equal(goodbye(&k), "revoked");
	/* It is over, but it may become suspect from earlier on. */
	send_certify(&b, 3, end_of("welzijn-w", "welzijn-w", 1, 4));
	(void)refused(&b, 3);
	send_certify(&b, 4, end_of("welzijn-w", "welzijn-w", 1, 3));
	(void)certified(&b, 4);
	assert_int_equal(keyring_device_nth(net.b->keys, 1)->suspect_from, 3);
}

static void
test_an_ended_device_does_not_come_back(void **state)
{
	uint64_t refused_before, messages;

	(void)state;
	send_certify(&b, 1, end_of("welzijn-w", "introducer", 1, 0));
	(void)certified(&b, 1);
	assert_string_equal(goodbye(&k), "revoked");
	device_hang_up(k.sock);
	refused_before = gate_refused(net.b->gate);
	device_connect(&k);
	for (int i = 0; i < NET_PATIENCE / 20 && gate_refused(net.b->gate) ==
	    refused_before; i++)
		(void)net_turns(&net, NULL, 20);
	assert_true(gate_refused(net.b->gate) > refused_before);
	messages = net.b->metrics.messages;
	/* Whether libzmq takes it or not: nobody hears it. */
	if (frame_send_dealer(k.sock, slice_str("hallo"), slice_of(NULL, 0)) ==
	    ERR_OK)
		(void)net_turns(&net, NULL, 500);
	assert_int_equal(net.b->metrics.messages, messages);
}

/* ---- who hears of it --------------------------------------------------------------- */

static void
test_who_asked_for_it_hears_that_keys_changed(void **state)
{
	Keten__V1__ToBroker msg = KETEN__V1__TO_BROKER__INIT;
	Keten__V1__Hello h = KETEN__V1__HELLO__INIT;
	Keten__V1__FromBroker *m;
	uint64_t index;

	(void)state;
	h.lane = pb_of(k.lane, sizeof(k.lane));
	h.credit = 100;
	h.notices = true;
	msg.body_case = KETEN__V1__TO_BROKER__BODY_HELLO;
	msg.hello = &h;
	device_send(&k, &msg, slice_of(NULL, 0));
	m = device_recv(&k, NET_PATIENCE);
	assert_int_equal(m->body_case, KETEN__V1__FROM_BROKER__BODY_WELCOME);
	assert_int_equal(m->welcome->keys_index, keyring_next(net.b->keys));
	send_certify(&b, 1, end_of("lwdb-noord", "introducer", 1, 0));
	index = certified(&b, 1)->index;
	assert_true(net_turns(&net, k.sock, NET_PATIENCE));
	net_ok(frame_recv_dealer(k.sock, &k.frame), "recv");
	net_ok(frame_parse_from(k.a, k.frame.header, &m, NULL), "parse");
	assert_int_equal(m->body_case, KETEN__V1__FROM_BROKER__BODY_NOTICE);
	assert_int_equal(m->notice->keys_index, index + 1);
	assert_int_equal(m->notice->policy_index, 1);
}

/* The list of keys goes on where it stopped. */
static void
test_keys_can_be_asked_after_a_record(void **state)
{
	Keten__V1__ToBroker msg = KETEN__V1__TO_BROKER__INIT;
	Keten__V1__Query q = KETEN__V1__QUERY__INIT;
	Keten__V1__KeysQuery keys = KETEN__V1__KEYS_QUERY__INIT;
	Keten__V1__FromBroker *m;

	(void)state;
	q.id = 1;
	q.body_case = KETEN__V1__QUERY__BODY_KEYS;
	q.keys = &keys;
	msg.body_case = KETEN__V1__TO_BROKER__BODY_QUERY;
	msg.query = &q;
	device_send(&b, &msg, slice_of(NULL, 0));
	m = device_recv(&b, NET_PATIENCE);
	assert_int_equal(m->answer->keys->n_rows, 4);
	assert_false(m->answer->keys->more);
	keys.after = m->answer->keys->rows[1]->index;
	device_send(&b, &msg, slice_of(NULL, 0));
	m = device_recv(&b, NET_PATIENCE);
	assert_int_equal(m->answer->keys->n_rows, 2);
	assert_true(m->answer->keys->rows[0]->index > keys.after);
}

/* ---- how long they last -------------------------------------------------------------- */

static void
test_an_end_comes_nearer_in_steps(void **state)
{
	const int64_t day = 24 * 3600 * 1000, now = 1700000000000;

	(void)state;
	assert_int_equal(expiry_bucket(0, now), -1);
	assert_int_equal(expiry_bucket(now + 31 * day, now), -1);
	assert_int_equal(expiry_bucket(now + 30 * day, now), 30);
	assert_int_equal(expiry_bucket(now + 7 * day + 1, now), 30);
	assert_int_equal(expiry_bucket(now + 7 * day, now), 7);
	assert_int_equal(expiry_bucket(now + day, now), 1);
	assert_int_equal(expiry_bucket(now, now), 1);
	assert_int_equal(expiry_bucket(now - 1, now), 0);
}

/* A certificate of another device of ${d}'s partner, with keys of its own. */
static struct slice
other_device(const struct device *d, uint64_t serial)
{
	Keten__V1__DeviceCertificate c = KETEN__V1__DEVICE_CERTIFICATE__INIT;
	struct keymake m = by(d->partner, d->partner);
	struct secret *curve = keyfile_new(KEYFILE_CURVE);
	struct keyfile_public pub;
	struct slice envelope;
	struct signer *sign;
	uint8_t seed[32];

	net_ok(digest_random(seed, sizeof(seed)), "random");
	sign = sign_new(seed);
	net_ok(keyfile_public(curve, &pub), "public");
	c.device = pb_string("tablet");
	c.serial = serial;
	c.curve_key = pb_of(pub.b, 32);
	c.sign_key = pb_of(sign_public(sign), 32);
	c.role = KETEN__V1__DEVICE_ROLE__FULL;
	net_ok(keymake_device(&m, &c, &envelope), "device");
	keyfile_free(&curve);
	sign_free(sign);
	done(&m);
	return (envelope);
}

/* What fills meanwhile is far less than what is asked. */
static void
test_certificates_without_end_are_not_taken(void **state)
{
	const Keten__V1__FromBroker *m;
	uint64_t n = 0;

	(void)state;
	do {
		n++;
		send_certify(&b, n, other_device(&b, n));
		m = device_recv(&b, NET_PATIENCE);
		assert_non_null(m);
	} while (m->body_case == KETEN__V1__FROM_BROKER__BODY_ANSWER &&
	    n < 500);
	assert_int_equal(m->body_case, KETEN__V1__FROM_BROKER__BODY_REFUSAL);
	assert_int_equal(m->refusal->code, ERR_TOO_FAST);
	assert_true(n > 8);
	/* The others' keys go on. */
	send_certify(&k, 1, other_device(&k, 1));
	assert_non_null(certified(&k, 1));
}

int
main(void)
{
#define WITH(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
	const struct CMUnitTest tests[] = {
		WITH(test_a_device_brings_its_partners_certificate),
		WITH(test_the_same_bytes_again_get_the_same_record),
		WITH(test_only_the_identity_key_brings_one),
		WITH(test_a_revoked_device_is_cut_off_and_nothing_more_counts),
		WITH(test_another_device_and_the_introducer_can_end_it),
		WITH(test_an_ended_device_does_not_come_back),
		WITH(test_who_asked_for_it_hears_that_keys_changed),
		WITH(test_keys_can_be_asked_after_a_record),
		WITH(test_certificates_without_end_are_not_taken),
		cmocka_unit_test(test_an_end_comes_nearer_in_steps),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

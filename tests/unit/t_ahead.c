/*
 * t_ahead -- what is looked at ahead is what the turn would have seen.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "ketend/ahead.h"
#include "ketend/decode.h"
#include "wire/pb.h"

static const uint8_t seed[SIGN_SEED] = { 1 }, other[SIGN_SEED] = { 2 };

static void
put(struct message *m, struct slice s)
{
	struct frame *f = &m->frame;

	assert_int_equal(zmq_msg_close(&f->msg[0]), 0);
	assert_int_equal(zmq_msg_init_size(&f->msg[0], s.len), 0);
	memcpy(zmq_msg_data(&f->msg[0]), s.p, s.len);
	f->header = slice_of(zmq_msg_data(&f->msg[0]), s.len);
}

/* A signed ACK for the deliveries up to ${n}. */
static void
put_ack(struct message *m, const struct signer *signer, uint64_t n)
{
	Keten__V1__ToBroker to = KETEN__V1__TO_BROKER__INIT;
	Keten__V1__SendAck send = KETEN__V1__SEND_ACK__INIT;
	Keten__V1__Ack ack = KETEN__V1__ACK__INIT;
	struct arena *a = arena_new(65536);
	struct slice body, envelope, header;
	const uint8_t hash[32] = { 0 };

	assert_non_null(a);
	ack.version = 1;
	ack.origin = pb_string("log.example");
	ack.partner = pb_string("welzijn-w");
	ack.device = pb_string("main");
	ack.mailbox = pb_string("main");
	ack.n = n;
	ack.running_hash = pb_of(hash, sizeof(hash));
	ack.made_ms = 1760000000000;
	assert_int_equal(pb_pack(a, &ack.base, &body), ERR_OK);
	assert_int_equal(envelope_make(a, ENVELOPE_ACK, body, signer,
	    &envelope), ERR_OK);
	send.envelope = pb_data(envelope);
	to.body_case = KETEN__V1__TO_BROKER__BODY_ACK;
	to.ack = &send;
	assert_int_equal(frame_pack_to(a, &to, &header), ERR_OK);
	put(m, header);
	arena_free(a);
}

static struct keyring_device
device_of(const struct signer *s)
{
	struct keyring_device d = { .serial = 1 };

	memcpy(d.sign_key, sign_public(s), sizeof(d.sign_key));
	sign_key_id(d.sign_key, d.key_id);
	return (d);
}

/* Wait until it came to the last of ${n}: stopping too early is fine too. */
static void
look(struct ahead *h, struct turn *t, size_t n)
{
	for (size_t done = 0; done < n;) {
		ahead_start(h, &t->message[done], n - done, t->ahead);
		ahead_stop(h);
		while (done < n && t->message[done].is_ahead)
			done++;
	}
}

static void
test_what_is_looked_at_ahead_is_decoded_and_checked(void **state)
{
	struct signer *me = sign_new(seed), *thief = sign_new(other);
	struct keyring_device d = device_of(me);
	struct turn *t = turn_new();
	struct ahead *h = ahead_new();

	(void)state;
	assert_true(me != NULL && thief != NULL && t != NULL && h != NULL);
	for (size_t i = 0; i < 8; i++) {
		put_ack(&t->message[i], i == 5 ? thief : me, i + 1);
		t->message[i].by = i == 6 ? NULL : &d;
	}
	put(&t->message[3], slice_str("this is no message"));
	t->n = 8;
	look(h, t, 8);
	for (size_t i = 0; i < 8; i++) {
		const struct message *m = &t->message[i];

		assert_true(m->is_ahead);
		assert_int_equal(m->err, i == 3 ? ERR_MALFORMED : ERR_OK);
		assert_true((m->by == NULL) == (i == 3 || i == 6));
		if (m->err == ERR_OK)
			assert_int_equal(m->ack->n, i + 1);
		if (m->by != NULL)
			assert_int_equal(m->signed_err == ERR_OK, i != 5);
	}
	ahead_free(h);
	turn_free(t);
	sign_free(me);
	sign_free(thief);
}

static void
test_the_next_turn_finds_it_decoded_behind_what_was_left(void **state)
{
	struct signer *me = sign_new(seed);
	struct keyring_device d = device_of(me);
	struct turn *t = turn_new();
	struct ahead *h = ahead_new();

	(void)state;
	assert_true(me != NULL && t != NULL && h != NULL);
	/* Three of this turn, of which two are done; two ahead. */
	for (size_t i = 0; i < 5; i++) {
		put_ack(&t->message[i], me, i + 1);
		t->message[i].is_done = i < 2;
		if (i < 3)
			assert_true(decode_one(t->in, &t->message[i]));
	}
	t->n = 5;
	t->message[3].by = t->message[4].by = &d;
	for (size_t i = 3; i < 5;) {
		ahead_start(h, &t->message[i], 1, t->ahead);
		ahead_stop(h);
		i += t->message[i].is_ahead;
	}
	assert_true(turn_has_left(t));
	turn_reset(t);
	assert_int_equal(t->n, 3);
	assert_false(t->message[0].is_decoded);
	assert_null(t->message[0].ack);
	assert_true(decode_one(t->in, &t->message[0]));
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(t->message[i].ack->n, i + 3);
	for (size_t i = 1; i < 3; i++) {
		assert_true(t->message[i].is_decoded);
		assert_false(t->message[i].is_ahead);
		assert_ptr_equal(t->message[i].by, &d);
	}
	/* Nobody came to them in their turn: they begin again. */
	turn_reset(t);
	assert_int_equal(t->n, 3);
	assert_null(t->message[1].ack);
	assert_null(t->message[1].by);
	ahead_free(h);
	turn_free(t);
	sign_free(me);
}

static void
test_it_stops_whether_it_works_or_not(void **state)
{
	struct ahead *h = ahead_new();

	(void)state;
	assert_non_null(h);
	ahead_stop(h);
	ahead_stop(h);
	ahead_free(h);
	ahead_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_what_is_looked_at_ahead_is_decoded_and_checked),
		cmocka_unit_test(
		    test_the_next_turn_finds_it_decoded_behind_what_was_left),
		cmocka_unit_test(test_it_stops_whether_it_works_or_not),
	};

	return (sodium_init() == -1 ? 1 :
	    cmocka_run_group_tests(tests, NULL, NULL));
}

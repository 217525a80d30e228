/*
 * t_frame -- messages over real sockets, with CURVE and a small ZAP handler.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "wire/frame.h"
#include "wire/pb.h"
#include "wire/zkeys.h"

#define PATIENCE_MS 60000

struct fixture {
	void *ctx;
	void *zap;
	pthread_t thread;
	bool has_zap;
	void *router;
	void *dealer;
	uint8_t server[2][ZKEYS_LEN];	/* public, secret */
	char address[64];
	struct frame in;
};

/* Let everybody in, as the device that this network has. */
static void *
answer_zap(void *zap)
{
	static const char *const reply[] = { "1.0", NULL, "200", "",
		"welzijn-w/balie", "" };
	char id[64], rest[256];
	int more, n;
	size_t size = sizeof(more);

	for (;;) {
		size_t frame = 0;

		do {
			n = zmq_recv(zap, frame == 1 ? id : rest,
			    frame == 1 ? sizeof(id) : sizeof(rest), 0);
			if (n < 0) {
				(void)zmq_close(zap);
				return (NULL);
			}
			if (frame++ == 1)
				id[n] = '\0';
			(void)zmq_getsockopt(zap, ZMQ_RCVMORE, &more, &size);
		} while (more);
		for (size_t i = 0; i < 6; i++) {
			const char *s = i == 1 ? id : reply[i];

			(void)zmq_send(zap, s, strlen(s),
			    i < 5 ? ZMQ_SNDMORE : 0);
		}
	}
}

static void
raw_keypair(uint8_t public[ZKEYS_LEN], uint8_t secret[ZKEYS_LEN])
{
	char p[41], s[41];

	assert_int_equal(zmq_curve_keypair(p, s), 0);
	assert_non_null(zmq_z85_decode(public, p));
	assert_non_null(zmq_z85_decode(secret, s));
}

static void *
new_dealer(struct fixture *f)
{
	void *sock = zmq_socket(f->ctx, ZMQ_DEALER);
	uint8_t keys[2][ZKEYS_LEN];

	raw_keypair(keys[0], keys[1]);
	assert_int_equal(zkeys_client(sock, f->server[0], keys[0], keys[1]),
	    ERR_OK);
	assert_int_equal(zmq_connect(sock, f->address), 0);
	return (sock);
}

static struct fixture *
set_up_with(bool has_zap)
{
	struct fixture *f = calloc(1, sizeof(*f));
	size_t len = sizeof(f->address);

	assert_non_null(f);
	assert_int_equal(zkeys_seed(), ERR_OK);
	f->ctx = zmq_ctx_new();
	f->has_zap = has_zap;
	if (has_zap) {
		f->zap = zmq_socket(f->ctx, ZMQ_REP);
		assert_int_equal(zmq_bind(f->zap, "inproc://zeromq.zap.01"),
		    0);
		assert_int_equal(pthread_create(&f->thread, NULL, answer_zap,
		    f->zap), 0);
	}
	raw_keypair(f->server[0], f->server[1]);
	f->router = zmq_socket(f->ctx, ZMQ_ROUTER);
	assert_int_equal(zkeys_server(f->router, f->server[1]), ERR_OK);
	assert_int_equal(zmq_bind(f->router, "tcp://127.0.0.1:*"), 0);
	assert_int_equal(zmq_getsockopt(f->router, ZMQ_LAST_ENDPOINT,
	    f->address, &len), 0);
	f->dealer = new_dealer(f);
	frame_init(&f->in);
	return (f);
}

static int
set_up(void **state)
{
	*state = set_up_with(true);
	return (0);
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	frame_fini(&f->in);
	(void)zmq_close(f->dealer);
	(void)zmq_close(f->router);
	(void)zmq_ctx_shutdown(f->ctx);
	if (f->has_zap)
		assert_int_equal(pthread_join(f->thread, NULL), 0);
	assert_int_equal(zmq_ctx_term(f->ctx), 0);
	free(f);
	return (0);
}

static bool
wait_for(void *sock, long ms)
{
	zmq_pollitem_t item = { .socket = sock, .events = ZMQ_POLLIN };

	return (zmq_poll(&item, 1, ms) == 1);
}

static void
at_router(struct fixture *f)
{
	assert_true(wait_for(f->router, PATIENCE_MS));
	assert_int_equal(frame_recv_router(f->router, &f->in), ERR_OK);
}

static void
test_a_message_arrives_with_who_sent_it(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(frame_send_dealer(f->dealer, slice_str("kop"),
	    slice_str("inhoud")), ERR_OK);
	at_router(f);
	assert_int_equal(f->in.fault, ERR_OK);
	assert_string_equal(f->in.user, "welzijn-w/balie");
	assert_true(f->in.fd >= 0);
	assert_true(slice_eq(f->in.header, slice_str("kop")));
	assert_true(f->in.has_content);
	assert_true(slice_eq(f->in.content, slice_str("inhoud")));
	assert_int_equal(frame_recv_router(f->router, &f->in), ERR_TIMEOUT);

	/* Without content, into the same frame. */
	assert_int_equal(frame_send_dealer(f->dealer, slice_str("kop 2"),
	    slice_of(NULL, 0)), ERR_OK);
	at_router(f);
	assert_int_equal(f->in.fault, ERR_OK);
	assert_false(f->in.has_content);
	assert_int_equal(f->in.content.len, 0);
	assert_true(slice_eq(f->in.header, slice_str("kop 2")));
}

static void
test_an_answer_finds_its_way_back(void **state)
{
	struct fixture *f = *state;
	struct frame back;

	assert_int_equal(frame_send_dealer(f->dealer, slice_str("kop"),
	    slice_of(NULL, 0)), ERR_OK);
	at_router(f);
	assert_int_equal(frame_send_router(f->router, f->in.route,
	    slice_str("antwoord"), slice_str("en meer")), ERR_OK);
	frame_init(&back);
	assert_true(wait_for(f->dealer, PATIENCE_MS));
	assert_int_equal(frame_recv_dealer(f->dealer, &back), ERR_OK);
	assert_int_equal(back.fault, ERR_OK);
	assert_true(slice_eq(back.header, slice_str("antwoord")));
	assert_true(slice_eq(back.content, slice_str("en meer")));
	assert_int_equal(frame_recv_dealer(f->dealer, &back), ERR_TIMEOUT);
	frame_fini(&back);
}

static void
test_a_peer_that_is_gone_is_an_error(void **state)
{
	const uint8_t nobody[FRAME_ROUTE_LEN] = { 0, 9, 9, 9, 9 };
	struct fixture *f = *state;

	assert_int_equal(frame_send_router(f->router, nobody, slice_str("x"),
	    slice_of(NULL, 0)), ERR_NOT_FOUND);
}

static void
send_many(void *sock, size_t n)
{
	for (size_t i = 1; i <= n; i++)
		assert_int_equal(zmq_send(sock, "x", 1,
		    i < n ? ZMQ_SNDMORE : 0), 1);
}

static void
test_surplus_frames_are_read_away_and_reported(void **state)
{
	struct fixture *f = *state;

	for (size_t n = 3; n <= 200; n += 40) {
		send_many(f->dealer, n);
		assert_int_equal(frame_send_dealer(f->dealer,
		    slice_str("de volgende"), slice_of(NULL, 0)), ERR_OK);
		at_router(f);
		assert_int_equal(f->in.fault, ERR_MALFORMED);
		assert_non_null(f->in.rule);
		assert_string_equal(f->in.user, "welzijn-w/balie");
		at_router(f);
		assert_int_equal(f->in.fault, ERR_OK);
		assert_null(f->in.rule);
		assert_true(slice_eq(f->in.header, slice_str("de volgende")));
	}
}

static void
test_empty_frames_are_reported(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(zmq_send(f->dealer, "", 0, 0), 0);
	at_router(f);
	assert_int_equal(f->in.fault, ERR_MALFORMED);
	assert_int_equal(zmq_send(f->dealer, "x", 1, ZMQ_SNDMORE), 1);
	assert_int_equal(zmq_send(f->dealer, "", 0, 0), 0);
	at_router(f);
	assert_int_equal(f->in.fault, ERR_MALFORMED);
}

static void
test_frames_above_the_limits_are_reported_and_not_sent(void **state)
{
	struct fixture *f = *state;
	uint8_t *big = calloc(1, FRAME_MESSAGE_MAX);

	assert_non_null(big);
	assert_int_equal(frame_send_dealer(f->dealer,
	    slice_of(big, FRAME_HEADER_MAX + 1), slice_of(NULL, 0)),
	    ERR_TOO_BIG);
	assert_int_equal(frame_send_dealer(f->dealer, slice_str("x"),
	    slice_of(big, FRAME_CONTENT_MAX + 1)), ERR_TOO_BIG);
	assert_int_equal(frame_send_router(f->router, f->in.route,
	    slice_of(big, FRAME_HEADER_MAX + 1), slice_of(NULL, 0)),
	    ERR_TOO_BIG);

	assert_int_equal(zmq_send(f->dealer, big, FRAME_HEADER_MAX + 1, 0),
	    FRAME_HEADER_MAX + 1);
	at_router(f);
	assert_int_equal(f->in.fault, ERR_TOO_BIG);
	assert_int_equal(zmq_send(f->dealer, "x", 1, ZMQ_SNDMORE), 1);
	assert_int_equal(zmq_send(f->dealer, big, FRAME_MESSAGE_MAX - 64, 0),
	    FRAME_MESSAGE_MAX - 64);
	at_router(f);
	assert_int_equal(f->in.fault, ERR_TOO_BIG);

	/* The limits themselves go through. */
	assert_int_equal(frame_send_dealer(f->dealer,
	    slice_of(big, FRAME_HEADER_MAX), slice_of(big, FRAME_CONTENT_MAX)),
	    ERR_OK);
	at_router(f);
	assert_int_equal(f->in.fault, ERR_OK);
	assert_int_equal(f->in.content.len, FRAME_CONTENT_MAX);
	free(big);
}

static void
test_above_the_message_limit_the_connection_ends(void **state)
{
	struct fixture *f = *state;
	const size_t len = FRAME_MESSAGE_MAX + 1;
	enum err err = ERR_OK;
	uint8_t *big = calloc(1, len);

	assert_non_null(big);
	assert_int_equal(frame_send_dealer(f->dealer, slice_str("kop"),
	    slice_of(NULL, 0)), ERR_OK);
	at_router(f);
	assert_int_equal(zmq_send(f->dealer, big, len, 0), (int)len);
	assert_false(wait_for(f->router, 300));
	for (int i = 0; i < PATIENCE_MS / 10 && err == ERR_OK; i++) {
		zmq_poll(NULL, 0, 10);
		err = frame_send_router(f->router, f->in.route, slice_str("x"),
		    slice_of(NULL, 0));
	}
	assert_int_equal(err, ERR_NOT_FOUND);
	free(big);
}

static void
test_a_routing_id_of_ones_own_is_reported_without_a_name(void **state)
{
	struct fixture *f = *state;
	void *sock = zmq_socket(f->ctx, ZMQ_DEALER);
	uint8_t keys[2][ZKEYS_LEN];

	raw_keypair(keys[0], keys[1]);
	assert_int_equal(zkeys_client(sock, f->server[0], keys[0], keys[1]),
	    ERR_OK);
	assert_int_equal(zmq_setsockopt(sock, ZMQ_ROUTING_ID, "ikzelf", 6), 0);
	assert_int_equal(zmq_connect(sock, f->address), 0);
	assert_int_equal(frame_send_dealer(sock, slice_str("kop"),
	    slice_str("inhoud")), ERR_OK);
	at_router(f);
	assert_int_equal(f->in.fault, ERR_MALFORMED);
	assert_string_equal(f->in.user, "");
	(void)zmq_close(sock);
}

static void
test_without_an_answer_from_zap_nobody_comes_in(void **state)
{
	struct fixture *f = set_up_with(false);

	(void)state;
	/* It may be turned away before it says a word: then that is that. */
	if (frame_send_dealer(f->dealer, slice_str("kop"),
	    slice_of(NULL, 0)) == ERR_IO)
		fail();
	assert_false(wait_for(f->router, 300));
	assert_int_equal(tear_down((void **)&f), 0);
}

static void
test_a_full_queue_is_busy_and_does_not_wait(void **state)
{
	struct fixture *f = *state;
	void *sock = zmq_socket(f->ctx, ZMQ_DEALER);
	uint8_t keys[2][ZKEYS_LEN];
	enum err err = ERR_OK;
	size_t n = 0;

	/* Connected to an address where nobody is. */
	raw_keypair(keys[0], keys[1]);
	assert_int_equal(zkeys_client(sock, f->server[0], keys[0], keys[1]),
	    ERR_OK);
	assert_int_equal(zmq_connect(sock, "tcp://127.0.0.1:1"), 0);
	for (; err == ERR_OK && n <= 2 * ZKEYS_SNDHWM; n++)
		err = frame_send_dealer(sock, slice_str("x"),
		    slice_of(NULL, 0));
	assert_int_equal(err, ERR_BUSY);
	(void)zmq_close(sock);
}

static void
test_headers_are_packed_and_read_back(void **state)
{
	struct arena *a = arena_new(1 << 20);
	Keten__V1__ToBroker to, *in;
	Keten__V1__FromBroker from, *out;
	Keten__V1__Ping ping;
	struct slice s;

	(void)state;
	keten__v1__ping__init(&ping);
	ping.n = 42;
	keten__v1__to_broker__init(&to);
	to.body_case = KETEN__V1__TO_BROKER__BODY_PING;
	to.ping = &ping;
	assert_int_equal(frame_pack_to(a, &to, &s), ERR_OK);
	assert_int_equal(frame_parse_to(a, s, &in, NULL), ERR_OK);
	assert_int_equal(in->version, FRAME_VERSION);
	assert_int_equal(in->ping->n, 42);

	keten__v1__from_broker__init(&from);
	from.body_case = KETEN__V1__FROM_BROKER__BODY_PONG;
	from.pong = &ping;
	assert_int_equal(frame_pack_from(a, &from, &s), ERR_OK);
	assert_int_equal(frame_parse_from(a, s, &out, NULL), ERR_OK);
	assert_int_equal(out->pong->n, 42);
	arena_free(a);
}

static void
test_headers_of_another_version_or_without_body_are_refused(void **state)
{
	struct arena *a = arena_new(1 << 20);
	/* Version 2 with a body that version 1 does not have. */
	const uint8_t later[] = { 0x08, 0x02, 0xa2, 0x06, 0x01, 0x00 };
	const uint8_t empty[] = { 0x08, 0x01 };
	const char *rule = NULL;
	Keten__V1__ToBroker *m = NULL;
	Keten__V1__FromBroker *n = NULL;

	(void)state;
	assert_int_equal(frame_parse_to(a, slice_of(later, sizeof(later)), &m,
	    &rule), ERR_VERSION);
	assert_non_null(rule);
	assert_int_equal(frame_parse_from(a, slice_of(later, sizeof(later)),
	    &n, NULL), ERR_VERSION);
	assert_int_equal(frame_parse_to(a, slice_of(empty, sizeof(empty)), &m,
	    NULL), ERR_MALFORMED);
	assert_int_equal(frame_parse_to(a, slice_of(NULL, 0), &m, NULL),
	    ERR_VERSION);
	assert_null(m);
	assert_null(n);
	arena_free(a);
}

static void
test_a_header_above_its_limit_is_not_packed(void **state)
{
	struct arena *a = arena_new(1 << 20);
	uint8_t *big = calloc(1, FRAME_HEADER_MAX);
	Keten__V1__ToBroker to;
	Keten__V1__Submit submit;
	struct slice s;

	(void)state;
	assert_non_null(big);
	keten__v1__to_broker__init(&to);
	keten__v1__submit__init(&submit);
	to.body_case = KETEN__V1__TO_BROKER__BODY_SUBMIT;
	to.submit = &submit;
	submit.envelope = pb_of(big, FRAME_HEADER_MAX);
	assert_int_equal(frame_pack_to(a, &to, &s), ERR_TOO_BIG);
	submit.envelope.len = FRAME_HEADER_MAX - 10;
	assert_int_equal(frame_pack_to(a, &to, &s), ERR_OK);
	assert_true(s.len <= FRAME_HEADER_MAX);
	arena_fail_at(a, 1);
	assert_int_equal(frame_pack_to(a, &to, &s), ERR_NOMEM);
	free(big);
	arena_free(a);
}

#define T(name) \
	cmocka_unit_test_setup_teardown(test_##name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_message_arrives_with_who_sent_it),
		T(an_answer_finds_its_way_back),
		T(a_peer_that_is_gone_is_an_error),
		T(surplus_frames_are_read_away_and_reported),
		T(empty_frames_are_reported),
		T(frames_above_the_limits_are_reported_and_not_sent),
		T(above_the_message_limit_the_connection_ends),
		T(a_routing_id_of_ones_own_is_reported_without_a_name),
		T(a_full_queue_is_busy_and_does_not_wait),
		cmocka_unit_test(
		    test_without_an_answer_from_zap_nobody_comes_in),
		cmocka_unit_test(test_headers_are_packed_and_read_back),
		cmocka_unit_test(
	    test_headers_of_another_version_or_without_body_are_refused),
		cmocka_unit_test(test_a_header_above_its_limit_is_not_packed),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

/*
 * t_gate -- who may connect, shown with real sockets.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>
#include <zmq.h>

#include "ketend/clockwork.h"
#include "ketend/gate.h"

struct keys {
	uint8_t public[ZKEYS_LEN];
	uint8_t secret[ZKEYS_LEN];
};

static void
make(struct keys *k)
{
	char public[41], secret[41];

	assert_int_equal(zmq_curve_keypair(public, secret), 0);
	assert_non_null(zmq_z85_decode(k->public, public));
	assert_non_null(zmq_z85_decode(k->secret, secret));
}

struct world {
	void *ctx;
	struct gate *gate;
	void *server;
	struct keys server_keys;
	char address[64];
	struct frame frame;
};

static void
world_open(struct world *w, bool with_gate)
{
	size_t len = sizeof(w->address);

	memset(w, 0, sizeof(*w));
	w->ctx = zmq_ctx_new();
	if (with_gate) {
		w->gate = gate_start(w->ctx);
		assert_non_null(w->gate);
	}
	make(&w->server_keys);
	w->server = zmq_socket(w->ctx, ZMQ_ROUTER);
	assert_int_equal(zkeys_server(w->server, w->server_keys.secret),
	    ERR_OK);
	assert_int_equal(zmq_bind(w->server, "tcp://127.0.0.1:*"), 0);
	assert_int_equal(zmq_getsockopt(w->server, ZMQ_LAST_ENDPOINT,
	    w->address, &len), 0);
	frame_init(&w->frame);
}

static void
world_close(struct world *w)
{
	frame_fini(&w->frame);
	zmq_close(w->server);
	gate_stop(w->gate);
	zmq_ctx_term(w->ctx);
}

static void *
client(struct world *w, const struct keys *k)
{
	void *sock = zmq_socket(w->ctx, ZMQ_DEALER);

	assert_int_equal(zkeys_client(sock, w->server_keys.public, k->public,
	    k->secret), ERR_OK);
	assert_int_equal(zmq_connect(sock, w->address), 0);
	/* Whoever is turned away before it says a word has nobody to say it
	 * to: waiting for that would take for ever. */
	(void)zmq_send(sock, "hallo", 5, ZMQ_DONTWAIT);
	return (sock);
}

/* Does a message arrive within ${ms}? */
static bool
arrives(struct world *w, int ms)
{
	int64_t until = clockwork_mono_ms() + ms;
	enum err err;

	do {
		zmq_poll(NULL, 0, 5);
		err = frame_recv_router(w->server, &w->frame);
	} while (err == ERR_TIMEOUT && clockwork_mono_ms() < until);
	return (err == ERR_OK);
}

static void
guest(struct gate *g, const char *user, const struct keys *k)
{
	struct gate_guest who = { .user = "" };

	memcpy(who.user, user, strlen(user));
	memcpy(who.key, k->public, sizeof(who.key));
	assert_int_equal(gate_set(g, &who, 1), ERR_OK);
}

static void
test_without_a_handler_nobody_comes_in(void **state)
{
	struct world w;
	struct keys k;
	void *sock;

	(void)state;
	world_open(&w, false);
	make(&k);
	sock = client(&w, &k);
	assert_false(arrives(&w, 300));
	zmq_close(sock);
	world_close(&w);
}

static void
test_an_unknown_key_is_refused(void **state)
{
	struct world w;
	struct keys known, unknown;
	void *sock;

	(void)state;
	world_open(&w, true);
	make(&known);
	make(&unknown);
	guest(w.gate, "welzijn-w/main", &known);
	sock = client(&w, &unknown);
	assert_false(arrives(&w, 300));
	assert_int_equal(gate_refused(w.gate), 1);
	assert_int_equal(gate_welcomed(w.gate), 0);
	zmq_close(sock);
	world_close(&w);
}

static void
test_a_known_key_brings_its_user_id(void **state)
{
	struct world w;
	struct keys k;
	void *sock;

	(void)state;
	world_open(&w, true);
	make(&k);
	guest(w.gate, "welzijn-w/main", &k);
	sock = client(&w, &k);
	assert_true(arrives(&w, 60000));
	assert_string_equal(w.frame.user, "welzijn-w/main");
	assert_int_equal(gate_welcomed(w.gate), 1);
	zmq_close(sock);
	world_close(&w);
}

static void
test_who_is_removed_is_not_allowed_and_can_be_cut_off(void **state)
{
	struct world w;
	struct keys k;
	void *sock;

	(void)state;
	world_open(&w, true);
	make(&k);
	guest(w.gate, "welzijn-w/main", &k);
	assert_true(gate_allows(w.gate, "welzijn-w/main"));
	assert_false(gate_allows(w.gate, "welzijn-w/other"));
	sock = client(&w, &k);
	assert_true(arrives(&w, 60000));
	assert_int_equal(gate_set(w.gate, NULL, 0), ERR_OK);
	assert_false(gate_allows(w.gate, "welzijn-w/main"));
	gate_close_connection(w.frame.fd);
	for (int i = 0; i < 6000 && zmq_send(sock, "nog", 3, ZMQ_DONTWAIT) != -1;
	     i++)
		zmq_poll(NULL, 0, 10);
	assert_int_equal(zmq_send(sock, "nog", 3, ZMQ_DONTWAIT), -1);
	zmq_close(sock);
	world_close(&w);
}

static void
test_a_new_key_of_a_device_takes_the_place_of_the_old_one(void **state)
{
	struct world w;
	struct keys old, new;
	void *sock;

	(void)state;
	world_open(&w, true);
	make(&old);
	make(&new);
	guest(w.gate, "welzijn-w/main", &old);
	guest(w.gate, "welzijn-w/main", &new);
	assert_int_equal(gate_size(w.gate), 1);
	sock = client(&w, &old);
	assert_false(arrives(&w, 300));
	zmq_close(sock);
	sock = client(&w, &new);
	assert_true(arrives(&w, 60000));
	zmq_close(sock);
	world_close(&w);
}

static void
test_a_thousand_guests_are_found(void **state)
{
	static struct gate_guest who[1000];
	struct world w;
	struct keys k;
	void *sock;

	(void)state;
	world_open(&w, true);
	make(&k);
	for (size_t i = 0; i < 1000; i++) {
		(void)snprintf(who[i].user, sizeof(who[i].user), "p%zu/main",
		    i);
		memset(who[i].key, (int)(i % 251) + 1, sizeof(who[i].key));
		who[i].key[0] = (uint8_t)(i >> 8);
	}
	memcpy(who[700].key, k.public, sizeof(k.public));
	assert_int_equal(gate_set(w.gate, who, 1000), ERR_OK);
	for (size_t i = 0; i < 1000; i++)
		assert_true(gate_allows(w.gate, who[i].user));
	sock = client(&w, &k);
	assert_true(arrives(&w, 60000));
	assert_string_equal(w.frame.user, "p700/main");
	zmq_close(sock);
	world_close(&w);
}

static void
test_the_self_test_passes_and_leaves_nobody_welcome(void **state)
{
	void *ctx = zmq_ctx_new();
	struct gate *g = gate_start(ctx);
	const char *why = "";

	(void)state;
	assert_non_null(g);
	assert_int_equal(gate_prove(ctx, g, &why), ERR_OK);
	assert_int_equal(gate_size(g), 0);
	assert_int_equal(gate_refused(g), 0);
	gate_stop(g);
	zmq_ctx_term(ctx);
}

static void
test_a_second_gate_in_one_context_is_refused(void **state)
{
	void *ctx = zmq_ctx_new();
	struct gate *g = gate_start(ctx);

	(void)state;
	assert_non_null(g);
	assert_null(gate_start(ctx));
	gate_stop(g);
	zmq_ctx_term(ctx);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_without_a_handler_nobody_comes_in),
		cmocka_unit_test(test_an_unknown_key_is_refused),
		cmocka_unit_test(test_a_known_key_brings_its_user_id),
		cmocka_unit_test(
		    test_who_is_removed_is_not_allowed_and_can_be_cut_off),
		cmocka_unit_test(
		    test_a_new_key_of_a_device_takes_the_place_of_the_old_one),
		cmocka_unit_test(test_a_thousand_guests_are_found),
		cmocka_unit_test(
		    test_the_self_test_passes_and_leaves_nobody_welcome),
		cmocka_unit_test(test_a_second_gate_in_one_context_is_refused),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

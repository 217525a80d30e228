/*
 * t_quarantine -- a term, or an erasure by rule, that cannot be written does not
 * stop the broker.
 */
#include "ketend_three.h"
#include "core/record.h"
#include "core/vault.h"
#include "core/view.h"

/* What comes next; 0: nothing. */
static int
came(struct device *d)
{
	const Keten__V1__FromBroker *m = device_recv(d, NET_PATIENCE);

	return (m == NULL ? 0 : (int)m->body_case);
}

/* Submit, and wait for the receipt. */
static struct refid
submitted(uint64_t number)
{
	struct device *const to[] = { &b, &r, &k };
	struct refid id = device_submit(&b, number, to, 3);
	int what;

	while ((what = came(&b)) == KETEN__V1__FROM_BROKER__BODY_DELIVERY)
		continue;
	assert_int_equal(what, KETEN__V1__FROM_BROKER__BODY_RECEIPT);
	return (id);
}

static enum state
state_of(const struct refid *id)
{
	struct referral ref;
	struct txn *txn = NULL;

	net_ok(store_read(net.b->store, &txn), "read");
	net_ok(view_referral(txn, id, &ref), "referral");
	store_done(&txn);
	return (ref.state);
}

static uint32_t
version_of(const struct refid *id)
{
	struct referral ref;
	struct txn *txn = NULL;

	net_ok(store_read(net.b->store, &txn), "read");
	net_ok(view_referral(txn, id, &ref), "referral");
	store_done(&txn);
	return (ref.version);
}

/* Nothing more of this referral can be written: its slot is gone. */
static void
spoil(const struct refid *id)
{
	struct view_more more;
	struct txn *txn = NULL;
	uint32_t pair;

	net_ok(store_read(net.b->store, &txn), "read");
	net_ok(view_more(txn, id, &more), "more");
	net_ok(record_pair(txn, more.opening_index, &pair), "pair");
	store_done(&txn);
	net_ok(vault_erase(store_vault(net.b->store), pair, VAULT_RECORD),
	    "erase");
}

/* A week: the ladder's only rung passes. */
static void
week(void)
{
	json_t *data = net_ask(&net,
	    "{\"cmd\":\"clock move\",\"by_ms\":604800000}");

	assert_non_null(data);
	json_decref(data);
	say_set("t", SAY_LEVEL_ERROR, SAY_TEXT);
	for (int i = 0; i < 6000 && clockwork_is_walking(&net.b->clock); i++)
		(void)net_turns(&net, NULL, 10);
	assert_false(clockwork_is_walking(&net.b->clock));
}

static void
test_a_term_that_cannot_be_written_is_set_apart_and_the_rest_goes_on(
    void **state)
{
	struct refid bad, good;
	long wait_ms = 0;

	(void)state;
	bad = submitted(1);
	good = submitted(2);
	spoil(&bad);
	week();
	assert_int_equal(state_of(&bad), ST_OFFERED);
	assert_int_equal(state_of(&good), ST_ESCALATED);
	assert_int_equal(net.b->metrics.quarantined, 1);
	(void)submitted(3);
	/* Nor does it keep the broker awake. */
	net_ok(pipeline_turn(net.b), "turn");
	net_ok(pipeline_wait_ms(net.b, &wait_ms), "wait");
	assert_true(wait_ms > 0);
}

/* End as a process does that is killed while the term is in hand. */
static void
die_over(const char *path, const struct view_due *due)
{
	struct inhand *in = NULL;
	uint8_t lane[8];
	struct org who;

	memset(&who, 0, sizeof(who));
	(void)snprintf(who.id, sizeof(who.id), "~%u.%u", (unsigned)due->term,
	    (unsigned)due->offer);
	memcpy(lane, due->referral.b, 8);
	net_ok(inhand_open(path, &in), "inhand");
	inhand_take(in, &who, lane, be64_get(due->referral.b + 8));
	free(in); /* and not inhand_close(): that would be a good end */
}

static void
test_a_term_over_which_the_program_ended_twice_is_not_tried_again(
    void **state)
{
	struct view_due due[4];
	struct txn *txn = NULL;
	struct refid bad, good;
	char path[128];
	size_t n = 0;

	(void)state;
	bad = submitted(1);
	good = submitted(2);
	net_ok(store_read(net.b->store, &txn), "read");
	net_ok(view_due(txn, INT64_MAX, NULL, due, 4, &n), "due");
	store_done(&txn);
	assert_int_equal(n, 2);
	if (!refid_eq(&due[0].referral, &bad))
		due[0] = due[1];
	(void)snprintf(path, sizeof(path), "%s", net.set.inhand);
	device_hang_up(b.sock);
	device_hang_up(k.sock);
	device_hang_up(r.sock);
	net_stop(&net);
	die_over(path, &due[0]);
	net_start(&net);
	net_stop(&net); /* ended once: it is tried again */
	die_over(path, &due[0]);
	net_start(&net);
	device_connect(&b);
	device_connect(&k);
	device_connect(&r);
	week();
	assert_int_equal(state_of(&good), ST_ESCALATED);
	assert_int_equal(state_of(&bad), ST_OFFERED);
	assert_int_equal(net.b->metrics.quarantined, 1);
}

/* --- erasures by rule -------------------------------------------------------- */

#define DAY_MS (INT64_C(24) * 60 * 60 * 1000)

/* Withdrawn by who submitted it: it has ended. */
static void
withdrawn(const struct refid *id, uint64_t number)
{
	Keten__V1__Command c = KETEN__V1__COMMAND__INIT;
	int what;

	c.event = KETEN__V1__EVENT__WITHDRAW;
	c.seen_version = version_of(id);
	device_command(&b, number, id, &c, slice_of("", 0));
	while ((what = came(&b)) == KETEN__V1__FROM_BROKER__BODY_DELIVERY)
		continue;
	assert_int_equal(what, KETEN__V1__FROM_BROKER__BODY_RECEIPT);
	assert_false(words_is_live(state_of(id)));
}

static void
pass(int64_t days)
{
	char text[96];
	json_t *data;

	(void)snprintf(text, sizeof(text),
	    "{\"cmd\":\"clock move\",\"by_ms\":%lld}",
	    (long long)(days * DAY_MS));
	assert_non_null(data = net_ask(&net, text));
	json_decref(data);
	say_set("t", SAY_LEVEL_ERROR, SAY_TEXT);
	for (int i = 0; i < 20000 && clockwork_is_walking(&net.b->clock); i++)
		(void)net_turns(&net, NULL, 10);
	assert_false(clockwork_is_walking(&net.b->clock));
	(void)net_turns(&net, NULL, 10);
}

static void
test_an_erasure_by_rule_that_cannot_be_written_is_set_apart(void **state)
{
	struct refid bad, good;
	json_t *answer;
	long wait_ms = 0;

	(void)state;
	bad = submitted(1);
	good = submitted(2);
	withdrawn(&bad, 3);
	withdrawn(&good, 4);
	spoil(&bad);
	pass(91);
	assert_int_equal(net.b->metrics.quarantined, 1);
	assert_int_equal(net.b->eraser.content, 1);
	answer = net_ask(&net, "{\"cmd\":\"status\"}");
	assert_int_equal(json_integer_value(json_object_get(answer,
	    "quarantined")), 1);
	json_decref(answer);
	/* It goes on, it is tried again, and it keeps nobody awake. */
	pass(1);
	assert_int_equal(net.b->metrics.quarantined, 1);
	assert_int_equal(net.b->eraser.content, 1);
	net_ok(pipeline_turn(net.b), "turn");
	net_ok(pipeline_wait_ms(net.b, &wait_ms), "wait");
	assert_true(wait_ms > 0);
	/* Nor does it end the next start. */
	device_hang_up(b.sock);
	device_hang_up(k.sock);
	device_hang_up(r.sock);
	net_stop(&net);
	net_start(&net);
	device_connect(&b);
	device_connect(&k);
	device_connect(&r);
	pass(93); /* the simulated clock began anew, behind the log */
	answer = net_ask(&net, "{\"cmd\":\"clock accept\"}");
	assert_non_null(answer);
	json_decref(answer);
	pass(1);
	assert_int_equal(net.b->metrics.quarantined, 1);
}

/* The loop sleeps until a term; erasures have the time of the rules. */
static void
test_only_a_term_has_an_hour_at_which_it_is_tried_again(void **state)
{
	static struct quarantine q;

	(void)state;
	q.n = 2;
	q.row[0].due.term = q.row[1].due.term = TERM_NONE;
	q.row[0].again_ms = 5;
	q.row[1].again_ms = 7;
	assert_true(quarantine_again(&q) == INT64_MAX);
	q.row[1].due.term = TERM_OFFER;
	assert_true(quarantine_again(&q) == 7);
}

/* More than a turn may begin again for, in one turn. */
#define MANY 66

static void
test_many_erasures_that_cannot_be_written_do_not_end_the_broker(void **state)
{
	struct refid bad[MANY], good;
	uint64_t number = 0;
	long wait_ms = 0;

	(void)state;
	for (size_t i = 0; i < MANY; i++)
		bad[i] = submitted(++number);
	good = submitted(++number);
	for (size_t i = 0; i < MANY; i++) {
		withdrawn(&bad[i], ++number);
		spoil(&bad[i]);
	}
	withdrawn(&good, ++number);
	pass(91);
	for (int i = 0; i < 100 && net.b->eraser.content == 0; i++)
		net_ok(pipeline_turn(net.b), "turn");
	/* Each is set apart, and what comes behind them goes. */
	assert_int_equal(net.b->metrics.quarantined, MANY);
	assert_int_equal(net.b->eraser.content, 1);
	net_ok(pipeline_turn(net.b), "turn");
	net_ok(pipeline_wait_ms(net.b, &wait_ms), "wait");
	assert_true(wait_ms > 0);
	(void)submitted(++number);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_only_a_term_has_an_hour_at_which_it_is_tried_again),
		cmocka_unit_test_setup_teardown(
		    test_a_term_that_cannot_be_written_is_set_apart_and_the_rest_goes_on,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_a_term_over_which_the_program_ended_twice_is_not_tried_again,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_an_erasure_by_rule_that_cannot_be_written_is_set_apart,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_many_erasures_that_cannot_be_written_do_not_end_the_broker,
		    setup, teardown),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

/*
 * t_ketend_life -- the broker as a whole: stopped and started, its clock, its
 * policy and its operator.
 */
#include "ketend_three.h"

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

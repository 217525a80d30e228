/*
 * t_reports -- what a regisseur is given, part by part, over real sockets.
 */
#include "ketend_net.h"

#include <time.h>

static struct net net;
static struct device r, k;

static int
setup(void **state)
{
	(void)state;
	net_open(&net, "");
	device_open(&r, &net, "gemeente-r");
	device_open(&k, &net, "welzijn-w");
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	device_close(&r);
	device_close(&k);
	net_close(&net);
	return (0);
}

/* Ask for the live list from ${offset} on; the answer or refusal. */
static Keten__V1__FromBroker *
ask(struct device *d, uint64_t offset, const uint8_t *sha256)
{
	Keten__V1__ToBroker msg = KETEN__V1__TO_BROKER__INIT;
	Keten__V1__Query query = KETEN__V1__QUERY__INIT;
	Keten__V1__ReportQuery report = KETEN__V1__REPORT_QUERY__INIT;
	Keten__V1__FromBroker *got;

	msg.body_case = KETEN__V1__TO_BROKER__BODY_QUERY;
	msg.query = &query;
	query.id = 7;
	query.body_case = KETEN__V1__QUERY__BODY_REPORT;
	query.report = &report;
	report.what = pb_string("open");
	report.format = pb_string("json");
	report.offset = offset;
	if (sha256 != NULL)
		report.sha256 = pb_of(sha256, 32);
	device_send(d, &msg, slice_of(NULL, 0));
	do {
		if ((got = device_recv(d, NET_PATIENCE)) == NULL) {
			fail_msg("no answer for %s", d->partner);
			abort(); /* it does not come back */
		}
	} while (got->body_case != KETEN__V1__FROM_BROKER__BODY_ANSWER &&
	    got->body_case != KETEN__V1__FROM_BROKER__BODY_REFUSAL);
	return (got);
}

static enum err
refused(const Keten__V1__FromBroker *m)
{
	return (m->body_case == KETEN__V1__FROM_BROKER__BODY_REFUSAL ?
	    (enum err)m->refusal->code : ERR_OK);
}

/* The whole list, or why not: ask until it is made. */
static enum err
fetch(struct device *d, uint8_t sha256[32])
{
	Keten__V1__FromBroker *m;

	for (;;) {
		const struct timespec nap = { 0, 2000000 };

		m = ask(d, 0, NULL);
		if (refused(m) != ERR_OK)
			return (refused(m));
		if (m->answer->report->ready)
			break;
		(void)nanosleep(&nap, NULL);
	}
	assert_int_equal(m->answer->report->sha256.len, 32);
	memcpy(sha256, m->answer->report->sha256.data, 32);
	return (ERR_OK);
}

static void
reload(const char *old, const char *new)
{
	json_t *data;

	demo_edit(&net.demo, old, new);
	net_sign_policy(&net);
	data = net_ask(&net, "{\"cmd\":\"policy reload\"}");
	assert_non_null(data);
	json_decref(data);
}

static void
test_a_later_part_is_given_only_while_the_duty_lasts(void **state)
{
	uint8_t sha256[32];

	(void)state;
	assert_int_equal(fetch(&r, sha256), ERR_OK);
	assert_int_equal(refused(ask(&r, 1, sha256)), ERR_OK);
	assert_int_equal(refused(ask(&k, 1, sha256)), ERR_NOT_ALLOWED);
	/* Placing stays with it; oversight does not. */
	demo_edit(&net.demo, "index: 1", "index: 2");
	reload("    contact: wijkregie\n",
	    "    contact: wijkregie\n    duties: [placing]\n");
	assert_int_equal(refused(ask(&r, 1, sha256)), ERR_NOT_ALLOWED);
	assert_int_equal(refused(ask(&r, 0, NULL)), ERR_NOT_ALLOWED);
}

static void
test_a_report_of_an_earlier_policy_is_begun_again(void **state)
{
	uint8_t sha256[32];

	(void)state;
	assert_int_equal(fetch(&r, sha256), ERR_OK);
	/* It may oversee something else now. */
	reload("index: 1", "index: 2");
	assert_int_equal(refused(ask(&r, 1, sha256)), ERR_BUSY);
	assert_int_equal(fetch(&r, sha256), ERR_OK);
	assert_int_equal(refused(ask(&r, 1, sha256)), ERR_OK);
}

static void
test_the_live_list_has_its_price_too(void **state)
{
	uint8_t sha256[32];
	enum err err = ERR_OK;
	int n = 0;

	(void)state;
	/* What fills meanwhile is far less than what is asked. */
	while (n < 2000 && (err = fetch(&r, sha256)) == ERR_OK)
		n++;
	assert_int_equal(err, ERR_TOO_FAST);
	assert_true(n >= 8);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_a_later_part_is_given_only_while_the_duty_lasts),
		T(test_a_report_of_an_earlier_policy_is_begun_again),
		T(test_the_live_list_has_its_price_too),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

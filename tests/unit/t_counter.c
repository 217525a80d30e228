/*
 * Counters: a thread that counts while everything goes on.
 */
#include "help/auditor.h"
#include "core/survey.h"
#include "ketend/counter.h"
#include "life/calendar.h"

#include <time.h>

#define EVENT(name) KETEN__V1__EVENT__##name

static struct chronicle *
with_september(void)
{
	const struct cal_date monday = { 2026, 9, 14 };
	const struct cal_date october = { 2026, 10, 2 };
	struct chronicle *c = chronicle_new();
	struct refid id;

	c->now_ms = cal_local(monday, 9 * 60);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(chronicle_submit(c, LWDB, "SIG-101", &id),
		    ERR_OK);
		assert_int_equal(chronicle_say(c, WELZIJN, &id, EVENT(ACCEPT),
		    NULL), ERR_OK);
	}
	c->now_ms = cal_midnight(october);
	chronicle_tick(c);
	return (c);
}

static void
end(struct chronicle *c, struct counter *n)
{
	counter_free(n);
	chronicle_remove(c->dir);
	chronicle_free(c);
}

/* Somebody who need not pay. */
static struct counter_asker
by(const char *who, int64_t mono_ms)
{
	return ((struct counter_asker){ .who = org_of(who),
	    .mono_ms = mono_ms });
}

static void
nap(void)
{
	const struct timespec t = { 0, 2000000 };

	(void)nanosleep(&t, NULL);
}

/* Ask until it is there; ${mono_ms} stands still. */
static const Keten__V1__ReportFacts *
month(struct counter *n, uint32_t which, int64_t mono_ms)
{
	const struct counter_asker me = by("", mono_ms);
	const Keten__V1__ReportFacts *r = NULL;
	struct counter_progress p;
	enum err err;

	while ((err = counter_month(n, which, &me, &r, &p)) == ERR_BUSY)
		nap();
	assert_int_equal(err, ERR_OK);
	return (r);
}

static char *
open_list(struct counter *n, enum sheet_format format, int64_t mono_ms)
{
	const struct openlist_ask ask = { .format = format,
		.now_ms = INT64_C(1790900000000) };
	const struct counter_asker me = by("", mono_ms);
	struct counter_progress p;
	char *text = NULL;
	size_t len;
	enum err err;

	while ((err = counter_open(n, &ask, &me, &text, &len, &p)) ==
	    ERR_BUSY)
		nap();
	assert_int_equal(err, ERR_OK);
	assert_int_equal(strlen(text), len);
	return (text);
}

static void
test_a_month_is_counted_aside_and_there_when_it_is_ready(void **state)
{
	struct chronicle *c = with_september();
	struct counter *n = counter_new(c->st);
	const struct counter_asker me = by("", 1);
	const Keten__V1__ReportFacts *r;
	struct counter_progress p;

	(void)state;
	assert_int_equal(counter_month(n, 202609, &me, &r, &p), ERR_BUSY);
	r = month(n, 202609, 1);
	assert_int_equal(r->n_cells, 1);
	assert_string_equal(r->cells[0]->key, "welzijn-w");
	/* It waits to be fetched again, until somebody says it is spent. */
	assert_int_equal(counter_month(n, 202609, &me, &r, &p), ERR_OK);
	end(c, n);
}

static void
test_nobody_takes_the_place_of_what_somebody_waits_for(void **state)
{
	struct chronicle *c = with_september();
	struct counter *n = counter_new(c->st);
	const struct openlist_ask ask = { .format = SHEET_TEXT };
	const struct counter_asker me = by("", 1000), later = by("", 2000);
	const Keten__V1__ReportFacts *r;
	struct counter_progress p;
	char *text;
	size_t len;

	(void)state;
	(void)month(n, 202609, 1000);
	assert_int_equal(counter_month(n, 202608, &me, &r, &p), ERR_BUSY);
	assert_int_equal(counter_open(n, &ask, &me, &text, &len, &p),
	    ERR_BUSY);
	assert_int_equal(counter_month(n, 202609, &later, &r, &p), ERR_OK);
	/* Spent, it makes place at once. */
	counter_spent(n);
	assert_int_equal(month(n, 202608, 2000)->n_cells, 0);
	/* And when nobody comes for it any more. */
	free(open_list(n, SHEET_TEXT, 2000 + 5001));
	end(c, n);
}

static void
test_a_list_is_made_anew_each_time_and_belongs_to_who_took_it(void **state)
{
	struct chronicle *c = with_september();
	struct counter *n = counter_new(c->st);
	char *first = open_list(n, SHEET_JSON, 1);
	struct refid id;
	char *second;

	(void)state;
	assert_non_null(strstr(first, "\"marks\":[\"open\"]"));
	assert_int_equal(chronicle_submit(c, LWDB, "SIG-101", &id), ERR_OK);
	second = open_list(n, SHEET_JSON, 1);
	assert_true(strlen(second) > strlen(first));
	free(first);
	free(second);
	end(c, n);
}

static void
test_it_stops_in_the_middle_of_its_work(void **state)
{
	struct chronicle *c = with_september();

	(void)state;
	for (int i = 0; i < 20; i++) {
		struct counter *n = counter_new(c->st);
		const struct counter_asker me = by("", 1);
		const Keten__V1__ReportFacts *r;
		struct counter_progress p;

		assert_int_equal(counter_month(n, 202609, &me, &r, &p),
		    ERR_BUSY);
		counter_free(n);
	}
	end(c, NULL);
}

static void
test_a_failed_read_is_told_once_and_the_next_may_succeed(void **state)
{
	struct chronicle *c = with_september();
	struct counter *n = counter_new(c->st);
	const Keten__V1__ReportFacts *r;
	const struct counter_asker me = by("", 1);
	struct counter_progress p;
	enum err err;

	(void)state;
	while ((err = counter_month(n, 13, &me, &r, &p)) == ERR_BUSY)
		nap();
	assert_int_equal(err, ERR_MALFORMED);
	assert_int_equal(month(n, 202609, 1)->n_cells, 1);
	end(c, n);
}

/* The live list for ${who} at ${mono_ms}: what becomes of asking for it. */
static enum err
ask_once(struct counter *n, const struct counter_asker *who)
{
	const struct openlist_ask ask = { .format = SHEET_TEXT,
		.who = who->who, .now_ms = INT64_C(1790900000000) };
	struct counter_progress p;
	char *text = NULL;
	size_t len;
	enum err err = counter_open(n, &ask, who, &text, &len, &p);

	free(text);
	return (err);
}

static void
test_who_asks_faster_does_not_keep_another_from_its_turn(void **state)
{
	struct chronicle *c = with_september();
	struct counter *n = counter_new(c->st);
	const struct counter_asker fast = by("gemeente-q", 1),
				   slow = by("gemeente-r", 1);

	(void)state;
	assert_int_equal(ask_once(n, &fast), ERR_BUSY);
	assert_int_equal(ask_once(n, &slow), ERR_BUSY);
	while (ask_once(n, &fast) == ERR_BUSY)
		nap();
	/* It has had its turn: the thread waits for the other one. */
	for (int i = 0; i < 100; i++)
		assert_int_equal(ask_once(n, &fast), ERR_BUSY);
	while (ask_once(n, &slow) == ERR_BUSY)
		nap();
	/* And now it is the fast one's. */
	assert_int_equal(ask_once(n, &slow), ERR_BUSY);
	while (ask_once(n, &fast) == ERR_BUSY)
		nap();
	end(c, n);
}

static void
test_who_stopped_asking_keeps_nobody_waiting(void **state)
{
	struct chronicle *c = with_september();
	struct counter *n = counter_new(c->st);
	const struct counter_asker gone = by("gemeente-q", 1),
				   me = by("gemeente-r", 1),
				   later = by("gemeente-r", 5002);

	(void)state;
	assert_int_equal(ask_once(n, &me), ERR_BUSY);
	assert_int_equal(ask_once(n, &gone), ERR_BUSY);
	while (ask_once(n, &me) == ERR_BUSY)
		nap();
	assert_int_equal(ask_once(n, &me), ERR_BUSY);
	while (ask_once(n, &later) == ERR_BUSY)
		nap();
	end(c, n);
}

static bool
pays(void *cookie)
{
	int *left = cookie;

	return ((*left)-- > 0);
}

static void
test_each_place_in_the_line_is_paid_for_once(void **state)
{
	struct chronicle *c = with_september();
	struct counter *n = counter_new(c->st);
	int left = 2;
	struct counter_asker me = by("gemeente-r", 1);

	(void)state;
	me.pays = pays;
	me.cookie = &left;
	for (int i = 0; i < 2; i++)
		while (ask_once(n, &me) == ERR_BUSY)
			nap();
	assert_int_equal(left, 0);
	assert_int_equal(ask_once(n, &me), ERR_TOO_FAST);
	/* Who cannot pay is in nobody's way. */
	me = by("gemeente-q", 1);
	while (ask_once(n, &me) == ERR_BUSY)
		nap();
	end(c, n);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_a_month_is_counted_aside_and_there_when_it_is_ready),
		cmocka_unit_test(
		    test_nobody_takes_the_place_of_what_somebody_waits_for),
		cmocka_unit_test(
		    test_a_list_is_made_anew_each_time_and_belongs_to_who_took_it),
		cmocka_unit_test(test_it_stops_in_the_middle_of_its_work),
		cmocka_unit_test(
		    test_a_failed_read_is_told_once_and_the_next_may_succeed),
		cmocka_unit_test(
		    test_who_asks_faster_does_not_keep_another_from_its_turn),
		cmocka_unit_test(test_who_stopped_asking_keeps_nobody_waiting),
		cmocka_unit_test(test_each_place_in_the_line_is_paid_for_once),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

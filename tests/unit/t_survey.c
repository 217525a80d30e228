/*
 * Surveys: real lives of referrals, decided by the real core, and the figures
 * that come of them; and that a month once published stays what it was.
 */
#include "help/auditor.h"
#include "help/chronicle_in.h"
#include "core/erase.h"
#include "core/period.h"
#include "core/sheet.h"
#include "core/survey.h"
#include "core/view.h"
#include "life/calendar.h"
#include "policy/erasure.h"
#include "wire/pb.h"

#define FAMILY(name) KETEN__V1__REPORT_FAMILY__REPORT_##name
#define EVENT(name) KETEN__V1__EVENT__##name
#define DAY_MS (INT64_C(24) * 3600 * 1000)
#define TIMES 5 /* each life: told as 5 */

/* All that are on the ladder of SIG-101. */
static const char *const nobody[] = { "welzijn-w" };

/* --- lives ----------------------------------------------------------------- */

/* Let nobody be asked: it is the gemeente's at once. */
static void
ask_nobody(Keten__V1__Statement *st)
{
	st->command->header->never = (char **)(uintptr_t)nobody;
	st->command->header->n_never = sizeof(nobody) / sizeof(nobody[0]);
}

static void
ask_for_units(Keten__V1__Statement *st)
{
	st->command->header->units = 4;
	st->command->header->payer = pb_string("wmo");
}

static void
to_thuiszorg(Keten__V1__Statement *st)
{
	st->command->to = pb_string("thuiszorg-t");
	st->command->basis = pb_string("G-TOE");
}

static void
must(enum err err, struct chronicle *c)
{
	if (err != ERR_OK)
		fail_msg("%s: %s", err_name(err),
		    c->rule == NULL ? "" : c->rule);
}

static void
say(struct chronicle *c, enum chronicle_cast who, const struct refid *id,
    Keten__V1__Event event, const char *code)
{
	must(chronicle_say(c, who, id, event, code), c);
}

static struct refid
submit(struct chronicle *c, const char *code,
    void (*twist)(Keten__V1__Statement *st))
{
	struct refid id;

	c->twist = twist;
	must(chronicle_submit(c, LWDB, code, &id), c);
	c->twist = NULL;
	return (id);
}

/* Held by the gemeente, and nobody was asked. */
static struct refid
with_gemeente(struct chronicle *c)
{
	struct refid id = submit(c, "SIG-101", ask_nobody);

	say(c, GEMEENTE, &id, EVENT(CONFIRM), NULL);
	return (id);
}

static struct refid
handed_over(struct chronicle *c)
{
	struct refid id = with_gemeente(c);

	c->twist = to_thuiszorg;
	say(c, GEMEENTE, &id, EVENT(HAND_OVER), "RED-04");
	c->twist = NULL;
	return (id);
}

static void
live_declined(struct chronicle *c)
{
	struct refid id = handed_over(c);

	say(c, THUISZORG, &id, EVENT(DECLINE), "AFW-06");
}

static void
live_accepted(struct chronicle *c)
{
	struct refid id = submit(c, "SIG-101", NULL);

	say(c, WELZIJN, &id, EVENT(ACCEPT), NULL);
}

/* The last of five: carers do not answer, and then welzijn is asked. */
static void
live_passed(struct chronicle *c)
{
	static int n;
	struct referral r;
	struct refid id = submit(c, "SIG-301", NULL);

	if (++n % TIMES != 0)
		return;
	for (int i = 0; i < TIMES; i++)
		chronicle_fire(c);
	chronicle_referral(c, &id, &r);
	assert_int_equal(r.state, ST_OFFERED);
	assert_string_equal(r.offers[r.n_offers - 1].to.id, "welzijn-w");
}

static void
live_returned(struct chronicle *c)
{
	struct refid id = handed_over(c);

	say(c, THUISZORG, &id, EVENT(ACCEPT), NULL);
	say(c, THUISZORG, &id, EVENT(RETURN), "AFW-10");
}

static void
live_outcome(struct chronicle *c)
{
	struct refid id = with_gemeente(c);

	say(c, GEMEENTE, &id, EVENT(COMPLETE), "UIT-01");
}

static void
live_units(struct chronicle *c)
{
	(void)submit(c, "DST-101", ask_for_units);
}

static void
live_failed(struct chronicle *c)
{
	struct refid id = with_gemeente(c);

	say(c, GEMEENTE, &id, EVENT(FAIL), "RED-01");
}

/* Urgent, and whoever is on the ladder is closed: only the gemeente is not. */
static void
live_unoffered(struct chronicle *c)
{
	const struct cal_date sunday = { 2026, 9, 20 };
	int64_t night = cal_local(sunday, 21 * 60);
	struct refid id;

	if (c->now_ms < night)
		c->now_ms = night;
	must(chronicle_submit_as(c, LWDB, "SIG-101", "WK085501",
	    KETEN__V1__URGENCY__EMERGENT, &id), c);
}

static void
live_missing(struct chronicle *c)
{
	must(chronicle_missing(c, LWDB, "DST-205"), c);
}

/* --- the month ---------------------------------------------------------------- */

/* Let the clock be in the middle of September 2026, on a working day. */
static struct chronicle *
in_september(void)
{
	const struct cal_date monday = { 2026, 9, 14 };
	struct chronicle *c = chronicle_new();

	assert_true(c->now_ms < cal_local(monday, 9 * 60));
	c->now_ms = cal_local(monday, 9 * 60);
	return (c);
}

/* October has begun: the clock says so. */
static void
close_month(struct chronicle *c)
{
	const struct cal_date first = { 2026, 10, 1 };

	if (c->now_ms < cal_midnight(first) + 60000)
		c->now_ms = cal_midnight(first) + 60000;
	chronicle_tick(c);
}

static Keten__V1__ReportFacts *
survey(struct chronicle *c, struct arena *a, uint32_t month)
{
	Keten__V1__ReportFacts *r = NULL;
	struct txn *t = NULL;

	assert_int_equal(store_read(c->st, &t), ERR_OK);
	assert_int_equal(survey_month(t, month, NULL, a, &r), ERR_OK);
	store_done(&t);
	return (r);
}

static void
expect_only(const Keten__V1__ReportFacts *r, Keten__V1__ReportFamily family,
    const char *area, const char *group, const char *key, uint32_t n)
{
	for (size_t i = 0; r->n_cells != 1 && i < r->n_cells; i++)
		print_message("%s %s %d %s: %u\n", r->cells[i]->area,
		    r->cells[i]->group, (int)r->cells[i]->family,
		    r->cells[i]->key, r->cells[i]->n);
	if (r->n_cells != 1)
		print_message("%zu cells instead of %d %s\n", r->n_cells,
		    (int)family, key);
	assert_int_equal(r->n_cells, 1);
	assert_int_equal(r->cells[0]->family, family);
	assert_string_equal(r->cells[0]->area, area);
	assert_string_equal(r->cells[0]->group, group);
	assert_string_equal(r->cells[0]->key, key);
	assert_int_equal(r->cells[0]->n, n);
}

/*
 * To each family there is a life that counts there and nowhere else.  So for
 * any table of counts there is a log that has them, and nobody can conclude
 * from one cell to another: what figures are safe by.
 */
static void
test_every_family_has_a_life_that_counts_there_and_nowhere_else(void **state)
{
	static const struct {
		void (*live)(struct chronicle *c);
		Keten__V1__ReportFamily family;
		const char *group, *key;
		uint32_t n;
	} lives[] = {
		{ live_declined, FAMILY(DECLINED), "SIG-100", "AFW-06", 5 },
		{ live_accepted, FAMILY(ACCEPTED), "SIG-100", "welzijn-w", 5 },
		{ live_passed, FAMILY(PASSED), "SIG-310", "mantelzorg-m", 5 },
		{ live_returned, FAMILY(RETURNED), "SIG-100", "thuiszorg-t",
		    5 },
		{ live_outcome, FAMILY(OUTCOME), "SIG-100", "UIT-01", 5 },
		{ live_units, FAMILY(UNITS), "DST-100", "wmo", 20 },
		{ live_failed, FAMILY(FAILED), "SIG-100", "RED-01", 5 },
		{ live_unoffered, FAMILY(UNOFFERED), "SIG-100", "", 5 },
		{ live_missing, FAMILY(MISSING), "DST-200", "DST-205", 5 },
	};
	struct arena *a = arena_new((size_t)4 << 20);

	(void)state;
	assert_non_null(a);
	for (size_t i = 0; i < sizeof(lives) / sizeof(lives[0]); i++) {
		struct chronicle *c = in_september();

		for (int k = 0; k < TIMES; k++)
			lives[i].live(c);
		close_month(c);
		arena_reset(a);
		expect_only(survey(c, a, 202609), lives[i].family,
		    "WK085501", lives[i].group, lives[i].key, lives[i].n);
		chronicle_remove(c->dir);
		chronicle_free(c);
	}
	arena_free(a);
}

/* Of what is protected the exact code and the district are sealed: the figures
 * know the group and the municipality. */
static void
test_of_what_is_protected_only_group_and_municipality_are_told(void **state)
{
	struct chronicle *c = in_september();
	struct arena *a = arena_new((size_t)4 << 20);
	struct refid id;

	(void)state;
	for (int i = 0; i < TIMES; i++) {
		must(chronicle_submit_as(c, LWDB, "SIG-600", "GM0855",
		    KETEN__V1__URGENCY__NORMAL, &id), c);
		say(c, GEMEENTE, &id, EVENT(CONFIRM), NULL);
		say(c, GEMEENTE, &id, EVENT(FAIL), "RED-01");
	}
	close_month(c);
	expect_only(survey(c, a, 202609), FAMILY(FAILED), "GM0855", "SIG-600",
	    "RED-01", 5);
	arena_free(a);
	chronicle_remove(c->dir);
	chronicle_free(c);
}

static void
test_what_began_before_the_month_is_found_where_it_began(void **state)
{
	const struct cal_date last = { 2026, 9, 30 };
	struct chronicle *c = in_september();
	struct arena *a = arena_new((size_t)4 << 20);
	const Keten__V1__ReportFacts *r;

	(void)state;
	c->now_ms = cal_local(last, 16 * 60);
	for (int i = 0; i < TIMES; i++)
		(void)submit(c, "SIG-301", NULL);
	close_month(c);
	r = survey(c, a, 202609);
	assert_int_equal(r->n_cells, 0);
	for (int i = 0; i < TIMES; i++)
		chronicle_fire(c);
	c->now_ms += 40 * DAY_MS;
	chronicle_tick(c);
	expect_only(survey(c, a, 202610), FAMILY(PASSED), "WK085501",
	    "SIG-310", "mantelzorg-m", 5);
	/* Before the log there was nothing, and there is nothing to publish. */
	assert_int_equal(survey(c, a, 202601)->n_cells, 0);
	arena_free(a);
	chronicle_remove(c->dir);
	chronicle_free(c);
}

static void
test_lead_times_are_of_who_completed(void **state)
{
	struct chronicle *c = in_september();
	struct arena *a = arena_new((size_t)4 << 20);
	const Keten__V1__ReportFacts *r;

	(void)state;
	for (int i = 0; i < 8; i++) {
		struct refid id = submit(c, "SIG-101", NULL);

		c->now_ms += INT64_C(2) * 3600000;
		say(c, WELZIJN, &id, EVENT(ACCEPT), NULL);
		say(c, WELZIJN, &id, EVENT(START), NULL);
		c->now_ms += INT64_C(2) * 3600000;
		say(c, WELZIJN, &id, EVENT(COMPLETE), "UIT-01");
		c->now_ms += DAY_MS - INT64_C(4) * 3600000;
		if (i % 5 == 4) /* over the weekend */
			c->now_ms += 2 * DAY_MS;
	}
	close_month(c);
	r = survey(c, a, 202609);
	assert_int_equal(r->n_cells, 6);
	assert_int_equal(r->cells[0]->family, FAMILY(ACCEPTED));
	assert_int_equal(r->cells[1]->family, FAMILY(OUTCOME));
	assert_int_equal(r->cells[1]->n, 10);
	for (size_t i = 2; i < 6; i++)
		assert_int_equal(r->cells[i]->n, i < 4 ? 2 : 4);
	arena_free(a);
	chronicle_remove(c->dir);
	chronicle_free(c);
}

/* --- published ------------------------------------------------------------------- */

static void
publish(struct chronicle *c, const Keten__V1__ReportFacts *r)
{
	for (uint32_t i = 0; i < survey_pages(r); i++) {
		Keten__V1__ReportFacts page;
		struct decide_in in;
		struct decision d;

		survey_page(r, i, &page);
		chronicle_in(c, &in);
		assert_int_equal(decide_access(&in, "gemeente-r", r->period,
		    "publiceren", &page, &d), ERR_OK);
		chronicle_write(c, &d, slice_of("", 0), NULL);
	}
}

static const Keten__V1__ReportFacts *
read_published(struct chronicle *c, struct arena *a, uint32_t month,
    enum err expected)
{
	Keten__V1__ReportFacts *r = NULL;
	struct txn *t = NULL;

	assert_int_equal(store_read(c->st, &t), ERR_OK);
	assert_int_equal(survey_published(t, month, a, &r), expected);
	store_done(&t);
	return (r);
}

static void
test_a_month_of_many_cells_is_published_page_by_page(void **state)
{
	static Keten__V1__ReportCell cells[4500];
	static Keten__V1__ReportCell *list[4500];
	static char keys[4500][12];
	struct chronicle *c = in_september();
	struct arena *a = arena_new((size_t)16 << 20);
	Keten__V1__ReportFacts *r;
	struct period p;
	uint8_t digest[32];

	(void)state;
	close_month(c);
	r = survey(c, a, 202609);
	for (size_t i = 0; i < 4500; i++) {
		keten__v1__report_cell__init(&cells[i]);
		(void)snprintf(keys[i], sizeof(keys[i]), "p%zu", 10000 + i);
		cells[i].area = pb_string("WK085501");
		cells[i].group = pb_string("SIG-100");
		cells[i].family = FAMILY(ACCEPTED);
		cells[i].key = keys[i];
		cells[i].n = 5 * (uint32_t)(i + 1);
		list[i] = &cells[i];
	}
	r->cells = list;
	r->n_cells = 4500;
	assert_true(period_of_month(202609, &p));
	assert_int_equal(sheet_digest(CHRONICLE_ORIGIN, &p, r, digest),
	    ERR_OK);
	r->sha256 = pb_of(digest, 32);
	assert_int_equal(survey_pages(r), 3);
	(void)read_published(c, a, 202609, ERR_NOT_FOUND);
	publish(c, r);
	assert_true(survey_same(r, read_published(c, a, 202609, ERR_OK)));
	/* The auditor sees that this does not follow from the records. */
	auditor_expect(*state, c->dir, "report figures 2026-09", 28);
	arena_free(a);
	chronicle_remove(c->dir);
	chronicle_free(c);
}

static void
test_a_report_that_is_not_that_of_its_digest_is_refused(void **state)
{
	static const uint8_t other[32] = { 1 };
	struct chronicle *c = in_september();
	struct arena *a = arena_new((size_t)4 << 20);
	Keten__V1__ReportFacts *r;

	(void)state;
	close_month(c);
	r = survey(c, a, 202609);
	r->sha256 = pb_of(other, 32);
	publish(c, r);
	(void)read_published(c, a, 202609, ERR_DIGEST);
	auditor_expect(*state, c->dir, "report figures 2026-09", 21);
	arena_free(a);
	chronicle_remove(c->dir);
	chronicle_free(c);
}

/* What the broker does when a month has begun. */
static void
erase_log(struct chronicle *c)
{
	struct erase_log *log = NULL;
	struct decide_in in;
	struct decision d;

	chronicle_in(c, &in);
	assert_int_equal(erase_log_find(c->t, c->policy, c->now_ms, &log),
	    ERR_OK);
	assert_int_equal(decide_erase_log(&in, erase_log_page(log, 0), &d),
	    ERR_OK);
	chronicle_write(c, &d, slice_of("", 0), NULL);
	erase_log_free(log);
	assert_int_equal(erase_finish(c->st), ERR_OK);
}

/* Ended, read, closed, and its content erased by its rule. */
static void
close_and_erase(struct chronicle *c, const struct refid *id, int n)
{
	struct decide_in in;
	struct decision d;

	for (int i = 0; i < n; i++)
		say(c, LWDB, &id[i], EVENT(ACKNOWLEDGE), NULL);
	chronicle_ack(c, WELZIJN);
	chronicle_ack(c, LWDB);
	chronicle_ack(c, GEMEENTE);
	c->now_ms += 91 * DAY_MS;
	for (int i = 0; i < n; i++) {
		chronicle_in(c, &in);
		assert_int_equal(decide_erase(&in, &id[i], 1, 0, &d),
		    ERR_OK);
		chronicle_write(c, &d, slice_of("", 0), NULL);
		assert_int_equal(erase_finish(c->st), ERR_OK);
	}
}

static void
test_what_was_published_outlives_the_records_it_was_counted_from(void **state)
{
	struct auditor *au = *state;
	struct chronicle *c = in_september();
	struct arena *a = arena_new((size_t)4 << 20);
	const Keten__V1__ReportFacts *was;
	struct refid id[TIMES], young;
	char *before;

	if (au == NULL)
		skip();
	for (int i = 0; i < TIMES; i++) {
		id[i] = submit(c, "SIG-101", NULL);
		say(c, WELZIJN, &id[i], EVENT(ACCEPT), NULL);
		say(c, WELZIJN, &id[i], EVENT(START), NULL);
		say(c, WELZIJN, &id[i], EVENT(COMPLETE), "UIT-01");
	}
	close_month(c);
	was = survey(c, a, 202609);
	assert_int_equal(was->n_cells, 2);
	publish(c, was);
	chronicle_publish(c);
	auditor_expect(au, c->dir, "verify", 10);
	auditor_expect(au, c->dir, "replay", 10);
	auditor_expect(au, c->dir, "report figures 2026-09", 0);
	assert_non_null(before = strdup(au->out));

	close_and_erase(c, id, TIMES);
	c->now_ms += 1900 * DAY_MS;
	must(chronicle_submit(c, LWDB, "SIG-101", &young), c);
	erase_log(c);
	assert_true(survey_same(was, read_published(c, a, 202609, ERR_OK)));
	assert_int_equal(survey(c, a, 202609)->n_cells, 0);
	auditor_expect(au, c->dir, "report figures 2026-09", 11);
	assert_string_equal(strstr(au->out, "Cijfers"),
	    strstr(before, "Cijfers"));
	assert_non_null(strstr(au->out, "niet opnieuw te tellen"));
	/* Made again from the log, it is where it was. */
	assert_int_equal(view_rebuild(c->st), ERR_OK);
	assert_true(survey_same(was, read_published(c, a, 202609, ERR_OK)));
	chronicle_publish(c);
	auditor_expect(au, c->dir, "verify", 11);
	auditor_expect(au, c->dir, "replay", 11);
	free(before);
	arena_free(a);
	chronicle_remove(c->dir);
	chronicle_free(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_every_family_has_a_life_that_counts_there_and_nowhere_else),
		cmocka_unit_test(
		    test_of_what_is_protected_only_group_and_municipality_are_told),
		cmocka_unit_test(
		    test_what_began_before_the_month_is_found_where_it_began),
		cmocka_unit_test(test_lead_times_are_of_who_completed),
		cmocka_unit_test(
		    test_a_month_of_many_cells_is_published_page_by_page),
		cmocka_unit_test(
		    test_a_report_that_is_not_that_of_its_digest_is_refused),
		cmocka_unit_test(
		    test_what_was_published_outlives_the_records_it_was_counted_from),
	};

	return (cmocka_run_group_tests(tests, auditor_setup,
	    auditor_teardown));
}

/*
 * Erasing of whole records that are old: what leans on them stays.
 */
#include "erase_bench.h"

/* What the broker does when a month has begun; how many records went. */
static uint64_t
erase_log(struct chronicle *c)
{
	struct erase_log *log = NULL;
	struct decide_in in;
	struct decision d;
	uint64_t n = 0;
	enum err err;

	chronicle_in(c, &in);
	err = erase_log_find(c->t, c->policy, c->now_ms, &log);
	if (err == ERR_NOT_FOUND) {
		store_abort(&c->t);
		return (0);
	}
	assert_int_equal(err, ERR_OK);
	assert_int_equal(erase_log_pages(log), 1);
	assert_int_equal(decide_erase_log(&in, erase_log_page(log, 0), &d),
	    ERR_OK);
	for (size_t i = 0; i < d.facts->erase->n_ranges; i++)
		n += d.facts->erase->ranges[i]->count;
	chronicle_write(c, &d, slice_of("", 0), NULL);
	erase_log_free(log);
	carry_out(c);
	return (n);
}

/* Closed, its content erased, confirmed by two of three. */
static struct refid
closed(struct chronicle *c)
{
	struct refid id = ended(c, "UIT-01");
	uint64_t index;

	chronicle_ack(c, WELZIJN);
	assert_int_equal(chronicle_say(c, LWDB, &id,
	    KETEN__V1__EVENT__ACKNOWLEDGE, NULL), ERR_OK);
	chronicle_ack(c, LWDB);
	c->now_ms += 91 * DAY_MS;
	assert_int_equal(by_rule(c, &id, 1), ERR_OK);
	index = newest(c);
	carry_out(c);
	assert_int_equal(chronicle_erased(c, LWDB, &id, index), ERR_OK);
	assert_int_equal(chronicle_erased(c, WELZIJN, &id, index), ERR_OK);
	return (id);
}

static void
test_old_records_go_and_what_leans_on_them_stays(void **state)
{
	struct auditor *a = *state;
	struct chronicle *c;
	struct refid id, young;
	struct referral r;
	struct txn *t = NULL;
	uint64_t used, last = 0, index;
	uint8_t hash[32];

	if (a == NULL)
		skip();
	c = chronicle_new();
	id = closed(c);
	used = c->who[LWDB].number;
	assert_int_equal(erase_log(c), 0);
	c->now_ms += 1900 * DAY_MS;
	assert_int_equal(chronicle_submit(c, LWDB, "SIG-101", &young),
	    ERR_OK);
	assert_true(erase_log(c) > 8);
	assert_int_equal(erase_log(c), 0);

	assert_int_equal(store_read(c->st, &t), ERR_OK);
	assert_int_equal(view_referral(t, &id, &r), ERR_NOT_FOUND);
	assert_int_equal(view_referral(t, &young, &r), ERR_OK);
	assert_int_equal(view_seen(t, &c->who[LWDB].org, c->who[LWDB].lane,
	    used, &index, hash), ERR_NOT_FOUND);
	assert_int_equal(view_lane(t, &c->who[WELZIJN].org,
	    c->who[WELZIJN].lane, &last), ERR_OK);
	assert_int_equal(last, c->who[WELZIJN].number);
	store_done(&t);
	same_after_rebuild(c);

	/* Life goes on, and so do numbers and mailboxes. */
	assert_int_equal(chronicle_say(c, WELZIJN, &young,
	    KETEN__V1__EVENT__ACCEPT, NULL), ERR_OK);
	chronicle_ack(c, WELZIJN);
	chronicle_ack(c, GEMEENTE);
	same_after_rebuild(c);
	assert_int_equal(view_rebuild(c->st), ERR_OK);
	same_after_rebuild(c);
	chronicle_publish(c);
	auditor_expect(a, c->dir, "verify", 11);
	auditor_expect(a, c->dir, "replay", 11);
	chronicle_remove(c->dir);
	chronicle_free(c);
}

/* A service that was declined for want of room, and done by R: CLOSED. */
static struct refid
declined(struct chronicle *c)
{
	struct refid id;

	assert_int_equal(chronicle_submit(c, LWDB, "DST-501", &id), ERR_OK);
	assert_int_equal(chronicle_say(c, WELZIJN, &id,
	    KETEN__V1__EVENT__DECLINE, "AFW-01"), ERR_OK);
	assert_int_equal(chronicle_say(c, GEMEENTE, &id,
	    KETEN__V1__EVENT__CONFIRM, NULL), ERR_OK);
	assert_int_equal(chronicle_say(c, GEMEENTE, &id,
	    KETEN__V1__EVENT__COMPLETE, "UIT-01"), ERR_OK);
	assert_int_equal(chronicle_say(c, LWDB, &id,
	    KETEN__V1__EVENT__ACKNOWLEDGE, NULL), ERR_OK);
	chronicle_ack(c, LWDB);
	chronicle_ack(c, WELZIJN);
	chronicle_ack(c, GEMEENTE);
	return (id);
}

/* Its second record. */
static uint64_t
index_of_decline(struct chronicle *c, const struct refid *id)
{
	struct view_trail trail[2];
	struct txn *t = NULL;
	size_t n;

	assert_int_equal(store_read(c->st, &t), ERR_OK);
	assert_int_equal(view_trail(t, id, 0, trail, 2, &n), ERR_OK);
	assert_int_equal(n, 2);
	store_done(&t);
	return (trail[1].index);
}

static size_t
n_missing(struct chronicle *c)
{
	struct view_missing m[8];
	struct txn *t = NULL;
	size_t n = 0;

	assert_int_equal(store_read(c->st, &t), ERR_OK);
	assert_int_equal(view_missing(t, 0, m, 8, &n), ERR_OK);
	store_done(&t);
	return (n);
}

/* What the catalogue has: entries, the last of them withdrawn; shortages. */
static void
expect_catalogue(struct chronicle *c, uint64_t shortage)
{
	struct view_entry e[4];
	struct view_shortage s[4];
	struct txn *t = NULL;
	size_t n;

	assert_int_equal(store_read(c->st, &t), ERR_OK);
	assert_int_equal(view_catalogue(t, "", NULL, c->a, e, 4, &n), ERR_OK);
	assert_int_equal(n, 2);
	assert_string_equal(e[0].entry->status, "withdrawn");
	assert_string_equal(e[0].entry->service, "DST-403");
	assert_string_equal(e[1].entry->status, "active");
	assert_string_equal(e[1].entry->service, "DST-501");
	assert_int_equal(view_shortages(t, "", NULL, s, 4, &n), ERR_OK);
	assert_int_equal(n, shortage != 0);
	if (n == 1)
		assert_int_equal(s[0].index, shortage);
	store_done(&t);
}

static void
test_the_catalogue_outlives_the_records_that_made_it(void **state)
{
	struct auditor *a = *state;
	struct chronicle *c;
	struct refid id;
	uint64_t said;

	if (a == NULL)
		skip();
	c = chronicle_new();
	assert_int_equal(chronicle_offers(c, WELZIJN, "DST-501", "active"),
	    ERR_OK);
	assert_int_equal(chronicle_offers(c, WELZIJN, "DST-403", "active"),
	    ERR_OK);
	assert_int_equal(chronicle_offers(c, WELZIJN, "DST-403", "withdrawn"),
	    ERR_OK);
	assert_int_equal(chronicle_missing(c, LWDB, "DST-205"), ERR_OK);
	id = declined(c);
	said = index_of_decline(c, &id);
	assert_int_equal(n_missing(c), 1);
	expect_catalogue(c, said);
	same_after_rebuild(c);
	chronicle_publish(c);
	auditor_expect(a, c->dir, "verify", 10);
	auditor_expect(a, c->dir, "replay", 10);

	/* First what belongs to no referral, then the referral too. */
	c->now_ms += 400 * DAY_MS;
	assert_int_equal(by_rule(c, &id, 2), ERR_OK);
	carry_out(c);
	c->now_ms += 1450 * DAY_MS;
	assert_int_equal(chronicle_missing(c, LWDB, "DST-104"), ERR_OK);
	assert_true(erase_log(c) > 4);
	assert_int_equal(n_missing(c), 1);
	expect_catalogue(c, 0);
	same_after_rebuild(c);
	/* Nobody asks who has not looked after its entry for so long. */
	c->now_ms += 450 * DAY_MS;
	assert_int_equal(chronicle_offers(c, WELZIJN, "DST-501", "active"),
	    ERR_OK);
	id = declined(c);
	said = index_of_decline(c, &id);
	assert_true(erase_log(c) > 4);
	assert_int_equal(n_missing(c), 1);
	expect_catalogue(c, said);
	same_after_rebuild(c);
	assert_int_equal(view_rebuild(c->st), ERR_OK);
	same_after_rebuild(c);
	chronicle_publish(c);
	auditor_expect(a, c->dir, "verify", 11);
	auditor_expect(a, c->dir, "replay", 11);
	chronicle_remove(c->dir);
	chronicle_free(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_old_records_go_and_what_leans_on_them_stays),
		cmocka_unit_test(
		    test_the_catalogue_outlives_the_records_that_made_it),
	};

	return (cmocka_run_group_tests(tests, auditor_setup,
	    auditor_teardown));
}

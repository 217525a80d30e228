/*
 * Between a referral in memory and what travels and is stored of it: whatever
 * the two referrals are, the difference between them is the difference.
 */
#include "any_referral.h"

#define ROUNDS 2000

static void
test_applying_the_difference_gives_the_other(void **state)
{
	struct arena *a = arena_new(1 << 20);
	struct referral before, after;
	Keten__V1__RouteChange *who;
	Keten__V1__Change *c;

	(void)state;
	stream = 1;
	for (int i = 0; i < ROUNDS; i++) {
		any_header(&before);
		for (uint32_t n = any(4); n > 0; n--)
			change(&before);
		after = before;
		change(&after);
		diff(a, &before, &after, &c, &who);
		assert_int_equal(apply_change(&before, c, who), ERR_OK);
		assert_same(&before, &after);
		arena_reset(a);
	}
	arena_free(a);
}

static void
test_a_beginning_is_a_header_and_a_difference(void **state)
{
	struct arena *a = arena_new(1 << 20);
	struct referral after, is;

	(void)state;
	stream = 2;
	for (int i = 0; i < ROUNDS; i++) {
		Keten__V1__RouteFacts rf = KETEN__V1__ROUTE_FACTS__INIT;
		Keten__V1__ReferralState s = KETEN__V1__REFERRAL_STATE__INIT;
		Keten__V1__FactsHeader *h = NULL;
		Keten__V1__RouteChange *who;
		Keten__V1__Change *c;

		any_header(&after);
		change(&after);
		assert_int_equal(apply_to_header(a, &after, &h), ERR_OK);
		assert_int_equal(apply_to_state(a, &after, &s), ERR_OK);
		rf.first = s.first;
		rf.n_first = s.n_first;
		rf.never = s.never;
		rf.n_never = s.n_never;
		diff(a, NULL, &after, &c, &who);
		assert_int_equal(apply_header(&is, &after.id, h, &rf),
		    ERR_OK);
		assert_int_equal(apply_change(&is, c, who), ERR_OK);
		is.submitted_ms = after.submitted_ms;
		assert_same(&is, &after);
		arena_reset(a);
	}
	arena_free(a);
}

static void
test_a_state_that_is_stored_comes_back(void **state)
{
	struct arena *a = arena_new(1 << 20);
	struct referral r, is;

	(void)state;
	stream = 3;
	for (int i = 0; i < ROUNDS; i++) {
		Keten__V1__ReferralState s = KETEN__V1__REFERRAL_STATE__INIT;
		Keten__V1__ReferralState *back;
		struct slice bytes;

		any_header(&r);
		for (uint32_t n = any(5); n > 0; n--)
			change(&r);
		assert_int_equal(apply_to_state(a, &r, &s), ERR_OK);
		assert_int_equal(pb_pack(a, &s.base, &bytes), ERR_OK);
		assert_int_equal(pb_unpack(a,
				     &keten__v1__referral_state__descriptor,
				     bytes, &prescan_stored, &back), ERR_OK);
		assert_int_equal(apply_from_state(back, &is), ERR_OK);
		assert_same(&is, &r);
		arena_reset(a);
	}
	arena_free(a);
}

/* What is equal is not in the difference; what differs is, once. */
static void
test_a_difference_holds_only_what_differs(void **state)
{
	struct arena *a = arena_new(1 << 20);
	struct referral before, after;
	Keten__V1__RouteChange *who;
	Keten__V1__Change *c;

	(void)state;
	stream = 4;
	any_header(&before);
	before.epoch = 1;
	for (int i = 0; i < 5; i++)
		any_offer(&before);
	after = before;
	diff(a, &before, &after, &c, &who);
	assert_int_equal(c->n_offers + c->n_terms, 0);
	assert_int_equal(who->n_offers + who->n_parties, 0);
	after.offers[3].question_open = true;
	after.clocks[TERM_INFO].running = true;
	after.clocks[TERM_INFO].at_ms = 7;
	after.parties[after.n_parties++] = any_org();
	diff(a, &before, &after, &c, &who);
	assert_int_equal(c->n_offers, 1);
	assert_int_equal(c->offers[0]->number, 4);
	assert_int_equal(c->offers[0]->commit.len, 0);
	assert_int_equal(c->n_terms, 1);
	assert_int_equal(c->terms[0]->term, TERM_INFO);
	assert_int_equal(who->n_offers, 0);
	assert_int_equal(who->n_parties, 1);
	arena_free(a);
}

/* ---- what does not fit ---- */

struct odd {
	struct arena *a;
	struct referral before;
	Keten__V1__Change *c;
	Keten__V1__RouteChange *who;
};

static void
odd_make(struct odd *o)
{
	struct referral after;

	stream = 8;
	o->a = arena_new(1 << 20);
	any_header(&o->before);
	o->before.version = 4;
	o->before.epoch = 1;
	any_offer(&o->before);
	after = o->before;
	after.version = 5;
	any_offer(&after);
	after.clocks[TERM_OFFER].running = true;
	after.parties[after.n_parties++] = any_org();
	diff(o->a, &o->before, &after, &o->c, &o->who);
}

#define ODD(o, spoil)                                                          \
	do {                                                                   \
		odd_make(&(o));                                                \
		spoil;                                                         \
		assert_int_equal(                                              \
		    apply_change(&(o).before, (o).c, (o).who), ERR_CORRUPT);   \
		arena_free((o).a);                                             \
	} while (0)

static void
test_what_does_not_follow_or_fit_is_refused(void **state)
{
	static char bad[] = "Not A Name", lng[] = "UIT-0123456789";
	struct odd o;

	(void)state;
	odd_make(&o);
	assert_int_equal(apply_change(&o.before, o.c, o.who), ERR_OK);
	arena_free(o.a);
	ODD(o, o.c->version_before++);
	ODD(o, o.c->referral.data[0] ^= 1);
	ODD(o, o.c->referral.len--);
	ODD(o, o.c->after = NULL);
	ODD(o, o.c->after->holder = bad);
	ODD(o, o.c->after->outcome = lng);
	ODD(o, o.c->after->next_rung = 256);
	ODD(o, o.c->after->last_offer = 65536);
	ODD(o, o.c->offers[0]->number = 0);
	ODD(o, o.c->offers[0]->number = 65536);
	ODD(o, o.c->offers[0]->rung = 256);
	ODD(o, o.c->offers[0]->state = (Keten__V1__OfferState)OFFER__MAX);
	ODD(o, o.c->offers[0]->state = (Keten__V1__OfferState)0);
	ODD(o, o.c->terms[0]->term = TERM__MAX);
	ODD(o, o.c->terms[0]->term = TERM_NONE);
	ODD(o, o.who->offers[0]->to = bad);
	ODD(o, o.who->giver = bad);
	ODD(o, o.who->parties[0] = bad);
	ODD(o, o.before.n_parties = REFERRAL_PARTIES_MAX);
	ODD(o, {
		while (o.before.n_offers < REFERRAL_OFFERS_MAX)
			any_offer(&o.before);
		o.c->offers[0]->number = 999;
	});
}

static void
test_a_state_that_is_damaged_is_refused(void **state)
{
	static char bad[] = "Not A Name", lng[] = "WK0855010203";
	Keten__V1__ReferralState s;
	struct arena *a = arena_new(1 << 20);
	struct referral r, is;

	(void)state;
	stream = 9;
	any_header(&r);
	r.epoch = 1;
	any_offer(&r);
#define DAMAGED(spoil)                                                         \
	do {                                                                   \
		arena_reset(a);                                                \
		keten__v1__referral_state__init(&s);                           \
		assert_int_equal(apply_to_state(a, &r, &s), ERR_OK);           \
		spoil;                                                         \
		assert_int_equal(apply_from_state(&s, &is), ERR_CORRUPT);      \
	} while (0)
	DAMAGED(s.header = NULL);
	DAMAGED(s.after = NULL);
	DAMAGED(s.referral.len = 3);
	DAMAGED(s.header->originator = bad);
	DAMAGED(s.header->area = lng);
	DAMAGED(s.who[0]->to = bad);
	DAMAGED(s.offers[0]->number = 0);
	arena_free(a);
}

static void
test_a_full_arena_is_an_error_and_no_crash(void **state)
{
	struct arena *a = arena_new(1 << 20);
	uint8_t blinds[REFERRAL_OFFERS_MAX][16] = { { 0 } };
	Keten__V1__ReferralState s = KETEN__V1__REFERRAL_STATE__INIT;
	Keten__V1__RouteChange who;
	Keten__V1__Change c;
	struct referral r;
	enum err err;
	size_t n = 0;

	(void)state;
	stream = 10;
	any_header(&r);
	change(&r);
	do {
		arena_reset(a);
		arena_fail_at(a, ++n);
		err = apply_diff(a, NULL, &r, (const uint8_t(*)[16])blinds,
		    &c, &who);
		assert_true(err == ERR_OK || err == ERR_NOMEM);
	} while (err != ERR_OK);
	assert_true(n > 5);
	n = 0;
	do {
		arena_reset(a);
		arena_fail_at(a, ++n);
		keten__v1__referral_state__init(&s);
		err = apply_to_state(a, &r, &s);
		assert_true(err == ERR_OK || err == ERR_NOMEM);
	} while (err != ERR_OK);
	assert_true(n > 5);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_applying_the_difference_gives_the_other),
		cmocka_unit_test(
		    test_a_beginning_is_a_header_and_a_difference),
		cmocka_unit_test(test_a_state_that_is_stored_comes_back),
		cmocka_unit_test(test_a_difference_holds_only_what_differs),
		cmocka_unit_test(test_what_does_not_follow_or_fit_is_refused),
		cmocka_unit_test(test_a_state_that_is_damaged_is_refused),
		cmocka_unit_test(test_a_full_arena_is_an_error_and_no_crash),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

/*
 * Between a referral in memory and what travels and is stored of it: whatever
 * the two referrals are, the difference between them is the difference.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "life/apply.h"
#include "trust/digest.h"
#include "wire/pb.h"

#define ROUNDS 2000

static uint64_t stream;

static uint32_t
any(uint32_t n)
{
	uint64_t z = (stream += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return ((uint32_t)((z ^ (z >> 31)) % n));
}

static struct org
any_org(void)
{
	char name[ORG_MAX + 1];

	(void)snprintf(name, sizeof(name), "partner-%u", any(1000));
	return (org_of(name));
}

static struct org
maybe_org(void)
{
	return (any(3) == 0 ? org_of(NULL) : any_org());
}

static int64_t
any_time(void)
{
	return (any(4) == 0 ? 0 : (int64_t)any(UINT32_MAX) * 1000 + any(1000));
}

static struct clock
any_clock(void)
{
	struct clock c;

	memset(&c, 0, sizeof(c));
	switch (any(3)) {
	case 0:
		c.running = true;
		c.at_ms = any_time();
		c.since_ms = any_time();
		break;
	case 1:
		c.frozen = true;
		c.left_ms = any_time();
		c.since_ms = any_time();
		break;
	default:
		break;
	}
	return (c);
}

static void
any_offer(struct referral *r)
{
	struct offer *o = &r->offers[r->n_offers++];

	memset(o, 0, sizeof(*o));
	o->number = ++r->last_offer;
	o->to = any_org();
	o->via = maybe_org();
	o->rung = (uint8_t)any(256);
	o->epoch = r->epoch;
	o->state = (enum offer_state)(1 + any(OFFER__MAX - 1));
}

/* What can change of an offer. */
static void
change_offer(struct offer *o)
{
	o->state = (enum offer_state)(1 + any(OFFER__MAX - 1));
	o->reason = (enum reason)any(5);
	o->asked = any(2) != 0;
	o->question_open = any(2) != 0;
	o->delivered = any(2) != 0;
	o->own_term = any(2) != 0;
	memset(&o->clock, 0, sizeof(o->clock));
	if (o->own_term)
		o->clock = any_clock();
}

static void
any_code(char *to, const char *from)
{
	memset(to, 0, REFERRAL_CODE);
	memcpy(to, from, strlen(from));
}

/* The header of a SUBMIT. */
static void
any_header(struct referral *r)
{
	memset(r, 0, sizeof(*r));
	for (size_t i = 0; i < sizeof(r->id.b); i++)
		r->id.b[i] = (uint8_t)any(256);
	r->id.b[6] = 0x70;
	r->id.b[8] = 0x80;
	if (any(2) != 0) {
		r->parent = r->id;
		r->parent.b[15] ^= 1;
	}
	r->kind = any(2) == 0 ? KIND_SIGNAL : KIND_SERVICE;
	any_code(r->code, r->kind == KIND_SIGNAL ? "SIG-101" : "DST-202");
	any_code(r->basis, "G-TOE");
	memcpy(r->area, "BU08550101", 11);
	r->b = any_org();
	r->r = any_org();
	r->custodian = maybe_org();
	r->urgency = (enum urgency)(1 + any(4));
	r->discussed = (uint8_t)any(6);
	r->units = any(100);
	r->end_ms = any_time();
	for (uint32_t n = any(REFERRAL_FIRST_MAX + 1); n > 0; n--)
		r->first[r->n_first++] = any_org();
	for (uint32_t n = any(REFERRAL_NEVER_MAX + 1); n > 0; n--)
		r->never[r->n_never++] = any_org();
	r->submitted_ms = any_time();
}

/* Everything that a record can change. */
static void
change(struct referral *r)
{
	if (any(6) == 0) {
		r->epoch++;
		memset(r->offers, 0, sizeof(r->offers));
		r->n_offers = 0;
		r->giver = any_org();
	}
	r->state = (enum state)(1 + any(ST__MAX - 1));
	r->before_wait = (enum state)any(ST__MAX);
	r->before_handover = (enum state)any(ST__MAX);
	r->ended_as = (enum state)any(ST__MAX);
	r->b = any_org();
	r->h = any_org();
	r->r = any_org();
	r->custodian = maybe_org();
	r->giver = maybe_org();
	r->version += any(2);
	r->flags = any(8);
	r->overdue = any(1u << TERM__MAX);
	r->urgency = (enum urgency)(1 + any(4));
	r->next_rung = (uint8_t)any(256);
	r->rung_asked = any(2) != 0;
	r->rung_frozen = any(2) != 0;
	r->holder_asked = any(2) != 0;
	r->openable = any(2) != 0;
	r->unreadable = any(2) != 0;
	r->erased = any(2) != 0;
	r->erases = any(2) != 0;
	r->person_part = any(2) != 0;
	r->contains = (uint8_t)any(8);
	r->units_done = any(9);
	r->units_total = any(9);
	for (size_t i = 0; i < r->n_offers; i++)
		if (any(3) == 0)
			change_offer(&r->offers[i]);
	for (uint32_t n = any(6); n > 0; n--)
		if (r->n_offers < REFERRAL_OFFERS_MAX)
			any_offer(r);
	for (uint32_t n = any(3); n > 0; n--)
		if (r->n_parties < REFERRAL_PARTIES_MAX)
			r->parties[r->n_parties++] = any_org();
	for (size_t t = 1; t < TERM__MAX; t++)
		if (any(3) == 0)
			r->clocks[t] = any_clock();
	r->accepted_ms = any_time();
	r->completed_ms = any_time();
	r->changed_ms = any_time();
	r->ended_ms = any_time();
	r->pause_limit_ms = any_time();
	any_code(r->outcome, any(2) == 0 ? "" : "UIT-03");
	any_code(r->reason, any(2) == 0 ? "" : "AFW-01");
}

/* All that is in use is equal; what lies beyond it may be anything. */
static void
assert_same(const struct referral *a, const struct referral *b)
{
	struct referral x, y;

	memset(&x, 0, sizeof(x));
	memset(&y, 0, sizeof(y));
	referral_copy(&x, a);
	referral_copy(&y, b);
	assert_memory_equal(&x, &y, sizeof(x));
}

/* The difference, through bytes. */
static void
diff(struct arena *a, const struct referral *before,
    const struct referral *after, Keten__V1__Change **c,
    Keten__V1__RouteChange **who)
{
	static uint8_t blinds[REFERRAL_OFFERS_MAX][16];
	Keten__V1__Change change;
	Keten__V1__RouteChange names;
	struct slice s;

	for (size_t i = 0; i < REFERRAL_OFFERS_MAX; i++)
		blinds[i][0] = (uint8_t)(i + 1);
	assert_int_equal(apply_diff(a, before, after,
			     (const uint8_t(*)[16])blinds, &change, &names),
	    ERR_OK);
	assert_int_equal(pb_pack(a, &change.base, &s), ERR_OK);
	assert_int_equal(pb_unpack(a, &keten__v1__change__descriptor, s,
			     &prescan_stored, c), ERR_OK);
	assert_int_equal(pb_pack(a, &names.base, &s), ERR_OK);
	assert_int_equal(pb_unpack(a, &keten__v1__route_change__descriptor, s,
			     &prescan_stored, who), ERR_OK);
}

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

/* Whatever the copy held before: what is in use is there, no more is read. */
static void
test_a_copy_has_all_that_is_in_use(void **state)
{
	struct referral r, copy, other;

	(void)state;
	stream = 9;
	for (int i = 0; i < ROUNDS; i++) {
		any_header(&r);
		for (uint32_t n = any(5); n > 0; n--)
			change(&r);
		memset(&copy, 0xa5, sizeof(copy));
		memset(&other, 0x5a, sizeof(other));
		referral_copy(&copy, &r);
		assert_same(&copy, &r);
		referral_copy(&other, &copy);
		assert_same(&other, &r);
		referral_clear(&copy);
		memset(&r, 0, sizeof(r));
		assert_same(&copy, &r);
	}
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

/* A candidate gets no route facts: no names, but all of the rest. */
static void
test_a_candidate_sees_all_but_names(void **state)
{
	struct arena *a = arena_new(1 << 20);
	struct referral before, after, is;

	(void)state;
	stream = 5;
	for (int i = 0; i < ROUNDS; i++) {
		Keten__V1__RouteChange *who;
		Keten__V1__Change *c;

		any_header(&before);
		change(&before);
		after = before;
		change(&after);
		is = before;
		memset(is.parties, 0, sizeof(is.parties));
		is.n_parties = 0;
		for (size_t k = 0; k < is.n_offers; k++)
			is.offers[k].to = is.offers[k].via = org_of(NULL);
		diff(a, &before, &after, &c, &who);
		assert_int_equal(apply_change(&is, c, NULL), ERR_OK);
		assert_int_equal(is.n_parties, 0);
		assert_true(org_is_none(&is.giver));
		for (size_t k = 0; k < is.n_offers; k++)
			assert_true(org_is_none(&is.offers[k].to));
		memcpy(is.parties, after.parties, sizeof(is.parties));
		is.n_parties = after.n_parties;
		is.giver = after.giver;
		for (size_t k = 0; k < is.n_offers; k++) {
			is.offers[k].to = after.offers[k].to;
			is.offers[k].via = after.offers[k].via;
		}
		assert_same(&is, &after);
		arena_reset(a);
	}
	arena_free(a);
}

/* The names of the offers stand nowhere in what a candidate gets. */
static void
test_the_names_stand_in_the_route_change_only(void **state)
{
	struct arena *a = arena_new(1 << 20);
	struct referral r;
	Keten__V1__RouteChange *who;
	Keten__V1__Change *c;
	struct slice bytes;

	(void)state;
	stream = 6;
	any_header(&r);
	change(&r);
	r.n_offers = r.last_offer = 0;
	any_offer(&r);
	r.offers[0].to = org_of("somebody-else");
	r.offers[0].via = org_of("some-network");
	r.giver = org_of("who-gave-up");
	diff(a, NULL, &r, &c, &who);
	assert_int_equal(pb_pack(a, &c->base, &bytes), ERR_OK);
	assert_null(memmem(bytes.p, bytes.len, "somebody", 8));
	assert_null(memmem(bytes.p, bytes.len, "network", 7));
	assert_null(memmem(bytes.p, bytes.len, "gave-up", 7));
	assert_string_equal(who->offers[0]->to, "somebody-else");
	assert_string_equal(who->offers[0]->via, "some-network");
	assert_string_equal(who->giver, "who-gave-up");
	arena_free(a);
}

static void
test_a_commitment_opens_to_one_name_only(void **state)
{
	static const uint8_t blind[16] = { 1, 2, 3 };
	uint8_t is[32], other[32], by_hand[32];
	struct org w = org_of("welzijn-w"), x = org_of("welzijn-x");
	uint8_t text[13 + 16 + 9] = "keten1/offer";

	(void)state;
	memcpy(text + 13, blind, 16);
	memcpy(text + 29, "welzijn-w", 9);
	digest_of(text, sizeof(text), by_hand);
	apply_commit(blind, &w, is);
	apply_commit(blind, &x, other);
	assert_memory_equal(is, by_hand, 32);
	assert_memory_not_equal(is, other, 32);
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
		cmocka_unit_test(test_a_copy_has_all_that_is_in_use),
		cmocka_unit_test(test_a_difference_holds_only_what_differs),
		cmocka_unit_test(test_a_candidate_sees_all_but_names),
		cmocka_unit_test(
		    test_the_names_stand_in_the_route_change_only),
		cmocka_unit_test(test_a_commitment_opens_to_one_name_only),
		cmocka_unit_test(test_what_does_not_follow_or_fit_is_refused),
		cmocka_unit_test(test_a_state_that_is_damaged_is_refused),
		cmocka_unit_test(test_a_full_arena_is_an_error_and_no_crash),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

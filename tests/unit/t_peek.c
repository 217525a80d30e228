/*
 * t_peek -- what is seen in packed facts is what stands in them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "audit/peek.h"
#include "keten/v1/facts.pb-c.h"
#include "wire/pb.h"

static struct arena *a;

static int
setup(void **state)
{
	(void)state;
	a = arena_new((size_t)1 << 20);
	return (a == NULL ? -1 : 0);
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(a);
	return (0);
}

static struct peek
look(const Keten__V1__Facts *f, const Keten__V1__RouteFacts *r)
{
	struct slice facts, route;
	struct peek p;

	assert_int_equal(pb_pack(a, &f->base, &facts), ERR_OK);
	assert_int_equal(pb_pack(a, &r->base, &route), ERR_OK);
	assert_true(peek_at(facts, route, &p));
	return (p);
}

static void
it_sees_the_engine_among_all_other_fields(void **state)
{
	Keten__V1__Facts f = KETEN__V1__FACTS__INIT;
	Keten__V1__RouteFacts r = KETEN__V1__ROUTE_FACTS__INIT;

	(void)state;
	assert_int_equal(look(&f, &r).engine, 0);
	f.index = UINT64_MAX;
	f.kind = KETEN__V1__RECORD_KIND__RECORD_COMMAND;
	f.time_ms = INT64_MAX;
	f.engine = 7;
	f.policy_index = 9;
	assert_int_equal(look(&f, &r).engine, 7);
	f.engine = 0;
	assert_int_equal(look(&f, &r).engine, 0);
}

static void
it_counts_changes_and_sees_whether_any_has_offers(void **state)
{
	Keten__V1__Facts f = KETEN__V1__FACTS__INIT;
	Keten__V1__RouteFacts r = KETEN__V1__ROUTE_FACTS__INIT;
	Keten__V1__RouteChange one = KETEN__V1__ROUTE_CHANGE__INIT;
	Keten__V1__RouteChange two = KETEN__V1__ROUTE_CHANGE__INIT;
	Keten__V1__RouteChange *both[] = { &one, &two };
	Keten__V1__OfferWho who = KETEN__V1__OFFER_WHO__INIT;
	Keten__V1__OfferWho *list[] = { &who };
	uint8_t id[16] = { 1 };
	struct peek p;

	(void)state;
	one.referral = two.referral = pb_of(id, sizeof(id));
	r.changes = both;
	r.n_changes = 2;
	p = look(&f, &r);
	assert_int_equal(p.changes, 2);
	assert_false(p.has_offers);
	two.offers = list;
	two.n_offers = 1;
	p = look(&f, &r);
	assert_int_equal(p.changes, 2);
	assert_true(p.has_offers);
	assert_false(p.has_absences);
}

static void
it_sees_who_was_not_connected_in_either_list(void **state)
{
	Keten__V1__Facts f = KETEN__V1__FACTS__INIT;
	Keten__V1__RouteFacts r = KETEN__V1__ROUTE_FACTS__INIT;
	Keten__V1__Absence away = KETEN__V1__ABSENCE__INIT;
	Keten__V1__Absence *list[] = { &away };
	char *names[] = { pb_string("welzijn-w") };

	(void)state;
	assert_false(look(&f, &r).has_absences);
	r.unreachable = names;
	r.n_unreachable = 1;
	assert_true(look(&f, &r).has_absences);
	r.n_unreachable = 0;
	r.absences = list;
	r.n_absences = 1;
	assert_true(look(&f, &r).has_absences);
}

static void
what_is_no_message_is_not_walked_through(void **state)
{
	static const uint8_t cut[] = { 0x12, 5, 1 };
	static const uint8_t group[] = { 0x0b };
	const struct slice none = slice_of("", 0);
	struct peek p;

	(void)state;
	assert_true(peek_at(none, none, &p));
	assert_false(peek_at(slice_of(cut, sizeof(cut)), none, &p));
	assert_false(peek_at(none, slice_of(cut, sizeof(cut)), &p));
	assert_false(peek_at(none, slice_of(group, sizeof(group)), &p));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_sees_the_engine_among_all_other_fields),
		cmocka_unit_test(
		    it_counts_changes_and_sees_whether_any_has_offers),
		cmocka_unit_test(it_sees_who_was_not_connected_in_either_list),
		cmocka_unit_test(what_is_no_message_is_not_walked_through),
	};

	return (cmocka_run_group_tests_name("peek", tests, setup, teardown));
}

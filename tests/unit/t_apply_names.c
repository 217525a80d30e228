/*
 * Between a referral in memory and what travels of it: who may read the names.
 */
#include "any_referral.h"

#define ROUNDS 2000

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_candidate_sees_all_but_names),
		cmocka_unit_test(
		    test_the_names_stand_in_the_route_change_only),
		cmocka_unit_test(test_a_commitment_opens_to_one_name_only),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

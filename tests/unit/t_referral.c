/*
 * A referral as plain data: what a copy has, and what it does not look at.
 * Its questions (roles, offers, clocks) are tested with the life cycle.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "life/referral.h"

/* Any bytes at all, with so many offers and parties. */
static void
any(struct referral *r, uint32_t *seed, unsigned round)
{
	uint8_t *p = (uint8_t *)r;

	for (size_t i = 0; i < sizeof(*r); i++) {
		*seed = *seed * 1103515245u + 12345u;
		p[i] = (uint8_t)(*seed >> 16);
	}
	r->n_offers = (uint16_t)(round % (REFERRAL_OFFERS_MAX + 1));
	r->n_parties = (uint16_t)(round % (REFERRAL_PARTIES_MAX + 1));
}

static void
test_a_copy_has_all_that_is_in_use_and_nothing_else(void **state)
{
	static struct referral r, copy, was;
	uint32_t seed = 1;

	(void)state;
	for (unsigned round = 0; round < 200; round++) {
		any(&r, &seed, round);
		any(&copy, &seed, round + 1);
		was = copy;
		referral_copy(&copy, &r);
		assert_memory_equal(&copy, &r,
		    offsetof(struct referral, offers));
		assert_memory_equal(copy.offers, r.offers,
		    r.n_offers * sizeof(r.offers[0]));
		assert_memory_equal(copy.parties, r.parties,
		    r.n_parties * sizeof(r.parties[0]));
		assert_memory_equal(copy.offers + r.n_offers,
		    was.offers + r.n_offers, (REFERRAL_OFFERS_MAX -
		    (size_t)r.n_offers) * sizeof(r.offers[0]));
		assert_memory_equal(copy.parties + r.n_parties,
		    was.parties + r.n_parties, (REFERRAL_PARTIES_MAX -
		    (size_t)r.n_parties) * sizeof(r.parties[0]));
	}
}

static void
test_nothing_is_known_of_one_that_is_cleared(void **state)
{
	static struct referral r, none;
	const struct org who = org_of("thuiszorg-t");
	uint32_t seed = 2;

	(void)state;
	any(&r, &seed, 30);
	r.offers[0].to = r.parties[0] = r.b = r.h = who;
	referral_clear(&r);
	assert_memory_equal(&r, &none, offsetof(struct referral, offers));
	assert_int_equal(referral_roles(&r, &who), 0);
	assert_null(referral_open_offer(&r, &who));
	assert_int_equal(referral_n_open(&r), 0);
	assert_false(referral_is_live(&r));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_a_copy_has_all_that_is_in_use_and_nothing_else),
		cmocka_unit_test(test_nothing_is_known_of_one_that_is_cleared),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

/*
 * What the covenants let into a person part.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "demo_policy.h"
#include "policy/route.h"

/* Tuesday 14 April 2026, 10:00 in Amsterdam. */
#define NOW INT64_C(1776153600000)

/* The end of the covenant with the regisseur, with more in it. */
#define REGISSEUR "    document: convenant Keten Voorbeeldstad, artikel 2\n"
#define VOLUNTEERS "    document: convenant Keten Voorbeeldstad, artikel 5\n"

static struct route_ask
ask(const char *from, const char *code)
{
	return ((struct route_ask){
		.from = org_of(from),
		.code = code,
		.area = "WK085501",
		.edition = 2025,
		.urgency = KETEN__V1__URGENCY__NORMAL,
		.basis = "G-TOE",
		.discussed = KETEN__V1__DISCUSSED__AGREES,
		.now_ms = NOW,
	});
}

static unsigned
content(const struct policy *p, const char *from, const char *code,
    const char *to)
{
	struct route_ask a = ask(from, code);
	struct org o = org_of(to == NULL ? "x" : to);

	return (route_content(p, &a, to == NULL ? NULL : &o));
}

static void
test_what_the_regisseur_may_not_get_does_not_go_along(void **state)
{
	struct policy *p = demo_policy(NULL, NULL);

	(void)state;
	assert_int_equal(content(p, "thuiszorg-t", "DST-101", NULL), 0);
	policy_free(p);
}

static void
test_what_all_may_get_goes_along(void **state)
{
	struct policy *p = demo_policy(REGISSEUR,
	    REGISSEUR "    content: [bsn, clinical]\n");

	(void)state;
	assert_int_equal(content(p, "thuiszorg-t", "DST-101", NULL),
	    ROUTE_CLINICAL);
	assert_int_equal(content(p, "corporatie-c", "SIG-203", NULL),
	    ROUTE_CLINICAL);
	policy_free(p);
}

static void
test_one_on_the_ladder_who_may_not_is_enough(void **state)
{
	struct policy *p = demo_policy(REGISSEUR,
	    REGISSEUR "    content: [clinical]\n");

	(void)state;
	assert_int_equal(content(p, "thuiszorg-t", "SIG-702", NULL), 0);
	policy_free(p);
}

/* SIG-702 to a network that coordinates, under a covenant with ${to}. */
static struct policy *
coordinated(const char *to)
{
	struct demo d;

	demo_begin(&d);
	demo_write(&d, REGISSEUR, REGISSEUR "    content: [clinical]\n");
	demo_edit(&d, VOLUNTEERS, VOLUNTEERS "    content: [clinical]\n");
	demo_edit(&d, "    to: network:vrijwilligers-v\n", to);
	demo_edit(&d, "vrijwilligers-v.pub\n    roles: [submit]",
	    "vrijwilligers-v.pub\n    roles: [submit, candidate]");
	demo_edit(&d, "mode: first}", "mode: coordinator}");
	demo_edit(&d, "    rungs: [[v-oost, v-west, v-zuid]]\n",
	    "    rungs: [[vrijwilligers-v]]\n");
	return (demo_end(&d));
}

static void
test_the_members_of_a_network_that_coordinates_count(void **state)
{
	struct policy *p = coordinated("    to: network:vrijwilligers-v\n");

	(void)state;
	assert_int_equal(content(p, "thuiszorg-t", "SIG-702", NULL),
	    ROUTE_CLINICAL);
	policy_free(p);

	/* By name: the network itself, and not those in it. */
	p = coordinated("    to: vrijwilligers-v\n");
	assert_int_equal(content(p, "thuiszorg-t", "SIG-702", NULL), 0);
	policy_free(p);
}

static void
test_a_hand_over_asks_about_the_one_named(void **state)
{
	struct policy *p = demo_policy(NULL, NULL);

	(void)state;
	assert_int_equal(content(p, "thuiszorg-t", "DST-101", "zorg-z"),
	    ROUTE_CLINICAL);
	assert_int_equal(content(p, "thuiszorg-t", "SIG-501", "corporatie-c"),
	    0);
	assert_int_equal(content(p, "thuiszorg-t", "DST-101", "gemeente-r"),
	    0);
	assert_int_equal(content(p, "thuiszorg-t", "SIG-300", "zorg-z"), 0);
	policy_free(p);
}

static void
test_without_a_route_nothing_may(void **state)
{
	struct policy *p = demo_policy(REGISSEUR,
	    REGISSEUR "    content: [bsn, clinical]\n");

	(void)state;
	assert_int_equal(content(p, "thuiszorg-t", "DST-000", NULL), 0);
	assert_int_equal(content(p, "nobody", "DST-101", NULL), 0);
	policy_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_what_the_regisseur_may_not_get_does_not_go_along),
		cmocka_unit_test(test_what_all_may_get_goes_along),
		cmocka_unit_test(test_one_on_the_ladder_who_may_not_is_enough),
		cmocka_unit_test(
		    test_the_members_of_a_network_that_coordinates_count),
		cmocka_unit_test(test_a_hand_over_asks_about_the_one_named),
		cmocka_unit_test(test_without_a_route_nothing_may),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

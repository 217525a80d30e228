/*
 * Networks, as the core of the broker sees them: who is asked, who holds, and
 * members that come and go.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "help/bed.h"

static const char home[] = "thuiszorg-t", net[] = "vrijwilligers-v",
		  oost[] = "v-oost", west[] = "v-west", zuid[] = "v-zuid",
		  reg[] = "gemeente-r";

#define SERVED "codes: [SIG-702]\n    rungs: [[v-oost, v-west, v-zuid]]"
#define ASKED "codes: [SIG-702]\n    rungs: [['network:vrijwilligers-v']]"
#define FIRST "members: [v-oost, v-west, v-zuid], mode: first"
/* For services it has a covenant of its own, so that it may be named there. */
#define SERVICES "zorg-z, network:vrijwilligers-v]"
#define OWN "zorg-z, v-zuid, network:vrijwilligers-v]"
#define ROLES "vrijwilligers-v.pub\n    roles: [submit"

static struct world *
world_with(const char *network)
{
	const char *const edits[][2] = { { SERVED, ASKED },
		{ FIRST, network }, { ROLES, ROLES ", candidate" },
		{ SERVICES, OWN } };

	return (bed_world(edits, 4));
}

static struct refid
submitted(struct world *w)
{
	return (bed_new(w, (struct bed_new){ .who = home,
			       .code = "SIG-702" }));
}

/* Has ${who} an open offer? */
static bool
is_asked(struct world *w, struct refid id, const char *who)
{
	struct org o = org_of(who);

	return (referral_open_offer(bed_ref(w, id), &o) != NULL);
}

static void
test_of_all_members_the_first_to_accept_has_it(void **state)
{
	struct world *w = world_with(FIRST);
	struct refid id = submitted(w);

	(void)state;
	assert_int_equal(referral_n_open(bed_ref(w, id)), 3);
	assert_false(is_asked(w, id, net));
	assert_string_equal(w->route->changes[0]->offers[0]->via, net);
	bed_must(w, (struct bed_step){ west, EV_ACCEPT, .id = id });
	assert_string_equal(bed_ref(w, id)->h.id, west);
	assert_int_equal(bed_do(w, (struct bed_step){ zuid, EV_ACCEPT,
				       .id = id, .offer = 3 }),
	    ERR_CONFLICT);
	world_free(w);
}

static void
test_members_may_be_asked_one_after_another(void **state)
{
	struct world *w = world_with("members: [v-oost, v-west, v-zuid], "
				     "mode: one-after-another");
	struct refid id = submitted(w);

	(void)state;
	assert_true(is_asked(w, id, oost));
	assert_int_equal(referral_n_open(bed_ref(w, id)), 1);
	bed_must(w, (struct bed_step){ oost, EV_DECLINE, .id = id });
	assert_true(is_asked(w, id, west));
	bed_must(w, (struct bed_step){ west, EV_DECLINE, .id = id });
	bed_must(w, (struct bed_step){ zuid, EV_DECLINE, .id = id });
	assert_int_equal(bed_ref(w, id)->state, ST_ESCALATED);
	world_free(w);
}

/* The members are not asked, hear nothing, and cannot open anything. */
static void
test_a_coordinator_is_asked_and_holds_itself(void **state)
{
	struct world *w = world_with("members: [v-oost, v-west, v-zuid], "
				     "mode: coordinator");
	struct refid id = submitted(w);

	(void)state;
	assert_int_equal(referral_n_open(bed_ref(w, id)), 1);
	assert_true(is_asked(w, id, net));
	assert_string_equal(w->route->changes[0]->offers[0]->via, "");
	assert_int_equal(bed_do(w, (struct bed_step){ oost, EV_ACCEPT,
				       .id = id, .offer = 1 }),
	    ERR_UNKNOWN_REFERRAL);
	bed_must(w, (struct bed_step){ net, EV_ACCEPT, .id = id });
	assert_string_equal(bed_ref(w, id)->h.id, net);
	assert_true(w->last.wants_wrap);
	assert_string_equal(w->last.wrap_for.id, net);
	bed_must(w, (struct bed_step){ net, EV_START, .id = id });
	bed_must(w, (struct bed_step){ net, EV_COMPLETE, .id = id,
			.outcome = "UIT-01" });
	assert_int_equal(bed_n_told(w, oost), 0);
	world_free(w);
}

/* What the members have no covenant for by themselves they have as members. */
static void
test_the_covenant_of_the_network_covers_its_members(void **state)
{
	struct world *w = world_with("members: [v-oost, v-west], mode: first");
	struct refid id = submitted(w);

	(void)state;
	assert_int_equal(referral_n_open(bed_ref(w, id)), 2);
	assert_int_equal(bed_do(w, (struct bed_step){ reg, EV_OFFER_MORE,
				       .id = id, .to = zuid }),
	    ERR_NO_COVENANT);
	world_free(w);
}

static struct policy *
later(const char *members)
{
	const char *const edits[][2] = { { SERVED, ASKED }, { FIRST, members },
		{ "index: 1\n", "index: 2\n" }, { SERVICES, OWN } };

	return (bed_policy(edits, 4));
}

static void
test_who_leaves_may_decline_what_was_offered_but_not_accept_it(void **state)
{
	struct world *w = world_with(FIRST);
	struct refid id = submitted(w);

	(void)state;
	world_law(w, later("members: [v-oost, v-west], mode: first"));
	assert_true(is_asked(w, id, zuid));
	assert_int_equal(bed_do(w, (struct bed_step){ zuid, EV_ACCEPT,
				       .id = id }),
	    ERR_NOT_ALLOWED);
	assert_non_null(strstr(w->facts->refused->rule, "geen lid meer"));
	bed_must(w, (struct bed_step){ zuid, EV_DECLINE, .id = id });
	bed_must(w, (struct bed_step){ oost, EV_ACCEPT, .id = id });

	/* Nobody waits for it the next time. */
	id = submitted(w);
	assert_int_equal(referral_n_open(bed_ref(w, id)), 2);
	world_free(w);
}

static void
test_who_comes_is_asked_from_then_on(void **state)
{
	struct world *w = world_with("members: [v-oost, v-west], mode: first");
	struct refid id = submitted(w);

	(void)state;
	world_law(w, later(FIRST));
	assert_int_equal(referral_n_open(bed_ref(w, id)), 2);
	id = submitted(w);
	assert_int_equal(referral_n_open(bed_ref(w, id)), 3);
	bed_must(w, (struct bed_step){ zuid, EV_ACCEPT, .id = id });
	world_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_of_all_members_the_first_to_accept_has_it),
		cmocka_unit_test(test_members_may_be_asked_one_after_another),
		cmocka_unit_test(test_a_coordinator_is_asked_and_holds_itself),
		cmocka_unit_test(
		    test_the_covenant_of_the_network_covers_its_members),
		cmocka_unit_test(
	test_who_leaves_may_decline_what_was_offered_but_not_accept_it),
		cmocka_unit_test(test_who_comes_is_asked_from_then_on),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

/*
 * What follows from a partner having ended: who takes its places, what the
 * records say, who hears of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "help/bed.h"

static const char lwdb[] = "lwdb-noord", home[] = "thuiszorg-t",
		  wel[] = "welzijn-w", corp[] = "corporatie-c",
		  care[] = "zorg-z", reg[] = "gemeente-r",
		  carers[] = "mantelzorg-m";

#define ENDS "    ended: 2026-09-01\n"

/* The world in which what stands after the phone of somebody is added. */
static struct policy *
law(const char *phone, const char *more)
{
	char edited[512], old[64];
	const char *const later[][2] = { { "index: 1\n", "index: 2\n" },
		{ old, edited } };

	(void)snprintf(old, sizeof(old), "    phone: %s\n", phone);
	(void)snprintf(edited, sizeof(edited), "%s%s", old, more);
	return (bed_policy(later, 2));
}

static bool
is_told(const struct world *w, const char *who)
{
	for (size_t i = 0; i < w->route->n_deliveries; i++)
		if (strcmp(w->route->deliveries[i]->partner, who) == 0)
			return (true);
	return (false);
}

static void
after(struct world *w)
{
	world_tick(w, bed_time("2026-09-01 00:00"));
	world_succeed(w, 0);
}

static void
test_the_originator_of_open_referrals_is_the_successor(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid offered = bed_new(w, (struct bed_new){ .who = lwdb,
	    .code = "SIG-101" });
	struct refid taken = bed_new(w, (struct bed_new){ .who = lwdb,
	    .code = "SIG-101" });

	(void)state;
	bed_must(w, (struct bed_step){ wel, EV_ACCEPT, .id = taken });
	bed_must(w, (struct bed_step){ wel, EV_START, .id = taken });
	world_law(w, law("013-5550101", ENDS "    successor: zorg-z\n"));
	world_succeed(w, 0);
	assert_int_equal(w->successions, 0);
	after(w);
	assert_int_equal(w->successions, 2);
	assert_string_equal(bed_ref(w, offered)->b.id, care);
	assert_string_equal(bed_ref(w, offered)->h.id, care);
	assert_string_equal(bed_ref(w, taken)->b.id, care);
	assert_string_equal(bed_ref(w, taken)->h.id, wel);
	assert_int_equal(w->facts->kind,
	    KETEN__V1__RECORD_KIND__RECORD_CLOCK);
	assert_int_equal(w->facts->change->steps[0]->row, 38);
	assert_true(is_told(w, care));
	assert_true(is_told(w, wel));
	assert_true(is_told(w, reg));
	bed_must(w, (struct bed_step){ care, EV_WITHDRAW, .id = offered });
	world_free(w);
}

static void
test_an_open_offer_is_the_successors_under_the_covenants_of_who_ended(
    void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid id = bed_new(w, (struct bed_new){ .who = lwdb,
	    .code = "SIG-301" });
	const struct referral *r = bed_ref(w, id);
	const struct org next = org_of(home);

	(void)state;
	assert_string_equal(r->offers[0].to.id, carers);
	world_law(w, law("013-5550105", ENDS "    successor: thuiszorg-t\n"));
	after(w);
	assert_int_equal(r->offers[0].state, OFFER_NOT_SELECTED);
	assert_non_null(referral_open_offer(r, &next));
	assert_true(is_told(w, home));
	bed_must(w, (struct bed_step){ home, EV_ACCEPT, .id = id });
	world_free(w);
}

static void
test_what_was_held_waits_for_r_who_takes_over(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid id = bed_new(w, (struct bed_new){ .who = lwdb,
	    .code = "SIG-101" });
	const struct referral *r = bed_ref(w, id);

	(void)state;
	bed_must(w, (struct bed_step){ wel, EV_ACCEPT, .id = id });
	bed_must(w, (struct bed_step){ wel, EV_HAND_OVER, .id = id,
			.to = home });
	bed_must(w, (struct bed_step){ home, EV_ACCEPT, .id = id });
	world_law(w, law("013-5550102", ENDS "    successor: zorg-z\n"));
	after(w);
	assert_string_equal(r->h.id, home);
	assert_true((r->flags & FLAG_OVERDUE) != 0);
	assert_true(is_told(w, reg));
	/* Nobody passes it a key any more, and it stays overdue. */
	assert_int_equal(bed_rewrap(w, lwdb, home, &id, 1u << 2),
	    ERR_UNKNOWN_PARTNER);
	assert_true((r->flags & FLAG_OVERDUE) != 0);
	bed_must(w, (struct bed_step){ reg, EV_TAKE_OVER, .id = id });
	bed_must(w, (struct bed_step){ reg, EV_HAND_OVER, .id = id,
			.to = care });
	bed_must(w, (struct bed_step){ care, EV_ACCEPT, .id = id });
	assert_string_equal(r->h.id, care);
	world_free(w);
}

/* By code: services to one, who holds them too; signals to another. */
static void
test_two_take_over_one(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid service = bed_new(w, (struct bed_new){ .who = lwdb,
	    .code = "DST-206" });
	struct refid signal = bed_new(w, (struct bed_new){ .who = corp,
	    .code = "SIG-101" });

	(void)state;
	bed_must(w, (struct bed_step){ corp, EV_ACCEPT, .id = service });
	world_law(w, law("013-5550104", ENDS
	    "    successors:\n"
	    "      - {partner: thuiszorg-t, codes: [DST], holder: true}\n"
	    "      - {partner: zorg-z, codes: [SIG]}\n"));
	after(w);
	assert_string_equal(bed_ref(w, service)->h.id, home);
	assert_false(bed_ref(w, service)->openable);
	assert_string_equal(bed_ref(w, signal)->b.id, care);
	world_free(w);
}

/* B of a child is who holds the parent; its place passes too. */
static void
test_the_part_of_a_whole_has_the_successor_as_originator(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid whole = bed_new(w, (struct bed_new){ .who = lwdb,
	    .code = "SIG-101" });
	struct refid part;

	(void)state;
	bed_must(w, (struct bed_step){ wel, EV_ACCEPT, .id = whole });
	part = bed_new(w, (struct bed_new){ .who = wel, .code = "DST-202",
	    .parent = whole });
	bed_must(w, (struct bed_step){ lwdb, EV_ACCEPT, .id = part });
	world_law(w, law("013-5550103", ENDS
	    "    successors:\n"
	    "      - {partner: zorg-z, holder: true}\n"));
	after(w);
	assert_string_equal(bed_ref(w, whole)->h.id, care);
	assert_string_equal(bed_ref(w, part)->b.id, care);
	assert_string_equal(bed_ref(w, part)->h.id, lwdb);
	world_free(w);
}

/* Two municipalities become one: what waits for R waits for the new one. */
static void
test_the_regisseur_has_a_successor_too(void **state)
{
	static const char next[] = "auditor-a";
	static const char *const later[][2] = { { "index: 1\n", "index: 2\n" },
		{ "    roles: [auditor]\n",
		    "    roles: [submit, regisseur]\n" },
		{ "    phone: 013-5550108\n",
		    "    phone: 013-5550108\n" ENDS
		    "    successor: auditor-a\n" },
		{ "  - partner: gemeente-r\n", "  - partner: auditor-a\n" } };
	struct world *w = bed_world(NULL, 0);
	struct refid waits = bed_new(w, (struct bed_new){ .who = lwdb,
	    .code = "SIG-401" });
	struct refid held = bed_new(w, (struct bed_new){ .who = lwdb,
	    .code = "SIG-401" });

	(void)state;
	bed_must(w, (struct bed_step){ reg, EV_CONFIRM, .id = held });
	world_law(w, bed_policy(later, 4));
	after(w);
	assert_int_equal(w->successions, 2);
	assert_string_equal(bed_ref(w, waits)->r.id, next);
	assert_string_equal(bed_ref(w, waits)->h.id, next);
	assert_string_equal(bed_ref(w, waits)->custodian.id, next);
	bed_must(w, (struct bed_step){ next, EV_CONFIRM, .id = waits });
	/* What the old one worked at is the new one's to take over. */
	assert_string_equal(bed_ref(w, held)->h.id, reg);
	bed_must(w, (struct bed_step){ next, EV_TAKE_OVER, .id = held });
	assert_string_equal(bed_ref(w, held)->h.id, next);
	world_free(w);
}

static bool
lists(char *const *names, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(names[i], name) == 0)
			return (true);
	return (false);
}

static void
test_the_policy_record_lists_what_passes(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct policy *p = law("013-5550105", ENDS
	    "    successor: thuiszorg-t\n");
	struct decide_in in = { .policy = p, .view = &w->view,
		.arena = w->arena, .now_ms = 5, .index = 9 };
	const Keten__V1__Succession *s;
	struct decision d;

	(void)state;
	assert_int_equal(decide_policy(&in, &d), ERR_OK);
	assert_int_equal(d.facts->policy->n_successions, 1);
	s = d.facts->policy->successions[0];
	assert_string_equal(s->partner, carers);
	assert_string_equal(s->successor, home);
	assert_int_equal(s->from_ms, bed_time("2026-09-01 00:00"));
	assert_true(lists(s->covenants, s->n_covenants, "COV-02"));
	assert_false(lists(s->covenants, s->n_covenants, "COV-01"));
	assert_true(lists(s->routes, s->n_routes, "R-SIG-301"));
	assert_false(s->holder);
	policy_free(p);
	world_free(w);
}

/* Who comes next has the person part from whoever may pass it on. */
static void
test_a_new_originator_may_have_the_person_part(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid id = bed_new(w, (struct bed_new){ .who = lwdb,
	    .code = "SIG-101" });

	(void)state;
	world_law(w, law("013-5550101", ENDS "    successor: zorg-z\n"));
	after(w);
	assert_string_equal(bed_ref(w, id)->b.id, care);
	assert_true((world_find(w, &id)->entitled &
	    1u << world_org(w, &bed_ref(w, id)->b)) != 0);
	world_free(w);
}

static void
test_whoever_takes_part_has_no_successor(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid id = bed_new(w, (struct bed_new){ .who = lwdb,
	    .code = "SIG-101" });
	struct decide_in in = { .policy = w->policy, .view = &w->view,
		.arena = w->arena, .now_ms = w->now_ms, .index = w->index };
	struct org who = org_of(lwdb);
	struct decision d;

	(void)state;
	assert_int_equal(decide_succeed(&in, &id, &who, &d), ERR_NOT_FOUND);
	world_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_the_originator_of_open_referrals_is_the_successor),
		cmocka_unit_test(
test_an_open_offer_is_the_successors_under_the_covenants_of_who_ended),
		cmocka_unit_test(
		    test_what_was_held_waits_for_r_who_takes_over),
		cmocka_unit_test(test_two_take_over_one),
		cmocka_unit_test(
		    test_the_part_of_a_whole_has_the_successor_as_originator),
		cmocka_unit_test(test_the_regisseur_has_a_successor_too),
		cmocka_unit_test(test_the_policy_record_lists_what_passes),
		cmocka_unit_test(
		    test_a_new_originator_may_have_the_person_part),
		cmocka_unit_test(test_whoever_takes_part_has_no_successor),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

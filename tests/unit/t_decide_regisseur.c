/*
 * The regisseur: one for each area and group of codes, and what it may not do
 * without saying why and to whom.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "demo_policy.h"
#include "help/bed.h"

static const char lwdb[] = "lwdb-noord", wel[] = "welzijn-w",
		  reg[] = "gemeente-r";

/* --- destructive acts ---------------------------------------------------- */

/* Bring a referral to where R may do ${event}. */
static struct refid
ready_for(struct world *w, enum event event)
{
	struct refid id = bed_new(w, (struct bed_new){ .who = lwdb,
	    .code = event == EV_FAIL ? "SIG-401" : "SIG-101" });

	if (event == EV_FAIL) {
		bed_must(w, (struct bed_step){ reg, EV_CONFIRM, .id = id });
		return (id);
	}
	bed_must(w, (struct bed_step){ wel, EV_ACCEPT, .id = id });
	if (event == EV_TAKE_OVER) /* START is late */
		world_tick(w, w->now_ms + INT64_C(14) * 24 * 3600 * 1000);
	return (id);
}

static void
test_what_destroys_needs_a_reason_and_is_told(void **state)
{
	static const struct {
		enum event event;
		const char *reason; /* the right one; others do not fit it */
		bool holder; /* somebody else held it */
	} acts[] = { { EV_MARK_ERROR, "RED-09", true },
		{ EV_TAKE_OVER, "RED-07", true },
		{ EV_FAIL, "RED-01", false } };

	(void)state;
	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
		struct world *w = bed_world(NULL, 0);
		struct refid id = ready_for(w, acts[i].event);
		struct bed_step step = { reg, acts[i].event, .id = id };

		step.reason = "-"; /* no word of the policy */
		assert_int_equal(bed_do(w, step), ERR_BAD_CODE);
		step.reason = "RED-05"; /* fits a pause only */
		assert_int_equal(bed_do(w, step), ERR_BAD_CODE);
		step.reason = acts[i].reason;
		bed_must(w, step);
		assert_non_null(bed_told(w, lwdb, id));
		if (acts[i].holder)
			assert_non_null(bed_told(w, wel, id));
		assert_string_equal(bed_ref(w, id)->reason, acts[i].reason);
		world_free(w);
	}
}

/* Nobody but R may, and R only of what is its own. */
static void
test_another_municipality_has_nothing_to_say_here(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct refid id = ready_for(w, EV_MARK_ERROR);

	(void)state;
	assert_int_equal(bed_do(w, (struct bed_step){ "zorg-z", EV_MARK_ERROR,
				       .id = id }),
	    ERR_UNKNOWN_REFERRAL);
	assert_int_equal(bed_do(w, (struct bed_step){ wel, EV_MARK_ERROR,
				       .id = id }),
	    ERR_NOT_ALLOWED);
	world_free(w);
}

/* --- ten municipalities and a zorgkantoor -------------------------------- */

#define TOWNS 10

static void
write_towns(const struct demo *d)
{
	char partners[4096] = "", rows[4096], areas[1024] = "", text[256];

	(void)snprintf(rows, sizeof(rows), "feestdagen]\n  - {partner: "
	    "zorgkantoor-k, groups: [DST-600], night_phone: '1', "
	    "night_hours: altijd}\n");
	for (int i = 0; i < TOWNS; i++) {
		char id[32];

		(void)snprintf(id, sizeof(id), "gemeente-%d", i);
		demo_key(d, id);
		(void)snprintf(text, sizeof(text), "  - {id: %s, name: G, "
		    "kind: gemeente, roles: [submit, regisseur], "
		    "identity_key: 'file:partners/%s.pub'}\n", id, id);
		(void)strcat(partners, text);
		(void)snprintf(text, sizeof(text), "  - {partner: %s, areas: "
		    "[GM010%d], night_phone: '1', night_hours: altijd}\n", id,
		    i);
		(void)strcat(rows, text);
		(void)snprintf(text, sizeof(text), "  - {code: GM010%d, label: "
		    "G, edition: 2025}\n", i);
		(void)strcat(areas, text);
	}
	demo_key(d, "zorgkantoor-k");
	(void)strcat(partners, "  - {id: zorgkantoor-k, name: Z, kind: "
	    "zorgkantoor, roles: [regisseur], identity_key: "
	    "'file:partners/zorgkantoor-k.pub'}\n\nnetworks:\n");
	demo_write(d, "\nnetworks:\n", partners);
	demo_edit(d, "feestdagen]\n", rows);
	(void)snprintf(partners, sizeof(partners), "\nareas:\n%s", areas);
	demo_edit(d, "\nareas:\n", partners);
}

static const char *
regisseur(const struct policy *p, const char *code, const char *area)
{
	const Keten__V1__PolicyRegisseur *r = policy_regisseur(p, code, area);

	return (r != NULL ? r->partner : "-");
}

static void
test_each_municipality_has_its_own_and_the_zorgkantoor_its_group(void **state)
{
	struct policy *p;
	struct demo d;

	(void)state;
	demo_begin(&d);
	write_towns(&d);
	p = demo_end(&d);
	for (int i = 0; i < TOWNS; i++) {
		char area[32], want[32];
		struct org who;

		(void)snprintf(area, sizeof(area), "WK010%d01", i);
		(void)snprintf(want, sizeof(want), "gemeente-%d", i);
		assert_string_equal(regisseur(p, "SIG-101", area), want);
		/* In a municipality the narrower row counts for every group. */
		assert_string_equal(regisseur(p, "DST-601", area), want);
		who = org_of(want);
		assert_true(policy_oversees(p, &who, "SIG-101", area));
		assert_false(policy_oversees(p, &who, "SIG-101", "WK085501"));
	}
	assert_string_equal(regisseur(p, "SIG-101", "WK085501"), reg);
	policy_free(p);
}

/* Beside the municipality, for one group in the same area. */
static void
test_a_zorgkantoor_is_the_end_of_the_ladder_for_its_own_group(void **state)
{
	struct policy *p;
	struct demo d;

	(void)state;
	demo_begin(&d);
	demo_key(&d, "zorgkantoor-k");
	demo_write(&d, "feestdagen]\n", "feestdagen]\n"
	    "  - {partner: zorgkantoor-k, areas: [GM0855], groups: [DST-600],"
	    " night_phone: '1', night_hours: altijd}\n");
	demo_edit(&d, "\nnetworks:\n", "  - {id: zorgkantoor-k, name: Z, kind: "
	    "zorgkantoor, roles: [regisseur], identity_key: "
	    "'file:partners/zorgkantoor-k.pub'}\n\nnetworks:\n");
	p = demo_end(&d);
	assert_string_equal(regisseur(p, "DST-601", "WK085501"),
	    "zorgkantoor-k");
	assert_string_equal(regisseur(p, "DST-602", "GM0855"),
	    "zorgkantoor-k");
	assert_string_equal(regisseur(p, "DST-101", "WK085501"), reg);
	policy_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_destroys_needs_a_reason_and_is_told),
		cmocka_unit_test(
		    test_another_municipality_has_nothing_to_say_here),
		cmocka_unit_test(
	test_each_municipality_has_its_own_and_the_zorgkantoor_its_group),
		cmocka_unit_test(
		test_a_zorgkantoor_is_the_end_of_the_ladder_for_its_own_group),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

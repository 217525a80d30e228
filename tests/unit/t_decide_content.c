/*
 * What a person part contains decides who may get it: at SUBMIT, and by whom
 * it can come later (HAND_OVER, OFFER_MORE, REOPEN, a new policy).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "help/bed.h"
#include "policy/route.h"

static const char lwdb[] = "lwdb-noord", wel[] = "welzijn-w",
		  corp[] = "corporatie-c", care[] = "zorg-z",
		  reg[] = "gemeente-r";

#define REGISSEUR "    document: convenant Keten Voorbeeldstad, artikel 2\n"
#define OPENS REGISSEUR "    content: [clinical]\n"

/* SIG-202 goes to welfare; care may have clinical data and the landlord, with
 * whom there is a covenant as well, may not. */
static const char *const law[][2] = { { REGISSEUR, OPENS } };

static struct refid
begin(struct world *w, unsigned contains)
{
	return (bed_new(w, (struct bed_new){ .who = lwdb, .code = "SIG-202",
	    .contains = contains }));
}

static enum err
more(struct world *w, struct refid id, const char *to)
{
	return (bed_do(w, (struct bed_step){ reg, EV_OFFER_MORE, .id = id,
	    .to = to }));
}

static enum err
pass_on(struct world *w, struct refid id, const char *to)
{
	return (bed_do(w, (struct bed_step){ wel, EV_HAND_OVER, .id = id,
	    .to = to }));
}

static void
test_a_submit_with_more_than_all_may_get_is_refused(void **state)
{
	struct world *w = bed_world(law, 1);
	struct bed_new s = { .who = lwdb, .code = "SIG-202" };
	struct refid id;

	(void)state;
	s.contains = ROUTE_CLINICAL | ROUTE_BSN;
	assert_int_equal(bed_submit(w, s, &id), ERR_NOT_ALLOWED);
	assert_non_null(strstr(w->last.rule, "BSN"));
	s.contains = ROUTE_CLINICAL;
	assert_int_equal(bed_submit(w, s, &id), ERR_OK);
	assert_int_equal(bed_ref(w, id)->contains, ROUTE_CLINICAL);
	world_free(w);

	/* Here the regisseur, who is next after the ladder, may not. */
	w = bed_world(NULL, 0);
	assert_int_equal(bed_submit(w, s, &id), ERR_NOT_ALLOWED);
	s.contains = 0;
	assert_int_equal(bed_submit(w, s, &id), ERR_OK);
	world_free(w);
}

/* "Something else" says nothing without a word about what. */
static void
test_a_code_that_needs_a_text_is_not_taken_without(void **state)
{
	struct world *w = bed_world(NULL, 0);
	struct bed_new s = { .who = lwdb, .code = "SIG-901",
		.basis = "G-ANO", .no_person = true, .no_note = true };
	struct refid id;

	(void)state;
	assert_int_equal(bed_submit(w, s, &id), ERR_NOT_ALLOWED);
	assert_non_null(strstr(w->last.rule, "tekst verplicht"));
	s.no_note = false;
	assert_int_equal(bed_submit(w, s, &id), ERR_OK);
	s.code = "SIG-801";
	s.no_note = true;
	assert_int_equal(bed_submit(w, s, &id), ERR_OK);
	world_free(w);
}

static void
test_one_more_candidate_may_get_what_is_in_it(void **state)
{
	struct world *w = bed_world(law, 1);
	struct refid id = begin(w, ROUTE_CLINICAL);

	(void)state;
	assert_int_equal(more(w, id, corp), ERR_NOT_ALLOWED);
	assert_non_null(strstr(w->last.rule, "persoonsdeel"));
	assert_int_equal(more(w, id, care), ERR_OK);
	/* Without such content the covenant is enough. */
	id = begin(w, 0);
	assert_int_equal(more(w, id, corp), ERR_OK);
	world_free(w);
}

static void
test_who_is_named_in_a_handover_may_get_what_is_in_it(void **state)
{
	struct world *w = bed_world(law, 1);
	struct refid id = begin(w, ROUTE_CLINICAL), plain = begin(w, 0);

	(void)state;
	bed_must(w, (struct bed_step){ wel, EV_ACCEPT, .id = id });
	bed_must(w, (struct bed_step){ wel, EV_ACCEPT, .id = plain });
	assert_int_equal(pass_on(w, id, corp), ERR_NOT_ALLOWED);
	assert_int_equal(pass_on(w, id, care), ERR_OK);
	assert_int_equal(pass_on(w, plain, corp), ERR_OK);
	world_free(w);
}

/* What a later person part adds counts from then on. */
static void
test_what_comes_along_later_counts_too(void **state)
{
	struct world *w = bed_world(law, 1);
	struct refid id = begin(w, 0);

	(void)state;
	bed_must(w, (struct bed_step){ wel, EV_ACCEPT, .id = id });
	assert_int_equal(bed_do(w, (struct bed_step){ wel, EV_HAND_OVER,
	    .id = id, .to = corp, .key_for = "", .contains = ROUTE_CLINICAL }),
	    ERR_NOT_ALLOWED);
	bed_must(w, (struct bed_step){ wel, EV_SUPPLEMENT, .id = id,
	    .key_for = lwdb, .contains = ROUTE_CLINICAL });
	assert_int_equal(bed_ref(w, id)->contains, ROUTE_CLINICAL);
	assert_int_equal(pass_on(w, id, corp), ERR_NOT_ALLOWED);
	world_free(w);
}

static bool
is_skipped(const struct world *w, const char *who, const char *why)
{
	for (size_t i = 0; i < w->route->n_skips; i++)
		if (strcmp(w->route->skips[i]->partner, who) == 0)
			return (strcmp(w->route->skips[i]->reason, why) == 0);
	return (false);
}

/* Meanwhile a policy came that asks the landlord first. */
static struct policy *
next_law(void)
{
	const char *const later[][2] = { { "index: 1\n", "index: 2\n" },
		{ REGISSEUR, OPENS },
		{ "codes: [SIG-202], rungs: [[welzijn-w]]",
		    "codes: [SIG-202], rungs: [[corporatie-c], [zorg-z]]" } };

	return (bed_policy(later, 3));
}

static struct refid
completed(struct world *w, unsigned contains)
{
	struct refid id = begin(w, contains);

	bed_must(w, (struct bed_step){ wel, EV_ACCEPT, .id = id });
	bed_must(w, (struct bed_step){ wel, EV_COMPLETE, .id = id });
	return (id);
}

static void
test_a_reopened_one_passes_over_who_may_not_get_what_is_in_it(void **state)
{
	struct world *w = bed_world(law, 1);
	struct refid id = completed(w, ROUTE_CLINICAL),
		     plain = completed(w, 0);

	(void)state;
	world_law(w, next_law());
	bed_must(w, (struct bed_step){ lwdb, EV_REOPEN, .id = id });
	assert_true(is_skipped(w, corp, "NO_CONTENT"));
	bed_must(w, (struct bed_step){ wel, EV_DECLINE, .id = id });
	assert_true(is_skipped(w, corp, "NO_CONTENT"));
	assert_null(bed_told(w, corp, id));
	assert_non_null(bed_told(w, care, id));

	bed_must(w, (struct bed_step){ lwdb, EV_REOPEN, .id = plain });
	bed_must(w, (struct bed_step){ wel, EV_DECLINE, .id = plain });
	assert_non_null(bed_told(w, corp, plain));
	world_free(w);
}

static void
test_nor_does_a_ladder_that_goes_on_under_another_policy(void **state)
{
	struct world *w = bed_world(law, 1);
	struct refid id = begin(w, ROUTE_CLINICAL);

	(void)state;
	world_law(w, next_law());
	bed_must(w, (struct bed_step){ wel, EV_ACCEPT, .id = id });
	bed_must(w, (struct bed_step){ wel, EV_GIVE_UP, .id = id });
	assert_true(is_skipped(w, corp, "NO_CONTENT"));
	assert_null(bed_told(w, corp, id));
	assert_non_null(bed_told(w, care, id));
	world_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_a_submit_with_more_than_all_may_get_is_refused),
		cmocka_unit_test(
		    test_a_code_that_needs_a_text_is_not_taken_without),
		cmocka_unit_test(test_one_more_candidate_may_get_what_is_in_it),
		cmocka_unit_test(
		    test_who_is_named_in_a_handover_may_get_what_is_in_it),
		cmocka_unit_test(test_what_comes_along_later_counts_too),
		cmocka_unit_test(
		    test_a_reopened_one_passes_over_who_may_not_get_what_is_in_it),
		cmocka_unit_test(
		    test_nor_does_a_ladder_that_goes_on_under_another_policy),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

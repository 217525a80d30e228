/*
 * A term that passes before its time, and what only looks like one.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sdk/early.h"
#include "trust/leaf.h"
#include "wire/pb.h"

#define DUE INT64_C(9000)

static struct referral before;
static Keten__V1__Facts facts;
static Keten__V1__Change change;
static Keten__V1__Step step, *steps[] = { &step };
static Keten__V1__TermChange passed, *terms[] = { &passed };
static struct witnessed w;

/* An OVERDUE of ${term} at ${now_ms}; known is only that OPENABLE runs. */
static bool
overdue(enum term term, int64_t now_ms)
{
	memset(&before, 0, sizeof(before));
	memset(&w, 0, sizeof(w));
	before.id = (struct refid){ { 7 } };
	before.version = 3;
	before.clocks[TERM_OPENABLE] = (struct clock){ .running = true,
		.since_ms = 1000, .at_ms = DUE };
	keten__v1__facts__init(&facts);
	keten__v1__change__init(&change);
	keten__v1__step__init(&step);
	keten__v1__term_change__init(&passed);
	passed.term = (uint32_t)term;
	step.event = (Keten__V1__Event)EV_OVERDUE;
	change.referral = pb_of(before.id.b, 16);
	change.version_before = change.version_after = 3;
	change.steps = steps;
	change.n_steps = 1;
	change.terms = terms;
	change.n_terms = 1;
	facts.change = &change;
	facts.time_ms = now_ms;
	w.kind = LEAF_CLOCK;
	w.facts = &facts;
	return (early_is(&before, &w));
}

static void
test_a_term_that_was_still_to_run_is_early(void **state)
{
	(void)state;
	assert_true(overdue(TERM_OPENABLE, DUE - 1));
}

static void
test_a_term_that_is_over_is_not(void **state)
{
	(void)state;
	assert_false(overdue(TERM_OPENABLE, DUE));
}

static void
test_another_term_that_nobody_told_us_of_is_not(void **state)
{
	(void)state;
	assert_false(overdue(TERM_START, DUE - 1));
}

static void
test_a_record_that_names_no_clock_may_mean_any(void **state)
{
	(void)state;
	(void)overdue(TERM_OPENABLE, DUE - 1);
	change.n_terms = 0;
	assert_true(early_is(&before, &w));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_term_that_was_still_to_run_is_early),
		cmocka_unit_test(test_a_term_that_is_over_is_not),
		cmocka_unit_test(
		    test_another_term_that_nobody_told_us_of_is_not),
		cmocka_unit_test(
		    test_a_record_that_names_no_clock_may_mean_any),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

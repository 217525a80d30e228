/*
 * A ladder takes as many steps under ten routes as under ten thousand: basic
 * blocks of the program, counted one by one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "help/vast.h"

static struct ladder l;

static enum err
make_ladder(const struct policy *p)
{
	struct route_ask ask;
	const char *rule;

	vast_ask(&ask);
	return (route_ladder(p, &ask, &l, &rule));
}

/* Each basic block of what is counted calls this. */
void __sanitizer_cov_trace_pc(void);

static uint64_t steps_taken;

void
__sanitizer_cov_trace_pc(void)
{
	steps_taken++;
}

/* Count the basic blocks that one ladder goes through. */
static uint64_t
count(const struct policy *p)
{
	steps_taken = 0;
	assert_int_equal(make_ladder(p), ERR_OK);
	return (steps_taken);
}

static void
test_a_ladder_costs_the_same_under_a_thousand_times_more_routes(void **state)
{
	static const size_t sizes[] = { 10, 100, 10000 };
	uint64_t steps[3];

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct policy *p = vast_policy(sizes[i], true);

		assert_int_equal(make_ladder(p), ERR_OK);
		assert_int_equal(l.n_rungs, 2);
		assert_int_equal(l.rungs[0].n, 3);
		assert_string_equal(l.rungs[1].candidates[0].id, "p-00000-7");
		assert_string_equal(l.regisseur.id, "p-00000-0");
		steps[i] = count(p);
		policy_free(p);
		print_message("# %zu routes, partners and covenants: %llu "
		    "steps for a ladder\n", sizes[i],
		    (unsigned long long)steps[i]);
	}
	/* Or nothing is counted at all. */
	assert_true(steps[0] > 500);
	/* Some keys take a slot or two more in one table than in another. */
	assert_true(steps[2] < steps[0] + steps[0] / 4);
	assert_true(steps[0] < steps[2] + steps[2] / 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
	test_a_ladder_costs_the_same_under_a_thousand_times_more_routes),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

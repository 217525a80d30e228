/*
 * A ladder takes as many steps under ten routes as under ten thousand: the
 * processor's own, counted one by one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

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

/* In the child: make one ladder between two stops. */
static void
child(const struct policy *p)
{
	/* Once before, so that nothing is still to be linked or paged in. */
	if (make_ladder(p) != ERR_OK ||
	    ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
		_exit(1);
	(void)raise(SIGSTOP);
	if (make_ladder(p) != ERR_OK)
		_exit(1);
	(void)raise(SIGSTOP);
	_exit(0);
}

/* Count the instructions of one ladder; 0: it cannot be counted here. */
static uint64_t
count(const struct policy *p)
{
	pid_t pid = fork();
	uint64_t n = 0;
	int status;

	if (pid == 0)
		child(p);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return (0);
	if (!WIFSTOPPED(status))
		return (0); /* not allowed */
	do {
		if (ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL) != 0 ||
		    waitpid(pid, &status, 0) != pid)
			return (0);
		n++;
	} while (WIFSTOPPED(status) && WSTOPSIG(status) == SIGTRAP);
	(void)ptrace(PTRACE_KILL, pid, NULL, NULL);
	(void)waitpid(pid, &status, 0);
	return (n);
}

static void
test_a_ladder_costs_the_same_under_a_thousand_times_more_routes(void **state)
{
	static const size_t sizes[] = { 10, 100, 10000 };
	uint64_t steps[3];

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct policy *p = vast_policy(sizes[i], false);

		assert_int_equal(make_ladder(p), ERR_OK);
		assert_int_equal(l.n_rungs, 2);
		assert_int_equal(l.rungs[0].n, 3);
		assert_string_equal(l.rungs[1].candidates[0].id, "p-00000-7");
		assert_string_equal(l.regisseur.id, "p-00000-0");
		steps[i] = count(p);
		policy_free(p);
		if (steps[i] == 0)
			skip(); /* nobody may trace a process here */
		print_message("# %zu routes, partners and covenants: %llu "
		    "instructions for a ladder\n", sizes[i],
		    (unsigned long long)steps[i]);
	}
	/* Some keys take one slot more in one table than in another. */
	assert_true(steps[2] < steps[0] + steps[0] / 4);
	assert_true(steps[0] < steps[2] + steps[2] / 4);
}

static void
test_ten_thousand_routes_are_looked_through_for_flaws(void **state)
{
	struct policy *p = vast_policy(10000, true);

	(void)state;
	assert_int_equal(make_ladder(p), ERR_OK);
	policy_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
	test_a_ladder_costs_the_same_under_a_thousand_times_more_routes),
		cmocka_unit_test(
		    test_ten_thousand_routes_are_looked_through_for_flaws),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

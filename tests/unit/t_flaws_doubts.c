/*
 * What a policy may say and hardly means: two routes that fit equally well.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "help/bed.h"
#include "policy/flaws.h"

#define ROUTE "  - {id: R-DST-102,"

static char said[2000];

static void
keep(void *cookie, const char *path, const char *text)
{
	size_t len = strlen(said);

	(void)cookie;
	assert_true(strlen(path) > 0);
	(void)snprintf(said + len, sizeof(said) - len, "%s\n", text);
}

/* The doubts about the demonstration with one route more before R-DST-102. */
static size_t
doubts(const char *route)
{
	static const struct flaws to = { .report = keep };
	char with[600];
	const char *const edit[][2] = { { ROUTE, with } };
	struct policy *p;
	size_t n;

	(void)snprintf(with, sizeof(with), "%s\n" ROUTE, route);
	said[0] = '\0';
	p = bed_policy(edit, 1);
	n = flaws_doubts(p, &to);
	policy_free(p);
	return (n);
}

static void
test_the_demonstration_means_what_it_says(void **state)
{
	static const struct flaws to = { .report = keep };
	struct policy *p = bed_policy(NULL, 0);

	(void)state;
	assert_int_equal(flaws_doubts(p, &to), 0);
	policy_free(p);
}

static void
test_two_that_are_equal_and_ask_others_are_both_named(void **state)
{
	(void)state;
	assert_int_equal(doubts("  - {id: R-DUBBEL, codes: [DST-102], rungs: "
				"[[lwdb-noord]]}"), 1);
	assert_non_null(strstr(said, "'R-DUBBEL' en 'R-DST-102'"));
	assert_non_null(strstr(said, "DST-102"));
	assert_non_null(strstr(said, "'R-DUBBEL' staat eerder"));
	/* In one code of two, in one place, at one urgency: as much. */
	assert_int_equal(doubts("  - {id: R-DUBBEL, codes: [DST-102, DST-103], "
				"rungs: [[lwdb-noord]]}"), 2);
	assert_int_equal(doubts("  - {id: R-A, codes: [DST-102], areas: "
				"[WK085501], rungs: [[lwdb-noord]]}\n"
				"  - {id: R-B, codes: [DST-102], areas: "
				"[WK085502, WK085501], rungs: [[welzijn-w]]}"),
	    1);
	assert_non_null(strstr(said, "'R-A' en 'R-B'"));
}

static void
test_what_is_nearer_or_the_same_is_no_doubt(void **state)
{
	static const char *const routes[] = {
		/* A group is further off than a code. */
		"  - {id: R-X, codes: [DST-100], rungs: [[lwdb-noord]]}",
		"  - {id: R-X, codes: [DST-102], areas: [WK085501], rungs: "
		"[[lwdb-noord]]}",
		"  - {id: R-X, codes: [DST-102], urgencies: [high], rungs: "
		"[[lwdb-noord]]}",
		"  - {id: R-X, codes: [DST-102], from: [welzijn-w], rungs: "
		"[[lwdb-noord]]}",
		/* It does what the other does. */
		"  - {id: R-X, codes: [DST-102], rungs: [[lwdb-noord, "
		"welzijn-w]]}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++)
		if (doubts(routes[i]) != 0)
			fail_msg("%s: %s", routes[i], said);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_demonstration_means_what_it_says),
		cmocka_unit_test(
		    test_two_that_are_equal_and_ask_others_are_both_named),
		cmocka_unit_test(test_what_is_nearer_or_the_same_is_no_doubt),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/pile.h"

static void
test_what_was_added_is_there_in_its_order(void **state)
{
	struct pile p = { .size = sizeof(uint64_t) };

	(void)state;
	for (uint64_t i = 0; i < 1000; i++)
		assert_int_equal(pile_add(&p, &i), ERR_OK);
	assert_int_equal(p.n, 1000);
	for (uint64_t i = 0; i < p.n; i++) {
		uint64_t got;

		memcpy(&got, p.p + i * p.size, sizeof(got));
		assert_int_equal(got, i);
	}
	free(p.p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_was_added_is_there_in_its_order),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

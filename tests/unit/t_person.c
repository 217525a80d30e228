/*
 * What a person part says that not every partner may get.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sdk/keten.h"
#include "sdk/person.h"

static void
test_members_are_found_by_either_name_at_any_depth(void **state)
{
	(void)state;
	assert_int_equal(person_contains("{\"bsn\":\"111222333\"}"),
	    KETEN_MAY_BSN);
	assert_int_equal(person_contains("{\"who\":[{\"BSN\":111222333}]}"),
	    KETEN_MAY_BSN);
	assert_int_equal(person_contains("{\"foto\":\"x\",\"clinical\":[1]}"),
	    KETEN_MAY_PHOTO | KETEN_MAY_CLINICAL);
}

static void
test_an_ordinary_person_part_has_none(void **state)
{
	(void)state;
	assert_int_equal(person_contains(NULL), 0);
	assert_int_equal(person_contains("no JSON"), 0);
	assert_int_equal(person_contains("{\"name\":\"Ria\",\"bsn\":\"\","
	    "\"story\":\"zonder bsn of foto\",\"clinical\":[]}"), 0);
}

static void
test_it_has_a_word_for_a_sentence(void **state)
{
	(void)state;
	assert_string_equal(person_word(KETEN_MAY_CLINICAL),
	    "medische gegevens");
	assert_string_equal(person_word(KETEN_MAY_BSN | KETEN_MAY_PHOTO),
	    "een BSN");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_members_are_found_by_either_name_at_any_depth),
		cmocka_unit_test(test_an_ordinary_person_part_has_none),
		cmocka_unit_test(test_it_has_a_word_for_a_sentence),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

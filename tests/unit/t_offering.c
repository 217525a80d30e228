/*
 * Files with entries for the catalogue, as tables and as JSON.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "map/offering.h"
#include "map/json.h"
#include "map/read.h"

static struct map_trouble trouble;

static enum err
take(const char *text, struct map_list *list)
{
	memset(list, 0, sizeof(*list));
	return (offering_read(text, strlen(text), list, &trouble));
}

static void
test_a_table_gives_an_order_for_each_row(void **state)
{
	struct map_list list;

	(void)state;
	assert_int_equal(take("dienst;naam;capaciteit\r\n"
	    "DST-101;\"Boodschappen; en meer\";ja\r\n"
	    "DST-201;;wachtlijst\r\n", &list), ERR_OK);
	assert_int_equal(list.n, 2);
	assert_true(list.is_many);
	assert_string_equal(map_get(&list.items[0], MAP_STEP), "PUBLISH");
	assert_non_null(strstr(map_get(&list.items[0], MAP_TEXT),
	    "Boodschappen; en meer"));
	assert_int_equal(list.items[1].row, 3);
	assert_int_equal(map_step_of("PUBLISH"), KETEN_PUBLISH);
	map_list_fini(&list);
}

static void
test_json_is_one_entry_or_a_list_of_them(void **state)
{
	static const char *const good[] = {
		"{\"dienst\":\"DST-101\",\"capaciteit\":\"ja\"}",
		"[{\"dienst\":\"DST-101\",\"capaciteit\":\"ja\"}]",
		"{\"sociale_kaart\":[{\"dienst\":\"DST-101\","
		"\"capaciteit\":\"ja\"}]}" };
	struct map_list list;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(take(good[i], &list), ERR_OK);
		assert_int_equal(list.n, 1);
		assert_int_equal(list.is_many, i > 0);
		map_list_fini(&list);
	}
	assert_int_equal(take("{\"stap\":\"aannemen\"}", &list),
	    ERR_MALFORMED);
	assert_int_equal(take("{\"catalogus\":[]}", &list), ERR_MALFORMED);
	assert_non_null(strstr(trouble.text, "leeg"));
}

static void
test_a_mistake_refuses_the_file_and_names_the_row(void **state)
{
	struct map_list list;

	(void)state;
	assert_int_equal(take("dienst;capaciteit\nDST-101;ja\nDST-102;vol\n",
	    &list), ERR_MALFORMED);
	assert_int_equal(strncmp(trouble.text, "Regel 3: ", 9), 0);
	assert_int_equal(take("dienst;dienst;capaciteit\nDST-101;DST-101;ja\n",
	    &list), ERR_MALFORMED);
	assert_non_null(strstr(trouble.text, "twee keer"));
	assert_int_equal(take("dienst;capaciteit\n", &list), ERR_MALFORMED);
	assert_non_null(strstr(trouble.text, "geen regels"));
}

static void
test_only_such_files_are_taken_for_it(void **state)
{
	static const char kaart[] = "dienst;Capaciteit\nDST-101;ja\n",
			  other[] = "code;gebied\nSIG-101;WK085501\n";
	json_t *v = json_pack("{s:s}", "code", "SIG-101");

	(void)state;
	assert_true(offering_is_csv(kaart, strlen(kaart)));
	assert_false(offering_is_csv(other, strlen(other)));
	assert_false(offering_is_json(v));
	json_decref(v);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_table_gives_an_order_for_each_row),
		cmocka_unit_test(test_json_is_one_entry_or_a_list_of_them),
		cmocka_unit_test(
		    test_a_mistake_refuses_the_file_and_names_the_row),
		cmocka_unit_test(test_only_such_files_are_taken_for_it),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

/*
 * t_shelf -- reports that are kept until they were fetched.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ketend/shelf.h"

/* Keep a report of ${len} bytes that begins with ${n}; its digest. */
static struct shelf_report
put(struct shelf *s, const char *who, uint64_t policy, int n, size_t len)
{
	const struct org org = org_of(who);
	struct shelf_report r;
	char *text = calloc(1, len);

	assert_non_null(text);
	(void)snprintf(text, len, "%d", n);
	shelf_put(s, &org, policy, text, len, &r);
	assert_ptr_equal(r.text, text);
	return (r);
}

static enum err
find(struct shelf *s, const char *who, uint64_t policy,
    const struct shelf_report *what)
{
	const struct org org = org_of(who);
	struct shelf_report r;

	return (shelf_find(s, &org, policy, what->sha256, &r));
}

static void
test_nobody_pushes_out_what_another_one_fetches(void **state)
{
	struct shelf *s = shelf_new(SHELF_BYTES);
	struct shelf_report mine = put(s, "gemeente-r", 1, 0, 100), last;

	(void)state;
	for (int i = 1; i <= 1000; i++)
		last = put(s, "gemeente-q", 1, i, 100);
	assert_int_equal(find(s, "gemeente-r", 1, &mine), ERR_OK);
	assert_int_equal(find(s, "gemeente-q", 1, &last), ERR_OK);
	/* Of one's own the oldest goes. */
	for (int i = 0; i < SHELF_OF_ONE; i++)
		(void)put(s, "gemeente-r", 1, 1000 + i, 100);
	assert_int_equal(find(s, "gemeente-r", 1, &mine), ERR_NOT_FOUND);
	shelf_free(s);
}

static void
test_a_report_is_its_owners_and_of_one_policy(void **state)
{
	struct shelf *s = shelf_new(SHELF_BYTES);
	struct shelf_report r = put(s, "gemeente-r", 7, 1, 100);

	(void)state;
	assert_int_equal(find(s, "gemeente-r", 7, &r), ERR_OK);
	assert_int_equal(find(s, "gemeente-r", 8, &r), ERR_NOT_FOUND);
	assert_int_equal(find(s, "gemeente-q", 7, &r), ERR_NOT_FOUND);
	assert_int_equal(find(s, "", 7, &r), ERR_NOT_FOUND);
	r.sha256[31] ^= 1;
	assert_int_equal(find(s, "gemeente-r", 7, &r), ERR_NOT_FOUND);
	shelf_free(s);
}

static void
test_bytes_are_taken_from_whoever_keeps_the_most(void **state)
{
	struct shelf *s = shelf_new(1000);
	struct shelf_report small = put(s, "gemeente-r", 1, 0, 100), first,
			    second;

	(void)state;
	first = put(s, "gemeente-q", 1, 1, 400);
	second = put(s, "gemeente-q", 1, 2, 400);
	(void)put(s, "gemeente-p", 1, 3, 300);
	assert_int_equal(find(s, "gemeente-r", 1, &small), ERR_OK);
	assert_int_equal(find(s, "gemeente-q", 1, &first), ERR_NOT_FOUND);
	assert_int_equal(find(s, "gemeente-q", 1, &second), ERR_OK);
	/* The newest is kept, however long. */
	first = put(s, "gemeente-q", 1, 4, 5000);
	assert_int_equal(find(s, "gemeente-q", 1, &first), ERR_OK);
	assert_int_equal(find(s, "gemeente-r", 1, &small), ERR_NOT_FOUND);
	(void)put(s, "gemeente-r", 1, 5, 100);
	assert_int_equal(find(s, "gemeente-q", 1, &first), ERR_NOT_FOUND);
	shelf_free(s);
}

static void
test_more_partners_than_places_take_the_oldest_place(void **state)
{
	struct shelf *s = shelf_new(SHELF_BYTES);
	struct shelf_report first, last;

	(void)state;
	first = last = put(s, "p0", 1, 0, 10);
	for (int i = 1; i <= SHELF_MAX; i++) {
		char name[16];

		(void)snprintf(name, sizeof(name), "p%d", i);
		last = put(s, name, 1, i, 10);
	}
	assert_int_equal(find(s, "p0", 1, &first), ERR_NOT_FOUND);
	assert_int_equal(find(s, "p128", 1, &last), ERR_OK);
	shelf_free(s);
	shelf_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_nobody_pushes_out_what_another_one_fetches),
		cmocka_unit_test(test_a_report_is_its_owners_and_of_one_policy),
		cmocka_unit_test(
		    test_bytes_are_taken_from_whoever_keeps_the_most),
		cmocka_unit_test(
		    test_more_partners_than_places_take_the_oldest_place),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

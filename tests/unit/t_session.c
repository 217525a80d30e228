/*
 * t_session -- connections, who consumes a mailbox, and who is reachable.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ketend/session.h"

static struct sessions *t;

static int
setup(void **state)
{
	(void)state;
	t = sessions_new();
	if (t != NULL)
		sessions_started(t, 1000);
	return (t == NULL);
}

static int
teardown(void **state)
{
	(void)state;
	sessions_free(t);
	return (0);
}

static struct session *
connect_as(const char *user, uint8_t route)
{
	struct session *s = NULL;
	struct frame f;

	memset(&f, 0, sizeof(f));
	(void)snprintf(f.user, sizeof(f.user), "%s", user);
	f.route[4] = route;
	f.fd = -1;
	assert_int_equal(sessions_add(t, &f, 5, &s), ERR_OK);
	return (s);
}

static struct session *
hello(const char *user, uint8_t route, const char *mailbox)
{
	struct session *s = connect_as(user, route), *older = NULL;

	assert_int_equal(sessions_open(t, s, mailbox, 2000, &older), ERR_OK);
	return (s);
}

static void
test_a_session_is_found_by_its_connection(void **state)
{
	const uint8_t route[5] = { 0, 0, 0, 0, 3 }, other[5] = { 0 };
	struct session *s = connect_as("welzijn-w/desk", 3);

	(void)state;
	assert_ptr_equal(sessions_find(t, route), s);
	assert_null(sessions_find(t, other));
	assert_string_equal(s->partner.id, "welzijn-w");
	assert_string_equal(s->device, "desk");
	sessions_end(t, s, 3000);
	assert_null(sessions_find(t, route));
}

static void
test_a_user_id_that_is_no_partner_and_device_is_refused(void **state)
{
	static const char *const bad[] = { "", "welzijn-w", "/main", "w/",
		"W/main", "w/main/more" };
	struct session *s = NULL;
	struct frame f;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		memset(&f, 0, sizeof(f));
		(void)snprintf(f.user, sizeof(f.user), "%s", bad[i]);
		assert_int_equal(sessions_add(t, &f, 5, &s), ERR_MALFORMED);
	}
	assert_int_equal(sessions_count(t), 0);
}

static void
test_the_newest_hello_consumes_the_mailbox(void **state)
{
	struct org w = org_of("welzijn-w");
	struct session *a = hello("welzijn-w/main", 1, "main"), *older = NULL;
	struct session *b = connect_as("welzijn-w/desk", 2);

	(void)state;
	assert_int_equal(sessions_open(t, b, "main", 2000, &older), ERR_OK);
	assert_ptr_equal(older, a);
	assert_ptr_equal(sessions_consumer(t, &w, "main"), b);
	/* The older one leaves; the mailbox stays with the newer. */
	sessions_leave(t, a, 3000);
	assert_false(a->is_open);
	assert_ptr_equal(sessions_consumer(t, &w, "main"), b);
	assert_int_equal(sessions_since(t, &w), 0);
	sessions_end(t, a, 3000);
	sessions_end(t, b, 4000);
	assert_null(sessions_consumer(t, &w, "main"));
}

static void
test_mailboxes_of_one_partner_have_each_a_consumer(void **state)
{
	struct org w = org_of("welzijn-w");
	struct session *a = hello("welzijn-w/main", 1, "main");
	struct session *b = hello("welzijn-w/desk", 2, "balie");

	(void)state;
	assert_ptr_equal(sessions_consumer(t, &w, "main"), a);
	assert_ptr_equal(sessions_consumer(t, &w, "balie"), b);
	assert_int_equal(sessions_partners(t), 1);
	sessions_end(t, a, 3000);
	assert_ptr_equal(sessions_any(t, &w), b);
	assert_int_equal(sessions_since(t, &w), 0);
	sessions_end(t, b, 4000);
	assert_int_equal(sessions_since(t, &w), 4000);
	assert_null(sessions_any(t, &w));
}

static void
test_a_partner_that_never_came_is_away_since_the_start(void **state)
{
	struct org w = org_of("welzijn-w");

	(void)state;
	assert_int_equal(sessions_since(t, &w), 1000);
	(void)connect_as("welzijn-w/main", 1); /* no HELLO: not reachable */
	assert_int_equal(sessions_since(t, &w), 1000);
	assert_int_equal(sessions_partners(t), 0);
}

static void
test_a_second_hello_on_one_connection_changes_its_mailbox(void **state)
{
	struct org w = org_of("welzijn-w");
	struct session *a = hello("welzijn-w/main", 1, "main"), *older = NULL;

	(void)state;
	assert_int_equal(sessions_open(t, a, "balie", 2500, &older), ERR_OK);
	assert_null(older);
	assert_null(sessions_consumer(t, &w, "main"));
	assert_ptr_equal(sessions_consumer(t, &w, "balie"), a);
	assert_int_equal(sessions_partners(t), 1);
}

static void
test_the_oldest_of_too_many_is_named(void **state)
{
	struct session *first = connect_as("welzijn-w/main", 1);

	(void)state;
	for (uint8_t i = 2; i <= SESSION_PER_USER; i++)
		(void)connect_as("welzijn-w/main", i);
	assert_null(sessions_surplus(t, "welzijn-w/main"));
	(void)connect_as("welzijn-w/other", 100);
	assert_null(sessions_surplus(t, "welzijn-w/main"));
	(void)connect_as("welzijn-w/main", 50);
	assert_ptr_equal(sessions_surplus(t, "welzijn-w/main"), first);
}

static void
test_the_row_of_the_ready_is_in_order_and_without_doubles(void **state)
{
	struct session *a = hello("a/main", 1, "main");
	struct session *b = hello("b/main", 2, "main");
	struct session *c = hello("c/main", 3, "main");

	(void)state;
	sessions_ready(t, a);
	sessions_ready(t, b);
	sessions_ready(t, a);
	sessions_ready(t, c);
	sessions_end(t, b, 3000); /* out of the middle */
	assert_ptr_equal(sessions_take_ready(t), a);
	assert_true(sessions_has_ready(t));
	sessions_end(t, c, 3000); /* and off the end */
	assert_false(sessions_has_ready(t));
	sessions_ready(t, a);
	assert_ptr_equal(sessions_take_ready(t), a);
	assert_null(sessions_take_ready(t));
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_a_session_is_found_by_its_connection),
		T(test_a_user_id_that_is_no_partner_and_device_is_refused),
		T(test_the_newest_hello_consumes_the_mailbox),
		T(test_mailboxes_of_one_partner_have_each_a_consumer),
		T(test_a_partner_that_never_came_is_away_since_the_start),
		T(test_a_second_hello_on_one_connection_changes_its_mailbox),
		T(test_the_oldest_of_too_many_is_named),
		T(test_the_row_of_the_ready_is_in_order_and_without_doubles),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

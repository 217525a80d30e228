/*
 * Two threads wake each other.  Nothing here waits for time to pass: what is
 * waited for either comes or the test does not end.
 */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ketend/bell.h"

#define HOUR_MS 3600000

struct pair {
	struct bell bell;
	int heard; /* under the lock */
};

static void *
listen_until_the_end(void *arg)
{
	struct pair *p = arg;

	while (bell_wait(&p->bell, -1)) {
		bell_lock(&p->bell);
		p->heard++;
		bell_unlock(&p->bell);
		bell_show(&p->bell);
	}
	return (NULL);
}

static void *
rest_an_hour(void *arg)
{
	bell_rest(arg, HOUR_MS);
	return (NULL);
}

static void
ring(struct bell *b)
{
	bell_lock(b);
	bell_ring(b);
	bell_unlock(b);
}

static void
test_a_ring_wakes_and_is_answered(void **state)
{
	struct pair p = { .heard = 0 };
	struct pollfd fd;
	pthread_t thread;

	(void)state;
	assert_int_equal(bell_init(&p.bell), ERR_OK);
	assert_int_equal(pthread_create(&thread, NULL, listen_until_the_end,
	    &p), 0);
	fd = (struct pollfd){ .fd = p.bell.fd, .events = POLLIN };
	for (int i = 1; i <= 100; i++) {
		ring(&p.bell);
		assert_int_equal(poll(&fd, 1, -1), 1);
		assert_true(bell_seen(&p.bell));
		bell_lock(&p.bell);
		assert_int_equal(p.heard, i);
		bell_unlock(&p.bell);
	}
	assert_false(bell_seen(&p.bell));
	bell_stop(&p.bell);
	assert_int_equal(pthread_join(thread, NULL), 0);
	bell_fini(&p.bell);
}

static void
test_a_ring_that_nobody_waited_for_is_kept_once(void **state)
{
	struct bell b;

	(void)state;
	assert_int_equal(bell_init(&b), ERR_OK);
	ring(&b);
	ring(&b);
	assert_true(bell_wait(&b, -1));
	assert_true(bell_wait(&b, 0));
	bell_stop(&b);
	assert_false(bell_wait(&b, -1));
	bell_fini(&b);
}

static void
test_a_rest_ends_at_the_end(void **state)
{
	struct bell b;
	pthread_t thread;

	(void)state;
	assert_int_equal(bell_init(&b), ERR_OK);
	assert_int_equal(pthread_create(&thread, NULL, rest_an_hour, &b), 0);
	ring(&b);
	bell_stop(&b);
	assert_int_equal(pthread_join(thread, NULL), 0);
	/* It did not take the ring away. */
	assert_true(b.is_rung);
	bell_fini(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_ring_wakes_and_is_answered),
		cmocka_unit_test(
		    test_a_ring_that_nobody_waited_for_is_kept_once),
		cmocka_unit_test(test_a_rest_ends_at_the_end),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

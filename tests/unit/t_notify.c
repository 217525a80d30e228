/*
 * t_notify -- one datagram for systemd, and silence without it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "ketend/notify.h"

static void
hear(const char *name, bool abstract)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	char text[64] = "";
	socklen_t len;
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	memcpy(at.sun_path, name, strlen(name));
	len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
	    strlen(name));
	if (abstract)
		at.sun_path[0] = '\0';
	assert_int_equal(bind(fd, (struct sockaddr *)&at, len), 0);
	assert_int_equal(setenv("NOTIFY_SOCKET", name, 1), 0);
	notify_send("STATUS=%d partners", 3);
	assert_true(recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT) > 0);
	assert_string_equal(text, "STATUS=3 partners");
	(void)close(fd);
	(void)unsetenv("NOTIFY_SOCKET");
}

static void
test_a_state_arrives_at_a_path_and_at_an_abstract_name(void **state)
{
	char path[64], name[64];

	(void)state;
	(void)snprintf(path, sizeof(path), "/tmp/t_notify-%d", (int)getpid());
	(void)snprintf(name, sizeof(name), "@t_notify-%d", (int)getpid());
	hear(path, false);
	hear(name, true);
	(void)unlink(path);
}

static void
test_without_systemd_nothing_happens(void **state)
{
	(void)state;
	(void)unsetenv("NOTIFY_SOCKET");
	notify_send("READY=1");
	assert_int_equal(setenv("NOTIFY_SOCKET", "nonsense", 1), 0);
	notify_send("READY=1");
	(void)unsetenv("NOTIFY_SOCKET");
}

static void
test_the_watchdog_is_fed_at_twice_its_pace(void **state)
{
	(void)state;
	(void)unsetenv("WATCHDOG_USEC");
	assert_int_equal(notify_watchdog_ms(), 0);
	assert_int_equal(setenv("WATCHDOG_USEC", "30000000", 1), 0);
	assert_int_equal(notify_watchdog_ms(), 15000);
	assert_int_equal(setenv("WATCHDOG_USEC", "soon", 1), 0);
	assert_int_equal(notify_watchdog_ms(), 0);
	(void)unsetenv("WATCHDOG_USEC");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_a_state_arrives_at_a_path_and_at_an_abstract_name),
		cmocka_unit_test(test_without_systemd_nothing_happens),
		cmocka_unit_test(test_the_watchdog_is_fed_at_twice_its_pace),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

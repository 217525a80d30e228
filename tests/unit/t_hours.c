#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/hours.h"

static void
test_hours_are_read_and_written_as_people_do(void **state)
{
	static const char *const bad[] = { "", "ma", "ma 8:30",
		"ma 25:00-26:00",
		"xx 08:00-09:00", "vr-ma 08:00-09:00", "ma 08:00-08:00",
		"ma 08:60-09:00", "ma 08:00-09:00 ", "ma08:00-09:00",
		"ma, 08:00-09:00" };
	struct hours h = { 0 };
	char text[128];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (hours_read(bad[i], &h))
			fail_msg("'%s' was taken", bad[i]);
	assert_int_equal(h.n, 0);
	assert_string_equal(hours_text(&h, text, sizeof(text)), "nooit");
	assert_true(hours_read("za 9:00-12:00", &h));
	assert_true(hours_read("ma-vr 08:30-17:00", &h));
	assert_false(hours_read("wo 16:00-18:00", &h));
	assert_string_equal(hours_text(&h, text, sizeof(text)),
	    "ma-vr 08:30-17:00, za 09:00-12:00");
	memset(&h, 0, sizeof(h));
	assert_true(hours_read("altijd", &h));
	assert_true(h.holidays);
	assert_string_equal(hours_text(&h, text, sizeof(text)), "altijd");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hours_are_read_and_written_as_people_do),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

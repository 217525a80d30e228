/*
 * The lines that programs write about themselves.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/say.h"

#define NOW INT64_C(1776153600123)

static void
test_text_has_the_fields_that_are_there(void **state)
{
	struct org o = org_of("welzijn-w"), none = org_of(NULL);
	struct refid id, zero = { { 0 } };
	struct say_ctx ctx = { .referral = &id, .partner = &o, .seq = 7 };
	struct say_ctx empty = { .referral = &zero, .partner = &none };
	char line[512];

	(void)state;
	assert_true(refid_parse("01890a5d-ac96-774b-bcce-b302099a8057", &id));
	assert_true(say_line(line, sizeof(line), SAY_TEXT, "ketend",
	    SAY_TIMER, &ctx, "OFFER", NOW) == strlen(line));
	assert_string_equal(line, "2026-04-14T08:00:00.123Z ketend info TIMER "
	    "referral=01890a5d-ac96-774b-bcce-b302099a8057 partner=welzijn-w "
	    "seq=7: OFFER\n");
	(void)say_line(line, sizeof(line), SAY_TEXT, "ketend", SAY_READY,
	    &empty, "x", NOW);
	assert_string_equal(line,
	    "2026-04-14T08:00:00.123Z ketend info READY: x\n");
}

static void
test_json_is_json_whatever_is_said(void **state)
{
	struct org o = org_of("welzijn-w");
	struct say_ctx ctx = { .partner = &o, .device = "welzijn-w/desk",
		.number = 12 };
	char line[512];
	json_t *j;

	(void)state;
	(void)say_line(line, sizeof(line), SAY_JSON, "ketend", SAY_REFUSED,
	    &ctx, "a \"quoted\" \\ text", NOW);
	j = json_loads(line, 0, NULL);
	assert_non_null(j);
	assert_string_equal(json_string_value(json_object_get(j, "id")),
	    "REFUSED");
	assert_string_equal(json_string_value(json_object_get(j, "text")),
	    "a \"quoted\" \\ text");
	assert_string_equal(json_string_value(json_object_get(j, "device")),
	    "welzijn-w/desk");
	assert_int_equal(json_integer_value(json_object_get(j, "number")), 12);
	assert_null(json_object_get(j, "referral"));
	json_decref(j);
}

static void
test_a_long_line_is_cut_and_ends(void **state)
{
	char text[400], line[100];
	size_t n;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	n = say_line(line, sizeof(line), SAY_JSON, "ketend", SAY_NOTE, NULL,
	    text, NOW);
	assert_true(n < sizeof(line));
	assert_int_equal(line[n - 1], '\n');
}

/* What say() itself writes to stderr. */
static char *
written(void)
{
	static char text[4096];
	int pipes[2], kept = dup(STDERR_FILENO);
	ssize_t n;

	assert_int_equal(pipe(pipes), 0);
	assert_true(dup2(pipes[1], STDERR_FILENO) >= 0);
	say(SAY_DEBUG, NULL, "not shown");
	say(SAY_NOTE, NULL, "one\ntwo\033[31m %d", 3);
	assert_true(dup2(kept, STDERR_FILENO) >= 0);
	assert_int_equal(close(pipes[1]) + close(kept), 0);
	n = read(pipes[0], text, sizeof(text) - 1);
	assert_true(n > 0);
	text[n] = '\0';
	assert_int_equal(close(pipes[0]), 0);
	return (text);
}

static void
test_one_event_is_one_line_without_control_characters(void **state)
{
	char *text;

	(void)state;
	say_set("t_say", SAY_LEVEL_INFO, SAY_TEXT);
	text = written();
	assert_non_null(strstr(text, " t_say info NOTE: one?two?[31m 3\n"));
	assert_null(strstr(text, "not shown"));
}

/* How many bytes wait in the pipe ${fd}. */
static int
waiting(int fd)
{
	int n = 0;

	assert_int_equal(ioctl(fd, FIONREAD, &n), 0);
	return (n);
}

static void
test_gathered_lines_come_whole_when_full_and_at_the_end(void **state)
{
	static char text[64 * 1024];
	int pipes[2], kept = dup(STDERR_FILENO), first = 0, lines = 0;
	ssize_t n;

	(void)state;
	say_set("t_say", SAY_LEVEL_INFO, SAY_TEXT);
	assert_int_equal(pipe(pipes), 0);
	assert_true(dup2(pipes[1], STDERR_FILENO) >= 0);
	say_gather();
	say(SAY_NOTE, NULL, "line %d", 0);
	first = waiting(pipes[0]);
	for (int i = 1; i < 200; i++) {
		int had = waiting(pipes[0]);

		say(SAY_NOTE, NULL, "line %d", i);
		assert_true(waiting(pipes[0]) - had <= 4096);
	}
	say_flush();
	say(SAY_NOTE, NULL, "line %d", 200);
	assert_true(dup2(kept, STDERR_FILENO) >= 0);
	assert_int_equal(close(pipes[1]) + close(kept), 0);
	n = read(pipes[0], text, sizeof(text) - 1);
	assert_true(n > 0);
	text[n] = '\0';
	assert_int_equal(close(pipes[0]), 0);
	assert_int_equal(first, 0);
	for (char *t = text, *end; *t != '\0'; t = end + 1, lines++) {
		char want[32];

		end = strchr(t, '\n');
		assert_non_null(end);
		*end = '\0';
		(void)snprintf(want, sizeof(want), " NOTE: line %d", lines);
		assert_non_null(strstr(t, want));
	}
	assert_int_equal(lines, 201);
}

static void
test_every_id_has_a_name_and_a_sentence(void **state)
{
	enum say_format f = SAY_TEXT;

	(void)state;
	for (int i = 0; i < SAY__MAX; i++) {
		assert_true(strlen(say_name((enum say_id)i)) > 0);
		assert_true(strlen(say_explain((enum say_id)i)) > 10);
		assert_true(say_level((enum say_id)i) <= SAY_LEVEL_DEBUG);
	}
	assert_true(say_format_from("json", &f) && f == SAY_JSON);
	assert_false(say_format_from("xml", &f));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text_has_the_fields_that_are_there),
		cmocka_unit_test(test_json_is_json_whatever_is_said),
		cmocka_unit_test(test_a_long_line_is_cut_and_ends),
		cmocka_unit_test(
		    test_one_event_is_one_line_without_control_characters),
		cmocka_unit_test(
		    test_gathered_lines_come_whole_when_full_and_at_the_end),
		cmocka_unit_test(test_every_id_has_a_name_and_a_sentence),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

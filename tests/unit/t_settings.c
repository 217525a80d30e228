/*
 * t_settings -- the configuration file: the example is right, and every
 * mistake is named with its line.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "ketend/settings.h"

static bool
has_mistake(struct settings *s, const char *text)
{
	for (size_t i = 0; i < conf_mistakes(s->conf); i++)
		if (strstr(conf_mistake_text(s->conf, i), text) != NULL)
			return (true);
	return (false);
}

/* Read ${text} from a file of its own. */
static enum err
read_text(const char *text, struct settings *s)
{
	char path[] = "/tmp/t_settings-XXXXXX";
	int fd = mkstemp(path);
	enum err err;

	assert_true(fd != -1);
	(void)close(fd);
	assert_int_equal(file_write(path, text, strlen(text), 0644), ERR_OK);
	err = settings_read(path, s);
	(void)unlink(path);
	return (err);
}

static void
test_the_example_is_right(void **state)
{
	struct settings s;

	(void)state;
	assert_int_equal(settings_read("config/ketend.example.yaml", &s),
	    ERR_OK);
	assert_string_equal(s.origin, "keten.voorbeeld.nl/demo");
	assert_int_equal(s.n_listen, 1);
	assert_string_equal(settings_listen(&s, 0), "tcp://0.0.0.0:7400");
	assert_int_equal(s.map_size, INT64_C(64) << 30);
	assert_int_equal(s.checkpoint_ms, 200);
	assert_int_equal(s.tick_ms, 3600000);
	assert_int_equal(s.helpers, 1);
	/* Nothing of what it names is there. */
	assert_true(settings_check_files(&s) >= 2);
	settings_free(&s);
}

static void
test_all_mistakes_are_named_at_once(void **state)
{
	struct settings s;

	(void)state;
	assert_int_equal(read_text("origin: x\n"
	    "listen: [\"tcp://127.0.0.1:1\"]\n"
	    "gaurd: g\n"
	    "store: {path: p, inhand: i, map: veel}\n"
	    "limits: {rate: 0}\n", &s), ERR_CONFIG);
	assert_true(has_mistake(&s, ":3:"));
	assert_true(has_mistake(&s, "guard"));
	assert_true(has_mistake(&s, "store.map"));
	assert_true(has_mistake(&s, "limits.rate"));
	assert_true(has_mistake(&s, "keys.curve"));
	settings_free(&s);
}

static void
test_what_the_table_cannot_say_is_checked_too(void **state)
{
	struct settings s;

	(void)state;
	assert_int_equal(read_text("origin: x\n"
	    "listen: [\"udp://127.0.0.1:1\"]\n"
	    "store: {path: p, inhand: i}\nguard: g\ncontrol: c\n"
	    "keys: {curve: a, log: b}\n"
	    "policy: {file: f, introducer: "
	    "zz00000000000000000000000000000000000000000000000000000000000000"
	    "}\nlog: {format: vers, level: luid}\n", &s), ERR_CONFIG);
	assert_true(has_mistake(&s, "tcp://"));
	assert_true(has_mistake(&s, "64 hexadecimale"));
	assert_true(has_mistake(&s, "text of json"));
	assert_true(has_mistake(&s, "error, warn"));
	settings_free(&s);
}

static void
test_a_file_that_is_not_there_is_told(void **state)
{
	struct settings s;

	(void)state;
	assert_int_equal(settings_read("/nonexistent/x.yaml", &s),
	    ERR_NOT_FOUND);
	settings_free(&s);
}

static void
test_the_manual_has_every_setting(void **state)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	(void)state;
	settings_manual(f);
	assert_int_equal(fclose(f), 0);
	assert_non_null(strstr(text, "policy.introducer"));
	assert_non_null(strstr(text, "times.checkpoint"));
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_example_is_right),
		cmocka_unit_test(test_all_mistakes_are_named_at_once),
		cmocka_unit_test(
		    test_what_the_table_cannot_say_is_checked_too),
		cmocka_unit_test(test_a_file_that_is_not_there_is_told),
		cmocka_unit_test(test_the_manual_has_every_setting),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

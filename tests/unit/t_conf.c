/*
 * The configuration reader.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/conf.h"

static const struct conf_setting settings[] = {
	{ "origin", CONF_TEXT, 1, 100, true, NULL, "Naam van de keten." },
	{ "store.path", CONF_PATH, 1, 0, true, NULL, "Waar de opslag staat." },
	{ "store.size", CONF_SIZE, 1 << 20, 0, false, "1 GiB", "Grootte." },
	{ "store.sync", CONF_BOOL, 0, 0, false, "ja", "Wachten op schijf." },
	{ "net.timeout", CONF_MS, 100, 60000, false, "10 s", "Wachttijd." },
	{ "net.backlog", CONF_NUMBER, 1, 4096, false, "1024", "Rij." },
	{ "net.listen", CONF_LIST, 0, 3, false, NULL, "Adressen." },
	{ "devices[].name", CONF_NAME, 0, 0, true, NULL, "Naam." },
	{ "devices[].window", CONF_NUMBER, 1, 9, false, "7", "Venster." },
	{ "labels", CONF_MAP, 0, 0, false, NULL, "Eigen woorden." },
};

#define N (sizeof(settings) / sizeof(settings[0]))

static struct conf *
parse(const char *text)
{
	struct conf *conf = NULL;

	assert_int_equal(conf_parse("/etc/keten/test.yaml", text, strlen(text),
	    &conf), ERR_OK);
	return (conf);
}

/* Is there a mistake with exactly this text? */
static bool
has(struct conf *conf, const char *text)
{
	for (size_t i = 0; i < conf_mistakes(conf); i++)
		if (strcmp(conf_mistake_text(conf, i), text) == 0)
			return (true);
	return (false);
}

#define assert_mistake(conf, line, text)                                       \
	do {                                                                   \
		if (!has(conf, "/etc/keten/test.yaml:" line ": " text)) {      \
			conf_print_mistakes(conf, stderr);                     \
			fail_msg("no mistake %s: %s", line, text);             \
		}                                                              \
	} while (0)

static void
test_values_come_from_the_file_or_the_table(void **state)
{
	struct conf *c = parse("origin: a/b\n"
			       "store:\n  path: data\n  sync: nee\n"
			       "net: {timeout: 2 s, listen: [x, y]}\n"
			       "devices:\n"
			       "  - {name: desk}\n"
			       "  - {name: folder, window: 3}\n"
			       "labels: {een: '1', twee: '2'}\n");

	(void)state;
	assert_int_equal(conf_check(c, settings, N), ERR_OK);
	assert_string_equal(conf_text(c, "origin"), "a/b");
	assert_string_equal(conf_text(c, "store.path"), "/etc/keten/data");
	assert_int_equal(conf_number(c, "store.size"), 1 << 30);
	assert_int_equal(conf_number(c, "store.sync"), 0);
	assert_int_equal(conf_number(c, "net.timeout"), 2000);
	assert_int_equal(conf_number(c, "net.backlog"), 1024);
	assert_int_equal(conf_count(c, "net.listen"), 2);
	assert_string_equal(conf_item(c, "net.listen", 1), "y");
	assert_null(conf_item(c, "net.listen", 2));
	assert_int_equal(conf_count(c, "devices"), 2);
	assert_string_equal(conf_text(c, "devices[0].name"), "desk");
	assert_int_equal(conf_number(c, "devices[0].window"), 7);
	assert_int_equal(conf_number(c, "devices[1].window"), 3);
	assert_null(conf_text(c, "devices[2].name"));
	assert_string_equal(conf_item(c, "labels", 1), "2");
	assert_true(conf_has(c, "store.sync"));
	assert_false(conf_has(c, "store.size"));
	conf_close(c);
}

static void
test_every_mistake_is_named_with_its_line(void **state)
{
	struct conf *c = parse("orgin: a\n"
			       "store:\n"
			       "  paht: data\n"
			       "  size: groot\n"
			       "  sync: misschien\n"
			       "net:\n"
			       "  timeout: 5 uur\n"
			       "  backlog: [1]\n"
			       "  listen: [a, b, c, d]\n"
			       "devices:\n"
			       "  - {window: 3}\n"
			       "  - {name: Desk, window: 10}\n"
			       "  - hallo\n"
			       "zomaar: iets\n"
			       "labels: nee\n");

	(void)state;
	assert_int_equal(conf_check(c, settings, N), ERR_CONFIG);
	assert_mistake(c, "1", "'orgin' bestaat niet; bedoelde u 'origin'?");
	assert_mistake(c, "1", "'origin' ontbreekt: Naam van de keten.");
	assert_mistake(c, "3", "'store.paht' bestaat niet; bedoelde u 'path'?");
	assert_mistake(c, "1", "'store.path' ontbreekt: Waar de opslag staat.");
	assert_mistake(c, "4", "store.size: hier hoort een grootte, zoals "
	    "'64 KiB' of '1 GiB', niet 'groot'");
	assert_mistake(c, "5", "store.sync: hier hoort ja of nee, niet "
	    "'misschien'");
	assert_mistake(c, "7", "net.timeout: van 100 tot en met 60000");
	assert_mistake(c, "8", "net.backlog: hier hoort een geheel getal");
	assert_mistake(c, "9", "net.listen: hoogstens 3 onderdelen");
	assert_mistake(c, "11", "'name' ontbreekt: Naam.");
	assert_mistake(c, "12",
	    "devices[].name: hier hoort een naam van kleine letters, cijfers en streepjes, niet 'Desk'");
	assert_mistake(c, "12", "devices[].window: van 1 tot en met 9");
	assert_mistake(c, "13", "devices[]. hier horen regels 'naam: waarde'");
	assert_mistake(c, "14", "'zomaar' bestaat niet");
	assert_mistake(c, "15", "labels: hier hoort een tabel van namen met "
	    "elk een tekst");
	assert_int_equal(conf_mistakes(c), 15);
	conf_close(c);
}

static void
test_mistakes_come_in_the_order_of_the_lines(void **state)
{
	struct conf *c = parse("z: 1\nstore: {path: x}\norigin: ''\n");

	(void)state;
	assert_int_equal(conf_check(c, settings, N), ERR_CONFIG);
	assert_int_equal(conf_mistakes(c), 2);
	assert_non_null(strstr(conf_mistake_text(c, 0), ":1: "));
	assert_non_null(strstr(conf_mistake_text(c, 1), ":3: "));
	conf_close(c);
}

static void
test_what_yaml_hides_is_refused(void **state)
{
	struct conf *c = parse("origin: a\norigin: b\n");

	(void)state;
	assert_mistake(c, "2", "'origin' staat hier twee keer (ook op regel "
	    "1); haal er een weg");
	conf_close(c);
	c = parse("a: &x 1\nb: *x\n");
	assert_mistake(c, "1", "namen met & en soorten met ! kunnen hier niet; "
	    "schrijf het uit");
	assert_mistake(c, "2", "verwijzingen met & en * kunnen hier niet; "
	    "schrijf het uit");
	conf_close(c);
	c = parse("a: 1\n---\nb: 2\n");
	assert_mistake(c, "2", "hier begint een tweede document; een bestand "
	    "heeft er een");
	conf_close(c);
	c = parse("[a]: 1\n");
	assert_mistake(c, "1", "een sleutel moet een woord zijn");
	conf_close(c);
	c = parse("");
	assert_mistake(c, "1", "het bestand is leeg");
	assert_int_equal(conf_check(c, settings, N), ERR_CONFIG);
	conf_close(c);
}

static void
test_broken_yaml_is_a_mistake_with_a_line(void **state)
{
	static const char *const broken[] = { "a: [1, 2\nb: 3\n", "a: 'x\n",
		"a: b: c\n", "\ta: 1\n", "a: 1\n b: 2\n", "a: \x01\n",
		"a: \xff\xfe\n", "- a\nb: 1\n", "{", "}", "a: \"\\q\"\n" };

	(void)state;
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		struct conf *c = parse(broken[i]);

		if (conf_mistakes(c) == 0)
			fail_msg("'%s' was taken", broken[i]);
		assert_int_equal(conf_check(c, settings, N), ERR_CONFIG);
		conf_close(c);
	}
}

static void
test_deep_nesting_is_refused_and_not_followed(void **state)
{
	char text[4001];
	struct conf *c;

	(void)state;
	memset(text, '[', 4000);
	text[4000] = '\0';
	c = parse(text);
	assert_true(conf_mistakes(c) > 0);
	conf_close(c);
}

static void
test_values_have_units(void **state)
{
	int64_t v = -5;
	bool b = false;

	(void)state;
	assert_true(conf_read_ms("500 ms", &v) && v == 500);
	assert_true(conf_read_ms("10s", &v) && v == 10000);
	assert_true(conf_read_ms("2 h", &v) && v == 7200000);
	assert_false(conf_read_ms("10", &v));
	assert_false(conf_read_ms("-1 s", &v));
	assert_false(conf_read_ms("99999999999999999 d", &v));
	assert_true(conf_read_size("64 KiB", &v) && v == 65536);
	assert_true(conf_read_size("7", &v) && v == 7);
	assert_false(conf_read_size("7 kB", &v));
	assert_true(conf_read_number("-12", &v) && v == -12);
	assert_false(conf_read_number("0x10", &v));
	assert_false(conf_read_number("99999999999999999999", &v));
	assert_true(conf_read_bool("ja", &b) && b);
	assert_true(conf_read_bool("uit", &b) && !b);
	assert_false(conf_read_bool("1", &b));
}

static void
test_the_word_that_was_meant_is_found(void **state)
{
	static const char *const words[] = { "partner", "period", "path" };

	(void)state;
	assert_string_equal(conf_nearest("parnter", words, 3), "partner");
	assert_string_equal(conf_nearest("paht", words, 3), "path");
	assert_string_equal(conf_nearest("partners", words, 3), "partner");
	assert_null(conf_nearest("keten", words, 3));
	assert_null(conf_nearest("x", words, 0));
}

static void
test_a_place_leads_to_the_nearest_line(void **state)
{
	struct conf *c = parse("routes:\n"
			       "  - id: R-1\n"
			       "    rungs:\n"
			       "      - [a, b]\n"
			       "      - candidates:\n"
			       "          - c\n");

	(void)state;
	assert_int_equal(conf_line(conf_nearby(c,
	    "routes[0].rungs[1].candidates[0]")), 6);
	assert_int_equal(conf_line(conf_nearby(c,
	    "routes[0].rungs[0].candidates[1]")), 4);
	assert_int_equal(conf_line(conf_nearby(c, "routes[0].codes[3]")), 2);
	assert_int_equal(conf_line(conf_nearby(c, "routes[7].id")), 2);
	assert_int_equal(conf_line(conf_nearby(c, "nothing")), 1);
	assert_int_equal(conf_line(conf_nearby(c, "")), 1);
	conf_close(c);
}

static void
test_the_manual_comes_from_the_table(void **state)
{
	char *text = NULL;
	size_t len;
	FILE *to = open_memstream(&text, &len);

	(void)state;
	assert_non_null(to);
	conf_manual(settings, N, to);
	assert_int_equal(fclose(to), 0);
	assert_non_null(strstr(text, "origin (tekst, 1 tot en met 100, "
				     "verplicht)\n\tNaam van de keten.\n"));
	assert_non_null(strstr(text, "net.timeout (tijd, 100 tot en met 60000, "
				     "anders 10 s)"));
	free(text);
}

static void
test_a_file_that_is_not_there_is_said(void **state)
{
	struct conf *c = NULL;

	(void)state;
	assert_int_equal(conf_open("/nonexistent/x.yaml", &c), ERR_NOT_FOUND);
	assert_null(c);
	conf_close(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values_come_from_the_file_or_the_table),
		cmocka_unit_test(test_every_mistake_is_named_with_its_line),
		cmocka_unit_test(test_mistakes_come_in_the_order_of_the_lines),
		cmocka_unit_test(test_what_yaml_hides_is_refused),
		cmocka_unit_test(test_broken_yaml_is_a_mistake_with_a_line),
		cmocka_unit_test(
		    test_deep_nesting_is_refused_and_not_followed),
		cmocka_unit_test(test_values_have_units),
		cmocka_unit_test(test_the_word_that_was_meant_is_found),
		cmocka_unit_test(test_a_place_leads_to_the_nearest_line),
		cmocka_unit_test(test_the_manual_comes_from_the_table),
		cmocka_unit_test(test_a_file_that_is_not_there_is_said),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

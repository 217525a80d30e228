#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "corporation/table.h"
#include "keten_double.h"
#include "life/calendar.h"
#include "lwdb/table.h"
#include "map/check.h"
#include "map/json.h"
#include "map/read.h"
#include "map/write.h"
#include "welzijn/table.h"

#define REF "01930000-0000-7000-8000-000000000001"

static struct map_use use;
static struct map_trouble trouble;
static struct map_list list;

/* The ledger of this test knows one number of the partner's own. */
static bool
known(void *cookie, const char *key, char referral[KETEN_ID_TEXT])
{
	(void)cookie;
	if (strcmp(key, "kenmerk|WO-1") != 0)
		return (false);
	memcpy(referral, REF, KETEN_ID_TEXT);
	return (true);
}

static const struct map_world world = {NULL, known, NULL, 1767225600000, NULL};

static enum err
read_text(const struct map_kind *kind, const char *text)
{
	map_list_fini(&list);
	map_use_fini(&use);
	map_use_init(&use, kind);
	trouble.text[0] = '\0';
	return (map_read(&use, &world, text, strlen(text), &list, &trouble));
}

static void
ok(const struct map_kind *kind, const char *text)
{
	enum err err = read_text(kind, text);

	if (err != ERR_OK)
		fail_msg("%s", trouble.text);
}

static void
bad(const struct map_kind *kind, const char *text, const char *says)
{
	assert_int_equal(read_text(kind, text), ERR_MALFORMED);
	assert_int_equal(list.n, 0);
	if (strstr(trouble.text, says) == NULL)
		fail_msg("'%s' not in '%s'", says, trouble.text);
}

static void
is(size_t i, enum map_field field, const char *text)
{
	const char *have = map_get(&list.items[i], field);

	if (text == NULL)
		assert_null(have);
	else if (have == NULL)
		fail_msg("%s is empty", map_field_name(field));
	else
		assert_string_equal(have, text);
}

static int
done(void **state)
{
	(void)state;
	map_list_fini(&list);
	map_use_fini(&use);
	return (0);
}

#define SIGNAL "{\"signaal\":\"eet niet\",\"buurt\":\"WK085501\","           \
	       "\"besproken met\":\"ja\""

static void
test_a_signal_of_a_worker_becomes_a_submit(void **state)
{
	(void)state;
	ok(&lwdb_kind, SIGNAL ",\"hoe snel\":\"deze week\",\"in het kort\":"
	    "\"Lege koelkast.\",\"bewoner\":{\"naam\":\"Jo Pietersen\","
	    "\"straat\":\"Kerkstraat\",\"huisnummer\":12},"
	    "\"wat heb je gezien\":\"Al drie weken.\"}");
	assert_int_equal(list.n, 1);
	is(0, MAP_STEP, "SUBMIT");
	is(0, MAP_CODE, "SIG-203");
	is(0, MAP_AREA, "WK085501");
	is(0, MAP_URGENCY, "HIGH");
	is(0, MAP_BASIS, "G-TOE");
	is(0, MAP_DISCUSSED, "AGREES");
	is(0, MAP_NAME, "Jo Pietersen");
	is(0, MAP_HOUSE, "12");
}

static void
test_acute_danger_is_refused_with_112(void **state)
{
	(void)state;
	bad(&lwdb_kind, SIGNAL ",\"acuut_gevaar\":true}", "112");
	bad(&lwdb_kind, SIGNAL ",\"gevaar\":\"misschien\"}", "112");
	bad(&lwdb_kind, SIGNAL ",\"urgentie\":\"acuut gevaar\"}", "112");
	bad(&welzijn_kind, "code;gebied;besproken;acuut_gevaar\n"
	    "SIG-101;WK085501;ja;ja\n", "112");
	ok(&lwdb_kind, SIGNAL ",\"acuut_gevaar\":false}");
	ok(&lwdb_kind, SIGNAL ",\"acuut_gevaar\":\"nee\"}");
}

static void
test_whether_it_was_discussed_is_never_guessed_for_a_signal(void **state)
{
	(void)state;
	bad(&lwdb_kind, "{\"signaal\":\"eet niet\",\"buurt\":\"WK085501\"}",
	    "'besproken' ontbreekt");
}

static void
test_a_table_of_rows_is_read_whole(void **state)
{
	(void)state;
	ok(&welzijn_kind, "\xef\xbb\xbfsoort hulp;wijk;toestemming;deelnemer;"
	    "hoe vaak;aantal\r\nmaatje;WK085501;ja;An;1/week;10\r\n"
	    "\"vervoer\";\"WK085502\";\"ja\";\"Bo\";;\r\n");
	assert_int_equal(list.n, 2);
	is(0, MAP_CODE, "DST-401");
	is(0, MAP_FREQUENCY, "1/week");
	is(0, MAP_UNITS, "10");
	is(1, MAP_CODE, "DST-303");
	assert_int_equal(list.items[1].row, 3);
}

static void
test_one_wrong_row_refuses_the_whole_table_by_its_number(void **state)
{
	(void)state;
	bad(&welzijn_kind, "code,gebied,besproken\nDST-401,WK085501,ja\n"
	    "DST-401,Tilburg,ja\n", "Regel 3: Het veld 'gebied'");
	bad(&welzijn_kind, "code,gebeid,besproken\nDST-401,WK085501,ja\n",
	    "bedoelde u 'gebied'");
}

static void
test_a_maintenance_order_becomes_a_repair(void **state)
{
	(void)state;
	ok(&corporation_kind, "{\"opdrachten\":[{\"opdrachtnummer\":\"WO-7\","
	    "\"soort\":\"lekkage\",\"wijk\":\"WK085501\",\"prioriteit\":2,"
	    "\"huurder\":{\"naam\":\"K. Smit\"}}]}");
	is(0, MAP_CODE, "DST-202");
	is(0, MAP_URGENCY, "HIGH");
	is(0, MAP_PAYER, "landlord");
	is(0, MAP_BASIS, "G-OVK");
	is(0, MAP_KEY, "WO-7");
	is(0, MAP_KEYS, "kenmerk|WO-7");
}

static void
test_a_step_may_name_the_partners_own_number(void **state)
{
	(void)state;
	ok(&corporation_kind,
	    "{\"opdrachtnummer\":\"WO-1\",\"actie\":\"vervallen\"}");
	is(0, MAP_STEP, "WITHDRAW");
	is(0, MAP_REFERRAL, REF);
	bad(&corporation_kind, "{\"opdrachtnummer\":\"WO-2\",\"actie\":"
	    "\"vervallen\"}", "ken ik niet");
	bad(&corporation_kind, "{\"opdrachtnummer\":\"WO-1\",\"soort\":"
	    "\"lekkage\",\"wijk\":\"WK085501\"}", "al ingediend");
}

static void
test_every_step_can_be_asked_in_dutch_and_in_english(void **state)
{
	static const char all[] = ",\"reden\":\"AFW-01\",\"tekst\":\"x\","
	    "\"naar\":\"zorg-z\",\"uitkomst\":\"UIT-01\",\"datum\":"
	    "\"31-12-2026\",\"urgentie\":\"haast\",\"grondslag\":\"G-TOE\"}";
	char text[512];
	size_t n = 0;

	(void)state;
	for (int s = KETEN_REVIEW; s <= KETEN_REOPEN; s++) {
		enum keten_step step = (enum keten_step)s;

		if (words_event_kind((enum event)s) != EVENT_COMMAND)
			continue;
		assert_string_not_equal(map_step_word(step), "");
		(void)snprintf(text, sizeof(text), "{\"stap\":\"%s\","
		    "\"verwijzing\":\"" REF "\"%s", map_step_word(step), all);
		ok(&welzijn_kind, text);
		is(0, MAP_STEP, keten_step_name(step));
		(void)snprintf(text, sizeof(text), "{\"step\":\"%s\","
		    "\"referral\":\"" REF "\"%s", keten_step_name(step), all);
		ok(&lwdb_kind, text);
		is(0, MAP_STEP, keten_step_name(step));
		n++;
	}
	assert_int_equal(n, 27);
}

static void
test_a_step_says_which_field_it_misses(void **state)
{
	(void)state;
	bad(&welzijn_kind, "{\"stap\":\"aannemen\"}", "'verwijzing'");
	bad(&welzijn_kind, "{\"stap\":\"afwijzen\",\"verwijzing\":\"" REF
	    "\"}", "'reden'");
	bad(&welzijn_kind, "{\"verwijzing\":\"" REF "\"}", "geen stap");
	bad(&welzijn_kind, "{\"stap\":\"dansen\",\"verwijzing\":\"" REF "\"}",
	    "'dansen' ken ik niet");
	bad(&welzijn_kind, "{\"stap\":\"aannemen\",\"verwijzing\":\"12\"}",
	    "36 tekens");
}

static void
test_a_note_that_names_the_person_is_refused_beforehand(void **state)
{
	(void)state;
	bad(&welzijn_kind, "code;gebied;besproken;toelichting;naam\n"
	    "DST-401;WK085501;ja;Wil graag wandelen;An Bakker\n"
	    "DST-401;WK085501;ja;Mevrouw Jansen wil fietsen;Ria Jansen\n",
	    "Regel 3");
	assert_non_null(strstr(trouble.text, "naam"));
}

static void
test_a_bsn_never_leaves(void **state)
{
	(void)state;
	bad(&welzijn_kind, "{\"code\":\"DST-401\",\"bsn\":\"111222333\"}",
	    "BSN hoort niet");
	ok(&welzijn_kind, "{\"code\":\"DST-401\",\"gebied\":\"WK085501\","
	    "\"besproken\":\"ja\",\"verhaal\":\"Nummer 111222333, ook "
	    "111.222.333, maar 123456789 blijft.\"}");
	is(0, MAP_STORY, "Nummer xxxxxxxxx, ook xxx.xxx.xxx, maar 123456789 "
	    "blijft.");
}

static void
test_dates_are_read_as_people_write_them(void **state)
{
	static const struct {
		const char *text, *iso;
	} rows[] = {{"2026-03-31", "2026-03-31"}, {"31-03-2026", "2026-03-31"},
	    {"31/3/2026", "2026-03-31"}, {"20260331", "2026-03-31"},
	    {"2026-03-31T23:00:00+02:00", "2026-03-31"}};
	static const char *const none[] = {"2026-02-30", "31-3-26", "morgen",
	    "2026-03", "2026-03-31x", ""};
	char iso[11];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_true(map_date_iso(rows[i].text, iso));
		assert_string_equal(iso, rows[i].iso);
	}
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_false(map_date_iso(none[i], iso));
}

static void
test_json_that_is_too_deep_too_big_double_or_no_utf8_is_refused(void **state)
{
	char *big = calloc(1, MAP_FILE_MAX + 20);
	json_t *json = NULL;

	(void)state;
	memset(big, '[', 5000);
	assert_int_equal(map_json(big, 5000, &json, &trouble), ERR_MALFORMED);
	assert_non_null(strstr(trouble.text, "lagen"));
	memset(big, ' ', MAP_FILE_MAX + 10);
	assert_int_equal(map_json(big, MAP_FILE_MAX + 10, &json, &trouble),
	    ERR_MALFORMED);
	assert_non_null(strstr(trouble.text, "groter"));
	free(big);
	bad(&lwdb_kind, "{\"code\":\"SIG-101\",\"code\":\"SIG-102\"}",
	    "twee keer hetzelfde veld");
	bad(&lwdb_kind, "{\"code\":\"\xff\"}", "UTF-8");
	bad(&lwdb_kind, "{\"code\":", "houdt op regel 1");
	bad(&lwdb_kind, "{\"code\":\"SIG-101\",\"signaal\":\"eet niet\"}",
	    "twee keer");
	bad(&lwdb_kind, "[]", "leeg");
	bad(&lwdb_kind, "", "leeg");
	bad(&lwdb_kind, "{\"resourceType\":\"Task\"}", "FHIR");
}

static void
test_our_own_fields_cannot_be_set_from_outside(void **state)
{
	(void)state;
	bad(&lwdb_kind, "{\"keten_keys\":\"x\"}", "ken ik niet");
	bad(&lwdb_kind, "{\"keten_context\":\"x\"}", "ken ik niet");
}

static void
test_a_partners_own_table_comes_first(void **state)
{
	static const char table[] = "veld;hun_woord;onze_code\n"
	    "code;Vijverhof;DST-203\nkolom;product;code\nnegeer;ordernr;\n"
	    "gebied;5038;WK085503\n";
	static const char text[] = "{\"product\":\"vijverhof\",\"ordernr\":3,"
	    "\"gebied\":\"5038\"}";

	(void)state;
	map_use_init(&use, &corporation_kind);
	assert_int_equal(map_use_table(&use, table, strlen(table), &trouble),
	    ERR_OK);
	if (map_read(&use, &world, text, strlen(text), &list, &trouble))
		fail_msg("%s", trouble.text);
	is(0, MAP_CODE, "DST-203");
	is(0, MAP_AREA, "WK085503");
	map_use_fini(&use);
	map_use_init(&use, &corporation_kind);
	assert_int_equal(map_use_table(&use, "veld;hun_woord;onze_code\n"
	    "kleur;rood;x\n", 38, &trouble), ERR_MALFORMED);
	assert_non_null(strstr(trouble.text, "regel 2"));
}

static void
test_defaults_of_the_settings_win_from_those_of_the_kind(void **state)
{
	static const char text[] = "{\"soort\":\"lekkage\"}";

	(void)state;
	map_use_init(&use, &corporation_kind);
	assert_int_equal(map_use_default(&use, MAP_AREA, "GM0855"), ERR_OK);
	assert_int_equal(map_use_default(&use, MAP_BASIS, "G-TOE"), ERR_OK);
	assert_int_equal(map_read(&use, &world, text, strlen(text), &list,
	    &trouble), ERR_OK);
	is(0, MAP_AREA, "GM0855");
	is(0, MAP_BASIS, "G-TOE");
}

static void
test_an_order_survives_being_written_down(void **state)
{
	struct map_list again = {0};
	struct map_hold hold;
	struct keten_order ko;
	json_t *json = NULL;

	(void)state;
	ok(&welzijn_kind, "{\"code\":\"DST-401\",\"gebied\":\"WK085501\","
	    "\"besproken\":\"ja\",\"aantal\":10,\"einddatum\":\"2026-12-31\","
	    "\"nooit\":[\"v-oost\",\"v-west\"],\"naam\":\"An\"}");
	assert_int_equal(map_to_json(&list, &json), ERR_OK);
	assert_int_equal(map_from_json(json, &again), ERR_OK);
	json_decref(json);
	for (int i = 0; i < MAP_FIELD__MAX; i++)
		is(0, (enum map_field)i, again.items[0].field[i]);
	assert_int_equal(map_to_keten(&again.items[0], "s#0", &hold, &ko),
	    ERR_OK);
	assert_int_equal(ko.step, KETEN_SUBMIT);
	assert_int_equal(ko.urgency, KETEN_NORMAL);
	assert_int_equal(ko.discussed, KETEN_AGREES);
	assert_int_equal(ko.units, 10);
	assert_string_equal(ko.never[1], "v-west");
	assert_null(ko.never[2]);
	assert_null(ko.first);
	assert_string_equal(ko.person, "{\"name\":\"An\"}");
	assert_int_equal(ko.end_ms, cal_local((struct cal_date){2026, 12, 31},
	    23 * 60 + 59));
	map_hold_fini(&hold);
	map_list_fini(&again);
}

static void
tell(const struct map_kind *kind, struct map_file files[MAP_FILES], size_t *n)
{
	static struct keten_news news = {.seq = 3, .index = 77,
	    .step = KETEN_SUBMIT, .role = KETEN_CANDIDATE, .by = "thuiszorg-t",
	    .time_ms = 1767262500000, .text = "Er is een aanbod voor u."};
	static struct keten_referral r = {.id = REF, .state = "OFFERED",
	    .state_nl = "aangeboden", .code = "SIG-303", .area = "GM0855",
	    .may = "ACCEPT DECLINE", .offer_until_ms = 1767607200000,
	    .urgency = KETEN_HIGH};
	struct map_news m = {.news = &news, .r = &r, .code_label = "label",
	    .outcome_label = "", .reason_label = "", .note = "=Korte tekst",
	    .key = "WO-1", .partner = "welzijn-w"};

	memcpy(news.referral, REF, sizeof(REF));
	map_use_fini(&use);
	map_use_init(&use, kind);
	assert_int_equal(map_write(&use, &m, files, n), ERR_OK);
}

static void
test_news_in_json_tells_what_can_be_done_now(void **state)
{
	struct map_file files[MAP_FILES];
	json_t *json, *step;
	size_t n;

	(void)state;
	tell(&corporation_kind, files, &n);
	assert_int_equal(n, 1);
	json = json_loads(files[0].data, 0, NULL);
	assert_string_equal(json_string_value(json_object_get(json, "status")),
	    "uitgezet");
	assert_string_equal(json_string_value(json_object_get(json,
	    "kenmerk")), "WO-1");
	assert_string_equal(json_string_value(json_object_get(json,
	    "termijn")), "2026-01-05T10:00:00Z");
	assert_non_null(strstr(json_string_value(json_object_get(json,
	    "let_op")), "0800-2000"));
	step = json_array_get(json_object_get(json, "mogelijk"), 1);
	assert_string_equal(json_string_value(json_object_get(step, "stap")),
	    "afwijzen");
	/* The example is itself a file that can be taken. */
	char *example = json_dumps(json_object_get(step, "voorbeeld"), 0);

	ok(&corporation_kind, example);
	is(0, MAP_STEP, "DECLINE");
	free(example);
	json_decref(json);
	map_files_fini(files, n);
}

static void
test_news_for_welfare_is_a_table_and_a_page(void **state)
{
	struct map_file files[MAP_FILES];
	size_t n;

	(void)state;
	tell(&welzijn_kind, files, &n);
	assert_int_equal(n, 2);
	assert_string_equal(files[0].ending, ".csv");
	assert_memory_equal(files[0].data, "\xef\xbb\xbf\"bericht\";", 13);
	assert_non_null(strstr(files[0].data, ";\"'=Korte tekst\";"));
	assert_non_null(strstr(files[0].data, "\"wacht op reactie\""));
	assert_string_equal(files[1].ending, ".txt");
	assert_non_null(strstr(files[1].data, "Termijn: ma 05-01-2026 11:00"));
	assert_non_null(strstr(files[1].data, "{\"stap\":\"aannemen\""));
	assert_non_null(strstr(files[1].data, "0800-2000"));
	map_files_fini(files, n);
}

static void
test_the_samples_of_each_kind_are_taken(void **state)
{
	static const struct {
		const struct map_kind *kind;
		const char *file;
		size_t n;
	} samples[] = {{&welzijn_kind, "welzijn/samples/aanvragen.csv", 2},
	    {&welzijn_kind, "welzijn/samples/reacties.csv", 3},
	    {&welzijn_kind, "welzijn/samples/melding.json", 1},
	    {&corporation_kind, "corporation/samples/opdracht.json", 1},
	    {&corporation_kind, "corporation/samples/onveilige-woning.json",
	     1},
	    {&corporation_kind, "corporation/samples/gereed.json", 1},
	    {&lwdb_kind, "lwdb/samples/signaal.json", 2},
	    {&lwdb_kind, "lwdb/samples/mishandeling.json", 1},
	    {&lwdb_kind, "lwdb/samples/aannemen.json", 1},
	    {&lwdb_kind, "lwdb/samples/afronden.json", 1}};

	(void)state;
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		char path[128];
		uint8_t *data = NULL;
		size_t len;

		(void)snprintf(path, sizeof(path), "adapters/%s",
		    samples[i].file);
		assert_int_equal(file_read(path, MAP_FILE_MAX, &data, &len),
		    ERR_OK);
		ok(samples[i].kind, (const char *)data);
		assert_int_equal(list.n, samples[i].n);
		free(data);
	}
}

static void
test_noise_is_taken_or_refused_but_never_breaks(void **state)
{
	static const char seed[] = "[{\"signaal\":\"eet niet\",\"buurt\":"
	    "\"WK085501\",\"besproken\":\"ja\",\"einddatum\":\"2026-12-31\","
	    "\"nooit\":[\"a\"],\"persoon\":{\"naam\":\"Jo\"},\"aantal\":3}]";
	char text[sizeof(seed)];
	uint32_t s = 11;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		memcpy(text, seed, sizeof(seed));
		for (int j = 0; j < 3; j++) {
			s = s * 1664525u + 1013904223u;
			text[(s >> 8) % (sizeof(seed) - 1)] =
			    (char)(s >> 24 | 1);
		}
		(void)!read_text(&lwdb_kind, text);
	}
}

int
main(void)
{
#define T(name) cmocka_unit_test_teardown(name, done)
	const struct CMUnitTest tests[] = {
	    T(test_a_signal_of_a_worker_becomes_a_submit),
	    T(test_acute_danger_is_refused_with_112),
	    T(test_whether_it_was_discussed_is_never_guessed_for_a_signal),
	    T(test_a_table_of_rows_is_read_whole),
	    T(test_one_wrong_row_refuses_the_whole_table_by_its_number),
	    T(test_a_maintenance_order_becomes_a_repair),
	    T(test_a_step_may_name_the_partners_own_number),
	    T(test_every_step_can_be_asked_in_dutch_and_in_english),
	    T(test_a_step_says_which_field_it_misses),
	    T(test_a_note_that_names_the_person_is_refused_beforehand),
	    T(test_a_bsn_never_leaves),
	    T(test_dates_are_read_as_people_write_them),
	    T(test_json_that_is_too_deep_too_big_double_or_no_utf8_is_refused),
	    T(test_our_own_fields_cannot_be_set_from_outside),
	    T(test_a_partners_own_table_comes_first),
	    T(test_defaults_of_the_settings_win_from_those_of_the_kind),
	    T(test_an_order_survives_being_written_down),
	    T(test_news_in_json_tells_what_can_be_done_now),
	    T(test_news_for_welfare_is_a_table_and_a_page),
	    T(test_the_samples_of_each_kind_are_taken),
	    T(test_noise_is_taken_or_refused_but_never_breaks),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

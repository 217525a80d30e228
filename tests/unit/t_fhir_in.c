#include "fhir_bench.h"

static void
bad(const char *text, const char *says)
{
	assert_int_equal(read_bytes(text, strlen(text)), ERR_MALFORMED);
	assert_int_equal(list.n, 0);
	if (strstr(trouble.text, says) == NULL)
		fail_msg("'%s' not in '%s'", says, trouble.text);
}

/* --- our own ---------------------------------------------- */

#define TASK(rest) "{\"resourceType\":\"Task\",\"id\":\"t1\",\"intent\":"     \
		   "\"order\",\"code\":{\"text\":\"boodschappen\"}," rest "}"
#define REQ(rest)                                                             \
	"{\"resourceType\":\"ServiceRequest\",\"id\":\"s1\",\"intent\":"      \
	"\"order\",\"subject\":{\"reference\":\"Patient/p\"}," rest "}"
#define PATIENT                                                               \
	"{\"resourceType\":\"Patient\",\"id\":\"p\",\"identifier\":[{"        \
	"\"system\":\"http://fhir.nl/fhir/NamingSystem/bsn\",\"value\":"      \
	"\"111222333\"}],\"photo\":[{\"data\":\"AAAA\"}],\"name\":[{"         \
	"\"given\":[\"Ria\"],\"family\":\"Jansen\"}],\"birthDate\":"          \
	"\"1941-03-03\",\"gender\":\"female\",\"telecom\":[{\"system\":"      \
	"\"phone\",\"value\":\"0612345678\"}],\"address\":[{\"line\":["       \
	"\"Plein 1944 12 hs\"],\"postalCode\":\"5038 AB\",\"city\":"          \
	"\"Tilburg\"}]}"

static void
test_bsn_photo_and_clinical_resources_stay_behind(void **state)
{
	(void)state;
	ok("[" TASK("\"status\":\"requested\",\"focus\":{\"reference\":"
	    "\"ServiceRequest/s1\"}") "," REQ("\"status\":\"active\","
	    "\"reasonCode\":[{\"text\":\"dementie\"}],\"note\":[{\"text\":"
	    "\"BSN 111222333, graag voor 10 uur.\"}]") "," PATIENT ","
	    "{\"resourceType\":\"Condition\",\"id\":\"c\",\"code\":{\"text\":"
	    "\"dementie\"}}]");
	assert_int_equal(list.n, 1);
	for (int i = 0; i < MAP_FIELD__MAX; i++) {
		const char *text = map_get(&list.items[0], (enum map_field)i);

		assert_true(text == NULL || strstr(text, "111222333") == NULL);
		assert_true(text == NULL || strstr(text, "dementie") == NULL);
		assert_true(text == NULL || strstr(text, "AAAA") == NULL);
	}
	is(0, MAP_STREET, "Plein 1944");
	is(0, MAP_HOUSE, "12 hs");
	is(0, MAP_CODE, "DST-101");
	is(0, MAP_REMARK, "reasonCode, Patient.photo, Condition, BSN (mag niet "
	    "volgens het convenant met wie het kan krijgen)");
}

static void
test_a_code_text_that_names_the_person_is_left_out_of_the_note(void **state)
{
	(void)state;
	ok("[" REQ("\"status\":\"active\",\"code\":{\"text\":"
	    "\"Wandelen met mevrouw Jansen\"}") "," PATIENT "]");
	is(0, MAP_NOTE, NULL);
	assert_non_null(strstr(map_get(&list.items[0], MAP_STORY), "Jansen"));
}

static void
test_the_area_comes_from_the_postcode_or_the_city(void **state)
{
	static const char table[] = "veld;hun_woord;onze_code\n"
	    "gebied;5038;WK085503\ngebied;Tilburg;GM0855\n";

	(void)state;
	assert_int_equal(map_use_table(&use, table, strlen(table), &trouble),
	    ERR_OK);
	ok("[" REQ("\"status\":\"active\"") "," PATIENT "]");
	is(0, MAP_AREA, "WK085503");
	map_use_fini(&use);
	map_use_init(&use, &thuiszorg_kind);
	bad("[" REQ("\"status\":\"active\"") "," PATIENT "]",
	    "Patient.address.postalCode '5038'");
	bad(REQ("\"status\":\"active\""),
	    "Patient.address.postalCode ontbreekt");
}

static void
test_timing_and_quantity_become_units_and_frequency(void **state)
{
	(void)state;
	ok(REQ("\"status\":\"active\",\"quantityQuantity\":{\"value\":10},"
	    "\"occurrenceTiming\":{\"repeat\":{\"frequency\":2,\"period\":1,"
	    "\"periodUnit\":\"wk\",\"boundsPeriod\":{\"end\":"
	    "\"2026-12-31\"}}}"));
	is(0, MAP_UNITS, "10");
	is(0, MAP_FREQUENCY, "2/week");
	is(0, MAP_END, "2026-12-31");
}

static void
sample(const char *name)
{
	char path[128];
	uint8_t *data = NULL;
	size_t len;

	(void)snprintf(path, sizeof(path), "adapters/thuiszorg/samples/%s",
	    name);
	assert_int_equal(file_read(path, MAP_FILE_MAX, &data, &len), ERR_OK);
	ok((const char *)data);
	free(data);
}

static void
test_our_own_samples_are_taken(void **state)
{
	(void)state;
	sample("boodschappen.json");
	assert_int_equal(list.n, 1);
	is(0, MAP_CODE, "DST-101");
	is(0, MAP_UNITS, "10");
	is(0, MAP_FREQUENCY, "1/week");
	is(0, MAP_STREET, "Zwanenbloemstraat");
	is(0, MAP_NOTE, "Gevraagd: boodschappen, tien keer");
	sample("aanvraag-alleen.json");
	is(0, MAP_CODE, "DST-301");
	is(0, MAP_NAME, "Hendrika Zandvliet");
	is(0, MAP_URGENCY, "HIGH");
}

static void
test_what_is_missing_or_unknown_is_named(void **state)
{
	(void)state;
	bad("{\"resourceType\":\"Task\"}", "Task.status ontbreekt");
	bad(TASK("\"status\":\"klaar\""), "Task.status 'klaar'");
	bad("{\"resourceType\":\"Task\",\"status\":\"requested\"}",
	    "Task.intent ontbreekt");
	bad("{\"resourceType\":\"Task\",\"status\":\"requested\",\"intent\":"
	    "\"plan\"}", "Task.intent is 'plan'");
	bad(TASK("\"status\":5"), "Task.status moet tekst zijn");
	bad(TASK("\"status\":\"requested\",\"identifier\":{}"),
	    "Task.identifier moet een lijst zijn");
	bad(TASK("\"status\":\"requested\",\"priority\":\"nu\""),
	    "Task.priority 'nu'");
	bad(TASK("\"status\":\"requested\",\"focus\":{\"reference\":"
	    "\"MedicationRequest/m\"}"), "Task.focus");
	bad(TASK("\"status\":\"requested\",\"modifierExtension\":[{}]"),
	    "Task.modifierExtension");
	bad(REQ("\"status\":\"draft\""), "ServiceRequest.status is 'draft'");
	bad(REQ("\"status\":\"active\",\"doNotPerform\":true"),
	    "ServiceRequest.doNotPerform");
	bad("{\"resourceType\":\"ServiceRequest\",\"status\":\"active\","
	    "\"intent\":\"order\"}", "ServiceRequest.subject ontbreekt");
	bad("{\"resourceType\":\"Bundle\",\"entry\":[{}]}",
	    "Bundle.entry[0].resource");
	bad("{\"resourceType\":\"Bundle\"}", "Bundle.entry");
	bad("{\"resourceType\":7}", "resourceType");
}

static void
test_one_bad_entry_refuses_the_whole_bundle(void **state)
{
	(void)state;
	bad("[" TASK("\"status\":\"requested\"") "," REQ("\"status\":"
	    "\"completed\"") "]", "ServiceRequest/s1: ");
}

static void
test_unknown_codes_are_refused_when_the_settings_say_so(void **state)
{
	(void)state;
	assert_int_equal(map_use_default(&use, MAP_CODE, "-"), ERR_OK);
	bad(REQ("\"status\":\"active\",\"code\":{\"text\":\"Lipid\"}"),
	    "ServiceRequest.code 'Lipid' staat niet in de tabel");
	bad(REQ("\"status\":\"active\""), "ServiceRequest.code ontbreekt");
}

static void
step_of(const char *role_may, const char *fhir, const char *status,
    const char *step)
{
	char text[512];

	memset(&shown, 0, sizeof(shown));
	memcpy(shown.id, REF, sizeof(REF));
	(void)snprintf(shown.may, sizeof(shown.may), "%s", role_may);
	(void)snprintf(shown.fhir_status, sizeof(shown.fhir_status), "%s",
	    fhir);
	(void)snprintf(text, sizeof(text), TASK("\"status\":\"%s\","
	    "\"restriction\":{\"period\":{\"end\":\"2026-05-01\"}}"), status);
	ok(text);
	assert_int_equal(list.n, 1);
	is(0, MAP_STEP, step);
	is(0, MAP_REFERRAL, REF);
}

static void
test_a_new_status_of_a_known_task_is_a_step(void **state)
{
	(void)state;
	step_of("REVIEW ACCEPT DECLINE", "requested", "received", "REVIEW");
	step_of("REVIEW ACCEPT DECLINE", "requested", "accepted", "ACCEPT");
	step_of("REVIEW ACCEPT DECLINE", "requested", "rejected", "DECLINE");
	is(0, MAP_REASON, "AFW-99");
	step_of("CONFIRM", "accepted", "accepted", MAP_NO_STEP);
	step_of("START RETURN", "accepted", "rejected", "RETURN");
	step_of("START RETURN", "accepted", "in-progress", "START");
	step_of("RESUME", "on-hold", "in-progress", "RESUME");
	step_of("PAUSE COMPLETE", "in-progress", "on-hold", "PAUSE");
	is(0, MAP_UNTIL, "2026-05-01");
	step_of("PAUSE COMPLETE", "in-progress", "completed", "COMPLETE");
	is(0, MAP_OUTCOME, "UIT-01");
	step_of("GIVE_UP", "in-progress", "failed", "GIVE_UP");
	step_of("FAIL", "in-progress", "failed", "FAIL");
	step_of("WITHDRAW", "requested", "cancelled", "WITHDRAW");
	step_of("REQUEST_WITHDRAWAL", "accepted", "cancelled",
	    "REQUEST_WITHDRAWAL");
	step_of("AGREE_WITHDRAWAL", "accepted", "cancelled",
	    "AGREE_WITHDRAWAL");
	/* What we know may be old: the first one, and the broker decides. */
	step_of("", "requested", "in-progress", "START");
	step_of("WITHDRAW", "requested", "requested", MAP_NO_STEP);
}

static void
test_reason_outcome_and_text_come_from_the_task(void **state)
{
	(void)state;
	memcpy(shown.id, REF, sizeof(REF));
	memcpy(shown.may, "DECLINE COMPLETE", 17);
	ok(TASK("\"status\":\"rejected\",\"statusReason\":{\"text\":"
	    "\"wachtlijst\"}"));
	is(0, MAP_REASON, "AFW-02");
	ok(TASK("\"status\":\"completed\",\"businessStatus\":{\"coding\":[{"
	    "\"code\":\"UIT-04\"}]},\"note\":[{\"text\":\"Drie keer gebeld.\"},"
	    "{\"authorString\":\"Keten\",\"text\":\"Aangenomen.\"}]"));
	is(0, MAP_OUTCOME, "UIT-04");
	is(0, MAP_TEXT, "Drie keer gebeld.");
}

static void
test_a_task_of_ours_is_known_by_id_and_by_identifier(void **state)
{
	static const char *const ids[] = {"\"id\":\"" REF "\"",
	    "\"id\":\"" REF "-e2\"", "\"id\":\"eigen-99\",\"identifier\":[{"
	    "\"value\":\"urn:uuid:" REF "\"}]",
	    "\"id\":\"eigen\",\"identifier\":[{\"system\":\"urn:x\","
	    "\"value\":\"77\"}]"};
	char text[512];

	(void)state;
	memcpy(shown.id, REF, sizeof(REF));
	memcpy(shown.may, "ACCEPT", 7);
	for (size_t i = 0; i < 4; i++) {
		(void)snprintf(text, sizeof(text), "{\"resourceType\":\"Task\","
		    "%s,\"status\":\"accepted\",\"intent\":\"order\"}", ids[i]);
		ok(text);
		is(0, MAP_STEP, "ACCEPT");
	}
	bad("{\"resourceType\":\"Task\",\"id\":\"01930000-0000-7000-8000-"
	    "0000000000ff\",\"status\":\"completed\",\"intent\":\"order\"}",
	    "Task.status is 'completed'");
}

static void
test_a_revoked_request_that_we_know_is_withdrawn(void **state)
{
	(void)state;
	memcpy(shown.id, REF, sizeof(REF));
	memcpy(shown.may, "WITHDRAW", 9);
	ok(REQ("\"status\":\"revoked\""));
	is(0, MAP_STEP, "WITHDRAW");
	ok(REQ("\"status\":\"active\""));
	is(0, MAP_STEP, MAP_NO_STEP);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(test_bsn_photo_and_clinical_resources_stay_behind),
	    T(test_a_code_text_that_names_the_person_is_left_out_of_the_note),
	    T(test_the_area_comes_from_the_postcode_or_the_city),
	    T(test_timing_and_quantity_become_units_and_frequency),
	    T(test_our_own_samples_are_taken),
	    T(test_what_is_missing_or_unknown_is_named),
	    T(test_one_bad_entry_refuses_the_whole_bundle),
	    T(test_unknown_codes_are_refused_when_the_settings_say_so),
	    T(test_a_new_status_of_a_known_task_is_a_step),
	    T(test_reason_outcome_and_text_come_from_the_task),
	    T(test_a_task_of_ours_is_known_by_id_and_by_identifier),
	    T(test_a_revoked_request_that_we_know_is_withdrawn),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

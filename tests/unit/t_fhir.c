#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "keten_double.h"
#include "map/fhir/fhir.h"
#include "map/news.h"
#include "map/read.h"
#include "thuiszorg/table.h"

#define REF "01930000-0000-7000-8000-000000000001"

static struct map_use use;
static struct map_trouble trouble;
static struct map_list list;
static struct keten_referral shown;

static bool
known(void *cookie, const char *key, char referral[KETEN_ID_TEXT])
{
	(void)cookie;
	if (shown.id[0] == '\0' || (strcmp(key, "Task/t1") != 0 &&
	    strcmp(key, "Task|urn:x|77") != 0 &&
	    strcmp(key, "ServiceRequest/s1") != 0))
		return (false);
	memcpy(referral, REF, KETEN_ID_TEXT);
	return (true);
}

static bool
show(void *cookie, const char *referral, struct keten_referral *r)
{
	(void)cookie;
	if (strcmp(shown.id, referral) != 0)
		return (false);
	*r = shown;
	return (true);
}

static const struct map_world world = {NULL, known, show, 1767225600000};

/* As a partner in the demonstration would set it. */
static int
setup(void **state)
{
	(void)state;
	memset(&shown, 0, sizeof(shown));
	memset(&list, 0, sizeof(list));
	map_use_init(&use, &thuiszorg_kind);
	return (map_use_default(&use, MAP_AREA, "WK085501"));
}

static int
teardown(void **state)
{
	(void)state;
	map_list_fini(&list);
	map_use_fini(&use);
	return (0);
}

static enum err
read_bytes(const char *data, size_t len)
{
	map_list_fini(&list);
	trouble.text[0] = '\0';
	return (map_read(&use, &world, data, len, &list, &trouble));
}

static void
ok(const char *text)
{
	if (read_bytes(text, strlen(text)) != ERR_OK)
		fail_msg("%s", trouble.text);
}

static void
bad(const char *text, const char *says)
{
	assert_int_equal(read_bytes(text, strlen(text)), ERR_MALFORMED);
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

/* --- the official examples ------------------------------------------------ */

static const struct {
	const char *file;
	const char *code; /* taken as */
	const char *urgency;
	const char *says; /* or refused with */
} examples[] = {
    {"ServiceRequest-ambulation.json", NULL, NULL,
     "ServiceRequest.status is 'completed'"},
    {"ServiceRequest-education.json", NULL, NULL,
     "ServiceRequest.status is 'completed'"},
    {"ServiceRequest-example.json", NULL, NULL,
     "ServiceRequest.status is 'completed'"},
    {"ServiceRequest-lipid.json", "DST-901", "NORMAL", NULL},
    {"ServiceRequest-physiotherapy.json", NULL, NULL,
     "ServiceRequest.status is 'completed'"},
    {"Task-example1.json", "DST-901", "NORMAL", NULL},
    {"Task-example2.json", "DST-901", "NORMAL", NULL},
    {"Task-example3.json", NULL, NULL, "Task.status is 'draft'"},
    {"Task-fm-example1.json", "DST-501", "HIGH", NULL},
    {"Task-fm-example2.json", "DST-501", "HIGH", NULL},
    {"Patient-f001.json", NULL, NULL, "geen Task of ServiceRequest"},
    {"Organization-f001.json", NULL, NULL, "geen Task of ServiceRequest"},
};
#define NEXAMPLES (sizeof(examples) / sizeof(examples[0]))

static const char *
fixtures(void)
{
	static char path[512];
	const char *shared = getenv("KETEN_SHARED");
	DIR *dir;

	(void)snprintf(path, sizeof(path), "%s/fixtures/fhir",
	    shared == NULL ? "../shared" : shared);
	dir = opendir(path);
	if (dir == NULL) {
		print_message("no official examples in %s: skipped\n", path);
		skip();
	}
	(void)closedir(dir);
	return (path);
}

static char *
load(const char *name, size_t *len)
{
	char path[1024];
	uint8_t *data = NULL;

	(void)snprintf(path, sizeof(path), "%s/%s", fixtures(), name);
	assert_int_equal(file_read(path, MAP_FILE_MAX, &data, len), ERR_OK);
	return ((char *)data);
}

/* The Task that comes back; the caller owns it. */
static json_t *
come_back(size_t i)
{
	struct keten_news news = {.seq = 1, .index = 9, .step = KETEN_ACCEPT,
	    .role = KETEN_ORIGINATOR, .by = "lwdb-noord",
	    .time_ms = 1767262500000, .text = "LWDB Noord heeft aangenomen."};
	struct keten_referral r = {.id = REF, .state = "ACCEPTED",
	    .state_nl = "aangenomen", .fhir_status = "accepted",
	    .role = KETEN_ORIGINATOR, .holder = "lwdb-noord",
	    .originator = "thuiszorg-t", .urgency = KETEN_HIGH, .epoch = 1,
	    .newest_index = 9, .submitted_ms = 1767225600000,
	    .next_ms = 1767607200000, .may = "REQUEST_WITHDRAWAL"};
	const char *context = map_get(&list.items[i], MAP_CONTEXT);
	json_t *c = context == NULL ? NULL : json_loads(context, 0, NULL);
	struct map_news m = {.news = &news, .r = &r, .code_label = "boodschappen",
	    .outcome_label = "", .reason_label = "", .context = c,
	    .partner = "thuiszorg-t"};
	json_t *task = NULL;

	(void)snprintf(r.code, sizeof(r.code), "%s",
	    map_get(&list.items[i], MAP_CODE));
	assert_int_equal(fhir_task(&use, &m, &task), ERR_OK);
	json_decref(c);
	return (task);
}

static const char *
at(const json_t *json, const char *path)
{
	while (json != NULL && *path != '\0') {
		char name[64];
		size_t n = strcspn(path, ".");

		memcpy(name, path, n);
		name[n] = '\0';
		json = json_is_array(json) ?
		    json_array_get(json, strtoul(name, NULL, 10)) :
		    json_object_get(json, name);
		path += n + (path[n] == '.');
	}
	return (json_string_value(json));
}

/* Beside the unit tests, a validator of somebody else looks at these files. */
static void
keep_for_validator(const char *name, const json_t *task)
{
	const char *dir = getenv("KETEN_FHIR_OUT");
	char path[1024];

	if (dir == NULL)
		return;
	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	assert_int_equal(json_dump_file(task, path, JSON_INDENT(2)), 0);
}

static void
check_example(size_t i, size_t *taken)
{
	size_t len;
	char *data = load(examples[i].file, &len);
	enum err err = read_bytes(data, len);
	json_t *in, *out;

	if (examples[i].code == NULL) {
		assert_int_equal(err, ERR_MALFORMED);
		if (strstr(trouble.text, examples[i].says) == NULL)
			fail_msg("%s: %s", examples[i].file, trouble.text);
		print_message("refused %s: %s\n", examples[i].file,
		    trouble.text);
		free(data);
		return;
	}
	if (err != ERR_OK)
		fail_msg("%s: %s", examples[i].file, trouble.text);
	is(0, MAP_CODE, examples[i].code);
	is(0, MAP_URGENCY, examples[i].urgency);
	out = come_back(0);
	in = json_loadb(data, len, 0, NULL);
	print_message("taken   %s as %s; left out: %s\n", examples[i].file,
	    examples[i].code, map_get(&list.items[0], MAP_REMARK) == NULL ?
	    "nothing" : map_get(&list.items[0], MAP_REMARK));
	assert_string_equal(at(out, "status"), "accepted");
	if (strncmp(examples[i].file, "Task", 4) == 0) {
		assert_string_equal(at(out, "id"), at(in, "id"));
		assert_string_equal(at(out, "identifier.0.value"),
		    at(in, "identifier.0.value"));
		assert_string_equal(at(out, "requester.reference"),
		    at(in, "requester.reference"));
		if (at(in, "for.reference") != NULL)
			assert_string_equal(at(out, "for.reference"),
			    at(in, "for.reference"));
	}
	keep_for_validator(examples[i].file, out);
	json_decref(in);
	json_decref(out);
	free(data);
	(*taken)++;
}

static void
test_each_official_example_is_taken_or_refused_with_its_element(void **state)
{
	size_t taken = 0;

	(void)state;
	(void)fixtures();
	for (size_t i = 0; i < NEXAMPLES; i++)
		check_example(i, &taken);
	assert_true(taken >= 5);
}

static void
test_task_request_and_patient_together_are_one_order(void **state)
{
	static const char *const names[] = {"Task-example1.json",
	    "ServiceRequest-lipid.json", "Patient-example.json",
	    "Organization-f001.json"};
	json_t *entries = json_array();
	char *text;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		size_t len;
		char *data = load(names[i], &len);

		json_array_append_new(entries, json_pack("{s:o}", "resource",
		    json_loadb(data, len, 0, NULL)));
		free(data);
	}
	json_t *bundle = json_pack("{s:s,s:s,s:o}", "resourceType", "Bundle",
	    "type", "collection", "entry", entries);

	text = json_dumps(bundle, 0);
	ok(text);
	assert_int_equal(list.n, 1);
	is(0, MAP_NAME, "Peter James Chalmers");
	is(0, MAP_STREET, "534 Erewhon St");
	is(0, MAP_BIRTH, "1974-12-25");
	is(0, MAP_PHONE, "(03) 5555 6473");
	assert_non_null(strstr(map_get(&list.items[0], MAP_STORY), "needles"));
	assert_non_null(strstr(map_get(&list.items[0], MAP_REMARK),
	    "Specimen"));
	assert_non_null(strstr(map_get(&list.items[0], MAP_REMARK),
	    "Patient.identifier"));
	assert_null(strstr(map_get(&list.items[0], MAP_NOTE), "Chalmers"));
	json_decref(bundle);
	free(text);
}

/* --- our own ---------------------------------------------------------------- */

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
	is(0, MAP_REMARK, "Patient.identifier, Patient.photo, reasonCode, "
	    "Condition");
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

/* --- out -------------------------------------------------------------------- */

static void
test_an_offer_is_a_task_with_a_request_inside(void **state)
{
	struct keten_news news = {.seq = 1, .index = 9, .step = KETEN_SUBMIT,
	    .role = KETEN_CANDIDATE, .by = "lwdb-noord",
	    .time_ms = 1767262500000, .text = "Er is een aanbod voor u."};
	struct keten_referral r = {.id = REF, .role = KETEN_CANDIDATE,
	    .state = "OFFERED", .state_nl = "aangeboden", .fhir_status =
	    "requested", .holder = "lwdb-noord", .originator = "lwdb-noord",
	    .code = "SIG-203", .area = "WK085501", .urgency = KETEN_HIGH,
	    .epoch = 2, .units = 4, .may = "REVIEW ACCEPT DECLINE",
	    .offer_until_ms = 1767607200000};
	struct map_news m = {.news = &news, .r = &r, .code_label =
	    "ondervoeding / eet niet", .outcome_label = "", .reason_label = "",
	    .note = "Lege koelkast.", .partner = "thuiszorg-t"};
	json_t *t = NULL;

	(void)state;
	assert_int_equal(fhir_task(&use, &m, &t), ERR_OK);
	assert_string_equal(at(t, "id"), REF "-e2");
	assert_string_equal(at(t, "basedOn.0.reference"), "Task/" REF);
	assert_string_equal(at(t, "owner.identifier.value"), "thuiszorg-t");
	assert_string_equal(at(t, "requester.display"), "lwdb-noord");
	assert_string_equal(at(t, "priority"), "urgent");
	assert_string_equal(at(t, "code.coding.0.code"), "SIG-203");
	assert_string_equal(at(t, "description"), "Lege koelkast.");
	assert_string_equal(at(t, "restriction.period.end"),
	    "2026-01-05T10:00:00Z");
	assert_string_equal(at(t, "contained.0.resourceType"),
	    "ServiceRequest");
	assert_string_equal(at(t, "focus.reference"), "#aanvraag");
	assert_string_equal(at(t, "businessStatus.coding.0.code"), "OFFERED");
	keep_for_validator("offer.json", t);
	json_decref(t);
}

static void
test_an_overdue_task_with_its_outcome_says_so(void **state)
{
	struct keten_news news = {.index = 12, .step = KETEN_COMPLETE,
	    .role = KETEN_ORIGINATOR, .time_ms = 1767262500000, .text =
	    "Afgerond."};
	struct keten_referral r = {.id = REF, .role = KETEN_ORIGINATOR,
	    .state = "COMPLETED", .state_nl = "afgerond", .fhir_status =
	    "completed", .holder = "welzijn-w", .originator = "thuiszorg-t",
	    .code = "DST-101", .outcome = "UIT-02", .reason = "RED-99",
	    .urgency = KETEN_NORMAL, .epoch = 1, .overdue = true,
	    .units_done = 4, .newest_index = 12, .parent = REF};
	struct map_news m = {.news = &news, .r = &r, .code_label =
	    "boodschappen", .outcome_label = "deels geholpen",
	    .reason_label = "anders", .text = "Vier van de tien.",
	    .partner = "thuiszorg-t"};
	json_t *t = NULL;

	(void)state;
	assert_int_equal(fhir_task(&use, &m, &t), ERR_OK);
	assert_string_equal(at(t, "businessStatus.text"), "te laat");
	assert_string_equal(at(t, "businessStatus.coding.1.code"), "overdue");
	assert_string_equal(at(t, "output.0.valueCodeableConcept.coding.0.code"),
	    "UIT-02");
	assert_string_equal(at(t, "output.1.valueString"), "Vier van de tien.");
	assert_string_equal(at(t, "statusReason.coding.0.code"), "RED-99");
	assert_string_equal(at(t, "partOf.0.reference"), "Task/" REF);
	keep_for_validator("completed.json", t);
	json_decref(t);
}

static void
test_the_person_part_is_a_bundle_with_a_patient(void **state)
{
	struct keten_news news = {.index = 12, .step = KETEN_CONTENT,
	    .role = KETEN_HOLDER, .time_ms = 1767262500000,
	    .text = "Het persoonsdeel is te openen."};
	struct keten_referral r = {.id = REF, .role = KETEN_HOLDER,
	    .state = "ACCEPTED", .state_nl = "aangenomen", .fhir_status =
	    "accepted", .holder = "thuiszorg-t", .originator = "lwdb-noord",
	    .code = "SIG-203", .urgency = KETEN_NORMAL, .epoch = 1};
	struct map_news m = {.news = &news, .r = &r, .code_label = "",
	    .outcome_label = "", .reason_label = "", .partner = "thuiszorg-t",
	    .person = "{\"naam\":\"Jo Pietersen\",\"geslacht\":\"vrouw\","
	    "\"birth_date\":\"1941-03-03\",\"adres\":{\"straat\":"
	    "\"Kerkstraat\",\"huisnummer\":\"12\",\"plaats\":\"Tilburg\"},"
	    "\"phone\":\"0612345678\",\"verhaal\":\"Eet niet.\"}"};
	struct map_file files[MAP_FILES];
	size_t n;
	json_t *b;

	(void)state;
	assert_int_equal(map_write(&use, &m, files, &n), ERR_OK);
	assert_int_equal(n, 2);
	b = json_loads(files[0].data, 0, NULL);
	assert_string_equal(at(b, "resourceType"), "Bundle");
	assert_string_equal(at(b, "entry.1.resource.name.0.text"),
	    "Jo Pietersen");
	assert_string_equal(at(b, "entry.1.resource.gender"), "female");
	assert_string_equal(at(b, "entry.1.resource.address.0.line.0"),
	    "Kerkstraat 12");
	assert_string_equal(at(b, "entry.0.resource.for.reference"),
	    "Patient/" REF);
	keep_for_validator("person.json", b);
	json_decref(b);
	map_files_fini(files, n);
}

/* --- whatever else ----------------------------------------------------------- */

/* Change one place in the tree at random: drop, double, or another type. */
static void
mutate(json_t *json, uint32_t *s)
{
	const char *key;
	json_t *value;
	void *tmp;
	size_t i, at_i, n;

	*s = *s * 1664525u + 1013904223u;
	n = json_is_array(json) ? json_array_size(json) :
	    json_object_size(json);
	if (n == 0)
		return;
	at_i = (*s >> 8) % n;
	i = 0;
	if (json_is_array(json)) {
		value = json_array_get(json, at_i);
		if ((*s >> 20) % 3 == 0)
			json_array_set_new(json, at_i, json_integer(5));
		else
			mutate(value, s);
		return;
	}
	json_object_foreach_safe(json, tmp, key, value) {
		if (i++ != at_i)
			continue;
		switch ((*s >> 20) % 5) {
		case 0:
			json_object_del(json, key);
			break;
		case 1:
			json_object_set_new(json, key, json_array());
			break;
		case 2:
			json_object_set_new(json, key, json_string("\n\"é"));
			break;
		default:
			mutate(value, s);
		}
		return;
	}
}

static void
test_mutated_examples_are_taken_or_refused_but_never_break(void **state)
{
	uint32_t seed = 5;
	size_t taken = 0, refused = 0;

	(void)state;
	for (size_t i = 0; i < NEXAMPLES; i++) {
		size_t len;
		char *data = load(examples[i].file, &len);

		for (int j = 0; j < 1000; j++) {
			json_t *json = json_loadb(data, len, 0, NULL);
			char *text;

			for (int m = 0; m < 1 + j % 4; m++)
				mutate(json, &seed);
			text = json_dumps(json, 0);
			if (read_bytes(text, strlen(text)) == ERR_OK) {
				if (strcmp(map_get(&list.items[0], MAP_STEP),
				    "SUBMIT") == 0)
					json_decref(come_back(0));
				taken++;
			} else {
				assert_string_not_equal(trouble.text, "");
				refused++;
			}
			free(text);
			json_decref(json);
		}
		free(data);
	}
	print_message("mutated: %zu taken, %zu refused\n", taken, refused);
	assert_true(taken > 0 && refused > 0);
}

static void
test_damaged_bytes_never_break(void **state)
{
	uint32_t s = 3;
	size_t len;
	char *data = load("Task-example1.json", &len);
	char *copy = malloc(len);

	(void)state;
	for (int i = 0; i < 5000; i++) {
		memcpy(copy, data, len);
		for (int j = 0; j < 2; j++) {
			s = s * 1664525u + 1013904223u;
			copy[(s >> 4) % len] = (char)(s >> 24);
		}
		(void)!read_bytes(copy, i % 2 == 0 ? len : (s >> 4) % len);
	}
	free(copy);
	free(data);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(test_each_official_example_is_taken_or_refused_with_its_element),
	    T(test_task_request_and_patient_together_are_one_order),
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
	    T(test_an_offer_is_a_task_with_a_request_inside),
	    T(test_an_overdue_task_with_its_outcome_says_so),
	    T(test_the_person_part_is_a_bundle_with_a_patient),
	    T(test_mutated_examples_are_taken_or_refused_but_never_break),
	    T(test_damaged_bytes_never_break),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

#include <dirent.h>

#include "fhir_bench.h"

/* --- the official examples ---------------------------------------------- */

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
	struct map_news m = {.news = &news, .r = &r,
	    .code_label = "boodschappen",
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

/* --- out ---------------------------------------------- */

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
	assert_string_equal(at(t,
	    "output.0.valueCodeableConcept.coding.0.code"),
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

/* --- whatever else ---------------------------------------------- */

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
	    T(test_an_offer_is_a_task_with_a_request_inside),
	    T(test_an_overdue_task_with_its_outcome_says_so),
	    T(test_the_person_part_is_a_bundle_with_a_patient),
	    T(test_mutated_examples_are_taken_or_refused_but_never_break),
	    T(test_damaged_bytes_never_break),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

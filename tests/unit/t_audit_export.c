/*
 * t_audit_export -- lines of JSON that prove themselves, a table that Excel
 * opens, and AuditEvents.
 */
#include <jansson.h>

#include "help/auditor.h"

#include "base/bytes.h"
#include "base/file.h"
#include "help/tamper.h"
#include "trust/digest.h"
#include "trust/leaf.h"
#include "wire/envelope.h"

#define OUT "export"

static void
export_as(struct auditor *a, const char *format)
{
	char command[100];

	(void)snprintf(command, sizeof(command), "export --format %s", format);
	auditor_expect(a, a->c->dir, command, 0);
}

/* --- lines of JSON -------------------------------------------------------------- */

static struct slice
raw(json_t *line, const char *name, uint8_t *out, size_t cap)
{
	const char *text = json_string_value(json_object_get(
	    json_object_get(line, "raw"), name));
	size_t len = 0;

	assert_non_null(text);
	assert_true(base64_decode(text, strlen(text), out, cap, &len));
	return (slice_of(out, len));
}

/* The leaf of a line is that of its own bytes. */
static void
expect_bound(json_t *line)
{
	static uint8_t envelope[1 << 17], facts[1 << 17], route[1 << 17];
	uint8_t leaf[LEAF_LEN], salt[32], record[32];

	assert_true(hex_decode(json_string_value(json_object_get(line,
	    "leaf")), leaf, LEAF_LEN));
	assert_true(hex_decode(json_string_value(json_object_get(line,
	    "salt")), salt, 32));
	leaf_record(salt, raw(line, "envelope", envelope, sizeof(envelope)),
	    raw(line, "facts", facts, sizeof(facts)),
	    raw(line, "route", route, sizeof(route)), record);
	assert_memory_equal(leaf + 16, record, 32);
}

/* Its statement is signed with the key that the chronicle gave its device. */
static bool
expect_signed(struct auditor *a, json_t *line)
{
	static uint8_t bytes[1 << 17];
	struct arena *arena = arena_new(1 << 20);
	struct slice s = raw(line, "envelope", bytes, sizeof(bytes));
	struct envelope env;
	bool found = false;

	assert_int_equal(envelope_parse(arena, s, &env, NULL), ERR_OK);
	for (int i = 0; i < CHRONICLE_WHO && !found; i++)
		found = envelope_check(&env,
		    sign_public(a->c->who[i].sign)) == ERR_OK;
	arena_free(arena);
	return (found);
}

static void
test_each_line_proves_its_own_statement(void **state)
{
	struct auditor *a = *state;
	size_t n = 0, n_signed = 0;
	char *at;

	export_as(a, "jsonl");
	for (at = a->out; *at != '\0'; n++) {
		char *end = strchr(at, '\n');
		json_t *line;
		const char *kind;

		assert_non_null(end);
		*end = '\0';
		line = json_loads(at, JSON_REJECT_DUPLICATES, NULL);
		assert_non_null(line);
		kind = json_string_value(json_object_get(line, "kind"));
		expect_bound(line);
		if (strcmp(kind, "COMMAND") == 0) {
			assert_true(expect_signed(a, line));
			n_signed++;
		}
		json_decref(line);
		at = end + 1;
	}
	assert_int_equal(n, a->c->n);
	assert_true(n_signed > 15);
}

static void
test_the_same_log_gives_the_same_bytes(void **state)
{
	static const char *const formats[] = { "jsonl", "csv", "fhir" };
	struct auditor *a = *state;

	for (size_t i = 0; i < 3; i++) {
		char *first;

		export_as(a, formats[i]);
		first = strdup(a->out);
		assert_non_null(first);
		export_as(a, formats[i]);
		assert_string_equal(first, a->out);
		free(first);
	}
}

/* --- the table ------------------------------------------------------------------ */

/* Cells of one row, all quoted, ';' between them; its end. */
static char *
row(char *at, size_t *n)
{
	*n = 0;
	for (;;) {
		assert_int_equal(*at++, '"');
		assert_null(memchr("=+-@", *at, 4));
		while (!(at[0] == '"' && at[1] != '"'))
			at += at[0] == '"' ? 2 : 1;
		++*n;
		if (*++at == '\r')
			break;
		assert_int_equal(*at++, ';');
	}
	assert_memory_equal(at, "\r\n", 2);
	return (at + 2);
}

static void
test_the_table_is_one_that_excel_opens(void **state)
{
	struct auditor *a = *state;
	size_t columns, n, rows = 0;
	char *at;

	export_as(a, "csv");
	assert_memory_equal(a->out, "\xef\xbb\xbf\"record\";", 12);
	for (at = row(a->out + 3, &columns); *at != '\0'; rows++) {
		at = row(at, &n);
		assert_int_equal(n, columns);
	}
	assert_int_equal(rows, a->c->n);
	assert_non_null(strstr(a->out, "\"Welzijn W\";\"houder\""));
	assert_non_null(strstr(a->out, "\"G-TOE\";\"COV-02\";\"ACCEPTED\""));
}

static void
test_a_part_of_the_table_knows_what_came_before(void **state)
{
	struct auditor *a = *state;
	size_t n;

	auditor_expect(a, a->c->dir,
	    "export --format csv --from 15 --until 16", 0);
	assert_non_null(strstr(a->out, "\"ACCEPT\";\"aannemen\""));
	assert_non_null(strstr(a->out, "\"SIG-101\";\"WK085501\""));
	assert_string_equal(row(row(a->out + 3, &n), &n), "");
}

/* An actor that a spreadsheet would calculate cannot be signed; the cells that
 * could hold one are texts of the policy and of the broker. */
static void
test_damage_shows_in_the_table(void **state)
{
	struct auditor *a = *state;
	char copy[64];

	chronicle_copy(a->c->dir, copy);
	tamper_flip(copy, "log", 12, 20, 1);
	auditor_expect(a, copy, "export --format csv", 21);
	assert_non_null(strstr(a->out, "\"nee\"\r\n"));
	chronicle_remove(copy);
}

/* --- AuditEvents ------------------------------------------------------------------ */

static json_t *
resource(json_t *bundle, size_t i)
{
	return (json_object_get(json_array_get(json_object_get(bundle,
	    "entry"), i), "resource"));
}

static void
test_audit_events_say_who_what_when_and_on_which_basis(void **state)
{
	struct auditor *a = *state;
	json_t *bundle, *r;
	char *text;

	export_as(a, "fhir");
	if (getenv("KETEN_FHIR_OUT") != NULL) {
		char path[400];

		(void)snprintf(path, sizeof(path), "%s/audit-events.json",
		    getenv("KETEN_FHIR_OUT"));
		assert_int_equal(file_write(path, a->out, strlen(a->out),
		    0644), ERR_OK);
	}
	bundle = json_loads(a->out, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(bundle);
	assert_int_equal(json_array_size(json_object_get(bundle, "entry")),
	    a->c->n);
	r = resource(bundle, 15);
	text = json_dumps(r, JSON_COMPACT);
	assert_non_null(text);
	assert_non_null(strstr(text, "\"code\":\"ACCEPT\""));
	assert_non_null(strstr(text, "\"recorded\":\"2026-08-31T"));
	assert_non_null(strstr(text, "\"altId\":\"WIJK-1\""));
	assert_non_null(strstr(text, "\"display\":\"Welzijn W\""));
	assert_non_null(strstr(text, "\"code\":\"G-TOE\""));
	assert_non_null(strstr(text, "urn:keten:convenant:COV-02"));
	assert_non_null(strstr(text, "urn:uuid:"));
	assert_non_null(strstr(text, "\"outcome\":\"0\""));
	free(text);
	json_decref(bundle);
}

static void
test_a_refusal_is_an_event_that_failed(void **state)
{
	struct auditor *a = *state;

	export_as(a, "fhir");
	assert_non_null(strstr(a->out, "\"outcome\":\"4\",\"outcomeDesc\":"
				       "\"beginnen geweigerd: CONFLICT"));
}

static void
test_no_export_names_the_person(void **state)
{
	static const char *const formats[] = { "jsonl", "csv", "fhir" };
	struct auditor *a = *state;

	for (size_t i = 0; i < 3; i++) {
		export_as(a, formats[i]);
		assert_null(strstr(a->out, "De Vries"));
		assert_null(strstr(a->out, "gordijnen"));
	}
}

static void
test_exports_go_to_a_file_and_wrong_ones_nowhere(void **state)
{
	struct auditor *a = *state;
	uint8_t *data;
	size_t len;

	auditor_expect(a, a->c->dir, "export --format csv --out " OUT, 0);
	assert_int_equal(file_read(OUT, 1 << 22, &data, &len), ERR_OK);
	assert_memory_equal(data, "\xef\xbb\xbf", 3);
	free(data);
	assert_int_equal(unlink(OUT), 0);
	auditor_expect(a, a->c->dir,
	    "export --format csv --out /nonexistent/x", 2);
	auditor_expect(a, a->c->dir, "export --format text", 2);
	auditor_expect(a, a->c->dir, "export --format tiles", 2);
	auditor_expect(a, a->c->dir, "export --format csv /tmp", 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_line_proves_its_own_statement),
		cmocka_unit_test(test_the_same_log_gives_the_same_bytes),
		cmocka_unit_test(test_the_table_is_one_that_excel_opens),
		cmocka_unit_test(
		    test_a_part_of_the_table_knows_what_came_before),
		cmocka_unit_test(test_damage_shows_in_the_table),
		cmocka_unit_test(
		    test_audit_events_say_who_what_when_and_on_which_basis),
		cmocka_unit_test(test_a_refusal_is_an_event_that_failed),
		cmocka_unit_test(test_no_export_names_the_person),
		cmocka_unit_test(
		    test_exports_go_to_a_file_and_wrong_ones_nowhere),
	};

	return (cmocka_run_group_tests(tests, auditor_setup_apart,
	    auditor_teardown_apart));
}

/*
 * t_audit_case -- the file that proves one chain to who has no log, every way
 * to lie in it, and what a person who asks gets to read.
 */
#include <jansson.h>

#include "help/auditor.h"

#include "base/bytes.h"
#include "base/file.h"
#include "help/tamper.h"

#define FILE_NAME "case.json"

static json_t *
make_case(struct auditor *a)
{
	char command[120], id[REFID_TEXT];
	json_t *o;

	(void)snprintf(command, sizeof(command), "case --out " FILE_NAME
	    " %s", refid_text(&a->last, id));
	auditor_expect(a, a->c->dir, command, 0);
	o = json_load_file(FILE_NAME, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(o);
	return (o);
}

static int
check(struct auditor *a, const char *more)
{
	char command[1000];

	(void)snprintf(command, sizeof(command), "case --check " FILE_NAME
	    " --vkey '%s' --introducer %s %s", a->c->vkey,
	    a->c->introducer_hex, more);
	return (auditor_bare(a, command));
}

static void
put(json_t *o)
{
	assert_int_equal(json_dump_file(o, FILE_NAME, JSON_COMPACT), 0);
}

static json_t *
item(json_t *o, const char *list, size_t i)
{
	json_t *found = json_array_get(json_object_get(o, list), i);

	assert_non_null(found);
	return (found);
}

/* --- what it proves ----------------------------------------------------------- */

static void
test_a_case_proves_the_chain_without_the_log(void **state)
{
	struct auditor *a = *state;
	json_t *o = make_case(a);

	assert_int_equal(json_array_size(json_object_get(o, "records")), 8);
	assert_int_equal(json_array_size(json_object_get(o, "policies")), 1);
	assert_int_equal(check(a, ""), 10);
	assert_non_null(strstr(a->out, "aangenomen; houder welzijn-w"));
	assert_non_null(strstr(a->out, "gesloten; houder welzijn-w"));
	assert_non_null(strstr(a->out, "of er nog andere stappen zijn"));
	assert_int_equal(check(a, "--json"), 10);
	assert_non_null(strstr(a->out, "\"signatures\":8"));
	json_decref(o);
}

static void
test_it_says_itself_what_it_does_not_prove(void **state)
{
	struct auditor *a = *state;
	json_t *o = make_case(a);
	char *says = json_dumps(json_object_get(o, "says"), 0);

	assert_non_null(says);
	assert_non_null(strstr(says, "Dat er geen andere stappen zijn, "
				     "bewijst het niet"));
	free(says);
	json_decref(o);
}

static void
test_both_clocks_stand_in_it(void **state)
{
	struct auditor *a = *state;
	json_t *o = make_case(a), *tells;

	tells = json_object_get(item(o, "records", 0), "tells");
	assert_non_null(json_object_get(tells, "time"));
	assert_non_null(json_object_get(tells, "sender_time"));
	json_decref(o);
}

static void
test_other_keys_do_not_do(void **state)
{
	struct auditor *a = *state;
	char command[1000];

	json_decref(make_case(a));
	(void)snprintf(command, sizeof(command), "case --check " FILE_NAME
	    " --vkey '%s' --introducer %064d", a->c->vkey, 7);
	assert_int_equal(auditor_bare(a, command), 24);
	assert_non_null(strstr(a->out, "niet getekend met de sleutel van "
				       "beheer"));
	(void)snprintf(command, sizeof(command), "case --check " FILE_NAME
	    " --vkey '%s'", a->c->vkey);
	assert_int_equal(auditor_bare(a, command), 2);
}

/* --- lies ------------------------------------------------------------------------ */

/* Change one character of a base64 text in the middle. */
static void
bend(json_t *o, const char *name)
{
	const char *was = json_string_value(json_object_get(o, name));
	char *text;
	size_t at;

	assert_non_null(was);
	text = strdup(was);
	assert_non_null(text);
	at = strlen(text) / 2;
	text[at] = text[at] == 'A' ? 'B' : 'A';
	assert_int_equal(json_object_set_new(o, name, json_string(text)), 0);
	free(text);
}

static void
test_every_changed_field_of_every_record_is_found(void **state)
{
	static const char *const fields[] = { "leaf", "salt", "envelope",
		"facts", "route" };
	static const char *const lists[] = { "records", "keys", "policies" };
	struct auditor *a = *state;
	json_t *o = make_case(a);

	for (size_t l = 0; l < 3; l++)
		for (size_t i = 0; i < json_array_size(json_object_get(o,
			 lists[l])); i++)
			for (size_t k = 0; k < 5; k++) {
				json_t *bent = json_deep_copy(o);
				json_t *one = item(bent, lists[l], i);
				int code;

				if (json_string_length(json_object_get(one,
					fields[k])) > 0) {
					bend(one, fields[k]);
					put(bent);
					code = check(a, "");
					if (code < 20)
						fail_msg("%s %zu %s: %d\n%s",
						    lists[l], i, fields[k],
						    code, a->out);
				}
				json_decref(bent);
			}
	json_decref(o);
}

static void
test_words_that_the_bytes_do_not_say_are_found(void **state)
{
	struct auditor *a = *state;
	json_t *o = make_case(a);

	(void)json_object_set_new(json_object_get(item(o, "records", 2),
	    "tells"), "what", json_string("afwijzen"));
	put(o);
	assert_int_equal(check(a, ""), 21);
	assert_non_null(strstr(a->out, "wat er in woorden bij staat"));
	json_decref(o);
}

static void
test_a_step_left_out_or_moved_is_found(void **state)
{
	struct auditor *a = *state;
	json_t *o = make_case(a);
	json_t *list = json_object_get(o, "records");

	(void)json_array_remove(list, 2); /* the ACCEPT */
	put(o);
	assert_int_equal(check(a, ""), 26);
	(void)json_array_remove(list, 0);
	put(o);
	assert_true(check(a, "") >= 20);
	json_decref(o);

	o = make_case(a);
	list = json_object_get(o, "records");
	(void)json_array_append(list, json_array_get(list, 1));
	(void)json_array_remove(list, 1);
	put(o);
	assert_int_equal(check(a, ""), 27);
	json_decref(o);
}

static void
test_what_it_leans_on_must_be_in_it(void **state)
{
	struct auditor *a = *state;
	json_t *o = make_case(a);

	(void)json_array_remove(json_object_get(o, "keys"), 0);
	put(o);
	assert_int_equal(check(a, ""), 24);
	json_decref(o);
	o = make_case(a);
	(void)json_array_clear(json_object_get(o, "policies"));
	put(o);
	assert_int_equal(check(a, ""), 24);
	assert_non_null(strstr(a->out, "zit niet in het dossier"));
	json_decref(o);
}

static void
test_another_checkpoint_or_file_is_no_case(void **state)
{
	struct auditor *a = *state;
	json_t *o = make_case(a);

	bend(o, "checkpoint");
	put(o);
	assert_true(check(a, "") >= 20);
	(void)json_object_set_new(o, "format", json_string("iets anders"));
	put(o);
	assert_int_equal(check(a, ""), 27);
	json_decref(o);
	assert_int_equal(file_write(FILE_NAME, "{", 1, 0600), ERR_OK);
	assert_int_equal(check(a, ""), 27);
	assert_int_equal(unlink(FILE_NAME), 0);
	assert_int_equal(check(a, ""), 2);
}

static void
test_no_case_is_made_of_a_damaged_record(void **state)
{
	struct auditor *a = *state;
	char copy[64], command[100], id[REFID_TEXT];

	chronicle_copy(a->c->dir, copy);
	tamper_flip(copy, "log", (size_t)a->c->n - 1, 20, 1);
	(void)snprintf(command, sizeof(command), "case %s",
	    refid_text(&a->last, id));
	auditor_expect(a, copy, command, 21);
	chronicle_remove(copy);
}

/* --- the right of access --------------------------------------------------------------- */

static void
access_to(struct auditor *a, const char *more)
{
	char command[120], id[REFID_TEXT];

	(void)snprintf(command, sizeof(command), "access %s %s",
	    refid_text(&a->last, id), more);
	auditor_expect(a, a->c->dir, command, 0);
}

static void
test_access_says_who_did_what_on_which_basis(void **state)
{
	struct auditor *a = *state;
	const char *submit, *accept;

	access_to(a, "");
	submit = strstr(a->out, "indienen, aanbieden");
	accept = strstr(a->out, "aannemen");
	assert_true(submit != NULL && accept != NULL && submit < accept);
	assert_non_null(strstr(a->out, "Welzijn W, functie WIJK-1, houder"));
	assert_non_null(strstr(a->out,
	    "grondslag G-TOE toestemming, convenant COV-02"));
	assert_non_null(strstr(a->out,
	    "bericht aan Welzijn W (kandidaat, 2 verzegelde delen)"));
	assert_non_null(strstr(a->out, "Niet nagekeken"));
}

static void
test_access_is_about_one_referral_only(void **state)
{
	struct auditor *a = *state;
	char id[REFID_TEXT];
	char *at;
	size_t n = 0;

	access_to(a, "--json");
	for (at = a->out; *at != '\0'; at = strchr(at, '\n') + 1, n++) {
		json_t *o = json_loadb(at, (size_t)(strchr(at, '\n') - at), 0,
		    NULL);

		assert_string_equal(json_string_value(json_object_get(o,
		    "referral")), refid_text(&a->last, id));
		json_decref(o);
	}
	assert_int_equal(n, 8);
}

static void
test_access_comes_as_a_table_too(void **state)
{
	struct auditor *a = *state;

	access_to(a, "--format csv");
	assert_memory_equal(a->out, "\xef\xbb\xbf\"tijd\";\"organisatie\"",
	    23);
	assert_non_null(strstr(a->out, "\"COV-02\";"));
	auditor_expect(a, a->c->dir,
	    "access 019a8f6e-0000-7000-8000-000000000001", 2);
	auditor_expect(a, a->c->dir, "access geen-verwijzing", 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_case_proves_the_chain_without_the_log),
		cmocka_unit_test(test_it_says_itself_what_it_does_not_prove),
		cmocka_unit_test(test_both_clocks_stand_in_it),
		cmocka_unit_test(test_other_keys_do_not_do),
		cmocka_unit_test(
		    test_every_changed_field_of_every_record_is_found),
		cmocka_unit_test(
		    test_words_that_the_bytes_do_not_say_are_found),
		cmocka_unit_test(test_a_step_left_out_or_moved_is_found),
		cmocka_unit_test(test_what_it_leans_on_must_be_in_it),
		cmocka_unit_test(test_another_checkpoint_or_file_is_no_case),
		cmocka_unit_test(test_no_case_is_made_of_a_damaged_record),
		cmocka_unit_test(test_access_says_who_did_what_on_which_basis),
		cmocka_unit_test(test_access_is_about_one_referral_only),
		cmocka_unit_test(test_access_comes_as_a_table_too),
	};

	return (cmocka_run_group_tests(tests, auditor_setup_apart,
	    auditor_teardown_apart));
}

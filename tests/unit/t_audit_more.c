/*
 * t_audit_more -- consistency, keys, samples, and a checkpoint that plain
 * openssl verifies.
 */
#include "help/auditor.h"

#include "base/file.h"
#include "help/tamper.h"
#include "trust/note.h"
#include "trust/tlog.h"

/* --- consistency ------------------------------------------------------------------ */

static void
test_an_older_size_is_proved_to_be_the_beginning(void **state)
{
	struct auditor *a = *state;
	struct txn *txn;
	uint8_t *data, old[32], path[TLOG_PATH_MAX][32];
	const char *at;
	size_t n = 0, len;

	auditor_expect(a, a->c->dir, "consistency --out proof 20", 0);
	assert_int_equal(store_read(a->c->st, &txn), ERR_OK);
	struct tlog_reader tree = store_tree(txn);
	assert_int_equal(tlog_root(20, &tree, old), ERR_OK);
	store_done(&txn);

	assert_int_equal(file_read("proof", 20000, &data, &len), ERR_OK);
	assert_memory_equal(data, "old 20\n", 7);
	for (at = (char *)data + 7; *at != '\n'; at = strchr(at, '\n') + 1) {
		size_t one;

		assert_true(base64_decode(at, 44, path[n++], 32, &one));
	}
	assert_int_equal(tlog_check_consistency(20, a->c->point.size, old,
	    a->c->point.root, (const uint8_t(*)[32])path, n), ERR_OK);
	assert_string_equal(at + 1, a->c->point.note);
	free(data);
}

static void
test_tiles_give_the_same_proofs_as_the_log(void **state)
{
	struct auditor *a = *state;

	while (a->c->n < 600)
		chronicle_tick(a->c);
	chronicle_publish(a->c);
	auditor_expect(a, a->c->dir, "export --format tiles tiles", 0);
	for (unsigned int old = 1; old < 600; old += 53) {
		char command[100];

		(void)snprintf(command, sizeof(command),
		    "consistency --out one %u", old);
		auditor_expect(a, a->c->dir, command, 0);
		(void)snprintf(command, sizeof(command),
		    "consistency --tiles tiles --out two %u", old);
		assert_int_equal(auditor_bare(a, command), 0);
		assert_int_equal(system("cmp -s one two"), 0);
	}
}

static void
test_an_old_checkpoint_that_does_not_fit_is_a_fork(void **state)
{
	struct auditor *a = *state;
	struct note_checkpoint c = { .size = 30 };
	char note[NOTE_MAX];
	size_t len;

	assert_int_equal(file_write("now", a->c->point.note, a->c->point.len,
	    0600), ERR_OK);
	auditor_expect(a, a->c->dir, "consistency now", 0);
	(void)snprintf(c.origin, sizeof(c.origin), CHRONICLE_ORIGIN);
	assert_int_equal(note_sign(&c, a->c->log, note, sizeof(note), &len),
	    ERR_OK);
	assert_int_equal(file_write("other", note, len, 0600), ERR_OK);
	auditor_expect(a, a->c->dir, "consistency other", 22);
	auditor_expect(a, a->c->dir, "consistency 100000", 23);
	auditor_expect(a, a->c->dir, "consistency nergens", 2);
	assert_int_equal(file_write("not", "x\n", 2, 0600), ERR_OK);
	auditor_expect(a, a->c->dir, "consistency not", 27);
}

/* --- openssl alone -------------------------------------------------------------------- */

static void
test_plain_openssl_verifies_a_checkpoint(void **state)
{
	static const char script[] =
	    "sed '/^$/,$d' note > t && "
	    "grep '^\xe2\x80\x94 ' note | head -1 | cut -d' ' -f3 | base64 -d "
	    "| tail -c64 > s && "
	    "{ printf '\\060\\052\\060\\005\\006\\003\\053\\145\\160\\003\\041"
	    "\\000'; cut -d+ -f3- vkey | base64 -d | tail -c32; } > pk.der && "
	    "openssl pkey -pubin -inform DER -in pk.der -out pk.pem && "
	    "openssl pkeyutl -verify -pubin -inkey pk.pem -rawin -in t "
	    "-sigfile s >/dev/null 2>&1";
	struct auditor *a = *state;

	if (system("openssl version >/dev/null 2>&1") != 0) {
		print_message("openssl is not there\n");
		skip();
	}
	assert_int_equal(file_write("note", a->c->point.note,
	    a->c->point.len, 0600), ERR_OK);
	assert_int_equal(file_write("vkey", a->c->vkey,
	    strlen(a->c->vkey), 0600), ERR_OK);
	assert_int_equal(system(script), 0);
	a->c->point.note[strlen(CHRONICLE_ORIGIN) + 1] ^= 1; /* the size */
	assert_int_equal(file_write("note", a->c->point.note,
	    a->c->point.len, 0600), ERR_OK);
	assert_int_not_equal(system(script), 0);
	a->c->point.note[strlen(CHRONICLE_ORIGIN) + 1] ^= 1;
}

/* --- keys -------------------------------------------------------------------------------- */

static void
keys(struct auditor *a, const char *more, int code)
{
	char command[200];

	(void)snprintf(command, sizeof(command), "keys --introducer %s %s",
	    a->c->introducer_hex, more);
	auditor_expect(a, a->c->dir, command, code);
}

static void
test_all_certificates_are_listed_by_position(void **state)
{
	struct auditor *a = *state;
	struct signer *old;
	char want[120];

	keys(a, "", 0);
	assert_non_null(strstr(a->out, "welzijn-w            apparaat   "
	    "adapter              nr 1    geldig na record 3 tot en met nu"));
	old = chronicle_rotate(a->c, WELZIJN, NULL);
	keys(a, "", 0);
	(void)snprintf(want, sizeof(want), "geldig na record 3 tot en met "
	    "record %llu", (unsigned long long)a->c->n - 1);
	assert_non_null(strstr(a->out, want));
	keys(a, "--json", 0);
	(void)snprintf(want, sizeof(want), "\"added\":%llu,",
	    (unsigned long long)a->c->n - 1);
	assert_non_null(strstr(a->out, want));
	sign_free(old);
	auditor_expect(a, a->c->dir, "keys", 2);
}

static void
test_a_certificate_that_nobody_may_sign_is_no_key(void **state)
{
	struct auditor *a = *state;
	char command[200];

	(void)snprintf(command, sizeof(command), "keys --introducer %064d",
	    3);
	auditor_expect(a, a->c->dir, command, 20);
}

/* --- samples --------------------------------------------------------------------------------- */

static char *
sample(struct auditor *a, const char *dir, const char *more, int code)
{
	char command[300];
	char *out;

	(void)snprintf(command, sizeof(command), "sample --introducer %s %s",
	    a->c->introducer_hex, more);
	auditor_expect(a, dir, command, code);
	out = strdup(a->out);
	assert_non_null(out);
	return (out);
}

static void
test_the_same_word_draws_the_same_records(void **state)
{
	struct auditor *a = *state;
	char *one, *again, *other;

	one = sample(a, a->c->dir, "-n 9 --seed najaar --until 60", 0);
	again = sample(a, a->c->dir, "-n 9 --seed najaar --until 60", 0);
	other = sample(a, a->c->dir, "-n 9 --seed winter --until 60", 0);
	assert_string_equal(one, again);
	assert_string_not_equal(one, other);
	free(again);
	chronicle_tick(a->c); /* a log that has grown, too */
	again = sample(a, a->c->dir, "-n 9 --seed najaar --until 60", 0);
	assert_string_equal(one, again);
	free(one);
	free(again);
	free(other);
}

static void
test_a_sample_is_of_the_kind_that_was_asked_for(void **state)
{
	struct auditor *a = *state;
	char *text = sample(a, a->c->dir, "-n 4 --seed x REFUSED", 0);

	assert_non_null(strstr(text, "geweigerd"));
	assert_null(strstr(text, "aannemen"));
	free(text);
	auditor_expect(a, a->c->dir, "sample -n 3", 2);
	auditor_expect(a, a->c->dir, "sample -n 0 --seed x", 2);
}

static void
test_damage_in_the_sample_is_found(void **state)
{
	struct auditor *a = *state;
	char copy[64];

	chronicle_copy(a->c->dir, copy);
	tamper_flip(copy, "record", 30, 80, 2);
	free(sample(a, copy, "-n 100000 --seed alles", 21));
	assert_non_null(strstr(a->out, "FOUT"));
	chronicle_remove(copy);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_an_older_size_is_proved_to_be_the_beginning),
		cmocka_unit_test(
		    test_an_old_checkpoint_that_does_not_fit_is_a_fork),
		cmocka_unit_test(test_plain_openssl_verifies_a_checkpoint),
		cmocka_unit_test(test_all_certificates_are_listed_by_position),
		cmocka_unit_test(
		    test_a_certificate_that_nobody_may_sign_is_no_key),
		cmocka_unit_test(test_the_same_word_draws_the_same_records),
		cmocka_unit_test(
		    test_a_sample_is_of_the_kind_that_was_asked_for),
		cmocka_unit_test(test_damage_in_the_sample_is_found),
		cmocka_unit_test(test_tiles_give_the_same_proofs_as_the_log),
	};

	return (cmocka_run_group_tests(tests, auditor_setup_apart,
	    auditor_teardown_apart));
}

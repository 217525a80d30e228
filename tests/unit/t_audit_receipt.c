/*
 * t_audit_receipt -- one proof, with nothing beside it but a key: what it
 * proves, every way in which it may not, and what it says about a store that
 * was changed afterwards.
 */
#include "help/auditor.h"

#include "base/bytes.h"
#include "base/file.h"
#include "help/tamper.h"
#include "trust/note.h"
#include "trust/sign.h"

#define PROOF "receipt"
#define LEAF "leaf"

/* A record of the story that came with sealed parts. */
#define SUBMIT 12

static void
put(const char *path, const char *text, size_t len)
{
	assert_int_equal(file_write(path, text, len, 0600), ERR_OK);
}

/* Prove ${index} of the story; the text stays in a->out until the next run. */
static void
prove(struct auditor *a, unsigned int index)
{
	char command[60];

	(void)snprintf(command, sizeof(command), "prove %u", index);
	auditor_expect(a, a->c->dir, command, 0);
	put(PROOF, a->out, strlen(a->out));
}

static int
receipt(struct auditor *a, const char *more)
{
	char command[1200];

	(void)snprintf(command, sizeof(command),
	    "receipt " PROOF " --vkey '%s' %s", a->c->vkey, more);
	return (auditor_bare(a, command));
}

/* Replace the first ${was} of the proof. */
static void
edit(const char *proof, const char *was, const char *is)
{
	char text[20000];
	const char *at = strstr(proof, was);

	assert_non_null(at);
	(void)snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - proof),
	    proof, is, at + strlen(was));
	put(PROOF, text, strlen(text));
}

/* --- without the log --------------------------------------------------------- */

static void
test_it_says_which_record_when_and_what(void **state)
{
	struct auditor *a = *state;

	prove(a, SUBMIT);
	assert_int_equal(receipt(a, ""), 10);
	assert_non_null(strstr(a->out, "Record     12\n"));
	assert_non_null(strstr(a->out,
	    "COMMAND: een verklaring van een partner"));
	assert_non_null(strstr(a->out, "Tijd       ma 31-08-2026"));
	assert_int_equal(receipt(a, "--json"), 10);
	assert_non_null(strstr(a->out, "\"index\":12,"));
	assert_non_null(strstr(a->out, "\"kind\":\"COMMAND\""));
}

static void
test_any_changed_character_is_found(void **state)
{
	struct auditor *a = *state;
	char *proof;
	size_t len, tried = 0;

	prove(a, 3);
	proof = strdup(a->out);
	assert_non_null(proof);
	len = strlen(proof);
	for (size_t i = 0; i < len; i += 7) {
		char was = proof[i];
		int code;

		/* The salt is outside the tree: it opens the leaf. */
		if (strncmp(proof + 23, "extra ", 6) == 0 && i > 28 + 64 &&
		    i < 28 + 110)
			continue;
		proof[i] = was == 'A' ? 'B' : 'A';
		put(PROOF, proof, len);
		code = receipt(a, "");
		if (code != 20 && code != 21 && code != 27 && code != 2)
			fail_msg("byte %zu: %d\n%s", i, code, a->out);
		proof[i] = was;
		tried++;
	}
	assert_true(tried > 60);
	free(proof);
}

static void
test_a_receipt_of_another_place_does_not_prove(void **state)
{
	struct auditor *a = *state;
	char *proof;

	prove(a, SUBMIT);
	proof = strdup(a->out);
	assert_non_null(proof);
	edit(proof, "index 12\n", "index 13\n");
	assert_int_equal(receipt(a, ""), 21);
	edit(proof, "index 12\n", "index 012\n");
	assert_int_equal(receipt(a, ""), 27);
	edit(proof, "\n", "\r\n");
	assert_int_equal(receipt(a, ""), 27);
	free(proof);
}

static void
test_a_hash_more_or_less_does_not_prove(void **state)
{
	struct auditor *a = *state;
	char *proof, line[64];
	const char *path;

	prove(a, SUBMIT);
	proof = strdup(a->out);
	assert_non_null(proof);
	path = strstr(proof, "index 12\n") + 9;
	(void)snprintf(line, sizeof(line), "%.45s", path);
	edit(proof, line, "");
	assert_int_equal(receipt(a, ""), 21);
	(void)snprintf(line, sizeof(line), "index 12\n%.45s", path);
	edit(proof, "index 12\n", line);
	assert_int_equal(receipt(a, ""), 21);
	free(proof);
}

static void
test_the_key_of_another_log_does_not_do(void **state)
{
	struct auditor *a = *state;
	uint8_t seed[32] = { 9 };
	struct signer *s = sign_new(seed);
	struct note_key key;
	char vkey[NOTE_VKEY_MAX], command[600];

	prove(a, 3);
	assert_int_equal(note_key_make(CHRONICLE_ORIGIN, NOTE_LOG,
	    sign_public(s), &key), ERR_OK);
	(void)note_key_format(&key, vkey);
	(void)snprintf(command, sizeof(command), "receipt " PROOF
	    " --vkey '%s'", vkey);
	assert_int_equal(auditor_bare(a, command), 20);
	assert_int_equal(auditor_bare(a, "receipt " PROOF), 2);
	sign_free(s);
}

static void
test_witnesses_are_counted(void **state)
{
	struct auditor *a = *state;
	uint8_t seed[32] = { 3 };
	struct signer *s = sign_new(seed);
	struct note_key key;
	char vkey[NOTE_VKEY_MAX], more[600], note[NOTE_MAX], text[20000];
	const char *at;
	size_t len;

	assert_int_equal(note_key_make("getuige.nl", NOTE_WITNESS,
	    sign_public(s), &key), ERR_OK);
	(void)note_key_format(&key, vkey);
	prove(a, 3);
	(void)snprintf(more, sizeof(more), "--witness '%s'", vkey);
	at = strstr(a->out, "\n\n") + 2;
	assert_int_equal(note_cosign(slice_str(at), "getuige.nl", s,
	    1788160000, note, sizeof(note), &len), ERR_OK);
	(void)snprintf(text, sizeof(text), "%.*s%s", (int)(at - a->out),
	    a->out, note);
	assert_int_equal(receipt(a, more), 25);
	put(PROOF, text, strlen(text));
	assert_int_equal(receipt(a, more), 0);
	assert_non_null(strstr(a->out, "1 van de 1"));
	sign_free(s);
}

/* --- somebody else's proof ------------------------------------------------------ */

/* What stands after ${name} on its line of the example. */
static void
word_of(const char *text, const char *name, char out[256])
{
	const char *at = strstr(text, name);

	assert_non_null(at);
	at += strlen(name);
	at += strspn(at, " ");
	(void)snprintf(out, 256, "%.*s", (int)strcspn(at, " \n"), at);
}

static void
test_the_published_example_proves(void **state)
{
	struct auditor *a = *state;
	const char *shared = getenv("KETEN_SHARED");
	char path[400], log[256], witness[256], hash[256], command[1200];
	uint8_t *text;
	const char *from, *to;
	size_t len;

	(void)snprintf(path, sizeof(path), "%s/vectors/tlog-example.txt",
	    shared == NULL ? "../shared" : shared);
	if (file_read(path, 100000, &text, &len) != ERR_OK) {
		print_message("%s is not there\n", path);
		skip();
	}
	from = strstr((char *)text, "c2sp.org/tlog-proof@v1\n");
	to = strstr((char *)text, "--- end");
	assert_true(from != NULL && to != NULL);
	put(PROOF, from, (size_t)(to - from));
	put(LEAF, "record 5", 8);
	word_of((char *)text, "log vkey", log);
	word_of((char *)text, "witness vkey", witness);
	word_of((char *)text, "leaf hash 5", hash);
	(void)snprintf(command, sizeof(command), "receipt " PROOF
	    " --vkey '%s' --witness '%s' --leaf " LEAF, log, witness);
	assert_int_equal(auditor_bare(a, command), 0);
	(void)snprintf(command, sizeof(command), "receipt " PROOF
	    " --vkey '%s' --leaf-hash %s", log, hash);
	assert_int_equal(auditor_bare(a, command), 10);
	(void)snprintf(command, sizeof(command), "receipt " PROOF
	    " --vkey '%s'", log);
	assert_int_equal(auditor_bare(a, command), 2);
	put(LEAF, "record 6", 8);
	(void)snprintf(command, sizeof(command), "receipt " PROOF
	    " --vkey '%s' --leaf " LEAF, log);
	assert_int_equal(auditor_bare(a, command), 21);
	free(text);
}

/* --- beside a store that was changed ----------------------------------------------- */

/* Change a copy of the store, and hold the old receipt beside it. */
static void
expect_after(struct auditor *a, const char *table, size_t nth, size_t byte,
    const char *says, int code)
{
	char copy[64], more[100];
	int is;

	chronicle_copy(a->c->dir, copy);
	(void)snprintf(more, sizeof(more), "--store %s", copy);
	assert_int_equal(receipt(a, more), 10);
	tamper_flip(copy, table, nth, byte, 3);
	is = receipt(a, more);
	if (is != code || strstr(a->out, says) == NULL)
		fail_msg("%s: %d instead of %d\n%s", table, is, code, a->out);
	chronicle_remove(copy);
}

static void
test_an_old_receipt_names_the_record_that_was_edited(void **state)
{
	struct auditor *a = *state;
	/* The policy, the first record, takes more than one row. */
	size_t row = SUBMIT + tamper_count(a->c->dir, "record") - a->c->n;

	prove(a, SUBMIT);
	expect_after(a, "log", SUBMIT, 20,
	    "record 12: in de opslag staat op deze plaats nu een ander blad",
	    21);
	expect_after(a, "record", row, 60, "record 12: wat er bij dit "
	    "record in de opslag staat", 21);
	/* The node above the first 64 leaves. */
	expect_after(a, "hash", 63, 6 * 32 + 8, "een knoop van de boom", 21);
}

static void
test_verify_names_the_same_record(void **state)
{
	struct auditor *a = *state;
	char copy[64];

	chronicle_copy(a->c->dir, copy);
	tamper_flip(copy, "log", SUBMIT, 20, 3);
	auditor_expect(a, copy, "verify", 21);
	assert_non_null(strstr(a->out,
	    "Het eerste record waar iets mee is: 12."));
	chronicle_remove(copy);
}

static void
test_a_log_that_was_cut_off_is_shorter_than_the_receipt(void **state)
{
	struct auditor *a = *state;
	char copy[64], more[100];

	prove(a, SUBMIT);
	chronicle_copy(a->c->dir, copy);
	tamper_cut(copy, "log", a->c->n - 3);
	(void)snprintf(more, sizeof(more), "--store %s", copy);
	assert_int_equal(receipt(a, more), 23);
	chronicle_remove(copy);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_says_which_record_when_and_what),
		cmocka_unit_test(test_any_changed_character_is_found),
		cmocka_unit_test(
		    test_a_receipt_of_another_place_does_not_prove),
		cmocka_unit_test(test_a_hash_more_or_less_does_not_prove),
		cmocka_unit_test(test_the_key_of_another_log_does_not_do),
		cmocka_unit_test(test_witnesses_are_counted),
		cmocka_unit_test(test_the_published_example_proves),
		cmocka_unit_test(
		    test_an_old_receipt_names_the_record_that_was_edited),
		cmocka_unit_test(test_verify_names_the_same_record),
		cmocka_unit_test(
		    test_a_log_that_was_cut_off_is_shorter_than_the_receipt),
	};

	return (cmocka_run_group_tests(tests, auditor_setup_apart,
	    auditor_teardown_apart));
}

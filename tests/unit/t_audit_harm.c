/*
 * t_audit_harm -- somebody changed the files behind the broker's back, or the
 * broker lost or hid a part: every way has its code.
 */
#include "help/auditor.h"
#include "help/tamper.h"

#include "base/bytes.h"
#include "base/file.h"
#include "trust/note.h"
#include "trust/sign.h"

/* A copy to do harm to. */
static void
harm(const struct auditor *a, char dir[64])
{
	chronicle_copy(a->c->dir, dir);
}

/* The row of a record: the first one, with the policy, has several. */
static size_t
row_of(const struct auditor *a, size_t index)
{
	return (tamper_count(a->c->dir, "record") - (size_t)a->c->n + index);
}

/* Verify says ${code}, and names record ${first} (or none: UINT64_MAX). */
static void
expect_harm(struct auditor *a, const char *dir, int code, uint64_t first)
{
	char want[64];

	auditor_expect(a, dir, "verify --json", code);
	(void)snprintf(want, sizeof(want), "\"first\":%llu,",
	    (unsigned long long)first);
	if (first != UINT64_MAX && strstr(a->out, want) == NULL)
		fail_msg("not %s\n%s", want, a->out);
	chronicle_remove(dir);
}

/* --- flipped bits ------------------------------------------------------------ */

/* Flip a bit in each row of a table in turn, in another byte each time. */
static void
flip_each(struct auditor *a, const char *table, size_t stride)
{
	size_t n = tamper_count(a->c->dir, table);
	char dir[64];

	for (size_t i = 0; i < n; i++) {
		harm(a, dir);
		tamper_flip(dir, table, i, i * stride, (unsigned int)i);
		expect_harm(a, dir, 21, UINT64_MAX);
	}
}

static void
test_a_flipped_bit_in_any_leaf_is_found(void **state)
{
	flip_each(*state, "log", 7);
}

static void
test_a_flipped_bit_in_any_stored_hash_is_found(void **state)
{
	flip_each(*state, "hash", 37);
}

static void
test_a_flipped_bit_in_any_record_is_found(void **state)
{
	/* The first bytes say how a row is kept; see the next tests. */
	flip_each(*state, "record", 1013);
}

static void
test_a_flipped_bit_in_any_content_is_found(void **state)
{
	flip_each(*state, "content", 977);
}

static void
test_every_byte_of_one_leaf_counts(void **state)
{
	struct auditor *a = *state;
	char dir[64];

	for (size_t i = 0; i < 48; i++) {
		harm(a, dir);
		tamper_flip(dir, "log", 20, i, 3);
		expect_harm(a, dir, 21, 20);
	}
}

static void
test_a_flipped_bit_is_named_with_its_record(void **state)
{
	struct auditor *a = *state;
	char dir[64];

	harm(a, dir);
	tamper_flip(dir, "record", row_of(a, 33), 200, 0);
	expect_harm(a, dir, 21, 33);
}

static void
test_a_flipped_bit_is_one_finding_and_no_fork(void **state)
{
	struct auditor *a = *state;
	char dir[64];

	/* The hash row of record 31 holds the root of the first 32. */
	harm(a, dir);
	tamper_flip(dir, "hash", 31, 5 * 32 + 3, 1);
	auditor_expect(a, dir, "verify --json", 21);
	assert_non_null(strstr(a->out, "\"findings\":1"));
	chronicle_remove(dir);
}

static void
test_a_flipped_bit_in_a_checkpoint_is_a_bad_signature(void **state)
{
	struct auditor *a = *state;
	const char *root = strchr(strchr(a->c->point.note, '\n') + 1, '\n');
	size_t n = tamper_count(a->c->dir, "checkpoint");
	char dir[64];

	assert_non_null(root);
	harm(a, dir);
	/* 'A' ^ 2 is a letter of base64 as well; so are most. */
	tamper_flip(dir, "checkpoint", n - 1,
	    (size_t)(root - a->c->point.note) + 5, 0);
	assert_true(auditor_run(a, dir, "verify") == 20 ||
	    auditor_run(a, dir, "verify") == 27);
	chronicle_remove(dir);
}

/* --- missing, swapped, cut off --------------------------------------------------- */

static void
test_a_record_that_is_gone_is_missing(void **state)
{
	struct auditor *a = *state;
	char dir[64];

	harm(a, dir);
	tamper_delete(dir, "record", row_of(a, 25));
	expect_harm(a, dir, 23, 25);
}

static void
test_a_leaf_that_is_gone_is_missing(void **state)
{
	struct auditor *a = *state;
	char dir[64];

	harm(a, dir);
	tamper_delete(dir, "log", 25);
	expect_harm(a, dir, 23, 25);
}

static void
test_content_that_is_gone_is_missing(void **state)
{
	struct auditor *a = *state;
	char dir[64];

	harm(a, dir);
	tamper_delete(dir, "content", 0);
	expect_harm(a, dir, 23, UINT64_MAX);
}

static void
test_two_swapped_records_are_found(void **state)
{
	struct auditor *a = *state;
	char dir[64];

	harm(a, dir);
	tamper_swap(dir, "record", row_of(a, 20), row_of(a, 21));
	expect_harm(a, dir, 21, 20);
}

static void
test_two_swapped_leaves_are_found(void **state)
{
	struct auditor *a = *state;
	char dir[64];

	harm(a, dir);
	tamper_swap(dir, "log", 40, 50);
	expect_harm(a, dir, 21, 40);
}

static void
test_swapped_certificates_are_found(void **state)
{
	struct auditor *a = *state;
	char dir[64];

	harm(a, dir);
	tamper_swap(dir, "record", row_of(a, 1), row_of(a, 3));
	expect_harm(a, dir, 21, 1); /* in clear: only hashes bind them */
}

/* The last records are cut off, as if they had never been. */
static void
cut(const char *dir, uint64_t from)
{
	tamper_cut(dir, "log", from);
	tamper_cut(dir, "hash", from);
	tamper_cut(dir, "record", from);
	tamper_cut(dir, "content", from);
}

static void
test_a_tail_cut_off_under_a_checkpoint_is_missing(void **state)
{
	struct auditor *a = *state;
	char dir[64];

	harm(a, dir);
	cut(dir, a->c->n - 3);
	expect_harm(a, dir, 23, a->c->n - 3);
}

static void
test_a_tail_and_its_checkpoints_cut_off_show_by_the_guard(void **state)
{
	struct auditor *a = *state;
	char dir[64], command[200];

	harm(a, dir);
	cut(dir, a->c->n - 3);
	tamper_cut(dir, "checkpoint", a->c->n - 2);
	auditor_expect(a, dir, "verify", 10); /* from inside nothing shows */
	(void)snprintf(command, sizeof(command), "verify --guard %s",
	    a->c->guard);
	auditor_expect(a, dir, command, 23);
	chronicle_remove(dir);
}

static void
test_a_tail_cut_off_shows_by_a_checkpoint_from_elsewhere(void **state)
{
	struct auditor *a = *state;
	char dir[64];

	harm(a, dir);
	cut(dir, a->c->n - 3);
	tamper_cut(dir, "checkpoint", a->c->n - 2);
	assert_int_equal(file_write("/tmp/keten-elsewhere", a->c->point.note,
	    a->c->point.len, 0600), ERR_OK);
	auditor_expect(a, dir, "verify --checkpoint /tmp/keten-elsewhere",
	    23);
	(void)unlink("/tmp/keten-elsewhere");
	chronicle_remove(dir);
}

/* --- two histories ------------------------------------------------------------------ */

static void
test_two_signed_checkpoints_of_one_size_are_a_fork(void **state)
{
	struct auditor *a = *state;
	struct note_checkpoint c = { .size = a->c->point.size };
	char note[NOTE_MAX];
	size_t len;

	(void)snprintf(c.origin, sizeof(c.origin), "%s", CHRONICLE_ORIGIN);
	memset(c.root, 0x5a, sizeof(c.root));
	assert_int_equal(note_sign(&c, a->c->log, note, sizeof(note), &len),
	    ERR_OK);
	assert_int_equal(file_write("/tmp/keten-fork", note, len, 0600),
	    ERR_OK);
	auditor_expect(a, a->c->dir, "verify --checkpoint /tmp/keten-fork",
	    22);
	(void)unlink("/tmp/keten-fork");
}

static void
test_another_history_under_the_same_keys_is_a_fork(void **state)
{
	struct auditor *a = *state;
	struct chronicle *c = chronicle_new();
	char dir[64];

	chronicle_story(c, NULL);
	memcpy(dir, c->dir, sizeof(dir));
	assert_int_equal(file_write("/tmp/keten-other", c->point.note,
	    c->point.len, 0600), ERR_OK);
	auditor_expect(a, dir, "verify", 10);
	auditor_expect(a, a->c->dir, "verify --checkpoint /tmp/keten-other",
	    22);
	(void)unlink("/tmp/keten-other");
	chronicle_free(c);
	chronicle_remove(dir);
}

static void
test_a_checkpoint_of_another_tree_in_the_store_is_a_fork(void **state)
{
	struct auditor *a = *state;
	struct note_checkpoint c = { .size = 40 };
	char note[NOTE_MAX], dir[64];
	size_t len;

	(void)snprintf(c.origin, sizeof(c.origin), "%s", CHRONICLE_ORIGIN);
	assert_int_equal(note_sign(&c, a->c->log, note, sizeof(note), &len),
	    ERR_OK);
	harm(a, dir);
	tamper_put(dir, "checkpoint", 40, note, len);
	auditor_expect(a, dir, "verify", 22);
	assert_non_null(strstr(a->out, "bij 40 niet meer"));
	chronicle_remove(dir);
}

static void
test_a_checkpoint_under_another_size_is_malformed(void **state)
{
	struct auditor *a = *state;
	char dir[64];

	harm(a, dir);
	tamper_put(dir, "checkpoint", 40, a->c->point.note, a->c->point.len);
	expect_harm(a, dir, 27, UINT64_MAX);
}

static void
test_checkpoints_of_another_key_are_not_signed(void **state)
{
	struct auditor *a = *state;
	struct note_key key;
	char vkey[NOTE_VKEY_MAX], command[700];

	assert_int_equal(note_key_make(CHRONICLE_ORIGIN, NOTE_LOG,
	    sign_public(a->c->introducer), &key), ERR_OK);
	(void)note_key_format(&key, vkey);
	(void)snprintf(command, sizeof(command),
	    "verify --store %s --vkey '%s' --introducer %s", a->c->dir, vkey,
	    a->c->introducer_hex);
	assert_int_equal(auditor_bare(a, command), 20);
}

static void
test_a_policy_of_another_introducer_is_not_signed(void **state)
{
	struct auditor *a = *state;
	char hex[65], command[700];

	hex_encode(sign_public(a->c->log), 32, hex);
	(void)snprintf(command, sizeof(command),
	    "verify --store %s --vkey '%s' --introducer %s", a->c->dir,
	    a->c->vkey, hex);
	assert_int_equal(auditor_bare(a, command), 20);
	assert_non_null(strstr(a->out, "record 0: dit beleid is niet"));
}

/* --- the view ------------------------------------------------------------------------- */

static void
test_a_changed_table_of_the_view_is_found_by_replay(void **state)
{
	static const char *const tables[] = { "referral", "trail", "party",
		"outbox", "seen", "due", "mailbox", "key", "meta" };
	struct auditor *a = *state;
	char dir[64];

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		harm(a, dir);
		tamper_delete(dir, tables[i], 0);
		auditor_expect(a, dir, "verify", 10);
		auditor_expect(a, dir, "replay", 21);
		chronicle_remove(dir);
	}
}

static void
test_replay_stops_at_a_changed_record(void **state)
{
	struct auditor *a = *state;
	char dir[64];

	harm(a, dir);
	tamper_flip(dir, "record", row_of(a, 30), 99, 2);
	auditor_expect(a, dir, "replay", 21);
	assert_non_null(strstr(a->out, "record 30"));
	chronicle_remove(dir);
	harm(a, dir);
	tamper_delete(dir, "record", row_of(a, 30));
	auditor_expect(a, dir, "replay", 23);
	chronicle_remove(dir);
}

static void
test_a_proof_is_not_made_of_what_was_changed(void **state)
{
	struct auditor *a = *state;
	char dir[64];

	harm(a, dir);
	tamper_flip(dir, "log", 30, 20, 2);
	auditor_expect(a, dir, "prove 30", 21);
	auditor_expect(a, dir, "show 30", 21);
	chronicle_remove(dir);
}

/* --- whatever it is ---------------------------------------------------------------------- */

static bool
is_code(int code)
{
	return (code == 0 || code == 2 || code == 10 || code == 11 ||
	    (code >= 20 && code <= 28));
}

static void
test_no_damage_stops_the_auditor_from_ending_with_a_code(void **state)
{
	static const char *const tables[] = { "log", "hash", "record",
		"content", "checkpoint", "referral", "trail", "outbox",
		"seen", "due", "key", "meta", "party", "mailbox" };
	static const char *const commands[] = { "verify", "replay", "export",
		"checkpoint", "prove 20", "trace " };
	struct auditor *a = *state;
	char dir[64], id[REFID_TEXT], command[80];
	uint64_t seed = 20261122;

	for (size_t i = 0; i < 42; i++) {
		const char *table = tables[i % 14];
		size_t n = tamper_count(a->c->dir, table);

		seed = seed * UINT64_C(6364136223846793005) + 1;
		harm(a, dir);
		tamper_flip(dir, table, (size_t)(seed >> 33) % n,
		    (size_t)(seed >> 40), (unsigned int)(seed >> 20));
		for (size_t k = 0; k < 6; k++) {
			(void)snprintf(command, sizeof(command), "%s%s",
			    commands[k],
			    k == 5 ? refid_text(&a->last, id) : "");
			if (!is_code(auditor_run(a, dir, command)))
				fail_msg("%s, turn %zu, %s\n%s", table, i,
				    command, a->out);
		}
		chronicle_remove(dir);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_flipped_bit_in_any_leaf_is_found),
		cmocka_unit_test(
		    test_a_flipped_bit_in_any_stored_hash_is_found),
		cmocka_unit_test(test_a_flipped_bit_in_any_record_is_found),
		cmocka_unit_test(test_a_flipped_bit_in_any_content_is_found),
		cmocka_unit_test(test_every_byte_of_one_leaf_counts),
		cmocka_unit_test(test_a_flipped_bit_is_named_with_its_record),
		cmocka_unit_test(
		    test_a_flipped_bit_is_one_finding_and_no_fork),
		cmocka_unit_test(
		    test_a_flipped_bit_in_a_checkpoint_is_a_bad_signature),
		cmocka_unit_test(test_a_record_that_is_gone_is_missing),
		cmocka_unit_test(test_a_leaf_that_is_gone_is_missing),
		cmocka_unit_test(test_content_that_is_gone_is_missing),
		cmocka_unit_test(test_two_swapped_records_are_found),
		cmocka_unit_test(test_two_swapped_leaves_are_found),
		cmocka_unit_test(test_swapped_certificates_are_found),
		cmocka_unit_test(
		    test_a_tail_cut_off_under_a_checkpoint_is_missing),
		cmocka_unit_test(
		    test_a_tail_and_its_checkpoints_cut_off_show_by_the_guard),
		cmocka_unit_test(
		    test_a_tail_cut_off_shows_by_a_checkpoint_from_elsewhere),
		cmocka_unit_test(
		    test_two_signed_checkpoints_of_one_size_are_a_fork),
		cmocka_unit_test(
		    test_another_history_under_the_same_keys_is_a_fork),
		cmocka_unit_test(
		    test_a_checkpoint_of_another_tree_in_the_store_is_a_fork),
		cmocka_unit_test(
		    test_a_checkpoint_under_another_size_is_malformed),
		cmocka_unit_test(
		    test_checkpoints_of_another_key_are_not_signed),
		cmocka_unit_test(
		    test_a_policy_of_another_introducer_is_not_signed),
		cmocka_unit_test(
		    test_a_changed_table_of_the_view_is_found_by_replay),
		cmocka_unit_test(test_replay_stops_at_a_changed_record),
		cmocka_unit_test(test_a_proof_is_not_made_of_what_was_changed),
		cmocka_unit_test(
		    test_no_damage_stops_the_auditor_from_ending_with_a_code),
	};

	return (cmocka_run_group_tests(tests, auditor_setup,
	    auditor_teardown));
}

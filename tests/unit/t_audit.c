/*
 * t_audit -- the auditor on a log in which nothing is wrong: what it verifies,
 * replays, shows and proves, and how it is asked.
 */
#include "help/auditor.h"

#include "base/bytes.h"
#include "base/file.h"
#include "trust/digest.h"
#include "trust/leaf.h"
#include "trust/note.h"
#include "trust/proof.h"
#include "trust/sign.h"

/* How often ${word} stands in ${text}. */
static size_t
count(const char *text, const char *word)
{
	size_t n = 0;

	for (; (text = strstr(text, word)) != NULL; text += strlen(word))
		n++;
	return (n);
}

static const char *
last_id(const struct auditor *a)
{
	static char text[REFID_TEXT];

	return (refid_text(&a->last, text));
}

/* --- verify, replay -------------------------------------------------------- */

static void
test_a_whole_log_is_verified_unwitnessed(void **state)
{
	struct auditor *a = *state;
	char want[64];

	auditor_expect(a, a->c->dir, "verify --json", 10);
	assert_non_null(strstr(a->out, "\"findings\":0"));
	(void)snprintf(want, sizeof(want), "\"size\":%llu",
	    (unsigned long long)a->c->n);
	assert_non_null(strstr(a->out, want));
}

static void
test_the_root_it_prints_is_that_of_the_newest_checkpoint(void **state)
{
	struct auditor *a = *state;
	char hex[65];

	hex_encode(a->c->point.root, 32, hex);
	auditor_expect(a, a->c->dir, "verify --json", 10);
	assert_non_null(strstr(a->out, hex));
}

static void
test_one_thread_finds_the_same_as_many(void **state)
{
	struct auditor *a = *state;
	char command[600];

	for (int threads = 1; threads < 9; threads += 7) {
		(void)snprintf(command, sizeof(command),
		    "verify --json --store %s --threads %d --vkey '%s' "
		    "--introducer %s", a->c->dir, threads, a->c->vkey,
		    a->c->introducer_hex);
		assert_int_equal(auditor_bare(a, command), 10);
		assert_non_null(strstr(a->out, "\"findings\":0"));
	}
}

static void
test_everything_is_decided_again_with_the_same_outcome(void **state)
{
	struct auditor *a = *state;
	char want[64];

	auditor_expect(a, a->c->dir, "replay --json", 10);
	(void)snprintf(want, sizeof(want), "\"decided\":%llu",
	    (unsigned long long)a->c->n);
	assert_non_null(strstr(a->out, want));
	assert_non_null(strstr(a->out, "\"given\":1")); /* a DIGEST */
}

static int64_t
is_away(void *cookie, const struct org *who)
{
	return (strcmp(who->id, "welzijn-w") == 0 ? *(int64_t *)cookie : 0);
}

/* Who was not connected stands in the record, and is seen again from there. */
static void
test_a_candidate_that_was_away_is_no_finding(void **state)
{
	struct auditor *a = *state;
	struct refid id;
	char command[60];

	int64_t since = a->c->now_ms - 1000;

	a->c->look.unreachable = is_away;
	a->c->look.cookie = &since;
	assert_int_equal(chronicle_submit(a->c, LWDB, "SIG-101", &id),
	    ERR_OK);
	/* So long away that it is not asked: that stands there too. */
	since = 1000;
	assert_int_equal(chronicle_submit(a->c, LWDB, "SIG-101", &id),
	    ERR_OK);
	a->c->look.unreachable = NULL;
	chronicle_publish(a->c);
	(void)snprintf(command, sizeof(command), "show --json %llu",
	    (unsigned long long)a->c->n - 1);
	auditor_expect(a, a->c->dir, command, 0);
	assert_non_null(strstr(a->out, "\"reason\":\"UNREACHABLE\""));
	assert_non_null(strstr(a->out, "\"since_ms\":1000"));
	(void)snprintf(command, sizeof(command), "show --json %llu",
	    (unsigned long long)a->c->n - 2);
	auditor_expect(a, a->c->dir, command, 0);
	assert_non_null(strstr(a->out, "\"unreachable\":[\"welzijn-w\"]"));
	auditor_expect(a, a->c->dir, "replay --json", 10);
	assert_non_null(strstr(a->out, "\"findings\":0"));
}

static void
test_a_log_is_audited_while_it_grows(void **state)
{
	struct auditor *a = *state;

	auditor_expect(a, a->c->dir, "verify", 10);
	chronicle_tick(a->c); /* the broker's own process, still open */
	auditor_expect(a, a->c->dir, "verify", 10);
	assert_non_null(strstr(a->out, "nog niet door een gepubliceerd"));
	auditor_expect(a, a->c->dir, "replay", 10);
	chronicle_publish(a->c);
}

static void
test_a_copy_is_audited_like_the_log_itself(void **state)
{
	struct auditor *a = *state;
	char copy[64];

	chronicle_copy(a->c->dir, copy);
	auditor_expect(a, copy, "verify", 10);
	auditor_expect(a, copy, "replay", 10);
	chronicle_remove(copy);
}

static void
test_replay_leaves_nothing_behind(void **state)
{
	struct auditor *a = *state;

	auditor_expect(a, a->c->dir, "replay", 10);
	assert_int_equal(system("ls -d /tmp/keten-audit-* >/dev/null 2>&1") ==
	    0, 0);
}

/* --- witnesses, guard, checkpoints from outside -------------------------------- */

static void
test_enough_witnesses_make_it_zero_and_too_few_do_not(void **state)
{
	struct auditor *a = *state;
	uint8_t seed[32] = { 3 };
	struct signer *s = sign_new(seed);
	struct note_key key;
	char vkey[NOTE_VKEY_MAX], note[NOTE_MAX], command[1200];
	size_t len;

	assert_non_null(s);
	assert_int_equal(note_key_make("getuige.nl", NOTE_WITNESS,
	    sign_public(s), &key), ERR_OK);
	(void)note_key_format(&key, vkey);
	(void)snprintf(command, sizeof(command), "verify --witness '%s'",
	    vkey);
	auditor_expect(a, a->c->dir, command, 25);

	assert_int_equal(note_cosign(slice_of(a->c->point.note,
	    a->c->point.len), "getuige.nl", s, 1788160000, note,
	    sizeof(note), &len), ERR_OK);
	assert_int_equal(file_write("/tmp/keten-cosigned", note, len, 0600),
	    ERR_OK);
	(void)snprintf(command, sizeof(command),
	    "verify --witness '%s' --checkpoint /tmp/keten-cosigned", vkey);
	auditor_expect(a, a->c->dir, command, 0);
	(void)unlink("/tmp/keten-cosigned");
	sign_free(s);
}

static void
test_the_guard_fits(void **state)
{
	struct auditor *a = *state;
	char command[200];

	(void)snprintf(command, sizeof(command), "verify --guard %s",
	    a->c->guard);
	auditor_expect(a, a->c->dir, command, 10);
}

/* --- asking ----------------------------------------------------------------------- */

static void
test_verify_wants_keys_from_outside(void **state)
{
	struct auditor *a = *state;
	char command[200];

	(void)snprintf(command, sizeof(command), "verify --store %s",
	    a->c->dir);
	assert_int_equal(auditor_bare(a, command), 2);
	assert_non_null(strstr(a->out, "niet aan de makelaar"));
}

static void
test_keys_come_from_a_trust_file_too(void **state)
{
	struct auditor *a = *state;
	char text[600], command[300];
	int n;

	n = snprintf(text, sizeof(text),
	    "origin: %s\nvkey: file:keten-t.vkey\nintroducer: %s\n",
	    CHRONICLE_ORIGIN, a->c->introducer_hex);
	assert_int_equal(file_write("/tmp/keten-t.yaml", text, (size_t)n,
	    0600), ERR_OK);
	assert_int_equal(file_write("/tmp/keten-t.vkey", a->c->vkey,
	    strlen(a->c->vkey), 0600), ERR_OK);
	(void)snprintf(command, sizeof(command),
	    "verify --store %s --trust /tmp/keten-t.yaml", a->c->dir);
	assert_int_equal(auditor_bare(a, command), 10);
	(void)unlink("/tmp/keten-t.yaml");
	(void)unlink("/tmp/keten-t.vkey");
}

static void
test_wrong_use_ends_with_two(void **state)
{
	static const char *const wrong[] = { "", "verfy", "verify --stor x",
		"verify", "trace", "show", "prove", "verify --threads 0",
		"replay --store /nonexistent", "verify --vkey x --store y",
		"export --format xml", "replay --until x" };
	struct auditor *a = *state;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(auditor_bare(a, wrong[i]), 2);
	assert_int_equal(auditor_bare(a, "verfy"), 2);
	assert_non_null(strstr(a->out, "bedoelde u verify?"));
}

static void
test_every_help_begins_with_two_examples(void **state)
{
	static const char *const all[] = { "--help", "verify --help",
		"replay --help", "trace --help", "show --help",
		"prove --help", "checkpoint --help", "export --help",
		"receipt --help", "report --help", "case --help", "access --help",
		"consistency --help", "keys --help", "sample --help",
		"witness --help" };
	struct auditor *a = *state;

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		assert_int_equal(auditor_bare(a, all[i]), 0);
		assert_memory_equal(a->out, "Voorbeelden\n  keten-audit ",
		    26);
		assert_non_null(strstr(a->out, "28  de makelaar heeft"));
	}
}

/* --- trace, show, export ------------------------------------------------------------- */

static void
test_trace_shows_the_chain_of_one_referral(void **state)
{
	struct auditor *a = *state;
	char command[100];

	(void)snprintf(command, sizeof(command), "trace %s", last_id(a));
	auditor_expect(a, a->c->dir, command, 0);
	assert_non_null(strstr(a->out, "indienen (rij 1)"));
	assert_non_null(strstr(a->out, "aannemen (rij 4)"));
	assert_non_null(strstr(a->out, "geweigerd: CONFLICT"));
	assert_non_null(strstr(a->out, "gesloten; houder welzijn-w"));
	assert_int_equal(count(a->out, "  door "), 8);
}

static void
test_trace_gives_one_object_for_each_record(void **state)
{
	struct auditor *a = *state;
	char command[100];

	(void)snprintf(command, sizeof(command), "trace --json %s",
	    last_id(a));
	auditor_expect(a, a->c->dir, command, 0);
	assert_int_equal(count(a->out, "\n"), 8);
	assert_int_equal(count(a->out, "\"event\":\"ACCEPT\""), 1);
}

static void
test_show_says_everything_about_one_record(void **state)
{
	struct auditor *a = *state;

	auditor_expect(a, a->c->dir, "show 12", 0);
	assert_non_null(strstr(a->out, "committed: ja"));
	assert_non_null(strstr(a->out, "event: SUBMIT"));
	assert_non_null(strstr(a->out, "code: SIG-101"));
	assert_int_equal(auditor_run(a, a->c->dir, "show 100000"), 2);
}

static void
test_export_writes_a_line_for_each_record(void **state)
{
	struct auditor *a = *state;

	auditor_expect(a, a->c->dir, "export --format jsonl", 0);
	assert_int_equal(count(a->out, "\n"), a->c->n);
	assert_int_equal(count(a->out, "\"committed\":true"), a->c->n);
	auditor_expect(a, a->c->dir, "export --from 3 --until 5", 0);
	assert_int_equal(count(a->out, "\n"), 2);
}

static void
test_nothing_it_shows_names_the_person(void **state)
{
	struct auditor *a = *state;

	auditor_expect(a, a->c->dir, "export", 0);
	assert_null(strstr(a->out, "De Vries"));
	assert_null(strstr(a->out, "gordijnen"));
}

/* --- prove, checkpoint ------------------------------------------------------------------ */

static void
test_a_proof_proves(void **state)
{
	struct auditor *a = *state;
	struct note_key log;
	struct note_checkpoint c;
	struct proof p;
	uint8_t extra[PROOF_EXTRA_MAX], hash[32];
	uint64_t index = 0;
	size_t len;

	auditor_expect(a, a->c->dir, "prove 17", 0);
	assert_int_equal(note_key_parse(a->c->vkey, &log), ERR_OK);
	assert_int_equal(proof_parse(slice_str(a->out), &p), ERR_OK);
	assert_int_equal(proof_extra(&p, extra, sizeof(extra), &len), ERR_OK);
	assert_int_equal(len, LEAF_LEN + LEAF_SALT);
	digest_leaf(slice_of(extra, LEAF_LEN), hash);
	assert_int_equal(proof_check(slice_str(a->out), hash, &log, &index,
	    &c), ERR_OK);
	assert_int_equal(index, 17);
	hash[0] ^= 1;
	assert_int_equal(proof_check(slice_str(a->out), hash, &log, &index,
	    &c), ERR_DIGEST);
}

static void
test_a_referral_gets_a_proof_for_each_record(void **state)
{
	struct auditor *a = *state;
	char command[200];

	(void)snprintf(command, sizeof(command),
	    "prove --out /tmp/keten-proofs %s", last_id(a));
	auditor_expect(a, a->c->dir, command, 0);
	assert_int_equal(system("test $(ls /tmp/keten-proofs/*.tlog-proof "
				"| wc -l) = 8 && rm -r /tmp/keten-proofs"),
	    0);
}

static void
test_what_is_not_published_is_not_proved(void **state)
{
	struct auditor *a = *state;
	char command[60];

	chronicle_tick(a->c);
	(void)snprintf(command, sizeof(command), "prove %llu",
	    (unsigned long long)a->c->n - 1);
	assert_int_equal(auditor_run(a, a->c->dir, command), 2);
	assert_non_null(strstr(a->out, "nog niet gedekt"));
	chronicle_publish(a->c);
	auditor_expect(a, a->c->dir, command, 0);
}

static void
test_checkpoint_gives_the_signed_note(void **state)
{
	struct auditor *a = *state;
	char command[400];

	(void)snprintf(command, sizeof(command), "checkpoint --vkey '%s'",
	    a->c->vkey);
	auditor_expect(a, a->c->dir, command, 0);
	assert_non_null(strstr(a->out, a->c->point.note));
	assert_non_null(strstr(a->out, "Het controlepunt klopt"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_whole_log_is_verified_unwitnessed),
		cmocka_unit_test(
		    test_the_root_it_prints_is_that_of_the_newest_checkpoint),
		cmocka_unit_test(test_one_thread_finds_the_same_as_many),
		cmocka_unit_test(
		    test_everything_is_decided_again_with_the_same_outcome),
		cmocka_unit_test(test_a_candidate_that_was_away_is_no_finding),
		cmocka_unit_test(test_a_log_is_audited_while_it_grows),
		cmocka_unit_test(test_a_copy_is_audited_like_the_log_itself),
		cmocka_unit_test(test_replay_leaves_nothing_behind),
		cmocka_unit_test(
		    test_enough_witnesses_make_it_zero_and_too_few_do_not),
		cmocka_unit_test(test_the_guard_fits),
		cmocka_unit_test(test_verify_wants_keys_from_outside),
		cmocka_unit_test(test_keys_come_from_a_trust_file_too),
		cmocka_unit_test(test_wrong_use_ends_with_two),
		cmocka_unit_test(test_every_help_begins_with_two_examples),
		cmocka_unit_test(test_trace_shows_the_chain_of_one_referral),
		cmocka_unit_test(test_trace_gives_one_object_for_each_record),
		cmocka_unit_test(test_show_says_everything_about_one_record),
		cmocka_unit_test(test_export_writes_a_line_for_each_record),
		cmocka_unit_test(test_nothing_it_shows_names_the_person),
		cmocka_unit_test(test_a_proof_proves),
		cmocka_unit_test(test_a_referral_gets_a_proof_for_each_record),
		cmocka_unit_test(test_what_is_not_published_is_not_proved),
		cmocka_unit_test(test_checkpoint_gives_the_signed_note),
	};

	return (cmocka_run_group_tests(tests, auditor_setup,
	    auditor_teardown));
}

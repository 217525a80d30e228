/*
 * t_audit_logkey -- the log's key changes: the auditor follows it from either
 * side, and only if both keys signed; and the self-test of the auditor.
 */
#include "help/auditor.h"

#include <jansson.h>

#include "base/file.h"
#include "trust/note.h"

/* The new key, as signer and vkey. */
static struct signer *next;
static char next_vkey[NOTE_VKEY_MAX];

static void
make_next(const struct auditor *a)
{
	const uint8_t seed[SIGN_SEED] = { 77 };
	struct note_key key;

	(void)a;
	next = sign_new(seed);
	assert_non_null(next);
	assert_int_equal(note_key_make(CHRONICLE_ORIGIN, NOTE_LOG,
	    sign_public(next), &key), ERR_OK);
	(void)note_key_format(&key, next_vkey);
}

static int
setup(void **state)
{
	int rc = auditor_setup(state);

	if (rc == 0)
		make_next(*state);
	return (rc);
}

static int
teardown(void **state)
{
	sign_free(next);
	return (auditor_teardown(state));
}

/* From now on ${first} signs, and ${second} too unless it is NULL. */
static void
sign_with(struct auditor *a, const struct signer *first,
    const struct signer *second)
{
	checkpoint_free(a->c->cp);
	a->c->cp = NULL;
	assert_int_equal(checkpoint_new(a->c->st, first, second, a->c->guard,
	    &a->c->cp), ERR_OK);
}

/* A policy that names ${vkey}, and ${former} as the one before (or NULL). */
static void
name(struct auditor *a, unsigned int index, const char *vkey,
    const char *former)
{
	char text[1000];

	(void)snprintf(text, sizeof(text),
	    "index: %u\nlog_vkey: %s\nformer_log_vkey: [%s]\n", index, vkey,
	    former == NULL ? "" : former);
	chronicle_policy(a->c, "index: 1\n", text);
}

static void
grow(struct auditor *a)
{
	chronicle_tick(a->c);
	chronicle_publish(a->c);
}

/* verify by who knows ${vkey}; ${words} must be in what it says. */
static void
verify(struct auditor *a, const char *vkey, int code, const char *words)
{
	char command[1000];

	(void)snprintf(command, sizeof(command),
	    "verify --json --store %s --vkey '%s' --introducer %s", a->c->dir,
	    vkey, a->c->introducer_hex);
	if (auditor_bare(a, command) != code)
		fail_msg("not %d: %s", code, a->out);
	if (strstr(a->out, words) == NULL)
		fail_msg("no '%s': %s", words, a->out);
}

static void
test_either_key_leads_to_the_other(void **state)
{
	struct auditor *a = *state;

	name(a, 2, a->c->vkey, NULL);
	grow(a);
	sign_with(a, a->c->log, next);
	grow(a);
	name(a, 3, next_vkey, a->c->vkey);
	grow(a);
	sign_with(a, next, NULL);
	grow(a);
	verify(a, a->c->vkey, 10, "\"log_keys\":1");
	verify(a, next_vkey, 10, "\"log_keys\":1");
}

static void
test_a_change_that_the_old_key_did_not_sign_is_found(void **state)
{
	struct auditor *a = *state;

	name(a, 2, a->c->vkey, NULL);
	grow(a);
	name(a, 3, next_vkey, a->c->vkey);
	sign_with(a, next, NULL);
	grow(a);
	verify(a, a->c->vkey, 20, "niet ook met de vorige getekend");
	verify(a, next_vkey, 20, "niet ook met de vorige getekend");
}

static void
test_the_old_key_does_not_sign_on(void **state)
{
	struct auditor *a = *state;

	name(a, 2, a->c->vkey, NULL);
	sign_with(a, a->c->log, next);
	name(a, 3, next_vkey, a->c->vkey);
	grow(a);
	sign_with(a, a->c->log, NULL);
	grow(a);
	verify(a, a->c->vkey, 20, "die toen gold");
}

static void
test_a_policy_that_hides_the_old_key_is_found(void **state)
{
	struct auditor *a = *state;

	name(a, 2, a->c->vkey, NULL);
	sign_with(a, a->c->log, next);
	name(a, 3, next_vkey, NULL);
	grow(a);
	verify(a, a->c->vkey, 24, "maar de vorige niet");
}

static void
test_a_key_that_no_policy_names_is_not_believed(void **state)
{
	struct auditor *a = *state;

	name(a, 2, a->c->vkey, NULL);
	grow(a);
	verify(a, next_vkey, 24, "die u opgaf");
}

static void
test_without_a_name_the_auditors_key_signs(void **state)
{
	struct auditor *a = *state;

	verify(a, a->c->vkey, 10, "verdict");
	verify(a, next_vkey, 20, "die toen gold");
}

/* --- the self-test ------------------------------------------------------------- */

static void
test_the_vectors_in_the_program_hold(void **state)
{
	static const char *const groups[] = { "merkle", "note", "witness",
		"leaf", "ed25519", "batch", "jwe", "jwe-header" };
	struct auditor *a = *state;
	const char *last;

	assert_int_equal(auditor_bare(a, "selftest"), 0);
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		assert_non_null(strstr(a->out, groups[i]));
	assert_int_equal(auditor_bare(a, "selftest --json"), 0);
	last = strstr(a->out, "\"type\":\"verdict\"");
	assert_non_null(last);
	assert_non_null(strstr(last, "\"wrong\":0"));
	assert_null(strstr(a->out, "\"vectors\":0,"));
	assert_int_equal(auditor_bare(a, "selftest --until 3"), 2);
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(test_either_key_leads_to_the_other),
		WITH(test_a_change_that_the_old_key_did_not_sign_is_found),
		WITH(test_the_old_key_does_not_sign_on),
		WITH(test_a_policy_that_hides_the_old_key_is_found),
		WITH(test_a_key_that_no_policy_names_is_not_believed),
		WITH(test_without_a_name_the_auditors_key_signs),
		WITH(test_the_vectors_in_the_program_hold),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

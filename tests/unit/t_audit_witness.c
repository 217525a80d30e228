/*
 * t_audit_witness -- a witness signs what goes on from what it saw, and nothing
 * else; and verify counts what witnesses signed.
 */
#include "help/auditor.h"

#include <sys/stat.h>

#include "base/file.h"
#include "help/tamper.h"
#include "trust/note.h"
#include "trust/tlog.h"

#define DIR "w"
#define REQUEST DIR "/request"

/* The witness of a test: a key, and what verify has to know of it. */
static char vkey[NOTE_VKEY_MAX];

static int
setup(void **state)
{
	struct auditor *a;
	int rc = auditor_setup_apart(state);

	if (rc != 0)
		return (rc);
	a = *state;
	assert_int_equal(mkdir(DIR, 0700), 0);
	assert_int_equal(auditor_bare(a,
	    "witness keygen --key " DIR "/key --name getuige.nl/w1"), 0);
	(void)snprintf(vkey, sizeof(vkey), "%.*s",
	    (int)strcspn(a->out, "\n"), a->out);
	return (0);
}

/* A witness with the memory ${memory}. */
static int
witness(struct auditor *a, const char *memory, const char *more)
{
	char command[1600];

	(void)snprintf(command, sizeof(command),
	    "witness --key " DIR "/key --name getuige.nl/w1 --state " DIR
	    "/%s --vkey '%s' %s", memory, a->c->vkey, more);
	return (auditor_bare(a, command));
}

static int
look(struct auditor *a, const char *memory, const char *store,
    const char *more)
{
	char words[200];

	(void)snprintf(words, sizeof(words), "--store %s %s", store, more);
	return (witness(a, memory, words));
}

static void
grow(struct auditor *a)
{
	chronicle_tick(a->c);
	chronicle_publish(a->c);
}

/* Write the request from ${old} records, with ${bend} done to it, and ask. */
static int
ask(struct auditor *a, const char *memory, uint64_t old, const char *was,
    const char *is)
{
	char command[100], text[20000];
	const char *at = NULL;

	(void)snprintf(command, sizeof(command), "consistency --out "
	    REQUEST " %llu", (unsigned long long)old);
	auditor_expect(a, a->c->dir, command, 0);
	if (was != NULL) {
		uint8_t *data;
		size_t len;

		assert_int_equal(file_read(REQUEST, 20000, &data, &len),
		    ERR_OK);
		at = strstr((char *)data, was);
		assert_non_null(at);
		(void)snprintf(text, sizeof(text), "%.*s%s%s",
		    (int)(at - (char *)data), (char *)data, is,
		    at + strlen(was));
		assert_int_equal(file_write(REQUEST, text, strlen(text),
		    0600), ERR_OK);
		free(data);
	}
	return (witness(a, memory, "--request " REQUEST));
}

/* --- looking -------------------------------------------------------------------- */

static void
test_it_begins_only_when_told_to(void **state)
{
	struct auditor *a = *state;

	assert_int_equal(look(a, "begin", a->c->dir, ""), 2);
	assert_non_null(strstr(a->out, "--new"));
	assert_int_equal(look(a, "begin", a->c->dir, "--new"), 0);
	assert_int_equal(look(a, "begin", a->c->dir, ""), 0);
}

static void
test_it_signs_a_log_that_grows(void **state)
{
	struct auditor *a = *state;
	char want[40];

	assert_int_equal(look(a, "grow", a->c->dir, "--new"), 0);
	for (int i = 0; i < 3; i++) {
		grow(a);
		assert_int_equal(look(a, "grow", a->c->dir, ""), 0);
		(void)snprintf(want, sizeof(want), "%llu records: het logboek "
		    "gaat verder", (unsigned long long)a->c->n);
		assert_non_null(strstr(a->out, want));
	}
}

static void
test_a_log_that_shrank_is_an_alarm(void **state)
{
	struct auditor *a = *state;
	char copy[64];

	chronicle_copy(a->c->dir, copy);
	grow(a);
	assert_int_equal(look(a, "shrink", a->c->dir, "--new"), 0);
	assert_int_equal(look(a, "shrink", copy, ""), 22);
	assert_non_null(strstr(a->out, "ALARM"));
	assert_int_equal(access(DIR "/shrink.refused", R_OK), 0);
	chronicle_remove(copy);
}

/* A copy that goes on by itself, signed with the same key: a fork. */
static void
publish_beside(struct auditor *a, uint64_t size, uint8_t bend,
    const char *path)
{
	struct note_checkpoint c = { .size = size };
	char note[NOTE_MAX];
	size_t len;

	memcpy(c.root, a->c->point.root, 32);
	c.root[0] ^= bend;
	(void)snprintf(c.origin, sizeof(c.origin), CHRONICLE_ORIGIN);
	assert_int_equal(note_sign(&c, a->c->log, note, sizeof(note), &len),
	    ERR_OK);
	assert_int_equal(file_write(path, note, len, 0600), ERR_OK);
}

static void
test_another_tree_of_the_same_size_is_an_alarm(void **state)
{
	struct auditor *a = *state;
	char text[NOTE_MAX + 40], request[60];
	uint8_t *note;
	size_t len;

	assert_int_equal(look(a, "fork", a->c->dir, "--new"), 0);
	publish_beside(a, a->c->n, 1, DIR "/other");
	assert_int_equal(file_read(DIR "/other", NOTE_MAX, &note, &len),
	    ERR_OK);
	(void)snprintf(text, sizeof(text), "old %llu\n\n%s",
	    (unsigned long long)a->c->n, (char *)note);
	assert_int_equal(file_write(REQUEST, text, strlen(text), 0600),
	    ERR_OK);
	(void)snprintf(request, sizeof(request), "--request " REQUEST);
	assert_int_equal(witness(a, "fork", request), 22);
	assert_non_null(strstr(a->out, "ALARM"));
	/* What was signed twice is kept as evidence. */
	assert_int_equal(access(DIR "/fork.refused", R_OK), 0);
	free(note);
}

/* --- requests -------------------------------------------------------------------- */

static void
test_a_request_is_answered_with_one_signature_line(void **state)
{
	struct auditor *a = *state;
	uint64_t old;

	assert_int_equal(look(a, "ask", a->c->dir, "--new"), 0);
	old = a->c->n;
	grow(a);
	assert_int_equal(ask(a, "ask", old, NULL, NULL), 0);
	assert_memory_equal(a->out, "\xe2\x80\x94 getuige.nl/w1 ", 18);
	assert_ptr_equal(strchr(a->out, '\n'), a->out + strlen(a->out) - 1);
}

static void
test_only_what_follows_on_the_last_one_is_signed(void **state)
{
	struct auditor *a = *state;
	uint64_t old;

	assert_int_equal(look(a, "last", a->c->dir, "--new"), 0);
	old = a->c->n;
	grow(a);
	assert_int_equal(ask(a, "last", old - 1, NULL, NULL), 22);
	assert_int_equal(ask(a, "last", 0, NULL, NULL), 22);
	assert_int_equal(ask(a, "last", old, NULL, NULL), 0);
	/* The same again: it has moved on. */
	assert_int_equal(ask(a, "last", old, NULL, NULL), 22);
	assert_int_equal(ask(a, "last", a->c->n, NULL, NULL), 0);
}

static void
test_a_wrong_proof_is_refused(void **state)
{
	struct auditor *a = *state;
	char line[60], was[60];
	uint8_t *data;
	size_t len;
	uint64_t old;

	assert_int_equal(look(a, "proof", a->c->dir, "--new"), 0);
	old = a->c->n;
	grow(a);
	assert_int_equal(ask(a, "begin", old, NULL, NULL) == 0, 0);
	assert_int_equal(file_read(REQUEST, 20000, &data, &len), ERR_OK);
	(void)snprintf(was, sizeof(was), "%.45s",
	    strchr((char *)data, '\n') + 1);
	(void)snprintf(line, sizeof(line), "%c%s",
	    was[0] == 'A' ? 'B' : 'A', was + 1);
	assert_int_equal(ask(a, "proof", old, was, line), 22);
	assert_non_null(strstr(a->out, "geen vervolg"));
	assert_int_equal(ask(a, "proof", old, was, ""), 22);
	assert_int_equal(ask(a, "proof", old, "old ", "old 0"), 27);
	assert_int_equal(ask(a, "proof", old, "\n\n", "\n"), 27);
	assert_int_equal(ask(a, "proof", old, NULL, NULL), 0);
	free(data);
}

static void
test_a_checkpoint_of_another_log_is_refused(void **state)
{
	struct auditor *a = *state;
	uint64_t old;

	assert_int_equal(look(a, "origin", a->c->dir, "--new"), 0);
	old = a->c->n;
	grow(a);
	assert_int_equal(ask(a, "origin", old, CHRONICLE_ORIGIN "\n",
	    "keten.voorbeeld.nl/ander\n"), 20);
	assert_int_equal(ask(a, "origin", old, "\xe2\x80\x94 keten.",
	    "\xe2\x80\x94 kezen."), 20);
	assert_int_equal(ask(a, "origin", old, NULL, NULL), 0);
}

/* --- memory ------------------------------------------------------------------------ */

static void
test_a_memory_that_is_not_its_own_is_refused(void **state)
{
	struct auditor *a = *state;
	uint8_t *data;
	size_t len;

	assert_int_equal(look(a, "own", a->c->dir, "--new"), 0);
	assert_int_equal(file_read(DIR "/own", NOTE_MAX, &data, &len),
	    ERR_OK);
	data[len - 30] = data[len - 30] == 'A' ? 'B' : 'A';
	assert_int_equal(file_write(DIR "/own", data, len, 0600), ERR_OK);
	assert_int_equal(look(a, "own", a->c->dir, ""), 2);
	assert_non_null(strstr(a->out, "niet geschreven"));
	/* --new does not wipe it either. */
	assert_int_equal(look(a, "own", a->c->dir, "--new"), 2);
	free(data);
}

static void
test_two_witnesses_do_not_share_a_memory(void **state)
{
	struct auditor *a = *state;
	int fd;

	assert_int_equal(look(a, "lock", a->c->dir, "--new"), 0);
	assert_int_equal(file_lock(DIR "/lock.lock", &fd), ERR_OK);
	assert_int_equal(look(a, "lock", a->c->dir, ""), 2);
	assert_int_equal(close(fd), 0);
	assert_int_equal(look(a, "lock", a->c->dir, ""), 0);
}

static void
test_foreign_signatures_are_not_passed_on(void **state)
{
	struct auditor *a = *state;
	uint8_t *data;
	size_t len;

	assert_int_equal(look(a, "clean", a->c->dir, "--new"), 0);
	assert_int_equal(ask(a, "clean", a->c->n, "\xe2\x80\x94 keten.",
	    "\xe2\x80\x94 getuige.nl/w1 +4tRKwAAAABrAvPYpfR22bs6cWEIQmNWFaQFW"
	    "w+Uky2ELKKEkE3xFrhhGvQxEdxz2RTzi6JFz4Y7VrNZntaSA3ShKHd/AIzixFY9C"
	    "w==\n\xe2\x80\x94 keten."), 0);
	assert_int_equal(file_read(DIR "/clean", NOTE_MAX, &data, &len),
	    ERR_OK);
	assert_null(strstr((char *)data, "+4tRKw"));
	free(data);
}

/* --- counting ------------------------------------------------------------------------ */

static void
test_verify_reports_the_quorum(void **state)
{
	struct auditor *a = *state;
	char command[1200];

	(void)snprintf(command, sizeof(command),
	    "verify --witness '%s' --cosignatures " DIR "/cos", vkey);
	assert_int_equal(system("mkdir " DIR "/cos"), 0);
	auditor_expect(a, a->c->dir, command, 25);
	assert_int_equal(look(a, "count", a->c->dir,
	    "--new --out " DIR "/cos"), 0);
	auditor_expect(a, a->c->dir, command, 0);
	grow(a); /* the witness has not seen the newest yet */
	auditor_expect(a, a->c->dir, command, 0);
	(void)snprintf(command, sizeof(command), "verify --cosignatures "
	    DIR "/nergens --witness '%s'", vkey);
	auditor_expect(a, a->c->dir, command, 2);
}

/* Two witnesses who never looked at the same moment are two all the same. */
static void
test_witnesses_of_different_sizes_count_together(void **state)
{
	struct auditor *a = *state;
	char other[NOTE_VKEY_MAX], command[2000];

	assert_int_equal(auditor_bare(a,
	    "witness keygen --key " DIR "/key2 --name getuige.nl/w2"), 0);
	(void)snprintf(other, sizeof(other), "%.*s",
	    (int)strcspn(a->out, "\n"), a->out);
	assert_int_equal(look(a, "first", a->c->dir,
	    "--new --out " DIR "/two"), 0);
	grow(a);
	(void)snprintf(command, sizeof(command), "witness --key " DIR
	    "/key2 --name getuige.nl/w2 --state " DIR "/second --new --vkey "
	    "'%s' --store %s --out " DIR "/two", a->c->vkey, a->c->dir);
	for (int i = 0; i < 2; i++) {
		char verify[1400];

		(void)snprintf(verify, sizeof(verify), "verify --json "
		    "--witness '%s' --witness '%s' --cosignatures " DIR
		    "/two", vkey, other);
		auditor_expect(a, a->c->dir, verify, i == 0 ? 25 : 0);
		if (i == 0)
			assert_int_equal(auditor_bare(a, command), 0);
	}
}

static void
test_a_witness_of_another_history_shows_the_fork(void **state)
{
	struct auditor *a = *state;
	char command[1200];

	assert_int_equal(system("mkdir " DIR "/bad"), 0);
	publish_beside(a, a->c->n, 4, DIR "/bad/one.note");
	(void)snprintf(command, sizeof(command),
	    "verify --witness '%s' --cosignatures " DIR "/bad", vkey);
	auditor_expect(a, a->c->dir, command, 22);
}

static void
test_it_is_asked_in_full(void **state)
{
	struct auditor *a = *state;

	assert_int_equal(auditor_bare(a, "witness"), 2);
	assert_int_equal(auditor_bare(a, "witness keygen --key " DIR "/key "
	    "--name getuige.nl/w1"), 2); /* never over an old one */
	assert_int_equal(auditor_bare(a, "witness dans --key " DIR "/key "
	    "--name getuige.nl/w1"), 2);
	assert_int_equal(auditor_bare(a, "witness vkey --key " DIR "/key "
	    "--name 'twee woorden'"), 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_begins_only_when_told_to),
		cmocka_unit_test(test_it_signs_a_log_that_grows),
		cmocka_unit_test(test_a_log_that_shrank_is_an_alarm),
		cmocka_unit_test(
		    test_another_tree_of_the_same_size_is_an_alarm),
		cmocka_unit_test(
		    test_a_request_is_answered_with_one_signature_line),
		cmocka_unit_test(
		    test_only_what_follows_on_the_last_one_is_signed),
		cmocka_unit_test(test_a_wrong_proof_is_refused),
		cmocka_unit_test(test_a_checkpoint_of_another_log_is_refused),
		cmocka_unit_test(test_a_memory_that_is_not_its_own_is_refused),
		cmocka_unit_test(test_two_witnesses_do_not_share_a_memory),
		cmocka_unit_test(test_foreign_signatures_are_not_passed_on),
		cmocka_unit_test(test_verify_reports_the_quorum),
		cmocka_unit_test(
		    test_witnesses_of_different_sizes_count_together),
		cmocka_unit_test(
		    test_a_witness_of_another_history_shows_the_fork),
		cmocka_unit_test(test_it_is_asked_in_full),
	};

	return (cmocka_run_group_tests(tests, setup,
	    auditor_teardown_apart));
}

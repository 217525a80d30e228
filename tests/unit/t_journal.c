/*
 * The journal of erasures, and backups: what was erased does not come back.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/file.h"
#include "help/auditor.h"
#include "help/chronicle_in.h"
#include "core/backup.h"
#include "core/erase.h"
#include "core/journal.h"
#include "core/record.h"
#include "core/vault.h"
#include "core/view.h"
#include "policy/erasure.h"
#include "wire/envelope.h"

/* A chronicle with a referral that is over, and where its journal is. */
struct scene {
	struct chronicle *c;
	struct refid id;
	char journal[JOURNAL_PATH];
	char back[128];
};

static int
setup(void **state)
{
	struct scene *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	s->c = chronicle_new();
	assert_int_equal(chronicle_submit(s->c, LWDB, "SIG-101", &s->id),
	    ERR_OK);
	assert_int_equal(chronicle_say(s->c, WELZIJN, &s->id,
	    KETEN__V1__EVENT__ACCEPT, NULL), ERR_OK);
	assert_int_equal(chronicle_say(s->c, WELZIJN, &s->id,
	    KETEN__V1__EVENT__START, NULL), ERR_OK);
	assert_int_equal(chronicle_say(s->c, WELZIJN, &s->id,
	    KETEN__V1__EVENT__COMPLETE, "UIT-01"), ERR_OK);
	assert_int_equal(journal_path(s->c->guard, s->journal), ERR_OK);
	(void)unlink(s->journal);
	(void)snprintf(s->back, sizeof(s->back), "%s.backup", s->c->dir);
	*state = s;
	return (0);
}

static int
teardown(void **state)
{
	struct scene *s = *state;
	char command[512];

	(void)unlink(s->journal);
	(void)snprintf(command, sizeof(command), "rm -rf %s %s.to %s.bad",
	    s->back, s->c->dir, s->c->dir);
	assert_int_equal(system(command), 0);
	chronicle_remove(s->c->dir);
	chronicle_free(s->c);
	free(s);
	return (0);
}

/* Somebody asks, and the broker notes it; then nothing is left of it. */
static void
erase(struct scene *s)
{
	struct txn *t = NULL;

	assert_int_equal(chronicle_ask(s->c, GEMEENTE, &s->id, ENVELOPE_ERASE,
	    "RED-20", 0), ERR_OK);
	assert_int_equal(store_read(s->c->st, &t), ERR_OK);
	assert_int_equal(journal_note(t, s->journal, s->c->n - 1), ERR_OK);
	store_done(&t);
	assert_int_equal(erase_finish(s->c->st), ERR_OK);
}

static enum err
content_in(struct store *st, struct scene *s)
{
	struct content_piece piece;
	struct view_more more;
	struct txn *t = NULL;
	enum err err;

	arena_reset(s->c->a);
	assert_int_equal(store_read(st, &t), ERR_OK);
	assert_int_equal(view_more(t, &s->id, &more), ERR_OK);
	err = record_content(t, more.opening_index, 0, s->c->a, &piece);
	store_done(&t);
	return (err);
}

static enum err
count(void *cookie, const struct journal_row *row)
{
	size_t *n = cookie;

	assert_true(row->n > 0);
	assert_int_equal(row->number, ERASURE_REQUEST);
	(*n)++;
	return (ERR_OK);
}

static size_t
rows(const struct scene *s)
{
	size_t n = 0;

	assert_int_equal(journal_each(s->journal, count, &n), ERR_OK);
	return (n);
}

static void
append(const struct scene *s, const char *text)
{
	int fd = open(s->journal, O_WRONLY | O_APPEND);

	assert_true(fd != -1);
	assert_true(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	assert_int_equal(close(fd), 0);
}

static void
test_a_line_that_was_torn_is_passed_over(void **state)
{
	struct scene *s = *state;
	struct txn *t = NULL;

	erase(s);
	assert_int_equal(rows(s), 1);
	append(s, "keten-erased-v1 7 00ff");
	assert_int_equal(rows(s), 1);
	/* And does not take the next one along. */
	assert_int_equal(store_read(s->c->st, &t), ERR_OK);
	assert_int_equal(journal_note(t, s->journal, s->c->n - 1), ERR_OK);
	store_done(&t);
	assert_int_equal(rows(s), 2);
}

/* A file system may leave zeros where the power went. */
static void
test_lines_behind_zeros_are_read(void **state)
{
	static const char zeros[64];
	struct scene *s = *state;
	struct txn *t = NULL;
	int fd;

	erase(s);
	assert_int_equal(rows(s), 1);
	fd = open(s->journal, O_WRONLY | O_APPEND);
	assert_true(fd != -1);
	assert_int_equal(write(fd, zeros, sizeof(zeros)), sizeof(zeros));
	assert_int_equal(close(fd), 0);
	assert_int_equal(rows(s), 1);
	assert_int_equal(store_read(s->c->st, &t), ERR_OK);
	assert_int_equal(journal_note(t, s->journal, s->c->n - 1), ERR_OK);
	store_done(&t);
	assert_int_equal(rows(s), 2);
}

static void
test_a_log_without_a_journal_gets_one(void **state)
{
	struct scene *s = *state;
	struct txn *t = NULL;
	bool fits = false;
	size_t n = 0;

	assert_int_equal(chronicle_ask(s->c, GEMEENTE, &s->id, ENVELOPE_ERASE,
	    "RED-20", 0), ERR_OK);
	assert_int_equal(journal_each(s->journal, count, &n), ERR_NOT_FOUND);
	assert_int_equal(store_read(s->c->st, &t), ERR_OK);
	assert_int_equal(journal_begin(t, s->journal), ERR_OK);
	assert_int_equal(rows(s), 1);
	assert_int_equal(journal_begin(t, s->journal), ERR_OK);
	assert_int_equal(rows(s), 1);
	assert_int_equal(journal_fits(t, s->journal, &fits), ERR_OK);
	assert_true(fits);
	store_done(&t);
}

/* As another process, as LMDB wants it. */
static void
make(struct scene *s, struct backup *b)
{
	char why[BACKUP_WHY] = "";
	int status = 0;
	pid_t child = fork();

	if (child == 0)
		_exit(backup_make(s->c->dir, s->back, NULL, 1000, NULL, b,
		    why) == ERR_OK ? 0 : 1);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	assert_int_equal(backup_read(s->back, b, why), ERR_OK);
}

static enum err
put_back(struct scene *s, const char *from, struct backup_to *to, char *why)
{
	static char where[160];
	struct backup b;

	(void)snprintf(where, sizeof(where), "%s.to", s->c->dir);
	*to = (struct backup_to){ .dir = from, .store = where,
		.guard = s->c->guard };
	return (backup_restore(to, NULL, &b, why));
}

/* The store as it was put back. */
static struct store *
opened(const struct backup_to *to)
{
	struct store_config c = { .path = to->store,
		.origin = CHRONICLE_ORIGIN, .map_size = UINT64_C(1) << 30 };
	struct store *st = NULL;

	assert_int_equal(store_open(&c, &st), ERR_OK);
	return (st);
}

static void
test_what_was_erased_after_a_backup_is_erased_from_it(void **state)
{
	struct scene *s = *state;
	char why[BACKUP_WHY] = "";
	struct backup_to to;
	struct backup b;
	struct store *st;
	bool fits = true;
	struct txn *t = NULL;

	chronicle_publish(s->c);
	make(s, &b);
	assert_int_equal(b.size, s->c->n);
	erase(s);
	chronicle_publish(s->c);
	assert_int_equal(put_back(s, s->back, &to, why), ERR_OK);
	assert_true(to.wiped > 0);
	assert_int_equal(to.verdict, GUARD_BEHIND);
	st = opened(&to);
	assert_int_equal(content_in(st, s), ERR_CONTENT_GONE);
	/* Its log does not say so yet: the broker's to do. */
	assert_int_equal(store_read(st, &t), ERR_OK);
	assert_int_equal(journal_fits(t, s->journal, &fits), ERR_OK);
	store_done(&t);
	assert_false(fits);
	store_close(st);
	/* Never over something. */
	assert_int_equal(put_back(s, s->back, &to, why), ERR_FULL);
}

/* Put something in the place of the keys in the backup. */
static void
swap_keys(struct scene *s, const char *target)
{
	char keys[200], aside[220];

	(void)snprintf(keys, sizeof(keys), "%s/vault/vault.keys", s->back);
	(void)snprintf(aside, sizeof(aside), "%s.aside", keys);
	if (access(aside, F_OK) != 0)
		assert_int_equal(rename(keys, aside), 0);
	else
		assert_int_equal(unlink(keys), 0);
	if (target == NULL)
		assert_int_equal(mkfifo(keys, 0600), 0);
	else if (target[0] != '\0')
		assert_int_equal(symlink(aside, keys), 0);
	else {
		assert_int_equal(file_write(keys, "", 0, 0600), ERR_OK);
		/* More than any disk here has. */
		assert_int_equal(truncate(keys, (off_t)1 << 40), 0);
	}
}

static void
test_a_backup_is_files_of_the_length_it_says(void **state)
{
	static const char *const targets[] = { NULL, "link", "" };
	struct scene *s = *state;
	char why[BACKUP_WHY] = "";
	struct backup_to to;
	struct backup b;

	chronicle_publish(s->c);
	make(s, &b);
	erase(s);
	chronicle_publish(s->c);
	for (size_t i = 0; i < 3; i++) {
		swap_keys(s, targets[i]);
		assert_int_not_equal(put_back(s, s->back, &to, why), ERR_OK);
		assert_int_not_equal(access(to.store, F_OK), 0);
	}
	if (strstr(why, "niet wat er gekopieerd is") == NULL)
		fail_msg("%s", why);
}

/* The live store, some time after. */
static void
erase_later(struct scene *s)
{
	struct txn *t = NULL;

	assert_int_equal(store_read(s->c->st, &t), ERR_OK);
	assert_int_equal(journal_begin(t, s->journal), ERR_OK);
	store_done(&t);
	assert_int_equal(erase_finish(s->c->st), ERR_OK);
	assert_int_equal(content_in(s->c->st, s), ERR_CONTENT_GONE);
}

static void
test_the_keys_of_a_backup_are_those_of_its_log(void **state)
{
	struct scene *s = *state;
	char why[BACKUP_WHY] = "";
	struct backup_to to;
	struct backup b;
	struct store *st;

	/* Committed, and not carried out: the copy does it. */
	assert_int_equal(chronicle_ask(s->c, GEMEENTE, &s->id, ENVELOPE_ERASE,
	    "RED-20", 0), ERR_OK);
	chronicle_publish(s->c);
	make(s, &b);
	assert_int_equal(content_in(s->c->st, s), ERR_OK);
	erase_later(s);
	assert_int_equal(put_back(s, s->back, &to, why), ERR_OK);
	assert_int_equal(to.wiped, 0);
	assert_int_equal(to.verdict, GUARD_FITS);
	st = opened(&to);
	assert_int_equal(content_in(st, s), ERR_CONTENT_GONE);
	store_close(st);
}

static void
test_a_backup_that_is_not_whole_is_not_put_back(void **state)
{
	struct scene *s = *state;
	char why[BACKUP_WHY] = "", path[256];
	struct backup_to to;
	struct backup b;
	uint8_t byte;
	int fd;

	make(s, &b);
	/* Without a journal nobody knows what was erased since. */
	assert_int_equal(put_back(s, s->back, &to, why), ERR_NOT_FOUND);
	assert_non_null(strstr(why, ".erasures"));
	erase(s);
	(void)snprintf(path, sizeof(path), "%s/vault/vault.keys", s->back);
	fd = open(path, O_RDWR);
	assert_true(pread(fd, &byte, 1, 100) == 1);
	byte ^= 1;
	assert_true(pwrite(fd, &byte, 1, 100) == 1);
	assert_int_equal(close(fd), 0);
	assert_int_equal(put_back(s, s->back, &to, why), ERR_DIGEST);
	(void)snprintf(path, sizeof(path), "%s/data.mdb", to.store);
	assert_int_equal(access(path, F_OK), -1);
	(void)snprintf(path, sizeof(path), "%s/manifest.json", s->back);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(put_back(s, s->back, &to, why), ERR_NOT_FOUND);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_a_line_that_was_torn_is_passed_over, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_lines_behind_zeros_are_read, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_a_log_without_a_journal_gets_one, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_what_was_erased_after_a_backup_is_erased_from_it,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_a_backup_is_files_of_the_length_it_says, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    test_the_keys_of_a_backup_are_those_of_its_log, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    test_a_backup_that_is_not_whole_is_not_put_back, setup,
		    teardown),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

/*
 * The folder of a log and a witness: letters are whole, and nobody can be made
 * to read something else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/postbox.h"

static char dir[64];
static uint8_t buf[POSTBOX_MAX];

static int
setup(void **state)
{
	(void)state;
	(void)strcpy(dir, "/tmp/keten-postbox-XXXXXX");
	return (mkdtemp(dir) == NULL);
}

static int
teardown(void **state)
{
	(void)state;
	if (postbox_clear(dir, 0) != ERR_OK)
		return (-1);
	return (rmdir(dir));
}

static const char *
at(const char *name)
{
	static char path[128];

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	return (path);
}

static void
write_file(const char *name, const char *text)
{
	FILE *f = fopen(at(name), "w");

	assert_non_null(f);
	assert_int_equal(fputs(text, f) >= 0, 1);
	assert_int_equal(fclose(f), 0);
}

/* The oldest request that has no answer. */
static enum err
next(const char *where, uint64_t *id, size_t *len)
{
	uint64_t *ids = NULL;
	size_t n = 0;
	enum err err = postbox_waiting(where, &ids, &n);

	if (err == ERR_OK && n == 0)
		err = ERR_NOT_FOUND;
	if (err == ERR_OK) {
		*id = ids[0];
		err = postbox_request(where, *id, buf, len);
	}
	free(ids);
	return (err);
}

static void
expect_next(uint64_t id, const char *text)
{
	uint64_t got = 0;
	size_t len = 0;

	assert_int_equal(next(dir, &got, &len), ERR_OK);
	assert_int_equal(got, id);
	assert_int_equal(len, strlen(text));
	assert_memory_equal(buf, text, len);
}

static void
test_a_letter_is_answered_and_taken_away(void **state)
{
	int status = 0;
	uint64_t id;
	size_t len = 0;

	(void)state;
	assert_int_equal(next(dir, &id, &len), ERR_NOT_FOUND);
	assert_int_equal(postbox_ask(dir, 18, slice_str("old 3\n")), ERR_OK);
	assert_int_equal(postbox_ask(dir, 9, slice_str("old 2\n")), ERR_OK);
	expect_next(9, "old 2\n"); /* the oldest, by number and not by text */
	assert_int_equal(postbox_answer(dir, 9, &status, buf, &len),
	    ERR_NOT_FOUND);
	assert_int_equal(postbox_reply(dir, 9, 409, slice_str("3\n")),
	    ERR_OK);
	expect_next(18, "old 3\n");
	assert_int_equal(postbox_answer(dir, 9, &status, buf, &len), ERR_OK);
	assert_int_equal(status, 409);
	assert_int_equal(len, 2);
	assert_memory_equal(buf, "3\n", 2);
	assert_int_equal(postbox_clear(dir, 18), ERR_OK);
	assert_int_equal(access(at("9.request"), F_OK), -1);
	assert_int_equal(access(at("9.409"), F_OK), -1);
	expect_next(18, "old 3\n");
}

static void
test_other_files_are_no_letters(void **state)
{
	static const char *const names[] = { ".7.request", "x.request", "7",
		"7.requests", "7.20", "7.2000", "07.200", "7.2x0", "7.request~",
		"7.099", "99999999999999999999999999.request" };
	uint64_t id;
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		write_file(names[i], "old 1\n");
	assert_int_equal(next(dir, &id, &len), ERR_NOT_FOUND);
	assert_int_equal(postbox_clear(dir, 0), ERR_OK);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_int_equal(unlink(at(names[i])), 0);
}

static void
test_links_pipes_and_long_files_are_not_read(void **state)
{
	char *big = calloc(1, POSTBOX_MAX + 2);
	int status;
	uint64_t id = 0;
	size_t len;

	(void)state;
	assert_int_equal(symlink("/etc/hostname", at("5.200")), 0);
	assert_int_equal(postbox_answer(dir, 5, &status, buf, &len),
	    ERR_MALFORMED);
	assert_int_equal(mkfifo(at("6.200"), 0600), 0);
	assert_int_equal(postbox_answer(dir, 6, &status, buf, &len),
	    ERR_MALFORMED);
	memset(big, 'x', POSTBOX_MAX + 1);
	write_file("7.request", big);
	assert_int_equal(next(dir, &id, &len), ERR_MALFORMED);
	assert_int_equal(id, 7);
	big[POSTBOX_MAX] = '\0';
	write_file("7.request", big);
	assert_int_equal(next(dir, &id, &len), ERR_OK);
	assert_int_equal(len, POSTBOX_MAX);
	free(big);
}

static void
test_a_letter_never_goes_through_a_link(void **state)
{
	char target[128];

	(void)state;
	(void)snprintf(target, sizeof(target), "%s/elsewhere", dir);
	assert_int_equal(symlink(target, at(".4.request")), 0);
	assert_int_equal(symlink(target, at("4.request")), 0);
	assert_int_equal(postbox_ask(dir, 4, slice_str("old 0\n")), ERR_OK);
	assert_int_equal(access(target, F_OK), -1);
	expect_next(4, "old 0\n");
}

static void
test_the_other_side_can_read_whatever_our_umask_is(void **state)
{
	mode_t was = umask(0077);
	struct stat st;

	(void)state;
	assert_int_equal(postbox_ask(dir, 4, slice_str("old 0\n")), ERR_OK);
	(void)umask(was);
	assert_int_equal(stat(at("4.request"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0644);
}

static void
test_a_folder_that_is_not_there_is_no_letter(void **state)
{
	uint64_t id;
	size_t len;

	(void)state;
	assert_int_equal(next("/nonexistent", &id, &len),
	    ERR_NOT_FOUND);
	assert_int_equal(postbox_ask("/nonexistent", 1, slice_str("x")),
	    ERR_IO);
	assert_int_equal(postbox_clear("/nonexistent", 0), ERR_NOT_FOUND);
}

/* Many letters take one walk through the folder, too many are not read. */
static void
test_many_letters_are_listed_at_once_and_too_many_not_at_all(void **state)
{
	uint64_t *ids = NULL;
	size_t n = 0;
	char name[32];

	(void)state;
	for (int i = POSTBOX_LETTERS / 2; i > 0; i--) {
		(void)snprintf(name, sizeof(name), "%d.request", i);
		write_file(name, "old 1\n");
		(void)snprintf(name, sizeof(name), "%d.409", i);
		if (i % 2 == 0)
			write_file(name, "2\n");
	}
	assert_int_equal(postbox_waiting(dir, &ids, &n), ERR_OK);
	assert_int_equal(n, POSTBOX_LETTERS / 4);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(ids[i], 2 * i + 1);
	free(ids);
	for (int i = 1; i <= POSTBOX_LETTERS / 4 + 1; i++) {
		(void)snprintf(name, sizeof(name), "%d.410", i);
		write_file(name, "2\n");
	}
	assert_int_equal(postbox_waiting(dir, &ids, &n), ERR_FULL);
	assert_int_equal(postbox_clear(dir, 0), ERR_OK);
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(test_a_letter_is_answered_and_taken_away),
		WITH(test_other_files_are_no_letters),
		WITH(test_links_pipes_and_long_files_are_not_read),
		WITH(test_a_letter_never_goes_through_a_link),
		WITH(test_the_other_side_can_read_whatever_our_umask_is),
		WITH(test_a_folder_that_is_not_there_is_no_letter),
		WITH(test_many_letters_are_listed_at_once_and_too_many_not_at_all),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

/*
 * Whole files, written so that a crash leaves the old or the new one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"

static char folder[] = "/tmp/keten-file-XXXXXX";

static int
setup(void **state)
{
	(void)state;
	return (mkdtemp(folder) == NULL ? -1 : chdir(folder));
}

static int
teardown(void **state)
{
	char command[64];

	(void)state;
	(void)snprintf(command, sizeof(command), "rm -rf %s", folder);
	return (system(command));
}

static void
test_what_is_written_is_read(void **state)
{
	uint8_t *data;
	size_t len;
	struct stat st;

	(void)state;
	assert_int_equal(file_write("a", "one", 3, 0600), ERR_OK);
	assert_int_equal(file_write("a", "second", 6, 0640), ERR_OK);
	assert_int_equal(file_read("a", 6, &data, &len), ERR_OK);
	assert_int_equal(len, 6);
	assert_string_equal((char *)data, "second");
	free(data);
	assert_int_equal(stat("a", &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
	assert_int_equal(file_write("empty", "", 0, 0600), ERR_OK);
	assert_int_equal(file_read("empty", 10, &data, &len), ERR_OK);
	assert_int_equal(len, 0);
	free(data);
}

static void
test_what_cannot_be_read_is_said(void **state)
{
	uint8_t *data = NULL;
	size_t len = 7;

	(void)state;
	assert_int_equal(file_write("b", "12345", 5, 0600), ERR_OK);
	assert_int_equal(file_read("b", 4, &data, &len), ERR_FULL);
	assert_int_equal(file_read("missing", 4, &data, &len), ERR_NOT_FOUND);
	assert_int_equal(file_read(".", 4, &data, &len), ERR_IO);
	assert_null(data);
	assert_int_equal(len, 7);
}

static void
test_a_failed_write_leaves_the_old_file_and_nothing_else(void **state)
{
	uint8_t *data;
	size_t len;

	(void)state;
	assert_int_equal(mkdir("d", 0700), 0);
	assert_int_equal(file_write("d/kept", "old", 3, 0600), ERR_OK);
	assert_int_equal(mkdir("d/folder", 0700), 0);
	assert_int_equal(file_write("d/folder", "new", 3, 0600), ERR_IO);
	assert_int_equal(file_write("no/such", "new", 3, 0600), ERR_IO);
	assert_int_equal(file_read("d/kept", 9, &data, &len), ERR_OK);
	free(data);
	/* No temporary file stays behind. */
	assert_int_equal(system("test $(ls d | wc -l) = 2"), 0);
}

static void
test_folders_are_made_on_the_way(void **state)
{
	(void)state;
	assert_int_equal(file_mkdirs("x/y//z", 0700), ERR_OK);
	assert_int_equal(file_mkdirs("x/y/z/", 0700), ERR_OK);
	assert_int_equal(file_mkdirs("x", 0700), ERR_OK);
	assert_int_equal(file_write("x/file", "", 0, 0600), ERR_OK);
	assert_int_equal(file_mkdirs("x/file/y", 0700), ERR_IO);
	assert_int_equal(file_mkdirs("", 0700), ERR_IO);
	assert_int_equal(file_sync_dir("x/y/z"), ERR_OK);
	assert_int_equal(file_sync_dir("x/none"), ERR_IO);
}

static void
test_only_one_process_has_the_lock(void **state)
{
	int fd = -1, status;
	pid_t pid;

	(void)state;
	assert_int_equal(file_lock("lock", &fd), ERR_OK);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		int other = -1;

		_exit(file_lock("lock", &other) == ERR_FULL ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	assert_int_equal(close(fd), 0);
	assert_int_equal(file_lock("lock", &fd), ERR_OK);
	assert_int_equal(close(fd), 0);
	assert_int_equal(file_lock("no/lock", &fd), ERR_IO);
}

static void
test_a_key_that_others_can_read_is_noticed(void **state)
{
	(void)state;
	assert_int_equal(file_write("key", "k", 1, 0600), ERR_OK);
	assert_int_equal(file_is_private("key"), ERR_OK);
	assert_int_equal(chmod("key", 0640), 0);
	assert_int_equal(file_is_private("key"), ERR_CONFIG);
	assert_int_equal(file_is_private("nokey"), ERR_NOT_FOUND);
}

static void
test_names_are_seen_from_the_file_that_names_them(void **state)
{
	char out[32];

	(void)state;
	assert_int_equal(file_beside("/etc/keten/k.yaml", "x/y", out,
	    sizeof(out)), ERR_OK);
	assert_string_equal(out, "/etc/keten/x/y");
	assert_int_equal(file_beside("/etc/k.yaml", "/abs", out, sizeof(out)),
	    ERR_OK);
	assert_string_equal(out, "/abs");
	assert_int_equal(file_beside("k.yaml", "x", out, sizeof(out)), ERR_OK);
	assert_string_equal(out, "x");
	assert_int_equal(file_beside("/etc/keten/k.yaml", "x/y", out, 14),
	    ERR_FULL);
}

static void
test_what_somebody_put_there_is_a_file_or_nothing(void **state)
{
	uint8_t *data = NULL;
	size_t len = 0;

	(void)state;
	assert_int_equal(file_write("given", "good", 4, 0600), ERR_OK);
	assert_int_equal(symlink("given", "link"), 0);
	assert_int_equal(mkfifo("pipe", 0600), 0);
	assert_int_equal(mkdir("map", 0700), 0);
	assert_int_equal(file_write("vast", "", 0, 0600), ERR_OK);
	assert_int_equal(truncate("vast", (off_t)10 << 30), 0);
	assert_int_equal(file_read_given("given", 4, &data, &len), ERR_OK);
	assert_int_equal(len, 4);
	free(data);
	assert_int_equal(file_read_given("link", 4, &data, &len),
	    ERR_MALFORMED);
	/* Nobody writes to it, and nobody waits for that. */
	assert_int_equal(file_read_given("pipe", 4, &data, &len),
	    ERR_MALFORMED);
	assert_int_equal(file_read_given("map", 4, &data, &len),
	    ERR_MALFORMED);
	assert_int_equal(file_read_given("vast", 4096, &data, &len), ERR_FULL);
	assert_int_equal(file_read_given("none", 4, &data, &len),
	    ERR_NOT_FOUND);
}

static void
test_what_is_made_anew_goes_to_nobody_elses_file(void **state)
{
	static const char *const names[] = { "made-link", "made-hard",
		"made-pipe", "made-not" };
	struct stat st;
	uint8_t *data;
	size_t len;
	int fd;

	(void)state;
	assert_int_equal(file_write("theirs", "theirs", 6, 0666), ERR_OK);
	assert_int_equal(symlink("theirs", names[0]), 0);
	assert_int_equal(link("theirs", names[1]), 0);
	assert_int_equal(mkfifo(names[2], 0666), 0);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(file_make(names[i], 0600, &fd), ERR_OK);
		assert_true(file_write_all(fd, "secret", 6));
		assert_int_equal(close(fd), 0);
		assert_int_equal(lstat(names[i], &st), 0);
		assert_true(S_ISREG(st.st_mode));
		assert_int_equal(st.st_mode & 0777, 0600);
		assert_int_equal(st.st_nlink, 1);
	}
	assert_int_equal(file_read("theirs", 10, &data, &len), ERR_OK);
	assert_string_equal((char *)data, "theirs");
	free(data);
	assert_int_equal(mkdir("made-map", 0700), 0);
	assert_int_equal(file_make("made-map", 0600, &fd), ERR_IO);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_written_is_read),
		cmocka_unit_test(test_what_cannot_be_read_is_said),
		cmocka_unit_test(
		    test_a_failed_write_leaves_the_old_file_and_nothing_else),
		cmocka_unit_test(test_folders_are_made_on_the_way),
		cmocka_unit_test(test_only_one_process_has_the_lock),
		cmocka_unit_test(test_a_key_that_others_can_read_is_noticed),
		cmocka_unit_test(
		    test_names_are_seen_from_the_file_that_names_them),
		cmocka_unit_test(
		    test_what_somebody_put_there_is_a_file_or_nothing),
		cmocka_unit_test(
		    test_what_is_made_anew_goes_to_nobody_elses_file),
	};

	return (cmocka_run_group_tests(tests, setup, teardown));
}

/*
 * The keys of a device: all there are in its folder, and which one is used;
 * closed to others, and gone from memory when the device is closed.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/secrecy.h"
#include "sdk/keybox.h"

struct room {
	char dir[64];
	struct keybox box;
	char wrong[4096];
};

static void
hear(void *cookie, const char *why)
{
	struct room *r = cookie;
	size_t len = strlen(r->wrong);

	(void)snprintf(r->wrong + len, sizeof(r->wrong) - len, "%s\n", why);
}

static void
path_of(const struct room *r, const char *name, char out[160])
{
	(void)snprintf(out, 160, "%s/%s", r->dir, name);
}

/* Make the key ${name}, ${age} seconds old; its public half. */
static struct keyfile_public
make(const struct room *r, const char *name, enum keyfile_kind kind, int age)
{
	struct timespec when[2] = { { 1700000000 - age, 0 },
		{ 1700000000 - age, 0 } };
	struct secret *s = keyfile_new(kind);
	struct keyfile_public pub = { .len = 0 };
	char path[160], why[KEYFILE_WHY];

	path_of(r, name, path);
	assert_int_equal(keyfile_write(path, s, why), ERR_OK);
	if (kind != KEYFILE_SPOOL)
		assert_int_equal(keyfile_public(s, &pub), ERR_OK);
	keyfile_free(&s);
	assert_int_equal(utimensat(AT_FDCWD, path, when, 0), 0);
	return (pub);
}

static int
set_up(void **state)
{
	struct room *r = calloc(1, sizeof(*r));

	assert_non_null(r);
	(void)snprintf(r->dir, sizeof(r->dir), "/tmp/keten-keybox-XXXXXX");
	assert_non_null(mkdtemp(r->dir));
	(void)unsetenv("CREDENTIALS_DIRECTORY");
	*state = r;
	return (0);
}

static int
tear_down(void **state)
{
	struct room *r = *state;
	char command[160];

	keybox_fini(&r->box);
	(void)unsetenv("CREDENTIALS_DIRECTORY");
	(void)snprintf(command, sizeof(command), "rm -rf %s", r->dir);
	assert_int_equal(system(command), 0);
	free(r);
	return (0);
}

static void
make_all(const struct room *r, const char *prefix)
{
	static const struct {
		const char *name;
		enum keyfile_kind kind;
	} keys[] = { { "sign.key", KEYFILE_SIGN },
		{ "curve.key", KEYFILE_CURVE }, { "seal.key", KEYFILE_SEAL },
		{ "spool.key", KEYFILE_SPOOL } };
	char name[64];

	for (size_t i = 0; i < 4; i++) {
		(void)snprintf(name, sizeof(name), "%s%s", prefix,
		    keys[i].name);
		(void)make(r, name, keys[i].kind, 100);
	}
}

static const uint8_t *
used_sign(const struct room *r)
{
	return (sign_public(r->box.sign[r->box.sign_at].signer));
}

/* ---- which there are ------------------------------------------------------- */

static void
test_each_kind_has_to_be_there(void **state)
{
	struct room *r = *state;

	assert_int_equal(keybox_open(&r->box, r->dir, hear, r), ERR_CONFIG);
	assert_non_null(strstr(r->wrong, "sign.key"));
	keybox_fini(&r->box);
	make_all(r, "");
	r->wrong[0] = '\0';
	assert_int_equal(keybox_open(&r->box, r->dir, hear, r), ERR_OK);
	assert_string_equal(r->wrong, "");
	assert_int_equal(r->box.n_sign, 1);
	assert_int_equal(r->box.n_curve, 1);
	assert_int_equal(r->box.n_seal, 1);
	assert_non_null(r->box.spool);
}

static void
test_a_key_that_others_can_read_is_refused(void **state)
{
	static const char *const names[] = { "sign.key", "curve.key",
		"seal.key", "spool.key", "seal-0123456789abcdef.key" };
	struct room *r = *state;
	char path[160];

	make_all(r, "");
	(void)make(r, names[4], KEYFILE_SEAL, 1);
	for (size_t i = 0; i < 5; i++) {
		path_of(r, names[i], path);
		assert_int_equal(chmod(path, 0640), 0);
		r->wrong[0] = '\0';
		assert_int_equal(keybox_open(&r->box, r->dir, hear, r),
		    ERR_CONFIG);
		assert_non_null(strstr(r->wrong, names[i]));
		assert_non_null(strstr(r->wrong, "anderen kunnen"));
		keybox_fini(&r->box);
		assert_int_equal(chmod(path, 0600), 0);
	}
	assert_int_equal(keybox_open(&r->box, r->dir, hear, r), ERR_OK);
}

static void
test_a_damaged_key_is_refused(void **state)
{
	struct room *r = *state;
	char path[160];

	make_all(r, "");
	path_of(r, "sign.key", path);
	assert_int_equal(truncate(path, 20), 0);
	assert_int_equal(keybox_open(&r->box, r->dir, hear, r), ERR_CONFIG);
	assert_non_null(strstr(r->wrong, "sign.key"));
}

static void
test_other_files_are_nobodys_business(void **state)
{
	static const char *const names[] = { "sign.key.12.new", "sign-x.key",
		"signature.key", "seal-0123456789ABCDEF.key", "readme.txt" };
	struct room *r = *state;
	char path[160];

	make_all(r, "");
	for (size_t i = 0; i < 5; i++) {
		path_of(r, names[i], path);
		assert_int_equal(close(open(path, O_CREAT | O_WRONLY, 0644)),
		    0);
	}
	assert_int_equal(keybox_open(&r->box, r->dir, hear, r), ERR_OK);
	assert_int_equal(r->box.n_sign, 1);
	assert_int_equal(r->box.n_seal, 1);
}

/* ---- which one ------------------------------------------------------------- */

static void
test_the_newest_is_used_until_the_log_names_one(void **state)
{
	struct room *r = *state;
	struct keyfile_public old, new;

	make_all(r, "");
	old = make(r, "sign-00000000000000aa.key", KEYFILE_SIGN, 50);
	new = make(r, "sign-0000000000000001.key", KEYFILE_SIGN, 10);
	assert_int_equal(keybox_open(&r->box, r->dir, hear, r), ERR_OK);
	assert_int_equal(r->box.n_sign, 3);
	assert_memory_equal(used_sign(r), new.b, 32);
	assert_true(keybox_use_sign(&r->box, old.b));
	assert_memory_equal(used_sign(r), old.b, 32);
	new.b[0] ^= 1;
	assert_false(keybox_use_sign(&r->box, new.b));
	assert_memory_equal(used_sign(r), old.b, 32);
}

static void
test_a_key_that_comes_later_is_found_but_not_used_at_once(void **state)
{
	struct room *r = *state;
	struct keyfile_public new;
	uint8_t before[32];

	make_all(r, "");
	assert_int_equal(keybox_open(&r->box, r->dir, hear, r), ERR_OK);
	memcpy(before, used_sign(r), 32);
	assert_false(keybox_look_again(&r->box));
	new = make(r, "sign-0000000000000001.key", KEYFILE_SIGN, 0);
	assert_true(keybox_look_again(&r->box));
	assert_memory_equal(used_sign(r), before, 32);
	assert_true(keybox_use_sign(&r->box, new.b));
}

static void
test_an_older_sealing_key_still_opens(void **state)
{
	struct room *r = *state;
	struct keyfile_public pub;
	char old[KEYBOX_ID], new[KEYBOX_ID];

	make_all(r, "");
	assert_int_equal(keybox_open(&r->box, r->dir, hear, r), ERR_OK);
	memcpy(old, r->box.seal[0].id, sizeof(old));
	pub = make(r, "seal-0000000000000001.key", KEYFILE_SEAL, 0);
	keybox_id(&pub, KEYFILE_SEAL, new);
	assert_null(keybox_seal(&r->box, new));
	assert_true(keybox_look_again(&r->box));
	assert_true(keybox_use_seal(&r->box, new));
	assert_non_null(keybox_seal(&r->box, old));
	assert_non_null(keybox_seal(&r->box, new));
	assert_null(keybox_seal(&r->box, "0000000000000000"));
	assert_false(keybox_use_seal(&r->box, "0000000000000000"));
}

static void
test_curve_keys_are_tried_in_turn(void **state)
{
	struct room *r = *state;
	size_t first;

	make_all(r, "");
	assert_int_equal(keybox_open(&r->box, r->dir, hear, r), ERR_OK);
	assert_false(keybox_next_curve(&r->box));
	(void)make(r, "curve-0000000000000001.key", KEYFILE_CURVE, 0);
	assert_true(keybox_look_again(&r->box));
	first = r->box.curve_at;
	assert_true(keybox_next_curve(&r->box));
	assert_int_not_equal(r->box.curve_at, first);
	assert_true(keybox_next_curve(&r->box));
	assert_int_equal(r->box.curve_at, first);
}

static void
test_keys_can_be_credentials_of_systemd(void **state)
{
	struct room *r = *state;
	struct keyfile_public new;

	make_all(r, "keys_");
	new = make(r, "keys_sign-0000000000000001.key", KEYFILE_SIGN, 0);
	assert_int_equal(keybox_open(&r->box, "credentials:keys", hear, r),
	    ERR_CONFIG);
	keybox_fini(&r->box);
	assert_int_equal(setenv("CREDENTIALS_DIRECTORY", r->dir, 1), 0);
	assert_int_equal(keybox_open(&r->box, "credentials:keys", hear, r),
	    ERR_OK);
	assert_int_equal(r->box.n_sign, 2);
	assert_memory_equal(used_sign(r), new.b, 32);
	keybox_fini(&r->box);
	assert_int_equal(keybox_open(&r->box, "credentials", hear, r),
	    ERR_CONFIG);
}

/* ---- what stays behind ----------------------------------------------------- */

#if !defined(__SANITIZE_ADDRESS__)
/* How often the 32 bytes, each one's bits turned over in ${not}, stand in the
 * memory of this process. */
static size_t
count_in_memory(const uint8_t not[32])
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[512];
	size_t n = 0;

	assert_non_null(maps);
	while (fgets(line, sizeof(line), maps) != NULL) {
		unsigned long from, to;
		char rights[8];

		if (sscanf(line, "%lx-%lx %7s", &from, &to, rights) != 3 ||
		    strncmp(rights, "rw", 2) != 0 ||
		    strstr(line, "[vvar") != NULL)
			continue;
		for (unsigned long at = from; at + 32 <= to; at++) {
			const volatile uint8_t *p = (uint8_t *)at;
			size_t i = 0;

			while (i < 32 && (p[i] ^ not[i]) == 0xff)
				i++;
			n += i == 32;
		}
	}
	(void)fclose(maps);
	return (n);
}

static void
test_no_secret_stays_in_memory(void **state)
{
	struct room *r = *state;
	uint8_t not[3][32];

	make_all(r, "");
	assert_int_equal(keybox_open(&r->box, r->dir, hear, r), ERR_OK);
	for (size_t i = 0; i < 32; i++) {
		not[0][i] = (uint8_t)~r->box.curve[0].secret->b[i];
		not[1][i] = (uint8_t)~r->box.seal[0].key.d[i];
		not[2][i] = (uint8_t)~r->box.spool->b[i];
	}
	/* The search finds what is there. */
	for (size_t i = 0; i < 3; i++)
		assert_true(count_in_memory(not[i]) > 0);
	keybox_fini(&r->box);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(count_in_memory(not[i]), 0);
}
#endif

static void
test_a_process_with_keys_leaves_no_core_and_cannot_be_looked_at(void **state)
{
	struct rlimit l;
	int status;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		if (!secrecy_begin() || prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) !=
			0 || getrlimit(RLIMIT_CORE, &l) != 0 ||
		    l.rlim_cur != 0 || l.rlim_max != 0)
			_exit(1);
		abort();
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
	assert_false(WCOREDUMP(status));
}

int
main(void)
{
#define WITH(t) cmocka_unit_test_setup_teardown(t, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		WITH(test_each_kind_has_to_be_there),
		WITH(test_a_key_that_others_can_read_is_refused),
		WITH(test_a_damaged_key_is_refused),
		WITH(test_other_files_are_nobodys_business),
		WITH(test_the_newest_is_used_until_the_log_names_one),
		WITH(test_a_key_that_comes_later_is_found_but_not_used_at_once),
		WITH(test_an_older_sealing_key_still_opens),
		WITH(test_curve_keys_are_tried_in_turn),
		WITH(test_keys_can_be_credentials_of_systemd),
#if !defined(__SANITIZE_ADDRESS__)
		WITH(test_no_secret_stays_in_memory),
#endif
		WITH(test_a_process_with_keys_leaves_no_core_and_cannot_be_looked_at),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

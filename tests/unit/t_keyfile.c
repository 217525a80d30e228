/*
 * Key files: written once, closed to others, read back.
 */
#include <fcntl.h>
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
#include <zmq.h>

#include "base/bytes.h"
#include "trust/keyfile.h"
#include "trust/sign.h"

/* A folder for one test. */
struct room {
	char dir[64];
	char path[128];
	char why[KEYFILE_WHY];
};

static int
setup(void **state)
{
	struct room *r = calloc(1, sizeof(*r));

	assert_non_null(r);
	(void)snprintf(r->dir, sizeof(r->dir), "/tmp/keten-keyfile-XXXXXX");
	assert_non_null(mkdtemp(r->dir));
	(void)snprintf(r->path, sizeof(r->path), "%s/key", r->dir);
	(void)unsetenv("CREDENTIALS_DIRECTORY");
	*state = r;
	return (0);
}

static int
teardown(void **state)
{
	struct room *r = *state;

	(void)unlink(r->path);
	assert_int_equal(rmdir(r->dir), 0);
	(void)unsetenv("CREDENTIALS_DIRECTORY");
	free(r);
	return (0);
}

/* Put ${text} into the file, with ${mode}. */
static void
put(const struct room *r, const char *text, mode_t mode)
{
	int fd = open(r->path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)),
	    (ssize_t)strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	assert_int_equal(close(fd), 0);
}

static void
test_every_kind_is_written_and_read_back(void **state)
{
	struct room *r = *state;

	for (int k = 0; k < KEYFILE__MAX; k++) {
		enum keyfile_kind kind = (enum keyfile_kind)k;
		struct secret *s = keyfile_new(kind), *back = NULL;
		struct stat st;

		assert_non_null(s);
		assert_int_equal(keyfile_write(r->path, s, r->why), ERR_OK);
		assert_int_equal(stat(r->path, &st), 0);
		assert_int_equal(st.st_mode & 07777, 0600);
		assert_int_equal(keyfile_read(r->path, kind, &back, r->why),
		    ERR_OK);
		assert_int_equal(back->kind, kind);
		assert_memory_equal(back->b, s->b, KEYFILE_SECRET);
		keyfile_free(&s);
		assert_null(s);
		keyfile_free(&back);
		keyfile_free(&back);
		assert_int_equal(unlink(r->path), 0);
	}
}

static void
test_a_key_file_is_one_line_of_text(void **state)
{
	static const uint8_t b[32] = { 0xab, 0xcd };
	struct room *r = *state;
	struct secret *s = keyfile_from(KEYFILE_LOG, b);
	char text[256] = "";
	FILE *f;

	assert_non_null(s);
	assert_int_equal(keyfile_write(r->path, s, r->why), ERR_OK);
	f = fopen(r->path, "r");
	assert_non_null(f);
	assert_int_equal(fread(text, 1, sizeof(text) - 1, f), 90);
	(void)fclose(f);
	assert_string_equal(text, "keten-key-v1 log-ed25519 "
	    "abcd000000000000000000000000000000000000000000000000000000000000"
	    "\n");
	keyfile_free(&s);
}

static void
test_an_existing_key_is_never_overwritten(void **state)
{
	struct room *r = *state;
	struct secret *s = keyfile_new(KEYFILE_SIGN);
	struct secret *other = keyfile_new(KEYFILE_SIGN), *back = NULL;

	assert_int_equal(keyfile_write(r->path, s, r->why), ERR_OK);
	assert_int_equal(keyfile_write(r->path, other, r->why), ERR_IO);
	assert_non_null(strstr(r->why, "niet overschreven"));
	assert_int_equal(keyfile_read(r->path, KEYFILE_SIGN, &back, r->why),
	    ERR_OK);
	assert_memory_equal(back->b, s->b, KEYFILE_SECRET);
	keyfile_free(&s);
	keyfile_free(&other);
	keyfile_free(&back);
}

static void
test_a_key_that_others_can_read_is_refused(void **state)
{
	static const mode_t open_modes[] = { 0640, 0604, 0660, 0666, 0644,
		0620, 0610, 0601 };
	struct room *r = *state;
	struct secret *s = keyfile_new(KEYFILE_CURVE), *back = NULL;

	assert_int_equal(keyfile_write(r->path, s, r->why), ERR_OK);
	for (size_t i = 0; i < sizeof(open_modes) / sizeof(mode_t); i++) {
		assert_int_equal(chmod(r->path, open_modes[i]), 0);
		assert_int_equal(keyfile_read(r->path, KEYFILE_CURVE, &back,
				     r->why), ERR_CONFIG);
		assert_null(back);
		assert_non_null(strstr(r->why, "chmod 600"));
		assert_non_null(strstr(r->why, r->path));
	}
	assert_int_equal(chmod(r->path, 0400), 0);
	assert_int_equal(keyfile_read(r->path, KEYFILE_CURVE, &back, r->why),
	    ERR_OK);
	keyfile_free(&s);
	keyfile_free(&back);
}

static void
test_a_damaged_or_different_key_is_refused(void **state)
{
#define Z15 "000000000000000"
#define Z63 Z15 Z15 Z15 Z15 "000"
	static const char *const texts[] = {
		"",
		"keten-key-v1",
		"keten-key-v1 sign-ed25519",
		"keten-key-v1 sign-ed25519 ",
		"keten-key-v1 sign-ed25519 " Z63 "0",	   /* no newline */
		"keten-key-v1 sign-ed25519 " Z63 "\n",	   /* too short */
		"keten-key-v1 sign-ed25519 " Z63 "00\n",   /* too long */
		"keten-key-v1 sign-ed25519 " Z63 "x\n",
		"keten-key-v1 sign-ed25519 " Z63 "0\n\n",
		"keten-key-v1 sign-ed25519 " Z63 "0\r\n",
		"keten-key-v1 sign-ed25519  " Z63 "0\n",
		"keten-key-v2 sign-ed25519 " Z63 "0\n",
		"keten-key-v1 log-ed25519 " Z63 "0\n",	   /* another kind */
		"keten-key-v1 sign-ed25519x " Z63 "0\n",
		"-----BEGIN PRIVATE KEY-----\n",
	};
	struct room *r = *state;
	struct secret *back = NULL;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		put(r, texts[i], 0600);
		assert_int_equal(keyfile_read(r->path, KEYFILE_SIGN, &back,
				     r->why), ERR_MALFORMED);
		assert_null(back);
		/* The sentence never tells the key. */
		assert_null(strstr(r->why, Z15));
	}
	put(r, "keten-key-v1 sign-ed25519 " Z63 "0\n", 0600);
	assert_int_equal(keyfile_read(r->path, KEYFILE_SIGN, &back, r->why),
	    ERR_OK);
	keyfile_free(&back);

	/* Zero is no key on P-256. */
	put(r, "keten-key-v1 seal-p256 " Z63 "0\n", 0600);
	assert_int_equal(keyfile_read(r->path, KEYFILE_SEAL, &back, r->why),
	    ERR_MALFORMED);
}

static void
test_what_is_not_there_or_no_file_is_said(void **state)
{
	struct room *r = *state;
	struct secret *back = NULL;

	assert_int_equal(keyfile_read(r->path, KEYFILE_SIGN, &back, r->why),
	    ERR_NOT_FOUND);
	assert_non_null(strstr(r->why, r->path));
	assert_int_not_equal(keyfile_read(r->dir, KEYFILE_SIGN, &back,
				 r->why), ERR_OK);
	assert_int_equal(keyfile_write("/nowhere/at/all", NULL, r->why),
	    ERR_IO);
}

static void
test_a_bare_name_is_a_credential_of_systemd(void **state)
{
	struct room *r = *state;
	struct secret *s = keyfile_new(KEYFILE_SPOOL), *back = NULL;

	assert_int_equal(keyfile_write(r->path, s, r->why), ERR_OK);
	assert_int_equal(setenv("CREDENTIALS_DIRECTORY", r->dir, 1), 0);
	/* Its access list shows as rights of the group. */
	assert_int_equal(chmod(r->path, 0440), 0);
	assert_int_equal(keyfile_read("key", KEYFILE_SPOOL, &back, r->why),
	    ERR_OK);
	assert_memory_equal(back->b, s->b, KEYFILE_SECRET);
	keyfile_free(&back);
	assert_int_equal(chmod(r->path, 0444), 0);
	assert_int_equal(keyfile_read("key", KEYFILE_SPOOL, &back, r->why),
	    ERR_CONFIG);
	assert_int_equal(keyfile_read("other", KEYFILE_SPOOL, &back, r->why),
	    ERR_NOT_FOUND);
	keyfile_free(&s);
}

static void
test_public_halves_belong_to_their_secrets(void **state)
{
	/* RFC 8032, 7.1, test 1. */
	static const char seed_hex[] = "9d61b19deffd5a60ba844af492ec2cc44449c5"
				       "697b326919703bac031cae7f60";
	static const char pub_hex[] = "d75a980182b10ab7d54bfed3c964073a0ee172f"
				      "3daa62325af021a68f707511a";
	uint8_t seed[32], want[32], curve[32];
	char z_secret[41], z_public[41];
	struct keyfile_public pub;
	struct seal_key key;
	struct secret *s;

	(void)state;
	assert_true(hex_decode(seed_hex, seed, 32));
	assert_true(hex_decode(pub_hex, want, 32));
	s = keyfile_from(KEYFILE_IDENTITY, seed);
	assert_int_equal(keyfile_public(s, &pub), ERR_OK);
	assert_int_equal(pub.len, 32);
	assert_memory_equal(pub.b, want, 32);
	assert_int_equal(keyfile_seal_key(s, &key), ERR_CRYPTO);
	keyfile_free(&s);

	s = keyfile_new(KEYFILE_CURVE);
	assert_int_equal(keyfile_public(s, &pub), ERR_OK);
	assert_non_null(zmq_z85_encode(z_secret, s->b, 32));
	assert_int_equal(zmq_curve_public(z_public, z_secret), 0);
	assert_non_null(zmq_z85_decode(curve, z_public));
	assert_memory_equal(pub.b, curve, 32);
	keyfile_free(&s);

	s = keyfile_new(KEYFILE_SEAL);
	assert_int_equal(keyfile_public(s, &pub), ERR_OK);
	assert_int_equal(pub.len, 64);
	assert_int_equal(keyfile_seal_key(s, &key), ERR_OK);
	assert_memory_equal(pub.b, &key.pub, 64);
	assert_true(seal_key_is_sound(&key.pub));
	seal_key_wipe(&key);
	keyfile_free(&s);

	s = keyfile_new(KEYFILE_SPOOL);
	assert_int_equal(keyfile_public(s, &pub), ERR_CRYPTO);
	keyfile_free(&s);
}

static void
test_two_new_keys_differ(void **state)
{
	struct secret *a = keyfile_new(KEYFILE_SIGN);
	struct secret *b = keyfile_new(KEYFILE_SIGN);

	(void)state;
	assert_memory_not_equal(a->b, b->b, KEYFILE_SECRET);
	keyfile_free(&a);
	keyfile_free(&b);
}

int
main(void)
{
#define WITH(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
	const struct CMUnitTest tests[] = {
		WITH(test_every_kind_is_written_and_read_back),
		WITH(test_a_key_file_is_one_line_of_text),
		WITH(test_an_existing_key_is_never_overwritten),
		WITH(test_a_key_that_others_can_read_is_refused),
		WITH(test_a_damaged_or_different_key_is_refused),
		WITH(test_what_is_not_there_or_no_file_is_said),
		WITH(test_a_bare_name_is_a_credential_of_systemd),
		WITH(test_public_halves_belong_to_their_secrets),
		WITH(test_two_new_keys_differ),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

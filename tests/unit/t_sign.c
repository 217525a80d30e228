/*
 * Hashes and signatures: DSSE, keys that may be registered, batches.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "trust/batch.h"
#include "trust/digest.h"
#include "trust/sign.h"

#define TYPE "application/vnd.keten.command.v1+protobuf"

static const uint8_t seed[32] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13,
	14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30,
	31 };

/* The JSON file ${name} among the vectors; skips the test where it is not. */
static json_t *
vectors(const char *name)
{
	const char *dir = getenv("KETEN_SHARED");
	char path[4096];
	json_t *j;

	(void)snprintf(path, sizeof(path), "%s/vectors/%s",
	    dir != NULL ? dir : "../shared", name);
	j = json_load_file(path, 0, NULL);
	if (j == NULL) {
		print_message("skipped: %s is not there\n", path);
		skip();
	}
	return (j);
}

/* Decode the hexadecimal member ${name} into new memory. */
static struct slice
hex_member(const json_t *j, const char *name)
{
	const char *text = json_string_value(json_object_get(j, name));
	size_t len = strlen(text) / 2;
	uint8_t *p = malloc(len + 1);

	assert_non_null(p);
	assert_true(hex_decode(text, p, len));
	return (slice_of(p, len));
}

static void
drop(struct slice s)
{
	free((void *)(uintptr_t)s.p);
}

static void
test_sha256_has_its_known_value(void **state)
{
	static const char want[] = "ba7816bf8f01cfea414140de5dae2223b00361a396"
				   "177a9cb410ff61f20015ad";
	const struct slice abc[3] = { slice_str("a"), slice_str(""),
		slice_str("bc") };
	uint8_t hash[32], other[32];
	char hex[65];

	(void)state;
	digest_of("abc", 3, hash);
	hex_encode(hash, 32, hex);
	assert_string_equal(hex, want);
	digest_slices(abc, 3, other);
	assert_true(digest_eq(hash, other));
	other[31] ^= 1;
	assert_false(digest_eq(hash, other));
	assert_false(digest_same(hash, other, 32));
	assert_true(digest_same(hash, other, 31));
}

static void
test_random_bytes_differ_and_wiping_wipes(void **state)
{
	uint8_t a[32] = { 0 }, b[32] = { 0 }, zero[32] = { 0 };

	(void)state;
	assert_int_equal(digest_random(a, 32), ERR_OK);
	assert_int_equal(digest_random(b, 32), ERR_OK);
	assert_memory_not_equal(a, b, 32);
	digest_wipe(a, 32);
	assert_memory_equal(a, zero, 32);
}

static void
test_a_payload_type_names_its_kind(void **state)
{
	char type[SIGN_TYPE_MAX];

	(void)state;
	assert_int_equal(sign_type("command", type), strlen(TYPE));
	assert_string_equal(type, TYPE);
}

static void
test_the_encoding_is_that_of_dsse(void **state)
{
	/* The example of the DSSE specification. */
	static const char pae[] =
	    "DSSEv1 29 http://example.com/HelloWorld 11 hello world";
	uint8_t want[32], got[32];

	(void)state;
	digest_of(pae, strlen(pae), want);
	sign_pae_hash(slice_str("http://example.com/HelloWorld"),
	    slice_str("hello world"), got);
	assert_memory_equal(got, want, 32);
}

static void
test_a_signature_verifies_and_nothing_else_does(void **state)
{
	struct signer *s = sign_new(seed);
	uint8_t body[100], sig[64];
	struct slice b = slice_of(body, sizeof(body)), pub;

	(void)state;
	assert_non_null(s);
	memset(body, 7, sizeof(body));
	pub = slice_of(sign_public(s), 32);
	assert_int_equal(sign_make(s, slice_str(TYPE), b, sig), ERR_OK);
	assert_int_equal(sign_check(slice_str(TYPE), b, slice_of(sig, 64),
			     pub), ERR_OK);
	for (size_t i = 0; i < sizeof(body); i++) {
		body[i] ^= 0x20;
		assert_int_equal(sign_check(slice_str(TYPE), b,
				     slice_of(sig, 64), pub),
		    ERR_BAD_SIGNATURE);
		body[i] ^= 0x20;
	}
	for (size_t i = 0; i < 64; i++) {
		sig[i] ^= 1;
		assert_int_equal(sign_check(slice_str(TYPE), b,
				     slice_of(sig, 64), pub),
		    ERR_BAD_SIGNATURE);
		sig[i] ^= 1;
	}
	/* Only its type changed: another statement altogether. */
	assert_int_equal(sign_check(slice_str(
			     "application/vnd.keten.rewrap.v1+protobuf"),
			     b, slice_of(sig, 64), pub), ERR_BAD_SIGNATURE);
	assert_int_equal(sign_check(slice_str(TYPE), b, slice_of(sig, 63),
			     pub), ERR_BAD_SIGNATURE);
	sign_free(s);
}

static void
test_a_large_body_is_signed_like_a_small_one(void **state)
{
	struct signer *s = sign_new(seed);
	static uint8_t body[262144];
	uint8_t sig[64];
	struct slice b = slice_of(body, sizeof(body));

	(void)state;
	assert_int_equal(sign_make(s, slice_str(TYPE), b, sig), ERR_OK);
	assert_int_equal(sign_check(slice_str(TYPE), b, slice_of(sig, 64),
			     slice_of(sign_public(s), 32)), ERR_OK);
	body[262143] = 1;
	assert_int_equal(sign_check(slice_str(TYPE), b, slice_of(sig, 64),
			     slice_of(sign_public(s), 32)),
	    ERR_BAD_SIGNATURE);
	sign_free(s);
}

static void
test_a_key_id_is_the_head_of_the_hash_of_the_key(void **state)
{
	struct signer *s = sign_new(seed);
	uint8_t id[8], hash[32];

	(void)state;
	sign_key_id(sign_public(s), id);
	digest_of(sign_public(s), 32, hash);
	assert_memory_equal(id, hash, 8);
	sign_free(s);
}

static void
test_odd_public_keys_are_not_sound(void **state)
{
	/* The points of small order, and encodings that are not canonical. */
	static const char *const odd[] = {
		"0000000000000000000000000000000000000000000000000000000000"
		"000000",
		"0100000000000000000000000000000000000000000000000000000000"
		"000000",
		"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d"
		"53fc05",
		"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792"
		"ac037a",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
		"ffff7f",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
		"ffff7f",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
		"ffff7f",
		"0100000000000000000000000000000000000000000000000000000000"
		"000080",
		/* not on the curve */
		"0200000000000000000000000000000000000000000000000000000000"
		"000000",
	};
	struct signer *s = sign_new(seed);
	uint8_t pub[32];

	(void)state;
	assert_true(sign_key_is_sound(slice_of(sign_public(s), 32)));
	assert_false(sign_key_is_sound(slice_of(sign_public(s), 31)));
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		assert_true(hex_decode(odd[i], pub, 32));
		assert_false(sign_key_is_sound(slice_of(pub, 32)));
	}
	sign_free(s);
}

static void
test_wycheproof_ed25519(void **state)
{
	json_t *j = vectors("wycheproof-ed25519.json"), *g, *t;
	size_t i, k, n = 0;

	(void)state;
	json_array_foreach(json_object_get(j, "testGroups"), i, g) {
		struct slice pub =
		    hex_member(json_object_get(g, "publicKey"), "pk");

		json_array_foreach(json_object_get(g, "tests"), k, t) {
			struct slice msg = hex_member(t, "msg");
			struct slice sig = hex_member(t, "sig");
			bool valid = strcmp(json_string_value(
			    json_object_get(t, "result")), "valid") == 0;
			enum err err = sign_raw_check(msg, sig, pub);

			if ((err == ERR_OK) != valid)
				print_message("test %lld\n", (long long)
				    json_integer_value(
				    json_object_get(t, "tcId")));
			assert_int_equal(err == ERR_OK, valid);
			drop(msg);
			drop(sig);
			n++;
		}
		drop(pub);
	}
	print_message("%zu vectors\n", n);
	assert_true(n > 100);
	json_decref(j);
}

/* Check every statement of a batch of ${n}, and that others are refused. */
static void
try_batch(const struct signer *s, size_t n)
{
	uint8_t (*pae)[32] = calloc(n, 32);
	uint8_t path[BATCH_PATH_MAX][32], sig[64];
	struct slice pub = slice_of(sign_public(s), 32);
	struct slice type = slice_str(TYPE);
	struct batch *b;
	size_t k;

	assert_non_null(pae);
	for (size_t i = 0; i < n; i++)
		sign_pae_hash(type, slice_of(&i, sizeof(i)), pae[i]);
	b = batch_new((const uint8_t(*)[32])pae, n);
	assert_non_null(b);
	assert_int_equal(batch_sign(s, batch_root(b), n, sig), ERR_OK);
	assert_int_equal(batch_check(batch_root(b), n, slice_of(sig, 64),
			     pub), ERR_OK);
	assert_int_equal(batch_check(batch_root(b), n + 1, slice_of(sig, 64),
			     pub), ERR_BAD_SIGNATURE);
	for (size_t i = 0; i < n; i++) {
		size_t other = i + 1;
		const uint8_t(*p)[32] = (const uint8_t(*)[32])path;

		assert_int_equal(batch_path(b, i, path, &k), ERR_OK);
		assert_int_equal(batch_check_path(batch_root(b), n, i, p, k,
				     type, slice_of(&i, sizeof(i))), ERR_OK);
		assert_int_equal(batch_check_path(batch_root(b), n, i, p, k,
				     type, slice_of(&other, sizeof(other))),
		    ERR_BAD_SIGNATURE);
		assert_int_equal(batch_check_path(batch_root(b), n, i + 1, p,
				     k, type, slice_of(&i, sizeof(i))),
		    ERR_BAD_SIGNATURE);
	}
	assert_int_equal(batch_path(b, n, path, &k), ERR_NOT_FOUND);
	batch_free(b);
	free(pae);
}

static void
test_a_batch_proves_each_of_its_statements(void **state)
{
	static const size_t sizes[] = { 1, 2, 3, 4, 5, 7, 8, 9, 100, 1000 };
	struct signer *s = sign_new(seed);

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		try_batch(s, sizes[i]);
	sign_free(s);
}

static void
test_the_largest_batch_fits_its_path(void **state)
{
	uint8_t (*pae)[32] = calloc(BATCH_MAX, 32);
	uint8_t path[BATCH_PATH_MAX][32];
	size_t k;
	struct batch *b;

	(void)state;
	assert_non_null(pae);
	b = batch_new((const uint8_t(*)[32])pae, BATCH_MAX);
	assert_non_null(b);
	assert_int_equal(batch_path(b, BATCH_MAX - 1, path, &k), ERR_OK);
	assert_int_equal(k, BATCH_PATH_MAX);
	batch_free(b);
	assert_null(batch_new((const uint8_t(*)[32])pae, BATCH_MAX + 1));
	assert_null(batch_new((const uint8_t(*)[32])pae, 0));
	free(pae);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sha256_has_its_known_value),
		cmocka_unit_test(test_random_bytes_differ_and_wiping_wipes),
		cmocka_unit_test(test_a_payload_type_names_its_kind),
		cmocka_unit_test(test_the_encoding_is_that_of_dsse),
		cmocka_unit_test(
		    test_a_signature_verifies_and_nothing_else_does),
		cmocka_unit_test(test_a_large_body_is_signed_like_a_small_one),
		cmocka_unit_test(
		    test_a_key_id_is_the_head_of_the_hash_of_the_key),
		cmocka_unit_test(test_odd_public_keys_are_not_sound),
		cmocka_unit_test(test_wycheproof_ed25519),
		cmocka_unit_test(test_a_batch_proves_each_of_its_statements),
		cmocka_unit_test(test_the_largest_batch_fits_its_path),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

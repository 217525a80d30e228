/*
 * Signatures: DSSE, keys that may be registered, batches, leaves.
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
#include "trust/leaf.h"
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
	struct slice kind;

	(void)state;
	assert_int_equal(sign_type("command", type), strlen(TYPE));
	assert_string_equal(type, TYPE);
	assert_true(sign_type_is(slice_str(TYPE), "command"));
	assert_false(sign_type_is(slice_str(TYPE), "comman"));
	assert_false(sign_type_is(slice_str(TYPE), "ack"));
	assert_true(sign_type_kind(slice_str(TYPE), &kind));
	assert_true(slice_eq(kind, slice_str("command")));
	assert_false(sign_type_kind(slice_str("text/plain"), &kind));
	assert_false(sign_type_kind(
	    slice_str("application/vnd.keten..v1+protobuf"), &kind));
	assert_false(sign_type_kind(
	    slice_str("application/vnd.keten.ack.v2+protobuf"), &kind));
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

static void
test_a_leaf_is_48_bytes_and_reads_back(void **state)
{
	struct leaf l = { .kind = LEAF_COMMAND,
		.time_ms = 0x0102030405060708 }, back;
	uint8_t out[LEAF_LEN];
	size_t len;
	char hex[2 * LEAF_LEN + 1];

	(void)state;
	memset(l.record, 0xab, 32);
	assert_int_equal(leaf_encode(&l, out, sizeof(out), &len), ERR_OK);
	assert_int_equal(len, LEAF_LEN);
	hex_encode(out, len, hex);
	assert_memory_equal(hex, "4b544e31010000000102030405060708abab", 36);
	assert_int_equal(leaf_decode(slice_of(out, len), &back), ERR_OK);
	assert_int_equal(back.kind, LEAF_COMMAND);
	assert_int_equal(back.time_ms, l.time_ms);
	assert_memory_equal(back.record, l.record, 32);
	assert_int_equal(back.clear.len, 0);
	assert_int_equal(leaf_length(out), LEAF_LEN);
	assert_string_equal(leaf_kind_name(LEAF_ERASE), "ERASE");
	assert_string_equal(leaf_kind_name((enum leaf_kind)77), "?");
}

static void
test_what_is_not_a_leaf_is_refused(void **state)
{
	struct leaf l = { .kind = LEAF_TICK, .time_ms = 1 }, back;
	uint8_t out[LEAF_LEN];
	size_t len;

	(void)state;
	assert_int_equal(leaf_encode(&l, out, 47, &len), ERR_FULL);
	assert_int_equal(leaf_encode(&l, out, sizeof(out), &len), ERR_OK);
	/* Every bit of the first nine bytes matters, but for the kind. */
	for (size_t bit = 0; bit < 72; bit++) {
		if (bit / 8 == 4)
			continue;
		if (bit / 8 == 8 && bit % 8 != 7)
			continue;
		out[bit / 8] ^= (uint8_t)(1 << (bit % 8));
		assert_int_equal(leaf_decode(slice_of(out, len), &back),
		    ERR_MALFORMED);
		out[bit / 8] ^= (uint8_t)(1 << (bit % 8));
	}
	out[4] = 0;
	assert_int_equal(leaf_decode(slice_of(out, len), &back),
	    ERR_MALFORMED);
	out[4] = LEAF_ANCHOR;
	assert_int_equal(leaf_decode(slice_of(out, len), &back),
	    ERR_MALFORMED);
	out[4] = LEAF_ERASE; /* which must have a clear body */
	assert_int_equal(leaf_decode(slice_of(out, len), &back),
	    ERR_MALFORMED);
	assert_int_equal(leaf_decode(slice_of(out, 47), &back),
	    ERR_MALFORMED);
	l.clear = slice_str("x");
	assert_int_equal(leaf_encode(&l, out, sizeof(out), &len),
	    ERR_MALFORMED);
	l.clear = slice_str("");
	l.time_ms = -1;
	assert_int_equal(leaf_encode(&l, out, sizeof(out), &len),
	    ERR_MALFORMED);
}

static void
test_an_erasure_lists_its_ranges_in_the_clear(void **state)
{
	static const struct leaf_range ranges[2] = { { 5, 2 }, { 7, 1 } };
	static const struct leaf_range wrong[2] = { { 5, 3 }, { 7, 1 } };
	struct leaf_erase e = { 2, 0x0102, 2, ranges }, back;
	struct leaf_range room[2];
	uint8_t clear[64], out[LEAF_LEN + 64];
	struct leaf l = { .kind = LEAF_ERASE }, leaf;
	size_t len, n;

	(void)state;
	assert_int_equal(leaf_erase_encode(&e, clear, 28, &len), ERR_FULL);
	assert_int_equal(leaf_erase_encode(&e, clear, 29, &len), ERR_OK);
	assert_int_equal(len, 29);
	l.clear = slice_of(clear, len);
	assert_int_equal(leaf_encode(&l, out, sizeof(out), &n), ERR_OK);
	assert_int_equal(n, LEAF_LEN + 29);
	assert_int_equal(leaf_length(out), n);
	assert_int_equal(leaf_decode(slice_of(out, n), &leaf), ERR_OK);
	assert_int_equal(leaf_erase_decode(leaf.clear, room, 1, &back),
	    ERR_FULL);
	assert_int_equal(leaf_erase_decode(leaf.clear, room, 2, &back),
	    ERR_OK);
	assert_int_equal(back.level, 2);
	assert_int_equal(back.rule, 0x0102);
	assert_int_equal(back.n, 2);
	assert_int_equal(back.ranges[1].first, 7);
	assert_int_equal(back.ranges[0].count, 2);
	for (size_t cut = 0; cut < leaf.clear.len; cut++)
		assert_int_equal(leaf_erase_decode(
		    slice_of(leaf.clear.p, cut), room, 2, &back),
		    ERR_MALFORMED);

	e.ranges = wrong; /* they overlap */
	assert_int_equal(leaf_erase_encode(&e, clear, 64, &len),
	    ERR_MALFORMED);
	e.ranges = ranges;
	e.level = 3;
	assert_int_equal(leaf_erase_encode(&e, clear, 64, &len),
	    ERR_MALFORMED);
}

static void
test_a_record_hash_needs_only_digests(void **state)
{
	uint8_t salt[32], e[32], f[32], r[32], a[32], b[32], want[32];
	uint8_t whole[14 + 32 + 32 + 32], both[64];

	(void)state;
	memset(salt, 9, sizeof(salt));
	digest_of("envelope", 8, e);
	digest_of("facts", 5, f);
	digest_of("route", 5, r);
	leaf_record(salt, slice_str("envelope"), slice_str("facts"),
	    slice_str("route"), a);
	leaf_record_from(salt, e, f, r, b);
	assert_memory_equal(a, b, 32);

	/* The same by hand, as the agreement has it. */
	memcpy(both, f, 32);
	memcpy(both + 32, r, 32);
	memcpy(whole, "keten1/record\0", 14);
	memcpy(whole + 14, salt, 32);
	memcpy(whole + 46, e, 32);
	digest_of(both, 64, whole + 78);
	digest_of(whole, sizeof(whole), want);
	assert_memory_equal(a, want, 32);

	leaf_record(salt, slice_of(NULL, 0), slice_str("facts"),
	    slice_str("route"), b);
	assert_memory_not_equal(a, b, 32);
}

static void
test_the_running_hash_binds_order_and_number(void **state)
{
	uint8_t start[32] = { 0 }, one[32], two[32], h[32], k[32], g[32];

	(void)state;
	memset(one, 1, 32);
	memset(two, 2, 32);
	leaf_running(start, 1, one, h);
	leaf_running(h, 2, two, h);
	leaf_running(start, 1, two, k);
	leaf_running(k, 2, one, k);
	assert_memory_not_equal(h, k, 32);
	leaf_running(start, 1, one, g);
	leaf_running(g, 3, two, g);
	assert_memory_not_equal(h, g, 32);
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
		cmocka_unit_test(test_a_leaf_is_48_bytes_and_reads_back),
		cmocka_unit_test(test_what_is_not_a_leaf_is_refused),
		cmocka_unit_test(
		    test_an_erasure_lists_its_ranges_in_the_clear),
		cmocka_unit_test(test_a_record_hash_needs_only_digests),
		cmocka_unit_test(
		    test_the_running_hash_binds_order_and_number),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

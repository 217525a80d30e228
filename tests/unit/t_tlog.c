/*
 * The tree: numbering, roots, proofs, frontier.
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

#include "base/bytes.h"
#include "trust/digest.h"
#include "trust/tlog.h"

#define LEAVES 130

/* A store in memory, and the plain definition beside it to compare with. */
struct tree {
	uint8_t leaf[LEAVES][32];
	uint8_t stored[2 * LEAVES][32];
	uint64_t n_stored;
	bool broken;
};

static enum err
look(void *cookie, const uint64_t *idx, size_t n, uint8_t (*hash)[32])
{
	const struct tree *t = cookie;

	if (t->broken)
		return (ERR_STORE);
	for (size_t i = 0; i < n; i++) {
		assert_true(idx[i] < t->n_stored);
		if (i > 0)
			assert_true(idx[i] > idx[i - 1]);
		memcpy(hash[i], t->stored[idx[i]], 32);
	}
	return (ERR_OK);
}

/* MTH of RFC 6962, as it is defined. */
static void
mth(const struct tree *t, size_t lo, size_t hi, uint8_t out[32])
{
	uint8_t l[32], r[32];
	size_t k = 1;

	if (hi == lo) {
		digest_of(NULL, 0, out);
		return;
	}
	if (hi - lo == 1) {
		memcpy(out, t->leaf[lo], 32);
		return;
	}
	while (2 * k < hi - lo)
		k *= 2;
	mth(t, lo, lo + k, l);
	mth(t, lo + k, hi, r);
	digest_node(l, r, out);
}

static void
grow(struct tree *t, size_t n)
{
	struct tlog_reader reader = { look, t };
	uint8_t fresh[TLOG_NEW_MAX][32];
	size_t k;

	memset(t, 0, sizeof(*t));
	for (size_t i = 0; i < n; i++) {
		char text[32];
		int len = snprintf(text, sizeof(text), "record %zu", i);

		digest_leaf(slice_of(text, (size_t)len), t->leaf[i]);
		assert_int_equal(t->n_stored, tlog_count(i));
		assert_int_equal(tlog_add(i, t->leaf[i], &reader, fresh, &k),
		    ERR_OK);
		memcpy(t->stored[t->n_stored], fresh, k * 32);
		t->n_stored += k;
	}
	assert_int_equal(t->n_stored, tlog_count(n));
}

static void
test_numbers_are_those_of_go(void **state)
{
	/* golang.org/x/mod/sumdb/tlog: level, n, index. */
	static const uint64_t known[][3] = {
		{ 0, 0, 0 }, { 0, 1, 1 }, { 1, 0, 2 }, { 0, 2, 3 },
		{ 0, 3, 4 }, { 1, 1, 5 }, { 2, 0, 6 }, { 0, 4, 7 },
		{ 0, 5, 8 }, { 1, 2, 9 }, { 0, 6, 10 }, { 0, 7, 11 },
		{ 1, 3, 12 }, { 2, 1, 13 }, { 3, 0, 14 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		assert_int_equal(tlog_index((unsigned int)known[i][0],
				     known[i][1]), known[i][2]);
	for (uint64_t i = 0; i < 100000; i++) {
		unsigned int level;
		uint64_t n;

		tlog_split(i, &level, &n);
		assert_int_equal(tlog_index(level, n), i);
	}
	assert_int_equal(tlog_count(0), 0);
	assert_int_equal(tlog_count(7), 11);
	assert_int_equal(tlog_count(8), 15);
	assert_true(tlog_index(0, TLOG_SIZE_MAX) < UINT64_MAX / 2 + 1);
}

static void
test_roots_are_those_of_the_definition(void **state)
{
	struct tree *t = malloc(sizeof(*t));
	struct tlog_reader reader = { look, t };
	struct tlog_frontier f;
	uint8_t want[32], got[32];

	(void)state;
	assert_non_null(t);
	grow(t, LEAVES);
	tlog_frontier_init(&f);
	for (size_t n = 0; n <= LEAVES; n++) {
		struct tlog_frontier loaded;

		mth(t, 0, n, want);
		assert_int_equal(tlog_root(n, &reader, got), ERR_OK);
		assert_memory_equal(got, want, 32);
		tlog_frontier_root(&f, got);
		assert_memory_equal(got, want, 32);
		assert_int_equal(tlog_frontier_load(&loaded, n, &reader),
		    ERR_OK);
		tlog_frontier_root(&loaded, got);
		assert_memory_equal(got, want, 32);
		if (n < LEAVES) {
			uint8_t a[TLOG_NEW_MAX][32], b[TLOG_NEW_MAX][32];
			size_t ka = tlog_frontier_add(&f, t->leaf[n], a), kb;

			assert_int_equal(tlog_add(n, t->leaf[n], &reader, b,
					     &kb), ERR_OK);
			assert_int_equal(ka, kb);
			assert_memory_equal(a, b, ka * 32);
		}
	}
	free(t);
}

static void
test_every_inclusion_proof_verifies_for_its_leaf_only(void **state)
{
	struct tree *t = malloc(sizeof(*t));
	struct tlog_reader reader = { look, t };
	uint8_t path[TLOG_PATH_MAX][32], root[32];
	const uint8_t(*p)[32] = (const uint8_t(*)[32])path;
	size_t n;

	(void)state;
	assert_non_null(t);
	grow(t, 70);
	for (uint64_t size = 1; size <= 70; size++) {
		mth(t, 0, size, root);
		for (uint64_t i = 0; i < size; i++) {
			assert_int_equal(tlog_inclusion(i, size, &reader,
					     path, &n), ERR_OK);
			assert_int_equal(tlog_check_inclusion(i, size,
					     t->leaf[i], p, n, root), ERR_OK);
			/* Another index, size, leaf, an extra or missing
			 * hash. */
			for (uint64_t j = 0; j < size + 2; j++)
				if (j != i)
					assert_int_equal(
					    tlog_check_inclusion(j, size,
						t->leaf[i], p, n, root),
					    ERR_DIGEST);
			assert_int_equal(tlog_check_inclusion(i, size,
					     t->leaf[i + 1], p, n, root),
			    ERR_DIGEST);
			memset(path[n], 0, 32);
			assert_int_equal(tlog_check_inclusion(i, size,
					     t->leaf[i], p, n + 1, root),
			    ERR_DIGEST);
			if (n > 0)
				assert_int_equal(tlog_check_inclusion(i, size,
						     t->leaf[i], p, n - 1,
						     root), ERR_DIGEST);
		}
	}
	assert_int_equal(tlog_inclusion(70, 70, &reader, path, &n),
	    ERR_NOT_FOUND);
	free(t);
}

static void
test_every_consistency_proof_verifies_and_no_other(void **state)
{
	struct tree *t = malloc(sizeof(*t));
	struct tlog_reader reader = { look, t };
	uint8_t proof[TLOG_PATH_MAX][32], one[32], two[32];
	const uint8_t(*p)[32] = (const uint8_t(*)[32])proof;
	size_t n;

	(void)state;
	assert_non_null(t);
	grow(t, 70);
	for (uint64_t b = 1; b <= 70; b++) {
		mth(t, 0, b, two);
		for (uint64_t a = 1; a <= b; a++) {
			mth(t, 0, a, one);
			assert_int_equal(tlog_consistency(a, b, &reader,
					     proof, &n), ERR_OK);
			assert_int_equal(tlog_check_consistency(a, b, one,
					     two, p, n), ERR_OK);
			memset(proof[n], 0, 32);
			assert_int_equal(tlog_check_consistency(a, b, one,
					     two, p, n + 1), ERR_DIGEST);
			for (size_t i = 0; i < n; i++) {
				proof[i][i % 32] ^= 4;
				assert_int_equal(tlog_check_consistency(a, b,
						     one, two, p, n),
				    ERR_DIGEST);
				proof[i][i % 32] ^= 4;
			}
			if (a == b)
				continue;
			assert_int_equal(tlog_check_consistency(a, b, two,
					     two, p, n), ERR_DIGEST);
			assert_int_equal(tlog_check_consistency(b, a, two,
					     one, p, n), ERR_DIGEST);
		}
	}
	assert_int_equal(tlog_consistency(0, 5, &reader, proof, &n),
	    ERR_NOT_FOUND);
	assert_int_equal(tlog_consistency(6, 5, &reader, proof, &n),
	    ERR_NOT_FOUND);
	free(t);
}

static void
test_a_reader_that_fails_is_heard(void **state)
{
	struct tree *t = malloc(sizeof(*t));
	struct tlog_reader reader = { look, t };
	struct tlog_frontier f;
	uint8_t out[TLOG_PATH_MAX][32];
	size_t n;

	(void)state;
	assert_non_null(t);
	grow(t, 7);
	t->broken = true;
	assert_int_equal(tlog_root(7, &reader, out[0]), ERR_STORE);
	assert_int_equal(tlog_add(7, t->leaf[0], &reader, out, &n),
	    ERR_STORE);
	assert_int_equal(tlog_inclusion(3, 7, &reader, out, &n), ERR_STORE);
	assert_int_equal(tlog_consistency(3, 7, &reader, out, &n), ERR_STORE);
	assert_int_equal(tlog_frontier_load(&f, 7, &reader), ERR_STORE);
	free(t);
}

static json_t *
vectors(const char *name)
{
	const char *dir = getenv("KETEN_SHARED");
	char path[4096];
	json_t *j;

	(void)snprintf(path, sizeof(path), "%s/vectors/%s",
	    dir != NULL ? dir : "../shared", name);
	j = json_load_file(path, JSON_DECODE_INT_AS_REAL, NULL);
	if (j == NULL) {
		print_message("skipped: %s is not there\n", path);
		skip();
	}
	return (j);
}

/* A hash in base64; false if it is not 32 bytes. */
static bool
hash_of(const json_t *j, uint8_t out[32])
{
	const char *text = json_string_value(j);
	size_t len;

	return (text != NULL &&
	    base64_decode(text, strlen(text), out, 32, &len) && len == 32);
}

/* A list of hashes; a length above the room means "not a proof". */
static size_t
path_of(const json_t *list, uint8_t out[TLOG_PATH_MAX][32])
{
	size_t n = json_array_size(list);

	if (n > TLOG_PATH_MAX)
		return (TLOG_PATH_MAX + 1);
	for (size_t i = 0; i < n; i++)
		if (!hash_of(json_array_get(list, i), out[i]))
			return (TLOG_PATH_MAX + 1);
	return (n);
}

/*
 * A number.  Some are 2^64 - 1, which jansson's integers do not hold, so all
 * are read as reals; the others are small.
 */
static uint64_t
number(const json_t *v, const char *name)
{
	double d = json_real_value(json_object_get(v, name));

	return (d >= 0x1p64 ? UINT64_MAX : (uint64_t)d);
}

static void
test_inclusion_vectors(void **state)
{
	json_t *j = vectors("merkle-inclusion.json"), *v;
	size_t i, bad = 0, good = 0;

	(void)state;
	json_array_foreach(json_object_get(j, "vectors"), i, v) {
		uint8_t leaf[32], root[32], path[TLOG_PATH_MAX][32];
		size_t n = path_of(json_object_get(v, "proof"), path);
		bool want_err = json_is_true(json_object_get(v, "wantErr"));
		enum err err = ERR_DIGEST;

		if (hash_of(json_object_get(v, "leafHash"), leaf) &&
		    hash_of(json_object_get(v, "root"), root))
			err = tlog_check_inclusion(number(v, "leafIdx"),
			    number(v, "treeSize"), leaf,
			    (const uint8_t(*)[32])path, n, root);
		if ((err != ERR_OK) != want_err)
			print_message("%s\n", json_string_value(
			    json_object_get(v, "name")));
		assert_int_equal(err != ERR_OK, want_err);
		*(want_err ? &bad : &good) += 1;
	}
	print_message("%zu good, %zu bad\n", good, bad);
	assert_true(good > 0 && bad > 0);
	json_decref(j);
}

static void
test_consistency_vectors(void **state)
{
	json_t *j = vectors("merkle-consistency.json"), *v;
	size_t i, bad = 0, good = 0;

	(void)state;
	json_array_foreach(json_object_get(j, "vectors"), i, v) {
		uint8_t one[32], two[32], path[TLOG_PATH_MAX][32];
		size_t n = path_of(json_object_get(v, "proof"), path);
		bool want_err = json_is_true(json_object_get(v, "wantErr"));
		enum err err;

		/* Some have a short text for a root, which nobody reads. */
		memset(one, 0, 32);
		memset(two, 0, 32);
		(void)hash_of(json_object_get(v, "root1"), one);
		(void)hash_of(json_object_get(v, "root2"), two);
		err = tlog_check_consistency(number(v, "size1"),
		    number(v, "size2"), one, two,
		    (const uint8_t(*)[32])path, n);
		if ((err != ERR_OK) != want_err)
			print_message("%s\n", json_string_value(
			    json_object_get(v, "name")));
		assert_int_equal(err != ERR_OK, want_err);
		*(want_err ? &bad : &good) += 1;
	}
	print_message("%zu good, %zu bad\n", good, bad);
	assert_true(good > 0 && bad > 0);
	json_decref(j);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers_are_those_of_go),
		cmocka_unit_test(test_roots_are_those_of_the_definition),
		cmocka_unit_test(
		    test_every_inclusion_proof_verifies_for_its_leaf_only),
		cmocka_unit_test(
		    test_every_consistency_proof_verifies_and_no_other),
		cmocka_unit_test(test_a_reader_that_fails_is_heard),
		cmocka_unit_test(test_inclusion_vectors),
		cmocka_unit_test(test_consistency_vectors),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

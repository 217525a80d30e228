/*
 * The guard: a tree that is not the published one is not signed.
 */
#include "core/guard.h"
#include "records_any.h"

static const char *
guard_path(const struct rig *g)
{
	static char path[128];

	(void)snprintf(path, sizeof(path), "%s/guard", g->dir);
	return (path);
}

static enum guard_verdict
judge(struct rig *g)
{
	enum guard_verdict v;
	struct txn *t;

	assert_int_equal(store_read(g->st, &t), ERR_OK);
	assert_int_equal(guard_judge(t, guard_path(g), &v), ERR_OK);
	store_done(&t);
	return (v);
}

/* A guard as it would be after a checkpoint of the first ${size} records. */
static struct guard
at(struct rig *g, uint64_t size)
{
	struct guard guard = { .origin = RIG_ORIGIN, .size = size };
	struct tlog_reader reader;
	struct txn *t;

	assert_int_equal(store_read(g->st, &t), ERR_OK);
	reader = store_tree(t);
	assert_int_equal(tlog_root(size, &reader, guard.root), ERR_OK);
	store_done(&t);
	return (guard);
}

static void
test_each_verdict_is_given_where_it_belongs(void **state)
{
	struct rig *g = rig_new(1);
	struct guard guard;
	FILE *f;

	(void)state;
	assert_int_equal(judge(g), GUARD_NEW);
	rig_fill(g, 9);
	assert_int_equal(judge(g), GUARD_MISSING);
	guard = at(g, 5);
	assert_int_equal(guard_write(guard_path(g), &guard), ERR_OK);
	assert_int_equal(judge(g), GUARD_FITS);
	guard = at(g, 9);
	guard.size = 10;
	assert_int_equal(guard_write(guard_path(g), &guard), ERR_OK);
	assert_int_equal(judge(g), GUARD_BEHIND);
	guard = at(g, 8);
	guard.size = 9;
	assert_int_equal(guard_write(guard_path(g), &guard), ERR_OK);
	assert_int_equal(judge(g), GUARD_BESIDE);
	guard = at(g, 9);
	strcpy(guard.origin, "another/log");
	assert_int_equal(guard_write(guard_path(g), &guard), ERR_OK);
	assert_int_equal(judge(g), GUARD_OTHER);
	f = fopen(guard_path(g), "w");
	assert_non_null(f);
	(void)fputs("nothing of the kind\n", f);
	(void)fclose(f);
	assert_int_equal(judge(g), GUARD_BROKEN);
	for (int v = GUARD_FITS; v <= GUARD_BROKEN; v++)
		assert_true(strlen(guard_text((enum guard_verdict)v)) > 10);
	rig_free(g);
}

static void
test_a_guard_comes_back_as_it_was_written(void **state)
{
	struct rig *g = rig_new(2);
	struct guard in = { .origin = RIG_ORIGIN }, out;

	(void)state;
	assert_int_equal(guard_read(guard_path(g), &out), ERR_NOT_FOUND);
	for (uint64_t size = 1; size < 20; size += 3) {
		in.size = size;
		rig_bytes(g, in.root, 32);
		assert_int_equal(guard_write(guard_path(g), &in), ERR_OK);
		assert_int_equal(guard_read(guard_path(g), &out), ERR_OK);
		assert_int_equal(out.size, size);
		assert_memory_equal(out.root, in.root, 32);
		assert_string_equal(out.origin, RIG_ORIGIN);
	}
	rig_free(g);
}

/* Read the whole file; return its length. */
static size_t
slurp(const char *path, uint8_t *out, size_t cap)
{
	FILE *f = fopen(path, "r");
	size_t n;

	assert_non_null(f);
	n = fread(out, 1, cap, f);
	(void)fclose(f);
	return (n);
}

static void
spill(const char *path, const uint8_t *p, size_t len)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(p, 1, len, f), len);
	(void)fclose(f);
}

static void
test_a_broken_write_leaves_the_one_before(void **state)
{
	struct rig *g = rig_new(3);
	struct guard in = { .origin = RIG_ORIGIN }, out;
	uint8_t one[1024], two[1024], mix[1024];
	size_t n;

	(void)state;
	in.size = 3;
	assert_int_equal(guard_write(guard_path(g), &in), ERR_OK);
	in.size = 7;
	assert_int_equal(guard_write(guard_path(g), &in), ERR_OK);
	n = slurp(guard_path(g), one, sizeof(one));
	in.size = 9;
	assert_int_equal(guard_write(guard_path(g), &in), ERR_OK);
	assert_int_equal(slurp(guard_path(g), two, sizeof(two)), n);
	/* Any first part of the new bytes, with the rest of the old ones. */
	for (size_t cut = 0; cut <= n; cut++) {
		memcpy(mix, two, cut);
		memcpy(mix + cut, one + cut, n - cut);
		spill(guard_path(g), mix, n);
		assert_int_equal(guard_read(guard_path(g), &out), ERR_OK);
		assert_true(out.size == 7 || out.size == 9);
	}
	assert_int_equal(out.size, 9);
	rig_free(g);
}

static void
test_a_person_accepts_only_the_tree_that_is_there(void **state)
{
	struct rig *g = rig_new(4);
	struct guard guard, wrong;
	struct txn *t;

	(void)state;
	rig_fill(g, 6);
	guard = at(g, 6);
	wrong = at(g, 5);
	assert_int_equal(store_read(g->st, &t), ERR_OK);
	assert_int_equal(guard_accept(t, guard_path(g), 6, wrong.root),
	    ERR_DIGEST);
	assert_int_equal(guard_accept(t, guard_path(g), 7, guard.root),
	    ERR_NOT_FOUND);
	assert_int_equal(guard_accept(t, guard_path(g), 6, guard.root),
	    ERR_OK);
	store_done(&t);
	assert_int_equal(judge(g), GUARD_FITS);
	rig_free(g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_verdict_is_given_where_it_belongs),
		cmocka_unit_test(test_a_guard_comes_back_as_it_was_written),
		cmocka_unit_test(test_a_broken_write_leaves_the_one_before),
		cmocka_unit_test(
		    test_a_person_accepts_only_the_tree_that_is_there),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

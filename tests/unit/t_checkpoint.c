/*
 * Checkpoints: read again, hashed again, guarded, and only then signed.
 */
#include "core/checkpoint.h"
#include "core/guard.h"
#include "records_any.h"

static const char *
guard_path(const struct rig *g)
{
	static char path[128];

	(void)snprintf(path, sizeof(path), "%s/guard", g->dir);
	return (path);
}

static struct note_key
log_key(const struct rig *g)
{
	struct note_key key;

	assert_int_equal(note_key_make(RIG_ORIGIN, NOTE_LOG,
		sign_public(g->signer), &key), ERR_OK);
	return (key);
}

static struct checkpointer *
fresh(struct rig *g)
{
	struct checkpointer *cp;

	assert_int_equal(checkpoint_new(g->st, g->signer, NULL,
		guard_path(g), &cp), ERR_OK);
	return (cp);
}

static void
test_a_checkpoint_is_the_root_of_what_is_committed(void **state)
{
	struct rig *g = rig_new(1);
	struct checkpointer *cp = fresh(g);
	struct note_key key = log_key(g);
	struct note_checkpoint c;
	struct checkpoint out;
	struct guard guard;

	(void)state;
	assert_int_equal(checkpoint_make(cp, &out), ERR_NOT_FOUND);
	for (int i = 0; i < 5; i++) {
		struct tlog_reader reader;
		struct txn *t;
		uint8_t root[32];

		rig_fill(g, 7);
		assert_int_equal(checkpoint_make(cp, &out), ERR_OK);
		assert_int_equal(note_check(slice_of(out.note, out.len), &key,
			&c), ERR_OK);
		assert_int_equal(c.size, 7 * (i + 1));
		assert_int_equal(store_read(g->st, &t), ERR_OK);
		reader = store_tree(t);
		assert_int_equal(tlog_root(c.size, &reader, root), ERR_OK);
		store_done(&t);
		assert_memory_equal(c.root, root, 32);
		assert_int_equal(guard_read(guard_path(g), &guard), ERR_OK);
		assert_int_equal(guard.size, c.size);
		assert_memory_equal(guard.root, root, 32);
		assert_int_equal(checkpoint_make(cp, &out), ERR_NOT_FOUND);
	}
	checkpoint_free(cp);
	/* A new one goes on from the guard. */
	cp = fresh(g);
	assert_int_equal(checkpoint_make(cp, &out), ERR_NOT_FOUND);
	rig_fill(g, 1);
	assert_int_equal(checkpoint_make(cp, &out), ERR_OK);
	checkpoint_free(cp);
	rig_free(g);
}

static void
test_published_checkpoints_are_found_by_size(void **state)
{
	struct rig *g = rig_new(2);
	struct checkpointer *cp = fresh(g);
	struct checkpoint c, got;
	uint64_t after = 0;

	(void)state;
	for (int i = 0; i < 4; i++) {
		rig_fill(g, 5);
		assert_int_equal(checkpoint_make(cp, &c), ERR_OK);
		rig_begin(g);
		assert_int_equal(checkpoint_put(g->t, &c), ERR_OK);
		rig_commit(g);
	}
	rig_begin(g);
	assert_int_equal(checkpoint_newest(g->t, &got), ERR_OK);
	assert_int_equal(got.size, 20);
	assert_string_equal(got.note, c.note);
	assert_memory_equal(got.root, c.root, 32);
	assert_int_equal(checkpoint_covering(g->t, 11, &got), ERR_OK);
	assert_int_equal(got.size, 15);
	assert_int_equal(checkpoint_covering(g->t, 15, &got), ERR_OK);
	assert_int_equal(got.size, 15);
	assert_int_equal(checkpoint_covering(g->t, 21, &got), ERR_NOT_FOUND);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(checkpoint_covering(g->t, after + 1,
		    &got), ERR_OK);
		after = got.size;
	}
	assert_int_equal(checkpoint_covering(g->t, after + 1, &got),
	    ERR_NOT_FOUND);
	checkpoint_free(cp);
	rig_free(g);
}

/* Turn one bit of a row of a table that only the tree protects. */
static void
damage(struct rig *g, enum table table, uint64_t index, size_t at)
{
	uint8_t key[8], row[STORE_CHUNK];
	struct slice v, k = slice_of(key, sizeof(key));
	static const struct slice all;
	struct { uint8_t key[8], row[256]; size_t len; } rows[32];
	size_t n = 0;
	struct slice kk;
	enum err err;

	/* The table only takes rows at its end: write all of it anew. */
	rig_begin(g);
	for (err = store_seek(g->t, table, all, &kk, &v); err == ERR_OK;
	     err = store_next(g->t, table, &kk, &v), n++) {
		memcpy(rows[n].key, kk.p, 8);
		memcpy(rows[n].row, v.p, v.len);
		rows[n].len = v.len;
	}
	assert_int_equal(store_clear(g->t, table), ERR_OK);
	for (size_t i = 0; i < n; i++) {
		memcpy(key, rows[i].key, 8);
		memcpy(row, rows[i].row, rows[i].len);
		if (be64_get(key) == index)
			row[at] ^= 4;
		assert_int_equal(store_put(g->t, table, k,
			slice_of(row, rows[i].len)), ERR_OK);
	}
	rig_commit(g);
}

static void
test_a_changed_leaf_or_node_is_not_signed(void **state)
{
	static const struct {
		enum table table;
		uint64_t index;
		size_t at;
	} rows[] = {
		{ TABLE_LOG, 9, 20 },
		{ TABLE_HASH, 9, 0 },
		{ TABLE_HASH, 9, 33 },
		{ TABLE_HASH, 15, 128 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct rig *g = rig_new(3);
		struct checkpointer *cp = fresh(g);
		struct checkpoint c;
		struct guard guard;

		rig_fill(g, 8);
		assert_int_equal(checkpoint_make(cp, &c), ERR_OK);
		rig_fill(g, 8);
		damage(g, rows[i].table, rows[i].index, rows[i].at);
		assert_int_equal(checkpoint_make(cp, &c), ERR_CORRUPT);
		assert_int_equal(guard_read(guard_path(g), &guard), ERR_OK);
		assert_int_equal(guard.size, 8);
		checkpoint_free(cp);
		rig_free(g);
	}
}

static void
test_without_a_fitting_guard_nothing_is_signed(void **state)
{
	struct rig *g = rig_new(4);
	struct checkpointer *cp = NULL;
	struct guard guard = { .origin = RIG_ORIGIN, .size = 4 };
	struct tlog_reader reader;
	struct txn *t;
	uint8_t root[32];

	(void)state;
	rig_fill(g, 3);
	/* Records, but no guard. */
	assert_int_equal(checkpoint_new(g->st, g->signer, NULL,
		guard_path(g), &cp), ERR_CORRUPT);
	/* A backup was put back. */
	assert_int_equal(guard_write(guard_path(g), &guard), ERR_OK);
	assert_int_equal(checkpoint_new(g->st, g->signer, NULL,
		guard_path(g), &cp), ERR_CORRUPT);
	assert_null(cp);
	/* A person says that this is the tree. */
	assert_int_equal(store_read(g->st, &t), ERR_OK);
	reader = store_tree(t);
	assert_int_equal(tlog_root(3, &reader, root), ERR_OK);
	assert_int_equal(guard_accept(t, guard_path(g), 3, root), ERR_OK);
	store_done(&t);
	checkpoint_free(fresh(g));
	rig_free(g);
}

static void
test_when_the_guard_cannot_be_written_nothing_is_published(void **state)
{
	struct rig *g = rig_new(5);
	struct checkpointer *cp;
	struct checkpoint c = { 0 };

	(void)state;
	assert_int_equal(checkpoint_new(g->st, g->signer, NULL,
		"/tmp/keten-no-such-folder/guard", &cp), ERR_OK);
	rig_fill(g, 3);
	assert_int_equal(checkpoint_make(cp, &c), ERR_IO);
	assert_int_equal(c.len, 0);
	checkpoint_free(cp);
	rig_free(g);
}

static enum err
signed_again(struct rig *g, struct checkpoint *out)
{
	struct txn *t = NULL;
	enum err err;

	assert_int_equal(store_read(g->st, &t), ERR_OK);
	err = checkpoint_again(t, g->signer, NULL, guard_path(g), out);
	store_done(&t);
	return (err);
}

static void
test_one_that_a_crash_kept_out_of_the_store_is_made_again(void **state)
{
	struct rig *g = rig_new(6);
	struct checkpointer *cp = fresh(g);
	struct checkpoint lost, again;
	struct txn *t = NULL;

	(void)state;
	assert_int_equal(signed_again(g, &again), ERR_NOT_FOUND);
	rig_fill(g, 3);
	assert_int_equal(checkpoint_make(cp, &lost), ERR_OK);
	assert_int_equal(signed_again(g, &again), ERR_OK);
	assert_int_equal(again.size, 3);
	assert_string_equal(again.note, lost.note);
	assert_int_equal(store_begin(g->st, &t), ERR_OK);
	assert_int_equal(checkpoint_put(t, &again), ERR_OK);
	assert_int_equal(store_commit(&t), ERR_OK);
	assert_int_equal(signed_again(g, &again), ERR_NOT_FOUND);
	checkpoint_free(cp);
	rig_free(g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_a_checkpoint_is_the_root_of_what_is_committed),
		cmocka_unit_test(test_published_checkpoints_are_found_by_size),
		cmocka_unit_test(test_a_changed_leaf_or_node_is_not_signed),
		cmocka_unit_test(
		    test_without_a_fitting_guard_nothing_is_signed),
		cmocka_unit_test(
		    test_when_the_guard_cannot_be_written_nothing_is_published),
		cmocka_unit_test(
		    test_one_that_a_crash_kept_out_of_the_store_is_made_again),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

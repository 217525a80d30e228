/*
 * The store: turns are whole or not at all, one writes, many read.
 */
#include <sys/wait.h>

#include "base/file.h"
#include "records_any.h"

static void
test_a_new_store_is_empty_and_keeps_its_name(void **state)
{
	struct rig *g = rig_new(1);
	struct store_config c = { .path = g->dir, .origin = "another/log" };
	struct store *st = NULL;
	struct txn *t;

	(void)state;
	assert_string_equal(store_origin(g->st), RIG_ORIGIN);
	assert_int_equal(store_read(g->st, &t), ERR_OK);
	assert_int_equal(store_size(t), 0);
	store_done(&t);
	store_close(g->st);
	assert_int_equal(store_open(&c, &st), ERR_BAD_ORIGIN);
	assert_null(st);
	rig_open(g);
	rig_free(g);
}

static void
test_a_second_broker_is_kept_out(void **state)
{
	struct rig *g = rig_new(2);
	struct store_config c = { .path = g->dir, .origin = RIG_ORIGIN };
	struct store *st = NULL;
	int status;
	pid_t pid = fork();

	(void)state;
	if (pid == 0)
		_exit(store_open(&c, &st) == ERR_FULL ? 0 : 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	rig_free(g);
}

static void
test_an_aborted_turn_leaves_nothing(void **state)
{
	struct rig *g = rig_new(3);
	uint8_t before[32], after[32], all_before[32], all_after[32];
	struct txn *t;

	(void)state;
	rig_fill(g, 50);
	rig_dump_view(g, before);
	assert_int_equal(store_read(g->st, &t), ERR_OK);
	rig_dump(t, TABLE_LOG, TABLE_CHECKPOINT, all_before);
	store_done(&t);
	rig_begin(g);
	for (int i = 0; i < 10; i++)
		assert_int_equal(rig_submit(g), ERR_OK);
	store_abort(&g->t);
	rig_dump_view(g, after);
	assert_memory_equal(before, after, 32);
	assert_int_equal(store_read(g->st, &t), ERR_OK);
	assert_int_equal(store_size(t), 50);
	rig_dump(t, TABLE_LOG, TABLE_CHECKPOINT, all_after);
	assert_memory_equal(all_before, all_after, 32);
	store_done(&t);
	rig_free(g);
}

static void
test_a_reader_sees_what_was_committed_when_it_began(void **state)
{
	struct rig *g = rig_new(4);
	struct store_config c = { .path = g->dir, .read_only = true };
	struct store *ro;
	struct txn *t;
	int to[2], from[2], status;
	uint64_t size;
	char go = 'x';
	pid_t pid;

	(void)state;
	rig_fill(g, 10);
	assert_int_equal(pipe(to), 0);
	assert_int_equal(pipe(from), 0);
	pid = fork();
	if (pid == 0) {
		/* An auditor beside the broker: another process. */
		if (store_open(&c, &ro) != ERR_OK ||
		    strcmp(store_origin(ro), RIG_ORIGIN) != 0 ||
		    store_read(ro, &t) != ERR_OK)
			_exit(1);
		size = store_size(t);
		if (size != 10 || write(from[1], &go, 1) != 1 ||
		    read(to[0], &go, 1) != 1)
			_exit(2);
		if (store_size(t) != 10 || store_renew(t) != ERR_OK ||
		    store_size(t) != 15)
			_exit(3);
		store_done(&t);
		store_close(ro);
		_exit(0);
	}
	assert_int_equal(read(from[0], &go, 1), 1);
	assert_true(store_has_readers(g->st));
	rig_fill(g, 5);
	assert_int_equal(write(to[1], &go, 1), 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	store_check_readers(g->st);
	assert_false(store_has_readers(g->st));
	for (int i = 0; i < 2; i++) {
		(void)close(to[i]);
		(void)close(from[i]);
	}
	rig_free(g);
}

static void
test_a_read_only_store_writes_nothing(void **state)
{
	struct rig *g = rig_new(5);
	struct store_config c = { .path = g->dir, .read_only = true };
	struct store *ro = NULL;
	struct txn *t = NULL;

	(void)state;
	rig_fill(g, 3);
	store_close(g->st);
	assert_int_equal(store_open(&c, &ro), ERR_OK);
	assert_int_equal(store_begin(ro, &t), ERR_STORE);
	assert_null(t);
	store_close(ro);
	c.path = "/tmp/keten-there-is-nothing-here";
	assert_int_equal(store_open(&c, &ro), ERR_NOT_FOUND);
	rig_open(g);
	rig_free(g);
}

static void
copy_file(const char *from, const char *to, const char *name)
{
	char path[128];
	uint8_t *data;
	size_t len;

	(void)snprintf(path, sizeof(path), "%s/%s", from, name);
	assert_int_equal(file_read(path, (size_t)1 << 30, &data, &len),
	    ERR_OK);
	(void)snprintf(path, sizeof(path), "%s/%s", to, name);
	assert_int_equal(file_write(path, data, len, 0600), ERR_OK);
	free(data);
}

static void
test_an_auditor_can_read_a_copy(void **state)
{
	struct rig *g = rig_new(14);
	char dir[] = "/tmp/keten-copy-XXXXXX";
	struct store_config c = { .path = dir, .read_only = true };
	struct store *ro;
	struct record rec;
	struct txn *t;

	(void)state;
	rig_fill(g, 30);
	assert_non_null(mkdtemp(dir));
	copy_file(g->dir, dir, "data.mdb");
	copy_file(g->dir, dir, "vault.keys");
	assert_int_equal(store_open(&c, &ro), ERR_OK);
	assert_int_equal(store_read(ro, &t), ERR_OK);
	assert_int_equal(store_size(t), 30);
	for (uint64_t i = 0; i < 30; i++) {
		assert_int_equal(record_read(t, i, g->a, &rec), ERR_OK);
		assert_int_equal(record_check(&rec), ERR_OK);
		arena_reset(g->a);
	}
	store_done(&t);
	store_close(ro);
	rig_remove(dir);
	rig_free(g);
}

static void
test_what_was_committed_survives_the_end_of_the_process(void **state)
{
	struct rig *g = rig_new(6);
	uint8_t hash[32], after[32];
	int out[2], status;
	struct txn *t;
	pid_t pid;

	(void)state;
	store_close(g->st);
	g->st = NULL;
	assert_int_equal(pipe(out), 0);
	pid = fork();
	if (pid == 0) {
		rig_open(g);
		rig_fill(g, 40);
		rig_dump_view(g, hash);
		rig_begin(g);
		(void)rig_submit(g);
		/* In the middle of a turn, without a goodbye. */
		_exit(write(out[1], hash, 32) == 32 ? 0 : 1);
	}
	assert_int_equal(read(out[0], hash, 32), 32);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	rig_open(g);
	rig_dump_view(g, after);
	assert_memory_equal(hash, after, 32);
	assert_int_equal(store_read(g->st, &t), ERR_OK);
	assert_int_equal(store_size(t), 40);
	store_done(&t);
	(void)close(out[0]);
	(void)close(out[1]);
	rig_free(g);
}

/* Everything that is in the log can be read, and the view follows from it. */
static void
check_whole(struct rig *g, uint64_t size)
{
	uint8_t before[32], after[32];
	struct txn *t;
	bool whole;

	assert_int_equal(store_read(g->st, &t), ERR_OK);
	assert_int_equal(store_size(t), size);
	assert_int_equal(view_is_whole(t, &whole), ERR_OK);
	assert_true(whole);
	for (uint64_t i = 0; i < size; i++) {
		struct record rec;

		assert_int_equal(record_read(t, i, g->a, &rec), ERR_OK);
		assert_int_equal(record_check(&rec), ERR_OK);
		arena_reset(g->a);
	}
	store_done(&t);
	rig_dump_view(g, before);
	assert_int_equal(view_rebuild(g->st), ERR_OK);
	rig_dump_view(g, after);
	assert_memory_equal(before, after, 32);
}

/* A turn of a few records of which the ${n}th operation fails. */
static enum err
failing_turn(struct rig *g, uint64_t n)
{
	enum err err;

	store_fail_at(g->st, n);
	err = store_begin(g->st, &g->t);
	for (int i = 0; i < 6 && err == ERR_OK; i++)
		err = rig_any(g);
	if (err != ERR_OK) {
		store_abort(&g->t);
		return (err);
	}
	return (store_commit(&g->t));
}

static void
test_whatever_fails_the_log_is_whole(void **state)
{
	struct rig *g = rig_new(7);
	struct rig saved;
	enum err err = ERR_STORE;
	uint64_t n;

	(void)state;
	g->fail = true;
	rig_fill(g, 12);
	saved = *g;
	for (n = 1; err != ERR_OK; n++) {
		struct store *st;

		err = failing_turn(g, n);
		st = g->st;
		store_fail_at(st, 0);
		if (err == ERR_OK)
			break;
		/* The broker ends here, and begins again. */
		store_close(st);
		saved.st = NULL;
		*g = saved;
		rig_open(g);
		if (n % 16 == 0)
			check_whole(g, 12);
	}
	assert_true(n > 20);
	check_whole(g, 18);
	rig_free(g);
}

static void
test_a_store_that_failed_once_refuses_to_go_on(void **state)
{
	struct rig *g = rig_new(8);

	(void)state;
	rig_begin(g);
	assert_int_equal(rig_submit(g), ERR_OK);
	store_fail_at(g->st, 1);
	assert_int_equal(store_commit(&g->t), ERR_STORE);
	assert_null(g->t);
	store_fail_at(g->st, 0);
	assert_int_equal(store_begin(g->st, &g->t), ERR_STORE);
	rig_free(g);
}

static void
test_a_long_value_stands_in_several_rows(void **state)
{
	static const size_t lens[] = { 0, 1, 3999, 4000, 4001, 8000, 100000 };
	struct rig *g = rig_new(9);
	struct slice key = slice_str("k"), got;
	uint8_t *big = arena_alloc(g->a, 100000);

	(void)state;
	assert_non_null(big);
	rig_bytes(g, big, 100000);
	rig_begin(g);
	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		assert_int_equal(store_put_long(g->t, TABLE_REFERRAL, key,
			slice_of(big, lens[i])), ERR_OK);
		assert_int_equal(store_get_long(g->t, TABLE_REFERRAL, key,
			g->a, &got), ERR_OK);
		assert_true(slice_eq(got, slice_of(big, lens[i])));
		assert_int_equal(store_count(g->t, TABLE_REFERRAL),
		    lens[i] / 4000 + 1);
		assert_int_equal(store_del_long(g->t, TABLE_REFERRAL, key),
		    ERR_OK);
		assert_int_equal(store_count(g->t, TABLE_REFERRAL), 0);
		assert_int_equal(store_del_long(g->t, TABLE_REFERRAL, key),
		    ERR_NOT_FOUND);
	}
	rig_free(g);
}

static void
test_rows_are_found_in_order_from_both_sides(void **state)
{
	static const struct slice all;
	struct rig *g = rig_new(10);
	struct slice k, v;

	(void)state;
	rig_begin(g);
	for (uint8_t i = 2; i < 8; i = (uint8_t)(i + 2))
		assert_int_equal(store_put(g->t, TABLE_SEEN, slice_of(&i, 1),
			slice_of(&i, 1)), ERR_OK);
	assert_int_equal(store_seek(g->t, TABLE_SEEN, slice_of("\3", 1), &k,
		&v), ERR_OK);
	assert_int_equal(k.p[0], 4);
	assert_int_equal(store_next(g->t, TABLE_SEEN, &k, &v), ERR_OK);
	assert_int_equal(k.p[0], 6);
	assert_int_equal(store_next(g->t, TABLE_SEEN, &k, &v), ERR_NOT_FOUND);
	assert_int_equal(store_before(g->t, TABLE_SEEN, slice_of("\4", 1), &k,
		&v), ERR_OK);
	assert_int_equal(k.p[0], 2);
	assert_int_equal(store_before(g->t, TABLE_SEEN, slice_of("\2", 1), &k,
		&v), ERR_NOT_FOUND);
	assert_int_equal(store_before(g->t, TABLE_SEEN, slice_of("\377", 1),
		&k, &v), ERR_OK);
	assert_int_equal(k.p[0], 6);
	assert_int_equal(store_before(g->t, TABLE_SEEN, all, &k, &v), ERR_OK);
	assert_int_equal(k.p[0], 6);
	rig_free(g);
}

static void
test_the_stored_hashes_make_roots_and_proofs(void **state)
{
	struct rig *g = rig_new(11);
	struct tlog_frontier f;
	struct tlog_reader reader;
	struct txn *t;

	(void)state;
	rig_fill(g, 77);
	assert_int_equal(store_read(g->st, &t), ERR_OK);
	reader = store_tree(t);
	tlog_frontier_init(&f);
	for (uint64_t i = 0; i < 77; i++) {
		uint8_t hash[32], stored[32], root[32], want[32];
		uint8_t path[TLOG_PATH_MAX][32];
		struct slice leaf;
		size_t n;

		assert_int_equal(store_leaf(t, i, &leaf), ERR_OK);
		digest_leaf(leaf, hash);
		assert_int_equal(store_leaf_hash(t, i, stored), ERR_OK);
		assert_memory_equal(hash, stored, 32);
		(void)tlog_frontier_add(&f, hash, NULL);
		tlog_frontier_root(&f, want);
		assert_int_equal(tlog_root(i + 1, &reader, root), ERR_OK);
		assert_memory_equal(root, want, 32);
		assert_int_equal(tlog_inclusion(i / 2, i + 1, &reader, path,
			&n), ERR_OK);
		assert_int_equal(store_leaf_hash(t, i / 2, hash), ERR_OK);
		assert_int_equal(tlog_check_inclusion(i / 2, i + 1, hash,
			(const uint8_t(*)[32])path, n, root), ERR_OK);
	}
	store_done(&t);
	rig_free(g);
}

static void
test_the_ballast_can_be_thrown_out(void **state)
{
	struct rig *g = rig_new(12);
	struct store_config c = { .path = g->dir, .origin = RIG_ORIGIN,
		.ballast = 1 << 20 };
	char path[128];

	(void)state;
	store_close(g->st);
	assert_int_equal(store_open(&c, &g->st), ERR_OK);
	if (store_is_nearly_full(g->st)) {
		print_message("skipped: this disk is nearly full\n");
		rig_free(g);
		skip();
	}
	(void)snprintf(path, sizeof(path), "%s/ballast", g->dir);
	assert_int_equal(access(path, F_OK), 0);
	assert_int_equal(store_free_ballast(g->st), ERR_OK);
	assert_int_not_equal(access(path, F_OK), 0);
	assert_int_equal(store_free_ballast(g->st), ERR_OK);
	rig_free(g);
}

static void
test_a_small_map_is_nearly_full_before_it_is_full(void **state)
{
	struct rig *g = rig_new(13);
	struct store_config c = { .path = g->dir, .origin = RIG_ORIGIN,
		.map_size = 4 << 20 };
	enum err err = ERR_OK;

	(void)state;
	store_close(g->st);
	assert_int_equal(store_open(&c, &g->st), ERR_OK);
	g->fail = true;
	assert_false(store_is_nearly_full(g->st));
	while (!store_is_nearly_full(g->st))
		rig_fill(g, 10);
	/* A broker that does not listen fails, and says so. */
	for (int i = 0; i < 2000 && err == ERR_OK; i++) {
		err = store_begin(g->st, &g->t);
		if (err == ERR_OK)
			err = rig_submit(g);
		if (err != ERR_OK)
			store_abort(&g->t);
		else
			err = store_commit(&g->t);
		arena_reset(g->a);
	}
	assert_int_equal(err, ERR_STORE);
	rig_free(g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_new_store_is_empty_and_keeps_its_name),
		cmocka_unit_test(test_a_second_broker_is_kept_out),
		cmocka_unit_test(test_an_aborted_turn_leaves_nothing),
		cmocka_unit_test(
		    test_a_reader_sees_what_was_committed_when_it_began),
		cmocka_unit_test(test_a_read_only_store_writes_nothing),
		cmocka_unit_test(test_an_auditor_can_read_a_copy),
		cmocka_unit_test(
		    test_what_was_committed_survives_the_end_of_the_process),
		cmocka_unit_test(test_whatever_fails_the_log_is_whole),
		cmocka_unit_test(
		    test_a_store_that_failed_once_refuses_to_go_on),
		cmocka_unit_test(test_a_long_value_stands_in_several_rows),
		cmocka_unit_test(test_rows_are_found_in_order_from_both_sides),
		cmocka_unit_test(test_the_stored_hashes_make_roots_and_proofs),
		cmocka_unit_test(test_the_ballast_can_be_thrown_out),
		cmocka_unit_test(
		    test_a_small_map_is_nearly_full_before_it_is_full),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

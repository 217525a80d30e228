/*
 * The tables of a scratch store: they answer as those of any other store.
 */
#include "records_any.h"

#include "base/file.h"

/* Two stores to which the same is done: one on disk, and a scratch one. */
struct twins {
	struct rig *g; /* for numbers by chance, and the first store */
	char dir[64];
	struct store *st;
	struct txn *t[2];
};

static void
open_scratch(struct twins *w, uint64_t map_size)
{
	struct store_config c = { .path = w->dir, .origin = RIG_ORIGIN,
		.scratch = true, .map_size = map_size };

	(void)snprintf(w->dir, sizeof(w->dir), "/tmp/keten-twin-XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	assert_int_equal(store_open(&c, &w->st), ERR_OK);
}

static void
begin_both(struct twins *w)
{
	assert_int_equal(store_begin(w->g->st, &w->t[0]), ERR_OK);
	assert_int_equal(store_begin(w->st, &w->t[1]), ERR_OK);
}

static void
commit_both(struct twins *w)
{
	for (int i = 0; i < 2; i++) {
		store_counters(w->t[i])->applied++;
		assert_int_equal(store_commit(&w->t[i]), ERR_OK);
	}
}

static void
twins_new(struct twins *w, uint64_t seed)
{
	memset(w, 0, sizeof(*w));
	w->g = rig_new(seed);
	/* The first 128 KiB are in plain memory, the rest in a file. */
	open_scratch(w, (uint64_t)64 << 20);
	begin_both(w);
}

static void
twins_free(struct twins *w)
{
	commit_both(w);
	store_close(w->st);
	rig_remove(w->dir);
	rig_free(w->g);
}

/* --- what comes by chance ----------------------------------------------- */

/*
 * A key such as the tables have: some lie close together, some far apart, some
 * begin another one.  There are so few that many are met again.
 */
static struct slice
some_key(struct rig *g, uint8_t b[STORE_KEY_MAX])
{
	static const char *const names[] = { "a", "a", "thuiszorg",
		"thuiszorgland", "wijkteam-noord-en-omstreken", "\xff\xff" };
	const char *name = names[rig_below(g, 6)];
	size_t n = strlen(name) + 1;

	memcpy(b, name, n);
	switch (rig_below(g, 4)) {
	case 0: /* numbers that rise */
		be64_put(b + n, rig_below(g, 900));
		return (slice_of(b, n + 8));
	case 1:
		memset(b + n, (int)rig_below(g, 3), 40);
		return (slice_of(b, n + rig_below(g, 40)));
	case 2: /* no name, a few bytes */
		be16_put(b, (uint16_t)rig_below(g, 3000));
		return (slice_of(b, 1 + rig_below(g, 2)));
	default:
		memset(b + n, 0, STORE_KEY_MAX - n);
		be16_put(b + STORE_KEY_MAX - 2 - 5, (uint16_t)
		    rig_below(g, 300));
		return (slice_of(b, STORE_KEY_MAX - 5));
	}
}

static struct slice
some_value(struct rig *g, uint8_t *b, size_t max)
{
	size_t len = rig_below(g, 12) == 0 ? rig_below(g, max + 1)
					   : rig_below(g, 60);

	memset(b, (int)rig_below(g, 256), len);
	if (len >= 8)
		rig_bytes(g, b, 8);
	return (slice_of(b, len));
}

/* --- the same to both, and the same from both --------------------------- */

static void
same_row(enum err a, enum err b, const struct slice key[2],
    const struct slice value[2])
{
	assert_int_equal(a, b);
	if (a != ERR_OK)
		return;
	assert_true(slice_eq(key[0], key[1]));
	assert_true(slice_eq(value[0], value[1]));
}

static void
get_both(struct twins *w, enum table table, struct slice key)
{
	static const struct slice none[2];
	struct slice v[2];
	enum err a = store_get(w->t[0], table, key, &v[0]);

	same_row(a, store_get(w->t[1], table, key, &v[1]), none, v);
}

static void
put_both(struct twins *w, enum table table, struct slice key,
    struct slice value)
{
	for (int i = 0; i < 2; i++)
		assert_int_equal(store_put(w->t[i], table, key, value),
		    ERR_OK);
}

static void
del_both(struct twins *w, enum table table, struct slice key)
{
	enum err a = store_del(w->t[0], table, key);

	assert_int_equal(store_del(w->t[1], table, key), a);
	assert_true(a == ERR_OK || a == ERR_NOT_FOUND);
}

/* From there on, some steps. */
static void
walk_both(struct twins *w, enum table table, struct slice from, bool before,
    size_t steps)
{
	struct slice k[2], v[2];
	enum err err[2];

	for (int i = 0; i < 2; i++)
		err[i] = before
		    ? store_before(w->t[i], table, from, &k[i], &v[i])
		    : store_seek(w->t[i], table, from, &k[i], &v[i]);
	same_row(err[0], err[1], k, v);
	while (err[0] == ERR_OK && steps-- > 0) {
		for (int i = 0; i < 2; i++)
			err[i] = store_next(w->t[i], table, &k[i], &v[i]);
		same_row(err[0], err[1], k, v);
	}
}

static void
long_both(struct twins *w, enum table table, struct slice key,
    struct slice value)
{
	struct slice v[2];
	enum err err[2];

	for (int i = 0; i < 2; i++) {
		err[i] = store_del_long(w->t[i], table, key);
		assert_true(err[i] == ERR_OK || err[i] == ERR_NOT_FOUND);
	}
	assert_int_equal(err[0], err[1]);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(store_put_long(w->t[i], table, key, value),
		    ERR_OK);
		assert_int_equal(store_get_long(w->t[i], table, key, w->g->a,
			&v[i]), ERR_OK);
		assert_true(slice_eq(v[i], value));
		arena_reset(w->g->a);
	}
}

/* Every row of every table of the view, in order. */
static void
same_all(struct twins *w)
{
	static const struct slice all;
	struct view_difference d;

	for (int i = TABLE__VIEW; i < TABLE_META; i++) {
		assert_int_equal(store_count(w->t[0], (enum table)i),
		    store_count(w->t[1], (enum table)i));
		walk_both(w, (enum table)i, all, false, SIZE_MAX);
	}
	assert_int_equal(view_compare(w->t[0], w->t[1], &d), ERR_OK);
}

static void
do_anything(struct twins *w, enum table table)
{
	static uint8_t value[3 * STORE_CHUNK];
	uint8_t buf[STORE_KEY_MAX];
	struct slice key = some_key(w->g, buf);

	switch (rig_below(w->g, 9)) {
	case 0:
	case 1:
	case 2:
		put_both(w, table, key,
		    some_value(w->g, value, STORE_CHUNK));
		break;
	case 3:
	case 4:
		del_both(w, table, key);
		break;
	case 5:
		get_both(w, table, key);
		break;
	case 6:
		walk_both(w, table, key, false, rig_below(w->g, 30));
		break;
	case 7:
		if (rig_below(w->g, 20) == 0)
			key.len = 0;
		walk_both(w, table, key, true, rig_below(w->g, 3));
		break;
	default:
		long_both(w, TABLE_REFERRAL, key,
		    some_value(w->g, value, sizeof(value)));
		break;
	}
}

static void
test_a_scratch_store_answers_as_one_on_disk(void **state)
{
	static const enum table tables[] = { TABLE_OUTBOX, TABLE_SEEN,
		TABLE_DUE, TABLE_TRAIL };
	struct twins w;

	(void)state;
	for (uint64_t seed = 1; seed <= 4; seed++) {
		twins_new(&w, seed);
		for (int i = 0; i < 30000; i++) {
			do_anything(&w, tables[rig_below(w.g, seed)]);
			if (i % 5000 == 4999) {
				same_all(&w);
				commit_both(&w);
				begin_both(&w);
			}
		}
		same_all(&w);
		twins_free(&w);
	}
}

/* Take all rows out again, in an order by chance, looking around each. */
static void
empty_both(struct twins *w, enum table table)
{
	while (store_count(w->t[0], table) > 0) {
		uint8_t buf[STORE_KEY_MAX];
		struct slice key = some_key(w->g, buf), k, v;

		if (store_seek(w->t[1], table, key, &k, &v) != ERR_OK)
			continue;
		memcpy(buf, k.p, k.len);
		key = slice_of(buf, k.len);
		del_both(w, table, key);
		walk_both(w, table, key, false, 2);
		walk_both(w, table, key, true, 2);
		get_both(w, table, key);
	}
}

static void
test_a_table_that_was_emptied_is_like_new(void **state)
{
	struct twins w;

	(void)state;
	twins_new(&w, 11);
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 4000; i++) {
			uint8_t buf[STORE_KEY_MAX], value[STORE_CHUNK];
			struct slice key = some_key(w.g, buf);

			put_both(&w, TABLE_HOLD, key,
			    some_value(w.g, value, STORE_CHUNK));
		}
		same_all(&w);
		empty_both(&w, TABLE_HOLD);
		same_all(&w);
	}
	for (int i = 0; i < 2; i++)
		assert_int_equal(store_clear(w.t[i], TABLE_HOLD), ERR_OK);
	same_all(&w);
	twins_free(&w);
}

/* Row ${i} of lanes that rise and of one that falls. */
static struct slice
lane_key(uint64_t i, uint64_t n, uint8_t key[48])
{
	memset(key, 0, 48);
	key[0] = (uint8_t)(i % 4);
	be64_put(key + 40, n == 0 ? i : n - i);
	return (slice_of(key, 48));
}

/* Many pages, in three levels. */
static void
test_many_rows_stay_in_order(void **state)
{
	const uint64_t n = 120000;
	uint8_t key[48];
	struct twins w;

	(void)state;
	twins_new(&w, 12);
	for (uint64_t i = 0; i < n; i++)
		put_both(&w, TABLE_SEEN, lane_key(i, 0, key),
		    slice_of(key + 8, 40));
	/* 98 bytes a row: rows that rise leave full pages behind. */
	assert_true(store_bytes(w.st) < n * 105);
	for (uint64_t i = 0; i < n; i++)
		put_both(&w, TABLE_DUE, lane_key(i, n, key),
		    slice_of(key + 8, 40));
	same_all(&w);
	for (uint64_t i = 0; i < n; i++)
		if (i % 64 != 0) {
			del_both(&w, TABLE_SEEN, lane_key(i, 0, key));
			del_both(&w, TABLE_DUE, lane_key(i, n, key));
		}
	same_all(&w);
	for (int i = 0; i < 2; i++)
		assert_int_equal(store_clear(w.t[i], TABLE_SEEN), ERR_OK);
	same_all(&w);
	twins_free(&w);
}

/* Keys far apart and long rows: three levels of few rows. */
static void
put_far(struct twins *w, size_t n)
{
	static const uint8_t zeros[STORE_CHUNK];
	uint8_t key[40] = { 0 };

	for (size_t i = 0; i < n; i++) {
		rig_bytes(w->g, key, 16);
		put_both(w, TABLE_HOLD, slice_of(key, sizeof(key)),
		    slice_of(zeros, 1500 + rig_below(w->g, 1500)));
	}
}

/* Take away the first or the last, as often as there are; now and then put. */
static void
take_ends(struct twins *w, bool from_front)
{
	static const struct slice all;
	struct slice k, v;
	uint8_t key[40];

	while (store_count(w->t[0], TABLE_HOLD) > 0) {
		assert_int_equal(from_front
			? store_seek(w->t[1], TABLE_HOLD, all, &k, &v)
			: store_before(w->t[1], TABLE_HOLD, all, &k, &v),
		    ERR_OK);
		memcpy(key, k.p, sizeof(key));
		del_both(w, TABLE_HOLD, slice_of(key, sizeof(key)));
		walk_both(w, TABLE_HOLD, all, !from_front, 2);
		if (rig_below(w->g, 3) == 0)
			put_far(w, 1);
	}
}

static void
test_rows_may_go_from_either_end(void **state)
{
	struct twins w;

	(void)state;
	twins_new(&w, 16);
	for (int i = 0; i < 2; i++) {
		put_far(&w, 5000);
		same_all(&w);
		take_ends(&w, i == 0);
		same_all(&w);
	}
	twins_free(&w);
}

static void
test_pages_that_went_are_used_again(void **state)
{
	struct twins w;
	uint64_t bytes = 0;
	uint8_t key[8];

	(void)state;
	twins_new(&w, 13);
	/* A mailbox from which as much goes as comes. */
	for (uint64_t i = 0; i < 50000; i++) {
		be64_put(key, i);
		put_both(&w, TABLE_OUTBOX, slice_of(key, 8),
		    slice_of(key, 8));
		if (i >= 1000) {
			be64_put(key, i - 1000);
			del_both(&w, TABLE_OUTBOX, slice_of(key, 8));
		}
		if (i == 5000)
			bytes = store_bytes(w.st);
	}
	assert_int_equal(store_bytes(w.st), bytes);
	same_all(&w);
	twins_free(&w);
}

/* --- what it refuses ---------------------------------------------------- */

static void
test_what_is_wrong_is_refused_alike(void **state)
{
	static const uint8_t zeros[STORE_CHUNK + 1];
	struct slice one = slice_of("bb", 2);
	struct slice v, k;
	struct twins w;

	(void)state;
	twins_new(&w, 14);
	for (int i = 0; i < 2; i++) {
		struct txn *t = w.t[i];

		assert_int_equal(store_next(t, TABLE_DUE, &k, &v),
		    ERR_NOT_FOUND);
		assert_int_equal(store_get(t, TABLE_DUE,
			slice_of(zeros, STORE_KEY_MAX + 1), &v), ERR_CORRUPT);
		assert_int_equal(store_put(t, TABLE_DUE,
			slice_of(zeros, STORE_KEY_MAX + 1), one), ERR_CORRUPT);
		/* Rows that come one behind the other, and one that does
		 * not. */
		assert_int_equal(store_put(t, TABLE_KEY, one, one), ERR_OK);
		assert_int_equal(store_put(t, TABLE_KEY, one, one),
		    ERR_CORRUPT);
		assert_int_equal(store_put(t, TABLE_KEY, slice_of("ba", 2),
			one), ERR_CORRUPT);
		assert_int_equal(store_put(t, TABLE_DUE, one,
			slice_of(zeros, sizeof(zeros))), ERR_STORE);
		assert_int_equal(store_put(t, TABLE_DUE, slice_of(zeros, 0),
			one), ERR_STORE);
		/* A turn in which that happened is no turn. */
		assert_int_equal(store_commit(&w.t[i]), ERR_STORE);
		assert_int_equal(store_begin(i == 0 ? w.g->st : w.st, &t),
		    ERR_STORE);
	}
	store_close(w.st);
	rig_remove(w.dir);
	rig_free(w.g);
}

static void
test_nothing_can_be_taken_back(void **state)
{
	struct twins w = { 0 };
	struct txn *t;

	(void)state;
	open_scratch(&w, 0);
	assert_int_equal(store_begin(w.st, &t), ERR_OK);
	assert_int_equal(store_put(t, TABLE_DUE, slice_of("a", 1),
		slice_of("b", 1)), ERR_OK);
	store_abort(&t);
	assert_int_equal(store_begin(w.st, &t), ERR_STORE);
	assert_int_equal(store_read(w.st, &t), ERR_STORE);
	store_close(w.st);
	rig_remove(w.dir);
}

static void
test_a_read_and_a_turn_do_not_meet(void **state)
{
	struct twins w = { 0 };
	struct txn *t, *r, *no;

	(void)state;
	open_scratch(&w, 0);
	assert_int_equal(store_begin(w.st, &t), ERR_OK);
	assert_int_equal(store_read(w.st, &no), ERR_STORE);
	assert_int_equal(store_commit(&t), ERR_OK);
	assert_false(store_has_readers(w.st));
	assert_int_equal(store_read(w.st, &r), ERR_OK);
	assert_true(store_has_readers(w.st));
	assert_int_equal(store_begin(w.st, &no), ERR_STORE);
	assert_int_equal(store_renew(r), ERR_OK);
	store_done(&r);
	store_check_readers(w.st);
	assert_false(store_has_readers(w.st));
	assert_int_equal(store_copy(w.st, 1), ERR_STORE);
	store_close(w.st);
	rig_remove(w.dir);
}

static void
test_a_step_after_a_write_is_refused(void **state)
{
	struct twins w = { 0 };
	struct slice k, v;
	struct txn *t;

	(void)state;
	open_scratch(&w, 0);
	assert_int_equal(store_begin(w.st, &t), ERR_OK);
	assert_int_equal(store_put(t, TABLE_DUE, slice_of("a", 1),
		slice_of("b", 1)), ERR_OK);
	assert_int_equal(store_seek(t, TABLE_DUE, slice_of("a", 1), &k, &v),
	    ERR_OK);
	assert_int_equal(store_put(t, TABLE_SEEN, slice_of("a", 1),
		slice_of("b", 1)), ERR_OK);
	assert_int_equal(store_next(t, TABLE_DUE, &k, &v), ERR_NOT_FOUND);
	assert_int_equal(store_del(t, TABLE_DUE, slice_of("a", 1)), ERR_OK);
	assert_int_equal(store_next(t, TABLE_DUE, &k, &v), ERR_STORE);
	store_abort(&t);
	store_close(w.st);
	rig_remove(w.dir);
}

/* The disk has no room for more: an error, and no signal. */
static void
test_a_full_disk_is_an_error(void **state)
{
	static const uint8_t zeros[STORE_CHUNK];
	struct twins w = { 0 };
	struct txn *t;
	enum err err = ERR_OK;
	uint64_t i;

	(void)state;
	open_scratch(&w, (uint64_t)8 << 20);
	assert_int_equal(store_begin(w.st, &t), ERR_OK);
	for (i = 0; err == ERR_OK; i++) {
		uint8_t key[8];

		be64_put(key, i * UINT64_C(0x9e3779b97f4a7c15));
		err = store_put(t, TABLE_TRAIL, slice_of(key, 8),
		    slice_of(zeros, sizeof(zeros)));
	}
	assert_int_equal(err, ERR_FULL);
	assert_true(i > 1000 && i < 2200);
	assert_true(store_is_nearly_full(w.st));
	assert_int_equal(store_commit(&t), ERR_STORE);
	store_close(w.st);
	rig_remove(w.dir);
}

/* The file is nobody's to find, from the beginning. */
static void
test_the_rows_have_no_name(void **state)
{
	struct twins w = { 0 };
	char path[128];

	(void)state;
	open_scratch(&w, 0);
	(void)snprintf(path, sizeof(path), "%s/rows", w.dir);
	assert_int_equal(access(path, F_OK), -1);
	(void)snprintf(path, sizeof(path), "%s/data.mdb", w.dir);
	assert_int_equal(access(path, F_OK), -1);
	store_close(w.st);
	rig_remove(w.dir);
}

/* --- the view in it ----------------------------------------------------- */

static void
test_a_replay_in_memory_gives_the_same_view(void **state)
{
	struct twins w = { 0 };
	struct view_difference diff;
	struct txn *a, *b;

	(void)state;
	w.g = rig_new(15);
	rig_fill(w.g, 3000);
	open_scratch(&w, 0);
	assert_int_equal(store_read(w.g->st, &a), ERR_OK);
	assert_int_equal(view_replay(a, w.st, store_size(a)), ERR_OK);
	assert_int_equal(store_read(w.st, &b), ERR_OK);
	assert_int_equal(view_compare(a, b, &diff), ERR_OK);
	store_done(&a);
	store_done(&b);
	store_close(w.st);
	rig_remove(w.dir);
	rig_free(w.g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_scratch_store_answers_as_one_on_disk),
		cmocka_unit_test(test_a_table_that_was_emptied_is_like_new),
		cmocka_unit_test(test_many_rows_stay_in_order),
		cmocka_unit_test(test_rows_may_go_from_either_end),
		cmocka_unit_test(test_pages_that_went_are_used_again),
		cmocka_unit_test(test_what_is_wrong_is_refused_alike),
		cmocka_unit_test(test_nothing_can_be_taken_back),
		cmocka_unit_test(test_a_read_and_a_turn_do_not_meet),
		cmocka_unit_test(test_a_step_after_a_write_is_refused),
		cmocka_unit_test(test_a_full_disk_is_an_error),
		cmocka_unit_test(test_the_rows_have_no_name),
		cmocka_unit_test(
		    test_a_replay_in_memory_gives_the_same_view),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

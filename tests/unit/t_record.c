/*
 * Records: what was appended is what is read, and what a leaf commits to.
 */
#include "records_any.h"

static void
test_a_record_comes_back_as_it_was_appended(void **state)
{
	struct rig *g = rig_new(1);
	struct record rec;
	struct referral r;
	Keten__V1__Facts *f;
	Keten__V1__RouteFacts *route;
	uint8_t hash[32];

	(void)state;
	rig_begin(g);
	r = rig_referral(g);
	assert_int_equal(rig_submit_as(g, &r, 0), ERR_OK);
	assert_int_equal(record_read(g->t, 0, g->a, &rec), ERR_OK);
	assert_int_equal(record_check(&rec), ERR_OK);
	assert_true(rec.has_owner);
	assert_true(refid_eq(&rec.owner, &r.id));
	assert_int_equal(rec.leaf.kind, LEAF_COMMAND);
	assert_int_equal(rec.leaf.time_ms, g->now_ms);
	assert_true(slice_eq(rec.leaf_bytes, g->out.leaf));
	assert_memory_equal(rec.leaf_hash, g->out.leaf_hash, 32);
	assert_memory_equal(rec.salt, g->out.salt, 32);
	assert_true(slice_eq(rec.facts, g->out.facts));
	assert_true(slice_eq(rec.route, g->out.route));
	assert_true(slice_eq(rec.envelope,
	    slice_str("an envelope, as received")));
	leaf_record(rec.salt, rec.envelope, rec.facts, rec.route, hash);
	assert_memory_equal(hash, rec.leaf.record, 32);
	assert_int_equal(record_facts(&rec, g->a, &f, &route), ERR_OK);
	assert_int_equal(f->index, 0);
	assert_int_equal(route->sender->number, 1);
	rig_free(g);
}

static void
test_a_record_of_another_leaf_is_found_out(void **state)
{
	struct rig *g = rig_new(2);
	struct record rec;
	uint8_t *copy;

	(void)state;
	rig_begin(g);
	assert_int_equal(rig_submit(g), ERR_OK);
	assert_int_equal(record_read(g->t, 0, g->a, &rec), ERR_OK);
	copy = arena_alloc(g->a, rec.facts.len);
	assert_non_null(copy);
	for (size_t i = 0; i < rec.facts.len; i++) {
		struct record other = rec;

		memcpy(copy, rec.facts.p, rec.facts.len);
		copy[i] ^= 1;
		other.facts = slice_of(copy, rec.facts.len);
		assert_int_equal(record_check(&other), ERR_DIGEST);
	}
	rig_free(g);
}

/* Read the record, or its first part. */
static enum err
read_one(struct rig *g, size_t what)
{
	size_t mark = arena_used(g->a);
	struct content_piece piece;
	struct record rec;
	enum err err = what == 0 ? record_read(g->t, 0, g->a, &rec)
				 : record_content(g->t, 0, 0, g->a, &piece);

	arena_rewind(g->a, mark);
	return (err);
}

/* Turn one bit of each byte of the record's rows, one after another. */
static void
test_each_byte_of_a_row_counts(void **state)
{
	static const enum table tables[] = { TABLE_RECORD, TABLE_CONTENT };
	struct rig *g = rig_new(3);
	struct referral r;

	(void)state;
	rig_begin(g);
	r = rig_referral(g);
	assert_int_equal(rig_submit_as(g, &r, 3072), ERR_OK);
	rig_commit(g);
	for (size_t i = 0; i < 2; i++) {
		uint8_t row[STORE_CHUNK], key[STORE_KEY_MAX];
		static const struct slice all;
		struct slice k, v;

		rig_begin(g);
		assert_int_equal(store_seek(g->t, tables[i], all, &k, &v),
		    ERR_OK);
		memcpy(key, k.p, k.len);
		memcpy(row, v.p, v.len);
		/* The positive control: as it is, it can be read. */
		assert_int_equal(read_one(g, i), ERR_OK);
		for (size_t j = 0; j < v.len; j++) {
			enum err err;

			row[j] ^= 0x40;
			assert_int_equal(store_put(g->t, tables[i],
				slice_of(key, k.len), slice_of(row, v.len)),
			    ERR_OK);
			err = read_one(g, i);
			assert_int_not_equal(err, ERR_OK);
			assert_int_not_equal(err, ERR_NOT_FOUND);
			row[j] ^= 0x40;
		}
		store_abort(&g->t);
	}
	rig_free(g);
}

static void
test_erased_is_not_the_same_as_missing(void **state)
{
	struct rig *g = rig_new(4);
	struct vault *v = store_vault(g->st);
	struct referral r;
	struct record rec;
	struct content_piece piece;
	uint32_t pair;

	(void)state;
	rig_begin(g);
	r = rig_referral(g);
	assert_int_equal(rig_submit_as(g, &r, 3072), ERR_OK);
	rig_commit(g);
	rig_begin(g);
	assert_int_equal(record_read(g->t, 1, g->a, &rec), ERR_NOT_FOUND);
	assert_int_equal(record_content(g->t, 0, 2, g->a, &piece),
	    ERR_NOT_FOUND);
	assert_int_equal(record_pair(g->t, 0, &pair), ERR_OK);
	/* Content first: the record stays. */
	assert_int_equal(vault_erase(v, pair, VAULT_CONTENT), ERR_OK);
	assert_int_equal(record_content(g->t, 0, 0, g->a, &piece),
	    ERR_CONTENT_GONE);
	assert_int_equal(record_drop_content(g->t, 0), ERR_OK);
	assert_int_equal(record_drop_content(g->t, 0), ERR_OK);
	assert_int_equal(store_count(g->t, TABLE_CONTENT), 0);
	assert_int_equal(record_content(g->t, 0, 0, g->a, &piece),
	    ERR_CONTENT_GONE);
	assert_int_equal(record_read(g->t, 0, g->a, &rec), ERR_OK);
	/* Then all of it; what is left is where it stood. */
	assert_int_equal(vault_erase(v, pair, VAULT_RECORD), ERR_OK);
	assert_int_equal(record_read(g->t, 0, g->a, &rec), ERR_CONTENT_GONE);
	assert_int_equal(record_drop(g->t, 0), ERR_OK);
	assert_int_equal(record_drop(g->t, 0), ERR_OK);
	assert_int_equal(record_read(g->t, 0, g->a, &rec), ERR_CONTENT_GONE);
	assert_int_equal(record_pair(g->t, 0, &pair), ERR_OK);
	rig_free(g);
}

static void
test_content_comes_back_with_all_its_wraps(void **state)
{
	static const size_t lens[] = { 3072, 15360, 64512 };
	struct rig *g = rig_new(5);

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct referral r;
		struct made m;
		struct content c = { 0 };
		struct content_piece wraps = { 0 }, got;
		struct seal_wrap w[3];
		bool has;
		uint64_t at;

		rig_begin(g);
		r = rig_referral(g);
		assert_int_equal(rig_submit_as(g, &r, lens[i]), ERR_OK);
		at = g->out.index;
		for (size_t j = 0; j < 3; j++) {
			w[j] = rig_wrap(g);
			m = rig_make(g,
			    KETEN__V1__RECORD_KIND__RECORD_REWRAP);
			wraps.index = at;
			wraps.part = 1;
			wraps.n_wraps = 1;
			wraps.wraps = &w[j];
			c.n = 1;
			c.pieces = &wraps;
			m.in.content = &c;
			m.in.owner = &r.id;
			assert_int_equal(rig_add(g, &m), ERR_OK);
		}
		assert_int_equal(record_content(g->t, at, 1, g->a, &got),
		    ERR_OK);
		assert_int_equal(got.sealed.ciphertext.len, lens[i]);
		assert_int_equal(got.kind, KETEN__V1__PART_KIND__PERSON);
		assert_int_equal(got.n_wraps, 5);
		assert_memory_equal(&got.wraps[4], &w[2], sizeof(w[2]));
		assert_int_equal(record_has_wrap(g->t, at, 1, w[1].key_id,
			&has), ERR_OK);
		assert_true(has);
		assert_int_equal(record_has_wrap(g->t, at, 0, w[1].key_id,
			&has), ERR_OK);
		assert_false(has);
		rig_commit(g);
		arena_reset(g->a);
	}
	rig_free(g);
}

static void
test_nothing_of_a_record_stands_in_the_files_in_clear(void **state)
{
	static const char marker[] = "MARKER-4711-MARKER";
	struct rig *g = rig_new(6);
	struct referral r;
	struct made m;
	char path[128];
	uint8_t *data;
	FILE *f;
	long len;

	(void)state;
	rig_begin(g);
	r = rig_referral(g);
	assert_int_equal(rig_submit_as(g, &r, 0), ERR_OK);
	m = rig_make(g, KETEN__V1__RECORD_KIND__RECORD_REFUSED);
	m.in.owner = &r.id;
	m.in.envelope = slice_str(marker);
	assert_int_equal(rig_add(g, &m), ERR_OK);
	/* The positive control: KEY records are not encrypted. */
	m = rig_make(g, KETEN__V1__RECORD_KIND__RECORD_KEY);
	m.in.envelope = slice_str("CONTROL-4711-CONTROL");
	assert_int_equal(rig_add(g, &m), ERR_OK);
	rig_commit(g);
	(void)snprintf(path, sizeof(path), "%s/data.mdb", g->dir);
	f = fopen(path, "r");
	assert_non_null(f);
	(void)fseek(f, 0, SEEK_END);
	len = ftell(f);
	rewind(f);
	data = malloc((size_t)len);
	assert_non_null(data);
	assert_int_equal(fread(data, 1, (size_t)len, f), len);
	(void)fclose(f);
	assert_null(memmem(data, (size_t)len, marker, sizeof(marker) - 1));
	assert_non_null(memmem(data, (size_t)len, "CONTROL-4711-CONTROL", 20));
	free(data);
	rig_free(g);
}

static void
test_records_of_one_referral_share_a_slot_and_others_do_not(void **state)
{
	struct rig *g = rig_new(7);
	uint32_t a, b, c, month, next_month, key;
	struct made m;

	(void)state;
	rig_begin(g);
	assert_int_equal(rig_submit(g), ERR_OK);
	assert_int_equal(rig_submit(g), ERR_OK);
	m = rig_make(g, KETEN__V1__RECORD_KIND__RECORD_REFUSED);
	m.in.owner = &g->r[0].id;
	assert_int_equal(rig_add(g, &m), ERR_OK);
	m = rig_make(g, KETEN__V1__RECORD_KIND__RECORD_ACCESS);
	assert_int_equal(rig_add(g, &m), ERR_OK);
	g->now_ms += INT64_C(40) * 86400 * 1000;
	m = rig_make(g, KETEN__V1__RECORD_KIND__RECORD_ACCESS);
	assert_int_equal(rig_add(g, &m), ERR_OK);
	assert_int_equal(rig_key(g), ERR_OK);
	assert_int_equal(record_pair(g->t, 0, &a), ERR_OK);
	assert_int_equal(record_pair(g->t, 1, &b), ERR_OK);
	assert_int_equal(record_pair(g->t, 2, &c), ERR_OK);
	assert_int_equal(record_pair(g->t, 3, &month), ERR_OK);
	assert_int_equal(record_pair(g->t, 4, &next_month), ERR_OK);
	assert_int_equal(record_pair(g->t, 5, &key), ERR_OK);
	assert_int_equal(a, c);
	assert_int_not_equal(a, b);
	assert_int_not_equal(month, a);
	assert_int_not_equal(month, b);
	assert_int_not_equal(month, next_month);
	assert_int_equal(key, RECORD_NO_PAIR);
	rig_free(g);
}

static void
test_an_erasure_has_its_clear_body_in_the_leaf(void **state)
{
	static const struct leaf_range ranges[] = { { 0, 1 } };
	struct leaf_erase erase = { .level = 1, .rule = 7, .n = 1,
		.ranges = ranges };
	struct rig *g = rig_new(8);
	struct record rec;
	struct made m;
	uint8_t body[64];
	size_t len;

	(void)state;
	rig_begin(g);
	assert_int_equal(rig_submit(g), ERR_OK);
	assert_int_equal(leaf_erase_encode(&erase, body, sizeof(body), &len),
	    ERR_OK);
	m = rig_make(g, KETEN__V1__RECORD_KIND__RECORD_ERASE);
	m.in.clear = slice_of(body, len);
	assert_int_equal(rig_add(g, &m), ERR_OK);
	assert_int_equal(record_read(g->t, 1, g->a, &rec), ERR_OK);
	assert_true(slice_eq(rec.leaf.clear, slice_of(body, len)));
	assert_int_equal(record_check(&rec), ERR_OK);
	rig_free(g);
}

static void
test_a_rebuild_after_an_erasure_keeps_the_numbers_of_the_slots(void **state)
{
	struct rig *g = rig_new(9);
	struct referral r;
	struct view_more more;
	uint32_t pair, last;

	(void)state;
	rig_begin(g);
	r = rig_referral(g);
	assert_int_equal(rig_submit_as(g, &r, 0), ERR_OK);
	assert_int_equal(record_pair(g->t, 0, &pair), ERR_OK);
	assert_int_equal(record_drop(g->t, 0), ERR_OK);
	rig_commit(g);
	assert_int_equal(vault_erase(store_vault(g->st), pair, VAULT_RECORD),
	    ERR_OK);
	assert_int_equal(view_rebuild(g->st), ERR_OK);
	rig_begin(g);
	last = store_counters(g->t)->next_pair;
	assert_int_equal(last, pair + 1);
	assert_int_equal(view_more(g->t, &r.id, &more), ERR_NOT_FOUND);
	rig_free(g);
}

static void
test_the_time_of_the_newest_leaf_is_known(void **state)
{
	struct rig *g = rig_new(10);
	int64_t at;

	(void)state;
	rig_begin(g);
	assert_int_equal(record_last_time(g->t, &at), ERR_OK);
	assert_int_equal(at, 0);
	assert_int_equal(rig_submit(g), ERR_OK);
	assert_int_equal(record_last_time(g->t, &at), ERR_OK);
	assert_int_equal(at, g->now_ms);
	rig_free(g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_record_comes_back_as_it_was_appended),
		cmocka_unit_test(test_a_record_of_another_leaf_is_found_out),
		cmocka_unit_test(test_each_byte_of_a_row_counts),
		cmocka_unit_test(test_erased_is_not_the_same_as_missing),
		cmocka_unit_test(test_content_comes_back_with_all_its_wraps),
		cmocka_unit_test(
		    test_nothing_of_a_record_stands_in_the_files_in_clear),
		cmocka_unit_test(
		    test_records_of_one_referral_share_a_slot_and_others_do_not),
		cmocka_unit_test(test_an_erasure_has_its_clear_body_in_the_leaf),
		cmocka_unit_test(
		    test_a_rebuild_after_an_erasure_keeps_the_numbers_of_the_slots),
		cmocka_unit_test(test_the_time_of_the_newest_leaf_is_known),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

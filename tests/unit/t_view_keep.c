/*
 * Referrals that stand unpacked in a scratch store are what they are in any
 * other, at every moment, and leave the same rows.
 */
#include "records_any.h"

#define RECORDS 1200

/* The same records in two stores, one of them a scratch store. */
struct pair {
	struct rig *g; /* whose records they are */
	struct txn *from;
	char dir[2][64];
	struct store *st[2];
	struct txn *t[2];
};

static void
open_one(struct pair *p, int i)
{
	struct store_config c = { .path = p->dir[i], .origin = RIG_ORIGIN,
		.map_size = UINT64_C(1) << 32, .scratch = i == 1 };

	(void)snprintf(p->dir[i], sizeof(p->dir[i]),
	    "/tmp/keten-pair-XXXXXX");
	assert_non_null(mkdtemp(p->dir[i]));
	assert_int_equal(store_open(&c, &p->st[i]), ERR_OK);
}

static void
pair_new(struct pair *p, uint64_t seed)
{
	memset(p, 0, sizeof(*p));
	p->g = rig_new(seed);
	rig_fill(p->g, RECORDS);
	assert_int_equal(store_read(p->g->st, &p->from), ERR_OK);
	for (int i = 0; i < 2; i++)
		open_one(p, i);
}

static void
pair_free(struct pair *p)
{
	store_done(&p->from);
	for (int i = 0; i < 2; i++) {
		store_close(p->st[i]);
		rig_remove(p->dir[i]);
	}
	rig_free(p->g);
}

static void
begin_both(struct pair *p)
{
	for (int i = 0; i < 2; i++)
		assert_int_equal(store_begin(p->st[i], &p->t[i]), ERR_OK);
}

static void
commit_both(struct pair *p)
{
	for (int i = 0; i < 2; i++)
		assert_int_equal(store_commit(&p->t[i]), ERR_OK);
}

/* Apply one record to both; return whose it is. */
static bool
apply_both(struct pair *p, uint64_t index, struct refid *owner)
{
	struct record rec;
	struct view_in in = { .index = index, .log = p->from };
	Keten__V1__Facts *facts;
	Keten__V1__RouteFacts *route;

	assert_int_equal(record_read(p->from, index, p->g->a, &rec), ERR_OK);
	assert_int_equal(record_check(&rec), ERR_OK);
	assert_int_equal(record_facts(&rec, p->g->a, &facts, &route), ERR_OK);
	memcpy(in.leaf_hash, rec.leaf_hash, 32);
	in.time_ms = rec.leaf.time_ms;
	in.pair = rec.pair;
	in.owner = rec.has_owner ? &rec.owner : NULL;
	in.facts = facts;
	in.route = route;
	in.envelope = rec.envelope;
	for (int i = 0; i < 2; i++)
		assert_int_equal(view_apply(p->t[i], &in), ERR_OK);
	arena_reset(p->g->a);
	*owner = rec.owner;
	return (rec.has_owner);
}

/* What a referral is, as its state would travel. */
static struct slice
as_state(struct pair *p, const struct referral *r)
{
	Keten__V1__ReferralState *s = rig_zero(p->g, 1, sizeof(*s));
	struct slice out;

	keten__v1__referral_state__init(s);
	assert_int_equal(apply_to_state(p->g->a, r, s), ERR_OK);
	assert_int_equal(pb_pack(p->g->a, &s->base, &out), ERR_OK);
	return (out);
}

static void
same_referral(struct pair *p, const struct refid *id)
{
	struct referral *r[2];
	enum err err[2];

	for (int i = 0; i < 2; i++) {
		r[i] = rig_zero(p->g, 1, sizeof(*r[i]));
		err[i] = view_referral(p->t[i], id, r[i]);
	}
	assert_int_equal(err[0], err[1]);
	if (err[0] == ERR_OK)
		assert_true(slice_eq(as_state(p, r[0]), as_state(p, r[1])));
	arena_reset(p->g->a);
}

static void
same_more(struct pair *p, const struct refid *id)
{
	struct view_more more[2];
	uint8_t blind[2][16];
	enum err err[2];

	for (int i = 0; i < 2; i++)
		err[i] = view_more(p->t[i], id, &more[i]);
	assert_int_equal(err[0], err[1]);
	if (err[0] != ERR_OK)
		return;
	assert_int_equal(more[0].pair, more[1].pair);
	assert_int_equal(more[0].opening_index, more[1].opening_index);
	assert_int_equal(more[0].newest_index, more[1].newest_index);
	assert_memory_equal(more[0].newest_leaf, more[1].newest_leaf, 32);
	for (uint32_t offer = 0; offer < 6; offer++) {
		for (int i = 0; i < 2; i++)
			err[i] = view_blind(p->t[i], id, offer, blind[i]);
		assert_int_equal(err[0], err[1]);
		if (err[0] == ERR_OK)
			assert_memory_equal(blind[0], blind[1], 16);
	}
}

static void
same_state(struct pair *p, const struct refid *id)
{
	const struct view_parts want = { .max = 100 };
	struct slice packed[2];
	enum err err[2];

	for (int i = 0; i < 2; i++) {
		Keten__V1__ReferralState *s;
		bool more;

		err[i] = view_state(p->t[i], id, p->g->a, &want, &s, &more);
		if (err[i] == ERR_OK)
			assert_int_equal(pb_pack(p->g->a, &s->base,
				&packed[i]), ERR_OK);
	}
	assert_int_equal(err[0], err[1]);
	if (err[0] == ERR_OK)
		assert_true(slice_eq(packed[0], packed[1]));
	arena_reset(p->g->a);
}

static void
same_views(struct pair *p)
{
	struct view_difference d;

	assert_int_equal(view_compare(p->t[0], p->t[1], &d), ERR_OK);
}

static void
test_at_every_moment_it_is_the_same_referral(void **state)
{
	struct pair p;
	struct refid id;
	uint64_t n;

	(void)state;
	for (uint64_t seed = 1; seed <= 3; seed++) {
		pair_new(&p, seed);
		n = store_size(p.from);
		begin_both(&p);
		for (uint64_t i = 0; i < n; i++) {
			/* Some turns are short, some long. */
			if (rig_below(p.g, 50) == 0) {
				commit_both(&p);
				begin_both(&p);
			}
			if (!apply_both(&p, i, &id))
				continue;
			same_referral(&p, &id);
			if (i % 3 == 0)
				same_more(&p, &id);
			if (i % 5 == 0)
				same_state(&p, &id);
			id = p.g->r[rig_below(p.g, p.g->n)].id;
			same_referral(&p, &id);
			same_more(&p, &id);
		}
		assert_int_equal(view_settle(p.t[1]), ERR_OK);
		commit_both(&p);
		begin_both(&p);
		same_views(&p);
		commit_both(&p);
		pair_free(&p);
	}
}

static void
test_one_that_has_its_row_goes_on_without_it(void **state)
{
	struct pair p;
	struct refid id;
	uint64_t n;

	(void)state;
	pair_new(&p, 4);
	n = store_size(p.from);
	for (uint64_t i = 0; i < n;) {
		uint64_t until = i + 1 + rig_below(p.g, 60);

		begin_both(&p);
		for (; i < until && i < n; i++)
			(void)apply_both(&p, i, &id);
		assert_int_equal(view_settle(p.t[1]), ERR_OK);
		commit_both(&p);
		begin_both(&p);
		same_views(&p);
		commit_both(&p);
	}
	pair_free(&p);
}

static void
test_the_list_of_all_is_the_same(void **state)
{
	struct refid list[2][RIG_REFERRALS];
	struct pair p;
	struct refid id;
	size_t n[2];

	(void)state;
	pair_new(&p, 5);
	begin_both(&p);
	for (uint64_t i = 0; i < 700; i++) {
		(void)apply_both(&p, i, &id);
		if (i % 100 != 99)
			continue;
		for (int k = 0; k < 2; k++)
			assert_int_equal(view_referrals(p.t[k], NULL, list[k],
				RIG_REFERRALS, &n[k]), ERR_OK);
		assert_true(n[0] > 0);
		assert_int_equal(n[0], n[1]);
		assert_memory_equal(list[0], list[1], n[0] * sizeof(id));
	}
	commit_both(&p);
	pair_free(&p);
}

static void
test_without_settling_the_views_differ(void **state)
{
	struct view_difference d;
	struct pair p;
	struct refid id;
	struct txn *r;

	(void)state;
	pair_new(&p, 6);
	begin_both(&p);
	for (uint64_t i = 0; i < 100; i++)
		(void)apply_both(&p, i, &id);
	commit_both(&p);
	assert_int_equal(store_read(p.st[1], &r), ERR_OK);
	assert_true(view_compare(p.from, r, &d) != ERR_OK);
	store_done(&r);
	pair_free(&p);
}

/* Whatever fails, it is said, and the store is not used again. */
static void
test_a_failure_is_said(void **state)
{
	enum err err = ERR_STORE;
	struct refid id;
	struct pair p;

	(void)state;
	for (uint64_t n = 1; err != ERR_OK; n++) {
		pair_new(&p, 7);
		assert_int_equal(store_begin(p.st[1], &p.t[1]), ERR_OK);
		assert_int_equal(store_begin(p.st[0], &p.t[0]), ERR_OK);
		for (uint64_t i = 0; i < 20; i++)
			(void)apply_both(&p, i, &id);
		store_fail_at(p.st[1], n);
		err = view_settle(p.t[1]);
		if (err == ERR_OK) {
			store_fail_at(p.st[1], 0);
			assert_int_equal(store_commit(&p.t[1]), ERR_OK);
			assert_true(n > 2);
		} else {
			assert_int_equal(err, ERR_STORE);
			assert_int_equal(store_commit(&p.t[1]), ERR_STORE);
		}
		store_abort(&p.t[0]);
		pair_free(&p);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_at_every_moment_it_is_the_same_referral),
		cmocka_unit_test(test_one_that_has_its_row_goes_on_without_it),
		cmocka_unit_test(test_the_list_of_all_is_the_same),
		cmocka_unit_test(test_without_settling_the_views_differ),
		cmocka_unit_test(test_a_failure_is_said),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

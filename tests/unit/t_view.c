/*
 * The view: it follows from the records, to the byte.
 */
#include "records_any.h"

#define RECORDS 1500

static void
test_a_view_that_is_thrown_away_comes_back_to_the_byte(void **state)
{
	struct rig *g = rig_new(1);
	uint8_t before[32], after[32];

	(void)state;
	rig_fill(g, RECORDS);
	rig_dump_view(g, before);
	assert_int_equal(view_rebuild(g->st), ERR_OK);
	rig_dump_view(g, after);
	assert_memory_equal(before, after, 32);
	/* And it is a view to go on with. */
	rig_fill(g, 100);
	rig_free(g);
}

static void
test_a_replay_elsewhere_gives_the_same_view(void **state)
{
	struct rig *g = rig_new(2);
	struct rig *h = rig_new(3);
	struct view_difference diff;
	struct txn *a, *b;
	uint64_t size;

	(void)state;
	rig_fill(g, RECORDS);
	assert_int_equal(store_read(g->st, &a), ERR_OK);
	size = store_size(a);
	assert_int_equal(view_replay(a, h->st, size), ERR_OK);
	assert_int_equal(store_read(h->st, &b), ERR_OK);
	assert_int_equal(view_compare(a, b, &diff), ERR_OK);
	store_done(&a);
	store_done(&b);
	rig_free(g);
	rig_free(h);
}

/* Change one byte of one row of the view, and see whether it is found. */
static void
test_a_changed_row_is_named(void **state)
{
	static const enum table tables[] = { TABLE_REFERRAL, TABLE_OUTBOX,
		TABLE_SEEN, TABLE_DUE, TABLE_MAILBOX, TABLE_CATALOGUE };
	struct rig *g = rig_new(4);
	struct rig *h = rig_new(5);
	struct txn *a, *b;

	(void)state;
	rig_fill(g, 400);
	assert_int_equal(store_read(g->st, &a), ERR_OK);
	assert_int_equal(view_replay(a, h->st, store_size(a)), ERR_OK);
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		static const struct slice all;
		struct view_difference diff;
		struct slice k, v;
		uint8_t key[STORE_KEY_MAX], value[STORE_CHUNK];

		assert_int_equal(store_begin(h->st, &b), ERR_OK);
		assert_int_equal(store_seek(b, tables[i], all, &k, &v), ERR_OK);
		memcpy(key, k.p, k.len);
		memcpy(value, v.p, v.len);
		value[v.len / 2] ^= 1;
		assert_int_equal(store_put(b, tables[i], slice_of(key, k.len),
			slice_of(value, v.len)), ERR_OK);
		assert_int_equal(view_compare(a, b, &diff), ERR_DIGEST);
		assert_int_equal(diff.table, tables[i]);
		assert_memory_equal(diff.key, key, diff.key_len);
		assert_false(diff.only_a || diff.only_b);
		store_abort(&b);
		assert_int_equal(store_begin(h->st, &b), ERR_OK);
		assert_int_equal(store_del(b, tables[i],
			slice_of(diff.key, diff.key_len)), ERR_OK);
		assert_int_equal(view_compare(a, b, &diff), ERR_DIGEST);
		assert_true(diff.only_a);
		store_abort(&b);
	}
	store_done(&a);
	rig_free(g);
	rig_free(h);
}

static void
test_a_lost_table_is_noticed_and_made_again(void **state)
{
	struct rig *g = rig_new(6);
	uint8_t before[32], after[32];
	bool whole;

	(void)state;
	rig_fill(g, 200);
	rig_dump_view(g, before);
	for (int i = TABLE__VIEW; i < TABLE__MAX; i++) {
		rig_begin(g);
		/* One without rows cannot be lost. */
		if (store_count(g->t, (enum table)i) == 0) {
			store_abort(&g->t);
			continue;
		}
		assert_int_equal(store_clear(g->t, (enum table)i), ERR_OK);
		rig_commit(g);
		store_close(g->st);
		rig_open(g);
		rig_begin(g);
		assert_int_equal(view_is_whole(g->t, &whole), ERR_OK);
		assert_false(whole);
		store_abort(&g->t);
		assert_int_equal(view_rebuild(g->st), ERR_OK);
		rig_begin(g);
		assert_int_equal(view_is_whole(g->t, &whole), ERR_OK);
		assert_true(whole);
		store_abort(&g->t);
		rig_dump_view(g, after);
		assert_memory_equal(before, after, 32);
	}
	rig_free(g);
}

static void
test_what_is_read_is_what_was_applied(void **state)
{
	struct rig *g = rig_new(7);
	struct txn *t;

	(void)state;
	rig_fill(g, 600);
	assert_int_equal(store_read(g->st, &t), ERR_OK);
	for (size_t i = 0; i < g->n; i++) {
		struct referral r;
		struct referral *want = &g->r[i];

		assert_int_equal(view_referral(t, &want->id, &r), ERR_OK);
		assert_true(refid_eq(&r.id, &want->id));
		assert_int_equal(r.state, want->state);
		assert_int_equal(r.version, want->version);
		assert_true(org_eq(&r.h, &want->h));
		assert_int_equal(r.n_offers, want->n_offers);
		assert_int_equal(r.n_parties, want->n_parties);
		assert_int_equal(r.submitted_ms, want->submitted_ms);
		for (int j = 1; j < TERM__MAX; j++)
			assert_int_equal(r.clocks[j].at_ms,
			    want->clocks[j].at_ms);
		for (size_t j = 0; j < r.n_offers; j++)
			assert_true(org_eq(&r.offers[j].to,
			    &want->offers[j].to));
	}
	store_done(&t);
	rig_free(g);
}

/* The earliest running clock, looked for without the view. */
static int64_t
first_of(const struct referral *r)
{
	int64_t at = INT64_MAX;

	for (int i = 1; i < TERM__MAX; i++)
		if (r->clocks[i].running && r->clocks[i].at_ms < at)
			at = r->clocks[i].at_ms;
	for (size_t i = 0; i < r->n_offers; i++)
		if (r->offers[i].own_term && r->offers[i].clock.running &&
		    r->offers[i].clock.at_ms < at)
			at = r->offers[i].clock.at_ms;
	return (at);
}

static void
test_each_running_term_is_found_in_time(void **state)
{
	struct rig *g = rig_new(8);
	struct view_due due[7];
	const struct view_due *after = NULL;
	struct view_due last;
	size_t n, found = 0, expected = 0;
	int64_t before = 0, next;
	struct txn *t;

	(void)state;
	while (g->n < RIG_REFERRALS)
		rig_fill(g, 1);
	assert_int_equal(store_read(g->st, &t), ERR_OK);
	for (size_t i = 0; i < g->n; i++)
		expected += first_of(&g->r[i]) != INT64_MAX;
	assert_int_equal(view_next_due(t, &next), ERR_OK);
	do {
		assert_int_equal(view_due(t, INT64_MAX, after, due, 7, &n),
		    ERR_OK);
		for (size_t i = 0; i < n; i++) {
			size_t j = 0;

			while (!refid_eq(&g->r[j].id, &due[i].referral))
				j++;
			assert_int_equal(first_of(&g->r[j]), due[i].at_ms);
			assert_true(due[i].at_ms >= before);
			before = due[i].at_ms;
			if (found++ == 0)
				assert_int_equal(next, before);
		}
		if (n > 0) {
			last = due[n - 1];
			after = &last;
		}
	} while (n == 7);
	assert_int_equal(found, expected);
	/* Only what has passed by then. */
	assert_int_equal(view_due(t, next - 1, NULL, due, 7, &n), ERR_OK);
	assert_int_equal(n, 0);
	assert_int_equal(view_due(t, next, NULL, due, 7, &n), ERR_OK);
	assert_true(n >= 1);
	store_done(&t);
	rig_free(g);
}

static bool
is_party(const struct referral *r, const struct org *who)
{
	bool yes = org_eq(&r->b, who) || org_eq(&r->r, who) ||
	    org_eq(&r->h, who) || org_eq(&r->custodian, who);

	for (size_t i = 0; i < r->n_parties; i++)
		yes = yes || org_eq(&r->parties[i], who);
	return (yes && r->state != ST_CLOSED &&
	    r->state != ST_ENTERED_IN_ERROR);
}

static void
test_each_party_finds_its_open_work(void **state)
{
	struct rig *g = rig_new(9);
	struct txn *t;

	(void)state;
	while (g->n < RIG_REFERRALS)
		rig_fill(g, 1);
	assert_int_equal(store_read(g->st, &t), ERR_OK);
	for (uint64_t w = 0; w < 6; w++) {
		struct org who = org_of(rig_name(w));
		struct refid ids[5], last;
		const struct refid *after = NULL;
		size_t n, found = 0, expected = 0;

		for (size_t i = 0; i < g->n; i++)
			expected += is_party(&g->r[i], &who);
		do {
			assert_int_equal(view_open_work(t, &who, after, ids, 5,
				&n), ERR_OK);
			found += n;
			if (n > 0) {
				last = ids[n - 1];
				after = &last;
			}
		} while (n == 5);
		assert_int_equal(found, expected);
	}
	store_done(&t);
	rig_free(g);
}

static void
test_children_are_listed_under_their_parent(void **state)
{
	struct rig *g = rig_new(10);
	size_t children = 0;
	struct txn *t;

	(void)state;
	while (g->n < RIG_REFERRALS)
		rig_fill(g, 1);
	assert_int_equal(store_read(g->st, &t), ERR_OK);
	for (size_t i = 0; i < g->n; i++) {
		struct refid ids[RIG_REFERRALS];
		size_t n, expected = 0;

		for (size_t j = 0; j < g->n; j++)
			expected += refid_eq(&g->r[j].parent, &g->r[i].id);
		assert_int_equal(view_children(t, &g->r[i].id, NULL, ids,
			RIG_REFERRALS, &n), ERR_OK);
		assert_int_equal(n, expected);
		children += n;
	}
	assert_true(children > 0);
	store_done(&t);
	rig_free(g);
}

static void
test_numbers_are_remembered_per_lane(void **state)
{
	static const uint8_t lane[8] = "lane-one";
	static const uint8_t other[8] = "lane-two";
	struct rig *g = rig_new(11);
	struct org b = org_of("lwdb-noord");
	struct org nobody = org_of("nobody");
	uint64_t index, last;
	uint8_t hash[32];
	size_t n;

	(void)state;
	rig_begin(g);
	assert_int_equal(rig_submit(g), ERR_OK);
	assert_int_equal(rig_submit(g), ERR_OK);
	assert_int_equal(view_seen(g->t, &b, lane, 2, &index, hash), ERR_OK);
	assert_int_equal(index, 1);
	assert_int_equal(view_seen(g->t, &b, lane, 3, &index, hash),
	    ERR_NOT_FOUND);
	assert_int_equal(view_lane(g->t, &b, lane, &last), ERR_OK);
	assert_int_equal(last, 2);
	assert_int_equal(view_lane(g->t, &b, other, &last), ERR_OK);
	assert_int_equal(last, 0);
	assert_int_equal(view_n_lanes(g->t, &b, &n), ERR_OK);
	assert_int_equal(n, 1);
	assert_int_equal(view_n_lanes(g->t, &nobody, &n), ERR_OK);
	assert_int_equal(n, 0);
	rig_free(g);
}

static void
test_an_acknowledged_delivery_leaves_the_outbox(void **state)
{
	struct rig *g = rig_new(12);
	struct org who = org_of("thuiszorg-t");
	struct view_outbox box[8];
	struct view_mailbox mb;
	uint8_t hash[32] = { 0 };
	size_t n;

	(void)state;
	rig_begin(g);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(rig_submit(g), ERR_OK);
		leaf_running(hash, (uint64_t)i + 1, g->out.leaf_hash, hash);
	}
	assert_int_equal(view_mailbox(g->t, &who, "main", &mb), ERR_OK);
	assert_int_equal(mb.last, 5);
	assert_int_equal(mb.acked, 0);
	assert_memory_equal(mb.last_hash, hash, 32);
	assert_int_equal(view_outbox(g->t, &who, "main", 2, box, 8, &n),
	    ERR_OK);
	assert_int_equal(n, 3);
	assert_int_equal(box[0].seq, 3);
	for (int i = 0; i < 40; i++)
		assert_int_equal(rig_ack(g), ERR_OK);
	assert_int_equal(view_mailbox(g->t, &who, "main", &mb), ERR_OK);
	assert_int_equal(mb.last, 5);
	assert_int_equal(mb.acked, 5);
	assert_memory_equal(mb.acked_hash, hash, 32);
	assert_memory_equal(mb.last_hash, hash, 32);
	assert_int_equal(view_outbox(g->t, &who, "main", 0, box, 8, &n),
	    ERR_OK);
	assert_int_equal(n, 0);
	rig_free(g);
}

/* An ACK as somebody who was shown another history would send it. */
static enum err
false_ack(struct rig *g, uint64_t seq, bool other_hash)
{
	struct made m = rig_make(g, KETEN__V1__RECORD_KIND__RECORD_DELIVERED);
	Keten__V1__AckFacts *ack = rig_zero(g, 1, sizeof(*ack));
	uint8_t *hash = rig_zero(g, 1, 32);
	struct org who = org_of("thuiszorg-t");
	struct view_outbox d;

	if (view_delivery(g->t, &who, "main", seq, &d) == ERR_OK)
		memcpy(hash, d.running_hash, 32);
	hash[0] ^= other_hash;
	keten__v1__ack_facts__init(ack);
	ack->partner = pb_string("thuiszorg-t");
	ack->mailbox = pb_string("main");
	ack->n = seq;
	ack->running_hash = pb_of(hash, 32);
	m.f->ack = ack;
	return (record_append(g->t, g->a, &m.in, &g->out));
}

static void
test_an_acknowledgement_of_another_history_does_not_fit(void **state)
{
	static const struct {
		uint64_t seq;
		bool other;
		enum err err;
	} rows[] = {
		{ 2, true, ERR_CORRUPT },
		{ 4, false, ERR_CORRUPT },
		{ 2, false, ERR_OK },
	};
	struct rig *g = rig_new(13);

	(void)state;
	rig_begin(g);
	for (int i = 0; i < 3; i++)
		assert_int_equal(rig_submit(g), ERR_OK);
	rig_commit(g);
	for (size_t i = 0; i < 3; i++) {
		rig_begin(g);
		assert_int_equal(false_ack(g, rows[i].seq, rows[i].other),
		    rows[i].err);
		store_abort(&g->t);
	}
	rig_free(g);
}

/* One thing wrong with a record, and the turn must not take it. */
static enum err
spoilt(struct rig *g, int how)
{
	struct referral r = rig_referral(g);
	struct made m = rig_make(g, KETEN__V1__RECORD_KIND__RECORD_COMMAND);
	struct referral after;

	rig_header(g, &m, &r);
	rig_sender(g, &m, r.b.id);
	m.in.owner = &r.id;
	if (how == 6 || how == 7) {
		after = g->r[0];
		after.version++;
		rig_diff(g, &m, &g->r[0], &after);
		m.in.owner = &g->r[0].id;
		m.f->change->version_before += how == 7;
		return (record_append(g->t, g->a, &m.in, &g->out));
	}
	rig_diff(g, &m, NULL, &r);
	assert_int_equal(rig_deliver(g, &m, &r, 1, 2), ERR_OK);
	if (how == 1)
		m.f->index++;
	if (how == 2)
		m.f->header = NULL;
	if (how == 3)
		m.route->deliveries[1]->seq++;
	if (how == 4)
		m.in.owner = NULL;
	if (how == 5)
		m.f->change->referral.len = 15;
	return (record_append(g->t, g->a, &m.in, &g->out));
}

static void
test_facts_that_do_not_follow_are_not_taken(void **state)
{
	struct rig *g = rig_new(14);

	(void)state;
	rig_fill(g, 20);
	for (int how = 0; how < 8; how++) {
		rig_begin(g);
		assert_int_equal(spoilt(g, how),
		    how == 0 || how == 6 ? ERR_OK : ERR_CORRUPT);
		store_abort(&g->t);
	}
	rig_free(g);
}

static void
test_the_whole_of_a_referral_has_its_pieces_and_blinds(void **state)
{
	struct rig *g = rig_new(15);
	struct referral r;
	Keten__V1__ReferralState *s;
	uint8_t blind[16], commit[32];
	struct view_parts want = { .max = 1 };
	bool rest;
	struct view_more more;

	(void)state;
	rig_begin(g);
	r = rig_referral(g);
	assert_int_equal(rig_submit_as(g, &r, 3072), ERR_OK);
	assert_int_equal(view_state(g->t, &r.id, g->a, &want, &s, &rest),
	    ERR_OK);
	assert_int_equal(s->n_pieces, 1);
	assert_true(rest);
	want = (struct view_parts){ .behind = true, .max = 2,
		.index = s->pieces[0]->index, .part = s->pieces[0]->part };
	assert_int_equal(view_state(g->t, &r.id, g->a, &want, &s, &rest),
	    ERR_OK);
	assert_int_equal(s->n_pieces, 1);
	assert_int_equal(s->pieces[0]->part, 1);
	assert_false(rest);
	want = (struct view_parts){ .max = 2 };
	assert_int_equal(view_state(g->t, &r.id, g->a, &want, &s, &rest),
	    ERR_OK);
	assert_false(rest);
	assert_int_equal(s->n_pieces, 2);
	assert_int_equal(s->pieces[1]->part, 1);
	assert_string_equal(s->header->payer, "wmo");
	assert_int_equal(s->n_who, 2);
	assert_int_equal(s->who[0]->blind.len, 16);
	assert_int_equal(view_blind(g->t, &r.id, 2, blind), ERR_OK);
	assert_memory_equal(blind, s->who[1]->blind.data, 16);
	assert_int_equal(view_blind(g->t, &r.id, 3, blind), ERR_NOT_FOUND);
	apply_commit(blind, &r.offers[1].to, commit);
	assert_int_equal(view_more(g->t, &r.id, &more), ERR_OK);
	assert_int_equal(more.opening_index, 0);
	assert_memory_equal(more.newest_leaf, g->out.leaf_hash, 32);
	rig_free(g);
}

static void
test_catalogue_and_policy_are_found(void **state)
{
	struct rig *g = rig_new(16);
	struct view_entry e[8];
	struct view_at at;
	uint64_t index, in_force;
	size_t n;

	(void)state;
	rig_begin(g);
	assert_int_equal(view_policy(g->t, 0, &index), ERR_NOT_FOUND);
	assert_int_equal(rig_policy(g), ERR_OK);
	assert_int_equal(rig_policy(g), ERR_OK);
	assert_int_equal(view_policy(g->t, 0, &index), ERR_OK);
	assert_int_equal(index, 1);
	assert_int_equal(view_policy(g->t, 1, &index), ERR_OK);
	assert_int_equal(index, 0);
	assert_int_equal(view_policy_in_force(g->t, &in_force), ERR_OK);
	assert_int_equal(in_force, 2);
	for (int i = 0; i < 100; i++)
		assert_int_equal(rig_catalogue(g), ERR_OK);
	assert_int_equal(view_catalogue(g->t, "DST-101", NULL, g->a, e, 8,
		&n), ERR_OK);
	assert_int_equal(n, 6);
	assert_string_equal(e[0].partner.id, "corporatie-c");
	assert_string_equal(e[0].entry->service, "DST-101");
	at = (struct view_at){ .service = "DST-101",
		.partner = e[3].partner.id };
	assert_int_equal(view_catalogue(g->t, "DST-101", &at, g->a, e, 8,
		&n), ERR_OK);
	assert_int_equal(n, 2);
	/* Of every service, from the last but one of the first on. */
	at.partner = e[0].partner.id;
	assert_int_equal(view_catalogue(g->t, "", &at, g->a, e, 8, &n),
	    ERR_OK);
	assert_int_equal(n, 7);
	assert_string_equal(e[0].entry->service, "DST-101");
	assert_string_equal(e[1].entry->service, "DST-403");
	rig_free(g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_a_view_that_is_thrown_away_comes_back_to_the_byte),
		cmocka_unit_test(test_a_replay_elsewhere_gives_the_same_view),
		cmocka_unit_test(test_a_changed_row_is_named),
		cmocka_unit_test(test_a_lost_table_is_noticed_and_made_again),
		cmocka_unit_test(test_what_is_read_is_what_was_applied),
		cmocka_unit_test(test_each_running_term_is_found_in_time),
		cmocka_unit_test(test_each_party_finds_its_open_work),
		cmocka_unit_test(test_children_are_listed_under_their_parent),
		cmocka_unit_test(test_numbers_are_remembered_per_lane),
		cmocka_unit_test(
		    test_an_acknowledged_delivery_leaves_the_outbox),
		cmocka_unit_test(
		    test_an_acknowledgement_of_another_history_does_not_fit),
		cmocka_unit_test(test_facts_that_do_not_follow_are_not_taken),
		cmocka_unit_test(
		    test_the_whole_of_a_referral_has_its_pieces_and_blinds),
		cmocka_unit_test(test_catalogue_and_policy_are_found),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

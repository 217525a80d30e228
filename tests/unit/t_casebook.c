/*
 * The casebook: what a device keeps of each referral, in whatever order it
 * arrives.
 */
#include "witness_bench.h"

static void
file(struct bench *b, const struct story *s, size_t i, uint32_t role,
    uint32_t offer, struct dossier *d)
{
	const struct org self = org_of(K);
	struct filing f = { .record = s->record[i], .role = role,
		.offer = offer };
	struct spool_txn *txn;

	assert_int_equal(spool_begin(b->spool, true, &txn), ERR_OK);
	assert_int_equal(casebook_file(txn, b->a, &self, &id, &f, d), ERR_OK);
	assert_int_equal(spool_commit(&txn), ERR_OK);
}

static void
is_at_the_end(const struct dossier *d)
{
	assert_int_equal(d->r.state, ST_ACCEPTED);
	assert_int_equal(d->r.version, 3);
	assert_int_equal(d->r.urgency, URGENCY_HIGH);
	assert_string_equal(d->r.h.id, K);
	assert_int_equal(d->newest_index, 12);
	assert_int_equal(d->opening_index, 10);
	assert_string_equal(d->frequency, "1/week");
	assert_int_equal(d->r.offers[0].state, OFFER_TAKEN);
	assert_string_equal(d->r.offers[0].to.id, K);
}

static void
test_records_in_any_order_make_the_same_referral(void **state)
{
	static const size_t orders[][N_RECORDS] = { { 0, 1, 2 }, { 0, 2, 1 },
		{ 1, 0, 2 }, { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 } };
	struct bench *b = *state;
	struct story s;

	tell(b->a, &s, b->device, b->device);
	for (size_t i = 0; i < 6; i++) {
		struct spool_txn *txn;
		struct dossier d;
		uint64_t index = 0;

		for (size_t j = 0; j < N_RECORDS; j++)
			file(b, &s, orders[i][j], KETEN_HOLDER,
			    orders[i][j] == 0, &d);
		is_at_the_end(&d);
		/* And it is so when read back; then away with it. */
		assert_int_equal(spool_begin(b->spool, true, &txn), ERR_OK);
		assert_int_equal(casebook_get(txn, b->a, &id, &d), ERR_OK);
		is_at_the_end(&d);
		assert_int_equal(spool_del(txn, SPOOL_REFERRAL,
		    spool_key_of(id.b, 16)), ERR_OK);
		while (casebook_next(txn, &id, &index) == ERR_OK) {
			struct spool_key k = { .len = 24 };

			memcpy(k.b, id.b, 16);
			be64_put(k.b + 16, index);
			assert_int_equal(spool_del(txn, SPOOL_RECORD, k),
			    ERR_OK);
		}
		assert_int_equal(spool_commit(&txn), ERR_OK);
	}
}

static void
test_a_record_twice_changes_nothing(void **state)
{
	struct bench *b = *state;
	struct dossier d;
	struct story s;

	tell(b->a, &s, b->device, b->device);
	for (int turn = 0; turn < 2; turn++)
		for (size_t i = 0; i < N_RECORDS; i++)
			file(b, &s, i, KETEN_HOLDER, i == 0, &d);
	is_at_the_end(&d);
}

static void
test_a_candidate_without_route_facts_knows_its_own_offer(void **state)
{
	struct bench *b = *state;
	struct dossier d;
	struct story s;
	uint8_t hash[N_RECORDS][32];

	tell(b->a, &s, b->device, b->device);
	for (size_t i = 0; i < N_RECORDS; i++) {
		Keten__V1__Record *r = s.record[i];

		digest_of(r->route_facts.data, r->route_facts.len, hash[i]);
		r->route_facts = pb_of(NULL, 0);
		r->route_hash = pb_of(hash[i], 32);
		file(b, &s, i, KETEN_CANDIDATE, i == 0, &d);
	}
	is_at_the_end(&d);
}

static void
test_a_base_of_the_broker_is_gone_on_from(void **state)
{
	const struct org self = org_of(K);
	Keten__V1__ReferralState st = KETEN__V1__REFERRAL_STATE__INIT;
	struct filing f = { .role = KETEN_CANDIDATE };
	struct bench *b = *state;
	struct spool_txn *txn;
	struct slice bytes;
	struct dossier d;
	struct story s;

	tell(b->a, &s, b->device, b->device);
	assert_int_equal(apply_to_state(b->a, &s.r[2], &st), ERR_OK);
	assert_int_equal(pb_pack(b->a, &st.base, &bytes), ERR_OK);
	assert_int_equal(spool_begin(b->spool, true, &txn), ERR_OK);
	f.record = s.record[0];
	f.offer = 1;
	assert_int_equal(casebook_file(txn, b->a, &self, &id, &f, &d),
	    ERR_OK);
	assert_int_equal(casebook_base(txn, b->a, 11, salt, bytes,
	    KETEN_CANDIDATE), ERR_OK);
	f.record = s.record[2];
	f.offer = 0;
	assert_int_equal(casebook_file(txn, b->a, &self, &id, &f, &d),
	    ERR_OK);
	is_at_the_end(&d);
	/* What it is older than does not turn it back. */
	assert_int_equal(casebook_base(txn, b->a, 11, salt, bytes,
	    KETEN_CANDIDATE), ERR_OK);
	assert_int_equal(casebook_get(txn, b->a, &id, &d), ERR_OK);
	is_at_the_end(&d);
	spool_abort(&txn);
}

static void
test_another_record_at_a_known_place_is_not_taken(void **state)
{
	const struct org self = org_of(K);
	struct filing f = { .role = KETEN_CANDIDATE };
	struct bench *b = *state;
	struct spool_txn *txn;
	struct dossier d;
	struct story s, other;

	tell(b->a, &s, b->device, b->device);
	file(b, &s, 0, KETEN_CANDIDATE, 1, &d);
	file(b, &s, 1, KETEN_CANDIDATE, 1, &d);
	tell(b->a, &other, b->device, b->device);
	other.r[2].urgency = URGENCY_EMERGENT;
	change(b->a, &other, 1, KETEN__V1__EVENT__RAISE_URGENCY, NULL);
	f.record = other.record[1];
	assert_int_equal(spool_begin(b->spool, true, &txn), ERR_OK);
	assert_int_equal(casebook_file(txn, b->a, &self, &id, &f, &d),
	    ERR_CORRUPT);
	spool_abort(&txn);
}

static void
test_another_wrap_does_not_take_the_place_of_one_that_opens(void **state)
{
	struct bench *b = *state;
	struct piece p = { .index = 10, .part = 1,
		.kind = KETEN__V1__PART_KIND__PERSON, .from = org_of(B),
		.sealed = slice_str("verzegeld"), .has_wrap = true,
		.wrap = { .encrypted_key = { 1 } }, .state = PIECE_OPENS };
	struct spool_txn *txn;
	struct dossier d;
	struct story s;

	tell(b->a, &s, b->device, b->device);
	file(b, &s, 0, KETEN_HOLDER, 1, &d);
	assert_int_equal(spool_begin(b->spool, true, &txn), ERR_OK);
	assert_int_equal(casebook_piece_put(txn, b->a, &id, &p), ERR_OK);
	p.wrap.encrypted_key[0] = 2;
	p.state = PIECE_NEW;
	assert_int_equal(casebook_piece_put(txn, b->a, &id, &p), ERR_OK);
	assert_int_equal(casebook_piece_get(txn, b->a, &id, 10, 1, &p),
	    ERR_OK);
	assert_int_equal(p.wrap.encrypted_key[0], 1);
	assert_int_equal(p.state, PIECE_OPENS);
	spool_abort(&txn);
}

static void
test_a_wrap_that_failed_fails_again_until_another_comes(void **state)
{
	struct bench *b = *state;
	struct piece p = { .index = 10, .part = 1,
		.kind = KETEN__V1__PART_KIND__PERSON, .from = org_of(B),
		.sealed = slice_str("verzegeld"), .has_wrap = true,
		.wrap = { .encrypted_key = { 1 } }, .state = PIECE_FAILS };
	struct spool_txn *txn;
	struct dossier d;
	struct story s;

	tell(b->a, &s, b->device, b->device);
	file(b, &s, 0, KETEN_HOLDER, 1, &d);
	assert_int_equal(spool_begin(b->spool, true, &txn), ERR_OK);
	assert_int_equal(casebook_piece_put(txn, b->a, &id, &p), ERR_OK);
	p.state = PIECE_NEW;
	assert_int_equal(casebook_piece_put(txn, b->a, &id, &p), ERR_OK);
	assert_int_equal(casebook_piece_get(txn, b->a, &id, 10, 1, &p),
	    ERR_OK);
	assert_int_equal(p.state, PIECE_FAILS);
	p.wrap.encrypted_key[0] = 2;
	p.state = PIECE_NEW;
	assert_int_equal(casebook_piece_put(txn, b->a, &id, &p), ERR_OK);
	assert_int_equal(casebook_piece_get(txn, b->a, &id, 10, 1, &p),
	    ERR_OK);
	assert_int_equal(p.state, PIECE_NEW);
	spool_abort(&txn);
}

static void
test_a_part_keeps_its_bytes_and_gets_its_wrap_later(void **state)
{
	struct bench *b = *state;
	struct piece p = { .index = 10, .part = 1,
		.kind = KETEN__V1__PART_KIND__PERSON, .from = org_of(B),
		.sealed = slice_str("verzegeld") };
	struct spool_txn *txn;
	struct dossier d;
	struct story s;

	tell(b->a, &s, b->device, b->device);
	file(b, &s, 0, KETEN_HOLDER, 1, &d);
	assert_int_equal(spool_begin(b->spool, true, &txn), ERR_OK);
	assert_int_equal(casebook_piece_put(txn, b->a, &id, &p), ERR_OK);
	assert_int_equal(casebook_get(txn, b->a, &id, &d), ERR_OK);
	assert_int_equal(d.openable, 0);
	p.sealed = slice_of(NULL, 0);
	p.has_wrap = true;
	assert_int_equal(casebook_piece_put(txn, b->a, &id, &p), ERR_OK);
	assert_int_equal(casebook_piece_find(txn, b->a, &id,
	    KETEN__V1__PART_KIND__PERSON, 0, &p), ERR_OK);
	assert_true(p.has_wrap);
	assert_int_equal(p.sealed.len, strlen("verzegeld"));
	assert_int_equal(casebook_piece_find(txn, b->a, &id,
	    KETEN__V1__PART_KIND__NOTE, 0, &p), ERR_NOT_FOUND);
	/* Whether it opens is not said before it did. */
	assert_int_equal(casebook_get(txn, b->a, &id, &d), ERR_OK);
	assert_int_equal(d.openable, 0);
	p.state = PIECE_OPENS;
	assert_int_equal(casebook_piece_put(txn, b->a, &id, &p), ERR_OK);
	assert_int_equal(casebook_get(txn, b->a, &id, &d), ERR_OK);
	assert_int_equal(d.openable, 1 << KETEN_PERSON);
	/* Erased: nothing of it is left. */
	assert_int_equal(casebook_purge(txn, b->a, &id), ERR_OK);
	assert_int_equal(casebook_piece_find(txn, b->a, &id,
	    KETEN__V1__PART_KIND__PERSON, 0, &p), ERR_NOT_FOUND);
	assert_int_equal(casebook_get(txn, b->a, &id, &d), ERR_OK);
	assert_true(d.is_erased && d.openable == 0);
	spool_abort(&txn);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_records_in_any_order_make_the_same_referral),
		TEST(test_a_record_twice_changes_nothing),
		TEST(test_a_candidate_without_route_facts_knows_its_own_offer),
		TEST(test_a_base_of_the_broker_is_gone_on_from),
		TEST(test_another_record_at_a_known_place_is_not_taken),
		TEST(test_another_wrap_does_not_take_the_place_of_one_that_opens),
		TEST(test_a_wrap_that_failed_fails_again_until_another_comes),
		TEST(test_a_part_keeps_its_bytes_and_gets_its_wrap_later),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

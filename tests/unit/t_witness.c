/*
 * What the broker shows is believed only when it can be computed, and what is
 * believed makes the same referral in whatever order it came.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "demo_policy.h"
#include "sdk_story.h"
#include "keten/v1/keys.pb-c.h"
#include "life/apply.h"
#include "sdk/casebook.h"
#include "sdk/certs.h"
#include "sdk/spool.h"
#include "sdk/witness.h"
#include "trust/digest.h"
#include "trust/seal.h"
#include "wire/envelope.h"
#include "wire/pb.h"
#include "wire/statement.h"

struct bench {
	struct arena *a;
	struct policy *policy;
	struct certs *certs;
	struct signer *introducer;
	struct signer *identity; /* of B */
	struct signer *device;
	struct seal_key seal;
	char dir[64];
	struct spool *spool;
};

static int
set_up(void **state)
{
	static const uint8_t key[32] = { 1 };
	struct bench *b = calloc(1, sizeof(*b));

	b->a = arena_new(8 << 20);
	b->policy = demo_policy(NULL, NULL);
	assert_non_null(b->policy);
	b->certs = certs_new(ORIGIN);
	b->introducer = signer_of("introducer");
	b->identity = signer_of(B);
	b->device = signer_of("device");
	assert_int_equal(seal_key_new(&b->seal), ERR_OK);
	(void)snprintf(b->dir, sizeof(b->dir), "/tmp/keten-witness-XXXXXX");
	assert_non_null(mkdtemp(b->dir));
	assert_int_equal(spool_open(b->dir, 16 << 20, key, &b->spool),
	    ERR_OK);
	*state = b;
	return (0);
}

static int
tear_down(void **state)
{
	static const char *const names[] = { "data.mdb", "lock.mdb" };
	struct bench *b = *state;
	char path[128];

	spool_close(b->spool);
	for (size_t i = 0; i < 2; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", b->dir, names[i]);
		(void)unlink(path);
	}
	(void)rmdir(b->dir);
	sign_free(b->introducer);
	sign_free(b->identity);
	sign_free(b->device);
	certs_free(b->certs);
	policy_free(b->policy);
	arena_free(b->a);
	free(b);
	return (0);
}

/* ---- certificates ---------------------------------------------------------- */

static enum err
add(struct bench *b, uint64_t index, struct slice envelope)
{
	struct org partner;
	bool is_new;

	return (certs_add(b->certs, b->a, b->policy,
	    sign_public(b->introducer), index, envelope, &partner, &is_new));
}

static const uint8_t *
sign_key_at(struct bench *b, uint64_t at)
{
	const struct org partner = org_of(B), device = org_of("adapter");
	uint8_t key_id[SIGN_KEY_ID];

	sign_key_id(sign_public(b->device), key_id);
	return (certs_sign_key(b->certs, &partner, &device, key_id, at));
}

static void
test_a_key_counts_only_if_the_identity_key_signed_it(void **state)
{
	struct bench *b = *state;
	const uint8_t *key = sign_public(b->device);

	assert_int_equal(add(b, 3, device_cert(b->a, b->introducer, B, key)),
	    ERR_BAD_SIGNATURE);
	assert_int_equal(add(b, 3, device_cert(b->a, b->identity, K, key)),
	    ERR_BAD_SIGNATURE);
	assert_int_equal(add(b, 3, device_cert(b->a, b->identity, "niemand",
	    key)), ERR_UNKNOWN_PARTNER);
	assert_null(sign_key_at(b, 10));
	assert_int_equal(add(b, 3, device_cert(b->a, b->identity, B, key)),
	    ERR_OK);
	assert_non_null(sign_key_at(b, 10));
}

/* The policy of a partner that has another identity key since; with the one
 * from before, or without. */
static struct policy *
new_identity(const struct bench *b, const struct signer *now, bool former)
{
	char to[512], is[65], was[65];

	hex_encode(sign_public(now), 32, is);
	hex_encode(sign_public(b->identity), 32, was);
	(void)snprintf(to, sizeof(to), "identity_key: %s%s%s%s", is,
	    former ? "\n    former_identity_keys: [" : "", former ? was : "",
	    former ? "]" : "");
	return (demo_policy("identity_key: file:partners/" B ".pub", to));
}

static void
test_a_former_identity_key_counts_as_long_as_the_policy_says(void **state)
{
	struct bench *b = *state;
	struct signer *now = signer_of("nieuwe identiteit");
	struct policy *old = b->policy;
	const uint8_t *key = sign_public(b->device);

	b->policy = new_identity(b, now, false);
	assert_non_null(b->policy);
	assert_int_equal(add(b, 3, device_cert(b->a, b->identity, B, key)),
	    ERR_BAD_SIGNATURE);
	policy_free(b->policy);
	b->policy = new_identity(b, now, true);
	assert_non_null(b->policy);
	assert_int_equal(add(b, 3, device_cert(b->a, b->identity, B, key)),
	    ERR_OK);
	assert_non_null(sign_key_at(b, 10));
	policy_free(b->policy);
	b->policy = old;
	sign_free(now);
}

static void
test_a_key_of_small_order_does_not_count(void **state)
{
	static const uint8_t small[32] = { 1 };
	struct bench *b = *state;

	assert_int_equal(add(b, 3, device_cert(b->a, b->identity, B, small)),
	    ERR_KEY_NOT_VALID);
}

static void
test_a_key_counts_after_it_came_and_before_it_went(void **state)
{
	struct bench *b = *state;

	/* The end may arrive before the beginning. */
	assert_int_equal(add(b, 9, revoke_cert(b->a, b->introducer)), ERR_OK);
	assert_int_equal(add(b, 3, device_cert(b->a, b->identity, B,
	    sign_public(b->device))), ERR_OK);
	assert_null(sign_key_at(b, 3));
	assert_non_null(sign_key_at(b, 4));
	/* Up to and including the record that ends it. */
	assert_non_null(sign_key_at(b, 9));
	assert_null(sign_key_at(b, 10));
}

static void
test_the_highest_serial_seals(void **state)
{
	struct bench *b = *state;
	const struct org partner = org_of(B);
	struct seal_public first;

	assert_null(certs_seal_key(b->certs, &partner, 5));
	assert_int_equal(add(b, 3, seal_cert(b->a, b->identity, B, 2,
	    &b->seal.pub)), ERR_OK);
	first = *certs_seal_key(b->certs, &partner, 5);
	assert_int_equal(seal_key_new(&b->seal), ERR_OK);
	/* Serials never go back. */
	assert_int_equal(add(b, 4, seal_cert(b->a, b->identity, B, 1,
	    &b->seal.pub)), ERR_KEY_NOT_VALID);
	assert_memory_equal(certs_seal_key(b->certs, &partner, 5), &first,
	    sizeof(first));
	assert_int_equal(add(b, 5, seal_cert(b->a, b->identity, B, 3,
	    &b->seal.pub)), ERR_OK);
	assert_memory_equal(certs_seal_key(b->certs, &partner, 5),
	    &b->seal.pub, sizeof(first));
}

static void
test_kept_certificates_come_back(void **state)
{
	struct bench *b = *state;
	const struct org partner = org_of(B);
	struct slice envelope = device_cert(b->a, b->identity, B,
	    sign_public(b->device));
	struct spool_txn *txn;

	assert_int_equal(spool_begin(b->spool, true, &txn), ERR_OK);
	assert_int_equal(certs_keep(txn, 3, &partner, envelope), ERR_OK);
	assert_int_equal(spool_commit(&txn), ERR_OK);
	assert_int_equal(spool_begin(b->spool, false, &txn), ERR_OK);
	assert_int_equal(certs_load(b->certs, txn, b->a), ERR_OK);
	spool_abort(&txn);
	assert_non_null(sign_key_at(b, 4));
}

/* ---- records --------------------------------------------------------------- */

static enum err
look(struct bench *b, const Keten__V1__Record *r)
{
	struct witnessed w;
	const char *what = "";

	return (witness_record(b->a, r, &w, &what));
}

/* Turn each bit of each byte of a field; nothing may be believed. */
static void
turn_bits(struct bench *b, const Keten__V1__Record *r,
    ProtobufCBinaryData *field)
{
	for (size_t i = 0; i < field->len * 8; i++) {
		size_t mark = arena_used(b->a);

		field->data[i / 8] ^= (uint8_t)(1u << (i % 8));
		assert_int_not_equal(look(b, r), ERR_OK);
		field->data[i / 8] ^= (uint8_t)(1u << (i % 8));
		arena_rewind(b->a, mark);
	}
}

static void
test_a_record_is_believed_only_to_the_bit(void **state)
{
	struct bench *b = *state;
	struct story s;
	Keten__V1__Record *r;
	struct slice own;

	tell(b->a, &s, b->device, b->device);
	r = s.record[0];
	assert_int_equal(look(b, r), ERR_OK);
	assert_int_equal(arena_copy(b->a, pb_slice(r->salt), &own), 0);
	r->salt = pb_data(own);
	turn_bits(b, r, &r->salt);
	turn_bits(b, r, &r->facts);
	turn_bits(b, r, &r->route_facts);
	turn_bits(b, r, &r->envelope_hash);
	turn_bits(b, r, &r->leaf);
	assert_int_equal(look(b, r), ERR_OK);
	r->index++;
	assert_int_equal(look(b, r), ERR_DIGEST);
}

static void
test_who_may_not_see_the_route_checks_its_digest(void **state)
{
	struct bench *b = *state;
	struct story s;
	uint8_t hash[32];

	tell(b->a, &s, b->device, b->device);
	digest_of(s.record[0]->route_facts.data, s.record[0]->route_facts.len,
	    hash);
	s.record[0]->route_facts = pb_of(NULL, 0);
	s.record[0]->route_hash = pb_of(hash, 32);
	assert_int_equal(look(b, s.record[0]), ERR_OK);
	turn_bits(b, s.record[0], &s.record[0]->route_hash);
}

static enum err
hear(struct bench *b, const Keten__V1__Record *r, struct slice envelope)
{
	struct witnessed w;
	struct said said;
	const char *what = "";

	assert_int_equal(witness_record(b->a, r, &w, &what), ERR_OK);
	return (witness_statement(b->a, b->certs, ORIGIN, envelope, &w, &said,
	    &what));
}

static void
test_a_statement_needs_a_certified_signature(void **state)
{
	struct bench *b = *state;
	struct story s;

	tell(b->a, &s, b->device, b->device);
	assert_int_equal(hear(b, s.record[0], s.envelope[0]), ERR_NOT_FOUND);
	assert_int_equal(add(b, 3, device_cert(b->a, b->identity, B,
	    sign_public(b->device))), ERR_OK);
	assert_int_equal(hear(b, s.record[0], s.envelope[0]), ERR_OK);
	/* Another envelope than the record's. */
	assert_int_equal(hear(b, s.record[0], statement(b->a, b->device,
	    B, KETEN__V1__EVENT__SUBMIT, 2)), ERR_DIGEST);
}

static void
test_facts_of_another_step_do_not_fit_the_statement(void **state)
{
	struct bench *b = *state;
	struct story s;
	Keten__V1__Facts *f;
	Keten__V1__Record *r;

	tell(b->a, &s, b->device, b->device);
	assert_int_equal(add(b, 3, device_cert(b->a, b->identity, B,
	    sign_public(b->device))), ERR_OK);
	assert_int_equal(pb_unpack(b->a, &keten__v1__facts__descriptor,
	    pb_slice(s.record[0]->facts), &prescan_stored, &f), ERR_OK);
	f->change->steps[0]->event = KETEN__V1__EVENT__ACCEPT;
	r = record(b->a, f, NULL, s.envelope[0]);
	assert_int_equal(hear(b, r, s.envelope[0]), ERR_DIGEST);
	f->change->steps[0]->event = KETEN__V1__EVENT__SUBMIT;
	f->change->referral.data[15] ^= 1;
	r = record(b->a, f, NULL, s.envelope[0]);
	assert_int_equal(hear(b, r, s.envelope[0]), ERR_DIGEST);
}

static void
test_an_offer_is_ours_only_if_the_commitment_says_so(void **state)
{
	const struct org us = org_of(K), them = org_of(R);
	struct bench *b = *state;
	struct witnessed w;
	struct story s;
	const char *what;

	tell(b->a, &s, b->device, b->device);
	assert_int_equal(witness_record(b->a, s.record[0], &w, &what),
	    ERR_OK);
	assert_int_equal(witness_offer(&w, &id, 1, &us,
	    slice_of(s.blind[0], 16)), ERR_OK);
	assert_int_equal(witness_offer(&w, &id, 1, &them,
	    slice_of(s.blind[0], 16)), ERR_DIGEST);
	s.blind[0][3] ^= 1;
	assert_int_equal(witness_offer(&w, &id, 1, &us,
	    slice_of(s.blind[0], 16)), ERR_DIGEST);
}

/* ---- the casebook ---------------------------------------------------------- */

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

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_key_counts_only_if_the_identity_key_signed_it),
		TEST(test_a_former_identity_key_counts_as_long_as_the_policy_says),
		TEST(test_a_key_of_small_order_does_not_count),
		TEST(test_a_key_counts_after_it_came_and_before_it_went),
		TEST(test_the_highest_serial_seals),
		TEST(test_kept_certificates_come_back),
		TEST(test_a_record_is_believed_only_to_the_bit),
		TEST(test_who_may_not_see_the_route_checks_its_digest),
		TEST(test_a_statement_needs_a_certified_signature),
		TEST(test_facts_of_another_step_do_not_fit_the_statement),
		TEST(test_an_offer_is_ours_only_if_the_commitment_says_so),
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

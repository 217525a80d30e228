/*
 * What the broker shows is believed only when it can be computed, and what is
 * believed makes the same referral in whatever order it came.
 */
#include "witness_bench.h"

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
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

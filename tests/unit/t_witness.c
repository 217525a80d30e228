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

#define ORIGIN "keten.voorbeeld.nl/demo"
#define B "lwdb-noord"
#define K "welzijn-w"
#define R "gemeente-r"

static const struct refid id = { { 1, 144, 0, 0, 0, 0, 0x70, 0, 0x80, 7 } };

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

static struct signer *
signer_of(const char *name)
{
	uint8_t seed[SIGN_SEED] = { 0 };

	(void)snprintf((char *)seed, sizeof(seed), "%s", name);
	return (sign_new(seed));
}

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

static Keten__V1__KeyStatement
key_statement(const char *partner)
{
	Keten__V1__KeyStatement k = KETEN__V1__KEY_STATEMENT__INIT;

	k.version = 1;
	k.origin = pb_string(ORIGIN);
	k.partner = pb_string(partner);
	k.made_ms = 1;
	return (k);
}

static struct slice
sign_cert(struct bench *b, const struct signer *by,
    const Keten__V1__KeyStatement *k)
{
	struct slice body, envelope;

	assert_int_equal(pb_pack(b->a, &k->base, &body), ERR_OK);
	assert_int_equal(envelope_make(b->a, ENVELOPE_KEY, body, by,
	    &envelope), ERR_OK);
	return (envelope);
}

static struct slice
device_cert(struct bench *b, const struct signer *by, const char *partner,
    const uint8_t *sign_key)
{
	Keten__V1__KeyStatement k = key_statement(partner);
	Keten__V1__DeviceCertificate d = KETEN__V1__DEVICE_CERTIFICATE__INIT;

	d.device = pb_string("adapter");
	d.serial = 1;
	d.curve_key = pb_of(sign_key, 32);
	d.sign_key = pb_of(sign_key, 32);
	d.role = KETEN__V1__DEVICE_ROLE__FULL;
	k.body_case = KETEN__V1__KEY_STATEMENT__BODY_DEVICE;
	k.device = &d;
	return (sign_cert(b, by, &k));
}

static struct slice
seal_cert(struct bench *b, const struct signer *by, uint64_t serial)
{
	Keten__V1__KeyStatement k = key_statement(B);
	Keten__V1__SealingCertificate s =
	    KETEN__V1__SEALING_CERTIFICATE__INIT;

	s.serial = serial;
	s.key_x = pb_of(b->seal.pub.x, 32);
	s.key_y = pb_of(b->seal.pub.y, 32);
	k.body_case = KETEN__V1__KEY_STATEMENT__BODY_SEALING;
	k.sealing = &s;
	return (sign_cert(b, by, &k));
}

static struct slice
revoke_cert(struct bench *b, const struct signer *by)
{
	Keten__V1__KeyStatement k = key_statement(B);
	Keten__V1__Revoke r = KETEN__V1__REVOKE__INIT;

	r.device = pb_string("adapter");
	r.serial = 1;
	r.reason = pb_string("lost");
	k.body_case = KETEN__V1__KEY_STATEMENT__BODY_REVOKE;
	k.revoke = &r;
	return (sign_cert(b, by, &k));
}

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

	assert_int_equal(add(b, 3, device_cert(b, b->introducer, B, key)),
	    ERR_BAD_SIGNATURE);
	assert_int_equal(add(b, 3, device_cert(b, b->identity, K, key)),
	    ERR_BAD_SIGNATURE);
	assert_int_equal(add(b, 3, device_cert(b, b->identity, "niemand",
	    key)), ERR_UNKNOWN_PARTNER);
	assert_null(sign_key_at(b, 10));
	assert_int_equal(add(b, 3, device_cert(b, b->identity, B, key)),
	    ERR_OK);
	assert_non_null(sign_key_at(b, 10));
}

static void
test_a_key_of_small_order_does_not_count(void **state)
{
	static const uint8_t small[32] = { 1 };
	struct bench *b = *state;

	assert_int_equal(add(b, 3, device_cert(b, b->identity, B, small)),
	    ERR_KEY_NOT_VALID);
}

static void
test_a_key_counts_after_it_came_and_before_it_went(void **state)
{
	struct bench *b = *state;

	/* The end may arrive before the beginning. */
	assert_int_equal(add(b, 9, revoke_cert(b, b->introducer)), ERR_OK);
	assert_int_equal(add(b, 3, device_cert(b, b->identity, B,
	    sign_public(b->device))), ERR_OK);
	assert_null(sign_key_at(b, 3));
	assert_non_null(sign_key_at(b, 4));
	assert_non_null(sign_key_at(b, 8));
	assert_null(sign_key_at(b, 9));
}

static void
test_the_highest_serial_seals(void **state)
{
	struct bench *b = *state;
	const struct org partner = org_of(B);
	struct seal_public first;

	assert_null(certs_seal_key(b->certs, &partner, 5));
	assert_int_equal(add(b, 3, seal_cert(b, b->identity, 2)), ERR_OK);
	first = *certs_seal_key(b->certs, &partner, 5);
	assert_int_equal(seal_key_new(&b->seal), ERR_OK);
	assert_int_equal(add(b, 4, seal_cert(b, b->identity, 1)), ERR_OK);
	assert_memory_equal(certs_seal_key(b->certs, &partner, 5), &first,
	    sizeof(first));
	assert_int_equal(add(b, 5, seal_cert(b, b->identity, 3)), ERR_OK);
	assert_memory_equal(certs_seal_key(b->certs, &partner, 5),
	    &b->seal.pub, sizeof(first));
}

static void
test_kept_certificates_come_back(void **state)
{
	struct bench *b = *state;
	const struct org partner = org_of(B);
	struct slice envelope = device_cert(b, b->identity, B,
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

static const uint8_t salt[LEAF_SALT] = { 9 };

static struct slice
statement(struct bench *b, const struct signer *by,
    Keten__V1__Event event, uint64_t number)
{
	static const uint8_t lane[8] = { 1 }, nonce[32] = { 2 };
	Keten__V1__Statement st = KETEN__V1__STATEMENT__INIT;
	Keten__V1__Command c = KETEN__V1__COMMAND__INIT;
	Keten__V1__Header h = KETEN__V1__HEADER__INIT;
	struct slice body, envelope;

	st.version = 1;
	st.origin = pb_string(ORIGIN);
	st.partner = pb_string(B);
	st.device = pb_string("adapter");
	st.lane = pb_of(lane, 8);
	st.number = number;
	st.nonce = pb_of(nonce, 32);
	st.referral = pb_of(id.b, 16);
	st.actor = pb_string("TEAM-1");
	st.body_case = KETEN__V1__STATEMENT__BODY_COMMAND;
	st.command = &c;
	c.event = event;
	if (event == KETEN__V1__EVENT__SUBMIT) {
		h.code = pb_string("SIG-101");
		h.area = pb_string("WK085501");
		h.urgency = KETEN__V1__URGENCY__NORMAL;
		h.basis = pb_string("G-TOE");
		h.discussed = KETEN__V1__DISCUSSED__AGREES;
		c.header = &h;
	}
	assert_int_equal(pb_pack(b->a, &st.base, &body), ERR_OK);
	assert_int_equal(envelope_make(b->a, ENVELOPE_COMMAND, body, by,
	    &envelope), ERR_OK);
	return (envelope);
}

/* A record of these facts, with its leaf. */
static Keten__V1__Record *
record(struct bench *b, Keten__V1__Facts *f, Keten__V1__RouteFacts *route,
    struct slice envelope)
{
	Keten__V1__Record *r = arena_zero(b->a, 1, sizeof(*r));
	struct slice facts, routes = slice_of(NULL, 0), hash, bytes;
	uint8_t leaf[LEAF_LEN], envelope_hash[32];
	struct leaf l = { .kind = LEAF_COMMAND, .time_ms = f->time_ms };
	size_t len;

	keten__v1__record__init(r);
	f->kind = KETEN__V1__RECORD_KIND__RECORD_COMMAND;
	assert_int_equal(pb_pack(b->a, &f->base, &facts), ERR_OK);
	if (route != NULL)
		assert_int_equal(pb_pack(b->a, &route->base, &routes),
		    ERR_OK);
	leaf_record(salt, envelope, facts, routes, l.record);
	assert_int_equal(leaf_encode(&l, leaf, sizeof(leaf), &len), ERR_OK);
	assert_int_equal(arena_copy(b->a, slice_of(leaf, len), &bytes), 0);
	digest_of(envelope.p, envelope.len, envelope_hash);
	assert_int_equal(arena_copy(b->a, slice_of(envelope_hash, 32), &hash),
	    0);
	r->index = f->index;
	r->leaf = pb_data(bytes);
	r->salt = pb_of(salt, sizeof(salt));
	r->envelope_hash = pb_data(hash);
	r->facts = pb_data(facts);
	r->route_facts = pb_data(routes);
	return (r);
}

/* ${n} records of one referral: SUBMIT to K, RAISE_URGENCY, ACCEPT by K. */
#define N_RECORDS 3

struct story {
	struct referral r[N_RECORDS + 1];
	Keten__V1__Record *record[N_RECORDS];
	struct slice envelope;
	uint8_t blind[1][16];
};

static void
change(struct bench *b, struct story *s, size_t i, Keten__V1__Event event,
    Keten__V1__FactsHeader *header)
{
	Keten__V1__Facts *f = arena_zero(b->a, 1, sizeof(*f));
	Keten__V1__RouteFacts *route = arena_zero(b->a, 1, sizeof(*route));
	Keten__V1__RouteChange *who = arena_zero(b->a, 1, sizeof(*who));
	Keten__V1__Change *c = arena_zero(b->a, 1, sizeof(*c));
	Keten__V1__Step *step = arena_zero(b->a, 1, sizeof(*step));
	Keten__V1__Step **steps = arena_zero(b->a, 1, sizeof(*steps));
	Keten__V1__RouteChange **whos = arena_zero(b->a, 1, sizeof(*whos));

	keten__v1__facts__init(f);
	keten__v1__route_facts__init(route);
	keten__v1__route_change__init(who);
	keten__v1__change__init(c);
	keten__v1__step__init(step);
	assert_int_equal(apply_diff(b->a, i == 0 ? NULL : &s->r[i],
	    &s->r[i + 1], (const uint8_t(*)[16])s->blind, c, who), ERR_OK);
	step->event = event;
	step->row = 1;
	step->from = (Keten__V1__State)s->r[i].state;
	step->to = (Keten__V1__State)s->r[i + 1].state;
	if (step->from == 0)
		step->from = step->to;
	step->holder = pb_string(s->r[i + 1].h.id);
	steps[0] = step;
	c->steps = steps;
	c->n_steps = 1;
	whos[0] = who;
	route->changes = whos;
	route->n_changes = 1;
	f->index = 10 + i;
	f->time_ms = (int64_t)(1000 + i);
	f->change = c;
	f->header = header;
	s->record[i] = record(b, f, route,
	    i == 0 ? s->envelope : slice_of(NULL, 0));
}

static void
tell(struct bench *b, struct story *s)
{
	Keten__V1__FactsHeader *h = arena_zero(b->a, 1, sizeof(*h));
	struct referral *r = s->r;

	memset(s, 0, sizeof(*s));
	s->envelope = statement(b, b->device, KETEN__V1__EVENT__SUBMIT, 1);
	keten__v1__facts_header__init(h);
	h->originator = pb_string(B);
	h->regisseur = pb_string(R);
	h->code = pb_string("SIG-101");
	h->area = pb_string("WK085501");
	h->urgency = KETEN__V1__URGENCY__NORMAL;
	h->basis = pb_string("G-TOE");
	h->discussed = KETEN__V1__DISCUSSED__AGREES;
	h->frequency = pb_string("1/week");
	r[0].id = id;
	assert_int_equal(apply_header(&r[1], &id, h, NULL), ERR_OK);
	r[1].state = ST_OFFERED;
	r[1].h = org_of(B);
	r[1].version = r[1].epoch = 1;
	r[1].changed_ms = 1000;
	r[1].n_offers = r[1].last_offer = 1;
	r[1].offers[0] = (struct offer){ .number = 1, .to = org_of(K),
		.rung = 1, .epoch = 1, .state = OFFER_OPEN };
	s->blind[0][0] = 77;
	r[2] = r[1];
	r[2].urgency = URGENCY_HIGH;
	r[2].version = 2;
	r[2].changed_ms = 1001;
	r[3] = r[2];
	r[3].state = ST_ACCEPTED;
	r[3].h = org_of(K);
	r[3].version = 3;
	r[3].offers[0].state = OFFER_TAKEN;
	r[3].changed_ms = 1002;
	change(b, s, 0, KETEN__V1__EVENT__SUBMIT, h);
	change(b, s, 1, KETEN__V1__EVENT__RAISE_URGENCY, NULL);
	change(b, s, 2, KETEN__V1__EVENT__ACCEPT, NULL);
}

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

	tell(b, &s);
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

	tell(b, &s);
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

	tell(b, &s);
	assert_int_equal(hear(b, s.record[0], s.envelope), ERR_NOT_FOUND);
	assert_int_equal(add(b, 3, device_cert(b, b->identity, B,
	    sign_public(b->device))), ERR_OK);
	assert_int_equal(hear(b, s.record[0], s.envelope), ERR_OK);
	/* Another envelope than the record's. */
	assert_int_equal(hear(b, s.record[0], statement(b, b->device,
	    KETEN__V1__EVENT__SUBMIT, 2)), ERR_DIGEST);
}

static void
test_facts_of_another_step_do_not_fit_the_statement(void **state)
{
	struct bench *b = *state;
	struct story s;
	Keten__V1__Facts *f;
	Keten__V1__Record *r;

	tell(b, &s);
	assert_int_equal(add(b, 3, device_cert(b, b->identity, B,
	    sign_public(b->device))), ERR_OK);
	assert_int_equal(pb_unpack(b->a, &keten__v1__facts__descriptor,
	    pb_slice(s.record[0]->facts), &prescan_stored, &f), ERR_OK);
	f->change->steps[0]->event = KETEN__V1__EVENT__ACCEPT;
	r = record(b, f, NULL, s.envelope);
	assert_int_equal(hear(b, r, s.envelope), ERR_DIGEST);
	f->change->steps[0]->event = KETEN__V1__EVENT__SUBMIT;
	f->change->referral.data[15] ^= 1;
	r = record(b, f, NULL, s.envelope);
	assert_int_equal(hear(b, r, s.envelope), ERR_DIGEST);
}

static void
test_an_offer_is_ours_only_if_the_commitment_says_so(void **state)
{
	const struct org us = org_of(K), them = org_of(R);
	struct bench *b = *state;
	struct witnessed w;
	struct story s;
	const char *what;

	tell(b, &s);
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

	tell(b, &s);
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

	tell(b, &s);
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

	tell(b, &s);
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

	tell(b, &s);
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
test_a_part_keeps_its_bytes_and_gets_its_wrap_later(void **state)
{
	struct bench *b = *state;
	struct piece p = { .index = 10, .part = 1,
		.kind = KETEN__V1__PART_KIND__PERSON, .from = org_of(B),
		.sealed = slice_str("verzegeld") };
	struct spool_txn *txn;
	struct dossier d;
	struct story s;

	tell(b, &s);
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
		TEST(test_a_part_keeps_its_bytes_and_gets_its_wrap_later),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

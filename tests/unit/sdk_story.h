#ifndef SDK_STORY_H_
#define SDK_STORY_H_

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "keten/v1/keys.pb-c.h"
#include "keten/v1/session.pb-c.h"
#include "life/apply.h"
#include "trust/digest.h"
#include "trust/leaf.h"
#include "trust/seal.h"
#include "trust/sign.h"
#include "wire/envelope.h"
#include "wire/pb.h"
#include "wire/statement.h"

/*
 * sdk_story -- certificates, statements and records as a broker would show
 * them, for tests of what the SDK makes of them.  Nobody decided the records,
 * but their leaves are right.
 */
#define ORIGIN "keten.voorbeeld.nl/demo"
#define B "lwdb-noord"
#define K "welzijn-w"
#define R "gemeente-r"

static struct refid id = { { 1, 144, 0, 0, 0, 0, 0x70, 0, 0x80, 7 } };

/* From now on the story is about the referral with these bytes. */
static inline void
id_is(struct slice bytes)
{
	memcpy(id.b, bytes.p, sizeof(id.b));
}

static inline struct signer *
signer_of(const char *name)
{
	uint8_t seed[SIGN_SEED] = { 0 };

	(void)snprintf((char *)seed, sizeof(seed), "%s", name);
	return (sign_new(seed));
}

static inline Keten__V1__KeyStatement
key_statement(const char *partner)
{
	Keten__V1__KeyStatement k = KETEN__V1__KEY_STATEMENT__INIT;

	k.version = 1;
	k.origin = pb_string(ORIGIN);
	k.partner = pb_string(partner);
	k.made_ms = 1;
	return (k);
}

static inline struct slice
sign_cert(struct arena *a, const struct signer *by,
    const Keten__V1__KeyStatement *k)
{
	struct slice body, envelope;

	assert_int_equal(pb_pack(a, &k->base, &body), ERR_OK);
	assert_int_equal(envelope_make(a, ENVELOPE_KEY, body, by,
	    &envelope), ERR_OK);
	return (envelope);
}

static inline struct slice
device_cert(struct arena *a, const struct signer *by, const char *partner,
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
	return (sign_cert(a, by, &k));
}

static inline struct slice
seal_cert(struct arena *a, const struct signer *by, const char *partner,
    uint64_t serial, const struct seal_public *key)
{
	Keten__V1__KeyStatement k = key_statement(partner);
	Keten__V1__SealingCertificate s =
	    KETEN__V1__SEALING_CERTIFICATE__INIT;

	s.serial = serial;
	s.key_x = pb_of(key->x, 32);
	s.key_y = pb_of(key->y, 32);
	k.body_case = KETEN__V1__KEY_STATEMENT__BODY_SEALING;
	k.sealing = &s;
	return (sign_cert(a, by, &k));
}

static inline struct slice
revoke_cert(struct arena *a, const struct signer *by)
{
	Keten__V1__KeyStatement k = key_statement(B);
	Keten__V1__Revoke r = KETEN__V1__REVOKE__INIT;

	r.device = pb_string("adapter");
	r.serial = 1;
	r.reason = pb_string("lost");
	k.body_case = KETEN__V1__KEY_STATEMENT__BODY_REVOKE;
	k.revoke = &r;
	return (sign_cert(a, by, &k));
}

static const uint8_t salt[LEAF_SALT] = { 9 };

static inline struct slice
statement(struct arena *a, const struct signer *by, const char *partner,
    Keten__V1__Event event, uint64_t number)
{
	static const uint8_t lane[8] = { 1 }, nonce[32] = { 2 };
	Keten__V1__Statement st = KETEN__V1__STATEMENT__INIT;
	Keten__V1__Command c = KETEN__V1__COMMAND__INIT;
	Keten__V1__Header h = KETEN__V1__HEADER__INIT;
	struct slice body, envelope;

	st.version = 1;
	st.origin = pb_string(ORIGIN);
	st.partner = pb_string(partner);
	st.device = pb_string("adapter");
	st.lane = pb_of(lane, 8);
	st.number = number;
	st.nonce = pb_of(nonce, 32);
	st.referral = pb_of(id.b, 16);
	st.actor = pb_string("TEAM-1");
	st.body_case = KETEN__V1__STATEMENT__BODY_COMMAND;
	st.command = &c;
	c.event = event;
	if (event == KETEN__V1__EVENT__ACCEPT)
		c.offer = 1;
	if (event == KETEN__V1__EVENT__RAISE_URGENCY)
		c.urgency = KETEN__V1__URGENCY__HIGH;
	if (event == KETEN__V1__EVENT__SUBMIT) {
		h.code = pb_string("SIG-101");
		h.area = pb_string("WK085501");
		h.urgency = KETEN__V1__URGENCY__NORMAL;
		h.basis = pb_string("G-TOE");
		h.discussed = KETEN__V1__DISCUSSED__AGREES;
		c.header = &h;
	}
	assert_int_equal(pb_pack(a, &st.base, &body), ERR_OK);
	assert_int_equal(envelope_make(a, ENVELOPE_COMMAND, body, by,
	    &envelope), ERR_OK);
	return (envelope);
}

/* A record of that kind with these facts, with its leaf. */
static inline Keten__V1__Record *
record_of(struct arena *a, enum leaf_kind kind, Keten__V1__Facts *f,
    Keten__V1__RouteFacts *route, struct slice envelope)
{
	Keten__V1__Record *r = arena_zero(a, 1, sizeof(*r));
	struct slice facts, routes = slice_of(NULL, 0), hash, bytes;
	uint8_t leaf[LEAF_LEN], envelope_hash[32];
	struct leaf l = { .kind = kind, .time_ms = f->time_ms };
	size_t len;

	keten__v1__record__init(r);
	f->kind = (Keten__V1__RecordKind)kind;
	assert_int_equal(pb_pack(a, &f->base, &facts), ERR_OK);
	if (route != NULL)
		assert_int_equal(pb_pack(a, &route->base, &routes),
		    ERR_OK);
	leaf_record(salt, envelope, facts, routes, l.record);
	assert_int_equal(leaf_encode(&l, leaf, sizeof(leaf), &len), ERR_OK);
	assert_int_equal(arena_copy(a, slice_of(leaf, len), &bytes), 0);
	digest_of(envelope.p, envelope.len, envelope_hash);
	assert_int_equal(arena_copy(a, slice_of(envelope_hash, 32), &hash),
	    0);
	r->index = f->index;
	r->leaf = pb_data(bytes);
	r->salt = pb_of(salt, sizeof(salt));
	r->envelope_hash = pb_data(hash);
	r->facts = pb_data(facts);
	r->route_facts = pb_data(routes);
	return (r);
}

static inline Keten__V1__Record *
record(struct arena *a, Keten__V1__Facts *f, Keten__V1__RouteFacts *route,
    struct slice envelope)
{
	return (record_of(a, LEAF_COMMAND, f, route, envelope));
}

/* ${n} records of one referral: SUBMIT to K, RAISE_URGENCY, ACCEPT by K. */
#define N_RECORDS 3

struct story {
	struct referral r[N_RECORDS + 1];
	Keten__V1__Record *record[N_RECORDS];
	struct slice envelope[N_RECORDS];
	uint8_t blind[1][16];
};

static inline void
change(struct arena *a, struct story *s, size_t i, Keten__V1__Event event,
    Keten__V1__FactsHeader *header)
{
	Keten__V1__Facts *f = arena_zero(a, 1, sizeof(*f));
	Keten__V1__RouteFacts *route = arena_zero(a, 1, sizeof(*route));
	Keten__V1__RouteChange *who = arena_zero(a, 1, sizeof(*who));
	Keten__V1__Change *c = arena_zero(a, 1, sizeof(*c));
	Keten__V1__Step *step = arena_zero(a, 1, sizeof(*step));
	Keten__V1__Step **steps = arena_zero(a, 1, sizeof(*steps));
	Keten__V1__RouteChange **whos = arena_zero(a, 1, sizeof(*whos));

	keten__v1__facts__init(f);
	keten__v1__route_facts__init(route);
	keten__v1__route_change__init(who);
	keten__v1__change__init(c);
	keten__v1__step__init(step);
	assert_int_equal(apply_diff(a, i == 0 ? NULL : &s->r[i],
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
	s->record[i] = record(a, f, route, s->envelope[i]);
}

static inline void
tell(struct arena *a, struct story *s, const struct signer *by_b,
    const struct signer *by_k)
{
	Keten__V1__FactsHeader *h = arena_zero(a, 1, sizeof(*h));
	struct referral *r = s->r;

	memset(s, 0, sizeof(*s));
	s->envelope[0] = statement(a, by_b, B, KETEN__V1__EVENT__SUBMIT, 1);
	s->envelope[1] = statement(a, by_b, B,
	    KETEN__V1__EVENT__RAISE_URGENCY, 2);
	s->envelope[2] = statement(a, by_k, K, KETEN__V1__EVENT__ACCEPT, 1);
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
	change(a, s, 0, KETEN__V1__EVENT__SUBMIT, h);
	change(a, s, 1, KETEN__V1__EVENT__RAISE_URGENCY, NULL);
	change(a, s, 2, KETEN__V1__EVENT__ACCEPT, NULL);
}

#endif /* !SDK_STORY_H_ */

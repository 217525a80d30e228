#ifndef RECORDS_H_
#define RECORDS_H_

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/record.h"
#include "core/store.h"
#include "core/vault.h"
#include "core/view.h"
#include "life/apply.h"
#include "trust/digest.h"
#include "trust/sign.h"
#include "wire/envelope.h"
#include "wire/pb.h"

/*
 * records -- a store in a folder of its own and records to put in it, for the
 * tests of broker/core.
 *
 * The records are well formed and follow from each other, but nobody decided
 * them: referrals change at random, from a seed.
 */
#define RIG_REFERRALS 64
#define RIG_ORIGIN "test.keten.example/log"

struct rig {
	char dir[64];
	struct store *st;
	struct txn *t;
	struct arena *a;
	uint64_t seed;
	int64_t now_ms;
	size_t n;
	struct referral r[RIG_REFERRALS];
	struct signer *signer;
	uint64_t number;
	uint64_t policy;
	uint64_t serial;
	struct record_out out; /* of the last record */
	bool fail; /* errors are expected: stop instead of asserting */
};

static inline uint64_t
rig_random(struct rig *g)
{
	uint64_t z = (g->seed += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return (z ^ (z >> 31));
}

static inline uint64_t
rig_below(struct rig *g, uint64_t n)
{
	return (rig_random(g) % n);
}

static inline void
rig_bytes(struct rig *g, void *p, size_t len)
{
	uint8_t *b = p;

	for (size_t i = 0; i < len; i++)
		b[i] = (uint8_t)rig_random(g);
}

static inline enum err
rig_try_open(struct rig *g)
{
	struct store_config c = { .path = g->dir, .origin = RIG_ORIGIN,
		.map_size = UINT64_C(1) << 32 };

	return (store_open(&c, &g->st));
}

static inline void
rig_open(struct rig *g)
{
	assert_int_equal(rig_try_open(g), ERR_OK);
}

static inline struct rig *
rig_new(uint64_t seed)
{
	static const uint8_t key[32] = { 7 };
	struct rig *g = calloc(1, sizeof(*g));

	assert_non_null(g);
	strcpy(g->dir, "/tmp/keten-rig-XXXXXX");
	assert_non_null(mkdtemp(g->dir));
	g->seed = seed;
	g->now_ms = INT64_C(1767225600000);
	g->a = arena_new((size_t)8 << 20);
	assert_non_null(g->a);
	g->signer = sign_new(key);
	assert_non_null(g->signer);
	rig_open(g);
	return (g);
}

static inline void
rig_remove(const char *dir)
{
	static const char *const names[] = { "data.mdb", "lock.mdb",
		"vault.keys", "broker.lock", "ballast", "guard" };
	char path[128];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		(void)unlink(path);
	}
	assert_int_equal(rmdir(dir), 0);
}

static inline void
rig_free(struct rig *g)
{
	store_abort(&g->t);
	store_close(g->st);
	rig_remove(g->dir);
	sign_free(g->signer);
	arena_free(g->a);
	free(g);
}

static inline void
rig_begin(struct rig *g)
{
	assert_int_equal(store_begin(g->st, &g->t), ERR_OK);
}

static inline void
rig_commit(struct rig *g)
{
	assert_int_equal(store_commit(&g->t), ERR_OK);
}

/* --- making facts ------------------------------------------------------- */

static inline const char *
rig_name(uint64_t i)
{
	static const char *const names[] = { "lwdb-noord", "thuiszorg-t",
		"welzijn-w", "corporatie-c", "mantelzorg-m", "gemeente-r" };

	return (names[i % 6]);
}

struct made {
	Keten__V1__Facts *f;
	Keten__V1__RouteFacts *route;
	struct record_in in;
};

static inline void *
rig_zero(struct rig *g, size_t n, size_t size)
{
	void *p = arena_zero(g->a, n, size);

	assert_non_null(p);
	return (p);
}

static inline struct made
rig_make(struct rig *g, Keten__V1__RecordKind kind)
{
	struct made m = { 0 };

	g->now_ms += (int64_t)rig_below(g, 100000);
	m.f = rig_zero(g, 1, sizeof(*m.f));
	m.route = rig_zero(g, 1, sizeof(*m.route));
	keten__v1__facts__init(m.f);
	keten__v1__route_facts__init(m.route);
	m.f->index = record_next_index(g->t);
	m.f->kind = kind;
	m.f->time_ms = g->now_ms;
	m.f->engine = 1;
	m.f->policy_index = 1;
	m.in.facts = m.f;
	m.in.route = m.route;
	m.in.envelope = slice_str("an envelope, as received");
	return (m);
}

/* The partner's next number. */
static inline void
rig_sender(struct rig *g, struct made *m, const char *partner)
{
	static const uint8_t lane[8] = "lane-one";
	Keten__V1__Sender *s = rig_zero(g, 1, sizeof(*s));
	uint8_t *hash = rig_zero(g, 1, 32);

	keten__v1__sender__init(s);
	s->partner = pb_string(partner);
	s->device = pb_string("adapter");
	s->lane = pb_of(lane, 8);
	s->number = ++g->number;
	rig_bytes(g, hash, 32);
	s->body_hash = pb_of(hash, 32);
	m->route->sender = s;
}

static inline enum err
rig_add(struct rig *g, struct made *m)
{
	enum err err = record_append(g->t, g->a, &m->in, &g->out);

	if (!g->fail)
		assert_int_equal(err, ERR_OK);
	return (err);
}

/* Deliveries to ${n} partners from ${first} on, in their next place. */
static inline enum err
rig_deliver(struct rig *g, struct made *m, const struct referral *r,
    uint64_t first, size_t n)
{
	m->route->deliveries = rig_zero(g, n + 1, sizeof(void *));
	for (size_t i = 0; i < n; i++) {
		Keten__V1__Sent *s = rig_zero(g, 1, sizeof(*s));
		struct org who = org_of(rig_name(first + i));
		struct view_mailbox mb;
		enum err err = view_mailbox(g->t, &who, "main", &mb);

		if (g->fail && err != ERR_OK)
			return (err);
		assert_int_equal(err, ERR_OK);
		keten__v1__sent__init(s);
		s->partner = pb_string(rig_name(first + i));
		s->mailbox = pb_string("main");
		s->seq = mb.last + 1;
		s->role = KETEN__V1__DELIVERY_ROLE__CANDIDATE;
		s->offer = (uint32_t)i;
		s->referral = pb_of(r->id.b, 16);
		s->with = (uint32_t)rig_below(g, 8);
		m->route->deliveries[m->route->n_deliveries++] = s;
	}
	return (ERR_OK);
}

/* Put the difference between two states of a referral into the record. */
static inline void
rig_diff(struct rig *g, struct made *m, const struct referral *before,
    const struct referral *after)
{
	Keten__V1__Change *c = rig_zero(g, 1, sizeof(*c));
	Keten__V1__RouteChange *who = rig_zero(g, 1, sizeof(*who));
	uint8_t (*blinds)[16] = rig_zero(g, REFERRAL_OFFERS_MAX, 16);

	rig_bytes(g, blinds, (size_t)REFERRAL_OFFERS_MAX * 16);
	assert_int_equal(apply_diff(g->a, before, after,
		(const uint8_t(*)[16])blinds, c, who), ERR_OK);
	if (m->route->changes == NULL)
		m->route->changes = rig_zero(g, RIG_REFERRALS, sizeof(void *));
	m->route->changes[m->route->n_changes++] = who;
	if (m->f->change == NULL && m->f->kind !=
		KETEN__V1__RECORD_KIND__RECORD_TICK) {
		m->f->change = c;
		return;
	}
	if (m->f->children == NULL)
		m->f->children = rig_zero(g, RIG_REFERRALS, sizeof(void *));
	m->f->children[m->f->n_children++] = c;
}

/* --- content ------------------------------------------------------------ */

static inline struct seal_wrap
rig_wrap(struct rig *g)
{
	struct seal_wrap w;
	uint8_t id[8];

	rig_bytes(g, &w, sizeof(w));
	rig_bytes(g, id, sizeof(id));
	hex_encode(id, sizeof(id), w.key_id);
	return (w);
}

/* ${n} sealed parts of ${len} bytes of ciphertext, with two wraps each. */
static inline void
rig_content(struct rig *g, struct made *m, size_t n, size_t len)
{
	struct content *c = rig_zero(g, 1, sizeof(*c));

	c->n = n;
	c->pieces = rig_zero(g, n, sizeof(*c->pieces));
	m->f->parts = rig_zero(g, n, sizeof(void *));
	for (size_t i = 0; i < n; i++) {
		struct content_piece *p = &c->pieces[i];
		struct seal_wrap *w = rig_zero(g, 2, sizeof(*w));
		uint8_t *text = rig_zero(g, 1, len);
		Keten__V1__Part *part = rig_zero(g, 1, sizeof(*part));

		rig_bytes(g, text, len);
		w[0] = rig_wrap(g);
		w[1] = rig_wrap(g);
		p->kind = i == 0 ? KETEN__V1__PART_KIND__NOTE
				 : KETEN__V1__PART_KIND__PERSON;
		p->sealed.protected = slice_str(SEAL_PROTECTED);
		p->sealed.aad = slice_str("keten1|o|f|r|note|n");
		p->sealed.ciphertext = slice_of(text, len);
		assert_int_equal(content_pack_sealed(g->a, &p->sealed,
			&p->bytes, p->sha256), ERR_OK);
		p->n_wraps = 2;
		p->wraps = w;
		keten__v1__part__init(part);
		part->kind = p->kind;
		part->sha256 = pb_of(p->sha256, 32);
		m->f->parts[m->f->n_parts++] = part;
	}
	m->in.content = c;
}

/* --- whole records ------------------------------------------------------ */

static inline void
rig_header(struct rig *g, struct made *m, const struct referral *r)
{
	Keten__V1__FactsHeader *h = rig_zero(g, 1, sizeof(*h));

	keten__v1__facts_header__init(h);
	h->originator = pb_string(r->b.id);
	h->regisseur = pb_string(r->r.id);
	h->code = pb_string(r->code);
	h->area = pb_string(r->area);
	h->area_year = 2025;
	h->urgency = KETEN__V1__URGENCY__NORMAL;
	h->basis = pb_string(r->basis);
	h->discussed = KETEN__V1__DISCUSSED__AGREES;
	h->frequency = pb_string("1/week");
	h->payer = pb_string("wmo");
	if (!refid_is_none(&r->parent))
		h->parent = pb_of(r->parent.b, 16);
	m->f->header = h;
}

/* A referral as after a SUBMIT with two offers and two terms. */
static inline struct referral
rig_referral(struct rig *g)
{
	struct referral r = { 0 };
	uint8_t random[10];

	rig_bytes(g, random, sizeof(random));
	r.id = refid_new(g->now_ms, random);
	if (g->n > 4 && rig_below(g, 4) == 0)
		r.parent = g->r[rig_below(g, g->n)].id;
	r.kind = KIND_SERVICE;
	r.b = r.h = org_of(rig_name(0));
	r.r = org_of(rig_name(5));
	strcpy(r.code, "DST-101");
	strcpy(r.area, "WK085501");
	strcpy(r.basis, "G-TOE");
	r.urgency = URGENCY_NORMAL;
	r.discussed = 1;
	r.state = ST_OFFERED;
	r.version = 1;
	r.epoch = 1;
	for (uint16_t i = 0; i < 2; i++) {
		struct offer *o = &r.offers[r.n_offers++];

		o->number = ++r.last_offer;
		o->to = org_of(rig_name(1 + i));
		o->epoch = 1;
		o->state = OFFER_OPEN;
		r.parties[r.n_parties++] = o->to;
	}
	r.clocks[TERM_OFFER].running = true;
	r.clocks[TERM_OFFER].since_ms = g->now_ms;
	r.clocks[TERM_OFFER].at_ms = g->now_ms + 1000;
	r.clocks[TERM_LADDER].running = true;
	r.clocks[TERM_LADDER].since_ms = g->now_ms;
	r.clocks[TERM_LADDER].at_ms = g->now_ms + 5000;
	return (r);
}

static inline enum err
rig_submit_as(struct rig *g, const struct referral *r, size_t sealed)
{
	struct made m = rig_make(g, KETEN__V1__RECORD_KIND__RECORD_COMMAND);
	enum err err;

	rig_sender(g, &m, r->b.id);
	rig_header(g, &m, r);
	rig_diff(g, &m, NULL, r);
	err = rig_deliver(g, &m, r, 1, 2);
	if (err != ERR_OK)
		return (err);
	if (sealed > 0)
		rig_content(g, &m, 2, sealed);
	m.in.owner = &r->id;
	return (rig_add(g, &m));
}

static inline enum err
rig_submit(struct rig *g)
{
	size_t at = g->n < RIG_REFERRALS ? g->n : rig_below(g, RIG_REFERRALS);
	struct referral r = rig_referral(g);
	enum err err = rig_submit_as(g, &r, rig_below(g, 3) * 3072);

	if (err != ERR_OK)
		return (err);
	r.submitted_ms = g->now_ms;
	g->r[at] = r;
	if (g->n < RIG_REFERRALS)
		g->n++;
	return (ERR_OK);
}

/* Let a clock run, stand still, or be off. */
static inline void
rig_clock(struct rig *g, struct clock *c)
{
	uint64_t what = rig_below(g, 3);

	memset(c, 0, sizeof(*c));
	c->running = what == 0;
	c->frozen = what == 1;
	if (what == 0)
		c->at_ms = g->now_ms + (int64_t)rig_below(g, 1000000);
	if (what == 1)
		c->left_ms = (int64_t)rig_below(g, 1000000);
	if (what != 2)
		c->since_ms = g->now_ms;
}

/* Anything that facts can say about a referral. */
static inline struct referral
rig_mutate(struct rig *g, const struct referral *before)
{
	struct referral r = *before;

	r.version += (uint32_t)rig_below(g, 2);
	r.state = (enum state)(1 + rig_below(g, ST__MAX - 1));
	r.h = org_of(rig_name(rig_below(g, 6)));
	rig_clock(g, &r.clocks[1 + rig_below(g, TERM__MAX - 1)]);
	memset(&r.clocks[TERM_MORE], 0, sizeof(r.clocks[TERM_MORE]));
	if (rig_below(g, 5) == 0) {
		r.epoch++;
		memset(r.offers, 0, sizeof(r.offers));
		r.n_offers = 0;
	}
	if (r.n_offers < REFERRAL_OFFERS_MAX &&
	    r.n_parties < REFERRAL_PARTIES_MAX) {
		struct offer *o = &r.offers[r.n_offers++];

		memset(o, 0, sizeof(*o));
		o->number = ++r.last_offer;
		o->to = org_of(rig_name(rig_below(g, 6)));
		o->epoch = r.epoch;
		o->rung = (uint8_t)rig_below(g, 3);
		o->state = (enum offer_state)(1 + rig_below(g, 6));
		o->own_term = rig_below(g, 2) == 0;
		if (o->own_term)
			rig_clock(g, &o->clock);
		r.parties[r.n_parties++] = o->to;
	}
	return (r);
}

static inline enum err
rig_step(struct rig *g)
{
	size_t at = rig_below(g, g->n);
	struct referral after = rig_mutate(g, &g->r[at]);
	struct made m = rig_make(g, KETEN__V1__RECORD_KIND__RECORD_COMMAND);
	enum err err;

	rig_sender(g, &m, rig_name(rig_below(g, 6)));
	rig_diff(g, &m, &g->r[at], &after);
	m.in.owner = &g->r[at].id;
	err = rig_deliver(g, &m, &after, rig_below(g, 6), rig_below(g, 4));
	if (err == ERR_OK && rig_below(g, 4) == 0)
		rig_content(g, &m, 1, 3072 * (1 + rig_below(g, 3)));
	if (err == ERR_OK)
		err = rig_add(g, &m);
	if (err == ERR_OK)
		g->r[at] = after;
	return (err);
}

static inline enum err
rig_tick(struct rig *g)
{
	struct made m = rig_make(g, KETEN__V1__RECORD_KIND__RECORD_TICK);
	size_t n = rig_below(g, g->n + 1);
	struct referral *after = calloc(g->n, sizeof(*after));
	enum err err;

	assert_non_null(after);
	for (size_t i = 0; i < n; i++) {
		after[i] = rig_mutate(g, &g->r[i]);
		rig_diff(g, &m, &g->r[i], &after[i]);
	}
	m.in.envelope = slice_of("", 0);
	err = rig_add(g, &m);
	for (size_t i = 0; i < n && err == ERR_OK; i++)
		g->r[i] = after[i];
	free(after);
	return (err);
}

static inline enum err
rig_refuse(struct rig *g)
{
	struct made m = rig_make(g, KETEN__V1__RECORD_KIND__RECORD_REFUSED);
	Keten__V1__Refused *r = rig_zero(g, 1, sizeof(*r));

	keten__v1__refused__init(r);
	r->code = KETEN__V1__ERROR_CODE__CONFLICT;
	m.f->refused = r;
	rig_sender(g, &m, rig_name(rig_below(g, 6)));
	if (rig_below(g, 2) == 0)
		m.in.owner = &g->r[rig_below(g, g->n)].id;
	return (rig_add(g, &m));
}

/* Acknowledge some of what waits for a partner. */
static inline enum err
rig_ack(struct rig *g)
{
	struct made m = rig_make(g, KETEN__V1__RECORD_KIND__RECORD_DELIVERED);
	Keten__V1__AckFacts *ack = rig_zero(g, 1, sizeof(*ack));
	const char *name = rig_name(rig_below(g, 6));
	struct org who = org_of(name);
	struct view_outbox *box = rig_zero(g, 200, sizeof(*box));
	struct view_mailbox mb;
	size_t n;
	enum err err = view_mailbox(g->t, &who, "main", &mb);

	if (err == ERR_OK)
		err = view_outbox(g->t, &who, "main", mb.acked, box, 200, &n);
	if (err != ERR_OK)
		return (err);
	keten__v1__ack_facts__init(ack);
	ack->partner = pb_string(name);
	ack->mailbox = pb_string("main");
	ack->n = mb.acked;
	ack->running_hash = pb_of(mb.acked_hash, 32);
	if (n > 0) {
		size_t at = rig_below(g, n);

		ack->n = box[at].seq;
		ack->running_hash = pb_of(box[at].running_hash, 32);
	}
	m.f->ack = ack;
	return (rig_add(g, &m));
}

/* Wraps for a part that is there, if there is one. */
static inline enum err
rig_rewrap(struct rig *g)
{
	struct made m = rig_make(g, KETEN__V1__RECORD_KIND__RECORD_REWRAP);
	const struct referral *r = &g->r[rig_below(g, g->n)];
	struct view_trail trail[8];
	struct content *c = rig_zero(g, 1, sizeof(*c));
	struct seal_wrap *w = rig_zero(g, 1, sizeof(*w));
	size_t n;
	enum err err = view_trail(g->t, &r->id, 0, trail, 8, &n);

	if (err != ERR_OK)
		return (err);
	c->pieces = rig_zero(g, 1, sizeof(*c->pieces));
	if (n > 0 && trail[0].n_parts > 0) {
		*w = rig_wrap(g);
		c->n = 1;
		c->pieces[0].index = trail[0].index;
		c->pieces[0].n_wraps = 1;
		c->pieces[0].wraps = w;
	}
	m.in.content = c;
	m.in.owner = &r->id;
	rig_sender(g, &m, rig_name(0));
	return (rig_add(g, &m));
}

static inline enum err
rig_policy(struct rig *g)
{
	struct made m = rig_make(g, KETEN__V1__RECORD_KIND__RECORD_POLICY);
	Keten__V1__PolicyFacts *p = rig_zero(g, 1, sizeof(*p));
	uint8_t *doc = rig_zero(g, 1, 20000);

	rig_bytes(g, doc, 20000);
	keten__v1__policy_facts__init(p);
	p->index = ++g->policy;
	m.f->policy = p;
	m.in.envelope = slice_of(doc, 20000);
	return (rig_add(g, &m));
}

static inline enum err
rig_key(struct rig *g)
{
	struct made m = rig_make(g, KETEN__V1__RECORD_KIND__RECORD_KEY);
	uint8_t *cert = rig_zero(g, 1, 300);

	rig_bytes(g, cert, 300);
	m.in.envelope = slice_of(cert, 300);
	return (rig_add(g, &m));
}

static inline enum err
rig_catalogue(struct rig *g)
{
	struct made m = rig_make(g, KETEN__V1__RECORD_KIND__RECORD_COMMAND);
	Keten__V1__CatalogueFacts *c = rig_zero(g, 1, sizeof(*c));
	Keten__V1__CatalogueEntry *e = rig_zero(g, 1, sizeof(*e));
	const char *who = rig_name(rig_below(g, 6));

	keten__v1__catalogue_facts__init(c);
	keten__v1__catalogue_entry__init(e);
	e->service = pb_string(rig_below(g, 2) == 0 ? "DST-101" : "DST-403");
	e->status = pb_string("active");
	e->capacity = KETEN__V1__CAPACITY__HAS;
	e->capacity_ms = g->now_ms;
	c->partner = pb_string(who);
	c->entry = e;
	m.f->catalogue = c;
	rig_sender(g, &m, who);
	return (rig_add(g, &m));
}

/* ${who} had no room for ${service} in ${area}, which shows for ${ms}. */
static inline enum err
rig_shortage(struct rig *g, const char *who, const char *service,
    const char *area, int64_t ms)
{
	struct made m = rig_make(g, KETEN__V1__RECORD_KIND__RECORD_COMMAND);
	Keten__V1__Shortage *s = rig_zero(g, 1, sizeof(*s));

	rig_sender(g, &m, who);
	keten__v1__shortage__init(s);
	s->partner = pb_string(who);
	s->service = pb_string(service);
	s->area = pb_string(area);
	s->reason = pb_string("AFW-01");
	s->until_ms = g->now_ms + ms;
	m.route->shortage = s;
	return (rig_add(g, &m));
}

/* ${who} looked for ${service} in vain. */
static inline enum err
rig_missing(struct rig *g, const char *who, const char *service)
{
	struct made m = rig_make(g, KETEN__V1__RECORD_KIND__RECORD_COMMAND);
	Keten__V1__MissingFacts *f = rig_zero(g, 1, sizeof(*f));

	rig_sender(g, &m, who);
	keten__v1__missing_facts__init(f);
	f->partner = pb_string(who);
	f->code = pb_string(service);
	f->area = pb_string("WK085501");
	m.f->missing = f;
	return (rig_add(g, &m));
}

static inline enum err
rig_no_supply(struct rig *g)
{
	const char *who = rig_name(rig_below(g, 6));
	const char *service = rig_below(g, 2) == 0 ? "DST-101" : "DST-403";

	if (rig_below(g, 2) == 0)
		return (rig_missing(g, who, service));
	return (rig_shortage(g, who, service,
	    rig_below(g, 2) == 0 ? "WK085501" : "GM0855",
	    (int64_t)rig_below(g, 1000000)));
}

/* One record of any kind. */
static inline enum err
rig_any(struct rig *g)
{
	enum err err;

	if (g->n < 3 || rig_below(g, 5) == 0)
		err = rig_submit(g);
	else
		switch (rig_below(g, 12)) {
		case 0:
			err = rig_tick(g);
			break;
		case 1:
			err = rig_refuse(g);
			break;
		case 2:
		case 3:
			err = rig_ack(g);
			break;
		case 4:
			err = rig_rewrap(g);
			break;
		case 5:
			err = rig_policy(g);
			break;
		case 6:
			err = rig_key(g);
			break;
		case 7:
			err = rig_below(g, 2) == 0 ? rig_catalogue(g)
						   : rig_no_supply(g);
			break;
		default:
			err = rig_step(g);
			break;
		}
	arena_reset(g->a);
	return (err);
}

/* ${n} records of any kind, in turns of up to ten. */
static inline void
rig_fill(struct rig *g, size_t n)
{
	while (n > 0) {
		size_t some = 1 + rig_below(g, 10);

		rig_begin(g);
		for (; some > 0 && n > 0; some--, n--)
			assert_int_equal(rig_any(g), ERR_OK);
		rig_commit(g);
	}
}

/* SHA-256 of every row of the tables from ${first} up to ${last}. */
static inline void
rig_dump(struct txn *t, enum table first, enum table last, uint8_t hash[32])
{
	static const struct slice all;
	struct digest d;

	digest_init(&d);
	for (int i = (int)first; i <= (int)last; i++) {
		struct slice k, v;
		enum err err = store_seek(t, (enum table)i, all, &k, &v);

		digest_add(&d, &i, sizeof(i));
		while (err == ERR_OK) {
			digest_add(&d, &k.len, sizeof(k.len));
			digest_add(&d, k.p, k.len);
			digest_add(&d, &v.len, sizeof(v.len));
			digest_add(&d, v.p, v.len);
			err = store_next(t, (enum table)i, &k, &v);
		}
		assert_int_equal(err, ERR_NOT_FOUND);
	}
	digest_fini(&d, hash);
}

static inline void
rig_dump_view(struct rig *g, uint8_t hash[32])
{
	struct txn *t;

	assert_int_equal(store_read(g->st, &t), ERR_OK);
	rig_dump(t, TABLE__VIEW, (enum table)(TABLE__MAX - 1), hash);
	store_done(&t);
}

#endif /* !RECORDS_H_ */

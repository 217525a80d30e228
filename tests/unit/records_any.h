#ifndef RECORDS_ANY_H_
#define RECORDS_ANY_H_

#include "records.h"

/*
 * records_any -- whole records of every kind, at random.
 */
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

#endif /* !RECORDS_ANY_H_ */

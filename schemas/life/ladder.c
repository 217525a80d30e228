#include "life/engine.h"

#include <assert.h>

/* What a new holder has a whole term for. */
#define OF_THE_HOLDER                                                          \
	(1u << TERM_CONFIRM | 1u << TERM_START | 1u << TERM_REPORT |           \
	    1u << TERM_ANSWER | 1u << TERM_WITHDRAWAL | 1u << TERM_OPENABLE)

static bool
is_party(const struct referral *r, const struct org *who)
{
	for (size_t i = 0; i < r->n_parties; i++)
		if (org_eq(&r->parties[i], who))
			return (true);
	return (false);
}

/*
 * Remember ${who} as a party.  There is room for whoever gets an offer
 * (lifecycle_has_room); a former B or holder that finds the list full was a
 * party by an offer before, or the list is 64 long and one is forgotten.
 */
static void
party_add(struct referral *r, const struct org *who)
{
	if (org_is_none(who) || is_party(r, who) ||
	    r->n_parties >= REFERRAL_PARTIES_MAX)
		return;
	r->parties[r->n_parties++] = *who;
}

static void
offer_note(struct turn *t, const struct offer *o, enum offer_state was)
{
	struct change *ch = t->ch;

	assert(ch->n_offers < CHANGE_OFFERS_MAX);
	ch->offers[ch->n_offers++] = (struct offer_change){
		.number = o->number, .to = o->to, .was = was, .is = o->state,
		.reason = o->reason };
}

void
lifecycle_offer_set(struct turn *t, struct offer *o, enum offer_state is,
    enum reason reason)
{
	enum offer_state was = o->state;

	o->state = is;
	o->reason = reason;
	if (!words_is_open(is))
		o->question_open = false;
	offer_note(t, o, was);
}

void
lifecycle_offers_close(struct turn *t, enum offer_state is)
{
	for (size_t i = 0; i < t->r->n_offers; i++)
		if (words_is_open(t->r->offers[i].state))
			lifecycle_offer_set(t, &t->r->offers[i], is,
			    REASON_NONE);
}

bool
lifecycle_has_room(const struct referral *r, const struct org *to)
{
	return (r->n_offers < REFERRAL_OFFERS_MAX &&
	    r->last_offer < UINT16_MAX &&
	    (r->n_parties < REFERRAL_PARTIES_MAX || is_party(r, to)));
}

bool
lifecycle_may_offer(const struct referral *r, const struct org *to)
{
	if (org_is_none(to) || org_eq(to, &r->b) || org_eq(to, &r->r) ||
	    org_eq(to, &r->h) || org_eq(to, &r->giver))
		return (false);
	for (size_t i = 0; i < r->n_never; i++)
		if (org_eq(to, &r->never[i]))
			return (false);
	for (size_t i = 0; i < r->n_offers; i++) {
		const struct offer *o = &r->offers[i];

		if (org_eq(to, &o->to) && (words_is_open(o->state) ||
		    o->state == OFFER_DECLINED))
			return (false);
	}
	return (lifecycle_has_room(r, to));
}

void
lifecycle_offer_new(struct turn *t, const struct org *to,
    const struct org *via, uint8_t rung, bool own_term)
{
	struct referral *r = t->r;
	struct offer *o;

	assert(lifecycle_has_room(r, to));
	o = &r->offers[r->n_offers++];
	*o = (struct offer){ .number = ++r->last_offer, .to = *to,
		.via = *via, .rung = rung, .epoch = r->epoch,
		.state = OFFER_OPEN, .own_term = own_term };
	party_add(r, to);
	offer_note(t, o, OFFER_NONE);
}

/* Offer the rung ${rung} to whoever is not skipped; tell whether anybody was. */
static bool
rung_open(struct turn *t, const struct candidates *all, uint8_t rung)
{
	bool any = false;

	for (size_t i = 0; i < all->n && i < CANDIDATES_MAX; i++) {
		const struct candidate *c = &all->c[i];

		if (c->rung != rung || !lifecycle_may_offer(t->r, &c->to))
			continue;
		lifecycle_offer_new(t, &c->to, &c->via, rung, false);
		any = true;
	}
	return (any);
}

/* Offer the first rung not yet tried in which somebody is left. */
static bool
next_rung_open(struct turn *t, const struct candidates *all)
{
	while (t->r->next_rung < RUNG_HANDOVER) {
		bool more = false;
		uint8_t rung = RUNG_HANDOVER;

		for (size_t i = 0; i < all->n && i < CANDIDATES_MAX; i++)
			if (all->c[i].rung >= t->r->next_rung &&
			    all->c[i].rung < rung) {
				rung = all->c[i].rung;
				more = true;
			}
		if (!more)
			return (false);
		t->r->next_rung = (uint8_t)(rung + 1);
		if (rung_open(t, all, rung))
			return (true);
	}
	return (false);
}

void
lifecycle_ladder_on(struct turn *t)
{
	static const struct candidates nobody = { .n = 0 };
	struct referral *r = t->r;
	const enum state from = r->state;

	r->rung_asked = false;
	r->rung_frozen = false;
	if (next_rung_open(t, t->a->ladder != NULL ? t->a->ladder : &nobody)) {
		t->restart |= 1u << TERM_OFFER;
		lifecycle_step_add(t, EV_OFFER, t->ch->row, from);
		return;
	}
	r->state = ST_ESCALATED;
	lifecycle_holder_set(t, &r->r);
	t->ch->tell |= TELL_B | TELL_R;
	lifecycle_step_add(t, EV_ESCALATE, 8, from);
}

void
lifecycle_holder_set(struct turn *t, const struct org *h)
{
	struct referral *r = t->r;
	const struct org next = *h;

	if (org_eq(&r->h, &next))
		return;
	if (!t->ch->holder_changed)
		t->ch->old_h = r->h;
	t->ch->holder_changed = true;
	if (!org_eq(&r->h, &r->b) && !org_eq(&r->h, &r->r))
		party_add(r, &r->h);
	for (size_t i = 0; i < r->n_offers; i++)
		if (r->offers[i].state == OFFER_TAKEN)
			lifecycle_offer_set(t, &r->offers[i], OFFER_ENDED,
			    REASON_NONE);
	r->h = next;
	r->accepted_ms = 0;
	r->pause_limit_ms = 0;
	t->restart |= OF_THE_HOLDER;
}

void
lifecycle_originator_set(struct turn *t, const struct org *b)
{
	struct referral *r = t->r;
	const struct org next = *b;

	if (org_eq(&r->b, &next))
		return;
	if (!t->ch->b_changed)
		t->ch->old_b = r->b;
	t->ch->b_changed = true;
	party_add(r, &r->b);
	r->b = next;
}

void
lifecycle_epoch_next(struct turn *t)
{
	struct referral *r = t->r;

	r->epoch++;
	r->n_offers = 0;
	r->next_rung = 0;
	r->giver = (struct org){ "" };
	t->restart |= 1u << TERM_LADDER;
}

void
lifecycle_step_add(struct turn *t, enum event event, uint8_t row,
    enum state from)
{
	struct change *ch = t->ch;

	assert(ch->n_steps < CHANGE_STEPS_MAX);
	ch->steps[ch->n_steps++] = (struct step){ .event = event, .row = row,
		.from = from, .to = t->r->state, .holder = t->r->h,
		.epoch = t->r->epoch };
}

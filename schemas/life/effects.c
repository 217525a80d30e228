#include "life/engine.h"

#include <assert.h>
#include <string.h>

/*
 * The effects of the table (column "effect").  When one is called, the next
 * state is set already (of LADDER: OFFERED); what follows from states, such as
 * clocks and flags, is settle.c's work and not repeated here.
 */
/* The open offer that the command names. */
static struct offer *
named_offer(struct turn *t)
{
	for (size_t i = 0; i < t->r->n_offers; i++)
		if (t->r->offers[i].number == t->c->offer)
			return (&t->r->offers[i]);
	/* The checks found it open, so it is there. */
	assert(false);
	return (NULL);
}

EFFECT(NOTHING)
{
	(void)t;
}

EFFECT(SUBMIT)
{
	t->r->epoch = 1;
	lifecycle_holder_set(t, &t->r->b);
}

EFFECT(MARK_SEEN)
{
	lifecycle_offer_set(t, named_offer(t), OFFER_SEEN, REASON_NONE);
}

/* The first question of a rung stops its clock, except where it is urgent. */
EFFECT(ASK_IN_RUNG)
{
	struct offer *o = named_offer(t);

	o->asked = true;
	o->question_open = true;
	if (!t->r->rung_asked && t->r->urgency != URGENCY_EMERGENT)
		t->r->rung_frozen = true;
	t->r->rung_asked = true;
}

EFFECT(END_QUESTIONS)
{
	for (size_t i = 0; i < t->r->n_offers; i++)
		t->r->offers[i].question_open = false;
}

EFFECT(TAKE)
{
	struct offer *o = named_offer(t);

	lifecycle_holder_set(t, &o->to);
	lifecycle_offer_set(t, o, OFFER_TAKEN, REASON_NONE);
}

EFFECT(DECLINE)
{
	lifecycle_offer_set(t, named_offer(t), OFFER_DECLINED, REASON_NONE);
}

/* Whether ${o} was answered to by the term that has passed. */
static bool
is_of_term(const struct turn *t, const struct offer *o)
{
	if (!words_is_open(o->state))
		return (false);
	if (t->c->term == TERM_MORE)
		return (o->number == t->c->offer);
	return (!o->own_term);
}

static void
expire(struct turn *t, struct offer *o)
{
	bool arrived = o->delivered || o->state == OFFER_SEEN;

	lifecycle_offer_set(t, o, OFFER_EXPIRED,
	    arrived ? REASON_NO_RESPONSE : REASON_NOT_DELIVERED);
}

EFFECT(EXPIRE_OFFERS)
{
	for (size_t i = 0; i < t->r->n_offers; i++)
		if (is_of_term(t, &t->r->offers[i]))
			expire(t, &t->r->offers[i]);
}

EFFECT(DROP_OFFERS)
{
	lifecycle_offers_close(t, OFFER_NOT_SELECTED);
}

EFFECT(OFFER_ONE_MORE)
{
	uint8_t rung = t->r->next_rung;

	lifecycle_offer_new(t, &t->c->target, &t->c->via,
	    (uint8_t)(rung > 0 ? rung - 1 : 0), true);
}

EFFECT(ESCALATE)
{
	for (size_t i = 0; i < t->r->n_offers; i++)
		if (words_is_open(t->r->offers[i].state))
			expire(t, &t->r->offers[i]);
	t->ch->reason = REASON_LADDER_ENDED;
	lifecycle_holder_set(t, &t->r->r);
}

/* Its own offer becomes DECLINED, so that the ladder does not ask it again. */
EFFECT(GIVE_BACK)
{
	for (size_t i = 0; i < t->r->n_offers; i++)
		if (t->r->offers[i].state == OFFER_TAKEN)
			lifecycle_offer_set(t, &t->r->offers[i],
			    OFFER_DECLINED, REASON_NONE);
}

EFFECT(WAIT)
{
	t->r->before_wait = t->was->state;
}

EFFECT(ASK_HOLDER)
{
	t->r->holder_asked = true;
}

EFFECT(ANSWER_B)
{
	t->r->holder_asked = false;
}

EFFECT(REPORT)
{
	t->restart |= 1u << TERM_REPORT;
	t->met |= 1u << TERM_REPORT;
}

/* EMERGENT stops nothing, so a rung that stood still for a question goes on. */
EFFECT(RAISE)
{
	t->r->urgency = t->c->urgency;
	t->quicken = true;
	if (t->r->urgency == URGENCY_EMERGENT)
		t->r->rung_frozen = false;
}

EFFECT(HAND_OVER)
{
	t->r->before_handover = t->was->state;
	lifecycle_offer_new(t, &t->c->target, &t->c->via, RUNG_HANDOVER,
	    false);
}

EFFECT(OVERDUE)
{
	t->r->overdue |= 1u << t->c->term;
	t->restart |= 1u << t->c->term;
	t->ch->reason = t->c->term == TERM_OPENABLE ? REASON_NOT_OPENABLE :
	    REASON_NO_RESPONSE;
	if (org_eq(&t->r->h, &t->r->r))
		t->ch->tell |= TELL_ALARM;
}

EFFECT(TAKE_OVER)
{
	lifecycle_holder_set(t, &t->r->r);
}

/* The giver is skipped in the new epoch; R holds until somebody takes it. */
EFFECT(GIVE_UP)
{
	const struct org giver = t->r->h;

	lifecycle_holder_set(t, &t->r->r);
	lifecycle_epoch_next(t);
	t->r->giver = giver;
}

/* A parent that ends without being completed leaves its children alive. */
EFFECT(END)
{
	t->ch->tell |= TELL_CHILDREN_B;
}

/* B withdraws what nobody has taken: there is no outcome to be read. */
EFFECT(WITHDRAW)
{
	t->r->ended_as = ST_WITHDRAWN;
	t->ch->tell |= TELL_CHILDREN_B;
}

EFFECT(ASK_BACK)
{
	t->r->flags |= FLAG_WITHDRAWAL;
}

EFFECT(REFUSE)
{
	t->r->flags &= ~(uint32_t)FLAG_WITHDRAWAL;
}

EFFECT(ERASE)
{
	t->ch->erase = true;
	t->ch->tell |= TELL_CHILDREN_B;
}

EFFECT(MARK_UNREAD)
{
	t->r->flags |= FLAG_UNREAD;
}

EFFECT(REOPEN)
{
	lifecycle_holder_set(t, &t->c->actor);
	lifecycle_epoch_next(t);
	t->r->flags = 0;
	t->r->completed_ms = 0;
	memset(t->r->outcome, 0, sizeof(t->r->outcome));
}

/* START begins anew, once, now that there is something to start with. */
EFFECT(OPENED)
{
	t->r->openable = true;
	t->restart |= 1u << TERM_START;
	t->met |= 1u << TERM_START;
}

EFFECT(UNREADABLE)
{
	t->r->unreadable = true;
}

/* Nobody who is B, H or R is a candidate too. */
static void
drop_insiders(struct turn *t)
{
	struct referral *r = t->r;

	for (size_t i = 0; i < r->n_offers; i++) {
		struct offer *o = &r->offers[i];

		if (words_is_open(o->state) && (org_eq(&o->to, &r->b) ||
		    org_eq(&o->to, &r->h) || org_eq(&o->to, &r->r)))
			lifecycle_offer_set(t, o, OFFER_NOT_SELECTED,
			    REASON_NONE);
	}
}

/*
 * ${who} becomes B, and holder too where B holds what is still OFFERED.  Where
 * it holds already what it now would be B of, R becomes B: nobody asks, warns
 * or withdraws from itself.
 */
static void
originator_becomes(struct turn *t, const struct org *who)
{
	struct referral *r = t->r;
	bool holds = r->state == ST_OFFERED && org_eq(&r->h, &r->b);

	if (!holds && referral_is_live(r) && org_eq(who, &r->h))
		who = &r->r;
	lifecycle_originator_set(t, who);
	if (holds)
		lifecycle_holder_set(t, &r->b);
}

EFFECT(FOLLOW)
{
	originator_becomes(t, &t->c->target);
	drop_insiders(t);
	t->nothing = !t->ch->b_changed && !t->ch->holder_changed &&
	    t->ch->n_offers == 0;
}

/* An open offer to ${old} goes to ${next}, if that may have it; with a term of
 * its own, since it sees the offer only now. */
static void
offers_pass(struct turn *t, const struct org *old, const struct org *next)
{
	const size_t n = t->r->n_offers;

	for (size_t i = 0; i < n; i++) {
		const struct offer was = t->r->offers[i];

		if (!words_is_open(was.state) || !org_eq(&was.to, old))
			continue;
		lifecycle_offer_set(t, &t->r->offers[i], OFFER_NOT_SELECTED,
		    REASON_NONE);
		if (!t->a->next_may || !lifecycle_may_offer(t->r, next))
			continue;
		if (was.rung == RUNG_HANDOVER)
			t->restart |= 1u << TERM_HANDOVER;
		lifecycle_offer_new(t, next, &was.via, was.rung,
		    was.rung != RUNG_HANDOVER);
	}
}

/*
 * While nobody works at it, the holder only answers for it, and whoever takes
 * its place does.  Who works at it was trusted with a person's story; that
 * goes on to another by a signature, unless the policy says otherwise.
 */
static bool
hold_passes(const struct turn *t)
{
	return (t->r->state == ST_OFFERED || t->r->state == ST_ESCALATED ||
	    t->a->next_holds);
}

/* H ended and stays holder: R has to take over, and hears of it at once. */
static void
holder_is_gone(struct turn *t)
{
	struct referral *r = t->r;

	if (((uint32_t)FROM_AT_WORK & (1u << r->state)) == 0)
		return;
	r->overdue |= 1u << (referral_base(r) == ST_ACCEPTED ? TERM_START :
	    TERM_REPORT);
}

static void
roles_pass(struct turn *t, const struct org *old, const struct org *next)
{
	struct referral *r = t->r;

	if (org_is_none(next))
		return;
	if (org_eq(&r->custodian, old))
		r->custodian = *next;
	if (org_eq(&r->r, old))
		r->r = *next;
	if (org_eq(&r->b, old))
		originator_becomes(t, next);
	if (referral_is_live(r) && org_eq(&r->h, old) && hold_passes(t))
		lifecycle_holder_set(t, org_eq(&r->b, next) ? &r->r : next);
	/* Who has the person part already keeps no second key to it. */
	if (org_eq(&r->custodian, &r->b))
		r->custodian = (struct org){ "" };
}

/* target takes the place of via in what via is here; none: via just ended. */
EFFECT(SUCCEED)
{
	const struct org old = t->c->via;
	const struct org next = t->c->target;
	struct referral *r = t->r;
	const struct referral *was = t->was;

	roles_pass(t, &old, &next);
	offers_pass(t, &old, &next);
	drop_insiders(t);
	if (org_eq(&r->h, &old))
		holder_is_gone(t);
	t->nothing = org_eq(&r->custodian, &was->custodian) &&
	    org_eq(&r->r, &was->r) && !t->ch->b_changed &&
	    !t->ch->holder_changed && t->ch->n_offers == 0 &&
	    r->overdue == was->overdue;
	if (!t->nothing)
		t->ch->tell |= TELL_B | TELL_H | TELL_R;
}

/* A candidate that was named later has its term from when it can decide. */
EFFECT(NOTE_OPENED)
{
	const struct offer *o = referral_offer(t->r, t->c->offer);

	if (o == NULL || !words_is_open(o->state))
		t->nothing = true;
	else if (o->own_term)
		t->restart |= 1u << TERM_MORE;
	else if (o->rung == RUNG_HANDOVER)
		t->restart |= 1u << TERM_HANDOVER;
	else
		t->nothing = true;
}

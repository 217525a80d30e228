#include "life/engine.h"

#include <assert.h>

/* What a clock does. */
enum going { OFF, RUNS, STANDS };

static bool
is_at_work(const struct referral *r)
{
	return (((uint32_t)FROM_AT_WORK & (1u << r->state)) != 0);
}

/* RUNS in the state ${s} itself, STANDS in the waiting and handover above. */
static enum going
while_in(const struct referral *r, enum state s)
{
	if (r->state == s)
		return (RUNS);
	return (is_at_work(r) && referral_base(r) == s ? STANDS : OFF);
}

/* The same for a waiting state, which only a handover can lie above. */
static enum going
while_waiting(const struct referral *r, enum state s)
{
	if (r->state == s)
		return (RUNS);
	return (r->state == ST_HANDOVER_OFFERED && r->before_handover == s ?
	    STANDS : OFF);
}

static bool
has_question(const struct referral *r)
{
	for (size_t i = 0; i < r->n_offers; i++)
		if (r->offers[i].question_open)
			return (true);
	return (false);
}

/* The clock that the open offers of the rung share. */
static enum going
rung_clock(const struct referral *r)
{
	if (r->state != ST_OFFERED)
		return (OFF);
	for (size_t i = 0; i < r->n_offers; i++)
		if (words_is_open(r->offers[i].state) &&
		    !r->offers[i].own_term)
			return (r->rung_frozen ? STANDS : RUNS);
	return (OFF);
}

/* The ladder's total is the time in OFFERED: kept while a RETURN may come. */
static enum going
ladder_clock(const struct referral *r, const struct clock *was)
{
	if (r->state == ST_OFFERED)
		return (RUNS);
	return ((was->running || was->frozen) && is_at_work(r) &&
	    referral_base(r) == ST_ACCEPTED && !org_eq(&r->h, &r->r) ?
	    STANDS : OFF);
}

static enum going
on_if(bool yes)
{
	return (yes ? RUNS : OFF);
}

/*
 * When each term runs.  Every live state has one here that runs, which is why
 * no referral can be forgotten.
 */
static enum going
goes(const struct referral *r, enum term term, const struct clock *was)
{
	const bool live = referral_is_live(r);

	switch (term) {
	case TERM_OFFER:
		return (rung_clock(r));
	case TERM_LADDER:
		return (ladder_clock(r, was));
	case TERM_CONFIRM:
		return (on_if(r->state == ST_ESCALATED));
	case TERM_START:
		return (while_in(r, ST_ACCEPTED));
	case TERM_REPORT:
		return (while_in(r, ST_IN_PROGRESS));
	case TERM_INFO:
		if (r->state == ST_OFFERED)
			return (on_if(has_question(r)));
		return (while_waiting(r, ST_AWAITING_INFO));
	case TERM_ANSWER:
		return (on_if(is_at_work(r) && r->holder_asked));
	case TERM_HANDOVER:
		return (on_if(r->state == ST_HANDOVER_OFFERED));
	case TERM_WITHDRAWAL:
		return (on_if(live && (r->flags & FLAG_WITHDRAWAL) != 0));
	case TERM_PAUSE:
		return (while_waiting(r, ST_ON_HOLD));
	case TERM_EXPIRE:
		return (on_if(r->state == ST_OFFERED && org_eq(&r->h, &r->b) &&
		    r->kind == KIND_SERVICE && r->end_ms != 0));
	case TERM_UNREAD:
		return (on_if(((uint32_t)FROM_OUTCOME & (1u << r->state)) !=
		    0));
	case TERM_OPENABLE:
		return (on_if(is_at_work(r) && !r->openable));
	case TERM_NONE:
	case TERM_MORE:
	case TERM__MAX:
		break;
	}
	return (OFF);
}

static void
op(struct turn *t, enum term term, uint16_t offer, enum term_op_kind kind)
{
	struct change *ch = t->ch;

	assert(ch->n_terms < CHANGE_TERMS_MAX);
	ch->terms[ch->n_terms++] = (struct term_op){ .term = term, .op = kind,
		.offer = offer,
		.capped = term == TERM_INFO && t->r->state == ST_OFFERED };
}

/* Bring one clock from how it was to how it ${goes}. */
static void
clock_set(struct turn *t, enum term term, uint16_t offer, struct clock *clock,
    enum going now)
{
	const bool anew = (t->restart & 1u << term) != 0 &&
	    (term != TERM_MORE || offer == t->c->offer);
	const bool ran = clock->running, stood = clock->frozen;

	if (now == OFF && (ran || stood))
		op(t, term, offer, TERM_OP_STOP);
	else if (now == RUNS && (anew || (!ran && !stood)))
		op(t, term, offer, TERM_OP_START);
	else if (now == RUNS && stood)
		op(t, term, offer, TERM_OP_UNFREEZE);
	else if (now == STANDS && (anew || (!ran && !stood)))
		op(t, term, offer, TERM_OP_RENEW);
	else if (now == STANDS && ran)
		op(t, term, offer, TERM_OP_FREEZE);

	if (now == OFF)
		*clock = (struct clock){ .running = false };
	clock->running = now == RUNS;
	clock->frozen = now == STANDS;
}

static void
clocks_settle(struct turn *t)
{
	struct referral *r = t->r;

	for (enum term term = TERM_OFFER; term < TERM__MAX; term++)
		if (term != TERM_MORE)
			clock_set(t, term, 0, &r->clocks[term],
			    goes(r, term, &t->was->clocks[term]));
	for (size_t i = 0; i < r->n_offers; i++) {
		struct offer *o = &r->offers[i];
		enum going now = OFF;

		if (!o->own_term)
			continue;
		if (r->state == ST_OFFERED && words_is_open(o->state))
			now = r->rung_frozen ? STANDS : RUNS;
		clock_set(t, TERM_MORE, o->number, &o->clock, now);
	}
}

/* Open deadlines come nearer when urgency is raised. */
static void
clocks_quicken(struct turn *t)
{
	struct referral *r = t->r;

	if (!t->quicken)
		return;
	for (enum term term = TERM_OFFER; term < TERM__MAX; term++)
		if (words_term_urgent(term) && (r->clocks[term].running ||
		    r->clocks[term].frozen))
			op(t, term, 0, TERM_OP_MIN_NEW);
	for (size_t i = 0; i < r->n_offers; i++)
		if (r->offers[i].clock.running || r->offers[i].clock.frozen)
			op(t, TERM_MORE, r->offers[i].number,
			    TERM_OP_MIN_NEW);
}

/* What a rung knows is gone with the rung. */
static void
rung_settle(struct turn *t)
{
	struct referral *r = t->r;

	if (r->state != ST_OFFERED && r->state != ST_HANDOVER_OFFERED)
		lifecycle_offers_close(t, OFFER_NOT_SELECTED);
	if (r->state != ST_OFFERED) {
		for (size_t i = 0; i < r->n_offers; i++)
			r->offers[i].question_open = false;
		r->rung_asked = false;
	}
	if (r->state != ST_OFFERED || !has_question(r))
		r->rung_frozen = false;
}

/* What only means something in some states is empty in the others. */
static void
marks_settle(struct turn *t)
{
	struct referral *r = t->r;
	const enum state inner = r->state == ST_HANDOVER_OFFERED ?
	    r->before_handover : r->state;

	if (inner != ST_AWAITING_INFO && inner != ST_ON_HOLD)
		r->before_wait = ST_NONE;
	if (r->state != ST_HANDOVER_OFFERED)
		r->before_handover = ST_NONE;
	if (!is_at_work(r)) {
		r->holder_asked = false;
		r->openable = false;
		r->unreadable = false;
	} else if (!is_at_work(t->was) || t->ch->holder_changed) {
		r->openable = !r->person_part || t->a->openable;
		r->unreadable = false;
	}
	if (referral_is_live(r))
		r->ended_as = ST_NONE;
	else if (r->state != ST_CLOSED)
		r->ended_as = r->state;
}

/* Overdue is what is still being waited for, by the same holder. */
static void
flags_settle(struct turn *t)
{
	struct referral *r = t->r;

	r->overdue &= ~t->met;
	if (t->ch->holder_changed || !referral_is_live(r))
		r->overdue = 0;
	for (enum term term = TERM_OFFER; term < TERM__MAX; term++)
		if (!r->clocks[term].running && !r->clocks[term].frozen)
			r->overdue &= ~(1u << term);
	r->flags &= ~(uint32_t)FLAG_OVERDUE;
	if (r->overdue != 0)
		r->flags |= FLAG_OVERDUE;
	if (!referral_is_live(r))
		r->flags &= FLAG_UNREAD;
}

static void
version_settle(struct turn *t)
{
	const struct referral *was = t->was;
	struct referral *r = t->r;

	if (r->state != was->state || r->epoch != was->epoch ||
	    r->flags != was->flags || !org_eq(&r->h, &was->h))
		r->version++;
	for (size_t i = 0; i < t->ch->n_steps; i++)
		t->ch->steps[i].version = r->version;
}

static void
tell_settle(struct turn *t)
{
	struct change *ch = t->ch;

	if (ch->holder_changed)
		ch->tell |= TELL_B | TELL_H | TELL_OLD_H;
	if (ch->b_changed)
		ch->tell |= TELL_B | TELL_H | TELL_OLD_B;
	if (ch->n_offers > 0)
		ch->tell |= TELL_TOUCHED;
	for (size_t i = 0; i < ch->n_terms; i++)
		if (ch->terms[i].term == TERM_OPENABLE &&
		    ch->terms[i].op == TERM_OP_START &&
		    t->c->event != EV_OVERDUE && t->c->event != EV_SUCCEED)
			ch->wants_wrap = true;
}

/* B reopens, nobody is left to ask, and R has it again: then nothing moved. */
static void
holder_settle(struct turn *t)
{
	if (!org_eq(&t->r->h, &t->was->h))
		return;
	t->ch->holder_changed = false;
	t->ch->old_h = (struct org){ "" };
}

void
lifecycle_settle(struct turn *t)
{
	holder_settle(t);
	rung_settle(t);
	marks_settle(t);
	clocks_settle(t);
	clocks_quicken(t);
	flags_settle(t);
	version_settle(t);
	tell_settle(t);
}

/* Add ${who} to ${out} if it is new there. */
static void
told_add(struct org *out, size_t max, size_t *n, const struct org *who)
{
	if (org_is_none(who))
		return;
	for (size_t i = 0; i < *n && i < max; i++)
		if (org_eq(&out[i], who))
			return;
	if (*n < max)
		out[*n] = *who;
	(*n)++;
}

size_t
lifecycle_told(const struct referral *before, const struct change *ch,
    struct org *out, size_t max)
{
	const struct referral *r = &ch->after;
	const struct {
		enum tell bit;
		const struct org *who;
	} one[] = { { TELL_B, &r->b }, { TELL_H, &r->h }, { TELL_R, &r->r },
		{ TELL_OLD_H, &ch->old_h }, { TELL_OLD_B, &ch->old_b } };
	size_t n = 0;

	(void)before;
	for (size_t i = 0; i < sizeof(one) / sizeof(one[0]); i++)
		if ((ch->tell & (uint32_t)one[i].bit) != 0)
			told_add(out, max, &n, one[i].who);
	if ((ch->tell & TELL_TOUCHED) != 0)
		for (size_t i = 0; i < ch->n_offers; i++)
			told_add(out, max, &n, &ch->offers[i].to);
	if ((ch->tell & TELL_OPEN) != 0)
		for (size_t i = 0; i < r->n_offers; i++)
			if (words_is_open(r->offers[i].state))
				told_add(out, max, &n, &r->offers[i].to);
	return (n);
}

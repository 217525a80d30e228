/*
 * decide_terms -- from "this term starts" to the instant at which it passes.
 */
#include <string.h>

#include "core/decide_work.h"

#define MINUTE_MS ((int64_t)60 * 1000)
#define DAY_MS ((int64_t)24 * 3600 * 1000)

/* Which line of the calendar's table a running term takes its length from. */
static const enum cal_term lengths[TERM__MAX] = {
	[TERM_OFFER] = CAL_TERM_OFFER,
	[TERM_MORE] = CAL_TERM_OFFER,
	[TERM_LADDER] = CAL_TERM_LADDER,
	[TERM_CONFIRM] = CAL_TERM_CONFIRM,
	[TERM_START] = CAL_TERM_START,
	[TERM_REPORT] = CAL_TERM_REPORT,
	[TERM_INFO] = CAL_TERM_ANSWER,
	[TERM_ANSWER] = CAL_TERM_ANSWER,
	[TERM_HANDOVER] = CAL_TERM_HANDOVER,
	[TERM_WITHDRAWAL] = CAL_TERM_WITHDRAWAL,
	[TERM_UNREAD] = CAL_TERM_UNREAD,
	[TERM_OPENABLE] = CAL_TERM_ANSWER,
};

/* Is ${o} one of that rung?  A new policy may have another under its number. */
static bool
is_of_rung(const struct offer *o, const struct route_rung *g)
{
	if (g->no != o->rung)
		return (false);
	for (size_t i = 0; i < g->n; i++)
		if (org_eq(&g->candidates[i], &o->to))
			return (true);
	return (false);
}

/* The rung that is open: that of the newest open offer made by the ladder. */
static const struct route_rung *
open_rung(const struct work_ref *ref, const struct referral *r)
{
	if (ref->ladder == NULL)
		return (NULL);
	for (size_t i = r->n_offers; i-- > 0;) {
		const struct offer *o = &r->offers[i];

		if (!words_is_open(o->state) || o->own_term)
			continue;
		for (size_t k = 0; k < ref->ladder->n_rungs; k++)
			if (is_of_rung(o, &ref->ladder->rungs[k]))
				return (&ref->ladder->rungs[k]);
	}
	return (NULL);
}

/* How long a term is: by the route, at the urgency that ${r} has. */
static struct cal_span
span_of(const struct work *w, struct work_ref *ref, const struct referral *r,
    enum cal_term term)
{
	/* The ladder has looked that up already. */
	if (ref->ladder != NULL && ref->ladder_at == r->urgency &&
	    ref->ladder->route != NULL)
		return (cal_term(&ref->ladder->terms, term,
		    (unsigned)r->urgency));
	if (ref->terms_at != r->urgency) {
		struct route_ask ask;

		work_ask(w, r, &ask);
		route_terms(w->in->policy, &ask, &ref->terms);
		ref->terms_at = r->urgency;
	}
	return (cal_term(&ref->terms, term, (unsigned)r->urgency));
}

int64_t
work_deadline(const struct work *w, struct work_ref *ref,
    const struct referral *r, int64_t start_ms, enum cal_term term)
{
	return (cal_deadline(policy_calendar(w->in->policy), NULL, start_ms,
	    span_of(w, ref, r, term)));
}

/* How a term of ${r} is counted: its length and the hours it runs in. */
struct count {
	struct cal_span span;
	const struct hours *hours;
};

static struct count
count_of(const struct work *w, struct work_ref *ref, enum term term)
{
	const struct referral *r = &ref->ch.after;
	const struct route_rung *g =
	    term == TERM_OFFER ? open_rung(ref, r) : NULL;
	struct count c = { .span = { .unit = CAL_CLOCK, .n = 0 } };

	if (g != NULL) {
		c.span = g->offer;
		c.hours = &g->hours;
	} else if (lengths[term] != CAL_TERM_NONE)
		c.span = span_of(w, ref, r, lengths[term]);
	return (c);
}

static int64_t
full_ms(struct cal_span span)
{
	return (span.n * (span.unit == CAL_CALENDAR ? DAY_MS : MINUTE_MS));
}

/* The instant that somebody named, for the terms that have no length. */
static int64_t
named(const struct work *w, const struct referral *r, enum term term)
{
	if (term == TERM_EXPIRE)
		return (r->end_ms);
	return (work_command(w) == NULL
		? w->in->now_ms
		: work_command(w)->until_ms);
}

static int64_t
end_of(const struct work *w, struct work_ref *ref, enum term term,
    int64_t since, bool capped)
{
	struct count c = count_of(w, ref, term);
	int64_t at, cap;

	if (lengths[term] == CAL_TERM_NONE)
		return (named(w, &ref->ch.after, term));
	at = cal_deadline(policy_calendar(w->in->policy), c.hours, since,
	    c.span);
	if (!capped)
		return (at);
	cap = work_deadline(w, ref, &ref->ch.after, since, CAL_TERM_QUESTION);
	return (cap < at ? cap : at);
}

static void
start(const struct work *w, struct work_ref *ref,
    const struct term_op *op, struct clock *k)
{
	int64_t at = end_of(w, ref, op->term, w->in->now_ms, op->capped);

	memset(k, 0, sizeof(*k));
	/* An end date that has passed is not waited for again. */
	if (op->term == TERM_EXPIRE && at <= w->in->now_ms)
		return;
	k->running = true;
	k->since_ms = w->in->now_ms;
	k->at_ms = at;
}

static void
renew(const struct work *w, struct work_ref *ref,
    const struct term_op *op, struct clock *k)
{
	memset(k, 0, sizeof(*k));
	k->frozen = true;
	k->since_ms = w->in->now_ms;
	k->left_ms = full_ms(count_of(w, ref, op->term).span);
}

static void
freeze(const struct work *w, struct work_ref *ref,
    const struct term_op *op, struct clock *k)
{
	struct count c = count_of(w, ref, op->term);

	k->left_ms = cal_elapsed(policy_calendar(w->in->policy), c.hours,
	    c.span.unit, w->in->now_ms, k->at_ms);
	k->running = false;
	k->frozen = true;
	k->at_ms = 0;
}

static void
unfreeze(const struct work *w, struct work_ref *ref,
    const struct term_op *op, struct clock *k)
{
	struct count c = count_of(w, ref, op->term);

	k->at_ms = cal_resume(policy_calendar(w->in->policy), c.hours,
	    c.span.unit, w->in->now_ms, k->left_ms);
	k->running = true;
	k->frozen = false;
	k->left_ms = 0;
}

/* The urgency rose: never later than before, and at least now. */
static void
sooner(const struct work *w, struct work_ref *ref,
    const struct term_op *op, struct clock *k)
{
	struct count c = count_of(w, ref, op->term);
	int64_t at, left = full_ms(c.span);

	if (k->frozen) {
		if (left < k->left_ms)
			k->left_ms = left;
		return;
	}
	at = cal_deadline(policy_calendar(w->in->policy), c.hours,
	    k->since_ms, c.span);
	if (at < k->at_ms)
		k->at_ms = at;
	if (k->at_ms < w->in->now_ms)
		k->at_ms = w->in->now_ms;
}

void
work_terms(struct work *w, struct work_ref *ref)
{
	struct change *ch = &ref->ch;

	for (size_t i = 0; i < ch->n_terms; i++) {
		const struct term_op *op = &ch->terms[i];
		struct clock *k =
		    referral_clock(&ch->after, op->term, op->offer);

		if (k == NULL)
			continue;
		switch (op->op) {
		case TERM_OP_START:
			start(w, ref, op, k);
			break;
		case TERM_OP_RENEW:
			renew(w, ref, op, k);
			break;
		case TERM_OP_STOP:
			memset(k, 0, sizeof(*k));
			break;
		case TERM_OP_FREEZE:
			freeze(w, ref, op, k);
			break;
		case TERM_OP_UNFREEZE:
			unfreeze(w, ref, op, k);
			break;
		case TERM_OP_MIN_NEW:
			sooner(w, ref, op, k);
			break;
		}
	}
}

/* Move one clock over a gap in which nobody could act. */
static bool
shift(struct work *w, struct work_ref *ref, enum term term, struct clock *k,
    int64_t from_ms, int64_t until_ms)
{
	struct count c = count_of(w, ref, term);
	int64_t at;

	/* A date that somebody named stays that date. */
	if (!k->running || lengths[term] == CAL_TERM_NONE)
		return (false);
	at = cal_shift(policy_calendar(w->in->policy), c.hours, c.span.unit,
	    k->at_ms, from_ms, until_ms);
	if (at == k->at_ms)
		return (false);
	k->at_ms = at;
	return (true);
}

/*
 * A window that nothing fires at begins at a remembered instant: that moves by
 * the time of the gap, so that the window is as long for who could not act.
 * One that had closed before the gap stays closed.
 */
static bool
shift_window(struct work *w, struct work_ref *ref, int64_t *start_ms,
    enum cal_term term, int64_t from_ms, int64_t until_ms)
{
	const struct calendar *cal = policy_calendar(w->in->policy);
	const struct referral *r = &ref->ch.after;
	enum cal_unit unit = span_of(w, ref, r, term).unit;
	int64_t gap = cal_elapsed(cal, NULL, unit, from_ms, until_ms);

	if (*start_ms == 0 || gap == 0 ||
	    work_deadline(w, ref, r, *start_ms, term) <= from_ms)
		return (false);
	*start_ms = cal_resume(cal, NULL, unit, *start_ms, gap);
	return (true);
}

/* RETURN after an ACCEPT, REOPEN after COMPLETED. */
static bool
shift_windows(struct work *w, struct work_ref *ref, int64_t from_ms,
    int64_t until_ms)
{
	struct referral *r = &ref->ch.after;

	if (referral_base(r) == ST_ACCEPTED)
		return (shift_window(w, ref, &r->accepted_ms, CAL_TERM_RETURN,
		    from_ms, until_ms));
	if (r->ended_as == ST_COMPLETED && !r->erased)
		return (shift_window(w, ref, &r->completed_ms,
		    CAL_TERM_REOPEN, from_ms, until_ms));
	return (false);
}

bool
work_shift(struct work *w, struct work_ref *ref, int64_t from_ms,
    int64_t until_ms)
{
	struct referral *r = &ref->ch.after;
	bool moved = shift_windows(w, ref, from_ms, until_ms);

	for (size_t t = 1; t < (size_t)TERM__MAX; t++)
		if (shift(w, ref, (enum term)t, &r->clocks[t], from_ms,
			until_ms))
			moved = true;
	for (size_t i = 0; i < r->n_offers; i++)
		if (r->offers[i].own_term &&
		    shift(w, ref, TERM_MORE, &r->offers[i].clock, from_ms,
			until_ms))
			moved = true;
	return (moved);
}

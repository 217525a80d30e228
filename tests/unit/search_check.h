#ifndef SEARCH_CHECK_H_
#define SEARCH_CHECK_H_

#include "search_state.h"

/*
 * search_check -- what must hold of every state and of every change, for
 * t_lifecycle_search.c.
 */
static void
check_offers(const struct referral *r)
{
	size_t taken = 0, open = referral_n_open(r);

	for (size_t i = 0; i < r->n_offers; i++) {
		const struct offer *o = &r->offers[i];

		if (o->state == OFFER_TAKEN) {
			taken++;
			if (referral_is_live(r))
				assert_true(org_eq(&o->to, &r->h));
		}
		if (!words_is_open(o->state))
			continue;
		assert_false(org_eq(&o->to, &r->b));
		assert_false(org_eq(&o->to, &r->r));
		assert_false(org_eq(&o->to, &r->h));
	}
	assert_true(taken <= 1); /* I3 */
	if (r->state == ST_OFFERED)
		assert_true(open > 0);
	else
		assert_int_equal(open, r->state == ST_HANDOVER_OFFERED);
}

static bool
any_runs(const struct referral *r)
{
	for (size_t t = 0; t < TERM__MAX; t++)
		if (r->clocks[t].running)
			return (true);
	return (false);
}

static void
check_state(const struct referral *r)
{
	check_offers(r);
	if (referral_is_live(r)) {
		assert_false(org_is_none(&r->h)); /* I1 */
		assert_true(any_runs(r));	  /* I11 */
	}
	if (r->state == ST_ESCALATED)
		assert_true(org_eq(&r->h, &r->r));
	if (r->state == ST_OFFERED)
		assert_true(r->clocks[TERM_LADDER].running);
	if (r->state == ST_EXPIRED)
		assert_int_equal(r->kind, KIND_SERVICE); /* I10 */
	assert_int_equal((r->flags & FLAG_OVERDUE) != 0, r->overdue != 0);
	if ((r->flags & FLAG_WITHDRAWAL) != 0)
		assert_true(r->clocks[TERM_WITHDRAWAL].running);
	for (unsigned t = 0; t < TERM__MAX; t++) {
		assert_false(r->clocks[t].running && r->clocks[t].frozen);
		if ((r->overdue >> t & 1) != 0)
			assert_true(r->clocks[t].running ||
			    r->clocks[t].frozen);
	}
}

/* I2: and even row 37 only moves what was OFFERED. */
static void
check_holder(const struct referral *was, const struct change *ch)
{
	const uint64_t rows = 1ull << 1 | 1ull << 4 | 1ull << 8 | 1ull << 21 |
	    1ull << 24 | 1ull << 26 | 1ull << 34 | 1ull << 38;
	bool may = false;

	assert_int_equal(ch->holder_changed, !org_eq(&was->h, &ch->after.h));
	if (!ch->holder_changed)
		return;
	for (size_t i = 0; i < ch->n_steps; i++)
		may |= (rows >> ch->steps[i].row & 1) != 0 ||
		    (ch->steps[i].row == 37 && was->state == ST_OFFERED);
	assert_true(may);
	assert_int_equal(ch->tell & (TELL_B | TELL_H | TELL_OLD_H),
	    TELL_B | TELL_H | TELL_OLD_H);
}

static void
check_steps(const struct referral *was, const struct change *ch)
{
	const struct referral *r = &ch->after;
	bool differs = was->state != r->state || was->flags != r->flags ||
	    was->epoch != r->epoch || !org_eq(&was->h, &r->h);

	assert_true(ch->n_steps > 0);
	for (size_t i = 0; i < ch->n_steps; i++) {
		assert_int_equal(ch->steps[i].from,
		    i == 0 ? was->state : ch->steps[i - 1].to);
		assert_int_equal(ch->steps[i].version, r->version);
	}
	assert_int_equal(ch->steps[ch->n_steps - 1].to, r->state);
	assert_int_equal(r->version, was->version + (differs ? 1 : 0));
}

/* The operations on terms lead from the clocks before to those after. */
static void
check_terms(const struct referral *was, const struct change *ch)
{
	struct clock clocks[TERM__MAX];

	memcpy(clocks, was->clocks, sizeof(clocks));
	for (size_t i = 0; i < ch->n_terms; i++) {
		const struct term_op *op = &ch->terms[i];
		struct clock *c = &clocks[op->term];

		if (op->term == TERM_MORE)
			continue;
		if (op->op == TERM_OP_UNFREEZE)
			assert_true(c->frozen);
		if (op->op == TERM_OP_FREEZE)
			assert_true(c->running);
		if (op->op == TERM_OP_MIN_NEW || op->op == TERM_OP_STOP)
			assert_true(c->running || c->frozen);
		if (op->op == TERM_OP_MIN_NEW)
			continue;
		c->running = op->op == TERM_OP_START ||
		    op->op == TERM_OP_UNFREEZE;
		c->frozen = op->op == TERM_OP_RENEW ||
		    op->op == TERM_OP_FREEZE;
	}
	for (unsigned t = 0; t < TERM__MAX; t++)
		assert_true(clocks[t].running == ch->after.clocks[t].running &&
		    clocks[t].frozen == ch->after.clocks[t].frozen);
}

static void
check_change(const struct referral *was, const struct command *c,
    const struct change *ch)
{
	const struct referral *r = &ch->after;

	check_state(r);
	check_holder(was, ch);
	check_steps(was, ch);
	check_terms(was, ch);
	if (c->timer && referral_is_live(was) && !referral_is_live(r)) { /* I9 */
		assert_int_equal(c->event, EV_EXPIRE);
		assert_true((ch->tell & TELL_B) != 0);
	}
	if (c->event == EV_OVERDUE)
		assert_int_equal(ch->tell & (TELL_B | TELL_R),
		    TELL_B | TELL_R);
	if (ch->wants_wrap)
		assert_true(r->clocks[TERM_OPENABLE].running);
}

#endif /* !SEARCH_CHECK_H_ */

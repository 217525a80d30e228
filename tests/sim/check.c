/*
 * check -- the invariants of a referral, looked at after every record.
 */
#include <string.h>

#include "world.h"

/* Rows in which the holder may change (I2); 37 and 38 follow others. */
static bool
may_move_holder(const Keten__V1__Change *c)
{
	static const uint32_t rows[] = { 1, 4, 8, 21, 24, 26, 34, 37, 38 };

	for (size_t i = 0; i < c->n_steps; i++)
		for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++)
			if (c->steps[i]->row == rows[k])
				return (true);
	return (false);
}

static bool
has_term(const struct referral *r)
{
	for (int t = 1; t < TERM__MAX; t++)
		if (r->clocks[t].running)
			return (true);
	for (size_t i = 0; i < r->n_offers; i++)
		if (r->offers[i].own_term && r->offers[i].clock.running)
			return (true);
	return (false);
}

static void
check_offers(const struct world *w, const struct referral *r)
{
	size_t taken = 0, open = 0;

	for (size_t i = 0; i < r->n_offers; i++) {
		const struct offer *o = &r->offers[i];

		taken += o->state == OFFER_TAKEN;
		open += words_is_open(o->state);
		if (org_is_none(&o->to))
			world_fail(w, "an offer to nobody");
		if (words_is_open(o->state) && org_eq(&o->to, &r->b))
			world_fail(w, "the originator is a candidate");
		if (words_is_open(o->state) && org_eq(&o->to, &r->r))
			world_fail(w, "the regisseur is a candidate");
		if (words_is_open(o->state) && org_eq(&o->to, &r->h))
			world_fail(w, "the holder is a candidate");
		for (size_t k = 0; k < r->n_never; k++)
			if (org_eq(&o->to, &r->never[k]))
				world_fail(w, "an offer to who was excluded");
	}
	if (taken > 1)
		world_fail(w, "I3: two offers are taken");
	if (r->state == ST_OFFERED && open == 0)
		world_fail(w, "offered to nobody");
	if (policy_is_protected(w->policy, r->code) && open > 1)
		world_fail(w, "a protected code is offered to a list");
}

static void
check_live(const struct world *w, const struct referral *r)
{
	if (org_is_none(&r->h))
		world_fail(w, "I1: a live referral has no holder");
	if (world_org(w, &r->h) == WORLD_ORGS)
		world_fail(w, "I1: the holder is nobody we know");
	if (!has_term(r))
		world_fail(w, "I11: a live referral waits for nothing");
}

/* A term that starts or goes on does not pass before now. */
static void
check_clocks(const struct world *w, const struct referral *before,
    const struct referral *r)
{
	for (int t = 1; t < TERM__MAX; t++) {
		const struct clock *was = &before->clocks[t];
		const struct clock *is = &r->clocks[t];

		if (is->running && is->frozen)
			world_fail(w, "a clock runs and stands still");
		if (is->running && is->at_ms < w->now_ms &&
		    is->at_ms != was->at_ms)
			world_fail(w, "a term passes before it starts");
		if (is->running && is->at_ms == INT64_MAX)
			world_fail(w, "a term never passes");
		if (is->frozen && is->left_ms < 0)
			world_fail(w, "a frozen term has less than nothing");
	}
}

void
world_check(const struct world *w, const struct referral *before,
    const struct world_ref *ref, const Keten__V1__Change *change)
{
	const struct referral *r = &ref->now;
	bool was_live = before->state != ST_NONE && referral_is_live(before);
	bool clock =
	    w->facts->kind == KETEN__V1__RECORD_KIND__RECORD_CLOCK;

	if (referral_is_live(r))
		check_live(w, r);
	check_offers(w, r);
	check_clocks(w, before, r);
	if (was_live && referral_is_live(r) && !org_eq(&before->h, &r->h) &&
	    !may_move_holder(change))
		world_fail(w, "I2: the holder changed in another row");
	if (clock && was_live && !referral_is_live(r) &&
	    r->state != ST_EXPIRED)
		world_fail(w, "I9: a timer ended a live referral");
	if (r->state == ST_EXPIRED && r->kind == KIND_SIGNAL)
		world_fail(w, "I10: a signal expired");
	if (r->version < before->version)
		world_fail(w, "a version went back");
	if (r->urgency < before->urgency)
		world_fail(w, "the urgency went down");
	if (r->changed_ms != w->now_ms)
		world_fail(w, "the time of the newest record is another");
	if (referral_is_live(r) && org_eq(&r->b, &r->h) &&
	    r->state != ST_OFFERED && r->state != ST_ESCALATED &&
	    !org_eq(&r->h, &r->r))
		world_fail(w, "the originator works for itself");
}

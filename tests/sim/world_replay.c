/*
 * world_replay -- take a decision through bytes, and do what it says.
 */
#include <string.h>

#include "life/apply.h"
#include "wire/pb.h"
#include "world.h"

/* When the first term of ${r} passes; INT64_MAX: none runs. */
static int64_t
earliest(const struct referral *r)
{
	int64_t at = INT64_MAX;

	for (int t = 1; t < TERM__MAX; t++)
		if (r->clocks[t].running && r->clocks[t].at_ms < at)
			at = r->clocks[t].at_ms;
	for (size_t k = 0; k < r->n_offers; k++)
		if (r->offers[k].own_term && r->offers[k].clock.running &&
		    r->offers[k].clock.at_ms < at)
			at = r->offers[k].clock.at_ms;
	return (at);
}

static struct world_ref *
add_referral(struct world *w)
{
	const Keten__V1__Facts *f = w->facts;
	struct world_ref *r = &w->refs[w->n_refs], *parent;
	struct refid id;

	if (w->n_refs == WORLD_REFERRALS)
		world_fail(w, "too many referrals for this world");
	memset(r, 0, sizeof(*r));
	memcpy(id.b, f->change->referral.data, sizeof(id.b));
	if (apply_header(&r->now, &id, f->header, w->route) != ERR_OK)
		world_fail(w, "the header cannot be applied");
	w->n_refs++;
	r->early = f->header->early;
	r->now.submitted_ms = f->time_ms;
	r->entitled = 1u << world_org(w, &r->now.b);
	if (!org_is_none(&r->now.custodian))
		r->entitled |= 1u << world_org(w, &r->now.custodian);
	parent = refid_is_none(&r->now.parent) ? NULL
					       : world_find(w, &r->now.parent);
	if (parent != NULL) {
		if (parent->n_kids == WORLD_KIDS)
			world_fail(w, "too many children");
		parent->kids[parent->n_kids++] = id;
	}
	return (r);
}

/* Who may open the person part from this record on (I5). */
static void
entitle(struct world *w, struct world_ref *r, const Keten__V1__Change *c)
{
	for (size_t i = 0; i < c->n_steps; i++) {
		Keten__V1__Event ev = c->steps[i]->event;

		if (ev == KETEN__V1__EVENT__ACCEPT ||
		    ev == KETEN__V1__EVENT__CONFIRM ||
		    ev == KETEN__V1__EVENT__TAKE_OVER)
			r->entitled |= 1u << world_org(w, &r->now.h);
		if (ev == KETEN__V1__EVENT__FOLLOW) {
			r->entitled |= 1u << world_org(w, &r->now.b);
			w->followed++;
		}
	}
	if (c->n_steps > 0 &&
	    c->steps[0]->event == KETEN__V1__EVENT__SUCCEED) {
		r->entitled |= 1u << world_org(w, &r->now.b);
		if (!org_is_none(&r->now.custodian))
			r->entitled |= 1u << world_org(w, &r->now.custodian);
	}
	for (size_t i = 0; r->early && i < r->now.n_offers; i++)
		r->entitled |= 1u << world_org(w, &r->now.offers[i].to);
}

/* Is all that is in use equal? */
static bool
is_same(const struct referral *a, const struct referral *b)
{
	struct referral x, y;

	memset(&x, 0, sizeof(x));
	memset(&y, 0, sizeof(y));
	referral_copy(&x, a);
	referral_copy(&y, b);
	return (memcmp(&x, &y, sizeof(x)) == 0);
}

/* What is stored and read back is the same, and so is a copy for a party. */
static void
check_state(struct world *w, const struct referral *r)
{
	Keten__V1__ReferralState s = KETEN__V1__REFERRAL_STATE__INIT;
	size_t mark = arena_used(w->replay);
	struct referral *back = arena_alloc(w->replay, sizeof(*back));

	if (back == NULL || apply_to_state(w->replay, r, &s) != ERR_OK ||
	    apply_from_state(&s, back) != ERR_OK)
		world_fail(w, "a state cannot be stored");
	if (!is_same(back, r))
		world_fail(w, "a state that is stored comes back changed");
	arena_rewind(w->replay, mark);
}

static void
replay_change(struct world *w, const Keten__V1__Change *c)
{
	const Keten__V1__RouteFacts *rf = w->route;
	const Keten__V1__RouteChange *who = NULL;
	struct world_ref *r;
	struct referral before;
	struct refid id;

	memcpy(id.b, c->referral.data, sizeof(id.b));
	r = world_find(w, &id);
	if (r == NULL)
		r = add_referral(w);
	for (size_t i = 0; i < rf->n_changes; i++)
		if (memcmp(rf->changes[i]->referral.data, id.b, 16) == 0)
			who = rf->changes[i];
	before = r->now;
	if (who == NULL || apply_change(&r->now, c, who) != ERR_OK)
		world_fail(w, "a change cannot be applied");
	r->due_ms = earliest(&r->now);
	entitle(w, r, c);
	world_check(w, &before, r, c);
	check_state(w, &r->now);
}

static void
replay_parts(struct world *w)
{
	const Keten__V1__Facts *f = w->facts;
	struct world_ref *r;
	struct refid id;

	if (f->change == NULL || f->n_parts == 0)
		return;
	memcpy(id.b, f->change->referral.data, sizeof(id.b));
	r = world_find(w, &id);
	for (size_t i = 0; i < f->n_parts && r->n_pieces < WORLD_PIECES; i++) {
		const Keten__V1__PartWraps *pw = w->route->wraps[i];
		struct world_piece *p = &r->pieces[r->n_pieces++];

		p->index = f->index;
		p->part = (uint32_t)i;
		p->kind = f->parts[i]->kind;
		p->wraps = 0;
		for (size_t k = 0; k < pw->n_key_ids; k++) {
			struct org o = org_of(pw->key_ids[k]);

			p->wraps |= 1u << world_org(w, &o);
		}
		if (p->kind == KETEN__V1__PART_KIND__PERSON &&
		    (p->wraps & ~r->entitled) != 0)
			world_fail(w, "I5: it came with a wrap too many");
	}
}

static void
replay_rewrap(struct world *w, struct world_ref *r)
{
	const Keten__V1__RewrapFacts *f = w->facts->rewrap;
	struct org to = org_of(f->to);
	uint32_t bit = 1u << world_org(w, &to);

	for (size_t i = 0; i < f->n_parts; i++)
		for (size_t k = 0; k < r->n_pieces; k++) {
			struct world_piece *p = &r->pieces[k];

			if (p->index != f->parts[i]->index ||
			    p->part != f->parts[i]->part)
				continue;
			if ((p->wraps & bit) != 0)
				world_fail(w, "a wrap that there is already");
			p->wraps |= bit;
			if (p->kind == KETEN__V1__PART_KIND__PERSON &&
			    (r->entitled & bit) == 0)
				world_fail(w, "I5: a wrap of the person part "
					      "for somebody who took nothing");
		}
}

static void
replay_deliveries(struct world *w)
{
	for (size_t i = 0; i < w->route->n_deliveries; i++) {
		const Keten__V1__Sent *s = w->route->deliveries[i];
		struct org to = org_of(s->partner);
		uint32_t org = world_org(w, &to);
		uint32_t box = world_box(w, &to, s->mailbox);
		struct world_ref *r;
		struct refid id;

		if (s->seq != ++w->seqs[org][box])
			world_fail(w, "a mailbox has a gap");
		memcpy(id.b, s->referral.data, sizeof(id.b));
		r = world_find(w, &id);
		if (r == NULL || r->n_out == WORLD_OUT ||
		    (s->with & DECIDE_WITH_OFFER) == 0)
			continue;
		r->out[r->n_out++] = (struct world_out){ .org = org,
			.box = box, .offer = s->offer };
	}
}

/* Take a decision through bytes, as everybody else gets it. */
void
world_apply(struct world *w, const struct decision *d)
{
	Keten__V1__Facts *f;
	Keten__V1__RouteFacts *rf;
	struct slice facts, route;
	const char *why = "facts do not fit in the arena";

	arena_reset(w->replay);
	if (pb_pack(w->arena, &d->facts->base, &facts) != ERR_OK ||
	    pb_pack(w->arena, &d->route->base, &route) != ERR_OK ||
	    pb_unpack_why(w->replay, &keten__v1__facts__descriptor, facts,
		&prescan_stored, &f, &why) != ERR_OK ||
	    pb_unpack_why(w->replay, &keten__v1__route_facts__descriptor,
		route, &prescan_stored, &rf, &why) != ERR_OK)
		world_fail(w, why);
	w->last = *d;
	w->facts = f;
	w->route = rf;
	if (f->index != w->index)
		world_fail(w, "I6: a record is not the next one");
	w->index++;
	if (f->change != NULL)
		replay_change(w, f->change);
	for (size_t i = 0; i < f->n_children; i++)
		replay_change(w, f->children[i]);
	replay_parts(w);
	if (f->rewrap != NULL && world_find(w, &d->referral) != NULL)
		replay_rewrap(w, world_find(w, &d->referral));
	replay_deliveries(w);
	world_check_told(w, facts);
}

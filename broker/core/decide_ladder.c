/*
 * decide_ladder -- who can be asked now: between route.h and lifecycle.h.
 */
#include <string.h>

#include "core/decide_work.h"
#include "wire/pb.h"

/* The view's answer in the form route.h asks for. */
static int64_t
unreachable(void *cookie, const struct org *who)
{
	const struct decide_view *v = cookie;

	return (v->unreachable(v->cookie, who));
}

void
work_ask(const struct work *w, const struct referral *r,
    struct route_ask *ask)
{
	memset(ask, 0, sizeof(*ask));
	ask->from = r->b;
	ask->code = r->code;
	ask->area = r->area;
	ask->urgency = (unsigned)r->urgency;
	ask->basis = r->basis;
	ask->discussed = r->discussed;
	ask->first = r->first;
	ask->n_first = r->n_first;
	ask->never = r->never;
	ask->n_never = r->n_never;
	ask->regisseur = r->r;
	ask->now_ms = w->in->now_ms;
	ask->unreachable = unreachable;
	/* The view is read-only; the callback's type cannot say so. */
	memcpy(&ask->cookie, &w->in->view, sizeof(ask->cookie));
}

void
work_ladder(struct work *w, struct work_ref *ref, const struct org *first)
{
	struct route_ask ask;

	work_ask(w, &ref->before, &ask);
	if (ref->is_new && work_command(w) != NULL &&
	    work_command(w)->header != NULL)
		ask.edition = work_command(w)->header->area_year;
	if (first != NULL) {
		ask.first = first;
		ask.n_first = org_is_none(first) ? 0 : 1;
	}
	ref->ladder_err = route_ladder(w->in->policy, &ask, &ref->ladder,
	    &ref->ladder_rule);
	/* A last holder that cannot be asked any more is no reason to stop. */
	if (ref->ladder_err != ERR_OK && !ref->is_new && ask.n_first > 0) {
		ask.n_first = 0;
		ref->ladder_err = route_ladder(w->in->policy, &ask,
		    &ref->ladder, &ref->ladder_rule);
	}
	ref->has_ladder = true;
}

/* Note in the route facts who was not asked, and why. */
static MUST_CHECK enum err
put_skips(struct work *w, const struct ladder *l)
{
	Keten__V1__RouteFacts *rf = w->d->route;

	if (rf->n_skips != 0 || l->n_skips == 0)
		return (ERR_OK);
	rf->skips = arena_zero(w->in->arena, l->n_skips, sizeof(*rf->skips));
	if (rf->skips == NULL)
		return (ERR_NOMEM);
	for (size_t i = 0; i < l->n_skips; i++) {
		Keten__V1__Skip *s = arena_zero(w->in->arena, 1, sizeof(*s));

		if (s == NULL)
			return (ERR_NOMEM);
		keten__v1__skip__init(s);
		s->rung = l->skips[i].rung;
		s->partner = pb_string(l->skips[i].who.id);
		s->reason = pb_string(route_why_name(l->skips[i].why));
		rf->skips[rf->n_skips++] = s;
	}
	return (ERR_OK);
}

enum err
work_candidates(struct work *w, struct work_ref *ref, struct candidates *out)
{
	const struct ladder *l = &ref->ladder;

	out->n = 0;
	if (ref->ladder_err != ERR_OK)
		return (ERR_OK);
	for (size_t i = 0; i < l->n_rungs; i++) {
		const struct route_rung *g = &l->rungs[i];

		if (ref->before.urgency == URGENCY_EMERGENT && !g->is_open)
			continue;
		for (size_t k = 0; k < g->n && out->n < CANDIDATES_MAX; k++) {
			out->c[out->n].to = g->candidates[k];
			out->c[out->n].rung = (uint8_t)g->no;
			out->n++;
		}
	}
	return (put_skips(w, l));
}

/* Has any mailbox of the candidate acknowledged its offer? */
static bool
is_delivered(const struct work *w, const struct refid *id,
    const struct offer *o)
{
	const struct decide_view *v = w->in->view;
	const Keten__V1__PolicyPartner *p =
	    policy_partner(w->in->policy, &o->to);

	for (size_t i = 0; p != NULL && i < p->n_mailboxes; i++)
		if (!v->undelivered(v->cookie, &o->to, p->mailboxes[i], id,
			o->number))
			return (true);
	return (false);
}

void
work_is_delivered(const struct work *w, struct referral *r)
{
	for (size_t i = 0; i < r->n_offers; i++)
		if (words_is_open(r->offers[i].state))
			r->offers[i].delivered =
			    is_delivered(w, &r->id, &r->offers[i]);
}

bool
work_can_open(const struct work *w, const struct referral *r,
    const struct org *who)
{
	const struct decide_view *v = w->in->view;
	struct decide_piece pieces[DECIDE_PIECES_MAX];
	size_t n;

	if (!r->person_part || org_is_none(who))
		return (!r->person_part);
	n = v->pieces(v->cookie, &r->id, pieces, DECIDE_PIECES_MAX);
	for (size_t i = 0; i < n && i < DECIDE_PIECES_MAX; i++)
		if (pieces[i].kind == KETEN__V1__PART_KIND__PERSON &&
		    !v->has_wrap(v->cookie, pieces[i].index, pieces[i].part,
			who))
			return (false);
	return (true);
}

/*
 * slow -- the ladder once more, straight through the document.
 */
#include <stdlib.h>

#include "base/area.h"
#include "slow_in.h"

/* --- one candidate ------------------------------------------------------- */

static bool
is_listed(const struct org *list, size_t n, const char *id)
{
	for (size_t i = 0; i < n; i++)
		if (is(list[i].id, id))
			return (true);
	return (false);
}

static bool
is_on_ladder(const struct slow_ladder *l, const char *id)
{
	for (size_t i = 0; i < l->n_rungs; i++)
		for (size_t k = 0; k < l->rungs[i].n; k++)
			if (is(l->rungs[i].who[k], id))
				return (true);
	return (false);
}

/* It works in all of the area, or in some of it. */
static bool
works_there(const struct slow *s, const partner *w)
{
	for (size_t i = 0; i < w->n_areas; i++)
		if (area_contains(w->areas[i], s->ask->area) ||
		    area_contains(s->ask->area, w->areas[i]))
			return (true);
	return (w->n_areas == 0);
}

static bool
too_long(const struct slow *s, const Keten__V1__PolicySpan *span,
    int64_t since)
{
	struct cal_span x;

	if (span == NULL || since == 0)
		return (false);
	x.unit = (enum cal_unit)span->unit;
	x.n = span->n;
	return (cal_deadline(s->cal, NULL, since, x) <= s->ask->now_ms);
}

static enum route_why
away(const struct slow *s, const char *id)
{
	const Keten__V1__PolicySkip *skip = s->route->skip != NULL ?
	    s->route->skip : s->doc->skip;
	const struct route_ask *a = s->ask;
	struct org who = org_of(id);

	if (skip != NULL && a->unreachable != NULL && too_long(s,
	    skip->unreachable, a->unreachable(a->cookie, &who)))
		return (ROUTE_WHY_UNREACHABLE);
	if (skip != NULL && a->checked != NULL && too_long(s, skip->entry,
	    a->checked(a->cookie, &who, a->code)))
		return (ROUTE_WHY_OUT_OF_DATE);
	return (ROUTE_WHY_NONE);
}

/* Named there, or in the place of who is. */
static bool
is_never(const struct slow *s, const char *id)
{
	for (size_t i = 0; i < s->ask->n_never; i++) {
		const partner *now = slow_heir(s,
		    slow_find(s, s->ask->never[i].id));

		if (is(id, s->ask->never[i].id) ||
		    (now != NULL && is(id, now->id)))
			return (true);
	}
	return (false);
}

static enum route_why
why_not(struct slow *s, const char *id)
{
	const partner *w = slow_find(s, id);
	enum err err;

	if (is(id, s->ask->from.id))
		return (ROUTE_WHY_ORIGINATOR);
	if (is(id, s->l->regisseur))
		return (ROUTE_WHY_REGISSEUR);
	if (is_on_ladder(s->l, id))
		return (ROUTE_WHY_TWICE);
	if (is_never(s, id))
		return (ROUTE_WHY_NEVER);
	if (w == NULL)
		return (ROUTE_WHY_UNKNOWN);
	if (slow_has_ended(s, w))
		return (ROUTE_WHY_ENDED);
	if (!slow_has_role(w, ROLE(CANDIDATE)))
		return (ROUTE_WHY_NO_ROLE);
	if (!works_there(s, w))
		return (ROUTE_WHY_NOT_THERE);
	err = slow_covenant(s, w);
	s->someone = s->someone || err == ERR_OK;
	s->no_basis = s->no_basis || err == ERR_NO_BASIS;
	if (err != ERR_OK)
		return (err == ERR_NO_BASIS ? ROUTE_WHY_NO_BASIS :
					      ROUTE_WHY_NO_COVENANT);
	return (away(s, id));
}

/* The first reason that somebody was left out for is the one that is told. */
static void
leave_out(struct slow *s, const char *id, enum route_why why)
{
	for (size_t i = 0; i < s->doc->n_partners; i++)
		if (is(s->doc->partners[i]->id, id) &&
		    s->l->why[i] == ROUTE_WHY_NONE)
			s->l->why[i] = why;
}

/* --- rungs --------------------------------------------------------------- */

static void
hours_from(const Keten__V1__PolicyHours *from, struct hours *to)
{
	if (from == NULL) {
		*to = *cal_work_hours();
		return;
	}
	memset(to, 0, sizeof(*to));
	to->holidays = from->holidays != 0;
	for (size_t i = 0; i < from->n_open; i++) {
		to->open[to->n].day = (uint8_t)(from->open[i]->day - 1);
		to->open[to->n].from_min = (uint16_t)from->open[i]->from_min;
		to->open[to->n++].to_min = (uint16_t)from->open[i]->to_min;
	}
}

static bool
is_open(const struct slow *s, const Keten__V1__PolicyHours *from)
{
	struct hours h;

	hours_from(from, &h);
	return (cal_is_open(s->cal, &h, s->ask->now_ms));
}

/* Put one rung on the ladder, if anybody is on it and it is not closed. */
static void
put_rung(struct slow *s, struct slow_rung *r, const Keten__V1__PolicyRung *g)
{
	bool open = false;

	if (g != NULL && g->hours != NULL)
		open = is_open(s, g->hours);
	else
		for (size_t i = 0; i < r->n; i++)
			open = open || is_open(s,
			    slow_known(s, r->who[i])->hours);
	if (s->ask->urgency == KETEN__V1__URGENCY__EMERGENT && !open) {
		for (size_t i = 0; i < r->n; i++)
			leave_out(s, r->who[i], ROUTE_WHY_CLOSED);
		return;
	}
	if (r->n > 0)
		s->l->rungs[s->l->n_rungs++] = *r;
}

static void
start_rung(const struct slow *s, struct slow_rung *r, uint32_t no,
    const Keten__V1__PolicyRung *g)
{
	struct cal_terms terms = s->terms;

	memset(r, 0, sizeof(*r));
	r->no = no;
	if (g != NULL && g->offer != NULL)
		policy_apply_term(g->offer, &terms);
	r->offer = terms.span[CAL_TERM_OFFER][s->ask->urgency];
	hours_from(g != NULL ? g->hours : NULL, &r->hours);
}

/* One of rung 0, unless it is there already. */
static void
try_first(struct slow *s, struct slow_rung *r, const char *id)
{
	enum route_why why = why_not(s, id);

	for (size_t i = 0; i < r->n; i++)
		if (is(r->who[i], id))
			return;
	if (why != ROUTE_WHY_NONE)
		leave_out(s, id, why);
	else
		r->who[r->n++] = slow_known(s, id)->id;
}

static void
put_first(struct slow *s)
{
	struct slow_rung r;

	start_rung(s, &r, 0, NULL);
	for (size_t i = 0; i < s->ask->n_first; i++) {
		const char *id = s->ask->first[i].id;
		const partner *now = slow_heir(s, slow_find(s, id));

		try_first(s, &r, id);
		if (now != NULL && !is(now->id, id))
			try_first(s, &r, now->id);
	}
	put_rung(s, &r, NULL);
}

/* Whom it is told for information: in the place of who ended, its heir. */
static void
put_informed(struct slow *s)
{
	for (size_t i = 0; i < s->route->n_inform; i++) {
		const partner *w = slow_heir(s,
		    slow_find(s, s->route->inform[i]));

		if (w != NULL && s->l->n_informed < SLOW_PARTNERS)
			s->l->informed[s->l->n_informed++] = w->id;
	}
}

struct names {
	size_t n;
	const char *id[64];
};

static void
name(struct names *all, const char *id)
{
	for (size_t i = 0; i < all->n; i++)
		if (is(all->id[i], id))
			return;
	all->id[all->n++] = id;
}

/* A partner and its heir, or the members of a network that does not answer
 * for them. */
static void
name_one(const struct slow *s, struct names *all, const char *id)
{
	const Keten__V1__PolicyNetwork *n = slow_find_network(s, id);
	const partner *next;

	if (n != NULL && n->mode != NETWORK(COORDINATOR)) {
		for (size_t i = 0; i < n->n_members; i++)
			name_one(s, all, n->members[i]);
		return;
	}
	name(all, id);
	if ((next = slow_heir(s, slow_find(s, id))) != NULL)
		name(all, next->id);
}

static void
name_kind(const struct slow *s, struct names *all, const char *kind)
{
	const char *last = "";

	/* In the order of the alphabet. */
	for (;;) {
		const partner *next = NULL;

		for (size_t i = 0; i < s->doc->n_partners; i++) {
			const partner *w = s->doc->partners[i];

			if (is(w->kind, kind) &&
			    slow_has_role(w, ROLE(CANDIDATE)) &&
			    works_there(s, w) &&
			    strcmp(w->id, last) > 0 &&
			    (next == NULL || strcmp(w->id, next->id) < 0))
				next = w;
		}
		if (next == NULL)
			return;
		name(all, next->id);
		last = next->id;
	}
}

static bool
is_serial(const struct slow *s, const Keten__V1__PolicyRung *g)
{
	const Keten__V1__PolicyNetwork *n;

	if (g->mode != 0)
		return (g->mode ==
		    KETEN__V1__POLICY_MODE__POLICY_MODE_ONE_AFTER_ANOTHER);
	if (g->n_candidates != 1 || g->candidates[0]->who_case !=
	    KETEN__V1__POLICY_CANDIDATE__WHO_NETWORK)
		return (false);
	n = slow_find_network(s, g->candidates[0]->network);
	return (n != NULL && n->mode == NETWORK(ONE_AFTER_ANOTHER));
}

static uint32_t
put_policy_rung(struct slow *s, uint32_t no, const Keten__V1__PolicyRung *g)
{
	struct names all = { .n = 0 };
	bool serial = is_serial(s, g);
	struct slow_rung r;

	for (size_t i = 0; i < g->n_candidates; i++) {
		const Keten__V1__PolicyCandidate *c = g->candidates[i];

		if (c->who_case == KETEN__V1__POLICY_CANDIDATE__WHO_KIND)
			name_kind(s, &all, c->kind);
		else
			name_one(s, &all, c->who_case ==
				KETEN__V1__POLICY_CANDIDATE__WHO_NETWORK ?
				c->network : c->partner);
	}
	start_rung(s, &r, no, g);
	for (size_t i = 0; i < all.n; i++) {
		enum route_why why = why_not(s, all.id[i]);

		if (why == ROUTE_WHY_NONE && slow_is_protected(s) && r.n == 1)
			why = ROUTE_WHY_LIST;
		if (why == ROUTE_WHY_NONE)
			r.who[r.n++] = all.id[i];
		else
			leave_out(s, all.id[i], why);
		if (serial) {
			r.no = no + (uint32_t)i;
			put_rung(s, &r, g);
			start_rung(s, &r, no, g);
		}
	}
	put_rung(s, &r, g);
	return (serial && all.n > 0 ? (uint32_t)all.n : 1);
}

/* --- the whole ----------------------------------------------------------- */

static enum err
check_first(const struct slow *s)
{
	const struct route_ask *a = s->ask;

	if (a->n_first > (slow_is_protected(s) ? 1u : 2u))
		return (ERR_NOT_ALLOWED);
	for (size_t i = 0; i < a->n_first; i++)
		if (is(a->first[i].id, a->from.id) ||
		    is(a->first[i].id, s->l->regisseur) ||
		    is_listed(a->never, a->n_never, a->first[i].id))
			return (ERR_NOT_ALLOWED);
	return (ERR_OK);
}

static void
find_custodian(const struct slow *s)
{
	const partner *w;

	s->l->custodian = "";
	if (s->route->custodian ==
	    KETEN__V1__POLICY_CUSTODIAN__POLICY_CUSTODIAN_REGISSEUR)
		s->l->custodian = s->l->regisseur;
	if (s->route->custodian ==
	    KETEN__V1__POLICY_CUSTODIAN__POLICY_CUSTODIAN_PARTNER) {
		w = slow_heir(s, slow_find(s, s->route->custodian_partner));
		s->l->custodian = w != NULL ? w->id :
					      s->route->custodian_partner;
	}
	if (is(s->l->custodian, s->ask->from.id))
		s->l->custodian = "";
}

static enum err
check_end(const struct slow *s)
{
	const partner *r = slow_known(s, s->l->regisseur);
	enum err err = ERR_OK;

	if (!s->someone && !is(s->ask->from.id, r->id))
		err = slow_covenant(s, r);
	if (err == ERR_NO_COVENANT && s->no_basis)
		err = ERR_NO_BASIS;
	if (err != ERR_OK ||
	    s->ask->urgency != KETEN__V1__URGENCY__EMERGENT ||
	    s->l->n_rungs > 0 || is_open(s, r->hours) ||
	    (s->regisseur->night_phone[0] != '\0' &&
		s->regisseur->night_hours != NULL &&
		is_open(s, s->regisseur->night_hours)))
		return (err);
	return (ERR_NOBODY_NOW);
}

static enum err
make(struct slow *s)
{
	uint32_t no = 1;
	enum err err;

	if ((err = slow_check_question(s)) != ERR_OK ||
	    (err = slow_find_regisseur(s)) != ERR_OK ||
	    (err = check_first(s)) != ERR_OK ||
	    (err = slow_find_route(s)) != ERR_OK)
		return (err);
	cal_terms_default(&s->terms);
	for (size_t i = 0; i < s->doc->n_terms; i++)
		policy_apply_term(s->doc->terms[i], &s->terms);
	for (size_t i = 0; i < s->route->n_terms; i++)
		policy_apply_term(s->route->terms[i], &s->terms);
	s->l->route = s->route->id;
	s->l->early = s->route->disclosure_early != 0;
	find_custodian(s);
	put_informed(s);
	put_first(s);
	for (size_t i = 0; i < s->route->n_rungs; i++)
		no += put_policy_rung(s, no, s->route->rungs[i]);
	return (check_end(s));
}

/* Why everybody else is not on it. */
static void
fill_whys(struct slow *s)
{
	for (size_t i = 0; i < s->doc->n_partners; i++) {
		const char *id = s->doc->partners[i]->id;

		if (is_on_ladder(s->l, id))
			s->l->why[i] = ROUTE_WHY_NONE;
		else if (s->l->why[i] == ROUTE_WHY_NONE)
			s->l->why[i] = is(id, s->ask->from.id) ?
			    ROUTE_WHY_ORIGINATOR : is(id, s->l->regisseur) ?
			    ROUTE_WHY_REGISSEUR : ROUTE_WHY_NOT_ON_LADDER;
	}
}

void
slow_ladder(const Keten__V1__Policy *doc, const struct calendar *cal,
    const struct route_ask *ask, struct slow_ladder *l)
{
	struct slow s = { .doc = doc, .cal = cal, .ask = ask, .l = l };

	memset(l, 0, sizeof(*l));
	l->regisseur = "";
	l->custodian = "";
	l->err = make(&s);
	fill_whys(&s);
}

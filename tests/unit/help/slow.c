/*
 * slow -- the ladder once more, straight through the document.
 */
#include <stdlib.h>
#include <string.h>

#include "base/area.h"
#include "slow.h"

#define ROLE(r) KETEN__V1__POLICY_ROLE__POLICY_ROLE_##r
#define NETWORK(m) KETEN__V1__POLICY_NETWORK_MODE__POLICY_NETWORK_MODE_##m

typedef Keten__V1__PolicyPartner partner;

struct slow {
	const Keten__V1__Policy *doc;
	const struct calendar *cal;
	const struct route_ask *ask;
	struct slow_ladder *l;
	const Keten__V1__PolicyRoute *route;
	const Keten__V1__PolicyRegisseur *regisseur;
	struct cal_terms terms;
	bool someone;  /* a covenant fits somebody */
	bool no_basis; /* one would, but for the basis */
};

static bool
is(const char *a, const char *b)
{
	return (strcmp(a, b) == 0);
}

/* --- the document -------------------------------------------------------- */

static const partner *
find(const struct slow *s, const char *id)
{
	for (size_t i = 0; i < s->doc->n_partners; i++)
		if (is(s->doc->partners[i]->id, id))
			return (s->doc->partners[i]);
	return (NULL);
}

/* The same where it must be there. */
static const partner *
known(const struct slow *s, const char *id)
{
	const partner *w = find(s, id);

	if (w == NULL)
		abort();
	return (w);
}

static const Keten__V1__PolicyNetwork *
find_network(const struct slow *s, const char *id)
{
	for (size_t i = 0; i < s->doc->n_networks; i++)
		if (is(s->doc->networks[i]->id, id))
			return (s->doc->networks[i]);
	return (NULL);
}

static bool
has_role(const partner *w, Keten__V1__PolicyRole role)
{
	for (size_t i = 0; i < w->n_roles; i++)
		if (w->roles[i] == role)
			return (true);
	return (false);
}

static bool
has_ended(const struct slow *s, const partner *w)
{
	return (w->gone || (w->ended_ms != 0 && w->ended_ms <=
		s->ask->now_ms));
}

static bool
is_in_network(const struct slow *s, const char *network, const char *id)
{
	const Keten__V1__PolicyNetwork *n = find_network(s, network);

	if (is(network, id))
		return (true);
	for (size_t i = 0; n != NULL && i < n->n_members; i++)
		if (is_in_network(s, n->members[i], id))
			return (true);
	return (false);
}

static bool
area_fits(char *const *list, size_t n, const char *area)
{
	for (size_t i = 0; i < n; i++)
		if (area_contains(list[i], area))
			return (true);
	return (n == 0);
}

/* How narrow is the narrowest area of the list that holds it; 0: none does. */
static size_t
area_rank(char *const *list, size_t n, const char *area)
{
	size_t best = n == 0 ? 1 : 0;

	for (size_t i = 0; i < n; i++)
		if (area_contains(list[i], area) && strlen(list[i]) > best)
			best = strlen(list[i]);
	return (best);
}

/* How closely ${word} means the header code ${code}; 0: not. */
static int
code_rank(const struct slow *s, const char *word, const char *code)
{
	const char *group = code;

	for (size_t i = 0; i < s->doc->n_codes; i++)
		if (is(s->doc->codes[i]->code, code))
			group = s->doc->codes[i]->group;
	if (is(word, code))
		return (4);
	if (is(word, group))
		return (3);
	if (strlen(word) == 3 && strncmp(word, code, 3) == 0)
		return (2);
	return (is(word, "*") ? 1 : 0);
}

static int
codes_rank(const struct slow *s, char *const *list, size_t n)
{
	int best = n == 0 ? 1 : 0;

	for (size_t i = 0; i < n; i++) {
		int rank = code_rank(s, list[i], s->ask->code);

		if (rank > best)
			best = rank;
	}
	return (best);
}

static bool
party_is(const struct slow *s, const Keten__V1__PolicyParty *party,
    const partner *w)
{
	if (party->who_case == KETEN__V1__POLICY_PARTY__WHO_ANYONE)
		return (true);
	if (party->who_case == KETEN__V1__POLICY_PARTY__WHO_KIND)
		return (is(party->kind, w->kind));
	if (party->who_case == KETEN__V1__POLICY_PARTY__WHO_NETWORK)
		return (is_in_network(s, party->network, w->id));
	return (is(party->partner, w->id));
}

/* Who has the places of ${w} now; NULL: nobody. */
static const partner *
heir(const struct slow *s, const partner *w)
{
	for (size_t turn = 0; w != NULL && turn < 100; turn++) {
		const char *next = w->successor;

		if (!has_ended(s, w))
			return (w);
		for (size_t i = w->n_successors; i-- > 0;) {
			const Keten__V1__PolicySuccessor *x =
			    w->successors[i];

			if (codes_rank(s, x->codes, x->n_codes) > 0 &&
			    area_fits(x->areas, x->n_areas, s->ask->area))
				next = x->partner;
		}
		w = find(s, next);
	}
	return (NULL);
}

/* --- may it be said so --------------------------------------------------- */

static enum err
check_code(const struct slow *s)
{
	for (size_t i = 0; i < s->doc->n_codes; i++)
		if (is(s->doc->codes[i]->code, s->ask->code))
			return (s->doc->codes[i]->protected_ ? ERR_BAD_CODE :
							       ERR_OK);
	for (size_t i = 0; i < s->doc->n_groups; i++)
		if (is(s->doc->groups[i]->id, s->ask->code) &&
		    s->doc->groups[i]->protected_)
			return (ERR_OK);
	return (ERR_BAD_CODE);
}

static bool
is_protected(const struct slow *s)
{
	for (size_t i = 0; i < s->doc->n_groups; i++)
		if (is(s->doc->groups[i]->id, s->ask->code))
			return (s->doc->groups[i]->protected_ != 0);
	return (false);
}

/* Is there a row of that kind inside ${outer}? */
static bool
lists(const struct slow *s, const char *outer, enum area_kind kind)
{
	for (size_t i = 0; i < s->doc->n_areas; i++)
		if (area_kind(s->doc->areas[i]->code) == kind &&
		    area_contains(outer, s->doc->areas[i]->code))
			return (true);
	return (false);
}

static bool
is_known(const struct slow *s)
{
	const char *area = s->ask->area, *best = "";

	for (size_t i = 0; i < s->doc->n_areas; i++)
		if (area_contains(s->doc->areas[i]->code, area) &&
		    strlen(s->doc->areas[i]->code) > strlen(best))
			best = s->doc->areas[i]->code;
	if (best[0] == '\0')
		return (false);
	if (strlen(best) == strlen(area))
		return (true);
	return (!lists(s, best, area_kind(best) == AREA_GM ? AREA_WK :
							     AREA_BU));
}

static bool
names_part_of(char *const *list, size_t n, const char *district)
{
	for (size_t i = 0; i < n; i++)
		if (area_kind(list[i]) == AREA_BU &&
		    strncmp(list[i] + 2, district + 2, 6) == 0)
			return (true);
	return (false);
}

static bool
needs_neighbourhood(const struct slow *s)
{
	const Keten__V1__Policy *d = s->doc;

	for (size_t i = 0; i < d->n_partners; i++)
		if (names_part_of(d->partners[i]->areas,
			d->partners[i]->n_areas, s->ask->area))
			return (true);
	for (size_t i = 0; i < d->n_routes; i++)
		if (names_part_of(d->routes[i]->areas, d->routes[i]->n_areas,
			s->ask->area))
			return (true);
	for (size_t i = 0; i < d->n_regisseurs; i++)
		if (names_part_of(d->regisseurs[i]->areas,
			d->regisseurs[i]->n_areas, s->ask->area))
			return (true);
	return (false);
}

static enum err
check_area(const struct slow *s)
{
	enum area_kind kind = area_kind(s->ask->area);

	if (kind == AREA_NONE || !is_known(s) ||
	    (is_protected(s) && kind != AREA_GM) ||
	    (kind == AREA_BU && !needs_neighbourhood(s)))
		return (ERR_BAD_AREA);
	return (ERR_OK);
}

static enum err
check_question(const struct slow *s)
{
	const partner *from = find(s, s->ask->from.id);
	bool basis = false;
	enum err err;

	if (from == NULL || has_ended(s, from))
		return (ERR_UNKNOWN_PARTNER);
	if (!has_role(from, ROLE(SUBMIT)) && !has_role(from, ROLE(REGISSEUR)))
		return (ERR_NOT_ALLOWED);
	if ((err = check_code(s)) != ERR_OK || (err = check_area(s)) != ERR_OK)
		return (err);
	for (size_t i = 0; i < s->doc->n_bases; i++)
		basis = basis || is(s->doc->bases[i]->code, s->ask->basis);
	return (basis ? ERR_OK : ERR_NO_BASIS);
}

/* --- regisseur and route ------------------------------------------------- */

static bool
places(const Keten__V1__PolicyRegisseur *r)
{
	for (size_t i = 0; i < r->n_duties; i++)
		if (r->duties[i] == KETEN__V1__POLICY_DUTY__POLICY_DUTY_PLACING)
			return (true);
	return (r->n_duties == 0);
}

static enum err
find_regisseur(struct slow *s)
{
	size_t best = 0;

	for (size_t i = 0; i < s->doc->n_regisseurs; i++) {
		const Keten__V1__PolicyRegisseur *r = s->doc->regisseurs[i];
		int code = codes_rank(s, r->groups, r->n_groups);
		size_t area = area_rank(r->areas, r->n_areas, s->ask->area);
		size_t rank = area * 10 + (size_t)code;

		if (!places(r) || code == 0 || area == 0 || rank <= best)
			continue;
		best = rank;
		s->regisseur = r;
		s->l->regisseur = r->partner;
	}
	return (best == 0 ? ERR_NO_ROUTE : ERR_OK);
}

static int
from_rank(const struct slow *s, const Keten__V1__PolicyRoute *r)
{
	const partner *from = known(s, s->ask->from.id);
	int best = r->n_from == 0 ? 1 : 0;

	for (size_t i = 0; i < r->n_from; i++) {
		int rank = 2;

		if (!party_is(s, r->from[i], from))
			continue;
		if (r->from[i]->who_case ==
		    KETEN__V1__POLICY_PARTY__WHO_PARTNER)
			rank = 3;
		if (r->from[i]->who_case == KETEN__V1__POLICY_PARTY__WHO_ANYONE)
			rank = 1;
		if (rank > best)
			best = rank;
	}
	return (best);
}

static int
urgency_rank(const struct slow *s, const Keten__V1__PolicyRoute *r)
{
	for (size_t i = 0; i < r->n_urgencies; i++)
		if ((unsigned)r->urgencies[i] == s->ask->urgency)
			return (2);
	return (r->n_urgencies == 0 ? 1 : 0);
}

static enum err
find_route(struct slow *s)
{
	size_t best = 0;

	for (size_t i = 0; i < s->doc->n_routes; i++) {
		const Keten__V1__PolicyRoute *r = s->doc->routes[i];
		size_t area = area_rank(r->areas, r->n_areas, s->ask->area);
		int from = from_rank(s, r), urgency = urgency_rank(s, r);
		int code = codes_rank(s, r->codes, r->n_codes);
		size_t rank;

		if (is_protected(s) && code < 3)
			code = 0;
		if (area == 0 || from == 0 || urgency == 0 || code == 0)
			continue;
		rank = ((area * 10 + (size_t)from) * 10 + (size_t)code) * 10 +
		    (size_t)urgency;
		if (rank > best) {
			best = rank;
			s->route = r;
		}
	}
	return (best == 0 ? ERR_NO_ROUTE : ERR_OK);
}

/* --- covenants ----------------------------------------------------------- */

/* Does the side name ${w}, or somebody whose places it has? */
static bool
side_names(const struct slow *s, Keten__V1__PolicyParty *const *side,
    size_t n, const partner *w)
{
	for (size_t i = 0; i < s->doc->n_partners; i++) {
		const partner *named = s->doc->partners[i];

		if (named != w && (!has_ended(s, named) || heir(s, named) != w))
			continue;
		for (size_t k = 0; k < n; k++)
			if (party_is(s, side[k], named))
				return (true);
	}
	return (false);
}

static bool
needs_consent(const struct slow *s)
{
	for (size_t i = 0; i < s->doc->n_bases; i++)
		if (is(s->doc->bases[i]->code, s->ask->basis))
			return (s->doc->bases[i]->consent != 0);
	return (false);
}

static bool
basis_fits(const struct slow *s, const Keten__V1__PolicyCovenant *c)
{
	bool basis = false, talk = c->n_discussed == 0;

	for (size_t i = 0; i < c->n_bases; i++)
		basis = basis || is(c->bases[i], s->ask->basis);
	for (size_t i = 0; i < c->n_discussed; i++)
		talk = talk || (unsigned)c->discussed[i] == s->ask->discussed;
	if (needs_consent(s) &&
	    s->ask->discussed != KETEN__V1__DISCUSSED__AGREES)
		talk = false;
	return (basis && talk);
}

static enum err
covenant(const struct slow *s, const partner *to)
{
	const partner *from = known(s, s->ask->from.id);
	enum err err = ERR_NO_COVENANT;

	for (size_t i = 0; i < s->doc->n_covenants; i++) {
		const Keten__V1__PolicyCovenant *c = s->doc->covenants[i];

		if (codes_rank(s, c->codes, c->n_codes) == 0 ||
		    !area_fits(c->areas, c->n_areas, s->ask->area) ||
		    s->ask->now_ms < c->valid_from_ms ||
		    (c->valid_until_ms != 0 &&
			s->ask->now_ms >= c->valid_until_ms) ||
		    !side_names(s, c->from, c->n_from, from) ||
		    !side_names(s, c->to, c->n_to, to))
			continue;
		if (basis_fits(s, c))
			return (ERR_OK);
		err = ERR_NO_BASIS;
	}
	return (err);
}

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
		const partner *now = heir(s, find(s, s->ask->never[i].id));

		if (is(id, s->ask->never[i].id) ||
		    (now != NULL && is(id, now->id)))
			return (true);
	}
	return (false);
}

static enum route_why
why_not(struct slow *s, const char *id)
{
	const partner *w = find(s, id);
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
	if (has_ended(s, w))
		return (ROUTE_WHY_ENDED);
	if (!has_role(w, ROLE(CANDIDATE)))
		return (ROUTE_WHY_NO_ROLE);
	if (!works_there(s, w))
		return (ROUTE_WHY_NOT_THERE);
	err = covenant(s, w);
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
			open = open || is_open(s, known(s, r->who[i])->hours);
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
		r->who[r->n++] = known(s, id)->id;
}

static void
put_first(struct slow *s)
{
	struct slow_rung r;

	start_rung(s, &r, 0, NULL);
	for (size_t i = 0; i < s->ask->n_first; i++) {
		const char *id = s->ask->first[i].id;
		const partner *now = heir(s, find(s, id));

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
		const partner *w = heir(s, find(s, s->route->inform[i]));

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
	const Keten__V1__PolicyNetwork *n = find_network(s, id);
	const partner *next;

	if (n != NULL && n->mode != NETWORK(COORDINATOR)) {
		for (size_t i = 0; i < n->n_members; i++)
			name_one(s, all, n->members[i]);
		return;
	}
	name(all, id);
	if ((next = heir(s, find(s, id))) != NULL)
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
			    has_role(w, ROLE(CANDIDATE)) && works_there(s, w) &&
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
	n = find_network(s, g->candidates[0]->network);
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

		if (why == ROUTE_WHY_NONE && is_protected(s) && r.n == 1)
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

	if (a->n_first > (is_protected(s) ? 1u : 2u))
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
		w = heir(s, find(s, s->route->custodian_partner));
		s->l->custodian = w != NULL ? w->id :
					      s->route->custodian_partner;
	}
	if (is(s->l->custodian, s->ask->from.id))
		s->l->custodian = "";
}

static enum err
check_end(const struct slow *s)
{
	const partner *r = known(s, s->l->regisseur);
	enum err err = ERR_OK;

	if (!s->someone && !is(s->ask->from.id, r->id))
		err = covenant(s, r);
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

	if ((err = check_question(s)) != ERR_OK ||
	    (err = find_regisseur(s)) != ERR_OK ||
	    (err = check_first(s)) != ERR_OK || (err = find_route(s)) != ERR_OK)
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

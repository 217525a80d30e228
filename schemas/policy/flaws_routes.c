/*
 * flaws -- routes: that every ladder has candidates and an end.
 */
#include <stdlib.h>
#include <string.h>

#include "base/area.h"
#include "policy/flaws_impl.h"

#define CUSTODIAN(who) KETEN__V1__POLICY_CUSTODIAN__POLICY_CUSTODIAN_##who

/* A rung fewer than fit: the submitter's own choice comes before them. */
#define RUNGS_MAX (ROUTE_RUNGS - 1)

static bool
may_be_emergent(const Keten__V1__PolicyRoute *r)
{
	for (size_t i = 0; i < r->n_urgencies; i++)
		if (r->urgencies[i] == KETEN__V1__URGENCY__EMERGENT)
			return (true);
	return (r->n_urgencies == 0);
}

/* Does the route serve this code row? */
static bool
serves(const Keten__V1__PolicyRoute *r, const struct code_row *row)
{
	return (row->header && policy_fit_code(row, r) != 0);
}

/* --- every referral has a regisseur -------------------------------------- */

/* Is what is missing in ${area} said of an area around it? */
static bool
is_said_wider(const struct finder *f, const Keten__V1__PolicyRoute *r,
    const char *code, const char *area)
{
	for (size_t i = 0; i < f->doc->n_areas; i++) {
		const char *wide = f->doc->areas[i]->code;

		if (strcmp(wide, area) != 0 && area_is_valid(wide) &&
		    area_contains(wide, area) &&
		    policy_area_in(r->areas, r->n_areas, wide) &&
		    policy_regisseur(f->p, code, wide) == NULL)
			return (true);
	}
	return (false);
}

/* Nobody there: once per group of codes and area, not for every route. */
static void
no_regisseur(struct finder *f, const Keten__V1__PolicyRoute *r, size_t i,
    const struct code_row *row, const char *area)
{
	char path[FLAWS_PATH], name[FLAWS_PATH];

	(void)flaws_path(name, "%s %s",
	    row->group == NULL ? row->name : row->group->id, area);
	if (is_said_wider(f, r, row->name, area) ||
	    flaws_seen(f, 'g', name, i, NULL))
		return;
	flaws_add(f, flaws_path(path, "routes[%zu]", i), "route '%s': voor %s "
	    "in %s is er geen regisseur; vul 'regisseurs' aan", r->id,
	    row->name, area);
}

/* Nobody to phone at night: once per regisseur. */
static void
no_night(struct finder *f, const Keten__V1__PolicyRoute *r, size_t i,
    const Keten__V1__PolicyRegisseur *g)
{
	char path[FLAWS_PATH], name[FLAWS_PATH];
	size_t k = 0;

	while (k < f->doc->n_regisseurs && f->doc->regisseurs[k] != g)
		k++;
	if (flaws_seen(f, 'N', flaws_path(name, "%zu", k), i, NULL))
		return;
	flaws_add(f, flaws_path(path, "routes[%zu]", i), "route '%s' neemt "
	    "spoed aan, maar regisseur '%s' heeft geen nachtnummer "
	    "(night_phone en night_hours)", r->id, g->partner);
}

static void
regisseur_in(struct finder *f, const Keten__V1__PolicyRoute *r, size_t i,
    const char *area)
{
	for (size_t k = 0; k < f->p->n_codes; k++) {
		const struct code_row *row = &f->p->codes[k];
		const Keten__V1__PolicyRegisseur *g;

		if (!serves(r, row))
			continue;
		g = policy_regisseur(f->p, row->name, area);
		if (g == NULL)
			no_regisseur(f, r, i, row, area);
		else if (may_be_emergent(r) && (g->night_phone[0] == '\0' ||
		    g->night_hours == NULL))
			no_night(f, r, i, g);
	}
}

/* The area of the list or that of the route, whichever is narrower. */
static void
regisseur_everywhere(struct finder *f, const Keten__V1__PolicyRoute *r,
    size_t i)
{
	for (size_t k = 0; k < r->n_areas; k++)
		if (area_is_valid(r->areas[k]))
			regisseur_in(f, r, i, r->areas[k]);
	for (size_t a = 0; a < f->doc->n_areas; a++) {
		const char *area = f->doc->areas[a]->code;

		if (area_is_valid(area) &&
		    policy_area_in(r->areas, r->n_areas, area))
			regisseur_in(f, r, i, area);
	}
}

/* --- rungs --------------------------------------------------------------- */

/* Is there a place that is the route's and the regisseur's?  One may be
 * candidate next door. */
static bool
meets(const Keten__V1__PolicyRoute *r, const Keten__V1__PolicyRegisseur *g)
{
	for (size_t i = 0; i < r->n_areas; i++)
		for (size_t k = 0; k < g->n_areas; k++)
			if (area_contains(r->areas[i], g->areas[k]) ||
			    area_contains(g->areas[k], r->areas[i]))
				return (true);
	return (r->n_areas == 0 || g->n_areas == 0);
}

static bool
is_regisseur_for(const struct finder *f, const Keten__V1__PolicyRoute *r,
    const char *id)
{
	for (size_t i = 0; i < f->doc->n_regisseurs; i++) {
		const Keten__V1__PolicyRegisseur *g = f->doc->regisseurs[i];

		if (strcmp(g->partner, id) != 0 || !meets(r, g) ||
		    !policy_has_duty(g,
			KETEN__V1__POLICY_DUTY__POLICY_DUTY_PLACING))
			continue;
		for (size_t k = 0; k < f->p->n_codes; k++) {
			if (!serves(r, &f->p->codes[k]))
				continue;
			for (size_t c = 0; c < g->n_groups; c++)
				if (policy_matches_row(&f->p->codes[k],
					g->groups[c]))
					return (true);
			if (g->n_groups == 0)
				return (true);
		}
	}
	return (false);
}

/* One name in a rung. */
static void
candidate(struct finder *f, const Keten__V1__PolicyRoute *r,
    const Keten__V1__PolicyCandidate *c, const char *path)
{
	Keten__V1__PolicyParty party = KETEN__V1__POLICY_PARTY__INIT;
	struct org org;

	switch (c->who_case) {
	case KETEN__V1__POLICY_CANDIDATE__WHO_PARTNER:
		party.who_case = KETEN__V1__POLICY_PARTY__WHO_PARTNER;
		party.partner = c->partner;
		break;
	case KETEN__V1__POLICY_CANDIDATE__WHO_NETWORK:
		party.who_case = KETEN__V1__POLICY_PARTY__WHO_NETWORK;
		party.network = c->network;
		break;
	case KETEN__V1__POLICY_CANDIDATE__WHO_KIND:
		party.who_case = KETEN__V1__POLICY_PARTY__WHO_KIND;
		party.kind = c->kind;
		break;
	case KETEN__V1__POLICY_CANDIDATE__WHO__NOT_SET:
	case _KETEN__V1__POLICY_CANDIDATE__WHO__CASE_IS_INT_SIZE:
		break;
	}
	flaws_party(f, path, &party);
	if (c->who_case != KETEN__V1__POLICY_CANDIDATE__WHO_PARTNER ||
	    policy_network(f->p, c->partner) != NULL)
		return;
	org = org_of(c->partner);
	if (is_regisseur_for(f, r, c->partner))
		flaws_add(f, path, "'%s' is hier regisseur en dus nooit "
		    "kandidaat; gebruik 'regisseur_direct: ja' of haal hem "
		    "weg", c->partner);
	else if (policy_partner(f->p, &org) != NULL &&
	    !policy_has_role(f->p, &org,
		KETEN__V1__POLICY_ROLE__POLICY_ROLE_CANDIDATE))
		flaws_add(f, path, "'%s' heeft niet de rol candidate",
		    c->partner);
}

/* May anybody at all refer a code of this route to ${w}? */
static bool
is_covenanted(const struct finder *f, const Keten__V1__PolicyRoute *r,
    const Keten__V1__PolicyPartner *w)
{
	struct taker_walk at = { .link = 0 };
	const struct pact *a;

	while ((a = policy_takers(f->p, policy_partner_no(f->p, w->id), &at)) !=
	    NULL)
		for (size_t k = 0; k < f->p->n_codes; k++)
			if ((a->codes[k / 8] >> (k % 8) & 1) != 0 &&
			    serves(r, &f->p->codes[k]))
				return (true);
	return (false);
}

/* What is found out about one ladder. */
struct asked {
	struct route_names names; /* everybody on it, wherever */
	size_t *found;            /* by rung: how many in all places */
	size_t most;              /* candidates, where there are most */
	size_t rungs;             /* the same of rungs */
};

static void
ask(struct asked *all, const Keten__V1__PolicyPartner *w)
{
	for (size_t i = 0; i < all->names.n; i++)
		if (all->names.who[i] == w)
			return;
	if (all->names.n == ROUTE_EXPANDED)
		all->names.missed++;
	else
		all->names.who[all->names.n++] = w;
}

#define SUCCESSORS_DEEP 8

/* Can ${id} be asked, or somebody who takes its place? */
static bool
is_stood_for(const struct finder *f, const char *id, size_t depth)
{
	struct org org = org_of(id);
	const Keten__V1__PolicyPartner *w = policy_partner(f->p, &org);

	if (w == NULL || depth > SUCCESSORS_DEEP)
		return (false);
	if (!policy_has_ended(f->p, &org, f->doc->valid_from_ms))
		return (policy_has_role(f->p, &org,
		    KETEN__V1__POLICY_ROLE__POLICY_ROLE_CANDIDATE));
	for (size_t i = 0; i < w->n_successors; i++)
		if (is_stood_for(f, w->successors[i]->partner, depth + 1))
			return (true);
	return (is_stood_for(f, w->successor, depth + 1));
}

static bool
takes_part(const struct finder *f, const Keten__V1__PolicyPartner *w)
{
	return (is_stood_for(f, w->id, 0));
}

/* One rung in one place (NULL: wherever): who is on it there? */
static size_t
rung_in(struct finder *f, const Keten__V1__PolicyRoute *r, size_t i, size_t k,
    const struct route_ask *ask_for, struct asked *all)
{
	char path[FLAWS_PATH], name[FLAWS_PATH];
	struct route_names names;
	size_t n = 0;

	(void)flaws_path(path, "routes[%zu].rungs[%zu]", i, k);
	route_expand(f->p, r->rungs[k], ask_for, &names);
	for (size_t c = 0; c < names.n; c++) {
		if (!takes_part(f, names.who[c]))
			continue;
		n++;
		ask(all, names.who[c]);
		/* Once, in however many places. */
		if (!is_covenanted(f, r, names.who[c]) &&
		    !flaws_seen(f, 'v', flaws_path(name, "%zu.%zu.%s", i, k,
			names.who[c]->id), i, NULL))
			flaws_add(f, path, "geen convenant laat toe dat iemand "
			    "dit naar '%s' verwijst", names.who[c]->id);
	}
	all->found[k] += n;
	return (n);
}

/* All rungs in one place. */
static void
rungs_in(struct finder *f, const Keten__V1__PolicyRoute *r, size_t i,
    const struct route_ask *ask_for, struct asked *all)
{
	size_t candidates = 0, rungs = 0;

	for (size_t k = 0; k < r->n_rungs; k++) {
		size_t n = rung_in(f, r, i, k, ask_for, all);

		candidates += n;
		rungs += route_is_serial(f->p, r->rungs[k]) ? n : 1;
	}
	if (candidates > all->most)
		all->most = candidates;
	if (rungs > all->rungs)
		all->rungs = rungs;
}

static void
rung_itself(struct finder *f, const Keten__V1__PolicyRung *g, size_t i,
    size_t k, size_t found)
{
	char path[FLAWS_PATH];

	if (found == 0)
		flaws_add(f, flaws_path(path, "routes[%zu].rungs[%zu]", i, k),
		    "deze sport heeft geen kandidaten die meedoen");
	flaws_hours(f, flaws_path(path, "routes[%zu].rungs[%zu].hours", i, k),
	    g->hours);
	flaws_term(f, flaws_path(path, "routes[%zu].rungs[%zu].offer", i, k),
	    g->offer);
	if (g->offer != NULL &&
	    cal_term_from_name(g->offer->term) != CAL_TERM_OFFER)
		flaws_add(f, path, "de termijn van een sport is OFFER");
}

/* --- in which places ----------------------------------------------------- */

static bool
names_a_kind(const Keten__V1__PolicyRoute *r)
{
	for (size_t k = 0; k < r->n_rungs; k++)
		for (size_t c = 0; c < r->rungs[k]->n_candidates; c++)
			if (r->rungs[k]->candidates[c]->who_case ==
			    KETEN__V1__POLICY_CANDIDATE__WHO_KIND)
				return (true);
	return (false);
}

/* The rungs in ${area}, for the first code of the route. */
static void
rungs_at(struct finder *f, const Keten__V1__PolicyRoute *r, size_t i,
    const char *area, struct asked *all)
{
	struct route_ask ask_for = { .code = "", .area = area,
		.now_ms = f->doc->valid_from_ms };

	for (size_t k = f->p->n_codes; k-- > 0;)
		if (serves(r, &f->p->codes[k]))
			ask_for.code = f->p->codes[k].name;
	rungs_in(f, r, i, &ask_for, all);
}

/*
 * A kind is other partners in other places: look at each area of the list that
 * has no smaller ones in it, and at those of the route that are smaller still.
 */
static void
rungs_everywhere(struct finder *f, const Keten__V1__PolicyRoute *r, size_t i,
    struct asked *all)
{
	for (size_t a = 0; a < f->doc->n_areas; a++) {
		const char *area = f->doc->areas[a]->code;
		uint32_t nos[AREA_LEVELS];

		if (policy_areas_of(f->p, area, nos) > 1 &&
		    !f->p->areas[nos[0]].has_wk &&
		    !f->p->areas[nos[0]].has_bu &&
		    policy_area_in(r->areas, r->n_areas, area))
			rungs_at(f, r, i, area, all);
	}
	for (size_t a = 0; a < r->n_areas; a++)
		if (area_is_valid(r->areas[a]))
			rungs_at(f, r, i, r->areas[a], all);
}

/* The one whom the group names, and nobody after or before it. */
static void
one_addressee(struct finder *f, const Keten__V1__PolicyRoute *r,
    const char *partner, const char *path)
{
	for (size_t k = 0; k < f->p->n_codes; k++) {
		const struct code_row *row = &f->p->codes[k];

		if (row->code == NULL && serves(r, row) &&
		    strcmp(row->group->function_partner, partner) != 0)
			flaws_add(f, path, "groep '%s' is beschermd en gaat "
			    "alleen naar '%s' (function_partner), niet naar "
			    "'%s'", row->name, row->group->function_partner,
			    partner);
	}
}

/* Protected: one named addressee per rung, never a list, no copies. */
static void
protected_route(struct finder *f, const Keten__V1__PolicyRoute *r, size_t i)
{
	char path[FLAWS_PATH];
	bool guarded = false;

	for (size_t k = 0; k < f->p->n_codes; k++)
		guarded = guarded || (f->p->codes[k].code == NULL &&
		    serves(r, &f->p->codes[k]));
	if (!guarded)
		return;
	if (r->n_inform > 0)
		flaws_add(f, flaws_path(path, "routes[%zu].inform", i),
		    "route '%s' geldt voor beschermde codes; die gaan niemand "
		    "ter kennisgeving", r->id);
	if (r->disclosure_early)
		flaws_add(f, flaws_path(path, "routes[%zu].disclosure_early",
		    i), "route '%s' geldt voor beschermde codes; die gaan "
		    "nooit vooraf open", r->id);
	for (size_t k = 0; k < r->n_rungs; k++)
		if (r->rungs[k]->n_candidates != 1 ||
		    r->rungs[k]->candidates[0]->who_case !=
			KETEN__V1__POLICY_CANDIDATE__WHO_PARTNER ||
		    policy_network(f->p,
			r->rungs[k]->candidates[0]->partner) != NULL)
			flaws_add(f, flaws_path(path, "routes[%zu].rungs[%zu]",
			    i, k), "route '%s' geldt voor beschermde codes; "
			    "noem per sport een partner, geen lijst", r->id);
		else
			one_addressee(f, r, r->rungs[k]->candidates[0]->partner,
			    flaws_path(path, "routes[%zu].rungs[%zu]", i, k));
}

/* Is there anybody who may submit this and is not the only candidate? */
static bool
has_other(const struct finder *f, const Keten__V1__PolicyRoute *r,
    const struct asked *all)
{
	for (size_t i = 0; i < f->p->n_partners; i++) {
		const Keten__V1__PolicyPartner *w = f->p->partners[i];
		struct org org = org_of(w->id);
		bool may = r->n_from == 0;

		for (size_t k = 0; k < r->n_from; k++)
			may = may || policy_party_has(f->p, r->from[k], w);
		if (may && policy_has_role(f->p, &org,
			       KETEN__V1__POLICY_ROLE__POLICY_ROLE_SUBMIT) &&
		    (all->names.n != 1 || all->names.who[0] != w))
			return (true);
	}
	return (false);
}

static void
too_much(struct finder *f, const Keten__V1__PolicyRoute *r, size_t i,
    const struct asked *all)
{
	char path[FLAWS_PATH];

	(void)flaws_path(path, "routes[%zu].rungs", i);
	if (all->most > ROUTE_CANDIDATES)
		flaws_add(f, path, "route '%s' heeft %zu kandidaten; hoogstens "
		    "%d", r->id, all->most, ROUTE_CANDIDATES);
	if (all->rungs > RUNGS_MAX)
		flaws_add(f, path, "route '%s' heeft %zu sporten; hoogstens %d",
		    r->id, all->rungs, RUNGS_MAX);
	if (all->names.n > 0 && !has_other(f, r, all))
		flaws_add(f, path, "op route '%s' is de bron zelf de enige "
		    "kandidaat", r->id);
}

static void
ladder(struct finder *f, const Keten__V1__PolicyRoute *r, size_t i)
{
	struct asked all = { .rungs = 0 };
	char path[FLAWS_PATH];

	all.found = calloc(r->n_rungs + 1, sizeof(*all.found));
	if (all.found == NULL) {
		flaws_add(f, "", "het geheugen is op; dit beleid is niet "
				 "helemaal nagekeken");
		return;
	}
	for (size_t k = 0; k < r->n_rungs; k++)
		for (size_t c = 0; c < r->rungs[k]->n_candidates; c++)
			candidate(f, r, r->rungs[k]->candidates[c],
			    flaws_path(path,
				"routes[%zu].rungs[%zu].candidates[%zu]", i, k,
				c));
	if (names_a_kind(r))
		rungs_everywhere(f, r, i, &all);
	else
		rungs_in(f, r, i, NULL, &all);
	for (size_t k = 0; k < r->n_rungs; k++)
		rung_itself(f, r->rungs[k], i, k, all.found[k]);
	too_much(f, r, i, &all);
	free(all.found);
}

/* --- the route itself ---------------------------------------------------- */

static void
lists(struct finder *f, const Keten__V1__PolicyRoute *r, size_t i)
{
	char path[FLAWS_PATH];

	for (size_t k = 0; k < r->n_codes; k++)
		flaws_pattern(f, flaws_path(path, "routes[%zu].codes[%zu]", i,
		    k), r->codes[k]);
	for (size_t k = 0; k < r->n_areas; k++)
		flaws_area(f, flaws_path(path, "routes[%zu].areas[%zu]", i, k),
		    r->areas[k]);
	for (size_t k = 0; k < r->n_from; k++)
		flaws_party(f, flaws_path(path, "routes[%zu].from[%zu]", i, k),
		    r->from[k]);
	for (size_t k = 0; k < r->n_inform; k++)
		flaws_partner(f, flaws_path(path, "routes[%zu].inform[%zu]", i,
		    k), r->inform[k]);
	for (size_t k = 0; k < r->n_terms; k++)
		flaws_term(f, flaws_path(path, "routes[%zu].terms[%zu]", i, k),
		    r->terms[k]);
	flaws_skip(f, flaws_path(path, "routes[%zu].skip", i), r->skip);
	for (size_t k = 0; k < r->n_urgencies; k++)
		if (r->urgencies[k] < KETEN__V1__URGENCY__LOW ||
		    r->urgencies[k] > KETEN__V1__URGENCY__EMERGENT)
			flaws_add(f, flaws_path(path,
			    "routes[%zu].urgencies[%zu]", i, k),
			    "deze urgentie bestaat niet");
}

static void
itself(struct finder *f, const Keten__V1__PolicyRoute *r, size_t i)
{
	char path[FLAWS_PATH];

	(void)flaws_path(path, "routes[%zu]", i);
	if (r->id[0] == '\0')
		flaws_add(f, path, "deze route heeft geen id");
	if (flaws_seen(f, 'r', r->id, i, NULL))
		flaws_add(f, path, "route '%s' staat er twee keer", r->id);
	if (r->n_codes == 0)
		flaws_add(f, path, "route '%s' noemt geen codes", r->id);
	if (!r->regisseur_direct && r->n_rungs == 0)
		flaws_add(f, path, "route '%s' heeft geen sporten; schrijf "
		    "'rungs' of 'regisseur_direct: ja'", r->id);
	if (r->regisseur_direct && r->n_rungs > 0)
		flaws_add(f, path, "route '%s' gaat meteen naar de regisseur "
		    "en heeft toch sporten; kies een van beide", r->id);
	(void)flaws_path(path, "routes[%zu].custodian", i);
	if (r->custodian == CUSTODIAN(PARTNER))
		flaws_partner(f, path, r->custodian_partner);
	else if (r->custodian < CUSTODIAN(NONE) ||
	    r->custodian > CUSTODIAN(PARTNER))
		flaws_add(f, path, "route '%s': de bewaarder is none, "
		    "regisseur of een partner", r->id);
}

void
flaws_routes(struct finder *f)
{
	if (f->doc->n_routes == 0)
		flaws_add(f, "", "er zijn geen routes (routes)");
	for (size_t i = 0; i < f->doc->n_routes; i++) {
		const Keten__V1__PolicyRoute *r = f->doc->routes[i];

		itself(f, r, i);
		lists(f, r, i);
		protected_route(f, r, i);
		ladder(f, r, i);
		regisseur_everywhere(f, r, i);
	}
}

/*
 * route -- from code, area and originator to a ladder.
 */
#include <string.h>

#include "policy/route_impl.h"

/* What is being made. */
struct maker {
	const struct policy *p;
	const struct route_ask *ask;
	const Keten__V1__PolicyRegisseur *regisseur; /* its row, or NULL */
	struct ladder *l;
	uint32_t n_policy; /* candidates by the policy, without `first` */
	bool covenanted;   /* somebody was under a covenant */
	bool no_basis;     /* somebody was, but for the basis */
	const char *basis_rule;
	const char *day_rule; /* somebody was, or will be, but not now */
	int64_t away_ms;  /* who was looked at last: since when it is away */
	int64_t since_ms; /* the same, or when its entry was checked */
};

static const struct {
	const char *name;
	const char *text;
} whys[ROUTE_WHY__MAX] = {
	[ROUTE_WHY_NONE] = { "NONE", "staat op de ladder" },
#define WHY(name, number, nl) [number] = { #name, nl },
#include "tbl/whys.h"
#undef WHY
};

const char *
route_why_name(enum route_why why)
{
	return (whys[why].name);
}

const char *
route_why_text(enum route_why why)
{
	return (whys[why].text);
}

static bool
is_in(const struct org *list, size_t n, const struct org *who)
{
	for (size_t i = 0; i < n; i++)
		if (org_eq(&list[i], who))
			return (true);
	return (false);
}

static bool
is_on(const struct ladder *l, const struct org *who)
{
	for (size_t i = 0; i < l->n_rungs; i++)
		if (is_in(l->rungs[i].candidates, l->rungs[i].n, who))
			return (true);
	return (false);
}

static void
skip(struct maker *m, const struct org *who, enum route_why why, uint32_t rung)
{
	struct route_skip *s;

	if (m->l->n_skips == ROUTE_SKIPS)
		return;
	s = &m->l->skips[m->l->n_skips++];
	s->who = *who;
	s->why = why;
	s->rung = rung;
	s->since_ms =
	    why == ROUTE_WHY_UNREACHABLE || why == ROUTE_WHY_OUT_OF_DATE ?
	    m->since_ms : 0;
}

/* --- one candidate ------------------------------------------------------- */

static enum err
check_covenant(const struct policy *p, const struct route_ask *ask,
    const struct org *to, const char **rule)
{
	struct policy_ask q = {
		.from = ask->from,
		.to = *to,
		.code = ask->code,
		.area = ask->area,
		.basis = ask->basis,
		.discussed = ask->discussed,
		.now_ms = ask->now_ms,
	};

	return (policy_covenant(p, &q, NULL, rule));
}

static enum err
judge(const struct policy *p, const struct route_ask *ask,
    const struct org *to, enum route_why *why, const char **rule)
{
	enum err err;

	*why = ROUTE_WHY_NONE;
	if (policy_partner(p, to) == NULL)
		*why = ROUTE_WHY_UNKNOWN;
	else if (policy_has_ended(p, to, ask->now_ms))
		*why = ROUTE_WHY_ENDED;
	else if (!policy_has_role(p, to,
		     KETEN__V1__POLICY_ROLE__POLICY_ROLE_CANDIDATE))
		*why = ROUTE_WHY_NO_ROLE;
	else if (!policy_works_in(p, to, ask->area))
		*why = ROUTE_WHY_NOT_THERE;
	if (*why != ROUTE_WHY_NONE) {
		*rule = whys[*why].text;
		return (*why == ROUTE_WHY_UNKNOWN ? ERR_UNKNOWN_PARTNER :
						    ERR_NOT_ALLOWED);
	}
	err = check_covenant(p, ask, to, rule);
	if (err != ERR_OK)
		*why = err == ERR_NO_BASIS ? ROUTE_WHY_NO_BASIS :
					     ROUTE_WHY_NO_COVENANT;
	if (err != ERR_OK || ask->contains == 0 ||
	    (ask->contains & ~route_content(p, ask, to)) == 0)
		return (err);
	*why = ROUTE_WHY_NO_CONTENT;
	*rule = whys[*why].text;
	return (ERR_NOT_ALLOWED);
}

enum err
route_check_one(const struct policy *p, const struct route_ask *ask,
    const struct org *to, enum route_why *why, const char **rule)
{
	enum route_why w;
	enum err err;

	if ((err = policy_check_code(p, ask->code, rule)) != ERR_OK)
		return (err);
	err = judge(p, ask, to, &w, rule);
	if (why != NULL)
		*why = w;
	return (err);
}

/* Has ${span} passed since then? */
static bool
is_past(const struct maker *m, const Keten__V1__PolicySpan *span,
    int64_t since_ms)
{
	struct cal_span s = { .unit = (enum cal_unit)span->unit,
		.n = span->n };

	return (since_ms != 0 &&
	    cal_deadline(&m->p->cal, NULL, since_ms, s) <= m->ask->now_ms);
}

/* Is ${who} away, or its entry old, for longer than this route allows? */
static enum route_why
why_not_now(struct maker *m, const struct org *who)
{
	const struct route_ask *ask = m->ask;
	const Keten__V1__PolicySkip *s = m->l->route->skip != NULL ?
	    m->l->route->skip : m->p->doc->skip;

	m->away_ms = ask->unreachable != NULL ?
	    ask->unreachable(ask->cookie, who) : 0;
	m->since_ms = m->away_ms;
	if (s != NULL && s->unreachable != NULL &&
	    is_past(m, s->unreachable, m->since_ms))
		return (ROUTE_WHY_UNREACHABLE);
	if (s != NULL && s->entry != NULL && ask->checked != NULL) {
		m->since_ms = ask->checked(ask->cookie, who, ask->code);
		if (is_past(m, s->entry, m->since_ms))
			return (ROUTE_WHY_OUT_OF_DATE);
	}
	return (ROUTE_WHY_NONE);
}

/* Nor is who takes the places of somebody who is not to be asked. */
static bool
is_never(const struct maker *m, const struct org *who)
{
	const struct route_ask *ask = m->ask;

	if (is_in(ask->never, ask->n_never, who))
		return (true);
	for (size_t i = 0; i < ask->n_never; i++) {
		struct org now = route_now_for(m->p, ask, &ask->never[i]);

		if (org_eq(&now, who))
			return (true);
	}
	return (false);
}

/* Why may ${who} not be on this ladder, apart from hours? */
static enum route_why
why_not(struct maker *m, const struct org *who)
{
	const struct route_ask *ask = m->ask;
	enum route_why why;
	const char *rule;
	enum err err;

	if (org_eq(who, &ask->from))
		return (ROUTE_WHY_ORIGINATOR);
	if (org_eq(who, &m->l->regisseur))
		return (ROUTE_WHY_REGISSEUR);
	if (is_on(m->l, who))
		return (ROUTE_WHY_TWICE);
	if (is_never(m, who))
		return (ROUTE_WHY_NEVER);
	err = judge(m->p, ask, who, &why, &rule);
	if (err == ERR_OK || why == ROUTE_WHY_NO_BASIS) {
		m->covenanted = m->covenanted || err == ERR_OK;
		m->no_basis = m->no_basis || err != ERR_OK;
		m->basis_rule = err != ERR_OK ? rule : m->basis_rule;
	}
	if (why == ROUTE_WHY_NO_COVENANT && rule != policy_no_covenant &&
	    m->day_rule == NULL)
		m->day_rule = rule;
	if (err == ERR_OK && is_in(ask->earlier, ask->n_earlier, who))
		return (ROUTE_WHY_EARLIER);
	return (err == ERR_OK ? why_not_now(m, who) : why);
}

static bool
is_emergent(const struct route_ask *ask)
{
	return (ask->urgency == KETEN__V1__URGENCY__EMERGENT);
}

/* Are the own hours of ${who} open now? */
static bool
is_partner_open(const struct maker *m, const struct org *who)
{
	const Keten__V1__PolicyPartner *w = policy_partner(m->p, who);
	struct hours h;

	policy_hours(w != NULL ? w->hours : NULL, &h);
	return (cal_is_open(&m->p->cal, &h, m->ask->now_ms));
}

/* --- one rung ------------------------------------------------------------ */

static void
add(struct maker *m, struct route_rung *r, const struct org *who)
{
	r->unreachable_ms[r->n] = m->away_ms;
	r->candidates[r->n++] = *who;
}

/* The term and hours of a rung of the policy; ${from} NULL: of `first`. */
static void
begin_rung(const struct maker *m, struct route_rung *r, uint32_t no,
    const Keten__V1__PolicyRung *from)
{
	struct cal_terms own;

	r->no = no;
	r->n = 0;
	r->is_open = false;
	r->offer = cal_term(&m->l->terms, CAL_TERM_OFFER, m->ask->urgency);
	if (from != NULL && from->offer != NULL) {
		own = m->l->terms;
		policy_apply_term(from->offer, &own);
		r->offer = cal_term(&own, CAL_TERM_OFFER, m->ask->urgency);
	}
	policy_hours(from != NULL ? from->hours : NULL, &r->hours);
}

static bool
is_rung_open(const struct maker *m, const struct route_rung *r,
    const Keten__V1__PolicyRung *from)
{
	if (from != NULL && from->hours != NULL)
		return (cal_is_open(&m->p->cal, &r->hours, m->ask->now_ms));
	for (size_t i = 0; i < r->n; i++)
		if (is_partner_open(m, &r->candidates[i]))
			return (true);
	return (false);
}

/* Put a rung on the ladder unless it is empty, or closed and this is urgent. */
static void
end_rung(struct maker *m, struct route_rung *r,
    const Keten__V1__PolicyRung *from)
{
	if (r->n == 0)
		return;
	r->is_open = is_rung_open(m, r, from);
	if (is_emergent(m->ask) && !r->is_open) {
		for (size_t i = 0; i < r->n; i++)
			skip(m, &r->candidates[i], ROUTE_WHY_CLOSED, r->no);
		return;
	}
	if (m->l->n_rungs == ROUTE_RUNGS) {
		for (size_t i = 0; i < r->n; i++)
			skip(m, &r->candidates[i], ROUTE_WHY_TOO_MANY, r->no);
		return;
	}
	if (from != NULL)
		m->n_policy += r->n;
	m->l->rungs[m->l->n_rungs++] = *r;
}

static void
add_first(struct maker *m, struct route_rung *r, const struct org *who)
{
	enum route_why why = why_not(m, who);

	if (is_in(r->candidates, r->n, who))
		return;
	if (why == ROUTE_WHY_NONE)
		add(m, r, who);
	else
		skip(m, who, why, 0);
}

/* Who is asked first because the submitter says so; and after one that has
 * ended, who took its place. */
static void
make_first(struct maker *m)
{
	struct route_rung r;

	begin_rung(m, &r, 0, NULL);
	for (size_t i = 0; i < m->ask->n_first; i++) {
		const struct org *who = &m->ask->first[i];
		struct org now = route_now_for(m->p, m->ask, who);

		add_first(m, &r, who);
		if (!org_eq(&now, who))
			add_first(m, &r, &now);
	}
	end_rung(m, &r, NULL);
}

/* Make the rungs from number ${no} on; return how many numbers they take. */
static uint32_t
make_rung(struct maker *m, uint32_t no, const Keten__V1__PolicyRung *from)
{
	bool serial = route_is_serial(m->p, from);
	bool list = policy_is_protected(m->p, m->ask->code);
	struct route_names names;
	struct route_rung r;

	route_expand(m->p, from, m->ask, &names);
	begin_rung(m, &r, no, from);
	for (size_t i = 0; i < names.n; i++) {
		uint32_t at = serial ? no + (uint32_t)i : no;
		struct org who = org_of(names.who[i]->id);
		enum route_why why = why_not(m, &who);

		if (why == ROUTE_WHY_NONE && list && r.n == 1)
			why = ROUTE_WHY_LIST;
		if (why == ROUTE_WHY_NONE &&
		    m->n_policy + r.n == ROUTE_CANDIDATES)
			why = ROUTE_WHY_TOO_MANY;
		if (why != ROUTE_WHY_NONE) {
			skip(m, &who, why, at);
			continue;
		}
		add(m, &r, &who);
		if (!serial)
			continue;
		r.no = at;
		end_rung(m, &r, from);
		begin_rung(m, &r, no, from);
	}
	end_rung(m, &r, from);
	return (serial && names.n > 0 ? (uint32_t)names.n : 1);
}

/* --- the ladder ---------------------------------------------------------- */

static enum err
check_submitter(const struct policy *p, const struct route_ask *ask,
    const char **rule)
{
	if (policy_has_ended(p, &ask->from, ask->now_ms)) {
		*rule = "bron: doet niet (meer) mee";
		return (ERR_UNKNOWN_PARTNER);
	}
	if (!policy_has_role(p, &ask->from,
		KETEN__V1__POLICY_ROLE__POLICY_ROLE_SUBMIT) &&
	    !policy_has_role(p, &ask->from,
		KETEN__V1__POLICY_ROLE__POLICY_ROLE_REGISSEUR)) {
		*rule = "bron: mag volgens het beleid niet indienen";
		return (ERR_NOT_ALLOWED);
	}
	return (ERR_OK);
}

static enum err
check_words(const struct policy *p, const struct route_ask *ask,
    const char **rule)
{
	enum err err;

	if ((err = policy_check_code(p, ask->code, rule)) != ERR_OK ||
	    (err = policy_check_area(p, ask->code, ask->area, ask->edition,
		 rule)) != ERR_OK)
		return (err);
	if (ask->urgency == 0 || ask->urgency >= CAL_URGENCIES) {
		*rule = "urgentie: LOW, NORMAL, HIGH of EMERGENT";
		return (ERR_MALFORMED);
	}
	if (policy_word(p, POLICY_BASES, ask->basis) == NULL) {
		*rule = "grondslag: staat niet in het beleid";
		return (ERR_NO_BASIS);
	}
	return (ERR_OK);
}

static enum err
check_first(struct maker *m, const char **rule)
{
	const struct route_ask *ask = m->ask;
	size_t most = policy_is_protected(m->p, ask->code) ? 1 : ROUTE_FIRST;

	*rule = NULL;
	if (ask->n_first > most)
		*rule = "eerst: te veel partners genoemd";
	for (size_t i = 0; i < ask->n_first && *rule == NULL; i++) {
		if (org_eq(&ask->first[i], &ask->from) ||
		    org_eq(&ask->first[i], &m->l->regisseur))
			*rule = "eerst: niet de bron zelf en niet de regisseur";
		else if (is_in(ask->never, ask->n_never, &ask->first[i]))
			*rule = "eerst: staat ook bij nooit";
	}
	return (*rule == NULL ? ERR_OK : ERR_NOT_ALLOWED);
}

/* Who is R, and which row of the policy says how to reach R? */
static enum err
find_regisseur(struct maker *m, const char **rule)
{
	const struct route_ask *ask = m->ask;

	m->regisseur = policy_regisseur(m->p, ask->code, ask->area);
	if (org_is_none(&ask->regisseur) && m->regisseur != NULL)
		m->l->regisseur = org_of(m->regisseur->partner);
	else
		m->l->regisseur = ask->regisseur;
	for (size_t i = 0; i < m->p->doc->n_regisseurs &&
	     (m->regisseur == NULL || strcmp(m->regisseur->partner,
		  m->l->regisseur.id) != 0); i++)
		m->regisseur = m->p->doc->regisseurs[i];
	m->l->call = policy_call(m->p, ask->code, m->regisseur);
	if (org_is_none(&m->l->regisseur)) {
		*rule = "route: hier is geen regisseur voor deze code";
		return (ERR_NO_ROUTE);
	}
	return (ERR_OK);
}

static void
find_custodian(const struct maker *m)
{
	const struct route_ask *ask = m->ask;
	struct ladder *l = m->l;
	struct org named;

	switch (l->route->custodian) {
	case KETEN__V1__POLICY_CUSTODIAN__POLICY_CUSTODIAN_REGISSEUR:
		l->custodian = l->regisseur;
		break;
	case KETEN__V1__POLICY_CUSTODIAN__POLICY_CUSTODIAN_PARTNER:
		named = org_of(l->route->custodian_partner);
		l->custodian = route_now_for(m->p, ask, &named);
		break;
	case KETEN__V1__POLICY_CUSTODIAN__POLICY_CUSTODIAN_UNSPECIFIED:
	case KETEN__V1__POLICY_CUSTODIAN__POLICY_CUSTODIAN_NONE:
	case _KETEN__V1__POLICY_CUSTODIAN_IS_INT_SIZE:
		break;
	}
	/* Who has the person part already keeps no second key to it. */
	if (org_eq(&l->custodian, &ask->from))
		l->custodian = org_of(NULL);
}

/* Is it under a covenant with anybody at all, R included? */
static enum err
check_any_covenant(struct maker *m, const char **rule)
{
	enum err err;

	if (m->covenanted || org_eq(&m->ask->from, &m->l->regisseur))
		return (ERR_OK);
	err = check_covenant(m->p, m->ask, &m->l->regisseur, rule);
	if (err == ERR_NO_COVENANT && m->no_basis) {
		*rule = m->basis_rule;
		return (ERR_NO_BASIS);
	}
	if (err == ERR_NO_COVENANT && *rule == policy_no_covenant &&
	    m->day_rule != NULL)
		*rule = m->day_rule;
	return (err);
}

static enum err
check_somebody_now(struct maker *m, const char **rule)
{
	if (!is_emergent(m->ask) || m->l->n_rungs > 0)
		return (ERR_OK);
	if (m->regisseur != NULL &&
	    policy_night_open(m->p, m->regisseur, m->ask->now_ms))
		return (ERR_OK);
	*rule = "spoed: er is nu geen sport open en de regisseur neemt niet op";
	return (ERR_NOBODY_NOW);
}

/* The terms of ${route}: the policy's, but for those it has itself. */
static void
put_terms(const struct policy *p, const Keten__V1__PolicyRoute *route,
    struct cal_terms *terms)
{
	*terms = p->terms;
	for (size_t i = 0; route != NULL && i < route->n_terms; i++)
		policy_apply_term(route->terms[i], terms);
}

void
route_terms(const struct policy *p, const struct route_ask *ask,
    struct cal_terms *terms)
{
	const struct code_row *row = policy_header_row(p, ask->code);

	/* Most policies have few routes with terms of their own, and to find
	 * one costs more than all the rest of a term. */
	put_terms(p, row == NULL || !row->has_terms ? NULL :
	    route_find(p, ask), terms);
}

enum err
route_ladder(const struct policy *p, const struct route_ask *ask,
    struct ladder *l, const char **rule)
{
	struct maker m = { .p = p, .ask = ask, .l = l };
	uint32_t no = 1;
	enum err err;

	memset(l, 0, offsetof(struct ladder, rungs));
	l->call = policy_call(p, ask->code, NULL);
	if ((err = check_submitter(p, ask, rule)) != ERR_OK ||
	    (err = check_words(p, ask, rule)) != ERR_OK ||
	    (err = find_regisseur(&m, rule)) != ERR_OK ||
	    (err = check_first(&m, rule)) != ERR_OK)
		return (err);
	l->route = route_find(p, ask);
	if (l->route == NULL) {
		*rule = "route: geen route voor deze code in dit gebied";
		return (ERR_NO_ROUTE);
	}
	put_terms(p, l->route, &l->terms);
	l->early = l->route->disclosure_early != 0;
	find_custodian(&m);
	make_first(&m);
	for (size_t i = 0; i < l->route->n_rungs; i++)
		no += make_rung(&m, no, l->route->rungs[i]);
	if ((err = check_any_covenant(&m, rule)) != ERR_OK)
		return (err);
	return (check_somebody_now(&m, rule));
}

enum route_why
route_why_not(const struct policy *p, const struct route_ask *ask,
    const struct ladder *l, const struct org *who)
{
	if (is_on(l, who))
		return (ROUTE_WHY_NONE);
	for (size_t i = 0; i < l->n_skips; i++)
		if (org_eq(&l->skips[i].who, who))
			return (l->skips[i].why);
	if (org_eq(who, &ask->from))
		return (ROUTE_WHY_ORIGINATOR);
	if (org_eq(who, &l->regisseur))
		return (ROUTE_WHY_REGISSEUR);
	if (policy_partner(p, who) == NULL)
		return (ROUTE_WHY_UNKNOWN);
	return (ROUTE_WHY_NOT_ON_LADDER);
}

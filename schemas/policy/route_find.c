/*
 * route -- which route of the policy, and who is meant by its rungs.
 */
#include <string.h>

#include "base/area.h"
#include "policy/route_impl.h"

#define DEPTH_MAX 8
#define MODE(m) KETEN__V1__POLICY_NETWORK_MODE__POLICY_NETWORK_MODE_##m

/* --- which route --------------------------------------------------------- */

/* How closely does a list of areas fit?  0: not; an empty list fits least. */
static unsigned
fit_area(const Keten__V1__PolicyRoute *r, const char *area)
{
	unsigned best = r->n_areas == 0 ? 1 : 0;

	for (size_t i = 0; i < r->n_areas; i++)
		if (area_contains(r->areas[i], area) &&
		    strlen(r->areas[i]) > best)
			best = (unsigned)strlen(r->areas[i]);
	return (best);
}

static unsigned
fit_from(const struct policy *p, const Keten__V1__PolicyRoute *r,
    const Keten__V1__PolicyPartner *from)
{
	unsigned best = r->n_from == 0 ? 1 : 0;

	for (size_t i = 0; i < r->n_from; i++) {
		unsigned fit;

		if (!policy_party_has(p, r->from[i], from))
			continue;
		fit = r->from[i]->who_case ==
		    KETEN__V1__POLICY_PARTY__WHO_PARTNER ? 3 : 2;
		if (fit > best)
			best = fit;
	}
	return (best);
}

/* The code itself, its group, its kind, everything. */
static unsigned
fit_code(const struct code_row *row, const Keten__V1__PolicyRoute *r,
    const char *code)
{
	unsigned best = 0;

	for (size_t i = 0; i < r->n_codes; i++) {
		const char *pattern = r->codes[i];
		unsigned fit = 3;

		if (!policy_matches_row(row, pattern))
			continue;
		if (strcmp(pattern, code) == 0)
			fit = 4;
		else if (strcmp(pattern, "*") == 0)
			fit = 1;
		else if (strlen(pattern) == 3)
			fit = 2;
		if (fit > best)
			best = fit;
	}
	return (best);
}

static unsigned
fit_urgency(const Keten__V1__PolicyRoute *r, unsigned urgency)
{
	for (size_t i = 0; i < r->n_urgencies; i++)
		if ((unsigned)r->urgencies[i] == urgency)
			return (2);
	return (r->n_urgencies == 0 ? 1 : 0);
}

/* One number by which routes can be compared; 0: it does not fit. */
static unsigned
fit(const struct policy *p, const struct code_row *row,
    const Keten__V1__PolicyRoute *r, const Keten__V1__PolicyPartner *from,
    const struct route_ask *ask)
{
	unsigned urgency, code, area, who;

	/* Most routes are for another code: the rest need not be asked. */
	if ((urgency = fit_urgency(r, ask->urgency)) == 0 ||
	    (code = fit_code(row, r, ask->code)) == 0 ||
	    (area = fit_area(r, ask->area)) == 0 ||
	    (who = fit_from(p, r, from)) == 0)
		return (0);
	return (area << 12 | who << 8 | code << 4 | urgency);
}

const Keten__V1__PolicyRoute *
route_find(const struct policy *p, const struct route_ask *ask)
{
	const Keten__V1__PolicyPartner *from = policy_partner(p, &ask->from);
	const struct code_row *row = policy_header_row(p, ask->code);
	const Keten__V1__PolicyRoute *best = NULL;
	unsigned best_fit = 0;

	if (from == NULL || row == NULL)
		return (NULL);
	for (size_t i = 0; i < p->doc->n_routes; i++) {
		unsigned f = fit(p, row, p->doc->routes[i], from, ask);

		if (f > best_fit) {
			best = p->doc->routes[i];
			best_fit = f;
		}
	}
	return (best);
}

/* --- who is meant -------------------------------------------------------- */

static void
add_name(struct route_names *names, const Keten__V1__PolicyPartner *who)
{
	for (size_t i = 0; i < names->n; i++)
		if (names->who[i] == who)
			return;
	if (names->n == ROUTE_EXPANDED)
		names->missed++;
	else
		names->who[names->n++] = who;
}

/* A partner by name; and after it who took its place, if it ended. */
static void
add_partner(const struct policy *p, struct route_names *names, const char *id,
    const struct route_ask *ask)
{
	struct org org = org_of(id);
	struct policy_ask about;
	int no = policy_partner_no(p, id);

	if (no < 0)
		return;
	add_name(names, p->partners[no]);
	if (ask == NULL || !policy_names_successors(p->partners[no]))
		return;
	about = (struct policy_ask){ .code = ask->code, .area = ask->area,
		.now_ms = ask->now_ms };
	org = policy_successor(p, &org, &about, NULL);
	no = policy_partner_no(p, org.id);
	if (no >= 0)
		add_name(names, p->partners[no]);
}

/* A partner by name, or whom the network of that name stands for. */
static void
add_id(const struct policy *p, struct route_names *names, const char *id,
    const struct route_ask *ask, size_t depth)
{
	const Keten__V1__PolicyNetwork *n = policy_network(p, id);

	/* Whoever coordinates is asked itself, and asks its own members. */
	if (n == NULL || n->mode == MODE(COORDINATOR)) {
		add_partner(p, names, id, ask);
		return;
	}
	for (size_t i = 0; i < n->n_members && depth < DEPTH_MAX; i++)
		add_id(p, names, n->members[i], ask, depth + 1);
}

static bool
is_candidate(const Keten__V1__PolicyPartner *w)
{
	for (size_t i = 0; i < w->n_roles; i++)
		if (w->roles[i] ==
		    KETEN__V1__POLICY_ROLE__POLICY_ROLE_CANDIDATE)
			return (true);
	return (false);
}

static void
add_kind(const struct policy *p, struct route_names *names, const char *kind,
    const char *area)
{
	for (size_t i = 0; i < p->n_partners; i++) {
		const Keten__V1__PolicyPartner *w = p->partners[i];
		struct org org = org_of(w->id);

		if (strcmp(w->kind, kind) == 0 && is_candidate(w) &&
		    (area == NULL || policy_works_in(p, &org, area)))
			add_name(names, w);
	}
}

void
route_expand(const struct policy *p, const Keten__V1__PolicyRung *rung,
    const struct route_ask *ask, struct route_names *names)
{
	names->n = 0;
	names->missed = 0;
	for (size_t i = 0; i < rung->n_candidates; i++) {
		const Keten__V1__PolicyCandidate *c = rung->candidates[i];

		switch (c->who_case) {
		case KETEN__V1__POLICY_CANDIDATE__WHO_PARTNER:
			add_id(p, names, c->partner, ask, 0);
			break;
		case KETEN__V1__POLICY_CANDIDATE__WHO_NETWORK:
			add_id(p, names, c->network, ask, 0);
			break;
		case KETEN__V1__POLICY_CANDIDATE__WHO_KIND:
			add_kind(p, names, c->kind,
			    ask == NULL ? NULL : ask->area);
			break;
		case KETEN__V1__POLICY_CANDIDATE__WHO__NOT_SET:
		case _KETEN__V1__POLICY_CANDIDATE__WHO__CASE_IS_INT_SIZE:
			break;
		}
	}
}

bool
route_is_serial(const struct policy *p, const Keten__V1__PolicyRung *rung)
{
	const Keten__V1__PolicyNetwork *n;

	if (rung->mode != KETEN__V1__POLICY_MODE__POLICY_MODE_UNSPECIFIED)
		return (rung->mode ==
		    KETEN__V1__POLICY_MODE__POLICY_MODE_ONE_AFTER_ANOTHER);

	/* A rung that is one network does as the network does. */
	if (rung->n_candidates != 1 ||
	    rung->candidates[0]->who_case !=
		KETEN__V1__POLICY_CANDIDATE__WHO_NETWORK)
		return (false);
	n = policy_network(p, rung->candidates[0]->network);
	return (n != NULL && n->mode == MODE(ONE_AFTER_ANOTHER));
}

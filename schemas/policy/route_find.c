/*
 * route -- which route of the policy, and who is meant by its rungs.
 */
#include <stdlib.h>
#include <string.h>

#include "policy/route_impl.h"

#define DEPTH_MAX 8
#define KIND_MAX 256 /* far more than a ladder has room for */
#define MODE(m) KETEN__V1__POLICY_NETWORK_MODE__POLICY_NETWORK_MODE_##m

/* --- which route --------------------------------------------------------- */

/* How closely it fits: what names the code, then what names the urgency. */
static unsigned
closeness(const struct policy *p, uint32_t code, uint32_t route, bool urgency)
{
	unsigned fit = policy_fit_code(&p->codes[code], p->doc->routes[route]);

	return (2 * fit + urgency);
}

struct best {
	unsigned close;
	uint32_t route;
};

/* The best of the routes that name a submitter in this way, and this area. */
static void
try_token(const struct policy *p, struct route_key key, unsigned urgency,
    struct best *best)
{
	for (unsigned i = 0; i < 2; i++) {
		struct best one = { 0, 0 };

		key.urgency = i == 0 ? 0 : urgency;
		if ((p->used[key.token] & (key.urgency == 0 ? TOKEN_ROUTE :
					TOKEN_URGENT)) == 0)
			continue;
		if (!lookup_get(p->routes, &key, sizeof(key), &one.route))
			continue;
		one.close = closeness(p, key.code, one.route, i == 1);
		if (one.close > best->close ||
		    (one.close == best->close && one.route < best->route))
			*best = one;
	}
}

/* Its name, then its kind and networks, then anyone: one before the other. */
static unsigned
rank_of(const struct token_walk *w)
{
	return (w->step == 1 ? 3 : w->step == 2 ? 2 : 1);
}

/* The best of those for one area. */
static bool
try_area(const struct policy *p, int from, struct route_key key,
    unsigned urgency, struct best *best)
{
	struct token_walk w = { .no = from };
	unsigned rank = 3;

	best->close = 0;
	while (policy_token(p, &w, &key.token)) {
		if (rank_of(&w) < rank && best->close > 0)
			break;
		rank = rank_of(&w);
		try_token(p, key, urgency, best);
	}
	return (best->close > 0);
}

const Keten__V1__PolicyRoute *
route_find(const struct policy *p, const struct route_ask *ask)
{
	const struct code_row *row = policy_header_row(p, ask->code);
	int from = policy_partner_no(p, ask->from.id);
	uint32_t areas[AREA_LEVELS];
	size_t n = policy_areas_of(p, ask->area, areas);
	struct best best = { 0, 0 };

	if (from < 0 || row == NULL)
		return (NULL);
	for (size_t i = 0; i < n; i++) {
		struct route_key key = { .area = areas[i],
			.code = (uint32_t)(row - p->codes) };

		if (p->areas[areas[i]].has_route &&
		    try_area(p, from, key, ask->urgency, &best))
			return (p->doc->routes[best.route]);
	}
	return (NULL);
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

/* Everybody of that kind, wherever; only flaws asks this. */
static void
add_kind_anywhere(const struct policy *p, struct route_names *names,
    const char *kind)
{
	for (size_t i = 0; i < p->n_partners; i++)
		if (strcmp(p->partners[i]->kind, kind) == 0 &&
		    is_candidate(p->partners[i]))
			add_name(names, p->partners[i]);
}

static int
by_number(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x < *y ? -1 : *x > *y);
}

/* Those of a kind that work in an area, in all of it or in part of it. */
static void
add_kind(const struct policy *p, struct route_names *names, const char *kind,
    const char *area)
{
	uint32_t areas[AREA_LEVELS], found[KIND_MAX], no;
	size_t n = policy_areas_of(p, area, areas), many = 0;

	if (!policy_kind_no(p, kind, &no))
		return;
	for (size_t i = 0; i < n + 1; i++) {
		/* The last turn: those inside the area itself. */
		struct kind_key key = { no, areas[i < n ? i : 0], i == n };
		uint32_t link = 0;

		if (i == n && !policy_is_named(p, area))
			break;
		(void)lookup_get(p->inside, &key, sizeof(key), &link);
		for (; link != 0; link = p->links[link].next) {
			if (many == KIND_MAX)
				names->missed++;
			else
				found[many++] = p->links[link].value;
		}
	}
	qsort(found, many, sizeof(*found), by_number);
	for (size_t i = 0; i < many; i++)
		add_name(names, p->partners[found[i]]);
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
			if (ask == NULL)
				add_kind_anywhere(p, names, c->kind);
			else
				add_kind(p, names, c->kind, ask->area);
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

struct org
route_now_for(const struct policy *p, const struct route_ask *ask,
    const struct org *named)
{
	const struct policy_ask about = { .code = ask->code,
		.area = ask->area, .now_ms = ask->now_ms };
	struct org now = policy_successor(p, named, &about, NULL);

	return (org_is_none(&now) ? *named : now);
}

bool
route_inform(const struct policy *p, const struct route_ask *ask,
    const struct ladder *l, size_t i, struct org *who)
{
	struct org named;

	if (l->route == NULL || i >= l->route->n_inform)
		return (false);
	named = org_of(l->route->inform[i]);
	*who = route_now_for(p, ask, &named);
	if (policy_has_ended(p, who, ask->now_ms))
		*who = org_of(NULL);
	return (true);
}

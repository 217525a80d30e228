/*
 * slow -- what the document says of one question: who is meant, whether it may
 * be asked, by which route it goes, and under which covenant.
 */
#include <stdlib.h>

#include "base/area.h"
#include "slow_in.h"

/* --- the document -------------------------------------------------------- */

const partner *
slow_find(const struct slow *s, const char *id)
{
	for (size_t i = 0; i < s->doc->n_partners; i++)
		if (is(s->doc->partners[i]->id, id))
			return (s->doc->partners[i]);
	return (NULL);
}

/* The same where it must be there. */
const partner *
slow_known(const struct slow *s, const char *id)
{
	const partner *w = slow_find(s, id);

	if (w == NULL)
		abort();
	return (w);
}

const Keten__V1__PolicyNetwork *
slow_find_network(const struct slow *s, const char *id)
{
	for (size_t i = 0; i < s->doc->n_networks; i++)
		if (is(s->doc->networks[i]->id, id))
			return (s->doc->networks[i]);
	return (NULL);
}

bool
slow_has_role(const partner *w, Keten__V1__PolicyRole role)
{
	for (size_t i = 0; i < w->n_roles; i++)
		if (w->roles[i] == role)
			return (true);
	return (false);
}

bool
slow_has_ended(const struct slow *s, const partner *w)
{
	return (w->gone || (w->ended_ms != 0 && w->ended_ms <=
		s->ask->now_ms));
}

static bool
is_in_network(const struct slow *s, const char *network, const char *id)
{
	const Keten__V1__PolicyNetwork *n = slow_find_network(s, network);

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
const partner *
slow_heir(const struct slow *s, const partner *w)
{
	for (size_t turn = 0; w != NULL && turn < 100; turn++) {
		const char *next = w->successor;

		if (!slow_has_ended(s, w))
			return (w);
		for (size_t i = w->n_successors; i-- > 0;) {
			const Keten__V1__PolicySuccessor *x =
			    w->successors[i];

			if (codes_rank(s, x->codes, x->n_codes) > 0 &&
			    area_fits(x->areas, x->n_areas, s->ask->area))
				next = x->partner;
		}
		w = slow_find(s, next);
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

bool
slow_is_protected(const struct slow *s)
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
	    (slow_is_protected(s) && kind != AREA_GM) ||
	    (kind == AREA_BU && !needs_neighbourhood(s)))
		return (ERR_BAD_AREA);
	return (ERR_OK);
}

enum err
slow_check_question(const struct slow *s)
{
	const partner *from = slow_find(s, s->ask->from.id);
	bool basis = false;
	enum err err;

	if (from == NULL || slow_has_ended(s, from))
		return (ERR_UNKNOWN_PARTNER);
	if (!slow_has_role(from, ROLE(SUBMIT)) &&
	    !slow_has_role(from, ROLE(REGISSEUR)))
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

enum err
slow_find_regisseur(struct slow *s)
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
	const partner *from = slow_known(s, s->ask->from.id);
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

enum err
slow_find_route(struct slow *s)
{
	size_t best = 0;

	for (size_t i = 0; i < s->doc->n_routes; i++) {
		const Keten__V1__PolicyRoute *r = s->doc->routes[i];
		size_t area = area_rank(r->areas, r->n_areas, s->ask->area);
		int from = from_rank(s, r), urgency = urgency_rank(s, r);
		int code = codes_rank(s, r->codes, r->n_codes);
		size_t rank;

		if (slow_is_protected(s) && code < 3)
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

		if (named != w && (!slow_has_ended(s, named) ||
		    slow_heir(s, named) != w))
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

enum err
slow_covenant(const struct slow *s, const partner *to)
{
	const partner *from = slow_known(s, s->ask->from.id);
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

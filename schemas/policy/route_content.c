/*
 * route -- what the covenants let into a person part.
 */
#include <string.h>

#include "policy/route_impl.h"
#include "wire/statement.h"

#define DEPTH_MAX 8
#define ALL (ROUTE_BSN | ROUTE_PHOTO | ROUTE_CLINICAL)

_Static_assert(ALL == STATEMENT_CONTAINS, "the same bits");

static const struct {
	const char *word;
	unsigned bit;
} words[] = { { "bsn", ROUTE_BSN }, { "photo", ROUTE_PHOTO },
	{ "clinical", ROUTE_CLINICAL } };

static unsigned
bits_of(const Keten__V1__PolicyCovenant *c)
{
	unsigned bits = 0;

	for (size_t i = 0; i < c->n_content; i++)
		for (size_t k = 0; k < sizeof(words) / sizeof(words[0]); k++)
			if (strcmp(c->content[i], words[k].word) == 0)
				bits |= words[k].bit;
	return (bits);
}

/* By the covenant with one receiver; the sender has it all anyway. */
static unsigned
between(const struct policy *p, const struct route_ask *ask,
    const struct org *to)
{
	const struct policy_ask q = { ask->from, *to, ask->code, ask->area,
		ask->basis, ask->discussed, ask->now_ms };
	const Keten__V1__PolicyCovenant *c = NULL;
	const char *rule;

	if (org_is_none(to) || org_eq(to, &ask->from))
		return (ALL);
	if (policy_covenant(p, &q, &c, &rule) != ERR_OK)
		return (0);
	return (bits_of(c));
}

/* A network that coordinates has it done by its members. */
static unsigned
with_members(const struct policy *p, const struct route_ask *ask,
    const char *id, unsigned depth)
{
	const Keten__V1__PolicyNetwork *n = policy_network(p, id);
	const struct org who = org_of(id);
	unsigned bits = ALL;

	/* One that takes no part any more gets nothing to hold. */
	if (policy_partner(p, &who) != NULL &&
	    !policy_has_ended(p, &who, ask->now_ms))
		bits = between(p, ask, &who);
	for (size_t i = 0; n != NULL && i < n->n_members; i++)
		bits &= depth == DEPTH_MAX ? 0 :
		    with_members(p, ask, n->members[i], depth + 1);
	return (bits);
}

unsigned
route_ladder_content(const struct policy *p, const struct route_ask *ask,
    const struct ladder *l)
{
	unsigned bits = between(p, ask, &l->regisseur) &
	    between(p, ask, &l->custodian);

	for (size_t i = 0; i < l->n_rungs; i++)
		for (size_t k = 0; k < l->rungs[i].n; k++)
			bits &= with_members(p, ask,
			    l->rungs[i].candidates[k].id, 0);
	/* Who is closed, away or out of date now may be asked after all. */
	for (size_t i = 0; i < l->n_skips; i++)
		if (l->skips[i].why == ROUTE_WHY_CLOSED ||
		    l->skips[i].since_ms != 0)
			bits &= with_members(p, ask, l->skips[i].who.id, 0);
	return (bits);
}

unsigned
route_content(const struct policy *p, const struct route_ask *ask,
    const struct org *to)
{
	struct ladder l;
	const char *rule;

	if (to != NULL)
		return (org_is_none(to) ? 0 :
		    with_members(p, ask, to->id, 0));
	if (route_ladder(p, ask, &l, &rule) != ERR_OK)
		return (0);
	return (route_ladder_content(p, ask, &l));
}

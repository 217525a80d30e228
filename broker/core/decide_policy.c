/*
 * decide_policy -- the record of a policy coming into force, and what it says
 * of those who ended.
 */
#include <string.h>

#include "core/decide_work.h"
#include "wire/pb.h"

/* Names of covenants, networks and routes in one record; beyond these, and
 * always, the document itself says it. */
#define NAMES_MAX 2048
#define ROWS_MAX 1024

/* The list of successions in the making. */
struct list {
	struct arena *a;
	const struct policy *p;
	Keten__V1__PolicyFacts *f;
	size_t cap;
	size_t names_left;
};

/* A list of names that may become as long as ${most}. */
static MUST_CHECK enum err
room_for(struct list *l, size_t most, char ***names)
{
	if (most > l->names_left)
		most = l->names_left;
	*names = arena_zero(l->a, most + 1, sizeof(**names));
	return (*names == NULL ? ERR_NOMEM : ERR_OK);
}

static void
add(struct list *l, char **names, size_t *n, char *id)
{
	if (l->names_left == 0)
		return;
	l->names_left--;
	names[(*n)++] = id;
}

static bool
is_party(const struct policy *p, Keten__V1__PolicyParty *const *party,
    size_t n, const struct org *who)
{
	for (size_t i = 0; i < n; i++)
		if (policy_names(p, party[i], who))
			return (true);
	return (false);
}

static MUST_CHECK enum err
put_covenants(struct list *l, const struct org *who,
    Keten__V1__Succession *s)
{
	const Keten__V1__Policy *d = policy_doc(l->p);

	if (room_for(l, d->n_covenants, &s->covenants) != ERR_OK)
		return (ERR_NOMEM);
	for (size_t i = 0; i < d->n_covenants; i++) {
		const Keten__V1__PolicyCovenant *c = d->covenants[i];

		if (is_party(l->p, c->from, c->n_from, who) ||
		    is_party(l->p, c->to, c->n_to, who))
			add(l, s->covenants, &s->n_covenants, c->id);
	}
	return (ERR_OK);
}

static MUST_CHECK enum err
put_networks(struct list *l, const struct org *who, Keten__V1__Succession *s)
{
	const Keten__V1__Policy *d = policy_doc(l->p);

	if (room_for(l, d->n_networks, &s->networks) != ERR_OK)
		return (ERR_NOMEM);
	for (size_t i = 0; i < d->n_networks; i++) {
		const Keten__V1__PolicyNetwork *n = d->networks[i];

		for (size_t k = 0; k < n->n_members; k++)
			if (strcmp(n->members[k], who->id) == 0) {
				add(l, s->networks, &s->n_networks, n->id);
				break;
			}
	}
	return (ERR_OK);
}

static bool
is_on_rung(const struct policy *p, const Keten__V1__PolicyRung *g,
    const struct org *who)
{
	for (size_t i = 0; i < g->n_candidates; i++) {
		const Keten__V1__PolicyCandidate *c = g->candidates[i];
		struct org net;

		if (c->who_case == KETEN__V1__POLICY_CANDIDATE__WHO_PARTNER &&
		    strcmp(c->partner, who->id) == 0)
			return (true);
		if (c->who_case != KETEN__V1__POLICY_CANDIDATE__WHO_NETWORK)
			continue;
		net = org_of(c->network);
		if (policy_network_has(p, &net, who))
			return (true);
	}
	return (false);
}

static MUST_CHECK enum err
put_routes(struct list *l, const struct org *who, Keten__V1__Succession *s)
{
	const Keten__V1__Policy *d = policy_doc(l->p);

	if (room_for(l, d->n_routes, &s->routes) != ERR_OK)
		return (ERR_NOMEM);
	for (size_t i = 0; i < d->n_routes; i++) {
		const Keten__V1__PolicyRoute *r = d->routes[i];
		bool in = strcmp(r->custodian_partner, who->id) == 0;

		for (size_t k = 0; k < r->n_rungs && !in; k++)
			in = is_on_rung(l->p, r->rungs[k], who);
		if (in)
			add(l, s->routes, &s->n_routes, r->id);
	}
	return (ERR_OK);
}

static MUST_CHECK enum err
put_row(struct list *l, const Keten__V1__PolicyPartner *w,
    const Keten__V1__PolicySuccessor *row, const char *successor)
{
	Keten__V1__Succession *s;
	struct org who = org_of(w->id);

	if (l->f->n_successions == l->cap)
		return (ERR_OK);
	if ((s = arena_alloc(l->a, sizeof(*s))) == NULL)
		return (ERR_NOMEM);
	keten__v1__succession__init(s);
	s->partner = w->id;
	s->successor = pb_string(successor);
	s->from_ms = w->ended_ms;
	if (row != NULL) {
		s->codes = row->codes;
		s->n_codes = row->n_codes;
		s->areas = row->areas;
		s->n_areas = row->n_areas;
		s->holder = row->holder;
	}
	l->f->successions[l->f->n_successions++] = s;
	if (successor[0] == '\0')
		return (ERR_OK);
	if (put_covenants(l, &who, s) != ERR_OK ||
	    put_networks(l, &who, s) != ERR_OK ||
	    put_routes(l, &who, s) != ERR_OK)
		return (ERR_NOMEM);
	return (ERR_OK);
}

/* Its rows in order; and the rest: to its successor, or to nobody. */
static MUST_CHECK enum err
put_partner(struct list *l, const Keten__V1__PolicyPartner *w)
{
	for (size_t i = 0; i < w->n_successors; i++)
		if (put_row(l, w, w->successors[i],
			w->successors[i]->partner) != ERR_OK)
			return (ERR_NOMEM);
	if (w->successor[0] == '\0' && w->n_successors > 0)
		return (ERR_OK);
	return (put_row(l, w, NULL, w->successor));
}

static bool
ends(const Keten__V1__PolicyPartner *w)
{
	return (w->gone || w->ended_ms != 0);
}

static MUST_CHECK enum err
put_successions(struct list *l)
{
	const Keten__V1__Policy *d = policy_doc(l->p);

	for (size_t i = 0; i < d->n_partners; i++)
		if (ends(d->partners[i]))
			l->cap += d->partners[i]->n_successors + 1;
	if (l->cap > ROWS_MAX)
		l->cap = ROWS_MAX;
	l->f->successions = arena_zero(l->a, l->cap + 1,
	    sizeof(*l->f->successions));
	if (l->f->successions == NULL)
		return (ERR_NOMEM);
	for (size_t i = 0; i < d->n_partners; i++)
		if (ends(d->partners[i]) &&
		    put_partner(l, d->partners[i]) != ERR_OK)
			return (ERR_NOMEM);
	return (ERR_OK);
}

enum err
decide_policy(const struct decide_in *in, struct decision *d)
{
	struct work *w = work_new(in, NULL, NULL,
	    KETEN__V1__RECORD_KIND__RECORD_POLICY, d);
	Keten__V1__PolicyFacts *f = arena_alloc(in->arena, sizeof(*f));
	struct list l = { .a = in->arena, .p = in->policy, .f = f,
		.names_left = NAMES_MAX };

	if (w == NULL || f == NULL)
		return (ERR_NOMEM);
	keten__v1__policy_facts__init(f);
	f->index = policy_index(in->policy);
	f->sha256 = pb_of(policy_hash(in->policy), 32);
	d->facts->policy = f;
	return (put_successions(&l));
}

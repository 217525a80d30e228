/*
 * compile -- the tables: covenants, routes, regisseurs and candidates by who
 * and where; and finding covenants in them.
 */
#include <string.h>

#include "policy/compile_impl.h"

static MUST_CHECK enum err
table_pact(struct policy *p, uint32_t i)
{
	const Keten__V1__PolicyCovenant *c = p->pacts[i].row;
	enum err err = ERR_OK;

	for (size_t t = 0; t < c->n_to && err == ERR_OK; t++) {
		struct pact_key key = { UINT32_MAX, compile_token(p, c->to[t]),
			UINT32_MAX };

		if (key.to == UINT32_MAX)
			continue;
		p->used[key.to] |= TOKEN_TO;
		err = compile_chain(p, p->covenants, &key, sizeof(key), i);
		for (size_t f = 0; f < c->n_from; f++) {
			key.from = compile_token(p, c->from[f]);
			if (key.from == UINT32_MAX)
				continue;
			p->used[key.from] |= TOKEN_FROM;
			for (size_t a = 0; a < compile_many(c->n_areas) &&
			     err == ERR_OK; a++) {
				key.area = compile_at(p, c->areas, c->n_areas,
				    a);
				err = compile_chain(p, p->covenants, &key,
				    sizeof(key), i);
			}
		}
	}
	return (err);
}

/* The code itself, its group, its kind, everything; 0: another. */
static unsigned
fit_pattern(const struct code_row *row, const char *pattern)
{
	if (!policy_matches_row(row, pattern))
		return (0);
	if (strcmp(pattern, row->name) == 0)
		return (4);
	if (strcmp(pattern, "*") == 0)
		return (1);
	return (strlen(pattern) == 3 ? 2 : 3);
}

unsigned
policy_fit_code(const struct code_row *row, const Keten__V1__PolicyRoute *r)
{
	unsigned best = 0;

	for (size_t i = 0; i < r->n_codes; i++) {
		unsigned fit = fit_pattern(row, r->codes[i]);

		if (fit > best)
			best = fit;
	}
	/* What is protected is routed by its own name only. */
	return (row->code == NULL && best < 3 ? 0 : best);
}

/* Note that there is a route for that area and submitter: where there is none
 * at all, nobody looks for one. */
static void
note_route(struct policy *p, const struct route_key *key, uint32_t i)
{
	if (p->doc->routes[i]->n_terms > 0)
		p->codes[key->code].has_terms = true;
	if (key->area < p->n_areas)
		p->areas[key->area].has_route = true;
	if (key->token != UINT32_MAX)
		p->used[key->token] |= key->urgency == 0 ? TOKEN_ROUTE :
							   TOKEN_URGENT;
}

/* Of routes with the same key the one that names the code most closely counts,
 * then the first. */
static MUST_CHECK enum err
put_route(void *cookie, const struct route_key *key, uint32_t i)
{
	struct policy *p = cookie;
	uint32_t had;

	note_route(p, key, i);
	if (lookup_get(p->routes, key, sizeof(*key), &had) &&
	    policy_fit_code(&p->codes[key->code], p->doc->routes[had]) >=
		policy_fit_code(&p->codes[key->code], p->doc->routes[i]))
		return (ERR_OK);
	return (lookup_put(p->routes, key, sizeof(*key), i));
}

static MUST_CHECK enum err
each_place(const struct policy *p, uint32_t i, struct route_key key,
    compile_take_fn *take, void *cookie)
{
	const Keten__V1__PolicyRoute *r = p->doc->routes[i];
	enum err err = ERR_OK;

	for (size_t a = 0; a < compile_many(r->n_areas); a++)
		for (size_t u = 0; u < compile_many(r->n_urgencies) &&
		     err == ERR_OK; u++) {
			key.area = compile_at(p, r->areas, r->n_areas, a);
			key.urgency = r->n_urgencies == 0 ? 0 :
				(uint32_t)r->urgencies[u];
			err = take(cookie, &key, i);
		}
	return (err);
}

enum err
compile_each_key(const struct policy *p, uint32_t i, compile_take_fn *take,
    void *cookie)
{
	const Keten__V1__PolicyRoute *r = p->doc->routes[i];
	enum err err = ERR_OK;

	for (size_t k = 0; k < p->n_codes && err == ERR_OK; k++) {
		struct route_key key = { .code = (uint32_t)k };

		if (!p->codes[k].header ||
		    policy_fit_code(&p->codes[k], r) == 0)
			continue;
		for (size_t f = 0; f < compile_many(r->n_from) && err == ERR_OK;
		     f++) {
			key.token = r->n_from == 0 ? COMPILE_ANYONE :
			    compile_token(p, r->from[f]);
			err = each_place(p, i, key, take, cookie);
		}
	}
	return (err);
}

unsigned
policy_fit_group(const struct code_row *row,
    const Keten__V1__PolicyRegisseur *r)
{
	unsigned best = r->n_groups == 0 ? 1 : 0;

	for (size_t i = 0; i < r->n_groups; i++) {
		unsigned fit = fit_pattern(row, r->groups[i]);

		if (fit > best)
			best = fit;
	}
	return (best);
}

/* Of rows for one area the one that names the code most closely counts, then
 * the first. */
static MUST_CHECK enum err
put_regisseur(struct policy *p, const struct place_key *key, uint32_t i)
{
	const struct code_row *row = &p->codes[key->code];
	uint32_t had;

	if (policy_fit_group(row, p->doc->regisseurs[i]) == 0 ||
	    (lookup_get(p->regisseurs, key, sizeof(*key), &had) &&
		policy_fit_group(row, p->doc->regisseurs[had]) >=
		    policy_fit_group(row, p->doc->regisseurs[i])))
		return (ERR_OK);
	return (lookup_put(p->regisseurs, key, sizeof(*key), i));
}

static MUST_CHECK enum err
table_regisseur(struct policy *p, uint32_t i)
{
	const Keten__V1__PolicyRegisseur *r = p->doc->regisseurs[i];
	enum err err = ERR_OK;

	if (!policy_has_duty(r, KETEN__V1__POLICY_DUTY__POLICY_DUTY_PLACING))
		return (ERR_OK);
	for (size_t k = 0; k < p->n_codes; k++)
		for (size_t a = 0; a < compile_many(r->n_areas) && err == ERR_OK;
		     a++) {
			struct place_key key = { compile_at(p, r->areas,
				r->n_areas, a), (uint32_t)k };

			if (p->codes[k].header)
				err = put_regisseur(p, &key, i);
		}
	return (err);
}

/* Where a candidate works, and the areas inside which that is. */
static MUST_CHECK enum err
table_candidate(struct policy *p, uint32_t i)
{
	const Keten__V1__PolicyPartner *w = p->partners[i];
	struct org org = org_of(w->id);
	uint32_t around[AREA_LEVELS];
	enum err err = ERR_OK;

	if (!policy_has_role(p, &org,
		KETEN__V1__POLICY_ROLE__POLICY_ROLE_CANDIDATE))
		return (ERR_OK);
	for (size_t a = 0; a < compile_many(w->n_areas) && err == ERR_OK; a++) {
		struct kind_key key = { p->orgs[i].kind,
			compile_at(p, w->areas, w->n_areas, a), 0 };
		size_t n = w->n_areas == 0 ? 0 :
			policy_areas_of(p, w->areas[a], around);

		err = compile_chain(p, p->inside, &key, sizeof(key), i);
		for (size_t k = 1; k + 1 < n && err == ERR_OK; k++) {
			key.area = around[k];
			key.within = 1;
			err = compile_chain(p, p->inside, &key, sizeof(key), i);
		}
	}
	return (err);
}

/* Backwards where chains are made, so that they are in order. */
enum err
compile_tables(struct policy *p)
{
	enum err err = ERR_OK;

	for (size_t i = p->n_pacts; i-- > 0 && err == ERR_OK;)
		err = table_pact(p, (uint32_t)i);
	for (size_t i = 0; i < p->doc->n_routes && err == ERR_OK; i++)
		err = compile_each_key(p, (uint32_t)i, put_route, p);
	for (size_t i = 0; i < p->doc->n_regisseurs && err == ERR_OK; i++)
		err = table_regisseur(p, (uint32_t)i);
	for (size_t i = p->n_partners; i-- > 0 && err == ERR_OK;)
		err = table_candidate(p, (uint32_t)i);
	return (err);
}

/* --- finding covenants --------------------------------------------------- */

static bool
has_code(const struct pact *a, int code)
{
	return ((a->codes[code / 8] >> (code % 8) & 1) != 0);
}

/* Does ${who} have the places of ${old} in what is asked? */
static bool
has_places_of(const struct policy *p, int who, uint32_t old,
    const struct policy_ask *ask)
{
	struct org org = org_of(p->partners[old]->id);
	struct org next = policy_successor(p, &org, ask, NULL);

	return (strcmp(next.id, p->partners[who]->id) == 0);
}

/* One question on its way through the tokens of both sides. */
struct hunt {
	const struct policy *p;
	const struct policy_ask *ask;
	void (*one)(void *cookie, const struct pact *pact);
	void (*off)(void *cookie, const struct pact *pact); /* may be NULL */
	void *cookie;
	int code;
	uint32_t areas[AREA_LEVELS];
	size_t n_areas;
};

static bool
is_of_today(const struct hunt *h, const Keten__V1__PolicyCovenant *c)
{
	return (h->ask->now_ms >= c->valid_from_ms &&
	    (c->valid_until_ms == 0 || h->ask->now_ms < c->valid_until_ms));
}

static void
hunt_pair(const struct hunt *h, uint32_t from, uint32_t to)
{
	for (size_t a = 0; a < h->n_areas; a++) {
		struct pact_key key = { from, to, h->areas[a] };
		uint32_t link = 0;

		if (!lookup_get(h->p->covenants, &key, sizeof(key), &link))
			continue;
		for (; link != 0; link = h->p->links[link].next) {
			const struct pact *pact =
			    &h->p->pacts[h->p->links[link].value];

			if (!has_code(pact, h->code))
				continue;
			if (is_of_today(h, pact->row))
				h->one(h->cookie, pact);
			else if (h->off != NULL)
				h->off(h->cookie, pact);
		}
	}
}

static void
hunt_both(const struct hunt *h, int from, int to)
{
	struct token_walk f = { .no = from };
	uint32_t token_from, token_to;

	while (policy_token(h->p, &f, &token_from)) {
		struct token_walk t = { .no = to };

		if ((h->p->used[token_from] & TOKEN_FROM) == 0)
			continue;
		while (policy_token(h->p, &t, &token_to))
			if ((h->p->used[token_to] & TOKEN_TO) != 0)
				hunt_pair(h, token_from, token_to);
	}
}

/* Each that ${to} is, or stands for because it ended. */
static void
hunt_from(const struct hunt *h, int from, int to)
{
	const struct policy *p = h->p;

	hunt_both(h, from, to);
	for (uint32_t i = p->orgs[to].before; i != 0; i = p->links[i].next)
		if (has_places_of(p, to, p->links[i].value, h->ask))
			hunt_both(h, from, (int)p->links[i].value);
}

void
policy_each_pact(const struct policy *p, const struct policy_ask *ask,
    void (*one)(void *cookie, const struct pact *pact), void *cookie)
{
	policy_each_pact_off(p, ask, one, NULL, cookie);
}

void
policy_each_pact_off(const struct policy *p, const struct policy_ask *ask,
    void (*one)(void *cookie, const struct pact *pact),
    void (*off)(void *cookie, const struct pact *pact), void *cookie)
{
	struct hunt h = { .p = p, .ask = ask, .one = one, .off = off,
		.cookie = cookie };
	int from = policy_partner_no(p, ask->from.id);
	int to = policy_partner_no(p, ask->to.id);

	h.code = policy_code_no(p, ask->code);
	if (from < 0 || to < 0 || h.code < 0)
		return;
	h.n_areas = policy_areas_of(p, ask->area, h.areas);
	hunt_from(&h, from, to);
	for (uint32_t i = p->orgs[from].before; i != 0; i = p->links[i].next)
		if (has_places_of(p, from, p->links[i].value, ask))
			hunt_from(&h, (int)p->links[i].value, to);
}

const struct pact *
policy_takers(const struct policy *p, int partner, struct taker_walk *at)
{
	struct pact_key key = { UINT32_MAX, 0, UINT32_MAX };
	uint32_t now;

	if (!at->begun) {
		at->tokens = (struct token_walk){ .no = partner };
		at->begun = true;
	}
	while (at->link == 0) {
		if (!policy_token(p, &at->tokens, &key.to))
			return (NULL);
		/* No such chain: none names it in that way. */
		(void)lookup_get(p->covenants, &key, sizeof(key), &at->link);
	}
	now = at->link;
	at->link = p->links[now].next;
	return (&p->pacts[p->links[now].value]);
}

uint32_t
policy_pacts_to(const struct policy *p, const Keten__V1__PolicyParty *party)
{
	struct pact_key key = { UINT32_MAX, compile_token(p, party),
		UINT32_MAX };
	uint32_t link = 0;

	if (key.to != UINT32_MAX)
		(void)lookup_get(p->covenants, &key, sizeof(key), &link);
	return (link);
}

const Keten__V1__PolicyRegisseur *
policy_regisseur_at(const struct policy *p, size_t code, const char *area)
{
	char *const one[] = { (char *)(uintptr_t)area };
	struct place_key key = { compile_at(p, one, area != NULL, 0),
		(uint32_t)code };
	uint32_t i;

	return (lookup_get(p->regisseurs, &key, sizeof(key), &i) ?
		p->doc->regisseurs[i] : NULL);
}

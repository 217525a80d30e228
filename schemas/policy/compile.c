/*
 * compile -- the tables of a policy that is read: names, areas, tokens, and
 * what can be found by them.
 */
#include <stdlib.h>
#include <string.h>

#include "policy/compile_impl.h"

#define MODE(m) KETEN__V1__POLICY_NETWORK_MODE__POLICY_NETWORK_MODE_##m

/* Kinds of names in one table. */
enum { NAME_PARTNER = 'p', NAME_NETWORK = 'n', NAME_KIND = 'k',
	NAME_AREA = 'a', NAME_CODE = 'c' };

#define EVERYWHERE 0u /* the number of an area that is all of them */
#define ANYONE COMPILE_ANYONE

/* --- names and chains ---------------------------------------------------- */

/* Give ${name} the number ${no}, unless it has one. */
static MUST_CHECK enum err
add_name(struct policy *p, char space, const char *name, size_t no)
{
	uint32_t had;

	if (lookup_get_name(p->names, space, name, &had))
		return (ERR_OK);
	return (lookup_put_name(p->names, space, name, (uint32_t)no));
}

/* Put ${value} before the chain ${head}, unless it is there in front. */
static MUST_CHECK enum err
chain(struct policy *p, uint32_t *head, uint32_t value)
{
	if (*head != 0 && p->links[*head].value == value)
		return (ERR_OK);
	if (p->n_links == p->cap_links) {
		size_t cap = 2 * p->cap_links + 64;
		struct policy_link *more =
		    realloc(p->links, cap * sizeof(*more));

		if (more == NULL)
			return (ERR_NOMEM);
		p->links = more;
		p->cap_links = cap;
		if (p->n_links == 0)
			p->n_links = 1; /* link 0 is the end */
	}
	p->links[p->n_links] = (struct policy_link){ value, *head };
	*head = (uint32_t)p->n_links++;
	return (ERR_OK);
}

enum err
compile_chain(struct policy *p, struct lookup *table, const void *key,
    size_t len, uint32_t value)
{
	uint32_t head = 0;
	enum err err;

	(void)lookup_get(table, key, len, &head); /* none yet: empty */
	if ((err = chain(p, &head, value)) != ERR_OK)
		return (err);
	return (lookup_put(table, key, len, head));
}

static MUST_CHECK enum err
name_all(struct policy *p)
{
	const Keten__V1__Policy *d = p->doc;
	enum err err = ERR_OK;

	for (size_t i = 0; i < p->n_partners && err == ERR_OK; i++)
		err = add_name(p, NAME_PARTNER, p->partners[i]->id, i);
	for (size_t i = 0; i < d->n_networks && err == ERR_OK; i++)
		err = add_name(p, NAME_NETWORK, d->networks[i]->id, i);
	for (size_t i = 0; i < p->n_partners && err == ERR_OK; i++) {
		uint32_t kind;

		if (lookup_get_name(p->names, NAME_KIND, p->partners[i]->kind,
			&kind))
			continue;
		err = add_name(p, NAME_KIND, p->partners[i]->kind,
		    p->n_kinds++);
	}
	/* Which of two of one name counts, in a policy with that flaw, is as
	 * the list has it. */
	for (size_t i = 0; i < p->n_codes && err == ERR_OK; i++)
		err = add_name(p, NAME_CODE, p->codes[i].name,
		    (size_t)policy_code_search(p, p->codes[i].name));
	return (err);
}

int
policy_partner_no(const struct policy *p, const char *id)
{
	uint32_t no;

	return (lookup_get_name(p->names, NAME_PARTNER, id, &no) ? (int)no :
								   -1);
}

int
policy_code_no(const struct policy *p, const char *name)
{
	uint32_t no;

	return (lookup_get_name(p->names, NAME_CODE, name, &no) ? (int)no :
		policy_code_search(p, name));
}

const Keten__V1__PolicyNetwork *
policy_network(const struct policy *p, const char *id)
{
	uint32_t no;

	return (lookup_get_name(p->names, NAME_NETWORK, id, &no) ?
		p->doc->networks[no] : NULL);
}

/* --- areas --------------------------------------------------------------- */

/* The areas around ${area}, itself first; how many. */
static size_t
levels(const char *area, char out[AREA_LEVELS][AREA_MAX + 1])
{
	static const struct {
		enum area_kind kind;
		const char *letters;
		size_t len; /* of the digits after them */
	} wider[] = { { AREA_BU, "BU", 8 }, { AREA_WK, "WK", 6 },
		{ AREA_GM, "GM", 4 } };
	enum area_kind kind = area_kind(area);
	size_t n = 0;

	for (size_t i = 0; kind != AREA_NONE && i < 3; i++) {
		if (wider[i].kind > kind)
			continue;
		memcpy(out[n], wider[i].letters, 2);
		memcpy(out[n] + 2, area + 2, wider[i].len);
		out[n++][2 + wider[i].len] = '\0';
	}
	return (n);
}

/* Give ${area} a number; what is no area code has none and means nothing. */
static MUST_CHECK enum err
number_area(struct policy *p, const char *area, uint32_t *no)
{
	struct area_info *more;

	*no = UINT32_MAX;
	if (!area_is_valid(area) ||
	    lookup_get_name(p->names, NAME_AREA, area, no))
		return (ERR_OK);
	/* Room for twice as many each time the number is a power of two. */
	if ((p->n_areas & (p->n_areas - 1)) == 0) {
		more = realloc(p->areas, 2 * p->n_areas * sizeof(*more));
		if (more == NULL)
			return (ERR_NOMEM);
		p->areas = more;
	}
	*no = (uint32_t)p->n_areas;
	p->areas[p->n_areas++] = (struct area_info){ .row = NULL };
	return (lookup_put_name(p->names, NAME_AREA, area, *no));
}

static MUST_CHECK enum err
number_areas(struct policy *p, char *const *areas, size_t n, bool asks)
{
	char around[AREA_LEVELS][AREA_MAX + 1];
	enum err err = ERR_OK;
	uint32_t no;

	for (size_t i = 0; i < n && err == ERR_OK; i++) {
		size_t many = levels(areas[i], around);

		for (size_t k = 0; k < many && err == ERR_OK; k++) {
			err = number_area(p, around[k], &no);
			if (err == ERR_OK && asks && k == 1 &&
			    area_kind(areas[i]) == AREA_BU)
				p->areas[no].needs_bu = true;
		}
	}
	return (err);
}

/* The list of areas itself: what is in it, and in what. */
static MUST_CHECK enum err
list_areas(struct policy *p)
{
	char around[AREA_LEVELS][AREA_MAX + 1];
	enum err err = ERR_OK;

	for (size_t i = 0; i < p->doc->n_areas && err == ERR_OK; i++) {
		const Keten__V1__PolicyArea *a = p->doc->areas[i];
		size_t many = levels(a->code, around);
		uint32_t no;

		for (size_t k = 0; k < many && err == ERR_OK; k++) {
			err = number_area(p, around[k], &no);
			if (err != ERR_OK)
				break;
			if (k == 0 && p->areas[no].row == NULL)
				p->areas[no].row = a;
			if (k > 0 && area_kind(a->code) == AREA_WK)
				p->areas[no].has_wk = true;
			if (k > 0 && area_kind(a->code) == AREA_BU)
				p->areas[no].has_bu = true;
		}
	}
	return (err);
}

static MUST_CHECK enum err
area_all(struct policy *p)
{
	const Keten__V1__Policy *d = p->doc;
	enum err err;

	p->areas = calloc(1, sizeof(*p->areas));
	if (p->areas == NULL)
		return (ERR_NOMEM);
	p->n_areas = 1; /* EVERYWHERE */
	err = list_areas(p);
	for (size_t i = 0; i < d->n_covenants && err == ERR_OK; i++)
		err = number_areas(p, d->covenants[i]->areas,
		    d->covenants[i]->n_areas, false);
	for (size_t i = 0; i < d->n_routes && err == ERR_OK; i++)
		err = number_areas(p, d->routes[i]->areas,
		    d->routes[i]->n_areas, true);
	for (size_t i = 0; i < d->n_regisseurs && err == ERR_OK; i++)
		err = number_areas(p, d->regisseurs[i]->areas,
		    d->regisseurs[i]->n_areas, true);
	for (size_t i = 0; i < d->n_partners && err == ERR_OK; i++)
		err = number_areas(p, d->partners[i]->areas,
		    d->partners[i]->n_areas, true);
	return (err);
}

size_t
policy_areas_of(const struct policy *p, const char *area,
    uint32_t nos[AREA_LEVELS])
{
	char around[AREA_LEVELS][AREA_MAX + 1];
	size_t many = levels(area, around), n = 0;

	for (size_t i = 0; i < many; i++)
		if (lookup_get_name(p->names, NAME_AREA, around[i], &nos[n]))
			n++;
	nos[n++] = EVERYWHERE;
	return (n);
}

bool
policy_is_named(const struct policy *p, const char *area)
{
	uint32_t no;

	return (lookup_get_name(p->names, NAME_AREA, area, &no));
}

bool
policy_kind_no(const struct policy *p, const char *kind, uint32_t *no)
{
	return (lookup_get_name(p->names, NAME_KIND, kind, no));
}

size_t
compile_many(size_t n)
{
	return (n == 0 ? 1 : n);
}

uint32_t
compile_at(const struct policy *p, char *const *areas, size_t n, size_t i)
{
	uint32_t no = UINT32_MAX; /* of what is no area code: nothing */

	if (n == 0)
		return (EVERYWHERE);
	(void)lookup_get_name(p->names, NAME_AREA, areas[i], &no);
	return (no);
}

/* --- tokens -------------------------------------------------------------- */

static uint32_t
token_of_partner(int no)
{
	return (1 + (uint32_t)no);
}

static uint32_t
token_of_kind(const struct policy *p, uint32_t kind)
{
	return ((uint32_t)(1 + p->n_partners) + kind);
}

static uint32_t
token_of_network(const struct policy *p, uint32_t network)
{
	return ((uint32_t)(1 + p->n_partners + p->n_kinds) + network);
}

static size_t
n_tokens(const struct policy *p)
{
	return (1 + p->n_partners + p->n_kinds + p->doc->n_networks);
}

uint32_t
compile_token(const struct policy *p, const Keten__V1__PolicyParty *party)
{
	uint32_t no;
	int partner;

	switch (party->who_case) {
	case KETEN__V1__POLICY_PARTY__WHO_PARTNER:
		partner = policy_partner_no(p, party->partner);
		return (partner < 0 ? UINT32_MAX : token_of_partner(partner));
	case KETEN__V1__POLICY_PARTY__WHO_KIND:
		return (lookup_get_name(p->names, NAME_KIND, party->kind,
			    &no) ? token_of_kind(p, no) : UINT32_MAX);
	case KETEN__V1__POLICY_PARTY__WHO_NETWORK:
		return (lookup_get_name(p->names, NAME_NETWORK, party->network,
			    &no) ? token_of_network(p, no) : UINT32_MAX);
	case KETEN__V1__POLICY_PARTY__WHO_ANYONE:
		return (party->anyone ? ANYONE : UINT32_MAX);
	case KETEN__V1__POLICY_PARTY__WHO__NOT_SET:
	case _KETEN__V1__POLICY_PARTY__WHO__CASE_IS_INT_SIZE:
		break;
	}
	return (UINT32_MAX);
}

bool
policy_token(const struct policy *p, struct token_walk *w, uint32_t *token)
{
	const struct org_info *o = &p->orgs[w->no];

	switch (w->step) {
	case 0:
		w->step = 1;
		*token = token_of_partner(w->no);
		return (true);
	case 1:
		w->step = 2;
		w->link = o->nets;
		*token = token_of_kind(p, o->kind);
		return (true);
	case 2:
		if (w->link != 0) {
			*token = p->links[w->link].value;
			w->link = p->links[w->link].next;
			return (true);
		}
		w->step = 3;
		*token = ANYONE;
		return (true);
	default:
		return (false);
	}
}

/* Everybody in a network, at any depth, and itself: each network once. */
struct spread {
	uint32_t token;
	uint32_t *seen; /* by network: the last token it was looked at for */
};

static MUST_CHECK enum err
spread(struct policy *p, const struct spread *s, const char *id)
{
	int no = policy_partner_no(p, id);
	uint32_t network;
	enum err err = ERR_OK;

	if (no >= 0)
		err = chain(p, &p->orgs[no].nets, s->token);
	if (err != ERR_OK ||
	    !lookup_get_name(p->names, NAME_NETWORK, id, &network) ||
	    s->seen[network] == s->token)
		return (err);
	s->seen[network] = s->token;
	for (size_t i = 0; i < p->doc->networks[network]->n_members &&
	     err == ERR_OK; i++)
		err = spread(p, s, p->doc->networks[network]->members[i]);
	return (err);
}

static MUST_CHECK enum err
spread_all(struct policy *p)
{
	struct spread s;
	enum err err = ERR_OK;

	s.seen = calloc(p->doc->n_networks + 1, sizeof(*s.seen));
	if (s.seen == NULL)
		return (ERR_NOMEM);
	for (size_t i = 0; i < p->doc->n_networks && err == ERR_OK; i++) {
		s.token = token_of_network(p, (uint32_t)i);
		err = spread(p, &s, p->doc->networks[i]->id);
	}
	free(s.seen);
	return (err);
}

bool
policy_network_has(const struct policy *p, const struct org *network,
    const struct org *org)
{
	int no = policy_partner_no(p, org->id);
	uint32_t n;

	if (org_eq(network, org))
		return (true);
	if (no < 0 || !lookup_get_name(p->names, NAME_NETWORK, network->id,
		&n))
		return (false);
	for (uint32_t i = p->orgs[no].nets; i != 0; i = p->links[i].next)
		if (p->links[i].value == token_of_network(p, n))
			return (true);
	return (false);
}

bool
policy_is_spoken_for(const struct policy *p, const Keten__V1__PolicyPartner *w)
{
	int no = policy_partner_no(p, w->id);

	if (no < 0)
		return (false);
	for (uint32_t i = p->orgs[no].nets; i != 0; i = p->links[i].next) {
		const Keten__V1__PolicyNetwork *n = p->doc->networks[
		    p->links[i].value - token_of_network(p, 0)];

		if (n->mode == MODE(COORDINATOR) &&
		    strcmp(n->id, w->id) != 0)
			return (true);
	}
	return (false);
}

bool
policy_party_has(const struct policy *p, const Keten__V1__PolicyParty *party,
    const Keten__V1__PolicyPartner *w)
{
	struct token_walk walk = { .no = policy_partner_no(p, w->id) };
	uint32_t want = compile_token(p, party), token;

	while (walk.no >= 0 && policy_token(p, &walk, &token))
		if (token == want)
			return (true);
	return (false);
}

/* --- who may have whose places ------------------------------------------- */

/* Everybody that the successors of ${no} lead to has its places, perhaps. */
static MUST_CHECK enum err
follow(struct policy *p, int from, int no, int *seen)
{
	const Keten__V1__PolicyPartner *w = p->partners[no];
	enum err err = ERR_OK;

	for (size_t i = 0; i <= w->n_successors && err == ERR_OK; i++) {
		int next = policy_partner_no(p, i < w->n_successors ?
			w->successors[i]->partner : w->successor);

		if (next < 0 || next == from || seen[next] == from)
			continue;
		seen[next] = from;
		err = chain(p, &p->orgs[next].before, (uint32_t)from);
		if (err == ERR_OK)
			err = follow(p, from, next, seen);
	}
	return (err);
}

static MUST_CHECK enum err
follow_all(struct policy *p)
{
	int *seen = calloc(p->n_partners + 1, sizeof(*seen));
	enum err err = ERR_OK;

	if (seen == NULL)
		return (ERR_NOMEM);
	for (size_t i = 0; i < p->n_partners; i++)
		seen[i] = -1;
	for (size_t i = 0; i < p->n_partners && err == ERR_OK; i++)
		err = follow(p, (int)i, (int)i, seen);
	free(seen);
	return (err);
}

/* --- all of it ------------------------------------------------------------ */

enum err
policy_compile(struct policy *p)
{
	enum err err;

	p->names = lookup_new();
	p->routes = lookup_new();
	p->regisseurs = lookup_new();
	p->covenants = lookup_new();
	p->inside = lookup_new();
	p->orgs = calloc(p->n_partners + 1, sizeof(*p->orgs));
	if (p->names == NULL || p->routes == NULL || p->regisseurs == NULL ||
	    p->covenants == NULL || p->inside == NULL || p->orgs == NULL)
		return (ERR_NOMEM);
	if ((err = name_all(p)) != ERR_OK || (err = area_all(p)) != ERR_OK)
		return (err);
	for (size_t i = 0; i < p->n_partners; i++)
		(void)lookup_get_name(p->names, NAME_KIND,
		    p->partners[i]->kind, &p->orgs[i].kind); /* just put in */
	p->used = calloc(n_tokens(p), 1);
	if (p->used == NULL)
		return (ERR_NOMEM);
	if ((err = spread_all(p)) != ERR_OK || (err = follow_all(p)) != ERR_OK)
		return (err);
	return (compile_tables(p));
}

void
policy_decompile(struct policy *p)
{
	lookup_free(p->names);
	lookup_free(p->routes);
	lookup_free(p->regisseurs);
	lookup_free(p->covenants);
	lookup_free(p->inside);
	free(p->orgs);
	free(p->areas);
	free(p->used);
	free(p->links);
}

#ifndef POLICY_IMPL_H_
#define POLICY_IMPL_H_

#include "base/area.h"
#include "policy/lookup.h"
#include "policy/policy.h"

/*
 * policy_impl -- what the files of policy share.  Nobody else includes this.
 *
 * A policy is compiled when it is read, so that asking it costs the same
 * however many partners, routes and covenants it has.  Partners and codes have
 * numbers: their places in the sorted lists; so have the areas that are named
 * anywhere (0 is everywhere).  Every way in which a row can mean a partner has
 * a number too, its token: anyone, the partner itself, its kind, a network that
 * it is in.  Routes and covenants lie in tables by token and area: who asks
 * tries its own few tokens with the few areas in which its area lies.
 */
struct code_row {
	const char *name; /* a code, or the group of protected ones */
	const Keten__V1__PolicyCode *code;   /* NULL for a group */
	const Keten__V1__PolicyGroup *group; /* its own, or that of the code */
	bool header; /* may stand in a header */
	bool has_terms; /* some route for it has terms of its own */
};

struct pact {
	const Keten__V1__PolicyCovenant *row;
	uint8_t *codes; /* set of code rows, as bits */
	char ended[96]; /* the rule's text once its last day is over */
	char early[96]; /* the same before its first */
};

/* An area that is named somewhere. */
struct area_info {
	const Keten__V1__PolicyArea *row; /* NULL: not in the list itself */
	bool has_wk; /* the list has districts in it */
	bool has_bu; /* the list has neighbourhoods in it */
	bool needs_bu; /* a district where something depends on those */
	bool has_route; /* some route is for it */
};

/* What else is known of a partner, by its number.  Chains: see policy_link. */
struct org_info {
	uint32_t kind;   /* its number */
	uint32_t nets;   /* chain of the tokens of the networks it is in */
	uint32_t before; /* chain of partners whose places it may have */
};

/* One link of a chain of numbers; link 0 ends each. */
struct policy_link {
	uint32_t value;
	uint32_t next;
};

struct policy {
	Keten__V1__Policy *doc;
	uint8_t *body;
	size_t len;
	uint8_t hash[32];
	struct calendar cal;
	struct cal_terms terms;
	const Keten__V1__PolicyPartner **partners; /* by id */
	size_t n_partners;
	struct code_row *codes; /* by name */
	size_t n_codes;
	struct pact *pacts;
	size_t n_pacts;
	uint8_t *sets; /* the bits of all pacts */

	/* What compile.c makes. */
	struct lookup *names;      /* of partners, networks, kinds, areas */
	struct lookup *routes;     /* struct route_key -> which of the list */
	struct lookup *regisseurs; /* struct place_key -> which of the list */
	struct lookup *covenants;  /* struct pact_key -> chain of pacts */
	struct lookup *inside;     /* struct kind_key -> chain of partners */
	struct org_info *orgs;
	struct area_info *areas;
	size_t n_areas;
	size_t n_kinds;
	uint8_t *used; /* by token: how some covenant or route names it */
	struct policy_link *links;
	size_t n_links;
	size_t cap_links;
};

enum {
	TOKEN_FROM = 1,
	TOKEN_TO = 2,
	TOKEN_ROUTE = 4,  /* in some route for any urgency */
	TOKEN_URGENT = 8, /* in some route that names urgencies */
};

/* Keys of the tables: all members are used, and there are no holes. */
struct route_key {
	uint32_t area, token, code, urgency; /* urgency 0: any */
};

struct place_key {
	uint32_t area, code;
};

struct pact_key {
	uint32_t from, to, area; /* to with from and area UINT32_MAX: all */
};

struct kind_key {
	uint32_t kind, area, within; /* 1: those that work only inside it */
};

/**
 * policy_compile(p):
 * Make the tables of ${p}, whose partners, codes and pacts are there.
 * ERR_NOMEM.
 */
MUST_CHECK enum err policy_compile(struct policy *p);

/**
 * policy_decompile(p):
 * Free what policy_compile() made.
 */
void policy_decompile(struct policy *p);

/**
 * policy_areas_of(p, area, nos):
 * Fill ${nos} with the numbers of the areas in which ${area} lies that are
 * named somewhere, narrowest first and "everywhere" last; return how many.
 */
#define AREA_LEVELS 4
size_t policy_areas_of(const struct policy *p, const char *area,
    uint32_t nos[AREA_LEVELS]);

/**
 * policy_is_named(p, area), policy_kind_no(p, kind, no):
 * Tell whether ${area} is named anywhere (then it is the first of
 * policy_areas_of()); give the number of a kind, false if nobody is of it.
 */
bool policy_is_named(const struct policy *p, const char *area);
bool policy_kind_no(const struct policy *p, const char *kind, uint32_t *no);

/**
 * policy_fit_code(row, route), policy_fit_group(row, regisseur):
 * Tell how closely ${route} or ${regisseur} names the code: 4 itself, 3 its
 * group, 2 its kind, 1 everything, 0 not.  A route means a protected group
 * only if it names it.
 */
unsigned policy_fit_code(const struct code_row *row,
    const Keten__V1__PolicyRoute *route);
unsigned policy_fit_group(const struct code_row *row,
    const Keten__V1__PolicyRegisseur *regisseur);

/**
 * policy_token(p, walk, token):
 * Walk over the tokens of a partner: set ${walk} to { .no = its number }, and
 * call this until it says false.  Itself comes first and anyone last.
 */
struct token_walk {
	int no;
	unsigned step;
	uint32_t link;
};
bool policy_token(const struct policy *p, struct token_walk *walk,
    uint32_t *token);

/**
 * policy_each_pact(p, ask, one, cookie):
 * Call ${one} for each covenant that covers partners, code, area and time of
 * ${ask}, in no order, perhaps more than once.
 */
void policy_each_pact(const struct policy *p, const struct policy_ask *ask,
    void (*one)(void *cookie, const struct pact *pact), void *cookie);

/**
 * policy_each_pact_off(p, ask, one, off, cookie):
 * The same, and call ${off} for each that would cover ${ask} on another day.
 */
void policy_each_pact_off(const struct policy *p,
    const struct policy_ask *ask,
    void (*one)(void *cookie, const struct pact *pact),
    void (*off)(void *cookie, const struct pact *pact), void *cookie);

/**
 * policy_pacts_to(p, party):
 * Return the chain of covenants that name ${party} as a receiver.
 */
uint32_t policy_pacts_to(const struct policy *p,
    const Keten__V1__PolicyParty *party);

/**
 * policy_regisseur_at(p, code, area):
 * Return the row that counts for the code with that number in exactly
 * ${area} (NULL: everywhere), or NULL.
 */
const Keten__V1__PolicyRegisseur *policy_regisseur_at(const struct policy *p,
    size_t code, const char *area);

/**
 * policy_is_spoken_for(p, partner):
 * Tell whether ${partner} is in a network whose coordinator is asked in its
 * place, so that it needs no keys.
 */
bool policy_is_spoken_for(const struct policy *p,
    const Keten__V1__PolicyPartner *partner);

/**
 * policy_takers(p, partner, at):
 * Walk over the covenants that name ${partner}, by its number, as a receiver:
 * start with ${at} zeroed; NULL after the last.
 */
struct taker_walk {
	struct token_walk tokens;
	uint32_t link;
	bool begun;
};
const struct pact *policy_takers(const struct policy *p, int partner,
    struct taker_walk *at);

/**
 * policy_partner_no(p, id), policy_code_no(p, name):
 * Return the number of a partner or code row, or -1.
 */
int policy_partner_no(const struct policy *p, const char *id);
int policy_code_no(const struct policy *p, const char *name);

/**
 * policy_code_search(p, name):
 * The same as policy_code_no(), in the sorted list itself: before there is a
 * table of names, and for names that are in none.
 */
int policy_code_search(const struct policy *p, const char *name);

/**
 * policy_names_successors(partner):
 * Tell whether ${partner} has any successor.
 */
bool policy_names_successors(const Keten__V1__PolicyPartner *partner);

/**
 * policy_party_has(p, party, partner):
 * Tell whether ${partner} is meant by ${party} of a covenant or a route.
 */
bool policy_party_has(const struct policy *p,
    const Keten__V1__PolicyParty *party,
    const Keten__V1__PolicyPartner *partner);

/**
 * policy_has_duty(row, duty):
 * Tell whether ${row} of the regisseurs has that duty; one that names none has
 * them all.
 */
bool policy_has_duty(const Keten__V1__PolicyRegisseur *row,
    Keten__V1__PolicyDuty duty);

/**
 * policy_area_in(areas, n, area):
 * Tell whether ${area} lies in one of ${areas}; an empty list is everywhere.
 */
bool policy_area_in(char *const *areas, size_t n, const char *area);

/**
 * policy_network(p, id):
 * Return the network called ${id}, or NULL.
 */
const Keten__V1__PolicyNetwork *policy_network(const struct policy *p,
    const char *id);

/**
 * policy_header_row(p, code):
 * Return the row of ${code} if it may stand in a header, else NULL.
 */
const struct code_row *policy_header_row(const struct policy *p,
    const char *code);

/**
 * policy_matches_row(row, pattern):
 * Tell whether the code row ${row} is meant by ${pattern}.
 */
bool policy_matches_row(const struct code_row *row, const char *pattern);

#endif /* !POLICY_IMPL_H_ */

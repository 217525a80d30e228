#ifndef POLICY_IMPL_H_
#define POLICY_IMPL_H_

#include "policy/policy.h"

/*
 * policy_impl -- what the files of policy share.  Nobody else includes this.
 *
 * Partners and header codes have numbers here: their places in the sorted
 * lists.  Sets of them are bits.
 */
struct code_row {
	const char *name; /* a code, or the group of protected ones */
	const Keten__V1__PolicyCode *code;   /* NULL for a group */
	const Keten__V1__PolicyGroup *group; /* its own, or that of the code */
	bool header; /* may stand in a header */
};

struct pact {
	const Keten__V1__PolicyCovenant *row;
	uint8_t *from; /* sets of partners */
	uint8_t *to;
	uint8_t *codes; /* set of code rows */
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
	int *left; /* numbers of those that name a successor */
	size_t n_left;
	struct code_row *codes; /* by name */
	size_t n_codes;
	struct pact *pacts;
	size_t n_pacts;
	uint8_t *sets; /* the bits of all pacts */
};

/**
 * policy_partner_no(p, id), policy_code_no(p, name):
 * Return the number of a partner or code row, or -1.
 */
int policy_partner_no(const struct policy *p, const char *id);
int policy_code_no(const struct policy *p, const char *name);

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
